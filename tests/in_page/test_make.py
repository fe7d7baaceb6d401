"""What the Makefile does to have a Pyodide: one for the tests, where it can be fetched, and one for the book."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.built_book import ROOT
from tests.waiting import LONG

pytestmark = pytest.mark.skipif(shutil.which("make") is None or os.name != "posix", reason="make is not there")
STAMP = Path(".venv", ".pyodide")


@pytest.fixture
def folder(tmp_path):
    """A folder with the requirements, and a python that writes down what it is asked to do."""
    shutil.copy(ROOT / "requirements-pyodide.txt", tmp_path)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    return tmp_path


def make(folder: Path, target: str | Path, python: str) -> subprocess.CompletedProcess:
    """Run a target where `python` is this line of a shell script, no uv runs, and all else is there already."""
    program = folder / ".venv" / "bin" / "python"
    program.write_text(f"#!/bin/sh\necho python: $* >> asked\n{python}\n")
    no_uv = program.with_name("uv")
    no_uv.write_text("#!/bin/sh\nexit 1\n")
    for one in (program, no_uv):
        one.chmod(0o755)
    command = ["make", "--no-print-directory", "-f", ROOT / "Makefile", "-o", ".venv/.ready", str(target)]
    outside = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    return subprocess.run(command, cwd=folder, env=outside, capture_output=True, text=True, timeout=LONG)


def test_tests_go_on_where_no_pyodide_can_be_fetched_for_them(folder):
    result = make(folder, STAMP, "echo long complaints of pip >&2; exit 1")
    assert result.returncode == 0 and not (folder / STAMP).exists()
    assert result.stdout.count("\n") == 1 and "will be skipped" in result.stdout and result.stderr == ""


def test_what_the_tests_need_is_installed_once_with_its_digest_and_nothing_else(folder):
    for _ in range(2):
        assert make(folder, STAMP, "exit 0").stdout.count("skipped") == 0
    asked = (folder / "asked").read_text()
    assert asked.count("\n") == 1 and asked.startswith("python: -m pip install")
    assert "--no-deps" in asked and "--require-hashes" in asked and asked.endswith("-r requirements-pyodide.txt\n")


def test_no_lock_and_no_user_gets_what_only_the_tests_need():
    assert "provisa" not in (ROOT / "requirements.txt").read_text() + (ROOT / "pyproject.toml").read_text()


@pytest.mark.parametrize("status", [0, 1])
def test_make_pyodide_ends_as_the_script_does(folder, status):
    result = make(folder, "pyodide", f"exit {status}")
    assert bool(result.returncode) == bool(status)
    assert (folder / "asked").read_text() == "python: book/_ext/in_page/fetch.py\n"
