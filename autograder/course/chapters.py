"""Where the files of a chapter are."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from autograder.course.config import settings
from autograder.errors import UserError

SLUG = re.compile(r"^\d{2}_[a-z0-9_]+$")
NUMBER = re.compile(r"\d{1,2}", re.ASCII)


@dataclass(frozen=True)
class Chapter:
    """One chapter, named by its slug, in the repository whose root folder is `root`."""

    root: Path
    slug: str

    @property
    def source(self) -> Path:
        """Return the solved notebook as hand-written py:percent text."""
        return self.root / "solutions" / f"{self.slug}.py"

    @property
    def key(self) -> Path:
        """Return the hand-written answer key."""
        return self.root / "solutions" / f"{self.slug}_key.py"

    @property
    def page(self) -> Path:
        """Return the hand-written page of the book."""
        return self.root / "book" / f"{self.slug}.md"

    @property
    def wrong(self) -> Path:
        """Return the hand-written wrong answers, which a chapter may have."""
        return self.root / "solutions" / f"{self.slug}_wrong.py"

    def hand_written(self) -> list[Path]:
        """Return the three files that make a chapter."""
        return [self.page, self.source, self.key]


def find_root(start: Path | None = None) -> Path:
    """Return the nearest folder upwards that holds the course: `_config.yml` and `solutions/`."""
    here = (start or Path.cwd()).resolve()
    for folder in [here, *here.parents]:
        with suppress(PermissionError):  # what may not be looked into holds no course for this user
            if (folder / "_config.yml").is_file() and (folder / "solutions").is_dir():
                return folder
    raise UserError(f"No course found in {here} or above it; run this in the folder that holds _config.yml.")


def by_number(given: str, known: Iterable[str]) -> str:
    """Return the slug that is meant: 04 and 4 are short for the only one that begins with `04_`.

    Anything else comes back as it was given, for the caller to find or to refuse.
    """
    if not NUMBER.fullmatch(given):
        return given
    same = {slug for slug in known if slug.startswith(f"{int(given):02}_")}
    return same.pop() if len(same) == 1 else given


def find_chapters(root: Path, slugs: list[str] | None = None) -> list[Chapter]:
    """Return the chapters that have any hand-written file, in order, or those that are named.

    A chapter lacking one of its three files is an error that names the missing one.
    """
    names = {p.stem for p in [*root.glob("book/*.md"), *root.glob("solutions/*.py")]}
    found = sorted({name.removesuffix("_key").removesuffix("_wrong") for name in names if SLUG.match(name)})
    slugs = [by_number(slug, found) for slug in slugs or []]
    unknown = sorted(set(slugs) - set(found))
    if unknown:
        raise UserError(f"There is no chapter {unknown[0]}; the chapters are: {', '.join(found)}.")
    chapters = [Chapter(root, slug) for slug in slugs or found]
    for chapter in chapters:
        for path in chapter.hand_written():
            if not path.is_file():
                raise UserError(f"Chapter {chapter.slug} lacks {path.relative_to(root)}; write it first.")
    return chapters


def exercises_url(root: Path) -> str:
    """Return the public address of the exercises folder from `_config.yml`, empty while there is none."""
    return str(settings(root).get("exercises_url") or "").rstrip("/")
