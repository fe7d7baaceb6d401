"""The head of a feedback page: every check with its points and what was found, and the cells nobody needs left out."""

from __future__ import annotations

import html
from typing import Any

from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from nbformat.v4 import new_markdown_cell

LEFT_OUT = ("hints-", "setup", "locked-")
CSS = """
#toc ol { display: none; }
.container, #notebook-container { width: auto; max-width: 62em; padding: 0 .6em; }
div.prompt, a.anchor-link { display: none; }
.rendered_html table { border-collapse: collapse; margin: .8em 0; }
.rendered_html td, .rendered_html th { padding: .35em .8em .35em 0; text-align: left; vertical-align: top; }
.rendered_html tr + tr td { border-top: 1px solid #8884; }
.nbgrader_cell .panel-heading { height: auto !important; overflow: hidden; }
.nbgrader_cell .panel-heading code { white-space: normal; overflow-wrap: anywhere; }
div.input_area, div.output_area, div.output_subarea, .highlight { overflow-x: auto; max-width: 100%; }
div.output_subarea img, .rendered_html img { max-width: 100%; height: auto; }
.alert { margin: .5em 0; overflow-wrap: anywhere; }
div.output_area:has(> .output_execute_result) { display: none; } /* the judge's number, said in the box */
@media print { .nbgrader_cell, .alert { page-break-inside: avoid; } }
"""


class Summary(Preprocessor):
    """Puts a table of the checks first and takes hints, set-up and given code away from the page."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Return the notebook as it should be read, and its style sheet in the resources."""
        graded = [c for c in nb.cells if c.metadata.get("nbgrader", {}).get("grade")]
        nb.cells = [cell for cell in nb.cells if not str(cell.get("id", "")).startswith(LEFT_OUT)]
        nb.cells.insert(0, new_markdown_cell(table(graded), id="summary"))
        resources.setdefault("inlining", {}).setdefault("css", []).append(CSS)
        return nb, resources


def table(cells: list[NotebookNode]) -> str:
    """Return the checks and written answers as an HTML table, all text escaped."""
    rows = "".join(row(cell) for cell in cells)
    head = "<tr><th>task</th><th>points</th><th>what was found</th></tr>"
    return f"<table><thead>{head}</thead><tbody>{rows}</tbody></table>"


def row(cell: NotebookNode) -> str:
    """Return one row: a link to the cell, its points, and the diagnosis."""
    about, found = cell.metadata.nbgrader, cell.metadata.get("autograder", {})
    grade_id = str(about.grade_id)
    title = found.get("title") or grade_id.removeprefix("written-").replace("_", " ").capitalize()
    score = f"{float(about.get('score') or 0):g} / {float(about.get('points') or 0):g}"
    text = found.get("diagnosis") or ("Read by a person." if cell.cell_type == "markdown" else "")
    link = f'<a href="#{html.escape(grade_id)}">{html.escape(title)}</a>'
    return f"<tr><td>{link}</td><td>{score}</td><td>{html.escape(text)}</td></tr>"
