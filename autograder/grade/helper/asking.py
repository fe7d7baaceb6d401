"""Asks one helper, within limits on memory and time: whoever waits for it looks at it a few times a second."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from autograder.grade.helper import messages
from autograder.grade.helper.messages import Message
from autograder.grade.run.execute import Runs
from autograder.grade.run.fork_client import ForkServerError, Run
from autograder.grade.run.protocol import BorderError
from autograder.grade.sandbox import process_watch
from autograder.grade.sandbox.limits import Limits

LOOK_SECONDS = 0.25
GROWN = 256 << 20  # bytes beyond which a helper makes way for a new one after its request


@dataclass(frozen=True)
class Allowance:
    """What a helper may take for one request: bytes of memory beyond what it has, seconds of its processor time.

    clock    seconds on the clock; while learner code runs, whose own limits hold, `running` in place of it
    """

    memory: int = 1 << 30
    processor: float = 60.0
    clock: float = 1200.0
    running: float = 7200.0


class Beyond(Exception):
    """A request needs more than a helper may take; the text says so in a sentence.

    again  whether it may do better another time: on the clock, the machine may be to blame
    """

    def __init__(self, text: str, again: bool = False) -> None:
        """Remember what is known."""
        super().__init__(text)
        self.again = again


class HelperGone(Exception):
    """A helper ended before its answer, and nobody knows why."""


class HelperFailed(Exception):
    """The grader's own code failed on a request; `details` say where."""

    def __init__(self, text: str, details: str) -> None:
        """Remember what is known."""
        super().__init__(text)
        self.add_note(details)


@dataclass
class Helper:
    """One helper, and the run that it has asked for."""

    connection: socket.socket
    allowed: Allowance
    pid: int = 0
    run: Run | None = None
    memory: int = 0
    processor: float = 0.0
    since: float = field(default_factory=time.monotonic)

    def ask(self, request: bytes, runs: Runs) -> bytes:
        """Return the answer to a request."""
        self.begin()
        head = {"seconds": self.allowed.processor}
        self.send(Message(head, {"request": request}).as_bytes())
        while True:
            message = self.receive()
            kind = message.head.get("kind")
            if kind == "answer":
                return message.parts["answer"]
            if kind not in REPLIES:
                raise REFUSALS.get(str(kind), not_understood)(message.head, self.allowed)
            REPLIES[kind](self, message.head, runs)

    def begin(self) -> None:
        """Count memory and time from here."""
        self.since = time.monotonic()
        self.memory, self.processor = process_watch.resident_memory(self.pid), process_watch.own_seconds(self.pid)

    def look(self) -> None:
        """Raise Beyond where the helper takes more than it may."""
        if process_watch.own_seconds(self.pid) - self.processor > self.allowed.processor:
            raise Beyond(within(f"{self.allowed.processor:g} s of processor time"))
        if process_watch.resident_memory(self.pid) - self.memory > self.allowed.memory:
            raise Beyond(within(f"{self.allowed.memory >> 20} MB of memory"))
        most = self.allowed.clock if self.run is None else self.allowed.running
        if time.monotonic() - self.since > most:
            raise Beyond(within(f"{most:g} s on the clock"), again=True)

    @property
    def grown(self) -> bool:
        """Say whether much of what the last request took is still there."""
        return process_watch.resident_memory(self.pid) - self.memory > GROWN

    # ------------------------------------------------------------ bytes, with an eye on the helper
    def wait(self, reading: bool) -> None:
        """Wait until something can be read or written; raises Beyond, and OSError once the connection was closed."""
        while True:
            lists = ([self.connection], []) if reading else ([], [self.connection])
            if any(select.select(*lists, [], LOOK_SECONDS)):
                return
            self.look()

    def send(self, data: bytes) -> None:
        """Send bytes."""
        left = memoryview(data)
        while left:
            self.wait(reading=False)
            with suppress(BlockingIOError):  # there is room for less; the helper may have stopped to read
                left = left[self.connection.send(left, socket.MSG_DONTWAIT) :]

    def receive(self) -> Message:
        """Return the next message."""
        return messages.received(self.read, messages.ANSWERED)

    def read(self, size: int) -> bytearray:
        """Return exactly so many bytes; raises EOFError where there are fewer."""
        data, have = bytearray(size), 0
        while have < size:
            self.wait(reading=True)
            count = self.connection.recv_into(memoryview(data)[have:])
            if not count:
                raise EOFError
            have += count
        return data

    # ------------------------------------------------------------ what a helper asks for
    def start_run(self, head: dict[str, Any], runs: Runs) -> None:
        """Start a run and hand its socket over."""
        self.kill_run(head, runs)  # one at a time
        try:
            self.run = runs.start_run(str(head["flavour"]), Limits(**head["limits"]))
        except ForkServerError as error:
            self.connection.send(json.dumps({"refused": str(error)[:1000]}).encode())
            return
        told = json.dumps({"pid": self.run.pid, "patience": self.run.patience}).encode()
        socket.send_fds(self.connection, [told], [self.run.results.fileno()])
        self.run.results.close()  # it is the helper's alone: where the run ends, the helper sees it
        self.since = time.monotonic()

    def end_of_run(self, head: dict[str, Any], runs: Runs) -> None:
        """Tell how the run ended."""
        code = self.run.ended(min(float(head["seconds"]), 60.0)) if self.run else None
        why = self.run.why if self.run else ""
        self.connection.send(json.dumps({"code": code, "why": why}).encode())

    def kill_run(self, head: dict[str, Any], runs: Runs) -> None:
        """End the run."""
        if self.run is not None:
            self.run.kill()
        self.run, self.since = None, time.monotonic()

    def kill(self) -> None:
        """End the helper and its run."""
        self.kill_run({}, None)  # type: ignore[arg-type]  # it needs neither
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)
        self.connection.close()
        if self.pid:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            self.pid = 0


REPLIES = {"run": Helper.start_run, "ended": Helper.end_of_run, "kill": Helper.kill_run}
REFUSALS: dict[str, Any] = {
    "no run": lambda head, allowed: ForkServerError(head["text"]),
    "too large": lambda head, allowed: Beyond(head["text"]),
    "memory": lambda head, allowed: Beyond(within(f"{allowed.memory >> 20} MB of memory")),
    "failed": lambda head, allowed: HelperFailed(head["text"], head["details"]),
}


def not_understood(head: dict[str, Any], allowed: Allowance) -> Exception:
    """Return what to raise for a message of no known kind."""
    return BorderError("a message of no known kind")


def within(limit: str) -> str:
    """Return the sentence on a submission for which a limit was too little."""
    return f"This submission could not be read within {limit}."
