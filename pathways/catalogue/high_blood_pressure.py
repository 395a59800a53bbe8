"""High blood pressure: who has it without knowing, and in whom is it not controlled?

About a third of adults have high blood pressure and 29% of them do not know (ONS 2015-19); in one London borough 39.5%
of adults had no pressure on record (Basta 2023, Lambeth). So a practice asks: who should have a check, and whom should
the pharmacist call first?

Read `UNDETECTED`, `RAISED_IF_MEASURED` and `UNCONTROLLED` at the end first: they are the protocols. What stands before
them says how each thing is read from a record; what several pathways read alike (blood pressure, BMI, smoking, eGFR)
stands in `pathways/streams.py`.

Every number stands beside its source. NG136 is the NICE guideline "Hypertension in adults" (2019, updated), NG133
"Hypertension in pregnancy"; CVDP is the NHS's national audit of cardiovascular prevention; "spec" is the clinical
specification (research/clinical_a.md) with its section. A dagger (†) marks a concept whose file did not show that it is
standard; [M] a statement that the specification gives from memory. A clinical safety officer checks every threshold
against the live guideline before use.

Left out, as no concept of it is verified (spec 2.5): home and ambulatory pressure, family history of hypertension,
white coat hypertension. "Finding relating to alcohol drinking behavior" says nothing of how much. Ethnicity and
deprivation are what we compare by, not predictors (spec 0.6).
"""

from functools import partial

from pathways import concept_sets as shared
from pathways.language import (
    PROBABILITY,
    Age,
    All,
    Any,
    Band,
    Choice,
    Comparator,
    ConceptSet,
    Confirmed,
    Count,
    Covered,
    Criterion,
    Difference,
    Earliest,
    Either,
    Every,
    Formula,
    Happens,
    Has,
    Highest,
    Latest,
    Mean,
    Measured,
    Missing,
    Not,
    Number,
    Observed,
    Pathway,
    Person,
    Prediction,
    Predictor,
    Records,
    Required,
    Rule,
    Since,
    Slope,
    Spread,
    Term,
    Unit,
    Word,
    days,
)
from pathways.published import framingham_hypertension
from pathways.streams import (
    ACR,
    ARTERIAL_DISEASE,
    BMI,
    DBP,
    DIABETES,
    DIALYSIS,
    EGFR,
    FAILURE,
    GLYCATED_HAEMOGLOBIN,
    GOUT,
    HEART_DISEASE,
    HIGH_PRESSURE,
    MAY_BE_PREGNANT,
    MENTAL_ILLNESS_OR_LEARNING_DISABILITY,
    NSAID,
    RAAS_BLOCKER,
    SMOKING_STATUS,
    STROKE,
    SYSTOLIC_OF_A_PAIR,
    TRANSPLANT,
)

NINETY_DAYS = days(90)
HALF_A_YEAR = days(180)
ONE_YEAR = days(365)
TWO_YEARS = days(730)
THREE_YEARS = days(1096)
FIVE_YEARS = days(1826)

# Blood pressure -------------------------------------------------------------------------------------------------------

# A clinic pressure of 140/90 or more is raised (NG136). The pair of a day is its lowest systolic and lowest diastolic
# (CVDP); a day with only one of the two says nothing.
RAISED = Formula("above", SYSTOLIC_OF_A_PAIR, DBP, limits=(140, 90), title="pressure of 140/90 or more")
# NICE's targets: below 140/90, from 80 years on below 150/90 (NG136). CVDP counts 140/90 itself as on target; the
# outcome follows NICE (spec 2.1).
ABOVE_TARGET = Formula(
    "above", SYSTOLIC_OF_A_PAIR, DBP, limits=(140, 90, 80, 150, 90), title="pressure at or above the target for the age"
)
# Two raised days within a year of each other (spec 2.3, U1). The first may lie before the index date
# (docs/decisions/0020).
RAISED_TWICE = Confirmed(RAISED, at_least=1, apart=1, within=365)
LAST_SYSTOLIC = Term("the last systolic pressure", Latest(SYSTOLIC_OF_A_PAIR, within=FIVE_YEARS))
LAST_DIASTOLIC = Term("the last diastolic pressure", Latest(DBP, within=FIVE_YEARS))
MEASURED = Term("a blood pressure in 5 years", Has(SYSTOLIC_OF_A_PAIR, within=FIVE_YEARS))
MEASURED_THIS_YEAR = Term("a blood pressure in 12 months", Has(SYSTOLIC_OF_A_PAIR, within=ONE_YEAR))
SYSTOLIC_THIS_YEAR = Term("the last systolic pressure of 12 months", Latest(SYSTOLIC_OF_A_PAIR, within=ONE_YEAR))
DIASTOLIC_THIS_YEAR = Term("the last diastolic pressure of 12 months", Latest(DBP, within=ONE_YEAR))


def at_least(systolic: float, diastolic: float) -> Word:
    """Whether the last pressure is that high; false, not missing, where there is none in 5 years."""
    high = Any(LAST_SYSTOLIC.at_least(systolic), LAST_DIASTOLIC.at_least(diastolic))
    return Term(f"a last pressure of {systolic}/{diastolic} or more", All(MEASURED, high))


def above_this_year(systolic: float, diastolic: float) -> Word:
    """Whether the last pressure of 12 months lies above both limits' pair, as CVDP counts."""
    high = Any(SYSTOLIC_THIS_YEAR.above(systolic), DIASTOLIC_THIS_YEAR.above(diastolic))
    return Term(f"a last pressure of 12 months above {systolic}/{diastolic}", All(MEASURED_THIS_YEAR, high))


SEVERE = at_least(180, 120)  # NG136: clinic systolic of 180 or diastolic of 120 or more
STAGE_2 = at_least(160, 100)
STAGE_1 = at_least(140, 90)
HIGH_NORMAL = at_least(130, 85)  # spec 2.1, action text
OVER_TARGET = Term(
    "a last pressure at or above the target for the age", Latest(ABOVE_TARGET, within=ONE_YEAR).equals(1)
)

# Other illness --------------------------------------------------------------------------------------------------------

SECONDARY = Records(
    "secondary hypertension",
    of=ConceptSet(
        "secondary hypertension",
        {319826: "Secondary hypertension", 317895: "Renovascular hypertension"},  # 317895 †
    ),
)
OF_PREGNANCY = Records(
    "high blood pressure in pregnancy",
    of=ConceptSet(
        "high blood pressure in pregnancy", {4167493: "Pregnancy-induced hypertension", 439393: "Pre-eclampsia"}
    ),
)
CRISIS = Records("hypertensive crisis", of=ConceptSet("hypertensive crisis", {45768449: "Hypertensive crisis"}))
KIDNEY_DISEASE = Records(
    "chronic kidney disease", of=ConceptSet("chronic kidney disease", {46271022: "Chronic kidney disease"})
)
FIBRILLATION = Records("atrial fibrillation", of=shared.ATRIAL_FIBRILLATION)
ANEURYSM = Records("aortic aneurysm", of=ConceptSet("aortic aneurysm", {317585: "Aortic aneurysm"}))  # †
SLEEP_APNOEA = Records("obstructive sleep apnoea", of=shared.SLEEP_APNOEA)
HIGH_LIPIDS = Records("high blood lipids", of=ConceptSet("high blood lipids", {432867: "Hyperlipidemia"}))
RETINOPATHY = Records(
    "diabetic retinopathy",
    of=ConceptSet("diabetic retinopathy", {4174977: "Retinopathy due to diabetes mellitus"}),
)
THICK_VENTRICLE = Records(
    "ventricular hypertrophy",
    of=ConceptSet("ventricular hypertrophy", {4145489: "Ventricular hypertrophy"}),  # †
)
DEMENTIA = Records("dementia", of=shared.DEMENTIA)

# Medicines ------------------------------------------------------------------------------------------------------------

CALCIUM_BLOCKER = Records("calcium channel blocker", of=shared.CALCIUM_CHANNEL_BLOCKER)
THIAZIDE = Records("thiazide-like diuretic", of=shared.THIAZIDE_LIKE_DIURETIC)
ALDOSTERONE_BLOCKER = Records("aldosterone antagonist", of=shared.ALDOSTERONE_ANTAGONIST)
ALPHA_BLOCKER = Records("alpha blocker", of=shared.ALPHA_BLOCKER)
BETA_BLOCKER = Records("beta blocker", of=shared.BETA_BLOCKER)
CLASSES = (RAAS_BLOCKER, CALCIUM_BLOCKER, THIAZIDE, ALDOSTERONE_BLOCKER, ALPHA_BLOCKER, BETA_BLOCKER)
PRESSURE_MEDICINE = Either(*CLASSES, name="medicine that lowers blood pressure")
CLASSES_NOW = Term(
    "classes of blood pressure medicine in 90 days", Number(*(Has(one, within=NINETY_DAYS) for one in CLASSES))
)
STEROID = Records(
    "prednisolone",
    of=ConceptSet("prednisolone", {1550557: "prednisolone", 1551099: "prednisone"}, kinds="medication"),
)
SNRI = Records("venlafaxine", of=ConceptSet("venlafaxine", {743670: "venlafaxine"}, kinds="medication"))
OESTROGEN = Records(
    "combined hormonal contraceptive",
    of=ConceptSet("combined hormonal contraceptive", {1549786: "Ethinyl Estradiol"}, kinds="medication"),
)

# Measurements and contacts --------------------------------------------------------------------------------------------

CHOLESTEROL = Records(
    "total cholesterol",
    of=ConceptSet(
        "total cholesterol",
        exact={
            3019900: "Cholesterol [Moles/volume] in Serum or Plasma",
            3027114: "Cholesterol [Mass/volume] in Serum or Plasma",
        },
        kinds="measurement",
    ),
    units=(
        shared.MMOL_PER_LITRE,
        Unit(8840, "milligram per deciliter", times=1 / 38.67, names=("mg/dL",)),  # 38.67 mg/dL to the mmol/L: ours
    ),
    assumed={3027114: 8840},
    plausible=(1, 20),  # spec 2.4, row 24
    same_day="last",
)
CONTACT = Records(
    "outpatient or practice visit", of=ConceptSet("outpatient visit", {9202: "Outpatient Visit"}, kinds="visit")
)

# Predictors (windows, units and ranges: spec 2.4). Risk is taken to rise with a value only where Framingham and the
# cohort of spec 2.8 agree; never for a treatment or for how often somebody was measured. -----------------------------

COMMON = (
    Predictor("age", Age(), "age", "years", (18, 115), plain="your age"),
    Predictor("sex", Person("sex"), "sex", plain="sex"),
    Predictor("smoking", SMOKING_STATUS, "smoking", changeable=True, plain="smoking"),
    Predictor(
        "bmi_last",
        Latest(BMI, within=FIVE_YEARS),
        "last BMI",
        "kg/m2",
        (10, 80),
        changeable=True,
        plain="your last body mass index (weight for height)",
    ),
    Predictor(
        "bmi_slope",
        Slope(BMI, within=FIVE_YEARS, at_least_records=2, span=365),
        "change of BMI per year over 5 years",
        "kg/m2",
        (-10, 10),
        changeable=True,
        plain="how your weight for height has changed over 5 years",
    ),
    Predictor(
        "sbp_last",
        LAST_SYSTOLIC,
        "last systolic pressure",
        "mmHg",
        (60, 270),
        "up",
        changeable=True,
        plain="your last blood pressure, upper number",
    ),
    Predictor(
        "dbp_last",
        LAST_DIASTOLIC,
        "last diastolic pressure",
        "mmHg",
        (30, 160),
        changeable=True,
        plain="your last blood pressure, lower number",
    ),
    Predictor(
        "sbp_mean_3",
        Mean(SYSTOLIC_OF_A_PAIR, within=FIVE_YEARS, last=3),
        "mean of the last three systolic pressures",
        "mmHg",
        (60, 270),
        "up",
        changeable=True,
        plain="the average of your last three blood pressures, upper number",
    ),
    Predictor(
        "sbp_max_5y",
        Highest(SYSTOLIC_OF_A_PAIR, within=FIVE_YEARS),
        "highest systolic pressure in 5 years",
        "mmHg",
        (60, 270),
        "up",
        plain="your highest blood pressure in 5 years, upper number",
    ),
    Predictor(
        "sbp_slope",
        Slope(SYSTOLIC_OF_A_PAIR, within=FIVE_YEARS, at_least_records=3, span=365),
        "change of systolic pressure per year over 5 years",
        "mmHg",
        (-40, 40),
        plain="how your blood pressure has changed over 5 years",
    ),
    Predictor(
        "sbp_spread",
        Spread(SYSTOLIC_OF_A_PAIR, within=FIVE_YEARS),
        "spread of systolic pressure over 5 years",
        "mmHg",
        (0, 60),
        plain="how much your blood pressure goes up and down",
    ),
    Predictor(
        "pulse_pressure",
        Difference(LAST_SYSTOLIC, LAST_DIASTOLIC),
        "last pulse pressure",
        "mmHg",
        (5, 150),
        plain="the gap between the two numbers of your last blood pressure",
    ),
    Predictor(
        "bp_days_since",
        Since(SYSTOLIC_OF_A_PAIR),
        "time since the last blood pressure",
        "days",
        (0, 36500),
        plain="your last blood pressure check",
    ),
    Predictor(
        "bp_days_5y",
        Count(SYSTOLIC_OF_A_PAIR, within=FIVE_YEARS),
        "days with a blood pressure in 5 years",
        "days",
        (0, 500),
        plain="blood pressure checks in the last 5 years",
    ),
    Predictor(
        "raised_days_5y",
        Count(RAISED, within=FIVE_YEARS, at_least=1),
        "days with 140/90 or more in 5 years",
        "days",
        (0, 500),
        "up",
        plain="blood pressure checks of 140/90 or more in the last 5 years",
    ),
    Predictor("diabetes", Has(DIABETES), "diabetes", direction="up", plain="diabetes"),
    Predictor(
        "hba1c_last",
        Latest(GLYCATED_HAEMOGLOBIN, within=THREE_YEARS),
        "last HbA1c",
        "mmol/mol",
        (15, 200),
        changeable=True,
        plain="your last blood sugar test (HbA1c)",
    ),
    Predictor(
        "cholesterol_last",
        Latest(CHOLESTEROL, within=FIVE_YEARS),
        "last total cholesterol",
        "mmol/L",
        (1, 20),
        changeable=True,
        plain="your last cholesterol test",
    ),
    Predictor("high_lipids", Has(HIGH_LIPIDS), "high blood lipids", plain="high cholesterol"),
    Predictor(
        "egfr_last",
        Latest(EGFR, within=TWO_YEARS),
        "last eGFR",
        "mL/min/1.73 m2",
        (1, 200),
        plain="your last kidney blood test (eGFR)",
    ),
    Predictor(
        "acr_last",
        Latest(ACR, within=TWO_YEARS),
        "last urine ACR",
        "mg/mmol",
        (0.1, 1000),
        plain="your last urine test for protein (ACR)",
    ),
    Predictor("kidney_disease", Has(KIDNEY_DISEASE), "chronic kidney disease", plain="long-term kidney disease"),
    Predictor(
        "ihd", Has(HEART_DISEASE), "ischaemic heart disease", plain="heart disease, such as angina or a heart attack"
    ),
    Predictor("stroke_tia", Has(STROKE), "stroke or TIA", plain="a stroke or mini-stroke (TIA)"),
    Predictor("heart_failure", Has(FAILURE), "heart failure", plain="heart failure (a heart that pumps less well)"),
    Predictor(
        "atrial_fibrillation", Has(FIBRILLATION), "atrial fibrillation", plain="an irregular heartbeat (fibrillation)"
    ),
    Predictor(
        "arterial_disease",
        Any(Has(ARTERIAL_DISEASE), Has(ANEURYSM)),
        "peripheral vascular disease or aortic aneurysm",
        plain="poor blood flow to the legs, or a widened main artery",
    ),
    Predictor("sleep_apnoea", Has(SLEEP_APNOEA), "obstructive sleep apnoea", plain="pauses of breath in sleep"),
    Predictor("gout", Has(GOUT), "gout", plain="gout"),
    Predictor("retinopathy", Has(RETINOPATHY), "diabetic retinopathy", plain="eye damage from diabetes"),
    Predictor(
        "thick_ventricle", Has(THICK_VENTRICLE), "ventricular hypertrophy", plain="a thickened wall of the heart"
    ),
    Predictor(
        "nsaid_count",
        Count(NSAID, within=ONE_YEAR),
        "NSAID prescriptions in a year",
        "prescriptions",
        (0, 60),
        changeable=True,
        plain="prescriptions of anti-inflammatory painkillers (such as ibuprofen) in the last year",
    ),
    Predictor(
        "steroid_count",
        Count(STEROID, within=ONE_YEAR),
        "prednisolone prescriptions in a year",
        "prescriptions",
        (0, 60),
        plain="prescriptions of steroid tablets in the last year",
    ),
    Predictor(
        "snri_current", Has(SNRI, within=NINETY_DAYS), "venlafaxine in 90 days", plain="the antidepressant venlafaxine"
    ),
    Predictor(
        "smi_or_ld",
        Has(MENTAL_ILLNESS_OR_LEARNING_DISABILITY),
        "severe mental illness or learning disability",
        plain="a severe mental illness or a learning disability",
    ),
    Predictor("dementia", Has(DEMENTIA), "dementia", plain="dementia"),
    Predictor(
        "contacts",
        Count(CONTACT, within=ONE_YEAR, apart=1),
        "days with an outpatient or practice visit in a year",
        "days",
        (0, 200),
        plain="visits in the last year",
    ),
)
NOT_ON_THE_REGISTER = (
    *COMMON,
    Predictor(
        "of_pregnancy",
        Has(OF_PREGNANCY),
        "high blood pressure in a pregnancy",
        direction="up",
        plain="high blood pressure in a pregnancy",
    ),
    Predictor(
        "combined_oestrogen",
        Has(OESTROGEN, within=HALF_A_YEAR),
        "combined hormonal contraceptive in 180 days",
        changeable=True,
        plain="the combined contraceptive pill",
    ),
)
ON_THE_REGISTER = (
    *COMMON,
    Predictor(
        "classes",
        CLASSES_NOW,
        "classes of blood pressure medicine in 90 days",
        "classes",
        (0, 6),
        plain="kinds of blood pressure tablet",
    ),
    Predictor(
        "days_covered",
        Covered(PRESSURE_MEDICINE, within=ONE_YEAR),
        "share of the year covered by blood pressure medicine",
        "",
        (0, 1),
        changeable=True,
        plain="how much of the year your blood pressure tablets covered",
    ),
    Predictor(
        "medicine_days_since",
        Since(PRESSURE_MEDICINE),
        "time since the last blood pressure medicine",
        "days",
        (0, 36500),
        changeable=True,
        plain="your last blood pressure tablets",
    ),
    Predictor(
        "share_above_target",
        Mean(ABOVE_TARGET, within=TWO_YEARS, last=3),
        "share of the last three pressures at or above target",
        "",
        (0, 1),
        "up",
        plain="how many of your last three blood pressures were above the target",
    ),
)

# Rules ----------------------------------------------------------------------------------------------------------------

CODED = Has(HIGH_PRESSURE)
TREATED = Has(PRESSURE_MEDICINE, within=ONE_YEAR)
ADULT = Age().at_least(18)
# Who is invited if no pressure is on record: spec 2.1 asks for 40 years "or any risk factor"; which, is ours.
TO_INVITE = Term(
    "40 or over, or with diabetes, kidney disease, a current smoker or a BMI of 30 or more",
    Any(
        Age().at_least(40),
        Has(DIABETES),
        Has(KIDNEY_DISEASE),
        SMOKING_STATUS.equals(0),
        All(Has(BMI, within=FIVE_YEARS), Latest(BMI, within=FIVE_YEARS).at_least(30)),
    ),
)
SEVERE_RULES = (
    Rule(
        name="crisis",
        when=Has(CRISIS, within=days(28)),  # the 28 days are ours
        action="A hypertensive crisis was recorded in the last 28 days: make sure that it was treated and is followed"
        " up.",
        guideline="NICE NG136",
        urgency="urgent",
        plain="a check of your blood pressure",
    ),
    Rule(
        name="severe",
        when=All(ADULT, SEVERE),
        action="The last pressure was 180/120 or more. Contact today; same-day referral with new confusion, chest pain,"
        " heart failure, acute kidney injury, or retinal haemorrhage or papilloedema; else look for organ damage now.",
        guideline="NICE NG136",
        urgency="emergency",
        plain="a check of your blood pressure today",
    ),
)
FINDING_RULES = (
    *SEVERE_RULES,
    Rule(
        name="stage_2",
        when=All(ADULT, STAGE_2, Not(SEVERE), Not(CODED)),
        action="Stage 2 range (160/100 or more), not coded. Book ABPM or home monitoring within days; do not wait for"
        " the score.",  # the interval is ours (spec 2.1)
        guideline="NICE NG136",
        urgency="soon",
        plain="blood pressure checks at home or with a monitor that you wear for a day",
    ),
    Rule(
        name="never_confirmed",
        when=All(ADULT, STAGE_1, Not(STAGE_2), Not(CODED)),
        action="Raised (140/90 or more), never confirmed. Offer ABPM, or home blood pressure for 7 days.",
        guideline="NICE NG136",
        urgency="soon",
        plain="blood pressure checks at home or with a monitor that you wear for a day",
    ),
    Rule(
        name="raised_twice",
        when=All(ADULT, Not(Missing(RAISED_TWICE)), Not(CODED), Not(STAGE_1)),
        action="140/90 or more on two days within a year, and no code; the last was lower. Confirm with ABPM or home"
        " pressure, or code why not.",
        guideline="NICE NG136",
        urgency="routine",
        plain="blood pressure checks at home or with a monitor that you wear for a day",
    ),
    Rule(
        name="unmeasured",
        when=All(ADULT, Not(MEASURED), Not(CODED), TO_INVITE),
        action="No blood pressure in 5 years. Invite: pharmacy, walk-in, or a reading by text.",
        guideline="NICE NG136",  # at least every 5 years
        urgency="routine",
        source="gap",
        plain="a blood pressure check, at a pharmacy if you like",
    ),
    Rule(
        name="after_pregnancy",
        when=All(Has(OF_PREGNANCY), Not(Has(SYSTOLIC_OF_A_PAIR, within=ONE_YEAR)), Not(CODED)),
        action="High blood pressure in a pregnancy, and no pressure in 12 months: check it.",  # the interval: ours
        guideline="NICE NG133",
        urgency="routine",
        source="gap",
        plain="a blood pressure check, as it was high in a pregnancy",
    ),
)
CONTROL_RULES = (
    *SEVERE_RULES,
    Rule(
        name="priority_1c",
        when=All(ADULT, CODED, above_this_year(160, 100), Not(SEVERE)),
        action="CVDP group 1c, above 160/100: priority 1, book within 1 to 2 weeks.",  # the interval: ours
        guideline="NHS CVDP",
        urgency="soon",
        plain="an appointment about your blood pressure in the next 2 weeks",
    ),
    Rule(
        name="on_four",
        when=All(ADULT, CLASSES_NOW.at_least(4), OVER_TARGET),
        action="Above target on four classes of medicine or more: resistant hypertension; seek advice.",  # [M]
        guideline="NICE NG136",
        urgency="soon",
        plain="advice from a specialist on your blood pressure",
    ),
    Rule(
        name="not_measured",
        when=All(ADULT, CODED, Not(MEASURED_THIS_YEAR)),
        action="CVDP group 1e: high blood pressure and no reading in 12 months. Recall; ask for home readings.",
        guideline="NHS CVDP",
        urgency="routine",
        source="gap",
        plain="a blood pressure check, at home or at a pharmacy if you like",
    ),
    Rule(
        name="medicine_gap",
        when=All(ADULT, CODED, TREATED, Covered(PRESSURE_MEDICINE, within=ONE_YEAR).below(0.8)),
        action="Medicine for less than 80% of the year: ask about side effects, cost and beliefs before adding a drug.",
        guideline="NICE NG136",  # the limit of 80%: spec 2.1
        urgency="routine",
        source="gap",
        plain="a talk about how you get on with your blood pressure tablets",
    ),
    Rule(
        name="frail",
        when=All(CODED, TREATED, Any(Age().at_least(80), Has(DEMENTIA))),
        action="80 or over, or dementia: use the target below 150/90 (80 or over), check standing pressure, consider"
        " stopping a drug.",
        guideline="NICE NG136",
        urgency="routine",
        source="gap",
        plain="a talk about whether all your blood pressure tablets still suit you",
    ),
)

# Who ------------------------------------------------------------------------------------------------------------------

GROWN = Criterion(ADULT, "Under 18: this prediction is for adults.", code="under_18", plain="it is made for adults")
KNOWN_A_YEAR = Criterion(
    Observed().at_least(365),  # spec 2.2
    "Registered for less than a year, or not on that day: too little is known.",
    code="registered_under_a_year",
    plain="your practice has known you for less than a year, which is too short to tell",
)
NOT_PREGNANT = Criterion(
    Not(MAY_BE_PREGNANT),
    "A pregnancy was recorded in the last 9 months: blood pressure has other limits then.",
    code="pregnant",
    plain="blood pressure has other limits in pregnancy and the months after",
)
NOT_CODED = Criterion(
    Not(CODED),
    "High blood pressure is already known: it is coded in the record.",
    code="coded",
    plain="your records already show high blood pressure, and this figure is about finding it",
)
NOT_TREATED = Criterion(
    Not(TREATED),
    "A medicine that lowers blood pressure was prescribed in the last year.",
    code="treated",
    plain="you take a medicine that lowers blood pressure",
)
NO_KIDNEY_REPLACEMENT = Criterion(
    Not(Any(Has(DIALYSIS), Has(TRANSPLANT))),
    "On dialysis, or has a kidney transplant: for the renal team.",
    code="kidney_replacement",
    plain="you have dialysis or a new kidney, and a kidney team that knows you better",
)
UNKNOWN_PRESSURE = (
    GROWN,
    KNOWN_A_YEAR,
    NOT_CODED,
    Criterion(
        Missing(RAISED_TWICE),
        "140/90 or more on two days within a year: to be confirmed now, not predicted.",
        code="raised_twice",
        plain="your blood pressure was high twice in a year, and finding out what that means comes first",
    ),
    NOT_TREATED,
    NOT_PREGNANT,
    NO_KIDNEY_REPLACEMENT,
)
# Palliative care: spec 2.2 leaves these people out, but no concept of it is verified. See `cautions`.
CAUTIONS = (
    "Not for people receiving palliative care: the records cannot tell us, so the clinician must.",
    "Home and ambulatory readings are not seen unless they are coded as clinic pressures.",
    "In atrial fibrillation automatic readings are less reliable: measure by hand.",
)
A_PRESSURE = Required(
    "a blood pressure in the last 5 years",
    Has(SYSTOLIC_OF_A_PAIR, within=FIVE_YEARS),
    supply="Measure it, or send a systolic and a diastolic pressure of one day in the last 5 years. Never measured is"
    " never a low risk.",
    plain="a blood pressure check in the last 5 years",
)

# What it must beat ----------------------------------------------------------------------------------------------------

FRAMINGHAM: dict[str, Word] = {
    "age": Age(),
    "sex": Person("sex"),
    "bmi": Latest(BMI, within=FIVE_YEARS),
    "systolic": LAST_SYSTOLIC,
    "diastolic": LAST_DIASTOLIC,
    "smoking": SMOKING_STATUS,
}
FRAMINGHAM_SCORES = tuple(
    Comparator(
        f"Framingham hypertension, {years} years",
        partial(framingham_hypertension, years),
        inputs=FRAMINGHAM,
        unit=PROBABILITY,
        horizon=horizon,
        source="Parikh 2008; parents' hypertension counts as none, as it is hardly ever coded here (spec 2.6)",
    )
    for years, horizon in ((4, 1461), (2, 730))
)
LAST_PRESSURE = Comparator(
    "Last systolic pressure",
    LAST_SYSTOLIC,
    unit="mmHg",
    source="the best single variable",
    why_not="no blood pressure in the last 5 years",
)
LAST_RAISED = Comparator(
    "Last pressure raised",
    STAGE_1,
    unit="1 if 140/90 or more",
    source="the simple rule today (spec 2.6), without ABPM, which is not coded",
    why_not="no blood pressure is known completely",
)
# CVDP's groups, the worst first (spec 2.1): 1d above 180/120, 1c above 160/100, 1b and 1a above the target for the age.
CVDP_GROUP = Choice(
    (above_this_year(180, 120), "1d"),
    (above_this_year(160, 100), "1c"),
    (All(Age().at_least(80), above_this_year(150, 90)), "1b"),
    (All(Age().below(80), above_this_year(140, 90)), "1a"),
    (Not(MEASURED_THIS_YEAR), "1e"),
    otherwise="on target",
)

UNDETECTED = Prediction(
    name="undetected",
    question="Who, not known to have high blood pressure, will be found to have it in the next 2 years?",
    # Each person on a random day of each calendar year: a date that nobody chose (spec 0.1).
    index=Every("year", on="random day"),
    population=All(*UNKNOWN_PRESSURE),
    # U1 of spec 2.3: a code, or two raised days within a year of each other. Death competes.
    outcome=Happens(HIGH_PRESSURE, RAISED_TWICE),
    outcome_wording="high blood pressure: coded, or 140/90 or more on two days within a year",
    outcome_plain="are found to have high blood pressure",
    horizons=(730, 1461),  # 2 years (spec 2.2), 4 for Framingham
    primary=730,
    look_back=None,
    requires=(A_PRESSURE,),
    predictors=NOT_ON_THE_REGISTER,
    comparator=(*FRAMINGHAM_SCORES, LAST_PRESSURE, LAST_RAISED),
    rules=FINDING_RULES,
    # Cut-offs and advice: spec 2.1; no guideline gives them.
    bands=(
        Band(0.0, name="Low", action="Check blood pressure within 5 years.", owner="GP practice"),
        Band(
            0.10,
            name="Medium",
            action="Check blood pressure yearly; advice on weight, salt, alcohol and activity.",
            owner="GP practice, community pharmacy",
            plain="a blood pressure check every year",
        ),
        Band(
            0.20,
            name="High",
            action="Likely to become hypertensive. Home blood pressure now, then yearly.",
            owner="PCN pharmacist, community pharmacy",
            plain="blood pressure checks at home",
        ),
    ),
    cautions=(
        *CAUTIONS,
        "High blood pressure is found only in people who are measured: a low risk may mean that few checks were made.",
    ),
)

RAISED_IF_MEASURED = Prediction(
    name="raised_if_measured",
    question="In whom, not known to have high blood pressure, would the next check within 2 years be raised?",
    index=Every("year", on="random day"),
    population=All(*UNKNOWN_PRESSURE),
    # U2 of spec 2.3, for recall lists: `undetected` ranks people who attend. Judged only where a pressure was taken,
    # and weighted so that those stand for all.
    outcome=Measured(Earliest(RAISED, from_day=0, until_day=730).at_least(1)),
    outcome_wording="140/90 or more at the next blood pressure check",
    outcome_plain="have a high reading at their next blood pressure check",
    horizons=(730,),
    primary=730,
    look_back=None,
    predictors=NOT_ON_THE_REGISTER,
    comparator=(LAST_PRESSURE, LAST_RAISED),
    rules=FINDING_RULES,
    # Ours, to be set from local capacity. There is no low band: whoever was never measured is to be measured.
    bands=(
        Band(0.0, name="As planned", action="Blood pressure check at least every 5 years.", owner="GP practice"),
        Band(
            0.15,
            name="Invite",
            action="Invite for a blood pressure check.",
            owner="PCN pharmacist, community pharmacy",
            plain="a blood pressure check, at a pharmacy if you like",
        ),
        Band(
            0.30,
            name="Invite first",
            action="Invite first: pharmacy, walk-in, or a reading by text; call if there is no answer.",
            owner="PCN pharmacist, community pharmacy",
            plain="a blood pressure check soon, at a pharmacy if you like",
        ),
    ),
    cautions=CAUTIONS,
)

UNCONTROLLED = Prediction(
    name="uncontrolled",
    question="Who, with known high blood pressure, will be above the target in a year's time?",
    index=Every("year", on="random day"),
    population=All(
        GROWN,
        KNOWN_A_YEAR,
        Criterion(
            CODED,
            "High blood pressure is not coded.",
            code="not_coded",
            plain="your records do not show high blood pressure",
        ),
        NOT_PREGNANT,
        Criterion(
            Not(Has(SECONDARY)),
            "Secondary hypertension is recorded: on a specialist's plan.",
            code="secondary",
            plain="your high blood pressure has a cause that a specialist looks after",
        ),
        NO_KIDNEY_REPLACEMENT,
    ),
    # C1 of spec 2.3: the last pair of the next 12 months against NICE's target for the age. Not measured is a class of
    # its own, never "controlled": those are on the list of the rule "not_measured".
    outcome=Measured(Latest(ABOVE_TARGET, from_day=0, until_day=365, after_index=True).at_least(1)),
    outcome_wording="the last blood pressure of the next 12 months at or above the target for the age",
    outcome_plain="have blood pressure above the target a year later",
    horizons=(365,),
    primary=365,
    look_back=None,
    predictors=ON_THE_REGISTER,
    comparator=(
        Comparator(
            "CVDP group",
            CVDP_GROUP,
            unit="1d, 1c, 1b, 1a, 1e, on target",
            higher_is_worse=False,
            source="NHS CVDP risk groups (spec 2.1)",
            why_not="blood pressures are not known completely",
        ),
        Comparator(
            "Above target or not measured",
            Any(Not(MEASURED_THIS_YEAR), All(MEASURED_THIS_YEAR, OVER_TARGET)),
            unit="1 if so",
            source="the rule today: last pressure above target, or none in 12 months (spec 2.6)",
            why_not="blood pressures are not known completely",
        ),
        LAST_PRESSURE,
    ),
    rules=CONTROL_RULES,
    # Cut-offs and advice: spec 2.1.
    bands=(
        Band(0.0, name="Low", action="Routine annual review.", owner="GP practice"),
        Band(
            0.30,
            name="Medium",
            action="Text for home readings; review if above target.",
            owner="PCN pharmacist",
            plain="home blood pressure readings",
        ),
        Band(
            0.60,
            name="High",
            action="Pharmacist review and home blood pressure; check pick-up of medicines; step up per NG136.",
            owner="PCN pharmacist",
            plain="a review of your blood pressure and tablets with a pharmacist",
        ),
    ),
    cautions=CAUTIONS,
)

PATHWAY = Pathway(
    title="High blood pressure",
    about="Finding high blood pressure that nobody knows of, and those in whom it is not controlled: who should be"
    " measured, whose raised reading was never confirmed, and whom the pharmacist calls first.",
    predictions=(UNDETECTED, UNCONTROLLED, RAISED_IF_MEASURED),
)
