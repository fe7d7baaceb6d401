"""When a submission was handed in, read from the `timestamp.txt` that nbgrader leaves beside it.

A zone is read as `course/clocks.py` says; a time without one is in UTC, as nbgrader means it. In a loose folder of
submissions that file is the learner's own, so it is believed only where `_config.yml` says so (`trust_timestamps:
true`). In nbgrader's own `submitted/` folder it is what the instructor collected, and is believed as nbgrader does.
"""

from __future__ import annotations

import datetime
import os
from pathlib import Path

from autograder.course import clocks
from autograder.course.config import settings
from autograder.storage.safe_files import read_plain

NAME = "timestamp.txt"
MOST_BYTES = 1000


def read_timestamp(path: Path) -> datetime.datetime | None:
    """Return the time in a file, in UTC; None where it is no plain file or nobody can tell which time it holds."""
    try:
        return time_in(read_plain(path, MOST_BYTES)).replace(tzinfo=None)
    except (OSError, ValueError):
        return None


def time_in(data: bytes) -> datetime.datetime:
    """Return the time in the bytes of a `timestamp.txt`. Raises ValueError where nobody can tell which it is."""
    return clocks.read_time(data.decode("utf-8-sig"), datetime.UTC)


def what_is_odd(path: Path) -> str:
    """Return why nobody can tell the time in a file that is there; empty where it is read, and where there is none."""
    try:
        time_in(read_plain(path, MOST_BYTES))
    except clocks.OddTime as odd:
        return str(odd)
    except UnicodeDecodeError:
        return "it is no text"
    except (OSError, ValueError):
        return "it is no plain file of a fair size" if os.path.lexists(path) else ""
    return ""


def trust_timestamps(course_root: Path, submissions: Path, grading_root: Path) -> bool:
    """Say whether a `timestamp.txt` in a folder of submissions is believed."""
    if submissions.resolve() == (grading_root / "submitted").resolve():
        return True
    return bool(settings(course_root).get("trust_timestamps"))
