"""Finds answers that need what a notebook defines only further down, below the check that calls them."""

from __future__ import annotations

import ast
import builtins

from nbformat import NotebookNode
from nbgrader.utils import is_grade, is_solution

from autograder.grade.intake.bindings import defined, nodes
from autograder.grade.intake.python_source import Source, read_all


def out_of_order(notebook: NotebookNode, release: NotebookNode) -> list[str]:
    """Return a sentence for each answer that would work only if its cells were run in another order.

    What a cell defines that is as it was released cannot be what the learner had in mind: its place is the course's.
    """
    released = {cell.source for cell in release.cells}
    cells = read_all(cell.source if cell.cell_type == "code" else "" for cell in notebook.cells)
    if any(cell.unseen for cell in cells):  # it may define what is needed, and where is not known
        return []
    names = [set(defined([cell])) for cell in cells]
    notes = []
    for i, cell in enumerate(notebook.cells):
        if not is_solution(cell) or cell.cell_type != "code":
            continue
        check = next((n for n in range(i, len(cells)) if is_grade(notebook.cells[n])), len(cells))
        above = set().union(*names[: check + 1])
        below = set().union(
            *(names[n] for n in range(check + 1, len(cells)) if notebook.cells[n].source not in released)
        )
        needed = sorted((names_needed(cells[i]) & below) - above - set(vars(builtins)))
        if needed:
            notes.append(
                f"The answer “{cell.metadata.nbgrader.grade_id}” uses {needed[0]}, which is defined further down only. "
                "A notebook is run from top to bottom: move that cell above the answer."
            )
    return notes


def names_needed(source: Source) -> set[str]:
    """Return the names that a cell reads and does not bind itself, be it as an argument."""
    read: set[str] = set()
    bound: set[str] = set()
    for node in nodes(*(source.statements or ())):
        if isinstance(node, ast.Name):
            (read if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.alias):
            bound.add((node.asname or node.name).split(".")[0])
    return read - bound
