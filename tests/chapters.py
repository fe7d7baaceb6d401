"""What the tests of all chapters share: the files of one, its solved notebook, and what its learners are told."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

import nbformat

from autograder.authoring.source import read_source
from autograder.course.answer_key import AnswerKey, load_key
from autograder.course.reference import public_spec
from autograder.learner.check import call, diagnose, notebook_names

ROOT = Path(__file__).resolve().parent.parent
SLUGS = [path.stem.removesuffix("_key") for path in sorted((ROOT / "solutions").glob("*_key.py"))]


@cache
def key_of(slug: str) -> AnswerKey:
    """Return the answer key of a chapter."""
    return load_key(ROOT / "solutions" / f"{slug}_key.py")


def source_of(slug: str) -> Path:
    """Return the hand-written solved notebook of a chapter."""
    return ROOT / "solutions" / f"{slug}.py"


def page_of(slug: str) -> str:
    """Return the text of a chapter's page."""
    return (ROOT / "book" / f"{slug}.md").read_text(encoding="utf-8")


def release_of(slug: str) -> Path:
    """Return the notebook that a learner downloads."""
    return ROOT / "exercises" / slug / f"{slug}.ipynb"


def graded_cells(slug: str) -> list[nbformat.NotebookNode]:
    """Return the cells of a release that have points: its checks and written questions."""
    cells = nbformat.read(release_of(slug), as_version=4).cells
    return [cell for cell in cells if cell.metadata.get("nbgrader", {}).get("grade")]


def max_points(slug: str) -> float:
    """Return the points of all graded cells of a release together."""
    return sum(cell.metadata.nbgrader.points for cell in graded_cells(slug))


def solved_notebook(slug: str) -> tuple[dict, dict[str, str]]:
    """Run the solved notebook's cells and return its names, and the cells of its checks."""
    space = {"check": lambda *a: None, "hint": lambda *a: None, "progress": lambda: None}
    cells = read_source(source_of(slug))
    let_notebooks_find(slug)
    for cell in cells:
        if cell.kind == "code" and cell.role in ("solution", "locked"):
            exec(compile(cell.text, cell.id, "exec"), space)
    return space, {cell.name: cell.text for cell in cells if cell.role == "check"}


def let_notebooks_find(slug: str) -> None:
    """Let cells that run here import what the key of a chapter wants beside the notebook."""
    folder = str(ROOT / "solutions" / slug)
    if key_of(slug).beside and folder not in sys.path:
        sys.path.append(folder)


@cache
def public_cases(slug: str, name: str) -> dict:
    """Return the public cases of a check, drawn once for all tests."""
    return public_spec(key_of(slug)[name])


def verdict_on(slug: str, notebook: tuple[dict, dict[str, str]], name: str, code: str) -> dict:
    """Return the diagnosis of a learner's code, run in the solved notebook."""
    space, checks = notebook
    found = {}
    space = {**space, "check": found.__setitem__}
    exec(code, space)
    exec(checks[name], space)
    spec = public_cases(slug, name)
    results = []
    for case in spec["cases"]:
        with notebook_names(found[name], case["names"], spec["stale"]):
            results.append(call(found[name], case["inputs"], spec["returns"]))
    return diagnose(spec, results)
