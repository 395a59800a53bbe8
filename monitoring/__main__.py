"""`python -m monitoring PATHWAY`: is the registered model still right, for everyone and everywhere alike?"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

import pathways
from features.cohort import NothingToPredict, feature_table
from features.source import SourceError, open_source
from features.table import FeatureTable, read
from monitoring.naming import counts_in_words
from monitoring.review import CannotReview, Review, Step, Subject, review, summary
from monitoring.written import write
from pathways.definition import DefinitionError, Pathway, Prediction
from registry import bundle, store

FAILED = 1  # 0 is done, whatever was found; 2 is a wrong command, which Typer reports itself
REASONS = (CannotReview, NothingToPredict, SourceError, store.NotRegistered, bundle.BundleRefused)
"""What a caller can act on; anything else is our fault and keeps its traceback."""

SOURCE, FEATURES = Path("work/population"), Path("work/features")


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    pathway: Annotated[str, typer.Argument(help="A pathway of the catalogue, e.g. kidney_disease.")],
    source: Annotated[
        Path | None,
        typer.Option(exists=True, help="OMOP tables of now: a folder of Parquet or CSV, or a .duckdb file."),
    ] = None,
    features: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="A feature table of now, instead of --source.")
    ] = None,
    prediction: Annotated[
        str | None, typer.Option(help="One prediction of the pathway; the first if left out.")
    ] = None,
    version: Annotated[str, typer.Option(help="A version, or an alias: challenger, champion.")] = store.CHALLENGER,
    tracking_uri: Annotated[
        str, typer.Option(envvar="RISK_TRACKING_URI", help="Where MLflow keeps its register.")
    ] = "sqlite:///work/mlflow.db",
    out: Annotated[Path | None, typer.Option(help="Folder of the report; work/reports/PATHWAY if left out.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Review a registered model on the people of now: a page for a safety reviewer and monitor.json."""
    if source is not None and features is not None:
        raise typer.BadParameter("give --source or --features, not both")
    definition, one = _definition(pathway, prediction)
    folder = out or Path("work/reports") / pathway
    try:
        with _progress() as step:
            step("Fetching the model from the registry")
            subject = _subject(pathway, definition, one, version, tracking_uri)
            table = _table(definition, one, *_records(pathway, one, source, features), step)
            reviewed = review(subject, table, datetime.now(UTC), folder / "evidently", step)
            step("Writing the report")
            written = write(reviewed, folder)
    except REASONS as reason:
        _fail(str(reason))
    _print(reviewed, written, as_json)


def _definition(name: str, prediction: str | None) -> tuple[Pathway, Prediction]:
    try:
        pathway = pathways.load(name)
        return pathway, pathway.prediction(prediction)
    except KeyError as unknown:
        raise typer.BadParameter(str(unknown.args[0])) from unknown
    except DefinitionError as faults:
        _fail(str(faults))


def _records(
    pathway: str, prediction: Prediction, source: Path | None, features: Path | None
) -> tuple[Path | None, Path | None]:
    """Where the records are, if the command does not say: the feature table of this pathway, or the population."""
    if source is not None or features is not None:
        return source, features
    made = FEATURES / f"{pathway}.{prediction.name}.parquet"
    if made.exists():
        return None, made
    if SOURCE.exists():
        return SOURCE, None
    raise typer.BadParameter(f"give --source or --features; there is neither {made} nor {SOURCE}")


def _table(
    definition: Pathway, prediction: Prediction, source: Path | None, features: Path | None, step: Step
) -> FeatureTable:
    if features is not None:
        step("Reading the feature table")
        return read(features)
    step("Reading records and computing predictors")
    return feature_table(definition, prediction, open_source(Path(str(source))))


def _subject(pathway: str, definition: Pathway, prediction: Prediction, version: str, uri: str) -> Subject:
    with tempfile.TemporaryDirectory() as directory:
        folder, number = store.fetch(f"{pathway}.{prediction.name}", version, uri, Path(directory))
        model, digest = bundle.load(folder), bundle.digest(folder)
    primary = model.recalibration.primary
    bands = [band for band in prediction.bands if 0 < band.at_least < 1 and band.horizon in (None, primary)]
    highest = max(bands, key=lambda band: band.at_least, default=None)
    return Subject(
        model=model,
        version=number,
        digest=digest,
        title=definition.title,
        threshold=None if highest is None else highest.at_least,
        threshold_name="" if highest is None else highest.name,
        same_definition=model.fingerprint == pathways.fingerprint(pathway),
    )


@contextmanager
def _progress() -> Iterator[Step]:
    """Show each step as it is begun, with the time that it takes."""
    columns = (SpinnerColumn(finished_text="-"), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        begun: list[TaskID] = []

        def finish() -> None:
            for task in begun[-1:]:
                bar.update(task, completed=1)

        def step(description: str) -> None:
            finish()
            begun.append(bar.add_task(description, total=1))

        yield step
        finish()


def _print(reviewed: Review, written: tuple[Path, ...], as_json: bool) -> None:
    page, document = written[0], written[1]
    if as_json:
        files = {"page": str(page), "monitor": str(document), "evidently": [str(path) for path in written[2:]]}
        typer.echo(json.dumps({**summary(reviewed), **files}, indent=1))
        return
    console = Console(highlight=False)
    subject = reviewed.subject
    console.print(f"{subject.model.name}, version {subject.version}: [bold]{reviewed.state}[/]")
    console.print(f"Inputs: {counts_in_words(reviewed.input_states)}")
    console.print(f"Risks against outcomes: {counts_in_words(reviewed.performance_states)}")
    for each in reviewed.attention:
        console.print(f"- {each.state}, {each.where}: {each.what}", markup=False)
    console.print(f"Report: {page}\nFor machines: {document}", markup=False)


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(FAILED)


if __name__ == "__main__":
    app()
