"""Attacks by stock nbgrader's own commands: they earn what they earn with us."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from nbgrader.api import Gradebook

from tests.attacks.attack_list import ATTACKS, GROUPS
from tests.attacks.conftest import hand_in, student_of
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
