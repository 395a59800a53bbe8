"""The figures as a page: `docs/performance.md` is made from what `python -m bench --json` printed, never by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bench import explanations, learners, subgroups
from bench.model import LARGE_TREES

PAGE = """# Performance

Made by `{command}` on {made_on}; do not edit. {machine}.
All times are of this one run: the sides of every ratio alternate in it, and the middle of the repeats is shown. CPU
seconds count all threads. The machine may have been busy with other work, so compare ratios, not times.

| what | measured | goal |
|---|---|---|
{rows}

## What each line means
{meanings}
"""


def page(figures: dict[str, Any]) -> str:
    """The page as Markdown."""
    lines = list(lines_of(figures))
    return PAGE.format(
        command=figures["command"],
        made_on=figures["made_on"],
        machine=figures["machine"],
        rows="\n".join(f"| {what} | {measured} | {goal} |" for what, measured, goal, _ in lines),
        meanings="\n".join(f"- **{what}**: {meaning}" for what, _, _, meaning in lines if meaning),
    )


def lines_of(figures: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """What is measured, the measurement, the goal, and what it means."""
    if figures["tables"] is not None:
        yield from _tables(figures["tables"])
        yield from _compared(figures["compared"])
    if figures["learners"] is not None:
        yield from learners.lines_of(figures["learners"])
    yield from _person(figures["person"])
    yield from _made_up(figures["made_up"])
    if figures["subgroups"] is not None:
        yield from subgroups.lines_of(figures["subgroups"])
    yield from explanations.lines_of(figures["explanations"])
    for found in figures["answers"]:
        yield from _answers(found)


def _tables(found: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    spread = ", ".join(f"{ratio:.2f}" for ratio in found["ratios"])
    yield (
        "feature table over the bare scan",
        f"{found['ratio']:.2f} ({found['table_cpu_s']:.1f} over {found['scan_cpu_s']:.1f} CPU s; repeats {spread})",
        f"at most {found['goal']}, stretch 2.5",
        f"from OMOP Parquet of {found['people']:,} people and {found['records']:,} records (each with its own id; "
        f"{found['records_asked_for']:,} of a concept that the definition reads) to {found['predictors']} predictors, "
        f"outcomes and groups of {found['index_dates']:,} people on one index date, over the time in which DuckDB sums "
        "the same columns.",
    )
    yield (
        "most memory",
        f"{found['peak_memory_bytes'] / 1e9:.2f} GB",
        "below 2 GB",
        "the most that the process held at once, scan included; people are read in chunks.",
    )
    further = found["further_date"]
    yield (
        "each further index date over the first",
        ", ".join(f"{share:.2f} (of {dates})" for dates, share in further.items()),
        "at most 0.3",
        "the same table with several index dates for each person, a month before one another: what each date beyond "
        "the first adds, over the table of one date, reading included.",
    )
    yield (
        "refresh of 1% over the bare scan",
        f"{found['refresh_ratio']:.2f} ({found['refreshed']:,} people)",
        "at most 1.1",
        "the table of some people drawn at random, over the bare scan of everybody; who is of one family is found "
        "among everybody.",
    )


def _compared(found: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    yield (
        "people worked out again",
        f"{found['different']} of {found['people']:,} differ ({found['scored']:,} are scored)",
        "0",
        f"people spread over the same table, compared with {found['with']}: whether each is scored, and every "
        "predictor (equal to 1e-6, missing in the same places).",
    )


def _person(found: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    yield (
        "the programme for one person",
        f"{found['programme_us']:.0f} CPU µs",
        "",
        "the compiled kernel over a history that stands ready.",
    )
    yield (
        "history to reading",
        f"{found['reading_us']:.0f} CPU µs for {found['records']} records",
        f"below {found['goal_us']}",
        "from a history as a client sends it, parsed from JSON before, to predictors with the records behind them.",
    )


def _made_up(found: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    each = found["people"] / found["cpu_s"]
    yield (
        "synthetic people written",
        f"{each:,.0f} a CPU second ({found['records'] / found['people']:.0f} records each)",
        "at least 420",
        "`python -m synthetic` on one core, Parquet and truth included; goal: a million in 20 minutes on two cores.",
    )


def _answers(found: dict[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    bare, keeping, ours, mlflow = (found[name] for name in ("bare", "keeping", "ours", "mlflow"))
    large = found["trees"] == LARGE_TREES
    of = "300 trees of 31 leaves" if large else "trees as trained"
    made = (
        "the size with which research/serving.md measured servers, and from which the goal was set"
        if large
        else "made for this bench by the function of `training`, whatever ships"
    )
    yield (
        f"answer over the bare application, {of}",
        f"{found['ratio']:.2f} ({ours['median_ms']:.2f} over {bare['median_ms']:.2f} ms; CPU {found['cpu_ratio']:.2f})",
        f"at most {found['goal']}",
        f"`POST /v1/risk` with a history of {found['records']} records (checked, turned into predictors, explained, "
        f"stored) over a bare Starlette application that gets the predictors ready and does one LightGBM prediction "
        f"and its contributions. Both have the same model, LightGBM of {found['trees']} trees, {made}; both one thread "
        "on one core, the client on another.",
    )
    yield (
        f"keeping an answer before it is sent, by the bare application, {of}",
        f"{found['keeping_ratio']:.2f} ({keeping['median_ms']:.2f} over {bare['median_ms']:.2f} ms)",
        "",
        "the bare application that also keeps what it was asked and what it says in the store of our service (on the "
        "disk, sealed) before it sends it, over itself without: what keeping costs with that store.",
    )
    yield (
        f"answer over the bare application that keeps its answers, {of}",
        f"{found['ratio_to_keeping']:.2f} ({ours['median_ms']:.2f} over {keeping['median_ms']:.2f} ms)",
        "",
        "ours reads, checks, explains and words a history besides.",
    )
    yield (
        f"answer over `mlflow models serve`, {of}",
        f"{found['ratio_to_mlflow']:.2f} ({ours['median_ms']:.2f} over {mlflow['median_ms']:.2f} ms)",
        "",
        "the same answer over MLflow's own server of the same booster, predictors ready, without contributions.",
    )
    for name, one in (("ours", ours), ("bare", bare), ("keeping", keeping), ("mlflow", mlflow)):
        yield f"one request, {of}: {name}", f"p95 {one['p95_ms']:.2f} ms, CPU {one['cpu_ms']:.2f} ms", "", ""
