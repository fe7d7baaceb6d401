"""A grader that dies at a chosen point of its own work, as abruptly as one that is killed, on any machine."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

DEATHS = (-signal.SIGKILL, -signal.SIGPROF)  # how the program ends; nothing of it can catch either


def results_in(out: Path) -> list[Path]:
    """Return what the grader remembers of submissions that are finished."""
    return list((out / "state").glob("*/*.json"))


def die_after(out: Path, count: int, seconds: float) -> None:
    """Let this process die once so many results are in `out`, and so many seconds of its processor time later.

    Processor time, because the point must not depend on what else the machine does. Where no result may be there, it
    dies at the latest when it is about to write the first.
    """
    have = len(results_in(out))

    def look(event: str, given: tuple) -> None:
        nonlocal have
        if event != "os.rename" or not Path(os.fsdecode(given[1])).match("state/*/*.json"):
            return
        if count == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        have += 1
        if have == count:
            signal.setitimer(signal.ITIMER_PROF, seconds)  # its signal ends the process wherever it is

    if have >= count:
        signal.setitimer(signal.ITIMER_PROF, seconds)
    sys.addaudithook(look)
