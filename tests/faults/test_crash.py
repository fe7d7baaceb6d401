"""A grader that is killed at any moment and started again ends where an undisturbed one does."""

from __future__ import annotations

import multiprocessing
import os
import random
import tempfile
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from sqlalchemy import text

from tests.faults.dying import DEATHS, die_after, results_in
from tests.grade.fake_course import RIGHT, SLUG, answered, as_bytes, make_course, released, submit
from tests.waiting import LONG

SIZES = {"three": (24, 3, 1), "twenty": (200, 20, 6)}  # submissions, kills, and of these early ones
SEED = 20240607
GENTLE = 0.1  # seconds of processor time: a few submissions
FORKS = multiprocessing.get_context("forkserver")  # one process has imported nbgrader; each grader is forked from it
FORKS.set_forkserver_preload(["autograder.grade.session"])
TABLES = {  # what must be the same, without the random ids of rows
    "scores": """select student.id, cell.name, grade.auto_score, grade.manual_score, grade.needs_manual_grade
        from grade join base_cell cell on cell.id = grade.cell_id
        join submitted_notebook sn on sn.id = grade.notebook_id
        join submitted_assignment sa on sa.id = sn.assignment_id join student on student.id = sa.student_id""",
    "comments": """select student.id, cell.name, comment.auto_comment, comment.manual_comment
        from comment join base_cell cell on cell.id = comment.cell_id
        join submitted_notebook sn on sn.id = comment.notebook_id
        join submitted_assignment sa on sa.id = sn.assignment_id join student on student.id = sa.student_id""",
    "submissions": """select sa.student_id, a.name, sa.timestamp, sn.late_submission_penalty
        from submitted_assignment sa join assignment a on a.id = sa.assignment_id
        join submitted_notebook sn on sn.assignment_id = sa.id""",
    "cells": "select base_cell.name, base_cell.type, notebook.name from base_cell "
    "join notebook on notebook.id = base_cell.notebook_id",
    "version": "select version_num from alembic_version",
}
KINDS = [
    RIGHT,
    {**RIGHT, "mean_rows": "def mean_rows(X):\n    return X.mean(axis=1)"},
    {**RIGHT, "center": "def center(X, scale):\n    c = scale * (X - X.mean(0))\n    return c, c.max() + 1"},
    {**RIGHT, "center": "import os\ndef center(X, scale):\n    os._exit(1)"},
    {},
]


def write_class(root: Path, count: int) -> None:
    """Write a class of many kinds of submissions, damaged and missing ones among them."""
    files = [as_bytes(answered(root, **answers)) for answers in KINDS]
    written = answered(root, **RIGHT)
    next(c for c in written.cells if c.id == "written-why").source = "Because *I* say so."
    files += [as_bytes(written), files[0][:300], as_bytes(released(root))]
    for i in range(count):
        submit(root / "class", f"student {i:03}", files[i % len(files)])
    (root / "class" / "student 004" / SLUG / f"{SLUG}.ipynb").unlink()


def be_a_grader(root: Path, out: str, dies: tuple[int, float] | None) -> None:
    """Grade the class in a process group of its own, to the end or to a point; runs in a forked process."""
    from autograder.cli import main

    os.setsid()
    os.chdir(root)
    tempfile.tempdir = str(root)
    os.environ["ATTENTION_COURSE_SECRET"] = "the same in both runs"
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    if dies:
        die_after(Path(out), *dies)
    os._exit(main(["grade", "class", "--out", out]))


def graded(root: Path, out: Path, dies: tuple[int, float] | None = None) -> int:
    """Grade the class into a folder; return how the grader ended."""
    process = FORKS.Process(target=be_a_grader, args=(root, str(out), dies))
    process.start()
    process.join(LONG)
    assert process.exitcode is not None, f"waited {LONG:g} seconds for a grader to end, in vain"
    return process.exitcode


def points(choose: random.Random, count: int, kills: int, early_ones: int) -> list[tuple[int, float]]:
    """Return when to die: after so many finished submissions, and so many seconds of processor time more.

    A fifth of the class is left at least, so that it cannot end before it dies.
    """
    early = [(0, choose.uniform(0.05, 1.5)) for _ in range(early_ones)]  # while the gradebook is made
    last = count - count // 5
    later = [*sorted(choose.sample(range(1, last), kills - early_ones - 1)), last]
    return early + [(count, choose.uniform(0, GENTLE)) for count in later]


def state(out: Path) -> dict[str, object]:
    """Return all that a run leaves: the gradebook's rows, the tables and the pages."""
    with Gradebook(f"sqlite:///{out / 'gradebook.db'}", "attention") as gradebook:
        found = {name: sorted(map(repr, gradebook.db.execute(text(query)))) for name, query in TABLES.items()}
        assert not list(gradebook.db.execute(text("PRAGMA foreign_key_check")))
    for name in ("grades.csv", "checks.csv"):
        found[name] = (out / name).read_text(encoding="utf-8")
    for step in ("feedback", "autograded", "submitted"):
        found[step] = {str(path.relative_to(out)): path.read_bytes() for path in (out / step).rglob("*.*")}
    return found


@pytest.mark.parametrize("often", SIZES)
def test_a_grader_killed_often_ends_where_an_undisturbed_one_does(tmp_path, often):
    count, kills, early = SIZES[often]
    root = make_course(tmp_path)
    write_class(root, count)
    calm, disturbed = root / "calm", root / "_build" / "grading"
    assert graded(root, calm) == 0
    done = []
    for dies in points(random.Random(SEED), count, kills, early):
        assert graded(root, disturbed, dies) in DEATHS
        done.append(len(results_in(disturbed)))
    assert done == sorted(done) and done[early - 1] == 0 and count / 2 < done[-1] < count
    assert graded(root, disturbed) == 0
    wanted, got = state(calm), state(disturbed)
    for name in wanted:
        assert got[name] == wanted[name], name
    assert len(wanted["feedback"]) == len(wanted["autograded"]) == count
