"""A small class in a gradebook, written directly: what a grader would leave, without running anything."""

from __future__ import annotations

import csv
import io
import warnings
from contextlib import chdir
from datetime import datetime
from pathlib import Path

import nbformat
from sqlalchemy.exc import SAWarning

from autograder.cli import main
from autograder.gradebook.gradebook import open_gradebook
from tests.grade.fake_course import SLUG, make_course, released

NAMES = {
    "ada": ("Lovelace", "Ada", "ada@example.org"),
    "bob": ('O"Neill, jr.', "Bob", "bob@example.org"),
    "=1+1": ("=cmd|' /C calc'!A0", "@SUM(A1)", ""),
    "1004": ("Šimić", "Żaneta\tTab", "-zaneta@example.org"),
    "이서연": ("이", "서연", ""),
    "zoe": ("Zöe\nLine", "<script>alert(1)</script>", ""),
}
SCORES = {  # on the three graded cells; None waits for a person
    "ada": (2, 3, 2),
    "bob": (0, 1.5, None),
    "=1+1": (2, 3, None),
    "1004": (0, 0, 0),
    "이서연": (1 / 3, 3, 1),
    "zoe": (2, 0, 0),
}
LATE = {"ada": 0.7, "이서연": 9.0}  # the second is more than there is
WRONG = "You averaged over the columns, <b>bob</b>."
CELLS = ("mean_rows-averages_over_rows", "center-gives_rows_and_spread", "written-why")


def make(root: Path) -> Path:
    """Make a course whose gradebook holds the class; return its root."""
    make_course(root)
    out = root / "_build" / "grading"
    out.mkdir(parents=True, exist_ok=True)
    book = open_gradebook(f"sqlite:///{out / 'gradebook.db'}")
    release = released(root)
    book.update_or_create_assignment(SLUG, duedate=datetime(2026, 12, 1))
    book.add_notebook(SLUG, SLUG)
    for name, points, kind in zip(CELLS, (2, 3, 2), ("code", "code", "markdown"), strict=True):
        book.add_grade_cell(name, SLUG, SLUG, max_score=points, cell_type=kind)
    for student, (last, first, email) in NAMES.items():
        book.update_or_create_student(student, last_name=last, first_name=first, email=email or None)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SAWarning)  # nbgrader's own way of adding a submission causes them
            book.add_submission(SLUG, student, timestamp=datetime(2026, 12, 2 if student in LATE else 1))
        for name, score in zip(CELLS, SCORES[student], strict=True):
            grade = book.find_grade(name, SLUG, SLUG, student)
            grade.auto_score = None if name == "written-why" else score
            grade.manual_score = score if name == "written-why" else None
            grade.needs_manual_grade = score is None
        book.find_submission_notebook(SLUG, SLUG, student).late_submission_penalty = LATE.get(student)
        mark(release, student)
        path = out / "autograded" / student / SLUG / f"{SLUG}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(release, path)
    book.db.commit()
    book.close()
    return root


def mark(notebook: nbformat.NotebookNode, student: str) -> None:
    """Write what the judge found into the check cells, and what the grader says of the file."""
    notebook.metadata["autograder"] = {"attempt": student, "notes": [], "unreadable": ""}
    for check, grade_id, score, most in zip(("mean_rows", "center"), CELLS, SCORES[student], (2, 3), strict=False):
        cell = next(c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") == grade_id)
        right = score == most
        cell.metadata["autograder"] = {
            "check": check,
            "title": f"Task {check}",
            "status": "right" if right else "wrong",
            "names": [] if right else ["over_columns"],
            "diagnosis": "Right." if right else WRONG,
        }


def export(root: Path, *arguments: str) -> int:
    """Run `autograder export` in a course."""
    with chdir(root):
        return main(["export", *arguments])


def exported(root: Path, kind: str, *arguments: str) -> list[dict[str, str]]:
    """Export, and return the rows of the CSV file."""
    assert export(root, kind, *arguments) == 0
    text = (root / "_build" / "grading" / f"{kind}_{SLUG}.csv").read_bytes().decode("utf-8")
    return list(csv.DictReader(io.StringIO(text, newline="")))
