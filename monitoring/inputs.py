"""Are the records that the model reads still like those it was made on? Each predictor in each region."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.axes import UNKNOWN
from evaluation.disclosure import hidden, suppress
from evaluation.states import State
from features.table import FeatureTable
from monitoring.bins import LARGE, MATERIAL, Spread, counted, most_moved, moved, psi, share, shift, spread
from monitoring.drift import shifts
from monitoring.states import rejected
from registry.model import Column, Model
from registry.profile import MISSING

FLAG = [0.5]
"""The only edge of a predictor that is 0 or 1 throughout."""

AGREES_TO = 1e-9
EMPTY = 0.99
"""Share missing from which an input has stopped arriving."""
ALREADY_EMPTY = 0.90


@dataclass(frozen=True)
class InputCell:
    """One predictor in one region: how far it moved, on how many people, and whether that is enough to tell.

    `psi` is Evidently's population stability index and `own_psi` ours of the same counts; `detectable` is the smallest
    one that these numbers of people could show. Counts are rounded to 5 and None where 1 to 7.
    """

    region: str
    predictor: str
    wording: str
    state: State
    reason: str
    people: int | None = None
    rows: int | None = None
    psi: float | None = None
    own_psi: float | None = None
    chance: float | None = None
    detectable: float | None = None
    missing_then: float | None = None
    missing_now: float | None = None
    spread: Spread | None = None


def review_inputs(model: Model, table: FeatureTable, at: datetime, folder: Path | None = None) -> tuple[InputCell, ...]:
    """Every predictor of the profile in every region of the profile or of the table, the alarms controlled together."""
    profile, regions = model.profile, table.axes["region"]
    wordings = {column.name: _worded(column) for column in model.columns}
    cells: list[InputCell] = []
    for region in sorted({*profile["regions"], *np.unique(regions).tolist()}, key=lambda name: (name == "", name)):
        cells += _region(profile, region, table.rows(regions == region), at, folder)
    return _judged([replace(cell, wording=wordings.get(cell.predictor, cell.predictor)) for cell in cells])


def _worded(column: Column) -> str:
    return f"{column.wording}, {column.unit}" if column.unit else column.wording


def _region(
    profile: Mapping[str, Any], region: str, table: FeatureTable, at: datetime, folder: Path | None
) -> list[InputCell]:
    people = len(np.unique(table.person_id))
    why, state = _cannot(profile, region, people)
    empty = InputCell(
        region or UNKNOWN, "", "", state, why, suppress(people), None if hidden(people) else suppress(len(table))
    )
    if why:
        return [replace(empty, predictor=name) for name in profile["predictors"]]
    found = {name: _spread(profile, name, region, table) for name in profile["predictors"]}
    theirs = shifts(region, {name: one for name, one in found.items() if one is not None}, at, folder)
    then = profile["regions"][region] * _people_per_row(profile)
    return [_cell(replace(empty, predictor=name), one, theirs.get(name), then, people) for name, one in found.items()]


def _cannot(profile: Mapping[str, Any], region: str, people: int) -> tuple[str, State]:
    """Why a region cannot be compared, if it cannot."""
    if not region:
        return "the region of these people is not recorded", "not run"
    if not people:
        return "nobody from this region is in these records", "not run"
    if hidden(people):
        return "fewer than 8 people", "insufficient"
    if not profile["regions"].get(region):
        return "the model's profile holds nobody, or too few, from this region", "not run"
    return "", "pass"


def _people_per_row(profile: Mapping[str, Any]) -> float:
    """One person may have several index dates, which are alike; so people, not rows, are independent."""
    rows, people = profile.get("rows"), profile["people"]
    return people / rows if rows and people else 1.0


def _spread(profile: Mapping[str, Any], name: str, region: str, table: FeatureTable) -> Spread | None:
    predictor = profile["predictors"][name]
    values: NDArray[np.float32] = table.values[:, table.columns.index(name)]
    rows, people = counted(predictor, values, table.person_id)
    return spread(_names(predictor), predictor["by_region"][region], profile["regions"][region], rows, people)


def _names(predictor: Mapping[str, Any]) -> list[str]:
    """The bins as a reader knows them: a flag is no or yes."""
    names = list(predictor["bins"])
    return ["no", "yes", *names[2:]] if predictor["edges"] == FLAG else names


def _cell(empty: InputCell, found: Spread | None, theirs: float | None, then: float, now: int) -> InputCell:
    if found is None or theirs is None or not sum(found.reference):
        return replace(empty, state="insufficient", reason="fewer than 8 people")
    weighed = shift(found, then, now)
    missing_then, missing_now = share(found, MISSING)
    return replace(
        empty,
        psi=theirs,
        own_psi=psi(found.reference, found.current),
        chance=weighed.chance,
        detectable=weighed.detectable,
        missing_then=missing_then,
        missing_now=missing_now,
        spread=found,
    )


def _judged(cells: Sequence[InputCell]) -> tuple[InputCell, ...]:
    compared = [cell for cell in cells if cell.chance is not None]
    alarms = rejected([cell.chance for cell in compared if cell.chance is not None])
    alarm = {(cell.region, cell.predictor): raised for cell, raised in zip(compared, alarms, strict=True)}
    return tuple(_state(cell, alarm.get((cell.region, cell.predictor), False)) for cell in cells)


def _state(cell: InputCell, alarm: bool) -> InputCell:
    if cell.psi is None or cell.own_psi is None or cell.detectable is None or cell.spread is None:
        return cell
    if not abs(cell.psi - cell.own_psi) <= AGREES_TO:
        return replace(cell, state="not run", reason="Evidently's index and ours of the same counts disagree")
    if _stopped(cell):
        return replace(cell, state="breach", reason="this input has stopped arriving: " + moved(cell.spread, MISSING))
    if alarm:
        size = "a material shift" if cell.psi >= MATERIAL else "a small shift"
        return replace(cell, state="watch", reason=f"{size}: {most_moved(cell.spread)}")
    if cell.detectable > LARGE:
        return replace(cell, state="insufficient", reason="too few people to see even a large shift")
    return replace(cell, state="pass", reason="no shift that matters")


def _stopped(cell: InputCell) -> bool:
    then, now = cell.missing_then, cell.missing_now
    return then is not None and now is not None and then < ALREADY_EMPTY and now >= EMPTY
