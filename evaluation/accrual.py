"""Are outcomes coming as fast as expected? Counts over the time at risk so far, before the horizon is reached."""

from __future__ import annotations

from scipy.stats import chi2

from evaluation.estimate import LEVEL, Estimate, insufficient
from evaluation.inputs import InputError


def poisson_ratio(observed: int, expected: float, n: int, level: float = LEVEL) -> Estimate:
    """Compare a count of outcomes with the number expected over the time at risk so far, exactly.

    Parameters
    ----------
    observed : int
        Outcomes seen.
    expected : float
        Sum of the risks accrued over the time that each person was followed.
    n : int
        People.
    level : float
        Coverage aimed at.

    Returns
    -------
    Estimate
        Observed over expected with Garwood's exact Poisson interval, the expected number taken as known.

    Raises
    ------
    InputError
        If a number is negative.

    References
    ----------
    Garwood (1936), Biometrika 28:437-442.

    Examples
    --------
    >>> ratio = poisson_ratio(observed=20, expected=10.0, n=500)
    >>> print(f"{ratio.value:.2f} ({ratio.low:.2f} to {ratio.high:.2f})")
    2.00 (1.22 to 3.09)
    """
    if observed < 0 or not expected >= 0 or n < 0:
        raise InputError("observed, expected and n are numbers of outcomes and people, none negative")
    if not expected > 0:
        return insufficient(n=n, events=observed, kind="poisson", level=level)
    tail = (1 - level) / 2
    low = float(chi2.ppf(tail, 2 * observed)) / 2 if observed else 0.0
    high = float(chi2.isf(tail, 2 * observed + 2)) / 2
    ends = low / expected, high / expected
    return Estimate.of(observed / expected, *ends, n=n, events=observed, kind="poisson", level=level)
