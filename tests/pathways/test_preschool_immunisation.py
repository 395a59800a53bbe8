"""Pre-school immunisation: the dose rules of the research, point by point, and what the rules say of a child."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from features.drawn import judged
from features.person import PersonReader, Reading
from features.vocabulary import Vocabulary
from pathways import load
from pathways.schedule import reaches
from pathways.words import KINDS, months, years

SIX, BOOSTER, MMR, MENB, PNEUMOCOCCAL, ROTAVIRUS = 40213290, 40213289, 40213183, 40213173, 40213198, 40213216
LETS = f"let six = immunisation {SIX}\nlet booster = immunisation {BOOSTER}\nlet mmr = immunisation {MMR}\n"


def vectors(research: Path, score: str) -> list[dict[str, Any]]:
    found = json.loads((research / "test_vectors_b.json").read_text(encoding="utf-8"))
    return [one for one in found if one["score"] == score]


def verdict(prediction: str, born: date, asked: date, lines: Iterator[str] | list[str]) -> str:
    drawn = f"Ann, girl, born {born}, observed {born} to 2035-12-31\n" + "".join(f"  {line}\n" for line in lines)
    ((one),) = judged(load("preschool_immunisation"), f"{LETS}== {prediction}\n{drawn}  on {asked}: to be found out\n")
    return one.found


@pytest.mark.external
def test_doses_of_mmr_are_valid_as_in_the_research(research: Path) -> None:
    for one in vectors(research, "MMR_VALID"):
        born = date.fromisoformat(one["inputs"]["dob"])
        doses = [f"{day} mmr" for day in one["inputs"]["mmr_dates"]]
        valid = one["outputs"]["valid"]

        first = verdict("mmr1", born, born + timedelta(days=335), doses)
        second = verdict("mmr2", born, born + timedelta(days=1187), doses)

        assert first == (f"done {valid[0]}" if valid else f"outcome {reaches(born, years(2)) - timedelta(days=1)}")
        before = len(valid) > 1 and date.fromisoformat(valid[1]) < born + timedelta(days=1187)
        missed = f"outcome {reaches(born, years(5)) - timedelta(days=1)}"
        assert second == ("left out complete" if before else f"done {valid[1]}" if len(valid) > 1 else missed)


@pytest.mark.external
def test_milestones_are_reached_as_in_the_research(research: Path) -> None:
    for one in vectors(research, "MILESTONES"):
        born = date.fromisoformat(one["inputs"]["dob"])
        given = one["inputs"]
        doses = [f"{day} six" for day in given["hexa"]] + [f"{day} mmr" for day in given["mmr"]]
        doses += [f"{day} booster" for day in given["booster"]]

        for prediction, days, milestone in (
            ("primary", 49, "hexa3_by_12m"),
            ("mmr1", 335, "mmr1_by_24m"),
            ("mmr2", 1187, "mmr2_by_5y"),
            ("booster", 1187, "booster_by_5y"),
        ):
            found = verdict(prediction, born, born + timedelta(days=days), doses)
            assert found.startswith("outcome") is not one["outputs"][milestone], (prediction, one)


@cache
def reader(name: str) -> PersonReader:
    pathway = load("preschool_immunisation")
    return PersonReader(pathway, pathway.prediction(name), Vocabulary({}))


def read(
    prediction: str,
    born: date,
    asked: date,
    *doses: tuple[int, date],
    lacks: str = "",
    other: list[dict[str, Any]] | None = None,
    siblings: dict[date, list[date]] | None = None,
) -> Reading:
    """A child as a sender tells it, asked on a day: what is known ends on the day before."""
    covers = [{"kind": kind, "from": "1900-01-01"} for kind in KINDS if kind != lacks]
    records = [{"kind": "immunisation", "concept_id": concept, "date": day.isoformat()} for concept, day in doses]
    person = {"birth_date": born.isoformat(), "sex": "female", "observed_from": born.isoformat()}
    relatives = [sibling(born, doses) for born, doses in (siblings or {}).items()]
    sent = {"person": person, "covers": covers, "records": records + (other or []), "relatives": relatives}
    return reader(prediction).from_history(sent, asked)


def sibling(born: date, doses: list[date]) -> dict[str, Any]:
    """A brother with doses of MMR."""
    records = [{"kind": "immunisation", "concept_id": MMR, "date": day.isoformat()} for day in doses]
    return {"relation": "sibling", "person": {"birth_date": born.isoformat(), "sex": "male"}, "records": records}


def rules(reading: Reading) -> set[str]:
    return {rule.name for rule, _ in reading.rules}


@pytest.mark.external
def test_the_previous_dose_is_late_as_in_the_research(research: Path) -> None:
    for one in vectors(research, "LATE_RULE"):
        born, asked = (date.fromisoformat(one["inputs"][name]) for name in ("dob", "asof"))
        if (asked - born).days < 168:
            continue  # nobody is scored by this rule before 11 months
        doses = ((SIX, date.fromisoformat(day)) for day in one["inputs"]["hexa"])
        older = [] if one["inputs"]["older_sibling_mmr1_missing"] else [date(2021, 6, 1)]
        reading = read("mmr1", born, asked, *doses, siblings={date(2020, 5, 1): older})
        scored = {comparator.name: value for comparator, value, _ in reading.comparators}
        assert scored["Previous dose late, or an older child without MMR"] == one["outputs"]["points"]


BORN = date(2022, 3, 10)


def on_time(until: date) -> list[tuple[int, date]]:
    """Every dose up to 12 months on its due day, as far as it is reached."""
    weeks = {8: (SIX, MENB, ROTAVIRUS), 12: (SIX, PNEUMOCOCCAL, ROTAVIRUS), 16: (SIX, MENB)}
    doses = [(one, BORN + timedelta(weeks=week)) for week, given in weeks.items() for one in given]
    doses += [(one, reaches(BORN, years(1))) for one in (MMR, MENB, PNEUMOCOCCAL)]
    return [(one, day) for one, day in doses if day <= until]


@pytest.mark.parametrize("age", range(1, 41))
def test_no_rule_speaks_of_a_child_who_is_on_time(age: int) -> None:
    asked = reaches(BORN, months(age))

    assert rules(read("mmr1", BORN, asked, *on_time(asked))) == set()


def test_a_child_without_any_dose_needs_records_first_and_is_overdue() -> None:
    found = rules(read("mmr1", BORN, reaches(BORN, months(14))))

    assert {"no_dose_at_all", "two_overdue", "mmr_overdue", "six_in_one_overdue"} == found


def test_a_child_who_lacks_mmr_alone_is_overdue_for_one_vaccine() -> None:
    asked = reaches(BORN, months(14))
    doses = [one for one in on_time(asked) if one[0] != MMR]

    assert rules(read("mmr1", BORN, asked, *doses)) == {"mmr_overdue"}


def test_the_pre_school_visit_missed_is_two_vaccines_overdue() -> None:
    asked = reaches(BORN, months(42))

    assert rules(read("mmr1", BORN, asked, *on_time(asked))) == {"two_overdue", "mmr_overdue", "booster_overdue"}


def test_a_child_with_a_reason_against_mmr_is_not_invited_to_it() -> None:
    asked = reaches(BORN, months(14))
    doses = [one for one in on_time(asked) if one[0] != MMR]
    allergy = {"kind": "condition", "concept_id": 4169017, "date": "2022-06-01"}

    assert rules(read("mmr1", BORN, asked, *doses, other=[allergy])) == {"no_live_vaccine"}


@pytest.mark.parametrize(
    ("siblings", "speaks"),
    [
        ({date(2020, 5, 11): []}, False),  # born 730 days before the index date: two years old on it, not before
        ({date(2020, 5, 10): []}, True),
        ({date(2018, 1, 1): [date(2019, 2, 1)]}, False),
        ({date(2018, 1, 1): [date(2022, 5, 11)]}, True),  # given after the day asked about
        ({date(2018, 1, 1): [], date(2016, 1, 1): [date(2017, 2, 1)]}, False),  # they are looked at together
        ({}, False),
    ],
)
def test_an_older_brother_without_mmr_asks_for_a_visit_to_the_family(
    siblings: dict[date, list[date]], speaks: bool
) -> None:
    asked = BORN + timedelta(weeks=8, days=5)  # 2022-05-10: the index date is the day after
    found = rules(read("primary", BORN, asked, *on_time(asked), siblings=siblings))

    assert ("older_without_mmr" in found) is speaks


def test_doses_of_older_brothers_are_counted_for_each_and_unknown_without_any() -> None:
    names = [one.name for one in load("preschool_immunisation").prediction("mmr1").predictors]
    at = names.index("older_siblings_mmr")
    asked = BORN + timedelta(days=334)
    two = {date(2018, 1, 1): [date(2019, 2, 1), date(2021, 5, 1)], date(2019, 6, 1): [date(2020, 7, 1)]}

    assert read("mmr1", BORN, asked, *on_time(asked), siblings=two).predictors[at] == 1.5
    assert np.isnan(read("mmr1", BORN, asked, *on_time(asked)).predictors[at])


def test_nothing_is_called_missing_if_the_sender_does_not_cover_vaccines() -> None:
    assert rules(read("mmr1", BORN, reaches(BORN, months(14)), lacks="immunisation")) == set()


def test_the_doses_due_by_an_age_are_counted() -> None:
    names = [one.name for one in load("preschool_immunisation").prediction("booster").predictors]
    asked = BORN + timedelta(days=1187)
    found = dict(zip(names, read("booster", BORN, asked, *on_time(asked)).predictors, strict=True))

    assert found["due_by_11_months_given"] == 8
    assert found["due_by_39_months_given"] == 11
    assert found["age_at_first_6_in_1"] == 56
    assert found["first_to_third_6_in_1"] == 56
    assert found["age_at_first_mmr"] == 365
