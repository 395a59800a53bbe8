"""Cancer in the records: symptoms with and without one, blood tests that change, the diagnosis and how it is reached.

What is true is in `synthetic.tumours`. Symptoms come at base rates in everybody, and more often the nearer the day on
which a hidden cancer is found. Sources: clinical_a.md 4 and cancer_symptom_risk_12m_cprd.csv; breast has its own file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from synthetic.bloods import attendance
from synthetic.calendar import NEVER, NEW_YEAR, age
from synthetic.clinic import Clinic
from synthetic.concepts import Concept, named
from synthetic.domain import Domain
from synthetic.draws import Flags, Floats, Ints
from synthetic.events import counts, days, spread
from synthetic.records import EMERGENCY_STAY, condition, observation, reading, visit
from synthetic.rows import Rows, stacked, taken
from synthetic.tumours import BREAST, SITES

HISTORY, MALIGNANT, RADIOTHERAPIST = 4144289, 443392, 4142755
WEIGHT_LOSS, HAEMOGLOBIN, PLATELETS, CRP, STOOL_BLOOD, PSA = 435928, 3000963, 3024929, 3020460, 37393315, 3013603
CONCEPTS: tuple[Concept, ...] = (
    *named(
        "Condition",
        "SNOMED",
        (MALIGNANT, "Malignant neoplastic disease", "363346000"),
        (443388, "Malignant tumor of lung", "363358000"),
        (443396, "Malignant tumor of large intestine", "363510005"),
        (4163261, "Malignant tumor of prostate", "399068003"),
        (4181343, "Malignant tumor of esophagus", "363402007"),
        (443387, "Malignant tumor of stomach", "363349007"),
        (4180793, "Malignant tumor of pancreas", "363418001"),
        (197508, "Malignant tumor of urinary bladder", "399326009"),
        (196653, "Malignant tumor of kidney", "363518003"),
        (4181351, "Malignant tumor of ovary", "363443007"),
        (4156113, "Malignant neoplasm of body of uterus", "371972005"),
        (432571, "Malignant lymphoma", "118600007"),
        (317510, "Leukemia", "93143009"),
        (4162276, "Malignant melanoma", "372244006"),
        (4112853, "Malignant tumor of breast", "254837009"),
        (200219, "Abdominal pain", "21522001"),
        (4023572, "Abdominal bloating", "116289008"),
        (4026112, "Rectal hemorrhage", "12063002"),
        (4338120, "Altered bowel function"),
        (31317, "Dysphagia", "40739000"),
        (439418, "Indigestion", "162031009"),
        (137977, "Jaundice", "18165001"),
        (437038, "Blood in urine", "34436003"),
        (261687, "Hemoptysis", "66857006"),
        (254761, "Cough", "49727002"),
        (312437, "Dyspnea", "267036007"),
        (4223659, "Fatigue", "84229001"),
        (195321, "Postmenopausal bleeding"),
        (134736, "Backache", "161891005"),
        (80767, "Breast lump", "89164003"),
    ),
    *named("Observation", "SNOMED", (RADIOTHERAPIST, "Referral to radiotherapist")),
    *named("Observation", "SNOMED", (HISTORY, "H/O: malignant neoplasm", "266987004")),
    *named("Observation", "SNOMED", (WEIGHT_LOSS, "Abnormal weight loss", "267024001")),
    *named("Measurement", "LOINC", (CRP, "C reactive protein [Mass/volume] in Serum or Plasma", "1988-5")),
    *named("Measurement", "LOINC", (PLATELETS, "Platelets [#/volume] in Blood by Automated count", "777-3")),
    *named("Measurement", "LOINC", (PSA, "Prostate specific Ag [Mass/volume] in Serum or Plasma", "2857-1")),
    *named("Measurement", "SNOMED", (STOOL_BLOOD, "Faecal occult blood test")),
    *named("Unit", "UCUM", (8751, "milligram per liter", "mg/L"), (8842, "nanogram per milliliter", "ng/mL")),
    *named("Unit", "UCUM", (9444, "billion per liter", "10*9/L"), (8720, "microgram per gram", "ug/g")),
)
_SITES = (443388, 443396, 4163261, 4181343, 443387, 4180793, 197508, 196653, 4181351, 4156113, 432571, 317510, 437233)
DESCENDANTS: tuple[tuple[int, int, int], ...] = tuple((MALIGNANT, code, 2) for code in (*_SITES, 4162276, 4112853))

CODES = {  # what a site is called; shares are ours
    "upper gastrointestinal": ((4181343, 0.35), (443387, 0.25), (4180793, 0.40)),
    "bladder or kidney": ((197508, 0.5), (196653, 0.5)),
    "womb or ovary": ((4156113, 0.55), (4181351, 0.45)),
    "blood": ((432571, 0.6), (317510, 0.4)),
}
KNOWN = (0.80, 0.88)  # London, North: general practice codes miss 10 to 20% (4.3, assumption); by region ours
EMERGENCY_ROUTE = 0.20  # NCRAS 2013 (4.8)
CODED_AFTER = 18.0  # ours, ungrounded: mean days from diagnosis to the practice's code


@dataclass(frozen=True)
class Symptom:
    """A symptom: rows a year at 20, 50 and 80 in men and women without cancer, and the share of cancers that show it.

    Base rates are ours (none was read), set so that the risk of cancer in the year after a first record at 60 and 70
    comes near cancer_symptom_risk_12m_cprd.csv; so are the shares.
    """

    concept: int
    men: tuple[float, float, float]
    women: tuple[float, float, float]
    shown: tuple[tuple[str, float], ...]


SYMPTOMS = (
    Symptom(
        200219,
        (0.019, 0.027, 0.037),
        (0.044, 0.04, 0.043),
        (
            ("colorectal", 0.17),
            ("upper gastrointestinal", 0.22),
            ("womb or ovary", 0.15),
            ("other", 0.07),
            ("blood", 0.06),
        ),
    ),
    Symptom(
        4023572, (0.0011, 0.0022, 0.0033), (0.0066, 0.011, 0.0077), (("womb or ovary", 0.17), ("colorectal", 0.04))
    ),
    Symptom(4026112, (0.0052, 0.0091, 0.01), (0.0065, 0.0078, 0.0091), (("colorectal", 0.19),)),
    Symptom(
        4338120,
        (0.0014, 0.0056, 0.011),
        (0.0028, 0.007, 0.011),
        (("colorectal", 0.18), ("upper gastrointestinal", 0.05)),
    ),
    Symptom(31317, (0.0009, 0.003, 0.0075), (0.001, 0.003, 0.0075), (("upper gastrointestinal", 0.19),)),
    Symptom(
        439418, (0.0078, 0.018, 0.021), (0.0091, 0.019, 0.021), (("upper gastrointestinal", 0.17), ("colorectal", 0.03))
    ),
    Symptom(
        137977, (0.0003, 0.0004, 0.0008), (0.0003, 0.0004, 0.0007), (("upper gastrointestinal", 0.14), ("other", 0.04))
    ),
    Symptom(
        437038, (0.0013, 0.0039, 0.013), (0.0026, 0.0052, 0.0078), (("bladder or kidney", 0.44), ("prostate", 0.05))
    ),
    Symptom(261687, (0.00096, 0.0019, 0.0035), (0.0008, 0.0014, 0.0024), (("lung", 0.09),)),
    Symptom(254761, (0.036, 0.054, 0.072), (0.042, 0.066, 0.072), (("lung", 0.25), ("blood", 0.05))),
    Symptom(312437, (0.0081, 0.018, 0.061), (0.011, 0.02, 0.057), (("lung", 0.2), ("blood", 0.09), ("other", 0.05))),
    Symptom(
        4223659,
        (0.014, 0.019, 0.027),
        (0.038, 0.041, 0.035),
        (("blood", 0.14), ("colorectal", 0.09), ("lung", 0.09), ("womb or ovary", 0.07), ("other", 0.08)),
    ),
    Symptom(195321, (0.0, 0.0, 0.0), (0.0, 0.004, 0.006), (("womb or ovary", 0.4),)),
    Symptom(134736, (0.035, 0.055, 0.045), (0.04, 0.06, 0.06), (("prostate", 0.06), ("lung", 0.08), ("blood", 0.1))),
    Symptom(
        WEIGHT_LOSS,
        (0.0016, 0.004, 0.016),
        (0.0024, 0.0048, 0.016),
        (("upper gastrointestinal", 0.12), ("lung", 0.09), ("colorectal", 0.06), ("other", 0.06), ("blood", 0.06)),
    ),
    Symptom(80767, (0.00031, 0.00037, 0.00037), (0.0074, 0.0087, 0.0043), (("breast", 0.61),)),
)
BASE_AGE = np.array([20.0, 50.0, 80.0])
# Blood tests at a symptom: share taken, and what a hidden cancer does to them. Ours, in the direction of clinical_a 4.
TESTED = {"count": 0.35, "crp": 0.22, "stool": 0.10, "psa": 0.10}
ANAEMIA = {"colorectal": 16.0, "upper gastrointestinal": 10.0, "blood": 12.0, "other": 5.0, "lung": 6.0}


def draw(clinic: Clinic) -> Domain:
    """Symptoms, tests and diagnoses of a block of people."""
    symptoms = stacked(
        [*(_anyway(clinic, each) for each in SYMPTOMS), *(_of_cancer(clinic, each) for each in SYMPTOMS)]
    )
    symptoms = taken(symptoms, _here(clinic, symptoms))
    lost = symptoms["concept"] == WEIGHT_LOSS
    codes, routes = _diagnoses(clinic)
    seen = taken(symptoms, ~lost)
    thin = taken(symptoms, lost)
    return Domain(
        rows={
            "condition_occurrence": stacked([condition(seen["who"], seen["day"], seen["concept"]), codes]),
            "observation": stacked(
                [observation(thin["who"], thin["day"], WEIGHT_LOSS), _history(clinic), _referred(clinic)]
            ),
            "measurement": _tests(clinic, symptoms),
            "visit_occurrence": routes,
        },
        truth={"cancer_diagnosis.cancer": _truth(clinic)},
    )


def _here(clinic: Clinic, rows: Rows) -> Flags:
    return clinic.lives.seen(rows["who"], rows["day"])


def _anyway(clinic: Clinic, symptom: Symptom) -> Rows:
    """Records of a symptom in people whatever they have, by age and by how readily they come."""
    people = clinic.people
    ages = people.ages()
    rate = np.where(
        people.female[:, None], np.interp(ages, BASE_AGE, symptom.women), np.interp(ages, BASE_AGE, symptom.men)
    )
    rate = np.where(ages < 18, 0.4, 1.0) * rate * np.exp(0.25 * clinic.latent.attending)[:, None]
    if symptom.concept == 195321:
        rate = np.where(ages < 51, 0.0, rate)
    year = np.arange(len(NEW_YEAR))[None, :]
    number = counts(clinic, f"symptom {symptom.concept}", rate, people.person[:, None], year, most=3)
    who, when, turn = spread(number)
    day = days(clinic, f"symptom {symptom.concept}", who, when, turn)
    return {"who": who, "day": day, "concept": np.full(len(who), symptom.concept)}


def _of_cancer(clinic: Clinic, symptom: Symptom) -> Rows:
    """Records that a hidden cancer brings: one for some, a second for a third of them, most in the last months."""
    tumours, draws = clinic.tumours, clinic.draws
    shown = np.zeros(len(SITES) + 1)
    for at, site in enumerate(SITES):
        shown[at] = dict(symptom.shown).get(site.name, 0.0)
    chance = np.where(tumours.by_screen, 0.15, 1.0) * shown[tumours.site]  # a cancer of screening seldom shows
    person = clinic.people.person
    parts = []
    for turn in range(2):
        order = np.full(len(person), turn)
        once = draws.happens(f"cancer shows {symptom.concept}", chance * (1.0 if turn == 0 else 0.33), person, order)
        who = np.flatnonzero(once & (tumours.diagnosis < NEVER))
        hidden = np.minimum(tumours.diagnosis - tumours.begins[np.arange(len(person)), tumours.site], 730)[who]
        early = draws.uniform(f"when {symptom.concept}", person[who], order[who]) ** 1.6
        day = tumours.diagnosis[who] - 1 - np.floor(hidden * early).astype(np.int64)
        parts.append({"who": who, "day": day, "concept": np.full(len(who), symptom.concept)})
    return stacked(parts)


def _diagnoses(clinic: Clinic) -> tuple[Rows, Rows]:
    """The practice's code some days after, a second one for some; the stay of those who came as emergencies."""
    tumours, draws, lives = clinic.tumours, clinic.draws, clinic.lives
    who = np.flatnonzero((tumours.site >= 0) & (tumours.diagnosis <= lives.last) & (tumours.site != BREAST))
    person, day = clinic.people.person[who], tumours.diagnosis[who]
    known = draws.happens("cancer known", np.array(KNOWN)[clinic.people.region[who]], person)
    emergency = draws.happens("emergency route", EMERGENCY_ROUTE, person) & lives.seen(who, day)
    wait = np.floor(CODED_AFTER * draws.exponential("cancer coded after", person)).astype(np.int64)
    concept = _called(clinic, who)
    coded = np.maximum(day + np.where(emergency, 0, wait), lives.first[who] + 14)
    keep = known & (coded <= lives.last[who])
    parts = [condition(who[keep], coded[keep], concept[keep], emergency[keep])]
    again = keep & draws.happens("cancer coded again", 0.5, person)
    later = coded + 30 + np.floor(200 * draws.uniform("cancer coded again on", person)).astype(np.int64)
    again &= later <= lives.last[who]
    parts.append(condition(who[again], later[again], concept[again]))
    came = day - np.floor(14 * draws.uniform("emergency before", person)).astype(np.int64)
    came = np.maximum(came, lives.first[who])
    last = np.minimum(came + 9, lives.last[who])
    return stacked(parts), taken(visit(who, came, last, EMERGENCY_STAY), emergency)


def _called(clinic: Clinic, who: Ints) -> Ints:
    site = clinic.tumours.site[who]
    concept = np.array([each.concept for each in SITES])[site]
    for name, codes in CODES.items():
        mine = site == [each.name for each in SITES].index(name)
        which = clinic.draws.choice(
            f"code of {name}", np.array([share for _, share in codes]), clinic.people.person[who]
        )
        concept = np.where(mine, np.array([code for code, _ in codes])[which], concept)
    gynae = site == [each.name for each in SITES].index("womb or ovary")
    return np.asarray(np.where(gynae & ~clinic.people.female[who], MALIGNANT, concept))


def _history(clinic: Clinic) -> Rows:
    """A note of an earlier cancer in some of those who join with one."""
    who = np.flatnonzero((clinic.tumours.site >= 0) & (clinic.tumours.diagnosis < clinic.lives.first))
    keep = clinic.draws.happens("history of cancer", 0.3, clinic.people.person[who])  # ours, ungrounded
    who = who[keep]
    day = np.minimum(clinic.lives.first[who] + 14, clinic.lives.last[who])
    return observation(who, day, HISTORY)


def _referred(clinic: Clinic) -> Rows:
    """To a radiotherapist a month after, for a third (ours); urgent referrals have no verified concept."""
    who = np.flatnonzero(clinic.tumours.site >= 0)
    day = clinic.tumours.diagnosis[who] + 30
    keep = clinic.draws.happens("radiotherapy", 0.33, clinic.people.person[who]) & clinic.lives.seen(who, day)
    return observation(who[keep], day[keep], RADIOTHERAPIST)


def _tests(clinic: Clinic, symptoms: Rows) -> Rows:
    """Blood counts, C-reactive protein, blood in stool and PSA in the days after a symptom."""
    who, day = symptoms["who"], symptoms["day"] + 4
    person, draws = clinic.people.person[who], clinic.draws
    ready = attendance(clinic, who, day) * (age(clinic.people.birth[who], day) >= 18) * clinic.lives.seen(who, day)
    hidden = (clinic.tumours.begins[who, clinic.tumours.site[who]] <= day) & (clinic.tumours.site[who] >= 0)
    hidden &= clinic.tumours.diagnosis[who] > day
    site = np.where(hidden, clinic.tumours.site[who], -1)
    falls = np.array([ANAEMIA.get(each.name, 0.0) for each in SITES] + [0.0])[site]
    female = clinic.people.female[who]

    def taken_at(what: str, unit: int, value: NDArray[Any], concept: int, able: Flags | bool = True) -> Rows:
        keep = draws.happens(f"{what} taken", np.minimum(TESTED[what] * ready, 0.95), person, day) & able
        return reading(who[keep], day[keep], concept, value[keep], unit)

    blood = np.where(female, 134.0, 148.0) + 9.0 * draws.normal("own Hb", person)
    blood = blood - falls * draws.exponential("anaemia", person) + 4.0 * draws.normal("Hb at a symptom", person, day)
    platelets = 255.0 + 50.0 * draws.normal("platelets", person) + np.where(hidden, 55.0, 0.0)
    crp = np.exp(1.0 + 0.9 * draws.normal("CRP", person, day) + np.where(hidden, 0.9, 0.0))
    bowel = site == [each.name for each in SITES].index("colorectal")
    stool = np.exp(0.9 + 1.3 * draws.normal("stool", person, day) + np.where(bowel, 3.2, 0.0))
    gland = site == [each.name for each in SITES].index("prostate")
    psa = np.exp(0.3 + 0.6 * draws.normal("own PSA", person) + np.where(gland, 1.9, 0.0))
    man = ~female & (age(clinic.people.birth[who], day) >= 45)
    return stacked(
        [
            taken_at("count", 8636, np.round(np.clip(blood, 50.0, 190.0)), HAEMOGLOBIN),
            taken_at("count", 9444, np.round(np.clip(platelets, 40.0, 1200.0)), PLATELETS),
            taken_at("crp", 8751, np.round(np.clip(crp, 0.5, 400.0), 1), CRP),
            taken_at("stool", 8720, np.round(np.clip(stool, 0.0, 400.0), 1), STOOL_BLOOD),
            taken_at("psa", 8842, np.round(np.clip(psa, 0.1, 200.0), 1), PSA, man),
        ]
    )


def _truth(clinic: Clinic) -> Rows:
    """Of adults without a cancer so far, on New Year's Day."""
    who, year = np.nonzero(clinic.people.ages() >= 17.5)
    day = NEW_YEAR[year]
    keep = clinic.tumours.diagnosis[who] > day
    who, day = who[keep], day[keep]
    hidden: Floats = np.any(clinic.tumours.begins[who] <= day[:, None], axis=1).astype(np.float64)
    hazard: Floats = clinic.tumours.hazard(clinic.people, who, day)
    return {"who": who, "day": day, "hazard": hazard, "hidden": hidden}
