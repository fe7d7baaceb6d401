"""The roster says under which id somebody is filed; what fits nobody or several people is told and not guessed."""

from __future__ import annotations

import datetime as dt

import pytest

from autograder.collect.roster import read_roster
from autograder.errors import UserError
from tests.collect.downloads import DAY, FIVE, FOUR, MONDAY, SECOND, canvas, moodle, notebook, zipped

CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,04 Attention (123)
,,,,,Manual Posting
"    Points Possible",,,,,10
"Lee, Ann",11,u1,ann,A,
"Ray, Bob",12,u2,bob,A,
"김, 민수",13,u3,minsu,A,
"O'Brien-Smith, José",14,u4,jose,A,
"Ray, Bob",15,u5,bob2,B,
"Student, Test",99,,,A,
"""
WORKSHEET = """\
Identifier,Full name,ID number,Email address,Status,Grade,Last modified (submission)
Participant 101,Ann Lee,s1,ann@x.edu,Submitted,,"Monday, 18 November 2024, 9:15 AM"
Participant 102,José O'Brien-Smith,s2,jose@x.edu,Submitted,,"Tuesday, 19 November 2024, 11:59 PM"
Participant 103,Bob Ray,s3,bob@x.edu,Submitted,,-
Participant 104,Bob Ray,s4,bob.r@x.edu,Submitted,,-
"""


@pytest.fixture
def roster(tmp_path):
    """Return a function that writes a roster."""

    def write(text, encoding="utf-8"):
        path = tmp_path / "roster.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return write


def test_canvas_by_number(collect, tmp_path, roster):
    people = [("leeann", 11), ("rayxbob", 12), ("raybob", 15), ("김민수", 13)]
    names = [canvas(name, user, 500 + user, "a.ipynb") for name, user in people]
    path = zipped(tmp_path / "x.zip", [(name, notebook(answer=name), MONDAY) for name in names])
    result = collect(path, roster=roster(CANVAS))
    assert set(result.notebooks()) == {f"{who}/{FOUR}" for who in ("ann", "bob", "bob2", "minsu")} and result.code == 0


def test_canvas_by_name_where_the_roster_has_no_numbers(collect, tmp_path, roster):
    text = "id,first_name,last_name,email\nann,Ann,Lee,\nb1,Bob,Ray,\nb2,Bob,Ray,\njose,José,O'Brien-Smith,\n"
    people = [("leeann", 1), ("raybob", 2), ("obriensmithjose", 3), ("doejane", 4)]
    names = {name: canvas(name, user, user, "a.ipynb") for name, user in people}
    result = collect(zipped(tmp_path / "x.zip", [(n, notebook(), MONDAY) for n in names.values()]), roster=roster(text))
    assert set(result.notebooks()) == {f"ann/{FOUR}", f"jose/{FOUR}"} and result.code == 1
    assert result.remark(names["raybob"]) == "Several people in the roster fit 'raybob': b1, b2."
    assert "Nobody in the roster fits 'doejane'" in result.remark(names["doejane"])


def test_moodle_by_participant_and_true_times(collect, tmp_path, roster, monkeypatch):
    people = [("Ann Lee", 101), ("Jose OBrien-Smith", 7), ("Bob Ray", 104), ("Team A-Ann Lee", 101)]
    names = [moodle(name, number, "a.ipynb") for name, number in people[:3]]
    path = zipped(tmp_path / "x.zip", [(n, notebook(answer=n), MONDAY + i * SECOND) for i, n in enumerate(names)])
    result = collect(path, roster=roster(WORKSHEET))
    assert set(result.notebooks()) == {f"{who}/{FOUR}" for who in ("s1", "s2", "s4")} and result.code == 0
    local = dt.datetime(2024, 11, 19, 23, 59).astimezone(dt.UTC)
    assert result.times()[f"s2/{FOUR}"] == f"{local:%Y-%m-%d %H:%M:%S} UTC"
    assert set(result.times()) == {f"s1/{FOUR}", f"s2/{FOUR}"}


def test_a_worksheet_is_about_one_assignment(collect, tmp_path, roster):
    entries = [(moodle("Ann Lee", 101, "a.ipynb"), notebook(FOUR), MONDAY)]
    other = [(moodle("Ann Lee", 900, "a.ipynb"), notebook(FIVE), MONDAY)]
    result = collect(zipped(tmp_path / "4.zip", entries), zipped(tmp_path / "5.zip", other), roster=roster(WORKSHEET))
    assert set(result.notebooks()) == {f"s1/{FOUR}", f"s1/{FIVE}"} and result.times() == {}


def test_a_number_and_a_name_that_disagree(collect, tmp_path, roster):
    path = zipped(tmp_path / "x.zip", [(moodle("Bob Ray", 101, "a.ipynb"), notebook(), MONDAY)])
    result = collect(path, roster=roster(WORKSHEET))
    assert result.notebooks() == {} and "Several people" in result.rows[0]["remark"]


def test_moodles_number_is_no_id_of_another_kind(collect, tmp_path, roster):
    text = "id,name\n101,Bob Ray\n7,Ann Lee\n"
    path = zipped(tmp_path / "x.zip", [(moodle("Ann Lee", 101, "a.ipynb"), notebook(), MONDAY)])
    assert set(collect(path, roster=roster(text)).notebooks()) == {f"7/{FOUR}"}


@pytest.mark.parametrize(
    "called", ["s1", "ann@x.edu", "ann", "Ann Lee", "Lee, Ann", "lee ann", "ANN LEE", "Team 7-Ann Lee"]
)
def test_what_somebody_may_be_called(collect, tmp_path, roster, called):
    entries = [(f"{called}/{FOUR}.ipynb", notebook(), MONDAY), (f"s3/{FOUR}.ipynb", notebook(), MONDAY + DAY)]
    result = collect(zipped(tmp_path / "x.zip", entries), roster=roster(WORKSHEET))
    assert set(result.notebooks()) == {f"s1/{FOUR}", f"s3/{FOUR}"}
    assert "roster.csv: 4 people; their ids are those of its column 'id number'." in result.text


@pytest.mark.parametrize(
    ("encoding", "delimiter"), [("utf-8-sig", ","), ("utf-16", "\t"), ("cp1252", ";"), ("utf-8", ";")]
)
def test_files_as_spreadsheets_write_them(roster, encoding, delimiter):
    text = "Student ID,Name,E-Mail\n1,José Núñez,jose@x.edu\n2,Ann Lee,ann@x.edu\n".replace(",", delimiter)
    people = read_roster(roster(text, encoding)).people
    assert [person.identity for person in people] == ["1", "2"] and people[0].names[0] == "José Núñez"


def test_nobody_of_canvass_rows_is_made_up(roster):
    assert [one.identity for one in read_roster(roster(CANVAS)).people] == ["ann", "bob", "minsu", "jose", "bob2"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "lists nobody"),
        ("student_id,name\n", "lists nobody"),
        ("name,colour\nAnn,red\n", "lacks a column"),
        ("kennzahl,farbe\nann,rot\n", "call them student_id, name and email, or say with --id-column"),
        ("student_id,name\n,Ann\n,Bob\n", "lacks a column"),
        ("student_id,name\nann,Ann\nANN,Bob\n", "two rows"),
        ("student_id,name\n../ann,Ann\n", "cannot be the name of a folder"),
        ("student_id,name\na*b,Ann\n", "cannot be the name of a folder"),
    ],
)
def test_rosters_that_say_too_little(roster, text, sentence):
    with pytest.raises(UserError, match=sentence):
        read_roster(roster(text))


def test_a_roster_that_is_not_there(collect, tmp_path):
    path = zipped(tmp_path / "x.zip", [("ann/a.ipynb", notebook(), MONDAY)])
    result = collect(path, roster=tmp_path / "none.csv")
    assert result.code == 2 and "cannot be read" in result.text and result.notebooks() == {}


def test_nobody_can_take_the_id_of_another_for_a_name(collect, tmp_path, roster):
    """Where learners choose how they are called, one may call himself by another's id, e-mail or name."""
    liars = [moodle(name, 900 + n, "a.ipynb") for n, name in enumerate(("s1", "ann@x.edu", "Ann Lee"))]
    honest = moodle("Ann Lee", 101, "a.ipynb")
    entries = [(name, notebook(answer=name), MONDAY + n * DAY) for n, name in enumerate([honest, *liars])]
    result = collect(zipped(tmp_path / "x.zip", entries), roster=roster(WORKSHEET))
    assert result.notebooks() == {f"s1/{FOUR}": notebook(answer=honest)} and result.code == 1
    assert [result.remark(name).split("; ")[0] for name in liars] == [
        "Nobody in the roster fits 's1'",
        "Nobody in the roster fits 'ann@x.edu'",
        "'Ann Lee 902' and 'Ann Lee 101' would get the same id",
    ]


def test_a_name_made_to_look_like_a_numbered_one(collect, tmp_path):
    names = [moodle(name, number, "a.ipynb") for name, number in (("Ann Lee", 1), ("Ann Lee", 2), ("Ann Lee 1", 3))]
    result = collect(zipped(tmp_path / "x.zip", [(name, notebook(answer=name), MONDAY) for name in names]))
    assert set(result.notebooks()) == {f"Ann_Lee_2/{FOUR}"} and result.code == 1


def test_a_thousand_people_are_looked_up_at_once(roster):
    text = "id,name\n" + "".join(f"s{n},First{n} Last{n}\n" for n in range(1000))
    people = read_roster(roster(text))
    assert [people.who(f"Last{n}, First{n}")[0].identity for n in range(1000)] == [f"s{n}" for n in range(1000)]
