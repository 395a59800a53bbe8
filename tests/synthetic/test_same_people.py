"""The same seed gives the same bytes, and nobody's records depend on who else there is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from synthetic.draws import Draws
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
    "truth/egfr",
)


def _bytes(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*.parquet"))}


def _of_first(folder: Path, table: str, people: int) -> pa.Table:
    rows = pq.read_table(folder / f"{table}.parquet")
    return rows.filter(pa.compute.less_equal(rows["person_id"], people))


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("few")
    write_population(300, 7, folder)
    return folder


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """More people than one block holds, so that the 300 share a block with others and have neighbours beyond it."""
    folder = tmp_path_factory.mktemp("many")
    write_population(2_800, 7, folder)
    return folder


def test_the_same_seed_gives_the_same_bytes(few, tmp_path):
    write_population(300, 7, tmp_path)

    assert _bytes(tmp_path) == _bytes(few)
    assert len(_bytes(few)) == 15


def test_another_seed_gives_other_people(few, tmp_path):
    write_population(300, 8, tmp_path)

    assert _bytes(tmp_path)["measurement.parquet"] != _bytes(few)["measurement.parquet"]


@pytest.mark.parametrize("table", OF_PEOPLE)
def test_the_records_of_300_people_are_the_same_among_2800(few, many, table):
    alone, among = _of_first(few, table, 300), _of_first(many, table, 300)

    assert among.equals(alone)
    assert table in ("death", "procedure_occurrence") or len(alone) >= 300


def test_a_person_drawn_alone_is_the_same_person():
    alone, among = draw_block(7, 42, 43), draw_block(7, 1, 100)

    mine = among.measurements["who"] == 41
    assert alone.measurements["value"].tolist() == among.measurements["value"][mine].tolist()
    assert alone.clinic.people.birth[0] == among.clinic.people.birth[41]


def test_draws_are_spread_evenly_and_unrelated():
    one = Draws(3).uniform("one", np.arange(200_000))
    other = Draws(3).uniform("other", np.arange(200_000))

    # Of 200,000 draws a tenth has 20,000 expected and a standard deviation of 134: five of those are 671.
    assert np.all(np.abs(np.histogram(one, bins=10, range=(0, 1))[0] - 20_000) < 671)
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.012
    assert abs(np.corrcoef(one[1:], one[:-1])[0, 1]) < 0.012
