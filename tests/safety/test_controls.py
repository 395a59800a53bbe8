"""Controls of the hazard log on detection: what is doubtful is left out and said, never guessed."""

from __future__ import annotations

import ast
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pathways
from features.person import PersonReader, Reading
from features.vocabulary import Vocabulary
from pathways.words import KINDS

REPOSITORY = Path(__file__).resolve().parents[2]
TODAY = date(2024, 6, 30)
CREATININE, EGFR = 3020564, 40764999
UMOL_PER_LITRE, MG_PER_DL, POUNDS = 8749, 8840, 8739


def test_a_creatinine_in_a_unit_that_nobody_listed_is_left_out_and_said_and_never_read_as_another() -> None:
    read = reading(creatinine(90, unit_concept_id=POUNDS))

    assert left_out(read) == ["1 record left out: unit not accepted."]
    assert wanting(read) == ["eGFR or creatinine in the last 5 years"]


def test_a_unit_in_words_that_nobody_listed_is_left_out_too() -> None:
    assert left_out(reading(creatinine(90, unit="grain per gallon"))) == ["1 record left out: unit not accepted."]


def test_a_creatinine_that_no_living_person_has_is_left_out_and_said() -> None:
    # The range is 15 to 2,500 umol/L: 1.02 mg/dL is 90 umol/L, but 1.02 umol/L is nobody's.
    read = reading(creatinine(1.02, unit_concept_id=UMOL_PER_LITRE))

    assert left_out(read) == ["1 record left out: implausible."]
    assert wanting(read) == ["eGFR or creatinine in the last 5 years"]


def test_the_same_creatinine_in_either_unit_gives_the_same_egfr() -> None:
    by_mass = reading(creatinine(1.0, unit_concept_id=MG_PER_DL))
    by_substance = reading(creatinine(88.4, unit_concept_id=UMOL_PER_LITRE))

    assert value("egfr_last", by_mass) == value("egfr_last", by_substance)
    assert not left_out(by_mass)


def test_of_an_empty_record_without_coverage_nothing_can_be_told() -> None:
    read = reading(covers=[])

    assert read.eligible is None
    assert read.reasons


def test_somebody_never_tested_lacks_what_is_required_and_is_told_what_to_supply() -> None:
    read = reading()

    assert wanting(read) == ["eGFR or creatinine in the last 5 years"]
    assert all(missing.supply for missing in read.missing if missing.required)


def test_somebody_last_tested_long_ago_is_told_when() -> None:
    read = reading(creatinine(90, unit_concept_id=UMOL_PER_LITRE, day="2012-05-01"))

    assert [missing.last_seen for missing in read.missing if missing.required] == [date(2012, 5, 1)]


def test_a_code_that_is_not_mapped_is_counted_and_announced() -> None:
    read = reading({"kind": "condition", "system": "http://snomed.info/sct", "code": "73211009", "date": "2020-01-01"})

    assert "code_not_mapped" in [code for code, _ in read.warnings]
    assert read.eligible is None, "a kind with a record that cannot be mapped is not complete"


def test_no_code_of_ours_makes_a_clinical_signature() -> None:
    made = [
        f"{path.relative_to(REPOSITORY)}:{node.value.lineno}"
        for package in (
            "pathways",
            "features",
            "evaluation",
            "registry",
            "training",
            "serving",
            "monitoring",
            "synthetic",
        )
        for path in (REPOSITORY / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.keyword) and node.arg == "signed_until"
    ]

    # The one place is where a bundle's own date is read back.
    assert [place.split(":")[0] for place in made] == ["registry/plain.py"]


def test_detection_requires_something_says_how_to_supply_it_and_cautions() -> None:
    prediction = reader().prediction

    assert prediction.requires
    assert all(one.supply for one in prediction.requires)
    assert any("only in people who are tested" in caution for caution in prediction.cautions)


@cache
def reader() -> PersonReader:
    pathway = pathways.load("kidney_disease")
    return PersonReader(pathway, pathway.prediction("detection"), Vocabulary({}))


def creatinine(value: float, day: str = "2024-01-10", **unit: Any) -> dict[str, Any]:
    return {"kind": "measurement", "concept_id": CREATININE, "date": day, "value": value} | unit


def reading(*records: dict[str, Any], covers: list[dict[str, str]] | None = None) -> Reading:
    """What is read of a man of 64, registered since 2000, with these records and no others."""
    everything = [{"kind": kind, "from": "1900-01-01"} for kind in KINDS]
    person = {"birth_date": "1960-03-01", "sex": "male", "observed_from": "2000-01-01"}
    history = {"person": person, "covers": everything if covers is None else covers, "records": list(records)}
    return reader().from_history(history, TODAY)


def value(name: str, read: Reading) -> float:
    names = [predictor.name for predictor in reader().prediction.predictors]
    return float(read.predictors[names.index(name)])


def left_out(read: Reading) -> list[str]:
    return [text for code, text in read.warnings if code == "record_left_out"]


def wanting(read: Reading) -> list[str]:
    return [missing.input for missing in read.missing if missing.required]
