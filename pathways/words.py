"""The words of a pathway: streams of records, what to look for in them, and how findings combine.

A word is a frozen dataclass. Equal words are one word, so a finding that is used twice is computed once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeAlias

KINDS = (
    "condition",
    "measurement",
    "medication",
    "visit",
    "procedure",
    "observation",
    "immunisation",
    "family_history",
)
"""The kinds of record: the tables of OMOP, and what a sender says that a history covers."""


# Time ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Span:
    """A length of time in calendar months and days: a year is compared by month and day, not as 365.25 days."""

    months: int = 0
    days: int = 0

    def most_days(self) -> int:
        """The longest that this span can be, in days."""
        return self.months * 31 + self.days if self.months % 12 else self.months // 12 * 366 + self.days


def days(number: int) -> Span:
    return Span(days=number)


def weeks(number: int) -> Span:
    return Span(days=7 * number)


def months(number: int) -> Span:
    return Span(months=number)


def years(number: int) -> Span:
    return Span(months=12 * number)


@dataclass(frozen=True)
class Index:
    """The index date of the person."""


@dataclass(frozen=True)
class Birth:
    """The birth of the person."""


INDEX = Index()
BIRTH = Birth()

Anchor: TypeAlias = "Index | Birth | date | Word"


@dataclass(frozen=True)
class Window:
    """`[from_, until)` around an anchor; `from_=None` is ever, `until=None` the index date."""

    anchor: Anchor = INDEX
    from_: Span | None = None
    until: Span | None = None
    after_index: bool = False


# Concept sets and streams ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, init=False)
class ConceptSet:
    """OMOP concepts that mean one thing, each id with its name, so that a reviewer reads words.

    `include` brings its descendants through CONCEPT_ANCESTOR; `exact` only itself; `exclude` is taken away afterwards
    with its descendants. `kinds` says in which tables such records are kept.
    """

    name: str
    include: tuple[tuple[int, str], ...]
    exact: tuple[tuple[int, str], ...]
    exclude: tuple[tuple[int, str], ...]
    kinds: tuple[str, ...]

    def __init__(
        self,
        name: str,
        include: Mapping[int, str] | None = None,
        *,
        exact: Mapping[int, str] | None = None,
        exclude: Mapping[int, str] | None = None,
        kinds: str | tuple[str, ...] = "condition",
    ) -> None:
        _set(self, "name", name)
        _set(self, "include", tuple((include or {}).items()))
        _set(self, "exact", tuple((exact or {}).items()))
        _set(self, "exclude", tuple((exclude or {}).items()))
        _set(self, "kinds", (kinds,) if isinstance(kinds, str) else tuple(kinds))


@dataclass(frozen=True)
class Unit:
    """How a recorded unit becomes the unit of a stream: `value * times + plus`; `names` are its spellings."""

    concept_id: int
    name: str
    times: float = 1.0
    plus: float = 0.0
    names: tuple[str, ...] = ()


SameDay: TypeAlias = Literal["all", "lowest", "highest", "median", "last"]


@dataclass(frozen=True, init=False)
class Records:
    """Records of concept sets as one stream.

    With `units` the stream holds values: converted to the first unit, refused outside `plausible`, and without a unit
    taken as `assumed` says for its concept (else as the first unit if plausible). A result "<3" becomes
    3 * `less_than`; "> 59" is taken as 59 unless it is below `floor`, where it says nothing. With `levels` the stream
    holds level numbers, from the record's concept or from its answer.
    """

    name: str
    of: tuple[ConceptSet, ...]
    units: tuple[Unit, ...]
    assumed: tuple[tuple[int, int], ...]
    plausible: tuple[float, float] | None
    same_day: SameDay
    less_than: float
    floor: float | None
    levels: tuple[tuple[str, ConceptSet], ...]

    def __init__(
        self,
        name: str,
        of: ConceptSet | tuple[ConceptSet, ...] = (),
        *,
        units: Unit | tuple[Unit, ...] = (),
        assumed: Mapping[int, int] | None = None,
        plausible: tuple[float, float] | None = None,
        same_day: SameDay = "all",
        less_than: float = 1.0,
        floor: float | None = None,
        levels: tuple[tuple[str, ConceptSet], ...] = (),
    ) -> None:
        _set(self, "name", name)
        _set(self, "of", ((of,) if isinstance(of, ConceptSet) else tuple(of)) or tuple(part for _, part in levels))
        _set(self, "units", (units,) if isinstance(units, Unit) else tuple(units))
        _set(self, "assumed", tuple((assumed or {}).items()))
        _set(self, "plausible", plausible)
        _set(self, "same_day", same_day)
        _set(self, "less_than", less_than)
        _set(self, "floor", floor)
        _set(self, "levels", tuple(levels))

    @property
    def numeric(self) -> bool:
        return bool(self.units) or self.plausible is not None


@dataclass(frozen=True, init=False)
class Either:
    """The union of streams; with `prefer`, on each day only those of the first stream that has the day."""

    name: str
    streams: tuple[Stream, ...]
    prefer: bool

    def __init__(self, *streams: Stream, prefer: bool = False, name: str = "") -> None:
        _set(self, "name", name or " or ".join(stream.name for stream in streams))
        _set(self, "streams", streams)
        _set(self, "prefer", prefer)


@dataclass(frozen=True, init=False)
class Formula:
    """A named, sourced formula over the values of streams on the same day and the person's age and sex.

    `ckd_epi_2009` and `ckd_epi_2021` (creatinine in umol/L, no ethnicity), `bmi` (weight in kg, height in cm),
    `bmi_sds` (standard deviation score of a body mass index by the UK-WHO reference, from 2 to 18 years, or with two
    limits from one age on and below another),
    `age` (years at each record, without a value of its own; with a limit only of who has that level of `SEXES`),
    `pressure_pair` (systolic where a diastolic of the same day is lower), `above` (1 where the first stream is at least
    `limits[0]` or the second at least `limits[1]`, else 0; with five limits those two hold until the age of `limits[2]`
    years, and the last two from it on).
    """

    name: str
    streams: tuple[Stream, ...]
    limits: tuple[float, ...]
    title: str

    def __init__(self, name: str, *streams: Stream, limits: tuple[float, ...] = (), title: str = "") -> None:
        _set(self, "name", name)
        _set(self, "streams", streams)
        _set(self, "limits", limits)
        _set(self, "title", title or name)


EVER_DAYS = 36_500
"""So many days before is at any time before: nobody's records go further back."""
_LATER = {True: "later", False: "after"}


@dataclass(frozen=True)
class At:
    """Records made at a visit of a kind: within its dates, dated by the visit."""

    stream: Stream
    visits: Stream

    @property
    def name(self) -> str:
        return f"{self.stream.name} at {self.visits.name}"


@dataclass(frozen=True)
class Near:
    """Records with one of another stream close by, from `before` days before to `after` days after.

    `before=-90` says that the other lies 90 days later at the least.
    """

    stream: Stream
    other: Stream
    before: int = 0
    after: int = 0

    @property
    def name(self) -> str:
        before = "at any time" if self.before >= EVER_DAYS else f"from {self.before} days"
        apart = f"{-self.before}" if self.before < 0 else f"{before} before"
        return f"{self.stream.name} with {self.other.name} {apart} to {self.after} days {_LATER[self.before < 0]}"


@dataclass(frozen=True)
class Only:
    """Records whose value lies within limits, both included; one without a value stays if `unvalued` says so."""

    stream: Stream
    at_least: float | None = None
    at_most: float | None = None
    unvalued: bool = False
    title: str = ""

    @property
    def name(self) -> str:
        least = "" if self.at_least is None else f" of at least {self.at_least:g}"
        most = "" if self.at_most is None else f" of at most {self.at_most:g}"
        return self.title or f"{self.stream.name}{least}{most}"

    @property
    def limits(self) -> tuple[float, float]:
        least, most = self.at_least, self.at_most
        return (float("-inf") if least is None else least, float("inf") if most is None else most)


Relation: TypeAlias = Literal["mother", "father", "sibling", "child", "second_degree", "household"]
RELATIONS: tuple[Relation, ...] = ("mother", "father", "sibling", "child", "second_degree", "household")
_WHOSE = {
    "sibling": "brothers and sisters",
    "child": "children",
    "second_degree": "second-degree relatives",
    "household": "those who share a home",
}


@dataclass(frozen=True)
class Born:
    """One record: the birth of somebody, known from the day on which the source first knows of them. No value."""

    name: str = "birth"


BORN = Born()


@dataclass(frozen=True)
class Of:
    """The same stream of the mother, or of all brothers and sisters together, as if it were the person's own.

    A household is everybody else who shares or has shared a home, known from the day on which both lived there.
    With `first`, only the first record of each. Where nobody so related is known, what looks at it is missing: no
    brother on record is not the same as none. Of a union of several relations one known is enough.
    """

    who: Relation
    stream: Stream
    first: bool = False

    @property
    def name(self) -> str:
        title = self.stream.title if isinstance(self.stream, Formula) else self.stream.name
        return f"{title} of {_WHOSE.get(self.who, f'the {self.who}')}"


Stream: TypeAlias = "Records | Either | Formula | At | Near | Only | Born | Of"


# Looking at a stream --------------------------------------------------------------------------------------------------


class Comparable:
    """What any word with a value can be asked; a mixin, since every word shares these four sentences."""

    def below(self, limit: float) -> Compare:
        return Compare(self, "below", limit)  # type: ignore[arg-type]

    def at_least(self, limit: float) -> Compare:
        return Compare(self, "at_least", limit)  # type: ignore[arg-type]

    def above(self, limit: float) -> Compare:
        return Compare(self, "above", limit)  # type: ignore[arg-type]

    def at_most(self, limit: float) -> Compare:
        return Compare(self, "at_most", limit)  # type: ignore[arg-type]

    def equals(self, limit: float) -> Compare:
        return Compare(self, "equals", limit)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Share:
    """A share of another word's value, as a threshold: 60% of last year's median."""

    share: float
    of: Word


@dataclass(frozen=True)
class Pick:
    """Which records of the window count: by value, only the last n, only those that start an episode."""

    at_least: float | Share | None = None
    below: float | Share | None = None
    last: int | None = None
    apart: int | None = None
    at_most: float | Share | None = None

    @property
    def limits(self) -> tuple[float | Share, ...]:
        return tuple(limit for limit in (self.at_least, self.below, self.at_most) if limit is not None)


@dataclass(frozen=True, init=False)
class Look(Comparable):
    """A stream seen through a window; a base class because sixteen words share this one constructor."""

    of: Stream
    window: Window
    pick: Pick

    def __init__(
        self,
        of: Stream,
        *,
        within: Span | int | None = None,
        since: date | None = None,
        anchor: Anchor = INDEX,
        from_day: int | None = None,
        until_day: int | None = None,
        ages: tuple[int, int] | None = None,
        at_least: float | None = None,
        below: float | None = None,
        last: int | None = None,
        apart: int | None = None,
        after_index: bool = False,
    ) -> None:
        _set(self, "of", of)
        _set(self, "window", _window(within, since, anchor, (from_day, until_day), ages, after_index))
        _set(self, "pick", Pick(at_least, below, last, apart))


def _window(
    within: Span | int | None,
    since: date | None,
    anchor: Anchor,
    between: tuple[int | None, int | None],
    ages: tuple[int, int] | None,
    after_index: bool,
) -> Window:
    from_, until = between
    given = {"within": within, "since": since, "ages": ages, "from_day": from_}
    starts = [name for name, one in given.items() if one is not None]
    if len(starts) > 1:
        raise ValueError(f"a window has one beginning, not both {' and '.join(starts)}")
    if until is not None and (since is not None or ages is not None):
        raise ValueError(f"until_day ends a window that within or from_day begins, not one of {starts[0]}")
    if ages is not None:
        return Window(BIRTH, years(ages[0]), years(ages[1]), after_index)
    if since is not None:
        return Window(since, Span(), None, after_index)
    if within is not None:
        span = days(within) if isinstance(within, int) else within
        end = Span() if until is None else days(until)
        return Window(anchor, Span(-span.months, -span.days), end, after_index)
    forward = from_ is not None and from_ >= 0 and isinstance(anchor, Index)
    return Window(
        anchor,
        None if from_ is None else days(from_),
        None if until is None else days(until),
        after_index or forward,
    )


class Has(Look):
    """Is there one? False needs the kind of record to be covered, else it is missing."""


class Count(Look):
    """How many records, or episodes with `apart`."""


class Latest(Look):
    """The newest value."""


class Earliest(Look):
    """The oldest value."""


class Mean(Look):
    """The mean of the values."""


class Median(Look):
    """The median of the values."""


class Highest(Look):
    """The highest value."""


class Lowest(Look):
    """The lowest value."""


class Spread(Look):
    """The standard deviation of the values (n - 1), from two on."""


class Total(Look):
    """The sum of the values."""


@dataclass(frozen=True, init=False)
class Since(Look):
    """Days (or years of 365.25 days) from the anchor to the latest or first record; from birth it is an age."""

    which: Literal["latest", "first"]
    unit: Literal["days", "years"]

    def __init__(
        self,
        of: Stream,
        *,
        which: Literal["latest", "first"] = "latest",
        unit: Literal["days", "years"] = "days",
        anchor: Anchor = INDEX,
        within: Span | int | None = None,
        since: date | None = None,
        at_least: float | None = None,
        below: float | None = None,
    ) -> None:
        super().__init__(of, anchor=anchor, within=within, since=since, at_least=at_least, below=below)
        _set(self, "which", which)
        _set(self, "unit", unit)


@dataclass(frozen=True, init=False)
class Slope(Look):
    """Least squares change per year, from `at_least_records` values that span `span` days or more."""

    at_least_records: int
    span: int

    def __init__(
        self, of: Stream, *, within: Span | int | None = None, at_least_records: int = 2, span: int = 1
    ) -> None:
        super().__init__(of, within=within)
        _set(self, "at_least_records", at_least_records)
        _set(self, "span", span)


@dataclass(frozen=True, init=False)
class Covered(Look):
    """The days, or the share, of the window inside a record's dates (prescriptions, stays)."""

    unit: Literal["share", "days"]

    def __init__(
        self, of: Stream, *, within: Span | int | None = None, unit: Literal["share", "days"] = "share"
    ) -> None:
        super().__init__(of, within=within)
        _set(self, "unit", unit)


@dataclass(frozen=True, init=False)
class Nearest(Look):
    """The value of the record nearest an age, inside `ages`."""

    age: Span

    def __init__(self, of: Stream, *, age: Span, ages: tuple[int, int], after_index: bool = False) -> None:
        super().__init__(of, ages=ages, after_index=after_index)
        _set(self, "age", age)


@dataclass(frozen=True, init=False)
class Confirmed(Look):
    """The day on which a qualifying record is confirmed by an earlier one.

    Unbroken: every record since the earlier one qualifies too, and the two are at least `apart` days from each other.
    Otherwise: two qualifying records `apart` to `within` days from each other, whatever lies between.
    """

    within: int | None
    unbroken: bool

    def __init__(
        self,
        of: Stream,
        *,
        below: float | Share | None = None,
        at_least: float | Share | None = None,
        at_most: float | Share | None = None,
        apart: int = 1,
        within: int | None = None,
        unbroken: bool = False,
        after_index: bool = False,
    ) -> None:
        _set(self, "of", of)
        _set(self, "window", Window(after_index=after_index))
        _set(self, "pick", Pick(at_least, below, None, apart, at_most))
        _set(self, "within", within)
        _set(self, "unbroken", unbroken)


@dataclass(frozen=True, init=False)
class Dose(Look):
    """The day of the n-th valid dose: old enough for each, and `interval` days after the valid one before it."""

    n: int
    minimum_ages: tuple[Span, ...]
    interval: int

    def __init__(
        self,
        of: Stream,
        n: int = 1,
        *,
        minimum_ages: tuple[Span, ...] = (),
        interval: int = 28,
        since: date | None = None,
        after_index: bool = False,
    ) -> None:
        super().__init__(of, since=since, after_index=after_index)
        _set(self, "n", n)
        _set(self, "minimum_ages", tuple(minimum_ages))
        _set(self, "interval", interval)


# Facts ----------------------------------------------------------------------------------------------------------------

SEXES = ("female", "male", "other")
ETHNIC_CATEGORIES = {
    "A": ("White", "British"),
    "B": ("White", "Irish"),
    "C": ("White", "any other White background"),
    "D": ("Mixed", "White and Black Caribbean"),
    "E": ("Mixed", "White and Black African"),
    "F": ("Mixed", "White and Asian"),
    "G": ("Mixed", "any other mixed background"),
    "H": ("Asian", "Indian"),
    "J": ("Asian", "Pakistani"),
    "K": ("Asian", "Bangladeshi"),
    "L": ("Asian", "any other Asian background"),
    "M": ("Black", "Caribbean"),
    "N": ("Black", "African"),
    "P": ("Black", "any other Black background"),
    "R": ("Other", "Chinese"),
    "S": ("Other", "any other ethnic group"),
}
"""Pooled group and national name of each NHS 16+1 code (NHS Data Dictionary, ETHNIC CATEGORY CODE 2001); Z, not stated,
is missing. Chinese people (R) are with Other, as the 2001 categories had them."""
ETHNICITIES = tuple(ETHNIC_CATEGORIES)


@dataclass(frozen=True)
class Person(Comparable):
    """A fact about the person as at the index date, as a level number: sex is one of `SEXES`."""

    which: Literal["sex", "ethnicity", "deprivation", "region", "area", "practice"]

    def is_(self, level: str) -> Compare:
        levels = {"sex": SEXES, "ethnicity": ETHNICITIES}.get(self.which, ())
        return Compare(self, "equals", float(levels.index(level)))


@dataclass(frozen=True)
class Age(Comparable):
    """Completed years (or months) at the index date, by calendar."""

    unit: Literal["years", "months"] = "years"


@dataclass(frozen=True)
class Observed(Comparable):
    """Days from the start of the observation period to the index date."""


@dataclass(frozen=True)
class Calendar(Comparable):
    """The month (1 to 12) of the index date, or the weeks since 1 September."""

    which: Literal["month", "weeks since September"]


# Combining ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, init=False)
class _Several(Comparable):
    words: tuple[Word, ...]

    def __init__(self, *words: Word) -> None:
        _set(self, "words", words)


class All(_Several):
    """True if every part is; false if any part is false; else missing."""


class Any(_Several):
    """True if any part is; false if every part is false; else missing."""


class Number(_Several):
    """How many parts hold; missing if any is missing."""


@dataclass(frozen=True)
class Not(Comparable):
    word: Word


@dataclass(frozen=True)
class Missing(Comparable):
    """True if the word has no value although its kind of record is covered."""

    word: Word


@dataclass(frozen=True)
class Compare(Comparable):
    word: Word
    how: Literal["below", "at_least", "above", "at_most", "equals"]
    limit: float


@dataclass(frozen=True, init=False)
class Choice(Comparable):
    """The level of the first part that holds; `otherwise` names the last level."""

    parts: tuple[tuple[Word, str], ...]
    otherwise: str

    def __init__(self, *parts: tuple[Word, str], otherwise: str = "none") -> None:
        _set(self, "parts", parts)
        _set(self, "otherwise", otherwise)

    @property
    def levels(self) -> tuple[str, ...]:
        return (*(level for _, level in self.parts), self.otherwise)


@dataclass(frozen=True)
class Difference(Comparable):
    left: Word
    right: Word


@dataclass(frozen=True)
class Ratio(Comparable):
    left: Word
    right: Word


@dataclass(frozen=True)
class Term(Comparable):
    """A word with a name of its own, so that what uses it reads in a line; its page gives the meaning once."""

    name: str
    word: Word


@dataclass(frozen=True)
class Criterion(Comparable):
    """A part of a population that says in its own words why someone is left out.

    `plain` says it to the person, as it goes on after "There is no figure for you, because".
    """

    holds: Word
    otherwise: str
    code: str = ""
    plain: str = ""


NOT_USABLE_YET = "not_usable_yet"


def not_usable_yet(when: Word, why: str, instead: str, plain: str = "") -> Criterion:
    """A part of a population: for whom no figure is good enough yet, why, and what to do instead. Rules still speak."""
    return Criterion(Not(when), f"Not usable yet: {why} {instead}", code=NOT_USABLE_YET, plain=plain)


Word: TypeAlias = (
    "Has | Count | Latest | Earliest | Since | Slope | Mean | Median | Highest | Lowest | Spread | Total | Covered"
    " | Nearest | Confirmed | Dose | Person | Age | Observed | Calendar | All | Any | Number | Not | Missing | Compare"
    " | Choice | Difference | Ratio | Term | Criterion"
)


# Index dates and outcomes ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Every:
    """A landmark in every year or month: on a day of it, or on a random day by a hash of person and year.

    `draw="one a year"` keeps one of the twelve months of each year, by the same hash. `since` is the first day on which
    anybody is asked about: a campaign has no index date before it begins.
    """

    unit: Literal["year", "month"]
    on: int | Literal["random day"] = 1
    draw: Literal["all", "one a year"] = "all"
    since: date | None = None


@dataclass(frozen=True)
class AtAge:
    """The day on which a person reaches an age."""

    age: Span


@dataclass(frozen=True)
class After:
    """The day after the first (or every) record of a stream, with none in the `washout` days before it.

    Of several streams each has its own first record and its own washout; a day that two of them give is one index date.
    """

    stream: Stream | tuple[Stream, ...]
    which: Literal["first", "every"] = "first"
    washout: int = 0
    plus: int = 0

    @property
    def streams(self) -> tuple[Stream, ...]:
        return self.stream if isinstance(self.stream, tuple) else (self.stream,)


IndexDate: TypeAlias = Every | AtAge | After


@dataclass(frozen=True, init=False)
class Happens:
    """The first (nth) day from `from_day` on of any of several words or streams; leaving and death end the watch.

    `Happens(Has(ATTACK, apart=15), nth=2)` counts episodes, each 15 days or more after the record before it.
    """

    of: tuple[Stream | Word, ...]
    nth: int
    from_day: int
    censored_by: tuple[Stream | Word, ...]

    def __init__(
        self,
        *of: Stream | Word,
        nth: int = 1,
        from_day: int = 0,
        censored_by: Stream | Word | tuple[Stream | Word, ...] = (),
    ) -> None:
        _set(self, "of", of)
        _set(self, "nth", nth)
        _set(self, "from_day", from_day)
        _set(self, "censored_by", censored_by if isinstance(censored_by, tuple) else (censored_by,))


@dataclass(frozen=True)
class Measured:
    """A value judged if it was measured; not measured is missing, never no."""

    is_event: Compare


@dataclass(frozen=True)
class NotDone:
    """No valid dose by an age (`years`, `months`) or by a day (`days`, `weeks` from the index date), plus grace."""

    dose: Dose
    by: Span
    grace: int = 0


Outcome: TypeAlias = Happens | Measured | NotDone


def _set(word: object, name: str, value: object) -> None:
    object.__setattr__(word, name, value)
