"""`python -m features PATHWAY --source DIR --out DIR`: build the feature table of each prediction of a pathway."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress, TaskID
from rich.table import Table

import pathways
from features.days import number
from features.making import Job, Made, made
from features.source import Source, SourceError, open_source
from pathways.definition import DefinitionError

EVERY = "all"
FAILED, WRONG = 1, 2  # 0 is done

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    pathway: Annotated[str, typer.Argument(help="A pathway of the catalogue, e.g. kidney_disease; or all of them.")],
    source: Annotated[Path, typer.Option(help="Folder of Parquet or CSV tables, or a .duckdb file.")],
    out: Annotated[Path, typer.Option(help="Folder for the feature tables.")] = Path("work/features"),
    prediction: Annotated[str | None, typer.Option(help="Only this prediction.")] = None,
    people: Annotated[Path | None, typer.Option(help="Only these people: a file with one person_id a line.")] = None,
    on: Annotated[
        list[datetime] | None,
        typer.Option(formats=["%Y-%m-%d"], help="This index date for everybody; may be given several times."),
    ] = None,
    at_once: Annotated[int, typer.Option(min=1, help="Pathways side by side, each on its own core.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print for machines.")] = False,
) -> None:
    """Read people in chunks, find who may be scored and when, and write predictors and outcomes as Parquet."""
    console = Console(stderr=as_json)
    names = pathways.names() if pathway == EVERY else (pathway,)
    try:
        for name in names:
            pathways.load(name).prediction(prediction)
        opened = open_source(source)
    except DefinitionError as faults:
        console.print(f"[red]{faults}[/]", highlight=False)
        raise typer.Exit(FAILED) from None
    except (KeyError, SourceError) as error:
        console.print(f"[red]{error.args[0]}[/]", highlight=False)
        raise typer.Exit(WRONG) from error
    asked = None if people is None else _asked(people, opened, console)
    days = tuple(number(day.date()) for day in on) if on else None
    jobs = [Job(name, prediction, out, asked, days) for name in names]
    printed, failed = [], False
    with Progress(console=console, transient=True) as progress:
        for job, tables in zip(jobs, made(jobs, source, opened, at_once, _shown(progress)), strict=True):
            for one in (f"{job.pathway}: {tables}",) if isinstance(tables, str) else tables:
                if isinstance(one, str):
                    console.print(f"[red]{one}[/]", highlight=False)
                    failed = True
                    continue
                printed.append(_facts(job.pathway, one))
                if not as_json:
                    _show(console, f"{job.pathway}.{one.prediction}", one)
    if as_json:
        typer.echo(json.dumps(printed, indent=1))
    raise typer.Exit(FAILED if failed else 0)


def _asked(people: Path, source: Source, console: Console) -> NDArray[np.int64]:
    """The ids in a file; how many of them the source does not have is said."""
    asked = np.unique(np.array(people.read_text(encoding="utf-8").split(), dtype=np.int64))
    if lacking := len(asked) - int(np.isin(asked, source.people.ids).sum()):
        console.print(f"[yellow]{lacking:,} of the {len(asked):,} people asked for are not in the source[/]")
    return asked


def _shown(progress: Progress) -> Callable[[str, int, int], None]:
    """Each prediction's bar, from its first chunk to its last."""
    bars: dict[str, TaskID] = {}

    def show(name: str, done: int, of: int) -> None:
        if name not in bars:
            bars[name] = progress.add_task(name)
        progress.update(bars[name], completed=done, total=of)

    return show


def _facts(pathway: str, table: Made) -> dict[str, Any]:
    found = {"prediction": table.prediction, "path": str(table.path), "rows": table.rows, "attrition": table.attrition}
    return {"pathway": pathway, **found}


def _show(console: Console, name: str, table: Made) -> None:
    steps = Table("who", "how many", title=f"{name}: attrition", title_justify="left")
    for text, count in table.attrition:
        steps.add_row(text, f"{count:,}")
    console.print(steps)
    rows = Table("table", "what became of its rows", title="Rows of the source", title_justify="left")
    for source, fates in table.accounts.items():
        rows.add_row(source, ", ".join(f"{fate} {count:,}" for fate, count in fates.items()))
    console.print(rows)
    console.print(f"{table.rows:,} index dates with {table.columns} predictors in {table.path}", highlight=False)


if __name__ == "__main__":
    app()
