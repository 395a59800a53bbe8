"""1,186 people with a vascular risk in Al Ain: a creatinine, illnesses, and who died in up to ten years."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from external.adapters.flat import Flat, FollowUp
from external.adapters.omop import FEMALE, MALE, Code

MONTHS, DIED = "time(months)", "outcome"
FIVE_YEARS = 60


def died_in_five_years(rows: pd.DataFrame) -> pd.Series:
    """Whoever left alive before is unknown."""
    died = (rows[DIED] == 1) & (rows[MONTHS] <= FIVE_YEARS)
    return pd.Series(np.where(died, 1.0, np.where(rows[MONTHS] > FIVE_YEARS, 0.0, np.nan)), index=rows.index)


ADAPTERS = {
    "": Flat(
        file="parquet/ckd_uae.parquet",
        person="id",
        seen_on=date(2008, 4, 1),
        sex=("sex", {0: FEMALE, 1: MALE}),
        age=None,
        codes=(
            Code("creatnine", "measurement", 3020564, "Creatinine [Moles/volume] in Serum or Plasma", 8749, "umol/L"),
            Code("hypertension", "condition_occurrence", 316866, "Hypertensive disorder", equals=1),
            Code("diabetes", "condition_occurrence", 201820, "Diabetes mellitus", equals=1),
            Code("smoking", "observation", 4298794, "Smoker", equals=1),
            Code("smoking", "observation", 4222303, "Non-smoker", equals=0),
        ),
        notes=(
            "`sex` 1 is male: 54.0% of the table, as of the paper (Al-Shamsi 2021, Oman Med J 36:e217). Its people "
            "came from April 2008 on, which gives the day.",
            "`smoking` 0 is taken for a non-smoker, as the set does not know of former smokers.",
            "Left out: `cardiovascular_disease`, which does not say whether of heart, brain or legs; cancer, obesity "
            "and dyslipidaemia, which no predictor reads.",
        ),
        followed=FollowUp(MONTHS, DIED, 1),
        labelled=("died within five years", died_in_five_years),
    )
}
