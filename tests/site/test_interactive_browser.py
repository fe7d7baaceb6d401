"""The interactive figures in a browser: by keyboard, on a phone, in the dark, printed, without scripts."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import numpy as np
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.site.browser import DESK, PHONE
from tests.site.looks import needs_files, needs_shifts
from tests.site.playing import ALIVE, Page
from tests.site.test_interactive import FIGURES, Reader, read, softmax, value

pytestmark = pytest.mark.slow


def test_masks_are_right_in_every_state(figure) -> None:
    page = figure("masks")
    data = FIGURES["masks"]().data
    S, padding_mask = np.array(data["scores"]), np.tile([0, 0, 0, 1, 1], (5, 1)) == 1
    for future, padding, when in itertools.product((True, False), (True, False), ("before", "after")):
        page.choose(future=future, padding=padding, when=when)
        mask = (~np.tri(5, dtype=bool) & future) | (padding_mask & padding)
        if when == "before":
            powers = np.exp(S) * ~mask
            weights = powers / powers.sum(axis=1, keepdims=True)
        else:
            weights = np.array([softmax(row) for row in S]) * ~mask
        slots = page.slots()
        shown = [[value(slots[f"weight{i}-{j}"]) for j in range(5)] for i in range(5)]
        np.testing.assert_allclose(shown, weights, atol=5.01e-3)
        np.testing.assert_allclose(page.values("sum{}", 5), weights.sum(axis=1), atol=5.01e-3)
        for i in range(5):
            lowered = [slots[f"score{i}-{j}"] == "−10⁹" for j in range(5)]
            assert lowered == list(mask[i] & (when == "before"))
        assert f"{mask.sum()} of 25 cells" in page.says()
        assert ("is lost" in page.says()) == (when == "after" and mask.any())


@pytest.mark.parametrize("name", FIGURES)
def test_the_script_begins_with_what_python_wrote(figure, name: str) -> None:
    page = figure(name)
    written = read(name)
    assert page.slots() == dict(written.slots)
    assert page.says() == FIGURES[name]().says
    now = page.run(
        "return Object.fromEntries([...document.querySelectorAll('.seeing [data-slot]')].map(place =>"
        "[place.dataset.slot, Object.fromEntries([...place.attributes].map(a => [a.name, a.value]))]))"
    )
    for slot, attributes in {attrs["data-slot"]: attrs for _, attrs in written.tags if "data-slot" in attrs}.items():
        for key, text in attributes.items():
            (words, numbers), (said, drawn) = apart(text or ""), apart(now[slot][key])
            assert (said, len(drawn)) == (words, len(numbers)), f"{slot}: {key}"
            np.testing.assert_allclose(
                drawn, numbers, atol=0.11 if key != "style" else 0.0011, err_msg=f"{slot}: {key}"
            )


def apart(text: str) -> tuple[str, list[float]]:
    """Return an attribute without its numbers and spaces, and the numbers."""
    number = r"-?\d*\.?\d+(?:e-?\d+)?"
    return re.sub(rf"{number}|[\s;]", "", text), [float(found) for found in re.findall(number, text)]


def test_attention_by_keyboard_alone(figure) -> None:
    page = figure("attention")
    for _ in range(60):
        page.press(Keys.TAB)
        if page.run("return document.activeElement.name") == "query":
            break
    assert page.focus() == "query"
    page.press(Keys.ARROW_RIGHT)
    assert page.says() == (
        "Query 1: scores divided by 2.00. "
        "Input 2 gets 92.9% of the attention, input 1 gets 7.1%, input 0 less than 0.1%."
    )
    page.press(Keys.SHIFT + Keys.TAB, Keys.SHIFT + Keys.TAB)
    assert page.focus() == "scale"
    page.press(Keys.SPACE)
    assert page.says() == (
        "Query 1: scores divided by 1.00. "
        "Input 2 gets 99.4% of the attention, input 1 gets 0.6%, input 0 less than 0.1%."
    )
    page.press(Keys.TAB)
    assert page.focus() == "temperature"
    page.press(*[Keys.ARROW_RIGHT] * 4)
    assert page.says().startswith("Query 1: scores divided by 2.00. Input 2 gets 92.9%")
    assert page.run("return document.activeElement.getAttribute('aria-valuetext')") == "2.00"
    page.press(Keys.HOME)
    assert page.slots()["temperature"] == "0.25"
    page.press(Keys.TAB, Keys.TAB)
    assert page.focus() == "SUMMARY"
    page.press(Keys.ENTER)
    assert page.run("return document.querySelector('.seeing-facts').open")


def test_all_figures_are_reached_by_tab(figure) -> None:
    for name in FIGURES:
        page = figure(name)
        controls = page.run(
            "const all = [...document.querySelectorAll('.seeing :is(input, select, button, a, summary, [role])')]"
            ".filter(e => e.tabIndex === 0 && e.checkVisibility());"
            "return all.filter(e => e.type !== 'radio' || e.checked).map(e => e.name || e.tagName)"
        )
        page.run("document.querySelector('.seeing :is(input, select, button, a)').focus()")
        reached = [page.run("return document.activeElement.name || document.activeElement.tagName")]
        while len(reached) < len(controls):
            page.press(Keys.TAB)
            reached.append(page.focus())
        assert reached == controls


@pytest.mark.parametrize("name", FIGURES)
def test_the_ring_of_a_focused_control_leaves_its_label_free(figure, name: str) -> None:
    page = figure(name)
    covered = page.run(
        """const found = [];
           for (const input of document.querySelectorAll(".seeing-controls label > input")) {
             input.focus({ focusVisible: true });
             const style = getComputedStyle(input), words = document.createRange();
             words.selectNodeContents(input.parentElement);
             words.setStart(input.nextSibling, 1); // behind the space
             const ring = parseFloat(style.outlineWidth) + parseFloat(style.outlineOffset);
             const room = words.getBoundingClientRect().left - input.getBoundingClientRect().right;
             if (style.outlineStyle !== "solid" || room < ring) found.push([input.name, input.value, room, ring]);
           }
           return found;"""
    )
    assert not covered


@pytest.mark.parametrize("name", FIGURES)
def test_a_page_asks_for_its_own_files_only_and_says_nothing_to_the_console(figure, name: str) -> None:
    page = figure(name)
    needs_files(page.browser)
    asked = page.browser.requests()
    scripts = sorted(Path(url.partition("?")[0]).name for url in asked if "/interactive/" in url)
    own = FIGURES[name]()
    files = [f"{script}.js" for script in ("interactive", *own.needs, own.script)]
    assert scripts == sorted(["interactive.css", "pictures.css", *files])
    assert not [url for url in asked if not url.startswith(("file:", "data:", "about:"))]
    assert page.browser.complaints() == []


def test_a_page_without_figures_loads_none_of_this(figures_site) -> None:
    assert "interactive/" not in (figures_site / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_fits_a_phone(figure, name: str) -> None:
    page = figure(name, PHONE)
    page.run("document.querySelector('.seeing-facts').open = true")
    for width in (PHONE, 320):
        page.browser.resize(width)
        assert (
            page.run("return document.querySelector('article').scrollWidth") <= width
        )  # pages are measured whole elsewhere
        assert page.run(SMALLEST) >= 11, "letters are too small to read"
        assert page.run(OUTSIDE) == [], "words run over the edge of their cell"


# The smallest height of letters, in pixels as they are shown.
SMALLEST = """
const shown = [...document.querySelectorAll(".seeing :is(td, th, li, p, label, summary, button, small, text)")]
  .filter(place => place.textContent.trim() && place.getClientRects().length);
return Math.min(...shown.map(place => parseFloat(getComputedStyle(place).fontSize) * (place.getCTM?.().a ?? 1)));
"""
# Words that run over the edge of their cell or card.
OUTSIDE = """
const card = document.querySelector(".seeing-card").getBoundingClientRect(), found = [];
for (const cell of document.querySelectorAll(".seeing :is(th, td, label, button, li, p, text, input)")) {
  if (!cell.textContent && !cell.matches("input")) continue;
  const words = document.createRange();
  words.selectNodeContents(cell.querySelector("button > [data-slot]") ?? cell);
  const upright = cell.matches(".seeing-heat thead th") && cell.firstElementChild; // its letters lie, and are low
  const box = (cell.matches("input") ? cell : upright || words).getBoundingClientRect();
  const room = cell.closest("td, th") ?? cell;
  const wall = room.matches("td, th") ? room.getBoundingClientRect().right + 1 : card.right;
  const edge = Math.min(card.right, wall);
  const shown = cell.offsetParent !== null && box.width;
  if (shown && (box.right > edge || box.left < card.left)) found.push(cell.textContent);
}
return found;
"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_numbers_on_colour_keep_their_contrast(figure, theme: str) -> None:
    for name in (
        "masks",
        "attention",
        "saturation",
        "writing",
        "arrows",
        "words",
        "bottleneck",
        "translator",
        "sampling",
    ):
        page = figure(name)
        page.browser.theme(theme)
        page.run("document.querySelectorAll('.seeing [style]').forEach(e => e.style.setProperty('--share', '1'))")
        assert page.run(CONTRAST) >= 4.5, name


# The smallest contrast of words in the figure with what is painted behind them: the page, and the cell's colour on it.
CONTRAST = """
const pen = Object.assign(document.createElement("canvas"), { width: 1, height: 1 })
  .getContext("2d", { willReadFrequently: true });
const light = (...layers) => {
  for (const layer of layers.filter(Boolean)) { pen.fillStyle = layer; pen.fillRect(0, 0, 1, 1); }
  const [r, g, b] = [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3)
    .map(c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const sheet = getComputedStyle(document.body).backgroundColor, sheetless = document.createElement("i");
let least = 21;
const PLACES = ".seeing :is(td, th, td > *, li > *, .seeing-says, summary, label, legend, button)";
for (const cell of document.querySelectorAll(PLACES)) {
  if (!cell.textContent) continue;
  const style = getComputedStyle(cell), under = getComputedStyle(cell.closest("td") ?? cell);
  const shade = getComputedStyle(cell.closest("td.rise") ?? sheetless, "::before").backgroundColor;
  const behind = light(sheet, under.backgroundColor, shade), words = light(sheet, style.color);
  least = Math.min(least, (Math.max(behind, words) + 0.05) / (Math.min(behind, words) + 0.05));
}
return least;
"""


# The cells whose bar, as long as it can be, comes nearer than its edge to the number above it.
STRUCK = """
const struck = cell => {
  const bar = getComputedStyle(cell, "::before"), words = document.createRange();
  words.selectNodeContents(cell);
  const top = cell.getBoundingClientRect().bottom - parseFloat(bar.bottom) - parseFloat(bar.height);
  return words.getBoundingClientRect().bottom > top + 2; // no digit reaches below the line
};
return [...document.querySelectorAll(".seeing td:is(.bar, .signed)")].filter(struck).map(cell => cell.textContent);
"""
RISES = """
const cell = document.querySelector("td.rise"), {width, height, top} = getComputedStyle(cell, "::before");
return [parseFloat(width) - cell.clientWidth, parseFloat(height) - cell.clientHeight, parseFloat(top)];
"""


@pytest.mark.parametrize("width", [PHONE, DESK])
def test_no_edge_of_a_bar_strikes_a_number(figure, width: int) -> None:
    for name in ("arrows", "saturation", "bottleneck", "translator", "sampling"):
        page = figure(name, width)
        page.run("document.querySelectorAll('.seeing [style]').forEach(e => e.style.setProperty('--share', '1'))")
        assert page.run("return document.querySelectorAll('.seeing td:is(.bar, .signed)').length") > 1, name
        assert page.run(STRUCK) == [], name
    page = figure("masks", width)
    assert max(map(abs, page.run(RISES))) < 1, "a shade that ends within the cell runs through the digits"


PLATE = """
const probe = document.body.appendChild(document.createElement("i"));
probe.style.color = "Canvas";
const ground = getComputedStyle(probe).color;
probe.remove();
return getComputedStyle(document.querySelector(arguments[0])).textShadow.startsWith(ground);
"""


def test_forced_colours_keep_bars_and_hatching(figure) -> None:
    page = figure("masks")
    try:
        page.browser.emulate(forced_colours=True)
        look = "const s = getComputedStyle(document.querySelector(arguments[0]), arguments[1]);"
        for hidden in ("[data-slot='cell0-1']", "[data-slot='weight0-1']"):
            assert "gradient" in page.run(f"{look} return s.backgroundImage", hidden, "")
            assert page.run(PLATE, hidden), "the hatching runs through the number"
        bar = "return [s.borderLeftWidth, s.borderTopWidth, s.width, parseFloat(s.height) > 0]"  # no line across it
        assert page.run(f"{look} {bar}", "[data-slot='weight0-0']", "::before") == ["3px", "0px", "3px", True]
        assert page.run(f"{look} {bar}", "[data-slot='weight0-1']", "::before") == ["3px", "0px", "3px", False]
    finally:
        page.browser.emulate()


# The colours of the words in tables, of the system's alone, and whether the browser lays a ground behind them.
OF_TABLES = """
const probe = document.body.appendChild(document.createElement("i"));
const shown = name => (probe.style.color = name, getComputedStyle(probe).color);
const system = ["CanvasText", "Highlight", "LinkText", "ButtonText"].map(shown);
return [...document.querySelectorAll(".seeing-table :is(caption, th, td)")].map(one => getComputedStyle(one))
  .filter(one => one.forcedColorAdjust !== "none" || !system.includes(one.color)).length;
"""


@pytest.mark.parametrize("name", FIGURES)
def test_forced_colours_lay_no_ground_over_the_lines_of_a_table(figure, name: str) -> None:
    page = figure(name)
    try:
        page.browser.emulate(forced_colours=True)
        assert page.run(OF_TABLES) == 0
    finally:
        page.browser.emulate()


FRAMES = """
const colour = one => getComputedStyle(document.querySelector(one)).borderTopColor;
const probe = document.body.appendChild(document.createElement("i"));
probe.style.color = "Canvas";
return [colour(".clock:not(.chosen)") === getComputedStyle(probe).color, colour(".clock") !== colour(".clock.chosen")];
"""
LINES = "return [...document.querySelectorAll(arguments[0])].map(one => getComputedStyle(one).opacity)"


def test_forced_colours_frame_the_chosen_hand_alone_and_draw_lines_in_full(figure) -> None:
    for name, lines in (("positions", ".axes"), ("alignment", ".seeing-lines path"), ("bottleneck", ".across")):
        page = figure(name)
        try:
            page.browser.emulate(forced_colours=True)
            drawn = page.run(LINES, lines)
            assert drawn and set(drawn) == {"1"}, name
            assert name != "positions" or page.run(FRAMES) == [True, True]
        finally:
            page.browser.emulate()


BUTTONS = """
const probe = document.body.appendChild(document.createElement("i"));
const shown = name => (probe.style.color = name, getComputedStyle(probe).color);
return [...document.querySelectorAll(".seeing-controls button")].map(one =>
  [one.getAttribute("aria-disabled") === "true", getComputedStyle(one).color === shown("GrayText")]);
"""


def test_in_forced_colours_the_buttons_that_cannot_be_pressed_are_grey(figure) -> None:
    page = figure("training")
    try:
        page.browser.emulate(forced_colours=True)
        assert page.run(BUTTONS) == [[True, True], [False, False]]
    finally:
        page.browser.emulate()


def test_printed_it_stands_still_without_controls(figure) -> None:
    page = figure("masks")
    try:
        page.browser.emulate("print")
        assert page.run("return getComputedStyle(document.querySelector('.seeing-controls')).display") == "none"
        assert page.run("return document.querySelector('.seeing-table').getBoundingClientRect().height") > 50
    finally:
        page.browser.emulate()


MOVED = """
const done = arguments[0], found = [], card = document.querySelector(".seeing-card");
const look = new PerformanceObserver(list => found.push(...list.getEntries()));
look.observe({ type: "layout-shift", buffered: true });
requestAnimationFrame(() => requestAnimationFrame(() => {
  found.push(...look.takeRecords());
  const moved = found.flatMap(shift => shift.sources.map(source => source.node).filter(Boolean));
  done(moved.filter(node => card.contains(node)).map(node => node.textContent));
}));
"""


@pytest.mark.parametrize("name", FIGURES)
def test_nothing_moves_when_the_script_starts(browser, figures_site, name: str) -> None:
    needs_shifts(browser)
    with browser.without("*.woff2"):  # a typeface that comes moves letters by itself
        page = Page(browser, figures_site, name)
        assert not page.run(
            "return [...document.fonts].some(face => /Book/.test(face.family) && face.status === 'loaded')"
        )
        assert browser.driver.execute_async_script(MOVED) == []


@pytest.mark.parametrize("name", FIGURES)
def test_without_scripts_the_facts_are_there(browser, figures_site, name: str) -> None:
    browser.open(figures_site / f"{name}.html", scripts=False)
    card = browser.find(".seeing-card")
    assert not any(controls.is_displayed() for controls in card.find_elements(By.CSS_SELECTOR, ".seeing-controls"))
    assert card.find_element(By.CSS_SELECTOR, ".seeing-off").is_displayed()
    figure, shown = FIGURES[name](), " ".join(card.text.split())
    dead = browser.run("return [...document.querySelectorAll('.seeing-controls')].map(e => e.textContent).join(' ')")
    assert figure.says in shown
    assert [word for word in Reader(figure.view).words if word not in shown and word not in dead] == []
    card.find_element(By.TAG_NAME, "summary").click()
    facts = " ".join(card.find_element(By.CSS_SELECTOR, ".seeing-facts").text.split())
    assert [word for word in Reader(figure.facts).words if word not in facts] == []


def test_the_figures_of_the_book_come_to_life(browser, built_book) -> None:
    found = waited = 0
    for path in sorted((built_book.html).glob("[0-9]*.html")):
        count = path.read_text(encoding="utf-8").count('class="seeing"')
        if count:
            browser.open(path)
            waited += not browser.run(ALIVE)  # what is far below
            browser.run("dispatchEvent(new KeyboardEvent('keydown', { key: 'Tab' }))")
            browser.wait(ALIVE)
            assert browser.run("return document.querySelectorAll('.seeing-card .seeing').length") == count
            found += count
    assert found == len(FIGURES) and waited > 3
