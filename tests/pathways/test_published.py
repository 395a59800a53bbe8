"""Published scores against the packages and worked examples of others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pathways.definition import CannotCompute
from pathways.published import kfre_4, kfre_8

HORIZONS = {2: 730, 5: 1826}
OTHER_FOUR = ("albumin", "phosphate", "bicarbonate", "adjusted_calcium")


@pytest.fixture(scope="module")
def people() -> pd.DataFrame:
    """400 made-up people over the whole range in which the equation is used."""
    draw = np.random.default_rng(7)
    return pd.DataFrame(
        {
            "age": draw.integers(18, 100, 400),
            "sex": draw.integers(0, 2, 400),
            "egfr": draw.uniform(10, 59.9, 400),
            "urine_acr": np.exp(draw.uniform(np.log(0.3), np.log(600), 400)),
            "albumin": draw.uniform(20, 50, 400),
            "phosphate": draw.uniform(0.6, 2.5, 400),
            "bicarbonate": draw.uniform(12, 32, 400),
            "adjusted_calcium": draw.uniform(1.8, 2.8, 400),
        }
    )


@pytest.fixture(scope="module")
def by_the_package(people: pd.DataFrame) -> Any:
    """The risks by the package kfre, which takes mg/g, g/dL and mg/dL."""
    from kfre import predict_kfre

    table = people.assign(
        sex_text=np.where(people.sex == 1, "male", "female"),
        uacr=people.urine_acr / 0.11312,
        albumin=people.albumin / 10,
        phosphorous=people.phosphate * 3.1,
        calcium=people.adjusted_calcium * 4,
    )
    columns = {
        "age": "age",
        "sex": "sex_text",
        "eGFR": "egfr",
        "uACR": "uacr",
        "albumin": "albumin",
        "phosphorous": "phosphorous",
        "bicarbonate": "bicarbonate",
        "calcium": "calcium",
        "dm": "dm",
        "htn": "htn",
    }
    return lambda years, variables: predict_kfre(
        table, columns, years, is_north_american=False, use_extra_vars=variables > 4, num_vars=variables
    ).to_numpy()


@pytest.mark.parametrize("years", [2, 5])
def test_the_four_variable_equation_is_that_of_the_package_kfre(years: int, people: pd.DataFrame, by_the_package: Any):
    ours = [kfre_4(HORIZONS[years], **person) for person in people.drop(columns=list(OTHER_FOUR)).to_dict("records")]

    assert ours == pytest.approx(by_the_package(years, 4), abs=1e-9)


@pytest.mark.parametrize("years", [2, 5])
def test_the_eight_variable_equation_is_that_of_the_package_kfre(years: int, people: pd.DataFrame, by_the_package: Any):
    ours = [kfre_8(HORIZONS[years], **person) for person in people.to_dict("records")]

    assert ours == pytest.approx(by_the_package(years, 8), abs=1e-9)


def test_both_give_the_worked_examples_of_the_specification(research: Path) -> None:
    for example in json.loads((research / "comparator_examples_a.json").read_text()):
        if not example["score"].startswith("KFRE"):
            continue
        given = example["inputs"]
        person = {
            "age": given["age"],
            "sex": given["male"],
            "egfr": given["egfr"],
            "urine_acr": given["acr_mg_per_mmol"],
        }
        equation = kfre_4
        if "albumin_g_l" in given:
            equation = kfre_8
            person |= {"albumin": given["albumin_g_l"], "phosphate": given["phosphate_mmol_l"]}
            person |= {"bicarbonate": given["bicarbonate_mmol_l"], "adjusted_calcium": given["calcium_mmol_l"]}

        risks = [100 * equation(horizon, **person) for horizon in (730, 1826)]

        assert risks == pytest.approx([example["outputs"]["risk_2y_pct"], example["outputs"]["risk_5y_pct"]], abs=1e-4)


def test_the_equation_is_not_computed_for_people_for_whom_it_was_not_made() -> None:
    person = {"age": 70, "sex": 0, "egfr": 60, "urine_acr": 3}

    with pytest.raises(CannotCompute, match="below 60"):
        kfre_4(1826, **person)
    with pytest.raises(CannotCompute, match="female or male"):
        kfre_4(1826, **(person | {"sex": 2, "egfr": 50}))
