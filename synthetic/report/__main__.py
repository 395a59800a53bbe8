"""`python -m synthetic.report --source DIR --out FILE`: a population beside published figures."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from synthetic.report.figures import Compared, compare, connected
from synthetic.report.page import page


def main(
    source: Annotated[Path, typer.Option(help="Folder that python -m synthetic wrote.")],
    out: Annotated[Path, typer.Option(help="HTML file to write.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Hold a synthetic population against published figures, and draw it."""
    if not (source / "person.parquet").is_file():
        raise typer.BadParameter(f"there is no person.parquet in {source}; write one with python -m synthetic")
    if not (source / "truth" / "kidney_disease.detection.parquet").is_file():
        raise typer.BadParameter(f"there is no truth/ in {source}; it is written by python -m synthetic")
    con = connected(source)
    truth = source / "truth" / "kidney_disease.detection.parquet"
    con.execute(f"CREATE VIEW true_kidneys AS SELECT * FROM '{truth}'")
    found = compare(con)
    people = con.execute("SELECT count(*) FROM person").fetchall()[0][0]
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(page(found, con, people), encoding="utf-8")
    if as_json:
        sys.stdout.write(json.dumps([_plain(one) for one in found], indent=2) + "\n")
    else:
        _print(found, out)


def _plain(one: Compared) -> dict[str, object]:
    figure = one.figure
    words = {"what": figure.what, "region": figure.region, "group": figure.group, "source": figure.source}
    return words | {"here": one.value, "published": figure.published, "people": one.people, "state": one.state}


def _print(found: list[Compared], out: Path) -> None:
    console = Console()
    shown = Table("what", "region", "group", "here %", "published %", "ratio", "state")
    for one in found:
        figure = one.figure
        numbers = (f"{one.value:.1f}", f"{figure.published:.1f}", f"{one.ratio:.2f}")
        style = "yellow" if one.state.startswith("off") else None
        shown.add_row(figure.what, figure.region, figure.group, *numbers, one.state, style=style)
    console.print(shown)
    off = [one for one in found if one.state.startswith("off")]
    few = sum(one.state == "too few to tell" for one in found)
    console.print(f"{len(found)} figures: {len(off)} differ by more than a fifth, {few} too few to tell. Page: {out}")


if __name__ == "__main__":
    typer.run(main)
