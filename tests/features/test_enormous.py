"""A history of tens of thousands of records takes about as much longer as it is longer: one cannot stall a server."""

from __future__ import annotations

import time
from datetime import date, timedelta

import pytest

import pathways
from features.person import PersonReader
from features.vocabulary import Vocabulary
from pathways.words import KINDS

OF_A_KIND = {
    "condition": 201826,
    "measurement": 3020564,
    "medication": 1177480,
    "visit": 9201,
    "procedure": 4120120,
    "observation": 4298794,
}
SHORT, TIMES = 5_000, 8


def history(kind: str, records: int, spread: int) -> dict[str, object]:
    """Records of one kind and concept on `spread` days, of values that go up and down."""
    sent = [
        {
            "kind": kind,
            "concept_id": OF_A_KIND[kind],
            "date": (date(2005, 1, 1) + timedelta(days=at % spread)).isoformat(),
            **({"value": 80 + at % 30, "unit": "umol/L"} if kind == "measurement" else {}),
        }
        for at in range(records)
    ]
    covers = [{"kind": each, "from": "1990-01-01"} for each in KINDS]
    person = {"birth_date": "1950-01-01", "sex": "female", "observed_from": "2000-01-01"}
    return {"person": person, "covers": covers, "records": sent}


def taken(reader: PersonReader, sent: dict[str, object]) -> float:
    """CPU seconds, the best of three."""
    found = []
    for _ in range(3):
        began = time.process_time()
        reader.from_history(sent, date(2024, 1, 1))
        found.append(time.process_time() - began)
    return min(found)


@pytest.mark.parametrize("spread", [6500, 1], ids=["over the years", "on one day"])
@pytest.mark.parametrize("kind", OF_A_KIND)
def test_eight_times_as_many_records_take_less_than_three_times_eight_as_long(kind: str, spread: int) -> None:
    pathway = pathways.load("kidney_disease")
    reader = PersonReader(pathway, pathway.prediction("progression"), Vocabulary({}))

    ratio = taken(reader, history(kind, SHORT * TIMES, spread)) / taken(reader, history(kind, SHORT, spread))

    assert ratio < 3 * TIMES  # were each record held against each other one, it would be 64
