"""Pre-school immunisation: which children will miss a vaccine, so that they are called early.

Reminders bring 8 more of 100 children to be immunised (Cochrane, 75 studies; spec b 4.1). The practice's immunisation
lead asks whom to telephone before the due date, and whom to visit; the child health information service, whose record
is incomplete. Nobody is taken off recall by a low risk or by a refusal (spec b 4.1).

Read `PRIMARY`, `MMR1`, `BOOSTER` and `RECALL_MMR1` at the end first: they are the protocols. What stands before them
says how each thing is read from a record. The schedule stands in `pathways/schedule.py`, vaccines in
`pathways/vaccines.py`.

Every number stands beside its source: "spec b" is the clinical specification (research/clinical_b.md) with its section;
COVER the national count of coverage; [K] a statement that the specification gives from domain knowledge and did not
read, [D] one that it chose. A dagger (†) marks a concept whose file did not show that it is standard. A clinical safety
officer checks every threshold against the live guidance before use.

Left out:
- Of mother, brothers and sisters: delays of a brother or sister (spec b 4.4 row 11: a delay is counted from one's own
  birth), parity, antenatal visits and vaccines of the mother, her alcohol (rows 13, 18, 20 to 22). Brothers and sisters
  are looked at together: with two older ones, one of whom has MMR, nobody is said to lack it.
- Household, addresses, registrations and practice (rows 12, 14, 15, 26, 27, 44, 45): no word looks at them.
- The slope of successive delays (row 5): the days from first to third dose stand for it. Preferred language (row 39):
  the record names a language, and any may be named; a booked interpreter stands for it.
- Traveller ethnicity (row 41) and ethnicity (24), deprivation (25): what we compare by, not predictors (spec b 0.4).
- The visit at 18 months (task I3, born from 2024-07-01): no word asks for a birth cohort, and no child reaches its
  milestone before 2026-07-01.
- "Booster or MMR 2 missing" as one outcome (task I4): an outcome asks for one dose, so there are two predictions.
"""

from __future__ import annotations

from pathways import concept_sets as shared
from pathways import family, schedule
from pathways.language import (
    BIRTH,
    BORN,
    Age,
    All,
    Any,
    AtAge,
    Band,
    Calendar,
    Comparator,
    Compare,
    ConceptSet,
    Count,
    Covered,
    Criterion,
    Difference,
    Dose,
    Has,
    Latest,
    Missing,
    Not,
    NotDone,
    Number,
    Observed,
    Of,
    Pathway,
    Person,
    Prediction,
    Predictor,
    Ratio,
    Records,
    Rule,
    Since,
    Span,
    Term,
    Unit,
    days,
    months,
    years,
)
from pathways.vaccines import (
    ALLERGY_TO_POLIO,
    ANAPHYLAXIS,
    ANY_VACCINE,
    BOOSTER,
    CONTACT,
    DECLINED,
    HIB_MENC,
    HOUSING,
    INTERPRETER,
    MEASLES,
    MENB,
    NOT_ATTENDED,
    PNEUMOCOCCAL,
    REFUGEE,
    ROTAVIRUS,
    SAME_DOSE,
    SIX_IN_ONE,
    doses,
)

SEVEN_WEEKS = days(49)  # spec b 4.3
HALF_A_YEAR = days(180)
ONE_YEAR = days(365)
TWO_YEARS = days(730)
GRACE = 0
"""Days after the birthday in which a dose still counts: none, as COVER counts doses by the birthday. 56 would ask for
the late instead of the missed (spec b 4.3)."""

# Valid doses (spec b 4.2, 4.3) ----------------------------------------------------------------------------------------

# COVER counts recorded doses and applies no test of the 28 days between them; doses less than 14 days apart are one
# entered twice. A dose entered on the day of birth is a slip of the keyboard and does not count.
THIRD_6_IN_1 = Dose(SIX_IN_ONE, 3, minimum_ages=(days(1),), interval=SAME_DOSE)
FIRST_6_IN_1 = Dose(SIX_IN_ONE, 1, minimum_ages=(days(1),))
# MMR 1 counts from 12 months on, MMR 2 from 15 months on and 28 days after the dose before it. NHS software asks 28
# days after the dose before it even if that one did not count; the language looks at valid ones alone.
FIRST_MMR = Dose(MEASLES, 1, minimum_ages=schedule.minimum_ages("MMR1"))
SECOND_MMR = Dose(MEASLES, 2, minimum_ages=schedule.minimum_ages("MMR1", "MMR2"), interval=28)
PRE_SCHOOL_BOOSTER = Dose(BOOSTER, 1, minimum_ages=(months(36),))  # [D], ref_b.milestones

# What else is looked for ----------------------------------------------------------------------------------------------

MISSED_APPOINTMENT = Records(
    "missed immunisation appointment",
    of=ConceptSet(
        "missed immunisation appointment",
        exact={4131384: "Did not attend DTP, Hib and polio vaccination"},  # †
        kinds="observation",
    ),
)
INVITATION = Records(
    "invitation to be vaccinated",
    of=ConceptSet(
        "invitation to be vaccinated",
        exact={  # both †
            44810373: "Pre-school booster immunisation invitation first letter",
            44802492: "Measles, mumps and rubella vaccination offered",
        },
        kinds="observation",
    ),
)
# Allergies are observations by domain and conditions in some records.
ALLERGY_TO_MMR = Records(
    "allergy to MMR vaccine",
    of=ConceptSet(
        "allergy to MMR vaccine",
        {4169017: "Allergy to measles and mumps and rubella vaccine"},
        kinds=("condition", "observation"),
    ),
)
REACTION = Records(
    "adverse reaction to a vaccine",
    of=ConceptSet(
        "adverse reaction to a vaccine", {443351: "Vaccine adverse reaction"}, kinds=("condition", "observation")
    ),
)
NO_LIVE_VACCINE = Records(
    "severe combined immunodeficiency or leukaemia",
    of=ConceptSet(
        "severe combined immunodeficiency or leukaemia",
        {29783: "Severe combined immunodeficiency disease", 317510: "Leukemia"},
    ),
)
PRETERM = Records(
    "preterm birth",
    of=ConceptSet("preterm birth", {36675035: "Prematurity of infant", 4272248: "Premature birth of newborn"}),
)
COMPLEX = Records(
    "heart disease from birth, cerebral palsy, developmental delay or autism",
    of=ConceptSet(
        "complex condition of a child",
        {
            312723: "Congenital heart disease",
            4134120: "Cerebral palsy",
            436077: "Developmental delay",
            439776: "Autism spectrum disorder",
        },
    ),
)
GESTATION = Records(
    "gestation at birth",
    of=ConceptSet(
        "gestation at birth",
        exact={4260747: "Length of gestation at birth", 3012266: "Gestational age"},  # both †
        kinds=("measurement", "observation"),  # UK records bring it in either (spec b 6)
    ),
    units=(Unit(8511, "week", names=("wk", "weeks")), Unit(8512, "day", times=1 / 7, names=("d", "days"))),
    plausible=(22, 44),  # spec b 0.3
    same_day="last",
)
BIRTH_WEIGHT = Records(
    "birth weight",
    of=ConceptSet(
        "birth weight",
        exact={4264825: "Birth weight", 3662222: "Weight of neonate at birth"},  # 3662222 †
        kinds=("measurement", "observation"),
    ),
    units=(shared.KILOGRAM, Unit(8504, "gram", times=0.001, names=("g",))),
    plausible=(0.4, 6.5),  # spec b 0.3
    same_day="last",
)
EMERGENCY = Records("emergency visit", of=(shared.EMERGENCY_VISIT, shared.EMERGENCY_ADMISSION))
STAY = Records("hospital stay", of=(shared.INPATIENT_VISIT, shared.EMERGENCY_ADMISSION))
AUTISM = Records("autism", of=ConceptSet("autism", {439776: "Autism spectrum disorder"}))
PROTECTION = Records(
    "child protection",
    of=ConceptSet(
        "child protection",
        {4038193: "Child protection register", 4059498: "Social worker involved"},  # both †
        kinds="observation",
    ),
)

# Findings used more than once -----------------------------------------------------------------------------------------

SIX_IN_ONE_DOSES = doses(SIX_IN_ONE)
MENB_DOSES = doses(MENB)
ROTAVIRUS_DOSES = doses(ROTAVIRUS)
PNEUMOCOCCAL_DOSES = doses(PNEUMOCOCCAL)
MEASLES_DOSES = doses(MEASLES)
GIVEN = {
    "HEX1": Term("6-in-1 dose 1", SIX_IN_ONE_DOSES.at_least(1)),
    "HEX2": Term("6-in-1 dose 2", SIX_IN_ONE_DOSES.at_least(2)),
    "HEX3": Term("6-in-1 dose 3", SIX_IN_ONE_DOSES.at_least(3)),
    "MENB1": Term("MenB dose 1", MENB_DOSES.at_least(1)),
    "MENB2": Term("MenB dose 2", MENB_DOSES.at_least(2)),
    "MENBB": Term("MenB dose 3", MENB_DOSES.at_least(3)),
    "ROTA1": Term("rotavirus dose 1", ROTAVIRUS_DOSES.at_least(1)),
    "ROTA2": Term("rotavirus dose 2", ROTAVIRUS_DOSES.at_least(2)),
    "PCV1": Term("pneumococcal dose 1", PNEUMOCOCCAL_DOSES.at_least(1)),
    "PCVB": Term("pneumococcal dose 2", PNEUMOCOCCAL_DOSES.at_least(2)),
    "MMR1": Term("MMR dose 1", MEASLES_DOSES.at_least(1)),
}
"""How each dose of the schedule is seen to be given."""
AGE_AT_FIRST = Since(SIX_IN_ONE, which="first", anchor=BIRTH)


def _given(age: Span) -> Number:
    """How many of the doses were given that children of every birth cohort are due before an age."""
    return Number(*(GIVEN[code] for code in schedule.of_every_cohort(age)))


def _old(at_least: int) -> Compare:
    return Age("months").at_least(at_least)


# A vaccine is overdue 28 days after its due day ([D], task I5 of spec b 4.3), to the next whole month of age. Ours:
# vaccines are counted, not antigens, as a combined vaccine has several. Rotavirus is not given late, Hib/MenC ended.
SIX_IN_ONE_OVERDUE = Term(
    "6-in-1 overdue",
    Any(
        All(_old(3), SIX_IN_ONE_DOSES.below(1)),
        All(_old(4), SIX_IN_ONE_DOSES.below(2)),
        All(_old(5), SIX_IN_ONE_DOSES.below(3)),
    ),
)
MENB_OVERDUE = Term(
    "MenB overdue",
    Any(All(_old(3), MENB_DOSES.below(1)), All(_old(5), MENB_DOSES.below(2)), All(_old(13), MENB_DOSES.below(3))),
)
PNEUMOCOCCAL_OVERDUE = Term(
    "pneumococcal vaccine overdue",
    Any(All(_old(5), PNEUMOCOCCAL_DOSES.below(1)), All(_old(13), PNEUMOCOCCAL_DOSES.below(2))),
)
MMR_OVERDUE = Term("MMR overdue", Any(All(_old(13), Missing(FIRST_MMR)), All(_old(41), Missing(SECOND_MMR))))
BOOSTER_OVERDUE = Term("pre-school booster overdue", All(_old(41), Missing(PRE_SCHOOL_BOOSTER)))
OVERDUE = Number(SIX_IN_ONE_OVERDUE, MENB_OVERDUE, PNEUMOCOCCAL_OVERDUE, MMR_OVERDUE, BOOSTER_OVERDUE)

# Predictors (rows, windows, units and ranges: spec b 4.4) -------------------------------------------------------------

# Born 731 days ago or more: two years. Nobody's record says more of a brother or sister than that there is one.
OLDER = Count(Of("sibling", BORN), until_day=-730)
OLDER_WITHOUT_MMR = Term(
    "an older brother or sister, and no MMR dose of any of them",
    All(OLDER.at_least(1), Not(Has(Of("sibling", MEASLES)))),
)
FAMILIES_ARE_ALIKE = "what a family did with an older child it mostly does again: odds ratio 0.19 (spec b 4.4, row 10)"
MISSES_BRING_MISSES = "who missed early doses misses later ones: the best feature, by spec b 4.4, row 1"
EVERY_AGE = (
    Predictor("sex", Person("sex"), "sex", plain="whether your child is a girl or a boy"),  # 23
    Predictor("preterm", Has(PRETERM), "preterm birth", plain="your child's early birth"),  # 30
    Predictor(  # 31
        "gestation",
        Latest(GESTATION),
        "gestation at birth",
        "weeks",
        (22, 44),
        plain="the length of the pregnancy",
    ),
    Predictor(  # 31
        "birth_weight", Latest(BIRTH_WEIGHT), "birth weight", "kg", (0.4, 6.5), plain="your child's weight at birth"
    ),
    Predictor(  # 33
        "complex_condition",
        Has(COMPLEX),
        "heart disease from birth, cerebral palsy, developmental delay or autism",
        plain="a long-term condition of your child",
    ),
    Predictor(  # 29; with a fixed age it says as well who joined after birth (28)
        "days_registered",
        Observed(),
        "days registered with the practice",
        "days",
        (0, 2200),
        plain="how long your child has been with the practice",
    ),
    Predictor(  # 36
        "contacts_6m",
        Count(CONTACT, within=HALF_A_YEAR, apart=1),
        "days with a practice or outpatient visit in 6 months",
        "days",
        (0, 60),
        plain="your child's visits in the last 6 months",
    ),
    Predictor(  # 37
        "not_attended_12m",
        Count(NOT_ATTENDED, within=ONE_YEAR),
        "missed appointments in 12 months",
        "appointments",
        (0, 30),
        changeable=True,
        plain="appointments that your child missed in the last year",
    ),
    Predictor(  # 38
        "emergencies_12m",
        Count(EMERGENCY, within=ONE_YEAR, apart=1),
        "days with an emergency visit in 12 months",
        "days",
        (0, 30),
        plain="your child's emergency visits in the last year",
    ),
    Predictor("interpreter", Has(INTERPRETER), "interpreter booked", plain="an interpreter was booked"),  # 39
    Predictor("refugee", Has(REFUGEE), "refugee", plain="your child's record says refugee"),  # 40
    Predictor(  # 42, restricted display
        "child_protection", Has(PROTECTION), "child protection", restricted=True
    ),
    Predictor(  # 43
        "housing", Has(HOUSING, within=TWO_YEARS), "homeless or housing problem in 2 years", plain="your housing"
    ),
    Predictor("month", Calendar("month"), "month of the year", "", (1, 12), plain="the time of year"),  # 46
    family.MOTHERS_AGE,  # 16
    family.MOTHER_SMOKED,  # 17
    family.MOTHERS_SMOKING,
    family.MOTHERS_DEPRESSION,  # 19
    family.BROTHERS_AND_SISTERS,  # 12
    Predictor(  # 10: adjusted odds ratio of receipt 0.19 where there is none
        "older_siblings_mmr",
        Ratio(Count(Of("sibling", MEASLES)), OLDER),
        "MMR doses for each older brother or sister",
        "doses",
        (0, 5),
        "down",
        strong_because=FAMILIES_ARE_ALIKE,
        plain="the MMR vaccines of older brothers and sisters",
    ),
    Predictor(  # as row 10, for the vaccine of the first year
        "older_siblings_6_in_1",
        Ratio(Count(Of("sibling", SIX_IN_ONE)), OLDER),
        "6-in-1 doses for each older brother or sister",
        "doses",
        (0, 8),
        "down",
        strong_because=FAMILIES_ARE_ALIKE,
        plain="the first vaccines of older brothers and sisters",
    ),
    Predictor(  # 34
        "siblings_autism", Has(Of("sibling", AUTISM)), "autism of a brother or sister", plain="autism in the family"
    ),
)
NEWBORN = (
    Predictor(  # 32; the first 49 days, not 28: a window from birth cannot be given in days here
        "days_in_hospital",
        Covered(STAY, within=SEVEN_WEEKS, unit="days"),
        "days in hospital in the last 7 weeks",
        "days",
        (0, 49),
        plain="days in hospital since birth",
    ),
)
DOSES_SO_FAR = (
    Predictor(  # 1, as a number: "best feature for I2 to I5"
        "due_by_11_months_given",
        _given(months(11)),
        "doses given of the 8 due by 11 months",
        "doses",
        (0, 8),
        "down",
        strong_because=MISSES_BRING_MISSES,
        plain="how many of the vaccines due so far your child has had",
    ),
    Predictor(  # 2
        "six_in_one_doses",
        SIX_IN_ONE_DOSES,
        "6-in-1 doses so far",
        "doses",
        (0, 6),
        "down",
        plain="your child's doses of the 6-in-1 vaccine",
    ),
    Predictor(  # 3, as an age: due at 56 days
        "age_at_first_6_in_1",
        AGE_AT_FIRST,
        "age at the first 6-in-1 dose",
        "days",
        (0, 2200),
        plain="your child's age at the first 6-in-1 vaccine",
    ),
    Predictor(  # 4, as an age
        "age_at_last_dose",
        Since(ANY_VACCINE, anchor=BIRTH),
        "age at the last dose of any vaccine",
        "days",
        (0, 2200),
        plain="your child's age at the last vaccine",
    ),
    Predictor(  # 5: 56 days if on time
        "first_to_third_6_in_1",
        Difference(THIRD_6_IN_1, FIRST_6_IN_1),
        "days from the first to the third 6-in-1 dose",
        "days",
        (0, 2200),
        plain="the time from your child's first to third 6-in-1 vaccine",
    ),
    Predictor("rotavirus", Has(ROTAVIRUS), "rotavirus vaccine given", plain="the rotavirus vaccine"),  # 6
    Predictor("menb", Has(MENB), "MenB vaccine given", plain="the MenB vaccine"),  # 6
    Predictor("declined", Has(DECLINED), "a vaccine declined", plain="a vaccine that was declined"),  # 7
    Predictor(  # 8
        "missed_immunisations",
        Count(MISSED_APPOINTMENT),
        "missed immunisation appointments",
        "appointments",
        (0, 30),
        changeable=True,
        plain="vaccine appointments that your child missed",
    ),
    Predictor(  # 9
        "invitations_12m",
        Count(INVITATION, within=ONE_YEAR),
        "invitations to be vaccinated in 12 months",
        "invitations",
        (0, 20),
        plain="invitations in the last year",
    ),
    Predictor("reaction", Has(REACTION), "adverse reaction to a vaccine", plain="a reaction to a vaccine"),  # 35
)
AFTER_ONE = (
    Predictor(  # 1
        "pneumococcal_doses",
        PNEUMOCOCCAL_DOSES,
        "pneumococcal doses so far",
        "doses",
        (0, 6),
        "down",
        plain="your child's doses of the pneumococcal vaccine",
    ),
    Predictor(
        "menb_doses", MENB_DOSES, "MenB doses so far", "doses", (0, 6), "down", plain="your child's doses of MenB"
    ),
    Predictor("hib_menc", Has(HIB_MENC), "Hib or MenC vaccine given", plain="the Hib/MenC vaccine"),
)
AT_THREE = (
    Predictor(  # 1
        "due_by_39_months_given",
        _given(months(39)),
        "doses given of the 11 due by 3 years and 3 months",
        "doses",
        (0, 11),
        "down",
        strong_because=MISSES_BRING_MISSES,
        plain="how many of the vaccines due so far your child has had",
    ),
    Predictor(
        "measles_doses", MEASLES_DOSES, "MMR doses so far", "doses", (0, 5), "down", plain="your child's doses of MMR"
    ),
    Predictor(  # 4
        "age_at_first_mmr",
        Since(MEASLES, which="first", anchor=BIRTH),
        "age at the first MMR dose",
        "days",
        (0, 2200),
        plain="your child's age at the first MMR vaccine",
    ),
    Predictor(  # 4
        "days_since_last_dose",
        Since(ANY_VACCINE),
        "time since the last dose of any vaccine",
        "days",
        (0, 2200),
        plain="your child's last vaccine",
    ),
)

# Rules (spec b 4.1 to 4.3; which of them comes first is ours) ---------------------------------------------------------

AGAINST_MMR = Any(Has(ANAPHYLAXIS), Has(ALLERGY_TO_MMR), Has(NO_LIVE_VACCINE))
AGAINST_POLIO = Any(Has(ANAPHYLAXIS), Has(ALLERGY_TO_POLIO))
RULES = (
    Rule(
        name="anaphylaxis",
        when=Has(ANAPHYLAXIS),
        action="Anaphylaxis on the day of a vaccine or the day after: take advice from an immunisation specialist"
        " before the next dose.",
        guideline="UKHSA Green Book",  # [K], spec b 4.3
        urgency="soon",
        plain="advice from a specialist before your child's next vaccine",
    ),
    Rule(
        name="polio_allergy",
        when=Has(ALLERGY_TO_POLIO),
        action="Allergy to polio vaccine is recorded: no 6-in-1 or pre-school booster before advice from a specialist.",
        guideline="UKHSA Green Book",  # [K], spec b 4.3
        urgency="soon",
        plain="advice from a specialist on which vaccines suit your child",
    ),
    Rule(
        name="no_live_vaccine",
        when=Any(Has(NO_LIVE_VACCINE), Has(ALLERGY_TO_MMR)),
        action="Severe combined immunodeficiency, leukaemia or allergy to MMR is recorded: no MMR, MMRV or rotavirus"
        " vaccine before advice from a specialist.",
        guideline="UKHSA Green Book",  # [K], spec b 4.3
        urgency="soon",
        plain="advice from a specialist on which vaccines suit your child",
    ),
    Rule(
        name="no_dose_at_all",
        when=All(_old(3), Age().below(5), Not(Has(ANY_VACCINE))),
        action="No vaccine is recorded. Ask the family and child health information for records, also from abroad,"
        " before calling it missed; then start or go on with the UK schedule.",
        guideline="GP contract, immunisation standards",  # spec b 4.1, 4.3
        urgency="soon",
        plain="a check of your child's vaccine record, and the vaccines that are missing",
    ),
    Rule(
        name="two_overdue",
        when=All(Age().below(5), OVERDUE.at_least(2)),
        action="Two vaccines or more are overdue: health visitor or outreach contact; offer at any attendance; talk"
        " about concerns with respect; check records from abroad first.",
        guideline="GP contract, immunisation standards",  # spec b 4.1, very high band
        urgency="soon",
        plain="a talk with a nurse or health visitor, and the vaccines that are missing",
    ),
    Rule(
        name="older_without_mmr",
        when=All(Age().below(5), OLDER_WITHOUT_MMR),
        action="An older brother or sister has no MMR on record: health visitor or outreach contact for the family;"
        " offer all children in one visit; check records from abroad first.",
        guideline="GP contract, immunisation standards",  # spec b 4.1, very high band
        urgency="soon",
        plain="a talk with a health visitor, and the vaccines that are missing, for all your children in one visit",
    ),
    Rule(
        name="mmr_overdue",
        when=All(Age().below(5), MMR_OVERDUE),
        action="MMR or MMRV is overdue: invite now, offer at any attendance; third contact by a healthcare"
        " professional.",
        guideline="GP contract, immunisation standards",  # spec b 4.1
        urgency="soon",
        source="gap",
        plain="the MMR vaccine for your child",
        unless=AGAINST_MMR,
    ),
    Rule(
        name="six_in_one_overdue",
        when=All(Age().below(5), SIX_IN_ONE_OVERDUE),
        action="A 6-in-1 dose is overdue: invite now, offer at any attendance. Three doses count by 8 months for QOF"
        " VI001.",
        guideline="QOF VI001 2025/26",  # spec b 4.1
        urgency="soon",
        source="gap",
        plain="the next 6-in-1 vaccine for your child",
        unless=AGAINST_POLIO,
    ),
    Rule(
        name="booster_overdue",
        when=All(Age().below(5), BOOSTER_OVERDUE),
        action="The pre-school booster is overdue: invite now, with the second MMR if that is missing.",
        guideline="GP contract, immunisation standards",  # spec b 4.1
        urgency="routine",
        source="gap",
        plain="the pre-school booster for your child",
        unless=AGAINST_POLIO,
    ),
    Rule(
        name="declined",
        when=All(Age().below(5), Has(DECLINED)),
        action="A refusal is recorded: keep the child on recall, keep the door open, offer again at the next"
        " milestone.",
        guideline="GP contract, immunisation standards",  # spec b 4.1
        urgency="routine",
        plain="another talk about vaccines, if you want one",
    ),
)

# Who (spec b 4.3) -----------------------------------------------------------------------------------------------------

NO_LIVE_CONTRAINDICATION = Criterion(
    Not(AGAINST_MMR),
    "A reason against MMR is recorded: a specialist decides.",
    code="contraindicated",
    plain="your child's record gives a reason to ask a specialist about this vaccine first",
)
NO_CONTRAINDICATION = Criterion(
    Not(AGAINST_POLIO),
    "A reason against this vaccine is recorded: a specialist decides.",
    code="contraindicated",
    plain="your child's record gives a reason to ask a specialist about this vaccine first",
)
REGISTERED = Criterion(
    Observed().at_least(1),  # 0 on a day on which nobody is registered
    "Not registered on the day before.",
    code="not_registered",
    plain="your child was not yet registered with the practice",
)


def _registered(least: int, code: str, plain: str) -> Criterion:
    return Criterion(
        Observed().at_least(least),
        f"Registered for less than {least} days, or not on that day: the record of doses may be incomplete.",
        code=code,
        plain=f"your practice has known your child for less than {plain}, so vaccines may not be recorded yet",
    )


def _from_age(least: int) -> Criterion:
    return Criterion(
        _old(least),
        f"Under {least} months: it is asked shortly before the vaccine is due.",
        code=f"under_{least}_months",
        plain=f"it is made from {least} months on",
    )


def _to_age(below: int, why: str) -> Criterion:
    return Criterion(
        Age("months").below(below),
        f"{below} months or over: {why}",
        code=f"over_{below}_months",
        plain=f"it is made before {below} months",
    )


def _not_complete(dose: Dose, vaccine: str) -> Criterion:
    return Criterion(
        Missing(dose),
        f"{vaccine} already recorded.",
        code="complete",
        plain="your child has had this vaccine",
    )


THE_RULES = "it has passed its due date, which the rules watch."
CAUTIONS = (
    "Never take a child off recall because the risk is low or because a refusal is recorded.",
    "Doses given abroad or elsewhere are often not recorded: 5 to 8 of 100 in London, 1 to 2 in the North (an"
    " assumption of the specification). Who joined after 3 months with no dose needs records first, not a reminder.",
    "Mother, brothers and sisters are known where the record of birth links them. The family is not told from this what"
    " stands in another's record.",
    "Ethnicity must not set the tone of a contact. Children of mothers with a degree miss vaccines too: deprivation"
    " alone is a poor guide.",
    "A list must not simply rank families in temporary housing who cannot be reached: pair it with how to reach them.",
    "COVER counts doses by the birthday and applies no test of the days between doses; a nurse checks validity. Doses"
    " of a vaccine less than 14 days apart are counted as one that was entered twice.",
)
NEWBORN_CAUTION = (
    "At 7 weeks a child has no dose to go by: the risk rests on the records of mother, brothers and sisters. Of a first"
    " child, or one without a link to the mother, it says little: invite these all alike."
)
SCHEDULE_CAUTION = (
    "Children born from 1 July 2024 are due the second MMR (as MMRV) and a fourth 6-in-1 at 18 months (from January"
    " 2026). No prediction asks for that visit yet. Whether others are brought forward is not confirmed."
)
BANDS = (  # all [D], spec b 4.1
    Band(0.0, name="Low", action="Standard invitation at the due date.", owner="practice administrator"),
    Band(
        0.10,
        name="Moderate",
        action="Invitation with a pre-booked slot; text reminder 3 days before; second contact at 2 weeks.",
        owner="practice administrator",
        plain="an appointment that is booked for you, with a reminder by text",
    ),
    Band(
        0.25,
        name="High",
        action="Telephone call by a nurse or trained caller before the due date, in the family's language"
        " (interpreter); evening, weekend or joint slot with brothers and sisters; third contact by a healthcare"
        " professional.",
        owner="practice immunisation lead",
        plain="a call from a nurse, and an appointment that suits your family",
    ),
    Band(
        0.50,
        name="Very high",
        action="Health visitor or outreach contact; offer at any attendance; respectful conversation about concerns;"
        " check records from abroad first; if refused, record it, keep the door open, offer again at the next"
        " milestone.",
        owner="practice immunisation lead, health visiting",
        plain="a talk with a health visitor about your child's vaccines",
    ),
)

# What it must beat (spec b 4.5) ---------------------------------------------------------------------------------------

NO_FIRST_BY_84 = Term(
    "no 6-in-1 dose by day 84 of life",
    Count(SIX_IN_ONE, anchor=BIRTH, from_day=1, until_day=85, apart=SAME_DOSE).below(1),
)
NO_THIRD_BY_168 = Term(
    "no third 6-in-1 dose by day 168 of life",
    Count(SIX_IN_ONE, anchor=BIRTH, from_day=1, until_day=169, apart=SAME_DOSE).below(3),
)
LATE_BEFORE = Comparator(
    "Previous dose late",
    Number(NO_FIRST_BY_84, NO_THIRD_BY_168),
    unit="points: first 6-in-1 not by day 84, third not by day 168",
    source="spec b 4.5, rule V1 [D]",
    why_not="the record of vaccines is not known completely",
)
DOSES_MISSING = Comparator(
    "Doses given of those due",
    _given(months(11)),
    unit="doses of the 8 due by 11 months",
    higher_is_worse=False,
    source="spec b 4.4, row 1: the best single variable",
    why_not="the record of vaccines is not known completely",
)
DOSES_MISSING_AT_THREE = Comparator(
    "Doses given of those due",
    _given(months(39)),
    unit="doses of the 11 due by 3 years and 3 months",
    higher_is_worse=False,
    source="spec b 4.4, row 1: the best single variable",
    why_not="the record of vaccines is not known completely",
)
LATE_OR_SIBLING = Comparator(
    "Previous dose late, or an older child without MMR",
    Number(NO_FIRST_BY_84, NO_THIRD_BY_168, OLDER_WITHOUT_MMR, OLDER_WITHOUT_MMR),
    unit="points: 1 or 2 if doses were late, 2 more for an older brother or sister without MMR",
    source="spec b 4.5, rule V2 [D]",
    why_not="no brother or sister is on record",
)
FIRST_MMR_LATE = Comparator(
    "First MMR late",
    Count(MEASLES, anchor=BIRTH, from_day=365, until_day=549).below(1),
    unit="1 if there is none from 12 to 18 months",
    source="spec b 4.3: timely is 12 to 18 months",
    why_not="the record of vaccines is not known completely",
)
JOINED_LATE = Comparator(
    "Days registered",
    Observed(),
    unit="days",
    higher_is_worse=False,
    source="spec b 4.4, rows 28 and 29: at 7 weeks no dose is due yet, so rule V1 has nothing to go by",
)

SIBLING = Comparator(
    "An older child without MMR",
    OLDER_WITHOUT_MMR,
    unit="1 if so",
    source="spec b 4.4, row 10: the strongest single sign",
    why_not="no brother or sister is on record",
)

ELEVEN_MONTHS = All(
    _from_age(10),  # day 335 (spec b 4.3) is 10 or 11 completed months
    _to_age(12, "MMR is due, which the rules and the recall prediction watch."),
    _registered(180, "registered_under_180_days", "6 months"),  # spec b 4.3
    NO_LIVE_CONTRAINDICATION,
    _not_complete(FIRST_MMR, "MMR"),
)
THREE_YEARS = (
    _from_age(38),  # day 1,187 (spec b 4.3) is 38 or 39 completed months
    _to_age(40, THE_RULES),
    _registered(365, "registered_under_a_year", "a year"),  # spec b 4.3
)
# The last day on which a dose counts is the eve of the birthday; an outcome counts before the horizon. So each horizon
# is the most days from the index date to the birthday.
PRIMARY = Prediction(
    name="primary",
    question="Which babies will not have three 6-in-1 doses before the first birthday?",
    index=AtAge(SEVEN_WEEKS),  # task I1 of spec b 4.3
    population=All(
        Criterion(
            Age("months").below(3),
            "3 months or over: the first doses were due, which the rules watch.",
            code="over_3_months",
            plain="it is made before 3 months",
        ),
        REGISTERED,
        NO_CONTRAINDICATION,
        _not_complete(THIRD_6_IN_1, "The third 6-in-1 is"),
    ),
    outcome=NotDone(THIRD_6_IN_1, by=years(1), grace=GRACE),
    outcome_wording="fewer than three 6-in-1 doses before the first birthday",
    outcome_plain="do not have all three doses of the 6-in-1 vaccine before their first birthday",
    horizons=(317,),
    primary=317,
    look_back=None,
    predictors=(*EVERY_AGE, *NEWBORN),
    comparator=(JOINED_LATE, SIBLING),
    rules=RULES,
    bands=BANDS,
    cautions=(*CAUTIONS, NEWBORN_CAUTION),
)
PRIMARY_8_MONTHS = Prediction(
    name="primary_8_months",
    question="Which babies will not have three 6-in-1 doses by 8 months, which QOF counts?",
    index=AtAge(SEVEN_WEEKS),
    population=PRIMARY.population,
    outcome=NotDone(THIRD_6_IN_1, by=months(8), grace=GRACE),  # QOF VI001, spec b 4.1 and 4.3
    outcome_wording="fewer than three 6-in-1 doses before the age of 8 months",
    outcome_plain="do not have all three doses of the 6-in-1 vaccine before they are 8 months old",
    horizons=(196,),
    primary=196,
    look_back=None,
    predictors=(*EVERY_AGE, *NEWBORN),
    comparator=(JOINED_LATE, SIBLING),
    rules=RULES,
    bands=BANDS,
    cautions=(*CAUTIONS, NEWBORN_CAUTION),
)
MMR1 = Prediction(
    name="mmr1",
    question="Which children will have no valid MMR dose before the second birthday?",
    index=AtAge(days(335)),  # task I2 of spec b 4.3
    population=ELEVEN_MONTHS,
    outcome=NotDone(FIRST_MMR, by=years(2), grace=GRACE),
    outcome_wording="no valid MMR or MMRV dose before the second birthday",
    outcome_plain="do not have the MMR vaccine before their second birthday",
    horizons=(396,),
    primary=396,
    look_back=None,
    predictors=(*EVERY_AGE, *DOSES_SO_FAR),
    comparator=(LATE_BEFORE, LATE_OR_SIBLING, DOSES_MISSING),
    rules=RULES,
    bands=BANDS,
    cautions=CAUTIONS,
)
MMR1_DELAYED = Prediction(
    name="mmr1_delayed",
    question="Which children will have no valid MMR dose by 18 months?",
    index=AtAge(days(335)),
    population=ELEVEN_MONTHS,
    outcome=NotDone(FIRST_MMR, by=months(18), grace=GRACE),  # delayed: none by 18 months, spec b 4.3
    outcome_wording="no valid MMR or MMRV dose before the age of 18 months",
    outcome_plain="do not have the MMR vaccine before they are 18 months old",
    horizons=(215,),
    primary=215,
    look_back=None,
    predictors=(*EVERY_AGE, *DOSES_SO_FAR),
    comparator=(LATE_BEFORE, LATE_OR_SIBLING, DOSES_MISSING),
    rules=RULES,
    bands=BANDS,
    cautions=CAUTIONS,
)
PRE_SCHOOL = Prediction(
    name="booster",
    question="Which children will not have the pre-school booster before the fifth birthday?",
    index=AtAge(days(1187)),  # task I4 of spec b 4.3
    population=All(*THREE_YEARS, NO_CONTRAINDICATION, _not_complete(PRE_SCHOOL_BOOSTER, "Pre-school booster")),
    outcome=NotDone(PRE_SCHOOL_BOOSTER, by=years(5), grace=GRACE),
    outcome_wording="no pre-school booster (dTaP/IPV) before the fifth birthday",
    outcome_plain="do not have the pre-school booster before their fifth birthday",
    horizons=(640,),
    primary=640,
    look_back=None,
    predictors=(*EVERY_AGE, *DOSES_SO_FAR, *AFTER_ONE, *AT_THREE),
    comparator=(LATE_BEFORE, LATE_OR_SIBLING, DOSES_MISSING_AT_THREE, FIRST_MMR_LATE),
    rules=RULES,
    bands=BANDS,
    cautions=(*CAUTIONS, SCHEDULE_CAUTION),
)
MMR2 = Prediction(
    name="mmr2",
    question="Which children will not have two valid MMR doses before the fifth birthday?",
    index=AtAge(days(1187)),
    population=All(*THREE_YEARS, NO_LIVE_CONTRAINDICATION, _not_complete(SECOND_MMR, "A second valid MMR is")),
    outcome=NotDone(SECOND_MMR, by=years(5), grace=GRACE),
    outcome_wording="fewer than two valid MMR or MMRV doses before the fifth birthday",
    outcome_plain="do not have both doses of the MMR vaccine before their fifth birthday",
    horizons=(640,),
    primary=640,
    look_back=None,
    predictors=(*EVERY_AGE, *DOSES_SO_FAR, *AFTER_ONE, *AT_THREE),
    comparator=(LATE_BEFORE, LATE_OR_SIBLING, DOSES_MISSING_AT_THREE, FIRST_MMR_LATE),
    rules=RULES,
    bands=BANDS,
    cautions=(*CAUTIONS, SCHEDULE_CAUTION),
)
RECALL_MMR1 = Prediction(
    name="recall_mmr1",
    question="Which children whose first MMR is overdue will still be without it in 90 days?",
    index=AtAge(Span(months=12, days=28)),  # task I5 of spec b 4.3: due + 28 days
    population=All(
        _from_age(12),
        _to_age(24, "the milestone has passed; the rules watch."),
        _registered(90, "registered_under_90_days", "3 months"),  # spec b 4.3
        NO_LIVE_CONTRAINDICATION,
        _not_complete(FIRST_MMR, "MMR"),
    ),
    outcome=NotDone(FIRST_MMR, by=days(90)),  # spec b 4.3
    outcome_wording="no valid MMR or MMRV dose within 90 days",
    outcome_plain="do not have the MMR vaccine",
    horizons=(90,),
    primary=90,
    look_back=None,
    predictors=(*EVERY_AGE, *DOSES_SO_FAR, *AFTER_ONE),
    comparator=(LATE_BEFORE, LATE_OR_SIBLING, DOSES_MISSING),
    rules=RULES,
    bands=BANDS,
    cautions=CAUTIONS,
)

PATHWAY = Pathway(
    title="Pre-school immunisation",
    about="Children who will miss a vaccine of the UK schedule by its milestone: whom to invite, telephone or visit"
    " early, whose vaccines are overdue, whose record is incomplete.",
    predictions=(PRIMARY, PRIMARY_8_MONTHS, MMR1, MMR1_DELAYED, PRE_SCHOOL, MMR2, RECALL_MMR1),
)
