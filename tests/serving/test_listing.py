"""A practice's list: red flags before any score, as far as there is room, and nobody unknown taken for well.

The model is that of `conftest.py`: at 80 years and eGFR 60 the log-odds are -2 + 2 + 0.5 = 0.5, a risk of 0.622; at
eGFR 75 they are 0, a risk of 0.5. With eGFR 50 at 60 years they are -2 + 0 + 0.8333, a risk of 0.237.
"""

import csv
import json
import math
import stat
from datetime import UTC, date, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.console import Console
from typer.testing import CliRunner

from features.source import open_source
from serving import list_printing
from serving.__main__ import app
from serving.desk import Desk
from serving.list_printing import print_list, write_csv
from serving.listing import LIST, NoSuchPractice, Wanted, make
from serving.loader import Loaded
from serving.messages import asked_in
from serving.readings import People
from serving.store import Answers, walk

AS_OF = date(2024, 6, 30)
ANN, BOB, CEM, DOT, EVE, FAY, GUS, HAL, IVY, JON, KIM = range(1, 12)
#       born, eGFR, practice
CLINIC = {
    ANN: (1944, 60.0, "P1"),
    BOB: (1954, 90.0, "P1"),
    CEM: (1964, 50.0, "P1"),
    DOT: (1944, 14.0, "P1"),
    EVE: (1944, None, "P1"),
    FAY: (2010, 90.0, "P1"),
    GUS: (1944, 14.0, "P2"),
    HAL: (1944, 75.0, "P1"),
    IVY: (1944, 75.0, "P1"),
    JON: (1944, 14.0, "P1"),
    KIM: (2010, 14.0, "P1"),
}
ANNS, HALS = 1 / (1 + math.exp(-0.5)), 0.5


@pytest.fixture(scope="module")
def clinic(tmp_path_factory):
    """The people as OMOP tables: Jon died on the last day that counts."""
    folder = tmp_path_factory.mktemp("clinic")
    sites = {"P1": 11, "P2": 12}
    tables = {
        "person": {
            "person_id": list(CLINIC),
            "gender_concept_id": [8532] * len(CLINIC),
            "year_of_birth": [born for born, *_ in CLINIC.values()],
            "month_of_birth": [1] * len(CLINIC),
            "day_of_birth": [1] * len(CLINIC),
            "care_site_id": [sites[practice] for *_, practice in CLINIC.values()],
        },
        "care_site": {"care_site_id": [11, 12], "care_site_source_value": ["P1", "P2"]},
        "observation_period": {
            "person_id": list(CLINIC),
            "observation_period_start_date": [date(2012, 1, 1)] * len(CLINIC),
            "observation_period_end_date": [AS_OF] * len(CLINIC),
        },
        "death": {"person_id": [JON], "death_date": [AS_OF]},
        "measurement": {
            "measurement_id": list(CLINIC),
            "person_id": list(CLINIC),
            "measurement_concept_id": [40764999 if value else 0 for _, value, _ in CLINIC.values()],
            "measurement_date": [date(2024, 3, 3)] * len(CLINIC),
            "value_as_number": pa.array([value for _, value, _ in CLINIC.values()], pa.float64()),
            "unit_concept_id": [720870] * len(CLINIC),
        },
    }
    for name, columns in tables.items():
        pq.write_table(pa.table(columns), folder / f"{name}.parquet")
    return folder


@pytest.fixture
def opened(clinic, pathway, served, tmp_path):
    """A desk over the clinic, and its people."""
    loaded = Loaded(
        {"kidney_check": pathway},
        {
            ("kidney_check", "detection"): served,
            ("kidney_check", "progression"): type(served)("kidney_check", "progression"),
        },
        {"kidney_check": "f" * 64},
    )
    people = People(loaded, open_source(clinic))
    noon = datetime(2024, 7, 1, 12, tzinfo=UTC)
    desk = Desk(loaded, Answers(tmp_path / "answers.db"), people, "demonstration", lambda: noon)
    yield desk, people
    desk.close()


@pytest.fixture
def listed(opened):
    """A list of P1 by detection; keywords change what is wanted."""
    desk, people = opened

    def made(capacity=20, practice="P1", prediction="detection"):
        return make(desk, people, Wanted("kidney_check", prediction, practice, capacity, AS_OF))

    return made


def ids(found):
    return [each["person_id"] for each in found["people"]]


def test_red_flags_come_first_the_most_urgent_before_the_others_then_risk(listed):
    found = listed()

    assert ids(found) == [DOT, CEM, ANN, HAL, IVY]
    assert [each["urgency"] for each in found["people"][:3]] == ["emergency", "urgent", "routine"]
    # Cem's risk is the lowest of all: a red flag does not wait for it.
    assert [round(each["risk"], 3) for each in found["people"][1:]] == [0.237, 0.622, 0.5, 0.5]


def test_each_has_a_dated_reason_and_what_to_do(listed):
    dot, cem, ann, *_ = listed()["people"]

    assert (dot["action"], dot["because_of"], dot["guideline"]) == ("Call the renal team today", "rule", "NICE NG203")
    assert dot["reasons"] == ["eGFR on 3 March 2024"]
    assert dot["also"][-1] == "Send urine ACR"
    assert cem["also"] == ["Send urine ACR"]  # not that of the lowest band, "No action"
    assert (ann["action"], ann["because_of"], ann["owner"]) == ("Offer eGFR and urine ACR now", "score", "practice")
    assert ann["reasons"] == ["age: 80 years", "latest eGFR: 60 mL/min/1.73 m2 on 3 March 2024"]


def test_where_there_is_room_for_three_the_three_most_pressing_come_and_ties_go_by_id(listed):
    assert ids(listed(3)) == [DOT, CEM, ANN]
    assert ids(listed(4)) == [DOT, CEM, ANN, HAL]


def test_the_room_there_is_implies_a_threshold_and_what_it_finds(listed):
    (four,) = listed(4)["predictions"]
    (all_,) = listed()["predictions"]

    assert four["threshold"] == {"risk": pytest.approx(HALS), "urgency": "routine"}
    assert four["expected"]["ppv"] == pytest.approx((ANNS + HALS) / 2)
    assert four["expected"]["number_needed_to_review"] == pytest.approx(2 / (ANNS + HALS))
    # None of the two with a chance of 0.378 x 0.5 = 0.189, both with 0.311: 95% reaches from none to both.
    assert (four["expected"]["low"], four["expected"]["high"]) == (0.0, 1.0)
    assert all_["threshold"] is None  # everybody whom it would call has room


def test_a_low_risk_is_not_called_and_who_cannot_be_told_is_reached_for_and_never_taken_for_well(listed):
    found = listed()

    assert BOB not in ids(found)
    assert [(each["person_id"], each["lacks"]) for each in found["outreach"]] == [(EVE, ["eGFR"])]


def test_children_the_dead_and_people_of_other_practices_are_not_in_it(listed):
    found = listed()

    assert not {FAY, GUS, JON, KIM} & {*ids(found), *(each["person_id"] for each in found["outreach"])}
    (summary,) = found["predictions"]
    assert summary["left_out"] == [{"reason": "Does not meet: age is at least 18.", "people": None}]  # 2 are hidden


def test_who_is_left_out_with_a_red_flag_is_not_swallowed(listed, tmp_path):
    found, path = listed(), tmp_path / "list.csv"
    write_csv(found, path, left_out=True)
    with path.open(newline="") as opened:
        last = list(csv.DictReader(opened))[-1]

    (kim,) = found["left_out"]
    assert (kim["person_id"], kim["action"], kim["urgency"]) == (KIM, "Call the renal team today", "emergency")
    assert (last["person_id"], last["because_of"]) == (str(KIM), "left out, with a red flag")
    assert last["reasons"] == "Does not meet: age is at least 18."


def test_small_numbers_are_hidden_in_what_is_said_of_groups(listed):
    found = listed()

    assert found["predictions"][0]["eligible"] is None  # seven
    hidden = {"eligible": None, "listed": None, "share_of_eligible": None, "share_of_list": None}
    assert found["groups"]["deprivation"] == [{"level": "unknown", **hidden}]


def test_whoever_is_on_the_list_gets_the_answer_that_they_would_get_alone(listed, opened):
    desk, _ = opened
    for each in listed()["people"]:
        body = {"pathway": "kidney_check", "prediction": "detection", "person_id": each["person_id"]}
        text = json.dumps(body | {"as_of": AS_OF.isoformat()}).encode()
        alone = json.loads(desk.entry(asked_in(text, date(2024, 7, 1), desk.catalogue), None).answer)
        kept = json.loads(desk.answers.of_id(each["answer_id"]).answer)

        assert {**alone, "answer_id": ""} == {**kept, "answer_id": ""}
        assert each["risk"] == next(risk["risk"] for risk in alone["risks"] if risk["primary"])
        assert each["action"] == alone["actions"][0]["text"]


def test_by_all_predictions_nobody_stands_in_it_twice(listed):
    found = listed(prediction=None)

    assert sorted(ids(found)) == [ANN, CEM, DOT, HAL, IVY]
    assert [each["prediction"] for each in found["predictions"]] == ["detection", "progression"]


def test_a_list_is_kept_in_the_chain_and_cannot_be_read_as_an_answer(listed, opened, tmp_path):
    found = listed(3)
    desk, _ = opened
    entry = desk.answers.of_id(found["list_id"])

    assert (entry.prediction, json.loads(entry.answer)) == (LIST, found)
    assert walk(tmp_path / "answers.db").answers == 4  # three answers and the list
    assert walk(tmp_path / "answers.db").faults == ()


def test_over_the_interface_a_list_is_not_to_be_had(client, desk, listed):
    desk.answers.keep([_entry(listed(1))]).result()

    assert client("GET", "/v1/answers/some-list").status_code == 404


def _entry(found):
    from serving.store import Entry

    return Entry("some-list", None, "d", "kidney_check", LIST, "", "2024", "{}", json.dumps(found))


def test_a_practice_that_is_not_there_is_said(listed):
    with pytest.raises(NoSuchPractice):
        listed(practice="P3")


def test_as_csv_it_can_be_read_back_and_belongs_to_its_owner_alone(listed, tmp_path):
    found, path = listed(), tmp_path / "list.csv"
    write_csv(found, path, outreach=True)
    with path.open(newline="") as opened:
        rows = list(csv.DictReader(opened))

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [int(row["person_id"]) for row in rows] == [DOT, CEM, ANN, HAL, IVY, EVE]
    assert rows[0]["action"] == "Call the renal team today"
    assert (rows[-1]["because_of"], rows[-1]["reasons"]) == ("outreach", "not recorded: eGFR")


def test_a_cell_is_never_a_formula_of_a_table_program(listed, tmp_path):
    found, path = listed(1), tmp_path / "list.csv"
    found["people"][0]["action"] = "=1+1"
    write_csv(found, path, outreach=False)

    assert "'=1+1" in path.read_text()


def test_on_paper_the_first_line_is_the_most_pressing(listed):
    console = Console(record=True, width=160)
    print_list(listed(3), console, outreach=True)
    text = console.export_text()

    assert text.index("Call the renal team today") < text.index("Offer eGFR and urine ACR now")
    assert "Demonstration" in text
    assert "threshold, among routine calls, at 62.2%" in text
    assert str(EVE) in text


def test_earlier_lists_are_shown_without_anybody_in_them(listed, opened, tmp_path):
    found = listed(3)
    runner = CliRunner()

    shown = runner.invoke(app, ["lists", "--answers", str(tmp_path / "answers.db"), "--json"])
    again = runner.invoke(
        app, ["list", "--replay", found["list_id"], "--answers", str(tmp_path / "answers.db"), "--json"]
    )
    (line,) = json.loads(shown.stdout)

    assert (line["list_id"], line["practice"], line["people"]) == (found["list_id"], "P1", None)
    assert "person_id" not in shown.stdout
    assert json.loads(again.stdout) == found


def test_the_command_wants_a_practice_or_an_earlier_list():
    assert CliRunner().invoke(app, ["list", "kidney_disease"]).exit_code == 2


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("kidney", "--practice", "P1"), 2, "there is no such pathway"),
        (("kidney_disease", "--practice", "P1", "--source", "nowhere"), 1, "there is nothing at nowhere"),
        (("kidney_disease", "--practice", "P1", "--as-of", "tomorrow"), 2, "not a day written YYYY-MM-DD"),
        (("kidney_disease", "--practice", "P1", "--as-of", "2024-07-01"), 2, "the last day of the records"),
        (("kidney_disease", "--practice", "P1", "--prediction", "cure"), 2, "detection, progression"),
        (("kidney_disease", "--practice", "P9"), 1, "There are: P1, P2."),
    ],
)
def test_whoever_asks_for_a_list_that_cannot_be_is_told_why(clinic, tmp_path, arguments, code, said):
    arguments = ("--source", str(clinic), *arguments) if "--source" not in arguments else arguments
    places = ("--tracking-uri", f"sqlite:///{tmp_path}/mlflow.db", "--answers", str(tmp_path / "answers.db"))
    done = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["list", *arguments, *places])

    assert (done.exit_code, said in done.output) == (code, True), done.output


def test_briefly_a_list_is_two_lines_of_heading_and_its_people(listed):
    console = Console(record=True, width=160)
    print_list(listed(2), console, outreach=False, brief=True)
    lines = console.export_text().splitlines()

    assert [line.split("  ")[0] for line in lines[2:4]] == ["1", "2"]
    assert lines[2].rstrip().endswith("Call the renal team today (eGFR on 3 March 2024)")
    assert len(lines) == 5


def test_columns_are_those_of_a_line(listed):
    assert set(list_printing.COLUMNS) == set(listed(1)["people"][0])
