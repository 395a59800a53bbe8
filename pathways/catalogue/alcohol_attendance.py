"""Alcohol: who will come to the emergency department because of it in the next year?

Few people make most of these attendances, and one in three to one in ten of them is coded. The practice's alcohol lead
asks whom to offer an assessment and support before the next crisis; a hospital's alcohol care team, who needs a plan of
their own. Never to keep anybody from coming.

Read `ATTENDANCE`, `AT_RISK` and `FIRST` at the end first: they are the protocols. Read all three together: the first
mostly tells people who never drank from those known for it, the other two do not (spec 2.5).

Every number stands beside its source. "spec" is the clinical specification (research/clinical_b.md) with its section;
CG115 and CG100 are NICE guidelines on alcohol dependence and on its physical harm, PH24 on prevention. A dagger (†)
marks a concept of which only a name was seen in a UK mapping, not that it is standard. A clinical safety officer checks
every threshold against the live guideline before use.

Left out, as no concept or column of it is verified or read: time of day, arrival by ambulance, leaving before being
seen, missed appointments, homelessness and employment (spec 2.3, rows 8 to 10, 46, 47, 49); albumin and bilirubin,
whose concepts are of mass where UK laboratories report volume and moles; "alcohol intake" without a period (4052351).
4042860 "Finding relating to alcohol drinking behavior" holds abstinence too, so it is no sign of a problem. Ethnicity
and deprivation are what we compare by, not predictors.
"""

from pathways import concept_sets as shared
from pathways.language import (
    Age,
    All,
    Any,
    At,
    Band,
    Comparator,
    ConceptSet,
    Count,
    Criterion,
    Either,
    Every,
    Happens,
    Has,
    Latest,
    Not,
    Observed,
    Pathway,
    Person,
    Prediction,
    Predictor,
    Records,
    Rule,
    Setting,
    Since,
    Slope,
    Unit,
    days,
)
from pathways.published import alcohol_rule
from pathways.streams import SMOKING_STATUS

TWO_WEEKS = days(14)
ONE_YEAR = days(365)
TWO_YEARS = days(730)
FIVE_YEARS = days(1826)

# Attendances ----------------------------------------------------------------------------------------------------------

CAUSED_BY_ALCOHOL = ConceptSet(
    "caused by alcohol alone",
    {
        36714559: "Disorder caused by alcohol",
        435140: "Toxic effect of alcohol",
        40484946: "High alcohol level in blood",
        # also seen, all below the first two (spec 2.2): for sources without CONCEPT_ANCESTOR
        436585: "Toxic effect of ethyl alcohol",
        4104431: "Alcohol intoxication",
        607208: "Acute alcohol intoxication",
        375519: "Alcohol withdrawal",
        377830: "Alcohol withdrawal delirium",
        4202330: "Alcohol withdrawal-induced convulsion",
        435983: "Accidental poisoning with ethyl alcohol",
        37208159: "Intentional poisoning by ethyl alcohol",
        195300: "Alcoholic gastritis",
        196463: "Alcoholic cirrhosis",
        4340383: "Alcoholic hepatitis",
        4340493: "Alcohol-induced acute pancreatitis",
        435243: "Alcohol dependence",
        4218106: "Alcoholism",
        433753: "Alcohol abuse",
    },
    exclude={
        43530900: "Fetal Alcohol Spectrum Disorder",
        4004785: "Fetal alcohol syndrome",
        439005: "Chronic alcoholism in remission",
        441276: "Nondependent alcohol abuse in remission",
    },
    kinds=("condition", "observation"),
)
EMERGENCY = Records("emergency attendance", of=(shared.EMERGENCY_VISIT, shared.EMERGENCY_ADMISSION))
STAY = Records("hospital stay", of=(shared.INPATIENT_VISIT, shared.EMERGENCY_ADMISSION))
ALCOHOL = Records("caused by alcohol", of=CAUSED_BY_ALCOHOL)
# Spec 2.2: linked by the visit or, without a link, within its dates; an attendance is dated by its first day.
ATTENDED = At(ALCOHOL, EMERGENCY)
ADMITTED = At(ALCOHOL, STAY)
IN_HOSPITAL = Either(ATTENDED, ADMITTED, name="in hospital because of alcohol")

# What is asked and recorded -------------------------------------------------------------------------------------------

AUDIT_C = Records(
    "AUDIT-C",
    of=ConceptSet(
        "AUDIT-C",
        exact={
            44792141: "Alcohol use disorder identification test consumption questionnaire",
            46234680: "Alcohol Use Disorder Identification Test - Consumption [AUDIT-C]",
            46235357: "Total score [AUDIT-C]",
        },
        kinds=("measurement", "observation"),
    ),
    plausible=(0, 12),
    same_day="last",
)
AUDIT = Records(
    "AUDIT",
    of=ConceptSet(
        "AUDIT",
        exact={
            4157230: "Alcohol use disorders identification test",
            40480971: "Alcohol use disorders identification test score",  # †
        },
        kinds=("measurement", "observation"),
    ),
    plausible=(0, 40),
    same_day="last",
)
UNITS = Records(
    "units of alcohol a week",
    of=ConceptSet("units a week", exact={35609491: "Alcohol units consumed per week"}, kinds="observation"),  # †
    plausible=(0, 300),
    same_day="last",
)
DEPENDENCE = Records(
    "alcohol dependence",
    of=ConceptSet(
        "alcohol dependence",
        {435243: "Alcohol dependence", 4218106: "Alcoholism"},
        exclude={439005: "Chronic alcoholism in remission"},
    ),
)
HARMFUL = Records(
    "hazardous or harmful drinking",
    of=ConceptSet(
        "hazardous or harmful drinking",
        {44788725: "Hazardous alcohol use", 44788726: "Harmful alcohol use", 433753: "Alcohol abuse"},
        exclude={441276: "Nondependent alcohol abuse in remission"},
        kinds=("condition", "observation"),
    ),
)
PAST = Records(
    "history of alcoholism",
    of=ConceptSet("history of alcoholism", {4058714: "H/O: alcoholism"}, kinds="observation"),
)
WITHDRAWAL = Records(
    "alcohol withdrawal",
    of=ConceptSet(
        "alcohol withdrawal",
        {
            375519: "Alcohol withdrawal",
            377830: "Alcohol withdrawal delirium",
            4202330: "Alcohol withdrawal-induced convulsion",
        },
    ),
)
SEVERE_WITHDRAWAL = Records(
    "delirium or convulsion in alcohol withdrawal",
    of=ConceptSet(
        "delirium or convulsion in withdrawal",
        {377830: "Alcohol withdrawal delirium", 4202330: "Alcohol withdrawal-induced convulsion"},
    ),
)
LIVER = Records(
    "alcoholic liver disease",
    of=ConceptSet(
        "alcoholic liver disease",
        {
            196463: "Alcoholic cirrhosis",
            4340383: "Alcoholic hepatitis",
            201612: "Alcoholic liver damage",
            201343: "Acute alcoholic liver disease",
        },
    ),
)
LIVER_FAILING = Records(
    "cirrhosis, varices or liver failure",
    of=ConceptSet(
        "cirrhosis, varices or liver failure",
        {4064161: "Cirrhosis of liver", 24966: "Esophageal varices", 4245975: "Hepatic failure"},
    ),
)
PANCREATITIS = Records(
    "alcoholic pancreatitis",
    of=ConceptSet(
        "alcoholic pancreatitis",
        {4340493: "Alcohol-induced acute pancreatitis", 4340964: "Alcohol-induced chronic pancreatitis"},
    ),
)
KNOWN_FOR_ALCOHOL = Either(
    ALCOHOL, HARMFUL, PAST, name="code of harm, hazard or dependence of alcohol"
)  # any alcohol code of spec 2.2, A2

# Care for it ----------------------------------------------------------------------------------------------------------

DETOXIFICATION = Records(
    "detoxification",
    of=ConceptSet(
        "detoxification",
        {37311131: "Alcohol detoxification", 4296409: "Substance use treatment: alcohol withdrawal"},
        kinds="procedure",
    ),
)
RELAPSE_PREVENTION = Records(
    "medicine that prevents relapse",
    of=ConceptSet(
        "relapse prevention",
        {19043959: "acamprosate", 1714319: "Naltrexone", 19014158: "nalmefene", 735850: "Disulfiram"},
        kinds="medication",
    ),
)
CHLORDIAZEPOXIDE = Records(
    "chlordiazepoxide", of=ConceptSet("chlordiazepoxide", {990678: "chlordiazepoxide"}, kinds="medication")
)
DIAZEPAM = Records("diazepam", of=ConceptSet("diazepam", {723013: "diazepam"}, kinds="medication"))
THIAMINE = Records("thiamine", of=ConceptSet("thiamine", {19137312: "thiamine"}, kinds="medication"))
ADVICE = Records(
    "brief intervention",
    of=ConceptSet(
        "brief intervention",
        {762588: "Alcohol brief intervention", 4211325: "Alcohol consumption counseling"},  # 762588 †
        kinds=("observation", "procedure"),
    ),
)
SERVICE = Records(
    "alcohol service",
    of=ConceptSet(
        "alcohol service",
        {
            4308372: "Referral to community alcohol team",  # †
            44805853: "Referral to alcohol misuse clinic",  # †
            4261832: "Alcohol rehabilitation",
        },
        kinds=("observation", "procedure"),
    ),
)

# Blood and other illness ----------------------------------------------------------------------------------------------

PER_LITRE = Unit(8645, "unit per liter", names=("[U]/L", "U/L", "IU/L", "[iU]/L"))
ALL_UNITS = (PER_LITRE, Unit(8923, "international unit per liter", names=("[iU]/L",)))


def _enzyme(name: str, concept_id: int, concept: str) -> Records:
    return Records(
        name,
        of=ConceptSet(name, exact={concept_id: concept}, kinds="measurement"),
        units=ALL_UNITS,
        plausible=(1, 5000),  # spec 2.3, rows 26 and 27
        same_day="highest",
    )


GGT = _enzyme("GGT", 3026910, "Gamma glutamyl transferase [Enzymatic activity/volume] in Serum or Plasma")
ALT = _enzyme("ALT", 3006923, "Alanine aminotransferase [Enzymatic activity/volume] in Serum or Plasma")
AST = _enzyme("AST", 3013721, "Aspartate aminotransferase [Enzymatic activity/volume] in Serum or Plasma")
MCV = Records(
    "mean cell volume",
    of=ConceptSet(
        "mean cell volume",
        exact={
            3023599: "MCV [Entitic volume] by Automated count",
            3024731: "MCV [Entitic volume]",
            37393851: "MCV - Mean corpuscular volume",
        },
        kinds="measurement",
    ),
    units=Unit(8583, "femtoliter", names=("fL",)),
    plausible=(50, 150),
    same_day="last",
)
PLATELETS = Records(
    "platelets",
    of=ConceptSet(
        "platelets",
        exact={
            3024929: "Platelets [#/volume] in Blood by Automated count",
            3007461: "Platelets [#/volume] in Blood",
        },
        kinds="measurement",
    ),
    units=Unit(9444, "billion per liter", names=("10*9/L", "10^9/L")),
    plausible=(1, 2000),
    same_day="lowest",
)
BLOOD_ALCOHOL = Records(
    "blood alcohol test",
    of=ConceptSet(
        "blood alcohol test",
        exact={4326820: "Ethanol measurement", 4269350: "Alcohol measurement"},
        kinds="measurement",
    ),
)
BLEED = Records("bleeding of the gut", of=ConceptSet("bleeding of the gut", {192671: "Gastrointestinal hemorrhage"}))
DEPRESSION = Records("depression", of=shared.DEPRESSION)
ANXIETY = Records(
    "anxiety or post-traumatic stress",
    of=(shared.ANXIETY, ConceptSet("post-traumatic stress", {436676: "Posttraumatic stress disorder"})),
)
MENTAL_ILLNESS = Records("severe mental illness", of=shared.SEVERE_MENTAL_ILLNESS)
SELF_HARM = Records(
    "self-harm",
    of=ConceptSet(
        "self-harm",
        {
            444362: "Suicidal deliberate poisoning",
            4219484: "Suicide attempt",
            4152408: "H/O: deliberate self harm",
        },
        kinds=("condition", "observation"),
    ),
)
DRUGS = Records(
    "misuse of drugs",
    of=ConceptSet(
        "misuse of drugs",
        {4279309: "Substance abuse", 438130: "Opioid abuse", 4323639: "Cannabis misuse"},  # the last †
        # Alcohol abuse lies below substance abuse, and is a predictor of its own.
        exclude={433753: "Alcohol abuse"},
    ),
)
OVERDOSE = Records("drug overdose", of=ConceptSet("drug overdose", {4208104: "Drug overdose"}))
INJURY = Records(
    "head injury or fall", of=ConceptSet("head injury or fall", {375415: "Injury of head", 436583: "Fall"})
)
SEIZURE = Records("seizure or epilepsy", of=ConceptSet("seizure", {377091: "Seizure", 380378: "Epilepsy"}))
ABUSE = Records(
    "abuse by a partner", of=ConceptSet("abuse by a partner", {45768458: "Victim of intimate partner abuse"})
)

# Predictors (windows, units and ranges: spec 2.3) ---------------------------------------------------------------------

ATTENDANCES = Count(ATTENDED, within=ONE_YEAR)
EMERGENCIES = Count(EMERGENCY, within=ONE_YEAR)
LAST_AUDIT_C = Latest(AUDIT_C, within=FIVE_YEARS)
LAST_AUDIT = Latest(AUDIT, within=FIVE_YEARS)
LAST_UNITS = Latest(UNITS, within=FIVE_YEARS)

PREDICTORS = (
    Predictor("age", Age(), "age", "years", (18, 100), plain="your age"),
    Predictor("sex", Person("sex"), "sex", plain="sex"),
    Predictor(
        "attendances",
        ATTENDANCES,
        "emergency attendances because of alcohol in a year",
        "attendances",
        (0, 200),
        "up",
        strong_because="few people make most of them: last year's count alone ranks the known (spec 2.4)",
        plain="visits because of alcohol in the last year",
    ),
    Predictor(
        "attendances_before",
        Count(ATTENDED, within=FIVE_YEARS),
        "emergency attendances because of alcohol in 5 years",
        "attendances",
        (0, 700),
        "up",
        plain="visits because of alcohol in the last 5 years",
    ),
    Predictor(
        "days_since",
        Since(ATTENDED),
        "time since the last attendance because of alcohol",
        "days",
        (0, 20000),
        plain="the last visit because of alcohol",
    ),
    Predictor(
        "admissions",
        Count(ADMITTED, within=ONE_YEAR),
        "hospital stays because of alcohol in a year",
        "stays",
        (0, 100),
        plain="hospital stays because of alcohol",
    ),
    Predictor(
        "emergencies", EMERGENCIES, "emergency attendances in a year", "attendances", (0, 300), plain="emergency visits"
    ),
    Predictor(
        "audit_c",
        LAST_AUDIT_C,
        "last AUDIT-C of 5 years",
        "points",
        (0, 12),
        changeable=True,
        plain="your answers about drinking",
    ),
    Predictor(
        "audit",
        LAST_AUDIT,
        "last AUDIT of 5 years",
        "points",
        (0, 40),
        changeable=True,
        plain="your answers about drinking",
    ),
    Predictor(
        "units",
        LAST_UNITS,
        "units of alcohol a week, last told in 5 years",
        "units",
        (0, 300),
        changeable=True,
        plain="how much you told us that you drink",
    ),
    Predictor(
        "units_slope",
        Slope(UNITS, within=FIVE_YEARS, at_least_records=2, span=30),
        "change of weekly units per year",
        "units",
        (-200, 200),
        plain="how your drinking has changed",
    ),
    Predictor("dependence", Has(DEPENDENCE), "alcohol dependence", plain="alcohol dependence"),
    Predictor("harmful", Has(HARMFUL), "hazardous or harmful drinking", plain="harmful drinking"),
    Predictor("past", Has(PAST), "history of alcoholism", plain="alcohol dependence in the past"),
    Predictor(
        "withdrawal", Has(WITHDRAWAL, within=FIVE_YEARS), "alcohol withdrawal in 5 years", plain="alcohol withdrawal"
    ),
    Predictor(
        "detoxifications",
        Count(DETOXIFICATION, within=ONE_YEAR, apart=14),
        "detoxifications in a year",
        "",
        (0, 20),
        plain="detoxification in the last year",
    ),
    Predictor(
        "relapse_prevention",
        Has(RELAPSE_PREVENTION, within=ONE_YEAR),
        "medicine that prevents relapse in a year",
        plain="a medicine against drinking again",
    ),
    Predictor(
        "chlordiazepoxide", Has(CHLORDIAZEPOXIDE, within=ONE_YEAR), "chlordiazepoxide in a year", plain="your medicines"
    ),
    Predictor(
        "diazepam",
        Count(DIAZEPAM, within=ONE_YEAR),
        "diazepam prescriptions in a year",
        "",
        (0, 100),
        plain="your medicines",
    ),
    Predictor("thiamine", Has(THIAMINE, within=ONE_YEAR), "thiamine in a year", plain="your medicines"),
    Predictor(
        "advice_since", Since(ADVICE), "time since a brief intervention", "days", (0, 20000), plain="advice on drinking"
    ),
    Predictor(
        "service_since",
        Since(SERVICE),
        "time since a referral to an alcohol service",
        "days",
        (0, 20000),
        plain="contact with an alcohol service",
    ),
    Predictor("ggt", Latest(GGT, within=TWO_YEARS), "last GGT of 2 years", "U/L", (1, 5000), plain="a liver test"),
    Predictor("alt", Latest(ALT, within=TWO_YEARS), "last ALT of 2 years", "U/L", (1, 5000), plain="a liver test"),
    Predictor("ast", Latest(AST, within=TWO_YEARS), "last AST of 2 years", "U/L", (1, 5000), plain="a liver test"),
    Predictor(
        "mcv", Latest(MCV, within=TWO_YEARS), "last mean cell volume of 2 years", "fL", (50, 150), plain="a blood test"
    ),
    Predictor(
        "platelets",
        Latest(PLATELETS, within=TWO_YEARS),
        "last platelets of 2 years",
        "10^9/L",
        (1, 2000),
        plain="a blood test",
    ),
    Predictor(
        "blood_alcohol_tests",
        Count(BLOOD_ALCOHOL, within=TWO_YEARS),
        "blood alcohol tests in 2 years",
        "tests",
        (0, 50),
        plain="alcohol tests",
    ),
    Predictor("liver_disease", Has(LIVER), "alcoholic liver disease", plain="liver disease"),
    Predictor(
        "liver_failing", Has(LIVER_FAILING), "cirrhosis, varices or liver failure", plain="a seriously ill liver"
    ),
    Predictor("pancreatitis", Has(PANCREATITIS), "alcoholic pancreatitis", plain="an inflamed pancreas"),
    Predictor(
        "bleeds",
        Count(BLEED, within=TWO_YEARS, apart=14),
        "bleedings of the gut in 2 years",
        "",
        (0, 20),
        plain="bleeding of the gut",
    ),
    Predictor("depression", Has(DEPRESSION, within=TWO_YEARS), "depression in 2 years", plain="low mood"),
    Predictor(
        "anxiety", Has(ANXIETY, within=TWO_YEARS), "anxiety or post-traumatic stress in 2 years", plain="anxiety"
    ),
    Predictor("mental_illness", Has(MENTAL_ILLNESS), "severe mental illness", plain="a mental illness"),
    Predictor(
        "self_harm",
        Count(SELF_HARM, within=TWO_YEARS, apart=1),
        "self-harm in 2 years",
        "",
        (0, 100),
        plain="having harmed yourself",
    ),
    Predictor("drugs", Has(DRUGS, within=TWO_YEARS), "misuse of drugs in 2 years", plain="use of drugs"),
    Predictor(
        "overdoses",
        Count(OVERDOSE, within=TWO_YEARS, apart=1),
        "drug overdoses in 2 years",
        "",
        (0, 50),
        plain="an overdose",
    ),
    Predictor(
        "injuries",
        Count(INJURY, within=TWO_YEARS, apart=1),
        "head injuries and falls in 2 years",
        "",
        (0, 50),
        plain="injuries",
    ),
    Predictor("seizure", Has(SEIZURE, within=TWO_YEARS), "seizure or epilepsy in 2 years", plain="seizures"),
    Predictor("smoking", SMOKING_STATUS, "smoking", changeable=True, plain="smoking"),
    Predictor("partner_abuse", Has(ABUSE), "abuse by a partner", restricted=True),
    Predictor("observed", Observed(), "days observed", "days", (0, 36500), plain="how long we have known you"),
)

# Rules ----------------------------------------------------------------------------------------------------------------

ADULT = Age().at_least(18)
RULES = (
    Rule(
        name="withdrawal_emergency",
        when=All(ADULT, Has(SEVERE_WITHDRAWAL, within=TWO_WEEKS)),
        action="Delirium or a convulsion in alcohol withdrawal in the last 14 days: an emergency that comes back. If"
        " drinking has stopped or symptoms go on, hospital today; thiamine; never advise to stop suddenly.",
        guideline="NICE CG100",
        urgency="emergency",
        plain="a check today, as stopping alcohol suddenly can be dangerous for you",
    ),
    Rule(
        name="dependence_likely",
        # More than 15 units a day, told by the week, or AUDIT of 20 or more.
        when=All(ADULT, Any(LAST_AUDIT.at_least(20), LAST_UNITS.above(105))),
        action="More than 15 units a day or AUDIT of 20 or more: assess for assisted withdrawal in the community, or a"
        " specialist service if there is a concern for safety (above 30 units a day, consider inpatient care). Do not"
        " advise sudden cessation.",
        guideline="NICE CG115",
        urgency="soon",
        plain="help to drink less safely; please do not stop suddenly on your own",
    ),
    Rule(
        name="often_in_hospital",
        when=All(ADULT, ATTENDANCES.at_least(3)),  # spec 2.1
        action="3 emergency attendances because of alcohol or more in 12 months: a plan with the alcohol care team"
        " within 2 weeks: assertive outreach, assessment for assisted withdrawal, thiamine, housing, safeguarding.",
        guideline="NICE CG115, CG100",
        urgency="soon",
        plain="a plan made with you by the hospital's alcohol team",
    ),
    Rule(
        name="higher_risk_drinking",
        when=All(ADULT, LAST_AUDIT.at_least(16), LAST_AUDIT.below(20)),
        action="AUDIT of 16 to 19: extended brief intervention.",
        guideline="NICE PH24",
        urgency="routine",
        plain="a longer talk about drinking",
    ),
    Rule(
        name="audit_c_positive",
        when=All(ADULT, LAST_AUDIT_C.at_least(5), Not(Has(AUDIT, within=ONE_YEAR)), Not(Has(ADVICE, within=ONE_YEAR))),
        action="AUDIT-C of 5 or more and neither AUDIT nor advice in 12 months: complete AUDIT; 8 to 15 brief advice,"
        " 16 to 19 extended brief intervention, 20 or more assess for dependence.",
        guideline="NICE PH24",
        urgency="routine",
        source="gap",
        plain="a few more questions about drinking, and advice if you wish",
    ),
)

# Who ------------------------------------------------------------------------------------------------------------------

GROWN = Criterion(
    ADULT,
    "Under 18: young people need a model and a safeguarding route of their own.",
    code="under_18",
    plain="it is made for adults",
)
NOT_OVER_100 = Criterion(
    Age().at_most(100), "Over 100: too few people to tell.", code="over_100", plain="it is made up to 100 years"
)
KNOWN_A_YEAR = Criterion(
    Observed().at_least(365),  # spec 2.2
    "Registered for less than a year, or not on that day: too little is known.",
    code="registered_under_a_year",
    plain="your practice has known you for less than a year, which is too short to tell",
)
AT_SOME_RISK = Criterion(  # A2 of spec 2.2; an AUDIT-C that nobody asked names nobody as at risk
    Any(
        Has(KNOWN_FOR_ALCOHOL),
        All(Has(AUDIT_C, within=FIVE_YEARS), LAST_AUDIT_C.at_least(5)),
        Has(EMERGENCY, within=TWO_YEARS),
    ),
    "No code of alcohol, no AUDIT-C of 5 or more in 5 years and no emergency attendance in 2 years.",
    code="not_at_risk",
    plain="your records show neither a concern about drinking nor an emergency visit",
)
NONE_BEFORE = Criterion(
    Not(Has(ATTENDED, within=FIVE_YEARS)),
    "An emergency attendance because of alcohol in the last 5 years: the prediction of the next one is for these.",
    code="attended_before",
    plain="it is about a first visit",
)
TO_COMPARE = Setting(
    "to compare departments, places or groups of people",
    "10 to 45% of attendances because of alcohol are coded (an assumption of the specification), and more where people"
    " were labelled before: a place that codes well looks worse. `python -m training undercoded` shows what that does"
    " to the figures.",
    source="spec 2.2, 2.5; clinical_b.md 5.3",
)
CAUTIONS = (
    "Never to be used to keep somebody from the emergency department.",
    "What is counted is what was recognised and coded: 12 to 15% of adult attendances were because of alcohol where"
    " everybody was tested, and departments code a part of that. Never rank hospitals by it.",
    "Who was labelled before is coded more often; women and minority ethnic people are under-recorded.",
    "An uncontrolled study of assertive outreach saw attendances halve; a study of alcohol care teams with a control"
    " found no effect overall.",
)

# What it must beat ----------------------------------------------------------------------------------------------------

PREVIOUS = Comparator(
    "Attendances in the last year",
    ATTENDANCES,
    unit="attendances",
    source="the best single variable (R1 of spec 2.4, ranked by count)",
    why_not="conditions, observations or visits are not known completely",
)
ASKED = Comparator(
    "AUDIT-C",
    LAST_AUDIT_C,
    unit="points of 12",
    source="the last of 5 years (R2 of spec 2.4, ranked by score); of those who were asked alone",
    why_not="no AUDIT-C is recorded in 5 years",
)
TODAY = Comparator(
    "The rule today",
    alcohol_rule,
    inputs={
        "attended": Has(IN_HOSPITAL, within=ONE_YEAR),
        "frequent": EMERGENCIES.at_least(5),
        # AUDIT-C that nobody asked counts as negative for the rule (R2 of spec 2.4).
        "audit_c_8": Has(AUDIT_C, within=FIVE_YEARS, at_least=8),
    },
    unit="of 2",
    source="R4 of spec 2.4: 2 if in hospital because of alcohol in 12 months, 1 if 5 emergency attendances or AUDIT-C"
    " of 8, else 0; ours, from three rules in use",
)
BANDS = (  # spec 2.1, ours
    Band(
        0.0,
        name="Low",
        action="No list entry. AUDIT-C at the next routine contact or NHS Health Check if none in 5 years.",
        owner="practice",
    ),
    Band(
        0.005,
        name="Moderate",
        action="Invite to complete AUDIT-C; if 5 or more complete AUDIT. 8 to 15: brief advice; 16 to 19: extended"
        " brief intervention (PH24).",
        owner="practice alcohol lead",
        plain="a few questions about drinking",
    ),
    Band(
        0.02,
        name="High",
        action="Named clinician or alcohol worker calls within 4 weeks: AUDIT and dependence, mood and suicide risk,"
        " liver tests, offer of the community alcohol service. Do not advise sudden cessation in possible dependence.",
        owner="practice alcohol lead, community alcohol service",
        plain="a call from somebody who can help with drinking",
        urgency="soon",
    ),
    Band(
        0.10,
        name="Very high",
        action="Plan with the alcohol care team within 2 weeks: assertive outreach, assessment for assisted withdrawal"
        " (CG115), thiamine (CG100), housing, safeguarding. Add a shared care plan to the emergency record.",
        owner="hospital alcohol care team",
        plain="a plan made with you by the hospital's alcohol team",
        urgency="soon",
    ),
)
WORDING = "an emergency attendance with a code that names alcohol as its cause"
PLAIN = "go to the emergency department because of alcohol"

ATTENDANCE = Prediction(
    name="attendance",
    question="Which adults will come to the emergency department because of alcohol in the next year?",
    index=Every("month", on=1, draw="one a year"),  # spec 2.2: one month of each year at random
    population=All(GROWN, NOT_OVER_100, KNOWN_A_YEAR),
    outcome=Happens(ATTENDED),
    outcome_wording=WORDING,
    outcome_plain=PLAIN,
    horizons=(90, 365),
    primary=365,
    look_back=None,
    predictors=PREDICTORS,
    comparator=(PREVIOUS, ASKED, TODAY),
    rules=RULES,
    bands=BANDS,
    cautions=CAUTIONS,
    not_usable_in=(TO_COMPARE,),
)
AT_RISK = Prediction(
    name="at_risk",
    question="Of adults with a concern about alcohol or an emergency visit, who will come because of alcohol?",
    index=Every("month", on=1, draw="one a year"),
    population=All(GROWN, NOT_OVER_100, KNOWN_A_YEAR, AT_SOME_RISK),
    outcome=Happens(ATTENDED),
    outcome_wording=WORDING,
    outcome_plain=PLAIN,
    horizons=(90, 365),
    primary=365,
    look_back=None,
    predictors=PREDICTORS,
    comparator=(PREVIOUS, ASKED, TODAY),
    rules=RULES,
    bands=BANDS,
    cautions=CAUTIONS,
    not_usable_in=(TO_COMPARE,),
)
FIRST = Prediction(
    name="first",
    question="Which adults will come because of alcohol for the first time in 5 years?",
    index=Every("month", on=1, draw="one a year"),
    population=All(GROWN, NOT_OVER_100, KNOWN_A_YEAR, NONE_BEFORE),
    outcome=Happens(ATTENDED),
    outcome_wording=WORDING,
    outcome_plain=PLAIN,
    horizons=(365,),
    primary=365,
    look_back=None,
    predictors=tuple(
        each for each in PREDICTORS if each.name not in ("attendances", "attendances_before", "days_since")
    ),
    comparator=(
        Comparator(
            "Emergency attendances in the last year",
            EMERGENCIES,
            unit="attendances",
            source="the best single variable where nobody has attended because of alcohol",
            why_not="visits are not known completely",
        ),
        TODAY,
    ),
    rules=RULES,
    bands=BANDS,
    cautions=CAUTIONS,
    not_usable_in=(TO_COMPARE,),
)

PATHWAY = Pathway(
    title="Alcohol-related attendance",
    about="Support before the next crisis: who may come to the emergency department because of alcohol, and what to"
    " offer before.",
    predictions=(ATTENDANCE, AT_RISK, FIRST),
)
