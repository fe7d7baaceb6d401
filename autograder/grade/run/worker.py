"""The learner's side: runs the steps of a plan in a forked process and hands outputs and arrays out.

It decides nothing. A "run" step is a cell; a "probe" step is a check cell from the trusted notebook, run
with the name `check` bound to a recorder that calls the learner's function on each case.
"""

from __future__ import annotations

import ast
import os
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from autograder.grade.run.given_names import NAME as GIVEN
from autograder.grade.run.given_names import as_given
from autograder.grade.run.ipython_shell import GradingShell, Tape, TapeStream
from autograder.grade.run.library_watch import CHECK, Watch
from autograder.grade.run.protocol import Limits, Reader, exact_reader, message_bytes, unpack
from autograder.learner.check import call, notebook_names, noted, seen_in_code

MOST_RESULT = 48 << 20  # bytes of one case's arrays
PLAN_LIMITS = Limits(json=64 << 20, arrays=100_000, total=1 << 30)
HELD = 1 << 16  # bytes of messages that wait for others, to be sent together
ROUNDS = 2  # every case is sent twice, to catch what is kept from one call to the next


class Sender:
    """Sends messages to the judge, from the process that was forked and from no other."""

    def __init__(self, connection: socket.socket) -> None:
        """Send over a connection."""
        self.connection, self.process, self.held = connection, os.getpid(), bytearray()

    def __call__(self, kind: str, step: int, arrays: Sequence[np.ndarray] = (), **fields: Any) -> None:
        """Send one message; a copy of this process that learner code forked ends here."""
        self.hold(kind, step, arrays, **fields)
        self.send_held()

    def hold(self, kind: str, step: int, arrays: Sequence[np.ndarray] = (), **fields: Any) -> None:
        """Send a message together with the next, which need not wait for this: each that is sent wakes the judge."""
        if os.getpid() != self.process:
            os._exit(0)
        self.held += message_bytes({"type": kind, "step": step, **fields}, arrays)
        if len(self.held) > HELD:
            self.send_held()

    def send_held(self) -> None:
        """Send what waits."""
        self.connection.sendall(self.held)
        self.held = bytearray()


def serve(connection: socket.socket, shell: GradingShell) -> None:
    """Receive a plan, carry out its steps and say when all are done; how a step ended is sent with the next's begin."""
    send = Sender(connection)
    try:
        plan = receive_plan(connection)
    except Exception as error:  # the grader's own doing: say so, for no step has begun
        return send("failed", -1, text=repr(error))
    watch = Watch()
    watch.begin(name for step in plan["steps"] for name in step.get("forbidden", ()))
    for step in plan["steps"]:
        send("begin", step["step"])
        if step["kind"] == "run":
            run_cell(step, send, shell)
        else:
            run_probe(step, send, shell, watch)
    send("done", -1)


def receive_plan(connection: socket.socket) -> dict[str, Any]:
    """Return the plan, its files written beside the notebook; it comes from the judge, so only its size is limited."""
    head, arrays = Reader(exact_reader(connection.makefile("rb")), PLAN_LIMITS).message()
    plan = unpack(head["plan"], arrays)
    for name, data in plan["files"].items():
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_bytes(data.tobytes())
    return plan


def run_cell(step: dict, send: Sender, shell: GradingShell) -> None:
    """Run a cell and send its outputs."""
    shell.draws, shell.given = step["draws"], step["given"]
    outputs, _ = shell.run(step["text"])
    shell.ours[GIVEN].keep(step["keeps"])
    send.hold("cell", step["step"], outputs=outputs)


def run_probe(step: dict, send: Sender, shell: GradingShell, watch: Watch) -> None:
    """Run a check cell with a recorder in place of `check`; send what stopped it, if anything did.

    Where the check forbids library calls, what the watch has seen of them is sent as well.
    """
    space = shell.user_ns
    shell.tape = Tape()
    streams, before = (sys.stdout, sys.stderr), space.get("check")
    sys.stdout, sys.stderr = TapeStream(shell, "stdout"), TapeStream(shell, "stderr")
    space.update(shell.ours, check=Recorder(step, send))
    error = None
    try:
        watch.begin(step["forbidden"])
        exec(compile(as_given(ast.parse(step["text"]), step["given"]), CHECK, "exec"), space)
    except BaseException as raised:
        error = describe(raised)
    finally:
        sys.stdout, sys.stderr = streams
        space["check"] = before
    send.hold("probe", step["step"], error=error, seen=watch.end(step["forbidden"]))


class Recorder:
    """Stands in for `check`: calls the answer on every case and sends the arrays, or what was raised."""

    def __init__(self, step: dict, send: Sender) -> None:
        """Stand in for one probe."""
        self.step, self.send, self.called = step, send, False

    def __call__(self, name: str, answer: Callable) -> None:
        """Send the results of all cases, in every round."""
        if name != self.step["check"] or self.called:
            return
        self.called = True
        sizes = self.step["cases"][0]["names"] if self.step["cases"] else ()
        seen = noted(seen_in_code(answer, self.step["function"], sizes))
        for turn in range(ROUNDS):
            for number, case in enumerate(self.step["cases"]):
                result = self.result(answer, case) | seen
                rest = {part: value for part, value in result.items() if not isinstance(value, np.ndarray)}
                parts = rest.pop("came", {}) or {part: result[part] for part in result if part not in rest}
                place = {"turn": turn, "case": number, "parts": list(parts)}
                self.send.hold("case", self.step["step"], list(parts.values()), **place, **rest)

    def result(self, answer: Callable, case: dict) -> dict[str, Any]:
        """Return what the answer gives for a case."""
        try:
            with notebook_names(answer, case["names"], self.step["stale"]):
                result = call(answer, case["inputs"], self.step["returns"])
            result.update({"text": result["text"][:2000]} if "raises" in result else {})
        except BaseException as error:  # `call` lets SystemExit and its like pass
            return describe(error)
        if size_of(result.get("came", {})) > MOST_RESULT:
            del result["came"]
        if size_of(result) > MOST_RESULT:
            return {"raises": ["ValueError"], "text": "ValueError: the result is far larger than expected"}
        return result


def size_of(arrays: dict[str, Any]) -> int:
    """Return how many bytes the arrays among some values take."""
    return sum(value.nbytes for value in arrays.values() if isinstance(value, np.ndarray))


def describe(error: BaseException) -> dict[str, Any]:
    """Return the names of an exception's classes and its message."""
    names = [kind.__name__ for kind in type(error).__mro__]
    try:
        text = str(error)
    except Exception:
        text = "(its message cannot be shown)"
    return {"raises": names[:20], "text": f"{names[0]}: {text}"[:2000]}
