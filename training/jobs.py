"""From records to a model that has been before the gate: one prediction, or several side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from rich.console import Console

import pathways
from features.cohort import NothingToPredict
from features.side_by_side import side_by_side
from features.source import SourceError
from pathways.definition import Pathway, Prediction
from registry.bundle import BundleRefused
from registry.model import Model
from registry.store import LeakageFound, NoPlaceForFiles, names
from training.champion import against_champion
from training.overview import limits_of
from training.records import Records, progress
from training.task import CannotTrain, Task
from training.train import Options, Step, judged, train

REASONS = (CannotTrain, NothingToPredict, SourceError, BundleRefused, LeakageFound, NoPlaceForFiles)
"""What a caller can act on; anything else is our fault and keeps its traceback."""


@dataclass(frozen=True)
class Job:
    """One prediction to train. With `truth`, also how well anybody could predict."""

    pathway: str
    prediction: str
    records: Records
    options: Options
    made_on: date
    uri: str
    truth: Path | None

    @property
    def model(self) -> str:
        return f"{self.pathway}.{self.prediction}"


@dataclass(frozen=True)
class Trained:
    """The model, not yet registered, and the limits if they were asked for."""

    model: Model
    limits: dict[str, Any]


def done(jobs: Sequence[Job], at_once: int) -> Iterator[tuple[Job, Trained | str]]:
    """Each job, in order, with what came of it, or why nothing could; the same, however many are done at once."""
    if at_once == 1:
        for job in jobs:
            with progress() as step:
                yield job, _trained_or_why(job, step)
        return
    uri = jobs[0].uri
    # Asking for names makes an empty registry, which two processes must not do at the same time.
    yield from zip(jobs, side_by_side(_alone, jobs, at_once, before=lambda: names(uri)), strict=True)


def task_of(name: str, pathway: Pathway, prediction: Prediction, trained_on: str, made_on: date) -> Task:
    return Task(name, pathway.title, prediction, pathways.fingerprint(name), trained_on, made_on)


def _alone(job: Job) -> Trained | str:
    """In a process of its own, where each line says whose it is."""
    console = Console(stderr=True, soft_wrap=True)
    return _trained_or_why(job, lambda text: console.print(f"- {job.model}: {text}"))


def _trained_or_why(job: Job, step: Step) -> Trained | str:
    try:
        return _trained(job, step)
    except REASONS as reason:
        return str(reason)


def _trained(job: Job, step: Step) -> Trained:
    pathway = pathways.load(job.pathway)
    prediction, records = pathway.prediction(job.prediction), job.records
    table = records.table(job.pathway, pathway, prediction, job.options.effort.seed, step)
    task = task_of(job.pathway, pathway, prediction, records.said(table), job.made_on)
    checks = records.future(pathway, prediction, step), records.parity(pathway, prediction, table, step)
    model = train(task, table, job.options, step, *checks, records.opened)
    model = judged(task, model, {"champion": against_champion(model, table, job.uri)})
    others = [one.name for one in pathway.predictions]
    return Trained(model, limits_of(task.name, table, job.truth, task.primary, step, others))
