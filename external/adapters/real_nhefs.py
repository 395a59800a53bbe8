"""1,629 American smokers of 1971, seen again in 1982: blood pressures, illnesses, and who died until 1992."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd

from external.adapters.flat import Flat, FollowUp
from external.adapters.omop import FEMALE, MALE, Code

BETWEEN = 11
"""Years from the first visit, of which the age is, to the second, of which the pressures are."""
SECOND_VISIT, LAST_NEWS = (82, 7), (92, 12)


def told_of_high_pressure(rows: pd.DataFrame) -> pd.Series:
    """`hbp` is 1 for ever, 0 for never, 2 for not known."""
    return rows["hbp"].map({0: 0.0, 1: 1.0})


@dataclass(frozen=True)
class Nhefs(Flat):
    """A flat set of two visits: the age is brought to the second, and months are counted from it."""

    def read(self, raw: Path) -> pd.DataFrame:
        rows = super().read(raw)
        year = rows["yrdth"].fillna(LAST_NEWS[0])
        month = rows["modth"].fillna(LAST_NEWS[1])
        months = (year - SECOND_VISIT[0]) * 12 + month - SECOND_VISIT[1]
        return rows.assign(age_1982=rows["age"] + BETWEEN, months=np.maximum(months, 0))


ADAPTERS = {
    "": Nhefs(
        file="parquet/nhefs.parquet",
        person="seqn",
        seen_on=date(1982, 7, 1),
        sex=("sex", {0: MALE, 1: FEMALE}),
        age="age_1982",
        codes=(
            Code("sbp", "measurement", 3004249, "Systolic blood pressure", 8876, "mmHg"),
            Code("dbp", "measurement", 3012888, "Diastolic blood pressure", 8876, "mmHg"),
            Code("cholesterol", "measurement", 3027114, "Cholesterol [Mass/volume] in Serum or Plasma", 8840, "mg/dL"),
            Code("wt82", "measurement", 3025315, "Body weight", 9529, "kg"),
            Code("ht", "measurement", 3036277, "Body height", 8582, "cm"),
            Code("asthma", "condition_occurrence", 317009, "Asthma", equals=1),
            Code("diabetes", "condition_occurrence", 201820, "Diabetes mellitus", equals=1),
            Code("hf", "condition_occurrence", 316139, "Heart failure", equals=1),
            Code("hayfever", "condition_occurrence", 257007, "Allergic rhinitis", equals=1),
            Code("qsmk", "observation", 4298794, "Smoker", equals=0),
            Code("qsmk", "observation", 4310250, "Ex-smoker", equals=1),
        ),
        notes=(
            "`age` is of 1971 and the pressures are of 1982, so 11 years are added.",
            "`hbp`, whether they were told of high blood pressure, is no record: the answers are held against it.",
            "Deaths are by month and year until December 1992; whoever has none is taken to have lived until then.",
            "Everybody smoked in 1971; whoever had given up by 1982 is an ex-smoker.",
        ),
        followed=FollowUp("months", "death", 1),
        labelled=("were told that they have high blood pressure", told_of_high_pressure),
    )
}
