"""Sets that are no OMOP become OMOP by an explicit mapping; expected figures are of pandas and scikit-learn alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

import external.sets
import pathways
from evaluation.discrimination import c_statistic
from external.adapters import adapters
from external.adapters.flat import Flat, FollowUp
from external.adapters.meds import Meds
from external.adapters.omop import FEMALE, MALE, Code
from external.examine import examine
from external.page import Section, page
from external.sets import ExternalSet, open_set
from features.cohort import feature_table
from features.days import number
from features.programme import compile_prediction
from features.source import open_source
from features.table import OUTCOME
from pathways.language import Pathway, Prediction

ADAPTED = ("meds_mimic_iv_demo", "real_ckd_uae", "real_ckd_uci")
SEEN = date(2010, 3, 1)
COHORT = Flat(
    file="cohort.csv",
    person="id",
    seen_on=SEEN,
    sex=("gender", {0: FEMALE, 1: MALE}),
    age="age",
    codes=(
        Code("creatinine", "measurement", 3020564, "Creatinine [Moles/volume] in Serum or Plasma", 8749, "umol/L"),
        Code("diabetic", "condition_occurrence", 201820, "Diabetes mellitus", equals=1),
    ),
    followed=FollowUp("months", "event", 1, 443597, "Chronic kidney disease stage 3"),
    complete=("drug_exposure", "observation", "procedure_occurrence", "visit_occurrence"),
)

external_data = pytest.mark.external


@pytest.fixture
def stranger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ExternalSet:
    """A flat cohort that nobody here has seen: 400 people, a third with kidney disease within 8 years."""
    chance = np.random.default_rng(7)
    age = chance.integers(40, 80, 400)
    creatinine = chance.normal(80, 12, 400).round()
    event = chance.random(400) < 0.33
    rows = pd.DataFrame(
        {
            "id": range(1, 401),
            "gender": chance.integers(0, 2, 400),
            "age": age,
            "creatinine": creatinine,
            "diabetic": chance.integers(0, 2, 400),
            "months": np.where(event, chance.integers(1, 96, 400), 96),
            "event": event.astype(int),
        }
    )
    (tmp_path / "stranger").mkdir()
    rows.to_csv(tmp_path / "stranger" / "cohort.csv", index=False)
    monkeypatch.setattr(external.sets, "adapters", lambda name: {"": COHORT} if name == "stranger" else {})
    (one,) = open_set(tmp_path / "stranger", tmp_path / "omop")
    return one


def egfr_2009(creatinine_umol: Any, years: Any, female: Any) -> Any:
    """CKD-EPI 2009 as it stands in Levey 2009, Ann Intern Med 150:604, table 2, without race."""
    kappa, alpha = np.where(female, 0.7, 0.9), np.where(female, -0.329, -0.411)
    ratio = creatinine_umol / 88.4 / kappa
    low, high = np.minimum(ratio, 1) ** alpha, np.maximum(ratio, 1) ** -1.209
    return 141 * low * high * 0.993**years * np.where(female, 1.018, 1)


@external_data
@pytest.mark.parametrize("name", ADAPTED)
def test_every_code_is_one_that_the_pathway_asks_for_in_a_unit_that_it_takes(name: str, sets: Any) -> None:
    pathway = pathways.load("kidney_disease")
    streams = [s for one in pathway.predictions for s in compile_prediction(one).streams.recorded]
    asked = {concept for stream in streams for part in stream.of for concept in part.include + part.exact}
    units = {(c, u.concept_id) for s in streams for p in s.of for c, _ in p.include + p.exact for u in s.units}

    for adapter in adapters(name).values():
        assert {(code.concept, code.name) for code in adapter.codes} <= asked
        assert {(code.concept, code.unit) for code in adapter.codes if code.unit} <= units


def test_somebody_is_as_old_as_the_table_says_on_the_day_of_the_visit(stranger: ExternalSet) -> None:
    table = _table(stranger)
    rows = pd.read_csv(stranger.raw / "cohort.csv").set_index("id").loc[table.person_id]

    assert table.values[:, table.columns.index("age")].tolist() == rows["age"].tolist()


def test_an_unseen_cohort_is_scored_with_the_outcomes_that_it_has(stranger: ExternalSet) -> None:
    table = _table(stranger)
    rows = pd.read_csv(stranger.raw / "cohort.csv")
    by_five_years = (rows["event"] == 1) & ((rows["months"] * 30.4375).round() <= 1826)

    assert len(table) == 400
    assert int(((table.event == OUTCOME) & (table.time < 1826)).sum()) == int(by_five_years.sum()) > 50


def test_the_c_statistic_of_the_last_egfr_is_that_of_scikit_learn(stranger: ExternalSet) -> None:
    table = _table(stranger)
    rows = pd.read_csv(stranger.raw / "cohort.csv").set_index("id").loc[table.person_id]
    born = rows["age"].map(lambda age: date(2010 - 1 - age, 7, 1))
    years = np.array([(SEEN - day).days / 365.25 for day in born])
    egfr = egfr_2009(rows["creatinine"], years, rows["gender"] == 0)
    had = (rows["event"] == 1) & ((rows["months"] * 30.4375).round() <= 1826)

    assert table.values[:, table.columns.index("egfr_last")] == pytest.approx(egfr.to_numpy(), rel=1e-5)
    ours = c_statistic((table.event == OUTCOME) & (table.time < 1826), table.comparators["Last eGFR"]).value
    assert ours == pytest.approx(roc_auc_score(had, -egfr))


def test_without_a_word_on_dialysis_nobody_of_a_cohort_can_be_scored(
    tmp_path: Path, stranger: ExternalSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = replace(COHORT, complete=("observation",))
    monkeypatch.setattr(external.sets, "adapters", lambda name: {"": silent})
    (one,) = open_set(stranger.raw, tmp_path / "silent")
    pathway = pathways.load("kidney_disease")

    found, _ = examine(one, pathway, pathway.predictions[0], None)

    assert "not known: not on kidney replacement therapy" in found.lacks[-1]


def test_every_prediction_of_a_pathway_is_run_and_told(stranger: ExternalSet) -> None:
    pathway = pathways.load("kidney_disease")
    first = pathway.predictions[0]
    second = Prediction(
        "a_year",
        index=first.index,
        population=first.population,
        outcome=first.outcome,
        predictors=first.predictors[:5],
        horizons=365,
    )
    both = Pathway(title="Two questions", predictions=(first, second))

    sections = tuple(Section(stranger, examine(stranger, both, one, None)[0]) for one in both.predictions)
    text = page(both.title, both, {}, sections)

    assert text.count("### stranger") == 2 and "## A year" in text
    assert "by 365 days" in text.split("## A year")[1]


def test_what_was_assumed_of_a_cohort_stands_on_the_page(stranger: ExternalSet) -> None:
    pathway = pathways.load("kidney_disease")
    found, _ = examine(stranger, pathway, pathway.predictions[0], None)

    text = page(pathway.title, pathway, {}, (Section(stranger, found),))

    assert "everybody is taken to have been seen on 1 March 2010, registered for a year before" in text
    assert "| measurement 3020564 Creatinine [Moles/volume] in Serum or Plasma, in umol/L | `creatinine` |" in text
    assert "`event` = 1 is a record of 443597 Chronic kidney disease stage 3, after `months`" in text
    assert "Taken to be complete, though the set has no such column: procedure_occurrence." in text


def test_a_set_without_an_adapter_is_read_where_it_lies(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()

    (one,) = open_set(tmp_path / "mine", tmp_path / "into")

    assert one.tables == tmp_path / "mine" and one.real


def test_events_of_meds_become_records_by_the_codes_that_are_listed_and_no_others(tmp_path: Path) -> None:
    events = [
        (7, None, "GENDER//F", None),
        (7, "2100-01-01", "MEDS_BIRTH", None),
        (7, "2150-05-01 09:30", "LAB//50912//mg/dL", 1.5),
        (7, "2150-05-01 10:30", "LAB//1//mmol/L", 4.0),
        (7, "2151-06-02 23:59", "DIAGNOSIS//ICD//10//N1830", None),
        (7, "2152-01-01", "MEDS_DEATH", None),
    ]
    rows = pd.DataFrame(events, columns=["subject_id", "time", "code", "numeric_value"])
    rows.assign(time=pd.to_datetime(rows["time"], format="mixed")).to_parquet(tmp_path / "events.parquet")
    codes = (
        Code("LAB//50912//mg/dL", "measurement", 3016723, "Creatinine [Mass/volume] in Serum or Plasma", 8840, "mg/dL"),
        Code("DIAGNOSIS//ICD//10//N183*", "condition_occurrence", 443597, "Chronic kidney disease stage 3"),
    )

    Meds("events.parquet", (("GENDER//F", FEMALE),), codes).write(tmp_path, tmp_path / "omop")

    read = {path.stem: pd.read_parquet(path) for path in (tmp_path / "omop").iterdir()}
    assert set(read) == {"person", "observation_period", "death", "measurement", "condition_occurrence"}
    assert read["person"].iloc[0].tolist() == [7, FEMALE, 2100]
    assert [str(day)[:10] for day in read["observation_period"].iloc[0, 1:]] == ["2150-05-01", "2152-01-01"]
    assert read["measurement"]["value_as_number"].tolist() == [1.5]
    assert [str(day)[:10] for day in read["condition_occurrence"]["condition_start_date"]] == ["2151-06-02"]


@external_data
def test_the_creatinines_of_the_meds_demo_are_read_in_the_22nd_century(sets: Any) -> None:
    one = sets["meds_mimic_iv_demo"]
    events = pd.read_parquet(one.raw / "parquet" / "events.parquet")
    creatinine = events[events["code"] == "LAB//50912//mg/dL"]
    read = pd.read_parquet(one.tables / "measurement.parquet")
    people = open_source(one.tables).people

    assert (read["measurement_concept_id"] == 3016723).sum() == len(creatinine) == 2_999
    assert len(people) == 100 and (people.death < 2**29).sum() == 31
    assert read["measurement_date"].min().year == 2110 and read["measurement_date"].max().year > 2200


@external_data
def test_the_dead_of_the_emirates_die_when_the_table_says(sets: Any) -> None:
    one = sets["real_ckd_uae"]
    rows = pd.read_parquet(one.raw / "parquet" / "ckd_uae.parquet").set_index("id")
    dead = rows[rows["outcome"] == 1]
    people = open_source(one.tables).people
    died = people.death < 2**29
    expected = number(date(2008, 4, 1)) + (dead["time(months)"] * 30.4375).round()

    assert people.ids[died].tolist() == dead.index.tolist() and len(dead) == 112
    assert people.death[died].tolist() == expected.astype(int).tolist()


def _table(one: ExternalSet) -> Any:
    pathway = pathways.load("kidney_disease")
    source = open_source(one.tables)
    return feature_table(pathway, pathway.predictions[0], source, on=[number(SEEN) + 1])
