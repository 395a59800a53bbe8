"""Numbers, levels and days as a clinician reads them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date

from features.programme import is_flag
from pathways.definition import Prediction

_MONTHS = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)


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


def span_text(days: int) -> str:
    """A number of days in the largest unit that says it plainly.

    >>> span_text(730), span_text(1826), span_text(365), span_text(56)
    ('2 years', '5 years', 'year', '56 days')
    """
    years = round(days / 365.25)
    if years and abs(days - years * 365.25) < 1.5:
        return f"{years} years" if years > 1 else "year"
    return f"{days} days" if days != 1 else "day"


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


@dataclass(frozen=True)
class Worded:
    """What is said of a predictor, looked up once for all answers."""

    name: str
    text: str
    unit: str
    levels: tuple[str, ...]
    flag: bool
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

    def phrase(self, value: float | str | None, day: date | None) -> str:
        """The predictor with its value, unit and the day of its record, as one phrase."""
        if value is None:
            return f"{self.text}: not recorded"
        when = f" on {day_text(day)}" if day is not None else ""
        if isinstance(value, str):
            return f"{self.text}: {value}{when}"
        if self.flag:
            return f"{self.text}: {'yes' if value else 'no'}{when}"
        unit = f" {self.unit}" if self.unit else ""
        return f"{self.text} {number_text(value)}{unit}{when}"


def worded(prediction: Prediction) -> tuple[Worded, ...]:
    """The words of each predictor of a prediction."""
    return tuple(
        Worded(
            name=each.name,
            text=each.wording or each.name.replace("_", " "),
            unit=each.unit,
            levels=each.levels,
            flag=is_flag(each.of),
            changeable=each.changeable,
            restricted=each.restricted,
        )
        for each in prediction.predictors
    )
