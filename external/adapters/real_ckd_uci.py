"""400 people of a hospital in India, 250 of whom its doctors called kidney patients at the same visit."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pandas as pd

from external.adapters.flat import Flat
from external.adapters.omop import FEMALE, MALE, UNKNOWN_SEX, Code


def called_kidney_disease(rows: pd.DataFrame) -> pd.Series:
    return (rows["classification"] == "ckd").astype(float)


RECORDED = Flat(
    file="parquet/ckd_uci.parquet",
    person="id",
    seen_on=date(2015, 7, 1),
    sex=UNKNOWN_SEX,
    age="age",
    codes=(
        Code("sc", "measurement", 3016723, "Creatinine [Mass/volume] in Serum or Plasma", 8840, "mg/dL"),
        Code("hemo", "measurement", 3000963, "Hemoglobin [Mass/volume] in Blood", 8713, "g/dL"),
        Code("htn", "condition_occurrence", 316866, "Hypertensive disorder", equals="yes"),
        Code("dm", "condition_occurrence", 201820, "Diabetes mellitus", equals="yes"),
        Code("cad", "condition_occurrence", 317576, "Coronary arteriosclerosis", equals="yes"),
    ),
    notes=(
        "The set was given to its repository in July 2015, which gives the day.",
        "`classification` is no record: it is what the answers are held against.",
        "Nobody without the diagnosis has hypertension, diabetes or heart disease: they were picked.",
        "Left out: `bp`, which does not say which pressure it is; albumin and sugar by dipstick (`al`, `su`), red "
        "cells and pus in urine, random glucose, urea and salts, which no predictor reads.",
    ),
    labelled=("have the set's diagnosis of kidney disease", called_kidney_disease),
)
BOTH_WAYS = "The set has no sex, and eGFR needs one, so it is read as all women and as all men: the truth lies between."

ADAPTERS = {
    "": replace(RECORDED, notes=("The set has no sex: it is left unknown.", *RECORDED.notes)),
    "as_women": replace(RECORDED, sex=FEMALE, notes=(BOTH_WAYS, *RECORDED.notes)),
    "as_men": replace(RECORDED, sex=MALE, notes=(BOTH_WAYS, *RECORDED.notes)),
}
