"""Index dates: landmarks of the calendar, an age, the day after a record; always while observed."""

from datetime import date

from pathways.language import After, AtAge, Every, months, years
from pathways.words import Span
from tests.spec.clinic import DIABETES, STAY


def test_every_year_on_a_day_of_it_while_observed(dated):
    dated(
        "",
        Every("year", on=32),
        people="""
        person | observed
        Ann    | 2020-02-01 to 2022-02-01
        Bob    | 2020-02-02 to 2022-01-31
        """,
        gives={"Ann": ["2020-02-01", "2021-02-01", "2022-02-01"], "Bob": ["2021-02-01"]},
    )


def test_every_month_on_the_31st_means_the_last_day_of_a_shorter_month(dated):
    dated(
        "",
        Every("month", on=31),
        people="""
        person | observed
        Ann    | 2024-01-15 to 2024-04-30
        """,
        gives={"Ann": ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"]},
    )


def test_a_campaign_asks_about_nobody_before_its_first_day(dated):
    dated(
        "",
        Every("month", on=10, since=date(2022, 8, 10)),
        people="""
        person | observed
        Ann    | 2022-06-01 to 2022-10-31
        Bob    | 2022-06-01 to 2022-08-09
        """,
        gives={"Ann": ["2022-08-10", "2022-09-10", "2022-10-10"], "Bob": []},
    )


def test_nobody_is_asked_about_before_birth_or_after_death(dated):
    dated(
        "",
        Every("month", on=15),
        people="""
        person | born       | died       | observed
        Ann    | 2020-03-15 | 2020-05-15 | 2020-01-01 to 2020-12-31
        Bob    | 2020-03-16 | 2020-05-14 | 2020-01-01 to 2020-12-31
        """,
        gives={"Ann": ["2020-03-15", "2020-04-15", "2020-05-15"], "Bob": ["2020-04-15"]},
    )


def test_the_last_landmark_is_that_of_the_last_day_observed(dated):
    dated(
        "",
        Every("month", on=10),
        people="""
        person | observed
        Ann    | 2020-01-01 to 2020-02-10, 2020-06-11 to 2020-07-10
        """,
        gives={"Ann": ["2020-01-10", "2020-02-10", "2020-07-10"]},
    )


def test_an_age_in_months_after_the_31st_falls_on_the_last_of_february(dated):
    dated(
        "",
        AtAge(months(1)),
        people="""
        person | born       | observed
        Ann    | 2023-01-31 | 2023-01-31 to 2024-01-01
        Bob    | 2023-01-31 | 2023-03-01 to 2024-01-01
        """,
        gives={"Ann": ["2023-02-28"], "Bob": []},
    )


def test_an_age_with_weeks_on_top(dated):
    dated(
        "",
        AtAge(Span(months=12, days=14)),
        people="""
        person | born       | observed
        Ann    | 2020-03-10 | 2020-03-10 to 2024-01-01
        """,
        gives={"Ann": ["2021-03-24"]},
    )


def test_the_day_after_the_first_record(dated):
    dated(
        """
        person | record   | date
        Ann    | diabetes | 2022-01-31
        Ann    | diabetes | 2022-06-01
        """,
        After(DIABETES),
        people="""
        person | observed
        Ann    | 2020-01-01 to 2024-01-01
        """,
        gives={"Ann": ["2022-02-01"]},
    )


def test_the_day_after_every_stay_with_none_in_the_days_before(dated):
    dated(
        """
        person | record        | date
        Ann    | hospital stay | 2022-01-01
        Ann    | hospital stay | 2022-01-31
        Ann    | hospital stay | 2022-03-03
        """,
        After(STAY, which="every", washout=30),
        people="""
        person | observed
        Ann    | 2020-01-01 to 2024-01-01
        """,
        gives={"Ann": ["2022-01-02", "2022-03-04"]},
    )


def test_of_several_streams_each_has_its_own_washout_and_a_day_of_two_counts_once(dated):
    dated(
        """
        person | record        | date
        Ann    | diabetes      | 2022-01-01
        Ann    | hospital stay | 2022-01-15
        Ann    | diabetes      | 2022-01-20
        Ann    | diabetes      | 2022-03-03
        Ann    | hospital stay | 2022-03-03
        """,
        After((DIABETES, STAY), which="every", washout=30),
        people="""
        person | observed
        Ann    | 2020-01-01 to 2024-01-01
        """,
        gives={"Ann": ["2022-01-02", "2022-01-16", "2022-03-04"]},
    )


def test_two_records_of_one_day_give_one_index_date(dated):
    dated(
        """
        person | record   | date       | end
        Ann    | diabetes | 2022-01-01 |
        Ann    | diabetes | 2022-01-01 | 2022-02-01
        """,
        After(DIABETES, which="every", plus=6),
        people="""
        person | observed
        Ann    | 2020-01-01 to 2024-01-01
        """,
        gives={"Ann": ["2022-01-08"]},
    )


def test_a_diagnosis_of_a_stay_can_be_acted_on_the_day_after_the_stay(dated):
    dated(
        """
        person | record   | date       | entered
        Ann    | diabetes | 2022-01-05 | 2022-01-20
        """,
        After(DIABETES),
        people="""
        person | observed
        Ann    | 2020-01-01 to 2024-01-01
        """,
        gives={"Ann": ["2022-01-21"]},
    )


def test_two_diagnoses_of_one_stay_give_one_index_date(dated):
    dated(
        """
        person | record   | date       | entered
        Ann    | diabetes | 2022-01-05 | 2022-01-20
        Ann    | diabetes | 2022-01-07 | 2022-01-20
        """,
        After(DIABETES, which="every"),
        people="""
        person | observed
        Ann    | 2020-01-01 to 2024-01-01
        """,
        gives={"Ann": ["2022-01-21"]},
    )


def test_an_age_that_nobody_observed_gives_no_index_date(dated):
    dated(
        "",
        AtAge(years(18)),
        people="""
        person | born       | observed
        Ann    | 2004-05-01 | 2010-01-01 to 2022-04-30
        Bob    | 2004-05-01 | 2010-01-01 to 2022-05-01
        """,
        gives={"Ann": [], "Bob": ["2022-05-01"]},
    )


def test_a_random_day_of_each_year_is_one_day_of_that_year_and_the_same_in_every_run(dated):
    dated(
        "",
        Every("year", on="random day"),
        people="""
        person | observed
        Ann    | 2020-01-01 to 2022-12-31
        """,
        gives={"Ann": RANDOM_DAYS},
    )


def test_one_month_a_year_is_drawn_by_the_same_hash(dated):
    dated(
        "",
        Every("month", on=1, draw="one a year"),
        people="""
        person | observed
        Ann    | 2020-01-01 to 2022-12-31
        """,
        gives={"Ann": RANDOM_MONTHS},
    )


def _splitmix(person: int, period: int) -> float:
    """The draw by hand: splitmix64 of person and year, in Python's own whole numbers."""
    mask = 2**64 - 1
    z = (person * 0x9E3779B97F4A7C15 + (period + 100000) * 0xD1B54A32D192ED03) & mask
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
    return ((z ^ (z >> 31)) >> 11) / 2**53


def _random_day(year: int) -> str:
    from datetime import date, timedelta

    first = date(year, 1, 1)
    length = (date(year + 1, 1, 1) - first).days
    return (first + timedelta(days=int(_splitmix(1, year) * length))).isoformat()


RANDOM_DAYS = [_random_day(year) for year in (2020, 2021, 2022)]
RANDOM_MONTHS = [f"{year}-{int(_splitmix(1, year) * 12) + 1:02d}-01" for year in (2020, 2021, 2022)]


def test_a_record_entered_later_takes_no_index_date_away(dated):
    dated(
        """
        person | record        | date       | entered
        Ann    | diabetes      | 2022-01-20 |
        Ann    | diabetes      | 2022-01-05 | 2022-03-01
        Bob    | diabetes      | 2022-01-20 |
        Bob    | diabetes      | 2022-01-05 | 2022-01-10
        """,
        After(DIABETES, which="every", washout=30),
        people="""
        person | observed
        Ann    | 2020-01-01 to 2024-01-01
        Bob    | 2020-01-01 to 2024-01-01
        """,
        gives={"Ann": ["2022-01-21", "2022-03-02"], "Bob": ["2022-01-11"]},
    )


def test_the_first_record_is_the_one_that_was_known_first(dated):
    dated(
        """
        person | record   | date       | entered
        Ann    | diabetes | 2022-01-05 | 2022-03-01
        Ann    | diabetes | 2022-02-01 |
        """,
        After(DIABETES),
        people="""
        person | observed
        Ann    | 2020-01-01 to 2024-01-01
        """,
        gives={"Ann": ["2022-02-02"]},
    )
