"""Reading as people do: without scripts, by keyboard, searching, printing."""

from __future__ import annotations

import re
from functools import partial

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.in_page.served import ScriptFirst, served
from tests.site import looks, pdf
from tests.site.pages import CHAPTERS, EXERCISES

pytestmark = pytest.mark.slow

CHAPTER = "04_scaled_dot_product_attention"
FOCUSED = """
const one = document.activeElement, style = getComputedStyle(one);
const words = (one.innerText || one.ariaLabel || one.title || one.placeholder || "").trim();
return {name: one.tagName + " " + words.slice(0, 30),
        body: one === document.body,
        shown: style.opacity > 0 && style.visibility === "visible" &&
          ((style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none")};
"""


FOUND = """
const links = [...document.querySelectorAll(".book-results a")].map(one => one.href);
return links.length && links;
"""
ON_TEXT = """
return [...document.querySelectorAll(".bd-search")].filter(form => form.offsetParent).filter(form => {
  const field = form.querySelector("input"), box = field.getBoundingClientRect();
  const text = box.left + parseFloat(getComputedStyle(field).paddingLeft);
  return form.querySelector("i").getBoundingClientRect().right > text;
}).map(form => form.outerHTML);
"""
# The words that stand in an empty field, with their contrast.
ASKED_FOR = """
const paint = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
const light = colours => {
  paint.clearRect(0, 0, 1, 1);
  for (const colour of colours) { paint.fillStyle = colour; paint.fillRect(0, 0, 1, 1); }
  const [r, g, b] = [...paint.getImageData(0, 0, 1, 1).data].map(v => v / 255)
    .map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const small = "input[placeholder], .search-button__kbd-shortcut";  // axe passes over the plus, a single sign
const found = [...document.querySelectorAll(small)].filter(one => one.offsetParent).map(one => {
  const grounds = [], words = getComputedStyle(one, one.placeholder ? "::placeholder" : null);
  for (let at = one; at; at = at.parentElement) grounds.unshift(getComputedStyle(at).backgroundColor);
  const [low, high] = [light(grounds), light([...grounds, words.color])].sort((a, b) => a - b);
  return {words: one.placeholder ?? one.textContent, contrast: words.opacity * (high + 0.05) / (low + 0.05)};
});
return found.length && found;
"""
REFUSED = """
for (const name of ["localStorage", "sessionStorage"]) {
  const get = () => { throw new DOMException("refused", "SecurityError"); };
  Object.defineProperty(window, name, {get, configurable: true});
}
"""


def test_without_scripts_text_figures_and_formulas_are_there(built_book, browser):
    browser.open(built_book.html / f"{CHAPTER}.html", scripts=False)
    seen = browser.run(
        """
        const wide = selector => [...document.querySelectorAll(selector)].filter(one =>
          one.getBoundingClientRect().width < 2 && !one.closest("details:not([open])")).length;
        const article = document.querySelector("article");
        return {words: article.innerText.split(/\\s+/).length, thin: wide("article .katex-html") + wide("article svg"),
                formulas: document.querySelectorAll("article .katex-html").length,
                useless: [...document.querySelectorAll(".pst-js-only")].filter(one => one.offsetParent).length};
        """
    )
    assert seen["words"] > 4000 and seen["formulas"] > 100
    assert seen["thin"] == 0, "a formula or figure has no width"
    assert seen["useless"] == 0, "a button that needs scripts is shown"


@pytest.mark.parametrize(
    "word, chapter",
    [("scaled_dot_product_attention", "which_mistake"), ("softmax", CHAPTER), ("dropout", "07_transformer")],
)
def test_search_finds_functions_and_formulas(built_book, browser, word, chapter):
    browser.open(built_book.html / "index.html")
    assert [one for one in browser.requests() if "sections" in one or "minisearch" in one] == [], "before it is used"
    ActionChains(browser.driver).key_down(Keys.CONTROL).send_keys("k").key_up(Keys.CONTROL).perform()
    browser.wait("return document.querySelector('#pst-search-dialog').open")
    ActionChains(browser.driver).send_keys(word).perform()
    assert any(chapter in link for link in browser.wait(FOUND)), "while one types"
    ActionChains(browser.driver).send_keys(Keys.ENTER).perform()
    browser.wait("return location.pathname.endsWith('search.html')")
    assert any(chapter in link for link in browser.wait(FOUND))
    assert browser.run(ON_TEXT) == [], "the icon lies beside the text"
    browser.find(".book-results a").click()
    browser.wait("return !location.pathname.endsWith('search.html')")
    assert "Search Matches" not in browser.run("return document.body.innerText")
    assert browser.complaints() == []


def test_more_than_the_first_results_are_shown_by_keyboard_and_told(built_book, browser):
    browser.open(f"{(built_book.html / 'search.html').as_uri()}?q=mask")
    browser.wait(FOUND)
    told = browser.run("return document.querySelector('.book-results [role=status]').textContent")
    total, shown = map(
        int, re.match(r"(\d+) sections with “mask”, the best first. Shown are the first (\d+).", told).groups()
    )
    count = "return document.querySelectorAll('.book-results li').length"
    assert browser.run(count) == shown < total
    while (shown := browser.run(count)) < total:
        more = browser.find(".book-results button")
        assert more.text == f"Show {min(40, total - shown)} more"
        more.send_keys(Keys.ENTER)
        assert browser.wait(f"{count} > arguments[0] && document.activeElement.closest('li')", shown)
        here = "return [...document.querySelectorAll('.book-results li')].indexOf(document.activeElement.closest('li'))"
        assert browser.run(here) == shown, "reading goes on with the first new one"
    assert not browser.find(".book-results button").is_displayed()
    said = browser.run("return document.querySelector('.book-results [role=status]').textContent")
    assert said == f"{total} sections with “mask”, the best first."


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_results_and_what_fields_ask_for_can_be_read(built_book, browser, theme):
    if not looks.AXE.is_file():
        pytest.skip(looks.NO_AXE)
    browser.open(f"{(built_book.html / 'search.html').as_uri()}?q=softmax")
    browser.wait(FOUND)
    browser.theme("light")
    browser.run(looks.AXE.read_text(encoding="utf-8"))
    assert looks.axe_says(browser, theme) == []
    for page in ("search", "which_mistake"):
        browser.open(built_book.html / f"{page}.html")
        browser.theme(theme)
        weak = [one for one in browser.wait(ASKED_FOR) if one["contrast"] < 4.5]
        assert weak == [], page


def test_where_storage_is_refused_the_theme_can_be_chosen(built_book, browser):
    with served(built_book.html, answering=partial(ScriptFirst, script=REFUSED)) as address:
        browser.open(f"{address}/{CHAPTER}.html")
        themes = []
        for _ in range(3):
            browser.find(".theme-switch-button").click()
            themes.append(browser.run("return document.documentElement.dataset.mode"))
        assert sorted(themes) == ["auto", "dark", "light"]
        assert browser.complaints() == []


def test_the_button_that_copies_code_has_a_name(built_book, browser):
    browser.open(built_book.html / f"{CHAPTER}.html")
    button = browser.wait("return document.querySelector('.copybtn:not(details .copybtn)')")
    assert button.accessible_name == "Copy to clipboard"


def test_next_and_previous_are_links_on_the_page(built_book, browser):
    browser.open(built_book.html / f"{CHAPTERS[0]}.html")
    browser.find("a.right-next").click()
    browser.wait("return location.pathname.includes(arguments[0])", CHAPTERS[1])
    browser.find("a.left-prev").click()
    browser.wait("return location.pathname.includes(arguments[0])", CHAPTERS[0])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_place_of_the_keyboard_is_seen(built_book, browser, theme):
    browser.open(built_book.html / f"{CHAPTER}.html")
    browser.theme(theme)
    names = []
    for _ in range(25):
        ActionChains(browser.driver).send_keys(Keys.TAB).perform()
        here = browser.run(FOCUSED)
        assert here["shown"] or here["body"], f"nothing shows that the focus is on {here['name']}"
        names.append(here["name"])
    assert names[0] == "A Skip to main content"
    assert any("Search" in name for name in names)


def test_the_contents_mark_where_one_is_and_nothing_at_the_top(built_book, browser):
    browser.open(built_book.html / f"{CHAPTER}.html", width=1440)
    marked = "return [...document.querySelectorAll('#pst-page-toc-nav a.active')].map(one => one.textContent.trim())"
    browser.run("document.querySelectorAll('article h2')[2].scrollIntoView({behavior: 'instant'})")
    assert browser.wait(f"const found = (() => {{ {marked} }})(); return found.length && found")
    browser.run("scrollTo({top: 0, behavior: 'instant'})")
    browser.wait("return !document.querySelector('#pst-page-toc-nav :is(.active, [aria-current])')")


def test_the_skip_link_leads_to_the_text(built_book, browser):
    browser.open(built_book.html / f"{CHAPTER}.html")
    ActionChains(browser.driver).send_keys(Keys.TAB, Keys.ENTER, Keys.TAB).perform()
    assert browser.run("return !!document.activeElement.closest('article section')")


IN_THE_MENU = """
const menu = document.querySelector(".bd-sidebar-primary"), here = menu.querySelector(".current > a");
const [frame, box] = [menu, here].map(one => one.getBoundingClientRect());
return {page: scrollY, seen: box.top >= frame.top && box.bottom <= Math.min(frame.bottom, innerHeight)};
"""


def test_the_menu_shows_the_page_that_is_read(built_book, browser):
    for page in (
        "teach/trouble",
        "index",
        "which_mistake",
        CHAPTER,
        *EXERCISES[3:4],
    ):  # the theme keeps where the menu was
        browser.open(built_book.html / f"{page}.html")
        assert browser.run(IN_THE_MENU) == {"page": 0, "seen": True}, page


ALL_REACHED = """
const wide = [...document.querySelectorAll("article .katex-display, article pre")]
  .filter(one => one.checkVisibility() && one.scrollWidth > one.clientWidth);
const left = wide.find(one => one.tabIndex < 0);
left?.scrollIntoView({behavior: "instant"}); // on a phone, what is far away is not laid out yet
return wide.length && !left;
"""


def test_code_and_formulas_that_scroll_can_be_reached_by_keyboard(built_book, browser):
    for page in (CHAPTER, *EXERCISES[-1:]):
        browser.open(built_book.html / f"{page}.html", width=360)
        assert browser.wait(ALL_REACHED), page


def test_paper_shows_the_text_and_neither_menus_nor_buttons(built_book, browser):
    browser.open(built_book.html / f"{CHAPTER}.html")
    browser.theme("dark")
    browser.emulate("print")
    try:
        shown = browser.run(
            "return ['.bd-sidebar-primary', '.bd-sidebar-secondary', '.bd-header-article', '.prev-next-area', "
            "'.copybtn', '.headerlink', '#pst-back-to-top'].filter(one => [...document.querySelectorAll(one)]"
            ".some(found => found.getClientRects().length && getComputedStyle(found).visibility !== 'hidden'))"
        )
        browser.wait("return document.documentElement.dataset.theme === 'light'")
        colours = browser.run(
            "const style = getComputedStyle(document.querySelector('article p'));"
            "return [style.color, getComputedStyle(document.body).backgroundColor]"
        )
    finally:
        browser.emulate()
    assert shown == []
    browser.wait("return document.documentElement.dataset.theme === 'dark'")
    ink, paper = (sum(map(int, re.findall(r"\d+", colour)[:3])) for colour in colours)
    assert ink < 200 and paper > 700, "dark letters on white paper, whatever the theme on the screen"


ON_PAPER = """
const seen = one => one.checkVisibility({contentVisibilityAuto: true, opacityProperty: true});
return {shown: [...document.querySelectorAll(arguments[0])].filter(seen).length,
        hidden: [...document.querySelectorAll(arguments[1])].filter(one => !seen(one)).length};
"""


@pytest.mark.parametrize(
    ("page", "not_shown", "not_hidden"),
    [
        ("which_mistake", "summary, .mistake-filter", ".on-paper, h2"),
        (f"exercises/{CHAPTER}", "#nb-bar, .nb-tools, .nb-off", ".nb-prose details > p, td"),
        (CHAPTER, ".copybtn, .prev-next-area", "details.sd-dropdown p, figure svg"),
    ],
)
def test_paper_has_no_fold_that_nobody_can_open(built_book, browser, page, not_shown, not_hidden):
    if not (path := built_book.html / f"{page}.html").is_file():
        pytest.skip("no Pyodide, so no page for the exercise")
    browser.open(path)
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        assert browser.run(ON_PAPER, not_shown, not_hidden) == {"shown": 0, "hidden": 0}
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


@pytest.mark.parametrize(
    ("page", "long"),
    [
        (CHAPTER, "table:has(tbody > tr:nth-child(8))"),
        ("teach/own_check", ".literal-block-wrapper, .literal-block-wrapper div"),
    ],
)
def test_a_long_table_and_a_listing_go_on_on_the_next_sheet_of_paper(built_book, browser, page, long):
    style = "return [...document.querySelectorAll(arguments[0])].map(one => getComputedStyle(one)[arguments[1]])"
    browser.open(built_book.html / f"{page}.html")
    browser.emulate("print")
    try:
        assert set(browser.run(style, f"article :is({long}):not(.code-block-caption)", "breakInside")) == {"auto"}
        assert set(browser.run(style, f"article :is({long}) tr, article figure", "breakInside")) <= {"avoid"}
    finally:
        browser.emulate()


def test_a_page_is_printed_with_bookmarks(built_book, browser, tmp_path):
    pdf.print_page(browser, built_book.html / f"{CHAPTER}.html", tmp_path / "chapter.pdf")
    printed = (tmp_path / "chapter.pdf").read_bytes()
    assert printed.startswith(b"%PDF") and b"/Outlines" in printed and len(re.findall(rb"/Type /Page\b", printed)) > 8


def test_without_chromium_the_pdf_is_refused_in_words(monkeypatch, capsys):
    monkeypatch.setattr(pdf, "programs", lambda: None)
    assert pdf.main() == 1
    assert "no Chromium: install the packages" in capsys.readouterr().err
