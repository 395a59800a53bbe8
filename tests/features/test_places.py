"""A person who moved is of the old place before and of the new one after."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from features.days import calendar_date
from features.source import open_source
from features.streams import BASE

TABLES = {
    "person": """SELECT * FROM (VALUES (1, 8532, 1970, 2, 2), (2, 8507, 1980, 1, 1), (3, 8507, 1985, 3, 3))
        p(person_id, gender_concept_id, year_of_birth, location_id, care_site_id)""",
    "location": """SELECT * FROM (VALUES (1, 'E12000007', 'NHS South West London'),
        (2, 'E40000001', 'NHS West Yorkshire'),
        (3, 'E12000007', 'NHS South West London')) l(location_id, location_source_value, county)""",
    "care_site": """SELECT * FROM (VALUES (1, 'H85001', 1), (2, 'B83002', 2), (3, 'H85003', 3), (4, 'H85004', 3))
        c(care_site_id, care_site_source_value, location_id)""",
    "location_history": """SELECT * FROM (VALUES (1, 'Person', 1, DATE '2010-04-01'),
        (2, 'Person', 1, DATE '2019-07-15'),
        (3, 'Person', 3, DATE '2012-01-01'), (1, 'Care Site', 2, DATE '1990-01-01'))
        h(location_id, domain_id, entity_id, start_date)""",
}


@pytest.fixture
def source(tmp_path: Path):
    for name, query in TABLES.items():
        duckdb.sql(f"COPY ({query}) TO '{tmp_path}/{name}.parquet'")
    return open_source(tmp_path)


ODD = {
    "no home": "(NULL, 'Person', 1, DATE '2015-01-01')",
    "nobody": "(2, 'Person', NULL, DATE '2015-01-01')",
    "a home that is not listed": "(99, 'Person', 1, DATE '2015-01-01')",
    "twice": "(1, 'Person', 1, DATE '2010-04-01')",
    "somebody who is not listed": "(2, 'Person', 77, DATE '2015-01-01')",
}


def places(source, person: int, name: str) -> list[tuple[str, str]]:
    """The day from which each place holds, and the place."""
    facts, at = source.places.facts, list(source.people.ids).index(person)
    mine = (facts.person == at) & (facts.stream == BASE.index(name))
    days = [calendar_date(max(int(day), 0)).isoformat() for day in facts.first[mine]]
    return sorted(zip(days, [source.places.levels[name][int(level)] for level in facts.level[mine]], strict=True))


def test_a_move_from_london_to_leeds_changes_region_area_and_practice_on_its_day(source):
    assert places(source, 1, "region") == [("2010-04-01", "E12000007"), ("2019-07-15", "E40000001")]
    assert places(source, 1, "area") == [("2010-04-01", "NHS South West London"), ("2019-07-15", "NHS West Yorkshire")]
    assert places(source, 1, "practice") == [("2010-04-01", "H85001"), ("2019-07-15", "B83002")]


def test_a_person_without_a_history_of_places_has_the_place_of_the_person_table_always(source):
    assert places(source, 2, "region") == [("1970-01-01", "E12000007")]
    assert places(source, 2, "practice") == [("1970-01-01", "H85001")]


def test_a_home_with_two_practices_says_nothing_of_the_practice(source):
    """The practice of the person table stands; which of the two it was is not guessed."""
    assert places(source, 3, "practice") == [("1970-01-01", "H85003")]
    assert places(source, 3, "region") == [("2012-01-01", "E12000007")]


@pytest.mark.parametrize("what", sorted(ODD))
def test_an_odd_row_of_places_moves_nobody(tmp_path, what):
    for name, query in TABLES.items():
        odd = query.replace("(1, 'Care Site'", f"{ODD[what]}, (1, 'Care Site'")
        duckdb.sql(f"COPY ({odd}) TO '{tmp_path}/{name}.parquet'")

    found = places(open_source(tmp_path), 1, "region")

    assert sorted(set(found)) == [("2010-04-01", "E12000007"), ("2019-07-15", "E40000001")]


def test_a_move_without_a_day_counts_from_the_beginning_and_one_to_come_from_its_day(tmp_path):
    more = "(2, 'Person', 2, NULL::DATE), (2, 'Person', 3, DATE '2090-01-01')"
    for name, query in TABLES.items():
        odd = query.replace("(1, 'Care Site'", f"{more}, (1, 'Care Site'")
        duckdb.sql(f"COPY ({odd}) TO '{tmp_path}/{name}.parquet'")
    source = open_source(tmp_path)

    assert places(source, 2, "region") == [("1970-01-01", "E40000001")]
    assert places(source, 3, "region") == [("2012-01-01", "E12000007"), ("2090-01-01", "E40000001")]
