"""What a list is worth and who is not on it: the threshold that its room implies, its PPV, and groups left behind.

Counts small enough to name somebody are hidden, for this part goes further than the practice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.axes import UNKNOWN, pooled
from evaluation.disclosure import suppress, suppress_table
from features.programme import criteria
from features.reasons import left_out
from pathways.definition import Prediction
from registry.model import Model
from serving.answer import URGENCIES
from serving.desk import Desk
from serving.list_order import Called, Flags

AXES = ("ethnicity", "deprivation")
LEVEL = 0.95


def summary(desk: Desk, pathway: str, one: Called, listed_at: Sequence[int]) -> dict[str, Any]:
    """One prediction of a list, of which the people at some positions are listed, in the order of the list."""
    listed = np.zeros(len(one.roll), dtype=np.bool_)
    listed[list(listed_at)] = True
    by_score = [at for at in listed_at if not one.flagged[at] and not np.isnan(one.risk[at])]
    waiting = (one.ground >= 0) & ~listed
    limit = _threshold(one, by_score, waiting)
    served = desk.loaded.served[pathway, one.prediction.name]
    refusal = served.refusal(desk.use, desk.today())
    not_eligible = one.roll.eligible == 0.0
    return {
        "prediction": one.prediction.name,
        "outcome": one.prediction.outcome_wording,
        "model": None if served.model is None else {"version": served.version, "digest": served.digest},
        "no_risk_because": None if refusal is None else refusal.text,
        "eligible": suppress(int(one.eligible.sum())),
        "listed": len(listed_at),
        "by_red_flag": int((listed & one.flagged).sum()),
        "by_gap": sum(one.grounds[one.ground[at]].source == "gap" for at in listed_at),
        "no_room_for": suppress(int(waiting.sum())),
        "no_room_for_red_flags": suppress(int((waiting & one.flagged).sum())),
        "threshold": limit,
        "expected": expected(one.risk[by_score]),
        "validated": seen(served.model, one.risk[by_score]),
        "left_out": _left_out(one, not_eligible),
        "left_out_with_a_red_flag": suppress(int((not_eligible & one.has_red_flag).sum())),
        "to_know": [
            *(f"Not usable yet {setting.where}: {setting.why}" for setting in one.prediction.not_usable_in),
            *one.prediction.cautions,
        ],
        "outreach": suppress(int((one.cannot_tell & (one.ground < 0)).sum())),
    }


def _threshold(one: Called, by_score: Sequence[int], waiting: Flags) -> dict[str, Any] | None:
    """The risk at which room ends: of the last who is listed without a red flag, if anybody waits behind; else the
    bands decide who is listed."""
    if not by_score or not waiting.any():
        return None
    last = by_score[-1]
    return {"risk": float(one.risk[last]), "urgency": URGENCIES[one.grounds[one.ground[last]].urgency]}


def expected(risk: NDArray[np.float64]) -> dict[str, Any] | None:
    """Of people ranked by risk, the share who should have the outcome if their risks are right: the mean risk.

    The interval is that of chance alone, from the exact distribution of a number of unlike chances (Poisson binomial).

    Examples
    --------
    >>> found = expected(np.array([0.5, 0.25]))
    >>> found["ppv"], round(found["number_needed_to_review"], 2), found["low"], found["high"]
    (0.375, 2.67, 0.0, 1.0)
    """
    if not len(risk):
        return None
    chances = np.ones(1)
    for each in risk.tolist():
        chances = np.convolve(chances, (1 - each, each))
    low, high = np.searchsorted(np.cumsum(chances), ((1 - LEVEL) / 2, (1 + LEVEL) / 2))
    ppv = float(risk.mean())
    return {
        "people": len(risk),
        "ppv": ppv,
        "low": float(low) / len(risk),
        "high": float(min(high, len(risk))) / len(risk),
        "level": LEVEL,
        "kind": "chance alone, if the risks are right",
        "number_needed_to_review": 1 / ppv,
    }


def seen(model: Model | None, risk: NDArray[np.float64]) -> dict[str, Any] | None:
    """What the evidence says at the list's threshold, or at the next lower one that was examined; None without one."""
    if model is None or not len(risk):
        return None
    everyone: Mapping[str, Any] = next(iter(model.evidence.get("groups", ())), {})
    lowest = float(risk.min())
    examined = [each for each in everyone.get("thresholds", ()) if each["threshold"] <= lowest]
    if not examined:
        return None
    nearest = max(examined, key=lambda each: each["threshold"])
    ppv = nearest["ppv"]
    return {
        "threshold": nearest["threshold"],
        "exact": bool(np.isclose(nearest["threshold"], lowest, rtol=0, atol=5e-4)),
        "ppv": ppv,
        "number_needed_to_review": 1 / ppv["value"] if ppv["value"] else None,
    }


def reasons_left_out(prediction: Prediction) -> list[str]:
    """What is said of somebody for whom a part of the population does not hold, part by part."""
    return [left_out(part).text for part in criteria(prediction)]


def _left_out(one: Called, people: Flags) -> list[dict[str, Any]]:
    """Who is not asked about, by the first reason."""
    told = reasons_left_out(one.prediction)
    reasons = [told[at] for at in one.roll.left_out[people].tolist()]
    counts = {reason: reasons.count(reason) for reason in dict.fromkeys(told)}
    return [{"reason": reason, "people": suppress(count)} for reason, count in counts.items() if count]


def groups(everybody: Sequence[Called], listed: Sequence[tuple[Called, int]]) -> dict[str, list[dict[str, Any]]]:
    """For each ethnic group and deprivation fifth its share of the eligible beside its share of the list.

    No small count is shown, nor one from which a small one follows; shares are of rounded counts.
    """
    eligible = np.concatenate([one.eligible for one in everybody])
    on_it = np.concatenate(
        [np.isin(np.arange(len(one.roll)), [at for of, at in listed if of is one]) for one in everybody]
    )
    levels = {axis: np.concatenate([one.roll.axes[axis] for one in everybody]) for axis in AXES}
    levels["ethnicity"] = pooled(levels["ethnicity"])
    return {axis: _of_axis(level[eligible], on_it[eligible]) for axis, level in levels.items()}


def _of_axis(level: NDArray[np.str_], on_it: Flags) -> list[dict[str, Any]]:
    names = sorted({str(one) for one in level}, key=lambda name: (name in ("", UNKNOWN), name))
    whole = {name: int((level == name).sum()) for name in names}
    part = {name: int((on_it & (level == name)).sum()) for name in names}
    in_whole, in_part = suppress_table(whole), suppress_table(part)
    in_part |= {name: None for name in names if in_whole[name] is None}
    return [
        {
            "level": name or UNKNOWN,
            "eligible": in_whole[name],
            "listed": in_part[name],
            "share_of_eligible": _share(in_whole[name], len(level)),
            "share_of_list": _share(in_part[name], int(on_it.sum())),
        }
        for name in names
    ]


def _share(count: int | None, of: int) -> float | None:
    total = suppress(of)
    return None if count is None or not total else min(1.0, count / total)
