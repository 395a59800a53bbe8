"""Who of a practice is called, because of what, and in which order.

Red flags come first, by urgency and then as the definition has them. Behind them stand treatment gaps and bands above
the lowest, by urgency, then band, then risk: a gap has its place whatever the score, a score alone never goes before a
red flag, and risks of two outcomes are never held against each other. Who lacks a required input is not called but
reached out to, for a risk that cannot be told is no low risk; a red flag calls them all the same.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from features.roll import Roll
from pathways.definition import Prediction
from serving.answer import LARGEST_LOG_ODDS, URGENCIES
from serving.loader import Served

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Ground:
    """What puts somebody on a list: a red flag, a band or a gap of the definition, with what is to be done."""

    source: Literal["rule", "band", "gap"]
    urgency: int
    action: str


@dataclass(frozen=True)
class Called:
    """The n people of a practice for whom one prediction is, or comes nearest.

    `risk` has shape (n,) by the primary horizon, NaN where it cannot be told; `ground` is a position in `grounds`, or
    -1 for who is not called; `bands_above` counts the bands that a risk does not reach.
    """

    prediction: Prediction
    roll: Roll
    risk: NDArray[np.float64]
    ground: NDArray[np.int64]
    bands_above: NDArray[np.int64]

    @cached_property
    def grounds(self) -> tuple[Ground, ...]:
        return grounds_of(self.prediction)

    @cached_property
    def eligible(self) -> Flags:
        return np.asarray(self.roll.eligible == 1.0)

    @cached_property
    def flagged(self) -> Flags:
        """Who is called because of a red flag."""
        flags = sum(one.source == "rule" for one in self.grounds)
        return np.asarray((self.ground >= 0) & (self.ground < flags))

    @cached_property
    def cannot_tell(self) -> Flags:
        """Who lacks a required input, or of whom the records do not tell whether the prediction is for them."""
        return np.isnan(self.roll.eligible) | (self.eligible & self.roll.lacks.any(axis=1))

    @cached_property
    def has_red_flag(self) -> Flags:
        """For whom a red flag speaks, called or not."""
        rules = [at for at, rule in enumerate(self.prediction.rules) if rule.source == "rule"]
        return np.asarray(self.roll.rules[:, rules].any(axis=1))

    def place(self, at: int) -> tuple[int, int, int]:
        """Where somebody who is called stands, before prediction and risk: red flags, urgency, and which of these."""
        ground, number = self.grounds[self.ground[at]], int(self.ground[at])
        flag = ground.source == "rule"
        return (0 if flag else 1, ground.urgency, number if flag else int(self.bands_above[at]))


def grounds_of(prediction: Prediction) -> tuple[Ground, ...]:
    """Red flags, the most urgent first; then by urgency bands above the lowest, which everybody reaches, and gaps."""
    return tuple(ground for ground, _ in _with_columns(prediction))


def called(prediction: Prediction, roll: Roll, served: Served, usable: bool) -> Called:
    """Risk and ground of everybody of a roll; without a usable model the rules alone call."""
    horizons = sorted(prediction.horizons)
    known = (roll.eligible == 1.0) & ~roll.lacks.any(axis=1)
    risks = np.full((len(roll), len(horizons)), np.nan)
    if usable and known.any():
        risks[known] = _risks(roll.some(known), served)
    reached, above = _bands(prediction, risks, horizons)
    ground = _first(_speaks(prediction, roll, known, reached))
    return Called(prediction, roll, risks[:, horizons.index(prediction.primary)], ground, above)


def assigned(rolls: Sequence[Roll]) -> NDArray[np.int64]:
    """The prediction of each person, as for one person alone: the first that is for them, else the first that cannot
    be told, else the one that comes nearest."""
    eligible = np.stack([roll.eligible for roll in rolls])
    fails = np.stack([roll.fails for roll in rolls])
    is_for, unknown = eligible == 1.0, np.isnan(eligible)
    rest = np.where(unknown.any(axis=0), unknown.argmax(axis=0), fails.argmin(axis=0))
    return np.asarray(np.where(is_for.any(axis=0), is_for.argmax(axis=0), rest))


def chosen(everybody: Sequence[Called], capacity: int) -> list[tuple[Called, int]]:
    """As many as there is room for, in order; between two of the same place and risk the lower id decides."""
    waiting = [
        (one.place(at), number, _by_risk(float(one.risk[at])), int(one.roll.person_id[at]), at)
        for number, one in enumerate(everybody)
        for at in np.flatnonzero(one.ground >= 0).tolist()
    ]
    return [(everybody[number], at) for _, number, _, _, at in sorted(waiting)[:capacity]]


def _by_risk(risk: float) -> float:
    """The highest first; a risk that nobody can tell before them, as nothing says that it can wait."""
    return -math.inf if math.isnan(risk) else -risk


def _risks(roll: Roll, served: Served) -> NDArray[np.float64]:
    """Risks of shape (n, horizons), held inside what an answer can show."""
    if served.model is None:
        raise ValueError("a prediction without a model cannot be scored")
    least = 1.0 / (1.0 + math.exp(LARGEST_LOG_ODDS))
    places = [place or None for place in roll.axes["region"].tolist()]
    return np.clip(served.model.risks(roll.values, places), least, 1.0 - least)


def _bands(
    prediction: Prediction, risks: NDArray[np.float64], horizons: Sequence[int]
) -> tuple[Flags, NDArray[np.int64]]:
    """For each person the band that is reached, shape (n, bands), and how many bands stand above it."""
    at = [horizons.index(band.horizon or prediction.primary) for band in prediction.bands]
    limits = np.array([band.at_least for band in prediction.bands], dtype=np.float64)
    reached = np.stack([risks[:, column] for column in at], axis=1) >= limits if at else np.zeros((len(risks), 0), bool)
    highest = np.where(reached, limits, -np.inf).max(axis=1, initial=-np.inf)[:, None]
    return reached & (limits == highest), (limits > highest).sum(axis=1)


def _speaks(prediction: Prediction, roll: Roll, known: Flags, reached: Flags) -> Flags:
    """Which grounds hold for whom, in order, shape (n, grounds)."""
    flag = np.array([rule.source == "rule" for rule in prediction.rules], dtype=np.bool_)
    rules = roll.rules & np.where(flag[None, :], (roll.eligible == 1.0)[:, None], known[:, None])
    columns = [column for _, column in _with_columns(prediction)]
    return np.asarray(np.concatenate([rules, reached], axis=1)[:, columns])


def _with_columns(prediction: Prediction) -> list[tuple[Ground, int]]:
    """The grounds in order, as an answer has its actions, each with its place among all rules and bands."""
    rules, bands = prediction.rules, prediction.bands
    found = [(Ground(one.source, URGENCIES.index(one.urgency), one.action), at) for at, one in enumerate(rules)]
    found += [
        (Ground("band", URGENCIES.index(one.urgency), one.action), at)
        for at, one in enumerate(bands, len(rules))
        if one.at_least > 0 and one.action
    ]
    order = ("rule", "band", "gap")
    return sorted(found, key=lambda each: (each[0].source != "rule", each[0].urgency, order.index(each[0].source)))


def _first(speaks: Flags) -> NDArray[np.int64]:
    if not speaks.shape[1]:
        return np.full(len(speaks), -1, dtype=np.int64)
    return np.asarray(np.where(speaks.any(axis=1), speaks.argmax(axis=1), -1))
