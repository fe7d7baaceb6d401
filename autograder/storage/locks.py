"""The folder that results are written to: one grader at a time, and a plain sentence where it cannot be written."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import DatabaseError

from autograder.errors import UserError

LOCK = ".grading.lock"
NOT_OURS = {"ENOSPC", "EDQUOT", "EROFS", "EACCES", "EPERM", "ENOTDIR", "EEXIST", "EISDIR", "EIO", "EFBIG", "ENOENT"}
NUMBERS = {getattr(errno, name) for name in NOT_OURS if hasattr(errno, name)}


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Hold the lock of a folder; the system lets it go when this process ends, however it ends."""
    with writing_to(folder):
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    with os.fdopen(handle, "r+") as file:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            who = file.read(20).strip()
            raise UserError(
                f"Another `autograder grade`{f' (process {who})' if who else ''} is writing to {folder}; "
                "wait until it has ended, or give another folder with --out."
            ) from None
        with writing_to(folder):
            file.truncate()
            file.write(f"{os.getpid()}\n")
            file.flush()
        try:
            yield
        finally:  # at once: to close it is not enough while a process that is being started still has a copy
            fcntl.flock(handle, fcntl.LOCK_UN)


@contextmanager
def writing_to(folder: Path) -> Iterator[None]:
    """Say in a sentence what keeps results from being written, such as a full disk."""
    try:
        yield
    except OSError as error:
        if error.errno not in NUMBERS:
            raise
        raise UserError(cannot_write(folder, error.strerror or str(error))) from error
    except DatabaseError as error:
        raise UserError(cannot_write(folder, f"gradebook.db: {error.orig}")) from error


def cannot_write(folder: Path, reason: str) -> str:
    """Return the sentence; nothing that was graded is lost."""
    return f"Results cannot be written to {folder} ({reason}). What was graded is kept; mend this and run it again."
