"""Innocent faults: each gives a row, a page and a plain sentence, and none stops the class."""

from __future__ import annotations

import csv
import html
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.cli import main
from tests.built_book import ROOT
from tests.faults.dying import DEATHS, results_in
from tests.faults.faults import FAULTS, NAMED, Fault, hand_in, student_of
from tests.grade.fake_course import SLUG, make_course
from tests.waiting import LONG

MAX = 7
DYING = """
import sys
from pathlib import Path
from autograder.cli import main
from tests.faults.dying import die_after
die_after(Path("_build/grading"), int(sys.argv[1]), 0.01)
main(["grade", "class", "--jobs", "2"])
"""


def killed_half_way(root: Path) -> int:
    """Grade a class with a grader that dies when some submissions are finished, and return how many were."""
    command = [sys.executable, "-c", DYING, str(len(FAULTS) // 3)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(command, cwd=root, env=environment, stdout=subprocess.DEVNULL, start_new_session=True)
    assert ended.returncode in DEATHS
    return len(results_in(root / "_build" / "grading"))


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """Grade a class of all faults, with a grader that is killed once; return the course and what was left to do."""
    root = make_course(tmp_path_factory.mktemp("faults"))
    for fault in FAULTS:
        hand_in(root, root / "class", fault)
    done = killed_half_way(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        assert main(["grade", "class"]) == 0
    return root, done


def rows(root: Path, name: str) -> list[dict]:
    """Return the rows of a CSV file, without the mark that disarms what another program takes for a formula."""
    with (root / "_build" / "grading" / name).open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    return [{**row, "student_id": re.sub(r"(^|;)'", r"\1", row["student_id"])} for row in found]


def page(root: Path, student: str) -> str:
    """Return the text of a feedback page, without its markup."""
    path = root / "_build" / "grading" / "feedback" / student / SLUG / f"{SLUG}.html"
    body = re.sub(r"(?s)^.*?<body[^>]*>", "", path.read_text(encoding="utf-8"))
    return " ".join(html.unescape(re.sub(r"(?s)<[^>]*>", "", body)).split())


def scores(root: Path) -> dict[str, float]:
    """Return the scores in the gradebook."""
    with Gradebook(f"sqlite:///{root / '_build' / 'grading' / 'gradebook.db'}", "attention") as gradebook:
        return {one.student.id: one.score for one in gradebook.assignment_submissions(SLUG)}


def label(fault: Fault) -> str:
    """Return the name of a fault's test."""
    return f"{fault.name} [{fault.student}]" if fault.student else fault.name


def test_every_fault_of_the_list_is_here():
    assert {fault.name for fault in FAULTS} >= set(NAMED)
    assert len({student_of(fault) for fault in FAULTS}) == len(FAULTS)


@pytest.mark.parametrize("fault", FAULTS, ids=label)
def test_it_has_a_row_a_page_and_a_plain_sentence(graded, fault):
    root, student = graded[0], student_of(fault)
    found = [row for row in rows(root, "grades.csv") if row["student_id"] == student]
    assert [(float(row["score"]), float(row["max_score"])) for row in found] == [(fault.points, MAX)], found
    assert found[0]["status"] in ("graded", "not readable")
    checks = [row for row in rows(root, "checks.csv") if row["student_id"] == student]
    assert len(checks) == 2 and sum(float(row["score"]) for row in checks) == fault.points
    assert all(row["diagnosis"] for row in checks)
    assert fault.says in page(root, student)


def test_gradebook_and_table_agree(graded):
    table = {row["student_id"]: float(row["score"]) for row in rows(graded[0], "grades.csv")}
    assert scores(graded[0]) == table == {student_of(fault): fault.points for fault in FAULTS}


def test_what_was_graded_before_the_grader_was_killed_stays(graded):
    root, done = graded
    assert 0 < done < len(FAULTS)
    assert len(results_in(root / "_build" / "grading")) == len(FAULTS)


@pytest.mark.slow
def test_stock_nbgrader_gives_the_same_scores_to_all_that_it_can_find(graded, tmp_path):
    root = make_course(tmp_path)
    for fault in FAULTS:
        hand_in(root, root / "_build" / "grading" / "submitted", fault)
    nbgrader = Path(sys.executable).with_name("nbgrader")
    told = ""
    for verb in ("generate_assignment", "autograde"):
        done = subprocess.run([nbgrader, verb, SLUG], cwd=root, capture_output=True, text=True, timeout=LONG)
        told += done.stderr
    wanted = {student_of(fault): fault.points for fault in FAULTS if fault.stock}
    assert {student: score for student, score in scores(root).items() if student in wanted} == wanted, told[-5000:]
    autograded = root / "_build" / "grading" / "autograded"
    assert {path.name for path in autograded.glob("*/*/*")} <= {f"{SLUG}.ipynb", "check.py", "reference.json"}
