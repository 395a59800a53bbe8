"""One HTML page: the figures in a table, and pictures as SVG; no script, nothing fetched."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import duckdb

from synthetic import places
from synthetic.domains.growth import BOYS, REFERENCE_AGE
from synthetic.report.figures import REGISTERS, Compared

STYLE = """body{font-family:Arial,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem;color:#212b32}
table{border-collapse:collapse;width:100%;font-size:.9rem}th,td{text-align:left;padding:.25rem .6rem;
border-bottom:1px solid #d8dde0}td.n{text-align:right}tr.off td{background:#fff4d6}h2{margin-top:2.5rem}
svg{max-width:100%;height:auto}
.pics{display:flex;flex-wrap:wrap;gap:1.5rem}figure{margin:0}figcaption{font-size:.9rem;color:#4c6272}"""
BLUE, ORANGE, GREY = "#005eb8", "#d5281b", "#aeb7bd"


def page(compared: Sequence[Compared], con: duckdb.DuckDBPyConnection, people: int) -> str:
    """The report as HTML."""
    off = sum(one.state.startswith("off") for one in compared)
    told = sum(one.state in ("near", "off by more than a fifth") for one in compared)
    pictures = [_pyramid(con, region, at) for at, region in enumerate(places.REGIONS)]
    registers = [_register(compared, name) for name, *_ in REGISTERS[:6]]
    return f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Synthetic population</title>
<style>{STYLE}</style></head><body><h1>A synthetic North of England and London, beside published figures</h1>
<p>{people:,} made-up people. Nobody here is real: results on them prove machinery, never a clinical claim.
Counted as registered on 31 March 2025; published figures are
of the years beside them. Of {told} figures that can be told, {off} differ by more than a fifth: they are marked.</p>
<h2>People by age</h2><div class="pics">{"".join(pictures)}</div>
<h2>Registers by deprivation</h2><p>Bars: this population. Dots: published. Fifth 1 is the most deprived.</p>
<div class="pics">{"".join(registers)}</div>
<h2>Three people's kidneys</h2>{_kidneys(con)}
<h2>A child's growth</h2>{_growth(con)}
<h2>All figures</h2>{_table(compared)}</body></html>"""


def _table(compared: Sequence[Compared]) -> str:
    rows = []
    for one in compared:
        figure, mark = one.figure, ' class="off"' if one.state.startswith("off") else ""
        told = one.state in ("near", "off by more than a fifth")
        numbers = (f"{one.value:.1f}", f"{figure.published:.1f}", f"{one.ratio:.2f}" if told else "")
        cells = "".join(f'<td class="n">{number}</td>' for number in (*numbers, f"{one.people:,}"))
        words = "".join(f"<td>{escape(text)}</td>" for text in (figure.what, figure.region, figure.group))
        rows.append(f"<tr{mark}>{words}{cells}<td>{one.state}</td><td>{escape(figure.source)}</td></tr>")
    heads = ("what", "region", "group", "here, %", "published, %", "ratio", "people", "state", "source")
    top = "".join(f"<th>{head}</th>" for head in heads)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _svg(title: str, width: int, height: int, inside: str) -> str:
    return (
        f'<figure><svg role="img" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f"<title>{escape(title)}</title>{inside}</svg><figcaption>{escape(title)}</figcaption></figure>"
    )


def _pyramid(con: duckdb.DuckDBPyConnection, region: str, at: int) -> str:
    counts = con.execute(
        f"""SELECT least(floor(age / 5), 18)::INT, count(*) FILTER (NOT female), count(*) FILTER (female) FROM here
        WHERE region = '{region}' GROUP BY 1 ORDER BY 1"""
    ).fetchall()
    total = sum(men + women for _, men, women in counts) or 1
    official = places.people_of(at) / places.people_of(at).sum()
    parts = []
    for band, men, women in counts:
        top = 330 - 17 * band
        for number, sign, colour in ((men, -1, BLUE), (women, 1, ORANGE)):
            wide = 2400 * number / total
            left = 200 + (0 if sign > 0 else -wide)
            parts.append(f'<rect x="{left:.1f}" y="{top}" width="{wide:.1f}" height="14" fill="{colour}"/>')
        half = 2400 * official[band] / 2
        parts.append(
            f'<path d="M{200 - half:.1f} {top}v14M{200 + half:.1f} {top}v14" stroke="#212b32" stroke-width="2"/>'
            f'<text x="2" y="{top + 11}" font-size="10">{5 * band}</text>'
        )
    return _svg(f"{region}: men left, women right; ticks are the official numbers, halved", 400, 360, "".join(parts))


def _register(compared: Sequence[Compared], name: str) -> str:
    mine = [one for one in compared if one.figure.what == name and one.figure.group.startswith("fifth")]
    most = max([*(one.value for one in mine), *(one.figure.published for one in mine), 0.1])
    parts = []
    for at, one in enumerate(mine):
        left, tall = 10 + 28 * at + (12 if at > 4 else 0), 130 * one.value / most
        colour = ORANGE if one.figure.region == "London" else BLUE
        dot = 150 - 130 * one.figure.published / most
        parts.append(
            f'<rect x="{left}" y="{150 - tall:.1f}" width="20" height="{tall:.1f}" fill="{colour}" opacity=".6"/>'
            f'<circle cx="{left + 10}" cy="{dot:.1f}" r="4" fill="#212b32"/>'
            f'<text x="{left + 6}" y="165" font-size="10">{one.figure.group[-1]}</text>'
        )
    return _svg(f"{name}, up to {most:.1f}%: London (red), North (blue)", 320, 172, "".join(parts))


def _line(points: Sequence[tuple[float, float]], colour: str) -> str:
    path = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    return f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="2"/>' if points else ""


def _kidneys(con: duckdb.DuckDBPyConnection) -> str:
    """Three people with low kidney function, watched for long: the truth as a line, what was measured as dots."""
    chosen = con.execute(
        """SELECT person_id FROM true_kidneys GROUP BY 1 HAVING count(*) >= 12 AND min(egfr) < 45 AND max(egfr) > 55
        ORDER BY 1 LIMIT 3"""
    ).fetchall()
    parts = []
    for (person,) in chosen:
        true = con.execute(
            "SELECT year(day), egfr FROM true_kidneys WHERE person_id = ? ORDER BY 1", [person]
        ).fetchall()
        seen = con.execute(
            """SELECT year(measurement_date) + (dayofyear(measurement_date) / 365.0), value_as_number FROM measurement
            WHERE person_id = ? AND measurement_concept_id IN (40764999, 44790183) AND value_as_number < 150""",
            [person],
        ).fetchall()

        def at(year: float, egfr: float) -> tuple[float, float]:
            return 20 + 18 * (year - 2006), 170 - 1.5 * min(float(egfr), 110.0)

        dots = "".join(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{ORANGE}"/>' for x, y in (at(*s) for s in seen))
        limit = _line([at(2006, 60), at(2026, 60)], GREY)
        parts.append(_svg("eGFR 2006 to 2025: truth (line), laboratory (dots), 60 (grey)", 400, 180,
                          limit + _line([at(*t) for t in true], BLUE) + dots))  # fmt: skip
    return f'<div class="pics">{"".join(parts)}</div>' if parts else "<p>Nobody in this population.</p>"


def _growth(con: duckdb.DuckDBPyConnection) -> str:
    """Body mass of three children from height and weight of one day."""
    rows = con.execute(
        """WITH points AS (SELECT p.person_id, date_diff('day', make_date(year_of_birth, month_of_birth, day_of_birth),
          w.measurement_date) / 365.25 AS years, w.value_as_number / pow(t.value_as_number / 100, 2) AS bmi
        FROM measurement w JOIN measurement t USING (person_id, measurement_date) JOIN person p USING (person_id)
        WHERE w.measurement_concept_id = 3025315 AND w.unit_concept_id = 9529 AND t.measurement_concept_id = 3036277
          AND t.value_as_number BETWEEN 45 AND 200 AND w.value_as_number BETWEEN 2 AND 150)
        SELECT person_id, list((years, bmi) ORDER BY years) FROM points WHERE bmi BETWEEN 9 AND 50
        GROUP BY 1 HAVING count(*) >= 5 ORDER BY 1 LIMIT 3"""
    ).fetchall()

    def at(years: float, bmi: float) -> tuple[float, float]:
        return 20 + 20 * float(years), 260 - 9 * float(bmi)

    middle = _line([at(age, row[1]) for age, row in zip(REFERENCE_AGE, BOYS, strict=True)], GREY)
    colours = (BLUE, ORANGE, "#007f3b")
    lines = "".join(_line([at(*p) for p in points], colours[n]) for n, (_, points) in enumerate(rows))
    title = "Body mass index by age, 0 to 18; grey is the middle of the UK-WHO reference for boys"
    return _svg(title, 400, 180, middle + lines)
