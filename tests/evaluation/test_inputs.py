"""Arrays that cannot be measured are refused with every fault at once, as counts and never as values."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.inputs import InputError, rows


def test_every_fault_is_named_at_once_and_no_value_of_a_person_is_shown():
    with pytest.raises(InputError) as refused:
        rows([0, 1, 7], [0.1234567, np.nan, 1.7654321], [1.0, -3.3333, np.inf], [0.5, 1.5, 2.5], probability=True)

    text = str(refused.value)
    assert "1 outcomes are neither true nor false" in text
    assert "1 risks are missing" in text
    assert "1 risks lie outside 0 to 1" in text
    assert "2 weights are negative, missing or infinite" in text
    assert "family is float64" in text
    assert not any(value in text for value in ("0.1234567", "1.7654321", "3.3333"))


def test_arrays_of_different_people_are_refused():
    with pytest.raises(InputError, match=r"outcome \(2,\), risk \(3,\)"):
        rows([True, False], [0.1, 0.2, 0.3])


def test_people_of_weight_zero_are_left_out_with_their_family():
    kept = rows([True, False, True], [0.3, 0.2, 0.1], [1.0, 0.0, 2.0], [5, 6, 7])

    assert (kept.size, kept.n, kept.events) == (2, 2, 2)
    assert kept.family is not None
    assert kept.family.tolist() == [5, 7]


def test_a_score_that_is_no_probability_may_be_ranked():
    assert rows([True, False], [59.0, 92.0]).n == 2


def test_textbook_intervals_hold_only_for_equal_weights_and_one_row_for_each_family():
    assert rows([True, False], [0.2, 0.1], [1.0, 1.0], [4, 5]).plain
    assert not rows([True, False], [0.2, 0.1], [1.0, 1.0], [4, 4]).plain
    assert not rows([True, False], [0.2, 0.1], [1.0, 1.5], [4, 5]).plain


def test_people_of_one_family_count_once_whatever_their_number_looks_like():
    outcome = [True, True, False, True, False]

    for family in ([1, 1, 1, 2, 3], [-9, -9, -9, 10**14, 5]):
        counted = rows(outcome, [0.1] * 5, family=family)
        assert (counted.size, counted.n, counted.events) == (5, 3, 2)
