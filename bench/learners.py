"""What training costs: one fit and one examination, over plain LightGBM with as many trees on the same people."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from bench.clock import alternating, medians, peak_memory
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
    Prediction,
    Predictor,
    Records,
    days,
)
from registry.model import Model
from registry.recalibration import Affine, Recalibration
from training.candidates import Candidate
from training.evidence import Examined
from training.profile import profile
from training.sample import Sample, sample
from training.task import Task
from training.train import examination
from training.trees import Boosted, one_fit

PREDICTORS, ROUNDS, DEPTH, SEED = 120, 200, 3, 1
"""About as many trees as training takes for the model of the servers (`bench.model`)."""
YEAR, START, SPAN = 365, 17_000, 1000
"""The horizon, and the days over which index dates are spread."""
FIT_GOAL, EXAMINATION_GOAL = 1.3, 2.0

VISITS = Records("visits", of=ConceptSet("visits", {9202: "Outpatient Visit"}, kinds="visit"))
KIDNEY_DISEASE = Records("kidney disease", of=ConceptSet("kidney disease", {46271022: "Chronic kidney disease"}))
LEVELS = Choice((Has(VISITS, within=days(1)), "one"), (Has(VISITS, within=days(30)), "two"), otherwise="three")


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


def measure(count: int, repeats: int) -> dict[str, Any]:
    """CPU seconds of plain LightGBM, of our fit and of examining one model; whoever calls has a process for it.

    All on one thread. Plain LightGBM gets the same predictors, outcomes, number and depth of trees, and all else by its
    own defaults; ours has weights, monotone constraints, the same bits every time and leaves of 8 people besides.
    """
    asked, table = task(), people(count)
    with threadpool_limits(1):
        taught = sample(table, asked.primary, SEED)
        grown: list[Boosted] = []

        def ours() -> None:
            grown[:] = [one_fit(taught, asked.columns, {"depth": DEPTH, "rounds": ROUNDS}, SEED, 1)]

        fits = alternating({"plain": lambda: _plain(taught), "ours": ours}, repeats)
        model = _model(asked, grown[0], table)
        examined = alternating({"examination": lambda: examination(asked, Examined(model, table), taught)}, 1)
    middle = medians(fits)
    ratios = [of / over for of, over in zip(fits["ours"], fits["plain"], strict=True)]
    return {
        "people": count,
        "predictors": PREDICTORS,
        "trees": ROUNDS,
        "plain_cpu_s": middle["plain"],
        "fit_cpu_s": middle["ours"],
        "examination_cpu_s": examined["examination"][0],
        "fit_ratio": statistics.median(ratios),
        "fit_ratios": ratios,
        "examination_ratio": examined["examination"][0] / middle["plain"],
        "predictors_bytes": table.values.nbytes,
        "peak_memory_bytes": peak_memory(),
    }


def _plain(taught: Sample) -> None:
    known = taught.weight > 0
    settings = {"objective": "binary", "max_depth": DEPTH, "num_leaves": 2**DEPTH, "learning_rate": 0.1}
    data = lightgbm.Dataset(taught.values[known], taught.outcome[known].astype(np.float32))
    lightgbm.train(settings | {"num_threads": 1, "seed": SEED, "verbose": -1}, data, ROUNDS)


def _model(asked: Task, grown: Boosted, table: FeatureTable) -> Model:
    """A model as it stands before it is examined; its calibration is not what is measured."""
    neutral = Recalibration(asked.horizons, asked.primary, Affine(1.0, (-0.7, 0.0)), {})
    candidate = Candidate("lightgbm", grown.learner, grown.columns, grown.out_of_fold, grown.settings)
    return replace(asked.model(candidate, neutral), profile=profile(table, asked.prediction.predictors))


def lines_of(found: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """What is measured, the measurement, the goal, and what it means."""
    spread = ", ".join(f"{ratio:.2f}" for ratio in found["fit_ratios"])
    of = f"{found['people']:,} people with {found['predictors']} predictors, {found['trees']} trees of depth {DEPTH}"
    yield (
        "one fit over plain LightGBM",
        f"{found['fit_ratio']:.2f} ({found['fit_cpu_s']:.1f} over {found['plain_cpu_s']:.1f} CPU s; repeats {spread})",
        f"at most {FIT_GOAL}",
        f"of {of}, both on one thread and from the predictors as they stand, binning included; ours with weights for "
        "those who left, monotone constraints, leaves that hold 8 people, and the same bits every time.",
    )
    yield (
        "examining one model over plain LightGBM",
        f"{found['examination_ratio']:.2f} ({found['examination_cpu_s']:.1f} CPU s)",
        f"at most {EXAMINATION_GOAL:g}",
        "every measure with its interval for everybody, each region, board, sex, age band, ethnic group and fifth of "
        "deprivation, at each horizon and threshold, against comparators and the best single variable, and the spread "
        "of practices, all on as many people as taught; without places left out and the leakage certificate.",
    )
    yield (
        "most memory of training",
        f"{found['peak_memory_bytes'] / 1e9:.2f} GB",
        "",
        f"the most that the process held at once; the predictors are {found['predictors_bytes'] / 1e9:.2f} GB of it.",
    )
