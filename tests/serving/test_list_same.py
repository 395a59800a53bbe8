"""Everybody of a made-up practice: what a list works out for all at once is what each would be told alone."""

import json
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import pathways
from features.roll import at_place, roll
from features.source import open_source
from registry.curves import Additive, Curve
from registry.model import Column, Model
from registry.recalibration import Affine, Recalibration
from serving.desk import Desk
from serving.listing import Wanted, make
from serving.loader import Loaded, Served
from serving.messages import asked_in
from serving.readings import People
from serving.store import Answers

ROOT = Path(__file__).parents[2]
NOW, AS_OF = datetime(2026, 1, 5, 12, tzinfo=UTC), date(2025, 12, 31)
INDEX = (AS_OF - date(1970, 1, 1)).days + 1
NAMES = ("kidney_disease", "polio_booster_recall", "preschool_immunisation")


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    """The records of 900 made-up people, all of one practice."""
    folder = tmp_path_factory.mktemp("population")
    command = [sys.executable, "-m", "synthetic", "--people", "900", "--seed", "3", "--out", str(folder), "--json"]
    subprocess.run([*command, "--regions", "london"], check=True, capture_output=True, cwd=ROOT)
    people = pq.read_table(folder / "person.parquet")
    site = people["care_site_id"][0].as_py()
    at = people.column_names.index("care_site_id")
    everybody = people.set_column(at, people.field(at), pa.array([site] * len(people), people.field(at).type))
    pq.write_table(everybody, folder / "person.parquet")
    (folder / "location_history.parquet").unlink()  # else they would be with the practices of where they lived
    return open_source(folder)


def model(name, prediction):
    """A model in which every predictor moves the risk, up or down, also where it is missing."""
    curves = tuple(
        Curve((), tuple(0.1 * level for level in range(len(one.levels))), 0.03, levels=True)
        if one.levels
        else Curve((0.0, 50.0), (0.0, 0.7 if at % 2 else -0.4), 0.05 * (at % 3))
        for at, one in enumerate(prediction.predictors)
    )
    horizons = tuple(sorted(prediction.horizons))
    pooled = Affine(1.1, tuple(-0.3 + 0.2 * at for at in range(len(horizons))))
    return Model(
        pathway=name,
        prediction=prediction.name,
        columns=tuple(Column(each.name, each.wording, restricted=each.restricted) for each in prediction.predictors),
        learner=Additive(bias=-1.5, curves=curves),
        recalibration=Recalibration(
            horizons, prediction.primary, pooled, {"E12000007": Affine(0.9, pooled.intercepts)}
        ),
        profile={},
        evidence={},
        card="",
        examples=(),
        fingerprint="f" * 64,
        made_on=date(2024, 1, 1),
        trained_on="nobody",
    )


@pytest.fixture(scope="module")
def opened(records, tmp_path_factory):
    catalogue = {name: pathways.load(name) for name in NAMES}
    served = {
        (name, each.name): Served(name, each.name, model(name, each), "1", "d" * 64, "challenger")
        for name, pathway in catalogue.items()
        for each in pathway.predictions
    }
    loaded = Loaded(catalogue, served, dict.fromkeys(NAMES, "f" * 64))
    people = People(loaded, records)
    desk = Desk(loaded, Answers(tmp_path_factory.mktemp("same") / "answers.db"), people, "demonstration", lambda: NOW)
    yield desk, people
    desk.close()


@pytest.fixture
def practice(records):
    """The practice where everybody is."""
    names = records.places.levels["practice"]
    return max(names, key=lambda name: len(at_place(records, "practice", name, INDEX)))


@pytest.mark.parametrize("name", NAMES)
def test_predictors_rules_and_eligibility_of_all_at_once_are_those_of_each_alone(opened, records, name):
    desk, people = opened
    some, prediction = records.only(records.people.ids[::7]), desk.loaded.pathways[name].predictions[0]
    found = roll(prediction, some, people.vocabulary(name, prediction), INDEX)
    assert len(found) == 50
    for at, person in enumerate(found.person_id.tolist()):
        body = {"pathway": name, "prediction": prediction.name, "person_id": person, "as_of": AS_OF.isoformat()}
        reading = people(asked_in(json.dumps(body).encode(), NOW.date(), desk.catalogue), prediction)

        assert {1.0: True, 0.0: False}.get(found.eligible[at]) == reading.eligible
        assert found.fails[at] == (len(reading.reasons) if reading.eligible is False else 0)
        speaking = [rule for rule, speaks in zip(prediction.rules, found.rules[at], strict=True) if speaks]
        assert speaking == [rule for rule, _ in reading.rules]
        assert found.lacks[at].any() == any(missing.required for missing in reading.missing)
        np.testing.assert_array_equal(found.values[at], reading.predictors)


@pytest.mark.parametrize("name", NAMES)
def test_each_line_is_the_answer_that_the_service_gives_to_the_same_question(opened, practice, client, name):
    desk, people = opened
    told = make(desk, people, Wanted(name, None, practice, 12, AS_OF))
    client.app.state.desk = desk
    assert len(told["people"]) == {"kidney_disease": 12, "polio_booster_recall": 12, "preschool_immunisation": 1}[name]

    for line in told["people"]:
        body = {"pathway": name, "person_id": line["person_id"], "as_of": AS_OF.isoformat()}
        said = client("POST", "/v1/risk", json=body).json()

        assert said["prediction"] == line["prediction"]
        assert next((risk["risk"] for risk in said["risks"] if risk["primary"]), None) == line["risk"]
        action = next(each for each in said["actions"] if each["text"] == line["action"])
        assert (action["urgency"], action["guideline"] or "our own band") == (line["urgency"], line["guideline"])
        kept = json.loads(desk.answers.of_id(line["answer_id"]).answer)
        assert {**said, "answer_id": ""} == {**kept, "answer_id": ""}


def test_nobody_of_the_practice_stands_twice_and_everybody_is_accounted_for(opened, records, practice):
    desk, people = opened
    told = make(desk, people, Wanted("kidney_disease", None, practice, 40, AS_OF))
    listed, reached = ([each["person_id"] for each in told[part]] for part in ("people", "outreach"))

    assert len({*listed, *reached}) == len(listed) + len(reached)
    assert {*listed, *reached} <= set(at_place(records, "practice", practice, INDEX).tolist())
    for line in told["people"]:
        assert line["reasons"] and all(line["reasons"])
