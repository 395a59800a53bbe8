"""High blood pressure: who without it will be coded with it? A small second pathway, in words that kidney disease does
not use; it shows the machinery and nothing clinical."""

from datetime import date

from pathways.language import (
    BIRTH,
    Age,
    All,
    Any,
    Band,
    Calendar,
    Comparator,
    ConceptSet,
    Difference,
    Every,
    Happens,
    Has,
    Highest,
    Latest,
    Median,
    Not,
    Number,
    Observed,
    Pathway,
    Person,
    Prediction,
    Predictor,
    Ratio,
    Records,
    Required,
    Rule,
    Since,
    Spread,
    Unit,
    days,
    months,
)

MMHG = Unit(8876, "millimeter mercury column", names=("mmHg",))
PRESSURE = Records(
    "systolic pressure",
    of=ConceptSet("systolic", exact={3004249: "Systolic blood pressure"}, kinds="measurement"),
    units=MMHG,
    plausible=(60, 270),
    same_day="lowest",
)
RAISED = Records("hypertension", of=ConceptSet("hypertension", {320128: "Essential hypertension"}))
DIABETES = Records("diabetes", of=ConceptSet("diabetes", {201826: "Type 2 diabetes mellitus"}))
LAST = Latest(PRESSURE, within=months(60))


def sum_of_age_and_pressure(age: float, last_systolic: float) -> float:
    return age + last_systolic


PATHWAY = Pathway(
    title="High blood pressure",
    predictions=(
        Prediction(
            name="found",
            question="Who will be coded with high blood pressure within 2 years?",
            index=Every("month", on=1, draw="one a year"),
            population=All(Age().at_least(40), Observed().at_least(365), Not(Has(RAISED))),
            outcome=Happens(RAISED, from_day=1),
            horizons=(365, 730),
            primary=730,
            requires=(Required("systolic pressure in 5 years", LAST),),
            predictors=(
                Predictor("age", Age(), wording="age", unit="years", direction="up"),
                Predictor("sex", Person("sex"), wording="sex"),
                Predictor("last_systolic", LAST, wording="last systolic pressure", unit="mmHg", direction="up"),
                Predictor("median_systolic", Median(PRESSURE, within=days(1826)), wording="median systolic pressure"),
                Predictor("spread", Spread(PRESSURE, within=days(1826)), wording="spread of systolic pressure"),
                Predictor("rise", Difference(LAST, Median(PRESSURE)), wording="last pressure over its median"),
                Predictor("share", Ratio(LAST, Highest(PRESSURE)), wording="last pressure as a share of the highest"),
                Predictor("readings", Since(PRESSURE, which="first", anchor=BIRTH), wording="age at the first reading"),
                Predictor("since_2020", Has(PRESSURE, since=date(2020, 1, 1)), wording="measured since 2020"),
                Predictor("month", Calendar("month"), wording="month of the year"),
                Predictor(
                    "troubles",
                    Number(Has(DIABETES), Any(LAST.at_least(140), Age().at_least(75))),
                    wording="how many of diabetes and high pressure or great age",
                ),
            ),
            comparator=(
                Comparator("Last pressure", LAST, unit="mmHg"),
                Comparator("Age and pressure", sum_of_age_and_pressure),
            ),
            rules=(
                Rule(
                    name="severe",
                    when=LAST.at_least(180),
                    action="Severe reading: contact today.",
                    guideline="NICE NG136",
                    urgency="urgent",
                ),
            ),
            bands=(
                Band(0.0, name="Low", action="Check within 5 years.", owner="practice"),
                Band(0.1, name="Raised", action="Check yearly.", owner="practice"),
            ),
        ),
    ),
)
