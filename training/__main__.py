"""`python -m training PATHWAY --source DIR`: from records to a registered challenger with its evidence.

`compare A B` sets two registered models against each other on the same people; `leakage PATHWAY` tries to catch one
knowing what nobody could know.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from typer.core import TyperGroup

import pathways
from evaluation.inputs import InputError
from evaluation.limits import true_values, truth_of
from features.table import FeatureTable
from pathways.definition import DefinitionError, Pathway, Prediction
from registry.store import NotRegistered
from training.candidates import Effort
from training.chai import card
from training.document import document
from training.evidence_page import page
from training.head_to_head import compared
from training.head_to_head_tables import head_to_head_tables
from training.jobs import REASONS, Job, done, task_of
from training.overview import overview
from training.overview import page as overview_page
from training.records import Records, progress
from training.register import register
from training.rivals import CannotCompare, WrongName, fetched, refuse_unlike
from training.summary import certificate_tables, facts, gate_tables
from training.summary import tables as training_tables
from training.train import LEAST_OUTCOMES, Options, examined
from training.undercoded import tables, undercoded
from training.validation import drawn_forests, validated, validation_tables

Shown = Callable[[dict[str, Any]], Iterable[Any]]
"""How a result is printed for people."""

FAILED = 1  # 0 is done; 2 is a wrong command, which Typer reports itself


class Commands(TyperGroup):
    """`python -m training PATHWAY` trains; the other commands go by name."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        named = bool(args) and (args[0] in self.commands or args[0] in ctx.help_option_names)
        return super().parse_args(ctx, args if named else ["train", *args])


app = typer.Typer(cls=Commands, help=__doc__, pretty_exceptions_enable=False, add_completion=False)

Source = Annotated[
    Path | None, typer.Option(exists=True, help="OMOP tables: a folder of Parquet or CSV, or a .duckdb file.")
]
Features = Annotated[
    Path | None, typer.Option(exists=True, help="A feature table made before, or the folder of such tables.")
]
Uri = Annotated[str, typer.Option(envvar="RISK_TRACKING_URI", help="Where MLflow keeps its register.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
EVERY = "all"
DEFAULT_URI = "sqlite:///work/mlflow.db"


@app.command("train")
def main(
    pathway: Annotated[str, typer.Argument(help="A pathway of the catalogue, e.g. kidney_disease; or all of them.")],
    source: Source = None,
    features: Features = None,
    prediction: Annotated[str | None, typer.Option(help="One prediction of the pathway; all if left out.")] = None,
    truth: Annotated[
        Path | None, typer.Option(help="What is true of synthetic people; `truth` in the source if left out.")
    ] = None,
    limits: Annotated[
        bool | None,
        typer.Option(help="Also how well anybody could predict, which takes longest: of all, or where asked for."),
    ] = None,
    table_page: Annotated[
        Path | None, typer.Option("--page", help="Also write the table of all as this Markdown page.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Keep the model's files here, in a folder by prediction.")] = None,
    tracking_uri: Uri = DEFAULT_URI,
    files_at: Annotated[
        str,
        typer.Option(envvar="RISK_FILES_AT", help="Where models' files go, s3://bucket/risk say; else beside SQLite."),
    ] = "",
    people_limit: Annotated[
        int | None, typer.Option(min=1, help="Train on about so many people, drawn by family.")
    ] = None,
    least_outcomes: Annotated[int, typer.Option(min=10, help="Fewer outcomes are refused.")] = LEAST_OUTCOMES,
    seed: Annotated[int, typer.Option(min=0, help="The same seed and records give the same model.")] = 1,
    trials: Annotated[int, typer.Option(min=0, help="Trials of tuning the trees; 0 chooses depth and rounds.")] = 0,
    boards: Annotated[bool, typer.Option("--boards", help="Also train without each board, and examine in it.")] = False,
    threads: Annotated[int, typer.Option(min=1, help="Of LightGBM; more than 1 helps on an idle machine only.")] = 1,
    at_once: Annotated[int, typer.Option(min=1, help="Predictions trained side by side, each on its own core.")] = 1,
    made_on: Annotated[str | None, typer.Option(help="Day that the model bears, YYYY-MM-DD; or today.")] = None,
    as_json: Json = False,
) -> None:
    """Train, recalibrate, examine and register the models of a pathway; of `all`, print one table at the end."""
    _refuse_nothing(source, features)
    several = pathway == EVERY
    records = Records(source, features, people_limit)
    options = Options(Effort(seed, threads, trials), least_outcomes, boards)
    asked = several if limits is None else limits
    known = (truth or (None if source is None else source / "truth")) if asked else None
    jobs: list[Job] = []
    for name in pathways.names() if several else (pathway,):
        wanted = _definition(name, prediction)[1]
        _refuse_one_table(features, wanted)
        jobs += [Job(name, each.name, records, options, _day(made_on), tracking_uri, known) for each in wanted]
    results: list[dict[str, Any]] = []
    problems: list[str] = []
    for job, found in done(jobs, at_once):
        if isinstance(found, str):
            problems.append(found if job.model in found else f"{job.model}: {found}")
            continue
        try:
            with progress() as step, _folder(out, job.prediction) as folder:
                step(f"Registering {job.model} in MLflow")
                version, digest = register(found.model, folder, tracking_uri, options, files_at)
        except REASONS as reason:
            problems.append(str(reason))
        else:
            results.append(facts(found.model, version, digest) | {"limits": found.limits})
    if (several or limits) and not as_json:
        Console(width=200).print(overview(results))
    else:
        _print(results, as_json, training_tables)
    if table_page is not None:
        table_page.write_text(
            overview_page(results, problems, "python -m training " + " ".join(sys.argv[1:])), encoding="utf-8"
        )
    if problems:
        _fail(problems)


@app.command()
def compare(
    first: Annotated[str, typer.Argument(help="A registered model, e.g. kidney_disease.detection@champion.")],
    second: Annotated[str, typer.Argument(help="Another of the same prediction, e.g. kidney_disease.detection/7.")],
    source: Source = None,
    features: Features = None,
    seen_by_neither: Annotated[
        bool, typer.Option("--seen-by-neither", help="State that neither model learnt from these records.")
    ] = False,
    tracking_uri: Uri = DEFAULT_URI,
    as_json: Json = False,
) -> None:
    """Compare two models on the same people: paired differences, worst region, who changes band."""
    _refuse_nothing(source, features)
    try:
        with progress() as step:
            step("Fetching both models")
            rivals = [fetched(each, tracking_uri) for each in (first, second)]
            name = rivals[0].model.pathway
            pathway, (prediction,) = _definition(name, rivals[0].model.prediction)
            refuse_unlike(rivals, prediction)
            table = Records(source, features).table(name, pathway, prediction, 0, step)
            step("Comparing them on the same people")
            found = compared(rivals, table, prediction, seen_by_neither)
    except WrongName as wrong:
        raise typer.BadParameter(str(wrong)) from wrong
    except (*REASONS, NotRegistered, CannotCompare) as reason:
        _fail([str(reason)])
    _print([found], as_json, head_to_head_tables)


@app.command()
def leakage(
    pathway: Annotated[str, typer.Argument(help="A pathway of the catalogue, e.g. kidney_disease.")],
    source: Source = None,
    features: Features = None,
    prediction: Annotated[str | None, typer.Option(help="One prediction of the pathway; all if left out.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed and records give the same certificate.")] = 1,
    as_json: Json = False,
) -> None:
    """Try to catch a prediction knowing what nobody could know; register nothing. A breach ends with exit 1."""
    _refuse_nothing(source, features)
    definition, wanted = _definition(pathway, prediction)
    _refuse_one_table(features, wanted)
    records, results, problems = Records(source, features), [], []
    for each in wanted:
        try:
            with progress() as step:
                table = records.table(pathway, definition, each, seed, step)
                task = task_of(pathway, definition, each, records.said(table), date.today())
                found = examined(task, table, records.future(definition, each, step), Effort(seed), step)
        except REASONS as reason:
            problems.append(str(reason))
        else:
            results.append({"name": task.name, "trained_on": task.trained_on} | found.to_json())
    _print(results, as_json, certificate_tables)
    problems += [
        f"{each['name']}: the leakage certificate is a breach" for each in results if each["state"] == "breach"
    ]
    if problems:
        _fail(problems)


@app.command(name="gate")
def gate_command(
    name: Annotated[str, typer.Argument(help="A registered model, e.g. kidney_disease.detection/3.")],
    tracking_uri: Uri = DEFAULT_URI,
    as_json: Json = False,
) -> None:
    """Show what the gate says of a registered model, cell by cell. A model that does not pass ends with exit 1."""
    try:
        found = fetched(name, tracking_uri)
    except WrongName as wrong:
        raise typer.BadParameter(str(wrong)) from wrong
    except (*REASONS, NotRegistered) as reason:
        _fail([str(reason)])
    said = {"name": found.model.name, "version": found.version, "digest": found.digest}
    _print([said | {"gate": found.model.evidence["gate"]}], as_json, gate_tables)
    if found.model.evidence["gate"]["verdict"] != "pass":
        raise typer.Exit(FAILED)


@app.command()
def validate(
    pathway: Annotated[str, typer.Argument(help="A pathway of the catalogue, e.g. kidney_disease.")],
    source: Source = None,
    features: Features = None,
    prediction: Annotated[str | None, typer.Option(help="One prediction of the pathway; all if left out.")] = None,
    out: Annotated[Path | None, typer.Option(help="Also draw the forest plots into this folder, as SVG.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="The same seed and records give the same figures.")] = 1,
    as_json: Json = False,
) -> None:
    """Examine later in time on other people, and in each region and each board that was left out; register nothing."""
    _refuse_nothing(source, features)
    definition, wanted = _definition(pathway, prediction)
    _refuse_one_table(features, wanted)
    records, results, problems = Records(source, features), [], []
    for each in wanted:
        try:
            with progress() as step:
                table = records.table(pathway, definition, each, seed, step)
                task = task_of(pathway, definition, each, records.said(table), date.today())
                results.append({"name": task.name} | validated(task, table, Effort(seed), step))
        except REASONS as reason:
            problems.append(str(reason))
    _print(results, as_json, validation_tables)
    for found in results if out is not None else ():
        for path in drawn_forests(found, Path(str(out))):
            typer.echo(path, err=as_json)
    if problems:
        _fail(problems)


@app.command(name="evidence")
def evidence_command(
    name: Annotated[str, typer.Argument(help="A registered model, e.g. kidney_disease.detection/3.")],
    out: Annotated[Path, typer.Option(help="The folder to write to.")],
    tracking_uri: Uri = DEFAULT_URI,
) -> None:
    """Write what a model's run left behind: a page, JSON, TRIPOD+AI and CHAI's model card, from its sealed evidence."""
    try:
        found = document(fetched(name, tracking_uri))
    except WrongName as wrong:
        raise typer.BadParameter(str(wrong)) from wrong
    except (*REASONS, NotRegistered) as reason:
        _fail([str(reason)])
    out.mkdir(parents=True, exist_ok=True)
    written = {
        "index.html": page(found),
        "evidence.json": json.dumps(found, indent=1, sort_keys=True, allow_nan=False) + "\n",
        "chai.xml": card(found),
    }
    for file, text in written.items():
        (out / file).write_text(text, encoding="utf-8")
        typer.echo(out / file)


@app.command(name="undercoded")
def undercoded_command(
    name: Annotated[str, typer.Argument(help="A registered model, e.g. alcohol_attendance.attendance@challenger.")],
    source: Source = None,
    features: Features = None,
    threshold: Annotated[float, typer.Option(min=0, max=1, help="Act from this risk on; else the lowest band's.")] = 0,
    truth: Annotated[Path | None, typer.Option(help="What is true of synthetic people; `truth` in the source.")] = None,
    hazards: Annotated[str, typer.Option(help="Columns of the truth: of coded and of true events.")] = (
        "hazard,true_hazard"
    ),
    tracking_uri: Uri = DEFAULT_URI,
    as_json: Json = False,
) -> None:
    """Show how the figures change if only 10, 25 or 45% of the outcomes are coded, and against the truth if known."""
    _refuse_nothing(source, features)
    try:
        with progress() as step:
            model = fetched(name, tracking_uri).model
            pathway, (prediction,) = _definition(model.pathway, model.prediction)
            table = Records(source, features).table(model.pathway, pathway, prediction, 0, step)
    except WrongName as wrong:
        raise typer.BadParameter(str(wrong)) from wrong
    except (*REASONS, NotRegistered) as reason:
        _fail([str(reason)])
    bands = [band.at_least for band in prediction.bands if band.at_least > 0]
    acting = threshold or min(bands, default=0.0)
    known = truth or (None if source is None else source / "truth")
    _print([undercoded(model, table, acting, hazards=_hazards(model.name, table, known, hazards))], as_json, tables)


def _hazards(name: str, table: FeatureTable, truth: Path | None, columns: str) -> dict[str, Any] | None:
    """The hazards of coded and of true events, where the truth has both."""
    try:
        found = {} if truth is None else true_values(truth_of(name, truth), table.person_id, table.index_day)
    except (InputError, OSError):
        return None
    coded, _, true = columns.partition(",")
    return {"coded": found[coded], "true": found[true]} if coded in found and true in found else None


def _refuse_nothing(source: Path | None, features: Path | None) -> None:
    if source is None and features is None:
        raise typer.BadParameter("give --source, or --features, or both: the table then is of that source")


def _refuse_one_table(features: Path | None, wanted: tuple[Prediction, ...]) -> None:
    if features is not None and not features.is_dir() and len(wanted) > 1:
        raise typer.BadParameter("a feature table is of one prediction; name it with --prediction, or give the folder")


def _definition(name: str, prediction: str | None) -> tuple[Pathway, tuple[Prediction, ...]]:
    try:
        pathway = pathways.load(name)
        return pathway, pathway.predictions if prediction is None else (pathway.prediction(prediction),)
    except KeyError as unknown:
        raise typer.BadParameter(str(unknown.args[0])) from unknown
    except DefinitionError as faults:
        _fail([str(faults)])


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


def _print(results: list[dict[str, Any]], as_json: bool, tables: Shown) -> None:
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
    app()
