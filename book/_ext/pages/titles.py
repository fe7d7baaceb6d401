"""A chapter's title with its number small above it; both stay in the heading, for search and screen readers."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

from pages.exercise_zip import FOLDER

NUMBERED = re.compile(r"(Chapter \d+)(\. )")
EXERCISE = re.compile(rf"{FOLDER}/(\d\d)_")
SMALL, UNSEEN = "chapter-number", "visually-hidden"  # the stop behind a number is heard as a pause


def raise_numbers(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Put the number of a chapter into an element of its own; contents and links keep the title in one piece."""
    for title in doctree.findall(nodes.title):
        first = title[0] if title.children else None
        if isinstance(first, nodes.Text) and (found := NUMBERED.match(first)):
            number = nodes.inline("", found[1], nodes.inline("", found[2], classes=[UNSEEN]), classes=[SMALL])
            title[0:1] = [number, nodes.Text(first[found.end() :])]


def number_exercise(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: object) -> None:
    """Say on the page of an exercise which one it is."""
    if found := EXERCISE.match(page):
        number = f'<span class="{SMALL}">Exercise {int(found[1])}<span class="{UNSEEN}">. </span></span>'
        context["body"] = context.get("body", "").replace("<h1>", f"<h1>{number}", 1)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register with Sphinx."""
    app.connect("doctree-resolved", raise_numbers)
    app.connect("html-page-context", number_exercise)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
