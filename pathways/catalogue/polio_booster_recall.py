"""Polio booster recall: which children of 1 to 9 years will still be without a campaign dose in 8 weeks?

In June 2022 vaccine-derived poliovirus was found in London's sewage. On 10 August 2022 JCVI advised one dose with polio
for all children of 1 to 9 years, about 900,000; 16% had it by 13 October (spec b 4.6). The practice's administrator
asks whom to call; the immunisation lead, which vaccine each is to have; the integrated care board, where to send help.

This file alone turns the tools of pre-school immunisation to another question. For another campaign change `CAMPAIGN`,
the vaccine, the ages and the exemptions. Read `STILL_WITHOUT` at the end first: it is the protocol.

"spec b" is the clinical specification (research/clinical_b.md) with its section; vaccines stand in
`pathways/vaccines.py`. A clinical safety officer checks every threshold against the live guidance before use.

Left out: the boroughs that came first (places are compared by, not used), mother, brothers and sisters, household (no
word looks at other people), the earliest day of the next dose (a rule has fixed words).
"""

from datetime import date

from pathways import concept_sets as shared
from pathways.language import (
    BIRTH,
    Age,
    All,
    Any,
    Band,
    Calendar,
    Comparator,
    Count,
    Criterion,
    Dose,
    Every,
    Has,
    Not,
    NotDone,
    Number,
    Observed,
    Pathway,
    Person,
    Prediction,
    Predictor,
    Records,
    Rule,
    Since,
    Term,
    days,
    months,
)
from pathways.vaccines import (
    ALLERGY_TO_POLIO,
    ANAPHYLAXIS,
    ANY_VACCINE,
    BOOSTER,
    CONTACT,
    DECLINED,
    HOUSING,
    INTERPRETER,
    MEASLES,
    NOT_ATTENDED,
    POLIO,
    REFUGEE,
    doses,
)

CAMPAIGN = date(2022, 8, 10)  # JCVI's advice; a dose on that day counts (spec b 4.6)
EIGHT_WEEKS = days(56)  # take-up was counted at 8 to 9 weeks (spec b 5.5)
HALF_A_YEAR = days(180)
ONE_YEAR = days(365)
TWO_YEARS = days(730)

DOSES = doses(POLIO)  # doses less than 14 days apart are one entered twice (spec b 4.3)
CAMPAIGN_DOSE = Has(POLIO, since=CAMPAIGN)
UNDER_PRE_SCHOOL = Age("months").below(40)  # 3 years 4 months (spec b 4.6)
PRE_SCHOOL = Age("months").at_least(40)
# A dose 28 days ago is far enough away; one 27 days ago is not.
JUST_HAD_ONE = Has(POLIO, within=days(27))
EXTRA_ALREADY = Term("four doses or more before 3 years 4 months", All(UNDER_PRE_SCHOOL, DOSES.at_least(4)))
# 12 months to the day are still exempt here; the reference code of the specification calls on the anniversary.
BOOSTER_THIS_YEAR = Term(
    "course complete and pre-school booster in the last 12 months",
    All(PRE_SCHOOL, DOSES.at_least(4), Has(BOOSTER, within=months(12))),
)
CALLED = Term(
    "called by the campaign (1 to 9 years, no polio dose since it began)",
    All(Age().at_least(1), Age().below(10), Not(CAMPAIGN_DOSE)),
)
AGAINST = Any(Has(ANAPHYLAXIS), Has(ALLERGY_TO_POLIO))  # contraindicated is exempt (spec b 4.6)
NO_DOSE = Term("no polio dose", DOSES.below(1))
INCOMPLETE = Term("fewer than three polio doses", DOSES.below(3))
COMPLETE = Term("three polio doses", DOSES.equals(3))

# Each is strong alone where no campaign runs: whoever gets a polio dose then is at the age of one.
SCHEDULE = "doses outside a campaign are given at set ages, a set time after the one before"

PREDICTORS = (  # rows of spec b 4.4, for the child itself
    Predictor("age", Age("months"), "age", "months", (12, 119), strong_because=SCHEDULE, plain="your child's age"),
    Predictor("sex", Person("sex"), "sex", plain="whether your child is a girl or a boy"),  # 23
    Predictor("polio_doses", DOSES, "polio doses so far", "doses", (0, 8), plain="your child's polio vaccines"),  # 2
    Predictor(  # 3: due at 56 days
        "age_at_first_polio",
        Since(POLIO, which="first", anchor=BIRTH),
        "age at the first polio dose",
        "days",
        (0, 3660),
        plain="your child's age at the first polio vaccine",
    ),
    Predictor(  # 4
        "days_since_polio",
        Since(POLIO),
        "time since the last polio dose",
        "days",
        (0, 3660),
        strong_because=SCHEDULE,
        plain="your child's last polio vaccine",
    ),
    Predictor(  # 4
        "days_since_any",
        Since(ANY_VACCINE),
        "time since the last dose of any vaccine",
        "days",
        (0, 3660),
        strong_because=SCHEDULE,
        plain="your child's last vaccine",
    ),
    Predictor("booster", Has(BOOSTER), "pre-school booster given", plain="the pre-school booster"),
    Predictor(  # 1
        "measles_doses",
        doses(MEASLES),
        "MMR doses so far",
        "doses",
        (0, 5),
        plain="your child's doses of MMR",
    ),
    Predictor("declined", Has(DECLINED), "a vaccine declined", plain="a vaccine that was declined"),  # 7
    Predictor(  # 29
        "days_registered",
        Observed(),
        "days registered with the practice",
        "days",
        (0, 3660),
        strong_because=SCHEDULE,
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
        Count(
            Records("emergency visit", of=(shared.EMERGENCY_VISIT, shared.EMERGENCY_ADMISSION)),
            within=ONE_YEAR,
            apart=1,
        ),
        "days with an emergency visit in 12 months",
        "days",
        (0, 30),
        plain="your child's emergency visits in the last year",
    ),
    Predictor("interpreter", Has(INTERPRETER), "interpreter booked", plain="an interpreter was booked"),  # 39
    Predictor("refugee", Has(REFUGEE), "refugee", plain="your child's record says refugee"),  # 40
    Predictor(  # 43
        "housing", Has(HOUSING, within=TWO_YEARS), "homeless or housing problem in 2 years", plain="your housing"
    ),
    Predictor("month", Calendar("month"), "month of the year", "", (1, 12), plain="the time of year"),  # 46
)

UKHSA = "UKHSA polio campaign, London 2022"  # read in a practice's table of it (spec b 4.6)
RULES = (  # the order of recall: no dose, incomplete, complete (spec b 4.6); who is exempt is not called
    Rule(
        name="contraindicated",
        when=All(CALLED, AGAINST),
        action="Anaphylaxis after a vaccine or allergy to polio vaccine is recorded: no dose before specialist advice.",
        guideline=UKHSA,
        urgency="routine",
        plain="advice from a specialist on polio vaccine for your child",
    ),
    Rule(
        name="defer",
        when=All(CALLED, JUST_HAD_ONE),
        action="A polio dose in the last 27 days: defer until 28 days after it.",
        guideline=UKHSA,
        urgency="routine",
        plain="a polio vaccine a few weeks after the last one",
        unless=AGAINST,
    ),
    Rule(
        name="zero_dose",
        when=All(CALLED, NO_DOSE),
        action="No polio dose is recorded: call first. Ask for records from abroad; give the next routine dose now,"
        " which counts as the campaign dose, and plan the rest of the course.",
        guideline=UKHSA,
        urgency="soon",
        plain="the polio vaccines that are not in your child's record",
        unless=AGAINST,
    ),
    Rule(
        name="incomplete",
        when=All(CALLED, Not(JUST_HAD_ONE), Not(NO_DOSE), INCOMPLETE),
        action="One or two polio doses are recorded: give the next routine dose now, which counts as the campaign dose,"
        " and plan the rest of the course.",
        guideline=UKHSA,
        urgency="soon",
        plain="the next polio vaccine of your child's course",
        unless=AGAINST,
    ),
    Rule(
        name="booster_now",
        when=All(CALLED, Not(JUST_HAD_ONE), PRE_SCHOOL, COMPLETE),
        action="3 years 4 months or over with three polio doses: give the pre-school booster now, which counts as the"
        " campaign dose.",
        guideline=UKHSA,
        urgency="soon",
        plain="the pre-school booster",
        unless=AGAINST,
    ),
    Rule(
        name="one_6_in_1",
        when=All(CALLED, Not(JUST_HAD_ONE), UNDER_PRE_SCHOOL, COMPLETE),
        action="Under 3 years 4 months with three polio doses: give one dose of 6-in-1.",
        guideline=UKHSA,
        urgency="routine",
        plain="one more 6-in-1 vaccine",
        unless=AGAINST,
    ),
    Rule(
        name="one_booster",
        when=All(CALLED, Not(JUST_HAD_ONE), PRE_SCHOOL, DOSES.at_least(4), Not(BOOSTER_THIS_YEAR)),
        action="3 years 4 months or over with four polio doses: give one dose of Boostrix-IPV or Revaxis.",
        guideline=UKHSA,
        urgency="routine",
        plain="one more polio vaccine",
        unless=AGAINST,
    ),
)

STILL_WITHOUT = Prediction(
    name="still_without",
    question="Which children of 1 to 9 years without a polio dose since 10 August 2022 will have none in 8 weeks?",
    index=Every("month", on=1, since=CAMPAIGN),  # ours: a list a month
    population=All(
        Criterion(
            Age().at_least(1),
            "Under 1: the routine schedule serves them.",
            code="under_1",
            plain="it is made from 1 year on",
        ),
        Criterion(
            Age().below(10),
            "10 or over: not called.",
            code="over_9",
            plain="the campaign is for children up to 9 years",
        ),
        Criterion(
            # The rules call children who joined last week as well.
            Observed().at_least(90),  # spec b 4.3
            "Registered for less than 90 days, or not on that day: the record of doses may be incomplete.",
            code="registered_under_90_days",
            plain="your practice has known your child for less than 3 months, so vaccines may not be recorded yet",
        ),
        Criterion(
            Not(AGAINST),
            "A reason against this vaccine is recorded: a specialist decides.",
            code="contraindicated",
            plain="your child's record gives a reason to ask a specialist about this vaccine first",
        ),
        Criterion(
            Not(CAMPAIGN_DOSE),
            "A polio dose since 10 August 2022 is recorded.",
            code="vaccinated",
            plain="your child has had the campaign's polio vaccine",
        ),
        Criterion(
            Not(JUST_HAD_ONE),
            "A polio dose in the last 27 days: deferred until 28 days after it.",
            code="deferred",
            plain="your child had a polio vaccine in the last 4 weeks",
        ),
        Criterion(
            Not(EXTRA_ALREADY),
            "An additional dose is recorded already.",
            code="extra_dose",
            plain="your child has had an extra polio vaccine already",
        ),
        Criterion(
            Not(BOOSTER_THIS_YEAR),
            "The pre-school booster was given in the last 12 months: exempt.",
            code="booster_in_12_months",
            plain="your child had the pre-school booster in the last year",
        ),
    ),
    outcome=NotDone(Dose(POLIO, 1, since=CAMPAIGN), by=EIGHT_WEEKS),
    outcome_wording="no polio dose within 8 weeks",
    outcome_plain="do not have the campaign's polio vaccine",
    horizons=(56,),
    primary=56,
    look_back=None,
    predictors=PREDICTORS,
    comparator=(
        Comparator(
            "Order of the campaign",
            Number(NO_DOSE, INCOMPLETE),
            unit="2 without a dose, 1 incomplete, 0 complete",
            source="spec b 4.6: no dose, then incomplete, then complete",
            why_not="the record of vaccines is not known completely",
        ),
        Comparator("Age", Age("months"), unit="months", source="the best single variable"),
    ),
    rules=RULES,
    # Ours. With 16% vaccinated after 8 to 9 weeks (spec b 5.5) most children lie in the second band.
    bands=(
        Band(0.0, name="Standard", action="Text or letter with a link to book.", owner="practice administrator"),
        Band(
            0.50,
            name="Reminder",
            action="Pre-booked slot, text reminder 3 days before, second contact at 2 weeks.",
            owner="practice administrator",
            plain="an appointment that is booked for you, with a reminder by text",
        ),
        Band(
            0.90,
            name="Call",
            action="Telephone call in the family's language; evening, weekend or joint slot with brothers and sisters;"
            " outreach clinic; third contact by a healthcare professional.",
            owner="practice immunisation lead, outreach team",
            plain="a call from a nurse, and an appointment that suits your family",
        ),
    ),
    cautions=(
        "Every child on the list is called. The risk says in what order and how, never whether.",
        "Children without any dose come first, whatever their risk: see the rules.",
        "Polio doses less than 14 days apart are counted as one that was entered twice.",
        "A record without doses may be a record from abroad that nobody has asked for.",
        "The made-up records hold no campaign: doses there are routine ones. Before use train it again on records"
        " of the campaign itself.",
        "The list is frozen with its day and version, so that take-up can be counted against it.",
        "Children who are due something else get both in one visit.",
    ),
)

PATHWAY = Pathway(
    title="Polio booster recall",
    about="A campaign of one polio dose for all children of 1 to 9 years, by the rule of London in 2022: whom to call"
    " first and how, which vaccine each child is to have, who is exempt.",
    predictions=(STILL_WITHOUT,),
)
