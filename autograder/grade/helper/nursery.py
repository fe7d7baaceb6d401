"""The process from which helpers are forked: one for this process, from its first grading to its end."""

from __future__ import annotations

import atexit
import json
import os
import select
import socket
import subprocess
import sys
import threading

from autograder.grade.helper.asking import Allowance, Helper
from autograder.grade.run.fork_client import QUIET, START_SECONDS, ForkServerError

PROGRAM = ("-P", "-m", "autograder.grade.helper.server")
ONE_THREAD = {name: value for name, value in QUIET.items() if name.endswith(("_THREADS", "HASHSEED", "BYTECODE"))}
PRIVATE = ("ATTENTION_COURSE_SECRET", "ATTENTION_DB")  # not needed there
CANNOT_START = (
    "The process that reads submissions could not be started; try `python -c 'import autograder.grade.helper.marking'`."
)


class Nursery:
    """Forks helpers from a process that has imported all that they need, which takes seconds, once."""

    def __init__(self, program: tuple[str, ...] = PROGRAM) -> None:
        """Start nothing yet; `program` is what Python is given."""
        self.program = program
        self.lock = threading.Lock()
        self.process: subprocess.Popen | None = None
        self.door: socket.socket | None = None

    def helper(self, allowed: Allowance) -> Helper:
        """Return a new helper; where the process is gone, it is started again first."""
        with self.lock:
            for _ in range(2):
                if self.process is None or self.process.poll() is not None:
                    self.start()
                if found := self.forked(allowed):
                    return found
                self.stop()
        raise ForkServerError(CANNOT_START)

    def forked(self, allowed: Allowance) -> Helper | None:
        """Return a helper from the process that is there, or nothing where that ends."""
        assert self.door is not None, "the process has a door once it is started"
        ours, theirs = socket.socketpair()
        helper = Helper(ours, allowed)
        try:
            socket.send_fds(self.door, [json.dumps({"memory": allowed.memory}).encode()], [theirs.fileno()])
            theirs.close()
            helper.pid = int(helper.receive().head["pid"])
            return helper
        except (EOFError, OSError):
            helper.kill()
            return None

    def start(self) -> None:
        """Start the process and wait until it is ready."""
        self.door, theirs = socket.socketpair()
        environment = {name: value for name, value in os.environ.items() if name not in PRIVATE} | ONE_THREAD
        self.process = subprocess.Popen(
            [sys.executable, *self.program, str(theirs.fileno())],
            env=environment,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # the keyboard's interrupt is for the driver
        )
        theirs.close()
        atexit.register(self.stop)
        if not (select.select([self.door], [], [], START_SECONDS)[0] and self.door.recv(64)):
            self.stop()
            raise ForkServerError(CANNOT_START)

    def stop(self) -> None:
        """End the process; its helpers end with those who ask them."""
        atexit.unregister(self.stop)
        if self.door is not None:
            self.door.close()
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        self.process = self.door = None


NURSERY = Nursery()
