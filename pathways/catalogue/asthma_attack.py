"""Asthma: who will have an attack that needs emergency care in the next year?

About one adult with asthma in seventy goes to hospital for it in a year (spec, appendix B), and most deaths that were
reviewed could have been prevented (NRAD). The practice's asthma nurse asks whom to review first; a pharmacist, who
lives on relievers alone.

Read `ADULTS`, `CHILDREN`, `ANY_ATTACK` and `TWO_ATTACKS` at the end first: they are the protocols. What stands before
them says how each thing is read from a record; what several pathways read alike (BMI, smoking) stands in
`pathways/streams.py`.

Every number stands beside its source. NG245 is the guideline of NICE, BTS and SIGN on asthma (November 2024); NRAD the
national review of asthma deaths; "spec" the clinical specification (research/clinical_a.md) with its section. A dagger
(†) marks a concept whose file did not show that it is standard; "also seen" a descendant that is named for sources
without CONCEPT_ANCESTOR; [2] a guideline read in a summary only, [M] a statement that the specification gives from
memory. A clinical safety officer checks every threshold against the live guideline before use.

Left out, as no concept or unit of it is verified (spec 3.5): FeNO, inhaler technique, action plan, adult Asthma Control
Test, cystic fibrosis, household smoke, damp housing, IgE (its unit). Prescriptions are counted, not canisters: the
quantity of a prescription is not read. Ethnicity and deprivation are what we compare by, not predictors (spec 0.6).
"""

from dataclasses import replace

from pathways import concept_sets as shared
from pathways.language import (
    PROBABILITY,
    Age,
    All,
    Any,
    At,
    Band,
    Calendar,
    Choice,
    Comparator,
    ConceptSet,
    Count,
    Criterion,
    Either,
    Every,
    Happens,
    Has,
    Highest,
    Latest,
    Near,
    Not,
    Observed,
    Only,
    Pathway,
    Person,
    Prediction,
    Predictor,
    Ratio,
    Records,
    Rule,
    Since,
    Term,
    Unit,
    days,
)
from pathways.published import noble_asthma, turner_asthma
from pathways.streams import BMI, DIABETES, HEART_DISEASE, NSAID, SMOKING_STATUS

TWO_WEEKS = days(14)
NINETY_DAYS = days(90)
HALF_A_YEAR = days(180)
ONE_YEAR = days(365)
TWO_YEARS = days(730)
THREE_YEARS = days(1096)
FIVE_YEARS = days(1826)

# Asthma and its attacks -----------------------------------------------------------------------------------------------

ASTHMA_SET = ConceptSet(
    "asthma",
    {
        317009: "Asthma",
        4279553: "Eosinophilic asthma",
        4051466: "Childhood asthma",  # also seen
    },
)
EXACERBATION_SET = ConceptSet(
    "exacerbation of asthma",
    {  # all †
        257581: "Exacerbation of asthma",
        45769438: "Acute severe exacerbation of asthma",
        45769441: "Acute exacerbation of allergic asthma",
    },
)
CHEST_INFECTION_SET = ConceptSet(
    "lower respiratory tract infection",
    {
        4175297: "Lower respiratory tract infection",  # †
        260139: "Acute bronchitis",
        255848: "Pneumonia",
    },
)
ASTHMA = Records("asthma", of=(ASTHMA_SET, EXACERBATION_SET))
EXACERBATION = Records("coded asthma attack", of=EXACERBATION_SET)
SEVERE_ASTHMA = Records(
    "severe asthma",
    of=ConceptSet("severe asthma", {4145356: "Severe persistent asthma", 4152913: "Severe asthma"}),  # both †
)
CHEST_INFECTION = Records("lower respiratory tract infection", of=CHEST_INFECTION_SET)
EMERGENCY = Records("emergency visit", of=shared.EMERGENCY_VISIT)
STAY = Records("hospital stay", of=(shared.INPATIENT_VISIT, shared.EMERGENCY_ADMISSION))
# A course of steroid tablets: up to 14 days' supply; a prescription that does not say how long counts (labels_a.sql 8).
STEROID = Records(
    "steroid tablets",
    of=ConceptSet(
        "steroid tablets",
        {
            1550557: "prednisolone",
            1551099: "prednisone",
            1518254: "dexamethasone",
            1551192: "prednisone 5 MG Oral Tablet",  # also seen
        },
        kinds="medication",
    ),
)
COURSE = Only(STEROID, at_most=14, unvalued=True, title="course of steroid tablets")
COURSE_FOR_ASTHMA = Near(
    COURSE,
    Records("asthma or chest infection", of=(ASTHMA_SET, EXACERBATION_SET, CHEST_INFECTION_SET)),
    before=7,
    after=7,
)
# A1 of spec 3.3: an emergency visit or stay with an asthma code in it. Which diagnosis came first is not known here,
# so any stay of somebody with asthma in which it is coded counts (see `cautions`).
ADMITTED = At(ASTHMA, STAY)
IN_EMERGENCY = At(ASTHMA, EMERGENCY)
HOSPITAL_ATTACK = Either(ADMITTED, IN_EMERGENCY, name="asthma attack in hospital")
# A2: that, a coded attack, or a course of steroid tablets within 7 days of a code of asthma or a chest infection. What
# lies 14 days or less apart is one attack, so another begins 15 days after.
ATTACK = Either(HOSPITAL_ATTACK, EXACERBATION, COURSE_FOR_ASTHMA, name="asthma attack")
APART = 15

# Medicines (dose forms, so that eye drops and nasal sprays do not count: spec 0.2, 3.5) -------------------------------

RELIEVER = Records(
    "reliever inhaler (SABA)",
    of=ConceptSet(
        "reliever inhaler",
        {
            40142703: "Albuterol Metered Dose Inhaler",
            46234463: "Albuterol Dry Powder Inhaler",
            1356111: "Albuterol Inhalation Powder",
            1356108: "Albuterol Inhalation Solution",
            42481922: "Terbutaline Dry Powder Inhaler",
            36813480: "Terbutaline Inhalation Powder",
            1356244: "Terbutaline Metered Dose Inhaler",
            1154380: "albuterol 5 MG/ML Inhalation Solution",  # also seen
            1154535: "albuterol 0.417 MG/ML Inhalation Solution",  # also seen
            1154536: "albuterol 0.21 MG/ML Inhalation Solution",  # also seen
            1511248: "NDA020503 200 ACTUAT albuterol 0.09 MG/ACTUAT Metered Dose Inhaler",  # also seen
        },
        kinds="medication",
    ),
)
STEROID_INHALER = Records(
    "steroid inhaler (ICS)",
    of=ConceptSet(
        "steroid inhaler",
        {
            40142784: "Beclomethasone Metered Dose Inhaler",
            36883710: "Beclomethasone Inhalant Powder",
            35130061: "Beclomethasone Inhalation Solution",
            44120754: "Budesonide Metered Dose Inhaler",
            1356143: "Budesonide Inhalation Powder",
            1356140: "Budesonide Inhalation Suspension",
            40144037: "fluticasone Metered Dose Inhaler",
            40144035: "fluticasone Dry Powder Inhaler",
            40143326: "Mometasone Dry Powder Inhaler",
            40152662: "ciclesonide Metered Dose Inhaler",
            # also seen
            40169217: "120 ACTUAT fluticasone propionate 0.044 MG/ACTUAT Metered Dose Inhaler [Flovent]",
            40169231: "120 ACTUAT fluticasone propionate 0.11 MG/ACTUAT Metered Dose Inhaler [Flovent]",
        },
        kinds="medication",
    ),
)
COMBINED_INHALER = Records(
    "combined inhaler (ICS-LABA)",
    of=ConceptSet(
        "combined inhaler",
        {
            21158944: "Beclomethasone / formoterol Dry Powder Inhaler",
            36894458: "Beclomethasone / formoterol Inhalant Powder",
            21090035: "Beclomethasone / formoterol Inhalant Solution",
            42479684: "Budesonide / formoterol Dry Powder Inhaler",
            35133500: "Budesonide / formoterol Inhalation Powder",
            40142910: "Budesonide / formoterol Metered Dose Inhaler",
            40144020: "fluticasone / salmeterol Dry Powder Inhaler",
            40144024: "fluticasone / salmeterol Metered Dose Inhaler",
            43532281: "fluticasone / vilanterol Dry Powder Inhaler",
            41048760: "fluticasone / formoterol Dry Powder Inhaler",
            21089505: "fluticasone / formoterol Inhalant Solution",
            36421291: "Beclomethasone / formoterol / glycopyrronium Dry Powder Inhaler",
            36787954: "Beclomethasone / formoterol / glycopyrronium Inhalant Solution",
            # also seen
            40169281: "60 ACTUAT fluticasone propionate 0.25 MG/ACTUAT / salmeterol 0.05 MG/ACTUAT Dry Powder Inhaler",
        },
        kinds="medication",
    ),
)
PREVENTER = Either(STEROID_INHALER, COMBINED_INHALER, name="preventer inhaler (ICS or ICS-LABA)")
INHALER = Either(RELIEVER, PREVENTER, name="reliever or preventer inhaler")
MONTELUKAST = Records("montelukast", of=ConceptSet("montelukast", {1154161: "montelukast"}, kinds="medication"))
LAMA = Records(
    "LAMA inhaler",
    of=ConceptSet("LAMA inhaler", {1106776: "tiotropium", 21603292: "Anticholinergics"}, kinds="medication"),
)
THEOPHYLLINE = Records(
    "theophylline",
    of=ConceptSet("theophylline", {1237049: "theophylline", 1105775: "aminophylline"}, kinds="medication"),
)
BIOLOGIC = Records(
    "biologic for asthma",
    of=ConceptSet("biologic", {1110942: "omalizumab", 1593467: "dupilumab"}, kinds="medication"),  # 1593467 †
)
ANY_ASTHMA_MEDICINE = Either(
    INHALER,
    MONTELUKAST,
    LAMA,
    THEOPHYLLINE,
    BIOLOGIC,
    Records(
        "drug for obstructive airway disease",
        of=ConceptSet(
            "obstructive airway drugs", {21603248: "DRUGS FOR OBSTRUCTIVE AIRWAY DISEASES"}, kinds="medication"
        ),
    ),
    name="medicine for asthma",
)
BETA_BLOCKER = Records(
    "beta blocker",
    of=(shared.BETA_BLOCKER, ConceptSet("propranolol", {1353766: "propranolol"}, kinds="medication")),
)
ANTIBIOTIC = Records(
    "antibiotic for the chest",
    of=ConceptSet(
        "antibiotic for the chest",
        {1713332: "amoxicillin", 1738521: "doxycycline", 1750500: "clarithromycin"},
        kinds="medication",
    ),
)
PARACETAMOL = Records("paracetamol", of=ConceptSet("paracetamol", {1125315: "acetaminophen"}, kinds="medication"))

# Other illness and measurements ---------------------------------------------------------------------------------------

ECZEMA = Records("eczema", of=ConceptSet("eczema", {133834: "Atopic dermatitis", 133835: "Eczema"}))
RHINITIS = Records(
    "allergic rhinitis",
    of=ConceptSet("allergic rhinitis", {257007: "Allergic rhinitis", 4280726: "Seasonal allergic rhinitis"}),
)
# † the concept's domain is Observation, so a history has to cover observations as well
FOOD_ALLERGY = Records(
    "food allergy", of=ConceptSet("food allergy", {4188027: "Allergy to food"}, kinds=("condition", "observation"))
)
ANAPHYLAXIS = Records("anaphylaxis", of=ConceptSet("anaphylaxis", {441202: "Anaphylaxis"}))
NOSE = Records(
    "nasal polyps or chronic sinusitis",
    of=ConceptSet(
        "nasal polyps or chronic sinusitis",
        {42537251: "Polyp of nasal cavity and/or nasal sinus", 257012: "Chronic sinusitis"},
    ),
)
REFLUX = Records("acid reflux", of=ConceptSet("acid reflux", {318800: "Gastroesophageal reflux disease"}))
COPD = Records(
    "COPD or bronchiectasis",
    of=(
        shared.CHRONIC_OBSTRUCTIVE_LUNG_DISEASE,
        ConceptSet("bronchiectasis", {256449: "Bronchiectasis"}),
    ),
)
SLEEP_APNOEA = Records("obstructive sleep apnoea", of=shared.SLEEP_APNOEA)
OBESITY = Records("obesity", of=shared.OBESITY)
MOOD = Records("anxiety or depression", of=(shared.ANXIETY, shared.DEPRESSION))
WHEEZE = Records(
    "wheeze or bronchiolitis",
    of=ConceptSet(
        "wheeze or bronchiolitis",
        {314754: "Wheezing", 4165112: "Bronchiolitis", 260125: "Acute bronchiolitis"},
    ),
)
RESPIRATORY_FAILURE = Records(
    "respiratory failure", of=ConceptSet("respiratory failure", {4256228: "Respiratory failure"})
)
REVIEW = Records(
    "asthma review",
    of=ConceptSet("asthma review", {4235703: "Asthma management"}, kinds="observation"),
)
CONTACT = Records(
    "outpatient or practice visit", of=ConceptSet("outpatient visit", {9202: "Outpatient Visit"}, kinds="visit")
)
EOSINOPHILS = Records(
    "eosinophils",
    of=ConceptSet(
        "eosinophils",
        {4216098: "Eosinophil count"},  # †
        exact={
            3013115: "Eosinophils [#/volume] in Blood",  # †
            3028615: "Eosinophils [#/volume] in Blood by Automated count",
        },
        kinds="measurement",
    ),
    units=Unit(9444, "billion per liter", names=("10*9/L", "10^9/L")),
    plausible=(0, 10),  # spec 3.4, row 24
    same_day="highest",
)
PEAK_FLOW = Records(
    "peak flow",
    of=ConceptSet("peak flow", {4197461: "Peak flow rate (respiratory)"}, kinds="measurement"),  # †
    units=Unit(8698, "liter per minute", names=("L/min",)),
    plausible=(30, 900),
    same_day="highest",
)
PEAK_FLOW_OF_BEST = Records(
    "peak flow as a share of the best",
    of=ConceptSet(
        "peak flow as a share of the best",
        exact={4269170: "Percentage of best ever peak expiratory flow rate"},  # †
        kinds="measurement",
    ),
    units=Unit(8554, "percent", names=("%",)),
    plausible=(5, 150),
    same_day="last",
)
FEV1_FVC = Records(
    "FEV1/FVC",
    of=ConceptSet("FEV1/FVC", exact={3011505: "FEV1/FVC"}, kinds="measurement"),
    units=Unit(8554, "percent", names=("%",)),
    plausible=(10, 100),  # spec 3.4, row 28, in per cent
    same_day="last",
)
SPIROMETRY = Records(
    "spirometry", of=ConceptSet("spirometry", {4133840: "Spirometry"}, kinds=("measurement", "procedure"))
)
CHILDHOOD_TEST = Records(
    "childhood asthma control test",
    of=ConceptSet(
        "childhood asthma control test",
        exact={44811605: "Childhood Asthma Control Test"},
        kinds="measurement",  # †
    ),
    plausible=(0, 27),
    same_day="last",
)

# Findings used more than once -----------------------------------------------------------------------------------------

RELIEVERS = Count(RELIEVER, within=ONE_YEAR)
PREVENTERS = Count(PREVENTER, within=ONE_YEAR)
ATTACKS = Count(ATTACK, within=ONE_YEAR, apart=APART)
COURSES = Count(COURSE, within=ONE_YEAR, apart=14)  # spec 3.4, row 12
ADMISSIONS = Count(ADMITTED, within=ONE_YEAR, apart=APART)
RELIEVER_ONLY = Term(
    "relievers and no preventer in a year", All(Has(RELIEVER, within=ONE_YEAR), Not(Has(PREVENTER, within=ONE_YEAR)))
)
# Our own ladder (spec 3.4, row 17), the highest step of 90 days first.
STEP = Choice(
    (Has(BIOLOGIC, within=ONE_YEAR), "biologic"),
    (
        All(
            Has(COMBINED_INHALER, within=NINETY_DAYS),
            Any(
                Has(MONTELUKAST, within=NINETY_DAYS),
                Has(LAMA, within=NINETY_DAYS),
                Has(THEOPHYLLINE, within=NINETY_DAYS),
            ),
        ),
        "ICS-LABA and another",
    ),
    (Has(COMBINED_INHALER, within=NINETY_DAYS), "ICS-LABA"),
    (Has(STEROID_INHALER, within=NINETY_DAYS), "ICS"),
    (Has(RELIEVER, within=NINETY_DAYS), "reliever only"),
    otherwise="none",
)
# The steps of GINA that Noble's score asks for, from the same ladder: which step is which is our reading.
GINA_STEP = Choice(
    (Not(Has(ANY_ASTHMA_MEDICINE, within=NINETY_DAYS)), "no therapy"),
    (
        Not(
            Any(
                Has(COMBINED_INHALER, within=NINETY_DAYS),
                Has(LAMA, within=NINETY_DAYS),
                Has(THEOPHYLLINE, within=NINETY_DAYS),
                Has(BIOLOGIC, within=NINETY_DAYS),
            )
        ),
        "1 or 2",
    ),
    (
        Not(
            Any(
                Has(MONTELUKAST, within=NINETY_DAYS),
                Has(LAMA, within=NINETY_DAYS),
                Has(THEOPHYLLINE, within=NINETY_DAYS),
                Has(BIOLOGIC, within=NINETY_DAYS),
            )
        ),
        "3",
    ),
    otherwise="4 or 5",
)
LAST_BMI = Latest(BMI, within=FIVE_YEARS)
RAISED_EOSINOPHILS = All(Has(EOSINOPHILS, within=FIVE_YEARS), Highest(EOSINOPHILS, within=FIVE_YEARS).above(0.4))

# Predictors (windows, units and ranges: spec 3.4). Only attacks, steroid courses and relievers surely go with more
# risk. --

ATTACKS_BRING_ATTACKS = "who has had attacks has more of them: the strongest predictor in every study (spec 3.4, row 7)"
AGE = Predictor("age", Age(), "age", "years", (5, 115), plain="your age")
BOTH = (
    Predictor("sex", Person("sex"), "sex", plain="sex"),
    Predictor(
        "attacks_12m",
        ATTACKS,
        "asthma attacks in 12 months",
        "attacks",
        (0, 30),
        "up",
        strong_because=ATTACKS_BRING_ATTACKS,
        plain="asthma attacks in the last year",
    ),
    Predictor(
        "attacks_2_5y",
        Count(ATTACK, from_day=-1826, until_day=-365, apart=APART),
        "asthma attacks 1 to 5 years ago",
        "attacks",
        (0, 60),
        "up",
        plain="asthma attacks in the 4 years before that",
    ),
    Predictor(
        "admissions_12m",
        ADMISSIONS,
        "stays in hospital with asthma in 12 months",
        "stays",
        (0, 30),
        "up",
        plain="stays in hospital with asthma in the last year",
    ),
    Predictor(
        "emergencies_12m",
        Count(IN_EMERGENCY, within=ONE_YEAR, apart=APART),
        "emergency visits with asthma in 12 months",
        "visits",
        (0, 30),
        "up",
        plain="emergency visits with asthma in the last year",
    ),
    Predictor(
        "attack_days_since",
        Since(ATTACK),
        "time since the last asthma attack",
        "days",
        (0, 36500),
        strong_because=ATTACKS_BRING_ATTACKS,
        plain="your last asthma attack",
    ),
    Predictor(
        "steroid_courses_12m",
        COURSES,
        "courses of steroid tablets in 12 months",
        "courses",
        (0, 30),
        "up",
        plain="courses of steroid tablets in the last year",
    ),
    Predictor(
        "relievers_12m",
        RELIEVERS,
        "reliever prescriptions in 12 months",
        "prescriptions",
        (0, 60),
        "up",
        changeable=True,
        plain="prescriptions of your reliever inhaler in the last year",
    ),
    Predictor(
        "preventers_12m",
        PREVENTERS,
        "preventer prescriptions in 12 months",
        "prescriptions",
        (0, 40),
        changeable=True,
        plain="prescriptions of your preventer inhaler in the last year",
    ),
    Predictor(
        "reliever_only",
        RELIEVER_ONLY,
        "relievers and no preventer in a year",
        changeable=True,
        plain="a reliever inhaler without a preventer",
    ),
    Predictor(
        "preventer_share",
        Ratio(PREVENTERS, Count(INHALER, within=ONE_YEAR)),
        "preventers as a share of inhaler prescriptions",
        "",
        (0, 1),
        changeable=True,
        plain="how many of your inhalers are preventers",
    ),
    Predictor("step", STEP, "treatment step", plain="your kind of asthma treatment"),
    Predictor("montelukast", Has(MONTELUKAST, within=HALF_A_YEAR), "montelukast in 180 days", plain="montelukast"),
    Predictor(
        "review_12m",
        Has(REVIEW, within=ONE_YEAR),
        "asthma review in 12 months",
        changeable=True,
        plain="an asthma review in the last year",
    ),
    Predictor("severe_asthma", Has(SEVERE_ASTHMA), "severe asthma coded", direction="up", plain="severe asthma"),
    Predictor(
        "eosinophils_max",
        Highest(EOSINOPHILS, within=FIVE_YEARS),
        "highest eosinophils in 5 years",
        "10^9/L",
        (0, 10),
        plain="a blood count that shows allergy (eosinophils)",
    ),
    Predictor(
        "peak_flow_last",
        Latest(PEAK_FLOW, within=TWO_YEARS),
        "last peak flow",
        "L/min",
        (30, 900),
        plain="your last peak flow",
    ),
    Predictor(
        "peak_flow_of_best",
        Latest(PEAK_FLOW_OF_BEST, within=TWO_YEARS),
        "last peak flow as a share of the best",
        "%",
        (5, 150),
        plain="your last peak flow against your best",
    ),
    Predictor("spirometry", Has(SPIROMETRY, within=FIVE_YEARS), "spirometry in 5 years", plain="a breathing test"),
    Predictor("eczema", Has(ECZEMA), "eczema", plain="eczema"),
    Predictor("rhinitis", Has(RHINITIS), "allergic rhinitis", plain="hay fever or a runny nose from allergy"),
    Predictor("food_allergy", Has(FOOD_ALLERGY), "food allergy", plain="a food allergy"),
    Predictor("anaphylaxis", Has(ANAPHYLAXIS), "anaphylaxis", plain="a severe allergic reaction"),
    Predictor(
        "mood",
        Has(MOOD, within=FIVE_YEARS),
        "anxiety or depression in 5 years",
        plain="anxiety or depression in the last 5 years",
    ),
    Predictor(
        "chest_infections_12m",
        Count(CHEST_INFECTION, within=ONE_YEAR, apart=14),
        "chest infections in 12 months",
        "infections",
        (0, 30),
        plain="chest infections in the last year",
    ),
    Predictor(
        "antibiotics_12m",
        Count(ANTIBIOTIC, within=ONE_YEAR),
        "antibiotics for the chest in 12 months",
        "prescriptions",
        (0, 40),
        plain="antibiotics in the last year",
    ),
    Predictor(
        "respiratory_failure",
        Has(RESPIRATORY_FAILURE),
        "respiratory failure ever",
        plain="a time when you needed help to breathe",
    ),
    Predictor("month", Calendar("month"), "month of the year", "", (1, 12), plain="the time of year"),
    Predictor(
        "contacts",
        Count(CONTACT, within=ONE_YEAR, apart=1),
        "days with an outpatient or practice visit in a year",
        "days",
        (0, 200),
        plain="visits in the last year",
    ),
)
ADULTS_ONLY = (
    Predictor("smoking", SMOKING_STATUS, "smoking", changeable=True, plain="smoking"),
    Predictor(
        "bmi_last",
        LAST_BMI,
        "last BMI",
        "kg/m2",
        (10, 80),
        changeable=True,
        plain="your last body mass index (weight for height)",
    ),
    Predictor("lama", Has(LAMA, within=HALF_A_YEAR), "LAMA inhaler in 180 days", plain="a LAMA inhaler"),
    Predictor("theophylline", Has(THEOPHYLLINE, within=HALF_A_YEAR), "theophylline in 180 days", plain="theophylline"),
    Predictor(
        "fev1_fvc_last", Latest(FEV1_FVC, within=THREE_YEARS), "last FEV1/FVC", "%", (10, 100), plain="a breathing test"
    ),
    Predictor("nose", Has(NOSE), "nasal polyps or chronic sinusitis", plain="polyps in the nose or blocked sinuses"),
    Predictor("reflux", Has(REFLUX, within=FIVE_YEARS), "acid reflux in 5 years", plain="acid reflux (heartburn)"),
    Predictor("copd", Has(COPD), "COPD or bronchiectasis", plain="another long-term lung disease (COPD)"),
    Predictor("sleep_apnoea", Has(SLEEP_APNOEA), "obstructive sleep apnoea", plain="pauses of breath in sleep"),
    Predictor("obesity", Has(OBESITY, within=FIVE_YEARS), "obesity coded in 5 years", plain="obesity"),
    Predictor(
        "diabetes_or_heart",
        Any(Has(DIABETES), Has(HEART_DISEASE)),
        "diabetes or ischaemic heart disease",
        plain="diabetes or heart disease",
    ),
    Predictor("paracetamol", Has(PARACETAMOL, within=ONE_YEAR), "paracetamol in 12 months", plain="paracetamol"),
    Predictor("nsaid", Has(NSAID, within=ONE_YEAR), "NSAID in 12 months", plain="anti-inflammatory painkillers"),
)
CHILDREN_ONLY = (
    Predictor(
        "since_september",
        Calendar("weeks since September"),
        "weeks since 1 September",
        "weeks",
        (0, 53),
        plain="the time since the start of the school year",
    ),
    Predictor("wheeze", Has(WHEEZE), "wheeze or bronchiolitis ever", plain="wheeze or bronchiolitis when small"),
    Predictor(
        "childhood_test_last",
        Latest(CHILDHOOD_TEST, within=ONE_YEAR),
        "last childhood asthma control test",
        "points",
        (0, 27),
        plain="your last asthma control test",
    ),
)

# Rules (spec 3.1; urgency is NG245's where it says so, else ours) -----------------------------------------------------

HAS_ASTHMA = Has(ASTHMA)
TREATED = Has(ANY_ASTHMA_MEDICINE, within=ONE_YEAR)
RULES = (
    Rule(
        name="attack_not_reviewed",
        when=All(Has(ATTACK, within=TWO_WEEKS), Not(Has(REVIEW, within=TWO_WEEKS))),
        action="An asthma attack in the last 14 days and no review since: review within 2 working days of the attack."
        " Check inhaler, written plan, preventer.",
        guideline="NG245 (NICE, BTS, SIGN 2024)",
        urgency="urgent",
        plain="a review of your asthma after your attack, in the next days",
    ),
    Rule(
        name="near_fatal",
        when=All(HAS_ASTHMA, Has(RESPIRATORY_FAILURE)),
        action="Respiratory failure is recorded in somebody with asthma: a past near-fatal attack is possible."
        " Specialist"
        " care; review now.",
        guideline="BTS/SIGN, NRAD",  # [2]
        urgency="soon",
        plain="a review of your asthma with a specialist",
    ),
    Rule(
        name="beta_blocker",
        when=All(HAS_ASTHMA, TREATED, Has(BETA_BLOCKER, within=NINETY_DAYS)),
        action="A beta blocker was prescribed in the last 90 days to somebody with treated asthma: review today"
        " whether it"
        " is safe.",
        guideline="BTS/SIGN, BNF",  # [2]
        urgency="urgent",
        plain="a check whether one of your medicines suits your asthma",
    ),
    Rule(
        name="twelve_relievers",
        when=All(HAS_ASTHMA, RELIEVERS.at_least(12)),
        action="12 reliever prescriptions or more in 12 months: urgent review. Check preventer, technique,"
        " written plan.",
        guideline="NRAD; BTS/SIGN",  # [2]
        urgency="soon",
        plain="a review of your asthma, as you need your reliever often",
    ),
    Rule(
        name="reliever_only",
        when=All(HAS_ASTHMA, RELIEVER_ONLY),
        action="Relievers and no preventer in 12 months: no treatment with a SABA alone. Consider AIR or MART from 12"
        " years.",
        guideline="NG245 (NICE, BTS, SIGN 2024)",
        urgency="soon",
        plain="a preventer inhaler beside your reliever",
    ),
    Rule(
        name="food_allergy",
        when=All(HAS_ASTHMA, Has(FOOD_ALLERGY), Has(ATTACK, within=ONE_YEAR)),
        action="Food allergy and an asthma attack in 12 months: risk of fatal anaphylaxis. Check adrenaline, plan,"
        " preventer.",
        guideline="BTS/SIGN, NRAD",  # [2]
        urgency="soon",
        plain="a check of your asthma and your allergy plan",
    ),
    Rule(
        name="two_courses",
        when=All(HAS_ASTHMA, COURSES.at_least(2)),
        action="Two courses of steroid tablets or more in 12 months: refer, if not under a specialist.",
        guideline="BTS/SIGN",  # [2]
        urgency="soon",
        plain="an appointment with an asthma specialist",
    ),
    Rule(
        name="preschool_wheeze",
        when=All(Age().below(5), Count(WHEEZE, within=ONE_YEAR, apart=APART).at_least(2)),
        action="Under 5 with two attacks of wheeze or more in 12 months: review. There is no score at this age.",
        guideline="NG245 (NICE, BTS, SIGN 2024)",  # the count: spec 3.1
        urgency="routine",
        plain="a review of your child's wheeze",
    ),
    Rule(
        name="few_preventers",
        when=All(HAS_ASTHMA, PREVENTERS.at_least(1), PREVENTERS.below(4)),
        action="Fewer than 4 preventer prescriptions in 12 months: ask about use, technique, cost and beliefs.",
        guideline="NG245 (NICE, BTS, SIGN 2024)",  # the number: North West London (Levy 2021)
        urgency="routine",
        source="gap",
        plain="a talk about how you get on with your preventer inhaler",
    ),
    Rule(
        name="review_due",
        when=All(HAS_ASTHMA, TREATED, Not(Has(REVIEW, within=ONE_YEAR))),
        action="No asthma review in 12 months: book the annual review.",
        guideline="NG245 (NICE, BTS, SIGN 2024)",
        urgency="routine",
        source="gap",
        plain="your yearly asthma review",
    ),
)

# Who ------------------------------------------------------------------------------------------------------------------

KNOWN_A_YEAR = Criterion(
    Observed().at_least(365),  # spec 3.2
    "Registered for less than a year, or not on that day: too little is known.",
    code="registered_under_a_year",
    plain="your practice has known you for less than a year, which is too short to tell",
)
WITH_ASTHMA = (
    Criterion(
        HAS_ASTHMA,
        "No asthma is recorded.",
        code="no_asthma",
        plain="your records do not show asthma",
    ),
    # QOF counts as active who is treated (spec 3.2). No code of resolved asthma is verified.
    Criterion(
        TREATED,
        "No medicine for asthma in the last 12 months: the asthma may be over.",
        code="untreated",
        plain="you have had no medicine for asthma in the last year",
    ),
    Criterion(
        Not(Has(ATTACK, within=TWO_WEEKS)),  # spec 3.2: not inside an attack
        "An attack in the last 14 days: to be reviewed now; ask for the risk again when 14 days have passed.",
        code="in_an_attack",
        plain="you had an asthma attack in the last 2 weeks, and a review of it comes first",
    ),
)
FIVE_AND_OVER = Criterion(
    Age().at_least(5),
    "Under 5: there is no asthma score at this age.",
    code="under_5",
    plain="it is made from 5 years on",
)
GROWN = Criterion(
    Age().at_least(18),
    "Under 18: there is a prediction of its own for children.",
    code="under_18",
    plain="it is made for adults",
)
NOT_GROWN = Criterion(
    Age().below(18),
    "18 or over: there is a prediction of its own for adults.",
    code="adult",
    plain="it is made for children",
)
CAUTIONS = (
    "Not for people receiving palliative care, nor with cystic fibrosis: the records cannot tell us, so the"
    " clinician must.",
    "Emergency visits are often not coded as asthma, and a stay in which asthma is coded may have had another reason.",
    "Biologics are mostly supplied by hospitals and not seen.",
    "Prescriptions are not puffs: an inhaler that was prescribed may not have been collected or used.",
)

# What it must beat ----------------------------------------------------------------------------------------------------

NOBLE = Comparator(
    "Noble 2021",
    noble_asthma,
    inputs={
        "age": Age(),
        "bmi": LAST_BMI,
        "smoking": SMOKING_STATUS,
        "eosinophils_raised": RAISED_EOSINOPHILS,
        "rhinitis": Has(RHINITIS),
        "diabetes": Has(DIABETES),
        "heart_disease": Has(HEART_DISEASE),
        "anxiety_depression": Has(MOOD, within=FIVE_YEARS),
        "anaphylaxis": Has(ANAPHYLAXIS),
        "step": GINA_STEP,
        "chest_infections": Count(CHEST_INFECTION, within=ONE_YEAR, apart=14),
        "steroid_courses": COURSES,
        "paracetamol": Has(PARACETAMOL, within=ONE_YEAR),
        "admissions": ADMISSIONS,
    },
    unit=PROBABILITY,
    horizon=365,
    source="Noble 2021, table 2; which treatment is which GINA step is our reading, eosinophils not counted are"
    " not raised",
)
PREVIOUS_ATTACKS = Comparator(
    "Attacks in the last year",
    ATTACKS,
    unit="attacks",
    source="the best single variable",
    why_not="conditions, medicines or visits are not known completely",
)
TODAY = Comparator(
    "The rule today",
    Any(ATTACKS.at_least(1), RELIEVERS.at_least(6), PREVENTERS.below(4)),
    unit="1 if an attack, 6 relievers or fewer than 4 preventers in 12 months",
    source="spec 3.1",
    why_not="conditions, medicines or visits are not known completely",
)
TURNER = Comparator(
    "Turner 2018",
    turner_asthma,
    inputs={"age": Age(), "attacks": ATTACKS},
    unit="odds ratio by the attacks of the year before, 5 to 12 years",
    source="Turner 2018 (spec 3.6); its outcome is any attack",
)
# The cuts are ours, in the neighbourhood of Noble's top 7% (6.0% against 1.1%) and of spec 3.1's 10%.
HOSPITAL_BANDS = (
    Band(0.0, name="Low", action="Annual review.", owner="practice asthma nurse"),
    Band(
        0.015,
        name="Medium",
        action="Bring the annual review forward; text an inhaler check.",
        owner="practice asthma nurse",
        plain="your asthma review earlier than usual",
    ),
    Band(
        0.03,
        name="High",
        action="Book within 2 weeks. Check preventer pick-up, technique, triggers, smoking, mood; update the plan.",
        owner="practice asthma nurse, PCN pharmacist",
        plain="a review of your asthma in the next 2 weeks",
        urgency="soon",
    ),
    Band(
        0.10,
        name="Very high",
        action="Book this week. Full review; consider AIR or MART; refer with 2 courses of steroid tablets or"
        " more in 12"
        " months, or on high dose.",
        owner="practice asthma nurse, asthma specialist",
        plain="a full review of your asthma this week",
        urgency="soon",
    ),
)

ADULTS = Prediction(
    name="adults",
    question="Which adults with asthma will have an attack in hospital in the next year?",
    # Each person on a random day of each calendar year: a date that nobody chose (spec 0.1).
    index=Every("year", on="random day"),
    population=All(GROWN, KNOWN_A_YEAR, *WITH_ASTHMA),
    outcome=Happens(HOSPITAL_ATTACK),  # A1 of spec 3.3; death competes
    outcome_wording="an asthma attack in hospital: an emergency visit or a stay with asthma coded in it",
    outcome_plain="go to hospital with an asthma attack",
    horizons=(90, 365),  # spec 3.2
    primary=365,
    look_back=None,
    predictors=(AGE, *BOTH, *ADULTS_ONLY),
    comparator=(NOBLE, PREVIOUS_ATTACKS, TODAY),
    rules=RULES,
    bands=HOSPITAL_BANDS,
    cautions=CAUTIONS,
)
CHILDREN = Prediction(
    name="children",
    question="Which children of 5 to 17 with asthma will have an attack in hospital in the next year?",
    index=Every("year", on="random day"),
    population=All(FIVE_AND_OVER, NOT_GROWN, KNOWN_A_YEAR, *WITH_ASTHMA),
    outcome=Happens(HOSPITAL_ATTACK),
    outcome_wording="an asthma attack in hospital: an emergency visit or a stay with asthma coded in it",
    outcome_plain="go to hospital with an asthma attack",
    horizons=(90, 365),
    primary=365,
    look_back=None,
    predictors=(AGE, *BOTH, *CHILDREN_ONLY),
    comparator=(TURNER, PREVIOUS_ATTACKS, TODAY),
    rules=RULES,
    bands=tuple(
        replace(
            band,
            action=f"{band.action} Plan for school, spacer, smoke and damp at home; late August: preventer"
            " before term; safeguarding if appointments are missed again and again.",
        )
        if band.at_least >= 0.03
        else band
        for band in HOSPITAL_BANDS
    ),
    cautions=CAUTIONS,
)
ANY_ATTACK = Prediction(
    name="any_attack",
    question="Who, of 5 years and over with asthma, will have any attack in the next year?",
    index=Every("year", on="random day"),
    population=All(FIVE_AND_OVER, KNOWN_A_YEAR, *WITH_ASTHMA),
    outcome=Happens(ATTACK),  # A2 of spec 3.3
    outcome_wording="an asthma attack: in hospital, coded, or steroid tablets within 7 days of a code of asthma"
    " or a chest"
    " infection",
    outcome_plain="have an asthma attack",
    horizons=(90, 365),
    primary=365,
    look_back=None,
    predictors=(AGE, *BOTH, *ADULTS_ONLY, *CHILDREN_ONLY),
    comparator=(PREVIOUS_ATTACKS, TODAY, TURNER),
    rules=RULES,
    # Ours: around 14% of children of 5 to 12 have one in a year (spec 3.6).
    bands=(
        Band(0.0, name="Low", action="Annual review.", owner="practice asthma nurse"),
        Band(
            0.15,
            name="Medium",
            action="Bring the annual review forward; text an inhaler check.",
            owner="practice asthma nurse",
            plain="your asthma review earlier than usual",
        ),
        Band(
            0.40,
            name="High",
            action="Book within 2 weeks. Check preventer pick-up, technique, triggers, smoking, mood; update the plan.",
            owner="practice asthma nurse, PCN pharmacist",
            plain="a review of your asthma in the next 2 weeks",
            urgency="soon",
        ),
    ),
    cautions=CAUTIONS,
)
TWO_ATTACKS = Prediction(
    name="two_attacks",
    question="Who, of 5 years and over with asthma, will have two attacks or more in the next year?",
    index=Every("year", on="random day"),
    population=All(FIVE_AND_OVER, KNOWN_A_YEAR, *WITH_ASTHMA),
    outcome=Happens(Has(ATTACK, apart=APART), nth=2),  # A3 of spec 3.3
    outcome_wording="a second asthma attack, 15 days or more after the first",
    outcome_plain="have two asthma attacks or more",
    horizons=(365,),
    primary=365,
    look_back=None,
    predictors=(AGE, *BOTH, *ADULTS_ONLY, *CHILDREN_ONLY),
    comparator=(PREVIOUS_ATTACKS, TODAY),
    rules=RULES,
    bands=(  # ours
        Band(0.0, name="Low", action="Annual review.", owner="practice asthma nurse"),
        Band(
            0.10,
            name="High",
            action="Book within 2 weeks; consider referral to a specialist.",
            owner="practice asthma nurse, PCN pharmacist",
            plain="a review of your asthma in the next 2 weeks",
            urgency="soon",
        ),
    ),
    cautions=CAUTIONS,
)

PATHWAY = Pathway(
    title="Asthma attack",
    about="Asthma attacks before they happen: whom the asthma nurse reviews first, who lives on relievers alone, whose"
    " attack was never reviewed.",
    predictions=(ADULTS, CHILDREN, ANY_ATTACK, TWO_ATTACKS),
)
