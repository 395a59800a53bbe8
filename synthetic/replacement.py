"""Whose kidneys fail, and what replaces them: dialysis for good, a transplant, or dialysis for some weeks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthetic.calendar import NEVER, START, YEAR_DAYS, age
from synthetic.draws import Draws, Floats, Ints
from synthetic.kidney import Kidneys, depth_of_injury
from synthetic.people import People

FAILED_FROM, FAILED_TO = 7.0, 11.0  # assumption: true eGFR at which people start, evenly between
MONTHS = 244  # of thirty days: twenty years
TRANSPLANTED = 0.45  # assumption: of those under 65, after about two years, some before any dialysis
BEFORE_DIALYSIS = 0.2  # assumption: of those
CONSERVATIVE_AGE = np.array([65.0, 75.0, 85.0])
# Assumption: share without replacement; with it half of those who start are under 70 (66 in the UK Renal Registry).
CONSERVATIVE = np.array([0.05, 0.35, 0.90])
DEEP = 0.78  # assumption: share of function lost from which an injury is dialysed; about one injury in 25


@dataclass(frozen=True)
class Replacement:
    """Day of the first dialysis and of a transplant (NEVER if none) for each person."""

    dialysis: Ints
    transplant: Ints


def draw_replacement(draws: Draws, people: People, kidneys: Kidneys, egfr: Floats) -> Replacement:
    """Who starts when; death and leaving come later and cut what is recorded."""
    start = _failure(draws, people, kidneys, egfr)
    years = age(people.birth, start)
    person = people.person
    start = np.where(
        draws.happens("conservative care", np.interp(years, CONSERVATIVE_AGE, CONSERVATIVE), person), NEVER, start
    )
    wait = np.floor(YEAR_DAYS * (0.5 + 1.5 * draws.exponential("wait for transplant", person))).astype(np.int64)
    wait = np.where(draws.happens("transplant before dialysis", BEFORE_DIALYSIS, person), 0, wait)
    chosen = (years < 65) & (start < NEVER) & draws.happens("transplant", TRANSPLANTED, person)
    transplant = np.where(chosen, start + wait, NEVER)
    return Replacement(np.where(transplant == start, NEVER, start), transplant)


def _failure(draws: Draws, people: People, kidneys: Kidneys, egfr: Floats) -> Ints:
    """The first month in which true eGFR is below what a person can bear; NEVER if none."""
    bears = FAILED_FROM + (FAILED_TO - FAILED_FROM) * draws.uniform("failure", people.person)
    failing = np.flatnonzero(egfr.min(axis=1) < FAILED_TO + 4.0)
    start = np.full(len(people), NEVER)
    if len(failing) == 0:
        return start
    late = np.floor(30 * draws.uniform("day of failure", people.person[failing])).astype(np.int64)
    day = np.maximum(START + 30 * np.arange(MONTHS) + late[:, None], people.joined[failing][:, None])
    who = np.broadcast_to(failing[:, None], day.shape)
    low = kidneys.true_egfr(who.ravel(), day.ravel()).reshape(day.shape) < bears[failing][:, None]
    start[failing] = np.where(low, day, NEVER).min(axis=1)
    return start


def dialysed_injuries(draws: Draws, people: People, kidneys: Kidneys) -> tuple[Ints, Ints]:
    """Injuries so deep that they are dialysed, until the kidneys come back: (position of the person, year)."""
    who, year = np.nonzero((kidneys.injury < NEVER) & (depth_of_injury(draws, people) > DEEP))
    return who, year
