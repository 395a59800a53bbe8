"""Outcomes equal the specification's own SQL, person by person and index date by index date, once it has our inputs."""

from __future__ import annotations

import pytest

from features.source import open_source
from tests.features import labels_detection, labels_progression
from tests.features.labels_progression import NOWHERE, Apart


@pytest.mark.external
def test_made_up_people_have_the_outcomes_of_the_specifications_sql(population, shared):
    _nothing_unexplained(population, (shared / "research/labels_a.sql").read_text(), 2_000)


@pytest.mark.external
def test_people_of_the_gb_set_have_the_outcomes_of_the_specifications_sql(shared):
    folder = shared / "data/omop_synthea_gb_dev/parquet"

    _nothing_unexplained(folder, (shared / "research/labels_a.sql").read_text(), 3_500)


def _nothing_unexplained(folder, statements, people):
    source = open_source(folder)

    *_, last = labels_detection.steps(source, folder, statements)

    assert len(source.people) == people
    assert (last.confirmed, last.first, last.outcomes) == (0, 0, 0)


@pytest.mark.external
def test_made_up_people_progress_as_the_specifications_sql_says(population, shared):
    _no_progression_unexplained(population, (shared / "research/labels_a.sql").read_text())


@pytest.mark.external
def test_people_of_the_gb_set_progress_as_the_specifications_sql_says(shared):
    folder = shared / "data/omop_synthea_gb_dev/parquet"

    found = _no_progression_unexplained(folder, (shared / "research/labels_a.sql").read_text())

    # What pairs of neighbours miss and date late, and dialysis that is not for good.
    assert found["baseline of 365 days, not 366"].p1 == Apart(missed=18, later=21, earlier=4, not_ours=15)
    assert found["a run begun before the index date"].p1 == Apart(missed=0, later=0, earlier=4, not_ours=15)
    assert found["a run begun before the index date"].p2 == Apart(missed=0, later=0, earlier=0, not_ours=23)


def _no_progression_unexplained(folder, statements):
    source = open_source(folder)
    mine = labels_progression.ours(source, labels_progression.progression())

    *others, last = labels_progression.steps(source, folder, statements, mine)

    assert len(mine.p1) > 0
    assert (last.p1, last.p2) == (NOWHERE, NOWHERE)
    return {one.name: one for one in others}
