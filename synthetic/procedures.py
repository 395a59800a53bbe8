"""Procedure rows: dialysis by month until a transplant, death or leaving; dialysis after acute injury; transplants.

A centre writes three dialyses a week; one a month is enough here, and more would fill the tables.
"""

from __future__ import annotations

import numpy as np

from synthetic.calendar import NEVER
from synthetic.clinic import Clinic
from synthetic.records import procedure
from synthetic.replacement import MONTHS, dialysed_injuries
from synthetic.rows import Rows, stacked

HAEMODIALYSIS, OF_ANY_KIND, PERITONEAL, TRANSPLANT = 4120120, 4146536, 4324124, 4322471
KINDS = (HAEMODIALYSIS, OF_ANY_KIND, PERITONEAL)
KIND_SHARES = np.array([0.6, 0.2, 0.2])  # assumption
SESSIONS, SESSION_DAYS = 12, 3  # assumption: at most five weeks of dialysis after an injury


def procedure_rows(clinic: Clinic) -> Rows:
    """All procedures of people on a list."""
    return stacked([_long(clinic), _after_injury(clinic), _transplants(clinic)])


def _long(clinic: Clinic) -> Rows:
    start, until = clinic.replacement.dialysis, np.minimum(clinic.replacement.transplant, clinic.lives.last + 1)
    who = np.flatnonzero(start < until)
    day = start[who][:, None] + 30 * np.arange(MONTHS)[None, :]
    keep = day < until[who][:, None]
    kind = np.array(KINDS)[clinic.draws.choice("kind of dialysis", KIND_SHARES, clinic.people.person)]
    dialysed = who[np.nonzero(keep)[0]]
    return procedure(dialysed, day[keep], kind[dialysed])


def _after_injury(clinic: Clinic) -> Rows:
    who, year = dialysed_injuries(clinic.draws, clinic.people, clinic.kidneys)
    person = clinic.people.person[who]
    turn = np.arange(SESSIONS)[None, :]
    day = clinic.kidneys.injury[who, year][:, None] + 1 + SESSION_DAYS * turn
    sessions = 2 + np.floor((SESSIONS - 2) * clinic.draws.uniform("sessions after injury", person, year))
    at = np.broadcast_to(who[:, None], day.shape)
    keep = (turn < sessions[:, None]) & clinic.lives.seen(at.ravel(), day.ravel()).reshape(day.shape)
    return procedure(at[keep], day[keep], HAEMODIALYSIS)


def _transplants(clinic: Clinic) -> Rows:
    day = clinic.replacement.transplant
    given = np.flatnonzero((day < NEVER) & (day <= clinic.lives.last))
    return procedure(given, day[given], TRANSPLANT)
