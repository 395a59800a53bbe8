"""How far people moved between the frozen bins of a predictor, from counts that nobody can be told from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import ncx2

from evaluation.disclosure import FEWEST_SHOWN, suppress
from registry.profile import MISSING, bins

MINIMUM_EFFECT = 0.02
"""A population stability index that nobody needs to know of, however sure it is."""
MATERIAL = 0.10
LARGE = 0.25
"""The usual readings of a population stability index: under 0.10 small, over 0.25 large."""
ERROR = 0.001

TOGETHER = "fewer than 8 in a bin, taken together"

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Spread:
    """Rows over bins, then and now: rounded to 5, no bin with 1 to 7 people in it; the rare ones are `together`."""

    names: tuple[str, ...]
    reference: tuple[int, ...]
    current: tuple[int, ...]
    together: tuple[str, ...] = ()


@dataclass(frozen=True)
class Shift:
    """A population stability index, how likely it is by chance, and the smallest that these numbers would show."""

    psi: float
    chance: float
    detectable: float


def counted(predictor: Mapping[str, Any], values: NDArray[np.float32], person: Counts) -> tuple[Counts, Counts]:
    """Rows in each bin, and different people in each bin; both of shape (bins,)."""
    found, size = bins(predictor, values), len(predictor["bins"])
    code = np.unique(person, return_inverse=True)[1].astype(np.int64)
    people = np.unique(code * size + found) % size
    return np.bincount(found, minlength=size), np.bincount(people, minlength=size)


def spread(
    names: Sequence[str], reference: Sequence[int | None], total: int, rows: Counts, people: Counts
) -> Spread | None:
    """Then and now over the same bins, rare ones taken together; None if even all together are too few.

    `reference` counts rows, None where hidden, of `total`; `rows` and `people` are those of now. A hidden bin of then
    is known with the other hidden ones together, as the total less the shown.
    """
    rare = {
        at
        for at, before in enumerate(reference)
        if before is None or 0 < people[at] < FEWEST_SHOWN or 0 < rows[at] < FEWEST_SHOWN
    }
    unseen = max(0, total - sum(count for count in reference if count is not None))
    size = [before or 0 for before in reference]
    while rare and not _enough(rare, people, sum(size[at] for at in rare) + unseen):
        others = [at for at in range(len(names)) if at not in rare]
        if not others:
            return None
        rare.add(min(others, key=lambda at: (int(people[at]), at)))
    return _pooled(names, size, rows, rare, unseen)


def _enough(rare: set[int], people: Counts, before: int) -> bool:
    # People of several bins may be the same, so the fullest bin and not the sum tells how many there are at least.
    now = [int(people[at]) for at in rare]
    return (max(now) >= FEWEST_SHOWN or not any(now)) and (before >= FEWEST_SHOWN or before == 0)


def _pooled(names: Sequence[str], size: list[int], rows: Counts, rare: set[int], unseen: int) -> Spread:
    kept = [at for at in range(len(names)) if at not in rare and (size[at] or rows[at])]
    cells = [(names[at], size[at], int(rows[at])) for at in kept]
    if rare:
        cells.append((TOGETHER, sum(size[at] for at in rare) + unseen, sum(int(rows[at]) for at in rare)))
    return Spread(
        names=tuple(name for name, _, _ in cells),
        reference=tuple(suppress(before) or 0 for _, before, _ in cells),
        current=tuple(suppress(now) or 0 for _, _, now in cells),
        together=tuple(names[at] for at in sorted(rare)),
    )


def psi(reference: Sequence[int], current: Sequence[int]) -> float:
    """The population stability index of two sets of counts, an empty bin read as one in ten thousand.

    >>> round(psi([50, 50], [80, 20]), 4)  # 0.3 log 1.6 + 0.3 log 2.5
    0.4159
    >>> round(psi([100, 0], [40, 60]), 3)
    5.769
    """
    before, now = _shares(reference), _shares(current)
    return float(np.sum((before - now) * np.log(before / now)))


def _shares(counts: Sequence[int]) -> NDArray[np.float64]:
    shares = np.asarray(counts, dtype=np.float64) / sum(counts)
    least = shares[shares > 0].min()
    # As Evidently has it, so that the two can be compared.
    return np.where(shares > 0, shares, 1e-4 if least > 1e-4 else least / 1e6)


def shift(found: Spread, before: float, now: float) -> Shift:
    """Weigh the index of a spread against chance, `before` and `now` being the numbers of independent people.

    With v = 1/before + 1/now, index / v is about chi-squared with bins - 1 degrees of freedom where nothing moved, and
    non-central with delta / v where the true index is delta.
    """
    index = psi(found.reference, found.current)
    freedom, v = max(1, len(found.names) - 1), 1 / before + 1 / now
    beyond = float(ncx2.isf(ERROR, freedom, MINIMUM_EFFECT / v)) * v
    likely = float(ncx2.sf(index / v, freedom, MINIMUM_EFFECT / v))
    return Shift(index, 1.0 if math.isnan(likely) else likely, beyond)


def most_moved(found: Spread) -> str:
    """The bin that moved most, in words: which, from what share to what share."""
    before, now = _shares(found.reference), _shares(found.current)
    return moved(found, found.names[int(np.argmax((before - now) * np.log(before / now)))])


def moved(found: Spread, bin_name: str) -> str:
    """One bin in words: from what share to what share."""
    at = found.names.index(bin_name)
    then, after = (_percent(counts[at] / sum(counts)) for counts in (found.reference, found.current))
    name = "missing" if found.names[at] == MISSING else f"'{found.names[at]}'"
    return f"{name} went from {then} to {after}"


def _percent(part: float) -> str:
    return f"{100 * part:.1f}%" if 0 < part < 0.1 else f"{100 * part:.0f}%"


def share(found: Spread, name: str) -> tuple[float | None, float | None]:
    """Share of a bin, then and now; None for both where it was taken together with others."""
    if name in found.names:
        at = found.names.index(name)
        return found.reference[at] / sum(found.reference), found.current[at] / sum(found.current)
    return (None, None) if name in found.together else (0.0, 0.0)
