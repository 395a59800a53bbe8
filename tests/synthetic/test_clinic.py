"""The made-up people are near published figures; each tolerance is stated beside its figure."""

from __future__ import annotations

import numpy as np
import pytest

from synthetic import places
from synthetic.calendar import NEVER, NEW_YEAR, age, day_of
from synthetic.clinic import draw_clinic
from synthetic.kidney import creatinine_umol, egfr_of

MIDDLE = day_of(2018, 7)
LONDON, NORTH = 0, 1


def value(cdm, query):
    """The one value that a query gives."""
    return cdm.execute(query).fetchall()[0][0]


@pytest.fixture(scope="module")
def on_list(truth):
    """Positions, ages and true eGFR of the people on a list on 1 July 2018."""
    who = np.flatnonzero(truth.lives.seen(np.arange(len(truth.people)), np.full(len(truth.people), MIDDLE)))
    day = np.full(len(who), MIDDLE)
    return who, age(truth.people.birth[who], day), truth.kidneys.true_egfr(who, day)


@pytest.mark.parametrize(
    ("low", "high", "published", "tolerance"),
    [
        # Coded G3a-5 by age (CVDPREVENT March 2024, clinical_a.md 1.8) is 0.08, 0.89, 7.84 and 30.42%; coding reaches
        # about two thirds to three quarters of the biochemical disease, so the truth should be at coded / 0.7.
        (18, 40, 0.11, 0.15),
        (40, 60, 1.3, 0.6),
        (60, 80, 11.2, 2.0),
        (80, 110, 43.5, 9.0),
        # Health Survey for England 2016: 7.3% of those over 16; here fewer are very old.
        (16, 110, 7.3, 2.0),
    ],
)
def test_low_kidney_function_by_age_is_near_the_published_share(on_list, low, high, published, tolerance):
    _, ages, egfr = on_list
    band = (ages >= low) & (ages < high)

    assert 100 * np.mean(egfr[band] < 60) == pytest.approx(published, abs=tolerance)


def test_kidney_failure_is_rare(on_list):
    _, ages, egfr = on_list

    # CKD 4-5 is new in 1.1 of 1,000 people a year (clinical_a.md 1.8): under 1.5% are below 30 at any time.
    assert 0.002 < np.mean(egfr[ages >= 18] < 30) < 0.015


def test_deprived_people_have_more_low_kidney_function_at_the_same_age(truth, on_list):
    who, ages, egfr = on_list
    fifth, old = truth.people.deprivation[who], (ages >= 60) & (ages < 80)

    most = np.mean(egfr[old & (fifth == 1)] < 60)
    least = np.mean(egfr[old & (fifth == 5)] < 60)
    assert 1.0 < most / least < 2.2  # age-standardised coded 4.95 / 3.45 = 1.43


@pytest.mark.parametrize(
    ("illness", "region", "published"),
    [
        # Quality and Outcomes Framework, crude %, North and London (clinical_a.md 0.5, mean of the fifths).
        ("ischaemic heart disease", NORTH, 3.68),
        ("ischaemic heart disease", LONDON, 1.97),
        ("stroke", NORTH, 2.08),
        ("stroke", LONDON, 1.10),
        ("heart failure", NORTH, 1.06),
        ("heart failure", LONDON, 0.55),
        ("hypertension", NORTH, 15.05),
        ("hypertension", LONDON, 11.0),
    ],
)
def test_registers_are_near_the_published_ones(truth, on_list, illness, region, published):
    who, _, _ = on_list
    here = truth.people.region[who] == region
    coded = truth.illness[illness].coded[who] <= MIDDLE

    # A fifth, and what a register of so few people may be off by chance (two standard errors).
    chance = 2 * np.sqrt(published / 100 / here.sum()) * 100
    assert 100 * np.mean(coded[here]) == pytest.approx(published, abs=0.2 * published + chance)


def test_london_is_younger_and_less_white_than_the_north(truth, on_list):
    who, ages, _ = on_list
    region = truth.people.region[who]
    british = truth.people.ethnicity[who] == 0

    assert np.mean(ages[region == NORTH]) - np.mean(ages[region == LONDON]) > 1.0
    assert np.mean(british[region == LONDON]) == pytest.approx(0.368, abs=0.05)  # Census 2021: 3,239 of 8,800 thousand
    assert np.mean(british[region == NORTH]) == pytest.approx(0.812, abs=0.05)  # Census 2021: 6,019 of 7,417 thousand


@pytest.mark.parametrize(("region", "turnover", "lost"), [(LONDON, 0.20, 0.09), (NORTH, 0.09, 0.036)])
def test_practice_lists_turn_over_by_a_fifth_in_london_and_half_of_those_are_lost(
    truth, on_list, region, turnover, lost
):
    """London: the brief. What is lost to the extract is ours; so is the North."""
    who, _, _ = on_list
    who = who[truth.people.region[who] == region]
    until = MIDDLE + 365
    gone = (truth.lives.last[who] < until) & (truth.lives.death[who] >= until)
    moved = np.any((truth.people.stays.day[who] > MIDDLE) & (truth.people.stays.day[who] <= until), axis=1)

    assert np.mean(gone | moved) == pytest.approx(turnover, abs=0.02)
    assert np.mean(gone) == pytest.approx(lost, abs=0.015)


def test_the_seriously_ill_are_lost_less_often_than_others_of_their_age(truth, on_list):
    who, ages, _ = on_list
    middle = (ages >= 40) & (ages < 65)
    ill = truth.illness["type 2 diabetes"].coded[who] <= MIDDLE
    gone = (truth.lives.last[who] < MIDDLE + 3 * 365) & (truth.lives.death[who] >= MIDDLE + 3 * 365)

    assert np.mean(gone[middle & ill]) < 0.9 * np.mean(gone[middle & ~ill])


def test_children_live_with_their_mother_and_brothers_and_sisters():
    people = draw_clinic(1, NORTH, 1, 4_001).people
    child = np.flatnonzero(people.mother >= 0)
    years = (people.birth[child] - people.birth[people.mother[child]]) / 365.25

    assert np.all(people.household[child] == people.household[people.mother[child]])
    assert np.all(people.female[people.mother[child]])
    assert np.all((years > 15.9) & (years < 45.1))
    assert np.mean(years) == pytest.approx(30.5, abs=1.5)  # ours, near the mean age of mothers at all births


def test_people_by_age_are_the_official_ones_of_2020_within_a_fifth(truth):
    day = day_of(2020, 7)
    here = truth.lives.seen(np.arange(len(truth.people)), np.full(len(truth.people), day))
    for region in (LONDON, NORTH):
        who = np.flatnonzero(here & (truth.people.region == region))
        bands = np.minimum(age(truth.people.birth[who], np.full(len(who), day)) // 10, 8).astype(int)
        found = np.bincount(bands, minlength=9) / len(who)
        five = places.people_of(region)
        official = np.array([*five[:16].reshape(8, 2).sum(axis=1), five[16:].sum()]) / five.sum()

        chance = 2 * np.sqrt(official / len(who))
        assert np.all(np.abs(found - official) < 0.2 * official + chance)


def test_old_people_die_as_often_as_people_do(truth):
    at_80 = np.abs(truth.people.ages() - 80.5) < 1.5
    start = NEW_YEAR
    seen = at_80 & (truth.lives.first[:, None] <= start) & (truth.lives.last[:, None] >= start)
    died = (truth.lives.death[:, None] >= start) & (truth.lives.death[:, None] < start + 365)

    assert np.sum(died & seen) / np.sum(seen) == pytest.approx(0.05, abs=0.015)  # about 5% a year in England
    assert np.all(truth.lives.death[truth.lives.death < NEVER] == truth.lives.last[truth.lives.death < NEVER])


@pytest.mark.parametrize(
    ("creatinine", "years", "female", "egfr"),
    [(88.4, 50, False, 87.37), (88.4, 50, True, 65.64), (120, 82, True, 36.23), (60, 35, True, 113.40)],
)
def test_creatinine_and_egfr_follow_ckd_epi_2009_both_ways(creatinine, years, female, egfr):
    """Expected values: the table of clinical_a.md 1.6."""
    ages, sex = np.array([float(years)]), np.array([female])

    assert egfr_of(np.array([float(creatinine)]), ages, sex)[0] == pytest.approx(egfr, abs=0.005)
    assert creatinine_umol(np.array([egfr]), ages, sex)[0] == pytest.approx(creatinine, abs=0.02)


def test_a_tenth_of_practices_sends_creatinine_in_mg_per_dl(cdm):
    units = cdm.execute(
        """SELECT unit_concept_id, measurement_concept_id, count(*), median(value_as_number) FROM measurement
        WHERE measurement_concept_id IN (3020564, 3016723) AND unit_concept_id <> 0 GROUP BY 1, 2 ORDER BY 1"""
    ).fetchall()

    (si, in_si, many, typical), (mg, in_mg, few, typical_mg) = units
    assert (si, in_si, mg, in_mg) == (8749, 3020564, 8840, 3016723)
    assert few / (few + many) == pytest.approx(0.10, abs=0.04)
    assert typical / typical_mg == pytest.approx(88.4, rel=0.05)


@pytest.mark.parametrize(
    ("concept", "unit"),
    [
        (3004249, 8876),
        (3012888, 8876),
        (3038553, 9531),
        (3000963, 8636),
        (3019900, 8753),
        (3020682, 9075),
        (3001802, 8723),
    ],
)
def test_each_measurement_has_its_unit_but_for_the_faults(cdm, concept, unit):
    units = cdm.execute(f"SELECT DISTINCT unit_concept_id FROM measurement WHERE measurement_concept_id = {concept}")

    assert {row[0] for row in units.fetchall()} <= {unit, 0}


def test_comparators_are_below_3_and_above_90(cdm):
    rows = cdm.execute(
        """SELECT DISTINCT operator_concept_id, value_source_value FROM measurement
        WHERE operator_concept_id IS NOT NULL ORDER BY 1"""
    ).fetchall()

    assert rows == [(4171756, "<3"), (4172704, ">90")]


def test_blood_pressures_prefer_to_end_in_0(cdm):
    share = value(
        cdm, "SELECT avg((value_as_number % 10 = 0)::INT) FROM measurement WHERE measurement_concept_id = 3004249"
    )

    assert 0.3 < share < 0.55  # a tenth without preference


YEAR = """SELECT person_id,
  EXISTS (FROM condition_occurrence c WHERE c.person_id = o.person_id AND condition_concept_id IN (201254, 201826)
    AND condition_start_date < DATE '2021-01-01') AS diabetes,
  EXISTS (FROM condition_occurrence c WHERE c.person_id = o.person_id AND condition_concept_id IN (316866, 320128)
    AND condition_start_date < DATE '2021-01-01') AS hypertension,
  EXISTS (FROM measurement m WHERE m.person_id = o.person_id AND year(measurement_date) = 2021
    AND measurement_concept_id IN (3020564, 3016723, 40764999, 44790183)) AS egfr,
  EXISTS (FROM measurement m WHERE m.person_id = o.person_id AND year(measurement_date) = 2021
    AND measurement_concept_id IN (3020682, 3001802)) AS acr
FROM observation_period o JOIN person USING (person_id) WHERE year_of_birth < 2002
  AND observation_period_start_date <= DATE '2021-01-01' AND observation_period_end_date >= DATE '2021-12-31'"""


@pytest.mark.parametrize(
    ("who", "test", "published", "tolerance"),
    [
        # clinical_a.md 1.8; the others' share is an assumption there
        ("diabetes", "egfr", 0.86, 0.08),
        ("hypertension AND NOT diabetes", "egfr", 0.75, 0.10),
        ("NOT hypertension AND NOT diabetes", "egfr", 0.25, 0.08),
        ("diabetes", "acr", 0.54, 0.10),
        ("NOT hypertension AND NOT diabetes", "acr", 0.05, 0.05),
    ],
)
def test_who_is_tested_in_a_year_is_not_at_random(cdm, who, test, published, tolerance):
    share = value(cdm, f"SELECT avg({test}::INT) FROM ({YEAR}) WHERE {who}")

    assert share == pytest.approx(published, abs=tolerance)


FOUND = """WITH low AS (
  SELECT person_id, measurement_date AS day, value_as_number * IF(unit_concept_id = 8840, 88.4, 1) / 88.4 AS mg,
    gender_concept_id = 8532 AS female,
    date_diff('day', make_date(year_of_birth, month_of_birth, 1), day) / 365.25 AS age
  FROM measurement JOIN person USING (person_id) JOIN observation_period USING (person_id)
  WHERE measurement_concept_id IN (3020564, 3016723) AND value_as_number BETWEEN 0.1 AND 3000
    AND measurement_date BETWEEN observation_period_start_date AND observation_period_end_date),
egfr AS (
  SELECT person_id, day, avg(141 * IF(female, 1.018, 1) * pow(0.993, age)
    * pow(least(mg / IF(female, 0.7, 0.9), 1), IF(female, -0.329, -0.411))
    * pow(greatest(mg / IF(female, 0.7, 0.9), 1), -1.209)) AS level FROM low GROUP BY person_id, day),
runs AS (
  SELECT *, sum((level >= 60)::INT) OVER (PARTITION BY person_id ORDER BY day) AS run FROM egfr),
starts AS (SELECT *, min(day) OVER (PARTITION BY person_id, run) AS first FROM runs WHERE level < 60),
evidence AS (
  SELECT person_id, min(day) AS day FROM starts WHERE date_diff('day', first, day) >= 90 GROUP BY person_id
  UNION ALL
  SELECT person_id, condition_start_date FROM condition_occurrence
  WHERE condition_concept_id IN (443597, 45763854, 45763855, 443612, 443611)),
found AS (SELECT person_id, min(day) AS day FROM evidence GROUP BY person_id)
SELECT count(*) FILTER (WHERE f.day <= DATE '2021-07-01') AS new, count(*) AS tested
FROM observation_period o JOIN person p USING (person_id) LEFT JOIN found f USING (person_id)
WHERE year_of_birth <= 1998 AND observation_period_start_date <= DATE '2015-07-01'
  AND observation_period_end_date >= DATE '2021-07-01' AND (f.day IS NULL OR f.day > DATE '2016-07-01')
  AND EXISTS (FROM egfr e WHERE e.person_id = o.person_id AND e.day BETWEEN DATE '2011-07-01' AND DATE '2016-07-01')"""


def test_new_kidney_disease_is_found_in_four_to_eight_of_100_tested_adults_in_five_years(cdm):
    """Written again here from section 1.3 of clinical_a.md, among those who stay for the five years."""
    new, tested = cdm.execute(FOUND).fetchall()[0]

    assert tested > 800
    assert 0.04 < new / tested < 0.08


def test_about_two_thirds_of_low_kidney_function_is_coded(cdm):
    """National CKD Audit: about a third of biochemical CKD is uncoded; practices' median is 74% coded."""
    share = value(
        cdm,
        """WITH coded AS (SELECT DISTINCT person_id FROM condition_occurrence
          WHERE condition_start_date < DATE '2024-01-01'
            AND condition_concept_id IN (46271022, 443597, 45763854, 45763855, 443612, 443611))
        SELECT avg((c.person_id IS NOT NULL)::INT) FROM "kidney_disease.detection" e
        LEFT JOIN coded c USING (person_id) WHERE day = DATE '2024-01-01' AND egfr < 58""",
    )

    assert 0.5 < share < 0.8
