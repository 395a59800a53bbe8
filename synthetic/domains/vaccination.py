"""Vaccinations of children by the UK schedule: on time, late, refused, caught up; recorded, twice or not at all.

Sources: clinical_b.md 4, 5.1 and 5.5, schedule_b.csv. Whether a dose is given by its milestone is decided by what the
family is inclined to (a household's, and a child's own) and by chance at each dose, against the coverage of region,
deprivation, ethnicity and mobility. Doses of one vaccine come in order.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.special import expit, logit, ndtr, ndtri

from synthetic.calendar import END, NEVER, NEW_YEAR, YEAR_DAYS, day_of
from synthetic.clinic import Clinic
from synthetic.concepts import Concept, named
from synthetic.domain import Domain
from synthetic.draws import Floats, Ints
from synthetic.illness import BLACK, SOUTH_ASIAN
from synthetic.records import observation, prescription, procedure
from synthetic.rows import Rows, stacked, taken

HEXAVALENT, PENTAVALENT, MMR, MMRV, BOOSTER = 40213290, 40213285, 40213183, 40213184, 40213289
PNEUMO, ROTA, MENB, MENC = 40213198, 40213216, 40213173, 40213176
SECOND_MMR, MENB_GIVEN, ROTA_DECLINED, MENC_DECLINED = 4016349, 44802662, 44813970, 44795752
_HEX = "Historical diphtheria and tetanus toxoids and acellular pertussis, poliovirus, Haemophilus b conjugate and"
_PENTA = (
    "non-US diphtheria, tetanus toxoids and acellular pertussis vaccine, Haemophilus influenzae type b conjugate, and"
)
CONCEPTS: tuple[Concept, ...] = (
    *named(
        "Drug",
        "CVX",
        (HEXAVALENT, f"{_HEX} hepatitis B (recombinant) vaccine."),
        (PENTAVALENT, f"{_PENTA} poliovirus vaccine, inactivated (DTaP"),
        (MMR, "measles, mumps and rubella virus vaccine", "03"),
        (MMRV, "measles, mumps, rubella, and varicella virus vaccine"),
        (BOOSTER, "Diphtheria, tetanus toxoids and acellular pertussis vaccine, and poliovirus vaccine, inactivated"),
        (PNEUMO, "pneumococcal conjugate vaccine, 13 valent", "133"),
        (ROTA, "rotavirus, live, monovalent vaccine"),
        (MENB, "meningococcal B vaccine, recombinant, OMV, adjuvanted"),
        (MENC, "meningococcal C conjugate vaccine"),
    ),
    *named("Procedure", "SNOMED", (SECOND_MMR, "Measles mumps and rubella vaccination - second dose")),
    *named(
        "Procedure", "SNOMED", (MENB_GIVEN, "Recombinant meningococcal group B and outer membrane vesicle vaccination")
    ),
    *named("Observation", "SNOMED", (ROTA_DECLINED, "Rotavirus vaccination declined")),
    *named(
        "Observation", "SNOMED", (MENC_DECLINED, "Haemophilus influenzae type B and meningitis C vaccination declined")
    ),
)
DESCENDANTS: tuple[tuple[int, int, int], ...] = ()

WEEK = 7


@dataclass(frozen=True)
class Dose:
    """One dose of the schedule: when it is due, for children born in what days, and who has it by the milestone.

    `coverage` is that of London and the North at `milestone` (years of age): COVER 2024/25 (clinical_b.md 5.1; means of
    uk_area_tables for what it leaves out). `after` is the dose that must come before, `gap` the fewest days between.
    """

    name: str
    concept: int
    due: int
    milestone: float
    coverage: tuple[float, float]
    born_from: int = day_of(1990)
    born_until: int = day_of(2100)
    after: str | None = None
    gap: int = 28


# Introductions as recalled from the Green Book, not read: pneumococcal 2006, rotavirus July 2013, MenB September 2015,
# hepatitis B in the six-in-one August 2017; changes of 2025 and 2026 from schedule_b.csv.
SCHEDULE = (
    Dose("hex1", HEXAVALENT, 8 * WEEK, 1.0, (0.905, 0.950)),
    Dose("hex2", HEXAVALENT, 12 * WEEK, 1.0, (0.885, 0.935), after="hex1"),
    Dose("hex3", HEXAVALENT, 16 * WEEK, 1.0, (0.871, 0.918), after="hex2"),
    Dose("menb1", MENB, 8 * WEEK, 1.0, (0.885, 0.935), born_from=day_of(2015, 7)),
    Dose("menb2", MENB, 16 * WEEK, 1.0, (0.866, 0.919), day_of(2015, 7), day_of(2025, 4, 8), "menb1"),
    Dose("menb2", MENB, 12 * WEEK, 1.0, (0.866, 0.919), day_of(2025, 4, 8), day_of(2100), "menb1"),
    Dose("rota1", ROTA, 8 * WEEK, 0.45, (0.875, 0.915), born_from=day_of(2013, 5)),
    Dose("rota2", ROTA, 12 * WEEK, 0.46, (0.853, 0.896), born_from=day_of(2013, 5), after="rota1"),
    Dose("pcv1", PNEUMO, 12 * WEEK, 1.0, (0.888, 0.943), day_of(2006, 6), day_of(2025, 3, 11)),
    Dose("pcv1", PNEUMO, 16 * WEEK, 1.0, (0.888, 0.943), day_of(2025, 3, 11)),
    Dose("pcv2", PNEUMO, 365, 2.0, (0.796, 0.901), born_from=day_of(2006, 6), after="pcv1"),
    Dose("menb3", MENB, 365, 2.0, (0.788, 0.894), born_from=day_of(2015, 7), after="menb2"),
    Dose("menc", MENC, 365, 2.0, (0.803, 0.905), born_until=day_of(2024, 7)),
    Dose("mmr1", MMR, 365, 2.0, (0.807, 0.905), born_until=day_of(2025)),
    Dose("mmr1", MMRV, 365, 2.0, (0.807, 0.905), day_of(2025)),
    Dose("mmr2", MMR, 1216, 5.0, (0.713, 0.873), day_of(1990), day_of(2022, 9), "mmr1"),
    Dose("mmr2", MMRV, 1216, 5.0, (0.713, 0.873), day_of(2022, 9), day_of(2024, 7), "mmr1"),
    Dose("mmr2", MMRV, 548, 5.0, (0.713, 0.873), day_of(2024, 7), day_of(2100), "mmr1"),
    Dose("booster", BOOSTER, 1216, 5.0, (0.676, 0.857), after="hex3"),
)
MILESTONES = {"primary": ("hex3", 0.13), "mmr1": ("mmr1", 0.92), "booster": ("mmr2", 3.25)}
"""Predictions of clinical_b.md 4.3: the dose that it asks for, and the age at which it is asked."""

FIRST_BIRTH = day_of(2001)
EACH_FIFTH = 0.17  # logit for each less deprived fifth: MMR2 82.0 to 90.0% outside London (5.1)
ETHNIC = ((SOUTH_ASIAN, 1.39), (BLACK, 0.70), ((3, 4, 5, 6, 14, 15), 0.77))  # timely, adjusted odds ratios (S74)
MOVED = 0.55  # ours, between 1 and 0.36 for three or more addresses (S75)
EARLIER_YEARS = 0.03  # ours: logit more for each year before 2024, at most ten; coverage has fallen
INCLINED, OF_FAMILY = (
    0.80,
    0.85,
)  # ours: share of variance that is not chance at each dose; and of that, the household's
CATCH_UP = 0.236  # of partly immunised children, between 3 and 5 (S76b)
LATE = (9.0, 10.0, 12.0)  # ours: mean days late of a first, second and third dose; 75% and 45% are timely (S78)
ABROAD = (
    0.03,
    0.01,
)  # doses given elsewhere and not recorded ([D] has 5 to 8% and 1 to 2%; published coverage is of records)
TWICE = 0.015  # duplicates 1 to 2% ([D])
NO_RECORD = (0.06, 0.03)  # ours: children who join without their record of doses


@dataclass(frozen=True)
class Doses:
    """Children of the block and the true day of each dose (NEVER if none), by name."""

    who: Ints
    inclined: Floats
    chance: dict[str, Floats]
    """Share of children like this who have the dose by its milestone."""
    day: dict[str, Ints]


def draw(clinic: Clinic) -> Domain:
    """Doses of a block of children."""
    doses = _doses(clinic)
    given = _recorded(clinic, doses)
    return Domain(
        rows={
            "drug_exposure": given["drugs"],
            "procedure_occurrence": given["procedures"],
            "observation": _declined(clinic, doses),
        },
        truth={f"preschool_immunisation.{name}": _truth(clinic, doses, name) for name in MILESTONES},
    )


@cache
def _names() -> tuple[str, ...]:
    return tuple(dict.fromkeys(dose.name for dose in SCHEDULE))


def _doses(clinic: Clinic) -> Doses:
    people, draws = clinic.people, clinic.draws
    who = np.flatnonzero((people.birth >= FIRST_BIRTH) & (people.birth < END))
    person = people.person[who]
    family = draws.normal("vaccines, family", people.household[who])
    own = draws.normal("vaccines, child", person)
    inclined = np.sqrt(OF_FAMILY) * family + np.sqrt(1 - OF_FAMILY) * own
    doses = Doses(who, inclined, {}, {})
    for name in _names():
        doses.day[name], doses.chance[name] = np.full(len(who), NEVER), np.zeros(len(who))
    for dose in SCHEDULE:
        _give(clinic, doses, dose)
    return doses


def _give(clinic: Clinic, doses: Doses, dose: Dose) -> None:
    """The day of one dose of the children for whom it is scheduled."""
    people, draws, who = clinic.people, clinic.draws, doses.who
    person, birth = people.person[who], people.birth[who]
    mine = (birth >= dose.born_from) & (birth < dose.born_until)
    before = doses.day[dose.after] if dose.after else birth
    # Coverage is of all children: among those who had the dose before it is higher.
    cover = _coverage(clinic, who, dose)
    own = np.sqrt(INCLINED) * doses.inclined + np.sqrt(1 - INCLINED) * draws.normal(f"dose {dose.name}", person)
    gets = (ndtr(own) < cover) & (before < NEVER)
    order = int(dose.name[-1]) - 1 if dose.name[-1].isdigit() else 2
    slow = np.exp(0.7 * draws.normal("late with doses", person) - 0.25 * doses.inclined)
    late = np.floor(LATE[min(order, 2)] * slow * draws.exponential(f"late {dose.name}", person)).astype(np.int64)
    day = np.maximum(birth + dose.due + 1 + late, before + dose.gap)
    latest = birth + np.floor(dose.milestone * YEAR_DAYS).astype(np.int64) - 1
    in_time = gets & (before + dose.gap <= latest)
    catches = ~gets & (before < NEVER) & draws.happens(f"catches up {dose.name}", CATCH_UP, person)
    later = latest + 30 + np.floor(500 * draws.exponential(f"catch up {dose.name}", person)).astype(np.int64)
    catches &= dose.milestone > 0.5  # rotavirus is not given late
    given = np.where(in_time, np.minimum(day, latest), np.where(catches, np.maximum(later, before + dose.gap), NEVER))
    doses.day[dose.name] = np.where(mine, given, doses.day[dose.name])
    doses.chance[dose.name] = np.where(mine, cover, doses.chance[dose.name])


def _coverage(clinic: Clinic, who: Ints, dose: Dose) -> Floats:
    """Share of children like these who have the dose by its milestone; OFFSET brings the mean to the published one."""
    people = clinic.people
    due = people.birth[who] + dose.due
    fifth = people.stays.fifth[who, people.stays.at(who, due)]
    years = np.clip((day_of(2024) - due) / YEAR_DAYS, 0.0, 10.0)
    odds = logit(np.array(dose.coverage)[people.region[who]]) + EACH_FIFTH * (fifth - 3.0) + EARLIER_YEARS * years
    for groups, ratio in ETHNIC:
        odds = odds + np.where(np.isin(people.ethnicity[who], groups), np.log(ratio), 0.0)
    moves = np.sum(
        (people.stays.day[who] > people.birth[who][:, None]) & (people.stays.day[who] < due[:, None]), axis=1
    )
    set_so = np.array(OFFSET)[people.region[who]] + (IN_ORDER if dose.after else 0.0)
    return np.asarray(expit(odds + np.where(moves > 0, np.log(MOVED), 0.0) + set_so))


OFFSET, IN_ORDER = (0.25, 0.17), 0.42
"""Set so that coverage by region comes near the published one: of all doses, more for those that follow another."""


def _recorded(clinic: Clinic, doses: Doses) -> dict[str, Rows]:
    """Doses that the practice knows: those given here, and those that came with the record of who joined."""
    people, lives, draws = clinic.people, clinic.lives, clinic.draws
    parts, procedures = [], []
    for name in _names():
        number = np.full(len(doses.who), _names().index(name))
        person, day = people.person[doses.who], doses.day[name]
        elsewhere = draws.happens("dose elsewhere", np.array(ABROAD)[people.region[doses.who]], person, number)
        kept = ~draws.happens("record of doses lost", np.array(NO_RECORD)[people.region[doses.who]], person)
        joined = day < lives.first[doses.who]
        known = (day < NEVER) & (day <= lives.last[doses.who]) & ~elsewhere & (kept | ~joined)
        who, when, own = doses.who[known], day[known], number[known]
        concept = _product(name, people.birth[who])
        code = {"mmr2": SECOND_MMR, "menb1": MENB_GIVEN, "menb2": MENB_GIVEN, "menb3": MENB_GIVEN}.get(name, 0)
        as_code = (clinic.practice(who, when) % 8 == 3) & (code > 0)
        parts.append(prescription(who[~as_code], when[~as_code], concept[~as_code], 1))
        procedures.append(procedure(who[as_code], when[as_code], code))
        again = ~as_code & draws.happens("dose twice", TWICE, people.person[who], own)
        shift = np.floor(4 * draws.uniform("dose twice on", people.person[who], own)).astype(np.int64)
        twice = prescription(who[again], (when + shift)[again], concept[again], 1)
        parts.append(taken(twice, twice["day"] <= lives.last[twice["who"]]))
    return {"drugs": stacked(parts), "procedures": stacked(procedures)}


def _product(name: str, birth: Ints) -> Ints:
    concept = np.zeros(len(birth), dtype=np.int64)
    for dose in SCHEDULE:
        if dose.name == name:
            concept = np.where((birth >= dose.born_from) & (birth < dose.born_until), dose.concept, concept)
    five = (concept == HEXAVALENT) & (birth < day_of(2017, 8))  # five in one before; a date as recalled, not read
    return np.where(five, PENTAVALENT, concept)


def _declined(clinic: Clinic, doses: Doses) -> Rows:
    """A refusal in the record of some who did not have it: verified codes exist for two vaccines alone."""
    parts = []
    for name, concept, due in (("rota1", ROTA_DECLINED, 70), ("menc", MENC_DECLINED, 400)):
        scheduled = doses.chance[name] > 0
        who = doses.who[scheduled & (doses.day[name] == NEVER) & (doses.inclined > 1.0)]
        day = clinic.people.birth[who] + due
        keep = clinic.draws.happens(f"{name} declined", 0.4, clinic.people.person[who]) & clinic.lives.seen(who, day)
        parts.append(observation(who[keep], day[keep], concept))
    return stacked(parts)


def _truth(clinic: Clinic, doses: Doses, milestone: str) -> Rows:
    """The chance of staying without the dose, when it is asked: by inclination and coverage, not by luck."""
    name, years = MILESTONES[milestone]
    who = doses.who
    day = clinic.people.birth[who] + np.floor(years * YEAR_DAYS).astype(np.int64) - 30
    cover = np.clip(doses.chance[name], 1e-6, 1 - 1e-6)
    has = ndtr((ndtri(cover) - np.sqrt(INCLINED) * doses.inclined) / np.sqrt(1 - INCLINED))
    keep = (day >= NEW_YEAR[0]) & (doses.chance[name] > 0)
    rows = {"who": who, "day": day, "risk": 1.0 - has, "inclined": doses.inclined, "coverage": cover}
    return taken(rows, keep)
