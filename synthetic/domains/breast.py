"""Breast cancer in the records: screening, recalls and biopsies, family history, hormones, diagnosis and treatment.

Who gets it is in `synthetic.tumours`: age, ethnicity, region, deprivation and a risk of her own, of which this file
lets the record show a part. Sources: clinical_b.md 3 and 5.4.
"""

from __future__ import annotations

import numpy as np

from synthetic.bloods import attendance
from synthetic.calendar import NEVER, NEW_YEAR, YEAR_DAYS, age
from synthetic.clinic import Clinic
from synthetic.concepts import Concept, named
from synthetic.domain import Domain
from synthetic.draws import Floats
from synthetic.events import days
from synthetic.records import condition, observation, prescription, procedure
from synthetic.rows import Rows, stacked, taken
from synthetic.tumours import BREAST, SITES, incidence

CANCER, SCREENING, MAMMOGRAM, SYMPTOMATIC, BIOPSY, LUMPECTOMY = 4112853, 4077697, 4324693, 4081880, 4047494, 4213045
FAMILY, MENARCHE, DISORDER, OESTRADIOL, TAMOXIFEN = 4210263, 4162552, 77030, 1548195, 1436678
CONCEPTS: tuple[Concept, ...] = (
    *named("Condition", "SNOMED", (CANCER, "Malignant tumor of breast", "254837009"), (DISORDER, "Disorder of breast")),
    *named("Procedure", "SNOMED", (SCREENING, "Screening mammography", "24623002")),
    *named("Procedure", "SNOMED", (MAMMOGRAM, "Mammography"), (SYMPTOMATIC, "Mammogram - symptomatic")),
    *named("Procedure", "SNOMED", (BIOPSY, "Biopsy of breast"), (LUMPECTOMY, "Lumpectomy of breast")),
    *named("Observation", "SNOMED", (FAMILY, "Family history of neoplasm of breast"), (MENARCHE, "Age at menarche")),
    *named("Drug", "RxNorm", (OESTRADIOL, "estradiol", "4083"), (TAMOXIFEN, "tamoxifen", "10324")),
)
DESCENDANTS: tuple[tuple[int, int, int], ...] = ()

# True family history: 7.3% of women without the disease have an affected first-degree relative, relative risk 1.80
# (5.4, S59). In the record of 1.3% (S61).
# The chance is set so that 7.3% have one.
RELATIVE, RELATIVE_RISK, RELATIVE_TOLD = 0.083, 1.80, 0.16
RECALLED, BIOPSIED = 0.040, 0.30  # ours, ungrounded: of screens; of recalls
BENIGN = 0.004  # ours, ungrounded: a year, 20 to 60
HORMONES_AGE = np.array([44.0, 48.0, 52.0, 58.0, 65.0, 72.0])
HORMONES = np.array([0.0, 0.06, 0.13, 0.10, 0.04, 0.01])  # ours, ungrounded: share on hormone replacement, by age
MENARCHE_TOLD = 0.03  # missing in 97% (5.4, [D])
KNOWN, CODED_AFTER = 0.93, 12.0  # ours, ungrounded
TREATED, TAMOXIFEN_SHARE = 0.75, 0.6  # ours, ungrounded


def draw(clinic: Clinic) -> Domain:
    """Screening, family history, treatment and diagnoses of a block of people."""
    screens = _screens(clinic)
    recalls = _recalls(clinic, screens)
    found = _diagnoses(clinic)
    return Domain(
        rows={
            "procedure_occurrence": stacked([screens, recalls, found["procedures"]]),
            "condition_occurrence": stacked([_benign(clinic), found["conditions"]]),
            "observation": stacked([_family(clinic), _menarche(clinic)]),
            "drug_exposure": stacked([_hormones(clinic), found["drugs"]]),
        },
        truth={"breast_cancer.cancer": _truth(clinic)},
    )


def has_relative(clinic: Clinic) -> Floats:
    """Whether a mother or sister has it: 1 or 0, likelier in women of high risk of their own (Bayes' rule on 5.4).

    A woman's own risk is log-normal with spread 0.5; the chance rises with it so that the risk of those with a relative
    is 1.8 times that of the others.
    """
    own = clinic.draws.normal("risk of breast cancer", clinic.people.person)
    tilt = np.log(RELATIVE_RISK) / 0.5
    chance = RELATIVE * np.exp(tilt * own - tilt**2 / 2)
    return clinic.draws.happens("relative with breast cancer", np.minimum(chance, 0.9), clinic.people.person).astype(
        float
    )


def _screens(clinic: Clinic) -> Rows:
    day = clinic.tumours.screened
    who, turn = np.nonzero(day < NEVER)
    when = day[who, turn]
    keep = clinic.lives.seen(who, when) & (clinic.tumours.diagnosis[who] > when)
    return procedure(who[keep], when[keep], SCREENING)


def _recalls(clinic: Clinic, screens: Rows) -> Rows:
    """A second look after some screens, with a biopsy of some; a film for women with a lump is in `_diagnoses`."""
    who, day = screens["who"], screens["day"]
    person = clinic.people.person[who]
    recalled = clinic.draws.happens("recalled", RECALLED, person, day)
    biopsied = recalled & clinic.draws.happens("biopsied", BIOPSIED, person, day)
    rows = stacked(
        [
            procedure(who[recalled], day[recalled] + 18, MAMMOGRAM),
            procedure(who[biopsied], day[biopsied] + 25, BIOPSY),
        ]
    )
    return taken(rows, clinic.lives.seen(rows["who"], rows["day"]))


def _benign(clinic: Clinic) -> Rows:
    who, year = np.nonzero(clinic.people.female[:, None] & (np.abs(clinic.people.ages() - 40.0) < 20.0))
    day = days(clinic, "disorder of breast", who, year, np.zeros(len(who), dtype=np.int64))
    keep = clinic.draws.happens("disorder of breast", BENIGN, clinic.people.person[who], year)
    keep &= clinic.lives.seen(who, day)
    return condition(who[keep], day[keep], DISORDER)


def _family(clinic: Clinic) -> Rows:
    """Told and coded for few, more by those who come often."""
    telling = RELATIVE_TOLD * np.exp(0.3 * clinic.latent.attending) * deprived(clinic)
    told = clinic.draws.happens("relative told", np.minimum(telling, 0.9), clinic.people.person)
    who = np.flatnonzero(clinic.people.female & (has_relative(clinic) > 0) & told)
    when = 30.0 + 25.0 * clinic.draws.uniform("relative told at", clinic.people.person[who])
    day = clinic.people.birth[who] + np.floor(when * YEAR_DAYS).astype(np.int64)
    day = np.maximum(day, clinic.lives.first[who] + 14)
    keep = day <= clinic.lives.last[who]
    return observation(who[keep], day[keep], FAMILY)


def deprived(clinic: Clinic) -> Floats:
    """Family history is told less often in deprived areas (clinical_b.md 3.3, fairness; size ours)."""
    return np.asarray(0.8 + 0.1 * (clinic.people.deprivation - 1.0))


def _menarche(clinic: Clinic) -> Rows:
    told = clinic.draws.happens("menarche told", MENARCHE_TOLD, clinic.people.person)
    who = np.flatnonzero(clinic.people.female & told)
    day = np.maximum(clinic.lives.first[who] + 30, clinic.people.birth[who] + 25 * 365)
    years = np.clip(np.round(12.9 + 1.3 * clinic.draws.normal("menarche", clinic.people.person[who])), 8.0, 18.0)
    keep = day <= clinic.lives.last[who]
    return observation(who[keep], day[keep], MENARCHE, years[keep])


def _hormones(clinic: Clinic) -> Rows:
    """Hormone replacement of some women from a starting age, twice a year here."""
    person = clinic.people.person
    draw = clinic.draws.uniform("hormone replacement", person)[:, None]
    ages = clinic.people.ages()
    on = clinic.people.female[:, None] & (draw < np.interp(ages, HORMONES_AGE, HORMONES))
    who, year = np.nonzero(on)
    parts = []
    for turn in range(2):
        day = NEW_YEAR[year] + 40 + 182 * turn
        keep = clinic.lives.seen(who, day) & (clinic.tumours.found[who, BREAST] > day)
        parts.append(prescription(who[keep], day[keep], OESTRADIOL, 168))
    return stacked(parts)


def _diagnoses(clinic: Clinic) -> dict[str, Rows]:
    """A film and a biopsy before, the code after, an operation and tamoxifen for many."""
    tumours, draws, lives = clinic.tumours, clinic.draws, clinic.lives
    who = np.flatnonzero((tumours.site == BREAST) & (tumours.diagnosis <= lives.last))
    person, day = clinic.people.person[who], tumours.diagnosis[who]
    known = draws.happens("breast cancer known", KNOWN, person)
    wait = np.floor(CODED_AFTER * draws.exponential("breast cancer coded after", person)).astype(np.int64)
    coded = np.maximum(day + wait, lives.first[who] + 14)
    keep = known & (coded <= lives.last[who])
    again = keep & draws.happens("breast cancer coded again", 0.6, person)
    conditions = stacked([condition(who[keep], coded[keep], CANCER), condition(who[again], coded[again] + 60, CANCER)])
    operated = draws.happens("breast operation", TREATED, person)
    procedures = stacked(
        [
            procedure(who, day - 6, BIOPSY),
            procedure(who[~tumours.by_screen[who]], day[~tumours.by_screen[who]] - 9, SYMPTOMATIC),
            procedure(who[operated], day[operated] + 28, LUMPECTOMY),
        ]
    )
    takes = np.flatnonzero(draws.happens("tamoxifen", TAMOXIFEN_SHARE, person))
    each, turn = np.repeat(takes, 20), np.tile(np.arange(20), len(takes))
    drugs = prescription(who[each], day[each] + 60 + 84 * turn, TAMOXIFEN, 84)
    return {
        "conditions": taken(conditions, lives.seen(conditions["who"], conditions["day"])),
        "procedures": taken(procedures, lives.seen(procedures["who"], procedures["day"])),
        "drugs": taken(drugs, lives.seen(drugs["who"], drugs["day"])),
    }


def _truth(clinic: Clinic) -> Rows:
    """Of women from 29 to 75 without it so far, on New Year's Day."""
    ages = clinic.people.ages() - 0.5
    who, year = np.nonzero(clinic.people.female[:, None] & (ages >= 29.0) & (ages < 75.0))
    day = NEW_YEAR[year]
    tumours = clinic.tumours
    keep = (tumours.found[who, BREAST] > day) & (tumours.diagnosis[who] > day)
    who, day = who[keep], day[keep]
    hidden, site = tumours.begins[who, BREAST] <= day, SITES[BREAST]
    new = incidence(site, age(clinic.people.birth[who], day), clinic.people.female[who]) * tumours.raised(
        who, day, BREAST
    )
    soon = 1.0 - site.hidden * (1.0 - np.exp(-1.0 / site.hidden))
    return {
        "who": who,
        "day": day,
        "hazard": np.where(hidden, 1.0 / site.hidden, new * soon),
        "hidden": hidden.astype(np.float64),
        "times": tumours.times[who, BREAST],
        "relative": has_relative(clinic)[who],
        "attends": attendance(clinic, who, day),
    }
