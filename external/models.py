"""Where the model comes from that scores these sets: the register, if it is current, else made for the occasion."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pathways
from external.sets import TEACHES
from external.twins import Twins, twins
from features.cohort import NothingToPredict, feature_table
from features.source import open_source
from features.table import FeatureTable
from pathways.definition import Pathway, Prediction
from registry import bundle, store
from registry.model import Model
from synthetic.population import write_population
from training.register import register
from training.task import CannotTrain, Task
from training.train import Options, train

PEOPLE, SEED = 20_000, 1


@dataclass(frozen=True)
class Scorer:
    """A model that knows nothing of these sets, and where it comes from."""

    model: Model
    origin: str


@dataclass(frozen=True)
class Taught:
    """A model trained on a set, registered and read back; its evidence is of people whom it had not seen."""

    model: Model
    version: str
    twins: Twins


def scorer(name: str, pathway: Pathway, prediction: Prediction, uri: str, made_on: date) -> Scorer | None:
    """The registered model if it is of today's definition and not of these sets, else a new one on made-up people.

    None if made-up people do not allow one either.
    """
    try:
        return registered(name, prediction, uri) or fresh(name, pathway, prediction, made_on)
    except (CannotTrain, NothingToPredict):
        return None


def registered(name: str, prediction: Prediction, uri: str) -> Scorer | None:
    """The champion, else the challenger, if it is current."""
    if uri.startswith("sqlite:///") and not Path(uri.removeprefix("sqlite:///")).exists():
        return None  # asking MLflow would make an empty register
    with tempfile.TemporaryDirectory() as folder:
        for alias in (store.CHAMPION, store.CHALLENGER):
            try:
                sealed, version = store.fetch(f"{name}.{prediction.name}", alias, uri, Path(folder))
                model = bundle.load(sealed)
            except (store.NotRegistered, bundle.BundleRefused):
                continue  # none, or of an older make
            if model.fingerprint == pathways.fingerprint(name) and TEACHES not in model.trained_on:
                return Scorer(model, f"version {version} of the register ({alias}), trained on {model.trained_on}")
    return None


def fresh(name: str, pathway: Pathway, prediction: Prediction, made_on: date, people: int = PEOPLE) -> Scorer:
    """A model of made-up people, trained in a folder that is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        write_population(people, SEED, Path(folder))
        table = feature_table(pathway, prediction, open_source(Path(folder)))
    model = train(_task(name, pathway, prediction, "synthetic people", made_on), table, Options())
    return Scorer(model, f"trained for this page on {people:,} people of `python -m synthetic` (seed {SEED})")


def teach(
    name: str,
    pathway: Pathway,
    prediction: Prediction,
    table: FeatureTable,
    tables: Path,
    made_on: date,
    register_in: Path,
) -> Taught:
    """Train on a set, its twins on one side of every split; register the model in a folder and read it back.

    Raises
    ------
    CannotTrain
        If the records do not allow it, or its leakage certificate is a breach; every reason is listed.
    """
    options, uri = Options(), f"sqlite:///{register_in}/mlflow.db"
    model = train(_task(name, pathway, prediction, tables.parent.name, made_on), table, options)
    try:
        version, _ = register(model, register_in / "sealed", uri, options)
    except store.LeakageFound as breach:
        raise CannotTrain(model.name, [str(breach)]) from breach
    sealed, _ = store.fetch(model.name, version, uri, register_in / "fetched")
    return Taught(bundle.load(sealed), version, twins(open_source(tables)))


def _task(name: str, pathway: Pathway, prediction: Prediction, trained_on: str, made_on: date) -> Task:
    return Task(name, pathway.title, prediction, pathways.fingerprint(name), trained_on, made_on)
