"""QKidney-2010 beside detection: the published score for its question, from coefficients that we do not ship.

Its source is under the LGPL (ClinRisk), so no coefficient stands in this repository (docs/decisions/0015). They are
read from `../shared/research` where it is present. What is coded here is what spec 1.6 (research/clinical_a.md) says of
the score: moderate to severe kidney disease by 5 years. Its outcome is not ours, so it is judged by its ranking alone.
"""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.disclosure import suppress
from evaluation.groups import followable, known
from external.sets import ExternalSet
from features.cohort import feature_table
from features.comparators import score as of_person
from features.source import open_source
from features.table import FeatureTable
from pathways import streams
from pathways.catalogue import kidney_disease as kidney
from pathways.definition import CannotCompute, Comparator, Pathway, Prediction
from pathways.language import Age, All, Choice, ConceptSet, Has, Latest, Missing, Not, Person, Predictor, Records, Word
from pathways.language import Any as AnyOf
from pathways.words import ETHNICITIES
from registry.model import Model
from training.card import interval, share
from training.compare import same_people

SCORE = ("QKidney-2010", "moderate_severe_ckd")
COEFFICIENTS = Path("research/comparator_coefficients_a.csv")
YEARS, HORIZON = 5, 1826
FOR = "detection"
"""The prediction whose question it answers."""

Terms = Mapping[str, float]
"""One sex: baseline survival, levels, coefficients, products and centres by the names of the file."""

# The score's groups: 1 White or not recorded, 2 Indian, 3 Pakistani, 4 Bangladeshi, 5 other Asian, 6 Black Caribbean,
# 7 Black African, 8 Chinese, 9 other. Those of mixed ethnicity (D to G) and other Black people (P) are "other".
GROUP_OF = dict.fromkeys("ABC", 1) | dict(zip("HJKLMNR", range(2, 9), strict=True)) | dict.fromkeys("DEFGPS", 9)
GROUPS = (1, *(GROUP_OF[code] for code in ETHNICITIES))
ETHNICITY = Choice(
    (Missing(Person("ethnicity")), "not recorded"),
    *((Person("ethnicity").is_(code), code) for code in ETHNICITIES[:-1]),
    otherwise=ETHNICITIES[-1],
)
# Records do not say how much is smoked: a current smoker is taken as moderate (assumption; 0 non, 1 ex, 3 moderate).
CURRENT, EX = Latest(streams.SMOKING).equals(2), Has(streams.SMOKING, at_least=1)
SMOKE = (3, 1, 0)
SMOKING = Choice((CURRENT, "current"), (EX, "ex"), otherwise="never")
SMOKING_OR_NEVER = Choice((All(Has(streams.SMOKING), CURRENT), "current"), (EX, "ex"), otherwise="never")
# Townsend is not the index of multiple deprivation: these five are the specification's assumption, most deprived first.
TOWNSEND = (5.0, 2.2, -0.3, -2.2, -3.8)

RECORDED: dict[str, Word] = {
    "age": Age(),
    "sex": Person("sex"),
    "bmi": Latest(streams.BMI, within=kidney.FIVE_YEARS),
    "sbp": Latest(streams.SBP, within=kidney.TWO_YEARS),
    "ethnicity": ETHNICITY,
    "heart_failure": Has(streams.FAILURE),
    "cvd": AnyOf(Has(streams.HEART_DISEASE), Has(streams.STROKE)),
    "arterial_disease": Has(streams.ARTERIAL_DISEASE),
    "nsaid": Has(streams.NSAID, within=kidney.ONE_YEAR),
    "rheumatoid_arthritis": Has(
        Records("rheumatoid arthritis", of=ConceptSet("rheumatoid arthritis", {80809: "Rheumatoid arthritis"}))
    ),
    "lupus": Has(kidney.SYSTEMIC_LUPUS),
    "kidney_stone": Has(kidney.KIDNEY_STONE),
    "treated_hypertension": All(Has(streams.HIGH_PRESSURE), kidney.PRESSURE_MEDICINES.at_least(1)),
    "type_1": Has(streams.TYPE_1),
    "type_2": All(Has(streams.TYPE_2), Not(Has(streams.TYPE_1))),
    "family_history": Has(kidney.FAMILY_HISTORY),
}


# The score -----------------------------------------------------------------------------------------------------------


def coefficients(shared: Path) -> dict[str, Terms] | None:
    """The terms for women and men, None where the research is not present."""
    if not (shared / COEFFICIENTS).exists():
        return None
    found: dict[str, dict[str, float]] = {"female": {}, "male": {}}
    with (shared / COEFFICIENTS).open(encoding="utf-8", newline="") as lines:
        for line in csv.DictReader(lines):
            if (line["score"], line["outcome"]) == SCORE:
                found[line["sex"]][line["term"]] = float(line["value"])
    return dict(found)


def risk(
    terms: Mapping[str, Terms],
    *,
    sex: str,
    age: float,
    bmi: float,
    sbp: float,
    townsend: float = 0.0,
    ethnic_group: int = 1,
    smoke: int = 0,
    flags: Mapping[str, float],
    years: int = YEARS,
) -> float:
    """The probability of moderate or severe kidney disease within some years; `flags` by the file's names.

    Raises
    ------
    CannotCompute
        If age or pressure is outside the range of the score. A BMI outside 20 to 40 is taken as the nearer of the two.
    """
    if not 35 <= age < 75:
        raise CannotCompute("age outside 35 to 74")
    if not 70 <= sbp <= 210:
        raise CannotCompute("systolic pressure outside 70 to 210")
    own = terms[sex]
    values = _centred(own, _curves(sex, age, min(max(bmi, 20.0), 40.0), sbp) | {"town": townsend}) | dict(flags)
    log_hazard = own[f"Iethrisk[{ethnic_group}]"] + own[f"Ismoke[{smoke}]"]
    for name, coefficient in own.items():
        if "[" not in name and not name.startswith("centre:"):
            log_hazard += coefficient * math.prod(values.get(part, 0.0) for part in name.split("*"))
    return 1.0 - math.pow(own[f"S0[{years}]"], math.exp(log_hazard))


def _curves(sex: str, age: float, bmi: float, sbp: float) -> dict[str, float]:
    """Fractional polynomials: cubes of age; inverse squares of BMI and pressure; the last one differs by sex."""
    a, b, s = age / 10, bmi / 10, sbp / 100
    last = s**-0.5 if sex == "male" else s**-2 * math.log(s)
    return {
        "age_1": a**3,
        "age_2": a**3 * math.log(a),
        "bmi_1": b**-2,
        "bmi_2": b**-2 * math.log(b),
        "sbp_1": s**-2,
        "sbp_2": last,
    }


def _centred(own: Terms, values: Mapping[str, float]) -> dict[str, float]:
    return {name: value - own[f"centre:{name}"] for name, value in values.items()}


def comparators(terms: Mapping[str, Terms]) -> tuple[Comparator, Comparator]:
    """The score of what is recorded, and with the two gaps filled that most often prevent it."""
    score = partial(_of_record, terms)
    return (
        Comparator("QKidney-2010", score, inputs=RECORDED | {"smoking": SMOKING, "deprivation": Person("deprivation")}),
        Comparator(
            "QKidney-2010, smoking taken as never where it is not recorded, Townsend as 0",
            score,
            inputs=RECORDED | {"smoking": SMOKING_OR_NEVER},
        ),
    )


def _of_record(
    terms: Mapping[str, Terms],
    *,
    age: float,
    sex: float,
    bmi: float,
    sbp: float,
    ethnicity: float,
    smoking: float,
    heart_failure: float,
    cvd: float,
    nsaid: float,
    arterial_disease: float,
    rheumatoid_arthritis: float,
    kidney_stone: float,
    lupus: float,
    treated_hypertension: float,
    type_1: float,
    type_2: float,
    family_history: float,
    deprivation: float | None = None,
) -> float:
    """The score from level numbers, as the words of this module give them."""
    if sex not in (0, 1):
        raise CannotCompute("the score is for people recorded as female or male")
    return risk(
        terms,
        sex=("female", "male")[int(sex)],
        age=age,
        bmi=bmi,
        sbp=sbp,
        townsend=0.0 if deprivation is None else TOWNSEND[int(deprivation) - 1],
        ethnic_group=GROUPS[int(ethnicity)],
        smoke=SMOKE[int(smoking)],
        flags={
            "b_CCF": heart_failure,
            "b_cvd": cvd,
            "b_nsaid": nsaid,
            "b_pvd": arterial_disease,
            "b_ra": rheumatoid_arthritis,
            "b_renalstones": kidney_stone,
            "b_sle": lupus,
            "b_treatedhyp": treated_hypertension,
            "b_type1": type_1,
            "b_type2": type_2,
            "fh_kidney": family_history,
        },
    )


# Beside detection ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Beside:
    """How many index dates a score can be computed for, why not for the others, and how it ranks beside ours.

    `ranks` are the figures of `training.compare` on the people for whom it can be computed, `last_egfr` those of the
    last eGFR on the same people.
    """

    name: str
    reasons: tuple[tuple[str, int | None], ...]
    ranks: Mapping[str, Any]
    last_egfr: Mapping[str, Any]


def beside(
    one: ExternalSet, prediction: Prediction, table: FeatureTable, model: Model, terms: Mapping[str, Terms]
) -> tuple[Beside, ...]:
    """The score for everybody of a feature table of detection; nothing if nobody was followed to the horizon."""
    if not followable(table, prediction.primary).any():
        return ()
    asked = comparators(terms)
    inputs = _inputs(one, prediction, asked)
    assert np.array_equal(inputs.person_id, table.person_id) and np.array_equal(inputs.index_day, table.index_day)
    ours = model.risks(table.values, table.axes["region"].tolist())[:, model.recalibration.primary_index]
    return tuple(_beside(each, at, inputs, table, ours, one.real) for at, each in enumerate(asked))


def _inputs(one: ExternalSet, prediction: Prediction, asked: tuple[Comparator, ...]) -> FeatureTable:
    """The inputs of each score as predictors of the same people."""
    same = Prediction(
        "qkidney",
        index=prediction.index,
        population=prediction.population,
        outcome=prediction.outcome,
        requires=prediction.requires,
        horizons=prediction.horizons,
        primary=prediction.primary,
        predictors=tuple(
            Predictor(f"{name}_of_{at}", word) for at, score in enumerate(asked) for name, word in score.inputs
        ),
    )
    return feature_table(Pathway(title="QKidney", predictions=(same,)), same, open_source(one.tables), on=one.days)


def _beside(
    score: Comparator,
    at: int,
    inputs: FeatureTable,
    table: FeatureTable,
    ours: NDArray[np.float64],
    real: bool,
) -> Beside:
    names = [name for name, _ in score.inputs]
    columns = [inputs.columns.index(f"{name}_of_{at}") for name in names]
    answers = [of_person(score, names, row) for row in inputs.values[:, columns].astype(np.float64).tolist()]
    values = np.array([np.nan if value is None else value for value, _ in answers])
    reasons = Counter(why for _, why in answers if why is not None)
    seen, last = known(table, HORIZON), np.where(np.isnan(values), np.nan, table.comparators["Last eGFR"])
    return Beside(
        name=score.name,
        reasons=tuple((why, suppress(count) if real else count) for why, count in reasons.most_common()),
        ranks=same_people(values, ours, seen, table),
        last_egfr=same_people(last, ours, seen, table)["c_statistic"],
    )


def text(found: tuple[Beside, ...]) -> str:
    """What the page says of it."""
    return "\n".join(line for one in found for line in _lines(one))


def _lines(one: Beside) -> Iterator[str]:
    why = "; ".join(f"{reason} ({'hidden' if count is None else f'{count:,}'})" for reason, count in one.reasons)
    yield f"- {one.name}: can be computed at {share(one.ranks['computable'])} of index dates; not otherwise: {why}."
    if not one.ranks["people"]:
        return
    yield (
        f"  Same people, c-statistics: {interval(one.ranks['c_statistic'])}, the model "
        f"{interval(one.ranks['model_c_statistic'])} (gain {interval(one.ranks['gain'])}), last eGFR "
        f"{interval(one.last_egfr)}. Its outcome is not ours, so only the ranking is compared."
    )
