"""The same attacks by stock nbgrader's own commands, and our report and exports of a class that is full of them."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.cli import main
from autograder.storage.safe_text import HIDDEN
from tests.attacks.attack_list import ATTACKS, GROUPS
from tests.attacks.conftest import hand_in, student_of
from tests.attacks.record import assert_runs_nothing
from tests.grade.fake_course import RIGHT, SLUG, answered, as_bytes, make_course, submit
from tests.waiting import LONG

NBGRADER = Path(sys.executable).with_name("nbgrader")
BY_STOCK = [  # that end at once: stock nbgrader grades one after the other, and waits for each limit
    "objects always equal",
    "patched `check`",
    "messages",
    "partial grades",
    "points by memory",
    "Python's machinery",
    "what is in the file",
    "more rights",
    "what a user has so many of",
]


@pytest.mark.parametrize(
    "command", [["report"], *(["export", kind] for kind in ("moodle", "nbgrader", "json"))], ids=str
)
def test_report_and_exports_of_an_attacked_class_run_nothing_and_hide_nothing(graded, tmp_path, command):
    made, printed = tmp_path / "made", io.StringIO()
    flag = "--html" if command == ["report"] else "--to"
    with chdir(graded.root), redirect_stdout(printed), redirect_stderr(printed):
        assert main([*command, flag, str(made)]) == 0, printed.getvalue()
    text = made.read_text(encoding="utf-8")
    assert not HIDDEN.search(printed.getvalue()) and not HIDDEN.search(text.replace("\r\n", "\n"))
    assert all(student_of(attack) in text for attack in ATTACKS)
    if command == ["report"]:
        body = re.sub(r"<svg.*?</svg>", "", text, flags=re.DOTALL)  # the report's own drawings
        assert_runs_nothing(f"<body>{body.partition('<body')[2].partition('>')[2]}")


def test_stock_nbgrader_gives_attacks_what_we_give_them(tmp_path):
    root = make_course(tmp_path / "course")
    attacks = [next(one for one in ATTACKS if one.name == name) for name in BY_STOCK]
    assert {name for name, group in GROUPS.items() if set(attacks) & set(group)} == set(GROUPS)
    for attack in attacks:
        hand_in(root, attack)
    submit(root / "class", "honest", as_bytes(answered(root, **RIGHT)))
    shutil.copytree(root / "class", root / "_build" / "grading" / "submitted")
    for verb in ("generate_assignment", "autograde", "generate_feedback"):
        done = subprocess.run(
            [NBGRADER, verb, SLUG], cwd=root, capture_output=True, text=True, timeout=LONG, env={**os.environ}
        )
        assert done.returncode == 0, done.stderr
    with Gradebook(f"sqlite:///{root / '_build' / 'grading' / 'gradebook.db'}", "attention") as gradebook:
        found = {one.student.id: one.score for one in gradebook.assignment_submissions(SLUG)}
    assert found == {"honest": 5, **{student_of(attack): sum(attack.points) for attack in attacks}}
