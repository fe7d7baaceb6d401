"""JSON, nbgrader's CSV, and what all formats share: where files go and what is told."""

from __future__ import annotations

import csv
import io
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

import autograder.export
from autograder.export.sheet import points_text, safe
from tests.export.class_of_six import NAMES, SCORES, SLUG, WRONG, export, exported

FORMATS = ("moodle", "nbgrader", "json")


@pytest.fixture
def document(course):
    assert export(course, "json") == 0
    return json.loads((course / "_build" / "grading" / f"json_{SLUG}.json").read_text(encoding="utf-8"))


def test_json_keeps_to_its_schema(document):
    schema = json.loads((Path(autograder.export.__file__).with_name("schema.json")).read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.Draft202012Validator(schema).validate(document)


def test_json_holds_every_cell_of_every_submission(document, scores):
    assert {one["student"]: one["score"] for one in document["submissions"]} == pytest.approx(scores)
    by_student = {one["student"]: one for one in document["submissions"]}
    assert set(by_student) == set(NAMES)
    for student, points in SCORES.items():
        assert [task["score"] for task in by_student[student]["tasks"]] == [score or 0 for score in points]
    bob = by_student["bob"]["tasks"]
    assert [task["kind"] for task in bob] == ["check", "check", "written answer"]
    assert [task["status"] for task in bob] == ["wrong", "wrong", "waits for a person"]
    assert bob[0]["misconceptions"] == ["over_columns"] and bob[0]["diagnosis"] == WRONG
    assert by_student["ada"]["seconds_late"] == 86400 and by_student["ada"]["late_penalty"] == pytest.approx(0.7)


def test_nbgraders_file_says_what_stock_nbgrader_says_and_is_a_proper_csv(course, scores):
    rows = exported(course, "nbgrader")
    assert {row["student_id"].removeprefix("'"): float(row["score"]) for row in rows} == pytest.approx(scores)
    for row in rows:
        last, first, email = NAMES[row["student_id"].removeprefix("'")]
        cells = (row["last_name"], row["first_name"], row["email"])
        assert [cell.removeprefix("'") for cell in cells] == [last, first, email]
        assert not [cell for cell in row.values() if cell[:1] in ("=", "+", "-", "@")]


@pytest.mark.slow
def test_stock_nbgrader_exports_the_same_numbers(course):
    with sqlite3.connect(course / "_build" / "grading" / "gradebook.db") as book:
        book.execute("UPDATE student SET last_name = 'x', first_name = NULL, email = NULL")  # it quotes nothing
    nbgrader = Path(sys.executable).with_name("nbgrader")
    environment = {"PATH": "/usr/bin", "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    done = subprocess.run(
        [nbgrader, "export", "--to", "stock.csv"], cwd=course, capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr
    stock = list(csv.DictReader(io.StringIO((course / "stock.csv").read_text(encoding="utf-8"))))
    ours = [{**row, "student_id": row["student_id"].removeprefix("'")} for row in exported(course, "nbgrader")]
    assert sorted(stock, key=lambda row: row["student_id"]) == sorted(ours, key=lambda row: row["student_id"])


@pytest.mark.parametrize("kind", FORMATS)
def test_a_dash_prints_the_file_and_nothing_else(course, capsysbinary, kind):
    assert export(course, kind) == 0
    capsysbinary.readouterr()
    assert export(course, kind, "--to", "-") == 0
    ending = "json" if kind == "json" else "csv"
    assert capsysbinary.readouterr().out == (course / "_build" / "grading" / f"{kind}_{SLUG}.{ending}").read_bytes()


@pytest.mark.parametrize("kind", FORMATS)
def test_a_second_export_is_the_same_byte_for_byte(course, tmp_path, kind):
    assert export(course, kind, "--to", str(tmp_path / "a")) == export(course, kind, "--to", str(tmp_path / "b")) == 0
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_unfinished_ones_are_left_out_where_that_is_asked_for(course):
    left = {student for student, points in SCORES.items() if None not in points}
    assert {row["student_id"] for row in exported(course, "nbgrader", "--only-finished")} == left
    assert {row["student_id"] for row in exported(course, "moodle", "--only-finished")} == left
    assert export(course, "json", "--only-finished") == 0
    document = json.loads((course / "_build" / "grading" / f"json_{SLUG}.json").read_text(encoding="utf-8"))
    assert {one["student"] for one in document["submissions"] if one["score"] is not None} == left


def test_without_marked_notebooks_the_scores_are_still_there(course, scores, capsys):
    (course / "_build" / "grading" / "autograded").rename(course / "elsewhere")
    found = {row["student_id"].removeprefix("'"): float(row["90_fake"]) for row in exported(course, "moodle")}
    assert found == {student: pytest.approx(score, abs=1e-4) for student, score in scores.items()}
    assert "no diagnosis is told: 1004, =1+1, ada, bob, zoe, 이서연." in capsys.readouterr().err


def test_penalties_that_are_out_of_date_are_told(course, capsys):
    assert export(course, "moodle") == 0
    assert "out of date; run `autograder grade` again" in capsys.readouterr().err
    with sqlite3.connect(course / "_build" / "grading" / "gradebook.db") as book:
        book.execute("UPDATE submitted_notebook SET late_submission_penalty = NULL")
    assert export(course, "moodle") == 0
    assert "out of date" not in capsys.readouterr().err
    (course / "_config.yml").write_text("attention: {late: {percent_per_day: 10}}\n")
    assert export(course, "moodle") == 0
    assert "out of date" in capsys.readouterr().err
    (course / "_config.yml").write_text(f"attention: {{due: {{{SLUG}: 2026-11-30 12:00 UTC}}}}\n")
    assert export(course, "moodle") == 0
    assert "out of date" in capsys.readouterr().err


def test_several_assignments_get_a_file_each(course, capsys):
    with sqlite3.connect(course / "_build" / "grading" / "gradebook.db") as book:
        book.execute("INSERT INTO assignment (id, name, course_id) VALUES ('x', '91_other', 'attention')")
        book.execute("INSERT INTO submitted_assignment (id, assignment_id, student_id) VALUES ('y', 'x', 'ada')")
    assert export(course, "moodle") == 0
    assert {path.name for path in (course / "_build" / "grading").glob("moodle_*")} == {
        "moodle_90_fake.csv",
        "moodle_91_other.csv",
    }
    assert export(course, "moodle", "--to", "-") == 2
    assert "choose one with --assignment: 90_fake, 91_other." in capsys.readouterr().err
    assert export(course, "moodle", "--to", "-", "--assignment", SLUG) == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--assignment", "99_other"], "No submissions of 99_other have been graded; there are: 90_fake."),
        (["--out", "nowhere"], "There is no gradebook in"),
        (["--db", "sqlite:///none.db"], "There is no gradebook in"),
        (["--roster", "none.csv"], "The roster none.csv cannot be read"),
        (["--to", "_config.yml/x.csv"], "cannot be written to"),
        (["--db", "bogus://x"], "SQLAlchemy knows no database bogus"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(course, capsys, arguments, sentence):
    assert export(course, "moodle", *arguments) == 2
    told = capsys.readouterr().err
    assert sentence in told and told.count("\n") == 1
    assert not (course / "none.db").exists() and not (course / "nowhere").exists()


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+49 30", "'+49 30"),
        ("-B", "'-B"),
        ("@x", "'@x"),
        ("\t=1", "'\t'=1"),
        ("\r=1", "\\r=1"),
        ("\n=1", "'\n'=1"),
        ("＝1+1", "'＝1+1"),
        ("\x1b[2J=1", "\\x1b[2J=1"),
        ("-3", "-3"),
        ("-3.50", "-3.50"),
        ("-", "-"),
        ("-3+1", "'-3+1"),
        ("a=1", "a=1"),
        ("a;=1+1", "a;'=1+1"),  # a formula where another program separates cells by this
        ("a|-x", "a|'-x"),
        ('a\t "@x', "a\t' \"@x"),
        ("a,=1", "a,=1"),  # this file's own delimiter is hidden by quotes
        ("off by (-1, -0.5); (3; -2e-3)", "off by (-1, -0.5); (3; -2e-3)"),
        ("off; -2", "off;' -2"),  # the next cell may go on with it, where a comma is the point of a number
        ("off; -2,5+cmd|' /C calc'!A0", "off;' -2,5+cmd|' /C calc'!A0"),
        ("a\u200b\u202eb", "a\\u200b\\u202eb"),
        ("", ""),
    ],
)
def test_cells_are_harmless_and_numbers_stay_numbers(cell, written):
    assert safe(cell) == written


@pytest.mark.parametrize(
    ("value", "text"), [(7, "7"), (6.300000000000001, "6.3"), (1 / 3, "0.3333"), (0, "0"), (100, "100")]
)
def test_numbers_have_no_noise(value, text):
    assert points_text(value) == text
