"""Nothing that is known on an index date moves when all that came later is changed; and a leak does not get through."""

from copy import copy

import numpy as np
import pytest

import features.future as future
from features import kernel as k
from features.future import unmoved
from features.histories import Rows
from features.source import open_source
from pathways.definition import Predictor
from pathways.words import Has


@pytest.fixture(scope="module")
def source(population):
    return open_source(population)


def test_nothing_of_either_prediction_moves_with_the_future_and_the_outcome_does(pathway, source):
    for prediction in pathway.predictions:
        found = unmoved(pathway, prediction, source, people=200)

        assert found.moved == ()
        assert found.people > 150
        assert found.things > len(prediction.predictors) + len(prediction.requires)
        assert found.values == 3 * found.people * found.things
        # Records of every concept were added after the index date of everybody, so nearly everybody's outcome changed.
        assert found.outcome_moved > 0.9 * found.people
        assert found.added > 50 * found.people


def with_a_leak(pathway, prediction, word):
    """A copy of the prediction with one predictor that no pathway would get past the check for faults."""
    leaky, whole = copy(prediction), copy(pathway)
    object.__setattr__(leaky, "predictors", (*prediction.predictors, Predictor("leak", word)))
    object.__setattr__(whole, "predictions", (leaky,))
    return whole, leaky


def test_a_predictor_that_reads_the_day_of_the_index_is_caught_by_name(pathway, detection, source):
    egfr = next(each.of.of for each in detection.predictors if each.name == "egfr_last")
    leaky, prediction = with_a_leak(pathway, detection, Has(egfr, after_index=True))

    found = unmoved(leaky, prediction, source, people=200)

    ((name, times),) = found.moved
    assert name == "predictor 'leak'"
    assert times > 0


def test_a_source_in_which_nobody_has_an_index_date_says_so(pathway, detection, source, monkeypatch):
    nobody = np.empty(0, dtype=np.int64)
    monkeypatch.setattr(future, "index_dates", lambda *_: (nobody, nobody))

    with pytest.raises(ValueError, match="nobody in this source has an index date"):
        unmoved(pathway, detection, source, people=20)


def rows(**columns):
    """Two records of person 0, before and on the index date of day 100, and one of nobody."""
    fields = {
        "person": [0, 0, -1],
        "slot": [0, 1, 0],
        "day": [50, 100, 200],
        "until": [150, k.MIN_DAY, k.MIN_DAY],
        "value": [1.0, 2.0, 3.0],
        "unit": [0, 0, 0],
        "operator": [0, 0, 0],
        "entered": [k.MIN_DAY, k.MIN_DAY, k.MIN_DAY],
        "record": [17, 33, 49],
    } | columns
    kinds = {"value": np.float64, "record": np.int64}
    return Rows(**{name: np.array(column, dtype=kinds.get(name, np.int32)) for name, column in fields.items()})


def test_a_record_counts_as_later_by_its_day_or_by_its_entry():
    index = np.array([100])

    assert future._later(rows(), index).tolist() == [False, True, False]
    assert future._later(rows(entered=[100, k.MIN_DAY, k.MIN_DAY]), index).tolist() == [True, True, False]


def test_what_is_altered_stays_later_and_what_came_before_stays_as_it_was():
    found = future._altered(rows(), np.array([100]), np.random.default_rng(1))

    assert (found.day[0], found.value[0], found.slot[2]) == (50, 1.0, 0)
    assert found.until[0] >= 100  # an end that lay ahead lies ahead still, but elsewhere
    assert found.day[1] >= 100
    assert found.value[1] != 2.0


def test_people_are_drawn_from_all_over_the_source():
    found = future._sample(20_000, 500)

    assert len(set(found.tolist())) == 500
    assert (found[0], found[-1]) == (0, 19_999)
    assert int((np.diff(found) == 1).sum()) == 490  # ten blocks, in which people stand side by side
    assert future._sample(7, 500).tolist() == list(range(7))
    assert future._sample(0, 500).tolist() == []
