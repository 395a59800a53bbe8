"""TRIPOD+AI, item by item: met, not met, or for a person to say - worked out from facts, never ticked by hand.

The items are those of Collins GS et al., TRIPOD+AI statement, BMJ 2024;385:e078378, in our words. Each names the facts
that answer it, as places in the document of a model (`document`); if one is lacking, the item is not met and says so.
Without a fact that could, a person must say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

State = Literal["met", "not met", "a person must say"]


@dataclass(frozen=True)
class Item:
    """What is asked, the section of the page that answers it, and the facts that it rests on, if any can."""

    number: str
    asks: str
    section: str = ""
    rests_on: str = ""

    @property
    def facts(self) -> list[str]:
        return self.rests_on.split()


@dataclass(frozen=True)
class Judged:
    """An item with what became of it."""

    number: str
    asks: str
    section: str
    state: State
    says: str


TRIPOD: tuple[Item, ...] = (
    Item("1", "Title: development or evaluation, population, outcome", "what", "model.name definition.outcome"),
    Item("2", "Abstract by TRIPOD+AI for abstracts"),
    Item("3a", "Background: why this prediction, and existing models", "rivals", "evidence.comparators"),
    Item("3b", "Target population, purpose in the pathway, users", "what", "definition.population definition.bands"),
    Item("3c", "Known health inequalities between groups"),
    Item("4", "Objectives: development, evaluation or both", "what", "definition.question"),
    Item("5a", "Sources of data for development and evaluation", "data", "evidence.made_with.source.name"),
    Item("5b", "Dates: index dates, follow-up, end of the records", "data", "model.trained_on definition.index"),
    Item("6a", "Setting and number of centres"),
    Item("6b", "Eligibility", "what", "definition.population"),
    Item("6c", "Treatments received and how they were handled", "what", "definition.predictors"),
    Item("7", "Data preparation and quality checks, alike over groups", "data", "evidence.data.attrition"),
    Item(
        "8a",
        "Outcome: definition, horizon, assessed alike over groups",
        "what",
        "definition.outcome_of definition.horizons_days",
    ),
    Item("8b", "Who assessed the outcome, if judgement is needed"),
    Item("8c", "Blinding of the assessment of the outcome", "leakage", "evidence.leakage.pass.future"),
    Item("9a", "Choice of the first predictors, and any selection", "what", "definition.predictors"),
    Item("9b", "Predictors: definition, when and how measured", "what", "definition.predictors definition.look_back"),
    Item("9c", "Who assessed predictors, if judgement is needed"),
    Item(
        "10",
        "Sample size, for development and evaluation",
        "data",
        "evidence.sample_size.needed evidence.sample_size.people",
    ),
    Item("11", "Missing data: how handled, and how much", "missing", "evidence.missingness"),
    Item(
        "12a",
        "How data were used: development, evaluation, splits",
        "data",
        "evidence.data.validation_is evidence.data.parted_by",
    ),
    Item("12b", "How predictors were handled: form, transformation, scale", "how", "evidence.candidates.settings"),
    Item(
        "12c",
        "Type of model, steps, tuning, internal validation",
        "how",
        "evidence.candidates.chosen evidence.candidates.why",
    ),
    Item("12d", "Heterogeneity between clusters: how it was looked for", "regions", "evidence.left_out_regions"),
    Item("12e", "Measures of performance and why", "groups", "evidence.groups"),
    Item("12f", "Updating of the model, such as recalibration", "how", "model.recalibrated_for"),
    Item("12g", "How predictions are worked out in evaluation", "how", "evidence.parity.pass"),
    Item("13", "Class imbalance: whether and how handled", "how", "evidence.weights"),
    Item(
        "14", "Fairness: what was done, and why", "groups", "evidence.groups.ethnic_group evidence.groups.deprivation"
    ),
    Item(
        "15",
        "Output of the model, and thresholds with their reasons",
        "what",
        "definition.bands definition.horizons_days",
    ),
    Item(
        "16",
        "Differences between development and evaluation",
        "data",
        "evidence.data.development evidence.data.validation",
    ),
    Item("17", "Ethical approval and consent"),
    Item("18a", "Funding, and the role of funders"),
    Item("18b", "Conflicts of interest"),
    Item("18c", "Protocol: where it is", "what", "model.fingerprint"),
    Item("18d", "Registration of the study"),
    Item("18e", "Availability of the data"),
    Item("18f", "Availability of the code", "made", "evidence.made_with.code.sha256"),
    Item("19", "Patients and the public: how they were involved"),
    Item("20a", "Flow of participants", "data", "evidence.data.attrition evidence.data.followable"),
    Item("20b", "Characteristics of participants, by group", "groups", "evidence.groups"),
    Item(
        "20c",
        "Comparison of development and evaluation data",
        "data",
        "evidence.data.development.outcomes evidence.data.validation.outcomes",
    ),
    Item(
        "21",
        "Participants and outcomes in each analysis",
        "data",
        "evidence.data.validation.people evidence.data.validation.outcomes",
    ),
    Item("22", "The full model, to predict in new people", "made", "model.digest"),
    Item(
        "23a",
        "Performance with intervals, in subgroups too",
        "groups",
        "evidence.groups.all.c_statistic evidence.groups.all.slope",
    ),
    Item("23b", "Heterogeneity between clusters: what was found", "regions", "evidence.left_out_regions"),
    Item("24", "Results of updating", "regions", "evidence.groups.region"),
    Item("25", "Interpretation, with fairness, objectives and other studies"),
    Item("26", "Limitations and their effects on bias and generalisability", "limits", "definition.cautions"),
    Item("27a", "Poor or missing input: how it is handled in use", "missing", "definition.requires"),
    Item("27b", "Whether users need interaction or expertise", "what", "definition.bands.owner"),
    Item("27c", "Next steps of research, with a view to applicability"),
)


def judged(document: Mapping[str, Any], items: Sequence[Item] = TRIPOD) -> tuple[Judged, ...]:
    """Every item with its state, from the facts of a document alone."""
    return tuple(_judged(document, item) for item in items)


def _judged(document: Mapping[str, Any], item: Item) -> Judged:
    if not item.facts:
        return Judged(item.number, item.asks, item.section, "a person must say", "No record of the run can tell.")
    lacking = [fact for fact in item.facts if not _there(document, fact.split("."))]
    if lacking:
        return Judged(item.number, item.asks, item.section, "not met", f"It lacks {', '.join(lacking)}.")
    return Judged(item.number, item.asks, item.section, "met", "")


def to_json(found: Sequence[Judged]) -> list[dict[str, Any]]:
    """For machines."""
    return [asdict(each) for each in found]


def _there(found: Any, path: Sequence[str]) -> bool:
    """Whether something is said at a place: an axis of groups, a certificate's pass, a field of some item of a list."""
    if not path:
        return _says_something(found)
    step, rest = path[0], path[1:]
    if step == "pass":
        return _passed(found, rest)
    if isinstance(found, Mapping):
        return step in found and _there(found[step], rest)
    if isinstance(found, list):
        of_axis = [each for each in found if isinstance(each, Mapping) and each.get("axis") == step]
        if of_axis:
            return all(_there(each, rest) for each in of_axis) if rest else True
        return any(isinstance(each, Mapping) and _there(each.get(step), rest) for each in found)
    return False


def _passed(certificate: Any, path: Sequence[str]) -> bool:
    """Whether a certificate, or its check of a name, passed."""
    if not isinstance(certificate, Mapping):
        return False
    if not path:
        return bool(certificate.get("state") == "pass")
    return any(each["name"] == path[0] and each["state"] == "pass" for each in certificate.get("checks", ()))


def _says_something(found: Any) -> bool:
    if isinstance(found, Mapping) and "state" in found and "value" in found:
        return bool(found["state"] == "ok")  # a figure that is hidden or insufficient says nothing
    return found is not None and found not in ("", [], {}, "not known")
