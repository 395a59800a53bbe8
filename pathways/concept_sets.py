"""Concept sets and units that several pathways share: section 0.8 of the clinical specification.

Each id stands with the name that the vocabulary gives it. A dagger marks an id whose file did not show that it is
standard: `python -m pathways check` says so again for the source at hand.

Codes under "also seen" are descendants of their set. A source with CONCEPT_ANCESTOR finds them by itself; they are
named for sources that come without it (omop_synthea_gb_dev).
"""

from pathways.language import ConceptSet, Unit

# Visits ---------------------------------------------------------------------------------------------------------------

INPATIENT_VISIT = ConceptSet("inpatient visit", {9201: "Inpatient Visit"}, kinds="visit")
EMERGENCY_VISIT = ConceptSet("emergency visit", {9203: "Emergency Room Visit"}, kinds="visit")
EMERGENCY_ADMISSION = ConceptSet("emergency admission", {262: "Emergency Room and Inpatient Visit"}, kinds="visit")

# Smoking --------------------------------------------------------------------------------------------------------------

CURRENT_SMOKER = ConceptSet(
    "current smoker",
    {4276526: "Cigarette smoker", 903657: "Cigarette smoker"},
    exact={4298794: "Smoker", 40766945: "Current smoker", 36309332: "Current smoker"},  # 36309332 †
    kinds="observation",
)
EX_SMOKER = ConceptSet(
    "ex-smoker",
    {4310250: "Ex-smoker"},
    exact={45883458: "Former smoker"},  # †
    kinds="observation",
)
NEVER_SMOKED = ConceptSet(
    "never smoked",
    {4144272: "Never smoked tobacco"},
    exact={45879404: "Never smoker", 4222303: "Non-smoker"},  # 45879404 †
    kinds="observation",
)

# Measurements ---------------------------------------------------------------------------------------------------------

SYSTOLIC_PRESSURE = ConceptSet(
    "systolic blood pressure",
    {4152194: "Systolic blood pressure"},
    exact={3004249: "Systolic blood pressure", 21492239: "Systolic blood pressure by Noninvasive"},
    exclude={4153323: "Target systolic blood pressure"},
    kinds="measurement",
)
DIASTOLIC_PRESSURE = ConceptSet(
    "diastolic blood pressure",
    {4154790: "Diastolic blood pressure"},  # †
    exact={3012888: "Diastolic blood pressure"},
    kinds="measurement",
)
BODY_MASS_INDEX = ConceptSet(
    "body mass index",
    {4245997: "Body mass index"},  # †
    exact={3038553: "Body mass index (BMI) [Ratio]"},
    kinds="measurement",
)
BODY_WEIGHT = ConceptSet(
    "body weight",
    # 4099154 "Body weight" (SNOMED) is an observation; with it a history would have to cover observations too.
    exact={3025315: "Body weight", 3013762: "Body weight Measured"},
    kinds="measurement",
)
BODY_HEIGHT = ConceptSet(
    "body height",
    exact={3036277: "Body height", 607590: "Body height"},  # 607590 †
    kinds="measurement",
)
HBA1C = ConceptSet(
    "HbA1c",
    {4184637: "Hemoglobin A1c measurement"},
    exact={
        3004410: "Hemoglobin A1c/Hemoglobin.total in Blood",
        40762352: "Hemoglobin A1c/Hemoglobin.total in Blood by IFCC protocol",
        4197971: "HbA1c measurement (DCCT aligned)",  # †
    },
    kinds="measurement",
)
HAEMOGLOBIN = ConceptSet("haemoglobin", exact={3000963: "Hemoglobin [Mass/volume] in Blood"}, kinds="measurement")

# Conditions -----------------------------------------------------------------------------------------------------------

TYPE_1_DIABETES = ConceptSet("type 1 diabetes", {201254: "Type 1 diabetes mellitus"})
TYPE_2_DIABETES = ConceptSet("type 2 diabetes", {201826: "Type 2 diabetes mellitus"})
ANY_DIABETES = ConceptSet("diabetes", {201820: "Diabetes mellitus"})
HYPERTENSION = ConceptSet(
    "hypertension",
    {316866: "Hypertensive disorder", 320128: "Essential hypertension"},
    # Pulmonary and portal hypertension are other illnesses and never count (clinical_a.md 2.2).
    exclude={
        4167493: "Pregnancy-induced hypertension",
        4322024: "Pulmonary hypertension",
        192680: "Portal hypertension",
    },
)
HEART_FAILURE = ConceptSet(
    "heart failure",
    {
        316139: "Heart failure",
        4229440: "Chronic congestive heart failure",  # also seen
    },
)
ISCHAEMIC_HEART_DISEASE = ConceptSet(
    "ischaemic heart disease",
    {
        4185932: "Ischemic heart disease",
        317576: "Coronary arteriosclerosis",
        4329847: "Myocardial infarction",
        4296653: "Acute ST segment elevation myocardial infarction",  # also seen
        4270024: "Acute non-ST segment elevation myocardial infarction",  # also seen
    },
)
STROKE_OR_TIA = ConceptSet(
    "stroke or TIA",
    {
        381591: "Cerebrovascular disease",
        381316: "Cerebrovascular accident",
        373503: "Transient cerebral ischemia",
    },
)
PERIPHERAL_VASCULAR_DISEASE = ConceptSet(
    "peripheral vascular disease",
    {321052: "Peripheral vascular disease", 317309: "Peripheral arterial occlusive disease"},
)
SEVERE_MENTAL_ILLNESS = ConceptSet(
    "severe mental illness",
    {435783: "Schizophrenia", 436665: "Bipolar disorder", 436073: "Psychotic disorder"},
)
LEARNING_DISABILITY = ConceptSet("learning disability", {40277917: "Intellectual disability"})
DEPRESSION = ConceptSet("depression", {440383: "Depressive disorder"})
ANXIETY = ConceptSet("anxiety", {442077: "Anxiety disorder"})
DEMENTIA = ConceptSet("dementia", {4182210: "Dementia"})
ATRIAL_FIBRILLATION = ConceptSet("atrial fibrillation", {313217: "Atrial fibrillation"})
CHRONIC_OBSTRUCTIVE_LUNG_DISEASE = ConceptSet("COPD", {255573: "Chronic obstructive lung disease"})
SLEEP_APNOEA = ConceptSet("obstructive sleep apnoea", {442588: "Obstructive sleep apnea syndrome"})
OBESITY = ConceptSet("obesity", {433736: "Obesity"})

# Medicines for blood pressure (clinical_a.md 2.5) ---------------------------------------------------------------------

CALCIUM_CHANNEL_BLOCKER = ConceptSet(
    "calcium channel blocker",
    {21601744: "CALCIUM CHANNEL BLOCKERS", 1332418: "amlodipine", 1353776: "felodipine", 1318853: "nifedipine"},
    kinds="medication",
)
THIAZIDE_LIKE_DIURETIC = ConceptSet(
    "thiazide-like diuretic",
    {
        978555: "indapamide",
        1316354: "Bendroflumethiazide",  # †
        1395058: "chlorthalidone",
        974166: "hydrochlorothiazide",
    },
    kinds="medication",
)
ALDOSTERONE_ANTAGONIST = ConceptSet(
    "aldosterone antagonist", {970250: "spironolactone", 1309799: "eplerenone"}, kinds="medication"
)
ALPHA_BLOCKER = ConceptSet("alpha blocker", {1363053: "doxazosin"}, kinds="medication")
BETA_BLOCKER = ConceptSet(
    "beta blocker",
    {21601664: "BETA BLOCKING AGENTS", 1338005: "bisoprolol", 1314002: "atenolol"},
    kinds="medication",
)

# Units (clinical_a.md 0.3; the first unit of a stream is the one that its values are turned into) --------------------

UMOL_PER_LITRE = Unit(8749, "micromole per liter", names=("umol/L", "µmol/L", "micromol/L"))
MMHG = Unit(8876, "millimeter mercury column", names=("mm[Hg]", "mmHg", "mm Hg"))
KG_PER_M2 = Unit(9531, "kilogram per square meter", names=("kg/m2", "kg/m²", "kg/m^2"))
KILOGRAM = Unit(9529, "kilogram", names=("kg",))
CENTIMETRE = Unit(8582, "centimeter", names=("cm",))
EGFR_UNIT = Unit(
    720870,
    "milliliter per minute per 1.73 square meter",
    names=("mL/min/(173.10*-2.m2)", "mL/min/{1.73_m2}", "mL/min/1.73m2", "mL/min/1.73m^2", "mL/min/1.73m²"),
)
MG_PER_MMOL = Unit(9075, "milligram per millimole of creatinine", names=("mg/mmol{creat}", "mg/mmol{creatinine}"))
MMOL_PER_MOL = Unit(44777620, "millimole per mole of hemoglobin", names=("mmol/mol{HGB}", "mmol/mol{Hb}"))
GRAM_PER_LITRE = Unit(8636, "gram per liter", names=("g/L",))
MMOL_PER_LITRE = Unit(8753, "millimole per liter", names=("mmol/L",))
