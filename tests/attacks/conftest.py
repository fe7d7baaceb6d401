"""One class with every attack in it, graded once, with honest neighbours in between."""

from __future__ import annotations

import io
from contextlib import chdir, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

import pytest

from autograder.cli import main
from autograder.grade.sandbox.time_limits import TOTAL, Times
from tests.attacks.attack_list import ATTACKS
from tests.attacks.record import Attack, Outcome
from tests.grade.conftest import course, grade, pool, trusted  # noqa: F401 (fixtures)
from tests.grade.fake_course import RIGHT, SLUG, answered, as_bytes, make_course, submit

HONEST = 8  # every so many attacks there is a neighbour


@dataclass(frozen=True)
class Graded:
    """The class after grading."""

    root: Path
    code: int
    said: str

    def outcome(self, student: str) -> Outcome:
        """Return what grading left of one submission."""
        return Outcome(self.root, student, self.said)


def student_of(attack: Attack) -> str:
    """Return the name under which an attack is handed in."""
    return f"attack-{ATTACKS.index(attack):03}"


def hand_in(root: Path, attack: Attack) -> None:
    """Write one attack into the class."""
    notebook = answered(root, **{**RIGHT, "mean_rows": attack.text})
    data = (attack.edit(notebook) if attack.edit else None) or as_bytes(notebook)
    path = submit(root / "class", student_of(attack), data)
    if attack.beside:
        attack.beside(path.parent)


@pytest.fixture(scope="session")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """Grade all attacks and their neighbours in one class."""
    root = make_course(tmp_path_factory.mktemp("attacked") / "course")
    for number in range(0, len(ATTACKS), HONEST):
        submit(root / "class", f"honest-{number // HONEST}", as_bytes(answered(root, **RIGHT)))
    for attack in ATTACKS:
        hand_in(root, attack)
    said = io.StringIO()
    with chdir(root), redirect_stdout(said), pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "250")
        patch.setattr(Times, "of", lambda step: Times(step, TOTAL * step, patience=6))  # many attacks sleep
        code = main(["grade", "class", "--timeout", "1.5", "--memory", "512", "--jobs", "3"])
    return Graded(root, code, said.getvalue())


@pytest.fixture(scope="session")
def neighbours(graded: Graded) -> list[str]:
    """Return the names of the honest students."""
    return sorted(path.name for path in (graded.root / "class").glob("honest-*") if (path / SLUG).is_dir())
