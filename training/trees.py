"""Boosted trees: shallow, monotone where the definition is certain, the same bits for the same people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from evaluation.disclosure import FEWEST_SHOWN
from registry.model import Column, Trees
from training.sample import Sample, loss
from training.tuning import tune

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

DEPTHS = (2, 3, 4)
"""No deeper: depth sets the cost of an explanation (0.15 ms at depth 3, 2 ms at 31 free leaves)."""
GOOD_ENOUGH = 1.001
"""The shallowest depth whose loss is within this factor of the best is taken."""
RATE, MOST_ROUNDS, PATIENCE = 0.1, 400, 30


@dataclass(frozen=True)
class Boosted:
    """Fitted trees, the columns with their stand-ins, and the settings that were chosen."""

    learner: Trees
    columns: tuple[Column, ...]
    out_of_fold: Floats
    settings: dict[str, float]


def boosted(
    people: Sample,
    columns: tuple[Column, ...],
    seed: int,
    threads: int,
    settings: Mapping[str, float] | None = None,
    trials: int = 0,
    told: Callable[[str], None] = lambda _: None,
) -> Boosted:
    """Choose settings unless given, fit on all rows, and predict each fold from the others.

    Without `trials` only depth and rounds are chosen, on one fold; with them, all settings by so many trials.
    """
    columns = tuple(stood_in(column, people.values[:, at]) for at, column in enumerate(columns))
    fixed = _settings(columns, people, seed, threads)
    if settings is not None:
        chosen, rounds = fixed | _given(settings), int(settings["rounds"])
    elif trials:
        known = people.rows(people.weight > 0)
        filled = replace(known, values=_filled(columns, known.values))
        found = tune(filled, _dataset(filled, columns, fixed), fixed, DEPTHS, trials, seed, told)
        chosen, rounds = found.settings, found.rounds
    else:
        depth, rounds = _tuned(people, columns, fixed)
        chosen = fixed | _shape(depth)
    out_of_fold = np.empty(len(people.values))
    for fold in np.unique(people.fold):
        apart = people.fold == fold
        out_of_fold[apart] = _predict(_fit(people.rows(~apart), columns, chosen, rounds), columns, people.values[apart])
    return Boosted(_grown(people, columns, chosen, rounds), columns, out_of_fold, _told(chosen, rounds))


def _grown(people: Sample, columns: tuple[Column, ...], chosen: dict[str, Any], rounds: int) -> Trees:
    """The trees of everybody, as they are shipped."""
    whole = _fit_without_small_leaves(people, columns, chosen, rounds)
    return Trees(_without_extremes(whole.model_to_string(), people.values, columns))


def one_fit(
    people: Sample, columns: tuple[Column, ...], settings: Mapping[str, float], seed: int, threads: int
) -> Boosted:
    """Fit on all rows with settings that are given, and predict nobody: what one fit costs, apart from choosing."""
    columns = tuple(stood_in(column, people.values[:, at]) for at, column in enumerate(columns))
    chosen, rounds = _settings(columns, people, seed, threads) | _given(settings), int(settings["rounds"])
    return Boosted(_grown(people, columns, chosen, rounds), columns, np.empty(0), dict(settings))


def stood_in(column: Column, values: NDArray[np.float32]) -> Column:
    """The column with its median as a stand-in if it is a number that nobody lacked; see `registry.model.Column`."""
    if column.levels or np.isnan(values).any():
        return column
    return replace(column, stand_in=float(np.float32(np.median(values))))


TOLD = {
    "depth": "max_depth",
    "learning_rate": "learning_rate",
    "l2": "lambda_l2",
    "least_rows": "min_data_in_leaf",
    "share_of_predictors": "feature_fraction",
}
"""What of the settings stands in the evidence, by our names and LightGBM's."""


def _told(chosen: Mapping[str, Any], rounds: int) -> dict[str, float]:
    return {name: chosen[theirs] for name, theirs in TOLD.items() if theirs in chosen} | {"rounds": rounds}


def _given(settings: Mapping[str, float]) -> dict[str, Any]:
    """The settings of another model; how few rows a leaf may hold follows from the people."""
    whole = {theirs: settings[name] for name, theirs in TOLD.items() if name in settings and name != "least_rows"}
    return whole | _shape(int(settings["depth"]))


def _settings(columns: tuple[Column, ...], people: Sample, seed: int, threads: int) -> dict[str, Any]:
    sign = {"up": 1, "down": -1, None: 0}
    return {
        "objective": "binary",
        "learning_rate": RATE,
        "min_data_in_leaf": _fewest_rows(people),
        "lambda_l2": 5.0,
        "monotone_constraints": [0 if column.levels else sign[column.direction] for column in columns],
        "monotone_constraints_method": "intermediate",
        "feature_pre_filter": False,
        "deterministic": True,
        "force_row_wise": True,
        "seed": seed,
        "num_threads": threads,
        "verbose": -1,
    }


def _fewest_rows(people: Sample) -> int:
    """Index dates to aim at in a leaf: of 50 people, or of 20 where outcomes are few, and 8 of the most frequent."""
    average, most = people.dates_each
    return max(round((50 if people.outcomes >= 500 else 20) * average), 8 * most)


def _shape(depth: int) -> dict[str, int]:
    return {"max_depth": depth, "num_leaves": 2**depth}


def _tuned(people: Sample, columns: tuple[Column, ...], fixed: dict[str, Any]) -> tuple[int, int]:
    """Depth and rounds that predict one fold best from the others."""
    apart = people.fold == 0
    test = people.rows(apart & (people.weight > 0))
    teach = _dataset(people.rows(~apart), columns, fixed)
    watch = _dataset(test, columns, fixed, reference=teach)
    found = []
    for depth in DEPTHS:
        stop = lightgbm.early_stopping(PATIENCE, verbose=False)
        fitted = lightgbm.train(fixed | _shape(depth), teach, MOST_ROUNDS, valid_sets=[watch], callbacks=[stop])
        odds = _predict(fitted, columns, test.values)
        found.append((loss(odds, test.outcome, test.weight), depth, max(1, fitted.best_iteration)))
    least = min(found)[0]
    return next((depth, rounds) for lost, depth, rounds in found if lost <= least * GOOD_ENOUGH)


def _fit(people: Sample, columns: tuple[Column, ...], chosen: dict[str, Any], rounds: int) -> Any:
    return lightgbm.train(chosen, _dataset(people, columns, chosen), rounds)


def _fit_without_small_leaves(people: Sample, columns: tuple[Column, ...], chosen: dict[str, Any], rounds: int) -> Any:
    """Fit on all rows, with larger leaves until each holds `FEWEST_SHOWN` people.

    LightGBM guesses the rows of a leaf from their hessians, which weights distort, so its own limit does not hold.
    """
    known = people.rows(people.weight > 0)
    fewest = int(chosen["min_data_in_leaf"])
    while True:
        fitted = _fit(known, columns, chosen | {"min_data_in_leaf": fewest}, rounds)
        if fewest >= len(known.values) or _enough_in_leaves(fitted, columns, known):
            return fitted
        fewest *= 2


def _enough_in_leaves(fitted: Any, columns: tuple[Column, ...], people: Sample) -> bool:
    """Whether each leaf holds `FEWEST_SHOWN` people: from LightGBM's own count of rows where that is enough to tell.

    Predicting the leaf of everybody in every tree costs as much as the fit, and is seldom needed.
    """
    rows = fewest_rows_in_leaf(fitted.model_to_string())
    return rows >= FEWEST_SHOWN * people.dates_each[1] or fewest_in_leaf(fitted, columns, people) >= FEWEST_SHOWN


def fewest_rows_in_leaf(text: str) -> int:
    """Rows of the emptiest leaf of any tree, as LightGBM counted them when it parted the rows."""
    counts = (line.removeprefix("leaf_count=").split() for line in text.splitlines() if line.startswith("leaf_count="))
    return min((int(count) for tree in counts for count in tree), default=0)


def fewest_in_leaf(fitted: Any, columns: tuple[Column, ...], people: Sample) -> int:
    """How many people the emptiest leaf of any tree holds; people with several index dates count once in a leaf."""
    leaves = np.asarray(fitted.predict(_filled(columns, people.values), pred_leaf=True, num_threads=1), dtype=np.int64)
    person = np.unique(people.person, return_inverse=True)[1]
    fewest = len(person)
    for tree in leaves.T if leaves.ndim == 2 else [leaves]:
        pairs = np.unique(tree * (int(person.max()) + 1) + person)
        held = np.bincount(pairs // (int(person.max()) + 1))
        fewest = min(fewest, int(held[held > 0].min()))
    return fewest


def _dataset(people: Sample, columns: tuple[Column, ...], chosen: dict[str, Any], reference: Any = None) -> Any:
    known = people.weight > 0
    return lightgbm.Dataset(
        people.values[known],
        people.outcome[known].astype(np.float32),
        weight=people.weight[known],
        reference=reference,
        feature_name=[column.name for column in columns],
        categorical_feature=[at for at, column in enumerate(columns) if column.levels],
        params=chosen,
        free_raw_data=False,
    )


def _predict(fitted: Any, columns: tuple[Column, ...], values: NDArray[np.float32]) -> Floats:
    return np.asarray(fitted.predict(_filled(columns, values), raw_score=True, num_threads=1), dtype=np.float64)


def _filled(columns: tuple[Column, ...], values: NDArray[np.float32]) -> NDArray[np.float32]:
    stand_ins = np.array([np.nan if c.stand_in is None else c.stand_in for c in columns], dtype=np.float32)
    return np.where(np.isnan(values), stand_ins, values)


def _without_extremes(text: str, values: NDArray[np.float32], columns: tuple[Column, ...]) -> str:
    """The same trees without the smallest and largest value that any person had, which LightGBM writes beside them."""
    start = text.index("feature_infos=")
    end = text.index("\n", start)
    infos = text[start:end].removeprefix("feature_infos=").split(" ")
    spans = [
        _span(values[:, at]) if info.startswith("[") else info
        for at, info in zip(range(len(columns)), infos, strict=True)
    ]
    return text[:start] + "feature_infos=" + " ".join(spans) + text[end:]


def _span(values: NDArray[np.float32]) -> str:
    known = values[~np.isnan(values)]
    if not len(known):
        return "none"  # LightGBM's own word for a predictor that tells nothing
    low, high = np.quantile(known, [0.01, 0.99])
    return f"[{low:.3g}:{high:.3g}]"
