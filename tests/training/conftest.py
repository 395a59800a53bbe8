"""Made-up people whose true risk is known: two regions, families, people who leave and people who die."""

from collections.abc import Callable
from datetime import date

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from features.table import CENSORED, DEATH, OUTCOME, FeatureTable
from pathways.language import (
    Age,
    Band,
    Choice,
    ConceptSet,
    Count,
    Every,
    Happens,
    Has,
    Latest,
    Pathway,
    Prediction,
    Predictor,
    Records,
    Unit,
    days,
)
from training.task import Task

HORIZON = 1826

EGFR = Records(
    "eGFR",
    of=ConceptSet("eGFR", exact={3049187: "Glomerular filtration rate"}, kinds="measurement"),
    units=Unit(720870, "mL/min/1.73 m2"),
    plausible=(1, 200),
)
DIABETES = Records("diabetes", of=ConceptSet("diabetes", {201820: "Diabetes mellitus"}))
KIDNEY_DISEASE = Records("kidney disease", of=ConceptSet("kidney disease", {46271022: "Chronic kidney disease"}))
SMOKES = Records("smokes", of=ConceptSet("smokes", {4298794: "Smoker"}, kinds="observation"))
SMOKED = Records("smoked", of=ConceptSet("smoked", {4310250: "Ex-smoker"}, kinds="observation"))
VISITS = Records("visits", of=ConceptSet("visits", {9202: "Outpatient Visit"}, kinds="visit"))

DETECTION = Prediction(
    name="detection",
    question="Who will be found to have kidney disease?",
    outcome_wording="kidney disease found",
    index=Every("year", on="random day"),
    population=Age().at_least(18),
    outcome=Happens(KIDNEY_DISEASE),
    horizons=(365, HORIZON),
    primary=HORIZON,
    look_back=days(1826),
    predictors=(
        Predictor("age", Age(), wording="age", unit="years", plausible=(18, 120), direction="up"),
        Predictor(
            "egfr",
            Latest(EGFR, within=days(1826)),
            wording="last eGFR",
            unit="mL/min/1.73 m2",
            plausible=(1, 200),
            direction="down",
            changeable=True,
        ),
        Predictor("diabetes", Has(DIABETES, within=days(1826)), wording="diabetes", direction="up"),
        Predictor(
            "smoking",
            Choice((Has(VISITS, within=days(1)), "never"), (Has(SMOKED, within=days(1826)), "ex"), otherwise="current"),
            wording="smoking",
        ),
        Predictor("visits", Count(VISITS, within=days(365)), wording="visits in the last year"),
    ),
    bands=(
        Band(0.0, action="Nothing more", owner="general practice"),
        Band(0.2, action="Repeat the eGFR", owner="general practice"),
    ),
    cautions=("Not for people on dialysis.",),
)
PATHWAY = Pathway(title="Made-up kidney disease", predictions=(DETECTION,))
TASK = Task("made_up", PATHWAY.title, DETECTION, "f" * 64, "made-up people, records to 2025-12-31", date(2026, 11, 22))
COLUMNS = TASK.columns


def truth(values: np.ndarray) -> np.ndarray:
    """The true log-odds of the outcome within five years, before the region is added: straight lines."""
    age, egfr, diabetes, smoking, _ = np.nan_to_num(values.astype(float)).T
    missing = np.isnan(values[:, 1])
    kidney = np.where(missing, 0.3, -0.04 * (egfr - 70))
    return -2.6 + 0.05 * (age - 60) + kidney + 0.7 * diabetes + np.array([0, 0.2, 0.5])[smoking.astype(int)]


def crossed(values: np.ndarray) -> np.ndarray:
    """A truth that no sum of curves can follow: visits raise the risk in the old and lower it in the young."""
    age, visits = values[:, 0], values[:, 4]
    return truth(values) + 1.6 * np.where(age > 60, 1, -1) * np.where(visits > 4, 1, -1)


def people(count: int, seed: int = 1, true: Callable[[np.ndarray], np.ndarray] = truth) -> FeatureTable:
    """A feature table of made-up people with index dates from 2010 to 2020 and records to the end of 2025."""
    draw = np.random.default_rng(seed)
    region = draw.choice(["London", "North"], count, p=[0.4, 0.6])
    age = draw.uniform(30, 90, count)
    values = np.column_stack(
        [
            age,
            draw.normal(80, 18, count),
            draw.random(count) < 0.2,
            draw.integers(0, 3, count),
            draw.poisson(4, count),
        ]
    ).astype(np.float32)
    values[draw.random(count) < 0.15, 1] = np.nan
    log_odds = true(values) + np.where(region == "London", -0.3, 0.2)
    return _followed(values, region, age, log_odds, draw)


def _followed(values, region, age, log_odds, draw) -> FeatureTable:
    count = len(values)
    happens = draw.random(count) < 1 / (1 + np.exp(-log_odds))
    outcome_day = np.where(happens, draw.integers(0, HORIZON, count), 10**6)
    leaves = draw.exponential(9000, count).astype(int)
    start = draw.integers(14610, 18262, count)
    end = 20454 - start
    time = np.minimum.reduce([outcome_day, leaves, end])
    event = np.where(outcome_day == time, OUTCOME, CENSORED).astype(np.int8)
    dies = (event == CENSORED) & (leaves == time) & (draw.random(count) < 0.2)
    person = 987654321000 + np.arange(count)
    return FeatureTable(
        columns=tuple(column.name for column in COLUMNS),
        values=values,
        person_id=person,
        index_day=start.astype(np.int32),
        time=time.astype(np.int32),
        event=np.where(dies, DEATH, event).astype(np.int8),
        measured=np.ones(count, dtype=bool),
        family=(person // 2).astype(np.int64),
        comparators={"Last eGFR": -values[:, 1].astype(np.float64), "Age alone": values[:, 0].astype(np.float64)},
        axes={
            "region": region,
            "area": np.full(count, ""),
            "practice": np.full(count, ""),
            "sex": draw.choice(["female", "male"], count),
            "age_band": np.array(["18-34", "35-49", "50-64", "65-74", "75+"])[
                np.searchsorted([35, 50, 65, 75], age, side="right")
            ],
            "ethnicity": draw.choice(["A", "J", "N", ""], count, p=[0.7, 0.1, 0.1, 0.1]),
            "deprivation": draw.choice(["1", "2", "3", "4", "5"], count),
        },
        attrition=(("in the records", count + 40), ("aged 18 or over", count)),
        data_to=20453,
    )


def repeated(table: FeatureTable, times: int) -> FeatureTable:
    """The same people, each with so many index dates on which nothing had changed."""
    return table.rows(np.repeat(np.arange(len(table)), times))


@pytest.fixture(scope="session")
def repeat() -> Callable[[FeatureTable, int], FeatureTable]:
    return repeated


@pytest.fixture(scope="session")
def draw_people() -> Callable[..., FeatureTable]:
    return people


@pytest.fixture(scope="session")
def truths() -> dict[str, Callable[[np.ndarray], np.ndarray]]:
    return {"straight": truth, "crossed": crossed}


@pytest.fixture(scope="session")
def task() -> Task:
    return TASK


@pytest.fixture(scope="session")
def pathway() -> Pathway:
    return PATHWAY


@pytest.fixture(scope="session")
def straight() -> FeatureTable:
    return people(20_000)


@pytest.fixture(scope="session")
def crossing() -> FeatureTable:
    return people(20_000, true=crossed)


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """As `train` does: threads that wait for one another on a busy machine take ten times as long."""
    with threadpool_limits(1):
        yield
