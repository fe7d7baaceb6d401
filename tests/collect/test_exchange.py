"""Work comes and feedback goes by nbgrader's exchange, with its own commands and ours."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import chdir
from pathlib import Path

import pytest
from nbgrader.auth import Authenticator
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange import default as exchange
from traitlets.config import Config

from autograder.cli import main
from autograder.gradebook.nbgrader_config import configure
from autograder.storage.exchange_secret import NAME
from tests.grade.fake_course import RIGHT, SLUG, answered, as_bytes, make_course

PAGE = f"{SLUG}.html"
Step = Callable[..., None]


@pytest.fixture(scope="module")
def course(tmp_path_factory) -> Path:
    """Return the root of a course."""
    return make_course(tmp_path_factory.mktemp("exchange") / "course")


@pytest.fixture
def results(course, tmp_path) -> Path:
    """Return the folder of results."""
    return tmp_path / "results"


@pytest.fixture
def step(course, results, tmp_path) -> Step:
    """Return what runs one step of nbgrader's exchange, as the instructor or, with a name, as a learner."""
    (tmp_path / "exchange").mkdir()
    os.chmod(tmp_path / "exchange", 0o777)

    def run(kind: type, student: str = "", **more: object) -> None:
        config = Config()
        if student:
            config.CourseDirectory.update(course_id="attention", student_id=student)
            config.Exchange.update(cache=str(tmp_path / student / "cache"), assignment_dir=str(tmp_path / student))
        else:
            configure(config, course, results)
        config.Exchange.root, config.CourseDirectory.assignment_id = str(tmp_path / "exchange"), SLUG
        directory = CourseDirectory(config=config)
        about = {} if kind is GenerateFeedback else {"authenticator": Authenticator(config=config)}
        kind(coursedir=directory, config=config, **about, **more).start()

    return run


def hand_in(step: Step, home: Path, data: bytes) -> None:
    """Fetch the exercise, write a notebook in its place, and hand that in."""
    home.mkdir(exist_ok=True)
    if not (home / SLUG).exists():
        step(exchange.ExchangeFetchAssignment, home.name)
    (home / SLUG / f"{SLUG}.ipynb").write_bytes(data)
    step(exchange.ExchangeSubmit, home.name)


def fetched(step: Step, home: Path) -> list[bytes]:
    """Return the pages that a learner gets back."""
    step(exchange.ExchangeFetchFeedback, home.name)
    return [path.read_bytes() for path in (home / SLUG / "feedback").glob(f"*/{PAGE}")]


@pytest.mark.parametrize("by", ["autograder", "nbgrader"])
def test_feedback_goes_back_to_whoever_handed_in(course, results, step, tmp_path, by):
    ann, bob = tmp_path / "ann", tmp_path / "bob"
    step(exchange.ExchangeReleaseAssignment)
    hand_in(step, bob, as_bytes(answered(course)))
    hand_in(step, ann, as_bytes(answered(course, mean_rows=RIGHT["mean_rows"])))
    hand_in(step, ann, as_bytes(answered(course, **RIGHT)))
    if by == "nbgrader":
        step(exchange.ExchangeCollect)
    with chdir(course):
        if by == "autograder":
            inbound = tmp_path / "exchange" / "attention" / "inbound"
            assert main(["collect", str(inbound), "--out", str(results / "submitted")]) == 0
        assert main(["grade", "--out", str(results)]) == 0
    made = [(results / "feedback" / one.name / SLUG / PAGE).read_bytes() for one in (ann, bob)]
    assert b"Score: 5.0 / 7.0" in made[0] and b"Score: 0.0 / 7.0" in made[1]
    step(exchange.ExchangeReleaseFeedback)
    assert [fetched(step, one) for one in (ann, bob)] == [[made[0]], [made[1]]]
    step(GenerateFeedback)  # after marking, by nbgrader's own command
    step(exchange.ExchangeReleaseFeedback)
    (page,) = fetched(step, ann)
    assert b"Score: 5.0 / 7.0" in page and b"Rows, not columns." not in page


def test_a_secret_that_does_not_belong_to_the_work_is_not_kept(course, results, tmp_path):
    def put(name: str, data: bytes, *beside: str) -> Path:
        folder = tmp_path / name / "ann" / SLUG
        folder.mkdir(parents=True)
        (folder / f"{SLUG}.ipynb").write_bytes(data)
        for one in beside:
            (folder / one).write_text("ab12")
        return tmp_path / name

    both = [put("exchange", as_bytes(answered(course)), NAME), put("moodle", as_bytes(answered(course, **RIGHT)))]
    found = []
    for folder in both:
        with chdir(course):
            assert main(["grade", str(folder), "--out", str(results)]) == 0
        found.append(sorted(path.parents[2].name for path in results.rglob(NAME)))
    assert found == [["autograded", "feedback", "submitted"], []]


@pytest.mark.parametrize("account", ["Ann@example.org", "ann", "4711"])
def test_accounts_of_a_hub_behind_lti_are_found_in_the_list(course, tmp_path, account, capsys):
    (tmp_path / "roster.csv").write_text("student_id,name,email,username\ns001,Ann Lee,ann@example.org,4711\n")
    place = tmp_path / "inbound" / f"{account}+{SLUG}+2026-12-01 10:00:00.000000 UTC+aGFzaA"
    place.mkdir(parents=True)
    (place / f"{SLUG}.ipynb").write_bytes(as_bytes(answered(course, **RIGHT)))
    where = ["--roster", str(tmp_path / "roster.csv"), "--out", str(tmp_path / "submitted")]
    with chdir(course):
        main(["collect", str(tmp_path / "inbound"), *where])
    assert [path.parent.parent.name for path in (tmp_path / "submitted").rglob("*.ipynb")] == ["s001"]
