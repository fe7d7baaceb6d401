"""When work was handed in, as `timestamp.txt` says: no zone is guessed, and why a time is not read is told."""

from __future__ import annotations

import datetime as dt

import pytest
from nbgrader.utils import parse_utc

from autograder.grade.nbgrader_preprocessors import set_odd_timestamp_aside
from autograder.gradebook.points import seconds_late
from autograder.storage.layout import Search
from autograder.storage.timestamps import read_timestamp
from tests.grade.fake_course import SLUG

DUE = dt.datetime(2026, 10, 25, 1, 0)


@pytest.fixture
def submit(tmp_path):
    """Return a function that hands in a notebook with a `timestamp.txt`; it returns that file."""

    def write(student: str, time: str):
        folder = tmp_path / "class" / student / SLUG
        folder.mkdir(parents=True)
        (folder / f"{SLUG}.ipynb").write_text("{}")
        (folder / "timestamp.txt").write_text(time)
        return folder / "timestamp.txt"

    return write


def searched(tmp_path, trusted=True):
    """Return what was found of the class, and what is told of it."""
    search = Search([SLUG], trusted=trusted)
    return {one.student: one for one in search.below(tmp_path / "class")}, search.passed_over


def test_a_short_name_with_one_meaning_is_read(tmp_path, submit):
    """Half past two in the night in which clocks go back comes twice; CEST is the first of the two."""
    submit("s1", "2026-10-25 02:30:00 CEST")
    submit("s2", "2026-10-25 02:30:00.5 CET\n")
    found, told = searched(tmp_path)
    assert {who: seconds_late(one.timestamp(), None, DUE) for who, one in found.items()} == {"s1": 0, "s2": 1800.5}
    assert told == []


def test_what_is_not_read_is_told_once_a_reason(tmp_path, submit):
    for who in ("s1", "s2"):
        submit(who, "2026-10-25 02:30:00 CST")
    submit("s3", "2026-10-25 02:30:00 Europe/Berlin")
    submit("s4", "yesterday")
    submit("s5", "2026-10-25 02:30:00")
    found, told = searched(tmp_path)
    assert [who for who, one in found.items() if one.timestamp()] == ["s5"]
    assert len(told) == 3 and all("nothing says when that was handed in" in sentence for sentence in told)
    assert any("of s1, s2 was not read" in sentence and "CST is a short name" in sentence for sentence in told)
    assert any("of s3 " in sentence and "comes twice" in sentence for sentence in told)
    assert searched(tmp_path, trusted=False)[1] == []  # what is not believed is not asked for


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-10-25 02:30:00 CEST", dt.datetime(2026, 10, 25, 0, 30)),
        ("2026-10-25 02:30:00 +0200", dt.datetime(2026, 10, 25, 0, 30)),
        ("2026-10-25 02:30:00 CST", None),
    ],
)
def test_stock_nbgrader_finds_the_same_time(submit, text, time):
    path = submit("s1", text)
    set_odd_timestamp_aside(SLUG, "s1", [str(path.with_name(f"{SLUG}.ipynb"))])
    assert (parse_utc(path.read_text()) if path.exists() else None) == time == read_timestamp(path)
    moved = path.with_name("timestamp.txt.odd")
    assert (moved.read_text() if moved.exists() else path.read_text()) == text
