"""What is not covered is unknown, never zero."""

from pathways.language import (
    Compare,
    Count,
    Covered,
    Difference,
    Dose,
    Earliest,
    Has,
    Latest,
    Missing,
    Near,
    Not,
    Since,
    Total,
    days,
)
from tests.spec.clinic import ASTHMA, CREATININE, DIABETES, EGFR, MMR, STAY, STEROID


def test_a_diagnosis_that_is_there_is_there_although_its_kind_is_not_covered(spec):
    spec(
        """
        person | record   | date
        Ann    | diabetes | 2023-04-30
        """,
        Has(DIABETES),
        covers={"measurement": "1990-01-01"},
        routes=("history",),
        gives=True,
    )


def test_no_diagnosis_means_nothing_where_diagnoses_are_not_covered(spec):
    spec(
        """
        person | record     | date       | value
        Ann    | creatinine | 2023-04-30 | 80
        """,
        Has(DIABETES),
        covers={"measurement": "1800-01-01"},
        gives=None,
    )


def test_a_count_is_missing_where_its_kind_is_not_covered_even_if_some_are_there(spec):
    spec(
        """
        person | record  | date
        Ann    | steroid | 2023-04-30
        """,
        Count(STEROID),
        covers={"condition": "1990-01-01"},
        routes=("history",),
        gives=None,
    )


def test_a_sum_and_a_share_of_days_need_coverage_too(spec):
    records = """
        person | record  | date       | value
        Ann    | steroid | 2023-04-01 | 10
        """
    for word in (Total(STEROID), Covered(STEROID, within=days(90))):
        spec(records, word, covers={"condition": "1990-01-01"}, routes=("history",), gives=None)


def test_a_value_needs_no_coverage(spec):
    spec(
        """
        person | record     | date       | value
        Ann    | creatinine | 2023-04-30 | 80
        """,
        Latest(CREATININE),
        covers={},
        routes=("history",),
        gives=80,
    )


def test_coverage_from_the_first_day_of_the_window_is_enough_and_a_day_later_is_not(spec):
    for first_day, found in (("2022-05-01", 0), ("2022-05-02", None)):
        spec(
            """
            person | record | date
            Ann    | asthma | 2023-04-30
            """,
            Count(STEROID, within=days(365)),
            on="2023-05-01",
            covers={"medication": first_day},
            routes=("history",),
            gives=found,
        )


def test_coverage_since_registration_is_enough_as_there_can_be_nothing_before(spec):
    spec(
        """
        person | record | date
        Ann    | asthma | 2023-04-30
        """,
        Count(STEROID, within=days(365)),
        people="""
        person | observed
        Ann    | 2023-01-01 to 2024-01-01
        """,
        covers={"medication": "2023-01-01"},
        routes=("history",),
        gives=0,
    )


def test_coverage_since_birth_is_enough_for_a_child(spec):
    spec(
        """
        person | record | date
        Ann    | asthma | 2023-04-30
        """,
        Has(MMR),
        people="""
        person | born       | observed
        Ann    | 2022-01-10 | 2021-01-01 to 2024-01-01
        """,
        covers={"immunisation": "2022-01-10"},
        routes=("history",),
        gives=False,
    )


def test_missing_is_true_only_if_we_would_have_known(spec):
    for covers, found in (({"measurement": "1800-01-01"}, True), ({"condition": "1800-01-01"}, None)):
        spec(
            """
            person | record | date
            Ann    | asthma | 2023-04-30
            """,
            Missing(Latest(CREATININE, within=days(365))),
            covers=covers,
            routes=("history",),
            gives=found,
        )


def test_missing_is_false_if_there_is_a_value_even_without_coverage(spec):
    spec(
        """
        person | record     | date       | value
        Ann    | creatinine | 2023-04-30 | 80
        """,
        Missing(Latest(CREATININE)),
        covers={},
        routes=("history",),
        gives=False,
    )


def test_missing_of_words_combined_needs_the_coverage_of_each(spec):
    word = Missing(Difference(Latest(CREATININE), Earliest(CREATININE)))
    records = """
        person | record | date
        Ann    | asthma | 2023-04-30
        """
    spec(records, word, covers={"measurement": "1800-01-01"}, routes=("history",), gives=True)
    spec(records, word, covers={"condition": "1800-01-01"}, routes=("history",), gives=None)


def test_missing_of_a_comparison_needs_coverage(spec):
    word = Missing(Compare(Latest(CREATININE), "below", 60))
    records = """
        person | record | date
        Ann    | asthma | 2023-04-30
        """
    spec(records, word, covers={"measurement": "1800-01-01"}, routes=("history",), gives=True)
    spec(records, word, covers={}, routes=("history",), gives=None)


def test_not_of_unknown_is_unknown(spec):
    spec(
        """
        person | record     | date       | value
        Ann    | creatinine | 2023-04-30 | 80
        """,
        Not(Has(DIABETES)),
        covers={"measurement": "1800-01-01"},
        gives=None,
    )


def test_a_record_near_another_is_known_only_if_both_kinds_are_covered(spec):
    records = """
        person | record | date
        Ann    | MMR    | 2023-04-30
        """
    word = Has(Near(STEROID, ASTHMA, before=7, after=7))
    both = {"condition": "1800-01-01", "medication": "1800-01-01"}
    spec(records, word, covers=both, routes=("history",), gives=False)
    spec(records, word, covers={"medication": "1800-01-01"}, routes=("history",), gives=None)


def test_without_the_day_of_its_anchor_a_window_says_nothing(spec):
    spec(
        """
        person | record | date
        Ann    | asthma | 2023-04-30
        """,
        Count(STEROID, within=days(90), anchor=Dose(MMR, 1)),
        gives=None,
    )


def test_every_word_of_a_kind_that_the_source_does_not_hold_at_all_is_missing(spec):
    records = """
        person | record   | date
        Ann    | diabetes | 2023-04-30
        """
    for word in (Count(EGFR), Has(EGFR), Total(CREATININE), Since(EGFR), Missing(Latest(EGFR))):
        spec(records, word, covers={"condition": "1800-01-01"}, gives=None)


def test_stays_that_are_not_covered_leave_the_days_in_hospital_unknown(spec):
    spec(
        """
        person | record        | date       | end
        Ann    | hospital stay | 2023-04-01 | 2023-04-03
        """,
        Covered(STAY, within=days(90), unit="days"),
        covers={"condition": "1990-01-01"},
        routes=("history",),
        gives=None,
    )
