"""What a risk of a coded outcome says of the outcome itself, where only a part of the outcomes is coded.

If each true event is coded with the same chance s, whatever else happens, a person with a risk p of a coded event by
the horizon has a risk 1 - (1 - p)^(1/s) of a true one: events are then a Poisson process thinned by s (Kingman, Poisson
Processes, 1993, 5.1). It keeps the ranks; what it cannot mend is coding that differs between people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from evaluation.inputs import Floats, InputError


@dataclass(frozen=True)
class Undercoded:
    """Of the people at or above a threshold and of all, with the outcome in truth: means and shares of people."""

    coded: float
    mean_risk: float
    ppv: float
    sensitivity: float

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def corrected(risk: ArrayLike, coded: float) -> Floats:
    """The risk of a true event by the horizon.

    Parameters
    ----------
    risk : float array of shape (n,)
        Risk of a coded event, each in [0, 1].
    coded : float
        Share of true events that are coded, above 0 and at most 1.

    Raises
    ------
    InputError
        If the share is not one.

    Examples
    --------
    >>> corrected([0.1, 0.19], coded=0.5).round(4).tolist()
    [0.19, 0.3439]
    """
    if not 0 < coded <= 1:
        raise InputError(f"the share of events that are coded lies above 0 and is at most 1, not {coded:g}")
    return np.asarray(1.0 - (1.0 - np.asarray(risk, dtype=np.float64)) ** (1.0 / coded))


def sensitivity(risk: ArrayLike, threshold: float, coded: Sequence[float]) -> tuple[Undercoded, ...]:
    """What acting at a threshold of the coded risk finds of the true outcome, for several shares that are coded.

    Examples
    --------
    >>> half, whole = sensitivity([0.1, 0.19], threshold=0.15, coded=(0.5, 1.0))
    >>> round(half.ppv, 4), round(half.sensitivity, 4), round(whole.ppv, 2)
    (0.3439, 0.6441, 0.19)
    """
    p = np.asarray(risk, dtype=np.float64)
    above = p >= threshold
    found = []
    for share in coded:
        true = corrected(p, share)
        found.append(
            Undercoded(
                coded=share,
                mean_risk=float(true.mean()),
                ppv=float(true[above].mean()) if above.any() else float("nan"),
                sensitivity=float(true[above].sum() / true.sum()) if true.sum() > 0 else float("nan"),
            )
        )
    return tuple(found)
