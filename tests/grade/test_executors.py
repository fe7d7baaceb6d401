"""Grading on the workers of a Dask scheduler: a real one, with real workers, on this machine's own address."""

from __future__ import annotations

import builtins
import csv
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import Future
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from autograder.cli import main
from autograder.course.assignment import course_files
from autograder.errors import UserError
from autograder.grade.helper import dask_pool as pools
from autograder.grade.helper.dask_pool import DaskPool
from autograder.grade.helper.marking import trusted_side
from autograder.grade.helper.messages import Message, opened, to_mark
from autograder.grade.helper.on_worker import answer_on_worker
from autograder.grade.helper.on_worker import answered as answered_by
from autograder.grade.helper.workers import LocalWorkers
from autograder.grade.run.versions import version_differences, versions
from autograder.grade.sandbox.limits import Limits
from autograder.grade.sandbox.time_limits import Times
from tests.grade.fake_course import RIGHT, SLUG, answered, as_bytes, make_course, released, submit
from tests.waiting import LONG, free_port, stop, wait_for, wait_for_program

DaskClient = pytest.importorskip("distributed").Client

PICTURE = "\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\nprint('1/3 =', 1 / 3)"
ANSWERS = {
    "ann": RIGHT,
    "bob": {**RIGHT, "mean_rows": "def mean_rows(X):\n    return X.mean(axis=1)"},
    "cho": {**RIGHT, "center": "import os\nos._exit(3)"},
    "dan": {**RIGHT, "center": "def center(X, scale):\n    raise ValueError('no' * 10)"},
    "eve": {**RIGHT, "mean_rows": RIGHT["mean_rows"] + PICTURE},
    "fox": {},
}
HELD = """
import functools, os, time
from autograder.grade.run import fork_client
start_run = getattr(fork_client.Pool.start_run, "__wrapped__", fork_client.Pool.start_run)  # Dask loads this file twice
tickets = {folder!r}

@functools.wraps(start_run)
def held(*given, **more):
    run = start_run(*given, **more)
    for number in range(1000):
        try:
            ticket = os.open(f"{{tickets}}/{{number}}", os.O_CREAT | os.O_EXCL)
            break
        except FileExistsError:
            continue
    if number == {number}:
        with open(f"{{tickets}}/held.new", "w") as file:
            file.write(str(os.getpid()))
        os.rename(f"{{tickets}}/held.new", f"{{tickets}}/held")
        while os.path.exists(f"{{tickets}}/held"):
            time.sleep(0.05)
    return run

fork_client.Pool.start_run = held
"""


# ---------------------------------------------------------------- a scheduler and workers
@pytest.fixture(scope="module", autouse=True)
def patient():
    """Give schedulers and workers that are there all the time they need; what is not there is waited for briefly."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("CONNECT_SECONDS", "ANSWER_SECONDS", "WORKER_SECONDS"):
            patch.setattr(pools, name, LONG)
        yield


def start(*arguments: str, **environment: str) -> subprocess.Popen:
    """Start a part of Dask."""
    return subprocess.Popen(
        [sys.executable, "-m", *arguments],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def start_worker(address: str, *more: str) -> subprocess.Popen:
    """Start a worker without a nanny, so that a killed one stays away."""
    flags = ["--no-nanny", "--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1", "--memory-limit", "0"]
    return start("distributed.cli.dask_worker", address, *flags, *more)


def start_scheduler(**environment: str) -> tuple[subprocess.Popen, str]:
    """Start a scheduler and wait until it listens."""
    with tempfile.TemporaryDirectory() as folder:
        told = Path(folder) / "scheduler.json"
        flags = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(told)]
        process = start("distributed.cli.dask_scheduler", *flags, **environment)
        return process, wait_for_program(process, lambda: address_in(told), "the scheduler to write where it listens")


def address_in(path: Path) -> str:
    """Return the address in the file that a scheduler writes; nothing while it is not there, or not whole."""
    with suppress(OSError, ValueError):
        return json.loads(path.read_text())["address"]
    return ""


@contextmanager
def ended(*processes: subprocess.Popen):
    """End processes when the block is over."""
    try:
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            stop(process, signal.SIGTERM)


def held_worker(address: str, folder: Path, number: int) -> subprocess.Popen:
    """Start a worker; of all such workers, the one that starts this run, counted from 0, does not go on with it.

    It writes its process id into `held` first, and goes on once that file is gone.
    """
    folder.mkdir(exist_ok=True)
    preload = folder / f"hold_{number}.py"
    preload.write_text(HELD.format(folder=str(folder), number=number))
    return start_worker(address, "--preload", str(preload))


def wait_for_held(folder: Path) -> int:
    """Wait until a worker holds its run, and return the worker's process id."""
    held = folder / "held"
    wait_for(held.exists, "a worker to be in the middle of a run")
    return int(held.read_text())


@contextmanager
def meanwhile(action, *given):
    """Do something in another thread while the block runs; where the block fails, nothing is waited for any more."""
    done = Future()

    def act() -> None:
        try:
            done.set_result(action(*given))
        except BaseException as error:
            done.set_exception(error)

    threading.Thread(target=act, daemon=True).start()
    yield
    done.result()


@pytest.fixture(scope="module")
def address():
    """Return the address of a scheduler with two workers."""
    scheduler, found = start_scheduler()
    with ended(scheduler), ended(start_worker(found), start_worker(found)):
        yield found


@pytest.fixture(scope="module")
def dask_pool(address):
    """Return the pool of its workers."""
    with closing(DaskPool(address)) as pool:
        pool.client.wait_for_workers(2, timeout=LONG)
        yield pool


def request_for(course, times: Times | None = None, **answers: str) -> bytes:
    """Return the request to mark a submission with these answers."""
    data = as_bytes(answered(course, **{**RIGHT, **answers}))
    return to_mark(SLUG, "eve", data, "", course_files(course, SLUG), b"secret", Limits(), times or Times(), True)


# ---------------------------------------------------------------- what travels
def test_what_is_asked_arrives_as_it_was_sent(course):
    request = opened(request_for(course, times=Times(1.5, 7.0)))
    assert request.head["student"] == "eve" and Times(**request.head["times"]) == Times(1.5, 7.0)
    assert Limits(**request.head["limits"]) == Limits()
    assert trusted_side(SLUG, request.parts).public.keys() == {"mean_rows", "center"}
    assert not [name for name in request.parts if name.startswith("/") or ".." in name]
    assert opened(Message(request.head, request.parts).as_bytes()) == request


def test_a_worker_answers_the_same_bit_for_bit(course, dask_pool):
    request = request_for(course, mean_rows=RIGHT["mean_rows"] + PICTURE)
    with LocalWorkers(1, sandboxed=True) as here:
        assert dask_pool.carry_out(request) == (answer := answered_by(request, here.helpers))
    assert b"image/png" in opened(answer).parts["notebook"]


def test_a_worker_with_other_versions_marks_nothing(course):
    told = opened(answer_on_worker(request_for(course), {**versions(), "numpy": "0.1"}))
    assert re.search(r"numpy \S+ instead of 0\.1", told.head["refused"])
    assert version_differences({"a": "1"}, {"a": "1", "b": "2"}) == "b missing instead of 2"


# ---------------------------------------------------------------- a class
def write_class(root: Path) -> None:
    """Write a class of right and wrong answers."""
    for student, answers in ANSWERS.items():
        submit(root / "class", student, as_bytes(answered(root, **answers) if answers else released(root)))


def grade(root: Path, *flags: str, code: int = 0) -> None:
    """Run `autograder grade class` in a course."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        patch.setenv("ATTENTION_COURSE_SECRET", "the same for both")
        assert main(["grade", "class", *flags]) == code


def results(out: Path) -> dict[str, object]:
    """Return all that grading made which a person reads or nbgrader counts."""
    files = {
        str(path.relative_to(out)): path.read_bytes()
        for pattern in ("*.csv", "autograded/*/*/*.ipynb", "feedback/*/*/*.html")
        for path in out.glob(pattern)
    }
    with Gradebook(f"sqlite:///{out / 'gradebook.db'}", "attention") as gradebook:
        grades = {
            (one.student.id, grade.name): (grade.score, grade.auto_score, grade.needs_manual_grade)
            for one in gradebook.assignment_submissions(SLUG)
            for notebook in one.notebooks
            for grade in notebook.grades
        }
        comments = {
            (one.student.id, comment.name): comment.auto_comment
            for one in gradebook.assignment_submissions(SLUG)
            for notebook in one.notebooks
            for comment in notebook.comments
        }
    return {**files, "grades": grades, "comments": comments}


def test_a_class_graded_by_two_workers_has_the_same_gradebook_and_pages(tmp_path, address):
    root = make_course(tmp_path)
    write_class(root)
    grade(root, "--out", str(root / "here"))
    grade(root, "--out", str(root / "there"), "--scheduler", address)
    here, there = results(root / "here"), results(root / "there")
    assert here.keys() == there.keys() and len(here) == 2 + 2 * len(ANSWERS) + 2
    assert [name for name in here if here[name] != there[name]] == []


def test_learner_code_does_not_reach_the_scheduler(address, course, dask_pool):
    host, port = address.removeprefix("tcp://").split(":")
    socket.create_connection((host, int(port)), timeout=LONG).close()  # from outside the sandbox it is there
    reach = f"""
import os, socket
try:
    socket.create_connection(({host!r}, {port}), timeout=2)
    print("reached")
except OSError as error:
    print("not reached:", error)
print(sorted(name for name in os.environ if "DASK" in name))
"""
    notebook = nbformat.reads(opened(dask_pool.carry_out(request_for(course, mean_rows=reach))).parts["notebook"], 4)
    (shown,) = [output["text"] for output in notebook.cells[3].outputs]
    assert shown.startswith("not reached:") and shown.endswith("[]\n")


def test_a_submission_whose_worker_dies_is_run_by_another(tmp_path, monkeypatch):
    root = lost_worker(tmp_path, allowed=3)
    assert scores(root) == {"ann": ("5.0", "graded")}


def test_a_submission_whose_workers_all_die_has_a_row_that_says_so(tmp_path, capsys):
    root = lost_worker(tmp_path, allowed=0)
    assert "each machine that ran it went away before it was finished (1 tried)" in " ".join(
        capsys.readouterr().out.split()
    )
    assert scores(root)["ann"][0] == "0.0"
    assert not list((root / "_build" / "grading" / "state").rglob("*.json"))  # so that the next run tries again


def test_a_class_loses_nothing_with_a_worker_killed_in_the_middle(tmp_path):
    root = make_course(tmp_path)
    write_class(root)
    grade(root, "--out", str(root / "here"))
    scheduler, address = start_scheduler()
    workers = [held_worker(address, tmp_path / "tickets", 3) for _ in range(2)]
    with ended(scheduler), ended(*workers), meanwhile(kill_the_busy_one, tmp_path / "tickets", workers):
        grade(root, "--out", str(root / "there"), "--scheduler", address)
    here, there = results(root / "here"), results(root / "there")
    assert here.keys() == there.keys()
    assert [name for name in here if here[name] != there[name]] == []


def lost_worker(root: Path, allowed: int) -> Path:
    """Grade a submission with two workers, kill the one that runs it, and return the course."""
    make_course(root)
    submit(root / "class", "ann", as_bytes(answered(root, **RIGHT)))
    scheduler, address = start_scheduler(DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES=str(allowed))
    workers = [held_worker(address, root / "tickets", 0) for _ in range(2)]
    with ended(scheduler), ended(*workers), meanwhile(kill_the_busy_one, root / "tickets", workers):
        grade(root, "--scheduler", address)
    return root


def kill_the_busy_one(tickets: Path, workers: list[subprocess.Popen]) -> None:
    """Kill the worker that is in the middle of a run."""
    pid = wait_for_held(tickets)
    (busy,) = [worker for worker in workers if worker.pid == pid]
    busy.kill()


def kill_when_busy(tickets: Path, scheduler: subprocess.Popen) -> None:
    """Kill the scheduler once a worker is in the middle of a run."""
    wait_for_held(tickets)
    scheduler.kill()


def scores(root: Path) -> dict[str, tuple[str, str]]:
    """Return score and status of each row."""
    with (root / "_build" / "grading" / "grades.csv").open(encoding="utf-8", newline="") as file:
        return {row["student_id"]: (row["score"], row["status"]) for row in csv.DictReader(file)}


# ---------------------------------------------------------------- what cannot be done
@pytest.fixture
def small(tmp_path):
    """Return a course with one submission."""
    root = make_course(tmp_path)
    submit(root / "class", "ann", as_bytes(answered(root, **RIGHT)))
    return root


@pytest.mark.parametrize("wrong", ["tcp://127.0.0.1:{port}", "nonsense", "http://127.0.0.1:{port}", "tcp://[no.such:1"])
def test_where_nobody_answers_a_sentence_says_what_to_do(small, capsys, monkeypatch, wrong):
    monkeypatch.setattr(pools, "CONNECT_SECONDS", 1)
    grade(small, "--scheduler", wrong.format(port=free_port()), code=2)
    told = capsys.readouterr().err
    assert "No Dask scheduler answers at" in told and "dask scheduler" in told and told.count("\n") == 1


@pytest.mark.parametrize("wrong", ["nonsense", "foo://host:8786", "tcp://host:x"])
def test_what_is_no_address_is_refused_before_a_client_of_it_is_there_to_fail_again(monkeypatch, wrong):
    monkeypatch.setattr("distributed.Client", lambda *_, **__: pytest.fail("Dask's client met it"))
    with pytest.raises(UserError, match=f"No Dask scheduler answers at {wrong} "):
        pools.connect(wrong)


def test_what_listens_and_never_speaks_is_told(small, capsys, monkeypatch):
    monkeypatch.setattr(pools, "ANSWER_SECONDS", 2)
    monkeypatch.setattr(pools, "CONNECT_SECONDS", 5)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        grade(small, "--scheduler", f"tcp://127.0.0.1:{silent.getsockname()[1]}", code=2)
    assert "No Dask scheduler answers at" in (told := capsys.readouterr().err) and "no answer in 2 s" in told


def test_a_worker_that_comes_while_the_driver_is_greeted_does_no_harm(address, monkeypatch):
    def unlucky(*given, **named):  # as Dask's own client in that moment: news of the worker came with the greeting
        tried.append(given)
        if len(tried) == 1:
            raise AssertionError
        return DaskClient(*given, **named)

    tried: list[tuple] = []
    monkeypatch.setattr("distributed.Client", unlucky)
    with pools.connect(address) as client:
        assert client.status == "running" and tried == [(address,)] * 2


def test_a_frozen_worker_is_told(small, capsys, monkeypatch):
    def impatient(client, address):  # with the worker only: the scheduler answers, and may take its time
        monkeypatch.setattr(pools, "ANSWER_SECONDS", 2)
        agree(client, address)

    agree = pools.require_same_versions
    monkeypatch.setattr(pools, "require_same_versions", impatient)
    scheduler, found = start_scheduler()
    worker = start_worker(found)
    with ended(scheduler, worker), DaskClient(found, timeout=LONG, set_as_default=False) as client:
        client.wait_for_workers(1, timeout=LONG)
        worker.send_signal(signal.SIGSTOP)
        try:
            grade(small, "--scheduler", found, code=2)
        finally:
            worker.send_signal(signal.SIGCONT)
    assert "do not answer (no answer in 2 s); start them again" in capsys.readouterr().err


def test_a_scheduler_without_workers_is_told(small, capsys, monkeypatch):
    monkeypatch.setattr(pools, "WORKER_SECONDS", 1)
    scheduler, found = start_scheduler()
    with ended(scheduler):
        grade(small, "--scheduler", found, code=2)
    assert f"start some: `dask worker {found}`" in capsys.readouterr().err


def test_a_scheduler_that_goes_away_is_told(small, capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(pools, "LOST_SECONDS", 3)
    scheduler, found = start_scheduler()
    tickets = tmp_path / "tickets"
    with ended(held_worker(found, tickets, 0)), ended(scheduler):
        with meanwhile(kill_when_busy, tickets, scheduler):
            grade(small, "--scheduler", found, code=2)
        (tickets / "held").unlink()
    assert "What was finished is kept" in capsys.readouterr().err


def test_without_dask_a_sentence_names_what_to_install(small, capsys, monkeypatch):
    def without(name, *rest, **named):
        if name.partition(".")[0] == "distributed":
            raise ImportError(name)
        return found(name, *rest, **named)

    found = builtins.__import__
    monkeypatch.setattr(builtins, "__import__", without)
    grade(small, "--scheduler", "tcp://127.0.0.1:1", code=2)
    assert "make machines" in capsys.readouterr().err


def test_without_the_sandbox_no_scheduler_is_used(small, capsys):
    grade(small, "--no-sandbox", "--scheduler", "tcp://127.0.0.1:1", code=2)
    assert "do not go together" in capsys.readouterr().err
