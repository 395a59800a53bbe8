"""What an answer says, worked out on paper."""

import math
from copy import copy
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pathways.language import Setting
from serving.answer import Question, answer
from serving.wording import worded

DAY = date(2024, 7, 1)


@pytest.fixture(scope="module")
def ask(asked, prediction, served, reading):
    def answered(read=None, use="demonstration", by=served, of=prediction):
        return answer(Question("a" * 32, asked, of, worded(of), read or reading(), by, use, DAY))

    return answered


def log_odds(risk):
    return math.log(risk / (1 - risk))


def total(explanation):
    parts = sum(each["contribution"] for each in explanation["contributions"])
    return explanation["base"] + explanation["place"] + parts + explanation["rest"]


def codes(said):
    return [warning["code"] for warning in said["warnings"]]


def test_the_risk_is_that_of_the_sum_worked_out_by_hand(ask):
    said = ask()

    # -2 + 1 + 0.5 + 0.8 = 0.3 at five years, and 0.3 - 1 = -0.7 at two; 1 / (1 + e^-0.3) = 0.5744425168.
    two, five = said["risks"]
    assert five["risk"] == pytest.approx(0.5744425168, abs=1e-10)
    assert two["risk"] == pytest.approx(0.3318122278, abs=1e-10)
    assert (two["horizon_days"], two["primary"], five["horizon_days"], five["primary"]) == (730, False, 1826, True)
    assert five["interval"] is None and five["interval_reason"]


def test_the_reasons_are_largest_first_and_each_has_its_records(ask):
    explanation = ask()["explanation"]

    age, egfr, smoking = explanation["contributions"]
    assert (age["predictor"], age["contribution"]) == ("age", pytest.approx(1.0))
    assert (egfr["predictor"], egfr["contribution"]) == ("egfr", pytest.approx(0.5))
    assert egfr["records"] == [{"id": "result-58", "date": "2024-03-03", "value": 60.0, "of": "eGFR"}]
    assert egfr["wording"] == "latest eGFR: 60 mL/min/1.73 m2 on 3 March 2024"
    assert smoking["value"] == "current"
    assert explanation["base"] == pytest.approx(-2.0)
    assert explanation["place"] == 0


def test_a_restricted_predictor_is_in_the_rest_and_nowhere_else(ask):
    said = ask()

    assert said["explanation"]["rest"] == pytest.approx(0.8)
    assert "concern" not in str(said)
    assert "note-1" not in str(said)


def test_a_place_that_the_model_knows_moves_the_risk_and_says_by_how_much(ask, reading):
    said = ask(reading(place="E12000007"))

    # 0.2 + 1.5 * 0.3 = 0.65; of that the place itself is (0.2 - 0) + (1.5 - 1) * -2 = -0.8.
    assert said["risks"][1]["risk"] == pytest.approx(0.6570104627, abs=1e-10)
    assert said["explanation"]["place"] == pytest.approx(-0.8)
    assert [each["contribution"] for each in said["explanation"]["contributions"][:2]] == pytest.approx([1.5, 0.75])
    assert "place_unknown" not in codes(said)


def test_an_unknown_place_gets_the_pooled_values_and_a_warning(ask, reading):
    said = ask(reading(place="E12000009"))

    assert said["risks"][1]["risk"] == ask()["risks"][1]["risk"]
    assert "place_unknown" in codes(said)


value = st.one_of(st.just(math.nan), st.floats(-1e4, 1e4, width=32))


@given(st.lists(value, min_size=4, max_size=4), st.sampled_from([None, "E12000007", "elsewhere"]))
def test_the_parts_add_up_to_the_shown_risk_whatever_the_values(ask, reading, values, place):
    said = ask(reading(values, place=place))

    primary = next(risk["risk"] for risk in said["risks"] if risk["primary"])
    assert abs(total(said["explanation"]) - log_odds(primary)) < 1e-9


def test_a_risk_is_never_nought_or_one_and_still_adds_up(ask, served, model, reading):
    steep = replace(model, learner=replace(model.learner, bias=900.0))
    said = ask(by=replace(served, model=steep))

    (two, five) = (risk["risk"] for risk in said["risks"])
    assert 0 < two < 1 and 0 < five < 1
    assert total(said["explanation"]) == pytest.approx(log_odds(five), abs=1e-9)
    assert "risk_limited" in codes(said)


def test_the_band_says_where_it_begins_and_where_the_next_one_does(ask, reading):
    assert ask()["band"] == {"name": "medium", "from": 0.3, "to": 0.6, "horizon": 1826, "guideline": None}
    # -2 + 2 + 1.5 = 1.5 -> 0.82
    assert ask(reading([80, 30, 0, 0]))["band"] == {
        "name": "high",
        "from": 0.6,
        "to": 1.0,
        "horizon": 1826,
        "guideline": None,
    }


def test_a_band_that_reads_another_horizon_looks_at_the_risk_there(ask, two_year_band):
    band = ask(of=two_year_band)["band"]

    # 0.33 at two years is over 0.3; no other band reads two years, so nothing ends this one.
    assert (band["name"], band["horizon"], band["to"]) == ("medium", 730, 1.0)


def test_a_red_flag_comes_first_however_low_the_risk(ask, reading, found):
    lowest = [18, 90, 0, 0]
    said = ask(reading(lowest, rules=((found["send_acr"], ()), (found["repeat"], (found["low_egfr"],)))))

    # -2 - 1 - 0.5 = -3.5 -> 0.029
    assert said["band"]["name"] == "low"
    assert [(action["source"], action["text"]) for action in said["actions"]] == [
        ("rule", "Repeat eGFR within 2 weeks"),
        ("band", "No action"),
        ("gap", "Send urine ACR"),
    ]
    assert said["actions"][0]["urgency"] == "urgent"
    assert said["actions"][0]["records"] == [{"id": "result-58", "date": "2024-03-03", "value": 60.0, "of": "eGFR"}]


def test_of_two_red_flags_the_more_urgent_comes_first(ask, reading, found):
    said = ask(reading(rules=((found["repeat"], ()), (found["call_now"], ()))))

    assert [action["urgency"] for action in said["actions"][:2]] == ["emergency", "urgent"]


@pytest.mark.parametrize(("eligible", "status"), [(False, "not_eligible"), (None, "cannot_tell")])
def test_somebody_without_a_risk_still_gets_the_rules(ask, reading, found, eligible, status):
    reasons = (found["reason"]("kidney_disease_known", "Kidney disease is already known", "you know"),)
    said = ask(reading(eligible=eligible, reasons=reasons, rules=((found["repeat"], ()),)))

    assert said["status"] == status
    assert said["reason"] == {
        "code": "kidney_disease_known",
        "text": "Kidney disease is already known",
        "plain": "you know",
    }
    assert [action["text"] for action in said["actions"]] == ["Repeat eGFR within 2 weeks"]
    assert (said["risks"], said["band"], said["explanation"]) == ([], None, None)


def test_without_a_required_input_the_answer_is_cannot_tell_and_never_low(ask, reading, found):
    missing = (found["missing"]("eGFR", True, date(2019, 3, 3)), found["missing"]("urine ACR", False, None))
    said = ask(reading([70, math.nan, 0, 0], missing=missing))

    assert said["status"] == "cannot_tell"
    assert said["reason"]["code"] == "required_missing"
    assert "eGFR (last recorded 3 March 2019)" in said["reason"]["text"]
    assert said["missing"] == [
        {"input": "eGFR", "required": True, "last_seen": "2019-03-03", "plain": "eGFR"},
        {"input": "urine ACR", "required": False, "last_seen": None, "plain": "urine ACR"},
    ]
    assert said["risks"] == []


def test_an_input_that_is_only_missing_does_not_stop_the_answer(ask, reading, found):
    said = ask(reading([70, math.nan, 0, 0], missing=(found["missing"]("urine ACR", False, None),)))

    assert said["status"] == "answered"
    egfr = next(each for each in said["explanation"]["contributions"] if each["predictor"] == "egfr")
    assert (egfr["value"], egfr["wording"]) == (None, "latest eGFR: none recorded; such people had a lower risk")
    assert egfr["contribution"] == pytest.approx(-0.1)


def test_the_day_after_the_last_record_that_counts_is_the_index_date(ask):
    said = ask()

    assert (said["as_of"], said["index_date"], said["data_to"]) == ("2024-06-30", "2024-07-01", "2024-03-03")


def test_every_demonstration_answer_says_so_in_two_places(ask):
    said = ask()

    assert said["model"]["use"] == "demonstration"
    assert "demonstration" in codes(said)


@pytest.mark.parametrize(
    ("signed_until", "reason"),
    [(None, "model_unsigned"), (date(2024, 6, 30), "model_expired"), (date(2024, 7, 1), None)],
)
def test_clinical_use_needs_a_signature_that_has_not_run_out(ask, served, signed_until, reason):
    said = ask(by=replace(served, until=signed_until), use="clinical")

    assert (said["reason"] or {}).get("code") == reason
    assert said["status"] == ("cannot_tell" if reason else "answered")
    assert bool(said["risks"]) is (reason is None)
    assert "demonstration" not in codes(said)


def test_a_model_cannot_vouch_for_itself(ask, served, model):
    said = ask(by=replace(served, model=replace(model, signed_until=date(2030, 1, 1))), use="clinical")

    assert said["reason"]["code"] == "model_unsigned"


def test_clinical_use_leaves_out_whom_the_signers_left_out_and_demonstration_does_not(ask, served, reading):
    signed = replace(served, until=date(2024, 12, 31), not_for={"deprivation": ["5"], "ethnic_group": ["unknown"]})
    groups = {"deprivation": "1", "ethnic_group": "White"}

    def told_by(served, use="clinical", **changes):
        return ask(reading(groups=groups | changes), by=served, use=use)

    def told(use="clinical", **changes):
        return told_by(signed, use, **changes)

    assert told()["status"] == "answered"
    assert told(deprivation="5")["reason"]["code"] == "model_out_of_scope"
    assert "deprivation" in told(deprivation="5")["reason"]["text"]
    assert told(ethnic_group="")["reason"]["code"] == "model_out_of_scope"

    crossed = replace(signed, not_for={"ethnicity": ["K"], "ethnic_group x deprivation": ["Asian x 1"]})
    assert told_by(crossed, ethnicity="J", ethnic_group="Asian", deprivation="2")["status"] == "answered"
    assert told_by(crossed, ethnicity="K", ethnic_group="Asian", deprivation="2")["status"] == "cannot_tell"
    refused = told_by(crossed, ethnicity="J", ethnic_group="Asian", deprivation="1")["reason"]
    assert "of this ethnic group and deprivation" in refused["text"]
    assert told(use="demonstration", deprivation="5")["status"] == "answered"


def test_a_signature_that_runs_out_within_thirty_days_is_announced(ask, served):
    def announced(until):
        return "model_expires" in codes(ask(by=replace(served, until=until), use="clinical"))

    assert announced(date(2024, 7, 31))
    assert not announced(date(2024, 8, 1))


def test_a_prediction_without_a_model_cannot_tell(ask, served):
    said = ask(by=replace(served, model=None))

    assert (said["status"], said["reason"]["code"], said["model"]) == ("cannot_tell", "model_missing", None)
    assert "demonstration" in codes(said)


def test_records_of_more_than_a_year_ago_are_called_stale(ask, reading):
    assert "stale" in codes(ask(reading(data_to=date(2023, 6, 30))))
    assert "stale" not in codes(ask(reading(data_to=date(2023, 7, 1))))


def test_a_comparator_gives_its_value_or_says_why_not(ask, reading, prediction):
    (kfre,) = prediction.comparators
    known = {"name": "KFRE", "unit": "%", "outcome": "kidney failure", "horizon_days": 1826}

    assert ask()["comparators"] == [known | {"why_not": "ACR is not recorded"}]
    assert ask(reading(comparators=((kfre, 4.2, None),)))["comparators"] == [known | {"value": 4.2, "wording": "4.2 %"}]


def test_a_value_is_sent_as_it_was_measured_and_not_as_a_float32_prints(ask, reading):
    said = ask(reading([70, 58.3, 0, 0]))

    egfr = next(each for each in said["explanation"]["contributions"] if each["predictor"] == "egfr")
    assert egfr["value"] == 58.3
    assert np.float32(58.3).item() != 58.3


def test_the_cautions_of_a_prediction_are_in_every_answer(ask):
    assert {"code": "caution", "text": "Values taken in hospital count."} in ask()["warnings"]


def test_where_a_prediction_is_not_usable_yet_every_answer_says_so_and_why(ask, prediction):
    limited = copy(prediction)
    object.__setattr__(limited, "not_usable_in", (Setting("in prison", "Nobody there was among those who taught it."),))

    text = "Not usable yet in prison: Nobody there was among those who taught it."
    assert {"code": "not_usable_yet", "text": text} in ask(of=limited)["warnings"]
    assert "not_usable_yet" not in codes(ask())


def test_a_risk_has_the_range_that_practices_had_or_says_why_not(ask, served, model):
    """Log-odds of 0.3 and a spread of 0.2: 0.3 - 0.392 = -0.092 and 0.692, risks of 0.4770 and 0.6664."""
    spread = {"state": "ok", "practices": 40, "log_odds": 0.2}
    known = ask(by=replace(served, model=replace(model, evidence={"practice_spread": spread})))
    few = {"state": "insufficient", "why": "it takes 10 practices to tell"}
    unknown = ask(by=replace(served, model=replace(model, evidence={"practice_spread": few})))

    five = known["risks"][1]
    assert five["interval"]["low"] == pytest.approx(0.4770, abs=1e-4)
    assert five["interval"]["high"] == pytest.approx(0.6664, abs=1e-4)
    assert (five["interval"]["level"], five["interval_reason"]) == (0.95, None)
    assert unknown["risks"][1]["interval"] is None
    assert unknown["risks"][1]["interval_reason"] == "it takes 10 practices to tell"
