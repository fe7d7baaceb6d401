"""The ids of a class stay what they were: whoever has lost one is listed, and a roster with other ids is refused."""

from __future__ import annotations

import json
import re

import pytest

from autograder.collect.roster import read_roster
from tests.collect.downloads import DAY, FIVE, FOUR, MONDAY, moodle, notebook, zipped

PEOPLE = ("Ada Lovelace", "Ben O'Neil", "Cho Seoyeon", "Dia Ångström", "Eli Okafor")
LOGINS = ("ada", "ben", "cho", "dia", "eli")


def table(path, columns, rows):
    """Write a list of a class."""
    path.write_text("\n".join(",".join(row) for row in [columns, *rows]) + "\n", encoding="utf-8")
    return path


def canvas_list(path, **missing):
    """Write Canvas's gradebook of the class, in which some lack their login."""
    rows = [
        (f'"{name.split(" ", 1)[1]}, {name.split(" ", 1)[0]}"', str(70 + n), missing.get(login, login))
        for n, (name, login) in enumerate(zip(PEOPLE, LOGINS, strict=True))
    ]
    return table(path, ("Student", "ID", "SIS Login ID"), rows)


def download(path, slug, people=PEOPLE):
    """Write Moodle's download of what people handed in for an assignment."""
    entries = [
        (moodle(who, n, f"{slug}.ipynb"), notebook(slug, who), MONDAY + n * DAY / 4) for n, who in enumerate(people)
    ]
    return zipped(path, entries)


@pytest.fixture
def first(collect, tmp_path):
    """Collect the first assignment, with a list of the class in which everybody has a login."""
    result = collect(download(tmp_path / "4.zip", FOUR), roster=canvas_list(tmp_path / "class.csv"))
    assert set(result.notebooks()) == {f"{who}/{FOUR}" for who in LOGINS} and result.code == 0
    return result


def kept(result):
    """Return what is kept of the ids beside the submissions."""
    return json.loads((result.out.parent / "roster.json").read_text(encoding="utf-8"))


def test_what_is_kept_of_the_class(first):
    assert kept(first)["id_column"] == "sis login id"
    assert set(kept(first)["people"]) == set(LOGINS) and "Ada Lovelace" in kept(first)["people"]["ada"]


def test_one_blank_cell_is_one_persons_problem(first, collect, tmp_path):
    roster = canvas_list(tmp_path / "later.csv", eli="")
    result = collect(download(tmp_path / "5.zip", FIVE), roster=roster)
    whole = {f"{who}/{FOUR}" for who in LOGINS}
    assert set(result.notebooks()) == whole | {f"{who}/{FIVE}" for who in LOGINS if who != "eli"}
    told = [row["remark"] for row in result.rows if row["result"] == "unclear"]
    assert len(told) == 2 and set(told) == {
        "Line 6 has nothing in the column 'sis login id'; write the person's id there."
    }
    assert {row["student_id"] for row in result.rows if row["download"] == "later.csv"} == {"Okafor, Eli"}
    assert result.code == 1


def test_a_blank_cell_in_the_first_roster_decides_no_less(collect, tmp_path):
    result = collect(download(tmp_path / "4.zip", FOUR), roster=canvas_list(tmp_path / "class.csv", eli=""))
    assert set(result.notebooks()) == {f"{who}/{FOUR}" for who in LOGINS if who != "eli"}


def test_a_roster_without_the_column_is_refused_with_the_remedy(first, collect, tmp_path):
    before = first.files()
    mine = table(tmp_path / "mine.csv", ("student_id", "name"), [(f"s{n}", who) for n, who in enumerate(PEOPLE)])
    result = collect(download(tmp_path / "5.zip", FIVE), roster=mine)
    assert (result.code, result.files()) == (2, before)
    assert "from a column 'sis login id'" in result.text and "--id-column" in result.text
    named = collect(tmp_path / "5.zip", roster=mine, id_column="student_id")
    assert (named.code, named.files()) == (2, before)
    assert re.search(r"5 people who are filed already would get a second\s+record", named.text)


def test_a_roster_whose_column_is_called_otherwise_and_holds_the_same_ids_is_taken(first, collect, tmp_path):
    mine = table(tmp_path / "mine.csv", ("name", "student_id"), list(zip(PEOPLE, LOGINS, strict=True)))
    result = collect(download(tmp_path / "5.zip", FIVE), roster=mine)
    assert {f"{who}/{FIVE}" for who in LOGINS} < set(result.notebooks()) and result.code == 0
    assert kept(result)["id_column"] == "sis login id"


def test_a_column_can_be_named(collect, tmp_path):
    rows = [(login, name, f"{login}@x.edu") for login, name in zip(LOGINS, PEOPLE, strict=True)]
    mine = table(tmp_path / "mine.csv", ("Kürzel", "name", "email"), rows)
    unknown = collect(download(tmp_path / "4.zip", FOUR), roster=mine, id_column="login")
    assert unknown.code == 2 and "has no column 'login'; name another with --id-column: kürzel, name" in unknown.text
    result = collect(tmp_path / "4.zip", roster=mine, id_column="KÜRZEL")
    assert set(result.notebooks()) == {f"{who}/{FOUR}" for who in LOGINS}
    again = collect(download(tmp_path / "5.zip", FIVE), roster=mine)
    assert {f"{who}/{FIVE}" for who in LOGINS} < set(again.notebooks()), "the column is kept"
    assert collect(tmp_path / "4.zip", id_column="kürzel").code == 2


def test_one_id_that_has_changed_is_one_persons_problem(first, collect, tmp_path):
    roster = canvas_list(tmp_path / "later.csv", eli="eli.o")
    result = collect(download(tmp_path / "5.zip", FIVE), roster=roster)
    assert {name for name in result.notebooks() if FIVE in name} == {f"{who}/{FIVE}" for who in LOGINS if who != "eli"}
    (told,) = {row["remark"] for row in result.rows if row["result"] == "unclear"}
    assert told.startswith("Line 6: the id 'eli.o' is new") and "write 'eli' there" in told


def test_somebody_new_is_no_change(first, collect, tmp_path):
    roster = canvas_list(tmp_path / "later.csv")
    roster.write_text(roster.read_text() + '"Fox, Fay",90,fay\n')
    result = collect(download(tmp_path / "5.zip", FIVE, [*PEOPLE, "Fay Fox"]), roster=roster)
    assert f"fay/{FIVE}" in result.notebooks() and result.code == 0


def test_two_groups_with_a_list_each(first, collect, tmp_path):
    roster = table(tmp_path / "b.csv", ("Student", "ID", "SIS Login ID"), [('"Fox, Fay"', "90", "fay")])
    result = collect(download(tmp_path / "b.zip", FOUR, ["Fay Fox"]), roster=roster)
    assert f"fay/{FOUR}" in result.notebooks() and result.code == 0
    assert set(kept(result)["people"]) == {*LOGINS, "fay"}


def test_a_roster_after_a_collection_without_one(collect, tmp_path):
    before = collect(download(tmp_path / "4.zip", FOUR)).files()
    result = collect(download(tmp_path / "5.zip", FIVE), roster=canvas_list(tmp_path / "class.csv"))
    assert (result.code, result.files()) == (2, before)
    assert "('Ada_Lovelace' would be 'ada')" in result.text and "--out" in result.text


def test_no_roster_after_a_collection_with_one(first, collect, tmp_path):
    result = collect(download(tmp_path / "5.zip", FIVE))
    assert result.notebooks() == first.notebooks() and result.code == 1
    assert {row["remark"].split("; ")[1] for row in result.rows} == {"give the roster with --roster."}
    known = collect(zipped(tmp_path / "ada.zip", [(f"ada/{FIVE}/{FIVE}.ipynb", notebook(FIVE), MONDAY)]))
    assert f"ada/{FIVE}" in known.notebooks()


NUMBERS = ("00123", "00124", "00125", "01260", "10270")


def numbered(path, ids):
    """Write a list with numbers for ids."""
    return table(path, ("student_id", "name"), list(zip(ids, PEOPLE, strict=True)))


@pytest.mark.parametrize("lost", [lambda one: one.lstrip("0"), lambda one: f"{int(one)}.0"], ids=["zeros", "gap"])
def test_zeros_that_a_spreadsheet_took(collect, tmp_path, lost):
    first = collect(download(tmp_path / "4.zip", FOUR), roster=numbered(tmp_path / "a.csv", NUMBERS))
    assert set(first.notebooks()) == {f"{who}/{FOUR}" for who in NUMBERS}
    roster = numbered(tmp_path / "b.csv", [lost(one) for one in NUMBERS])
    result = collect(download(tmp_path / "5.zip", FIVE), roster=roster)
    assert result.code == 2 and result.notebooks() == first.notebooks()
    assert "a spreadsheet has taken the zeros" in result.text and "('00123' would be '123')" in result.text


def test_the_zeros_of_one_row(collect, tmp_path):
    collect(download(tmp_path / "4.zip", FOUR), roster=numbered(tmp_path / "a.csv", NUMBERS))
    roster = numbered(tmp_path / "b.csv", ["123", *NUMBERS[1:]])
    result = collect(download(tmp_path / "5.zip", FIVE), roster=roster)
    assert {n for n in result.notebooks() if FIVE in n} == {f"{who}/{FIVE}" for who in NUMBERS[1:]}
    assert any("a spreadsheet takes zeros away" in row["remark"] for row in result.rows)


def test_whole_numbers_with_a_point_are_whole_numbers(collect, tmp_path):
    roster = numbered(tmp_path / "a.csv", ["1.0", "2.0", "", "4.0", "5.0"])
    result = collect(download(tmp_path / "4.zip", FOUR), roster=roster)
    assert set(result.notebooks()) == {f"{who}/{FOUR}" for who in "1245"} and result.code == 1


def test_ids_that_a_spreadsheet_has_shortened(collect, tmp_path):
    roster = numbered(tmp_path / "a.csv", ["2024000123", "2.02400E+09", "2024000125", "2024000126", "2024000127"])
    result = collect(download(tmp_path / "4.zip", FOUR), roster=roster)
    assert len(result.notebooks()) == 4
    assert any("shortened the id to '2.02400E+09'" in row["remark"] for row in result.rows)
    every = numbered(tmp_path / "b.csv", [f"2.0240{n}E+09" for n in range(5)])
    refused = collect(tmp_path / "4.zip", roster=every, out=tmp_path / "o" / "submitted")
    assert refused.code == 2 and "So it is in 5 of its 5 rows." in refused.text


def test_two_people_with_one_id_are_their_own_problem(collect, tmp_path):
    roster = numbered(tmp_path / "a.csv", ["1", "2", "2", "4", "5"])
    result = collect(download(tmp_path / "4.zip", FOUR), roster=roster)
    assert set(result.notebooks()) == {f"{who}/{FOUR}" for who in "145"} and result.code == 1
    assert sum("two rows have the id '2'" in row["remark"] for row in result.rows) == 4  # two rows, two hand-ins


def test_somebody_who_is_listed_twice_is_one_person(collect, tmp_path):
    roster = table(tmp_path / "a.csv", ("id", "name", "group"), [("1", "Ann Lee", "A"), ("1", "Ann Lee", "B")])
    result = collect(download(tmp_path / "4.zip", FOUR, ["Ann Lee"]), roster=roster)
    assert set(result.notebooks()) == {f"1/{FOUR}"} and result.code == 0 and "1 person;" in result.text
    assert read_roster(roster).people[0].groups == ("A", "B")


def test_a_wrong_roster_does_not_take_the_place_of_the_class(first, collect, tmp_path):
    before = {name: (first.out.parent / name).read_bytes() for name in ("roster.json", "class_list.json")}
    other = table(
        tmp_path / "other.csv", ("id", "SIS Login ID", "name"), [("x1", "zoe", "Zoe Zed"), ("x2", "yan", "Yan Yew")]
    )
    assert collect(tmp_path / "4.zip", roster=other).code == 1
    assert {name: (first.out.parent / name).read_bytes() for name in before} == before


def test_a_wrong_roster_and_a_dry_run_leave_nothing_behind(collect, tmp_path):
    other = table(tmp_path / "other.csv", ("id", "name"), [("x1", "Zoe Zed"), ("x2", "Yan Yew")])
    wrong = collect(download(tmp_path / "4.zip", FOUR), roster=other)
    collect(tmp_path / "4.zip", roster=canvas_list(tmp_path / "class.csv"), dry_run=True)
    assert not {"roster.json", "class_list.json"} & {path.name for path in wrong.out.parent.iterdir()}
    assert collect(tmp_path / "4.zip", roster=tmp_path / "class.csv").code == 0
