"""Makes a whole course of one small chapter, its release by nbgrader, and submissions to it."""

from __future__ import annotations

import json
import logging
import shutil
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from traitlets.config import Config

from autograder.course.answer_key import load_key
from autograder.course.reference import reference_json
from autograder.gradebook.nbgrader_config import configure
from autograder.learner import check as learner_check

SLUG = "90_fake"
HERE = Path(__file__).parent
BASE = {"grade": False, "locked": False, "solution": False, "task": False, "schema_version": 3}

RIGHT = {
    "mean_rows": "def mean_rows(X):\n    return [sum(column) / len(column) for column in X.T]",
    "center": "def center(X, scale):\n    c = scale * (X - X.mean(0))\n    return c, abs(c).max()",
}

BECAUSE = """### BEGIN SOLUTION
Because it is so.

**Rubric**

- 2: Rows and why, for $x^2$.
- 1: Rows.
- 0: Neither.

**Comments**

- Say **why**, "in full", with $x^2$.
- Rows, not columns.
### END SOLUTION"""


def code(text: str, identity: str, **flags) -> nbformat.NotebookNode:
    """Return a code cell with nbgrader's metadata."""
    return new_code_cell(
        text, id=identity, metadata={"nbgrader": {**BASE, **flags, "grade_id": identity}} if flags else {}
    )


def solved_notebook() -> nbformat.NotebookNode:
    """Return the solved notebook of the chapter."""
    solution = "def {0}:\n    # TODO\n    ### BEGIN SOLUTION\n    {1}\n    ### END SOLUTION".format
    written = {**BASE, "grade": True, "solution": True, "points": 2, "grade_id": "written-why"}
    cells = [
        new_markdown_cell("# A small chapter", id="title"),
        code("import sys\nsys.path.insert(0, '.')\nfrom check import check, hint, progress", "setup", locked=True),
        code("import numpy as np\nN = 7", "libraries", locked=True),
        code(solution("mean_rows(X)", "return X.mean(axis=0)"), "solution-mean_rows", solution=True),
        code('check("mean_rows", mean_rows)', "mean_rows-averages_over_rows", grade=True, locked=True, points=2),
        code(
            solution("center(X, scale)", "c = scale * (X - X.mean(0)); return c, abs(c).max()"),
            "solution-center",
            solution=True,
        ),
        code(
            'check("center", lambda X, scale: center(X, scale))',
            "center-gives_rows_and_spread",
            grade=True,
            locked=True,
            points=3,
        ),
        new_markdown_cell(BECAUSE, id="written-why", metadata={"nbgrader": written}),
        new_code_cell("progress()", id="end"),
    ]
    return new_notebook(
        cells=cells, metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    )


def make_course(root: Path) -> Path:
    """Write the course below `root` and release its chapter; return `root`."""
    from nbgrader.converters import GenerateAssignment
    from nbgrader.coursedir import CourseDirectory

    folder = root / "solutions" / SLUG
    folder.mkdir(parents=True)
    (root / "_config.yml").write_text("title: fake\n")
    shutil.copy(HERE / "fake" / f"{SLUG}_key.py", root / "solutions")
    shutil.copy(learner_check.__file__, folder / "check.py")
    (folder / "reference.json").write_text(reference_json(load_key(root / "solutions" / f"{SLUG}_key.py")))
    nbformat.write(solved_notebook(), folder / f"{SLUG}.ipynb")
    shutil.copy(HERE.parents[1] / "nbgrader_config.py", root)
    config = Config()
    configure(config, root, root / "_build" / "grading")
    config.CourseDirectory.assignment_id = SLUG
    config.SaveCells.enabled = False
    converter = GenerateAssignment(coursedir=CourseDirectory(config=config), no_database=True, config=config)
    converter.log.setLevel(logging.ERROR)
    converter.start()
    return root


def released(root: Path) -> nbformat.NotebookNode:
    """Return the release of the chapter."""
    return nbformat.read(root / "exercises" / SLUG / f"{SLUG}.ipynb", as_version=4)


def answered(root: Path, **answers: str) -> nbformat.NotebookNode:
    """Return the release with answers written into its solution cells."""
    notebook = released(root)
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id", "").removeprefix("solution-")
        if name in answers:
            cell.source = answers[name]
    return notebook


def as_bytes(notebook: nbformat.NotebookNode) -> bytes:
    """Return a notebook as a file's bytes."""
    return json.dumps(notebook).encode()


def submit(folder: Path, student: str, data: bytes, name: str = f"{SLUG}.ipynb") -> Path:
    """Write one submission into nbgrader's layout."""
    path = folder / student / SLUG / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path
