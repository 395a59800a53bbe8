"""What the definition of kidney disease detection says of people on paper, before there is any model."""

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
EGFR, CREATININE, ACR = 40764999, 3020564, 3020682
CKD_STAGE_3, DIABETES, HYPERTENSION, TRANSPLANT, POLYCYSTIC, PREGNANCY = (
    443597,
    201826,
    320128,
    4322471,
    4053387,
    4217975,
)
PER_MINUTE, UMOL, MG_PER_MMOL, MG_PER_G = 720870, 8749, 9075, 8723


@cache
def reader() -> PersonReader:
    pathway = load("kidney_disease")
    return PersonReader(pathway, pathway.prediction("detection"), Vocabulary({}))


def detection() -> Prediction:
    return load("kidney_disease").prediction("detection")


def egfr(value: float, day: str) -> dict[str, Any]:
    return {"kind": "measurement", "concept_id": EGFR, "date": day, "value": value, "unit_concept_id": PER_MINUTE}


def acr(value: float, day: str, unit: int = MG_PER_MMOL, operator: str = "") -> dict[str, Any]:
    sign = {"operator": operator} if operator else {}
    return {"kind": "measurement", "concept_id": ACR, "date": day, "value": value, "unit_concept_id": unit} | sign


def creatinine(value: float, day: str, **unit: Any) -> dict[str, Any]:
    return {"kind": "measurement", "concept_id": unit.pop("of", CREATININE), "date": day, "value": value} | unit


def code(concept: int, day: str, kind: str = "condition") -> dict[str, Any]:
    return {"kind": kind, "concept_id": concept, "date": day}


def read(
    *records: dict[str, Any], born: str = "1960-03-01", sex: str = "male", since: str = "2000-01-01", lacks: str = ""
) -> Reading:
    covers = [{"kind": kind, "from": "1900-01-01"} for kind in KINDS if kind != lacks]
    person = {"birth_date": born, "sex": sex, "observed_from": since}
    return reader().from_history({"person": person, "covers": covers, "records": list(records)}, TODAY)


def value(name: str, reading: Reading) -> float:
    names = [predictor.name for predictor in detection().predictors]
    return float(reading.predictors[names.index(name)])


def level(name: str, reading: Reading) -> str:
    predictor = next(one for one in detection().predictors if one.name == name)
    return predictor.levels[int(value(name, reading))]


def reasons(reading: Reading) -> list[str]:
    return [reason.code for reason in reading.reasons]


def rules(reading: Reading) -> list[str]:
    return [rule.name for rule, _ in reading.rules]


NORMAL = egfr(85, "2024-01-10")
LOW = (egfr(52, "2023-09-01"), egfr(50, "2023-12-01"))

# Who is scored --------------------------------------------------------------------------------------------------------


def test_a_man_of_64_with_a_normal_egfr_is_scored_and_no_rule_speaks() -> None:
    man = read(NORMAL)

    assert (man.eligible, man.reasons, rules(man)) == (True, (), [])


def test_somebody_who_turns_18_tomorrow_is_not_scored_and_on_the_birthday_is() -> None:
    # What is known ends today, so the index date is tomorrow, 1 July 2024.
    assert read(NORMAL, born="2006-07-01").eligible
    assert reasons(read(NORMAL, born="2006-07-02")) == ["under_18"]


def test_a_year_of_registration_is_asked_for() -> None:
    assert read(NORMAL, since="2023-07-02").eligible  # 365 days before 1 July 2024, a leap year
    assert reasons(read(NORMAL, since="2023-07-03")) == ["registered_under_a_year"]


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (code(CKD_STAGE_3, "2003-05-01"), "ckd_coded"),
        (code(TRANSPLANT, "2010-05-01", "procedure"), "kidney_replacement"),
        (code(POLYCYSTIC, "1990-05-01"), "clinic_list"),
    ],
)
def test_known_kidney_disease_however_long_ago_is_not_scored(record: dict[str, Any], reason: str) -> None:
    left_out = read(NORMAL, record)

    assert left_out.eligible is False
    assert reasons(left_out) == [reason]


def test_two_low_egfr_90_days_apart_are_chronic_kidney_disease_and_89_days_are_not() -> None:
    assert reasons(read(egfr(52, "2023-09-01"), egfr(50, "2023-11-30"))) == ["ckd_confirmed"]
    assert read(egfr(52, "2023-09-01"), egfr(50, "2023-11-29")).eligible


def test_a_value_of_60_between_two_low_ones_breaks_the_run() -> None:
    assert read(*LOW, egfr(60, "2023-10-01")).eligible


def test_a_woman_pregnant_in_the_last_9_months_is_not_scored() -> None:
    pregnant = code(PREGNANCY, "2023-12-01", "observation")

    assert reasons(read(NORMAL, pregnant, sex="female", born="1990-01-01")) == ["pregnant"]
    assert read(NORMAL, code(PREGNANCY, "2023-09-30"), sex="female", born="1990-01-01").eligible


def test_only_women_of_an_age_to_be_pregnant_wait_for_observations() -> None:
    assert read(NORMAL, lacks="observation").eligible
    assert read(NORMAL, lacks="observation", sex="female").eligible
    assert read(NORMAL, lacks="observation", sex="female", born="1990-01-01").eligible is None


@pytest.mark.parametrize("kind", ["condition", "procedure"])
def test_without_complete_conditions_or_procedures_nobody_can_be_told(kind: str) -> None:
    assert read(NORMAL, lacks=kind).eligible is None


@pytest.mark.parametrize("kind", ["medication", "visit", "family_history"])
def test_medicines_visits_and_family_history_may_be_unknown(kind: str) -> None:
    assert read(NORMAL, lacks=kind).eligible


def test_an_egfr_of_five_years_ago_will_do_and_an_older_one_will_not() -> None:
    # 1,826 days before 1 July 2024 is 1 July 2019.
    assert not any(one.required for one in read(egfr(85, "2019-07-02")).missing)
    lacking = [one for one in read(egfr(85, "2019-06-30")).missing if one.required]
    assert [one.input for one in lacking] == ["eGFR or creatinine in the last 5 years"]
    assert lacking[0].last_seen == date(2019, 6, 30)


# Rules, also for those who are left out -------------------------------------------------------------------------------


def test_uncoded_disease_is_told_although_no_risk_is_given() -> None:
    uncoded = read(*LOW)

    assert uncoded.eligible is False
    assert rules(uncoded) == ["uncoded", "statin_gap", "not_tested"]
    (rule, records) = uncoded.rules[0]
    assert rule.action == "Meets the NICE definition of CKD; not coded. Confirm, code, send ACR."
    assert [record.day for record in records] == [date(2023, 9, 1), date(2023, 12, 1)], "both of the low values"


def test_coded_disease_is_not_called_uncoded() -> None:
    assert rules(read(*LOW, code(CKD_STAGE_3, "2024-01-05"))) == ["statin_gap", "not_tested"]


def test_one_low_egfr_is_to_be_repeated_while_90_days_run_and_once_they_have_passed() -> None:
    # 2 April 2024 is 90 days before 1 July 2024.
    assert rules(read(egfr(55, "2024-04-03"))) == ["newly_low"]
    assert rules(read(egfr(55, "2024-04-02"))) == ["unrepeated"]


def test_a_low_egfr_that_was_repeated_a_week_later_waits_for_its_90_days() -> None:
    assert rules(read(egfr(55, "2024-06-01"), egfr(54, "2024-06-08"))) == []


def test_a_low_egfr_that_was_normal_on_repeat_needs_no_repeat() -> None:
    assert rules(read(egfr(55, "2023-12-01"), egfr(75, "2024-01-01"))) == []


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((70,), ["heavy_albuminuria"]),
        ((69,), ["albuminuria_unconfirmed"]),
        ((3,), ["albuminuria_unconfirmed"]),
        ((2.9,), []),
        ((5, 4), []),
    ],
)
def test_albumin_in_urine_is_repeated_or_referred_as_nice_says(values: tuple[float, ...], expected: list[str]) -> None:
    days = ("2024-02-01", "2024-05-01")

    assert rules(read(NORMAL, *(acr(x, day) for x, day in zip(values, days, strict=False)))) == expected


def test_acr_above_30_with_blood_in_urine_is_referred() -> None:
    blood = code(437038, "2024-03-01")

    assert "albuminuria_with_haematuria" in rules(read(NORMAL, acr(31, "2024-02-01"), blood))
    assert "albuminuria_with_haematuria" not in rules(read(NORMAL, acr(30, "2024-02-01"), blood))


def test_diabetes_without_egfr_and_acr_in_12_months_is_a_test_due() -> None:
    diabetes = code(DIABETES, "2015-01-01")

    assert rules(read(NORMAL, diabetes)) == ["test_due"]
    assert rules(read(NORMAL, diabetes, acr(1, "2024-02-01"))) == []


def test_a_medicine_record_that_is_not_covered_does_not_hide_that_a_test_is_due() -> None:
    assert rules(read(NORMAL, code(HYPERTENSION, "2015-01-01"), lacks="medication")) == ["test_due"]


def test_an_nsaid_with_a_low_egfr_is_to_be_reviewed() -> None:
    ibuprofen = {"kind": "medication", "concept_id": 1177480, "date": "2024-05-01"}

    assert rules(read(egfr(55, "2024-05-01"), ibuprofen)) == ["newly_low", "nsaid"]


# Values ---------------------------------------------------------------------------------------------------------------


def test_egfr_is_computed_from_creatinine_and_the_laboratorys_own_counts_only_on_other_days() -> None:
    # CKD-EPI 2009 without ethnicity, clinical_a.md 1.6: 88.4 umol/L, man of 50: 87.37.
    man = read(
        creatinine(88.4, "2024-03-01", unit_concept_id=UMOL), egfr(60, "2024-03-01"), born="1974-03-01", sex="male"
    )

    assert value("egfr_last", man) == pytest.approx(87.37, abs=0.01)


def test_creatinine_in_mg_per_dl_with_or_without_its_unit_is_the_same() -> None:
    said = read(creatinine(1.0, "2024-03-01", of=3051825, unit_concept_id=8840), born="1974-03-01")
    unsaid = read(creatinine(1.0, "2024-03-01", of=3051825), born="1974-03-01")

    assert value("egfr_last", said) == value("egfr_last", unsaid) == pytest.approx(87.37, abs=0.01)


def test_an_egfr_above_59_says_nothing_and_one_above_90_is_90() -> None:
    assert math.isnan(value("egfr_last", read(egfr(59, "2024-03-01") | {"operator": ">"})))
    assert value("egfr_last", read(egfr(90, "2024-03-01") | {"operator": ">"})) == 90


def test_an_acr_below_3_counts_as_half_of_it_and_mg_per_g_are_converted() -> None:
    assert value("acr_last", read(NORMAL, acr(3, "2024-03-01", operator="<"))) == 1.5
    assert value("acr_last", read(NORMAL, acr(100, "2024-03-01", MG_PER_G))) == pytest.approx(11.312)


def test_hba1c_in_percent_becomes_mmol_per_mol() -> None:
    # 7.0% is 53 mmol/mol: (7.0 - 2.15) * 10.929 = 53.0.
    hba1c = creatinine(7.0, "2024-03-01", of=3004410, unit_concept_id=8554)

    assert value("hba1c_last", read(NORMAL, hba1c)) == pytest.approx(53.006, abs=0.001)


def test_the_lowest_pressure_of_the_day_counts() -> None:
    pressures = [creatinine(x, "2024-03-01", of=3004249, unit_concept_id=8876) for x in (152, 138, 146)]

    assert value("sbp_last", read(NORMAL, *pressures)) == 138


def test_never_smoked_after_smoking_is_an_ex_smoker() -> None:
    smoker, never = code(4298794, "2010-01-01", "observation"), code(4144272, "2020-01-01", "observation")

    assert level("smoking", read(NORMAL, smoker, never)) == "ex"
    assert level("smoking", read(NORMAL, never)) == "never"
    assert level("smoking", read(NORMAL, never, smoker | {"date": "2021-01-01"})) == "current"
    assert math.isnan(value("smoking", read(NORMAL)))


def test_an_admission_on_the_day_after_an_emergency_visit_is_an_emergency_admission() -> None:
    visit = {"kind": "visit", "concept_id": 9203, "date": "2024-02-01"}
    stay = {"kind": "visit", "concept_id": 9201, "date": "2024-02-02"}

    assert value("emergency_adm_count", read(NORMAL, visit, stay)) == 1
    assert value("emergency_adm_count", read(NORMAL, stay)) == 0
    assert value("emergency_adm_count", read(NORMAL, visit, stay | {"date": "2024-02-03"})) == 0


def test_what_is_not_covered_is_missing_and_not_none() -> None:
    assert math.isnan(value("nsaid_count", read(NORMAL, lacks="medication")))
    assert value("nsaid_count", read(NORMAL)) == 0


# What the definition promises -----------------------------------------------------------------------------------------


def test_place_deprivation_and_ethnicity_are_no_predictors() -> None:
    names = {predictor.name for predictor in detection().predictors}
    words = {getattr(predictor.of, "which", "") for predictor in detection().predictors}

    assert not words & {"ethnicity", "deprivation", "region", "area", "practice"}
    assert 35 <= len(names) <= 45


def test_no_treatment_and_no_count_of_tests_has_a_direction() -> None:
    directed = {predictor.name: predictor.direction for predictor in detection().predictors if predictor.direction}

    assert directed == {
        "age": "up",
        "egfr_last": "down",
        "egfr_slope": "down",
        "egfr_min_2y": "down",
        "diabetes": "up",
        "diabetes_type_1": "up",
        "diabetes_type_2": "up",
        "acr_last": "up",
        "proteinuria": "up",
        "hypertension": "up",
        "heart_failure": "up",
        "pvd": "up",
        "aki_count": "up",
    }


def test_every_measured_predictor_has_a_unit_and_a_plausible_range() -> None:
    bare = [one.name for one in detection().predictors if bool(one.unit) != (one.plausible is not None)]

    assert bare == []
    assert all(one.wording for one in detection().predictors)


def test_the_bands_are_ours_and_somebody_owns_each() -> None:
    bands = [(band.name, band.at_least, band.guideline, bool(band.owner)) for band in detection().bands]

    assert bands == [("Low", 0.0, None, True), ("Medium", 0.03, None, True), ("High", 0.10, None, True)]
    assert (detection().horizons, detection().primary) == ((730, 1826), 1826)


def test_the_comparators_rank_the_lowest_egfr_and_the_most_groups_as_worst() -> None:
    person = read(egfr(70, "2024-01-10"), code(DIABETES, "2015-01-01"), code(440674, "2015-01-01"))
    scores = {comparator.name: (score, comparator.higher_is_worse) for comparator, score, _ in person.comparators}

    assert scores == {
        "Last eGFR": (70, False),
        "Last eGFR by CKD-EPI 2021": (70, False),  # the laboratory's own figure, as there is no creatinine
        "NG203 groups": (2, True),
        "NG203 test due": (1, True),
    }
