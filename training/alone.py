"""Is one predictor alone too good to be true? Each is looked at, with a planted copy of the outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from features.table import FeatureTable
from pathways.definition import Predictor
from pathways.words import Age
from training.certificate import Check, Declared
from training.compare import published, ranked_alone
from training.profile import profile
from training.sample import sample
from training.task import Task

ALONE = "Is one predictor alone too good to be true?"

TOO_GOOD = 0.85
"""c-statistic above which, by its whole interval, a predictor alone is leakage, unless its definition says why it is so
strong. A value above it that may be chance passes nothing and is no breach. Whole published scores with dozens of
predictors reach about as much: QKidney 0.84 to 0.88 (spec 1.6)."""

PLANTED = Predictor("planted_outcome", Age())
"""Its word is never run: the column is made of the outcome, one in fifty turned round."""
TURNED = 0.02


def alone(task: Task, development: FeatureTable, seed: int) -> tuple[Check, tuple[Declared, ...]]:
    """The check, and the predictors that may be strong because their definition says why."""
    found = _ranked(task, development, seed)
    strong = {name for name, figure in found.items() if figure["state"] == "ok" and figure["value"] > TOO_GOOD}
    surely = {name for name in strong if found[name]["low"] is not None and found[name]["low"] > TOO_GOOD}
    planted = found.pop(PLANTED.name)
    because = {one.name: one.strong_because for one in task.prediction.predictors if one.strong_because}
    wording = {column.name: column.wording for column in task.columns}
    declared = tuple(Declared(wording[name], why, found[name]) for name, why in because.items())
    strange = [_said(wording[name], found[name]) for name in found if name in strong - because.keys()]
    told = [f"{wording[name]} {found[name]['value']:.3f}" for name in found if name in strong & because.keys()]
    figures = {"limit": TOO_GOOD, "predictors": len(found), "planted": planted}
    if strange:
        sure = bool(surely - because.keys() - {PLANTED.name})
        said = "Yes," if sure else "It cannot be told: perhaps"
        says = f"{said} above {TOO_GOOD} and without a declared reason: {', '.join(strange)}."
        return Check("alone", ALONE, "breach" if sure else "insufficient", says, figures), declared
    if PLANTED.name not in surely:
        says = "A planted copy of the outcome was not caught, so nothing was shown: too few outcomes."
        return Check("alone", ALONE, "insufficient", says, figures), declared
    apart = f", apart from those declared for a reason ({', '.join(told)})" if told else ""
    says = f"No: of {len(found)} none ranks people above {TOO_GOOD}{apart}; a planted copy of the outcome was caught."
    return Check("alone", ALONE, "pass", says, figures), declared


def _said(wording: str, figure: Mapping[str, Any]) -> str:
    if figure["low"] is None:
        return f"{wording} {figure['value']:.3f}"
    return f"{wording} {figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})"


def _ranked(task: Task, development: FeatureTable, seed: int) -> dict[str, Mapping[str, Any]]:
    """The c-statistic of each predictor alone and of the planted one, as they may leave."""
    people = sample(development, task.primary, seed)
    turned = np.random.default_rng(seed).random(len(development)) < TURNED
    values = np.column_stack([development.values, (people.outcome ^ turned).astype(np.float32)])
    table = replace(development, columns=(*development.columns, PLANTED.name), values=values)
    shapes = profile(table, (*task.prediction.predictors, PLANTED))
    found = ranked_alone(replace(people, values=values), shapes, development.family)
    return {name: published(estimate) for name, (estimate, _) in found.items()}
