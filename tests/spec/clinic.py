"""The clinic of the drawn tables: what a record is called there, which concept it is, and the streams made of them."""

from __future__ import annotations

from dataclasses import dataclass

from pathways.language import ConceptSet, Either, Formula, Records, Unit

UMOL, MG_DL = Unit(8749, "umol/L"), Unit(8840, "mg/dL", 88.4)
KG, POUND = Unit(9529, "kg"), Unit(8739, "lb", 0.45359237)
CM, METRE = Unit(8582, "cm"), Unit(9546, "m", 100.0)
CELSIUS, FAHRENHEIT = Unit(586323, "C"), Unit(9289, "F", 5 / 9, -160 / 9)
MMHG, EGFR_UNIT, DAY = Unit(8876, "mmHg"), Unit(720870, "mL/min/1.73m2"), Unit(8512, "day")
UNITS = {
    unit.name: unit.concept_id
    for unit in (UMOL, MG_DL, KG, POUND, CM, METRE, CELSIUS, FAHRENHEIT, MMHG, EGFR_UNIT, DAY)
} | {"mmol/L": 8753}


@dataclass(frozen=True)
class Kind:
    """What a name in the column `record` stands for."""

    kind: str
    concept_id: int
    unit: str = ""


RECORDS = {
    "creatinine": Kind("measurement", 3020564, "umol/L"),
    "creatinine (US)": Kind("measurement", 3016723, "mg/dL"),
    "lab eGFR": Kind("measurement", 46236952, "mL/min/1.73m2"),
    "weight": Kind("measurement", 3025315, "kg"),
    "height": Kind("measurement", 3036277, "cm"),
    "temperature": Kind("measurement", 3020891, "C"),
    "systolic": Kind("measurement", 3004249, "mmHg"),
    "diastolic": Kind("measurement", 3012888, "mmHg"),
    "diabetes": Kind("condition", 201826),
    "asthma": Kind("condition", 317009),
    "wheeze": Kind("condition", 314754),
    "steroid": Kind("medication", 1551099),
    "inhaler": Kind("medication", 1154343),
    "MMR": Kind("immunisation", 40213183),
    "dialysis": Kind("procedure", 4032243),
    "hospital stay": Kind("visit", 9201),
    "emergency visit": Kind("visit", 9203),
    "clinic visit": Kind("visit", 9202),
    "smoker": Kind("observation", 4298794),
    "ex-smoker": Kind("observation", 4310250),
    "never smoked": Kind("observation", 4144272),
    "smoking status": Kind("observation", 43054909),
    "mother had diabetes": Kind("family_history", 4051106),
}


def concepts(*names: str, name: str = "") -> ConceptSet:
    """A concept set of records by their names in the tables."""
    kinds = tuple(dict.fromkeys(RECORDS[one].kind for one in names))
    return ConceptSet(name or " or ".join(names), exact={RECORDS[one].concept_id: one for one in names}, kinds=kinds)


CREATININE = Records("creatinine", concepts("creatinine"), units=(UMOL, MG_DL), plausible=(15, 2500))
LAB_EGFR = Records("lab eGFR", concepts("lab eGFR"), units=EGFR_UNIT, plausible=(1, 200))
EGFR = Either(Formula("ckd_epi_2009", CREATININE), LAB_EGFR, prefer=True, name="eGFR")
WEIGHT = Records("weight", concepts("weight"), units=(KG, POUND), plausible=(1, 500))
HEIGHT = Records("height", concepts("height"), units=(CM, METRE), plausible=(30, 250))
SYSTOLIC = Records("systolic", concepts("systolic"), units=MMHG, plausible=(60, 270), same_day="lowest")
DIASTOLIC = Records("diastolic", concepts("diastolic"), units=MMHG, plausible=(30, 160), same_day="lowest")
DIABETES = Records("diabetes", concepts("diabetes"))
ASTHMA = Records("asthma", concepts("asthma"))
STEROID = Records("steroid", concepts("steroid"))
INHALER = Records("inhaler", concepts("inhaler"))
MMR = Records("MMR", concepts("MMR"))
DIALYSIS = Records("dialysis", concepts("dialysis"))
STAY = Records("hospital stay", concepts("hospital stay"))
EMERGENCY = Records("emergency visit", concepts("emergency visit"))
FAMILY_DIABETES = Records("mother had diabetes", concepts("mother had diabetes"))
SMOKING = Records(
    "smoking",
    levels=(
        ("never", concepts("never smoked")),
        ("ex", concepts("ex-smoker")),
        ("current", concepts("smoker")),
    ),
)
