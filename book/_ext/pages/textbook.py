"""What this book adds to Sphinx: a safe cache key, the points of an exercise."""

from __future__ import annotations

import hashlib
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config


def key_cache_by_shared_code(app: Sphinx, config: Config) -> None:
    """Give cached page outputs a folder named after what pages share, so that a change to it runs them again.

    The cache compares a page's own cells only; a new `plot_style.py` or a new result of an experiment would leave
    old drawings in the book.
    """
    digest, book = hashlib.sha256(), Path(app.srcdir)
    for path in sorted([*book.glob("*.py"), *book.glob("_data/*.json")]):
        digest.update(path.read_bytes())
    folder = Path(app.outdir).parent / ".jupyter_cache" / digest.hexdigest()[:12]
    config.nb_execution_cache_path = str(folder)


def describe_points(notebook: dict) -> str:
    """Return "10 checks and 2 written questions, 30 points" from a released notebook's nbgrader metadata."""
    grades = [cell["metadata"].get("nbgrader", {}) for cell in notebook["cells"]]
    graded = [grade for grade in grades if grade.get("grade") and grade.get("points")]
    written = [grade for grade in graded if grade.get("solution")]
    parts = [_count(len(graded) - len(written), "check"), _count(len(written), "written question")]
    points = sum(grade["points"] for grade in graded)
    return " and ".join(part for part in parts if part) + f", {points:g} points"


def _count(number: int, noun: str) -> str:
    return "" if number == 0 else f"{number} {noun}" + ("s" if number > 1 else "")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the parts with Sphinx."""
    app.connect("config-inited", key_cache_by_shared_code)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
