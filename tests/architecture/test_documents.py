"""The documents say what is so: their links lead somewhere, the files and targets that they name exist."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted(
    [REPOSITORY / name for name in ("DEVELOPERS.md", "GLOSSARY.md", "CHANGELOG.md", "docs/README.md")]
    + [*(REPOSITORY / "docs" / "decisions").glob("*.md"), *(REPOSITORY / "docs" / "safety").glob("*.md")]
)
PAGES = [path for path in DOCUMENTS if re.match(r"\d{4}-", path.name)]
IN_PLACE = re.compile(r"`((?:[\w.-]+/)+[\w.-]+\.(?:py|md|toml|json))(?:::\w+)?`")
NOT_OURS = ("shared/", "../shared/")
"""Research beside the repository, absent from a clone."""

each_document = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(REPOSITORY)))


@each_document
def test_a_link_leads_to_a_file(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", path.read_text(encoding="utf-8"))

    assert [link for link in links if not (path.parent / link).exists()] == []


@each_document
def test_a_file_that_is_named_exists(path: Path) -> None:
    named = [name for name in IN_PLACE.findall(path.read_text(encoding="utf-8")) if not name.startswith(NOT_OURS)]

    assert [name for name in named if not (REPOSITORY / name).exists() and not (path.parent / name).exists()] == []


@each_document
def test_a_make_target_that_is_named_exists(path: Path) -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    commands = re.findall(r"(?:^|`)make ([a-z -]+)", path.read_text(encoding="utf-8"), re.MULTILINE)

    assert {word for command in commands for word in command.split()} <= targets


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_decision_has_its_date_its_state_and_its_three_parts(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert text.startswith(f"# {path.name[:4]} ")
    assert re.search(r"^Date: \d{4}-\d\d-\d\d\. Status: (accepted|replaced)", text, re.MULTILINE)
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert [each for each in headings if each in ("Context", "Decision", "Consequences")] == [
        "Context",
        "Decision",
        "Consequences",
    ]


def test_the_list_of_decisions_names_each_page_by_its_title() -> None:
    listed = re.findall(
        r"^\| \[(\d{4})\]\((.+?)\) \| (.+) \|$", (REPOSITORY / "docs/decisions/README.md").read_text(), re.MULTILINE
    )

    titles = [(path.name[:4], path.name, path.read_text().splitlines()[0].removeprefix("# ")[5:]) for path in PAGES]
    assert listed == titles


def test_the_newest_change_is_that_of_this_version(settings: Mapping[str, Any]) -> None:
    versions = re.findall(r"^## (\S+) \(\d{4}-\d\d-\d\d\)$", (REPOSITORY / "CHANGELOG.md").read_text(), re.MULTILINE)

    assert versions[0] == settings["project"]["version"]


@pytest.mark.parametrize("library", ["DO_NOT_TRACK", "BENTOML_DO_NOT_TRACK", "MLFLOW_DISABLE_TELEMETRY"])
def test_what_the_makefile_starts_does_not_call_home_either(library: str) -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")

    assert re.search(rf"^export {library} :?= *(1|true|True)$", makefile, re.MULTILINE)
