"""The population report: figures as a stranger would work them out, marks where they are far off, a page on its own."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from synthetic.population import write_population
from synthetic.report.figures import Compared, Figure


def figure(published):
    return Figure("Heart failure", "London", "fifth 1", published, "a source", "SELECT 1, 1")


@pytest.mark.parametrize(
    ("counted", "people", "published", "state"),
    [
        (100, 1000, 10.0, "near"),
        (119, 1000, 10.0, "near"),
        (121, 1000, 10.0, "off by more than a fifth"),
        (79, 1000, 10.0, "off by more than a fifth"),
        (30, 199, 10.0, "too few to tell"),
        (0, 1000, 10.0, "off by more than a fifth"),
        (0, 0, 10.0, "not in this population"),
    ],
)
def test_a_figure_is_marked_when_it_differs_by_more_than_a_fifth(counted, people, published, state):
    assert Compared(figure(published), counted, people).state == state


@pytest.fixture(scope="module")
def reported(written, folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("report") / "page.html"
    command = [sys.executable, "-m", "synthetic.report", "--source", str(folder), "--out", str(out), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), out.read_text(encoding="utf-8")


def test_a_register_is_counted_as_a_stranger_would_count_it(reported, cdm):
    figures, _ = reported
    ours = [f for f in figures if f["what"] == "Hypertension, by age" and f["group"] == "60 to 79"]
    people, coded = cdm.execute(
        """SELECT count(*), count(*) FILTER (EXISTS (FROM condition_occurrence c WHERE c.person_id = p.person_id
          AND condition_concept_id IN (320128, 316866) AND condition_start_date <= DATE '2025-03-31'))
        FROM person p JOIN observation_period USING (person_id)
        WHERE DATE '2025-03-31' BETWEEN observation_period_start_date AND observation_period_end_date
          AND date_diff('day', make_date(year_of_birth, month_of_birth, day_of_birth), DATE '2025-03-31') / 365.25
          BETWEEN 60 AND 79.999999"""
    ).fetchall()[0]

    assert ours[0]["people"] == people
    assert ours[0]["here"] == pytest.approx(100 * coded / people)


def test_every_figure_has_its_source(reported):
    figures, _ = reported

    assert len(figures) > 150
    assert all(one["source"] for one in figures)


def test_the_page_stands_alone_and_draws_what_was_asked(reported):
    _, page = reported

    assert "<script" not in page
    assert not re.search(r"(src|href)=", page)
    assert page.count("<svg") >= 10
    assert len(page) < 1_000_000
    assert "never a clinical claim" in page


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    """The figures of 200,000 people."""
    folder = tmp_path_factory.mktemp("large")
    write_population(200_000, 1, folder)
    command = [sys.executable, "-m", "synthetic.report", "--source", str(folder), "--out", str(folder / "page.html")]
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_nine_figures_in_ten_of_200_000_people_are_within_a_fifth_and_none_is_far_off(large):
    told = [one for one in large if one["state"] in ("near", "off by more than a fifth")]
    near = [one for one in told if one["state"] == "near"]
    # Those of whom a hundred are expected: fewer may be far off by chance.
    many = [one for one in told if one["published"] * one["people"] > 100 * 100]
    far = [(one["what"], one["region"], one["group"]) for one in many if not 0.6 < one["here"] / one["published"] < 1.7]

    assert len(told) > 170
    assert len(near) / len(told) > 0.88
    assert far == []
