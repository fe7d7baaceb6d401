"""Sections that are collected one after the other are one class: nobody is lost, who moved or is gone is told."""

from __future__ import annotations

import csv
from contextlib import closing

import pytest

from autograder.collect.person import Person, Roster
from autograder.collect.sections import with_roster
from autograder.gradebook.class_list import Listed, keep_class, put_students, read_class
from autograder.gradebook.gradebook import open_gradebook
from tests.collect.downloads import DAY, FOUR, MONDAY, notebook, zipped

A = {"a1": "Ann Lee", "a2": "Abe Fox", "a3": "Ada Hill"}
B = {"b1": "Bob Ray", "b2": "Bea Moss"}


@pytest.fixture
def section(collect, tmp_path):
    """Return a function that collects what a section's first person has handed in, with the section's roster."""

    def run(name, people, who="", **options):
        with (tmp_path / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([("student_id", "name"), *people.items()])
        who = who or next(iter(people))
        download = zipped(tmp_path / f"{who}.zip", [(f"{who}/{FOUR}.ipynb", notebook(answer=who), MONDAY + DAY)])
        return collect(download, roster=tmp_path / name, **options)

    return run


def listed(result) -> dict[str, str]:
    """Return the section of everybody in the class."""
    return {one.id: one.section for one in read_class(result.out.parent) if not one.left}


def of(name, people) -> dict[str, str]:
    return dict.fromkeys(people, name)


def test_a_second_section_does_not_take_the_place_of_the_first(section):
    assert f"{FOUR}: 3 in the class = 1 with answers + 2 absent." in section("a.csv", A).text
    result = section("b.csv", B)
    assert listed(result) == of("a.csv", A) | of("b.csv", B)
    assert "The class has 5 people: 3 of a.csv, 2 of b.csv." in result.text
    assert f"{FOUR}: 5 in the class = 2 with answers + 3 absent." in result.text


def test_sections_whose_rosters_have_one_name_are_two(section, tmp_path):
    section("roster.csv", A)
    assert listed(section("roster.csv", B)) == of("roster.csv", A) | of("roster.csv (2)", B)


def test_somebody_who_moved_is_told_and_counts_once(section):
    section("a.csv", A), section("b.csv", B)
    result = section("b.csv", {**B, "a2": "Abe Fox"})
    assert "Moved from a.csv to b.csv: a2 (Abe Fox)." in result.text
    assert listed(result) == of("a.csv", ["a1", "a3"]) | of("b.csv", [*B, "a2"])
    again = section("a.csv", {one: A[one] for one in ("a1", "a3")})
    assert "not on a.csv any more" not in again.text and listed(again) == listed(result)


def test_a_removal_is_said_before_it_happens_and_when_it_does(section):
    section("a.csv", A), section("b.csv", B)
    fewer = {one: A[one] for one in ("a1", "a3")}
    said = section("a, newer.csv", fewer)
    assert "1 person is not on a, newer.csv any more and stays in the class: a2 (Abe Fox)." in said.text
    assert listed(said) == of("a, newer.csv", A) | of("b.csv", B)
    tried = section("a, newer.csv", fewer, remove_unlisted=True, dry_run=True)
    assert "Would be taken out of the class, for a, newer.csv does not list them any more: a2 (Abe Fox)." in tried.text
    assert listed(tried) == listed(said)
    done = section("a, newer.csv", fewer, remove_unlisted=True)
    assert "Taken out of the class, for a, newer.csv does not list them any more: a2 (Abe Fox)." in done.text
    assert listed(done) == of("a, newer.csv", fewer) | of("b.csv", B)
    assert f"{FOUR}: 4 in the class = 2 with answers + 2 absent." in done.text
    back = section("a, newer.csv", A)
    assert listed(back) == of("a, newer.csv", A) | of("b.csv", B)


def test_the_work_of_somebody_who_was_taken_out_is_said_besides(section):
    section("a.csv", A, who="a2")
    result = section("a.csv", {one: A[one] for one in ("a1", "a3")}, remove_unlisted=True)
    assert f"{FOUR}: 2 in the class = 1 with answers + 1 absent. Besides: a2 not in the class." in result.text


def test_a_roster_of_everybody_takes_the_place_of_all_sections(section):
    section("a.csv", A), section("b.csv", B)
    result = section("all.csv", A | B)
    assert listed(result) == of("all.csv", A | B) and "Moved" not in result.text and "any more" not in result.text


def test_a_row_without_an_id_is_nobody_who_is_gone(section):
    """A blank cell in the column of ids, as a late enroller has it; the person was listed with one before."""
    section("a.csv", A)
    rows = {"a1": A["a1"], "": A["a2"], "a3": A["a3"]}
    result = section("a.csv", rows)
    assert "any more" not in result.text and set(listed(result)) == set(A) and result.code == 1
    assert f"{FOUR}: 3 in the class = 1 with answers + 2 absent." in result.text


def test_removing_wants_a_roster(collect, tmp_path):
    path = zipped(tmp_path / "x.zip", [("a1/a.ipynb", notebook(), MONDAY)])
    result = collect(path, remove_unlisted=True)
    assert result.code == 2 and "give the roster with --roster" in result.text


def test_a_list_of_before_there_were_sections_is_read(tmp_path):
    (tmp_path / "class_list.json").write_text('[{"id": "a1", "first_name": "Ann", "last_name": "Lee", "email": ""}]')
    kept = read_class(tmp_path)
    roster = Roster([Person("b1", ("Bob Ray",), ("b1",), frozenset())], name="b.csv")
    class_ = with_roster(kept, roster, remove=False, dry=False)
    assert class_.told == ("The class has 2 people: 1 of an earlier roster, 1 of b.csv.",)
    keep_class(tmp_path, class_.people)
    assert read_class(tmp_path) == list(class_.people)


@pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")  # of nbgrader's own way of adding a submission
def test_who_was_taken_out_leaves_the_gradebook_unless_something_was_graded(tmp_path):
    with closing(open_gradebook(f"sqlite:///{tmp_path / 'gradebook.db'}")) as book:
        put_students(book.db, [Listed("a1"), Listed("a2"), Listed("a3")])
        book.add_assignment(FOUR)
        book.add_submission(FOUR, "a3")
        put_students(book.db, [Listed("a1"), Listed("a2", left=True), Listed("a3", left=True)])
        book.db.commit()
        assert [one.id for one in book.students] == ["a1", "a3"]
