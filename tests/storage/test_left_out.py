"""Nobody in a folder of a class is left out without a row or a sentence, whatever their folder is called or is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autograder.errors import UserError
from autograder.storage import left_out
from autograder.storage.layout import Found, Search
from autograder.storage.safe_text import readable

SLUG, OTHER = "90_fake", "91_other"


def hand_in(folder: Path, *parts: str) -> Path:
    """Write a notebook of the right name into a folder of a class, made of these parts."""
    path = folder.joinpath(*parts, SLUG, f"{SLUG}.ipynb")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{}")
    return path


def search(folder: Path, **options) -> tuple[dict[str, Found], str]:
    """Return what is found below a folder, by student, and the sentences."""
    looked = Search([SLUG, OTHER], **options)
    found = looked.below(folder)
    assert len({(one.student, one.slug) for one in found}) == len(found)
    return {one.student: one for one in found}, "\n".join(looked.passed_over)


@pytest.fixture
def class_(tmp_path: Path) -> Path:
    """Return the folder of a class with one honest submission."""
    hand_in(tmp_path / "class", "ann")
    return tmp_path / "class"


@pytest.mark.parametrize("name", [".hidden", "__MACOSX", ".git", "__pycache__"])
def test_work_in_a_folder_that_is_passed_over_is_told(class_, name):
    hand_in(class_, name)
    hand_in(class_, name, "deeper", "bob")
    found, told = search(class_)
    assert set(found) == {"ann"}
    assert told == (
        f"{name} holds {SLUG}/{SLUG}.ipynb and was left out, for folders with such names are no students'; rename it."
    )


def test_folders_that_programs_make_are_told_in_one_line(class_):
    for name in (".git", "__MACOSX", ".ipynb_checkpoints"):
        (class_ / name / "ann").mkdir(parents=True)
    (class_ / "__MACOSX" / "ann" / f"._{SLUG}.ipynb").write_text("")
    (class_ / ".DS_Store").write_text("")
    assert search(class_)[1] == "Left out, as folders that programs make: .git, .ipynb_checkpoints, __MACOSX."


def test_files_among_the_folders_are_told_in_one_line(class_):
    for name in ("bob", "carl.ipynb", "roster.csv"):
        (class_ / name).write_text("")
    assert search(class_)[1] == "Left out, as no folders of students: bob, carl.ipynb, roster.csv."


def test_hidden_work_of_a_student_is_told(class_):
    (class_ / "ann" / ".ipynb_checkpoints").mkdir()
    hand_in(class_, "bob", ".old")
    found, told = search(class_)
    assert set(found) == {"ann"}
    assert told.splitlines() == [
        f"bob has .old/{SLUG}/{SLUG}.ipynb: folders with such names are not looked into.",
        "bob has no folder with the name of an assignment.",
    ]


def test_a_linked_folder_of_a_student_is_a_row_and_not_followed(class_):
    (class_ / "bob").symlink_to(class_ / "ann")
    (class_ / "carl").symlink_to(class_ / "gone")
    found, told = search(class_)
    assert told == "" and set(found) == {"ann", "bob", "carl"}
    for name in ("bob", "carl"):
        assert (found[name].slug, found[name].read()) == (SLUG, (None, left_out.A_LINK))
    assert search(class_, slug=SLUG, students=("bob",))[0].keys() == {"bob"}
    found, told = search(class_, slug=SLUG, students=("bob", "zoe"))
    assert found.keys() == {"bob"} and f"There are no submissions of {SLUG} by zoe in {class_}." in told


def test_what_stands_in_place_of_a_submission_is_a_row(class_):
    (class_ / "bob").mkdir()
    (class_ / "bob" / SLUG).write_text("")
    (class_ / "carl").mkdir()
    os.mkfifo(class_ / "carl" / SLUG)
    found, told = search(class_)
    assert found["bob"].note == "What was handed in is a file and no folder." and told == ""
    assert found["carl"].note == "What was handed in is a pipe and no folder."


def test_a_folder_that_may_not_be_read_is_told(class_, monkeypatch):
    hand_in(class_, "bob")
    hand_in(class_, "carl")
    scan = os.scandir

    def refused(path):
        if Path(path) in (class_ / "bob", class_ / "carl" / SLUG):
            raise PermissionError(13, "Permission denied")
        return scan(path)

    monkeypatch.setattr(os, "scandir", refused)
    found, told = search(class_)
    assert set(found) == {"ann", "carl"} and found["carl"].read() == (None, left_out.UNREADABLE)
    assert told == "The folder of bob cannot be read; change its permissions."


UNDECODABLE = b"caf\xe9".decode("utf-8", "surrogateescape")


@pytest.mark.parametrize("pair", [(UNDECODABLE, "caf\\xe9"), ("bob\u200b", "bob\\u200b"), ("x\x1b[J", "x\\x1b[J")])
def test_two_folders_that_give_one_id_are_both_refused_by_name(class_, pair):
    for name in pair:
        hand_in(class_, name)
    found, told = search(class_)
    assert set(found) == {"ann", pair[1]} and not found["ann"].refused
    assert found[pair[1]].refused and all(repr(name) in told for name in pair) and "none of them was graded" in told


@pytest.mark.parametrize("pair", [("Bob", "bob"), ("é", "e\u0301")])
@pytest.mark.parametrize("earlier", [False, True])
def test_names_that_a_file_system_takes_for_one_are_refused_there_only(class_, tmp_path, monkeypatch, pair, earlier):
    results = tmp_path / "out"
    (results / "state").mkdir(parents=True)
    for name in pair[earlier:]:
        hand_in(class_, name)
    if earlier:  # graded in another run
        (results / "state" / pair[0]).mkdir()
    found, told = search(class_, results=results)
    assert not any(one.refused for one in found.values()) and "each was graded by itself" in told
    assert list(results.iterdir()) == [results / "state"]
    monkeypatch.setattr(left_out, "one_place", lambda folder, names: True)
    found, told = search(class_, results=results, students=(pair[1],))
    assert found[pair[1]].refused and "does not tell apart" in told and "each was" not in told


def test_whether_a_file_system_takes_two_names_for_one_is_tried_out(tmp_path, monkeypatch):
    assert not left_out.one_place(tmp_path, ["Bob", "bob"])
    assert left_out.one_place(tmp_path, ["bob", "bob"])
    assert list(tmp_path.iterdir()) == []


ODD = ["CON", "ann.", "ann ", " ann", "-rf", "a b", "a'b", "%s", "..x"[1:], "💥", "nul.txt", "a:b", "*", "[a]", "\\"]


@pytest.mark.parametrize("name", [name for name in ODD if not name.startswith(".")])
def test_an_odd_name_gets_its_row_under_itself(class_, name):
    hand_in(class_, name)
    found, told = search(class_)
    assert found[name].notebook is not None and told == ""


@pytest.mark.parametrize("name", [b"\xff" * 100, b"\xff" * 255, ("가" * 85).encode(), b"x" * 255, b"\x1b" * 200])
def test_an_id_is_never_too_long_for_a_file_or_a_gradebook(class_, name):
    folder = name.decode("utf-8", "surrogateescape")
    hand_in(class_, folder)
    (identity,) = set(search(class_)[0]) - {"ann"}
    assert len(identity) <= 128 and len(identity.encode()) <= 255 and readable(identity) == identity
    hand_in(class_, folder[:-1] + "y")
    assert len(search(class_)[0]) == 3  # what is cut is still told apart
    assert set(search(class_, students=(identity,))[0]) == set(search(class_, students=(folder,))[0]) == {identity}


def test_a_class_in_which_nobody_is_found_says_why(tmp_path):
    (tmp_path / "bob").symlink_to(tmp_path / "gone")
    (tmp_path / f"{SLUG}.ipynb").write_text("")
    with pytest.raises(UserError, match=f"There are no submissions.*Left out, as no folders of students: {SLUG}"):
        search(tmp_path)


def test_a_folder_that_vanishes_while_it_is_looked_at_is_a_submission_without_a_notebook(class_):
    found = search(class_)[0]["ann"]
    found.notebook.unlink()
    found.folder.rmdir()
    assert found.read() == (None, f"{SLUG}.ipynb could not be read.") and found.timestamp() is None
