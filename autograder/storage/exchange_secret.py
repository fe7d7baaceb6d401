"""The secret that nbgrader's exchange leaves beside a submission.

`nbgrader release_feedback` looks for it beside the page, together with the time: the learner who handed in has the same
secret, and finds the page by it. So both go along with the results.
https://github.com/jupyter/nbgrader/blob/main/nbgrader/exchange/default/release_feedback.py
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from autograder.storage.safe_files import is_folder, read_plain, write_new
from autograder.storage.timestamps import NAME as TIMESTAMP
from autograder.storage.timestamps import read_timestamp

NAME = "submission_secret.txt"
MOST_BYTES = 1000  # nbgrader's has 128


def read_secret(folder: Path) -> bytes:
    """Return the secret beside a submission; nothing where there is none, something odd, or a link to another place."""
    if not (is_folder(folder) and is_folder(folder.parent)):
        return b""
    try:
        secret = read_plain(folder / NAME, MOST_BYTES)
        secret.decode()
    except (OSError, ValueError):
        return b""
    return secret


def put_secret(folder: Path, secret: bytes) -> None:
    """Write the secret of a submission, or take an older one's away."""
    if secret:
        write_new(folder / NAME, secret)
    else:
        (folder / NAME).unlink(missing_ok=True)


def pass_on(submitted: Path, results: Iterable[Path]) -> None:
    """Put secret and time of a submission beside its results, if it came through the exchange."""
    secret, time = read_secret(submitted), read_timestamp(submitted / TIMESTAMP)
    for folder in results:
        put_secret(folder, secret)
        if secret:
            write_new(folder / TIMESTAMP, f"{time.isoformat(' ')} UTC" if time else "")
