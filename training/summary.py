"""What the command prints at the end: the evidence in three tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.table import Table

from registry.model import Model
from training.card import count, interval, share
from training.certificate import IN_WORDS


def facts(model: Model, version: str, digest: str) -> dict[str, Any]:
    """The result for machines: who the model is and all its evidence."""
    return {
        "name": model.name,
        "version": version,
        "digest": digest,
        "kind": model.kind,
        "trained_on": model.trained_on,
        "places": sorted(model.recalibration.places),
        "evidence": model.evidence,
    }


def tables(result: dict[str, Any]) -> Iterator[Table | str]:
    """The result for people."""
    evidence = result["evidence"]
    chosen, sizes = evidence["candidates"], evidence["data"]
    yield f"\n[bold]{result['name']}[/bold] version {result['version']}, challenger, digest {result['digest'][:12]}"
    yield f"{result['kind']}: {chosen['why']}; out of fold " + ", ".join(
        f"{kind} {interval(figure)}" for kind, figure in sorted(chosen["c_statistic"].items())
    )
    yield (
        ", ".join(
            f"{side}: {count(sizes[side]['people'])} people, {count(sizes[side]['index_dates'])} index dates, "
            f"{count(sizes[side]['outcomes'])} people with the outcome"
            for side in ("development", "validation")
        )
        + f" ({sizes['validation_is']})"
    )
    yield _groups(evidence)
    yield _comparators(evidence)
    if evidence["left_out_regions"]:
        yield _left_out(evidence)
    yield _certificate(evidence["leakage"])
    yield from _verdict(evidence["gate"])


IN_A_WORD = {"pass": "passes", "refuse": "REFUSED", "simpler ships": "the simpler one ships"}


def gate_tables(result: dict[str, Any]) -> Iterator[Table | str]:
    """What the gate says of a registered model, cell by cell."""
    found = result["gate"]
    yield f"\n[bold]{result['name']}[/bold] version {result['version']}, digest {result['digest'][:12]}"
    table = Table("rule", "group", "state", "what was found", title="The gate")
    for cell in found["cells"]:
        group = "" if cell["axis"] == "all" else f"{cell['axis'].replace('_', ' ')} {cell['level']}"
        table.add_row(cell["rule"], group, cell["state"], cell["says"])
    yield table
    yield from _verdict(found)
    for axis, levels in found["scope"]["not_for"].items():
        yield f"May not be signed for: {axis.replace('_', ' ')} {', '.join(levels)}"


def _verdict(found: dict[str, Any]) -> Iterator[str]:
    yield f"The gate: [bold]{IN_A_WORD[found['verdict']]}[/bold]"
    yield from (f"- {each}" for each in found["reasons"])
    yield from (f"- besides: {each}" for each in found["also"])
    yield from (f"- to watch: {each}" for each in found["watch"])


def certificate_tables(result: dict[str, Any]) -> Iterator[Table | str]:
    """A leakage certificate by itself, as its command prints it."""
    yield f"\n[bold]{result['name']}[/bold], {result['trained_on']}: leakage certificate {IN_WORDS[result['state']]}"
    yield _certificate(result)
    yield from (
        f"Declared: {each['predictor']}, {interval(each['c_statistic'])}: {each['because']}"
        for each in result["declared"]
    )


def _certificate(certificate: dict[str, Any]) -> Table:
    table = Table("could it know what nobody could know?", "", "what was found", title="Leakage certificate")
    for check in certificate["checks"]:
        table.add_row(check["asks"], IN_WORDS[check["state"]], check["says"])
    return table


def _groups(evidence: dict[str, Any]) -> Table:
    table = Table(
        "group",
        "people",
        "index dates",
        "with the outcome",
        "c-statistic",
        "observed over expected",
        "slope",
        title=f"On people whom the model had not seen, by {evidence['horizon_days']} days",
    )
    for row in evidence["groups"]:
        if row["axis"] in ("all", "region"):
            _add(table, row["level"], row)
    return table


def _left_out(evidence: dict[str, Any]) -> Table:
    headings = ("region", "people", "index dates", "with the outcome", "c-statistic", "observed over expected", "slope")
    table = Table(*headings, title="Trained without the region, examined in it")
    for row in evidence["left_out_regions"]:
        _add(table, row["region"], row)
    return table


def _add(table: Table, name: str, row: dict[str, Any]) -> None:
    calibration = (interval(row["observed_over_expected"], 2), interval(row["slope"], 2))
    counts = (count(row[each]) for each in ("people", "index_dates", "events"))
    table.add_row(name, *counts, interval(row["c_statistic"]), *calibration)


def _comparators(evidence: dict[str, Any]) -> Table:
    headings = ("comparator", "computable for", "its c-statistic", "the model's, same people", "gain")
    table = Table(*headings, title="Against what there is already")
    best = evidence["best_single_variable"]
    for each in [*evidence["comparators"], best | {"name": f"best single: {best['name']}"}]:
        figures = (interval(each[name]) for name in ("c_statistic", "model_c_statistic", "gain"))
        table.add_row(each["name"], share(each["computable"]), *figures)
    return table
