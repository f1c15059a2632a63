#!/usr/bin/env python3
"""Writes the order in which the linker lays out what a hit touches: scripts/hit-path.order.

A hit runs for less than a millisecond, and a page of the program that is touched for the first time costs about a
microsecond. The functions and variables of a hit lie all over eight megabytes unless they are put together. This
watches two hits, of a C and of a C++ file, and notes every symbol in the order of its first use. Run it after the
hit path has changed (`make order`); a stale list is harmless, names that are gone are ignored.
"""

import bisect
import os
import subprocess
import sys
import tempfile
from pathlib import Path

PROGRAM, TARGET = Path(sys.argv[1]).resolve(), Path(sys.argv[2])
C = '#include <stdio.h>\nint main(void) { return printf("%d\\n", 1); }\n'
CXX = '#include <map>\n#include <iostream>\n#include "own.h"\nint main() { std::map<int, int> m; std::cout << m[own()]; }\n'


def symbols(program):
    """Names by address, of what is code or data."""
    names = {}
    for line in subprocess.run(["nm", "--defined-only", program], capture_output=True, text=True, check=True).stdout.splitlines():
        address, kind, name = line.split(" ", 2)
        if kind not in "nNA" and int(address, 16) >= 1 << 20:
            names.setdefault(int(address, 16), []).append(name)
    return names


def touched(program, folder, env, command):
    """The addresses that a hit of `command` touches, in order."""
    trace = folder / "trace"
    tool = ["valgrind", "--tool=lackey", "--basic-counts=no", f"--log-file={trace}"]
    for _ in range(2):  # The first is a miss, which nobody wants to trace.
        subprocess.run([*tool, program, *command], env=env, check=True)
    subprocess.run([*tool, "--trace-mem=yes", program, *command], env=env, check=True)
    with open(trace) as lines:
        for line in lines:
            if line[:2] in ("I ", " L", " S", " M"):
                yield int(line[3:].split(",")[0], 16)


def main():
    names = symbols(PROGRAM)
    starts = sorted(names)
    order = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # A link is called by its own name, and valgrind cannot read this much debug information.
        program = folder / "larder"
        subprocess.run(["objcopy", "--strip-debug", PROGRAM, program], check=True)
        (folder / "small.c").write_text(C)
        (folder / "large.cpp").write_text(CXX)
        (folder / "own.h").write_text("int own();\n")
        env = {"PATH": "/usr/bin:/bin", "LARDER_DIR": str(folder / "cache"), "HOME": name, "LANG": "C"}
        commands = [
            ["gcc", "-O2", "-c", str(folder / "small.c"), "-o", str(folder / "small.o")],
            ["g++", "-O2", "-MD", "-I", name, "-c", str(folder / "large.cpp"), "-o", str(folder / "large.o")],
        ]
        for command in commands:
            for address in touched(program, folder, env, command):
                index = bisect.bisect_right(starts, address) - 1
                if index >= 0 and address < starts[-1] + (1 << 16):
                    order.setdefault(starts[index])
    TARGET.write_text("".join(f"{name}\n" for start in order for name in sorted(names[start])))
    print(f"{TARGET}: {len(order)} symbols", file=sys.stderr)


if __name__ == "__main__":
    main()
