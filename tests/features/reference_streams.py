"""The streams of the slow reference: what becomes of recorded rows, in datetime and lists."""

from __future__ import annotations

import calendar
import csv
import math
import statistics
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from pathways import words as w

ONE_DAY = timedelta(days=1)
GROWTH: dict[str, list[tuple[float, ...]]] = {}
"""Rows of age, L, M and S by sex."""
with (Path(__file__).parents[2] / "features" / "uk_who_bmi.csv").open() as opened:
    for line in csv.DictReader(opened):
        row = tuple(float(line[name]) for name in ("age_years", "L", "M", "S"))
        GROWTH.setdefault(line["sex"], []).append(row)
TABLE = {
    "condition": "condition_occurrence",
    "measurement": "measurement",
    "medication": "drug_exposure",
    "immunisation": "drug_exposure",
    "visit": "visit_occurrence",
    "procedure": "procedure_occurrence",
    "observation": "observation",
    "family_history": "observation",
}


@dataclass(frozen=True)
class Row:
    """A recorded row. `unit` is an OMOP concept, 0 for none."""

    id: int
    table: str
    concept: int
    day: date
    end: date | None = None
    value: float | None = None
    unit: int = 0
    operator: str = ""
    entered: date | None = None
    answer: int = 0


@dataclass(frozen=True)
class Person:
    """Somebody with everything that was recorded, in any order."""

    born: date
    sex: str = "female"
    ethnicity: str = "Z"
    fifth: int | None = None
    observed: tuple[tuple[date, date], ...] = ()
    died: date | None = None
    rows: tuple[Row, ...] = ()
    complete_from: dict[str, date] = field(default_factory=dict)
    extract: date = date.max
    relatives: tuple[tuple[w.Relation, Person], ...] = ()


@dataclass(frozen=True)
class Seen:
    """A record of a stream."""

    day: date
    end: date
    value: float | None
    entered: date
    id: int


# The calendar ---------------------------------------------------------------------------------------------------------


def later(day: date, span: w.Span, sign: int = 1) -> date:
    """A day moved by a span; a month without that day gives its last."""
    month = day.year * 12 + day.month - 1 + sign * span.months
    year, month = divmod(month, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last)) + timedelta(days=sign * span.days)


def age(born: date, on: date, unit: str = "years") -> int:
    """Birthdays passed, or the like day of each month."""
    if unit == "years":
        return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
    return (on.year - born.year) * 12 + on.month - born.month - (on.day < born.day)


# Streams --------------------------------------------------------------------------------------------------------------


def concepts(one: w.ConceptSet) -> set[int]:
    return {c for c, _ in one.include + one.exact} - {c for c, _ in one.exclude}


def stream(of: w.Stream, person: Person) -> list[Seen]:
    """The records of a stream, in order of day, value and id."""
    match of:
        case w.Records():
            found = records(of, person)
        case w.Either():
            found = either(of, person)
        case w.Formula():
            found = formula(of, person)
        case w.At():
            found = at_visits(of, person)
        case w.Near():
            found = near(of, person)
        case w.Born():
            first = min((first for first, _ in person.observed), default=None)
            known = [] if first is None else [max(first, person.born)]
            found = [Seen(person.born, person.born, None, day, -1) for day in known]
        case w.Of():
            theirs = [stream(of.stream, other) for who, other in person.relatives if who == of.who]
            found = [one for all_ in theirs for one in (all_[:1] if of.first else all_)]
        case w.Only():
            found = [one for one in stream(of.stream, person) if within(of, one.value)]
    return sorted(found, key=_order)


def _order(one: Seen) -> tuple[date, bool, float, int]:
    return one.day, one.value is None, one.value or 0.0, one.id


def records(of: w.Records, person: Person) -> list[Seen]:
    kept: dict[tuple[date, float | None, int, bool], Seen] = {}
    for row in sorted(person.rows, key=lambda row: row.id):
        for level, concept, is_answer in _asked(of, row):
            if not alive(row, person):
                continue
            value = float(level) if level is not None else accepted(of, row)
            if value is None and of.numeric and level is None:
                continue
            seen = Seen(row.day, _end(row), value, max(row.entered or row.day, row.day), row.id)
            mark = (row.day, value, concept, is_answer)  # the rest are duplicates of what was entered first
            kept[mark] = min(kept.get(mark, seen), seen, key=lambda one: one.entered)
    return fold(of.same_day, list(kept.values()))


def _asked(of: w.Records, row: Row) -> Iterable[tuple[int | None, int, bool]]:
    """(level, concept, whether it is the answer) for each way in which a stream asks for a row."""
    for level, part in enumerate(part for _, part in of.levels):
        if row.table not in {TABLE[kind] for kind in part.kinds}:
            continue
        if row.concept in concepts(part):
            yield level, row.concept, False
        if row.answer in concepts(part):
            yield level, row.answer, True
    for part in () if of.levels else of.of:
        if row.table in {TABLE[kind] for kind in part.kinds} and row.concept in concepts(part):
            yield None, row.concept, False
            return


def alive(row: Row, person: Person) -> bool:
    return person.born <= row.day <= min(person.died or date.max, person.extract)


def _end(row: Row) -> date:
    end = row.end
    if end is None and row.table == "drug_exposure" and row.value is not None and row.value >= 1:
        end = row.day + timedelta(days=int(row.value) - 1)
    return max(end or row.day, row.day)


def accepted(of: w.Records, row: Row) -> float | None:
    """The value in the stream's unit, None if it is refused."""
    if row.value is None or not of.numeric:
        return row.value
    unit = row.unit or dict(of.assumed).get(row.concept, 0)
    value = row.value
    if unit and of.units:
        fitting = [one for one in of.units if one.concept_id == unit]
        if not fitting:
            return None
        value = value * fitting[0].times + fitting[0].plus
    if row.operator in ("<", "<="):
        value *= of.less_than
    if row.operator in (">", ">=") and of.floor is not None and value < of.floor:
        return None
    low, high = of.plausible or (-math.inf, math.inf)
    return value if low <= value <= high else None


def fold(how: str, found: list[Seen]) -> list[Seen]:
    """One record for each day; it is entered when the last of its parts was."""
    if how == "all":
        return found
    days = sorted({one.day for one in found})
    return [_folded(how, sorted((one for one in found if one.day == day), key=_order)) for day in days]


def _folded(how: str, parts: list[Seen]) -> Seen:
    entered = max(part.entered for part in parts)
    if how == "lowest":
        chosen = parts[0]
    elif how == "highest":
        chosen = parts[-1]
    elif how == "last":
        chosen = max(parts, key=lambda part: part.id)
    else:
        chosen = parts[(len(parts) - 1) // 2]
        value = None if chosen.value is None else statistics.median(part.value or 0.0 for part in parts)
        return Seen(chosen.day, chosen.end, value, entered, chosen.id)
    return Seen(chosen.day, chosen.end, chosen.value, entered, chosen.id)


def either(of: w.Either, person: Person) -> list[Seen]:
    found: list[Seen] = []
    for part in of.streams:
        taken = {one.day for one in found} if of.prefer else set()
        found += [one for one in stream(part, person) if one.day not in taken]
    return found


def formula(of: w.Formula, person: Person) -> list[Seen]:
    found = []
    for one in stream(of.streams[0], person):
        other = None
        if of.name in ("bmi", "pressure_pair", "above"):
            same = [two for two in stream(of.streams[1], person) if two.day == one.day]
            if not same:
                continue
            other = same[0]
        value = FORMULAS[of.name](one, other, person, of.limits)
        if value is not None:
            entered = max(one.entered, other.entered if other else one.entered)
            found.append(Seen(one.day, one.end, value, entered, one.id))
    return found


def _ckd_epi(one: Seen, person: Person, scale: float, ageing: float, female: float, exponents: dict[str, float],
             steep: float) -> float | None:  # fmt: skip
    years = (one.day - person.born).days / 365.25
    if years < 18 or person.sex not in ("female", "male"):
        return None
    k = 0.7 if person.sex == "female" else 0.9
    ratio = (one.value or 0.0) / 88.4 / k
    shape = ratio ** exponents[person.sex] if ratio < 1 else ratio**steep
    return scale * shape * ageing**years * (female if person.sex == "female" else 1.0)


FORMULAS: dict[str, Callable[..., float | None]] = {
    "ckd_epi_2009": lambda one, _, person, __: _ckd_epi(
        one, person, 141, 0.993, 1.018, {"female": -0.329, "male": -0.411}, -1.209
    ),
    "ckd_epi_2021": lambda one, _, person, __: _ckd_epi(
        one, person, 142, 0.9938, 1.012, {"female": -0.241, "male": -0.302}, -1.2
    ),
    "bmi": lambda weight, height, _, __: weight.value / (height.value / 100) ** 2,
    "bmi_sds": lambda one, _, person, limits: bmi_sds(one, person, *limits),
    "age": lambda one, _, person, limits: age_at(one, person, *limits),
    "pressure_pair": lambda upper, lower, _, __: upper.value if lower.value < upper.value else None,
    "above": lambda upper, lower, person, limits: above(upper, lower, person, limits),
}


def age_at(one: Seen, person: Person, sex: float | None = None) -> float | None:
    asked = sex is None or person.sex == w.SEXES[int(sex)]
    return (one.day - person.born).days / 365.25 if asked else None


def bmi_sds(one: Seen, person: Person, first: float = 2.0, before: float = 18.1) -> float | None:
    """By the published table, read again: numpy draws the straight lines between months."""
    years = (one.day - person.born).days / 365.25
    if person.sex not in GROWTH or not 2 <= years <= 18 or not first <= years < before:
        return None
    ages, *curves = zip(*GROWTH[person.sex], strict=True)
    power, middle, spread = (float(np.interp(years, ages, curve)) for curve in curves)
    return (((one.value or 0.0) / middle) ** power - 1) / (power * spread)


def above(upper: Seen, lower: Seen, person: Person, limits: tuple[float, ...]) -> float:
    old = len(limits) == 5 and (upper.day - person.born).days / 365.25 >= limits[2]
    one, other = limits[-2:] if old else limits[:2]
    return float(upper.value >= one or lower.value >= other)


def within(of: w.Only, value: float | None) -> bool:
    if value is None:
        return of.unvalued
    return (of.at_least is None or value >= of.at_least) and (of.at_most is None or value <= of.at_most)


def at_visits(of: w.At, person: Person) -> list[Seen]:
    found = []
    for one in stream(of.stream, person):
        for visit in stream(of.visits, person):
            if visit.day <= one.day <= visit.end:
                entered = max(one.entered, visit.entered)
                found.append(Seen(visit.day, visit.end, one.value, entered, one.id))
                break
    return found


def near(of: w.Near, person: Person) -> list[Seen]:
    found = []
    for one in stream(of.stream, person):
        for other in stream(of.other, person):
            if -of.before <= (other.day - one.day).days <= of.after:
                found.append(Seen(one.day, one.end, one.value, max(one.entered, other.entered), one.id))
                break
    return found
