"""`python -m training validate`: later in time on other people; in regions and boards left out; drawn as forests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from rich.table import Table

from evaluation.disclosure import publish_rows
from evaluation.groups import by_axis, followable
from features.table import FeatureTable
from training.candidates import OUTCOMES_FOR_TREES, Effort, choose, fit
from training.card import count, interval
from training.evidence import KEPT, recalibrated, risks
from training.figures import forest
from training.places import left_out
from training.sample import sample
from training.split import split
from training.task import Task, refuse_if_impossible, refuse_if_one_sided
from training.train import LEAST_OUTCOMES

AXES = {"region": "regions", "area": "boards"}
DRAWN = {"c_statistic": (0.7, False), "observed_over_expected": (1.0, True), "slope": (1.0, False)}
"""Around which value each measure is drawn, and whether on a logarithmic scale."""


def validated(task: Task, table: FeatureTable, effort: Effort, step: Callable[[str], None]) -> dict[str, Any]:
    """Choose as training does, examine on other people (later where the records allow), then in places left out."""
    followed = table.rows(followable(table, task.primary))
    refuse_if_impossible(task, table, followed, LEAST_OUTCOMES)
    parted = split(followed, task.primary, effort.seed)
    development, validation = followed.rows(parted.development), followed.rows(parted.validation)
    refuse_if_one_sided(task, development)
    step("Choosing a model")
    people = sample(development, task.primary, effort.seed)
    enough = people.outcomes >= OUTCOMES_FOR_TREES
    trees = fit("lightgbm", people, task.columns, effort) if enough else None
    chosen = choose(people, development.family, fit("logistic", people, task.columns, effort), trees).chosen
    model = task.model(chosen, recalibrated(task, chosen.out_of_fold, development))
    risk = risks(model, validation)[:, model.recalibration.primary_index]
    everyone = publish_rows(by_axis(validation, risk, task.primary, axes=()))[0]
    there = "other people at later dates" if parted.cut is not None else f"other people; {parted.why_not_later}"
    return {
        "validation_is": there,
        "everyone": {name: everyone[name] for name in KEPT},
        "left_out": {
            named: left_out(axis, task, chosen, development, validation, effort, step) for axis, named in AXES.items()
        },
    }


def validation_tables(found: Mapping[str, Any]) -> Iterator[Table | str]:
    """For people to read."""
    yield f"\n[bold]{found['name']}[/bold], on {found['validation_is']}"
    yield _table("everybody", [("all", found["everyone"])])
    for named, told in found["left_out"].items():
        yield _table(f"{named} left out", [(each["place"], each) for each in told["places"]])
        yield from map(_pooled, told["heterogeneity"])


def _table(title: str, rows: list[tuple[str, Mapping[str, Any]]]) -> Table:
    table = Table("place", "people", "with the outcome", "c-statistic", "observed over expected", "slope", title=title)
    for name, row in rows:
        figures = (interval(row[each], 2) for each in ("c_statistic", "observed_over_expected", "slope"))
        table.add_row(name, count(row["people"]), count(row["events"]), *figures)
    return table


def _pooled(one: Mapping[str, Any]) -> str:
    name = one["measure"].replace("_", " ")
    if one["state"] != "ok":
        return f"- {name}: {one['why']}"
    new = f"a new place may expect {one['new_low']:.2f} to {one['new_high']:.2f}"
    return f"- {name}: {one['value']:.2f} ({one['low']:.2f} to {one['high']:.2f}) over {one['places']} places; {new}"


def drawn_forests(found: Mapping[str, Any], folder: Path) -> Iterator[Path]:
    """A forest plot of each measure in each kind of place."""
    folder.mkdir(parents=True, exist_ok=True)
    for named, told in found["left_out"].items():
        for measure, (around, log) in DRAWN.items():
            rows = [(each["place"], each[measure]) for each in told["places"]]
            drawn = forest(rows, f"{found['name']}: {measure.replace('_', ' ')} in {named} left out", around, log)
            if drawn:
                path = folder / f"{found['name']}.{named}.{measure}.svg"
                path.write_text(drawn.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1), encoding="utf-8")
                yield path
