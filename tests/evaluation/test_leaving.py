"""Who leaves is not chance: the old of London and the deprived leave sooner, and they have more outcomes as well.

The truth is known, as for no patient: each person's five-year risk with death competing. Three ways of reading what the
records hold are set against it: to drop whoever left, to weigh as if all left alike (plain Kaplan-Meier), and ours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from evaluation.groups import by_axis, known
from evaluation.incidence import aalen_johansen
from features.table import CENSORED, DEATH, OUTCOME, FeatureTable

HORIZON = 1826
BANDS = np.array(["under 18", "18-34", "35-49", "50-64", "65-74", "75+"])
AXES = ("region", "age_band", "deprivation")
RIGHT = pytest.approx(1.0, abs=0.05)


@dataclass(frozen=True)
class Drawn:
    table: FeatureTable
    risk: np.ndarray
    """The true risk of each person."""


def drawn(n: int, seed: int) -> Drawn:
    draw = np.random.default_rng(seed)
    age, fifth, year = draw.integers(1, 6, n), draw.integers(1, 6, n), draw.integers(0, 5, n)
    london = draw.random(n) < 0.5
    outcome = 0.02 * np.exp(0.45 * (age - 3) + 0.3 * (3 - fifth) - 0.3 * london)
    death = 0.004 * np.exp(0.7 * (age - 3))
    leaves = 0.09 * np.exp(0.35 * (age - 3) + 0.25 * (3 - fifth) + 0.5 * london + 0.1 * (year - 2))
    ends = np.stack([np.minimum(draw.exponential(1 / rate), 20) for rate in (leaves, outcome, death)])
    both = outcome + death
    table = FeatureTable(
        columns=("age", "fifth", "london"),
        values=np.column_stack([age, fifth, london]).astype(np.float32),
        person_id=np.arange(n),
        index_day=(16_436 + 365 * year + draw.integers(0, 360, n)).astype(np.int32),
        time=(ends.min(axis=0) * 365.25).astype(np.int32),
        event=np.array([CENSORED, OUTCOME, DEATH], dtype=np.int8)[ends.argmin(axis=0)],
        measured=np.ones(n, dtype=bool),
        family=np.arange(n),
        comparators={},
        axes={
            "region": np.where(london, "London", "North"),
            "age_band": BANDS[age],
            "deprivation": fifth.astype(np.str_),
            "ethnicity": np.full(n, ""),
        },
        data_to=16_436 + 365 * 26,
    )
    return Drawn(table, outcome / both * (1 - np.exp(-5 * both)))


@pytest.fixture(scope="module", params=[3_000, 20_000])
def several(request) -> list[Drawn]:
    """Draws of as many people as a small and a usual population hold, 60,000 in all."""
    return [drawn(request.param, seed) for seed in range(60_000 // request.param)]


def over_truth(several: list[Drawn], observed) -> float:
    """Observed over true outcomes, over all draws: the error that no number of people would take away."""
    found = [(observed(one.table), one.risk.mean()) for one in several]
    return float(np.sum([seen for seen, _ in found]) / np.sum([true for _, true in found]))


def dropping_the_lost(table: FeatureTable) -> float:
    kept = (table.event != CENSORED) | (table.time >= HORIZON)
    return float(((table.event == OUTCOME) & (table.time < HORIZON))[kept].mean())


def as_if_all_left_alike(table: FeatureTable) -> float:
    found = known(table, HORIZON, strata=())
    return float(np.average(found.outcome, weights=found.weight))


def by_our_weights(table: FeatureTable) -> float:
    found = known(table, HORIZON)
    return float(np.average(found.outcome, weights=found.weight))


def test_our_weights_are_right_where_dropping_the_lost_and_plain_kaplan_meier_are_not(several):
    assert over_truth(several, dropping_the_lost) > 1.1
    assert over_truth(several, as_if_all_left_alike) < 0.93
    assert over_truth(several, by_our_weights) == RIGHT


def test_plain_aalen_johansen_is_as_wrong_as_plain_kaplan_meier_and_within_strata_it_is_right(several):
    def plain(table: FeatureTable) -> float:
        return aalen_johansen(table.time, table.event, HORIZON).value

    def within(table: FeatureTable) -> float:
        return aalen_johansen(table.time, table.event, HORIZON, known(table, HORIZON).stratum).value

    assert over_truth(several, plain) < 0.93
    assert over_truth(several, within) == RIGHT


@pytest.fixture(scope="module")
def measured():
    """Every figure of a model that knows the truth, on 60,000 people."""
    people = drawn(60_000, 11)
    thresholds = (0.05, 0.1, 0.2, 0.3)
    return people, by_axis(people.table, people.risk, HORIZON, AXES, thresholds)


def test_the_truth_is_found_right_in_each_group(measured):
    _, rows = measured

    for row in rows:
        assert row.measures.observed_over_expected.value == pytest.approx(1.0, abs=0.11), (row.axis, row.level)
    assert rows[0].measures.observed_over_expected.value == RIGHT
    assert rows[0].measures.slope.value == pytest.approx(1.0, abs=0.06)
    assert rows[0].measures.ici.value < 0.01


def test_each_point_of_the_curve_of_the_truth_lies_on_the_line(measured):
    _, rows = measured

    points = rows[0].measures.curve

    assert len(points) == 10
    for point in points:
        assert point.observed.kind == "aalen-johansen"
        assert point.observed.low - 0.01 <= point.expected <= point.observed.high + 0.01


def test_net_benefit_is_that_of_the_truth(measured):
    people, rows = measured

    for at in rows[0].measures.thresholds:
        odds = at.threshold / (1 - at.threshold)
        worth = people.risk - odds * (1 - people.risk)
        true = float((worth * (people.risk >= at.threshold)).mean())
        assert at.net_benefit.kind == "aalen-johansen"
        assert at.net_benefit.value == pytest.approx(true, abs=0.004)
        assert at.treat_all.value == pytest.approx(float(worth.mean()), abs=0.008)
