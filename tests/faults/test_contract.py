"""The promises of `autograder grade`, clause by clause."""

from __future__ import annotations

import csv
import fcntl
import io
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from contextlib import chdir
from pathlib import Path

import pytest
from nbgrader.api import Base, Gradebook
from rich.console import Console
from sqlalchemy import create_engine

from autograder import options
from autograder.cli import main
from autograder.grade import session
from autograder.grade.command import add_parser
from autograder.gradebook import score_rows
from autograder.gradebook.store import Store
from autograder.storage.locks import LOCK, alone_in
from tests.grade.fake_course import RIGHT, SLUG, answered, as_bytes, make_course, released, submit
from tests.grade.test_course import WRONG, grade, in_gradebook, page, rows, written
from tests.waiting import LONG

RIGHT_SUM, WRONG_SUM = 5, 3
pytestmark = pytest.mark.usefixtures("same_workers")


@pytest.fixture(scope="module")
def graded_once(tmp_path_factory):
    """Grade three submissions; return the root of the course and what was printed."""
    root = make_course(tmp_path_factory.mktemp("contract"))
    for student, answers in {"ann": RIGHT, "bob": {**RIGHT, "mean_rows": WRONG}, "cho": {}}.items():
        submit(root / "class", student, as_bytes(answered(root, **answers)))
    return root, grade(root)


@pytest.fixture
def small(graded_once, tmp_path):
    """Return a course of its own with three submissions, graded."""
    return shutil.copytree(graded_once[0], tmp_path / "course")


def out(root: Path) -> Path:
    """Return where results are."""
    return root / "_build" / "grading"


def told(root: Path, capsys: pytest.CaptureFixture, *arguments: str, code: int = 2) -> str:
    """Run `autograder grade` and return what it says where it cannot do what was asked: one sentence."""
    capsys.readouterr()
    with chdir(root):
        assert main(["grade", *arguments]) == code
    said = capsys.readouterr().err
    assert said.startswith("autograder: ") and said.count("\n") == 1 and "Traceback" not in said
    return said


# ---------------------------------------------------------------- what a run leaves
def test_the_results_are_where_they_should_be(graded_once):
    made = {str(path.relative_to(out(graded_once[0]))) for path in out(graded_once[0]).rglob("*") if path.is_file()}
    assert {"gradebook.db", "grades.csv", "checks.csv"} <= made
    for student in ("ann", "bob", "cho"):
        assert {f"feedback/{student}/{SLUG}/{SLUG}.html", f"autograded/{student}/{SLUG}/{SLUG}.ipynb"} <= made
    assert not [name for name in made if name.endswith(".new")]


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("grades.csv", "student_id,assignment,score,max_score,needs_manual_grade,seconds_late,status"),
        ("checks.csv", "student_id,assignment,check,score,max_score,status,diagnosis"),
    ],
)
def test_the_tables_have_the_columns_that_were_promised(graded_once, name, columns):
    assert (out(graded_once[0]) / name).read_text(encoding="utf-8").splitlines()[0] == columns


def test_a_summary_is_printed(graded_once):
    assert "3 graded, 0 unchanged" in graded_once[1] and "You averaged over the columns" in graded_once[1]


def test_progress_shows_the_rate_and_the_time_left(small, monkeypatch):
    screen = io.StringIO()
    bar = Console(file=screen, force_terminal=True, width=150)
    monkeypatch.setattr(options, "Console", lambda **given: bar)
    grade(small, "--force", "--jobs", "1")
    assert "3/3" in screen.getvalue() and " a minute" in screen.getvalue()
    assert re.search(r"m0:0\d:\d\d", screen.getvalue()), "the time left, on however slow a machine"


def test_a_folder_is_free_at_once_though_a_process_being_started_has_a_copy_of_its_lock(tmp_path):
    with alone_in(tmp_path):
        copies = [os.dup(int(fd.name)) for fd in Path("/proc/self/fd").iterdir() if fd.resolve() == tmp_path / LOCK]
    assert copies
    with alone_in(tmp_path):
        pass
    for copy in copies:
        os.close(copy)


def test_the_flags_are_those_that_were_promised():
    import argparse

    parser = argparse.ArgumentParser()
    add_parser(parser.add_subparsers())
    text = "class --out x --jobs 2 --scheduler tcp://h:1 --assignment s --student i --force --no-sandbox --timeout 1.5"
    args = parser.parse_args(["grade", *text.split(), "--memory", "100"])
    assert (args.jobs, args.timeout, args.memory, args.force, args.no_sandbox) == (2, 1.5, 100, True, True)
    assert (args.out, args.scheduler, args.assignment, args.student) == (Path("x"), "tcp://h:1", "s", ["i"])


@pytest.mark.parametrize("flags", [["--jobs", "0"], ["--jobs", "two"], ["--timeout", "-1"], ["--timeout", "nan"]])
def test_numbers_that_make_no_sense_are_refused(flags, capsys):
    with pytest.raises(SystemExit):
        main(["grade", "class", *flags])
    assert capsys.readouterr().err.splitlines()[-1].startswith(f"autograder grade: error: argument {flags[0]}")


def test_limits_hold_and_are_told(small):
    endless = "def mean_rows(X):\n    while True: pass"
    large = "import numpy as np\ndef mean_rows(X):\n    return np.ones(1 << 28).sum()"
    submit(small / "class", "eve", as_bytes(answered(small, **{**RIGHT, "mean_rows": endless})))
    submit(small / "class", "max", as_bytes(answered(small, **{**RIGHT, "mean_rows": large})))
    grade(small, "--timeout", "1.5", "--memory", "500")
    assert in_gradebook(small) == {"ann": 5, "bob": 3, "cho": 0, "eve": 3, "max": 3}
    assert "stopped after 1.5 s" in page(small, "eve")


def test_without_the_sandbox_a_warning_is_printed(small):
    assert "without the sandbox a submission can read your files" in grade(small, "--no-sandbox")


# ---------------------------------------------------------------- a second run
def test_the_same_submission_always_gets_the_same_verdict(small):
    before = {name: (out(small) / name).read_bytes() for name in ("grades.csv", "checks.csv")}
    marked = {path: path.read_bytes() for path in out(small).glob("autograded/*/*/*")}
    pages = {path: path.read_bytes() for path in out(small).glob("feedback/*/*/*")}
    assert "3 graded, 0 unchanged" in grade(small, "--force")
    assert before == {name: (out(small) / name).read_bytes() for name in before}
    assert marked == {path: path.read_bytes() for path in marked}
    assert pages == {path: path.read_bytes() for path in pages}


def test_the_rows_of_others_stay_when_one_is_graded(small):
    submit(small / "class", "bob", as_bytes(answered(small, **RIGHT)))
    assert "1 graded, 0 unchanged" in grade(small, "--student", "bob")
    assert {row["student_id"]: float(row["score"]) for row in rows(small, "grades.csv")} == in_gradebook(small)
    assert in_gradebook(small) == {"ann": 5, "bob": 5, "cho": 0}


@pytest.mark.parametrize("gone", ["gradebook.db", "autograded", "feedback", "state", "submitted", "course_secret"])
def test_results_that_were_deleted_are_made_again(small, gone):
    path = out(small) / gone
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    grade(small)
    assert in_gradebook(small) == {"ann": 5, "bob": 3, "cho": 0}
    assert len(rows(small, "grades.csv")) == 3 and page(small, "cho")


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"made_from": 3}'])
def test_a_damaged_note_of_what_was_graded_costs_a_second_grading_only(small, text):
    (out(small) / "state" / "ann" / f"{SLUG}.json").write_text(text)
    assert "1 graded, 2 unchanged" in grade(small)


def test_a_submission_that_is_withdrawn_leaves_no_copy_for_stock_nbgrader(small):
    (small / "class" / "ann" / SLUG / f"{SLUG}.ipynb").unlink()
    assert "1 graded, 2 unchanged" in grade(small)
    assert in_gradebook(small)["ann"] == 0
    assert not list((out(small) / "submitted" / "ann").rglob("*.ipynb"))


def test_a_release_that_changed_is_graded_again(small):
    path = small / "exercises" / SLUG / "reference.json"
    path.write_text(path.read_text() + "\n")
    assert "3 graded, 0 unchanged" in grade(small)


# ---------------------------------------------------------------- one sentence
def test_two_graders_do_not_write_to_one_folder(small, capsys):
    before = {path: path.stat().st_mtime_ns for path in out(small).rglob("*") if path.is_file()}
    submit(small / "class", "dan", as_bytes(released(small)))
    with (out(small) / LOCK).open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert "Another `autograder grade`" in told(small, capsys, "class")
        assert {path: path.stat().st_mtime_ns for path in out(small).rglob("*") if path.is_file()} == before
    grade(small)
    assert "dan" in in_gradebook(small)


def test_the_lock_goes_with_the_process_that_held_it(small):
    hold = f"from autograder.storage.locks import *; import os, signal\nwith alone_in(Path({str(out(small))!r})):\n"
    done = subprocess.run([sys.executable, "-c", hold + "    os.kill(os.getpid(), signal.SIGKILL)"], cwd=small)
    assert done.returncode == -9
    assert "0 graded, 3 unchanged" in grade(small)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda folder: None, "There is no folder"),
        (lambda folder: folder.write_text("x"), "is no folder"),
        (lambda folder: folder.mkdir(), "There are no submissions in"),
        (lambda folder: (folder / "ann" / "notes").mkdir(parents=True), "There are no submissions in"),
        (
            lambda folder: submit(folder.parent, "x", b"{}").rename(folder.parent / "a") and folder.mkdir(),
            "no submissions",
        ),
    ],
    ids=["missing", "file", "empty", "no assignment", "other layout"],
)
def test_a_folder_without_submissions_is_named(graded_once, tmp_path, capsys, make, sentence):
    make(tmp_path / "theirs")
    assert sentence in told(graded_once[0], capsys, str(tmp_path / "theirs"), "--out", str(tmp_path / "out"))


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["--student", "zoe"], "There are no submissions by zoe"),
        (["--student", "a*"], "There are no submissions by a*"),
        (["--assignment", "99_other"], f"There is no released assignment 99_other; there are: {SLUG}."),
    ],
)
def test_a_name_that_matches_nothing_is_told(graded_once, capsys, flags, sentence):
    assert sentence in told(graded_once[0], capsys, "class", *flags)


def test_a_place_that_is_no_folder_is_told(graded_once, tmp_path, capsys):
    (tmp_path / "file").write_text("mine")
    for place in ("file", "file/deeper"):
        assert "Results cannot be written to" in told(graded_once[0], capsys, "class", "--out", str(tmp_path / place))
    assert (tmp_path / "file").read_text() == "mine"


def test_a_gradebook_that_is_none_is_told(small, capsys):
    (out(small) / "gradebook.db").write_text("not a database at all, but long enough to look like one" * 20)
    assert "gradebook.db: file is not a database" in told(small, capsys, "class")


@pytest.mark.slow
def test_a_full_disk_is_told_and_costs_nothing_that_was_graded(small, tmp_path):
    for number in range(12):
        submit(small / "class", f"student {number}", as_bytes(answered(small, **RIGHT)))
    place = tmp_path / "small disk"
    place.mkdir()
    run = f'{sys.executable} -m autograder grade class --no-sandbox --out "{place}"'
    small_disk, large_disk = (f'mount -t tmpfs -o {what} none "{place}"' for what in ("size=400k", "remount,size=90m"))
    script = f'{small_disk} && {run}; echo "code $?"; {large_disk} && {run}'
    command = ["unshare", "--map-root-user", "--mount", "sh", "-c", script]
    done = subprocess.run(command, cwd=small, capture_output=True, text=True, timeout=LONG)
    if "mount" in done.stderr:
        pytest.skip("no file system can be mounted here")
    assert "code 2" in done.stdout and "Results cannot be written to" in done.stderr, done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.returncode == 0 and int(done.stdout.rsplit(" graded, ")[0].split()[-1]) < 15, done.stdout


# ---------------------------------------------------------------- the gradebook
def test_a_grader_that_dies_while_it_writes_scores_leaves_all_of_them_or_none(small, monkeypatch):
    submit(small / "class", "ann", as_bytes(answered(small, **{**RIGHT, "mean_rows": WRONG})))
    submit(small / "class", "dan", as_bytes(answered(small, **RIGHT)))

    def die(*given):
        write(*given)  # some rows are written, others are not
        raise KeyboardInterrupt

    write = score_rows.write_grades
    monkeypatch.setattr(score_rows, "write_grades", die)
    grade(small, "--jobs", "1", code=130)
    assert in_gradebook(small) == {"ann": 5, "bob": 3, "cho": 0}
    sound(small)
    monkeypatch.setattr(score_rows, "write_grades", write)
    assert "2 graded, 2 unchanged" in grade(small)
    assert in_gradebook(small) == {"ann": 3, "bob": 3, "cho": 0, "dan": 5}
    sound(small)


def test_a_submission_that_was_changed_back_after_a_crash_is_graded_again(small, monkeypatch):
    first = (small / "class" / "ann" / SLUG / f"{SLUG}.ipynb").read_bytes()
    submit(small / "class", "ann", as_bytes(answered(small, **{**RIGHT, "mean_rows": WRONG})))

    def die(*ignored):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Store, "write_page", die)
        grade(small, code=130)
    assert in_gradebook(small)["ann"] == WRONG_SUM
    submit(small / "class", "ann", first)
    assert "1 graded, 2 unchanged" in grade(small)
    assert in_gradebook(small)["ann"] == RIGHT_SUM


def test_a_learner_who_leaves_keeps_the_grade(small):
    shutil.rmtree(small / "class" / "bob")
    assert "0 graded, 2 unchanged" in grade(small)
    assert in_gradebook(small) == {row["student_id"]: float(row["score"]) for row in rows(small, "grades.csv")}
    assert in_gradebook(small)["bob"] == WRONG_SUM
    sound(small)


def test_one_submission_that_cannot_be_stored_stops_nobody_else(small, monkeypatch):
    write = Store.write_scores

    def fail(self, gradebook, result, *more):
        if result.student == "bob":
            raise RuntimeError("a mistake of ours")
        return write(self, gradebook, result, *more)

    monkeypatch.setattr(Store, "write_scores", fail)
    printed = grade(small, "--force", code=1)
    assert "2 graded" in printed and "bob, 90_fake: the grader failed (a mistake of ours)" in printed
    assert {row["student_id"]: row["status"] for row in rows(small, "grades.csv")}["bob"] == "no verdict"
    monkeypatch.setattr(Store, "write_scores", write)
    assert "1 graded, 2 unchanged" in grade(small)


def test_a_page_that_cannot_be_made_becomes_a_plain_one(small, failing_helpers):
    failing_helpers(bob="no page")
    grade(small, "--force", "--jobs", "1")
    assert "You averaged over the columns." in page(small, "bob") and "could not be made" in page(small, "bob")


def test_an_unfinished_gradebook_is_not_taken_for_one(tmp_path):
    root = make_course(tmp_path)
    submit(root / "class", "ann", as_bytes(answered(root, **RIGHT)))
    out(root).mkdir(parents=True, exist_ok=True)
    engine = create_engine(f"sqlite:///{out(root) / 'gradebook.db'}")
    Base.metadata.create_all(engine)  # as nbgrader's own commands leave it where `alembic` cannot be started
    engine.dispose()
    grade(root)
    assert in_gradebook(root) == {"ann": 5}
    with sqlite3.connect(out(root) / "gradebook.db") as gradebook:
        assert gradebook.execute("select count(*) from alembic_version").fetchone() == (1,)


def sound(root: Path) -> None:
    """Check that no row of the gradebook refers to nothing, and that every submission has all its scores."""
    with sqlite3.connect(out(root) / "gradebook.db") as gradebook:
        assert gradebook.execute("pragma integrity_check").fetchall() == [("ok",)]
        assert gradebook.execute("pragma foreign_key_check").fetchall() == []
        counts = gradebook.execute("select count(*) from grade group by notebook_id").fetchall()
        assert set(counts) == {(3,)}
        assert gradebook.execute("select count(*) from submitted_assignment").fetchone() == (len(counts),)


# ---------------------------------------------------------------- late submissions
def set_due(root: Path) -> None:
    """Make a submission of the last day of January an hour late."""
    (root / "class" / "ann" / SLUG / "timestamp.txt").write_text("2026-01-31 10:00:00 UTC")
    with Gradebook(f"sqlite:///{out(root) / 'gradebook.db'}", "attention") as gradebook:
        gradebook.update_or_create_assignment(SLUG, duedate="2026-01-31 09:00:00 UTC")


def late(root: Path) -> dict[str, float]:
    """Return how late each submission is."""
    return {row["student_id"]: float(row["seconds_late"]) for row in rows(root, "grades.csv")}


def trust(root: Path, yes: bool) -> None:
    """Set whether times in loose folders are believed."""
    (root / "_config.yml").write_text(f"title: fake\nattention:\n  trust_timestamps: {str(yes).lower()}\n")


def test_a_time_that_a_learner_could_have_written_is_not_believed(small):
    set_due(small)
    assert "0 graded, 3 unchanged" in grade(small)
    assert late(small)["ann"] == 0 and not list(out(small).rglob("timestamp.txt"))


def test_a_time_is_believed_where_the_instructor_says_so(small):
    set_due(small)
    trust(small, True)
    assert "1 graded, 2 unchanged" in grade(small)
    assert late(small) == {"ann": 3600, "bob": 0, "cho": 0}
    assert (out(small) / "submitted" / "ann" / SLUG / "timestamp.txt").read_text() == "2026-01-31 10:00:00 UTC"


def test_a_penalty_goes_when_the_submission_is_late_no_more(small, monkeypatch):
    from autograder.gradebook.late_penalty import LatePenalty

    monkeypatch.setattr(LatePenalty, "late_submission_penalty", lambda *ignored: 2.0)
    set_due(small)
    trust(small, True)
    grade(small)
    assert {row["student_id"]: float(row["score"]) for row in rows(small, "grades.csv")}["ann"] == RIGHT_SUM - 2
    trust(small, False)
    grade(small)
    assert {row["student_id"]: float(row["score"]) for row in rows(small, "grades.csv")}["ann"] == RIGHT_SUM


def test_in_nbgraders_own_folder_its_rule_holds(small):
    set_due(small)
    folder = out(small) / "submitted" / "ann" / SLUG
    shutil.copy(small / "class" / "ann" / SLUG / "timestamp.txt", folder)
    with chdir(small):
        assert main(["grade", str(out(small) / "submitted")]) == 0
    assert late(small)["ann"] == 3600 and (folder / "timestamp.txt").is_file()


def test_no_cell_of_a_table_is_a_formula(small):
    for name in ("=1+1", "+1", "-1", "@x", "\tx", "\rx", "plain"):
        submit(small / "class", name, as_bytes(released(small)))
    grade(small)
    with (out(small) / "grades.csv").open(encoding="utf-8", newline="") as file:
        names = {row["student_id"] for row in csv.DictReader(file)}
    assert {"'=1+1", "'+1", "'-1", "'@x", "\\tx", "\\rx", "plain"} <= names
    assert written(small, "=1+1")


def test_another_secret_or_no_sandbox_means_another_grading(small, monkeypatch):
    """Fresh cases are drawn from the secret, and without the sandbox a run sees another world."""
    assert "0 graded, 3 unchanged" in grade(small)
    assert "3 graded, 0 unchanged" in grade(small, "--no-sandbox")
    assert "3 graded, 0 unchanged" in grade(small)
    monkeypatch.setenv("ATTENTION_COURSE_SECRET", "another one, for this term")
    assert "3 graded, 0 unchanged" in grade(small)
    assert "0 graded, 3 unchanged" in grade(small)
    kept = b"".join(path.read_bytes() for path in (out(small) / "state").rglob("*.json"))
    assert kept and b"another one" not in kept


def test_nothing_of_what_is_written_is_held_any_longer(small, monkeypatch):
    """Else memory grows with the class: what failed is not held either."""
    seen, real, real_page = [], session.grade_all, Store.write_page

    def looked_at(class_, todo, desk, store):
        seen.extend(todo)
        return real(class_, todo, desk, store)

    def no_page_for_bob(store, slug, student, page):
        if student == "bob":
            raise RuntimeError("a page that cannot be written")
        return real_page(store, slug, student, page)

    monkeypatch.setattr(session, "grade_all", looked_at)
    monkeypatch.setattr(Store, "write_page", no_page_for_bob)
    grade(small, "--force", code=1)
    assert len(seen) == 3
    assert all((work.data, work.marked, work.points, work.page) == (None, None, {}, b"") for work in seen)
