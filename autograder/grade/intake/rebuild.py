"""Rebuilds the notebook to be graded: the structure of the trusted release with the learner's text in it.

From the submission only text and pictures are taken: of solution cells and written answers, as `matching.py` finds
them. A grade id that occurs twice: the first cell whose text is not the stub counts, and the others stay in their
places as ordinary cells, so that the notebook does what it did for the learner. Other cells that the learner added
stay in their places too. Check cells and locked cells always come from the release; an edited copy of one is
dropped, because it could only pretend.
"""

from __future__ import annotations

import copy
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell

from autograder.grade.intake.cell_order import out_of_order
from autograder.grade.intake.cell_texts import as_text, code_of, is_code, is_open, released_id
from autograder.grade.intake.matching import STEPS, Match
from autograder.grade.intake.other_meanings import other_meanings
from autograder.grade.intake.pictures import Album
from autograder.grade.intake.read_notebook import Submission, SubmittedCell

ELSEWHERE = "# This answer stands in the cell “{}” further up."


def rebuild(
    release: NotebookNode, submission: Submission, album: Album | None = None
) -> tuple[NotebookNode, list[str]]:
    """Return the notebook to be graded and notes on what was odd, as sentences for the learner.

    album  makes the pictures that were pasted into the learner's texts
    """
    match, album = Match(release, submission.cells), album or Album()
    for step in STEPS:
        step(match)
    notebook = copy.deepcopy(release)
    for place, number in match.filled.items():
        cell, own = notebook.cells[place], submission.cells[number]
        if is_code(cell):
            cell.source = code_of(own)
        elif not is_open(own, cell):  # else it stays as it was released, and nbgrader says that there is no response
            put_text(cell, album.shown(own.text, own.pictures, number, f"The cell “{released_id(cell)}”"))
    for place, home in match.elsewhere.items():
        notebook.cells[place].source = ELSEWHERE.format(released_id(release.cells[home]))
    for place, numbers in match.beside.items():
        put_together(notebook.cells[place], [(number, submission.cells[number]) for number in numbers], album)
    notebook = with_free_cells(notebook, match, album)
    notes = [*submission.notes, *match.notes, *album.notes]
    return notebook, [*notes, *out_of_order(notebook, release), *other_meanings(notebook, release)]


def put_text(cell: NotebookNode, shown: tuple[str, dict[str, Any]]) -> None:
    """Put a text and its pictures into a cell."""
    cell.source, attachments = shown
    if attachments:
        cell.attachments = nbformat.from_dict(attachments)


def put_together(cell: NotebookNode, parts: list[tuple[int, SubmittedCell]], album: Album) -> None:
    """Put the texts of several cells of the learner's own into a written answer's cell."""
    told = f"The answer to “{released_id(cell)}”"
    shown = [album.shown(as_text(one), one.pictures, number, told) for number, one in parts]
    put_text(cell, ("\n\n".join(text for text, _ in shown), {n: p for _, made in shown for n, p in made.items()}))


def with_free_cells(notebook: NotebookNode, match: Match, album: Album) -> NotebookNode:
    """Put the learner's own cells behind the cells they followed."""
    followers: dict[int, list[NotebookNode]] = {}
    place = -1
    for number, cell in enumerate(match.cells):
        if number in match.known:
            place = match.known[number]
        elif number not in match.dropped and cell.text.strip():
            make = new_code_cell if cell.kind == "code" else new_markdown_cell
            own = make(cell.text, id=f"added-{number}")
            if cell.kind != "code":
                put_text(own, album.shown(cell.text, cell.pictures, number, "A cell of your own"))
            followers.setdefault(place, []).append(own)
    cells = list(followers.get(-1, []))
    for i, cell in enumerate(notebook.cells):
        cells += [cell, *followers.get(i, [])]
    notebook.cells = cells
    return notebook
