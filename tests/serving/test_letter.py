"""What the person reads: what comes next, the figure as people, plain reasons, and nothing restricted anywhere."""

import io
import json
from datetime import date
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from features.person import PersonReader
from features.vocabulary import Vocabulary
from pathways.language import Pathway
from serving.answer import Question, answer
from serving.letter import letter
from serving.messages import Asked
from serving.printing import print_answer
from serving.wording import worded

AS_OF = date(2024, 6, 30)


@pytest.fixture
def plain(prediction):
    """An answer, as far as the letter reads it; keywords change it."""

    def made(**changes):
        said = {
            "as_of": "2024-06-30",
            "status": "answered",
            "reason": None,
            "model": {"use": "demonstration"},
            "outcome": {"wording": "kidney disease found", "plain": "are found to have kidney disease"},
            "risks": [{"horizon_days": 1826, "primary": True, "risk": 0.124}],
            "band": {"from": 0.1},
            "actions": [],
            "explanation": {"contributions": []},
            "missing": [],
        }
        return "\n".join(letter(said | changes))

    return made


def action(plain, urgency="soon", source="rule"):
    return {"plain": plain, "urgency": urgency, "source": source}


def reason(plain, contribution, value=58.0, **changes):
    said = {"plain": plain, "contribution": contribution, "value": value, "unit": "", "changeable": False}
    return said | {"records": []} | changes


def test_the_figure_is_told_as_people_and_from_both_sides(plain):
    text = plain()

    assert "About 12 of 100 people like you are found to have kidney disease in the next 5 years." in text
    assert "For about 88 of 100 this does not happen." in text


def test_what_comes_next_stands_before_the_figure_and_what_is_urgent_first(plain):
    text = plain(actions=[action("a urine test"), action("a check of your bladder", "urgent"), action("a urine test")])

    order = ["call your practice today", "a check of your bladder", "may offer you", "a urine test", "About 12"]
    assert [text.index(part) for part in order] == sorted(text.index(part) for part in order)
    assert text.count("a urine test") == 1


def test_an_action_without_plain_words_is_not_passed_over(plain):
    assert "ask your practice what they would like to do next" in plain(actions=[action("")])
    assert "ask your practice what they would like to do next" in plain(actions=[action("", source="band")])


def test_the_lowest_band_asks_for_nothing_new(plain):
    text = plain(actions=[action("", source="band")], band={"from": 0.0})

    assert "Nothing new because of this" in text


def test_without_a_figure_the_letter_says_why_and_reassures_nobody(plain):
    told = {"risks": [], "band": None, "explanation": None, "status": "cannot_tell"}

    text = plain(**told, reason={"plain": "your records do not show a kidney test"})
    assert "This is because your records do not show a kidney test." in text
    assert "We cannot tell. Please keep to the checks that you already have." in text
    assert "your records do not tell us enough" in plain(**told, reason={"plain": ""})


def test_reasons_are_told_for_and_against_the_largest_first_and_no_more_than_three(plain):
    more = [reason(f"Reason {at} for.", 2.0 - at / 10) for at in range(4)]

    text = plain(explanation={"contributions": [*more, reason("Reason against.", -0.5), reason("A trifle.", 0.1)]})

    assert text.index("What makes the figure higher") < text.index("Reason 0 for.") < text.index("Reason 2 for.")
    assert text.index("What makes the figure lower") < text.index("Reason against.")
    assert "Reason 3 for." not in text and "A trifle." not in text


@pytest.mark.parametrize(
    "misleading",
    [
        reason("Smoking: current.", -0.5, "current", changeable=True),
        reason("Your records show gout.", -0.5, 1.0),
        reason("Your kidney test went down by about 5 a year.", -0.5, -4.9),
        reason("Not in your records: a test.", -0.5, None),
        reason("Not in your records: a test.", 0.5, None),
    ],
    ids=lambda each: each["plain"],
)
def test_a_habit_a_diagnosis_a_fall_or_what_is_missing_is_no_comfort(plain, misleading):
    assert misleading["plain"] not in plain(explanation={"contributions": [misleading]})


def test_one_record_is_told_once(plain):
    records = [{"id": 1, "date": "2024-03-03", "value": 58.0}]
    twice = [
        reason("Your last test was 58.", 1.0, records=records),
        reason("Your lowest test was 58.", 0.5, records=records),
    ]

    text = plain(explanation={"contributions": twice})
    assert "Your last test was 58." in text and "Your lowest test" not in text


def test_what_was_never_seen_is_listed_and_the_rest_only_counted(plain):
    missing = [{"plain": f"test {at}", "required": False, "last_seen": None} for at in range(7)]
    seen = {"plain": "an old test", "required": False, "last_seen": "2020-01-01"}

    text = plain(missing=[seen, *missing])
    assert "- test 4" in text and "- test 5" not in text and "- and other things" in text
    assert "an old test" not in text


def test_a_demonstration_says_so_first(plain):
    assert plain().startswith("This is a demonstration")
    assert "demonstration" not in plain(model={"use": "clinical"})


# Restricted -----------------------------------------------------------------------------------------------------------

EGFR, CONCERN, SMOKER = 40764999, 4058709, 4276526


@pytest.fixture(scope="module")
def read(pathway, prediction):
    @cache
    def reader(of):
        return PersonReader(Pathway("Kidney check", (of,)), of, Vocabulary({}))

    def answered(history, served, of=prediction):
        reading = reader(of).from_history(history, AS_OF)
        asked = Asked("kidney_check", "detection", AS_OF, None, None, None, "{}")
        return answer(Question("a" * 32, asked, of, worded(of), reading, served, "demonstration", AS_OF))

    return answered


def test_a_score_that_lacks_a_restricted_input_says_only_that_it_lacks_something(read, served, scored_by_concern):
    history = {"person": {"birth_date": "1954-01", "sex": "female"}, "covers": [], "records": []}

    (score,) = read(history, served, scored_by_concern)["comparators"]
    assert score["why_not"] == "cannot be computed without an input that is not shown"


def test_not_even_the_day_of_a_restricted_record_is_told(read, served):
    def sent(kind, concept, day):
        return {"kind": kind, "concept_id": concept, "date": day, "value": 55.0}

    records = [sent("measurement", EGFR, "2022-05-01"), sent("observation", CONCERN, "2024-05-01")]
    person = {"birth_date": "1954-01", "sex": "female", "observed_from": "2010-01-01"}
    said = read({"person": person, "covers": [], "records": records}, served)

    assert said["data_to"] == "2022-05-01"
    assert "2024-05-01" not in json.dumps(said)


def record(kind, concept, name):
    days = st.dates(date(2018, 1, 1), date(2024, 12, 31)).map(date.isoformat)
    values = st.sampled_from([None, 12.0, 55.0, 90.0, 900.0])
    return st.builds(
        lambda day, value: (
            {"kind": kind, "concept_id": concept, "date": day, "id": f"{name} of {day}"}
            | ({} if value is None else {"value": value})
        ),
        days,
        values,
    )


histories = st.fixed_dictionaries(
    {
        "person": st.just({"birth_date": "1954-01", "sex": "female", "observed_from": "2010-01-01"}),
        "covers": st.lists(st.sampled_from(["measurement", "observation", "condition"]), unique=True).map(
            lambda kinds: [{"kind": kind, "from": "1900-01-01"} for kind in kinds]
        ),
        "records": st.tuples(
            st.lists(record("observation", CONCERN, "safeguarding"), min_size=1, max_size=3),
            st.lists(record("measurement", EGFR, "test"), max_size=3),
            st.lists(record("observation", SMOKER, "habit"), max_size=2),
        ).map(lambda parts: [one for part in parts for one in part]),
    }
)


@settings(deadline=None, max_examples=60)
@given(histories)
def test_a_restricted_predictor_is_nowhere_in_an_answer_whatever_the_history(read, served, scored_by_concern, history):
    said = read(history, served, scored_by_concern)

    console = Console(width=120, record=True, file=io.StringIO())
    print_answer(said, console)
    for text in (json.dumps(said), console.export_text(), "\n".join(letter(said))):
        assert "safeguarding" not in text.lower()
        assert "concern" not in text.lower()
