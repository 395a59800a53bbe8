"""`python -m pathways`: which pathways there are, what one says, and whether its codes are what it calls them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.table import Table

import pathways
from pathways.check import Report, check, ids_of
from pathways.check_page import drawn_of, print_drawn, print_report, print_shares, shares, to_json
from pathways.definition import DefinitionError, Pathway
from pathways.facts import facts, overview
from pathways.page import page
from pathways.starting import starting
from pathways.vocabulary import SourceRefusedError, Vocabulary, read_names, read_vocabulary

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
    names: Annotated[
        list[Path] | None,
        typer.Option(help="besides: a CSV of concept_id and concept_name, or other tables with CONCEPT; several times"),
    ] = None,
    as_json: Json = False,
) -> None:
    """Hold the drawn people, every concept id and the share of people with each predictor against a source.

    Ids are compared with the vocabulary of the source and with the lists of `--names`; similar concepts in the data
    that no set matches are shown.
    """
    loaded = {each: _loaded(each) for each in ([name] if name else pathways.names())}
    verdicts = [drawn_of(each, pathway) for each, pathway in loaded.items()]
    if source is None and not names:
        if not as_json:
            for one in verdicts:
                print_drawn(one)
        _fail("no --source was given, so no concept was compared with a vocabulary: this is not a pass")
    reports = _compared(loaded, source, names or [])
    available = {each: shares(pathway, source) for each, pathway in loaded.items()} if source else {}
    if as_json:
        typer.echo(json.dumps([to_json(*one, available) for one in zip(verdicts, reports, strict=True)]))
    else:
        for verdict, report in zip(verdicts, reports, strict=True):
            print_drawn(verdict)
            print_shares(available.get(report.pathway, ()))
            print_report(report)
    if not all(report.passes for report in reports) or any(one.wrong for one in verdicts):
        raise typer.Exit(1)


def _compared(loaded: Mapping[str, Pathway], source: Path | None, names: Sequence[Path]) -> list[Report]:
    wanted = {concept for each in loaded.values() for concept in ids_of(each)}
    try:
        listed = {concept: told for path in names for concept, told in read_names(path).items()}
        vocabulary = Vocabulary({}, (), None) if source is None else read_vocabulary(source, wanted)
    except SourceRefusedError as error:
        _fail(f"{error}; nothing was compared: this is not a pass")
    vocabulary = replace(vocabulary, concepts=listed | dict(vocabulary.concepts))
    return [check(each, pathway, vocabulary) for each, pathway in loaded.items()]


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="a name for the file, e.g. frailty_fall")],
    folder: Annotated[Path, typer.Option(help="where the file goes")] = pathways.CATALOGUE,
) -> None:
    """Write a starting file for a pathway: it loads, trains on its own and says at each place what to put there."""
    if not name.isidentifier() or name != name.lower():
        raise typer.BadParameter("a pathway's name is a word in small letters, such as frailty_fall")
    path = folder / f"{name}.py"
    if path.exists():
        raise typer.BadParameter(f"there is a file {path} already; choose another name")
    path.write_text(starting(name), encoding="utf-8")
    typer.echo(f"wrote {path}; next: python -m pathways show {name}")


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


if __name__ == "__main__":
    app()
