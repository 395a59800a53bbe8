"""Inputs of a region that moved are found there, and nowhere else, and only if they moved."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from monitoring.inputs import review_inputs

AT = datetime(2026, 11, 22, tzinfo=UTC)
LONDON, NORTH = "E12000007", "E12000002"
ALARMS = ("watch", "breach")


def found_in(cells):
    return {(cell.region, cell.predictor) for cell in cells if cell.state in ALARMS}


def with_values(table, column, change):
    values = table.values.copy()
    values[:, column] = change(values[:, column])
    return replace(table, values=values)


@pytest.fixture(scope="module")
def now(people):
    return people(6_000, seed=5)


@pytest.fixture(scope="module")
def cells(model, now, tmp_path_factory):
    return review_inputs(model, now, AT, tmp_path_factory.mktemp("evidently"))


def test_the_same_kind_of_people_raise_no_alarm(cells):
    assert {cell.state for cell in cells} == {"pass"}
    assert len(cells) == 6


def test_a_new_assay_in_one_region_is_found_in_that_region_alone(model, now):
    in_north = now.axes["region"] == NORTH
    moved = with_values(now, 1, lambda egfr: np.where(in_north, egfr * 0.85, egfr))

    assert found_in(review_inputs(model, moved, AT)) == {(NORTH, "egfr")}


def test_sixty_in_a_hundred_no_longer_measured_is_seen_although_the_rest_look_alike(model, now):
    lost = (now.axes["region"] == LONDON) & (np.random.default_rng(3).random(len(now)) < 0.6)
    before = with_values(now, 0, lambda age: age)
    moved = with_values(before, 0, lambda age: np.where(lost, np.nan, age))

    cells = review_inputs(model, moved, AT)

    assert found_in(cells) == {(LONDON, "age")}
    cell = next(cell for cell in cells if (cell.region, cell.predictor) == (LONDON, "age"))
    assert cell.missing_then == 0
    assert cell.missing_now == pytest.approx(0.6, abs=0.03)
    assert cell.psi > 1
    assert "missing went from 0% to" in cell.reason


def test_an_input_that_stops_arriving_in_a_region_is_a_breach(model, now):
    moved = with_values(now, 1, lambda egfr: np.where(now.axes["region"] == NORTH, np.nan, egfr))

    cells = {(cell.region, cell.predictor): cell for cell in review_inputs(model, moved, AT)}

    assert cells[NORTH, "egfr"].state == "breach"
    assert cells[NORTH, "egfr"].reason == "this input has stopped arriving: missing went from 10% to 100%"
    assert cells[LONDON, "egfr"].state == "pass"


def test_a_unit_that_changed_falls_into_the_bin_of_what_was_never_seen(model, now):
    moved = with_values(now, 1, lambda egfr: np.where(now.axes["region"] == NORTH, egfr * 10, egfr))

    cell = next(c for c in review_inputs(model, moved, AT) if (c.region, c.predictor) == (NORTH, "egfr"))

    assert cell.state == "watch"
    assert "'unseen' went from 0% to" in cell.reason


def test_random_halves_of_the_same_people_raise_no_alarm_in_twenty_repeats(people, model, profile_of):
    everyone = people(8_000, seed=6, dates_each=2)
    alarms = []
    for seed in range(100, 120):
        half = np.random.default_rng(seed).random(len(everyone) // 2).repeat(2) < 0.5
        then = replace(model, profile=profile_of(everyone.rows(half)))
        alarms += found_in(review_inputs(then, everyone.rows(~half), AT))

    assert alarms == []


def test_thirty_people_are_too_few_to_tell_and_say_so(model, now):
    few = now.rows(np.flatnonzero(now.axes["region"] == NORTH)[:30])

    cells = [cell for cell in review_inputs(model, few, AT) if cell.region == NORTH]

    assert {cell.state for cell in cells} == {"insufficient"}
    assert all(cell.reason for cell in cells)


def test_a_region_without_people_and_one_without_a_profile_are_not_run_with_the_reason(model, now):
    elsewhere = replace(now, axes={**now.axes, "region": np.where(now.axes["region"] == NORTH, "E12000009", LONDON)})

    reasons = {cell.region: (cell.state, cell.reason) for cell in review_inputs(model, elsewhere, AT)}

    assert reasons[NORTH] == ("not run", "nobody from this region is in these records")
    assert reasons["E12000009"][0] == "not run"
    assert "profile" in reasons["E12000009"][1]


def test_every_exported_index_is_that_of_a_frame_filtered_by_region(model, now, cells):
    # Written differently: pandas cuts the people of one region, and the index is summed bin by bin.
    frame = pd.DataFrame(now.values, columns=list(now.columns)).assign(region=now.axes["region"])
    for cell in cells:
        predictor = model.profile["predictors"][cell.predictor]
        here = frame.loc[frame.region == cell.region, cell.predictor]
        counts = _by_pandas(predictor, here)
        then = predictor["by_region"][cell.region]
        assert all(count is not None and (count == 0 or count >= 10) for count in [*then, *counts])
        total_then, total_now = sum(then), sum(counts)
        index = sum(
            (before / total_then - after / total_now) * np.log((before / total_then) / (after / total_now))
            for before, after in zip(then, counts, strict=True)
            if before or after
        )
        assert cell.psi == pytest.approx(index, rel=1e-9)
        assert cell.own_psi == pytest.approx(cell.psi, abs=1e-12)
        assert cell.rows == 5 * round(len(here) / 5)


def _by_pandas(predictor, values):
    if predictor["levels"]:
        found = [(values == level).sum() for level in range(len(predictor["levels"]))]
    else:
        low, high = predictor["outside"]
        inside = values[(values >= low) & (values <= high)]
        found = pd.cut(inside, [-np.inf, *predictor["edges"], np.inf], right=False).value_counts(sort=False).tolist()
    found = [*found, values.isna().sum(), 0]
    return [5 * int((count + 2) // 5) for count in found]


def test_evidently_is_given_no_person_and_its_pages_fetch_nothing(model, now, tmp_path):
    marked = with_values(now, 1, lambda egfr: np.where(np.arange(len(egfr)) == 7, np.float32(77.12345), egfr))

    review_inputs(model, marked, AT, tmp_path)

    pages = sorted(tmp_path.iterdir())
    assert [page.name for page in pages] == [
        f"{r}.{kind}" for r in ("e12000002", "e12000007") for kind in ("html", "json")
    ]
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert "77.12" not in text
        assert "987654321" not in text
        assert not re.search(r'(src|href)="https?://(?!plotly\.com)', text)


def test_a_rare_category_is_in_nothing_that_evidently_writes(model, now, tmp_path):
    smoking = {**model.profile["predictors"]["smoking"]}
    smoking["levels"] = ["never", "ex", "current", "rare-habit"]
    smoking["bins"] = [*smoking["levels"], "missing", "unseen"]
    smoking["by_region"] = {place: [*count[:3], 0, *count[3:]] for place, count in smoking["by_region"].items()}
    profile = {**model.profile, "predictors": {**model.profile["predictors"], "smoking": smoking}}
    five = np.flatnonzero(now.axes["region"] == NORTH)[:5]
    marked = with_values(now, 2, lambda habit: np.where(np.isin(np.arange(len(habit)), five), 3, habit))

    cells = review_inputs(replace(model, profile=profile), marked, AT, tmp_path)

    written = "".join(page.read_text(encoding="utf-8") for page in tmp_path.iterdir())
    assert "rare-habit" not in written
    assert "never" in written
    assert "rare-habit" not in json.dumps([cell.reason for cell in cells])


def test_many_index_dates_of_one_person_do_not_count_as_many_people(model, now):
    five_each = replace(model, profile={**model.profile, "people": model.profile["people"] // 5})

    once = {cell.predictor: cell.detectable for cell in review_inputs(model, now, AT)}
    often = {cell.predictor: cell.detectable for cell in review_inputs(five_each, now, AT)}

    assert all(often[name] > once[name] for name in once)
