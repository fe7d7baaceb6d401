"""Where the sections of the book are on the web."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

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


def mistakes_url(course_root: Path) -> str:
    """Return the address of the page "Which mistake is this?"; nothing where the book has none, or no address."""
    url, page = book_url(course_root), "which_mistake"
    return f"{url}/{page}.html" if url and (course_root / "book" / f"{page}.md").is_file() else ""


def mistakes_of(page: str, function: str) -> str:
    """Return the address of that page with nothing on it but the mistakes of one function."""
    return f"{page}?q={quote(function)}" if page and function else ""


def section_url(url: str, slug: str, section: str) -> str:
    """Return the address of a section of a chapter's page, as Sphinx makes it; nothing where the book has none."""
    return f"{url}/{slug}.html#{make_id(section)}" if url and section else ""
