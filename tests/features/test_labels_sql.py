"""The confirmed run and the outcome equal the specification's own SQL, person by person, once it has our inputs."""

from __future__ import annotations

import pytest

from features.source import open_source
from tests.features.labels_sql import steps


@pytest.mark.external
def test_made_up_people_have_the_outcomes_of_the_specifications_sql(population, shared):
    _nothing_unexplained(population, (shared / "research/labels_a.sql").read_text(), 2_000)


@pytest.mark.external
def test_people_of_the_gb_set_have_the_outcomes_of_the_specifications_sql(shared):
    folder = shared / "data/omop_synthea_gb_dev/parquet"

    _nothing_unexplained(folder, (shared / "research/labels_a.sql").read_text(), 3_500)


def _nothing_unexplained(folder, statements, people):
    source = open_source(folder)

    *_, last = steps(source, folder, statements)

    assert len(source.people) == people
    assert (last.confirmed, last.first, last.outcomes) == (0, 0, 0)
