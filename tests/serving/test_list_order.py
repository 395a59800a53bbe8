"""Who comes first: a red flag before any score, what is urgent before what can wait, and then the risk.

The model is that of `conftest.py`; eGFR alone differs here. At 60 years the log-odds are -2 + 1.5 - (eGFR - 30) / 30.
"""

from dataclasses import replace
from datetime import date
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import pathways
from features.roll import Roll, roll
from features.source import open_source
from pathways.language import Age, Band, Prediction, Rule
from serving.list_order import assigned, called, chosen, grounds_of
from serving.list_worth import expected, groups, seen

FLAG, LATER_FLAG = "First red flag", "Second red flag"
SOON_GAP, GAP = "A gap to close soon", "A gap"


@pytest.fixture(scope="module")
def ruled(prediction):
    """The small prediction with two red flags of one urgency, two gaps and two bands: 35% or more, 10% or more."""
    adult = Age().at_least(18)
    parts = {name: getattr(prediction, name) for name in ("index", "population", "outcome", "predictors", "requires")}
    return Prediction(
        "detection",
        **parts,
        horizons=prediction.horizons,
        primary=prediction.primary,
        rules=(
            Rule(adult, GAP, "NICE", urgency="routine", source="gap"),
            Rule(adult, FLAG, "NICE", urgency="soon"),
            Rule(adult, LATER_FLAG, "NICE", urgency="soon"),
            Rule(adult, SOON_GAP, "NICE", urgency="soon", source="gap"),
        ),
        bands=(
            Band(0.0, name="low", action="No action", owner="nobody"),
            Band(0.10, name="medium", action="Test", owner="practice"),
            Band(0.35, name="high", action="Test now", owner="practice"),
        ),
    )


@pytest.fixture
def order(ruled, served):
    """The ids in order, of people as (id, eGFR, actions of the rules that speak)."""

    def made(*people, capacity=100, lacks=(), not_eligible=(), usable=True):
        found = made_roll(ruled, people, lacks, not_eligible)
        one = called(ruled, found, served, usable)
        made.called = one
        return [int(one.roll.person_id[at]) for one, at in chosen([one], capacity)]

    return made


def made_roll(prediction, people, lacks, not_eligible):
    ids = np.array([person for person, *_ in people], dtype=np.int64)
    actions = [rule.action for rule in prediction.rules]
    eligible = np.where(np.isin(ids, list(not_eligible)), 0.0, 1.0)
    return Roll(
        person_id=ids,
        eligible=eligible,
        left_out=np.where(eligible == 1.0, -1, 0),
        fails=np.where(eligible == 1.0, 0, 1),
        lacks=np.isin(ids, list(lacks))[:, None],
        rules=np.array([[action in speak for action in actions] for *_, speak in people]),
        values=np.array([[60.0, egfr, 0.0, 0.0] for _, egfr, _ in people], dtype=np.float32),
        axes={name: np.full(len(ids), "", dtype="<U9") for name in ("region", "ethnicity", "deprivation")},
    )


# Risks at 60 years: eGFR 30 gives 37.8%, 45 gives 26.9%, 60 gives 18.2%, 90 gives 7.6%.


def test_a_red_flag_comes_before_a_high_score_however_low_its_own_risk(order):
    assert order((1, 30, []), (2, 90, [LATER_FLAG])) == [2, 1]


def test_red_flags_of_one_urgency_keep_the_order_of_the_definition_and_then_go_by_risk(order):
    assert order((1, 30, [LATER_FLAG]), (2, 90, [FLAG]), (3, 60, [FLAG])) == [3, 2, 1]


def test_a_gap_that_is_to_be_closed_soon_comes_before_a_routine_band(order):
    assert order((1, 30, []), (2, 90, [SOON_GAP])) == [2, 1]


def test_routine_gaps_and_bands_go_by_risk_and_a_gap_alone_puts_somebody_on_the_list(order):
    assert order((1, 90, [GAP]), (2, 60, []), (3, 30, [GAP]), (4, 90, [])) == [3, 2, 1]
    found = order.called

    assert [found.grounds[at].action for at in found.ground[:3]] == [GAP, "Test", "Test now"]


def test_exactly_as_many_as_there_is_room_for_and_between_equals_the_lower_id(order):
    people = [(7, 60, []), (3, 60, []), (5, 60, []), (9, 30, [])]

    assert order(*people, capacity=2) == [9, 3]
    assert order(*people, capacity=3) == [9, 3, 5]


def test_whoever_cannot_be_told_is_not_ranked_low_but_only_a_red_flag_calls_them(order):
    assert order((1, np.nan, [GAP]), (2, 60, []), (3, np.nan, [FLAG]), (4, 60, [FLAG]), lacks=(1, 3)) == [3, 4, 2]
    found = order.called

    assert found.roll.person_id[found.cannot_tell].tolist() == [1, 3]


def test_whoever_is_not_eligible_is_left_out_and_a_red_flag_of_theirs_is_counted(order):
    assert order((1, 60, []), (2, 30, [FLAG]), not_eligible=(2,)) == [1]
    assert order.called.has_red_flag.tolist() == [False, True]


def test_without_a_model_the_rules_alone_call(order):
    assert order((1, 30, []), (2, 90, [GAP]), (3, 90, [LATER_FLAG]), usable=False) == [3, 2]


def test_the_lowest_band_which_everybody_reaches_calls_nobody(ruled):
    assert [one.action for one in grounds_of(ruled)] == [FLAG, LATER_FLAG, SOON_GAP, "Test", "Test now", GAP]


def test_each_person_belongs_to_the_first_prediction_that_is_for_them_as_when_asked_alone():
    first = SimpleNamespace(eligible=np.array([1.0, 0.0, 0.0, 0.0]), fails=np.array([0, 1, 2, 3]))
    second = SimpleNamespace(eligible=np.array([1.0, 1.0, np.nan, 0.0]), fails=np.array([0, 0, 1, 2]))

    assert assigned([first, second]).tolist() == [0, 1, 1, 1]


def test_the_expected_share_is_the_mean_risk_and_its_interval_that_of_unlike_chances():
    # Ten people at 10% and ten at 30%: 4 of 20. By the exact distribution 1 or more with 98.6%, 7 or fewer with 97.4%.
    found = expected(np.array([0.1] * 10 + [0.3] * 10))

    assert found["ppv"] == pytest.approx(0.2)
    assert found["number_needed_to_review"] == pytest.approx(5.0)
    assert (found["low"], found["high"]) == (pytest.approx(1 / 20), pytest.approx(8 / 20))
    assert expected(np.array([])) is None


def test_what_was_seen_is_told_at_the_threshold_itself_or_the_next_lower_one_and_never_made_up(model):
    at = [
        {"threshold": limit, "ppv": {"value": ppv, "low": 0.1, "high": 0.9}} for limit, ppv in ((0.1, 0.2), (0.3, 0.4))
    ]
    examined = replace(model, evidence={"groups": [{"thresholds": at}]})

    def told(lowest):
        found = seen(examined, np.array([0.9, lowest]))
        return found and (found["threshold"], found["exact"], found["ppv"]["value"], found["number_needed_to_review"])

    assert told(0.3) == (0.3, True, 0.4, 2.5)
    assert told(0.25) == (0.1, False, 0.2, 5.0)
    assert told(0.05) is None
    assert seen(model, np.array([0.5])) is None  # its evidence has no thresholds


def test_a_group_that_is_left_behind_is_seen_and_a_small_one_cannot_be_worked_out(ruled, served):
    # 60 White, 41 Black, 3 Mixed and 4 Other eligible; 40, 9, 1 and none listed. The last 20 are not eligible.
    level = np.array(["White"] * 60 + ["Black"] * 41 + ["Mixed"] * 3 + ["Other"] * 4 + ["White"] * 20)
    roll = made_roll(ruled, [(at, 60, []) for at in range(128)], (), range(108, 128))
    roll.axes["ethnicity"][:], one = level, called(ruled, roll, served, usable=True)
    found = groups([one], [(one, at) for at in (*range(40), *range(60, 69), 101)])
    found = {each["level"]: each for each in found["ethnicity"]}

    assert found["White"] == {
        "level": "White",
        "eligible": 60,
        "listed": 40,
        "share_of_eligible": pytest.approx(60 / 110),
        "share_of_list": pytest.approx(40 / 50),
    }
    # With Black shown, Mixed would be what is missing from the total.
    assert {name: found[name]["listed"] for name in ("Black", "Mixed", "Other")} == dict.fromkeys(
        ("Black", "Mixed", "Other")
    )
    assert {name: found[name]["eligible"] for name in ("Black", "Mixed")} == {"Black": None, "Mixed": None}


AS_OF_NUMBER = (date(2022, 9, 1) - date(1970, 1, 1)).days


@pytest.fixture(scope="module")
def children(tmp_path_factory):
    """Three children of 2, 2 and 4 years with no, one and three doses of 6-in-1, and one who had the campaign's."""
    folder = tmp_path_factory.mktemp("children")
    born = {1: date(2020, 2, 1), 2: date(2020, 2, 1), 3: date(2018, 2, 1), 4: date(2018, 2, 1)}
    doses = [(2, date(2020, 4, 1))]
    doses += [(child, date(2018, month, 1)) for child in (3, 4) for month in (4, 5, 6)] + [(4, date(2022, 8, 20))]
    tables = {
        "person": {
            "person_id": list(born),
            "gender_concept_id": [8532] * 4,
            "year_of_birth": [day.year for day in born.values()],
            "month_of_birth": [day.month for day in born.values()],
            "day_of_birth": [day.day for day in born.values()],
        },
        "observation_period": {
            "person_id": list(born),
            "observation_period_start_date": list(born.values()),
            "observation_period_end_date": [date(2022, 12, 31)] * 4,
        },
        "drug_exposure": {
            "drug_exposure_id": list(range(len(doses))),
            "person_id": [child for child, _ in doses],
            "drug_concept_id": [40213290] * len(doses),
            "drug_exposure_start_date": [day for _, day in doses],
            "drug_exposure_end_date": [day for _, day in doses],
            "days_supply": pa.array([None] * len(doses), pa.int32()),
        },
        **{
            name: {
                f"{name}_id": [1],
                "person_id": [4],
                f"{part}_concept_id": [0],
                f"{part}_{'start_' if part in ('condition', 'visit') else ''}date": [date(2020, 1, 1)],
            }
            for name, part in (
                ("condition_occurrence", "condition"),
                ("observation", "observation"),
                ("measurement", "measurement"),
                ("procedure_occurrence", "procedure"),
                ("visit_occurrence", "visit"),
            )
        },
    }
    for name, columns in tables.items():
        pq.write_table(pa.table(columns), folder / f"{name}.parquet")
    return open_source(folder)


def test_a_child_without_any_polio_dose_is_called_before_all_others_whatever_the_risks(children, served):
    prediction = pathways.load("polio_booster_recall").predictions[0]
    words = children.vocabulary(pathways.parts.concept_sets(pathways.load("polio_booster_recall")))
    found = roll(prediction, children, words, AS_OF_NUMBER)
    one = called(prediction, found, served, usable=False)
    # Risks that would turn it round: the child without a dose is the least likely to stay without.
    one.risk[:] = [0.1, 0.5, 0.9, 0.9]

    listed = [(int(one.roll.person_id[at]), one.grounds[one.ground[at]].action) for one, at in chosen([one], 10)]
    assert [child for child, _ in listed] == [1, 2, 3]
    assert listed[0][1].startswith("No polio dose is recorded: call first.")
    assert found.eligible.tolist() == [1.0, 1.0, 1.0, 0.0]
