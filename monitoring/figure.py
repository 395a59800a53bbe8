"""A forest plot as SVG: observed over expected of each group with its interval, on a log scale, without a script."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from evaluation.states import State
from monitoring.cells import LIMITS
from monitoring.naming import signed
from monitoring.states import Figure

ROW, HEAD, FOOT = 26, 14, 34
WIDTH, LABELS, NUMBERS = 800, 235, 175
TICKS = (0.25, 0.5, 0.8, 1.0, 1.25, 2.0, 4.0)
COLOURS = {"breach": "#b10e1e", "watch": "#8a5a00", "insufficient": "#4c6272", "not run": "#4c6272", "pass": "#00603b"}


@dataclass(frozen=True)
class Line:
    """One row of the plot."""

    name: str
    figure: Figure
    state: State


def forest(lines: Sequence[Line], title: str, number: str) -> str:
    """The plot, with a title and a description for those who cannot see it; `number` makes its ids unique."""
    height = HEAD + ROW * len(lines) + FOOT
    rows = "".join(_row(line, HEAD + ROW * at + ROW // 2) for at, line in enumerate(lines))
    about = "; ".join(f"{line.name}: {numbers(line.figure)}" for line in lines)
    return (
        f'<svg class="forest" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="{number}-t {number}-d">'
        f'<title id="{number}-t">{escape(title)}</title><desc id="{number}-d">{escape(about)}</desc>'
        f"{_scale(height - FOOT)}{rows}</svg>"
    )


def numbers(figure: Figure, decimals: int = 2) -> str:
    """A figure and its interval, short.

    >>> numbers(Figure(1.0, 0.9, 1.1)), numbers(Figure())
    ('1.00 (0.90 to 1.10)', 'not shown')
    """
    known = figure.known()
    if known is None:
        return "not shown"
    value, low, high = (signed(number, decimals) for number in known)
    return f"{value} ({low} to {high})"


def _x(ratio: float) -> float:
    low, high = math.log(TICKS[0]), math.log(TICKS[-1])
    along = (math.log(min(max(ratio, TICKS[0]), TICKS[-1])) - low) / (high - low)
    return round(LABELS + along * (WIDTH - LABELS - NUMBERS), 1)


def _scale(bottom: int) -> str:
    limits = LIMITS["observed_over_expected"]
    left, right = _x(limits.breach_low), _x(limits.breach_high)
    band = f'<rect x="{left}" y="{HEAD}" width="{right - left:.1f}" height="{bottom - HEAD}" fill="#e8edee"/>'
    one = f'<line x1="{_x(1)}" x2="{_x(1)}" y1="{HEAD}" y2="{bottom}" stroke="#212b32" stroke-width="1"/>'
    ticks = "".join(
        f'<line x1="{_x(tick)}" x2="{_x(tick)}" y1="{bottom}" y2="{bottom + 5}" stroke="#4c6272"/>'
        f'<text x="{_x(tick)}" y="{bottom + 19}" text-anchor="middle">{tick:g}</text>'
        for tick in TICKS
    )
    return (
        f'{band}{one}<line x1="{LABELS}" x2="{WIDTH - NUMBERS}" y1="{bottom}" y2="{bottom}" stroke="#4c6272"/>{ticks}'
    )


def _row(line: Line, y: int) -> str:
    name = f'<text x="0" y="{y + 5}">{escape(line.name)}</text>'
    said = f'<text x="{WIDTH}" y="{y + 5}" text-anchor="end">{escape(numbers(line.figure))}</text>'
    known = line.figure.known()
    if known is None or min(known) < 0:
        return name + said
    value, low, high = known
    colour = COLOURS[line.state]
    bar = f'<line x1="{_x(low)}" x2="{_x(high)}" y1="{y}" y2="{y}" stroke="{colour}" stroke-width="2.5"/>'
    return f"{name}{bar}{_mark(_x(value), y, line.state, colour)}{said}"


def _mark(x: float, y: int, state: State, colour: str) -> str:
    """A square for an alarm and a circle else, so that colour is not needed."""
    if state in ("breach", "watch"):
        return f'<rect x="{x - 6}" y="{y - 6}" width="12" height="12" fill="{colour}"/>'
    return f'<circle cx="{x}" cy="{y}" r="5" fill="{colour}"/>'
