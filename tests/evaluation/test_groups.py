"""Each level of each axis is measured with the weights of the whole table, and small levels say that they are small."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.special import expit

from evaluation.axes import labels
from evaluation.censoring import weights
from evaluation.discrimination import c_statistic
from evaluation.estimate import difference
from evaluation.groups import by_axis, gaps, known
from evaluation.incidence import aalen_johansen
from evaluation.inputs import InputError
from evaluation.strata import stratify
from features.table import CENSORED, DEATH, OUTCOME, FeatureTable


def table(n: int = 3000, seed: int = 0, **changed: object) -> tuple[FeatureTable, np.ndarray]:
    """People of two regions; London loses more of them to follow-up. The risk is right in both."""
    draw = np.random.default_rng(seed)
    region = draw.choice(["north", "london"], n)
    risk = expit(draw.normal(-1.5, 0.8, n))
    happens = np.where(draw.random(n) < risk, draw.integers(0, 365, n), 9999)
    dies = np.where(draw.random(n) < 0.05, draw.integers(0, 365, n), 9999)
    leaves = np.where(draw.random(n) < np.where(region == "london", 0.4, 0.1), draw.integers(0, 365, n), 800)
    ends = np.stack([leaves, happens, dies])
    fields: dict[str, object] = {
        "columns": ("age",),
        "values": np.zeros((n, 1), dtype=np.float32),
        "person_id": np.arange(n),
        "index_day": draw.integers(16436, 18262, n).astype(np.int32),  # 2015 to 2019
        "time": ends.min(axis=0).astype(np.int32),
        "event": np.array([CENSORED, OUTCOME, DEATH], dtype=np.int8)[ends.argmin(axis=0)],
        "measured": np.ones(n, dtype=bool),
        "family": draw.integers(0, n // 2, n),
        "comparators": {},
        "axes": {
            "region": region,
            "area": region,
            "practice": draw.choice(["P1", "P2"], n),
            "sex": draw.choice(["female", "male"], n),
            "age_band": draw.choice(["18-34", "75+"], n),
            "ethnicity": draw.choice(["A", "C", "H", "N", "R", "Z", ""], n, p=[0.6, 0.1, 0.1, 0.1, 0.006, 0.044, 0.05]),
            "deprivation": draw.choice(["1", "5", ""], n),
        },
    }
    return FeatureTable(**(fields | changed)), risk


def test_everyone_comes_first_then_the_axes_as_asked_with_the_unknown_last():
    people, risk = table()

    rows = by_axis(people, risk, 365, axes=("deprivation", "region"))

    found = [(row.axis, row.level) for row in rows]
    assert found == [
        ("all", "all"),
        ("deprivation", "1"),
        ("deprivation", "5"),
        ("deprivation", "unknown"),
        ("region", "london"),
        ("region", "north"),
    ]
    for axis in ("deprivation", "region"):
        assert sum(row.measures.index_dates for row in rows if row.axis == axis) == len(people)


def test_a_level_is_what_its_own_rows_give_with_the_weights_of_the_whole():
    people, risk = table()
    strata = stratify(people.axes["region"], at_least=100)
    whole = weights(people.time, people.event, 365, strata)
    women = people.axes["sex"] == "female"

    rows = by_axis(people, risk, 365, axes=("sex",), strata=("region",), at_least=100, thresholds=(0.3,))

    female = next(row for row in rows if row.level == "female").measures
    alone = c_statistic(whole.outcome[women], risk[women], whole.weight[women], people.family[women])
    assert female.c_statistic == alone
    assert female.incidence.value == aalen_johansen(people.time[women], people.event[women], 365, strata[women]).value
    assert female.thresholds[0].threshold == 0.3


def test_a_risk_that_is_right_is_found_right_in_both_regions_though_one_loses_many():
    people, risk = table(20_000)
    # Death competes, so a twentieth of the risk, spread over the year, is lost to it.
    rows = by_axis(people, risk * 0.975, 365, axes=("region",))

    for row in rows:
        assert row.measures.observed_over_expected.passes(at_least=0.9, at_most=1.1), row.level
        assert row.measures.slope.passes(at_least=0.85, at_most=1.15), row.level


def test_ignoring_that_london_loses_more_people_would_be_seen():
    people, _ = table(20_000)
    whole = known(people, 365, strata=("region",))
    london = people.axes["region"] == "london"

    # Within its stratum London's weights stand for all of London, known or not.
    assert whole.weight[london].sum() == pytest.approx(london.sum())
    assert known(people, 365, strata=()).weight[london].sum() < 0.97 * london.sum()


def test_ethnic_categories_are_pooled_into_five_groups_and_unknown():
    people, risk = table()

    rows = by_axis(people, risk, 365, axes=("ethnic_group",))

    assert [row.level for row in rows[1:]] == ["Asian", "Black", "Other", "White", "unknown"]
    count = {row.level: row.measures.index_dates for row in rows}
    assert count["White"] == np.isin(people.axes["ethnicity"], ["A", "C"]).sum()
    assert count["unknown"] == np.isin(people.axes["ethnicity"], ["Z", ""]).sum()


def test_all_sixteen_categories_are_an_axis_with_the_missing_shown():
    people, risk = table()

    rows = by_axis(people, risk, 365, axes=("ethnicity",))

    assert [row.level for row in rows[1:]] == ["A", "C", "H", "N", "R", "Z", "unknown"]
    assert rows[-1].measures.index_dates == (people.axes["ethnicity"] == "").sum()


def test_two_axes_are_crossed_and_whoever_lacks_either_is_unknown():
    people, risk = table()

    rows = by_axis(people, risk, 365, axes=("ethnic_group x deprivation",))

    group, fifth = labels(people, "ethnic_group"), people.axes["deprivation"]
    found = {row.level: row.measures.index_dates for row in rows[1:]}
    assert found["Black x 5"] == ((group == "Black") & (fifth == "5")).sum()
    assert found["unknown"] == ((group == "unknown") | (fifth == "")).sum()
    assert sum(found.values()) == len(people)


def test_a_table_that_holds_ethnic_groups_keeps_them():
    people, _ = table(4)
    axes = {"ethnicity": np.array(["Black", "", "White", "Elf"])}
    already, _ = table(4, axes={**people.axes, **axes})

    assert labels(already, "ethnic_group").tolist() == ["Black", "unknown", "White", "unknown"]


def test_a_level_with_few_outcomes_is_insufficient_and_passes_nothing():
    people, risk = table()

    rows = by_axis(people, risk, 365, axes=("ethnic_group",))

    other = next(row for row in rows if row.level == "Other")
    assert other.measures.events < 10
    assert other.state == "insufficient"
    assert not other.measures.c_statistic.passes(at_least=0)


def test_the_year_of_the_index_date_is_an_axis():
    people, _ = table(4, index_day=np.array([0, 364, 365, 18262], dtype=np.int32))

    assert labels(people, "year").tolist() == ["1970", "1970", "1971", "2020"]


def test_the_unmeasured_are_stood_for_by_the_measured_of_their_stratum():
    # In London half of the outcomes were never measured, and they show as people without it.
    people, risk = table(20_000)
    missed = (people.axes["region"] == "london") & (np.random.default_rng(1).random(20_000) < 0.5)
    event = np.where(missed & (people.event == OUTCOME), CENSORED, people.event).astype(np.int8)
    time = np.where(missed & (people.event == OUTCOME), 800, people.time).astype(np.int32)
    partly, _ = table(20_000, measured=~missed, event=event, time=time)

    rows = by_axis(partly, risk, 365, axes=("region",), strata=("region",))

    london = next(row for row in rows if row.level == "london").measures
    assert london.incidence.kind == "wilson"
    assert london.observed_over_expected.passes(at_least=0.85, at_most=1.1)


def test_an_axis_that_the_table_lacks_is_refused_with_those_it_has():
    people, risk = table(50)

    with pytest.raises(InputError, match="no axis 'height'; it has age_band, area"):
        by_axis(people, risk, 365, axes=("height",))


def test_risks_of_other_people_are_refused():
    people, risk = table(50)

    with pytest.raises(InputError, match="one risk for each row"):
        by_axis(people, risk[1:], 365)


def test_a_gap_is_the_difference_to_the_level_named_beforehand():
    people, risk = table()
    rows = by_axis(people, risk, 365, axes=("sex",))

    ((level, gap),) = gaps(rows, "sex", lambda found: found.c_statistic, reference="female")

    women, men = (row.measures.c_statistic for row in rows[1:])
    assert level == "male"
    assert gap == difference(men, women)


def test_rows_are_plain_json_with_axis_and_level():
    people, risk = table(200)

    text = json.dumps([row.to_json() for row in by_axis(people, risk, 365, axes=("sex",))], allow_nan=False)

    assert '"axis": "sex", "level": "female"' in text


def test_a_table_without_rows_gives_everyone_as_nobody():
    people, risk = table(50)

    rows = by_axis(people.rows(np.zeros(50, dtype=bool)), risk[:0], 365)

    assert [(row.level, row.measures.people, row.state) for row in rows] == [("all", 0, "insufficient")]


def test_index_dates_too_near_the_end_of_the_records_are_left_out():
    people, risk = table(300)
    cut = int(np.sort(people.index_day)[200])
    ended, _ = table(300, data_to=cut + 364)

    whole, (everyone, *_) = known(ended, 365), by_axis(ended, risk, 365, axes=())

    late = ended.index_day > cut
    assert not whole.weight[late].any()
    assert not whole.outcome[late].any()
    assert whole.unreached_share == pytest.approx(late.mean())
    assert everyone.measures.index_dates == 300 - late.sum()
    assert everyone.measures.people == len(np.unique(ended.family[~late]))


def test_the_end_of_the_records_does_not_look_like_more_outcomes():
    # Index dates spread over six years, records end after eight, horizon five: in the fourth year few are followed.
    draw = np.random.default_rng(3)
    n, start, end = 30_000, 16_436, 16_436 + 8 * 365
    index = draw.integers(start, start + 6 * 365, n)
    happens = draw.geometric(1 - 0.9 ** (1 / 1825), n)
    left = end - index
    people, _ = table(
        n,
        index_day=index.astype(np.int32),
        time=np.minimum(happens, left).astype(np.int32),
        event=np.where(happens < left, OUTCOME, CENSORED).astype(np.int8),
        data_to=end - 1,
    )

    (everyone,) = by_axis(people, np.full(n, 0.1), 1825, axes=())
    whole = known(people, 1825)

    assert everyone.measures.observed_over_expected.passes(at_least=0.9, at_most=1.1)
    assert np.average(whole.outcome, weights=whole.weight) == pytest.approx(0.1, abs=0.006)
    assert whole.capped_share == 0.0
