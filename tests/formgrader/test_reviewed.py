"""A score given by hand counts as read when the same submission is graded again, and only then."""

from __future__ import annotations

import json

import nbformat
import pytest
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor

from autograder.course.assignment import load_trusted
from autograder.gradebook.keep_reviews import KeepsReviewed, unchanged
from autograder.gradebook.score_rows import read_cells, write_rows
from autograder.gradebook.scores import scores_of
from autograder.gradebook.store import Store
from tests.grade.fake_course import SLUG, make_course

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # nbgrader's own way causes them
CHECK, WRITTEN = "mean_rows-averages_over_rows", "written-why"


class Save(KeepsReviewed):
    """The step of nbgrader's own command, on a gradebook that is open."""

    def __init__(self, gradebook: Gradebook) -> None:
        super().__init__()
        self.gradebook = gradebook

    def preprocess(self, nb, resources):
        self.unchanged, names = resources["unchanged"], resources["nbgrader"]
        self.notebook_id, self.assignment_id, self.student_id = names["notebook"], names["assignment"], names["student"]
        return NbGraderPreprocessor.preprocess(self, nb, resources)


def by_nbgrader(gradebook: Gradebook, notebook: NotebookNode, same: bool) -> None:
    """Save the scores of a marked notebook as `nbgrader autograde` does."""
    about = {"notebook": SLUG, "assignment": SLUG, "student": "ann"}
    Save(gradebook).preprocess(notebook, {"nbgrader": about, "unchanged": same})


def by_the_driver(gradebook: Gradebook, notebook: NotebookNode, same: bool) -> None:
    """Save the scores of a marked notebook as the class driver does."""
    notebook.metadata["autograder"] = {"attempt": "1f"}
    write_rows(gradebook.db, read_cells(gradebook.db, SLUG), "ann", None, scores_of(notebook), same)
    gradebook.db.commit()


@pytest.fixture(params=[by_nbgrader, by_the_driver])
def save(request):
    return request.param


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    return make_course(tmp_path_factory.mktemp("reviewed"))


@pytest.fixture
def gradebook(course, save, tmp_path):
    """Return a gradebook in which a person has read one written answer and changed one score."""
    store = Store(course, tmp_path)
    store.add_assignment(load_trusted(course, SLUG))
    store.gradebook.add_student("ann")
    store.gradebook.add_submission(SLUG, "ann")
    save(store.gradebook, marked(course, 2.0), False)
    for name in (CHECK, WRITTEN):
        grade = store.gradebook.find_grade(name, SLUG, SLUG, "ann")
        grade.manual_score, grade.needs_manual_grade = 1.0, False
    store.gradebook.db.commit()
    yield store.gradebook
    store.close()


def marked(course, score: float) -> NotebookNode:
    """Return a marked notebook whose first check has a score, and whose written answer was changed."""
    notebook = load_trusted(course, SLUG).release.copy()
    notebook = nbformat.from_dict(json.loads(json.dumps(notebook)))
    for cell in notebook.cells:
        if cell.id == CHECK:
            cell.outputs = [nbformat.v4.new_output("execute_result", data={"text/plain": repr(score)})]
        if cell.id == WRITTEN:
            cell.source = "An answer."
    return notebook


def waiting(gradebook: Gradebook) -> set[str]:
    """Return the cells that wait for a person."""
    grades = gradebook.find_submission_notebook(SLUG, SLUG, "ann").grades
    return {grade.name for grade in grades if grade.needs_manual_grade}


@pytest.mark.parametrize(
    ("score", "same", "waits"),
    [(2.0, True, set()), (2.0, False, {CHECK, WRITTEN}), (1.0, True, {CHECK})],
    ids=["the same again", "another submission", "another score"],
)
def test_only_what_has_changed_is_to_be_read_again(course, gradebook, save, score, same, waits):
    save(gradebook, marked(course, score), same)
    assert waiting(gradebook) == waits
    assert gradebook.find_grade(WRITTEN, SLUG, SLUG, "ann").manual_score == 1.0


def test_what_nobody_has_read_still_waits(course, gradebook, save):
    gradebook.find_grade(WRITTEN, SLUG, SLUG, "ann").needs_manual_grade = True
    gradebook.db.commit()
    save(gradebook, marked(course, 2.0), True)
    assert waiting(gradebook) == {WRITTEN}


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ('{"metadata": {"autograder": {"attempt": "a", "unreadable": ""}}, "cells": []}', True),
        ('{"metadata": {"autograder": {"attempt": "b", "unreadable": ""}}, "cells": []}', False),
    ]
    + [(text, False) for text in ("", "{}", "[]", '{"metadata": {}}')],
)
def test_a_submission_is_the_same_when_its_bytes_are(tmp_path, text, same):
    assert not unchanged(tmp_path / "none.ipynb", "a")
    (tmp_path / "one.ipynb").write_text(text)
    assert unchanged(tmp_path / "one.ipynb", "a") == same
