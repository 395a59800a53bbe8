"""Works the two tables of `synthetic/` out of the official area tables: `python -m tests.synthetic.area_tables SHARED`.

The tables are official statistics under the Open Government Licence v3.0. What is committed is compared with this by
`test_places.py`, so that no figure in them was typed by hand.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import Any

import duckdb

HERE = Path(__file__).resolve().parents[2] / "synthetic"
EACH = 20  # practices of a board

REGION = """CASE REGION_NAME WHEN 'London' THEN 'London' ELSE 'North of England' END"""
NORTH = "('London', 'North West', 'North East and Yorkshire')"

# The letters of the 16 categories of 2001; Gypsy, Traveller and Roma are in C, Arab in S.
LETTERS = {
    "White: English, Welsh, Scottish, Northern Irish or British": "A",
    "White: Irish": "B",
    "White: Other White": "C",
    "White: Gypsy or Irish Traveller": "C",
    "White: Roma": "C",
    "Mixed or Multiple ethnic groups: White and Black Caribbean": "D",
    "Mixed or Multiple ethnic groups: White and Black African": "E",
    "Mixed or Multiple ethnic groups: White and Asian": "F",
    "Mixed or Multiple ethnic groups: Other Mixed or Multiple ethnic groups": "G",
    "Asian, Asian British or Asian Welsh: Indian": "H",
    "Asian, Asian British or Asian Welsh: Pakistani": "J",
    "Asian, Asian British or Asian Welsh: Bangladeshi": "K",
    "Asian, Asian British or Asian Welsh: Other Asian": "L",
    "Black, Black British, Black Welsh, Caribbean or African: Caribbean": "M",
    "Black, Black British, Black Welsh, Caribbean or African: African": "N",
    "Black, Black British, Black Welsh, Caribbean or African: Other Black": "P",
    "Asian, Asian British or Asian Welsh: Chinese": "R",
    "Other ethnic group: Arab": "S",
    "Other ethnic group: Any other ethnic group": "S",
}


class Tables:
    """The area tables, read by SQL."""

    def __init__(self, shared: Path) -> None:
        self._folder = shared / "data" / "uk_area_tables" / "parquet"
        self._con = duckdb.connect()

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query in which {name} stands for a table."""
        names = {path.stem: f"read_parquet('{path}')" for path in self._folder.glob("*.parquet")}
        return self._con.sql(query.format_map(names)).fetchall()


def boards(tables: Tables) -> list[dict[str, Any]]:
    """Integrated care boards: people of mid-2020 by five-year band, census 2021 ethnicity, fifths of two releases.

    People of a local authority are shared out among its boards by small areas (all small areas count alike).
    """
    listed = tables.rows(
        f"""SELECT DISTINCT {REGION} AS region, ICB_ONS_CODE, ICB_ODS_CODE, ICB_NAME
        FROM {{gp_practice_to_pcn_icb_region_2023_24}} WHERE REGION_NAME IN {NORTH} ORDER BY 1, 2"""
    )
    weights = tables.rows(
        """WITH areas AS (
            SELECT icb22_code, ltla22_code, count(*) AS n FROM {lookup_lsoa11_sicbl22_icb22_ltla22} GROUP BY ALL)
        SELECT icb22_code, ltla22_code, n / sum(n) OVER (PARTITION BY ltla22_code) FROM areas ORDER BY 1, 2"""
    )
    ages = _by_board(weights, _ages(tables))
    origins = _by_board(weights, _ethnicities(tables))
    fifths = {2019: _fifths_2019(tables), 2025: _fifths_2025(tables)}
    rows = []
    for region, code, ods, name in listed:
        row: dict[str, Any] = {"region": region, "code": code, "ods": ods, "name": name}
        row |= {f"age_{5 * band}": round(ages[code][band]) for band in range(19)}
        row |= {f"ethnicity_{letter}": round(origins[code][letter]) for letter in sorted(set(LETTERS.values()))}
        row |= {f"imd{year}_{fifth}": fifths[year][code][fifth] for year in fifths for fifth in range(1, 6)}
        rows.append(row)
    return rows


def _by_board(weights: list[tuple[Any, ...]], of: dict[str, dict[Any, float]]) -> dict[str, dict[Any, float]]:
    found: dict[str, dict[Any, float]] = {}
    for board, authority, weight in weights:
        for level, people in of.get(authority, {}).items():
            mine = found.setdefault(board, {})
            mine[level] = mine.get(level, 0.0) + weight * people
    return found


def _ages(tables: Tables) -> dict[str, dict[Any, float]]:
    bands = [[f'"{age}"' for age in range(5 * band, 5 * band + 5)] for band in range(18)] + [['"90+"']]
    sums = ", ".join("+".join(band) for band in bands)
    rows = tables.rows(f"SELECT ltla21_code, {sums} FROM {{population2020_by_age_ltla21}}")
    return {code: dict(enumerate(people)) for code, *people in rows}


def _ethnicities(tables: Tables) -> dict[str, dict[Any, float]]:
    found: dict[str, dict[Any, float]] = {}
    for code, group, people in tables.rows(
        "SELECT ltla21_code, ethnic_group, value FROM {census2021_ethnicity_ltla21} WHERE ethnic_group LIKE '%(number)'"
    ):
        letter = LETTERS[group.removesuffix(" (number)")]
        mine = found.setdefault(code, {})
        mine[letter] = mine.get(letter, 0.0) + people
    return found


def _fifths_2019(tables: Tables) -> dict[str, dict[int, int]]:
    return _counted(
        tables.rows(
            """SELECT icb22_code, ceil(IMD_decile / 2)::INT, count(*) FROM {lookup_lsoa11_sicbl22_icb22_ltla22}
            JOIN {imd2019_lsoa11} USING (lsoa11_code) GROUP BY ALL"""
        )
    )


def _fifths_2025(tables: Tables) -> dict[str, dict[int, int]]:
    return _counted(
        tables.rows(
            """SELECT icb24_code, ceil(IMD_decile / 2)::INT, count(*) FROM {lookup_lsoa21_icb24}
            JOIN {imd2025_lsoa21} USING (lsoa21_code) GROUP BY ALL"""
        )
    )


def _counted(rows: list[tuple[Any, ...]]) -> dict[str, dict[int, int]]:
    found: dict[str, dict[int, int]] = {}
    for board, fifth, areas in rows:
        found.setdefault(board, dict.fromkeys(range(1, 6), 0))[fifth] = areas
    return found


def moved_fifths(tables: Tables) -> list[list[int]]:
    """Small areas of both regions whose code did not change: rows are their fifth of 2019, columns that of 2025."""
    counts = [[0] * 5 for _ in range(5)]
    for old, new, areas in tables.rows(
        f"""SELECT ceil(o.IMD_decile / 2)::INT, ceil(n.IMD_decile / 2)::INT, count(*)
        FROM {{imd2019_lsoa11}} o JOIN {{imd2025_lsoa21}} n ON o.lsoa11_code = n.lsoa21_code
        JOIN {{lookup_lsoa21_icb24}} l ON l.lsoa21_code = n.lsoa21_code WHERE l.icb24_code IN (
            SELECT ICB_ONS_CODE FROM {{gp_practice_to_pcn_icb_region_2023_24}} WHERE REGION_NAME IN {NORTH})
        GROUP BY ALL"""
    ):
        counts[old - 1][new - 1] = areas
    return counts


def practices(tables: Tables) -> list[dict[str, Any]]:
    """Twenty general practices of each board, evenly spaced by code."""
    rows = tables.rows(
        f"""SELECT ICB_ONS_CODE AS board, PRACTICE_CODE AS code, PRACTICE_NAME AS name FROM (
            SELECT *, row_number() OVER w - 1 AS place, count(*) OVER (PARTITION BY ICB_ONS_CODE) AS places
            FROM {{gp_practice_to_pcn_icb_region_2023_24}} WHERE REGION_NAME IN {NORTH}
            WINDOW w AS (PARTITION BY ICB_ONS_CODE ORDER BY PRACTICE_CODE))
        WHERE floor(place * {EACH} / places) <> floor((place - 1) * {EACH} / places) ORDER BY 1, 2"""
    )
    return [{"board": board, "code": code, "name": name} for board, code, name in rows]


def written(path: Path, rows: list[dict[str, Any]]) -> None:
    """Write rows as CSV."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    area = Tables(Path(sys.argv[1]))
    written(HERE / "boards.csv", boards(area))
    written(HERE / "practices.csv", practices(area))
    sys.stdout.write(f"{moved_fifths(area)}\n")
