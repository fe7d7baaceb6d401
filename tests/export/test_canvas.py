"""Canvas: scores go into its own file, beside its own ids, and nothing else changes."""

from __future__ import annotations

import csv
import io
import re

import pytest

from tests.export.class_of_six import SLUG, export, exported

HEAD = "Student,ID,SIS User ID,SIS Login ID,Section,Notes,90 Fake (777),Other (778),Current Score"
ROSTER = f"""{HEAD}
,,,,,,Manual Posting,,
    Points Possible,,,,,,7.00,10.00,(read only)
"Lovelace, Ada",1001,S1,ADA,"A, evening",first,3.00,9.00,90.00
"O""Neill, Bob",1002,S2,bob@example.org,B,,,8.00,80.00
"Šimić, Żaneta",1004,S4,zsimic,B,,2.00,8.00,80.00
"이, 서연",1005,S5,seoyeon,B,,,8.00,80.00
"=HYPERLINK(""http://x"")",1006,+6,@six,-B,,4.00,8.00,80.00
"Zoe, Zoe",1007,zoe,z1,B,,1.00,8.00,80.00
"Zoe, Other",1008,S8,zoe,B,,1.00,8.00,80.00
"Student, Test",1099,,,B,,5.00,,
"""
WITH_EXCUSED = ROSTER.replace("first,3.00", "first,EX").replace("B,,2.00", "B,,N/A")


@pytest.fixture
def roster(course):
    path = course / "canvas.csv"
    path.write_text(ROSTER, encoding="utf-8")
    return path


def test_only_the_scores_of_the_assignment_are_new(course, roster, scores):
    rows = exported(course, "canvas", "--roster", str(roster))
    before = list(csv.DictReader(io.StringIO(ROSTER)))
    assert list(rows[0]) == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "90 Fake (777)"]
    assert [row["ID"] for row in rows] == [row["ID"] for row in before]
    assert [row["Section"] for row in rows] == [row["Section"].replace("-B", "'-B") for row in before]
    new = {"1001": scores["ada"], "1002": scores["bob"], "1004": scores["1004"], "1005": scores["이서연"]}
    for row, old in zip(rows, before, strict=True):
        if old["ID"] in new:
            assert float(row["90 Fake (777)"]) == pytest.approx(new[old["ID"]])
        else:
            assert row["90 Fake (777)"] == old["90 Fake (777)"]
    assert sum(scores[name] for name in ("ada", "bob", "1004", "이서연")) == pytest.approx(6.3 + 1.5)


def test_who_is_missing_ambiguous_or_known_by_name_only_is_told(course, roster, capsys):
    assert export(course, "canvas", "--roster", str(roster)) == 0
    told = capsys.readouterr().err
    assert "In the gradebook and not in the roster: =1+1." in told
    assert "Several people could be meant, so nothing was written for zoe." in told
    assert "Found by name only, without an id: bob, 이서연." in told
    assert "2 of 6 submissions wait for a person" in told
    assert f"4 rows with a grade: {course}" in told


def test_a_file_without_a_grade_is_something_to_look_at(course, roster, capsys):
    roster.write_text("\n".join([*ROSTER.splitlines()[:3], '"Else, Somebody",1009,S9,else,B,,,8.00,80.00', ""]))
    for output in ([], ["--quiet"], ["--json"]):
        assert export(course, "canvas", "--roster", str(roster), *output) == 1
    assert "0 rows with a grade" in capsys.readouterr().err


def test_unfinished_ones_keep_what_canvas_has_where_only_finished_ones_are_wanted(course, roster):
    roster.write_text(ROSTER.replace("bob@example.org,B,,,", "bob@example.org,B,,6.50,"), encoding="utf-8")
    rows = {
        row["ID"]: row["90 Fake (777)"]
        for row in exported(course, "canvas", "--roster", str(roster), "--only-finished")
    }
    assert rows["1002"] == "6.50" and rows["1001"] == "6.3"


def test_excused_ones_stay_excused(course, roster, capsys):
    roster.write_text(WITH_EXCUSED, encoding="utf-8")
    rows = {row["ID"]: row["90 Fake (777)"] for row in exported(course, "canvas", "--roster", str(roster))}
    assert (rows["1001"], rows["1004"]) == ("EX", "N/A")
    assert "excused or locked: 1004, ada." in capsys.readouterr().err


def test_nothing_of_the_file_is_a_formula(course, roster):
    for row in exported(course, "canvas", "--roster", str(roster)):
        for name, cell in row.items():
            if "ID" in name:  # Canvas finds people by it
                assert re.fullmatch(r"[\w.+@-]*", cell), cell  # without a bracket, a quote or a bar nothing is called
            else:
                assert cell[:1] not in ("=", "+", "-", "@", "\t", "\r"), cell


def test_what_canvas_finds_people_by_stays_as_it_was_unless_it_calls_something(course, roster):
    bad = "+cmd|' /C calc'!A0"
    roster.write_text(ROSTER.replace("S1,ADA", f"{bad},ADA\u200b").replace("S4", "=S4\x1b"), encoding="utf-8")
    rows = {row["ID"]: row for row in exported(course, "canvas", "--roster", str(roster))}
    assert (rows["1006"]["SIS User ID"], rows["1006"]["SIS Login ID"]) == ("+6", "@six")
    assert (rows["1001"]["SIS User ID"], rows["1001"]["SIS Login ID"]) == (f"'{bad}", "ADA\u200b")
    assert rows["1004"]["SIS User ID"] == "'=S4\\x1b"


def test_files_of_excel_and_of_other_countries_are_read(course, roster, scores):
    lines = [";".join(line) for line in csv.reader(io.StringIO(ROSTER)) if '"' not in "".join(line)]
    for data in ("\n".join(lines).encode("utf-8-sig"), "\n".join(lines).replace("7.00", "7,00").encode("utf-16")):
        roster.write_bytes(data)
        assert export(course, "canvas", "--roster", str(roster)) == 0
        text = (course / "_build" / "grading" / f"canvas_{SLUG}.csv").read_bytes()
        assert text.startswith(b"Student;ID;")
        rows = {row["ID"]: row for row in csv.DictReader(io.StringIO(text.decode()), delimiter=";")}
        assert float(rows["1001"]["90 Fake (777)"]) == pytest.approx(scores["ada"])


def test_points_are_scaled_only_where_that_is_asked_for(course, roster, capsys):
    roster.write_text(ROSTER.replace("7.00,10.00", "100.00,10.00"), encoding="utf-8")
    plain = {row["ID"]: row["90 Fake (777)"] for row in exported(course, "canvas", "--roster", str(roster))}
    assert plain["1001"] == "6.3" and "counts out of 100 and the notebook out of 7" in capsys.readouterr().err
    scaled = {row["ID"]: row["90 Fake (777)"] for row in exported(course, "canvas", "--roster", str(roster), "--scale")}
    assert scaled["1001"] == "90" and "counts out of" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("head", "flags", "found"),
    [
        (HEAD.replace("90 Fake", SLUG), [], True),
        (HEAD.replace("90 Fake", "Fake!"), [], True),
        (HEAD.replace("90 Fake", "Week 4"), ["--column", "week 4"], True),
        (HEAD.replace("90 Fake", "Week 4"), ["--column", "Week 4 (777)"], True),
        (HEAD.replace("90 Fake", "Week 4"), [], False),
        (HEAD.replace("Other", "90_fake"), ["--column", "fake"], False),
    ],
)
def test_the_column_is_found_or_asked_for(course, roster, capsys, head, flags, found):
    roster.write_text(ROSTER.replace(HEAD, head), encoding="utf-8")
    code = export(course, "canvas", "--roster", str(roster), *flags)
    assert (code == 0) is found, capsys.readouterr().err
    assert found or "name it with --column" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (None, "Canvas wants its own ids: export the gradebook there"),
        ("", "is empty"),
        ("id,name\n1,Ada\n", "is no gradebook of Canvas"),
    ],
)
def test_without_canvas_own_file_a_sentence_says_what_to_do(course, roster, capsys, text, sentence):
    roster.write_text(text or "")
    assert export(course, "canvas", *([] if text is None else ["--roster", str(roster)])) == 2
    assert sentence in capsys.readouterr().err
