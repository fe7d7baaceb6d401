"""What a class is graded with: plain data, given by the command line or by a program."""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from pathlib import Path

from autograder.errors import UserError
from autograder.storage.folders import results_folder, submissions_folder

NOT_HERE = "Grading needs Linux, or macOS with --no-sandbox; on Windows run the same command under WSL 2."


@dataclass(frozen=True)
class Settings:
    """What a class is graded with. Raises UserError on Windows, and for a number that makes no sense.

    course_root  the folder with `_config.yml`, `solutions` and `exercises`
    submissions  the folder with one folder a student; None: `submitted` in `out`, where they were collected
    out          where results go; None: `_build/grading` of the course
    db           the gradebook's address; None: the variable ATTENTION_DB, else `gradebook.db` in `out`
    jobs         how many are run at a time; None: one a processor
    scheduler    the address of a Dask scheduler whose workers run them; None: this machine does
    assignment   the only one that is graded; None: all
    students     the only ones who are graded; none: everybody
    timeout      seconds of processor time for one cell
    memory       megabytes for one run
    pictures     whether the figures of the release's own cells are drawn
    force        whether what is unchanged is graded again
    sandbox      whether submissions run in the sandbox
    """

    course_root: Path
    submissions: Path | None = None
    out: Path | None = None
    db: str | None = None
    jobs: int | None = None
    scheduler: str | None = None
    assignment: str | None = None
    students: tuple[str, ...] = ()
    timeout: float = 30.0
    memory: int = 2048
    pictures: bool = False
    force: bool = False
    sandbox: bool = True

    def __post_init__(self) -> None:
        """Refuse what cannot be done."""
        if sys.platform == "win32":
            raise UserError(NOT_HERE)
        for name, whole in (("jobs", True), ("memory", True), ("timeout", False)):
            value = getattr(self, name)
            if not above_zero(value, whole) and not (name == "jobs" and value is None):
                raise UserError(f"{name} is {value!r}; give a {'whole ' if whole else ''}number above zero.")

    @property
    def results(self) -> Path:
        """Return the folder of the results."""
        return results_folder(self.out, self.course_root)

    @property
    def folder(self) -> Path:
        """Return the folder of the submissions."""
        return submissions_folder(self.submissions, self.results)

    @property
    def fingerprint(self) -> str:
        """Return what of this can change a result: with other settings all is graded again."""
        return f"{float(self.timeout)} {self.memory} {self.pictures} {self.sandbox}"


def above_zero(value: object, whole: bool) -> bool:
    """Say whether a value is a number above zero, and finite."""
    number = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
    return number and 0 < value < math.inf  # type: ignore[operator]  # it is a number here
