"""A learner's cell may give a name another meaning; code that came with the notebook keeps the one it knows."""

from __future__ import annotations

import copy
from dataclasses import replace

import nbformat
import pytest
from nbformat.v4 import new_code_cell

from autograder.grade.pipeline import Grader, rebuilt, run_and_judge
from autograder.grade.sandbox.limits import Limits
from autograder.grade.sandbox.time_limits import Times
from tests.grade.fake_course import RIGHT, as_bytes, code

GIVEN = """def averages(X):
    str(print), type(X), dict(a=1), list(zip(range(3), enumerate(X))), max(len(X), 1), min(abs(-1), 1)
    return [float(sum(column)) / len(column) for column in np.asarray(X).T]"""
ANSWER = "def mean_rows(X):\n    return averages(X)"
SCRATCH = {
    "Python's names": "str = sum = list = max = min = range = len = zip = enumerate = type = dict = print = float = 0",
    "a module's name": "np = 5",
    "a loop": "for list in range(3):\n    pass",
    "a function": "def sum(x):\n    return 0",
    "a with": "import contextlib\nwith contextlib.nullcontext(3) as range:\n    pass",
    "another module": "import math as np",
    "everything of a module": "from numpy import *",
    "a magic": "%time sum = 3",
}
TOLD = "another meaning than in Python or in this notebook"


@pytest.fixture(scope="module")
def with_given_code(trusted):
    """Return the trusted side of a chapter that hands out a function which uses Python's names."""
    release = copy.deepcopy(trusted.release)
    release.cells.insert(3, code(GIVEN, "given", locked=True))
    return replace(trusted, release=release)


@pytest.fixture(scope="module")
def told(with_given_code, pool):
    """Return a function that grades the answers with a scratch cell at a place: points, and the grader's notes."""
    grader = Grader(pool, b"secret of the tests", Limits(memory=512 << 20), Times(step=3.0, total=30.0))

    def run(scratch, place, **answers):
        notebook = copy.deepcopy(with_given_code.release)
        for cell in notebook.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id", "").removeprefix("solution-")
            cell.source = {**RIGHT, "mean_rows": ANSWER, **answers}.get(name, cell.source)
        notebook.cells.insert(place, new_code_cell(scratch))
        made = rebuilt(with_given_code, as_bytes(notebook))
        nbformat.validate(made)
        verdicts = run_and_judge(made, with_given_code, "ann", grader)
        run.says = [verdict.says for verdict in verdicts]
        return [verdict.score for verdict in verdicts], " ".join(made.metadata["autograder"]["notes"])

    return run


@pytest.mark.parametrize("place", [3, 4], ids=["above it", "below it"])
@pytest.mark.parametrize("scratch", SCRATCH.values(), ids=SCRATCH)
def test_the_course_own_code_keeps_its_names(told, scratch, place):
    points, notes = told(scratch, place)
    assert points == [2, 3]
    assert (TOLD in notes) == ("import" not in scratch or " as range" in scratch)


def test_a_learners_own_code_finds_the_learners_own_meaning(told):
    text = "def mean_rows(X):\n    return sum(X)"
    assert told("def sum(X):\n    return X.mean(0)", 3, mean_rows=text)[0] == [2, 3]
    assert told("sum = 5", 3, mean_rows=text)[0] == [0, 3]
    assert told.says[0][0].startswith("Your answer uses `sum`, and one of your cells gives `sum` another meaning")


def test_a_name_that_is_taken_further_down_stops_no_answer(told):
    text = "def mean_rows(X):\n    return sum(X) / 0 + nothing"
    assert told("sum = 5", 7, mean_rows=text)[0] == [0, 3]
    assert not any("sum" in sentence for sentence in told.says[0])


QUIET = {
    "the same import": "import numpy as np\nx = np.ones(3)",
    "a name inside of a function": "def mine(X):\n    sum = 0\n    return [max for max in X]",
    "other names": "total = 0\nx_list = [1]",
    "a name as an argument": "dict(list=3)",
}


@pytest.mark.parametrize("scratch", QUIET.values(), ids=QUIET)
def test_what_takes_no_name_is_not_told(told, scratch):
    assert told(scratch, 3) == ([2, 3], "")
