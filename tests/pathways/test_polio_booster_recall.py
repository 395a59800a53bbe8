"""The polio recall calls whom the campaign of 2022 called, and gives each child the vaccine that it gave."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from features.person import PersonReader, Reading
from features.vocabulary import Vocabulary
from pathways import load
from pathways.words import KINDS

SIX, BOOSTER = 40213290, 40213289
RULES = {
    "one dose of 6-in-1": {"one_6_in_1"},
    "next routine dose (catch-up)": {"incomplete"},
    "one dose of dTaP/IPV or Td/IPV": {"one_booster"},
    "pre-school booster now": {"booster_now"},
    "pre-school booster in the last 12 months": set(),
    "outside age 1-9": set(),
    # That child's last dose is of the campaign's first day, so it is the campaign dose (NO_DOSE_SINCE).
    "defer until 28 days after last dose": set(),
}


def read(born: str, doses: list[str], booster: str | None, on: str) -> Reading:
    """A child as on the morning of a day, so that nothing of the day itself is known."""
    pathway = load("polio_booster_recall")
    records = [{"kind": "immunisation", "concept_id": BOOSTER if day == booster else SIX, "date": day} for day in doses]
    covers = [{"kind": kind, "from": "1900-01-01"} for kind in KINDS]
    person = {"birth_date": born, "sex": "male", "observed_from": born}
    reader = PersonReader(pathway, pathway.prediction(), Vocabulary({}))
    before = date.fromisoformat(on) - timedelta(days=1)
    return reader.from_history({"person": person, "covers": covers, "records": records}, before)


def vectors(research: Path, score: str) -> list[dict[str, Any]]:
    found = json.loads((research / "test_vectors_b.json").read_text(encoding="utf-8"))
    return [one for one in found if one["score"] == score]


@pytest.mark.external
def test_who_is_called_and_for_which_vaccine_is_as_in_the_research(research: Path) -> None:
    for one in vectors(research, "POLIO_CAMPAIGN_2022"):
        asked, said = one["inputs"], one["outputs"]
        found = read(asked["dob"], asked["polio_dates"], asked["preschool_booster"], asked["on"])

        assert {rule.name for rule, _ in found.rules} == RULES[said["action"]], one
        deferred = said["action"].startswith("defer")
        assert (found.reasons == ()) is (said["eligible"] and not deferred), one


@pytest.mark.external
def test_a_dose_since_the_campaign_began_is_as_in_the_research(research: Path) -> None:
    for one in vectors(research, "NO_DOSE_SINCE"):
        asked = one["inputs"]
        found = read("2019-03-01", [day for day in asked["dates"] if day <= asked["on"]], None, asked["on"])

        assert ("vaccinated" in {reason.code for reason in found.reasons}) is not one["outputs"]["no_dose_since"]


def test_a_child_with_a_reason_against_the_vaccine_is_sent_to_a_specialist() -> None:
    pathway = load("polio_booster_recall")
    covers = [{"kind": kind, "from": "1900-01-01"} for kind in KINDS]
    person = {"birth_date": "2019-03-01", "sex": "male", "observed_from": "2019-03-01"}
    allergy = {"kind": "condition", "concept_id": 4168906, "date": "2019-06-01"}
    reader = PersonReader(pathway, pathway.prediction(), Vocabulary({}))

    found = reader.from_history({"person": person, "covers": covers, "records": [allergy]}, date(2022, 8, 25))

    assert [rule.name for rule, _ in found.rules] == ["contraindicated"]


def test_a_child_without_a_dose_who_joined_last_week_hears_of_it_without_a_score() -> None:
    pathway = load("polio_booster_recall")
    covers = [{"kind": kind, "from": "1900-01-01"} for kind in KINDS]
    person = {"birth_date": "2019-03-01", "sex": "male", "observed_from": "2022-08-20"}
    reader = PersonReader(pathway, pathway.prediction(), Vocabulary({}))

    found = reader.from_history({"person": person, "covers": covers, "records": []}, date(2022, 8, 25))

    assert [reason.code for reason in found.reasons] == ["registered_under_90_days"]
    assert [rule.name for rule, _ in found.rules] == ["zero_dose"]
