"""The interactive figures in a browser: right in every state, by keyboard, on a phone, in the dark, without scripts."""

from __future__ import annotations

import itertools
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.site.browser import DESK, PHONE, Browser
from tests.site.test_interactive import BOOK, FIGURES, SCALED_OUTPUTS, UNSCALED_WEIGHTS, Reader, read, value
from tests.waiting import LONG

pytestmark = pytest.mark.slow

CONFIG = """\
title: A book of figures
author: Nobody
logo: ""
html: {use_issues_button: false, use_repository_button: false}
sphinx: {local_extensions: {pages.page_assets: book/_ext, figures.interactive: book/_ext}}
"""
ALIVE = "return [...document.querySelectorAll('.seeing-controls')].every(controls => !controls.disabled)"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """Build a book with one page for each figure, and one without; return the folder of its pages."""
    folder = tmp_path_factory.mktemp("figures")
    (folder / "_config.yml").write_text(CONFIG)
    for name in ("_ext", "_static"):
        shutil.copytree(BOOK / name, folder / "book" / name, ignore=shutil.ignore_patterns("__pycache__", "katex"))
    chapters = "".join(f"  - file: {name}\n" for name in FIGURES)
    (folder / "book" / "_toc.yml").write_text(f"format: jb-book\nroot: index\nchapters:\n{chapters}")
    (folder / "book" / "index.md").write_text("# Start\n")
    for name in FIGURES:
        (folder / "book" / f"{name}.md").write_text(f"# Page\n\n```{{interactive}} {name}\nTry it.\n```\n")
    program = Path(sys.executable).with_name("jupyter-book")
    command = [program, "build", "book", "--config", "_config.yml", "--path-output", ".", "-W", "--keep-going"]
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=LONG)
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
    return folder / "_build" / "html"


class Page:
    """One figure in the browser."""

    def __init__(self, browser: Browser, site: Path, name: str, width: int = DESK) -> None:
        self.browser, self.run = browser, browser.run
        browser.open(site / f"{name}.html", width)
        browser.wait(ALIVE)

    def choose(self, **settings) -> None:
        """Set controls as a pointer would, the last word being an `input` event."""
        self.run(
            """for (const [name, value] of Object.entries(arguments[0])) {
                 const named = [...document.getElementsByName(name)];
                 const control = named.length > 1 ? named.find(one => one.value === value) : named[0];
                 if (typeof value === "boolean" || named.length > 1) control.checked = named.length > 1 || value;
                 else control.value = value;
                 control.dispatchEvent(new Event("input", { bubbles: true }));
               }""",
            settings,
        )

    def slots(self) -> dict[str, str]:
        """Return the text in every place."""
        return self.run(
            "return Object.fromEntries([...document.querySelectorAll('.seeing [data-slot]')]"
            ".map(place => [place.dataset.slot, place.textContent]))"
        )

    def values(self, pattern: str, count: int) -> list[float]:
        slots = self.slots()
        return [value(slots[pattern.format(n)]) for n in range(count)]

    def says(self) -> str:
        return self.run("return document.querySelector('.seeing [role=status]').textContent")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.browser.driver.switch_to.active_element.send_keys(key)

    def focus(self) -> str:
        """Return the name (or the element) that has the focus; it must be seen to have it."""
        name, outline = self.run(
            "const e = document.activeElement, s = getComputedStyle(e);"
            "return [e.name || e.tagName, s.outlineStyle + ' ' + s.outlineWidth]"
        )
        assert not outline.startswith("none") and not outline.endswith(" 0px"), f"the focus on {name} is not visible"
        return name


@pytest.fixture
def figure(browser, site):
    return lambda name, width=DESK: Page(browser, site, name, width)


def softmax(scores) -> np.ndarray:
    powers = np.exp(np.asarray(scores) - np.max(scores))
    return powers / powers.sum()


def test_attention_is_right_in_every_state(figure) -> None:
    page = figure("attention")
    np.random.seed(3)
    X = np.stack([np.random.normal(size=(4, 1)) for _ in range(3)])[..., 0]
    np.random.seed(0)
    omegas = [np.random.normal(size=(4, 4)) for _ in range(3)]
    Q, K, V = (X @ omega.T + np.random.normal(size=(4, 1)).T for omega in omegas)
    for query, scale, temperature in itertools.product(range(3), (True, False), (0.25, 1.0, 2.0, 4.0)):
        page.choose(query=str(query), scale=scale, temperature=temperature)
        divisor = (2 if scale else 1) * temperature
        scores = K @ Q[query]
        weights = softmax(scores / divisor)
        np.testing.assert_allclose(page.values("score{}", 3), scores, atol=5.01e-4)
        np.testing.assert_allclose(page.values("scaled{}", 3), scores / divisor, atol=5.01e-4)
        np.testing.assert_allclose(page.values("weight{}", 3), weights, rtol=0.05, atol=5.01e-5)
        np.testing.assert_allclose(page.values("output{}", 4), weights @ V, atol=5.01e-4)
        for n in range(3):
            np.testing.assert_allclose(page.values(f"part{n}-{{}}", 4), weights[n] * V[n], atol=5.01e-4)
        assert page.says().startswith(f"Query {query}: scores divided by {divisor:.2f}. Input {weights.argmax()} gets ")
    page.choose(query="0", scale=False, temperature=1)
    np.testing.assert_allclose(page.values("weight{}", 3), UNSCALED_WEIGHTS[0], rtol=0.05)
    page.choose(scale=True)
    np.testing.assert_allclose(page.values("output{}", 4), SCALED_OUTPUTS[0], atol=5.01e-4)


def test_saturation_is_right_at_every_width(figure) -> None:
    page = figure("saturation")
    for draw in (1, 2, 3, 4, 5):
        for step, temperature in ((0, 1.0), (4, 4.0), (10, 0.5)):
            page.choose(width=step, sharpness=temperature)
            rng = np.random.default_rng([draw, 2**step])
            query, keys = rng.normal(size=2**step), rng.normal(size=(8, 2**step))
            scores = np.einsum("d,kd->k", query, keys)
            raw, scaled = softmax(scores / temperature), softmax(scores / temperature / 2 ** (step / 2))
            np.testing.assert_allclose(page.values("drawn{}", 8), scores, atol=6e-3)
            np.testing.assert_allclose(page.values("raw{}", 8), raw, atol=1.5e-3)
            np.testing.assert_allclose(page.values("soft{}", 8), scaled, atol=1.5e-3)
            bits = -(scaled * np.log2(scaled)).sum()
            assert float(page.says().rstrip(".").split()[-1]) == pytest.approx(bits, abs=0.01)
            assert f"draw {draw} of 5" in page.says()
        page.run("document.getElementsByName('again')[0].click()")
    assert "draw 1 of 5" in page.says()


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
            seen = ", ".join(token for token, hide in zip(data["tokens"], mask[i], strict=True) if not hide)
            assert slots[f"sees{i}"].endswith(f"sees {seen}.")
            lowered = [slots[f"score{i}-{j}"] == "−10⁹" for j in range(5)]
            assert lowered == list(mask[i] & (when == "before"))
        assert f"{mask.sum()} of 25 cells" in page.says()
        assert ("is lost" in page.says()) == (when == "after" and mask.any())


@pytest.mark.parametrize("name", ["training", "writing"])
def test_the_decoder_steps_to_its_end_and_back_by_keyboard(figure, name: str) -> None:
    page = figure(name)
    steps = FIGURES[name]().data["steps"]
    page.run("document.querySelector('.seeing-controls button[name=back]').focus()")
    page.press(Keys.TAB)
    for n in [*range(len(steps)), len(steps) - 1]:  # once more than there are steps: it stays at the last
        assert page.says() == steps[n]["says"]
        slots = page.slots()
        for row in ("given", "sees", "answers"):
            assert [slots[f"{row}{i}"] for i in range(len(steps[n][row]))] == steps[n][row]
        assert page.run("return document.querySelectorAll('.seeing td.now').length") == 3
        assert page.focus() == "next", "the button keeps the focus"
        page.press(Keys.ENTER)
    page.browser.driver.switch_to.active_element.send_keys(Keys.SHIFT + Keys.TAB)
    page.press(Keys.SPACE)
    assert page.focus() == "back" and page.says() == steps[-2]["says"]


def test_positions_are_right_in_every_state(figure) -> None:
    page = figure("positions")
    for d, here, there, pair in ((4, 0, 99, 1), (8, 50, 47, 3), (16, 20, 20, 0), (64, 99, 0, 31)):
        page.choose(model=str(d), here=here, there=there, pair=pair)
        speeds = np.array([10000 ** (-2 * k / d) for k in range(d // 2)])
        rows = [np.hstack([np.sin(p * speeds), np.cos(p * speeds)]) for p in (here, there)]
        slots = page.slots()
        for row, name in zip(rows, ("here", "there"), strict=True):
            assert value(slots[f"{name}-sine"]) == pytest.approx(row[pair], abs=5.01e-4)
            assert value(slots[f"{name}-cosine"]) == pytest.approx(row[d // 2 + pair], abs=5.01e-4)
        assert f"is {rows[0] @ rows[1]:.2f} of at most {d // 2}." in page.says().replace("−", "-")
        shown = range(min(8, d // 2))
        every = max(1, d // 16)
        np.testing.assert_allclose(
            page.values("clock-sine{}", len(shown)), [rows[0][n * every] for n in shown], atol=5.01e-3
        )
        points = page.run("return document.querySelector('[data-slot=curve]').getAttribute('points')").split()
        height = float(points[there].split(",")[1])  # 10 is the largest dot product, 102 is 0
        assert (102 - height) / 92 * d / 2 == pytest.approx(rows[0] @ rows[1], abs=0.03)


def test_a_narrow_model_moves_the_hand_into_its_range_and_both_positions_stay_on_the_scale(figure) -> None:
    page = figure("positions")
    page.choose(model="64", pair=31)
    page.choose(model="8")
    assert page.slots()["pair"] == "3" and "Hand 3," in page.says()
    page.choose(here=97, there=98)
    for _ in range(3):
        page.run("document.getElementsByName('along')[0].click()")
    assert page.says().startswith("Positions 98 and 99 are 1 apart")


@pytest.mark.parametrize("name", FIGURES)
def test_the_script_begins_with_what_python_wrote(figure, name: str) -> None:
    page = figure(name)
    written = read(name)
    assert page.slots() == dict(written.slots)
    assert page.says() == FIGURES[name]().says
    live = page.run(
        "return [...document.querySelectorAll('.seeing [style]')].map(e => e.style.getPropertyValue('--share').trim())"
    )
    assert live == [attrs["style"].removeprefix("--share: ") for _, attrs in written.tags if "style" in attrs]
    drawn = {
        attrs["data-slot"]: attrs
        for tag, attrs in written.tags
        if tag in ("line", "polyline", "circle") and "data-slot" in attrs
    }
    for slot, attributes in drawn.items():
        now = page.run(
            "return Object.fromEntries([...document.querySelector(`[data-slot='${arguments[0]}']`).attributes]"
            ".map(a => [a.name, a.value]))",
            slot,
        )
        assert {key: normal(text) for key, text in now.items()} == {
            key: normal(text) for key, text in attributes.items()
        }


def normal(text: str) -> str:
    """Return an attribute with a number written in one way."""
    try:
        return str(float(text) + 0.0)
    except ValueError:
        return text.replace("-0.0", "0.0")


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
    page.press(Keys.TAB)
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
    page.press(Keys.TAB)
    assert page.focus() == "SUMMARY"
    page.press(Keys.ENTER)
    assert page.run("return document.querySelector('.seeing-facts').open")


def test_all_figures_are_reached_by_tab(figure) -> None:
    for name in FIGURES:
        page = figure(name)
        controls = page.run(
            "const all = [...document.querySelectorAll('.seeing :is(input, select, button, summary)')];"
            "return all.filter(e => e.type !== 'radio' || e.checked).map(e => e.name || e.tagName)"
        )
        page.run("document.querySelector('.seeing :is(input, select, button)').focus()")
        reached = [page.run("return document.activeElement.name")]
        while len(reached) < len(controls):
            page.press(Keys.TAB)
            reached.append(page.focus())
        assert reached == controls


@pytest.mark.parametrize("name", FIGURES)
def test_a_page_asks_for_its_own_files_only_and_says_nothing_to_the_console(figure, name: str) -> None:
    page = figure(name)
    asked = page.browser.requests()
    scripts = sorted(Path(url.partition("?")[0]).name for url in asked if "/interactive/" in url)
    assert scripts == sorted(["interactive.css", "interactive.js", f"{FIGURES[name]().script}.js"])
    assert not [url for url in asked if not url.startswith(("file:", "data:", "about:"))]
    assert page.browser.complaints() == []


def test_a_page_without_figures_loads_none_of_this(site) -> None:
    assert "interactive/" not in (site / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_fits_a_phone(figure, name: str) -> None:
    page = figure(name, PHONE)
    page.run("document.querySelector('.seeing-facts').open = true")
    assert page.run("return document.documentElement.scrollWidth") <= PHONE
    outside = page.run(
        """const card = document.querySelector(".seeing-card").getBoundingClientRect(), found = [];
           for (const cell of document.querySelectorAll(".seeing :is(th, td, label, button, li, p, text)")) {
             const words = document.createRange();
             words.selectNodeContents(cell);
             const box = words.getBoundingClientRect(), room = cell.closest("td, th") ?? cell;
             const wall = room.matches("td, th") ? room.getBoundingClientRect().right + 1 : card.right;
             const edge = Math.min(card.right, wall);
             if (cell.offsetParent !== null && (box.right > edge || box.left < card.left)) found.push(cell.textContent);
           }
           return found;"""
    )
    assert outside == [], "words run over the edge of their cell"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_numbers_on_colour_keep_their_contrast(figure, theme: str) -> None:
    for name in ("masks", "attention", "saturation", "writing"):
        page = figure(name)
        page.browser.theme(theme)
        page.run("document.querySelectorAll('.seeing [style]').forEach(e => e.style.setProperty('--share', '1'))")
        assert page.run(CONTRAST) >= 4.5, name


# The smallest contrast of words in the figure with what is painted behind them: the page, and the cell's colour on it.
CONTRAST = """
const pen = Object.assign(document.createElement("canvas"), { width: 1, height: 1 })
  .getContext("2d", { willReadFrequently: true });
const light = (...layers) => {
  for (const layer of layers) { pen.fillStyle = layer; pen.fillRect(0, 0, 1, 1); }
  const [r, g, b] = [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3)
    .map(c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const sheet = getComputedStyle(document.body).backgroundColor;
let least = 21;
const PLACES = ".seeing :is(td, th, td > *, .seeing-says, summary, label, legend, button)";
for (const cell of document.querySelectorAll(PLACES)) {
  if (!cell.textContent) continue;
  const style = getComputedStyle(cell), under = getComputedStyle(cell.closest("td") ?? cell);
  const bar = under.backgroundImage.match(/(rgba?|color)\\([^)]*\\)(?=[^,]*0px|,)/g) ?? [];
  const behind = light(sheet, under.backgroundColor, ...bar.slice(-1)), words = light(sheet, style.color);
  least = Math.min(least, (Math.max(behind, words) + 0.05) / (Math.min(behind, words) + 0.05));
}
return least;
"""


def test_printed_it_stands_still_without_controls(figure) -> None:
    page = figure("masks")
    try:
        page.browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        assert page.run("return getComputedStyle(document.querySelector('.seeing-controls')).display") == "none"
        assert page.run("return document.querySelector('.seeing-table').getBoundingClientRect().height") > 50
    finally:
        page.browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


@pytest.mark.parametrize("name", FIGURES)
def test_nothing_moves_when_the_script_starts(figure, name: str) -> None:
    page = figure(name)
    moved = page.browser.driver.execute_async_script(
        """const done = arguments[0], found = [];
           const look = new PerformanceObserver(list => found.push(...list.getEntries()));
           look.observe({ type: "layout-shift", buffered: true });
           requestAnimationFrame(() => requestAnimationFrame(() => {
             found.push(...look.takeRecords());
             const nodes = found.flatMap(shift => shift.sources.map(source => source.node)).filter(Boolean);
             done(nodes.filter(node => node.parentElement?.closest(".seeing-card")).map(node => node.textContent));
           }));"""
    )
    assert moved == []


@pytest.mark.parametrize("name", FIGURES)
def test_without_scripts_the_facts_are_there(browser, site, name: str) -> None:
    browser.open(site / f"{name}.html", scripts=False)
    card = browser.find(".seeing-card")
    assert not card.find_element(By.CSS_SELECTOR, ".seeing-controls").is_displayed()
    assert card.find_element(By.CSS_SELECTOR, ".seeing-off").is_displayed()
    figure, shown = FIGURES[name](), " ".join(card.text.split())
    assert figure.says in shown
    assert [word for word in Reader(figure.view).words if word not in shown] == []
    card.find_element(By.TAG_NAME, "summary").click()
    facts = " ".join(card.find_element(By.CSS_SELECTOR, ".seeing-facts").text.split())
    assert [word for word in Reader(figure.facts).words if word not in facts] == []


def test_the_figures_of_the_book_come_to_life(browser, built_book) -> None:
    found = 0
    for path in sorted((built_book.html).glob("[0-9]*.html")):
        count = path.read_text(encoding="utf-8").count('class="seeing"')
        if count:
            browser.open(path)
            browser.wait(ALIVE)
            assert browser.run("return document.querySelectorAll('.seeing-card .seeing').length") == count
            found += count
    assert found == len(FIGURES)
