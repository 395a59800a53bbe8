"""Boards and practices are those of the official tables: nothing in the two files was typed by hand."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

import synthetic
from synthetic import places
from tests.synthetic.area_tables import Tables, boards, moved_fifths, practices


def committed(name: str) -> list[dict[str, str]]:
    with (Path(synthetic.__file__).parent / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.external
def test_boards_are_worked_out_of_the_official_tables(shared):
    worked_out = [{name: str(value) for name, value in row.items()} for row in boards(Tables(shared))]

    assert committed("boards.csv") == worked_out


@pytest.mark.external
def test_practices_are_listed_in_the_official_table(shared):
    assert committed("practices.csv") == practices(Tables(shared))


@pytest.mark.external
def test_small_areas_moved_between_fifths_as_the_two_releases_say(shared):
    assert places.MOVED_FIFTHS.tolist() == moved_fifths(Tables(shared))


def test_london_has_five_boards_of_nine_million_people_and_the_north_seven_of_fifteen():
    london, north = (places.people_of(region).sum() / 1e6 for region in (places.LONDON, places.NORTH))

    assert (len(places.boards_of(places.LONDON)), len(places.boards_of(places.NORTH))) == (5, 7)
    assert london == pytest.approx(9.0, abs=0.05)  # ONS, mid-2020: 9,002,488
    assert north == pytest.approx(15.6, abs=0.1)  # North East 2.68, North West 7.37, Yorkshire and the Humber 5.53


def test_every_practice_lies_in_its_board_and_region():
    assert np.array_equal(places.BOARD_OF, np.repeat(np.arange(12), places.EACH))
    assert places.REGION_OF[places.BOARD_OF == 0].tolist() == [places.LONDON] * places.EACH
