"""What every measure is given: outcomes, risks, weights and families of the same people, checked once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evaluation.estimate import FEWEST

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


class InputError(ValueError):
    """The arrays given to a measure do not describe the same people, or hold what no measure can use."""


@dataclass(frozen=True)
class Rows:
    """Rows with a known outcome: arrays of shape (size,), weights positive, families any whole numbers or None.

    `n` and `events` count people, not rows: those of one family once, since their rows are one piece of evidence and
    tell of one household. A person who had the outcome after any of several index dates is one of `events`.
    """

    outcome: Bools
    risk: Floats
    weight: Floats
    family: Ints | None

    @property
    def size(self) -> int:
        return len(self.outcome)

    @cached_property
    def n(self) -> int:
        return distinct(self.family, np.ones(self.size, dtype=bool))

    @cached_property
    def events(self) -> int:
        return distinct(self.family, self.outcome)

    @property
    def enough(self) -> bool:
        return min(self.events, self.n - self.events) >= FEWEST

    @cached_property
    def y(self) -> Floats:
        return self.outcome.astype(np.float64)

    @cached_property
    def total(self) -> float:
        return float(self.weight.sum())

    @cached_property
    def ranked(self) -> tuple[int, NDArray[np.intp]]:
        """How many distinct risks there are, and for each row which of them it has, from the lowest."""
        values, rank = np.unique(self.risk, return_inverse=True)
        return len(values), rank

    @property
    def plain(self) -> bool:
        """One row for each family and equal weights, so that the textbook variance holds."""
        return bool((self.weight == 1.0).all()) and (
            self.family is None or len(np.unique(self.family)) == len(self.family)
        )


def rows(
    outcome: ArrayLike,
    risk: ArrayLike,
    weight: ArrayLike | None = None,
    family: ArrayLike | None = None,
    *,
    probability: bool = False,
) -> Rows:
    """Check the arrays of one group together and keep the rows with a positive weight.

    Parameters
    ----------
    outcome : bool array of shape (n,)
        Whether each person had the outcome by the horizon.
    risk : float array of shape (n,)
        Predicted risk, or with `probability=False` any score that rises with it.
    weight : float array of shape (n,), optional
        Weight of each person, as from `censoring.weights`; 1 for everyone if left out.
    family : integer array of shape (n,), optional
        People who share a number are not independent; everyone is independent if left out.
    probability : bool
        Whether `risk` has to lie in [0, 1].

    Returns
    -------
    Rows
        Those with positive weight; censored people (weight 0) tell nothing and are left out.

    Raises
    ------
    InputError
        With every problem found, as counts: no message holds a person's value.

    Examples
    --------
    >>> rows([True, False, False], [0.3, 0.2, 0.1], weight=[1.5, 1.5, 0.0]).n
    2
    """
    event = np.asarray(outcome)
    score = np.asarray(risk, dtype=np.float64)
    weights = np.ones(event.shape) if weight is None else np.asarray(weight, dtype=np.float64)
    families = None if family is None else np.asarray(family)
    found = _problems(event, score, weights, families, probability)
    if found:
        raise InputError("these rows cannot be measured:\n- " + "\n- ".join(found))
    keep = weights > 0
    if keep.all():
        return Rows(event.astype(bool), score, weights, None if families is None else families.astype(np.int64))
    kept = None if families is None else families[keep].astype(np.int64)
    return Rows(event[keep].astype(bool), score[keep], weights[keep], kept)


def distinct(family: Ints | None, chosen: Bools) -> int:
    """How many people are among the chosen rows, those of one family counted once; rows if there are no families.

    Examples
    --------
    >>> distinct(np.array([7, 7, 9]), np.array([True, True, False]))
    1
    >>> distinct(None, np.array([True, True, False]))
    2
    """
    if family is None or not chosen.any():
        return int(np.count_nonzero(chosen))
    code = family[chosen]
    if code.min() < 0 or code.max() > 4 * len(family):
        return len(np.unique(code))
    return int(np.count_nonzero(np.bincount(code)))


def dot(one: Floats, other: Floats) -> float:
    """Sum of products, shape (n,) each, on one thread.

    BLAS shares a long one out among the processors that are free: then its last digits depend on the machine, and it
    waits for whoever else is at work.

    Examples
    --------
    >>> dot(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    11.0
    """
    return float(np.einsum("i,i->", one, other))


def _problems(
    outcome: NDArray[np.generic], risk: Floats, weight: Floats, family: NDArray[np.generic] | None, probability: bool
) -> list[str]:
    arrays = {"outcome": outcome, "risk": risk, "weight": weight} | ({} if family is None else {"family": family})
    shapes = {name: array.shape for name, array in arrays.items()}
    if len(set(shapes.values())) != 1 or outcome.ndim != 1:
        return [f"shapes differ or are not (n,): {', '.join(f'{name} {shape}' for name, shape in shapes.items())}"]
    faults = {
        "outcomes are neither true nor false": outcome.dtype != np.bool_ and ~np.isin(outcome, (0, 1)),
        "risks are missing or infinite; leave these people out and say how many": ~np.isfinite(risk),
        "risks lie outside 0 to 1; this measure needs a probability": probability & ((risk < 0) | (risk > 1)),
        "weights are negative, missing or infinite": ~(np.isfinite(weight) & (weight >= 0)),
    }
    counts = {text: int(np.count_nonzero(mask)) for text, mask in faults.items()}
    found = [f"{count} {text}" for text, count in counts.items() if count]
    if family is not None and family.dtype.kind not in "iu":
        found.append(f"family is {family.dtype}; give whole numbers")
    return found
