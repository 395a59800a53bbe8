"""The share of people who have a value for a predictor is counted once for each person, on their last index date."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from features.availability import availability
from features.cohort import feature_table
from features.source import open_source
from pathways.definition import Pathway, Prediction


@pytest.fixture(scope="module")
def counted(population: Path, pathway: Pathway, detection: Prediction):
    source = open_source(population)
    return availability(pathway, detection, source), feature_table(pathway, detection, source)


def test_each_person_counts_once(counted) -> None:
    (people, _), table = counted

    assert people == len(np.unique(table.person_id)) < len(table)


def test_a_share_is_that_of_people_with_a_value_on_their_last_index_date(counted) -> None:
    (_, found), table = counted
    at = table.columns.index("bmi_last")
    have = []
    for person in np.unique(table.person_id):
        mine = np.flatnonzero(table.person_id == person)
        have.append(not np.isnan(table.values[mine[np.argmax(table.index_day[mine])], at]))

    (bmi,) = [one.share for one in found if one.name == "bmi_last"]
    assert 0.1 < bmi < 0.99
    assert bmi == pytest.approx(np.mean(have))


def test_comparators_are_counted_too(counted) -> None:
    (_, found), _ = counted

    assert {one.name for one in found if one.kind == "comparator"} >= {"Last eGFR", "NG203 groups"}
