"""Numbers, days and values read as a clinician writes them, and as a person reads them."""

from dataclasses import replace
from datetime import date

import pytest

import pathways
from pathways.language import (
    BIRTH,
    PROBABILITY,
    Age,
    All,
    Any,
    Choice,
    Comparator,
    ConceptSet,
    Count,
    Difference,
    Has,
    Latest,
    Mean,
    Missing,
    Number,
    Person,
    Predictor,
    Records,
    Since,
    Slope,
    Term,
    days,
)
from pathways.words import Dose
from serving.wording import ago_text, risk_text, round_text, score_text, span_text, word_of, worded

EGFR = Records("eGFR", of=ConceptSet("eGFR", {40764999: "eGFR"}, kinds="measurement"), plausible=(1, 200))
GOUT = Records("gout", of=ConceptSet("gout", {440674: "Gout"}))
YEARS_2, YEAR = days(730), days(365)
MARCH, MAY = date(2024, 3, 3), date(2025, 5, 2)


EXAMPLES = [
    # a level, a quantity of a day
    (
        (Latest(EGFR, within=YEARS_2), "last eGFR", "mL/min/1.73 m2", "your last kidney test"),
        (58.0, [MARCH]),
        "last eGFR: 58 mL/min/1.73 m2 on 3 March 2024",
        "Your last kidney test was 58, on 3 March 2024.",
    ),
    (
        (Latest(EGFR, within=YEARS_2), "last eGFR", "mL/min/1.73 m2", "your last kidney test"),
        (None, []),
        "last eGFR: none recorded in 2 years",
        "Not in your records: your last kidney test.",
    ),
    ((Latest(EGFR, within=YEAR), "last eGFR"), (None, []), "last eGFR: none recorded in a year", None),
    ((Latest(EGFR), "last eGFR"), (None, []), "last eGFR: none recorded", None),
    # a mean is of no single day
    (
        (Mean(EGFR, within=YEARS_2), "mean eGFR over 2 years", "mL/min/1.73 m2", "your average kidney test"),
        (57.25, [MARCH, MAY]),
        "mean eGFR over 2 years: 57.2 mL/min/1.73 m2 (2 records, the last on 2 May 2025)",
        "Your average kidney test was 57.",
    ),
    ((Mean(EGFR), "mean eGFR"), (57.0, [MARCH]), "mean eGFR: 57 (3 March 2024)", None),
    ((Difference(Latest(EGFR), Mean(EGFR)), "above the mean"), (3.0, []), "above the mean: 3", None),
    # a change
    (
        (Slope(EGFR), "change of eGFR per year", "mL/min/1.73 m2", "your kidney test"),
        (-4.94, [MARCH, MAY]),
        "change of eGFR per year: a fall of 4.94 mL/min/1.73 m2 (2 records, the last on 2 May 2025)",
        "Your kidney test went down by about 4.9 a year.",
    ),
    (
        (Slope(EGFR), "change of eGFR per year", "", "your kidney test"),
        (1.0, [MARCH, MAY]),
        "change of eGFR per year: a rise of 1 (2 records, the last on 2 May 2025)",
        "Your kidney test went up by about 1 a year.",
    ),
    ((Slope(EGFR), "change of eGFR"), (None, []), "change of eGFR: too few values", None),
    # how long ago
    (
        (Since(EGFR), "time since the last eGFR", "days", "your last kidney test"),
        (243.0, [MAY]),
        "time since the last eGFR: 8 months (2 May 2025)",
        "Your last kidney test was 8 months ago (2 May 2025).",
    ),
    ((Since(EGFR), "time since the last eGFR", "days"), (None, []), "time since the last eGFR: none recorded", None),
    (
        (Since(EGFR, which="first", anchor=BIRTH, unit="years"), "age at the first eGFR", "years"),
        (40.0, [MARCH]),
        "age at the first eGFR: 40 years",
        "Age at the first eGFR: 40 years.",
    ),
    # a value in an everyday unit
    (
        (Latest(EGFR), "last weight", "kg", "your last weight"),
        (82.6, [MAY]),
        "last weight: 82.6 kg on 2 May 2025",
        "Your last weight was 83 kg, on 2 May 2025.",
    ),
    # a flag
    (
        (Has(GOUT), "gout"),
        (1.0, [MARCH]),
        "gout: yes, recorded 3 March 2024",
        "Your records show gout (3 March 2024).",
    ),
    ((Has(GOUT), "gout"), (0.0, []), "gout: no", "Your records do not show gout."),
    ((Has(GOUT), "gout"), (None, []), "gout: not known", "Not in your records: gout."),
    (
        (Term("gouty", All(Has(GOUT), Age().at_least(40))), "gout at 40 or more"),
        (0.0, []),
        "gout at 40 or more: no",
        None,
    ),
    ((Any(Has(GOUT), Latest(EGFR).below(60)), "either"), (1.0, []), "either: yes", None),
    # an absence
    (
        (Missing(Latest(EGFR, within=YEAR)), "no eGFR in 12 months", "", "a kidney test in the last 12 months"),
        (1.0, []),
        "no eGFR in 12 months",
        "Your records do not show a kidney test in the last 12 months.",
    ),
    (
        (Missing(Latest(EGFR, within=YEAR)), "no eGFR in 12 months"),
        (0.0, [MARCH]),
        "eGFR in 12 months: yes, recorded 3 March 2024",
        "Your records show eGFR in 12 months (3 March 2024).",
    ),
    # a count
    (
        (Count(EGFR, within=YEARS_2), "eGFR tests in 2 years", "tests", "kidney tests in the last 2 years"),
        (3.0, [MAY]),
        "eGFR tests in 2 years: 3, the last on 2 May 2025",
        "Kidney tests in the last 2 years: 3.",
    ),
    (
        (Count(EGFR, within=YEARS_2), "eGFR tests in 2 years", "tests"),
        (0.0, []),
        "eGFR tests in 2 years: none",
        "EGFR tests in 2 years: none.",
    ),
    ((Count(EGFR), "eGFR tests"), (None, []), "eGFR tests: not known", None),
    ((Number(Has(GOUT), Age().at_least(60)), "how many hold"), (2.0, []), "how many hold: 2", None),
    # a level and a fact
    (
        (Choice((Has(GOUT), "ex"), otherwise="never"), "smoking"),
        ("ex", [MARCH]),
        "smoking: ex, recorded 3 March 2024",
        None,
    ),
    ((Choice((Has(GOUT), "ex"), otherwise="never"), "smoking"), (None, []), "smoking: not recorded", None),
    ((Person("sex"), "sex"), ("female", []), "sex: female", "Sex: female."),
    ((Age(), "age", "years", "your age"), (66.0, []), "age: 66 years", "Your age: 66 years."),
    # a day: 2 May 2025 is day 20,210 since 1970
    ((Dose(EGFR), "first dose"), (20210.0, []), "first dose: 2 May 2025", "First dose: 2 May 2025."),
]


@pytest.mark.parametrize(("predictor", "found", "text", "plain"), EXAMPLES, ids=[each[2] for each in EXAMPLES])
def test_each_kind_of_predictor_is_said_in_its_own_way(predictor, found, text, plain):
    of, wording, unit, named = (*predictor, "", "")[:4]
    word = word_of(Predictor("it", of, wording, unit, plain=named))

    assert word.phrase(*found) == text
    assert plain is None or word.plain(*found) == plain


@pytest.mark.parametrize(
    ("of", "value", "contribution", "said"),
    [
        (Latest(EGFR), None, -0.09, "; such people had a lower risk"),
        (Latest(EGFR), None, 0.2, "; such people had a higher risk"),
        (Latest(EGFR), None, 0.004, ""),
        (Latest(EGFR), 58.0, -0.09, ""),
        (Missing(Latest(EGFR)), 1.0, 0.2, "; such people had a higher risk"),
        (Missing(Latest(EGFR)), 0.0, 0.2, ""),
    ],
)
def test_what_is_not_there_is_never_said_to_act(of, value, contribution, said):
    word = word_of(Predictor("it", of, "no eGFR"))

    assert word.phrase(value, (), contribution) == word.phrase(value) + said


def test_a_level_is_said_by_its_name(prediction):
    smoking = next(each for each in worded(prediction) if each.name == "smoking")

    assert smoking.value(1.0) == "never"
    assert smoking.value(7.0) is None


@pytest.mark.parametrize("prediction", pathways.load("kidney_disease").predictions, ids=lambda one: one.name)
def test_every_predictor_of_kidney_disease_has_words_for_the_person_without_jargon(prediction):
    jargon = ("mL/", "mmol", "systolic", "diastolic", "creatinine", "NSAID", "PPI", "CKD", "AKI", "renal", "coded")

    assert all(each.plain for each in prediction.predictors)
    said = [one.plain for group in (prediction.predictors, prediction.rules, prediction.bands) for one in group]
    said += [part.plain for part in prediction.population.words] + [prediction.outcome_plain]
    assert [text for text in said if any(word in text for word in jargon)] == []
    assert all(one.plain for one in prediction.rules)
    assert all(part.plain for part in prediction.population.words)


@pytest.mark.parametrize("prediction", pathways.load("kidney_disease").predictions, ids=lambda one: one.name)
def test_without_plain_words_the_clinicians_are_used(prediction):
    absence = Predictor("egfr_missing", Missing(Latest(EGFR)), "no eGFR")
    bare = [word_of(replace(each, plain="")) for each in (*prediction.predictors, absence)]

    assert all(each.plain_text == each.text.removeprefix("no ") for each in bare)
    assert {each.kind for each in bare} >= {"flag", "absence", "count", "ago", "value", "slope"}


@pytest.mark.parametrize(
    ("of", "unit", "value", "text"),
    [
        (lambda age: age, PROBABILITY, 0.153, "about 15 in 100 (15%)"),
        (lambda age: age, PROBABILITY, 0.0426, "about 4 in 100 (4.3%)"),
        (lambda age: age, "points", 12.0, "12 points"),
        (lambda age: age, "points: late, or never", 1.0, "1 point: late, or never"),
        (lambda age: age, "classes", 1.0, "1 class"),
        (lambda age: age, "odds ratio", 1.0, "1 odds ratio"),
        (Has(GOUT), "1 if due", 1.0, "yes"),
        (Latest(EGFR).below(30), "1 if below", 0.0, "no"),
        (Latest(EGFR), "mL/min/1.73 m2", 66.2, "66.2 mL/min/1.73 m2"),
    ],
)
def test_another_score_is_said_as_people_as_yes_or_no_or_with_its_unit(of, unit, value, text):
    assert score_text(Comparator("it", of, unit=unit), value) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [(1, "1 day"), (60, "60 days"), (61, "2 months"), (365, "12 months"), (731, "2 years"), (1400, "3.8 years")],
)
def test_how_long_ago_is_no_finer_than_anyone_cares_for(number, text):
    assert ago_text(number) == text


def test_a_number_is_rounded_as_one_says_it_aloud():
    assert [round_text(value) for value in (66.2, 9.96, 4.54, 0.527, 0.0)] == ["66", "10", "4.5", "0.53", "0"]


@pytest.mark.parametrize(
    ("risk", "text"),
    [
        (1e-6, "fewer than 1 in 1,000"),
        (0.001, "about 1 in 1,000"),
        (0.00499, "about 5 in 1,000"),
        (0.005, "about 5 in 1,000"),
        (0.0051, "about 1 in 100"),
        (0.125, "about 12 in 100"),
        (0.99, "about 99 in 100"),
        (0.999999, "more than 99 in 100"),
    ],
)
def test_a_risk_is_so_many_people_of_a_hundred_or_a_thousand(risk, text):
    assert risk_text(risk) == text


@pytest.mark.parametrize(
    ("days", "text"),
    [(1, "day"), (28, "28 days"), (365, "year"), (730, "2 years"), (1095, "3 years"), (400, "400 days")],
)
def test_a_horizon_is_in_years_where_it_is_some(days, text):
    assert span_text(days) == text
