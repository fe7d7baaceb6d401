"""Each row of "From the notes to the book" points to a section that is there, and to what shows it."""

import pytest

from autograder.course.answer_key import load_key
from tests.chapters import ROOT
from tests.extensions import extension

the_notes = extension("from_the_notes")
BOOK = ROOT / "book"
ITEMS = the_notes.read_items(BOOK / "_data" / "from_the_notes.yml")
NOTES = {item.note for item in ITEMS}


@pytest.mark.parametrize("page", sorted({item.page for item in ITEMS}))
def test_each_section_is_there(page):
    headings = the_notes.headings_of(BOOK / f"{page}.md")
    assert {item.anchor for item in ITEMS if item.page == page} <= set(headings)


@pytest.mark.parametrize("page", sorted({item.page for item in ITEMS}))
def test_what_shows_an_item_is_there(page):
    missing = [
        f"{item.what}: {kind} {words}"
        for item in ITEMS
        if item.page == page
        for kind, words in item.shown_by
        if not stands(kind, words, page)
    ]
    assert not missing, "\n".join(missing)


def stands(kind, words, page):
    """Say whether the words stand in the page or the notebook's source, or the key has the check."""
    if kind == "check":
        return words in load_key(ROOT / "solutions" / f"{page}_key.py").by_name
    source = BOOK / f"{page}.md" if kind == "page" else ROOT / "solutions" / f"{page}.py"
    return " ".join(words.split()) in " ".join(source.read_text(encoding="utf-8").split())


def test_no_item_stands_twice():
    told = [(item.note, item.what) for item in ITEMS]
    assert len(told) == len(set(told)) and len(NOTES) > 3


@pytest.mark.parametrize(
    "row",
    [
        {"what": "a thing", "page": "words"},
        {"what": "a thing", "where": "page", "page": "words"},
        {"what": "a thing", "where": "page#anchor"},
        {"what": "a thing", "where": "page#anchor", "page": "words", "pgae": "words"},
    ],
)
def test_a_row_that_points_nowhere_is_refused(row):
    with pytest.raises(ValueError, match="lacks what, where"):
        list(the_notes.items_of([{"note": "a note", "items": [row]}]))
