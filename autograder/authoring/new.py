"""A new course: one chapter with one check, its key, its page and the settings, as a beginning to write over.

The files lie in `new_course/` as they will lie in the course. Those that end in `.j2` are filled in with its title.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from autograder.errors import UserError
from autograder.storage.safe_files import write_new
from autograder.storage.safe_text import HIDDEN

PATTERN = Path(__file__).parent / "new_course"
FILLED_IN = ".j2"
RENAMED = {"gitignore": ".gitignore", "ruff_toml": "ruff.toml"}  # which would hold for this package, too
MADE_BY_PYTHON = "__pycache__"  # an installer compiles the scripts


def new_course(folder: Path, title: str = "") -> list[Path]:
    """Write a course into a folder, which is made, and return its files.

    title  what the course is called (default: what the folder is called)

    Raises UserError where something is in the folder already, or it cannot be written.
    """
    try:
        refuse_what_is_there(folder)
        return [write_new(folder / path, text) for path, text in course_files(what_is_filled_in(folder, title))]
    except OSError as error:
        raise UserError(f"{folder} cannot be written ({error.strerror}); name another folder.") from None


def refuse_what_is_there(folder: Path) -> None:
    """Raise UserError where the folder is there and is not an empty folder."""
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        what = "is not empty" if folder.is_dir() else "is no folder"
        raise UserError(f"{folder} {what}; name a folder that does not exist yet.")


def what_is_filled_in(folder: Path, title: str) -> dict[str, str]:
    """Return the title of the course, as text and as YAML in quotes, and its name for nbgrader."""
    name = folder.resolve().name
    title = " ".join(HIDDEN.sub(" ", title).split()) or in_words(name)
    return {"title": title, "title_in_quotes": json.dumps(title, ensure_ascii=False), "course_id": as_name(name)}


def course_files(filled_in: dict[str, str]) -> Iterator[tuple[Path, str]]:
    """Yield each file of a new course by its path there, with its text."""
    environment = Environment(
        loader=FileSystemLoader(PATTERN), undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False
    )
    for path in sorted(path for path in PATTERN.rglob("*") if path.is_file() and MADE_BY_PYTHON not in path.parts):
        name = path.relative_to(PATTERN)
        if name.suffix == FILLED_IN:
            yield name.with_suffix(""), environment.get_template(name.as_posix()).render(filled_in)
        else:
            yield name.with_name(RENAMED.get(name.name, name.name)), path.read_text(encoding="utf-8")


def in_words(name: str) -> str:
    """Return the name of a folder as a title: "linear_algebra" is "Linear algebra"."""
    words = re.sub(r"[\W_]+", " ", name).strip() or "My course"
    return words[0].upper() + words[1:]


def as_name(title: str) -> str:
    """Return a title as a name for nbgrader, of small letters, digits and underscores."""
    return re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_") or "course"
