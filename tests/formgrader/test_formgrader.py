"""Written answers are read and graded in nbgrader's formgrader, in a browser, and what a person gave stays."""

from __future__ import annotations

import csv
from contextlib import suppress
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from nbgrader.api import Gradebook

from tests.formgrader.conftest import grade
from tests.grade.fake_course import SLUG
from tests.waiting import wait_for

selenium = pytest.importorskip("selenium", reason="this test needs selenium")
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402

pytestmark = pytest.mark.slow
COMMENT = "**Nearly**: say why, with $d_k$. <script>window.ran = 'comment'</script>"
ON_CODE = "A neat loop."
LOADED = "return window.formgrader && formgrader.grades && formgrader.grades.loaded && formgrader.comments.loaded"
GRADES_AND_COMMENTS = "the grades and comments to be loaded"
SAVED = "return formgrader.{0}.findWhere({{name: '{1}'}}).get('{2}')"


def until(browser, what, condition):
    """Wait until a condition on the browser holds, and return what it gives; an element may not be there yet."""

    def holds():
        with suppress(NoSuchElementException, StaleElementReferenceException):
            return condition(browser)

    return wait_for(holds, what)


def follow(browser, text: str) -> None:
    """Click a link of the page and wait for the next page."""
    link = until(
        browser,
        f"a link “{text}”",
        lambda b: next((a for a in b.find_elements(By.LINK_TEXT, text) if a.is_displayed()), None),
    )
    address = link.get_attribute("href")
    link.click()
    until(browser, f"the page {address}", lambda b: b.current_url.startswith(address))


def gradebook(root: Path) -> Gradebook:
    """Open the gradebook of a course."""
    return Gradebook(f"sqlite:///{root / '_build' / 'grading' / 'gradebook.db'}", "attention")


def given(root: Path) -> dict[str, object]:
    """Return what a person gave to ann, from the gradebook."""
    with gradebook(root) as book:
        written, checked = (book.find_grade(name, SLUG, SLUG, "ann") for name in ("written-why", CHECK))
        comments = [book.find_comment(name, SLUG, SLUG, "ann").comment for name in ("written-why", "solution-center")]
        return {
            "written": (written.manual_score, written.score),
            "extra": checked.extra_credit,
            "comments": comments,
            "total": book.find_submission(SLUG, "ann").score,
        }


CHECK = "center-gives_rows_and_spread"
GIVEN = {"written": (1.5, 1.5), "extra": 0.5, "comments": [COMMENT, ON_CODE], "total": 7.0}


def row(root: Path, student: str) -> dict[str, str]:
    """Return the row of a student in grades.csv."""
    with (root / "_build" / "grading" / "grades.csv").open(encoding="utf-8", newline="") as file:
        return next(row for row in csv.DictReader(file) if row["student_id"] == student)


@pytest.fixture(scope="module")
def opened(browser, server):
    """Go from formgrader's list of assignments to the submission with the written answer; return what was seen."""
    seen = {}
    browser.get(server.page("gradebook"))
    follow(browser, SLUG)
    follow(browser, SLUG)
    until(browser, "a list of two submissions", lambda b: len(b.find_elements(By.CSS_SELECTOR, "tbody tr")) == 2)
    marks = browser.find_elements(By.CSS_SELECTOR, "td.needs-manual-grade span.glyphicon-ok")
    seen["waiting"] = len(marks)
    browser.execute_script("$('.name-hidden').hide(); $('.name-shown').show()")
    follow(browser, "ann")
    until(browser, GRADES_AND_COMMENTS, lambda b: b.execute_script(LOADED))
    return seen


def test_the_list_says_which_submissions_wait_for_a_person(opened):
    assert opened["waiting"] == 1


def test_the_answer_is_shown_and_nothing_in_it_runs(opened, browser):
    panel = browser.find_element(By.ID, "written-why").find_element(
        By.XPATH, "./ancestor::div[contains(@class, 'cell')]"
    )
    assert panel.find_element(By.CSS_SELECTOR, "strong").text == "rows"
    assert "Because rows differ" in panel.text
    for element in panel.find_elements(By.CSS_SELECTOR, ".rendered_html b, .rendered_html a"):
        browser.execute_script("arguments[0].dispatchEvent(new MouseEvent('mouseover', {bubbles: true}))", element)
        assert not (element.get_attribute("href") or "").startswith("javascript:")
    assert browser.execute_script("return window.ran") is None
    assert "2 of 2 points" in browser.page_source  # the verdicts are there too


@pytest.fixture(scope="module")
def marked(opened, browser, graded):
    """Give a score, extra credit and two comments, and wait until the server has kept each."""
    for place, text in (
        ("written-why", "1.5"),
        (f"{CHECK}_extra_credit", "0.5"),
        ("written-why-comment", COMMENT),
        ("solution-center-comment", ON_CODE),
    ):
        field = browser.find_element(By.ID, place)
        browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", field)
        field.send_keys(text, Keys.TAB)
    for what, name, key, value in (
        ("grades", "written-why", "needs_manual_grade", False),
        ("comments", "written-why", "manual_comment", COMMENT),
        ("comments", "solution-center", "manual_comment", ON_CODE),
    ):
        saved = SAVED.format(what, name, key)
        until(browser, f"{what} of {name} to be saved", lambda b, s=saved, v=value: b.execute_script(s) == v)
    until(browser, "all of it in the gradebook", lambda b: given(graded) == GIVEN)
    return graded


def test_what_a_person_gives_is_in_the_gradebook(marked):
    assert given(marked) == GIVEN


def test_it_is_there_again_when_the_page_is_opened_again(marked, browser):
    browser.refresh()
    until(browser, GRADES_AND_COMMENTS, lambda b: b.execute_script(LOADED))
    score = browser.find_element(By.ID, "written-why")
    until(browser, "the score in its field", lambda b: score.get_attribute("value") == "1.5")
    assert browser.find_element(By.ID, "written-why-comment").get_attribute("value") == COMMENT
    assert browser.execute_script("return window.ran") is None


def test_it_waits_for_nobody_any_more(marked):
    grade(marked)
    assert row(marked, "ann")["needs_manual_grade"] == "False" and float(row(marked, "ann")["score"]) == 7.0


def test_grading_again_keeps_it_and_the_page_shows_it(marked):
    grade(marked, "--force")
    assert given(marked) == GIVEN
    assert row(marked, "ann")["needs_manual_grade"] == "False"
    page = marked / "_build" / "grading" / "feedback" / "ann" / SLUG / f"{SLUG}.html"
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
    assert "(Score: 7.0 / 7.0)" in soup.h1.get_text()
    assert "Score: 1.5 / 2.0" in soup.find(id="written-why").get_text()
    remark = soup.find(id="remark-written-why")
    assert remark.strong.get_text() == "Nearly" and remark.math and "window.ran" not in str(remark)
    assert ON_CODE in soup.find(id="remark-solution-center").get_text()
