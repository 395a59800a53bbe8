"""Made-up people whose true risk is known, and the model that is right about them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from evaluation.disclosure import suppress, suppress_table
from features.table import CENSORED, OUTCOME, FeatureTable
from registry.curves import Additive, Curve
from registry.model import Column, Example, Model
from registry.profile import counts
from registry.recalibration import Affine, Recalibration

HORIZON = 365
LAST_DAY = 20453
THRESHOLD = 0.2
LONDON, NORTH = "E12000007", "E12000002"
COLUMNS = (
    Column("age", "age", unit="years", direction="up"),
    Column("egfr", "last eGFR", unit="mL/min/1.73 m2", direction="down", changeable=True),
    Column("smoking", "smoking", levels=("never", "ex", "current")),
)
BINS = {
    "age": {
        "edges": [40.0, 55.0, 70.0],
        "outside": [18.0, 110.0],
        "levels": [],
        "bins": ["under 40", "40 to under 55", "55 to under 70", "70 and over", "missing", "unseen"],
    },
    "egfr": {
        "edges": [50.0, 65.0, 80.0, 95.0],
        "outside": [1.0, 200.0],
        "levels": [],
        "bins": ["under 50", "50 to under 65", "65 to under 80", "80 to under 95", "95 and over", "missing", "unseen"],
    },
    "smoking": {
        "edges": [],
        "outside": None,
        "levels": ["never", "ex", "current"],
        "bins": ["never", "ex", "current", "missing", "unseen"],
    },
}
CURVES = Additive(
    bias=-2.2,
    curves=(
        Curve(knots=(30.0, 90.0), values=(-1.8, 1.8), missing=0.0),
        Curve(knots=(30.0, 110.0), values=(1.6, -1.0), missing=0.1),
        Curve(knots=(), values=(-0.2, 0.1, 0.4), missing=0.0, levels=True),
    ),
)
RECALIBRATION = Recalibration(
    horizons=(HORIZON,),
    primary=HORIZON,
    pooled=Affine(1.0, (0.0,)),
    places={LONDON: Affine(1.0, (-0.2,)), NORTH: Affine(1.0, (0.1,))},
)


def made_up(count: int, seed: int = 1, dates_each: int = 1, odds: float = 1.0) -> FeatureTable:
    """People of two regions; their true odds of the outcome are `odds` times those that the model gives them."""
    draw = np.random.default_rng(seed)
    person = np.repeat(987654321000 + np.arange(count), dates_each)
    rows = len(person)
    values = np.column_stack(
        [
            np.repeat(draw.uniform(25, 90, count), dates_each),
            draw.normal(78, 18, rows).clip(5, 150),
            np.repeat(draw.integers(0, 3, count), dates_each),
        ]
    ).astype(np.float32)
    values[draw.random(rows) < 0.1, 1] = np.nan
    region = np.repeat(draw.choice([LONDON, NORTH], count, p=[0.4, 0.6]), dates_each)
    risk = RECALIBRATION.risks(CURVES.bias + CURVES.contributions(values).sum(axis=1), region.tolist())[:, 0]
    return _followed(values, person, region, odds * risk / (1 - risk + odds * risk), draw)


def _followed(values, person, region, risk, draw) -> FeatureTable:
    rows = len(person)
    happens = draw.random(rows) < risk
    outcome_day = np.where(happens, draw.integers(0, HORIZON, rows), 10**6)
    leaves = draw.exponential(4000, rows).astype(int)
    start = draw.integers(LAST_DAY - 1500, LAST_DAY - 100, rows)
    time = np.minimum.reduce([outcome_day, leaves, LAST_DAY + 1 - start])
    event = np.where(outcome_day == time, OUTCOME, CENSORED)
    age = values[:, 0]
    return FeatureTable(
        columns=tuple(column.name for column in COLUMNS),
        values=values,
        person_id=person,
        index_day=start.astype(np.int32),
        time=time.astype(np.int32),
        event=event.astype(np.int8),
        measured=np.ones(rows, dtype=bool),
        family=person // 2,
        comparators={},
        axes={
            "region": region,
            "area": np.full(rows, ""),
            "practice": np.full(rows, ""),
            "sex": np.array(["female", "male"])[person % 2],
            "age_band": np.array(["18-34", "35-49", "50-64", "65-74", "75+"])[
                np.searchsorted([35, 50, 65, 75], age, side="right")
            ],
            "ethnicity": np.array(["A", "A", "A", "J", "N", "Z"])[person % 6],
            "deprivation": np.array(["1", "2", "3", "4", "5"])[person % 5],
        },
        data_to=LAST_DAY,
    )


def profile_of(table: FeatureTable) -> dict:
    """The frozen profile that training would make of these people, with the bins above."""
    places = {str(place): table.axes["region"] == place for place in np.unique(table.axes["region"])}
    predictors = {}
    for at, (name, found) in enumerate(BINS.items()):
        shown = {
            place: list(suppress_table(dict(enumerate(counts(found, table.values[here, at]).tolist()))).values())
            for place, here in {"": np.ones(len(table), dtype=bool), **places}.items()
        }
        predictors[name] = {**found, "overall": shown.pop(""), "by_region": shown}
    return {
        "people": suppress(len(np.unique(table.person_id))),
        "rows": suppress(len(table)),
        "regions": {place: suppress(int(here.sum())) for place, here in places.items()},
        "predictors": predictors,
    }


def model_of(table: FeatureTable) -> Model:
    model = Model(
        pathway="kidney_disease",
        prediction="detection",
        columns=COLUMNS,
        learner=CURVES,
        recalibration=RECALIBRATION,
        profile=profile_of(table),
        evidence={},
        card="# Made up\n",
        examples=(),
        fingerprint="f" * 64,
        made_on=date(2026, 1, 5),
        trained_on="Synthetic London and North of England",
    )
    values = np.array([[50, 80, 1], [70, np.nan, 2]], dtype=np.float32)
    return replace(
        model,
        examples=tuple(
            Example(tuple(None if np.isnan(v) else float(v) for v in row), None, float(odds), (float(risk[0]),))
            for row, odds, risk in zip(values, model.log_odds(values), model.risks(values, [None, None]), strict=True)
        ),
    )


def risks_of(model: Model, table: FeatureTable) -> np.ndarray:
    return model.risks(table.values, table.axes["region"].tolist())[:, 0]


@pytest.fixture(scope="session")
def people() -> Callable[..., FeatureTable]:
    return made_up


@pytest.fixture(scope="session")
def model() -> Model:
    return model_of(made_up(20_000, seed=1))


@pytest.fixture(scope="session")
def risks() -> Callable[..., np.ndarray]:
    return risks_of


@pytest.fixture(scope="session", name="profile_of")
def profiles() -> Callable[..., dict]:
    return profile_of
