"""Carries out a plan in forked processes, with limits on their time kept from outside.

In the common case one process runs the whole notebook. When a step crashes or hangs, the process is
killed, what has arrived stays, and the rest is carried out again in a fresh process without that step:
one bad check costs one check.
"""

from __future__ import annotations

import signal
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from nbformat import NotebookNode

from autograder.grade.run import protocol
from autograder.grade.run.clean_outputs import Budget, clean_error, clean_line, clean_outputs
from autograder.grade.run.fork_client import ForkServerError, PlanNotTaken, Run, send_plan
from autograder.grade.run.plan import Plan, Step
from autograder.grade.run.protocol import BorderError, TooMuch
from autograder.grade.run.worker import ROUNDS
from autograder.grade.sandbox import process_watch
from autograder.grade.sandbox.limits import Limits
from autograder.grade.sandbox.time_limits import Spent, Stopwatch, Times
from autograder.learner.check import IS, MOST_LETTERS, MOST_PARTS, MOST_SEEN, SEEN

SHORTEST = 2.0  # seconds; where one check hung, others that call the same function get a third of the time
ARRIVING = protocol.Limits()  # from one submission
AHEAD = 8192  # bytes that are read at once beyond what is asked for: most messages are short
SETTLE_SECONDS = 10  # in which a run that has hung up is expected to end
KILLED = (-signal.SIGKILL, 128 + signal.SIGKILL)


class Runs(Protocol):
    """Starts runs: a pool of warm processes, or who asks one for them."""

    def start_run(self, flavour: str, limits: Limits) -> Run:
        """Start a run in the warm process of a flavour."""
        ...


@dataclass
class Record:
    """What is known about one step after the run.

    outputs  what the cell showed
    end      "" while it has not run, "done", "timeout" or "crash"; `why` says more
    results  for a probe: one list of results for each round
    error    for a probe: what stopped the check cell itself
    used     for a probe: the library calls that the check forbids and the answer made
    unseen   for a probe: why it is not known of all of them
    delayed  whether the run was stopped while the machine had too little time or memory for it
    """

    outputs: list[NotebookNode] = field(default_factory=list)
    end: str = ""
    why: str = ""
    results: list[list[dict[str, Any]]] = field(default_factory=lambda: [[] for _ in range(ROUNDS)])
    error: dict[str, Any] | None = None
    used: tuple[str, ...] = ()
    unseen: str = ""
    delayed: bool = False

    @property
    def reason(self) -> str:
        """Return why it ended, with a full stop unless it is a question."""
        return self.why if self.why.endswith("?") else f"{self.why}."


class StepEnded(Exception):
    """The run ended before its time: `end`, `why` and `delayed` as in a Record; `whole` ends the submission too."""

    def __init__(self, end: str, why: str, delayed: bool = False, whole: bool = False) -> None:
        """Remember how the run ended."""
        super().__init__(why)
        self.end, self.why, self.delayed, self.whole = end, why, delayed, whole

    def tell(self, record: Record) -> None:
        """Write into a record how the run ended."""
        record.end, record.why, record.delayed = self.end, self.why, self.delayed


def carry_out(plan: Plan, pool: Runs, limits: Limits, times: Times) -> dict[int, Record]:
    """Run a plan to its end, in as many processes as it takes, and return a record for each step.

    Time and what is sent are counted for all these processes together. A submission that is run once more because the
    machine was the bottleneck begins anew: that it was is no fault of its own.
    """
    records = {step.number: Record() for step in plan.steps}
    spoilt: dict[int, int] = {}
    unused, left, spent, arrived = 0, Budget(), Spent(), protocol.Reader(protocol.nothing, ARRIVING)
    while True:
        probed = {step.number for step in plan.steps if step.kind == "probe" and records[step.number].end == "done"}
        seconds = times.step if not spoilt else max(times.step / 3, SHORTEST)
        attempt = Attempt(plan.without(spoilt, probed), records, times, seconds, spent, left, arrived)
        if spoilt and not any(step.kind == "probe" for step in attempt.plan.steps):
            break
        ended = attempt.run(pool, limits)
        if ended is None:
            break
        spent, number = attempt.spent, attempt.current
        if attempt.refused:  # the process is well, but this notebook is more than it can take
            for record in records.values():
                ended.tell(record)
            break
        if number is not None:
            spoilt[number] = spoilt.get(number, 0) + 1
            if records[number].end != "done":  # a check that has all its results keeps them, whatever came after
                ended.tell(records[number])
        if ended.whole:
            for record in records.values():
                if not record.end:
                    record.why, record.delayed = ended.why, ended.delayed
            break
        if number is None:  # not the learner's doing: no step had begun
            unused += 1
            if unused > 2:
                raise ForkServerError(f"Submissions cannot be run here: {ended.why}.")
    return records


@dataclass
class Attempt:
    """One process at work on a plan.

    probe_seconds  of processor time that a probe may take; a cell may take `times.step`
    spent          what the submission has spent in earlier attempts, and at last in this one too
    arrived        counts what the submission sends, in earlier attempts too
    """

    plan: Plan
    records: dict[int, Record]
    times: Times
    probe_seconds: float
    spent: Spent
    left: Budget
    arrived: protocol.Reader
    current: int | None = None
    refused: bool = False
    ahead: bytearray = field(default_factory=bytearray)
    stopwatch: Stopwatch = field(init=False)

    def run(self, pool: Runs, limits: Limits) -> StepEnded | None:
        """Carry out the plan; return None when all steps are done, else how the run ended."""
        killed = process_watch.killed_for_memory()
        run = pool.start_run(self.plan.flavour, limits)
        self.stopwatch = Stopwatch(run.pid, self.times, self.spent)
        try:
            arrays: list[np.ndarray] = []
            packed = protocol.pack(self.plan.as_message(), arrays)
            send_plan(run.results, protocol.message_bytes({"plan": packed}, arrays), run.patience)
            self.arrived.read = lambda size: self.read(run, size)
            self.follow(self.arrived)
            return None
        except StepEnded as ended:
            return ended
        except TooMuch as error:
            return StepEnded("crash", str(error), whole=True)
        except BorderError as error:
            return StepEnded("crash", f"it disturbed the grading process ({error})")
        except PlanNotTaken as error:
            return StepEnded("crash", str(error))
        except (EOFError, OSError):
            return how_it_ended(run, process_watch.killed_for_memory() > killed)
        finally:
            self.spent = self.stopwatch.spent
            run.kill()

    def read(self, run: Run, size: int) -> bytearray:
        """Read exactly so many bytes before the time of the step is over; keep some that have arrived beyond them."""
        have = min(size, len(self.ahead))
        data = bytearray(size)  # one buffer: a list of many small pieces would take many times their size
        data[:have] = self.ahead[:have]
        del self.ahead[:have]
        while have < size:
            beyond = bytearray(AHEAD)
            run.results.settimeout(self.stopwatch.seconds_to_look())
            with suppress(TimeoutError):
                count = run.results.recvmsg_into([memoryview(data)[have:], beyond])[0]
                if not count:
                    raise EOFError
                have += count
                self.ahead += beyond[: max(0, have - size)]
            if over := self.stopwatch.look():
                raise StepEnded("timeout", over.why, over.delayed, over.whole)
        return data

    def follow(self, reader: protocol.Reader) -> None:
        """Take the messages of all steps, which must come in the order of the plan."""
        for step in self.plan.steps:
            self.expect(reader, "begin", step.number)
            self.current = step.number
            seconds = self.times.step if step.kind == "run" else self.probe_seconds
            self.stopwatch.begin(seconds)
            FOLLOW[step.kind](self, reader, step)
            self.stopwatch.end()
        self.expect(reader, "done", -1)

    def expect(self, reader: protocol.Reader, kind: str, number: int) -> tuple[dict, list[np.ndarray]]:
        """Return the next message, which must be of this kind and about this step."""
        head, arrays = reader.message()
        if head.get("type") == "failed" and self.current is None:
            self.refused = True
            raise StepEnded("crash", f"this notebook cannot be run here ({clean_line(head.get('text'), 1000)})")
        if head.get("type") != kind or head.get("step") != number:
            raise BorderError("a message out of order")
        return head, arrays

    def follow_cell(self, reader: protocol.Reader, step: Step) -> None:
        """Take the outputs of a cell."""
        head, _ = self.expect(reader, "cell", step.number)
        record = self.records[step.number]
        if not record.end:  # what a later attempt shows of it is less
            record.outputs, record.end = clean_outputs(head.get("outputs"), self.left), "done"
            self.left.take(record.outputs)

    def follow_probe(self, reader: protocol.Reader, step: Step) -> None:
        """Take the results of all cases of a check, in every round, then its end."""
        record = self.records[step.number] = Record()
        for turn in range(ROUNDS):
            for number in range(len(step.cases)):
                head, arrays = reader.message()
                if head.get("type") == "probe" and head.get("step") == step.number:
                    return end_probe(record, head, step)
                if [head.get(name) for name in ("type", "step", "turn", "case")] != ["case", step.number, turn, number]:
                    raise BorderError("a result out of order")
                record.results[turn].append(result_from(head, arrays, step))
        end_probe(record, self.expect(reader, "probe", step.number)[0], step)


FOLLOW = {"run": Attempt.follow_cell, "probe": Attempt.follow_probe}


def end_probe(record: Record, head: dict, step: Step) -> None:
    """Write into the record of a probe how it ended, and which forbidden library calls were seen."""
    record.error, record.end = clean_error(head.get("error")), "done"
    if not step.forbidden:
        return
    seen = head.get("seen")
    used, unseen = (seen.get(name) if isinstance(seen, dict) else None for name in ("used", "unseen"))
    if not isinstance(used, list) or not isinstance(unseen, list):
        record.unseen = "what it called was not told"
        return
    record.used = tuple(name for name in used if isinstance(name, str) and is_one_of(name, step.forbidden))
    record.unseen = clean_line(unseen[0], 200) if unseen else ""


def is_one_of(name: str, forbidden: tuple[str, ...]) -> bool:
    """Say whether a dotted name is a forbidden one as a library has it."""
    full = len(name) < 200 and name.replace(".", "").isidentifier()
    return full and any(name == rule or name.endswith(f".{rule}") for rule in forbidden)


def result_from(head: dict, arrays: list[np.ndarray], step: Step) -> dict[str, Any]:
    """Return the result of one case from a message: an array for every part, or what was raised.

    Beside what was raised may stand what came instead of a whole result: some parts, or arrays under "0", "1", …
    """
    parts = head.get("parts")
    if not isinstance(parts, list) or len(parts) != len(arrays) or any(not isinstance(part, str) for part in parts):
        raise BorderError("a result without the parts of its check")
    if "raises" in head:
        numbers = {str(number) for number in range(MOST_PARTS)}
        if len(set(parts)) != len(parts) or not (set(parts) <= set(step.returns) or set(parts) <= numbers):
            raise BorderError("a result with parts that its check does not have")
        raised = clean_error(head) or {"raises": ["Exception"], "text": ""}
        return raised | ({"came": dict(zip(parts, arrays, strict=True))} if parts else {}) | code_from(head)
    if sorted(parts) != sorted(step.returns):
        raise BorderError("a result without the parts of its check")
    result: dict[str, Any] = dict(zip(parts, arrays, strict=True))
    inputs = {name for case in step.cases for name in case["inputs"]}
    notes = {"changed": inputs, "renamed": inputs, "shared": step.returns, "remarks": step.remarks}
    for note, names in notes.items():
        named = head.get(note)
        known = [name for name in named if isinstance(name, str) and name in names] if isinstance(named, list) else []
        result |= {note: known[: len(names)]} if known else {}
    return result | ({"softened": True} if head.get("softened") is True else {}) | code_from(head)


def code_from(head: dict) -> dict[str, dict[str, list[str]]]:
    """Return what stands in the learner's code, from a message: short texts of the known kinds."""
    sent = head.get("code")
    if not isinstance(sent, dict):
        return {}
    lists = {kind: sent[kind][:MOST_SEEN] for kind in SEEN if isinstance(sent.get(kind), list)}
    texts = {kind: [text for text in sent if is_code(kind, text)] for kind, sent in lists.items()}
    kept = {kind: [clean_line(text, MOST_LETTERS) for text in found] for kind, found in texts.items()}
    return {"code": {kind: texts for kind, texts in kept.items() if texts}}


def is_code(kind: str, text: Any) -> bool:
    """Say whether a text may be what it is said to be: a name, or an expression; a sentence must not pass for one."""
    if not isinstance(text, str):
        return False
    if kind == "one_object":
        return IS.fullmatch(text) is not None
    return "`" not in text if kind == "lost" else text.replace(".", "").isidentifier()


def how_it_ended(run: Run, out_of_memory: bool) -> StepEnded:
    """Say how a process ended; `out_of_memory` tells that the kernel has killed one since the run began."""
    code = run.ended(SETTLE_SECONDS)
    if run.why:
        return StepEnded("crash", run.why)
    if out_of_memory and code in KILLED:
        return StepEnded("crash", "the machine had no memory left", delayed=True)
    number = -code if code and code < 0 else code - 128 if code and code > 128 else 0
    if number:
        name = signal.Signals(number).name if number in set(signal.Signals) else f"signal {number}"
        return StepEnded("crash", f"the code crashed Python ({name})")
    return StepEnded(
        "crash", "the code ended Python" if code is not None else "the code cut its connection to the grader"
    )
