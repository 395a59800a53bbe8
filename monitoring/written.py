"""The files of a review: the page, monitor.json and Evidently's pages beside them."""

from __future__ import annotations

from pathlib import Path

from monitoring.document import text
from monitoring.report import report
from monitoring.review import Review

PAGE, DOCUMENT, EVIDENTLY = "index.html", "monitor.json", "evidently"


def write(review: Review, folder: Path) -> tuple[Path, ...]:
    """Write the page and the document into `folder`; return them and Evidently's pages, which lie there already."""
    folder.mkdir(parents=True, exist_ok=True)
    beside = sorted((folder / EVIDENTLY).glob("*.html"))
    page, document = folder / PAGE, folder / DOCUMENT
    document.write_text(text(review), encoding="utf-8")
    page.write_text(report(review, tuple(f"{EVIDENTLY}/{path.name}" for path in beside)), encoding="utf-8")
    return page, document, *beside
