"""The head of a feedback page: every check with its points and what was found, and the cells nobody needs left out."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from autograder.course.book_links import book_url, mistakes_of, mistakes_url, section_url
from autograder.grade.judge.verdicts import read_line
from autograder.gradebook.decided_notebook import DECISION, sign_of
from autograder.gradebook.grader_preprocessor import GraderPreprocessor
from autograder.gradebook.marked_notebook import verdict_of
from autograder.gradebook.scores import NO_ANSWER
from autograder.learner.check import WHICH_MISTAKE

LEFT_OUT = ("hints-", "setup", "locked-")
IN_BOX = re.compile(r": \S+ of \S+ points</strong>")


class Summary(GraderPreprocessor):
    """Puts a table of the checks first, links into the book, and takes hints, set-up and given code away."""

    def __init__(self, **kw: Any) -> None:
        """Find out where the book is."""
        super().__init__(**kw)
        root = Path(self.course_root) if self.course_root else None
        self.book_url, self.mistakes_url = (book_url(root), mistakes_url(root)) if root else ("", "")

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Return the notebook as it should be read."""
        slug = resources.get("nbgrader", {}).get("assignment", "")
        graded = [c for c in nb.cells if c.metadata.get("nbgrader", {}).get("grade")]
        unread = why_unread(nb)
        for cell in graded if unread else []:
            say_unread(cell, unread)
        addresses = [section_url(self.book_url, slug, verdict_of(cell).get("read", "")) for cell in graded]
        for cell, address in zip(graded, addresses, strict=True):
            link(cell, address)
            link_to_mistakes(cell, self.mistakes_url)
            count(cell)
        nb.cells = [cell for cell in nb.cells if not str(cell.get("id", "")).startswith(LEFT_OUT)]
        nb.cells.insert(0, new_markdown_cell(summary_table(graded, addresses), id="summary"))
        return nb, resources


def link(cell: NotebookNode, address: str) -> None:
    """Make the section to read a link in the box of a verdict, in place."""
    line = read_line(verdict_of(cell).get("read", ""))
    if address and line and cell.get("outputs"):
        data = cell.outputs[0].get("data", {})
        data["text/html"] = data.get("text/html", "").replace(line, read_line(verdict_of(cell)["read"], address), 1)


def link_to_mistakes(cell: NotebookNode, page: str) -> None:
    """Put a link to the known mistakes of the function below the box of a verdict that names none, in place."""
    verdict = verdict_of(cell)
    address = mistakes_of(page, verdict.get("function", ""))
    unnamed = verdict.get("status") in ("wrong", "partial") and not verdict.get("names")
    if address and unnamed and cell.get("outputs"):
        data = cell.outputs[0].get("data", {})
        line = f'<div><a href="{html.escape(address)}">{WHICH_MISTAKE}</a></div>'
        data["text/html"] = data.get("text/html", "") + line


def count(cell: NotebookNode) -> None:
    """Write into the box of a verdict the points that count, in place: a person may have given others."""
    about = cell.metadata.nbgrader
    if verdict_of(cell) and cell.get("outputs") and about.get("score") is not None:
        data = cell.outputs[0].get("data", {})
        points = f": {float(about.score):g} of {float(about.points):g} points</strong>"
        data["text/html"] = IN_BOX.sub(points, data.get("text/html", ""), count=1)


def summary_table(cells: list[NotebookNode], addresses: list[str]) -> str:
    """Return the checks and written answers as an HTML table, all text escaped."""
    rows = "".join(map(row, cells, addresses))
    head = "<tr><th>task</th><th>points</th><th>what was found</th></tr>"
    return f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>"


def row(cell: NotebookNode, address: str) -> str:
    """Return one row: a link to the cell, its points, the diagnosis and where to read."""
    about, verdict = cell.metadata.nbgrader, verdict_of(cell)
    grade_id = str(about.grade_id)
    title = verdict.get("title") or grade_id.removeprefix("written-").replace("_", " ").capitalize()
    sign = f"{sign_of(verdict['status'])} " if "status" in verdict else ""
    waits = cell.cell_type == "markdown" and about.get("waits", True) and not about.get("score")
    points = "–" if waits else f"{float(about.get('score') or 0):g}"
    score = f"{sign}{points} / {float(about.get('points') or 0):g}"
    text = html.escape(verdict.get("diagnosis") or by_hand(cell)) + read_line(verdict.get("read", ""), address)
    task = f'<a href="#{html.escape(grade_id)}">{html.escape(title)}</a>'
    return f"<tr><td>{task}</td><td>{score}</td><td>{text}</td></tr>"


def by_hand(cell: NotebookNode) -> str:
    """Return what is to be said of a written answer; what a person says of it stands below it."""
    about = cell.metadata.nbgrader
    comment = about.get("comment")
    if DECISION in cell.metadata:
        return f"{cell.metadata[DECISION]['says']}{' There is a comment below.' if comment else ''}"
    if cell.cell_type != "markdown" or comment == NO_ANSWER or about.get("unread"):
        return about.get("unread") or comment or ""
    read = "Waits for a person." if about.get("waits", True) else "Read by a person."
    return f"{read}{' There is a comment below.' if comment else ''}"


def why_unread(notebook: NotebookNode) -> str:
    """Return why nothing of what was handed in is in a notebook, if so."""
    about = notebook.metadata.get("autograder", {})
    return next((about[name] for name in ("unreadable", "lost", "aside") if about.get(name)), "")


def say_unread(cell: NotebookNode, why: str) -> None:
    """Say of a written answer why it is not here, in place of nbgrader's remark that there is none."""
    about = cell.metadata.nbgrader
    if cell.cell_type == "markdown" and about.get("comment") in (None, "", NO_ANSWER):
        about["unread"], about["comment"] = why, None
