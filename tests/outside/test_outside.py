"""A course outside this repository, with the package installed from its wheel: made, built, graded, reported."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import nbformat
import pytest

from tests.chapters import ROOT
from tests.outside.installed import OF_EXTRAS, install

SLUG = "01_weighted_means"
TASK = "solution-weighted_means"
WHERE = """\
import autograder, os, sys
print(autograder.__file__, *(path for path in sys.path if os.path.exists(os.path.join(path, "autograder"))))"""
ANSWERS = {
    "ada": "def weighted_means(marks, weights):\n    return marks @ weights / sum(weights)",
    "ben": "def weighted_means(marks, weights):\n    return marks.mean(axis=1)",
}


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    return install(tmp_path_factory.mktemp("outside"))


@pytest.fixture(scope="module")
def course(installed):
    """Make a course as an instructor does, follow the commands that are printed, and return its folder."""
    said = installed.run("autograder", "new", "statistics", "--title", 'Means: "all" of them')
    first, *commands = said.splitlines()
    assert first == "The course is in statistics. Next:"
    assert commands == ["  cd statistics", "  autograder build", "  autograder check"]
    built, checked = (installed.run("autograder", verb, folder="statistics") for verb in ("build", "check"))
    assert "6 generated files, 6 changed." in built and "all as the sources give them." in checked
    return installed.folder / "statistics"


@pytest.fixture(scope="module")
def graded(installed, course):
    """Hand in for two students, grade, report and export; return the folder of the results."""
    for student, answer in ANSWERS.items():
        hand_in(course, student, answer)
    for command in (["grade", "class"], ["report"], ["export", "json"]):
        installed.run("autograder", *command, folder="statistics")
    return course / "_build" / "grading"


def hand_in(course: Path, student: str, answer: str) -> None:
    """Write what a student hands in."""
    notebook = nbformat.read(course / "exercises" / SLUG / f"{SLUG}.ipynb", as_version=4)
    (cell,) = (cell for cell in notebook.cells if cell.id == TASK)
    cell.source = answer
    path = course / "class" / student / SLUG / f"{SLUG}.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(notebook, path)


def test_the_package_is_the_installed_one(installed):
    said = installed.run("python", "-c", WHERE).split()
    assert len(said) == 2 and Path(said[0]).is_relative_to(installed.prefix)
    assert Path(said[1], "autograder", "__init__.py") == Path(said[0]), "nowhere else is it found"


def test_the_extras_are_not_there(installed):
    said = installed.run("python", "-c", f"import {OF_EXTRAS[0]}", fails=1)
    assert f"ModuleNotFoundError: import of {OF_EXTRAS[0]} halted" in said


def test_the_wheel_has_all_that_is_in_the_package(installed):
    (wheel,) = installed.prefix.parent.glob("*.whl")
    here = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "autograder").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    with zipfile.ZipFile(wheel) as file:
        assert {name for name in file.namelist() if ".dist-info/" not in name} == here


def test_the_solved_notebook_passes_and_the_released_one_has_the_stub(installed, course):
    assert "1 of 1 checks passed" in installed.run("python", f"solutions/{SLUG}.py", folder="statistics")
    cells = nbformat.read(course / "exercises" / SLUG / f"{SLUG}.ipynb", as_version=4).cells
    (task,) = (cell.source for cell in cells if cell.id == TASK)
    assert "TODO" in task and "raise NotImplementedError" in task
    assert "SOLUTION" not in task and "return" not in task.partition('"""\n')[2]


def test_a_right_answer_gets_its_points_and_a_mistake_is_named(graded):
    class_ = {one["student"]: one for one in json.loads((graded / f"json_{SLUG}.json").read_text())["submissions"]}
    assert {student: one["score"] for student, one in class_.items()} == {"ada": 2, "ben": 0}
    (task,) = class_["ben"]["tasks"]
    assert task["misconceptions"] == ["weights_ignored"]
    page = (graded / "feedback" / "ben" / SLUG / f"{SLUG}.html").read_text(encoding="utf-8")
    assert "In the plain mean every test counts the same." in page and "Some tests count more" in page


def test_the_report_tells_what_the_class_has_not_understood(graded):
    page = (graded / "report.html").read_text(encoding="utf-8")
    assert "Means: &#34;all&#34; of them" in page
    assert "In the plain mean every test counts the same." in page
