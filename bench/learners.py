"""What training costs: one fit and one examination, over plain LightGBM with as many trees on the same people."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import date
from multiprocessing import get_context
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from bench.clock import alternating, medians, peak_memory
from evaluation.groups import known
from features.table import CENSORED, DEATH, OUTCOME, FeatureTable
from pathways.language import Age, Band, Choice, ConceptSet, Count, Every, Happens, Has, Prediction, Predictor, Records
from registry.model import Model
from registry.recalibration import Affine, Recalibration
from training import evidence
from training.candidates import Candidate
from training.places import practice_spread
from training.profile import profile
from training.sample import Sample, sample
from training.task import Task
from training.trees import grown, settings_for

PREDICTORS, ROUNDS, DEPTH, SEED = 120, 200, 3, 1
YEAR, START, SPAN = 365, 17_000, 1000
"""The horizon, and the days over which index dates are spread."""

VISITS = Records("visits", of=ConceptSet("visits", {9202: "Outpatient Visit"}, kinds="visit"))
KIDNEY_DISEASE = Records("kidney disease", of=ConceptSet("kidney disease", {46271022: "Chronic kidney disease"}))
LEVELS = Choice((Has(VISITS, within=1), "one"), (Has(VISITS, within=2), "two"), otherwise="three")


def task() -> Task:
    """A made-up prediction: one predictor in six may only raise the risk, as in the catalogue, three have levels."""
    predictors = tuple(_predictor(at) for at in range(PREDICTORS))
    prediction = Prediction(
        name="made_up",
        question="Who will have the outcome?",
        outcome_wording="outcome",
        index=Every("year", on="random day"),
        population=Age().at_least(18),
        outcome=Happens(KIDNEY_DISEASE),
        horizons=(YEAR // 2, YEAR),
        primary=YEAR,
        predictors=predictors,
        bands=tuple(Band(at, action="Nothing", owner="nobody") for at in (0.0, 0.05, 0.1)),
        cautions=("Of the bench alone.",),
    )
    return Task("bench", "Bench", prediction, "f" * 64, "people of the bench", date(2026, 1, 1))


def _predictor(at: int) -> Predictor:
    name = f"predictor_{at}"
    if at % 40 == 5:
        return Predictor(name, LEVELS, wording=name)
    return Predictor(name, Count(VISITS), wording=name, direction="up" if at % 6 == 0 else None)


def people(count: int) -> FeatureTable:
    """So many people once each, of whom 1 in 20 has the outcome; some leave, some die, two make a family."""
    draw = np.random.default_rng(SEED)
    values = np.empty((count, PREDICTORS), dtype=np.float32)
    for at in range(PREDICTORS):
        values[:, at] = _drawn(at, count, draw)
    log_odds = -3.6 + sum(0.15 * np.nan_to_num(values[:, at]) for at in range(0, 48, 6)) + 0.5 * values[:, 1]
    happens = draw.random(count) < 1 / (1 + np.exp(-log_odds))
    ends = [np.where(happens, draw.integers(0, YEAR, count), 10**6), draw.exponential(3000, count).astype(int)]
    time = np.minimum(np.minimum.reduce(ends), 2 * YEAR)
    left = np.where(draw.random(count) < 0.2, DEATH, CENSORED)
    axes = {
        "region": draw.choice(["London", "North"], count),
        "area": draw.choice([f"board {at}" for at in range(20)], count),
        "practice": draw.choice([f"practice {at}" for at in range(500)], count),
        "sex": draw.choice(["female", "male"], count),
        "age_band": draw.choice(["18-34", "35-49", "50-64", "65-74", "75+"], count),
        "ethnicity": draw.choice(["A", "C", "D", "H", "J", "K", "M", "N", "R", "S", ""], count),
        "deprivation": draw.choice(["1", "2", "3", "4", "5"], count),
    }
    return FeatureTable(
        columns=tuple(f"predictor_{at}" for at in range(PREDICTORS)),
        values=values,
        person_id=np.arange(count),
        index_day=draw.integers(START, START + SPAN, count).astype(np.int32),
        time=time.astype(np.int32),
        event=np.where(ends[0] == time, OUTCOME, left).astype(np.int8),
        measured=np.ones(count, dtype=bool),
        family=np.arange(count) // 2,
        comparators={"today's rule": values[:, 0].astype(np.float64), "a score": values[:, 6] + draw.random(count)},
        axes=axes,
        data_to=START + SPAN + 2 * YEAR,
    )


def _drawn(at: int, count: int, draw: np.random.Generator) -> NDArray[Any]:
    """Of every six, two are yes or no, two are counts, one is measured in two of three people, one in all."""
    if at % 40 == 5:
        return draw.integers(0, 3, count)
    match at % 6:
        case 1 | 2:
            return draw.random(count) < 0.1
        case 0 | 3:
            return draw.poisson(2, count)
        case 4:
            return np.where(draw.random(count) < 0.33, np.nan, draw.normal(0, 1, count))
        case _:
            return draw.normal(0, 1, count)
