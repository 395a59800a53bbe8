"""The American tool for breast cancer against worked examples of an independent implementation."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from pathways.bcrat import bcrat
from pathways.definition import CannotCompute
from pathways.words import ETHNICITIES

CODE = {"White": "A", "Black": "N", "Asian": "H", "Chinese": "R"}
UNKNOWN, NULLIPAROUS = 99, 98


def _examples(research: Path) -> list[dict[str, Any]]:
    found = json.loads((research / "test_vectors_b.json").read_text())
    return [one for one in (found["vectors"] if isinstance(found, dict) else found) if one["score"] == "BCRAT"]


def _ours(told: dict[str, Any]) -> float:
    menarche, first = told["menarche"], told["first_live_birth"]
    known = {UNKNOWN: 0, NULLIPAROUS: 27}  # the tool puts those without children with 25 to 29 years
    return bcrat(
        round((told["t2"] - told["t1"]) * 365.25),
        age=told["t1"],
        ethnicity=float(ETHNICITIES.index(CODE[told["race"]])),
        biopsies=0 if told["n_biopsy"] == UNKNOWN else told["n_biopsy"],
        menarche=2 if menarche == UNKNOWN or menarche >= 14 else 1 if menarche >= 12 else 0,
        first_birth=math.nan if first == UNKNOWN else known.get(first, first),
        relatives=0 if told["relatives"] == UNKNOWN else told["relatives"],
    )


@pytest.mark.external
def test_it_gives_the_worked_examples_whose_biopsies_have_no_known_result(research: Path) -> None:
    told = [one for one in _examples(research) if one["inputs"]["hyperplasia"] == UNKNOWN]
    told = [one for one in told if one["inputs"]["t1"] >= 20 and float(one["inputs"]["t1"]).is_integer()]

    assert len(told) >= 9
    for one in told:
        assert 100 * _ours(one["inputs"]) == pytest.approx(one["outputs"]["risk_pct"], abs=5e-7)


def test_a_woman_of_mixed_or_other_ethnicity_has_the_rates_that_the_tool_has_for_other() -> None:
    risks = {
        code: bcrat(1826, age=50, ethnicity=float(ETHNICITIES.index(code)), biopsies=0, menarche=2, relatives=1)
        for code in "ADSNR"
    }

    assert risks["A"] == risks["D"] == risks["S"] > risks["N"] and risks["A"] > risks["R"]


@pytest.mark.parametrize("age", [19.9, 85.0])
def test_outside_20_to_84_years_there_is_no_answer(age: float) -> None:
    with pytest.raises(CannotCompute, match="20 to 84"):
        bcrat(1826, age=age, ethnicity=0.0, biopsies=0, menarche=2, relatives=0)
