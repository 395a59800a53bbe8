"""Sixty subgroups of 100,000 people, every measure with an interval: ours by influence, Fairlearn's by bootstrap.

Fairlearn's MetricFrame knows no censoring, so everybody is followed. It gets six of our measures; we make them all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.clock import alternating, cpu_seconds, medians
from evaluation.groups import Row, by_axis

PEOPLE, HORIZON, THRESHOLD = 100_000, 365, 0.1
AXES = ("region", "sex", "age_band", "ethnicity", "deprivation", "ethnic_group x deprivation", "region x deprivation")
RESAMPLES, USUAL = 2, 100
"""As many as are waited for here, and as many as an interval takes."""
GOAL_S = 10.0

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Drawn:
    """What `by_axis` reads of a feature table, everybody followed to the horizon."""

    time: NDArray[np.int32]
    event: NDArray[np.int8]
    measured: NDArray[np.bool_]
    family: NDArray[np.int64]
    index_day: NDArray[np.int32]
    data_to: int
    axes: dict[str, NDArray[np.str_]]


def drawn(people: int, seed: int = 1) -> tuple[Drawn, Floats]:
    """Made-up people with 16 ethnic categories and the missing, and their true risk."""
    draw = np.random.default_rng(seed)
    risk = draw.beta(1.2, 10, people)
    had = draw.random(people) < risk
    categories = np.array([*"ABCDEFGHJKLMNPRS", ""])
    table = Drawn(
        time=np.where(had, draw.integers(0, HORIZON, people), HORIZON + 1).astype(np.int32),
        event=had.astype(np.int8),
        measured=np.ones(people, dtype=bool),
        family=np.arange(people),
        index_day=np.zeros(people, dtype=np.int32),
        data_to=10 * HORIZON,
        axes={
            "region": draw.choice(["E12000007", "E40000001"], people),
            "sex": draw.choice(["female", "male"], people),
            "age_band": draw.choice(["under 18", "18-34", "35-49", "50-64", "65-74", "75+"], people),
            "ethnicity": draw.choice(categories, people, p=[0.5, *[0.03] * 15, 0.05]),
            "deprivation": draw.choice(list("12345"), people),
        },
    )
    return table, risk


def ours(table: Drawn, risk: Floats) -> tuple[Row, ...]:
    """Every measure of everybody and of each group."""
    return by_axis(table, risk, HORIZON, AXES, (THRESHOLD,))


def theirs(table: Drawn, risk: Floats, resamples: int = RESAMPLES) -> list[Any]:
    """Six measures of each group, a MetricFrame for each axis, since it crosses all that it is given at once."""
    from fairlearn.metrics import MetricFrame

    from evaluation.axes import labels

    return [
        MetricFrame(
            metrics=METRICS,
            y_true=table.event.astype(bool),
            y_pred=risk,
            sensitive_features=labels(table, axis),
            n_boot=resamples,
            ci_quantiles=[0.025, 0.975],
            random_state=1,
        )
        for axis in AXES
    ]


def _c_statistic(had: Any, risk: Any) -> float:
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score(had, risk))


METRICS: dict[str, Callable[[Any, Any], float]] = {
    "c_statistic": _c_statistic,
    "observed_over_expected": lambda had, risk: float(np.sum(had) / np.sum(risk)),
    "brier": lambda had, risk: float(np.mean((np.asarray(had, dtype=float) - risk) ** 2)),
    "flagged": lambda had, risk: float(np.mean(risk >= THRESHOLD)),
    "sensitivity": lambda had, risk: float(np.sum(had & (risk >= THRESHOLD)) / np.sum(had)),
    "ppv": lambda had, risk: float(np.sum(had & (risk >= THRESHOLD)) / np.sum(risk >= THRESHOLD)),
}


def measure(people: int = PEOPLE, resamples: int = RESAMPLES, repeats: int = 3) -> dict[str, Any]:
    """CPU seconds of both and how far their figures are apart; theirs once, as it takes minutes."""
    table, risk = drawn(people)
    rows = ours(table, risk)
    taken = medians(alternating({"ours": lambda: ours(table, risk)}, repeats))
    before = cpu_seconds()
    frames = theirs(table, risk, resamples)
    bootstrap = cpu_seconds() - before
    return {
        "people": people,
        "groups": len(rows) - 1,
        "ours_cpu_s": taken["ours"],
        "theirs_cpu_s": bootstrap,
        "resamples": resamples,
        "ratio": bootstrap / taken["ours"],
        "most_apart": max(_apart(rows, axis, frame) for axis, frame in zip(AXES, frames, strict=True)),
    }


def _apart(rows: tuple[Row, ...], axis: str, frame: Any) -> float:
    """The largest difference of a figure that both have, over the groups of an axis."""
    found = 0.0
    for row in rows:
        if row.axis == axis:
            at = row.measures.thresholds[0]
            same = {name: getattr(row.measures, name).value for name in ("c_statistic", "observed_over_expected")}
            same |= {"brier": row.measures.brier.value, "flagged": at.flagged.value}
            same |= {"sensitivity": at.sensitivity.value, "ppv": at.ppv.value}
            their = frame.by_group.loc[row.level]
            found = max(found, *(abs(value - float(their[name])) for name, value in same.items()))
    return found


def lines_of(found: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """As `bench.report` shows them."""
    yield (
        f"{found['groups']} subgroups of {found['people']:,} people",
        f"{found['ours_cpu_s']:.1f} CPU s; {found['resamples']} resamples of Fairlearn's bootstrap take "
        f"{found['ratio']:.0f} times as long ({found['theirs_cpu_s']:.0f} CPU s)",
        f"below {GOAL_S:.0f} s",
        "every measure of `evaluation` with its interval, and Fairlearn's MetricFrame with six of them (c-statistic, "
        f"observed over expected, Brier, flagged, sensitivity, PPV), which differ by {found['most_apart']:.0e} at most."
        f" An interval takes some {USUAL} resamples, for which nobody waits here.",
    )
