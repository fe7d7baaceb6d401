"""Two Dask workers against one, on submissions whose own code waits, or computes, for a while."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.classes import numpy_course, write_numpy_class
from bench.ours import grade, scores, steady

WAITS = "import time\ntime.sleep(1.0)\n"
COMPUTES = "import time\nend = time.process_time() + 3.0\nwhile time.process_time() < end:\n    pass\n\n"
COUNT = {"quick": 8, "full": 24}
SECONDS = {"waits 1 s": WAITS, "computes 3 s": COMPUTES}


def measure(quick: bool) -> dict[str, Any]:
    """Return for both kinds of class the seconds of one and of two workers."""
    return {name: compare(before, COUNT["quick" if quick else "full"]) for name, before in SECONDS.items()}


def compare(before: str, count: int) -> dict[str, Any]:
    """Grade one class with one worker, then with two; each has graded something before."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        root = numpy_course(Path(folder) / "course")
        slug = write_numpy_class(root, count, before)
        seconds, each, found = {}, {}, {}
        for workers in (1, 2):
            with cluster(workers) as address:
                warm_up(Path(folder) / f"warm{workers}", address)
                out = root / f"out{workers}"
                seconds[workers] = grade(root, out, "--scheduler", address)
            each[workers] = steady(out, skip=workers)
            found[workers] = scores(out / "gradebook.db", slug)
    return {
        "submissions": count,
        "seconds": seconds,
        "seconds_each_without_starting": each,
        "speed_up": each[1] / each[2],
        "speed_up_of_the_whole_command": seconds[1] / seconds[2],
        "grades_equal": found[1] == found[2],
    }


def end(process: subprocess.Popen) -> None:
    """End a part of Dask; one that does not listen is killed."""
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def warm_up(folder: Path, address: str) -> None:
    """Let every worker start its fork server."""
    root = numpy_course(folder)
    write_numpy_class(root, 6, WAITS)
    grade(root, root / "out", "--scheduler", address)


@contextmanager
def cluster(workers: int) -> Iterator[str]:
    """Start a scheduler and workers of one thread each on this machine; return the address."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    local = ["--host", "127.0.0.1", "--no-dashboard"]
    processes = [start("distributed.cli.dask_scheduler", "--port", str(port), *local)]
    worker = ["distributed.cli.dask_worker", address, "--nthreads", "1", "--no-nanny", "--memory-limit", "0", *local]
    processes += [start(*worker) for _ in range(workers)]
    try:
        wait_for(address, workers)
        yield address
    finally:
        for process in reversed(processes):  # the workers first, which say goodbye to the scheduler
            end(process)


def start(*arguments: str) -> subprocess.Popen:
    """Start a part of Dask."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen([sys.executable, "-m", *arguments], **quiet)


def wait_for(address: str, workers: int) -> None:
    """Wait until all workers are there."""
    from distributed import Client

    for _ in range(60):
        try:
            with Client(address, timeout=2, set_as_default=False) as client:
                return client.wait_for_workers(workers, timeout=60)
        except OSError:
            time.sleep(0.5)
    raise TimeoutError("the scheduler did not start")


def table(found: dict[str, Any]) -> str:
    """Return the figures as Markdown."""
    lines = ["| each submission | submissions | speed-up | whole command | grades equal |", "|---|---|---|---|---|"]
    for name, one in found.items():
        lines.append(
            f"| {name} | {one['submissions']} | **{one['speed_up']:.2f}** | {one['speed_up_of_the_whole_command']:.2f} "
            f"| {'yes' if one['grades_equal'] else 'NO'} |"
        )
    note = "Driver, scheduler and workers share the processors of this one machine. To reach: 1.8."
    return "\n".join([*lines, "", note])
