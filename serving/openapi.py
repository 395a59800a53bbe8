"""The description of the interface, made from the shapes that requests are checked against and answers are built in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from serving.answer_shapes import Answer, Answers, Problems
from serving.examples import EXAMPLES
from serving.messages import REQUESTS_AT_MOST
from serving.shapes import RiskRequest

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_SHAPES: dict[str, Any] = {"RiskRequest": RiskRequest, "Answer": Answer, "Answers": Answers, "Problems": Problems}
_FILES = {"risk-request": "RiskRequest", "risk-answer": "Answer", "problems": "Problems"}
_REFUSALS = {
    "404": "There is nothing at this address.",
    "405": "The address does not take this method.",
    "409": "The id was used before for another request.",
    "413": "The body is too long.",
    "415": "The body is not said to be JSON.",
    "422": "The request cannot be answered as it is; every problem is listed.",
    "500": "A fault of ours; the reference finds it in our log.",
    "503": "The answer could not be kept, or too much work waits: try again.",
}
_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key and body give the stored answer again; another body is refused (409).",
    "schema": {"type": "string", "minLength": 1, "maxLength": 100},
}


@cache
def description() -> str:
    """OpenAPI 3.1, as JSON."""
    described = {
        "openapi": "3.1.0",
        "jsonSchemaDialect": DIALECT,
        "info": {
            "title": "Care pathway risk",
            "version": version("care-pathway-risk"),
            "description": "Explained risks for care pathways. Demonstration unless an answer says `clinical`.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "paths": _paths(),
        "components": {"schemas": _schemas("#/components/schemas/{model}")},
    }
    return json.dumps(described, indent=1, ensure_ascii=False)


def files() -> dict[str, str]:
    """The files of `docs/api`, by name."""
    made = {"openapi.json": description() + "\n"}
    for name, shape in _FILES.items():
        schema = TypeAdapter(_SHAPES[shape]).json_schema()
        made[f"{name}.schema.json"] = _text({"$schema": DIALECT, "$id": f"{name}.schema.json"} | schema)
    return made | {f"examples/{name}.json": _text(example) for name, example in EXAMPLES.items()}


def write(folder: Path) -> list[Path]:
    """Write the files of the description and return where they are."""
    written = [folder / name for name in files()]
    for path, text in zip(written, files().values(), strict=True):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return written


def _paths() -> dict[str, Any]:
    answer_id = _parameter("answer_id", "The answer_id of an answer; it tells nothing of the person.")
    return {
        "/v1/risk": {
            "post": _operation(
                "Ask for one risk",
                "Answer",
                ("409", "413", "415", "422", "500", "503"),
                body={"schema": _ref("RiskRequest"), "examples": {n: {"value": e} for n, e in EXAMPLES.items()}},
                parameters=[_KEY],
            )
        },
        "/v1/risks": {
            "post": _operation(
                "Ask for many risks",
                "Answers",
                ("413", "415", "422", "500", "503"),
                body={"schema": _batch()},
                parameters=[_KEY],
            )
        },
        "/v1/answers/{answer_id}": {
            "get": _operation("Read an answer again", "Answer", ("404", "500", "503"), parameters=[answer_id])
        },
        "/v1/pathways": {"get": _operation("List the pathways", None, ("500",))},
        "/v1/pathways/{name}": {
            "get": _operation(
                "Read a pathway: definition, inputs, model, evidence",
                None,
                ("404", "500"),
                parameters=[_parameter("name", "The name of a pathway.")],
            )
        },
        "/livez": {"get": _operation("Is the process alive", None, ("500",))},
        "/readyz": {"get": _operation("Can answers be kept, and with which models", None, ("500", "503"))},
        "/metrics": {
            "get": {
                "summary": "Counts in Prometheus' text format",
                "responses": {"200": {"description": "OK", "content": {"text/plain": {"schema": {"type": "string"}}}}},
            }
        },
        "/openapi.json": {"get": _operation("This description", None, ("500",))},
    }


def _operation(
    summary: str,
    answer: str | None,
    refusals: tuple[str, ...],
    *,
    body: Mapping[str, Any] | None = None,
    parameters: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    schema = {"type": "object"} if answer is None else _ref(answer)
    responses = {"200": {"description": "OK", "content": {"application/json": {"schema": schema}}}}
    refused = {"application/json": {"schema": _ref("Problems")}}
    responses |= {status: {"description": _REFUSALS[status], "content": refused} for status in refusals}
    operation: dict[str, Any] = {"summary": summary, "responses": responses}
    if parameters:
        operation["parameters"] = parameters
    if body is not None:
        operation["requestBody"] = {"required": True, "content": {"application/json": dict(body)}}
    return operation


def _batch() -> dict[str, Any]:
    requests = {"type": "array", "items": _ref("RiskRequest"), "minItems": 1, "maxItems": REQUESTS_AT_MOST}
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["requests"],
        "properties": {"requests": requests},
    }


def _parameter(name: str, about: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "description": about, "schema": {"type": "string"}}


def _schemas(template: str) -> dict[str, Any]:
    wanted = [(name, "validation", TypeAdapter(shape)) for name, shape in _SHAPES.items()]
    _, schemas = TypeAdapter.json_schemas(wanted, ref_template=template)  # type: ignore[arg-type]
    return dict(schemas["$defs"])


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _text(part: Mapping[str, Any]) -> str:
    return json.dumps(part, indent=1, ensure_ascii=False) + "\n"
