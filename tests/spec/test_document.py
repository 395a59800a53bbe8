"""The page made of these tables."""

from tests.spec.document import CHAPTERS, DOCUMENT, HERE, document


def test_the_page_of_the_language_is_that_of_these_tables():
    assert DOCUMENT.read_text() == document(), "run python -m tests.spec.document"


def test_every_family_of_words_is_a_chapter():
    assert set(CHAPTERS) == {path.stem for path in HERE.glob("test_*.py")} - {"test_document", "test_words"}
