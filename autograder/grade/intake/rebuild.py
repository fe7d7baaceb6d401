"""Rebuilds the notebook to be graded: the structure of the trusted release with the learner's text in it.

From the submission only text is taken: of solution cells and written answers, matched by grade id, else by
the function or class they define, else by their place between cells that are known. A grade id that
occurs twice: the first cell whose text is not the stub counts, and the others stay in their places as
ordinary cells, so that the notebook does what it did for the learner. Other cells that the learner added
stay in their places too. Check cells and locked cells always come from the release; an edited copy of one is
dropped, because it could only pretend.
"""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass, field

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.utils import is_grade, is_locked, is_solution

from autograder.grade.intake.cell_order import out_of_order
from autograder.grade.intake.read_notebook import Submission, SubmittedCell

DEFINES = re.compile(r"^(?:async +)?(?:def|class) +(\w+)", re.MULTILINE)
FENCE = re.compile(r"\A\s*```[a-zA-Z]*\n(.*?)\n?```\s*\Z", re.DOTALL)


@dataclass
class Match:
    """Which submitted cell fills which cell of the release, and which are copies of the release's own cells."""

    release: NotebookNode
    cells: tuple[SubmittedCell, ...]
    filled: dict[int, int] = field(default_factory=dict)  # place in the release -> place in the submission
    known: dict[int, int] = field(default_factory=dict)  # place in the submission -> place in the release
    stubs: dict[int, int] = field(default_factory=dict)  # as `filled`, by cells that were left unanswered
    dropped: set[int] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Read once what each submitted cell defines."""
        self.defines = [set(DEFINES.findall(code_of(cell))) for cell in self.cells]

    def fill(self, place: int, number: int) -> None:
        """Let a submitted cell fill a cell of the release."""
        self.filled[place] = number
        self.known[number] = place

    def open_places(self) -> list[int]:
        """Return the solution cells of the release that nothing fills yet."""
        return [i for i, cell in enumerate(self.release.cells) if is_solution(cell) and i not in self.filled]

    def free(self) -> list[int]:
        """Return the submitted cells that are neither used nor copies."""
        return [i for i in range(len(self.cells)) if i not in self.known and i not in self.dropped]


def rebuild(release: NotebookNode, submission: Submission) -> tuple[NotebookNode, list[str]]:
    """Return the notebook to be graded and notes on what was odd, as sentences for the learner."""
    match = Match(release, submission.cells)
    for step in STEPS:
        step(match)
    notebook = copy.deepcopy(release)
    for place, number in match.filled.items():
        text = submission.cells[number].text
        notebook.cells[place].source = code_of(submission.cells[number]) if is_code(release.cells[place]) else text
    notebook = with_free_cells(notebook, match)
    return notebook, [*submission.notes, *match.notes, *out_of_order(notebook, release)]


def by_grade_id(match: Match) -> None:
    """Fill each solution cell with the first submitted cell of its id that is neither the stub nor empty."""
    for place in match.open_places():
        cell = match.release.cells[place]
        same = [i for i in match.free() if match.cells[i].grade_id == released_id(cell)]
        if not same:
            continue
        answered = [i for i in same if trimmed(match.cells[i].text) not in ("", trimmed(cell.source))]
        match.dropped.update(i for i in same if i not in answered)
        if answered:
            match.fill(place, answered[0])
        else:
            match.stubs[place] = same[0]
        if len(answered) > 1:
            match.notes.append(f"The cell “{released_id(cell)}” was there {len(same)} times; the first one counted.")


def copies_of_release(match: Match) -> None:
    """Recognise the cells that are not the learner's: by id, else by text."""
    ids = {released_id(cell): i for i, cell in enumerate(match.release.cells) if is_locked(cell) or is_grade(cell)}
    texts: dict[str, int] = {}
    for i, cell in enumerate(match.release.cells):
        texts.setdefault(trimmed(cell.source), i)
    for number in match.free():
        cell = match.cells[number]
        place = ids.get(cell.grade_id) if cell.grade_id else None
        place = texts.get(trimmed(cell.text)) if place is None else place
        if place is not None and not is_solution(match.release.cells[place]):
            match.known[number] = place


def by_name(match: Match) -> None:
    """Fill what is open with a cell that defines the same function or class."""
    for place in match.open_places():
        cell = match.release.cells[place]
        wanted = set(DEFINES.findall(cell.source)) if is_code(cell) else set()
        found = [i for i in match.free() if wanted & match.defines[i]]
        if found:
            match.fill(place, found[0])
            match.notes.append(f"The cell “{released_id(cell)}” was found by what it defines, not by its label.")


def left_unanswered(match: Match) -> None:
    """Fill what is open with the cell that has its id and was left as it was."""
    for place, number in match.stubs.items():
        if place not in match.filled:
            match.dropped.discard(number)
            match.fill(place, number)


def by_place(match: Match) -> None:
    """Fill what is open with the next unknown cell between its neighbours."""
    for place in match.open_places():
        cell = match.release.cells[place]
        before = max((n for n, p in match.known.items() if p < place), default=-1)
        after = min((n for n, p in match.known.items() if p > place and n > before), default=len(match.cells))
        kind = "code" if is_code(cell) else "markdown"
        found = [i for i in match.free() if before < i < after and match.cells[i].kind == kind]
        if found:
            match.fill(place, found[0])
            match.notes.append(f"The cell “{released_id(cell)}” had lost its label; it was found by its place.")


def say_what_is_odd(match: Match) -> None:
    """Note answers that are missing or whose kind was changed."""
    for place in match.open_places():
        match.notes.append(f"The cell “{released_id(match.release.cells[place])}” is not in the notebook.")
    for place, number in match.filled.items():
        cell = match.release.cells[place]
        if is_code(cell) and match.cells[number].kind != "code":
            match.notes.append(f"The cell “{released_id(cell)}” had been turned into text; it was run as code.")


STEPS = [by_grade_id, copies_of_release, by_name, left_unanswered, by_place, say_what_is_odd]


def with_free_cells(notebook: NotebookNode, match: Match) -> NotebookNode:
    """Put the learner's own cells behind the cells they followed."""
    followers: dict[int, list[NotebookNode]] = {}
    place = -1
    for number, cell in enumerate(match.cells):
        if number in match.known:
            place = match.known[number]
        elif number not in match.dropped and cell.text.strip():
            make = new_code_cell if cell.kind == "code" else new_markdown_cell
            followers.setdefault(place, []).append(make(cell.text, id=f"added-{number}"))
    cells = list(followers.get(-1, []))
    for i, cell in enumerate(notebook.cells):
        cells += [cell, *followers.get(i, [])]
    notebook.cells = cells
    return notebook


def released_id(cell: NotebookNode) -> str:
    """Return nbgrader's id of a cell of the release."""
    return cell.metadata.get("nbgrader", {}).get("grade_id", "")


def is_code(cell: NotebookNode) -> bool:
    """Say whether a cell of the release holds code."""
    return cell.cell_type == "code"


def code_of(cell: SubmittedCell) -> str:
    """Return a cell's text as code, without the fence of a cell that was turned into text."""
    fenced = FENCE.match(cell.text) if cell.kind != "code" else None
    return fenced[1] if fenced else cell.text


def trimmed(text: str) -> str:
    """Return text without what editors change: trailing blanks and empty lines at the ends."""
    return "\n".join(line.rstrip() for line in text.strip().split("\n"))
