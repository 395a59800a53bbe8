"""Breast cancer: of women without it, who will have it in the next five years, and whose family should be asked about?

The practice asks a woman's family history, NICE's rules say whether she is referred, and a family history clinic what
she is offered. A score never starts a medicine or a film by itself, and NICE's rules raise it, never lower it.

Read `CANCER` at the end first: it is the protocol. What stands before it says how each thing is read from a record.

Every number stands beside its source. "spec" is the clinical specification (research/clinical_b.md) with its section;
CG164 is the NICE guideline on familial breast cancer, of which the recommendation to ask every woman was removed in
June 2022, so asking is a local choice. A dagger (†) marks a concept of which only a name was seen in a UK mapping, not
that it is standard. A clinical safety officer checks every threshold against the live guideline before use.

Left out, as no concept of it is verified (spec 3.3): density, atypical hyperplasia, lobular carcinoma in situ, chest
radiotherapy, polygenic scores, the age at the first birth. Family history in OMOP does not say who the relative is, nor
at what age: where only that is there, the rules ask. A relative who is sent with a code of breast cancer says both, and
then NICE's criteria are worked out, but for a cancer of both breasts. Invitations to screening are not read.
Ethnicity and deprivation are what we compare by, not predictors; the American tool has rates by ethnic group.

The specification watches from day 90 on; here the watch begins on the index date, as a woman who is found within 90
days would have to be left out by what is known only later. Women with a lump in those 90 days before are left out.
"""

from functools import partial

from pathways.bcrat import bcrat
from pathways.language import (
    PROBABILITY,
    Age,
    All,
    Any,
    Band,
    Choice,
    Comparator,
    ConceptSet,
    Count,
    Criterion,
    Either,
    Every,
    Formula,
    Happens,
    Has,
    Latest,
    Near,
    Not,
    Observed,
    Of,
    Pathway,
    Person,
    Prediction,
    Predictor,
    Records,
    Relation,
    Rule,
    Setting,
    Since,
    Stream,
    Term,
    days,
)
from pathways.streams import BMI, DIABETES, HEIGHT, SMOKING_STATUS

NINETY_DAYS = days(90)
ONE_YEAR = days(365)
TWO_YEARS = days(730)
THREE_YEARS = days(1096)
FIVE_YEARS = days(1826)

# Breast cancer --------------------------------------------------------------------------------------------------------

CODED = Records(
    "breast cancer coded",
    of=ConceptSet(
        "breast cancer",
        {
            4112853: "Malignant tumor of breast",
            # also seen, below it: for sources without CONCEPT_ANCESTOR
            37017351: "Invasive carcinoma of breast",
            37016439: "Primary invasive malignant neoplasm of female breast",
        },
        exclude={
            140960: "Secondary malignant neoplasm of female breast",
            603292: "Secondary malignant neoplasm of breast",
            4247348: "Primary malignant neoplasm of skin of breast",
            4089865: "Malignant melanoma of breast",
        },
    ),
)
HORMONE_BLOCKER = Records(
    "tamoxifen, raloxifene or anastrozole",
    of=ConceptSet(
        "tamoxifen, raloxifene or anastrozole",
        {1436678: "tamoxifen", 1513103: "Raloxifene", 1348265: "anastrozole"},
        kinds="medication",
    ),
)
MASTECTOMY = Records(
    "bilateral mastectomy",
    of=ConceptSet("bilateral mastectomy", {4297155: "Bilateral radical mastectomy"}, kinds="procedure"),
)
# Spec 3.2: a code that another follows within 90 days, or treatment within 180; dated by the first of them.
CANCER_FOUND = Either(
    Near(CODED, CODED, before=-1, after=90),
    Near(CODED, Either(HORMONE_BLOCKER, MASTECTOMY, name="treatment of breast cancer"), before=0, after=180),
    name="breast cancer",
)
IN_THE_PAST = Records(
    "history of breast cancer",
    of=ConceptSet(
        "history of breast cancer", {4324190: "History of malignant neoplasm of breast"}, kinds="observation"
    ),
)

# Family ---------------------------------------------------------------------------------------------------------------

FAMILY_BREAST = Records(
    "family history of breast cancer",
    of=ConceptSet("family, breast", {4210263: "Family history of neoplasm of breast"}, kinds="family_history"),
)
FAMILY_OVARY = Records(
    "family history of ovarian cancer",
    of=ConceptSet("family, ovary", {4051562: "FH: neoplasm of ovary"}, kinds="family_history"),
)
FAMILY_OTHER = Records(
    "family history of prostate or pancreas cancer",
    of=ConceptSet(
        "family, prostate or pancreas",
        {
            4213085: "Family history of prostate cancer",
            4179232: "Family history of malignant neoplasm of pancreas",
        },
        kinds="family_history",
    ),
)
GENE = Either(
    Records(
        "BRCA in the family",
        of=ConceptSet(
            "BRCA in the family",
            {42535500: "Family history of breast cancer gene BRCA mutation"},
            kinds="family_history",
        ),
    ),
    Records(
        "hereditary breast and ovarian cancer syndrome",
        of=ConceptSet(
            "hereditary breast and ovarian cancer", {37397555: "Hereditary breast and ovarian cancer syndrome"}
        ),
    ),
    name="gene of breast cancer in the family",
)

# Relatives who are linked or sent (`relatives` of a request) with a code of their own. A cancer of both breasts and the
# side of the family have no verified concept, so the rules ask for them (spec 3.3, 3.4).
FIRST_DEGREE: tuple[Relation, ...] = ("mother", "father", "sibling", "child")


def first_degree(stream: Stream, name: str) -> Either:
    """The first record of each first-degree relative."""
    return Either(*(Of(who, stream, first=True) for who in FIRST_DEGREE), name=f"{name} of a first-degree relative")


AGE_AT_CANCER = Formula("age", CODED, title="breast cancer")
MANS_CANCER = Formula("age", CODED, limits=(1.0,), title="breast cancer of a man")
NEAR = first_degree(AGE_AT_CANCER, "breast cancer")
WOMAN_NEAR = first_degree(
    Formula("age", CODED, limits=(0.0,), title="breast cancer of a woman"), "a woman's breast cancer"
)
MAN_NEAR = first_degree(MANS_CANCER, "a man's breast cancer")
ANYBODY = Either(*NEAR.streams, Of("second_degree", AGE_AT_CANCER, first=True), name="breast cancer of a relative")
MAN_ANYWHERE = Either(*MAN_NEAR.streams, Of("second_degree", MANS_CANCER, first=True), name="a man's breast cancer")

# Her own history ------------------------------------------------------------------------------------------------------

LUMP = Records("breast lump", of=ConceptSet("breast lump", {80767: "Breast lump"}))
BENIGN = Records(
    "benign breast disorder",
    of=ConceptSet(
        "benign breast disorder",
        {
            77030: "Disorder of breast",
            4116072: "Breast fibroadenoma (self-report map)",  # †
            761188: "Breast cysts (self-report map)",  # †
        },
        exclude={4112853: "Malignant tumor of breast"},
    ),
)
BIOPSY = Records("breast biopsy", of=ConceptSet("breast biopsy", {4047494: "Biopsy of breast"}, kinds="procedure"))
MENARCHE = Records(
    "age at menarche",
    of=ConceptSet(
        "age at menarche",
        exact={4162552: "Age at menarche", 4267971: "Age of onset of menstruation"},  # 4162552 †
        kinds=("observation", "measurement"),
    ),
    plausible=(8, 20),  # spec 3.3, row 11
    same_day="last",
)
MENOPAUSE = Records(
    "menopause", of=ConceptSet("menopause", {4128329: "Menopause present"}, kinds=("condition", "observation"))
)
OVARIES_REMOVED = Records(
    "ovaries removed",
    of=ConceptSet("ovaries removed", {4297990: "Excision of bilateral ovaries"}, kinds="procedure"),
)
HYSTERECTOMY = Records("hysterectomy", of=ConceptSet("hysterectomy", {4127886: "Hysterectomy"}, kinds="procedure"))
OVARIAN_CANCER = Records("ovarian cancer", of=ConceptSet("ovarian cancer", {4181351: "Malignant tumor of ovary"}))
OVARY_NEAR = first_degree(OVARIAN_CANCER, "ovarian cancer")
OVARY_ANYWHERE = Either(
    *OVARY_NEAR.streams, Of("second_degree", OVARIAN_CANCER, first=True), name="ovarian cancer of a relative"
)
JEWISH = Records(
    "Jewish ancestry",
    of=ConceptSet(
        "Jewish ancestry", exact={44810892: "Jewish - ethnic category 2001 census"}, kinds="observation"
    ),  # †
)
HORMONES = Records(
    "hormone replacement",
    of=ConceptSet(
        "hormone replacement",
        {
            1548195: "estradiol",
            1549080: "estrogens, conjugated (USP)",  # †
            1500211: "medroxyprogesterone",
            19041933: "tibolone",
        },
        kinds="medication",
    ),
)
PILL = Records(
    "contraceptive with oestrogen",
    of=ConceptSet("contraceptive with oestrogen", {1549786: "ethinyl estradiol"}, kinds="medication"),
)
UNITS = Records(
    "units of alcohol a week",
    of=ConceptSet("units a week", exact={35609491: "Alcohol units consumed per week"}, kinds="observation"),  # †
    plausible=(0, 300),
    same_day="last",
)
SCREENED = Records(
    "breast screening",
    of=ConceptSet(
        "breast screening",
        {4077697: "Screening mammography", 4147961: "Screening for malignant neoplasm of breast"},
        kinds="procedure",
    ),
)
RECALLED = Records(
    "mammogram outside screening",
    of=ConceptSet(
        "mammogram outside screening",
        exact={4324693: "Mammography", 4081880: "Mammogram - symptomatic"},
        kinds="procedure",
    ),
)

# Predictors (windows, units and ranges: spec 3.3). What leads up to a diagnosis - a lump, a biopsy, a film - is read
# only until 90 days before the index date: later it would be the diagnosis itself.

BIOPSIES = Count(BIOPSY, until_day=-90, apart=30)
LAST_MENARCHE = Latest(MENARCHE)
PREDICTORS = (
    Predictor("age", Age(), "age", "years", (30, 74), strong_because="age is most of the risk of a woman", plain="age"),
    Predictor(
        "family_breast",
        Has(FAMILY_BREAST),
        "family history of breast cancer",
        direction="up",
        plain="breast cancer in your family",
    ),
    Predictor(
        "relatives_cancer",
        Count(NEAR),
        "first-degree relatives with breast cancer, of those who are linked",
        "",
        (0, 10),
        "up",
        plain="breast cancer in your family",
    ),
    Predictor(
        "family_ovary",
        Has(FAMILY_OVARY),
        "family history of ovarian cancer",
        direction="up",
        plain="ovarian cancer in your family",
    ),
    Predictor(
        "family_other",
        Has(FAMILY_OTHER),
        "family history of prostate or pancreas cancer",
        plain="cancer in your family",
    ),
    Predictor("menarche", LAST_MENARCHE, "age at menarche", "years", (8, 20), plain="your age at your first period"),
    Predictor("menopause", Has(MENOPAUSE), "menopause", plain="menopause"),
    Predictor("ovaries_removed", Has(OVARIES_REMOVED), "ovaries removed", plain="an operation on your ovaries"),
    Predictor("hysterectomy", Has(HYSTERECTOMY), "hysterectomy", plain="a hysterectomy"),
    Predictor("biopsies", BIOPSIES, "breast biopsies before the last 90 days", "", (0, 30), plain="breast biopsies"),
    Predictor(
        "benign",
        Has(BENIGN, until_day=-90),
        "benign breast disorder before the last 90 days",
        plain="a benign breast disorder",
    ),
    Predictor(
        "bmi",
        Latest(BMI, within=FIVE_YEARS),
        "last BMI of 5 years",
        "kg/m2",
        (12, 80),
        changeable=True,
        plain="your weight for your height",
    ),
    Predictor("height", Latest(HEIGHT), "height", "cm", (120, 220), plain="your height"),
    Predictor(
        "hormones",
        Count(HORMONES, within=ONE_YEAR),
        "prescriptions of hormone replacement in a year",
        "",
        (0, 60),
        changeable=True,
        plain="hormone replacement",
    ),
    Predictor(
        "hormones_years",
        Count(HORMONES, apart=330),
        "years with hormone replacement",
        "years",
        (0, 40),
        plain="hormone replacement",
    ),
    Predictor(
        "pill",
        Has(PILL, within=ONE_YEAR),
        "contraceptive with oestrogen in a year",
        changeable=True,
        plain="the contraceptive pill",
    ),
    Predictor("hormone_blocker", Has(HORMONE_BLOCKER), "tamoxifen, raloxifene or anastrozole", plain="a medicine"),
    Predictor(
        "units",
        Latest(UNITS, within=FIVE_YEARS),
        "units of alcohol a week, last told in 5 years",
        "units",
        (0, 300),
        changeable=True,
        plain="how much you told us that you drink",
    ),
    Predictor("smoking", SMOKING_STATUS, "smoking", changeable=True, plain="smoking"),
    Predictor("diabetes", Has(DIABETES), "diabetes", plain="diabetes"),
    Predictor(
        "screening_since",
        Since(SCREENED),
        "time since breast screening",
        "days",
        (0, 20000),
        plain="your last breast screening",
    ),
    Predictor("screened", Has(SCREENED, within=THREE_YEARS), "breast screening in 3 years", plain="breast screening"),
    Predictor(
        "recalls",
        Count(RECALLED, from_day=-1826, until_day=-90, apart=30),
        "mammograms outside screening in 5 years, before the last 90 days",
        "",
        (0, 10),
        plain="mammograms",
    ),
    Predictor(
        "lumps",
        Count(LUMP, from_day=-730, until_day=-91, apart=14),
        "breast lumps in 2 years, before the last 90 days",
        "",
        (0, 20),
        plain="a breast lump",
    ),
    Predictor("ovarian_cancer", Has(OVARIAN_CANCER), "ovarian cancer", plain="ovarian cancer"),
    Predictor("observed", Observed(), "days observed", "days", (0, 36500), plain="how long we have known you"),
)

# Rules (spec 3.1 and 3.4) ---------------------------------------------------------------------------------------------

WOMAN = Person("sex").is_("female")
# CG164 1.3.2 to 1.3.4 (spec 3.4). "Under 40" and "over 40" leave 40 itself open: advice, as the specification reads it.
REFER = Term(
    "NICE's criteria for referral",
    Any(
        Has(WOMAN_NEAR, below=40),
        Has(MAN_NEAR),
        All(Has(NEAR), Count(ANYBODY).at_least(2)),  # two of the first degree, or one and one of the second
        All(Has(NEAR), Has(OVARY_ANYWHERE)),
        All(Has(ANYBODY), Has(OVARY_NEAR)),
        Count(ANYBODY).at_least(3),
    ),
)
ONE_OVER_40 = Term(
    "one relative, over 40, and no other sign",
    All(
        Count(ANYBODY).equals(1),
        Has(ANYBODY, at_least=41),
        Not(Any(Has(MAN_ANYWHERE), Has(OVARY_ANYWHERE), Has(JEWISH))),
    ),
)
WITHOUT = Not(Any(Has(CODED), Has(IN_THE_PAST)))
RULES = (
    Rule(
        name="lump",
        when=All(Age().at_least(30), Has(LUMP, within=NINETY_DAYS), WITHOUT),
        action="A breast lump in the last 90 days: if it is unexplained and not yet referred, a suspected cancer"
        " pathway referral.",
        guideline="NICE NG12",
        urgency="urgent",
        plain="an appointment at a breast clinic soon",
    ),
    Rule(
        name="gene",
        when=All(WOMAN, Has(GENE)),
        action="A known gene in the family, or hereditary breast and ovarian cancer: specialist genetics. Known"
        " carriers: the NHS very-high-risk screening programme.",
        guideline="NICE CG164",
        urgency="soon",
        plain="an appointment with the genetics service",
    ),
    Rule(
        name="refer",
        when=All(WOMAN, REFER),
        action="Relatives meet NICE's criteria: refer to secondary care for familial breast cancer.",
        guideline="NICE CG164",
        urgency="soon",
        plain="an appointment at a clinic for cancer in families",
        unless=Has(GENE),
    ),
    Rule(
        name="advice",
        when=All(WOMAN, Count(ANYBODY).at_least(1), Not(ONE_OVER_40)),
        action="Relatives with breast cancer whom NICE's criteria do not settle: ask the family history clinic for"
        " advice. Ask for a cancer of both breasts: with the first before 50 in a first-degree relative, refer.",
        guideline="NICE CG164",
        urgency="routine",
        plain="advice from a clinic for cancer in families",
        unless=Any(Has(GENE), REFER),
    ),
    Rule(
        name="primary_care",
        when=All(WOMAN, ONE_OVER_40),
        action="One relative had breast cancer after 40, nobody else: stay in primary care, give the standard"
        " information. Ask for a cancer of both breasts, and again when the family changes.",
        guideline="NICE CG164",
        urgency="routine",
        plain="information about cancer in families",
        unless=Any(Has(GENE), REFER),
    ),
    Rule(
        name="breast_and_ovary",
        when=All(WOMAN, Has(FAMILY_BREAST), Has(FAMILY_OVARY)),
        action="Breast and ovarian cancer in the family: ask who and at what age. One of each, one of them"
        " a first-degree relative: refer to secondary care; otherwise seek advice.",
        guideline="NICE CG164",
        urgency="soon",
        plain="a talk about cancer in your family, and perhaps a clinic for it",
    ),
    Rule(
        name="family",
        when=All(WOMAN, Has(FAMILY_BREAST)),
        action="Breast cancer in the family: ask for first- and second-degree relatives, their ages, both breasts, men,"
        " Jewish ancestry. Refer if a first-degree woman under 40, a first-degree man, a first-degree relative with"
        " both breasts before 50, two relatives with one first-degree, or three.",
        guideline="NICE CG164",
        urgency="routine",
        plain="a talk about cancer in your family",
    ),
)

# Who ------------------------------------------------------------------------------------------------------------------

CRITERIA = (
    Criterion(
        WOMAN,
        "Not recorded as female: there is no figure for men.",
        code="not_female",
        plain="it is made for women",
    ),
    Criterion(Age().at_least(30), "Under 30.", code="under_30", plain="it is made from 30 years on"),
    Criterion(Age().below(75), "75 or over.", code="over_74", plain="it is made up to 74 years"),
    Criterion(
        Observed().at_least(365),  # spec 3.2
        "Registered for less than a year, or not on that day: too little is known.",
        code="registered_under_a_year",
        plain="your practice has known you for less than a year, which is too short to tell",
    ),
    Criterion(
        WITHOUT,
        "Breast cancer is recorded: for the breast team.",
        code="known_cancer",
        plain="your records show breast cancer, and your breast team knows more",
    ),
    Criterion(
        Not(Has(MASTECTOMY)),
        "Both breasts are removed.",
        code="mastectomy",
        plain="it is not made for women after this operation",
    ),
    Criterion(
        Not(Has(GENE)),
        "A known gene in the family: to genetics, not to a score.",
        code="known_gene",
        plain="a gene is known in your family, and the genetics service can tell more",
    ),
    Criterion(
        Not(Has(LUMP, within=NINETY_DAYS)),
        "A breast lump in the last 90 days: to be examined now, not predicted.",
        code="lump",
        plain="you have a breast lump, and looking at it comes first",
    ),
)
CAUTIONS = (
    "No record of a relative is not no relative: 1.3% of women have breast cancer in the family coded, and 7% have it."
    " Ask, and record what she says; the figure is then made anew.",
    "Within five years of age records rank women little better than by chance (0.58 to 0.64 at best): age is most"
    " of it.",
    "Screening finds cancers early: at 47 to 53 more are found.",
    "Women of South Asian origin have two thirds of the incidence of White women, so a figure learnt from White women"
    " is too high.",
    "The score starts neither a medicine nor a film.",
)

# What it must beat ----------------------------------------------------------------------------------------------------

NICE = Comparator(
    "NICE family history",
    Choice((REFER, "refer"), (Not(ONE_OVER_40), "advice"), otherwise="primary care"),
    unit="0 refer, 1 advice, 2 primary care",
    higher_is_worse=False,
    source="NICE CG164, of relatives with breast cancer; without any it says nothing",
    why_not="no relative's record is linked or was sent",
)
BCRAT = Comparator(
    "BCRAT (Gail)",
    partial(bcrat, 1826),
    inputs={
        "age": Age(),
        "ethnicity": Person("ethnicity"),
        "biopsies": BIOPSIES,
        "menarche": Choice(  # the levels of bcrat.MENARCHE
            (All(Has(MENARCHE), LAST_MENARCHE.below(12)), "under 12"),
            (All(Has(MENARCHE), LAST_MENARCHE.below(14)), "12 or 13"),
            otherwise="14 or over, or not known",
        ),
        "relatives": Has(FAMILY_BREAST),
    },
    unit=PROBABILITY,
    horizon=1826,
    source="NCI's BCRAT; rates of the United States. A coded family history is taken as one first-degree relative, age"
    " at the first birth as not known",
)
AGE_ALONE = Comparator(
    "Age alone",
    Age(),
    unit="years",
    source="the best single variable",
)

CANCER = Prediction(
    name="cancer",
    question="Which women of 30 to 74 will have breast cancer in the next five years?",
    index=Every("year", on="random day"),  # spec 3.2
    population=All(*CRITERIA),
    outcome=Happens(CANCER_FOUND),
    outcome_wording="breast cancer: a code that another follows within 90 days, or treatment within 180",
    outcome_plain="are found to have breast cancer",
    horizons=(1826,),
    primary=1826,
    look_back=None,
    predictors=PREDICTORS,
    comparator=(BCRAT, NICE, AGE_ALONE),
    rules=RULES,
    # Spec 3.1 bands ten-year risk at 2, 3 and 8%; in five years about half of it.
    bands=(
        Band(
            0.0,
            name="Low",
            action="Nothing by the figure alone; breast screening from 50 when invited.",
            owner="practice",
        ),
        Band(
            0.01,
            name="Ask",
            action="Family-history questionnaire by text.",
            owner="practice nurse",
            plain="a few questions about cancer in your family",
        ),
        Band(
            0.015,
            name="Moderate",
            action="Structured family history with a nurse within 3 months.",
            owner="practice nurse",
            plain="a talk with a nurse about cancer in your family",
        ),
        Band(
            0.04,
            name="High",
            action="Structured family history within 4 weeks, and a senior review.",
            owner="GP for familial cancer",
            plain="a talk about cancer in your family in the next weeks",
            urgency="soon",
        ),
    ),
    cautions=CAUTIONS,
    not_usable_in=(
        Setting(
            "where nobody has asked about the family",
            "1.3% of women have breast cancer in the family coded, and 7% have it (spec 3.3, 5.4). Ask; send relatives"
            " with their codes, or record the answer, and the figure and NICE's criteria are worked out anew.",
        ),
    ),
)

PATHWAY = Pathway(
    title="Breast cancer",
    about="Breast cancer among women at higher risk: whose family to ask about, and whom to refer.",
    predictions=(CANCER,),
)
