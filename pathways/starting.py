"""The file with which a new pathway begins: it loads as it stands, and each place says what belongs there."""

from __future__ import annotations

_FILE = '''"""{title}: who ...? One sentence on why it matters, with its source.

Read `PREDICTION` at the end first: it is the protocol. Every number stands beside its source. What several pathways
read alike (blood pressure, eGFR, smoking) stands in `pathways/streams.py`, concept sets in `pathways/concept_sets.py`.
"""

from pathways.language import (
    Age,
    All,
    Band,
    Comparator,
    ConceptSet,
    Criterion,
    Every,
    Happens,
    Has,
    Not,
    Observed,
    Pathway,
    Person,
    Prediction,
    Predictor,
    Records,
    days,
)

# What is looked for: concept ids with the names that the vocabulary gives them.
OUTCOME = Records("the outcome", of=ConceptSet("the outcome", {{440674: "Gout"}}))

PREDICTION = Prediction(
    name="{name}",
    question="Who will ... in the next year?",
    index=Every("year", on="random day"),  # or AtAge(...), After(...)
    population=All(
        Criterion(Age().at_least(18), "Under 18: this is for adults.", code="under_18", plain="it is for adults"),
        Criterion(
            Observed().at_least(365),
            "Registered for less than a year, or not on that day: too little is known.",
            code="registered_under_a_year",
            plain="your practice has known you for less than a year, which is too short to tell",
        ),
        Criterion(Not(Has(OUTCOME)), "Already recorded.", code="known", plain="your records show it already"),
    ),
    outcome=Happens(OUTCOME),
    outcome_wording="the outcome, coded",
    outcome_plain="have the outcome",
    horizons=(365,),
    look_back=None,
    requires=(),  # Required(...): what an answer cannot do without
    predictors=(
        Predictor("age", Age(), "age", unit="years", plausible=(18, 115), plain="your age"),
        Predictor("sex", Person("sex"), "sex", plain="sex"),
    ),
    comparator=(Comparator("Age", Age(), unit="years", source="the best single variable"),),
    rules=(),  # Rule(...): red flags of a guideline, before any score
    bands=(
        Band(0.0, name="Low", action="Nothing new because of this risk.", owner="GP practice"),
        Band(0.10, name="High", action="What to do, and by whom.", owner="GP practice", plain="what may be offered"),
    ),
    cautions=(),
)

PATHWAY = Pathway(title="{title}", about="What it is for, in a sentence.", predictions=(PREDICTION,))
'''


def starting(name: str) -> str:
    """The text of a starting file, titled after its name."""
    return _FILE.format(name=name, title=name.replace("_", " ").capitalize()).replace("    days,\n", "")
