"""Whose everything in the downloads is: notebooks get the ids of people, all else is told by whose it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from autograder.collect import rows
from autograder.collect.identity import Caller, Who, identify
from autograder.collect.known_class import KnownClass
from autograder.collect.person import Roster
from autograder.collect.rows import Row
from autograder.collect.scan import Contents, Notebook, note_groups


@dataclass
class Whose:
    """What is known of the downloads once everybody's id is.

    notebooks  those of people whose id is known
    unclear    the others, each with the reason
    told       rows of people who have handed in no notebook
    owners     whose the files are that were not taken, by download and path
    """

    notebooks: list[Notebook] = field(default_factory=list)
    unclear: list[tuple[Notebook, str]] = field(default_factory=list)
    told: list[Row] = field(default_factory=list)
    owners: dict[tuple[str, str], list[str]] = field(default_factory=dict)


def whose(contents: list[Contents], roster: Roster | None, class_: KnownClass) -> Whose:
    """Return whose everything in the downloads is; each notebook is given the id of its person."""
    everybody = [one for found in contents for one in found.people]
    notebooks = [notebook for found in contents for notebook in found.notebooks]
    ids = identify([*everybody, *(notebook.who for notebook in notebooks)], roster, class_)
    unclear = [(one, ids[one.who].problem) for one in notebooks if not give_id(one, ids[one.who])]
    note_groups(notebooks)
    told = list(rows_without_notebook(contents, {notebook.who for notebook in notebooks}, ids))
    return Whose([one for one in notebooks if one.student], unclear, told, owners(contents, roster, class_))


def give_id(notebook: Notebook, who: Who) -> bool:
    """Note on a notebook whose it is; say whether that is known."""
    notebook.student = who.identity
    notebook.notes += [who.note] if who.note else []
    return bool(who.identity)


def rows_without_notebook(
    contents: list[Contents], with_notebook: set[Caller], ids: dict[Caller, Who]
) -> Iterator[Row]:
    """Yield the rows of those who have handed in no notebook."""
    downloads = {found.parcel.batch: found.parcel.name for found in reversed(contents)}
    for one in dict.fromkeys(one for found in contents for one in found.people if one not in with_notebook):
        batch, _, name, number = one
        student = ids[one].identity or name or number
        yield Row(rows.NO_NOTEBOOK, downloads[batch], student=student, remark="Only other files were handed in.")


def owners(contents: list[Contents], roster: Roster | None, class_: KnownClass) -> dict[tuple[str, str], list[str]]:
    """Return whose the files are that were not taken: apart from the others, of whom they decide nothing."""
    ids = identify([one for found in contents for who in found.owners.values() for one in who], roster, class_)
    return {
        (found.parcel.name, path): sorted({ids[one].identity for one in who} - {""})
        for found in contents
        for path, who in found.owners.items()
    }
