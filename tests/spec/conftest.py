"""The three sentences of a drawn table: a word gives a value, a date is an index date, a watch ends."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import ibis
import numpy as np
import pytest

from features.days import number
from pathways.words import KINDS, IndexDate, Outcome, Word
from tests.spec import drawn, omop_tables
from tests.spec.drawn import Patient
from tests.spec.routes import by_history, by_lists, by_tables, days_of, ends_of


@pytest.fixture(scope="session")
def duck() -> Any:
    return ibis.duckdb.connect()


@pytest.fixture(scope="session")
def spec(duck: Any) -> Callable[..., None]:
    """Run a word on drawn people by table, by history and by the slow reference; all must give the same.

    `covers` names the kinds of record that are complete, with the day from which they are (default: all, always). A day
    other than always can only be said in a history, as can the day of entry of anything but a diagnosis, so `routes`
    leaves the tables out there.
    """

    def run(
        records: str,
        word: Word,
        *,
        on: str | Mapping[str, str] = "2023-05-01",
        gives: Any,
        people: str = "",
        covers: Mapping[str, str] | None = None,
        routes: tuple[str, ...] = ("tables", "history"),
    ) -> None:
        everyone = drawn.patients(records, people)
        expected = gives if isinstance(gives, Mapping) else dict.fromkeys(everyone, gives)
        days = {name: date.fromisoformat(on if isinstance(on, str) else on[name]) for name in expected}
        complete = dict.fromkeys(KINDS, drawn.ALWAYS) if covers is None else _dates(covers)
        found = {"reference": by_lists(word, everyone, days, complete)}
        if "history" in routes:
            found["history"] = by_history(word, everyone, days, complete)
        if "tables" in routes:
            absent = [kind for kind in KINDS if kind not in complete]
            source = omop_tables.as_source(omop_tables.omop(everyone, absent), duck)
            found["tables"] = by_tables(word, everyone, days, source)
        for route, values in found.items():
            for name, wanted in expected.items():
                _agree(route, name, values[name], wanted)
        if len(found) == 3:
            _same_bits(found["tables"], found["history"])

    return run


def _dates(covers: Mapping[str, str]) -> dict[str, date]:
    return {kind: date.fromisoformat(day) for kind, day in covers.items()}


def _agree(route: str, name: str, value: float, wanted: Any) -> None:
    if wanted is None:
        assert math.isnan(value), f"{name} by {route}: {value}, expected nothing"
    elif isinstance(wanted, str):
        assert value == number(date.fromisoformat(wanted)), f"{name} by {route}: day {value}, expected {wanted}"
    elif isinstance(wanted, bool | int | float):
        close = 1e-6 if route == "history" else 1e-9  # a history's predictors are float32
        assert value == pytest.approx(float(wanted), rel=close, abs=1e-12), f"{name} by {route}"
    else:
        assert value == wanted, f"{name} by {route}"


def _same_bits(tables: Mapping[str, float], history: Mapping[str, float]) -> None:
    for name in history:
        one, two = np.float32(tables[name]), np.float32(history[name])
        assert one.tobytes() == two.tobytes(), f"{name}: {one} by table, {two} by history"


@pytest.fixture(scope="session")
def dated(duck: Any) -> Callable[..., None]:
    """Index dates of drawn people."""

    def run(records: str, index: IndexDate, *, gives: Mapping[str, list[str]], people: str = "") -> None:
        everyone = drawn.patients(records, people)
        found = days_of(index, everyone, omop_tables.as_source(omop_tables.omop(everyone), duck))
        assert {name: found[name] for name in gives} == gives

    return run


@pytest.fixture(scope="session")
def ended(duck: Any) -> Callable[..., None]:
    """What ended the watch of drawn people, and how many days after the index date."""

    def run(
        records: str,
        outcome: Outcome,
        *,
        on: str | Mapping[str, str] = "2023-05-01",
        gives: Mapping[str, tuple[str, int]],
        people: str = "",
    ) -> None:
        everyone: dict[str, Patient] = drawn.patients(records, people)
        days = {name: date.fromisoformat(on if isinstance(on, str) else on[name]) for name in gives}
        found = ends_of(outcome, everyone, days, omop_tables.as_source(omop_tables.omop(everyone), duck))
        assert found == dict(gives)

    return run
