"""Predictors as columns of a logistic regression that fold back into one curve each.

A number becomes ramps between knots (0 before the first, 1 after the second), a category one column for each level, and
what is missing a column of its own, the ramps then standing at their mean. All columns are standardised.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from evaluation.inputs import distinct
from registry.curves import Additive, Curve
from registry.model import Column

Floats = NDArray[np.float64]

FEWEST_PEOPLE = 20
"""A level, flag or gap that fewer people have gets no column: it would be fitted to each of them."""
QUANTILES = {2: (0.05, 0.95), 3: (0.05, 0.5, 0.95), 5: (0.05, 0.275, 0.5, 0.725, 0.95)}


@dataclass(frozen=True)
class Part:
    """The columns of one predictor: knots or levels, and the mean, the spread and the allowed sign of each column."""

    knots: tuple[float, ...]
    levels: int
    mean: Floats
    spread: Floats
    sign: NDArray[np.int8]

    def design(self, values: NDArray[np.floating]) -> Floats:
        """The standardised columns, shape (n, m); a column that tells nothing is 0."""
        raw = _raw(np.asarray(values, dtype=np.float64), self.knots, self.levels)
        scaled = np.divide(raw - self.mean, self.spread, out=np.zeros_like(raw), where=self.spread > 0)
        if self.levels:
            # Whoever has a level without a column stands at the mean of all: left at 0 in the columns of the other
            # levels they would be told apart all the same.
            scaled[(raw * (self.spread == 0)).any(axis=1)] = 0.0
        return np.nan_to_num(scaled)

    def curve(self, coefficients: Floats) -> tuple[Floats, float]:
        """What the columns add at each knot or level, and where the value is missing."""
        places = np.arange(self.levels, dtype=np.float64) if self.levels else np.array(self.knots)
        at = self.design(np.append(places, np.nan)) @ coefficients
        return at[:-1], float(at[-1])


def part(column: Column, values: NDArray[np.float32], person: NDArray[np.int64], knots: int) -> Part:
    """Choose the columns of a predictor from the values that development has."""
    found = values[~np.isnan(values)].astype(np.float64)
    places = () if column.levels else _knots(found, knots)
    raw = _raw(values.astype(np.float64), places, len(column.levels))
    ramps = 0 if column.levels else raw.shape[1] - 1
    sign = np.zeros(raw.shape[1], dtype=np.int8)
    sign[:ramps] = {"up": 1, "down": -1, None: 0}[column.direction]
    known = ~np.isnan(raw)
    mean = np.array([raw[known[:, m], m].mean() if known[:, m].any() else 0.0 for m in range(raw.shape[1])])
    spread = np.array([_spread(raw[known[:, m], m], person[known[:, m]]) for m in range(raw.shape[1])])
    return Part(places, len(column.levels), mean, spread, sign)


def curve(of: Part, coefficients: Floats, values: NDArray[np.float32]) -> tuple[Curve, float]:
    """The predictor's curve, centred on the people of development, and the mean that was taken off."""
    at, missing = of.curve(coefficients)
    raw = Curve(of.knots, tuple(at.tolist()), missing, bool(of.levels))
    mean = float(Additive(0.0, (raw,)).contributions(values[:, None]).mean())
    centred = tuple(round(value - mean, 10) for value in raw.values)
    return replace(raw, values=centred, missing=round(raw.missing - mean, 10)), mean


def _raw(values: Floats, knots: tuple[float, ...], levels: int) -> Floats:
    missing = np.isnan(values)
    if levels:
        unseen = missing | ~np.isin(values, np.arange(levels))
        return np.column_stack([*((values == level).astype(float) for level in range(levels)), unseen.astype(float)])
    # With one knot there is nothing to tell apart, and with it no ramp.
    ramps = [np.clip((values - low) / (high - low), 0, 1) for low, high in pairwise(knots)]
    return np.column_stack([*ramps, missing.astype(float)])


def _knots(found: Floats, count: int) -> tuple[float, ...]:
    if not len(found):
        return (0.0,)
    quantiles = np.quantile(found, QUANTILES[count])
    places = np.unique(_rounded(quantiles, float(np.ptp(quantiles))))
    if len(places) == 1:
        # Nearly everyone has one value: a rare flag, a rare count. The two commonest values then carry the ramp.
        values, counts = np.unique(_rounded(found, float(np.ptp(found))), return_counts=True)
        places = np.sort(values[np.argsort(-counts, kind="stable")[:2]])
    return tuple(places.tolist())


def _rounded(values: Floats, span: float) -> Floats:
    """To about a hundredth of the span: a knot is a place on a scale and not somebody's result."""
    digits = 2 - int(np.floor(np.log10(span))) if span > 0 else 6
    return np.asarray(np.round(values, digits))


def _spread(column: Floats, person: NDArray[np.int64]) -> float:
    if not len(column):
        return 0.0
    apart = min(distinct(person, column > column.min()), distinct(person, column < column.max()))
    return float(column.std()) if apart >= FEWEST_PEOPLE else 0.0
