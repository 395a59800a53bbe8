"""People drawn by a fixed seed: risks that are right or wrong by a known amount, weights, families and follow-up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import expit, logit

from evaluation.intervals import bootstrap


@dataclass(frozen=True)
class Clinic:
    outcome: NDArray[np.bool_]
    risk: NDArray[np.float64]
    weight: NDArray[np.float64]
    family: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.outcome)


def clinic(n: int = 1500, seed: int = 7, *, spread: float = 1.0, shift: float = 0.0, rounded: bool = False) -> Clinic:
    """People in families of about three who share part of their fate; `spread` and `shift` spoil the risks."""
    draw = np.random.default_rng(seed)
    family = draw.integers(0, n // 3, n)
    truth = -1.8 + draw.normal(0, 1.0, n) + draw.normal(0, 0.7, n // 3)[family]
    risk = expit(shift + spread * logit(expit(truth)))
    return Clinic(
        outcome=draw.random(n) < expit(truth),
        risk=np.round(risk, 2) if rounded else risk,
        weight=draw.uniform(1.0, 4.0, n),
        family=family * 1_000_003 + 11,
    )


@pytest.fixture(scope="session")
def people() -> Clinic:
    return clinic()


@pytest.fixture(scope="session")
def rounded() -> Clinic:
    """Risks to two decimals, so that many people share one."""
    return clinic(rounded=True)


@pytest.fixture(scope="session")
def drawn() -> Callable[..., Clinic]:
    """Draw other people: their number, seed, and how the risks are spoiled."""
    return clinic


def spread(
    statistic: Callable[[NDArray[np.float64]], float], n: int, family: NDArray[np.int64], repeats: int = 500
) -> float:
    """Standard deviation of a figure over bootstrap draws of whole families, known to 1 / sqrt(2 * repeats)."""
    values: list[float] = []
    bootstrap(lambda times: values.append(statistic(times)) or values[-1], n, family, repeats=repeats, seed=11)
    return float(np.std(values))


@pytest.fixture(scope="session")
def bootstrap_spread() -> Callable[..., float]:
    return spread
