"""The same records give the same feature table, whatever they lie in and whoever lies beside them."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import duckdb
import numpy as np
import pytest
from typer.testing import CliRunner

import pathways
from features.__main__ import app
from features.cohort import NothingToPredict, feature_table
from features.days import calendar_date
from features.person import PersonReader
from features.source import open_source
from features.table import read, write
from pathways.parts import concept_sets

ONLY_IN_5_4 = {
    "procedure_occurrence": ("procedure_end_date", "procedure_end_datetime"),
    "observation": ("value_source_value", "observation_event_id", "obs_event_field_concept_id"),
    "measurement": ("unit_source_concept_id", "measurement_event_id", "meas_event_field_concept_id"),
    "location": ("country_concept_id", "country_source_value", "latitude", "longitude"),
    "visit_occurrence": ("admitted_from_concept_id", "discharged_to_concept_id"),
}


def tables(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("*.parquet"))


def rewritten(folder: Path, into: Path, select: str, suffix: str = "parquet") -> Path:
    """Every table through a statement that reads `{table}` of the folder, with `{name}` its name."""
    into.mkdir(parents=True)
    for name in tables(folder):
        query = select.format(table=f"'{folder}/{name}.parquet'", name=name)
        duckdb.sql(f"COPY ({query}) TO '{into}/{name}.{suffix}'")
    return into


@pytest.fixture(scope="module")
def built(pathway, detection):
    return lambda place, **options: feature_table(pathway, detection, open_source(place), **options)


@pytest.fixture(scope="module")
def expected(built, population):
    return built(population)


def same(one, other) -> None:
    assert one.columns == other.columns
    for name in ("person_id", "index_day", "time", "event", "measured", "values"):
        assert getattr(one, name).tobytes() == getattr(other, name).tobytes(), name
    for name, score in one.comparators.items():
        assert score.tobytes() == other.comparators[name].tobytes(), name
    for name, axis in one.axes.items():
        assert axis.tolist() == other.axes[name].tolist(), name
    assert one.attrition == other.attrition
    assert one.accounts == other.accounts


def test_a_folder_of_csv_gives_the_table_of_a_folder_of_parquet(built, expected, population, tmp_path):
    same(built(rewritten(population, tmp_path / "csv", "SELECT * FROM {table}", "csv")), expected)


def test_a_duckdb_file_gives_the_table_of_a_folder_of_parquet(built, expected, population, tmp_path):
    with duckdb.connect(str(tmp_path / "omop.duckdb")) as con:
        for name in tables(population):
            con.execute(f"CREATE TABLE {name.upper()} AS SELECT * FROM '{population}/{name}.parquet'")

    same(built(tmp_path / "omop.duckdb"), expected)


def test_omop_5_3_gives_the_table_of_omop_5_4(built, expected, population, tmp_path):
    older = tmp_path / "older"
    older.mkdir()
    for name in tables(population):
        present = duckdb.sql(f"SELECT * FROM '{population}/{name}.parquet' LIMIT 0").columns
        kept = ", ".join(f"{one} AS {one.upper()}" for one in present if one not in ONLY_IN_5_4.get(name, ()))
        duckdb.sql(f"COPY (SELECT {kept} FROM '{population}/{name}.parquet') TO '{older}/{name.upper()}.parquet'")

    same(built(older), expected)


def test_the_order_of_the_rows_changes_nothing(built, expected, population, tmp_path):
    shuffled = rewritten(population, tmp_path / "shuffled", "SELECT * FROM {table} ORDER BY hash(COLUMNS(*))")

    same(built(shuffled), expected)


def test_the_size_of_a_chunk_changes_nothing(built, expected, population):
    same(built(population, chunk=97), expected)
    same(built(population, chunk=1_999), expected)


def test_how_many_people_are_fetched_at_once_changes_nothing(built, expected, population):
    same(built(population, chunk=97, fetch=500), expected)
    same(built(population, chunk=10_000, fetch=1_999), expected)


@pytest.mark.parametrize("kind", ["parquet", "csv"])
def test_the_table_of_some_people_is_their_part_of_the_table_of_everybody(
    expected, population, tmp_path, pathway, detection, kind
):
    asked = np.array([*expected.person_id[::7], 2**62])  # the last is nobody
    everybody = open_source(rewritten(population, tmp_path / kind, "SELECT * FROM {table}", kind))

    some = feature_table(pathway, detection, everybody.only(asked), chunk=50)

    part = expected.rows(np.isin(expected.person_id, asked))
    assert len(some) == len(part) > 100
    for name in ("person_id", "index_day", "time", "event", "family", "values"):
        assert getattr(some, name).tobytes() == getattr(part, name).tobytes(), name
    assert {name: axis.tolist() for name, axis in some.axes.items()} == {
        name: axis.tolist() for name, axis in part.axes.items()
    }
    assert dict(some.attrition)["people in the source"] == len(set(asked.tolist())) - 1
    for name, found in some.accounts.items():
        assert found["rows in"] == expected.accounts[name]["rows in"]
        assert found["rows in"] == sum(count for reason, count in found.items() if reason != "rows in"), name


def test_nobody_asked_for_is_nobody_to_predict_for(population, pathway, detection):
    with pytest.raises(NothingToPredict):
        feature_table(pathway, detection, open_source(population).only(np.array([2**62])))


def test_the_command_reads_some_people_on_some_days_and_says_who_is_not_there(population, tmp_path):
    day = calendar_date(open_source(population).extract_day - 400)
    listed = tmp_path / "people.txt"
    listed.write_text("\n".join(str(one) for one in [*open_source(population).people.ids[:200], 2**62]))
    asked = ["--people", str(listed), "--on", f"{day}", "--on", f"{day - timedelta(days=30)}"]

    said = CliRunner().invoke(
        app,
        ["kidney_disease", "--source", str(population), "--out", str(tmp_path), "--prediction", "detection", *asked],
    )

    assert said.exit_code == 0, said.output
    assert "1 of the 201 people asked for are not in the source" in said.output
    found = read(tmp_path / "kidney_disease.detection.parquet")
    assert {calendar_date(one) for one in found.index_day.tolist()} == {day, day - timedelta(days=30)}


def test_people_who_were_not_read_change_nothing_for_those_who_were(built, expected, population, tmp_path):
    con = duckdb.connect()
    alone = tmp_path / "some"
    alone.mkdir()
    for name in tables(population):
        columns = con.sql(f"SELECT * FROM '{population}/{name}.parquet' LIMIT 0").columns
        where = "WHERE person_id % 2 = 1" if "person_id" in columns else ""
        con.execute(f"COPY (SELECT * FROM '{population}/{name}.parquet' {where}) TO '{alone}/{name}.parquet'")

    some = built(alone)

    part = expected.rows(expected.person_id % 2 == 1)
    assert len(some) == len(part) > 500
    for name in ("person_id", "index_day", "time", "event", "values"):
        assert getattr(some, name).tobytes() == getattr(part, name).tobytes(), name


def test_a_table_that_was_written_is_read_back_as_it_was(expected, tmp_path):
    write(expected, tmp_path / "table.parquet")

    found = read(tmp_path / "table.parquet")

    same(found, expected)
    assert np.array_equal(found.family, expected.family)
    assert found.concepts == expected.concepts
    assert found.data_to == expected.data_to


def test_a_second_vocabulary_on_the_same_source_is_not_answered_with_the_first_ones_query(population, pathway):
    import gc

    import numpy as np

    from features.cohort import read as read_people
    from features.histories import REASONS
    from features.programme import compile_prediction
    from features.vocabulary import slot_map
    from pathways.language import Age, Count, Every, Happens, Prediction, Predictor
    from tests.spec.clinic import CREATININE, DIABETES, SYSTOLIC

    source = open_source(population)

    def used(stream):
        prediction = Prediction("asked", index=Every("year"), population=Age().at_least(18), horizons=365,
                                outcome=Happens(DIABETES), predictors=(Predictor("x", Count(stream)),))  # fmt: skip
        compiled = compile_prediction(prediction)
        slots = slot_map(compiled.streams, source.vocabulary(compiled.streams.sets))
        tally = np.zeros((16, len(REASONS)), dtype=np.int64)
        for _ in read_people(source, compiled, slots, tally):
            pass
        return int(tally[:, 0].sum())

    first = [used(CREATININE), used(SYSTOLIC)]
    for _ in range(5):
        gc.collect()
        assert [used(CREATININE), used(SYSTOLIC)] == first


def test_the_tables_of_all_pathways_are_the_same_side_by_side_as_alone(population, tmp_path, monkeypatch):
    monkeypatch.setattr(pathways, "names", lambda: ("childhood_obesity", "polio_booster_recall"))
    said = {}
    for name, at_once in (("alone", "1"), ("together", "2")):
        asked = ["--source", str(population), "--out", str(tmp_path / name), "--at-once", at_once, "--json"]
        done = CliRunner().invoke(app, ["all", *asked])
        assert done.exit_code == 0, done.output
        said[name] = [f"{one['pathway']}.{one['prediction']}.parquet" for one in json.loads(done.stdout)]

    first = {path.name: path.read_bytes() for path in (tmp_path / "alone").iterdir()}
    assert {path.name: path.read_bytes() for path in (tmp_path / "together").iterdir()} == first
    assert said["alone"] == said["together"] == sorted(first, key=said["alone"].index)
    assert len(first) == 3


def test_a_pathway_or_a_prediction_that_is_not_there_is_a_wrong_command(population):
    for asked in (["kidny"], ["kidney_disease", "--prediction", "detecton"], ["all", "--prediction", "detection"]):
        assert CliRunner().invoke(app, [*asked, "--source", str(population)]).exit_code == 2


def test_people_held_in_memory_are_read_alone_as_from_the_file_with_their_relatives(population):
    source, pathway = open_source(population), pathways.load("preschool_immunisation")
    prediction = pathway.prediction("mmr1")
    table = feature_table(pathway, prediction, source)
    some = np.unique(np.linspace(0, len(table) - 1, 25).astype(int))
    held = source.held(table.person_id[some])
    both = [PersonReader(pathway, prediction, one.vocabulary(concept_sets(pathway)), one) for one in (source, held)]

    of_relatives = table.columns.index("older_siblings_mmr")
    assert np.isfinite(table.values[some, of_relatives]).any()
    for row in some.tolist():
        day = calendar_date(int(table.index_day[row]) - 1)
        whole, alone = (reader.from_source(int(table.person_id[row]), day) for reader in both)
        assert whole.predictors.tobytes() == alone.predictors.tobytes() == table.values[row].tobytes()
        assert (whole.records, whole.groups, whole.data_to) == (alone.records, alone.groups, alone.data_to)


def test_somebody_who_has_died_is_for_no_prediction_from_that_day_on_and_no_rule_speaks(population, pathway, detection):
    source = open_source(population)
    reader = PersonReader(pathway, detection, source.vocabulary(concept_sets(pathway)), source)
    at = int(np.flatnonzero(source.people.death < source.extract_day)[0])
    who, day = int(source.people.ids[at]), calendar_date(int(source.people.death[at]))

    gone, there = reader.from_source(who, day), reader.from_source(who, day - timedelta(days=1))

    assert (gone.eligible, [reason.code for reason in gone.reasons], gone.rules) == (False, ["died"], ())
    assert "died" not in [reason.code for reason in there.reasons]
