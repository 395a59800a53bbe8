"""What a shape cannot say: days that exist and in what order, and fields that go together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from serving.problems import Problem
from serving.shapes import RECORDS_AT_MOST

WAYS = ("person_id", "history", "fhir_bundle")
LONGEST_LIFE = timedelta(days=130 * 366)
_CONCEPT = "concept_id, or system and code"


def problems_with(request: Any, today: date, catalogue: Mapping[str, tuple[str, ...]]) -> list[Problem]:
    """Every problem of a request beyond its shape; parts whose shape is wrong are passed over.

    A day is a date, or text as it was sent.
    """
    if not isinstance(request, Mapping):
        return []
    as_of, problems = _as_of(request, today)
    problems += [*_names(request, catalogue), *_ways(request)]
    history = request.get("history")
    if isinstance(history, Mapping):
        problems += _history(history, as_of, today)
    return problems


def _as_of(request: Mapping[str, Any], today: date) -> tuple[date, list[Problem]]:
    day, problem = _day(request.get("as_of"), "as_of")
    if day is not None and day > today:
        problem = Problem("as_of", "a date after today", "a day, YYYY-MM-DD, not after today")
    return (day if day is not None and day <= today else today), [problem] if problem else []


def _names(request: Mapping[str, Any], catalogue: Mapping[str, tuple[str, ...]]) -> Iterator[Problem]:
    pathway, prediction = request.get("pathway"), request.get("prediction")
    if not isinstance(pathway, str):
        return
    if pathway not in catalogue:
        yield Problem("pathway", "an unknown name", ", ".join(catalogue))
    elif isinstance(prediction, str) and prediction not in catalogue[pathway]:
        yield Problem("prediction", "an unknown name", ", ".join(catalogue[pathway]))


def _ways(request: Mapping[str, Any]) -> Iterator[Problem]:
    given = [way for way in WAYS if way in request]
    if len(given) != 1:
        yield Problem("", " and ".join(given) or f"none of {', '.join(WAYS)}", f"exactly one of {', '.join(WAYS)}")
    if "fhir_bundle" in given:
        yield Problem(
            "fhir_bundle", "a FHIR bundle", "person_id or history; FHIR bundles are not supported in this version"
        )


def _history(history: Mapping[str, Any], as_of: date, today: date) -> Iterator[Problem]:
    yield from _person(history.get("person"), "history.person", as_of, today)
    yield from _covers(_list(history.get("covers")))
    records = _list(history.get("records"))
    yield from _records(records, "history.records")
    held = len(records)
    for number, relative in enumerate(_list(history.get("relatives"))):
        if isinstance(relative, Mapping):
            place = f"history.relatives[{number}]"
            yield from _person(relative.get("person"), f"{place}.person", as_of, today)
            yield from _records(_list(relative.get("records")), f"{place}.records")
            held += len(_list(relative.get("records")))
    if len(records) <= RECORDS_AT_MOST < held:
        yield Problem("history", "too many records with those of relatives", f"at most {RECORDS_AT_MOST} records")


def _person(person: Any, place: str, as_of: date, today: date) -> Iterator[Problem]:
    if not isinstance(person, Mapping):
        return
    birth = person.get("birth_date")
    born, problem = _day(f"{birth}-01" if isinstance(birth, str) and len(birth) == 7 else birth, f"{place}.birth_date")
    allowed = "a day or a month of birth, YYYY-MM-DD or YYYY-MM, not after as_of"
    if problem:
        yield Problem(problem.field, problem.found, allowed)
    if born is not None and born > as_of:
        yield Problem(f"{place}.birth_date", "a date after today" if born > today else "a date after as_of", allowed)
    if born is not None and born < as_of - LONGEST_LIFE:
        yield Problem(f"{place}.birth_date", "a date more than 130 years before as_of", allowed)
    first, wrong_first = _day(person.get("observed_from"), f"{place}.observed_from")
    last, wrong_last = _day(person.get("observed_to"), f"{place}.observed_to")
    yield from (problem for problem in (wrong_first, wrong_last) if problem)
    if first is not None and last is not None and last < first:
        yield Problem(f"{place}.observed_to", "a date before observed_from", "a day not before observed_from")


def _covers(covers: Sequence[Any]) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, cover in enumerate(covers):
        if not isinstance(cover, Mapping):
            continue
        _, problem = _day(cover.get("from"), f"history.covers[{number}].from")
        if problem:
            yield problem
        kind = cover.get("kind")
        if isinstance(kind, str) and kind in seen:
            yield Problem(f"history.covers[{number}].kind", "a kind that stands twice", "each kind once")
        seen.add(kind if isinstance(kind, str) else "")


def _records(records: Sequence[Any], place: str) -> Iterator[Problem]:
    for number, record in enumerate(records):
        # Up to 20,000 of them, nearly all in order: those are let through without a generator.
        if isinstance(record, dict) and not (isinstance(record.get("date"), date) and _is_in_order(record)):
            yield from _record(record, place, number)


def _is_in_order(record: dict[str, Any]) -> bool:
    """Whether `_record` would find nothing in a record whose shape is right and whose days are dates."""
    coded = "system" in record and "code" in record
    one_of = not ("system" in record or "code" in record) if "concept_id" in record else coded
    return (
        one_of
        and ("end" not in record or record["end"] >= record["date"])
        and ("operator" not in record or "value" in record)
        and not ("unit" in record and "unit_concept_id" in record)
    )


def _record(record: Mapping[str, Any], place: str, number: int) -> Iterator[Problem]:
    concept, system, code = "concept_id" in record, "system" in record, "code" in record
    if not ((concept and not system and not code) or (system and code and not concept)):
        yield Problem(f"{place}[{number}]", _found_concept(concept, system, code), f"either {_CONCEPT}")
    day, problem = _day(record.get("date"), "date")
    if problem:
        yield Problem(f"{place}[{number}].date", problem.found, problem.allowed)
    if "end" in record:
        end, problem = _day(record["end"], "end")
        if end is not None and day is not None and end < day:
            problem = Problem("end", "a date before date", "a day, YYYY-MM-DD, not before date")
        if problem:
            yield Problem(f"{place}[{number}].end", problem.found, problem.allowed)
    if "entered" in record:
        _, problem = _day(record["entered"], "entered")
        if problem:
            yield Problem(f"{place}[{number}].entered", problem.found, problem.allowed)
    if "operator" in record and "value" not in record:
        yield Problem(f"{place}[{number}].value", "nothing", "a number, because there is an operator")
    if "unit" in record and "unit_concept_id" in record:
        yield Problem(f"{place}[{number}]", "unit_concept_id and unit", "at most one of unit_concept_id and unit")


def _found_concept(concept: bool, system: bool, code: bool) -> str:
    given = [name for name, there in (("concept_id", concept), ("system", system), ("code", code)) if there]
    if len(given) == 1:
        return f"{given[0]} alone"
    return " and ".join(given) or "nothing"


def _day(text: Any, place: str) -> tuple[date | None, Problem | None]:
    """The day; or nothing, with a problem if it has the form of a day that no calendar has."""
    if isinstance(text, date):
        return text, None
    if not isinstance(text, str) or len(text) != 10:
        return None, None
    try:
        return date.fromisoformat(text), None
    except ValueError:
        has_form = text[4] == text[7] == "-" and text.replace("-", "").isdecimal()
        return None, Problem(place, "a day that is in no calendar", "a day, YYYY-MM-DD") if has_form else None


def _list(part: Any) -> list[Any]:
    return part if isinstance(part, list) else []
