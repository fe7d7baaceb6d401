"""What honest people get in a class full of attacks is, bit for bit, what they get in a class of honest people."""

from __future__ import annotations

import csv
import shutil
from contextlib import chdir
from pathlib import Path

import pytest

from autograder.cli import main
from tests.attacks.attack_list import ATTACKS, GROUPS
from tests.attacks.conftest import HONEST, student_of
from tests.grade.fake_course import SLUG

FILES = [("submitted", "ipynb"), ("autograded", "ipynb"), ("feedback", "html")]


@pytest.fixture(scope="module")
def quiet(graded, neighbours, tmp_path_factory) -> Path:
    """Grade the honest submissions of the attacked class once more, without the attacks and with the same secret."""
    root = shutil.copytree(
        graded.root, tmp_path_factory.mktemp("quiet") / "course", ignore=without_results, symlinks=True
    )
    out = root / "_build" / "grading"
    out.mkdir(parents=True)
    shutil.copy(graded.root / "_build" / "grading" / "course_secret", out)
    with chdir(root):
        assert main(["grade", "class", "--timeout", "3", "--memory", "512", "--jobs", "3"]) == 0
    return root


def without_results(folder: str, names: list[str]) -> list[str]:
    """Return what is not copied: the results, and the attacks."""
    return [name for name in names if name == "_build" or name.startswith("attack-")]


def rows_of(root: Path, name: str, student: str) -> list[dict]:
    """Return the rows of somebody in a table."""
    with (root / "_build" / "grading" / name).open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["student_id"] == student]


def test_all_that_neighbours_get_is_the_same_bit_for_bit(graded, neighbours, quiet):
    for student in neighbours:
        for step, ending in FILES:
            path = Path("_build", "grading", step, student, SLUG, f"{SLUG}.{ending}")
            assert (graded.root / path).read_bytes() == (quiet / path).read_bytes(), path
        for table in ("grades.csv", "checks.csv"):
            assert rows_of(graded.root, table, student) == rows_of(quiet, table, student) != []


def test_each_class_of_attacks_has_neighbours(neighbours):
    """They are handed in by turns, so whoever sits between two neighbours is of every class, as long as it has some."""
    shortest = min(map(len, GROUPS.values()))
    for number in range(shortest * len(GROUPS) // HONEST):
        beside = ATTACKS[number * HONEST : (number + 1) * HONEST]
        assert f"honest-{number}" in neighbours
        assert all(any(attack in attacks for attack in beside) for attacks in GROUPS.values())
    assert student_of(ATTACKS[-1]) == f"attack-{len(ATTACKS) - 1:03}" and len(ATTACKS) >= 150
