"""The tables and the plots of the page."""

from __future__ import annotations

from collections.abc import Sequence

from evaluation.naming import AXES, place
from evaluation.states import STATES, State
from monitoring.attention import Attention
from monitoring.cells import Cell, Group
from monitoring.figure import Line, forest
from monitoring.inputs import InputCell
from monitoring.markup import Content, Markup, element, joined, table, tag
from monitoring.naming import MEASURES, count, level_name, signed
from monitoring.performance import TOO_LITTLE
from monitoring.review import Review
from monitoring.states import Figure

SECTIONS = {"calibration": "Calibration by region", "fairness": "Fairness", "inputs": "Inputs"}


def states(review: Review) -> Markup:
    """How many cells are in each of the five states."""
    rows = [("Inputs", review.input_states), ("Risks against outcomes", review.performance_states)]
    return table(
        "Cells in each state",
        ["", *(state[:1].upper() + state[1:] for state in STATES)],
        [[name, *(str(found[state]) for state in STATES)] for name, found in rows],
    )


def attention(found: Sequence[Attention]) -> Markup:
    """What needs attention, with a link to the part of the page that shows it."""
    rows: list[list[Content]] = [
        [
            each.where,
            tag(each.state),
            joined(each.what + ". ", element("a", SECTIONS[each.section], href=f"#{each.section}")),
            joined(f"Likely: {each.likely}.", element("span", f"Proposed: {each.proposed}.", css="after")),
        ]
        for each in found
    ]
    return table(
        "Alarms, the worst first", ["Where", "State", "What was found", "What it may mean"], rows, numbers_from=9
    )


def calibration(groups: Sequence[Group]) -> Markup:
    """Everyone and each region: the plot, then the numbers."""
    shown = [group for group in groups if group.axis in ("all", "region")]
    rows: list[list[Content]] = [
        [
            _name(group),
            count(group.people),
            count(group.outcomes),
            _percent(group.mean_risk),
            _percent(group.observed),
            *(_figure(group.cell(measure), decimals) for measure, decimals in _CALIBRATION),
        ]
        for group in shown
    ]
    headings = [
        "Region",
        "People",
        "With outcome",
        "Mean risk",
        "Observed risk",
        *(MEASURES[name] for name, _ in _CALIBRATION),
    ]
    return joined(
        _plot(shown, "region"),
        table("Calibration and benefit by region", headings, rows),
    )


_CALIBRATION = (("observed_over_expected", 2), ("slope", 2), ("c_statistic", 2), ("net_benefit", 3))
_FAIRNESS = (("observed_over_expected", 2), ("c_statistic", 2), ("sensitivity", 2), ("sensitivity_gap", 2))


def fairness(groups: Sequence[Group], axis: str) -> Markup:
    """One axis: the plot of observed over expected, then every measure of every group."""
    shown = [group for group in groups if group.axis == axis]
    rows: list[list[Content]] = [
        [
            _name(group),
            count(group.people),
            count(group.outcomes),
            *(_figure(group.cell(measure), decimals) for measure, decimals in _FAIRNESS),
        ]
        for group in shown
    ]
    headings = [AXES.get(axis, axis), "People", "With outcome", *(MEASURES[name] for name, _ in _FAIRNESS)]
    plot = "" if axis == "region" else _plot(shown, axis)
    return joined(
        element("h3", AXES.get(axis, axis)), plot, table(f"Measures by {AXES.get(axis, axis).lower()}", headings, rows)
    )


def inputs(cells: Sequence[InputCell], region: str) -> Markup:
    """One region: what moved or cannot be told first; what passed is folded away."""
    here = sorted((cell for cell in cells if cell.region == region), key=_rank)
    passed = [cell for cell in here if cell.state == "pass"]
    others = [cell for cell in here if cell.state != "pass"]
    people, rows = count(here[0].people), count(here[0].rows)
    parts: list[Content] = [
        element("h3", place(region)),
        element("p", f"{people} people, {rows} index dates. {len(passed)} of {len(here)} inputs pass."),
    ]
    if len({cell.reason for cell in others}) == 1 and not passed:
        return joined(*parts, element("p", tag(others[0].state), f" {others[0].reason}."))
    if others:
        parts.append(_inputs_table(others, f"Inputs of {place(region)} that moved or cannot be judged"))
    if passed:
        folded = _inputs_table(passed, f"Inputs of {place(region)} that pass")
        parts.append(element("details", element("summary", f"The {len(passed)} inputs that pass"), folded))
    return joined(*parts)


def _inputs_table(cells: Sequence[InputCell], caption: str) -> Markup:
    rows: list[list[Content]] = [
        [
            cell.wording,
            tag(cell.state),
            cell.reason,
            _number(cell.psi, 3),
            _number(cell.detectable, 3),
            _percent(cell.missing_then),
            _percent(cell.missing_now),
        ]
        for cell in cells
    ]
    headings = ["Input", "State", "Why", "Shift (PSI)", "Smallest that would alarm", "Missing then", "Missing now"]
    return table(caption, headings, rows, numbers_from=3)


def _rank(cell: InputCell) -> tuple[int, float]:
    return STATES.index(cell.state), -(cell.psi or 0.0)


def _plot(groups: Sequence[Group], axis: str) -> Markup:
    title = f"Observed over expected by {AXES.get(axis, axis).lower()}, with 95% intervals"
    return Markup(forest(_lines(groups), title, f"plot-{axis}"))


def _lines(groups: Sequence[Group]) -> list[Line]:
    return [Line(_name(group), *_ratio(group)) for group in groups]


def _ratio(group: Group) -> tuple[Figure, State]:
    cell = group.cell("observed_over_expected")
    return (Figure(), "not run") if cell is None else (cell.figure, cell.state)


def _name(group: Group) -> str:
    return level_name(group.axis, group.level)


def _figure(cell: Cell | None, decimals: int) -> Markup:
    """The figure, its interval, what was promised and its state, one below the other."""
    if cell is None:
        return element("span", "")
    known = cell.figure.known()
    if known is None:
        return joined(tag(cell.state), element("span", cell.reason, css="below"))
    value, low, high = (signed(number, decimals) for number in known)
    compared = cell.measure in ("c_statistic", "sensitivity") and cell.expected is not None
    promised = f"; promised {cell.expected:.{decimals}f}" if compared else ""
    return joined(
        element("span", value, " ", tag(cell.state), css="figure"),
        element("span", f"{low} to {high}{promised}", css="below"),
        element("span", cell.reason, css="below") if cell.reason == TOO_LITTLE else "",
    )


def _percent(part: float | None) -> str:
    return "hidden" if part is None else f"{100 * part:.1f}%"


def _number(number: float | None, decimals: int) -> str:
    return "none" if number is None else f"{number:.{decimals}f}"
