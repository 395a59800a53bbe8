"""Alcohol in the made-up people, beside published figures; each tolerance is stated beside its figure."""

from __future__ import annotations

import numpy as np
import pytest

from synthetic.calendar import NEW_YEAR, age
from synthetic.clinic import draw_clinic
from synthetic.domains import alcohol

LONDON, NORTH = 0, 1


@pytest.fixture(scope="module", params=[LONDON, NORTH])
def drawn(request):
    """Adults of one region in the years in which they were on a list from the first day to the last."""
    clinic = draw_clinic(1, request.param, 1, 12_001)
    people = np.arange(len(clinic.people))
    whole = [
        clinic.lives.seen(people, np.full(len(people), day))
        & clinic.lives.seen(people, np.full(len(people), day + 364))
        for day in NEW_YEAR
    ]
    adult = age(clinic.people.birth[:, None], NEW_YEAR[None, :]) >= 18
    return request.param, clinic, alcohol._drinking(clinic), np.stack(whole, axis=1) & adult, alcohol.draw(clinic).rows


def test_attendances_happen_as_often_as_their_hazard_says(drawn):
    _, _, drinking, seen, _ = drawn
    observed = drinking.attended[seen].sum()

    # People who come often make the number vary more than a Poisson one: four times its standard error.
    assert observed / drinking.hazard[seen].sum() == pytest.approx(1.0, abs=4 / np.sqrt(observed))


def test_half_a_percent_of_adults_has_a_coded_attendance_in_a_year_more_in_the_north(drawn):
    region, _, _, seen, rows = drawn
    found = rows["condition_occurrence"]
    codes = np.isin(found["concept"], (alcohol.INTOXICATION, alcohol.TOXIC, alcohol.WITHDRAWAL)) & found["hospital"]
    year = np.searchsorted(NEW_YEAR, found["day"][codes], side="right") - 1
    who, when = np.unique(np.stack([found["who"][codes], year]), axis=1)

    # Target of clinical_b.md 5.3, [D], no published figure: North 0.6%, London 0.4% of adults.
    assert 100 * seen[who, when].sum() / seen.sum() == pytest.approx({LONDON: 0.4, NORTH: 0.6}[region], rel=0.25)


def test_one_person_in_twenty_who_come_makes_a_large_part_of_the_attendances(drawn):
    _, _, drinking, seen, _ = drawn
    times = np.sort(np.where(seen, drinking.attended, 0).sum(axis=1))[::-1]
    often = times[: max(1, int(0.05 * np.sum(times > 0)))]

    assert 0.15 < often.sum() / times.sum() < 0.55  # "5% of patients make ~40% of events" (5.3, [D])


def test_half_of_the_attendances_are_from_friday_to_sunday(drawn):
    _, _, _, _, rows = drawn
    weekday = (rows["visit_occurrence"]["day"] + 3) % 7

    share = np.mean(weekday >= 4)
    assert share == pytest.approx(0.511, abs=3 * 0.5 / np.sqrt(len(weekday)))  # S25


def test_emergency_departments_code_between_a_tenth_and_a_half(drawn):
    _, clinic, _, _, _ = drawn
    people = np.arange(len(clinic.people))
    rates = np.unique(alcohol.coding_rate(clinic, people, np.full(len(people), NEW_YEAR[14])))

    assert 15 < len(rates) <= 60
    assert np.mean((rates > 0.08) & (rates < 0.5)) > 0.8


def test_units_are_asked_of_a_quarter_in_five_years_and_tests_of_fewer(drawn):
    _, clinic, _, _, rows = drawn
    since, until = NEW_YEAR[12], NEW_YEAR[17]
    here = np.flatnonzero((clinic.lives.first < since) & (clinic.lives.last >= until))
    here = here[age(clinic.people.birth[here], np.full(len(here), since)) >= 18]
    asked = rows["observation"]
    within = (asked["day"] >= since) & (asked["day"] < until)

    def share(concept):
        return np.isin(here, asked["who"][within & (asked["concept"] == concept)]).mean()

    assert share(alcohol.UNITS) == pytest.approx(0.25, abs=0.08)  # S27 of clinical_b.md 5.3
    assert share(alcohol.AUDIT_C) < 0.10


def test_one_in_six_scores_five_or_more_in_audit_c(drawn):
    _, _, _, _, rows = drawn
    asked = rows["observation"]
    score = asked["value"][asked["concept"] == alcohol.AUDIT_C]

    assert np.mean(score <= 4) == pytest.approx(0.838, abs=0.06)  # Lancashire Teaching Hospitals (S42)


def test_nobody_who_never_drinks_scores_in_audit_c():
    assert alcohol.audit_c(np.zeros(3), np.array([-2.0, 0.0, 2.0])).tolist() == [0, 0, 0]
