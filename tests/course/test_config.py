"""The settings of a course: where they stand in `_config.yml`, and what nbgrader calls the course."""

from __future__ import annotations

import pytest

from autograder.course.book_links import book_url
from autograder.course.config import COURSE_ID, course_id, settings
from autograder.course.deadlines import late_settings
from autograder.errors import UserError


def configured(folder, text):
    (folder / "_config.yml").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("section", ["autograder", "attention"])
def test_settings_stand_under_the_name_of_the_grader_or_of_the_book(tmp_path, section):
    text = f"{section}:\n  book_url: https://book.test/\n  late: {{cap_percent: 40}}\n  course_id: optics-1\n"
    course = configured(tmp_path, f"title: x\n{text}")
    assert (book_url(course), late_settings(course)["cap_percent"]) == ("https://book.test", 40)
    assert course_id(course) == "optics-1"


def test_of_both_names_the_first_counts(tmp_path):
    course = configured(tmp_path, "attention: {course_id: a, book_url: 'https://a.test'}\nautograder: {course_id: b}\n")
    assert settings(course) == {"course_id": "b"}


@pytest.mark.parametrize("text", ["", "title: x\n", "autograder:\n", "attention: {trust_timestamps: false}\n"])
def test_a_course_that_gives_itself_no_name_keeps_the_one_that_gradebooks_have(tmp_path, text):
    assert course_id(configured(tmp_path, text)) == COURSE_ID == "attention"


@pytest.mark.parametrize("given", ["2026", "[a]", "'a b'", "''", "null", "'a/b'", "'..'", "'a\\n'"])
def test_a_name_that_nbgrader_cannot_have_is_told(tmp_path, given):
    with pytest.raises(UserError, match="_config.yml: course_id is .*; give letters and digits"):
        course_id(configured(tmp_path, f"autograder:\n  course_id: {given}\n"))
