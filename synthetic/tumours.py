"""Cancers: when one begins that nobody sees, when it is found, and how it shortens life.

By site a cancer begins at the published incidence of being found, times what raises it in a person. It stays hidden for
a time that is exponential, so that the hazard of being found is the same on each hidden day; mammography finds some
breast cancers sooner. People have one cancer here, the first that is found.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from synthetic.calendar import NEVER, NEW_YEAR, YEAR_DAYS, age
from synthetic.draws import Draws, Flags, Floats, Ints
from synthetic.habits import Habits
from synthetic.illness import BLACK, SOUTH_ASIAN, deprivation_gradient
from synthetic.people import People

AGES = np.array([20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0, 90.0])
CHINESE = (14,)


@dataclass(frozen=True)
class Site:
    """One site: yearly incidence per 100,000 men and women at AGES, and what raises it.

    The shapes by age of all but breast are ours (national tables were not read), set so that rates over all ages come
    near the age-standardised ones of clinical_a.md 4.8. `deprived` is most over least deprived; `smoker` ever over
    never; `hidden` the mean years before it is found; `survival` the share alive after five years, of those who would
    live otherwise (ours, in the order of national tables). Ratios are from 4.8 where it gives them, else 1 or ours.
    """

    name: str
    concept: int
    men: tuple[float, ...]
    women: tuple[float, ...]
    deprived: float = 1.05
    london: float = 0.93
    north: float = 1.05
    black: float = 0.8
    south_asian: float = 0.6
    smoker: float = 1.1
    hidden: float = 0.6
    survival: float = 0.5


SITES = (
    Site(
        "lung",
        443388,
        (0, 1, 6, 30, 130, 330, 480, 480),
        (0, 1, 7, 35, 120, 270, 330, 250),
        deprived=2.5,  # men 145 / 56
        london=0.85,
        north=1.2,
        black=0.45,
        south_asian=0.4,
        smoker=8.0,  # women 4.8 (Barclay), men more: ours
        hidden=0.7,
        survival=0.18,
    ),
    Site(
        "colorectal",
        443396,
        (1, 4, 12, 45, 130, 260, 400, 420),
        (1, 4, 12, 38, 90, 170, 290, 320),
        london=0.88,
        hidden=0.8,
        survival=0.60,
    ),
    Site(
        "prostate",
        4163261,
        (0, 0, 2, 60, 320, 650, 650, 600),
        (0,) * 8,
        deprived=0.85,
        london=1.08,  # London 211, North East 165
        north=0.88,
        black=2.1,
        hidden=1.5,
        survival=0.88,
    ),
    Site(
        "upper gastrointestinal",
        4181343,
        (0, 1, 5, 25, 85, 190, 290, 320),
        (0, 1, 3, 13, 42, 95, 160, 200),
        deprived=1.5,
        black=1.2,  # 1.1 to 1.9, but oesophagus under 0.5
        smoker=1.7,
        hidden=0.5,
        survival=0.14,
    ),
    Site(
        "bladder or kidney",
        197508,
        (0, 1, 5, 22, 75, 170, 270, 290),
        (0, 1, 3, 10, 32, 68, 100, 110),
        black=0.45,
        south_asian=0.45,
        smoker=2.0,
        hidden=0.7,
        survival=0.58,
    ),
    Site("womb or ovary", 4181351, (0,) * 8, (6, 16, 22, 55, 110, 130, 120, 100), hidden=0.6, survival=0.60),
    Site(
        "blood",
        432571,
        (8, 9, 12, 28, 65, 130, 200, 210),
        (6, 7, 9, 20, 46, 90, 135, 140),
        black=1.0,
        hidden=0.5,
        survival=0.60,
    ),
    Site(
        "melanoma",
        4162276,
        (3, 8, 15, 25, 45, 85, 120, 130),
        (5, 14, 20, 28, 38, 50, 60, 60),
        deprived=0.6,
        black=0.1,
        south_asian=0.15,
        hidden=0.8,
        survival=0.92,
    ),
    Site(
        "other",
        443392,
        (12, 16, 22, 50, 110, 170, 220, 240),
        (9, 16, 22, 35, 60, 95, 140, 160),
        deprived=1.2,
        smoker=1.4,
        hidden=0.6,
        survival=0.45,
    ),
    Site(
        "breast",
        4112853,
        (0,) * 8,
        # clinical_b.md 5.4, [D]: the shape of US rates, scaled to the English rate of 170.3
        (2, 16, 84, 222, 324, 432, 470, 387),
        deprived=0.93,
        london=0.96,  # London 162 of 170
        north=1.0,
        black=0.85,
        south_asian=0.68,
        smoker=1.0,
        hidden=1.6,
        survival=0.86,
    ),
)
BREAST = len(SITES) - 1
LEVEL = 1.2  # set so that the first cancers of people come near the published rates of all
CHINESE_BREAST = 0.72  # S64
BREAST_SPREAD = 0.5  # log-normal spread of a woman's own risk (5.4, [D])

# Screening of women from 50 to 70 every three years. London 62% (2024), England 64.6% (S66); the North is ours.
UPTAKE, UPTAKE_DEPRIVED, ROUNDS = (0.62, 0.68), 0.80, 7
FOUND_BY_SCREEN = 0.85  # ours, ungrounded: of those hidden on that day


@dataclass(frozen=True)
class Tumours:
    """One entry for each person: the first cancer (position in SITES, -1 if none), and every site's course."""

    site: Ints
    diagnosis: Ints
    begins: Ints
    """People x sites: the day on which a cancer of the site begins, unseen (NEVER if none)."""
    found: Ints
    """People x sites: the day on which it would be found."""
    times: Floats
    """People x sites: this person's risk over that of others of the age and sex."""
    screened: Ints
    """People x rounds: days of mammograms (NEVER if none)."""
    doubled: Ints
    """The day from which cancers begin twice as often (NEVER if not): a fault of `synthetic.faults`."""
    by_screen: Flags
    """Whether the first cancer is one of breast that a mammogram found."""

    def raised(self, who: Ints, day: Ints, site: int) -> Floats:
        """This person's risk of a site on a day over that of others of the age and sex."""
        return np.asarray(self.times[who, site] * np.where(day >= self.doubled[who], 2.0, 1.0))

    def hazard(self, people: People, who: Ints, day: Ints) -> Floats:
        """Yearly hazard of a cancer being found, of the people at positions `who` on `day`, over the coming year."""
        total = np.zeros(len(who))
        years = age(people.birth[who], day)
        for at, site in enumerate(SITES):
            hidden = (self.begins[who, at] <= day) & (self.found[who, at] > day)
            new = incidence(site, years, people.female[who]) * self.raised(who, day, at)
            # Of those that begin in a year, evenly, the share that is found in it.
            soon = 1.0 - site.hidden * (1.0 - np.exp(-1.0 / site.hidden))
            total = total + np.where(hidden, 1.0 / site.hidden, np.where(self.begins[who, at] > day, new * soon, 0.0))
        return np.asarray(total)


def incidence(site: Site, years: Floats, female: Flags) -> Floats:
    """Cancers a person and year at an age."""
    by_sex = [np.interp(years, AGES, rates, left=0.0) for rates in (site.men, site.women)]
    return np.asarray(LEVEL * np.where(female, by_sex[1], by_sex[0]) / 1e5)


def draw_tumours(draws: Draws, people: People, habits: Habits, doubled: Ints) -> Tumours:
    """Draw the cancers of people."""
    columns = [_course(draws, people, habits, site, doubled) for site in SITES]
    begins = np.stack([begun for begun, _, _ in columns], axis=1)
    found = np.stack([seen for _, seen, _ in columns], axis=1)
    times = np.stack([each for _, _, each in columns], axis=1)
    screened = _screening(draws, people)
    seen = _seen_by_screen(draws, people, begins[:, BREAST], found[:, BREAST], screened)
    sooner = seen < found[:, BREAST]
    found[:, BREAST] = np.minimum(found[:, BREAST], seen)
    site = np.argmin(found, axis=1)
    diagnosis = found[np.arange(len(people)), site]
    return Tumours(
        site=np.where(diagnosis < NEVER, site, -1),
        diagnosis=diagnosis,
        begins=begins,
        found=found,
        times=times,
        screened=screened,
        doubled=doubled,
        by_screen=sooner & (site == BREAST) & (diagnosis < NEVER),
    )


def _course(draws: Draws, people: People, habits: Habits, site: Site, doubled: Ints) -> tuple[Ints, Ints, Floats]:
    times = _times(draws, people, habits, site)
    years = np.arange(0.0, 101.0)
    total = np.array([np.cumsum(incidence(site, years, np.full(101, sex))) for sex in (False, True)])
    needed = draws.exponential(f"{site.name} cancer", people.person) / np.maximum(times, 1e-12)
    begins = np.full(len(people), NEVER)
    for sex in (0, 1):
        mine = np.flatnonzero((people.female == bool(sex)) & (needed < total[sex, -1]))
        # From the day of a doubling the hazard that is left adds up twice as fast.
        then = np.interp(age(people.birth[mine], doubled[mine]), years, total[sex], right=np.inf)
        faster = np.where(needed[mine] > then, (then + needed[mine]) / 2.0, needed[mine])
        at = np.interp(faster, total[sex] + years * 1e-12, years)
        begins[mine] = people.birth[mine] + np.floor(at * YEAR_DAYS).astype(np.int64)
    wait = np.floor(site.hidden * YEAR_DAYS * draws.exponential(f"{site.name} cancer hidden", people.person))
    found = np.where(begins < NEVER, begins + 1 + wait.astype(np.int64), NEVER)
    return begins, found, times


def _times(draws: Draws, people: People, habits: Habits, site: Site) -> Floats:
    times = deprivation_gradient(site.deprived, people) * np.array([site.london, site.north])[people.region]
    times = times * np.where(np.isin(people.ethnicity, BLACK), site.black, 1.0)
    times = times * np.where(np.isin(people.ethnicity, SOUTH_ASIAN), site.south_asian, 1.0)
    times = times * np.where(habits.smoked, site.smoker, 1.0) / (1.0 + 0.45 * (site.smoker - 1.0))
    if site.name == "breast":
        own = draws.normal("risk of breast cancer", people.person)
        times = times * np.exp(BREAST_SPREAD * own - BREAST_SPREAD**2 / 2)
        times = times * np.where(np.isin(people.ethnicity, CHINESE), CHINESE_BREAST, 1.0)
    return np.asarray(times)


def _screening(draws: Draws, people: People) -> Ints:
    """Days of mammograms; women keep to coming or to staying away."""
    first = 50.0 + 3.0 * draws.uniform("first screening", people.person)
    turn = np.arange(ROUNDS)[None, :]
    day = people.birth[:, None] + np.floor((first[:, None] + 3.0 * turn) * YEAR_DAYS).astype(np.int64)
    uptake = np.array(UPTAKE)[people.region] * deprivation_gradient(UPTAKE_DEPRIVED, people)
    # Half of what decides is the woman's own, so that who stayed away once often stays away again (ours).
    own = draws.uniform("comes to screening", people.person)[:, None] < uptake[:, None]
    once = draws.uniform("comes this time", people.person[:, None], turn) < np.where(own, 0.9, 0.1 * uptake[:, None])
    return np.where(people.female[:, None] & once & (first[:, None] + 3.0 * turn < 71.0), day, NEVER)


def _seen_by_screen(draws: Draws, people: People, begins: Ints, found: Ints, screened: Ints) -> Ints:
    turn = np.arange(ROUNDS)[None, :]
    there = (screened >= begins[:, None]) & (screened < found[:, None]) & (screened < NEVER)
    seen = there & draws.happens("seen by screening", FOUND_BY_SCREEN, people.person[:, None], turn)
    return np.asarray(np.where(seen, screened + 21, NEVER).min(axis=1))


def deaths(tumours: Tumours) -> Floats:
    """Yearly hazard of death that a cancer adds, people x years: most of it in the first year after it is found."""
    five = np.array([-np.log(site.survival) for site in SITES])
    share = np.where(tumours.site >= 0, five[np.maximum(tumours.site, 0)], 0.0)
    since = (NEW_YEAR[None, :] + 182 - tumours.diagnosis[:, None]) / YEAR_DAYS
    first, later = (since >= -0.5) & (since < 0.5), (since >= 0.5) & (since < 5.0)
    return np.asarray(share[:, None] * (0.42 * first + 0.13 * later))
