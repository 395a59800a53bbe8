"""People who were seen once: what holds for them on the day after is counted as pandas counts it in the raw table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

import pathways
from external.directions import AGAINST, AS_DECLARED, CANNOT, NOT_CLEAR, directions
from external.first_look import Seen, _holds, _unless, everybody, first_look, single_visits
from external.sets import TEACHES, ExternalSet
from features.source import open_source
from pathways.language import Age, Prediction, Predictor
from tests.external.test_adapters import egfr_2009

pytestmark = pytest.mark.external

PATHWAY = pathways.load("kidney_disease")
DETECTION = PATHWAY.prediction("detection")
COLUMNS = [predictor.name for predictor in DETECTION.predictors]


def seen(one: ExternalSet) -> Seen:
    seen_on = None if one.adapter is None else one.adapter.seen_on
    return everybody(open_source(one.tables), PATHWAY, DETECTION, seen_on)


def predictor(one: Seen, name: str) -> Any:
    return one.values[:, COLUMNS.index(name)]


@pytest.fixture(scope="module")
def uci(sets: Any) -> pd.DataFrame:
    """The adults of the raw table, by id, and those of unknown age."""
    rows = pd.read_parquet(sets["real_ckd_uci"].raw / "parquet" / "ckd_uci.parquet").set_index("id")
    texts = rows.select_dtypes("object").columns
    rows[texts] = rows[texts].apply(lambda column: column.str.strip())
    return rows[~(rows["age"] < 18)]


@pytest.mark.parametrize(("as_sex", "female"), [("women", True), ("men", False)])
def test_milligrams_per_decilitre_give_the_egfr_of_the_published_formula(
    sets: Any, uci: pd.DataFrame, as_sex: str, female: bool
) -> None:
    """A birthday on the day of the visit, so the years are whole up to the leap days."""
    found = seen(sets[f"real_ckd_uci_as_{as_sex}"])
    expected = egfr_2009(uci["sc"] * 88.4, np.floor(uci["age"]), female)
    expected = expected.where((uci["sc"] * 88.4).between(15, 2500))

    assert found.person_id.tolist() == uci.index.tolist()
    assert predictor(found, "egfr_last") == pytest.approx(expected.to_numpy(), rel=1e-4, nan_ok=True)


@pytest.mark.parametrize(("as_sex", "female"), [("women", True), ("men", False)])
def test_the_red_flag_of_a_new_low_egfr_comes_up_in_those_who_have_one_and_in_nobody_else(
    sets: Any, uci: pd.DataFrame, as_sex: str, female: bool
) -> None:
    found = seen(sets[f"real_ckd_uci_as_{as_sex}"])
    egfr = egfr_2009(uci["sc"] * 88.4, np.floor(uci["age"]), female).where((uci["sc"] * 88.4).between(15, 2500))

    rule = found.told["rule", "newly_low"]

    assert (rule == 1).tolist() == (egfr < 60).tolist()
    assert np.isnan(rule).tolist() == egfr.isna().tolist()


def test_without_a_sex_there_is_no_egfr_and_the_red_flag_is_not_known(sets: Any) -> None:
    found = seen(sets["real_ckd_uci"])

    assert np.isnan(predictor(found, "egfr_last")).all()
    assert np.isnan(found.told["rule", "newly_low"]).all()
    assert np.isnan(found.told["required", "eGFR or creatinine in the last 5 years"]).all()


def test_grams_per_decilitre_of_haemoglobin_are_read_as_grams_per_litre(sets: Any, uci: pd.DataFrame) -> None:
    found = predictor(seen(sets["real_ckd_uci"]), "hb_last")

    assert found == pytest.approx((uci["hemo"] * 10).to_numpy(), nan_ok=True)


def test_single_predictors_of_the_diagnosis_rank_as_scikit_learn_says(sets: Any, uci: pd.DataFrame) -> None:
    look = first_look(sets["real_ckd_uci_as_men"], PATHWAY, DETECTION, seen(sets["real_ckd_uci"]))
    known = uci[uci["age"].notna()]
    by_name = {one.name: one for one in look.directions}

    expected = roc_auc_score(known["classification"] == "ckd", np.floor(known["age"]))
    assert by_name["age"].c_statistic["value"] == pytest.approx(expected, abs=0.0005)
    assert by_name["last eGFR"].verdict == by_name["age"].verdict == AS_DECLARED
    assert by_name["last urine ACR"].verdict == CANNOT


def test_those_of_the_emirates_whom_nice_would_test_are_those_with_an_illness(sets: Any) -> None:
    one = sets["real_ckd_uae"]
    rows = pd.read_parquet(one.raw / "parquet" / "ckd_uae.parquet")

    due = seen(one).told["rule", "test_due"]

    assert (due == 1).tolist() == ((rows["hypertension"] == 1) | (rows["diabetes"] == 1)).tolist()


def test_somebody_of_unknown_age_in_the_emirates_gets_neither_an_age_nor_an_egfr(sets: Any) -> None:
    found = seen(sets["real_ckd_uae"])

    assert len(found.person_id) == 1_186
    assert np.isnan(predictor(found, "age")).all() and np.isnan(predictor(found, "egfr_last")).all()


def test_adults_of_the_survey_are_spread_as_pandas_says(sets: Any) -> None:
    """Born on 1 July of a year and seen on 1 January: an adult is one whose year of birth is 19 or more before."""
    one = sets["real_nhanes_omop"]
    person = pd.read_parquet(one.tables / "person.parquet").set_index("person_id")["year_of_birth"]
    period = pd.read_parquet(one.tables / "observation_period.parquet").set_index("person_id")
    year = pd.to_datetime(period["observation_period_start_date"]).dt.year
    adults = person.index[(year - person) >= 19]
    measured = pd.read_parquet(one.tables / "measurement.parquet").query("person_id in @adults")
    systolic = measured[measured["measurement_concept_id"] == 3004249]["value_as_number"]
    diabetes = pd.read_parquet(one.tables / "condition_occurrence.parquet").query("person_id in @adults")

    found = seen(one)

    assert sorted(found.person_id.tolist()) == sorted(adults)
    assert np.nansum(predictor(found, "diabetes")) == diabetes["person_id"].nunique() > 1_500
    assert np.nanmedian(predictor(found, "sbp_last")) == systolic[systolic.between(60, 270)].median()


def test_people_who_were_watched_for_years_get_no_first_look(sets: Any) -> None:
    assert single_visits(open_source(sets["real_nhanes_omop"].tables))
    assert not single_visits(open_source(sets[TEACHES].tables))
    assert first_look(sets["meds_mimic_iv_demo"], PATHWAY, DETECTION, seen(sets["real_ckd_uci"])) is None


def test_of_real_people_a_first_look_tells_rounded_counts_alone(sets: Any) -> None:
    reference = seen(sets["real_ckd_uci"])
    looks = [first_look(one, PATHWAY, DETECTION, reference) for one in sets.values() if one.real]
    told = [one for look in looks if look is not None for one in look.told]
    counts = [count for one in told for count in (one.yes, one.no, one.unknown, one.labelled) if count is not None]

    assert len(told) == 7 * len(reference.told)
    assert {count % 5 for count in counts} == {0} and all(count == 0 or count >= 10 for count in counts)


def test_a_direction_is_called_against_it_only_if_the_interval_says_so() -> None:
    values = np.repeat(np.arange(4, dtype=np.float32), 25)[:, None] * np.ones((1, 3), np.float32)
    values[:, 2] = 1
    outcome = (np.arange(100) % 25) < np.repeat([2, 4, 12, 20], 25)
    ways = (("a", "up"), ("b", "down"), ("c", "up"))
    one = _drawn([Predictor(name, Age(), name, direction=way) for name, way in ways])

    found = directions(one, values, outcome, np.ones(100), np.arange(100))

    assert [each.verdict for each in found] == [AS_DECLARED, AGAINST, CANNOT]
    shuffled = np.tile(np.arange(100) % 4 < 2, 1)
    level = directions(one, values, shuffled, np.ones(100), np.arange(100))
    assert level[0].verdict == NOT_CLEAR


def test_an_illness_of_too_few_people_to_expect_five_outcomes_says_nothing_of_its_direction() -> None:
    outcome = np.arange(200) % 4 == 0  # one in four, so 19 people give 4.75 and 21 give 5.25
    ill = [Predictor(name, Age(), name, direction="up") for name in ("nineteen", "twenty_one")]
    one = _drawn(ill)
    values = np.zeros((200, 2), np.float32)
    values[1 : 1 + 19 * 4 : 4, 0] = values[1 : 1 + 21 * 4 : 4, 1] = 1  # none of them has the outcome

    too_few, enough = directions(one, values, outcome, np.ones(200), np.arange(200))

    assert (too_few.verdict, enough.verdict) == (CANNOT, AGAINST)


def _drawn(predictors: list[Predictor]) -> Prediction:
    return Prediction(
        "x",
        index=DETECTION.index,
        population=DETECTION.population,
        outcome=DETECTION.outcome,
        predictors=tuple(predictors),
        horizons=365,
    )


def test_a_rule_is_silent_where_its_exception_is_known_to_hold_and_speaks_where_that_is_not_known() -> None:
    # The last column is the exception: known to hold, known not to, not known.
    inputs = np.array([[1.0, 1.0], [1.0, 0.0], [1.0, np.nan], [0.0, 0.0]])

    assert _unless(_holds, inputs).tolist() == [0.0, 1.0, 1.0, 0.0]
