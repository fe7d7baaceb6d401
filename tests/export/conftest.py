"""One class in a gradebook for the tests of all formats, and what its scores are by a route of our own."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.export import class_of_six

QUERY = """
    SELECT sa.student_id, SUM(COALESCE(g.manual_score, g.auto_score, 0)), COALESCE(sn.late_submission_penalty, 0)
    FROM submitted_assignment sa
    JOIN submitted_notebook sn ON sn.assignment_id = sa.id
    JOIN grade g ON g.notebook_id = sn.id
    GROUP BY sa.student_id
"""


@pytest.fixture(scope="session")
def made_once(tmp_path_factory) -> Path:
    """Make the class."""
    return class_of_six.make(tmp_path_factory.mktemp("six") / "course")


@pytest.fixture
def course(made_once, tmp_path) -> Path:
    """Return a course of one's own with the class in its gradebook."""
    return shutil.copytree(made_once, tmp_path / "course")


@pytest.fixture(scope="session")
def scores(made_once) -> dict[str, float]:
    """Return the scores after the penalty, read from the database itself."""
    with sqlite3.connect(made_once / "_build" / "grading" / "gradebook.db") as book:
        return {student: max(0, score - late) for student, score, late in book.execute(QUERY)}
