"""Which notebooks a person has chosen to count, with `--take`: by what collect has listed them as."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from autograder.collect.scan import Notebook
from autograder.collect.submission_store import digest_of
from autograder.errors import UserError
from autograder.storage.safe_files import MOST_BYTES, entries, is_folder, read_plain

Attempt = tuple[str, str, str]  # student, assignment, digest


@dataclass(frozen=True)
class Taken:
    """The choices: each a file in a download, with or without the download before it, or an attempt.

    files     the names as they were given
    attempts  for those that name a folder of attempts, what lies there
    """

    files: tuple[str, ...] = ()
    attempts: tuple[tuple[str, frozenset[Attempt]], ...] = ()

    def means(self, notebook: Notebook) -> bool:
        """Say whether a notebook was chosen."""
        return bool(self.names_of(notebook))

    def names_of(self, notebook: Notebook) -> set[str]:
        """Return by which of the names a notebook was chosen."""
        spelt = {notebook.member.path, f"{notebook.parcel.name}: {notebook.member.path}"}
        mine = notebook.student, notebook.slug, notebook.digest
        return {*spelt.intersection(self.files), *(name for name, there in self.attempts if mine in there)}

    def missing(self, notebooks: Iterable[Notebook]) -> list[str]:
        """Return the names that are those of no notebook, whatever assignment it is for."""
        listed = list(notebooks)
        here = {(one.student, one.digest) for one in listed}
        met = {name for one in listed for name in self.names_of(one)}
        met |= {name for name, there in self.attempts if here & {(student, digest) for student, _, digest in there}}
        return [name for name in (*self.files, *(name for name, _ in self.attempts)) if name not in met]


def read_taken(names: Iterable[str], attempts: Path) -> Taken:
    """Return what was chosen; `attempts` is the folder with those among which a person has to choose."""
    files, found = [], []
    for name in names:
        student, sign, number = name.partition("/")[0].rpartition("__")
        place = attempts / name.partition("/")[0]
        if sign and number.isdecimal() and is_folder(place):
            found.append((name, attempts_in(place, student, name)))
        else:
            files.append(name)
    return Taken(tuple(files), tuple(found))


def attempts_in(place: Path, student: str, name: str) -> frozenset[Attempt]:
    """Return what lies in a folder of attempts; where it is for several assignments, the name says which."""
    slugs = [path.name for path in entries(place) if is_folder(path)]
    wanted = name.partition("/")[2]
    if not wanted and len(slugs) > 1:
        raise UserError(
            f"{name} holds several assignments; give one of {', '.join(f'{name}/{slug}' for slug in slugs)}."
        )
    return frozenset(
        (student, slug, digest_of(read_plain(place / slug / f"{slug}.ipynb", MOST_BYTES)))
        for slug in slugs
        if wanted in ("", slug) and (place / slug / f"{slug}.ipynb").is_file()
    )
