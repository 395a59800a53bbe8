"""The vocabulary of a source: concepts by id, how often its records use them, what descends from what."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

RECORD_TABLES = {
    "condition": ("condition_occurrence", "condition_concept_id"),
    "measurement": ("measurement", "measurement_concept_id"),
    "medication": ("drug_exposure", "drug_concept_id"),
    "immunisation": ("drug_exposure", "drug_concept_id"),
    "visit": ("visit_occurrence", "visit_concept_id"),
    "procedure": ("procedure_occurrence", "procedure_concept_id"),
    "observation": ("observation", "observation_concept_id"),
    "family_history": ("observation", "observation_concept_id"),
}


class SourceRefusedError(Exception):
    """The source cannot be compared with; the message says what is lacking."""


@dataclass(frozen=True)
class Recorded:
    """A concept as the records of a source use it."""

    concept_id: int
    name: str
    table: str
    rows: int


@dataclass(frozen=True)
class Vocabulary:
    """The concepts of a source, how often its records use them, and their descendants if it tells."""

    concepts: Mapping[int, tuple[str, str]]
    recorded: tuple[Recorded, ...]
    descendants: Mapping[int, frozenset[int]] | None


def read_vocabulary(path: Path, wanted: Iterable[int]) -> Vocabulary:
    """Read concepts, how often records use them, and descendants of some, from Parquet, CSV or a .duckdb file.

    Raises
    ------
    SourceRefusedError
        If there is nothing at the path, or no table CONCEPT in it.
    """
    con, tables = _open(path)
    if "concept" not in tables:
        raise SourceRefusedError(f"{path} has no table CONCEPT, so no id can be compared with its name")
    try:
        concepts = _concepts(con, tables["concept"])
        recorded = tuple(_recorded(con, tables, concepts))
        return Vocabulary(concepts, recorded, _descendants(con, tables, wanted))
    except duckdb.Error as error:  # its message may quote a value, so only its kind is told
        raise SourceRefusedError(f"{path} cannot be read as OMOP tables ({type(error).__name__})") from None
    finally:
        con.close()


def _concepts(con: duckdb.DuckDBPyConnection, table: str) -> dict[int, tuple[str, str]]:
    rows = con.sql(f"SELECT concept_id, concept_name, standard_concept FROM {table}").fetchall()
    return {int(concept): (name or "", standard or "") for concept, name, standard in rows}


def read_names(path: Path) -> dict[int, tuple[str, str]]:
    """Concepts of a CSV file with the columns concept_id and concept_name, or of another source with CONCEPT.

    `standard_flag_seen` or `standard_concept`, if there, says whether a concept is standard.

    Raises
    ------
    SourceRefusedError
        If the file is not there or lacks a column.
    """
    if path.is_dir() or path.suffix == ".duckdb":
        return dict(read_vocabulary(path, ()).concepts)
    try:
        with path.open(encoding="utf-8", newline="") as opened:
            rows = list(csv.DictReader(opened))
            return {
                int(row["concept_id"]): (row["concept_name"], _standard(row))
                for row in rows
                if row["concept_id"].isdigit()
            }
    except OSError as error:
        raise SourceRefusedError(f"{path} cannot be read: {error.strerror}") from None
    except KeyError as lacking:
        raise SourceRefusedError(
            f"{path} has no column {lacking.args[0]}; it needs concept_id and concept_name"
        ) from None


def _standard(row: Mapping[str, str]) -> str:
    found = row.get("standard_flag_seen") or row.get("standard_concept") or ""
    return found if found in ("S", "C") else ""


def _open(path: Path) -> tuple[duckdb.DuckDBPyConnection, dict[str, str]]:
    """A connection, and for each OMOP table what to select from."""
    if not path.exists():
        raise SourceRefusedError(f"there is nothing at {path}; give a folder of Parquet or CSV, or a .duckdb file")
    if path.is_file():
        con = duckdb.connect(str(path), read_only=True)
        names = [row[0] for row in con.sql("SELECT table_name FROM information_schema.tables").fetchall()]
        return con, {name.lower(): f'"{name}"' for name in names}
    return duckdb.connect(), dict(_files(path))


def _files(folder: Path) -> Iterator[tuple[str, str]]:
    for entry in sorted(folder.iterdir()):
        name, place = entry.name.lower(), str(entry).replace("'", "''")
        if entry.is_dir() and any(entry.rglob("*.parquet")):
            yield name, f"read_parquet('{place}/**/*.parquet')"
        elif name.endswith(".parquet"):
            yield name.removesuffix(".parquet"), f"read_parquet('{place}')"
        elif name.endswith((".csv", ".csv.gz")):
            yield re.sub(r"\.csv(\.gz)?$", "", name), f"read_csv('{place}')"


def _recorded(
    con: duckdb.DuckDBPyConnection, tables: Mapping[str, str], concepts: Mapping[int, tuple[str, str]]
) -> Iterator[Recorded]:
    for table, column in dict.fromkeys(RECORD_TABLES.values()):
        if table in tables:
            query = f"SELECT {column}, count(*) FROM {tables[table]} WHERE {column} <> 0 GROUP BY {column}"
            for concept, rows in con.sql(query).fetchall():
                yield Recorded(int(concept), concepts.get(int(concept), ("", ""))[0], table, int(rows))


def _descendants(
    con: duckdb.DuckDBPyConnection, tables: Mapping[str, str], wanted: Iterable[int]
) -> dict[int, frozenset[int]] | None:
    if "concept_ancestor" not in tables:
        return None
    listed = ", ".join(str(int(concept)) for concept in sorted(set(wanted))) or "NULL"
    query = (
        f"SELECT ancestor_concept_id, list(descendant_concept_id) FROM {tables['concept_ancestor']}"
        f" WHERE ancestor_concept_id IN ({listed}) GROUP BY ancestor_concept_id"
    )
    return {int(ancestor): frozenset(map(int, below)) for ancestor, below in con.sql(query).fetchall()}
