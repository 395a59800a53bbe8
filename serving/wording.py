"""Numbers, days and values in words: for a clinician, and plainly for the person."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Literal, assert_never

from features.days import calendar_date
from pathways import words
from pathways.definition import PROBABILITY, Comparator, Prediction, Predictor, word_levels
from pathways.describe import span
from pathways.parts import is_flag
from pathways.words import Index, Span, Word

_MONTHS = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)
MONTH = 365.25 / 12  # days
_COUNTED = re.compile(
    r"^(admission|appointment|attack|attendance|class(?=es)|course|day|dose|episode|infection|invitation|month|point"
    r"|prescription|stay|symptom|test|unit|visit|week|year)(?:es|s)\b"
)
WORTH_SAYING = 0.005
"""A contribution that is shown as 0.00 says nothing."""

Kind = Literal["flag", "absence", "level", "count", "ago", "value", "summary", "slope", "fact", "day"]


def day_text(day: date) -> str:
    """A day in words.

    >>> day_text(date(2024, 3, 3))
    '3 March 2024'
    """
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def number_text(value: float) -> str:
    """A number with up to three significant figures, never fewer than its whole part.

    >>> number_text(58.0), number_text(7.456789), number_text(12345.6)
    ('58', '7.46', '12346')
    """
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def round_text(value: float) -> str:
    """A number as one says it aloud: whole from ten on.

    >>> round_text(66.2), round_text(4.54), round_text(0.527)
    ('66', '4.5', '0.53')
    """
    return f"{value:.0f}" if abs(value) >= 9.95 else f"{value:.2g}"


def counted_text(number: str, unit: str) -> str:
    """A number with its unit, one thing in the singular.

    >>> counted_text("2", "doses"), counted_text("1", "doses of the 8 due"), counted_text("1", "mmol/L")
    ('2 doses', '1 dose of the 8 due', '1 mmol/L')
    """
    one = _COUNTED.sub(r"\1", unit) if number == "1" else unit
    return f"{number} {one}".strip()


def span_text(days: int) -> str:
    """A number of days in the largest unit that says it plainly.

    >>> span_text(730), span_text(1826), span_text(365), span_text(396), span_text(56)
    ('2 years', '5 years', 'year', '13 months', '56 days')
    """
    years, months = round(days / 365.25), round(days / MONTH)
    if years and abs(days - years * 365.25) < 1.5:
        return f"{years} years" if years > 1 else "year"
    if years and abs(days - months * MONTH) < 1.5:
        return f"{months} months"
    return f"{days} days" if days != 1 else "day"


def ago_text(days: float) -> str:
    """How long ago something was, no finer than anyone cares for.

    >>> ago_text(1), ago_text(45), ago_text(243), ago_text(1400)
    ('1 day', '45 days', '8 months', '3.8 years')
    """
    if days < 61:
        return f"{days:.0f} day{'s' * (days != 1)}"
    return f"{days / 30.44:.0f} months" if days < 700 else f"{days / 365.25:.1f} years".replace(".0 ", " ")


def risk_text(risk: float) -> str:
    """A risk as a number of people, never as none or all of them.

    >>> risk_text(0.1234), risk_text(0.004), risk_text(0.00002), risk_text(0.9996)
    ('about 12 in 100', 'about 4 in 1,000', 'fewer than 1 in 1,000', 'more than 99 in 100')
    """
    if risk > 0.99:
        return "more than 99 in 100"
    if round(risk * 100) >= 1:
        return f"about {round(risk * 100)} in 100"
    if risk < 0.001:
        return "fewer than 1 in 1,000"
    return f"about {round(risk * 1000)} in 1,000"


def score_text(comparator: Comparator, value: float) -> str:
    """What another score says: people for a probability, yes or no for a rule, else the number with its unit."""
    if comparator.unit == PROBABILITY:
        return f"{risk_text(value)} ({100 * value:.2g}%)"
    if not callable(comparator.score) and is_flag(comparator.score):
        return "yes" if value else "no"
    return counted_text(number_text(value), comparator.unit)


@dataclass(frozen=True)
class Worded:
    """What is said of a predictor, looked up once for all answers; `absent` is what is said if it has no value."""

    name: str
    text: str
    plain_text: str
    kind: Kind
    unit: str
    levels: tuple[str, ...]
    absent: str
    changeable: bool
    restricted: bool

    def value(self, value: float) -> float | str | None:
        """A value as it is sent: a number, the name of its level, or null if it is missing."""
        if math.isnan(value):
            return None
        if self.levels:
            # A number that is no level is no known category.
            return self.levels[int(value)] if 0 <= value < len(self.levels) else None
        if value.is_integer() and -1e7 < value < 1e7:
            return value
        # Seven figures are what a float32 holds: 58.3, not 58.29999923706055.
        return float(f"{value:.7g}")

    def phrase(self, value: float | str | None, days: Sequence[date] = (), contribution: float = 0.0) -> str:
        """The predictor with its value, unit and the days of its records, for a clinician.

        What is not there cannot act, so of it we say only what is known of such people.
        """
        if value == 0.0 and self.kind == "flag":
            return self._no[0]
        said = f"{self.text}: {self.absent}" if value is None else self._phrase(value, days)
        if self._lacks(value) and abs(contribution) >= WORTH_SAYING:
            said += f"; such people had a {'higher' if contribution > 0 else 'lower'} risk"
        return said

    def plain(self, value: float | str | None, days: Sequence[date] = ()) -> str:
        """The same as a sentence to the person: no unit, no jargon."""
        if value == 0.0 and self.kind == "flag":
            return self._no[1]
        said = f"Not in your records: {self.plain_text}." if value is None else self._plain(value, days)
        return said[:1].upper() + said[1:]

    @cached_property
    def _no(self) -> tuple[str, str]:
        """What is said of a flag that is not there, as most are, put together once."""
        return self._phrase(0.0, ()), self._plain(0.0, ())

    def _lacks(self, value: float | str | None) -> bool:
        return value is None or (self.kind == "absence" and bool(value))

    def _phrase(self, value: float | str, days: Sequence[date]) -> str:  # noqa: C901 - one match over a closed union
        newest = f", recorded {day_text(max(days))}" if days else ""
        if isinstance(value, str):
            return f"{self.text}: {value}{newest}"
        match self.kind:
            case "flag":
                return f"{self.text}: yes{newest}" if value else f"{self.text}: no"
            case "absence":
                return self.text if value else f"{self.text.removeprefix('no ')}: yes{newest}"
            case "count":
                last = f", the last on {day_text(max(days))}" if days else ""
                return f"{self.text}: {number_text(value)}{last}" if value else f"{self.text}: none"
            case "ago":
                return f"{self.text}: {ago_text(value)}" + (f" ({day_text(max(days))})" if days else "")
            case "value":
                return f"{self.text}: {self._number(value)}" + (f" on {day_text(max(days))}" if days else "")
            case "summary":
                return f"{self.text}: {self._number(value)}{_made_of(days)}"
            case "slope":
                way = "a rise of" if value > 0 else "a fall of"
                return f"{self.text}: {way} {self._number(value).removeprefix('-')}{_made_of(days)}"
            case "fact" | "level":
                return f"{self.text}: {self._number(value)}"
            case "day":
                return f"{self.text}: {day_text(calendar_date(int(value)))}"
            case _:
                assert_never(self.kind)

    def _plain(self, value: float | str, days: Sequence[date]) -> str:
        newest = f" ({day_text(max(days))})" if days else ""
        if isinstance(value, str):
            return f"{self.plain_text}: {value}."
        match self.kind:
            case "flag" | "absence":
                there = bool(value) != (self.kind == "absence")
                return (
                    f"Your records {f'show {self.plain_text}{newest}' if there else f'do not show {self.plain_text}'}."
                )
            case "count":
                return f"{self.plain_text}: {f'{value:.0f}' if value else 'none'}."
            case "ago":
                return f"{self.plain_text} was {ago_text(value)} ago{newest}."
            case "value":
                return f"{self.plain_text} was {self._plain_number(value)}" + (f", on {newest[2:-1]}." if days else ".")
            case "summary":
                return f"{self.plain_text} was {self._plain_number(value)}."
            case "slope":
                way = "up" if value > 0 else "down"
                return f"{self.plain_text} went {way} by about {round_text(abs(value))} a year."
            case "fact" | "level":
                return f"{self.plain_text}: {self._plain_number(value)}."
            case "day":
                return f"{self.plain_text}: {day_text(calendar_date(int(value)))}."
            case _:
                assert_never(self.kind)

    def _number(self, value: float) -> str:
        return counted_text(number_text(value), self.unit)

    def _plain_number(self, value: float) -> str:
        return counted_text(round_text(value), self.unit if self.unit in EVERYDAY else "")


EVERYDAY = ("years", "kg", "cm", "units")
"""Units that a letter to the person writes; nobody is helped by mL/min/1.73 m2."""


def _made_of(days: Sequence[date]) -> str:
    """A mean or a change is of no single day, so we say how many records it is made of."""
    if not days:
        return ""
    return f" ({len(days)} records, the last on {day_text(max(days))})" if len(days) > 1 else f" ({day_text(days[0])})"


def worded(prediction: Prediction) -> tuple[Worded, ...]:
    """The words of each predictor of a prediction."""
    return tuple(map(word_of, prediction.predictors))


def word_of(one: Predictor) -> Worded:
    """The words of one predictor."""
    text = one.wording or one.name.replace("_", " ")
    kind = kind_of(one.of)
    return Worded(
        name=one.name,
        text=text,
        plain_text=one.plain or (text.removeprefix("no ") if kind == "absence" else text),
        kind=kind,
        unit=one.unit,
        levels=one.levels,
        absent=_absent(one.of, kind),
        changeable=one.changeable,
        restricted=one.restricted,
    )


def kind_of(word: Word) -> Kind:  # noqa: C901 - one match over a closed union
    """How the value of a word is said."""
    if word_levels(word):
        return "level"
    match word:
        case words.Term(word=inner) | words.Criterion(holds=inner):
            return kind_of(inner)
        case words.Missing():
            return "absence"
        case words.Has() | words.All() | words.Any() | words.Not() | words.Compare():
            return "flag"
        case words.Count() | words.Number():
            return "count"
        case words.Since(unit="days") if isinstance(word.window.anchor, Index):
            return "ago"
        case words.Slope():
            return "slope"
        case words.Latest() | words.Earliest() | words.Highest() | words.Lowest() | words.Nearest():
            return "value"
        case words.Mean() | words.Median() | words.Spread() | words.Total() | words.Covered():
            return "summary"
        case words.Difference() | words.Ratio():
            return "summary"
        case words.Confirmed() | words.Dose():
            return "day"
        case words.Age() | words.Observed() | words.Calendar() | words.Person() | words.Choice() | words.Since():
            return "fact"
        case _:
            assert_never(word)


def _absent(word: Word, kind: Kind) -> str:
    """What is said of a predictor without a value."""
    if kind in ("flag", "absence", "count", "fact"):
        return "not known"
    if kind == "slope":
        return "too few values"
    if not isinstance(word, words.Look) or kind == "level":
        return "not recorded"
    from_ = word.window.from_
    if from_ is None or not isinstance(word.window.anchor, Index):
        return "none recorded"
    return f"none recorded in {span(Span(-from_.months, -from_.days)).partition(' (')[0].replace('1 year', 'a year')}"
