"""Who teaches the model and who examines it: other families, and where the records allow it later in time."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.inputs import distinct
from features.table import OUTCOME, FeatureTable

TEACHING_SHARE = 0.7
EARLY_SHARE = 0.6
OUTCOMES_TO_EXAMINE = 50
"""People with the outcome whom the later dates of other families must hold, or families alone decide."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Split:
    """Masks over the rows of a table. No family is on both sides; `cut` is the last index day of development.

    Without a `cut` validation is on other families at the same time, and `why_not_later` says why.
    """

    development: Mask
    validation: Mask
    cut: int | None
    why_not_later: str


def split(table: FeatureTable, horizon: int, seed: int = 0) -> Split:
    """Part the rows by family, 70 to 30, and by index date where the later dates hold enough outcomes."""
    days = table.index_day
    cut = int(np.quantile(days, EARLY_SHARE, method="lower")) if len(table) else 0
    teaching, later = ~unseen(table, seed), unseen(table, seed, cut)
    seen = distinct(table.person_id, later & had_outcome(table, horizon))
    if seen >= OUTCOMES_TO_EXAMINE:
        return Split(teaching & (days <= cut), later, cut, "")
    return Split(
        teaching,
        ~teaching,
        None,
        f"the later dates of the families kept aside hold fewer than {OUTCOMES_TO_EXAMINE} people with the outcome",
    )


def unseen(table: FeatureTable, seed: int, cut: int | None = None) -> Mask:
    """Rows of the families that teach nothing under this seed; only those after `cut` if one is given."""
    kept_aside = share_of_family(table.family, seed) >= TEACHING_SHARE
    return np.asarray(kept_aside if cut is None else kept_aside & (table.index_day > cut))


def families_digest(table: FeatureTable) -> str:
    """SHA-256 of who is in which family: tables with the same one part their people alike under the same seed."""
    person, first = np.unique(table.person_id, return_index=True)
    pairs = np.column_stack([person, table.family[first]]).astype(np.int64)
    return hashlib.sha256(np.ascontiguousarray(pairs).tobytes()).hexdigest()


def had_outcome(table: FeatureTable, horizon: int) -> Mask:
    """Rows with the outcome before the horizon."""
    return np.asarray((table.event == OUTCOME) & (table.time < horizon))


def folds(family: NDArray[np.int64], count: int, seed: int = 0) -> NDArray[np.int64]:
    """A fold from 0 to `count` - 1 for each row, the same for a whole family."""
    return np.floor(share_of_family(family, seed + 1) * count).astype(np.int64)


def drawn(table: FeatureTable, people: int, seed: int = 0) -> Mask:
    """Whole families, drawn by hash, that hold about so many people."""
    found = len(np.unique(table.person_id))
    return np.asarray(share_of_family(table.family, seed + 2) * found < people)


def share_of_family(family: NDArray[np.int64], seed: int) -> NDArray[np.float64]:
    """A number in [0, 1) that depends on the family and the seed alone, so that no reading order can move a person.

    >>> share_of_family(np.array([7, 7, 8]), 0).round(3).tolist()
    [0.39, 0.39, 0.619]
    """
    # SplitMix64's finaliser (Steele et al. 2014): neighbouring numbers land far apart.
    with np.errstate(over="ignore"):
        state = family.astype(np.uint64) + np.uint64(seed + 1) * np.uint64(0x9E3779B97F4A7C15)
        state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        state = state ^ (state >> np.uint64(31))
    return (state >> np.uint64(11)).astype(np.float64) / 2.0**53
