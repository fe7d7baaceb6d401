"""Jupyter's keys in the page: everything can be done without a mouse, and no key is a trap."""

from __future__ import annotations

import pytest
from selenium.webdriver import Keys

from autograder.authoring.source import read_source
from tests.chapters import source_of
from tests.in_page.answers import SLUG

pytestmark = pytest.mark.slow

PLAY = next(cell.id for cell in read_source(source_of(SLUG)) if cell.id.startswith("code-"))  # to play with the softmax
AFTER = "solution-attention_value"
HERE = "return document.activeElement.closest('[data-id]')?.dataset.id ?? ''"
ON_CELL = "return document.activeElement.dataset.id ?? ''"
NAME = "return document.activeElement.textContent"
OWN = "return [...document.querySelectorAll('[data-kind=own] .cm-content')].map(one => one.innerText.trim())"


@pytest.fixture
def page(page_of):
    page = page_of(SLUG).open()
    page.write(PLAY, "print(1)")
    return page


def run(page, script):
    return page.browser.run(script)


def test_running_with_keys(page):
    page.press(Keys.ENTER, Keys.CONTROL)
    assert page.done(PLAY) == "1"
    assert run(page, HERE) == PLAY
    page.press(Keys.ENTER, Keys.SHIFT)
    assert run(page, ON_CELL) == AFTER, "the next cell with code is selected"
    page.press("k")
    page.press(Keys.ENTER, Keys.ALT)
    page.type("print(2)")
    page.press(Keys.ENTER, Keys.SHIFT)
    own = run(page, "return document.querySelector('[data-kind=own]').dataset.id")
    assert page.done(own) == "2"
    assert page.text(PLAY) == "print(1)", "no key has added a line"


def test_walking_from_cell_to_cell(page):
    page.press(Keys.ESCAPE)
    assert run(page, ON_CELL) == PLAY
    for key, there in (("k", "check-softmax"), (Keys.ARROW_UP, "solution-softmax"), ("j", "check-softmax"),
                       (Keys.ARROW_DOWN, PLAY)):  # fmt: skip
        page.press(key)
        assert run(page, ON_CELL) == there
    page.press(Keys.ENTER)
    assert run(page, HERE) == PLAY
    assert run(page, ON_CELL) == ""
    page.type("x")
    assert "x" in page.text(PLAY)


def test_tab_goes_on_from_a_selected_cell(page):
    page.press(Keys.ESCAPE)
    page.press(Keys.TAB)
    assert run(page, NAME) == "Run"
    page.press(Keys.TAB)
    assert run(page, NAME) == "Reset"
    page.press(Keys.TAB)
    assert run(page, HERE) != PLAY


def test_a_locked_cell_is_read_and_not_changed(page):
    before = page.text("check-softmax")
    page.click_into("check-softmax")
    page.type("x")
    page.press(Keys.BACKSPACE)
    assert page.text("check-softmax") == before
    page.press(Keys.ESCAPE)
    page.twice("d")
    assert page.text("check-softmax") == before
    assert "Only cells of your own can be deleted." in page.notices


def test_cells_of_ones_own_come_go_and_come_back(page):
    page.press(Keys.ESCAPE)
    page.press("b")
    page.type("below")
    page.press(Keys.ESCAPE)
    page.press("a")
    page.type("above")
    assert run(page, OWN) == ["above", "below"]
    page.press(Keys.ESCAPE)
    page.twice("d")
    assert run(page, OWN) == ["below"]
    page.press("z")
    assert run(page, OWN) == ["above", "below"]
    for _ in range(2):
        page.twice("d")
    assert run(page, OWN) == []
    assert "2 cells deleted." in page.notices
    page.press("z")
    page.press("z")
    assert run(page, OWN) == ["above", "below"]
    page.wait("return localStorage.getItem(arguments[0])?.includes('above')", page.key)
    page.reload()
    assert run(page, OWN) == ["above", "below"]
    order = run(page, "return [...document.querySelectorAll('#nb-cells > *')].map(one => one.dataset.id)")
    assert order[order.index(PLAY) + 1].startswith("own-")


def test_one_d_deletes_nothing_however_long_ago_it_was(page):
    page.press(Keys.ESCAPE)
    page.press("b")
    page.press(Keys.ESCAPE)
    page.press("d")
    page.press(Keys.ENTER)
    page.type("text")
    page.press(Keys.ESCAPE)
    page.press("d")
    assert run(page, OWN) == ["text"]


def test_tab_goes_on_from_a_written_answer_that_is_still_empty(page):
    page.click_into("written-two_sizes")
    page.press(Keys.ESCAPE)
    assert run(page, ON_CELL) == "written-two_sizes"
    page.press(Keys.TAB)
    page.press(Keys.TAB)
    assert run(page, HERE) != "written-two_sizes"


def test_help_lists_the_keys_and_closes(page):
    page.press(Keys.ESCAPE)
    page.press("h")
    assert "run the cell and go to the next" in page.browser.find(".nb-dialog").text
    page.press(Keys.ESCAPE)
    page.wait("return !document.querySelector('.nb-dialog')")


def test_two_letters_stop_python(page):
    page.write(PLAY, "while True: pass")
    page.press(Keys.ENTER, Keys.SHIFT)
    page.wait("return document.querySelector('[data-state=running]')")
    page.twice("i")
    page.ready()
    assert "The cell was stopped" in page.notices


def test_save_says_where_the_work_is(page):
    page.press("s", Keys.CONTROL)
    assert "kept in this browser" in page.notices
