"""Whoever marks sees the rubric of a written answer, and a click gives points or adds a comment; no learner does."""

from __future__ import annotations

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbconvert.exporters import HTMLExporter
from nbgrader.server_extensions.formgrader import handlers
from traitlets.config import Config

from autograder.gradebook.nbgrader_config import configure
from tests.formgrader.conftest import grade
from tests.formgrader.test_formgrader import GRADES_AND_COMMENTS, LOADED, gradebook, until
from tests.grade.fake_course import SLUG

selenium = pytest.importorskip("selenium", reason="this test needs selenium")
from selenium.webdriver.common.by import By  # noqa: E402

READY = 'Say **why**, "in full", with $x^2$.'


def shown(root, **resources) -> BeautifulSoup:
    """Return the page that formgrader shows of ann's notebook, in which she has put a rubric of her own."""
    config = Config()
    configure(config, root, root / "_build" / "grading")
    config.HTMLExporter.template_name = "formgrade"  # as nbgrader's extension sets it
    config.HTMLExporter.extra_template_basedirs = [handlers.template_path]
    notebook = nbformat.read(root / "_build" / "grading" / "autograded" / "ann" / SLUG / f"{SLUG}.ipynb", as_version=4)
    notebook.cells[0].metadata["rubric"] = {"levels": [], "comments": ["Full marks."], "answer": ""}
    about = {"base_url": "", "notebook_id": SLUG, "assignment_id": SLUG, "submission_id": "s", "student": "ann"}
    numbers = {"index": 0, "total": 1, "mathjax_url": ""}
    page, _ = HTMLExporter(config=config).from_notebook_node(notebook, resources={**about, **numbers, **resources})
    return BeautifulSoup(page, "html.parser")


def test_the_page_for_marking_has_the_rubric_and_the_page_for_learners_has_not(graded):
    (rubric,) = shown(graded).select(".rubric")
    assert [button["data-points"] for button in rubric.select(".level")] == ["2.0", "1.0", "0.0"]
    assert [button["data-says"] for button in rubric.select(".comment-ready")] == [READY, "Rows, not columns."]
    assert "Because it is so." in rubric.details.get_text() and "SOLUTION" not in rubric.get_text()
    page = (graded / "_build" / "grading" / "feedback" / "ann" / SLUG / f"{SLUG}.html").read_text(encoding="utf-8")
    assert "Rows, not columns." not in page and "Because it is so." not in page


def test_without_the_solution_the_page_is_shown_without(graded):
    assert not shown(graded, assignment_id="another").select(".rubric")


def test_a_click_gives_points_and_adds_each_comment_once(browser, server, graded):
    with gradebook(graded) as book:
        submission = book.find_submission_notebook(SLUG, SLUG, "ann").id
    browser.get(server.page(f"submissions/{submission}/"))
    until(browser, GRADES_AND_COMMENTS, lambda b: b.execute_script(LOADED))
    for place in (".level[data-points='1.0']", ".comment-ready", ".comment-ready + .comment-ready", ".comment-ready"):
        button = browser.find_element(By.CSS_SELECTOR, f".rubric {place}")
        browser.execute_script("arguments[0].scrollIntoView({block: 'center'}); arguments[0].click()", button)
    until(browser, "points and comments in the gradebook", lambda b: given(graded) == (1.0, EXPECTED))
    grade(graded, "--force")
    page = (graded / "_build" / "grading" / "feedback" / "ann" / SLUG / f"{SLUG}.html").read_text(encoding="utf-8")
    assert "Score: 1.0 / 2.0" in page and "Rows, not columns." in page


EXPECTED = f"{READY}\n\nRows, not columns."


WIDE_PICTURE = """
    const picture = document.createElement("img"), [answer] = document.querySelectorAll(".rubric");
    picture.width = 5000;
    answer.append(picture);
    const style = getComputedStyle(picture);
    return [style.borderTopColor, picture.getBoundingClientRect().width <= answer.clientWidth];
"""


def test_a_wide_picture_keeps_inside_its_frame_and_is_not_framed_in_red(browser, server, graded):
    with gradebook(graded) as book:
        submission = book.find_submission_notebook(SLUG, SLUG, "ann").id
    browser.get(server.page(f"submissions/{submission}/"))
    until(browser, GRADES_AND_COMMENTS, lambda b: b.execute_script(LOADED))
    assert browser.execute_script(WIDE_PICTURE) == ["rgb(221, 221, 221)", True]


def given(root) -> tuple[float | None, str | None]:
    """Return the points and the comment on ann's written answer, from the gradebook."""
    with gradebook(root) as book:
        place = ("written-why", SLUG, SLUG, "ann")
        return book.find_grade(*place).manual_score, book.find_comment(*place).manual_comment
