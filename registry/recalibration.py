"""From a log-odds to a risk: one positive slope for each place and one intercept for each horizon."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Place = str | None


class RecalibrationRefused(ValueError):
    """A recalibration under which risks would fall with the log-odds or cross between horizons."""


def expit(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """The probability that has this log-odds, without overflow on either side.

    >>> expit(np.array([0.0, -800.0])).tolist()
    [0.5, 0.0]
    """
    small = np.exp(-np.abs(log_odds))
    return np.where(log_odds >= 0, 1.0, small) / (1.0 + small)


@dataclass(frozen=True)
class Affine:
    """log-odds of the risk at each horizon = intercept of that horizon + slope * log-odds of the model."""

    slope: float
    intercepts: tuple[float, ...]

    def __post_init__(self) -> None:
        if not (np.isfinite(self.slope) and self.slope > 0):
            raise RecalibrationRefused("the slope of a recalibration must be above zero")
        if not np.all(np.isfinite(self.intercepts)) or list(self.intercepts) != sorted(self.intercepts):
            raise RecalibrationRefused("the intercepts must be finite and not fall from one horizon to the next")


@dataclass(frozen=True)
class Recalibration:
    """The pooled recalibration and that of each place; an unknown place gets the pooled one."""

    horizons: tuple[int, ...]
    primary: int
    pooled: Affine
    places: Mapping[str, Affine]

    def __post_init__(self) -> None:
        if list(self.horizons) != sorted(set(self.horizons)) or self.primary not in self.horizons:
            raise RecalibrationRefused("horizons must rise and the primary one must be among them")
        if any(len(affine.intercepts) != len(self.horizons) for affine in self._all):
            raise RecalibrationRefused("each place needs one intercept for each horizon")

    @property
    def primary_index(self) -> int:
        return self.horizons.index(self.primary)

    def knows(self, place: Place) -> bool:
        return place in self.places

    def at(self, places: Sequence[Place]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """For each place named its slope, shape (n,), and its intercepts, shape (n, horizons)."""
        rows = self._rows(places)
        return self._slopes[rows], self._intercepts[rows]

    def risks(self, log_odds: NDArray[np.float64], places: Sequence[Place]) -> NDArray[np.float64]:
        """The risk at each horizon, shape (n, horizons)."""
        slopes, intercepts = self.at(places)
        return expit(intercepts + slopes[:, None] * log_odds[:, None])

    def _rows(self, places: Sequence[Place]) -> NDArray[np.int64]:
        return np.array([self._row_of.get(place, 0) if place else 0 for place in places], dtype=np.int64)

    @cached_property
    def _all(self) -> tuple[Affine, ...]:
        return (self.pooled, *self.places.values())

    @cached_property
    def _row_of(self) -> dict[str, int]:
        return {place: row for row, place in enumerate(self.places, start=1)}

    @cached_property
    def _slopes(self) -> NDArray[np.float64]:
        return np.array([affine.slope for affine in self._all], dtype=np.float64)

    @cached_property
    def _intercepts(self) -> NDArray[np.float64]:
        return np.array([affine.intercepts for affine in self._all], dtype=np.float64)
