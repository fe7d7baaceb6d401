"""How tests wait: for a condition, with a generous end, and a sentence that says what was waited for.

No test decides by the clock. The end is there for what hangs; a machine that is merely busy does not reach it.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
LONG = 600.0  # seconds: what takes three on a quiet machine may take two hundred times as long on a busy one
PAUSE = 0.02
PATIENT = {name: int(LONG) for name in ("timeout", "iopub_timeout", "startup_timeout")}  # for nbclient
LAST_CHARACTERS = 3000


class WaitedInVain(AssertionError):
    """What a test waited for did not come."""


def wait_for(condition: Callable[[], T], what: str, seconds: float = LONG, pause: float = PAUSE) -> T:
    """Return what a condition gives as soon as that is true; after the end, fail with what was waited for."""
    end = time.monotonic() + seconds
    while True:
        over = time.monotonic() > end  # asked before the condition, which is thus looked at once more after the end
        if found := condition():
            return found
        if over:
            raise WaitedInVain(f"waited {seconds:g} seconds for {what}, in vain")
        time.sleep(pause)


def wait_for_program(
    process: subprocess.Popen, ready: Callable[[], T], what: str, log: Path | None = None, seconds: float = LONG
) -> T:
    """Return what `ready` gives as soon as that is true; fail with the last output where the program ends before."""

    def ready_or_ended() -> T:
        code = process.poll()
        if not (found := ready()) and code is not None:
            raise WaitedInVain(f"waited for {what}, but the program ended with {code}{last_output(log)}")
        return found

    try:
        return wait_for(ready_or_ended, what, seconds)
    except WaitedInVain as told:
        if process.poll() is None:
            raise WaitedInVain(f"{told}{last_output(log)}") from None
        raise


def last_output(log: Path | None) -> str:
    """Return the end of what a program wrote, as the end of a sentence."""
    if log is None:
        return ""
    said = log.read_text(encoding="utf-8", errors="replace")[-LAST_CHARACTERS:]
    return f"; its last output was:\n{said}" if said else "; it wrote nothing"


def stop(process: subprocess.Popen, *first: signal.Signals) -> int:
    """End a process that was started, with a polite signal first if one is named; return its exit code."""
    for number in (*first, signal.SIGKILL):
        process.send_signal(number)
        try:
            return process.wait(LONG / 10 if number != signal.SIGKILL else None)
        except subprocess.TimeoutExpired:
            continue
    raise WaitedInVain("waited for a killed process to end")


def is_gone(pid: int) -> bool:
    """Say whether a process has ended; one that nobody has waited for counts as ended."""
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (ProcessLookupError, FileNotFoundError):
        return True


def named(name: str) -> list[int]:
    """Return the processes of this machine that have given themselves a name, of at most 15 bytes."""
    found = []
    for place in Path("/proc").glob("[0-9]*/comm"):
        try:
            if place.read_bytes().strip() == name.encode():
                found.append(int(place.parent.name))
        except OSError:
            continue  # it has ended
    return found


def listens(port: int) -> bool:
    """Say whether somebody listens on a port of this machine."""
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]
