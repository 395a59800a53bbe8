"""The page of answers says what the definitions say today; if it does not, run `python docs/answers.py`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import pathways

PAGE = Path(__file__).parents[2] / "docs" / "answers.md"
KIDNEY = pathways.load("kidney_disease").predictions
PREDICTIONS = tuple(one for name in pathways.names() for one in pathways.load(name).predictions)
STALE = "the page is stale: run `make train` and `python docs/answers.py`"


@pytest.fixture(scope="module")
def answers() -> list[str]:
    """What each block of the page says, in one line."""
    return [" ".join(block.split()) for block in re.findall(r"```\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)]


def between(text: str, start: str, *ends: str) -> str:
    """What stands after `start`, up to the first of `ends`; "" if it does not stand there."""
    after = text.partition(start)[2]
    return after[: min((after.find(end) for end in ends if end in after), default=len(after))]


def actions(answer: str) -> list[str]:
    told = between(answer, "To do", " Risk: ", " Missing: ", " To know ")
    return re.findall(r"- ((?:(?! - ).)*?) \((?:emergency|urgent|soon|routine), ", told)


def reasons(answer: str) -> Iterator[str]:
    """What each reason names: up to its colon, or to the semicolon where it says that something is not there."""
    why = between(answer, "not what causes it)", " Missing: ", " Other scores ")
    for each in re.split(r" - |Raising it|Lowering it", why):
        if each.strip() and not each.startswith("and "):
            yield re.split("[:;]", re.sub(r" [+-]\d.*", "", each))[0].strip()


def test_it_holds_both_predictions_a_red_flag_and_both_kinds_of_answer_without_a_risk(answers: list[str]) -> None:
    text = "\n".join(answers)

    assert all(f"kidney disease, {one.name}." in text for one in KIDNEY)
    assert all(status in text for status in ("Answered ", "Not eligible ", "Cannot tell "))
    assert "by the KFRE" in text and "(urgent, NICE" in text
    assert len(answers) == 19, "twelve answers, seven of them also as letters"


def test_every_action_is_one_of_the_definitions(answers: list[str]) -> None:
    known = {rule.action for one in PREDICTIONS for rule in one.rules}
    known |= {band.action for one in PREDICTIONS for band in one.bands}
    told = {action for answer in answers for action in actions(answer)}

    assert len(told) > 5
    assert told <= known, STALE


def test_every_outcome_and_reason_for_no_risk_is_one_of_the_definitions(answers: list[str]) -> None:
    text = "\n".join(answers)
    outcomes = set(re.findall(r"Risk: (.*?) - (?:about|fewer|more)", text))

    assert {one.outcome_wording for one in KIDNEY} < outcomes <= {one.outcome_wording for one in PREDICTIONS}, STALE
    otherwise = [part.otherwise for one in PREDICTIONS for part in one.population.words]
    assert any(each in text for each in otherwise), STALE
    assert any(each.input in text and each.supply in text for one in PREDICTIONS for each in one.requires), STALE


def test_every_reason_names_a_predictor_as_the_definitions_do(answers: list[str]) -> None:
    known = {each.wording for one in PREDICTIONS for each in one.predictors}
    known |= {wording.removeprefix("no ") for wording in known}
    told = {reason for answer in answers for reason in reasons(answer)}

    assert len(told) > 5
    assert told <= known, STALE


def test_the_letters_offer_what_the_definitions_offer(answers: list[str]) -> None:
    known = {each.plain for one in PREDICTIONS for each in (*one.rules, *one.bands)}
    letters = [answer for answer in answers if "Your practice may offer you:" in answer]
    told = {
        offer.strip()
        for answer in letters
        for offer in between(answer, "Your practice may offer you:", " What the figure says").split("- ")
        if offer.strip()
    }

    assert len(letters) == 7 and told
    assert told <= known, STALE
