"""What a learner wrote is kept in the browser, and where it cannot be, the page says so."""

from __future__ import annotations

import json
from functools import partial

import pytest
from selenium.webdriver import Keys

from tests.in_page.answers import NO_MAXIMUM, SLUG, released, solved
from tests.in_page.notebook_page import NotebookPage
from tests.in_page.served import ScriptFirst, served

pytestmark = pytest.mark.slow

ANSWER = "solution-softmax"
BAD = (
    "{half",
    '{"form": 2}',
    '{"form": 1, "texts": null, "own": [], "results": {}}',
    '{"form": 1, "texts": {"setup": {"text": 3, "base": ""}}, "own": [], "results": {}}',
    '{"form": 1, "texts": {}, "own": [], "results": {"check-softmax": {"of": 4}}}',
)
OTHER = "01_seq2seq_limits"
NO_STORAGE = "Storage.prototype.setItem = () => { throw new DOMException('off', 'QuotaExceededError') }"
# Fills what the browser keeps for this site, but for a little.
FILL = """
localStorage.setItem("a little", "x".repeat(64));
for (let size = 2 ** 24; size >= 1; size /= 2) {
  try { localStorage.setItem(`much ${size}`, "x".repeat(size)); } catch { /* half of it may have room */ }
}
localStorage.removeItem("a little");
"""


@pytest.fixture
def page(page_of):
    return page_of(SLUG)


def keep(page, **data):
    """Put what an earlier visit left into the browser, and open the page."""
    page.open()
    kept = {"form": 1, "texts": {}, "own": [], "results": {}} | data
    page.browser.run("localStorage.setItem(arguments[0], arguments[1])", page.key, json.dumps(kept))
    return page.reload()


def test_notebooks_do_not_mix(page, page_of, browser):
    page.open()
    page.write(ANSWER, "mine")
    other = page_of(OTHER)
    browser.driver.get(other.address)
    other.start()
    other.write("solution-encode", "theirs")
    browser.driver.get(page.address)
    page.start()
    assert page.text(ANSWER) == "mine"
    assert page.kept()["texts"].keys() == {ANSWER}
    assert json.loads(browser.run("return localStorage.getItem(arguments[0])", other.key))["texts"].keys() == {
        "solution-encode"
    }


def test_where_nothing_can_be_kept_the_page_says_so(built_book, browser, site):
    with served(built_book.html, answering=partial(ScriptFirst, script=NO_STORAGE)) as address:
        page = NotebookPage(browser, address, SLUG).open()
        assert "This browser keeps nothing for this site" in page.notices
        page.write(ANSWER, NO_MAXIMUM)
        assert "exp(1000) overflows" in page.run("check-softmax")


def test_where_there_is_no_room_left_the_page_says_so(built_book, browser, site):
    with served(built_book.html) as address:  # and not where other tests keep what they need
        page = NotebookPage(browser, address, SLUG)
        browser.open(f"{address}/_static/icons.css")
        browser.run(FILL)
        browser.open(page.address)
        page.start()
        assert page.notices == ""
        page.write(ANSWER, NO_MAXIMUM)
        page.wait("return document.getElementById('nb-notices').innerText.includes('no room left')")
        page.press("s", Keys.CONTROL)
        assert "is kept" not in page.notices
        assert browser.driver.find_elements("css selector", ".nb-dismiss") == [], "it stays in sight"
        browser.run("localStorage.clear()")


def test_what_cannot_be_read_is_set_aside_not_lost(page):
    page.open()
    for number, bad in enumerate(BAD, start=1):
        page.browser.run("localStorage.setItem(arguments[0], arguments[1])", page.key, bad)
        page.reload()
        assert page.text(ANSWER) == released(SLUG, ANSWER), bad
        assert "could not be read" in page.notices, bad
        aside = "return localStorage.getItem(arguments[0])"
        assert page.browser.run(aside, f"{page.key}:unread-{number}") == bad


def test_what_a_check_said_is_there_on_the_next_visit_unless_the_answer_was_changed(page):
    page.open()
    page.write(ANSWER, NO_MAXIMUM)
    said = page.run("check-softmax")
    assert "exp(1000) overflows" in said
    page.reload()
    assert page.shown("check-softmax") == f"From an earlier visit:\n{said}"
    page.write(ANSWER, f"{NO_MAXIMUM}\n# another")
    page.reload()
    assert page.shown("check-softmax") == "" and "changed since" in page.cell("check-softmax").text


def test_a_box_that_cannot_be_shown_is_left_out(page):
    page.open()
    page.write(ANSWER, NO_MAXIMUM)
    page.run("check-softmax")
    page.wait("return localStorage.getItem(arguments[0])?.includes('exp(1000)')", page.key)
    kept = page.kept()
    kept["results"]["check-softmax"]["box"]["lines"] = [{"no": "text"}]
    keep(page, **kept)
    assert page.shown("check-softmax") == "" and "0 of 4" in page.cell("check-softmax").text


def test_helpers_in_cells_of_ones_own_run_by_themselves(page):
    answer = solved(SLUG)[ANSWER].replace("np.exp(", "my_exp(")
    assert "my_exp(" in answer
    own = ["def twice_half(x):\n    return x", "def my_exp(x):\n    return twice_half(np.exp(x))"]
    own += ["def another(x):\n    return my_exp(x)", "my_number = 1 / 0"]  # nothing needs these
    cells = [{"id": f"own-{n}", "after": "locked-libraries", "text": text} for n, text in enumerate(own)]
    keep(page, texts={ANSWER: {"text": answer, "base": ""}}, own=cells)
    assert page.run("check-softmax").startswith("✓")
    states = [page.cell(f"own-{n}").get_dom_attribute("data-state") for n in range(4)]
    assert states == ["done", "done", "idle", "idle"]


def test_a_name_that_a_cell_above_gives_is_told_of_where_that_cell_has_not_run(page):
    own = [{"id": "own-0", "after": "locked-libraries", "text": "my_number = 3"}]
    keep(page, own=[*own, {"id": "own-1", "after": "own-0", "text": "print(my_number + 1)"}])
    assert page.run("own-1").startswith("A cell above gives my_number and has not run: run it first, or press Run all.")
    page.run("own-0")
    assert page.run("own-1") == "4"


def test_an_answer_to_an_older_release_is_kept_and_said(page):
    keep(page, texts={ANSWER: {"text": NO_MAXIMUM, "base": "another"}})
    assert page.text(ANSWER) == NO_MAXIMUM
    assert "The exercise has been changed since you began" in page.notices


def test_an_answer_whose_cell_is_gone_becomes_a_cell_of_ones_own(page):
    keep(page, texts={"solution-gone": {"text": "precious = 1", "base": "x"}})
    last = page.browser.run("return document.querySelector('#nb-cells > :last-child').innerText")
    assert "precious = 1" in last
    page.reload()
    assert [one["text"] for one in page.kept()["own"]] == ["precious = 1"]


def test_another_tab_is_noticed_and_neither_version_is_lost(page, browser):
    page.open()
    page.write(ANSWER, "here")
    page.wait("return localStorage.getItem(arguments[0])?.includes('here')", page.key)
    first = browser.driver.current_window_handle
    browser.driver.switch_to.new_window("tab")
    browser.driver.get(page.address)
    page.start()
    page.write(ANSWER, "there")
    page.wait("return localStorage.getItem(arguments[0])?.includes('there')", page.key)
    browser.driver.close()
    browser.driver.switch_to.window(first)
    page.wait("return document.getElementById('nb-notices').innerText.includes('changed in another tab')")
    page.write(ANSWER, "here again")
    assert page.kept()["texts"][ANSWER]["text"] == "there", "nothing is overwritten before the learner chooses"
    page.press("s", Keys.CONTROL)
    assert "is kept in this browser" not in page.notices
    assert page.browser.driver.find_elements("css selector", ".nb-dismiss") == [], "it stays in sight"
    page.click("#nb-notices button:nth-of-type(2)")
    assert page.kept()["texts"][ANSWER]["text"] == "here again"


@pytest.mark.parametrize("name", ["pyodide.mjs", "pyodide.asm.wasm", "check.py", "worker.js"])
def test_python_that_cannot_be_loaded_is_said_and_can_be_tried_again(built_book, browser, site, name):
    absent = {name}
    with served(built_book.html, absent) as address:
        page = NotebookPage(browser, address, SLUG)
        browser.open(page.address)
        page.press_start()
        page.wait("return document.querySelector('.nb-says')?.textContent.includes('could not be loaded')")
        page.write(ANSWER, "x = 1")
        absent.clear()
        page.bar("Try again")
        page.ready()
        assert page.text(ANSWER) == "x = 1"


DRAW = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"
PICTURES = "return arguments[0].querySelectorAll('.nb-output img').length"


@pytest.mark.parametrize("before", ["x = 1", DRAW])
def test_python_is_stopped_and_started_without_a_connection(built_book, browser, site, before):
    """What was loaded before is there, matplotlib too; what was not says so, and comes when the connection does."""
    with served(built_book.html) as address:
        page = NotebookPage(browser, address, SLUG).open()
        page.write(ANSWER, before)
        page.run(ANSWER)
        page.write(ANSWER, "while True: pass")
        page.click(f'[data-id="{ANSWER}"] .nb-run')
        page.wait("return document.querySelector('.nb-says').textContent.includes('running')")
    page.bar("Stop")  # the server is gone, and the test lets the browser keep no files
    page.ready()
    assert "What it had computed is gone, what you wrote is not" in page.notices
    page.write(ANSWER, "import numpy\nprint(numpy.__name__)")
    assert page.run(ANSWER) == "numpy"
    page.write(ANSWER, solved(SLUG)[ANSWER])
    assert page.run("check-softmax").startswith("✓")
    page.write(ANSWER, DRAW)
    if before == DRAW:
        assert page.run(ANSWER) == ""
        assert page.browser.run(PICTURES, page.cell(ANSWER)) == 1
        return
    assert page.run(ANSWER).startswith("matplotlib could not be loaded: check the connection, then run the cell again.")
    with served(built_book.html, port=int(address.rpartition(":")[2])):
        assert page.run(ANSWER) == ""
        assert page.browser.run(PICTURES, page.cell(ANSWER)) == 1


def test_opened_from_a_disk_the_page_says_what_to_do(built_book, browser, site):
    browser.open(built_book.html / "exercises" / f"{SLUG}.html")
    said = browser.wait("return document.getElementById('notebook').innerText")
    assert "python -m http.server" in said
    assert "def softmax" in said, "the text can be read all the same"
