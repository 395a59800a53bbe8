"""Recording faults are in the tables in the numbers that the command reports."""

from __future__ import annotations

import pytest


def value(cdm, query):
    """The one value that a query gives."""
    return cdm.execute(query).fetchall()[0][0]


def test_implausible_values_are_nothing_and_99999(cdm, written):
    found = value(cdm, "SELECT count(*) FROM measurement WHERE value_as_number IN (0, 99999)")

    assert found == written.slips["measurement: implausible value"] > 0


def test_missing_units_are_concept_0(cdm, written):
    found = value(cdm, "SELECT count(*) FROM measurement WHERE unit_concept_id = 0")

    assert found == written.slips["measurement: missing unit"] > 0


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("measurement", "measurement_date"),
        ("condition_occurrence", "condition_start_date"),
        ("drug_exposure", "drug_exposure_start_date"),
    ],
)
def test_dates_lie_in_the_future_before_birth_and_after_death_as_often_as_reported(cdm, written, table, column):
    future = value(cdm, f"SELECT count(*) FROM {table} WHERE {column} > DATE '2025-12-31'")
    unborn = value(
        cdm,
        f"""SELECT count(*) FROM {table} JOIN person USING (person_id)
        WHERE {column} < make_date(year_of_birth, month_of_birth, day_of_birth)""",
    )
    dead = value(
        cdm,
        f"""SELECT count(*) FROM {table} JOIN death USING (person_id)
        WHERE {column} > death_date AND {column} <= DATE '2025-12-31'""",
    )

    assert future == written.slips[f"{table}: future date"] > 0
    assert unborn == written.slips[f"{table}: before birth"] > 0
    assert dead == pytest.approx(written.slips[f"{table}: after death"], abs=2)  # a death in the last days has no after


def test_duplicates_repeat_every_column_but_the_number(cdm, written):
    repeated = value(
        cdm,
        """SELECT sum(n - 1) FROM (SELECT count(*) n FROM measurement GROUP BY person_id, measurement_concept_id,
        measurement_date, value_as_number, unit_concept_id, operator_concept_id) WHERE n > 1""",
    )

    # A fault can hit a row before its copy is made, never the copy alone, so the copies are all there is to find.
    assert repeated == pytest.approx(written.slips["measurement: duplicate"], rel=0.05)


@pytest.mark.parametrize("fault", ["duplicate", "missing unit", "implausible value", "future date", "before birth"])
def test_each_fault_touches_between_one_and_five_in_a_thousand_measurements(written, fault):
    share = written.slips[f"measurement: {fault}"] / written.rows["measurement"]

    assert 0.0007 < share < 0.005


def test_records_without_a_date_fault_lie_within_a_lifetime_and_the_extract(cdm, written):
    outside = value(
        cdm,
        """SELECT count(*) FROM measurement JOIN observation_period USING (person_id)
        WHERE measurement_date NOT BETWEEN observation_period_start_date AND observation_period_end_date""",
    )

    dated = ("future date", "before birth", "after death")
    assert outside == pytest.approx(sum(written.slips[f"measurement: {fault}"] for fault in dated), abs=5)
