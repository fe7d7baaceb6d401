"""Reading as people do: without scripts, by keyboard, searching, printing."""

from __future__ import annotations

import re

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from tests.site import pdf
from tests.site.pages import CHAPTERS

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


def test_where_storage_is_refused_the_theme_can_be_chosen(built_book, browser, before_scripts):
    before_scripts(REFUSED)
    browser.open(built_book.html / f"{CHAPTER}.html")
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


def test_the_skip_link_leads_to_the_text(built_book, browser):
    browser.open(built_book.html / f"{CHAPTER}.html")
    ActionChains(browser.driver).send_keys(Keys.TAB, Keys.ENTER, Keys.TAB).perform()
    assert browser.run("return !!document.activeElement.closest('article section')")


def test_code_and_formulas_that_scroll_can_be_reached_by_keyboard(built_book, browser):
    browser.open(built_book.html / f"{CHAPTER}.html", width=360)
    browser.wait("return document.querySelector('pre[tabindex=\"0\"]')")
    hidden = browser.run(
        "return [...document.querySelectorAll('article .katex-display, article pre')].filter(one =>"
        "one.scrollWidth > one.clientWidth && one.tabIndex < 0 && one.offsetParent).length"
    )
    assert hidden == 0


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


def test_a_page_is_printed_with_bookmarks(built_book, browser, tmp_path):
    pdf.print_page(browser, built_book.html / f"{CHAPTER}.html", tmp_path / "chapter.pdf")
    printed = (tmp_path / "chapter.pdf").read_bytes()
    assert printed.startswith(b"%PDF") and b"/Outlines" in printed and len(re.findall(rb"/Type /Page\b", printed)) > 8


def test_without_chromium_the_pdf_is_refused_in_words(monkeypatch, capsys):
    monkeypatch.setattr(pdf, "programs", lambda: None)
    assert pdf.main() == 1
    assert "no Chromium: install the packages" in capsys.readouterr().err
