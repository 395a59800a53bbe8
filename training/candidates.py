"""The two ways of learning that compete, and which of them is shipped."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from evaluation.discrimination import c_difference, c_statistic
from evaluation.estimate import Estimate
from registry.model import Column, Learner
from training.logistic import logistic
from training.sample import Sample
from training.trees import boosted

Kind = Literal["logistic", "lightgbm"]

WORTH_TREES = 0.01
"""Gain in c-statistic below which the simpler model is shipped."""
OUTCOMES_FOR_TREES = 100


@dataclass(frozen=True)
class Candidate:
    """A fitted learner, the columns that it reads, its predictions for people whom it had not seen, its settings."""

    kind: Kind
    learner: Learner
    columns: tuple[Column, ...]
    out_of_fold: NDArray[np.float64]
    settings: dict[str, float]


@dataclass(frozen=True)
class Choice:
    """What is shipped and why; `gain` is that of the trees, out of fold, where trees were tried."""

    chosen: Candidate
    c_statistics: dict[str, Estimate]
    gain: Estimate | None
    why: str


def untold(_: str) -> None:
    """Nobody listens."""


@dataclass(frozen=True)
class Effort:
    """What does not change the question, only the making."""

    seed: int = 1
    threads: int = 1
    trials: int = 0
    """Trials of tuning; without, depth and rounds alone are chosen."""
    told: Callable[[str], None] = field(default=untold, compare=False)
    """Told what is being done where it takes long."""


def fit(
    kind: Kind, people: Sample, columns: tuple[Column, ...], effort: Effort, like: Candidate | None = None
) -> Candidate:
    """Fit one candidate, tuned on these people or with the settings of another of its kind."""
    settings = None if like is None else like.settings
    if kind == "logistic":
        straight = logistic(people, columns, settings)
        return Candidate(kind, straight.learner, columns, straight.out_of_fold, straight.settings)
    trees = boosted(people, columns, effort.seed, effort.threads, settings, effort.trials, effort.told)
    return Candidate(kind, trees.learner, trees.columns, trees.out_of_fold, trees.settings)


def choose(people: Sample, family: NDArray[np.int64], simple: Candidate, trees: Candidate | None) -> Choice:
    """Ship the trees if they rank people whom neither had seen better by `WORTH_TREES` or more."""
    found: dict[str, Estimate] = {each.kind: _c(people, family, each) for each in (simple, trees) if each is not None}
    if trees is None:
        return Choice(simple, found, None, f"trees need {OUTCOMES_FOR_TREES} outcomes, so they were not tried")
    gain = c_difference(people.outcome, trees.out_of_fold, simple.out_of_fold, people.weight, family)
    if gain.state == "ok" and gain.value >= WORTH_TREES:
        return Choice(trees, found, gain, f"trees rank better by {WORTH_TREES} or more")
    return Choice(simple, found, gain, f"trees do not rank better by {WORTH_TREES}, so the simpler model ships")


def _c(people: Sample, family: NDArray[np.int64], candidate: Candidate) -> Estimate:
    return c_statistic(people.outcome, candidate.out_of_fold, people.weight, family)
