"""What lies among the folders of a class and is nobody's submission, told in sentences so that nobody goes missing."""

from __future__ import annotations

import os
import re
import tempfile
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from autograder.storage.locks import writing_to
from autograder.storage.safe_files import entries, is_folder, kind_of_file
from autograder.storage.safe_text import readable, same_place

LEFT_BEHIND = re.compile(r"\.|__MACOSX$|__pycache__$")
A_LINK = "The student's folder is a link, and links are not followed."
UNREADABLE = "The folder that was handed in cannot be read."
MOST_NAMED, MOST_LOOKED_AT = 10, 1000


def is_link(path: Path) -> bool:
    """Say whether a path is a link to a folder, or to what may have been one."""
    return path.is_symlink() and (path.is_dir() or not path.exists())


def instead_of_folder(place: Path) -> str:
    """Return in a sentence what stands where the folder of a submission is expected; empty for a folder or nothing."""
    try:
        mode = place.lstat().st_mode
    except (OSError, ValueError):
        return ""
    if is_folder(place):
        return ""
    kind = kind_of_file(mode)
    return f"What was handed in is {'a link to a folder' if kind == 'a link' else f'{kind} and no folder'}."


def beside_people(folder: Path, known: Collection[str]) -> Iterator[str]:
    """Yield sentences about what lies beside the folders of students: hidden work, then all else in two lines."""
    system, others = [], []
    for path in entries(folder):
        if LEFT_BEHIND.match(path.name):
            if where := next(work_in(path, known), None):
                yield (
                    f"{readable(path.name)} holds {readable(str(where))} and was left out, for folders with such names "
                    "are no students'; rename it."
                )
            elif is_folder(path) or is_link(path):
                system.append(readable(path.name))
        elif not is_folder(path) and not is_link(path):
            others.append(readable(path.name))
    if system:
        yield f"Left out, as folders that programs make: {some(system)}."
    if others:
        yield f"Left out, as no folders of students: {some(others)}."


def hidden_work(owner: Path, known: Collection[str]) -> Iterator[str]:
    """Yield a sentence about each folder of a student's that is passed over and holds a notebook of the right name."""
    for path in entries(owner):
        if LEFT_BEHIND.match(path.name) and (where := next(work_in(path, known), None)):
            hidden = f"{readable(path.name)}/{readable(str(where))}"
            yield f"{readable(owner.name)} has {hidden}: folders with such names are not looked into."


def work_in(folder: Path, known: Collection[str]) -> Iterator[Path]:
    """Yield the notebooks below a folder that have the name of an assignment, as paths from there."""
    wanted, looked_at = {f"{slug}.ipynb" for slug in known}, 0
    if is_folder(folder):
        for place, _, files in os.walk(folder):  # which follows no links and passes over what it cannot read
            yield from (Path(place, name).relative_to(folder) for name in sorted(files) if name in wanted)
            looked_at += 1
            if looked_at == MOST_LOOKED_AT:
                return


def alike(names: Mapping[str, list[str]], results: Path | None) -> tuple[list[str], dict[str, str]]:
    """Return sentences about people whose names look alike, and by id why those are not graded who would be mixed up.

    names    the names of the folders by the id that each gives
    results  the folder of the results, whose file system may take two ids for one
    """
    told, refused = [], {}
    for student, same in names.items():
        if len(same) > 1:
            refused[student] = f"The folders {' and '.join(map(repr, same))} would get the same id {student}"
    places = defaultdict(list)
    for student in names:
        places[same_place(student)].append(student)
    for students in filter(lambda some: len(some) > 1, places.values()):
        differ = f"{' and '.join(students)} differ only in capitals or in the way accents are written"
        if results is not None and one_place(results, students):
            refused |= dict.fromkeys(students, f"{differ}, which the file system of {results} does not tell apart")
        else:
            told.append(f"{differ}; each was graded by itself.")
    told += [f"{why}, so none of them was graded; rename them." for why in dict.fromkeys(refused.values())]
    return told, refused


def one_place(folder: Path, names: list[str]) -> bool:
    """Say whether the file system of a folder takes two of these names for one."""
    with writing_to(folder), tempfile.TemporaryDirectory(dir=folder, prefix=".names-") as made:
        for name in names:
            if Path(made, name).exists():
                return True
            Path(made, name).mkdir()
    return False


def some(names: list[str]) -> str:
    """Return the first few of many names."""
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(names[:MOST_NAMED]) + more
