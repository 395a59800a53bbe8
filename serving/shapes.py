"""The shapes of a request, field by field; the description of a field is also what a refusal says is allowed."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired

from pydantic import ConfigDict, Field, StringConstraints, with_config

# pydantic reads TypedDict of typing only from Python 3.12 on.
from typing_extensions import TypedDict

RECORDS_AT_MOST = 20_000
RELATIVES_AT_MOST = 50
CLOSED = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, hide_input_in_errors=True)

DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
LINE = r"^[^\x00-\x1f\x7f]+$"
"""No control characters, so that nothing can break a line of a log or a page."""

_DAY = StringConstraints(pattern=DAY)
_LINE = StringConstraints(pattern=LINE, max_length=100)
_CODE = StringConstraints(pattern=r"^[A-Za-z0-9_.:/ -]+$", max_length=60)
_NAME = StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=100)

Day = Annotated[str, _DAY, Field(description="a day, YYYY-MM-DD")]
Line = Annotated[str, _LINE, Field(description="text of 1 to 100 characters on one line")]
Code = Annotated[str, _CODE, Field(description="a code of 1 to 60 letters, digits and _ . : / -")]
Concept = Annotated[int, Field(ge=0, le=2**31 - 1, description="an OMOP concept id, a whole number")]
Id = Annotated[
    Annotated[int, Field(ge=0, le=2**63 - 1)] | Annotated[str, _LINE],
    Field(description="a whole number from 0, or text of 1 to 100 characters"),
]
Kind = Annotated[
    Literal[
        "condition",
        "measurement",
        "medication",
        "visit",
        "procedure",
        "observation",
        "immunisation",
        "family_history",
    ],
    Field(
        description="condition, measurement, medication, visit, procedure, observation, immunisation or family_history"
    ),
]


@with_config(CLOSED)
class Deprivation(TypedDict):
    """Index of Multiple Deprivation of the place of residence."""

    fifth: Annotated[int, Field(ge=1, le=5, description="1 (most deprived) to 5")]
    release: Annotated[Literal["IMD2019", "IMD2025"], Field(description="IMD2019 or IMD2025")]


@with_config(CLOSED)
class PersonFacts(TypedDict):
    """Who the records are about, without name or number."""

    birth_date: Annotated[
        str,
        StringConstraints(pattern=r"^[0-9]{4}-[0-9]{2}(-[0-9]{2})?$"),
        Field(description="a day or a month of birth, YYYY-MM-DD or YYYY-MM, not after as_of"),
    ]
    sex: Annotated[Literal["female", "male", "other", "unknown"], Field(description="female, male, other or unknown")]
    ethnicity: NotRequired[
        Annotated[
            Literal["A", "B", "C", "D", "E", "F", "G", "H", "J", "K", "L", "M", "N", "P", "R", "S", "Z"],
            Field(description="an NHS 16+1 ethnic category code, A to S or Z (not stated)"),
        ]
    ]
    deprivation: NotRequired[
        Annotated[Deprivation, Field(description="an object with fifth (1 to 5) and release (IMD2019 or IMD2025)")]
    ]
    region: NotRequired[Code]
    area: NotRequired[Code]
    practice: NotRequired[Code]
    observed_from: NotRequired[Day]
    observed_to: NotRequired[Day]


@with_config(CLOSED)
class Cover(TypedDict("From", {"from": Day})):
    """A kind of record that the sender has supplied completely from a day on."""

    kind: Kind


@with_config(CLOSED)
class RecordSent(TypedDict):
    """One record: what, when and, if measured, how much. `concept_id`, or `system` with `code`."""

    kind: Kind
    date: Day
    concept_id: NotRequired[Concept]
    system: NotRequired[Annotated[str, _LINE, Field(description="the address or name of a code system")]]
    code: NotRequired[Code]
    time: NotRequired[
        Annotated[
            str,
            StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"),
            Field(description="a time of day, HH:MM or HH:MM:SS"),
        ]
    ]
    end: NotRequired[Annotated[str, _DAY, Field(description="a day, YYYY-MM-DD, not before date")]]
    days_supply: NotRequired[Annotated[int, Field(ge=0, le=3660, description="whole days from 0 to 3660")]]
    value: NotRequired[Annotated[float, Field(ge=-1e12, le=1e12, description="a finite number")]]
    value_concept_id: NotRequired[Concept]
    operator: NotRequired[Annotated[Literal["<", "<=", ">", ">="], Field(description="<, <=, > or >=, beside a value")]]
    unit_concept_id: NotRequired[Concept]
    unit: NotRequired[Annotated[str, _LINE, Field(description="a unit as text of 1 to 100 characters")]]
    visit: NotRequired[Id]
    entered: NotRequired[Day]
    id: NotRequired[Id]


Records = Annotated[
    list[RecordSent],
    Field(max_length=RECORDS_AT_MOST, description=f"a list of at most {RECORDS_AT_MOST} records"),
]
Person = Annotated[PersonFacts, Field(description="an object with birth_date, sex and what else is known")]


@with_config(CLOSED)
class Relative(TypedDict):
    """A linked relative and the records that the sender may use for this person."""

    relation: Annotated[
        Literal["mother", "father", "sibling", "child", "second_degree", "household"],
        Field(description="mother, father, sibling, child, second_degree or household"),
    ]
    person: Person
    records: Records


@with_config(CLOSED)
class History(TypedDict):
    """A person's records; a kind that is not covered is unknown, never none."""

    person: Person
    covers: Annotated[
        list[Cover], Field(max_length=8, description="a list of kinds of record, each once with the day it starts from")
    ]
    records: Records
    relatives: NotRequired[
        Annotated[
            list[Relative],
            Field(max_length=RELATIVES_AT_MOST, description=f"a list of at most {RELATIVES_AT_MOST} relatives"),
        ]
    ]


_ONE_PERSON: dict[str, Any] = {"oneOf": [{"required": [way]} for way in ("person_id", "history", "fhir_bundle")]}


@with_config(ConfigDict(**CLOSED, json_schema_extra=_ONE_PERSON))
class RiskRequest(TypedDict):
    """What is asked, and about whom: exactly one of person_id, history and fhir_bundle."""

    pathway: Annotated[str, _NAME, Field(description="the name of a pathway")]
    request_id: NotRequired[Line]
    prediction: NotRequired[Annotated[str, _NAME, Field(description="the name of a prediction of the pathway")]]
    as_of: NotRequired[Annotated[str, _DAY, Field(description="a day, YYYY-MM-DD, not after today")]]
    person_id: NotRequired[Id]
    history: NotRequired[Annotated[History, Field(description="an object with person, covers and records")]]
    fhir_bundle: NotRequired[
        Annotated[
            dict[str, Any],
            Field(description="not supported in this version; send person_id or history"),
        ]
    ]
