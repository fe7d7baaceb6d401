"""PostgreSQL as gradebook: the same grades as in SQLite, and nothing lost or doubled whatever happens."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import text

from autograder.errors import UserError
from autograder.gradebook.database import VARIABLE, db_url, shown
from autograder.gradebook.gradebook import alone_at, open_gradebook, read_gradebook
from autograder.gradebook.store import Store
from autograder.storage.safe_text import readable
from tests.grade import postgres
from tests.grade.fake_course import RIGHT, SLUG, answered, as_bytes, make_course, submit
from tests.grade.test_course import SCORES, grade, rows, write_class

pytestmark = pytest.mark.skipif(
    postgres.programs() is None or importlib.util.find_spec("psycopg") is None, reason=postgres.NEEDS
)
SECRET = "the same for both"
KILLED = """
import os, signal, sys
from autograder.cli import main
from autograder.gradebook.store import Store

def killed(store, gradebook, result, *rest):
    saved = write(store, gradebook, result, *rest)
    if result.student == "dan":
        os.kill(os.getpid(), signal.SIGKILL)
    return saved

write, Store.write_scores = Store.write_scores, killed
main(["grade", "class", "--jobs", "1"])
"""


@pytest.fixture(scope="module")
def server():
    with postgres.server() as running:
        yield running


@pytest.fixture(scope="module")
def both(server, tmp_path_factory):
    """Grade one class into SQLite and into PostgreSQL; return the two courses and the second one's address."""
    courses = [make_course(tmp_path_factory.mktemp(name)) for name in ("sqlite", "postgresql")]
    url = server.make("class")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ATTENTION_COURSE_SECRET", SECRET)
        for course, flags in zip(courses, ([], ["--db", url]), strict=True):
            write_class(course)
            printed = grade(course, *flags)
            assert server.password not in printed
    return *courses, url


@pytest.fixture
def small(server, tmp_path, request, monkeypatch):
    """Return a course with two submissions, and a database of its own for its gradebook."""
    root = make_course(tmp_path / "course")
    for student in ("ann", "bob"):
        submit(root / "class", student, as_bytes(answered(root, **RIGHT)))
    monkeypatch.setenv(VARIABLE, server.make(request.node.name[:60]))
    return root


def scores(url: str | None = None) -> dict[str, tuple]:
    """Return what the gradebook holds on each submission, by a query of our own."""
    query = """
        SELECT sa.student_id, SUM(COALESCE(g.manual_score, g.auto_score, 0)), COUNT(*)
        FROM submitted_assignment sa
        JOIN submitted_notebook sn ON sn.assignment_id = sa.id
        JOIN grade g ON g.notebook_id = sn.id
        GROUP BY sa.student_id
    """
    with closing(open_gradebook(db_url(Path(), url))) as gradebook:
        return {student: (score, count) for student, score, count in gradebook.db.execute(text(query))}


def test_both_databases_hold_the_same(both):
    sqlite, postgresql, url = both
    assert not (postgresql / "_build" / "grading" / "gradebook.db").exists()
    for name in ("grades.csv", "checks.csv"):
        assert rows(sqlite, name) == rows(postgresql, name)
    in_file = f"sqlite:///{sqlite / '_build' / 'grading' / 'gradebook.db'}"
    assert scores(url) == scores(in_file)
    assert {student: score for student, (score, _) in scores(url).items()} == SCORES


def test_a_second_run_changes_nothing(both, monkeypatch):
    monkeypatch.setenv("ATTENTION_COURSE_SECRET", SECRET)
    before = scores(both[2]), rows(both[1], "grades.csv")
    assert f"0 graded, {len(SCORES)} unchanged" in grade(both[1], "--db", both[2])
    assert (scores(both[2]), rows(both[1], "grades.csv")) == before


@pytest.mark.slow
def test_stock_nbgrader_exports_and_grades_in_the_same_gradebook(both):
    course, url, nbgrader = both[1], both[2], Path(sys.executable).with_name("nbgrader")
    before = scores(url)
    for command in (["export", "--to", "stock.csv"], ["autograde", SLUG, "--student", "wrong", "--force"]):
        environment = {"PATH": "/usr/bin", "PYTHONPATH": os.environ.get("PYTHONPATH", ""), VARIABLE: url}
        done = subprocess.run([nbgrader, *command], cwd=course, capture_output=True, text=True, env=environment)
        assert done.returncode == 0, done.stderr
    lines = (course / "stock.csv").read_text().splitlines()
    assert sorted(float(line.split(",")[-2]) for line in lines[1:]) == sorted(SCORES.values())
    assert scores(url) == before


def test_a_score_given_by_hand_stays(small):
    grade(small)
    with closing(open_gradebook(db_url(Path()))) as gradebook:
        gradebook.find_grade("written-why", SLUG, SLUG, "ann").manual_score = 1.5
        gradebook.db.commit()
    grade(small, "--force")
    assert scores() == {"ann": (6.5, 3), "bob": (5.0, 3)}


def test_a_grader_killed_while_it_writes_leaves_whole_submissions_only(small):
    for student in ("dan", "eve"):
        submit(small / "class", student, as_bytes(answered(small, **RIGHT)))
    done = subprocess.run([sys.executable, "-c", KILLED], cwd=small, capture_output=True, env={**os.environ})
    assert done.returncode == -signal.SIGKILL
    assert scores() == {"ann": (5.0, 3), "bob": (5.0, 3)}
    assert "2 graded, 2 unchanged" in grade(small)
    assert scores() == dict.fromkeys(["ann", "bob", "dan", "eve"], (5.0, 3))


def test_only_one_grader_at_a_time_writes_to_a_gradebook(small, tmp_path, capsys):
    url = db_url(Path())
    with alone_at(url, tmp_path):
        grade(small, "--out", "other", code=2)
    assert "Another `autograder grade` is writing to postgresql://teacher@" in capsys.readouterr().err
    grade(small, "--out", "other")


def test_a_file_gradebook_for_two_folders_is_locked_too(small, tmp_path, capsys):
    url = db_url(Path(), f"sqlite:///{tmp_path}/shared.db")
    with alone_at(url, small):
        grade(small, "--db", url, code=2)
    assert "Another `autograder grade`" in capsys.readouterr().err


def test_several_processes_may_open_a_new_gradebook_at_once(server):
    url, failed = db_url(Path(), server.make("new")), []

    def opened() -> None:
        try:
            open_gradebook(url).close()
        except Exception as error:
            failed.append(error)

    threads = [Thread(target=opened) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with closing(read_gradebook(url)) as gradebook:
        assert gradebook.db.execute(text("SELECT COUNT(*) FROM alembic_version")).scalar() == 1


def test_a_gradebook_is_made_whole_or_not_at_all(server, monkeypatch):
    def stopped() -> str:
        raise KeyboardInterrupt

    url = db_url(Path(), server.make("half"))
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("autograder.gradebook.gradebook.newest_schema", stopped)
        open_gradebook(url)
    with pytest.raises(UserError, match="There is no gradebook"):
        read_gradebook(url)
    open_gradebook(url).close()
    read_gradebook(url).close()


def test_what_the_database_does_not_take_stops_nobody_else(small, monkeypatch):
    """An id is cut to what the column holds; here it is not, as with a column that somebody has made shorter."""
    submit(small / "class", "zoe", as_bytes(answered(small, **RIGHT)))
    write = Store.write_scores

    def too_long(store, gradebook, result, *rest):
        long = replace(result, student="x" * 150) if result.student == "zoe" else result
        return write(store, gradebook, long, *rest)

    monkeypatch.setattr(Store, "write_scores", too_long)
    assert "the gradebook does not take it" in " ".join(grade(small, code=1).split())
    assert scores() == {"ann": (5.0, 3), "bob": (5.0, 3)}


def test_a_server_that_goes_away_is_told_and_what_was_graded_stays(server, small, capsys, monkeypatch):
    def cut_off(store, gradebook, result, *rest):
        if result.student == "bob":
            name = db_url(Path()).split("?")[0].rsplit("/", 1)[1]
            server.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        return write(store, gradebook, result, *rest)

    write = Store.write_scores
    monkeypatch.setattr(Store, "write_scores", cut_off)
    grade(small, "--jobs", "1", code=2)
    error = capsys.readouterr().err
    assert "cannot be written" in error and "What was graded is kept" in error and server.password not in error
    assert scores() == {"ann": (5.0, 3)}
    monkeypatch.setattr(Store, "write_scores", write)
    printed = grade(small)  # Ann once more, where her page was not there yet
    assert "1 graded, 1 unchanged" in printed or "2 graded, 0 unchanged" in printed
    assert scores() == {"ann": (5.0, 3), "bob": (5.0, 3)}


def test_nothing_graded_yet_is_told(server):
    with pytest.raises(UserError, match="There is no gradebook in postgresql://teacher@/empty yet"):
        read_gradebook(db_url(Path(), server.make("empty")))


@pytest.mark.parametrize(
    ("database", "password", "sentence"),
    [
        ("nowhere", None, "The server has no database nowhere; make it first"),
        ("postgres", "wrong", "does not let you in (password authentication failed"),
    ],
)
def test_what_the_server_refuses_is_said_in_a_sentence(server, database, password, sentence):
    with pytest.raises(UserError) as told:
        open_gradebook(db_url(Path(), server.url(database, password)))
    assert sentence in str(told.value)
    assert server.password not in str(told.value) and "\n" not in str(told.value)


def test_a_password_is_never_shown(server):
    assert shown(db_url(Path(), server.url("class"))) == "postgresql://teacher@/class"


def test_hostile_names_are_rows_in_it_too(small):
    """The column of ids holds 128 letters and no lone halves of letters; SQLite would take anything."""
    right = as_bytes(answered(small, **RIGHT))
    names = ["x" * 200, "가" * 80, b"\xff".decode("utf-8", "surrogateescape") * 100, "a\x1b[2J;=1+1", "ann\u200b"]
    for name in names:
        submit(small / "class", name, right)
    grade(small)
    assert set(scores()) == {"ann", "bob", *map(readable, names)} and set(scores().values()) == {(5.0, 3)}
