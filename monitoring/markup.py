"""HTML of the page: text is escaped, tables have captions and headings that a screen reader finds, no script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from evaluation.states import State


@dataclass(frozen=True)
class Markup:
    """Text that is HTML already; everything else is escaped on its way into the page."""

    html: str


Content = str | Markup


def html(content: Content) -> str:
    """HTML as it is, text escaped.

    >>> html("under 60 & over"), html(Markup("<b>2</b>"))
    ('under 60 &amp; over', '<b>2</b>')
    """
    return content.html if isinstance(content, Markup) else escape(content)


def element(name: str, *parts: Content, css: str = "", **attributes: str) -> Markup:
    """One element; an attribute's underscore is a hyphen.

    >>> element("p", "1 < 2", css="small").html
    '<p class="small">1 &lt; 2</p>'
    """
    named = ({"class": css} if css else {}) | {
        key.rstrip("_").replace("_", "-"): each for key, each in attributes.items()
    }
    opened = "".join(f' {key}="{escape(each)}"' for key, each in named.items())
    return Markup(f"<{name}{opened}>{''.join(html(part) for part in parts)}</{name}>")


def joined(*parts: Content) -> Markup:
    """Parts one after another."""
    return Markup("\n".join(html(part) for part in parts))


def tag(state: State) -> Markup:
    """A state as a word in a coloured box: the word says it, the colour helps to find it."""
    return element("strong", state[:1].upper() + state[1:], css=f"tag {state.replace(' ', '-')}")


def table(caption: str, headings: Sequence[str], rows: Sequence[Sequence[Content]], *, numbers_from: int = 1) -> Markup:
    """A table whose first column names the rows; columns from `numbers_from` on are set to the right."""

    def css(at: int) -> str:
        return "number" if at >= numbers_from else ""

    head = element("tr", *(element("th", name, scope="col", css=css(at)) for at, name in enumerate(headings)))
    body = [
        element(
            "tr",
            element("th", row[0], scope="row"),
            *(element("td", cell, css=css(at)) for at, cell in enumerate(row[1:], start=1)),
        )
        for row in rows
    ]
    whole = element("table", element("caption", caption), element("thead", head), element("tbody", *body))
    # A wide table scrolls by itself on a narrow screen; focus lets a keyboard scroll it.
    return element("div", whole, css="wide", tabindex="0", role="region", aria_label=caption)


def section(name: str, heading: str, *parts: Content) -> Markup:
    """A part of the page with its heading; `name` is where links lead."""
    return element(
        "section", element("h2", heading, id=f"{name}-heading"), *parts, id=name, aria_labelledby=f"{name}-heading"
    )


def bullets(lines: Sequence[Content]) -> Markup:
    """A list."""
    return element("ul", *(element("li", line) for line in lines))


def defined(terms: Sequence[tuple[str, str]]) -> Markup:
    """Terms and what they mean."""
    return bullets([element("span", element("strong", term), f": {text.rstrip('.')}.") for term, text in terms])


def page(title: str, *parts: Content) -> str:
    """The whole page, which needs nothing from anywhere else."""
    return (
        '<!DOCTYPE html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{CSS}</style>\n</head>\n<body>\n"
        '<a class="skip" href="#main">Skip to main content</a>\n'
        f"{joined(*parts).html}\n</body>\n</html>\n"
    )


CSS = """
*{box-sizing:border-box}
body{margin:0;font:17px/1.5 Arial,Helvetica,sans-serif;color:#212b32;background:#f0f4f5}
header{background:#005eb8;color:#fff;padding:18px 0}
header p{margin:0;font-weight:bold}
header p+p{font-weight:normal;font-size:16px}
.inner{max-width:1080px;margin:0 auto;padding:0 20px}
main{padding:8px 0 40px}
h1{font-size:36px;line-height:1.2;margin:24px 0 12px}
h2{font-size:26px;line-height:1.25;margin:0 0 12px}
h3{font-size:20px;margin:28px 0 8px}
section,.card{background:#fff;border:1px solid #d8dde0;padding:24px;margin:0 0 24px}
p{max-width:46em}
li{max-width:46em;margin-bottom:6px;overflow-wrap:anywhere}
a{color:#005eb8}a:focus,[tabindex]:focus{outline:3px solid #ffeb3b;outline-offset:2px}
.skip{position:absolute;left:-999px}.skip:focus{left:8px;top:8px;background:#ffeb3b;padding:8px;color:#212b32}
.demonstration{border-left:8px solid #005eb8;background:#fff;padding:14px 20px;margin:0 0 24px}
.demonstration p{margin:0}
.wide{overflow-x:auto;margin-bottom:16px}
table{border-collapse:collapse;width:100%;font-size:16px}
caption{text-align:left;font-weight:bold;font-size:17px;padding:8px 0}
th,td{text-align:left;vertical-align:top;padding:9px 14px 9px 0;border-bottom:1px solid #d8dde0}
thead th{border-bottom:2px solid #aeb7bd;vertical-align:bottom}
tbody th{font-weight:normal;min-width:6.5em}
.number{text-align:right;padding:9px 0 9px 14px;font-variant-numeric:tabular-nums}
.below{display:block;font-size:14px;line-height:1.35;color:#4c6272;margin-top:4px}
.after{display:block;margin-top:8px}
.figure{white-space:nowrap}
.tag{display:inline-block;font-size:14px;line-height:1.2;padding:3px 7px;border:1px solid;white-space:nowrap}
.breach{background:#f7d4d1;color:#6d0c14;border-color:#b10e1e}
.watch{background:#fff3c4;color:#594100;border-color:#a57c00}
.insufficient{background:#e8edee;color:#353d43;border-color:#768692}
.not-run{background:#fff;color:#353d43;border:1px dashed #768692}
.pass{background:#d5e8dd;color:#00401e;border-color:#007f3b}
.forest{width:100%;max-width:820px;height:auto;font:14px Arial,Helvetica,sans-serif;fill:#212b32;margin:4px 0 16px}
details{margin:0 0 16px}summary{cursor:pointer;color:#005eb8;text-decoration:underline;padding:4px 0}
footer{font-size:14px;color:#4c6272;padding-bottom:40px;overflow-wrap:anywhere}
@media(max-width:640px){section{padding:16px}h1{font-size:28px}table{font-size:15px}}
@media print{body{background:#fff}section{border:0;padding:0}.skip{display:none}}
"""
