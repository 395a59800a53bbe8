"""Requests as a clinical system sends them. Nobody in them exists; a test sends each to the service."""

from __future__ import annotations

from typing import Any

_CREATININE = {"kind": "measurement", "concept_id": 3020564, "unit": "umol/L"}

EXAMPLES: dict[str, dict[str, Any]] = {
    "by-history": {
        "request_id": "example-1",
        "pathway": "kidney_disease",
        "prediction": "detection",
        "as_of": "2024-06-30",
        "history": {
            "person": {
                "birth_date": "1958-04",
                "sex": "female",
                "ethnicity": "A",
                "deprivation": {"fifth": 2, "release": "IMD2019"},
                "region": "E12000007",
                "observed_from": "2012-01-01",
            },
            "covers": [
                {"kind": "condition", "from": "2012-01-01"},
                {"kind": "measurement", "from": "2012-01-01"},
                {"kind": "medication", "from": "2012-01-01"},
                {"kind": "visit", "from": "2012-01-01"},
                {"kind": "procedure", "from": "2012-01-01"},
                {"kind": "observation", "from": "2012-01-01"},
            ],
            "records": [
                {"kind": "condition", "concept_id": 201826, "date": "2016-02-11", "id": "problem-7"},
                {**_CREATININE, "date": "2021-05-04", "value": 78, "id": "result-31"},
                {**_CREATININE, "date": "2022-05-19", "value": 84, "id": "result-44"},
                {**_CREATININE, "date": "2024-05-02", "value": 89, "id": "result-58"},
                {
                    "kind": "measurement",
                    "concept_id": 3004249,
                    "date": "2024-05-02",
                    "value": 148,
                    "unit": "mmHg",
                    "id": "result-59",
                },
            ],
        },
    },
    "by-person": {"pathway": "kidney_disease", "as_of": "2024-06-30", "person_id": 1},
}
