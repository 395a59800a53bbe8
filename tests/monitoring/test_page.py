"""What a safety reviewer is given: the page, and the same for machines."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import jsonschema
import numpy as np
import pytest

from monitoring.document import SCHEMA, text
from monitoring.report import report
from monitoring.review import CannotReview, Subject, configuration_hash, review
from monitoring.written import write

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
NORTH = "E12000002"


def reviewed(model, table, threshold=0.2, **changes):
    subject = Subject(model, "3", "d" * 64, "Kidney disease", threshold, "High", True)
    return review(replace(subject, **changes), table, AT)


@pytest.fixture(scope="module")
def now(people):
    """People of two regions; in one of them eGFR is lost, five people are of a mixed group, five of a third region."""
    table = people(6_000, seed=31, odds=1.8)
    in_north = table.axes["region"] == NORTH
    values = table.values.copy()
    values[in_north & (np.random.default_rng(4).random(len(table)) < 0.6), 1] = np.nan
    values[17, 1] = 77.12345
    ethnicity, region = table.axes["ethnicity"].copy(), table.axes["region"].copy()
    ethnicity[:5], region[20:25] = "D", "E12000009"
    return replace(table, values=values, axes={**table.axes, "ethnicity": ethnicity, "region": region})


@pytest.fixture(scope="module")
def found(model, now):
    return reviewed(model, now)


@pytest.fixture(scope="module")
def page(found):
    return report(found)


@pytest.fixture(scope="module")
def document(found):
    return json.loads(text(found))


def test_the_parts_stand_in_the_order_in_which_they_are_needed(page):
    headings = re.findall(r"<h2[^>]*>([^<]+)</h2>", page)

    assert headings == [
        "What needs attention",
        "Calibration by region",
        "Fairness",
        "Inputs",
        "How to read this",
        "What was not run, and why",
    ]


def test_the_page_needs_no_script_and_nothing_from_elsewhere(page):
    assert "<script" not in page
    assert not re.search(r'(src|href)="(https?:)?//', page)
    assert "@import" not in page
    assert "url(" not in page
    assert len(page.encode()) < 300_000


class Tables(HTMLParser):
    """Collects of each table whether it has a caption, and how many headings lack a scope."""

    def __init__(self):
        super().__init__()
        self.tables, self.captions, self.unscoped, self.open = 0, 0, 0, []

    def handle_starttag(self, tag, attributes):
        self.open.append(tag)
        self.tables += tag == "table"
        self.captions += tag == "caption"
        self.unscoped += tag == "th" and dict(attributes).get("scope") not in ("row", "col")

    def handle_endtag(self, tag):
        if tag in self.open:
            while self.open.pop() != tag:
                pass


def test_every_table_has_a_caption_and_every_heading_says_what_it_heads(page):
    seen = Tables()
    seen.feed(page)

    assert seen.tables == seen.captions > 8
    assert seen.unscoped == 0
    assert seen.open == ["meta", "meta"] or not seen.open or set(seen.open) <= {"meta", "html"}


def test_the_plot_says_in_words_what_it_shows(page):
    assert re.search(r'<svg[^>]*role="img"[^>]*aria-labelledby="plot-region-t plot-region-d"', page)
    assert '<title id="plot-region-t">Observed over expected by region, with 95% intervals</title>' in page


def test_made_up_people_are_called_so_on_the_page_and_in_the_document(page, document):
    assert "Demonstration: synthetic people" in page
    assert document["model"]["synthetic"] is True
    assert document["model"]["use"] == "demonstration"


def test_a_signed_model_on_real_records_bears_no_banner_and_an_unsigned_one_does(model, now):
    real = replace(model, trained_on="records of a trust")
    signed = replace(real, signed_until=date(2027, 1, 1))

    assert "Demonstration: not for the care of any person" in report(reviewed(real, now))
    assert "Demonstration" not in report(reviewed(signed, now))


def test_alarms_of_outcomes_stand_before_alarms_of_inputs_with_cause_and_proposal(found, page):
    sections = [each.section for each in found.attention if each.state == "watch"]

    assert "calibration" in {each.section for each in found.attention}
    assert sections == sorted(sections, key=lambda section: section == "inputs")
    assert "More outcomes than predicted" in page
    assert "recalibrate the intercept" in page
    assert "missing went from" in page
    assert "a shift alone is no reason to change the model" in page


def test_the_document_keeps_its_schema(document):
    jsonschema.validate(document, json.loads(SCHEMA.read_text(encoding="utf-8")))


def test_the_schema_refuses_a_pass_without_a_figure_and_a_count_of_five(document):
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    lying = json.loads(json.dumps(document))
    passed = next(one for group in lying["groups"] for one in group["cells"] if one["state"] == "pass")
    passed["low"] = None
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(lying, schema)
    counted = json.loads(json.dumps(document))
    counted["groups"][0]["people"] = 7
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(counted, schema)


def test_the_states_of_the_document_are_those_of_its_cells(document):
    cells = [one["state"] for group in document["groups"] for one in group["cells"]]
    inputs = [one["state"] for one in document["inputs"]]

    for state, number in document["states"]["performance"].items():
        assert cells.count(state) == number
    for state, number in document["states"]["inputs"].items():
        assert inputs.count(state) == number
    assert document["state"] == "breach"


def test_no_count_of_fewer_than_eight_people_leaves_and_no_group_of_five_is_named(page, document):
    counts = [
        value
        for part in _walk(document)
        for name, value in part.items()
        if name in ("people", "outcomes", "index_dates", "rows", "then", "now")
    ]

    assert len(counts) > 50
    assert all(count is None or count == 0 or count >= 10 for count in counts)
    assert "Mixed" not in page
    assert "South West" not in page
    assert "E12000009" not in page + json.dumps(document)
    assert "Regions with fewer than 8 people" in page


def _walk(part):
    if isinstance(part, dict):
        yield part
        for each in part.values():
            yield from _walk(each)
    elif isinstance(part, list):
        for each in part:
            yield from _walk(each)


def test_no_value_of_a_person_leaves(page, document):
    for shown in (page, json.dumps(document)):
        assert "77.12" not in shown
        assert "987654321" not in shown


def test_what_was_not_run_is_said_with_its_reason(model, now):
    early = replace(now, data_to=int(now.index_day.max()))
    early = early.rows(early.index_day + 365 > early.data_to + 1)

    found = reviewed(model, early, threshold=None)

    document, page = json.loads(text(found)), report(found)
    assert document["groups"] == []
    assert document["state"] != "pass"
    assert "Risks against outcomes" in {each["test"] for each in document["tests_not_done"]}
    assert "nobody&#x27;s time at risk of 365 days is over" in page
    jsonschema.validate(document, json.loads(SCHEMA.read_text(encoding="utf-8")))


def test_a_table_of_another_pathway_is_refused_with_every_reason(model, now):
    other = replace(now, columns=("age", "smoking"), values=now.values[:, [0, 2]])

    with pytest.raises(CannotReview, match="lacks egfr"):
        reviewed(model, other)
    with pytest.raises(CannotReview, match="no region has 8 people or more"):
        reviewed(model, now.rows(np.arange(5)))


def test_predictors_in_another_order_are_the_same_review(model, now, found):
    turned = replace(now, columns=now.columns[::-1], values=now.values[:, ::-1])

    assert reviewed(model, turned).groups == found.groups


def test_two_reviews_with_the_same_limits_have_the_same_hash(document):
    assert document["configuration"]["hash"] == configuration_hash()
    assert len(configuration_hash()) == 64


def test_the_files_are_written_and_name_one_another(found, tmp_path):
    (tmp_path / "evidently").mkdir()
    (tmp_path / "evidently" / "e12000002.html").write_text("", encoding="utf-8")

    written = write(found, tmp_path)

    assert [path.name for path in written] == ["index.html", "monitor.json", "e12000002.html"]
    assert 'href="evidently/e12000002.html"' in written[0].read_text(encoding="utf-8")
