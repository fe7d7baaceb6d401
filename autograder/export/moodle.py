"""Grades for Moodle: its own grading worksheet filled in, or a file for Grades, Import, CSV.

The worksheet (assignment, View all submissions, Download grading worksheet) has the columns `Identifier, Full name,
Email address, Status, Grade, Maximum Grade, Grade can be changed, Last modified (submission), Last modified (grade),
Feedback comments`; Moodle finds the first, the grade and the time of the last grade by these names and passes in
silence over grades above the maximum. An assignment that is graded by a scale has a column `Scale` with its words in
place of `Maximum Grade`: points are no answer there, and it is refused. Comments of teachers stay. Only rows with a
grade of ours are written, for it takes every row for news. Without the worksheet, a file with a column each for the
id, the e-mail, the grade and the feedback is written; Moodle asks which is which, and stops at the first person whom
it does not know. Feedback is HTML there, so all text is escaped.
https://docs.moodle.org/en/Assignment_submissions https://docs.moodle.org/en/Grade_import
https://github.com/moodle/moodle/blob/main/mod/assign/feedback/offline/importgradeslib.php
https://github.com/moodle/moodle/blob/main/mod/assign/gradingtable.php
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import replace

from autograder.errors import UserError
from autograder.export.comments import below, of_others
from autograder.export.fill import Export, Wishes, fill, named, points
from autograder.export.results import CHECK, Result
from autograder.export.sheet import Sheet, points_text
from autograder.storage.safe_text import one_line

NEEDED = ("Identifier", "Grade", "Last modified (grade)")
FOUND_BY = ("Identifier", "Email address", "student_id", "email")  # Moodle finds people by these
COMMENTS = "Feedback comments"
NOT_ENGLISH = (
    "The roster is not a grading worksheet of Moodle: it has no column {}. Set Moodle to English, download the "
    "grading worksheet again, and give that; or leave --roster out."
)
SCALE = "Scale"
BY_SCALE = (
    "This assignment is graded in Moodle by a scale ({}) and not in points; set its grade to Point there, download the "
    "grading worksheet again, and give that."
)
FINE = ("right", "accepted", "dropped", "graded", "waits for a person")


def moodle(results: Mapping[str, Result], slug: str, sheet: Sheet | None, wishes: Wishes) -> Export:
    """Return the worksheet with grades and feedback, or a file for the import of grades."""
    return worksheet(results, sheet, wishes) if sheet else import_file(results, slug, wishes)


def worksheet(results: Mapping[str, Result], sheet: Sheet, wishes: Wishes) -> Export:
    """Fill in Moodle's grading worksheet."""
    lacking = next((name for name in NEEDED if sheet.column(name) is None), None)
    grade, most, fixed = map(sheet.column, ("Grade", "Maximum Grade", "Grade can be changed"))
    if lacking or grade is None:
        raise UserError(NOT_ENGLISH.format(lacking or "Grade"))
    refuse_scale(sheet, grade)
    comments = sheet.column(COMMENTS)
    written, notes = fill(
        sheet,
        list(range(len(sheet.rows))),
        grade,
        results,
        lambda row: points(sheet, row, most),
        wishes,
        lambda row: fixed is not None and sheet.rows[row][fixed].strip().casefold() == "no",
    )
    if comments is None:
        notes.append("The worksheet has no column for comments; Moodle gives it one with the type Feedback comments.")
    else:
        kept = []
        for row, result in written.items():
            ours = feedback(result)
            others = of_others(sheet.rows[row][comments], ours)
            sheet.rows[row][comments] = below(others, ours)
            kept += [result.student] if others else []
        notes += [f"A comment stood there already and was kept, with ours below: {named(kept)}."] if kept else []
    return Export(replace(sheet, rows=[sheet.rows[row] for row in written]).as_csv(FOUND_BY), notes, len(written))


def refuse_scale(sheet: Sheet, grade: int) -> None:
    """Raise UserError where Moodle takes words for grades."""
    scale = sheet.column(SCALE)
    words = [row[scale] for row in sheet.rows] if scale is not None else []
    words += [row[grade] for row in sheet.rows if re.fullmatch(r"[^\d]*[^\W\d_][^\d]*", row[grade])]
    if scale is not None or words:
        raise UserError(BY_SCALE.format(one_line(next(filter(str.strip, words), "of words"))[:80]))


def import_file(results: Mapping[str, Result], slug: str, wishes: Wishes) -> Export:
    """Return a file for Moodle's import of grades."""
    taken = [one for one in results.values() if not (wishes.only_finished and one.needs_manual_grade)]
    rows = [[one.student, one.email, points_text(one.score), feedback(one)] for one in taken]
    sheet = Sheet(["student_id", "email", slug, f"{slug} feedback"], rows)
    return Export(sheet.as_csv(FOUND_BY), [], len(rows))


def feedback(result: Result) -> str:
    """Return as HTML what cost points."""
    lost = [task for task in result.tasks if task.kind == CHECK and task.status not in FINE]
    begun = [task for task in lost if task.status != "unfinished"]
    lines = [f"{of(result.score, result.max_score)} points."]
    if result.late_penalty:
        lines.append(f"Taken off for being late: {points_text(result.late_penalty)}.")
    if len({task.diagnosis for task in begun}) == 1 < len(begun):  # such as a file that could not be read
        lines.append(begun[0].diagnosis)
    else:
        lines += [f"{task.title or task.name}, {of(task.score, task.max_score)}: {task.diagnosis}" for task in begun]
    if unfinished := [task.title or task.name for task in lost if task not in begun]:
        lines.append(f"Not finished: {'; '.join(unfinished)}.")
    if result.needs_manual_grade:
        lines.append("A person has still to read the written answers.")
    return "<br>".join(html.escape(one_line(line).strip()) for line in lines)


def of(score: float, most: float) -> str:
    """Return points and how many there are."""
    return f"{points_text(score)} of {points_text(most)}"
