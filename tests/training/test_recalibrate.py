"""A place is believed as far as its own outcomes go; risks are right on average and never cross between horizons."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.sparse import csr_matrix
from statsmodels.genmod.bayes_mixed_glm import BinomialBayesMixedGLM

from training.recalibrate import Seen, recalibrate


def each_once(rows):
    """One index date for each person."""
    return np.arange(len(rows))


def simulated(count, seed=1, slope=1.4, north=0.5):
    """Log-odds of a model that is too timid, in two places of which one has more outcomes than the other."""
    draw = np.random.default_rng(seed)
    log_odds = draw.normal(-2.5, 1, count)
    places = draw.choice(["London", "North"], count)
    true = slope * log_odds + 1.0 + np.where(places == "North", north, 0)
    late = draw.random(count) < 1 / (1 + np.exp(-true))
    early = late & (draw.random(count) < 0.3)
    seen = [Seen(365, early, np.ones(count)), Seen(1826, late, np.ones(count))]
    return log_odds, places, seen


def test_the_pooled_slope_and_intercept_are_those_of_an_independent_logistic_regression():
    log_odds, places, seen = simulated(4000)

    ours = recalibrate(log_odds, places, each_once(log_odds), seen, 1826).pooled

    theirs = sm.GLM(seen[1].outcome.astype(float), sm.add_constant(log_odds), family=sm.families.Binomial()).fit()
    assert (ours.intercepts[1], ours.slope) == pytest.approx(tuple(theirs.params), abs=2e-3)


def test_with_many_outcomes_each_place_gets_its_own_truth():
    log_odds, places, seen = simulated(60_000)

    found = recalibrate(log_odds, places, each_once(log_odds), seen, 1826).places

    for place, intercept in (("London", 1.0), ("North", 1.5)):
        assert found[place].slope == pytest.approx(1.4, abs=0.08)
        assert found[place].intercepts[1] == pytest.approx(intercept, abs=0.15)


def test_observed_equals_expected_in_each_place_with_many_outcomes():
    log_odds, places, seen = simulated(60_000)
    found = recalibrate(log_odds, places, each_once(log_odds), seen, 1826)

    risks = found.risks(log_odds, places.tolist())

    for place in ("London", "North"):
        here = places == place
        for at in (0, 1):
            assert seen[at].outcome[here].mean() / risks[here, at].mean() == pytest.approx(1, abs=0.02)


def test_a_place_with_few_outcomes_is_held_near_the_pooled_values():
    log_odds, places, seen = simulated(60_000)
    places[:] = "North"
    places[:150] = "Small"
    seen[1].outcome[:150] = np.arange(150) < 75

    found = recalibrate(log_odds, places, each_once(log_odds), seen, 1826)

    here = places == "Small"
    risk = found.risks(log_odds[here], ["Small"] * 150)[:, 1].mean()
    pooled = found.risks(log_odds[here], [None] * 150)[:, 1].mean()
    # Half had the outcome where the pooled model expects a fifth: it moves towards them, by less than all the way.
    assert pooled < 0.25
    assert pooled + 0.05 < risk < 0.45
    # Theirs came regardless of the log-odds (slope 0), but 150 people do not overturn what all the others show (1.4).
    assert 0.5 * found.pooled.slope < found.places["Small"].slope < 0.9 * found.pooled.slope


def test_a_place_with_fewer_than_ten_outcomes_gets_no_recalibration_of_its_own():
    log_odds, places, seen = simulated(4000)
    places[:60] = "Tiny"
    seen[1].outcome[:60] = np.arange(60) < 9

    found = recalibrate(log_odds, places, each_once(log_odds), seen, 1826)

    assert set(found.places) == {"London", "North"}
    assert not found.knows("Tiny")


def test_people_of_no_known_place_are_pooled_and_make_no_place():
    log_odds, places, seen = simulated(4000)
    places[:2000] = ""

    assert "" not in recalibrate(log_odds, places, each_once(log_odds), seen, 1826).places


def test_a_model_that_ranks_the_wrong_way_round_still_gets_a_positive_slope():
    log_odds, places, seen = simulated(4000)

    found = recalibrate(-log_odds, places, each_once(log_odds), seen, 1826)

    assert found.pooled.slope == 0.05
    assert all(affine.slope > 0 for affine in found.places.values())


def test_a_horizon_without_any_outcome_yet_gets_a_small_risk_and_not_a_failure():
    log_odds, places, seen = simulated(2000)
    none_yet = [Seen(30, np.zeros(2000, dtype=bool), np.ones(2000)), *seen]

    found = recalibrate(log_odds, places, each_once(log_odds), none_yet, 1826)

    risks = found.risks(log_odds, places.tolist())
    assert risks[:, 0].mean() < 0.005
    assert (np.diff(risks, axis=1) >= 0).all()


def test_many_index_dates_of_a_few_people_move_a_place_no_further_than_one_of_each():
    log_odds, places, seen = simulated(3000)
    places[:100] = "Small"
    fourfold = [Seen(each.horizon, np.repeat(each.outcome, 4), np.ones(12_000)) for each in seen]

    once = recalibrate(log_odds, places, each_once(log_odds), seen, 1826)
    often = recalibrate(np.repeat(log_odds, 4), np.repeat(places, 4), np.repeat(each_once(log_odds), 4), fourfold, 1826)

    assert often.places["Small"].slope == pytest.approx(once.places["Small"].slope, abs=1e-3)
    assert often.places["Small"].intercepts == pytest.approx(once.places["Small"].intercepts, abs=5e-3)


def test_ten_outcomes_of_two_people_are_two_and_make_no_place():
    log_odds, places, seen = simulated(4000)
    places[:60] = "Tiny"
    seen[1].outcome[:60] = np.arange(60) < 10
    person = each_once(log_odds)
    person[:60] = np.arange(60) // 5

    assert not recalibrate(log_odds, places, person, seen, 1826).knows("Tiny")


def test_weights_count_as_people():
    log_odds, places, seen = simulated(3000)
    doubled = [Seen(each.horizon, np.tile(each.outcome, 2), np.ones(6000)) for each in seen]
    weighted = [Seen(each.horizon, each.outcome, np.full(3000, 2.0)) for each in seen]

    one = recalibrate(np.tile(log_odds, 2), np.tile(places, 2), each_once(np.tile(log_odds, 2)), doubled, 1826)
    two = recalibrate(log_odds, places, each_once(log_odds), weighted, 1826)

    assert one.pooled.slope == pytest.approx(two.pooled.slope, abs=1e-6)
    assert one.places["North"].intercepts == pytest.approx(two.places["North"].intercepts, abs=1e-6)


def in_boards(effects, sizes, seed=3):
    """People in boards that differ, with log-odds that know nothing of it."""
    draw = np.random.default_rng(seed)
    board = np.repeat(np.arange(len(sizes)), sizes)
    log_odds = draw.normal(-2.0, 1, len(board))
    outcome = draw.random(len(board)) < 1 / (1 + np.exp(-(log_odds + effects[board])))
    return log_odds, np.array([f"B{at}" for at in board]), [Seen(1826, outcome, np.ones(len(board)))]


def test_an_unknown_place_gets_what_the_average_board_has_and_not_what_the_largest_has():
    # Fourteen boards of 3,000 lie around 0, one of 60,000 people lies at 1.
    effects = np.r_[1.0, np.random.default_rng(8).normal(0, 0.4, 14)]
    log_odds, boards, seen = in_boards(effects, np.r_[60_000, np.full(14, 3000)])
    one_region = np.full(len(log_odds), "North")

    alone = recalibrate(log_odds, one_region, each_once(log_odds), seen, 1826)
    found = recalibrate(log_odds, one_region, each_once(log_odds), seen, 1826, boards)

    at_mean = log_odds.mean()
    level, person = (each.pooled.intercepts[0] + (each.pooled.slope - 1) * at_mean for each in (found, alone))
    assert person > level + 0.4
    assert level == pytest.approx(effects.mean(), abs=0.06)
    # The region's own people still decide what they get.
    risk = found.risks(log_odds, ["North"] * len(log_odds))[:, 0]
    assert seen[0].outcome.mean() / risk.mean() == pytest.approx(1, abs=0.01)


def test_the_average_board_is_that_of_a_mixed_model_of_statsmodels():
    effects = np.random.default_rng(4).normal(0, 0.5, 30)
    log_odds, boards, seen = in_boards(effects, np.random.default_rng(5).integers(200, 3000, 30))
    found = recalibrate(log_odds, np.full(len(boards), ""), each_once(boards), seen, 1826, boards).pooled

    names, at = np.unique(boards, return_inverse=True)
    centred = log_odds - log_odds.mean()
    fixed = np.column_stack([np.ones(len(at)), centred])
    indicators = csr_matrix((np.ones(len(at)), (np.arange(len(at)), at)))
    theirs = BinomialBayesMixedGLM(
        seen[0].outcome.astype(float), fixed, indicators, np.zeros(len(names), dtype=int), vcp_p=10, fe_p=10
    ).fit_map(rng=1)

    assert found.intercepts[0] + found.slope * log_odds.mean() == pytest.approx(theirs.fe_mean[0], abs=0.03)


def test_boards_that_differ_by_chance_alone_or_are_few_change_nothing():
    log_odds, places, seen = simulated(20_000)
    draw = np.random.default_rng(1)
    for boards in (draw.choice(list("ABCDEFGHIJ"), 20_000), draw.choice(["A", "B", "C", ""], 20_000)):
        found = recalibrate(log_odds, places, each_once(log_odds), seen, 1826, boards).pooled
        without = recalibrate(log_odds, places, each_once(log_odds), seen, 1826).pooled
        assert found.slope == without.slope
        assert found.intercepts == pytest.approx(without.intercepts, abs=0.03)
