"""The functions of other exercises come into chapter 12 with one click, and the living model shows a wrong one."""

from __future__ import annotations

import json
import re

import pytest

from tests.chapters import key_of
from tests.in_page.answers import released, solved

pytestmark = pytest.mark.slow

SLUG = "12_your_transformer_speaks"
ANSWER, CHECK = "solution-functions", "check-functions"
BRING = f'[data-id="{ANSWER}"] button[aria-label^="Bring"]'
TEXT = "return document.querySelector(arguments[0]).innerText"
FOUND = "return document.querySelector('[data-subject=gathered] span')?.innerText.match(/.* were found.*/)?.[0]"
EIGHT_MAPS = [f"{name}, head {head}" for name in ("yours", "no scale") for head in range(4)]
PLAIN = "return [...document.querySelectorAll('[data-kind=plain]')].map(one => one.dataset.id)"


@pytest.fixture
def page(page_of):
    return page_of(SLUG).open()


def keep(page, slug, texts):
    """Let the browser keep the answers of another exercise."""
    kept = {
        "form": 1,
        "texts": {name: {"text": text, "base": ""} for name, text in texts.items()},
        "own": [],
        "results": {},
    }
    page.browser.run("localStorage.setItem(arguments[0], arguments[1])", f"attention-notebook:{slug}", json.dumps(kept))


def bring(page):
    """Press the button, and return what the page says once the functions are in the cell."""
    page.click(BRING)
    return page.wait(FOUND)


def cell_with(page, words):
    """Return the name of the cell to play with that has these words."""
    return next(name for name in page.browser.run(PLAIN) if words in page.text(name))


def test_functions_come_from_the_other_exercises_and_run_the_model(page):
    page.click(BRING)
    assert "This browser keeps no work" in page.wait(TEXT, "#nb-notices")
    assert page.text(ANSWER) == released(SLUG, ANSWER)

    for slug in key_of(SLUG).gathers[:-1]:
        keep(page, slug, solved(slug))
    assert bring(page) == "11 of 12 functions were found. Put these here: greedy_decode (chapter 8)."
    assert "The function greedy_decode is missing: paste yours of chapter 8." in page.run(CHECK)
    last = next(text for text in solved(key_of(SLUG).gathers[-1]).values() if "def greedy_decode(" in text)
    page.write(ANSWER, last)  # in the place of all that was brought
    assert bring(page) == "All 12 functions were found. From this cell comes greedy_decode."
    assert page.run(CHECK).startswith("✓ Twelve functions, one model: 5 of 5 points")

    keep(page, key_of(SLUG).gathers[-1], solved(key_of(SLUG).gathers[-1]))
    assert bring(page) == "All 12 functions were found."
    assert page.run(CHECK).startswith("✓ Twelve functions, one model: 5 of 5 points")
    assert page.earned == 5
    assert not page.browser.run("return document.querySelector('[data-subject=gathered]')"), "it lies over no result"
    assert "Tom aime Mary." in page.run(cell_with(page, "My sister wants"))

    four = solved("04_scaled_dot_product_attention").items()
    keep(page, key_of(SLUG).gathers[0], {name: text.replace(" / np.sqrt(key.shape[-1])", "") for name, text in four})
    bring(page)
    assert page.earned == 0
    assert "does not divide the scores by the root of d_k" in page.run(CHECK)
    keep(page, key_of(SLUG).gathers[0], solved("04_scaled_dot_product_attention"))
    bring(page)
    page.click("#nb-notices .nb-notice[data-subject=gathered] button")
    assert "does not divide the scores by the root of d_k" in page.run(CHECK)


def test_the_living_model_shows_a_wrong_function_beside_the_right_one(page):
    page.write(ANSWER, solved(SLUG)[ANSWER])
    shown = " ".join(page.run(cell_with(page, "def without_scale")).split())
    mary, tom = shown.partition("The babies")[0].split("Mary loves Tom.")
    assert "yours 0.0 Tom aime Mary." in mary and "yours 0.0 Mary aime Tom." in tom
    lost = [re.search(r"no positions [\d.]+ (.*?) no ReLU", one)[1] for one in (mary, tom)]
    assert lost[0] == lost[1], "without positions both are one sentence"
    assert mary.count("Tom aime Mary.") == 3, "no scale, and positions from 1, are not seen in it"
    maps = cell_with(page, "show_maps({name: models")
    page.run(maps)
    pictures = page.cell(maps).find_elements("css selector", "img")
    (said,) = (one.get_attribute("alt") for one in pictures)
    assert [one for one in said.removeprefix("Picture: ").split("; ") if "head" in one] == EIGHT_MAPS
