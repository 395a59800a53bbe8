"""What is to be learnt, taken from a definition, and what would make it impossible."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from evaluation.disclosure import suppress
from evaluation.groups import known
from evaluation.inputs import distinct
from features.table import FeatureTable
from pathways.definition import Prediction, Predictor
from registry.model import Column, Model
from registry.recalibration import Recalibration
from training.candidates import Candidate
from training.split import had_outcome

LEAST_TO_LEARN = 10
"""People with the outcome whom development needs whatever the option says: each fold must hold some."""


class CannotTrain(Exception):
    """The records do not allow a model; `reasons` lists all that is in the way."""

    def __init__(self, name: str, reasons: list[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__(f"{name} cannot be trained on these records:\n" + "\n".join(f"- {each}" for each in reasons))


@dataclass(frozen=True)
class Task:
    """One prediction of a pathway, as training needs it."""

    pathway: str
    title: str
    prediction: Prediction
    fingerprint: str
    trained_on: str
    made_on: date

    @property
    def name(self) -> str:
        return f"{self.pathway}.{self.prediction.name}"

    @property
    def primary(self) -> int:
        return self.prediction.primary

    @property
    def horizons(self) -> tuple[int, ...]:
        return tuple(sorted({*self.prediction.horizons, self.prediction.primary}))

    @property
    def columns(self) -> tuple[Column, ...]:
        return tuple(_column(predictor) for predictor in self.prediction.predictors)

    @property
    def thresholds(self) -> tuple[float, ...]:
        return tuple(band.at_least for band in self.prediction.bands if 0 < band.at_least < 1)

    def model(self, candidate: Candidate, recalibration: Recalibration) -> Model:
        """A model that computes, before it has evidence, profile, card and examples."""
        return Model(
            pathway=self.pathway,
            prediction=self.prediction.name,
            columns=candidate.columns,
            learner=candidate.learner,
            recalibration=recalibration,
            profile={},
            evidence={},
            card="",
            examples=(),
            fingerprint=self.fingerprint,
            made_on=self.made_on,
            trained_on=self.trained_on,
        )


def meaning(prediction: Prediction) -> dict[str, Any]:
    """A digest of what each part of a definition says, word for word: who, when, what, and each predictor."""
    parts = {"population": prediction.population, "index": prediction.index, "outcome": prediction.outcome}
    return {name: _digest(part) for name, part in parts.items()} | {
        "predictors": {each.name: _digest(each.of) for each in prediction.predictors}
    }


def _digest(word: object) -> str:
    # A word is a frozen dataclass of plain values down to the last concept, so its repr is all that it means.
    return hashlib.sha256(repr(word).encode()).hexdigest()[:16]


def refuse_if_impossible(task: Task, table: FeatureTable, followed: FeatureTable, least: int) -> None:
    """Say at once everything that keeps these records from teaching this prediction."""
    reasons = _wrong_columns(task, table) or _too_few(task, table, followed, least)
    if reasons:
        raise CannotTrain(task.name, reasons)


def refuse_if_one_sided(task: Task, development: FeatureTable) -> None:
    """Both sides of a split may be smaller than expected where families are large."""
    seen = distinct(development.person_id, had_outcome(development, task.primary))
    if seen < LEAST_TO_LEARN:
        reason = f"the families that would teach the model had {_said(seen)} outcomes; needs {LEAST_TO_LEARN}"
        raise CannotTrain(task.name, [reason])


def _wrong_columns(task: Task, table: FeatureTable) -> list[str]:
    names = tuple(column.name for column in task.columns)
    if table.columns == names:
        return []
    return [
        f"the feature table has {len(table.columns)} predictors and the definition {len(names)}, or in another order; "
        "build the features again with `python -m features`"
    ]


def _too_few(task: Task, table: FeatureTable, followed: FeatureTable, least: int) -> list[str]:
    if not len(followed):
        return [
            f"none of the {_said(len(table))} index dates lies {task.primary} days before the end of the records, so "
            "nobody could be followed that long; give records of a longer time"
        ]
    seen = distinct(followed.person_id, had_outcome(followed, task.primary))
    people = len(np.unique(followed.person_id))
    reasons = []
    if seen < least:
        reasons.append(
            f"only {_said(seen)} outcomes by {task.primary} days among {_said(people)} people; needs at least {least}: "
            "give more records, or lower --least-outcomes and distrust the result"
        )
    return reasons + [
        f"nobody's outcome by {horizon} days is known; give records of a longer time or shorten the horizon"
        for horizon in task.horizons
        if not known(followed, horizon).weight.any()
    ]


def _said(count: int) -> str:
    return "fewer than 8" if suppress(count) is None else str(count)


def _column(predictor: Predictor) -> Column:
    return Column(
        name=predictor.name,
        wording=predictor.wording or predictor.name.replace("_", " "),
        unit=predictor.unit,
        levels=predictor.levels,
        direction=predictor.direction,
        changeable=predictor.changeable,
        restricted=predictor.restricted,
    )
