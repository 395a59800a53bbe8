"""Groups of a handful are taken together before anything is computed of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.pooling import big_enough, pooled, pooled_in_order

AGES = ("under 18", "18-34", "35-49", "50-64", "65-74", "75+", "unknown")


def of_sizes(sizes, with_it=0.5):
    """People of each level in turn, the first `with_it` of each having had the outcome."""
    level = np.repeat(list(sizes), list(sizes.values()))
    had = np.concatenate([np.arange(size) < with_it * size for size in sizes.values()])
    return level, np.arange(len(level)), had


@pytest.mark.parametrize(
    ("sizes", "shown"),
    [
        ({"18-34": 5, "35-49": 60, "50-64": 40}, {"18-49", "50-64"}),
        ({"35-49": 60, "50-64": 5, "65-74": 40}, {"35-49", "50-74"}),
        ({"50-64": 60, "65-74": 40, "75+": 5}, {"50-64", "65+"}),
        ({"under 18": 5, "18-34": 40, "35-49": 60}, {"under 35", "35-49"}),
        ({"65-74": 60, "75+": 40, "unknown": 3}, {"65-74", "75+ and small groups"}),
    ],
)
def test_an_age_band_of_a_handful_joins_its_smaller_neighbour(sizes, shown):
    assert set(pooled_in_order(*of_sizes(sizes))) == shown


def test_five_of_a_group_join_those_whose_group_is_not_recorded():
    level, person, had = of_sizes({"Asian": 40, "Mixed": 5, "White": 400, "unknown": 100})

    assert set(pooled(level, person, had)) == {"Asian", "White", "unknown and small groups"}


def test_two_small_groups_that_are_enough_together_need_nobody_else():
    level, person, had = of_sizes({"Mixed": 16, "Other": 14, "White": 400}, with_it=0.4)

    assert set(pooled(level, person, had)) == {"White", "small groups"}


def test_a_group_with_a_handful_of_outcomes_is_as_small_as_a_handful_of_people():
    level, person, had = of_sizes({"Black": 40, "White": 400}, with_it=0.1)

    assert set(pooled(level, person, had)) == {"White and small groups"}


def test_ten_index_dates_of_two_people_do_not_make_a_region():
    region = np.array(["here"] * 20 + ["there"] * 10)
    person = np.r_[np.arange(20), 100 + np.arange(10) % 2]

    assert big_enough(region, person).sum() == 20


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=2, max_size=6),
    st.sampled_from([pooled, pooled_in_order]),
)
def test_no_level_that_is_shown_is_small_unless_everybody_is_in_it(sizes, together):
    level = np.concatenate([np.full(with_it + without, AGES[at]) for at, (with_it, without) in enumerate(sizes)])
    had = np.concatenate([np.arange(with_it + without) < with_it for with_it, without in sizes]).astype(bool)

    shown = together(level, np.arange(len(level)), had)

    for name in np.unique(shown):
        people, outcomes = int((shown == name).sum()), int(((shown == name) & had).sum())
        whole = people == len(level)
        assert whole or (people >= 8 and not 0 < outcomes < 8 and not 0 < people - outcomes < 8)
    assert len(shown) == len(level)
