"""`python -m external`: every third-party set through reading, cohort, features and scoring, told in a page."""

from __future__ import annotations

import json
import tempfile
from dataclasses import asdict, replace
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

import pathways
from external import qkidney
from external.examine import examine
from external.first_look import first_look, synthetic_adults
from external.models import Scorer, scorer, teach
from external.page import SUMMARY, Section, page, summary
from external.sets import TEACHES, Absent, ExternalSet, find, open_set
from features.table import FeatureTable
from pathways.definition import DefinitionError, Pathway, Prediction
from training.task import CannotTrain

FAILED = 1  # 0 is done; 2 is a wrong command, which Typer reports itself
ROOT = Path(__file__).resolve().parents[1]

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def main(
    shared: Annotated[
        Path, typer.Option(envvar="RISK_SHARED", help="Where the third-party data are: the folder that holds data/.")
    ] = ROOT.parent / "shared",
    only: Annotated[
        list[Path] | None,
        typer.Option("--set", exists=True, help="Only the set at this place, OMOP or with an adapter; repeatable."),
    ] = None,
    pathway: Annotated[str | None, typer.Option(help="A pathway of the catalogue; all of them if left out.")] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="The page to write: docs/external/PATHWAY.md, work/external/PATHWAY.md of a --set."),
    ] = None,
    tables: Annotated[Path | None, typer.Option(help="Keep the OMOP tables that adapters write here.")] = None,
    tracking_uri: Annotated[
        str, typer.Option(envvar="RISK_TRACKING_URI", help="Where a current model may be registered.")
    ] = "sqlite:///work/mlflow.db",
    as_json: Annotated[bool, typer.Option("--json", help="Print everything for machines as well.")] = False,
) -> None:
    """Run on records that we did not write, and say what came out: a page for each pathway."""
    if out is not None and pathway is None:
        raise typer.BadParameter("--out is one page; name its --pathway")
    folder_of = ROOT / ("work" if only else "docs") / "external"
    try:
        for name in pathways.names() if pathway is None else (pathway,):
            _of(name, shared, only, out or folder_of / f"{name}.md", tables, tracking_uri, as_json)
    except (Absent, DefinitionError, KeyError) as reason:
        typer.echo(str(reason.args[0]), err=True)
        raise typer.Exit(FAILED) from reason


def _of(
    name: str,
    shared: Path,
    only: list[Path] | None,
    page_at: Path,
    tables: Path | None,
    tracking_uri: str,
    as_json: bool,
) -> None:
    """One pathway on every set, and its page."""
    definition = pathways.load(name)
    with tempfile.TemporaryDirectory() as folder:
        into = tables or Path(folder)
        sets = tuple(one for place in only for one in open_set(place, into)) if only else find(shared, into)
        scorers, sections = _run(sets, name, definition, tracking_uri, shared)
    page_at.parent.mkdir(parents=True, exist_ok=True)
    page_at.write_text(page(definition.title, definition, scorers, sections), encoding="utf-8")
    _print(definition, sections, page_at, as_json)


def _run(
    sets: tuple[ExternalSet, ...], name: str, pathway: Pathway, tracking_uri: str, shared: Path
) -> tuple[dict[str, Scorer | None], tuple[Section, ...]]:
    """Every prediction of the pathway on every set."""
    console = Console(stderr=True)
    terms = qkidney.coefficients(shared)
    scorers: dict[str, Scorer | None] = {}
    sections: list[Section] = []
    for prediction in pathway.predictions:
        console.print(f"{prediction.name}: a model that knows none of these sets")
        found = scorers[prediction.name] = scorer(name, pathway, prediction, tracking_uri, date.today())
        reference = synthetic_adults(pathway, prediction)
        for one in sets:
            console.print(f"{prediction.name}: {one.name}", highlight=False)
            section = _section(one, name, pathway, prediction, found, terms)
            sections.append(replace(section, look=first_look(one, pathway, prediction, reference)))
    return scorers, tuple(sections)


def _section(
    one: ExternalSet,
    name: str,
    pathway: Pathway,
    prediction: Prediction,
    found: Scorer | None,
    terms: dict[str, qkidney.Terms] | None,
) -> Section:
    examined, table = examine(one, pathway, prediction, None if found is None else found.model)
    section = Section(one, examined)
    if table is not None and found is not None and terms is not None and prediction.name == qkidney.FOR:
        section = replace(section, published=qkidney.beside(one, prediction, table, found.model, terms))
    if table is None or one.name != TEACHES:
        return section
    return _taught(section, name, pathway, prediction, table)


def _taught(section: Section, name: str, pathway: Pathway, prediction: Prediction, table: FeatureTable) -> Section:
    try:
        with tempfile.TemporaryDirectory() as folder:
            taught = teach(name, pathway, prediction, table, section.set.tables, date.today(), Path(folder))
    except CannotTrain as reasons:
        return replace(section, why_not_taught="; ".join(reasons.reasons))
    return replace(section, taught=taught)


def _print(pathway: Pathway, sections: tuple[Section, ...], out: Path, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps([_plain(section) for section in sections], indent=1))
        return
    console = Console()
    for prediction in pathway.predictions:
        table = Table(*SUMMARY, title=f"{prediction.name}, by {prediction.primary} days", title_justify="left")
        for row in summary([each for each in sections if each.found.prediction == prediction.name], prediction):
            table.add_row(*row)
        console.print(table)
    console.print(f"Wrote {out}", highlight=False)


def _plain(section: Section) -> dict[str, Any]:
    one, taught = section.set, section.taught
    about = {"set": one.name, "source": one.source, "licence": one.licence, "note": one.note}
    more = {
        "qkidney": [asdict(each) for each in section.published],
        "first_look": None if section.look is None else asdict(section.look),
        "trained_here": None if taught is None else {"twins": asdict(taught.twins), "evidence": taught.model.evidence},
        "why_not_trained": section.why_not_taught,
    }
    return about | asdict(section.found) | more


if __name__ == "__main__":
    app()
