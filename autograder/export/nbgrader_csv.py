"""nbgrader's own CSV, written by nbgrader's own plugin, from a gradebook whose texts need no quotes any more.

The plugin writes names as they are, commas, line breaks and formulas included.
https://nbgrader.readthedocs.io/en/stable/plugins/export-plugin.html
"""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from nbgrader.api import Assignment, Gradebook, SubmittedAssignment
from nbgrader.plugins import CsvExportPlugin

from autograder.errors import UserError
from autograder.export.fill import Export, Wishes
from autograder.export.sheet import safe


def nbgrader_csv(gradebook: Gradebook, slugs: list[str], wishes: Wishes) -> Export:
    """Return the file of `nbgrader export`, with a row for each student of the gradebook and each assignment.

    nbgrader writes 0 points for those who handed in nothing; here their scores are empty, as their time is: nothing
    handed in is no 0. With `only_finished`, rows with something left to grade are left out.
    """
    plugin = CsvExportPlugin(assignment=slugs)
    with tempfile.TemporaryDirectory() as folder:
        plugin.to = str(Path(folder) / "grades.csv")
        try:
            plugin.export(Quoted(gradebook))
            text = Path(plugin.to).read_text()  # in the encoding in which the plugin wrote it: this machine's
        except UnicodeError:
            raise UserError("nbgrader cannot write these names in this machine's encoding; set PYTHONUTF8=1.") from None
    lines = list(csv.reader(io.StringIO(text, newline="")))
    here = {(slug, safe(one.student_id)) for slug in slugs for one in gradebook.assignment_submissions(slug)}
    for line in lines[1:]:
        if (line[0], line[3]) not in here:
            line[7:10] = "", "", ""  # raw_score, late_submission_penalty, score
    if wishes.only_finished:
        waits = {
            (slug, safe(one.student_id))
            for slug in slugs
            for one in gradebook.assignment_submissions(slug)
            if one.needs_manual_grade
        }
        lines = [line for line in lines if (line[0], line[3]) not in waits]
    file = io.StringIO(newline="")
    csv.writer(file).writerows(lines)
    return Export(file.getvalue(), [], sum(line[9] != "" for line in lines[1:]))


class Quoted:
    """A gradebook as nbgrader's plugin reads it: every text in it is one harmless cell of a CSV file."""

    def __init__(self, gradebook: Gradebook) -> None:
        """Wrap a gradebook."""
        self.gradebook = gradebook
        self.ids: dict[str, str] = {}

    @property
    def assignments(self) -> list[Assignment]:
        """Return the assignments; their names are slugs, which need no quotes."""
        return sorted(self.gradebook.assignments, key=lambda one: one.name)

    @property
    def students(self) -> list[SimpleNamespace]:
        """Return the students."""
        return [self.quoted(one) for one in sorted(self.gradebook.students, key=lambda one: one.id)]

    def quoted(self, student: Any) -> SimpleNamespace:
        """Return a student whose texts are cells."""
        fields = ("id", "first_name", "last_name", "email")
        found = SimpleNamespace(**{name: csv_cell(getattr(student, name) or "") for name in fields})
        self.ids[found.id] = student.id
        return found

    def find_submission(self, assignment: str, student: str) -> SubmittedAssignment:
        """Return a submission; raises MissingEntry where there is none, as nbgrader's does."""
        return self.gradebook.find_submission(assignment, self.ids[student])


def csv_cell(text: str) -> str:
    """Return a text as it stands in a CSV file, quotes and all."""
    file = io.StringIO(newline="")
    csv.writer(file).writerow([safe(text), ""])
    return file.getvalue().removesuffix(",\r\n")
