"""No-break spaces: a number stays with its unit and with its name, and code is copied as it was written."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup
from docutils import nodes

from tests.built_book import BuiltBook
from tests.extensions import extension
from tests.site.pages import EXERCISES, PAGES

no_break = extension("no_break")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("takes 204 kB, 1.5 GB or 246 ms", "takes 204~kB, 1.5~GB or 246~ms"),
        ("in chapter\n4, Fig. 12 and Chapters 5 and 6", "in chapter~4, Fig.~12 and Chapters~5 and 6"),
        ("formula (12) of head 0", "formula~(12) of head~0"),
        ("98 % of 325 pairs", "98~% of 325 pairs"),
        ("Paul mange …, he said", "Paul mange~…, he said"),
        ("He eats a book. … mange un livre …", "He eats a book. …~mange un livre~…"),
        ("… mange un …", "…~mange un~…"),
        ("between 1 = hide and\nTrue = keep, so -1 = -x", "between 1~=~hide and\nTrue~=~keep, so −1 = -x"),
        ("a number = anything, x == y", "a number = anything, x == y"),
        ("4 sentences, 3 minutes, 2 bytes, 5 m", "4 sentences, 3 minutes, 2 bytes, 5 m"),
        ("(-0.451, 0.2) and -1, 3-4 of 2-3, 1e-5, --5", "(−0.451, 0.2) and −1, 3-4 of 2-3, 1e-5, --5"),
        ("a subhead 3, 4 s_t and 5 kB_x", "a subhead 3, 4 s_t and 5 kB_x"),
    ],
)
def test_which_spaces_hold(text: str, kept: str) -> None:
    assert no_break.unbroken([text]) == [kept.replace("~", no_break.NO_BREAK)]


def test_links_and_pasted_numbers_are_joined_and_code_is_not() -> None:
    line = nodes.paragraph(
        "", "", nodes.Text("See"), nodes.Text("\n"), nodes.reference("", "chapter 4"), nodes.Text(", ")
    )
    line += [nodes.inline("", "246", classes=["pasted-text"]), nodes.Text("\n"), nodes.emphasis("", "ms in chapter")]
    line += [nodes.Text(" 5 with "), nodes.literal("", "chapter 6"), nodes.Text(" and "), nodes.literal("", "head")]
    line += [nodes.Text(" 7")]
    no_break.keep_numbers(line)
    assert [child.astext().replace(no_break.NO_BREAK, "~") for child in line] == [
        *("See", "\n", "chapter~4", ", ", "246", "~", "ms in chapter"),
        *("~5 with ", "chapter 6", " and ", "head", "~7"),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("of top-k and top-p, (n-grams) and 5-grams.", ["top-k", "top-p", "n-grams", "5-grams"]),
        ("a k-th x-axis, 0-dimensional", ["k-th", "x-axis", "0-dimensional"]),
        ("pre-norm, one-to-one, 3-4, size-1, a-b, --a-row, e-3-d, x - y", []),
    ],
)
def test_which_words_with_a_hyphen_stay_whole(text: str, words: list[str]) -> None:
    pieces = no_break.hyphened(text)
    assert "".join(pieces) == text and pieces[1::2] == words


def test_words_that_stay_whole_are_spans_and_code_is_left_alone() -> None:
    line = nodes.paragraph("", "", nodes.Text("n-grams, top-k of "), nodes.literal("", "top-k"))
    line += nodes.reference("", "", nodes.Text("a top-p"))
    no_break.keep_words(line)
    assert [(type(child).__name__, child.astext()) for child in line] == [
        *(("inline", "n-grams"), ("Text", ", "), ("inline", "top-k"), ("Text", " of ")),
        *(("literal", "top-k"), ("reference", "a top-p")),
    ]
    assert [child.get("classes") for child in line.findall(nodes.inline)] == [["whole"]] * 3


def test_the_cells_of_a_table_that_code_has_shown_are_kept_and_nothing_else() -> None:
    cells = "<tr><td>9.37 MB</td><td><b>NumPy</b> (chapter 2)</td></tr>"
    html = f"<p>5 kB</p><table class='table'>{cells}</table><table class='x'>{cells}</table>"
    kept = cells.replace("7 M", "7\N{NO-BREAK SPACE}M").replace("r 2", "r\N{NO-BREAK SPACE}2")
    assert no_break.keep_cells(html) == html.replace(cells, kept, 1)


def test_a_title_and_a_listing_keep_their_spaces() -> None:
    for kind in (nodes.title, nodes.literal_block, nodes.math_block, nodes.reference):
        assert not no_break.is_block(kind("", "chapter 4"))
    for kind in (nodes.paragraph, nodes.caption, nodes.term):
        assert no_break.is_block(kind("", "chapter 4"))


@pytest.mark.parametrize("name", [*PAGES, *EXERCISES])
def test_on_no_page_a_line_may_end_before_a_number(built_book: BuiltBook, name: str) -> None:
    page = BeautifulSoup((built_book.html / f"{name}.html").read_bytes(), "lxml")
    for code in page.select("pre, code, script, style, svg, .math, .seeing, .book-figure, .caption-number"):
        code.decompose()
    for word in page.select(".whole"):
        word.replace_with("w")
    broken = re.compile(
        r"\b(?:[Cc]hapters?|Fig\.|Listing)[ \n]\(?\d|\d[ \n](?:[kMG]B|ms)\b|[^\s.!?][ \n]…|" + no_break.HYPHENED.pattern
    )
    assert [
        found[0] for block in page.select("article :is(p, td, figcaption)") if (found := broken.search(block.text))
    ] == []
