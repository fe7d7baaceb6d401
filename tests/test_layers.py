"""The layers of the package, stated once in pyproject.toml ([tool.importlinter]): imports keep to them."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest

from tests.chapters import ROOT

LINT = "from importlinter.cli import lint_imports_command as lint; lint(['--no-cache', '--config', 'pyproject.toml'])"
ROOMS = "imports between rooms run downwards"
GRADE = "imports within grade run downwards"
NO_CYCLE = "no two modules or rooms need each other"
COMMANDS = "nothing is built on the command line"
ARGUMENTS = "only commands read the command line"
WORKER = "what runs beside a learner's code knows no answers"
PLANTED = [
    ("storage/locks.py", "from autograder.gradebook import store", ROOMS),
    (
        "course/chapters.py",
        "def late():\n    from autograder.storage.locks import alone_in\n    return alone_in",
        ROOMS,
    ),
    ("collect/scan.py", "from autograder.export import sheet", ROOMS),
    ("a_new_room.py", "", ROOMS),
    ("grade/intake/rebuild.py", "from autograder.grade.judge import judge", GRADE),
    ("grade/sandbox/limits.py", "import autograder.grade.run.plan", GRADE),
    ("collect/names.py", "from autograder.collect import roster", NO_CYCLE),
    ("report/page.py", "from autograder.grade.command import HELP", COMMANDS),
    ("export/run.py", "import argparse", ARGUMENTS),
    ("api.py", "def parse():\n    from argparse import ArgumentParser", ARGUMENTS),
    ("report/making.py", "from autograder.options import add_db", ARGUMENTS),
    ("grade/run/ipython_shell.py", "from autograder.course import answer_key", WORKER),
]


def broken(folder) -> list[str]:
    """Return the contracts that the package in a folder breaks."""
    done = subprocess.run([sys.executable, "-c", LINT], cwd=folder, capture_output=True, text=True)
    found = [line.removesuffix(" BROKEN") for line in done.stdout.splitlines() if line.endswith(" BROKEN")]
    assert done.returncode == bool(found) and "Contracts:" in done.stdout, done.stdout + done.stderr
    return found


def test_imports_keep_to_the_layers():
    assert broken(ROOT) == []


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    folder = tmp_path_factory.mktemp("layers")
    shutil.copytree(ROOT / "autograder", folder / "autograder", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


@pytest.mark.parametrize(("module", "line", "contract"), PLANTED, ids=[module for module, _, _ in PLANTED])
def test_an_import_that_runs_upwards_is_seen(copied, module, line, contract):
    path = copied / "autograder" / module
    before = path.read_text(encoding="utf-8") if path.exists() else None
    path.write_text(f"{before or ''}\n{line}\n", encoding="utf-8")
    try:
        assert contract in broken(copied)
    finally:
        path.unlink() if before is None else path.write_text(before, encoding="utf-8")


def test_the_command_line_starts_without_what_takes_seconds_to_import():
    code = (
        "import sys, autograder.cli; print(*({'nbgrader', 'IPython', 'tensorflow', 'distributed'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
