"""The Applied Model Card of the Coalition for Health AI, version 0.2, as XML: from the facts of the evidence page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree

NAMESPACE = "https://mc.chai.org/v0.2/schema.xsd"
ASK = "A person must say."

Content = "str | Sequence[tuple[str, Any]]"


def card(document: Mapping[str, Any]) -> str:
    """The card; whatever no record of the run can tell says that a person must."""
    model, definition, evidence = document["model"], document["definition"], document["evidence"]
    parts: list[tuple[str, Any]] = [
        ("BasicInfo", [("ModelName", model["name"]), ("ModelDeveloper", ASK), ("DeveloperContact", ASK)]),
        ("ReleaseInfo", _release(model, evidence)),
        ("ModelSummary", [("Summary", _summary(document)), ("Keywords", [("Keyword", model["name"].split(".")[0])])]),
        ("UsesAndDirections", _uses(definition)),
        ("Warnings", _warnings(document)),
        ("TrustIngredients", _trust(document)),
        ("KeyMetrics", _metrics(evidence)),
        ("Resources", [("PeerReviewedPublications", ASK), ("PatientConsentOrDisclosure", ASK)]),
        ("Bibliography", _sources(definition)),
    ]
    ElementTree.register_namespace("", NAMESPACE)
    root = _element("AppliedModelCard", parts)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _element(name: str, content: Any) -> ElementTree.Element:
    made = ElementTree.Element(f"{{{NAMESPACE}}}{name}")
    if isinstance(content, str):
        made.text = content
    else:
        made.extend(_element(*part) for part in content)
    return made


def _release(model: Mapping[str, Any], evidence: Mapping[str, Any]) -> list[tuple[str, Any]]:
    verdict = evidence.get("gate", {}).get("verdict", "not run")
    return [
        ("ReleaseStage", f"Demonstration; the gate says: {verdict}"),
        ("ReleaseDate", model["made_on"]),
        ("ReleaseVersion", f"{model['version']}, digest {model['digest']}"),
        ("GlobalAvailability", ASK),
        ("RegulatoryApproval", "None."),
    ]


def _summary(document: Mapping[str, Any]) -> str:
    definition = document["definition"]
    asked = definition.get("question", definition.get("why_not", ""))
    return " ".join(filter(None, [asked, f"Outcome: {definition.get('outcome', 'not known')}.", document["notice"]]))


def _uses(definition: Mapping[str, Any]) -> list[tuple[str, Any]]:
    bands = "; ".join(f"{each['name']}: {each['action']}" for each in definition.get("bands", ()))
    owners = ", ".join(dict.fromkeys(each["owner"] for each in definition.get("bands", ()) if each["owner"]))
    population = "; ".join(each["holds"] for each in definition.get("population", ()))
    out = "; ".join(f"{each['where']}: {each['why']}" for each in definition.get("not_usable_in", ()))
    return [
        ("IntendedUseAndWorkflow", bands or ASK),
        ("PrimaryIntendedUsers", owners or ASK),
        (
            "HowToUse",
            "Red flags come first; a score never lowers them. The answer says what to do, why, and what lacks.",
        ),
        ("TargetedPatientPopulation", population or ASK),
        ("CautionedOutOfScopeSettings", out or "Anybody for whom the population does not hold."),
    ]


def _warnings(document: Mapping[str, Any]) -> list[tuple[str, Any]]:
    gate = document["evidence"].get("gate", {"scope": {"not_for": {}}})
    out = "; ".join(
        f"{axis.replace('_', ' ')}: {', '.join(levels)}" for axis, levels in gate["scope"]["not_for"].items()
    )
    return [
        ("KnownRisksAndLimitations", " ".join(document["definition"].get("cautions", ())) or ASK),
        (
            "KnownBiasesOrEthicalConsiderations",
            f"May not be signed for {out}." if out else "None was found; see FairnessEquity.",
        ),
        ("ClinicalRiskLevel", ASK),
    ]


def _trust(document: Mapping[str, Any]) -> list[tuple[str, Any]]:
    model, definition, evidence = document["model"], document["definition"], document["evidence"]
    data = evidence["data"]
    sizes = ", ".join(f"{name}: {_count(data['development'][name])}" for name in ("people", "index_dates", "outcomes"))
    source = evidence.get("made_with", {}).get("source", {}).get("name", "not known")
    facts = [
        ("OutcomesAndOutputs", f"{definition.get('outcome', 'not known')}; a calibrated probability"),
        ("ModelType", evidence["candidates"]["chosen"]),
        ("InputDataSource", f"OMOP CDM records: {source}; {model['trained_on']}"),
        ("OutputAndInputDataTypes", f"{len(definition.get('predictors', ()))} coded predictors; a probability"),
        ("DevelopmentDataCharacterization", f"Development: {sizes}"),
        ("BiasMitigationApproaches", "Region, ethnicity and deprivation are axes of evaluation, not predictors; the"
         " gate asks for calibration in each region and ethnic group"),
        ("OngoingMaintenance", "python -m monitoring; signatures run out after 180 days"),
    ]  # fmt: skip
    return [
        ("AISystemFacts", facts),
        ("TransparencyInformation", [("FundingSource", ASK), ("StakeholdersConsulted", ASK)]),
    ]


def _metrics(evidence: Mapping[str, Any]) -> list[tuple[str, Any]]:
    everyone, data = evidence["groups"][0], evidence["data"]
    groups = [row for row in evidence["groups"] if row["axis"] in ("region", "ethnic_group")]
    fair = [(f"observed over expected, {row['axis']} {row['level']}", row["observed_over_expected"]) for row in groups]
    safe = [(name.replace("_", " "), everyone[name]) for name in ("observed_over_expected", "slope", "brier")]
    useful = [("c-statistic", everyone["c_statistic"])]
    useful += [
        (f"net benefit gained at {each['threshold']:g}", each["gain"]) for each in everyone.get("thresholds", ())
    ]
    verdict = evidence.get("gate", {}).get("verdict", "not run")
    shared = [
        ("Interpretation", f"The gate says: {verdict}."),
        ("TestType", "Internal" if data["why_not_later"] else "Temporal, on other people"),
        ("TestingDataDescription", f"{_count(data['validation']['people'])} people: {data['validation_is']}"),
        ("ValidationProcessAndJustification", "Families stay on one side; intervals are 95%; small numbers are hidden"),
    ]
    goals = {
        "UsefulnessUsabilityEfficacy": ("Better than today's rule and the best single variable", useful),
        "FairnessEquity": ("Observed over expected of 0.8 to 1.25 in each region and ethnic group", fair),
        "SafetyReliability": ("Observed over expected of 0.8 to 1.25, slope of 0.8 to 1.2", safe),
    }
    return [
        (name, [("MetricGoal", goal), ("Results", _results(figures)), *shared])
        for name, (goal, figures) in goals.items()
    ]


def _results(figures: Sequence[tuple[str, Mapping[str, Any]]]) -> list[tuple[str, Any]]:
    """Each with its interval; a figure that is hidden or insufficient says so and nothing else."""
    return [
        (
            "MetricResult",
            [("Label", label), ("ValueJson", json.dumps({k: one[k] for k in ("value", "low", "high", "state")}))],
        )
        for label, one in figures
    ]


def _sources(definition: Mapping[str, Any]) -> str:
    found = [each["source"] for each in definition.get("comparators", ()) if each.get("source")]
    return "; ".join(dict.fromkeys(found)) or "None."


def _count(number: int | None) -> str:
    return "hidden" if number is None else f"{number:,}"
