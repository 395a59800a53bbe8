"""Nobody, and nobody's relative or twin, teaches the model and examines it."""

import numpy as np
import pytest

from evaluation.groups import followable
from training.split import drawn, folds, split


@pytest.fixture(scope="module")
def parted(straight):
    followed = straight.rows(followable(straight, 1826))
    return followed, split(followed, 1826)


def test_no_family_is_on_both_sides(parted):
    followed, sides = parted

    both = np.intersect1d(followed.family[sides.development], followed.family[sides.validation])

    assert len(both) == 0
    assert sides.development.sum() > 2000 < sides.validation.sum() + 1000


def test_validation_begins_after_the_last_day_of_development(parted):
    followed, sides = parted

    assert sides.cut is not None
    assert followed.index_day[sides.development].max() <= sides.cut < followed.index_day[sides.validation].min()


def test_everybody_who_counts_could_have_been_followed_for_five_years(straight, parted):
    followed, _ = parted

    # 17 December 2015 and five years (1826 days) is 16 December 2020; the records end on 31 December 2025 (day 20453).
    assert followed.index_day.max() <= 20453 + 1 - 1826


def test_without_enough_later_outcomes_families_alone_decide_and_the_reason_is_given(draw_people):
    few = draw_people(400)

    sides = split(few, 1826)

    assert sides.cut is None
    assert "fewer than 50 people with the outcome" in sides.why_not_later
    assert (sides.development ^ sides.validation).all()
    assert len(np.intersect1d(few.family[sides.development], few.family[sides.validation])) == 0


def test_the_order_of_reading_moves_nobody_to_the_other_side(straight):
    order = np.random.default_rng(3).permutation(len(straight))

    sides, shuffled = split(straight, 1826), split(straight.rows(order), 1826)

    assert (sides.development[order] == shuffled.development).all()
    assert (sides.validation[order] == shuffled.validation).all()


def test_a_family_has_one_fold_and_folds_differ_from_sides(straight):
    fold = folds(straight.family, 3)

    assert set(fold.tolist()) == {0, 1, 2}
    assert all(len(set(fold[straight.family == family].tolist())) == 1 for family in straight.family[:20])
    teaching = split(straight, 1826).development
    # If folds followed from sides, development would lack one of them.
    assert {int(each) for each in fold[teaching]} == {0, 1, 2}


def test_a_limited_training_draws_whole_families(straight):
    keep = drawn(straight, 5000)

    assert keep.sum() == pytest.approx(5000, rel=0.05)
    assert len(np.intersect1d(straight.family[keep], straight.family[~keep])) == 0
