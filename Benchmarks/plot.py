"""Draws docs/figures/bench.svg, and writes the table of README.md, from what a run of `bench.py` has measured.

    plot.py build/bench.json

The figures are kept beside the picture, so that both can be made again. Colours are those of the reader's light or dark theme.
"""

import json
import sys
from html import escape
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FIGURES = ROOT / "docs" / "figures"
BEGIN, END = "<!-- bench: written by `make bench-plot` -->", "<!-- bench: end -->"
TOOLS = ["larder", "ccache", "sccache", "zccache"]
BARE = {"bare": "no cache"}

STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.title { font-weight: 600 }
.number { font-variant-numeric: tabular-nums }
rect { fill: #8c959f }
.larder { fill: #0969da }
.bare { fill: #d0d7de }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  rect { fill: #6e7681 }
  .larder { fill: #4493f8 }
  .bare { fill: #3d444d }
}
"""

WIDTH, LEFT, RIGHT, ROW, TITLE, GAP = 680, 80, 80, 22, 26, 16


def number(value):
    return f"{value:.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def bars(figure):
    """What is drawn of a figure, in the order of the tools, and its title: [(name, value)], title.

    A build without a cache takes so much longer than a warm one that no other bar could be seen: it is said in words.
    """
    times = figure["fastest"]
    rows = [(name, times[name]) for name in [*TOOLS, *BARE] if name in times]
    title = f'{figure["title"]} ({figure["unit"]}, shorter is better)'
    longest = max(value for name, value in rows if name not in BARE)
    for name, value in rows:
        if name in BARE and value > 4 * longest:
            title += f'; {BARE[name]}: {number(value)}'
            rows = [row for row in rows if row[0] != name]
    return rows, title


def picture(result):
    parts, y = [], 0
    for figure in result["figures"]:
        rows, title = bars(figure)
        longest = max(value for _, value in rows)
        parts.append(f'<text class="title" x="0" y="{y + 16}">{escape(title)}</text>')
        y += TITLE
        for name, value in rows:
            length = max(1, (WIDTH - LEFT - RIGHT) * value / longest)
            parts.append(f'<text x="{LEFT - 8}" y="{y + 14}" text-anchor="end">{BARE.get(name, name)}</text>')
            parts.append(f'<rect class="{name}" x="{LEFT}" y="{y + 2}" width="{length:.1f}" height="{ROW - 6}" rx="2"/>')
            parts.append(f'<text class="number" x="{LEFT + length + 6:.1f}" y="{y + 14}">{number(value)}</text>')
            y += ROW
        y += GAP
    spoken = "; ".join(
        title + ": " + ", ".join(f"{BARE.get(name, name)} {number(value)}" for name, value in rows)
        for rows, title in map(bars, result["figures"])
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y - GAP}" width="{WIDTH}" height="{y - GAP}" role="img">\n'
        f"<title>{escape(spoken)}</title>\n<style>{STYLE}</style>\n" + "\n".join(parts) + "\n</svg>\n"
    )


def table(result):
    names = [name for name in [*TOOLS, *BARE] if any(name in figure["fastest"] for figure in result["figures"])]
    lines = ["| | " + " | ".join(BARE.get(name, name) for name in names) + " |", "|---|" + "---:|" * len(names)]
    for figure in result["figures"]:
        cells = [
            f'{number(figure["fastest"][name])} {figure["unit"]}' if name in figure["fastest"] else "" for name in names
        ]
        lines.append(f"| {figure['title']} | " + " | ".join(cells) + " |")
    versions = ", ".join(f"{name} {version.split()[-1]}" for name, version in result["tools"].items())
    command = "QUICK=1 make bench" if result["quick"] else "make bench"
    busy = ", busy with other work" if result["load"] > result["cores"] else ""
    lines += [
        "",
        f"The fastest of several times, in which the tools took turns, from one `{command}` on {result['date']}:",
        f"{versions}; {result['cores']} cores{busy} (load average {result['load']}).",
    ]
    return "\n".join(lines)


def main():
    source = Path(sys.argv[1])
    if not source.exists():
        sys.exit(f"plot: there is no {source}; `make bench` measures and writes it")
    result = json.loads(source.read_text())
    readme = ROOT / "README.md"
    before, rest = readme.read_text().split(BEGIN)
    _, after = rest.split(END)
    FIGURES.mkdir(exist_ok=True)
    (FIGURES / "bench.json").write_text(json.dumps(result, indent=1) + "\n")
    (FIGURES / "bench.svg").write_text(picture(result))
    readme.write_text(f"{before}{BEGIN}\n{table(result)}\n{END}{after}")


if __name__ == "__main__":
    main()
