#!/usr/bin/env python3
"""Makes Python wheels of a tree that scripts/install.sh has made: larder, and larder-pdf and larder-jdk where these are built.

A wheel is a zip file (https://packaging.python.org/en/latest/specifications/binary-distribution-format/). pip puts what is below
NAME.data/scripts into the environment's bin, and what is below NAME.data/data into the environment itself: so larder finds its
library in ../lib/larder, and the other programs beside it, as it does everywhere. The same tree gives the same bytes.

What most people do not need, or what only works with programs that pip does not install, is a wheel of its own, named as an
extra of the first: pip install 'larder[pdf]'.
"""

import argparse
import base64
import hashlib
import os
import pathlib
import re
import stat
import subprocess
import time
import zipfile

# A static program that was built with glibc needs Linux 3.2, and the systems of manylinux_2_12 and older have an older one.
OLDEST = (2, 17)

SUMMARIES = {
    "larder": "A compiler cache for C, C++, Objective-C, Rust and Swift",
    "larder-pdf": "The command 'larder pdf', which reads the text of PDF files once (needs the tools of poppler)",
    "larder-jdk": "The command 'larder jdk', which searches a catalogue of JDKs",
    "larder-remote": "The command 'larder remote', which shares results with other machines by Redis, HTTP or S3",
}
EXTRAS = {"pdf": "larder-pdf", "jdk": "larder-jdk", "remote": "larder-remote"}
INSTALL = """\
    pip install larder                    # or: pipx install larder, uv tool install larder
    larder g++ -O2 -c a.cpp -o a.o        # twice: the second one is a hit

The programs need nothing of Python's. `pip install 'larder[pdf]'` adds `larder pdf`, which needs poppler's tools (Debian:
`poppler-utils`), and `qpdf` for files with a password; `pip install 'larder[jdk]'` adds `larder jdk`,
and `pip install 'larder[remote]'` adds `larder remote`.

"""


class Wheel:
    """One wheel: what is in it, and what it says of itself."""

    def __init__(self, name, version, tree):
        self.name = name
        self.version = version
        self.documents = tree / "share" / "doc" / "larder"
        programs = ["larder", "larderd"] if name == "larder" else [name]
        self.programs = [tree / "bin" / program for program in programs]
        # Completions, manual pages, the library: once, with the first.
        folders = [tree / "lib", tree / "share"] if name == "larder" else []
        files = (path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file())
        self.data = {path.relative_to(tree).as_posix(): path for path in files if self.documents not in path.parents}

    @property
    def stem(self):
        return f"{self.name.replace('-', '_')}-{self.version}"

    def tags(self, glibc_needed):
        """The tags of systems with what the files need; that of 2.17 has an older name, which older versions of pip know."""
        files = self.programs + [path for path in self.data.values() if path.suffix == ".so"]
        answer = subprocess.run([glibc_needed, *files], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
        needed = max(OLDEST, tuple(int(part) for part in answer.split(".")[:2]) if answer else OLDEST)
        tags = ["manylinux_%d_%d_x86_64" % needed]
        if needed == OLDEST:
            tags.append("manylinux2014_x86_64")
        return tags

    def metadata(self):
        lines = [
            "Metadata-Version: 2.4",
            f"Name: {self.name}",
            f"Version: {self.version}",
            f"Summary: {SUMMARIES[self.name]}",
            "License-Expression: Apache-2.0",
            "License-File: LICENSE",
            "License-File: copyright",
            "Keywords: compiler,cache,build,c++,rust,swift",
            "Classifier: Development Status :: 4 - Beta",
            "Classifier: Environment :: Console",
            "Classifier: Intended Audience :: Developers",
            "Classifier: Operating System :: POSIX :: Linux",
            "Classifier: Topic :: Software Development :: Build Tools",
            "Classifier: Topic :: Software Development :: Compilers",
            "Description-Content-Type: text/markdown; variant=GFM",
        ]
        if self.name == "larder":
            for extra, wheel in EXTRAS.items():
                lines.append(f"Provides-Extra: {extra}")
                lines.append(f'Requires-Dist: {wheel}=={self.version}; extra == "{extra}"')
        else:
            lines.append(f"Requires-Dist: larder=={self.version}")
        title, _, rest = (self.documents / "README.md").read_text(encoding="utf-8").partition("\n\n")
        # What a link leads to in the repository is not there where this page stands.
        rest = re.sub(r"!\[[^\]]*\]\((?!https?://)[^)]*\)\n*", "", rest)
        rest = re.sub(r"\[([^\]]+)\]\((?!https?://)[^)]*\)", r"\1", rest)
        return "\n".join(lines) + f"\n\n{title}\n\n{INSTALL}{rest}"

    def contents(self, tags):
        """Every file but the record as (name in the wheel, its bytes, whether it can be run)."""
        data, info = f"{self.stem}.data", f"{self.stem}.dist-info"
        for path in self.programs:
            yield f"{data}/scripts/{path.name}", path.read_bytes(), True
        for place, path in self.data.items():
            yield f"{data}/data/{place}", path.read_bytes(), False
        for document in ("LICENSE", "copyright"):
            yield f"{info}/licenses/{document}", (self.documents / document).read_bytes(), False
        yield f"{info}/METADATA", self.metadata().encode(), False
        lines = ["Wheel-Version: 1.0", f"Generator: larder ({self.version})", "Root-Is-Purelib: false"]
        lines += [f"Tag: py3-none-{tag}" for tag in tags]
        yield f"{info}/WHEEL", ("\n".join(lines) + "\n").encode(), False

    def write(self, directory, tags, level):
        """Writes the wheel; its record, which names every file with its digest, comes last, as the format asks for."""
        moment = time.gmtime(max(int(os.environ["SOURCE_DATE_EPOCH"]), 315532800))[:6]  # zip begins in 1980
        record = f"{self.stem}.dist-info/RECORD"
        lines = []
        name = f"{self.stem}-py3-none-{'.'.join(tags)}.whl"
        with zipfile.ZipFile(directory / name, "w", zipfile.ZIP_DEFLATED) as file:

            def add(name, content, can_run=False):
                entry = zipfile.ZipInfo(name, moment)
                entry.create_system = 3  # Unix, whose modes follow
                entry.external_attr = (stat.S_IFREG | (0o755 if can_run else 0o644)) << 16
                file.writestr(entry, content, zipfile.ZIP_DEFLATED, level)

            for name, content, can_run in self.contents(tags):
                add(name, content, can_run)
                digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
                lines.append(f"{name},sha256={digest},{len(content)}")
            lines.append(f"{record},,")
            add(record, ("\n".join(lines) + "\n").encode())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tree", type=pathlib.Path, required=True, help="what scripts/install.sh has made")
    parser.add_argument("--version", required=True)
    parser.add_argument("--glibc-needed", required=True, help="the program that says which glibc files need")
    parser.add_argument("--level", type=int, default=9, help="of compression")
    parser.add_argument("--output", type=pathlib.Path, required=True, help="the directory for the wheels")
    given = parser.parse_args()
    for name in SUMMARIES:
        wheel = Wheel(name, given.version, given.tree)
        if name == "larder" or all(program.exists() for program in wheel.programs):
            wheel.write(given.output, wheel.tags(given.glibc_needed), given.level)


if __name__ == "__main__":
    main()
