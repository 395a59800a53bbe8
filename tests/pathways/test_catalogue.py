"""The catalogue: found by listing, printed as pages, its concept ids those of the research."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

import pathways
from pathways.__main__ import app
from pathways.check import Concept, check
from pathways.describe import describe
from pathways.facts import facts, index_text, window_text
from pathways.language import (
    BIRTH,
    After,
    Age,
    All,
    Any,
    AtAge,
    Band,
    Comparator,
    ConceptSet,
    Count,
    Dose,
    Every,
    Has,
    Highest,
    Latest,
    Missing,
    Not,
    NotDone,
    Pathway,
    Person,
    Prediction,
    Predictor,
    Records,
    Rule,
    Since,
    Term,
    days,
    months,
    weeks,
    years,
)
from pathways.page import page
from pathways.vocabulary import Vocabulary, read_vocabulary
from tests.pathways.conftest import GOUT_CODE, URATE

# Ids that the research does not list, with where else each was read under the name that the definition gives.
ELSEWHERE = {
    3051825: "omop_synthea_gb_dev",  # creatinine of 1,031 of 1,703 people there
    4217975: "omop_synthea_gb_dev",
    4229440: "omop_synthea_gb_dev",
    4296653: "omop_synthea_gb_dev",
    4270024: "omop_synthea_gb_dev",
    45757499: "omop_synthea_gb_dev",
    19078461: "omop_synthea_gb_dev",
    19033893: "omop_synthea_gb_dev",
    1115171: "omop_synthea_gb_dev",
    19019273: "omop_synthea_gb_dev",
    19080128: "omop_synthea_gb_dev",
    19080129: "omop_synthea_gb_dev",
    40185280: "omop_synthea_gb_dev",
    40185304: "omop_synthea_gb_dev",
    1539463: "omop_synthea_gb_dev",
    1539411: "omop_synthea_gb_dev",
    1551192: "omop_synthea_gb_dev",
    1154380: "omop_synthea_gb_dev",
    1154535: "omop_synthea_gb_dev",
    1154536: "omop_synthea_gb_dev",
    1511248: "omop_synthea_gb_dev",
    40169217: "omop_synthea_gb_dev",
    40169231: "omop_synthea_gb_dev",
    40169281: "omop_synthea_gb_dev",
    9117: "omop_synthea27nj_5.4",
}


PAGES = Path(__file__).parents[2] / "docs" / "pathways"
WRITTEN = tuple(sorted(one.stem for one in PAGES.glob("*.md")))
"""The pathways that have a page; a definition that somebody is trying out need not have one yet."""


def concepts() -> tuple[Concept, ...]:
    """Every concept id and unit of these pathways, compared with nothing."""
    empty = Vocabulary({}, (), None)
    return tuple(one for name in WRITTEN for one in check(name, pathways.load(name), empty).concepts)


@pytest.mark.external
def test_every_concept_id_has_the_name_that_the_research_read(researched: dict[int, set[str]]) -> None:
    wrong = [
        (one.concept_id, one.name)
        for one in concepts()
        if one.concept_id in researched and one.name.casefold() not in researched[one.concept_id]
    ]

    assert wrong == []


@pytest.mark.external
def test_every_other_concept_id_was_read_in_a_vocabulary_under_its_name(
    research: Path, researched: dict[int, set[str]]
) -> None:
    others = {one.concept_id: one.name for one in concepts() if one.concept_id not in researched}

    assert set(others) == set(ELSEWHERE)
    for folder in set(ELSEWHERE.values()):
        names = vocabulary_names(research.parent / "data" / folder / "parquet")
        wanted = {concept: others[concept] for concept, where in ELSEWHERE.items() if where == folder}
        assert {concept: names.get(concept) for concept in wanted} == wanted


def vocabulary_names(folder: Path) -> dict[int, str]:
    return {concept: name for concept, (name, _) in read_vocabulary(folder, ()).concepts.items()}


@pytest.mark.parametrize("name", WRITTEN)
def test_the_page_of_a_pathway_is_current(name: str) -> None:
    written = (PAGES / f"{name}.md").read_text(encoding="utf-8")

    assert written == page(name), f"run: python -m pathways show {name} --out docs/pathways/{name}.md"


@pytest.mark.parametrize("name", pathways.names())
def test_a_band_is_printed_from_its_exact_cut_off(name: str) -> None:
    """1.5% is not 2%, and 0.5% is not nothing."""
    cuts = {band.at_least for one in pathways.load(name).predictions for band in one.bands}
    printed = re.findall(r"([\d.]+)% and over", page(name))

    assert sorted({float(text) for text in printed}) == pytest.approx(sorted(100 * cut for cut in cuts))


def test_the_page_says_who_when_for_what_from_what_and_what_happens_then() -> None:
    text = page("kidney_disease")

    for part in (
        "| no record of a code of chronic kidney disease | Chronic kidney disease is already known",
        "The index date is a random day of every calendar year, drawn for each person.",
        "- two records of eGFR below 60, 90 days or more apart, and every value between them below 60 too",
        "| `egfr_last` | last eGFR | mL/min/1.73 m2 | 1 to 200 | 5 years (1,826 days) | falls |  |",
        "| High | 10% and over | Offer eGFR + urine ACR now. | GP practice, PCN pharmacist | routine | ours |",
        "8840 milligram per deciliter x 88.4 | 15 to 2500 | the median | without a unit 3016723 is in 8840",
        "| 3051825 | Creatinine [Mass/volume] in Blood | only itself |",
        "below x counts as x times 0.5",
        "above x says nothing if x is below 60",
    ):
        assert part in text


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, list(arguments))
    return result.exit_code, result.output


def test_list_names_every_pathway_with_its_questions() -> None:
    code, output = run("list", "--json")

    found = {one["name"]: [prediction["name"] for prediction in one["predictions"]] for one in json.loads(output)}
    assert code == 0
    assert tuple(found) == pathways.names()
    assert found["kidney_disease"] == ["detection", "progression"]


def test_show_prints_the_page_or_writes_it(tmp_path: Path) -> None:
    out = tmp_path / "pages" / "kidney.md"

    assert run("show", "kidney_disease") == (0, page("kidney_disease"))
    assert run("show", "kidney_disease", "--out", str(out))[0] == 0
    assert out.read_text(encoding="utf-8") == page("kidney_disease")


def test_show_gives_machines_the_same_in_json() -> None:
    code, output = run("show", "kidney_disease", "--json")

    assert code == 0
    assert json.loads(output) == facts("kidney_disease")


def test_a_pathway_that_is_not_there_is_a_wrong_command() -> None:
    code, output = run("show", "kidney_desease")

    assert code == 2
    assert "kidney_disease" in output


def test_a_page_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    code, output = run("show", "kidney_disease", "--out", str(tmp_path / "file" / "page.md"))

    assert code == 1
    assert "choose a file that can be written" in output


POLIO = Records("polio vaccine", of=ConceptSet("polio vaccine", {1: "a made-up polio vaccine"}, kinds="immunisation"))
CAMPAIGN = date(2022, 8, 10)


def test_the_polio_recall_of_the_house_style_is_accepted_as_it_stands_there() -> None:
    def incomplete_course(polio_doses: float) -> float:
        return 3 - polio_doses

    pathway = Pathway(
        title="Polio booster recall",
        predictions=(
            Prediction(
                name="still_without",
                index=Every("month", on=1),
                population=All(Age().at_least(1), Age().below(10), Not(Has(POLIO, since=CAMPAIGN))),
                outcome=NotDone(Dose(POLIO, 1, since=CAMPAIGN), by=days(56)),
                predictors=(
                    Predictor("polio_doses", Count(POLIO), wording="polio doses so far"),
                    Predictor(
                        "late_before",
                        Since(POLIO, which="first", anchor=BIRTH),
                        unit="days",
                        wording="age at first dose",
                    ),
                ),
                comparator=Comparator("Primary course incomplete", incomplete_course),
                rules=(
                    Rule(
                        when=Not(Has(POLIO)),
                        action="Offer the primary course now",
                        guideline="UKHSA Green Book 26",
                    ),
                ),
                bands=(Band(0.20, action="Telephone the family", owner="Immunisation lead"),),
            ),
        ),
    )

    prediction = pathway.prediction()
    assert (prediction.horizons, prediction.primary) == ((56,), 56)
    assert prediction.bands[0].name == "20% and over"


@pytest.mark.parametrize(
    ("word", "text"),
    [
        (Age().at_least(18), "age is at least 18"),
        (Not(Has(GOUT_CODE)), "no record of gout"),
        (Latest(URATE, within=days(1826)), "the latest urate in the last 5 years (1,826 days)"),
        (Latest(URATE, within=days(90)), "the latest urate in the last 90 days"),
        (Has(GOUT_CODE, within=months(9)), "a record of gout in the last 9 months"),
        (Person("sex").is_("female"), "sex is female"),
        (Not(Missing(Latest(URATE))), "the latest urate"),
        (Any(Has(GOUT_CODE), Any(Has(POLIO), Has(URATE))), "a record of gout, polio vaccine or urate"),
        (
            Any(Has(GOUT_CODE), Has(POLIO, within=1)),
            "a record of gout or a record of polio vaccine in the last day",
        ),
        (Not(Term("known gout", Has(GOUT_CODE))), "not known gout"),
        (Highest(URATE, last=2), "the highest of the last 2 records of urate"),
        (Has(POLIO, since=CAMPAIGN), "a record of polio vaccine since 2022-08-10"),
    ],
)
def test_words_read_as_english(word: object, text: str) -> None:
    assert describe(word) == text  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("index", "text"),
    [
        (Every("year", on="random day"), "a random day of every calendar year, drawn for each person"),
        (Every("month", on=1), "day 1 of every calendar month"),
        (AtAge(years(2)), "the day on which the person is 2 years old"),
        (After(GOUT_CODE, washout=365), "the day after the first record of gout, with none in the 365 days before it"),
    ],
)
def test_index_dates_read_as_english(index: object, text: str) -> None:
    assert index_text(index) == text  # type: ignore[arg-type]


def test_a_window_tells_how_far_a_word_looks_back() -> None:
    assert window_text(Age()) == "index date"
    assert window_text(Has(GOUT_CODE)) == "ever"
    assert (
        window_text(Any(Has(GOUT_CODE, within=weeks(2)), Has(URATE, within=days(730)))) == "14 days, 2 years (730 days)"
    )


SOON = re.compile(
    r"today|same.day|this week|within (\d to )?(\d+ (working )?(hours|days)|(a|1|2) weeks?)\b", re.IGNORECASE
)


@pytest.mark.parametrize("name", pathways.names())
def test_what_is_to_be_done_within_two_weeks_is_not_called_routine(name: str) -> None:
    steps = [step for each in pathways.load(name).predictions for step in (*each.rules, *each.bands)]

    assert [step.action for step in steps if step.urgency == "routine" and SOON.search(step.action)] == []


@pytest.mark.parametrize("name", pathways.names())
def test_a_value_and_its_absence_are_not_two_reasons(name: str) -> None:
    """A model has a term of its own for what is missing, so a clinician reads the absence once."""
    for each in pathways.load(name).predictions:
        words = {one.of for one in each.predictors}

        assert [one.name for one in each.predictors if isinstance(one.of, Missing) and one.of.word in words] == []
