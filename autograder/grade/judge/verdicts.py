"""Writes records and verdicts into a notebook: what nbgrader reads as a score and what the learner reads."""

from __future__ import annotations

import html
from collections.abc import Mapping

from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

from autograder.grade.judge.judge import Verdict
from autograder.grade.run.clean_outputs import output_node
from autograder.grade.run.execute import Record
from autograder.gradebook import decided_notebook
from autograder.learner.check import folded, python_in_text

COLOURS = {"right": "alert-success", "partial": "alert-warning"}
NOTES_ID = "grader-notes"


def write_records(notebook: NotebookNode, records: Mapping[int, Record]) -> None:
    """Write the outputs of each cell that was run, and why one was not finished."""
    for number, record in records.items():
        cell = notebook.cells[number]
        cell.outputs = list(record.outputs)
        if record.end in ("timeout", "crash"):
            text = f"This cell was not finished: {record.reason}"
            cell.outputs.append(output_node("error", ename="Stopped", evalue=text, traceback=[text]))


def write_verdict(cell: NotebookNode, verdict: Verdict) -> None:
    """Write a verdict into its check cell.

    nbgrader takes the number in the first `execute_result` as partial credit; anything on stderr would
    cost the points, so nothing else of the run is kept here.
    """
    shown, score = {"text/html": as_html(verdict), "text/plain": as_text(verdict)}, repr(float(verdict.score))
    cell.outputs = [
        output_node("display_data", data=shown, metadata={}),
        output_node("execute_result", data={"text/plain": score}, metadata={}, execution_count=None),
    ]
    cell.metadata["autograder"] = {
        "check": verdict.check,
        "title": verdict.title,
        "status": verdict.status,
        "names": list(verdict.names),
        "diagnosis": " ".join(sentences(verdict)),
        "read": verdict.read,
        **({"look": verdict.look} if verdict.look else {}),
    }


def heading(verdict: Verdict) -> str:
    """Return the first line of a verdict."""
    return decided_notebook.heading(verdict.status, verdict.title, verdict.score, verdict.max_score)


def sentences(verdict: Verdict) -> list[str]:
    """Return what a verdict says."""
    says = list(verdict.says) or (["Right."] if verdict.status == "right" else [])
    return [*says, verdict.look] if verdict.look else says


def as_text(verdict: Verdict) -> str:
    """Return a verdict as plain text."""
    lines, python = folded(sentences(verdict))
    read = [f"Read: {verdict.read}"] if verdict.read else []
    said = [python_in_text(python)] if python else []
    return "\n  ".join([heading(verdict), *lines, *read, *said])


def as_html(verdict: Verdict) -> str:
    """Return a verdict as a box in the classes that nbgrader's pages know; all text is escaped, `shows` is HTML."""
    colour = COLOURS.get(verdict.status, "alert-danger")
    lines, python = folded(sentences(verdict))
    body = "".join(f"<div>{html.escape(line)}</div>" for line in lines) + read_line(verdict.read)
    body += f"<details><summary>Python said</summary><pre>{html.escape(python)}</pre></details>" if python else ""
    body += verdict.shows
    return f'<div class="alert {colour}"><strong>{html.escape(heading(verdict))}</strong>{body}</div>'


def read_line(section: str, address: str = "") -> str:
    """Return the line that says where to read, with a link where the book has an address; nothing without a section."""
    title = html.escape(section)
    link = f'<a href="{html.escape(address)}">{title}</a>' if address else title
    return f"<div>Read: {link}</div>" if section else ""


def write_notes(notebook: NotebookNode, notes: list[str]) -> None:
    """Put what was odd about the submission into a first cell, if anything was."""
    if notes:
        text = "**Notes of the grader**\n\n" + "\n".join(f"- {escape_markdown(note)}" for note in notes)
        notebook.cells.insert(0, new_markdown_cell(text, id=NOTES_ID))


def escape_markdown(text: str) -> str:
    """Return text that Markdown shows as it is."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]()#+-!|<>$~" else c for c in " ".join(text.split()))
