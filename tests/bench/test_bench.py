"""The bench runs as a command, and what it compares is compared."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

import pathways
from bench import compare, explanations, population, subgroups, tables
from bench.report import page
from features.programme import compile_prediction
from features.source import open_source
from features.vocabulary import slot_map

ROOT = Path(__file__).parents[2]
PATHWAY = pathways.load("kidney_disease")
PREDICTION = PATHWAY.predictions[0]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bench") / "people"
    population.write(folder, 300, population.asked(PATHWAY, PREDICTION))
    return folder


@pytest.fixture(scope="module")
def table(folder):
    return tables.build(folder, PATHWAY, PREDICTION)


@pytest.fixture(scope="module")
def figures(tmp_path_factory):
    command = [sys.executable, "-m", "bench", "--people", "2000", "--repeats", "1", "--compared", "20", "--no-http"]
    command.append("--no-subgroups")
    work = tmp_path_factory.mktemp("work")
    said = subprocess.run(
        [*command, "--work", str(work), "--json"], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert said.returncode == 0, said.stderr
    return json.loads(said.stdout)


def test_the_bench_prints_a_ratio_of_the_table_to_the_bare_scan(figures):
    found = figures["tables"]

    assert found["ratio"] == pytest.approx(found["table_cpu_s"] / found["scan_cpu_s"])  # of one repeat
    assert found["people"] == 2000


def test_people_worked_out_again_do_not_differ(figures):
    assert figures["compared"]["different"] == 0
    assert figures["compared"]["scored"] > 0
    assert figures["compared"]["with"] == "the slow reference"


def test_the_page_says_what_was_measured(figures):
    text = page(figures)

    assert f"| feature table over the bare scan | {figures['tables']['ratio']:.2f} (" in text
    assert "| people worked out again | 0 of 20 differ" in text


def test_the_page_of_a_run_without_tables_says_what_one_person_takes(figures):
    text = page(figures | {"tables": None, "compared": None, "learners": None})

    assert "feature table" not in text
    assert "| history to reading |" in text


def test_a_fit_and_an_examination_are_measured_against_plain_lightgbm(figures):
    found = figures["learners"]

    assert (found["people"], found["predictors"]) == (2000, 120)
    assert found["fit_ratio"] == pytest.approx(found["fit_cpu_s"] / found["plain_cpu_s"])  # of one repeat
    assert found["peak_memory_bytes"] > found["predictors_bytes"] == 2000 * 120 * 4
    text = page(figures)
    assert f"| one fit over plain LightGBM | {found['fit_ratio']:.2f} (" in text
    assert f"| examining one model over plain LightGBM | {found['examination_ratio']:.2f} (" in text


def test_further_index_dates_and_a_refresh_are_measured(figures):
    found = figures["tables"]

    assert set(found["further_date"]) == {"4", "12"}
    assert found["refreshed"] == 20  # 1% of 2,000
    assert found["refresh_ratio"] > 0
    text = page(figures)
    assert f"| each further index date over the first | {found['further_date']['4']:.2f} (of 4)" in text
    assert f"| refresh of 1% over the bare scan | {found['refresh_ratio']:.2f} (20 people)" in text


def test_several_index_dates_are_those_of_one_after_the_other(folder, table):
    several = tables.build(folder, PATHWAY, PREDICTION, 4)

    last = several.rows(several.index_day == tables.ON)
    assert set(several.index_day.tolist()) == {tables.ON - 30 * before for before in range(4)}
    assert last.person_id.tolist() == table.person_id.tolist()
    assert last.values.tobytes() == table.values.tobytes()


def test_a_refresh_gives_some_people_what_the_table_of_everybody_gives_them(folder, table):
    asked = table.person_id[::3]

    some = tables.refresh(folder, PATHWAY, PREDICTION, asked)

    assert some.person_id.tolist() == asked.tolist()
    assert some.values.tobytes() == table.values[::3].tobytes()


def test_the_comparison_notices_one_wrong_predictor(folder, table):
    values = table.values.copy()
    values[:, 0] += 1

    found = compare.compare(folder, PATHWAY, PREDICTION, replace(table, values=values), 10)

    assert found["different"] == found["scored"] > 0


def test_the_comparison_notices_people_who_are_left_out(folder, table):
    found = compare.compare(folder, PATHWAY, PREDICTION, table.rows(table.person_id < 0), 10)

    assert found["scored"] == 0
    assert found["different"] > 0


def test_the_bare_scan_reads_every_column_that_the_features_read(folder):
    source = open_source(folder)
    streams = compile_prediction(PREDICTION).streams
    slots = slot_map(streams, source.vocabulary(streams.sets))

    for table, columns in tables.COLUMNS.items():
        assert set(columns) == set(source.tables[table].columns)
        assert all(column in source._compile(slots, table) for column in columns)


def test_every_record_of_the_population_has_an_id_of_its_own(folder):
    for table in tables.COLUMNS:
        ids = open_source(folder).tables[table][f"{table}_id"]

        assert ids.nunique().execute() == ids.count().execute() > 0


def test_explanations_are_compared_with_lightgbms_and_are_the_same():
    found = explanations.measure({"ten trees": explanations.large(10)}, rows=50, repeats=1)

    (one,) = found
    assert one["trees"] == 10
    assert one["most_apart"] < 1e-9
    assert one["over_contrib"] == pytest.approx(one["one_us"]["ours"] / one["one_us"]["contrib"])
    assert [what for what, *_ in explanations.lines_of(found)] == [
        "one explanation, ten trees",
        "50 explanations, ten trees",
    ]


def test_sixty_subgroups_are_measured_as_fairlearn_measures_them_and_sooner():
    found = subgroups.measure(people=5000, resamples=1, repeats=1)

    assert found["groups"] >= 60
    assert found["most_apart"] < 1e-9
    assert found["ratio"] == pytest.approx(found["theirs_cpu_s"] / found["ours_cpu_s"])
    ((what, measured, goal, _),) = subgroups.lines_of(found)
    assert what == f"{found['groups']} subgroups of 5,000 people"
    assert "resamples of Fairlearn's bootstrap take" in measured
    assert goal == "below 10 s"
