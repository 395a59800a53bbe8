"""QKidney-2010 gives the worked examples and says why it cannot be computed; its numbers are nowhere in the product."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from external import qkidney
from external.sets import TEACHES
from features.person import PersonReader
from features.vocabulary import Vocabulary
from pathways import load
from pathways.definition import CannotCompute, Pathway, Prediction
from pathways.words import KINDS

REPOSITORY = Path(__file__).resolve().parents[2]
TODAY = date(2024, 6, 30)
SYSTOLIC, BMI, HYPERTENSION, TYPE_2, LISINOPRIL, EX_SMOKER, NEVER_SMOKED = (
    3004249,
    3038553,
    320128,
    201826,
    19080128,
    4310250,
    4144272,
)
external = pytest.mark.external


@pytest.fixture(scope="module")
def shared() -> Path:
    return Path(os.environ.get("RISK_SHARED", REPOSITORY.parent / "shared"))


@pytest.fixture(scope="module")
def terms(shared: Path) -> Any:
    found = qkidney.coefficients(shared)
    if found is None:
        pytest.skip(f"the coefficients are not at {shared}")
    return found


@external
def test_the_worked_examples_of_the_specification_come_out_to_the_last_digit(terms: Any, shared: Path) -> None:
    examples = json.loads((shared / "research/comparator_examples_a.json").read_text())
    own = [one for one in examples if one["score"] == "QKidney2010_moderate_severe"]

    assert len(own) == 4
    for one in own:
        given = dict(one["inputs"])
        known = {name: given.pop(name) for name in ("sex", "age", "bmi", "sbp")}
        levels = {
            "townsend": given.pop("town"),
            "ethnic_group": given.pop("ethrisk", 1),
            "smoke": given.pop("smoke_cat", 0),
        }
        for years in (1, 2, 3, 4, 5):
            found = qkidney.risk(terms, **known, **levels, flags=given, years=years)
            assert round(100 * found, 4) == one["outputs"][f"risk_{years}y_pct"]


def _risk(terms: Any, **changed: Any) -> float:
    return qkidney.risk(terms, **({"sex": "male", "age": 60, "bmi": 27, "sbp": 140, "flags": {}} | changed))


@external
def test_outside_its_limits_the_score_is_not_computed_and_bmi_is_clipped(terms: Any) -> None:
    for beyond in ({"age": 34}, {"age": 75}):
        with pytest.raises(CannotCompute, match="age outside 35 to 74"):
            _risk(terms, **beyond)
    for beyond in ({"sbp": 69}, {"sbp": 211}):
        with pytest.raises(CannotCompute, match="pressure outside 70 to 210"):
            _risk(terms, **beyond)
    assert _risk(terms, bmi=15) == _risk(terms, bmi=20)
    assert _risk(terms, bmi=55) == _risk(terms, bmi=40)


# From a record ------------------------------------------------------------------------------------------------------


def _answers(terms: Any, *records: dict[str, Any], **person: Any) -> list[tuple[float | None, str | None]]:
    """Both versions of the score for one person, through the language."""
    detection = load("kidney_disease").prediction("detection")
    asked = Prediction(
        "qkidney",
        index=detection.index,
        population=detection.population,
        outcome=detection.outcome,
        horizons=detection.horizons,
        predictors=detection.predictors[:1],
        comparator=qkidney.comparators(terms),
    )
    reader = PersonReader(Pathway(title="QKidney", predictions=(asked,)), asked, Vocabulary({}))
    about = {"birth_date": "1964-03-01", "sex": "male", "observed_from": "2000-01-01"} | person
    covers = [{"kind": kind, "from": "1900-01-01"} for kind in KINDS]
    found = reader.from_history({"person": about, "covers": covers, "records": list(records)}, TODAY)
    return [(value, why) for _, value, why in found.comparators]


def _coded(kind: str, concept: int, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "concept_id": concept, "date": "2024-05-01"} | more


MEASURED = (
    _coded("measurement", SYSTOLIC, value=150, unit_concept_id=8876),
    _coded("measurement", BMI, value=32, unit_concept_id=9531),
)
TREATED = (
    _coded("condition", HYPERTENSION),
    _coded("condition", TYPE_2),
    _coded("medication", LISINOPRIL),
    _coded("observation", EX_SMOKER),
)


@external
def test_a_record_becomes_the_inputs_of_the_second_example(terms: Any) -> None:
    # Man of 60, BMI 32, pressure 150, type 2 diabetes, treated hypertension, Bangladeshi, ex-smoker; 17.4927% at a
    # Townsend score of 3. Here the score knows the deprivation fifth: 2 stands for a Townsend score of 2.2.
    fifth = {"deprivation": {"fifth": 2, "release": "IMD2019"}, "ethnicity": "K"}

    (recorded, _), (filled, _) = _answers(terms, *MEASURED, *TREATED, **fifth)

    known = {"bmi": 32, "sbp": 150, "ethnic_group": 4, "smoke": 1, "flags": {"b_type2": 1, "b_treatedhyp": 1}}
    assert recorded == pytest.approx(_risk(terms, townsend=2.2, **known), rel=1e-9)
    assert filled == pytest.approx(_risk(terms, townsend=0, **known), rel=1e-9)
    assert _risk(terms, townsend=3, **known) == pytest.approx(0.174927, abs=5e-7)


@external
def test_what_is_not_recorded_is_said_and_ethnicity_not_recorded_is_a_group_of_the_score(terms: Any) -> None:
    (value, why), (filled, _) = _answers(terms, *MEASURED)

    assert (value, why) == (None, "cannot be computed without smoking and deprivation")
    assert filled == pytest.approx(_risk(terms, bmi=32, sbp=150), rel=1e-9)
    assert _answers(terms, *MEASURED, birth_date="1944-03-01")[1] == (None, "age outside 35 to 74")
    lacks = "the latest body mass index in the last 5 years and the latest systolic blood pressure in the last 2 years"
    assert _answers(terms)[1] == (None, f"cannot be computed without {lacks}")


@external
def test_hypertension_counts_only_if_a_medicine_was_prescribed(terms: Any) -> None:
    never = _coded("observation", NEVER_SMOKED)
    untreated = _answers(terms, *MEASURED, never, _coded("condition", HYPERTENSION))[1]

    assert untreated == _answers(terms, *MEASURED, never)[1]
    assert untreated < _answers(terms, *MEASURED, never, *TREATED[:1], TREATED[2])[1]


# Beside detection -----------------------------------------------------------------------------------------------------


@external
def test_at_every_index_date_there_is_the_score_or_a_reason(run: Any, sets: Any, terms: Any) -> None:
    # Synthea records smoking as text, so nobody's is known; the second version takes it as never.
    table, detection = run.tables[TEACHES], load("kidney_disease").prediction("detection")

    recorded, filled = qkidney.beside(sets[TEACHES], detection, table, run.taught.model, terms)

    for one in (recorded, filled):
        without = sum(count for _, count in one.reasons)
        assert one.ranks["computable"] == pytest.approx(1 - without / len(table), abs=0.005)
    assert recorded.ranks["computable"] == 0 and all("smoking" in why for why, _ in recorded.reasons)
    assert filled.ranks["computable"] > 0.2 and "age outside 35 to 74" in dict(filled.reasons)
    assert "Its outcome is not ours" in qkidney.text((recorded, filled))


# The licence --------------------------------------------------------------------------------------------------------


@external
def test_no_coefficient_of_the_score_is_in_the_repository(terms: Any) -> None:
    numbers = {repr(value)[:9] for own in terms.values() for value in own.values() if len(repr(value)) > 12}
    listed = subprocess.run(["git", "ls-files"], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    texts = [REPOSITORY / name for name in listed.stdout.split() if name.endswith((".py", ".md", ".json", ".csv"))]

    assert len(numbers) > 90
    assert [path.name for path in texts if any(number in path.read_text("utf-8") for number in numbers)] == []


def test_where_the_research_is_absent_nothing_is_computed(tmp_path: Path) -> None:
    assert qkidney.coefficients(tmp_path) is None
