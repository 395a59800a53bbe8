"""A small pathway: kidney disease found late, from four predictors. Tests answer with it and drop it in a catalogue."""

from pathways.language import (
    Age,
    Band,
    Choice,
    Comparator,
    ConceptSet,
    Every,
    Happens,
    Has,
    Latest,
    Pathway,
    Prediction,
    Predictor,
    Records,
    Required,
    Rule,
    Unit,
)

EGFR = Records(
    "eGFR", of=ConceptSet("eGFR", {40764999: "eGFR"}, kinds="measurement"), units=Unit(720870, "mL/min/1.73 m2")
)
DISEASE = Records("kidney disease", of=ConceptSet("kidney disease", {46271022: "Chronic kidney disease"}))
CONCERN = Records("concern", of=ConceptSet("concern", {4058709: "Safeguarding concern"}, kinds="observation"))
SMOKER = Has(Records("smoking", of=ConceptSet("smoking", {4276526: "Smoker"}, kinds="observation")))

REPEAT = Rule(
    Latest(EGFR).below(60),
    "Repeat eGFR within 2 weeks",
    "NICE NG203",
    urgency="urgent",
    name="low and not repeated",
)
SEND_ACR = Rule(Latest(EGFR).below(60), "Send urine ACR", "NICE NG203", urgency="soon", source="gap", name="no ACR")
CALL_NOW = Rule(Latest(EGFR).below(15), "Call the renal team today", "NICE NG203", urgency="emergency", name="very low")
KFRE = Comparator("KFRE", Latest(EGFR), unit="%", outcome="kidney failure", horizon=1826, why_not="ACR is not recorded")

LOW = Band(0.0, name="low", action="No action", owner="nobody")
MEDIUM = Band(0.3, name="medium", action="Add eGFR to the next blood test", owner="practice")
HIGH = Band(0.6, name="high", action="Offer eGFR and urine ACR now", owner="practice")


def detection(bands: tuple[Band, ...] = (LOW, MEDIUM, HIGH), comparator: Comparator = KFRE) -> Prediction:
    return Prediction(
        "detection",
        question="Who will be found to have kidney disease?",
        index=Every("year"),
        population=Age().at_least(18),
        outcome=Happens(DISEASE),
        outcome_wording="kidney disease found",
        predictors=(
            Predictor("age", Age(), wording="age", unit="years", direction="up"),
            Predictor("egfr", Latest(EGFR), wording="latest eGFR", unit="mL/min/1.73 m2", changeable=True),
            Predictor("concern", Has(CONCERN), wording="safeguarding concern", restricted=True),
            Predictor("smoking", Choice((SMOKER, "current"), otherwise="never"), wording="smoking"),
        ),
        horizons=(730, 1826),
        primary=1826,
        requires=(Required("eGFR", Latest(EGFR)),),
        comparator=comparator,
        rules=(REPEAT, SEND_ACR, CALL_NOW),
        bands=bands,
        cautions=("Values taken in hospital count.",),
    )


PREDICTION = detection()
SECOND = Prediction(
    "progression",
    index=Every("year"),
    population=Has(DISEASE),
    outcome=Happens(DISEASE),
    predictors=(Predictor("age", Age()),),
    horizons=730,
)
PATHWAY = Pathway("Kidney check", (PREDICTION, SECOND), about="A pathway of the tests.")
