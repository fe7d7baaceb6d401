"""Gives formgrader's page the rubric, the comments and the solution's words for each written answer.

They are read from the solved notebook when the page is shown; nothing of them is in a marked notebook.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from nbformat import NotebookNode, from_dict

from autograder.course.rubric import rubrics_of
from autograder.errors import UserError
from autograder.gradebook.grader_preprocessor import GraderPreprocessor

NAME = "rubric"  # of a cell's metadata, which templates/marking.html.j2 reads


class ShowsRubric(GraderPreprocessor):
    """Puts what helps with marking into the cells of the notebook that formgrader shows."""

    def preprocess(self, nb: NotebookNode, resources: dict[str, Any]) -> tuple[NotebookNode, dict[str, Any]]:
        """Return the notebook with rubrics in the metadata of its written answers."""
        for cell in nb.cells:
            cell.metadata.pop(NAME, None)  # what a learner wrote there is none
        try:
            found = rubrics_of(Path(self.course_root), str(resources.get("assignment_id", "")))
        except UserError as error:  # the page is of use without
            self.log.warning("The rubric is not shown: %s", error)
            found = {}
        for cell in nb.cells:
            rubric = found.get(cell.metadata.get("nbgrader", {}).get("grade_id", ""))
            if rubric is not None and cell.cell_type == "markdown":
                cell.metadata[NAME] = from_dict(asdict(rubric))
        return nb, resources
