"""Contacts: the stays of acute injury and other illness, emergency attendances, and every day at the practice.

Lengths of stay, here and below, are assumptions.
"""

from __future__ import annotations

import numpy as np

from synthetic.calendar import END, NEVER, NEW_YEAR, age
from synthetic.clinic import Clinic, grid
from synthetic.records import EMERGENCY, EMERGENCY_STAY, GP, INPATIENT, visit
from synthetic.rows import Rows, stacked, taken

EMERGENCY_SHARE = 0.37  # emergency stays recorded as such: 30-45% of stays (clinical_a.md 0.2)
CONSULTING_AGE = np.array([0.0, 5.0, 18.0, 40.0, 65.0, 85.0])
CONSULTING = np.array([0.55, 0.35, 0.30, 0.35, 0.55, 0.70])  # assumption: chance of each of four yearly contacts


def hospital_rows(clinic: Clinic) -> Rows:
    """Stays and emergency attendances."""
    stays = stacked([_injury_stays(clinic), _emergency_stays(clinic), _planned(clinic), _attendances(clinic)])
    last = np.minimum(clinic.lives.last[stays["who"]], END)
    return {**stays, "end": np.minimum(stays["end"], last)}


def _injury_stays(clinic: Clinic) -> Rows:
    who, year = np.nonzero(clinic.kidneys.injury < NEVER)
    day, person = clinic.kidneys.injury[who, year], clinic.people.person[who]
    keep = clinic.lives.seen(who, day)
    nights = 6 + np.floor(5 * clinic.draws.exponential("nights of injury", person, year)).astype(np.int64)
    kind = np.where(clinic.draws.happens("emergency stay", 0.6, person, year), EMERGENCY_STAY, INPATIENT)  # assumption
    return taken(visit(who, day, day + nights, kind), keep)


def _yearly(clinic: Clinic, what: str, at_60: float, growth: float, most: float) -> Rows:
    """Events whose yearly chance grows with age from `at_60`."""
    who, year, _ = grid(clinic)
    person = clinic.people.person[who]
    day = NEW_YEAR[year] + np.floor(365 * clinic.draws.uniform(f"day of {what}", person, year)).astype(np.int64)
    chance = np.minimum(at_60 * np.exp(growth * (age(clinic.people.birth[who], day) - 60.0)), most)
    keep = clinic.draws.happens(what, chance, person, year) & clinic.lives.seen(who, day)
    who, day = who[keep], day[keep]
    nights = np.floor(5 * clinic.draws.exponential(f"nights of {what}", clinic.people.person[who], day)).astype(
        np.int64
    )
    return visit(who, day, day + nights, EMERGENCY_STAY)


def _emergency_stays(clinic: Clinic) -> Rows:
    """Other emergency stays; many an extract calls them plain inpatient stays."""
    rows = _yearly(clinic, "emergency admission", 0.06, 0.03, 0.3)  # assumption
    plain = clinic.draws.happens("called plain", 0.45, clinic.people.person[rows["who"]], rows["day"])  # assumption
    return {**rows, "concept": np.where(plain, INPATIENT, EMERGENCY_STAY)}


def _planned(clinic: Clinic) -> Rows:
    rows = _yearly(clinic, "planned stay", 0.05, 0.02, 0.2)  # assumption
    return {**rows, "concept": np.full(len(rows["who"]), INPATIENT)}


def _attendances(clinic: Clinic) -> Rows:
    rows = _yearly(clinic, "emergency attendance", 0.14, 0.003, 0.3)  # assumption
    return {**rows, "end": rows["day"], "concept": np.full(len(rows["who"]), EMERGENCY)}


def practice_rows(clinic: Clinic, days: list[Rows]) -> Rows:
    """One contact for each person and day: the days on which something was recorded, and others."""
    who, year, slot = grid(clinic, 4)
    person = clinic.people.person[who]
    day = NEW_YEAR[year] + np.floor(365 * clinic.draws.uniform("day of contact", person, year, slot)).astype(np.int64)
    chance = np.interp(age(clinic.people.birth[who], day), CONSULTING_AGE, CONSULTING)
    chance = chance * (1.0 + 0.15 * np.clip(clinic.latent.attending[who], -2.5, 2.5))  # assumption
    keep = clinic.draws.happens("contact", chance, person, year, slot) & clinic.lives.seen(who, day)
    at_practice = [taken(rows, ~rows["hospital"]) for rows in days]
    who = np.concatenate([who[keep], *(rows["who"] for rows in at_practice)])
    day = np.concatenate([day[keep], *(rows["day"] for rows in at_practice)])
    here = clinic.lives.seen(who, day)
    both = np.unique(np.stack([who[here], day[here]]), axis=1)
    return visit(both[0], both[1], both[1], GP)
