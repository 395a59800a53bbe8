"""`python -m features PATHWAY --source DIR --out DIR`: build the feature table of each prediction of a pathway."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

import pathways
from features.cohort import NothingToPredict, feature_table
from features.days import number
from features.source import Source, SourceError, open_source
from features.table import FeatureTable, write
from pathways.definition import Pathway, Prediction

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    pathway: Annotated[str, typer.Argument(help="Name of a pathway of the catalogue.")],
    source: Annotated[Path, typer.Option(help="Folder of Parquet or CSV tables, or a .duckdb file.")],
    out: Annotated[Path, typer.Option(help="Folder for the feature tables.")] = Path("work/features"),
    prediction: Annotated[str | None, typer.Option(help="Only this prediction.")] = None,
    people: Annotated[Path | None, typer.Option(help="Only these people: a file with one person_id a line.")] = None,
    on: Annotated[
        list[datetime] | None,
        typer.Option(formats=["%Y-%m-%d"], help="This index date for everybody; may be given several times."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print for machines.")] = False,
) -> None:
    """Read people in chunks, find who may be scored and when, and write predictors and outcomes as Parquet."""
    console = Console(stderr=as_json)
    try:
        definition = pathways.load(pathway)
        chosen = [definition.prediction(prediction)] if prediction else list(definition.predictions)
        opened = _only(open_source(source), people, console)
    except (KeyError, SourceError) as error:
        console.print(f"[red]{error.args[0]}[/]", highlight=False)
        raise typer.Exit(2) from error
    printed, failed = [], False
    for one in chosen:
        path = out / f"{pathway}.{one.name}.parquet"
        try:
            table = _build(definition, one, opened, [number(day.date()) for day in on] if on else None, console)
        except NothingToPredict as error:
            console.print(f"[red]{pathway}.{one.name}: {error}[/]", highlight=False)
            failed = True
            continue
        write(table, path)
        printed.append({"prediction": one.name, "path": str(path), "rows": len(table), "attrition": table.attrition})
        if not as_json:
            _show(console, f"{pathway}.{one.name}", table, path)
    if as_json:
        typer.echo(json.dumps(printed, indent=1))
    raise typer.Exit(1 if failed else 0)


def _only(source: Source, people: Path | None, console: Console) -> Source:
    if people is None:
        return source
    asked = np.unique(np.array(people.read_text(encoding="utf-8").split(), dtype=np.int64))
    some = source.only(asked)
    if lacking := len(asked) - len(some.people):
        console.print(f"[yellow]{lacking:,} of the {len(asked):,} people asked for are not in the source[/]")
    return some


def _build(
    definition: Pathway, prediction: Prediction, source: Source, on: list[int] | None, console: Console
) -> FeatureTable:
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task(prediction.name, total=None)
        return feature_table(
            definition,
            prediction,
            source,
            on=on,
            progress=lambda _, done, of: progress.update(task, completed=done, total=of),
        )


def _show(console: Console, name: str, table: FeatureTable, path: Path) -> None:
    steps = Table("who", "how many", title=f"{name}: attrition", title_justify="left")
    for text, count in table.attrition:
        steps.add_row(text, f"{count:,}")
    console.print(steps)
    rows = Table("table", "what became of its rows", title="Rows of the source", title_justify="left")
    for source, fates in table.accounts.items():
        rows.add_row(source, ", ".join(f"{fate} {count:,}" for fate, count in fates.items()))
    console.print(rows)
    console.print(f"{len(table):,} index dates with {len(table.columns)} predictors in {path}", highlight=False)


if __name__ == "__main__":
    app()
