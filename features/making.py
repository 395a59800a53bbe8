"""Feature tables made and written: of one pathway, of each in turn, or of several side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import pathways
from features.cohort import NothingToPredict, Progress, feature_table
from features.side_by_side import side_by_side
from features.source import Source, open_source
from features.table import write


@dataclass(frozen=True)
class Job:
    """The tables of one pathway, or that of one of its predictions.

    Of everybody in the source or of some `people` (ids, ascending), on these days or on those of the definition.
    """

    pathway: str
    prediction: str | None
    out: Path
    people: NDArray[np.int64] | None = None
    on: tuple[int, ...] | None = None


@dataclass(frozen=True)
class Made:
    """A table that was written: its file, its size and who came into it."""

    prediction: str
    path: Path
    rows: int
    columns: int
    attrition: tuple[tuple[str, int], ...]
    accounts: Mapping[str, Mapping[str, int]]


Tables = tuple[Made | str, ...]
"""For each prediction the table, or why there is none."""


def made(jobs: Sequence[Job], source: Path, opened: Source, at_once: int, progress: Progress) -> Iterator[Tables | str]:
    """The tables of each job, in order; the same, however many are made at once. Only one at a time tells of progress.

    `opened` is the source at `source`, which another process has to open again.
    """
    if at_once > 1:
        yield from side_by_side(partial(_alone, source), jobs, at_once)
        return
    for job in jobs:
        yield _tables(job, opened, progress)


def _alone(source: Path, job: Job) -> Tables:
    return _tables(job, open_source(source), None)


def _tables(job: Job, source: Source, progress: Progress | None) -> Tables:
    pathway = pathways.load(job.pathway)
    predictions = [pathway.prediction(job.prediction)] if job.prediction else pathway.predictions
    some = source if job.people is None else source.only(job.people)
    found: list[Made | str] = []
    for one in predictions:
        name = f"{job.pathway}.{one.name}"
        shown = None if progress is None else partial(_of, progress, name)
        try:
            table = feature_table(pathway, one, some, on=job.on, progress=shown)
        except NothingToPredict as reason:
            found.append(f"{name}: {reason}")
            continue
        path = job.out / f"{name}.parquet"
        write(table, path)
        found.append(Made(one.name, path, len(table), len(table.columns), table.attrition, table.accounts))
    return tuple(found)


def _of(progress: Progress, name: str, _: str, done: int, of: int) -> None:
    """The people of one table."""
    progress(name, done, of)
