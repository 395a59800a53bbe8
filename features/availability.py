"""For how many of those who may be scored each predictor has a value and each comparator can be computed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from features.cohort import Progress, feature_table
from features.source import Source
from pathways.definition import Pathway, Prediction


@dataclass(frozen=True)
class Available:
    """A predictor or comparator of a prediction, and the share of people with a value on the last of their dates."""

    prediction: str
    kind: str
    name: str
    share: float


def availability(
    pathway: Pathway, prediction: Prediction, source: Source, progress: Progress | None = None
) -> tuple[int, list[Available]]:
    """People who may be scored, and the share of them for whom each thing is there, on each person's last index date.

    Raises
    ------
    NothingToPredict
        If the source gives nobody who may be scored.
    """
    table = feature_table(pathway, prediction, source, progress=progress)
    order = np.lexsort((table.index_day, table.person_id))
    last = order[np.append(np.diff(table.person_id[order]) != 0, True)]
    there = ~np.isnan(table.values[last]).T
    found = [
        Available(prediction.name, "predictor", name, float(has.mean()))
        for name, has in zip(table.columns, there, strict=True)
    ]
    found += [
        Available(prediction.name, "comparator", name, float((~np.isnan(score[last])).mean()))
        for name, score in table.comparators.items()
    ]
    return len(last), found
