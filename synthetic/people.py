"""Who the people are: birth, sex, ethnicity, and the household in which they live.

A household is a first adult, perhaps a partner, and the children of the woman in it. Its members share a home and move
together (`homes.py`); children leave it as adults. Person numbers begin with the region and the household, so that
nobody's draws depend on who else is drawn.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthetic import places
from synthetic.calendar import END, NEVER, NEW_YEAR, YEAR_DAYS, age
from synthetic.draws import Draws, Flags, Floats, Ints
from synthetic.homes import Homes, Stays, draw_homes, draw_stays

CHILDREN = 4
SLOTS = 2 + CHILDREN  # the first adult, the partner, the children
FIRST_HOUSEHOLD = 100_000_000  # of London; the North begins at twice this number

# Share with a partner by age of the first adult: assumption, the shape of the census.
PARTNER_AGE = np.array([16.0, 20.0, 25.0, 32.0, 45.0, 65.0, 78.0, 90.0])
PARTNERED = np.array([0.0, 0.06, 0.28, 0.52, 0.58, 0.62, 0.48, 0.18])
LONDON_PARTNERED = 0.85  # assumption
# Children ever born to a woman, 0 to 4; assumption near the completed families of women born in 1975 (ONS; not read)
FAMILY = np.array([0.18, 0.17, 0.37, 0.18, 0.10])
LARGER = 1.35  # assumption: odds of each further child in South Asian and Black families
MOTHER_AT_FIRST, MOTHER_SPREAD = 28.0, 5.2  # assumption, near the mean age of mothers (ONS; not read)
SAME_ETHNICITY = 0.90  # assumption: partners of one ethnic group
MIXED_WITH_WHITE = {11: 3, 12: 4, 7: 5, 8: 5, 9: 5, 10: 5}  # the other parent, and what the child is called
WHITE = 3  # the first three groups
REGISTERED_AFTER = 35.0  # assumption: mean days from birth to registration, some children much later
# Share without a stated ethnicity: 18.3% in general practice (clinical_a.md 0.4), 27.7% of infants (clinical_b.md 5.5).
UNSTATED, UNSTATED_CHILD = 1 - 0.817, 0.277
MISSING = 0.5  # assumption: half of those have nothing at all, half "not stated"


@dataclass(frozen=True)
class People:
    """One array entry for each person; days count from 1970-01-01.

    `region` and `deprivation` (1 is the most deprived fifth) are those of the first home; `stays` has every later one.
    `mother` and `head` are positions in this block: the mother if she is in the household (-1: none), the first adult.
    """

    person: Ints
    household: Ints
    head: Ints
    mother: Ints
    region: Ints
    female: Flags
    birth: Ints
    ethnicity: Ints
    letter: Ints
    """What the record says: position in ETHNICITIES, then 16 for "not stated" and 17 for nothing."""
    deprivation: Ints
    joined: Ints
    left: Ints
    stays: Stays

    def __len__(self) -> int:
        return len(self.person)

    def ages(self) -> Floats:
        """Age in the middle of each year, people x years."""
        return age(self.birth[:, None], NEW_YEAR[None, :] + 182)

    def practice(self, who: Ints, day: Ints) -> Ints:
        """Number of the practice of the people at positions `who` on `day`; before the first, the first."""
        return self.stays.practice[who, self.stays.at(who, day)]


@dataclass(frozen=True)
class _Members:
    """Households x slots: who there is."""

    exists: Flags
    female: Flags
    birth: Ints
    ethnicity: Ints
    mother: Ints


def draw_people(draws: Draws, region: int, first: int, until: int) -> People:
    """The people of households `first` to `until - 1` of a region."""
    household = FIRST_HOUSEHOLD * (region + 1) + np.arange(first, until, dtype=np.int64)
    homes = draw_homes(draws, region, household)
    members = _members(draws, region, household, homes)
    row, slot = np.nonzero(members.exists)
    person = household[row] * 10 + slot
    birth, adult = members.birth[row, slot], slot < 2
    joined = _joined(draws, person, birth, homes.joined[row])
    stays, left = draw_stays(draws, person, birth, adult, row, homes)
    position = np.full(members.exists.shape, -1, dtype=np.int64)
    position[row, slot] = np.arange(len(row))
    mother = np.where(adult | (members.mother[row] < 0), -1, position[row, members.mother[row]])
    return People(
        person=person,
        household=household[row],
        head=position[row, 0],
        mother=mother,
        region=np.full(len(row), region, dtype=np.int64),
        female=members.female[row, slot],
        birth=birth,
        ethnicity=members.ethnicity[row, slot],
        letter=_letters(draws, person, birth, members.ethnicity[row, slot]),
        deprivation=homes.fifth[row, 0],
        joined=joined,
        left=np.maximum(left, joined + 1),
        stays=stays,
    )


def _members(draws: Draws, region: int, household: Ints, homes: Homes) -> _Members:
    size = (len(household), SLOTS)
    exists, female = np.zeros(size, dtype=np.bool_), np.zeros(size, dtype=np.bool_)
    birth, ethnicity = np.full(size, NEVER), np.zeros(size, dtype=np.int64)
    exists[:, 0] = True
    female[:, 0] = draws.happens("sex of the first", 0.52, household)  # assumption: more women live alone
    birth[:, 0] = homes.birth
    exists[:, 1] = _partnered(draws, region, household, homes)
    female[:, 1] = ~female[:, 0]
    older = 2.3 + 3.5 * draws.normal("age of the partner", household)  # assumption: men are two years older
    years = np.where(female[:, 0], older, -older)
    birth[:, 1] = np.minimum(homes.birth - np.round(years * YEAR_DAYS).astype(np.int64), homes.joined - 5_900)
    ethnicity[:, 0] = homes.ethnicity
    alike = draws.happens("partner of the same group", SAME_ETHNICITY, household)
    ethnicity[:, 1] = np.where(alike, homes.ethnicity, homes.ethnicity_of_another)
    mother = np.where(female[:, 0], 0, np.where(exists[:, 1], 1, -1))
    mothers_birth = np.where(mother >= 0, birth[np.arange(len(household)), np.maximum(mother, 0)], NEVER)
    _add_children(draws, region, household, homes, mothers_birth, exists, female, birth, ethnicity)
    return _Members(exists, female, birth, ethnicity, mother)


def _partnered(draws: Draws, region: int, household: Ints, homes: Homes) -> Flags:
    years = age(homes.birth, homes.joined)
    share = np.interp(years, PARTNER_AGE, PARTNERED) * (LONDON_PARTNERED if region == places.LONDON else 1.0)
    return draws.happens("partner", share, household)


def _add_children(
    draws: Draws,
    region: int,
    household: Ints,
    homes: Homes,
    mothers_birth: Ints,
    exists: Flags,
    female: Flags,
    birth: Ints,
    ethnicity: Ints,
) -> None:
    """Children of the woman of the house: those under 18 when it joins, and those born while it is here."""
    number = _number_of_children(draws, household, homes.ethnicity)
    later = (1.6 if region == places.LONDON else 0.0) + 0.7 * (homes.fifth[:, 0] - 3)  # assumption: years, by fifth
    years = MOTHER_AT_FIRST + later + MOTHER_SPREAD * draws.normal("age at first birth", household)
    years = np.maximum(years, 16.0 + 2.0 * draws.uniform("youngest mother", household))
    for turn in range(CHILDREN):
        slot, order = 2 + turn, np.full(len(household), turn)
        day = mothers_birth + np.floor(years * YEAR_DAYS).astype(np.int64)
        child = (number > turn) & (mothers_birth < NEVER) & (years < 45.0) & (day < np.minimum(homes.left, END - 90))
        exists[:, slot] = child & (homes.joined - day < 18 * YEAR_DAYS)
        birth[:, slot] = np.where(child, day, NEVER)
        female[:, slot] = draws.happens("sex of a child", 0.488, household, order)  # 105 boys to 100 girls
        ethnicity[:, slot] = _of_both(ethnicity[:, 0], np.where(exists[:, 1], ethnicity[:, 1], ethnicity[:, 0]))
        years = years + 1.6 + 1.7 * draws.exponential("until the next birth", household, order)  # assumption


def _number_of_children(draws: Draws, household: Ints, ethnicity: Ints) -> Ints:
    larger = FAMILY * LARGER ** np.arange(5)
    few, many = draws.choice("children", FAMILY, household), draws.choice("children", larger, household)
    return np.where((ethnicity >= 7) & (ethnicity <= 13), many, few)


def _of_both(one: Ints, other: Ints) -> Ints:
    """Ethnic group of a child of two parents."""
    low, high = np.minimum(one, other), np.maximum(one, other)
    mixed = np.full(len(one), 6)
    for parent, child in MIXED_WITH_WHITE.items():
        mixed = np.where((low < WHITE) & (high == parent), child, mixed)
    return np.where(one == other, one, np.where(high < WHITE, low, mixed))


def _joined(draws: Draws, person: Ints, birth: Ints, joined: Ints) -> Ints:
    """Children who are born here are registered some weeks after."""
    wait = 5 + np.floor(REGISTERED_AFTER * draws.exponential("registration", person)).astype(np.int64)
    wait = np.where(draws.happens("late registration", 0.03, person), wait + 300, wait)  # assumption
    return np.where(birth < joined, joined, np.minimum(birth + wait, END - 1))


def _letters(draws: Draws, person: Ints, birth: Ints, ethnicity: Ints) -> Ints:
    child = age(birth, np.full(len(birth), END)) < 16
    unstated = draws.happens("ethnicity unstated", np.where(child, UNSTATED_CHILD, UNSTATED), person)
    nothing = np.where(draws.happens("ethnicity missing", MISSING, person), 17, 16)
    return np.where(unstated, nothing, ethnicity)
