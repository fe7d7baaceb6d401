"""More time, a second attempt, a mended key; and that nothing happens without being told and agreed to."""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from autograder import api
from tests.amend.conftest import (
    CONFIG,
    SLUG,
    WRONG,
    amend,
    everywhere,
    gradebook,
    handed_in,
    log,
    near,
    results,
    run,
    submitted,
)
from tests.amend.test_questions import state

FRIDAY = "2026-12-04 18:00 Europe/Berlin"
KEY = f"solutions/{SLUG}_key.py"
DROP = ("drop", SLUG, "mean_rows", "--to", "everybody")


def extension(root: Path, student: str) -> timedelta | None:
    """Return by how much the due date is put off for somebody."""
    with gradebook(root) as book:
        return book.find_submission(SLUG, student).extension


def test_an_extension_takes_the_penalty_off_and_holds_for_what_comes(course):
    amend(course, "extend", SLUG, "--student", "ann", "--until", FRIDAY, "--reason", "ill")
    assert everywhere(course)["ann"] == (5, 7) and extension(course, "ann") == timedelta(days=2, hours=17, minutes=1)
    assert "ill" not in (results(course) / "feedback" / "ann" / SLUG / f"{SLUG}.html").read_text(encoding="utf-8")
    submitted(course, "ann", handed_in(course, mean_rows=WRONG), "2026-12-04 16:00 UTC")
    run(course, "grade", "--force")
    assert everywhere(course)["ann"] == (3, 7)
    (course / "_config.yml").write_text(CONFIG.replace("12-01 23:59", "12-02 11:00"))
    run(course, "grade")
    assert everywhere(course)["ann"] == (3, 7), "the day that was agreed on stays"
    amend(course, "undo", "1")
    assert extension(course, "ann") is None and everywhere(course)["ann"] == pytest.approx((3 * 0.4, 7))


def test_somebody_who_has_handed_in_nothing_may_be_given_time(course):
    amend(course, "extend", SLUG, "--student", "dan", "--until", FRIDAY)
    submitted(course, "dan", handed_in(course), "2026-12-04 16:00 UTC")
    run(course, "grade")
    assert everywhere(course)["dan"] == (5, 7)


def test_a_second_attempt_counts_in_place_of_the_first_which_is_kept(course):
    amend(course, "attempt", SLUG, "--student", "ann", "--until", FRIDAY)
    assert everywhere(course)["ann"] == (4, 7), "the first was late, and stays so"
    first = results(course) / "submitted" / "ann" / SLUG / f"{SLUG}.ipynb"
    data = first.read_bytes()
    submitted(course, "ann", handed_in(course, mean_rows=f"# better\n{WRONG}"), "2026-12-04 12:00 UTC")
    run(course, "grade")
    assert everywhere(course)["ann"] == (3, 7)
    (kept,) = (results(course) / "attempts" / "ann" / SLUG).iterdir()
    assert (kept / "submitted" / f"{SLUG}.ipynb").read_bytes() == data
    assert (kept / "feedback" / f"{SLUG}.html").is_file()


# ---------------------------------------------------------------- a mended key
def mend(root: Path, old: str, new: str) -> None:
    """Change the answer key."""
    text = (root / KEY).read_text()
    assert old in text
    (root / KEY).write_text(text.replace(old, new))


@pytest.fixture
def mended(course):
    """Return a course whose key takes the mean of the columns by now; ann's other answer has a mark by hand."""
    with gradebook(course) as book:
        book.find_grade("center-gives_rows_and_spread", SLUG, SLUG, "ann").manual_score = 2.5
        book.db.commit()
    run(course, "grade")
    mend(course, "return X.mean(axis=0)", "return X.mean(axis=1)")
    return course


def test_a_check_is_graded_again_by_a_mended_key_and_the_plan_says_for_whom(mended, capsys):
    before = state(mended)
    run(mended, "amend", "regrade", SLUG, "mean_rows", "--dry-run")
    printed = capsys.readouterr().out
    assert state(mended) == before and log(mended) == []
    assert "-2 points: cat (1)" in printed and "+2 points: bob (1)" in printed and "-1.6 points: ann (1)" in printed
    assert "Other checks" not in printed
    amend(mended, "regrade", SLUG, "mean_rows")
    assert everywhere(mended) == near({"ann": (2.0, 7), "bob": (5, 7), "cat": (1, 7)})
    capsys.readouterr()
    run(mended, "grade")
    assert "0 graded, 3 unchanged" in capsys.readouterr().out


def test_what_else_a_mended_key_changes_is_told_and_who_has_handed_in_anew_is_left(mended, capsys):
    mend(mended, '"spread": 2}', '"spread": 2}, atol=5.0')
    submitted(mended, "bob", handed_in(mended, mean_rows=f"# new\n{WRONG}"))
    run(mended, "amend", "regrade", SLUG, "mean_rows", "--dry-run")
    printed = capsys.readouterr().out
    assert "Other checks change too: center for cat." in printed
    assert "Left as they are, for `autograder grade` to see to: bob." in printed


# ---------------------------------------------------------------- told and agreed to
def test_a_dry_run_says_what_would_change_and_changes_nothing(course, capsys):
    before = state(course)
    run(course, "amend", *DROP, "--dry-run")
    printed = capsys.readouterr().out
    assert "+2 points: bob (1)" in printed and "nothing changes for 2" in printed and "Nothing was changed." in printed
    assert state(course) == before and log(course) == []


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 1), ("", 1)])
def test_it_asks_on_a_terminal(course, monkeypatch, answer, code):
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{answer}\n"))
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    run(course, "amend", *DROP, code=code)
    assert len(log(course)) == (code == 0)


def test_without_anybody_to_ask_it_refuses(course, monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    run(course, "amend", *DROP, code=2)
    assert "say --yes to do it, or --dry-run" in capsys.readouterr().err and log(course) == []


def test_decisions_are_listed(course, capsys):
    run(course, "amend", "list")
    amend(course, *DROP, "--reason", "unclear")
    amend(course, "undo", "1")
    capsys.readouterr()
    run(course, "amend", "list")
    one, other = capsys.readouterr().out.splitlines()
    assert one.startswith("1  ") and one.endswith(
        "drop mean_rows in 90_fake, its points to everybody (undone): unclear"
    )
    assert other.endswith("take back decision 1")


@pytest.mark.parametrize(
    ("wish", "sentence"),
    [
        ({"what": "drop", "check": "men"}, "has no graded question men; there are: mean_rows, center, written-why."),
        ({"what": "drop", "check": "center", "to": "some"}, "go to everybody or to nobody, not to 'some'"),
        ({"what": "points", "check": "center", "points": -1}, "-1 is no number of points"),
        ({"what": "points", "check": "center"}, "Say how many points"),
        ({"what": "accept", "check": "center", "student": "bob"}, "Give a reason"),
        ({"what": "accept", "check": "center", "student": "dan", "reason": "x"}, "Nothing of dan has been graded"),
        ({"what": "accept", "check": "center", "student": "bob", "points": 4, "reason": "x"}, "center has 3 points"),
        ({"what": "extend", "student": "zoe", "until": FRIDAY}, "There is no student zoe in the gradebook"),
        ({"what": "extend", "student": "bob", "until": "Friday"}, "no date, time and zone; write it like"),
        ({"what": "extend", "student": "bob", "until": "2026-11-01 12:00 UTC"}, "not after the due date"),
        (
            {"what": "attempt", "student": "bob"},
            "has a due date, so say with --until when it is due",
        ),
        ({"what": "attempt", "student": "dan", "until": FRIDAY}, "Nothing of dan has been graded"),
        ({"what": "undo", "number": 3}, "There is no decision 3 to be taken back; those that hold: none."),
        ({"what": "burn"}, "There is no 'burn' among what can be amended"),
    ],
)
def test_what_cannot_be_meant_is_told(graded_once, wish, sentence):
    with pytest.raises(api.UserError) as told:
        api.amend(**{"assignment": SLUG, **wish}, course=graded_once, dry_run=True)
    assert sentence in str(told.value) and log(graded_once) == []


def test_a_program_is_told_the_same(graded_once):
    done = api.amend("drop", SLUG, check="mean_rows", course=graded_once, dry_run=True)
    (change,) = done.plan.changes
    assert (change.student, change.before, change.after, done.applied) == ("bob", 3, 5, False)


def test_stock_nbgrader_counts_what_was_decided(course):
    amend(course, "points", SLUG, "center", "6")
    amend(course, *DROP)
    amend(course, "extend", SLUG, "--student", "ann", "--until", FRIDAY)
    wanted = everywhere(course)
    for name in ("gradebook.db", "autograded", "feedback"):
        path = results(course) / name
        path.unlink() if path.is_file() else shutil.rmtree(path)
    nbgrader = Path(sys.executable).with_name("nbgrader")
    for verb in ("generate_assignment", "autograde", "generate_feedback"):
        done = subprocess.run([nbgrader, verb, SLUG], cwd=course, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    assert everywhere(course) == near(wanted)
