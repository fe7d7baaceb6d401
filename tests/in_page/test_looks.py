"""The notebook in the page in both themes, on a phone, for assistive devices; with all that can be shown in it."""

from __future__ import annotations

import io
from functools import partial

import pytest
from PIL import Image

from tests.chapters import SLUGS
from tests.in_page.answers import NO_MAXIMUM, SLUG, solved
from tests.in_page.notebook_page import NotebookPage
from tests.in_page.released import cells_of, checks_of
from tests.in_page.served import ScriptFirst, served
from tests.site.browser import DESK, PHONE
from tests.site.looks import AXE, NO_AXE, OUTSIDE, axe_says, needs_shifts

pytestmark = pytest.mark.slow

FULL = """\
import matplotlib.pyplot as plt
print("long " * 60)
plt.plot([1, 2]); plt.title("A picture"); plt.show()
hint("dot_scores")
progress()
[0][1]"""
SHIFTS = """
window.shifts = [];
const said = entry => [entry.value, entry.sources.map(one => one.node?.className ?? "").join(" | ")];
const watch = new PerformanceObserver(list => shifts.push(...list.getEntries().map(said)));
watch.observe({type: "layout-shift", buffered: true});
"""
SEEN = """
const one = document.querySelector(arguments[0]), {left, top, width, height} = one.getBoundingClientRect();
return width > 0 && one.contains(document.elementFromPoint(left + width / 2, top + height / 2));
"""
HEIGHTS = "return [...document.querySelectorAll('#nb-cells > section')].map(one => one.offsetHeight)"
# Whether the lines of a cell stand beside their numbers, once the editor has measured them.
BESIDE = """
const cell = document.querySelectorAll("#nb-cells > section")[arguments[0]];
const shown = name => [...cell.querySelectorAll(name)].filter(one => one.offsetHeight);
const tops = name => shown(name).map(one => one.getBoundingClientRect().top);
if (cell.querySelector("details:not([open])")) return true;
const numbers = tops(".cm-lineNumbers .cm-gutterElement");
return tops(".cm-line").every((top, at) => !numbers.length || Math.abs(top - numbers[at]) < 3);
"""
# The colour of a cell's frame before the keyboard is in it, and then.
BORDERS = """
const cell = document.querySelector(`.nb-code.nb-${arguments[0]}`);
const colour = () => getComputedStyle(cell).borderTopColor;
const before = colour();
cell.querySelector(".nb-run").focus();
return [before, colour()];
"""
TABLET = 768  # pixels: the bar has three lines
PROMPT = """
const probe = document.body.appendChild(document.createElement("i"));
probe.style.color = "GrayText";
return getComputedStyle(document.querySelector(".nb-written .cm-placeholder")).color === getComputedStyle(probe).color;
"""
EDITORS = "return document.querySelectorAll('.cm-editor').length"


@pytest.fixture
def full(page_of):
    """Return the page with boxes of all colours, a picture, an error, notices."""
    page = page_of(SLUG).open()
    page.write("solution-softmax", solved(SLUG)["solution-softmax"])
    page.run("check-softmax")
    page.write("solution-softmax", NO_MAXIMUM)
    page.run("check-dot_scores")
    page.write("solution-softmax", solved(SLUG)["solution-softmax"])
    page.run("check-softmax")
    page.write("code-9467107d", FULL)
    page.run("code-9467107d")
    page.press("s", "\ue009")  # Control: the notice about saving
    assert page.browser.run("return document.querySelectorAll('.nb-right, .nb-wrong, .nb-plain').length") >= 4
    return page


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_a_page_in_use(full, theme):
    if not AXE.exists():
        pytest.skip(NO_AXE)
    assert axe_says(full.browser, "light") == []
    assert axe_says(full.browser, theme) == []
    full.bar("Keys")
    assert axe_says(full.browser, theme) == []


def test_a_page_in_use_is_no_wider_than_a_phone(full):
    full.browser.resize(PHONE)
    assert full.wait("return window.innerWidth === arguments[0]", PHONE)
    assert full.browser.run(OUTSIDE) == []
    full.bar("Keys")
    assert full.browser.run(OUTSIDE) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_points_yet_look_like_none(page_of, browser, theme):
    """Firefox's own bar is white in the dark theme, as if it were full."""
    browser.open(page_of(SLUG).address)
    browser.theme(theme)
    empty, full = empty_and_full(browser)
    assert abs(full - empty) > 30 and (empty < 100 if theme == "dark" else empty > 180), (empty, full)


def test_forced_colours_keep_points_the_line_of_an_error_and_the_cell_that_is_chosen(page_of, browser):
    browser.open(page_of(SLUG).address)
    try:
        browser.emulate(forced_colours=True)
        empty, full = empty_and_full(browser)
        assert abs(full - empty) > 30, (empty, full)
        browser.run("document.querySelector('.nb-editor .cm-line').classList.add('cm-errorLine')")
        assert browser.run("return getComputedStyle(document.querySelector('.cm-errorLine')).outlineStyle") == "dashed"
        assert browser.run(PROMPT), "what a reader may write looks as if it stood there"
        at_rest, chosen = browser.run(BORDERS, "check")
        assert chosen != at_rest
        at_rest, chosen = browser.run(BORDERS, "solution")
        assert chosen != at_rest
    finally:
        browser.emulate()


def empty_and_full(browser):
    """Return how bright the bar of the points is in its middle without points and with all of them."""
    bar = browser.wait("return document.querySelector('.nb-points')")
    browser.run("arguments[0].value = 0", bar)
    empty = brightness(browser, bar)
    browser.run("arguments[0].value = arguments[0].max", bar)
    return empty, brightness(browser, bar)


def brightness(browser, element):
    """Return how bright the middle of an element is, between 0 and 255."""
    browser.driver.execute_async_script("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))")
    picture = Image.open(io.BytesIO(browser.driver.get_screenshot_as_png())).convert("L")
    box = browser.run(
        "const {x, y, width, height} = arguments[0].getBoundingClientRect(); return [x, y, width, height]", element
    )
    scale = picture.width / browser.run("return innerWidth")
    return picture.getpixel((round((box[0] + box[2] / 2) * scale), round((box[1] + box[3] / 2) * scale)))


def test_how_python_is_and_the_way_to_stop_it_stay_in_sight_on_a_phone(page_of, browser):
    page = page_of(SLUG).open(PHONE)
    page.write("code-9467107d", "while True: pass")
    page.click('[data-id="code-9467107d"] .nb-run')
    page.wait("return document.querySelector('.nb-says').textContent.includes('running')")
    for place in (0, 0.5, 1):
        browser.run("scrollTo(0, arguments[0] * document.body.scrollHeight)", place)
        assert browser.wait(SEEN, ".nb-says") and browser.wait(SEEN, ".nb-stop"), (
            f"{place:.0%} of the page further down"
        )
    page.click(".nb-stop")
    page.ready()


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_nothing_moves_when_the_script_takes_over_and_python_comes(built_book, browser, site, width):
    needs_shifts(browser)
    with served(built_book.html, answering=partial(ScriptFirst, script=SHIFTS)) as address:
        NotebookPage(browser, address, SLUG).open(width)
        shifts = browser.run("return window.shifts")
    assert sum(value for value, _ in shifts) < 0.01, shifts


@pytest.mark.parametrize("width", [DESK, PHONE])
def test_a_cell_is_as_high_before_it_is_in_sight_as_after(page_of, browser, width):
    page_of(SLUG).open(width)
    before = browser.run(HEIGHTS)
    for at in range(len(before)):
        browser.run("document.querySelectorAll('#nb-cells > section')[arguments[0]].scrollIntoView()", at)
        browser.wait(BESIDE, at)
    after = browser.run(HEIGHTS)
    assert [(at, old, new) for at, (old, new) in enumerate(zip(before, after, strict=True)) if abs(old - new) > 2] == []


@pytest.mark.parametrize("width", [DESK, TABLET, PHONE])
def test_a_task_that_is_led_to_stands_below_the_bar(page_of, browser, width):
    page = page_of(SLUG).open(width)
    browser.run("document.querySelector('td a[href=\"#task-4\"]').click()")
    browser.wait(SEEN, "#task-4")
    browser.driver.get("about:blank")
    browser.driver.get(f"{page.address}#task-4")
    page.start()
    browser.wait(SEEN, "#task-4")


@pytest.mark.parametrize("slug", SLUGS)
def test_each_exercise_opens_in_silence_with_all_its_cells_as_editors(page_of, browser, slug):
    page = page_of(slug).open()
    cells = browser.run("return document.querySelectorAll('#nb-cells > section').length")
    editable = [cell for cell in cells_of(slug) if cell["cell_type"] == "code" or "nbgrader" in cell["metadata"]]
    assert browser.run(EDITORS) == cells == len(editable) > 2 * len(checks_of(slug))
    assert browser.complaints() == []
    foreign = [one for one in browser.requests() if not one.startswith((page.address[:21], "data:", "blob:"))]
    assert foreign == []
    if AXE.exists():
        assert axe_says(browser, "light") == []
