"""Who changes band: counted by hand, and hidden where the few who do could be told."""

import numpy as np
import pytest

from evaluation.reclassification import PARTS, moves, publish_moves


def counted(first, second, outcome, weight=None, bands=3):
    first, second, outcome = (np.array(each) for each in (first, second, outcome))
    weight = np.ones(len(first)) if weight is None else np.array(weight)
    return moves(first, second, bands, outcome.astype(bool), weight, np.arange(len(first)))


def test_people_are_counted_by_band_and_by_what_happened_to_them():
    #                 with      without      not known
    found = counted([0, 1, 2, 0, 0, 1, 2], [2, 1, 2, 0, 1, 0, 1], [1, 1, 1, 0, 0, 0, 0], [1, 1, 1, 1, 1, 1, 0])

    everyone, with_it, without, unknown = (part.tolist() for part in found.counts)
    assert with_it == [[0, 0, 1], [0, 1, 0], [0, 0, 1]]
    assert without == [[1, 1, 0], [1, 0, 0], [0, 0, 0]]
    assert unknown == [[0, 0, 0], [0, 0, 0], [0, 1, 0]]
    assert everyone == np.sum([with_it, without, unknown], axis=0).tolist()


def test_how_many_more_would_be_offered_something_is_in_minus_out():
    # Of 1,000 people 30 go into the middle band or above and 10 leave it; of 100 with the outcome 20 go in, none out.
    first, second, outcome = np.zeros(1000, int), np.zeros(1000, int), np.zeros(1000, bool)
    outcome[:100] = True
    second[:20] = 1
    second[500:510] = 2
    first[900:910] = 1

    low, high = counted(first, second, outcome).offered

    assert (low.movers, low.everyone.value, low.with_outcome.value) == (40, pytest.approx(0.02), pytest.approx(0.2))
    assert low.without_outcome.value == pytest.approx(0)
    assert (high.movers, high.everyone.value) == (10, pytest.approx(0.01))
    # McNemar's interval of a paired difference of shares: (b + c - (b - c)^2 / n) / n^2.
    error = np.sqrt((40 - 20**2 / 1000) / 1000**2)
    assert low.everyone.high - low.everyone.low == pytest.approx(2 * 1.96 * error, rel=0.002)


def test_five_people_who_change_band_are_not_shown_and_do_not_follow_from_the_others():
    first, outcome = np.r_[np.zeros(200, int), np.full(100, 2)], np.zeros(300, bool)
    outcome[:100] = True
    second = first.copy()
    second[:5] = 1

    shown = publish_moves(counted(first, second, outcome))

    tables = np.array([shown["tables"][part] for part in PARTS], dtype=object).reshape(4, 9)
    hidden = tables == None  # noqa: E711 - element by element
    assert hidden[:2, 1].all()
    # A total less what is shown must not be the five: along no table and no sum of the parts are they hidden alone.
    assert (hidden.sum(axis=1) != 1).all() and (hidden.sum(axis=0) != 1).all()
    assert not hidden[3].any()
    assert shown["offered"][0]["everyone"]["state"] == "suppressed"
    assert shown["offered"][1]["everyone"]["value"] == 0  # nobody went into the highest band or out of it


def test_counts_that_may_be_shown_are_to_the_nearest_five():
    first, second = np.zeros(300, int), np.repeat([0, 1], [187, 113])

    shown = publish_moves(counted(first, second, np.arange(300) % 2 == 0))

    assert shown["tables"]["all"][0] == [185, 115, 0]
    assert shown["offered"][0]["everyone"]["value"] == pytest.approx(113 / 300, abs=0.01)


def test_a_model_against_itself_moves_nobody():
    bands = np.repeat([0, 1, 2], 100)

    found = counted(bands, bands, np.arange(300) % 3 == 0)

    for each in found.offered:
        assert each.movers == 0
        for share in (each.everyone, each.with_outcome, each.without_outcome):
            assert (share.value, share.low, share.high, share.state) == (0.0, 0.0, 0.0, "ok")
