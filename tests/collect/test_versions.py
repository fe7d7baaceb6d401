"""Of several notebooks the newest that has answers counts; where that is not certain, a person chooses."""

from __future__ import annotations

import json

import pytest

from tests.collect.downloads import DAY, FIVE, FOUR, HOUR, MONDAY, SECOND, cell, moodle, notebook, zip_bytes, zipped

RELEASE = notebook(answer="release")
ANN = f"Ann_Lee/{FOUR}"
BOB = (moodle("Bob Ray", 2, "a.ipynb"), notebook(answer="bob"), MONDAY + 4 * DAY)


def work(*answers, own=()):
    """Return a notebook with answers in its first cells, the others as they were handed out, and cells of one's own."""
    texts = [*answers, *["release"] * (4 - len(answers))]
    cells = [cell("setup", "import numpy"), *(cell(f"{FOUR}-{n}", text) for n, text in enumerate(texts))]
    cells += [cell("", text) for text in own]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


def mine(*files, person="Ann Lee"):
    """Return the entries of what one person handed in: names of files, their bytes and times."""
    return [(moodle(person, 1, name), data, time) for name, data, time in files]


def download(path, *files):
    """Write a download in which one person has these files, and somebody else another one."""
    return zipped(path, [*mine(*files), BOB])


def in_one_go(path, *files):
    """Write a download whose times are those of its making, and nobody's."""
    entries = [*mine(*((name, data, MONDAY) for name, data in files)), (*BOB[:2], MONDAY)]
    return zipped(path, [(name, data, MONDAY + n * SECOND) for n, (name, data, _) in enumerate(entries)])


def result_of(result, file):
    """Return what happened to a file of Ann's."""
    return result.results()["Ann_Lee", moodle("Ann Lee", 1, file)]


@pytest.mark.parametrize("named", [f"{FOUR}.ipynb", "work.ipynb"])
@pytest.mark.parametrize("later", [-9, 9])
def test_what_was_handed_out_never_beats_what_was_done(collect, tmp_path, named, later):
    done, time = work("a", "b"), MONDAY + later * DAY
    other = f"{FOUR}_final.ipynb" if named != f"{FOUR}_final.ipynb" else "x.ipynb"
    path = download(tmp_path / "x.zip", (named, RELEASE, MONDAY), (other, done, time))
    result = collect(path)
    assert result.notebooks()[ANN] == done and result.code == 0
    assert "It is blank" in result.remark(moodle("Ann Lee", 1, named))
    assert collect(in_one_go(tmp_path / "y.zip", (named, RELEASE), (other, done))).notebooks()[ANN] == done


def test_an_older_one_never_beats_the_newer_because_of_its_name(collect, tmp_path):
    files = (f"{FOUR}.ipynb", work("draft"), MONDAY), (f"{FOUR}_final.ipynb", work("a", "b"), MONDAY + 9 * DAY)
    result = collect(download(tmp_path / "x.zip", *files))
    assert result.notebooks()[ANN] == files[1][1] and result.code == 0
    assert result.remark(moodle("Ann Lee", 1, f"{FOUR}.ipynb")).startswith("A newer one was handed in: Ann Lee")


@pytest.mark.parametrize("spaces", [b"\\n", b"  "])
def test_what_an_editor_changes_is_no_answer(collect, tmp_path, spaces):
    saved = RELEASE.replace(b'"release"', b'"release' + spaces + b'"').replace(
        b'"metadata": {}', b'"metadata": {"a": 1}'
    )
    result = collect(download(tmp_path / "x.zip", ("saved.ipynb", saved, MONDAY + DAY), ("a.ipynb", work("a"), MONDAY)))
    assert saved != RELEASE and result.notebooks()[ANN] == work("a")


def test_a_blank_hand_in_is_said_to_be_blank(collect, tmp_path):
    result = collect(download(tmp_path / "x.zip", (f"{FOUR}.ipynb", RELEASE, MONDAY)))
    assert result.notebooks()[ANN] == RELEASE and result_of(result, f"{FOUR}.ipynb") == "new"
    assert "It is blank" in result.remark(moodle("Ann Lee", 1, f"{FOUR}.ipynb"))
    assert "1 student handed in nothing but blanks: Ann_Lee." in result.text
    emptied = collect(download(tmp_path / "y.zip", ("a.ipynb", work("", "", "", ""), MONDAY + DAY)))
    assert "nothing but blanks" in emptied.text
    assert (
        "blanks" not in collect(download(tmp_path / "z.zip", ("a.ipynb", work(own=["1 + 1"]), MONDAY + 2 * DAY))).text
    )


def test_without_times_both_are_listed_and_can_be_graded(collect, tmp_path):
    files = {"one.ipynb": work("a", "b"), f"{FOUR}.ipynb": work("c")}
    before = collect(in_one_go(tmp_path / "x.zip", *files.items()), dry_run=True)
    attempts = before.out.parent / "attempts"
    assert f"put into {attempts}, where" in before.text and "shows what each is worth" not in before.text
    assert not attempts.exists()
    result = collect(in_one_go(tmp_path / "x.zip", *files.items()))
    assert set(result.notebooks()) == {f"Bob_Ray/{FOUR}"} and result.code == 1
    assert {result_of(result, name) for name in files} == {"unclear"} and "To look at" in result.text
    assert "without a known date, with 2 answers." in result.remark(moodle("Ann Lee", 1, "one.ipynb"))
    there = {path.parts[-3]: path.read_bytes() for path in attempts.rglob("*.ipynb")}
    assert there == {"Ann_Lee__1": files[f"{FOUR}.ipynb"], "Ann_Lee__2": files["one.ipynb"]}
    assert "It is Ann_Lee__2 in attempts." in result.remark(moodle("Ann Lee", 1, "one.ipynb"))
    assert f"`autograder grade {attempts} --out {attempts}_graded`" in result.text and "--take" in result.text


def test_the_one_that_a_person_takes_counts_from_then_on(collect, tmp_path):
    files = {"one.ipynb": work("a", "b"), "two.ipynb": work("c")}
    path = in_one_go(tmp_path / "x.zip", *files.items())
    collect(path)
    two = moodle("Ann Lee", 1, "two.ipynb")
    taken = collect(path, take=[two])
    assert taken.notebooks()[ANN] == files["two.ipynb"] and taken.code == 0
    assert result_of(taken, "one.ipynb") == "left out"
    assert not list((taken.out.parent / "attempts").rglob("*.ipynb"))
    again = collect(path)
    assert again.notebooks()[ANN] == files["two.ipynb"] and again.code == 0
    assert result_of(again, "two.ipynb") == "unchanged"
    other = collect(path, take=[f"x.zip: {moodle('Ann Lee', 1, 'one.ipynb')}"])
    assert other.notebooks()[ANN] == files["one.ipynb"] and collect(path).notebooks()[ANN] == files["one.ipynb"]


def test_an_attempt_is_taken_by_its_name(collect, tmp_path):
    files = {"one.ipynb": work("a", "b"), "two.ipynb": work("c")}
    path = in_one_go(tmp_path / "x.zip", *files.items())
    collect(path)
    taken = collect(path, take=["Ann_Lee__2"])
    assert taken.notebooks()[ANN] == files["two.ipynb"] and taken.code == 0
    gone = collect(path, take=["Ann_Lee__2"])
    assert gone.code == 2 and "No notebook in these downloads is Ann_Lee__2" in gone.text
    assert collect(path).notebooks()[ANN] == files["two.ipynb"]


def test_an_attempt_at_several_assignments_is_taken_with_the_one_that_is_meant(collect, tmp_path):
    entries = [
        (f"ann/{slug}/{n}.ipynb", notebook(slug, f"{slug} {n}"), MONDAY) for slug in (FOUR, FIVE) for n in range(2)
    ]
    path = zipped(tmp_path / "x.zip", entries)
    collect(path)
    both = collect(path, take=["ann__2"])
    assert both.code == 2 and f"give one of ann__2/{FOUR}, ann__2/{FIVE}." in both.text
    assert collect(path, take=[f"ann__2/{FIVE}"]).notebooks() == {f"ann/{FIVE}": notebook(FIVE, f"{FIVE} 1")}


def test_an_older_one_with_more_answers_is_listed_and_can_be_taken(collect, tmp_path):
    full, newer = work("a", "b", "c"), work("d")
    path = download(tmp_path / "x.zip", ("full.ipynb", full, MONDAY), ("new.ipynb", newer, MONDAY + DAY))
    result = collect(path)
    assert result.notebooks()[ANN] == newer and result.code == 1
    why = "It is older than the one that counts, which is of 2024-11-19 09:30:00 UTC, and has more answers: 3, not 1."
    assert result.remark(moodle("Ann Lee", 1, "full.ipynb")).startswith(why)
    taken = collect(path, take=[moodle("Ann Lee", 1, "full.ipynb")])
    assert taken.notebooks()[ANN] == full and taken.code == 0
    assert collect(path).notebooks()[ANN] == full, "the newer one does not come back"
    last = work("a", "b", "c", "d")
    later = download(tmp_path / "y.zip", ("last.ipynb", last, MONDAY + 9 * DAY))
    assert collect(later).notebooks()[ANN] == last, "but a newer one than all of them counts"
    assert collect(path).notebooks()[ANN] == last


def test_the_newer_one_can_be_kept_as_well(collect, tmp_path):
    path = download(tmp_path / "x.zip", ("full.ipynb", work("a", "b"), MONDAY), ("new.ipynb", work("d"), MONDAY + DAY))
    assert collect(path).code == 1
    result = collect(path, take=[moodle("Ann Lee", 1, "new.ipynb")])
    assert result.code == 0 and collect(path).code == 0 and result.notebooks()[ANN] == work("d")
    assert set(result.times()) == set(collect(path).times()) == {ANN, f"Bob_Ray/{FOUR}"}


def test_the_newest_without_answers_in_their_places_is_not_certain(collect, tmp_path):
    lost = work(own=["def answer(): return 1"])
    path = download(tmp_path / "x.zip", ("full.ipynb", work("a"), MONDAY), ("new.ipynb", lost, MONDAY + DAY))
    result = collect(path)
    assert ANN not in result.notebooks() and result.code == 1
    assert "of 2024-11-19 09:30:00 UTC, with 0 answers." in result.remark(moodle("Ann Lee", 1, "new.ipynb"))
    broken = download(tmp_path / "y.zip", ("full.ipynb", work("a"), MONDAY), (f"{FOUR}.ipynb", b"{", MONDAY + DAY))
    assert "and it cannot be read" in collect(broken).remark(moodle("Ann Lee", 1, f"{FOUR}.ipynb"))


def test_the_same_answers_are_no_question(collect, tmp_path):
    saved = work("a", "b").replace(b'"metadata": {}', b'"metadata": {"kernel": 1}', 1)
    result = collect(in_one_go(tmp_path / "x.zip", ("x.ipynb", saved), (f"{FOUR}.ipynb", work("a", "b"))))
    assert result.notebooks()[ANN] == work("a", "b") and result.code == 0
    assert result.remark(moodle("Ann Lee", 1, "x.ipynb")).startswith("Its answers are those of")


def test_a_zip_with_what_was_handed_out_beside_what_was_done(collect, tmp_path):
    inner = zip_bytes([(f"course/{FOUR}.ipynb", RELEASE, MONDAY), ("course/mine.ipynb", work("a"), MONDAY - HOUR)])
    assert collect(download(tmp_path / "x.zip", ("all.zip", inner, MONDAY))).notebooks()[ANN] == work("a")


def test_a_notebook_of_no_known_assignment_beside_a_blank_one_may_be_the_work(collect, tmp_path):
    mine = notebook(answer="all of it", ids=False)
    path = download(tmp_path / "x.zip", (f"{FOUR}.ipynb", RELEASE, MONDAY), ("Untitled.ipynb", mine, MONDAY - DAY))
    result = collect(path)
    assert result.notebooks()[ANN] == RELEASE and result.code == 1
    untitled = moodle("Ann Lee", 1, "Untitled.ipynb")
    assert "is blank; with --take it counts. It is Ann_Lee__1 in attempts." in result.remark(untitled)
    taken = collect(path, take=["Ann_Lee__1"])
    assert taken.notebooks()[ANN] == mine and taken.code == 0
    again = collect(path)
    assert again.notebooks()[ANN] == mine and again.code == 0


@pytest.mark.parametrize("nothing", [b"", b" \n", b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'])
def test_a_notebook_with_nothing_in_it_is_blank(collect, tmp_path, nothing):
    path = download(tmp_path / "x.zip", (f"{FOUR}.ipynb", RELEASE, MONDAY), ("Untitled.ipynb", nothing, MONDAY + DAY))
    result = collect(path)
    assert result.notebooks()[ANN] == RELEASE and result.code == 0
    later = download(tmp_path / "y.zip", (f"{FOUR}.ipynb", nothing, MONDAY + 9 * DAY), ("a.ipynb", work("a"), MONDAY))
    assert collect(later).notebooks()[ANN] == work("a")


def test_a_blank_one_in_a_later_download_does_not_replace(collect, tmp_path):
    collect(download(tmp_path / "x.zip", ("a.ipynb", work("a"), MONDAY)))
    result = collect(download(tmp_path / "y.zip", ("a.ipynb", RELEASE, MONDAY + 9 * DAY)))
    assert result.notebooks()[ANN] == work("a") and result_of(result, "a.ipynb") == "left out"


def test_a_blank_one_that_is_there_gives_way_to_an_older_one(collect, tmp_path):
    collect(download(tmp_path / "x.zip", ("a.ipynb", RELEASE, MONDAY + 9 * DAY)))
    result = collect(download(tmp_path / "y.zip", ("a.ipynb", work("a"), MONDAY)))
    assert result.notebooks()[ANN] == work("a") and result_of(result, "a.ipynb") == "replaced"


def test_fewer_answers_in_a_later_download_are_told(collect, tmp_path):
    full = download(tmp_path / "x.zip", ("a.ipynb", work("a", "b"), MONDAY))
    collect(full)
    result = collect(download(tmp_path / "y.zip", ("a.ipynb", work("c"), MONDAY + 9 * DAY)))
    assert result.notebooks()[ANN] == work("c")
    assert "fewer answers: 1, not 2" in result.remark(moodle("Ann Lee", 1, "a.ipynb"))
    assert result_of(collect(full), "a.ipynb") == "unclear"
    assert collect(full, take=[moodle("Ann Lee", 1, "a.ipynb")]).notebooks()[ANN] == work("a", "b")


def test_a_file_to_take_that_is_not_there(collect, tmp_path):
    path = download(tmp_path / "x.zip", ("a.ipynb", work("a"), MONDAY))
    result = collect(path, take=["nowhere.ipynb"])
    assert result.code == 2 and "is nowhere.ipynb; --take wants one" in result.text and result.notebooks() == {}


def test_a_dry_run_leaves_no_attempts(collect, tmp_path):
    path = in_one_go(tmp_path / "x.zip", ("one.ipynb", work("a")), ("two.ipynb", work("b")))
    assert not (collect(path, dry_run=True).out.parent / "attempts").exists()


def test_attempts_of_others_with_a_name_like_it_stay(collect, tmp_path):
    def path(name, who):
        entries = [(f"{who}/{FOUR}/{n}.ipynb", work(f"{who} {n}"), MONDAY + n * SECOND) for n in range(2)]
        return zipped(tmp_path / name, [*entries, (f"bob/{FOUR}/a.ipynb", work("b"), MONDAY)])

    collect(path("a.zip", "Ann"))
    result = collect(path("b.zip", "Ann_Lee"), path("c.zip", "Ann__1"))
    names = {one.parent.parent.name for one in (result.out.parent / "attempts").rglob("*.ipynb")}
    assert names == {"Ann__1", "Ann__2", "Ann_Lee__1", "Ann_Lee__2", "Ann__1__1", "Ann__1__2"}
