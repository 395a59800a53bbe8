"""How people live: smoking, body mass and drinking. True at every age of an adult; recorded only when asked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthetic import published
from synthetic.calendar import NEW_YEAR, age
from synthetic.draws import Draws, Flags, Floats, Ints
from synthetic.people import People

QUITTING = 0.04  # assumption: smokers who stop each year
MIDDLE = 16  # position in YEARS of 2022, the year of the published shares of smokers
EVER = 2.1  # assumption: ever smokers over the current ones at young ages; the rest have stopped

# Weekly units of those who drink, log-normal: set so that 32% of men and 15% of women are above 14 and 81% drank in
# twelve months (Health Survey for England 2022, clinical_b.md 5.3); the spread is an assumption.
DRINKERS = (0.79, 0.83)  # women, men
MEDIAN_UNITS, SPREAD_UNITS = (4.9, 9.7), (1.20, 1.25)
ABSTAINING = {8: 0.92, 9: 0.95, 12: 0.45, 7: 0.35, 10: 0.40}  # assumption: share of a group that never drinks
NORTH_UNITS = 1.15  # assumption: the North drinks more (alcohol-specific deaths are highest there, clinical_b.md 5.3)


@dataclass(frozen=True)
class Habits:
    """One entry for each person."""

    smoked: Flags
    """Ever."""
    stopped: Ints
    """Day on which an ever smoker stops, or NEW_YEAR[0] - 365 if before the records."""
    build: Floats
    """Logarithm of body mass over that of the age."""
    units: Floats
    """Usual weekly units of alcohol as an adult (8 g or 10 mL each)."""

    def smokes(self, who: Ints, day: Ints) -> Flags:
        """Whether the people at positions `who` smoke on `day`."""
        return np.asarray(self.smoked[who] & (day < self.stopped[who]))


def draw_habits(draws: Draws, people: People, metabolic: Floats) -> Habits:
    """Draw the habits of people; `metabolic` is their latent tendency."""
    smoked, stopped = _smoking(draws, people)
    build = metabolic * 0.13 + 0.10 * draws.normal("own BMI", people.person)
    return Habits(smoked, stopped, build, _units(draws, people))


def true_bmi(habits: Habits, who: Ints, years: Floats) -> Floats:
    """Body mass index of adults in kg/m2.

    Assumption: 24 at 20, 28 at 60, log-normal around it; a quarter is obese (HSE 2021 in epi_a.csv: 8 to 32% by age).
    """
    mean = np.interp(years, [18.0, 30.0, 60.0, 75.0, 95.0], [23.5, 26.0, 28.2, 27.8, 25.5])
    return np.asarray(mean * np.exp(habits.build[who]))


def _smoking(draws: Draws, people: People) -> tuple[Flags, Ints]:
    now = age(people.birth, np.full(len(people), int(NEW_YEAR[MIDDLE])))
    share = np.where(
        people.female,
        np.interp(now, published.SMOKERS_FROM_AGE, published.SMOKERS_FEMALE),
        np.interp(now, published.SMOKERS_FROM_AGE, published.SMOKERS_MALE),
    )
    current = np.minimum(share / 100.0 * published.SMOKERS_DEPRIVATION[people.deprivation - 1], 0.6)
    ever = np.minimum(current * EVER + 0.004 * np.maximum(now - 30.0, 0.0), 0.75)
    draw = draws.uniform("smoker", people.person)
    years = np.floor(365 * draws.exponential("stopping", people.person) / QUITTING).astype(np.int64)
    return draw < ever, np.where(draw < current, NEW_YEAR[MIDDLE] + years, NEW_YEAR[0] - 365)


def _units(draws: Draws, people: People) -> Floats:
    sex = (~people.female).astype(np.int64)
    drinks = np.array(DRINKERS)[sex]
    for group, abstaining in ABSTAINING.items():
        drinks = np.where(people.ethnicity == group, 1.0 - abstaining, drinks)
    units = np.array(MEDIAN_UNITS)[sex] * np.exp(np.array(SPREAD_UNITS)[sex] * draws.normal("drinking", people.person))
    units = units * np.where(people.region == 1, NORTH_UNITS, 1.0)
    return np.asarray(np.where(draws.happens("drinks", drinks, people.person), np.minimum(units, 300.0), 0.0))
