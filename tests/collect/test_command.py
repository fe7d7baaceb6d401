"""The verb: what it prints, writes and returns."""

from __future__ import annotations

import csv
import datetime as dt
import os
import struct
import time

import pytest

from autograder import cli
from autograder.collect.times import as_nbgrader, sane, written_in_one_go, zip_time
from autograder.storage.layout import Search
from autograder.storage.locks import alone_in
from autograder.storage.timestamps import read_timestamp, trust_timestamps
from tests.collect.downloads import DAY, FOUR, HOUR, MONDAY, SECOND, SLUGS, canvas, info, moodle, notebook, zipped

ANN = (f"ann/{FOUR}/{FOUR}.ipynb", notebook(answer="ann"), MONDAY)
BOB = (f"bob/{FOUR}/{FOUR}.ipynb", notebook(answer="bob"), MONDAY + DAY)


def test_a_dry_run_writes_nothing(collect, course, tmp_path):
    path = zipped(tmp_path / "x.zip", [ANN, BOB, ("../evil.ipynb", notebook(), MONDAY)])
    before = {one: one.stat().st_mtime_ns for one in course.rglob("*")}
    result = collect(path, dry_run=True)
    assert {one: one.stat().st_mtime_ns for one in course.rglob("*")} == before
    assert result.code == 1 and "2 new, 1 quarantined" in result.text and "nothing was written" in result.text
    collect(path)
    assert "2 unchanged" in collect(path, dry_run=True).text


def test_a_folder_is_where_it_should_be(course, tmp_path, capsys):
    path = zipped(tmp_path / "x.zip", [ANN, BOB])
    assert cli.main(["collect", str(path)]) == 0
    assert (course / "_build" / "grading" / "submitted" / ANN[0]).read_bytes() == ANN[1]
    assert (course / "_build" / "grading" / "collected.csv").is_file()


def test_what_the_grader_finds_and_believes(collect, course, tmp_path):
    result = collect(zipped(tmp_path / "x.zip", [ANN, BOB]))
    trusted = trust_timestamps(course, result.out, course / "_build" / "grading")
    search = Search(list(SLUGS), trusted=trusted)
    found = search.below(result.out)
    assert [(one.student, one.slug, one.note) for one in found] == [("ann", FOUR, ""), ("bob", FOUR, "")]
    assert [one.timestamp() for one in found] == [time.replace(tzinfo=None) for _, _, time in (ANN, BOB)]
    assert [one.read()[0] for one in found] == [ANN[1], BOB[1]] and search.passed_over == []


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nowhere.zip"], "There is no nowhere.zip"),
        (["_config.yml", "--assignment", "99_none"], "There is no released assignment 99_none"),
        (["_config.yml", "--out", "_config.yml"], "is no folder"),
        (["_build/grading/submitted"], "is where submissions go"),
    ],
)
def test_what_cannot_be_done(course, capsys, arguments, sentence):
    (course / "_build" / "grading" / "submitted").mkdir(parents=True)
    assert cli.main(["collect", *arguments]) == 2
    assert sentence in capsys.readouterr().err


def test_not_while_somebody_else_writes_there(collect, course, tmp_path):
    with alone_in(course / "_build" / "grading"):
        result = collect(zipped(tmp_path / "x.zip", [ANN, BOB]))
    assert result.code == 2 and "Another" in result.text and result.notebooks() == {}


def test_a_folder_that_cannot_be_written(collect, course, tmp_path):
    (tmp_path / "file").write_text("")
    result = collect(zipped(tmp_path / "x.zip", [ANN, BOB]), out=tmp_path / "file" / "submitted")
    assert result.code == 2 and "cannot be written" in result.text


def test_the_table_is_safe(collect, tmp_path):
    odd = "=HYPERLINK(1)[bold red]x[/]<b>"
    entries = [(moodle(odd, 1, "a.ipynb"), notebook(), MONDAY), (moodle("@b", 2, "a.ipynb"), notebook(), MONDAY + DAY)]
    entries += [(f"{moodle('-c', 3, 'a.ipynb')}/=x.pdf", b"", MONDAY)]
    result = collect(zipped(tmp_path / "x.zip", entries))
    with (result.out.parent / "collected.csv").open(encoding="utf-8", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert "[bold red]" not in "".join(result.notebooks())


def test_help_says_what_is_left_out(capsys):
    with pytest.raises(SystemExit):
        cli.main(["collect", "--help"])
    text = " ".join(capsys.readouterr().out.split())
    assert "Only notebooks count" in text and "The exit code is 0" in text and "TZ" in text


def test_late_ones_are_told(collect, tmp_path):
    result = collect(zipped(tmp_path / "x.zip", [(canvas("leeann", 1, 2, "a.ipynb", late=True), notebook(), MONDAY)]))
    assert result.rows[0]["late"] == "late" and " late " in result.text
    assert "nobody counts as late" in result.text and result.times() == {}
    assert "Canvas calls 1 hand-in late without saying by how much; give the times with --times." in result.text


def test_what_is_no_file_at_all(collect, tmp_path):
    os.mkfifo(tmp_path / "pipe.zip")
    result = collect(tmp_path / "pipe.zip")
    assert (result.code, result.rows[0]["remark"]) == (2, "It is no plain file.")


@pytest.mark.parametrize("zone", ["UTC", "Asia/Seoul", "America/New_York"])
def test_times_without_a_zone_are_this_machines(monkeypatch, zone):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        local = dt.datetime(2024, 7, 1, 12, 0, 0)
        about = info("a", local)
        assert zip_time(about) == local.astimezone(dt.UTC)
        about.extra = struct.pack("<HHBi", 0x5455, 5, 1, int(MONDAY.timestamp()))  # an exact time decides
        assert zip_time(about) == MONDAY
        ticks = int((MONDAY - dt.datetime(1601, 1, 1, tzinfo=dt.UTC)).total_seconds()) * 10**7
        about.extra = struct.pack("<HHIHHQQQ", 0x000A, 32, 0, 1, 24, ticks, 0, 0)
        assert zip_time(about) == MONDAY
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("extra", [b"UT", b"UT\xff\xff\x01", b"\x0a\x00\x02\x00\x01\x02", b"UT\x01\x00\x01"])
def test_extra_fields_that_are_cut_off(extra):
    about = info("a", MONDAY)
    about.extra = extra
    assert zip_time(about) == MONDAY


def test_times_that_make_no_sense():
    about = info("a")
    about.date_time = (1980, 0, 0, 0, 0, 0)
    assert zip_time(about) is None
    assert sane(dt.datetime(1980, 1, 1, tzinfo=dt.UTC)) is None
    assert sane(dt.datetime.now(dt.UTC) + 9 * DAY) is None


@pytest.mark.parametrize(
    ("steps", "download"),
    [
        ([0], True),
        ([0, 5], True),
        ([5, 0, 2, 9], True),
        ([0, 60], False),
        ([0, 20, 40, 60, 80, 100], True),
        ([0, 20, 40, 60, 80, 300], False),
        ([20, 0, 40, 60, 80, 100], False),
    ],
)
def test_times_of_the_download(steps, download):
    assert written_in_one_go([MONDAY + step * HOUR / 60 for step in steps]) is download


def test_nbgrader_reads_our_times(tmp_path):
    (tmp_path / "timestamp.txt").write_text(as_nbgrader(MONDAY + SECOND))
    assert read_timestamp(tmp_path / "timestamp.txt") == dt.datetime(2024, 11, 18, 9, 30, 2)
