"""The rows that a model learns from, with outcomes weighted for those who left before the horizon."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.groups import known
from features.table import FeatureTable
from training.split import folds

FOLDS = 3


@dataclass(frozen=True)
class Sample:
    """Predictors (n, k), outcome by the primary horizon, weight (0 where not known) and fold of each row."""

    values: NDArray[np.float32]
    outcome: NDArray[np.bool_]
    weight: NDArray[np.float64]
    fold: NDArray[np.int64]

    @property
    def outcomes(self) -> int:
        """Rows with a known outcome that happened."""
        return int(np.count_nonzero(self.outcome & (self.weight > 0)))

    def rows(self, keep: NDArray[np.bool_]) -> Sample:
        return Sample(self.values[keep], self.outcome[keep], self.weight[keep], self.fold[keep])


def sample(table: FeatureTable, horizon: int, seed: int) -> Sample:
    """The rows of a table as a sample for one horizon."""
    seen = known(table, horizon)
    return Sample(table.values, seen.outcome, seen.weight, folds(table.family, FOLDS, seed))


def loss(log_odds: NDArray[np.float64], outcome: NDArray[np.bool_], weight: NDArray[np.float64]) -> float:
    """Weighted mean of minus the log-likelihood: what the candidates are tuned by."""
    return float(weight @ (np.logaddexp(0, log_odds) - outcome * log_odds)) / float(weight.sum())
