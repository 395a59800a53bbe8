"""A definition that would leak, contradict itself or look back too far is refused, with every fault at once."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

import pathways
from features.source import COLUMNS
from features.streams import FORMULAS as KERNEL_FORMULAS
from features.vocabulary import TABLE_OF
from pathways.describe import describe
from pathways.faults import FORMULAS, WITHOUT_VALUES
from pathways.language import (
    BIRTH,
    Age,
    All,
    Band,
    Choice,
    Comparator,
    ConceptSet,
    Count,
    Criterion,
    DefinitionError,
    Formula,
    Happens,
    Has,
    Highest,
    Latest,
    Measured,
    Not,
    Pathway,
    Person,
    Predictor,
    Records,
    Required,
    Rule,
    Unit,
    Word,
    days,
    years,
)
from tests.pathways.conftest import GOUT, GOUT_CODE, URATE, pathway, prediction, records

LATER = Latest(URATE, after_index=True)
FAR = Latest(URATE, within=1461)


def faults(**changes: Any) -> tuple[str, ...]:
    with pytest.raises(DefinitionError) as refused:
        pathway(**changes)
    return refused.value.faults


def only_fault(**changes: Any) -> str:
    found = faults(**changes)
    assert len(found) == 1, found
    return found[0]


def test_a_definition_without_faults_is_accepted() -> None:
    assert pathway().prediction("gout").primary == 365


@pytest.mark.parametrize(
    ("where", "changes"),
    [
        ("predictor 'u'", {"predictors": (Predictor("u", LATER),)}),
        ("the population", {"population": All(Age().at_least(18), LATER.below(600))}),
        ("the required input 'urate'", {"requires": (Required("urate", LATER),)}),
        ("rule 'high'", {"rules": (Rule(LATER.above(600), "Refer", "a guideline", name="high"),)}),
        ("comparator 'Urate'", {"comparator": Comparator("Urate", LATER)}),
    ],
)
def test_nothing_but_the_outcome_may_see_the_index_date(where: str, changes: dict[str, Any]) -> None:
    assert only_fault(**changes) == f"{where} looks at or after the index date; only an outcome may"


def test_a_leak_hidden_inside_another_word_is_found() -> None:
    hidden = Choice((Not(Has(URATE, from_day=0)), "no urate next year"), otherwise="urate")

    assert "looks at or after the index date" in only_fault(predictors=(Predictor("u", hidden),))


def test_a_predictor_that_looks_back_further_than_the_pathway_says_is_refused_in_days() -> None:
    assert only_fault(predictors=(Predictor("u", FAR),), look_back=365) == (
        "predictor 'u' looks back 1461 days, further than the pathway's look-back of 365; "
        "shorten `within` or lengthen `look_back`"
    )


def test_a_predictor_of_the_whole_record_does_not_fit_a_limited_look_back() -> None:
    assert "looks back for ever" in only_fault(predictors=(Predictor("u", Latest(URATE)),), look_back=365)


def test_a_year_by_calendar_fits_a_look_back_of_366_days_and_not_of_365() -> None:
    a_year = (Predictor("u", Latest(URATE, within=years(1))),)

    assert pathway(predictors=a_year, look_back=366)
    assert "looks back 366 days" in only_fault(predictors=a_year, look_back=365)


def test_a_window_that_is_counted_from_birth_or_a_date_is_no_look_back() -> None:
    since = (
        Predictor("as_a_child", Has(URATE, anchor=BIRTH, ages=(0, 10))),
        Predictor("this_campaign", Has(URATE, since=date(2022, 8, 10))),
    )

    assert pathway(predictors=since, look_back=365)


def test_a_population_between_an_age_and_a_lower_one_is_nobody() -> None:
    impossible = All(Age().at_least(40), Criterion(Age().below(18), "Over 17"))

    assert only_fault(population=impossible) == "the population wants a value of at least 40 and below 18: nobody"


@pytest.mark.parametrize(
    ("low", "high", "fault"),
    [
        (Age().at_least(40), Age().at_most(40), None),
        (Age().above(40), Age().at_most(40), "above 40 and at most 40"),
        (Age().at_least(40), Age().below(40), "of at least 40 and below 40"),
        (Age().above(40), Age().at_most(41), None),
        (Age().at_least(41), Age().at_most(40), "of at least 41 and at most 40"),
    ],
)
def test_a_population_of_one_age_is_somebody_and_between_no_ages_nobody(
    low: Word, high: Word, fault: str | None
) -> None:
    if fault is None:
        pathway(population=All(low, high))
    else:
        assert only_fault(population=All(low, high)) == f"the population wants a value {fault}: nobody"


def test_a_predictor_that_the_population_excludes_never_holds() -> None:
    found = only_fault(population=Not(Has(GOUT_CODE)), predictors=(Predictor("gout", Has(GOUT_CODE)),))

    assert found == "predictor 'gout' never holds, as the population leaves those people out"


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"horizons": ()}, "there is no horizon"),
        ({"horizons": 0}, "the horizon must be at least 1 day, not 0"),
        ({"horizons": (730, 365)}, "horizons must rise, each once"),
        ({"horizons": (365, 730), "primary": 1826}, "the primary horizon 1826 is not one of the horizons (365, 730)"),
        (
            {"outcome": Happens(GOUT_CODE, from_day=365)},
            "risk starts on day 365, not before the shortest horizon of 365",
        ),
    ],
)
def test_horizons_that_cannot_be_watched_are_refused(changes: dict[str, Any], fault: str) -> None:
    assert fault in only_fault(**changes)


def band(at_least: float, horizon: int | None = None) -> Band:
    return Band(at_least, name="band", action="Call", owner="practice", horizon=horizon)


@pytest.mark.parametrize(
    ("bands", "fault"),
    [
        ((band(0.0), band(20)), "a risk lies between 0 and 1, so write 20% as 0.20"),
        ((band(0.2), band(0.0)), "bands must rise, each risk once"),
        ((band(0.0), band(0.0)), "bands must rise, each risk once"),
        ((band(0.0), band(0.2, horizon=1826)), "reads a horizon of 1826 days that the prediction does not have"),
    ],
)
def test_bands_that_nobody_could_act_on_are_refused(bands: tuple[Band, ...], fault: str) -> None:
    assert fault in only_fault(bands=bands)


@pytest.mark.parametrize(
    "window",
    [{"since": date(2020, 1, 1), "within": 365}, {"ages": (5, 6), "within": 365}, {"within": 9, "from_day": -5}],
)
def test_a_window_with_two_beginnings_is_refused_and_none_of_them_is_passed_over(window: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="a window has one beginning, not both"):
        Has(GOUT_CODE, **window)


def test_a_file_that_cannot_be_read_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def written(name: str) -> SimpleNamespace:
        match name.rpartition(".")[2]:
            case "broken":
                raise TypeError("within is no number")
            case "untitled":
                return SimpleNamespace(PATHWAY=Pathway("", ()))
        return SimpleNamespace(PATHWAY=5)

    monkeypatch.setattr(pathways, "names", lambda: ("broken", "untitled", "five"))
    monkeypatch.setattr(pathways.importlib, "import_module", written)
    with pytest.raises(
        DefinitionError, match=r"catalogue/broken.py:\n- it cannot be read: TypeError: within is no number"
    ):
        pathways.load("broken")
    with pytest.raises(DefinitionError, match=r"catalogue/untitled.py, Untitled pathway:\n- the pathway has no title"):
        pathways.load("untitled")
    with pytest.raises(DefinitionError, match=r"catalogue/five.py:\n- it has no PATHWAY"):
        pathways.load("five")


def test_bands_of_different_horizons_are_refused_as_a_risk_could_be_in_two_of_them() -> None:
    found = only_fault(horizons=(365, 730), primary=365, bands=(band(0.0), band(0.2, horizon=730)))

    assert found.startswith("bands read different horizons")
    assert pathway(horizons=(365, 730), primary=365, bands=(band(0.0), band(0.2, horizon=365)))


def test_a_rule_without_a_guideline_cannot_be_signed() -> None:
    unsourced = Rule(Latest(URATE).above(600), "Refer", "", name="high")

    assert only_fault(rules=(unsourced,)) == (
        "rule 'high' names no guideline; a rule without a source cannot be signed"
    )


def test_a_stream_where_a_word_is_meant_is_refused() -> None:
    assert only_fault(predictors=(Predictor("u", URATE),)) == (
        "predictor 'u' is Records, not a word with a value; write Has(...), Latest(...) or another word"
    )


def test_a_stream_inside_a_word_is_refused_too() -> None:
    assert "the population is Records" in only_fault(population=All(Age().at_least(18), GOUT_CODE))


@pytest.mark.parametrize(
    ("predictors", "fault"),
    [
        ((), "there is no predictor"),
        ((Predictor("last urate", Latest(URATE)),), "a predictor's name must be a word like egfr_last"),
        ((Predictor("u", Latest(URATE)), Predictor("u", Highest(URATE))), "predictor 'u' is given 2 times"),
        ((Predictor("u", Latest(URATE), plausible=(600, 60)),), "has a plausible range that is empty"),
        ((Predictor("u", Choice((Has(URATE), "yes")), direction="up"),), "levels have no order"),
        ((Predictor("u", Latest(URATE), strong_because="it is strong"),), "is declared strong without a reason"),
    ],
)
def test_predictors_that_could_not_become_columns_are_refused(predictors: tuple[Predictor, ...], fault: str) -> None:
    assert fault in only_fault(predictors=predictors)


@pytest.mark.parametrize(
    ("concept_set", "fault"),
    [
        (ConceptSet("empty"), "concept set 'empty' has no concept"),
        (ConceptSet("nameless", {440674: ""}), "must give every concept id with its name"),
        (ConceptSet("odd", {440674: "Gout"}, kinds="diary"), "is of an unknown kind of record"),
        (ConceptSet("gout", {440674: "Gout", 1: "Another"}), "'gout' is given 2 times: two that differ share a name"),
    ],
)
def test_concept_sets_that_a_reviewer_could_not_read_are_refused(concept_set: ConceptSet, fault: str) -> None:
    either = Predictor("either", records("code", concept_set)), Predictor("g", records("gout", GOUT))

    assert fault in only_fault(predictors=either)


def test_a_pathway_says_what_it_is_about_and_predicts_something() -> None:
    with pytest.raises(DefinitionError) as refused:
        Pathway("", ())

    assert [fault.split(";")[0] for fault in refused.value.faults] == [
        "the pathway has no title",
        "the pathway has no prediction",
    ]


def test_two_predictions_of_one_name_are_refused_and_each_fault_says_whose_it_is() -> None:
    with pytest.raises(DefinitionError) as refused:
        Pathway("Gout", (prediction(), prediction(name="late"), prediction(horizons=0, name="late")))

    assert refused.value.faults == (
        "prediction 'late' is given 2 times",
        "late: the horizon must be at least 1 day, not 0",
    )


def test_a_name_that_cannot_name_a_model_is_refused() -> None:
    assert "the prediction's name must be a word" in only_fault(name="gout in a year")


def test_an_outcome_must_have_a_day() -> None:
    assert only_fault(outcome=Happens(Count(URATE))) == (
        "the outcome is Count, which has no day; use a stream, Has, Confirmed or Dose"
    )


def test_a_measured_outcome_must_judge_a_measurement() -> None:
    assert "looks at no record" in only_fault(outcome=Measured(Age().at_least(40)))


def test_a_published_score_must_find_what_it_asks_for_among_the_predictors() -> None:
    def score(urate_last: float, body_mass_index: float) -> float:
        return urate_last + body_mass_index

    assert only_fault(comparator=Comparator("Score", score)) == (
        "comparator 'Score' takes body_mass_index, which is no predictor; name it among `inputs`"
    )
    assert pathway(
        comparator=Comparator("Score", score, inputs={"urate_last": Latest(URATE), "body_mass_index": Age()})
    )


def test_two_comparators_of_one_name_would_hide_each_other() -> None:
    twice = (Comparator("Urate", Latest(URATE)), Comparator("Urate", Highest(URATE)))

    assert only_fault(comparator=twice) == "comparator 'Urate' is given 2 times"


def test_a_formula_that_nobody_wrote_is_refused() -> None:
    found = only_fault(predictors=(Predictor("u", Latest(Formula("mdrd", URATE))),))

    assert found.startswith("there is no formula 'mdrd'; there are ckd_epi_2009, ")


def test_a_formula_without_all_its_streams_is_refused() -> None:
    found = only_fault(predictors=(Predictor("u", Latest(Formula("bmi", URATE))),))

    assert found == "formula 'bmi' takes 2 streams, not 1"


def test_the_formulas_of_the_language_are_those_of_the_kernel() -> None:
    assert set(FORMULAS) == set(KERNEL_FORMULAS)


def test_a_unit_may_only_be_assumed_if_it_is_accepted() -> None:
    wrong = Records("urate", of=URATE.of, units=Unit(8749, "micromole per liter"), assumed={3026493: 8840})

    assert only_fault(predictors=(Predictor("u", Latest(wrong)),)) == (
        "records 'urate' assume unit 8840 for concept 3026493 but do not accept it in `units`"
    )


def test_a_value_with_a_unit_is_not_looked_for_among_diagnoses() -> None:
    wrong = Records("urate", of=ConceptSet("urate", {3026493: "Urate"}), units=Unit(8749, "micromole per liter"))

    assert only_fault(predictors=(Predictor("u", Latest(wrong)),)) == (
        "records 'urate' have units but read condition, which hold no values; use kinds=\"measurement\""
    )


def test_the_kinds_without_values_are_those_whose_table_has_no_number() -> None:
    assert {kind for kind, table in TABLE_OF.items() if COLUMNS[table][3] is None} == WITHOUT_VALUES


def test_records_without_concepts_or_with_an_empty_range_are_refused() -> None:
    nothing = Predictor("n", Has(Records("nothing")))
    backwards = Predictor("b", Latest(Records("urate", of=URATE.of, plausible=(2000, 50))))

    assert only_fault(predictors=(nothing,)) == "records 'nothing' have no concept set"
    assert "have a plausible range that is empty" in only_fault(predictors=(backwards,))


def test_every_fault_is_told_at_once_under_the_title() -> None:
    with pytest.raises(DefinitionError) as refused:
        pathway(
            population=All(Age().at_least(40), Age().below(18)),
            predictors=(Predictor("u", LATER), Predictor("far", FAR), Predictor("n", Count(URATE, within=days(90)))),
            look_back=365,
            horizons=(730, 365),
            bands=(band(20),),
        )

    lines = str(refused.value).splitlines()
    assert lines[0] == "Gout:"
    assert len(lines) == 1 + len(refused.value.faults) == 7
    assert all(line.startswith("- ") for line in lines[1:])


def test_a_place_is_compared_by_and_never_predicted_from() -> None:
    fault = only_fault(predictors=(Predictor("where", Person("region")),))

    assert "places are compared by, not used" in fault


def test_a_level_compared_otherwise_than_by_name_is_described_by_its_number() -> None:
    assert describe(Person("sex").equals(0)) == "sex is female"
    assert describe(Person("sex").equals(7)) == "sex is equal to 7"
    assert describe(Person("sex").at_least(1)) == "sex is at least 1"


def test_axes_that_are_crossed_must_be_two_that_a_model_is_examined_by() -> None:
    said = "two different ones of year, region, area, age_band, sex, ethnicity, ethnic_group, deprivation"

    assert only_fault(crossed=(("sex", "height"),)) == f"crossed names sex and height; give {said}"
    assert only_fault(crossed=(("sex", "sex"),)) == f"crossed names sex and sex; give {said}"
