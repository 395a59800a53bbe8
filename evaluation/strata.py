"""Kinds of people within which leaving is taken to be chance: as fine as their numbers allow."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evaluation.inputs import InputError, Ints


def stratify(*labels: ArrayLike, at_least: int = 500) -> Ints:
    """Number the strata in which censoring is estimated, so that each holds enough people.

    Parameters
    ----------
    *labels : arrays of shape (n,)
        The most important first, for example calendar year, region, age band. A stratum is a combination that occurs.
    at_least : int
        People in combinations with fewer are put together without the last label, then without the last two, and so
        on; what is left at the end is one stratum, which takes in the smallest other one if it would be too small.

    Returns
    -------
    integer array of shape (n,)
        Stratum of each row, 0 for what is left at the end.

    Raises
    ------
    InputError
        If no label is given or their lengths differ.

    Examples
    --------
    >>> stratify([2020, 2020, 2020, 2020, 2021, 2021], ["N", "N", "L", "W", "N", "L"], at_least=2)
    array([1, 1, 2, 2, 3, 3])
    """
    columns = [np.asarray(label) for label in labels]
    if not columns or len({column.shape for column in columns}) != 1 or columns[0].ndim != 1:
        raise InputError("strata need one or more labels of the same length")
    stratum = np.zeros(len(columns[0]), dtype=np.int64)
    left = np.arange(len(stratum))
    for depth in range(len(columns), 0, -1):
        code = _combination([column[left] for column in columns[:depth]])
        large = (np.bincount(code) >= at_least)[code]
        stratum[left[large]] = stratum.max(initial=0) + 1 + code[large]
        left = left[~large]
    return _combination([_without_small_rest(stratum, at_least)]) + (0 if (stratum == 0).any() else 1)


def _combination(columns: list[NDArray[np.generic]]) -> Ints:
    """Number the combinations that occur from 0, in the order of the labels."""
    code = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        inverse = np.unique(column, return_inverse=True)[1]
        code = np.unique(code * (int(inverse.max(initial=0)) + 1) + inverse, return_inverse=True)[1]
    return code.astype(np.int64)


def _without_small_rest(stratum: Ints, at_least: int) -> Ints:
    counts = np.bincount(stratum, minlength=1)
    if not 0 < counts[0] < at_least or len(counts) == 1:
        return stratum
    smallest = 1 + np.argmin(np.where(counts[1:] > 0, counts[1:], len(stratum) + 1))
    return np.where(stratum == smallest, 0, stratum)
