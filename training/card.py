"""The model card: what a clinician or an owner reads before the model is used on anyone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from registry.model import Model
from training.certificate import IN_WORDS
from training.task import Task

MEASURES = ("c-statistic", "observed over expected", "slope")

HOW_TO_READ = """\
- A **risk** is a probability: of 100 people with a risk of 12%, about 12 should have the outcome by the horizon.
- The **c-statistic** is how often somebody who had the outcome was given the higher risk, against somebody who did not;
  0.5 is chance and 1 is perfect. It says nothing about whether the risks are right.
- **Observed over expected** says that: 1.2 means 20% more outcomes than predicted. A **slope** under 1 means that high
  risks are too high and low ones too low.
- A person may have several index dates. Whether there is enough to say, or too little to show, is counted in people
  (those of one family once), and so is *with the outcome*.
- Brackets hold 95% intervals. *Too few* means that fewer than 10 people had, or did not have, the outcome; *hidden*
  that a number might point at a person (1 to 7 are hidden, others rounded to 5). Neither ever counts as a pass."""

LIMITS = """\
- Synthetic people prove machinery, never a clinical claim. Whatever these records are, this model bears no clinical
  signature and is for demonstration until it has been trained on the deployer's own records and signed.
- A risk describes people with the same records, not the cause of their illness: changing a predictor need not change
  the risk.
- What the records lack the model does not know. It counts as missing, never as absent.
- An unknown place gets the pooled calibration and a warning."""


def card(task: Task, model: Model) -> str:
    """The card as Markdown, from the evidence alone."""
    found = model.evidence
    sections = {
        "What it is for": _purpose(task),
        "How it was made": _making(task, model),
        "People": _people(found["data"]),
        "How well it works": _table(found["groups"], ("all", "region")),
        "In other groups": _table(found["groups"], ("sex", "age_band", "ethnic_group", "deprivation")),
        "At each horizon": _horizons(found["horizons"]),
        "Against what there is already": _comparators(found),
        **({"Published scores on their own outcome": _secondary(found["secondary"])} if found["secondary"] else {}),
        "In a region that it never saw": _left_out(found["left_out_regions"]),
        "Could it know what nobody could know": _leakage(found["leakage"]),
        **({"The gate": _gate(found["gate"])} if "gate" in found else {}),
        "Limits": "\n".join([LIMITS, *_not_usable(task), *(f"- {caution}" for caution in task.prediction.cautions)]),
        "How to read this": HOW_TO_READ,
    }
    body = "\n\n".join(f"## {heading}\n\n{text}" for heading, text in sections.items())
    return f"# {task.title}: {task.prediction.name.replace('_', ' ')}\n\n{body}\n"


def interval(figure: Mapping[str, Any], digits: int = 3) -> str:
    """A figure with its interval, or why there is none."""
    if figure["state"] == "suppressed":
        return "hidden"
    if figure["value"] is None or figure["low"] is None:
        return "too few"
    shown = f"{figure['value']:.{digits}f} ({figure['low']:.{digits}f} to {figure['high']:.{digits}f})"
    return shown if figure["state"] == "ok" else f"{shown}, too few"


def count(number: int | None) -> str:
    """A count as it may be shown."""
    return "hidden" if number is None else f"{number:,}"


def share(part: float | None) -> str:
    """A share as a percentage."""
    return "hidden" if part is None else f"{part:.1%}"


def markdown(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; a bar in a cell is escaped."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def _purpose(task: Task) -> str:
    prediction = task.prediction
    days = ", ".join(str(horizon) for horizon in task.horizons)
    question = f"{prediction.question}\n\n" if prediction.question else ""
    return (
        f"{question}It gives the risk of: {prediction.outcome_wording}, by {days} days; the one to act on is that by "
        f"{task.primary} days. It supports a clinician and never replaces one; red flags come first, and no score "
        "lowers them."
    )


def _gate(found: Mapping[str, Any]) -> str:
    """The verdict, why, and for whom the model may not be signed."""
    lines = [f"Verdict: **{found['verdict']}**. `python -m training gate` shows every cell."]
    lines += [f"- {each}" for each in found["reasons"]]
    lines += [f"- To watch: {each}" for each in found["watch"]]
    lines += [
        f"- May not be signed for {axis.replace('_', ' ')}: {', '.join(levels)}"
        for axis, levels in found["scope"]["not_for"].items()
    ]
    return "\n".join(lines)


def _not_usable(task: Task) -> list[str]:
    return [f"- Not usable yet {each.where}: {each.why}" for each in task.prediction.not_usable_in]


def _making(task: Task, model: Model) -> str:
    chosen = model.evidence["candidates"]
    kind = "a penalised logistic regression (one curve for each predictor)"
    kind = "boosted trees (LightGBM)" if model.kind == "lightgbm" else kind
    settings = ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in sorted(chosen["settings"].items()))
    ranks = "; ".join(f"{name} {interval(figure)}" for name, figure in sorted(chosen["c_statistic"].items()))
    return (
        f"Trained on {model.trained_on}, made on {model.made_on.isoformat()}. It is {kind} on {len(model.columns)} "
        f"predictors ({settings}), because {chosen['why']}. c-statistic on people of development whom it had not seen: "
        f"{ranks}. Recalibrated for: {', '.join(sorted(model.recalibration.places)) or 'no single place'}. "
        f"Definition {model.fingerprint[:12]}, records {model.evidence['data']['snapshot'][:12]}."
    )


def _people(data: Mapping[str, Any]) -> str:
    sides = ("followable", "development", "validation")
    rows = [[side, *(count(data[side][name]) for name in ("people", "index_dates", "outcomes"))] for side in sides]
    attrition = [[line["step"], count(line["count"])] for line in data["attrition"]]
    later = f" Not later in time, because {data['why_not_later']}." if data["why_not_later"] else ""
    parts = [
        f"Validation is on {data['validation_is']}.{later} Families stay on one side.",
        markdown(("side", "people", "index dates", "with the outcome"), rows),
    ]
    return "\n\n".join(parts + ([markdown(("step", "count"), attrition)] if attrition else []))


def _table(groups: Sequence[Mapping[str, Any]], axes: Sequence[str]) -> str:
    rows = [
        [
            row["axis"].replace("_", " "),
            row["level"],
            count(row["people"]),
            count(row["index_dates"]),
            count(row["events"]),
            interval(row["c_statistic"]),
            interval(row["observed_over_expected"], 2),
            interval(row["slope"], 2),
        ]
        for row in groups
        if row["axis"] in axes
    ]
    sizes = ("axis", "group", "people", "index dates", "with the outcome")
    return markdown((*sizes, *MEASURES), rows)


def _horizons(horizons: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        [
            str(row["horizon_days"]),
            count(row["events"]),
            interval(row["incidence"]),
            interval(row["c_statistic"]),
            interval(row["observed_over_expected"], 2),
            interval(row["slope"], 2),
            "its own" if row.get("own_learner") else "shared",
        ]
        for row in horizons
    ]
    return markdown(("days", "with the outcome", "observed risk", *MEASURES, "learner"), rows)


def _comparators(found: Mapping[str, Any]) -> str:
    best = found["best_single_variable"]
    rows = [
        [
            each["name"],
            share(each["computable"]),
            interval(each["c_statistic"]),
            interval(each["model_c_statistic"]),
            interval(each["gain"]),
        ]
        for each in [*found["comparators"], best | {"name": f"best single variable: {best['name']}"}]
    ]
    headings = ("comparator", "computable for", "its c-statistic", "the model's, same people", "gain")
    return markdown(headings, rows)


def _secondary(outcomes: Sequence[Mapping[str, Any]]) -> str:
    rows = [
        [
            outcome["wording"],
            f"{score['score']}, {score['horizon_days']} days",
            share(score["computable"]),
            whose,
            count(row["people"]),
            count(row["events"]),
            interval(row["c_statistic"]),
            interval(row["observed_over_expected"], 2),
            interval(row["slope"], 2),
            ", ".join(_net_benefit(at) for at in row["thresholds"]) or "-",
        ]
        for outcome in outcomes
        for score in outcome["scores"]
        for whose, found in (("the score", score["published"]), ("the model, recalibrated", score["ours"]))
        for row in (found or [])[:1]
    ]
    sizes = ("outcome", "score", "computable for", "whose risk", "people", "with the outcome")
    headings = (*sizes, *MEASURES, "net benefit")
    return (
        "A published score is judged on the outcome that it predicts. The model predicts another one, so for this "
        "table its ranking is recalibrated to that outcome on development; both are examined on the same people.\n\n"
        + markdown(headings, rows)
    )


def _net_benefit(at: Mapping[str, Any]) -> str:
    return f"{100 * at['threshold']:.3g}%: {interval(at['net_benefit'], 4)}"


def _leakage(certificate: Mapping[str, Any]) -> str:
    """The leakage certificate in the words of whoever signs for safety."""
    rows = [[check["asks"], IN_WORDS[check["state"]], check["says"]] for check in certificate["checks"]]
    declared = [
        f"- {each['predictor']}: {each['because']} (alone {interval(each['c_statistic'])})"
        for each in certificate["declared"]
    ]
    parts = [
        f"Leakage certificate: **{IN_WORDS[certificate['state']]}**. A model that could see what came after the index "
        "date would look excellent here and fail in the clinic, so this was tried. One that fails is not registered.",
        markdown(("question", "state", "what was found"), rows),
    ]
    if declared:
        parts += ["Declared by the definition as strong for a reason:", "\n".join(declared)]
    return "\n\n".join(parts)


def _left_out(regions: Sequence[Mapping[str, Any]]) -> str:
    if not regions:
        return "Not run: it needs two regions with enough outcomes."
    rows = [
        [
            row["region"],
            count(row["people"]),
            count(row["index_dates"]),
            interval(row["c_statistic"]),
            interval(row["observed_over_expected"], 2),
            interval(row["slope"], 2),
        ]
        for row in regions
    ]
    return "Trained without the region, examined in it, with the calibration of the others.\n\n" + markdown(
        ("region", "people", "index dates", *MEASURES), rows
    )
