"""The page of several reviews: every model in one table, the worst first, and those that could not be reviewed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from evaluation.states import STATES
from monitoring.jobs import Reviewed
from monitoring.markup import Content, Markup, bullets, defined, element, joined, page, section, table, tag
from monitoring.reading import HOW_TO_READ
from monitoring.report import banner
from monitoring.written import PAGE

TITLE = "Are the models still right?"


def write(found: Sequence[Reviewed], why_not: Mapping[str, str], at: datetime, folder: Path) -> Path:
    """Write the page into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / PAGE
    path.write_text(overview(found, why_not, at, folder), encoding="utf-8")
    return path


def overview(found: Sequence[Reviewed], why_not: Mapping[str, str], at: datetime, folder: Path) -> str:
    """The page as HTML, to lie in `folder`, with links to the pages of the reviews; `why_not` is by model."""
    ordered = sorted(found, key=lambda each: (STATES.index(each.state), -_count(each, "breach"), each.name))
    parts: list[Content] = [element("h1", TITLE)]
    parts += [banner(text) for text in sorted({each.banner for each in found if each.banner})]
    if why_not:
        parts.append(_not_reviewed(why_not))
    parts += [_models(ordered, folder), section("reading", "How to read this", defined(HOW_TO_READ))]
    said = element("p", "Model review"), element("p", _said(found, why_not))
    footer = element("footer", element("p", f"Made at {at.isoformat(timespec='seconds')}."))
    return page(
        TITLE,
        element("header", element("div", *said, css="inner")),
        element("div", element("main", *parts, id="main"), footer, css="inner"),
    )


def _said(found: Sequence[Reviewed], why_not: Mapping[str, str]) -> str:
    many = "1 model" if len(found) == 1 else f"{len(found)} models"
    return f"{many} reviewed" + (f", {len(why_not)} not" if why_not else "")


def _not_reviewed(why_not: Mapping[str, str]) -> Markup:
    return section("not-reviewed", "Not reviewed, which is no pass", bullets(list(why_not.values())))


def _models(ordered: Sequence[Reviewed], folder: Path) -> Markup:
    rows: list[list[Content]] = [
        [_named(each, folder), tag(each.state), *(str(_count(each, state)) for state in STATES)] for each in ordered
    ]
    headings = ["Model", "State", *(state[:1].upper() + state[1:] for state in STATES)]
    return section("models", "Every model, the worst first", table("Cells by state", headings, rows, numbers_from=2))


def _named(each: Reviewed, folder: Path) -> Markup:
    link = element("a", each.title, href=each.page.relative_to(folder).as_posix())
    below = f"{each.name}, version {each.version}, records to {each.data_to}"
    return joined(link, element("span", _first_alarm(each), css="after"), element("span", below, css="below"))


def _first_alarm(each: Reviewed) -> str:
    if not each.attention:
        return "No alarm."
    first, more = each.attention[0], len(each.attention) - 1
    said = f"{first.where}: {first.what[:1].lower()}{first.what[1:]}."
    return f"{said} And {more} more." if more else said


def _count(each: Reviewed, state: str) -> int:
    return each.inputs[state] + each.performance[state]
