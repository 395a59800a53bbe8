"""The page that a safety reviewer reads: what needs attention, then what it rests on, then what was not done."""

from __future__ import annotations

from pathlib import Path

from evaluation.naming import place
from monitoring import tables
from monitoring.document import SCHEMA_VERSION
from monitoring.markup import Content, Markup, bullets, defined, element, page, section
from monitoring.naming import count, counts_in_words
from monitoring.performance import AXES
from monitoring.reading import HOW_TO_READ, MEANINGS
from monitoring.review import DONE, Review, configuration_hash


def report(review: Review, evidently: tuple[str, ...] = ()) -> str:
    """The page as HTML; `evidently` names its files beside the page."""
    subject = review.subject
    title = subject.headline
    return page(
        f"{title}, model review",
        _header(review),
        element(
            "div",
            element(
                "main",
                element("h1", f"{title}: is the model still right?"),
                banner(subject.banner),
                _attention(review),
                _calibration(review),
                _fairness(review),
                _inputs(review, evidently),
                _how_to_read(),
                _not_done(review),
                id="main",
            ),
            _footer(review),
            css="inner",
        ),
    )


def _header(review: Review) -> Markup:
    model = review.subject.model
    lines = (
        element("p", "Model review"),
        element("p", f"{model.name}, version {review.subject.version}, made on {model.made_on.isoformat()}"),
    )
    return element("header", element("div", *lines, css="inner"))


def banner(text: str) -> Content:
    """What must stand above everything, if there is anything."""
    return element("div", element("p", element("strong", text)), css="demonstration") if text else ""


def _attention(review: Review) -> Markup:
    open_cells = sum(
        found[state]
        for found in (review.input_states, review.performance_states)
        for state in ("insufficient", "not run")
    )
    said = f"{open_cells} cells could not be judged (insufficient or not run); they are not passes."
    parts: list[Content] = [element("p", _headline(review)), tables.states(review)]
    if review.attention:
        parts.append(tables.attention(review.attention))
    return section("attention", "What needs attention", *parts, element("p", said if open_cells else ""))


def _headline(review: Review) -> str:
    alarms = len(review.attention)
    if not alarms:
        return "No alarm."
    breaches = sum(each.state == "breach" for each in review.attention)
    said = "1 alarm" if alarms == 1 else f"{alarms} alarms"
    return f"{said}, {breaches} of them a breach. Nothing was changed: every act below is a proposal."


def _calibration(review: Review) -> Markup:
    ripe, horizon = review.ripe, review.subject.model.recalibration.primary
    if not review.groups:
        return section(
            "calibration",
            "Calibration by region",
            element("p", f"Not run: nobody's time at risk of {horizon} days is over."),
        )
    said = (
        f"{count(ripe.people)} people with {count(ripe.index_dates)} index dates from {ripe.first} to {ripe.last}, "
        f"whose {horizon} days at risk were over when the records ended ({review.data_to}). "
        f"{count(ripe.outcomes)} people had the outcome."
    )
    parts: list[Content] = [element("p", said), *_not_independent(review), tables.calibration(review.groups)]
    return section("calibration", "Calibration by region", *parts)


def _not_independent(review: Review) -> list[Content]:
    made = review.subject.model.made_on.isoformat()[:7]
    if review.ripe.last is None or review.ripe.last > made:
        return []
    text = (
        "All these index dates lie before the model was made, so people from whom it learnt may be among them: the "
        "model may look better here than it is. Its evidence on people whom it had not seen is in the registry."
    )
    return [element("p", text)]


def _fairness(review: Review) -> Markup:
    subject = review.subject
    if not review.groups:
        return section("fairness", "Fairness", element("p", "Not run, for the same reason."))
    said = (
        "No threshold at this horizon, so sensitivity was not computed."
        if subject.threshold is None
        else f"The threshold is {100 * subject.threshold:.3g}%, where the band '{subject.threshold_name}' begins."
    )
    return section("fairness", "Fairness", element("p", said), *(tables.fairness(review.groups, axis) for axis in AXES))


def _inputs(review: Review, evidently: tuple[str, ...]) -> Markup:
    everyone = review.everyone
    said = (
        f"{count(everyone.people)} people with {count(everyone.index_dates)} index dates from {everyone.first} to "
        f"{everyone.last}, each region against the same region in the profile that was frozen with the model."
    )
    regions = list(dict.fromkeys(cell.region for cell in review.inputs))
    links = (
        bullets(
            [element("a", f"Evidently's page of {place(Path(name).stem.upper())}", href=name) for name in evidently]
        )
        if evidently
        else ""
    )
    return section(
        "inputs", "Inputs", element("p", said), *(tables.inputs(review.inputs, region) for region in regions), links
    )


def _how_to_read() -> Markup:
    states = defined(HOW_TO_READ)
    return section(
        "reading",
        "How to read this",
        element("h3", "The five states"),
        states,
        element("h3", "The figures"),
        defined(MEANINGS),
    )


def _not_done(review: Review) -> Markup:
    return section(
        "not-done", "What was not run, and why", defined(review.not_done), element("h3", "What was run"), bullets(DONE)
    )


def _footer(review: Review) -> Markup:
    subject = review.subject
    definition = "is still the one" if subject.same_definition else "has changed since; it is not the one"
    lines = (
        f"Made at {review.made_at.isoformat(timespec='seconds')}. Records to {review.data_to}. "
        f"Trained on {subject.model.trained_on}.",
        f"Model digest {subject.digest}. The definition of the pathway {definition} that the model was made from.",
        f"Configuration {configuration_hash()}. The same in monitor.json, schema version {SCHEMA_VERSION}.",
        f"Inputs: {counts_in_words(review.input_states)}.",
        f"Risks against outcomes: {counts_in_words(review.performance_states)}.",
    )
    return element("footer", *(element("p", line) for line in lines))
