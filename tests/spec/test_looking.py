"""Looking at a stream: is there one, how many, the newest, the oldest, how long ago."""

from datetime import date

from pathways.language import BIRTH, Count, Dose, Earliest, Has, Latest, Since, days, months, years
from tests.spec.clinic import ASTHMA, CREATININE, DIABETES, MMR, STAY, STEROID


def test_a_record_on_the_day_before_the_index_date_counts_and_one_on_the_index_date_does_not(spec):
    spec(
        """
        person | record   | date
        Ann    | diabetes | 2023-04-30
        Bob    | diabetes | 2023-05-01
        Cem    | diabetes | 2023-05-02
        """,
        Has(DIABETES),
        on="2023-05-01",
        gives={"Ann": True, "Bob": False, "Cem": False},
    )


def test_the_last_day_of_the_look_back_counts_and_the_day_before_it_does_not(spec):
    spec(
        """
        person | record   | date
        Ann    | diabetes | 2022-05-01
        Bob    | diabetes | 2022-04-30
        """,
        Has(DIABETES, within=days(365)),
        on="2023-05-01",
        gives={"Ann": True, "Bob": False},
    )


def test_a_look_back_in_days_over_a_leap_day_reaches_one_day_less_far_back_in_the_calendar(spec):
    spec(
        """
        person | record   | date
        Ann    | diabetes | 2023-05-02
        Bob    | diabetes | 2023-05-01
        """,
        Has(DIABETES, within=days(365)),
        on="2024-05-01",
        gives={"Ann": True, "Bob": False},
    )


def test_a_look_back_in_years_goes_to_the_same_day_of_the_year(spec):
    spec(
        """
        person | record   | date
        Ann    | diabetes | 2023-05-01
        Bob    | diabetes | 2023-04-30
        """,
        Has(DIABETES, within=years(1)),
        on="2024-05-01",
        gives={"Ann": True, "Bob": False},
    )


def test_a_year_before_a_leap_day_begins_on_the_last_of_february(spec):
    spec(
        """
        person | record   | date
        Ann    | diabetes | 2023-02-28
        Bob    | diabetes | 2023-02-27
        """,
        Has(DIABETES, within=years(1)),
        on="2024-02-29",
        gives={"Ann": True, "Bob": False},
    )


def test_a_month_before_the_last_of_march_begins_on_the_last_of_february(spec):
    spec(
        """
        person | record   | date
        Ann    | diabetes | 2023-02-28
        Bob    | diabetes | 2023-02-27
        """,
        Has(DIABETES, within=months(1)),
        on="2023-03-31",
        gives={"Ann": True, "Bob": False},
    )


def test_a_window_may_end_before_the_index_date(spec):
    spec(
        """
        person | record   | date
        Ann    | diabetes | 2023-03-31
        Bob    | diabetes | 2023-04-01
        Cem    | diabetes | 2022-05-01
        Dot    | diabetes | 2022-04-30
        """,
        Has(DIABETES, from_day=-365, until_day=-30),
        on="2023-05-01",
        gives={"Ann": True, "Bob": False, "Cem": True, "Dot": False},
    )


def test_a_look_back_may_end_before_the_index_date(spec):
    spec(
        """
        person | record   | date
        Ann    | diabetes | 2023-03-31
        Bob    | diabetes | 2023-04-01
        Cem    | diabetes | 2022-05-01
        Dot    | diabetes | 2022-04-30
        """,
        Has(DIABETES, within=years(1), until_day=-30),
        on="2023-05-01",
        gives={"Ann": True, "Bob": False, "Cem": True, "Dot": False},
    )


def test_a_campaign_counts_from_its_first_day(spec):
    spec(
        """
        person | record | date
        Ann    | MMR    | 2022-08-10
        Bob    | MMR    | 2022-08-09
        """,
        Has(MMR, since=date(2022, 8, 10)),
        on="2022-12-01",
        gives={"Ann": True, "Bob": False},
    )


def test_ages_run_from_a_birthday_to_the_day_before_another(spec):
    spec(
        """
        person | record | date
        Ann    | asthma | 2015-06-30
        Bob    | asthma | 2017-06-29
        Cem    | asthma | 2015-06-29
        Dot    | asthma | 2017-06-30
        """,
        Has(ASTHMA, ages=(10, 12)),
        on="2023-05-01",
        people="""
        person | born
        Ann    | 2005-06-30
        Bob    | 2005-06-30
        Cem    | 2005-06-30
        Dot    | 2005-06-30
        """,
        gives={"Ann": True, "Bob": True, "Cem": False, "Dot": False},
    )


def test_an_age_that_ends_after_the_index_date_ends_on_the_index_date(spec):
    spec(
        """
        person | record | date
        Ann    | asthma | 2016-04-30
        Bob    | asthma | 2016-05-01
        """,
        Has(ASTHMA, ages=(10, 12)),
        on="2016-05-01",
        people="""
        person | born
        Ann    | 2005-06-30
        Bob    | 2005-06-30
        """,
        gives={"Ann": True, "Bob": False},
    )


def test_a_diagnosis_of_a_stay_is_not_seen_before_the_stay_has_ended(spec):
    spec(
        """
        person | record   | date       | entered
        Ann    | diabetes | 2023-04-20 | 2023-04-30
        Bob    | diabetes | 2023-04-20 | 2023-05-01
        Cem    | diabetes | 2023-04-20 | 2023-05-09
        """,
        Has(DIABETES),
        on="2023-05-01",
        gives={"Ann": True, "Bob": False, "Cem": False},
    )


def test_a_result_entered_on_the_index_date_or_later_is_not_seen_though_dated_before(spec):
    spec(
        """
        person | record     | date       | value | entered
        Ann    | creatinine | 2023-01-01 | 80    | 2023-01-01
        Ann    | creatinine | 2023-04-20 | 200   | 2023-05-01
        """,
        Latest(CREATININE),
        on="2023-05-01",
        gives=80,
        routes=("history",),
    )


def test_a_window_around_a_birthday_or_a_campaign_still_never_reaches_the_index_date(spec):
    spec(
        """
        person | record | date
        Ann    | MMR    | 2023-05-01
        """,
        Has(MMR, since=date(2023, 4, 1)),
        on="2023-05-01",
        gives=False,
    )


def test_a_window_around_the_day_of_another_word(spec):
    spec(
        """
        person | record        | date
        Ann    | hospital stay | 2021-03-01
        Ann    | steroid       | 2020-12-01
        Bob    | hospital stay | 2021-03-01
        Bob    | steroid       | 2020-11-30
        Cem    | hospital stay | 2021-03-01
        Cem    | steroid       | 2021-03-01
        Dot    | steroid       | 2021-03-01
        """,
        Has(STEROID, within=days(90), anchor=Earliest(STAY)),
        on="2023-05-01",
        gives={"Ann": True, "Bob": False, "Cem": False, "Dot": None},
    )


def test_the_first_record_of_a_stream_may_be_an_anchor(spec):
    spec(
        """
        person | record        | date
        Ann    | hospital stay | 2021-03-01
        Ann    | hospital stay | 2022-03-01
        Ann    | steroid       | 2021-03-31
        Bob    | hospital stay | 2021-03-01
        Bob    | steroid       | 2021-04-01
        """,
        Has(STEROID, from_day=0, until_day=31, anchor=Has(STAY)),
        on="2023-05-01",
        gives={"Ann": True, "Bob": False},
    )


def test_days_since_a_dose_are_counted_from_the_dose(spec):
    spec(
        """
        person | record | date
        Ann    | MMR    | 2021-03-01
        Ann    | asthma | 2021-03-11
        """,
        Since(ASTHMA, anchor=Dose(MMR, 1)),
        gives=10,
    )


def test_a_count_counts_every_record_but_the_same_one_only_once(spec):
    spec(
        """
        person | record  | date       | value
        Ann    | steroid | 2023-01-01 | 5
        Ann    | steroid | 2023-01-01 | 5
        Ann    | steroid | 2023-01-01 | 7
        Ann    | steroid | 2023-02-01 | 5
        """,
        Count(STEROID),
        gives=3,
    )


def test_nobody_with_no_record_counts_zero(spec):
    spec(
        """
        person | record | date
        Ann    | asthma | 2023-01-01
        """,
        Count(DIABETES),
        gives=0,
    )


def test_an_episode_begins_when_the_record_before_is_far_enough_away(spec):
    spec(
        """
        person | record | date
        Ann    | asthma | 2023-01-01
        Ann    | asthma | 2023-01-14
        Ann    | asthma | 2023-01-28
        Ann    | asthma | 2023-02-11
        """,
        Count(ASTHMA, apart=14),
        gives=3,
    )


def test_days_with_a_record_are_episodes_one_day_apart(spec):
    spec(
        """
        person | record  | date       | value
        Ann    | steroid | 2023-01-01 | 5
        Ann    | steroid | 2023-01-01 | 7
        Ann    | steroid | 2023-01-02 | 5
        """,
        Count(STEROID, apart=1),
        gives=2,
    )


def test_a_count_of_high_values_takes_those_at_the_limit(spec):
    spec(
        """
        person | record     | date       | value
        Ann    | creatinine | 2023-01-01 | 119.9
        Ann    | creatinine | 2023-01-02 | 120
        Ann    | creatinine | 2023-01-03 | 121
        """,
        Count(CREATININE, at_least=120),
        gives=2,
    )


def test_a_count_of_low_values_leaves_out_the_limit(spec):
    spec(
        """
        person | record     | date       | value
        Ann    | creatinine | 2023-01-01 | 60
        Ann    | creatinine | 2023-01-02 | 59
        """,
        Count(CREATININE, below=60),
        gives=1,
    )


def test_a_count_of_the_last_three_is_at_most_three(spec):
    spec(
        """
        person | record | date
        Ann    | asthma | 2023-01-01
        Ann    | asthma | 2023-01-14
        Ann    | asthma | 2023-01-28
        Ann    | asthma | 2023-02-11
        Bob    | asthma | 2023-02-11
        """,
        Count(ASTHMA, last=3),
        gives={"Ann": 3, "Bob": 1},
    )


def test_the_newest_value_is_of_the_newest_day_whatever_the_order_of_the_rows(spec):
    spec(
        """
        person | record     | date       | value
        Ann    | creatinine | 2023-03-01 | 90
        Ann    | creatinine | 2023-01-01 | 70
        Ann    | creatinine | 2023-05-01 | 110
        """,
        Latest(CREATININE),
        on="2023-05-01",
        gives=90,
    )


def test_two_values_of_the_newest_day_give_the_higher_as_they_are_kept_in_order_of_value(spec):
    spec(
        """
        person | record     | date       | value
        Ann    | creatinine | 2023-03-01 | 90
        Ann    | creatinine | 2023-03-01 | 70
        """,
        Latest(CREATININE),
        gives=90,
    )


def test_two_values_of_the_oldest_day_give_the_lower(spec):
    spec(
        """
        person | record     | date       | value
        Ann    | creatinine | 2023-03-01 | 90
        Ann    | creatinine | 2023-03-01 | 70
        Ann    | creatinine | 2023-04-01 | 60
        """,
        Earliest(CREATININE),
        gives=70,
    )


def test_the_newest_value_of_a_window_that_holds_none_is_missing(spec):
    spec(
        """
        person | record     | date       | value
        Ann    | creatinine | 2021-03-01 | 90
        """,
        Latest(CREATININE, within=days(365)),
        gives=None,
    )


def test_the_newest_value_below_a_limit_passes_over_newer_ones(spec):
    spec(
        """
        person | record     | date       | value
        Ann    | creatinine | 2021-03-01 | 50
        Ann    | creatinine | 2021-04-01 | 90
        """,
        Latest(CREATININE, below=60),
        gives=50,
    )


def test_the_oldest_of_the_last_two_values(spec):
    spec(
        """
        person | record     | date       | value
        Ann    | creatinine | 2021-01-01 | 50
        Ann    | creatinine | 2021-02-01 | 60
        Ann    | creatinine | 2021-03-01 | 70
        """,
        Earliest(CREATININE, last=2),
        gives=60,
    )


def test_days_since_the_newest_record(spec):
    spec(
        """
        person | record | date
        Ann    | asthma | 2022-01-01
        Ann    | asthma | 2023-04-30
        """,
        Since(ASTHMA),
        on="2023-05-01",
        gives=1,
    )


def test_days_since_the_first_record(spec):
    spec(
        """
        person | record | date
        Ann    | asthma | 2022-05-01
        Ann    | asthma | 2023-04-30
        """,
        Since(ASTHMA, which="first"),
        on="2023-05-01",
        gives=365,
    )


def test_years_since_are_of_365_and_a_quarter_days(spec):
    spec(
        """
        person | record | date
        Ann    | asthma | 2019-05-01
        """,
        Since(ASTHMA, unit="years"),
        on="2023-05-01",
        gives=4,
    )


def test_from_birth_it_is_the_age_at_the_first_record(spec):
    spec(
        """
        person | record | date
        Ann    | MMR    | 2021-03-11
        Ann    | MMR    | 2022-03-11
        """,
        Since(MMR, which="first", anchor=BIRTH),
        people="""
        person | born
        Ann    | 2020-03-10
        """,
        gives=366,
    )


def test_since_a_calendar_day_counts_forward(spec):
    spec(
        """
        person | record | date
        Ann    | MMR    | 2022-08-12
        """,
        Since(MMR, since=date(2022, 8, 10)),
        gives=2,
    )


def test_nothing_to_be_since_is_missing(spec):
    spec(
        """
        person | record | date
        Ann    | asthma | 2022-08-12
        """,
        Since(DIABETES),
        gives=None,
    )
