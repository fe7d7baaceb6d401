"""Whatever can change a verdict is in the fingerprint: a new folder is, and everything that grading imports."""

from __future__ import annotations

import ast
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest

from autograder.course import judging_code
from autograder.course.assignment import trusted_paths
from autograder.course.judging_code import PACKAGE, judging_digest, judging_files
from autograder.grade.run.versions import versions

ENTRIES = (
    "autograder.grade.helper.marking",
    "autograder.grade.helper.server",
    "autograder.grade.pipeline",
    "autograder.grade.run.worker",
    "autograder.grade.run.fork_server",
    "autograder.gradebook.store",
)


def module_file(name: str) -> Path | None:
    """Return the file of a module of this package, None for a name that is none."""
    try:
        spec = find_spec(name)
    except ModuleNotFoundError:
        return None
    return Path(spec.origin) if spec and spec.origin else None


def imported_by(path: Path) -> set[str]:
    """Return the names that a module imports from this package, wherever in it the import stands."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return {name for name in found if name.startswith("autograder.")}


def reachable(entries: tuple[str, ...]) -> set[Path]:
    """Return the files of all modules that some modules import, directly or through others."""
    found: set[Path] = set()
    waiting = [path for path in map(module_file, entries) if path]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += [other for other in map(module_file, imported_by(path)) if other]
    return found


def test_everything_that_grading_imports_is_in_the_fingerprint():
    needed = reachable(ENTRIES)
    assert len(needed) > 40
    assert needed <= set(judging_files())


def test_templates_of_the_feedback_are_in_it_and_reports_are_not():
    names = {path.relative_to(PACKAGE).as_posix() for path in judging_files()}
    assert "grade/feedback/templates/judged/judged.html.j2" in names
    assert not any(name.startswith(("collect/", "export/", "report/")) for name in names)


def test_both_who_need_it_use_it(course):
    assert set(judging_files()) < set(trusted_paths(course, "90_fake"))
    assert judging_digest().startswith(versions()["autograder"])


@pytest.fixture
def package(tmp_path, monkeypatch):
    copy = shutil.copytree(PACKAGE, tmp_path / "autograder", ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(judging_code, "PACKAGE", copy)
    return copy


def test_a_change_anywhere_that_matters_is_a_change_of_the_digest(package):
    before = judging_digest()
    deep = package / "grade" / "deep" / "down"
    deep.mkdir(parents=True)
    (deep / "judge.py").write_text("")
    new = judging_digest()
    (deep / "judge.py").rename(deep / "other.py")
    renamed = judging_digest()
    (deep / "other.py").write_text("x = 1\n")
    assert len({before, new, renamed, judging_digest()}) == 4
    (package / "report" / "page.py").write_text("")
    (package / "grade" / "notes.txt").write_text("")
    last = judging_digest()
    shutil.rmtree(package / "report")
    assert judging_digest() == last
