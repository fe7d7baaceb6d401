"""Puts a notebook in its place among the submissions, unless the one that is there already has to stay."""

from __future__ import annotations

from dataclasses import replace

from autograder.collect import rows
from autograder.collect.answers import Handout, marks_in
from autograder.collect.members import Refused
from autograder.collect.scan import Notebook
from autograder.collect.select_version import CHOSEN, version
from autograder.collect.submission_store import Shelf, Version, digest_of

Outcome = tuple[str, str]  # what happened, and a remark
TAKE = "with --take it counts"
NOBODY_KNOWS = f"Another one lies there, and nothing says which is newer; {TAKE}."
WITHOUT_ANSWERS = f"It is newer than the one that is there, which has answers, and has none; {TAKE}."
BLANK_STAYS_OUT = "It is blank; the one that is there is not, and stays."
FEWER = "It is newer than the one that was there, and has fewer answers: {}, not {}. To count that one, --take it."
FULLER = f"A newer one is there and stays, with fewer answers: {{}}, not {{}}; {TAKE} instead."


def put_newer(notebook: Notebook, shelf: Shelf, handout: Handout, dry: bool) -> Outcome:
    """Put a notebook in its place if it is newer or somebody has chosen it; return what happened, and a remark."""
    mine, where = version(notebook), (notebook.student, notebook.slug)
    there = shelf.there(*where)
    if there is not None and there.digest == mine.digest:
        return noted(notebook, there, shelf, dry)
    if there is None:
        outcome = rows.NEW, ""
    elif notebook.taken:
        outcome = rows.REPLACED, "It was chosen with --take."
    else:
        outcome = compared(notebook, there, shelf, handout)
    if outcome[0] not in (rows.NEW, rows.REPLACED):
        return outcome
    data = notebook.member.read()
    if digest_of(data) != mine.digest:
        raise Refused("The download was changed while it was read; run this again.")
    if not dry:
        shelf.put(*where, data, mine, notebook.secret)
    return outcome


def noted(notebook: Notebook, there: Version, shelf: Shelf, dry: bool) -> Outcome:
    """Note what is new about a notebook that is there already: its time, that it was chosen, or whose work it is."""
    mine, where = version(notebook), (notebook.student, notebook.slug)
    mine = replace(mine, group=mine.group or there.group)  # a later download may not tell it
    lacks = shelf.lacks_time(*where, mine)
    if not dry and (lacks or (mine.over, mine.group) != (there.over, there.group)):
        shelf.put_time(*where, mine if lacks else replace(mine, handed_in=there.handed_in))
    return (rows.TIMED, "The notebook was there already.") if lacks else (rows.UNCHANGED, "")


def compared(notebook: Notebook, there: Version, shelf: Shelf, handout: Handout) -> Outcome:
    """Return what is to happen with a notebook where another one lies."""
    work, other = notebook.work, handout.work(marks_in(shelf.data(notebook.student, notebook.slug)))
    newer = version(notebook).newer_than(there)
    if notebook.digest in there.over:
        return rows.LEFT_OUT, CHOSEN
    if work.blank != other.blank:
        return (rows.LEFT_OUT, BLANK_STAYS_OUT) if work.blank else (rows.REPLACED, "The one that was there is blank.")
    if newer is None:
        same = work == other and work.readable
        return (rows.UNCHANGED, "The same answers are there already.") if same else (rows.UNCLEAR, NOBODY_KNOWS)
    if not newer:
        fuller = work.count > other.count
        why = FULLER.format(work.count, other.count) if fuller else "A newer one is there already, and stays."
        return (rows.UNCLEAR if fuller else rows.OLDER), why
    if other.count and not work.count:
        return rows.UNCLEAR, WITHOUT_ANSWERS
    fewer = work.count < other.count
    return rows.REPLACED, FEWER.format(work.count, other.count) if fewer else "It is newer than the one that was there."
