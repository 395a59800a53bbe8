"""Alcohol: what is asked, dependence, and emergency attendances that alcohol caused, of which few are coded.

Sources: clinical_b.md 2 and 5.3. Everybody drinks as `synthetic.habits` says; some become dependent. Attendances come
by a yearly hazard with a frailty that no record shows, so that few people make most of them; whether one is coded as
alcohol depends on the emergency department.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import betaincinv, gammaincinv

from synthetic.bloods import attendance
from synthetic.calendar import NEW_YEAR, age
from synthetic.clinic import Clinic, grid
from synthetic.concepts import Concept, named
from synthetic.domain import Domain
from synthetic.draws import Flags, Floats, Ints
from synthetic.events import days, spread, year_by_year
from synthetic.illness import deprivation_gradient
from synthetic.places import BOARD_OF
from synthetic.records import EMERGENCY, EMERGENCY_STAY, condition, observation, prescription, procedure, reading, visit
from synthetic.rows import Rows, stacked, taken

INTOXICATION, TOXIC, WITHDRAWAL, DEPENDENCE = 4104431, 436585, 375519, 435243
HEAD_INJURY, FALL, OVERDOSE = 375415, 436583, 4208104
HARMFUL, UNITS, AUDIT_C, REFERRAL, ADVICE = 44788726, 35609491, 46235357, 4308372, 762588
CIRRHOSIS, DETOXIFICATION, THIAMINE, ACAMPROSATE, CHLORDIAZEPOXIDE = 196463, 37311131, 19137312, 19043959, 990678
GGT, MCV, PLATELETS = 3026910, 3023599, 3024929
CONCEPTS: tuple[Concept, ...] = (
    *named(
        "Condition",
        "SNOMED",
        (INTOXICATION, "Alcohol intoxication", "25702006"),
        (TOXIC, "Toxic effect of ethyl alcohol", "82782008"),
        (WITHDRAWAL, "Alcohol withdrawal", "191480000"),
        (DEPENDENCE, "Alcohol dependence", "66590003"),
        (CIRRHOSIS, "Alcoholic cirrhosis", "420054005"),
        (HEAD_INJURY, "Injury of head", "82271004"),
        (FALL, "Fall", "1912002"),
        (OVERDOSE, "Drug overdose", "55680006"),
        (36714559, "Disorder caused by alcohol", "719848005"),
        (435140, "Toxic effect of alcohol", "67426006"),
    ),
    *named("Observation", "SNOMED", (HARMFUL, "Harmful alcohol use", "198431000000105")),
    *named("Observation", "SNOMED", (UNITS, "Alcohol units consumed per week")),
    *named("Observation", "SNOMED", (REFERRAL, "Referral to community alcohol team")),
    *named("Observation", "SNOMED", (ADVICE, "Alcohol brief intervention")),
    *named("Observation", "LOINC", (AUDIT_C, "Total score [AUDIT-C]", "75626-2")),
    *named("Procedure", "SNOMED", (DETOXIFICATION, "Alcohol detoxification", "827094004")),
    *named("Drug", "RxNorm", (THIAMINE, "thiamine", "10454"), (ACAMPROSATE, "acamprosate", "82819")),
    *named("Drug", "RxNorm", (CHLORDIAZEPOXIDE, "chlordiazepoxide", "2356")),
    *named("Measurement", "LOINC", (GGT, "Gamma glutamyl transferase [Enzymatic activity/volume] in Serum or Plasma")),
    *named("Measurement", "LOINC", (MCV, "MCV [Entitic volume] by Automated count", "787-2")),
    *named("Measurement", "LOINC", (PLATELETS, "Platelets [#/volume] in Blood by Automated count", "777-3")),
    *named("Unit", "UCUM", (8645, "unit per liter", "[U]/L"), (8583, "femtoliter", "fL")),
    *named("Unit", "UCUM", (9444, "billion per liter", "10*9/L")),
)
# The outcome set of clinical_b.md 2.2 is the descendants of the two; that these belong to them is said there.
DESCENDANTS: tuple[tuple[int, int, int], ...] = (
    *((36714559, code, 2) for code in (INTOXICATION, WITHDRAWAL, DEPENDENCE, CIRRHOSIS)),
    (435140, TOXIC, 1),
)

# New alcohol dependence in practice records, a year: 8.3 (men) and 3.7 (women) in 10,000, most at 35 to 54 and in the
# most deprived (clinical_b.md 5.3). More have it than are coded; shape by age and share coded are ours.
DEPENDENT_AGE = np.array([16.0, 22.0, 35.0, 50.0, 60.0, 75.0, 90.0])
DEPENDENT = np.array([0.0, 0.0010, 0.0020, 0.0022, 0.0012, 0.0004, 0.0001])
DEPENDENT_MEN, DEPENDENT_WOMEN, DEPENDENT_DEPRIVED = 1.4, 0.62, 3.0
CODED, CODED_YEARS, LASTS_YEARS = 0.6, 3.0, 9.0  # ours, ungrounded

# True yearly attendances that alcohol caused. Levels set so that about 0.6% of adults of the North and 0.4% of London
# have a coded one in a year ([D] in 5.3, a design choice there); ages: peaks at 18 to 24 and 45 to 64 (S25 there).
ATTEND_AGE = np.array([14.0, 17.0, 22.0, 32.0, 50.0, 62.0, 75.0, 90.0])
ATTEND = np.array([0.001, 0.012, 0.015, 0.007, 0.009, 0.007, 0.003, 0.002])
LEVEL = (0.95, 1.20)  # London, North
MEN, DEPRIVED = 1.25, 2.6  # ours; most over least deprived: 3.5 to 4 for poisoning, 1.75 in Wales, so between
DEPENDENCE_TIMES = 11.0  # ours, ungrounded
HEAVY = ((14.0, 1.6), (35.0, 2.2), (50.0, 1.6))  # ours: factor from so many weekly units, on top of one another
LOW_MOOD, SHAPE = 1.56, 0.25  # S26; frailty is gamma with this shape, "so that 5% of patients make 40% of events" ([D])
AFTER = np.array([1.0, 2.5])  # ours, ungrounded: in the year after an attendance
MOST = 12.0
WEEKEND = 0.511  # Friday to Sunday, S25
CODING = (2.0, 6.0)  # beta over emergency departments, [D]: 10 to 45% of true attendances coded
KNOWN_CODED = 1.6  # ours: odds of a code for those who are labelled (2.3, "labelling bias")
STAYS, WITHDRAWAL_SHARE = 0.35, 0.15  # ours, ungrounded
ASKED, AUDITED, NEW_ASKED, NEW_AUDITED = (
    0.07,
    0.016,
    0.76,
    0.09,
)  # units 25% and a test under 10% in five years; new lists


@dataclass(frozen=True)
class Drinking:
    """People x years on New Year's Day, and the attendances of the year."""

    dependent: Flags
    coded: Ints
    """The day from which dependence is in the record."""
    hazard: Floats
    frailty: Floats
    before: Ints
    attended: Ints


def draw(clinic: Clinic) -> Domain:
    """Alcohol of a block of people."""
    drinking = _drinking(clinic)
    who, year, turn = spread(drinking.attended)
    attended = _attendances(clinic, drinking, who, year, turn)
    asked = _asked(clinic)
    treated = _treatment(clinic, drinking)
    return Domain(
        rows={
            "visit_occurrence": attended["visits"],
            "condition_occurrence": stacked([attended["conditions"], treated["conditions"]]),
            "observation": stacked([asked, _harmful(clinic, asked), attended["referrals"]]),
            "drug_exposure": treated["drugs"],
            "procedure_occurrence": treated["procedures"],
            "measurement": _bloods(clinic, drinking),
        },
        truth={"alcohol_attendance.attendance": _truth(clinic, drinking)},
    )


def _drinking(clinic: Clinic) -> Drinking:
    people, draws, person = clinic.people, clinic.draws, clinic.people.person
    ages = age(people.birth[:, None], NEW_YEAR[None, :])
    begins = _begins(clinic, ages)
    lasts = LASTS_YEARS * draws.exponential("years of dependence", person)
    dependent = (ages >= begins[:, None]) & (ages < (begins + lasts)[:, None])
    told = draws.happens("dependence coded", CODED, person)
    delay = CODED_YEARS * draws.exponential("delay of dependence", person)
    coded = people.birth + np.floor(365.25 * np.where(told, np.minimum(begins + delay, 900.0), 900.0)).astype(np.int64)
    frailty = _gamma(clinic)
    base = _base(clinic, ages, dependent) * frailty[:, None]
    base = base * clinic.risk(np.arange(len(people))[:, None], NEW_YEAR[None, :])
    hazard, before, attended = year_by_year(
        clinic, "alcohol attendances", np.arange(len(people)), base, AFTER, MOST, 30
    )
    return Drinking(dependent, coded, hazard, frailty, before, attended)


def _begins(clinic: Clinic, ages: Floats) -> Floats:
    """Age at which dependence begins; 1,000 if never."""
    people = clinic.people
    own = np.where(people.female, DEPENDENT_WOMEN, DEPENDENT_MEN) * deprivation_gradient(DEPENDENT_DEPRIVED, people)
    own = own * np.where(clinic.habits.units > 50, 8.0, np.where(clinic.habits.units > 14, 2.0, 0.25))  # ours
    grid_age = np.arange(16.0, 91.0)
    total = np.cumsum(np.interp(grid_age, DEPENDENT_AGE, DEPENDENT))
    needed = clinic.draws.exponential("dependence", people.person) / np.maximum(own, 1e-9)
    return np.where(needed < total[-1], np.interp(needed, total, grid_age), 1000.0)


def _gamma(clinic: Clinic) -> Floats:
    """Gamma with mean 1."""
    return np.asarray(gammaincinv(SHAPE, clinic.draws.uniform("alcohol frailty", clinic.people.person)) / SHAPE)


def _base(clinic: Clinic, ages: Floats, dependent: Flags) -> Floats:
    people, units = clinic.people, clinic.habits.units
    own = np.where(people.female, 1.0 / MEN, MEN) * deprivation_gradient(DEPRIVED, people)
    own = own * np.array(LEVEL)[people.region] * np.where(units > 0, 1.0, 0.03)
    for above, times in HEAVY:
        own = own * np.where(units > above, times, 1.0)
    sad = clinic.illness["depression"].age[:, None] <= ages
    rate = np.interp(ages, ATTEND_AGE, ATTEND, left=0.0) * own[:, None] * np.where(sad, LOW_MOOD, 1.0)
    return np.asarray(rate * np.where(dependent, DEPENDENCE_TIMES, 1.0))


def _attendances(clinic: Clinic, drinking: Drinking, who: Ints, year: Ints, turn: Ints) -> dict[str, Rows]:
    """Visits, what they were called, and referrals."""
    draws, person = clinic.draws, clinic.people.person[who]
    day = _to_weekend(clinic, days(clinic, "alcohol attendance", who, year, turn), person, year, turn)
    stay = draws.happens("alcohol stay", STAYS, person, year, turn)
    nights = np.floor(3.0 * draws.exponential("alcohol nights", person, year, turn)).astype(np.int64)
    last = np.minimum(day + np.where(stay, nights, 0), clinic.lives.last[who])
    seen = clinic.lives.seen(who, day)
    known = drinking.coded[who] <= day
    rate = coding_rate(clinic, who, day)
    odds = rate / (1 - rate) * np.where(known, KNOWN_CODED, 1.0)
    coded = draws.happens("alcohol coded", odds / (1 + odds), person, year, turn)
    dry = drinking.dependent[who, year] & draws.happens("withdrawal", WITHDRAWAL_SHARE, person, year, turn)
    alcohol = np.where(dry, WITHDRAWAL, np.where(draws.happens("toxic", 0.3, person, year, turn), TOXIC, INTOXICATION))
    otherwise = np.array([HEAD_INJURY, FALL, OVERDOSE, 0])  # ours, ungrounded: most uncoded ones say nothing at all
    called = otherwise[draws.choice("called", np.array([0.18, 0.14, 0.08, 0.60]), person, year, turn)]
    concept = np.where(coded, alcohol, called)
    refer = seen & coded & draws.happens("referred", 0.2, person, year, turn)  # ours, ungrounded
    return {
        "visits": taken(visit(who, day, last, np.where(stay, EMERGENCY_STAY, EMERGENCY)), seen),
        "conditions": taken(condition(who, day, concept, hospital=True), seen & (concept > 0)),
        "referrals": observation(who[refer], day[refer], REFERRAL),
    }


def _to_weekend(clinic: Clinic, day: Ints, person: Ints, year: Ints, turn: Ints) -> Ints:
    """Moved within its week to Friday, Saturday or Sunday, or to another day, with the published share."""
    weekend = clinic.draws.happens("weekend", WEEKEND, person, year, turn)
    which = clinic.draws.uniform("day of the week", person, year, turn)
    weekday = np.where(weekend, 4 + np.floor(3 * which), np.floor(4 * which)).astype(np.int64)
    return day - (day + 3) % 7 + weekday  # 1 January 1970 was a Thursday


def coding_rate(clinic: Clinic, who: Ints, day: Ints) -> Floats:
    """Share of true attendances that the emergency department of the people's board codes; four in a board."""
    department = 3_000_000 + BOARD_OF[clinic.practice(who, day)] * 4 + clinic.practice(who, day) % 4
    return np.asarray(np.clip(betaincinv(*CODING, clinic.draws.uniform("alcohol coding", department)), 0.02, 0.9))


def _asked(clinic: Clinic) -> Rows:
    """Weekly units as people tell them, and AUDIT-C totals: seldom, but for new lists."""
    who, year, _ = grid(clinic)
    person = clinic.people.person[who]
    day = days(clinic, "alcohol asked", who, year, np.zeros(len(who), dtype=np.int64))
    new = (clinic.lives.first[who] >= NEW_YEAR[year]) & (clinic.lives.first[who] < NEW_YEAR[year] + 365)
    day = np.where(new, np.minimum(clinic.lives.first[who] + 20, clinic.lives.last[who]), day)
    able = clinic.lives.seen(who, day) & (age(clinic.people.birth[who], day) >= 16)
    willing = attendance(clinic, who, day)
    told = able & clinic.draws.happens("units asked", np.where(new, NEW_ASKED, ASKED * willing), person, year)
    tested = able & clinic.draws.happens("AUDIT-C", np.where(new, NEW_AUDITED, AUDITED * willing), person, year)
    units = clinic.habits.units[who] * np.exp(-0.35 + 0.35 * clinic.draws.normal("units told", person, year))  # ours
    score = audit_c(units, clinic.draws.normal("AUDIT-C", person, year))
    return stacked(
        [
            observation(who[told], day[told], UNITS, np.minimum(np.round(units[told]), 200.0)),
            observation(who[tested], day[tested], AUDIT_C, score[tested]),
        ]
    )


def audit_c(units: Floats, noise: Floats) -> Floats:
    """AUDIT-C total, 0 to 12, of people who tell so many weekly units; ours, set so that 84% score 0 to 4 (5.3).

    >>> audit_c(np.array([0.0, 14.0, 60.0]), np.zeros(3))
    array([0., 4., 7.])
    """
    total = np.where(units < 0.5, 0.0, 0.7 + 1.9 * np.log(np.maximum(units, 0.5) / 2.5) + noise)
    return np.clip(np.round(np.where(units < 0.5, 0.0, np.maximum(total, 1.0))), 0.0, 12.0)


def _harmful(clinic: Clinic, asked: Rows) -> Rows:
    """A code of harmful use or brief advice for some who tell of much."""
    much = taken(asked, (asked["concept"] == UNITS) & (asked["value"] > 35))
    keep = clinic.draws.happens("harmful coded", 0.5, clinic.people.person[much["who"]], much["day"])  # ours
    who, day = much["who"][keep], much["day"][keep]
    advice = clinic.draws.happens("brief advice", 0.5, clinic.people.person[who], day)  # ours
    return observation(who, day, np.where(advice, ADVICE, HARMFUL))


def _treatment(clinic: Clinic, drinking: Drinking) -> dict[str, Rows]:
    """Dependence in the record; thiamine, detoxification, relapse prevention; liver disease of a few. Ours."""
    draws, lives = clinic.draws, clinic.lives
    who = np.flatnonzero(drinking.coded <= lives.last)
    person = clinic.people.person[who]
    day = np.maximum(drinking.coded[who], lives.first[who] + 14)
    inside = day <= lives.last[who]
    who, day, person = who[inside], day[inside], person[inside]
    parts = [condition(who, day, DEPENDENCE)]
    later = day + np.floor(365 * 5 * draws.exponential("cirrhosis", person)).astype(np.int64)
    ill = draws.happens("gets cirrhosis", 0.12, person) & (later <= lives.last[who])
    parts.append(condition(who[ill], later[ill], CIRRHOSIS))
    drugs = []
    for product, share, issues in ((THIAMINE, 0.5, 8), (ACAMPROSATE, 0.12, 4), (CHLORDIAZEPOXIDE, 0.10, 1)):
        gets = np.flatnonzero(draws.happens(f"drug {product}", share, person))
        turn = np.tile(np.arange(issues), len(gets))
        each = np.repeat(gets, issues)
        when = day[each] + 10 + 56 * turn
        keep = when <= lives.last[who[each]]
        drugs.append(prescription(who[each][keep], when[keep], product, 10 if issues == 1 else 56))
    stops = draws.happens("detoxification", 0.15, person) & (day + 40 <= lives.last[who])
    return {
        "conditions": stacked(parts),
        "drugs": stacked(drugs),
        "procedures": procedure(who[stops], day[stops] + 40, DETOXIFICATION),
    }


def _bloods(clinic: Clinic, drinking: Drinking) -> Rows:
    """Liver enzyme, cell volume and platelets of some adults in a year, moved by drinking. Levels are ours."""
    who, year, _ = grid(clinic)
    day = days(clinic, "liver tests", who, year, np.zeros(len(who), dtype=np.int64))
    person, years = clinic.people.person[who], age(clinic.people.birth[who], day)
    heavy = drinking.dependent[who, year]
    chance = np.interp(years, [18.0, 50.0, 80.0], [0.03, 0.09, 0.15]) * np.where(heavy, 3.0, 1.0)  # ours, ungrounded
    keep = clinic.draws.happens("liver tests", chance * attendance(clinic, who, day), person, year)
    keep &= clinic.lives.seen(who, day) & (years >= 18)
    who, day, person, heavy = who[keep], day[keep], person[keep], heavy[keep]
    strong = np.log1p(clinic.habits.units[who]) / 4.0
    ggt: Floats = np.exp(3.0 + 0.35 * strong + 1.3 * heavy + 0.5 * clinic.draws.normal("GGT", person, day))
    mcv: Floats = 89.0 + 1.2 * strong + 5.0 * heavy + 4.0 * clinic.draws.normal("MCV", person)
    platelets: Floats = 255.0 - 45.0 * heavy + 50.0 * clinic.draws.normal("platelets", person)
    return stacked(
        [
            reading(who, day, GGT, np.round(np.clip(ggt, 5.0, 4000.0)), 8645),
            reading(who, day, MCV, np.round(np.clip(mcv, 65.0, 125.0), 1), 8583),
            reading(who, day, PLATELETS, np.round(np.clip(platelets, 30.0, 900.0)), 9444),
        ]
    )


def _truth(clinic: Clinic, drinking: Drinking) -> Rows:
    """Of adults, on New Year's Day: hazard of a true attendance, and of one that is coded."""
    who, year, _ = grid(clinic)
    day = NEW_YEAR[year]
    keep = age(clinic.people.birth[who], day) >= 17
    who, year, day = who[keep], year[keep], day[keep]
    true = drinking.hazard[who, year]
    return {
        "who": who,
        "day": day,
        "hazard": true * coding_rate(clinic, who, day),
        "true_hazard": true,
        "frailty": drinking.frailty[who],
        "dependent": drinking.dependent[who, year],
        "units": clinic.habits.units[who],
        "attended_before": drinking.before[who, year],
    }
