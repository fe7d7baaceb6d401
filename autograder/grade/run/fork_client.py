"""Starts warm processes and runs in them, from the trusted side."""

from __future__ import annotations

import atexit
import json
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Self

from autograder.grade.sandbox.limits import Limits

PROGRAM = ("-P", "-m", "autograder.grade.run.fork_server")
QUIET = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_ENABLE_ONEDNN_OPTS": "0",  # as the notebooks say, too late for a process that has imported TensorFlow
    "CUDA_VISIBLE_DEVICES": "-1",
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",  # memory in larger pieces: a forked process copies fewer of them
    "KERAS_BACKEND": "tensorflow",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONIOENCODING": "utf-8",
    "LANG": "C.UTF-8",
    "NBGRADER_EXECUTION": "autograde",
}
START_SECONDS = 900  # TensorFlow is imported in ten on a quiet machine
ANSWER_SECONDS = 300  # to fork a process, and to take a plan; on a quiet machine it takes milliseconds


class ForkServerError(RuntimeError):
    """No process could be started to run submissions in."""


class PlanNotTaken(Exception):
    """A process was started for a submission and does not take what it is to do."""


@dataclass
class Run:
    """A process that carries out one plan: `results` is its socket, `control` or `process` what ends it."""

    results: socket.socket
    control: socket.socket | None = None
    process: subprocess.Popen | None = None
    pid: int = 0
    heard: bytes = b""
    why: str = ""

    def ended(self, seconds: float) -> int | None:
        """Return the exit code (negative: the signal) if the run ends so soon; `why` says what the server knows."""
        if self.process is not None:
            try:
                return self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                return None
        assert self.control is not None, "a run has a process of its own or one of the warm process"
        while b"ended" not in self.heard:
            if not select.select([self.control], [], [], seconds)[0]:
                return None
            piece = self.control.recv(4096)
            if not piece:
                return -9
            self.heard += piece
        told = json.loads(self.heard.strip().split(b"\n")[-1])
        self.why = told["why"]
        return told["ended"]

    @property
    def patience(self) -> int:
        """Return the seconds in which it takes a plan; a cold process imports everything before that."""
        return ANSWER_SECONDS if self.process is None else START_SECONDS

    def kill(self) -> None:
        """End the run and everything it started."""
        self.results.close()
        if self.process is not None:
            self.process.kill()
            self.process.wait()
        if self.control is not None:
            self.control.close()


def send_plan(results: socket.socket, data: bytes, seconds: int) -> None:
    """Send a plan to a run; raises PlanNotTaken where it is not taken in that time."""
    results.settimeout(seconds)
    try:
        with suppress(BrokenPipeError):  # it would not take all of it, and has said so
            results.sendall(data)
    except TimeoutError:
        raise PlanNotTaken(f"a process did not take its work within {seconds} s") from None


@dataclass
class Warm:
    """A warm process of one flavour. Where forking is not safe, each run gets a cold process of its own.

    program  what Python is given to start it
    """

    flavour: str
    sandboxed: bool = True
    program: tuple[str, ...] = PROGRAM
    folder: str = field(default_factory=lambda: tempfile.mkdtemp(prefix="grading-"))
    lock: threading.Lock = field(default_factory=threading.Lock)
    process: subprocess.Popen | None = None
    door: socket.socket | None = None
    cold: bool = False
    ready: bool = False
    closed: bool = False

    def start_run(self, limits: Limits) -> Run:
        """Start a run; the plan is then sent over its `results` socket."""
        ours, theirs = socket.socketpair()
        with self.lock:
            if self.closed:
                raise ForkServerError("Grading was stopped.")
            control = None if self.cold else self.request_or_restart(limits, theirs)
        if control is None:
            process = self.start_cold(limits, theirs)
            return Run(ours, process=process, pid=process.pid)
        theirs.close()
        return Run(ours, control=control[0], pid=control[1])

    def request_or_restart(self, limits: Limits, results: socket.socket) -> tuple[socket.socket, int] | None:
        """Ask for a run; where the warm process is gone, start another and ask that."""
        if self.process is None or self.process.poll() is not None:
            self.start()
        if self.cold:
            return None
        try:
            return self.request(limits, results)
        except OSError:
            self.start()
        try:
            return None if self.cold else self.request(limits, results)
        except OSError as error:
            raise ForkServerError(f"The {self.flavour} process starts no runs: {error}.") from error

    def start(self) -> None:
        """Start the warm process and wait until it is ready."""
        self.ready = False
        self.process, self.door = self.spawn()
        ready = select.select([self.door], [], [], START_SECONDS)[0] and self.door.recv(4096)
        if not ready:
            self.process.kill()
            raise ForkServerError(
                f"The {self.flavour} process could not be started; try `python -c 'import {self.flavour}'`."
            )
        told = json.loads(ready)
        if "refused" in told:
            raise ForkServerError(told["refused"])
        self.cold, self.ready = not told["ready"], True

    def spawn(self, *flags: str) -> tuple[subprocess.Popen, socket.socket]:
        """Start the program, `autograder.grade.run.fork_server`, with a door to it."""
        ours, theirs = socket.socketpair()
        command = [sys.executable, *self.program, self.flavour, str(theirs.fileno()), self.folder]
        flags = flags if self.sandboxed else (*flags, "--no-sandbox")
        environment = {**QUIET, "HOME": self.folder, "TMPDIR": self.folder, "PATH": os.environ.get("PATH", "")}
        environment |= {name: f"{self.folder}/{name}" for name in ("IPYTHONDIR", "MPLCONFIGDIR", "KERAS_HOME")}
        process = subprocess.Popen(
            [*command, *flags],
            env=environment,
            cwd=self.folder,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # the keyboard's interrupt is for the driver, which then closes the door
        )
        theirs.close()
        return process, ours

    def request(self, limits: Limits, results: socket.socket) -> tuple[socket.socket, int] | None:
        """Ask for a run; return its control socket and process, None where forking is refused: runs are then cold."""
        assert self.door is not None, "runs are asked for when the warm process is there"
        ours, theirs = socket.socketpair()
        socket.send_fds(self.door, [json.dumps(asdict(limits)).encode()], [theirs.fileno(), results.fileno()])
        theirs.close()
        if not select.select([ours], [], [], ANSWER_SECONDS)[0]:
            assert self.process is not None, "the door is its own"
            self.process.kill()  # its runs end with it: it could not tell of their end either
            raise ConnectionError(f"the warm process has not answered in {ANSWER_SECONDS} s")
        answer = ours.recv(4096)
        if not answer:
            raise ConnectionError("the warm process is gone")
        told = json.loads(answer)
        self.cold = "refused" in told
        return None if self.cold else (ours, told["pid"])

    def start_cold(self, limits: Limits, results: socket.socket) -> subprocess.Popen:
        """Start a process for one run."""
        process, door = self.spawn("--cold")
        control = socket.socketpair()
        handles = [control[1].fileno(), results.fileno()]
        socket.send_fds(door, [json.dumps(asdict(limits)).encode()], handles)
        for end in (*control, results, door):
            end.close()
        return process

    def close(self) -> None:
        """End the warm process and all its runs."""
        self.closed = True
        if self.door is not None:
            self.door.close()
        if self.process is not None:
            if not self.ready:  # it is still importing, and has no runs
                self.process.kill()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


class Pool:
    """The warm processes, one a flavour, each started when it is first needed."""

    threads = 1  # runs at a time

    def __init__(self, sandboxed: bool = True, program: tuple[str, ...] = PROGRAM) -> None:
        """Start nothing yet; `program` is what Python is given for a warm process."""
        self.sandboxed, self.program = sandboxed, program
        self.warm: dict[str, Warm] = {}
        self.lock = threading.Lock()

    def start_run(self, flavour: str, limits: Limits) -> Run:
        """Start a run in the warm process of a flavour."""
        with self.lock:
            if flavour not in self.warm:
                self.warm[flavour] = Warm(flavour, self.sandboxed, self.program)
            warm = self.warm[flavour]
        return warm.start_run(limits)

    def close(self) -> None:
        """End all warm processes."""
        for warm in self.warm.values():
            warm.close()

    def __enter__(self) -> Self:
        """Return the pool."""
        return self

    def __exit__(self, *ignored: object) -> None:
        """End all warm processes."""
        self.close()


class KeptPools:
    """Warm processes that are kept until this process ends, for those who are called again and again.

    Neither a preprocessor of nbgrader's, which is made anew for every notebook, nor a function that a Dask worker
    calls can hold a pool from one submission to the next.
    """

    def __init__(self) -> None:
        """Start nothing yet."""
        self.pools: dict[bool, Pool] = {}
        self.lock = threading.Lock()

    def of(self, sandboxed: bool) -> Pool:
        """Return the pool with the sandbox or without; it is made when it is first asked for."""
        with self.lock:
            if sandboxed not in self.pools:
                self.pools[sandboxed] = Pool(sandboxed)
                atexit.register(self.pools[sandboxed].close)
            return self.pools[sandboxed]
