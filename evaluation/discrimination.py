"""Does a higher risk go with the outcome? Concordance, average precision, and what a threshold finds and flags."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from evaluation.estimate import FEWEST, LEVEL, Estimate
from evaluation.inputs import Bools, InputError, Rows, distinct, rows
from evaluation.intervals import plain, proportion, variance
from evaluation.ranking import c_and_influence, concordance, precision


def c_statistic(
    outcome: ArrayLike,
    risk: ArrayLike,
    weight: ArrayLike | None = None,
    family: ArrayLike | None = None,
    level: float = LEVEL,
) -> Estimate:
    """How often somebody with the outcome was given the higher risk, against somebody without it.

    Parameters
    ----------
    outcome : bool array of shape (n,)
        Whether each person had the outcome by the horizon.
    risk : float array of shape (n,)
        Risk, or any score that rises with it; ties count one half.
    weight : float array of shape (n,), optional
        From `censoring.weights`; 1 for everyone if left out.
    family : integer array of shape (n,), optional
        People who share a number are not independent.
    level : float
        Coverage aimed at.

    Returns
    -------
    Estimate
        In [0, 1]. The interval is DeLong's where rows are unweighted and one for each family, otherwise from the
        influence function with the weights taken as known (which overstates the width a little); symmetric on the
        logit scale. At 0 or 1 it is Wilson's for the disjoint pairs that can be formed.

    Raises
    ------
    InputError
        If the arrays differ in shape or hold missing risks or negative weights.

    References
    ----------
    DeLong et al. (1988), Biometrics 44:837-845. LeDell et al. (2015), Electron J Stat 9:1583-1607 (influence
    function). Blanche et al. (2013), Stat Med 32:5381-5397 (weights; those who die first are controls).

    Examples
    --------
    >>> c_statistic([True, False, True, False], [0.9, 0.5, 0.5, 0.1]).value
    0.875
    """
    return concordance(rows(outcome, risk, weight, family), level)


def c_difference(
    outcome: ArrayLike,
    risk: ArrayLike,
    other: ArrayLike,
    weight: ArrayLike | None = None,
    family: ArrayLike | None = None,
    level: float = LEVEL,
) -> Estimate:
    """By how much one score ranks the same people better than another.

    Parameters
    ----------
    outcome, weight, family, level
        As for `c_statistic`.
    risk, other : float arrays of shape (n,)
        Two scores that rise with the risk, NaN where one cannot be computed.

    Returns
    -------
    Estimate
        c-statistic of `risk` minus that of `other`, in [-1, 1], among those who have both: `n` says how many. The
        interval comes from the paired influence functions, so it allows for the correlation of the two.

    Raises
    ------
    InputError
        As for `c_statistic`, but NaN risks are allowed.

    References
    ----------
    DeLong et al. (1988), Biometrics 44:837-845, section 4.

    Examples
    --------
    >>> c_difference([True, False, True, False], [0.9, 0.5, 0.6, 0.1], [0.9, 0.5, 0.4, np.nan]).n
    3
    """
    scores = np.asarray(risk, dtype=np.float64), np.asarray(other, dtype=np.float64)
    both = ~np.isnan(scores[0]) & ~np.isnan(scores[1]) if scores[0].shape == scores[1].shape else None
    if both is None:
        raise InputError(f"the two scores have shapes {scores[0].shape} and {scores[1].shape}; give the same people")
    one, two = (
        rows(*(None if part is None else np.asarray(part)[both] for part in (outcome, score, weight, family)))  # type: ignore[arg-type]
        for score in scores
    )
    (value, influence), (value_two, influence_two) = c_and_influence(one), c_and_influence(two)
    gain = value - value_two
    ends = plain(gain, variance(influence - influence_two, one.family), level)
    return Estimate.of(gain, *ends, n=one.n, events=one.events, kind="influence", level=level)


def average_precision(
    outcome: ArrayLike,
    risk: ArrayLike,
    weight: ArrayLike | None = None,
    family: ArrayLike | None = None,
    level: float = LEVEL,
) -> Estimate:
    """Mean share of true outcomes among those ranked at least as high, taken over the people with the outcome.

    Parameters
    ----------
    outcome, risk, weight, family, level
        As for `c_statistic`.

    Returns
    -------
    Estimate
        In (0, 1]; a score without information has the share of people with the outcome. Interval from the influence
        function, on the logit scale.

    Raises
    ------
    InputError
        As for `c_statistic`.

    References
    ----------
    Step-wise area as in scikit-learn; Yilmaz and Aslam (2006), CIKM 102-111. The influence function is its
    derivative by a row's weight.

    Examples
    --------
    >>> average_precision([True, False, True, False], [0.9, 0.5, 0.5, 0.1]).value
    0.8333333333333333
    """
    return precision(rows(outcome, risk, weight, family), level)


def sensitivity(
    outcome: ArrayLike,
    risk: ArrayLike,
    threshold: float,
    weight: ArrayLike | None = None,
    family: ArrayLike | None = None,
    level: float = LEVEL,
) -> Estimate:
    """Share of the people with the outcome whose risk was at or above the threshold.

    Parameters
    ----------
    outcome, risk, weight, family, level
        As for `c_statistic`.
    threshold : float
        In the unit of `risk`; a person at it is flagged.

    Returns
    -------
    Estimate
        In [0, 1] with Wilson's interval at the effective number of people; `n` the people with the outcome, `events`
        those of them flagged.

    Raises
    ------
    InputError
        As for `c_statistic`.

    References
    ----------
    Wilson (1927), JASA 22:209-212.

    Examples
    --------
    >>> sensitivity([True, True, False, False], [0.3, 0.1, 0.2, 0.1], threshold=0.2).value
    0.5
    """
    people = rows(outcome, risk, weight, family)
    return share(people, people.risk >= threshold, people.outcome, level)


def specificity(
    outcome: ArrayLike,
    risk: ArrayLike,
    threshold: float,
    weight: ArrayLike | None = None,
    family: ArrayLike | None = None,
    level: float = LEVEL,
) -> Estimate:
    """Share of the people without the outcome whose risk was below the threshold.

    Parameters
    ----------
    outcome, risk, threshold, weight, family, level
        As for `sensitivity`.

    Returns
    -------
    Estimate
        As for `sensitivity`; `n` the people without the outcome, `events` those of them not flagged.

    Raises
    ------
    InputError
        As for `c_statistic`.

    References
    ----------
    Wilson (1927), JASA 22:209-212.

    Examples
    --------
    >>> specificity([True, True, False, False], [0.3, 0.1, 0.2, 0.1], threshold=0.2).value
    0.5
    """
    people = rows(outcome, risk, weight, family)
    return share(people, people.risk < threshold, ~people.outcome, level)


def ppv(
    outcome: ArrayLike,
    risk: ArrayLike,
    threshold: float,
    weight: ArrayLike | None = None,
    family: ArrayLike | None = None,
    level: float = LEVEL,
) -> Estimate:
    """Share of the flagged people who had the outcome (positive predictive value).

    Parameters
    ----------
    outcome, risk, threshold, weight, family, level
        As for `sensitivity`.

    Returns
    -------
    Estimate
        As for `sensitivity`; `n` the people flagged, `events` those of them with the outcome.

    Raises
    ------
    InputError
        As for `c_statistic`.

    References
    ----------
    Wilson (1927), JASA 22:209-212.

    Examples
    --------
    >>> ppv([True, True, False, False], [0.3, 0.1, 0.2, 0.1], threshold=0.2).value
    0.5
    """
    people = rows(outcome, risk, weight, family)
    return share(people, people.outcome, people.risk >= threshold, level)


def flagged(risk: ArrayLike, threshold: float, family: ArrayLike | None = None, level: float = LEVEL) -> Estimate:
    """Share of all people whose risk is at or above the threshold; no outcome is needed.

    Parameters
    ----------
    risk, family, level
        As for `c_statistic`, of everyone, censored or not.
    threshold : float
        In the unit of `risk`; a person at it is flagged.

    Returns
    -------
    Estimate
        In [0, 1] with Wilson's interval; `n` all people, `events` the flagged. "ok" from 10 people on.

    Raises
    ------
    InputError
        If risks are missing.

    References
    ----------
    Wilson (1927), JASA 22:209-212.

    Examples
    --------
    >>> flagged([0.3, 0.1, 0.2, 0.1], threshold=0.2).value
    0.5
    """
    everyone = rows(np.zeros(np.shape(risk), dtype=bool), risk, None, family)
    above = everyone.risk >= threshold
    value, ends = proportion(above.astype(float), np.ones(everyone.size), everyone.weight, everyone.family, level)
    events = distinct(everyone.family, above)
    enough = everyone.n >= FEWEST
    return Estimate.of(value, *ends, n=everyone.n, events=events, kind="wilson", level=level, enough=enough)


def share(people: Rows, counted: Bools, among: Bools, level: float = LEVEL) -> Estimate:
    """Share counted among some of the people; enough if the group and the denominator are."""
    top = counted & among
    value, ends = proportion(top.astype(np.float64), among.astype(np.float64), people.weight, people.family, level)
    n = distinct(people.family, among)
    enough = people.enough and n >= FEWEST
    events = distinct(people.family, top)
    return Estimate.of(value, *ends, n=n, events=events, kind="wilson", level=level, enough=enough)
