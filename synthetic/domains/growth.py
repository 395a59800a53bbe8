"""Children's weight and height: who becomes obese, and who is measured when.

Sources: clinical_b.md 1, 5.1 and 5.2. A child's place in the distribution of body mass index moves between ages as a
standard normal that tracks: 0.66 between the school measurements of Reception and Year 6. Body mass is read off the
UK-WHO reference; height follows its own, and weight comes of both. Body mass of adults is in `synthetic.habits`.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr, ndtri

from synthetic.bloods import attendance
from synthetic.calendar import NEW_YEAR, YEAR_DAYS, age
from synthetic.clinic import Clinic
from synthetic.concepts import Concept, named
from synthetic.domain import Domain
from synthetic.draws import Flags, Floats, Ints
from synthetic.events import days
from synthetic.habits import true_bmi
from synthetic.illness import BLACK, SOUTH_ASIAN
from synthetic.records import reading
from synthetic.rows import Rows, stacked, taken

WEIGHT, HEIGHT, BMI, BIRTH_WEIGHT = 3025315, 3036277, 3038553, 4264825
KG, GRAM, POUND, CM, PER_M2 = 9529, 8504, 8739, 8582, 9531
CONCEPTS: tuple[Concept, ...] = (
    *named("Measurement", "LOINC", (WEIGHT, "Body weight", "29463-7"), (HEIGHT, "Body height", "8302-2")),
    *named("Measurement", "SNOMED", (BIRTH_WEIGHT, "Birth weight", "364589006")),
    *named("Unit", "UCUM", (KG, "kilogram", "kg"), (GRAM, "gram", "g"), (CM, "centimeter", "cm")),
    *named("Unit", "UCUM", (POUND, "pound (US)", "[lb_us]")),
)
DESCENDANTS: tuple[tuple[int, int, int], ...] = ()

# Body mass index of the UK-WHO reference (WHO 2006 to 4 years, British 1990 after: Cole, Freeman and Preece, Arch Dis
# Child 1995;73:25-29): L, M and S at these ages, boys and girls, as published, rounded. The first two are recalled.
REFERENCE_AGE = np.array([0.1, 1.0, 2.0, 3.0, 3.99, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 14.0, 16.0, 18.0])
BOYS = np.array(
    [
        (0.0, 15.0, 0.095), (-0.4, 16.8, 0.080), (-0.62, 16.02, 0.0779), (-0.31, 15.60, 0.0793), (-0.36, 15.34, 0.0822),
        (-1.29, 15.75, 0.0768),
        (-1.48, 15.55, 0.0786), (-1.63, 15.50, 0.0833), (-1.75, 15.56, 0.0902), (-1.82, 15.75, 0.0975),
        (-1.85, 16.04, 0.1039), (-1.86, 16.42, 0.1089), (-1.84, 16.89, 0.1125), (-1.80, 17.43, 0.1149),
        (-1.70, 18.68, 0.1170), (-1.59, 19.94, 0.1171), (-1.49, 21.05, 0.1164),
    ]
)  # fmt: skip
GIRLS = np.array(
    [
        (0.0, 14.6, 0.095), (-0.4, 16.4, 0.083), (-0.57, 15.69, 0.0845), (-0.57, 15.40, 0.0854), (-0.57, 15.26, 0.0915),
        (-1.15, 15.66, 0.0873),
        (-1.22, 15.48, 0.0933), (-1.28, 15.49, 0.1007), (-1.32, 15.68, 0.1085), (-1.34, 15.99, 0.1157),
        (-1.35, 16.40, 0.1214), (-1.34, 16.90, 0.1255), (-1.32, 17.48, 0.1279), (-1.30, 18.12, 0.1290),
        (-1.26, 19.40, 0.1288), (-1.23, 20.44, 0.1276), (-1.19, 21.19, 0.1263),
    ]
)  # fmt: skip
# Height in cm by age, boys and girls: recalled, near the same reference; spread ours.
HEIGHT_AGE = np.array([0.0, 0.15, 1.0, 2.3, 4.0, 6.0, 8.0, 10.0, 11.0, 12.0, 14.0, 16.0, 18.0])
HEIGHT_BOYS = np.array([50.0, 57.5, 75.7, 89.5, 102.5, 115.5, 127.5, 138.5, 143.5, 149.0, 163.0, 173.5, 177.0])
HEIGHT_GIRLS = np.array([49.5, 56.5, 74.0, 88.0, 101.5, 115.0, 127.0, 138.5, 144.5, 151.0, 160.0, 163.0, 163.7])
HEIGHT_SPREAD = 0.042

OBESE, SEVERE = 1.6449, 2.6521  # the 95th and the 99.6th centile
KNOTS = np.array([0.1, 2.3, 5.0, 8.0, 11.0, 16.0])
TRACKING = (
    0.35,
    0.60,
    0.80,
    0.80,
    0.80,
)  # between knots; with what regions and families share, 0.66 from 5 to 11 (5.2); before and after: ours
# Obese in %, 95th centile, of the middle fifth: set so that Reception and Year 6 of 2024/25 come out at 9.7 and 23.2 in
# London, 11.9 and 24.4 in the North (5.1, mean of its regions).
RECEPTION, YEAR_6 = (9.2, 11.2), (22.6, 22.7)
# Fifths 1 (most deprived) to 5: 12.8 to 6.7% and 28.9 to 14.5% (5.1, turned round), as steps on the latent scale.
STEP_RECEPTION, STEP_YEAR_6 = -0.090, -0.125
MINORITY = 0.25  # South Asian and Black 27%, White 18.7% in Year 6 (5.2)
MOTHER, MOTHER_SHARE = 0.45, 0.25  # mother's body mass 30 and over; share of mothers, to keep the mean
SPREAD_RECEPTION, SPREAD_YEAR_6 = 1.10, 1.20  # ours: standard deviation of the SDS of living children

SCHOOL = 0.94  # measured at each wave (5.2)
REVIEWED, WEIGHED = 0.75, 0.80  # ours: two-year review; six to eight weeks
PRACTICE = 0.028  # ours, so that about 10% have a practice's body mass at 5 and a quarter at 11 (5.2)
OBESE_ODDS, ASIAN_ODDS, ILL_ODDS = 1.45, 1.55, 8.15  # 5.2
DIGITS, POUNDS = 0.003, 0.002  # 5.2, [D]


def draw(clinic: Clinic) -> Domain:
    """Measurements of a block of children."""
    return Domain(
        rows={
            "measurement": stacked(
                [
                    _birth(clinic),
                    *_planned(clinic, "six to eight weeks", 0.13, 0.04, WEIGHED),
                    *_planned(clinic, "two-year review", 2.3, 0.25, REVIEWED),
                    *_school(clinic, "Reception", 4),
                    *_school(clinic, "Year 6", 10),
                    *_at_practice(clinic),
                ]
            )
        },
        truth={"childhood_obesity.year_6": _truth(clinic)},
    )


def latent(clinic: Clinic, who: Ints, years: Floats) -> Floats:
    """Place of the children at positions `who` in the distribution at an age: standard normal, tracking."""
    people, draws = clinic.people, clinic.draws
    values = np.zeros((len(people), len(KNOTS)))
    values[:, 0] = draws.normal("growth 0", people.person)
    for at, tracks in enumerate(TRACKING):
        new = draws.normal(f"growth {at + 1}", people.person)
        values[:, at + 1] = tracks * values[:, at] + np.sqrt(1 - tracks**2) * new
    where = np.clip(np.interp(years, KNOTS, np.arange(len(KNOTS))), 0, len(KNOTS) - 1 - 1e-9)
    low = where.astype(np.int64)
    part = where - low
    mixed = (1 - part) * values[who, low] + part * values[who, low + 1]
    alike = np.array(TRACKING)[low]
    return np.asarray(mixed / np.sqrt((1 - part) ** 2 + part**2 + 2 * part * (1 - part) * alike))


def _threshold(clinic: Clinic, who: Ints, years: Floats) -> Floats:
    """Latent value from which a child like this is obese, by region, deprivation, ethnicity, mother and age."""
    people = clinic.people
    both = [-ndtri(np.array(shares) / 100.0)[people.region[who]] for shares in (RECEPTION, YEAR_6)]
    fifth = people.deprivation[who] - 3.0
    minority = np.isin(people.ethnicity[who], (*BLACK, *SOUTH_ASIAN))
    mean = np.array([0.5, 0.09])[people.region[who]] * MINORITY  # share of children, so that the region keeps its mean
    mother = _heavy_mother(clinic)[who]
    first = both[0] - STEP_RECEPTION * fifth - 0.4 * MINORITY * minority + 0.4 * mean
    last = both[1] - STEP_YEAR_6 * fifth - MINORITY * minority + mean
    towards = np.clip((years - 5.0) / 6.0, 0.0, 1.0)
    between = (1 - towards) * first + towards * last
    return np.asarray(between - MOTHER * mother + MOTHER * MOTHER_SHARE)


def _heavy_mother(clinic: Clinic) -> Floats:
    people = clinic.people
    mother = np.maximum(people.mother, 0)
    years = np.clip(age(people.birth[mother], people.birth), 18.0, 50.0)
    return np.asarray(np.where(people.mother >= 0, true_bmi(clinic.habits, mother, years) >= 30.0, MOTHER_SHARE), float)


def sds(clinic: Clinic, who: Ints, years: Floats) -> Floats:
    """True standard deviation score of body mass index, UK-WHO."""
    spread = np.interp(years, [5.0, 11.0], [SPREAD_RECEPTION, SPREAD_YEAR_6])
    return np.asarray(OBESE + spread * (latent(clinic, who, years) - _threshold(clinic, who, years)))


def body_mass(score: Floats, years: Floats, female: Flags) -> Floats:
    """Body mass index in kg/m2 at a score: M (1 + L S z)^(1/L).

    >>> float(body_mass(np.array([0.0]), np.array([5.0]), np.array([False]))[0])
    15.55
    """
    parts: list[Floats] = []
    for column in range(3):
        boys = np.interp(years, REFERENCE_AGE, BOYS[:, column])
        girls = np.interp(years, REFERENCE_AGE, GIRLS[:, column])
        parts.append(np.where(female, girls, boys))
    power, median, spread = parts
    curved = np.where(np.abs(power) < 0.01, -0.01, power)
    return np.asarray(median * np.maximum(1.0 + curved * spread * np.clip(score, -4.0, 4.5), 0.05) ** (1.0 / curved))


def height(clinic: Clinic, who: Ints, years: Floats) -> Floats:
    """True height in cm: tracks closely, and a little with body mass."""
    people, draws = clinic.people, clinic.draws
    middle = np.where(
        people.female[who], np.interp(years, HEIGHT_AGE, HEIGHT_GIRLS), np.interp(years, HEIGHT_AGE, HEIGHT_BOYS)
    )
    own = 0.95 * draws.normal("height", people.person[who]) + 0.25 * latent(clinic, who, years)
    return np.asarray(middle * (1.0 + HEIGHT_SPREAD * np.clip(own, -3.0, 3.0)))


def _measured(clinic: Clinic, who: Ints, day: Ints, what: str) -> list[Rows]:
    """Height and weight on a day, as written: to 0.1, with some digits turned and some pounds."""
    person, draws = clinic.people.person[who], clinic.draws
    years = age(clinic.people.birth[who], day)
    tall = height(clinic, who, years)
    heavy = body_mass(sds(clinic, who, years), years, clinic.people.female[who]) * (tall / 100.0) ** 2
    tall = np.round(tall + 0.4 * draws.normal(f"height at {what}", person, day), 1)
    heavy = np.round(heavy * np.exp(0.01 * draws.normal(f"weight at {what}", person, day)), 1)
    whole = np.floor(tall)
    turned = 100 * (whole // 100) + 10 * (whole % 10) + (whole // 10) % 10 + (tall - whole)
    tall = np.where(draws.happens(f"digits at {what}", DIGITS, person, day), turned, tall)
    pounds = draws.happens(f"pounds at {what}", POUNDS, person, day)
    weighed = np.where(pounds, np.round(heavy / 0.45359237, 1), heavy)
    return [
        reading(who, day, HEIGHT, np.round(tall, 1), CM),
        reading(who, day, WEIGHT, weighed, np.where(pounds, POUND, KG)),
    ]


def _birth(clinic: Clinic) -> Rows:
    """Birth weight, entered at registration; in grams by two practices of three (ours)."""
    people = clinic.people
    born = (people.birth >= NEW_YEAR[0] - 60) & (people.joined - people.birth < 400) & (people.joined > people.birth)
    who = np.flatnonzero(born & clinic.draws.happens("birth weight told", 0.7, people.person))
    kilos = 3.38 - 0.11 * people.female[who] + 0.50 * clinic.draws.normal("birth weight", people.person[who])  # ours
    kilos = np.clip(kilos + 0.08 * clinic.draws.normal("growth 0", people.person[who]), 0.6, 5.8)
    day = clinic.lives.first[who]
    grams = clinic.practice(who, day) % 3 > 0
    value = np.where(grams, np.round(1000 * kilos / 10) * 10, np.round(kilos, 2))
    return reading(who, day, BIRTH_WEIGHT, value, np.where(grams, GRAM, KG))


def _planned(clinic: Clinic, what: str, years: float, within: float, share: float) -> list[Rows]:
    person = clinic.people.person
    when = years + within * clinic.draws.uniform(f"when {what}", person)
    day = clinic.people.birth + np.floor(when * YEAR_DAYS).astype(np.int64)
    people = np.arange(len(person))
    here = clinic.lives.seen(people, day) & clinic.draws.happens(what, share, person)
    who = np.flatnonzero(here)
    return _measured(clinic, who, day[who], what)


def _school(clinic: Clinic, what: str, from_age: int) -> list[Rows]:
    """The school measurement of a year, between October and July after the child has turned 4 or 10 by September."""
    birth, person = clinic.people.birth, clinic.people.person
    start = (birth + np.floor(from_age * YEAR_DAYS)).astype(np.int64)
    year = np.searchsorted(NEW_YEAR, start + 122, side="right") - 1  # the school year that begins after that birthday
    first = np.where(year >= 0, NEW_YEAR[np.maximum(year, 0)] + 273, -1)
    day = first + np.floor(290 * clinic.draws.uniform(f"day of {what}", person)).astype(np.int64)
    who = np.flatnonzero(
        (year >= 0)
        & (first >= 0)
        & clinic.lives.seen(np.arange(len(person)), day)
        & clinic.draws.happens(what, SCHOOL, person)
    )
    return _measured(clinic, who, day[who], what)


def _at_practice(clinic: Clinic) -> list[Rows]:
    """Whom a practice measures depends on weight, illness and attendance; it writes body mass for half of them."""
    ages = clinic.people.ages()
    who, year = np.nonzero((ages >= 2.0) & (ages < 18.0))
    day = days(clinic, "child measured", who, year, np.zeros(len(who), dtype=np.int64))
    years, person = age(clinic.people.birth[who], day), clinic.people.person[who]
    score = sds(clinic, who, years)
    ill = np.isfinite(clinic.illness["eczema"].age[who]) & (clinic.illness["eczema"].age[who] < years)
    very = clinic.illness["type 1 diabetes"].age[who] < years
    odds = PRACTICE * np.where(score >= OBESE, OBESE_ODDS, 1.0) * np.where(very, ILL_ODDS, np.where(ill, 1.5, 1.0))
    odds = odds * np.where(np.isin(clinic.people.ethnicity[who], SOUTH_ASIAN), ASIAN_ODDS, 1.0)
    odds = odds * attendance(clinic, who, day)
    keep = clinic.draws.happens("child measured", odds / (1 + odds), person, year) & clinic.lives.seen(who, day)
    who, day, years, score = who[keep], day[keep], years[keep], score[keep]
    rows = _measured(clinic, who, day, "practice")
    both = taken(
        reading(who, day, BMI, np.round(body_mass(score, years, clinic.people.female[who]), 1), PER_M2),
        clinic.draws.happens("body mass written", 0.5, clinic.people.person[who], day),
    )
    return [*rows, both]


def _truth(clinic: Clinic) -> Rows:
    """Of children from 4 to 10, on New Year's Day: the chance of obesity at 11 by where they are now."""
    ages = clinic.people.ages() - 0.5
    who, year = np.nonzero((ages >= 4.0) & (ages < 10.5))
    years = ages[who, year]
    now = latent(clinic, who, years)
    tracks = np.exp(np.interp(years, [4.0, 5.0, 8.0, 11.0], np.log([0.60, 0.64, 0.80, 1.0])))
    tracks = np.minimum(tracks, 0.995)
    limit = _threshold(clinic, who, np.full(len(who), 11.0))
    risk = ndtr((tracks * now - limit) / np.sqrt(1 - tracks**2))
    return {"who": who, "day": NEW_YEAR[year], "risk": risk, "sds": sds(clinic, who, years), "limit": limit}
