"""Would acting at a threshold do more good than acting on everyone or on nobody?"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from evaluation.estimate import LEVEL, Estimate
from evaluation.incidence import FollowUp
from evaluation.inputs import Bools, Floats, InputError, Ints, Rows, dot, rows
from evaluation.intervals import plain, variance


@dataclass(frozen=True)
class NetBenefit:
    """Net true outcomes found for each person, at one threshold.

    Attributes
    ----------
    threshold : float
        Risk at and above which one acts.
    model, treat_all : Estimate
        Net benefit of acting at the threshold, and of acting on everyone; acting on nobody has 0.
    gain : Estimate
        Net benefit of the model less that of the better of everyone and nobody, on the same people.
    """

    threshold: float
    model: Estimate
    treat_all: Estimate
    gain: Estimate


def net_benefit(
    outcome: ArrayLike,
    risk: ArrayLike,
    threshold: float,
    weight: ArrayLike | None = None,
    family: ArrayLike | None = None,
    level: float = LEVEL,
) -> NetBenefit:
    """Count the outcomes found, less the false alarms at the price that the threshold puts on them.

    Parameters
    ----------
    outcome : bool array of shape (n,)
        Whether each person had the outcome by the horizon.
    risk : float array of shape (n,)
        Predicted probability, each in [0, 1].
    threshold : float
        In (0, 1); somebody at it is acted on.
    weight : float array of shape (n,), optional
        From `censoring.weights`; 1 for everyone if left out.
    family : integer array of shape (n,), optional
        People who share a number are not independent.
    level : float
        Coverage aimed at.

    Returns
    -------
    NetBenefit
        Per person: 0.01 means one net outcome found for every hundred people. Intervals from influence functions.

    Raises
    ------
    InputError
        If the threshold is not in (0, 1) or the arrays cannot be used.

    References
    ----------
    Vickers and Elkin (2006), Med Decis Making 26:565-574; Vickers et al. (2008), BMC Med Inform Decis Mak 8:53.

    Examples
    --------
    >>> net_benefit([True, True, False, False], [0.3, 0.1, 0.2, 0.1], threshold=0.2).model.value
    0.1875
    """
    return benefit(rows(outcome, risk, weight, family, probability=True), threshold, level)


def benefit(people: Rows, threshold: float, level: float = LEVEL) -> NetBenefit:
    """The net benefit of rows that were checked before."""
    _refuse_if_no_risk(threshold)
    worth = worth_of_acting(people, threshold)
    acted = worth * (people.risk >= threshold)
    nobody = people.total <= 0 or dot(people.weight, worth) <= 0
    return NetBenefit(
        threshold=threshold,
        model=_mean(people, acted, level),
        treat_all=_mean(people, worth, level),
        gain=_mean(people, acted if nobody else acted - worth, level),
    )


def followed_benefit(
    people: Rows, followed: FollowUp, risk: Floats, family: Ints | None, threshold: float, level: float = LEVEL
) -> NetBenefit:
    """Net benefit over everyone, the censored as well, with the Aalen-Johansen incidence of those acted on.

    References
    ----------
    Vickers et al. (2008), BMC Med Inform Decis Mak 8:53, "censored data and competing risks".
    """
    _refuse_if_no_risk(threshold)
    acted = benefit_and_influence(followed, risk >= threshold, threshold)
    everyone = benefit_and_influence(followed, np.ones(len(risk), dtype=bool), threshold)
    gain = (acted[0] - everyone[0], acted[1] - everyone[1]) if everyone[0] > 0 else acted

    def estimate(found: tuple[float, Floats]) -> Estimate:
        ends = plain(found[0], variance(found[1], family), level)
        return Estimate.of(found[0], *ends, n=people.n, events=people.events, kind="aalen-johansen", level=level)

    return NetBenefit(threshold, estimate(acted), estimate(everyone), estimate(gain))


def benefit_and_influence(followed: FollowUp, acted: Bools, threshold: float) -> tuple[float, Floats]:
    """The net benefit of acting on some of the rows and the influence of each row; NaN if they were not followed."""
    if not len(acted):
        return math.nan, np.empty(0)
    odds, share = threshold / (1 - threshold), float(acted.mean())
    if not acted.any():
        return 0.0, np.zeros(len(acted))
    seen = followed.incidence(acted)
    # Found: share * incidence; falsely flagged: share * (1 - incidence).
    worth = seen.value * (1 + odds) - odds
    return share * worth, worth * (acted - share) / len(acted) + share * (1 + odds) * seen.influence


def _refuse_if_no_risk(threshold: float) -> None:
    if not 0 < threshold < 1:
        raise InputError(f"the threshold {threshold} is no risk between 0 and 1")


def worth_of_acting(people: Rows, threshold: float) -> Floats:
    """What acting on each row is worth: 1 with the outcome, less the odds of the threshold without it."""
    return np.where(people.outcome, 1.0, -threshold / (1 - threshold))


def _mean(people: Rows, worth: Floats, level: float) -> Estimate:
    if not people.n:
        return Estimate.of(float("nan"), *(float("nan"),) * 2, n=0, events=0, kind="influence", level=level)
    value = dot(people.weight, worth) / people.total
    ends = plain(value, variance(people.weight * (worth - value) / people.total, people.family), level)
    return Estimate.of(value, *ends, n=people.n, events=people.events, kind="influence", level=level)
