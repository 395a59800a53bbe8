"""`python -m serving`: start the service, ask it, and account for what it answered."""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, replace
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.progress import Progress, TaskID

from serving.options import Options, options_in

Store = Annotated[Path, typer.Option(envvar="RISK_ANSWERS", help="the store of answers")]
Uri = Annotated[str, typer.Option("--tracking-uri", envvar="RISK_TRACKING_URI", help="where MLflow keeps its register")]
Json = Annotated[bool, typer.Option("--json", help="print JSON for machines")]


class Reader(StrEnum):
    """Who reads an answer."""

    clinician = "clinician"
    person = "person"


app = typer.Typer(help=__doc__, no_args_is_help=True, pretty_exceptions_enable=False)
console = Console()


@app.command()
def start(
    host: Annotated[str, typer.Option(help="the address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="the port to listen on")] = 3000,
) -> None:
    """Start the BentoML service on this machine alone, unless told otherwise."""
    environment = os.environ | {"BENTOML_DO_NOT_TRACK": "True", "OTEL_SDK_DISABLED": "true"}
    command = [sys.executable, "-m", "bentoml", "serve", "serving.service:RiskService"]
    # In place of this process, so that whoever stops it stops the service.
    os.execve(sys.executable, [*command, "--host", host, "--port", str(port)], environment)


@app.command()
def ask(
    file: Annotated[Path, typer.Option(help="a request as JSON", exists=True, dir_okay=False)],
    url: Annotated[str, typer.Option(help="the address of the service")] = "http://127.0.0.1:3000",
    reader: Annotated[Reader, typer.Option("--for", help="who is going to read it")] = Reader.clinician,
    as_json: Json = False,
) -> None:
    """Send a request to a running service and print the answer readably, for a clinician or for the person."""
    from serving.letter import print_letter
    from serving.printing import print_answer, print_problems

    status, body = _post(f"{url.rstrip('/')}/v1/risk", file.read_bytes())
    if as_json:
        typer.echo(json.dumps(body))
    elif status == 200:
        (print_letter if reader is Reader.person else print_answer)(body, console)
    else:
        print_problems(body, console)
    raise typer.Exit(0 if status == 200 else 1)


@app.command()
def replay(
    answer_id: Annotated[str, typer.Argument(help="the answer_id of a stored answer")],
    answers: Store = Options.answers,
    uri: Uri = Options.tracking_uri,
    as_json: Json = False,
) -> None:
    """Compute a stored answer again from its stored request and compare the two."""
    from serving.listing import LIST
    from serving.opening import open_desk
    from serving.replay import replay as replayed
    from serving.store import Answers

    with closing(Answers(_there(answers))) as kept:
        entry = kept.of_id(answer_id)
    if entry is None:
        _fail("There is no answer of this id in the store.")
    if entry.prediction == LIST:
        _fail("This is a list, not an answer; `python -m serving list --replay` shows it again.")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    with closing(open_desk(replace(options_in(os.environ), answers=answers, tracking_uri=uri))) as desk:
        found = replayed(desk, entry)
    if as_json:
        typer.echo(json.dumps(asdict(found)))
    elif found.agrees:
        console.print(f"The answer is the same in every field; model digest {entry.model_digest or 'none'}.")
    else:
        console.print("The answer differs in:", *(f"- {place}" for place in found.differences), sep="\n", markup=False)
    if not found.same_model:
        typer.echo("Another model answers now than then; load the version of the stored digest to compare.", err=True)
    raise typer.Exit(0 if found.agrees else 1)


@app.command(name="list")
def make_list(
    pathway: Annotated[str | None, typer.Argument(help="a pathway of the catalogue, e.g. kidney_disease")] = None,
    practice: Annotated[str | None, typer.Option(help="the practice whose people are called")] = None,
    capacity: Annotated[int, typer.Option(min=1, max=10_000, help="how many people there is room for")] = 20,
    prediction: Annotated[str | None, typer.Option(help="one prediction; else the first that is for each")] = None,
    as_of: Annotated[
        str | None, typer.Option(help="the last day that counts, YYYY-MM-DD; else the records' last")
    ] = None,
    csv: Annotated[Path | None, typer.Option(help="also write it as CSV, for its owner alone")] = None,
    outreach: Annotated[bool, typer.Option(help="also show who cannot be told for lack of a required input")] = False,
    left_out: Annotated[bool, typer.Option(help="also show who is left out although a red flag speaks")] = False,
    brief: Annotated[bool, typer.Option(help="print the people alone")] = False,
    replay_id: Annotated[str | None, typer.Option("--replay", help="show an earlier list again, by its id")] = None,
    answers: Store = Options.answers,
    uri: Uri = Options.tracking_uri,
    source: Annotated[Path, typer.Option(envvar="RISK_SOURCE", help="the OMOP records")] = Options.source,
    as_json: Json = False,
) -> None:
    """Make a practice's list: whom to see first, because of what, what to do. It is kept, and can be shown again."""
    from serving.list_printing import print_list, write_csv

    options = replace(options_in(os.environ), answers=answers, tracking_uri=uri, source=source)
    if replay_id is None and (pathway is None or practice is None):
        raise typer.BadParameter("give a pathway and --practice, or --replay with the id of an earlier list")
    found = (
        _earlier_list(answers, replay_id)
        if replay_id is not None
        else _new_list(options, str(pathway), prediction, str(practice), capacity, as_of)
    )
    if csv is not None:
        write_csv(found, csv, outreach, left_out)
    if as_json:
        typer.echo(json.dumps(found))
    else:
        print_list(found, console, outreach, left_out, brief)


def _new_list(
    options: Options, pathway: str, prediction: str | None, practice: str, capacity: int, as_of: str | None
) -> dict[str, Any]:
    import pathways
    from features.source import SourceError
    from serving.listing import NoSuchPractice, Wanted, make
    from serving.opening import open_pathway

    if pathway not in pathways.names():
        raise typer.BadParameter(f"there is no such pathway; there are {', '.join(pathways.names())}")
    try:
        opened = open_pathway(options, pathway)
    except SourceError as problems:
        _fail(str(problems))
    with closing(opened):
        if prediction is not None and prediction not in opened.desk.catalogue[pathway]:
            raise typer.BadParameter(f"{pathway} has {', '.join(opened.desk.catalogue[pathway])}")
        wanted = Wanted(pathway, prediction, practice, capacity, _day(as_of, opened.last_day))
        try:
            with _progress() as told:
                return make(opened.desk, opened.people, wanted, told)
        except NoSuchPractice:
            _fail(f"Nobody in {options.source} was ever with this practice. {opened.practices_text()}")


def _day(as_of: str | None, last: date) -> date:
    try:
        day = last if as_of is None else date.fromisoformat(as_of)
    except ValueError:
        raise typer.BadParameter("--as-of is not a day written YYYY-MM-DD") from None
    if day > last:
        raise typer.BadParameter(f"--as-of is after {last}, the last day of the records")
    return day


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """What is being done, on a terminal's standard error; it is gone when it is done."""
    with Progress(console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, TaskID] = {}

        def told(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done)

        yield told


def _earlier_list(answers: Path, list_id: str) -> dict[str, Any]:
    from serving.listing import LIST
    from serving.store import Answers

    with closing(Answers(_there(answers))) as kept:
        entry = kept.of_id(list_id)
    if entry is None or entry.prediction != LIST:
        _fail("There is no list of this id in the store; `python -m serving lists` shows what there is.")
    found: dict[str, Any] = json.loads(entry.answer)
    return found


@app.command()
def lists(answers: Store = Options.answers, as_json: Json = False) -> None:
    """Show which lists were made: of which practice, on what day, for how many; nobody in them."""
    from serving.list_printing import print_lists
    from serving.listing import LIST, shown_without_people
    from serving.store import Answers

    with closing(Answers(_there(answers))) as kept:
        found = [shown_without_people(json.loads(entry.answer)) for entry in kept.of_prediction(LIST)]
    if as_json:
        typer.echo(json.dumps(found))
    else:
        print_lists(found, console)


@app.command()
def verify(
    answers: Store = Options.answers,
    head: Annotated[str | None, typer.Option(help="a seal noted earlier, which must still be in the chain")] = None,
    as_json: Json = False,
) -> None:
    """Check the seal of every stored answer, from the first to the last."""
    from serving.store import walk

    chain = walk(_there(answers), head)
    if as_json:
        typer.echo(json.dumps(asdict(chain)))
    else:
        console.print(f"{chain.answers} answers, the last sealed {chain.head}", highlight=False)
        console.print(
            *(f"- {fault}" for fault in chain.faults), sep="\n", markup=False, end="\n" if chain.faults else ""
        )
    raise typer.Exit(1 if chain.faults else 0)


@app.command()
def openapi(out: Annotated[Path, typer.Option(help="the folder to write to")] = Path("docs/api")) -> None:
    """Write the description of the interface: OpenAPI, JSON Schemas, examples."""
    from serving.openapi import write

    for path in write(out):
        typer.echo(path)


def _post(url: str, body: bytes) -> tuple[int, Any]:
    request = urllib.request.Request(url, data=body, headers={"content-type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)
    except urllib.error.URLError:
        _fail(f"Nothing answers at {url}; `python -m serving start` starts the service.")


def _there(answers: Path) -> Path:
    if not answers.is_file():
        _fail(f"There is no store at {answers}; give --answers or RISK_ANSWERS.")
    return answers


def _fail(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(1)


if __name__ == "__main__":
    app()
