"""A source of OMOP records, 5.3 or 5.4: a folder of Parquet or CSV, or a .duckdb file, read through Ibis.

The engine only selects and joins records to the concepts that are asked for; everything else is the kernel's.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
from ibis.util import gen_name
from numpy.typing import NDArray

from features import kernel as k
from features.columns import column
from features.days import number
from features.families import families, read_links, with_households
from features.histories import Links, People, Rows
from features.people import read_people
from features.places import Places, read_places
from features.vocabulary import TABLE_CODES, TABLE_OF, SlotMap, Vocabulary, expand
from pathways.words import KINDS, ConceptSet

INPATIENT = (9201, 262)
"""Inpatient Visit, Emergency Room and Inpatient Visit: a diagnosis of a stay is entered when the stay ends."""

COLUMNS = {
    "condition_occurrence": ("condition", "condition_start_date", "condition_end_date", None),
    "measurement": ("measurement", "measurement_date", None, "value_as_number"),
    "drug_exposure": ("drug", "drug_exposure_start_date", "drug_exposure_end_date", "days_supply"),
    "visit_occurrence": ("visit", "visit_start_date", "visit_end_date", None),
    "procedure_occurrence": ("procedure", "procedure_date", "procedure_end_date", None),
    "observation": ("observation", "observation_date", None, "value_as_number"),
}


class SourceError(Exception):
    """The source cannot be read as OMOP; every problem is listed."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(["This source cannot be read as OMOP:", *(f"- {one}" for one in problems)]))
        self.problems = problems


@dataclass
class Source:
    """An open source: its tables by name, and what every chunk of people needs to know of it."""

    path: Path
    con: Any
    tables: dict[str, Any]
    of: Source | None = None
    _sql: dict[tuple[int, str], tuple[SlotMap, str]] = field(default_factory=dict)

    @cached_property
    def extract_day(self) -> int:
        """The last day that anybody was observed, or the day of the extract where the source tells it."""
        ends = (
            self._newest("observation_period", "observation_period_end_date"),
            self._newest("cdm_source", "source_release_date"),
        )
        days = [day for day in ends if day is not None]
        if not days:
            newest = [self._newest(table, COLUMNS[table][1]) for table in COLUMNS]
            days = [day for day in newest if day is not None]
        return max(days, default=k.MIN_DAY)

    def _newest(self, table: str, column: str) -> int | None:
        if table not in self.tables or column not in self.tables[table].columns:
            return None
        day = self.tables[table][column].cast("date").max().execute()
        return None if day is None or day != day else number(day.date() if hasattr(day, "date") else day)

    @cached_property
    def rows_in(self) -> dict[str, int]:
        """Rows of each table of records, as the source holds them."""
        return {name: int(self.tables[name].count().execute()) for name in COLUMNS if name in self.tables}

    @cached_property
    def complete(self) -> dict[str, int]:
        """Kinds of record that this source has at all, each complete from the beginning: OMOP says no more."""
        return {kind: k.MIN_DAY for kind in KINDS if self.rows_in.get(TABLE_OF[kind], 0) > 0}

    @cached_property
    def people(self) -> People:
        """Everybody, by id."""
        return read_people(self.tables)

    @cached_property
    def places(self) -> Places:
        """Observation periods, regions, areas, practices and deprivation of everybody."""
        return read_places(self.con, self.tables, self.people.ids)

    @cached_property
    def families(self) -> NDArray[np.int64]:
        """Who must stay on one side of a split."""
        return families(self.people, self.tables)

    def together(self, relations: Collection[str]) -> NDArray[np.int64]:
        """Who must stay on one side of a split for a prediction that reads of these relatives."""
        return self._households if "household" in relations else self.families

    @cached_property
    def _households(self) -> NDArray[np.int64]:
        if self.of is not None:
            return self.of._households[np.searchsorted(self.of.people.ids, self.people.ids)]
        return with_households(self.families, self.links)

    @property
    def whole(self) -> Source:
        """The source of which this is a part, or itself: relatives are looked for among everybody."""
        return self if self.of is None else self.of

    @cached_property
    def links(self) -> Links:
        """Mothers, brothers and sisters, households of everybody, as positions among the people of the whole source."""
        if self.of is not None:
            return self.of.links.some(np.searchsorted(self.of.people.ids, self.people.ids))
        return read_links(self.people, self.tables)

    def only(self, people: NDArray[np.int64]) -> Source:
        """This source, of which only some people are read, by id; ids of nobody are passed over.

        What is known of the whole stays: the day of the extract, the kinds of record that there are, the rows of each
        table (those of other people are not asked for) and who is of one family.
        """
        at = np.flatnonzero(np.isin(self.people.ids, people))
        chosen = self._table_of({"chosen_id": (pa.int64(), self.people.ids[at])})
        one = Source(self.path, self.con, {name: _theirs(table, chosen) for name, table in self.tables.items()})
        one.people, one.families, one.of = self.people.part(at), self.families[at], self.whole
        one.extract_day, one.rows_in = self.extract_day, self.rows_in
        return one

    def held(self, people: NDArray[np.int64]) -> Source:
        """Only some people, their records and those of their relatives in memory, for reading one after another."""
        some, whole = self.only(people), self.whole
        near = whole.only(np.union1d(some.people.ids, whole.people.ids[some.links.other])).tables
        records = {
            name: self.con.create_table(gen_name("held"), near[name], temp=True) for name in COLUMNS if name in near
        }
        there = Source(self.path, self.con, whole.tables | records)
        there.people, there.places, there.families, there.links = (
            whole.people,
            whole.places,
            whole.families,
            whole.links,
        )
        there.extract_day, there.rows_in = whole.extract_day, whole.rows_in
        return there.only(people)

    def vocabulary(self, sets: tuple[ConceptSet, ...]) -> Vocabulary:
        """Concept sets expanded through CONCEPT_ANCESTOR, and the codes of CONCEPT, if the source has them."""
        found = expand(sets, self._descendants({c for one in sets for c, _ in one.include + one.exclude}))
        return Vocabulary(found.concepts, self._codes(sorted({c for ids in found.concepts.values() for c in ids})))

    def _codes(self, concepts: list[int]) -> dict[str, int]:
        """Codes of concepts, and codes that CONCEPT_RELATIONSHIP maps to them (dm+d to RxNorm, say)."""
        table = self.tables.get("concept")
        if table is None or not {"concept_id", "vocabulary_id", "concept_code"} <= set(table.columns):
            return {}
        codes = table.select(
            table.concept_id.cast("int64").name("id"),
            (table.vocabulary_id.cast("string") + "|" + table.concept_code.cast("string")).name("code"),
        ).filter(lambda one: one.code.notnull())
        found = {row["code"]: row["id"] for row in codes.filter(codes.id.isin(concepts)).to_pyarrow().to_pylist()}
        links = self.tables.get("concept_relationship")
        if links is None or not {"concept_id_1", "concept_id_2", "relationship_id"} <= set(links.columns):
            return found
        maps = links.filter(links.relationship_id == "Maps to", links.concept_id_2.cast("int64").isin(concepts))
        mapped = maps.join(codes, maps.concept_id_1.cast("int64") == codes.id).select("code", "concept_id_2")
        return {row["code"]: int(row["concept_id_2"]) for row in mapped.to_pyarrow().to_pylist()} | found

    def _descendants(self, concepts: set[int]) -> dict[int, frozenset[int]]:
        if "concept_ancestor" not in self.tables or not concepts:
            return {}
        table = self.tables["concept_ancestor"]
        pairs = table.filter(table.ancestor_concept_id.cast("int64").isin(sorted(concepts))).select(
            table.ancestor_concept_id.cast("int64").name("a"), table.descendant_concept_id.cast("int64").name("d")
        )
        found: dict[int, set[int]] = {}
        for row in pairs.to_pyarrow().to_pylist():
            found.setdefault(row["a"], set()).add(row["d"])
        return {ancestor: frozenset(below) for ancestor, below in found.items()}

    def rows(self, slots: SlotMap, low: int | None, high: int | None, ids: NDArray[np.int64]) -> Iterator[Rows]:
        """Rows of people with `low <= person_id < high` (None: no limit) that some concept set asks for, by table.

        `ids` are the people that `Rows.person` counts; others get -1.
        """
        for chunks in self.chunks(slots, low, high, ids, max(1, len(ids))):
            yield next(chunks)

    def rows_of(self, slots: SlotMap, ids: NDArray[np.int64]) -> Iterator[Rows]:
        """The same of a few people, asked for by their ids, ascending."""
        where = f" WHERE person_id IN ({', '.join(map(str, ids.tolist()))})"
        for table in self._tables_asked(slots) if len(ids) else ():
            yield next(_chunks(self._fetch(slots, table, where), table, ids, len(ids)))

    def chunks(
        self, slots: SlotMap, low: int | None, high: int | None, ids: NDArray[np.int64], chunk: int
    ) -> Iterator[Iterator[Rows]]:
        """The same for each table in chunks of people: each counts its own, rows of others come with the first."""
        for table in self._tables_asked(slots):
            yield _chunks(self._fetch(slots, table, _between(low, high)), table, ids, chunk)

    def _tables_asked(self, slots: SlotMap) -> Iterator[str]:
        """The tables that there are and that some concept set asks for."""
        return (table for table in COLUMNS if table in self.tables and table in slots.by_table)

    def _fetch(self, slots: SlotMap, table: str, where: str) -> dict[str, NDArray[Any]]:
        key = (id(slots), table)
        if key not in self._sql:
            self._sql[key] = slots, self._compile(slots, table)  # kept, so that its id names no other slots later
        # People are chosen before a missing one is filled in, so blocks of a file without them are passed over. Not by
        # `sql()`, which plans every query twice.
        query = f"SELECT * REPLACE (coalesce(person_id, -1) AS person_id) FROM ({self._sql[key][1]}) AS asked"
        found: dict[str, NDArray[Any]] = self.con.con.execute(query + where).fetchnumpy()
        return found

    def _compile(self, slots: SlotMap, table: str) -> str:
        """The query of one table, written once; the chunk of people is added to it as plain text."""
        concepts, answers = slots.by_table[table]
        source = self.tables[table]
        query = _asked(source, table, self._slot_table(concepts), f"{COLUMNS[table][0]}_concept_id", self._stays)
        if answers and "value_as_concept_id" in source.columns:
            answered = self._slot_table(answers)
            more = _asked(source, table, answered, "value_as_concept_id", self._stays, sorted(concepts))
            query = query.union(more, distinct=False)
        return str(ibis.to_sql(query, dialect="duckdb"))

    def _slot_table(self, slots: dict[int, int]) -> Any:
        return self._table_of({"asked_concept": (pa.int64(), list(slots)), "slot": (pa.int32(), list(slots.values()))})

    def _table_of(self, columns: Mapping[str, tuple[pa.DataType, Any]]) -> Any:
        table = pa.table({name: pa.array(values, kind) for name, (kind, values) in columns.items()})
        return self.con.create_table(gen_name("asked"), table, temp=True)

    @cached_property
    def _stays(self) -> Any:
        visits = self.tables.get("visit_occurrence")
        needed = {"visit_occurrence_id", "visit_concept_id", "visit_end_date"}
        if visits is None or not needed <= set(visits.columns):
            return None
        stays = visits.filter(visits.visit_concept_id.isin(INPATIENT))
        ends = stays.select(stay_id=stays.visit_occurrence_id, stay_end=stays.visit_end_date.cast("date"))
        return ends.group_by("stay_id").agg(stay_end=ends.stay_end.max())  # a stay may stand twice in the table


def open_source(path: Path | str) -> Source:
    """Open a folder of Parquet or CSV files named after OMOP tables, or a .duckdb file.

    Raises
    ------
    SourceError
        If there is no such place, or no PERSON table in it; every problem is listed.
    """
    path = Path(path)
    if not path.exists():
        raise SourceError((f"there is nothing at {path}; give a folder of Parquet or CSV, or a .duckdb file",))
    if path.is_dir():
        con = ibis.duckdb.connect()
        tables = _folder_tables(con, path)
    else:
        con = ibis.duckdb.connect(str(path), read_only=True)
        names = [name for (name,) in con.con.sql("SHOW TABLES").fetchall()]  # Ibis 12 cannot list those of DuckDB 2
        tables = {name.lower(): _lower(con.table(name)) for name in names}
    if "person" not in tables:
        raise SourceError(("there is no table PERSON",))
    lacking = {"person_id", "year_of_birth", "gender_concept_id"} - set(tables["person"].columns)
    if lacking:
        raise SourceError(tuple(f"the table PERSON has no column {column}" for column in sorted(lacking)))
    return Source(path, con, tables)


def _folder_tables(con: Any, path: Path) -> dict[str, Any]:
    tables = {}
    for entry in sorted(path.iterdir()):
        name = re.sub(r"\.(parquet|csv|csv\.gz)$", "", entry.name.lower())
        if entry.is_dir() and any(entry.rglob("*.parquet")):
            tables[name] = _lower(con.read_parquet(str(entry / "**" / "*.parquet"), hive_partitioning=True))
        elif entry.suffix == ".parquet":
            tables[name] = _lower(con.read_parquet(str(entry)))
        elif entry.name.lower().endswith((".csv", ".csv.gz")):
            tables[name] = _lower(con.read_csv(str(entry)))
    return tables


def _lower(table: Any) -> Any:
    return table.rename(str.lower) if any(column != column.lower() for column in table.columns) else table


def _theirs(table: Any, chosen: Any) -> Any:
    """The rows of some people; all rows of a table that is not about people."""
    if "person_id" not in table.columns:
        return table
    return table.semi_join(chosen, table.person_id.cast("int64") == chosen.chosen_id)


def _asked(source: Any, table: str, slots: Any, concept: str, stays: Any, again: Sequence[int] = ()) -> Any:
    """Rows whose concept (or answer) has a slot; those whose concept is one of `again` are read for the second time."""
    joined = source.join(slots, source[concept].cast("int64") == slots.asked_concept)
    names = _names(table)
    if table == "condition_occurrence" and stays is not None and "visit_occurrence_id" in source.columns:
        joined = joined.left_join(stays, joined.visit_occurrence_id == stays.stay_id)
        names["entered"] = "stay_end"
    found = {as_: _filled(joined, name, as_) for as_, name in names.items() if name in joined.columns}
    if "value_as_concept_id" in source.columns:
        seen = joined[f"{COLUMNS[table][0]}_concept_id"].cast("int64").isin(list(again))
        found["operator"] = ibis.ifelse(seen, k.AGAIN, found.get("operator", 0)).cast("int32")
    return joined.select("slot", **found)


def _names(table: str) -> dict[str, str | None]:
    """What the columns of a table that is read are called there."""
    _, start, end, value = COLUMNS[table]
    unit = "unit_concept_id" if table in ("measurement", "observation") else None
    names = {"person_id": "person_id", "day": start, "until": end, "value": value, "unit": unit}
    return names | {"operator": "operator_concept_id", "record": f"{table}_id"}


_KINDS: dict[str, tuple[str, Any, float]] = {
    "person_id": ("int64", np.int64, -1),
    "day": ("date", np.int32, k.MIN_DAY),
    "until": ("date", np.int32, k.MIN_DAY),
    "value": ("float64", np.float64, float("nan")),
    "unit": ("int32", np.int32, 0),
    "operator": ("int32", np.int32, 0),
    "entered": ("date", np.int32, k.MIN_DAY),
    "record": ("int64", np.int64, 0),
}
"""Type in the source, type in the kernel, and what stands for missing."""


def _filled(table: Any, name: str | None, as_: str) -> Any:
    """A column as numbers without nulls, as it is to reach the kernel; of people, `_fetch` fills them in."""
    kind, _, missing = _KINDS[as_]
    found = column(table, name, kind)
    if as_ == "person_id":
        return found
    return found.epoch_days().coalesce(int(missing)).cast("int32") if kind == "date" else found.coalesce(missing)


def _between(low: int | None, high: int | None) -> str:
    """People of a chunk; a row without a person is read once, with the first people."""
    if low is None and high is None:
        return ""
    if low is None:
        return f" WHERE person_id < {high} OR person_id IS NULL"
    return f" WHERE person_id >= {low}" + (f" AND person_id < {high}" if high is not None else "")


def _chunks(found: Mapping[str, NDArray[Any]], table: str, ids: NDArray[np.int64], chunk: int) -> Iterator[Rows]:
    """Rows in whatever order the engine delivers them, dealt to chunks of people."""
    person = np.empty(len(found["slot"]), dtype=np.int32)
    k.locate(ids, found["person_id"], person)
    order, bounds = np.empty(len(person), dtype=np.int64), np.empty(max(1, -(-len(ids) // chunk)) + 1, dtype=np.int64)
    k.deal(person, chunk, order, bounds)
    for at, (first, last) in enumerate(pairwise(bounds.tolist())):
        mine = _together(order[first:last])
        yield _rows({name: column[mine] for name, column in found.items()}, table, person[mine], at * chunk)


def _together(rows: NDArray[np.int64]) -> NDArray[np.int64] | slice:
    """Rows that lie side by side, as they mostly do, need no copy."""
    side_by_side = len(rows) > 0 and rows[-1] - rows[0] == len(rows) - 1
    return slice(int(rows[0]), int(rows[-1]) + 1) if side_by_side else rows


def _rows(found: Mapping[str, NDArray[Any]], table: str, person: NDArray[np.int32], first: int) -> Rows:
    n = len(person)
    absent = {name: np.full(n, missing, kind) for name, (_, kind, missing) in _KINDS.items() if name not in found}
    columns = absent | dict(found)
    del columns["person_id"]
    columns["record"] = columns["record"] * 16 + TABLE_CODES[table]
    return Rows(person=np.where(person < 0, person, person - np.int32(first)), **columns)
