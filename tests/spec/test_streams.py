"""Streams: what becomes of a record before anyone looks at it: unit, limits, day, and what is derived from it."""

import pytest

from pathways.language import (
    At,
    ConceptSet,
    Count,
    Either,
    Formula,
    Has,
    Highest,
    Latest,
    Mean,
    Near,
    Only,
    Records,
    Since,
    days,
)
from tests.spec.clinic import (
    ASTHMA,
    CELSIUS,
    CREATININE,
    DIABETES,
    DIASTOLIC,
    EGFR,
    EGFR_UNIT,
    EMERGENCY,
    FAHRENHEIT,
    HEIGHT,
    LAB_EGFR,
    MG_DL,
    SMOKING,
    STEROID,
    SYSTOLIC,
    UMOL,
    WEIGHT,
    concepts,
)

TEMPERATURE = Records("temperature", concepts("temperature"), units=(CELSIUS, FAHRENHEIT), plausible=(30, 45))
EVERY_CREATININE = concepts("creatinine", "creatinine (US)", name="creatinine anywhere")
ASSUMED = Records("creatinine", EVERY_CREATININE, units=(UMOL, MG_DL), assumed={3016723: 8840}, plausible=(15, 2500))
HALVED = Records("creatinine", concepts("creatinine"), units=UMOL, less_than=0.5)
FLOORED = Records("lab eGFR", concepts("lab eGFR"), units=EGFR_UNIT, plausible=(1, 200), floor=60)


def same_day(how):
    return Records("creatinine", concepts("creatinine"), units=UMOL, same_day=how)


def test_a_value_is_converted_to_the_first_unit(spec):
    spec(
        """
        person | record      | date       | value | unit
        Ann    | creatinine  | 2023-01-01 | 1     | mg/dL
        Bob    | creatinine  | 2023-01-01 | 88.4  | umol/L
        """,
        Latest(CREATININE),
        gives={"Ann": 88.4, "Bob": 88.4},
    )


def test_a_unit_may_need_a_shift_as_well_as_a_factor(spec):
    spec(
        """
        person | record      | date       | value | unit
        Ann    | temperature | 2023-01-01 | 98.6  | F
        """,
        Latest(TEMPERATURE),
        gives=37,
    )


def test_a_value_in_a_unit_that_is_not_listed_is_left_out(spec):
    spec(
        """
        person | record     | date       | value | unit
        Ann    | creatinine | 2022-01-01 | 80    | umol/L
        Ann    | creatinine | 2023-01-01 | 90    | mmol/L
        """,
        Latest(CREATININE),
        gives=80,
    )


def test_a_value_without_a_unit_is_taken_in_the_first_unit_if_it_is_plausible_there(spec):
    spec(
        """
        person | record     | date       | value | unit
        Ann    | creatinine | 2022-01-01 | 80    |
        Bob    | creatinine | 2022-01-01 | 1.1   |
        """,
        Latest(CREATININE),
        gives={"Ann": 80, "Bob": None},
    )


def test_a_value_without_a_unit_is_taken_as_its_concept_is_known_to_be_recorded(spec):
    spec(
        """
        person | record          | date       | value | unit
        Ann    | creatinine (US) | 2022-01-01 | 2     |
        Bob    | creatinine      | 2022-01-01 | 80    |
        Cem    | creatinine (US) | 2022-01-01 | 80    | umol/L
        """,
        Latest(ASSUMED),
        gives={"Ann": 176.8, "Bob": 80, "Cem": 80},
    )


def test_the_ends_of_the_plausible_range_are_plausible(spec):
    spec(
        """
        person | record     | date       | value
        Ann    | creatinine | 2022-01-01 | 15
        Ann    | creatinine | 2022-01-02 | 2500
        Ann    | creatinine | 2022-01-03 | 14.9
        Ann    | creatinine | 2022-01-04 | 2500.1
        """,
        Count(CREATININE),
        gives=2,
    )


def test_the_range_is_that_of_the_converted_value(spec):
    spec(
        """
        person | record     | date       | value | unit
        Ann    | creatinine | 2022-01-01 | 1     | mg/dL
        Ann    | creatinine | 2022-01-02 | 29    | mg/dL
        """,
        Count(CREATININE),
        gives=1,
    )


def test_below_a_limit_becomes_a_share_of_the_limit_and_above_it_the_limit(spec):
    spec(
        """
        person | record     | date       | value | operator
        Ann    | creatinine | 2022-01-01 | 20    | <
        Bob    | creatinine | 2022-01-01 | 20    | <=
        Cem    | creatinine | 2022-01-01 | 20    | >
        Dot    | creatinine | 2022-01-01 | 20    | >=
        """,
        Latest(HALVED),
        gives={"Ann": 10, "Bob": 10, "Cem": 20, "Dot": 20},
    )


def test_above_59_does_not_say_that_a_value_is_below_60(spec):
    spec(
        """
        person | record   | date       | value | operator
        Ann    | lab eGFR | 2022-01-01 | 59    | >
        Bob    | lab eGFR | 2022-01-01 | 60    | >
        Cem    | lab eGFR | 2022-01-01 | 59    | <
        Dot    | lab eGFR | 2022-01-01 | 59    | >=
        """,
        Latest(FLOORED),
        gives={"Ann": None, "Bob": 60, "Cem": 59, "Dot": None},
    )


def test_a_measurement_without_a_value_is_no_measurement(spec):
    spec(
        """
        person | record     | date       | value
        Ann    | creatinine | 2022-01-01 |
        """,
        Has(CREATININE),
        gives=False,
    )


def test_a_record_before_birth_or_after_death_is_left_out(spec):
    spec(
        """
        person | record | date
        Ann    | asthma | 2019-12-31
        Bob    | asthma | 2020-01-01
        """,
        Has(ASTHMA),
        people="""
        person | born
        Ann    | 2020-01-01
        Bob    | 2020-01-01
        """,
        gives={"Ann": False, "Bob": True},
    )
    spec(
        """
        person | record | date
        Ann    | asthma | 2022-01-02
        Bob    | asthma | 2022-01-01
        """,
        Has(ASTHMA),
        people="""
        person | died
        Ann    | 2022-01-01
        Bob    | 2022-01-01
        """,
        routes=("tables",),
        gives={"Ann": False, "Bob": True},
    )


def test_a_month_of_birth_stands_for_its_fifteenth_and_a_year_for_the_first_of_july(spec):
    spec(
        """
        person | record | date
        Ann    | asthma | 2020-03-14
        Bob    | asthma | 2020-03-15
        Cem    | asthma | 2020-06-30
        Dot    | asthma | 2020-07-01
        """,
        Has(ASTHMA),
        people="""
        person | born
        Ann    | 2020-03
        Bob    | 2020-03
        Cem    | 2020
        Dot    | 2020
        """,
        gives={"Ann": False, "Bob": True, "Cem": False, "Dot": True},
    )


@pytest.mark.parametrize(
    ("how", "value"), [("lowest", 60), ("highest", 90), ("median", 70), ("last", 60)], ids=lambda one: str(one)
)
def test_one_value_for_a_day(spec, how, value):
    spec(
        """
        person | record     | date       | value
        Ann    | creatinine | 2022-01-01 | 70
        Ann    | creatinine | 2022-01-01 | 90
        Ann    | creatinine | 2022-01-01 | 60
        Ann    | creatinine | 2021-01-01 | 200
        """,
        Latest(same_day(how)),
        gives=value,
    )


def test_the_median_of_two_values_of_a_day_is_their_mean(spec):
    spec(
        """
        person | record     | date       | value
        Ann    | creatinine | 2022-01-01 | 70
        Ann    | creatinine | 2022-01-01 | 90
        """,
        Latest(same_day("median")),
        gives=80,
    )


def test_a_value_recorded_twice_weighs_once_in_the_median_of_its_day(spec):
    spec(
        """
        person | record     | date       | value
        Ann    | creatinine | 2022-01-01 | 70
        Ann    | creatinine | 2022-01-01 | 70
        Ann    | creatinine | 2022-01-01 | 90
        """,
        Latest(same_day("median")),
        gives=80,
    )


def test_a_days_value_is_known_when_the_last_of_its_parts_was_entered(spec):
    spec(
        """
        person | record     | date       | value | entered
        Ann    | creatinine | 2021-01-01 | 50    | 2021-01-01
        Ann    | creatinine | 2022-01-01 | 70    | 2022-01-01
        Ann    | creatinine | 2022-01-01 | 90    | 2023-05-01
        """,
        Latest(same_day("median")),
        on="2023-05-01",
        routes=("history",),
        gives=50,
    )


def test_a_diagnosis_recorded_twice_is_known_from_its_first_entry_whichever_row_comes_first(spec):
    spec(
        """
        person | record   | date       | entered
        Ann    | diabetes | 2022-01-01 | 2022-01-01
        Ann    | diabetes | 2022-01-01 | 2023-05-09
        Bob    | diabetes | 2022-01-01 | 2023-05-09
        Bob    | diabetes | 2022-01-01 | 2022-01-01
        """,
        Has(DIABETES),
        on="2023-05-01",
        gives={"Ann": True, "Bob": True},
    )


def test_a_level_comes_from_the_record_or_from_its_answer(spec):
    spec(
        """
        person | record         | date       | answer
        Ann    | never smoked   | 2022-01-01 |
        Bob    | smoking status | 2022-01-01 | ex-smoker
        Cem    | smoking status | 2022-01-01 | smoker
        Dot    | smoking status | 2022-01-01 |
        """,
        Latest(SMOKING),
        gives={"Ann": 0, "Bob": 1, "Cem": 2, "Dot": None},
    )


def test_a_set_is_what_it_includes_without_what_it_excludes(spec):
    either = ConceptSet("asthma or diabetes", {317009: "asthma", 201826: "diabetes"}, exclude={201826: "diabetes"})
    spec(
        """
        person | record   | date
        Ann    | asthma   | 2022-01-01
        Bob    | diabetes | 2022-01-01
        """,
        Has(Records("asthma without diabetes", either)),
        gives={"Ann": True, "Bob": False},
    )


def test_either_holds_the_records_of_both_streams_in_order_of_time(spec):
    spec(
        """
        person | record  | date
        Ann    | steroid | 2022-03-01
        Ann    | asthma  | 2022-01-01
        Ann    | asthma  | 2022-03-01
        """,
        Count(Either(ASTHMA, STEROID)),
        gives=3,
    )


def test_the_preferred_stream_hides_the_other_on_its_days_only(spec):
    spec(
        """
        person | record     | date       | value
        Ann    | creatinine | 2022-01-01 | 70
        Ann    | lab eGFR   | 2022-01-01 | 30
        Ann    | lab eGFR   | 2022-02-01 | 40
        Ann    | creatinine | 2022-03-01 | 100
        """,
        Mean(Either(CREATININE, LAB_EGFR, prefer=True)),
        gives=70,
    )


def test_of_three_streams_the_first_that_has_the_day_gives_its_value(spec):
    spec(
        """
        person | record     | date       | value
        Ann    | creatinine | 2022-01-01 | 70
        Ann    | lab eGFR   | 2022-01-01 | 30
        Ann    | lab eGFR   | 2022-02-01 | 40
        Ann    | weight     | 2022-01-01 | 50
        Ann    | weight     | 2022-02-01 | 50
        Ann    | weight     | 2022-03-01 | 50
        """,
        Mean(Either(CREATININE, LAB_EGFR, WEIGHT, prefer=True)),
        gives=160 / 3,
    )


def test_egfr_by_ckd_epi_2009_without_ethnicity(spec):
    # clinical specification 1.6
    spec(
        """
        person | record     | date       | value
        Ann    | creatinine | 2023-01-01 | 88.4
        Bob    | creatinine | 2023-01-01 | 88.4
        Cem    | creatinine | 2023-01-01 | 150
        Dot    | creatinine | 2023-01-01 | 120
        Eva    | creatinine | 2023-01-01 | 60
        """,
        Latest(Formula("ckd_epi_2009", CREATININE)),
        people="""
        person | born       | sex
        Ann    | 1973-01-01 | female
        Bob    | 1973-01-01 | male
        Cem    | 1953-01-01 | male
        Dot    | 1941-01-01 | female
        Eva    | 1988-01-01 | female
        """,
        gives={name: pytest.approx(value, abs=0.01) for name, value in
               {"Ann": 65.64, "Bob": 87.37, "Cem": 40.06, "Dot": 36.23, "Eva": 113.40}.items()},
    )  # fmt: skip


def test_egfr_by_ckd_epi_2021(spec):
    spec(
        """
        person | record     | date       | value
        Ann    | creatinine | 2023-01-01 | 88.4
        Bob    | creatinine | 2023-01-01 | 88.4
        Cem    | creatinine | 2023-01-01 | 150
        Dot    | creatinine | 2023-01-01 | 120
        Eva    | creatinine | 2023-01-01 | 60
        """,
        Latest(Formula("ckd_epi_2021", CREATININE)),
        people="""
        person | born       | sex
        Ann    | 1973-01-01 | female
        Bob    | 1973-01-01 | male
        Cem    | 1953-01-01 | male
        Dot    | 1941-01-01 | female
        Eva    | 1988-01-01 | female
        """,
        gives={name: pytest.approx(value, abs=0.01) for name, value in
               {"Ann": 68.63, "Bob": 91.69, "Cem": 42.93, "Dot": 38.98, "Eva": 116.46}.items()},
    )  # fmt: skip


def test_egfr_is_for_adults_and_not_known_of_whoever_is_neither_female_nor_male(spec):
    spec(
        """
        person | record     | date       | value
        Ann    | creatinine | 2023-01-01 | 88.4
        Bob    | creatinine | 2023-01-01 | 88.4
        Cem    | creatinine | 2023-01-01 | 88.4
        """,
        Has(Formula("ckd_epi_2009", CREATININE)),
        people="""
        person | born       | sex
        Ann    | 2006-01-01 | female
        Bob    | 1973-01-01 | other
        Cem    | 1973-01-01 | unknown
        """,
        gives={"Ann": False, "Bob": None, "Cem": None},
    )


def test_the_laboratory_egfr_counts_on_days_without_a_creatinine(spec):
    spec(
        """
        person | record     | date       | value
        Ann    | creatinine | 2023-01-01 | 88.4
        Ann    | lab eGFR   | 2023-01-01 | 10
        Bob    | lab eGFR   | 2023-01-01 | 10
        """,
        Latest(EGFR),
        people="""
        person | born       | sex
        Ann    | 1973-01-01 | female
        Bob    | 1973-01-01 | male
        """,
        gives={"Ann": pytest.approx(65.64, abs=0.01), "Bob": 10},
    )


def test_bmi_takes_weight_and_height_of_the_same_day_in_their_units(spec):
    spec(
        """
        person | record | date       | value | unit
        Ann    | weight | 2023-01-01 | 80    | kg
        Ann    | height | 2023-01-01 | 2     | m
        Bob    | weight | 2023-01-01 | 80    | kg
        Bob    | height | 2023-01-02 | 200   | cm
        """,
        Latest(Formula("bmi", WEIGHT, HEIGHT)),
        gives={"Ann": 20, "Bob": None},
    )


def test_a_pair_of_pressures_is_the_lowest_of_each_and_the_systolic_must_be_the_higher(spec):
    spec(
        """
        person | record    | date       | value
        Ann    | systolic  | 2023-01-01 | 150
        Ann    | systolic  | 2023-01-01 | 138
        Ann    | diastolic | 2023-01-01 | 95
        Ann    | diastolic | 2023-01-01 | 88
        Bob    | systolic  | 2023-01-01 | 80
        Bob    | diastolic | 2023-01-01 | 80
        Cem    | systolic  | 2023-01-01 | 150
        """,
        Latest(Formula("pressure_pair", SYSTOLIC, DIASTOLIC)),
        gives={"Ann": 138, "Bob": None, "Cem": None},
    )


def test_a_body_mass_index_against_the_uk_who_reference_for_age_and_sex(spec):
    spec(
        """
        person | record | date       | value
        Ann    | weight | 2025-10-15 | 23
        Ann    | height | 2025-10-15 | 100
        Bob    | weight | 2025-10-15 | 23
        Bob    | height | 2025-10-15 | 100
        Cem    | weight | 2025-10-15 | 23
        Cem    | height | 2025-10-15 | 100
        Dot    | weight | 2025-10-15 | 23
        Dot    | height | 2025-10-15 | 100
        """,
        Latest(Formula("bmi_sds", Formula("bmi", WEIGHT, HEIGHT))),
        on="2026-01-01",
        people="""
        person | born       | sex
        Ann    | 2015-03-01 | male
        Bob    | 2015-03-01 | other
        Cem    | 2023-10-17 | male
        Dot    | 2007-10-01 | female
        """,
        gives={"Ann": pytest.approx(2.169, abs=0.0005), "Bob": None, "Cem": None, "Dot": None},
    )


def test_a_score_of_growth_may_be_asked_for_from_one_age_on_and_below_another(spec):
    spec(
        """
        person | record | date       | value
        Ann    | weight | 2022-12-31 | 17.6
        Ann    | height | 2022-12-31 | 100
        Bob    | weight | 2022-12-31 | 17.6
        Bob    | height | 2022-12-31 | 100
        Cem    | weight | 2022-12-31 | 17.6
        Cem    | height | 2022-12-31 | 100
        """,
        Has(Formula("bmi_sds", Formula("bmi", WEIGHT, HEIGHT), limits=(4, 6))),
        people="""
        person | born       | sex
        Ann    | 2018-12-31 | male
        Bob    | 2019-01-02 | male
        Cem    | 2016-12-30 | male
        """,
        gives={"Ann": True, "Bob": False, "Cem": False},
    )


def test_the_share_of_pairs_above_target_in_the_last_three(spec):
    spec(
        """
        person | record    | date       | value
        Ann    | systolic  | 2023-01-01 | 200
        Ann    | diastolic | 2023-01-01 | 100
        Ann    | systolic  | 2023-01-02 | 139
        Ann    | diastolic | 2023-01-02 | 89
        Ann    | systolic  | 2023-01-03 | 140
        Ann    | diastolic | 2023-01-03 | 80
        Ann    | systolic  | 2023-01-04 | 120
        Ann    | diastolic | 2023-01-04 | 90
        """,
        Mean(Formula("above", SYSTOLIC, DIASTOLIC, limits=(140, 90)), last=3),
        gives=2 / 3,
    )


def test_the_target_of_a_pair_may_be_another_from_an_age_on(spec):
    spec(
        """
        person | record    | date       | value
        Ann    | systolic  | 2023-01-01 | 145
        Ann    | diastolic | 2023-01-01 | 80
        Bob    | systolic  | 2023-01-01 | 145
        Bob    | diastolic | 2023-01-01 | 80
        Cem    | systolic  | 2023-01-01 | 150
        Cem    | diastolic | 2023-01-01 | 80
        """,
        Latest(Formula("above", SYSTOLIC, DIASTOLIC, limits=(140, 90, 80, 150, 90))),
        people="""
        person | born
        Ann    | 1943-06-01
        Bob    | 1942-12-01
        Cem    | 1942-12-01
        """,
        gives={"Ann": 1, "Bob": 0, "Cem": 1},
    )


def test_only_the_records_whose_value_lies_within_limits_are_of_a_stream(spec):
    spec(
        """
        person | record  | date       | value
        Ann    | steroid | 2023-01-01 | 5
        Ann    | steroid | 2023-02-01 | 14
        Ann    | steroid | 2023-03-01 | 15
        Ann    | steroid | 2023-04-01 |
        """,
        Count(Only(STEROID, at_least=5, at_most=14)),
        gives=2,
    )


def test_a_record_without_a_value_is_among_them_if_the_stream_says_so(spec):
    spec(
        """
        person | record  | date       | value
        Ann    | steroid | 2023-01-01 | 28
        Ann    | steroid | 2023-04-01 |
        """,
        Count(Only(STEROID, at_most=14, unvalued=True)),
        gives=1,
    )


def test_a_diagnosis_at_an_emergency_visit_is_dated_by_the_visit(spec):
    spec(
        """
        person | record          | date       | end
        Ann    | emergency visit | 2023-04-01 | 2023-04-03
        Ann    | asthma          | 2023-04-03 |
        Bob    | emergency visit | 2023-04-01 | 2023-04-03
        Bob    | asthma          | 2023-04-04 |
        Cem    | emergency visit | 2023-04-01 |
        Cem    | asthma          | 2023-04-01 |
        Dot    | clinic visit    | 2023-04-01 | 2023-04-03
        Dot    | asthma          | 2023-04-02 |
        """,
        Since(At(ASTHMA, EMERGENCY)),
        on="2023-05-01",
        gives={"Ann": 30, "Bob": None, "Cem": 30, "Dot": None},
    )


def test_a_diagnosis_at_two_visits_counts_once(spec):
    spec(
        """
        person | record          | date       | end
        Ann    | emergency visit | 2023-04-01 | 2023-04-03
        Ann    | emergency visit | 2023-04-02 | 2023-04-04
        Ann    | asthma          | 2023-04-02 |
        """,
        Count(At(ASTHMA, EMERGENCY)),
        gives=1,
    )


def test_a_steroid_near_an_asthma_code(spec):
    spec(
        """
        person | record  | date
        Ann    | asthma  | 2023-04-08
        Ann    | steroid | 2023-04-01
        Bob    | asthma  | 2023-04-09
        Bob    | steroid | 2023-04-01
        Cem    | asthma  | 2023-03-25
        Cem    | steroid | 2023-04-01
        Dot    | asthma  | 2023-03-24
        Dot    | steroid | 2023-04-01
        """,
        Has(Near(STEROID, ASTHMA, before=7, after=7)),
        gives={"Ann": True, "Bob": False, "Cem": True, "Dot": False},
    )


def test_a_record_near_one_that_comes_after_the_index_date_is_not_yet_known_to_be_near_it(spec):
    spec(
        """
        person | record  | date
        Ann    | steroid | 2023-04-28
        Ann    | asthma  | 2023-05-01
        Bob    | steroid | 2023-04-28
        Bob    | asthma  | 2023-04-30
        """,
        Has(Near(STEROID, ASTHMA, before=7, after=7)),
        on="2023-05-01",
        gives={"Ann": False, "Bob": True},
    )


def test_a_highest_value_reads_a_derived_stream_like_any_other(spec):
    spec(
        """
        person | record | date       | value
        Ann    | weight | 2022-01-01 | 100
        Ann    | height | 2022-01-01 | 200
        Ann    | weight | 2023-01-01 | 80
        Ann    | height | 2023-01-01 | 200
        """,
        Highest(Formula("bmi", WEIGHT, HEIGHT), within=days(1000)),
        gives=25,
    )
