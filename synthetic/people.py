"""Who the people are: region, birth, sex, ethnicity, deprivation, practice, and when they join and leave a list."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthetic import published
from synthetic.calendar import END, NEW_YEAR, START, YEAR_DAYS, age, first_crossing
from synthetic.draws import Draws, Flags, Floats, Ints

PRACTICES = 24  # assumption: practices in each region; fixed, so that a person's practice does not depend on the others
JOINERS = 0.55  # assumption: about half of those ever on a list over fifteen years joined after its start
BABIES = 0.05  # assumption: share of joiners who are new-born (children are under-drawn throughout)
FEMALE = 0.505  # assumption, near the census

# Moves relative to the average, by age at the time: assumption with the familiar peak of young adults
_MOVING_AGE = np.array([0.0, 16.0, 18.0, 25.0, 32.0, 40.0, 50.0, 65.0, 100.0])
_MOVING = np.array([0.8, 0.8, 2.0, 2.4, 1.8, 1.0, 0.6, 0.35, 0.35])


@dataclass(frozen=True)
class People:
    """One array entry for each person; days count from 1970-01-01, `deprivation` 1 is the most deprived fifth."""

    person: Ints
    region: Ints
    female: Flags
    birth: Ints
    ethnicity: Ints
    stated: Flags
    deprivation: Ints
    practice: Ints
    joined: Ints
    left: Ints

    def __len__(self) -> int:
        return len(self.person)

    def ages(self) -> Floats:
        """Age in the middle of each year, people x years."""
        return age(self.birth[:, None], NEW_YEAR[None, :] + 182)


def draw_people(draws: Draws, person: Ints) -> People:
    """Draw people by number."""
    north = draws.uniform("region", person) >= published.LONDON_SHARE
    region = north.astype(np.int64)
    joiner = draws.happens("joiner", JOINERS, person)
    joined = np.where(joiner, START + (draws.uniform("join day", person) * (END - START - 30)).astype(np.int64), START)
    years = _age_at_joining(draws, person, region, joiner)
    birth = joined - np.round(years * YEAR_DAYS).astype(np.int64)
    return People(
        person=person,
        region=region,
        female=draws.happens("sex", FEMALE, person),
        birth=birth,
        ethnicity=_ethnicity(draws, person, region, years),
        stated=~draws.happens("ethnicity not stated", published.NOT_STATED, person),
        deprivation=1 + _by_region(draws, "deprivation", person, region, [r.deprivation for r in published.REGIONS]),
        practice=region * PRACTICES + np.floor(draws.uniform("practice", person) * PRACTICES).astype(np.int64),
        joined=joined,
        left=_leaving(draws, person, region, birth, joined),
    )


def _by_region(draws: Draws, what: str, person: Ints, region: Ints, shares: list[Floats]) -> Ints:
    options = [draws.choice(what, share, person) for share in shares]
    return np.choose(region, options).astype(np.int64)


def _age_at_joining(draws: Draws, person: Ints, region: Ints, joiner: Flags) -> Floats:
    kept = np.where(np.arange(19) < 3, published.CHILDREN_KEPT, 1.0)
    moving = np.interp(np.arange(19) * 5.0 + 2.5, _MOVING_AGE, _MOVING)
    present = _by_region(draws, "age", person, region, [r.people_by_age * kept for r in published.REGIONS])
    arriving = _by_region(draws, "age", person, region, [r.people_by_age * kept * moving for r in published.REGIONS])
    years = 5.0 * np.where(joiner, arriving, present) + 5.0 * draws.uniform("age within band", person)
    born = joiner & draws.happens("joins at birth", BABIES, person)
    return np.where(born, draws.uniform("age of a baby", person) * 0.1, years)


def _ethnicity(draws: Draws, person: Ints, region: Ints, years: Floats) -> Ints:
    # Minority groups are younger: beyond 60 their share is halved (assumption; the tables read give no age).
    older = [np.where(np.arange(16) < 3, 1.0, 0.5) * r.ethnicity for r in published.REGIONS]
    any_age = _by_region(draws, "ethnicity", person, region, [r.ethnicity for r in published.REGIONS])
    return np.where(years >= 60, _by_region(draws, "ethnicity", person, region, older), any_age)


def _leaving(draws: Draws, person: Ints, region: Ints, birth: Ints, joined: Ints) -> Ints:
    rate = np.array([r.leaving for r in published.REGIONS])[region]
    moving = np.interp(age(birth[:, None], NEW_YEAR[None, :] + 182), _MOVING_AGE, _MOVING)
    on_list = np.clip((NEW_YEAR[None, :] + 365 - joined[:, None]) / 365.0, 0.0, 1.0)
    day = first_crossing(rate[:, None] * moving * on_list, draws.exponential("leaving", person))
    return np.maximum(day, joined + 30)
