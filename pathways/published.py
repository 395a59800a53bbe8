"""Published scores that pathways are compared with: each a function of one person's values, with its source.

A score says why it cannot be computed for a person; it never guesses a value.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from pathways.definition import CannotCompute

MG_PER_G_IN_A_MG_PER_MMOL = 1 / 0.11312  # spec 0.3

# The Kidney Failure Risk Equation: Tangri et al. (2011), JAMA 305:1553-1559; baselines for people outside North America
# by the days of the horizon: Tangri et al. (2016), JAMA 315:164-174. The UK's own recalibration (UKKA 2022) could not
# be read, so it is not used: these baselines over-predict below 20% in UK primary care (Major et al. 2019, PLoS Med
# 16:e1002955).
KFRE_4_SURVIVAL = {730: 0.9832, 1826: 0.9365}
KFRE_8_SURVIVAL = {730: 0.9827, 1826: 0.9245}


def kfre_4(horizon: int, *, age: float, sex: float, egfr: float, urine_acr: float) -> float:
    """The 4-variable equation: the probability of kidney failure by 730 or 1,826 days.

    Age in years, sex 0 for female and 1 for male (as in `SEXES`), eGFR in mL/min/1.73 m2 by CKD-EPI 2009 without
    ethnicity, ACR in mg/mmol.

    >>> round(100 * kfre_4(1826, age=65, sex=1, egfr=35, urine_acr=70), 4)
    15.3362
    """
    _for_the_equation(age, sex, egfr)
    log_hazard = (
        -0.2201 * (age / 10 - 7.036)
        + 0.2467 * (sex - 0.5642)
        - 0.5567 * (egfr / 5 - 7.222)
        + 0.4510 * (math.log(urine_acr * MG_PER_G_IN_A_MG_PER_MMOL) - 5.137)
    )
    return _risk(KFRE_4_SURVIVAL, horizon, log_hazard)


def kfre_8(
    horizon: int,
    *,
    age: float,
    sex: float,
    egfr: float,
    urine_acr: float,
    albumin: float,
    phosphate: float,
    bicarbonate: float,
    adjusted_calcium: float,
) -> float:
    """The 8-variable equation; as `kfre_4`, with albumin in g/L and the other three in mmol/L.

    >>> blood = {"albumin": 38, "phosphate": 1.2, "bicarbonate": 24, "adjusted_calcium": 2.35}
    >>> round(100 * kfre_8(1826, age=65, sex=1, egfr=35, urine_acr=70, **blood), 4)
    16.6598
    """
    _for_the_equation(age, sex, egfr)
    log_hazard = (
        -0.1992 * (age / 10 - 7.036)
        + 0.1602 * (sex - 0.5642)
        - 0.4919 * (egfr / 5 - 7.222)
        + 0.3364 * (math.log(urine_acr * MG_PER_G_IN_A_MG_PER_MMOL) - 5.137)
        - 0.3441 * (albumin / 10 - 3.997)
        + 0.2604 * (phosphate * 3.1 - 3.916)
        - 0.07354 * (bicarbonate - 25.57)
        - 0.2228 * (adjusted_calcium * 4 - 9.355)
    )
    return _risk(KFRE_8_SURVIVAL, horizon, log_hazard)


def _for_the_equation(age: float, sex: float, egfr: float) -> None:
    if age < 18:
        raise CannotCompute("the equation is for adults")
    if sex not in (0, 1):
        raise CannotCompute("the equation is for people recorded as female or male")
    if egfr >= 60:
        raise CannotCompute("the equation is for people whose last eGFR is below 60")


def _risk(survival: Mapping[int, float], horizon: int, log_hazard: float) -> float:
    return 1.0 - math.exp(math.log(survival[horizon]) * math.exp(log_hazard))


# Hypertension in the Framingham Offspring Study by Weibull regression: Parikh et al. (2008), Ann Intern Med 148:102.
# In Whitehall II its c-statistic was 0.80 and it over-predicted in younger people (spec 2.7).
def framingham_hypertension(
    years: float,
    *,
    age: float,
    sex: float,
    bmi: float,
    systolic: float,
    diastolic: float,
    smoking: float,
    parents: int = 0,
) -> float:
    """The probability of high blood pressure within 1, 2 or 4 years.

    Age in years, sex 0 for female and 1 for male, BMI in kg/m2, pressures in mmHg, `smoking` 0 for a current smoker (as
    the first level of the smoking status). `parents` with hypertension are hardly ever coded in the UK and count as 0
    (spec 2.6).

    >>> person = {"age": 62, "sex": 1, "bmi": 31, "systolic": 136, "diastolic": 84, "smoking": 2, "parents": 2}
    >>> round(100 * framingham_hypertension(4, **person), 3)
    59.829
    """
    if not 20 <= age <= 80:
        raise CannotCompute("the score is for people of 20 to 80 years")
    if sex not in (0, 1):
        raise CannotCompute("the score is for people recorded as female or male")
    if systolic >= 140 or diastolic >= 90:
        raise CannotCompute("the score is for people whose last pressure is below 140/90")
    scale = (
        22.949536
        - 0.156412 * age
        - 0.202933 * (sex == 0)
        - 0.033881 * bmi
        - 0.05933 * systolic
        - 0.128468 * diastolic
        - 0.190731 * (smoking == 0)
        - 0.166121 * parents
        + 0.001624 * age * diastolic
    )
    return 1.0 - math.exp(-math.exp((math.log(years) - scale) / 0.876925))


# Asthma attacks that need emergency care, adults in primary care: Noble et al. (2021), BJGP 71:e948, table 2. In Wales
# its c-statistic was 0.71; the top 7% had 6.0% against 1.1% (spec 3.7).
NOBLE_STEPS = (0.568, 0.0, 0.101, 0.461)
"""By GINA step: no therapy, 1 or 2, 3, 4 or 5."""


def noble_asthma(
    *,
    age: float,
    bmi: float,
    smoking: float,
    eosinophils_raised: float,
    rhinitis: float,
    diabetes: float,
    heart_disease: float,
    anxiety_depression: float,
    anaphylaxis: float,
    step: float,
    chest_infections: float,
    steroid_courses: float,
    paracetamol: float,
    admissions: float,
) -> float:
    """The probability of an asthma attack in hospital within 12 months.

    Age in years, BMI in kg/m2, `smoking` 0 current, 1 ex, 2 never, `step` the position in `NOBLE_STEPS`; chest
    infections, steroid courses and admissions are counts of the last year, the rest 0 or 1 (eosinophils are raised
    above 0.4 10^9/L).

    >>> nothing = dict.fromkeys(["rhinitis", "diabetes", "heart_disease", "anxiety_depression", "anaphylaxis"], 0)
    >>> counts = {"chest_infections": 0, "steroid_courses": 0, "paracetamol": 0, "admissions": 0}
    >>> person = {"age": 40, "bmi": 22, "smoking": 2, "eosinophils_raised": 0, "step": 1}
    >>> round(100 * noble_asthma(**person, **nothing, **counts), 4)
    0.6607
    """
    if not 18 <= age <= 80:
        raise CannotCompute("the score is for adults up to 80 years")
    log_odds = (
        -5.013
        + 0.192 * (age >= 61)
        + (0.597 if bmi < 18.5 else -0.210 if 25 <= bmi < 30 else -0.103 if bmi >= 30 else 0.0)
        + (0.251 if smoking == 0 else 0.093 if smoking == 1 else 0.0)
        + 0.237 * eosinophils_raised
        - 0.212 * rhinitis
        + 0.378 * diabetes
        + 0.243 * heart_disease
        + 0.192 * anxiety_depression
        + 0.790 * anaphylaxis
        + NOBLE_STEPS[int(step)]
        + (0.313 if chest_infections == 1 else 0.206 if chest_infections >= 2 else 0.0)
        + (0.551 if steroid_courses == 1 else 0.975 if steroid_courses == 2 else 1.141 if steroid_courses >= 3 else 0.0)
        + 0.204 * paracetamol
        + 1.877 * (admissions >= 1)
    )
    return 1.0 / (1.0 + math.exp(-log_odds))


def turner_asthma(*, age: float, attacks: float) -> float:
    """Odds ratio of an attack in the next year for a child of 5 to 12, by the attacks of the year before.

    Turner et al. (2018), 3,776 children (spec 3.6): 1, 3.7 and 7.7 for none, one, two or more.

    >>> turner_asthma(age=8, attacks=1)
    3.7
    """
    if not 5 <= age <= 12:
        raise CannotCompute("the table is for children of 5 to 12 years")
    return (1.0, 3.7, 7.7)[min(int(attacks), 2)]


def alcohol_rule(*, attended: float, frequent: float, audit_c_8: float) -> float:
    """Level 0 to 2 of the rule in use for alcohol-related attendance (R4 of spec b 2.4).

    2 if in hospital because of alcohol in 12 months; 1 if five emergency attendances or more in 12 months, or AUDIT-C
    of 8 or more; else 0. AUDIT-C that nobody asked counts as negative.

    >>> alcohol_rule(attended=0, frequent=1, audit_c_8=0)
    1.0
    """
    return 2.0 if attended else float(bool(frequent or audit_c_8))
