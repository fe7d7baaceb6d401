"""What a forked child does to itself before any learner code runs."""

from __future__ import annotations

import math
import os
import resource
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from autograder.grade.sandbox import namespaces
from autograder.grade.sandbox.time_limits import TOTAL

# What is counted for all processes of a user together, or lets one go before all others: a run gets on with less than
# would be missed elsewhere. A process is refused where the user has more than its own limit allows.
OF_THE_USER = {
    "RLIMIT_MSGQUEUE": 0,
    "RLIMIT_MEMLOCK": 0,
    "RLIMIT_SIGPENDING": 128,  # timers count, too
    "RLIMIT_RTPRIO": 0,
    "RLIMIT_NICE": 0,
}


@dataclass(frozen=True)
class Limits:
    """What one run may use.

    memory     bytes beyond what the warm process has, in one process and in all of a run together
    file_size  bytes of one file; scratch: bytes of all files
    files      open files of one process; handles: files, sockets and pipes of all of a run
    processes  processes and threads; processor: seconds of processor time
    """

    memory: int = 2 << 30
    file_size: int = 32 << 20
    scratch: int = 64 << 20
    files: int = 256
    handles: int = 1024
    processes: int = 128
    processor: int = 1200

    @classmethod
    def of(cls, megabytes: int, step: float) -> Limits:
        """Return the limits of runs with so much memory, whose steps may take so many seconds of processor time.

        The kernel's own limit on a process lies above that on a whole submission, which says more when it is met.
        """
        return cls(memory=megabytes << 20, processor=max(cls.processor, math.ceil(2 * TOTAL * step)))


def confine(limits: Limits, folder: str, sandboxed: bool) -> None:
    """Leave the parent's session, enter the sandbox, and accept the limits; `folder` is for runs without one.

    Memory is limited by RLIMIT_DATA, which counts what a process writes to; RLIMIT_AS would count the
    gigabytes that TensorFlow reserves and never touches. The sum over processes is watched from outside.
    """
    if os.getsid(0) != os.getpid():
        os.setsid()
    with suppress(OSError):  # where memory runs out, the kernel ends this process and not the grader
        Path("/proc/self/oom_score_adj").write_text("1000")
    ceilings = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_FSIZE: limits.file_size,
        resource.RLIMIT_NOFILE: limits.files,
        resource.RLIMIT_DATA: data_in_use() + limits.memory,
        resource.RLIMIT_CPU: limits.processor,
        **{getattr(resource, name): most for name, most in OF_THE_USER.items() if hasattr(resource, name)},
    }
    if sandboxed:  # outside a sandbox the number would count all processes of this user
        ceilings[resource.RLIMIT_NPROC] = limits.processes
        folder = namespaces.enter(limits.scratch)
    os.chdir(folder)
    os.umask(0o077)
    sys.path.insert(0, folder)
    quiet = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(quiet, number)
    if quiet > 2:
        os.close(quiet)
    for name, value in ceilings.items():
        hard = resource.getrlimit(name)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(name, (value, value))


def data_in_use() -> int:
    """Return the bytes of writable memory that this process has already."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:  # not Linux
        return 1 << 30
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("VmData")), 1 << 30)
