"""The generated files of a course: written where they are not as the sources give them, or only compared."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from autograder.authoring.pipeline import generated, render
from autograder.course.chapters import find_chapters


@dataclass(frozen=True)
class Change:
    """A generated file, by its path below the course, and what it is or what was done with it.

    what  "stale", "missing" or "orphaned"; once the course is built "written" or "removed"
    """

    path: str
    what: str


@dataclass(frozen=True)
class Generated:
    """How many files the sources give, and those that are, or were, not as they give them."""

    files: int
    changes: tuple[Change, ...]


def build_course(root: Path, chapters: Sequence[str], console: Console) -> Generated:
    """Render chapters (none named: all) and write the files that changed. Raises UserError for sources in disorder.

    console  shows each step while it lasts
    """
    chapters = slugs_of(root, chapters)
    with rendered(root, chapters, console, keep=True) as files:
        changes = []
        for change in differences(root, files, chapters):
            path = root / change.path
            path.parent.mkdir(parents=True, exist_ok=True)
            if change.path in files:
                shutil.copyfile(files[change.path], path)
            else:
                path.unlink()
            changes.append(Change(change.path, "written" if change.path in files else "removed"))
        return Generated(len(files), tuple(changes))


def check_course(root: Path, chapters: Sequence[str], console: Console) -> Generated:
    """Render chapters (none named: all) to a temporary folder and return each file that differs; nothing is written.

    console  shows each step while it lasts
    """
    chapters = slugs_of(root, chapters)
    with rendered(root, chapters, console, keep=False) as files:
        return Generated(len(files), tuple(differences(root, files, chapters)))


def slugs_of(root: Path, chapters: Sequence[str]) -> list[str]:
    """Return the slugs of the chapters that are named, by slug or by number; none where none is."""
    return [chapter.slug for chapter in find_chapters(root, list(chapters))] if chapters else []


@contextmanager
def rendered(root: Path, chapters: Sequence[str], console: Console, keep: bool) -> Iterator[dict[str, Path]]:
    """Render chapters to a folder that lasts as long as this, and give the files in it.

    keep  whether the reference outputs that had to be drawn are kept for the next time
    """
    with tempfile.TemporaryDirectory() as folder:
        with console.status("starting") as status:
            for chapter in find_chapters(root, list(chapters)):
                render(chapter, Path(folder), status.update, keep)
        yield generated(Path(folder))


def differences(root: Path, files: dict[str, Path], chapters: Sequence[str]) -> list[Change]:
    """Return the generated files that are not as they should be.

    With chapters named, the other chapters' files are left out.
    """
    present = {n: p for n, p in generated(root).items() if not chapters or n.split("/")[1] in chapters}
    found = []
    for name in sorted({*present, *files}):
        if name not in files:
            found.append(Change(name, "orphaned"))
        elif name not in present:
            found.append(Change(name, "missing"))
        elif present[name].read_bytes() != files[name].read_bytes():
            found.append(Change(name, "stale"))
    return found
