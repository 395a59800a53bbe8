"""Two registered models on the same people, on whom neither learnt: what changes if the second takes over."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.disclosure import publish_figure, publish_rows, suppress, withheld
from evaluation.estimate import Estimate
from evaluation.groups import Row, by_axis, followable, known
from evaluation.inputs import distinct
from evaluation.paired import Changes, changes
from evaluation.reclassification import moves, publish_moves
from features.table import FeatureTable
from pathways.definition import Prediction
from registry.model import Model
from training.rivals import CannotCompare, Rival, assumed, compared_on, unseen_by_both

Floats = NDArray[np.float64]

AXES = ("region",)
BETTER = {"c_statistic": 1, "average_precision": 1, "scaled_brier": 1, "net_benefit": 1, "brier": -1}
"""Which way is better; observed over expected and the slope are better nearer to 1."""


def compared(rivals: Sequence[Rival], table: FeatureTable, prediction: Prediction, by_neither: bool) -> dict[str, Any]:
    """Every measure of both with paired differences, by region, and who would change band.

    With `by_neither` the caller states that neither model learnt from these records, so everyone is compared.
    """
    horizon = rivals[0].model.recalibration.primary
    followed = table.rows(followable(table, horizon))
    people = followed.rows(unseen_by_both(rivals, table, followed, by_neither))
    if not len(people):
        raise CannotCompare(["nobody here was followed to the horizon and unseen by both; give other records"])
    risks = [_risks(rival.model, people) for rival in rivals]
    primary = [each[:, rival.model.recalibration.primary_index] for each, rival in zip(risks, rivals, strict=True)]
    thresholds = tuple(
        band.at_least for band in prediction.bands if 0 < band.at_least < 1 and band.horizon in (None, horizon)
    )
    groups = _groups(people, primary, horizon, thresholds)
    return {
        "models": [_about(rival) for rival in rivals],
        "outcome": prediction.outcome_wording,
        "horizon_days": horizon,
        "compared_on": compared_on(rivals, by_neither),
        "assumed": list(assumed(rivals, prediction)),
        "groups": groups,
        "worst_region": _worst(groups),
        "moves": _moves(rivals, people, risks, prediction, horizon),
    }


def _risks(model: Model, table: FeatureTable) -> Floats:
    at = [table.columns.index(column.name) for column in model.columns]
    return model.risks(np.ascontiguousarray(table.values[:, at]), table.axes["region"].tolist())


def _about(rival: Rival) -> dict[str, Any]:
    model = rival.model
    return {
        "name": model.name,
        "version": rival.version,
        "digest": rival.digest,
        "kind": model.kind,
        "made_on": model.made_on.isoformat(),
        "trained_on": model.trained_on,
    }


def _groups(
    table: FeatureTable, risks: Sequence[Floats], horizon: int, thresholds: tuple[float, ...]
) -> list[dict[str, Any]]:
    axes = [axis for axis in AXES if np.any(table.axes[axis] != "")]
    exact = [by_axis(table, risk, horizon, axes, thresholds) for risk in risks]
    shown = [publish_rows(rows) for rows in exact]
    both = changes(table, risks[0], risks[1], horizon, axes, thresholds)
    return [
        {name: shown[0][at][name] for name in ("axis", "level", "people", "index_dates", "events")}
        | {"figures": list(_figures(found, [rows[at] for rows in exact], [rows[at] for rows in shown]))}
        for at, found in enumerate(both)
    ]


def _figures(found: Changes, exact: Sequence[Row], shown: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Each measure of one group: both models, second minus first, and what that says."""
    people = shown[0]["people"] or 0
    steps = {"observed_over_expected": people * (shown[0]["mean_risk"] or 0.0), "brier": people}
    for name, change in found.figures.items():
        off = [_off(getattr(row.measures, name).value) for row in exact]
        yield _figure(name, None, [row[name] for row in shown], (change, found, steps.get(name)), off[1] - off[0])
    for at, change in enumerate(found.net_benefit):
        points = [row["thresholds"][at] for row in shown]
        figures = [point["net_benefit"] for point in points]
        yield _figure("net_benefit", points[0]["threshold"], figures, (change, found, people), 0.0)


def _figure(
    name: str,
    threshold: float | None,
    shown: Sequence[Mapping[str, Any]],
    change: tuple[Estimate, Changes, float | None],
    farther: float,
) -> dict[str, Any]:
    found, group, per = change
    # Shown in the same steps as the figures themselves, and hidden where either of them is.
    closed = any(each["state"] == "suppressed" for each in shown)
    published = withheld(found) if closed else publish_figure(found, group.known, group.events, per)
    loss = -BETTER[name] * found.value if name in BETTER else farther
    return {
        "measure": name,
        "threshold": threshold,
        "first": dict(shown[0]),
        "second": dict(shown[1]),
        "change": published,
        "says": _says(name, published["state"], found, loss),
        "loss": None if published["state"] != "ok" else round(loss, 6),
    }


def _says(name: str, state: str, found: Estimate, loss: float) -> str:
    """What a difference shows; nothing that rests on too little shows anything."""
    if state != "ok":
        return {"suppressed": "hidden", "insufficient": "too few to say"}[state]
    if found.low == found.high == 0:
        return "the same"
    if found.low <= 0 <= found.high:
        return "no difference shown"
    if name in BETTER:
        return "the second is worse" if loss > 0 else "the second is better"
    return "the second is farther from 1" if loss > 0 else "the second is nearer to 1"


def _off(value: float) -> float:
    """How far a ratio or slope is from 1; a slope of 0 or less is as far as can be."""
    return abs(math.log(value)) if value > 0 else math.inf


def _worst(groups: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """For each measure the region in which the second does worst against the first, among those with enough people."""
    regions = [group for group in groups if group["axis"] == "region"]
    found = []
    for at, figure in enumerate(groups[0]["figures"]):
        told = {group["level"]: group["figures"][at]["loss"] for group in regions}
        told = {level: loss for level, loss in told.items() if loss is not None and loss > 0}
        if told:
            region = max(told, key=lambda level: told[level])
            found.append({"measure": figure["measure"], "threshold": figure["threshold"], "region": region})
    for group in groups:
        for figure in group["figures"]:
            del figure["loss"]  # exact, so it stays here
    return found


def _moves(
    rivals: Sequence[Rival], table: FeatureTable, risks: Sequence[Floats], prediction: Prediction, horizon: int
) -> dict[str, Any]:
    """Who changes band: each person once, at the newest of their index dates."""
    if len(prediction.bands) < 2:
        return {}
    seen, last = known(table, horizon), _newest(table)
    bands = [_bands(rival.model, risk, prediction)[last] for rival, risk in zip(rivals, risks, strict=True)]
    found = moves(bands[0], bands[1], len(prediction.bands), seen.outcome[last], seen.weight[last], table.family[last])
    published = publish_moves(found)
    for each in published["offered"]:
        band = prediction.bands[each["band"]]
        each |= {"band": band.name, "at_least": band.at_least, "action": band.action}
        each["says"] = _offer(each["everyone"], band.action)
    return {
        "people": suppress(distinct(table.person_id[last], np.ones(len(bands[0]), dtype=bool))),
        "bands": [band.name for band in prediction.bands],
        **published,
    }


def _newest(table: FeatureTable) -> NDArray[np.int64]:
    """The row of each person's newest index date."""
    order = np.lexsort((table.index_day, table.person_id))
    person = table.person_id[order]
    last: NDArray[np.int64] = order[np.append(person[1:] != person[:-1], True)]
    return last


def _bands(model: Model, risks: Floats, prediction: Prediction) -> NDArray[np.int64]:
    """The highest band that each row reaches, by the risk at the band's own horizon, as an answer gives it."""
    place = {horizon: at for at, horizon in enumerate(model.recalibration.horizons)}
    found = np.zeros(len(risks), dtype=np.int64)
    for number, band in enumerate(prediction.bands):
        reached = risks[:, place[band.horizon or model.recalibration.primary]] >= band.at_least
        found[reached] = number
    return found


def _offer(change: Mapping[str, Any], action: str) -> str:
    """A change of share as people in 1,000 who would get more, or less, of an action."""
    if change["value"] is None:
        return f"Too few people go in or out to say how many more or fewer would get: {action}"
    value, low, high = (round(1000 * change[end]) for end in ("value", "low", "high"))
    if change["low"] == change["high"] == 0:
        return f"Nobody goes in or out, so as many would get: {action}"
    if change["low"] * change["high"] > 0:
        ends = sorted((abs(low), abs(high)))
        between = f"{ends[0]} to {ends[1]}"
    else:
        between = f"from {abs(low)} fewer to {abs(high)} more"
    return f"{abs(value)} in 1,000 {'more' if value >= 0 else 'fewer'} ({between}) would get: {action}"
