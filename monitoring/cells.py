"""One measure in one group, the limits of each measure, and the state that follows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from evaluation.states import State
from monitoring.states import Figure, Limits, chance, judge, rejected

_RATIO = Limits("ratio", 0.90, 0.80, 1 / 0.90, 1.25)
LIMITS: Mapping[str, Limits] = {
    "observed_over_expected": _RATIO,
    "slope": _RATIO,
    "c_statistic": Limits("difference", -0.03, -0.10),
    "sensitivity": Limits("difference", -0.05, -0.15),
    "sensitivity_gap": Limits("difference", -0.05, -0.15, worst="watch"),
    "net_benefit": Limits("difference", 0.0, 0.0),
}
"""On observed over expected and slope as they are; on c-statistic and sensitivity less what the group's own risks
promise; on the gap to everyone else as it is, which is a matter for judgement and so never more than watch; on the net
benefit over the better of treating all and none."""

REASONS: Mapping[State, str] = {
    "breach": "the whole interval lies beyond the limit",
    "watch": "further from what is expected than chance explains",
    "pass": "the whole interval keeps the limits",
    "insufficient": "the interval is too wide to tell",
}
NOT_SHOWN = "too few people stand behind it to show it"


@dataclass(frozen=True)
class Cell:
    """One measure in one group: the figure as it may be shown, what the group's own risks promise, and its state."""

    axis: str
    level: str
    measure: str
    state: State
    reason: str
    figure: Figure = field(default_factory=Figure)
    expected: float | None = None

    def departure(self) -> Figure:
        """What the limits are put on."""
        if LIMITS[self.measure].scale == "ratio" or self.expected is None:
            return self.figure
        return self.figure.less(self.expected)


@dataclass(frozen=True)
class Group:
    """The people of one level of one axis; counts of different people, rounded to 5, None where they are hidden."""

    axis: str
    level: str
    people: int | None
    outcomes: int | None
    mean_risk: float | None
    observed: float | None
    cells: tuple[Cell, ...]

    def cell(self, measure: str) -> Cell | None:
        return next((cell for cell in self.cells if cell.measure == measure), None)


def judged(groups: Sequence[Group]) -> tuple[Group, ...]:
    """The groups with the state of every figure; the alarms of one measure are controlled together."""
    alarms = {measure: _alarms(groups, measure) for measure in LIMITS}
    return tuple(
        replace(group, cells=tuple(_judged(cell, alarms[cell.measure]) for cell in group.cells)) for group in groups
    )


def _alarms(groups: Sequence[Group], measure: str) -> set[tuple[str, str]]:
    cells = [cell for group in groups if (cell := group.cell(measure)) is not None]
    found = [cell for cell in cells if not cell.reason and cell.figure.known()]
    alarms = rejected([chance(cell.departure(), LIMITS[measure]) for cell in found])
    return {(cell.axis, cell.level) for cell, alarm in zip(found, alarms, strict=True) if alarm}


def _judged(cell: Cell, alarms: set[tuple[str, str]]) -> Cell:
    if cell.reason:  # it was decided before that there is nothing to judge
        return cell
    if cell.figure.known() is None:
        return replace(cell, state="insufficient", reason=NOT_SHOWN)
    state = judge(cell.departure(), LIMITS[cell.measure], (cell.axis, cell.level) in alarms)
    return replace(cell, state=state, reason=REASONS[state])
