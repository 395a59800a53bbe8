"""The evidence of one model as one page: what a safety reviewer reads before signing. No script, figures as SVG."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from typing import Any

from evaluation.naming import axis_name, level_name, place
from training.card import count, interval, share
from training.figures import calibration, captioned, decision, decision_curve, forest

STYLE = """
body{font:16px/1.5 Arial,sans-serif;color:#212b32;max-width:60rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;margin:1rem 0;width:100%;font-size:14px}th,td{border-bottom:1px solid #d8dde0;
padding:.3rem .6rem;text-align:left;vertical-align:top}caption{text-align:left;font-weight:bold}
.pass,.met{color:#00603b}.breach,.refuse,.not-met{color:#b10e1e;font-weight:bold}.watch,.insufficient{color:#8a5a00}
.notice{border-left:6px solid #b10e1e;padding:.5rem 1rem;background:#f8e6e8}svg{max-width:100%;height:auto}
figure{display:inline-block;vertical-align:top;margin:1rem 1rem 1rem 0;max-width:100%}figcaption{font-weight:bold;
max-width:26rem}summary{font-weight:bold;cursor:pointer;margin:1rem 0}
"""


def page(document: Mapping[str, Any]) -> str:
    """The whole page."""
    model, evidence = document["model"], document["evidence"]
    title = f"Evidence: {model['name']} version {model['version']}"
    notice = f'<p class="notice">{escape(document["notice"])}</p>' if document["notice"] else ""
    body = "".join(
        f'<h2 id="{name}">{escape(heading)}</h2>{"".join(parts)}'
        for name, heading, parts in (
            ("gate", "What the gate says", _gate(evidence.get("gate"))),
            ("what", "What it predicts", _what(document["definition"])),
            ("data", "People and records", _data(evidence)),
            ("how", "How it was made", _how(evidence)),
            ("groups", "How well it works, and for whom", _groups(evidence)),
            ("regions", "Regions and boards", _regions(evidence)),
            ("rivals", "Against what there is already", _rivals(evidence)),
            ("missing", "What is missing", _missing(evidence, document["definition"])),
            ("leakage", "Could it know what nobody could know", _leakage(evidence.get("leakage"))),
            ("limits", "Limits", _limits(document["definition"])),
            ("tripod", "TRIPOD+AI", _tripod(document["tripod"])),
            ("hazards", "Hazards and the tests that control them", _hazards(document["hazards"])),
            ("made", "Made with", _made(model, evidence.get("made_with"))),
        )
    )
    return (
        f'<!doctype html><html lang="en-GB"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head><body>'
        f"<h1>{escape(title)}</h1>{notice}{body}</body></html>\n"
    )


def _gate(found: Mapping[str, Any] | None) -> Iterator[str]:
    if found is None:
        yield "<p>Not run.</p>"
        return
    yield f'<p>Verdict: <strong class="{found["verdict"].split()[0]}">{escape(found["verdict"])}</strong></p>'
    yield _list([*found["reasons"], *(f"to watch: {each}" for each in found["watch"])])
    left = [
        f"{axis_name(axis)}: {'; '.join(level_name(axis, level) for level in levels)}"
        for axis, levels in found["scope"]["not_for"].items()
    ]
    if left:
        yield "<p>A signature leaves out, as wrong or too few to tell:</p>" + _list(left)
    rules = [(each["rule"], each["state"], each["says"]) for each in found["cells"] if each["axis"] == "all"]
    yield _table("Every rule", ("rule", "state", "what was found"), rules, states_at=(1,))
    yield _folded("Every group", _by_group([each for each in found["cells"] if each["axis"] != "all"]))


def _by_group(cells: Sequence[Mapping[str, Any]]) -> str:
    """A row for each group: what was found by each of the two rules of calibration, and its state."""
    groups: dict[tuple[str, str], dict[str, Mapping[str, Any]]] = {}
    for each in cells:
        groups.setdefault((each["axis"], each["level"]), {})[each["rule"]] = each
    rows = [
        (axis_name(axis), level_name(axis, level), *(part for name in CALIBRATED for part in _told(found.get(name))))
        for (axis, level), found in groups.items()
    ]
    heads = ("axis", "group", *(part for name in CALIBRATED for part in (name, "state")))
    return _table("", heads, rows, states_at=(3, 5))


CALIBRATED = ("observed over expected", "slope")


def _told(cell: Mapping[str, Any] | None) -> tuple[str, str]:
    if cell is None:
        return "", ""
    if cell.get("value") is None:
        return cell["says"], cell["state"]
    return f"{cell['value']:.2f} ({cell['low']:.2f} to {cell['high']:.2f})", cell["state"]


def _what(definition: Mapping[str, Any]) -> Iterator[str]:
    if "why_not" in definition:
        yield f"<p>Not shown: {escape(definition['why_not'])}.</p>"
        return
    yield f"<p>{escape(definition['question'])}</p><p>Outcome: {escape(definition['outcome'])}.</p>"
    yield f"<p>The index date is {escape(definition['index'])}. Look-back: {escape(definition['look_back'])}.</p>"
    population = [(each["holds"], each["otherwise"]) for each in definition["population"]]
    yield _table("For whom", ("it holds", "else"), population)
    bands = [(each["name"], f"{each['at_least']:.3g}", each["action"], each["owner"]) for each in definition["bands"]]
    yield _table("What follows", ("band", "from", "action", "owner"), bands)


def _data(evidence: Mapping[str, Any]) -> Iterator[str]:
    data = evidence["data"]
    sides = ("followable", "development", "validation")
    rows = [(side, *(count(data[side][name]) for name in ("people", "index_dates", "outcomes"))) for side in sides]
    yield _table("Sizes", ("side", "people", "index dates", "with the outcome"), rows)
    yield f"<p>Validation is on {escape(data['validation_is'])}. {escape(data['why_not_later'])}</p>"
    yield _table("Attrition", ("step", "count"), [(each["step"], count(each["count"])) for each in data["attrition"]])
    size = evidence.get("sample_size")
    if size is not None:
        told = f"{count(size['people'])} people; {size['needed']:,} are needed for {size['parameters']} parameters"
        yield f"<p>Sample size (Riley 2020): {told}.</p>"


def _how(evidence: Mapping[str, Any]) -> Iterator[str]:
    chosen = evidence["candidates"]
    settings = ", ".join(f"{name} {value:g}" for name, value in chosen["settings"].items())
    yield f"<p>{escape(chosen['chosen'])} ({escape(settings)}), because {escape(chosen['why'])}.</p>"
    yield _list(f"{kind}: {interval(figure)} out of fold" for kind, figure in chosen["c_statistic"].items())
    for each in evidence.get("horizons_tested", ()):
        learner = "a learner of its own" if each["own_learner"] else "the shared learner"
        told = f"slope {interval(each['slope'], 2)} out of fold: {learner}, because {each['why']}"
        yield f"<p>Risk by {each['horizon_days']} days: {escape(told)}.</p>"
    parity = evidence.get("parity")
    yield f"<p>One person read alone as in the table: {escape(parity['state'] if parity else 'not run')}.</p>"


_MEASURES = ("c_statistic", "observed_over_expected", "slope", "ici", "e50", "e90", "brier")
NOT_RUN = "not run"
_AT_THRESHOLD = (("sensitivity", 2), ("ppv", 2), ("number_needed", 1), ("gain", 4))


def _groups(evidence: Mapping[str, Any]) -> Iterator[str]:
    rows = evidence["groups"]
    everyone = rows[0]
    yield captioned(calibration(everyone.get("curve", ())))
    yield captioned(decision(everyone.get("thresholds", ())))
    yield captioned(decision_curve(evidence.get("decision_curve", ())))
    shown = [
        (
            level_name(row["axis"], row["level"]),
            count(row["people"]),
            count(row["events"]),
            *(interval(row[name], 2) if name in row else NOT_RUN for name in _MEASURES),
        )
        for row in rows
        if row["axis"] != "area"
    ]
    heads = ("group", "people", "outcomes", "c-statistic", "observed/expected", "slope", "ICI", "E50", "E90", "Brier")
    yield _table(f"By {evidence['horizon_days']} days, on people whom the model had not seen", heads, shown)
    acting = [
        (
            f"{each['threshold']:.1%}",
            count(each["flagged_people"]),
            *(interval(each[name], digits) if name in each else NOT_RUN for name, digits in _AT_THRESHOLD),
        )
        for each in everyone.get("thresholds", ())
    ]
    columns = ("from", "flagged", "sensitivity", "PPV", "number needed to review", "net benefit gained")
    yield _table("Acting from a risk on", columns, acting) if acting else ""
    yield from _finer(evidence.get("finer_groups"))


def _finer(found: Mapping[str, Any] | None) -> Iterator[str]:
    if found is None:
        yield "<p>Finer groups: not run.</p>"
        return
    ran = [each for each in found["cells"] if each["state"] != "not run"]
    yield _list(f"{axis_name(each['axis'])}: not run, {each['says']}" for each in found["cells"] if each not in ran)
    yield _folded("Finer groups: ethnic categories, and axes crossed", _by_group(ran))


def _regions(evidence: Mapping[str, Any]) -> Iterator[str]:
    rows = [row for row in evidence["groups"] if row["axis"] in ("region", "area")]
    named = [(level_name(row["axis"], row["level"]), row["observed_over_expected"]) for row in rows]
    yield captioned(forest(named, "Observed over expected by place"))
    left = [
        (
            place(row["region"]),
            interval(row["c_statistic"]),
            interval(row["observed_over_expected"], 2),
            interval(row["slope"], 2),
        )
        for row in evidence["left_out_regions"]
    ]
    heads = ("region", "c-statistic", "observed/expected", "slope")
    yield _table("Trained without the region, examined in it", heads, left) if left else "<p>Only one region.</p>"
    boards = evidence.get("validation")
    yield "<p>Leaving out each board: not run.</p>" if boards is None else _boards(boards)


def _boards(found: Mapping[str, Any]) -> str:
    rows = [
        (
            each["measure"].replace("_", " "),
            f"{each['value']:.2f} ({each['low']:.2f} to {each['high']:.2f})",
            f"{each['new_low']:.2f} to {each['new_high']:.2f}",
            str(each["places"]),
        )
        if each["state"] == "ok"
        else (each["measure"].replace("_", " "), each["why"], "", "")
        for each in found["heterogeneity"]
    ]
    heads = ("measure", "pooled", "what a new board may expect (95%)", "boards")
    drawn = forest([(each["place"], each["observed_over_expected"]) for each in found["places"]], "Boards left out")
    return captioned(drawn) + _table("Trained without each board, examined in it", heads, rows)


def _rivals(evidence: Mapping[str, Any]) -> Iterator[str]:
    best = evidence["best_single_variable"]
    rows = [
        (
            each["name"],
            share(each["computable"]),
            *(interval(each[name]) for name in ("c_statistic", "model_c_statistic", "gain")),
        )
        for each in [*evidence["comparators"], best | {"name": f"best single: {best['name']}"}]
    ]
    yield _table("On the same people", ("what", "computable", "its c-statistic", "the model's", "gain"), rows)


def _missing(evidence: Mapping[str, Any], definition: Mapping[str, Any]) -> Iterator[str]:
    lines = evidence.get("missingness")
    if lines:
        places = [name for name in lines[0] if name != "predictor"]
        rows = [(line["predictor"], *(share(line[place]) for place in places)) for line in lines]
        yield _table("Share of index dates without a value", ("predictor", *map(place, places)), rows)
    required = [f"{each['input']}: {each['supply']}" for each in definition.get("requires", ())]
    yield "<p>Without these there is no answer:</p>" + _list(required) if required else ""


def _leakage(found: Mapping[str, Any] | None) -> Iterator[str]:
    if found is None:
        yield "<p>Not run.</p>"
        return
    rows = [(each["asks"], each["state"], each["says"]) for each in found["checks"]]
    yield _table("Leakage certificate", ("asked", "state", "found"), rows, states_at=(1,))


def _limits(definition: Mapping[str, Any]) -> Iterator[str]:
    where = [f"Not usable yet {each['where']}: {each['why']}" for each in definition.get("not_usable_in", ())]
    yield _list([*where, *definition.get("cautions", ())])


def _tripod(items: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    rows = "".join(
        f"<tr><td>{escape(each['number'])}</td><td>{escape(each['asks'])}</td>"
        f'<td class="{each["state"].replace(" ", "-")}">{escape(each["state"])}</td>'
        f"<td>{_link(each) if each['state'] == 'met' else escape(each['says'])}</td></tr>"
        for each in items
    )
    met = sum(each["state"] == "met" for each in items)
    ask = sum(each["state"] == "a person must say" for each in items)
    yield f"<p>{met} met, {len(items) - met - ask} not met, {ask} for a person to say.</p>"
    yield f"<table><tr><th>item</th><th>asks</th><th>state</th><th>where, or what lacks</th></tr>{rows}</table>"


def _link(item: Mapping[str, Any]) -> str:
    return f'<a href="#{item["section"]}">see</a>'


def _hazards(hazards: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    rows = [(each["id"], each["title"], "; ".join(each["evidence"] or ()), each["remains"] or "") for each in hazards]
    yield _table("Hazard log", ("id", "hazard", "tests that control it", "what remains"), rows)


def _made(model: Mapping[str, Any], made: Mapping[str, Any] | None) -> Iterator[str]:
    known = {"digest": model["digest"], "definition": model["fingerprint"], "trained on": model["trained_on"]}
    for name, value in (made or {}).items():
        told = ", ".join(f"{key} {each}" for key, each in value.items()) if isinstance(value, Mapping) else str(value)
        known[name.replace("_", " ")] = told
    yield _table("Hashes and versions", ("what", ""), list(known.items()))


def _table(caption: str, headings: Sequence[str], rows: Sequence[Sequence[str]], states_at: Sequence[int] = ()) -> str:
    def cell(at: int, text: str) -> str:
        css = f' class="{text.replace(" ", "-")}"' if at in states_at else ""
        return f"<td{css}>{escape(str(text))}</td>"

    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in headings)
    body = "".join(f"<tr>{''.join(cell(at, each) for at, each in enumerate(row))}</tr>" for row in rows)
    title = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f"<table>{title}<tr>{head}</tr>{body}</table>"


def _folded(summary: str, inside: str) -> str:
    """Opens without a script."""
    return f"<details><summary>{escape(summary)}</summary>{inside}</details>"


def _list(lines: Any) -> str:
    items = "".join(f"<li>{escape(each)}</li>" for each in lines)
    return f"<ul>{items}</ul>" if items else ""
