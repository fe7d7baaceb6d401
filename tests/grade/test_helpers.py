"""What reads a submission may die: its row says so, a person waits, and neighbours are as they were, bit for bit."""

from __future__ import annotations

import os
import re
import signal
import socket
import struct
import threading
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace

import nbformat
import pytest
from rich.console import Console

from autograder.grade import session
from autograder.grade.feedback import clean_html
from autograder.grade.feedback.exporter import FeedbackExporter
from autograder.grade.helper import client, messages
from autograder.grade.helper.asking import Allowance, Beyond, Helper
from autograder.grade.helper.client import Helpers
from autograder.grade.helper.messages import Message
from autograder.grade.helper.on_worker import answered as answered_by
from autograder.grade.helper.workers import Workers
from autograder.grade.intake import python_source, read_notebook, rebuild
from autograder.grade.judge import judge
from autograder.grade.run.protocol import BorderError
from autograder.grade.settings import Settings
from tests.grade.fake_course import RIGHT, SLUG, answered, as_bytes, make_course, submit
from tests.grade.test_course import grade, in_gradebook, page, rows
from tests.waiting import is_gone, wait_for

LITTLE = Allowance(memory=200 << 20, processor=3.0)
WAYS = {
    "marking dies": "twice the process that reads it ended before it was done",
    "marking loops": "within 3 s of processor time",
    "marking eats": "within 200 MB of memory",
}


def files_of(root, student: str) -> dict[str, bytes]:
    """Return what grading wrote of one student."""
    results = root / "_build" / "grading"
    return {
        str(path.relative_to(results)): path.read_bytes()
        for step in ("autograded", "feedback")
        for path in (results / step / student).rglob("*.*")
    }


@pytest.fixture(scope="module")
def before(tmp_path_factory):
    """Return a course of five, graded while nothing fails, and what came of each."""
    root = make_course(tmp_path_factory.mktemp("before") / "course")
    for student in ("ann", "bob", "cho", "dan", "eve"):
        submit(root / "class", student, as_bytes(answered(root, **RIGHT)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ATTENTION_COURSE_SECRET", "the same")
        grade(root, "--jobs", "2")
    return root, {student: files_of(root, student) for student in ("ann", "bob", "cho", "dan", "eve")}


def test_a_helper_that_dies_loops_or_eats_memory_costs_nobody_else_anything(
    before, monkeypatch, failing_helpers, tmp_path
):
    root, was = before
    monkeypatch.setenv("ATTENTION_COURSE_SECRET", "the same")
    monkeypatch.setattr(client, "ALLOWED", LITTLE)
    failing_helpers(**dict(zip(("ann", "dan", "eve"), WAYS, strict=True)))
    said = " ".join(grade(root, "--force", "--jobs", "2").split())
    assert [files_of(root, name) for name in ("bob", "cho")] == [was["bob"], was["cho"]]
    by_student = {row["student_id"]: row for row in rows(root, "grades.csv")}
    assert {name: float(row["score"]) for name, row in by_student.items()} == {
        **dict.fromkeys(by_student, 0),
        "bob": 5,
        "cho": 5,
    }
    diagnoses = {row["student_id"]: row["diagnosis"] for row in rows(root, "checks.csv")}
    for student, (way, sentence) in zip(("ann", "dan", "eve"), WAYS.items(), strict=True):
        assert sentence in diagnoses[student] and sentence in page(root, student) and f"{student}, {SLUG}" in said, way
        waits = way != "marking dies"  # nobody knows why: it is tried again
        assert (by_student[student]["status"] == "waits for a person") == waits, way
        assert ("A person has to look at it." in diagnoses[student]) == waits, way
    again = grade(root)
    assert "1 graded, 4 unchanged" in again and in_gradebook(root)["ann"] == 0  # it dies still
    for path in (tmp_path / "tickets").iterdir():
        path.unlink()
    grade(root, "--force")
    assert {student: files_of(root, student) for student in was} == was
    assert set(in_gradebook(root).values()) == {5}


@pytest.mark.parametrize("moment", ["marking", "showing"])
def test_a_helper_that_dies_once_costs_nothing(before, monkeypatch, failing_helpers, moment):
    root, was = before
    monkeypatch.setenv("ATTENTION_COURSE_SECRET", "the same")
    failing_helpers(bob=f"{moment} dies", times=1)
    grade(root, "--force", "--jobs", "1")
    assert {student: files_of(root, student) for student in was} == was


def test_where_the_page_is_too_much_for_a_helper_there_is_a_plain_one(before, monkeypatch, failing_helpers):
    root, was = before
    monkeypatch.setenv("ATTENTION_COURSE_SECRET", "the same")
    monkeypatch.setattr(client, "ALLOWED", LITTLE)
    failing_helpers(bob="showing eats")
    grade(root, "--force", "--jobs", "1")
    assert "could not be made" in page(root, "bob") and "Right." in page(root, "bob")
    assert in_gradebook(root)["bob"] == 5
    assert {**files_of(root, "bob"), f"feedback/bob/{SLUG}/{SLUG}.html": b""} == {
        **was["bob"],
        f"feedback/bob/{SLUG}/{SLUG}.html": b"",
    }


def test_a_mistake_of_ours_is_told_with_its_place(before, monkeypatch, failing_helpers):
    root, _ = before
    failing_helpers(bob="marking mistaken", times=1)
    said = grade(root, "--force", "--jobs", "1", "--student", "bob", code=1)
    assert "the grader failed (a mistake of ours)" in " ".join(said.split())
    assert 'raise RuntimeError("a mistake of ours")' in (root / "_build" / "grading" / "errors.log").read_text()
    grade(root)
    assert in_gradebook(root)["bob"] == 5


# ---------------------------------------------------------------- one helper
def test_a_helper_that_hangs_is_left_and_the_submission_tried_again_another_time():
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(Beyond, match=r"within 0\.3 s on the clock") as told:
        Helper(ours, Allowance(clock=0.3)).ask(b"", None)
    assert told.value.again
    asked = []

    def ask(request):
        asked.append(messages.opened(request))
        if len(asked) == 1:
            raise told.value
        return b"done"

    request = Message({"ask": "mark"}, {"data": b"a notebook", "course/key.py": b""}).as_bytes()
    assert answered_by(request, SimpleNamespace(ask=ask)) == b"done"
    assert (
        asked[1].head["again"] and asked[1].head["why"] == str(told.value) and list(asked[1].parts) == ["course/key.py"]
    )


@contextmanager
def helpers_with(runs):
    """Give helpers whose runs are started here."""
    helpers = Helpers(runs)
    yield helpers
    helpers.close()


def test_a_killed_helper_takes_its_run_along(pool):
    request = Message({"ask": "mark"}).as_bytes()
    with helpers_with(pool) as helpers:
        helper = helpers.take()
        os.kill(helper.pid, signal.SIGSTOP)  # else it reads what it has not asked for, and ends by itself
        helper.start_run({"flavour": "numpy", "limits": {}}, pool)
        run = helper.run.pid
        os.kill(helper.pid, signal.SIGKILL)
        with pytest.raises((EOFError, OSError)):
            helper.ask(request, pool)
        helpers.end(helper)
        wait_for(lambda: is_gone(run), "the run to end")


BEYOND = {
    "JSON": struct.pack(">I", 1 << 31),
    "an answer": struct.pack(">I", 13) + b'{"arrays": 1}' + struct.pack(">Q", messages.MOST_BYTES + 1),
    "answers": struct.pack(">I", 13) + b'{"arrays": 9}',
    "no JSON": struct.pack(">I", 4) + b"\x80\x04N.",
}


@pytest.mark.parametrize("what", BEYOND)
def test_no_answer_is_read_that_is_larger_than_allowed_or_no_answer(what):
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(BorderError):
        theirs.sendall(BEYOND[what])
        Helper(ours, Allowance()).receive()


# ---------------------------------------------------------------- texts that once stopped a class
LONG = {"two": (2, 3000), "six": (6, 10_000), "as it was": (15, 99_990)}  # cells, and lines of each
OPEN = "".join(f"<b title={i}>" for i in range(98))
GROWS = f"<p>{OPEN}" + "<p>x" * 4000
DEEP = "</p>" * 300 + "<b>" * 4300


def with_long_cells(root, size: str) -> bytes:
    """Return right answers before cells of very many lines, the first of which ends Python."""
    notebook, (count, lines) = answered(root, **RIGHT), LONG[size]
    cells = ["x\n" * lines + "import os\nos._exit(0)", *["x\n" * lines] * (count - 1)]
    notebook.cells += [nbformat.v4.new_code_cell(text) for text in cells]
    return as_bytes(notebook)


def with_growing_html(root) -> bytes:
    """Return a right answer with HTML that grows, in prose and shown by a cell."""
    notebook = answered(root, **RIGHT)
    shows = "from IPython.display import HTML, display\ndisplay(HTML({!r}))".format
    notebook.cells += [nbformat.v4.new_markdown_cell(text) for text in (GROWS, DEEP)]
    notebook.cells += [nbformat.v4.new_code_cell(shows(text)) for text in (GROWS, DEEP)]
    return as_bytes(notebook)


def hand_in(root, size: str) -> None:
    """Write the class: two of whom each would stop it, and a neighbour."""
    submit(root / "class", "long", with_long_cells(root, size))
    submit(root / "class", "grows", with_growing_html(root))
    submit(root / "class", "right", as_bytes(answered(root, **RIGHT)))


READERS = (  # all that reads what a learner wrote, or what became of it
    (read_notebook, "read_submission"),
    (python_source, "parse"),
    (rebuild, "rebuild"),
    (judge, "judge"),
    (clean_html, "cleaned"),
    (FeedbackExporter, "from_notebook_node"),
)


@pytest.mark.parametrize("size", ["two", "as it was"])
def test_nothing_that_a_learner_wrote_is_read_in_the_driver(tmp_path, monkeypatch, size):
    def reads(*ignored, **more):
        raise AssertionError("this is read by the driver")

    root = make_course(tmp_path)
    hand_in(root, size)
    for module, name in READERS:
        monkeypatch.setattr(module, name, reads)
    grade(root)
    assert in_gradebook(root) == {"long": 5, "grows": 5, "right": 5}
    assert "averages over rows" not in page(root, "long") and len(page(root, "grows")) < 1_000_000


def test_where_the_limits_on_texts_fail_those_of_the_helper_hold(tmp_path, monkeypatch, failing_helpers):
    root = make_course(tmp_path / "course")
    hand_in(root, "six")
    monkeypatch.setattr(client, "ALLOWED", replace(LITTLE, processor=1.5))
    failing_helpers(all="without limits")
    grade(root, "--jobs", "1")
    assert in_gradebook(root) == {"long": 0, "grows": 5, "right": 5}
    found = {row["student_id"]: row for row in rows(root, "checks.csv")}
    assert re.search(
        r"could not be read within (1.5 s of processor time|200 MB of memory)\.", found["long"]["diagnosis"]
    )
    assert len(page(root, "grows")) < 1_000_000  # by the limit on what was made


class Nobody(Workers):
    """Workers that answer nothing."""

    def answer(self, request: bytes) -> Message:
        """Fail."""
        raise ValueError("nobody is there")


def test_the_course_is_read_once_and_before_the_threads_begin(course, tmp_path, monkeypatch):
    for number in range(6):
        submit(tmp_path / "class", f"s{number}", as_bytes(answered(course, **RIGHT)))
    readers = []
    monkeypatch.setattr(session, "course_files", lambda *course: readers.append(threading.current_thread()) or {})
    settings = Settings(course_root=course, submissions=tmp_path / "class", out=tmp_path / "out")
    assert len(session.grade_class(settings, Console(quiet=True), Nobody(4)).problems) == 1  # of all six
    assert readers == [threading.main_thread()]
