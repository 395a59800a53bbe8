"""Figures of the evidence page as SVG: they need no script, and each says in words what it shows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from itertools import pairwise
from typing import Any

WIDTH, HEIGHT, EDGE = 420, 320, 62
ROW, LABELS, NAME = 24, 250, 34
INK, PALE, LINE = "#212b32", "#aeb7bd", "#005eb8"


def calibration(points: Sequence[Mapping[str, Any]]) -> str:
    """Observed against expected risk of ten groups by risk, with intervals, beside the line of equality; "" if none may
    be shown."""
    shown = [each for each in points if each["expected"] is not None and each["observed"]["value"] is not None]
    if not shown:
        return ""
    most = _round_up(max([each["expected"] for each in shown] + [each["observed"]["high"] or 0 for each in shown]))
    parts = [
        _axes(most, "risk", "observed", [(0, "0"), (most, f"{most:g}")]),
        _line([(0, 0), (most, most)], most, PALE),
    ]
    for each in shown:
        x, observed = each["expected"], each["observed"]
        parts.append(_line([(x, observed["low"]), (x, observed["high"])], most, INK))
        parts.append(_dot(x, observed["value"], most))
    said = "; ".join(f"risk {each['expected']:.1%}: observed {each['observed']['value']:.1%}" for each in shown)
    return _svg(WIDTH, HEIGHT, "Observed against predicted risk, in ten groups by risk", said, parts)


def decision(thresholds: Sequence[Mapping[str, Any]]) -> str:
    """Net benefit of acting by the model over the better of everybody and nobody, at each threshold."""
    shown = [each for each in thresholds if each["gain"]["value"] is not None and each["gain"]["low"] is not None]
    if not shown:
        return ""
    most = _round_up(max(each["threshold"] for each in shown) * 1.1)
    reach = max(max(abs(each["gain"]["low"]), abs(each["gain"]["high"])) for each in shown) or 1.0
    marks = [(_half(each, reach, most), f"{each:.2g}") for each in (-reach, 0.0, reach)]
    parts = [
        _axes(most, "threshold", "net benefit gained", marks),
        _line([(0, most / 2), (most, most / 2)], most, PALE),
    ]
    for each in shown:
        x, (low, value, high) = each["threshold"], (_half(each["gain"][name], reach, most) for name in _ENDS)
        parts += [_line([(x, low), (x, high)], most, INK), _dot(x, value, most)]
    said = "; ".join(f"at {each['threshold']:.1%}: {each['gain']['value']:+.4f}" for each in shown)
    return _svg(WIDTH, HEIGHT, "Net benefit gained over the better of acting on everybody and on nobody", said, parts)


def decision_curve(points: Sequence[Mapping[str, Any]]) -> str:
    """Net benefit over the threshold: of the model (points and intervals), of acting on everybody, of nobody (0)."""
    shown = [each for each in points if each["net_benefit"]["value"] is not None]
    if not shown:
        return ""
    most, top = _round_up(shown[-1]["threshold"]), max(each["net_benefit"]["value"] for each in shown)
    top = max(top, *(each["treat_all"]["value"] or 0 for each in shown), 1e-4)

    def at(each: Mapping[str, Any], name: str) -> tuple[float, float]:
        # Far below 0 there is nothing to read: a third of the height is left for it.
        return each["threshold"], (max(each[name]["value"], -top / 2) / top + 0.5) * most / 1.5

    marks = [(most / 3, "0"), (most, f"{top:.2g}")]
    parts = [_axes(most, "threshold", "net benefit", marks), _line([(0, most / 3), (most, most / 3)], most, PALE)]
    everybody = [at(each, "treat_all") for each in shown if each["treat_all"]["value"] is not None]
    parts += [_line(list(pair), most, INK) for pair in pairwise(everybody)]
    ours = [at(each, "net_benefit") for each in shown]
    parts += [_line(list(pair), most, LINE) for pair in pairwise(ours)]
    parts += [_dot(*point, most) for point in ours]
    said = "; ".join(f"at {each['threshold']:.1%}: {each['net_benefit']['value']:.4f}" for each in shown)
    return _svg(WIDTH, HEIGHT, "Net benefit: the model (blue), everybody (black), nobody (grey)", said, parts)


_ENDS = ("low", "value", "high")


def forest(rows: Sequence[tuple[str, Mapping[str, Any]]], title: str, around: float = 1.0, log: bool = True) -> str:
    """One line for each group with its interval; groups without a figure are named and left blank."""
    if not rows:
        return ""
    known = [each for _, each in rows if each["value"] is not None and each["low"] is not None]
    reach = max([0.5, *(abs(_scale(each[end], log) - _scale(around, log)) for each in known for end in _ENDS)])
    height = ROW * len(rows) + 30

    def x(value: float) -> float:
        along = (_scale(value, log) - _scale(around, log)) / (2 * reach) + 0.5
        return round(LABELS + min(max(along, 0.0), 1.0) * (WIDTH * 1.6 - LABELS - 20), 1)

    parts = [f'<line x1="{x(around)}" y1="4" x2="{x(around)}" y2="{height - 24}" stroke="{PALE}"/>']
    said = []
    for at, (name, each) in enumerate(rows):
        y = ROW * at + 16
        parts.append(f'<text x="0" y="{y + 4}" font-size="13" fill="{INK}">{escape(_short(name))}</text>')
        if each["value"] is None or each["low"] is None:
            parts.append(f'<text x="{LABELS}" y="{y + 4}" font-size="13" fill="{INK}">not shown</text>')
            continue
        parts.append(f'<line x1="{x(each["low"])}" y1="{y}" x2="{x(each["high"])}" y2="{y}" stroke="{INK}"/>')
        parts.append(f'<circle cx="{x(each["value"])}" cy="{y}" r="4" fill="{LINE}"/>')
        said.append(f"{name}: {each['value']:.2f} ({each['low']:.2f} to {each['high']:.2f})")
    return _svg(int(WIDTH * 1.6), height, title, "; ".join(said), parts)


def _short(name: str) -> str:
    """A name that fits beside the line; the description of the figure has the whole one."""
    return name if len(name) <= NAME else f"{name[: NAME - 1]}…"


def _scale(value: float, log: bool) -> float:
    return math.log(max(value, 0.05)) if log else value


def _half(gain: float, reach: float, most: float) -> float:
    return most / 2 + gain / reach * most * 0.45


def _round_up(value: float) -> float:
    """To a number that an axis can end with.

    >>> _round_up(0.37), _round_up(0.0042)
    (0.4, 0.005)
    """
    size = 10 ** math.floor(math.log10(max(value, 1e-6)))
    return float(round(math.ceil(value / size) * size, 10))


def _place(x: float, y: float, most: float) -> tuple[float, float]:
    across, up = WIDTH - EDGE - 10, HEIGHT - EDGE - 10
    return round(EDGE + x / most * across, 1), round(10 + (1 - y / most) * up, 1)


def _line(points: Sequence[tuple[float, float]], most: float, colour: str) -> str:
    (x1, y1), (x2, y2) = (_place(*point, most) for point in points)
    return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{colour}"/>'


def _dot(x: float, y: float, most: float) -> str:
    across, up = _place(x, y, most)
    return f'<circle cx="{across}" cy="{up}" r="4" fill="{LINE}"/>'


def _axes(most: float, across: str, up: str, marks: Sequence[tuple[float, str]]) -> str:
    """Both axes, named; `marks` are heights and what is written there."""
    x, y = _place(0, 0, most)
    right, top = _place(most, most, most)
    written = "".join(
        f'<text x="{x - 6}" y="{_place(0, at, most)[1] + 4}" font-size="12" text-anchor="end">{escape(text)}</text>'
        for at, text in marks
    )
    return written + (
        f'<path d="M{x} {top}V{y}H{right}" fill="none" stroke="{INK}"/>'
        f'<text x="{x}" y="{y + 18}" font-size="12">0</text>'
        f'<text x="{right - 30}" y="{y + 18}" font-size="12">{most:g}</text>'
        f'<text x="{(x + right) / 2}" y="{y + 34}" font-size="12" text-anchor="middle">{escape(across)}</text>'
        f'<text x="14" y="{(top + y) / 2}" font-size="12" text-anchor="middle" '
        f'transform="rotate(-90 14 {(top + y) / 2})">{escape(up)}</text>'
    )


def captioned(svg: str) -> str:
    """A figure of a page, its title in sight; nothing of nothing."""
    title = svg.partition("<title>")[2].partition("</title>")[0]
    return f"<figure><figcaption>{title}</figcaption>{svg}</figure>" if svg else ""


def _svg(width: int, height: int, title: str, said: str, parts: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {width} {height}" width="{width}" role="img"><title>{escape(title)}</title>'
        f"<desc>{escape(said)}</desc>{''.join(parts)}</svg>"
    )
