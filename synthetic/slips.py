"""Slips of recording, in every population and counted: no reader of real records is spared them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from synthetic.calendar import END, NEVER, day_of
from synthetic.clinic import Clinic
from synthetic.draws import Flags, Ints
from synthetic.rows import Rows, number, ordered, stacked, taken

# Share of the rows of a table that get each fault; all are assumptions. At most one fault for each row.
SHARES = {
    "duplicate": 0.003,
    "missing unit": 0.004,
    "implausible value": 0.002,
    "future date": 0.001,
    "before birth": 0.001,
    "after death": 0.005,  # of the rows of the dead
}
OF_MEASUREMENTS = tuple(SHARES)
OF_OTHERS = ("duplicate", "future date", "before birth", "after death")
DEFAULT_DATE = day_of(1900)  # a date that systems enter by themselves; nobody here is born before it


@dataclass(frozen=True)
class Faulty:
    """Rows with their faults and the number of rows that got each."""

    rows: Rows
    counts: Counter[str]


def with_slips(clinic: Clinic, table: str, rows: Rows) -> Faulty:
    """Put the faults into the rows of one table."""
    rows = ordered(rows, "who", "day", "concept")
    person, turn = clinic.people.person[rows["who"]], number(rows)
    draw = clinic.draws.uniform(f"fault in {table}", person, turn)
    counts: Counter[str] = Counter()
    copies: list[Rows] = []
    edge = 0.0
    for fault in OF_MEASUREMENTS if table == "measurement" else OF_OTHERS:
        hit = (draw >= edge) & (draw < edge + SHARES[fault]) & _possible(clinic, fault, rows)
        edge += SHARES[fault]
        counts[f"{table}: {fault}"] = int(hit.sum())
        if fault == "duplicate":
            copies.append(taken(rows, hit))
        else:
            rows = _changed(clinic, fault, rows, hit, person, turn)
    return Faulty(ordered(stacked([rows, *copies]), "who", "day", "concept"), counts)


def _possible(clinic: Clinic, fault: str, rows: Rows) -> Flags:
    if fault == "after death":
        return clinic.lives.death[rows["who"]] < NEVER
    return np.ones(len(rows["who"]), dtype=np.bool_)


def _changed(clinic: Clinic, fault: str, rows: Rows, hit: Flags, person: Ints, turn: Ints) -> Rows:
    draw = clinic.draws.uniform("size of fault", person, turn)
    match fault:
        case "missing unit":
            return {**rows, "unit": np.where(hit, 0, rows["unit"])}
        case "implausible value":
            return {**rows, "value": np.where(hit, np.where(draw < 0.5, 0.0, 99999.0), rows["value"])}
        case "future date":
            return {**rows, "day": np.where(hit, END + 1 + np.floor(3650 * draw).astype(np.int64), rows["day"])}
        case "before birth":
            return {**rows, "day": np.where(hit, DEFAULT_DATE, rows["day"])}
        case _:
            late = clinic.lives.death[rows["who"]] + 1 + np.floor(300 * draw).astype(np.int64)
            return {**rows, "day": np.where(hit, np.minimum(late, END), rows["day"])}
