"""Who is in a source: births, deaths, sex, ethnicity and town, read once for everybody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from features import kernel as k
from features.columns import column, numbers
from features.histories import People
from pathways.words import ETHNICITIES

_GROUPS = {8527: "White", 8515: "Asian", 8516: "Black", 38003598: "Black", 38003600: "Black"}
_GROUP_OF_TEXT = {
    word: group for group in ("White", "Asian", "Black", "Mixed", "Other") for word in (group, group.lower())
}


def read_people(tables: Mapping[str, Any]) -> People:
    person = tables["person"]
    query = person.select(
        column(person, "person_id", "int64").name("person_id"),
        column(person, "gender_concept_id", "int64").name("sex"),
        column(person, "year_of_birth", "int32").name("year"),
        column(person, "month_of_birth", "int32").name("month"),
        column(person, "day_of_birth", "int32").name("day"),
        column(person, "race_concept_id", "int64").name("race"),
        column(person, "ethnicity_source_value", "string").name("code"),
        column(person, "race_source_value", "string").name("text"),
        column(person, "location_id", "int64").name("home"),
    ).order_by("person_id")
    table = query.to_pyarrow()
    parts = tuple(numbers(table[name], pa.int64(), 0) for name in ("year", "month", "day"))
    birth = np.empty(len(parts[0]), dtype=np.int32)
    k.births(*parts, birth)
    ids = numbers(table["person_id"], pa.int64(), -1)
    return People(
        ids=ids,
        birth=birth,
        death=_deaths(tables, ids),
        sex=_mapped(table["sex"], _SEXES, np.nan),
        ethnicity=_mapped(table["code"], {code: float(at) for at, code in enumerate(ETHNICITIES)}, np.nan),
        category=_categories(table),
        home=_towns(tables, numbers(table["home"], pa.int64(), -1)),
    )


def _towns(tables: Mapping[str, Any], home: NDArray[np.int64]) -> NDArray[np.int64]:
    """A number for each person's town, or for the location where the source names no towns; -1 if unknown."""
    place = tables.get("location")
    if place is None or not {"location_id", "city"} <= set(place.columns):
        return home
    found = place.select(place.location_id.cast("int64").name("id"), place.city.cast("string").name("city"))
    listed = found.filter(found.city.notnull()).to_pyarrow().sort_by("id")
    if not listed.num_rows:
        return home
    ids = numbers(listed["id"], pa.int64(), -1)
    town = listed["city"].combine_chunks().dictionary_encode().indices.to_numpy(zero_copy_only=False)
    at = np.empty(len(home), dtype=np.int32)
    k.locate(ids, home, at)
    return np.where(at >= 0, town[np.maximum(at, 0)], -1).astype(np.int64)


_SEXES = {8532: 0.0, 8507: 1.0, 8521: 2.0}
"""Female, male and other as levels of `words.SEXES`; every other concept is unknown."""


def _mapped(column: pa.ChunkedArray, levels: Mapping[Any, float], otherwise: float) -> NDArray[np.float64]:
    """A number for each value of a column; the few different values are looked up once."""
    if column.null_count == len(column):
        return np.full(len(column), otherwise)
    encoded = column.combine_chunks().dictionary_encode()
    clean = [value.strip() if isinstance(value, str) else value for value in encoded.dictionary.to_pylist()]
    table: NDArray[np.float64] = np.array([*(levels.get(value, otherwise) for value in clean), otherwise])
    at: NDArray[np.int32] = encoded.indices.fill_null(len(clean)).to_numpy(zero_copy_only=False)
    return table[at]


def _categories(table: pa.Table) -> NDArray[np.str_]:
    """The ethnic category by NHS code, else the pooled group by OMOP race, else by the source's own word for it."""
    names = (*ETHNICITIES, "White", "Mixed", "Asian", "Black", "Other", "")
    numbers = {name: float(at) for at, name in enumerate(names)}
    found = _mapped(table["code"], {code: numbers[code] for code in ETHNICITIES}, np.nan)
    race = _mapped(table["race"], {concept: numbers[name] for concept, name in _GROUPS.items()}, np.nan)
    text = _mapped(table["text"], {word: numbers[name] for word, name in _GROUP_OF_TEXT.items()}, numbers[""])
    found = np.where(np.isnan(found), np.where(np.isnan(race), text, race), found)
    return np.array(names, dtype=np.str_)[found.astype(np.int64)]


def birth_day(year: int, month: int, day: int) -> int:
    """The day of birth; mid-month if only the month is known, 1 July if only the year is."""
    if not month:
        return int(k.from_civil(year, 7, 1))
    return int(k.from_civil(year, month, day or 15))


def _deaths(tables: Mapping[str, Any], ids: NDArray[np.int64]) -> NDArray[np.int32]:
    death = np.full(len(ids), k.MAX_DAY, dtype=np.int32)
    if "death" not in tables:
        return death
    table = tables["death"]
    found = table.select(
        column(table, "person_id", "int64").name("person_id"), column(table, "death_date", "date").name("day")
    ).to_pyarrow()
    wanted = numbers(found["person_id"], pa.int64(), -1)
    at = np.empty(len(wanted), dtype=np.int32)
    k.locate(ids, wanted, at)
    days = numbers(found["day"], pa.int32(), k.MAX_DAY)
    np.minimum.at(death, at[at >= 0], days[at >= 0])
    return death
