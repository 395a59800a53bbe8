"""Blood tests: who is tested when, which is not at random, and what kidney function the laboratory reads.

Tests follow known illness (clinical_a.md 1.8), age, sex, deprivation and habit; acute injury brings tests in hospital;
a low value brings a repeat, most of the time. The days of waiting are assumptions.
"""

from __future__ import annotations

import numpy as np

from synthetic.calendar import NEVER, NEW_YEAR, age
from synthetic.clinic import Clinic, grid
from synthetic.draws import Floats, Ints
from synthetic.illness import deprivation_gradient
from synthetic.kidney import creatinine_umol, depth_of_injury, egfr_of
from synthetic.rows import Rows, ordered, stacked, taken

TESTED = {  # share tested in a year (clinical_a.md 1.8; hypertension and others are assumptions there too)
    "type 1 diabetes": 0.86,
    "type 2 diabetes": 0.86,
    "hypertension": 0.66,  # with repeats and further illness the share seen in the records is 0.75
    "heart failure": 0.80,  # assumption
    "ischaemic heart disease": 0.70,  # assumption
    "stroke": 0.65,  # assumption
    "gout": 0.50,  # assumption
}
OTHERS_AGE = np.array([18.0, 40.0, 60.0, 80.0])
OTHERS_TESTED = np.array([0.11, 0.17, 0.27, 0.42])  # assumption: 25% of the others on average, rising with age
LOW_TESTED = 0.85  # assumption: tested in a year when true eGFR is below 60
SECOND_TEST = 0.30  # assumption: a second routine test in the year
NEW_KIDNEY = 52.0  # assumption: eGFR with a transplant
NOISE = 0.075  # assumption: within-person and analytical variation of creatinine, coefficient of variation
REPEATED = 0.60  # assumption: a reading below 60 is repeated within half a year
# Further tests of people whose kidneys were low a year ago. NG203 asks for one or two a year at G3, two at G4 and four
# at G5 and more with albumin (clinical_a.md 1.1 as recalled; not read); many have fewer: of FURTHER tests, each chance.
FURTHER = 6
FURTHER_EGFR = np.array([15.0, 30.0, 45.0, 60.0])
FURTHER_TESTED = np.array([0.60, 0.28, 0.08, 0.0])  # assumption


def attendance(clinic: Clinic, who: Ints, day: Ints) -> Floats:
    """How readily a person and practice test, around 1: men, deprived people and the mentally ill are tested less."""
    practice = 1_000_000 + clinic.practice(who, day)
    times = np.exp(0.12 * clinic.draws.normal("practice habit", practice))  # assumption
    times = times * (1.0 + 0.12 * np.clip(clinic.latent.attending[who], -2.5, 2.5))  # assumption
    times = times * np.where(clinic.people.female[who], 1.07, 0.95)  # assumption in the direction of clinical_a.md 1.8
    times = times * deprivation_gradient(0.90, clinic.people)[who]  # assumption, the same
    return np.asarray(times * np.where(clinic.known("serious mental illness", who, day), 0.85, 1.0))  # assumption


def draw_bloods(clinic: Clinic) -> Rows:
    """All readings of kidney function: who, day, creatinine (umol/L), egfr, hospital, review (first of the year)."""
    planned = stacked([_routine(clinic), _monitoring(clinic), _around_injury(clinic)])
    first = _read(clinic, planned)
    again = _read(clinic, _repeats(clinic, first))
    rows = ordered(stacked([first, again]), "who", "day", "hospital", "review")
    once = np.ones(len(rows["who"]), dtype=np.bool_)
    once[1:] = (rows["who"][1:] != rows["who"][:-1]) | (rows["day"][1:] != rows["day"][:-1])
    return taken(rows, once)


def _routine(clinic: Clinic) -> Rows:
    who, year, slot = grid(clinic, 2)
    person = clinic.people.person[who]
    day = NEW_YEAR[year] + np.floor(365 * clinic.draws.uniform("day of test", person, year, slot)).astype(np.int64)
    chance = routinely_tested(clinic, who, day, clinic.egfr[who, year]) * attendance(clinic, who, day)
    chance = chance * np.where(slot == 0, 1.0, SECOND_TEST)
    wanted = clinic.draws.happens("routine test", np.minimum(chance, 0.98), person, year, slot)
    keep = wanted & clinic.lives.seen(who, day) & (age(clinic.people.birth[who], day) >= 18)
    return {"who": who[keep], "day": day[keep], "hospital": np.zeros(keep.sum(), np.bool_), "review": slot[keep] == 0}


def routinely_tested(clinic: Clinic, who: Ints, day: Ints, egfr: Floats) -> Floats:
    """Share of people like these, with this true eGFR, who have a planned blood test in a year, before attendance."""
    chance = np.interp(age(clinic.people.birth[who], day), OTHERS_AGE, OTHERS_TESTED)
    for name, share in TESTED.items():
        chance = np.where(clinic.known(name, who, day), np.maximum(chance, share), chance)
    return np.asarray(np.where(egfr < 60, np.maximum(chance, LOW_TESTED), chance))


def _monitoring(clinic: Clinic) -> Rows:
    """Tests beyond the yearly ones, the more the lower the kidneys were a year ago."""
    low, year = np.nonzero(clinic.egfr[:, :-1] < FURTHER_EGFR[-1])
    who, year = np.repeat(low, FURTHER), np.repeat(year + 1, FURTHER)
    slot = np.tile(np.arange(FURTHER), len(low))
    person = clinic.people.person[who]
    day = NEW_YEAR[year] + np.floor(365 * clinic.draws.uniform("day of further test", person, year, slot)).astype(
        np.int64
    )
    chance = np.interp(clinic.egfr[who, year - 1], FURTHER_EGFR, FURTHER_TESTED) * attendance(clinic, who, day)
    keep = clinic.draws.happens("further test", chance, person, year, slot) & clinic.lives.seen(who, day)
    keep &= age(clinic.people.birth[who], day) >= 18
    flags = np.zeros(int(keep.sum()), np.bool_)
    return {"who": who[keep], "day": day[keep], "hospital": flags, "review": flags}


def _around_injury(clinic: Clinic) -> Rows:
    """Three tests in hospital, then two outside (assumption: in 70% and 50%)."""
    who, year = np.nonzero(clinic.kidneys.injury < NEVER)
    parts = []
    for after, share, hospital in ((0, 1.0, True), (2, 0.9, True), (5, 0.6, True), (35, 0.7, False), (110, 0.5, False)):
        person, turn = clinic.people.person[who], np.full(len(who), after)
        spread = np.where(hospital, 0, np.floor(30 * clinic.draws.uniform("recovery day", person, year, turn)))
        day = clinic.kidneys.injury[who, year] + after + spread.astype(np.int64)
        keep = clinic.draws.happens("test around injury", share, person, year, turn) & clinic.lives.seen(who, day)
        keep &= age(clinic.people.birth[who], day) >= 18
        flags = np.full(int(keep.sum()), hospital)
        parts.append({"who": who[keep], "day": day[keep], "hospital": flags, "review": np.zeros_like(flags)})
    return stacked(parts)


def _repeats(clinic: Clinic, rows: Rows) -> Rows:
    low = taken(rows, (rows["egfr"] < 60) & ~rows["hospital"])
    person = clinic.people.person[low["who"]]
    wait = 14 + np.floor(150 * clinic.draws.uniform("wait for repeat", person, low["day"])).astype(np.int64)
    keep = clinic.draws.happens("repeat", REPEATED, person, low["day"])
    keep &= clinic.lives.seen(low["who"], low["day"] + wait)
    flags = np.zeros(int(keep.sum()), np.bool_)
    return {"who": low["who"][keep], "day": (low["day"] + wait)[keep], "hospital": flags, "review": flags}


def _read(clinic: Clinic, planned: Rows) -> Rows:
    """What the laboratory finds: the truth, an acute dip, and noise; rounded as laboratories do."""
    who, day = planned["who"], planned["day"]
    years, female = age(clinic.people.birth[who], day), clinic.people.female[who]
    level = clinic.kidneys.true_egfr(who, day) * _dip(clinic, who, day)
    level = np.where(day >= clinic.replacement.transplant[who], NEW_KIDNEY, level)
    noise = np.exp(NOISE * clinic.draws.normal("creatinine", clinic.people.person[who], day))
    creatinine = np.round(creatinine_umol(np.maximum(level, 3.0), years, female) * noise)
    return {**planned, "creatinine": creatinine, "egfr": egfr_of(creatinine, years, female)}


def _dip(clinic: Clinic, who: Ints, day: Ints) -> Floats:
    """Share of function left during an acute injury; it comes back with a half-life near eight days (assumption)."""
    after = (day[:, None] - clinic.kidneys.injury[who]).astype(np.float64)
    depth = depth_of_injury(clinic.draws, clinic.people)
    lost = np.where((after >= 0) & (after < 120), depth[who] * np.exp(-np.abs(after) / 12.0), 0.0)
    return np.asarray(1.0 - np.max(lost, axis=1, initial=0.0))
