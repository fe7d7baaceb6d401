"""A second run changes nothing but what is newer, and a run that is killed leaves nothing half done."""

from __future__ import annotations

import os

import pytest

from autograder.collect import submission_store
from autograder.storage.safe_files import write_new
from tests.collect.downloads import DAY, FIVE, FOUR, HOUR, MONDAY, SECOND, canvas, moodle, notebook, tarred, zipped

ANN, BOB = f"ann/{FOUR}", f"bob/{FOUR}"


def plain(path, answers, when=MONDAY):
    """Write a zip of submissions, a day apart."""
    entries = [
        (f"{who}/{FOUR}/{FOUR}.ipynb", notebook(answer=text), when + i * DAY) for i, (who, text) in enumerate(answers)
    ]
    return zipped(path, entries)


def states(result):
    """Return all files with the moments at which they were written."""
    return {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in result.out.rglob("*")}


def test_the_same_again_touches_nothing(collect, tmp_path):
    path = plain(tmp_path / "x.zip", [("ann", "1"), ("bob", "2")])
    first = collect(path)
    before = states(first)
    second = collect(path)
    assert states(second) == before
    assert [row["result"] for row in second.rows] == ["unchanged"] * 2 and "2 unchanged" in second.text
    assert second.code == 0


def test_what_is_newer_replaces(collect, tmp_path):
    collect(plain(tmp_path / "x.zip", [("ann", "1"), ("bob", "2")]))
    result = collect(plain(tmp_path / "y.zip", [("ann", "1"), ("bob", "3")], MONDAY + DAY))
    assert result.notebooks() == {ANN: notebook(answer="1"), BOB: notebook(answer="3")}
    assert result.times() == {ANN: "2024-11-18 09:30:00 UTC", BOB: "2024-11-20 09:30:00 UTC"}
    assert [row["result"] for row in result.rows] == ["replaced", "unchanged"]


def test_what_is_older_never_replaces(collect, tmp_path):
    new = plain(tmp_path / "y.zip", [("ann", "1"), ("bob", "3")], MONDAY + DAY)
    first = collect(new)
    before = states(first)
    second = collect(plain(tmp_path / "x.zip", [("ann", "1"), ("bob", "2")]))
    assert states(second) == before
    assert [row["result"] for row in second.rows] == ["unchanged", "older"] and second.code == 0


@pytest.mark.parametrize("turned", [False, True])
def test_two_downloads_at_once(collect, tmp_path, turned):
    old = plain(tmp_path / "x.zip", [("ann", "1"), ("bob", "2")])
    new = plain(tmp_path / "y.zip", [("ann", "1"), ("bob", "3")], MONDAY + DAY)
    result = collect(*((new, old) if turned else (old, new)))
    assert result.notebooks() == {ANN: notebook(answer="1"), BOB: notebook(answer="3")}
    assert sorted(row["result"] for row in result.rows) == ["left out", "left out", "new", "new"]
    assert result.code == 0


def canvas_download(path, attachment, answer, when):
    """Write a download of Canvas's, whose times are all those of the download."""
    mine = (canvas("leeann", 11, attachment, "a.ipynb"), notebook(answer=answer), when)
    zipped(path, [mine, (canvas("raybob", 12, 7, "a.ipynb"), notebook(answer="b"), when + SECOND)])
    os.utime(path, (when.timestamp(), when.timestamp()))
    return path


def test_canvas_counts_attachments(collect, tmp_path):
    """The download that was made later may be the one of an older version: of somebody else's copy of the course."""
    collect(canvas_download(tmp_path / "submissions.zip", 90, "new", MONDAY))
    older = collect(canvas_download(tmp_path / "submissions (1).zip", 80, "old", MONDAY + DAY))
    assert older.notebooks()[f"11/{FOUR}"] == notebook(answer="new")
    newer = collect(canvas_download(tmp_path / "submissions (2).zip", 95, "newest", MONDAY - DAY))
    assert newer.notebooks()[f"11/{FOUR}"] == notebook(answer="newest")
    assert newer.times() == {}


def test_a_later_download_of_moodles_is_newer(collect, tmp_path):
    def download(name, answer, when):
        people = (("Ann Lee", answer), ("Bob Ray", "b"))
        entries = [(moodle(who, n, "a.ipynb"), notebook(answer=a), when) for n, (who, a) in enumerate(people)]
        return zipped(tmp_path / name, entries)

    collect(download("1.zip", "old", MONDAY))
    result = collect(download("2.zip", "new", MONDAY + HOUR))
    assert result.notebooks()[f"Ann_Lee/{FOUR}"] == notebook(answer="new") and result.times() == {}
    assert collect(download("1.zip", "old", MONDAY)).results()["Ann_Lee", moodle("Ann Lee", 0, "a.ipynb")] == "older"


def test_two_that_cannot_be_told_apart_are_not_guessed(collect, tmp_path):
    times = {"a.ipynb": MONDAY, "b.ipynb": MONDAY + 5 * SECOND}  # of the download, which says nothing of its files
    entries = [(moodle("Ann Lee", 1, name), notebook(answer=name), time) for name, time in times.items()]
    entries += [(moodle("Bob Ray", 2, "a.ipynb"), notebook(), MONDAY + 9 * SECOND)]
    result = collect(zipped(tmp_path / "x.zip", entries))
    assert set(result.notebooks()) == {f"Bob_Ray/{FOUR}"} and result.code == 1
    assert [row["result"] for row in result.rows] == ["new", "unclear", "unclear"]


def test_a_notebook_of_no_assignment_beside_the_one_that_counts_is_left_out(collect, tmp_path):
    names = (f"{FOUR}.ipynb", "other.ipynb")
    entries = [(moodle("Ann Lee", 1, name), notebook(ids=name != "other.ipynb", answer=name), MONDAY) for name in names]
    result = collect(zipped(tmp_path / "x.zip", entries))
    assert result.notebooks() == {f"Ann_Lee/{FOUR}": notebook(answer=f"{FOUR}.ipynb")}
    assert sorted(row["result"] for row in result.rows) == ["left out", "new"] and result.code == 0


def test_what_somebody_put_there_is_not_overwritten_blindly(collect, tmp_path):
    path = plain(tmp_path / "x.zip", [("ann", "1"), ("bob", "2")])
    out = tmp_path / "o" / "submitted"
    write_new(out / ANN / f"{FOUR}.ipynb", notebook(answer="by hand"))
    write_new(out / BOB / f"{FOUR}.ipynb", notebook(answer="by hand"))
    write_new(out / BOB / "timestamp.txt", "2024-11-01 00:00:00 UTC")
    result = collect(path, out=out)
    assert result.notebooks() == {ANN: notebook(answer="by hand"), BOB: notebook(answer="2")}
    assert [row["result"] for row in result.rows] == ["replaced", "unclear"] and result.code == 1


def test_a_link_in_the_place_of_a_notebook_is_not_followed(collect, tmp_path):
    (tmp_path / "mine.txt").write_text("keep")
    out = tmp_path / "o" / "submitted"
    (out / ANN).mkdir(parents=True)
    (out / ANN / f"{FOUR}.ipynb").symlink_to(tmp_path / "mine.txt")
    collect(plain(tmp_path / "x.zip", [("ann", "1"), ("bob", "2")]), out=out)
    assert (tmp_path / "mine.txt").read_text() == "keep"


@pytest.mark.parametrize("step", range(1, 7))
@pytest.mark.parametrize("before", [None, "old"])
def test_a_killed_run_leaves_whole_files_and_the_next_one_mends(collect, tmp_path, monkeypatch, step, before):
    if before:
        collect(plain(tmp_path / "old.zip", [("ann", before), ("bob", before)], MONDAY - 9 * DAY))
    path = plain(tmp_path / "x.zip", [("ann", "1"), ("bob", "2")])
    calls = []

    def killed(where, content):
        calls.append(where)
        if len(calls) == step:
            raise KeyboardInterrupt
        return write_new(where, content)

    monkeypatch.setattr(submission_store, "write_new", killed)
    broken_off = collect(path)
    assert broken_off.code == 130 and len(calls) == step
    allowed = {notebook(answer=text) for text in ("1", "2", "old")}
    assert set(broken_off.notebooks().values()) <= allowed
    assert not [name for name in broken_off.files() if name.endswith(".new")]
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path / "course")
    result = collect(path)
    assert result.notebooks() == {ANN: notebook(answer="1"), BOB: notebook(answer="2")}
    assert result.times() == {ANN: "2024-11-18 09:30:00 UTC", BOB: "2024-11-19 09:30:00 UTC"}
    assert result.code == 0
    assert {row["result"] for row in collect(path).rows} == {"unchanged"}


def test_a_time_that_is_learnt_later_is_added(collect, tmp_path):
    one = zipped(tmp_path / "x.zip", [(f"ann/{FOUR}/{FOUR}.ipynb", notebook(), MONDAY)])
    assert collect(one).times() == {}
    two = plain(tmp_path / "y.zip", [("ann", "x = 1"), ("bob", "2")])
    assert collect(two, dry_run=True).times() == {}
    result = collect(two)
    assert result.times()[ANN] == "2024-11-18 09:30:00 UTC"
    assert result.results()["ann", f"ann/{FOUR}/{FOUR}.ipynb"] == "time noted"


def test_assignments_are_seen_from_names_cells_folders_and_the_rest_of_a_download(collect, tmp_path):
    entries = [
        (moodle("A", 1, "hw.ipynb"), notebook(FIVE), MONDAY),  # by its cells
        (moodle("B", 2, f"my {FIVE.replace('_', ' ')} (2).ipynb"), notebook(ids=False), MONDAY),  # by its name
        (moodle("C", 3, "broken.ipynb"), b"{", MONDAY),  # by what the others handed in
    ]
    result = collect(zipped(tmp_path / "x.zip", entries))
    assert set(result.notebooks()) == {f"{who}/{FIVE}" for who in "ABC"}
    assert result.remark(entries[2][0]) == f"Taken for {FIVE}, as all else in this download is."


def test_a_name_and_cells_that_disagree_are_not_guessed(collect, tmp_path):
    entries = [(f"{who}/{FOUR}.ipynb", notebook(slug), MONDAY) for who, slug in (("ann", FIVE), ("bob", FOUR))]
    result = collect(zipped(tmp_path / "x.zip", entries))
    assert set(result.notebooks()) == {BOB} and result.code == 1
    assert "Its name says" in result.remark(f"ann/{FOUR}.ipynb")
    result = collect(tmp_path / "x.zip", assignment=FOUR)
    assert set(result.notebooks()) == {ANN, BOB} and result.code == 0
    assert result.remark(f"ann/{FOUR}.ipynb") == f"Its cells are those of {FIVE}."


def test_a_notebook_of_no_assignment_is_told(collect, tmp_path):
    result = collect(tarred(tmp_path / "x.tar", [("ann/hello.ipynb", notebook(ids=False), MONDAY)]))
    assert (result.notebooks(), result.code) == ({}, 1)
    assert "--assignment" in result.rows[0]["remark"]
    assert set(collect(tmp_path / "x.tar", assignment=FOUR).notebooks()) == {ANN}
