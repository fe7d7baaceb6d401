"""One course and one set of warm processes for all tests of grading."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from autograder.course.assignment import Trusted, load_trusted
from autograder.grade.helper import client
from autograder.grade.helper.nursery import Nursery
from autograder.grade.judge.judge import Verdict
from autograder.grade.pipeline import Grader, rebuilt, run_and_judge
from autograder.grade.run.fork_client import Pool
from autograder.grade.sandbox.limits import Limits
from autograder.grade.sandbox.time_limits import Times
from autograder.gradebook.scores import scores_of
from autograder.gradebook.store import Result
from tests.grade import fake_course


def result_of(notebook: nbformat.NotebookNode, slug: str, student: str) -> Result:
    """Return what the class driver keeps of a marked notebook."""
    data = nbformat.writes(notebook, version=4).encode()
    return Result(slug, student, None, scores_of(notebook), data)


@pytest.fixture
def failing_helpers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Return a function that makes helpers fail on students' submissions, so often; see failing_helper.py."""
    tickets = tmp_path / "tickets"
    tickets.mkdir()
    nursery = Nursery(("-P", str(Path(__file__).with_name("failing_helper.py"))))

    def fail(times: int = 1000, **for_students: str) -> None:
        for number in range(times):
            (tickets / str(number)).touch()
        monkeypatch.setenv("TICKETS", str(tickets))
        monkeypatch.setenv("FAILS_FOR", json.dumps(for_students))
        monkeypatch.setattr(client, "NURSERY", nursery)

    yield fail
    nursery.stop()


@pytest.fixture(scope="session")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the root of the fake course; tests write nothing into it."""
    return fake_course.make_course(tmp_path_factory.mktemp("course"))


@pytest.fixture(scope="session")
def trusted(course: Path) -> Trusted:
    """Return the trusted side of the fake chapter."""
    return load_trusted(course, fake_course.SLUG)


@pytest.fixture(scope="session")
def pool():
    """Return warm processes shared by all tests."""
    with Pool() as made:
        yield made


@pytest.fixture(scope="session")
def grade(course: Path, trusted: Trusted, pool: Pool) -> Callable[..., dict[str, Verdict]]:
    """Return a function that grades answers, or a whole notebook, and gives the verdict on each check."""
    grader = Grader(pool, b"secret of the tests", Limits(memory=512 << 20), Times(step=3.0, total=30.0))

    def run(
        notebook: nbformat.NotebookNode | bytes | None = None, times: Times = grader.times, **answers: str
    ) -> dict[str, Verdict]:
        notebook = notebook or fake_course.answered(course, **{**fake_course.RIGHT, **answers})
        data = notebook if isinstance(notebook, bytes) else fake_course.as_bytes(notebook)
        run.notebook = rebuilt(trusted, data)
        judged = run_and_judge(run.notebook, trusted, "ann", replace(grader, times=times))
        return {verdict.check: verdict for verdict in judged}

    return run
