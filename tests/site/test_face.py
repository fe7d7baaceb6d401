"""The book's face: numbers above titles, headings in order, typefaces, pictures of the cards, code under drawings."""

from __future__ import annotations

import re
from itertools import product
from xml.etree import ElementTree

import pytest
from bs4 import BeautifulSoup
from docutils import nodes
from docutils.frontend import get_default_settings
from docutils.utils import new_document

from tests.built_book import ROOT, BuiltBook
from tests.extensions import extension
from tests.site.browser import DESK, PHONE, Browser
from tests.site.pages import CHAPTERS, EXERCISES

titles, pictures = map(extension, ("titles", "pictures"))
FONTS = ROOT / "book" / "_static" / "fonts"


def soup(book: BuiltBook, page: str) -> BeautifulSoup:
    """Return a built page."""
    return BeautifulSoup((book.html / f"{page}.html").read_text(encoding="utf-8"), "html.parser")


# --- titles and headings ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "number"),
    [("Chapter 10. What it costs", "Chapter 10. "), ("Masks", ""), ("Chapter and verse. Masks", "")],
)
def test_the_number_of_a_title_is_set_apart_and_its_text_stays(title: str, number: str) -> None:
    page = new_document("page", get_default_settings())
    page += nodes.section("", nodes.title("", title))
    titles.raise_numbers(None, page, "page")
    heading = next(page.findall(nodes.title))
    assert heading.astext() == title
    apart = [one.astext() for one in heading.findall(nodes.inline) if "chapter-number" in one["classes"]]
    assert apart == ([number] if number else [])


@pytest.mark.slow
def test_a_title_begins_with_its_number(built_book: BuiltBook) -> None:
    for page in (*CHAPTERS, *EXERCISES):
        number = int(re.search(r"\d\d", page)[0])
        name = f"{'Exercise' if page in EXERCISES else 'Chapter'} {number}"
        text = (built_book.html / f"{page}.html").read_text(encoding="utf-8")
        assert f'<h1><span class="chapter-number">{name}<span class="visually-hidden">. </span></span>' in text


@pytest.mark.slow
def test_the_contents_show_the_number_of_a_chapter_and_say_all_of_it(built_book: BuiltBook) -> None:
    links = soup(built_book, "index").select(".bd-sidebar-primary .bd-links a.reference")
    said = {link.get_text(strip=False).strip() for link in links}
    for unseen in [link.select_one(".visually-hidden") for link in links]:
        if unseen is not None:
            assert unseen.extract().text == "Chapter "
    seen = {link.get_text().strip() for link in links}
    for page in CHAPTERS:
        title = re.search("^# (.+)$", (ROOT / "book" / f"{page}.md").read_text(encoding="utf-8"), re.MULTILINE)[1]
        assert title in said and title.removeprefix("Chapter ") in seen and title not in seen


SIZES = """
const size = one => parseFloat(getComputedStyle(document.querySelector(`article ${one}`)).fontSize);
return ["h1", "h2", "h3", "section > p strong", "h1 > .chapter-number"].map(size);
"""


@pytest.mark.slow
def test_headings_are_larger_than_what_stands_below_them(built_book: BuiltBook, browser: Browser) -> None:
    browser.open(built_book.html / "08_training_a_chatbot.html")
    for width, theme in product((DESK, PHONE), ("light", "dark")):
        browser.resize(width)
        browser.theme(theme)
        assert browser.wait("return innerWidth === arguments[0]", width)
        first, second, third, bold, number = browser.run(SIZES)
        assert first > 1.15 * second > 1.15**2 * third > 1.15**3 * bold and number < third, (width, theme)


# --- typefaces ----------------------------------------------------------------------------------------------------


def test_typefaces_are_few_and_their_licence_lies_beside_them() -> None:
    files = sorted(FONTS.glob("*.woff2"))
    assert sum(file.stat().st_size for file in files) < 120_000
    named = re.findall(r'url\("fonts/([^"]+)"\)', (FONTS.parent / "face.css").read_text(encoding="utf-8"))
    assert sorted(named) == [file.name for file in files]
    licence, origin = ((FONTS / name).read_text(encoding="utf-8") for name in ("OFL.txt", "ORIGIN.txt"))
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert all(file.name in licence and file.name in origin for file in files)
    assert "book/_static/fonts/" in (ROOT / "LICENSE").read_text(encoding="utf-8")


FACES = """
const bare = name => name.split(",")[0].replaceAll('"', "");
const shown = selector => bare(getComputedStyle(document.querySelector(selector)).fontFamily);
const loaded = [...document.fonts].filter(face => face.status === "loaded").map(face => bare(face.family));
const wanted = ["Book Serif", "Book Sans"];
return wanted.every(one => loaded.includes(one)) && [shown("article section > p"), shown("article h1")];
"""


@pytest.mark.slow
def test_text_and_headings_are_set_in_the_books_own_faces(built_book: BuiltBook, browser: Browser) -> None:
    browser.open(built_book.html / "index.html")
    assert browser.wait(FACES) == ["Book Serif", "Book Sans"]


# --- the front page -----------------------------------------------------------------------------------------------


HEIGHTS = """
const [families, done] = arguments, drawn = document.createElement("canvas").getContext("2d");
const high = async family => {
  await document.fonts.load(`1000px "${family}"`);
  drawn.font = `1000px "${family}"`;
  const {fontBoundingBoxAscent: above, fontBoundingBoxDescent: below} = drawn.measureText("Hx");
  return [above / 10, below / 10];
};
Promise.all(families.map(high)).then(done);
"""
NEAR = re.compile(
    r'font-family: "Near(?:ly)? (\w+)";.* size-adjust: (.+?)%; ascent-override: (.+?)%; descent-override: (.+?)%; line'
)


def test_the_systems_faces_are_set_as_high_as_the_books_own(built_book: BuiltBook, browser: Browser) -> None:
    near = [line for line in (FONTS.parent / "face.css").read_text(encoding="utf-8").splitlines() if '"Near' in line]
    faces = [NEAR.search(line).groups() for line in near if line.startswith("@font-face")]
    assert len(faces) == 8
    browser.open(built_book.html / "glossary.html", DESK)
    own = browser.driver.execute_async_script(HEIGHTS, ["Book Serif", "Book Sans"])
    for family, size, *parts in faces:
        wanted = own[["Serif", "Sans"].index(family)]
        for part, high in zip(parts, wanted, strict=True):
            assert float(part) * float(size) / 100 == pytest.approx(high, abs=0.1), family


def test_every_chapter_has_a_small_picture_in_the_themes_colours() -> None:
    assert list(pictures.PICTURES) == CHAPTERS, "draw each chapter's picture in book/_ext/pages/pictures.py"
    for page in CHAPTERS:
        drawn, sentence = pictures.picture(page)
        assert len(drawn) < 10_000 and sentence.endswith(".")
        root = ElementTree.fromstring(drawn)
        assert root.get("aria-hidden") == "true", "the sentence below it says it"
        colours = {one.get(name) for one in root.iter() for name in ("fill", "stroke")} - {None}
        assert colours <= {"currentColor", "var(--book-query)", "var(--book-key)", "var(--book-value)"}
    assert len({pictures.picture(page)[0] for page in CHAPTERS}) == len(CHAPTERS)


def test_a_chapter_of_ones_own_needs_no_picture() -> None:
    assert pictures.picture("09_cosine_similarity") is None


BOTTOMS = """
const shown = document.querySelectorAll(".front-buttons a, .front-opening + *");
return [...shown].map(one => one.getBoundingClientRect().bottom);
"""


@pytest.mark.slow
def test_the_buttons_of_the_front_page_are_seen_at_once(built_book: BuiltBook, browser: Browser) -> None:
    buttons = soup(built_book, "index").select(".front-buttons a")
    exercise = "exercises/02_dot_product_attention.html" if EXERCISES else "02_dot_product_attention.html#exercise"
    assert {button.text: button["href"] for button in buttons} == {
        "Start reading": "01_seq2seq_limits.html",
        "Do an exercise": exercise,
    }
    browser.open(built_book.html / "index.html", PHONE)
    *places, _ = browser.run(BOTTOMS)
    assert len(places) == 2 and max(places) < 640
    browser.resize(1440)
    assert browser.wait(
        f"const found = (() => {{ {BOTTOMS} }})(); return Math.max(...found) < 900 && found.length === 3"
    )


# --- code under drawings ------------------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("page", CHAPTERS)
def test_the_code_of_a_drawing_is_offered_below_it_and_nowhere_else(page: str, built_book: BuiltBook) -> None:
    cells = soup(built_book, page).select("article .cell:has(> details.hide)")
    for cell in cells:
        folded = cell.select_one(":scope > details.hide")
        drawn = bool(cell.select(".book-figure"))
        assert ("drawing-code" in folded["class"]) == drawn
        assert drawn or "drawing" not in folded.summary.text, folded.summary.text
        assert not drawn or folded.find_previous_sibling(class_="cell_output"), "below the drawing"
    assert any("Show the drawing code" in cell.text for cell in cells)
