"""One work of several people: every member has it, and is shown to have it with the others."""

from __future__ import annotations

import json

import pytest

from autograder.collect.submission_store import NOTE, Shelf
from tests.collect.downloads import DAY, FOUR, MONDAY, canvas, moodle, notebook, zipped

WORKSHEET = """\
Identifier,Full name,ID number,Email address,Status,Group,Grade
Participant 15,Ann Lee,s1,ann@x.edu,Submitted,Group A,
Participant 16,Bob Ray,s2,bob@x.edu,Submitted,Group A,
Participant 17,Cho Kim,s3,cho@x.edu,Submitted,"Group B, Lab 2",
Participant 18,Cho Kim,s4,cho2@x.edu,Submitted,Group B,
Participant 19,Eve Day,s5,eve@x.edu,Submitted,,
"""
GROUP_SET = """\
name,canvas_user_id,user_id,login_id,student_id,sections,group_name,canvas_group_id,group_id
Ann Lee,101,s1,ann,s1,CS,Group 1,7,
Bob Ray,102,s2,bob,s2,CS,Group 1,7,
Eve Day,105,s5,eve,s5,CS,,,
"""
A, B = f"s1/{FOUR}", f"s2/{FOUR}"


@pytest.fixture
def roster(tmp_path):
    def write(text):
        (tmp_path / "roster.csv").write_text(text, encoding="utf-8")
        return tmp_path / "roster.csv"

    return write


def test_a_group_of_moodles_is_each_of_its_members(collect, tmp_path, roster):
    """The number behind a group's name is the group's: 15 is no participant here."""
    entries = [
        (moodle("Group A", 15, "a.ipynb"), notebook(answer="A"), MONDAY),
        (moodle("Group B", 16, "a.ipynb"), notebook(answer="B"), MONDAY + DAY),
    ]
    result = collect(zipped(tmp_path / "x.zip", entries), roster=roster(WORKSHEET))
    assert result.notebooks() == {
        **dict.fromkeys((A, B), notebook(answer="A")),
        **{f"s{n}/{FOUR}": notebook(answer="B") for n in (3, 4)},
    }
    remarks = {row["student_id"]: row["remark"] for row in result.rows}
    assert remarks["s1"] == remarks["s2"] == "Group work of Group A: s1, s2." and result.code == 0
    shelf = Shelf(result.out)
    assert [shelf.there(f"s{n}", FOUR).group for n in range(1, 5)] == [("s1", "s2")] * 2 + [("s3", "s4")] * 2
    assert "read as Moodle; 2 notebooks." in result.text


def test_a_note_of_before_learns_whose_work_it_is_and_keeps_it(collect, tmp_path, roster):
    """A folder that was collected before groups were noted; then a download that does not tell who is in a group."""
    download = zipped(tmp_path / "x.zip", [(moodle("Group A", 15, "a.ipynb"), notebook(answer="A"), MONDAY)])
    result = collect(download, roster=roster(WORKSHEET))
    note = result.out / A / NOTE
    note.write_text(json.dumps({name: v for name, v in json.loads(note.read_text()).items() if name != "group"}))
    assert Shelf(result.out).there("s1", FOUR).group == ()
    collect(download, roster=roster(WORKSHEET))
    assert Shelf(result.out).there("s1", FOUR).group == ("s1", "s2")
    collect(zipped(tmp_path / "y.zip", [(f"s1/{FOUR}/{FOUR}.ipynb", notebook(answer="A"), MONDAY)]))
    assert Shelf(result.out).there("s1", FOUR).group == ("s1", "s2")


def test_somebody_who_takes_a_groups_name_hands_in_for_nobody_else(collect, tmp_path, roster):
    people = (("Group A", 19), ("Ann Lee", 15), ("Bob Ray", 16))
    entries = [(moodle(who, n, "a.ipynb"), notebook(answer=who), MONDAY + n * DAY) for who, n in people]
    result = collect(zipped(tmp_path / "x.zip", entries), roster=roster(WORKSHEET))
    assert result.notebooks()[A] == notebook(answer="Ann Lee") and result.notebooks()[B] == notebook(answer="Bob Ray")
    entries = [
        (canvas("group1", 105, 9, "a.ipynb"), notebook(answer="forged"), MONDAY),
        (canvas("leeann", 101, 8, "a.ipynb"), notebook(answer="Ann Lee"), MONDAY),
    ]
    result = collect(
        zipped(tmp_path / "submissions.zip", entries), roster=roster(GROUP_SET), out=tmp_path / "o" / "submitted"
    )
    assert result.notebooks()[A] == notebook(answer="Ann Lee") and B not in result.notebooks()


def test_a_group_of_canvass_is_each_of_its_members(collect, tmp_path, roster):
    """The file has the group's name and the number of one member."""
    entries = [
        (canvas("group1", 102, 9, "a.ipynb", late=True), notebook(answer="1"), MONDAY),
        (canvas("dayeve", 105, 8, "a.ipynb"), notebook(answer="eve"), MONDAY),
    ]
    result = collect(zipped(tmp_path / "submissions.zip", entries), roster=roster(GROUP_SET))
    assert result.notebooks() == {
        **dict.fromkeys((A, B), notebook(answer="1")),
        f"s5/{FOUR}": notebook(answer="eve"),
    }
    late = {row["student_id"]: row["late"] for row in result.rows}
    assert late == {"s1": "late", "s2": "late", "s5": ""} and result.code == 0


def test_a_teams_repository_is_each_of_its_members(collect, tmp_path, roster):
    folder = tmp_path / "hw2-submissions"
    for top in ("hw2-red", "hw2-eve"):
        (folder / top).mkdir(parents=True)
        (folder / top / f"{FOUR}.ipynb").write_bytes(notebook(answer=top))
    result = collect(folder, roster=roster("student_id,username,team\ns1,ann,red\ns2,bob,red\ns5,eve,\n"))
    assert set(result.notebooks()) == {A, B, f"s5/{FOUR}"}


def test_a_group_without_a_notebook_is_told_of_each_member(collect, tmp_path, roster):
    entries = [
        (moodle("Group A", 15, "a.pdf"), b"%PDF", MONDAY),
        (moodle("Group B", 16, "a.ipynb"), notebook(), MONDAY),
    ]
    result = collect(zipped(tmp_path / "x.zip", entries), roster=roster(WORKSHEET))
    assert [row["student_id"] for row in result.rows if row["result"] == "no notebook"] == ["s1", "s2"]
