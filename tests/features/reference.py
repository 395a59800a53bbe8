"""The language a second time: slow, obvious, in datetime and lists, one function for each word.

It shares no code with the kernel but the words themselves. Missing is None; `value` turns that into NaN.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from pathways import words as w
from tests.features.reference_streams import ONE_DAY, Person, Row, Seen, age, later, stream

__all__ = ["Person", "Row", "evaluate", "value"]

# Windows --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class View:
    """A stream seen through a window on an index date; `first` is None for ever, `records` those that count."""

    first: date | None
    last: date
    records: list[Seen]
    everything: list[Seen]
    complete: bool


def anchor_day(word: w.Look, person: Person, index: date) -> date | None:
    anchor = word.window.anchor
    match anchor:
        case w.Index():
            return index
        case w.Birth():
            return person.born
        case date():
            return anchor
        case w.Has():
            seen = view(anchor, person, index).records
            return seen[0].day if seen else None
        case w.Latest() | w.Earliest():
            seen = view(anchor, person, index).records
            return seen[-1 if isinstance(anchor, w.Latest) else 0].day if seen else None
        case _:
            day = evaluate(anchor, person, index)  # Confirmed and Dose are days
            return None if day is None else date.fromordinal(int(day) + date(1970, 1, 1).toordinal())


def view(word: w.Look, person: Person, index: date) -> View:
    """What a word may look at: dated in its window, entered before the index date, with a value that it asks for."""
    window = word.window
    at = anchor_day(word, person, index)
    if at is None:
        return View(None, index, [], [], False)
    first = None if window.from_ is None else later(at, window.from_)
    end = (date.max if window.after_index else index) if window.until is None else later(at, window.until)
    end = end if window.after_index else min(end, index)
    entered_before = date.max if window.after_index else index
    known = [one for one in stream(word.of, person) if one.entered < entered_before and one.day < end]
    fitting = [one for one in known if fits(word, one, person, index)]
    inside = [one for one in fitting if first is None or one.day >= first]
    if word.pick.last is not None:
        inside = inside[-word.pick.last :]
    return View(first, end, inside, known, complete(word.of, first, person, index))


def fits(word: w.Look, one: Seen, person: Person, index: date) -> bool:
    low, high = limit(word.pick.at_least, person, index), limit(word.pick.below, person, index)
    most = limit(word.pick.at_most, person, index)
    if low is not None and not (one.value is not None and one.value >= low):
        return False
    if most is not None and not (one.value is not None and one.value <= most):
        return False
    return not (high is not None and not (one.value is not None and one.value < high))


def limit(one: float | w.Share | None, person: Person, index: date) -> float | None:
    if isinstance(one, w.Share):
        of = evaluate(one.of, person, index)
        return math.nan if of is None else one.share * of
    return one


def kinds(of: w.Stream) -> set[str]:
    match of:
        case w.Records():
            return {kind for part in of.of for kind in part.kinds}
        case w.Either() | w.Formula():
            return {kind for part in of.streams for kind in kinds(part)}
        case w.At():
            return kinds(of.stream) | kinds(of.visits)
        case w.Near():
            return kinds(of.stream) | kinds(of.other)
        case w.Only() | w.Of():
            return kinds(of.stream)
        case w.Born():
            return set()


def complete(of: w.Stream, first: date | None, person: Person, index: date) -> bool:
    """Whether every kind behind a stream is complete from the window's first day, from birth or from registration.

    One that is worked out with a sex is never complete where that is not known.
    """
    if by_sex(of) and person.sex not in ("female", "male"):
        return False
    starts = [person.born]
    if first is not None:
        starts.append(first)
    if (since := observed_from(person, index)) is not None:
        starts.append(since)
    return all(person.complete_from.get(kind, date.max) <= max(starts) for kind in kinds(of))


def by_sex(of: w.Stream) -> bool:
    match of:
        case w.Formula(name="age"):
            return bool(of.limits)
        case w.Formula():
            return of.name in ("ckd_epi_2009", "ckd_epi_2021", "bmi_sds") or any(map(by_sex, of.streams))
        case w.Either():
            return any(map(by_sex, of.streams))
        case w.At():
            return by_sex(of.stream) or by_sex(of.visits)
        case w.Near():
            return by_sex(of.stream) or by_sex(of.other)
        case w.Only():
            return by_sex(of.stream)
        case _:
            return False


def observed_from(person: Person, index: date) -> date | None:
    """First day of the period (those that touch are one) that holds the day before the index date."""
    joined: list[tuple[date, date]] = []
    for first, last in sorted(person.observed):
        if joined and first <= joined[-1][1] + ONE_DAY:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    held = [first for first, last in joined if first <= index and last >= index - ONE_DAY]
    return held[-1] if held else None


# Words ----------------------------------------------------------------------------------------------------------------


def value(word: w.Word, person: Person, index: date) -> float:
    """The value of a word on an index date, NaN if missing; a day counts from 1970-01-01."""
    found = evaluate(word, person, index)
    return math.nan if found is None else float(found)


def evaluate(word: w.Word, person: Person, index: date) -> float | None:
    if isinstance(word, w.Look) and not related(word, person, index):
        return None
    return WORDS[type(word)](word, person, index)


def related(word: w.Look, person: Person, index: date) -> bool:
    """Whether the relatives that a word looks at are known of: of a union any of them, else all."""

    def known(of: w.Stream) -> bool:
        match of:
            case w.Of():
                return bool(view(w.Has(w.Of(of.who, w.BORN)), person, index).records)
            case w.Either():
                return any(known(one) for one in of.streams)
            case w.Formula():
                return all(known(one) for one in of.streams)
            case w.At():
                return known(of.stream) and known(of.visits)
            case w.Near():
                return known(of.stream) and known(of.other)
            case w.Only():
                return known(of.stream)
            case _:
                return True

    return known(word.of)


def has(word: w.Has, person: Person, index: date) -> float | None:
    seen = view(word, person, index)
    return 1.0 if seen.records else 0.0 if seen.complete else None


def count(word: w.Count, person: Person, index: date) -> float | None:
    seen = view(word, person, index)
    days = [one.day for one in seen.records]
    apart = word.pick.apart or 0
    episodes = [day for at, day in enumerate(days) if at == 0 or (day - days[at - 1]).days >= apart]
    return float(len(episodes)) if seen.complete else None


def latest(word: w.Latest, person: Person, index: date) -> float | None:
    seen = view(word, person, index).records
    return seen[-1].value if seen else None


def earliest(word: w.Earliest, person: Person, index: date) -> float | None:
    seen = view(word, person, index).records
    return seen[0].value if seen else None


def since(word: w.Since, person: Person, index: date) -> float | None:
    seen = view(word, person, index).records
    if not seen:
        return None
    chosen = seen[-1] if word.which == "latest" else seen[0]
    at = anchor_day(word, person, index)
    assert at is not None
    length = (at - chosen.day).days if isinstance(word.window.anchor, w.Index) else (chosen.day - at).days
    return length / 365.25 if word.unit == "years" else float(length)


def _values(word: w.Look, person: Person, index: date) -> list[float]:
    return [one.value for one in view(word, person, index).records if one.value is not None]


def mean(word: w.Mean, person: Person, index: date) -> float | None:
    values = _values(word, person, index)
    return math.fsum(values) / len(values) if values else None


def median(word: w.Median, person: Person, index: date) -> float | None:
    values = _values(word, person, index)
    return statistics.median(values) if values else None


def highest(word: w.Highest, person: Person, index: date) -> float | None:
    return max(_values(word, person, index), default=None)


def lowest(word: w.Lowest, person: Person, index: date) -> float | None:
    return min(_values(word, person, index), default=None)


def spread(word: w.Spread, person: Person, index: date) -> float | None:
    values = _values(word, person, index)
    return statistics.stdev(values) if len(values) > 1 else None


def total(word: w.Total, person: Person, index: date) -> float | None:
    seen = view(word, person, index)
    return math.fsum(_values(word, person, index)) if seen.complete else None


def slope(word: w.Slope, person: Person, index: date) -> float | None:
    points = [(one.day, one.value) for one in view(word, person, index).records if one.value is not None]
    if len(points) < max(2, word.at_least_records) or (points[-1][0] - points[0][0]).days < max(1, word.span):
        return None
    years = [(day - points[0][0]).days / 365.25 for day, _ in points]
    line = statistics.linear_regression(years, [value for _, value in points])
    return line.slope


def covered(word: w.Covered, person: Person, index: date) -> float | None:
    seen = view(word, person, index)
    first = seen.first
    if first is None:
        first = max([person.born, *([since] if (since := observed_from(person, index)) else [])])
    if not seen.complete or seen.last <= first:
        return None
    days: set[date] = set()
    for one in seen.everything:
        if fits(word, one, person, index):
            start, stop = max(one.day, first), min(one.end + ONE_DAY, seen.last)
            days.update(start + timedelta(days=at) for at in range((stop - start).days))
    return float(len(days)) if word.unit == "days" else len(days) / (seen.last - first).days


def nearest(word: w.Nearest, person: Person, index: date) -> float | None:
    target = later(person.born, word.age)
    seen = view(word, person, index).records
    return min(seen, key=lambda one: abs((one.day - target).days)).value if seen else None


def confirmed(word: w.Confirmed, person: Person, index: date) -> float | None:
    seen = view(word, person, index)
    known, apart, within = seen.everything, word.pick.apart or 0, word.within
    for at, one in enumerate(known):
        if seen.first is not None and one.day < seen.first:
            continue
        for before in range(at):
            gap = (one.day - known[before].day).days
            between = known[before : at + 1] if word.unbroken else [known[before], one]
            if (
                gap >= apart
                and (within is None or gap <= within)
                and all(fits(word, part, person, index) for part in between)
            ):
                return float((one.day - date(1970, 1, 1)).days)
    return None


def dose(word: w.Dose, person: Person, index: date) -> float | None:
    valid: list[date] = []
    for one in view(word, person, index).records:
        if valid and (one.day - valid[-1]).days < word.interval:
            continue
        if len(valid) < len(word.minimum_ages) and one.day < later(person.born, word.minimum_ages[len(valid)]):
            continue
        valid.append(one.day)
    return float((valid[word.n - 1] - date(1970, 1, 1)).days) if len(valid) >= word.n else None


def fact(word: w.Person, person: Person, _: date) -> float | None:
    if word.which == "sex":
        return float(w.SEXES.index(person.sex)) if person.sex in w.SEXES else None
    if word.which == "ethnicity":
        return float(w.ETHNICITIES.index(person.ethnicity)) if person.ethnicity in w.ETHNICITIES else None
    if word.which == "deprivation":
        return None if person.fifth is None else float(person.fifth)
    raise ValueError("a place has no fixed level, so a definition may not ask for it")


def observed(_: w.Observed, person: Person, index: date) -> float | None:
    start = observed_from(person, index)
    return None if start is None else float((index - start).days)


def on_calendar(word: w.Calendar, _: Person, index: date) -> float:
    if word.which == "month":
        return float(index.month)
    september = date(index.year if index.month >= 9 else index.year - 1, 9, 1)
    return float((index - september).days // 7)


def _true(word: w.Word, person: Person, index: date) -> bool | None:
    found = evaluate(word, person, index)
    return None if found is None else found != 0.0


def every_part(word: w.All, person: Person, index: date) -> float | None:
    parts = [_true(part, person, index) for part in word.words]
    return 0.0 if False in parts else None if None in parts else 1.0


def any_part(word: w.Any, person: Person, index: date) -> float | None:
    parts = [_true(part, person, index) for part in word.words]
    return 1.0 if True in parts else None if None in parts else 0.0


def how_many(word: w.Number, person: Person, index: date) -> float | None:
    parts = [_true(part, person, index) for part in word.words]
    return None if None in parts else float(sum(part is True for part in parts))


def negation(word: w.Not, person: Person, index: date) -> float | None:
    found = _true(word.word, person, index)
    return None if found is None else float(not found)


def absence(word: w.Missing, person: Person, index: date) -> float | None:
    if evaluate(word.word, person, index) is not None:
        return 0.0
    looks = [part for part in everything_in(word.word) if isinstance(part, w.Look)]
    known = all(related(part, person, index) and view(part, person, index).complete for part in looks)
    return 1.0 if known else None


def everything_in(word: w.Word) -> list[w.Word]:
    """A word and those inside it that have a value of their own."""
    match word:
        case w.All() | w.Any() | w.Number():
            inner: tuple[w.Word, ...] = word.words
        case w.Not() | w.Missing() | w.Compare() | w.Term():
            inner = (word.word,)
        case w.Choice():
            inner = tuple(part for part, _ in word.parts)
        case w.Difference() | w.Ratio():
            inner = (word.left, word.right)
        case _:
            inner = ()
    return [word, *(part for one in inner for part in everything_in(one))]


def comparison(word: w.Compare, person: Person, index: date) -> float | None:
    found = evaluate(word.word, person, index)
    if found is None:
        return None
    return float(
        {
            "below": found < word.limit,
            "at_least": found >= word.limit,
            "above": found > word.limit,
            "at_most": found <= word.limit,
            "equals": found == word.limit,
        }[word.how]
    )


def choice(word: w.Choice, person: Person, index: date) -> float | None:
    for level, (part, _) in enumerate(word.parts):
        found = _true(part, person, index)
        if found is None:
            return None
        if found:
            return float(level)
    return float(len(word.parts))


def difference(word: w.Difference, person: Person, index: date) -> float | None:
    left, right = evaluate(word.left, person, index), evaluate(word.right, person, index)
    return None if left is None or right is None else left - right


def ratio(word: w.Ratio, person: Person, index: date) -> float | None:
    left, right = evaluate(word.left, person, index), evaluate(word.right, person, index)
    return None if left is None or right is None or right == 0 else left / right


WORDS: dict[type, Callable[..., float | None]] = {
    w.Has: has,
    w.Count: count,
    w.Latest: latest,
    w.Earliest: earliest,
    w.Since: since,
    w.Mean: mean,
    w.Median: median,
    w.Highest: highest,
    w.Lowest: lowest,
    w.Spread: spread,
    w.Total: total,
    w.Slope: slope,
    w.Covered: covered,
    w.Nearest: nearest,
    w.Confirmed: confirmed,
    w.Dose: dose,
    w.Person: fact,
    w.Age: lambda word, person, index: float(age(person.born, index, word.unit)),
    w.Observed: observed,
    w.Calendar: on_calendar,
    w.All: every_part,
    w.Any: any_part,
    w.Number: how_many,
    w.Not: negation,
    w.Missing: absence,
    w.Compare: comparison,
    w.Choice: choice,
    w.Difference: difference,
    w.Ratio: ratio,
    w.Term: lambda word, person, index: evaluate(word.word, person, index),
    w.Criterion: lambda word, person, index: evaluate(word.holds, person, index),
}
