"""The folder is OMOP CDM 5.4: names, types, order, keys, vocabulary and places."""

from __future__ import annotations

import csv
from datetime import date

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from synthetic.omop import TABLES, Folder, table
from synthetic.vocabulary import all_concepts, descendants

RECORDS = {
    "visit_occurrence": "visit_start_date",
    "condition_occurrence": "condition_start_date",
    "drug_exposure": "drug_exposure_start_date",
    "procedure_occurrence": "procedure_date",
    "measurement": "measurement_date",
    "observation": "observation_date",
}


def value(cdm, query):
    """The one value that a query gives."""
    return cdm.execute(query).fetchall()[0][0]


@pytest.mark.external
@pytest.mark.parametrize("name", sorted(set(TABLES) - {"location_history"}))  # of CDM 6.0
def test_columns_are_those_of_a_5_4_extract_by_ohdsi(shared, name):
    theirs = pq.read_schema(shared / "data" / "omop_synthea27nj_5.4" / "parquet" / f"{name}.parquet")

    assert TABLES[name].names == theirs.names


@pytest.mark.parametrize("name", sorted(TABLES))
def test_every_table_is_written_with_its_types(written, folder, name):
    schema = pq.read_schema(folder / f"{name}.parquet")

    assert schema.equals(TABLES[name])
    assert all(
        schema.field(f.name).type == pa.int64()
        for f in schema
        if f.name.endswith("_id")
        and f.name[-6:] != "ass_id"
        and f.name not in ("domain_id", "vocabulary_id", "relationship_id")
    )
    assert all(schema.field(f.name).type == pa.date32() for f in schema if f.name.endswith("_date"))


def test_a_column_that_omop_does_not_have_is_refused():
    with pytest.raises(KeyError, match="not columns of this table: \\['mood'\\]"):
        table(TABLES["death"], {"person_id": [1], "mood": ["low"]})


def test_a_run_that_fails_leaves_the_old_tables_and_no_half_ones(tmp_path):
    (tmp_path / "death.parquet").write_text("the old table", encoding="utf-8")

    with pytest.raises(KeyError), Folder(tmp_path) as out:
        out.add("death", {"person_id": [1]})
        out.add("death", {"mood": ["low"]})

    assert [file.name for file in tmp_path.iterdir() if file.is_file()] == ["death.parquet"]
    assert (tmp_path / "death.parquet").read_text(encoding="utf-8") == "the old table"


def test_files_are_zstd(written, folder):
    column = pq.ParquetFile(folder / "measurement.parquet").metadata.row_group(0).column(0)

    assert column.compression == "ZSTD"


@pytest.mark.parametrize("name", ["person", "observation_period", "death", *RECORDS])
def test_rows_are_sorted_by_person(written, folder, name):
    people = pq.read_table(folder / f"{name}.parquet", columns=["person_id"])["person_id"].to_numpy()

    assert len(people) > 0
    assert (people[1:] >= people[:-1]).all()


@pytest.mark.parametrize("name", sorted(RECORDS))
def test_record_numbers_are_distinct_and_belong_to_known_people(cdm, name):
    rows, distinct = cdm.execute(f"SELECT count(*), count(DISTINCT {name}_id) FROM {name}").fetchall()[0]
    strangers = value(cdm, f"SELECT count(*) FROM {name} WHERE person_id NOT IN (SELECT person_id FROM person)")

    assert rows == distinct > 0
    assert strangers == 0


@pytest.mark.parametrize("name", ["measurement", "condition_occurrence"])
def test_most_records_point_to_a_visit_of_the_same_person(cdm, name):
    linked, rows, wrong = cdm.execute(
        f"""SELECT count(v.person_id), count(*), count(*) FILTER (WHERE v.person_id <> m.person_id)
        FROM {name} m LEFT JOIN visit_occurrence v USING (visit_occurrence_id)"""
    ).fetchall()[0]

    assert wrong == 0
    assert linked / rows > (0.99 if name == "measurement" else 0.75)  # diagnoses made before joining have no visit


def test_people_are_shared_out_between_two_regions_as_they_live_there(cdm):
    people = dict(
        cdm.execute(
            """SELECT location_source_value, count(*) FROM person JOIN location USING (location_id) GROUP BY ALL"""
        ).fetchall()
    )

    # 9.0 and 15.6 million people in mid-2020; a few have moved to the other region since.
    assert set(people) == {"E12000007", "E40000001"}
    assert sum(people.values()) == 6_000
    assert people["E12000007"] / 6_000 == pytest.approx(9.0 / 24.6, abs=0.03)


def test_practices_and_boards_have_their_real_codes_and_names(cdm):
    sites = dict(cdm.execute("SELECT care_site_source_value, care_site_name FROM care_site").fetchall())
    boards = cdm.execute("SELECT DISTINCT county FROM location").fetchall()

    assert sites["N81001"] == "Audlem Medical Practice"
    assert len(sites) == 240
    assert len(boards) == 12
    assert ("NHS Greater Manchester Integrated Care Board",) in boards
    assert value(cdm, "SELECT count(*) FROM person WHERE care_site_id NOT IN (SELECT care_site_id FROM care_site)") == 0


def test_ethnicity_is_a_16_plus_1_letter_and_not_stated_or_missing_for_a_fifth_of_adults(cdm):
    letters = cdm.execute(
        "SELECT ethnicity_source_value, count(*) FROM person WHERE year_of_birth < 2009 GROUP BY ALL"
    ).fetchall()
    people = sum(number for _, number in letters)

    assert {letter for letter, _ in letters} == {*"ABCDEFGHJKLMNPRSZ", None}
    assert (dict(letters)["Z"] + dict(letters)[None]) / people == pytest.approx(0.183, abs=0.02)


def test_ethnicity_is_missing_more_often_in_children(cdm):
    share = value(
        cdm, "SELECT avg((coalesce(ethnicity_source_value, 'Z') = 'Z')::INT) FROM person WHERE year_of_birth > 2010"
    )

    assert share == pytest.approx(0.277, abs=0.04)


def test_everybody_has_a_deprivation_fifth_from_the_first_day_and_a_new_one_at_each_move(cdm):
    people, first, low, high, concepts = cdm.execute(
        """SELECT count(DISTINCT person_id), count(*) FILTER (WHERE observation_date = observation_period_start_date),
        min(value_as_number), max(value_as_number), count(DISTINCT observation_concept_id)
        FROM observation JOIN observation_period USING (person_id) WHERE observation_source_value = 'IMD2019 fifth'"""
    ).fetchall()[0]
    dated = value(cdm, "SELECT count(*) FROM observation WHERE observation_source_value = 'IMD2019 fifth'")
    homes = value(cdm, "SELECT count(*) FROM location_history")

    assert (people, first, low, high, concepts) == (6_000, 6_000, 1.0, 5.0, 1)
    assert dated == homes > 6_000


def test_the_release_of_2025_counts_from_its_publication(cdm):
    first, people = cdm.execute(
        """SELECT min(observation_date), count(DISTINCT person_id) FROM observation
        WHERE observation_source_value = 'IMD2025 fifth'"""
    ).fetchall()[0]
    here = value(cdm, "SELECT count(*) FROM observation_period WHERE observation_period_end_date >= DATE '2025-10-30'")

    assert first == date(2025, 10, 30)
    assert people == here


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("measurement", "measurement_concept_id"),
        ("measurement", "unit_concept_id"),
        ("measurement", "operator_concept_id"),
        ("measurement", "measurement_type_concept_id"),
        ("condition_occurrence", "condition_concept_id"),
        ("drug_exposure", "drug_concept_id"),
        ("procedure_occurrence", "procedure_concept_id"),
        ("observation", "observation_concept_id"),
        ("visit_occurrence", "visit_concept_id"),
        ("person", "race_concept_id"),
    ],
)
def test_every_concept_used_is_in_the_concept_table(cdm, name, column):
    assert value(cdm, f"SELECT count({column}) FROM {name}") > 0
    assert value(cdm, f"SELECT count(*) FROM {name} WHERE {column} NOT IN (SELECT concept_id FROM concept)") == 0


def test_every_concept_is_its_own_ancestor_and_lisinopril_tablets_act_on_the_renin_system(cdm):
    selves = value(cdm, "SELECT count(*) FROM concept_ancestor WHERE ancestor_concept_id = descendant_concept_id")
    agents = cdm.execute("SELECT descendant_concept_id FROM concept_ancestor WHERE ancestor_concept_id = 21601782")

    assert selves == len(all_concepts()) - 1  # all but "No matching concept"
    assert (19080128,) in agents.fetchall()
    assert {i for pair in descendants() for i in pair[:2]} <= {concept.id for concept in all_concepts()}


def test_ancestry_is_closed():
    """Who descends from a descendant descends from the ancestor too, as in the real table."""
    pairs = {(ancestor, descendant) for ancestor, descendant, _ in descendants()}

    missing = {(a, d) for a, b in pairs for c, d in pairs if b == c} - pairs
    assert missing == set()


def _read_elsewhere(shared) -> dict[int, set[str]]:
    """Names of concepts in the research files and the concept tables of others."""
    names: dict[int, set[str]] = {}
    for part in ("a", "b"):
        with (shared / "research" / f"concepts_{part}_detail.csv").open(encoding="utf-8") as file:
            for row in csv.DictReader(file):
                names.setdefault(int(row["concept_id"]), set()).add(row["concept_name"].lower())
    for path in sorted((shared / "data").glob("*/parquet/concept.parquet")):
        rows = duckdb.connect().execute(f"SELECT concept_id, lower(concept_name) FROM '{path}'").fetchall()
        for concept, name in rows:
            names.setdefault(int(concept), set()).add(name)
    return names


@pytest.mark.external
def test_no_concept_is_made_up(shared):
    elsewhere = _read_elsewhere(shared)
    operators = {4172704, 4171756}  # written in clinical_a.md 0.2 alone
    text = (shared / "research" / "clinical_a.md").read_text(encoding="utf-8")

    strange = [
        c.id for c in all_concepts() if c.id not in operators and c.name.lower() not in elsewhere.get(c.id, set())
    ]
    assert strange == []
    assert all(str(operator) in text for operator in operators)
