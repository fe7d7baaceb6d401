"""Every page in Chromium: it asks nobody, complains of nothing, suits a phone, both themes, and assistive devices."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import pytest

from tests.built_book import BuiltBook
from tests.site.browser import DESK, PHONE, Browser, file_of
from tests.site.looks import AXE, NO_AXE, OUTSIDE, axe_says, needs_files, needs_log, needs_shifts
from tests.site.pages import ALL_PAGES, CHAPTERS, PAGES
from tests.waiting import wait_for

pytestmark = pytest.mark.slow

MOST_BYTES = 500_000  # of a chapter's page with all that it loads, compressed

# Layout shifts as Chromium reports them, two frames after the page stands.
SHIFTS = """
const done = arguments[0];
const found = [];
const says = source => source.node ? (source.node.parentElement ?? source.node).outerHTML.slice(0, 80) : "";
new PerformanceObserver(list => list.getEntries().forEach(entry =>
  found.push([entry.value, entry.sources.map(says).join(" | ")]))).observe({type: "layout-shift", buffered: true});
requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(found), 0)));
"""


@dataclass
class Visit:
    """What was seen of one page."""

    requests: list[str]
    complaints: list[str]
    shifts: list[tuple[float, str]]
    outside: list[str]
    axe: dict[str, list[str]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        files = {file_of(address) for address in self.requests if address.startswith("file:")}
        return sum(len(gzip.compress(path.read_bytes())) for path in files)


@pytest.fixture(scope="module")
def visit(built_book: BuiltBook, browser: Browser) -> Callable[[str], Visit]:
    """Return a function that opens a page once and says what was seen."""

    @cache
    def look(name: str) -> Visit:
        browser.open(built_book.html / f"{name}.html")
        shifts = browser.driver.execute_async_script(SHIFTS)
        requests, complaints = browser.requests(), browser.complaints()
        axe = {theme: axe_says(browser, theme) for theme in ("light", "dark")} if AXE.exists() else {}
        browser.theme("light")
        browser.resize(PHONE)
        outside = browser.wait("return window.innerWidth === arguments[0]", PHONE) and browser.run(OUTSIDE)
        return Visit(requests, complaints, shifts, outside, axe)

    return look


@pytest.mark.parametrize("name", ALL_PAGES)
def test_the_page_asks_no_other_host(visit, browser, name):
    needs_log(browser)
    foreign = [
        address for address in visit(name).requests if not address.startswith(("file:", "data:", "about:", "blob:"))
    ]
    assert foreign == []
    missing = [
        address for address in visit(name).requests if address.startswith("file:") and not file_of(address).exists()
    ]
    assert missing == []


@pytest.mark.parametrize("name", ALL_PAGES)
def test_the_console_is_silent(visit, browser, name):
    needs_log(browser)
    assert visit(name).complaints == []


@pytest.mark.parametrize("name", ALL_PAGES)
def test_nothing_moves_after_the_first_sight(visit, browser, name):
    needs_shifts(browser)
    assert sum(value for value, _ in visit(name).shifts) < 0.01, visit(name).shifts


@pytest.mark.parametrize("name", ALL_PAGES)
def test_the_page_is_no_wider_than_a_phone(visit, name):
    assert visit(name).outside == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", ALL_PAGES)
def test_axe_finds_nothing_serious(visit, name, theme):
    if not AXE.exists():
        pytest.skip(NO_AXE)
    assert visit(name).axe[theme] == []


@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_is_light(visit, browser, name):
    needs_files(browser)
    assert visit(name).size <= MOST_BYTES


@pytest.mark.parametrize("name", PAGES)
def test_fonts_come_with_the_stylesheets(visit, browser, name):
    needs_files(browser)
    fonts = [address for address in visit(name).requests if ".woff" in address or ".ttf" in address]
    later = [address for address in fonts if "/fonts/book-" not in address]  # the system's are set as wide: face.css
    assert later == [], "this font comes late: see EMBEDDED in book/_ext/pages/formulas.py, box_font in page_assets.py"


def test_a_page_with_every_fault_is_noticed(browser, tmp_path):
    page = tmp_path / "faults.html"
    page.write_text(
        '<html><body><main><div style="width: 900px; color: #bbb; background: white">pale</div><img src="gone.png">'
        '<link rel="stylesheet" href="http://nobody.invalid/a.css"></main></body></html>'
    )
    browser.open(page, DESK)
    browser.resize(PHONE)
    assert browser.run(OUTSIDE)
    if browser.logs:
        wait_for(lambda: any(one.startswith("http:") for one in browser.requests()), "the request to be told")
        least = 2 if browser.lists_files else 1
        wait_for(lambda: len(browser.complaints()) >= least, "the complaints")
    if AXE.exists():
        assert {one.split()[1] for one in axe_says(browser, "light")} >= {
            "image-alt:",
            "html-has-lang:",
            "color-contrast:",
        }
