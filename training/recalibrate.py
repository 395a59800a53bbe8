"""Recalibration by place: one slope for each place and one intercept for each horizon, held near the pooled ones.

With two regions the spread between regions cannot be estimated, so it is fixed: before its own people speak, a place's
mean log-odds lies within about 0.6 and its slope within about 0.3 of the pooled (two standard deviations). That between
boards can: where enough are known, the pooled values, which an unknown place gets, are those of the average board and
not of the average person, whom the largest boards would decide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evaluation.heterogeneity import spread_of
from evaluation.inputs import distinct
from registry.recalibration import Affine, Recalibration, expit

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]

SPREAD_OF_MEANS, SPREAD_OF_SLOPES = 0.3, 0.15
LEAST_SLOPE = 0.05
LEAST_SPREAD = 0.02
"""Between boards, in log-odds: with less the average board is the average person."""
FAINT = 0.01
"""A pull that only matters where the data would send a coefficient to infinity: no outcome yet, or all told apart."""
FEWEST_OUTCOMES = 10
"""A place where fewer people had the outcome by the primary horizon keeps the pooled values."""
FEWEST_BOARDS, FEWEST_EXPECTED = 5, 100
"""Boards, and people with the outcome in all, below which the pooled values are those of the average person."""
STEPS, CLOSE = 100, 1e-10


@dataclass(frozen=True)
class Seen:
    """What happened by one horizon: outcome and weight of each row."""

    horizon: int
    outcome: Mask
    weight: Floats


def recalibrate(
    log_odds: Floats,
    places: NDArray[np.str_],
    person: NDArray[np.int64],
    seen: Sequence[Seen],
    primary: int,
    boards: NDArray[np.str_] | None = None,
) -> Recalibration:
    """Fit the pooled recalibration, then each place's, on log-odds of people that the model had not seen."""
    centre = float(log_odds.mean())
    centred = log_odds - centre
    pooled = _pooled(centred, seen, primary)
    if boards is not None:
        at = next(at for at, each in enumerate(seen) if each.horizon == primary)
        pooled = _of_average_board(pooled, centred, boards, person, seen[at], pooled.means[at])
    by_place = {
        str(place): _affine(_of_place(centred, places == place, person, seen, primary, pooled), centre)
        for place in np.unique(places)
        if place and _outcomes(seen, primary, places == place, person) >= FEWEST_OUTCOMES
    }
    return Recalibration(tuple(each.horizon for each in seen), primary, _affine(pooled, centre), by_place)


@dataclass(frozen=True)
class _Line:
    """A slope, and the log-odds of the risk at each horizon where the model's log-odds are at their mean."""

    slope: float
    means: tuple[float, ...]


def _pooled(centred: Floats, seen: Sequence[Seen], primary: int) -> _Line:
    at = next(each for each in seen if each.horizon == primary)
    mean, slope = _fit(centred, at.outcome, at.weight, start=(0.0, 1.0), precision=(FAINT, FAINT))
    slope = max(slope, LEAST_SLOPE)
    everyone = np.ones(len(centred), dtype=np.bool_)
    return _Line(slope, tuple(_mean(slope * centred, each, everyone, mean, FAINT) for each in seen))


def _of_average_board(
    pooled: _Line, centred: Floats, boards: NDArray[np.str_], person: NDArray[np.int64], primary: Seen, mean: float
) -> _Line:
    """The pooled line, moved from where the average person lies to where the average board does."""
    used = (boards != "") & (primary.weight > 0)
    names, at = np.unique(boards[used], return_inverse=True)
    outcome, weight, odds = primary.outcome[used], primary.weight[used], pooled.slope * centred[used]
    # Several index dates of a person are nearly one: each person counts once, or chance would look like a spread.
    _, who, dates = np.unique(person[used], return_inverse=True, return_counts=True)
    weight = weight / dates[who]
    risk = expit(mean + odds)
    if len(names) < FEWEST_BOARDS or weight @ risk < FEWEST_EXPECTED or not outcome.any():
        return pooled
    spread = spread_of(at, outcome, risk, weight, person[used])
    if spread < LEAST_SPREAD:
        return pooled
    moved = _average(at, outcome, weight, mean + odds, spread)
    return _Line(pooled.slope, tuple(each + moved for each in pooled.means))


def _average(at: NDArray[np.intp], outcome: Mask, weight: Floats, odds: Floats, spread: float) -> float:
    """By how much the log-odds of the average board are off, where boards lie around it with a known spread.

    Newton's method on it and on each board's own part, which is drawn to 0 as the spread says.
    """
    moved, own, pull = 0.0, np.zeros(int(at.max()) + 1), spread**-2
    for _ in range(STEPS):
        risk = expit(odds + moved + own[at])
        score = np.bincount(at, weights=weight * (outcome - risk))
        known = np.bincount(at, weights=weight * risk * (1 - risk))
        towards = score - pull * own
        step = float((score - known * towards / (known + pull)).sum() / (known * pull / (known + pull)).sum())
        steps = np.clip(np.r_[step, (towards - known * step) / (known + pull)], -1, 1)
        moved, own = moved + float(steps[0]), own + steps[1:]
        if np.abs(steps).max() < CLOSE:
            break
    return moved


def _of_place(
    centred: Floats, here: Mask, person: NDArray[np.int64], seen: Sequence[Seen], primary: int, pooled: _Line
) -> _Line:
    # Several index dates of a person are nearly one: the pull grows with them, or a few people would outvote it.
    dates_each = np.count_nonzero(here) / distinct(person, here)
    which = next(at for at, each in enumerate(seen) if each.horizon == primary)
    _, slope = _fit(
        centred[here],
        seen[which].outcome[here],
        seen[which].weight[here],
        start=(pooled.means[which], pooled.slope),
        precision=(dates_each * SPREAD_OF_MEANS**-2, dates_each * SPREAD_OF_SLOPES**-2),
    )
    slope = max(slope, LEAST_SLOPE)
    means = tuple(
        _mean(slope * centred, each, here, around, dates_each * SPREAD_OF_MEANS**-2)
        for each, around in zip(seen, pooled.means, strict=True)
    )
    return _Line(slope, means)


def _mean(offset: Floats, seen: Seen, here: Mask, around: float, precision: float) -> float:
    """The intercept that goes with a known slope."""
    mean, _ = _fit(
        np.zeros(int(here.sum())),
        seen.outcome[here],
        seen.weight[here],
        start=(around, 0.0),
        precision=(precision, 1.0),
        offset=offset[here],
    )
    return mean


def _fit(
    x: Floats,
    outcome: Mask,
    weight: Floats,
    *,
    start: tuple[float, float],
    precision: tuple[float, float],
    offset: Floats | float = 0.0,
) -> tuple[float, float]:
    """Weighted logistic regression on one column, each coefficient drawn towards its start: Newton's method."""
    design = np.column_stack([np.ones(len(x)), x])
    towards, pull = np.array(start), np.array(precision)
    found = towards.copy()
    for _ in range(STEPS):
        mean = expit(offset + design @ found)
        score = design.T @ (weight * (outcome - mean)) - pull * (found - towards)
        information = (design.T * (weight * mean * (1 - mean))) @ design + np.diag(pull)
        # Never further than 1 at a time: from a start far off Newton's method overshoots where risks are rare.
        step = np.clip(np.linalg.solve(information, score), -1, 1)
        found = found + step
        if np.abs(step).max() < CLOSE:
            break
    return float(found[0]), float(found[1])


def _outcomes(seen: Sequence[Seen], primary: int, here: Mask, person: NDArray[np.int64]) -> int:
    at = next(each for each in seen if each.horizon == primary)
    return distinct(person, at.outcome & here & (at.weight > 0))


def _affine(line: _Line, centre: float) -> Affine:
    intercepts = [mean - line.slope * centre for mean in line.means]
    # A later horizon holds all outcomes of an earlier one; where weights say otherwise the later takes the earlier.
    ordered = np.maximum.accumulate(intercepts)
    return Affine(round(line.slope, 10), tuple(round(float(each), 10) for each in ordered))
