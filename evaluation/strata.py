"""Kinds of people within which leaving, or not being measured, is taken to be chance: as fine as numbers allow."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from evaluation.inputs import Floats, InputError, Ints

STEPS, CLOSE = 50, 1e-8
PULL = 1.0
"""As if each level had one more event than it should: a level of few people is taken for an ordinary one."""


def stratify(
    *labels: ArrayLike, at_least: int = 200, events: ArrayLike | None = None, exposure: ArrayLike | None = None
) -> Ints:
    """Number the strata in which censoring is estimated, so that each holds enough people.

    A combination of labels with enough people is a stratum of its own. Smaller ones are put together with those in
    which people leave about as fast, by a Poisson regression of `events` on all labels. Who leaves then still depends
    on every label however few people there are; to pool over a label instead would leave its part of the bias.

    Parameters
    ----------
    *labels : arrays of shape (n,)
        For example calendar year, region, age band.
    at_least : int
        People in a stratum.
    events : bool array of shape (n,), optional
        Who left (or was not measured); without it small combinations stand in the order of their labels.
    exposure : float array of shape (n,), optional
        Days in which each person could have left; 1 for everyone if left out.

    Returns
    -------
    integer array of shape (n,)
        Stratum of each row, from 0. With fewer people than `at_least` there is one.

    Raises
    ------
    InputError
        If no label is given or their lengths differ.

    References
    ----------
    Rosenbaum and Rubin (1984), JASA 79:516-524 (strata of a score balance what it is made of; five remove 90% of bias).

    Examples
    --------
    >>> stratify([2020, 2020, 2020, 2020, 2021, 2021], ["N", "N", "L", "W", "N", "L"], at_least=2)
    array([0, 0, 1, 1, 2, 2])
    >>> stratify(["A", "B", "C", "D"], at_least=2, events=[1, 0, 1, 0])
    array([1, 0, 1, 0])
    """
    columns = [np.asarray(label) for label in labels]
    if not columns or len({column.shape for column in columns}) != 1 or columns[0].ndim != 1:
        raise InputError("strata need one or more labels of the same length")
    if not len(columns[0]):
        return np.zeros(0, dtype=np.int64)
    codes = [np.unique(column, return_inverse=True)[1] for column in columns]
    cell, first = _cells(codes)
    people = np.bincount(cell, minlength=len(first))
    rate = np.arange(len(first), dtype=np.float64)
    if events is not None:
        had = np.bincount(cell, weights=np.asarray(events, dtype=np.float64), minlength=len(first))
        days = np.ones(len(cell)) if exposure is None else np.asarray(exposure, dtype=np.float64)
        at_risk = np.bincount(cell, weights=days, minlength=len(first))
        rate = _rates([code[first] for code in codes], had.astype(np.float64), at_risk.astype(np.float64))
    return _together(people, rate, at_least)[cell]


def _cells(codes: list[Ints]) -> tuple[Ints, Ints]:
    """The combination of each row, numbered from 0 in the order of the labels, and a row of each combination."""
    cell = np.zeros(len(codes[0]), dtype=np.int64)
    for code in codes:
        cell = np.unique(cell * (int(code.max(initial=0)) + 1) + code, return_inverse=True)[1].astype(np.int64)
    return cell, np.unique(cell, return_index=True)[1].astype(np.int64)


def _rates(codes: list[Ints], events: Floats, exposure: Floats) -> Floats:
    """The logarithm of the rate of events in each combination, as a sum over its labels: Newton's method."""
    columns = [np.ones(len(events))] + [code == level for code in codes for level in range(int(code.max()) + 1)]
    design = np.column_stack(columns).astype(np.float64)
    pull = np.full(design.shape[1], PULL)
    pull[0] = 1e-6
    found = np.zeros(design.shape[1])
    found[0] = start = np.log(max(events.sum(), 0.5) / exposure.sum())
    for _ in range(STEPS):
        expected = exposure * np.exp(design @ found)
        towards = found - np.r_[start, np.zeros(len(found) - 1)]
        score = design.T @ (events - expected) - pull * towards
        step = np.linalg.solve((design.T * expected) @ design + np.diag(pull), score)
        found = found + np.clip(step, -1, 1)
        if np.abs(step).max() < CLOSE:
            break
    return np.asarray(design @ found)


def _together(people: Ints, rate: Floats, at_least: int) -> Ints:
    """The stratum of each combination: alone if large, else with its neighbours in rate until they are enough."""
    stratum = np.zeros(len(people), dtype=np.int64)
    large = people >= at_least
    stratum[large] = np.arange(large.sum())
    small = np.flatnonzero(~large)[np.argsort(rate[~large], kind="stable")]
    number, held = int(large.sum()), 0
    for at in small:
        stratum[at], held = number, held + int(people[at])
        if held >= at_least:
            number, held = number + 1, 0
    rest = small[stratum[small] == number] if held else small[:0]
    others = np.setdiff1d(np.arange(len(people)), rest)
    if len(rest) and len(others):
        # What is left at the end is too few: they join those nearest to them.
        nearest = others[np.argmin(np.abs(rate[others] - np.average(rate[rest], weights=people[rest])))]
        stratum[rest] = stratum[nearest]
    return stratum
