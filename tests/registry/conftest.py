"""Two small models of the same made-up prediction: one of curves, one of trees."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import lightgbm
import numpy as np
import pytest

from registry.curves import Additive, Curve
from registry.model import Column, Example, Model, Trees
from registry.recalibration import Affine, Recalibration

COLUMNS = (
    Column("age", "age", unit="years", direction="up"),
    Column("egfr", "last eGFR", unit="mL/min/1.73 m2", direction="down", changeable=True),
    Column("smoking", "smoking", levels=("never", "ex", "current")),
)
RECALIBRATION = Recalibration(
    horizons=(365, 1826),
    primary=1826,
    pooled=Affine(1.1, (-2.0, -0.5)),
    places={"London": Affine(0.9, (-2.5, -0.7)), "North": Affine(1.3, (-1.5, -0.2))},
)
CURVES = Additive(
    bias=-2.0,
    curves=(
        Curve(knots=(40.0, 60.0, 80.0), values=(-1.0, 0.0, 2.0), missing=0.25),
        Curve(knots=(30.0, 90.0), values=(1.5, -0.5), missing=-0.1),
        Curve(knots=(), values=(-0.2, 0.1, 0.4), missing=0.0, levels=True),
    ),
)


def made_up_people(count: int, seed: int = 1) -> np.ndarray:
    """Ages, eGFR and smoking of people who do not exist, one value in ten missing."""
    draw = np.random.default_rng(seed)
    values = np.column_stack(
        [draw.uniform(20, 95, count), draw.uniform(20, 110, count), draw.integers(0, 3, count).astype(float)]
    )
    values[draw.random(values.shape) < 0.1] = np.nan
    return values.astype(np.float32)


def trees() -> Trees:
    values = made_up_people(800)
    truth = CURVES.bias + CURVES.contributions(values).sum(axis=1)
    outcome = np.random.default_rng(2).random(len(truth)) < 1 / (1 + np.exp(-truth))
    data = lightgbm.Dataset(values, outcome, feature_name=["age", "egfr", "smoking"], categorical_feature=[2])
    settings = {
        "objective": "binary",
        "verbose": -1,
        "max_depth": 3,
        "num_threads": 1,
        "deterministic": True,
        "seed": 1,
    }
    return Trees(lightgbm.train(settings, data, num_boost_round=20).model_to_string())


def with_examples(model: Model) -> Model:
    values = made_up_people(4, seed=9)
    places = ("London", "North", None, "Wales")
    log_odds, risks = model.log_odds(values), model.risks(values, places)
    return replace(
        model,
        examples=tuple(
            Example(
                tuple(None if np.isnan(value) else float(value) for value in row),
                place,
                float(odds),
                tuple(risk.tolist()),
            )
            for row, place, odds, risk in zip(values, places, log_odds, risks, strict=True)
        ),
    )


@pytest.fixture(scope="session")
def models() -> dict[str, Model]:
    shared = Model(
        pathway="kidney_disease",
        prediction="detection",
        columns=COLUMNS,
        learner=CURVES,
        recalibration=RECALIBRATION,
        profile={"people": 800, "regions": {}, "predictors": {}},
        evidence={"c_statistic": {"value": 0.7, "low": 0.65, "high": 0.75}},
        card="# Kidney disease: detection\n\nMade-up people, “quoted” and − minus.\n",
        examples=(),
        fingerprint="f" * 64,
        made_on=date(2026, 11, 22),
        trained_on="made-up people",
    )
    return {"linear": with_examples(shared), "lightgbm": with_examples(replace(shared, learner=trees()))}


@pytest.fixture(params=["linear", "lightgbm"])
def model(request: pytest.FixtureRequest, models: dict[str, Model]) -> Model:
    return models[request.param]


@pytest.fixture(scope="session")
def people() -> Callable[..., np.ndarray]:
    return made_up_people
