"""`python -m bench`: ratios against the least that the work could cost, in one run."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

import pathways
from bench import answers, compare, explanations, learners, made_up, model, person, population, subgroups
from bench import tables as feature_tables
from bench.report import lines_of, page
from features.cohort import feature_table
from features.source import open_source
from pathways.definition import Pathway, Prediction

PATHWAY = "kidney_disease"
CLINIC, SMALL_CLINIC = 5_000, 2_000
"""People of the synthetic clinic, of whom one is asked about; the large one trains the model of the servers."""
WARM_UP = 1_000

Step = Callable[[str], None]
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command(help=__doc__)
def main(
    people: Annotated[int, typer.Option(min=1000, help="People of the population; about 60 records each.")] = 1_000_000,
    repeats: Annotated[int, typer.Option(min=1, help="Alternating repeats of scan and table.")] = 5,
    compared: Annotated[int, typer.Option(min=1, help="People who are worked out again.")] = 1000,
    tables: Annotated[bool, typer.Option(help="Also make feature tables of the population.")] = True,
    training: Annotated[bool, typer.Option(help="Also fit and examine models of so many people.")] = True,
    groups: Annotated[bool, typer.Option("--subgroups/--no-subgroups", help="Also measure subgroups.")] = True,
    http: Annotated[bool, typer.Option(help="Also ask four servers over HTTP.")] = True,
    work: Annotated[Path, typer.Option(help="Where populations and models are kept.")] = Path("work/bench"),
    out: Annotated[Path | None, typer.Option(help="Also write the page, as docs/performance.md.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    work.mkdir(parents=True, exist_ok=True)
    with _progress() as step:
        many = _many(people, repeats, compared, work, step) if tables else {"tables": None, "compared": None}
        many |= {"learners": _learners(people, repeats, step) if training else None}
        step("Writing synthetic people")
        figures = many | _one_by_one(http, work, step) | {"made_up": made_up.measure()}
        step("Measuring subgroups")
        figures |= {"subgroups": subgroups.measure() if groups else None} | _about()
    if out is not None:
        out.write_text(page(figures), encoding="utf-8")
    if as_json:
        typer.echo(json.dumps(figures, indent=1))
    else:
        _show(figures)
    raise typer.Exit(1 if tables and figures["compared"]["different"] else 0)


def _about() -> dict[str, Any]:
    return {
        "made_on": date.today().isoformat(),
        "command": "python -m bench " + " ".join(sys.argv[1:]),
        "machine": _machine(),
    }


def _many(people: int, repeats: int, compared: int, work: Path, step: Step) -> dict[str, Any]:
    """What the feature table of a population takes."""
    pathway, prediction = _measured()
    concepts = population.asked(pathway, prediction)
    folder, small = (_population(work / f"{many}-people", many, concepts, step) for many in (people, WARM_UP))
    step("Compiling the kernel")
    feature_tables.build(small, pathway, prediction)
    built = feature_tables.measure(folder, pathway, prediction, repeats, step)
    step("Working people out again, one by one")
    again = compare.compare(folder, pathway, prediction, built.table, compared)
    return {"tables": {"people": people} | built.figures, "compared": again}


def _learners(people: int, repeats: int, step: Step) -> dict[str, Any]:
    """What training takes, in a process of its own, so that its memory is told apart."""
    step(f"Fitting and examining models of {people:,} people")
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(learners.measure, people, min(repeats, 3)).result()


def _one_by_one(http: bool, work: Path, step: Step) -> dict[str, Any]:
    """What one person takes, in this process and over HTTP."""
    pathway, prediction = _measured()
    clinic = _clinic(work, CLINIC if http else SMALL_CLINIC, step)
    step("One person")
    source = open_source(clinic)
    table = feature_table(pathway, prediction, source)
    reader, chosen = person.choose(pathway, prediction, source, table)
    alone = person.measure(reader, chosen)
    if not http:
        return {"person": alone, "explanations": [], "answers": []}
    step("Training LightGBM")
    models = [
        model.registered(PATHWAY, pathway, prediction, table, work / f"registry-{large}", large=large)
        for large in (False, True)
    ]
    step("Explaining")
    trained = models[0].text.read_text(encoding="utf-8")
    explained = explanations.measure({"the model of the servers": trained, "300 trees": explanations.large()})
    step("Asking four servers, first with one model, then with a larger one")
    asked = [answers.measure(PATHWAY, prediction.name, each, clinic, chosen, work) for each in models]
    return {"person": alone, "explanations": explained, "answers": asked}


def _measured() -> tuple[Pathway, Prediction]:
    pathway = pathways.load(PATHWAY)
    return pathway, pathway.predictions[0]


def _population(folder: Path, people: int, concepts: dict[str, list[int]], step: Step) -> Path:
    """Written once, in a process of its own, so that its memory is not counted."""
    if not folder.exists():
        step(f"Writing {people:,} people")
        unfinished = folder.with_suffix(".unfinished")
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            pool.submit(population.write, unfinished, people, concepts).result()
        unfinished.rename(folder)
    return folder


def _clinic(work: Path, people: int, step: Step) -> Path:
    folder = work / f"clinic-of-{people}"
    if not folder.exists():
        step("Writing the clinic")
        unfinished = folder.with_suffix(".unfinished")
        command = [sys.executable, "-m", "synthetic", "--people", str(people), "--out", str(unfinished), "--json"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        unfinished.rename(folder)
    return folder


def _machine() -> str:
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    return f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}, load {load} at the end"


@contextmanager
def _progress() -> Iterator[Step]:
    """Steps on standard error, so that standard output is the result alone."""
    columns = SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Starting", total=None)
        yield lambda text: progress.update(task, description=text)


def _show(figures: dict[str, Any]) -> None:
    shown = Table("what", "measured", "goal", title=f"Bench: {figures['machine']}", title_justify="left")
    for what, measured, goal, _ in lines_of(figures):
        shown.add_row(what, measured, goal)
    Console().print(shown)


if __name__ == "__main__":
    app()
