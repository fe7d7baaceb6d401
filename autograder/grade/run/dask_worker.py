"""What runs on a Dask worker: it carries out plans, and knows neither key nor secret nor expected outputs.

A worker has many threads, so it must not fork. It starts a fork server, a process of its own, when the first
plan comes, and talks to it over a socket, as the class driver does on one machine.
"""

from __future__ import annotations

import platform
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version

from autograder.course.judging_code import judging_digest
from autograder.grade.run.execute import carry_out
from autograder.grade.run.fork_client import ForkServerError, KeptPools
from autograder.grade.run.serialize import read_request, records_bytes, refusal_bytes

LIBRARIES = ("numpy", "tensorflow", "tensorflow-cpu", "keras", "matplotlib", "ipython")
POOLS = KeptPools()  # of the worker that this process is


def run_plan(request: bytes) -> bytes:
    """Carry out a plan in the sandbox of this machine and return its records."""
    plan, limits, times, wanted = read_request(request)
    if other := version_differences(versions(), wanted):
        return refusal_bytes(f"it has {other}; install the same there and start the worker again")
    try:
        return records_bytes(carry_out(plan, POOLS.of(sandboxed=True), limits, times))
    except ForkServerError as error:
        return refusal_bytes(str(error))


@lru_cache(maxsize=1)  # a constant of this process: what was imported stays, whatever is installed later
def versions() -> dict[str, str]:
    """Return what must be the same on all machines, for the same submission to give the same records."""
    return {"autograder": judging_digest()[:12], "python": platform.python_version()} | installed()


def installed() -> dict[str, str]:
    """Return the versions of the libraries that learner code meets."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def version_differences(there: dict[str, str], here: dict[str, str]) -> str:
    """Say in words how the versions of a worker differ from those of the driver; empty where they do not."""
    names = [name for name in sorted(here.keys() | there.keys()) if here.get(name) != there.get(name)]
    return ", ".join(f"{name} {there.get(name, 'missing')} instead of {here.get(name, 'none')}" for name in names)
