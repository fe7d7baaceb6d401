"""Where the sections of the book are on the web."""

from __future__ import annotations

from pathlib import Path

from docutils.nodes import make_id

from autograder.course.config import settings
from autograder.errors import UserError


def book_url(course_root: Path) -> str:
    """Return the public address of the book (`book_url` in _config.yml), or nothing where it has none."""
    url = str(settings(course_root).get("book_url") or "").rstrip("/")
    if url and not url.startswith("https://"):
        raise UserError(
            f"_config.yml: book_url is {url}; give an address that begins with https://, or leave it empty."
        )
    return url


def section_url(url: str, slug: str, section: str) -> str:
    """Return the address of a section of a chapter's page, as Sphinx makes it; nothing where the book has none."""
    return f"{url}/{slug}.html#{make_id(section)}" if url and section else ""
