"""Checks the words: README.md has at most 120 lines, and every link of a Markdown file leads to a file, and a heading, that is there.

Links to other hosts are not followed. `check-links.py [DIRECTORY]` looks at the files of another directory.
"""

import re
import sys
from pathlib import Path
from urllib.parse import unquote

LONGEST_README = 120
LINK = re.compile(r"!?\[(?:[^\]\[]|\[[^\]]*\])*\]\(<?([^)\s>]+)>?[^)]*\)|<(?:img|source|a)\b[^>]*?\b(?:src|srcset|href)=\"([^\"]+)\"")


def prose(text):
    """The lines, with those of code blocks and what stands in backticks blank, so that numbers stay."""
    lines, fence, before = [], None, ""
    for line in text.split("\n"):
        given = line
        mark = re.match(r"\s*(```+|~~~+)", line)
        if mark and (fence is None or line.strip().startswith(fence)):
            fence = None if fence else mark[1]
            line = ""
        elif fence or line.startswith("    ") and (not before.strip() or before.startswith("    ")):
            line = ""
        before = given
        lines.append(re.sub(r"(`+).+?\1", lambda code: "`" * len(code[0]), line))
    return lines


def anchors(path):
    """What a link may name in this file, as GitHub and GitLab make it of the headings."""
    found, fence = set(), False
    for line in path.read_text().split("\n"):
        fence ^= line.startswith("```")
        heading = re.match(r"#{1,6}\s+(.*?)\s*#*$", line)
        if fence or not heading:
            continue
        words = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading[1]).lower()
        name = re.sub(r"[^\w\- ]", "", words).replace(" ", "-")
        count = 0
        while (unique := f"{name}-{count}" if count else name) in found:
            count += 1
        found.add(unique)
    return found


def main():
    root = Path(sys.argv[1] if sys.argv[1:] else Path(__file__).parent.parent).resolve()
    files = [*root.glob("*.md"), *root.glob("docs/**/*.md"), *root.glob("*/README.md")]
    complaints, links = [], 0
    for path in sorted(set(files)):
        name = path.relative_to(root)
        text = path.read_text()
        if path == root / "README.md" and (lines := text.count("\n")) > LONGEST_README:
            complaints.append(f"{name}: {lines} lines; at most {LONGEST_README} are read to the end")
        for number, line in enumerate(prose(text), 1):
            for match in LINK.finditer(line):
                target = unquote(match[1] or match[2])
                if re.match(r"[a-z][a-z0-9+.-]*:", target):
                    continue
                links += 1
                file, _, anchor = target.partition("#")
                destination = (path.parent / file).resolve() if file else path
                if not destination.exists():
                    complaints.append(f"{name}:{number}: there is no {file}")
                elif root not in [destination, *destination.parents]:
                    complaints.append(f"{name}:{number}: {file} is outside of the repository")
                elif anchor and anchor not in anchors(destination):
                    complaints.append(f"{name}:{number}: {file or name} has no heading #{anchor}")
    if not links:
        complaints.append(f"{root}: not one link was found")
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
