"""Several predictions trained side by side are the models that they would be one after the other."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from multiprocessing import active_children
from pathlib import Path
from threading import Thread

import pytest

import pathways
from features.cohort import feature_table
from features.side_by_side import ENDED
from features.source import open_source
from features.table import write
from registry import bundle
from synthetic.population import write_population
from training.candidates import Effort
from training.jobs import Job, Trained, done
from training.records import Records
from training.train import Options

NAME, PREDICTION = "polio_booster_recall", "still_without"


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> Job:
    place = tmp_path_factory.mktemp("jobs")
    write_population(6_000, 1, place / "population")
    pathway = pathways.load(NAME)
    table = feature_table(pathway, pathway.prediction(PREDICTION), open_source(place / "population"))
    write(table, place / f"{NAME}.{PREDICTION}.parquet")
    records, uri = Records(None, place), f"sqlite:///{place}/mlflow.db"
    return Job(NAME, PREDICTION, records, Options(), date(2026, 1, 2), uri, truth=None)


def seals(jobs: list[Job], at_once: int, place: Path) -> Iterator[str]:
    for number, (job, found) in enumerate(done(jobs, at_once)):
        assert job is jobs[number]
        yield bundle.save(found.model, place / str(number)) if isinstance(found, Trained) else found


def test_side_by_side_or_one_after_the_other_the_same_models_come_out_in_order_and_who_cannot_be_trained_says_why(
    job: Job, tmp_path: Path
) -> None:
    refused = replace(job, options=Options(least_outcomes=1_000_000))
    jobs = [job, refused, replace(job, options=Options(Effort(seed=2)))]
    alone = list(seals(jobs, 1, tmp_path / "alone"))
    assert list(seals(jobs, 2, tmp_path / "together")) == alone
    assert "cannot be trained on these records" in alone[1]
    assert alone[0] != alone[2]


@pytest.mark.parametrize("killed", [1, 2])
def test_where_a_process_is_killed_its_job_says_why_and_every_other_is_done(job: Job, killed: int) -> None:
    def kill() -> None:
        while len(children := active_children()) < killed:
            time.sleep(0.001)
        for child in children[:killed]:
            child.kill()

    killer = Thread(target=kill)
    killer.start()
    came = [found for _, found in done([job, job, job], 2)]
    killer.join()

    assert came.count(ENDED) == killed
    assert sum(isinstance(found, Trained) for found in came) == 3 - killed
