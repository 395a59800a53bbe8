"""Truth that can be reached: a model that is given what is true ranks as the stated hazard does, and no better."""

from __future__ import annotations

import lightgbm
import numpy as np
import pytest

from synthetic.bloods import draw_bloods
from synthetic.calendar import NEW_YEAR, age
from synthetic.clinic import draw_clinic
from synthetic.codes import confirmed
from synthetic.domains import alcohol, asthma, kidney_disease
from synthetic.rows import ordered, taken
from tests.synthetic.conftest import together


def ranked(outcome, score):
    """Share of pairs that are the right way round, by its meaning."""
    ones, others = np.sort(score[outcome]), score[~outcome]
    below = np.searchsorted(ones, others, side="left") + np.searchsorted(ones, others, side="right")
    return 1 - below.mean() / 2 / len(ones)


def learnt(values, outcome, teach):
    model = lightgbm.LGBMClassifier(n_estimators=150, learning_rate=0.05, num_leaves=15, verbosity=-1, random_state=1)
    model.fit(values[teach], outcome[teach])
    return model.predict_proba(values[~teach])[:, 1]


@pytest.fixture(scope="module")
def clinic():
    return together([draw_clinic(2, region, 1, 8_001) for region in (0, 1)])


def test_a_model_of_the_true_causes_of_asthma_attacks_reaches_the_stated_hazard(clinic):
    found = asthma._asthma(clinic)
    row, year = np.nonzero(found.active)
    outcome, hazard = found.attacks[row, year] > 0, found.hazard[row, year]
    who = found.who[row]
    causes = [
        age(clinic.people.birth[who], NEW_YEAR[year]),
        clinic.people.deprivation[who],
        clinic.people.ethnicity[who],
        found.relievers[row, year],
        found.preventers[row, year],
        found.before[row, year],
        clinic.draws.normal("attacks of asthma", clinic.people.person[who]),
        clinic.habits.build[who],
    ]
    teach = clinic.people.household[who] % 2 == 0

    true = ranked(outcome[~teach], hazard[~teach])
    assert ranked(outcome[~teach], learnt(np.column_stack(causes), outcome, teach)) == pytest.approx(true, abs=0.02)


def test_a_model_of_the_true_causes_of_attendances_reaches_the_stated_hazard(clinic):
    found = alcohol._drinking(clinic)
    ages = age(clinic.people.birth[:, None], NEW_YEAR[None, :])
    who, year = np.nonzero(ages >= 18)
    outcome, hazard = found.attended[who, year] > 0, found.hazard[who, year]
    causes = [
        ages[who, year],
        clinic.people.female[who],
        clinic.people.deprivation[who],
        clinic.people.region[who],
        clinic.habits.units[who],
        found.dependent[who, year],
        np.log(np.maximum(found.frailty[who], 1e-9)),
        found.before[who, year],
        clinic.illness["depression"].age[who] <= ages[who, year],
    ]
    teach = clinic.people.household[who] % 2 == 0

    true = ranked(outcome[~teach], hazard[~teach])
    assert ranked(outcome[~teach], learnt(np.column_stack(causes), outcome, teach)) == pytest.approx(true, abs=0.02)


@pytest.mark.parametrize("region", [0, 1])
def test_kidney_disease_is_confirmed_as_often_as_its_hazard_says(region):
    """Two low values 90 days apart, of those without them so far; the hazard is that of New Year's Day."""
    clinic = draw_clinic(1, region, 1, 8_001)
    rows = ordered(draw_bloods(clinic), "who", "day")
    rows = taken(rows, ~rows["hospital"])
    who, day = confirmed(rows["who"], rows["day"], rows["egfr"] < 60)
    first = np.full(len(clinic.people), 10**7)
    first[who] = day
    truth = kidney_disease.draw(clinic).truth["kidney_disease.detection"]
    at_risk = clinic.lives.seen(truth["who"], truth["day"]) & (first[truth["who"]] >= truth["day"])
    people, start = truth["who"][at_risk], truth["day"][at_risk]
    until = np.minimum(np.minimum(start + 365, clinic.lives.last[people]), first[people])
    expected = np.sum(truth["hazard"][at_risk] * np.maximum(until - start, 0) / 365)
    observed = np.sum(first[people] < start + 365)

    assert observed / expected == pytest.approx(1.0, abs=0.05 + 3 / np.sqrt(observed))
