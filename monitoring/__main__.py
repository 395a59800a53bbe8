"""`python -m monitoring PATHWAY`: is the registered model still right, for everyone and everywhere alike?"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

import pathways
from monitoring import overview
from monitoring.jobs import Job, Reviewed, done
from monitoring.naming import counts_in_words
from pathways.definition import DefinitionError, Prediction
from registry import store

FAILED = 1  # 0 is done, whatever was found; 2 is a wrong command, which Typer reports itself
EVERY = "all"
SOURCE, FEATURES, REPORTS = Path("work/population"), Path("work/features"), Path("work/reports")

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    pathway: Annotated[str, typer.Argument(help="A pathway of the catalogue, e.g. kidney_disease; or all of them.")],
    source: Annotated[
        Path | None,
        typer.Option(exists=True, help="OMOP tables of now: a folder of Parquet or CSV, or a .duckdb file."),
    ] = None,
    features: Annotated[
        Path | None,
        typer.Option(exists=True, help="A feature table of now, or the folder of such tables, instead of --source."),
    ] = None,
    prediction: Annotated[
        str | None, typer.Option(help="One prediction of the pathway, or all; the first if left out.")
    ] = None,
    version: Annotated[str, typer.Option(help="A version, or an alias: challenger, champion.")] = store.CHALLENGER,
    tracking_uri: Annotated[
        str, typer.Option(envvar="RISK_TRACKING_URI", help="Where MLflow keeps its register.")
    ] = "sqlite:///work/mlflow.db",
    out: Annotated[
        Path | None, typer.Option(help="Folder of the report; work/reports/MODEL, or work/reports of several.")
    ] = None,
    at_once: Annotated[int, typer.Option(min=1, help="Models reviewed side by side, each on its own core.")] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Review registered models on the people of now: a page for a safety reviewer and monitor.json; of several, one
    more page with all of them.
    """
    if source is not None and features is not None:
        raise typer.BadParameter("give --source or --features, not both")
    several = EVERY in (pathway, prediction)
    if several and features is not None and features.is_file():
        raise typer.BadParameter("one feature table is not of several models; give the folder of theirs")
    named = [(name, one.name) for name in _names(pathway) for one in _predictions(name, prediction)]
    folder = out or (REPORTS if several else REPORTS / ".".join(named[0]))
    jobs = [
        Job(
            *each,
            version,
            tracking_uri,
            *_records(each, source, features),
            folder / ".".join(each) if several else folder,
        )
        for each in named
    ]
    found: list[Reviewed] = []
    why_not: dict[str, str] = {}
    for job, came in done(jobs, at_once):
        if isinstance(came, str):
            why_not[job.model] = came if job.model in came else f"{job.model}: {came}"
            typer.echo(why_not[job.model], err=True)
            continue
        found.append(came)
        if not as_json:
            _print(came)
    page = overview.write(found, why_not, datetime.now(UTC), folder) if several else None
    if as_json:
        typer.echo(json.dumps(_facts(found, why_not, page), indent=1))
    elif page is not None:
        Console(highlight=False).print(f"All of them: {page}", markup=False)
    raise typer.Exit(FAILED if why_not else 0)


def _names(pathway: str) -> tuple[str, ...]:
    return pathways.names() if pathway == EVERY else (pathway,)


def _predictions(name: str, prediction: str | None) -> tuple[Prediction, ...]:
    try:
        pathway = pathways.load(name)
        return pathway.predictions if prediction == EVERY else (pathway.prediction(prediction),)
    except KeyError as unknown:
        raise typer.BadParameter(str(unknown.args[0])) from unknown
    except DefinitionError as faults:
        typer.echo(str(faults), err=True)
        raise typer.Exit(FAILED) from None


def _records(model: tuple[str, str], source: Path | None, features: Path | None) -> tuple[Path | None, Path | None]:
    """Where the records are; if the command does not say, the feature table of this model, or the population."""
    if source is not None or (features is not None and features.is_file()):
        return source, features
    made = (features or FEATURES) / f"{'.'.join(model)}.parquet"
    if made.exists() or features is not None:
        return None, made
    if SOURCE.exists():
        return SOURCE, None
    raise typer.BadParameter(f"give --source or --features; there is neither {made} nor {SOURCE}")


def _facts(found: Sequence[Reviewed], why_not: Mapping[str, str], page: Path | None) -> Mapping[str, Any]:
    if page is None:
        return found[0].facts() if found else {"not_reviewed": why_not}
    return {"page": str(page), "reviews": [each.facts() for each in found], "not_reviewed": why_not}


def _print(found: Reviewed) -> None:
    console = Console(highlight=False)
    console.print(f"{found.name}, version {found.version}: [bold]{found.state}[/]")
    console.print(f"Inputs: {counts_in_words(found.inputs)}")
    console.print(f"Risks against outcomes: {counts_in_words(found.performance)}")
    for each in found.attention:
        console.print(f"- {each.state}, {each.where}: {each.what}", markup=False)
    console.print(f"Report: {found.page}\nFor machines: {found.document}", markup=False)


if __name__ == "__main__":
    app()
