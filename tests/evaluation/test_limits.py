"""Limits of a prediction, on people drawn here whose true risk is known to the digit."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from evaluation.__main__ import app
from evaluation.inputs import InputError
from evaluation.limits import limits, out_of_fold, read_recorded, true_values, truth_of

N, HORIZON = 12_000, 365
FIRST = 18_262  # 1 January 2020


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    """Half of the log-odds is recorded and half is hidden; the hazard states both. One person in a hundred leaves."""
    draw = np.random.default_rng(3)
    seen, unseen = draw.normal(size=(2, N))
    risk = 1 / (1 + np.exp(2.0 - seen - unseen))
    event = (draw.random(N) < risk).astype(np.int8)
    time = np.where(event == 1, draw.integers(0, HORIZON, N), HORIZON).astype(np.int32)
    gone = draw.random(N) < 0.01
    time, event = np.where(gone, time // 2, time).astype(np.int32), np.where(gone, 0, event).astype(np.int8)
    person = np.arange(1, N + 1, dtype=np.int64)
    about = {"columns": ["seen"], "axes": ["region"], "data_to": FIRST + 3 * HORIZON}
    region = np.where(person % 3 == 0, "E12000007", "E40000001")
    names = ("area", "practice", "sex", "age_band", "ethnicity", "deprivation")
    about["axes"] = ["region", *names]
    table = pa.table(
        {
            "person_id": person,
            "index_day": np.full(N, FIRST + 40, np.int32),
            "time": time,
            "event": event,
            "measured": np.ones(N, bool),
            "family": person,
            "value:seen": seen.astype(np.float32),
            "axis:region": region,
            **{f"axis:{name}": np.full(N, "") for name in names},
        }
    ).replace_schema_metadata({"feature_table": json.dumps(about)})
    folder = tmp_path_factory.mktemp("limits")
    (folder / "truth").mkdir()
    pq.write_table(table, folder / "table.parquet")
    days = np.tile([FIRST, FIRST + 366], N).astype(np.int32)
    hazard = np.column_stack([-np.log1p(-risk), np.zeros(N)]).ravel()  # the next year's must not be read
    true = {"person_id": np.repeat(person, 2), "day": pa.array(days).cast(pa.date32()), "hazard": hazard}
    pq.write_table(pa.table(true), folder / "truth" / "kidney_disease.detection.parquet")
    return folder, seen, seen + unseen, event == 1


def test_the_oracle_ranks_as_the_true_risk_does_and_records_as_well_as_they_can(people):
    folder, seen, both, outcome = people
    table = read_recorded(folder / "table.parquet")
    true = true_values(folder / "truth" / "kidney_disease.detection.parquet", table.person_id, table.index_day)

    everyone, *_ = limits(table, true, HORIZON)

    def concordant(score):
        """By its meaning: the share of pairs that are the right way round."""
        with_it, without = np.sort(score[outcome]), score[~outcome]
        return 1 - np.searchsorted(with_it, without).mean() / len(with_it)

    assert everyone.oracle.value == pytest.approx(concordant(both), abs=0.01)
    assert everyone.attainable.value == pytest.approx(concordant(seen), abs=0.01)
    assert everyone.hazard.value == pytest.approx(concordant(both), abs=0.005)
    assert everyone.oracle.low > everyone.attainable.high


def test_every_region_has_its_limits(people):
    folder, *_ = people
    table = read_recorded(folder / "table.parquet")
    true = true_values(folder / "truth" / "kidney_disease.detection.parquet", table.person_id, table.index_day)

    found = {(one.axis, one.level): one for one in limits(table, true, HORIZON)}

    # All but those who left, one in a hundred.
    assert found["region", "E12000007"].attainable.n == pytest.approx(0.99 * N / 3, rel=0.005)
    assert found["region", "E40000001"].attainable.n == pytest.approx(0.99 * N * 2 / 3, rel=0.005)


def test_what_was_true_is_read_as_at_the_index_date_and_not_after(tmp_path):
    days = pa.array([FIRST, FIRST + 366, FIRST], pa.int32()).cast(pa.date32())
    pq.write_table(pa.table({"person_id": [7, 7, 9], "day": days, "hazard": [0.1, 0.2, 0.3]}), tmp_path / "t.parquet")

    asked = np.array([7, 7, 7, 9, 8]), np.array([FIRST - 1, FIRST, FIRST + 366, FIRST + 500, FIRST], np.int32)
    found = true_values(tmp_path / "t.parquet", *asked)["hazard"]

    assert found.tolist() == pytest.approx([np.nan, 0.1, 0.2, 0.3, np.nan], nan_ok=True)


def test_nobody_is_ranked_by_trees_that_their_family_taught():
    """Nothing tells these people apart but their family, so the limit is chance."""
    draw = np.random.default_rng(5)
    family = np.repeat(np.arange(1_000), 4)
    outcome = (draw.random(1_000) < 0.3)[family]

    risk = out_of_fold(family[:, None].astype(float), outcome, np.ones(4_000), family)

    pairs = risk[outcome][:, None] - risk[~outcome][None, :]
    assert np.mean(pairs > 0) + np.mean(pairs == 0) / 2 == pytest.approx(0.5, abs=0.05)


def test_people_who_were_not_followed_for_the_horizon_of_the_prediction_have_no_limits(people):
    folder, *_ = people
    said = CliRunner().invoke(
        app,
        ["limits", "kidney_disease.detection", "--features", f"{folder}/table.parquet", "--truth", f"{folder}/truth"],
    )

    assert said.exit_code == 1  # the horizon of detection is five years, and these people were followed for one
    assert "nobody followed to the horizon" in " ".join(said.output.split())


def test_a_prediction_without_truth_is_named_with_those_that_have_one(people):
    folder, *_ = people
    said = CliRunner().invoke(
        app,
        ["limits", "kidney_disease.progression", "--features", f"{folder}/table.parquet", "--truth", f"{folder}/truth"],
    )

    assert said.exit_code == 1
    assert "there is kidney_disease.detection" in " ".join(said.output.split())


def test_another_parquet_file_is_no_feature_table(people):
    folder, *_ = people
    with pytest.raises(InputError, match="is no feature table"):
        read_recorded(folder / "truth" / "kidney_disease.detection.parquet")


def test_the_truth_of_a_prediction_is_its_own_else_the_only_one_of_its_pathway(tmp_path):
    for name in ("asthma_attack.attack", "kidney_disease.detection", "kidney_disease.progression"):
        (tmp_path / f"{name}.parquet").touch()

    assert truth_of("asthma_attack.adults", tmp_path).stem == "asthma_attack.attack"
    assert truth_of("kidney_disease.progression", tmp_path).stem == "kidney_disease.progression"
    with pytest.raises(InputError, match=r"no truth of kidney_disease[.]other"):
        truth_of("kidney_disease.other", tmp_path)
    (tmp_path / "kidney_disease.progression.parquet").unlink()
    with pytest.raises(InputError, match=r"no truth of kidney_disease[.]progression"):
        truth_of("kidney_disease.progression", tmp_path, ("detection", "progression"))
