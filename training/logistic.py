"""Penalised logistic regression, fitted on the columns of `basis` and folded back into curves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from registry.curves import Additive
from registry.model import Column
from training.basis import Floats, Part, curve, part
from training.sample import Sample, loss

PENALTIES = (0.003, 0.03, 0.3, 3.0)
"""Variance that a standardised coefficient is allowed before the data speak."""
ROWS_TO_TUNE = 30_000
ROUNDS = 4

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Logistic:
    """A fitted regression: one curve for each predictor, and the settings that were chosen."""

    learner: Additive
    out_of_fold: Floats
    settings: dict[str, float]


def logistic(people: Sample, columns: tuple[Column, ...], settings: Mapping[str, float] | None = None) -> Logistic:
    """Tune the penalty unless it is given, fit on all rows, and predict each fold from the others."""
    count = knots_for(people.outcomes, len(columns)) if settings is None else int(settings["knots"])
    parts = [part(column, people.values[:, at], people.person, count) for at, column in enumerate(columns)]
    design = np.hstack([each.design(people.values[:, at]) for at, each in enumerate(parts)])
    sign = np.concatenate([each.sign for each in parts])
    penalty = _tuned(design, people) if settings is None else settings["penalty"]
    allowed, intercept, coefficients = _fit_with_signs(design, people, penalty, sign, np.asarray(design.any(axis=0)))
    out_of_fold = np.empty(len(design))
    for fold in np.unique(people.fold):
        apart = people.fold == fold
        _, base, found = _fit_with_signs(design[~apart], people.rows(~apart), penalty, sign, allowed)
        out_of_fold[apart] = base + design[apart] @ found
    learner = _curves(parts, intercept, coefficients, people.values)
    return Logistic(learner, out_of_fold, {"penalty": penalty, "knots": count})


def knots_for(outcomes: int, predictors: int) -> int:
    """Fewer knots where there are few outcomes for each predictor."""
    each = outcomes / max(1, predictors)
    return 5 if each >= 20 else 3 if each >= 5 else 2


def _tuned(design: Floats, people: Sample) -> float:
    """The penalty that predicts one fold best from the others."""
    rows = np.flatnonzero(people.weight > 0)[:: max(1, len(design) // ROWS_TO_TUNE)]
    apart = people.fold[rows] == 0
    teach, test = rows[~apart], rows[apart]
    if not (_both(people.outcome[teach]) and len(test)):
        return PENALTIES[0]
    losses = []
    for penalty in PENALTIES:
        intercept, coefficients = _fit(design[teach], people.outcome[teach], people.weight[teach], penalty)
        losses.append(loss(intercept + design[test] @ coefficients, people.outcome[test], people.weight[test]))
    return PENALTIES[int(np.argmin(losses))]


def _fit_with_signs(
    design: Floats, people: Sample, penalty: float, sign: NDArray[np.int8], allowed: Mask
) -> tuple[Mask, float, Floats]:
    """Fit, drop the ramps that run against their predictor's direction, and fit again until none does."""
    known = people.weight > 0
    outcome, weight = people.outcome[known], people.weight[known]
    coefficients = np.zeros(design.shape[1])
    for _ in range(ROUNDS):
        coefficients = np.zeros(design.shape[1])
        intercept, coefficients[allowed] = _fit(design[np.ix_(known, allowed)], outcome, weight, penalty)
        against = coefficients * sign < 0
        if not against.any():
            break
        allowed = allowed & ~against
    return allowed, intercept, np.where(coefficients * sign < 0, 0.0, coefficients)


def _fit(design: Floats, outcome: Mask, weight: Floats, penalty: float) -> tuple[float, Floats]:
    if not design.shape[1] or not _both(outcome):  # nothing to tell apart by, or nothing to tell apart
        least = 1 / (2 * len(outcome))
        share = min(max(float(weight @ outcome) / float(weight.sum()), least), 1 - least)
        return float(np.log(share / (1 - share))), np.zeros(design.shape[1])
    fitted = LogisticRegression(C=penalty, solver="newton-cholesky", tol=1e-6, max_iter=100)
    fitted.fit(design, outcome, sample_weight=weight)
    return float(fitted.intercept_[0]), np.asarray(fitted.coef_[0], dtype=np.float64)


def _curves(parts: list[Part], intercept: float, coefficients: Floats, values: NDArray[np.float32]) -> Additive:
    ends = np.cumsum([len(each.mean) for each in parts])
    pieces = np.split(coefficients, ends[:-1])
    found = [curve(each, piece, values[:, at]) for at, (each, piece) in enumerate(zip(parts, pieces, strict=True))]
    bias = intercept + sum(mean for _, mean in found)
    return Additive(round(float(bias), 10), tuple(line for line, _ in found))


def _both(outcome: Mask) -> bool:
    return bool(outcome.any() and not outcome.all())
