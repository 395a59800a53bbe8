"""`python -m synthetic --people N --seed S --out DIR`: write a made-up population as OMOP 5.4 Parquet."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from synthetic.population import Written, write_population

WORKED, FAILED = 0, 1  # 2 is a wrong command, which Typer reports itself


def main(
    out: Annotated[Path, typer.Option(help="Folder to write; files of the same name are replaced.")],
    people: Annotated[int, typer.Option(min=1, help="Number of people.")] = 20_000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same bytes.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Write a made-up population of London and the North of England as OMOP CDM 5.4 tables."""
    console = Console(stderr=True)
    started = time.perf_counter()
    try:
        written = _with_bar(console, people, seed, out)
    except OSError as error:
        console.print(f"Could not write to {out}: {error.strerror}. Choose a folder that can be written.", style="red")
        raise typer.Exit(FAILED) from error
    seconds = time.perf_counter() - started
    if as_json:
        faults = dict(sorted(written.faults.items()))
        answer = {"people": people, "seed": seed, "seconds": round(seconds, 1), "rows": written.rows, "faults": faults}
        sys.stdout.write(json.dumps(answer, indent=2) + "\n")
    else:
        _print(Console(), written, out, seconds)


def _with_bar(console: Console, people: int, seed: int, out: Path) -> Written:
    columns = (TextColumn("Writing people"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("people", total=people)
        return write_population(people, seed, out, lambda done: bar.update(task, completed=done))


def _print(console: Console, written: Written, out: Path, seconds: float) -> None:
    rows = Table("table", "rows", title=f"{written.people:,} made-up people in {out} ({seconds:.1f} s)")
    for name, count in written.rows.items():
        rows.add_row(name, f"{count:,}")
    faults = Table("recording fault put in on purpose", "rows")
    for name, count in sorted(written.faults.items()):
        faults.add_row(name, f"{count:,}")
    console.print(rows)
    console.print(faults)


if __name__ == "__main__":
    typer.run(main)
