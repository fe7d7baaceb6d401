"""Reads files that others made, and writes ours so that there is never half of one."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

MOST_BYTES = 20 << 20  # of a submitted notebook
TOO_LARGE = "The submitted file is too large ({} MB; the limit is {} MB). Clear the outputs, save and hand it in again."
QUIETLY = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)


def is_plain_file(path: Path) -> bool:
    """Say whether a path is a file itself, which we may read: no link to one, no device, no pipe."""
    try:
        return stat.S_ISREG(path.lstat().st_mode) and os.access(path, os.R_OK)
    except (OSError, ValueError):
        return False


def is_folder(path: Path) -> bool:
    """Say whether a path is a folder itself, and no link to one."""
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except (OSError, ValueError):
        return False


def may_be_listed(folder: Path) -> bool:
    """Say whether one can see what is in a folder."""
    try:
        os.scandir(folder).close()
    except (OSError, ValueError):
        return False
    return True


def entries(folder: Path) -> list[Path]:
    """Return what is in a folder, in order; nothing where it cannot be read."""
    try:
        return sorted(folder.iterdir())
    except (OSError, ValueError):
        return []


def read_plain(path: Path, most: int = MOST_BYTES) -> bytes:
    """Return the bytes of a plain file; raises OSError for anything else and for a file that is too large.

    A link is not followed, a device is not even opened, and nothing waits for the other end of a pipe.
    """
    if not is_plain_file(path):
        raise OSError(errno.EINVAL, "not a plain file", str(path))
    handle = os.open(path, QUIETLY)
    with os.fdopen(handle, "rb") as file:
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode) or about.st_size > most:
            raise OSError(errno.EFBIG, "not a plain file of a fair size", str(path))
        data = file.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, "the file is growing", str(path))
    return data


def read_notebook(path: Path) -> tuple[bytes | None, str]:
    """Return the bytes of a submitted notebook, or nothing and a sentence that says why it was not read."""
    try:
        about = path.lstat()
        if not stat.S_ISREG(about.st_mode):
            return None, f"{path.name} is {kind_of_file(about.st_mode)} and no file, so it was not read."
        if about.st_size > MOST_BYTES:
            return None, TOO_LARGE.format(-(-about.st_size >> 20), MOST_BYTES >> 20)
        return read_plain(path), ""
    except (OSError, ValueError):
        return None, f"{path.name} could not be read."


def kind_of_file(mode: int) -> str:
    """Return in words what a thing is."""
    kinds = [(stat.S_ISLNK, "a link"), (stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISREG, "a file")]
    return next((word for test, word in kinds if test(mode)), "a device")


def write_new(path: Path, content: str | bytes) -> Path:
    """Write a file in one step; what was there before is replaced, be it read-only or a link."""
    data = content.encode("utf-8", "replace") if isinstance(content, str) else content
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.new")
    temporary.unlink(missing_ok=True)
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return path
