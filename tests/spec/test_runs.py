"""Words that depend on absence or order: the confirmed run, and the dose that is valid."""

from datetime import date

from pathways.language import Confirmed, Dose, Has, Median, Missing, Not, Share, days, months
from tests.spec.clinic import DIABETES, DIALYSIS, LAB_EGFR, MMR, SYSTOLIC

LOW_FOR_90_DAYS = Confirmed(LAB_EGFR, below=60, apart=90, unbroken=True)
RAISED_TWICE = Confirmed(SYSTOLIC, at_least=140, apart=1, within=365)
FALL_OF_40_PERCENT = Confirmed(LAB_EGFR, below=Share(0.6, Median(LAB_EGFR, within=days(730))), apart=28)


def test_a_low_egfr_is_confirmed_by_the_first_low_one_90_days_later(spec):
    spec(
        """
        person | record   | date       | value
        Ann    | lab eGFR | 2022-01-01 | 55
        Ann    | lab eGFR | 2022-03-01 | 50
        Ann    | lab eGFR | 2022-04-01 | 59.9
        Ann    | lab eGFR | 2022-05-01 | 40
        Bob    | lab eGFR | 2022-01-01 | 55
        Bob    | lab eGFR | 2022-03-31 | 55
        Cem    | lab eGFR | 2022-01-02 | 55
        Cem    | lab eGFR | 2022-04-02 | 55
        """,
        LOW_FOR_90_DAYS,
        gives={"Ann": "2022-04-01", "Bob": None, "Cem": "2022-04-02"},
    )


def test_a_normal_egfr_between_breaks_the_run(spec):
    spec(
        """
        person | record   | date       | value
        Ann    | lab eGFR | 2022-01-01 | 55
        Ann    | lab eGFR | 2022-03-01 | 60
        Ann    | lab eGFR | 2022-04-15 | 55
        Bob    | lab eGFR | 2022-01-01 | 55
        Bob    | lab eGFR | 2022-03-01 | 60
        Bob    | lab eGFR | 2022-04-15 | 55
        Bob    | lab eGFR | 2022-07-14 | 55
        """,
        LOW_FOR_90_DAYS,
        gives={"Ann": None, "Bob": "2022-07-14"},
    )


def test_a_normal_egfr_after_the_confirmation_does_not_undo_it(spec):
    spec(
        """
        person | record   | date       | value
        Ann    | lab eGFR | 2022-01-01 | 55
        Ann    | lab eGFR | 2022-04-15 | 55
        Ann    | lab eGFR | 2022-06-01 | 90
        """,
        LOW_FOR_90_DAYS,
        gives="2022-04-15",
    )


def test_the_confirming_value_must_come_before_the_index_date(spec):
    spec(
        """
        person | record   | date       | value
        Ann    | lab eGFR | 2022-01-01 | 55
        Ann    | lab eGFR | 2023-05-01 | 55
        Bob    | lab eGFR | 2022-01-01 | 55
        Bob    | lab eGFR | 2023-04-30 | 55
        """,
        LOW_FOR_90_DAYS,
        on="2023-05-01",
        gives={"Ann": None, "Bob": "2023-04-30"},
    )


def test_a_normal_value_entered_late_cannot_break_what_an_earlier_date_could_know(spec):
    records = """
        person | record   | date       | value | entered
        Ann    | lab eGFR | 2022-01-01 | 55    |
        Ann    | lab eGFR | 2022-03-01 | 90    | 2023-06-01
        Ann    | lab eGFR | 2022-04-15 | 55    |
        """
    spec(records, LOW_FOR_90_DAYS, on="2023-05-01", routes=("history",), gives="2022-04-15")
    spec(records, LOW_FOR_90_DAYS, on="2023-07-01", routes=("history",), gives=None)


def test_not_confirmed_is_known_only_if_measurements_are_covered(spec):
    records = """
        person | record   | date       | value
        Ann    | lab eGFR | 2022-01-01 | 55
        """
    spec(records, Missing(LOW_FOR_90_DAYS), gives=True)
    spec(records, Not(Missing(LOW_FOR_90_DAYS)), gives=False)
    spec(records, Missing(LOW_FOR_90_DAYS), covers={"condition": "1990-01-01"}, routes=("history",), gives=None)


def test_two_raised_days_within_a_year_whatever_lies_between(spec):
    spec(
        """
        person | record   | date       | value
        Ann    | systolic | 2022-01-01 | 140
        Ann    | systolic | 2022-06-01 | 120
        Ann    | systolic | 2023-01-01 | 150
        Bob    | systolic | 2022-01-01 | 140
        Bob    | systolic | 2023-01-02 | 150
        Cem    | systolic | 2022-01-01 | 140
        Cem    | systolic | 2022-01-01 | 150
        """,
        RAISED_TWICE,
        gives={"Ann": "2023-01-01", "Bob": None, "Cem": None},
    )


def test_a_code_is_confirmed_by_another_on_a_later_day(spec):
    spec(
        """
        person | record   | date
        Ann    | diabetes | 2022-01-01
        Ann    | diabetes | 2022-01-02
        Bob    | diabetes | 2022-01-01
        Bob    | diabetes | 2022-04-02
        """,
        Confirmed(DIABETES, apart=1, within=90),
        gives={"Ann": "2022-01-02", "Bob": None},
    )


def test_an_unbroken_pair_within_100_days_may_stand_anywhere_in_its_run(spec):
    spec(
        """
        person | record   | date       | value
        Ann    | lab eGFR | 2022-01-01 | 55
        Ann    | lab eGFR | 2022-08-01 | 55
        Ann    | lab eGFR | 2022-08-31 | 55
        Bob    | lab eGFR | 2022-08-01 | 55
        Bob    | lab eGFR | 2022-08-15 | 65
        Bob    | lab eGFR | 2022-08-31 | 55
        """,
        Confirmed(LAB_EGFR, below=60, apart=28, within=100, unbroken=True),
        gives={"Ann": "2022-08-31", "Bob": None},
    )


def test_a_record_does_not_confirm_itself(spec):
    spec(
        """
        person | record   | date       | value
        Ann    | lab eGFR | 2022-01-01 | 55
        """,
        Confirmed(LAB_EGFR, below=60, apart=0, unbroken=True),
        gives=None,
    )


def test_dialysis_90_days_apart(spec):
    spec(
        """
        person | record   | date
        Ann    | dialysis | 2022-01-01
        Ann    | dialysis | 2022-02-01
        Ann    | dialysis | 2022-04-01
        Ann    | dialysis | 2022-05-01
        """,
        Confirmed(DIALYSIS, apart=90),
        gives="2022-04-01",
    )


def test_a_sustained_fall_below_a_share_of_the_median(spec):
    # median 80, of which 60% is 48
    spec(
        """
        person | record   | date       | value
        Ann    | lab eGFR | 2022-01-01 | 80
        Ann    | lab eGFR | 2022-02-01 | 82
        Ann    | lab eGFR | 2022-03-01 | 81
        Ann    | lab eGFR | 2022-04-01 | 47
        Ann    | lab eGFR | 2022-05-01 | 47.9
        Bob    | lab eGFR | 2022-01-01 | 80
        Bob    | lab eGFR | 2022-02-01 | 80
        Bob    | lab eGFR | 2022-03-01 | 80
        Bob    | lab eGFR | 2022-04-01 | 47
        Bob    | lab eGFR | 2022-05-01 | 48
        """,
        FALL_OF_40_PERCENT,
        gives={"Ann": "2022-05-01", "Bob": None},
    )


def test_a_fall_of_exactly_40_percent_is_a_fall_of_40_percent_or_more(spec):
    # median 80, of which 60% is 48
    spec(
        """
        person | record   | date       | value
        Ann    | lab eGFR | 2022-01-01 | 80
        Ann    | lab eGFR | 2022-02-01 | 80
        Ann    | lab eGFR | 2022-03-01 | 80
        Ann    | lab eGFR | 2022-04-01 | 47
        Ann    | lab eGFR | 2022-05-01 | 48
        Bob    | lab eGFR | 2022-01-01 | 80
        Bob    | lab eGFR | 2022-02-01 | 80
        Bob    | lab eGFR | 2022-03-01 | 80
        Bob    | lab eGFR | 2022-04-01 | 47
        Bob    | lab eGFR | 2022-05-01 | 48.1
        """,
        Confirmed(LAB_EGFR, at_most=Share(0.6, Median(LAB_EGFR, within=days(730))), apart=28),
        gives={"Ann": "2022-05-01", "Bob": None},
    )


def test_a_dose_at_457_days_is_not_valid_from_15_months_on_as_months_are_not_days(spec):
    # 2023-03-10 plus 15 months is 2024-06-10, the 458th day
    spec(
        """
        person | record | date
        Ann    | MMR    | 2024-06-09
        Bob    | MMR    | 2024-06-10
        """,
        Dose(MMR, 1, minimum_ages=(months(15),)),
        on="2024-08-01",
        people="""
        person | born
        Ann    | 2023-03-10
        Bob    | 2023-03-10
        """,
        gives={"Ann": None, "Bob": "2024-06-10"},
    )


def test_a_dose_too_early_is_no_dose_and_the_next_one_is_the_first(spec):
    spec(
        """
        person | record | date
        Ann    | MMR    | 2021-01-09
        Ann    | MMR    | 2021-01-10
        """,
        Dose(MMR, 1, minimum_ages=(months(12),)),
        people="""
        person | born
        Ann    | 2020-01-10
        """,
        gives="2021-01-10",
    )


def test_the_second_dose_comes_28_days_after_the_valid_one_before_it(spec):
    spec(
        """
        person | record | date
        Ann    | MMR    | 2022-01-01
        Ann    | MMR    | 2022-01-28
        Ann    | MMR    | 2022-01-29
        Bob    | MMR    | 2022-01-01
        Bob    | MMR    | 2022-01-28
        """,
        Dose(MMR, 2),
        gives={"Ann": "2022-01-29", "Bob": None},
    )


def test_each_dose_has_its_own_minimum_age(spec):
    spec(
        """
        person | record | date
        Ann    | MMR    | 2021-01-10
        Ann    | MMR    | 2021-04-09
        Ann    | MMR    | 2021-04-10
        """,
        Dose(MMR, 2, minimum_ages=(months(12), months(15))),
        people="""
        person | born
        Ann    | 2020-01-10
        """,
        gives="2021-04-10",
    )


def test_a_month_after_the_31st_of_january_is_the_last_of_february(spec):
    spec(
        """
        person | record | date
        Ann    | MMR    | 2023-02-28
        Bob    | MMR    | 2023-02-27
        Cem    | MMR    | 2024-02-29
        Dot    | MMR    | 2024-02-28
        """,
        Dose(MMR, 1, minimum_ages=(months(1),)),
        on={"Ann": "2023-05-01", "Bob": "2023-05-01", "Cem": "2024-05-01", "Dot": "2024-05-01"},
        people="""
        person | born
        Ann    | 2023-01-31
        Bob    | 2023-01-31
        Cem    | 2024-01-31
        Dot    | 2024-01-31
        """,
        gives={"Ann": "2023-02-28", "Bob": None, "Cem": "2024-02-29", "Dot": None},
    )


def test_doses_of_a_campaign_are_numbered_from_its_first_day(spec):
    spec(
        """
        person | record | date
        Ann    | MMR    | 2022-08-01
        Ann    | MMR    | 2022-08-10
        """,
        Dose(MMR, 1, since=date(2022, 8, 10)),
        gives="2022-08-10",
    )


def test_a_dose_on_the_index_date_is_not_yet_given(spec):
    spec(
        """
        person | record | date
        Ann    | MMR    | 2023-05-01
        """,
        Has(MMR),
        on="2023-05-01",
        gives=False,
    )
