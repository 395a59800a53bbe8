"""Groups too small to be shown, taken together with others before anything is computed of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from evaluation.axes import UNKNOWN
from evaluation.disclosure import FEWEST_SHOWN, hidden

SMALL = "small groups"
WITH_SMALL = f" and {SMALL}"

Mask = NDArray[np.bool_]
Labels = NDArray[np.str_]


def pooled(level: Labels, person: NDArray[np.int64], had: Mask) -> Labels:
    """The level of each row, small ones together so that none has to be hidden and no other one with it.

    A level is small with 1 to 7 people, or 1 to 7 with or without the outcome. If the small ones together are still
    small, those whose level is not recorded join them, then the next smallest level. All arrays have shape (n,).

    >>> place, person = np.array(["A"] * 30 + ["B"] * 20 + ["C"] * 5), np.arange(55)
    >>> np.unique(pooled(place, person, np.arange(55) % 2 == 0)).tolist()
    ['A', 'B and small groups']
    """
    names = [str(name) for name in np.unique(level)]
    small = {name for name in names if _small(level == name, person, had)}
    joined: list[str] = []
    others = sorted(set(names) - small, key=lambda name: (name != UNKNOWN, _people(level == name, person), name))
    for name in others if small else []:
        if not _small(np.isin(level, [*small, *joined]), person, had):
            break
        joined.append(name)
    if not small:
        return level
    together = "; ".join(joined) + WITH_SMALL if joined else SMALL
    return np.where(np.isin(level, [*small, *joined]), together, level)


def big_enough(level: Labels, person: NDArray[np.int64]) -> Mask:
    """The rows of levels with 8 people or more."""
    keep = np.zeros(len(level), dtype=np.bool_)
    for name in np.unique(level):
        here = level == name
        keep |= here & (_people(here, person) >= FEWEST_SHOWN)
    return keep


def _small(here: Mask, person: NDArray[np.int64], had: Mask) -> bool:
    people, outcomes = _people(here, person), _people(here & had, person)
    return people < FEWEST_SHOWN or hidden(outcomes) or hidden(people - outcomes)


def _people(here: Mask, person: NDArray[np.int64]) -> int:
    return len(np.unique(person[here]))
