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
LOCKS = tuple(f"requirements{part}.txt" for part in ("", "-uv", "-machines", "-dev", "-oldest", "-pyodide"))
# Programs that write down what they are asked to do. A Python makes an environment with itself in it, has a pip where
# one was made with it, takes the version that the Makefile asks for where VERSION says so, and fails where FAIL says.
# The index has a uv for it, unless NO_WHEEL says that there is none for this machine. Where KILL says, uv is killed.
PYTHON = """#!/bin/sh
case "$*" in
  "-c import sys; sys.exit("*)
    exec {python} -c "import sys; sys.version_info = (3, ${{VERSION:-12}}); ${{2#import sys; }}" ;;
  "-m pip --version") test -e "${{0%/*}}/pip" ;;
  "-m venv .venv") echo "python $*" >> {asked}; mkdir -p .venv/bin; cp "$0" .venv/bin/python; touch .venv/bin/pip ;;
  *"-r requirements-uv.txt")
    echo "python $*" >> {asked}
    test -z "$NO_WHEEL" || {{ echo "long complaints of pip" >&2; exit 1; }}
    cp {folder}/bin/a_uv "${{0%/*}}/uv" ;;
  *) echo "python $*" >> {asked}; case "$*" in *"${{FAIL:-nothing fails}}"*) exit 1 ;; esac ;;
esac
"""
UV = """#!/bin/sh
test "$*" != --version || exit 0
echo "uv $*" >> {asked}
case "$*" in
  *"${{KILL:-nobody kills}}"*) kill -TERM $$ ;;
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
        self.put("a_uv", UV)

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


READY, READY_DEV, PYODIDE, OLDEST = ".venv/.ready", ".venv/.ready-dev", ".venv/.pyodide", ".venv/.oldest/.ready"
NAMES = {READY_DEV: "dev", "machines": "machines", OLDEST: "oldest"}
WITH_PIP = "python -m pip install --disable-pip-version-check --no-compile --no-deps"
WITH_UV = "uv pip install --python .venv/bin/python --no-deps"
FETCH_UV = f"{WITH_PIP} --quiet --only-binary :all: --require-hashes -r requirements-uv.txt"
BY_VENV, BY_UV = "python -m venv .venv", "uv venv --quiet --seed --python python3.12 .venv"
WAYS = {  # how the packages get there: what make is given, what it asks for first, and how it installs
    "uv is there": ({}, [BY_UV], WITH_UV),
    "uv is fetched": ({}, [BY_VENV, FETCH_UV], WITH_UV),
    "no uv": ({"NO_WHEEL": "1"}, [BY_VENV, FETCH_UV], WITH_PIP),
}


@pytest.fixture(params=WAYS)
def way(request, machine):
    """Prepare the machine for one of the ways, and return what belongs to it."""
    machine.put("python3.12", PYTHON)
    if request.param == "uv is there":
        machine.put("uv", UV)
    return WAYS[request.param]


def test_packages_come_from_the_locks_with_their_digests(machine, way):
    given, first, install = way
    result = machine.make(READY, **given)
    assert result.returncode == 0 and result.stderr == ""
    assert result.stdout.count("uv could not be fetched") == (install == WITH_PIP)
    assert machine.told() == [
        *first,
        f"{install} --require-hashes -r requirements.txt",
        f"{install} --quiet --no-build-isolation --editable .",
    ]
    (machine.project / OLDEST).parent.mkdir()
    assert machine.make(READY_DEV, "machines", OLDEST, PYODIDE, **given).returncode == 0
    assert machine.told() == [
        f"{install} --quiet --require-hashes -r requirements-dev.txt",
        f"{install} --quiet --require-hashes -r requirements-machines.txt",
        f"{install} --quiet --require-hashes --only-binary :all: --upgrade --target .venv/.oldest "
        "-r requirements-oldest.txt",
        f"{install} --quiet --require-hashes -r requirements-pyodide.txt",
    ]
    assert machine.make(READY, READY_DEV, OLDEST, PYODIDE, **given).returncode == 0 and machine.told() == []


@pytest.mark.parametrize("fail", ["-r requirements.txt", "--editable"])
def test_what_failed_leaves_no_mark_and_is_made_anew(machine, way, fail):
    given, first, install = way
    assert machine.make(READY, FAIL=fail, **given).returncode != 0
    assert not (machine.project / READY).exists()
    (machine.project / ".venv" / "left").touch()
    machine.told()
    assert machine.make(READY, **given).returncode == 0
    assert (machine.project / READY).exists() and not (machine.project / ".venv" / "left").exists()
    assert machine.told()[: len(first)] == first


def test_what_failed_later_leaves_the_environment_as_it_was(machine, way):
    given, _, install = way
    assert machine.make(READY, **given).returncode == 0
    assert machine.make("machines", FAIL="requirements-machines", **given).returncode != 0
    machine.told()
    assert machine.make(READY, "machines", **given).returncode == 0
    assert machine.told() == [f"{install} --quiet --require-hashes -r requirements-machines.txt"]


@pytest.mark.parametrize("target", [READY_DEV, "machines", OLDEST])
def test_a_uv_that_was_cut_off_has_the_environment_made_anew(machine, target):
    machine.put("python3.12", PYTHON)
    assert machine.make(READY).returncode == 0
    assert machine.make(target, KILL=f"-r requirements-{NAMES[target]}").returncode != 0
    assert "pip install" in machine.told()[-1] and not machine.told(), "pip does not build upon half a package"
    (machine.project / ".venv" / "left").touch()
    os.utime(machine.project / ".venv" / ".begun", (10**9, 10**9))  # whatever the clock says
    again = machine.make(target)
    assert again.returncode == 0, again
    assert not (machine.project / ".venv" / "left").exists()
    assert [line.split()[-1] for line in machine.told()] == [
        ".venv",
        "requirements-uv.txt",
        "requirements.txt",
        ".",
        f"requirements-{NAMES[target]}.txt",
    ]
    assert machine.make(READY).returncode == 0 and machine.told() == []


def test_pip_installs_what_uv_fails_to(machine):
    machine.put("python3.12", PYTHON)
    result = machine.make(READY, FAIL="install --python")
    assert result.returncode == 0 and result.stderr.count("pip tries it") == 2
    assert [line.split()[0] for line in machine.told()] == ["python", "python", "uv", "python", "uv", "python"]


def test_a_uv_that_does_not_run_is_as_good_as_none(machine):
    machine.put("python3.12", PYTHON)
    machine.put("uv", "#!/bin/sh\nexit 1\n")
    assert machine.make(READY).returncode == 0
    assert machine.told()[:2] == [BY_VENV, FETCH_UV]


def test_a_changed_lock_is_installed_and_what_lies_on_top_again(machine):
    machine.put("python3.12", PYTHON)
    assert machine.make(READY_DEV).returncode == 0
    machine.told()
    for name in (READY, READY_DEV):
        os.utime(machine.project / name, (10**9, 10**9))
    assert machine.make(READY_DEV, FAIL="requirements-dev").returncode != 0
    assert machine.make(READY_DEV).returncode == 0
    asked = [line.split()[-1] for line in machine.told()]
    assert asked[:3] == ["requirements-uv.txt", "requirements.txt", "."], "the environment itself was there and is kept"
    assert set(asked[3:]) == {"requirements-dev.txt"}


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


def test_the_uv_in_an_environment_does_not_make_it_anew(machine):
    machine.put("python3.12", PYTHON)
    assert machine.make(READY).returncode == 0
    machine.told()
    (machine.project / READY).unlink()
    assert machine.make(READY, PATH=f"{machine.project}/.venv/bin:{machine.folder}/bin").returncode == 0
    assert machine.told()[:2] == [BY_VENV, FETCH_UV]


def test_tests_go_on_where_the_oldest_numpy_cannot_be_fetched(machine):
    machine.put("python3.12", PYTHON)
    assert machine.make(READY).returncode == 0
    result = machine.make(OLDEST, FAIL="requirements-oldest")
    assert result.returncode == 0 and not (machine.project / OLDEST).exists()
    assert result.stdout.count("\n") == 1 and "will be skipped" in result.stdout and result.stderr == ""


def test_course_needs_no_developers_requirements(machine):
    machine.put("python3.12", PYTHON)
    needed = machine.make("course", "--dry-run").stdout
    assert "requirements.txt" in needed and "requirements-dev.txt" not in needed
    for target in ("lint", "test", "bench"):
        assert "requirements-dev.txt" in machine.make(target, "--dry-run").stdout
