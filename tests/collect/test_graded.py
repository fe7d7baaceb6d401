"""A class that was collected is graded at once, by our grader's folder search and by stock nbgrader."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

import autograder
from autograder import cli
from tests.collect.downloads import DAY, MONDAY, canvas, moodle, tarred, zipped
from tests.grade.fake_course import RIGHT, SLUG, answered, as_bytes, make_course


@pytest.mark.slow
def test_stock_nbgrader_grades_what_was_collected(tmp_path, monkeypatch):
    root = make_course(tmp_path / "course")
    monkeypatch.chdir(root)
    right, half = as_bytes(answered(root, **RIGHT)), as_bytes(answered(root, mean_rows=RIGHT["mean_rows"]))
    downloads = [
        zipped(
            tmp_path / "moodle.zip",
            [
                (moodle("Conan O'Brien, [Jr]", 1, f"{SLUG} (1).ipynb"), right, MONDAY),
                (moodle("김민수", 2, "hw.ipynb"), half, MONDAY + DAY),
            ],
        ),
        zipped(tmp_path / "submissions.zip", [(canvas("leeann", 11, 12, "a.ipynb", late=True), right, MONDAY)]),
        tarred(tmp_path / "class.tar.gz", [(f"dora 🙂/{SLUG}/{SLUG}.ipynb", half, MONDAY)], "w:gz"),
    ]
    assert cli.main(["collect", *map(str, downloads)]) == 0
    environment = os.environ | {"PYTHONPATH": str(Path(autograder.__file__).parents[1])}
    for verb in ("generate_assignment", "autograde"):
        command = [sys.executable, "-m", "nbgrader", verb, SLUG]
        done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr[-3000:]
    with Gradebook(f"sqlite:///{root}/_build/grading/gradebook.db") as gradebook:
        found = {one.student.id: (one.score, one.timestamp) for one in gradebook.assignment_submissions(SLUG)}
    assert found == {
        "Conan_O_Brien_Jr": (5, MONDAY.replace(tzinfo=None)),
        "김민수": (2, (MONDAY + DAY).replace(tzinfo=None)),
        "11": (5, None),
        "dora 🙂": (2, None),
    }
