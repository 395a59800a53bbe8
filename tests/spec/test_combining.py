"""Combining: true, false and missing. Ann, Bob and Cem have diabetes, have none, and may have it."""

import pytest

from pathways.language import (
    Age,
    All,
    Any,
    Choice,
    Compare,
    Criterion,
    Difference,
    Has,
    Latest,
    Mean,
    Not,
    Number,
    Person,
    Ratio,
    Term,
)
from tests.spec.clinic import ASTHMA, CREATININE, DIABETES, WEIGHT

TRUE, FALSE = Age().at_least(18), Age().below(18)
UNKNOWN = Person("ethnicity").equals(3)  # nobody here has stated it
ANN = """
        person | record     | date       | value
        Ann    | creatinine | 2022-01-01 | 90
        Ann    | creatinine | 2023-01-01 | 120
        """


@pytest.mark.parametrize(
    ("word", "value"),
    [
        (All(TRUE, TRUE), True),
        (All(TRUE, FALSE), False),
        (All(TRUE, UNKNOWN), None),
        (All(UNKNOWN, FALSE), False),
        (All(FALSE, UNKNOWN), False),
        (Any(FALSE, FALSE), False),
        (Any(FALSE, TRUE), True),
        (Any(UNKNOWN, TRUE), True),
        (Any(TRUE, UNKNOWN), True),
        (Any(FALSE, UNKNOWN), None),
        (Not(TRUE), False),
        (Not(FALSE), True),
        (Not(UNKNOWN), None),
        (Number(TRUE, FALSE, TRUE), 2),
        (Number(FALSE, FALSE), 0),
        (Number(TRUE, UNKNOWN), None),
        (Choice((TRUE, "first"), (TRUE, "second")), 0),
        (Choice((FALSE, "first"), (TRUE, "second")), 1),
        (Choice((FALSE, "first"), (FALSE, "second"), otherwise="neither"), 2),
        (Choice((UNKNOWN, "first"), (TRUE, "second")), None),
        (Choice((TRUE, "first"), (UNKNOWN, "second")), 0),
        (Criterion(TRUE, "Adults only."), True),
        (Criterion(UNKNOWN, "Adults only."), None),
    ],
    ids=lambda one: "",
)
def test_true_false_and_missing(spec, word, value):
    spec(ANN, word, gives=value)


def test_all_needs_every_part(spec):
    spec(
        """
        person | record   | date
        Ann    | diabetes | 2022-01-01
        Ann    | asthma   | 2022-01-01
        Bob    | diabetes | 2022-01-01
        """,
        All(Has(DIABETES), Has(ASTHMA)),
        gives={"Ann": True, "Bob": False},
    )


def test_any_needs_one_part(spec):
    spec(
        """
        person | record     | date       | value
        Ann    | diabetes   | 2022-01-01 |
        Bob    | creatinine | 2022-01-01 | 80
        """,
        Any(Has(DIABETES), Has(ASTHMA)),
        gives={"Ann": True, "Bob": False},
    )


def test_a_choice_names_the_first_that_holds(spec):
    spec(
        """
        person | record   | date
        Ann    | diabetes | 2022-01-01
        Ann    | asthma   | 2022-01-01
        Bob    | asthma   | 2022-01-01
        Cem    | steroid  | 2022-01-01
        """,
        Choice((Has(DIABETES), "diabetes"), (Has(ASTHMA), "asthma"), otherwise="neither"),
        gives={"Ann": 0, "Bob": 1, "Cem": 2},
    )


def test_a_term_is_the_word_that_it_names(spec):
    spec(
        """
        person | record   | date
        Ann    | diabetes | 2022-01-01
        Bob    | asthma   | 2022-01-01
        """,
        All(Term("known diabetes", Has(DIABETES)), Not(Term("known asthma", Has(ASTHMA)))),
        gives={"Ann": True, "Bob": False},
    )


def test_the_five_comparisons_at_their_limit(spec):
    last = Latest(CREATININE)
    for word, holds in (
        (last.below(120), False),
        (last.at_least(120), True),
        (last.above(120), False),
        (last.at_most(120), True),
        (last.equals(120), True),
        (last.below(120.1), True),
        (last.above(119.9), True),
        (Compare(last, "equals", 119), False),
    ):
        spec(ANN, word, gives=holds)


def test_a_comparison_of_nothing_is_missing(spec):
    spec(ANN, Latest(WEIGHT).below(60), gives=None)


def test_a_comparison_reads_the_full_number_not_the_rounded_column(spec):
    # 59.99999999 is 60 in a float32 column; the rule must still see it below 60
    spec(
        """
        person | record     | date       | value
        Ann    | creatinine | 2022-01-01 | 59.99999999
        """,
        Latest(CREATININE).below(60),
        gives=True,
    )


def test_the_difference_and_the_ratio_of_two_words(spec):
    spec(ANN, Difference(Latest(CREATININE), Mean(CREATININE)), gives=15)
    spec(ANN, Ratio(Latest(CREATININE), Mean(CREATININE)), gives=120 / 105)


def test_a_ratio_to_zero_or_to_nothing_is_missing(spec):
    spec(ANN, Ratio(Latest(CREATININE), Person("sex")), gives=None)
    spec(ANN, Ratio(Latest(CREATININE), Latest(WEIGHT)), gives=None)
    spec(ANN, Difference(Latest(WEIGHT), Latest(CREATININE)), gives=None)
