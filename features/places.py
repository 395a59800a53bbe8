"""When and where people were observed: observation periods, region, area, practice and deprivation fifth."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from features import kernel as k
from features.histories import Facts
from features.streams import BASE

REGION = re.compile(r"E(12|40)\d{6}")
"""An ONS code of a region (E12), or of a region of NHS England (E40)."""

PERSON_DOMAINS = ("Person", "56", "1147314")
"""What LOCATION_HISTORY says when it is about a person."""


@dataclass(frozen=True)
class Places:
    """Facts of everybody, in the order of people, and the names behind the levels of region, area and practice."""

    facts: Facts
    levels: dict[str, tuple[str, ...]]

    def of(self, low: int, high: int) -> Facts:
        """The facts of people `low` to `high` (positions), counted from `low`."""
        start, stop = np.searchsorted(self.facts.person, [low, high])
        return Facts(
            self.facts.stream[start:stop],
            self.facts.person[start:stop] - np.int32(low),
            self.facts.first[start:stop],
            self.facts.last[start:stop],
            self.facts.level[start:stop],
        )

    def some(self, people: NDArray[np.int64]) -> Facts:
        """The facts of people at some positions that rise, counted by their order."""
        mine = np.isin(self.facts.person, people)
        person = np.searchsorted(people, self.facts.person[mine]).astype(np.int32)
        facts = self.facts
        return Facts(facts.stream[mine], person, facts.first[mine], facts.last[mine], facts.level[mine])


def read_places(con: Any, tables: dict[str, Any], ids: NDArray[np.int64]) -> Places:
    """Read the facts of everybody once; people without an observation period have none."""
    parts, levels = [_periods(tables, ids)], {}
    for name, found in (("region", _regions(tables)), ("area", _areas(tables)), ("practice", _practices(tables))):
        part, levels[name] = _levels(name, found, ids)
        parts.append(part)
    parts.append(_deprivation(tables, ids))
    columns = [np.concatenate([part[at] for part in parts]) for at in range(5)]
    order = np.empty(len(columns[1]), dtype=np.int64)
    k.deal(columns[1], 1, order, np.empty(max(1, len(ids)) + 1, dtype=np.int64))
    known = order[columns[1][order] >= 0]
    return Places(Facts(*(column[known] for column in columns)), levels)


def _columns(stream: str, person: Any, first: Any, last: Any, level: Any) -> tuple[NDArray[Any], ...]:
    """Columns of facts; typed here, as an empty one would else make floats of all."""
    days = (np.asarray(one, dtype=np.int32) for one in (person, first, last))
    return np.full(len(person), BASE.index(stream), dtype=np.int32), *days, np.asarray(level, dtype=np.float64)


def _find(ids: NDArray[np.int64], column: pa.ChunkedArray) -> NDArray[np.int32]:
    wanted = column.combine_chunks().cast(pa.int64()).fill_null(-1).to_numpy(zero_copy_only=False)
    person = np.empty(len(wanted), dtype=np.int32)
    k.locate(ids, np.require(wanted, requirements=["C", "W"]), person)
    return person


def _days(column: pa.ChunkedArray, missing: int) -> NDArray[np.int32]:
    days = column.combine_chunks().cast(pa.date32()).cast(pa.int32()).fill_null(missing)
    return np.asarray(days.to_numpy(zero_copy_only=False), dtype=np.int32)


def _periods(tables: dict[str, Any], ids: NDArray[np.int64]) -> tuple[NDArray[Any], ...]:
    if "observation_period" not in tables:
        return _columns("observed", *(np.zeros(0),) * 4)
    table = tables["observation_period"]
    found = table.select(
        table.person_id.cast("int64").name("person_id"),
        table.observation_period_start_date.cast("date").name("first"),
        table.observation_period_end_date.cast("date").name("last"),
    ).to_pyarrow()
    first, last = _days(found["first"], k.MAX_DAY), _days(found["last"], k.MIN_DAY)
    person = np.where(first <= last, _find(ids, found["person_id"]), -1)
    return _columns("observed", person, first, last, np.full(len(person), np.nan))


def _regions(tables: dict[str, Any]) -> Any:
    if "location" not in tables:
        return None
    place = tables["location"]
    names = [place[name].cast("string") for name in ("location_source_value", "state") if name in place.columns]
    coded = [ibis.ifelse(name.re_search(REGION.pattern), name.re_extract(REGION.pattern, 0), None) for name in names]
    state = [place.state.cast("string").nullif("")] if "state" in place.columns else []
    return _at_home(tables, ibis.coalesce(*coded, *state)) if names else None


def _areas(tables: dict[str, Any]) -> Any:
    if "location" not in tables or "county" not in tables["location"].columns:
        return None
    return _at_home(tables, tables["location"].county.cast("string").nullif(""))


def _at_home(tables: dict[str, Any], name: Any) -> Any:
    place = tables["location"]
    lived = homes(tables)
    if lived is None:
        return None
    places = place.select(place.location_id.cast("int64").name("place"), name.name("name"))
    return lived.join(places, "place").select("person_id", "name", "first")


def homes(tables: dict[str, Any]) -> Any:
    """Where people lived and from what day: LOCATION_HISTORY where the source has it for them, else PERSON, always."""
    person = tables["person"]
    if "location_id" not in person.columns:
        return None
    always = person.select(
        person.person_id.cast("int64").name("person_id"),
        person.location_id.cast("int64").name("place"),
        ibis.null("date").name("first"),
    )
    table = tables.get("location_history")
    if table is None or not {"location_id", "entity_id", "domain_id", "start_date"} <= set(table.columns):
        return always
    dated = table.filter(table.domain_id.cast("string").isin(PERSON_DOMAINS)).select(
        table.entity_id.cast("int64").name("person_id"),
        table.location_id.cast("int64").name("place"),
        table.start_date.cast("date").name("first"),
    )
    return dated.union(always.anti_join(dated, "person_id"))


def _practices(tables: dict[str, Any]) -> Any:
    """The practice of PERSON; at a dated home that holds one care site alone, that one from that day."""
    person = tables["person"]
    if "care_site_id" not in person.columns:
        return None
    now = person.select(
        person.person_id.cast("int64").name("person_id"),
        person.care_site_id.cast("int64").name("site"),
        ibis.null("date").name("first"),
    )
    if "care_site" not in tables or "care_site_source_value" not in tables["care_site"].columns:
        return now.select("person_id", now.site.cast("string").name("name"), "first")
    site = tables["care_site"]
    sites = site.select(
        site.care_site_id.cast("int64").name("site"), site.care_site_source_value.cast("string").name("name")
    )
    named = now.join(sites, "site").select("person_id", "name", "first")
    lived = homes(tables)
    if lived is None or "location_id" not in site.columns:
        return named
    alone = site.group_by(site.location_id.cast("int64").name("place")).agg(
        name=site.care_site_source_value.cast("string").max(), sites=site.count()
    )
    dated = lived.filter(lived.first.notnull()).join(alone.filter(alone.sites == 1), "place")
    dated = dated.select("person_id", "name", "first")
    return dated.union(named.anti_join(dated, "person_id"))


def _levels(stream: str, query: Any, ids: NDArray[np.int64]) -> tuple[tuple[NDArray[Any], ...], tuple[str, ...]]:
    if query is None:
        return _columns(stream, *(np.zeros(0),) * 4), ()
    found = query.filter(query.name.notnull()).to_pyarrow()
    encoded = found["name"].combine_chunks().dictionary_encode()
    listed = encoded.dictionary.to_pylist()
    names = tuple(sorted(listed))
    rank = {name: at for at, name in enumerate(names)}
    numbers = np.array([rank[name] for name in listed], dtype=np.float64)
    level = numbers[encoded.indices.to_numpy(zero_copy_only=False)] if names else np.zeros(0)
    n = len(level)
    person = _find(ids, found["person_id"])
    first, last = _days(found["first"], k.MIN_DAY), np.full(n, k.MAX_DAY, dtype=np.int32)
    return _columns(stream, person, first, last, level), names


def _deprivation(tables: dict[str, Any], ids: NDArray[np.int64]) -> tuple[NDArray[Any], ...]:
    """Fifths (1 is most deprived) from observations whose source value names an IMD release."""
    table = tables.get("observation")
    if table is None or not {"observation_source_value", "value_as_number"} <= set(table.columns):
        return _columns("deprivation", *(np.zeros(0),) * 4)
    named = table.filter(
        table.observation_source_value.cast("string").startswith("IMD"), table.value_as_number.cast("float64") >= 1
    )
    found = named.select(
        named.person_id.cast("int64").name("person_id"),
        named.observation_date.cast("date").name("first"),
        named.value_as_number.cast("float64").name("level"),
    ).to_pyarrow()
    first = _days(found["first"], k.MAX_DAY)
    level = found["level"].combine_chunks().to_numpy(zero_copy_only=False)
    return _columns("deprivation", _find(ids, found["person_id"]), first, np.full_like(first, k.MAX_DAY), level)
