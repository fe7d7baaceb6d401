"""Answers that stand together in one cell are all found, wherever it stands; no stub takes their place."""

from __future__ import annotations

import copy

import pytest
from nbformat.v4 import new_code_cell

from tests.grade.fake_course import RIGHT, as_bytes, released
from tests.grade.test_rebuild import cell, no_metadata

TOGETHER = "\n\n".join(RIGHT.values())
NAMES = ["solution-mean_rows", "solution-center"]


def with_own_cell(course, place):
    """Return the release with all answers in a cell of the learner's at a place."""
    notebook = released(course)
    notebook.cells.insert(place % (len(notebook.cells) + 1), new_code_cell(TOGETHER))
    return notebook


def in_the_cell_of(course, name):
    """Return the release with all answers in the cell of one of them."""
    notebook = released(course)
    cell(notebook, name).source = TOGETHER
    return notebook


def without_stubs(course, place):
    """Return the same as `with_own_cell`, the cells of the answers deleted."""
    notebook = with_own_cell(course, place)
    notebook.cells = [one for one in notebook.cells if one.metadata.get("nbgrader", {}).get("grade_id") not in NAMES]
    return notebook


def commented(course):
    """Return a notebook whose stubs have got a comment, which is no answer."""
    notebook = with_own_cell(course, 2)
    for name in NAMES:
        cell(notebook, name).source += "\n    # see above"
    return notebook


PLACES = {"at the top": 2, "in the middle": 5, "at the end": -1}
NOTEBOOKS = {
    **{f"a cell of its own {where}": lambda c, n=n: with_own_cell(c, n) for where, n in PLACES.items()},
    **{f"the same, and no stubs {where}": lambda c, n=n: without_stubs(c, n) for where, n in PLACES.items()},
    **{f"in {name}": lambda c, name=name: in_the_cell_of(c, name) for name in NAMES},
    "stubs with comments": commented,
}


@pytest.mark.parametrize("ids", [True, False], ids=["with ids", "without ids"])
@pytest.mark.parametrize("make", NOTEBOOKS.values(), ids=NOTEBOOKS)
def test_all_answers_in_one_cell_are_found(grade, course, make, ids):
    notebook = copy.deepcopy(make(course))
    if not ids:
        no_metadata(notebook)
    verdicts = grade(as_bytes(notebook))
    about = grade.notebook.metadata["autograder"]
    assert [verdict.score for verdict in verdicts.values()] == [2, 3], (about, [v.says for v in verdicts.values()])
    assert not any("is not in the notebook" in note for note in about["notes"])


def test_an_answer_of_its_own_stays_where_another_cell_defines_the_same(grade, course):
    notebook = in_the_cell_of(course, "solution-mean_rows")
    cell(notebook, "solution-center").source = "def center(X, scale):\n    return X"
    assert grade(notebook)["center"].score == 0


def test_a_stub_is_said_to_be_unfinished_where_nothing_else_answers(grade, course):
    notebook = released(course)
    no_metadata(notebook)
    verdicts = grade(as_bytes(notebook))
    assert {verdict.status for verdict in verdicts.values()} == {"unfinished"}
