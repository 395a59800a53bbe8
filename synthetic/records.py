"""Rows of each kind of record: arrays of one length in which `who` is the position of a person and `day` the date.

`hospital` marks what was recorded in a stay or an emergency department; the rest was recorded at the practice.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthetic.draws import Flags, Floats, Ints
from synthetic.rows import Rows

GP, INPATIENT, EMERGENCY_STAY, EMERGENCY = 9202, 9201, 262, 9203


def _each(value: Ints | int, size: int) -> Ints:
    return np.broadcast_to(np.asarray(value, dtype=np.int64), (size,)).copy()


def visit(who: Ints, day: Ints, end: Ints, concept: Ints | int) -> Rows:
    """Contacts; `end` is the last day."""
    return {"who": who, "day": day, "end": end, "concept": _each(concept, len(who))}


def condition(who: Ints, day: Ints, concept: Ints | int, hospital: Flags | bool = False) -> Rows:
    """Diagnoses, symptoms and findings that are coded."""
    size = len(who)
    return {
        "who": who,
        "day": day,
        "concept": _each(concept, size),
        "hospital": np.broadcast_to(hospital, (size,)).copy(),
    }


def reading(
    who: Ints,
    day: Ints,
    concept: Ints | int,
    value: NDArray[np.floating[Any]],
    unit: Ints | int,
    hospital: Flags | bool = False,
) -> Rows:
    """Measurements without an operator (`<` or `>`); `unit` 0 is none."""
    size = len(who)
    return {
        "who": who,
        "day": day,
        "concept": _each(concept, size),
        "value": value.astype(np.float64),
        "unit": _each(unit, size),
        "operator": np.zeros(size, dtype=np.int64),
        "hospital": np.broadcast_to(hospital, (size,)).copy(),
    }


def prescription(who: Ints, day: Ints, concept: Ints | int, supply: Ints | int) -> Rows:
    """Medicines and vaccines; `supply` is the number of days that they last (1 for a vaccine)."""
    return {"who": who, "day": day, "concept": _each(concept, len(who)), "supply": _each(supply, len(who))}


def procedure(who: Ints, day: Ints, concept: Ints | int) -> Rows:
    """Procedures."""
    return {"who": who, "day": day, "concept": _each(concept, len(who))}


def observation(
    who: Ints, day: Ints, concept: Ints | int, value: Floats | float = np.nan, answer: Ints | int = 0
) -> Rows:
    """Observations, with a number (NaN is none) or an answer (a concept; 0 is none)."""
    size = len(who)
    return {
        "who": who,
        "day": day,
        "concept": _each(concept, size),
        "value": np.broadcast_to(np.asarray(value, dtype=np.float64), (size,)).copy(),
        "answer": _each(answer, size),
    }
