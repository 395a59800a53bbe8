"""True kidney function: a path for each person, lost with age, illness and acute injury; and what tests would read.

The estimated glomerular filtration rate (eGFR) falls by a person's own yearly rate from the age of 25, faster some
years after the onset of an illness, and in falls that no record explains. Below 60 most people lose slowly and a few
fast: each has a pace of their own, which albumin in the urine and blood pressure foretell. Nothing is regained but
after acute injury, and treatment and transplants change nothing: simplifications.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from synthetic.calendar import END, NEVER, NEW_YEAR, YEAR_DAYS, age
from synthetic.draws import Draws, Flags, Floats, Ints
from synthetic.illness import BLACK, SOUTH_ASIAN, Latent, Onset, deprivation_gradient
from synthetic.people import People

YEARLY = 0.36  # assumption: mean loss a year by age alone, in mL/min/1.73 m2
FALLS_AT_60, FALL_GROWTH = 0.012, 0.085  # assumption: falls a year at 60, and growth of their hazard with age
FALL_LOSS, FALL_YEARS = 17.0, 1.5  # assumption: mean loss by a fall, and how long it takes
LAG_YEARS = 6.0  # assumption: mean time from onset of an illness to its first effect on the kidneys
LOWEST = 4.0  # assumption: true eGFR never falls below this

# Pace below 60: the share of a loss that is felt, log-normal. What foretells it follows KFRE, where a unit of log ACR
# has a hazard ratio of 1.57 (clinical_a.md 1.6); median and spread are assumptions, set so that replacement therapy
# starts near 108 per million a year (UK Renal Registry, clinical_a.md 1.8) and most people lose about 1 a year.
PACE = 0.38
PACE_BY_ALBUMIN, PACE_BY_PRESSURE, PACE_BY_CHANCE = 0.80, 0.15, 0.37
PACE_OF = {"glomerular disease": 2.0, "polycystic kidney": 2.0, "vasculitis": 1.5, "type 1 diabetes": 1.6}  # assumption
AFTER_INJURY, AFTER_INJURY_YEARS = 0.3, 5.0  # assumption: what an injury cost for good grows by so much a year, so long

# Mean further loss in mL/min/1.73 m2 a year from onset. Assumptions that follow the order of the hazard ratios of
# QKidney (clinical_a.md 1.8: type 1 12, type 2 6, heart failure 2.8, hypertension 2.8, vascular 1.4) and are set so
# that low eGFR by age comes near the published shares (tests/synthetic).
FURTHER_LOSS: Mapping[str, float] = {
    "type 1 diabetes": 1.1,
    "type 2 diabetes": 1.05,
    "hypertension": 0.25,
    "heart failure": 1.1,
    "ischaemic heart disease": 0.2,
    "stroke": 0.15,
    "peripheral vascular disease": 0.3,
    "gout": 0.15,
    "kidney stone": 0.06,
    "urinary obstruction": 0.2,
    "lupus": 0.6,
    "rheumatoid arthritis": 0.12,
    "vasculitis": 1.2,
    "glomerular disease": 1.6,
    "polycystic kidney": 2.2,
    "myeloma": 2.5,
}


@dataclass(frozen=True)
class Kidneys:
    """The true path of each person: where it starts, how fast it falls, and acute injuries (day, loss) by year."""

    birth: Ints
    start: Floats
    yearly: Floats
    pace: Floats
    further: tuple[tuple[Floats, Floats], ...]
    falls: tuple[tuple[Floats, Floats], ...]
    injury: Ints
    injury_loss: Floats
    doubled: Ints
    """The day from which function is lost twice as fast (NEVER if not): a fault of `synthetic.faults`."""

    def before_injury(self, who: Ints, day: Ints) -> Floats:
        """True eGFR of the people at positions `who` on `day`, without acute injuries."""
        level = self._undoubled(who, day)
        late = np.flatnonzero(day > self.doubled[who])
        if len(late):
            then = self._undoubled(who[late], self.doubled[who[late]])
            level[late] = level[late] - np.maximum(then - level[late], 0.0)
        return level

    def _undoubled(self, who: Ints, day: Ints) -> Floats:
        years = age(self.birth[who], day)
        # Assumption: ageing costs nearly twice as much from 70, which brings the oldest near their published share.
        ageing = np.maximum(years - 25.0, 0.0) + 0.8 * np.maximum(years - 70.0, 0.0)
        level = self.start[who] - self.yearly[who] * ageing
        for onset, loss in self.further:
            level = level - loss[who] * np.maximum(years - onset[who], 0.0)
        for begins, loss in self.falls:
            level = level - loss[who] * np.clip((years - begins[who]) / FALL_YEARS, 0.0, 1.0)
        # Assumption: below 60 loss is in proportion to what is left, so that kidney failure stays rare.
        below = np.minimum(level, 60.0) - 60.0
        return np.asarray(np.where(level < 60.0, 60.0 * np.exp(self.pace[who] * below / 60.0), level))

    def true_egfr(self, who: Ints, day: Ints) -> Floats:
        """True eGFR of the people at positions `who` on `day`, in mL/min/1.73 m2."""
        return np.asarray(np.maximum(self.before_injury(who, day) - self._lost_by_injury(who, day), LOWEST))

    def _lost_by_injury(self, who: Ints, day: Ints) -> Floats:
        """What injuries until `day` have cost for good: at once, and slowly after (few people have any)."""
        lost = np.zeros(len(who))
        hurt = np.flatnonzero(np.any(self.injury < NEVER, axis=1)[who])
        since = (day[hurt, None] - self.injury[who[hurt]]) / YEAR_DAYS
        grown = np.where(since >= 0.0, 1.0 + AFTER_INJURY * np.clip(since, 0.0, AFTER_INJURY_YEARS), 0.0)
        lost[hurt] = np.sum(self.injury_loss[who[hurt]] * grown, axis=1)
        return lost


def draw_kidneys(draws: Draws, people: People, latent: Latent, illness: Mapping[str, Onset], doubled: Ints) -> Kidneys:
    """Draw the kidneys of people; injuries come last, as low function invites them."""
    start = 109.0 + 7.5 * draws.normal("eGFR at 25", people.person)  # assumption
    # Assumption: log-normal, 1.1 by deprivation; ethnicity within the 1.0-1.3 that clinical_a.md 1.8 asks for.
    speed = np.exp(0.25 * latent.renal - 0.03) * deprivation_gradient(1.1, people)
    speed = speed * np.where(np.isin(people.ethnicity, BLACK), 1.10, 1.0)
    speed = speed * np.where(np.isin(people.ethnicity, SOUTH_ASIAN), 1.08, 1.0)
    further = tuple(_further(draws, name, people, latent, illness[name]) for name in FURTHER_LOSS)
    falls = _falls(draws, people, latent)
    none = np.zeros((len(people), len(NEW_YEAR)))
    healthy = Kidneys(
        people.birth,
        start,
        YEARLY * speed,
        _pace(draws, people, latent, illness),
        further,
        falls,
        none.astype(np.int64),
        none,
        doubled,
    )
    injury, loss = _injuries(draws, people, healthy, illness)
    return replace(healthy, injury=injury, injury_loss=loss)


def _pace(draws: Draws, people: People, latent: Latent, illness: Mapping[str, Onset]) -> Floats:
    """How much of a loss is felt below 60; the draws of albumin and pressure are those of what is measured."""
    log = PACE_BY_ALBUMIN * albumin_tendency(draws, people, latent)
    log = log + PACE_BY_PRESSURE * draws.normal("own systolic", people.person)
    pace = PACE * np.exp(log + PACE_BY_CHANCE * draws.normal("pace", people.person))
    for name, times in PACE_OF.items():
        pace = pace * np.where(np.isfinite(illness[name].age), times, 1.0)
    return np.asarray(pace)


def albumin_tendency(draws: Draws, people: People, latent: Latent) -> Floats:
    """The part of a person's log albumin ratio that no illness explains: standard normal, tied to `renal`."""
    return np.asarray(0.75 * latent.renal + 0.66 * draws.normal("albuminuria", people.person))


def _further(draws: Draws, name: str, people: People, latent: Latent, illness: Onset) -> tuple[Floats, Floats]:
    """Age at which an illness begins to cost function, some years after its onset, and the yearly loss from then.

    A few people lose fast: log-normal, tied to `renal`. All of it is assumption.
    """
    lag = LAG_YEARS * draws.exponential(f"lag of kidney loss from {name}", people.person)
    own = draws.normal(f"kidney loss from {name}", people.person)
    return illness.age + lag, FURTHER_LOSS[name] * np.exp(0.4 * latent.renal + 0.5 * own - 0.205)


def _falls(draws: Draws, people: People, latent: Latent) -> tuple[tuple[Floats, Floats], ...]:
    """Falls without a recorded cause, so that the last value does not tell all: ages and losses of the first four.

    They arrive with a hazard that grows with age and with `renal`, `vascular` and deprivation (assumption).
    """
    tied = np.exp(0.5 * latent.renal + 0.3 * latent.vascular - 0.17) * deprivation_gradient(1.6, people)
    total = np.zeros(len(people))
    falls = []
    for turn in range(4):
        counter = np.full(len(people), turn)
        total = total + draws.exponential("next fall", people.person, counter)
        begins = 60.0 + np.log(total * FALL_GROWTH / (FALLS_AT_60 * tied)) / FALL_GROWTH
        falls.append((begins, FALL_LOSS * draws.exponential("loss by fall", people.person, counter)))
    return tuple(falls)


def _injuries(draws: Draws, people: People, kidneys: Kidneys, illness: Mapping[str, Onset]) -> tuple[Ints, Floats]:
    """At most one acute injury a year: its day (NEVER if none) and what it costs for good."""
    who, year = np.meshgrid(np.arange(len(people)), np.arange(len(NEW_YEAR)), indexing="ij")
    middle = NEW_YEAR[year] + 182
    level = kidneys.before_injury(who.ravel(), middle.ravel()).reshape(who.shape)
    chance = 0.0030 * np.exp(0.055 * np.clip(people.ages() - 50.0, -30.0, 45.0))  # assumption: about 1.6% at 80
    chance = chance * np.clip((95.0 - level) / 35.0, 0.7, 4.0)  # assumption: twice as likely at 25
    for name, times in (("type 2 diabetes", 1.6), ("heart failure", 2.5), ("urinary obstruction", 1.5)):  # assumption
        chance = chance * np.where(illness[name].age[:, None] <= people.ages(), times, 1.0)
    person = people.person[:, None]
    happens = draws.happens("acute injury", np.minimum(chance, 0.3), person, year)
    day = NEW_YEAR[year] + np.floor(365 * draws.uniform("day of injury", person, year)).astype(np.int64)
    loss = 2.5 * draws.exponential("loss by injury", person, year)  # assumption
    happens = happens & (day > people.joined[:, None] + 5) & (day < END - 30)
    return np.where(happens, day, NEVER), np.where(happens, loss, 0.0)


def depth_of_injury(draws: Draws, people: People) -> Floats:
    """Share of function lost for some weeks by an injury in each year, people x years (assumption)."""
    return np.asarray(0.35 + 0.45 * draws.uniform("depth of injury", people.person[:, None], np.arange(len(NEW_YEAR))))


def creatinine_umol(egfr: Floats, years: Floats, female: Flags) -> Floats:
    """Serum creatinine that has this eGFR: CKD-EPI 2009 without ethnicity (clinical_a.md 1.6), turned around.

    >>> round(float(creatinine_umol(np.array([87.37]), np.array([50.0]), np.array([False]))[0]), 1)
    88.4
    """
    knee = np.where(female, 0.7, 0.9)
    ratio = egfr / (141.0 * 0.993**years * np.where(female, 1.018, 1.0))
    power = np.where(ratio < 1.0, -1.209, np.where(female, -0.329, -0.411))
    return np.asarray(88.4 * knee * ratio ** (1.0 / power))


def egfr_of(creatinine: Floats, years: Floats, female: Flags) -> Floats:
    """eGFR from serum creatinine in umol/L: CKD-EPI 2009 without ethnicity.

    >>> round(float(egfr_of(np.array([150.0]), np.array([70.0]), np.array([False]))[0]), 2)
    40.06
    """
    knee = np.where(female, 0.7, 0.9)
    ratio = creatinine / 88.4 / knee
    power = np.where(ratio > 1.0, -1.209, np.where(female, -0.329, -0.411))
    return np.asarray(141.0 * ratio**power * 0.993**years * np.where(female, 1.018, 1.0))


def true_acr(
    draws: Draws, people: People, latent: Latent, illness: Mapping[str, Onset], who: Ints, day: Ints, egfr: Floats
) -> Floats:
    """True albumin to creatinine ratio in mg/mmol (assumption; it foretells loss, being tied to `renal` and pace).

    Set so that a tenth of adults is above 3 (Health Survey for England 2016, 9.8%) and the median is near 3 in people
    with an eGFR below 60 who are tested (Major 2019, 3.2; both clinical_a.md 1.7 and 1.8).
    """
    years = age(people.birth[who], day)
    log = -0.8 + 0.04 * np.clip(62.0 - egfr, 0.0, 45.0) + 1.2 * albumin_tendency(draws, people, latent)[who]
    for name, more in (
        ("type 1 diabetes", 0.9),
        ("type 2 diabetes", 0.9),
        ("hypertension", 0.3),
        ("heart failure", 0.4),
    ):
        log = log + more * (illness[name].age[who] <= years)
    for name, more in (("glomerular disease", 3.5), ("lupus", 1.5), ("vasculitis", 1.5)):
        log = log + more * (illness[name].age[who] <= years)
    return np.asarray(np.exp(log))
