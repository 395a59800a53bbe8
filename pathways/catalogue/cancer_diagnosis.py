"""Cancer: who, with a symptom that may come from it, will be found to have it within a year?

Of 1.6 million people with one of fifteen symptoms 2.3% were found to have cancer within a year (Barclay 2024), and one
cancer in five is still found through an emergency (NCRAS 2013). The GP asks at the consultation; the practice's
safety-netting co-ordinator asks each week who had a symptom and no test, referral or review since.

Read `ANY_CANCER` at the end first, then the sites and `EMERGENCY_ROUTE`: they are the protocols. NICE's rules come
first; a score can only add to them.

Every number stands beside its source. NG12 is the NICE guideline "Suspected cancer: recognition and referral"; "spec"
the clinical specification (research/clinical_a.md) with its section. A dagger (†) marks a concept whose file did not
show that it is standard; "also seen" a descendant that is named for sources without CONCEPT_ANCESTOR; [2] a guideline
read in a summary only, [M] a statement from memory. A clinical safety officer checks every threshold against the live
guideline before use.

Left out, as no concept of it is verified (spec 4.5): night sweats as such, breast pain, bleeding after intercourse,
urgent referrals, stage at diagnosis. Outcome S3 (late stage) is therefore missing. QCancer's coefficients are under the
LGPL and its name is protected, so it is no comparator here (docs/decisions/0020). Ethnicity and deprivation are what we
compare by, not predictors (spec 0.6).
"""

from pathways import concept_sets as shared
from pathways.language import (
    PROBABILITY,
    After,
    Age,
    All,
    Any,
    Band,
    Comparator,
    ConceptSet,
    Count,
    Criterion,
    Either,
    Happens,
    Has,
    Latest,
    Near,
    Not,
    Number,
    Observed,
    Pathway,
    Person,
    Prediction,
    Predictor,
    Records,
    Rule,
    Since,
    Slope,
    Stream,
    Term,
    Unit,
    Word,
    days,
)
from pathways.streams import BMI, DIABETES, HB, SMOKING_STATUS, WEIGHT
from pathways.symptom_risk import symptom_risk

FOUR_WEEKS = days(28)
NINETY_DAYS = days(90)
ONE_YEAR = days(365)
TWO_YEARS = days(730)
THREE_YEARS = days(1096)
FIVE_YEARS = days(1826)

# Symptoms (spec 4.2, 4.5) ---------------------------------------------------------------------------------------------


def symptom(name: str, concepts: dict[int, str], kinds: str | tuple[str, ...] = "condition") -> Records:
    """Records of one symptom."""
    return Records(name, of=ConceptSet(name, concepts, kinds=kinds))


HAEMOPTYSIS = symptom("coughing up blood", {261687: "Hemoptysis"})
COUGH = symptom("cough", {254761: "Cough", 4109381: "Persistent cough"})
DYSPNOEA = symptom("breathlessness", {312437: "Dyspnea"})
CHEST_PAIN = symptom("chest pain", {77670: "Chest pain"})
# Among observations in the vocabulary; some practices' systems bring it as a condition.
WEIGHT_LOSS = symptom(
    "weight loss", {435928: "Abnormal weight loss", 4229881: "Weight loss"}, kinds=("observation", "condition")
)
APPETITE_LOSS = symptom("loss of appetite", {442165: "Loss of appetite"})
FATIGUE = symptom("fatigue", {4223659: "Fatigue"})
ABDOMINAL_PAIN = symptom("abdominal pain", {200219: "Abdominal pain"})
ABDOMINAL_MASS = symptom("abdominal mass", {192438: "Abdominal mass"})  # †
BLOATING = symptom(
    "bloating",
    {442597: "Swollen abdomen", 4023572: "Abdominal bloating", 4152351: "Abdominal distension, gaseous"},  # 4152351 †
)
RECTAL_BLEEDING = symptom("rectal bleeding", {4026112: "Rectal hemorrhage", 197925: "Hemorrhage of rectum and anus"})
BOWEL_HABIT = symptom("change in bowel habit", {4338120: "Altered bowel function"})  # †
CONSTIPATION = symptom("constipation", {75860: "Constipation"})
DIARRHOEA = symptom("diarrhoea", {196523: "Diarrhea"})
DYSPHAGIA = symptom("difficulty swallowing", {31317: "Dysphagia"})
DYSPEPSIA = symptom("dyspepsia", {439418: "Indigestion", 4289526: "Nonulcer dyspepsia"})  # 4289526 †
NAUSEA = symptom(
    "nausea or vomiting",
    {31967: "Nausea", 441408: "Vomiting", 27674: "Nausea and vomiting"},  # 27674 †
)
GI_BLEED = symptom("vomiting blood or black stools", {26727: "Hematemesis", 4103703: "Melena"})  # 26727 †
JAUNDICE = symptom("jaundice", {137977: "Jaundice"})
HAEMATURIA = symptom("blood in urine", {437038: "Blood in urine", 75004: "Frank hematuria"})
VISIBLE_HAEMATURIA = symptom("visible blood in urine", {75004: "Frank hematuria"})
URINARY_INFECTION = symptom("urinary tract infection", {81902: "Urinary tract infectious disease"})
BREAST_LUMP = symptom("breast lump", {80767: "Breast lump"})
NIPPLE = symptom("nipple retraction", {40352130: "Retraction of nipple"})  # †
POSTMENOPAUSAL_BLEEDING = symptom("postmenopausal bleeding", {195321: "Postmenopausal bleeding"})  # †
OTHER_BLEEDING = symptom(
    "bleeding between periods, or heavy periods",
    {195012: "Intermenstrual bleeding - irregular", 4302555: "Menorrhagia"},  # 195012 †
)
NODES = symptom("swollen lymph nodes", {315085: "Lymphadenopathy"})  # †
NECK_LUMP = symptom("neck lump", {4100606: "Mass of neck"})  # †
BACK_PAIN = symptom("back pain", {134736: "Backache"})
BONE_PAIN = symptom("bone pain", {4129418: "Bone pain"})
URINARY_SYMPTOMS = symptom(
    "trouble passing urine",
    {
        4012368: "Increased frequency of urination",  # †
        40304526: "Nocturia",  # † from an older vocabulary (spec 0.2)
        192450: "Retention of urine",
    },
)
ERECTILE = symptom("erectile dysfunction", {3655355: "Erectile dysfunction", 4216771: "Impotence"})  # both †
TESTICULAR = symptom("testicular mass", {4339088: "Testicular mass"})  # †
CLOT = symptom(
    "venous thrombosis or embolism",
    {440417: "Pulmonary embolism", 4133004: "Deep venous thrombosis", 444247: "Venous thrombosis"},
)
SWEATING = symptom("sweating", {4188566: "Sweating"})  # † the parent; night sweats have no verified concept
CLUBBING = symptom("finger clubbing", {134746: "Finger clubbing"})  # †
IRON_DEFICIENCY = symptom("iron deficiency anaemia", {436659: "Iron deficiency anemia"})  # †
ANAEMIA = Records(
    "anaemia",
    of=(
        ConceptSet("anaemia", {439777: "Anemia"}),
        ConceptSet("iron deficiency anaemia", {436659: "Iron deficiency anemia"}),
    ),
)
THROMBOCYTOSIS = symptom("raised platelets (coded)", {4280071: "Thrombocytosis"})
HYPERCALCAEMIA = symptom("raised calcium (coded)", {435511: "Hypercalcemia"})  # †

# Which open a question (spec 4.2): each is new if it was not recorded in the 365 days before.
INDEX_SYMPTOMS: tuple[Stream, ...] = (
    ABDOMINAL_PAIN,
    BLOATING,
    BREAST_LUMP,
    BOWEL_HABIT,
    DYSPEPSIA,
    DYSPHAGIA,
    DYSPNOEA,
    FATIGUE,
    HAEMATURIA,
    HAEMOPTYSIS,
    JAUNDICE,
    POSTMENOPAUSAL_BLEEDING,
    RECTAL_BLEEDING,
    WEIGHT_LOSS,
    COUGH,
    IRON_DEFICIENCY,
    THROMBOCYTOSIS,
    NECK_LUMP,
    TESTICULAR,
)
ANY_SYMPTOM = Either(*INDEX_SYMPTOMS, name="possible symptom of cancer")

# Cancers --------------------------------------------------------------------------------------------------------------

NOT_THESE = {
    4112752: "Basal cell carcinoma of skin",
    4111921: "Squamous cell carcinoma of skin",
    432851: "Secondary malignant neoplastic disease",
    433435: "Carcinoma in situ",
}
MALIGNANT = ConceptSet("cancer of any site", {443392: "Malignant neoplastic disease"}, exclude=NOT_THESE)
LUNG = ConceptSet(
    "lung cancer",
    {443388: "Malignant tumor of lung", 4157333: "Malignant neoplasm of main bronchus"},
    exclude={254591: "Secondary malignant neoplasm of lung"},
)
COLORECTAL = ConceptSet(
    "colorectal cancer",
    {
        443396: "Malignant tumor of large intestine",
        4180790: "Malignant tumor of colon",
        443390: "Malignant tumor of rectum",
    },
)
UPPER_GASTROINTESTINAL = ConceptSet(
    "oesophageal, stomach, pancreatic or liver cancer",
    {
        4181343: "Malignant tumor of esophagus",
        443387: "Malignant tumor of stomach",
        4180793: "Malignant tumor of pancreas",
        4246127: "Malignant neoplasm of liver",
    },
    exclude={198700: "Secondary malignant neoplasm of liver"},
)
UROLOGICAL = ConceptSet(
    "kidney or bladder cancer",
    {196653: "Malignant tumor of kidney", 197508: "Malignant tumor of urinary bladder"},
)
# Named for sources without CONCEPT_ANCESTOR, as those of the sites above.
OTHER_SITES = ConceptSet(
    "cancer of another site",
    {
        4112853: "Malignant tumor of breast",
        4163261: "Malignant tumor of prostate",
        4181351: "Malignant tumor of ovary",
        4156113: "Malignant neoplasm of body of uterus",
        197230: "Malignant neoplasm of uterus",
        198984: "Malignant tumor of cervix",
        443588: "Malignant neoplasm of brain",
        432571: "Malignant lymphoma",
        437233: "Multiple myeloma",
        317510: "Leukemia",
        4162276: "Malignant melanoma",
        4178976: "Malignant tumor of thyroid gland",
    },
)
CANCER = Records("cancer", of=(MALIGNANT, LUNG, COLORECTAL, UPPER_GASTROINTESTINAL, UROLOGICAL, OTHER_SITES))
SPREAD = Records(
    "secondary cancer", of=ConceptSet("secondary cancer", {432851: "Secondary malignant neoplastic disease"})
)
HISTORY = Records(
    "history of cancer",
    of=ConceptSet("history of cancer", {4144289: "H/O: malignant neoplasm"}, kinds=("observation", "condition")),
)
# S4 of spec 4.3, the proxy for NCRAS's route: an emergency visit or admission in the 30 days before the diagnosis.
BY_EMERGENCY = Near(
    CANCER,
    Records("emergency visit or admission", of=(shared.EMERGENCY_VISIT, shared.EMERGENCY_ADMISSION)),
    before=30,
)

# Other illness --------------------------------------------------------------------------------------------------------

COPD = Records("COPD", of=shared.CHRONIC_OBSTRUCTIVE_LUNG_DISEASE)
PANCREATITIS = Records("chronic pancreatitis", of=ConceptSet("chronic pancreatitis", {195596: "Chronic pancreatitis"}))
PRECURSOR = Records(
    "a condition that may become cancer",
    of=ConceptSet(
        "a condition that may become cancer",
        {
            4074815: "Inflammatory bowel disease",
            4285898: "Polyp of colon",
            443344: "Barrett's esophagus",
            4064161: "Cirrhosis of liver",
            200775: "Endometrial hyperplasia",
        },
    ),
)
FAMILY_HISTORY = Records(
    "family history of cancer",
    of=ConceptSet(
        "family history of cancer",
        {
            4171594: "Family history of cancer",
            4179214: "Family history of malignant neoplasm of gastrointestinal tract",
            4213085: "Family history of prostate cancer",
        },
        kinds="family_history",
    ),
)

# Tests (units and ranges: spec 0.3 and 4.4) ---------------------------------------------------------------------------


def result_of(name: str, concepts: dict[int, str], units: tuple[Unit, ...], plausible: tuple[float, float]) -> Records:
    """Values of one blood or stool test, the last of a day."""
    tests = ConceptSet(name, exact=concepts, kinds="measurement")
    return Records(name, of=tests, units=units, plausible=plausible, same_day="last")


PER_LITRE = Unit(9444, "billion per liter", names=("10*9/L", "10^9/L"))
MG_PER_LITRE = Unit(8751, "milligram per liter", names=("mg/L",))
UG_PER_LITRE = Unit(8748, "microgram per liter", names=("ug/L", "µg/L"))
NG_PER_ML = Unit(8842, "nanogram per milliliter", names=("ng/mL",))
INTERNATIONAL_UNITS = Unit(8923, "international unit per liter", names=("IU/L", "U/L"))
PLATELETS = result_of(
    "platelets",
    {
        3007461: "Platelets [#/volume] in Blood",
        3024929: "Platelets [#/volume] in Blood by Automated count",
    },
    (PER_LITRE,),
    (5, 2500),
)
CRP = result_of(
    "C reactive protein", {3020460: "C reactive protein [Mass/volume] in Serum or Plasma"}, (MG_PER_LITRE,), (0, 600)
)
FERRITIN = result_of(
    "ferritin", {3001122: "Ferritin [Mass/volume] in Serum or Plasma"}, (UG_PER_LITRE, NG_PER_ML), (1, 10000)
)
# Quantitative FIT has no verified OMOP concept (spec 4.5); this is how a UK laboratory's result in ug/g was seen.
FIT = result_of(
    "blood in stool (FIT)",
    {37393315: "Faecal occult blood test"},
    (Unit(8720, "microgram per gram", names=("ug/g", "µg/g")),),
    (0, 500),
)
PSA = result_of(
    "PSA",
    {3013603: "Prostate specific Ag [Mass/volume] in Serum or Plasma"},
    (UG_PER_LITRE, NG_PER_ML),
    (0, 5000),
)
CA125 = result_of(
    "CA125",
    {3037551: "Cancer Ag 125 [Units/volume] in Serum or Plasma"},  # †
    (Unit(8763, "unit per milliliter", names=("U/mL", "kU/L")),),
    (0, 10000),
)
ALP = result_of(
    "alkaline phosphatase",
    {3035995: "Alkaline phosphatase [Enzymatic activity/volume] in Serum or Plasma"},
    (INTERNATIONAL_UNITS,),
    (0, 5000),
)
BILIRUBIN = result_of(
    "bilirubin", {3024128: "Bilirubin.total [Mass/volume] in Serum or Plasma"}, (shared.UMOL_PER_LITRE,), (0, 1000)
)
CALCIUM = result_of(
    "adjusted calcium",
    {3020059: "Calcium [Moles/volume] corrected for albumin in Serum or Plasma"},  # †
    (shared.MMOL_PER_LITRE,),
    (1, 4.5),
)
CHEST_XRAY = Records("chest X-ray", of=ConceptSet("chest X-ray", {4163872: "Plain chest X-ray"}, kinds="procedure"))
ANY_TEST = Either(HB, PLATELETS, CRP, FERRITIN, FIT, PSA, CA125, ALP, BILIRUBIN, CALCIUM, CHEST_XRAY, name="a test")

# Predictors (spec 4.4; windows, units and ranges as there) ------------------------------------------------------------


def of_the_year(name: str, wording: str, *streams: Stream, plain: str = "", strong_because: str = "") -> Predictor:
    """Whether one of some symptoms was recorded in the last year."""
    held = [Has(one, within=ONE_YEAR) for one in streams]
    found = held[0] if len(held) == 1 else Any(*held)
    return Predictor(name, found, f"{wording} in 12 months", plain=plain or wording, strong_because=strong_because)


def newly(stream: Stream) -> Word:
    """Whether a symptom was recorded in the last 28 days: what the person came with."""
    return Has(stream, within=FOUR_WEEKS)


EVER_SMOKED = Any(SMOKING_STATUS.equals(0), SMOKING_STATUS.equals(1))
NEW_DIABETES = Term(
    "diabetes first recorded in the last year", All(Has(DIABETES), Since(DIABETES, which="first").at_most(365))
)
PREDICTORS = (
    Predictor("age", Age(), "age", "years", (18, 115), "up", plain="your age"),
    Predictor("sex", Person("sex"), "sex", plain="sex"),
    Predictor("smoking", SMOKING_STATUS, "smoking", changeable=True, plain="smoking"),
    Predictor(
        "bmi_last",
        Latest(BMI, within=FIVE_YEARS),
        "last BMI",
        "kg/m2",
        (10, 80),
        plain="your last body mass index (weight for height)",
    ),
    Predictor(
        "weight_slope",
        Slope(WEIGHT, within=TWO_YEARS, at_least_records=2, span=30),
        "change of weight per year over 2 years",
        "kg",
        (-60, 60),
        plain="how your weight has changed",
    ),
    Predictor(
        "symptoms_12m",
        Number(*(Has(one, within=ONE_YEAR) for one in INDEX_SYMPTOMS)),
        "different possible symptoms in 12 months",
        "symptoms",
        (0, 30),
        plain="how many different symptoms you had in the last year",
    ),
    Predictor(
        "contacts_12m",
        Count(ANY_SYMPTOM, within=ONE_YEAR, apart=1),
        "days with a possible symptom in 12 months",
        "days",
        (0, 100),
        plain="how often you came with a symptom in the last year",
    ),
    of_the_year("haemoptysis", "coughing up blood", HAEMOPTYSIS),
    of_the_year("cough", "cough", COUGH),
    of_the_year("dyspnoea", "breathlessness", DYSPNOEA),
    of_the_year("chest_pain", "chest pain", CHEST_PAIN),
    of_the_year("weight_loss", "weight loss", WEIGHT_LOSS),
    of_the_year("appetite_loss", "loss of appetite", APPETITE_LOSS),
    of_the_year("fatigue", "fatigue", FATIGUE, plain="tiredness"),
    of_the_year("sweating", "sweating", SWEATING),
    of_the_year("abdominal_pain", "abdominal pain", ABDOMINAL_PAIN, plain="tummy pain"),
    of_the_year("abdominal_mass", "abdominal mass", ABDOMINAL_MASS, plain="a lump in the tummy"),
    of_the_year("bloating", "bloating", BLOATING),
    of_the_year("rectal_bleeding", "rectal bleeding", RECTAL_BLEEDING, plain="bleeding from the bottom"),
    of_the_year("bowel_habit", "change in bowel habit", BOWEL_HABIT, CONSTIPATION, DIARRHOEA),
    of_the_year("dysphagia", "difficulty swallowing", DYSPHAGIA),
    of_the_year("dyspepsia", "dyspepsia", DYSPEPSIA, plain="indigestion"),
    of_the_year("gi_bleed", "vomiting blood or black stools", GI_BLEED),
    of_the_year("jaundice", "jaundice", JAUNDICE, plain="yellow skin"),
    of_the_year(
        "haematuria",
        "blood in urine",
        HAEMATURIA,
        strong_because="it is how cancers of kidney and bladder show: QCancer's odds ratio is 64 (spec 4.6)",
    ),
    of_the_year("urinary_or_erectile", "trouble passing urine, or erectile dysfunction", URINARY_SYMPTOMS, ERECTILE),
    of_the_year("breast_lump", "breast lump or nipple retraction", BREAST_LUMP, NIPPLE, plain="a breast lump"),
    of_the_year("vaginal_bleeding", "unusual vaginal bleeding", POSTMENOPAUSAL_BLEEDING, OTHER_BLEEDING),
    of_the_year("lump", "neck lump or swollen lymph nodes", NECK_LUMP, NODES, plain="a lump in the neck or elsewhere"),
    of_the_year("back_or_bone_pain", "back or bone pain", BACK_PAIN, BONE_PAIN),
    of_the_year("clot", "venous thrombosis or embolism", CLOT, plain="a blood clot"),
    of_the_year("testicular_mass", "testicular mass", TESTICULAR, plain="a lump in a testicle"),
    Predictor(
        "anaemia",
        Any(
            Has(ANAEMIA, within=ONE_YEAR),
            All(Has(HB, within=ONE_YEAR), Latest(HB, within=ONE_YEAR).below(110)),  # QCancer's limit (spec 4.4, row 36)
        ),
        "anaemia coded or haemoglobin below 110 g/L in 12 months",
        plain="anaemia (a low blood count)",
    ),
    Predictor(
        "hb_last",
        Latest(HB, within=ONE_YEAR),
        "last haemoglobin",
        "g/L",
        (30, 250),
        plain="your last blood count (haemoglobin)",
    ),
    Predictor(
        "hb_slope",
        Slope(HB, within=THREE_YEARS, at_least_records=2, span=90),
        "change of haemoglobin per year over 3 years",
        "g/L",
        (-80, 80),
        plain="how your blood count has changed",
    ),
    Predictor(
        "platelets_last",
        Latest(PLATELETS, within=ONE_YEAR),
        "last platelets",
        "10^9/L",
        (5, 2500),
        plain="your last platelet count",
    ),
    Predictor(
        "crp_last",
        Latest(CRP, within=ONE_YEAR),
        "last C reactive protein",
        "mg/L",
        (0, 600),
        plain="your last blood test for inflammation (CRP)",
    ),
    Predictor(
        "ferritin_last",
        Latest(FERRITIN, within=ONE_YEAR),
        "last ferritin",
        "ug/L",
        (1, 10000),
        plain="your last blood test for iron",
    ),
    Predictor(
        "fit_last", Latest(FIT, within=ONE_YEAR), "last FIT", "ug/g", (0, 500), "up", plain="your last stool test (FIT)"
    ),
    Predictor("psa_last", Latest(PSA, within=TWO_YEARS), "last PSA", "ug/L", (0, 5000), "up", plain="your PSA test"),
    Predictor(
        "ca125_last", Latest(CA125, within=ONE_YEAR), "last CA125", "U/mL", (0, 10000), "up", plain="your CA125 test"
    ),
    Predictor(
        "alp_last",
        Latest(ALP, within=ONE_YEAR),
        "last alkaline phosphatase",
        "IU/L",
        (0, 5000),
        plain="your last liver blood test",
    ),
    Predictor("new_diabetes", NEW_DIABETES, "diabetes first recorded in the last year", plain="new diabetes"),
    Predictor("copd", Has(COPD), "COPD", plain="a long-term lung disease (COPD)"),
    Predictor("pancreatitis", Has(PANCREATITIS), "chronic pancreatitis", plain="a long illness of the pancreas"),
    Predictor(
        "precursor",
        Has(PRECURSOR),
        "inflammatory bowel disease, colonic polyp, Barrett's, cirrhosis or endometrial hyperplasia",
        plain="a condition that needs checks, such as polyps of the bowel",
    ),
    Predictor("family_history", Has(FAMILY_HISTORY), "cancer in the family recorded", plain="cancer in your family"),
)

# Rules (spec 4.1, all [2] unless marked). A symptom counts for 90 days, so that nobody falls out of a rule while tests
# are awaited: that is ours.
# -----------------------------------------------------------------------------------------------


def lately(*streams: Stream) -> Word:
    """Whether one of some symptoms was recorded in the last 90 days."""
    held = [Has(one, within=NINETY_DAYS) for one in streams]
    return held[0] if len(held) == 1 else Any(*held)


ADULT = Age().at_least(18)
WOMAN = Person("sex").is_("female")
MAN = Person("sex").is_("male")
OF_THE_LUNG = (COUGH, FATIGUE, DYSPNOEA, CHEST_PAIN, WEIGHT_LOSS, APPETITE_LOSS)
FIT_DONE = Has(FIT, within=NINETY_DAYS)
USC = "urgent suspected cancer referral"


def psa_above(age: int, until: int, limit: float) -> Word:
    """Whether the last PSA is above a limit for an age band."""
    high = All(Has(PSA, within=NINETY_DAYS), Latest(PSA, within=NINETY_DAYS).above(limit))
    return All(MAN, Age().at_least(age), Age().below(until), high)


RULES = (
    Rule(
        name="fit_positive",
        when=All(ADULT, FIT_DONE, Latest(FIT, within=NINETY_DAYS).at_least(10)),
        action=f"FIT is 10 ug/g or more: {USC}, colorectal.",
        guideline="NICE NG12, DG56",
        urgency="urgent",
        plain="an urgent appointment to look at your bowel",
    ),
    Rule(
        name="haemoptysis",
        when=All(Age().at_least(40), lately(HAEMOPTYSIS)),
        action=f"Haemoptysis at 40 or over: {USC}, lung.",
        guideline="NICE NG12",
        urgency="urgent",
        plain="an urgent appointment to look at your lungs",
    ),
    Rule(
        name="dysphagia",
        when=All(ADULT, lately(DYSPHAGIA)),
        action=f"Dysphagia: {USC}, endoscopy.",
        guideline="NICE NG12",
        urgency="urgent",
        plain="an urgent look at your gullet and stomach with a camera",
    ),
    Rule(
        name="upper_gi",
        when=All(Age().at_least(55), lately(WEIGHT_LOSS), lately(ABDOMINAL_PAIN, DYSPEPSIA)),
        action=f"Weight loss with abdominal pain, reflux or dyspepsia at 55 or over: {USC}, endoscopy.",
        guideline="NICE NG12",
        urgency="urgent",
        plain="an urgent look at your gullet and stomach with a camera",
    ),
    Rule(
        name="jaundice",
        when=All(Age().at_least(40), lately(JAUNDICE)),
        action=f"Jaundice at 40 or over: {USC}, pancreas.",
        guideline="NICE NG12",
        urgency="urgent",
        plain="an urgent appointment about your yellow skin",
    ),
    Rule(
        name="pancreas_ct",
        when=All(
            Age().at_least(60),
            lately(WEIGHT_LOSS),
            Any(lately(DIARRHOEA, BACK_PAIN, ABDOMINAL_PAIN, NAUSEA, CONSTIPATION), NEW_DIABETES),
        ),
        action="Weight loss at 60 or over with diarrhoea, back or abdominal pain, nausea, constipation or new diabetes:"
        " urgent CT of the pancreas within 2 weeks.",
        guideline="NICE NG12",
        urgency="urgent",
        plain="an urgent scan of your tummy",
    ),
    Rule(
        name="haematuria",
        when=All(Age().at_least(45), lately(VISIBLE_HAEMATURIA), Not(lately(URINARY_INFECTION))),
        action=f"Visible haematuria at 45 or over without a urinary infection: {USC}, urology.",
        guideline="NICE NG12",
        urgency="urgent",
        plain="an urgent appointment about the blood in your urine",
    ),
    Rule(
        name="haematuria_unclear",
        when=All(Age().at_least(45), lately(HAEMATURIA), Not(lately(VISIBLE_HAEMATURIA))),
        action="Blood in urine, not said whether visible. If visible, or at 60 with dysuria or a raised white count:"
        f" {USC}, urology.",
        guideline="NICE NG12",
        urgency="soon",
        plain="a check of the blood in your urine",
    ),
    Rule(
        name="breast_lump",
        when=All(Age().at_least(30), lately(BREAST_LUMP)),
        action=f"Breast lump at 30 or over: {USC}, breast.",
        guideline="NICE NG12",
        urgency="urgent",
        plain="an urgent appointment about your breast lump",
    ),
    Rule(
        name="nipple",
        when=All(Age().at_least(50), lately(NIPPLE)),  # [M]
        action=f"Nipple retraction at 50 or over: {USC}, breast.",
        guideline="NICE NG12",
        urgency="urgent",
        plain="an urgent appointment about your breast",
    ),
    Rule(
        name="postmenopausal_bleeding",
        when=All(Age().at_least(55), lately(POSTMENOPAUSAL_BLEEDING)),
        action=f"Postmenopausal bleeding at 55 or over: {USC}, gynaecology.",
        guideline="NICE NG12",
        urgency="urgent",
        plain="an urgent appointment about your bleeding",
    ),
    Rule(
        name="testicular",
        when=All(ADULT, lately(TESTICULAR)),  # [M]
        action=f"Testicular mass: {USC}, or urgent ultrasound.",
        guideline="NICE NG12",
        urgency="urgent",
        plain="an urgent appointment about the lump in your testicle",
    ),
    Rule(
        name="psa",
        when=Any(psa_above(40, 50, 2.5), psa_above(50, 60, 3.5), psa_above(60, 70, 4.5), psa_above(70, 80, 6.5)),  # [M]
        action=f"PSA above the threshold for the age: {USC}, prostate.",
        guideline="NICE NG12",
        urgency="urgent",
        plain="an urgent appointment about your PSA test",
    ),
    Rule(
        name="ca125",
        when=All(WOMAN, Has(CA125, within=NINETY_DAYS), Latest(CA125, within=NINETY_DAYS).at_least(35)),
        action="CA125 is 35 or more: ultrasound of abdomen and pelvis.",
        guideline="NICE NG12",
        urgency="urgent",
        plain="a scan of your tummy",
    ),
    Rule(
        name="chest_xray",
        when=All(
            Age().at_least(40),
            Any(
                Number(*(lately(one) for one in OF_THE_LUNG)).at_least(2),
                All(EVER_SMOKED, lately(*OF_THE_LUNG)),
                lately(CLUBBING, THROMBOCYTOSIS),  # [M]
            ),
            Not(Has(CHEST_XRAY, within=NINETY_DAYS)),
        ),
        action="40 or over with two of cough, fatigue, breathlessness, chest pain, weight loss, appetite loss (one in"
        " whoever has smoked), or clubbing or raised platelets: chest X-ray within 2 weeks.",
        guideline="NICE NG12",
        urgency="soon",
        plain="a chest X-ray in the next 2 weeks",
    ),
    Rule(
        name="fit_due",
        when=All(
            ADULT,
            Not(FIT_DONE),
            Any(  # 2023 update [M]
                lately(ABDOMINAL_MASS, BOWEL_HABIT, IRON_DEFICIENCY),
                All(Age().at_least(40), lately(WEIGHT_LOSS), lately(ABDOMINAL_PAIN)),
                All(Age().below(50), lately(RECTAL_BLEEDING), lately(ABDOMINAL_PAIN, WEIGHT_LOSS)),
                All(Age().at_least(50), lately(RECTAL_BLEEDING, ABDOMINAL_PAIN, WEIGHT_LOSS)),
                All(Age().at_least(60), lately(ANAEMIA)),
            ),
        ),
        action="NICE's indications for FIT: send it now, and safety-net the result.",
        guideline="NICE NG12, DG56",
        urgency="soon",
        plain="a stool test (FIT) at home",
    ),
    Rule(
        name="ca125_due",
        when=All(WOMAN, Age().at_least(50), lately(BLOATING), Not(Has(CA125, within=NINETY_DAYS))),
        action="A woman of 50 or over with bloating: CA125; 35 or more means an ultrasound.",
        guideline="NICE NG12",
        urgency="soon",
        plain="a blood test (CA125)",
    ),
    Rule(
        name="platelets",
        when=All(
            Age().at_least(40), Has(PLATELETS, within=NINETY_DAYS), Latest(PLATELETS, within=NINETY_DAYS).above(400)
        ),
        action="Platelets above 400: consider lung, endometrial, gastric, oesophageal and colorectal cancer.",
        guideline="NICE NG12",
        urgency="soon",
        plain="more tests, as one of your blood counts is raised",
    ),
    Rule(
        name="nothing_done",
        when=All(
            ADULT,
            Has(ANY_SYMPTOM, from_day=-90, until_day=-28),
            Not(Has(ANY_TEST, within=NINETY_DAYS)),
            Not(Has(CANCER)),
        ),
        action="A possible symptom of cancer 28 to 90 days ago, and no test since: call, review, safety-net."
        " Referrals are"
        " not seen.",
        guideline="NHS Faster Diagnosis Standard",
        urgency="routine",
        source="gap",
        plain="a call to ask how your symptom is",
    ),
)

# Who ------------------------------------------------------------------------------------------------------------------

WHO = (
    Criterion(ADULT, "Under 18: this prediction is for adults.", code="under_18", plain="it is made for adults"),
    Criterion(
        Observed().at_least(365),  # spec 4.2
        "Registered for less than a year, or not on that day: too little is known.",
        code="registered_under_a_year",
        plain="your practice has known you for less than a year, which is too short to tell",
    ),
    Criterion(
        Not(Any(Has(CANCER), Has(SPREAD), Has(HISTORY))),
        "Cancer is recorded already, now or in the past: this prediction is for a first cancer.",
        code="cancer_known",
        plain="your records already show cancer, and this figure is about finding it",
    ),
    Criterion(
        Has(ANY_SYMPTOM, within=FOUR_WEEKS),
        "No possible symptom of cancer in the last 28 days. One of today counts from tomorrow on.",
        code="no_symptom",
        plain="your records show no symptom in the last 4 weeks that this figure is about",
    ),
)
# No concept of an urgent referral or of palliative care is verified. See `cautions`.
CAUTIONS = (
    "Not for people on an urgent suspected cancer pathway already, nor receiving palliative care: the records"
    " cannot tell"
    " us, so the clinician must.",
    "A score never takes away a referral or a test that NICE advises.",
    "Only about 54% of people with cancer had a possible symptom coded in the year before: what was said and"
    " not coded is"
    " not seen.",
    "Cancers found by screening count. Practices' own codes miss 10 to 20% of cancers; a registry's rows are better.",
)

# What it must beat ----------------------------------------------------------------------------------------------------

IN_THE_TABLE = {
    "abdominal_pain": ABDOMINAL_PAIN,
    "abdominal_bloating": BLOATING,
    "breast_lump": BREAST_LUMP,
    "change_in_bowel_habit": BOWEL_HABIT,
    "dyspepsia": DYSPEPSIA,
    "dysphagia": DYSPHAGIA,
    "dyspnoea": DYSPNOEA,
    "fatigue": FATIGUE,
    "haematuria": HAEMATURIA,
    "haemoptysis": HAEMOPTYSIS,
    "jaundice": JAUNDICE,
    "post_menopausal_bleeding": POSTMENOPAUSAL_BLEEDING,
    "rectal_bleeding": RECTAL_BLEEDING,
    "weight_loss": WEIGHT_LOSS,
}
CPRD_TABLE = Comparator(
    "CPRD table of 14 symptoms",
    symptom_risk,
    inputs={
        "age": Age(),
        "sex": Person("sex"),
        "smoking": SMOKING_STATUS,
        **{name: newly(stream) for name, stream in IN_THE_TABLE.items()},
    },
    unit=PROBABILITY,
    outcome="any_cancer",  # of whichever site is predicted beside it
    horizon=365,
    source="Barclay 2024, the symptom with the highest risk; night sweats have no concept here",
)
NG12 = Comparator(
    "NG12 urgent",
    Any(*(rule.when for rule in RULES if rule.urgency == "urgent" and not isinstance(rule.when, tuple))),  # type: ignore[arg-type]
    unit="1 if a rule calls for an urgent referral",
    source="NICE NG12 as rules, above",
    why_not="conditions or tests are not known completely",
)
AGE_ALONE = Comparator("Age", Age(), unit="years", source="the best single variable")


def cancer(name: str, question: str, outcome: Happens, wording: str, plain: str, bands: tuple[Band, ...]) -> Prediction:
    """A prediction of these people: the sites differ only in what is looked for."""
    return Prediction(
        name=name,
        question=question,
        # The day after each new symptom: not recorded in the 365 days before (spec 4.2).
        index=After(INDEX_SYMPTOMS, which="every", washout=365),
        population=All(*WHO),
        outcome=outcome,
        outcome_wording=wording,
        outcome_plain=plain,
        horizons=(365, 730) if name == "any_cancer" else (365,),  # spec 4.2
        primary=365,
        look_back=None,
        predictors=PREDICTORS,
        comparator=(CPRD_TABLE, NG12, AGE_ALONE),
        rules=RULES,
        bands=bands,
        cautions=CAUTIONS,
    )


# Cut-offs and advice: spec 4.1. 3% is the level at which NG12's recommendations aim.
ANY_CANCER = cancer(
    "any_cancer",
    "Who, with a new possible symptom, will be found to have cancer within a year?",
    Happens(CANCER),  # S1 of spec 4.3: the first ever; death competes
    "a first cancer, of any site but non-melanoma skin cancer",
    "are found to have cancer",
    (
        Band(
            0.0,
            name="Under 1 in 100",
            action="Explain, safety-net, give a return date. Reassess if symptoms persist or return.",
            owner="GP",
            plain="a date to come back if it does not get better",
        ),
        Band(
            0.01,
            name="1 to 3 in 100",
            action="Test now (FBC, CRP, LFT, calcium, FIT, chest X-ray, CA125 or PSA as fits) and book a review"
            " within 2 to"
            " 4 weeks. Low threshold to ask for advice.",
            owner="GP",
            plain="tests now, and a review in 2 to 4 weeks",
            urgency="soon",
        ),
        Band(
            0.03,
            name="3 or more in 100",
            action="Urgent suspected cancer referral, or rapid diagnostic centre if no site is likely.",
            owner="GP, cancer alliance",
            guideline="NICE NG12",
            plain="an urgent appointment to find out what causes your symptom",
            urgency="urgent",
        ),
    ),
)
SITE_BANDS = (  # ours: which site to think of first, beside the risk of any cancer
    Band(0.0, name="Unlikely site", action="No site-specific action from this figure.", owner="GP"),
    Band(
        0.01,
        name="Possible site",
        action="Think of this site first when choosing tests and the route of referral.",
        owner="GP",
        plain="tests that fit your symptom",
    ),
)


def site(name: str, concepts: ConceptSet) -> Prediction:
    """S2 of spec 4.3: one site, told beside the risk of any cancer so that the route of referral fits."""
    return cancer(
        name,
        f"Who, with a new possible symptom, will be found to have {concepts.name} within a year?",
        Happens(Records(concepts.name, of=concepts)),
        concepts.name,
        f"are found to have {concepts.name}",
        SITE_BANDS,
    )


EMERGENCY_ROUTE = cancer(
    "emergency_route",
    "Who, with a new possible symptom, will have a cancer found through an emergency within a year?",
    Happens(BY_EMERGENCY),
    "a cancer with an emergency visit or admission in the 30 days before its diagnosis",
    "have a cancer found after an emergency",
    (
        Band(0.0, name="As planned", action="No action from this figure alone.", owner="safety-netting co-ordinator"),
        Band(
            0.01,  # ours
            name="Do not lose sight",
            action="Put on the weekly safety-netting list: make sure that tests and referrals happened.",
            owner="safety-netting co-ordinator",
            plain="a call to make sure that your tests took place",
        ),
    ),
)

PATHWAY = Pathway(
    title="Cancer diagnosis",
    about="Finding cancer earlier in people who come with a symptom: whom NICE's rules refer today, who needs"
    " tests and a"
    " date to come back, and who had a symptom and nothing since.",
    predictions=(
        ANY_CANCER,
        site("lung", LUNG),
        site("colorectal", COLORECTAL),
        site("upper_gastrointestinal", UPPER_GASTROINTESTINAL),
        site("urological", UROLOGICAL),
        EMERGENCY_ROUTE,
    ),
)
