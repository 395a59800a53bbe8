"""A trained model into the registry: its folder, and the aggregates by which its versions are compared."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from registry import bundle, store
from registry.model import Model
from training.train import Options

FIGURES = ("c_statistic", "average_precision", "observed_over_expected", "slope", "brier")


def register(model: Model, folder: Path, uri: str, options: Options, files_at: str = "") -> tuple[str, str]:
    """Seal the model in `folder`, register it as challenger, and return its version and digest."""
    digest = bundle.save(model, folder)
    version = store.register(
        folder,
        model.name,
        uri,
        metrics=dict(_metrics(model)),
        params=_params(model, options),
        tags=_tags(model),
        files_at=files_at,
    )
    return version, digest


def _metrics(model: Model) -> Iterator[tuple[str, float]]:
    """The published figures for all and for each region; what is hidden or insufficient is left out."""
    for row in model.evidence["groups"]:
        if row["axis"] not in ("all", "region"):
            continue
        ending = "" if row["axis"] == "all" else f"/{_plain(row['level'])}"
        for name in FIGURES:
            yield from _figure(f"{name}{ending}", row[name])
    for each in model.evidence["comparators"]:
        yield from _figure(f"gain_over/{_plain(each['name'])}", each["gain"])


def _figure(name: str, figure: dict[str, Any]) -> Iterator[tuple[str, float]]:
    if figure["state"] == "ok":
        ends = {name: "value", f"{name}.low": "low", f"{name}.high": "high"}
        yield from ((key, float(figure[part])) for key, part in ends.items())


def _params(model: Model, options: Options) -> dict[str, str]:
    settings = {name: f"{value:g}" for name, value in model.evidence["candidates"]["settings"].items()}
    return settings | {
        "candidate": model.evidence["candidates"]["chosen"],
        "horizon_days": str(model.recalibration.primary),
        "predictors": str(len(model.columns)),
        "seed": str(options.effort.seed),
        "trials": str(options.effort.trials),
    }


def _tags(model: Model) -> dict[str, str]:
    return {
        "pathway": model.pathway,
        "prediction": model.prediction,
        "snapshot": model.evidence["data"]["snapshot"],
        "trained_on": model.trained_on,
        "made_on": model.made_on.isoformat(),
        "use": "demonstration",
        "gate": model.evidence["gate"]["verdict"],
    }


def _plain(text: str) -> str:
    """MLflow allows letters, digits and a few signs in the name of a metric."""
    return "".join(sign if sign.isalnum() or sign in "_- " else "_" for sign in text)
