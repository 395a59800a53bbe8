"""A small prediction with a model whose every number can be worked out on paper, and a desk that answers with it.

The model: -2, plus 0 at age 60 rising to 2 at 80, plus 1.5 at eGFR 30 falling to -0.5 at 90, plus 0.8 if a safeguarding
record is there. At 70 years, eGFR 60, safeguarding: -2 + 1 + 0.5 + 0.8 = 0.3.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import httpx
import numpy as np
import pytest

from features.found import Record
from features.person import Missing, Reading, Reason
from pathways.language import Band, Comparator
from registry.curves import Additive, Curve
from registry.model import Column, Example, Model
from registry.recalibration import Affine, Recalibration
from serving.app import application
from serving.desk import Desk
from serving.loader import Loaded, Served
from serving.messages import Asked
from serving.store import Answers

DEFINITION = Path(__file__).with_name("kidney_check.py")
TODAY = date(2024, 7, 1)
NOON = datetime(2024, 7, 1, 12, 0, tzinfo=UTC)


def _definition():
    spec = spec_from_file_location("kidney_check", DEFINITION)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


CHECK = _definition()
PATHWAY, PREDICTION = CHECK.PATHWAY, CHECK.PREDICTION
KFRE, REPEAT, SEND_ACR, CALL_NOW = CHECK.KFRE, CHECK.REPEAT, CHECK.SEND_ACR, CHECK.CALL_NOW

MODEL = Model(
    pathway="kidney_check",
    prediction="detection",
    columns=tuple(Column(each.name, each.wording, restricted=each.restricted) for each in PREDICTION.predictors),
    learner=Additive(
        bias=-2.0,
        curves=(
            Curve(knots=(40.0, 60.0, 80.0), values=(-1.0, 0.0, 2.0), missing=0.25),
            Curve(knots=(30.0, 90.0), values=(1.5, -0.5), missing=-0.1),
            Curve(knots=(0.0, 1.0), values=(0.0, 0.8), missing=0.0),
            Curve(knots=(), values=(0.0, 0.0), missing=0.0, levels=True),
        ),
    ),
    recalibration=Recalibration(
        horizons=(730, 1826),
        primary=1826,
        pooled=Affine(1.0, (-1.0, 0.0)),
        places={"E12000007": Affine(1.5, (-1.2, 0.2))},
    ),
    profile={},
    evidence={"c_statistic": 0.8},
    card="# Card",
    examples=(),
    fingerprint="f" * 64,
    made_on=date(2024, 1, 1),
    trained_on="people of the tests",
)
SERVED = Served("kidney_check", "detection", MODEL, "3", "d" * 64, "challenger")
LOW_EGFR = Record("result-58", date(2024, 3, 3), 60.0, "eGFR")
READING = Reading(
    eligible=True,
    reasons=(),
    predictors=np.array([70.0, 60.0, 1.0, 0.0], dtype=np.float32),
    records=((), (LOW_EGFR,), (Record("note-1", date(2023, 1, 1), None),), ()),
    rules=(),
    missing=(),
    comparators=((KFRE, None, "ACR is not recorded"),),
    data_to=date(2024, 3, 3),
    place=None,
    warnings=(),
)
HISTORY = {
    "person": {"birth_date": "1954-01", "sex": "female"},
    "covers": [{"kind": "measurement", "from": "2010-01-01"}],
    "records": [
        {"kind": "measurement", "concept_id": 40764999, "date": "2024-03-03", "value": 60, "unit": "mL/min/1.73m2"}
    ],
}


@pytest.fixture(scope="session")
def prediction():
    return PREDICTION


@pytest.fixture(scope="session")
def two_year_band():
    """The same prediction, but its middle band reads the risk at two years."""
    middle = Band(0.3, name="medium", action="Test", owner="practice", horizon=730)
    return CHECK.detection((CHECK.LOW, middle, CHECK.HIGH))


@pytest.fixture(scope="session")
def scored_by_concern():
    """The same prediction with a published score that reads the restricted predictor."""
    return CHECK.detection(comparator=Comparator("Worry", lambda age, concern: age + concern, unit="points"))


@pytest.fixture(scope="session")
def definition():
    """The file of the small pathway, to be put into a catalogue."""
    return DEFINITION


@pytest.fixture(scope="session")
def pathway():
    return PATHWAY


@pytest.fixture(scope="session")
def model():
    return MODEL


@pytest.fixture(scope="session")
def example():
    """The person of the sum above, for the bundle of the model."""
    values = np.array([[70.0, 60.0, 1.0, 0.0]], dtype=np.float32)
    risks = tuple(MODEL.risks(values, [None])[0].tolist())
    return Example((70.0, 60.0, 1.0, 0.0), None, float(MODEL.log_odds(values)[0]), risks)


@pytest.fixture(scope="session")
def served():
    return SERVED


@pytest.fixture(scope="session")
def reading():
    """A reading of a person of 70 with eGFR 60 and a safeguarding record; keywords change it."""

    def made(values=None, **changes):
        if values is not None:
            changes["predictors"] = np.array(values, dtype=np.float32)
        return replace(READING, **changes)

    return made


@pytest.fixture(scope="session")
def found():
    """Parts of a reading by name, since tests cannot import from here."""
    return {
        "repeat": REPEAT,
        "send_acr": SEND_ACR,
        "call_now": CALL_NOW,
        "low_egfr": LOW_EGFR,
        "missing": Missing,
        "reason": Reason,
        "record": Record,
    }


@pytest.fixture(scope="session")
def asked():
    return Asked("kidney_check", "detection", date(2024, 6, 30), None, None, "request-1", "{}")


@pytest.fixture
def history():
    return json.loads(json.dumps(HISTORY))


@pytest.fixture
def request_body(history):
    """A request that is in order; keywords change it, and None takes a field away."""

    def made(**changes):
        body = {"pathway": "kidney_check", "as_of": "2024-06-30", "history": history} | changes
        return {name: value for name, value in body.items() if value is not None}

    return made


@pytest.fixture
def desk(tmp_path, reading):
    """A desk on a real store. `desk.reading` is what it reads of anyone."""
    loaded = Loaded(
        {"kidney_check": PATHWAY},
        {
            ("kidney_check", "detection"): SERVED,
            ("kidney_check", "progression"): Served("kidney_check", "progression"),
        },
        {"kidney_check": "f" * 64},
    )
    opened = Desk(loaded, Answers(tmp_path / "answers.db"), lambda *_: opened.reading, "demonstration", lambda: NOON)
    opened.reading = reading()
    yield opened
    opened.close()


class Client:
    """Speaks HTTP to the application in this process, as uvicorn would."""

    def __init__(self, desk: Desk) -> None:
        self.app = application(lambda metrics: _with(desk, metrics))

    def __call__(self, method: str, path: str, **sent: object) -> httpx.Response:
        return self.together([(method, path, sent)])[0]

    def together(self, calls: list[tuple[str, str, dict[str, object]]]) -> list[httpx.Response]:
        """Several requests at once."""
        return asyncio.run(self._all(calls))

    async def _all(self, calls):
        transport = httpx.ASGITransport(self.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://risk") as client:
            return await asyncio.gather(*(client.request(method, path, **sent) for method, path, sent in calls))


def _with(desk, metrics):
    desk.metrics = metrics
    return desk


@pytest.fixture
def client(desk) -> Callable[..., httpx.Response]:
    made = Client(desk)
    desk.metrics = made.app.user_middleware[0].kwargs["metrics"]
    made.app.state.desk = desk
    return made
