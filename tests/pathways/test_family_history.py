"""NICE's family history criteria for breast cancer, from the records of relatives, against the worked examples."""

from __future__ import annotations

import json
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from features.person import PersonReader, Reading
from features.vocabulary import Vocabulary, expand
from pathways import load
from pathways.parts import concept_sets
from pathways.words import KINDS

BREAST, OVARY, JEWISH, GENE = 4112853, 4181351, 44810892, 42535500
ASKED = date(2025, 6, 1)


@cache
def reader() -> PersonReader:
    pathway = load("breast_cancer")
    found: Vocabulary = expand(concept_sets(pathway), {})
    return PersonReader(pathway, pathway.prediction("cancer"), found)


def read(relatives: list[dict[str, Any]], *own: tuple[str, int]) -> Reading:
    """A woman of 45 who tells of her relatives."""
    history = {
        "person": {"birth_date": "1980-01-01", "sex": "female", "observed_from": "2010-01-01"},
        "covers": [{"kind": kind, "from": "1900-01-01"} for kind in KINDS],
        "records": [{"kind": kind, "concept_id": concept, "date": "2020-01-01"} for kind, concept in own],
        "relatives": relatives,
    }
    return reader().from_history(history, ASKED)


def relative(relation: str, sex: str, breast: int | None = None, ovary: bool = False) -> dict[str, Any]:
    """Somebody born on 1 January 1940; `breast` is the age in completed years."""
    born = date(1940, 1, 1)
    records = []
    if breast is not None:
        day = date(1940 + breast, 1, 1) + timedelta(days=100)
        records.append({"kind": "condition", "concept_id": BREAST, "date": day.isoformat()})
    if ovary:
        records.append({"kind": "condition", "concept_id": OVARY, "date": "2000-01-01"})
    return {"relation": relation, "person": {"birth_date": born.isoformat(), "sex": sex}, "records": records}


def said(reading: Reading) -> str:
    names = {"gene": "genetics", "refer": "refer", "advice": "advice", "primary_care": "primary care"}
    found = [names[rule.name] for rule, _ in reading.rules if rule.name in names]
    return found[0] if found else "no family history"


@pytest.mark.external
def test_relatives_are_judged_as_in_the_research(research: Path) -> None:
    examples = [
        one
        for one in json.loads((research / "test_vectors_b.json").read_text())
        # No concept says that a cancer was of both breasts, so the rules ask for it.
        if one["score"] == "NICE_CG164" and not any(r.get("bilateral_first_age") for r in one["inputs"]["relatives"])
    ]
    assert len(examples) == 12
    for one in examples:
        told = one["inputs"]
        of_degree = {1: {"F": "mother", "M": "father"}, 2: {"F": "second_degree", "M": "second_degree"}}
        sex = {"F": "female", "M": "male"}
        family = [
            relative(of_degree[r["degree"]][r["sex"]], sex[r["sex"]], r.get("breast"), bool(r.get("ovarian")))
            for r in told["relatives"]
        ]
        own = [("observation", JEWISH)] if told.get("jewish") else []
        own += [("family_history", GENE)] if told.get("known_gene") else []

        assert said(read(family, *own)) == one["outputs"]["result"], one


def test_two_codes_of_one_mother_are_one_relative() -> None:
    mother = relative("mother", "female", 55)
    mother["records"].append(mother["records"][0] | {"date": "2001-01-01"})

    assert said(read([mother])) == "primary care"


def test_two_sisters_over_40_are_two_relatives() -> None:
    assert said(read([relative("sibling", "female", 50), relative("sibling", "female", 60)])) == "refer"


def test_a_relative_without_cancer_is_nobody_to_refer_for() -> None:
    assert said(read([relative("mother", "female")])) == "no family history"


def test_without_relatives_nothing_is_said_of_them_and_the_category_is_not_computed() -> None:
    reading = read([])
    category = {one.name: (value, why) for one, value, why in reading.comparators}["NICE family history"]

    assert said(reading) == "no family history"
    assert category == (None, "no relative's record is linked or was sent")


def test_what_referred_names_the_record_that_did() -> None:
    (records,) = [records for rule, records in read([relative("mother", "female", 39)]).rules if rule.name == "refer"]

    assert [(one.day, one.of) for one in records] == [
        (date(1979, 4, 11), "a woman's breast cancer of a first-degree relative")
    ]
