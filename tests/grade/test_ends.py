"""Nothing that the driver waits for is without an end, and what a submission sends is counted for all its processes."""

from __future__ import annotations

import os
import signal

import pytest

from autograder.grade.run import execute, fork_client, protocol
from autograder.grade.run.execute import carry_out
from autograder.grade.run.fork_client import ForkServerError, Pool
from autograder.grade.run.plan import Plan, Step
from autograder.grade.sandbox import process_watch
from autograder.grade.sandbox.limits import Limits
from autograder.grade.sandbox.time_limits import Times
from tests.waiting import LONG, wait_for

QUICK = Plan((Step(0, "run", "print('here')"),))


def said(plan: Plan, pool: Pool) -> str:
    """Return what the first cell of a plan printed, or why it did not."""
    record = carry_out(plan, pool, Limits(), Times(LONG, LONG))[0]
    return "".join(output.get("text", "") for output in record.outputs) or record.why


def stand_still(root: int) -> bool:
    """Stop a process and all its descendants; say whether none moves and none has come since."""
    pids = set(process_watch.tree(root))
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    return {state_of(pid) for pid in pids} == {b"T"} and set(process_watch.tree(root)) == pids


def state_of(pid: int) -> bytes:
    """Return the letter of the state in which a process is."""
    return process_watch.read(f"/proc/{pid}/stat").rpartition(b")")[2].split()[0]


def stopped(pid: int) -> None:
    """Stop one process and wait until it stands still: a signal is not there at once."""
    os.kill(pid, signal.SIGSTOP)
    wait_for(lambda: state_of(pid) == b"T", "a process to stand still")


def test_a_warm_process_that_does_not_answer_is_replaced(monkeypatch):
    with Pool() as pool:
        assert said(QUICK, pool) == "here\n"
        first = pool.warm["numpy"].process
        stopped(first.pid)
        monkeypatch.setattr(fork_client, "ANSWER_SECONDS", 0.2)
        start = fork_client.Warm.start
        patient = lambda self: (monkeypatch.setattr(fork_client, "ANSWER_SECONDS", LONG), start(self))  # noqa: E731
        monkeypatch.setattr(fork_client.Warm, "start", patient)
        assert said(QUICK, pool) == "here\n"
        assert first.wait(LONG) == -signal.SIGKILL and pool.warm["numpy"].process is not first


def test_where_none_answers_it_is_said(monkeypatch):
    with Pool() as pool:
        assert said(QUICK, pool) == "here\n"
        stopped(pool.warm["numpy"].process.pid)
        start = fork_client.Warm.start
        asleep = lambda self: (start(self), stopped(self.process.pid))  # noqa: E731
        monkeypatch.setattr(fork_client.Warm, "start", asleep)  # the one that takes its place answers no more than it
        monkeypatch.setattr(fork_client, "ANSWER_SECONDS", 0)
        with pytest.raises(ForkServerError, match="starts no runs: the warm process has not answered in 0 s"):
            said(QUICK, pool)


def test_a_plan_that_is_not_taken_ends_in_a_sentence(pool, monkeypatch):
    monkeypatch.setattr(fork_client, "ANSWER_SECONDS", 0.2)
    request = fork_client.Warm.request

    def asleep(self, limits, results):
        monkeypatch.setattr(fork_client, "ANSWER_SECONDS", LONG)
        control, pid = request(self, limits, results)
        wait_for(lambda: stand_still(pid), "the processes of a run to stand still")
        monkeypatch.setattr(fork_client, "ANSWER_SECONDS", 0.2)
        return control, pid

    monkeypatch.setattr(fork_client.Warm, "request", asleep)
    monkeypatch.setattr(execute.process_watch, "processor_seconds", lambda pid: 0.0)
    large = Plan((Step(0, "run", "pass" + " " * (20 << 20)),))
    with pytest.raises(ForkServerError, match="a process did not take its work within 0.2 s"):
        carry_out(large, pool, Limits(), Times(LONG, LONG))


def test_what_is_sent_is_counted_for_all_processes_of_a_submission(pool, monkeypatch):
    """Each check crashes Python after it has sent a result, and is run again without it."""
    monkeypatch.setattr(execute, "ARRIVING", protocol.Limits(total=20 << 20))
    cell = "import os\nimport numpy as np\ncount = [0]\ndef f(x):\n    count[0] += 1\n"
    cell += "    if count[0] == 2: os._exit(0)\n    return np.zeros(1 << 20)\n"
    cases = ({"inputs": {"x": 1}, "names": {}},) * 3
    names = {n: f"c{n}" for n in range(1, 6)}
    probes = [Step(n, "probe", f"count[0] = 0\ncheck('{one}', f)", one, ("y",), (), cases) for n, one in names.items()]
    records = carry_out(Plan((Step(0, "run", cell), *probes)), pool, Limits(), Times(LONG, LONG))
    whys = [records[n].why for n in range(1, 6)]
    assert whys[0].startswith("the code ended Python")
    assert whys[-1] == "it sent more than 20 MB to the grader in all"


def test_a_forged_length_is_not_counted_as_sent():
    reader = protocol.Reader(lambda size: b"\xff" * size)
    for _ in range(3):
        with pytest.raises(protocol.BorderError, match="more data than allowed"):
            reader.message()
    assert reader.bytes_read == 12
