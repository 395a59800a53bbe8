"""Measurement rows that come with blood tests: creatinine, laboratory eGFR, albumin to creatinine ratio and others."""

from __future__ import annotations

import numpy as np

from synthetic.calendar import age
from synthetic.clinic import Clinic
from synthetic.draws import Flags, Ints
from synthetic.kidney import true_acr
from synthetic.records import reading
from synthetic.rows import Rows, stacked, taken

BELOW, ABOVE = 4171756, 4172704  # operators < and > (clinical_a.md 0.2)

# Habits of practices, by number; assumptions: a tenth sends creatinine in mg/dL, another tenth HbA1c in %.
ONLY_EGFR = 0.04  # assumption: a laboratory eGFR without its creatinine
CALCULATED_MG = 88.4  # umol/L in 1 mg/dL (clinical_a.md 0.3)

ACR_TESTED = 0.54 / 0.80  # diabetes, given a planned blood test that year (clinical_a.md 1.8)
ACR_TESTED_LOW = 0.28 / 0.85  # low eGFR without diabetes, the same
ACR_TESTED_OTHERS = 0.06  # less than a tenth of the others; assumption inside that
ACR_FLOOR = 0.6  # assumption: share of laboratories' values below 3 mg/mmol that are sent as "<3"


def in_mg(practice: Ints) -> Flags:
    """Practices whose laboratory reports creatinine in mg/dL and the albumin ratio in mg/g."""
    return np.asarray(practice % 10 == 3)


def in_percent(practice: Ints) -> Flags:
    """Practices whose laboratory still reports HbA1c in %."""
    return np.asarray(practice % 10 == 7)


def blood_results(clinic: Clinic, bloods: Rows) -> Rows:
    """All measurement rows of the blood and urine tests."""
    parts = (_creatinine, _laboratory_egfr, _acr, _hba1c, _haemoglobin, _cholesterol)
    return stacked([part(clinic, bloods) for part in parts])


def _without_creatinine(clinic: Clinic, bloods: Rows) -> Flags:
    person = clinic.people.person[bloods["who"]]
    alone = clinic.draws.happens("only eGFR", ONLY_EGFR, person, bloods["day"])
    return alone & _reports_egfr(clinic.practice(bloods["who"], bloods["day"])) & ~bloods["hospital"]


def _reports_egfr(practice: Ints) -> Flags:
    return np.asarray(practice % 5 < 3)  # assumption: three practices in five file the laboratory's eGFR


def _creatinine(clinic: Clinic, bloods: Rows) -> Rows:
    rows = taken(bloods, ~_without_creatinine(clinic, bloods))
    mg = in_mg(clinic.practice(rows["who"], rows["day"]))
    value = np.where(mg, np.round(rows["creatinine"] / CALCULATED_MG, 2), rows["creatinine"])
    concept, unit = np.where(mg, 3016723, 3020564), np.where(mg, 8840, 8749)
    return reading(rows["who"], rows["day"], concept, value, unit, rows["hospital"])


def _laboratory_egfr(clinic: Clinic, bloods: Rows) -> Rows:
    """Whole numbers, capped at 90 with `>` by half of these practices; one practice in seven mislabels the unit."""
    practice = clinic.practice(bloods["who"], bloods["day"])
    rows = taken(bloods, _reports_egfr(practice))
    practice = clinic.practice(rows["who"], rows["day"])
    capped = (practice % 2 == 0) & (rows["egfr"] > 90)
    value = np.where(capped, 90.0, np.round(rows["egfr"]))
    concept, unit = np.where(practice % 4 == 1, 44790183, 40764999), np.where(practice % 7 == 2, 8795, 720870)
    result = reading(rows["who"], rows["day"], concept, value, unit, rows["hospital"])
    return {**result, "operator": np.where(capped, ABOVE, 0)}


def _acr(clinic: Clinic, bloods: Rows) -> Rows:
    rows = taken(bloods, bloods["review"])
    who, day = rows["who"], rows["day"]
    chance = np.where(rows["egfr"] < 60, ACR_TESTED_LOW, ACR_TESTED_OTHERS)
    chance = np.where(clinic.diabetic(who, day), ACR_TESTED, chance)
    person = clinic.people.person[who]
    keep = clinic.draws.happens("ACR", chance, person, day)
    who, day, person = who[keep], day[keep], person[keep]
    true = true_acr(
        clinic.draws, clinic.people, clinic.latent, clinic.illness, who, day, clinic.kidneys.true_egfr(who, day)
    )
    value = true * np.exp(0.3 * clinic.draws.normal("ACR noise", person, day))  # assumption: 30% from day to day
    floor = (value < 3.0) & clinic.draws.happens("ACR floor", ACR_FLOOR, person, day)
    grams = in_mg(clinic.practice(who, day))
    value = np.where(floor, 3.0, np.round(np.maximum(value, 0.1), 1))
    sent = np.where(grams, np.round(value / 0.11312, 1), value)  # mg/g to mg/mmol: clinical_a.md 0.3
    result = reading(
        who, day, np.where(grams, 3001802, 3020682), sent, np.where(grams, 8723, 9075), rows["hospital"][keep]
    )
    return {**result, "operator": np.where(floor, BELOW, 0)}


def _hba1c(clinic: Clinic, bloods: Rows) -> Rows:
    """mmol/mol about 58 (diabetes coded), 38 otherwise; assumption."""
    rows = taken(bloods, ~bloods["hospital"])
    person, diabetic = clinic.people.person[rows["who"]], clinic.diabetic(rows["who"], rows["day"])
    keep = clinic.draws.happens("HbA1c", np.where(diabetic, 0.9, 0.3), person, rows["day"])
    rows, person, diabetic = taken(rows, keep), person[keep], diabetic[keep]
    years = age(clinic.people.birth[rows["who"]], rows["day"])
    uncoded = ~diabetic & (clinic.illness["type 2 diabetes"].age[rows["who"]] <= years)
    own = clinic.draws.normal("own HbA1c", person)
    mean = np.where(diabetic, 58.0 + 11.0 * own, np.where(uncoded, 52.0 + 5.0 * np.abs(own), 37.0 + 2.5 * own))
    value = np.round(mean + np.where(diabetic, 5.0, 1.5) * clinic.draws.normal("HbA1c noise", person, rows["day"]))
    percent = in_percent(clinic.practice(rows["who"], rows["day"]))
    sent = np.where(percent, np.round(value / 10.929 + 2.15, 1), value)  # clinical_a.md 0.3
    concept, unit = np.where(percent, 3004410, 40762352), np.where(percent, 8554, 44777620)
    return reading(rows["who"], rows["day"], concept, np.maximum(sent, 3.5), unit, rows["hospital"])


def _haemoglobin(clinic: Clinic, bloods: Rows) -> Rows:
    """g/L: men 148, women 134, lower when kidneys fail; assumption."""
    person = clinic.people.person[bloods["who"]]
    rows = taken(bloods, clinic.draws.happens("haemoglobin", 0.85, person, bloods["day"]))
    person = clinic.people.person[rows["who"]]
    mean = np.where(clinic.people.female[rows["who"]], 134.0, 148.0) + 9.0 * clinic.draws.normal("own Hb", person)
    mean = mean - 0.35 * np.maximum(60.0 - rows["egfr"], 0.0)
    value = np.round(mean + 4.0 * clinic.draws.normal("Hb noise", person, rows["day"]))
    return reading(rows["who"], rows["day"], 3000963, np.maximum(value, 45.0), 8636, rows["hospital"])


def _cholesterol(clinic: Clinic, bloods: Rows) -> Rows:
    """mmol/L: 5.1, and 4.2 where a statin is likely; assumption."""
    rows = taken(bloods, bloods["review"])
    person = clinic.people.person[rows["who"]]
    rows = taken(rows, clinic.draws.happens("cholesterol", 0.6, person, rows["day"]))
    person = clinic.people.person[rows["who"]]
    heart = clinic.known("ischaemic heart disease", rows["who"], rows["day"])
    treated = clinic.diabetic(rows["who"], rows["day"]) | heart
    mean = np.where(treated, 4.2, 5.1) + 0.8 * clinic.draws.normal("own cholesterol", person)
    value = np.round(mean + 0.3 * clinic.draws.normal("cholesterol noise", person, rows["day"]), 1)
    return reading(rows["who"], rows["day"], 3019900, np.maximum(value, 1.8), 8753, rows["hospital"])
