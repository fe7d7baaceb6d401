"""What learners write: the solved cells of a chapter, and a wrong answer with a name."""

from __future__ import annotations

import json
from functools import cache

from autograder.authoring.source import read_source
from tests.chapters import key_of, release_of, source_of

SLUG = "02_dot_product_attention"
NO_MAXIMUM = """\
def softmax(scores, axis=-1):
    exps = np.exp(scores)
    return exps / exps.sum(axis=axis, keepdims=True)"""
SAYS_NO_MAXIMUM = "Right for small scores. exp(1000) overflows to inf"


@cache
def solved(slug: str) -> dict[str, str]:
    """Return the solved cells of a chapter: cell to text."""
    return {cell.id: cell.text for cell in read_source(source_of(slug)) if cell.role == "solution"}


def released(slug: str, name: str) -> str:
    """Return a cell's text as it was released."""
    cells = json.loads(release_of(slug).read_text(encoding="utf-8"))["cells"]
    return next("".join(cell["source"]) for cell in cells if cell["id"] == name)


def needing(slug: str, library: str) -> set[str]:
    """Return the names of the checks that need a library."""
    return {check.name for check in key_of(slug).checks if check.needs == library}


def points(slug: str, library: str = "") -> float:
    """Return the points of the checks that need this library, or none."""
    return sum(check.max_score for check in key_of(slug).checks if check.needs == library)
