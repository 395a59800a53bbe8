"""Who changes band, and how many more or fewer people would be offered what a band stands for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evaluation.disclosure import FEWEST_SHOWN, hidden, publish_figure, suppress_lines, withheld
from evaluation.estimate import FEWEST, LEVEL, Estimate
from evaluation.inputs import Bools, Floats, Ints, Rows, rows
from evaluation.paired import mean_change

PARTS = ("all", "with the outcome", "without the outcome", "not known")
"""The first is the sum of the others; "not known" left before the horizon."""


@dataclass(frozen=True)
class Offered:
    """The change from one model to another in who is in a band or above: shares of people, second minus first.

    `movers` counts people who go in or out. The shares among those with and without the outcome allow for those whose
    outcome is not known by weights.
    """

    band: int
    movers: int
    everyone: Estimate
    with_outcome: Estimate
    without_outcome: Estimate


@dataclass(frozen=True)
class Moves:
    """`counts` of shape (parts, bands, bands): people by part, band under the first and under the second model."""

    counts: NDArray[np.int64]
    offered: tuple[Offered, ...]


def moves(
    first: ArrayLike,
    second: ArrayLike,
    bands: int,
    outcome: ArrayLike,
    weight: ArrayLike,
    family: ArrayLike,
    level: float = LEVEL,
) -> Moves:
    """Count people by their band under two models.

    Parameters
    ----------
    first, second : integer arrays of shape (n,)
        Band of each person, from 0 (the lowest) to `bands` - 1. One row for each person, or they count twice.
    bands : int
        How many bands there are.
    outcome, weight, family
        As for `measures.measure`; those of weight 0 are "not known".
    level : float
        Coverage aimed at.

    Returns
    -------
    Moves
        With one `Offered` for each band above the lowest.

    References
    ----------
    Pencina et al. (2008), Stat Med 27:157-172 (reclassification tables). A net reclassification index is not given: it
    rewards miscalibration (Hilden and Gerds 2014, Stat Med 33:3405-3414). What is offered to whom is counted instead.

    Examples
    --------
    >>> found = moves([0, 1, 1], [1, 1, 0], 2, [True, False, False], [1, 1, 0], [1, 2, 3])
    >>> found.counts[0].tolist(), found.counts[1].tolist()
    ([[0, 1], [1, 1]], [[0, 1], [0, 0]])
    """
    one, two = np.asarray(first, dtype=np.int64), np.asarray(second, dtype=np.int64)
    happened, weights = np.asarray(outcome, dtype=bool), np.asarray(weight, dtype=np.float64)
    known = weights > 0
    parts = (np.ones(len(one), dtype=bool), known & happened, known & ~happened, ~known)
    counts = np.zeros((len(PARTS), bands, bands), dtype=np.int64)
    for part, mask in enumerate(parts):
        np.add.at(counts[part], (one[mask], two[mask]), 1)
    families = np.asarray(family, dtype=np.int64)
    offered = tuple(_offered(band, one, two, happened, weights, families, level) for band in range(1, bands))
    return Moves(counts, offered)


def publish_moves(found: Moves) -> dict[str, Any]:
    """The counts and shares as they may leave.

    Returns
    -------
    dict
        tables: for each part a list of rows (band under the first model) of counts, None where hidden; offered: one for
        each band above the lowest, with the three shares in steps of 5 people.

    Examples
    --------
    >>> publish_moves(moves([0] * 30, [0] * 27 + [1] * 3, 2, [False] * 30, [1] * 30, list(range(30))))["tables"]["all"]
    [[None, None], [0, 0]]
    """
    parts, bands, _ = found.counts.shape
    cells = list(product(range(bands), range(bands)))
    counts = {(part, *cell): int(found.counts[(part, *cell)]) for part in range(parts) for cell in cells}
    totals = [[(part, *cell) for cell in cells] for part in range(parts)]
    sums = [[(part, *cell) for part in range(parts)] for cell in cells]  # "all" is the sum of the other parts
    shown = suppress_lines(counts, totals, sums)
    tables = {
        name: [[shown[part, row, column] for column in range(bands)] for row in range(bands)]
        for part, name in enumerate(PARTS)
    }
    return {"tables": tables, "offered": [_published(each, found.counts) for each in found.offered]}


def _offered(band: int, one: Ints, two: Ints, outcome: Bools, weight: Floats, family: Ints, level: float) -> Offered:
    moved = (two >= band).astype(np.float64) - (one >= band)
    known = weight > 0

    def among(chosen: Bools, weights: Floats | None) -> Estimate:
        people = rows(outcome[chosen], moved[chosen], None if weights is None else weights[chosen], family[chosen])
        return _enough(mean_change(people, moved[chosen], level), people)

    return Offered(
        band,
        int(np.count_nonzero(moved)),
        among(np.ones(len(one), dtype=bool), None),
        among(known & outcome, weight),
        among(known & ~outcome, weight),
    )


def _enough(found: Estimate, people: Rows) -> Estimate:
    """A share needs enough people and no number of outcomes."""
    return Estimate.of(
        found.value,
        found.low,
        found.high,
        n=people.n,
        events=people.events,
        kind=found.kind,
        level=found.level,
        enough=people.n >= FEWEST,
    )


def _published(offered: Offered, counts: NDArray[np.int64]) -> dict[str, Any]:
    sizes = counts.sum(axis=(1, 2)).tolist()
    whole: Sequence[tuple[str, Estimate, int]] = (
        ("everyone", offered.everyone, sizes[0]),
        ("with_outcome", offered.with_outcome, sizes[1]),
        ("without_outcome", offered.without_outcome, sizes[2]),
    )
    crossing = _crossing(offered.band, counts)
    return {"band": offered.band} | {
        name: withheld(found)
        if any(hidden(each) for each in crossing[at]) or size < FEWEST_SHOWN
        else publish_figure(found, 2 * FEWEST_SHOWN, FEWEST_SHOWN, size)
        for at, (name, found, size) in enumerate(whole)
    }


def _crossing(band: int, counts: NDArray[np.int64]) -> Mapping[int, tuple[int, int]]:
    """How many of each part go into the band or above, and out of it."""
    return {
        part: (int(counts[part, :band, band:].sum()), int(counts[part, band:, :band].sum()))
        for part in range(len(counts))
    }
