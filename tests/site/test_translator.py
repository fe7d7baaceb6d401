"""The trained translator in a page: the numbers of NumPy, nothing fetched before it is asked for, all by keyboard."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from itertools import product

import numpy as np
import pytest
from selenium.webdriver.common.keys import Keys

from experiments import speaking
from experiments.speak import speaks
from tests.closeness import rounding
from tests.in_page.served import served
from tests.site.browser import PHONE
from tests.site.looks import AXE, NO_AXE, axe_says
from tests.site.looks import OUTSIDE as WIDER
from tests.site.playing import ALIVE, Page
from tests.site.test_interactive import FIGURES, ROOT, softmax, value
from tests.site.test_interactive_browser import OUTSIDE, SMALLEST

pytestmark = pytest.mark.slow

LIVE = ("translator", "sampling")
PAGES = ("07_transformer", "08_training_a_chatbot")
CONTENT = json.loads(speaking.FILE.read_text(encoding="utf-8"))
SENTENCES = [row["sentence"] for row in CONTENT["replies"] + CONTENT["mistaken"]]
LONG = "Our old book was bad and my neighbour needed a black shirt in the morning"
READY = "return !document.querySelector('[data-slot=playing]').hidden"
SEEING = "const Seeing = window.eval('Seeing');"  # a page's own constants are hidden from what Firefox's driver runs
MODEL = f"{SEEING} const model = new Seeing.Translator(Seeing.trained);"


@pytest.fixture(scope="module")
def model() -> speaks.Transformer:
    """Return the model as NumPy runs it, on the functions in the solved notebooks."""
    return speaks.load(speaks.functions_in(ROOT / "solutions"), speaking.FILE)


@pytest.fixture
def live(figure):
    """Return a function that opens one of the figures and loads the model."""

    def opened(name: str, *width: int) -> Page:
        page = figure(name, *width)
        page.run("document.getElementsByName('load')[0].click()")
        page.browser.wait(READY)
        return page

    return opened


def write(page: Page, text: str) -> None:
    """Write a sentence into the field, and have it translated."""
    page.run(
        "const field = document.getElementsByName('sentence')[0]; field.value = arguments[0];"
        "field.dispatchEvent(new Event('change', { bubbles: true }))",
        text,
    )


def words(page: Page, kind: str) -> list[str]:
    """Return the words that the model "reads", or those of its "steps"."""
    return page.run(
        "return [...document.querySelectorAll(`.seeing-${arguments[0]} span`)].map(word => word.textContent)", kind
    )


# --- numbers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["Hello!", "Tom's sister is not very tall.", "Where do you live?", LONG])
def test_logits_and_weights_are_those_of_numpy(live, model, text):
    """Both count in float64 with the same stored numbers; test_speaking.py compares NumPy with Keras."""
    page, source = live("translator"), model.read(text)
    target = [1, *[4, 900, 500, 0][: len(source) - 2], *source[1:-1]]
    logits, maps = model.logits(np.array([source]), np.array([target]))
    found = page.run(
        f"{MODEL} const [source, target] = arguments, encoded = model.encode(source);"
        "const { y, maps } = model.decode(target, source, encoded), plain = rows => rows.map(row => [...row]);"
        "const all = { encoder: encoded.maps, ...maps };"
        "for (const kind in all) all[kind] = all[kind].map(heads => heads.map(plain));"
        "return { logits: plain(model.logitsOf(y)), same: plain(model.logits(source, target)), maps: all }",
        source,
        target,
    )
    assert logits.dtype == np.float64 and found["logits"] == found["same"]
    d, dff, layers = (model.sizes[name] for name in ("d_model", "dff", "num_layers"))
    terms = 2 * layers * (2 * (3 * d + len(source) + len(target)) + d + dff + 3 * d) + d
    real = np.array(target) != 0
    near = rounding(terms, np.abs(logits).max(), np.float64)
    assert near < 1e-9 and np.abs(np.array(found["logits"]) - logits[0])[real].max() < near
    for kind, of_layers in maps.items():
        for found_heads, heads in zip(found["maps"][kind], of_layers, strict=True):
            rows = real if kind != "encoder" else np.ones(len(source), dtype=bool)
            np.testing.assert_allclose(np.array(found_heads)[:, rows], heads[0][:, rows], rtol=0, atol=near)


def test_greedy_replies_are_those_of_numpy(live, model):
    page = live("translator")
    found = page.run(f"{MODEL} return arguments[0].map(text => model.reply(text).text)", SENTENCES)
    assert found == [model.reply(text).text for text in SENTENCES] and len(SENTENCES) > 10


def random_numbers(seed: int) -> Iterator[float]:
    """Yield the numbers of mulberry32, as its author writes it, with 32 bits throughout."""
    whole = 2**32
    while True:
        seed = (seed + 0x6D2B79F5) % whole
        mixed = (seed ^ (seed >> 15)) * (1 | seed) % whole
        mixed ^= (mixed + (mixed ^ (mixed >> 7)) * (61 | mixed)) % whole
        yield (mixed ^ (mixed >> 14)) % whole / whole


def drawn(model: speaks.Transformer, text: str, temperature: float, seed: int) -> list[np.ndarray]:
    """Return the ids that are drawn, and for each the probabilities (V,) at this temperature."""
    source, ids, shares, marks = np.array([model.read(text)]), [1], [], random_numbers(seed)
    while len(ids) < model.sizes["max_length"] and ids[-1] != 2:
        shares.append(softmax(model.logits(source, np.array([ids]))[0][0, -1] / temperature))
        ids.append(int(np.searchsorted(np.cumsum(shares[-1]), next(marks), side="right")))
    return ids[1:], shares


@pytest.mark.parametrize("text", ["I can't eat bread in the garden in the evening.", "She is tired and hungry."])
def test_draws_are_by_probability_and_the_same_ones_for_the_same_seed(live, model, text):
    page, texts = live("sampling"), set()
    write(page, text)
    for temperature, draw in [(0.5, 1), (0.5, 7), (2, 3), (3, 8), (0.5, 1)]:
        page.choose(temperature=temperature, draw=draw)
        ids, shares = drawn(model, text, temperature, draw)
        assert words(page, "steps") == [model.words.words[n] for n in ids]
        assert page.slots()["reply"] == model.words.decode(ids)
        texts.add(model.words.decode(ids))
        for step in (0, len(ids) - 1):
            page.choose(step=str(step))
            slots = page.slots()
            assert slots["tau"] == f"τ = {temperature:g}"
            shown = [model.words.ids.get(slots[f"word{n}"], 2) for n in range(6)]
            assert ids[step] in shown, "the word that was drawn is there, likely or not"
            np.testing.assert_allclose(page.values("drawn{}", 6), shares[step][shown], atol=5.01e-4)
            assert value(slots["rest-drawn"]) == pytest.approx(1 - shares[step][shown].sum(), abs=5.01e-4)
            chosen = page.run("return document.querySelector('.seeing-next th.now').textContent")
            assert chosen == model.words.words[ids[step]] and f"“{chosen}” was drawn" in page.says()
    assert len(texts) > 1


def test_random_numbers_are_those_of_their_author(live):
    """The first numbers of seed 1, as they are with C's uint32_t arithmetic; and they are spread evenly."""
    page = live("sampling")
    script = "const next = Seeing.layers.randomNumbers(1); return Array.from({ length: 2000 }, () => 2 ** 32 * next())"
    found = [whole / 2**32 for whole in page.run(f"{SEEING} {script}")]  # other numbers lose a bit in Firefox
    ours = random_numbers(1)
    assert found == [next(ours) for _ in found]
    assert np.histogram(found, bins=10, range=(0, 1))[0].min() > 150


def test_every_map_and_every_step_shown_is_that_of_numpy(live, model):
    page, text = live("translator"), "We didn't see the white horse."
    write(page, text)
    reply = model.reply(text)
    columns = {"encoder": reply.question, "cross": reply.question, "decoder": ["<s>", *reply.words]}
    rows = {"encoder": reply.question} | dict.fromkeys(("cross", "decoder"), [*reply.words, "</s>"])
    assert words(page, "reads") == reply.question and words(page, "steps") == rows["cross"]
    for kind, layer, head in product(columns, range(2), range(4)):
        page.choose(kind=kind, layer=str(layer), head=str(head), step="3")
        table = page.run(
            "const rows = [...document.querySelectorAll('.seeing-heat tr')].map(row => [...row.cells]);"
            "return { cells: rows.map(cells => cells.map(cell => cell.textContent)), framed:"
            "rows.findIndex(cells => cells[0].parentElement.matches('.now')) - 1, hidden: rows.slice(1).map(cells =>"
            "cells.slice(1).map(cell => cell.matches('.hide'))), shares: rows.slice(1).map(cells =>"
            "cells.slice(1).map(cell => Number(cell.style.getPropertyValue('--share')))) }"
        )
        weights = reply.steps[-1].maps[kind][layer][head]
        assert table["cells"][0] == ["", *columns[kind]]
        assert [row[0] for row in table["cells"][1:]] == rows[kind]
        np.testing.assert_allclose(table["shares"], weights, atol=5.01e-5)
        percents = [[float(cell or 0) for cell in row[1:]] for row in table["cells"][1:]]
        np.testing.assert_allclose(percents, 100 * weights, atol=0.501)
        assert table["hidden"] == (~np.tri(*weights.shape, dtype=bool) & (kind == "decoder")).tolist()
        assert table["framed"] == (3 if kind != "encoder" else -2)
        best = columns[kind][int(weights[3].argmax())]
        assert kind == "encoder" or f"looks most at “{best}”" in page.says()
    for step, kept in enumerate(reply.steps):
        page.choose(step=str(step))
        best = np.argsort(-kept.logits)[:6]
        slots = page.slots()
        assert [slots[f"word{n}"] for n in range(6)] == [model.words.words[i] for i in best]
        np.testing.assert_allclose(page.values("logit{}", 6), kept.logits[best], atol=5.01e-3)
        np.testing.assert_allclose(page.values("share{}", 6), softmax(kept.logits)[best], atol=5.01e-4)
        seen = kept.maps["decoder"][1][3]  # of an earlier step: rows stay what they were
        np.testing.assert_allclose(seen, reply.steps[-1].maps["decoder"][1][3][: step + 1, : step + 1], atol=1e-9)


@pytest.mark.parametrize("name", LIVE)
def test_what_python_wrote_for_the_first_sentence_is_what_the_model_says(live, name):
    page = live(name)
    sentence, before = FIGURES[name]().data["example"]["sentence"], page.run(VIEW)
    write(page, "Tom loves Mary.")
    assert page.run(VIEW) != before
    page.choose(step="0")
    write(page, sentence)
    step = {"translator": "6", "sampling": "5"}[name]
    page.choose(step=step)
    assert page.run(VIEW) == before


VIEW = "return [document.querySelector('.seeing-view').innerText, document.querySelector('.seeing-says').textContent]"


# --- fetching -----------------------------------------------------------------------------------------------------


def models(addresses: list[str]) -> list[str]:
    """Return those that ask for the model."""
    return [address for address in addresses if "translator_model" in address]


@pytest.mark.parametrize("name", LIVE)
def test_the_model_is_fetched_when_it_is_asked_for_and_the_button_says_how_large_it_is(figure, figures_site, name):
    page = figure(name)
    page.choose(step="1")
    if name == "translator":
        page.choose(kind="encoder", head="0", layer="0")
        assert page.says().endswith("%).") and "In the encoder, head 0 of layer 0" in page.says()
    assert models(page.browser.requests()) == []
    button = page.browser.find("[name=load]")
    file = figures_site / "_static" / "interactive" / "translator_model.js"
    assert f"({file.stat().st_size / 1000:.0f} kB)" in button.text
    assert len(gzip.compress(file.read_bytes())) < 500_000
    button.click()
    page.browser.wait(READY)
    asked = models(page.browser.requests())
    if page.browser.lists_files:
        assert len(asked) == 1 and asked[0].startswith("file:"), "from a disk, too"
    write(page, "Tom loves Mary.")
    assert models(page.browser.requests()) == [] and page.slots()["reply"] == "Tom aime Mary."
    assert page.browser.complaints() == []


def test_it_works_from_a_server_and_a_model_that_does_not_come_can_be_asked_for_again(browser, figures_site):
    absent = {FIGURES["translator"]().data["model"]}
    with served(figures_site, absent) as address:
        browser.open(f"{address}/translator.html")
        browser.wait(ALIVE)
        browser.find("[name=load]").click()
        told = "return document.querySelector('[data-slot=loading]').textContent"
        browser.wait(f"{told} === arguments[0]", "The model could not be loaded. Press the button again.")
        absent.clear()
        browser.find("[name=load]").click()
        browser.wait(READY)
        browser.find("[name=example]").click()
        assert browser.run("return document.querySelector('.seeing-reply').textContent.length") > 3


# --- people -------------------------------------------------------------------------------------------------------


def test_everything_is_reached_by_keyboard(figure):
    page = figure("translator")
    page.run("document.getElementsByName('load')[0].focus()")
    page.press(Keys.ENTER)
    page.browser.wait(READY)
    assert page.focus() == "sentence", "where the button was"
    page.press(Keys.CONTROL + "a", "Where is the station?", Keys.ENTER)
    assert page.says().startswith("“Where is the station?” becomes “Où est la gare?” in 6 steps.")
    reached = []
    while reached[-1:] != ["SUMMARY"]:
        page.press(Keys.TAB)
        reached.append(page.focus())
    own = ["temperature", "step", "kind", "layer", "head", "SUMMARY"]
    assert reached == ["translate", *["example"] * 4, *own]
    page.run("document.getElementsByName('temperature')[0].focus()")
    page.press(Keys.END, Keys.TAB)
    assert page.focus() == "draw", "there is something to draw now"
    replies = set()
    for _ in range(8):
        page.press(Keys.ARROW_RIGHT)
        replies.add(page.slots()["reply"])
    assert len(replies) > 2 and "was drawn" in page.says() and page.slots()["temperature"] == "3.00"
    page.press(Keys.TAB)
    page.press(Keys.ARROW_LEFT, Keys.ARROW_LEFT, Keys.ARROW_LEFT)
    assert page.focus() == "step"
    # In WebKit the last choice is not followed by the first: all are reached without that.
    page.press(Keys.TAB, Keys.ARROW_LEFT, Keys.TAB, Keys.ARROW_LEFT, Keys.TAB, *[Keys.ARROW_LEFT] * 3)
    assert page.slots()["map"].startswith("Masked self-attention, layer 0, head 0:")
    page.run("document.getElementsByName('example')[1].focus()")
    page.press(Keys.SPACE)
    assert words(page, "reads") == ["<s>", "tom", "loves", "mary", ".", "</s>"]


@pytest.mark.parametrize("text", [" ", "The cat reads Kant, and 7 cats", "the " * 20, "Tom «loves» Mary", "a—b"])
def test_what_the_model_cannot_read_is_said_as_the_notebook_says_it(live, model, text):
    page = live("translator")
    before = page.slots()["reply"]
    with pytest.raises(ValueError) as told:
        model.read(text)
    write(page, text)
    field = "return document.getElementsByName('sentence')[0].ariaInvalid"
    assert page.slots()["wrong"] == str(told.value) and page.run(field) == "true"
    assert page.slots()["reply"] == before
    write(page, "Hello!")
    assert page.slots()["wrong"] == "" and page.slots()["reply"] == "Bonjour." and page.run(field) == "false"


@pytest.mark.parametrize("text", ["I DON’T see him, Tom!", "Is it  hot? No . It is cold", "hello"])
def test_a_text_is_cut_as_the_notebook_cuts_it(live, model, text):
    page = live("sampling")
    write(page, text)
    ids = page.run("return [...document.querySelectorAll('.seeing-reads small')].map(id => Number(id.textContent))")
    assert ids == model.read(text)


@pytest.mark.parametrize("name", LIVE)
def test_a_long_sentence_fits_a_phone(live, name):
    page = live(name, PHONE)
    write(page, LONG)
    page.choose(temperature=2.25)
    assert page.slots()["wrong"] == "" and len(words(page, "reads")) == 18
    for kind in ("cross", "encoder", "decoder") if name == "translator" else (None,):
        if kind:
            page.choose(kind=kind)
        assert page.run("return document.querySelector('article').scrollWidth") <= PHONE
        assert page.run(SMALLEST) >= 11 and page.run(OUTSIDE) == []
    write(page, "I do not understand that.")
    assert page.run(SMALLEST) >= 11 and page.run(OUTSIDE) == []


@pytest.mark.parametrize("page", PAGES)
def test_axe_finds_nothing_where_the_model_is_at_work(built_book, browser, page):
    if not AXE.exists():
        pytest.skip(NO_AXE)
    browser.open(built_book.html / f"{page}.html")
    browser.run("dispatchEvent(new KeyboardEvent('keydown', { key: 'Tab' }))")
    browser.wait(ALIVE)
    browser.run("document.getElementsByName('load')[0].click()")
    browser.wait(READY)
    browser.run(
        "const [slider, field] = ['temperature', 'sentence'].map(name => document.getElementsByName(name)[0]);"
        "slider.value = 1.5; slider.dispatchEvent(new Event('input', { bubbles: true }));"
        "field.value = 'I see Kant.'; field.dispatchEvent(new Event('change', { bubbles: true }))"
    )
    assert "kant" in browser.run("return document.querySelector('[data-slot=wrong]').textContent")
    assert axe_says(browser, "light") + axe_says(browser, "dark") == []
    browser.resize(320)
    assert browser.wait("return innerWidth === 320") and browser.run(WIDER) == []


def test_in_forced_colours_weights_are_seen_as_bars(live):
    page = live("translator", PHONE)
    try:
        forced = [{"name": "forced-colors", "value": "active"}]
        page.browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": forced})
        heights = page.run(
            "return [...document.querySelectorAll('.seeing-heat tbody td')].map(cell => [Number(cell.style"
            ".getPropertyValue('--share')), parseFloat(getComputedStyle(cell, '::before').height) / cell.clientHeight,"
            "['Left', 'Top', 'Right'].map(side => getComputedStyle(cell, '::before')[`border${side}Width`])])"
        )
        assert len(heights) == 90
        for share, height, border in heights:
            assert height == pytest.approx(share, abs=0.1)
            assert border == ["3px", "0px", "0px"]  # at the left, so that no edge strikes the number out
    finally:
        page.browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


# --- the book -----------------------------------------------------------------------------------------------------


def test_the_functions_have_the_names_of_the_book():
    text = (ROOT / "book" / "_static" / "interactive" / "layers.js").read_text(encoding="utf-8")
    exported = set(re.findall(r"\w+", text.partition("return {\n    dense")[2]))
    camel = {re.sub(r"_(\w)", lambda found: found[1].upper(), name) for name in speaks.NEEDED}
    assert camel <= exported and len(camel) == 12


@pytest.mark.parametrize(("page", "name"), list(zip(PAGES, LIVE, strict=True)))
def test_the_pages_say_which_model_it_is_and_lead_to_its_chapter(page, name):
    text = (ROOT / "book" / f"{page}.md").read_text(encoding="utf-8")
    before, _, figure = text.partition(f"```{{interactive}} {name}\n")
    assert "(12_your_transformer_speaks.md)" in before.rstrip().rpartition("\n\n")[2]
    assert "translator of chapter 12" in " ".join(figure.partition("```")[0].split())
