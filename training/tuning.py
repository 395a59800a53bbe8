"""Tuning of trees: so many trials on one binned dataset, judged on folds of families, the cheapest of the best taken.

The dataset is binned once and each fold is a part of it, so a trial costs its trees alone. The budget is a number of
trials and not of seconds: the same seed and people give the same model on any machine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np

from training.sample import Sample, loss

MOST_ROUNDS, PATIENCE = 600, 30
GOOD_ENOUGH = 1.001
"""A trial whose loss is within this factor of the best is as good; of those the one cheapest to explain is taken."""


@dataclass(frozen=True)
class Tuned:
    """LightGBM's settings, the rounds, and what they were among how many trials."""

    settings: dict[str, Any]
    rounds: int
    loss: float
    trials: int


def cost(depth: int, rounds: int) -> int:
    """What one explanation costs, as far as settings decide it: paths of each tree times their length.

    `registry.forest` walks each leaf of each tree once, over the splits above it: 2 to the depth leaves, depth splits.
    """
    return int(rounds * 2**depth * depth)


def tune(
    people: Sample,
    dataset: Any,
    fixed: dict[str, Any],
    depths: tuple[int, ...],
    trials: int,
    seed: int,
    told: Callable[[str], None],
) -> Tuned:
    """Try settings by a seeded sampler; `dataset` holds the rows of `people` whose outcome is known, binned once."""
    import optuna  # here, because it takes a second

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    known = people.rows(people.weight > 0)
    folds = [_fold(dataset, known, fold) for fold in np.unique(known.fold)]
    least = int(fixed["min_data_in_leaf"])

    def settings_of(trial: Any) -> dict[str, Any]:
        depth = trial.suggest_categorical("depth", list(depths))
        return fixed | {
            "max_depth": depth,
            "num_leaves": 2**depth,
            "learning_rate": trial.suggest_float("learning_rate", 0.03, 0.2, log=True),
            "lambda_l2": trial.suggest_float("l2", 0.5, 50.0, log=True),
            "min_data_in_leaf": round(least * trial.suggest_float("times_least_rows", 1.0, 8.0, log=True)),
            "feature_fraction": trial.suggest_float("share_of_predictors", 0.4, 1.0),
        }

    def judged(trial: Any) -> float:
        told(f"Trial {trial.number + 1} of {trials} of tuning")
        settings = settings_of(trial)
        found = [_examined(settings, *fold) for fold in folds]
        trial.set_user_attr("rounds", int(np.median([rounds for _, rounds in found])))
        trial.set_user_attr("settings", settings)
        return float(np.mean([lost for lost, _ in found]))

    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
    for depth in depths:  # the first trials are what is taken without tuning
        usual = {"depth": depth, "learning_rate": fixed["learning_rate"], "l2": fixed["lambda_l2"]}
        study.enqueue_trial(usual | {"times_least_rows": 1.0, "share_of_predictors": 1.0})
    study.optimize(judged, n_trials=trials)
    losses = [(float(trial.value), trial) for trial in study.trials if trial.value is not None]
    good = [(lost, trial) for lost, trial in losses if lost <= study.best_value * GOOD_ENOUGH]
    lost, taken = min(good, key=lambda one: (_cost_of(one[1]), one[1].number))
    return Tuned(taken.user_attrs["settings"], taken.user_attrs["rounds"], lost, trials)


def _cost_of(trial: Any) -> int:
    return cost(trial.params["depth"], trial.user_attrs["rounds"])


def _fold(dataset: Any, known: Sample, fold: int) -> tuple[Any, Any, Sample]:
    """The others to learn from, and this fold to examine on, as parts of one dataset."""
    apart = np.flatnonzero(known.fold == fold)
    others = np.flatnonzero(known.fold != fold)
    return dataset.subset(others), dataset.subset(apart), known.rows(known.fold == fold)


def _examined(settings: dict[str, Any], teach: Any, watch: Any, test: Sample) -> tuple[float, int]:
    """Loss on the fold at the best round, and which it was."""
    stop = lightgbm.early_stopping(PATIENCE, verbose=False)
    fitted = lightgbm.train(settings, teach, MOST_ROUNDS, valid_sets=[watch], callbacks=[stop])
    rounds = max(1, fitted.best_iteration)
    odds = np.asarray(fitted.predict(test.values, raw_score=True, num_iteration=rounds, num_threads=1))
    return loss(odds, test.outcome, test.weight), rounds
