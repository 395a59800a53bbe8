"""A prediction compiled to one programme: plain arrays that the kernel runs for one person or for millions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from features import kernel as k
from features.days import number
from features.streams import BASE, Streams, plan_streams
from pathways import words
from pathways.definition import Prediction
from pathways.parts import STREAMS, inner_streams, known_words, looked_at, outcomes_of
from pathways.parts import inner as inner_words
from pathways.words import Birth, Index, Look, Share, Span, Stream, Window, Word

_WORDS: dict[type, int] = {
    words.Has: k.HAS,
    words.Count: k.COUNT,
    words.Latest: k.LATEST,
    words.Earliest: k.EARLIEST,
    words.Since: k.SINCE,
    words.Mean: k.MEAN,
    words.Median: k.MEDIAN_OF,
    words.Highest: k.HIGHEST_OF,
    words.Lowest: k.LOWEST_OF,
    words.Spread: k.SPREAD,
    words.Total: k.TOTAL,
    words.Slope: k.SLOPE,
    words.Covered: k.COVERED,
    words.Nearest: k.NEAREST,
    words.Confirmed: k.CONFIRMED,
    words.Dose: k.DOSE,
    words.All: k.ALL,
    words.Any: k.ANY,
    words.Number: k.NUMBER,
}
_HOW = {"below": 0, "at_least": 1, "above": 2, "at_most": 3, "equals": 4}
_CALENDAR = {"month": 0, "weeks since September": 1}


@dataclass(frozen=True)
class Programme:
    """Steps in order, each writing one register; `register` finds the register of a word."""

    code: NDArray[np.int32]
    limits: NDArray[np.float64]
    args: NDArray[np.int32]
    streams: Streams
    registers: dict[Word, int]

    def register(self, word: Word) -> int:
        """The register of a word that was compiled."""
        return self.registers[word]

    @cached_property
    def of_several(self) -> frozenset[int]:
        """The registers whose value is made of several records: means, changes, runs that confirm each other."""
        run = (self.code[:, k.WORD] == k.CONFIRMED) & (self.limits[:, 3] == 1.0)
        return frozenset(np.flatnonzero(np.isin(self.code[:, k.WORD], k.OF_SEVERAL) | run).tolist())

    def looking(self, register: int) -> int:
        """The register that looked, behind those that only ask whether there is anybody to look at."""
        while self.code[register, k.WORD] == k.GIVEN:
            register = int(self.code[register, k.A])
        return register

    def columns(self, wanted: Iterable[Word]) -> NDArray[np.int64]:
        return np.array([self.registers[word] for word in wanted], dtype=np.int64)


@dataclass
class _Builder:
    """Steps so far; equal words share a register."""

    streams: Streams
    code: list[list[int]] = field(default_factory=list)
    limits: list[list[float]] = field(default_factory=list)
    args: list[int] = field(default_factory=list)
    registers: dict[object, int] = field(default_factory=dict)

    def add(self, word: Word) -> int:
        if word in self.registers:
            return self.registers[word]
        at = self._compile(word)
        self.registers[word] = at
        return at

    def step(self, word: int, *, limits: Sequence[float] = (), **columns: int) -> int:
        row = [0] * 16
        row[k.WORD], row[k.STREAM] = word, -1
        for name, value in columns.items():
            row[getattr(k, name)] = value
        self.code.append(row)
        self.limits.append([*limits, *([0.0] * (4 - len(limits)))])
        return len(self.code) - 1

    def several(self, word: int, registers: list[int]) -> int:
        first = len(self.args)
        self.args.extend(registers)
        return self.step(word, A=first, B=len(registers))

    def _compile(self, word: Word) -> int:  # noqa: C901 - one match over a closed union
        match word:
            case words.Criterion():
                return self.add(word.holds)
            case words.Term():
                return self.add(word.word)
            case words.All() | words.Any() | words.Number():
                return self.several(_WORDS[type(word)], [self.add(part) for part in word.words])
            case words.Choice():
                return self.several(k.CHOICE, [self.add(part) for part, _ in word.parts])
            case words.Not():
                return self.step(k.NOT, A=self.add(word.word))
            case words.Compare():
                return self.step(k.COMPARE, limits=[word.limit], A=self.add(word.word), B=_HOW[word.how])
            case words.Difference():
                return self.step(k.DIFFERENCE, A=self.add(word.left), B=self.add(word.right))
            case words.Ratio():
                return self.step(k.RATIO, A=self.add(word.left), B=self.add(word.right))
            case words.Missing():
                return self._missing(word)
            case words.Age():
                return self.step(k.AGE, A=1 if word.unit == "months" else 0)
            case words.Observed():
                return self.step(k.OBSERVED)
            case words.Calendar():
                return self.step(k.CALENDAR, A=_CALENDAR[word.which])
            case words.Person():
                return self._person(word)
            case Look():
                return self._given(word, self.look(word, word.window))
        raise TypeError(f"a word that the kernel does not know: {type(word).__name__}")

    def _missing(self, word: words.Missing) -> int:
        inner = word.word
        while isinstance(inner, words.Term):
            inner = inner.word
        register = self.add(inner)
        if not isinstance(inner, Look):  # a look at relatives is missing where nobody knows any, and so is this
            absent = self.step(k.MISSING, A=register, FROM_EVER=1)
            known = [self._complete(look) for look in _looks(inner)]
            return self.several(k.ALL, [absent, *known]) if known else absent
        columns = self._window(inner.window)
        columns.update(A=register, STREAM=self.streams.number(inner.of))
        return self._given(inner, self.step(k.MISSING, limits=(), **columns))

    def _given(self, look: Look, register: int) -> int:
        """What looks at relatives has a value only where some are known."""
        known = self._known(look.of)
        return register if known is None else self.step(k.GIVEN, A=register, B=known)

    def _known(self, stream: Stream) -> int | None:
        """The register that says whether the relatives behind a stream are known: one of a union, else all."""
        if isinstance(stream, words.Of):
            if stream.who not in self.registers:
                self.registers[stream.who] = self.look(words.Has(words.Of(stream.who, words.BORN)), Window())
            return self.registers[stream.who]
        union = isinstance(stream, words.Either)
        parts = [self._known(part) for part in inner_streams(stream)]
        known = list(dict.fromkeys(part for part in parts if part is not None))
        if not known or (union and None in parts):
            return None
        if len(known) == 1:
            return known[0]
        key = ("known", union, *known)
        if key not in self.registers:
            self.registers[key] = self.several(k.ANY if union else k.ALL, known)
        return self.registers[key]

    def _complete(self, look: Look) -> int:
        """True where nothing can be missing from a window, else missing: a count has a value only then."""
        count = self.step(k.COUNT, limits=(), **{**self._window(look.window), "STREAM": self.streams.number(look.of)})
        return self._given(look, self.step(k.COMPARE, limits=[0.0], A=count, B=_HOW["at_least"]))

    def _day_of(self, anchor: Word) -> int:
        """The register that holds the day of the record that decides a word, for a window around it."""
        match anchor:
            case words.Confirmed() | words.Dose():
                return self.add(anchor)
            case words.Has():
                return self.look(anchor, anchor.window, first_day=True)
            case words.Latest() | words.Earliest() | words.Nearest():
                return self.look(anchor, anchor.window, day=True)
        raise TypeError(
            f"{type(anchor).__name__} has no day; anchor a window at Has, Latest, Earliest, Confirmed, Dose"
        )

    def _person(self, word: words.Person) -> int:
        if word.which == "sex":
            return self.step(k.PERSON, A=0)
        if word.which == "ethnicity":
            return self.step(k.PERSON, A=1)
        return self.step(k.PLACE, STREAM=BASE.index(word.which))

    def look(self, word: Look, window: Window, *, day: bool = False, first_day: bool = False, nth: int = 1) -> int:
        """A word that looks at a stream; `day` asks for the record's day, `first_day` for the day of the nth one."""
        columns = self._window(window)
        low, high = self._pick(word, columns)
        extra = _extra(word, self.args)
        columns["STREAM"] = self.streams.number(word.of)
        columns["APART"] = word.pick.apart or 0
        columns["LAST_N"] = word.pick.last or 0
        columns.update(extra.columns)
        limits = [low, high, extra.third, 1.0 if day else extra.fourth]
        if first_day:
            columns["LAST_N"] = nth
            return self.step(k.FIRST_DAY, limits=limits, **columns)
        return self.step(_WORDS[type(word)], limits=limits, **columns)

    def _pick(self, word: Look, columns: dict[str, int]) -> tuple[float, float]:
        limits, test = [float("-inf"), float("inf")], 0
        for side, limit, flag, share, operand in (
            (0, word.pick.at_least, k.TEST_AT_LEAST, k.SHARE_AT_LEAST, "A"),
            # One of the next two: a definition with both is refused.
            (1, word.pick.below, k.TEST_BELOW, k.SHARE_BELOW, "B"),
            (1, word.pick.at_most, k.TEST_BELOW | k.TEST_AT_MOST, k.SHARE_BELOW, "B"),
        ):
            if limit is None:
                continue
            test |= flag
            if isinstance(limit, Share):
                test |= share
                columns[operand] = self.add(limit.of)
                limits[side] = limit.share
            else:
                limits[side] = float(limit)
        columns["TEST"] = test
        return limits[0], limits[1]

    def _window(self, window: Window) -> dict[str, int]:
        columns = {"AFTER_INDEX": int(window.after_index)}
        anchor = window.anchor
        if isinstance(anchor, Index):
            columns["ANCHOR"] = k.AT_INDEX
        elif isinstance(anchor, Birth):
            columns["ANCHOR"] = k.AT_BIRTH
        elif isinstance(anchor, date):
            columns.update(ANCHOR=k.AT_DAY, ANCHOR_AT=number(anchor))
        else:
            columns.update(ANCHOR=k.AT_REGISTER, ANCHOR_AT=self._day_of(anchor))
        columns.update(_end("FROM", window.from_), **_end("UNTIL", window.until))
        return columns


def _looks(word: Word) -> Iterator[Look]:
    """The words that look at a stream among those that give a word its value."""
    if isinstance(word, Look):
        yield word
        return
    for part in inner_words(word):
        yield from _looks(part)


@dataclass
class _Extra:  # what a word needs beyond window and value test
    third: float = 0.0
    fourth: float = 0.0
    columns: dict[str, int] = field(default_factory=dict)


def _end(end: str, span: Span | None) -> dict[str, int]:
    if span is None:
        return {"FROM_EVER" if end == "FROM" else "UNTIL_OPEN": 1}
    return {f"{end}_MONTHS": span.months, f"{end}_DAYS": span.days}


def _extra(word: Look, args: list[int]) -> _Extra:
    match word:
        case words.Since():
            return _Extra(1.0 if word.which == "first" else 0.0, 1.0 if word.unit == "years" else 0.0)
        case words.Slope():
            return _Extra(float(word.at_least_records), float(word.span))
        case words.Covered():
            return _Extra(1.0 if word.unit == "share" else 0.0)
        case words.Nearest():
            return _Extra(columns={"A": word.age.months, "B": word.age.days})
        case words.Confirmed():
            return _Extra(-1.0 if word.within is None else float(word.within), 1.0 if word.unbroken else 0.0)
        case words.Dose():
            first = len(args)
            args.extend(part for age in word.minimum_ages for part in (age.months, age.days))
            return _Extra(float(word.interval), columns={"A": first, "B": len(word.minimum_ages), "LAST_N": word.n})
        case _:
            return _Extra()


def _after(window: Window, from_day: int) -> Window:
    """A window of an outcome: from a day at or after the index date on, unless it has its own beginning."""
    if window.from_ is None:
        return Window(window.anchor, Span(days=from_day), window.until, after_index=True)
    return Window(window.anchor, window.from_, window.until, after_index=True)


@dataclass(frozen=True)
class EventWords:
    """Registers of an outcome: days of events and of censoring, the value that is judged, the judgement."""

    outcome: words.Outcome
    events: tuple[int, ...] = ()
    censoring: tuple[int, ...] = ()
    judged: int = -1
    value: int = -1

    @property
    def registers(self) -> tuple[int, ...]:
        """What `features.outcomes.label` wants, in its order."""
        return (*self.events, *self.censoring, *((self.judged,) if self.judged >= 0 else ()))


def _outcome(builder: _Builder, outcome: words.Outcome) -> EventWords:
    match outcome:
        case words.Happens() as happens:
            events = tuple(_event(builder, part, happens.from_day, happens.nth) for part in happens.of)
            return EventWords(happens, events, tuple(_event(builder, part, 0, 1) for part in happens.censored_by))
        case words.Measured() as measured:
            look = measured.is_event.word
            if not isinstance(look, Look):
                raise TypeError("Measured judges a word that looks at a stream")
            window = _after(look.window, 0)
            value = builder.look(look, window)
            day = builder.look(look, window, day=True)
            how = _HOW[measured.is_event.how]
            judged = builder.step(k.COMPARE, limits=[measured.is_event.limit], A=value, B=how)
            return EventWords(measured, (day,), judged=judged, value=value)
        case words.NotDone() as not_done:
            dose = not_done.dose
            from_ = dose.window.from_
            window = Window(dose.window.anchor, from_, None, after_index=True)
            return EventWords(not_done, (builder.look(dose, window),))


def _event(builder: _Builder, part: Stream | Word, from_day: int, nth: int) -> int:
    """The register that holds the day of an event."""
    look = words.Has(part) if isinstance(part, STREAMS) else part
    if isinstance(look, words.Has):
        return builder.look(look, _after(look.window, from_day), first_day=True, nth=nth)
    if isinstance(look, words.Confirmed | words.Dose):
        return builder.look(look, _after(look.window, from_day))
    raise TypeError("Happens takes streams, Has, Confirmed or Dose: words that have a day")


@dataclass(frozen=True)
class Compiled:
    """A prediction ready to run: what decides who is scored, and everything that it needs."""

    prediction: Prediction
    population: Programme
    whole: Programme
    outcomes: tuple[EventWords, ...]
    """Of the outcome that is predicted, then of the secondary ones."""

    @property
    def streams(self) -> Streams:
        return self.whole.streams


def compile_prediction(prediction: Prediction) -> Compiled:
    """Compile everything that a prediction says of one person."""
    return _compiled(prediction, [*criteria(prediction), *(word for _, word in known_words(prediction))])


def compile_table(prediction: Prediction) -> Compiled:
    """Compile what a feature table holds. Rules are for one person at a time: nothing is read for them."""
    table = prediction.without_rules()
    comparators = (word for one in table.comparators for _, word in one.words(table.predictors))
    return _compiled(table, [*(one.of for one in table.predictors), *comparators])


def _compiled(prediction: Prediction, wanted: Sequence[Word]) -> Compiled:
    streams = plan_streams(looked_at(prediction))
    population, whole = _Builder(streams), _Builder(streams)
    for part in (*criteria(prediction), *(one.of for one in prediction.requires)):
        population.add(part)
    for word in wanted:
        whole.add(word)
    outcomes = tuple(_outcome(whole, one) for one in outcomes_of(prediction))
    return Compiled(prediction, _finished(population), _finished(whole), outcomes)


def criteria(prediction: Prediction) -> tuple[Word, ...]:
    """The parts of a population, in the order in which people are left out."""
    population = prediction.population
    return population.words if isinstance(population, words.All) else (population,)


def _finished(builder: _Builder) -> Programme:
    return Programme(
        code=np.array(builder.code, dtype=np.int32).reshape(-1, 16),
        limits=np.array(builder.limits, dtype=np.float64).reshape(-1, 4),
        args=np.array(builder.args or [0], dtype=np.int32),
        streams=builder.streams,
        registers={word: at for word, at in builder.registers.items() if not isinstance(word, str | tuple)},  # type: ignore[misc]
    )
