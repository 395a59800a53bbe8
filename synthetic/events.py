"""Events that come by chance at a yearly rate: how many in a year, and on which days."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from synthetic.calendar import NEW_YEAR
from synthetic.clinic import Clinic
from synthetic.draws import Floats, Ints

MONTH_DAYS = 30.4


def counts(clinic: Clinic, what: str, rate: Floats, person: Ints, *counters: Ints, most: int = 4) -> Ints:
    """Poisson numbers of events, at most `most`; `rate` broadcasts against people and counters."""
    draw = clinic.draws.uniform(what, person, *counters)
    term = np.exp(-rate)
    below, number = term.copy(), np.zeros(np.broadcast(draw, rate).shape, dtype=np.int64)
    for k in range(1, most + 1):
        number += draw > below
        term = term * rate / k
        below = below + term
    return number


def year_by_year(
    clinic: Clinic, what: str, who: Ints, base: Floats, after: Floats, highest: float, most: int
) -> tuple[Floats, Ints, Ints]:
    """Events that invite events: hazard of each year, events of the year before, and events of each year.

    `base` is the yearly hazard of people x years without events before; `after` multiplies it by their number in the
    year before (its last entry for that many and more); nobody's hazard is above `highest`.
    """
    person = clinic.people.person[who]
    hazard, before = np.zeros_like(base), np.zeros(base.shape, dtype=np.int64)
    events = np.zeros(base.shape, dtype=np.int64)
    for year in range(len(NEW_YEAR)):
        if year:
            before[:, year] = events[:, year - 1]
        times = after[np.minimum(before[:, year], len(after) - 1)]
        hazard[:, year] = np.minimum(base[:, year] * times, highest)
        events[:, year] = counts(clinic, what, hazard[:, year], person, np.full(len(who), year), most=most)
    return hazard, before, events


def spread(number: Ints) -> tuple[Ints, Ints, Ints]:
    """Positions (person, year) and 0, 1, 2 ... of each event of a table of numbers, people x years.

    >>> spread(np.array([[0, 2], [1, 0]]))
    (array([0, 0, 1]), array([1, 1, 0]), array([0, 1, 0]))
    """
    who, year = np.nonzero(number)
    times = number[who, year]
    who, year = np.repeat(who, times), np.repeat(year, times)
    turn = np.arange(len(who)) - np.repeat(np.cumsum(times) - times, times)
    return who, year, turn


def days(clinic: Clinic, what: str, who: Ints, year: Ints, turn: Ints, by_month: Sequence[float] | None = None) -> Ints:
    """A day of the year for each event, any alike or by the weight of its month."""
    person = clinic.people.person[who]
    draw = clinic.draws.uniform(f"day of {what}", person, year, turn)
    if by_month is not None:
        edges = np.concatenate([[0.0], np.cumsum(by_month) / np.sum(by_month)])
        draw = np.interp(draw, edges, np.linspace(0.0, 1.0, len(edges)))
    return NEW_YEAR[year] + np.floor(365 * draw).astype(np.int64)


def of_practices(clinic: Clinic, what: str, spread_of: float, who: Ints, day: Ints) -> Floats:
    """A practice's own factor, log-normal around 1: what no list of patients explains."""
    practice = 1_000_000 + clinic.practice(who, day)
    return np.asarray(np.exp(spread_of * clinic.draws.normal(what, practice) - spread_of**2 / 2))
