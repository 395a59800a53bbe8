"""Comparators over many people: a word as it stands, a published function person by person."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from features.reasons import listed
from pathways.definition import CannotCompute, Comparator


def score(
    comparator: Comparator, names: Sequence[str], values: Sequence[float], labels: Sequence[str] = ()
) -> tuple[float | None, str | None]:
    """The score of one person, or why there is none. Inputs that are missing are NaN; `labels` say what they are."""
    if not callable(comparator.score):
        value = values[0]
        return (None, comparator.why_not) if np.isnan(value) else (float(value), None)
    lacking = [label for label, value in zip(labels or names, values, strict=True) if np.isnan(value)]
    if lacking:
        return None, f"cannot be computed without {listed(lacking)}"
    try:
        return float(comparator.score(**dict(zip(names, values, strict=True)))), None
    except CannotCompute as reason:
        return None, str(reason)


def scores(comparator: Comparator, names: Sequence[str], inputs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Scores that rise with risk, NaN where they cannot be computed; `inputs` has shape (n_rows, len(names))."""
    if callable(comparator.score):
        found = [score(comparator, names, row)[0] for row in inputs.tolist()]
        values = np.array([np.nan if one is None else one for one in found], dtype=np.float64)
    else:
        values = inputs[:, 0].copy()
    return values if comparator.higher_is_worse else -values
