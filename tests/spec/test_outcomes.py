"""Outcomes: what ended the watch and after how many days. Time at risk starts on the index date."""

from datetime import date

from pathways.language import (
    Confirmed,
    Dose,
    Earliest,
    Happens,
    Has,
    Measured,
    Median,
    Nearest,
    NotDone,
    Share,
    days,
    months,
    years,
)
from tests.spec.clinic import ASTHMA, DIABETES, DIALYSIS, LAB_EGFR, MMR, STEROID, SYSTOLIC, WEIGHT

OBSERVED = """
        person | observed
        Ann    | 2020-01-01 to 2024-04-30
        Bob    | 2020-01-01 to 2024-04-30
        Cem    | 2020-01-01 to 2024-04-30
        """


def test_the_first_diagnosis_on_or_after_the_index_date_is_the_outcome(ended):
    ended(
        """
        person | record   | date
        Ann    | diabetes | 2023-05-31
        Ann    | diabetes | 2023-06-30
        Bob    | diabetes | 2023-05-01
        Cem    | diabetes | 2023-04-30
        """,
        Happens(DIABETES),
        on="2023-05-01",
        people=OBSERVED,
        gives={"Ann": ("outcome", 30), "Bob": ("outcome", 0), "Cem": ("left", 366)},
    )


def test_any_of_several_words_is_the_outcome_whichever_comes_first(ended):
    ended(
        """
        person | record   | date
        Ann    | diabetes | 2023-05-31
        Ann    | asthma   | 2023-05-11
        """,
        Happens(DIABETES, ASTHMA),
        people=OBSERVED,
        gives={"Ann": ("outcome", 10), "Bob": ("left", 366)},
    )


def test_an_outcome_in_the_first_days_may_not_count(ended):
    ended(
        """
        person | record   | date
        Ann    | diabetes | 2023-05-14
        Bob    | diabetes | 2023-05-15
        """,
        Happens(DIABETES, from_day=14),
        on="2023-05-01",
        people=OBSERVED,
        gives={"Ann": ("left", 366), "Bob": ("outcome", 14)},
    )


def test_the_second_day_of_an_outcome(ended):
    ended(
        """
        person | record  | date       | value
        Ann    | steroid | 2023-05-10 | 5
        Ann    | steroid | 2023-05-10 | 7
        Ann    | steroid | 2023-05-21 | 5
        Bob    | steroid | 2023-05-10 | 5
        """,
        Happens(STEROID, nth=2),
        on="2023-05-01",
        people=OBSERVED,
        gives={"Ann": ("outcome", 20), "Bob": ("left", 366)},
    )


def test_the_second_episode_of_an_outcome(ended):
    ended(
        """
        person | record  | date
        Ann    | steroid | 2023-05-10
        Ann    | steroid | 2023-05-20
        Ann    | steroid | 2023-06-04
        Bob    | steroid | 2023-05-10
        Bob    | steroid | 2023-05-24
        """,
        Happens(Has(STEROID, apart=15), nth=2),
        on="2023-05-01",
        people=OBSERVED,
        gives={"Ann": ("outcome", 34), "Bob": ("left", 366)},
    )


def test_a_value_may_be_the_outcome(ended):
    ended(
        """
        person | record   | date       | value
        Ann    | lab eGFR | 2023-05-10 | 60
        Ann    | lab eGFR | 2023-05-21 | 59
        """,
        Happens(Has(LAB_EGFR, below=60)),
        on="2023-05-01",
        people=OBSERVED,
        gives={"Ann": ("outcome", 20)},
    )


def test_a_run_that_began_before_the_index_date_is_confirmed_after_it(ended):
    ended(
        """
        person | record   | date       | value
        Ann    | lab eGFR | 2023-04-01 | 55
        Ann    | lab eGFR | 2023-06-30 | 55
        Bob    | lab eGFR | 2023-04-01 | 55
        Bob    | lab eGFR | 2023-05-15 | 65
        Bob    | lab eGFR | 2023-06-30 | 55
        """,
        Happens(Confirmed(LAB_EGFR, below=60, apart=90, unbroken=True)),
        on="2023-05-01",
        people=OBSERVED,
        gives={"Ann": ("outcome", 60), "Bob": ("left", 366)},
    )


def test_a_sustained_fall_is_measured_from_the_median_known_on_the_index_date(ended):
    # median 80 of which 60% is 48; the values after the index date do not change the median
    ended(
        """
        person | record   | date       | value
        Ann    | lab eGFR | 2023-01-01 | 80
        Ann    | lab eGFR | 2023-06-01 | 47
        Ann    | lab eGFR | 2023-06-30 | 46
        """,
        Happens(Confirmed(LAB_EGFR, below=Share(0.6, Median(LAB_EGFR, within=days(365))), apart=28)),
        on="2023-05-01",
        people=OBSERVED,
        gives={"Ann": ("outcome", 60)},
    )


def test_leaving_ends_the_watch_on_the_day_after_the_last_day_observed(ended):
    ended(
        """
        person | record   | date
        Ann    | diabetes | 2023-05-11
        Bob    | diabetes | 2023-05-12
        """,
        Happens(DIABETES),
        on="2023-05-01",
        people="""
        person | observed
        Ann    | 2020-01-01 to 2023-05-11
        Bob    | 2020-01-01 to 2023-05-11
        """,
        gives={"Ann": ("outcome", 10), "Bob": ("left", 11)},
    )


def test_death_competes_and_an_outcome_on_the_day_of_death_is_an_outcome(ended):
    ended(
        """
        person | record   | date
        Ann    | diabetes | 2023-05-21
        Cem    | asthma   | 2023-05-21
        """,
        Happens(DIABETES),
        on="2023-05-01",
        people="""
        person | died       | observed
        Ann    | 2023-05-21 | 2020-01-01 to 2023-05-21
        Cem    | 2023-05-21 | 2020-01-01 to 2023-05-21
        """,
        gives={"Ann": ("outcome", 20), "Cem": ("competing", 20)},
    )


def test_a_death_within_30_days_of_leaving_is_a_death_and_later_it_is_leaving(ended):
    ended(
        "",
        Happens(DIABETES),
        on="2023-05-01",
        people="""
        person | died       | observed
        Ann    | 2023-06-10 | 2020-01-01 to 2023-05-11
        Bob    | 2023-06-11 | 2020-01-01 to 2023-05-11
        """,
        gives={"Ann": ("competing", 40), "Bob": ("left", 11)},
    )


def test_what_censors_ends_the_watch_even_if_death_follows_within_30_days(ended):
    ended(
        """
        person | record   | date
        Ann    | dialysis | 2023-05-11
        Ann    | diabetes | 2023-05-16
        Bob    | dialysis | 2023-05-11
        Bob    | diabetes | 2023-05-10
        Cem    | dialysis | 2023-05-11
        Cem    | diabetes | 2023-05-11
        """,
        Happens(DIABETES, censored_by=DIALYSIS),
        on="2023-05-01",
        people="""
        person | died       | observed
        Ann    | 2023-05-21 | 2020-01-01 to 2023-05-21
        Bob    |            | 2020-01-01 to 2024-05-21
        Cem    |            | 2020-01-01 to 2024-05-21
        """,
        gives={"Ann": ("left", 10), "Bob": ("outcome", 9), "Cem": ("left", 10)},
    )


def test_a_measured_outcome_is_judged_on_the_day_of_the_measurement_and_missing_without_one(ended):
    ended(
        """
        person | record   | date       | value
        Ann    | systolic | 2024-05-15 | 150
        Ann    | systolic | 2024-06-15 | 120
        Bob    | systolic | 2024-05-15 | 139
        Cem    | systolic | 2023-05-15 | 150
        """,
        Measured(Earliest(SYSTOLIC, from_day=365, until_day=1095).at_least(140)),
        on="2023-05-01",
        people="""
        person | observed
        Ann    | 2020-01-01 to 2026-12-31
        Bob    | 2020-01-01 to 2026-12-31
        Cem    | 2020-01-01 to 2024-12-31
        """,
        gives={"Ann": ("outcome", 380), "Bob": ("competing", 380), "Cem": ("left, not measured", 611)},
    )


def test_obesity_at_the_measurement_nearest_eleven(ended):
    ended(
        """
        person | record | date       | value
        Ann    | weight | 2023-05-31 | 60
        Ann    | weight | 2024-05-01 | 40
        """,
        Measured(Nearest(WEIGHT, age=years(11), ages=(10, 12)).at_least(50)),
        on="2022-05-01",
        people="""
        person | born       | observed
        Ann    | 2012-06-10 | 2012-06-10 to 2026-12-31
        """,
        gives={"Ann": ("outcome", 395)},
    )


def test_a_dose_not_given_by_the_second_birthday_is_the_outcome_on_the_last_day_that_it_could_be(ended):
    ended(
        """
        person | record | date
        Ann    | MMR    | 2023-06-09
        Bob    | MMR    | 2023-06-10
        Cem    | MMR    | 2022-06-09
        """,
        NotDone(Dose(MMR, 1, minimum_ages=(months(12),)), by=years(2)),
        on="2023-05-01",
        people="""
        person | born       | observed
        Ann    | 2021-06-10 | 2021-06-10 to 2026-12-31
        Bob    | 2021-06-10 | 2021-06-10 to 2026-12-31
        Cem    | 2021-06-10 | 2021-06-10 to 2026-12-31
        """,
        gives={"Ann": ("competing", 39), "Bob": ("outcome", 39), "Cem": ("outcome", 39)},
    )


def test_a_dose_not_given_within_56_days_of_the_index_date_and_its_grace(ended):
    ended(
        """
        person | record | date
        Ann    | MMR    | 2022-08-09
        Bob    | MMR    | 2022-11-05
        Cem    | MMR    | 2022-11-06
        """,
        NotDone(Dose(MMR, 1, since=date(2022, 8, 10)), by=days(56), grace=10),
        on="2022-09-01",
        people="""
        person | observed
        Ann    | 2020-01-01 to 2023-12-31
        Bob    | 2020-01-01 to 2023-12-31
        Cem    | 2020-01-01 to 2023-12-31
        """,
        gives={"Ann": ("outcome", 65), "Bob": ("competing", 65), "Cem": ("outcome", 65)},
    )


def test_a_child_who_leaves_before_the_deadline_is_not_known_to_have_missed_the_dose(ended):
    ended(
        """
        person | record | date
        Bob    | MMR    | 2023-05-11
        """,
        NotDone(Dose(MMR, 1), by=days(56)),
        on="2023-05-01",
        people="""
        person | observed
        Ann    | 2020-01-01 to 2023-05-31
        Bob    | 2020-01-01 to 2023-05-31
        """,
        gives={"Ann": ("left", 31), "Bob": ("competing", 10)},
    )


def test_a_record_after_the_last_day_observed_counts_only_if_a_death_follows_that_still_counts(ended):
    ended(
        """
        person | record   | date
        Ann    | diabetes | 2023-06-01
        Bob    | diabetes | 2023-06-01
        """,
        Happens(DIABETES),
        on="2023-05-01",
        people="""
        person | died       | observed
        Ann    | 2023-06-20 | 2020-01-01 to 2023-05-31
        Bob    | 2023-07-20 | 2020-01-01 to 2023-05-31
        """,
        gives={"Ann": ("outcome", 31), "Bob": ("left", 31)},
    )
