"""`python -m synthetic --people N --seed S --out DIR`: write a made-up population as OMOP 5.4 Parquet."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from synthetic.calendar import LAST_YEAR, day_of
from synthetic.faults import FaultError, listed, parse
from synthetic.population import Written, write_population

WORKED, FAILED = 0, 1  # 2 is a wrong command, which Typer reports itself


def main(
    out: Annotated[Path | None, typer.Option(help="Folder to write; files of the same name are replaced.")] = None,
    people: Annotated[int, typer.Option(min=1, help="Number of people.")] = 20_000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same bytes.")] = 1,
    regions: Annotated[str, typer.Option(help="london, north, or both with a comma.")] = "london,north",
    years: Annotated[int, typer.Option(min=1, max=20, help="Records of the last so many years, to 2025.")] = 20,
    fault: Annotated[list[str] | None, typer.Option(help="NAME:WHEN:WHERE; may be given again.")] = None,
    list_faults: Annotated[bool, typer.Option("--list-faults", help="Say what faults there are.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the counts as JSON.")] = False,
) -> None:
    """Write a made-up population of London and the North of England as OMOP CDM 5.4 tables."""
    console = Console(stderr=True)
    if list_faults:
        sys.stdout.write(listed() + "\n")
        raise typer.Exit(WORKED)
    if out is None:
        raise typer.BadParameter("give the folder to write", param_hint="--out")
    try:
        faults, places = parse(fault or ()), _regions(regions)
    except FaultError as error:
        raise typer.BadParameter("\n".join(str(problem) for problem in error.args)) from error
    since = day_of(LAST_YEAR - years + 1)
    started = time.perf_counter()
    try:
        written = _with_bar(
            console, people, lambda told: write_population(people, seed, out, told, places, faults, since)
        )
    except OSError as error:
        console.print(f"Could not write to {out}: {error.strerror}. Choose a folder that can be written.", style="red")
        raise typer.Exit(FAILED) from error
    seconds = time.perf_counter() - started
    if as_json:
        slips = dict(sorted(written.slips.items()))
        answer = {
            "people": people,
            "seed": seed,
            "seconds": round(seconds, 1),
            "rows": written.rows,
            "slips": slips,
            "faults": dict(sorted(written.touched.items())),
        }
        sys.stdout.write(json.dumps(answer, indent=2) + "\n")
    else:
        _print(Console(), written, out, seconds)


def _regions(text: str) -> tuple[int, ...]:
    names = [name.strip().lower() for name in text.split(",")]
    unknown = [name for name in names if name not in ("london", "north")]
    if unknown:
        raise FaultError(f"--regions has {', '.join(unknown)}; allowed are london and north, with a comma between")
    return tuple(sorted({("london", "north").index(name) for name in names}))


def _with_bar(console: Console, people: int, write: Callable[[Callable[[int], None]], Written]) -> Written:
    columns = (TextColumn("Writing people"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("people", total=people)
        return write(lambda done: bar.update(task, completed=done))


def _print(console: Console, written: Written, out: Path, seconds: float) -> None:
    rows = Table("table", "rows", title=f"{written.people:,} made-up people in {out} ({seconds:.1f} s)")
    for name, count in written.rows.items():
        rows.add_row(name, f"{count:,}")
    slips = Table("slip of recording, or fault put in on purpose", "rows")
    for name, count in (*sorted(written.slips.items()), *sorted(written.touched.items())):
        slips.add_row(name, f"{count:,}")
    console.print(rows)
    console.print(slips)


if __name__ == "__main__":
    typer.run(main)
