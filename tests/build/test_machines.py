"""What is generated does not depend on the machine: processors and versions of NumPy differ in last digits only."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.authoring.pipeline import generated
from autograder.authoring.same_numbers import committed_or_new
from autograder.cli import main
from autograder.course.reference import DECIMALS
from autograder.learner.check import DECIMALS_OF_PRINTS
from tests.chapters import SLUGS, key_of

from .course import SLUG, make_course

ROOT = Path(__file__).resolve().parents[2]
OLDEST_NUMPY = Path(sys.prefix) / ".oldest"  # `make test` puts it there
MACHINES = [  # each kind of processor, each version of NumPy with oneDNN on and off
    ("Haswell", "0", "newest"),
    ("SkylakeX", "1", "oldest"),
    ("Zen", "1", "newest"),
    ("Prescott", "0", "oldest"),
]
BUILD_AND_CHECK = """
import numpy, sys
from autograder.cli import main
from autograder.course.reference import DECIMALS
from autograder.learner.check import DECIMALS_OF_PRINTS
print(numpy.__version__)
sys.exit(main(["build"]) or main(["check"]))
"""


def oldest_allowed():
    """Return the oldest NumPy that pyproject.toml allows, as a version with three numbers."""
    found = re.search(r'"numpy>=([\d.]+),', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return f"{found[1]}.0" if found[1].count(".") == 1 else found[1]


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """Copy what makes the course: hand-written and generated files."""
    root = tmp_path_factory.mktemp("course")
    shutil.copyfile(ROOT / "_config.yml", root / "_config.yml")
    for name in ("solutions", "exercises"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__", ".ipynb_checkpoints"))
    shutil.copytree(ROOT / "book", root / "book", ignore=lambda folder, names: [n for n in names if "." not in n])
    for name in {name for slug in SLUGS for name in key_of(slug).beside}:  # what keys want beside their notebooks
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, root / name)
    return root


def contents(root):
    return {name: path.read_bytes() for name, path in generated(root).items()}


@pytest.mark.parametrize(("core", "onednn", "numpy"), MACHINES)
def test_a_build_on_another_machine_changes_nothing(course, core, onednn, numpy):
    environment = {**os.environ, "OPENBLAS_CORETYPE": core, "TF_ENABLE_ONEDNN_OPTS": onednn}
    if numpy == "oldest":
        if not (OLDEST_NUMPY / ".ready").exists():
            pytest.skip("the oldest NumPy is not installed: `make test` fetches it")
        environment["PYTHONPATH"] = str(OLDEST_NUMPY)
    before = contents(course)
    command = [sys.executable, "-c", BUILD_AND_CHECK]
    done = subprocess.run(command, cwd=course, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "generated files, 0 changed." in done.stdout and "all as the sources give them." in done.stdout
    assert numpy == "newest" or done.stdout.startswith(f"{oldest_allowed()}\n")
    assert contents(course) == before


@pytest.mark.parametrize("slug", sorted(path.name.removesuffix("_key.py") for path in ROOT.glob("solutions/*_key.py")))
def test_the_learners_copy_is_the_one_in_the_solutions_folder(slug):
    for name in ("reference.json", "check.py"):
        assert (ROOT / "exercises" / slug / name).read_bytes() == (ROOT / "solutions" / slug / name).read_bytes()


# ---------------------------------------------------------------- what counts as the same numbers
@pytest.fixture
def built(tmp_path, monkeypatch):
    monkeypatch.chdir(make_course(tmp_path))
    assert main(["build"]) == 0
    return tmp_path


def change(path, where, by):
    """Add a little to the first number of an array in a reference.json, and leave all else as it is written."""
    old = json.loads(path.read_text(encoding="utf-8"))["checks"]["twice"]
    for name in where:
        old = old[name]
    number, places = old[0], DECIMALS_OF_PRINTS if "prints" in where else DECIMALS
    changed = path.read_text(encoding="utf-8").replace(f"[{number}", f"[{round(number + by, places)}", 1)
    assert changed != path.read_text(encoding="utf-8")
    path.write_text(changed, encoding="utf-8")


EXPECTED, PRINTS = ("cases", 0, "expected", "doubled", "data"), ("known", "one", "parts", "doubled", "prints")


@pytest.mark.parametrize(
    ("where", "by", "fresh"),
    [
        (EXPECTED, 1e-8, True),
        (EXPECTED, 2e-8, False),
        (EXPECTED, -1e-5, False),
        (PRINTS, -1e-4, True),
        (PRINTS, 2e-4, False),
    ],
)
def test_a_neighbouring_last_digit_is_the_same_number_and_any_other_is_not(built, capsys, where, by, fresh):
    names = [f"{top}/{SLUG}/reference.json" for top in ("exercises", "solutions")]
    for name in names:
        change(built / name, where, by)
    assert main(["check"]) == (0 if fresh else 1)
    assert all((f"stale: {name}" in capsys.readouterr().out) is not fresh for name in names[:1])
    before = contents(built)
    assert main(["build"]) == 0
    assert (contents(built) == before) is fresh


def test_copies_that_differ_in_a_last_digit_are_made_equal_again(built, capsys):
    change(built / f"exercises/{SLUG}/reference.json", EXPECTED, 1e-8)
    assert main(["check"]) == 1
    assert f"stale: exercises/{SLUG}/reference.json" in capsys.readouterr().out
    assert main(["build"]) == 0
    assert main(["check"]) == 0


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('{"a": 1.0}', '{"a": 1}'),
        ('{"a": 1}', '{"a": 2}'),
        ('{"a": "x 0.1"}', '{"a": "x 0.2"}'),
        ('{"a": 0.5}', '{"b": 0.5}'),
        ('{"a": [0.5, 0.5]}', '{"a": [0.5]}'),
        ('{"a": 0.5}', '{"a":0.5}'),
        ('{"a": "nan"}', '{"a": 0.5}'),
        ('{"a": "inf"}', '{"a": "-inf"}'),
        ('{"a": 1000000.0}', '{"a": 1000000.1}'),
        ("{", '{"a": 0.5}'),
    ],
)
def test_all_but_a_last_digit_must_be_as_the_key_gives_it(tmp_path, old, new):
    path = tmp_path / "reference.json"
    path.write_text(old, encoding="utf-8")
    assert committed_or_new(new, path) == new


def test_without_a_committed_file_the_new_text_counts(tmp_path):
    assert committed_or_new('{"a": 0.5}', tmp_path / "reference.json") == '{"a": 0.5}'
