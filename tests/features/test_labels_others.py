"""Outcomes of blood pressure, asthma and cancer equal the specification's own SQL once it has our inputs and rules."""

from __future__ import annotations

import pytest

from features.source import open_source
from tests.features.labels_others import ASKED, ours, steps

every_outcome = pytest.mark.parametrize("asked", ASKED, ids=[f"{one.pathway}.{one.prediction}" for one in ASKED])


@pytest.fixture(scope="module")
def statements(shared):
    return (shared / "research/labels_a.sql").read_text()


@pytest.mark.external
@every_outcome
def test_made_up_people_have_the_outcomes_of_the_specifications_sql(asked, population, statements):
    source = open_source(population)
    mine = ours(asked, source)

    *_, (_, unexplained) = steps(asked, source, population, statements)

    assert sum(value not in (None, False) for value in mine.values()) > 20
    assert unexplained == 0


@pytest.mark.external
@every_outcome
def test_people_of_the_gb_set_have_the_outcomes_of_the_specifications_sql(asked, shared, statements):
    folder = shared / "data/omop_synthea_gb_dev/parquet"
    source = open_source(folder)

    *_, (_, unexplained) = steps(asked, source, folder, statements)

    assert len(ours(asked, source)) > 100
    assert unexplained == 0


@pytest.mark.external
def test_the_comparison_can_fail(population, statements):
    source = open_source(population)

    *_, (_, found) = steps(ASKED[0], source, population, statements.replace("b.dbp>=90))", "b.dbp>=92))"))

    assert found > 0
