"""How a written answer is marked: in the solved notebook, below the answer, a rubric and comments that are ready.

    ### BEGIN SOLUTION
    The answer.

    **Rubric**

    - 2: Both are named.
    - 1: One is.
    - 0: Neither is.

    **Comments**

    - Say why, too.
    ### END SOLUTION

All of it stands between the marks of the solution, so nbgrader takes it out of what learners get.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import nbformat

from autograder.errors import UserError

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
RUBRIC, COMMENTS = "**Rubric**", "**Comments**"
LEVEL = re.compile(r"(\d+(?:\.\d+)?): (.+)")
LEAST_LEVELS, MOST_LEVELS, MOST_COMMENTS = 2, 4, 8


@dataclass(frozen=True)
class Level:
    """One line of a rubric: for so many points, this is said."""

    points: float
    text: str


@dataclass(frozen=True)
class Rubric:
    """What somebody who marks a written answer is given."""

    answer: str
    levels: tuple[Level, ...] = ()
    comments: tuple[str, ...] = ()


def read_rubric(text: str, points: float) -> Rubric:
    """Return what the text of a solved written cell holds. Raises UserError where its rubric is in disorder."""
    before, _, rest = text.partition(BEGIN)
    solution, _, after = rest.partition(END)
    if any(mark in before + after for mark in (RUBRIC, COMMENTS)):
        raise UserError(f"put {RUBRIC} and {COMMENTS} between {BEGIN} and {END}, or learners get them.")
    above, _, comments = solution.partition(COMMENTS)
    answer, _, rubric = above.partition(RUBRIC)
    lines = [LEVEL.fullmatch(line) for line in items(rubric)]
    found = [Level(float(line[1]), line[2]) for line in lines if line]
    if problem := what_is_wrong(found, len(lines), points) if RUBRIC in solution else "":
        raise UserError(problem)
    if len(said := items(comments)) > MOST_COMMENTS:
        raise UserError(f"there are {len(said)} comments; write {MOST_COMMENTS} at most.")
    return Rubric(answer.strip(), tuple(found), tuple(said))


def items(text: str) -> list[str]:
    """Return the items of a Markdown list, each as one line."""
    return [" ".join(item.split()) for item in re.split(r"^- ", text, flags=re.MULTILINE)[1:]]


def what_is_wrong(levels: list[Level], lines: int, points: float) -> str:
    """Return what is wrong with the lines of a rubric in words, or nothing."""
    if len(levels) < lines:
        return 'a line of a rubric is "- 2: what earns two points".'
    if not LEAST_LEVELS <= lines <= MOST_LEVELS:
        return f"a rubric has {LEAST_LEVELS} to {MOST_LEVELS} lines; this one has {lines}."
    given = [level.points for level in levels]
    if given != sorted(set(given), reverse=True) or (given[0], given[-1]) != (points, 0):
        return f"the points of a rubric fall from {points:g}, those of the question, to 0."
    return ""


def rubrics_of(course_root: Path, slug: str) -> dict[str, Rubric]:
    """Return the rubrics of a chapter by the grade id of the written answer; none where the solution is not here."""
    path = course_root / "solutions" / slug / f"{slug}.ipynb"
    if not path.is_file():
        return {}
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown"]
    about = [(cell.metadata.get("nbgrader", {}), cell.source) for cell in cells]
    try:
        return {one["grade_id"]: read_rubric(text, one["points"]) for one, text in about if one.get("grade")}
    except UserError as error:
        raise UserError(f"{path.name}: {error} Run `autograder build`.") from None
