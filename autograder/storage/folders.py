"""Where the submissions of a class are, and where its results go."""

from __future__ import annotations

from pathlib import Path

ATTEMPTS = "attempts"  # beside the submissions: several notebooks of one person, each under a name of its own


def results_folder(given: Path | None, course_root: Path) -> Path:
    """Return where results go: into the given folder, else into the course's own."""
    return (given or course_root / "_build" / "grading").resolve()


def submissions_folder(given: Path | None, out: Path) -> Path:
    """Return where submissions are: in the given folder, else where they were collected."""
    return given or out / "submitted"


def graded_nothing(out: Path) -> bool:
    """Say whether nothing has been graded into a folder yet, whichever database holds the gradebook."""
    return not (out / "state").exists()
