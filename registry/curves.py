"""An additive model: one curve for each predictor, so every contribution is exact and free."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray


class CurveRefused(ValueError):
    """A curve that cannot be read as a function of its predictor."""


@dataclass(frozen=True)
class Curve:
    """What a predictor adds to the log-odds: straight lines between knots, flat outside; or a value for each level.

    A curve with `levels` takes the level number (0, 1, ...) and its `knots` are empty; any other number is unseen and
    counts as missing.
    """

    knots: tuple[float, ...]
    values: tuple[float, ...]
    missing: float
    levels: bool = False

    def __post_init__(self) -> None:
        if not np.all(np.isfinite([*self.knots, *self.values, self.missing])):
            raise CurveRefused("a curve holds a number that is not finite")
        if not self.values or (not self.levels and len(self.knots) != len(self.values)):
            raise CurveRefused("a curve needs one value for each knot, and at least one")
        if any(low >= high for low, high in zip(self.knots, self.knots[1:], strict=False)):
            raise CurveRefused("the knots of a curve must rise")


@dataclass(frozen=True)
class Additive:
    """log-odds = bias + the sum of the curves; the bias is the mean log-odds of the people of training."""

    bias: float
    curves: tuple[Curve, ...]

    def contributions(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """What each predictor adds to the log-odds, shape (n, k), of `values` of shape (n, k), NaN for missing."""
        known = self._table.only_known(np.asarray(values, dtype=np.float64))
        segment = self._table.segments_of_row(known) if len(known) == 1 else self._table.segments(known)
        return self._table.read(known, segment)

    @cached_property
    def _table(self) -> _Table:
        return _Table.of(self.curves)


@dataclass(frozen=True)
class _Table:
    """The curves as padded arrays of shape (k, segments): a segment starts at an origin with a value and a slope.

    One row and many rows are read through the same arithmetic, so a person gets the same bits alone or in a list.
    """

    knots: NDArray[np.float64]
    origin: NDArray[np.float64]
    value: NDArray[np.float64]
    slope: NDArray[np.float64]
    missing: NDArray[np.float64]
    last_level: NDArray[np.float64]

    @classmethod
    def of(cls, curves: tuple[Curve, ...]) -> _Table:
        segments = 1 + max((len(curve.values) for curve in curves), default=0)
        table = cls(
            knots=np.full((len(curves), segments - 1), np.inf),
            origin=np.zeros((len(curves), segments)),
            value=np.zeros((len(curves), segments)),
            slope=np.zeros((len(curves), segments)),
            missing=np.array([curve.missing for curve in curves], dtype=np.float64),
            last_level=np.array([len(c.values) - 1.0 if c.levels else np.nan for c in curves], dtype=np.float64),
        )
        for row, curve in enumerate(curves):
            table._fill(row, curve)
        return table

    def _fill(self, row: int, curve: Curve) -> None:
        count = len(curve.values)
        knots = np.arange(count, dtype=np.float64) if curve.levels else np.array(curve.knots)
        values = np.array(curve.values)
        self.knots[row, :count] = knots
        self.origin[row, : count + 1] = np.concatenate([knots[:1], knots])
        self.value[row, : count + 1] = np.concatenate([values[:1], values])
        if not curve.levels:
            self.slope[row, 1:count] = np.diff(values) / np.diff(knots)

    def only_known(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """The same values with unseen levels made missing."""
        unseen = (values < 0) | (values > self.last_level) | (np.floor(values) != values)
        return np.where(unseen & ~np.isnan(self.last_level), np.nan, values)

    def segments(self, values: NDArray[np.float64]) -> NDArray[np.int64]:
        found = np.empty(values.shape, dtype=np.int64)
        for column, knots in enumerate(self.knots):
            found[:, column] = np.searchsorted(knots[np.isfinite(knots)], values[:, column], side="right")
        return found

    def segments_of_row(self, row: NDArray[np.float64]) -> NDArray[np.int64]:
        passed: NDArray[np.int64] = np.sum(self.knots <= row[0][:, None], axis=1, dtype=np.int64, keepdims=True)
        return passed.T

    def read(self, values: NDArray[np.float64], segment: NDArray[np.int64]) -> NDArray[np.float64]:
        column = np.arange(values.shape[1])
        line = self.value[column, segment] + self.slope[column, segment] * (values - self.origin[column, segment])
        return np.where(np.isnan(values), self.missing, line)
