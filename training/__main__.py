"""`python -m training PATHWAY --source DIR`: from records to a registered challenger with its evidence."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

import pathways
from features.cohort import NothingToPredict, feature_table
from features.days import calendar_date
from features.source import SourceError, open_source
from features.table import FeatureTable, read
from pathways.definition import DefinitionError, Pathway, Prediction
from registry.bundle import BundleRefused
from training.candidates import Effort
from training.register import register
from training.split import drawn
from training.summary import facts, tables
from training.task import CannotTrain, Task
from training.train import LEAST_OUTCOMES, Options, Step, train

FAILED = 1  # 0 is done; 2 is a wrong command, which Typer reports itself
REASONS = (CannotTrain, NothingToPredict, SourceError, BundleRefused)
"""What a caller can act on; anything else is our fault and keeps its traceback."""


@dataclass(frozen=True)
class Records:
    """Where the feature tables come from: OMOP records, or one table made before."""

    source: Path | None
    features: Path | None
    people_limit: int | None

    def table(self, pathway: Pathway, prediction: Prediction, seed: int, step: Step) -> FeatureTable:
        if self.features is not None:
            step("Reading the feature table")
            table = read(self.features)
        else:
            step(f"Reading records and computing predictors for {prediction.name}")
            table = feature_table(pathway, prediction, open_source(Path(str(self.source))))
        return table if self.people_limit is None else table.rows(drawn(table, self.people_limit, seed))

    def said(self, table: FeatureTable) -> str:
        """Where the records were and how far they go; only the folder's own name, never the path to it."""
        place = self.features or self.source
        return f"{'' if place is None else place.resolve().name}, records to {calendar_date(table.data_to).isoformat()}"


def main(
    pathway: Annotated[str, typer.Argument(help="A pathway of the catalogue, e.g. kidney_disease.")],
    source: Annotated[
        Path | None, typer.Option(exists=True, help="OMOP tables: a folder of Parquet or CSV, or a .duckdb file.")
    ] = None,
    features: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A feature table made before, instead of --source.")
    ] = None,
    prediction: Annotated[str | None, typer.Option(help="One prediction of the pathway; all if left out.")] = None,
    out: Annotated[Path | None, typer.Option(help="Keep the model's files here, in a folder by prediction.")] = None,
    tracking_uri: Annotated[
        str, typer.Option(envvar="RISK_TRACKING_URI", help="Where MLflow keeps its register.")
    ] = "sqlite:///work/mlflow.db",
    people_limit: Annotated[
        int | None, typer.Option(min=1, help="Train on about so many people, drawn by family.")
    ] = None,
    least_outcomes: Annotated[int, typer.Option(min=10, help="Fewer outcomes are refused.")] = LEAST_OUTCOMES,
    seed: Annotated[int, typer.Option(min=0, help="The same seed and records give the same model.")] = 1,
    threads: Annotated[int, typer.Option(min=1, help="Of LightGBM; more than 1 helps on an idle machine only.")] = 1,
    made_on: Annotated[str | None, typer.Option(help="Day that the model bears, YYYY-MM-DD; or today.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Train, recalibrate, examine and register the models of a pathway."""
    if (source is None) == (features is None):
        raise typer.BadParameter("give --source or --features, one of the two")
    definition, wanted = _definition(pathway, prediction)
    if features is not None and len(wanted) > 1:
        raise typer.BadParameter("a feature table is of one prediction; name it with --prediction")
    records = Records(source, features, people_limit)
    options = Options(Effort(seed, threads), least_outcomes)
    results: list[dict[str, Any]] = []
    problems: list[str] = []
    for each in wanted:
        try:
            with _progress() as step:
                table = records.table(definition, each, seed, step)
                task = _task(pathway, definition, each, records.said(table), _day(made_on))
                model = train(task, table, options, step)
                step("Registering it in MLflow")
                with _folder(out, each.name) as folder:
                    version, digest = register(model, folder, tracking_uri, options)
        except REASONS as reason:
            problems.append(str(reason))
        else:
            results.append(facts(model, version, digest))
    _print(results, as_json)
    if problems:
        _fail(problems)


def _definition(name: str, prediction: str | None) -> tuple[Pathway, tuple[Prediction, ...]]:
    try:
        pathway = pathways.load(name)
        return pathway, pathway.predictions if prediction is None else (pathway.prediction(prediction),)
    except KeyError as unknown:
        raise typer.BadParameter(str(unknown.args[0])) from unknown
    except DefinitionError as faults:
        _fail([str(faults)])


def _task(name: str, pathway: Pathway, prediction: Prediction, trained_on: str, made_on: date) -> Task:
    return Task(name, pathway.title, prediction, pathways.fingerprint(name), trained_on, made_on)


def _day(text: str | None) -> date:
    try:
        return date.today() if text is None else date.fromisoformat(text)
    except ValueError as wrong:
        raise typer.BadParameter("--made-on is not a day written YYYY-MM-DD") from wrong


@contextmanager
def _folder(out: Path | None, name: str) -> Iterator[Path]:
    if out is not None:
        yield out / name
        return
    with tempfile.TemporaryDirectory() as directory:
        yield Path(directory) / name


@contextmanager
def _progress() -> Iterator[Step]:
    """Show each step as it is begun, with the time that it takes."""
    columns = (SpinnerColumn(finished_text="-"), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        begun: list[TaskID] = []

        def step(description: str) -> None:
            finish()
            begun.append(bar.add_task(description, total=1))

        def finish() -> None:
            for task in begun[-1:]:
                bar.update(task, completed=1)

        yield step
        finish()


def _print(results: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(results, indent=1))
        return
    console = Console()
    for result in results:
        for part in tables(result):
            console.print(part)


def _fail(problems: list[str]) -> NoReturn:
    typer.echo("\n".join(problems), err=True)
    raise typer.Exit(FAILED)


if __name__ == "__main__":
    typer.run(main)
