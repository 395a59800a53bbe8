"""The leakage certificate: what was tried to find out whether a model could know what nobody could know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

State = Literal["pass", "breach", "insufficient", "not run"]

IN_WORDS: Mapping[str, str] = {
    "pass": "passed",
    "breach": "FAILED",
    "insufficient": "too little evidence",
    "not run": "not run",
}
GRAVEST: tuple[State, ...] = ("breach", "not run", "insufficient", "pass")


@dataclass(frozen=True)
class Check:
    """One check: what was asked, what came out, and the aggregates behind it."""

    name: str
    asks: str
    state: State
    says: str
    figures: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Declared:
    """A predictor that may be strong alone, with the reason that its definition gives and how strong it was here."""

    predictor: str
    because: str
    c_statistic: Mapping[str, Any]


@dataclass(frozen=True)
class Certificate:
    """All checks of one model. It is as good as its worst check: only if all have passed has it."""

    checks: tuple[Check, ...]
    declared: tuple[Declared, ...]

    @property
    def state(self) -> State:
        found = {check.state for check in self.checks}
        return next((state for state in GRAVEST if state in found), "not run")

    def to_json(self) -> dict[str, Any]:
        return {
            "state": self.state,
            "checks": [asdict(check) for check in self.checks],
            "declared": [asdict(one) for one in self.declared],
        }
