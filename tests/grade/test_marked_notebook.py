"""What the judge left in a notebook is read in one way, and a damaged one stops nobody who reads a class."""

from __future__ import annotations

import json

import pytest

from autograder.export import results
from autograder.grade.report import no_verdict, read_row
from autograder.gradebook.keep_reviews import unchanged
from autograder.gradebook.marked_notebook import Marked, marked_path, read_marked
from autograder.report.submissions import Points, read_submission

VERDICT = {"check": "f", "title": "F", "status": "wrong", "names": ["a"], "diagnosis": "No.", "read": ""}
CELLS = [
    {"cell_type": "markdown", "metadata": {}, "source": ["# Title"]},
    {"cell_type": "code", "metadata": {"nbgrader": {"grade_id": "s", "solution": True}}, "source": ["x = 1\n", "y"]},
    {"cell_type": "markdown", "metadata": {"nbgrader": {"grade_id": "w", "solution": True}}, "source": "Why not?"},
    {"cell_type": "code", "metadata": {"nbgrader": {"grade_id": "c"}, "autograder": VERDICT}, "source": "check(f)"},
]
ABOUT = {"attempt": "1f", "unreadable": "", "notes": []}
POINTS = Points(0.0, grades={"c": (1.0, 2.0)})  # what the gradebook holds of a submission with one check
GOOD = {"metadata": {"autograder": ABOUT}, "cells": CELLS}
DAMAGED = {
    "no file": None,
    "empty": "",
    "cut off": json.dumps(GOOD)[:-9],
    "a list": "[]",
    "a number": "7",
    "deep": "[" * 100_000,
    "nobody's": json.dumps({"metadata": {}, "cells": []}),
    "without cells": json.dumps({"metadata": {"autograder": ABOUT}}),
    "a cell that is none": json.dumps({**GOOD, "cells": [7]}),
    "a cell without metadata": json.dumps({**GOOD, "cells": [{"cell_type": "code"}]}),
    "metadata that are none": json.dumps({**GOOD, "metadata": "autograder"}),
}


def written(root, text: str):
    """Write a marked notebook of eve's and return its path."""
    path = marked_path(root, "eve", "01")
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_all_that_is_read_is_what_was_written(tmp_path):
    path = written(tmp_path, json.dumps(GOOD))
    assert read_marked(path) == Marked("1f", "", {"c": VERDICT}, {"s": "x = 1\ny"})
    (row,) = read_row(tmp_path, "eve", "01", POINTS).checks
    assert (row["check"], row["score"], row["max_score"], row["diagnosis"]) == ("f", 1.0, 2.0, "No.")
    assert results.verdicts(tmp_path, "eve", "01") == {"c": VERDICT}
    found = read_submission(tmp_path, "01", "eve", POINTS)
    assert found.answers == {"s": "x = 1\ny"} and found.verdicts[0].names == ("a",)
    assert unchanged(path, ABOUT["attempt"])


@pytest.mark.parametrize("how", DAMAGED)
def test_a_damaged_notebook_stops_nobody(tmp_path, how):
    path = written(tmp_path, DAMAGED[how]) if DAMAGED[how] is not None else marked_path(tmp_path, "eve", "01")
    assert read_marked(path) is None
    assert read_row(tmp_path, "eve", "01", POINTS) == no_verdict("eve", "01")
    assert results.verdicts(tmp_path, "eve", "01") == {}
    assert read_submission(tmp_path, "01", "eve", POINTS) is None
    assert not unchanged(path, ABOUT["attempt"])


def test_a_link_to_another_notebook_is_not_followed(tmp_path):
    path = written(tmp_path, json.dumps(GOOD))
    path.rename(tmp_path / "elsewhere.ipynb")
    path.symlink_to(tmp_path / "elsewhere.ipynb")
    assert read_marked(path) is None
