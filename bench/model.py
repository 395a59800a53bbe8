"""LightGBM for the bench, made as training makes its own: whatever ships, both sides of a ratio do the same work."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import lightgbm
import numpy as np

import pathways
from evaluation.groups import followable
from features.table import OUTCOME, FeatureTable
from pathways.definition import Pathway, Prediction
from registry import bundle, store
from registry.model import Model, Trees
from training import evidence
from training.candidates import Effort, fit
from training.examples import examples
from training.sample import sample
from training.task import Task


@dataclass(frozen=True)
class Registered:
    """Where the model is, for our service and MLflow's (`uri`, `name`) and for the bare application (`text`)."""

    uri: str
    name: str
    text: Path
    trees: int


LARGE_TREES, LARGE_LEAVES = 300, 31
"""The model with which shared/research/serving.md measured servers, and from which the goal of 1.2 was set."""


def registered(
    name: str, pathway: Pathway, prediction: Prediction, table: FeatureTable, folder: Path, *, large: bool = False
) -> Registered:
    """Fit trees on a feature table and register them in a registry of the bench alone."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    model = _fitted(name, pathway, prediction, table, large)
    assert isinstance(model.learner, Trees)
    text = folder / "booster.txt"
    text.write_text(model.learner.text, encoding="utf-8")
    bundle.save(model, folder / "bundle")
    uri = f"sqlite:///{(folder / 'mlflow.db').resolve()}"
    store.register(folder / "bundle", model.name, uri, metrics={}, params={}, tags={})
    return Registered(uri, model.name, text, model.learner.forest.trees)


def _fitted(name: str, pathway: Pathway, prediction: Prediction, table: FeatureTable, large: bool) -> Model:
    task = Task(name, pathway.title, prediction, pathways.fingerprint(name), "people of the bench", date.today())
    followed = table.rows(followable(table, task.primary))
    effort = Effort()
    chosen = fit("lightgbm", sample(followed, task.primary, effort.seed), task.columns, effort)
    model = task.model(chosen, evidence.recalibrated(task, chosen.out_of_fold, followed))
    if large:
        model = replace(model, learner=Trees(_large(followed)))
    model = replace(model, concepts=table.concepts, codes=table.codes, card="# Of the bench alone")
    return replace(model, examples=examples(model, followed.values))


def _large(table: FeatureTable) -> str:
    """Many trees of many leaves on the same people: what they say does not matter here, what they cost does."""
    outcome = (table.event == OUTCOME).astype(np.int8)
    settings = {"objective": "binary", "num_leaves": LARGE_LEAVES, "num_threads": 1, "seed": 1, "verbose": -1}
    return str(lightgbm.train(settings, lightgbm.Dataset(table.values, outcome), LARGE_TREES).model_to_string())
