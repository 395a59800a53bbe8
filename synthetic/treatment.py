"""Prescriptions: long courses issued every twelve weeks from an indication, and short ones now and then.

Every share, wait and age in this file is an assumption, but for renin-angiotensin agents at CKD G3: 64.5% of people in
Derbyshire practices had one (Shardlow, PLoS Med 2016;13(9):e1002128). Who should have a medicine and has none is a gap.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthetic.calendar import END, FIRST_YEAR, NEVER, NEW_YEAR, START, age, day_of
from synthetic.clinic import Clinic, grid
from synthetic.draws import Floats, Ints
from synthetic.records import prescription
from synthetic.rows import Rows, stacked

SUPPLY = 84  # assumption: days of a repeat prescription, twelve weeks, to keep the number of rows moderate
COURSE_YEARS = 9.0  # assumption: mean length of a long course; much longer where a disease stays
ISSUES = 88  # enough twelve-week issues for twenty years


@dataclass(frozen=True)
class Course:
    """A long course: share treated by indication, and the products a person may get (one each)."""

    share: tuple[tuple[str, float], ...]
    products: tuple[int, ...]
    from_year: int = FIRST_YEAR
    others: float = 0.0  # share of people over 55 without any of the indications
    low: float = 0.0  # share when kidneys are low
    low_from: int = FIRST_YEAR
    years: float = COURSE_YEARS


# All shares are assumptions.
COURSES = {
    "renin-angiotensin agent": Course(
        (("hypertension", 0.55), ("type 2 diabetes", 0.35), ("heart failure", 0.75), ("ischaemic heart disease", 0.5)),
        (1334456, 1334456, 1308216, 19080128, 1367500, 40185304),
        low=0.55,
        years=60.0,
    ),
    "SGLT2 inhibitor": Course(
        (("type 2 diabetes", 0.3), ("heart failure", 0.35)),
        (44785829, 45774751),
        from_year=2019,
        low=0.12,
        low_from=2022,
        years=20.0,
    ),
    "statin": Course(
        (("type 2 diabetes", 0.65), ("ischaemic heart disease", 0.8), ("stroke", 0.7), ("hypertension", 0.2)),
        (1545958, 1545959, 1539403, 1539411),
        others=0.10,
        low=0.50,
        years=25.0,
    ),
    "loop diuretic": Course((("heart failure", 0.7),), (956874, 957136), others=0.015),
    "lithium": Course((("serious mental illness", 0.08),), (751246,)),
    "calcineurin inhibitor": Course((("glomerular disease", 0.15), ("lupus", 0.05)), (950637,)),
    "proton pump inhibitor": Course((("ischaemic heart disease", 0.4),), (923645, 929887), others=0.16),
    "allopurinol": Course((("gout", 0.4),), (1167322, 1167323)),
}

NSAID, NSAID_ILL = 0.09, 0.25  # assumption: share with a course in a year; with rheumatoid arthritis or gout
NSAIDS = (1177480, 19078461, 1115008, 19019273)
TRIMETHOPRIM = 0.04  # assumption: women, in a year


def drug_rows(clinic: Clinic) -> Rows:
    """All prescriptions to people on a list."""
    return stacked(
        [*(_long(clinic, name, course) for name, course in COURSES.items()), _nsaids(clinic), _short(clinic)]
    )


def _starts(clinic: Clinic, name: str, course: Course) -> Ints:
    """Day on which a person begins a course: the first indication for which they are treated; NEVER if none."""
    person = clinic.people.person
    start = np.full(len(person), NEVER)
    for illness, share in course.share:
        treated = clinic.draws.happens(f"{name} for {illness}", share, person)
        wait = np.floor(300 * clinic.draws.exponential(f"{name} wait for {illness}", person)).astype(np.int64)
        start = np.where(treated, np.minimum(start, clinic.illness[illness].coded + wait), start)
    treated = clinic.draws.happens(f"{name} for low kidney function", course.low, person)
    start = np.where(treated, np.minimum(start, np.maximum(_low_since(clinic), day_of(course.low_from))), start)
    later = clinic.people.birth + np.floor(365 * (50 + 30 * clinic.draws.uniform(f"{name} age", person))).astype(
        np.int64
    )
    start = np.where(clinic.draws.happens(f"{name} anyway", course.others, person), np.minimum(start, later), start)
    return np.where(start < NEVER, np.maximum(start, day_of(course.from_year)), NEVER)


def _low_since(clinic: Clinic) -> Ints:
    """A year after the first summer in which true eGFR was below 60; NEVER if none."""
    return np.asarray(np.where(clinic.egfr < 60.0, NEW_YEAR + 547, NEVER).min(axis=1))


def _long(clinic: Clinic, name: str, course: Course) -> Rows:
    start = _starts(clinic, name, course)
    stay: Floats = 365 * course.years * clinic.draws.exponential(f"{name} stay", clinic.people.person)
    since = np.maximum(start, START)  # people treated before the records begin may still be treated
    stop = np.minimum(since + stay.astype(np.int64), clinic.lives.last)
    treated = np.flatnonzero((start < END) & (stop > clinic.lives.first))
    begin = np.maximum(since, clinic.lives.first)[treated]
    issue = np.arange(ISSUES)[None, :]
    person = clinic.people.person[treated][:, None]
    late = np.floor(12 * clinic.draws.uniform(f"{name} issue", person, issue)).astype(np.int64) - 5
    day = begin[:, None] + 7 + SUPPLY * issue + late
    keep = (day <= stop[treated][:, None]) & ~clinic.draws.happens(f"{name} missed", 0.06, person, issue)
    products = np.array(course.products)[
        clinic.draws.choice(f"{name} product", np.ones(len(course.products)), clinic.people.person)
    ]
    row, _ = np.nonzero(keep)
    who = treated[row]
    return prescription(who, day[keep], products[who], SUPPLY)


def _nsaids(clinic: Clinic) -> Rows:
    who, year, slot = grid(clinic, 3)
    person = clinic.people.person[who]
    first = NEW_YEAR[year] + np.floor(300 * clinic.draws.uniform("day of NSAID", person, year)).astype(np.int64)
    day = first + 30 * slot
    ill = clinic.known("rheumatoid arthritis", who, day) | clinic.known("gout", who, day)
    course = clinic.draws.uniform("NSAID", person, year) < np.where(ill, NSAID_ILL, NSAID)
    keep = course & ((slot == 0) | clinic.draws.happens("NSAID again", 0.35, person, year, slot))  # assumption
    keep &= clinic.lives.seen(who, day) & (age(clinic.people.birth[who], day) >= 16)
    product = np.array(NSAIDS)[clinic.draws.choice("which NSAID", np.ones(4), clinic.people.person)]
    return prescription(who[keep], day[keep], product[who[keep]], 28)


def _short(clinic: Clinic) -> Rows:
    who, year, _ = grid(clinic)
    person = clinic.people.person[who]
    day = NEW_YEAR[year] + np.floor(365 * clinic.draws.uniform("day of infection", person, year)).astype(np.int64)
    chance = np.where(clinic.people.female[who], TRIMETHOPRIM, TRIMETHOPRIM / 5)
    # The same draw as the infection's: trimethoprim follows an infection that was coded.
    keep = clinic.draws.happens("infection", chance, person, year) & clinic.lives.seen(who, day)
    return prescription(who[keep], day[keep], 1705674, 7)
