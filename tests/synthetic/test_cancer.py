"""Cancers in the made-up people, beside published figures; each tolerance is stated beside its figure."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from synthetic.calendar import NEVER, NEW_YEAR, age, day_of
from synthetic.clinic import draw_clinic
from synthetic.domains import breast, cancer
from synthetic.tumours import BREAST, SITES
from tests.synthetic.conftest import together

LONDON, NORTH = 0, 1


@pytest.fixture(scope="module")
def drawn():
    """Both regions, and the symptoms and codes of everybody."""
    clinics = [draw_clinic(1, region, 1, 12_001) for region in (LONDON, NORTH)]
    return {region: (clinic, cancer.draw(clinic).rows) for region, clinic in enumerate(clinics)}


def seen(clinic, day):
    return clinic.lives.seen(np.arange(len(clinic.people)), np.full(len(clinic.people), day))


@pytest.mark.parametrize(("region", "published"), [(LONDON, 2.13), (NORTH, 3.25)])
def test_the_cancer_register_is_near_the_published_one(drawn, region, published):
    clinic, rows = drawn[region]
    day = day_of(2020, 3, 31)
    codes = {site.concept for site in SITES} | {code for each in cancer.CODES.values() for code, _ in each}
    found = together([rows["condition_occurrence"], breast.draw(clinic).rows["condition_occurrence"]])
    coded = found["who"][np.isin(found["concept"], list(codes)) & (found["day"] <= day)]
    late = clinic.tumours.diagnosis[coded] >= day_of(2003, 4)
    here = seen(clinic, day)

    # QOF 2019/20 by fifth, diagnosed since April 2003: North 2.84-3.70%, London 1.86-2.86% (clinical_a.md 0.5)
    share = 100 * here[np.unique(coded[late])].sum() / here.sum()
    assert share == pytest.approx(published, rel=0.25)


@pytest.mark.parametrize("region", [LONDON, NORTH])
def test_cancers_are_found_as_often_as_their_hazard_says(drawn, region):
    clinic, _ = drawn[region]
    observed = expected = 0.0
    for day in NEW_YEAR:
        who = np.flatnonzero(seen(clinic, day) & (clinic.tumours.diagnosis > day))
        until = np.minimum(clinic.lives.last[who], day + 364)
        observed += np.sum(clinic.tumours.diagnosis[who] <= until)
        hazard = clinic.tumours.hazard(clinic.people, who, np.full(len(who), day))
        expected += np.sum(1 - np.exp(-hazard * (until - day + 1) / 365))

    # A tenth: the hazard of a year takes those who begin in it as followed for all of it.
    assert observed / expected == pytest.approx(1.0, abs=0.1)


def test_men_of_deprived_areas_have_twice_the_lung_cancer(drawn):
    rate = {}
    for fifth in (1, 5):
        cases = years = 0.0
        for clinic, _ in drawn.values():
            old = (clinic.people.deprivation == fifth) & ~clinic.people.female
            ages = clinic.people.ages()
            at_risk = old[:, None] & (ages > 60) & (ages < 80)
            found = (clinic.tumours.found[:, 0][:, None] >= NEW_YEAR) & (
                clinic.tumours.found[:, 0][:, None] < NEW_YEAR + 365
            )
            cases, years = cases + np.sum(found & at_risk), years + np.sum(at_risk)
        rate[fifth] = cases / years

    assert 1.5 < rate[1] / rate[5] < 5.0  # 145 / 56 = 2.6, and deprived people smoke more on top


@pytest.mark.external
@pytest.mark.parametrize(
    ("concept", "name"),
    [
        (200219, "Abdominal pain"),
        (4026112, "Rectal bleeding"),
        (439418, "Dyspepsia"),
        (312437, "Dyspnoea"),
        (4223659, "Fatigue"),
    ],
)
def test_the_risk_in_the_year_after_a_symptom_is_near_that_of_uk_practices(drawn, shared, concept, name):
    """Between three quarters of the lowest and four thirds of the highest group of the table, at 55 to 75 years."""
    with (shared / "research" / "cancer_symptom_risk_12m_cprd.csv").open(encoding="utf-8") as file:
        table = [row for row in csv.DictReader(file) if row["index_symptom"] == name and row["age"] in ("60", "70")]
    risks = [float(row["any_cancer_pct"]) for row in table]
    found = people = 0
    for clinic, rows in drawn.values():
        mine = rows["condition_occurrence"]["concept"] == concept
        who, day = rows["condition_occurrence"]["who"][mine], rows["condition_occurrence"]["day"][mine]
        years, until = age(clinic.people.birth[who], day), clinic.tumours.diagnosis[who]
        known = (until > day) & ((clinic.lives.last[who] >= day + 365) | (until <= day + 365))
        known &= (years >= 55) & (years < 75)
        found, people = found + np.sum(until[known] <= day[known] + 365), people + np.sum(known)

    assert 0.75 * min(risks) < 100 * found / people < 1.33 * max(risks)


def test_one_cancer_in_five_comes_by_the_emergency_department(drawn):
    stays = codes = 0
    for clinic, rows in drawn.values():
        here = clinic.lives.seen(np.arange(len(clinic.people)), np.minimum(clinic.tumours.diagnosis, NEVER - 1))
        codes += np.sum(here & (clinic.tumours.site >= 0) & (clinic.tumours.site != BREAST))
        stays += len(rows["visit_occurrence"]["who"])

    assert stays / codes == pytest.approx(0.20, abs=0.03)  # NCRAS 2013


@pytest.mark.parametrize(("region", "coverage"), [(LONDON, 0.62), (NORTH, 0.68)])
def test_screening_reaches_as_many_women_as_published(drawn, region, coverage):
    clinic, _ = drawn[region]
    day = day_of(2024, 6)
    years = age(clinic.people.birth, np.full(len(clinic.people), day))
    women = seen(clinic, day) & clinic.people.female & (years >= 53) & (years < 71)
    lately = (clinic.tumours.screened[women] <= day) & (clinic.tumours.screened[women] > day - 3 * 366)

    # London 62% in 2024 (S66); the North is ours
    assert np.mean(lately.any(axis=1)) == pytest.approx(coverage, abs=0.08)


def test_a_relative_is_recorded_for_one_or_two_women_in_a_hundred(drawn):
    told = women = true = 0
    for clinic, _ in drawn.values():
        day = day_of(2022)
        here = seen(clinic, day) & clinic.people.female
        here &= age(clinic.people.birth, np.full(len(clinic.people), day)) >= 30
        rows = breast.draw(clinic).rows["observation"]
        coded = np.unique(rows["who"][(rows["concept"] == breast.FAMILY) & (rows["day"] <= day)])
        told, women = told + here[coded].sum(), women + here.sum()
        true += breast.has_relative(clinic)[here].sum()

    assert told / women == pytest.approx(0.013, abs=0.007)  # S61
    assert true / women == pytest.approx(0.073, abs=0.01)  # S59


def test_women_with_a_relative_have_nearly_twice_the_risk(drawn):
    clinic, _ = drawn[NORTH]
    women = clinic.people.female
    relative = breast.has_relative(clinic) > 0
    times = clinic.tumours.times[:, BREAST]

    assert times[women & relative].mean() / times[women & ~relative].mean() == pytest.approx(1.8, abs=0.25)  # S59


def test_nobody_is_screened_after_the_diagnosis(drawn):
    clinic, _ = drawn[NORTH]
    rows = breast.draw(clinic).rows["procedure_occurrence"]
    screens = rows["concept"] == breast.SCREENING

    assert np.all(clinic.tumours.diagnosis[rows["who"][screens]] > rows["day"][screens])
    assert np.all(clinic.people.female[rows["who"]])
