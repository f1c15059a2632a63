"""Makes man pages of docs/*.md: manual.py OUTPUT [PAGE ...]. Needs lowdown.

A page begins with `# NAME(SECTION): what it is`; a file of docs/ that does not is no page. Three things read badly in a terminal
and are written in another way before lowdown sees them (docs/decisions/0025): a table becomes a list, a link to another page
becomes the name of that page, and the headings go up by one.

The date is that of SOURCE_DATE_EPOCH, else that of the last commit, so that the same sources give the same bytes.
"""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TITLE = re.compile(r"# ([a-z][a-z.-]*)\((\d)\): (.+)")


def version():
    return re.search(r'"([^"]+)"', (ROOT / "Sources/LarderStore/Version.swift").read_text())[1]


def date():
    if epoch := os.environ.get("SOURCE_DATE_EPOCH"):
        return time.strftime("%Y-%m-%d", time.gmtime(int(epoch)))
    commit = subprocess.run(["git", "-C", ROOT, "log", "-1", "--format=%cs"], capture_output=True, text=True)
    return commit.stdout.strip() or time.strftime("%Y-%m-%d", time.gmtime((ROOT / "CHANGELOG.md").stat().st_mtime))


def pages():
    """{path: (name, section, what it is)} of all that is a page."""
    found = {}
    for path in sorted((ROOT / "docs").glob("*.md")):
        with path.open() as file:
            if title := TITLE.fullmatch(file.readline().strip()):
                found[path] = title.groups()
    return found


def cells(row):
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", row.strip().strip("|"))]


def listed(rows):
    """A table as a list: the first column is the term, the last one says what it means, others stand behind it with their names."""
    header, text = cells(rows[0]), []
    for row in rows[2:]:
        term, *between, meaning = cells(row)
        more = [f"{name.capitalize()}: {cell}." for name, cell in zip(header[1:-1], between) if cell]
        meaning = meaning.rstrip(".") + "." if more else meaning
        text += [term, ": " + " ".join([meaning, *more]), ""]
    return text


def prepared(path, lines, known):
    """The text for lowdown, and the pages that it leads to."""
    seen = set()

    def link(match):
        text, target = match.groups()
        page = (path.parent / target.partition("#")[0]).resolve() if not re.match(r"[a-z]+:", target) else None
        if page in known:
            name = "{}({})".format(*known[page])
            seen.add(name)
            return text if name in text or page == path else f"{text} ({name})"
        # Another file is where the sources are, or, for some, in /usr/share/doc/larder.
        return text if page else f"{text} ({target})"

    text, table, fenced = [], [], False
    for line in [*lines, ""]:
        fenced ^= line.startswith("```")
        if line.startswith("|") and not fenced:
            table.append(line)
            continue
        if table:
            text += listed(table)
            table = []
        text.append(line)

    result, fenced = [], False
    for paragraph in re.split(r"(\n\n+|^```.*?^```$)", "\n".join(text), flags=re.M | re.S):
        if not paragraph.startswith(("```", "    ")):
            paragraph = re.sub(r"!\[[^]]*\]\([^)]*\)", "", paragraph)
            paragraph = re.sub(r"\[([^]]+)\]\(([^)\s]+)\)", link, paragraph)
            if heading := re.fullmatch(r"#(#+) (.*)", paragraph):
                depth, words = heading.groups()
                paragraph = f"{depth} {words.upper() if depth == '#' and '`' not in words else words}"
        result.append(paragraph)
    return "".join(result), seen


def roff(markdown, name, section):
    command = ["lowdown", "-s", "-tman", "--out-no-smarty", "--parse-no-metadata", "--parse-no-super"]
    command += ["-M", f"title={name.upper()}", "-M", f"section={section}", "-M", f"source=Larder {version()}", "-M", f"date={date()}"]
    text = subprocess.run(command, input=markdown, capture_output=True, text=True, check=True).stdout
    # What is typed is bold in a man page; \fC is a font that mandoc does not have.
    text = text.replace(r"\fC", r"\fB")
    text = re.sub(r"^\.(SH|SS)\n(.*)\n(\.LP\n)?", r".\1 \2\n", text, flags=re.M)
    # lowdown sets terms and items closer by going back by a line, which breaks where a page ends.
    text = re.sub(r'(?:\.LP\n)?(.*)\n\.if n \\\n\.sp -1v?\n\.if t \\\n\.sp -0\.25v\n\.IP "" 5n\n', r".TP\n\1\n", text)
    return re.sub(r"\.if n \\\n\.sp -1v?\n\.if t \\\n\.sp -0\.25v\n", "", text)


def main():
    output, known = Path(sys.argv[1]), pages()
    wanted = [Path(argument).resolve() for argument in sys.argv[2:]] or known
    for path in wanted:
        name, section, what = known[path]
        body, seen = prepared(path, path.read_text().split("\n")[1:], known)
        others = sorted((seen | {"larder(1)"}) - {f"{name}({section})"})
        body = body.strip("\n")
        # What a page of a command begins with is how to call it.
        synopsis = re.match(r"(?: {4}.*\n|\n(?= {4}))*", body)[0] if section == "1" else ""
        parts = [f"# NAME\n\n{name} - {what}", f"# SYNOPSIS\n\n{synopsis}" if synopsis else ""]
        parts += [f"# DESCRIPTION\n\n{body[len(synopsis):]}", f"# SEE ALSO\n\n{', '.join(others)}\n"]
        folder = output / f"man{section}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.{section}").write_text(roff("\n\n".join(parts), name, section))


if __name__ == "__main__":
    main()
