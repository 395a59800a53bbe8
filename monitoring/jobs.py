"""From a registered model and the records of now to a written review: one, or several side by side."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

import pathways
from evaluation.states import State
from features.cohort import NothingToPredict, feature_table
from features.side_by_side import side_by_side
from features.source import SourceError, open_source
from features.table import FeatureTable, read
from monitoring.attention import Attention
from monitoring.review import CannotReview, Review, Step, Subject, review
from monitoring.written import write
from pathways.definition import Pathway, Prediction
from registry import bundle, store

REASONS = (CannotReview, NothingToPredict, SourceError, store.NotRegistered, bundle.BundleRefused)
"""What a caller can act on; anything else is our fault and keeps its traceback."""


@dataclass(frozen=True)
class Job:
    """A prediction, the version of its model (or an alias), the records of now, and the folder of the review."""

    pathway: str
    prediction: str
    version: str
    uri: str
    source: Path | None
    features: Path | None
    folder: Path

    @property
    def model(self) -> str:
        return f"{self.pathway}.{self.prediction}"


@dataclass(frozen=True)
class Reviewed:
    """What a review that was written found, in short."""

    title: str
    name: str
    version: str
    state: State
    inputs: Mapping[str, int]
    performance: Mapping[str, int]
    attention: tuple[Attention, ...]
    data_to: str
    banner: str
    page: Path
    document: Path
    evidently: tuple[Path, ...]

    def facts(self) -> dict[str, Any]:
        """The same for machines."""
        return {
            "model": self.name,
            "version": self.version,
            "state": self.state,
            "inputs": self.inputs,
            "performance": self.performance,
            "attention": [{"state": each.state, "where": each.where, "what": each.what} for each in self.attention],
            "page": str(self.page),
            "monitor": str(self.document),
            "evidently": [str(path) for path in self.evidently],
        }


def done(jobs: Sequence[Job], at_once: int) -> Iterator[tuple[Job, Reviewed | str]]:
    """Each job, in order, with what was found or why nothing could be; the same, however many are done at once."""
    if at_once > 1:
        yield from zip(jobs, side_by_side(_alone, jobs, at_once), strict=True)
        return
    for job in jobs:
        with progress() as step:
            yield job, _reviewed_or_why(job, step)


def _alone(job: Job) -> Reviewed | str:
    """In a process of its own, where each line says whose it is."""
    console = Console(stderr=True, soft_wrap=True)
    return _reviewed_or_why(job, lambda text: console.print(f"- {job.model}: {text}"))


def _reviewed_or_why(job: Job, step: Step) -> Reviewed | str:
    try:
        return _reviewed(job, step)
    except REASONS as reason:
        return str(reason)


def _reviewed(job: Job, step: Step) -> Reviewed:
    definition = pathways.load(job.pathway)
    prediction = definition.prediction(job.prediction)
    step("Fetching the model from the registry")
    subject = _subject(job, definition, prediction)
    table = _table(job, definition, prediction, step)
    found = review(subject, table, datetime.now(UTC), job.folder / "evidently", step)
    step("Writing the report")
    return _short(found, write(found, job.folder))


def _table(job: Job, definition: Pathway, prediction: Prediction, step: Step) -> FeatureTable:
    if job.features is not None:
        if not job.features.exists():
            raise CannotReview(job.model, [f"there is no feature table {job.features}; `python -m features` makes one"])
        step("Reading the feature table")
        return read(job.features)
    step("Reading records and computing predictors")
    return feature_table(definition, prediction, open_source(Path(str(job.source))))


def _subject(job: Job, definition: Pathway, prediction: Prediction) -> Subject:
    with tempfile.TemporaryDirectory() as directory:
        folder, number = store.fetch(job.model, job.version, job.uri, Path(directory))
        model, digest = bundle.load(folder), bundle.digest(folder)
    primary = model.recalibration.primary
    bands = [band for band in prediction.bands if 0 < band.at_least < 1 and band.horizon in (None, primary)]
    highest = max(bands, key=lambda band: band.at_least, default=None)
    return Subject(
        model=model,
        version=number,
        digest=digest,
        title=definition.title,
        threshold=None if highest is None else highest.at_least,
        threshold_name="" if highest is None else highest.name,
        same_definition=model.fingerprint == pathways.fingerprint(job.pathway),
    )


def _short(found: Review, files: tuple[Path, ...]) -> Reviewed:
    subject = found.subject
    return Reviewed(
        title=subject.headline,
        name=subject.model.name,
        version=subject.version,
        state=found.state,
        inputs=found.input_states,
        performance=found.performance_states,
        attention=found.attention,
        data_to=found.data_to,
        banner=subject.banner,
        page=files[0],
        document=files[1],
        evidently=files[2:],
    )


@contextmanager
def progress() -> Iterator[Step]:
    """Show each step as it is begun, with the time that it takes."""
    columns = (SpinnerColumn(finished_text="-"), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        begun: list[TaskID] = []

        def finish() -> None:
            for task in begun[-1:]:
                bar.update(task, completed=1)

        def step(description: str) -> None:
            finish()
            begun.append(bar.add_task(description, total=1))

        yield step
        finish()
