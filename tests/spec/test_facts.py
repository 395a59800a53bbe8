"""Facts about the person and the calendar."""

from pathways.language import Age, Calendar, Observed, Person


def test_a_birthday_makes_a_year_older_on_its_day(spec):
    spec(
        "",
        Age(),
        on={"Ann": "2023-04-30", "Bob": "2023-05-01"},
        people="""
        person | born
        Ann    | 1960-05-01
        Bob    | 1960-05-01
        """,
        gives={"Ann": 62, "Bob": 63},
    )


def test_somebody_born_on_a_leap_day_is_a_year_older_on_the_first_of_march(spec):
    spec(
        "",
        Age(),
        on={"Ann": "2023-02-28", "Bob": "2023-03-01", "Cem": "2024-02-28", "Dot": "2024-02-29"},
        people="""
        person | born
        Ann    | 2004-02-29
        Bob    | 2004-02-29
        Cem    | 2004-02-29
        Dot    | 2004-02-29
        """,
        gives={"Ann": 18, "Bob": 19, "Cem": 19, "Dot": 20},
    )


def test_age_in_months(spec):
    spec(
        "",
        Age("months"),
        on={"Ann": "2023-05-09", "Bob": "2023-05-10", "Cem": "2024-03-10"},
        people="""
        person | born
        Ann    | 2023-03-10
        Bob    | 2023-03-10
        Cem    | 2023-03-10
        """,
        gives={"Ann": 1, "Bob": 2, "Cem": 12},
    )


def test_sex_is_a_level_and_unknown_sex_is_missing(spec):
    spec(
        "",
        Person("sex"),
        people="""
        person | sex
        Ann    | female
        Bob    | male
        Cem    | other
        Dot    | unknown
        """,
        gives={"Ann": 0, "Bob": 1, "Cem": 2, "Dot": None},
    )


def test_sex_can_be_asked_for_by_name(spec):
    spec(
        "",
        Person("sex").is_("male"),
        people="""
        person | sex
        Ann    | female
        Bob    | male
        Dot    | unknown
        """,
        gives={"Ann": False, "Bob": True, "Dot": None},
    )


def test_ethnicity_is_the_place_of_its_code_and_not_stated_is_missing(spec):
    spec(
        "",
        Person("ethnicity"),
        people="""
        person | ethnicity
        Ann    | A
        Bob    | C
        Cem    | J
        Dot    | Z
        """,
        gives={"Ann": 0, "Bob": 2, "Cem": 8, "Dot": None},
    )


def test_deprivation_is_the_fifth(spec):
    spec(
        "",
        Person("deprivation"),
        people="""
        person | fifth
        Ann    | 1
        Bob    | 5
        Cem    |
        """,
        gives={"Ann": 1, "Bob": 5, "Cem": None},
    )


def test_days_observed_count_from_the_first_day_of_the_period(spec):
    spec(
        "",
        Observed(),
        on="2023-05-01",
        people="""
        person | observed
        Ann    | 2022-05-01 to 2024-01-01
        Bob    | 2023-05-01 to 2024-01-01
        """,
        gives={"Ann": 365, "Bob": 0},
    )


def test_periods_that_touch_are_one_and_a_gap_starts_anew(spec):
    spec(
        "",
        Observed(),
        on="2023-05-01",
        people="""
        person | observed
        Ann    | 2022-05-01 to 2022-12-31, 2023-01-01 to 2024-01-01
        Bob    | 2022-05-01 to 2022-12-31, 2023-01-02 to 2024-01-01
        """,
        routes=("tables",),
        gives={"Ann": 365, "Bob": 119},
    )


def test_of_two_periods_with_the_same_first_day_the_longer_holds(spec):
    spec(
        "",
        Observed(),
        on="2023-01-01",
        people="""
        person | observed
        Ann    | 2020-01-01 to 2021-01-01, 2020-01-01 to 2024-01-01
        Bob    | 2020-01-01 to 2024-01-01, 2020-01-01 to 2021-01-01
        """,
        routes=("tables",),
        gives={"Ann": 1096, "Bob": 1096},
    )


def test_the_month_and_the_week_of_the_school_year(spec):
    spec(
        "",
        Calendar("month"),
        on={"Ann": "2023-05-01", "Bob": "2023-12-31"},
        people="""
        person | born
        Ann    | 1960-01-01
        Bob    | 1960-01-01
        """,
        gives={"Ann": 5, "Bob": 12},
    )
    spec(
        "",
        Calendar("weeks since September"),
        on={"Ann": "2023-09-07", "Bob": "2023-09-08", "Cem": "2023-08-31", "Dot": "2023-09-01"},
        people="""
        person | born
        Ann    | 1960-01-01
        Bob    | 1960-01-01
        Cem    | 1960-01-01
        Dot    | 1960-01-01
        """,
        gives={"Ann": 0, "Bob": 1, "Cem": 52, "Dot": 0},
    )
