"""One set for one prediction: who may be scored, what became of every row, what is missing, and how well it goes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from evaluation.disclosure import publish_rows, suppress, suppress_table
from evaluation.groups import Row, by_axis, followable, known
from external.directions import Direction, directions
from external.sets import ExternalSet
from features.cohort import NothingToPredict, feature_table
from features.source import SourceError, open_source
from features.table import OUTCOME, FeatureTable
from pathways.definition import Pathway, Prediction
from registry.model import Model
from training.compare import same_people

WORST = 10
REQUIRED = "left out, required input missing: "

Count = int | None
"""None where it must be hidden."""


@dataclass(frozen=True)
class Lacking:
    """A required input or a predictor, and the share of index dates at which it is missing; None if hidden."""

    name: str
    required: bool
    share: float | None


@dataclass(frozen=True)
class Scoring:
    """How a model does on a set: at each horizon, by region at the primary one, against the comparators.

    `directions` are those of single predictors by the primary horizon.
    """

    primary: int
    horizons: tuple[Mapping[str, Any], ...]
    regions: tuple[Mapping[str, Any], ...]
    comparators: tuple[Mapping[str, Any], ...]
    directions: tuple[Direction, ...]


@dataclass(frozen=True)
class Examined:
    """What is shown of a set: counts and figures only, those of real people as `evaluation.disclosure` allows.

    `lacks` says why nobody can be scored; it is empty where somebody can. `never` are the predictors that hold for
    nobody: the set has no such records, or codes them in a way that no concept set knows.
    """

    prediction: str
    real: bool
    people: Count
    scored: Count
    index_dates: Count
    outcomes: tuple[tuple[int, Count], ...]
    attrition: tuple[tuple[str, Count], ...]
    accounts: Mapping[str, Mapping[str, Count]]
    lacks: tuple[str, ...]
    missing: tuple[Lacking, ...]
    never: tuple[str, ...]
    predictors: int
    scoring: Scoring | None


def examine(
    one: ExternalSet, pathway: Pathway, prediction: Prediction, model: Model | None
) -> tuple[Examined, FeatureTable | None]:
    """Read a set, find who may be scored, score them, and say what there is to say; the table is for training on."""
    try:
        table = feature_table(pathway, prediction, open_source(one.tables), on=one.days)
    except SourceError as unreadable:
        return _nothing(one, prediction, (), {}, unreadable.problems), None
    except NothingToPredict as nothing:
        return _nothing(one, prediction, nothing.attrition, nothing.accounts, nothing.lacks), None
    return _found(one, prediction, table, model), table


def _nothing(
    one: ExternalSet,
    prediction: Prediction,
    attrition: tuple[tuple[str, int], ...],
    accounts: Mapping[str, Mapping[str, int]],
    lacks: tuple[str, ...],
) -> Examined:
    return Examined(
        prediction=prediction.name,
        real=one.real,
        people=_count(dict(attrition).get("people in the source", 0), one.real),
        scored=0,
        index_dates=0,
        outcomes=tuple((horizon, 0) for horizon in prediction.horizons),
        attrition=_steps(attrition, one.real),
        accounts=_rows(accounts, one.real),
        lacks=lacks,
        missing=_required(prediction, attrition, one.real),
        never=(),
        predictors=len(prediction.predictors),
        scoring=None,
    )


def _found(one: ExternalSet, prediction: Prediction, table: FeatureTable, model: Model | None) -> Examined:
    wording = {each.name: each.wording or each.name for each in prediction.predictors}
    lacking = [Lacking(wording[name], False, share) for name, share in _shares(table, one.real)]
    never = [wording[name] for at, name in enumerate(table.columns) if not np.any(np.nan_to_num(table.values[:, at]))]
    happened = [
        (horizon, int(np.count_nonzero((table.event == OUTCOME) & (table.time < horizon))))
        for horizon in prediction.horizons
    ]
    return Examined(
        prediction=prediction.name,
        real=one.real,
        people=_count(dict(table.attrition)["people in the source"], one.real),
        scored=_count(len(np.unique(table.person_id)), one.real),
        index_dates=_count(len(table), one.real),
        outcomes=tuple((horizon, _count(count, one.real)) for horizon, count in happened),
        attrition=_steps(table.attrition, one.real),
        accounts=_rows(table.accounts, one.real),
        lacks=(),
        missing=(*_required(prediction, table.attrition, one.real), *lacking[:WORST]),
        never=tuple(never),
        predictors=len(prediction.predictors),
        scoring=None if model is None else score(model, prediction, table, one.real),
    )


def score(model: Model, prediction: Prediction, table: FeatureTable, real: bool) -> Scoring | None:
    """Every horizon, every region, every comparator; None if nobody could have been followed to the primary horizon."""
    recalibration = model.recalibration
    if not followable(table, recalibration.primary).any():
        return None
    risks = model.risks(table.values, table.axes["region"].tolist())
    horizons = []
    for at, horizon in enumerate(recalibration.horizons):
        everybody = _shown(by_axis(table, risks[:, at], horizon, axes=()), real)[0]
        horizons.append({"horizon_days": horizon} | everybody)
    risk = risks[:, recalibration.primary_index]
    rows = by_axis(table, risk, recalibration.primary, axes=("region",))
    regions = [row for row in _shown(rows, real) if row["axis"] == "region"]
    seen = known(table, recalibration.primary)
    return Scoring(
        primary=recalibration.primary,
        horizons=tuple(horizons),
        regions=tuple(regions if len(regions) > 1 else ()),
        comparators=tuple(
            {"name": name} | same_people(score, risk, seen, table) for name, score in table.comparators.items()
        ),
        directions=directions(prediction, table.values, seen.outcome, seen.weight, table.family),
    )


def _shown(rows: tuple[Row, ...], real: bool) -> list[dict[str, Any]]:
    return publish_rows(rows) if real else [row.to_json() for row in rows]


def _shares(table: FeatureTable, real: bool) -> list[tuple[str, float | None]]:
    """The share of index dates without each predictor, the worst first."""
    gone = np.isnan(table.values).sum(axis=0)
    order = np.argsort(-gone, kind="stable")
    return [(table.columns[at], _share(int(gone[at]), len(table), real)) for at in order if gone[at]]


def _required(prediction: Prediction, attrition: tuple[tuple[str, int], ...], real: bool) -> tuple[Lacking, ...]:
    """Each required input, and how many of those who are left when it is asked for do not have it."""
    counts = dict(attrition)
    steps = [text for text, _ in attrition if text.startswith(REQUIRED)]
    if not steps:
        return ()
    left = sum(count for _, count in attrition[[text for text, _ in attrition].index(steps[0]) :])
    found = []
    for one in prediction.requires:
        gone = counts[f"{REQUIRED}{one.input}"]
        if left:
            found.append(Lacking(one.input, True, _share(gone, left, real)))
        left -= gone
    return tuple(found)


def _steps(attrition: tuple[tuple[str, int], ...], real: bool) -> tuple[tuple[str, Count], ...]:
    """People first, then the index dates; what is left out and what stays add up, so they are hidden together."""
    if not real:
        return attrition
    parts = suppress_table({at: count for at, (_, count) in enumerate(attrition[3:], 3)})
    return tuple((text, parts[at] if at in parts else suppress(count)) for at, (text, count) in enumerate(attrition))


def _rows(accounts: Mapping[str, Mapping[str, int]], real: bool) -> dict[str, dict[str, Count]]:
    return {
        table: {fate: _count(rows, real) for fate, rows in fates.items() if rows or fate in ("rows in", "used")}
        for table, fates in accounts.items()
    }


def _count(number: int, real: bool) -> Count:
    return suppress(number) if real else number


def _share(part: int, whole: int, real: bool) -> float | None:
    """A share, of real people from rounded counts."""
    if not real:
        return part / whole
    counts = suppress(part), suppress(whole - part), suppress(whole)
    return None if None in counts or not counts[2] else min(1.0, (counts[0] or 0) / counts[2])
