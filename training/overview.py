"""Several predictions in one table: ours, the limits, each comparator, and calibration by region."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from evaluation.disclosure import publish_figure
from evaluation.inputs import InputError
from evaluation.limits import Recorded, limits, true_values, truth_of
from evaluation.naming import level_name
from features.table import FeatureTable
from training.card import count, interval, share
from training.train import Step

COLUMNS = (
    "prediction",
    "with the outcome, of people",
    "ours",
    "attainable",
    "oracle",
    "compared with (computable): theirs, our gain",
    "observed over expected",
    "slope",
    "the gate says",
)


def limits_of(
    name: str, table: FeatureTable, truth: Path | None, horizon: int, step: Step, others: Collection[str] = ()
) -> dict[str, Any]:
    """How well anybody could predict this, where the truth is known: `attainable` and `oracle`, else nothing."""
    if truth is None or not truth.is_dir():
        return {}
    recorded = Recorded(**{field: getattr(table, field) for field in Recorded.__dataclass_fields__})
    try:
        true = true_values(truth_of(name, truth, others), table.person_id, table.index_day)
        everyone = limits(recorded, true, horizon, step)[0]
    except InputError:
        return {}
    parts = {"attainable": everyone.attainable, "oracle": everyone.oracle}
    return {part: publish_figure(one, people=one.n, events=one.events) for part, one in parts.items()}


def overview(results: Sequence[Mapping[str, Any]]) -> Table:
    """The table for people."""
    table = Table(*COLUMNS, title="On people whom the models had not seen", show_lines=True)
    for result in results:
        table.add_row(*("\n".join(cell) for cell in _cells(result)))
    return table


def page(results: Sequence[Mapping[str, Any]], problems: Iterable[str], command: str) -> str:
    """The table as a Markdown page, with what could not be trained and why."""
    lines = ["# Every prediction, on one population\n", f"Made by `{command}`; do not edit.\n"]
    lines += ["| " + " | ".join(COLUMNS) + " |", "|" + "---|" * len(COLUMNS)]
    lines += ["| " + " | ".join("<br>".join(cell) for cell in _cells(result)) + " |" for result in results]
    lines += [
        "",
        "Everybody is synthetic: this shows that the machinery works, and nothing about medicine. c-statistics and",
    ]
    lines += [
        "calibration with 95% intervals; slope and observed over expected by region, the whole first. People of one"
    ]
    lines += ["family count once. The rules of the gate: training/promotion.py."]
    said = [f"- {line}" for problem in problems for line in problem.splitlines()[:2]]
    return "\n".join([*lines, *(["", "## Not trained, and why", *said] if said else [])]) + "\n"


def _cells(result: Mapping[str, Any]) -> Iterator[list[str]]:
    evidence = result["evidence"]
    groups = [row for row in evidence["groups"] if row["axis"] in ("all", "region")]
    everyone = groups[0]
    yield [result["name"], f"{result['kind']}, {evidence['horizon_days']} days"]
    yield [f"{count(everyone['events'])} of {count(everyone['people'])}"]
    yield [interval(everyone["c_statistic"])]
    for limit in ("attainable", "oracle"):
        yield [interval(result["limits"][limit]) if limit in result["limits"] else ""]
    yield [_against(each) for each in evidence["comparators"]]
    for name in ("observed_over_expected", "slope"):
        yield [f"{level_name(row['axis'], row['level'])}: {interval(row[name], 2)}" for row in groups]
    yield [evidence["gate"]["verdict"], *_reasons(evidence["gate"]["reasons"])]


def _reasons(reasons: Iterable[str]) -> Iterator[str]:
    """Each rule once, with the regions and ethnic groups in which it was not kept."""
    found: dict[str, list[str]] = {}
    for reason in reasons:
        head = reason.partition(": ")[0]
        rule, _, group = head.rpartition(" (")
        of_group = group.startswith(("region ", "ethnic group "))
        found.setdefault(rule if of_group else head, []).extend([group.removesuffix(")")] if of_group else [])
    for rule, groups in found.items():
        told = ", ".join(each.removeprefix("ethnic group ").removeprefix("region ") for each in groups)
        yield f"{rule}: {told}" if told else rule


def _against(one: Mapping[str, Any]) -> str:
    return f"{one['name']} ({share(one['computable'])}): {interval(one['c_statistic'])}, {interval(one['gain'])}"
