"""Which files of this package can change a verdict, wherever in it they lie.

A submission is graded again when one of them has changed, and a worker on another machine must have the same ones.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import autograder

PACKAGE = Path(autograder.__file__).parent
BESIDE = ("collect", "export", "report")  # what comes before grading and after it; all else counts, new folders too
KINDS = (".py", ".j2", ".css", ".json")


def judging_files() -> list[Path]:
    """Return the modules and templates that can change a verdict or a feedback page, in a fixed order."""
    files = (path for path in PACKAGE.rglob("*") if path.suffix in KINDS and path.is_file())
    return sorted(path for path in files if path.relative_to(PACKAGE).parts[0] not in BESIDE)


def judging_digest() -> str:
    """Return a digest of these files: of their names and of what is in them."""
    digest = hashlib.sha256()
    for path in judging_files():
        digest.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
