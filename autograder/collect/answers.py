"""What somebody has put into a notebook, as far as one needs to know which of two holds more, and whether one is blank.

Nothing is run or parsed: each cell becomes its id and a mark of its text, which is compared with what was handed out.
Blanks and line ends make no difference.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from autograder.grade.intake.read_notebook import EMPTY, NO_CELLS, Submission, SubmittedCell, read_submission

BLANK = "It is blank: nothing in it differs from what was handed out."
Marks = tuple[tuple[str, str], ...]  # for each cell nbgrader's id and what tells its text from another


@dataclass(frozen=True)
class Work:
    """The learner's own part of a notebook.

    answers   the cells to be answered that hold something else than was handed out: ids, each with the mark of its text
    other     marks of other text: cells of the learner's own, and answers that lost their ids
    readable  whether the file could be read as a notebook
    """

    answers: frozenset[tuple[str, str]] = frozenset()
    other: frozenset[str] = frozenset()
    readable: bool = True

    @property
    def blank(self) -> bool:
        """Say whether nothing in it is the learner's."""
        return self.readable and not self.answers and not self.other

    @property
    def count(self) -> int:
        """Return how many of the cells to be answered are."""
        return len({grade_id for grade_id, _ in self.answers})


@dataclass(frozen=True)
class Handout:
    """What was handed out for an assignment: the marks of all its cells, and the ids of those to be answered."""

    texts: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    open: frozenset[str] = frozenset()

    def work(self, marks: Marks | None) -> Work:
        """Return what a learner has put into a notebook with these marks; None is one that cannot be read."""
        if marks is None:
            return Work(readable=False)
        own = [(grade_id, mark) for grade_id, mark in marks if mark and mark not in self.texts]
        answers = frozenset((grade_id, mark) for grade_id, mark in own if grade_id in self.open)
        return Work(answers, frozenset(mark for grade_id, mark in own if grade_id not in self.ids))


def marks_of(submission: Submission) -> Marks | None:
    """Return the marks of a notebook's cells, none where nothing is in it; None where it cannot be read."""
    if submission.unreadable and submission.unreadable not in (EMPTY, NO_CELLS):
        return None
    return tuple((cell.grade_id, mark(cell)) for cell in submission.cells)


def marks_in(data: bytes) -> Marks | None:
    """Return the marks of the cells in the bytes of a notebook; None where they are none."""
    return marks_of(read_submission(data))


def mark(cell: SubmittedCell) -> str:
    """Return what tells the text of a cell from another; empty where there is none."""
    text = " ".join(cell.text.split())
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest() if text else ""


def read_handout(data: bytes) -> Handout:
    """Return what was handed out, from the bytes of a release."""
    about = [cell["metadata"].get("nbgrader") or {} for cell in json.loads(data)["cells"]]
    ids = frozenset(one["grade_id"] for one in about if one.get("grade_id"))
    texts = frozenset(text for _, text in marks_in(data) or ())
    return Handout(texts, ids, frozenset(one["grade_id"] for one in about if one.get("grade_id") and to_answer(one)))


def to_answer(about: dict[str, Any]) -> bool:
    """Say whether a cell of a release is one to be answered: it is neither locked nor a check."""
    return not about.get("locked") and (about.get("solution", True) or not about.get("grade"))
