"""Grading on the workers of a Dask scheduler: a real one, with real workers, on this machine's own address."""

from __future__ import annotations

import builtins
import csv
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from autograder.cli import main
from autograder.grade import executors
from autograder.grade.attempts import Times, carry_out
from autograder.grade.confine import Limits
from autograder.grade.executors import DaskPool, run_in
from autograder.grade.grading import draw, make_plan, rebuilt
from autograder.grade.remote import differences, run_plan, versions
from autograder.grade.travel import as_bytes as pack_bytes
from autograder.grade.travel import read_records, read_request, records_bytes, request_bytes
from tests.grade.fake_course import RIGHT, SLUG, answered, as_bytes, make_course, released, submit

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


# ---------------------------------------------------------------- a scheduler and workers
def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def start(*arguments: str, **environment: str) -> subprocess.Popen:
    """Start a part of Dask."""
    return subprocess.Popen(
        [sys.executable, "-m", *arguments],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def start_worker(address: str) -> subprocess.Popen:
    """Start a worker without a nanny, so that a killed one stays away."""
    flags = ["--no-nanny", "--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1", "--memory-limit", "0"]
    return start("distributed.cli.dask_worker", address, *flags)


def start_scheduler(**environment: str) -> tuple[subprocess.Popen, str]:
    """Start a scheduler and wait until it listens."""
    port = free_port()
    flags = ["--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]
    process = start("distributed.cli.dask_scheduler", *flags, **environment)
    for _ in range(600):
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return process, f"tcp://127.0.0.1:{port}"
        time.sleep(0.05)
    raise TimeoutError("the scheduler did not start")


@contextmanager
def ended(*processes: subprocess.Popen):
    """End processes when the block is over."""
    try:
        yield
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture(scope="module")
def address():
    """Return the address of a scheduler with two workers."""
    scheduler, found = start_scheduler()
    with ended(scheduler), ended(start_worker(found), start_worker(found)):
        yield found


@pytest.fixture(scope="module")
def dask_pool(address):
    """Return the pool of its workers."""
    with DaskPool(address) as pool:
        pool.client.wait_for_workers(2, timeout=30)
        yield pool


@pytest.fixture(scope="module")
def plan(course, trusted):
    """Return a plan with text, a picture and numbers."""
    return make(course, trusted, **ANSWERS["eve"])


def make(course, trusted, **answers):
    """Return the plan of a submission with these answers."""
    notebook = rebuilt(trusted, as_bytes(answered(course, **answers)))
    drawn = {
        i: draw(check, trusted.public[check.name], b"secret", "eve", SLUG, "")
        for i, cell in enumerate(notebook.cells)
        for check in [trusted.key.by_grade_id.get(cell.metadata.get("nbgrader", {}).get("grade_id"))]
        if check
    }
    return make_plan(notebook, trusted, drawn)


# ---------------------------------------------------------------- what travels
def test_a_plan_arrives_as_it_was_sent_without_what_is_expected(plan):
    assert "expected" in plan.steps[3].cases[0]
    limits, times = Limits(memory=5), Times(1.5, 7.0)
    sent = request_bytes(plan, limits, times, {"numpy": "1"})
    arrived, *rest = read_request(sent)
    assert rest == [limits, times, {"numpy": "1"}]
    assert arrived.files == plan.files and arrived.flavour == plan.flavour
    assert [pack_bytes(step.as_message()) for step in arrived.steps] == [
        pack_bytes(step.as_message()) for step in plan.steps
    ]
    assert {name for step in arrived.steps for case in step.cases for name in case} == {"inputs", "names"}
    assert b"expected" not in re.sub(rb"\"text\": \"(?:[^\"\\]|\\.)*\"", b"", sent[: sent.index(b"\x93NUMPY")])


def test_records_arrive_as_they_were_sent(plan, pool):
    records = carry_out(plan, pool, Limits(), Times())
    sent = records_bytes(records)
    arrived = read_records(sent)
    assert records_bytes(arrived) == sent
    assert [vars(one).keys() for one in arrived.values()] == [vars(one).keys() for one in records.values()]
    assert arrived[5].outputs == records[5].outputs and type(arrived[3].outputs) is list


def test_records_from_a_worker_are_the_same_bit_for_bit(plan, pool, dask_pool):
    here = carry_out(plan, pool, Limits(), Times())
    there = run_in(dask_pool, plan, Limits(), Times())
    assert records_bytes(here) == records_bytes(there)
    assert any("image/png" in output.get("data", {}) for record in there.values() for output in record.outputs)


def test_a_worker_with_other_versions_runs_nothing(plan):
    refused = read_records(run_plan(request_bytes(plan, Limits(), Times(), {**versions(), "numpy": "0.1"})))
    assert re.search(r"numpy \S+ instead of 0\.1", refused)
    assert differences({"a": "1"}, {"a": "1", "b": "2"}) == "b missing instead of 2"


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


def test_learner_code_does_not_reach_the_scheduler(address, course, trusted, dask_pool):
    host, port = address.removeprefix("tcp://").split(":")
    socket.create_connection((host, int(port)), timeout=5).close()  # from outside the sandbox it is there
    reach = f"""
import os, socket
try:
    socket.create_connection(({host!r}, {port}), timeout=2)
    print("reached")
except OSError as error:
    print("not reached:", error)
print(sorted(name for name in os.environ if "DASK" in name))
"""
    plan = make(course, trusted, **{**RIGHT, "mean_rows": reach})
    records = run_in(dask_pool, plan, Limits(), Times())
    (shown,) = [output["text"] for output in records[3].outputs]
    assert shown.startswith("not reached:") and shown.endswith("[]\n")


def test_a_submission_whose_worker_dies_is_run_by_another(tmp_path, monkeypatch):
    root, log = lost_worker(tmp_path, allowed=3, spare=True)
    assert log == [SLUG] and scores(root) == {"ann": ("5.0", "graded")}


def test_a_submission_whose_workers_all_die_has_a_row_that_says_so(tmp_path, capsys):
    root, log = lost_worker(tmp_path, allowed=0, spare=True)
    assert log == [SLUG]
    assert "each machine that ran it went away before it was finished (1 tried)" in " ".join(
        capsys.readouterr().out.split()
    )
    assert scores(root)["ann"][0] == "0.0"
    assert not list((root / "_build" / "grading" / "state").rglob("*.json"))  # so that the next run tries again


def test_a_class_loses_nothing_with_a_worker_killed_in_the_middle(tmp_path):
    root = make_course(tmp_path)
    for student, answers in ANSWERS.items():
        slowly = {name: f"import time\ntime.sleep(1)\n{text}" for name, text in answers.items()}
        submit(root / "class", student, as_bytes(answered(root, **slowly) if answers else released(root)))
    grade(root, "--out", str(root / "here"))
    scheduler, address = start_scheduler()
    workers = [start_worker(address) for _ in range(2)]
    log: list[str] = []
    with ended(scheduler), ended(*workers):
        killer = threading.Thread(target=kill_the_busy_one, args=(address, workers, log))
        killer.start()
        grade(root, "--out", str(root / "there"), "--scheduler", address)
        killer.join()
    here, there = results(root / "here"), results(root / "there")
    assert log == [SLUG] and here.keys() == there.keys()
    assert [name for name in here if here[name] != there[name]] == []


def lost_worker(root: Path, allowed: int, spare: bool) -> tuple[Path, list[str]]:
    """Grade a slow submission and kill the worker that runs it; return the course and what was killed."""
    make_course(root)
    slow = "import time\ntime.sleep(8)\n" + RIGHT["mean_rows"]
    submit(root / "class", "ann", as_bytes(answered(root, **{**RIGHT, "mean_rows": slow})))
    scheduler, address = start_scheduler(DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES=str(allowed))
    workers = [start_worker(address) for _ in range(1 + spare)]
    log: list[str] = []
    with ended(scheduler), ended(*workers):
        killer = threading.Thread(target=kill_the_busy_one, args=(address, workers, log))
        killer.start()
        grade(root, "--scheduler", address)
        killer.join()
    return root, log


def kill_when_busy(address: str, scheduler: subprocess.Popen) -> None:
    """Kill the scheduler once it has given the submission to a worker."""
    if wait_until_busy(address, lambda client, busy: None) is not None:
        scheduler.kill()


def kill_the_busy_one(address: str, workers: list[subprocess.Popen], log: list[str]) -> None:
    """Kill the worker that runs the submission."""
    pid = wait_until_busy(address, lambda client, busy: client.run(os.getpid, workers=[busy])[busy])
    for worker in workers:
        if worker.pid == pid:
            worker.send_signal(signal.SIGKILL)
            log.append(SLUG)


def wait_until_busy(address: str, ask) -> object:
    """Wait until a worker has something to do; return its address, or what `ask` finds about it."""
    from distributed import Client

    with Client(address, timeout=30, set_as_default=False) as client:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            for busy, tasks in client.processing().items():
                if tasks:
                    time.sleep(1)
                    return ask(client, busy) or busy
            time.sleep(0.1)
    return None


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
def test_where_nobody_answers_a_sentence_says_what_to_do(small, capsys, wrong):
    before = time.monotonic()
    grade(small, "--scheduler", wrong.format(port=free_port()), code=2)
    assert time.monotonic() - before < 5 * executors.CONNECT_SECONDS  # seconds, on a busy machine too
    told = capsys.readouterr().err
    assert "No Dask scheduler answers at" in told and "dask scheduler" in told and told.count("\n") == 1


def test_what_listens_and_never_speaks_is_told(small, capsys, monkeypatch):
    monkeypatch.setattr(executors, "ANSWER_SECONDS", 2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        grade(small, "--scheduler", f"tcp://127.0.0.1:{silent.getsockname()[1]}", code=2)
    assert "No Dask scheduler answers at" in (told := capsys.readouterr().err) and "no answer in 2 s" in told


def test_a_frozen_worker_is_told(small, capsys, monkeypatch):
    monkeypatch.setattr(executors, "ANSWER_SECONDS", 2)
    scheduler, found = start_scheduler()
    worker = start_worker(found)
    with ended(scheduler, worker), DaskClient(found, timeout=30, set_as_default=False) as client:
        client.wait_for_workers(1, timeout=60)
        worker.send_signal(signal.SIGSTOP)
        try:
            grade(small, "--scheduler", found, code=2)
        finally:
            worker.send_signal(signal.SIGCONT)
    assert "do not answer (no answer in 2 s); start them again" in capsys.readouterr().err


def test_a_scheduler_without_workers_is_told(small, capsys, monkeypatch):
    monkeypatch.setattr(executors, "WORKER_SECONDS", 1)
    scheduler, found = start_scheduler()
    with ended(scheduler):
        grade(small, "--scheduler", found, code=2)
    assert f"start some: `dask worker {found}`" in capsys.readouterr().err


def test_a_scheduler_that_goes_away_is_told(small, capsys, monkeypatch):
    monkeypatch.setattr(executors, "LOST_SECONDS", 3)
    slow = "import time\ntime.sleep(20)\n" + RIGHT["mean_rows"]
    submit(small / "class", "ann", as_bytes(answered(small, **{**RIGHT, "mean_rows": slow})))
    scheduler, found = start_scheduler()
    with ExitStack() as stack:
        stack.enter_context(ended(start_worker(found)))
        stack.enter_context(ended(scheduler))
        threading.Thread(target=kill_when_busy, args=(found, scheduler)).start()
        grade(small, "--scheduler", found, code=2)
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
