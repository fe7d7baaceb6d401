"""When a submission was handed in, read from the `timestamp.txt` that nbgrader leaves beside it.

In a loose folder of submissions that file is the learner's own, so it is believed only where `_config.yml`
says so (`trust_timestamps: true`). In nbgrader's own `submitted/` folder it is what the
instructor collected, and is believed as nbgrader does.
"""

from __future__ import annotations

import datetime
import re
from pathlib import Path

from nbgrader.utils import parse_utc

from autograder.course.config import settings
from autograder.storage.safe_files import read_plain

NAME = "timestamp.txt"
MOST_BYTES = 1000
LOOKS_LIKE_A_TIME = re.compile(r"\d[\w:.+\- ]{3,60}")  # no slash: a name of a time zone can be the path of a file


def read_timestamp(path: Path) -> datetime.datetime | None:
    """Return the time in a file, in UTC; None where it is no plain file or holds no time."""
    try:
        text = read_plain(path, MOST_BYTES).decode("utf-8-sig").strip()
        return parse_utc(text) if LOOKS_LIKE_A_TIME.fullmatch(text) else None
    except Exception:  # dateutil raises errors of many kinds
        return None


def trust_timestamps(course_root: Path, submissions: Path, grading_root: Path) -> bool:
    """Say whether a `timestamp.txt` in a folder of submissions is believed."""
    if submissions.resolve() == (grading_root / "submitted").resolve():
        return True
    return bool(settings(course_root).get("trust_timestamps"))
