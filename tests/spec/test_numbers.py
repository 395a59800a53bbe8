"""Numbers made of several values: mean, median, highest, lowest, spread, total, slope, days covered, nearest an age."""

from pathways.language import (
    Covered,
    Highest,
    Lowest,
    Mean,
    Median,
    Nearest,
    Records,
    Slope,
    Spread,
    Total,
    days,
    years,
)
from tests.spec.clinic import CREATININE, INHALER, STAY, STEROID, WEIGHT, concepts

LARGE = Records("number", concepts("weight"), plausible=(0, 1e12))


def test_the_mean_is_of_the_values_of_the_window(spec):
    spec(
        """
        person | record     | date       | value
        Ann    | creatinine | 2021-01-01 | 900
        Ann    | creatinine | 2023-01-01 | 70
        Ann    | creatinine | 2023-02-01 | 80
        Ann    | creatinine | 2023-05-01 | 900
        """,
        Mean(CREATININE, within=days(365)),
        on="2023-05-01",
        gives=75,
    )


def test_the_mean_of_nothing_is_missing_and_of_one_value_is_that_value(spec):
    spec(
        """
        person | record     | date       | value
        Ann    | creatinine | 2021-01-01 | 70
        Bob    | creatinine | 2023-01-01 | 71
        """,
        Mean(CREATININE, within=days(365)),
        gives={"Ann": None, "Bob": 71},
    )


def test_the_mean_of_the_last_two(spec):
    spec(
        """
        person | record     | date       | value
        Ann    | creatinine | 2023-01-01 | 900
        Ann    | creatinine | 2023-02-01 | 70
        Ann    | creatinine | 2023-03-01 | 80
        """,
        Mean(CREATININE, last=2),
        gives=75,
    )


def test_a_mean_of_large_numbers_loses_no_digits(spec):
    spec(
        """
        person | record | date       | value
        Ann    | weight | 2023-01-01 | 100000000001
        Ann    | weight | 2023-01-02 | 100000000002
        Ann    | weight | 2023-01-03 | 100000000006
        """,
        Mean(LARGE),
        gives=100000000003,
    )


def test_the_median_of_an_even_number_is_the_mean_of_the_middle_two(spec):
    spec(
        """
        person | record     | date       | value
        Ann    | creatinine | 2023-01-01 | 60
        Ann    | creatinine | 2023-01-02 | 500
        Ann    | creatinine | 2023-01-03 | 70
        Ann    | creatinine | 2023-01-04 | 80
        Bob    | creatinine | 2023-01-01 | 60
        Bob    | creatinine | 2023-01-02 | 500
        Bob    | creatinine | 2023-01-03 | 70
        """,
        Median(CREATININE),
        gives={"Ann": 75, "Bob": 70},
    )


def test_the_highest_and_the_lowest_value(spec):
    records = """
        person | record     | date       | value
        Ann    | creatinine | 2023-01-01 | 60
        Ann    | creatinine | 2023-01-02 | 500
        Ann    | creatinine | 2023-01-03 | 70
        """
    spec(records, Highest(CREATININE), gives=500)
    spec(records, Lowest(CREATININE), gives=60)
    spec(records, Highest(CREATININE, within=days(1)), gives=None)


def test_the_spread_is_the_standard_deviation_with_n_minus_1(spec):
    spec(
        """
        person | record     | date       | value
        Ann    | creatinine | 2023-01-01 | 60
        Ann    | creatinine | 2023-01-02 | 70
        Ann    | creatinine | 2023-01-03 | 80
        Bob    | creatinine | 2023-01-03 | 80
        """,
        Spread(CREATININE),
        gives={"Ann": 10, "Bob": None},
    )


def test_the_spread_of_large_numbers_is_not_lost_in_their_squares(spec):
    spec(
        """
        person | record | date       | value
        Ann    | weight | 2023-01-01 | 100000000004
        Ann    | weight | 2023-01-02 | 100000000007
        Ann    | weight | 2023-01-03 | 100000000013
        Ann    | weight | 2023-01-04 | 100000000016
        """,
        Spread(LARGE),
        gives=5.477225575051661,
    )


def test_the_spread_of_equal_values_is_zero(spec):
    spec(
        """
        person | record | date       | value
        Ann    | weight | 2023-01-01 | 70.1
        Ann    | weight | 2023-01-02 | 70.1
        Ann    | weight | 2023-01-03 | 70.1
        """,
        Spread(WEIGHT),
        gives=0,
    )


def test_the_total_of_inhalers_prescribed_in_a_year(spec):
    spec(
        """
        person | record  | date       | value
        Ann    | inhaler | 2022-04-30 | 100
        Ann    | inhaler | 2022-05-01 | 1
        Ann    | inhaler | 2023-01-01 | 2
        Ann    | inhaler | 2023-02-01 |
        Bob    | steroid | 2023-02-01 | 5
        """,
        Total(INHALER, within=days(365)),
        on="2023-05-01",
        gives={"Ann": 3, "Bob": 0},
    )


def test_a_steady_fall_of_ten_a_year_has_a_slope_of_minus_ten(spec):
    spec(
        """
        person | record     | date       | value
        Ann    | creatinine | 2019-01-01 | 100
        Ann    | creatinine | 2023-01-01 | 60
        """,
        Slope(CREATININE),
        gives=-10,
    )


def test_the_slope_is_the_least_squares_line(spec):
    # days 0, 100, 300 (mean 133.33) and values 20, 40, 30 (mean 30): 1,000 / 46,666.67 a day
    spec(
        """
        person | record     | date       | value
        Ann    | creatinine | 2022-01-01 | 20
        Ann    | creatinine | 2022-04-11 | 40
        Ann    | creatinine | 2022-10-28 | 30
        """,
        Slope(CREATININE),
        gives=3000 / 140000 * 365.25,
    )


def test_a_slope_far_from_zero_loses_no_digits(spec):
    spec(
        """
        person | record | date       | value
        Ann    | weight | 2019-01-01 | 100000000000
        Ann    | weight | 2021-01-01 | 100000000731
        Ann    | weight | 2023-01-01 | 100000001461
        """,
        Slope(LARGE),
        gives=365.25,  # one a day: 731 days, then 730
    )


def test_a_slope_needs_enough_records_over_enough_time(spec):
    word = Slope(CREATININE, at_least_records=3, span=365)
    spec(
        """
        person | record     | date       | value
        Ann    | creatinine | 2021-01-01 | 60
        Ann    | creatinine | 2021-06-01 | 60
        Ann    | creatinine | 2022-01-01 | 60
        Bob    | creatinine | 2021-01-01 | 60
        Bob    | creatinine | 2021-06-01 | 60
        Bob    | creatinine | 2021-12-31 | 60
        Cem    | creatinine | 2021-01-01 | 60
        Cem    | creatinine | 2022-06-01 | 60
        """,
        word,
        gives={"Ann": 0, "Bob": None, "Cem": None},
    )


def test_two_values_of_one_day_have_no_slope(spec):
    spec(
        """
        person | record     | date       | value
        Ann    | creatinine | 2021-01-01 | 60
        Ann    | creatinine | 2021-01-01 | 80
        """,
        Slope(CREATININE),
        gives=None,
    )


def test_days_covered_by_prescriptions_count_once_and_end_the_day_before_the_index_date(spec):
    # 1 to 10 April, 8 to 14 April, 29 April to 5 May of which 29 and 30 April: 14 + 2 days
    spec(
        """
        person | record  | date       | end
        Ann    | steroid | 2023-04-01 | 2023-04-10
        Ann    | steroid | 2023-04-08 | 2023-04-14
        Ann    | steroid | 2023-04-29 | 2023-05-05
        """,
        Covered(STEROID, within=days(100), unit="days"),
        on="2023-05-01",
        gives=16,
    )


def test_the_share_of_the_window_covered_takes_a_prescription_that_began_before_it(spec):
    spec(
        """
        person | record  | date       | end
        Ann    | steroid | 2023-04-01 | 2023-04-23
        Bob    | asthma  | 2023-04-01 | 2023-04-23
        """,
        Covered(STEROID, within=days(10)),
        on="2023-05-01",
        gives={"Ann": 0.3, "Bob": 0},
    )


def test_a_prescription_without_an_end_lasts_for_the_days_supplied(spec):
    spec(
        """
        person | record  | date       | value
        Ann    | steroid | 2023-04-01 | 7
        """,
        Covered(STEROID, within=days(100), unit="days"),
        gives=7,
    )


def test_a_stay_without_an_end_covers_its_first_day(spec):
    spec(
        """
        person | record        | date       | end
        Ann    | hospital stay | 2023-04-01 |
        """,
        Covered(STAY, within=days(100), unit="days"),
        gives=1,
    )


def test_the_share_of_a_whole_record_is_counted_from_the_first_day_observed(spec):
    spec(
        """
        person | record  | date       | end
        Ann    | steroid | 2023-04-21 | 2023-04-25
        """,
        Covered(STEROID),
        on="2023-05-01",
        people="""
        person | observed
        Ann    | 2023-04-21 to 2024-01-01
        """,
        gives=0.5,
    )


def test_the_value_nearest_the_eleventh_birthday_and_the_earlier_of_two_as_near(spec):
    spec(
        """
        person | record | date       | value
        Ann    | weight | 2016-06-20 | 31
        Ann    | weight | 2016-07-05 | 32
        Bob    | weight | 2016-06-25 | 33
        Bob    | weight | 2016-07-05 | 34
        Cem    | weight | 2015-06-29 | 35
        Dot    | weight | 2017-06-30 | 36
        """,
        Nearest(WEIGHT, age=years(11), ages=(10, 12)),
        people="""
        person | born
        Ann    | 2005-06-30
        Bob    | 2005-06-30
        Cem    | 2005-06-30
        Dot    | 2005-06-30
        """,
        gives={"Ann": 32, "Bob": 33, "Cem": None, "Dot": None},
    )
