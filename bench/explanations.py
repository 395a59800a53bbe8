"""One explanation, and ten thousand, by our kernel and by LightGBM's own `pred_contrib`, of the same trees."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from bench.clock import alternating, medians
from registry import forest

ROWS = 10_000
CALLS, REPEATS = 100, 15
LARGE = {"trees": 300, "leaves": 31, "predictors": 120}


def measure(texts: dict[str, str], rows: int = ROWS, repeats: int = REPEATS) -> list[dict[str, Any]]:
    """CPU time of each model's explanations, the sides alternating; rows vary, as people do."""
    return [_measured(name, text, rows, repeats) for name, text in texts.items()]


def large(trees: int = LARGE["trees"]) -> str:
    """Trees larger than training makes them: 31 leaves at any depth."""
    draw = np.random.default_rng(1)
    values = _rows(draw, 20_000, LARGE["predictors"])
    known = np.nan_to_num(values)
    outcome = draw.random(len(values)) < 1 / (1 + np.exp(2 - known[:, 0] - known[:, 1] * known[:, 2] - known[:, 3]))
    settings = {"objective": "binary", "num_leaves": LARGE["leaves"], "num_threads": 1, "seed": 1, "verbose": -1}
    return str(lightgbm.train(settings, lightgbm.Dataset(values, outcome), trees).model_to_string())


def _rows(draw: np.random.Generator, rows: int, predictors: int) -> NDArray[np.float32]:
    values = draw.normal(size=(rows, predictors)).astype(np.float32)
    values[draw.random(values.shape) < 0.1] = np.nan
    return values


def _measured(name: str, text: str, rows: int, repeats: int) -> dict[str, Any]:
    booster, ours = lightgbm.Booster(model_str=text), forest.read(text)
    values = _rows(np.random.default_rng(2), rows, ours.predictors)
    none = np.full(ours.predictors, np.nan)
    sides: dict[str, Callable[[NDArray[np.float32]], object]] = {
        "ours": lambda some: ours.contributions(some, none),
        "contrib": lambda some: booster.predict(some, pred_contrib=True, num_threads=1),
        "predict": lambda some: booster.predict(some, raw_score=True, num_threads=1),
    }
    ones = {side: _one_by_one(call, values) for side, call in sides.items()}
    one = medians(alternating(ones, 1 + repeats))  # the first of many also fetches our kernel from its cache
    many = medians(alternating({side: partial(sides[side], values) for side in ("ours", "contrib")}, 1))
    return {
        "model": name,
        "trees": ours.trees,
        "rows": rows,
        "one_us": {side: seconds / CALLS * 1e6 for side, seconds in one.items()},
        "over_contrib": one["ours"] / one["contrib"],
        "over_predict": one["ours"] / one["predict"],
        "many_s": many,
        "many_over_contrib": many["ours"] / many["contrib"],
        "most_apart": _most_apart(booster, ours, values[:500], none),
    }


def _one_by_one(call: Callable[[NDArray[np.float32]], object], values: NDArray[np.float32]) -> Callable[[], None]:
    def each() -> None:
        for row in range(CALLS):
            at = row % len(values)
            call(values[at : at + 1])

    return each


def _most_apart(booster: Any, ours: forest.Forest, values: NDArray[np.float32], none: NDArray[np.float64]) -> float:
    theirs = booster.predict(values, pred_contrib=True, num_threads=1)[:, :-1]
    return float(np.abs(ours.contributions(values, none)[1] - theirs).max())


def lines_of(found: list[dict[str, Any]]) -> Iterator[tuple[str, str, str, str]]:
    """Lines of the page: see `bench.report`."""
    for each in found:
        one, many = each["one_us"], each["many_s"]
        yield (
            f"one explanation, {each['model']}",
            f"{each['over_contrib']:.2f} of `pred_contrib`, {each['over_predict']:.2f} of `predict` "
            f"({one['ours']:.0f}, {one['contrib']:.0f} and {one['predict']:.0f} CPU µs)",
            "",
            f"log-odds and contributions of one row at a time, by our kernel and by LightGBM on one thread, of "
            f"{each['trees']} trees. They differ by {each['most_apart']:.0e} at most.",
        )
        yield (
            f"{each['rows']:,} explanations, {each['model']}",
            f"{each['many_over_contrib']:.2f} of `pred_contrib` ({many['ours']:.2f} over {many['contrib']:.2f} CPU s)",
            "",
            "the same, all rows in one call.",
        )
