"""People with records and words of the language, drawn by chance, most of them at the edges of each other."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from pathways import words as w
from pathways.definition import word_levels
from pathways.words import KINDS
from tests.spec import clinic
from tests.spec.drawn import ALWAYS, Patient

INDEX = date(2023, 5, 1)

# People ---------------------------------------------------------------------------------------------------------------

# Mostly at distances that a word may ask for, or a day beside them, so that edges and ties are met often.
steps = st.sampled_from((0, 1, 14, 28, 30, 90, 100, 365, 400))
days = st.one_of(
    st.builds(lambda a, b, c: INDEX - timedelta(days=a + b + c), steps, steps, st.sampled_from((0, 0, 0, 1, -1))),
    st.integers(-900, 40).map(lambda back: INDEX + timedelta(days=back)),
)
values = st.one_of(st.sampled_from((30, 50, 55, 60, 60, 80, 100, 120)), st.floats(0.5, 300, width=32))


RECORDED = (
    *("creatinine", "creatinine", "lab eGFR", "lab eGFR", "weight", "height", "steroid", "steroid", "MMR"),
    *("diabetes", "asthma", "hospital stay", "emergency visit", "smoker", "ex-smoker"),
)


@st.composite
def lines(draw: Any) -> dict[str, str]:
    """A row of a drawn table, with the faults that rows have."""
    name = draw(st.sampled_from(RECORDED))
    kind, day = clinic.RECORDS[name], draw(days)
    line = {"record": name, "date": day.isoformat(), "value": "", "operator": ""}
    if kind.kind in ("measurement", "medication"):
        line["value"] = str(float(draw(values))) if draw(st.integers(0, 9)) else ""
    if kind.kind == "measurement":
        line["unit"] = draw(st.sampled_from((*[kind.unit] * 7, "", "mg/dL", "mmol/L")))
        line["operator"] = draw(st.sampled_from(("", "", "", "", "<", ">")))
    if kind.kind in ("visit", "medication", "condition") and draw(st.booleans()):
        line["end"] = (day + timedelta(days=draw(st.integers(-2, 40)))).isoformat()
    return line


@st.composite
def people(draw: Any) -> Patient:
    born = draw(st.sampled_from((date(1950, 2, 28), date(2004, 2, 29), date(2012, 1, 31), date(2022, 5, 1))))
    first = draw(st.integers(0, 1200).map(lambda back: INDEX - timedelta(days=back)))
    return Patient(
        id=draw(st.integers(1, 900)),
        born=born.isoformat(),
        sex=draw(st.sampled_from(("female", "male", "other", "unknown"))),
        ethnicity=draw(st.sampled_from("ACZ")),
        observed=((first, INDEX + timedelta(days=draw(st.integers(0, 400)))),),
        rows=tuple(_some_twice(draw, draw(st.lists(lines(), min_size=8, max_size=30)))),
    )


def _some_twice(draw: Any, rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Rows with a copy of some, or with another row of the same day."""
    more = []
    for row in rows:
        also = draw(st.integers(0, 5))
        if also == 0:
            more.append(dict(row))
        if also == 1:
            more.append({**draw(lines()), "date": row["date"], "end": ""})
    return rows + more


late = st.sampled_from((-400, -30, -1, 0, 1, 60))


@st.composite
def entered_late(draw: Any, of: Patient) -> Patient:
    """Some records entered after their day: a history can say so of any record."""
    rows = []
    for row in of.rows:
        day = max(date.fromisoformat(row["date"]), INDEX + timedelta(days=draw(late)))
        rows.append({**row, "entered": day.isoformat()} if draw(st.integers(0, 3)) == 0 else row)
    return replace(of, rows=tuple(rows))


coverage = st.one_of(
    st.just(dict.fromkeys(KINDS, ALWAYS)),
    st.dictionaries(st.sampled_from(KINDS), st.sampled_from((ALWAYS, date(2022, 5, 1), date(2023, 1, 1)))),
)

# Words ----------------------------------------------------------------------------------------------------------------


def _creatinine(how: str) -> w.Records:
    return replace_same_day(clinic.CREATININE, how)


def replace_same_day(of: w.Records, how: Any) -> w.Records:
    return w.Records(f"{of.name} {how}", of.of, units=of.units, plausible=of.plausible, same_day=how, less_than=0.5)


floored = w.Records("floored", clinic.concepts("lab eGFR"), units=clinic.EGFR_UNIT, plausible=(1, 200), floor=60)
numeric = st.sampled_from(
    (
        *(_creatinine(how) for how in ("all", "lowest", "highest", "median", "last")),
        floored,
        clinic.EGFR,
        w.Either(_creatinine("all"), floored, clinic.WEIGHT, prefer=True),
        w.Either(_creatinine("median"), floored),
        w.Formula("bmi", clinic.WEIGHT, clinic.HEIGHT),
        w.Formula("above", clinic.WEIGHT, clinic.HEIGHT, limits=(80, 100)),
        w.Formula("above", clinic.WEIGHT, clinic.HEIGHT, limits=(80, 100, 60, 90, 120)),
        w.Only(_creatinine("all"), at_least=60, at_most=120),
        w.Only(clinic.EGFR, at_most=75),
        w.Formula("bmi_sds", w.Formula("bmi", clinic.WEIGHT, clinic.HEIGHT)),
        w.Formula("bmi_sds", w.Formula("bmi", clinic.WEIGHT, clinic.HEIGHT), limits=(4, 11)),
        w.Formula("pressure_pair", clinic.WEIGHT, clinic.HEIGHT),
        w.Formula("ckd_epi_2021", _creatinine("lowest")),
    )
)
coded = st.sampled_from(
    (
        clinic.DIABETES,
        clinic.STEROID,
        clinic.SMOKING,
        w.Either(clinic.DIABETES, clinic.ASTHMA, prefer=True),
        w.At(clinic.ASTHMA, clinic.EMERGENCY),
        w.At(clinic.STEROID, clinic.STAY),
        w.Near(clinic.STEROID, clinic.ASTHMA, before=7, after=14),
        w.Near(w.Only(clinic.STEROID, at_most=14, unvalued=True), clinic.ASTHMA, before=7, after=14),
        w.Only(clinic.STEROID, at_most=14),
    )
)
streams = st.one_of(numeric, coded)
spans = st.one_of(
    st.one_of(st.integers(1, 800), steps.filter(bool)).map(w.days),
    st.integers(1, 24).map(w.months),
    st.integers(1, 3).map(w.years),
)


@st.composite
def windows(draw: Any) -> dict[str, Any]:
    kind = draw(st.integers(0, 7))
    if kind in (0, 6):
        return {}
    if kind in (1, 7):
        return {"within": draw(spans)}
    if kind == 2:
        return {"since": draw(days)}
    if kind == 3:
        low = draw(st.integers(0, 20))
        return {"ages": (low, low + draw(st.integers(1, 60)))}
    if kind == 4:
        return {"within": draw(spans), "anchor": draw(st.sampled_from((INDEX - timedelta(days=50), w.BIRTH)))}
    anchor = draw(st.sampled_from((w.Dose(clinic.MMR, 1), w.Earliest(clinic.STAY), w.Has(clinic.ASTHMA))))
    return {"from_day": draw(st.integers(-90, 0)), "until_day": draw(st.integers(1, 90)), "anchor": anchor}


limits = st.sampled_from((None, None, None, None, 30.0, 60.0, 100.0))


@st.composite
def looks(draw: Any) -> w.Word:
    of, window = draw(streams), draw(windows())
    pick = {"at_least": draw(limits), "below": draw(limits), "last": draw(st.sampled_from((None, None, 1, 2, 3)))}
    kind = draw(st.sampled_from((w.Has, w.Count, w.Latest, w.Earliest, w.Mean, w.Median, w.Highest, w.Lowest, w.Spread,
                                 w.Total)))  # fmt: skip
    if kind is w.Count and draw(st.booleans()):
        pick["apart"] = draw(st.sampled_from((1, 14, 30)))
        pick["last"] = None
    return kind(of, **window, **pick)


@st.composite
def rarer(draw: Any) -> w.Word:
    which = draw(st.integers(0, 5))
    within = draw(st.one_of(st.none(), spans))
    if which == 0:
        return w.Since(draw(streams), which=draw(st.sampled_from(("latest", "first"))), within=within,
                       unit=draw(st.sampled_from(("days", "years"))), below=draw(limits))  # fmt: skip
    if which == 1:
        return w.Slope(draw(numeric), within=within, at_least_records=draw(st.integers(2, 4)),
                       span=draw(st.sampled_from((1, 30, 365))))  # fmt: skip
    if which == 2:
        return w.Covered(draw(st.sampled_from((clinic.STEROID, clinic.STAY, clinic.DIABETES))), within=within,
                         unit=draw(st.sampled_from(("share", "days"))))  # fmt: skip
    if which == 3:
        low = draw(st.integers(0, 70))
        return w.Nearest(draw(numeric), age=w.Span(low * 12 + draw(st.integers(0, 11)), draw(st.integers(0, 20))),
                         ages=(low, low + 3))  # fmt: skip
    if which == 4:
        limit = draw(st.sampled_from((60.0, 100.0, w.Share(0.8, w.Median(clinic.EGFR, within=w.days(400))))))
        side = draw(st.sampled_from(("below", "at_most", "at_least")))
        return w.Confirmed(draw(numeric), **{side: limit}, apart=draw(st.sampled_from((1, 28, 90))),
                           within=draw(st.sampled_from((None, 100, 365))), unbroken=draw(st.booleans()))  # fmt: skip
    ages = tuple(draw(st.lists(st.sampled_from((w.months(12), w.months(1), w.years(11), w.days(40))), max_size=2)))
    return w.Dose(draw(coded), draw(st.integers(1, 3)), minimum_ages=ages, interval=draw(st.sampled_from((1, 28))))


facts = st.sampled_from(
    (w.Age(), w.Age("months"), w.Observed(), w.Person("sex"), w.Person("ethnicity"), w.Calendar("month"),
     w.Calendar("weeks since September"))
)  # fmt: skip
plain_words = st.one_of(looks(), looks(), rarer(), rarer(), facts)


def combined(inner: st.SearchStrategy[w.Word]) -> st.SearchStrategy[w.Word]:
    several = st.lists(inner, min_size=1, max_size=3)
    how = st.sampled_from(("below", "at_least", "above", "at_most", "equals"))
    compared = st.builds(lambda part, how: w.Compare(part, how, 1.0 if word_levels(part) else 63.137), inner, how)
    return st.one_of(
        several.map(lambda parts: w.All(*parts)),
        several.map(lambda parts: w.Any(*parts)),
        several.map(lambda parts: w.Number(*parts)),
        several.map(lambda parts: w.Choice(*((part, str(at)) for at, part in enumerate(parts)))),
        inner.map(w.Not),
        inner.map(w.Missing),
        compared,
        st.builds(w.Difference, inner, inner),
    )


words = st.one_of(plain_words, plain_words, combined(plain_words), combined(combined(plain_words)))
several = st.lists(words, min_size=5, max_size=15)
