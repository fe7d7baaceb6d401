"""Moodle: its worksheet filled in, or a file for the import of grades."""

from __future__ import annotations

import csv
import re

import pytest

from autograder.export.fill import Wishes
from autograder.export.moodle import feedback, moodle
from autograder.export.results import Result, Task
from autograder.export.sheet import read_sheet
from tests.export.class_of_six import NAMES, WRONG, export, exported

HEAD = (
    "Identifier,Full name,Email address,Status,Grade,Maximum Grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments"
)
ROWS = [
    'Participant 11,Ada Lovelace,ADA@example.org,"Submitted for grading, late",,7.00,Yes,"Tuesday, 1 December",-,',
    'Participant 12,"Bob O""Neill",bob@example.org,Submitted for grading,3.00,7.00,Yes,-,"Monday, 7 December",old',
    "Participant 14,Zoe,zoe@example.org,Submitted for grading,,7.00,No,-,-,",
    "Participant 15,이 서연,s@example.org,Submitted for grading,,7.00,Yes,-,-,",
    "Participant 16,=cmd|x,+six@example.org,No submission,1.00,7.00,Yes,-,-,-keep",
]
OURS = re.compile(r"(?:(?P<others>.*)<hr>)?<div class=\"autograder-[0-9a-f]{12}\">(?P<text>.*)</div>", re.DOTALL)


@pytest.fixture
def worksheet(course):
    path = course / "worksheet.csv"
    path.write_text("\ufeff" + "\n".join([HEAD, *ROWS]), encoding="utf-8")
    return path


def test_the_worksheet_comes_back_with_grades_and_feedback_for_those_who_have_them(course, worksheet, scores):
    rows = {row["Identifier"]: row for row in exported(course, "moodle", "--roster", str(worksheet))}
    assert list(rows["Participant 11"]) == HEAD.split(",")
    wanted = {"Participant 11": "ada", "Participant 12": "bob", "Participant 15": "이서연"}
    assert {name: float(row["Grade"]) for name, row in rows.items()} == {
        name: pytest.approx(scores[student], abs=1e-4) for name, student in wanted.items()
    }
    assert rows["Participant 11"]["Status"] == "Submitted for grading, late"
    assert rows["Participant 12"]["Last modified (grade)"] == "Monday, 7 December"


def test_feedback_is_html_with_all_text_escaped(course, worksheet):
    rows = {
        row["Identifier"]: row["Feedback comments"] for row in exported(course, "moodle", "--roster", str(worksheet))
    }
    ours = {name: OURS.fullmatch(cell) for name, cell in rows.items()}
    assert ours["Participant 11"]["text"] == "6.3 of 7 points.<br>Taken off for being late: 0.7."
    assert ours["Participant 12"]["others"] == "old" and ours["Participant 12"]["text"] == (
        "1.5 of 7 points.<br>You averaged over the columns, &lt;b&gt;bob&lt;/b&gt;.<br>"
        "A person has still to read the written answers."
    )
    assert "Task mean_rows, 0.3333 of 2: You averaged" in rows["Participant 15"]


def test_a_teachers_comment_stays_and_ours_comes_below(course, worksheet, capsys):
    old = "<p>Well begun, see me.</p>"
    worksheet.write_text("\n".join([HEAD, ROWS[0], ROWS[1].replace(",old", f',"{old}"')]), encoding="utf-8")
    first = exported(course, "moodle", "--roster", str(worksheet))[1]["Feedback comments"]
    assert first.startswith(f"{old}<hr><div") and "You averaged over the columns" in first
    assert "A comment stood there already and was kept, with ours below: bob." in capsys.readouterr().err


def test_the_next_export_takes_the_place_of_ours_unless_somebody_has_written_into_it(course, worksheet):
    def again(change):
        path = course / "again.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, rows[0])
            table.writeheader()
            table.writerows(row | {"Feedback comments": change(row["Feedback comments"])} for row in rows)
        return [row["Feedback comments"] for row in exported(course, "moodle", "--roster", str(path))]

    rows = exported(course, "moodle", "--roster", str(worksheet))
    cells = [row["Feedback comments"] for row in rows]
    assert again(str) == cells
    assert again(lambda cell: cell.replace("<br>", "<br />\n")) == cells  # as an editor may write it
    below = again(lambda cell: f"{cell}<p>Come to my office.</p>")
    assert all(OURS.fullmatch(cell)["others"].endswith("<p>Come to my office.</p>") for cell in below)
    inside = again(lambda cell: cell.replace("</div>", " Come to my office.</div>"))
    assert all("Come to my office." in OURS.fullmatch(cell)["others"] for cell in inside)
    earlier = again(lambda cell: OURS.fullmatch(cell)["text"])  # of a version that marked nothing
    assert [OURS.fullmatch(cell)["others"] or "" for cell in earlier] == ["", "", ""]


@pytest.mark.parametrize("how", ["column", "words"])
def test_an_assignment_that_is_graded_by_words_gets_no_points(course, worksheet, capsys, how):
    head, rows = HEAD, [row.replace(",3.00,", ",Satisfactory,") for row in ROWS]
    if how == "column":
        head = HEAD.replace("Maximum Grade", "Scale")
        rows = [row.replace("7.00", '"Not yet, Satisfactory, Excellent"') for row in ROWS]
    worksheet.write_text("\n".join([head, *rows]), encoding="utf-8")
    assert export(course, "moodle", "--roster", str(worksheet)) == 2
    told = " ".join(capsys.readouterr().err.split())
    assert "graded in Moodle by a scale (" in told and "Satisfactory" in told and "set its grade to Point" in told
    assert not list(course.glob("_build/grading/moodle*"))


def test_a_class_with_student_numbers_is_found_in_a_worksheet_without_them_by_its_addresses(worksheet):
    result = Result("0412301", "90_fake", "ada@example.org", 5, 7, 0, 0, False, ())
    other = Result("0412302", "90_fake", "", 5, 7, 0, 0, False, ())
    export = moodle({"0412301": result, "0412302": other}, "90_fake", read_sheet(worksheet), Wishes())
    assert [(row["Identifier"], row["Grade"]) for row in csv.DictReader(export.text.splitlines())] == [
        ("Participant 11", "5")
    ]
    assert any("by their e-mail address" in note and note.endswith(": 0412301.") for note in export.notes)
    assert any(note.startswith("In the gradebook and not in the roster: 0412302. ") for note in export.notes)


def test_what_is_not_finished_takes_one_line():
    about = {"kind": "check", "max_score": 2, "misconceptions": (), "needs_manual_grade": False}
    tasks = [
        Task(name=name, title=f"The {name}", score=0, status=status, diagnosis=f"{name} says", **about)
        for name, status in (("one", "unfinished"), ("two", "error"), ("three", "unfinished"))
    ]
    result = Result("ann", "90_fake", "", 0, 6, 0, 0, False, tuple(tasks))
    assert feedback(result) == "0 of 6 points.<br>The two, 0 of 2: two says<br>Not finished: The one; The three."


def test_who_is_locked_missing_or_unfinished_is_told(course, worksheet, capsys):
    rows = exported(course, "moodle", "--roster", str(worksheet), "--only-finished")
    assert [row["Identifier"] for row in rows] == ["Participant 11", "Participant 15"]
    told = capsys.readouterr().err
    assert "excused or locked: zoe." in told
    assert "In the gradebook and not in the roster: 1004, =1+1." in told
    assert "they were left out" in told


def test_a_maximum_that_moodle_would_not_let_pass_is_told_or_scaled(course, worksheet, capsys):
    worksheet.write_text("\n".join([HEAD, *ROWS]).replace("7.00", "3,50"), encoding="utf-8")
    worksheet.write_text(worksheet.read_text().replace("3,50", "3.50"), encoding="utf-8")
    exported(course, "moodle", "--roster", str(worksheet))
    assert "counts out of 3.5 and the notebook out of 7" in capsys.readouterr().err
    rows = exported(course, "moodle", "--roster", str(worksheet), "--scale")
    assert rows[0]["Grade"] == "3.15"


@pytest.mark.parametrize("lacking", ["Identifier", "Grade", "Last modified (grade)"])
def test_a_worksheet_that_moodle_would_not_take_back_is_told(course, worksheet, capsys, lacking):
    head = ",".join("Anderes" if name == lacking else name for name in HEAD.split(","))
    worksheet.write_text("\n".join([head, *ROWS]), encoding="utf-8")
    assert export(course, "moodle", "--roster", str(worksheet)) == 2
    assert f"no column {lacking}" in capsys.readouterr().err


def test_without_a_worksheet_a_file_for_the_import_of_grades_is_written(course, scores):
    rows = exported(course, "moodle")
    assert list(rows[0]) == ["student_id", "email", "90_fake", "90_fake feedback"]
    found = {row["student_id"].removeprefix("'"): float(row["90_fake"]) for row in rows}
    assert found == {student: pytest.approx(score, abs=1e-4) for student, score in scores.items()}
    emails = {row["student_id"].removeprefix("'"): row["email"].removeprefix("'") for row in rows}
    assert emails == {student: email for student, (_, _, email) in NAMES.items()}
    text = "".join(cell for row in rows for cell in row.values())
    assert WRONG not in text and "<script" not in text
    by_id = [row.pop(name) for row in rows for name in ("student_id", "email")]  # by which Moodle finds people
    assert not [cell for row in rows for cell in row.values() if cell[:1] in ("=", "+", "-", "@")]
    assert not [cell for cell in by_id if cell.startswith("=")] and "-zaneta@example.org" in by_id
