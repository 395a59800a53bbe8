"""What needs attention, the worst first: where, what, its likely cause, what is proposed. Nothing is done by itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from evaluation.naming import AXES, place
from evaluation.states import STATES, State
from monitoring.cells import Cell, Group
from monitoring.inputs import InputCell
from monitoring.naming import level_name, signed

ALARMS: tuple[State, ...] = ("breach", "watch")
LISTED = 5
"""Inputs of one region that are named; the table has the others."""

Section = Literal["calibration", "fairness", "inputs"]

CHECK_RECORDS = (
    "a laboratory's method or unit, coding, other practice over the years, a surgery that joined or left, the season, "
    "or other people than before"
)


@dataclass(frozen=True)
class Attention:
    """One thing for the reader, and the part of the page that shows it."""

    state: State
    where: str
    what: str
    likely: str
    proposed: str
    section: Section


def attention(inputs: Sequence[InputCell], groups: Sequence[Group]) -> tuple[Attention, ...]:
    """Alarms of outcomes before alarms of inputs, the worst state first: a shift alone harms nobody."""
    found = [*_of_groups(groups), *_of_inputs(inputs)]
    return tuple(sorted(found, key=lambda each: (STATES.index(each.state), each.section == "inputs")))


def _of_groups(groups: Iterable[Group]) -> list[Attention]:
    found = [(group, cell) for group in groups for cell in group.cells if cell.state in ALARMS]
    gaps = [each for each in found if each[1].measure == "sensitivity_gap"]
    alone = [_of_cell(group, cell) for group, cell in found if cell.measure != "sensitivity_gap"]
    return alone + [_of_gaps(axis, list(each)) for axis, each in groupby(gaps, key=lambda each: each[0].axis)]


def _of_cell(group: Group, cell: Cell) -> Attention:
    what, likely, proposed = _SAID[cell.measure](group, cell)
    where = level_name(group.axis, group.level)
    if group.axis not in ("all", "region", "sex"):
        where = f"{_LED_BY[group.axis]} {where}"
    section: Section = "calibration" if group.axis in ("all", "region") else "fairness"
    return Attention(cell.state, where, what, likely, proposed, section)


_LED_BY = {"age_band": "Age", "ethnic_group": "Ethnic group:", "deprivation": "Deprivation fifth"}

Said = tuple[str, str, str]


def interval(cell: Cell, decimals: int = 2) -> str:
    """The figure with its 95% interval in words."""
    known = cell.figure.known()
    if known is None:
        return "no figure"
    value, low, high = (signed(number, decimals) for number in known)
    return f"{value} (95% interval {low} to {high})"


def _observed_over_expected(group: Group, cell: Cell) -> Said:
    more = (cell.figure.value or 0) > 1
    slope = group.cell("slope")
    affine = slope is None or slope.state not in ALARMS
    return (
        f"{'More' if more else 'Fewer'} outcomes than predicted: {interval(cell)} times as many",
        "the true risk, the recording of the outcome or who is scored has changed"
        + (", or the people of training differed from these" if more else ", or people at high risk are now treated"),
        "recalibrate the intercept for these people" if affine else "recalibrate intercept and slope for these people",
    )


def _slope(group: Group, cell: Cell) -> Said:
    wide = (cell.figure.value or 0) < 1
    return (
        f"Risks are spread too {'widely' if wide else 'narrowly'}: calibration slope {interval(cell)}",
        "a predictor means something else here than where the model was made",
        "recalibrate the slope for these people, or refit",
    )


def _c_statistic(group: Group, cell: Cell) -> Said:
    return (
        f"Ranks people less well than its risks promise: c-statistic {interval(cell)}, promised {cell.expected:.2f}",
        "an input is missing, stale or recorded otherwise for these people",
        "look at the inputs of these people, then refit",
    )


def _sensitivity(group: Group, cell: Cell) -> Said:
    return (
        f"Finds fewer of those who go on to have the outcome than promised: {interval(cell)}, promised "
        f"{cell.expected:.2f}",
        "risks are too low or rank people less well here",
        "recalibrate for these people; until then do not rely on the threshold alone for them",
    )


def _of_gaps(axis: str, found: Sequence[tuple[Group, Cell]]) -> Attention:
    """One alarm for an axis: who is found less often than everyone else."""
    named = "; ".join(f"{level_name(group.axis, group.level)}: {interval(cell)}" for group, cell in found)
    return Attention(
        "watch",
        AXES[axis],
        "Of those who go on to have the outcome, the threshold finds fewer than of everyone else, as a difference of "
        f"shares: {named}",
        "one threshold for all finds fewer in a group whose risk is lower; observed over expected of the group tells "
        "whether its risks are too low as well",
        "the clinical safety officer judges whether one threshold is fair to these groups",
        "fairness",
    )


def _net_benefit(group: Group, cell: Cell) -> Said:
    return (
        f"Acting at the threshold does worse than acting on everyone or nobody: {interval(cell, 3)}",
        "calibration at the threshold is off, or the threshold does not suit the risk here",
        "suspend the use of the threshold here until it is recalibrated",
    )


_SAID = {
    "observed_over_expected": _observed_over_expected,
    "slope": _slope,
    "c_statistic": _c_statistic,
    "sensitivity": _sensitivity,
    "net_benefit": _net_benefit,
}


def _of_inputs(cells: Iterable[InputCell]) -> list[Attention]:
    alarms = sorted((cell for cell in cells if cell.state in ALARMS), key=_rank)
    return [
        _of_region(region, state, list(found))
        for (region, state), found in groupby(alarms, key=lambda cell: (cell.region, cell.state))
    ]


def _rank(cell: InputCell) -> tuple[str, int, float]:
    return cell.region, STATES.index(cell.state), -(cell.psi or 0.0)


def _of_region(region: str, state: State, cells: list[InputCell]) -> Attention:
    named = "; ".join(f"{cell.wording} ({cell.reason})" for cell in cells[:LISTED])
    more = f"; and {len(cells) - LISTED} more" if len(cells) > LISTED else ""
    number = "One input has" if len(cells) == 1 else f"{len(cells)} inputs have"
    if state == "breach":
        act = "stop scoring this region until these records arrive again"
    else:
        act = "find out why; a shift alone is no reason to change the model"
    moved = "stopped arriving" if state == "breach" else "moved"
    return Attention(state, place(region), f"{number} {moved}: {named}{more}", CHECK_RECORDS, act, "inputs")
