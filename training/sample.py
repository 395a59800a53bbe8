"""The rows that a model learns from, with outcomes weighted for those who left before the horizon."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.groups import known
from evaluation.inputs import distinct
from features.table import FeatureTable
from training.split import folds

FOLDS = 3


@dataclass(frozen=True)
class Sample:
    """Predictors (n, k), outcome by the primary horizon, weight (0 where not known), fold and person of each row.

    A person may have several index dates. They are one piece of evidence, so whatever is counted to decide what is
    enough is counted in people.
    """

    values: NDArray[np.float32]
    outcome: NDArray[np.bool_]
    weight: NDArray[np.float64]
    fold: NDArray[np.int64]
    person: NDArray[np.int64]

    @property
    def outcomes(self) -> int:
        """People whose outcome is known and happened."""
        return distinct(self.person, self.outcome & (self.weight > 0))

    @property
    def dates_each(self) -> tuple[float, int]:
        """Index dates of a person, on average and at most."""
        found = np.unique(self.person, return_counts=True)[1]
        return float(found.mean()), int(found.max())

    def rows(self, keep: NDArray[np.bool_]) -> Sample:
        return Sample(self.values[keep], self.outcome[keep], self.weight[keep], self.fold[keep], self.person[keep])


def sample(table: FeatureTable, horizon: int, seed: int) -> Sample:
    """The rows of a table as a sample for one horizon."""
    seen = known(table, horizon)
    return Sample(table.values, seen.outcome, seen.weight, folds(table.family, FOLDS, seed), table.person_id)


def loss(log_odds: NDArray[np.float64], outcome: NDArray[np.bool_], weight: NDArray[np.float64]) -> float:
    """Weighted mean of minus the log-likelihood: what the candidates are tuned by."""
    return float(weight @ (np.logaddexp(0, log_odds) - outcome * log_odds)) / float(weight.sum())
