"""How many people a model of so many parameters needs, before it is fitted: the criteria of Riley et al.

Riley RD et al., Calculating the sample size required for developing a clinical prediction model, BMJ 2020;368:m441,
for a binary outcome; the R package pmsampsize computes the same.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

from evaluation.disclosure import suppress
from evaluation.inputs import distinct
from training.sample import Sample

SHRINKAGE, OPTIMISM, MARGIN = 0.9, 0.05, 0.05
EXPECTED_SHARE_OF_R2 = 0.15
"""Of the largest possible R2 by Cox and Snell, where nothing better is known (Riley 2020, box 2)."""
Z = 1.96


@dataclass(frozen=True)
class SampleSize:
    """What is needed by each criterion, in people, and by all of them."""

    parameters: int
    share: float
    r2: float
    shrinkage: int
    optimism: int
    overall_risk: int

    @property
    def needed(self) -> int:
        return max(self.shrinkage, self.optimism, self.overall_risk)

    def to_json(self) -> dict[str, Any]:
        return asdict(self) | {"needed": self.needed}


def largest_r2(share: float) -> float:
    """The largest R2 by Cox and Snell that any model can have for an outcome of this share of people.

    >>> round(largest_r2(0.174), 4)
    0.6032
    """
    return float(1.0 - (share**share * (1.0 - share) ** (1.0 - share)) ** 2)


def sample_size(parameters: int, share: float, r2: float | None = None) -> SampleSize:
    """People needed for shrinkage of at least 0.9, optimism of at most 0.05, and the overall risk to within 0.05.

    Parameters
    ----------
    parameters : int
        Coefficients that may be fitted, at least 1.
    share : float
        Share of people with the outcome, between 0 and 1.
    r2 : float, optional
        R2 by Cox and Snell that is expected; else 15% of the largest possible.

    Examples
    --------
    The example of Riley 2020 and of pmsampsize: 24 parameters, R2 0.288, 17.4% with the outcome.

    >>> sample_size(24, 0.174, 0.288).needed
    662
    """
    expected = EXPECTED_SHARE_OF_R2 * largest_r2(share) if r2 is None else r2
    less = expected / (expected + OPTIMISM * largest_r2(share))
    return SampleSize(
        parameters=parameters,
        share=share,
        r2=expected,
        shrinkage=_for_shrinkage(parameters, expected, SHRINKAGE),
        optimism=_for_shrinkage(parameters, expected, less),
        overall_risk=math.ceil((Z / MARGIN) ** 2 * share * (1.0 - share)),
    )


def needed(people: Sample) -> dict[str, Any]:
    """What these people's outcome asks of a model with one parameter for each predictor, and how many people there are.

    One parameter for each is the least that any of our models fits.
    """
    each = people.weight > 0
    share = float(people.weight[each] @ people.outcome[each]) / float(people.weight[each].sum())
    there = distinct(people.person, each)
    found = sample_size(people.values.shape[1], share)
    return found.to_json() | {"share": round(share, 3), "r2": round(found.r2, 4), "people": suppress(there)}


def _for_shrinkage(parameters: int, r2: float, shrinkage: float) -> int:
    return math.ceil(parameters / ((shrinkage - 1.0) * math.log(1.0 - r2 / shrinkage)))
