"""Kidney disease: who will be found to have it, and in whom is it going to progress?

Chronic kidney disease (CKD) is silent until late, and about one third of the people whose blood tests meet its
definition have no code for it (National CKD Audit 2017). So a practice asks of everybody on its list: who should be
tested next? And of those who have it: who needs the renal team before it is late?

Read `DETECTION` and `PROGRESSION` at the end first: they are the protocols. What stands before them says how each thing
is read from a record; what several pathways read alike (eGFR, blood pressure, smoking) stands in `pathways/streams.py`.

Every number stands beside its source. NG203 is the NICE guideline "Chronic kidney disease: assessment and management"
(2021); "spec" is the clinical specification (research/clinical_a.md) with its section. A dagger (†) marks a concept
whose file did not show that it is standard; "also seen" marks a descendant that is named for sources without
CONCEPT_ANCESTOR; [M] a statement that the specification gives from memory. A clinical safety officer checks every
threshold against the live guideline before use.
"""

from dataclasses import replace
from functools import partial

from pathways import concept_sets as shared
from pathways.language import (
    EVER_DAYS,
    PROBABILITY,
    Age,
    All,
    Any,
    Band,
    Comparator,
    ConceptSet,
    Confirmed,
    Count,
    Criterion,
    Difference,
    Earliest,
    Either,
    Every,
    Exceeds,
    Formula,
    Happens,
    Has,
    Highest,
    Latest,
    Lowest,
    Mean,
    Median,
    Missing,
    Near,
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
    Secondary,
    Share,
    Since,
    Slope,
    Term,
    Unit,
    Word,
    days,
)
from pathways.published import kfre_4, kfre_8
from pathways.streams import (
    ACR,
    ADMISSION_IN_EMERGENCY,
    ARTERIAL_DISEASE,
    BMI,
    CREATININE,
    DBP,
    DIABETES,
    DIALYSIS,
    EGFR,
    FAILURE,
    GLYCATED_HAEMOGLOBIN,
    GOUT,
    HB,
    HEART_DISEASE,
    HIGH_PRESSURE,
    MAY_BE_PREGNANT,
    MENTAL_ILLNESS_OR_LEARNING_DISABILITY,
    MG_PER_DL,
    NSAID,
    RAAS_BLOCKER,
    RECORDED_EGFR,
    SBP,
    SMOKING_STATUS,
    STATIN,
    STROKE,
    TRANSPLANT,
    TYPE_1,
    TYPE_2,
)

NINETY_DAYS = days(90)
ONE_YEAR = days(365)
TWO_YEARS = days(730)
FIVE_YEARS = days(1826)

# Kidney function ------------------------------------------------------------------------------------------------------

# For comparison only: CKD-EPI 2021 finds fewer people with CKD in a mostly White population (spec 0.6.3).
EGFR_2021 = Either(
    Formula("ckd_epi_2021", CREATININE, title="eGFR by CKD-EPI 2021"),
    RECORDED_EGFR,
    prefer=True,
    name="eGFR by CKD-EPI 2021",
)

# NG203's definition of CKD G3 to G5: below 60 for 90 days or more, every value between below 60 too (spec 1.3, D1).
CONFIRMED_CKD = Confirmed(EGFR, below=60, apart=90, unbroken=True)

# Albumin in urine -----------------------------------------------------------------------------------------------------

PCR = Records(
    "urine protein-creatinine ratio (PCR)",
    of=ConceptSet("urine PCR", exact={3045462: "Protein/Creatinine [Ratio] in Urine"}, kinds="measurement"),  # †
    units=(shared.MG_PER_MMOL, Unit(44777612, "milligram per millimole", names=("mg/mmol",))),
    plausible=(1, 2500),  # spec 1.4, row 19
    same_day="median",
)
# A dipstick result is text in many sources and 0 or 1 in others, so only a coded proteinuria counts.
PROTEINURIA = Records(
    "proteinuria",
    of=ConceptSet(
        "proteinuria",
        {
            75650: "Proteinuria",
            45757499: "Proteinuria due to type 2 diabetes mellitus",  # also seen
        },
    ),
)
BLOOD_IN_URINE = ConceptSet("blood in urine", {437038: "Blood in urine", 75004: "Frank hematuria"})
HAEMATURIA = Records("blood in urine", of=BLOOD_IN_URINE)
VISIBLE_HAEMATURIA = Records(
    "visible blood in urine", of=ConceptSet("visible blood in urine", {75004: "Frank hematuria"})
)

# Known kidney disease -------------------------------------------------------------------------------------------------

CKD_STAGE_3 = ConceptSet(
    "CKD stage 3",
    {
        443597: "Chronic kidney disease stage 3",
        45763854: "Chronic kidney disease stage 3A",  # †
        45763855: "Chronic kidney disease stage 3B",  # †
    },
)
CKD_STAGE_4 = ConceptSet("CKD stage 4", {443612: "Chronic kidney disease stage 4"})
CKD_STAGE_5 = ConceptSet("CKD stage 5", {443611: "Chronic kidney disease stage 5", 193782: "End-stage renal disease"})
CKD_OF_ANY_STAGE = ConceptSet(
    "CKD of any stage",
    {
        46271022: "Chronic kidney disease",
        # Two broad parents (spec 1.3, caution): enough to call kidney disease known, never an outcome.
        192279: "Disorder of kidney due to diabetes mellitus",
        201313: "Hypertensive renal disease",
        443614: "Chronic kidney disease stage 1",  # also seen
        443601: "Chronic kidney disease stage 2",  # also seen
    },
)
CKD_CODE = Records("a code of chronic kidney disease", of=(CKD_OF_ANY_STAGE, CKD_STAGE_3, CKD_STAGE_4, CKD_STAGE_5))
CKD_STAGE_3_TO_5_CODE = Records("a code of CKD stage 3 to 5", of=(CKD_STAGE_3, CKD_STAGE_4, CKD_STAGE_5))

# Kidney replacement therapy (KRT). Read among procedures, and the presence of a transplant among conditions. 4019967
# "Dependence on renal dialysis" is left out: it is an observation, so a history would have to cover observations before
# anybody could be told. Those people are found by their CKD code or their eGFR.
# Dialysis for acute kidney injury is no KRT (spec 1.3, D2): it counts only with a code of stage 5 or end-stage disease
# before it or within 90 days, or if there is dialysis again 90 to 365 days later; either way it is dated by the first
# session. The year is ours, so that two acute illnesses years apart are not taken for one long treatment.
DIALYSIS_WITH_CODE = Near(
    DIALYSIS, Records("a code of CKD stage 5 or end-stage renal disease", of=CKD_STAGE_5), before=EVER_DAYS, after=90
)
DIALYSIS_AGAIN = Near(DIALYSIS, DIALYSIS, before=-90, after=365)
KRT = (TRANSPLANT, DIALYSIS_WITH_CODE, DIALYSIS_AGAIN)
ON_KRT = Term(
    "on kidney replacement therapy",
    Any(
        Has(TRANSPLANT),
        Has(DIALYSIS_WITH_CODE),
        Has(DIALYSIS_AGAIN),
        Has(DIALYSIS, within=NINETY_DAYS),  # it cannot be told yet whether this is for good
    ),
)
POLYCYSTIC_KIDNEY = ConceptSet(
    "polycystic kidney",
    {
        4053387: "Polycystic kidney",  # †
        35623051: "Autosomal dominant polycystic kidney disease",  # †
    },
)
POLYCYSTIC = Records("polycystic kidney disease", of=POLYCYSTIC_KIDNEY)
POLYCYSTIC_OR_GLOMERULAR = Records(
    "polycystic or glomerular kidney disease",
    of=(
        POLYCYSTIC_KIDNEY,
        ConceptSet(
            "glomerular disease",
            {4263367: "Glomerulonephritis", 195314: "Nephrotic syndrome", 261071: "Glomerulosclerosis"},
        ),
    ),
)
# Palliative care: spec 1.2 leaves these people out, but no concept of it is verified. See `cautions`.

# Other illness --------------------------------------------------------------------------------------------------------

ACUTE_KIDNEY_INJURY = Records(
    "acute kidney injury",
    of=ConceptSet(
        "acute kidney injury",
        {
            197320: "Acute renal failure syndrome",
            444044: "Acute tubular necrosis",
            44809061: "Acute kidney injury stage 1",
            44809063: "Acute kidney injury stage 3",
        },
        exclude={37116834: "Postpartum acute renal failure"},
    ),
)
KIDNEY_STONE = Records("kidney stone", of=ConceptSet("kidney stone", {201620: "Kidney stone"}))
URINARY_OBSTRUCTION = ConceptSet(
    "urinary obstruction",
    {194406: "Urinary tract obstruction", 433811: "Hydronephrosis", 192450: "Retention of urine"},
)
OBSTRUCTION = Records(
    "urinary obstruction or enlarged prostate",
    of=(URINARY_OBSTRUCTION, ConceptSet("enlarged prostate", {198803: "Benign prostatic hyperplasia"})),
)
BLOCKED = Records("urinary obstruction", of=URINARY_OBSTRUCTION)
LUPUS = ConceptSet("lupus", {257628: "Systemic lupus erythematosus"})
SYSTEMIC_LUPUS = Records("systemic lupus erythematosus", of=LUPUS)
AUTOIMMUNE_DISEASE = Records(
    "lupus, vasculitis or rheumatoid arthritis",
    of=(
        LUPUS,
        ConceptSet("vasculitis", {4137275: "Vasculitis"}),
        ConceptSet("rheumatoid arthritis", {80809: "Rheumatoid arthritis"}),
    ),
)
FAMILY_HISTORY = Records(
    "family history of kidney disease",
    of=ConceptSet(
        "family history of kidney disease",
        {4124794: "Family history of kidney disease"},  # †
        kinds="family_history",
    ),
)

# Medicines (also seen: products of omop_synthea_gb_dev, which has no CONCEPT_ANCESTOR) --------------------------------

LITHIUM_OR_CALCINEURIN_INHIBITOR = Records(
    "lithium or a calcineurin inhibitor",
    of=(
        ConceptSet("lithium", {19124477: "Lithium", 751246: "Lithium Carbonate"}, kinds="medication"),  # 19124477 †
        ConceptSet(
            "calcineurin inhibitor",
            {19010482: "Cyclosporine", 950637: "Tacrolimus"},  # 950637 †
            kinds="medication",
        ),
    ),
)
PPI = Records(
    "proton pump inhibitor prescription",
    of=ConceptSet(
        "proton pump inhibitor", {923645: "Omeprazole", 929887: "lansoprazole"}, kinds="medication"
    ),  # both †
)
SGLT2_INHIBITOR = Records(
    "SGLT2 inhibitor",
    of=ConceptSet(
        "SGLT2 inhibitor",
        {44785829: "dapagliflozin", 45774751: "empagliflozin", 43526465: "canagliflozin"},
        kinds="medication",
    ),
)

# Measurements and visits (units and ranges: spec 0.3; lowest pressure of the day: spec 1.4, row 7) --------------------

# Five results that the 8-variable KFRE or the renal team asks for. Units and ranges: spec 0.3 and 1.4, rows 44 to 48.
POTASSIUM = Records(
    "potassium",
    of=ConceptSet("potassium", exact={3023103: "Potassium [Moles/volume] in Serum or Plasma"}, kinds="measurement"),
    units=shared.MMOL_PER_LITRE,
    plausible=(1.5, 9),
    same_day="last",
)
BICARBONATE = Records(
    "bicarbonate",
    of=ConceptSet(
        "bicarbonate",
        exact={
            3006576: "Bicarbonate [Moles/volume] in Blood",  # †
            3015632: "Carbon dioxide, total [Moles/volume] in Serum or Plasma",
        },
        kinds="measurement",
    ),
    units=shared.MMOL_PER_LITRE,
    plausible=(4, 50),
    same_day="last",
)
ALBUMIN = Records(
    "albumin",
    of=ConceptSet("albumin", exact={3024561: "Albumin [Mass/volume] in Serum or Plasma"}, kinds="measurement"),
    units=(shared.GRAM_PER_LITRE, Unit(8713, "gram per deciliter", times=10, names=("g/dL",))),
    plausible=(10, 65),
    same_day="last",
)
PHOSPHATE = Records(
    "phosphate",
    of=ConceptSet(
        "phosphate",
        exact={
            3003458: "Phosphate [Moles/volume] in Serum or Plasma",  # †
            3011904: "Phosphate [Mass/volume] in Serum or Plasma",  # †
        },
        kinds="measurement",
    ),
    units=(shared.MMOL_PER_LITRE, Unit(MG_PER_DL, "milligram per deciliter", times=1 / 3.1, names=("mg/dL",))),
    assumed={3011904: MG_PER_DL},  # 3.1 mg/dL to the mmol/L: spec 1.4, row 47
    plausible=(0.2, 5),
    same_day="last",
)
ADJUSTED_CALCIUM = Records(
    "adjusted calcium",
    of=ConceptSet(
        "adjusted calcium",
        exact={3020059: "Calcium [Moles/volume] corrected for albumin in Serum or Plasma"},  # †
        kinds="measurement",
    ),
    units=shared.MMOL_PER_LITRE,
    plausible=(1, 4.5),
    same_day="last",
)

# Who should be tested, by NG203 (spec 1.1). Age, sex and ethnicity alone are no reason to test. ----------------------

NG203_GROUPS = (
    Has(DIABETES),
    Has(HIGH_PRESSURE),
    Has(ACUTE_KIDNEY_INJURY),
    Any(Has(HEART_DISEASE), Has(FAILURE), Has(ARTERIAL_DISEASE), Has(STROKE)),
    Any(Has(KIDNEY_STONE), Has(OBSTRUCTION)),
    Has(SYSTEMIC_LUPUS),
    Has(GOUT),  # [M]
    Has(FAMILY_HISTORY),
    Any(Has(HAEMATURIA, within=TWO_YEARS), Has(PROTEINURIA, within=FIVE_YEARS)),
    Any(
        Has(LITHIUM_OR_CALCINEURIN_INHIBITOR, within=ONE_YEAR),
        Count(NSAID, within=ONE_YEAR, apart=28).at_least(3),  # "long-term" has no number in NG203: this one is ours
    ),
)
AT_RISK = Term("in a group that NG203 advises to test", Any(*NG203_GROUPS))
TESTED_THIS_YEAR = Term(
    "tested for both eGFR and ACR in the last year", All(Has(EGFR, within=ONE_YEAR), Has(ACR, within=ONE_YEAR))
)
NOT_TESTED_THIS_YEAR = Not(TESTED_THIS_YEAR)

NO_CKD_CODE = Not(Has(CKD_CODE))
NOT_CONFIRMED = Missing(CONFIRMED_CKD)
BY_EGFR = Term("CKD by eGFR", Not(NOT_CONFIRMED))
KNOWN_CKD = Term("CKD by code or eGFR", Any(Has(CKD_CODE), BY_EGFR))
LAST_EGFR_LOW_AND_OLD = All(Latest(EGFR).below(60), Since(EGFR).at_least(90))
RECENT_AKI = Has(ACUTE_KIDNEY_INJURY, within=NINETY_DAYS)
LAST_ACR = Term("the last ACR", Latest(ACR, within=TWO_YEARS))
LAST_PRESSURE = Term("the last systolic pressure", Latest(SBP, within=ONE_YEAR))
LAST_LOW_PRESSURE = Term("the last diastolic pressure", Latest(DBP, within=ONE_YEAR))

# A fall that lasts: the first of at least three values of the last 12 months against the higher of the last two, so
# that one low value alone is none. NG203 (spec 1.1): by 25% with a change of category, or by 15 mL/min/1.73 m2 in a
# year.
FIRST_OF_THE_YEAR = Term("eGFR a year ago", Earliest(EGFR, within=ONE_YEAR))
NOW = Term("eGFR now", Highest(EGFR, within=ONE_YEAR, last=2))
THREE_THIS_YEAR = Count(EGFR, within=ONE_YEAR).at_least(3)
CATEGORY_CHANGED = Term(
    "a lower eGFR category than a year ago",
    Any(*(All(FIRST_OF_THE_YEAR.at_least(lowest), NOW.below(lowest)) for lowest in (90, 60, 45, 30, 15))),
)
# The primary outcome's fall, as it stands on the index date: 40% below the median of the last 12 months.
FALLEN_ALREADY = All(Has(EGFR, within=ONE_YEAR), Ratio(NOW, Median(EGFR, within=ONE_YEAR)).at_most(0.6))

# Where an ACE inhibitor or ARB is advised (spec 1.1, treatment-gap lines).
RAAS_ADVISED = Term(
    "an ACR that calls for an ACE inhibitor or ARB",
    Any(
        LAST_ACR.at_least(70),
        All(LAST_ACR.at_least(30), Has(HIGH_PRESSURE)),
        All(LAST_ACR.at_least(3), Has(DIABETES)),
    ),
)
# No treatment is advised for a child, as doses and targets are those of adults, nor in pregnancy, where ACE inhibitors,
# ARBs, SGLT2 inhibitors and statins may harm; NG203 starts no ACE inhibitor or ARB with potassium above 5.0 mmol/L. [M]
MAY_BE_TREATED = Term("an adult who is not pregnant", All(Age().at_least(18), Not(MAY_BE_PREGNANT)))
POTASSIUM_HIGH = Term(
    "a last potassium above 5.0 mmol/L",
    All(Has(POTASSIUM, within=ONE_YEAR), Latest(POTASSIUM, within=ONE_YEAR).above(5.0)),
)
PRESSURE_MEDICINES = Term(
    "the number of kinds of medicine for blood pressure",
    Number(
        Has(RAAS_BLOCKER, within=NINETY_DAYS),
        *(
            Has(Records(one.name, of=one), within=NINETY_DAYS)
            for one in (
                shared.CALCIUM_CHANNEL_BLOCKER,
                shared.THIAZIDE_LIKE_DIURETIC,
                shared.ALDOSTERONE_ANTAGONIST,
                shared.ALPHA_BLOCKER,
                shared.BETA_BLOCKER,
            )
        ),
    ),
)

# Rules come first and hold for everybody, also for those who are left out below and get no score. No score lowers one.
# "Uncoded", "unrepeated" and "test due" are rows of the action table for detection in spec 1.1. The limits of ACR (3,
# 30 and 70 mg/mmol) are NG203's as spec 1.1 gives them; looking for them over 2 years is ours, and so are the 90 days
# within which something is urgent or a treatment counts as current. The gaps in treatment are those of spec 1.1.
# Where somebody is known to be on kidney replacement therapy, the renal team decides: those rules are silent.
RULES = (
    Rule(
        name="blocked",
        when=Has(BLOCKED, within=NINETY_DAYS),
        action="Urinary obstruction was recorded in the last 90 days: same-day assessment, unless it is over.",
        guideline="NICE NG203",
        urgency="urgent",
        plain="a check of your bladder and kidneys",
    ),
    Rule(
        name="aki_on_ckd",
        when=All(RECENT_AKI, KNOWN_CKD),
        action="Acute kidney injury on chronic kidney disease in the last 90 days: urgent assessment unless it is known"
        " to be over; stop what harms the kidneys; repeat eGFR.",
        guideline="NICE NG203",
        urgency="urgent",
        plain="a check of how your kidneys are getting on, and of your medicines",
    ),
    Rule(
        name="visible_haematuria",
        when=Has(VISIBLE_HAEMATURIA, within=NINETY_DAYS),
        action="Visible blood in the urine in the last 90 days: urgent route, also for bladder or kidney cancer.",
        guideline="NICE NG12, NG203",
        urgency="urgent",
        plain="tests to find out why there was blood in your urine",
    ),
    Rule(
        name="kidney_failure",
        when=Latest(EGFR, within=ONE_YEAR).below(15),
        action="The last eGFR is below 15, the range of kidney failure (G5): tell the renal team, if they do not know.",
        unless=ON_KRT,
        guideline="NICE NG203",
        urgency="urgent",
        plain="a talk with the kidney team about your last kidney blood test, if you do not see them already",
    ),
    Rule(
        name="accelerated",
        when=All(THREE_THIS_YEAR, Ratio(NOW, FIRST_OF_THE_YEAR).at_most(0.75), CATEGORY_CHANGED, Not(RECENT_AKI)),
        action="eGFR has fallen by 25% or more and changed category within 12 months, and stayed so: refer.",
        unless=ON_KRT,
        guideline="NICE NG203",
        urgency="soon",
        plain="an appointment with the kidney team, as your kidney blood tests have gone down this year",
    ),
    Rule(
        name="fast_fall",
        when=All(THREE_THIS_YEAR, Difference(FIRST_OF_THE_YEAR, NOW).at_least(15), Not(RECENT_AKI)),
        action="eGFR has fallen by 15 mL/min/1.73 m2 or more within 12 months, and stayed so: refer.",
        unless=ON_KRT,
        guideline="NICE NG203",
        urgency="soon",
        plain="an appointment with the kidney team, as your kidney blood tests have gone down this year",
    ),
    Rule(
        name="uncoded",
        when=All(BY_EGFR, NO_CKD_CODE, Lowest(EGFR, last=2).below(60)),  # not once the last two say that it is over
        action="Meets the NICE definition of CKD; not coded. Confirm, code, send ACR.",
        guideline="NICE NG203",
        urgency="soon",
        plain="a talk about what your kidney blood tests mean, and a urine test for protein (ACR)",
    ),
    Rule(
        name="unrepeated",
        when=All(LAST_EGFR_LOW_AND_OLD, Not(BY_EGFR), NO_CKD_CODE),
        action="The last eGFR was below 60 and was not repeated within 90 days."
        " Repeat eGFR within 2 weeks to exclude AKI; then confirm at 90 days.",
        guideline="NICE NG203",
        urgency="soon",
        plain="another kidney blood test in the next 2 weeks, to check the last one",
    ),
    Rule(
        name="newly_low",  # the same advice while the 90 days still run, so that a fresh low value is never passed over
        when=All(
            Latest(EGFR).below(60),
            Since(EGFR).below(90),
            Count(EGFR, within=NINETY_DAYS).below(2),
            Not(BY_EGFR),
            NO_CKD_CODE,
        ),
        action="eGFR was below 60 in the last 90 days and has not been repeated."
        " Repeat eGFR within 2 weeks to exclude AKI; then confirm at 90 days.",
        guideline="NICE NG203",
        urgency="soon",
        plain="another kidney blood test in the next 2 weeks, to check the last one",
    ),
    Rule(
        name="heavy_albuminuria",
        when=LAST_ACR.at_least(70),
        action="ACR is 70 mg/mmol or more: refer, unless caused by diabetes and already treated appropriately."
        " No repeat is needed to confirm it.",
        guideline="NICE NG203",
        urgency="soon",
        plain="an appointment with the kidney team about the protein in your urine",
    ),
    Rule(
        name="albuminuria_with_haematuria",
        when=All(LAST_ACR.above(30), Has(HAEMATURIA, within=TWO_YEARS)),
        action="ACR is above 30 mg/mmol with blood in the urine: refer.",
        guideline="NICE NG203",
        urgency="soon",
        plain="an appointment with the kidney team about the protein and blood in your urine",
    ),
    Rule(
        name="albuminuria_unconfirmed",
        when=All(
            LAST_ACR.at_least(3),
            LAST_ACR.below(70),
            Count(ACR, at_least=3).below(2),
        ),
        action="ACR is 3 to 70 mg/mmol and was raised once only: repeat with an early-morning sample.",
        guideline="NICE NG203",
        urgency="routine",
        plain="another urine test for protein (ACR), with a sample from the early morning",
    ),
    Rule(
        name="pressure_on_four",  # [M]
        when=All(KNOWN_CKD, PRESSURE_MEDICINES.at_least(4), LAST_PRESSURE.at_least(140)),
        action="Blood pressure is not controlled on four medicines: refer.",
        guideline="NICE NG203",
        urgency="soon",
        plain="advice from a specialist on your blood pressure",
    ),
    Rule(
        name="hereditary",  # [M]
        when=Has(POLYCYSTIC),
        action="Polycystic kidney disease is recorded: refer, if the renal team does not know.",
        guideline="NICE NG203",
        urgency="routine",
        plain="an appointment with the kidney team, if you do not see them already",
    ),
    Rule(
        name="test_due",
        when=All(AT_RISK, Not(KNOWN_CKD), NOT_TESTED_THIS_YEAR),
        action="In a group that NICE advises to test, without both an eGFR and an ACR in 12 months:"
        " add eGFR + ACR to the next blood test or annual review.",
        guideline="NICE NG203",
        urgency="routine",
        source="gap",
        plain="a kidney blood test and a urine test for protein (ACR)",
    ),
    Rule(
        name="nsaid",
        when=All(Latest(EGFR, within=ONE_YEAR).below(60), Has(NSAID, within=NINETY_DAYS)),  # spec 1.1, gap lines
        action="An NSAID was prescribed in the last 90 days and eGFR is below 60: review whether it is needed.",
        guideline="NICE NG203",
        urgency="soon",
        source="gap",
        plain="a talk about whether you still need your anti-inflammatory painkiller",
    ),
    Rule(
        name="raas_gap",
        when=All(
            KNOWN_CKD,
            RAAS_ADVISED,
            Not(Has(RAAS_BLOCKER, within=NINETY_DAYS)),
            MAY_BE_TREATED,
            Not(POTASSIUM_HIGH),
        ),
        action="The urine ACR calls for an ACE inhibitor or ARB and none was prescribed in 90 days: offer one.",
        unless=ON_KRT,
        guideline="NICE NG203",
        urgency="soon",
        source="gap",
        plain="a tablet that protects the kidneys (an ACE inhibitor or ARB)",
    ),
    Rule(
        name="sglt2_gap",
        when=All(
            KNOWN_CKD,
            Has(TYPE_2),
            LAST_ACR.at_least(30),
            Not(Has(SGLT2_INHIBITOR, within=NINETY_DAYS)),
            MAY_BE_TREATED,
        ),
        action="Type 2 diabetes with an ACR of 30 mg/mmol or more and no SGLT2 inhibitor in 90 days: offer one, if its"
        " licence covers this eGFR.",
        unless=ON_KRT,
        guideline="NICE NG203",
        urgency="soon",
        source="gap",
        plain="a diabetes tablet that also protects the kidneys (an SGLT2 inhibitor)",
    ),
    Rule(
        name="statin_gap",
        when=All(KNOWN_CKD, Not(Has(STATIN, within=NINETY_DAYS)), MAY_BE_TREATED),
        action="Chronic kidney disease and no statin in 90 days: offer atorvastatin 20 mg.",
        unless=ON_KRT,
        guideline="NICE NG203",
        urgency="routine",
        source="gap",
        plain="a tablet that lowers cholesterol (a statin)",
    ),
    Rule(
        name="pressure_gap",  # the targets: spec 1.1
        when=All(
            KNOWN_CKD,
            Any(
                LAST_PRESSURE.at_least(140),
                LAST_LOW_PRESSURE.at_least(90),
                All(
                    LAST_ACR.at_least(70),
                    Any(LAST_PRESSURE.at_least(130), LAST_LOW_PRESSURE.at_least(80)),
                ),
            ),
            MAY_BE_TREATED,
        ),
        action="Blood pressure is above the target (below 140/90; below 130/80 if ACR is 70 mg/mmol or more): review.",
        unless=ON_KRT,
        guideline="NICE NG203",
        urgency="routine",
        source="gap",
        plain="a talk about your blood pressure",
    ),
    Rule(
        name="not_tested",
        when=All(KNOWN_CKD, NOT_TESTED_THIS_YEAR),
        action="Chronic kidney disease without both an eGFR and an ACR in 12 months: test now.",
        unless=ON_KRT,
        guideline="NICE NG203",
        urgency="routine",
        source="gap",
        plain="a kidney blood test and a urine test for protein (ACR)",
    ),
)

# The Kidney Failure Risk Equation, the published score for people with CKD (spec 1.6). It reads CKD-EPI 2009 without
# ethnicity. The guideline's limits are the equation's own, so these rules read it and not our risk.
KFRE_4: dict[str, Word] = {
    "age": Age(),
    "sex": Person("sex"),
    "egfr": Latest(EGFR, within=ONE_YEAR),
    "urine_acr": LAST_ACR,
}
KFRE_8 = KFRE_4 | {
    "albumin": Latest(ALBUMIN, within=ONE_YEAR),
    "phosphate": Latest(PHOSPHATE, within=ONE_YEAR),
    "bicarbonate": Latest(BICARBONATE, within=ONE_YEAR),
    "adjusted_calcium": Latest(ADJUSTED_CALCIUM, within=ONE_YEAR),
}
KFRE_4_IN_5_YEARS, KFRE_4_IN_2_YEARS, KFRE_8_IN_5_YEARS, KFRE_8_IN_2_YEARS = (
    Comparator(
        f"KFRE, {variables} variables, {years} years",
        partial(equation, horizon),
        inputs=inputs,
        unit=PROBABILITY,
        outcome="kidney_failure",
        horizon=horizon,
        source="Tangri 2011 and 2016, baseline for people outside North America",
    )
    for variables, equation, inputs in ((4, kfre_4, KFRE_4), (8, kfre_8, KFRE_8))
    for years, horizon in ((5, 1826), (2, 730))
)
KFRE_RULES = (
    Rule(
        name="kfre_access",
        when=Exceeds(KFRE_4_IN_2_YEARS, 0.40),  # [M]
        action="The risk of kidney failure in 2 years is above 40% by the KFRE:"
        " the renal team plans access and a transplant work-up now.",
        unless=ON_KRT,
        guideline="KDIGO 2024",
        urgency="urgent",
        plain="an appointment with the kidney team, to plan ahead with you",
    ),
    Rule(
        name="kfre_renal_team",
        when=Exceeds(KFRE_4_IN_2_YEARS, 0.10),  # [M]
        action="The risk of kidney failure in 2 years is above 10% by the KFRE:"
        " multidisciplinary kidney care; discuss the choices for kidney failure.",
        unless=ON_KRT,
        guideline="KDIGO 2024",
        urgency="soon",
        plain="care by the kidney team, and time to talk about your choices",
    ),
    Rule(
        name="kfre_referral",
        when=Exceeds(KFRE_4_IN_5_YEARS, 0.05),
        action="The risk of kidney failure in 5 years is above 5% by the KFRE: refer to nephrology or send for advice."
        " Before sending: repeat ACR (early morning), blood pressure, ultrasound if indicated.",
        unless=ON_KRT,
        guideline="NICE NG203",
        urgency="soon",
        plain="advice from the kidney team",
    ),
)

# What is known on the index date. Risk is taken to rise (or fall) with a value only where the outcome's definition,
# QKidney and KFRE agree (spec 1.6, 1.8); never for a treatment or for how often somebody was tested. Windows, units and
# plausible ranges are those of spec 1.4; what a person could change is our reading.
PREDICTORS = (
    # The person. Ethnicity, deprivation, region and practice are no predictors (spec 0.6): they are what we compare by.
    Predictor("age", Age(), "age", unit="years", plausible=(18, 115), direction="up", plain="your age"),
    Predictor("sex", Person("sex"), "sex", plain="sex"),
    Predictor(
        "smoking",
        SMOKING_STATUS,
        "smoking",
        changeable=True,
        plain="smoking",
    ),
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
        "sbp_last",
        Latest(SBP, within=TWO_YEARS),
        "last systolic pressure",
        "mmHg",
        (60, 270),
        changeable=True,
        plain="your last blood pressure, upper number",
    ),
    Predictor(
        "dbp_last",
        Latest(DBP, within=TWO_YEARS),
        "last diastolic pressure",
        "mmHg",
        (30, 160),
        changeable=True,
        plain="your last blood pressure, lower number",
    ),
    Predictor(
        "sbp_mean_2y",
        Mean(SBP, within=TWO_YEARS),
        "mean systolic pressure over 2 years",
        "mmHg",
        (60, 270),
        changeable=True,
        plain="the average of your blood pressure over 2 years, upper number",
    ),
    # Kidney function
    Predictor(
        "egfr_last",
        Latest(EGFR, within=FIVE_YEARS),
        "last eGFR",
        "mL/min/1.73 m2",
        (1, 200),
        "down",
        strong_because="the outcome is an eGFR that stays below 60, and whoever is nearest to 60 gets there first",
        plain="your last kidney blood test (eGFR)",
    ),
    Predictor(
        "egfr_slope",
        Slope(EGFR, within=FIVE_YEARS, at_least_records=3, span=365),
        "change of eGFR per year over 5 years",
        "mL/min/1.73 m2",
        (-40, 40),
        "down",  # NG203 refers people whose eGFR falls (spec 1.1), so a fall never counts in their favour
        plain="your kidney blood test (eGFR) over 5 years",
    ),
    Predictor(
        "egfr_min_2y",
        Lowest(EGFR, within=TWO_YEARS),
        "lowest eGFR in 2 years",
        "mL/min/1.73 m2",
        (1, 200),
        "down",
        strong_because="as for the last eGFR, which it mostly is: the lowest of two years is nearest to 60",
        plain="your lowest kidney blood test (eGFR) in 2 years",
    ),
    Predictor(
        "egfr_days_since",
        Since(EGFR),
        "time since the last eGFR",
        "days",
        (0, 36500),
        plain="your last kidney blood test",
    ),
    Predictor(
        "egfr_n_2y",
        Count(EGFR, within=TWO_YEARS),
        "eGFR tests in 2 years",
        "tests",
        (0, 200),
        plain="kidney blood tests in the last 2 years",
    ),
    Predictor(
        "egfr_single_low_unrepeated",
        LAST_EGFR_LOW_AND_OLD,
        "last eGFR below 60, not repeated within 90 days",
        plain="a low kidney blood test that was not repeated within 3 months",
    ),
    # Urine
    Predictor(
        "acr_last",
        Latest(ACR, within=TWO_YEARS),
        "last urine ACR",
        "mg/mmol",
        (0.1, 1000),
        "up",
        plain="your last urine test for protein (ACR)",
    ),
    Predictor(
        "acr_missing",
        Missing(Latest(ACR, within=ONE_YEAR)),
        "no urine ACR in 12 months",
        plain="a urine test for protein (ACR) in the last 12 months",
    ),
    Predictor(
        "acr_days_since",
        Since(ACR),
        "time since the last urine ACR",
        "days",
        (0, 36500),
        plain="your last urine test for protein (ACR)",
    ),
    Predictor(
        "pcr_last",
        Latest(PCR, within=TWO_YEARS),
        "last urine PCR",
        "mg/mmol",
        (1, 2500),
        plain="your last urine test for protein (PCR)",
    ),
    Predictor(
        "proteinuria",
        Has(PROTEINURIA, within=FIVE_YEARS),
        "protein in urine coded in 5 years",
        direction="up",
        plain="protein in the urine in the last 5 years",
    ),
    Predictor(
        "haematuria",
        Has(HAEMATURIA, within=TWO_YEARS),
        "blood in urine coded in 2 years",
        plain="blood in the urine in the last 2 years",
    ),
    # Diabetes and blood vessels
    # Each type is a flag that can only raise the risk: QKidney's hazard ratios for men and women are 12.3 and 8.2 for
    # type 1, 6.1 and 4.5 for type 2 (spec 1.8). As levels, beside HbA1c, a linear model gave people whose diabetes is
    # coded but whose HbA1c was not sent a lower risk than without diabetes. Duration (spec 1.4, row 23) is left out,
    # because its absence is the diagnosis once more.
    Predictor("diabetes", Has(DIABETES), "diabetes", direction="up", plain="diabetes"),
    Predictor("diabetes_type_1", Has(TYPE_1), "type 1 diabetes", direction="up", plain="type 1 diabetes"),
    Predictor("diabetes_type_2", Has(TYPE_2), "type 2 diabetes", direction="up", plain="type 2 diabetes"),
    Predictor(
        "hba1c_last",
        Latest(GLYCATED_HAEMOGLOBIN, within=TWO_YEARS),
        "last HbA1c",
        "mmol/mol",
        (15, 200),
        changeable=True,
        plain="your last blood sugar test (HbA1c)",
    ),
    Predictor("hypertension", Has(HIGH_PRESSURE), "hypertension", direction="up", plain="high blood pressure"),
    Predictor(
        "heart_failure",
        Has(FAILURE),
        "heart failure",
        direction="up",
        plain="heart failure (a heart that pumps less well)",
    ),
    Predictor(
        "ihd", Has(HEART_DISEASE), "ischaemic heart disease", plain="heart disease, such as angina or a heart attack"
    ),
    Predictor("stroke_tia", Has(STROKE), "stroke or TIA", plain="a stroke or mini-stroke (TIA)"),
    Predictor(
        "pvd", Has(ARTERIAL_DISEASE), "peripheral vascular disease", direction="up", plain="poor blood flow to the legs"
    ),
    # Kidney and urinary tract
    Predictor(
        "aki_count",
        Count(ACUTE_KIDNEY_INJURY, within=FIVE_YEARS, apart=30),
        "episodes of acute kidney injury in 5 years",
        "episodes",
        (0, 30),
        "up",
        plain="times that your kidneys were suddenly ill in the last 5 years",
    ),
    Predictor("kidney_stone", Has(KIDNEY_STONE), "kidney stone", plain="a kidney stone"),
    Predictor(
        "urinary_obstruction",
        Has(OBSTRUCTION),
        "urinary obstruction or enlarged prostate",
        plain="trouble passing urine, such as from an enlarged prostate",
    ),
    Predictor("gout", Has(GOUT), "gout", plain="gout"),
    Predictor(
        "autoimmune",
        Has(AUTOIMMUNE_DISEASE),
        "lupus, vasculitis or rheumatoid arthritis",
        plain="lupus, vasculitis or rheumatoid arthritis",
    ),
    Predictor(
        "family_history_kidney",
        Has(FAMILY_HISTORY),
        "family history of kidney disease recorded",
        plain="kidney disease in your family",
    ),
    # Medicines
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
        "lithium_or_cni",
        Has(LITHIUM_OR_CALCINEURIN_INHIBITOR, within=ONE_YEAR),
        "lithium or calcineurin inhibitor in a year",
        plain="lithium or a medicine such as tacrolimus in the last year",
    ),
    Predictor(
        "ppi_count",
        Count(PPI, within=ONE_YEAR),
        "PPI prescriptions in a year",
        "prescriptions",
        (0, 60),
        plain="prescriptions of stomach acid tablets (such as omeprazole) in the last year",
    ),
    Predictor(
        "raas_current",
        Has(RAAS_BLOCKER, within=NINETY_DAYS),
        "ACE inhibitor or ARB in 90 days",
        plain="a blood pressure tablet of the kind that also protects the kidneys (ACE inhibitor or ARB)",
    ),
    Predictor(
        "sglt2_current",
        Has(SGLT2_INHIBITOR, within=NINETY_DAYS),
        "SGLT2 inhibitor in 90 days",
        plain="an SGLT2 tablet, which protects the kidneys",
    ),
    Predictor(
        "statin_current",
        Has(STATIN, within=NINETY_DAYS),
        "statin in 90 days",
        plain="a statin, which lowers cholesterol",
    ),
    # General health and access to care
    Predictor(
        "hb_last",
        Latest(HB, within=ONE_YEAR),
        "last haemoglobin",
        "g/L",
        (30, 250),
        plain="your last blood count (haemoglobin)",
    ),
    Predictor(
        "smi_or_ld",
        Has(MENTAL_ILLNESS_OR_LEARNING_DISABILITY),
        "severe mental illness or learning disability",
        plain="a severe mental illness or a learning disability",
    ),
    Predictor(
        "emergency_adm_count",
        Count(ADMISSION_IN_EMERGENCY, within=ONE_YEAR, apart=1),
        "emergency admissions in a year",
        "admissions",
        (0, 60),
        plain="emergency stays in hospital in the last year",
    ),
)

# The same things are looked at in people with CKD, except that no direction is certain for age and for a low value long
# ago, that a result counts for a year, and that five more blood tests are asked for (spec 1.4). KFRE agrees with the
# directions of the last four (spec 1.6).
AS_IN_DETECTION = {one.name: one for one in PREDICTORS}
PROGRESSION_PREDICTORS = (
    *(
        AS_IN_DETECTION
        | {
            "age": replace(AS_IN_DETECTION["age"], direction=None),
            # A fall is measured from wherever one stands, so here a low eGFR alone has no reason to be so strong.
            "egfr_last": replace(AS_IN_DETECTION["egfr_last"], of=Latest(EGFR, within=ONE_YEAR), strong_because=""),
            "egfr_min_2y": replace(AS_IN_DETECTION["egfr_min_2y"], direction=None, strong_because=""),
        }
    ).values(),
    Predictor(
        "inherited_or_glomerular",
        Has(POLYCYSTIC_OR_GLOMERULAR),
        "polycystic or glomerular kidney disease",
        direction="up",
        plain="a kidney disease that runs in families or affects the kidney's filters",
    ),
    Predictor(
        "potassium_last",
        Latest(POTASSIUM, within=ONE_YEAR),
        "last potassium",
        "mmol/L",
        (1.5, 9),
        plain="your last potassium blood test",
    ),
    Predictor(
        "bicarbonate_last",
        Latest(BICARBONATE, within=ONE_YEAR),
        "last bicarbonate",
        "mmol/L",
        (4, 50),
        "down",
        plain="your last bicarbonate blood test",
    ),
    Predictor(
        "albumin_last",
        Latest(ALBUMIN, within=ONE_YEAR),
        "last albumin",
        "g/L",
        (10, 65),
        "down",
        plain="your last albumin blood test",
    ),
    Predictor(
        "phosphate_last",
        Latest(PHOSPHATE, within=ONE_YEAR),
        "last phosphate",
        "mmol/L",
        (0.2, 5),
        "up",
        plain="your last phosphate blood test",
    ),
    Predictor(
        "calcium_adj_last",
        Latest(ADJUSTED_CALCIUM, within=ONE_YEAR),
        "last adjusted calcium",
        "mmol/L",
        (1, 4.5),
        "down",
        plain="your last calcium blood test",
    ),
)

DETECTION = Prediction(
    name="detection",
    question="Who, without known chronic kidney disease, will be found to have it (stage 3 to 5) in the next 5 years?",
    # Each person on a random day of each calendar year: a date that nobody chose (spec 0.1).
    index=Every("year", on="random day"),
    # In this order; the first that fails is the reason given. Washout: the whole record, for codes and for eGFR.
    population=All(
        Criterion(
            Age().at_least(18),
            "Under 18: this prediction is for adults.",
            code="under_18",
            plain="it is made for adults",
        ),
        Criterion(
            Observed().at_least(365),  # spec 0.1
            "Registered for less than a year, or not on that day: too little is known.",
            code="registered_under_a_year",
            plain="your practice has known you for less than a year, which is too short to tell",
        ),
        Criterion(
            NO_CKD_CODE,
            "Chronic kidney disease is already known: it is coded in the record.",
            code="ckd_coded",
            plain="your records already show long-term kidney disease, and this figure is about finding it",
        ),
        Criterion(
            NOT_CONFIRMED,
            "Chronic kidney disease is already present: eGFR has been below 60 for 90 days or more.",
            code="ckd_confirmed",
            plain="your kidney blood tests have been low for 3 months or more, and what they mean comes first",
        ),
        Criterion(
            Not(ON_KRT),
            "On dialysis, or has a kidney transplant: for the renal team.",
            code="kidney_replacement",
            plain="you have dialysis or a new kidney, and a kidney team that knows you better",
        ),
        Criterion(
            Not(Has(POLYCYSTIC_OR_GLOMERULAR)),
            "A polycystic or glomerular kidney disease is recorded: for the kidney clinic, not for this prediction.",
            code="clinic_list",
            plain="you have a kidney disease that a kidney clinic looks after",
        ),
        Criterion(
            Not(MAY_BE_PREGNANT),
            "A pregnancy was recorded in the last 9 months: eGFR is not valid in pregnancy.",
            code="pregnant",
            plain="kidney blood tests cannot be read in the usual way in pregnancy and the months after",
        ),
    ),
    # D1 of spec 1.3: the first of a code of stage 3 to 5 and the day on which a low eGFR is confirmed. Death competes.
    outcome=Happens(CKD_STAGE_3_TO_5_CODE, CONFIRMED_CKD),
    outcome_wording="chronic kidney disease stage 3 to 5: coded, or eGFR below 60 for 90 days or more",
    outcome_plain="are found to have long-term kidney disease",
    horizons=(730, 1826),  # 2 and 5 years (spec 1.1)
    primary=1826,
    look_back=None,  # conditions ever, blood tests up to 5 years; each predictor says how far
    requires=(
        Required(
            "eGFR or creatinine in the last 5 years",
            Has(EGFR, within=FIVE_YEARS),
            supply="Send an eGFR, or a creatinine with the person's sex, of the last 5 years; else take one now.",
            plain="a kidney blood test (eGFR) in the last 5 years",
        ),
    ),
    predictors=PREDICTORS,
    # QKidney-2010, the published score for this question, is compared outside the product because of its licence
    # (docs/decisions/0015).
    comparator=(
        Comparator(
            "Last eGFR",
            Latest(EGFR, within=FIVE_YEARS),
            unit="mL/min/1.73 m2",
            higher_is_worse=False,
            source="the best single variable",
            why_not="no eGFR or creatinine in the last 5 years",
        ),
        Comparator(
            "Last eGFR by CKD-EPI 2021",
            Latest(EGFR_2021, within=FIVE_YEARS),
            unit="mL/min/1.73 m2",
            higher_is_worse=False,
            source="the same by the newer equation, as a sensitivity analysis (spec 0.6.3)",
            why_not="no eGFR or creatinine in the last 5 years",
        ),
        Comparator(
            "NG203 groups",
            Number(*NG203_GROUPS),
            unit="of 10 groups that NICE advises to test",
            source="NICE NG203",
            why_not="conditions, medicines or family history are not known completely",
        ),
        Comparator(
            "NG203 test due",
            All(AT_RISK, NOT_TESTED_THIS_YEAR),
            unit="1 if due",
            source="NICE NG203: in a group to test, without both eGFR and ACR in 12 months (spec 1.1)",
            why_not="conditions, medicines or family history are not known completely",
        ),
    ),
    rules=RULES,
    # Cut-offs of the 5-year risk are ours, to be set from local capacity (spec 1.1). No guideline gives one.
    bands=(
        Band(0.0, name="Low", action="Nothing new because of this risk.", owner="GP practice"),
        Band(
            0.03,
            name="Medium",
            action="Add eGFR + ACR to next blood test / annual review.",
            owner="GP practice",
            plain="a kidney blood test and a urine test for protein (ACR)",
        ),
        Band(
            0.10,
            name="High",
            action="Offer eGFR + urine ACR now.",
            owner="GP practice, PCN pharmacist",
            plain="a kidney blood test and a urine test for protein (ACR)",
        ),
    ),
    cautions=(
        "Not for people receiving palliative care: the records cannot tell us, so the clinician must.",
        "Kidney disease is found only in people who are tested, so a low risk may mean that few tests are taken.",
        "eGFR may mislead in acute illness, at extremes of muscle mass and after a meal of meat.",  # [M]
        "NSAIDs bought without prescription are not seen; no family history recorded does not mean that there is none.",
    ),
)

PROGRESSION = Prediction(
    name="progression",
    question="Who, with chronic kidney disease, will lose 40% of eGFR or reach kidney failure in the next 5 years?",
    index=Every("year", on="random day"),  # as in detection
    population=All(
        Criterion(
            Age().at_least(18),
            "Under 18: this prediction is for adults.",
            code="under_18",
            plain="it is made for adults",
        ),
        Criterion(
            Observed().at_least(365),  # spec 1.2
            "Registered for less than a year, or not on that day: too little is known.",
            code="registered_under_a_year",
            plain="your practice has known you for less than a year, which is too short to tell",
        ),
        Criterion(
            Any(Not(NOT_CONFIRMED), All(Has(CKD_STAGE_3_TO_5_CODE), Latest(EGFR).below(60))),
            "No chronic kidney disease stage 3 to 5: neither eGFR below 60 for 90 days or more, nor a code with a last"
            " eGFR below 60.",
            code="no_ckd",
            plain="your records do not show long-term kidney disease",
        ),
        Criterion(
            Not(ON_KRT),
            "On dialysis, or has a kidney transplant: for the renal team.",
            code="kidney_replacement",
            plain="you have dialysis or a new kidney, and a kidney team that knows you better",
        ),
        # The specification leaves out eGFR below 10. Below 15 is itself part of the outcome, so it cannot be predicted
        # (docs/decisions/0014); the rule "kidney_failure" speaks instead. The same holds for a fall that has happened.
        Criterion(
            Not(Latest(EGFR).below(15)),
            "The last eGFR is below 15, the range of kidney failure: for the renal team, not for a prediction.",
            code="kidney_failure",
            plain="your last kidney blood test is one to talk about with the kidney team, not one for a figure",
        ),
        Criterion(
            Not(FALLEN_ALREADY),
            "eGFR has already fallen by 40% within 12 months: to be acted on, not predicted.",
            code="fallen_already",
            plain="your kidney blood tests have gone down this year, and that comes first",
        ),
        Criterion(
            Not(MAY_BE_PREGNANT),
            "A pregnancy was recorded in the last 9 months: eGFR is not valid in pregnancy.",
            code="pregnant",
            plain="kidney blood tests cannot be read in the usual way in pregnancy and the months after",
        ),
        Criterion(
            Not(RECENT_AKI),
            "Acute kidney injury in the last 90 days: ask again when 90 days have passed.",
            code="recent_aki",
            plain="your kidneys were suddenly ill in the last 3 months, and their tests need time to settle",
        ),
    ),
    # P1 of spec 1.3. A fall lasts if every value of 28 days or more lies at or below 60% of the median of the 12 months
    # before the index date; kidney failure is eGFR below 15 for as long, or KRT. Death competes.
    outcome=Happens(
        Confirmed(EGFR, at_most=Share(0.6, Median(EGFR, within=ONE_YEAR)), apart=28, unbroken=True),
        Confirmed(EGFR, below=15, apart=28, unbroken=True),
        *KRT,
    ),
    outcome_wording="a lasting fall of eGFR by 40% or more, eGFR below 15 for 28 days or more, dialysis or transplant",
    outcome_plain="have a large and lasting drop in how well their kidneys work, or need dialysis or a new kidney",
    # P2: what the KFRE predicts.
    secondary=(Secondary("kidney_failure", Happens(*KRT), "kidney failure: dialysis or a transplant"),),
    horizons=(730, 1826),  # 2 and 5 years (spec 1.1)
    primary=1826,
    look_back=None,
    requires=(
        Required(
            "eGFR or creatinine in the last 12 months",
            Has(EGFR, within=ONE_YEAR),
            supply="Send an eGFR, or a creatinine with the person's sex, of the last 12 months; else take one now.",
            plain="a kidney blood test (eGFR) in the last 12 months",
        ),
    ),
    predictors=PROGRESSION_PREDICTORS,
    comparator=(
        KFRE_4_IN_5_YEARS,
        KFRE_4_IN_2_YEARS,
        KFRE_8_IN_5_YEARS,
        KFRE_8_IN_2_YEARS,
        Comparator(
            "Last eGFR",
            Latest(EGFR, within=ONE_YEAR),
            unit="mL/min/1.73 m2",
            higher_is_worse=False,
            source="the best single variable",
            why_not="no eGFR or creatinine in the last 12 months",
        ),
        Comparator(
            "Last eGFR by CKD-EPI 2021",
            Latest(EGFR_2021, within=ONE_YEAR),
            unit="mL/min/1.73 m2",
            higher_is_worse=False,
            source="the same by the newer equation, as a sensitivity analysis (spec 0.6.3)",
            why_not="no eGFR or creatinine in the last 12 months",
        ),
        Comparator(
            "Last eGFR below 30",
            Latest(EGFR, within=ONE_YEAR).below(30),
            unit="1 if below",
            source="the simple rule that is in use (spec 1.1)",
            why_not="no eGFR or creatinine in the last 12 months",
        ),
    ),
    rules=(*KFRE_RULES, *RULES),
    # Cut-offs of the 5-year risk are ours, to be set from local capacity: NG203's 5% and KDIGO's 10% and 40% are limits
    # of the KFRE, for kidney failure alone, and stand among the rules. The advice is that of spec 1.1.
    bands=(
        Band(
            0.0,
            name="Low",
            action="Yearly eGFR and urine ACR. Keep blood pressure below 140/90 (below 130/80 if ACR is 70 or more)."
            " Check NSAIDs.",
            owner="GP practice",
            plain="a kidney blood test and a urine test every year, and a look at your blood pressure",
        ),
        Band(
            0.10,
            name="Medium",
            action="Repeat eGFR and ACR in 3 to 6 months. Optimise ACE inhibitor or ARB and SGLT2 inhibitor."
            " Review again.",
            owner="GP practice, PCN pharmacist",
            plain="another kidney blood test and urine test in 3 to 6 months, and a look at your medicines",
        ),
        Band(
            0.25,
            name="High",
            action="Ask the renal team for advice. Before asking: repeat ACR (early morning), blood pressure,"
            " ultrasound if indicated.",
            owner="GP practice, community kidney clinic",
            plain="advice from the kidney team",
        ),
    ),
    cautions=(
        "Not for people receiving palliative care: the records cannot tell us, so the clinician must.",
        "A fall of eGFR is seen only if it is measured, so a low risk may mean that few tests are taken.",
        "An SGLT2 inhibitor, ACE inhibitor or ARB lowers eGFR at first; that fall is no progression.",
        "The KFRE is shown with its baseline for people outside North America, which over-predicts below 20% in UK"
        " primary care; its UK recalibration is not in use here.",
        "eGFR may mislead in acute illness, at extremes of muscle mass and after a meal of meat.",  # [M]
        "NSAIDs bought without prescription are not seen; no family history recorded does not mean that there is none.",
    ),
)

PATHWAY = Pathway(
    title="Kidney disease",
    about="Finding chronic kidney disease before it is late, and those in whom it progresses: who should be tested,"
    " whose record needs correcting, and who needs the renal team.",
    predictions=(DETECTION, PROGRESSION),
)
