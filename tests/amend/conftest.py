"""A class that was graded once, for tests that change its grades, and all that anybody reads of a grade."""

from __future__ import annotations

import csv
import json
import re
import shutil
from contextlib import chdir, closing
from pathlib import Path
from typing import Any

import pytest

from autograder.cli import main
from autograder.gradebook.class_list import Listed, keep_class
from autograder.gradebook.gradebook import OpenGradebook, read_gradebook
from tests.grade.fake_course import RIGHT, SLUG, answered, as_bytes, make_course, submit

MEAN, CENTER, WRITTEN = "mean_rows-averages_over_rows", "center-gives_rows_and_spread", "written-why"
WRONG = "def mean_rows(X):\n    return X.mean(axis=1)"
PARTLY = "def center(X, scale):\n    c = scale * (X - X.mean(0))\n    return c, 0.0"
ANSWERS = {"ann": {}, "bob": {"mean_rows": WRONG}, "cat": {"center": PARTLY}}
SCORES = {"ann": 5, "bob": 3, "cat": 3}  # of 7: nobody has read the written answers yet
HANDED_IN = {"ann": "2026-12-02 12:00 UTC", "bob": "2026-11-30 12:00 UTC", "cat": "2026-11-30 12:00 UTC"}
CONFIG = "attention:\n  due: {90_fake: 2026-12-01 23:59 UTC}\n  late: {percent_per_day: 20}\n"
LATE = {"ann": 1}  # a fifth of five points


def handed_in(root: Path, **answers: str) -> bytes:
    """Return what somebody hands in who has answered the question in words, too."""
    notebook = answered(root, **{**RIGHT, **answers})
    next(cell for cell in notebook.cells if cell.id == WRITTEN).source = "Because every row counts the same."
    return as_bytes(notebook)


def run(root: Path, *arguments: str, code: int = 0) -> None:
    """Run a verb in a course."""
    with chdir(root):
        assert main(list(arguments)) == code


def amend(root: Path, *arguments: str, code: int = 0) -> None:
    """Change grades without being asked."""
    run(root, "amend", *arguments, "--yes", code=code)


def results(root: Path) -> Path:
    """Return the folder of the results."""
    return root / "_build" / "grading"


def submitted(root: Path, student: str, data: bytes, time: str = "") -> None:
    """Put a submission where `autograder collect` puts it."""
    path = submit(results(root) / "submitted", student, data)
    path.with_name("timestamp.txt").write_text(time or HANDED_IN[student])


def gradebook(root: Path) -> closing[OpenGradebook]:
    """Open the gradebook."""
    return closing(read_gradebook(f"sqlite:///{results(root) / 'gradebook.db'}"))


def log(root: Path) -> list[dict[str, Any]]:
    """Return the lines of what was decided."""
    path = results(root) / "decisions.jsonl"
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def rows(root: Path, name: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file of the results."""
    with (results(root) / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def near(wanted: dict[str, tuple[float, float]]) -> dict[str, Any]:
    """Return what equals such points, but for the last digits."""
    return {student: pytest.approx(points) for student, points in wanted.items()}


def everywhere(root: Path, pages: bool = True) -> dict[str, tuple[float, float]]:
    """Return the points and the most points of everybody, which all that anybody reads agrees about.

    pages  whether pages are among it: marks by hand are on them when they are made anew
    """
    with gradebook(root) as book:
        found = {
            one.student_id: (one.score - one.late_submission_penalty, one.max_score)
            for one in book.assignment_submissions(SLUG)
        }
        cells = {
            (one.student_id, grade.name): (grade.score, grade.max_score)
            for one in book.assignment_submissions(SLUG)
            for grade in one.notebooks[0].grades
        }
    table = {row["student_id"]: row for row in rows(root, "grades.csv") if row["score"]}
    assert {one: (float(row["score"]), float(row["max_score"])) for one, row in table.items()} == near(found)
    for row in rows(root, "checks.csv"):
        name = next(name for name in (MEAN, CENTER) if name.startswith(row["check"]))
        assert (float(row["score"]), float(row["max_score"])) == pytest.approx(cells[row["student_id"], name])
    run(root, "export", "json")
    exported = json.loads((results(root) / f"json_{SLUG}.json").read_text(encoding="utf-8"))["submissions"]
    assert {one["student"]: (one["score"], one["max_score"]) for one in exported} == near(found)
    for student in found if pages else ():
        page = (results(root) / "feedback" / student / SLUG / f"{SLUG}.html").read_text(encoding="utf-8")
        head = re.search(r"\(Score: (\S+) / (\S+)\)", page)
        assert (float(head[1]), float(head[2])) == pytest.approx(found[student], abs=0.01)
        for score, most in re.findall(r"<strong>. [^<]*: (\S+) of (\S+) points</strong>", page):
            assert (float(score), float(most)) in [cells[student, name] for name in (MEAN, CENTER)]
    return found


@pytest.fixture(scope="session")
def graded_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Grade the class: ann is late, and dan is on the roster and has handed in nothing."""
    root = make_course(tmp_path_factory.mktemp("amend") / "course")
    (root / "_config.yml").write_text(CONFIG)
    for student, answers in ANSWERS.items():
        submitted(root, student, handed_in(root, **answers))
    people = [Listed(one, one.capitalize(), "Lee", f"{one}@example.org") for one in ("ann", "bob", "cat", "dan")]
    keep_class(results(root), people)
    run(root, "grade")
    return root


@pytest.fixture
def course(graded_once: Path, tmp_path: Path) -> Path:
    """Return a graded course of one's own."""
    return shutil.copytree(graded_once, tmp_path / "course")
