"""What `python -m pathways check` shows: drawn people, concept ids, and how often each predictor has a value.

This is the edge of the package: it alone of the definitions' side asks the stages behind them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import typer

from features.availability import Available, availability
from features.cohort import NothingToPredict
from features.drawn import DrawnWrongly, Outcome, judged
from features.source import SourceError, open_source
from pathways.check import HIDDEN_BELOW, SHOWN, Concept, Report
from pathways.definition import Pathway

DRAWN = Path(__file__).parent / "drawn"


@dataclass(frozen=True)
class People:
    """What became of the people drawn for a pathway; `problem` if their file is not there or cannot be read."""

    pathway: str
    outcomes: tuple[Outcome, ...] = ()
    problem: str = ""
    unreadable: bool = False

    @property
    def wrong(self) -> bool:
        """Whether somebody fares otherwise than the file says; no file is no pass and no fault."""
        return self.unreadable or any(not one.agrees for one in self.outcomes)


def drawn_of(name: str, pathway: Pathway) -> People:
    """Hold the definition against the people drawn for it."""
    path = DRAWN / f"{name}.txt"
    if not path.exists():
        return People(name, problem=f"nobody is drawn in pathways/drawn/{name}.txt, so none was tried")
    try:
        return People(name, tuple(judged(pathway, path.read_text(encoding="utf-8"))))
    except DrawnWrongly as wrong:
        return People(name, problem=f"{path.name}: {wrong}", unreadable=True)


def shares(pathway: Pathway, source: Path) -> list[tuple[str, int, list[Available]]]:
    """For each prediction the people who may be scored in a source, and who has what; nothing of a vocabulary alone."""
    try:
        opened = open_source(source)
    except SourceError:
        return []
    found = []
    for prediction in pathway.predictions:
        try:
            people, rows = availability(pathway, prediction, opened)
        except NothingToPredict:
            people, rows = 0, []
        found.append((prediction.name, people, rows))
    return found


def to_json(people: People, report: Report, available: Mapping[str, Any]) -> dict[str, Any]:
    """One pathway's check for machines."""
    return asdict(report) | {
        "passes": report.passes and not people.wrong,
        "drawn": {"problem": people.problem, "outcomes": [asdict(one) for one in people.outcomes]},
        "available": [
            {
                "prediction": name,
                "people": _people(people),
                "shares": [asdict(one) for one in rows] if _enough(people) else [],
            }
            for name, people, rows in available.get(report.pathway, ())
        ],
    }


def print_drawn(people: People) -> None:
    """Each of them who fares otherwise than the file says, and how many there were."""
    for one in people.outcomes:
        if not one.agrees:
            typer.echo(
                f"  {one.prediction}, {one.person}, {one.asked}: the file says {one.expected}, found {one.found}"
            )
    right = sum(one.agrees for one in people.outcomes)
    said = people.problem or f"{right} of {len(people.outcomes)} things said of drawn people hold"
    typer.echo(f"{people.pathway}: {said}.")


def print_shares(available: Sequence[tuple[str, int, list[Available]]]) -> None:
    """The share of people with each predictor and comparator, whole per cents; nothing of few people."""
    for prediction, people, rows in available:
        if not _enough(people):
            typer.echo(f"\n{prediction}: too few people may be scored here to say what is available")
            continue
        typer.echo(f"\n{prediction}: of about {_people(people):,} people who may be scored, on their last index date")
        for one in rows:
            typer.echo(f"  {one.kind:<11} {one.share:>4.0%}  {one.name}")


def _enough(people: int) -> bool:
    return people >= 10 * HIDDEN_BELOW


def _people(people: int) -> int:
    return 5 * round(people / 5)


def print_report(report: Report) -> None:
    """One block for each concept set: its ids, the rows that it matches, and what it misses."""
    typer.echo(f"{report.pathway}: concept ids against the vocabulary, and the {SHOWN} commonest concepts in the data")
    typer.echo("that share a word with a set and that it does not match")
    if not report.descendants:
        typer.echo("The source has no CONCEPT_ANCESTOR, so descendants of a concept are not matched.")
    for used_by in dict.fromkeys(one.used_by for one in report.concepts):
        matched = f": {_rows(report.matched[used_by])} matched" if used_by in report.matched else ""
        typer.echo(f"\n{used_by}{matched}")
        for one in report.concepts:
            if one.used_by == used_by:
                typer.echo(f"  {one.status:<12}  {one.concept_id:>9}  {one.name}{_remark(one)}")
        for each in report.similar.get(used_by, ()):
            typer.echo(f"  {'not matched':<12}  {each.concept_id:>9}  {each.name}: {_rows(each.rows)} of {each.table}")
    typer.echo(_verdict(report))


def _remark(one: Concept) -> str:
    if one.status == "contradicted":
        return f" - the vocabulary calls it {one.found}"
    return f" ({one.remark})" if one.remark else ""


def _rows(count: int | None) -> str:
    return "under 8 rows" if count is None else f"{count:,} rows"


def _verdict(report: Report) -> str:
    counts: Counter[str] = Counter(one.status for one in report.concepts)
    counted = ", ".join(f"{counts[status]} {status}" for status in ("verified", "contradicted", "not found"))
    flagged = sum(bool(one.remark) for one in report.concepts)
    verdict = f"This is not a pass: {' and '.join(_faults(counts))}." if not report.passes else "Pass."
    return f"\n{report.pathway}: {counted}; {flagged} of the verified are not standard. {verdict}"


def _faults(counts: Mapping[str, int]) -> Iterator[str]:
    if counts["contradicted"]:
        yield "an id may stand for something else where the vocabulary gives it another name"
    if counts["not found"]:
        yield "an id that was not found was not verified"
