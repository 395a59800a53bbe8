"""Four attempts to catch a model knowing what nobody could know on the index date, and how they went.

Attempts that cannot fail show nothing: the outcome must move with the future, the true outcomes must be found where
shuffled ones are not, and a planted copy of the outcome must be caught (`alone`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from evaluation.discrimination import c_difference, c_statistic
from evaluation.estimate import Estimate
from features.future import Unmoved, unmoved
from features.source import Source
from features.table import FeatureTable
from pathways.definition import Pathway, Prediction
from registry.model import Column
from registry.recalibration import Affine, Recalibration
from training.alone import alone
from training.candidates import Candidate, Effort, fit
from training.certificate import Certificate, Check, State
from training.compare import published
from training.sample import Sample
from training.split import share_of_family
from training.task import Task

Floats = NDArray[np.float64]

SURE = 0.999
"""Level of the intervals here, so that chance alone fails one training in a thousand and not one in twenty."""
BLIND, BLIND_TO_A_GAIN = 0.1, 0.03
"""Where a c-statistic, or a gain of it, so far above chance could still lie inside the interval, nothing was shown."""
FAMILIES, OUTCOMES = 4000, 400
"""Families that are enough to learn from, or as many as hold so many outcomes."""
NOISES = 5

FUTURE = "Does anything that is known on the index date change when all that came later is changed?"
SHUFFLED = "Does it find anything where there is nothing to find: outcomes dealt out at random?"
NOISE = "Does it gain from noise that was drawn after the index date?"


def certify(
    task: Task, development: FeatureTable, people: Sample, candidate: Candidate, future: Check, effort: Effort
) -> Certificate:
    """Make the certificate of a candidate that was fitted on `people`, the sample of `development`."""
    few = _drawn(people, development.family, effort.seed)
    like = replace(candidate, out_of_fold=candidate.out_of_fold[few])
    those = people.rows(few), development.family[few]
    strong, declared = alone(task, development, effort.seed)
    return Certificate(
        (future, _shuffled(task, *those, like, effort), _noise(task, *those, like, effort), strong), declared
    )


def no_records() -> Check:
    """The first check where there is a feature table and no records behind it."""
    return Check("future", FUTURE, "not run", "A feature table was given without records, so none could be changed.")


def future(pathway: Pathway, prediction: Prediction, source: Source) -> Check:
    """Change the future of a sample of people, and see whether anything moves."""
    try:
        found = unmoved(pathway, prediction, source)
    except ValueError as nobody:
        return Check("future", FUTURE, "insufficient", f"{str(nobody).capitalize()}.")
    return judged_future(found)


def judged_future(found: Unmoved) -> Check:
    """What the comparison shows; without an outcome that moved it shows nothing."""
    figures = {"people": _about(found.people), "things": found.things, "values": _about(found.values)}
    tried = (
        f"{found.things} things (population, predictors, required inputs, rules, comparators) of "
        f"{_about(found.people)} people, each on one index date; what came later was removed, altered and added to"
    )
    if found.moved:
        moved = ", ".join(name for name, _ in found.moved)
        return Check("future", FUTURE, "breach", f"Yes: {moved}. Compared were {tried}.", figures)
    if found.outcome_moved < max(1, found.people // 10):
        told = "The outcome, which looks ahead, did not change either, so nothing was shown."
        return Check("future", FUTURE, "insufficient", told, figures)
    told = f"No, not by a bit. Compared were {tried}; the outcome, which looks ahead, did change."
    return Check("future", FUTURE, "pass", told, figures)


def _drawn(people: Sample, family: NDArray[np.int64], seed: int) -> NDArray[np.bool_]:
    """Whole families, drawn by hash: enough to learn from."""
    families = len(np.unique(family))
    having = len(np.unique(family[people.outcome & (people.weight > 0)]))
    wanted = max(FAMILIES, OUTCOMES * families / max(1, having))
    return np.asarray(share_of_family(family, seed + 3) * families < wanted)


def _shuffled(task: Task, people: Sample, family: NDArray[np.int64], like: Candidate, effort: Effort) -> Check:
    """Give each family the fate of another, learn, and rank people whom the learner had not seen."""
    code = np.unique(family, return_inverse=True)[1]
    fate = np.bincount(code, weights=people.outcome & (people.weight > 0)) > 0
    dealt = np.random.default_rng(effort.seed).permutation(fate)[code]
    if any(len(np.unique(dealt[people.fold != fold])) < 2 for fold in np.unique(people.fold)):
        return Check("shuffled", SHUFFLED, "insufficient", "Nearly every family has, or lacks, the outcome.", {})
    blank = replace(people, outcome=dealt, weight=np.ones(len(dealt)))
    found = by_chance(_in_folds(fit(like.kind, blank, task.columns, effort, like).out_of_fold, blank, family))
    true = _in_folds(like.out_of_fold, people, family)
    state = _at_chance(found, 0.5, BLIND)
    if state == "pass" and not true.passes(at_least=0.5):
        state = "insufficient"  # a learner that finds nothing in the true outcomes either shows nothing
    told = f"its c-statistic is {_said(found)} where 0.5 is chance"
    says = {
        "pass": f"No: {told}; by the true outcomes it is {_said(true)}.",
        "breach": f"Yes: {told}, so what it learns from reaches those on whom it is judged.",
        "insufficient": f"There are too few outcomes to tell: {told}.",
    }
    return Check("shuffled", SHUFFLED, state, says[state], {"shuffled": published(found), "true": published(true)})


def _noise(task: Task, people: Sample, family: NDArray[np.int64], like: Candidate, effort: Effort) -> Check:
    """Add noise that families share, drawn apart from everything, and learn with and without it."""
    code = np.unique(family, return_inverse=True)[1]
    drawn = np.random.default_rng(effort.seed + 1).normal(size=(int(code.max()) + 1, NOISES))
    columns = (*task.columns, *(Column(f"noise_{number}", "noise") for number in range(NOISES)))
    more = replace(people, values=np.hstack([people.values, drawn[code].astype(np.float32)]))
    without, having = fit(like.kind, people, task.columns, effort, like), fit(like.kind, more, columns, effort, like)
    gain = c_difference(people.outcome, having.out_of_fold, without.out_of_fold, people.weight, family, SURE)
    share = _share_of_noise(task, having, more)
    state = _at_chance(gain, 0.0, BLIND_TO_A_GAIN)
    # The share is told and not judged: chance alone gives noise some, the more the fewer outcomes there are.
    told = f"{NOISES} columns of noise ({share:.0%} of its reasons) change its c-statistic by {_said(gain)}"
    says = {
        "pass": f"No: {told}.",
        "breach": f"Yes: {told}, so the noise knows whom it belongs to.",
        "insufficient": f"There are too few outcomes to tell: {told}.",
    }
    return Check("noise", NOISE, state, says[state], {"gain": published(gain), "share": round(share, 3)})


def _in_folds(score: Floats, people: Sample, family: NDArray[np.int64]) -> Estimate:
    """The c-statistic of ranks within each fold: folds that learnt another mean would otherwise rank one another."""
    ranks = np.empty(len(score))
    for fold in np.unique(people.fold):
        here = people.fold == fold
        ranks[here] = rankdata(score[here]) / max(1, int(here.sum()))
    return c_statistic(people.outcome, ranks, people.weight, family, SURE)


def by_chance(found: Estimate) -> Estimate:
    """A c-statistic over folds that learn from one another, with the interval that it has where nothing is to be found.

    What two folds have in common by chance counts twice, once when each is judged by what was learnt from the other, so
    the variance is twice that of independent rankings (measured: tests/training/test_leakage.py).
    """
    widened = [found.value + math.sqrt(2.0) * (end - found.value) for end in (found.low, found.high)]
    return replace(found, low=max(0.0, widened[0]), high=min(1.0, widened[1]))


def _at_chance(found: Estimate, chance: float, blind: float) -> State:
    """A breach if surely above chance; a pass only if much above chance is ruled out."""
    if found.state != "ok":
        return "insufficient"
    if found.low > chance:
        return "breach"
    return "pass" if found.high <= chance + blind else "insufficient"


def _share_of_noise(task: Task, candidate: Candidate, people: Sample) -> float:
    """How much of what is added to log-odds comes from the noise."""
    neutral = Recalibration((task.primary,), task.primary, Affine(1.0, (0.0,)), {})
    model = task.model(candidate, neutral)
    parts = np.abs(model.explain(people.values, [None] * len(people.values)).contributions).mean(axis=0)
    return float(parts[-NOISES:].sum() / parts.sum()) if parts.sum() > 0 else 0.0


def _said(found: Estimate) -> str:
    shown: Mapping[str, Any] = published(found)
    if shown["value"] is None or shown["low"] is None:
        return "hidden"
    return f"{shown['value']:.3f} ({shown['low']:.3f} to {shown['high']:.3f})"


def _about(count: int) -> int:
    """To the nearest 5."""
    return 5 * round(count / 5)
