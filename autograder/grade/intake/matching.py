"""Finds which submitted cell is which of the release.

By grade id, else by the function or class that it defines, else by its place between cells that are known. One cell may
hold the answers of several. A written answer that was left as it was gets what the learner wrote beside it.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass, field

from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_locked, is_solution

from autograder.grade.intake.cell_texts import (
    DEFINES,
    code_of,
    is_code,
    is_open,
    is_prose,
    released_id,
    same_program,
    trimmed,
)
from autograder.grade.intake.read_notebook import SubmittedCell


@dataclass
class Match:
    """Which submitted cell fills which cell of the release, and which are copies of the release's own cells."""

    release: NotebookNode
    cells: tuple[SubmittedCell, ...]
    filled: dict[int, int] = field(default_factory=dict)  # place in the release -> place in the submission
    known: dict[int, int] = field(default_factory=dict)  # place in the submission -> place in the release
    stubs: dict[int, int] = field(default_factory=dict)  # as `filled`, by cells that were left unanswered
    elsewhere: dict[int, int] = field(default_factory=dict)  # place -> place in the release whose cell answers it too
    beside: dict[int, list[int]] = field(default_factory=dict)  # place -> what was written beside a written answer
    dropped: set[int] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Read once what each cell says and defines: each of one notebook is compared with many of the other."""
        self.texts = [trimmed(cell.text) for cell in self.cells]
        self.defines = [DEFINES.findall(code_of(cell)) for cell in self.cells]
        self.released = [trimmed(cell.source) for cell in self.release.cells]
        self.wanted = [DEFINES.findall(cell.source) if is_code(cell) else [] for cell in self.release.cells]
        self.solutions = [place for place, cell in enumerate(self.release.cells) if is_solution(cell)]

    def fill(self, place: int, number: int) -> None:
        """Let a submitted cell fill a cell of the release."""
        self.filled[place] = number
        self.known[number] = place

    def open_places(self) -> list[int]:
        """Return the solution cells of the release that nothing fills yet."""
        known = self.filled.keys() | self.elsewhere.keys()
        return [place for place in self.solutions if place not in known]

    def answers(self, number: int, place: int) -> bool:
        """Say whether a submitted cell defines what a cell of the release asks for, and is not its stub."""
        return not set(self.wanted[place]).isdisjoint(self.defines[number]) and not self.is_stub(number, place)

    def is_stub(self, number: int, place: int) -> bool:
        """Say whether a submitted cell is what was released, but for what editors change and, in code, for comments."""
        if self.texts[number] == self.released[place]:
            return True
        cell = self.release.cells[place]
        if self.defines[number] != self.wanted[place] or not is_code(cell):
            return False
        return same_program(code_of(self.cells[number]), cell.source)

    def free(self) -> list[int]:
        """Return the submitted cells that are neither used nor copies."""
        return [i for i in range(len(self.cells)) if i not in self.known and i not in self.dropped]


def by_grade_id(match: Match) -> None:
    """Fill each solution cell with the first submitted cell of its id that is neither the stub nor empty.

    A stub that has lost its id is left out as well: it would take the place of an answer that stands elsewhere.
    """
    for place in match.open_places():
        cell, free = match.release.cells[place], match.free()
        grade_id = released_id(cell)
        same = [i for i in free if match.cells[i].grade_id == grade_id]
        answered = [i for i in same if match.cells[i].text.strip() and not match.is_stub(i, place)]
        if answered:
            match.fill(place, answered[0])
        if is_code(cell):
            stubs = [i for i in free if not match.cells[i].grade_id and i not in match.known]
            same += [i for i in stubs if match.is_stub(i, place)]
        match.dropped.update(i for i in same if i not in answered)
        if same and not answered:
            match.stubs[place] = same[0]
        if len(answered) > 1:
            match.notes.append(f"The cell “{released_id(cell)}” was there {len(same)} times; the first one counted.")


def copies_of_release(match: Match) -> None:
    """Recognise the cells that are not the learner's: by id, else by text."""
    ids = {released_id(cell): i for i, cell in enumerate(match.release.cells) if is_locked(cell) or is_grade(cell)}
    texts: dict[str, int] = {}
    for i, text in enumerate(match.released):
        texts.setdefault(text, i)
    for number in match.free():
        cell = match.cells[number]
        place = ids.get(cell.grade_id) if cell.grade_id else None
        place = texts.get(match.texts[number]) if place is None else place
        if place is not None and not is_solution(match.release.cells[place]):
            match.known[number] = place


def by_name(match: Match) -> None:
    """Fill what is open with a cell that defines the same function or class, be it the cell of another answer too."""
    for place in match.open_places():
        cell = match.release.cells[place]
        found = [i for i in match.free() if match.answers(i, place)]
        if found:
            match.fill(place, found[0])
            match.notes.append(f"The cell “{released_id(cell)}” was found by what it defines, not by its label.")
        else:
            in_another_answer(match, place)


def in_another_answer(match: Match, place: int) -> None:
    """Let the cell of another answer answer this place too, where it defines what is asked for.

    A cell further down is put here as well: it is needed before the check, and whatever it does besides is done again.
    """
    homes = sorted(
        home
        for home, number in match.filled.items()
        if is_code(match.release.cells[home]) and match.answers(number, place)
    )
    if not homes:
        return
    told = f"The answer “{released_id(match.release.cells[place])}” was found in the cell of another one, “{{}}”."
    match.notes.append(told.format(released_id(match.release.cells[homes[0]])))
    if homes[0] < place:
        match.elsewhere[place] = homes[0]
    else:
        match.filled[place] = match.filled[homes[0]]  # its own place stays the one that is known


def left_unanswered(match: Match) -> None:
    """Fill what is open with the cell that has its id and was left as it was."""
    for place, number in match.stubs.items():
        if place in match.open_places():
            match.dropped.discard(number)
            match.fill(place, number)


def by_place(match: Match) -> None:
    """Fill what is open with the next unknown cell between its neighbours."""
    for place in match.open_places():
        cell = match.release.cells[place]
        nearest = next((p for p in range(place - 1, -1, -1) if p in match.known.values()), None)
        before = max((n for n, p in match.known.items() if p == nearest), default=-1)
        after = min((n for n, p in match.known.items() if p > place and n > before), default=len(match.cells))
        kind = "code" if is_code(cell) else "markdown"
        found = [i for i in match.free() if before < i < after and match.cells[i].kind == kind]
        if found:
            match.fill(place, found[0])
            match.notes.append(f"The cell “{released_id(cell)}” had lost its label; it was found by its place.")


def beside_its_cell(match: Match) -> None:
    """Find what the learner wrote above or below the cell of a written answer, where that is as it was or is gone."""
    for place, cell in enumerate(match.release.cells):
        number = match.filled.get(place)
        if not is_solution(cell) or is_code(cell) or number is None or not is_open(match.cells[number], cell):
            continue
        free = set(match.free())
        around = [i for way in (-1, 1) for i in next_to(number, way, free | match.dropped) if i in free]
        written = sorted(i for i in around if is_prose(match.cells[i]))
        if written:
            match.beside[place] = written
            match.known.update(dict.fromkeys(written, place))
            match.notes.append(
                f"The answer to “{released_id(cell)}” was written above or below its cell; it was put into the cell."
            )


def next_to(number: int, way: int, among: Container[int]) -> Iterator[int]:
    """Yield the cells before or behind one, as far as all of them are among these."""
    while (number := number + way) in among:
        yield number


def say_what_is_odd(match: Match) -> None:
    """Note answers that are missing or whose kind was changed."""
    for place in match.open_places():
        match.notes.append(f"The cell “{released_id(match.release.cells[place])}” is not in the notebook.")
    for place, number in match.filled.items():
        cell = match.release.cells[place]
        if is_code(cell) and match.cells[number].kind != "code":
            match.notes.append(f"The cell “{released_id(cell)}” had been turned into text; it was run as code.")


STEPS = [by_grade_id, copies_of_release, by_name, left_unanswered, by_place, beside_its_cell, say_what_is_odd]
