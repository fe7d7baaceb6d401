"""Every test file has its place in the tiers, and what the tiers promise is so."""

import os
import re
import subprocess
import sys
import tomllib
from collections import Counter
from fnmatch import fnmatch

import pytest

from tests import tiers
from tests.chapters import ROOT

FILES = sorted(path.relative_to(ROOT / "tests").as_posix() for path in (ROOT / "tests").rglob("test_*.py"))
SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["pytest"]["ini_options"]
# What CI must not pass without: the weakenings of judge and sandbox, the attacks, the known mistakes.
TEETH = ("attacks/", "keys/test_mistakes.py", "grade/test_attacks.py", "grade/test_sandbox.py")


@pytest.mark.parametrize("file", FILES)
def test_every_file_has_a_place(file):
    assert tiers.place_of(file) is not None, f"{file}: give it a place in tests/tiers.py"


def test_pytest_passes_no_folder_by(request):
    passed_by = request.config.getini("norecursedirs")
    folders = {part for file in FILES for part in file.split("/")[:-1]}
    assert [name for name in folders for pattern in passed_by if fnmatch(name, pattern)] == []


def test_every_place_holds_a_file():
    used = {tiers.place_of(file) for file in FILES}
    assert [place.start for place in tiers.PLACES if place not in used] == []


def test_every_single_test_with_marks_of_its_own_is_there(request):
    collected = request.config.args
    if any(arg.rstrip("/") not in ("tests", str(ROOT), str(ROOT / "tests"), ".") for arg in collected):
        pytest.skip("not all tests were collected")
    assert set(tiers.SINGLED_OUT) == tiers.MATCHED


@pytest.mark.parametrize("pattern", tiers.SINGLED_OUT)
def test_no_teeth_are_singled_out(pattern):
    assert set(tiers.SINGLED_OUT[pattern]) <= set(tiers.MARKS)
    assert not any(re.match(teeth, pattern.replace("\\", "")) for teeth in TEETH)


def test_a_test_gets_the_marks_of_its_place_of_what_it_asks_for_and_its_own(monkeypatch):
    monkeypatch.setattr(tiers, "MATCHED", set())
    assert tiers.marks_of("site/test_new.py", "test_it", ["browser", "tmp_path"]) == {"browser"}
    assert tiers.marks_of("faults/test_new.py", "test_it", ["built_book"]) == {"slow", "book"}
    assert "thorough" not in tiers.marks_of("test_exercises.py", "test_nbgrader_validates_the_solved_notebook[02_dot]")
    assert "thorough" in tiers.marks_of("test_exercises.py", "test_nbgrader_validates_the_solved_notebook[07_x]")


def test_few_pieces_of_learners_code_are_judged_on_tensorflow_daily(request):
    judged = [item for item in request.session.items if getattr(item, "originalname", "") == tiers.LEARNERS_CODE]
    costly = [item for item in judged if tiers.is_daily(item) and item.module.KEY[tiers.check_of(item)].needs]
    if not costly:
        pytest.skip("the tests of the chapters on TensorFlow were not collected")
    counts = Counter((tiers.path_of(item), tiers.check_of(item)) for item in costly)
    assert max(counts.values()) <= tiers.OF_EACH_CHECK, counts


def test_the_marks_are_those_that_pytest_knows():
    assert {line.partition(":")[0]: line.partition(": ")[2] for line in SETTINGS["markers"]} == tiers.MARKS
    assert {mark for place in tiers.PLACES for mark in place.marks} <= set(tiers.MARKS)


def test_the_commands_leave_out_what_the_tiers_say():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert f"-m '{without(tiers.NOT_DAILY)}'" in SETTINGS["addopts"]
    assert f'-m "{without(tiers.NOT_FAST)}"' in command_of(makefile, "test-fast")
    assert "-m" not in command_of(makefile, "test").replace("-m pytest", "")
    assert '-m ""' in command_of(makefile, "test-all")
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "\nmake test\nmake test-rest" in ci and f"\nexport {tiers.END_BY}\n" in ci


def without(marks):
    return " and ".join(f"not {mark}" for mark in marks)


def command_of(makefile, target):
    (found,) = re.findall(rf"^{target}:.*\n((?:\t.*\n)+)", makefile, flags=re.MULTILINE)
    return found


def test_every_weakening_every_attack_and_every_known_mistake_is_in_the_daily_tier():
    for start in TEETH:
        places = [tiers.place_of(file) for file in FILES if file.startswith(start)]
        assert places and not any(set(place.marks) & set(tiers.NOT_DAILY) for place in places), start
    for path in (ROOT / "tests" / "attacks").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(rf"mark\.({'|'.join(tiers.NOT_DAILY)})\b", text), path.name
    claims = (ROOT / "tests" / "keys" / "claims.py").read_text(encoding="utf-8")
    assert 'DAILY = ("public", 1)' in claims


def test_what_drives_a_browser_or_reads_the_book_is_marked_as_such(request):
    """A test that asks for one gets the mark, in whatever folder it lies."""
    for item in request.session.items:
        for fixture, mark in tiers.BY_FIXTURE.items():
            if fixture in getattr(item, "fixturenames", ()):
                assert item.get_closest_marker(mark), item.nodeid


def test_what_comes_too_late_is_skipped_and_told_but_nothing_daily_is(run_example):
    late, early = run_example({tiers.END_BY: "1"}), run_example({tiers.END_BY: ""})
    assert early.returncode == late.returncode == 1, "the daily test that fails makes both fail"
    assert "1 failed, 3 passed" in early.stdout and "1 failed, 1 passed, 2 skipped" in late.stdout
    assert "not reached before the time was over: 2 tests of test_example.py" in late.stdout
    assert "not reached" not in early.stdout


EXAMPLE = """
import pytest

def test_daily(): pass
def test_broken(): assert 0
@pytest.mark.thorough
def test_more(): pass
@pytest.mark.training
def test_trained(): pass
"""
HOOKS = """
from tests.conftest import pytest_collection_modifyitems, pytest_runtest_setup, pytest_terminal_summary
"""


@pytest.fixture
def run_example(tmp_path):
    """Return a function that runs an example of four tests under the hooks of this project."""
    (tmp_path / "test_example.py").write_text(EXAMPLE, encoding="utf-8")
    (tmp_path / "conftest.py").write_text(HOOKS, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    thorough: x\n    training: x\n", encoding="utf-8")

    def run(environment):
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly"]
        space = {**os.environ, "PYTHONPATH": str(ROOT), **environment}
        return subprocess.run(command, cwd=tmp_path, env=space, capture_output=True, text=True, check=False)

    return run


def test_groups_come_in_their_turn_and_are_not_torn_apart(request):
    turns = [tiers.turn_of(item) for item in request.session.items]
    assert turns == sorted(turns) or request.config.pluginmanager.hasplugin("randomly")


def test_a_worker_sees_the_groups(request):
    worker = hasattr(request.config, "workerinput") and bool(request.config.getvalue("loadgroup"))
    assert request.node.nodeid.endswith("@test_tiers.py") is worker
