"""A trained model: predictors in, a risk for each horizon and the reasons for it out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any, Literal, assert_never

import numpy as np
from numpy.typing import NDArray

from registry import forest
from registry.curves import Additive
from registry.recalibration import Place, Recalibration, expit

Direction = Literal["up", "down"] | None


class WrongShape(ValueError):
    """A table whose columns or places are not those of the model."""


@dataclass(frozen=True)
class Column:
    """A predictor as the model knows it. `levels` name the numbers 0, 1, ... of a category.

    `stand_in` is the value that trees read when this is missing although nobody in training lacked it: LightGBM would
    otherwise read a zero there and say nothing.
    """

    name: str
    wording: str
    unit: str = ""
    levels: tuple[str, ...] = ()
    direction: Direction = None
    changeable: bool = False
    restricted: bool = False
    stand_in: float | None = None


@dataclass(frozen=True)
class Trees:
    """Boosted trees, held as LightGBM's own text."""

    text: str

    @cached_property
    def forest(self) -> forest.Forest:
        return forest.read(self.text)


Learner = Additive | Trees


@dataclass(frozen=True)
class Apart:
    """A horizon that the shared learner cannot follow with one slope: a learner of its own and its recalibration."""

    learner: Learner
    recalibration: Recalibration

    @property
    def horizon(self) -> int:
        return self.recalibration.primary


@dataclass(frozen=True)
class Example:
    """A made-up person and what the model must say of them: a check that it still computes what it did."""

    values: tuple[float | None, ...]
    place: Place
    log_odds: float
    risks: tuple[float, ...]


@dataclass(frozen=True)
class Explained:
    """Why the primary risk is what it is, on the scale of its log-odds.

    `base + place + contributions.sum(axis=1)` is the log-odds of `risks[:, primary]`, to 1e-9.
    """

    base: float
    place: NDArray[np.float64]
    contributions: NDArray[np.float64]
    risks: NDArray[np.float64]


@dataclass(frozen=True)
class Model:
    """Everything that serving and monitoring need to know of one prediction's model."""

    pathway: str
    prediction: str
    columns: tuple[Column, ...]
    learner: Learner
    recalibration: Recalibration
    profile: Mapping[str, Any]
    evidence: Mapping[str, Any]
    card: str
    examples: tuple[Example, ...]
    fingerprint: str
    made_on: date
    trained_on: str
    signed_until: date | None = None
    concepts: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    codes: Mapping[str, int] = field(default_factory=dict)
    """Each concept set with descendants, and the codes of its concepts ("SNOMED|44054006"), as at training: a history
    is read by these, so an answer can be replayed."""
    apart: tuple[Apart, ...] = ()
    """Horizons with a learner of their own, never the primary one: what is explained is the shared learner's."""

    def __post_init__(self) -> None:
        others = {*self.recalibration.horizons} - {self.recalibration.primary}
        found = [each.horizon for each in self.apart]
        if not others.issuperset(found) or len(set(found)) < len(found):
            raise WrongShape("a learner of its own is for a horizon of the model other than the primary one, once")

    @property
    def name(self) -> str:
        return f"{self.pathway}.{self.prediction}"

    @property
    def kind(self) -> Literal["linear", "lightgbm"]:
        match self.learner:
            case Additive():
                return "linear"
            case Trees():
                return "lightgbm"
            case _:
                assert_never(self.learner)

    def log_odds(self, values: NDArray[Any]) -> NDArray[np.float64]:
        """The log-odds before recalibration, shape (n,), of `values` of shape (n, k) with NaN for missing."""
        self._check(values)
        return self._log_odds(self.learner, values)

    def risks(self, values: NDArray[Any], places: Sequence[Place]) -> NDArray[np.float64]:
        """The calibrated risk at each horizon, shape (n, horizons); an unknown place gets the pooled values."""
        self._check(values, places)
        return self._in_order(self.recalibration.risks(self.log_odds(values), places), values, places)

    def explain(self, values: NDArray[Any], places: Sequence[Place]) -> Explained:
        """The risks and what each predictor and the place add to the log-odds of the primary one."""
        self._check(values, places)
        bias, contributions, log_odds = self._parts(values)
        recalibration, primary = self.recalibration, self.recalibration.primary_index
        slopes, intercepts = recalibration.at(places)
        pooled = recalibration.pooled
        return Explained(
            base=pooled.intercepts[primary] + pooled.slope * bias,
            place=(intercepts[:, primary] - pooled.intercepts[primary]) + (slopes - pooled.slope) * bias,
            contributions=slopes[:, None] * contributions,
            risks=self._in_order(expit(intercepts + slopes[:, None] * log_odds[:, None]), values, places),
        )

    def _in_order(
        self, shared: NDArray[np.float64], values: NDArray[Any], places: Sequence[Place]
    ) -> NDArray[np.float64]:
        """The risks with those of horizons apart put in, never falling with the horizon; the primary stays as it is."""
        if not self.apart:
            return shared
        found, primary = shared.copy(), self.recalibration.primary_index
        for each in self.apart:
            own = each.recalibration.risks(self._log_odds(each.learner, values), places)
            found[:, self.recalibration.horizons.index(each.horizon)] = own[:, 0]
        found[:, primary:] = np.maximum.accumulate(found[:, primary:], axis=1)
        found[:, : primary + 1] = np.minimum.accumulate(found[:, primary::-1], axis=1)[:, ::-1]
        return found

    def _log_odds(self, learner: Learner, values: NDArray[Any]) -> NDArray[np.float64]:
        match learner:
            case Additive():
                return np.asarray(learner.bias + learner.contributions(values).sum(axis=1))
            case Trees():
                return learner.forest.log_odds(values, self._stand_ins)
            case _:
                assert_never(learner)

    def _parts(self, values: NDArray[Any]) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
        """The bias, the contributions and their sum, which is the same bits as `log_odds`."""
        match self.learner:
            case Additive():
                added = self.learner.contributions(values)
                return self.learner.bias, added, self.learner.bias + added.sum(axis=1)
            case Trees():
                log_odds, added = self.learner.forest.contributions(values, self._stand_ins)
                return self.learner.forest.base, added, log_odds
            case _:
                assert_never(self.learner)

    @cached_property
    def _stand_ins(self) -> NDArray[np.float64]:
        # As float32, which is what the trees were taught with.
        found = [np.nan if column.stand_in is None else column.stand_in for column in self.columns]
        return np.array(found, dtype=np.float32).astype(np.float64)

    def _check(self, values: NDArray[Any], places: Sequence[Place] | None = None) -> None:
        if values.ndim != 2 or values.shape[1] != len(self.columns):
            raise WrongShape(f"{self.name} takes {len(self.columns)} predictors in 2 dimensions, not {values.shape}")
        if places is not None and len(places) != len(values):
            raise WrongShape(f"{self.name} needs one place for each of {len(values)} rows, not {len(places)}")
