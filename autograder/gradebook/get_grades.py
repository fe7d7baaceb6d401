"""What nbgrader's own `generate_feedback` reads for a page, and whether an answer still waits for a person."""

from __future__ import annotations

from typing import Any

from nbformat import NotebookNode
from nbgrader.preprocessors import GetGrades


class GetsWaiting(GetGrades):
    """nbgrader's GetGrades, which also says what waits for a person."""

    def _get_score(self, cell: NotebookNode, resources: dict[str, Any]) -> None:
        """Put points into a cell, and whether somebody has still to look."""
        super()._get_score(cell, resources)
        name = cell.metadata["nbgrader"]["grade_id"]
        grade = self.gradebook.find_grade(name, self.notebook_id, self.assignment_id, self.student_id)
        cell.metadata.nbgrader["waits"] = bool(grade.needs_manual_grade)
