"""Condition rows: illnesses as practices code them, kidney disease only after the record shows it, and often late."""

from __future__ import annotations

import numpy as np

from synthetic.calendar import END, NEVER, NEW_YEAR, YEAR_DAYS, age
from synthetic.clinic import Clinic, grid
from synthetic.concepts import CODES_OF_ILLNESS
from synthetic.draws import Flags, Floats, Ints
from synthetic.kidney import depth_of_injury
from synthetic.records import condition
from synthetic.replacement import DEEP
from synthetic.rows import Rows, ordered, stacked, taken

# Median of practices (BMJ Open 2022;12:e064513, clinical_a.md 1.8); with the delay a third is uncoded. London: set so
# that its register comes near the published one.
CODED = (0.62, 0.74)
DELAY_DAYS = 270.0  # assumption: mean delay; 24.9% were registered on time (clinical_a.md 1.8)
HASTY = 0.03  # assumption: coded after one low value
REVIEW_CODED = 0.35  # assumption: a long-term illness is coded again in a year
REVIEWED = ("hypertension", "type 2 diabetes", "type 1 diabetes", "heart failure", "ischaemic heart disease")
INJURY_CODED = 0.6  # assumption: acute kidney injury in hospital that gets a code
FAILURE_CODED = 0.85  # assumption
BIRTHS_AGE = np.array([16.0, 20.0, 27.0, 32.0, 38.0, 44.0])
BIRTHS = np.array([0.005, 0.035, 0.085, 0.10, 0.045, 0.003])  # assumption: yearly, shape of national fertility
INFECTIONS = 0.05  # assumption: urinary infection coded in a year, women


def condition_rows(clinic: Clinic, bloods: Rows, results: Rows) -> Rows:
    """All condition rows of people on a list."""
    illnesses = [_illness(clinic, name) for name in CODES_OF_ILLNESS]
    others = [_injuries(clinic), _pregnancies(clinic), _infections(clinic), _proteinuria(clinic, results)]
    others += [_failures(clinic), _transplants(clinic)]
    rows = stacked([*illnesses, *others, kidney_codes(clinic, bloods)])
    return taken(rows, rows["day"] <= clinic.lives.last[rows["who"]])


def _illness(clinic: Clinic, name: str) -> Rows:
    """The first code with its own date, a summary on joining if it is older, and codes again at reviews."""
    coded = clinic.illness[name].coded
    who = np.flatnonzero(coded <= clinic.lives.last)
    older = who[coded[who] < clinic.lives.first[who]]
    parts = [condition(who, coded[who], 0), condition(older, clinic.lives.first[older] + 14, 0)]
    if name in REVIEWED:
        again, year, _ = grid(clinic)
        person = clinic.people.person[again]
        day = NEW_YEAR[year] + np.floor(365 * clinic.draws.uniform(f"review of {name}", person, year)).astype(np.int64)
        keep = clinic.draws.happens(f"code again {name}", REVIEW_CODED, person, year)
        keep &= clinic.lives.seen(again, day) & (day > coded[again])
        parts.append(condition(again[keep], day[keep], 0))
    rows = stacked(parts)
    return {**rows, "concept": _code(clinic, name)[rows["who"]]}


def _code(clinic: Clinic, name: str) -> Ints:
    codes = np.array(CODES_OF_ILLNESS[name], dtype=np.int64)
    if name == "urinary obstruction":
        return np.asarray(np.where(clinic.people.female, codes[1], codes[0]))
    return np.asarray(codes[clinic.draws.choice(f"which code of {name}", np.ones(len(codes)), clinic.people.person)])


def _injuries(clinic: Clinic) -> Rows:
    who, year = np.nonzero(clinic.kidneys.injury < NEVER)
    day, person = clinic.kidneys.injury[who, year] + 1, clinic.people.person[who]
    dialysed = depth_of_injury(clinic.draws, clinic.people)[who, year] > DEEP  # these are always coded, at stage 3
    keep = dialysed | clinic.draws.happens("code of injury", INJURY_CODED, person, year)
    keep &= clinic.lives.seen(who, day)
    codes = np.array([197320, 44809061, 44809063])
    concept = codes[clinic.draws.choice("which code of injury", np.array([0.5, 0.35, 0.15]), person, year)]
    concept = np.where(dialysed, 44809063, concept)
    return condition(who[keep], day[keep], concept[keep], hospital=True)


def _failures(clinic: Clinic) -> Rows:
    """End-stage disease, coded when dialysis or a transplant comes or soon after."""
    day = np.minimum(clinic.replacement.dialysis, clinic.replacement.transplant)
    who = np.flatnonzero(day < NEVER)
    keep = who[clinic.draws.happens("code of failure", FAILURE_CODED, clinic.people.person[who])]
    wait = np.floor(30 * clinic.draws.exponential("delay of failure", clinic.people.person[keep])).astype(np.int64)
    return condition(keep, day[keep] + wait, 193782)


def _transplants(clinic: Clinic) -> Rows:
    who = np.flatnonzero(clinic.replacement.transplant < NEVER)
    return condition(who, clinic.replacement.transplant[who] + 20, 42539502)


def _pregnancies(clinic: Clinic) -> Rows:
    """A code in the first months and one again two months on."""
    who, year, _ = grid(clinic)
    person = clinic.people.person[who]
    day = NEW_YEAR[year] + np.floor(365 * clinic.draws.uniform("day of pregnancy", person, year)).astype(np.int64)
    chance = np.interp(age(clinic.people.birth[who], day), BIRTHS_AGE, BIRTHS, left=0.0, right=0.0)
    keep = clinic.people.female[who] & clinic.draws.happens("pregnancy", chance, person, year)
    keep &= clinic.lives.seen(who, day)
    rows = condition(who[keep], day[keep], 4217975)
    return stacked([rows, {**rows, "day": rows["day"] + 60}])


def _infections(clinic: Clinic) -> Rows:
    who, year, _ = grid(clinic)
    person = clinic.people.person[who]
    day = NEW_YEAR[year] + np.floor(365 * clinic.draws.uniform("day of infection", person, year)).astype(np.int64)
    chance = np.where(clinic.people.female[who], INFECTIONS, INFECTIONS / 5)
    keep = clinic.draws.happens("infection", chance, person, year) & clinic.lives.seen(who, day)
    return condition(who[keep], day[keep], 81902)


def _proteinuria(clinic: Clinic, results: Rows) -> Rows:
    """Two fifths of high albumin ratios gets a code (assumption)."""
    ratio = np.where(results["concept"] == 3001802, 0.11312, 1.0) * results["value"]
    high = taken(results, np.isin(results["concept"], (3001802, 3020682)) & (ratio > 30.0))
    keep = clinic.draws.happens("code of proteinuria", 0.4, clinic.people.person[high["who"]], high["day"])
    return condition(high["who"][keep], high["day"][keep] + 7, 75650)


def confirmed(who: Ints, day: Ints, low: Flags) -> tuple[Ints, Ints]:
    """First day on which a person's run of low values has lasted 90 days: (who, day). Rows are sorted by both.

    >>> confirmed(np.zeros(4, int), np.array([0, 50, 89, 90]), np.ones(4, bool))
    (array([0]), array([90]))
    """
    begins = low.copy()
    begins[1:] &= (who[1:] != who[:-1]) | ~low[:-1]
    run = np.maximum(np.cumsum(begins) - 1, 0)
    lasting = low & (day - day[begins][run] >= 90) if begins.any() else low
    people, first = np.unique(who[lasting], return_index=True)
    return people, day[lasting][first]


def kidney_codes(clinic: Clinic, bloods: Rows) -> Rows:
    """Codes of chronic kidney disease by stage: after confirmation, from an earlier record, or in haste."""
    rows = taken(ordered(bloods, "who", "day"), ~ordered(bloods, "who", "day")["hospital"])
    who, day = confirmed(rows["who"], rows["day"], rows["egfr"] < 60)
    person = clinic.people.person[who]
    wait = np.floor(DELAY_DAYS * clinic.draws.exponential("delay of CKD", person)).astype(np.int64)
    coded = clinic.draws.happens("code of CKD", np.array(CODED)[clinic.people.region[who]], person)
    new = condition(who[coded], (day + wait)[coded], 0)
    parts = [new, _earlier(clinic), _in_haste(clinic, rows), *_worse(clinic, rows)]
    codes = stacked(parts)
    codes = taken(codes, codes["day"] <= np.minimum(END, clinic.lives.last[codes["who"]]))
    named = codes["concept"] == 0
    return {**codes, "concept": np.where(named, _stage(clinic, codes["who"], codes["day"]), codes["concept"])}


def _earlier(clinic: Clinic) -> Rows:
    """People whose kidneys were low for two years before they joined bring a code with them."""
    who, first = np.arange(len(clinic.people)), clinic.lives.first
    low = clinic.kidneys.true_egfr(who, first - int(2 * YEAR_DAYS)) < 60
    low &= age(clinic.people.birth, first) >= 20
    keep = low & clinic.draws.happens("code of CKD", np.array(CODED)[clinic.people.region], clinic.people.person)
    return condition(who[keep], first[keep] + 14, 0)


def _in_haste(clinic: Clinic, rows: Rows) -> Rows:
    low = taken(rows, (rows["egfr"] < 60) & (rows["egfr"] > 30))
    keep = clinic.draws.happens("hasty code", HASTY, clinic.people.person[low["who"]], low["day"])
    return condition(low["who"][keep], low["day"][keep] + 10, 46271022)


def _worse(clinic: Clinic, rows: Rows) -> list[Rows]:
    """Stage 4 and 5 after their own confirmation."""
    parts = []
    for below, concept in ((30.0, 443612), (15.0, 443611)):
        who, day = confirmed(rows["who"], rows["day"], rows["egfr"] < below)
        keep = clinic.draws.happens(f"code below {below}", 0.85, clinic.people.person[who])  # assumption
        parts.append(condition(who[keep], day[keep] + 21, concept))
    return parts


def _stage(clinic: Clinic, who: Ints, day: Ints) -> Ints:
    """Stage by true function; half of the practices write stage 3 without its half (assumption)."""
    level: Floats = clinic.kidneys.true_egfr(who, day)
    plain = clinic.practice(who, day) % 2 == 0
    third = np.where(plain, 443597, np.where(level < 45, 45763855, 45763854))
    return np.where(level < 15, 443611, np.where(level < 30, 443612, third)).astype(np.int64)
