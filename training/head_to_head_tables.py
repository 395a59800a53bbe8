"""Two models side by side, as the command prints them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.table import Table

from training.card import count, interval

NAMES = {
    "c_statistic": "c-statistic",
    "average_precision": "average precision",
    "observed_over_expected": "observed over expected",
    "slope": "calibration slope",
    "brier": "Brier score",
    "scaled_brier": "index of accuracy (IPA)",
}


def head_to_head_tables(found: dict[str, Any]) -> Iterator[Table | str]:
    """What changes if the second model takes over from the first."""
    first, second = found["models"]
    whole = found["groups"][0]
    yield f"\n[bold]{_name(first)}[/bold] (first) against [bold]{_name(second)}[/bold] (second)"
    yield f"{found['outcome']}, by {found['horizon_days']} days"
    yield (
        f"On {found['compared_on']}: {count(whole['people'])} people, {count(whole['index_dates'])} index dates, "
        f"{count(whole['events'])} people with the outcome"
    )
    yield from (f"Assumed: {each}." for each in found["assumed"])
    worst = {(each["measure"], each["threshold"]): each["region"] for each in found["worst_region"]}
    for group in found["groups"]:
        yield _group(group, worst)
    if found["moves"]:
        yield from _moves(found["moves"])


def measure_name(figure: Mapping[str, Any]) -> str:
    """A measure in words, a threshold with it."""
    if figure["measure"] == "net_benefit":
        return f"net benefit at {100 * figure['threshold']:.3g}%"
    return NAMES[figure["measure"]]


def _name(model: Mapping[str, Any]) -> str:
    return f"{model['name']} version {model['version']}"


def _group(group: Mapping[str, Any], worst: Mapping[tuple[str, float | None], str]) -> Table:
    who = "everyone" if group["axis"] == "all" else f"{group['axis']} {group['level']}"
    sizes = f"{count(group['people'])} people, {count(group['events'])} with the outcome"
    table = Table("measure", "first", "second", "second less first", "", title=f"{who}: {sizes}", title_justify="left")
    for figure in group["figures"]:
        digits = 4 if figure["measure"] in ("brier", "net_benefit") else 3
        here = group["axis"] == "region" and worst.get((figure["measure"], figure["threshold"])) == group["level"]
        shown = (interval(figure[name], digits) for name in ("first", "second", "change"))
        table.add_row(measure_name(figure), *shown, figure["says"] + (" (worst region)" if here else ""))
    return table


def _moves(moves: Mapping[str, Any]) -> Iterator[Table | str]:
    yield f"\nWho changes band, each of {count(moves['people'])} people at the newest index date:"
    for part, rows in moves["tables"].items():
        table = Table("band by the first", *(f"{name} by the second" for name in moves["bands"]), title=part)
        table.title_justify = "left"
        for name, row in zip(moves["bands"], rows, strict=True):
            table.add_row(name, *(count(each) for each in row))
        yield table
    for each in moves["offered"]:
        yield f"{each['band']} and above: {each['says']}"
        yield f"  of those with the outcome {_share(each['with_outcome'])}, without {_share(each['without_outcome'])}"


def _share(change: Mapping[str, Any]) -> str:
    """A change of share in 1,000, with its sign."""
    if change["value"] is None:
        return "hidden"
    if change["low"] == change["high"] == 0:
        return "nobody goes in or out"
    value, low, high = (f"{1000 * change[end]:+.0f}" for end in ("value", "low", "high"))
    return f"{value} in 1,000 ({low} to {high})"
