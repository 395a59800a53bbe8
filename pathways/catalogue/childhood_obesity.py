"""Childhood obesity: which families to offer support before Year 6?

Of the children who live with obesity in Year 6, two thirds do not yet in Reception (spec b 1.1). So public health
nurses ask, after the measurement at 4 or 5: which families should be offered support now, and who should be measured
again early?

Read `YEAR_6` and `NEXT` at the end first: they are the protocols. What stands before them says how each thing is read
from a record.

Every number stands beside its source. NG246 is the NICE guideline "Overweight and obesity management" (January 2025),
NCMP the national child measurement programme; "spec b" the clinical specification (research/clinical_b.md) with its
section. A dagger (†) marks a concept whose file did not show that it is standard. A clinical safety officer checks
every threshold against the live guideline before use.

Left out: the father and who else lives in the household (no link to them is verified); infant feeding, waist and who
measured (no verified concept, or no source); prediction at 2 years, which its own makers found not good
enough for clinical use (c-statistic 0.65, spec b 1). Ethnicity and deprivation are what we compare by, not predictors
(spec b 0.4).
"""

from pathways import concept_sets as shared
from pathways import family
from pathways.language import (
    After,
    Age,
    All,
    Any,
    Band,
    Comparator,
    ConceptSet,
    Count,
    Criterion,
    Earliest,
    Formula,
    Has,
    Latest,
    Measured,
    Nearest,
    Not,
    Observed,
    Of,
    Only,
    Pathway,
    Person,
    Prediction,
    Predictor,
    Records,
    Required,
    Rule,
    Setting,
    Since,
    Slope,
    Term,
    Unit,
    days,
    not_usable_yet,
    years,
)

ONE_YEAR = days(365)
TWO_YEARS = days(730)

# Growth (units and ranges: spec b 0.3) --------------------------------------------------------------------------------

POUND = Unit(8739, "pound (US)", times=0.45359237, names=("[lb_us]", "lb"))
WEIGHT = Records(
    "weight",
    of=shared.BODY_WEIGHT,
    units=(shared.KILOGRAM, POUND),
    plausible=(6, 120),
    same_day="median",
)
HEIGHT = Records(
    "height",
    of=shared.BODY_HEIGHT,
    units=(
        shared.CENTIMETRE,
        Unit(9546, "meter", times=100, names=("m",)),
        Unit(9330, "inch (US)", times=2.54, names=("[in_us]",)),
    ),
    plausible=(65, 180),
    same_day="median",
)
# Weight and height of one day alone: a body mass index that somebody else computed says nothing of its two parts.
BMI = Formula("bmi", WEIGHT, HEIGHT, title="BMI")
BMI_SDS = Only(Formula("bmi_sds", BMI), at_least=-5, at_most=6, title="BMI SDS (UK-WHO)")
RECEPTION = Only(Formula("bmi_sds", BMI, limits=(4, 6)), at_least=-5, at_most=6, title="BMI SDS at 4 or 5 years")
TWO_TO_TEN = Only(Formula("bmi_sds", BMI, limits=(2, 10)), at_least=-5, at_most=6, title="BMI SDS from 2 to 9 years")
# Centiles as scores (spec b 1.2): population monitoring calls 95 and over obese, the clinic (NG246) 98 and over.
CENTILE_91, CENTILE_95, CENTILE_98, CENTILE_99_6 = 1.3408, 1.6449, 2.0537, 2.6521
LAST = Term("the last BMI SDS", Latest(BMI_SDS))
MEASURED_NOW = Has(BMI_SDS, within=ONE_YEAR)
NOW = Term("the last BMI SDS of 12 months", Latest(BMI_SDS, within=ONE_YEAR))
BIRTH_WEIGHT = Records(
    "birth weight",
    of=ConceptSet(
        "birth weight",
        exact={4264825: "Birth weight", 3662222: "Weight of neonate at birth"},  # 3662222 †
        kinds="measurement",
    ),
    units=(shared.KILOGRAM, Unit(8504, "gram", times=0.001, names=("g",))),
    plausible=(0.4, 6.5),
    same_day="last",
)

# Other records --------------------------------------------------------------------------------------------------------

OBESITY = Records("obesity coded", of=shared.OBESITY)
TRISOMY_21 = Records("trisomy 21", of=ConceptSet("trisomy 21", {439125: "Complete trisomy 21 syndrome"}))
CEREBRAL_PALSY = Records("cerebral palsy", of=ConceptSet("cerebral palsy", {4134120: "Cerebral palsy"}))
CANCER = Records("cancer", of=ConceptSet("cancer of any site", {443392: "Malignant neoplastic disease"}))
STEROID = Records(
    "steroid tablets",
    of=ConceptSet("steroid tablets", {1550557: "prednisolone", 1551099: "prednisone"}, kinds="medication"),
)
ASTHMA = Records("asthma", of=ConceptSet("asthma", {317009: "Asthma"}))
APNOEA = Records(
    "sleep apnoea",
    of=ConceptSet(
        "sleep apnoea",
        {
            42872388: "Obstructive sleep apnea of child",
            442588: "Obstructive sleep apnea syndrome",
            313459: "Sleep apnea",
        },
    ),
)
ADHD = Records("ADHD", of=ConceptSet("ADHD", {438409: "Attention deficit hyperactivity disorder"}))
AUTISM = Records("autism", of=ConceptSet("autism", {439776: "Autism spectrum disorder"}))
DELAY = Records(
    "learning disability or developmental delay",
    of=(shared.LEARNING_DISABILITY, ConceptSet("developmental delay", {436077: "Developmental delay"})),
)
THYROID = Records("hypothyroidism", of=ConceptSet("hypothyroidism", {140673: "Hypothyroidism"}))
PRETERM = Records(
    "born early",
    of=ConceptSet("born early", {36675035: "Prematurity of infant", 4272248: "Premature birth of newborn"}),
)
HOUSING = Records(
    "housing problem", of=ConceptSet("housing problem", {4022661: "Housing problem"}, kinds="observation")
)
PROTECTION = Records(
    "child protection",
    of=ConceptSet(
        "child protection",
        {4038193: "Child protection register", 4059498: "Social worker involved"},  # both †
        kinds="observation",
    ),
)
EMERGENCY = Records("emergency visit", of=shared.EMERGENCY_VISIT)
CONTACT = Records(
    "outpatient or practice visit", of=ConceptSet("outpatient visit", {9202: "Outpatient Visit"}, kinds="visit")
)

# Predictors (windows, units and ranges: spec b 1.3) -------------------------------------------------------------------

TRACKS = "body mass index tracks: at 4 or 5 it ranks children for Year 6 with a c-statistic of 0.82 (spec b 1.6)"
PREDICTORS = (
    Predictor("sex", Person("sex"), "sex", plain="sex"),
    Predictor("age_months", Age("months"), "age in months", "months", (24, 144), plain="your child's age"),
    Predictor(
        "bmi_sds",
        LAST,
        "last BMI SDS",
        "SDS",
        (-5, 6),
        "up",
        strong_because=TRACKS,
        plain="your child's last weight for height, for their age",
    ),
    Predictor(
        "bmi_sds_slope",
        Slope(BMI_SDS, at_least_records=2, span=180),
        "change of BMI SDS per year",
        "SDS",
        (-2, 2),
        plain="how your child's weight for height has changed",
    ),
    Predictor(
        "bmi_count", Count(BMI_SDS, within=TWO_YEARS), "measurements in 2 years", "", (0, 20), plain="measurements"
    ),
    Predictor(
        "bmi_days_since",
        Since(BMI_SDS),
        "time since the last measurement",
        "days",
        (0, 5000),
        plain="the last measurement",
    ),
    Predictor("weight_last", Latest(WEIGHT), "last weight", "kg", (6, 120), plain="your child's last weight"),
    Predictor("height_last", Latest(HEIGHT), "last height", "cm", (65, 180), plain="your child's last height"),
    Predictor(
        "birth_weight", Latest(BIRTH_WEIGHT), "birth weight", "kg", (0.4, 6.5), plain="your child's birth weight"
    ),
    Predictor("preterm", Has(PRETERM), "born early", plain="being born early"),
    Predictor("asthma", Has(ASTHMA), "asthma", plain="asthma"),
    Predictor(
        "steroid_courses",
        Count(STEROID, within=TWO_YEARS, apart=14),
        "courses of steroid tablets in 2 years",
        "courses",
        (0, 30),
        plain="courses of steroid tablets",
    ),
    Predictor("sleep_apnoea", Has(APNOEA), "sleep apnoea", plain="pauses of breath in sleep"),
    Predictor("adhd", Has(ADHD), "ADHD", plain="ADHD"),
    Predictor("autism", Has(AUTISM), "autism", plain="autism"),
    Predictor(
        "delay", Has(DELAY), "learning disability or developmental delay", plain="a learning disability or delay"
    ),
    Predictor("hypothyroidism", Has(THYROID), "hypothyroidism", plain="an underactive thyroid"),
    Predictor("obesity_coded", Has(OBESITY), "obesity coded", plain="obesity in the records"),
    Predictor(
        "contacts",
        Count(CONTACT, within=ONE_YEAR, apart=1),
        "days with an outpatient or practice visit in a year",
        "days",
        (0, 60),
        plain="visits in the last year",
    ),
    Predictor(
        "emergencies",
        Count(EMERGENCY, within=ONE_YEAR),
        "emergency visits in a year",
        "visits",
        (0, 40),
        plain="visits",
    ),
    Predictor("housing", Has(HOUSING, within=TWO_YEARS), "housing problem in 2 years", plain="a housing problem"),
    Predictor("protection", Has(PROTECTION), "child protection", restricted=True),
    Predictor("observed", Observed(), "days observed", "days", (0, 3650), plain="how long we have known your child"),
    family.MOTHERS_AGE,
    family.MOTHERS_BMI,
    family.MOTHERS_LAST_BMI,
    family.MOTHERS_OBESITY,
    family.MOTHERS_DIABETES,
    family.DIABETES_IN_PREGNANCY,
    family.MOTHER_SMOKED,
    family.MOTHERS_SMOKING,
    family.MOTHERS_DEPRESSION,
    family.BROTHERS_AND_SISTERS,
    Predictor(
        "siblings_bmi_sds",
        Latest(Of("sibling", BMI_SDS), within=days(1096)),
        "last BMI SDS of a brother or sister in 3 years",
        "SDS",
        (-5, 6),
        plain="the weight for height of brothers and sisters",
    ),
)

# Rules (spec b 1.1) ---------------------------------------------------------------------------------------------------

CHILD = All(Age().at_least(2), Age().below(18))
RULES = (
    Rule(
        name="severe",
        when=All(CHILD, MEASURED_NOW, NOW.at_least(CENTILE_99_6)),
        action="BMI at or above the 99.6th centile: clinical review; offer specialist weight management or paediatric"
        " referral.",
        guideline="NICE NG246",
        urgency="soon",
        plain="a talk with a children's specialist about growth and health",
    ),
    Rule(
        name="breath",
        when=All(CHILD, MEASURED_NOW, NOW.at_least(CENTILE_98), Has(APNOEA)),
        action="Sleep apnoea with a BMI at or above the 98th centile: comorbidity; paediatric referral.",
        guideline="NICE NG246",
        urgency="soon",
        plain="an appointment about your child's breathing in sleep",
    ),
    Rule(
        name="clinical_review",
        when=All(CHILD, MEASURED_NOW, NOW.at_least(CENTILE_98), NOW.below(CENTILE_99_6)),
        action="BMI at or above the 98th centile: growth chart, waist-to-height ratio from 5 years, blood"
        " pressure, sleep,"
        " mood, bullying, safeguarding, medicines, learning needs.",
        guideline="NICE NG246",
        urgency="routine",
        plain="a review of your child's growth and health",
    ),
    Rule(
        name="tailored",
        when=All(CHILD, MEASURED_NOW, NOW.at_least(CENTILE_91), NOW.below(CENTILE_98)),
        action="BMI at or above the 91st centile: ask permission to discuss; consider a tailored intervention.",
        guideline="NICE NG246",
        urgency="routine",
        plain="a talk, if you wish, about what helps your family to live healthily",
    ),
)

# Who ------------------------------------------------------------------------------------------------------------------

KNOWN_A_YEAR = Criterion(
    Observed().at_least(365),  # spec b 1.2
    "Registered for less than a year, or not on that day: too little is known.",
    code="registered_under_a_year",
    plain="we have known your child for less than a year, which is too short to tell",
)
OTHER_CHARTS = Criterion(
    Not(Any(Has(TRISOMY_21), Has(CEREBRAL_PALSY), Has(CANCER))),
    "Trisomy 21, cerebral palsy or cancer is recorded: growth follows other charts.",
    code="other_chart",
    plain="your child's growth follows a chart of its own",
)
FIRST_YEAR = not_usable_yet(
    Age("months").below(12),
    "from the first year's records the figure for 4 or 5 years ranks children at 0.65, which its own makers found not"
    " good enough for clinical use (spec b 1).",
    "Plot weight and length; give the healthy-start information to every family.",
    plain="nobody can tell well enough before the first birthday",
)
PRACTICE_ALONE = Setting(
    "from general practice records alone",
    "10.5% of 5-year-olds and 26.0% of 11-year-olds have a body mass index there, and more of those living with"
    " obesity. School measurements (NCMP) are needed to teach it and to judge it.",
    source="spec b 1.2",
)
CAUTIONS = (
    "BMI overstates fatness in Black children and understates it in South Asian children.",
    'Say "living with obesity", never blame; never send the figure by letter or to a school.',
    "Mother, brothers and sisters are known where the record of birth links them; who is not linked is unknown, and"
    " nobody of the family is told from this what stands in another's record.",
)
COMPARATORS = (
    Comparator(
        "BMI centile alone",
        LAST,
        unit="SDS",
        source="the best single variable: 0.82 to 0.83 with sex (spec b 1.4)",
        why_not="no weight and height of one day",
    ),
    Comparator(
        "Lives with obesity now",
        All(Has(BMI_SDS), LAST.at_least(CENTILE_95)),
        unit="1 if at or above the 95th centile",
        source="persistence (spec b 1.4)",
        why_not="measurements are not known completely",
    ),
)
BANDS = (  # spec b 1.1, ours
    Band(
        0.0, name="Low", action="Universal offer. Measure again in Year 6 or when seen.", owner="public health nursing"
    ),
    Band(
        0.10,
        name="Moderate",
        action="Include in the healthy-start information round. Offer a re-measure in 12 months. If the family raises"
        " weight, ask permission before discussing.",
        owner="public health nursing",
        plain="information, and another measurement in a year",
    ),
    Band(
        0.30,
        name="High",
        action="School nurse offers a strengths-based family conversation within one term, and local family"
        " support. Plot"
        " BMI on the UK-WHO chart.",
        owner="school nurse",
        plain="a talk with the school nurse this term, and support for the whole family",
    ),
    Band(
        0.60,
        name="Very high",
        action="Clinical review: growth chart, waist-to-height ratio, blood pressure, sleep, mood, bullying,"
        " safeguarding,"
        " medicines, learning needs.",
        owner="school nurse, GP practice",
        plain="a review of your child's growth and health",
    ),
)

YEAR_6 = Prediction(
    name="year_6",
    question="Which children, measured at 4 or 5, will live with obesity in Year 6?",
    # O1 of spec b 1.2: the day after the first valid weight and height of one day at 4 or 5 years.
    index=After(RECEPTION, which="first"),
    population=All(
        FIRST_YEAR,
        Criterion(
            Age().at_least(4),
            "Under 4: this prediction starts from the measurement in Reception.",
            code="under_4",
            plain="it starts from the measurement in Reception",
        ),
        Criterion(
            Age().below(6),
            "6 or over: the prediction of the next measurement is for these children.",
            code="over_5",
            plain="it is made for children of 4 and 5",
        ),
        KNOWN_A_YEAR,
        OTHER_CHARTS,
    ),
    # At or above the 95th centile at the measurement nearest the 11th birthday, from 10 to under 12; not measured is
    # missing and never no.
    outcome=Measured(Nearest(BMI_SDS, age=years(11), ages=(10, 12), after_index=True).at_least(CENTILE_95)),
    outcome_wording="BMI at or above the 95th centile at the measurement nearest 11 years",
    outcome_plain="live with obesity at about 11 years",
    horizons=(2922,),  # to the twelfth birthday, at most 8 years
    primary=2922,
    look_back=None,
    requires=(
        Required(
            "a weight and a height of one day at 4 or 5 years",
            Has(RECEPTION),
            supply="Send the school measurement, or measure weight and height on one day.",
            plain="a weight and height from Reception",
        ),
    ),
    predictors=PREDICTORS,
    comparator=COMPARATORS,
    rules=RULES,
    bands=BANDS,
    cautions=CAUTIONS,
    not_usable_in=(PRACTICE_ALONE,),
)
NEXT = Prediction(
    name="next_measurement",
    question="Which children of 2 to 9 will live with obesity at their next measurement in 1 to 3 years?",
    # O3 of spec b 1.2: the day after each valid measurement with none in the 12 months before it.
    index=After(TWO_TO_TEN, which="every", washout=365),
    population=All(
        FIRST_YEAR,
        Criterion(
            Age().at_least(2), "Under 2: there is no reference to judge by.", code="under_2", plain="it starts at 2"
        ),
        Criterion(
            Age().below(10), "10 or over: for Year 6 and after.", code="over_9", plain="it is made up to 9 years"
        ),
        KNOWN_A_YEAR,
        OTHER_CHARTS,
    ),
    outcome=Measured(Earliest(BMI_SDS, from_day=365, until_day=1095).at_least(CENTILE_95)),
    outcome_wording="BMI at or above the 95th centile at the next measurement 1 to 3 years on",
    outcome_plain="live with obesity at their next measurement",
    horizons=(1095,),
    primary=1095,
    look_back=None,
    requires=(
        Required(
            "a weight and a height of one day in the last year",
            MEASURED_NOW,
            supply="Measure weight and height on one day.",
            plain="a weight and height in the last year",
        ),
    ),
    predictors=PREDICTORS,
    comparator=COMPARATORS,
    rules=RULES,
    bands=BANDS,
    cautions=CAUTIONS,
    not_usable_in=(PRACTICE_ALONE,),
)

PATHWAY = Pathway(
    title="Childhood obesity",
    about="Support for families early: who may live with obesity in Year 6, and who should be measured again.",
    predictions=(YEAR_6, NEXT),
)
