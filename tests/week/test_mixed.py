"""A class whose work comes by every road at once: collected, graded, reported, exported, and all are accounted for."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import chdir

import pytest

from autograder.cli import main
from tests.grade.fake_course import SLUG, make_course
from tests.week import mixed
from tests.week.mixed import ABSENT, ANSWERS, BLANK, FILES_OF_NOBODY, ORDER, UNREADABLE
from tests.week.test_week import rows

EVERYTHING = len(mixed.ODD) + len(mixed.ROADS)


def in_words(counts) -> str:
    return " + ".join(f"{counts[one]} {one}" for one in ORDER if counts[one])


@pytest.mark.parametrize("size", [EVERYTHING, 300])
def test_everybody_is_accounted_for(tmp_path, capsys, size):
    root = make_course(tmp_path / "course")
    class_, out = mixed.mixed(size), root / "_build" / "grading"
    roster = mixed.write_roster(class_, tmp_path / "roster.csv")
    downloads = mixed.write_downloads(class_, root, tmp_path)
    with chdir(root):
        collect(class_, [*map(str, downloads), "--roster", str(roster)], capsys)
        status = grade(class_, out, capsys)
        report(status, capsys)
        export(class_, out, capsys)


def collect(class_, arguments, capsys):
    """Collect all at once, and once more: each time everybody counts once, where they must."""
    counts = mixed.where(class_)
    assert counts.total() == len(class_)
    for _ in range(2):
        assert main(["collect", *arguments]) == 1  # some need a look
        printed = capsys.readouterr().out
        assert f"{SLUG}: {len(class_)} in the class = {in_words(counts)}." in printed
        assert f"Besides: {FILES_OF_NOBODY} files to look at of nobody known." in printed


def grade(class_, out, capsys):
    """Grade what was collected; return how many have which status."""
    assert main(["grade"]) == 0
    graded = {row["student_id"]: row for row in rows(out / "grades.csv")}
    assert set(graded) == {one.identity for one in class_ if one.case != "no id in the roster"}
    for one in class_:
        if one.identity in graded:
            ends = mixed.ODD[one.case][1] if one.case in mixed.ODD else ANSWERS
            score = {ANSWERS: "5.0", BLANK: "0.0", UNREADABLE: "0.0"}.get(ends, "")
            assert graded[one.identity]["score"] == score, one
    return Counter(row["status"] for row in graded.values())


def report(status, capsys):
    capsys.readouterr()
    assert main(["report"]) == 0
    words = {"graded": "graded", "waits for a person": "wait for a person", "not readable": "not readable"}
    terms = [f"{status[one]} {word}" for one, word in {**words, "missing": "missing"}.items() if status[one]]
    assert f"{SLUG}: {status.total()} in the class = {' + '.join(terms)};" in capsys.readouterr().out


def export(class_, out, capsys):
    assert main(["export", "json"]) == 0
    found = json.loads((out / f"json_{SLUG}.json").read_text(encoding="utf-8"))
    here, missing = ({one["student"] for one in found[name]} for name in ("submissions", "missing"))
    assert not here & missing
    assert here | missing == {one.identity for one in class_ if one.case != "no id in the roster"}
    counts = mixed.where(class_)
    assert len(here) == sum(counts[one] for one in (ANSWERS, BLANK, UNREADABLE)) and counts[ABSENT]
