"""The check of concept ids, against a small vocabulary and the records that use it."""

from __future__ import annotations

import json
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from pathways import load
from pathways.__main__ import app
from pathways.check import Report, check, ids_of
from pathways.language import ConceptSet, Has, Pathway, Predictor, Records, Unit
from pathways.vocabulary import SourceRefusedError, Vocabulary, read_names, read_vocabulary
from tests.pathways.conftest import prediction

CREATININE = ConceptSet(
    "creatinine",
    exact={3016723: "Creatinine [Mass/volume] in Serum or Plasma", 3020564: "Creatinine [Moles/volume] in Serum"},
    kinds="measurement",
)
DIALYSIS = ConceptSet("dialysis", {4032243: "Dialysis procedure"}, kinds="procedure")
NSAID = ConceptSet("nsaid", {21603933: "NON-STEROIDS"}, kinds="medication")
PATHWAY = Pathway(
    "Kidney",
    (
        prediction(
            predictors=(
                Predictor(
                    "creatinine", Has(Records("creatinine", of=CREATININE, units=Unit(8840, "milligram per deciliter")))
                ),
                Predictor("dialysis", Has(Records("dialysis", of=DIALYSIS))),
                Predictor("nsaid", Has(Records("nsaid", of=NSAID))),
            )
        ),
    ),
)
CONCEPTS = """
    (3016723, 'Creatinine [mass/volume]  in serum or plasma', 'S'), (3051825, 'Creatinine [Mass/volume] in Blood', 'S'),
    (3001802, 'Microalbumin/Creatinine [Mass Ratio] in Urine', 'S'), (3024561, 'Albumin [Mass/volume] in Serum', 'S'),
    (4032243, 'Dialysis procedure', NULL), (4120120, 'Hemodialysis', 'S'), (440674, 'Gout', 'S'),
    (21603933, 'NON-STEROIDS', 'C'), (1177480, 'ibuprofen', 'S'),
    (4019967, 'Dependence on renal dialysis', 'S'), (8840, 'percent', 'S')
"""
RECORDS = {
    "measurement": ("measurement_concept_id", {3016723: 12, 3051825: 40, 3001802: 7, 3024561: 100, 0: 500}),
    "procedure_occurrence": ("procedure_concept_id", {4032243: 9, 4120120: 21}),
    "observation": ("observation_concept_id", {4019967: 9, 4032243: 33}),
    "drug_exposure": ("drug_concept_id", {1177480: 30}),
}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("vocabulary") / "omop.duckdb"
    with duckdb.connect(str(path)) as con:
        con.sql("CREATE TABLE CONCEPT (concept_id INT, concept_name TEXT, standard_concept TEXT)")
        con.sql(f"INSERT INTO CONCEPT VALUES {CONCEPTS}")
        con.sql("CREATE TABLE concept_ancestor (ancestor_concept_id INT, descendant_concept_id INT)")
        con.sql("INSERT INTO concept_ancestor VALUES (4032243, 4120120), (21603933, 1177480)")
        for table, (column, counts) in RECORDS.items():
            con.sql(f"CREATE TABLE {table} ({column} INT)")
            for concept, rows in counts.items():
                con.sql(f"INSERT INTO {table} SELECT {concept} FROM range({rows})")
    return path


@pytest.fixture(scope="module")
def folder(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same as Parquet and CSV files, without CONCEPT_ANCESTOR."""
    path = tmp_path_factory.mktemp("folder")
    with duckdb.connect(str(source), read_only=True) as con:
        con.sql(f"COPY CONCEPT TO '{path / 'CONCEPT.csv'}' (HEADER)")
        for table in RECORDS:
            con.sql(f"COPY {table} TO '{path / table}.parquet'")
    return path


@pytest.fixture(scope="module")
def report(source: Path) -> Report:
    return check("kidney", PATHWAY, read_vocabulary(source, ids_of(PATHWAY)))


def statuses(report: Report) -> dict[int, str]:
    return {one.concept_id: one.status for one in report.concepts}


def test_an_id_with_its_name_is_verified_whatever_the_case_of_its_letters(report: Report) -> None:
    assert statuses(report)[3016723] == "verified"


def test_an_id_that_the_vocabulary_calls_otherwise_is_contradicted_and_both_names_are_told(report: Report) -> None:
    wrong = [one for one in report.concepts if one.status == "contradicted"]

    assert [(one.concept_id, one.name, one.found) for one in wrong] == [(8840, "milligram per deciliter", "percent")]
    assert wrong[0].used_by == "unit of creatinine"


def test_an_id_that_is_not_there_is_not_found_and_that_is_no_pass(report: Report) -> None:
    assert statuses(report)[3020564] == "not found"
    assert not report.passes


def test_an_id_that_is_not_standard_or_a_class_is_flagged(report: Report) -> None:
    remarks = {one.concept_id: one.remark for one in report.concepts}

    assert remarks[4032243] == "not standard"
    assert remarks[21603933] == "a class: matches by its descendants only"
    assert remarks[3016723] == ""


def test_creatinine_in_blood_is_listed_first_as_the_commonest_that_the_set_misses(report: Report) -> None:
    missed = [(one.concept_id, one.rows) for one in report.similar["creatinine"]]

    assert missed == [(3051825, 40), (3001802, None)]  # 7 rows are hidden; albumin shares only words said of many


def test_a_concept_that_is_kept_in_a_table_that_the_set_does_not_read_is_missed_too(report: Report) -> None:
    missed = [(one.concept_id, one.table, one.rows) for one in report.similar["dialysis"]]

    assert missed == [(4032243, "observation", 35), (4019967, "observation", 10)]


def test_descendants_are_matched_where_the_source_tells_them(report: Report, folder: Path) -> None:
    without = check("kidney", PATHWAY, read_vocabulary(folder, ids_of(PATHWAY)))

    assert report.matched["dialysis"] == 30
    assert without.matched["dialysis"] == 10
    assert not without.descendants


def test_no_more_than_twenty_similar_concepts_are_listed_the_commonest_first(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "many.duckdb")) as con:
        con.sql(
            "CREATE TABLE concept AS SELECT i concept_id, 'Gout of joint ' || i concept_name, 'S' standard_concept"
            " FROM range(1, 31) t(i)"
        )
        con.sql(
            "CREATE TABLE condition_occurrence AS SELECT i condition_concept_id FROM range(1, 31) t(i), range(10 * i)"
        )

    missed = check("gout", GOUT_ONLY, read_vocabulary(tmp_path / "many.duckdb", ())).similar["gout"]

    assert [one.concept_id for one in missed] == list(range(30, 10, -1))


GOUT_ONLY = Pathway("Gout", (prediction(),))


def test_a_source_without_a_vocabulary_cannot_be_compared(tmp_path: Path) -> None:
    with pytest.raises(SourceRefusedError, match="has no table CONCEPT"):
        read_vocabulary(tmp_path, ())


def test_a_source_that_is_not_there_cannot_be_compared(tmp_path: Path) -> None:
    with pytest.raises(SourceRefusedError, match="there is nothing at"):
        read_vocabulary(tmp_path / "nowhere", ())


def test_a_vocabulary_without_names_is_refused_without_a_value_in_the_message(tmp_path: Path) -> None:
    (tmp_path / "concept.csv").write_text("concept_id,secret\n1,somebody\n")

    with pytest.raises(SourceRefusedError) as refused:
        read_vocabulary(tmp_path, ())

    assert "cannot be read as OMOP tables (BinderException)" in str(refused.value)
    assert "secret" not in str(refused.value)


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.output


def test_the_command_says_that_what_was_not_found_is_no_pass(source: Path) -> None:
    code, output = run("check", "kidney_disease", "--source", str(source))

    assert code == 1
    assert "  verified        4120120  Hemodialysis" in output
    assert "  not found       3020564  Creatinine [Moles/volume] in Serum or Plasma" in output
    assert "  contradicted       8840  milligram per deciliter - the vocabulary calls it percent" in output
    assert output.splitlines()[-1].endswith(
        "This is not a pass: an id may stand for something else where the vocabulary gives it another name"
        " and an id that was not found was not verified."
    )


def test_the_command_without_a_source_is_no_pass() -> None:
    code, output = run("check", "kidney_disease")

    assert code == 1
    assert "this is not a pass" in output


def with_every_id(folder: Path, otherwise: dict[int, str]) -> Path:
    """A source that knows every id of kidney disease by the name that we give it, but for some."""
    concepts = check("kidney", load("kidney_disease"), Vocabulary({}, (), None)).concepts
    with duckdb.connect(str(folder / "all.duckdb")) as con:
        con.sql("CREATE TABLE concept (concept_id INT, concept_name TEXT, standard_concept TEXT)")
        named = [(one.concept_id, otherwise.get(one.concept_id, one.name)) for one in concepts]
        con.executemany("INSERT INTO concept VALUES (?, ?, 'S')", named)
    return folder / "all.duckdb"


def test_the_command_passes_where_every_id_has_its_name(tmp_path: Path) -> None:
    source = with_every_id(tmp_path, {})

    code, output = run("check", "kidney_disease", "--source", str(source), "--json")

    assert code == 0
    assert [one["passes"] for one in json.loads(output)] == [True]


def test_a_name_that_differs_is_not_said_to_be_missing(tmp_path: Path) -> None:
    source = with_every_id(tmp_path, {4120120: "Percent"})

    code, output = run("check", "kidney_disease", "--source", str(source))

    assert code == 1
    assert "1 contradicted, 0 not found" in output.splitlines()[-1]
    assert output.splitlines()[-1].endswith(
        "This is not a pass: an id may stand for something else where the vocabulary gives it another name."
    )


def test_an_id_that_the_source_lacks_may_be_verified_by_a_list_besides(source: Path, tmp_path: Path) -> None:
    listed = tmp_path / "names.csv"
    listed.write_text("concept_id,concept_name,standard_flag_seen\n3020564,Creatinine [Moles/volume] in Serum,S\n")
    names = read_names(listed)

    assert names == {3020564: ("Creatinine [Moles/volume] in Serum", "S")}
    assert read_names(source)[440674] == ("Gout", "S")


def test_a_list_without_names_is_refused(tmp_path: Path) -> None:
    listed = tmp_path / "names.csv"
    listed.write_text("concept_id,name\n1,Creatinine\n")

    with pytest.raises(SourceRefusedError, match="has no column concept_name"):
        read_names(listed)


def test_the_command_tells_how_drawn_people_fare_and_does_not_call_that_alone_a_pass() -> None:
    result = CliRunner().invoke(app, ["check", "high_blood_pressure"])

    assert result.exit_code == 1
    assert "things said of drawn people hold" in result.output
    assert "this is not a pass" in result.output


def test_a_new_file_loads_says_what_belongs_where_and_is_never_written_over(tmp_path: Path) -> None:
    first = CliRunner().invoke(app, ["new", "frailty_fall", "--folder", str(tmp_path)])
    again = CliRunner().invoke(app, ["new", "frailty_fall", "--folder", str(tmp_path)])
    odd = CliRunner().invoke(app, ["new", "Frailty fall", "--folder", str(tmp_path)])

    spec = spec_from_file_location("frailty_fall", tmp_path / "frailty_fall.py")
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    assert first.exit_code == 0
    assert module.PATHWAY.title == "Frailty fall"
    assert (again.exit_code, odd.exit_code) == (2, 2)
    assert "choose another name" in again.output
