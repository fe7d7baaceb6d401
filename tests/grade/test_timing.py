"""A learner's limit is processor time, and nobody loses a point because the machine has other work."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest

from autograder.grade import nbgrader_preprocessors, pipeline
from autograder.grade import session as class_driver
from autograder.grade.helper import messages
from autograder.grade.helper.workers import LocalWorkers
from autograder.grade.judge.judge import judge
from autograder.grade.run.execute import Record, carry_out, how_it_ended
from autograder.grade.run.plan import Plan, Step
from autograder.grade.sandbox import process_watch, time_limits
from autograder.grade.sandbox.limits import Limits
from autograder.grade.sandbox.time_limits import Limit, Spent, Stopwatch, Times
from tests.grade.busy import busy_loops
from tests.grade.fake_course import RIGHT, SLUG, answered, as_bytes, make_course, submit
from tests.grade.test_course import grade as grade_class
from tests.grade.test_course import in_gradebook, page, rows

MEAN = RIGHT["mean_rows"]
SPIN = "import os, time\ndef spin(seconds):\n    start = time.process_time()\n" + (
    "    while time.process_time() < start + seconds: pass\n"
)


# ---------------------------------------------------------------- the arithmetic
@pytest.mark.parametrize(
    ("spent", "delayed"),
    [
        (Spent(clock=10, processor=10, idle=10), False),  # one loop on two processors
        (Spent(clock=10, processor=0, idle=20), False),  # asleep on a quiet machine
        (Spent(clock=10, processor=9, idle=0), False),  # its own processor, and a neighbour's beside it
        (Spent(clock=10, processor=20, idle=0), False),  # all processors
        (Spent(clock=10, processor=3, idle=0), True),
        (Spent(clock=10, processor=0, idle=0), True),  # asleep on a busy machine: nobody can tell
    ],
)
def test_the_machine_is_the_bottleneck_where_the_run_got_little_and_none_was_left(spent, delayed):
    assert spent.delayed is delayed


@pytest.mark.parametrize(
    ("spent", "met"),
    [
        (Spent(clock=49, processor=4.9), ""),
        (Spent(clock=6, processor=5), "5 s of processor time"),
        (Spent(clock=50, processor=0.1), "50 s on the clock"),
    ],
)
def test_processor_time_and_the_clock_are_both_limits(spent, met):
    assert Limit(5, 50).met(spent) == met


def test_the_next_look_is_not_before_a_limit_can_be_met(monkeypatch):
    monkeypatch.setattr("autograder.grade.sandbox.time_limits.PROCESSORS", 2)
    assert Limit(5, 50).soonest(Spent(clock=1, processor=1)) == 2
    assert Limit(5, 50).soonest(Spent(clock=49, processor=1)) == 1


@pytest.mark.parametrize(
    ("alone", "met", "delayed"),
    [
        (False, "5 s of processor time", True),  # beside others it may have been slowed down: it is run again
        (True, "5 s of processor time", False),  # alone it is its own doing, whatever else the machine does
        (True, "50 s on the clock", True),
    ],
)
def test_processor_time_that_was_used_up_alone_is_nobody_elses_doing(alone, met, delayed):
    stopwatch = Stopwatch(os.getpid(), Times(alone=alone), Spent())
    assert stopwatch.delayed(met, Spent(clock=50, processor=5, idle=0)) is delayed
    assert not stopwatch.delayed(met, Spent(clock=50, processor=5, idle=50))


# ---------------------------------------------------------------- what is counted
def run(pool, text: str, times: Times) -> Record:
    return carry_out(Plan((Step(0, "run", SPIN + text),)), pool, Limits(), times)[0]


@pytest.mark.parametrize(
    "text",
    [
        "spin(60)",
        "if os.fork() == 0:\n    spin(60)\nos.wait()",
        "while True:\n    if os.fork() == 0:\n        spin(.2)\n        os._exit(0)\n    os.wait()",
        "if os.fork() == 0:\n    if os.fork() == 0: os.setsid(); spin(60)\n    os._exit(0)\nos.wait(); time.sleep(600)",
        "import threading\n[threading.Thread(target=spin, args=(60,)).start() for _ in range(3)]\ntime.sleep(600)",
    ],
    ids=["itself", "a child", "children that have ended", "a grandchild without a parent", "threads"],
)
def test_processor_time_of_a_run_is_that_of_all_its_processes(pool, text):
    record = run(pool, text, Times(1.0, 10.0, patience=1000))
    assert (record.end, record.why.partition(".")[0]) == ("timeout", "stopped after 1 s of processor time")


def test_what_is_used_up_by_earlier_cells_is_not_counted_for_a_later_one(pool):
    steps = tuple(Step(number, "run", f"{SPIN}spin(.7)") for number in range(4))
    assert {record.end for record in carry_out(Plan(steps), pool, Limits(), Times(1.0, 20.0)).values()} == {"done"}


def test_what_sleeps_is_ended_by_the_clock(pool):
    record = run(pool, "time.sleep(600)", Times(1.0, 10.0, patience=2))
    assert record.end == "timeout" and record.why.startswith("stopped after 2 s on the clock, ")
    assert record.delayed or record.why.endswith(" s of them at work. What does your code wait for?")


def test_the_whole_notebook_has_a_limit_too(pool, monkeypatch):
    monkeypatch.setattr(time_limits, "CLOCK_TOTAL", 300)  # on a busy machine the clock would be the first to end it
    steps = tuple(Step(number, "run", f"{SPIN}spin(.8)") for number in range(4))
    records = list(carry_out(Plan(steps), pool, Limits(), Times(5.0, 2.0)).values())
    assert [record.end for record in records[:2]] == ["done", "done"] and records[-1].end == ""
    assert {record.why for record in records[2:] if not record.end} == {
        "the time for the whole notebook was over (2 s of processor time)"
    }


def test_the_sentence_says_which_limit_was_met(trusted):
    check = trusted.key["mean_rows"]
    drawn = SimpleNamespace(cases=[1])
    why = "stopped after 5 s of processor time. Does your code come to an end for every input?"
    assert judge(check, drawn, Record(end="timeout", why=why), None).says == (f"This check was not finished: {why}",)
    why = "the time for the whole notebook was over (50 s of processor time)"
    assert judge(check, drawn, Record(why=why), None).says == (f"This check was not run: {why}.",)


# ---------------------------------------------------------------- memory
@pytest.mark.parametrize("code", [-signal.SIGKILL, 128 + signal.SIGKILL])
def test_a_process_that_the_kernel_ends_for_want_of_memory_did_not_crash(code):
    gone = SimpleNamespace(ended=lambda seconds: code, why="")
    assert how_it_ended(gone, out_of_memory=True).delayed
    assert how_it_ended(gone, out_of_memory=True).why == "the machine had no memory left"
    assert not how_it_ended(gone, out_of_memory=False).delayed
    too_much = SimpleNamespace(ended=lambda seconds: code, why="it used more than 512 MB of memory")
    assert not how_it_ended(too_much, out_of_memory=True).delayed


def test_the_kernel_says_how_many_processes_it_has_ended_for_want_of_memory(monkeypatch):
    monkeypatch.setattr(process_watch, "read", lambda path: b"nr_free_pages 1\noom_kill 3\nother 4\n")
    assert process_watch.killed_for_memory() == 3
    monkeypatch.setattr(process_watch, "read", lambda path: b"nr_free_pages 1\n")
    assert process_watch.killed_for_memory() == 0


def test_the_memory_of_a_run_is_its_own_and_not_what_it_shares_with_the_process_that_it_was_forked_from(pool):
    def used(text: str) -> int:
        """Return the most megabytes that were counted of a run while it slept."""
        started = pool.start_run

        def noted(*given):
            made = started(*given)
            noted.pid = made.pid
            return made

        noted.pid = 0
        with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(1) as thread:
            patch.setattr(pool, "start_run", noted)
            done = thread.submit(run, pool, f"{text}\ntime.sleep(2)", Times())
            most = 0
            while not done.done():
                most = max(most, process_watch.used_memory(noted.pid, 1 << 40) if noted.pid else 0)
            assert done.result().end == "done"
        return most >> 20

    nothing = used("pass")
    assert nothing < 64  # the process that it was forked from has more than that in NumPy alone
    assert nothing + 90 < used("block = bytearray(os.urandom(1 << 20)) * 100") < nothing + 150


HOLDS = """
import mmap, os, sys, time
own, shared = bytearray(os.urandom(1 << 20)) * 60, mmap.mmap(-1, 40 << 20)
shared.write(own[:40 << 20])
if os.fork() == 0:
    own[:20 << 20] = own[20 << 20: 40 << 20]
print("here", flush=True)
time.sleep(1000)
"""


def test_what_is_quickly_counted_of_a_run_is_no_less_than_what_it_uses():
    with subprocess.Popen([sys.executable, "-c", HOLDS], stdout=subprocess.PIPE, start_new_session=True) as process:
        try:
            assert [process.stdout.readline() for _ in range(2)] == [b"here\n"] * 2
            quick, used = process_watch.memory_at_most(process.pid), process_watch.used_memory(process.pid, 1 << 40)
            lag = (1 << 20) * os.cpu_count()
            assert used - lag < quick < used + (200 << 20) and used > 100 << 20
        finally:
            os.killpg(process.pid, signal.SIGKILL)


# ---------------------------------------------------------------- once more, alone
def course_with(root, *students: str):
    make_course(root)
    for student in students:
        submit(root / "class", student, as_bytes(answered(root, **RIGHT)))
    return root


class Delaying:
    """Carries out plans, and takes what it gave first for stopped on a busy machine."""

    def __init__(self, real, times: int) -> None:
        self.real, self.times = real, times

    def __call__(self, plan, pool, limits, times):
        records = self.real(plan, pool, limits, times)
        if self.times:
            self.times -= 1
            last = max(records)
            records[last] = Record(end="timeout", why="stopped after 1 s on the clock", delayed=True)
            for record in records.values():
                record.results = [[], []]
        return records


def test_a_run_that_was_stopped_on_a_busy_machine_is_run_again_alone(tmp_path, monkeypatch, failing_helpers):
    def noted(workers, request):
        if messages.opened(request).head["ask"] == "mark":
            running.append(1)
            alongside.append((len(running), messages.opened(request).head["times"]["alone"]))
            found = answer(workers, request)
            running.pop()
            return found
        return answer(workers, request)

    running, alongside = [], []
    answer = LocalWorkers.answer
    monkeypatch.setattr(LocalWorkers, "answer", noted)
    root = course_with(tmp_path / "course", "ann", "bob", "cho")
    failing_helpers(all="delayed", times=2)
    grade_class(root, "--jobs", "3")
    assert in_gradebook(root) == {"ann": 5, "bob": 5, "cho": 5}
    assert len(alongside) == 5 and alongside[-2:] == [(1, True)] * 2 and not any(alone for _, alone in alongside[:3])
    assert "0 graded, 3 unchanged" in grade_class(root)


def test_where_the_machine_stays_busy_the_instructor_is_told_and_the_next_command_tries_again(
    tmp_path, failing_helpers
):
    root = course_with(tmp_path / "course", "ann")
    failing_helpers(all="delayed", times=2)
    said = grade_class(root)
    assert f"ann, {SLUG}: {class_driver.DELAYED}" in " ".join(said.split())
    assert in_gradebook(root) == {"ann": 0}
    assert "1 graded, 0 unchanged" in grade_class(root)
    assert in_gradebook(root) == {"ann": 5}


def test_stock_nbgrader_runs_it_again_too(course, trusted, pool, monkeypatch):
    notebook = pipeline.rebuilt(trusted, as_bytes(answered(course, **RIGHT)))
    monkeypatch.setitem(nbgrader_preprocessors.POOLS.pools, True, pool)
    step = nbgrader_preprocessors.RunAndJudge(course_root=str(course), grading_root=str(course / "_build" / "grading"))
    monkeypatch.setattr(pipeline, "carry_out", Delaying(pipeline.carry_out, times=1))
    about = {"nbgrader": {"assignment": SLUG, "student": "ann"}}
    marked, _ = step.preprocess(notebook, about)
    titles = [cell.metadata["autograder"]["status"] for cell in marked.cells if "autograder" in cell.metadata]
    assert titles == ["right", "right"]


# ---------------------------------------------------------------- a class on a busy machine
NEEDS_LONG = SPIN + "spin(3)\n" + MEAN  # on a busy machine these three seconds take ten
WAITS = f"import time\ntime.sleep(6)\n{MEAN}"  # longer than the limit, without the processor
ENDLESS = "def mean_rows(X):\n    while True: pass"
CLASS = {
    "long": {"mean_rows": NEEDS_LONG},
    "waits": {"mean_rows": WAITS},
    "right": {},
    "endless": {"mean_rows": ENDLESS},
    "wrong": {"mean_rows": "def mean_rows(X):\n    return X.mean(axis=1)"},
}
COMPARED = ("student_id", "check", "score", "status")
SCORES = {"long": 5, "waits": 5, "right": 5, "endless": 3, "wrong": 3}


def test_a_class_gets_the_same_scores_beside_four_busy_loops(tmp_path):
    root = make_course(tmp_path)
    for student, answers in CLASS.items():
        submit(root / "class", student, as_bytes(answered(root, **{**RIGHT, **answers})))
    results = {}
    for machine in ("quiet", "busy"):
        with busy_loops(0 if machine == "quiet" else 4):
            grade_class(root, "--timeout", "5", "--force")
        results[machine] = [[row[name] for name in COMPARED] for row in rows(root, "checks.csv")]
        assert in_gradebook(root) == SCORES
    assert results["quiet"] == results["busy"]
    assert "stopped after 5 s of processor time. Does your code come to an end for every input?" in page(
        root, "endless"
    )
