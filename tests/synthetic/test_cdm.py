"""The tables keep the rules of OMOP CDM 5.4, written here from its specification (OHDSI, field level)."""

from __future__ import annotations

import re

import pyarrow.parquet as pq
import pytest

RECORDS = {
    "visit_occurrence": ("visit_start_date", "visit_end_date", "visit_concept_id", "Visit"),
    "condition_occurrence": ("condition_start_date", "condition_end_date", "condition_concept_id", "Condition"),
    "drug_exposure": ("drug_exposure_start_date", "drug_exposure_end_date", "drug_concept_id", "Drug"),
    "procedure_occurrence": ("procedure_date", "procedure_end_date", "procedure_concept_id", "Procedure"),
    "measurement": ("measurement_date", None, "measurement_concept_id", "Measurement"),
    "observation": ("observation_date", None, "observation_concept_id", None),
}
REQUIRED = {
    "person": "person_id gender_concept_id year_of_birth race_concept_id ethnicity_concept_id",
    "observation_period": "observation_period_id person_id observation_period_start_date observation_period_end_date "
    "period_type_concept_id",
    "visit_occurrence": "visit_occurrence_id person_id visit_concept_id visit_start_date visit_end_date "
    "visit_type_concept_id",
    "condition_occurrence": "condition_occurrence_id person_id condition_concept_id condition_start_date "
    "condition_type_concept_id",
    "drug_exposure": "drug_exposure_id person_id drug_concept_id drug_exposure_start_date drug_exposure_end_date "
    "drug_type_concept_id",
    "procedure_occurrence": "procedure_occurrence_id person_id procedure_concept_id procedure_date "
    "procedure_type_concept_id",
    "measurement": "measurement_id person_id measurement_concept_id measurement_date measurement_type_concept_id",
    "observation": "observation_id person_id observation_concept_id observation_date observation_type_concept_id",
    "death": "person_id death_date",
    "location": "location_id",
    "care_site": "care_site_id",
    "provider": "provider_id",
    "fact_relationship": "domain_concept_id_1 fact_id_1 domain_concept_id_2 fact_id_2 relationship_concept_id",
    "cdm_source": "cdm_source_name cdm_source_abbreviation cdm_holder source_release_date cdm_release_date "
    "cdm_version_concept_id vocabulary_version",
    "concept": "concept_id concept_name domain_id vocabulary_id concept_class_id concept_code valid_start_date "
    "valid_end_date",
    "concept_ancestor": "ancestor_concept_id descendant_concept_id min_levels_of_separation max_levels_of_separation",
    "concept_relationship": "concept_id_1 concept_id_2 relationship_id valid_start_date valid_end_date",
}
KEYS = {name: f"{name}_id" for name in (*RECORDS, "person", "observation_period", "location", "care_site", "provider")}
KEYS |= {"concept": "concept_id", "death": "person_id"}
REFERENCES = {
    "person_id": "person",
    "location_id": "location",
    "care_site_id": "care_site",
    "provider_id": "provider",
    "visit_occurrence_id": "visit_occurrence",
}
# Ids that a public build or table uses, whose names were not read (clinical_b.md 0.2; cdm_source of shared/data).
UNNAMED = (1147314, 40478925, 756265)


def value(cdm, query):
    """The one value that a query gives."""
    return cdm.execute(query).fetchall()[0][0]


@pytest.mark.parametrize("name", sorted(REQUIRED))
def test_what_the_specification_requires_is_never_missing(cdm, name):
    missing = " + ".join(f"count(*) FILTER ({column} IS NULL)" for column in REQUIRED[name].split())

    assert value(cdm, f"SELECT count(*) FROM {name}") > 0
    assert value(cdm, f"SELECT {missing} FROM {name}") == 0


@pytest.mark.parametrize("name", sorted(KEYS))
def test_keys_are_distinct(cdm, name):
    rows, distinct = cdm.execute(f"SELECT count(*), count(DISTINCT {KEYS[name]}) FROM {name}").fetchall()[0]

    assert rows == distinct


@pytest.mark.parametrize("name", sorted(REQUIRED))
def test_every_reference_is_to_a_row_that_exists(cdm, folder, name):
    columns = pq.read_schema(folder / f"{name}.parquet").names
    for column in columns:
        concept = re.search(r"concept_id(_[12])?$", column)
        other = REFERENCES.get(column) or ("concept" if concept else None)
        if other is None or (other == name and column == KEYS.get(name)):
            continue
        known = f"SELECT {KEYS[other]} FROM {other}"
        strange = value(
            cdm,
            f"SELECT count(*) FROM {name} WHERE {column} NOT IN ({known}) AND {column} NOT IN {UNNAMED}",
        )
        assert strange == 0, column


@pytest.mark.parametrize("name", sorted(set(RECORDS) - {"observation"}))
def test_a_record_lies_in_the_table_of_its_domain(cdm, name):
    _, _, column, domain = RECORDS[name]

    others = cdm.execute(
        f"SELECT DISTINCT domain_id FROM {name} JOIN concept ON concept_id = {column} WHERE {column} <> 0"
    ).fetchall()
    assert others == [(domain,)]


@pytest.mark.parametrize("name", sorted(RECORDS))
def test_nothing_ends_before_it_begins(cdm, name):
    start, end, _, _ = RECORDS[name]
    if end:
        assert value(cdm, f"SELECT count(*) FROM {name} WHERE {end} < {start}") == 0


@pytest.mark.parametrize("name", sorted(RECORDS))
def test_records_lie_within_observation_but_for_history_and_recording_slips(cdm, written, name):
    """Diagnoses and doses of before come with the record of who joins, dated as they were; slips are counted."""
    start = RECORDS[name][0]
    rows = f"{name} JOIN observation_period USING (person_id) JOIN person USING (person_id)"
    born = "make_date(year_of_birth, month_of_birth, day_of_birth)"
    after = value(cdm, f"SELECT count(*) FROM {rows} WHERE {start} > observation_period_end_date")
    unborn = value(cdm, f"SELECT count(*) FROM {rows} WHERE {start} < {born}")
    history = value(
        cdm, f"SELECT count(*) FROM {rows} WHERE {start} < observation_period_start_date AND {start} >= {born}"
    )

    slips = written.slips
    assert after <= slips[f"{name}: future date"] + slips[f"{name}: after death"]
    assert unborn == slips[f"{name}: before birth"]
    assert history == 0 or name in ("condition_occurrence", "drug_exposure", "procedure_occurrence")


def test_history_is_of_illness_and_vaccines_alone(cdm):
    kinds = cdm.execute(
        """SELECT DISTINCT vocabulary_id FROM drug_exposure JOIN observation_period USING (person_id)
        JOIN concept ON concept_id = drug_concept_id
        JOIN person USING (person_id) WHERE drug_exposure_start_date < observation_period_start_date
        AND drug_exposure_start_date > make_date(year_of_birth, month_of_birth, day_of_birth)"""
    ).fetchall()

    assert kinds == [("CVX",)]


def test_everybody_has_one_observation_period_and_at_most_one_death_inside_it(cdm):
    assert value(cdm, "SELECT count(*) - count(DISTINCT person_id) FROM observation_period") == 0
    assert (
        value(
            cdm,
            """SELECT count(*) FROM death JOIN observation_period USING (person_id)
            WHERE death_date <> observation_period_end_date""",
        )
        == 0
    )


def test_places_follow_one_another_without_gap_from_the_first_day_to_the_last(cdm):
    gaps = value(
        cdm,
        """WITH homes AS (SELECT *, lag(end_date) OVER (PARTITION BY entity_id ORDER BY start_date) AS before
          FROM location_history)
        SELECT count(*) FROM homes WHERE before IS NOT NULL AND start_date <> before + 1""",
    )
    ends = value(
        cdm,
        """SELECT count(*) FROM (SELECT entity_id, min(start_date) AS first, max(end_date) AS last
          FROM location_history GROUP BY ALL) JOIN observation_period ON person_id = entity_id
        WHERE first <> observation_period_start_date OR last <> observation_period_end_date""",
    )
    now = value(
        cdm,
        """SELECT count(*) FROM person p JOIN location_history h ON entity_id = person_id
        JOIN observation_period o USING (person_id) WHERE h.end_date = o.observation_period_end_date
        AND h.location_id <> p.location_id""",
    )

    assert (gaps, ends, now) == (0, 0, 0)


def test_a_child_is_related_to_a_mother_and_everybody_of_a_household_to_its_first_adult_both_ways(cdm):
    mothers = cdm.execute(
        """SELECT count(*), count(*) FILTER (m.gender_concept_id <> 8532),
          min(c.year_of_birth - m.year_of_birth) FROM fact_relationship
        JOIN person c ON c.person_id = fact_id_1 JOIN person m ON m.person_id = fact_id_2
        WHERE relationship_concept_id = 40478925"""
    ).fetchall()[0]
    one_way = value(
        cdm,
        """SELECT count(*) FROM fact_relationship f WHERE relationship_concept_id = 0 AND NOT EXISTS (
        FROM fact_relationship g WHERE g.fact_id_1 = f.fact_id_2 AND g.fact_id_2 = f.fact_id_1
        AND g.relationship_concept_id = 0)""",
    )

    assert mothers[0] > 500
    assert mothers[1] == 0
    assert mothers[2] >= 15
    assert one_way == 0
