"""One review of one model: the people of now against its profile, and its risks against what happened."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.disclosure import suppress
from evaluation.states import State
from features.days import calendar_date
from features.table import OUTCOME, FeatureTable
from monitoring import bins, drift, inputs, states
from monitoring.attention import Attention, attention
from monitoring.cells import LIMITS, Group
from monitoring.inputs import InputCell, review_inputs
from monitoring.performance import matured, review_performance
from monitoring.pooling import big_enough
from monitoring.states import tally, worst
from registry.model import Model

Step = Callable[[str], None]

DEMONSTRATION = "Demonstration: not for the care of any person."
SYNTHETIC = "Demonstration: synthetic people. What is shown proves machinery, never a clinical claim."


class CannotReview(Exception):
    """The feature table is not one that the model can read; `reasons` lists all that is in the way."""

    def __init__(self, name: str, reasons: list[str]) -> None:
        self.reasons = tuple(reasons)
        super().__init__(f"{name} cannot be reviewed on these records:\n" + "\n".join(f"- {each}" for each in reasons))


@dataclass(frozen=True)
class Subject:
    """Which model is reviewed, as it was registered, for which pathway.

    `threshold` is the risk at which the highest band begins; `same_definition` tells whether the pathway's file is
    still the one that the model was made from.
    """

    model: Model
    version: str
    digest: str
    title: str
    threshold: float | None
    threshold_name: str
    same_definition: bool

    @property
    def use(self) -> str:
        return "clinical" if self.model.signed_until is not None else "demonstration"

    @property
    def synthetic(self) -> bool:
        said = self.model.trained_on.lower()
        return any(word in said for word in ("synthetic", "made up", "made-up"))

    @property
    def headline(self) -> str:
        """The pathway and the prediction as a reader knows them."""
        return f"{self.title} ({self.model.prediction.replace('_', ' ')})"

    @property
    def banner(self) -> str:
        """What stands above every page of this model; nothing if it is signed and of real people."""
        return SYNTHETIC if self.synthetic else DEMONSTRATION if self.use == "demonstration" else ""


@dataclass(frozen=True)
class Window:
    """Index dates from one month to another; different people, index dates and people with the outcome, as shown."""

    first: str | None
    last: str | None
    people: int | None
    index_dates: int | None
    outcomes: int | None = None


@dataclass(frozen=True)
class Review:
    """Everything that the page and `monitor.json` are made of."""

    subject: Subject
    made_at: datetime
    data_to: str
    everyone: Window
    ripe: Window
    inputs: tuple[InputCell, ...]
    groups: tuple[Group, ...]
    attention: tuple[Attention, ...]
    not_done: tuple[tuple[str, str], ...]

    @property
    def input_states(self) -> dict[str, int]:
        return tally(cell.state for cell in self.inputs)

    @property
    def performance_states(self) -> dict[str, int]:
        return tally(cell.state for group in self.groups for cell in group.cells)

    @property
    def state(self) -> State:
        cells = [cell.state for cell in self.inputs] + [cell.state for group in self.groups for cell in group.cells]
        return worst([*cells, "pass" if self.groups else "not run"])


DONE = (
    "The predictors of these records are those of the model, by name.",
    "Each predictor in each region against the model's frozen profile, what is missing as a bin of its own, by "
    "Evidently and by our own computation, which must agree.",
    "Observed over expected, calibration slope and net benefit for everyone and each region.",
    "Observed over expected, c-statistic and sensitivity at the threshold by region, sex, age, ethnic group and "
    "deprivation, each sensitivity also against everyone else.",
)

LEFT_OUT = (
    "Regions with fewer than 8 people",
    "they are left out of everything on this page, so that no total gives them away",
)

NEVER_DONE = (
    (
        "An alarm before the time at risk is over (CUSUM)",
        "it is not built yet: outcomes are read when they are complete",
    ),
    ("An estimate without outcomes", "it is not built yet; it could not see a change of the true risk in any case"),
    ("Whether an alarm persists over windows", "it is not built yet: each review stands alone"),
    (
        "Overrides, coverage and time to action",
        "they need the answers that were given, which this review does not read",
    ),
    ("Areas, practices and crossed groups", "few of them would have enough people to be shown"),
)


def review(
    subject: Subject, table: FeatureTable, at: datetime, pages: Path | None = None, step: Step = lambda _: None
) -> Review:
    """Review a model on a feature table; Evidently's pages go into the folder `pages`.

    Raises
    ------
    CannotReview
        If the table lacks predictors of the model or has nobody in it.
    """
    model = subject.model
    table = _ordered(model, table)
    kept = table.rows(big_enough(table.axes["region"], table.person_id))
    left_out, table = len(kept) < len(table), kept
    if pages is not None:
        drift.clear(pages)
    step("Comparing the inputs of each region with the profile")
    found = review_inputs(model, table, at, pages)
    step("Comparing risks with what happened")
    horizon = model.recalibration.primary
    risk = model.risks(table.values, table.axes["region"].tolist())[:, model.recalibration.primary_index]
    groups = review_performance(table, risk, horizon, subject.threshold)
    return Review(
        subject=subject,
        made_at=at,
        data_to=calendar_date(table.data_to).isoformat(),
        everyone=_window(table, None),
        ripe=_window(table.rows(matured(table, horizon)), horizon),
        inputs=found,
        groups=groups,
        attention=attention(found, groups),
        not_done=((LEFT_OUT,) if left_out else ()) + _not_done(subject, found, groups),
    )


def configuration() -> dict[str, Any]:
    """Everything that decides a state, for the file and its hash."""
    return {
        "false_alarms": states.FALSE_ALARMS,
        "limits": {name: {k: _finite(v) for k, v in asdict(limits).items()} for name, limits in LIMITS.items()},
        "inputs": {
            "minimum_effect": bins.MINIMUM_EFFECT,
            "material": bins.MATERIAL,
            "large": bins.LARGE,
            "error": bins.ERROR,
            "empty": inputs.EMPTY,
            "already_empty": inputs.ALREADY_EMPTY,
        },
    }


def configuration_hash() -> str:
    """SHA-256 of the configuration: two reviews with the same one were judged alike."""
    return hashlib.sha256(json.dumps(configuration(), sort_keys=True).encode()).hexdigest()


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not np.isfinite(value) else value


def _ordered(model: Model, table: FeatureTable) -> FeatureTable:
    """The table with the columns of the model in the model's order."""
    wanted = [column.name for column in model.columns]
    lacking = sorted(set(wanted) - set(table.columns))
    reasons = (
        [f"the feature table lacks {', '.join(lacking)}; build it from the pathway of the model"] if lacking else []
    )
    reasons += [] if big_enough(table.axes["region"], table.person_id).any() else ["no region has 8 people or more"]
    if reasons:
        raise CannotReview(model.name, reasons)
    if list(table.columns) == wanted:
        return table
    at = [table.columns.index(name) for name in wanted]
    kept = {name: getattr(table, name) for name in FeatureTable.__dataclass_fields__}
    return FeatureTable(**kept | {"columns": tuple(wanted), "values": table.values[:, at]})


def _window(table: FeatureTable, horizon: int | None) -> Window:
    """Months, because the first and the last day may be one person's."""
    people = suppress(len(np.unique(table.person_id)))
    if not people:
        return Window(None, None, people, None if people is None else 0)
    first, last = (calendar_date(int(day)).strftime("%Y-%m") for day in (table.index_day.min(), table.index_day.max()))
    outcomes = None
    if horizon is not None:
        had = (table.event == OUTCOME) & (table.time < horizon)
        outcomes = suppress(len(np.unique(table.person_id[had])))
    return Window(first, last, people, suppress(len(table)), outcomes)


def _not_done(subject: Subject, found: tuple[InputCell, ...], groups: tuple[Group, ...]) -> tuple[tuple[str, str], ...]:
    here: dict[str, str] = {}
    for cell in found:
        if cell.state == "not run":
            here.setdefault(f"Inputs of region {cell.region}", cell.reason)
    if not groups:
        days = subject.model.recalibration.primary
        here["Risks against outcomes"] = f"no index date lies {days} days before the end of the records"
    for group in groups:
        for one in group.cells:
            if one.state == "not run":
                here.setdefault(f"{one.measure} by {one.axis}".replace("_", " "), one.reason)
    return (*here.items(), *NEVER_DONE)
