"""How long people are seen: deaths by age, sex, deprivation and illness; the days on which records begin and end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from synthetic.calendar import END, NEVER, NEW_YEAR, first_crossing
from synthetic.draws import Draws, Flags, Floats, Ints
from synthetic.illness import Onset, deprivation_gradient
from synthetic.kidney import Kidneys
from synthetic.people import People
from synthetic.tumours import Tumours, deaths

# Gompertz: yearly hazard at 60 and its growth with age. Assumption: set near national life tables (not read), less what
# illness adds back.
AT_60_MALE, AT_60_FEMALE, GROWTH = 0.0048, 0.0034, 0.098
DEPRIVATION = 1.7  # assumption: most over least deprived fifth

# Hazard ratios of illness; assumption, in the order of the literature.
WORSE: Mapping[str, float] = {
    "type 2 diabetes": 1.4,
    "type 1 diabetes": 1.8,
    "heart failure": 2.6,
    "ischaemic heart disease": 1.3,
    "stroke": 1.6,
    "peripheral vascular disease": 1.5,
    "serious mental illness": 1.9,
    "learning disability": 2.0,
    "myeloma": 6.0,
}
# Assumption: each applies on top of the last; the last, from 10, is near the mortality of people on dialysis.
KIDNEY_BELOW = ((60.0, 1.1), (45.0, 1.35), (30.0, 1.8), (15.0, 1.8), (10.0, 2.0))
# Leaving depends on illness too, so that it is informative; both are ours, ungrounded: the seriously ill move house
# less, and frail old people move to a care home that another practice looks after.
SERIOUS = ("type 2 diabetes", "heart failure", "ischaemic heart disease", "stroke", "serious mental illness")
ILL_STAY = 0.30  # share of moves out that do not happen
FRAIL, CARE_HOME_AGE, CARE_HOME = ("heart failure", "stroke"), 78.0, 0.04  # a year
OTHER_CAUSES = 0.80  # set so that deaths in all stay as they were: cancers, a quarter of them, are drawn apart
INJURY_YEAR = 4.0  # assumption: hazard ratio in the year of an acute kidney injury


@dataclass(frozen=True)
class Lives:
    """First and last day on a list for each person, and the day of death (NEVER if not seen)."""

    first: Ints
    last: Ints
    death: Ints

    def seen(self, who: Ints, day: Ints) -> Flags:
        """Whether the people at positions `who` are on a list on `day`."""
        return np.asarray((day >= self.first[who]) & (day <= self.last[who]))


def draw_lives(
    draws: Draws, people: People, illness: Mapping[str, Onset], kidneys: Kidneys, egfr: Floats, tumours: Tumours
) -> Lives:
    """Draw deaths and put the end of each record at the first of death, leaving and the end of the extract."""
    death = first_crossing(_hazard(people, illness, kidneys, egfr, tumours), draws.exponential("death", people.person))
    death = np.maximum(death, people.joined + 1)
    left = _leaving(draws, people, illness)
    last = np.minimum(np.minimum(left, death), END)
    return Lives(people.joined, last, np.where(death <= last, death, NEVER))


def homes_seen(people: People, lives: Lives) -> tuple[Ints, Ints, Ints, Ints]:
    """Every home in which somebody is on a list: position of the person, place in their stays, first and last day."""
    begins = np.maximum(people.stays.day, lives.first[:, None])
    begins[:, 0] = lives.first
    after = np.column_stack([people.stays.day[:, 1:], np.full(len(people), NEVER)])
    ends = np.minimum(after - 1, lives.last[:, None])
    begun = people.stays.day < NEVER
    begun[:, 0] = True
    who, turn = np.nonzero(begun & (begins <= ends))
    return who, turn, begins[who, turn], ends[who, turn]


def _leaving(draws: Draws, people: People, illness: Mapping[str, Onset]) -> Ints:
    """The day on which people leave the extract; a household does as its first adult does."""
    coded = np.min([illness[name].coded for name in SERIOUS], axis=0)
    stays = (coded[people.head] < people.left) & draws.happens("ill, stays", ILL_STAY, people.household)
    frail = np.min([illness[name].age for name in FRAIL], axis=0)
    ages = people.ages()
    hazard = CARE_HOME * ((ages >= CARE_HOME_AGE) & (ages >= frail[:, None] + 0.5))
    care = np.maximum(first_crossing(hazard, draws.exponential("care home", people.person)), people.joined + 1)
    return np.minimum(np.where(stays, NEVER, people.left), care)


def _hazard(people: People, illness: Mapping[str, Onset], kidneys: Kidneys, egfr: Floats, tumours: Tumours) -> Floats:
    ages = people.ages()
    at_60 = np.where(people.female, AT_60_FEMALE, AT_60_MALE) * deprivation_gradient(DEPRIVATION, people)
    hazard = at_60[:, None] * np.exp(GROWTH * (ages - 60.0))
    for name, ratio in WORSE.items():
        hazard = hazard * np.where(illness[name].age[:, None] <= ages, ratio, 1.0)
    for below, ratio in KIDNEY_BELOW:
        hazard = hazard * np.where(egfr < below, ratio, 1.0)
    injured = (kidneys.injury >= NEW_YEAR) & (kidneys.injury < NEW_YEAR + 366)
    on_list = np.clip((NEW_YEAR + 365 - people.joined[:, None]) / 365.0, 0.0, 1.0)
    return np.asarray((hazard * np.where(injured, INJURY_YEAR, 1.0) * OTHER_CAUSES + deaths(tumours)) * on_list)
