#!/usr/bin/env python3
"""Checks a wheel: wheel-check.py WHEEL GLIBC-NEEDED. Fails where its record, a mode or its tag is not right."""

import base64
import csv
import hashlib
import io
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

path, glibc_needed = Path(sys.argv[1]), sys.argv[2]
wheel = zipfile.ZipFile(path)
assert wheel.testzip() is None, "a file does not have the checksum that the wheel says"
names = wheel.namelist()
assert len(set(names)) == len(names), "a name is there twice"
stem = "-".join(path.name.split("-")[:2])
record = f"{stem}.dist-info/RECORD"
assert names[-1] == record, "the record is not the last file"
rows = {row[0]: row[1:] for row in csv.reader(io.StringIO(wheel.read(record).decode()))}
assert set(rows) == set(names), f"the record names {set(rows) ^ set(names)}"
for name in names[:-1]:
    content = wheel.read(name)
    digest = "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    assert rows[name] == [digest, str(len(content))], f"the record is wrong about {name}"
    mode = wheel.getinfo(name).external_attr >> 16
    assert mode == (0o100755 if "/scripts/" in name else 0o100644), f"{name} has the mode {mode:o}"
    assert name.startswith((f"{stem}.data/", f"{stem}.dist-info/")), name

tags = wheel.read(f"{stem}.dist-info/WHEEL").decode()
named = ".".join(line.split("-")[-1] for line in tags.splitlines() if line.startswith("Tag: "))
assert path.name.endswith(f"-py3-none-{named}.whl"), f"the name does not have the tags {named}"
promised = tuple(int(part) for part in re.search(r"manylinux_(\d+)_(\d+)_x86_64", named).groups())
# What a system of that tag has: https://peps.python.org/pep-0600/
allowed = {"libc.so.6", "libm.so.6", "libgcc_s.so.1", "libstdc++.so.6", "libz.so.1", "ld-linux-x86-64.so.2"}
with tempfile.TemporaryDirectory() as directory:
    for name in names:
        content = wheel.read(name)
        if not content.startswith(b"\x7fELF"):
            continue
        file = Path(directory) / Path(name).name
        file.write_bytes(content)
        needed = subprocess.run([glibc_needed, file], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
        if needed:
            assert tuple(int(part) for part in needed.split(".")[:2]) <= promised, f"{name} needs glibc {needed}"
        dynamic = subprocess.run(["readelf", "-d", file], check=True, stdout=subprocess.PIPE, text=True).stdout
        libraries = set(re.findall(r"\(NEEDED\).*\[(.*)\]", dynamic))
        assert libraries <= allowed, f"{name} needs {libraries - allowed}"
