"""Write README's table of predictions from docs/models.md: `python docs/readme_table.py`."""

from __future__ import annotations

import re
from pathlib import Path

DOCS = Path(__file__).resolve().parent
README, PAGE = DOCS.parent / "README.md", DOCS / "models.md"
BEGIN, END = "<!-- table -->\n", "<!-- /table -->"
MANY = 40.0
"""Percent of people who have a comparator, from which it is shown beside ours."""
COMPARED = re.compile(r"(?P<name>.+) \((?P<share>[\d.]+)%\): (?P<c>[\d.]+) \(")


def table(page: str) -> str:
    """One line for each prediction: ours, the limits, and the comparator that ranks best among those that many have."""
    lines = [
        "| prediction | ours | attainable | oracle | the best comparator that many have |",
        "|---|---|---|---|---|",
    ]
    for row in page.splitlines():
        if re.match(r"\| \w+\.\w+<br>", row):
            name, _, ours, attainable, oracle, compared, *_ = (cell.strip() for cell in row.strip("|").split(" | "))
            limits = [each.split(" ")[0] for each in (attainable, oracle)]
            lines.append(f"| `{name.split('<br>')[0]}` | {ours} | {limits[0]} | {limits[1]} | {_best(compared)} |")
    return "\n".join(lines) + "\n"


def _best(compared: str) -> str:
    found = [each for each in map(COMPARED.match, compared.split("<br>")) if each and float(each["share"]) >= MANY]
    if not found:
        return ""
    best = max(found, key=lambda each: float(each["c"]))
    share = "" if float(best["share"]) == 100 else f", in {float(best['share']):.0f}%"
    return f"{best['name']}: {best['c']}{share}"


def main() -> None:
    before, _, rest = README.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    README.write_text(before + BEGIN + table(PAGE.read_text(encoding="utf-8")) + end + after, encoding="utf-8")


if __name__ == "__main__":
    main()
