"""What is taken at the desk: blood pressure, body mass index and smoking."""

from __future__ import annotations

import numpy as np

from synthetic.bloods import attendance
from synthetic.calendar import NEW_YEAR, age
from synthetic.clinic import Clinic, grid
from synthetic.draws import Floats, Ints
from synthetic.habits import true_bmi
from synthetic.records import observation, reading
from synthetic.rows import Rows, stacked, taken

# Share with a blood pressure in a year by age (assumption, so that about a third of young adults and few old people
# have none in five years: clinical_a.md 2.8) and with an illness that asks for one (assumption).
PRESSURE_AGE = np.array([18.0, 40.0, 65.0, 80.0])
PRESSURE_TAKEN = np.array([0.18, 0.33, 0.60, 0.70])
PRESSURE_ILL = 0.88
SECOND_PRESSURE = 0.45  # assumption
SEVERE = 180.0  # mmHg: NICE NG136, severe hypertension
ROUND_TEN, ROUND_TWO = 0.30, 0.90  # assumption: readings that end in 0, and in 0 or an even digit
BMI_TAKEN, BMI_TAKEN_ILL = 0.20, 0.70  # assumption; 77% ever, fewer in three years (clinical_a.md 0.4)
SMOKING_ASKED = 0.35  # assumption


def desk_results(clinic: Clinic) -> Rows:
    """Measurement rows of blood pressure and body mass index."""
    return stacked([_pressures(clinic), _bmi(clinic)])


def _pressures(clinic: Clinic) -> Rows:
    who, year, slot = grid(clinic, 2)
    person = clinic.people.person[who]
    day = NEW_YEAR[year] + np.floor(365 * clinic.draws.uniform("day of pressure", person, year, slot)).astype(np.int64)
    chance = pressure_taken(clinic, who, day) * np.where(slot == 0, 1.0, SECOND_PRESSURE)
    keep = clinic.draws.happens("pressure", np.minimum(chance * attendance(clinic, who, day), 0.98), person, year, slot)
    keep &= clinic.lives.seen(who, day) & (age(clinic.people.birth[who], day) >= 16)
    once = np.unique(np.stack([who[keep], day[keep]]), axis=1)
    who, day = once[0], once[1]
    systolic, diastolic = _true_pressure(clinic, who, day)
    gp = np.zeros(len(who), dtype=np.bool_)
    upper = _rounded(clinic, who, day, "systolic", systolic)
    lower = np.minimum(_rounded(clinic, who, day, "diastolic", diastolic), upper - 10)
    return stacked([reading(who, day, 3004249, upper, 8876, gp), reading(who, day, 3012888, lower, 8876, gp)])


def referrals(clinic: Clinic, results: Rows) -> Rows:
    """To a hypertension clinic, a week after a systolic pressure of 180 or more, for a fifth of these (ours)."""
    high = taken(results, (results["concept"] == 3004249) & (results["value"] >= SEVERE))
    who, day = high["who"], high["day"] + 7
    keep = clinic.draws.happens("referred for pressure", 0.2, clinic.people.person[who], day)
    keep &= clinic.lives.seen(who, day)
    return observation(who[keep], day[keep], 4085017)


def pressure_taken(clinic: Clinic, who: Ints, day: Ints) -> Floats:
    """Share of people like these who have a pressure taken in a year, before attendance."""
    chance = np.interp(age(clinic.people.birth[who], day), PRESSURE_AGE, PRESSURE_TAKEN)
    ill = clinic.diabetic(who, day) | clinic.known("hypertension", who, day)
    return np.asarray(np.where(ill, PRESSURE_ILL, chance))


def usual_systolic(clinic: Clinic, who: Ints, day: Ints) -> Floats:
    """Systolic 116 at 20 rising with age, 14 higher from the true onset of hypertension, half of it when coded."""
    person, years = clinic.people.person[who], age(clinic.people.birth[who], day)
    raised = clinic.illness["hypertension"].age[who] <= years
    treated = clinic.known("hypertension", who, day)
    systolic = 116.0 + 0.30 * (years - 20.0) + 2.5 * clinic.latent.metabolic[who]  # assumption, as is all of this
    return np.asarray(systolic + 14.0 * raised - 7.0 * treated + 6.0 * clinic.draws.normal("own systolic", person))


def _true_pressure(clinic: Clinic, who: Ints, day: Ints) -> tuple[Floats, Floats]:
    """What a cuff would read that day: the usual pressure and the day's."""
    person, years = clinic.people.person[who], age(clinic.people.birth[who], day)
    systolic = usual_systolic(clinic, who, day) + 8.0 * clinic.draws.normal("systolic of the day", person, day)
    diastolic = 72.0 + 0.25 * np.minimum(years - 20.0, 35.0) - 0.25 * np.maximum(years - 60.0, 0.0)
    diastolic = diastolic + 0.35 * (systolic - 116.0 - 0.30 * (years - 20.0))
    diastolic = diastolic + 5.0 * clinic.draws.normal("diastolic of the day", person, day)
    return np.clip(systolic, 85.0, 230.0), np.clip(diastolic, 45.0, 130.0)


def _rounded(clinic: Clinic, who: Ints, day: Ints, what: str, value: Floats) -> Floats:
    """Digit preference: some readings end in 0, most in an even digit."""
    taste = clinic.draws.uniform(f"digit of {what}", clinic.people.person[who], day)
    even = np.where(taste < ROUND_TWO, 2.0 * np.round(value / 2.0), np.round(value))
    return np.where(taste < ROUND_TEN, 10.0 * np.round(value / 10.0), even)


def _bmi(clinic: Clinic) -> Rows:
    who, year, _ = grid(clinic)
    person = clinic.people.person[who]
    day = NEW_YEAR[year] + np.floor(365 * clinic.draws.uniform("day of BMI", person, year)).astype(np.int64)
    ill = clinic.diabetic(who, day) | clinic.known("hypertension", who, day)
    chance = np.where(ill, BMI_TAKEN_ILL, BMI_TAKEN) * attendance(clinic, who, day)
    keep = clinic.draws.happens("BMI", chance, person, year) & clinic.lives.seen(who, day)
    keep &= age(clinic.people.birth[who], day) >= 18
    who, day, person = who[keep], day[keep], person[keep]
    years = age(clinic.people.birth[who], day)
    noise = np.exp(0.02 * clinic.draws.normal("BMI of the day", person, day))
    value = np.round(true_bmi(clinic.habits, who, years) * noise, 1)
    return reading(who, day, 3038553, np.clip(value, 13.0, 75.0), 9531, np.zeros(len(who), dtype=np.bool_))


def smoking(clinic: Clinic) -> Rows:
    """Observation rows: never, current or ex-smoker as asked in some years; smokers stop at a steady rate."""
    who, year, _ = grid(clinic)
    person = clinic.people.person[who]
    day = NEW_YEAR[year] + np.floor(365 * clinic.draws.uniform("day of smoking", person, year)).astype(np.int64)
    keep = clinic.draws.happens("smoking asked", SMOKING_ASKED * attendance(clinic, who, day), person, year)
    keep &= clinic.lives.seen(who, day) & (age(clinic.people.birth[who], day) >= 16)
    who, day, habits = who[keep], day[keep], clinic.habits
    code = np.where(clinic.practice(who, day) % 3 == 0, 4276526, 4298794)  # assumption: two codes in use
    concept = np.where(~habits.smoked[who], 4144272, np.where(habits.smokes(who, day), code, 4310250))
    return observation(who, day, concept)
