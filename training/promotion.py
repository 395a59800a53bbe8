"""The gate: may this model become the champion? Every rule and every number of it stands on this page.

A cell is one question about one group, in one of five states: pass, watch, breach, insufficient evidence, not run.
Insufficient never passes. In the hard cells (everybody, each region, six pooled ethnic groups, and all that is not
about a group) a breach or insufficient evidence refuses the model; in finer groups it leaves the group out of the scope
that may be signed. A model that is sound but not shown to rank better than what there is gives way to the simpler one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from evaluation.naming import place
from evaluation.states import State, known, within

Verdict = Literal["pass", "refuse", "simpler ships"]

OBSERVED_OVER_EXPECTED = (0.8, 1.25)
SLOPE = (0.8, 1.2)
"""Limits of calibration in each hard group, by primary horizon."""
WORSE_THAN_CHAMPION = -0.01
"""The c-statistic may lie so much below the champion's, by the lower end of the interval of the paired difference."""
WIDER = 1.6
"""By how much a 95% interval is widened before a figure is called surely not 1: about 30 hard cells share 1 in 20."""
SHARE_TO_REPLACE = 0.5
"""A score that a smaller share of people have cannot take the model's place; it is compared and told."""
HARD_AXES = ("all", "region", "ethnic_group")
ETHNIC_GROUPS = ("White", "Mixed", "Asian", "Black", "Other", "unknown")
COMPLETE = (
    "data",
    "candidates",
    "groups",
    "horizons",
    "comparators",
    "best_single_variable",
    "leakage",
    "parity",
    "made_with",
)
"""What the evidence must hold."""


@dataclass(frozen=True)
class Cell:
    """One rule for one group: what was found and what it means."""

    rule: str
    axis: str
    level: str
    state: State
    says: str
    value: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def hard(self) -> bool:
        return self.axis in HARD_AXES


def gate(evidence: Mapping[str, Any]) -> dict[str, Any]:
    """Verdict, reasons, cells and scope of a model, from its evidence alone."""
    cells = [
        *_certificates(evidence),
        *_enough(evidence),
        *_calibration(evidence),
        *_benefit(evidence),
        *_champion(evidence),
        *_rivals(evidence),
    ]
    rivals = [cell for cell in cells if cell.rule.startswith("better than ")]
    sound = [cell for cell in cells if cell not in rivals and cell.hard]
    refusing = [cell for cell in sound if cell.state in ("breach", "insufficient") or _must_run(cell)]
    beaten = [cell for cell in rivals if cell.state not in ("pass", "not run")]
    verdict: Verdict = "refuse" if refusing else "simpler ships" if beaten else "pass"
    return {
        "verdict": verdict,
        "reasons": [_reason(cell) for cell in (refusing or beaten)],
        "also": [_reason(cell) for cell in beaten] if refusing else [],
        "watch": [_reason(cell) for cell in sound if cell.state == "watch"],
        "cells": [asdict(cell) for cell in cells],
        "scope": _scope([*cells, *_finer(evidence)]),
    }


def _reason(cell: Cell) -> str:
    level = place(cell.level) if cell.axis == "region" else cell.level
    group = "" if cell.axis == "all" else f" ({cell.axis.replace('_', ' ')} {level})"
    return f"{cell.rule}{group}: {cell.says}"


def _must_run(cell: Cell) -> bool:
    """A hard cell that was not run refuses, but for the champion and where a definition has no threshold."""
    return cell.state == "not run" and cell.rule not in ("not worse than the champion", "net benefit")


def _scope(cells: Sequence[Cell]) -> dict[str, list[str]]:
    """Finer groups that may not be signed for, by axis."""
    left: dict[str, list[str]] = {}
    for cell in cells:
        if not cell.hard and cell.state in ("breach", "insufficient") and cell.level not in left.get(cell.axis, []):
            left.setdefault(cell.axis, []).append(cell.level)
    return {"not_for": left}  # type: ignore[dict-item]


def _finer(evidence: Mapping[str, Any]) -> Iterator[Cell]:
    """Cells of single ethnic categories and of axes crossed, as `finer` found them."""
    for each in (evidence.get("finer_groups") or {"cells": ()})["cells"]:
        yield Cell(each["rule"], each["axis"], each["level"], each["state"], each["says"])


def _certificates(evidence: Mapping[str, Any]) -> Iterator[Cell]:
    lacking = [name for name in COMPLETE if not evidence.get(name) and evidence.get(name) != []]
    says = f"it lacks {', '.join(lacking)}" if lacking else "every part is there"
    yield Cell("complete evidence", "all", "all", "breach" if lacking else "pass", says)
    for name, asks in (("leakage", "leakage certificate"), ("parity", "one person as in the table")):
        found = evidence.get(name) or {"state": "not run", "checks": []}
        told = [each["says"] for each in found.get("checks", ()) if each["state"] == found["state"] != "pass"]
        yield Cell(asks, "all", "all", found["state"], " ".join(told) or f"it is {found['state']}")


def _enough(evidence: Mapping[str, Any]) -> Iterator[Cell]:
    found = evidence.get("sample_size")
    if found is None:
        yield Cell("enough people to learn from", "all", "all", "not run", "no sample size was worked out")
        return
    people, needed = found["people"], found["needed"]
    shown = "too few to show" if people is None else f"{people:,}"
    says = f"{shown} of the {needed:,} people that {found['parameters']} parameters need by Riley 2020"
    enough = people is not None and people >= needed
    yield Cell("enough people to learn from", "all", "all", "pass" if enough else "insufficient", says)


def _calibration(evidence: Mapping[str, Any]) -> Iterator[Cell]:
    rows = evidence.get("groups", ())
    for row in rows:
        for name, rule, limits in (
            ("observed_over_expected", "observed over expected", OBSERVED_OVER_EXPECTED),
            ("slope", "slope", SLOPE),
        ):
            yield _within(rule, row["axis"], row["level"], row[name], limits)
    there = {row["level"] for row in rows if row["axis"] == "ethnic_group"}
    for level in ETHNIC_GROUPS:
        if level not in there:
            yield Cell(
                "observed over expected", "ethnic_group", level, "insufficient", "nobody of this group was there"
            )


def _within(rule: str, axis: str, level: str, figure: Mapping[str, Any], limits: tuple[float, float]) -> Cell:
    """Where a figure that should be 1 lies; one that is not shown stays out of the cell."""
    state, says = within(figure, limits, WIDER)
    return Cell(rule, axis, level, state, says, *(known(figure) or ()))


def _benefit(evidence: Mapping[str, Any]) -> Iterator[Cell]:
    """Above treating everybody and nobody: for sure at one threshold at least, and surely below at none."""
    everyone: Mapping[str, Any] = next((row for row in evidence.get("groups", ()) if row["axis"] == "all"), {})
    found = [(each["threshold"], each["gain"]) for each in everyone.get("thresholds", ())]
    if not found:
        yield Cell("net benefit", "all", "all", "not run", "the definition has no threshold to act at")
        return
    known = [(at, gain) for at, gain in found if gain["state"] == "ok" and gain["low"] is not None]
    below = [at for at, gain in known if gain["high"] < 0]
    above = [at for at, gain in known if gain["low"] > 0]
    said = _at_thresholds(known)
    state: State = "breach" if below else "pass" if above else "insufficient"
    yield Cell(
        "net benefit", "all", "all", state, f"over the better of everybody and nobody: {said or 'too few to tell'}"
    )


def _champion(evidence: Mapping[str, Any]) -> Iterator[Cell]:
    found = evidence.get("champion") or {"why_not": "no champion was given to compare with"}
    rule = "not worse than the champion"
    if "gain" not in found:
        yield Cell(rule, "all", "all", "not run", found["why_not"])
        return
    gain = found["gain"]
    if gain["state"] != "ok" or gain["low"] is None:
        yield Cell(rule, "all", "all", "insufficient", f"too few to compare with version {found['version']}")
        return
    says = (
        f"c-statistic {gain['value']:+.3f} ({gain['low']:+.3f} to {gain['high']:+.3f}) over version {found['version']}"
    )
    state: State = "pass" if gain["low"] >= WORSE_THAN_CHAMPION else "breach" if gain["high"] < 0 else "insufficient"
    yield Cell(rule, "all", "all", state, says, gain["value"], gain["low"], gain["high"])


def _rivals(evidence: Mapping[str, Any]) -> Iterator[Cell]:
    """Today's rule, published scores and the best single variable, on the people who have them."""
    best = evidence.get("best_single_variable")
    found = [(each["name"], each) for each in evidence.get("comparators", ())]
    found += [(f"{best['name']} alone", best)] if best else []
    found += [
        (f"{score['score']} on its own outcome", score)
        for one in evidence.get("secondary", ())
        for score in one["scores"]
    ]
    for name, each in found:
        yield _gained(f"better than {name}", "c-statistic", each["gain"], each.get("computable"))
        if "brier_gain" in each:
            yield _gained(f"better than {name} as a risk", "Brier score", each["brier_gain"], each.get("computable"))
            yield from _worth(f"better than {name} to act on", each["net_benefit_gains"])


def _gained(rule: str, what: str, gain: Mapping[str, Any] | None, share: float | None) -> Cell:
    """Pass if surely above 0. What few people have cannot take the model's place, unless it is surely better there."""
    if gain is None or gain["state"] != "ok" or gain["low"] is None:
        cell = Cell(rule, "all", "all", "insufficient", "too few people have it to compare")
    else:
        value, low, high = gain["value"], gain["low"], gain["high"]
        says = f"gain in {what} {value:+.3f} ({low:+.3f} to {high:+.3f}) on the same people"
        state: State = "pass" if low > 0 else "breach" if high < 0 else "watch"
        cell = Cell(rule, "all", "all", state, says, value, low, high)
    if cell.state in ("insufficient", "watch") and share is not None and share < SHARE_TO_REPLACE:
        says = f"{cell.says}; {share:.0%} of people have it, so it could not take the model's place"
        return replace(cell, state="not run", says=says)
    return cell


def _worth(rule: str, gains: Sequence[Mapping[str, Any]]) -> Iterator[Cell]:
    """Net benefit over a published risk: surely below at no threshold."""
    known = [(each["threshold"], each["gain"]) for each in gains]
    known = [(at, gain) for at, gain in known if gain["state"] == "ok" and gain["low"] is not None]
    if not all(gain["low"] <= gain["high"] for _, gain in known):  # NaN is neither
        yield Cell(rule, "all", "all", "insufficient", "it cannot be told at every threshold")
    elif known:
        state: State = "breach" if any(gain["high"] < 0 for _, gain in known) else "pass"
        yield Cell(rule, "all", "all", state, f"net benefit over it: {_at_thresholds(known)}")


def _at_thresholds(known: Sequence[tuple[float, Mapping[str, Any]]]) -> str:
    return ", ".join(
        f"{gain['value']:+.4f} ({gain['low']:+.4f} to {gain['high']:+.4f}) at {at:g}" for at, gain in known
    )
