"""Who lives in the two regions, as published. Every figure has its source beside it.

Area tables: `shared/data/uk_area_tables` (Office for National Statistics and others, Open Government Licence v3).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthetic.draws import Floats

ETHNICITIES = "ABCDEFGHJKLMNPRS"
"""NHS data dictionary, ethnic category 2001: British, Irish, other White; White and Black Caribbean, White and Black
African, White and Asian, other mixed; Indian, Pakistani, Bangladeshi, other Asian; Caribbean, African, other Black;
Chinese; any other. Z is not stated."""

NOT_STATED = 1 - 0.817  # ethnicity recorded in 81.7% of CPRD GP (clinical_a.md 0.4)


@dataclass(frozen=True)
class Region:
    """One region: its code, people and care boards."""

    name: str
    code: str
    people_by_age: Floats
    deprivation: Floats
    ethnicity: Floats
    boards: tuple[tuple[str, str], ...]
    leaving: float


def _shares(*values: float) -> Floats:
    return np.array(values, dtype=np.float64) / sum(values)


LONDON = Region(
    name="London",
    code="E12000007",  # lookup_ltla21_region21
    # population2020_by_age_ltla21: % in five-year bands 0-4 ... 85-89, 90+
    people_by_age=_shares(
        *(6.62, 6.74, 6.12, 5.27, 6.18, 8.42, 9.13, 8.66, 7.53, 6.65),
        *(6.33, 5.65, 4.51, 3.53, 3.12, 2.18, 1.68, 1.04, 0.65),
    ),
    deprivation=_shares(16.9, 33.1, 22.7, 16.2, 11.1),  # clinical_a.md 0.5, fifth 1 = most deprived
    # census2021_ethnicity_ltla21, thousands; Gypsy, Irish Traveller and Roma are in C, Arab in S
    ethnicity=_shares(3239, 156, 1336, 133, 77, 125, 171, 656, 291, 322, 401, 345, 697, 146, 148, 557),
    boards=(  # lookup_lsoa11_sicbl22_icb22_ltla22
        ("E54000027", "NHS North West London Integrated Care Board"),
        ("E54000028", "NHS North Central London Integrated Care Board"),
        ("E54000029", "NHS North East London Integrated Care Board"),
        ("E54000030", "NHS South East London Integrated Care Board"),
        ("E54000031", "NHS South West London Integrated Care Board"),
    ),
    leaving=0.08,  # assumption: gentler than real London list turnover (near 0.2), so that five-year follow-up exists
)

NORTH = Region(
    name="North of England",
    code="E12000002",  # North West stands for the North: a simplification
    people_by_age=_shares(
        *(5.73, 6.22, 6.06, 5.55, 6.30, 6.74, 6.65, 6.35, 5.75, 6.27),
        *(6.90, 6.84, 5.85, 5.08, 5.14, 3.61, 2.60, 1.51, 0.85),
    ),
    deprivation=_shares(36.2, 19.0, 14.4, 16.5, 13.9),
    ethnicity=_shares(6019, 61, 267, 47, 30, 48, 38, 140, 304, 61, 64, 26, 127, 21, 54, 110),
    boards=(
        ("E54000008", "NHS Cheshire and Merseyside Integrated Care Board"),
        ("E54000048", "NHS Lancashire and South Cumbria Integrated Care Board"),
        ("E54000057", "NHS Greater Manchester Integrated Care Board"),
    ),
    leaving=0.05,  # assumption
)

REGIONS = (LONDON, NORTH)
LONDON_SHARE = 0.5  # assumption: as many people in each region, so that both can be evaluated
CHILDREN_KEPT = 0.35  # assumption: about a third of the under-16s are drawn, since the pathways are adults'

# Smokers, % (BHF 2024, epi_a.csv "smoking 2022"): ages 18, 25, 35, 45, 55, 65 and over
SMOKERS_FROM_AGE = np.array([18.0, 25.0, 35.0, 45.0, 55.0, 65.0])
SMOKERS_MALE = np.array([13.0, 19.1, 17.3, 16.0, 14.1, 8.7])
SMOKERS_FEMALE = np.array([10.2, 13.4, 11.6, 11.8, 12.4, 7.6])
SMOKERS_DEPRIVATION = np.array([20.6, 16.8, 9.4, 10.5, 8.6]) / 12.9  # epi_a.csv "smoking 18+ 2022", over its mean
