"""What the Makefile does to set up: with uv or with pip, from the locks alone; what failed is done again."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.blocks import ROOT
from tests.waiting import LONG

pytestmark = pytest.mark.skipif(shutil.which("make") is None or os.name != "posix", reason="make is not there")
LOCKS = ("requirements.txt", "requirements-machines.txt", "requirements-dev.txt", "requirements-oldest.txt")
# Programs that write down what they are asked to do. A Python makes an environment with itself in it, has a pip where
# one was made with it, takes the version that the Makefile asks for where VERSION says so, and fails where FAIL says.
PYTHON = """#!/bin/sh
case "$*" in
  "-c import sys; sys.exit("*)
    exec {python} -c "import sys; sys.version_info = (3, ${{VERSION:-12}}); ${{2#import sys; }}" ;;
  "-m pip --version") test -e "${{0%/*}}/pip" ;;
  "-m venv .venv") echo "python $*" >> {asked}; mkdir -p .venv/bin; cp "$0" .venv/bin/python; touch .venv/bin/pip ;;
  *) echo "python $*" >> {asked}; case "$*" in *"${{FAIL:-nothing fails}}"*) exit 1 ;; esac ;;
esac
"""
UV = """#!/bin/sh
echo "uv $*" >> {asked}
case "$*" in
  "venv "*) mkdir -p .venv/bin; cp {folder}/bin/a_python .venv/bin/python; touch .venv/bin/pip ;;
  *"${{FAIL:-nothing fails}}"*) exit 1 ;;
esac
"""


class Machine:
    """A folder with the locks and a PATH that has just what is put there."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.asked = folder, folder / "asked"
        (folder / "bin").mkdir()
        self.project = folder / "project"
        self.project.mkdir()
        for name in (*LOCKS, "pyproject.toml"):
            shutil.copy(ROOT / name, self.project)
        for name in ("sh", "mkdir", "cp", "rm", "touch", "make"):
            (folder / "bin" / name).symlink_to(shutil.which(name))
        self.put("a_python", PYTHON)

    def put(self, name: str, text: str) -> None:
        """Put a program on PATH."""
        path = self.folder / "bin" / name
        path.write_text(text.format(asked=self.asked, python=sys.executable, folder=self.folder))
        path.chmod(0o755)

    def make(self, *targets: str, **variables: str) -> subprocess.CompletedProcess:
        """Run make."""
        return subprocess.run(
            [shutil.which("make"), "--no-print-directory", "-f", ROOT / "Makefile", *targets],
            cwd=self.project,
            env={"PATH": str(self.folder / "bin"), **variables},
            capture_output=True,
            text=True,
            timeout=LONG,
        )

    def told(self) -> list[str]:
        """Return what the programs were asked to do since the last call."""
        lines = self.asked.read_text().splitlines() if self.asked.exists() else []
        self.asked.unlink(missing_ok=True)
        return lines


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


READY, READY_DEV = ".venv/.ready", ".venv/.ready-dev"
WITH_PIP = "python -m pip install --disable-pip-version-check --no-compile --no-deps"
WITH_UV = "uv pip install --python .venv/bin/python --no-deps"


@pytest.mark.parametrize("uv", [False, True], ids=["pip", "uv"])
def test_packages_come_from_the_locks_with_their_digests(machine, uv):
    machine.put("python3.12", PYTHON)
    if uv:
        machine.put("uv", UV)
    assert machine.make(READY).returncode == 0
    made, packages, own = machine.told()
    assert made == ("uv venv --quiet --seed --python python3.12 .venv" if uv else "python -m venv .venv")
    install = WITH_UV if uv else WITH_PIP
    assert packages == f"{install} --require-hashes -r requirements.txt"
    assert own == f"{install} --quiet --no-build-isolation --editable ."

    assert machine.make(READY_DEV, "machines").returncode == 0
    assert machine.told() == [
        f"{install} --quiet --require-hashes -r requirements-{name}.txt" for name in ("dev", "machines")
    ]
    assert machine.make(READY, READY_DEV).returncode == 0 and machine.told() == []


@pytest.mark.parametrize("uv", [False, True], ids=["pip", "uv"])
@pytest.mark.parametrize("fail", ["-r requirements.txt", "--editable"])
def test_what_failed_leaves_no_mark_and_is_resumed(machine, uv, fail):
    machine.put("python3.12", PYTHON)
    if uv:
        machine.put("uv", UV)
    assert machine.make(READY, FAIL=fail).returncode != 0
    assert not (machine.project / READY).exists()
    machine.told()
    assert machine.make(READY).returncode == 0
    assert (machine.project / READY).exists()
    assert len(machine.told()) == 2, "the environment itself was there and is kept"


def test_a_changed_lock_is_installed_and_what_lies_on_top_again(machine):
    machine.put("python3.12", PYTHON)
    assert machine.make(READY_DEV).returncode == 0
    machine.told()
    for name in (READY, READY_DEV):
        os.utime(machine.project / name, (10**9, 10**9))
    assert machine.make(READY_DEV, FAIL="requirements-dev").returncode != 0
    assert machine.make(READY_DEV).returncode == 0
    assert [line.split()[-1] for line in machine.told()] == ["requirements.txt", ".", *["requirements-dev.txt"] * 2]


def test_an_environment_that_is_broken_or_has_another_python_is_made_anew(machine):
    machine.put("python3.12", PYTHON)
    assert machine.make(READY).returncode == 0
    (machine.project / READY).unlink()
    (machine.project / ".venv" / "bin" / "pip").unlink()
    (machine.project / ".venv" / "left").touch()
    machine.told()
    assert machine.make(READY).returncode == 0
    assert machine.told()[0] == "python -m venv .venv" and not (machine.project / ".venv" / "left").exists()


@pytest.mark.parametrize("minor", ["10", "14"])
def test_other_pythons_are_refused_by_name(machine, minor):
    machine.put("python3", PYTHON)
    none = machine.make(READY, VERSION=minor)
    assert none.returncode != 0 and none.stdout.startswith("Python 3.11, 3.12 or 3.13 is needed and none was found.")
    given = machine.make(READY, f"PYTHON={machine.folder}/bin/python3", VERSION=minor)
    assert given.returncode != 0 and "python3 is none of them" in given.stdout
    assert machine.told() == [] and not (machine.project / ".venv").exists()


def test_uv_fetches_a_python_where_there_is_none(machine):
    machine.put("uv", UV)
    assert machine.make(READY).returncode == 0
    assert machine.told()[0] == "uv venv --quiet --seed --python >=3.11,<3.14 .venv"


def test_the_uv_of_the_developers_requirements_does_not_set_up_its_own_place(machine):
    machine.put("python3.12", PYTHON)
    assert machine.make(READY).returncode == 0
    machine.told()
    (machine.project / ".venv" / "bin" / "uv").write_text("#!/bin/sh\nexit 1\n")
    (machine.project / ".venv" / "bin" / "uv").chmod(0o755)
    path = f"{machine.project}/.venv/bin:{machine.folder}/bin"
    assert machine.make(READY_DEV, PATH=path).returncode == 0
    assert machine.told() == [f"{WITH_PIP} --quiet --require-hashes -r requirements-dev.txt"]


def test_tests_go_on_where_the_oldest_numpy_cannot_be_fetched(machine):
    machine.put("python3.12", PYTHON)
    assert machine.make(READY).returncode == 0
    mark = machine.project / ".venv" / ".oldest" / ".ready"
    result = machine.make(".venv/.oldest/.ready", FAIL="requirements-oldest")
    assert result.returncode == 0 and not mark.exists()
    assert result.stdout.count("\n") == 1 and "will be skipped" in result.stdout and result.stderr == ""


def test_course_needs_no_developers_requirements(machine):
    machine.put("python3.12", PYTHON)
    needed = machine.make("course", "--dry-run").stdout
    assert "requirements.txt" in needed and "requirements-dev.txt" not in needed
    for target in ("lint", "test", "bench"):
        assert "requirements-dev.txt" in machine.make(target, "--dry-run").stdout
