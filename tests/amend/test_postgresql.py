"""Changing grades by decision with PostgreSQL as gradebook: the same changes, and the same grades, as in SQLite."""

from __future__ import annotations

import importlib.util
import json
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from autograder.gradebook.database import db_url
from autograder.gradebook.gradebook import alone_at, open_gradebook, read_gradebook
from tests.amend.conftest import SLUG, amend, log, results, rows, run
from tests.amend.test_people import FRIDAY, mend
from tests.grade import postgres

pytestmark = pytest.mark.skipif(
    postgres.programs() is None or importlib.util.find_spec("psycopg") is None, reason=postgres.NEEDS
)
VERBS = {
    "drop": ["drop", SLUG, "center", "--to", "nobody"],
    "points": ["points", SLUG, "center", "6"],
    "accept": ["accept", SLUG, "mean_rows", "--student", "bob", "--reason", "Right for rows."],
    "extend": ["extend", SLUG, "--student", "ann", "--until", FRIDAY],
    "attempt": ["attempt", SLUG, "--student", "ann", "--until", FRIDAY],
    "regrade": ["regrade", SLUG, "mean_rows"],
}


@pytest.fixture(scope="module")
def server():
    with postgres.server() as running:
        yield running


@pytest.fixture
def both(graded_once, server, tmp_path):
    """Return two courses of one class, one with SQLite and one with PostgreSQL, and the address of the second one's."""
    sqlite, other = (shutil.copytree(graded_once, tmp_path / name) for name in ("sqlite", "postgresql"))
    url = server.make(tmp_path.name)
    (results(other) / "gradebook.db").unlink()
    run(other, "grade", "--force", "--db", url)
    give_a_mark(sqlite, None), give_a_mark(other, url)
    return sqlite, other, url


def give_a_mark(root: Path, url: str | None) -> None:
    """Mark an answer by hand: a decision sets that aside, and gives it back."""
    with closing(open_gradebook(db_url(results(root), url))) as book:
        book.find_grade("center-gives_rows_and_spread", SLUG, SLUG, "cat").manual_score = 2.5
        book.db.commit()


def grades(root: Path, url: str | None) -> list[tuple]:
    """Return what a gradebook holds of every answer, of lateness and of more time."""
    with closing(read_gradebook(db_url(results(root), url))) as book:
        return sorted(
            (one.student_id, grade.name, grade.auto_score, str(grade.manual_score), grade.max_score)
            + (one.late_submission_penalty, str(one.extension))
            for one in book.assignment_submissions(SLUG)
            for grade in one.notebooks[0].grades
        )


@pytest.mark.parametrize("verb", VERBS)
def test_a_decision_changes_the_same_in_both_databases_and_is_taken_back(both, verb, capsys):
    sqlite, other, url = both
    told = []
    for root, flags in ((sqlite, []), (other, ["--db", url])):
        before = grades(root, url if flags else None)
        if verb == "regrade":
            mend(root, "return X.mean(axis=0)", "return X.mean(axis=1)")
        capsys.readouterr()
        amend(root, *VERBS[verb], *flags, "--json")
        plan = json.loads(capsys.readouterr().out)["plan"]
        after = grades(root, url if flags else None)
        told.append((plan["changes"], plan["unchanged"], plan["notes"], before, after, rows(root, "grades.csv")))
        assert before != after or verb == "attempt"
        if verb != "regrade":
            amend(root, "undo", "1", *flags)
            assert grades(root, url if flags else None) == before
    assert told[0] == told[1]


def test_nobody_else_writes_to_the_gradebook_meanwhile(both, tmp_path, capsys):
    _, other, url = both
    before = grades(other, url)
    with alone_at(db_url(Path(), url), tmp_path):
        amend(other, *VERBS["drop"], "--db", url, code=2)
    told = capsys.readouterr().err
    assert "is writing to postgresql://teacher@" in told and grades(other, url) == before and log(other) == []
