"""Why there is no risk for a person, in words for whoever sent the records."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pathways import words
from pathways.describe import describe
from pathways.parts import walk
from pathways.words import KINDS, Criterion, Word

_MANY = {
    "condition": "conditions",
    "measurement": "measurements",
    "medication": "medicines",
    "visit": "visits",
    "procedure": "procedures",
    "observation": "observations",
    "immunisation": "immunisations",
    "family_history": "family history",
}


@dataclass(frozen=True)
class Reason:
    """Why there is no risk for this person; `plain` is how the person is told."""

    code: str
    text: str
    plain: str = ""


def left_out(part: Word) -> Reason:
    """What is said of somebody for whom a part of the population does not hold."""
    if isinstance(part, Criterion):
        return Reason(part.code or "not_in_population", part.otherwise, part.plain)
    return Reason("not_in_population", f"Does not meet: {describe(part)}.")


def not_known(parts: Sequence[Word], kinds: Sequence[str], by_sex: bool = False) -> Reason:
    """What is said if some parts of the population cannot be told; `kinds` are the kinds of record that would tell.

    `by_sex` says that some are worked out with the sex, which is not known as female or male.
    """
    told = " ".join(left_out(part).text for part in parts)
    records = [_MANY[kind] for kind in KINDS if kind in kinds]
    complete = [f"all {listed(records)} since registration (and say so in `covers`)"] if records else []
    return Reason(
        "cannot_tell_population",
        "The records that were sent do not tell whether this prediction is for this person."
        f" Send {listed([*_facts(parts, by_sex), *complete])}, to tell whether one of these holds: {told}",
    )


def _facts(parts: Sequence[Word], by_sex: bool) -> list[str]:
    """The facts about the person that would tell."""
    asked = {type(word) for part in parts for word in walk(part)}
    facts = {words.Observed: "the day of registration", words.Age: "the date of birth", words.Person: "the sex"}
    if by_sex:
        asked.add(words.Person)
        facts[words.Person] = "the sex as female or male (some results are worked out with it)"
    return [fact for kind, fact in facts.items() if kind in asked]


def listed(names: Sequence[str]) -> str:
    """Names as a list in a sentence.

    >>> listed(["conditions", "measurements", "procedures"])
    'conditions, measurements and procedures'
    """
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
