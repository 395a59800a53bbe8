"""The desk reads histories through the real kernel, and has done so once before anybody waits."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from features.person import UnknownPerson
from serving.messages import understood
from serving.readings import people

ROOT = Path(__file__).parents[2]
FIRST_ANSWER = """
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from features import kernel
from serving.desk import Desk
from serving.loader import Loaded, Served
from serving.readings import people
from serving.store import Answers

spec = spec_from_file_location("kidney_check", sys.argv[1])
spec.loader.exec_module(check := module_from_spec(spec))
names = [each.name for each in check.PATHWAY.predictions]
served = {("kidney_check", name): Served("kidney_check", name) for name in names}
loaded = Loaded({"kidney_check": check.PATHWAY}, served, {"kidney_check": ""})
desk = Desk(loaded, Answers(Path(sys.argv[2])), people(loaded, Path("nowhere")), "demonstration")
ready = lambda: sum(len(part.signatures) for part in vars(kernel).values() if hasattr(part, "signatures"))
cold = ready()
desk.warm()
warm = ready()
from serving.messages import asked_in
desk.entry(asked_in(sys.stdin.buffer.read(), desk.today(), desk.catalogue), None)
print(cold, warm, ready())
desk.close()
"""


@pytest.fixture
def real_desk(desk, tmp_path):
    desk.read = people(desk.loaded, tmp_path / "no-records-here")
    return desk


@pytest.fixture
def asked(real_desk, request_body):
    return lambda **changes: understood(request_body(**changes), real_desk.today(), real_desk.catalogue)


def test_a_history_is_read_into_the_predictors_of_the_prediction(real_desk, asked, prediction):
    reading = real_desk.read(asked(), prediction)

    # Born in January 1954, so 70; observations are not covered, so nothing is known of smoking and concerns.
    assert reading.predictors[:2].tolist() == [70.0, 60.0]
    assert np.isnan(reading.predictors[2:]).all()
    assert reading.records[1][0].day.isoformat() == "2024-03-03"


def test_records_after_the_day_of_the_question_do_not_count_and_are_announced(real_desk, asked, history, prediction):
    history["records"].append(history["records"][0] | {"date": "2024-07-01", "value": 20})

    reading = real_desk.read(asked(), prediction)
    assert reading.predictors[1] == 60
    assert [code for code, _ in reading.warnings] == ["after_as_of"]


def test_without_records_of_its_own_the_service_knows_nobody_by_id(real_desk, asked, prediction):
    with pytest.raises(UnknownPerson):
        real_desk.read(asked(history=None, person_id=1), prediction)


def test_nothing_is_compiled_while_the_first_person_waits(definition, request_body, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", FIRST_ANSWER, definition, tmp_path / "answers.db"],
        input=json.dumps(request_body()).encode(),
        capture_output=True,
        cwd=ROOT,
        check=True,
    )

    cold, warm, after_the_first = map(int, done.stdout.split())
    assert cold < warm == after_the_first
