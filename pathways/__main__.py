"""`python -m pathways`: which pathways there are, what one says, and whether its codes are what it calls them."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.table import Table

import pathways
from pathways.check import SHOWN, Concept, Report, check, ids_of
from pathways.definition import DefinitionError, Pathway
from pathways.facts import facts, overview
from pathways.page import page
from pathways.vocabulary import SourceRefusedError, read_vocabulary

Name = Annotated[str, typer.Argument(help="a pathway of the catalogue, e.g. kidney_disease")]
Json = Annotated[bool, typer.Option("--json", help="print JSON for machines")]

app = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False)
console = Console()


@app.command("list")
def list_pathways(as_json: Json = False) -> None:
    """List the pathways of the catalogue and the question of each of their predictions."""
    found = [overview(name) for name in pathways.names() if _loaded(name)]
    if as_json:
        typer.echo(json.dumps(found))
        return
    table = Table("pathway", "prediction", "question")
    for one in found:
        for prediction in one["predictions"]:
            table.add_row(one["name"], prediction["name"], prediction["question"])
    console.print(table)


@app.command()
def show(
    name: Name,
    out: Annotated[Path | None, typer.Option(help="write the page to this file instead")] = None,
    as_json: Json = False,
) -> None:
    """Print a pathway as a protocol: who, when, for what, from what, and what happens then."""
    _loaded(name)
    text = json.dumps(facts(name), indent=2) + "\n" if as_json else page(name)
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        _fail(f"could not write to {out}: {error.strerror}; choose a file that can be written")
    typer.echo(f"wrote {out}", err=True)


@app.command("check")
def check_pathways(
    name: Annotated[str | None, typer.Argument(help="a pathway; all of them if left out")] = None,
    source: Annotated[
        Path | None, typer.Option(envvar="RISK_SOURCE", help="OMOP tables with CONCEPT: Parquet, CSV or .duckdb")
    ] = None,
    as_json: Json = False,
) -> None:
    """Compare every concept id with the vocabulary of a source; list similar concepts in the data that are missed."""
    loaded = {each: _loaded(each) for each in ([name] if name else pathways.names())}
    if source is None:
        _fail("no --source was given, so no concept was compared with a vocabulary: this is not a pass")
    try:
        vocabulary = read_vocabulary(source, {concept for each in loaded.values() for concept in ids_of(each)})
    except SourceRefusedError as error:
        _fail(f"{error}; nothing was compared: this is not a pass")
    reports = [check(each, pathway, vocabulary) for each, pathway in loaded.items()]
    if as_json:
        typer.echo(json.dumps([asdict(report) | {"passes": report.passes} for report in reports]))
    else:
        for report in reports:
            _print(report)
    if not all(report.passes for report in reports):
        raise typer.Exit(1)


def _loaded(name: str) -> Pathway:
    try:
        return pathways.load(name)
    except pathways.UnknownPathway as error:
        raise typer.BadParameter(str(error.args[0])) from None
    except DefinitionError as error:
        _fail(str(error))


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)


def _print(report: Report) -> None:
    """One block for each concept set: its ids, the rows that it matches, and what it misses."""
    typer.echo(f"{report.pathway}: concept ids against the vocabulary, and the {SHOWN} commonest concepts in the data")
    typer.echo("that share a word with a set and that it does not match")
    if not report.descendants:
        typer.echo("The source has no CONCEPT_ANCESTOR, so descendants of a concept are not matched.")
    for used_by in dict.fromkeys(one.used_by for one in report.concepts):
        matched = f": {_rows(report.matched[used_by])} matched" if used_by in report.matched else ""
        typer.echo(f"\n{used_by}{matched}")
        for one in report.concepts:
            if one.used_by == used_by:
                typer.echo(f"  {one.status:<12}  {one.concept_id:>9}  {one.name}{_remark(one)}")
        for each in report.similar.get(used_by, ()):
            typer.echo(f"  {'not matched':<12}  {each.concept_id:>9}  {each.name}: {_rows(each.rows)} of {each.table}")
    typer.echo(_verdict(report))


def _remark(one: Concept) -> str:
    if one.status == "contradicted":
        return f" - the vocabulary calls it {one.found}"
    return f" ({one.remark})" if one.remark else ""


def _rows(count: int | None) -> str:
    return "under 8 rows" if count is None else f"{count:,} rows"


def _verdict(report: Report) -> str:
    counts: Counter[str] = Counter(one.status for one in report.concepts)
    counted = ", ".join(f"{counts[status]} {status}" for status in ("verified", "contradicted", "not found"))
    flagged = sum(bool(one.remark) for one in report.concepts)
    verdict = "Pass." if report.passes else "This is not a pass: an id that was not found was not verified."
    return f"\n{report.pathway}: {counted}; {flagged} of the verified are not standard. {verdict}"


if __name__ == "__main__":
    app()
