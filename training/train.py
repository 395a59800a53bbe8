"""How a model is made, in the order in which a paper would tell it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from threadpoolctl import threadpool_limits

from evaluation.groups import followable
from features.source import Source
from features.table import FeatureTable
from registry.model import Model
from training import evidence
from training.candidates import OUTCOMES_FOR_TREES, Effort, Kind, choose, fit
from training.card import card
from training.certificate import Certificate, Check
from training.examples import examples
from training.finer import finer_groups
from training.horizons import tested
from training.leakage import certify, no_records
from training.made_with import made_with
from training.missingness import missingness
from training.parity import not_compared
from training.places import left_out, left_out_regions, practice_spread
from training.profile import profile
from training.promotion import gate
from training.sample import Sample, sample
from training.sample_size import needed
from training.secondary import secondary
from training.split import split
from training.task import Task, meaning, refuse_if_impossible, refuse_if_one_sided

LEAST_OUTCOMES = 30

Step = Callable[[str], None]


@dataclass(frozen=True)
class Options:
    """What a caller may set. Fewer outcomes than `least_outcomes` are refused; `boards` leaves each out in turn."""

    effort: Effort = field(default_factory=Effort)
    least_outcomes: int = LEAST_OUTCOMES
    boards: bool = False


def train(
    task: Task,
    table: FeatureTable,
    options: Options,
    step: Step = lambda _: None,
    future: Check | None = None,
    same: Certificate | None = None,
    source: Source | None = None,
) -> Model:
    """Learn one prediction from a feature table.

    `future` is the check of `leakage.future` on the records behind it, `same` the certificate of `parity.parity`, and
    `source` those records, for what they say of themselves.

    Raises
    ------
    CannotTrain
        If the records do not allow it; every reason is listed.
    """
    with threadpool_limits(options.effort.threads):
        return _train(
            task, table, options, step, future or no_records(), same or not_compared(), made_with(table, source)
        )


def examined(
    task: Task, table: FeatureTable, future: Check, effort: Effort, step: Step = lambda _: None
) -> Certificate:
    """The leakage certificate alone: no model is kept. Trees, if there is enough for them: they find more."""
    step("Parting those who teach from those who examine")
    followed = table.rows(followable(table, task.primary))
    refuse_if_impossible(task, table, followed, LEAST_OUTCOMES)
    development = followed.rows(split(followed, task.primary, effort.seed).development)
    refuse_if_one_sided(task, development)
    step("Looking for leakage")
    with threadpool_limits(effort.threads):
        people = sample(development, task.primary, effort.seed)
        kind: Kind = "lightgbm" if people.outcomes >= OUTCOMES_FOR_TREES else "logistic"
        return certify(task, development, people, fit(kind, people, task.columns, effort), future, effort)


def examination(task: Task, seen: evidence.Examined, people: Sample) -> dict[str, Any]:
    """Every measure of one model on people whom it had not seen; `people` are those from whom it learnt."""
    return {
        "groups": evidence.groups(seen, task.thresholds),
        "finer_groups": finer_groups(seen, task.thresholds, task.prediction.crossed),
        "decision_curve": evidence.decision_curve(seen, task.thresholds),
        "horizons": evidence.horizons(seen),
        "practice_spread": practice_spread(seen),
        **evidence.comparisons(task, seen, people),
    }


def judged(task: Task, model: Model, more: Mapping[str, Any]) -> Model:
    """The model with more evidence, put before the gate; its card says what came out."""
    found = {**model.evidence, **more}
    model = replace(model, evidence=found | {"gate": gate(found)})
    return replace(model, card=card(task, model))


def _train(
    task: Task,
    table: FeatureTable,
    options: Options,
    step: Step,
    future: Check,
    same: Certificate,
    made: Mapping[str, Any],
) -> Model:
    step("Parting those who teach from those who examine")
    effort = replace(options.effort, told=step)
    followed = table.rows(followable(table, task.primary))
    refuse_if_impossible(task, table, followed, options.least_outcomes)
    parted = split(followed, task.primary, effort.seed)
    development, validation = followed.rows(parted.development), followed.rows(parted.validation)
    refuse_if_one_sided(task, development)

    step("Fitting the logistic regression")
    people = sample(development, task.primary, effort.seed)
    enough_people = needed(people)
    simple = fit("logistic", people, task.columns, effort)

    step("Fitting the trees")
    enough = people.outcomes >= OUTCOMES_FOR_TREES
    trees = fit("lightgbm", people, task.columns, effort) if enough else None
    choice = choose(people, development.family, simple, trees)

    step("Recalibrating by place")
    recalibration = evidence.recalibrated(task, choice.chosen.out_of_fold, development)
    model = task.model(choice.chosen, recalibration)
    model = replace(model, profile=profile(development, task.prediction.predictors))
    model = replace(model, concepts=table.concepts, codes=table.codes)
    other_horizons = tested(task, choice.chosen, recalibration, development, effort, step)
    model = replace(model, apart=tuple(each.own for each in other_horizons if each.own is not None))

    step("Examining it on people whom it had not seen")
    found = {
        "horizon_days": task.primary,
        "definition": meaning(task.prediction),
        "data": evidence.data(table, followed, parted, task.primary, effort.seed),
        "sample_size": enough_people,
        "parity": same.to_json(),
        "made_with": made,
        "missingness": missingness(development),
        "candidates": evidence.candidates(choice, effort),
        "horizons_tested": [each.to_json() for each in other_horizons],
        **examination(task, evidence.Examined(model, validation), people),
        "secondary": secondary(task, model, choice.chosen.out_of_fold, development, validation),
    }

    step("Examining it in regions left out")
    found["left_out_regions"] = left_out_regions(task, choice.chosen, development, validation, effort)
    if options.boards:
        found["validation"] = left_out("area", task, choice.chosen, development, validation, effort, step)

    step("Looking for leakage")
    found["leakage"] = certify(task, development, people, choice.chosen, future, effort).to_json()
    return judged(task, replace(model, examples=examples(model, development.values)), found)
