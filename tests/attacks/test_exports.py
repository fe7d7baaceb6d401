"""Our report and exports of a class that is full of attacks: nothing in them runs, acts or hides."""

from __future__ import annotations

import io
import re
from contextlib import chdir, redirect_stderr, redirect_stdout

import pytest

from autograder.cli import main
from autograder.storage.safe_text import HIDDEN
from tests.attacks.attack_list import ATTACKS
from tests.attacks.conftest import student_of
from tests.attacks.record import assert_runs_nothing


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
    if command != ["report"]:
        assert all(student_of(attack) in text for attack in ATTACKS)
    else:
        body = re.sub(r"<svg.*?</svg>", "", text, flags=re.DOTALL)  # the report's own drawings
        body, rubrics = re.subn(r"<h3>How to mark .*?(?=<h3>)", "", body, flags=re.DOTALL)  # the course's own words
        assert rubrics == 1
        assert_runs_nothing(f"<body>{body.partition('<body')[2].partition('>')[2]}")
