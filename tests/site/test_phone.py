"""A phone of 320 pixels: tables fit, the mark is there, no triangle stands alone, pictures can be opened."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from tests.built_book import BuiltBook
from tests.site.browser import PHONE, Browser
from tests.site.pages import ALL_PAGES, CHAPTERS, EXERCISES, PAGES

pytestmark = pytest.mark.slow

# Tables whose columns are all code, of which one would be sorry to see a line broken once more: they scroll.
SCROLLS = {"step NumPy TensorFlow PyTorch"}
TABLES = """
return [...document.querySelectorAll("article table")].filter(one => one.offsetParent).map(one => {
  let room = one.parentElement;
  while (room.tagName !== "ARTICLE" && getComputedStyle(room).overflowX === "visible") room = room.parentElement;
  const head = one.querySelector("tr").textContent.trim().replace(/\\s+/g, " ");
  return [head, one.getBoundingClientRect().width - room.clientWidth];
}).filter(([, over]) => over > 1);
"""
LONELY = """
document.querySelectorAll("article > section > section").forEach(one => one.style.contentVisibility = "visible");
const line = document.createRange();
return [...document.querySelectorAll("summary code")].filter(one => one.checkVisibility()).filter(code => {
  line.selectNodeContents(code);
  const summary = code.parentElement, style = getComputedStyle(summary);
  return line.getClientRects()[0].top > summary.getBoundingClientRect().top + 1.5 * parseFloat(style.lineHeight);
}).map(one => one.textContent);
"""
BAR = """
const bar = document.querySelector(".bd-header-article").getBoundingClientRect();
const boxes = [...document.querySelectorAll(".bd-header-article :is(a, button)")].filter(one => one.offsetParent)
  .filter(one => !one.closest(".dropdown-menu")).map(one => one.getBoundingClientRect());
const mark = document.querySelector(".header-mark");
return {shown: mark.checkVisibility(), beside: boxes.every((one, n) => n === 0 || one.left >= boxes[n - 1].right - 1),
        within: boxes.every(one => one.right <= bar.right + 1 && one.top >= bar.top && one.bottom <= bar.bottom)};
"""
COLOURS = """
const blue = getComputedStyle(document.documentElement).getPropertyValue("--pst-color-link").trim();
const probe = document.body.appendChild(document.createElement("i"));
probe.style.color = blue;
const wanted = getComputedStyle(probe).color;
const links = [...document.querySelectorAll("article :is(table a[href], a:has(code)):not(:has(.std-term))")];
return [links.length, [...new Set(links.map(one => getComputedStyle(one.querySelector("code") ?? one).color))]
  .filter(one => one !== wanted)];
"""
# The contrast of the figures in a cell of a heat map, dark ones below the weight where they change (plot_style.py) and
# pale ones above it.
FIGURES = """
const shown = colour => {
  const probe = document.querySelector("article").appendChild(document.createElement("i"));
  probe.style.cssText = "forced-color-adjust: none; color: " + colour;
  const said = getComputedStyle(probe).color, numbers = said.match(/[\\d.]+/g).slice(0, 3).map(Number);
  probe.remove();
  return said.startsWith("rgb") ? numbers.map(one => one / 255) : numbers;
};
const light = colour => colour.map(one => one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4)
  .reduce((sum, one, n) => sum + one * [0.2126, 0.7152, 0.0722][n], 0) + 0.05;
const contrast = (one, other) => Math.max(light(one) / light(other), light(other) / light(one));
const [heat, low, high] = ["heat", "heat-low", "heat-high"].map(name => shown(`var(--book-${name})`));
const ground = shown("Canvas");
const cell = heat.map((one, n) => 0.62 * one + 0.38 * ground[n]);
return [contrast(cell, low), contrast(cell, high)];
"""
PLATES = (
    "return [...new Set([...document.querySelectorAll('.katex')].map(one => getComputedStyle(one).forcedColorAdjust))]"
)


def soup(book: BuiltBook, page: str) -> BeautifulSoup:
    """Return a built page."""
    return BeautifulSoup((book.html / f"{page}.html").read_text(encoding="utf-8"), "html.parser")


@pytest.mark.parametrize("name", [page for page in (*PAGES, *EXERCISES) if page != "which_mistake"])
def test_a_table_is_as_wide_as_a_phone(built_book: BuiltBook, browser: Browser, name: str) -> None:
    browser.open(built_book.html / f"{name}.html", PHONE)
    assert [head for head, _ in browser.run(TABLES) if head not in SCROLLS] == []


@pytest.mark.parametrize("font", ["DejaVu Sans", "monospace"])
def test_the_list_of_tasks_fits_in_any_font(built_book: BuiltBook, browser: Browser, font: str) -> None:
    for name in EXERCISES:
        browser.open(built_book.html / f"{name}.html", 360)
        browser.run("document.documentElement.style.setProperty('--pst-font-family-base', arguments[0])", font)
        if font == "monospace":  # far wider than any font for text: it may scroll, but not move the page
            assert browser.run("return document.documentElement.scrollWidth") == 360
        else:
            assert browser.run(TABLES) == [], name


def test_no_triangle_stands_alone(built_book: BuiltBook, browser: Browser) -> None:
    browser.open(built_book.html / "which_mistake.html", PHONE)
    assert browser.run("return document.querySelectorAll('summary code').length") > 50
    assert browser.run(LONELY) == []


@pytest.mark.parametrize("name", ["index", "07_transformer", "teach/week"])
@pytest.mark.parametrize("width", [PHONE, 768])
def test_the_mark_stands_in_the_bar_of_a_phone(built_book: BuiltBook, browser: Browser, name: str, width: int) -> None:
    browser.open(built_book.html / f"{name}.html", width)
    assert browser.wait(BAR) == {"shown": True, "beside": True, "within": True}
    browser.find(".header-mark").click()
    browser.wait("return location.pathname.endsWith('/index.html')")


def test_a_line_of_korean_ends_between_two_words(built_book: BuiltBook, browser: Browser) -> None:
    browser.open(built_book.html / "08_training_a_chatbot.html", PHONE)
    korean = "[...document.querySelectorAll('article :lang(ko)')].filter(one => !one.closest('svg'))"
    breaks = browser.run(f"return {korean}.map(one => getComputedStyle(one).wordBreak)")
    assert breaks and set(breaks) == {"keep-all"}


def test_the_rows_of_a_file_stay_whole_and_a_sentence_is_broken(built_book: BuiltBook, browser: Browser) -> None:
    browser.open(built_book.html / "teach" / "week.html", PHONE)
    wraps = "return [...document.querySelectorAll(arguments[0])].map(one => getComputedStyle(one).whiteSpaceCollapse"
    wraps += " + ' ' + getComputedStyle(one).textWrapMode)"
    assert browser.run(wraps, ".literal-block-wrapper > .highlight-text pre") == ["preserve nowrap"]  # roster.csv
    assert browser.run(wraps, ":not(.literal-block-wrapper) > .highlight-text pre") == ["preserve wrap"]


def test_on_a_desk_the_mark_stands_once(built_book: BuiltBook, browser: Browser) -> None:
    browser.open(built_book.html / "07_transformer.html")
    shown = "return [...document.querySelectorAll('.book-mark')].filter(one => one.checkVisibility()).length"
    assert browser.run(shown) == 1
    for name in ("07_transformer", *EXERCISES[:1]):
        browser.open(built_book.html / f"{name}.html", 1440)
        assert browser.wait(BAR) == {"shown": False, "beside": True, "within": True}


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ["from_the_notes", "teach/handing_out", "teach/week", "which_mistake"])
def test_links_in_tables_and_in_code_have_the_colour_of_links(
    built_book: BuiltBook, browser: Browser, name: str, theme: str
) -> None:
    browser.open(built_book.html / f"{name}.html")
    browser.theme(theme)
    count, others = browser.run(COLOURS)
    assert count > 0 and others == []


@pytest.mark.parametrize("name", ALL_PAGES)
def test_a_table_has_a_heading_or_no_place_for_one(built_book: BuiltBook, name: str) -> None:
    for row in soup(built_book, name).select("article table thead tr"):
        assert row.get_text(strip=True), f"{name}: an empty line above {row.find_next('td').text}"


# Boxes that scroll, or hold code, and have no edge; code whose lines have one frame for all of them.
EDGES = """
const bare = one => one.checkVisibility() && parseFloat(getComputedStyle(one).borderTopWidth) === 0;
const output = [...document.querySelectorAll("article .cell_output .output pre")];
const code = [...document.querySelectorAll("article :is(p, li, td) code")];
return [output.length + code.length > 3, [...output, ...code].filter(bare).map(one => one.textContent),
  [...code].filter(one => getComputedStyle(one).boxDecorationBreak !== "clone").map(one => one.textContent)];
"""


@pytest.mark.parametrize("name", [CHAPTERS[3], "teach/trouble", "start", *EXERCISES[3:4]])
def test_in_the_colours_of_the_system_code_and_what_it_printed_have_edges(
    built_book: BuiltBook, browser: Browser, name: str
) -> None:
    browser.open(built_book.html / f"{name}.html", 360)
    browser.run("document.querySelectorAll('section').forEach(one => one.style.contentVisibility = 'visible')")
    try:
        browser.emulate(forced_colours=True)
        assert browser.run(EDGES) == [True, [], []]
    finally:
        browser.emulate()


# How far the first line of an entry begins before the others.
HANGS = """
const {textIndent, paddingLeft} = getComputedStyle(document.querySelector(".genindextable li"));
return [parseFloat(textIndent) < 0, parseFloat(textIndent) + parseFloat(paddingLeft)];
"""


def test_an_entry_of_two_lines_in_the_index_hangs(built_book: BuiltBook, browser: Browser) -> None:
    browser.open(built_book.html / "genindex.html", PHONE)
    assert browser.run(HANGS) == [True, 0]


@pytest.mark.parametrize("name", PAGES)
def test_a_picture_opens_in_full_size(built_book: BuiltBook, name: str) -> None:
    for picture in soup(built_book, name).select("article img"):
        link = picture.find_parent("a")
        folder = (built_book.html / name).parent
        assert link and (folder / link["href"]).resolve() == (folder / picture["src"]).resolve(), picture["src"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_in_the_colours_of_the_system_heat_maps_can_be_read_and_formulas_are_whole(
    built_book: BuiltBook, browser: Browser, scheme: str
) -> None:
    features = [{"name": "forced-colors", "value": "active"}, {"name": "prefers-color-scheme", "value": scheme}]
    browser.open(built_book.html / "07_transformer.html")
    browser.theme("light")  # whatever was chosen on the page
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    try:
        dark, pale = browser.run(FIGURES)
        plates = browser.run(PLATES)
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert min(dark, pale) >= 4.2
    assert plates == ["none"], "the browser lays a ground behind each piece of a formula, over what lies there"
