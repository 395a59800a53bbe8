"""Relatives: a stream of the mother, of brothers and sisters, or of children, read as if it were the person's own."""

from pathways.language import (
    BIRTH,
    BORN,
    Age,
    All,
    Count,
    Difference,
    Either,
    Formula,
    Has,
    Highest,
    Latest,
    Missing,
    Near,
    Not,
    Of,
    Only,
    Since,
    days,
    months,
)
from tests.spec.clinic import ASTHMA, DIABETES, HEIGHT, MMR, STEROID, WEIGHT

FAMILY = """
    person | born       | sex    | mother | observed
    Eve    | 1980-06-01 | female |        | 2000-01-01 to 2030-12-31
    Ann    | 2010-03-01 | female | Eve    | 2010-03-01 to 2030-12-31
    Bob    | 2014-07-01 | male   | Eve    | 2014-07-01 to 2030-12-31
    Dot    | 2012-01-01 | female |        | 2012-01-01 to 2030-12-31
    """


def test_what_the_mother_has_is_read_like_ones_own(spec):
    spec(
        """
        person | record   | date
        Eve    | diabetes | 2009-01-01
        Ann    | asthma   | 2015-01-01
        """,
        Has(Of("mother", DIABETES)),
        people=FAMILY,
        gives={"Ann": True, "Bob": True},
    )


def test_without_a_mother_on_record_it_is_missing_and_not_false(spec):
    spec("", Has(Of("mother", DIABETES)), people=FAMILY, gives={"Ann": False, "Dot": None, "Eve": None})


def test_a_count_over_brothers_and_sisters_takes_all_of_them_together_but_not_oneself(spec):
    spec(
        """
        person | record | date
        Ann    | MMR    | 2011-04-01
        Ann    | MMR    | 2013-08-01
        Bob    | MMR    | 2015-08-01
        """,
        Count(Of("sibling", MMR)),
        people=FAMILY,
        gives={"Ann": 1, "Bob": 2, "Dot": None},
    )


def test_an_only_child_has_no_brother_or_sister_on_record_and_so_no_answer(spec):
    spec(
        "",
        Count(Of("sibling", BORN)),
        people="""
        person | born       | mother
        Eve    | 1980-06-01 |
        Ann    | 2010-03-01 | Eve
        """,
        gives={"Ann": None},
    )


def test_the_children_of_a_mother(spec):
    spec("", Count(Of("child", BORN)), people=FAMILY, gives={"Eve": 2, "Ann": None})


def test_nothing_of_a_relative_on_or_after_the_index_date_is_seen(spec):
    spec(
        """
        person | record   | date
        Eve    | diabetes | 2023-05-01
        """,
        Has(Of("mother", DIABETES)),
        people=FAMILY,
        on={"Ann": "2023-05-01", "Bob": "2023-05-02"},
        gives={"Ann": False, "Bob": True},
    )


def test_a_brother_is_known_from_the_day_of_birth_on_and_only_then(spec):
    spec(
        "",
        Count(Of("sibling", BORN)),
        people=FAMILY,
        on={"Ann": "2014-07-01", "Bob": "2014-07-02"},
        gives={"Ann": None, "Bob": 1},
    )


def test_a_mother_who_registers_later_is_known_from_then_on(spec):
    people = """
        person | born       | mother | observed
        Eve    | 1980-06-01 |        | 2020-01-01 to 2030-12-31
        Ann    | 2010-03-01 | Eve    | 2010-03-01 to 2030-12-31
        Bob    | 2010-03-01 | Eve    | 2010-03-01 to 2030-12-31
        """
    spec(
        "",
        Has(Of("mother", DIABETES)),
        people=people,
        on={"Ann": "2020-01-01", "Bob": "2020-01-02"},
        gives={"Ann": None, "Bob": False},
    )


def test_a_mother_who_was_never_registered_is_not_known(spec):
    people = """
        person | born       | mother | observed
        Eve    | 1980-06-01 |        |
        Ann    | 2010-03-01 | Eve    | 2010-03-01 to 2030-12-31
        """
    spec("", Has(Of("mother", DIABETES)), people=people, gives={"Ann": None})


def test_the_age_of_the_mother_and_her_age_at_the_birth(spec):
    spec("", Since(Of("mother", BORN)), people=FAMILY, on="2023-06-01", gives={"Ann": 15_705})
    spec("", Since(Of("mother", BORN), anchor=BIRTH), people=FAMILY, gives={"Ann": -10_865})
    spec(
        "",
        Difference(Since(Of("mother", BORN), unit="years"), Age()),
        people=FAMILY,
        on="2023-06-01",
        gives={"Ann": 15_705 / 365.25 - 13},
    )


def test_a_value_of_the_mother_in_the_two_years_before_the_birth(spec):
    spec(
        """
        person | record | date       | value
        Eve    | weight | 2009-09-01 | 70
        Eve    | weight | 2010-03-01 | 75
        Eve    | weight | 2013-01-01 | 80
        """,
        Latest(Of("mother", WEIGHT), anchor=BIRTH, within=months(24)),
        people=FAMILY,
        gives={"Ann": 70, "Bob": 80},
    )


def test_a_formula_of_a_relative_goes_by_the_age_and_the_sex_of_the_relative(spec):
    spec(
        """
        person | record | date       | value
        Ann    | weight | 2015-03-01 | 24
        Ann    | height | 2015-03-01 | 110
        """,
        Highest(Of("sibling", Formula("bmi", WEIGHT, HEIGHT))),
        people=FAMILY,
        gives={"Bob": 24 / 1.1**2, "Ann": None},
    )


def test_records_of_a_relative_go_by_the_birth_and_the_death_of_the_relative(spec):
    people = """
        person | born       | mother | died       | observed
        Eve    | 1980-06-01 |        | 2016-01-01 | 2000-01-01 to 2016-01-01
        Ann    | 2010-03-01 | Eve    |            | 2010-03-01 to 2030-12-31
        """
    spec(
        """
        person | record   | date
        Eve    | diabetes | 1979-01-01
        Eve    | diabetes | 1990-01-01
        Eve    | diabetes | 2015-12-31
        """,
        Count(Of("mother", DIABETES)),
        people=people,
        gives={"Ann": 2},
    )


def test_streams_around_a_relative(spec):
    spec(
        """
        person | record  | date       | value
        Eve    | steroid | 2020-01-01 | 5
        Eve    | steroid | 2020-02-01 | 50
        Eve    | asthma  | 2020-02-03 |
        """,
        Count(Only(Of("mother", STEROID), at_least=10)),
        people=FAMILY,
        gives={"Ann": 1, "Dot": None},
    )
    spec(
        """
        person | record  | date       | value
        Eve    | steroid | 2020-01-01 | 5
        Eve    | steroid | 2020-02-01 | 50
        Eve    | asthma  | 2020-02-03 |
        """,
        Since(Of("mother", Near(STEROID, ASTHMA, after=7))),
        people=FAMILY,
        on="2020-02-11",
        gives={"Ann": 10},
    )


def test_of_a_union_of_relations_one_that_is_known_is_enough(spec):
    spec(
        """
        person | record   | date
        Bob    | diabetes | 2020-01-01
        """,
        Has(Either(Of("mother", DIABETES), Of("sibling", DIABETES), Of("child", DIABETES))),
        people=FAMILY,
        gives={"Ann": True, "Bob": False, "Eve": True, "Dot": None},
    )


def test_how_old_relatives_were_and_the_first_time_of_each(spec):
    records = """
        person | record | date
        Ann    | asthma | 2015-03-01
        Ann    | asthma | 2016-03-01
        Bob    | asthma | 2015-07-01
        """
    age_at = Formula("age", ASTHMA)
    spec(records, Count(Of("child", age_at, first=True)), people=FAMILY, gives={"Eve": 2})
    spec(records, Count(Of("child", age_at)), people=FAMILY, gives={"Eve": 3})
    spec(records, Highest(Of("child", age_at, first=True)), people=FAMILY, gives={"Eve": 1826 / 365.25})
    spec(records, Count(Of("child", Formula("age", ASTHMA, limits=(1,)))), people=FAMILY, gives={"Eve": 1})


def test_what_is_missing_of_a_known_mother_and_of_nobody(spec):
    spec("", Missing(Latest(Of("mother", WEIGHT))), people=FAMILY, gives={"Ann": True, "Dot": None})


def test_an_older_brother_or_sister_of_two_years_without_a_dose(spec):
    older = Of("sibling", BORN)
    spec(
        """
        person | record | date
        Bob    | MMR    | 2016-01-01
        """,
        All(Since(older, which="first").at_least(731), Not(Has(Of("sibling", MMR)))),
        people=FAMILY,
        gives={"Ann": False, "Bob": True},
    )


def test_a_kind_of_record_that_is_not_covered_is_not_covered_of_relatives(spec):
    spec(
        "",
        Has(Of("mother", DIABETES), within=days(30)),
        people=FAMILY,
        covers={"measurement": "1800-01-01"},
        gives={"Ann": None},
    )


HOMES = """
    person | born       | sex    | home
    Eve    | 1980-06-01 | female | 7
    Bob    | 1979-02-01 | male   | 3, 7 from 2016-05-01
    Ann    | 2010-03-01 | female | 7, 9 from 2019-01-01
    Dot    | 2012-01-01 | female | 9
    """


def test_what_those_who_share_a_home_have_is_seen_and_of_somebody_alone_nothing_is_known(spec):
    spec(
        """
        person | record   | date
        Eve    | diabetes | 2009-01-01
        """,
        Has(Of("household", DIABETES)),
        people="""
        person | born       | home
        Eve    | 1980-06-01 | 7
        Ann    | 2010-03-01 | 7
        Dot    | 2012-01-01 | 9
        Pat    | 2012-01-01 |
        """,
        gives={"Ann": True, "Eve": False, "Dot": None, "Pat": None},
    )


def test_somebody_counts_from_the_day_after_both_lived_there_and_still_after_one_has_moved(spec):
    others = Count(Of("household", BORN))

    spec("", others, people=HOMES, on="2016-05-01", gives={"Ann": 1, "Bob": None})
    spec("", others, people=HOMES, on="2016-05-02", gives={"Ann": 2, "Bob": 2, "Eve": 2, "Dot": None})
    spec("", others, people=HOMES, on="2019-01-02", gives={"Ann": 3, "Eve": 2, "Dot": 1})


def test_somebody_who_died_before_the_other_was_born_did_not_share_a_home(spec):
    people = """
        person | born       | home | died
        Max    | 1930-06-01 | 7    | 2009-12-31
        Ann    | 2010-03-01 | 7    |
        Eve    | 1980-06-01 | 7    |
        """

    spec("", Count(Of("household", BORN)), people=people, gives={"Ann": 1, "Eve": 2})


def test_a_place_where_more_than_twelve_live_at_once_makes_nobody_a_household(spec):
    def lodgers(number, moved=""):
        rows = [f"P{at} | 1980-06-01 | 7{moved if at == 1 else ''}" for at in range(1, number + 1)]
        return "\n".join(["person | born | home", *rows])

    others = Count(Of("household", BORN))

    spec("", others, people=lodgers(12), gives={"P1": 11, "P12": 11})
    spec("", others, people=lodgers(13), gives={"P1": None, "P13": None})
    spec("", others, people=lodgers(13, ", 8 from 1980-06-01"), gives={"P1": None, "P13": 11})
