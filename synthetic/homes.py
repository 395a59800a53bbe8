"""Where households live and when they move: joining, moves between practices and regions, leaving the extract.

A practice list turns over by a fifth a year in London (the brief; young adults and the deprived most), less in the
North. Some who leave a list join another of this extract and are followed; the others are lost to it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthetic import places
from synthetic.calendar import END, NEVER, NEW_YEAR, START, YEAR_DAYS, age, first_crossing
from synthetic.draws import Draws, Flags, Floats, Ints

MOVES = 4  # of a household, at most; later ones are left out
TURNOVER = (
    0.24,
    0.10,
)  # set so that a fifth of a London list goes in a year (the brief); the North is ours, ungrounded
OUT = (0.45, 0.40)  # ours, ungrounded: share of moves that leave the extract
ACROSS = 0.04  # ours, ungrounded: share of moves to the other region
SAME_BOARD, SAME_FIFTH, SAME_GROUP = 0.75, 0.60, 0.60  # ours, ungrounded: what a move, and a practice's list, keeps
MORE_DEPRIVED = 1.25  # ours, ungrounded: turnover of the most over the least deprived fifth
JOINERS = (0.66, 0.44)  # households that join after the start; so many keep lists of one size under that turnover
LEAVE_HOME, LEAVE_HOME_YEARS = 18.2, 5.0  # ours, ungrounded: from this age, after a mean of so many years
STAY_NEAR, STAY_NEAR_YEARS = 0.5, 8.0  # ours, ungrounded: share who then stay in the extract, and how long

# Moves relative to the average by age: ours, the familiar peak of young adults (no figure read)
MOVING_AGE = np.array([16.0, 18.0, 25.0, 32.0, 40.0, 50.0, 65.0, 80.0, 100.0])
MOVING = np.array([1.0, 1.9, 2.2, 1.7, 1.05, 0.65, 0.4, 0.45, 0.6])

# First adults of households by age, five-year bands from 15: at the start, and of those who join later. Ours, set so
# that people of mid-2020 by age come near the official ones of both regions (population report).
HEADS = (
    np.array([0.5, 4.0, 10.1, 14.0, 13.7, 12.2, 9.2, 7.2, 6.6, 5.9, 6.5, 5.0, 2.3, 1.6, 0.8, 0.3]),
    np.array([0.9, 4.4, 5.7, 7.9, 11.0, 12.5, 10.0, 9.2, 9.0, 7.2, 6.8, 6.0, 4.1, 3.0, 1.6, 0.6]),
)
JOINING = (
    np.array([0.7, 21.0, 34.0, 18.5, 9.5, 6.2, 4.5, 3.0, 1.8, 1.1, 0.7, 0.5, 0.4, 0.4, 0.3, 0.1]),
    np.array([0.8, 31.0, 36.0, 16.5, 6.0, 3.4, 3.0, 2.8, 2.2, 1.5, 1.1, 0.7, 0.4, 0.3, 0.2, 0.1]),
)
YOUNGER = 0.35  # ours, ungrounded: deprived areas are younger (clinical_a.md 0.5 says that they are)
DEPRIVED_GROUPS = np.array([1, 1, 0.95, 1.3, 1.25, 1.0, 1.05, 0.9, 1.35, 1.4, 1.0, 1.2, 1.3, 1.3, 0.9, 1.1])
"""Ours, ungrounded: odds by ethnic group of each more deprived fifth, over that of the board."""
OLDER_MINORITY = 0.5  # assumption: share of minority groups beyond 60 over that of all ages (no table by age was read)


@dataclass(frozen=True)
class Homes:
    """One entry for each household; the second axis counts its homes here, the first being the one it joins with."""

    joined: Ints
    left: Ints
    birth: Ints
    """Of the first adult."""
    ethnicity: Ints
    ethnicity_of_another: Ints
    """Of somebody else of the same board: of a partner who differs."""
    day: Ints
    practice: Ints
    fifth: Ints


@dataclass(frozen=True)
class Stays:
    """People x homes: from what day (NEVER if there is none), at which practice, in which fifth (1 most deprived)."""

    day: Ints
    practice: Ints
    fifth: Ints

    def at(self, who: Ints, day: Ints) -> Ints:
        """Which home it is on a day; the first also before it."""
        return np.asarray(np.maximum(np.sum(self.day[who] <= day[..., None], axis=-1) - 1, 0))


def draw_homes(draws: Draws, region: int, household: Ints) -> Homes:
    """Where and when the households of a region live here."""
    joiner = draws.happens("joiner", JOINERS[region], household)
    wait = (draws.uniform("join day", household) * (END - START - 30)).astype(np.int64)
    joined = np.where(joiner, START + wait, START)
    board = _board(draws, "board", np.full(len(household), region), household)
    ethnicity = _of_board(draws, "ethnicity", board, household)
    fifth = _fifth(draws, "fifth", board, ethnicity, household)
    years = _years(draws, region, joiner, fifth, household)
    minority = (years >= 60.0) & (ethnicity >= 3) & draws.happens("younger group", 1 - OLDER_MINORITY, household)
    ethnicity = np.where(minority, 0, ethnicity)
    birth = joined - np.round(years * YEAR_DAYS).astype(np.int64)
    days, left = _moves(draws, region, household, birth, joined, fifth)
    practice, fifths = _homes(draws, region, household, board, ethnicity, fifth, days)
    return Homes(
        joined=joined,
        left=left,
        birth=birth,
        ethnicity=ethnicity,
        ethnicity_of_another=_of_board(draws, "ethnicity of another", board, household),
        day=np.concatenate([joined[:, None], days], axis=1),
        practice=practice,
        fifth=fifths,
    )


def _board(draws: Draws, what: str, region: Ints, household: Ints, *counters: Ints) -> Ints:
    found = np.zeros(len(household), dtype=np.int64)
    for at in range(len(places.REGIONS)):
        boards = places.boards_of(at)
        people = np.array([places.BOARDS[board].people_by_age.sum() for board in boards])
        found = np.where(region == at, boards[draws.choice(what, people, household, *counters)], found)
    return found


def _of_board(draws: Draws, what: str, board: Ints, household: Ints) -> Ints:
    found = np.zeros(len(household), dtype=np.int64)
    for at in np.unique(board):
        mine = np.flatnonzero(board == at)
        found[mine] = draws.choice(what, places.BOARDS[at].ethnicity, household[mine])
    return found


def _fifth(draws: Draws, what: str, board: Ints, ethnicity: Ints, household: Ints, *counters: Ints) -> Ints:
    shares = np.array([board.fifths for board in places.BOARDS])[board]
    shares = shares * DEPRIVED_GROUPS[ethnicity][:, None] ** (2.0 - np.arange(5.0))
    edges = np.cumsum(shares, axis=1) / np.sum(shares, axis=1, keepdims=True)
    return np.asarray(1 + np.sum(draws.uniform(what, household, *counters)[:, None] > edges[:, :-1], axis=1))


def _years(draws: Draws, region: int, joiner: Flags, fifth: Ints, household: Ints) -> Floats:
    """Age of the first adult when the household joins."""
    bands = np.where(joiner[:, None], JOINING[region], HEADS[region])
    middle = 17.5 + 5.0 * np.arange(len(HEADS[region]))
    shares = bands * np.exp(YOUNGER * (fifth[:, None] - 3.0) / 2.0 * (middle[None, :] - 50.0) / 25.0)
    edges = np.cumsum(shares, axis=1) / np.sum(shares, axis=1, keepdims=True)
    band = np.sum(draws.uniform("age", household)[:, None] > edges[:, :-1], axis=1)
    return np.asarray(np.maximum(15.0 + 5.0 * band + 5.0 * draws.uniform("age within band", household), 16.5))


def _moves(draws: Draws, region: int, household: Ints, birth: Ints, joined: Ints, fifth: Ints) -> tuple[Ints, Ints]:
    """Days of moves within the extract (NEVER if none), in order, and the day of leaving it (NEVER if later)."""
    years = age(birth[:, None], NEW_YEAR[None, :] + 182)
    on_list = np.clip((NEW_YEAR[None, :] + 365 - joined[:, None]) / 365.0, 0.0, 1.0)
    rate = TURNOVER[region] * np.interp(years, MOVING_AGE, MOVING) * on_list
    rate = rate * MORE_DEPRIVED ** ((3.0 - fifth[:, None]) / 4.0)
    total = np.zeros(len(household))
    days, left = np.full((len(household), MOVES), NEVER), np.full(len(household), NEVER)
    for turn in range(MOVES + 1):
        order = np.full(len(household), turn)
        total = total + draws.exponential("next move", household, order)
        day = np.maximum(first_crossing(rate, total), joined + 30)
        out = draws.happens("move out", OUT[region], household, order) & (day < NEVER)
        left = np.where(out, np.minimum(left, day), left)
        if turn < MOVES:
            days[:, turn] = np.where(day < left, day, NEVER)
    return np.sort(np.where(days < left[:, None], days, NEVER), axis=1), left


def _homes(
    draws: Draws, region: int, household: Ints, board: Ints, ethnicity: Ints, fifth: Ints, days: Ints
) -> tuple[Ints, Ints]:
    """Practice and fifth of each home."""
    here = np.full(len(household), region)
    practices, fifths = [_practice(draws, board, fifth, household, 0)], [fifth]
    for turn in range(1, MOVES + 1):
        order = np.full(len(household), turn)
        across = draws.happens("other region", ACROSS, household, order)
        here = np.where(across, 1 - here, here)
        kept = draws.happens("same board", SAME_BOARD, household, order) & ~across
        board = np.where(kept, board, _board(draws, "next board", here, household, order))
        same = draws.happens("same fifth", SAME_FIFTH, household, order) & ~across
        fifth = np.where(same, fifth, _fifth(draws, "next fifth", board, ethnicity, household, order))
        practices.append(_practice(draws, board, fifth, household, turn))
        fifths.append(fifth)
    return np.stack(practices, axis=1), np.stack(fifths, axis=1)


def _practice(draws: Draws, board: Ints, fifth: Ints, household: Ints, turn: int) -> Ints:
    """A practice of the board, more often one that serves the same fifth."""
    order = np.full(len(household), turn)
    own = draws.happens("practice of the fifth", SAME_GROUP, household, order)
    any_of = np.floor(draws.uniform("practice", household, order) * places.EACH).astype(np.int64)
    group = places.EACH // 5
    near = (fifth - 1) * group + any_of % group
    return np.asarray(board * places.EACH + np.where(own, near, any_of))


def draw_stays(draws: Draws, person: Ints, birth: Ints, adult: Flags, row: Ints, homes: Homes) -> tuple[Stays, Ints]:
    """Homes of each person, and the day on which they leave the extract: children leave the household as adults."""
    years = LEAVE_HOME + LEAVE_HOME_YEARS * draws.exponential("leaving home", person)
    alone = np.where(adult, NEVER, birth + np.floor(years * YEAR_DAYS).astype(np.int64))
    alone = np.where(alone < np.minimum(homes.left[row], END), np.maximum(alone, homes.joined[row] + 30), NEVER)
    near = draws.happens("stays near", STAY_NEAR, person)
    after = np.floor(STAY_NEAR_YEARS * YEAR_DAYS * draws.exponential("stays near for", person)).astype(np.int64)
    left = np.where(alone < NEVER, np.where(near, alone + after, alone), homes.left[row])
    day = np.where(homes.day[row] < alone[:, None], homes.day[row], NEVER)
    last = np.sum(day < NEVER, axis=1) - 1
    board = places.BOARD_OF[homes.practice[row, last]]
    fifth = homes.fifth[row, last]
    own = np.asarray(
        board * places.EACH + np.floor(draws.uniform("own practice", person) * places.EACH).astype(np.int64)
    )
    day = np.concatenate([day, np.where(near, alone, NEVER)[:, None]], axis=1)
    order = np.argsort(day, axis=1, kind="stable")
    practice = np.concatenate([homes.practice[row], own[:, None]], axis=1)
    fifths = np.concatenate([homes.fifth[row], fifth[:, None]], axis=1)
    return Stays(*(np.take_along_axis(values, order, axis=1) for values in (day, practice, fifths))), left
