#!/usr/bin/env python3
"""Fails where a folder of Sources/CompilerCache uses a type of one that comes after it.

A compile goes through the folders in this order; what all of them lead to, and what stands outside any folder, comes last.
"""
import pathlib, re, sys

ROOMS = ["CommandLine", "Toolchain", "Key", "Lookup", "Reading", "Delivery", "Run", "Recording", "Publication", "Drivers", ""]
ROOT = pathlib.Path(__file__).resolve().parent.parent / "Sources/CompilerCache"
DECLARATION = re.compile(r"^(?:(?:package|public|final|indirect) )*(?:struct|class|enum|protocol|actor) (\w+)", re.M)


def room(path):
    parts = path.relative_to(ROOT).parts
    return parts[0] if len(parts) > 1 else ""


texts = {path: path.read_text() for path in sorted(ROOT.rglob("*.swift"))}
unknown = {room(path) for path in texts} - set(ROOMS)
for name in unknown:
    print(f"{ROOT.name}/{name}: a folder that scripts/check-rooms.py does not know", file=sys.stderr)
rooms = {name: room(path) for path, text in texts.items() for name in DECLARATION.findall(text)}
# Its parts are extensions, in the folders that they belong to.
rooms.pop("CompilerCache")
count = len(unknown)
for path, text in texts.items():
    if room(path) in unknown:
        continue
    for number, line in enumerate(text.splitlines(), 1):
        for name in re.findall(r"\b[A-Z]\w+", line.split("//")[0]):
            if name in rooms and ROOMS.index(rooms[name]) > ROOMS.index(room(path)):
                print(f"{path.relative_to(ROOT.parent.parent)}:{number}: '{room(path)}' must not use '{name}' of '{rooms[name]}'", file=sys.stderr)
                count += 1
sys.exit(count > 0)
