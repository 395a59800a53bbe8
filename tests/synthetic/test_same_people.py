"""The same seed gives the same bytes, and nobody's records depend on who else there is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from synthetic.clinic import draw_clinic
from synthetic.draws import Draws
from synthetic.omop import TABLES
from synthetic.population import draw_block, write_population

OF_PEOPLE = (
    "person",
    "observation_period",
    "visit_occurrence",
    "condition_occurrence",
    "drug_exposure",
    "procedure_occurrence",
    "measurement",
    "observation",
    "death",
    "location_history",
    "truth/kidney_disease.detection",
)


def _bytes(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*.parquet"))}


def _of(folder: Path, table: str, people: pa.ChunkedArray) -> pa.Table:
    rows = pq.read_table(folder / f"{table}.parquet")
    return rows.filter(pa.compute.is_in(rows["entity_id" if table == "location_history" else "person_id"], people))


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("few")
    write_population(300, 7, folder)
    return folder


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More people than one block holds, so that the 300 share a block with others and have neighbours beyond it."""
    folder = tmp_path_factory.mktemp("many")
    write_population(5_500, 7, folder)
    return folder


def test_the_same_seed_gives_the_same_bytes(few, tmp_path):
    write_population(300, 7, tmp_path)

    assert _bytes(tmp_path) == _bytes(few)
    assert {f"{name}.parquet" for name in TABLES} < set(_bytes(few))


def test_another_seed_gives_other_people(few, tmp_path):
    write_population(300, 8, tmp_path)

    assert _bytes(tmp_path)["measurement.parquet"] != _bytes(few)["measurement.parquet"]


@pytest.mark.parametrize("table", OF_PEOPLE)
def test_the_records_of_300_people_are_the_same_among_5500(few, many, table):
    people = pq.read_table(few / "person.parquet")["person_id"]
    alone, among = _of(few, table, people), _of(many, table, people)

    assert among.equals(alone)
    assert len(people) == 300
    assert table in ("death", "procedure_occurrence") or len(alone) >= 300


def test_a_household_drawn_alone_is_the_same_household():
    alone, among = draw_clinic(7, 1, 42, 43), draw_clinic(7, 1, 1, 100)
    mine = np.flatnonzero(among.people.household == alone.people.household[0])
    rows, theirs = (draw_block(c, len(c.people)).records["measurement"] for c in (alone, among))

    of_mine = np.isin(theirs["who"], mine)
    assert len(mine) == len(alone.people)
    assert rows["value"].tolist() == theirs["value"][of_mine].tolist()
    assert alone.people.birth.tolist() == among.people.birth[mine].tolist()


def test_draws_are_spread_evenly_and_unrelated():
    one = Draws(3).uniform("one", np.arange(200_000))
    other = Draws(3).uniform("other", np.arange(200_000))

    # Of 200,000 draws a tenth has 20,000 expected and a standard deviation of 134: five of those are 671.
    assert np.all(np.abs(np.histogram(one, bins=10, range=(0, 1))[0] - 20_000) < 671)
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.012
    assert abs(np.corrcoef(one[1:], one[:-1])[0, 1]) < 0.012
