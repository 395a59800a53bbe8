"""How much a figure differs between places: a random-effects mean, what a new place may expect, and a spread of rates.

DerSimonian R, Laird N, Control Clin Trials 1986;7:177; Hartung and Knapp's interval (Stat Med 2001;20:3875); the
prediction interval of Higgins, Thompson and Spiegelhalter (J R Stat Soc A 2009;172:137). Scales as Debray et al. advise
(BMJ 2017;356:i6460): logit of the c-statistic, logarithm of observed over expected, the slope as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, logit
from scipy.stats import t

from evaluation.estimate import Estimate
from evaluation.inputs import Bools, Floats, InputError, Ints, dot

Scale = Literal["logit", "log", "identity"]
Z = 1.959964
FEWEST_PLACES = 3
"""With fewer a prediction interval has no degree of freedom."""


@dataclass(frozen=True)
class Pooled:
    """The mean over places with its interval, and the range in which the true value of a new place lies in 95%.

    `between` is the standard deviation between places on the scale of pooling; `i2` its share of all variance.
    """

    places: int
    value: float
    low: float
    high: float
    new_low: float
    new_high: float
    between: float
    i2: float

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def pool(values: ArrayLike, variances: ArrayLike) -> Pooled:
    """Pool estimates of independent places.

    Parameters
    ----------
    values, variances : float arrays of shape (k,)
        Estimates on a scale on which they are about normal, and their sampling variances, above 0; k at least 3.

    Raises
    ------
    InputError
        If there are fewer than three, or a variance is not above 0.

    Examples
    --------
    >>> found = pool([0.1, 0.3, 0.35, 0.5], [0.01, 0.02, 0.04, 0.01])
    >>> round(found.value, 4), round(found.between**2, 4), round(found.i2, 3)
    (0.3082, 0.0265, 0.628)
    """
    effect, within = np.asarray(values, dtype=np.float64), np.asarray(variances, dtype=np.float64)
    if effect.ndim != 1 or effect.shape != within.shape or len(effect) < FEWEST_PLACES:
        raise InputError(f"pooling takes {FEWEST_PLACES} places or more, each with a value and its variance")
    if not (np.isfinite(effect).all() and (within > 0).all()):
        raise InputError("each value must be finite and each variance above 0")
    fixed = 1 / within
    q = float((fixed * (effect - (fixed @ effect) / fixed.sum()) ** 2).sum())
    spare = len(effect) - 1
    between = max(0.0, (q - spare) / (fixed.sum() - (fixed @ fixed) / fixed.sum()))
    weight = 1 / (within + between)
    mean = float((weight @ effect) / weight.sum())
    # Hartung and Knapp; never narrower than the usual interval, which it can be where places happen to agree.
    scale = max(1.0, float((weight * (effect - mean) ** 2).sum()) / spare)
    error = float(np.sqrt(scale / weight.sum()))
    reach, wide = t.ppf(0.975, spare) * error, t.ppf(0.975, len(effect) - 2) * np.sqrt(between + error**2)
    return Pooled(
        places=len(effect),
        value=mean,
        low=mean - float(reach),
        high=mean + float(reach),
        new_low=mean - float(wide),
        new_high=mean + float(wide),
        between=float(np.sqrt(between)),
        i2=max(0.0, (q - spare) / q) if q > 0 else 0.0,
    )


def pooled(estimates: Sequence[Estimate], scale: Scale) -> Pooled | None:
    """Pool those estimates that have evidence enough, on a scale; None if they are of fewer than three places."""
    known = [one for one in estimates if one.state == "ok" and np.isfinite([one.value, one.low, one.high]).all()]
    ends = np.array([[one.low, one.value, one.high] for one in known], dtype=np.float64).reshape(-1, 3)
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = {"logit": logit, "log": np.log, "identity": np.asarray}[scale](ends)
    sound = np.isfinite(scaled).all(axis=1) & (scaled[:, 2] > scaled[:, 0])
    if sound.sum() < FEWEST_PLACES:
        return None
    scaled = scaled[sound]
    found = pool(scaled[:, 1], ((scaled[:, 2] - scaled[:, 0]) / (2 * Z)) ** 2)
    back = {"logit": expit, "log": np.exp, "identity": float}[scale]
    names = ("value", "low", "high", "new_low", "new_high")
    return Pooled(**{**asdict(found), **{name: float(back(getattr(found, name))) for name in names}})


def rate_spread(observed: ArrayLike, expected: ArrayLike, chance: ArrayLike | None = None) -> float:
    """The standard deviation of true observed over expected between places, beyond the chance of counting.

    Method of moments for rates that vary as they will around their mean (Marshall RJ, Appl Stat 1991;40:283): the
    variance of counts around what is expected, less that of chance.

    Parameters
    ----------
    observed, expected : float arrays of shape (k,)
        Outcomes that happened and that were expected in each place; expected above 0.
    chance : float array of shape (k,), optional
        Variance of observed by chance; that of counting (expected) if left out. People with weights, or who are likely
        to have the outcome, vary by more or by less.

    Examples
    --------
    Counts exactly as far from expectation as chance alone would have them show no spread.

    >>> rate_spread([90.0, 110.0], [100.0, 100.0])
    0.0
    >>> round(rate_spread([50.0, 150.0], [100.0, 100.0]), 3)
    0.49
    """
    seen, hoped = np.asarray(observed, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    level = seen.sum() / hoped.sum()
    hoped = hoped * level
    noise = hoped if chance is None else np.asarray(chance, dtype=np.float64)
    beyond = float((((seen - hoped) ** 2) - noise).sum() / (hoped**2).sum())
    return float(np.sqrt(max(0.0, beyond)))


def spread_of(
    at: NDArray[np.intp], outcome: Bools, risk: Floats, weight: Floats, family: Ints, prior: float | None = None
) -> float:
    """The standard deviation between places of the log-odds of rows that are alike, beyond chance.

    Parameters
    ----------
    at : integer array of shape (n,)
        The place of each row, from 0.
    outcome, risk, weight : arrays of shape (n,)
        Whether it happened, its probability, and how many rows each stands for; something must have happened.
    family : integer array of shape (n,)
        Rows that share a number are one piece of evidence: chance is as large as their sums say.
    prior : float, optional
        What is expected of the spread before anything is seen, as the scale of a half-normal. The result is then drawn
        towards it by as much as the places leave open, and never 0: few outcomes do not show that places are the same.

    References
    ----------
    As `rate_spread`; Gelman (2006), Bayesian Anal 1:515-533 (a half-normal or wider prior of a spread between groups).

    Examples
    --------
    >>> place, outcome = np.repeat([0, 1], 1000), np.tile(np.arange(1000) < 200, 2)
    >>> rows = place, outcome, np.full(2000, 0.2), np.ones(2000), np.arange(2000)
    >>> spread_of(*rows), round(spread_of(*rows, prior=0.3), 2)
    (0.0, 0.13)
    """
    observed, expected = (np.bincount(at, weights=weight * part) for part in (outcome, risk))
    level = observed.sum() / expected.sum()
    pairs, pair = np.unique(np.column_stack([at, family]), axis=0, return_inverse=True)
    off = np.bincount(pair.ravel(), weights=weight * (outcome - level * risk))
    chance = np.bincount(pairs[:, 0], weights=off**2, minlength=len(observed))
    share = dot(weight, risk) / float(weight.sum())
    if prior is None:
        return on_log_odds(rate_spread(observed, expected, chance), share)
    return on_log_odds(_drawn_to(prior * (1 - share), observed, expected * level, chance), share)


def _drawn_to(prior: float, observed: ArrayLike, expected: ArrayLike, chance: ArrayLike) -> float:
    """The root of the posterior mean of the variance between places, from the moments alone."""
    seen, hoped, noise = (np.asarray(each, dtype=np.float64) for each in (observed, expected, chance))
    spread = np.linspace(0, 5 * prior, 400)[1:]
    found = float(((seen - hoped) ** 2 - noise).sum())
    total = noise + np.square(spread[:, None] * hoped)
    # The variance of a square of a normal is twice the square of its variance.
    off, error = found - spread**2 * float(hoped @ hoped), np.sqrt(2 * np.square(total).sum(axis=1))
    likely = np.exp(-((off / error) ** 2) / 2 - (spread / prior) ** 2 / 2) / error
    return float(np.sqrt((likely @ spread**2) / likely.sum()))


def around(risk: float, spread: float) -> tuple[float, float]:
    """The range in which a risk lies in 95% of places whose log-odds differ by `spread` (a standard deviation).

    >>> tuple(round(end, 3) for end in around(0.2, 0.3))
    (0.122, 0.31)
    """
    middle = float(logit(risk))
    return float(expit(middle - Z * spread)), float(expit(middle + Z * spread))


def on_log_odds(spread: float, share: float) -> float:
    """A spread of rates as one of log-odds, where a share of people has the outcome: divided by one minus the share.

    >>> round(on_log_odds(0.2, 0.2), 2)
    0.25
    """
    return spread / (1.0 - share)
