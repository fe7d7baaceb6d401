"""The class of a roster is in the gradebook, who hands in nothing is missing, and `--student` tells of others."""

from __future__ import annotations

import csv
import io
import json
import shutil
from contextlib import chdir, closing
from pathlib import Path

import jsonschema
import pytest
from bs4 import BeautifulSoup

from autograder.cli import main
from autograder.collect.roster import read_roster
from autograder.gradebook.gradebook import read_gradebook
from tests.chapters import ROOT
from tests.collect.downloads import MONDAY, moodle, zipped
from tests.grade.fake_course import RIGHT, SLUG, answered, as_bytes, make_course, submit

ROSTER = """student_id,Surname,First name,Email address
a1,Lovelace,Ada,ada@example.org
b2,O'Neil,Ben,ben@example.org
c3,Ångström,Dia,dia@example.org
"""
MISSING = "c3 (Dia Ångström)"
pytestmark = pytest.mark.usefixtures("same_workers")


def run(root: Path, *arguments: str, code: int = 0) -> None:
    """Run a verb in a course."""
    with chdir(root):
        assert main(list(arguments)) == code


@pytest.fixture(scope="module")
def graded_once(tmp_path_factory):
    """Collect what two of three have handed in, and grade it."""
    root = make_course(tmp_path_factory.mktemp("listed") / "course")
    (root / "roster.csv").write_text(ROSTER, encoding="utf-8")
    data = as_bytes(answered(root, **RIGHT))
    people = [("Ada Lovelace", 501), ("Ben O'Neil", 502)]
    zipped(root / "moodle.zip", [(moodle(name, number, f"{SLUG}.ipynb"), data, MONDAY) for name, number in people])
    run(root, "collect", "moodle.zip", "--roster", "roster.csv")
    run(root, "grade")
    return root


@pytest.fixture
def course(graded_once, tmp_path):
    """Return a course of its own with all of that."""
    return shutil.copytree(graded_once, tmp_path / "course")


def students(root: Path) -> dict[str, tuple]:
    """Return nbgrader's table of students."""
    with closing(read_gradebook(f"sqlite:///{root / '_build' / 'grading' / 'gradebook.db'}")) as book:
        return {one.id: (one.first_name, one.last_name, one.email) for one in book.students}


def test_everybody_on_the_roster_is_in_nbgraders_table_with_name_and_address(course):
    assert students(course) == {
        "a1": ("Ada", "Lovelace", "ada@example.org"),
        "b2": ("Ben", "O'Neil", "ben@example.org"),
        "c3": ("Dia", "Ångström", "dia@example.org"),
    }


def test_who_has_handed_in_nothing_is_missing_and_has_no_points(course, capsys):
    with (course / "_build" / "grading" / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["student_id"]: (row["score"], row["status"]) for row in csv.DictReader(file)}
    assert rows == {"a1": ("5.0", "graded"), "b2": ("5.0", "graded"), "c3": ("", "missing")}
    run(course, "grade")
    assert f"Missing in {SLUG}, no notebook handed in: {MISSING}." in capsys.readouterr().out


def test_grading_the_notebooks_to_choose_from_calls_nobody_missing(course, capsys):
    results = course / "_build" / "grading"
    shutil.copytree(results / "submitted" / "a1", results / "attempts" / "a1__1")
    run(course, "grade", str(results / "attempts"), "--out", str(results / "attempts_graded"))
    printed = capsys.readouterr().out
    assert "a1__1" in printed and "1 graded" in printed and "Missing" not in printed


def test_the_report_names_who_is_missing(course, capsys):
    run(course, "report")
    assert "2 graded" in (printed := capsys.readouterr().out) and "1 missing" in printed
    soup = BeautifulSoup((course / "_build" / "grading" / "report.html").read_text(encoding="utf-8"), "html.parser")
    row = next(row for row in soup.select(".odd tr") if row.th.get_text() == "missing")
    assert MISSING in row.get_text(" ", strip=True)
    run(course, "report", "--anonymous")
    assert "Ångström" not in (course / "_build" / "grading" / "report.html").read_text(encoding="utf-8")


CANVAS = f"""Student,ID,SIS User ID,SIS Login ID,Section,{SLUG} (9)
    Points Possible,,,,,7
"Lovelace, Ada",1,a1,,1,
"O'Neil, Ben",2,b2,,1,
"Ångström, Dia",3,c3,,1,6
"""


@pytest.mark.parametrize("kind", ["canvas", "moodle", "nbgrader", "json"])
def test_every_export_says_who_is_missing_and_gives_no_0(course, capsys, kind):
    (course / "canvas.csv").write_text(CANVAS, encoding="utf-8")
    run(course, "export", kind, "--to", "-", *(["--roster", "canvas.csv"] if kind == "canvas" else []))
    out, told = capsys.readouterr()
    assert f"Missing, no notebook handed in: {MISSING};" in told
    if kind == "json":
        schema = json.loads((ROOT / "autograder" / "export" / "schema.json").read_text(encoding="utf-8"))
        jsonschema.validate(json.loads(out), schema)
        assert json.loads(out)["missing"] == [{"student": "c3", "name": "Dia Ångström", "assignment": SLUG}]
        return
    rows = list(csv.reader(io.StringIO(out, newline="")))
    mine = [row for row in rows if "c3" in row]
    wanted = {"canvas": [["6"]], "moodle": [], "nbgrader": [["", "", "", "7.0"]]}[kind]
    assert [row[-len(wanted[0]) :] for row in mine] == wanted


def test_grading_one_student_says_how_many_others_are_out_of_date(course, capsys):
    run(course, "grade", "--student", "a1", "--force")
    assert "run `autograder grade` without --student" not in capsys.readouterr().out
    submit(course / "_build" / "grading" / "submitted", "e5", as_bytes(answered(course, **RIGHT)))
    path = course / "solutions" / f"{SLUG}_key.py"
    path.write_text(path.read_text() + "\n# mended\n")
    run(course, "grade", "--student", "a1")
    printed = capsys.readouterr().out
    assert "1 graded" in printed and "1 other is out of date" in printed and "1 other is not graded yet" in printed
    run(course, "grade")
    run(course, "grade", "--student", "a1")
    assert "without --student" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("head", "row", "listed"),
    [
        ("student_id,first name,last name,email", "x,Ada,Lovelace,a@b.c", ("Ada", "Lovelace", "a@b.c")),
        ("student_id,name", 'x,"Lovelace, Ada"', ("Ada", "Lovelace", "")),
        ("student_id,name", "x,Cho Seoyeon", ("", "Cho Seoyeon", "")),
        ("student_id", "x", ("", "", "")),
    ],
)
def test_where_a_name_is_parted_is_not_guessed(tmp_path, head, row, listed):
    (tmp_path / "roster.csv").write_text(f"{head}\n{row}\n")
    (person,) = read_roster(tmp_path / "roster.csv").people
    assert person.listed == listed


def test_a_newer_roster_changes_names_and_takes_none_away(course):
    newer = 'student_id,name\na1,"King, Ada"\nf6,Fay Oh\nb2,"O\'Neil, Ben"\nc3,\n'
    (course / "roster.csv").write_text(newer, encoding="utf-8")
    run(course, "collect", "moodle.zip", "--roster", "roster.csv", code=1)  # Ada is not called so there any more
    run(course, "grade")
    found = students(course)
    assert found["a1"] == ("Ada", "King", "ada@example.org") and found["b2"][1] == "O'Neil"
    assert found["f6"] == (None, "Fay Oh", None) and found["c3"][1] == "Ångström"
