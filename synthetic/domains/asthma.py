"""Asthma: who has it and is treated, inhalers, reviews, attacks and what they bring. Sources: clinical_a.md 3.

Attacks come by a yearly hazard (`_base` and `year_by_year`); their number in a year is Poisson. Some go to hospital.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthetic.bloods import attendance
from synthetic.calendar import NEVER, NEW_YEAR, age
from synthetic.clinic import Clinic
from synthetic.concepts import Concept, named
from synthetic.domain import Domain
from synthetic.draws import Flags, Floats, Ints
from synthetic.events import counts, days, of_practices, spread, year_by_year
from synthetic.habits import true_bmi
from synthetic.illness import BLACK, SOUTH_ASIAN, Illness, deprivation_gradient, draw_onset
from synthetic.records import EMERGENCY, EMERGENCY_STAY, condition, observation, prescription, reading, visit
from synthetic.rows import Rows, stacked, taken

ASTHMA, CHILDHOOD, ATTACK, SEVERE_ATTACK, REVIEW = 317009, 4051466, 257581, 45769438, 4235703
BRONCHITIS, PREDNISOLONE, EOSINOPHILS, PEAK_FLOW = 260139, 1550557, 3013115, 4197461
RELIEVERS = (40142703, 46234463)
PREVENTERS = (40142784, 40144037, 40142910, 40144020)  # two steroids alone, two with a long-acting agent
CONCEPTS: tuple[Concept, ...] = (
    *named("Condition", "SNOMED", (ASTHMA, "Asthma", "195967001"), (CHILDHOOD, "Childhood asthma", "233678006")),
    *named("Condition", "SNOMED", (ATTACK, "Exacerbation of asthma"), (BRONCHITIS, "Acute bronchitis", "10509002")),
    *named("Condition", "SNOMED", (SEVERE_ATTACK, "Acute severe exacerbation of asthma", "708090002")),
    *named("Observation", "SNOMED", (REVIEW, "Asthma management", "406162001")),
    *named("Measurement", "LOINC", (EOSINOPHILS, "Eosinophils [#/volume] in Blood")),
    *named("Measurement", "SNOMED", (PEAK_FLOW, "Peak flow rate (respiratory)")),
    *named("Unit", "UCUM", (8698, "liter per minute", "L/min"), (9444, "billion per liter", "10*9/L")),
    *named(
        "Drug",
        "RxNorm",
        (40142703, "Albuterol Metered Dose Inhaler", "745678"),
        (46234463, "Albuterol Dry Powder Inhaler", "1649559"),
        (40142784, "Beclomethasone Metered Dose Inhaler", "746190"),
        (40144037, "fluticasone Metered Dose Inhaler", "746403"),
        (40142910, "Budesonide / formoterol Metered Dose Inhaler", "745797"),
        (40144020, "fluticasone / salmeterol Dry Powder Inhaler", "746717"),
        (PREDNISOLONE, "prednisolone", "8638"),
    ),
)
DESCENDANTS: tuple[tuple[int, int, int], ...] = (
    (ASTHMA, CHILDHOOD, 1),
    (ASTHMA, ATTACK, 1),
    (ASTHMA, SEVERE_ATTACK, 2),
)

# Register 6.9-7.1% in the North, 4.8-5.1% in London, all ages (QOF 2019/20, clinical_a.md 0.5 and 3.8), of people who
# are treated now; the age shape is ours, set to it.
ASTHMATICS = Illness(
    ever=((1, 0.3), (5, 4.1), (10, 7.7), (18, 10.0), (40, 11.8), (65, 14.5), (90, 16.5)),
    female=1.08,
    male=0.92,
    most_deprived=1.12,
    south_asian=1.0,
    black=0.95,
    london=0.76,
    known=0.95,
    delay=0.5,
)
OUTGROWN, OUTGROWN_YEARS = 0.55, 9.0  # ours, ungrounded: share of childhood asthma that ends, after so many years
# Baseline hazard by age, set so that attacks in 10 person-years come near 4.27, 1.48, 3.22 and 9.40 at 0, 5, 18 and 55
# years (Bloom 2018, clinical_a.md 3.8) once attacks have invited attacks.
ATTACK_AGE = np.array([4.9, 5.0, 17.9, 18.0, 54.9, 55.0])
BASELINE = np.array([0.150, 0.055, 0.055, 0.078, 0.078, 0.17])
MOST = 5.0  # ours: attacks a year; nobody has a hazard above
# Hazard ratios: clinical_a.md 3.8, "assumptions inside read ranges, except prior attacks" (Turner 2018, 5 to 12 years)
AFTER = np.array([1.0, np.exp(1.31), np.exp(2.04)])  # none, one, two or more attacks in the year before
OVERUSE, UNDERUSE = np.exp(0.5), np.exp(0.3)  # six or more relievers a year, fewer than four preventers
DEPRIVED = np.exp(0.6)  # most over least deprived fifth
ETHNIC = np.exp(0.5)  # South Asian and Black people
SMOKER, HEAVY = np.exp(0.251), 1.3  # Noble 2021; obesity: ours, in the direction of Simms-Williams 2024
HAYFEVER = np.exp(-0.212)  # Noble 2021: fewer with allergic rhinitis
FRAILTY, PRACTICE = 0.7, 0.15  # ours, ungrounded: log-normal spreads of people and of practices
# Share of attacks that go to hospital: set so that about 1.4% of people with asthma do in a year (3.8, [D]) and 5% of
# children of North West London (Levy 2021); twice that after two attacks in the year before: ours.
HOSPITAL, HOSPITAL_CHILD, AGAIN = 0.017, 0.10, 2.0
ADMITTED = 0.55  # ours, ungrounded: share of hospital attacks that are stays
# ours, ungrounded: litres a minute of boys and men by age
PEAK_FLOW_AGE = np.array([5.0, 10.0, 15.0, 20.0, 40.0, 60.0, 90.0])
PEAK_FLOWS = np.array([160.0, 280.0, 400.0, 470.0, 490.0, 430.0, 310.0])
CODED_IN_HOSPITAL = 0.8  # ours, ungrounded
AUTUMN = (1, 0.9, 0.9, 0.9, 0.9, 0.8, 0.6, 0.6, 2.0, 1.2, 1.1, 1.1)  # children: twice as many in September (3.8)
WINTER = (1.35, 1.2, 1.1, 0.95, 0.9, 0.85, 0.8, 0.8, 1.0, 1.0, 1.05, 1.35)  # adults: ours, ungrounded


@dataclass(frozen=True)
class Asthma:
    """People x years of those who have asthma at some time: `who` are their positions."""

    who: Ints
    coded: Ints
    active: Flags
    """On New Year's Day."""
    relievers: Floats
    preventers: Floats
    """Issues of the year that are due at this person's habits."""
    hazard: Floats
    before: Ints
    """Attacks of the year before."""
    attacks: Ints


def draw(clinic: Clinic) -> Domain:
    """Asthma of a block of people."""
    asthma = _asthma(clinic)
    who, year, turn = spread(asthma.attacks)
    attacks = _attacks(clinic, asthma, who, year, turn)
    inhalers = stacked([_issues(clinic, asthma, "reliever"), _issues(clinic, asthma, "preventer")])
    reviews = _reviews(clinic, asthma)
    return Domain(
        rows={
            "visit_occurrence": attacks["visits"],
            "condition_occurrence": stacked([_diagnosis(clinic, asthma), attacks["conditions"]]),
            "drug_exposure": stacked([inhalers, attacks["drugs"]]),
            "measurement": stacked([_peak_flow(clinic, reviews), _eosinophils(clinic, reviews)]),
            "observation": observation(reviews["who"], reviews["day"], REVIEW),
        },
        truth={"asthma_attack.attack": _truth(asthma)},
    )


def _asthma(clinic: Clinic) -> Asthma:
    people, draws = clinic.people, clinic.draws
    onset = draw_onset(draws, "asthma", ASTHMATICS, people, clinic.latent, clinic.habits.smoked)
    who = np.flatnonzero(np.isfinite(onset.age))
    person = people.person[who]
    grows_out = (onset.age[who] < 12) & draws.happens("asthma outgrown", OUTGROWN, person)
    end = np.where(grows_out, onset.age[who] + OUTGROWN_YEARS * draws.exponential("years of asthma", person), 200.0)
    ages = age(people.birth[who][:, None], NEW_YEAR[None, :])
    coded = np.where(onset.coded[who] < NEVER, onset.coded[who], NEVER)
    active = (coded[:, None] <= NEW_YEAR[None, :]) & (ages < end[:, None])
    relievers = np.exp(1.15 + 0.8 * draws.normal("relievers", person))[:, None] * np.ones(len(NEW_YEAR))
    preventers = 8.0 * np.clip(draws.uniform("preventers", person) * 1.25 - 0.05, 0.0, 1.1)[:, None] + 0 * relievers
    base = _base(clinic, who, ages) * np.where(relievers >= 6, OVERUSE, 1.0) * np.where(preventers < 4, UNDERUSE, 1.0)
    base = base * clinic.risk(who[:, None], NEW_YEAR[None, :])
    hazard, before, attacks = year_by_year(clinic, "asthma attacks", who, np.where(active, base, 0.0), AFTER, MOST, 14)
    return Asthma(who, coded, active, relievers, preventers, hazard, before, attacks)


def _base(clinic: Clinic, who: Ints, ages: Floats) -> Floats:
    """Yearly hazard of an attack but for attacks before and inhalers, people x years."""
    people, draws = clinic.people, clinic.draws
    day = np.broadcast_to(NEW_YEAR[None, :], ages.shape)
    each = np.broadcast_to(who[:, None], ages.shape)
    rate = np.interp(ages, ATTACK_AGE, BASELINE)
    own = deprivation_gradient(DEPRIVED, people)[who]
    own = own * np.where(np.isin(people.ethnicity[who], (*BLACK, *SOUTH_ASIAN)), ETHNIC, 1.0)
    own = own * np.where(np.isfinite(clinic.illness["allergic rhinitis"].age[who]), HAYFEVER, 1.0)
    own = own * np.exp(FRAILTY * draws.normal("attacks of asthma", people.person[who]) - FRAILTY**2 / 2)
    rate = rate * own[:, None] * np.where(clinic.habits.smokes(each, day) & (ages >= 16), SMOKER, 1.0)
    heavy = (true_bmi(clinic.habits, each, ages) >= 30) & (ages >= 18)
    return np.asarray(rate * np.where(heavy, HEAVY, 1.0) * of_practices(clinic, "asthma care", PRACTICE, each, day))


def _attacks(clinic: Clinic, asthma: Asthma, row: Ints, year: Ints, turn: Ints) -> dict[str, Rows]:
    """A code or a chest infection, a steroid course, and an emergency visit or a stay for some."""
    who, draws = asthma.who[row], clinic.draws
    person = clinic.people.person[who]
    child = age(clinic.people.birth[who], NEW_YEAR[year]) < 16
    day = np.where(
        child,
        days(clinic, "asthma attack", who, year, turn, AUTUMN),
        days(clinic, "asthma attack", who, year, turn, WINTER),
    )
    first = np.where(child, HOSPITAL_CHILD, HOSPITAL)
    chance = np.minimum(np.where(asthma.before[row, year] >= 2, first * AGAIN, first), 0.6)
    hospital = draws.happens("asthma in hospital", chance, person, year, turn)
    seen = clinic.lives.seen(who, day) & (day > asthma.coded[row])
    stay = hospital & draws.happens("asthma admission", ADMITTED, person, year, turn)
    coded = seen & (~hospital | draws.happens("asthma coded in hospital", CODED_IN_HOSPITAL, person, year, turn))
    infection = ~hospital & draws.happens("called bronchitis", 0.3, person, year, turn)  # ours, ungrounded
    concept = np.where(infection, BRONCHITIS, np.where(stay, SEVERE_ATTACK, ATTACK))
    asthma_code = hospital & draws.happens(
        "called asthma", 0.4, person, year, turn
    )  # ours: many hospitals code no more
    concept = np.where(asthma_code, ASTHMA, concept)
    course = seen & draws.happens("steroids", 0.85, person, year, turn)  # ours, ungrounded
    nights = np.floor(2.5 * draws.exponential("nights of asthma", person, year, turn)).astype(np.int64)
    last = np.minimum(day + np.where(stay, nights, 0), clinic.lives.last[who])
    kind = np.where(stay, EMERGENCY_STAY, EMERGENCY)
    there = seen & hospital
    return {
        "visits": taken(visit(who, day, last, kind), there),
        "conditions": taken(condition(who, day, concept, hospital), coded),
        "drugs": prescription(who[course], day[course], PREDNISOLONE, 5),
    }


def _diagnosis(clinic: Clinic, asthma: Asthma) -> Rows:
    """The first code, a summary on joining, and codes again at some reviews."""
    first, last = clinic.lives.first[asthma.who], clinic.lives.last[asthma.who]
    known = np.flatnonzero(asthma.coded <= last)
    day = np.maximum(asthma.coded, first + 14)[known]
    who = asthma.who[known]
    child = age(clinic.people.birth[who], asthma.coded[known]) < 12
    concept = np.where(child & (clinic.practice(who, day) % 3 == 1), CHILDHOOD, ASTHMA)  # a practice's habit: ours
    rows = condition(who, day, concept)
    return taken(rows, rows["day"] <= clinic.lives.last[who])


def _issues(clinic: Clinic, asthma: Asthma, what: str) -> Rows:
    relieves = what == "reliever"
    due = np.where(asthma.active, asthma.relievers if relieves else asthma.preventers, 0.0)
    person = clinic.people.person[asthma.who]
    number = counts(clinic, f"{what} issues", due, person[:, None], np.arange(len(NEW_YEAR))[None, :], most=16)
    row, year, turn = spread(number)
    who = asthma.who[row]
    day = days(clinic, f"{what} issue", who, year, turn)
    products = np.array(RELIEVERS if relieves else PREVENTERS)
    shares = np.array([0.85, 0.15]) if relieves else np.array([0.35, 0.10, 0.30, 0.25])  # ours, ungrounded
    product = products[clinic.draws.choice(f"which {what}", shares, person)][row]
    keep = clinic.lives.seen(who, day)
    return prescription(who[keep], day[keep], product[keep], 30)


def _reviews(clinic: Clinic, asthma: Asthma) -> Rows:
    """A review each year, 60 to 70% of the time (clinical_a.md 3.8, an assumption there), by attendance."""
    row, year = np.nonzero(asthma.active)
    who, turn = asthma.who[row], np.zeros(len(row), dtype=np.int64)
    day = days(clinic, "asthma review", who, year, turn)
    chance = np.minimum(0.65 * attendance(clinic, who, day), 0.95)
    keep = clinic.draws.happens("asthma review", chance, clinic.people.person[who], year) & clinic.lives.seen(who, day)
    return {"who": who[keep], "day": day[keep]}


def _peak_flow(clinic: Clinic, reviews: Rows) -> Rows:
    """Half of reviews (3.8), from 5 years on."""
    who, day = reviews["who"], reviews["day"]
    person, years = clinic.people.person[who], age(clinic.people.birth[who], day)
    best = np.interp(years, PEAK_FLOW_AGE, PEAK_FLOWS)
    best = best * np.where(clinic.people.female[who] & (years > 13), 0.82, 1.0)
    value: Floats = best * np.exp(0.15 * clinic.draws.normal("own peak flow", person) - 0.1)
    value = value * np.exp(0.08 * clinic.draws.normal("peak flow", person, day))
    keep = (years >= 5) & clinic.draws.happens("peak flow taken", 0.5, person, day)
    return reading(who[keep], day[keep], PEAK_FLOW, 10.0 * np.round(value[keep] / 10.0), 8698)


def _eosinophils(clinic: Clinic, reviews: Rows) -> Rows:
    """In some years: 60% of adults and 20% of children have one in five years (3.8); log-normal, ours."""
    who, day = reviews["who"], reviews["day"]
    person, years = clinic.people.person[who], age(clinic.people.birth[who], day)
    value: Floats = np.exp(-1.55 + 0.6 * clinic.draws.normal("own eosinophils", person))
    value = value * np.exp(0.3 * clinic.draws.normal("eosinophils", person, day))
    keep = clinic.draws.happens("eosinophils counted", np.where(years < 16, 0.05, 0.2), person, day)
    return reading(who[keep], day[keep], EOSINOPHILS, np.round(value[keep], 2), 9444)


def _truth(asthma: Asthma) -> Rows:
    """Of those who are treated, on New Year's Day."""
    row, year = np.nonzero(asthma.active)
    values = {"hazard": asthma.hazard, "relievers": asthma.relievers, "preventers": asthma.preventers}
    found = {name: value[row, year] for name, value in values.items()}
    return {"who": asthma.who[row], "day": NEW_YEAR[year], **found, "attacks_before": asthma.before[row, year]}
