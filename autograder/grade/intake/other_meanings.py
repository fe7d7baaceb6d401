"""Names of Python's, and of the notebook's own imports, to which a learner's cells give another meaning."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from nbformat import NotebookNode
from nbgrader.utils import is_solution

from autograder.grade.intake.bindings import DEFINITIONS, imported, run_as_text
from autograder.grade.intake.cell_order import names_needed
from autograder.grade.intake.python_source import Source, read, read_all

PYTHONS = frozenset(name for name in vars(builtins) if not name.startswith("_"))
SCOPES = (*DEFINITIONS, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
STAR = "*"
GIVEN_ANYWAY = {"check"}  # to each check cell, whatever stands above it
MOST_TOLD = 5


def given_names(notebook: NotebookNode, release: NotebookNode) -> frozenset[str]:
    """Return the names that the course's own code has to be given, because a learner's cell gives them a meaning.

    After `from x import *`, or where a cell was not read, it may be any of them.
    """
    course, cells = names_of(release), learners_cells(notebook.cells, release)
    other = {name for name, what in imports(cells).items() if course.imports.get(name) != what}
    if STAR in other or any(cell.unseen for cell in cells):
        return course.known
    return course.known & (other | assigned(cells))


def other_meanings(notebook: NotebookNode, release: NotebookNode) -> list[str]:
    """Return a sentence about the names that a learner's cell takes from Python or from the notebook's imports."""
    taken = taken_names(notebook.cells, release)
    if not taken:
        return []
    names = ", ".join(f"`{name}`" for name in taken[:MOST_TOLD])
    more = f" and {len(taken) - MOST_TOLD} more" if len(taken) > MOST_TOLD else ""
    return [
        f"Your cells give {names}{more} another meaning than in Python or in this notebook. Your own code finds yours "
        "from there on, and the code that came with the notebook does not: use another name."
    ]


def why_it_stops(answer: str, above: Sequence[NotebookNode], release: NotebookNode) -> list[str]:
    """Return a sentence about the taken names that an answer uses; `above` are the cells up to its check."""
    used = names_needed(read(answer))
    return [
        f"Your answer uses `{name}`, and one of your cells gives `{name}` another meaning than in Python or in this "
        "notebook."
        for name in taken_names(above, release)
        if name in used
    ][:1]


def taken_names(cells: Sequence[NotebookNode], release: NotebookNode) -> list[str]:
    """Return the names that cells of the learner's take from Python or from the notebook's imports."""
    return sorted(assigned(learners_cells(cells, release)) & names_of(release).known)


def learners_cells(notebook: Iterable[NotebookNode], release: NotebookNode) -> list[Source]:
    """Return the cells with code of the learner's as Python."""
    released = {cell.source for cell in release.cells}
    cells = [cell for cell in notebook if cell.cell_type == "code" and cell.source not in released]
    return read_all(cell.source for cell in cells)


@dataclass(frozen=True)
class CourseNames:
    """What the code that comes with a notebook imports, by name, and all names that it may mean by themselves."""

    imports: dict[str, set[str]]
    known: frozenset[str]


def names_of(release: NotebookNode) -> CourseNames:
    """Return the names of a release."""
    return names_in(tuple((cell.source, is_solution(cell)) for cell in release.cells if cell.cell_type == "code"))


@lru_cache(maxsize=20)
def names_in(cells: tuple[tuple[str, bool], ...]) -> CourseNames:
    """Return the names of cells, which are the same for a whole class; what is to be answered is not the course's."""
    given = imports(read_all(text for text, answered in cells if not answered))
    made = assigned(read_all(text for text, _ in cells))
    return CourseNames(given, (PYTHONS | given.keys()) - made - GIVEN_ANYWAY)


def imports(cells: Iterable[Source]) -> dict[str, set[str]]:
    """Return what is imported outside of functions, by the name that it gets."""
    return imported(outside(cells))


def assigned(cells: Iterable[Source]) -> set[str]:
    """Return the names that cells give a meaning outside of functions, other than by an import."""
    found: set[str] = set()
    for node in outside(cells):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, DEFINITIONS):
            found.add(node.name)
    return found


def outside(cells: Iterable[Source]) -> Iterator[ast.AST]:
    """Yield the nodes of cells, but not what stands inside of functions, classes and comprehensions."""
    waiting: list[ast.AST] = [one for cell in cells for one in cell.statements or ()]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, SCOPES):
            waiting += ast.iter_child_nodes(node)
            waiting += [one for text in run_as_text(node) for one in read(text).statements or ()]
