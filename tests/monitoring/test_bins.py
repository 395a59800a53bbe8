"""How people are laid over frozen bins, and how far they moved."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.disclosure import suppress_table
from monitoring.bins import TOGETHER, counted, psi, share, shift, spread

AGE = {
    "edges": [40.0, 65.0],
    "outside": [18.0, 110.0],
    "levels": [],
    "bins": ["under 40", "40 to 65", "65 and over", "missing", "unseen"],
}


def test_what_is_missing_and_what_is_implausible_have_bins_of_their_own():
    ages = np.array([30, 40, 70, np.nan, np.nan, 150], dtype=np.float32)

    rows, people = counted(AGE, ages, np.array([1, 2, 3, 4, 4, 5]))

    assert rows.tolist() == [1, 1, 1, 2, 1]
    assert people.tolist() == [1, 1, 1, 1, 1]  # the two missing ones are one person's


def test_the_index_is_the_sum_over_bins_by_hand():
    # (0.5 - 0.25) log 2 + (0.3 - 0.5) log 0.6 + (0.2 - 0.25) log 0.8 = 0.17329 + 0.10217 + 0.01116
    assert psi([500, 300, 200], [250, 500, 250]) == pytest.approx(0.28661, abs=1e-5)


def test_ten_index_dates_of_five_people_are_too_few_to_stand_alone():
    rows, people = np.array([500, 400, 300, 10, 0]), np.array([500, 400, 300, 5, 0])

    found = spread(AGE["bins"], [500, 400, 300, 0, 0], 1200, rows, people)

    assert found.names == ("under 40", "40 to 65", TOGETHER)
    assert found.current == (500, 400, 310)
    assert share(found, "missing") == (None, None)


def test_bins_hidden_in_the_profile_are_taken_together_as_the_total_less_the_shown():
    rows, people = np.array([500, 400, 300, 20, 30]), np.array([500, 400, 300, 20, 30])

    found = spread(AGE["bins"], [500, 400, 250, None, None], 1165, rows, people)

    assert found.names[-1] == TOGETHER
    assert found.reference[-1] == 15
    assert found.current[-1] == 50


def test_a_handful_of_people_cannot_be_laid_over_bins_at_all():
    few = np.array([3, 2, 2, 0, 0])

    assert spread(AGE["bins"], [500, 400, 300, 0, 0], 1200, few, few) is None


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.integers(0, 30), min_size=5, max_size=5),
    st.lists(st.integers(0, 30), min_size=5, max_size=5),
)
def test_no_bin_that_leaves_ever_holds_one_to_seven_people(then, now):
    shown = list(suppress_table(dict(enumerate(then))).values())
    rows = np.array(now)

    found = spread(AGE["bins"], shown, 5 * round(sum(then) / 5), rows, rows)

    for count in () if found is None else (*found.reference, *found.current):
        assert count == 0 or (count >= 10 and count % 5 == 0)


def test_two_samples_of_the_same_people_seldom_differ_more_than_chance_allows():
    draw = np.random.default_rng(1)
    shares = [0.2, 0.3, 0.3, 0.15, 0.05]
    chances = []
    for _ in range(500):
        then, now = (5 * np.round(draw.multinomial(2000, shares) / 5).astype(int) for _ in range(2))
        found = spread(AGE["bins"], then.tolist(), 2000, now, now)
        chances.append(shift(found, 2000, 2000).chance)

    assert sum(chance < 0.01 for chance in chances) == 0


def test_fewer_people_show_only_larger_shifts():
    found = spread(AGE["bins"], [500, 400, 300, 0, 0], 1200, np.array([500, 400, 300, 0, 0]), np.full(5, 400))

    small, large = shift(found, 1200, 60), shift(found, 1200, 1200)

    assert small.detectable > 0.25 > large.detectable > 0.02
