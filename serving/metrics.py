"""Counts for the operators, in Prometheus text. Labels are names of ours; nothing that a client sent becomes one."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Labels = tuple[tuple[str, str], ...]


class Metrics:
    """The counts of one process since it started."""

    def __init__(self) -> None:
        self._requests: Counter[Labels] = Counter()
        self._answers: Counter[Labels] = Counter()
        self._missing: Counter[Labels] = Counter()
        self._buckets: dict[str, list[int]] = {}
        self._seconds: dict[str, float] = {}
        self._models: list[Labels] = []

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count one request; `route` is a template, never a path."""
        known = method if method in METHODS else "other"
        self._requests[("route", route), ("method", known), ("status", str(status))] += 1
        self._buckets.setdefault(route, [0] * (len(BUCKETS) + 1))[bisect_left(BUCKETS, seconds)] += 1
        self._seconds[route] = self._seconds.get(route, 0.0) + seconds

    def answer(self, pathway: str, prediction: str, status: str, missing: Iterable[str]) -> None:
        """Count one answer by what it could say, and the inputs that were missing by name."""
        asked = (("pathway", pathway), ("prediction", prediction))
        self._answers[(*asked, ("status", status))] += 1
        for name in missing:
            self._missing[(*asked, ("input", name))] += 1

    def models(self, models: Iterable[tuple[str, str, str, str]]) -> None:
        """Which model answers for each prediction: name, version, digest, state."""
        names = ("model", "version", "digest", "state")
        self._models = [tuple(zip(names, model, strict=True)) for model in models]

    def text(self) -> str:
        """Everything counted, in Prometheus' text format."""
        return "\n".join([*self._lines(), ""])

    def _lines(self) -> Iterator[str]:
        yield from _counter("risk_requests_total", "Requests by route template.", self._requests)
        yield from _counter("risk_answers_total", "Answers by pathway and status.", self._answers)
        yield from _counter("risk_missing_inputs_total", "Inputs missing from answers.", self._missing)
        yield from self._histogram("risk_request_seconds")
        yield "# HELP risk_model_info The model of each prediction."
        yield "# TYPE risk_model_info gauge"
        yield from (f"risk_model_info{_braces(labels)} 1" for labels in self._models)

    def _histogram(self, name: str) -> Iterator[str]:
        yield f"# HELP {name} Seconds from a request to its answer."
        yield f"# TYPE {name} histogram"
        for route, counts in self._buckets.items():
            total = 0
            for limit, count in zip((*map(str, BUCKETS), "+Inf"), counts, strict=True):
                total += count
                yield f"{name}_bucket{_braces((('route', route), ('le', limit)))} {total}"
            yield f"{name}_sum{_braces((('route', route),))} {self._seconds[route]:.6f}"
            yield f"{name}_count{_braces((('route', route),))} {total}"


def _counter(name: str, about: str, counts: Counter[Labels]) -> Iterator[str]:
    yield f"# HELP {name} {about}"
    yield f"# TYPE {name} counter"
    yield from (f"{name}{_braces(labels)} {count}" for labels, count in counts.items())


def _braces(labels: Labels) -> str:
    escaped = ((name, value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")) for name, value in labels)
    return "{" + ",".join(f'{name}="{value}"' for name, value in escaped) + "}"
