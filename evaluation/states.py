"""The five states of a cell, one question about one group, and where a figure that should be 1 stands among them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal

State = Literal["breach", "watch", "insufficient", "not run", "pass"]

STATES: tuple[State, ...] = ("breach", "watch", "insufficient", "not run", "pass")
"""From the one that needs attention first to the one that needs none."""


def within(figure: Mapping[str, Any], limits: tuple[float, float], wider: float = 1.0) -> tuple[State, str]:
    """The state of a figure that should be 1, as it may be shown, and what to say of it.

    Pass: the interval is inside the limits. Watch: it reaches over one of them. Breach: it lies beyond a limit, or the
    figure does and is surely not 1. Insufficient: it reaches over both, the figure is outside and may yet be 1, or it
    is not known.

    Parameters
    ----------
    figure : mapping
        `value`, `low`, `high` (or None) and `state`, as from `disclosure`.
    limits : tuple of two floats
        The least and the most.
    wider : float
        By how much the interval is widened before the figure is called surely not 1, where many are judged at once.

    Examples
    --------
    >>> ok = {"state": "ok"}
    >>> within(ok | {"value": 1.0, "low": 0.9, "high": 1.1}, (0.8, 1.25))[0]
    'pass'
    >>> within(ok | {"value": 1.1, "low": 0.9, "high": 1.3}, (0.8, 1.25))[0]
    'watch'
    >>> within(ok | {"value": 1.4, "low": 1.1, "high": 1.7}, (0.8, 1.25))[0]
    'breach'
    >>> within(ok | {"value": float("nan"), "low": 0.9, "high": 1.1}, (0.8, 1.25))[0]
    'insufficient'
    """
    found = known(figure)
    if found is None:
        return "insufficient", "too few people, or too few to show"
    (value, low, high), (least, most) = found, limits
    says = f"{value:.2f} ({low:.2f} to {high:.2f}), where {least:g} to {most:g} is asked"
    outside = not least <= value <= most
    surely = not value - (value - low) * wider <= 1 <= value + (high - value) * wider
    if high < least or low > most or (outside and surely):
        return "breach", says
    if outside or (low < least and high > most):
        return "insufficient", f"{says}: it cannot tell"
    return ("pass" if least <= low and high <= most else "watch"), says


def known(figure: Mapping[str, Any]) -> tuple[float, float, float] | None:
    """Value and interval of a figure that has enough behind it and may be shown; None otherwise, and on NaN."""
    value, low, high = (figure.get(name) for name in ("value", "low", "high"))
    if figure["state"] != "ok" or value is None or low is None or high is None or not math.isfinite(value + low + high):
        return None
    return value, low, high
