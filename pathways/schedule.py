"""The UK routine childhood schedule as data: which dose is due when, for children born in which days.

Source of every row: schedule_b.csv and clinical_b.md 4.2, in force 2025/26 with the changes of 1 July 2025 (MenB and
pneumococcal vaccine change places, Hib/MenC ends) and 1 January 2026 (MMRV, a new visit at 18 months). It covers
children of today's schedule, not the history of vaccines: older cohorts had no MenB (before 2015) or rotavirus vaccine
(before 2013).

What the sources do not agree on, or what UKHSA has not confirmed, is off unless it is switched on by name: see
`UNCONFIRMED`. The immunisation lead checks the table against UKHSA's current schedule before use.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from pathways.words import Span, months, weeks, years

JULY_2025, JANUARY_2026 = date(2025, 7, 1), date(2026, 1, 1)
BROUGHT_FORWARD = "second MMR brought forward"
CATCH_UP = "MMRV catch-up"
COVER_AT_24_MONTHS = "18-month doses counted at 24 months"
UNCONFIRMED = {
    BROUGHT_FORWARD: "A GP contract annex has children aged 18 months to 2 years 6 months on 1 January 2026 given their"
    " second MMR(V) between January and October 2026; Annexe A keeps them at 3 years 4 months (clinical_b.md 4.2).",
    CATCH_UP: "One dose of MMRV from November 2026 to March 2028 for children born 2020-01-01 to 2022-08-31 without"
    " a history of varicella and without two doses: to be confirmed with UKHSA (schedule_b.csv).",
    COVER_AT_24_MONTHS: "COVER may count the doses of the 18-month visit at 24 months (schedule_b.csv).",
}
"""Parts that can be switched on, each with what is not confirmed about it."""


@dataclass(frozen=True)
class Scheduled:
    """One dose: its antigens, its number, the age at which it is due and for whom; days are included on both ends.

    `born_from` and `born_until` are those of the sources. `given_from` and `given_until` are days of the visit.
    `minimum_age` and `interval` (days) say when a dose is valid, where that is known. `only_if` names a switch.
    """

    code: str
    product: str
    antigens: tuple[str, ...]
    number: int | None
    due: Span | None
    born_from: date | None = None
    born_until: date | None = None
    given_from: date | None = None
    given_until: date | None = None
    milestones: tuple[str, ...] = ()
    minimum_age: Span | None = None
    interval: int | None = None
    only_if: str = ""


@dataclass(frozen=True)
class Due:
    """A dose of the schedule and the day on which a child is due it."""

    dose: Scheduled
    day: date


SIX_IN_ONE, SIX = "6-in-1 (DTaP/IPV/Hib/HepB)", ("D", "T", "aP", "IPV", "Hib", "HepB")
M_M_R, MMR_V = ("M", "Mu", "R"), ("M", "Mu", "R", "V")
EIGHT, TWELVE, SIXTEEN = weeks(8), weeks(12), weeks(16)
EIGHTEEN_MONTHS, PRE_SCHOOL = months(18), months(40)
_JUNE_2025, _LAST_OF_2025 = date(2025, 6, 30), date(2025, 12, 31)
_YEAR_1, _YEAR_2, _YEAR_5 = "12m", "24m", "5y"

SCHEDULE = (
    Scheduled("HEX1", SIX_IN_ONE, SIX, 1, EIGHT, milestones=(_YEAR_1,)),
    Scheduled("HEX2", SIX_IN_ONE, SIX, 2, TWELVE, milestones=(_YEAR_1,), interval=28),
    Scheduled("HEX3", SIX_IN_ONE, SIX, 3, SIXTEEN, milestones=(_YEAR_1, _YEAR_2, _YEAR_5), interval=28),
    Scheduled("MENB1", "MenB (4CMenB)", ("MenB",), 1, EIGHT, milestones=(_YEAR_1,)),
    Scheduled("MENB2", "MenB (4CMenB)", ("MenB",), 2, SIXTEEN, given_until=_JUNE_2025, milestones=(_YEAR_1,)),
    Scheduled("MENB2", "MenB (4CMenB)", ("MenB",), 2, TWELVE, given_from=JULY_2025, milestones=(_YEAR_1,)),
    Scheduled("ROTA1", "Rotavirus (RV1)", ("Rota",), 1, EIGHT, milestones=(_YEAR_1,)),
    Scheduled("ROTA2", "Rotavirus (RV1)", ("Rota",), 2, TWELVE, milestones=(_YEAR_1,)),
    Scheduled("PCV1", "PCV13", ("PCV",), 1, TWELVE, given_until=_JUNE_2025, milestones=(_YEAR_1,)),
    Scheduled("PCV1", "PCV13", ("PCV",), 1, SIXTEEN, given_from=JULY_2025, milestones=(_YEAR_1,)),
    Scheduled("PCVB", "PCV13", ("PCV",), 2, years(1), milestones=(_YEAR_2,)),
    Scheduled("MENBB", "MenB (4CMenB)", ("MenB",), 3, years(1), milestones=(_YEAR_2,)),
    Scheduled(
        "HIBMENC",
        "Hib/MenC",
        ("Hib", "MenC"),
        1,
        years(1),
        born_until=date(2024, 6, 30),
        milestones=(_YEAR_2, _YEAR_5),
    ),
    Scheduled(
        "MMR1",
        "MMR",
        M_M_R,
        1,
        years(1),
        born_until=date(2024, 12, 31),
        milestones=(_YEAR_2, _YEAR_5),
        minimum_age=months(12),
    ),
    Scheduled(
        "MMR1",
        "MMRV",
        MMR_V,
        1,
        years(1),
        born_from=date(2025, 1, 1),
        given_from=JANUARY_2026,
        milestones=(_YEAR_2, _YEAR_5),
        minimum_age=months(12),
    ),
    Scheduled(
        "HEX4",
        SIX_IN_ONE,
        SIX,
        4,
        EIGHTEEN_MONTHS,
        born_from=date(2024, 7, 1),
        given_from=JANUARY_2026,
        interval=28,
    ),
    Scheduled(
        "MMR2",
        "MMRV",
        MMR_V,
        2,
        EIGHTEEN_MONTHS,
        born_from=date(2024, 7, 1),
        given_from=JANUARY_2026,
        milestones=(_YEAR_5,),
        minimum_age=months(15),
        interval=28,
    ),
    Scheduled(
        "MMRV2",
        "MMRV",
        MMR_V,
        3,
        PRE_SCHOOL,
        born_from=date(2024, 7, 1),
        born_until=date(2024, 12, 31),
        given_from=date(2027, 11, 1),
        interval=28,
    ),
    Scheduled(
        "MMR2",
        "MMR",
        M_M_R,
        2,
        PRE_SCHOOL,
        born_until=date(2022, 8, 31),
        given_until=_LAST_OF_2025,
        milestones=(_YEAR_5,),
        minimum_age=months(15),
        interval=28,
    ),
    Scheduled(
        "MMR2",
        "MMRV",
        MMR_V,
        2,
        PRE_SCHOOL,
        born_from=date(2022, 9, 1),
        born_until=date(2024, 6, 30),
        given_from=JANUARY_2026,
        milestones=(_YEAR_5,),
        minimum_age=months(15),
        interval=28,
    ),
    Scheduled("PSB", "dTaP/IPV pre-school booster", ("D", "T", "aP", "IPV"), None, PRE_SCHOOL, milestones=(_YEAR_5,)),
    Scheduled(
        "MMRVCU",
        "MMRV catch-up single dose",
        ("V",),
        1,
        None,
        born_from=date(2020, 1, 1),
        born_until=date(2022, 8, 31),
        given_from=date(2026, 11, 1),
        given_until=date(2028, 3, 31),
        interval=28,
        only_if=CATCH_UP,
    ),
)


def dose(code: str) -> Scheduled:
    """The first row of a dose."""
    return next(one for one in SCHEDULE if one.code == code)


def of_every_cohort(age: Span) -> tuple[str, ...]:
    """The doses that are due before an age to children of every birth cohort of the schedule."""
    found = [
        [each.dose.code for each in due(born) if each.day < reaches(born, age)]
        for born in (date(2022, 1, 1), date(2023, 1, 1), date(2024, 8, 1), date(2025, 2, 1), date(2025, 6, 1))
    ]
    return tuple(code for code in found[0] if all(code in others for others in found))


def minimum_ages(*codes: str) -> tuple[Span, ...]:
    """The ages before which doses do not count, one for each."""
    ages = tuple(dose(code).minimum_age for code in codes)
    return tuple(age for age in ages if age is not None)


def reaches(born: date, age: Span) -> date:
    """The day on which a child is so old; the last day of the month where the month has no such day."""
    year, month = divmod(born.month - 1 + age.months, 12)
    last = monthrange(born.year + year, month + 1)[1]
    return date(born.year + year, month + 1, min(born.day, last)) + timedelta(days=age.days)


def due(born: date, *switched_on: str) -> tuple[Due, ...]:
    """What a child born on a day is due and when, in order of the day.

    Raises
    ------
    ValueError
        If a switch has no such name.
    """
    strange = set(switched_on) - set(UNCONFIRMED)
    if strange:
        raise ValueError(f"there is no switch {', '.join(sorted(strange))}; there are {', '.join(UNCONFIRMED)}")
    found = [Due(one, _day(born, one, switched_on)) for one in SCHEDULE if _is_for(born, one, switched_on)]
    return tuple(sorted(found, key=lambda each: each.day))


def milestones(one: Scheduled, *switched_on: str) -> tuple[str, ...]:
    """The birthdays at which COVER counts a dose."""
    early = COVER_AT_24_MONTHS in switched_on and one.due == EIGHTEEN_MONTHS
    return (_YEAR_2, *one.milestones) if early else one.milestones


def _is_for(born: date, one: Scheduled, switched_on: Collection[str]) -> bool:
    if one.only_if and one.only_if not in switched_on:
        return False
    if one.born_from is not None and born < one.born_from:
        return False
    if one.born_until is not None and born > one.born_until:
        return False
    if one.code in ("MENB2", "PCV1"):
        # Ours: the child's visit at 12 weeks decides the order of 2025, so that nobody misses a dose or has it twice.
        return (reaches(born, TWELVE) >= JULY_2025) == (one.given_from is not None)
    return True


def _day(born: date, one: Scheduled, switched_on: Collection[str]) -> date:
    if one.due is None:
        return one.given_from or born
    day = reaches(born, one.due)
    early = BROUGHT_FORWARD in switched_on and one.code == "MMR2" and one.due == PRE_SCHOOL
    if early and reaches(born, months(18)) <= JANUARY_2026 <= reaches(born, months(30)):
        return min(day, JANUARY_2026)
    return day
