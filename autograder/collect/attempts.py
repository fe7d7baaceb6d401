"""Several notebooks among which a person has to choose: each lies beside the submissions, where it can be graded.

They are laid out as nbgrader's submissions of `STUDENT__1`, `STUDENT__2` and so on, in a folder of their own, so that
no list of the class and no gradebook takes them for people.
"""

from __future__ import annotations

import re
import shutil
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from autograder.collect.members import Refused
from autograder.collect.names import is_safe_id
from autograder.collect.scan import Notebook
from autograder.storage.folders import ATTEMPTS
from autograder.storage.safe_files import entries, is_folder, write_new

FOLDER, GRADED = ATTEMPTS, f"{ATTEMPTS}_graded"
HOW_TO_CHOOSE = (
    "Where a person has to choose, each notebook lies in {0} as STUDENT__1, STUDENT__2 and so on: "
    "`autograder grade {0} --out {1}` shows what each is worth. Collect again with --take and the one that counts."
)
WOULD_LIE = (
    "Without --dry-run, each notebook among which a person has to choose is put into {0}, where it can be graded."
)


def numbered(notebooks: list[Notebook]) -> list[tuple[str, Notebook]]:
    """Return the notebooks, each once, with the name that it gets there."""
    groups: dict[tuple[str, str], dict[str, Notebook]] = defaultdict(dict)
    for one in sorted(notebooks, key=lambda one: (one.parcel.name, one.member.path)):
        groups[one.student, one.slug].setdefault(one.digest, one)
    named = [(f"{who}__{n}", one) for (who, _), same in groups.items() for n, one in enumerate(same.values(), 1)]
    return [(name, one) for name, one in named if is_safe_id(name)]


def lay_out(folder: Path, named: list[tuple[str, Notebook]], settled: Iterable[tuple[str, str]]) -> None:
    """Write the notebooks in place of the earlier ones of the same people; what is settled by now is taken away."""
    for student, slug in {*settled, *((one.student, one.slug) for _, one in named)}:
        for place in earlier(folder, student):
            shutil.rmtree(place / slug, ignore_errors=True)
            if not entries(place):
                place.rmdir()
    for name, one in named:
        try:
            write_new(folder / name / one.slug / f"{one.slug}.ipynb", one.member.read())
        except Refused:
            continue  # the download was changed meanwhile; the next run says so


def earlier(folder: Path, student: str) -> list[Path]:
    """Return the folders of somebody's earlier attempts."""
    mine = re.compile(re.escape(student) + r"__\d+")
    return [place for place in entries(folder) if mine.fullmatch(place.name) and is_folder(place)]
