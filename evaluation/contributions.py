"""How much each predictor moves each person's log-odds, by the shap package: a second opinion on what we serve.

The service computes the same sums by the kernel of `registry`; this runs shap's implementation of them, for the tests
that the two, and LightGBM's own, agree. Importing shap takes seconds, so it waits until somebody asks.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from evaluation.inputs import Floats, InputError


@dataclass(frozen=True)
class Contributions:
    """Log-odds of each person, taken apart: `base` + the sum of a row of `values` (shape (n, k)) is the log-odds."""

    base: float
    values: Floats


@dataclass(frozen=True)
class Weighty:
    """One predictor's mean absolute contribution to the log-odds, and its share of the sum over all predictors."""

    predictor: str
    mean_absolute: float
    share: float


def shap_contributions(booster: Any, X: ArrayLike) -> Contributions:
    """Exact TreeSHAP contributions of a LightGBM booster, computed by the shap package itself.

    Parameters
    ----------
    booster : lightgbm.Booster
        With one output and without categorical splits.
    X : float array of shape (n, k)
        Predictors in the booster's order, NaN for missing.

    Returns
    -------
    Contributions
        In log-odds; equal to `booster.predict(X, pred_contrib=True)`.

    Raises
    ------
    InputError
        If X has not the booster's columns, or shap cannot read its trees.

    References
    ----------
    Lundberg et al. (2020), Nat Mach Intell 2:56-67 (path-dependent TreeSHAP).

    Examples
    --------
    >>> import lightgbm
    >>> X = np.repeat([[0.0], [1.0]], 50, axis=0)
    >>> data = lightgbm.Dataset(X, np.repeat([0, 1, 0, 1], [40, 10, 10, 40]))
    >>> booster = lightgbm.train({"objective": "binary", "verbose": -1, "num_threads": 1}, data, num_boost_round=5)
    >>> found = shap_contributions(booster, X[[0, 99]])
    >>> bool(np.allclose(found.base + found.values.sum(axis=1), booster.predict(X[[0, 99]], raw_score=True)))
    True
    """
    values = np.asarray(X, dtype=np.float64)
    if values.ndim != 2 or values.shape[1] != booster.num_feature():
        raise InputError(f"X has shape {values.shape}; the booster wants (n, {booster.num_feature()})")
    explainer = _explainer(booster)
    return Contributions(
        base=float(np.ravel(explainer.expected_value)[0]),
        values=np.asarray(explainer.shap_values(values, check_additivity=False), dtype=np.float64),
    )


def weightiest(
    contributions: Contributions, predictors: Sequence[str], weight: ArrayLike | None = None
) -> tuple[Weighty, ...]:
    """Rank the predictors by how far they move people's log-odds on average.

    Parameters
    ----------
    contributions : Contributions
        `values` of shape (n, k).
    predictors : sequence of str
        k names.
    weight : float array of shape (n,), optional
        Weight of each person; 1 for everyone if left out.

    Returns
    -------
    tuple[Weighty, ...]
        From the largest mean absolute contribution to the smallest: a figure about the group, of nobody in it.

    Raises
    ------
    InputError
        If the names are not k.

    References
    ----------
    Lundberg et al. (2020), Nat Mach Intell 2:56-67, "global feature importance".

    Examples
    --------
    >>> found = Contributions(base=-2.0, values=np.array([[0.1, -0.5], [0.3, 0.7]]))
    >>> [(each.predictor, round(each.mean_absolute, 1), round(each.share, 2)) for each in weightiest(found, ["a", "b"])]
    [('b', 0.6, 0.75), ('a', 0.2, 0.25)]
    """
    if contributions.values.shape[1:] != (len(predictors),):
        raise InputError(f"{len(predictors)} names do not fit contributions of shape {contributions.values.shape}")
    weights = np.ones(len(contributions.values)) if weight is None else np.asarray(weight, dtype=np.float64)
    means = np.average(np.abs(contributions.values), axis=0, weights=weights)
    shares = means / means.sum() if means.sum() > 0 else means
    order = np.argsort(-means, kind="stable")
    return tuple(Weighty(predictors[place], float(means[place]), float(shares[place])) for place in order)


def _explainer(booster: Any) -> Any:
    with warnings.catch_warnings():
        # shap's colour maps use a matplotlib call that is to go; nothing here draws with them.
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        import shap
    explainer = shap.TreeExplainer(booster)
    if getattr(explainer.model, "trees", None) is None:
        raise InputError("shap cannot read these trees (a categorical split?); give categories as ordered numbers")
    # Left as it is, shap hands the question back to LightGBM and the two would agree by construction.
    explainer.model.model_type = "internal"
    return explainer
