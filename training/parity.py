"""Whether one person, read alone as serving reads, has the predictors that the table has: the same bits."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from features.days import calendar_date
from features.person import PersonReader
from features.source import Source
from features.table import FeatureTable
from pathways.definition import Pathway, Prediction
from pathways.parts import concept_sets
from training.certificate import Certificate, Check

PEOPLE = 30
ASKS = "Does one person, read alone as an answer reads, have the predictors of the table, bit for bit?"


def not_compared() -> Certificate:
    """What is said where there are no records to read from."""
    return Certificate((Check("parity", ASKS, "not run", "Not run: the records behind the table were not given."),), ())


def parity(pathway: Pathway, prediction: Prediction, table: FeatureTable, source: Source) -> Certificate:
    """Compare people spread over the table."""
    rows = np.unique(np.linspace(0, len(table) - 1, min(PEOPLE, len(table))).astype(int))
    some = source.held(table.person_id[rows])
    reader = PersonReader(pathway, prediction, some.vocabulary(concept_sets(pathway)), some)
    differ = 0
    for row in rows.tolist():
        as_of = calendar_date(int(table.index_day[row])) - timedelta(days=1)
        alone = reader.from_source(int(table.person_id[row]), as_of).predictors
        differ += alone.tobytes() != table.values[row].tobytes()
    if differ:
        said = f"No: {differ} of {len(rows)} people differ, so answers would not be what was examined."
        return Certificate((Check("parity", ASKS, "breach", said),), ())
    return Certificate((Check("parity", ASKS, "pass", f"Yes, all {len(rows)} people who were compared."),), ())
