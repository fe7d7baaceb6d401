"""The formats that grades are exported in, each with what it is for."""

from __future__ import annotations

FORMATS = {
    "canvas": "Canvas's gradebook, for Grades > Import; needs the file that Canvas exported as --roster",
    "moodle": "Moodle's grading worksheet, given as --roster, filled in; without it a file for Grades > Import > CSV",
    "nbgrader": "the CSV file of `nbgrader export`",
    "json": "every check of every submission, for programs of your own",
}
