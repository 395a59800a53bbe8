"""The breast cancer risk assessment tool of the US National Cancer Institute (Gail model), as published.

Gail et al. (1989), JNCI 81:1879-1886; Costantino et al. (1999), JNCI 91:1541-1548; Gail et al. (2007, Black women);
Matsuno et al. (2011, Asian women). Constants as in spec b 3.5, which read them in two implementations; the function is
ours and is tested against an independent one. The rates are of the United States: no rates of England by single
condition could be read, so it is compared as published, and a poor calibration of it is no gain of ours.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from pathways.definition import CannotCompute
from pathways.words import ETHNICITIES

MENARCHE = ("under 12", "12 or 13", "14 or over, or not known")

Rates = tuple[float, ...]


@dataclass(frozen=True)
class Group:
    """Logarithms of relative risks, one minus the attributable risk, and rates by five-year band from 20 to 89."""

    menarche: float
    biopsies: float
    first_birth: float
    relatives: float
    biopsies_from_50: float
    first_birth_and_relatives: float
    most_menarche: int
    most_relatives: int
    unattributable: tuple[float, float]
    """Under 50, and from 50 on."""
    incidence: Rates
    death: Rates


# fmt: off
_WHITE = Group(
    0.0940103059, 0.5292641686, 0.2186262218, 0.9583027845, -0.2880424830, -0.1908113865, 2, 2, (0.5788413, 0.5788413),
    (1e-05, 7.6e-05, 0.000266, 0.000661, 0.001265, 0.001866, 0.002211, 0.002721, 0.003348, 0.003923, 0.004178,
     0.004439, 0.004421, 0.004109),
    (0.000493, 0.000531, 0.000625, 0.000825, 0.001307, 0.002181, 0.003655, 0.005852, 0.009439, 0.015028, 0.023839,
     0.038832, 0.066828, 0.144908),
)
_BLACK = Group(
    0.2672530336, 0.1822121131, 0.0, 0.4757242578, -0.1119411682, 0.0, 1, 2, (0.7294988, 0.74397137),
    (2.696e-05, 0.00011295, 0.00031094, 0.00067639, 0.00119444, 0.00187394, 0.00241504, 0.00291112, 0.00310127,
     0.0036656, 0.00393132, 0.00408951, 0.00396793, 0.00363712),
    (0.00074354, 0.00101698, 0.00145937, 0.00215933, 0.00315077, 0.00448779, 0.00632281, 0.00963037, 0.01471818,
     0.02116304, 0.03266035, 0.04564087, 0.06835185, 0.13271262),
)
_ASIAN_TERMS = (
    0.07499257592975, 0.55263612260619, 0.27638268294593, 0.79185633720481, 0.0, 0.0, 2, 1,
    (0.47519806426735, 0.50316401683903),
)
_ASIAN = Group(
    *_ASIAN_TERMS,
    (1.2355409e-05, 5.9526456e-05, 0.000184320831, 0.000454677273, 0.000791265338, 0.001048462801, 0.001372467817,
     0.001495473711, 0.001646746198, 0.001478363563, 0.001216010125, 0.0010676637, 0.001376104012, 0.000661576644),
    (0.000212632332, 0.000242170741, 0.000301552711, 0.000369053354, 0.000543002943, 0.000893862331, 0.001515172239,
     0.002574669551, 0.004324370426, 0.007419621918, 0.01325176513, 0.02229142749, 0.041746550635, 0.087485802065),
)
_CHINESE = Group(
    *_ASIAN_TERMS,
    (4.059636e-06, 4.5944465e-05, 0.000188279352, 0.000492930493, 0.000913603501, 0.001471537353, 0.001421275482,
     0.001970946494, 0.001674745804, 0.001821581075, 0.001834477198, 0.001919911972, 0.002233371071, 0.002247315779),
    (0.000210649076, 0.000192644865, 0.000244435215, 0.000317895949, 0.000473261994, 0.00080027138, 0.001217480226,
     0.002099836508, 0.003436889186, 0.006097405623, 0.010664526765, 0.020148678452, 0.03799079659, 0.098333900733),
)
# fmt: on
# Ethnic categories of the NHS to the groups of the tool; mixed and other as it counts "other": as White.
_OF = {**dict.fromkeys("HJKL", _ASIAN), **dict.fromkeys("MNP", _BLACK), "R": _CHINESE}


def bcrat(
    horizon: int,
    *,
    age: float,
    ethnicity: float,
    biopsies: float,
    menarche: float,
    relatives: float,
    first_birth: float = math.nan,
) -> float:
    """The probability of invasive breast cancer by `horizon` days, with death as a competing risk.

    Age in years; ethnicity a level of `ETHNICITIES`; `biopsies` and first-degree `relatives` counted; `menarche` a
    level of `MENARCHE`; age at the first live birth in years, NaN for unknown. Whether a biopsy showed atypical
    hyperplasia is unknown.

    >>> round(100 * bcrat(3652, age=40, ethnicity=0, biopsies=0, menarche=1, first_birth=27, relatives=0), 2)
    1.52
    """
    if not 20 <= age < 85:
        raise CannotCompute("the tool is for women of 20 to 84 years")
    group = _OF.get(ETHNICITIES[int(ethnicity)], _WHITE)
    taken = min(biopsies, 2.0)
    under, over = _relative_risks(group, taken, menarche, first_birth, min(relatives, group.most_relatives))
    return _risk(group, age, age + round(horizon / 365.25), under, over)


def _relative_risks(
    group: Group, biopsies: float, menarche: float, first_birth: float, relatives: float
) -> tuple[float, float]:
    """Relative risk under 50 and from 50 on."""
    early = len(MENARCHE) - 1 - menarche
    late = 0 if math.isnan(first_birth) or first_birth < 20 else 1 + (first_birth >= 25) + (first_birth >= 30)
    log_risk = (
        group.menarche * min(early, group.most_menarche)
        + group.biopsies * biopsies
        + group.first_birth * late
        + group.relatives * relatives
        + group.first_birth_and_relatives * late * relatives
    )
    return math.exp(log_risk), math.exp(log_risk + group.biopsies_from_50 * biopsies)


def _risk(group: Group, start: float, end: float, under: float, over: float) -> float:
    """Cause-specific hazards, constant within a year of age, added up year by year."""
    risk = passed = 0.0
    at = start
    while at < end - 1e-12:
        until = min(math.floor(at) + 1.0, end)
        band, later = min((math.floor(at) - 20) // 5, 13), at >= 50
        cancer = group.incidence[band] * group.unattributable[later] * (over if later else under)
        both = cancer + group.death[band]
        risk += cancer / both * math.exp(-passed) * (1.0 - math.exp(-both * (until - at)))
        passed += both * (until - at)
        at = until
    return risk
