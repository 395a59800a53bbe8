"""docs/external/PATHWAY.md: one summary table, then one section for each set."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from external.adapters import Adapter
from external.directions import CANNOT, VERDICTS, Direction
from external.examine import Count, Examined, Lacking, Scoring
from external.first_look import FirstLook
from external.models import Scorer, Taught
from external.qkidney import Beside
from external.qkidney import text as qkidney
from external.sets import ExternalSet
from pathways.definition import Pathway, Prediction
from training.card import count as _count
from training.card import interval, markdown
from training.card import share as percent

SUMMARY = (
    "set",
    "people",
    "scored",
    "index dates",
    "of them with the outcome",
    "c-statistic",
    "observed over expected",
    "answer",
)

ABOUT = """\
Sets of others (`../shared/data`, or those given by `--set`), through the same reading, cohort, features and scoring as
any other source; those that are no OMOP through an adapter first (`external/adapters/`). None of these records was
written by us and none is of an NHS patient. What is shown is what came out, also where it is bad.

- Made-up people (Synthea, OHDSI's samples, random codes): counts as they are. Real people, and those of any set that we
  do not know: counts of 1 to 7 hidden, others rounded to 5, of people and of rows.
- Scored means: with a model that has never seen the set. A simulator's illnesses follow rules, and not those of our
  synthetic people, so a poor figure says that the two disagree, and a good one says nothing about patients.
- c-statistic: how often somebody who had the outcome was given the higher risk (0.5 is chance). Observed over expected:
  1.2 means 20% more outcomes than predicted. Brackets hold 95% intervals. *Too few*: fewer than 10 people had, or did
  not have, the outcome; it never counts as a pass. Only index dates that the records follow to the horizon count.
- A set of people who were seen once has no time at risk, so it tests no prediction. It shows whether units are read,
  what is missing, for whom rules hold and how predictors are spread: see "Everybody on the day after the visit"."""

OWN_SET = """\
## How to run a set of your own

1. OMOP 5.3 or 5.4 (a folder of Parquet or CSV, or a `.duckdb` file): `python -m external --set FOLDER`. The page goes
   to `work/external/`; `--json` prints it for machines; `--pathway` takes one pathway alone.
2. A flat table: write `external/adapters/NAME.py`, NAME being that of the set's folder, as
   [real_ckd_uci.py](../external/adapters/real_ckd_uci.py): the file, the column of the person, the day on which
   everybody was seen, sex, age, and for each column the concept and the unit of the record that it becomes.
3. People who were followed: add `followed=FollowUp(time, event, equals, concept, name)`; the record of the outcome is
   put at the end of each person's follow-up. Name under `complete` the tables whose absence means "none", for example
   `procedure_occurrence` where people on dialysis were not let in; else the answer is "not known" and nobody is scored.
4. MEDS: as [meds_mimic_iv_demo.py](../external/adapters/meds_mimic_iv_demo.py), one line for each code.
5. `--tables FOLDER` keeps the OMOP tables that adapters wrote, for any other command:
   `make features SOURCE=FOLDER/NAME`."""


@dataclass(frozen=True)
class Section:
    """All that the page says of one set for one prediction."""

    set: ExternalSet
    found: Examined
    taught: Taught | None = None
    why_not_taught: str = ""
    published: tuple[Beside, ...] = ()
    look: FirstLook | None = None


def page(title: str, pathway: Pathway, scorers: Mapping[str, Scorer | None], sections: tuple[Section, ...]) -> str:
    """The whole document as Markdown."""
    parts = [f"# Records that we did not write: {title.lower()}", "Made by `make external`; not edited by hand.", ABOUT]
    for prediction in pathway.predictions:
        own = [section for section in sections if section.found.prediction == prediction.name]
        scorer = scorers.get(prediction.name)
        parts += [f"## {prediction.name.replace('_', ' ').capitalize()}", prediction.question, _scorer(scorer)]
        parts.append(markdown(SUMMARY, summary(own, prediction)))
        for section in own:
            parts += list(_section(section, prediction))
    parts.append(OWN_SET)
    return "\n\n".join(part for part in parts if part) + "\n"


def summary(sections: list[Section], prediction: Prediction) -> list[tuple[str, ...]]:
    """One row for each set, outcomes and figures by the primary horizon."""
    return [_summary(section, prediction) for section in sections]


def _summary(section: Section, prediction: Prediction) -> tuple[str, ...]:
    found = section.found
    name = f"{section.set.name}{' (real)' if found.real else ''}"
    if found.lacks:
        return name, _count(found.people), "0", "0", "0", "-", "-", f"nobody can be scored: {'; '.join(found.lacks)}"
    figures, said = ("-", "-"), "not scored: no model, or nobody was followed to the horizon"
    if found.scoring is not None:
        primary, said = _primary(found.scoring), _answer(found.scoring)
        figures = interval(primary["c_statistic"]), interval(primary["observed_over_expected"], 2)
    counts = (found.people, found.scored, found.index_dates, dict(found.outcomes)[prediction.primary])
    return name, *(_count(each) for each in counts), *figures, said


def _answer(scoring: Scoring) -> str:
    """What a reader must not overlook in the figures; "scored" alone if there is nothing."""
    primary = _primary(scoring)
    if primary["c_statistic"]["state"] != "ok":
        return "scored; insufficient: too few people with the outcome to judge"
    ratio, slope = primary["observed_over_expected"], primary["slope"]
    said = ["scored"]
    if ratio["state"] == "ok" and not ratio["low"] <= 1 <= ratio["high"]:
        said.append(f"{'more' if ratio['low'] > 1 else 'fewer'} outcomes than predicted")
    if slope["state"] == "ok" and slope["high"] < 1:
        said.append(f"high risks too high and low ones too low (slope {slope['value']:.2f})")
    worse = [each["name"] for each in scoring.comparators if each["gain"]["state"] == "ok" and each["gain"]["high"] < 0]
    if worse:
        said.append(f"ranks worse than {' and '.join(worse)} alone")
    return "; ".join(said)


def _primary(scoring: Scoring) -> Mapping[str, Any]:
    return next(row for row in scoring.horizons if row["horizon_days"] == scoring.primary)


def _scorer(scorer: Scorer | None) -> str:
    if scorer is None:
        return "No model: reading, cohort and features alone."
    sizes = scorer.model.evidence["data"]["development"]
    own = scorer.model.evidence["groups"][0]
    return (
        f"Scored with a {scorer.model.kind} model, {scorer.origin}; it learnt from {_count(sizes['people'])} people "
        f"({_count(sizes['outcomes'])} with the outcome). On its own kind of people its c-statistic is "
        f"{interval(own['c_statistic'])} and observed over expected {interval(own['observed_over_expected'], 2)}."
    )


def _section(section: Section, prediction: Prediction) -> Iterator[str]:
    found = section.found
    yield f"### {section.set.name}"
    yield f"{section.set.source}\nLicence: {section.set.licence}\n{section.set.note}".replace("\n", "\\\n").strip(
        "\\\n"
    )
    if section.set.shows is not None:
        yield "**It can show** {}\n\n**It cannot show** {}".format(*section.set.shows)
    if section.set.adapter is not None:
        yield from _adapted(section.set.adapter)
    if found.lacks:
        yield "**Nobody can be scored:**\n" + "\n".join(f"- {reason}" for reason in found.lacks)
    else:
        yield _happened(found)
    if found.attrition:
        yield markdown(("attrition", "count"), [(text, _count(count)) for text, count in found.attrition])
    if found.accounts:
        yield markdown(
            ("table", "rows in", "not asked for", "used", "left out"),
            [_fates(table, fates) for table, fates in found.accounts.items()],
        )
    yield _missing(found)
    if section.look is not None:
        yield from _looked(section.look, prediction)
    if found.scoring is not None:
        yield from _scoring(found.scoring)
        yield qkidney(section.published)
    if section.taught is not None:
        yield from _taught(section.taught)
    if section.why_not_taught:
        yield f"**No model can be trained on it.** {section.why_not_taught}"


def _happened(found: Examined) -> str:
    outcomes = ", ".join(f"{_count(count)} by {horizon} days" for horizon, count in found.outcomes)
    return (
        f"{_count(found.people)} people, {_count(found.scored)} of whom can be scored, at {_count(found.index_dates)} "
        f"index dates; index dates with the outcome: {outcomes}."
    )


def _fates(table: str, fates: Mapping[str, Count]) -> tuple[str, ...]:
    others = [name for name in fates if name not in ("rows in", "not asked for", "used")]
    left_out = ", ".join(f"{name} {_count(fates[name])}" for name in others)
    return table, *(_count(fates.get(name, 0)) for name in ("rows in", "not asked for", "used")), left_out or "none"


def _missing(found: Examined) -> str:
    if not found.missing and not found.never:
        return ""
    said = [_lacking(one) for one in found.missing]
    text = f"Missing at index dates: {'; '.join(said)}." if said else "No predictor is ever missing."
    if found.never:
        text += (
            f" {len(found.never)} of {found.predictors} predictors hold for nobody (no such record, or a code that no "
            f"concept set lists): {', '.join(found.never)}."
        )
    return text


def _lacking(one: Lacking) -> str:
    return f"{one.name} {percent(one.share)}{' (required, of those who pass the population)' if one.required else ''}"


def _scoring(scoring: Scoring) -> Iterator[str]:
    headings = ("scored", "people followed", "with outcome", "observed risk", "mean predicted", *_FIGURES)
    rows = [(f"by {row['horizon_days']} days", *_row(row)) for row in scoring.horizons]
    rows += [(f"region {row['level']}, by {scoring.primary} days", *_row(row)) for row in scoring.regions]
    yield markdown(headings, rows)
    yield _against(scoring.comparators)
    yield f"{_directed(scoring.directions)} Outcome by {scoring.primary} days."


_FIGURES = ("c-statistic", "observed over expected", "slope")


def _row(row: Mapping[str, Any]) -> tuple[str, ...]:
    mean = "hidden" if row["mean_risk"] is None else f"{row['mean_risk']:.3f}"
    figures = interval(row["c_statistic"]), interval(row["observed_over_expected"], 2), interval(row["slope"], 2)
    return _count(row["people"]), _count(row["events"]), interval(row["incidence"]), mean, *figures


def _against(comparators: tuple[Mapping[str, Any], ...]) -> str:
    return "Same people, c-statistics: " + "; ".join(
        f"{each['name']} {interval(each['c_statistic'])}, the model's gain over it {interval(each['gain'])}"
        for each in comparators
    )


def _adapted(adapter: Adapter) -> Iterator[str]:
    yield "**No OMOP; what was assumed:**\n" + "\n".join(f"- {one}" for one in adapter.assumed)
    became: dict[str, list[str]] = {}
    for code in adapter.codes:
        became.setdefault(code.record, []).append(f"`{code.said}`")
    yield markdown(("record", "made of"), [(record, ", ".join(said)) for record, said in became.items()])


def _looked(look: FirstLook, prediction: Prediction) -> Iterator[str]:
    yield (
        f"**Everybody on the day after the visit**, whether or not they may be scored: {_count(look.people)} adults "
        "(or people of unknown age). Rules are those of the pathway; *not known* means that it cannot be told."
    )
    of_these = (f"yes, and {look.label}",) if look.label else ()
    rows = [
        (one.kind, one.text, *map(_count, (one.yes, one.no, one.unknown, one.labelled)[: 3 + len(of_these)]))
        for one in look.told
    ]
    yield markdown(("", "asked", "yes", "no", "not known", *of_these), rows)
    if look.spreads:
        yield "Share, or median (quartiles), beside adults of `python -m synthetic`; what nobody has is left out."
        rows = [(one.name, _count(one.known), one.here, one.reference) for one in look.spreads]
        yield markdown(("predictor", "people who have it", "here", "synthetic adults"), rows)
    if look.label:
        yield (
            f"{_count(look.labelled)} of them {look.label}, which is not the outcome of this prediction. "
            f"{_directed(look.directions)}"
        )


def _directed(found: tuple[Direction, ...]) -> str:
    """Single predictors by what they say of the declared direction; those that cannot be judged by name alone."""
    parts = []
    for verdict in VERDICTS:
        own = [one for one in found if one.verdict == verdict]
        shown = [one.name if verdict == CANNOT else f"{one.name} ({one.declared}) {_single(one)}" for one in own]
        if own:
            parts.append(f"{verdict}: {', '.join(shown)}")
    return f"Single predictors against the direction that is declared for them, c-statistic: {'; '.join(parts)}."


def _single(one: Direction) -> str:
    return interval(one.c_statistic, 2)


def _taught(taught: Taught) -> Iterator[str]:
    evidence, twins = taught.model.evidence, taught.twins
    sizes = {side: evidence["data"][side] for side in ("development", "validation")}
    sides = ", ".join(
        f"{side} {_count(size['people'])} people ({_count(size['outcomes'])} with the outcome)"
        for side, size in sizes.items()
    )
    ranks = "; ".join(f"{kind} {interval(one)}" for kind, one in sorted(evidence["candidates"]["c_statistic"].items()))
    yield (
        f"**Trained on this set itself** and registered as version {taught.version} of a register that is thrown away "
        f"({taught.model.kind}: {evidence['candidates']['why']}; out of fold {ranks}). {sides}; validation is on "
        f"{evidence['data']['validation_is']}. Counts of training are always rounded to 5. Regions as the set has them."
    )
    yield (
        f"Of {twins.dead:,} dead people {twins.with_living:,} share birth date, sex and town with a living one; each "
        f"such pair is one family, on one side of every split."
    )
    rows = [_validated(row["level"], row) for row in evidence["groups"] if row["axis"] in ("all", "region")]
    rows += [_validated(f"{row['region']}, left out of training", row) for row in evidence["left_out_regions"]]
    yield markdown(("validation", "people", "with outcome", *_FIGURES), rows)
    yield _against(evidence["comparators"])


def _validated(name: str, row: Mapping[str, Any]) -> tuple[str, ...]:
    figures = interval(row["c_statistic"]), interval(row["observed_over_expected"], 2), interval(row["slope"], 2)
    return name, _count(row["people"]), _count(row["events"]), *figures
