"""What the definition of kidney disease progression says of people on paper, before there is any model."""

from __future__ import annotations

import math
from datetime import date
from functools import cache
from typing import Any

import pytest

from features.person import PersonReader, Reading
from features.vocabulary import Vocabulary
from pathways import load
from pathways.definition import Prediction
from pathways.words import KINDS

TODAY = date(2024, 6, 30)
EGFR, CREATININE, ACR, SBP, DBP = 40764999, 3020564, 3020682, 3004249, 3012888
ALBUMIN, PHOSPHATE, BICARBONATE, CALCIUM, POTASSIUM = 3024561, 3003458, 3015632, 3020059, 3023103
CKD_STAGE_3, CKD_STAGE_5, DIALYSIS, TRANSPLANT, AKI, TYPE_2 = 443597, 443611, 4120120, 4322471, 197320, 201826
PREGNANT = 4217975
PER_MINUTE, MG_PER_MMOL, MMHG, MMOL_PER_L, G_PER_L, UMOL = 720870, 9075, 8876, 8753, 8636, 8749


@cache
def reader(prediction: str = "progression") -> PersonReader:
    pathway = load("kidney_disease")
    return PersonReader(pathway, pathway.prediction(prediction), Vocabulary({}))


def progression() -> Prediction:
    return load("kidney_disease").prediction("progression")


def result(concept: int, value: float, day: str, unit: int) -> dict[str, Any]:
    return {"kind": "measurement", "concept_id": concept, "date": day, "value": value, "unit_concept_id": unit}


def egfr(value: float, day: str) -> dict[str, Any]:
    return result(EGFR, value, day, PER_MINUTE)


def acr(value: float, day: str) -> dict[str, Any]:
    return result(ACR, value, day, MG_PER_MMOL)


def code(concept: int, day: str, kind: str = "condition") -> dict[str, Any]:
    return {"kind": kind, "concept_id": concept, "date": day}


def medicine(concept: int, day: str) -> dict[str, Any]:
    return code(concept, day, "medication")


def read(
    *records: dict[str, Any],
    born: str = "1960-03-01",
    sex: str = "male",
    as_of: date = TODAY,
    prediction: str = "progression",
    lacks: str = "",
) -> Reading:
    covers = [{"kind": kind, "from": "1900-01-01"} for kind in KINDS if kind != lacks]
    person = {"birth_date": born, "sex": sex, "observed_from": "2000-01-01"}
    return reader(prediction).from_history({"person": person, "covers": covers, "records": list(records)}, as_of)


def reasons(reading: Reading) -> list[str]:
    return [reason.code for reason in reading.reasons]


def rules(reading: Reading) -> list[str]:
    return [rule.name for rule, _ in reading.rules]


def scores(reading: Reading) -> dict[str, float | str | None]:
    return {one.name: value if value is not None else why for one, value, why in reading.comparators}


def value(name: str, reading: Reading) -> float:
    names = [predictor.name for predictor in progression().predictors]
    return float(reading.predictors[names.index(name)])


CONFIRMED = (egfr(45, "2023-09-01"), egfr(44, "2023-12-01"))

# Who is scored --------------------------------------------------------------------------------------------------------


def test_a_man_with_two_low_egfr_91_days_apart_is_scored() -> None:
    assert read(*CONFIRMED).eligible


def test_on_the_day_of_confirmation_detection_ends_and_progression_begins() -> None:
    # 45 on 1 September 2023 is confirmed by the value of 30 November, 90 days later, and known from that day on.
    low = egfr(45, "2023-09-01"), egfr(44, "2023-11-30")
    before, on = date(2023, 11, 29), date(2023, 11, 30)

    assert (read(*low, as_of=before, prediction="detection").eligible, read(*low, as_of=before).eligible) == (
        True,
        False,
    )
    assert (read(*low, as_of=on, prediction="detection").eligible, read(*low, as_of=on).eligible) == (False, True)


def test_a_code_of_stage_3_counts_only_with_a_last_egfr_below_60() -> None:
    stage_3 = code(CKD_STAGE_3, "2020-01-01")

    assert read(stage_3, egfr(59, "2024-01-01")).eligible
    assert reasons(read(stage_3, egfr(60, "2024-01-01"))) == ["no_ckd"]


@pytest.mark.parametrize(
    ("records", "reason"),
    [
        ([code(TRANSPLANT, "2010-05-01", "procedure")], "kidney_replacement"),
        ([code(DIALYSIS, "2024-05-01", "procedure")], "kidney_replacement"),
        ([egfr(14.9, "2024-05-01")], "kidney_failure"),
        ([code(AKI, "2024-04-02")], "recent_aki"),
    ],
)
def test_somebody_for_whom_it_is_too_late_or_too_early_is_not_scored(
    records: list[dict[str, Any]], reason: str
) -> None:
    assert reasons(read(*CONFIRMED, *records)) == [reason]


def test_90_days_after_an_acute_injury_somebody_is_scored_again() -> None:
    assert read(*CONFIRMED, code(AKI, "2024-04-01")).eligible  # 91 days before 1 July 2024


def test_a_fall_of_40_percent_that_has_happened_is_acted_on_and_not_predicted() -> None:
    # Median of 50, 49, 48, 30, 29 is 48; 60% of it is 28.8: the higher of the last two, 30, is above it. With 28.8 and
    # 28 at the end it is not.
    stays = [egfr(x, day) for x, day in ((50, "2023-08-01"), (49, "2023-10-01"), (48, "2023-12-01"))]
    low = [egfr(45, "2023-01-01"), egfr(45, "2023-05-01")]

    assert read(*low, *stays, egfr(30, "2024-03-01"), egfr(29, "2024-05-01")).eligible
    fallen = read(*low, *stays, egfr(28.8, "2024-03-01"), egfr(28, "2024-05-01"))
    assert reasons(fallen) == ["fallen_already"]
    assert "accelerated" in rules(fallen)


# Dialysis for acute injury --------------------------------------------------------------------------------------------


def test_dialysis_for_an_acute_injury_years_ago_is_no_kidney_replacement() -> None:
    acute = [code(AKI, "2021-02-01"), *(code(DIALYSIS, f"2021-02-{day:02}", "procedure") for day in (2, 5, 9))]

    assert read(*CONFIRMED, *acute).eligible
    assert read(egfr(80, "2024-01-01"), *acute, prediction="detection").eligible


def test_dialysis_with_a_code_of_stage_5_or_again_90_days_later_is_kidney_replacement() -> None:
    once = code(DIALYSIS, "2021-02-02", "procedure")

    assert reasons(read(*CONFIRMED, once, code(CKD_STAGE_5, "2021-05-03"))) == ["kidney_replacement"]  # 90 days later
    assert read(*CONFIRMED, once, code(CKD_STAGE_5, "2021-05-04")).eligible
    again = code(DIALYSIS, "2021-05-03", "procedure")
    assert reasons(read(*CONFIRMED, once, again)) == ["kidney_replacement"]
    assert read(*CONFIRMED, once, again | {"date": "2021-05-02"}).eligible


def test_two_acute_illnesses_with_dialysis_two_years_apart_are_not_one_long_treatment() -> None:
    assert read(*CONFIRMED, *(code(DIALYSIS, day, "procedure") for day in ("2019-02-02", "2021-02-02"))).eligible


# What is required, what is missing ------------------------------------------------------------------------------------


def test_without_an_egfr_in_12_months_it_cannot_be_told() -> None:
    stale = read(egfr(45, "2022-09-01"), egfr(44, "2022-12-01"))

    assert stale.eligible
    (lacking,) = [one for one in stale.missing if one.required]
    assert (lacking.input, lacking.last_seen) == ("eGFR or creatinine in the last 12 months", date(2022, 12, 1))


# The published score --------------------------------------------------------------------------------------------------


def test_the_kfre_is_the_worked_example_of_the_specification() -> None:
    # Man of 65, eGFR 35, ACR 70 mg/mmol, albumin 38 g/L, phosphate 1.2, bicarbonate 24, adjusted calcium 2.35 mmol/L.
    man = read(
        egfr(36, "2023-10-01"),
        egfr(35, "2024-06-01"),
        acr(70, "2024-06-01"),
        result(ALBUMIN, 38, "2024-06-01", G_PER_L),
        result(PHOSPHATE, 1.2, "2024-06-01", MMOL_PER_L),
        result(BICARBONATE, 24, "2024-06-01", MMOL_PER_L),
        result(CALCIUM, 2.35, "2024-06-01", MMOL_PER_L),
        born="1959-03-01",
    )

    found = scores(man)
    assert found["KFRE, 4 variables, 5 years"] == pytest.approx(0.153362, abs=1e-6)
    assert found["KFRE, 4 variables, 2 years"] == pytest.approx(0.042083, abs=1e-6)
    assert found["KFRE, 8 variables, 5 years"] == pytest.approx(0.166598, abs=1e-6)
    assert found["KFRE, 8 variables, 2 years"] == pytest.approx(0.039703, abs=1e-6)


def test_the_kfre_says_what_is_lacking_and_for_whom_it_is_not() -> None:
    assert scores(read(*CONFIRMED))["KFRE, 4 variables, 5 years"] == "cannot be computed without the last ACR"
    recovered = read(*CONFIRMED, egfr(60, "2024-06-01"), acr(3, "2024-06-01"))
    assert "eGFR is below 60" in str(scores(recovered)["KFRE, 4 variables, 5 years"])
    other = read(*CONFIRMED, acr(3, "2024-06-01"), sex="other")
    assert "female or male" in str(scores(other)["KFRE, 4 variables, 5 years"])
    child = read(*CONFIRMED, acr(30, "2024-06-01"), born="2007-03-01")
    assert "adults" in str(scores(child)["KFRE, 4 variables, 5 years"])
    assert "kfre_referral" not in rules(child)


def test_egfr_by_the_equation_of_2021_stands_beside_that_of_2009() -> None:
    # Creatinine 150 umol/L, man of 70: 40.06 by the equation of 2009, 42.93 by that of 2021 (specification 1.6).
    creatinine = [result(CREATININE, 150, day, UMOL) for day in ("2023-09-01", "2024-03-02")]
    man = scores(read(*creatinine, born="1954-03-02"))

    assert man["Last eGFR"] == pytest.approx(40.06, abs=0.01)
    assert man["Last eGFR by CKD-EPI 2021"] == pytest.approx(42.93, abs=0.01)


# Rules ----------------------------------------------------------------------------------------------------------------


def test_the_referral_line_of_nice_is_the_kfres_5_percent_and_shows_egfr_and_acr() -> None:
    # By the package kfre: a man of 64 with eGFR 35 has 8.1% in 5 years at an ACR of 15 mg/mmol, and 4.6% at 4.
    over = read(*CONFIRMED, egfr(35, "2024-05-01"), acr(15, "2024-04-01"))
    under = read(*CONFIRMED, egfr(35, "2024-05-01"), acr(4, "2024-04-01"))

    assert "kfre_referral" in rules(over) and "kfre_referral" not in rules(under)
    records = next(records for rule, records in over.rules if rule.name == "kfre_referral")
    assert {(record.day, record.value) for record in records} == {(date(2024, 5, 1), 35.0), (date(2024, 4, 1), 15.0)}


def test_falls_and_gaps_do_not_speak_to_somebody_on_dialysis_for_whom_the_renal_team_decides() -> None:
    dialysis = code(193782, "2024-02-05"), code(DIALYSIS, "2024-03-01", "procedure")

    assert rules(read(*CONFIRMED, egfr(7, "2024-06-01"), *dialysis)) == []
    # Without the procedures nobody knows of the dialysis: a red flag is not lost for want of records.
    assert "kidney_failure" in rules(read(*CONFIRMED, egfr(7, "2024-06-01"), dialysis[0], lacks="procedure"))


def test_the_limits_of_the_kfre_do_not_speak_to_somebody_on_kidney_replacement_therapy() -> None:
    high = egfr(22, "2024-05-01"), acr(150, "2024-05-01")

    assert "kfre_referral" in rules(read(*CONFIRMED, *high))
    assert "kfre_referral" not in rules(read(*CONFIRMED, *high, code(TRANSPLANT, "2010-05-01", "procedure")))
    # Where procedures were not sent it cannot be told, so the limit speaks.
    assert "kfre_referral" in rules(read(*CONFIRMED, *high, lacks="procedure"))


def test_a_fall_of_25_percent_that_changes_the_category_and_stays_is_referred() -> None:
    def year(*values: float) -> list[str]:
        days = ("2023-08-01", "2024-01-01", "2024-05-01")
        return rules(read(*(egfr(x, day) for x, day in zip(values, days, strict=True)), prediction="detection"))

    assert "accelerated" in year(48, 35, 36)  # 36 / 48 = 0.75, and G3a to G3b
    assert "accelerated" not in year(48, 35, 37)  # the last two are not both low enough
    assert "accelerated" not in year(44, 31, 32)  # 27% but G3b all along
    assert "fast_fall" in year(75, 60, 60)
    assert "fast_fall" not in year(75, 60, 61)


def test_whoever_has_recovered_is_not_to_be_coded() -> None:
    once = egfr(50, "2010-01-01"), egfr(50, "2010-06-01")

    assert "uncoded" in rules(read(*once))
    assert "uncoded" in rules(read(*once, egfr(62, "2024-05-01")))  # one value of 60 or above is not yet a recovery
    assert "uncoded" not in rules(read(*once, egfr(90, "2015-01-01"), egfr(92, "2024-05-01")))


def test_an_acute_injury_explains_a_fall_and_has_a_rule_of_its_own() -> None:
    values = [
        egfr(x, day) for x, day in ((48, "2023-08-01"), (47, "2023-12-01"), (30, "2024-06-01"), (33, "2024-06-10"))
    ]
    injured = rules(read(*values, code(AKI, "2024-06-01")))

    assert "aki_on_ckd" in injured and "accelerated" not in injured


RAMIPRIL, DAPAGLIFLOZIN, ATORVASTATIN = 21601782, 44785829, 1545958


@pytest.mark.parametrize(
    ("records", "gap"),
    [
        ([acr(30, "2024-05-01"), code(320128, "2010-01-01")], "raas_gap"),
        ([acr(3, "2024-05-01"), code(TYPE_2, "2010-01-01")], "raas_gap"),
        ([acr(70, "2024-05-01")], "raas_gap"),
        ([acr(30, "2024-05-01"), code(TYPE_2, "2010-01-01")], "sglt2_gap"),
        ([], "statin_gap"),
        ([result(SBP, 140, "2024-05-01", MMHG)], "pressure_gap"),
        ([result(DBP, 90, "2024-05-01", MMHG)], "pressure_gap"),
        ([result(SBP, 130, "2024-05-01", MMHG), acr(70, "2024-05-01")], "pressure_gap"),
        ([], "not_tested"),
    ],
)
def test_a_gap_in_treatment_is_said(records: list[dict[str, Any]], gap: str) -> None:
    assert gap in rules(read(*CONFIRMED, *records))


def test_a_gap_that_is_closed_is_not_said() -> None:
    treated = read(
        *CONFIRMED,
        acr(40, "2024-05-01"),
        code(TYPE_2, "2010-01-01"),
        *(medicine(one, "2024-05-15") for one in (RAMIPRIL, DAPAGLIFLOZIN, ATORVASTATIN)),
        result(SBP, 139, "2024-05-01", MMHG),
        result(DBP, 89, "2024-05-01", MMHG),
        egfr(44, "2024-05-01"),
    )

    assert not set(rules(treated)) & {"raas_gap", "sglt2_gap", "statin_gap", "pressure_gap", "not_tested"}


def test_a_gap_is_not_claimed_where_medicines_were_not_sent() -> None:
    unsent = read(*CONFIRMED, acr(70, "2024-05-01"), lacks="medication")

    assert not set(rules(unsent)) & {"raas_gap", "statin_gap"}
    assert any(code == "rule_not_known" and "statin" in text for code, text in unsent.warnings)


TREATMENTS = {"raas_gap", "sglt2_gap", "statin_gap", "pressure_gap"}
UNTREATED = (
    *CONFIRMED,
    acr(70, "2024-05-01"),
    code(TYPE_2, "2010-01-01"),
    result(SBP, 150, "2024-05-01", MMHG),
)


def test_no_medicine_is_advised_in_pregnancy_nor_for_a_child() -> None:
    def gaps(*more: dict[str, Any], born: str, sex: str = "female") -> set[str]:
        return set(rules(read(*UNTREATED, *more, born=born, sex=sex))) & TREATMENTS

    pregnant = code(PREGNANT, "2024-03-01")
    assert gaps(born="1990-03-01") == TREATMENTS
    assert gaps(pregnant, born="1990-03-01") == set()
    assert gaps(born="2007-03-01") == set()  # 17 years old


def test_no_ace_inhibitor_is_advised_with_potassium_above_5() -> None:
    assert "raas_gap" in rules(read(*UNTREATED, result(POTASSIUM, 5.0, "2024-05-01", MMOL_PER_L)))
    assert "raas_gap" not in rules(read(*UNTREATED, result(POTASSIUM, 5.1, "2024-05-01", MMOL_PER_L)))


# What the definition promises -----------------------------------------------------------------------------------------


def test_there_are_40_predictors_or_more_and_no_place_among_them() -> None:
    names = [predictor.name for predictor in progression().predictors]
    words = {getattr(predictor.of, "which", "") for predictor in progression().predictors}

    assert len(names) >= 40
    assert not words & {"ethnicity", "deprivation", "region", "area", "practice"}


def test_an_egfr_counts_for_a_year_and_not_for_five() -> None:
    assert math.isnan(value("egfr_last", read(egfr(45, "2022-09-01"), egfr(44, "2022-12-01"))))


def test_the_kfre_predicts_the_secondary_outcome_and_no_band_borrows_its_limit() -> None:
    (secondary,) = progression().secondary

    assert {one.outcome for one in progression().comparators if one.outcome} == {secondary.name}
    assert [(band.name, band.guideline) for band in progression().bands] == [
        ("Low", None),
        ("Medium", None),
        ("High", None),
    ]
