"""`python -m evaluation limits PREDICTION --features FILE --truth DIR`: how well could anybody predict this?"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

import pathways
from evaluation.disclosure import publish_figure
from evaluation.estimate import Estimate
from evaluation.inputs import InputError
from evaluation.limits import ENOUGH, Limit, limits, read_recorded, true_values, truth_of

app = typer.Typer(no_args_is_help=True, add_completion=False)
FAILED = 1


@app.callback()
def _() -> None:
    """Measures that need no model of ours."""


@app.command("limits")
def limits_command(
    prediction: Annotated[str, typer.Argument(help="pathway.prediction, such as kidney_disease.detection.")],
    features: Annotated[Path, typer.Option(help="Its feature table, of python -m features.")],
    truth: Annotated[Path, typer.Option(help="The folder truth/ of the same population.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
) -> None:
    """Rank synthetic people by all that is true (oracle) and by what is recorded (attainable)."""
    console = Console(stderr=True)
    try:
        horizon = _horizon(prediction)
        found = _found(prediction, features, truth, horizon, console)
    except (InputError, pathways.UnknownPathway, OSError) as error:
        console.print(str(error.args[0] if error.args else error), style="red", highlight=False)
        raise typer.Exit(FAILED) from error
    if as_json:
        answer = {"prediction": prediction, "horizon_days": horizon, "limits": [one.to_json() for one in found]}
        sys.stdout.write(json.dumps(answer, indent=2) + "\n")
    else:
        _print(Console(), prediction, horizon, found)


def _names(prediction: str) -> list[str]:
    return [one.name for one in pathways.load(prediction.partition(".")[0]).predictions]


def _horizon(prediction: str) -> int:
    pathway, _, name = prediction.partition(".")
    known = {one.name: one for one in pathways.load(pathway).predictions}
    if name not in known:
        raise InputError(f"{pathway} has no prediction of that name; it has {', '.join(known)}")
    return int(known[name].primary)


def _found(prediction: str, features: Path, truth: Path, horizon: int, console: Console) -> tuple[Limit, ...]:
    table = read_recorded(features)
    true = true_values(truth_of(prediction, truth, _names(prediction)), table.person_id, table.index_day)
    return limits(table, true, horizon, lambda said: console.print(f"- {said}"))


def _print(console: Console, prediction: str, horizon: int, found: tuple[Limit, ...]) -> None:
    shown = Table("group", "oracle", "attainable", "stated hazard alone", title=f"{prediction}, {horizon} days")
    for one in found:
        name = "everyone" if one.axis == "all" else f"{one.axis}: {one.level}"
        shown.add_row(name, *(_words(each) for each in (one.oracle, one.attainable, one.hazard)))
    console.print(shown)
    events = found[0].attainable.events
    if events < ENOUGH:
        console.print(
            f"Only {events:,} people with the outcome: more people would raise both limits (from {ENOUGH:,})."
        )


def _words(estimate: Estimate | None) -> str:
    if estimate is None:
        return ""
    shown = publish_figure(estimate, people=estimate.n, events=estimate.events)
    if shown.get("value") is None:
        return "too few"
    return f"{shown['value']:.3f} ({shown['low']:.3f} to {shown['high']:.3f})"


if __name__ == "__main__":
    app()
