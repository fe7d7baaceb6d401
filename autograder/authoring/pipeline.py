"""The steps from a chapter's hand-written files to everything that is generated from them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import nbformat

from autograder.authoring.agreement import require_own_key, require_sound_key
from autograder.authoring.drawn_before import drawn_once
from autograder.authoring.notebook import solved_notebook
from autograder.authoring.release import release
from autograder.authoring.same_numbers import committed_or_new
from autograder.authoring.source import numbers_of_tasks, read_source
from autograder.course.answer_key import load_key
from autograder.course.book_links import book_url, mistakes_url
from autograder.course.chapters import Chapter, exercises_url
from autograder.course.reference import reference_json
from autograder.errors import UserError
from autograder.learner import check as learner_check

REFERENCE = "reference.json"


@dataclass
class Work:
    """What the steps hand on: the chapter, the folder to render into, and what was made so far."""

    chapter: Chapter
    out: Path
    made: dict[str, Any] = field(default_factory=dict)
    keep: bool = False  # the reference outputs that are drawn, for the next time

    @property
    def solved(self) -> Path:
        """Return nbgrader's source folder."""
        return self.out / "solutions" / self.chapter.slug

    @property
    def released(self) -> Path:
        """Return the folder a learner downloads."""
        return self.out / "exercises" / self.chapter.slug


def read(work: Work) -> None:
    """Read the solved notebook's cells and the answer key."""
    work.made["cells"] = read_source(work.chapter.source)
    work.made["key"] = load_key(work.chapter.key)
    require_own_key(work.chapter.slug, work.made["key"])
    require_sound_key(work.made["key"])


def write_solved(work: Work) -> None:
    """Write the solved notebook with nbgrader's metadata."""
    notebook = solved_notebook(work.made["cells"], work.made["key"], exercises_url(work.chapter.root))
    work.solved.mkdir(parents=True, exist_ok=True)
    write_notebook(notebook, work.solved / f"{work.chapter.slug}.ipynb")


def write_check(work: Work) -> None:
    """Copy the learner's checker."""
    shutil.copyfile(learner_check.__file__, work.solved / "check.py")


def write_beside(work: Work) -> None:
    """Copy the files that the key wants beside the notebook. Raises UserError for one that is not there."""
    for name in work.made["key"].beside:
        path = work.chapter.root / name
        if not path.is_file():
            raise UserError(
                f"{work.chapter.key.name} wants {name} beside the notebook, which is not there: make it first."
            )
        shutil.copyfile(path, work.solved / path.name)


def write_reference(work: Work) -> None:
    """Draw the public cases and write the reference outputs, as they are committed where the numbers are the same."""
    committed = work.chapter.root / "solutions" / work.chapter.slug / REFERENCE
    root = work.chapter.root
    about = numbers_of_tasks(work.made["cells"]), book_url(root), mistakes_url(root)
    draw = partial(reference_json, work.made["key"], *about)
    text = committed_or_new(drawn_once(root, work.chapter.key, about, draw, work.keep), committed)
    (work.solved / REFERENCE).write_text(text, encoding="utf-8", newline="\n")


def write_release(work: Work) -> None:
    """Let nbgrader make the release, and store it as our own notebooks are stored."""
    release(work.out, work.chapter.slug)
    path = work.released / f"{work.chapter.slug}.ipynb"
    write_notebook(nbformat.read(path, as_version=4), path)


def write_notebook(notebook: nbformat.NotebookNode, path: Path) -> None:
    """Write a notebook in one fixed form: sorted keys, one space, a newline at the end."""
    text = nbformat.writes(notebook, version=4)
    path.write_text(text.rstrip("\n") + "\n", encoding="utf-8", newline="\n")


STEPS: list[tuple[str, Callable[[Work], None]]] = [
    ("read the solved notebook and the answer key", read),
    ("write the solved notebook", write_solved),
    ("copy check.py", write_check),
    ("copy what else lies beside the notebook", write_beside),
    ("draw the reference outputs", write_reference),
    ("make the release with nbgrader", write_release),
]


def render(chapter: Chapter, out: Path, say: Callable[[str], None] = lambda text: None, keep: bool = False) -> None:
    """Make everything generated for a chapter below the folder `out`."""
    work = Work(chapter, out, keep=keep)
    for name, step in STEPS:
        say(f"{chapter.slug}: {name}")
        step(work)


def generated(root: Path) -> dict[str, Path]:
    """Return the generated files below `root` (or a rendering of it) by their path as text."""
    folders = [p for top in ("solutions", "exercises") for p in sorted((root / top).glob("*")) if p.is_dir()]
    kept = [folder for folder in folders if not folder.name.startswith((".", "__"))]
    files = [p for folder in kept for p in sorted(folder.rglob("*")) if p.is_file()]
    return {
        p.relative_to(root).as_posix(): p for p in files if not {".ipynb_checkpoints", "__pycache__"} & set(p.parts)
    }
