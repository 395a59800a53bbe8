"""Red flags of alcohol withdrawal and severe obesity speak whatever the score; what protects somebody is not worded."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

import pathways
from features.person import PersonReader, Reading
from features.vocabulary import expand
from pathways.parts import concept_sets
from pathways.words import KINDS

AS_OF = date(2024, 6, 30)
Sent = dict[str, Any]


def coded(kind: str, concept: int, day: str = "2024-06-20", **more: Any) -> Sent:
    return {"kind": kind, "concept_id": concept, "date": day, **more}


def read(name: str, prediction: str, records: list[Sent], born: str) -> Reading:
    pathway = pathways.load(name)
    reader = PersonReader(pathway, pathway.prediction(prediction), expand(concept_sets(pathway), {}))
    person = {"birth_date": born, "sex": "female", "observed_from": born}
    covers = [{"kind": kind, "from": "1900-01-01"} for kind in KINDS]
    return reader.from_history({"person": person, "covers": covers, "records": records}, AS_OF)


def said(found: Reading) -> set[str]:
    return {rule.name for rule, _ in found.rules}


def grown(weight: float, height: float, day: str = "2024-06-01") -> list[Sent]:
    """Weight and height of one day."""
    return [
        coded("measurement", 3025315, day, value=weight, unit="kg"),
        coded("measurement", 3036277, day, value=height, unit="cm"),
    ]


@pytest.mark.parametrize("prediction", ["attendance", "at_risk", "first"])
@pytest.mark.parametrize("concept", [377830, 4202330], ids=["delirium", "convulsion"])
def test_withdrawal_with_delirium_or_a_convulsion_is_an_emergency_of_every_prediction(
    prediction: str, concept: int
) -> None:
    found = read("alcohol_attendance", prediction, [coded("condition", concept)], "1980-01-01")

    urgency = {rule.name: rule.urgency for rule, _ in found.rules}
    assert urgency["withdrawal_emergency"] == "emergency"


def test_a_withdrawal_of_a_month_ago_is_no_emergency_of_today() -> None:
    found = read("alcohol_attendance", "attendance", [coded("condition", 377830, "2024-05-20")], "1980-01-01")

    assert "withdrawal_emergency" not in said(found)


@pytest.mark.parametrize("prediction", ["year_6", "next_measurement"])
def test_a_girl_of_eight_far_above_the_highest_line_is_reviewed_before_any_score(prediction: str) -> None:
    """BMI 60 / 1.3² = 35.5 at 8 years, where the 99.6th centile of girls lies near 22.5 (UK 1990)."""
    found = read("childhood_obesity", prediction, grown(60, 130), "2016-06-01")

    assert "severe" in said(found)


def test_a_girl_of_eight_with_a_usual_weight_hears_no_rule() -> None:
    """BMI 26 / 1.3² = 15.4, near the middle line."""
    assert not said(read("childhood_obesity", "next_measurement", grown(26, 130), "2016-06-01"))


def test_severe_obesity_speaks_where_the_figure_itself_is_not_made() -> None:
    found = read("childhood_obesity", "next_measurement", [*grown(60, 130), coded("condition", 439125)], "2016-06-01")

    assert "other_chart" in {one.code for one in found.reasons}
    assert "severe" in said(found)


def test_a_child_under_one_is_told_that_no_figure_is_usable_yet_and_what_to_do_instead() -> None:
    found = read("childhood_obesity", "next_measurement", [], "2024-01-01")

    (reason,) = (one for one in found.reasons if one.code == "not_usable_yet")
    assert "Plot weight and length" in reason.text


@pytest.mark.parametrize("name", pathways.names())
def test_what_protects_somebody_is_summed_and_never_worded(name: str) -> None:
    """Child protection, and abuse by a partner: whoever reads over a shoulder must not learn of it."""
    for prediction in pathways.load(name).predictions:
        for one in prediction.predictors:
            if any(word in f"{one.name} {one.wording}".lower() for word in ("protection", "abuse by", "safeguard")):
                assert one.restricted, f"{name}.{prediction.name}: {one.name}"
