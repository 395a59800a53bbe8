"""Regions, integrated care boards and general practices, with who lives there: official tables, by board.

`boards.csv` and `practices.csv` are worked out of `uk_area_tables` (Office for National Statistics, NHS England and
Ministry of Housing, Communities and Local Government; Open Government Licence v3.0) by
`tests/synthetic/area_tables.py`: people of mid-2020 by five-year band of age, ethnicity as in the census of 2021, and
small areas by fifth of the indices of deprivation of 2019 and 2025. Of each board's practices twenty lend their code
and name, and nothing else.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from synthetic.draws import Floats, Ints

ETHNICITIES = "ABCDEFGHJKLMNPRS"
"""NHS data dictionary, ethnic category 2001: British, Irish, other White; White and Black Caribbean, White and Black
African, White and Asian, other mixed; Indian, Pakistani, Bangladeshi, other Asian; Caribbean, African, other Black;
Chinese; any other. Z is not stated."""

REGIONS = ("London", "North of England")
REGION_CODES = ("E12000007", "E40000001")
"""ONS has no code for the whole North (E12000001 to 3), so this is the NHS England region of that name, until 2019."""
LONDON, NORTH = 0, 1

RELEASES = (2019, 2025)
"""Indices of deprivation; the second applies from its publication."""
# Small areas of both regions whose code stayed: rows are their fifth of 2019, columns their fifth of 2025
# (imd2019_lsoa11 and imd2025_lsoa21, both OGL v3).
MOVED_FIFTHS = np.array(
    [
        [3349, 430, 8, 0, 0],
        [492, 2159, 472, 17, 0],
        [6, 488, 1496, 500, 22],
        [1, 18, 407, 1425, 582],
        [0, 0, 10, 320, 1674],
    ]
)


@dataclass(frozen=True)
class Board:
    """An integrated care board: where it is, who lives there and how many practices it has here."""

    region: int
    code: str
    name: str
    people_by_age: Floats
    ethnicity: Floats
    fifths: Floats


@dataclass(frozen=True)
class Practice:
    """A general practice; its number is its place in PRACTICES."""

    board: int
    code: str
    name: str


def _rows(name: str) -> list[dict[str, str]]:
    with (Path(__file__).with_name(name)).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _numbers(row: dict[str, str], prefix: str) -> Floats:
    return np.array([float(value) for name, value in row.items() if name.startswith(prefix)])


BOARDS: tuple[Board, ...] = tuple(
    Board(
        REGIONS.index(row["region"]),
        row["code"],
        row["name"],
        _numbers(row, "age_"),
        _numbers(row, "ethnicity_"),
        _numbers(row, "imd2019_"),
    )
    for row in _rows("boards.csv")
)
_BY_CODE = {board.code: at for at, board in enumerate(BOARDS)}
PRACTICES: tuple[Practice, ...] = tuple(
    sorted(
        (Practice(_BY_CODE[row["board"]], row["code"], row["name"]) for row in _rows("practices.csv")),
        key=lambda practice: practice.board,
    )
)
EACH = len(PRACTICES) // len(BOARDS)
"""Practices of each board; those of board b are b * EACH to b * EACH + EACH - 1."""

BOARD_OF: Ints = np.array([practice.board for practice in PRACTICES], dtype=np.int64)
REGION_OF: Ints = np.array([BOARDS[practice.board].region for practice in PRACTICES], dtype=np.int64)


def people_of(region: int) -> Floats:
    """People of a region in mid-2020 by five-year band of age, 0 to 4 first and 90 and over last."""
    return np.asarray(np.sum([board.people_by_age for board in BOARDS if board.region == region], axis=0))


def boards_of(region: int) -> Ints:
    """Positions of the boards of a region."""
    return np.array([at for at, board in enumerate(BOARDS) if board.region == region], dtype=np.int64)
