"""What is told of a collection besides the notebooks that counted: what did not come through, and whole downloads."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from autograder.collect import attempts, rows
from autograder.collect.chosen import Chosen
from autograder.collect.person import Roster
from autograder.collect.rows import Row
from autograder.collect.scan import Contents, Notebook
from autograder.collect.sentences import said_of, said_of_blank, without_times

Named = list[tuple[str, Notebook]]  # among which a person has to choose, with the names under which they can be graded


Owners = Mapping[tuple[str, str], Collection[str]]  # whose a file is, by its download and path


def rows_of_the_others(
    chosen: Chosen, contents: list[Contents], roster: Roster | None, named: Named, owners: Owners
) -> list[Row]:
    """Return the rows of what did not come through; `owners`: whose the files are that were not taken."""
    lies = {id(one): f" It is {name} in {attempts.FOLDER}." for name, one in named}
    told = [(rows.LEFT_OUT, chosen.left_out), (rows.UNCLEAR, chosen.unclear), (rows.QUARANTINED, chosen.refused)]
    found = [row_of(one, result, f"{why}{lies.get(id(one), '')}") for result, pairs in told for one, why in pairs]
    unclear = [one for one in roster.people if one.problem] if roster else []
    found += [Row(rows.UNCLEAR, roster.name, "", one.called, "", remark=one.problem) for one in unclear if roster]
    for download, member, why in [(one.parcel.name, *pair) for one in contents for pair in one.refused]:
        who = owners.get((download, member.path), ())
        student = "".join(who) if len(who) == 1 else ""
        found.append(Row(rows.QUARANTINED, download, member.path, student, remark=why))
    return found


def sentences_about(
    contents: list[Contents], winners: list[Notebook], roster: Roster | None, odd_times: list[str]
) -> list[str]:
    """Return what is to be said of the roster and of whole downloads.

    winners    the notebooks that count
    odd_times  sentences about times that were not read
    """
    told = [roster.told] if roster else []
    told += [sentence for found in contents for sentence in (*said_of(found), *found.odd)]
    return [*told, *without_times(contents), *odd_times, *said_of_blank(winners)]


def how_to_choose(named: Named, beside: Path, dry: bool) -> list[str]:
    """Return how a person can choose among several notebooks, where that is to be done; they lie `beside`."""
    folders = beside / attempts.FOLDER, beside / attempts.GRADED
    sentence = attempts.WOULD_LIE if dry else attempts.HOW_TO_CHOOSE
    return [sentence.format(*folders)] if named else []


def row_of(notebook: Notebook, result: str, remark: str) -> Row:
    """Return the row of a notebook."""
    about = notebook.parcel.name, notebook.member.path, notebook.student, notebook.slug
    return Row(result, *about, notebook.handed_in, notebook.claim.late, remark)
