"""The UK schedule as data is that of the research, and each child is due each dose once."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest

from pathways.schedule import (
    BROUGHT_FORWARD,
    CATCH_UP,
    COVER_AT_24_MONTHS,
    SCHEDULE,
    Scheduled,
    dose,
    due,
    milestones,
    minimum_ages,
    of_every_cohort,
    reaches,
)
from pathways.words import Span, months, weeks


def codes(born: str, *switched_on: str) -> dict[str, str]:
    return {each.dose.code: each.day.isoformat() for each in due(date.fromisoformat(born), *switched_on)}


@pytest.mark.external
def test_every_row_is_that_of_the_research(research: Path) -> None:
    with (research / "schedule_b.csv").open(encoding="utf-8") as opened:
        rows = list(csv.DictReader(opened))

    assert [as_row(one) for one in SCHEDULE] == [
        {name: row[name] for name in as_row(one)} for one, row in zip(SCHEDULE, rows, strict=True)
    ]


def as_row(one: Scheduled) -> dict[str, str]:
    given = f"{one.given_from or ''}..{one.given_until or ''}"
    return {
        "vaccine_code": one.code,
        "product_class": one.product,
        "antigens": ";".join(one.antigens),
        "dose_number": "" if one.number is None else str(one.number),
        "due_rule_iso": "campaign" if one.due is None else iso(one.due),
        "dob_from": str(one.born_from or ""),
        "dob_to": str(one.born_until or ""),
        "given_window": "" if given == ".." else given,
        "milestone": ";".join(one.milestones) or ("campaign" if one.due is None else "none yet"),
        "min_age_valid": "" if one.minimum_age is None else f"P{one.minimum_age.months}M",
        "min_interval_days": "" if one.interval is None else str(one.interval),
    }


def iso(age: Span) -> str:
    if age.days:
        return f"P{age.days // 7}W"
    whole, rest = divmod(age.months, 12)
    if age.months == 18:
        return "P18M"
    return "P" + (f"{whole}Y" if whole else "") + (f"{rest}M" if rest else "")


@pytest.mark.parametrize(
    ("born", "day"), [("2024-06-30", "2027-10-30"), ("2024-07-01", "2026-01-01"), ("2022-09-01", "2026-01-01")]
)
def test_the_second_mmr_is_due_by_the_birth_cohort(born: str, day: str) -> None:
    assert codes(born)["MMR2"] == day  # clinical_b.md 4.5


def test_a_child_of_2023_has_the_old_order_and_hib_menc() -> None:
    assert codes("2023-03-01") == {
        "HEX1": "2023-04-26",
        "MENB1": "2023-04-26",
        "ROTA1": "2023-04-26",
        "HEX2": "2023-05-24",
        "ROTA2": "2023-05-24",
        "PCV1": "2023-05-24",
        "HEX3": "2023-06-21",
        "MENB2": "2023-06-21",
        "PCVB": "2024-03-01",
        "MENBB": "2024-03-01",
        "HIBMENC": "2024-03-01",
        "MMR1": "2024-03-01",
        "MMR2": "2026-07-01",
        "PSB": "2026-07-01",
    }


def test_a_child_of_2025_has_the_new_order_mmrv_and_the_visit_at_18_months() -> None:
    found = {each.dose.code: (each.day.isoformat(), each.dose.product) for each in due(date(2025, 6, 1))}

    assert found["MENB2"][0] == "2025-08-24"
    assert found["PCV1"][0] == "2025-09-21"
    assert found["MMR1"] == ("2026-06-01", "MMRV")
    assert found["MMR2"] == ("2026-12-01", "MMRV")
    assert found["HEX4"][0] == "2026-12-01"
    assert not {"HIBMENC", "MMRV2"} & set(found)


@pytest.mark.parametrize("days", range(0, 700, 7))
def test_nobody_is_due_a_dose_twice_and_nobody_misses_one_in_the_year_of_change(days: int) -> None:
    found = [each.dose.code for each in due(date(2024, 1, 1) + timedelta(days=days))]

    assert len(found) == len(set(found))
    assert {"HEX3", "MENB2", "PCV1", "MMR1", "MMR2", "PSB"} <= set(found)


def test_what_is_not_confirmed_is_off_until_it_is_switched_on() -> None:
    assert "MMRVCU" not in codes("2021-01-01")
    assert codes("2021-01-01", CATCH_UP)["MMRVCU"] == "2026-11-01"
    assert codes("2024-01-01")["MMR2"] == "2027-05-01"
    assert codes("2024-01-01", BROUGHT_FORWARD)["MMR2"] == "2026-01-01"
    assert codes("2023-06-30", BROUGHT_FORWARD)["MMR2"] == "2026-10-30"  # 2 years 6 months on 30 December: too old
    assert milestones(dose("HEX4")) == ()
    assert milestones(dose("HEX4"), COVER_AT_24_MONTHS) == ("24m",)


def test_a_switch_that_is_not_there_is_named() -> None:
    with pytest.raises(ValueError, match="no switch Chickenpox; there are second MMR"):
        due(date(2024, 1, 1), "Chickenpox")


def test_ages_are_counted_by_the_calendar() -> None:
    assert reaches(date(2024, 2, 29), months(12)) == date(2025, 2, 28)
    assert reaches(date(2024, 1, 31), months(18)) == date(2025, 7, 31)
    assert reaches(date(2024, 12, 31), weeks(8)) == date(2025, 2, 25)
    assert minimum_ages("MMR1", "MMR2") == (months(12), months(15))


def test_doses_that_children_of_every_cohort_are_due_by_an_age() -> None:
    young = {"HEX1", "HEX2", "HEX3", "MENB1", "MENB2", "ROTA1", "ROTA2", "PCV1"}

    assert set(of_every_cohort(months(11))) == young
    assert set(of_every_cohort(months(39))) == young | {"PCVB", "MENBB", "MMR1"}
