"""All predictions end in one table: ours, the limits where the truth is known, comparators, calibration by region."""

import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import typer
from typer.testing import CliRunner

import pathways
from features.table import write
from training.__main__ import main
from training.overview import limits_of

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def records(draw_people, tmp_path):
    """A folder with the feature table of a made-up pathway, and what is true of its people."""
    table = draw_people(6000, seed=4)
    write(table, tmp_path / "features" / "made_up.detection.parquet")
    (tmp_path / "truth").mkdir()
    true = {"person_id": table.person_id, "day": pa.array(table.index_day).cast(pa.date32()), "age": table.values[:, 0]}
    order = table.person_id.argsort()
    pq.write_table(pa.table(true).take(pa.array(order)), tmp_path / "truth" / "made_up.anything.parquet")
    return tmp_path, table


@pytest.fixture
def run(pathway, monkeypatch):
    monkeypatch.setattr(pathways, "names", lambda: ("made_up",))
    monkeypatch.setattr(pathways, "load", lambda name: pathway)
    monkeypatch.setattr(pathways, "fingerprint", lambda name: "f" * 64)
    app = typer.Typer()
    app.command()(main)
    return lambda *more: CliRunner().invoke(app, ["all", *(str(each) for each in more)])


def test_all_predictions_end_in_one_table_and_a_page_with_the_same_figures(run, records):
    folder, _ = records

    done = run(
        *("--features", folder / "features", "--truth", folder / "truth", "--page", folder / "models.md"),
        *("--tracking-uri", f"sqlite:///{folder}/mlflow.db"),
    )

    page = (folder / "models.md").read_text()
    assert done.exit_code == 0, done.output
    assert "On people whom the models had not seen" in done.output
    (row,) = [line for line in page.splitlines() if line.startswith("| made_up.detection")]
    cells = [cell.strip() for cell in row.strip("|").split("|")]
    ours, attainable, oracle = (float(cell.split(" ")[0]) for cell in cells[2:5])
    assert 0.7 < ours < 0.9
    assert abs(ours - attainable) < 0.05
    assert abs(oracle - attainable) < 0.02  # here nothing is true that is not recorded
    assert "Last eGFR (" in cells[5] and "Age alone (" in cells[5]
    assert all(place in cells[6] and place in cells[7] for place in ("Everyone:", "London:", "North:"))
    assert cells[8].startswith("refuse<br>")
    assert "slope: " in cells[8] and "Mixed" in cells[8]


def test_what_could_not_be_trained_is_said_on_the_page_and_fails(run, records):
    folder, table = records
    write(table.rows(table.event != 1), folder / "features" / "made_up.detection.parquet")

    done = run(*("--features", folder / "features", "--page", folder / "models.md", "--tracking-uri", "sqlite://"))

    assert done.exit_code == 1
    assert "made_up.detection cannot be trained on these records" in (folder / "models.md").read_text()


def test_of_one_pathway_the_limits_are_worked_out_where_they_are_asked_for(pathway, monkeypatch, records):
    folder, _ = records
    monkeypatch.setattr(pathways, "load", lambda name: pathway)
    monkeypatch.setattr(pathways, "names", lambda: ("made_up",))
    monkeypatch.setattr(pathways, "fingerprint", lambda name: "f" * 64)
    app = typer.Typer()
    app.command()(main)
    asked = ["made_up", "--features", str(folder / "features"), "--truth", str(folder / "truth")]
    asked += ["--tracking-uri", f"sqlite:///{folder}/one.db"]

    without, with_them = (CliRunner().invoke(app, [*asked, *more]) for more in ([], ["--limits"]))

    assert without.exit_code == with_them.exit_code == 0, with_them.output
    assert "attainable" not in without.output
    assert "attainable" in with_them.output


def test_without_a_truth_there_are_no_limits(records, tmp_path):
    _, table = records

    assert limits_of("made_up.detection", table, None, 1826, print) == {}
    assert limits_of("made_up.detection", table, tmp_path / "nowhere", 1826, print) == {}
    assert limits_of("other.detection", table, tmp_path / "truth", 1826, print) == {}


def test_the_figures_of_the_readme_are_those_of_the_page():
    readme, page = ((REPOSITORY / name).read_text() for name in ("README.md", "docs/models.md"))
    shown = re.findall(
        r"^\| `(\w+\.\w+)` \| (0\.\d+ \(0\.\d+ to 0\.\d+\)) \| (0\.\d+|) ?\| (0\.\d+|) ?\|", readme, re.M
    )
    measured = {
        row.split("<br>")[0].removeprefix("| "): [cell.strip() for cell in row.split(" | ")[2:5]]
        for row in page.splitlines()
        if re.match(r"\| \w+\.\w+<br>", row)
    }

    assert {name for name, *_ in shown} == set(measured) != set()
    for name, ours, attainable, oracle in shown:
        assert [ours, attainable, oracle] == [
            measured[name][0],
            measured[name][1].split(" ")[0],
            measured[name][2].split(" ")[0],
        ]
