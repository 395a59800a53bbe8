"""Write docs/answers.md: whole answers, as a clinician reads them and some as the person does. README shows one.

`python docs/answers.py` asks the models that are registered in work/ (`make population train` makes them). The people
do not exist. A test holds the page against the definitions; it is made anew by hand, as training is not repeated there.
"""

from __future__ import annotations

import io
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

from serving.desk import Desk
from serving.letter import print_letter
from serving.messages import asked_in
from serving.opening import open_desk
from serving.options import options_in
from serving.printing import print_answer

PAGE, README = Path(__file__).with_name("answers.md"), Path(__file__).parents[1] / "README.md"
SHOWN = re.compile(r"(<!-- answer -->\n).*(\n<!-- /answer -->)", re.DOTALL)
AS_OF = "2025-12-31"
EVERYTHING = ("condition", "measurement", "medication", "immunisation", "visit", "procedure", "observation")
EVERYTHING += ("family_history",)
DIABETES, HYPERTENSION, CKD_STAGE_3, AKI = 201826, 320128, 443597, 197320
STATIN, RAAS_BLOCKER = 1545958, 21601782
Sent = dict[str, Any]


def result(concept: int, unit: str) -> Callable[[float, str], Sent]:
    return lambda value, day: {"kind": "measurement", "concept_id": concept, "date": day, "value": value, "unit": unit}


creatinine, acr = result(3020564, "umol/L"), result(3020682, "mg/mmol")
systolic, diastolic = result(3004249, "mmHg"), result(3012888, "mmHg")


def condition(concept: int, day: str) -> Sent:
    return {"kind": "condition", "concept_id": concept, "date": day}


def observation(concept: int, day: str) -> Sent:
    return {"kind": "observation", "concept_id": concept, "date": day}


def medicine(concept: int, day: str) -> Sent:
    return {"kind": "medication", "concept_id": concept, "date": day}


def told(kind: str, concept: int, day: str, **value: object) -> Sent:
    return {"kind": kind, "concept_id": concept, "date": day, **value}


KIDNEY, PRESSURE, ASTHMA, CANCER = "kidney_disease", "high_blood_pressure", "asthma_attack", "cancer_diagnosis"
ALCOHOL, BREAST, OBESITY, DOSES = "alcohol_attendance", "breast_cancer", "childhood_obesity", "preschool_immunisation"
PEOPLE: tuple[tuple[str, str, str, str, list[Sent], bool], ...] = (
    (
        KIDNEY,
        "A woman of 66 with type 2 diabetes whose kidney function falls",
        "1959-04",
        "female",
        [
            condition(HYPERTENSION, "2014-06-02"),
            condition(DIABETES, "2016-02-11"),
            creatinine(66, "2021-05-04"),
            creatinine(74, "2023-05-19"),
            creatinine(80, "2025-05-02"),
            systolic(148, "2025-05-02"),
            diastolic(84, "2025-05-02"),
        ],
        True,
    ),
    (
        KIDNEY,
        "A man of 74 with low results, albumin in the urine and no code: red flags",
        "1951-09",
        "male",
        [
            creatinine(150, "2025-01-10"),
            creatinine(165, "2025-06-20"),
            creatinine(168, "2025-10-14"),
            acr(48, "2025-10-14"),
            systolic(152, "2025-10-14"),
        ],
        True,
    ),
    (
        KIDNEY,
        "A woman of 77 with stable kidney disease who is seen every year",
        "1948-03",
        "female",
        [
            condition(CKD_STAGE_3, "2019-05-05"),
            *(creatinine(95 + at, f"{2021 + at}-10-05") for at in range(5)),
            acr(1.1, "2025-10-05"),
            systolic(128, "2025-10-05"),
            diastolic(71, "2025-10-05"),
            medicine(STATIN, "2025-12-01"),
            medicine(RAAS_BLOCKER, "2025-12-01"),
        ],
        False,
    ),
    (
        KIDNEY,
        "A man of 75 with acute kidney injury a month ago: not eligible, and a red flag",
        "1950-03",
        "male",
        [
            condition(CKD_STAGE_3, "2019-05-05"),
            creatinine(140, "2025-01-05"),
            creatinine(142, "2025-06-05"),
            acr(2.0, "2025-06-05"),
            condition(AKI, "2025-11-20"),
            medicine(STATIN, "2025-12-01"),
        ],
        False,
    ),
    (
        KIDNEY,
        "A man of 58 with high blood pressure who was never tested: cannot tell",
        "1967-02",
        "male",
        [condition(HYPERTENSION, "2019-03-01")],
        False,
    ),
    (
        PRESSURE,
        "A man of 52, a smoker, whose pressure was raised once and never confirmed",
        "1973-05",
        "male",
        [
            systolic(148, "2024-03-12"),
            diastolic(92, "2024-03-12"),
            result(3038553, "kg/m2")(31.4, "2024-03-12"),
            observation(4298794, "2024-03-12"),
        ],
        True,
    ),
    (
        ASTHMA,
        "A woman of 30 with two attacks this year who lives on her reliever alone",
        "1995-08",
        "female",
        [
            condition(317009, "2012-02-01"),
            *(medicine(40142703, f"2025-{month:02}-05") for month in range(1, 13)),
            condition(257581, "2025-02-11"),
            condition(257581, "2025-09-20"),
            medicine(1550557, "2025-09-20"),
        ],
        False,
    ),
    (
        CANCER,
        "A man of 67, an ex-smoker, who lost weight and bleeds from the bowel",
        "1958-01",
        "male",
        [
            observation(4310250, "2023-05-02"),
            observation(435928, "2025-11-20"),
            condition(4026112, "2025-12-15"),
            result(3000963, "g/L")(112, "2025-12-16"),
        ],
        False,
    ),
    (
        ALCOHOL,
        "A man of 45 with dependence who came to the emergency department twice",
        "1980-06",
        "male",
        [
            condition(435243, "2021-03-09"),
            told("visit", 9203, "2025-05-17"),
            condition(4104431, "2025-05-17"),
            told("visit", 9203, "2025-11-01"),
            condition(375519, "2025-11-01"),
            told("observation", 35609491, "2025-06-20", value=120),
        ],
        True,
    ),
    (
        BREAST,
        "A woman of 44 with breast cancer in the family",
        "1981-04",
        "female",
        [told("family_history", 4210263, "2023-02-14"), result(3038553, "kg/m2")(27.1, "2024-10-02")],
        True,
    ),
    (
        OBESITY,
        "A girl of 5 after the measurement in Reception",
        "2020-09",
        "female",
        [result(3025315, "kg")(23.4, "2025-10-02"), result(3036277, "cm")(110.5, "2025-10-02")],
        True,
    ),
    (
        DOSES,
        "A boy of nearly a year whose third dose is missing",
        "2025-01",
        "male",
        [told("immunisation", 40213290, "2025-03-14"), told("immunisation", 40213290, "2025-05-02")],
        True,
    ),
)


def main() -> None:
    os.environ["MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR"] = "false"
    with tempfile.TemporaryDirectory() as folder:
        options = replace(options_in(os.environ), answers=Path(folder) / "answers.db")
        with closing(open_desk(options)) as desk:
            text = "\n".join(page(desk))
    PAGE.write_text(text, encoding="utf-8")
    first = text[text.index("```") : text.index("```", text.index("```") + 3) + 3]
    README.write_text(re.sub(SHOWN, lambda found: f"{found[1]}{first}{found[2]}", README.read_text("utf-8")), "utf-8")


def page(desk: Desk) -> Iterator[str]:
    """The page line by line."""
    answers = [
        (title, ask(desk, pathway, birth, sex, records), letter)
        for pathway, title, birth, sex, records, letter in PEOPLE
    ]
    models = {f"{one['name']} version {one['version']} ({one['digest'][:12]})": one for one in map(_model, answers)}
    yield "# Answers\n"
    yield "Made by `python docs/answers.py`, which holds the records of these people, from the models"
    yield f"{', '.join(models)}, trained on {next(iter(models.values()))['trained_on']}."
    yield "Nobody in it exists, and nothing in it may guide anyone's care. Do not edit.\n"
    yield "A clinician's system asks with `POST /v1/risk`; `python -m serving ask --file request.json` prints the"
    yield "answer like this, and `--for person` prints the letter.\n"
    for title, answer, letter in answers:
        yield f"## {title}\n"
        yield from block(print_answer, answer)
        if letter:
            yield "What the person reads of it:\n"
            yield from block(print_letter, answer)


def _model(answered: tuple[str, Mapping[str, Any], bool]) -> Mapping[str, Any]:
    model: Mapping[str, Any] = answered[1]["model"]
    return model


def ask(desk: Desk, pathway: str, birth: str, sex: str, records: list[Sent]) -> dict[str, Any]:
    """The answer about somebody, complete since 2010 or birth."""
    person = {"birth_date": birth, "sex": sex, "region": "E12000007", "observed_from": max("2010-01-01", f"{birth}-01")}
    covers = [{"kind": kind, "from": "2010-01-01"} for kind in EVERYTHING]
    history = {"person": person, "covers": covers, "records": records}
    body = json.dumps({"pathway": pathway, "as_of": AS_OF, "history": history}).encode()
    answer: dict[str, Any] = json.loads(desk.entry(asked_in(body, desk.today(), desk.catalogue), None).answer)
    return answer | {"answer_id": "(its id)"}


def block(show: Callable[[Mapping[str, Any], Console], None], answer: Mapping[str, Any]) -> Iterator[str]:
    """What a terminal shows, without the frame."""
    console = Console(width=104, file=io.StringIO(), record=True)
    show(answer, console)
    yield "```"
    yield from (line[2:-2].rstrip() for line in console.export_text().strip().splitlines()[1:-1])
    yield "```\n"


if __name__ == "__main__":
    main()
