"""Every measure of one group of people, the same for training's evidence and for monitoring."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from evaluation.accuracy import squared_error
from evaluation.benefit import benefit, followed_benefit
from evaluation.calibration import (
    cox_intercept,
    cox_slope,
    incidence_over_expected,
    observed_over_expected,
)
from evaluation.curve import CurvePoint, followed_groups, risk_groups
from evaluation.discrimination import flagged, share
from evaluation.estimate import LEVEL, Estimate, State
from evaluation.ici import distances
from evaluation.incidence import FollowUp, with_interval
from evaluation.inputs import Bools, Floats, Ints, Rows, distinct, rows
from evaluation.ranking import concordance, precision


@dataclass(frozen=True)
class AtThreshold:
    """What acting at one threshold finds, flags and is worth; `gain` is over the better of everyone and nobody.

    `number_needed` is how many flagged people are reviewed to find one with the outcome: 1 / PPV.
    """

    threshold: float
    flagged: Estimate
    sensitivity: Estimate
    specificity: Estimate
    ppv: Estimate
    number_needed: Estimate
    net_benefit: Estimate
    treat_all: Estimate
    gain: Estimate


@dataclass(frozen=True)
class Measures:
    """All measures of one group.

    Attributes
    ----------
    index_dates : int
        Rows: one person may have several.
    people, known, events : int
        People; those whose outcome by the horizon is known (positive weight) for one index date or more; those of them
        with the outcome. People of one family count once.
    mean_risk : float
        Mean predicted risk of all people, in [0, 1]; NaN for nobody.
    incidence : Estimate
        Observed risk: Aalen-Johansen if it was given, otherwise the weighted share.
    observed_over_expected, intercept, slope, ici, e50, e90, brier, scaled_brier : Estimate
        See `calibration`, `ici` and `accuracy`.
    c_statistic, average_precision : Estimate
        See `discrimination`.
    curve : tuple[CurvePoint, ...]
        Grouped calibration curve, ascending.
    thresholds : tuple[AtThreshold, ...]
        One for each threshold asked for, in that order.
    """

    index_dates: int
    people: int
    known: int
    events: int
    mean_risk: float
    incidence: Estimate
    observed_over_expected: Estimate
    intercept: Estimate
    slope: Estimate
    ici: Estimate
    e50: Estimate
    e90: Estimate
    brier: Estimate
    scaled_brier: Estimate
    c_statistic: Estimate
    average_precision: Estimate
    curve: tuple[CurvePoint, ...]
    thresholds: tuple[AtThreshold, ...]

    @property
    def state(self) -> State:
        """ "insufficient" where too few people had, or did not have, the outcome, whatever single measures say."""
        return "ok" if self.c_statistic.state == "ok" else "insufficient"

    def to_json(self) -> dict[str, Any]:
        """Exact plain values for a file that stays inside; `disclosure.publish` makes those that leave."""
        plain = {name: _plain(getattr(self, name)) for name in self.__dataclass_fields__}
        return plain | {"state": self.state}


def measure(
    outcome: ArrayLike,
    risk: ArrayLike,
    weight: ArrayLike | None = None,
    family: ArrayLike | None = None,
    thresholds: Sequence[float] = (),
    *,
    followed: FollowUp | None = None,
    groups: int = 10,
    level: float = LEVEL,
) -> Measures:
    """Measure one group of people in every way.

    Parameters
    ----------
    outcome : bool array of shape (n,)
        Whether each person had the outcome by the horizon.
    risk : float array of shape (n,)
        Predicted probability of it, each in [0, 1].
    weight : float array of shape (n,), optional
        From `censoring.weights`, 0 for the censored; 1 for everyone if left out.
    family : integer array of shape (n,), optional
        People who share a number are not independent.
    thresholds : sequence of float
        Risks at and above which one acts, each in (0, 1).
    followed : FollowUp, optional
        Of the same rows; incidence, observed over expected, the curve and net benefit then rest on Aalen-Johansen over
        everyone, the censored as well. All others rest on the weights.
    groups : int
        Points of the calibration curve.
    level : float
        Coverage that the intervals aim at.

    Returns
    -------
    Measures
        Every estimate with its own state; none is left out, whatever the group lacks.

    Raises
    ------
    InputError
        If the arrays cannot be used or a threshold is not in (0, 1).

    References
    ----------
    Van Calster et al. (2025), Lancet Digit Health 7:100916 (which measures to report).

    Examples
    --------
    >>> draw = np.random.default_rng(0)
    >>> risk = draw.uniform(0, 0.4, 2000)
    >>> found = measure(draw.random(2000) < risk, risk, thresholds=[0.2])
    >>> round(found.c_statistic.value, 2), round(found.slope.value, 1), found.thresholds[0].gain.passes(at_least=0)
    (0.72, 1.0, True)
    """
    scores = np.asarray(risk, dtype=np.float64)
    code = None if family is None else np.unique(np.asarray(family), return_inverse=True)[1].astype(np.int64)
    people = rows(outcome, scores, weight, code, probability=True)
    score, scaled = squared_error(people, level)
    off = distances(people, level)
    seen, ratio = _incidence(people, np.asarray(outcome, dtype=bool), scores, code, followed, level)
    return Measures(
        index_dates=len(scores),
        people=distinct(code, np.ones(len(scores), dtype=bool)),
        known=people.n,
        events=people.events,
        mean_risk=float(scores.mean()) if len(scores) else float("nan"),
        incidence=seen,
        observed_over_expected=ratio,
        intercept=cox_intercept(people, level),
        slope=cox_slope(people, level),
        ici=off.ici,
        e50=off.e50,
        e90=off.e90,
        brier=score,
        scaled_brier=scaled,
        c_statistic=concordance(people, level),
        average_precision=precision(people, level),
        curve=risk_groups(people, groups, level)
        if followed is None
        else followed_groups(followed, scores, code, groups, level),
        thresholds=tuple(_at(people, scores, code, threshold, level, followed) for threshold in thresholds),
    )


def _incidence(
    people: Rows, outcome: Bools, risk: Floats, family: Ints | None, followed: FollowUp | None, level: float
) -> tuple[Estimate, Estimate]:
    if followed is None:
        return share(people, people.outcome, np.ones(people.size, dtype=bool), level), observed_over_expected(
            people, level
        )
    observed = followed.incidence()
    return (
        with_interval(observed, outcome, family, level),
        incidence_over_expected(observed, risk, outcome, family, level),
    )


def _at(
    people: Rows, risk: Floats, family: Ints | None, threshold: float, level: float, followed: FollowUp | None
) -> AtThreshold:
    above = people.risk >= threshold
    found = share(people, people.outcome, above, level)
    worth = (
        benefit(people, threshold, level)
        if followed is None
        else followed_benefit(people, followed, risk, family, threshold, level)
    )
    return AtThreshold(
        threshold=threshold,
        flagged=flagged(risk, threshold, family, level),
        sensitivity=share(people, above, people.outcome, level),
        specificity=share(people, ~above, ~people.outcome, level),
        ppv=found,
        number_needed=found.one_over(),
        net_benefit=worth.model,
        treat_all=worth.treat_all,
        gain=worth.gain,
    )


def _plain(value: Any) -> Any:
    match value:
        case Estimate():
            return value.to_json()
        case CurvePoint() | AtThreshold():
            return {name: _plain(getattr(value, name)) for name in value.__dataclass_fields__}
        case tuple():
            return [_plain(part) for part in value]
        case float():
            return None if np.isnan(value) else value
        case _:
            return value
