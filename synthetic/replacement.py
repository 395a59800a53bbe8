"""Dialysis and transplant of the few whose kidneys fail, as procedures."""

from __future__ import annotations

import numpy as np

from synthetic.calendar import NEVER, NEW_YEAR, YEAR_DAYS, age
from synthetic.clinic import Clinic, grid
from synthetic.draws import Ints
from synthetic.rows import Rows, stacked

FAILED = 8.0  # assumption: dialysis starts in the year after true eGFR falls below this
MONTHS = 180
TRANSPLANTED = 0.35  # assumption: of those under 65, after about two years
CONSERVATIVE = 0.3  # assumption: of those over 75, without dialysis


def procedure_rows(clinic: Clinic) -> Rows:
    """A dialysis row each month until transplant, death or leaving; one row for a transplant."""
    starts = _starts(clinic)
    person = clinic.people.person
    wait = np.floor(YEAR_DAYS * (0.5 + 1.5 * clinic.draws.exponential("wait for transplant", person))).astype(np.int64)
    young = age(clinic.people.birth, starts) < 65
    chosen = young & (starts < NEVER) & clinic.draws.happens("transplant", TRANSPLANTED, person)
    transplant = np.where(chosen, starts + wait, NEVER)
    who = np.flatnonzero(starts < NEVER)
    day = starts[who][:, None] + 30 * np.arange(MONTHS)[None, :]
    keep = (day < transplant[who][:, None]) & (day <= clinic.lives.last[who][:, None])
    dialysed = who[np.nonzero(keep)[0]]
    given = np.flatnonzero(transplant <= clinic.lives.last)
    return stacked([_procedure(dialysed, day[keep], 4120120), _procedure(given, transplant[given], 4322471)])


def _procedure(who: Ints, day: Ints, concept: int) -> Rows:
    return {"who": who, "day": day, "concept": np.full(len(who), concept, dtype=np.int64)}


def _starts(clinic: Clinic) -> Ints:
    who, year, _ = grid(clinic)
    day = NEW_YEAR[year] + 30
    failed = (clinic.kidneys.true_egfr(who, day) < FAILED) & clinic.lives.seen(who, day)
    first = np.where(failed, day, NEVER).reshape(len(clinic.people), -1).min(axis=1)
    old = age(clinic.people.birth, first) > 75
    declined = old & clinic.draws.happens("conservative care", CONSERVATIVE, clinic.people.person)
    return np.where(declined, NEVER, first)
