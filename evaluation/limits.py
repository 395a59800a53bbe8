"""How well could anybody predict this? Two limits for each prediction, on people whose truth is known.

A synthetic population comes with what is true of each person and no record shows (`truth/` of `python -m synthetic`).
- *Oracle*: the best ranking by all that is true or recorded at the index date.
- *Attainable*: the best ranking by what is recorded, the predictors of the feature table.
Both are read off the same learner, on the same people, each risk from folds that its family did not teach. So a limit
is what was reached, from below: with few outcomes it is too low, and says so. What happens by chance after the index
date is in neither.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from evaluation.axes import labels
from evaluation.discrimination import c_statistic
from evaluation.estimate import Estimate
from evaluation.groups import AXES, known
from evaluation.inputs import Bools, Floats, InputError, Ints

FOLDS = 5
ENOUGH = 5_000
"""Outcomes from which a limit is worth its name; ours: with fewer, more people still raised it."""
SETTINGS: dict[str, Any] = {
    "objective": "binary",
    "learning_rate": 0.05,
    "num_leaves": 15,
    "min_data_in_leaf": 40,
    "lambda_l2": 5.0,
    "feature_fraction": 0.7,
    "deterministic": True,
    "force_row_wise": True,
    "seed": 1,
    "verbosity": -1,
}
ROUNDS, PATIENCE = 600, 30


@dataclass(frozen=True)
class Recorded:
    """A feature table as it lies in its file: follow-up, axes and predictors; arrays of shape (n,) and (n, columns)."""

    person_id: Ints
    index_day: NDArray[np.int32]
    time: NDArray[np.int32]
    event: NDArray[np.int8]
    measured: Bools
    family: Ints
    axes: Mapping[str, NDArray[np.str_]]
    data_to: int
    values: NDArray[np.float32]


@dataclass(frozen=True)
class Limit:
    """The two limits of one level of one axis; `hazard` ranks by the stated hazard alone, where there is one."""

    axis: str
    level: str
    oracle: Estimate
    attainable: Estimate
    hazard: Estimate | None

    def to_json(self) -> dict[str, Any]:
        parts = {"oracle": self.oracle, "attainable": self.attainable, "hazard": self.hazard}
        found = {name: one.to_json() for name, one in parts.items() if one is not None}
        return {"axis": self.axis, "level": self.level} | found


def read_recorded(path: Path) -> Recorded:
    """Read a feature table that `python -m features ... --out` wrote.

    Raises
    ------
    InputError
        If the file is no feature table.
    """
    arrow = pq.read_table(path)
    about = (arrow.schema.metadata or {}).get(b"feature_table")
    if about is None:
        raise InputError(f"{path} is no feature table; write one with python -m features PATHWAY --source DIR")
    facts = json.loads(about)
    names = ("person_id", "index_day", "time", "event", "measured", "family")
    return Recorded(
        **{name: arrow[name].to_numpy() for name in names},
        axes={name: np.array(arrow[f"axis:{name}"].to_pylist(), dtype=np.str_) for name in facts["axes"]},
        data_to=facts["data_to"],
        values=np.column_stack([arrow[f"value:{name}"].to_numpy() for name in facts["columns"]]),
    )


def truth_of(prediction: str, folder: Path, others: Collection[str] = ()) -> Path:
    """The file of what is true for a prediction: its own, else the only one of its pathway.

    Parameters
    ----------
    prediction : str
        `pathway.prediction`.
    others : collection of str
        The predictions of the pathway: a file of another's name is of its outcome and not of the thing.

    Raises
    ------
    InputError
        If there is none, or several of the pathway and none of the prediction's name.
    """
    own = folder / f"{prediction}.parquet"
    if own.is_file():
        return own
    pathway = prediction.partition(".")[0]
    named = {f"{pathway}.{name}" for name in others}
    shared = [path for path in sorted(folder.glob(f"{pathway}.*.parquet")) if path.stem not in named]
    if len(shared) == 1:
        return shared[0]
    there = ", ".join(sorted(path.stem for path in folder.glob("*.parquet"))) or "nothing"
    raise InputError(f"there is no truth of {prediction} in {folder}; there is {there}")


def true_values(path: Path, person: Ints, day: NDArray[np.int32]) -> dict[str, Floats]:
    """What was true of people on days: each number of a file of `truth/`, by name, in its newest row until that day.

    Parameters
    ----------
    path : Path
        A Parquet file with `person_id`, `day` and numbers, sorted by both.
    person, day : integer arrays of shape (n,)
        Whom and when (days since 1970-01-01).

    Returns
    -------
    dict of str to float array of shape (n,)
        NaN where there is no row until that day.
    """
    arrow = pq.read_table(path)
    who, when = arrow["person_id"].to_numpy(), arrow["day"].cast("int32").to_numpy().astype(np.int64)
    at = np.searchsorted(_key(who, when), _key(person, day.astype(np.int64)), side="right") - 1
    there = (at >= 0) & (who[np.maximum(at, 0)] == person)
    numbers = [name for name in arrow.column_names if name not in ("person_id", "day", "region", "area")]
    found = {name: arrow[name].to_numpy(zero_copy_only=False).astype(np.float64) for name in numbers}
    return {name: np.where(there, values[np.maximum(at, 0)], np.nan) for name, values in found.items()}


def _key(person: Ints, day: Ints) -> Ints:
    return person * 100_000 + day  # days until the year 2243


def limits(
    table: Recorded, truth: Mapping[str, Floats], horizon: int, step: Callable[[str], None] = lambda _: None
) -> tuple[Limit, ...]:
    """The two limits of everybody and of each level of each axis.

    Parameters
    ----------
    table : Recorded
        A feature table of n rows.
    truth : mapping of str to float array of shape (n,)
        What is true on each index date; `hazard` is the stated hazard, if there is one.
    horizon : int
        Days.
    step : callable
        Told what begins.

    Raises
    ------
    InputError
        If nobody could be followed to the horizon, or all or none had the outcome.
    """
    found = known(table, horizon)
    rows = np.flatnonzero(found.weight > 0)
    outcome, weight, family = found.outcome[rows], found.weight[rows], table.family[rows]
    if len(rows) == 0 or outcome.all() or not outcome.any():
        raise InputError("there is nothing to rank: nobody followed to the horizon, or all or none had the outcome")
    values = table.values[rows].astype(np.float64)
    true = np.column_stack([column[rows] for column in truth.values()])
    step("Learning from all that is true")
    oracle = out_of_fold(np.column_stack([true, values]), outcome, weight, family)
    step("Learning from what is recorded")
    attainable = out_of_fold(values, outcome, weight, family)
    hazard = truth["hazard"][rows] if "hazard" in truth else None

    def of(axis: str, level: str, mine: NDArray[np.intp]) -> Limit:
        def ranked(risk: Floats) -> Estimate:
            return c_statistic(outcome[mine], risk[mine], weight[mine], family[mine])

        stated = None if hazard is None or np.isnan(hazard[mine]).any() else ranked(hazard)
        return Limit(axis, level, ranked(oracle), ranked(attainable), stated)

    every = [of("all", "all", np.arange(len(rows)))]
    for axis in AXES:
        levels = labels(table, axis)[rows]
        every += [of(axis, str(level), np.flatnonzero(levels == level)) for level in np.unique(levels)]
    return tuple(every)


def out_of_fold(values: Floats, outcome: Bools, weight: Floats, family: Ints) -> Floats:
    """The log-odds of each row by trees that its family did not teach; their number is chosen on one fold.

    >>> draw = np.random.default_rng(1)
    >>> x = draw.normal(size=(4000, 1)); y = draw.random(4000) < 1 / (1 + np.exp(-x[:, 0]))
    >>> risk = out_of_fold(x, y, np.ones(4000), np.arange(4000))
    >>> bool(abs(c_statistic(y, risk).value - c_statistic(y, x[:, 0]).value) < 0.02)
    True
    """
    _, number = np.unique(family, return_inverse=True)
    fold = np.random.default_rng(1).permutation(number.max() + 1)[number] % FOLDS
    rounds = _rounds(values, outcome, weight, fold)
    found = np.empty(len(outcome))
    for apart in range(FOLDS):
        theirs = fold != apart
        data = lightgbm.Dataset(values[theirs], outcome[theirs], weight=weight[theirs])
        model = lightgbm.train(SETTINGS, data, rounds)
        found[~theirs] = model.predict(values[~theirs], raw_score=True)
    return found


def _rounds(values: Floats, outcome: Bools, weight: Floats, fold: Ints) -> int:
    teach, judge = fold != 0, fold == 0
    data = lightgbm.Dataset(values[teach], outcome[teach], weight=weight[teach], free_raw_data=False)
    other = lightgbm.Dataset(values[judge], outcome[judge], weight=weight[judge], reference=data)
    stop = lightgbm.early_stopping(PATIENCE, verbose=False)
    model = lightgbm.train(SETTINGS, data, ROUNDS, valid_sets=[other], callbacks=[stop])
    return max(20, int(model.best_iteration))
