"""Runs plans with a clock at each message that begins or ends a step, one at a time or on all processors."""

from __future__ import annotations

import os
import statistics
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from autograder.grade.run.execute import Attempt, Record, carry_out
from autograder.grade.run.fork_client import Pool
from autograder.grade.run.plan import Plan
from autograder.grade.run.protocol import Reader
from autograder.grade.sandbox.limits import Limits
from autograder.grade.sandbox.time_limits import Times

OWN = ("cells", "calls")  # the learner's own code: its cells, and its functions when checks call them on fresh inputs
TIMED = ("-P", str(Path(__file__).with_name("timed_server.py")))


class Marks(threading.local):
    """When each message of this thread's run came, and the seconds of the learner's functions in it."""

    def __init__(self) -> None:
        """Begin a run."""
        self.at: dict[tuple[str, int], float] = {}
        self.calls = 0.0


MARKS = Marks()


@contextmanager
def watched() -> Iterator[Pool]:
    """Give a pool whose runs are timed."""
    expect, message = Attempt.expect, Reader.message

    def counting(self: Reader) -> Any:
        head, arrays = message(self)
        MARKS.calls += head.get("seconds", 0.0)
        return head, arrays

    def marking(self: Attempt, reader: Any, kind: str, number: int) -> Any:
        found = expect(self, reader, kind, number)
        MARKS.at[kind, number] = time.perf_counter()
        return found

    Attempt.expect, Reader.message = marking, counting
    try:
        with Pool(program=TIMED) as pool:
            yield pool
    finally:
        Attempt.expect, Reader.message = expect, message


def timed_run(plan: Plan, pool: Pool, times: dict[str, float]) -> dict[int, Record]:
    """Carry out a plan; split its time by the messages that begin and end each step."""
    MARKS.at, MARKS.calls = {}, 0.0
    before = time.perf_counter()
    records = carry_out(plan, pool, Limits(), Times())
    after = time.perf_counter()
    times["calls"] = MARKS.calls
    for stage, kind in (("cells", "cell"), ("probes", "probe")):
        times[stage] = sum(end - MARKS.at["begin", n] for (what, n), end in MARKS.at.items() if what == kind)
    times["fork"] = min(at for (what, _), at in MARKS.at.items() if what == "begin") - before
    times["end"] = after - before - times["fork"] - times["cells"] - times["probes"]
    times["probes"] -= times["calls"]
    return records


def own_code(plan: Plan, pool: Pool) -> float:
    """Return the seconds of the learner's own code in one run."""
    times: dict[str, float] = {}
    timed_run(plan, pool, times)
    return sum(times[stage] for stage in OWN)


def crowded(plans: Sequence[Plan], pool: Pool) -> float:
    """Return the mean seconds of the learner's own code while each processor runs a submission.

    They share caches, memory and often a core, so that each takes longer than alone.
    """
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        return statistics.mean(threads.map(lambda plan: own_code(plan, pool), plans))
