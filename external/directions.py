"""Each predictor alone against the direction that the pathway declares for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.discrimination import c_statistic
from evaluation.inputs import distinct
from pathways.definition import Prediction
from training.compare import published

Floats = NDArray[np.float64]

FEWEST_EXPECTED = 5
"""As for a chi-squared test (Cochran 1954, Biometrics 10:417)."""

AS_DECLARED, NOT_CLEAR, AGAINST, CANNOT = "as declared", "not clear", "against it", "cannot be judged"
VERDICTS = (AS_DECLARED, NOT_CLEAR, AGAINST, CANNOT)


@dataclass(frozen=True)
class Direction:
    """How often somebody with the outcome has the higher value, and what that says of the declared direction."""

    name: str
    declared: str
    c_statistic: Mapping[str, Any]
    verdict: str


def directions(
    prediction: Prediction,
    values: NDArray[np.float32],
    outcome: NDArray[np.bool_],
    weight: Floats,
    family: NDArray[np.int64],
) -> tuple[Direction, ...]:
    """One line for each predictor with a declared direction, among those who have it and whose outcome is known.

    `values` has the shape (n, n_predictors) in the order of the prediction; all others have the shape (n,), rows of
    unknown outcome weight 0.
    """
    found = []
    for at, predictor in enumerate(prediction.predictors):
        if predictor.direction is None:
            continue
        value = values[:, at].astype(np.float64)
        has = ~np.isnan(value) & (weight > 0)
        name = predictor.wording or predictor.name
        figure: Mapping[str, Any] = {"state": "insufficient", "value": None, "low": None, "high": None}
        if has.any() and _expected(value[has], outcome[has], family[has]) >= FEWEST_EXPECTED:
            figure = published(c_statistic(outcome[has], value[has], weight[has], family[has]))
        found.append(Direction(name, predictor.direction, figure, _verdict(figure, predictor.direction)))
    return tuple(found)


def _expected(value: Floats, outcome: NDArray[np.bool_], family: NDArray[np.int64]) -> float:
    """The outcomes, or people without one, to be expected among those who do not have the commonest value.

    An illness of 20 people, none of whom had a rare outcome, gets a narrow interval and says nothing.
    """
    levels, counts = np.unique(value, return_counts=True)
    share = float(outcome.mean())
    return distinct(family, value != levels[counts.argmax()]) * min(share, 1 - share)


def _verdict(figure: Mapping[str, Any], declared: str) -> str:
    if figure["state"] != "ok":
        return CANNOT
    if figure["low"] <= 0.5 <= figure["high"]:
        return NOT_CLEAR
    return AS_DECLARED if (figure["low"] > 0.5) == (declared == "up") else AGAINST
