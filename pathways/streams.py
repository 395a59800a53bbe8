"""Streams of records that several pathways read alike: each thing is defined, and its units checked, in one place.

Sources are beside each: "spec" is research/clinical_a.md, NG203 the NICE guideline on chronic kidney disease. A dagger
(†) marks a concept whose file did not show that it is standard; "also seen" marks a descendant that is named for
sources without CONCEPT_ANCESTOR.
"""

from pathways import concept_sets as shared
from pathways.language import (
    Age,
    All,
    Choice,
    ConceptSet,
    Either,
    Formula,
    Has,
    Latest,
    Near,
    Person,
    Records,
    Unit,
    months,
)

# Kidneys --------------------------------------------------------------------------------------------------------------

SERUM_CREATININE = ConceptSet(
    "creatinine in blood",
    {4013964: "Creatinine measurement, serum"},  # † how CPRD is mapped (spec 1.5)
    exact={
        3020564: "Creatinine [Moles/volume] in Serum or Plasma",
        3016723: "Creatinine [Mass/volume] in Serum or Plasma",
        # Not in the specification: in omop_synthea_gb_dev 1,031 of 1,703 people have their creatinine only as this.
        3051825: "Creatinine [Mass/volume] in Blood",
    },
    kinds="measurement",
)
LABORATORY_EGFR = ConceptSet(
    "eGFR by the laboratory",
    {44806420: "Estimation of glomerular filtration rate"},  # †
    exact={  # all †
        46236952: "Glomerular filtration rate/1.73 sq M.predicted [Volume Rate/Area] in Serum, Plasma or Blood"
        " by Creatinine-based formula (MDRD)",
        40764999: "Glomerular filtration rate/1.73 sq M.predicted [Volume Rate/Area] in Serum, Plasma or Blood"
        " by Creatinine-based formula (CKD-EPI)",
        1619025: "Glomerular filtration rate/1.73 sq M.predicted [Volume Rate/Area] in Serum, Plasma or Blood"
        " by Creatinine-based formula (CKD-EPI 2021)",
        40771922: "Glomerular filtration rate/1.73 sq M.predicted [Volume Rate/Area] in Serum, Plasma or Blood",
        3049187: "Glomerular filtration rate/1.73 sq M.predicted among non-blacks [Volume Rate/Area]"
        " in Serum, Plasma or Blood by Creatinine-based formula (MDRD)",
        36303797: "Glomerular filtration rate/1.73 sq M.predicted among non-blacks [Volume Rate/Area]"
        " in Serum, Plasma or Blood by Creatinine-based formula (CKD-EPI)",
        44790183: "Glomerular filtration rate testing",  # how CPRD is mapped (spec 1.5)
    },
    kinds="measurement",
)
MG_PER_DL = 8840
CREATININE = Records(
    "creatinine",
    of=SERUM_CREATININE,
    units=(  # spec 0.3
        shared.UMOL_PER_LITRE,
        Unit(MG_PER_DL, "milligram per deciliter", times=88.4, names=("mg/dL",)),
    ),
    assumed={3016723: MG_PER_DL, 3051825: MG_PER_DL},  # a mass concentration without a unit is not in umol/L
    plausible=(15, 2500),  # spec 0.3
    same_day="median",  # labels_a.sql 1
)
RECORDED_EGFR = Records(
    "eGFR by the laboratory",
    of=LABORATORY_EGFR,
    units=(  # spec 0.3: a unit that lacks its "per 1.73 m2" is mislabelled; a value without a unit is taken as it is
        shared.EGFR_UNIT,
        Unit(8795, "milliliter per minute", names=("mL/min",)),
        Unit(9117, "milliliter per minute per 1.73 square meter"),  # no longer standard (spec 0.2)
    ),
    plausible=(1, 200),  # spec 0.3
    same_day="median",
    floor=60,  # "> 59" does not say that a value is below 60 (labels_a.sql 1)
)
# NG203: no ethnicity factor. CKD-EPI 2009 is the equation in use in the UK (spec 0.6.3, 1.6); the laboratory's own
# figure counts only on days without a creatinine.
EGFR = Either(Formula("ckd_epi_2009", CREATININE, title="eGFR"), RECORDED_EGFR, prefer=True, name="eGFR")
ACR = Records(
    "urine albumin-creatinine ratio (ACR)",
    of=ConceptSet(
        "urine ACR",
        exact={
            3020682: "Albumin/Creatinine [Ratio] in Urine",  # †
            3034485: "Albumin/Creatinine [Mass Ratio] in Urine",  # †
            3001802: "Microalbumin/Creatinine [Mass Ratio] in Urine",
            4108431: "Albumin/creatinine ratio measurement",  # † how CPRD is mapped (spec 1.5)
            4150342: "Urine microalbumin/creatinine ratio measurement",  # †
        },
        kinds="measurement",
    ),
    units=(  # spec 0.3
        shared.MG_PER_MMOL,
        Unit(44777612, "milligram per millimole", names=("mg/mmol",)),
        Unit(8723, "milligram per gram", times=0.11312, names=("mg/g", "mg/g{creat}")),
    ),
    plausible=(0.1, 1000),  # spec 0.3
    less_than=0.5,  # "<3" is taken as 1.5 (spec 1.4, row 16)
    same_day="median",
)

DIALYSIS = Records(
    "dialysis",
    of=ConceptSet(
        "dialysis",
        {
            4032243: "Dialysis procedure",
            4146536: "Renal dialysis",
            4120120: "Hemodialysis",
            4324124: "Peritoneal dialysis",
        },
        kinds="procedure",
    ),
)
TRANSPLANT = Records(
    "a kidney transplant",
    of=(
        ConceptSet("transplant of a kidney", {4322471: "Transplant of kidney"}, kinds="procedure"),
        ConceptSet("transplanted kidney", {42539502: "Transplanted kidney present"}),
    ),
)

# Illness and pregnancy ------------------------------------------------------------------------------------------------

PREGNANCY = Records(
    "pregnancy",
    of=ConceptSet(
        "pregnancy",
        {
            # The specification verifies no concept of pregnancy itself. This one is in three vocabularies that we
            # read (omop_synthea_gb_dev, omop_sof_synthea_r4_617, omop_synthea27nj_5.4): a condition in one, an
            # observation in the others.
            4217975: "Normal pregnancy",
            4167493: "Pregnancy-induced hypertension",
            439393: "Pre-eclampsia",
        },
        kinds=("condition", "observation"),
    ),
)
# Asked of women of an age to be pregnant only, so that nobody else's answer waits for
# a record of it.
MAY_BE_PREGNANT = All(
    Person("sex").is_("female"),
    Age().below(56),  # ours
    Has(PREGNANCY, within=months(9)),  # spec 1.2
)
# Each kind is named with the general code, as sources without CONCEPT_ANCESTOR do not know that one is the other.
DIABETES = Records("diabetes", of=(shared.ANY_DIABETES, shared.TYPE_1_DIABETES, shared.TYPE_2_DIABETES))
TYPE_1 = Records("type 1 diabetes", of=shared.TYPE_1_DIABETES)
TYPE_2 = Records("type 2 diabetes", of=shared.TYPE_2_DIABETES)
HIGH_PRESSURE = Records("hypertension", of=shared.HYPERTENSION)
FAILURE = Records("heart failure", of=shared.HEART_FAILURE)
HEART_DISEASE = Records("ischaemic heart disease", of=shared.ISCHAEMIC_HEART_DISEASE)
STROKE = Records("stroke or TIA", of=shared.STROKE_OR_TIA)
ARTERIAL_DISEASE = Records("peripheral vascular disease", of=shared.PERIPHERAL_VASCULAR_DISEASE)
GOUT = Records("gout", of=ConceptSet("gout", {440674: "Gout"}))
MENTAL_ILLNESS_OR_LEARNING_DISABILITY = Records(
    "severe mental illness or learning disability", of=(shared.SEVERE_MENTAL_ILLNESS, shared.LEARNING_DISABILITY)
)

# Medicines ------------------------------------------------------------------------------------------------------------

NSAID = Records(
    "NSAID prescription",
    of=ConceptSet(
        "NSAID",
        {
            21603933: "ANTIINFLAMMATORY AND ANTIRHEUMATIC PRODUCTS, NON-STEROIDS",
            1177480: "ibuprofen",
            1115008: "Naproxen",
            1124300: "diclofenac",
            1118084: "celecoxib",
            19011355: "etoricoxib",  # †
            19078461: "ibuprofen 200 MG Oral Tablet",  # also seen
            19033893: "ibuprofen 400 MG Oral Tablet [Ibu]",  # also seen
            1115171: "naproxen sodium 220 MG Oral Tablet",  # also seen
            19019273: "naproxen 500 MG Oral Tablet",  # also seen
        },
        kinds="medication",
    ),
)
RAAS_BLOCKER = Records(
    "ACE inhibitor or ARB",
    of=ConceptSet(
        "ACE inhibitor or ARB",
        {
            21601782: "AGENTS ACTING ON THE RENIN-ANGIOTENSIN SYSTEM",
            19080128: "lisinopril 10 MG Oral Tablet",  # also seen
            19080129: "lisinopril 20 MG Oral Tablet",  # also seen
            40185280: "losartan potassium 25 MG Oral Tablet",  # also seen
            40185304: "losartan potassium 50 MG Oral Tablet",  # also seen
        },
        kinds="medication",
    ),
)
STATIN = Records(
    "statin",
    of=ConceptSet(
        "statin",
        {
            21601855: "HMG CoA reductase inhibitors",  # †
            1545958: "atorvastatin",
            1539403: "simvastatin",
            1510813: "rosuvastatin",
            1539463: "simvastatin 10 MG Oral Tablet",  # also seen
            1539411: "simvastatin 20 MG Oral Tablet",  # also seen
        },
        kinds="medication",
    ),
)

# Measurements, smoking and admissions (units and ranges: spec 0.3; lowest of the day: spec 1.4, row 7) ----------------

SBP = Records(
    "systolic blood pressure", of=shared.SYSTOLIC_PRESSURE, units=shared.MMHG, plausible=(60, 270), same_day="lowest"
)
DBP = Records(
    "diastolic blood pressure", of=shared.DIASTOLIC_PRESSURE, units=shared.MMHG, plausible=(30, 160), same_day="lowest"
)
RECORDED_BMI = Records(
    "body mass index", of=shared.BODY_MASS_INDEX, units=shared.KG_PER_M2, plausible=(10, 80), same_day="last"
)
# The range of weight is ours; that of height is of spec 1.4, row 6.
WEIGHT = Records("weight", of=shared.BODY_WEIGHT, units=shared.KILOGRAM, plausible=(20, 400), same_day="last")
HEIGHT = Records("height", of=shared.BODY_HEIGHT, units=shared.CENTIMETRE, plausible=(120, 220), same_day="last")
BMI = Either(RECORDED_BMI, Formula("bmi", WEIGHT, HEIGHT, title="BMI"), prefer=True, name="body mass index")
GLYCATED_HAEMOGLOBIN = Records(
    "HbA1c",
    of=shared.HBA1C,
    units=(  # mmol/mol = (% - 2.15) * 10.929
        shared.MMOL_PER_MOL,
        Unit(9579, "millimole per mole", names=("mmol/mol",)),
        Unit(8554, "percent", times=10.929, plus=-2.15 * 10.929, names=("%",)),
    ),
    plausible=(15, 200),
    same_day="last",
)
HB = Records(
    "haemoglobin",
    of=shared.HAEMOGLOBIN,
    units=(shared.GRAM_PER_LITRE, Unit(8713, "gram per deciliter", times=10, names=("g/dL",))),
    plausible=(30, 250),
    same_day="last",
)
SMOKING = Records(
    "smoking",
    levels=(("never", shared.NEVER_SMOKED), ("ex", shared.EX_SMOKER), ("current", shared.CURRENT_SMOKER)),
    same_day="highest",
)
# Many sources call every admission 9201 (spec 0.2), so one that begins up to a day after an emergency visit counts too.
ADMISSION_IN_EMERGENCY = Either(
    Records("emergency admission", of=shared.EMERGENCY_ADMISSION),
    Near(
        Records("inpatient stay", of=shared.INPATIENT_VISIT),
        Records("emergency visit", of=shared.EMERGENCY_VISIT),
        before=1,
    ),
    name="emergency admission",
)
SMOKING_STATUS = Choice(  # "never" after an earlier "current" is an ex-smoker (spec 1.4, row 5); no record is missing
    (Latest(SMOKING).equals(2), "current"),
    (Has(SMOKING, at_least=1), "ex"),
    otherwise="never",
)
# A pair of the same day whose systolic is the higher, the lowest of the day (labels_a.sql 5).
SYSTOLIC_OF_A_PAIR = Formula("pressure_pair", SBP, DBP, title="blood pressure")
