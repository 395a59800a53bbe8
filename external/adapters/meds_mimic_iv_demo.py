"""100 people of a hospital in Boston in MEDS: what the wards measured, diagnosed and gave, on days of 2109 to 2202."""

from __future__ import annotations

from external.adapters.meds import Meds
from external.adapters.omop import FEMALE, MALE, Code


def _measured(code: str, concept: int, name: str, unit: int, unit_name: str) -> Code:
    return Code(code, "measurement", concept, name, unit, unit_name)


def _diagnosed(concept: int, name: str, *codes: str) -> tuple[Code, ...]:
    return tuple(Code(f"DIAGNOSIS//ICD//{code}", "condition_occurrence", concept, name) for code in codes)


def _given(concept: int, name: str, *medicines: str) -> tuple[Code, ...]:
    return tuple(Code(f"MEDICATION//START//{one}", "drug_exposure", concept, name) for one in medicines)


MEASURED = (
    _measured("LAB//50912//mg/dL", 3016723, "Creatinine [Mass/volume] in Serum or Plasma", 8840, "mg/dL"),
    _measured("LAB//51070//mg/g", 3034485, "Albumin/Creatinine [Mass Ratio] in Urine", 8723, "mg/g"),
    _measured("LAB//50852//%", 3004410, "Hemoglobin A1c/Hemoglobin.total in Blood", 8554, "%"),
    _measured("LAB//51222//g/dL", 3000963, "Hemoglobin [Mass/volume] in Blood", 8713, "g/dL"),
    _measured("LAB//220179//mmHg", 3004249, "Systolic blood pressure", 8876, "mmHg"),
    _measured("LAB//220180//mmHg", 3012888, "Diastolic blood pressure", 8876, "mmHg"),
)
DIAGNOSED = (
    *_diagnosed(443597, "Chronic kidney disease stage 3", "10//N183*", "9//5853"),
    *_diagnosed(443612, "Chronic kidney disease stage 4", "10//N184", "9//5854"),
    *_diagnosed(443611, "Chronic kidney disease stage 5", "10//N185", "9//5855"),
    *_diagnosed(193782, "End-stage renal disease", "10//N186", "9//5856"),
    *_diagnosed(46271022, "Chronic kidney disease", "10//N189", "9//5859"),
    *_diagnosed(201313, "Hypertensive renal disease", "10//I12*", "10//I13*", "9//403*", "9//404*"),
    *_diagnosed(197320, "Acute renal failure syndrome", "10//N17*", "9//584*"),
    *_diagnosed(201254, "Type 1 diabetes mellitus", "10//E10*", "9//250?1", "9//250?3"),
    *_diagnosed(201826, "Type 2 diabetes mellitus", "10//E11*", "9//250?0", "9//250?2"),
    *_diagnosed(320128, "Essential hypertension", "10//I10", "9//401*"),
    *_diagnosed(316139, "Heart failure", "10//I50*", "9//428*"),
    *_diagnosed(317576, "Coronary arteriosclerosis", "10//I25*", "9//414*"),
    *_diagnosed(4329847, "Myocardial infarction", "10//I21*", "9//410*", "9//412"),
    *_diagnosed(381591, "Cerebrovascular disease", "10//I6*", "9//43[3-8]*"),
    *_diagnosed(321052, "Peripheral vascular disease", "10//I739", "9//4439"),
    *_diagnosed(201620, "Kidney stone", "10//N20*", "9//592*"),
    *_diagnosed(198803, "Benign prostatic hyperplasia", "10//N40*", "9//600*"),
    *_diagnosed(192450, "Retention of urine", "10//R33*", "9//7882*"),
    *_diagnosed(440674, "Gout", "10//M10*", "9//274*"),
    *_diagnosed(437038, "Blood in urine", "10//R31*", "9//5997*"),
    *_diagnosed(435783, "Schizophrenia", "10//F20*", "9//295*"),
    *_diagnosed(42539502, "Transplanted kidney present", "10//Z940", "9//V420"),
)
GIVEN = (
    *_given(923645, "Omeprazole", "Omeprazole"),
    *_given(1177480, "ibuprofen", "Ibuprofen"),
    *_given(1545958, "atorvastatin", "Atorvastatin"),
    *_given(1539403, "simvastatin", "Simvastatin"),
    *_given(1510813, "rosuvastatin", "Rosuvastatin*"),
    *_given(950637, "Tacrolimus", "Tacrolimus"),
    *_given(21601782, "AGENTS ACTING ON THE RENIN-ANGIOTENSIN SYSTEM", "Lisinopril", "Losartan*", "Valsartan"),
)
VISITED = (
    Code("ED_REGISTRATION", "visit_occurrence", 9203, "Emergency Room Visit"),
    Code("HOSPITAL_ADMISSION//*", "visit_occurrence", 9201, "Inpatient Visit"),
)
DONE = (
    Code("PROCEDURE//ICD//9//3995", "procedure_occurrence", 4120120, "Hemodialysis"),
    Code("PROCEDURE//ICD//10//5A1D*", "procedure_occurrence", 4120120, "Hemodialysis"),
    Code("PROCEDURE//ICD//9//5569", "procedure_occurrence", 4322471, "Transplant of kidney"),
    Code("PROCEDURE//ICD//10//0TY[01]*", "procedure_occurrence", 4322471, "Transplant of kidney"),
)

ADAPTERS = {
    "": Meds(
        file="parquet/events.parquet",
        sexes=(("GENDER//F", FEMALE), ("GENDER//M", MALE)),
        codes=(*MEASURED, *DIAGNOSED, *GIVEN, *VISITED, *DONE),
        value="value",
        notes=(
            "Creatinine, ACR, HbA1c and haemoglobin by the laboratory's item numbers, pressures by cuff by those of "
            "the intensive care unit; pressures of the clinic have lost their numbers in this file.",
            "A diagnosis is dated by the discharge, a stay by its admission; a medicine counts once for each order.",
            "Diagnoses that begin with the code of a kind are taken for that kind; E10 and the fifth digits 1 and 3 of "
            "250 are type 1.",
            "Observations and family history are not in the set.",
        ),
    )
}
