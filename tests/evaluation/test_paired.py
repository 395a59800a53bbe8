"""Two models on the same people: differences by other people's tools, intervals by DeLong's paper and by bootstrap."""

from types import SimpleNamespace

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.special import expit, logit
from scipy.stats import norm
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from evaluation.groups import by_axis
from evaluation.inputs import InputError
from evaluation.paired import changes

HORIZON = 30
FIGURES = ("c_statistic", "average_precision", "observed_over_expected", "slope", "brier", "scaled_brier")


def followed(outcome, family):
    """Everybody seen to the horizon, the outcome on day 5; two regions."""
    n = len(outcome)
    blank = np.full(n, "")
    return SimpleNamespace(
        time=np.where(outcome, 5, 400),
        event=outcome.astype(int),
        measured=np.ones(n, dtype=bool),
        family=np.asarray(family),
        index_day=np.zeros(n, dtype=int),
        data_to=1000,
        axes={"region": np.where(np.arange(n) % 3, "North", "London"), "age_band": blank, "deprivation": blank},
    )


def two_risks(people, noise=0.6):
    """A model, and a second one that is noisier, too extreme and too low."""
    draw = np.random.default_rng(5)
    return people.risk, expit(1.3 * logit(people.risk) - 0.2 + draw.normal(0, noise, len(people)))


def delong(outcome, one, two):
    """Difference of two c-statistics and its standard error, pair by pair as the paper has it (no ranks)."""
    parts = []
    for score in (one, two):
        pairs = (score[outcome][:, None] > score[~outcome]) + 0.5 * (score[outcome][:, None] == score[~outcome])
        parts.append((pairs.mean(), pairs.mean(axis=1), pairs.mean(axis=0)))
    (a, a10, a01), (b, b10, b01) = parts
    var = np.var(b10 - a10, ddof=1) / outcome.sum() + np.var(b01 - a01, ddof=1) / (~outcome).sum()
    return b - a, np.sqrt(var)


def test_the_difference_of_two_c_statistics_has_delongs_interval(drawn):
    people = drawn(900)
    one, two = two_risks(people)
    table = followed(people.outcome, np.arange(len(people)))

    found = changes(table, one, two, HORIZON)[0].figures["c_statistic"]

    difference, error = delong(people.outcome, one, two)
    assert found.value == pytest.approx(difference, abs=1e-12)
    assert (found.high - found.low) / 2 == pytest.approx(norm.isf(0.025) * error, rel=0.005)


def test_every_difference_is_that_of_other_peoples_tools(drawn):
    people = drawn(2000)
    one, two = two_risks(people)
    y = people.outcome

    found = changes(followed(y, people.family), one, two, HORIZON, thresholds=(0.2,))[0]

    def slope(risk):
        return sm.GLM(y, sm.add_constant(logit(risk)), family=sm.families.Binomial()).fit().params[1]

    def worth(risk):
        return ((risk >= 0.2) & y).mean() - 0.25 * ((risk >= 0.2) & ~y).mean()

    by_hand = {
        "c_statistic": roc_auc_score(y, two) - roc_auc_score(y, one),
        "average_precision": average_precision_score(y, two) - average_precision_score(y, one),
        "observed_over_expected": y.mean() / two.mean() - y.mean() / one.mean(),
        "slope": slope(two) - slope(one),
        "brier": brier_score_loss(y, two) - brier_score_loss(y, one),
        "scaled_brier": (brier_score_loss(y, one) - brier_score_loss(y, two)) / (y.mean() * (1 - y.mean())),
    }
    assert {name: each.value for name, each in found.figures.items()} == pytest.approx(by_hand, abs=1e-6)
    assert found.net_benefit[0].value == pytest.approx(worth(two) - worth(one), abs=1e-12)


@pytest.mark.parametrize("name", FIGURES)
def test_intervals_are_as_wide_as_a_bootstrap_of_whole_families_says(name, drawn, bootstrap_spread):
    people = drawn(1500)
    one, two = two_risks(people)
    y = people.outcome

    def figure(risk, times):
        match name:
            case "c_statistic":
                return roc_auc_score(y, risk, sample_weight=times)
            case "average_precision":
                return average_precision_score(y, risk, sample_weight=times)
            case "observed_over_expected":
                return (times @ y) / (times @ risk)
            case "slope":
                design = sm.add_constant(logit(risk))
                return sm.GLM(y, design, family=sm.families.Binomial(), freq_weights=times).fit().params[1]
            case _:
                error = np.average((y - risk) ** 2, weights=times)
                share = np.average(y, weights=times)
                return error if name == "brier" else 1 - error / (share * (1 - share))

    found = changes(followed(y, people.family), one, two, HORIZON)[0].figures[name]

    error = (found.high - found.low) / 2 / norm.isf(0.025)
    repeats = 200 if name == "slope" else 400
    drawn_error = bootstrap_spread(
        lambda times: figure(two, times) - figure(one, times), len(people), people.family, repeats
    )
    assert error == pytest.approx(drawn_error, rel=0.15)


def test_a_paired_interval_is_narrower_than_one_that_ignores_the_pairing(drawn):
    people = drawn(1500)
    one, two = two_risks(people, noise=0.2)
    table = followed(people.outcome, people.family)

    paired = changes(table, one, two, HORIZON)[0].figures["c_statistic"]
    alone = by_axis(table, one, HORIZON, ())[0].measures.c_statistic

    assert paired.high - paired.low < 0.5 * (alone.high - alone.low)


def test_a_model_against_itself_changes_nothing_with_certainty(people):
    for group in changes(followed(people.outcome, people.family), people.risk, people.risk, HORIZON, thresholds=(0.1,)):
        for found in (*group.figures.values(), *group.net_benefit):
            assert (found.value, found.low, found.high, found.state) == (0.0, 0.0, 0.0, "ok")


def test_changing_places_changes_the_sign_of_everything(people):
    one, two = two_risks(people)
    table = followed(people.outcome, people.family)

    there, back = (changes(table, *pair, HORIZON, thresholds=(0.1, 0.3)) for pair in ((one, two), (two, one)))

    for group, turned in zip(there, back, strict=True):
        pairs = [(group.figures[name], turned.figures[name]) for name in group.figures]
        for found, other in (*pairs, *zip(group.net_benefit, turned.net_benefit, strict=True)):
            assert (found.value, found.low, found.high) == (-other.value, -other.high, -other.low)
            assert found.value != 0


def test_a_region_is_compared_on_its_own_people(people):
    one, two = two_risks(people)
    table = followed(people.outcome, people.family)
    north = table.axes["region"] == "North"

    found = {group.level: group for group in changes(table, one, two, HORIZON)}

    assert list(found) == ["all", "London", "North"]
    expected = roc_auc_score(people.outcome[north], two[north]) - roc_auc_score(people.outcome[north], one[north])
    assert found["North"].figures["c_statistic"].value == pytest.approx(expected, abs=1e-12)


def test_nine_outcomes_are_too_few_to_say_which_is_better(drawn):
    people = drawn(300)
    outcome = np.zeros(300, dtype=bool)
    outcome[np.argsort(-people.risk)[:9]] = True
    one, two = two_risks(people)

    found = changes(followed(outcome, np.arange(300)), one, two, HORIZON, axes=())[0]

    assert {each.state for each in found.figures.values()} == {"insufficient"}


def test_risks_of_other_rows_are_refused(people):
    with pytest.raises(InputError, match="one risk for each"):
        changes(followed(people.outcome, people.family), people.risk, people.risk[:-1], HORIZON)
