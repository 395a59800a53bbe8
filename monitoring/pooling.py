"""Groups too small to be shown, taken together with others before anything is computed of them."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evaluation.axes import UNKNOWN
from evaluation.disclosure import FEWEST_SHOWN, hidden

SMALL = "small groups"
WITH_SMALL = f" and {SMALL}"

Mask = NDArray[np.bool_]
Labels = NDArray[np.str_]
People = NDArray[np.int64]


def pooled(level: Labels, person: People, had: Mask) -> Labels:
    """The level of each row, small ones together so that none has to be hidden and no other one with it.

    A level is small with 1 to 7 people, or 1 to 7 with or without the outcome. If the small ones together are still
    small, those whose level is not recorded join them, then the next smallest level. All arrays have shape (n,).

    >>> place, person = np.array(["A"] * 30 + ["B"] * 20 + ["C"] * 5), np.arange(55)
    >>> np.unique(pooled(place, person, np.arange(55) % 2 == 0)).tolist()
    ['A', 'B and small groups']
    """
    names = [str(name) for name in np.unique(level)]
    small = [name for name in names if _small(level == name, person, had)]
    joined: list[str] = []
    others = sorted(set(names) - set(small), key=lambda name: (name != UNKNOWN, _people(level == name, person), name))
    for name in others if small else []:
        if not _small(np.isin(level, [*small, *joined]), person, had):
            break
        joined.append(name)
    if not small:
        return level
    together = "; ".join(joined) + WITH_SMALL if joined else SMALL
    return np.where(np.isin(level, [*small, *joined]), together, level)


def pooled_in_order(level: Labels, person: People, had: Mask) -> Labels:
    """As `pooled`, for levels that follow one another, such as ages: a small one joins its smaller neighbour.

    >>> age, person = np.array(["18-34"] * 5 + ["35-49"] * 30 + ["50-64"] * 20), np.arange(55)
    >>> np.unique(pooled_in_order(age, person, np.arange(55) % 2 == 0)).tolist()
    ['18-49', '50-64']
    """
    runs = [[name] for name in sorted({str(name) for name in np.unique(level)}, key=_place)]
    while len(runs) > 1:
        sizes = [_people(np.isin(level, run), person) for run in runs]
        small = [at for at, run in enumerate(runs) if _small(np.isin(level, run), person, had)]
        if not small:
            break
        at = small[0]
        neighbour = min((each for each in (at - 1, at + 1) if 0 <= each < len(runs)), key=sizes.__getitem__)
        first = min(at, neighbour)
        runs[first : first + 2] = [runs[first] + runs[first + 1]]
    shown = level.astype(object)
    for run in runs:
        shown[np.isin(level, run)] = _span(run)
    return shown.astype(np.str_)


def big_enough(level: Labels, person: People) -> Mask:
    """The rows of levels with 8 people or more."""
    keep = np.zeros(len(level), dtype=np.bool_)
    for name in np.unique(level):
        here = level == name
        keep |= here & (_people(here, person) >= FEWEST_SHOWN)
    return keep


def _small(here: Mask, person: People, had: Mask) -> bool:
    people, outcomes = _people(here, person), _people(here & had, person)
    return people < FEWEST_SHOWN or hidden(outcomes) or hidden(people - outcomes)


def _people(here: Mask, person: People) -> int:
    return len(np.unique(person[here]))


def _place(name: str) -> tuple[float, str]:
    number = re.search(r"\d+", name)
    below = 0.5 if name.startswith("under") else 0.0
    return (float(number.group()) - below if number and name != UNKNOWN else float("inf")), name


def _span(run: Sequence[str]) -> str:
    """The name of levels taken together: from the first to the last."""
    known = [name for name in run if name != UNKNOWN]
    if len(run) == 1 or not known:
        return run[0]
    first, last = known[0], known[-1]
    if first == last:
        together = first
    elif first.startswith("under"):
        together = "all ages" if last.endswith("+") else f"under {int(last.split('-')[-1]) + 1}"
    elif last.endswith("+"):
        together = f"{first.split('-')[0]}+"
    else:
        together = f"{first.split('-')[0]}-{last.split('-')[-1]}"
    return together if len(known) == len(run) else together + WITH_SMALL
