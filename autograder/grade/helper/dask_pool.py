"""The workers of a Dask scheduler, as the class driver sees them.

The driver has a thread for each request that is on its way; it waits for a future of the executor that Dask gives.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, wait
from typing import Any

from autograder.errors import UserError
from autograder.grade.helper.on_worker import answer_on_worker
from autograder.grade.run.versions import version_differences, versions

CONNECT_SECONDS = 15
ANSWER_SECONDS = 60  # what Dask itself waits for without an end: a greeting, a worker's answer
WORKER_SECONDS = 20  # a scheduler that has just been started gets its workers a little later
LOST_SECONDS = 60  # nannies start their workers anew within seconds
LOOK_SECONDS = 2
MOST_WORKERS = 1000  # threads of the driver that wait for workers
WITHOUT_DASK = "--scheduler needs Dask, which is not installed; run in the project's folder: make machines"


class WorkersLost(Exception):
    """A submission was tried on several machines, and each of them went away."""


class DaskPool:
    """The workers of a Dask scheduler, each with the sandbox of its machine."""

    threads = MOST_WORKERS

    def __init__(self, address: str) -> None:
        """Connect to a scheduler; raises UserError where nothing, or nothing of use, answers."""
        self.address, self.client = address, connect(address)
        try:
            require_same_versions(self.client, address)
        except BaseException:
            self.client.close()
            raise
        # pure: a regrade must not be given an old result. A worker that dies is the scheduler's to replace.
        self.executor = self.client.get_executor(pure=False, retries=0)
        self.last_seen = time.monotonic()

    def ahead(self) -> int:
        """Return how many submissions may be on their way; workers may come and go."""
        return 2 * max(1, sum(worker["nthreads"] for worker in workers(self.client).values()))

    def carry_out(self, request: bytes) -> bytes:
        """Return the answer of one of the workers; raises WorkersLost where each that tried has ended."""
        from distributed import KilledWorker

        try:
            future = self.executor.submit(answer_on_worker, request, versions())
        except Exception as error:  # the driver has been stopped, or the connection is gone
            raise self.lost() from error
        try:
            while not wait([future], LOOK_SECONDS).done:
                self.look()
            self.last_seen = time.monotonic()
            return future.result()
        except CancelledError as error:  # the connection was closed, there or here
            raise self.lost() from error
        except KilledWorker as error:
            times_tried = error.allowed_failures + 1
            raise WorkersLost(
                f"each machine that ran it went away before it was finished ({times_tried} tried)"
            ) from None

    def look(self) -> None:
        """Raise UserError where the scheduler or all workers stay away."""
        if self.client.status == "running" and workers(self.client):
            self.last_seen = time.monotonic()
        elif time.monotonic() > self.last_seen + LOST_SECONDS:
            raise self.lost()

    def lost(self) -> UserError:
        """Return what to tell where nobody is left to work."""
        return UserError(
            f"The scheduler at {self.address} or its workers went away. What was finished is kept: start them again "
            "and repeat the command."
        )

    def close(self) -> None:
        """Leave the scheduler; what is still on the workers is not waited for."""
        with contextlib.suppress(Exception):
            self.executor.shutdown(wait=False)
        self.client.close()


def connect(address: str) -> Any:
    """Return a Dask client of the scheduler at an address."""
    try:
        from distributed import Client
    except ImportError:
        raise UserError(WITHOUT_DASK) from None
    logging.getLogger("distributed").setLevel(logging.CRITICAL)

    def client() -> Any:
        require_readable(address)
        try:
            return Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
        except AssertionError:  # a worker came in the same 2 ms, and Dask expects no news beside the greeting
            return Client(address, timeout=CONNECT_SECONDS, set_as_default=False)

    try:
        return within(ANSWER_SECONDS, client)
    except Exception as error:
        raise UserError(
            f"No Dask scheduler answers at {address} ({brief(error)}); start one with `dask scheduler` and give "
            "the address that it prints, such as tcp://192.168.0.5:8786."
        ) from None


def require_readable(address: str) -> None:
    """Raise ValueError for what is no address: a client that meets it itself fails again, aloud, when it is let go."""
    from distributed.comm.addressing import parse_address
    from distributed.comm.registry import get_backend

    scheme, place = parse_address(address)
    get_backend(scheme).get_address_host(place)


def require_same_versions(client: Any, address: str) -> None:
    """Raise UserError unless there are workers, and all have what this machine has."""
    from distributed import TimeoutError as TooLate

    try:
        client.wait_for_workers(1, timeout=WORKER_SECONDS)
    except TooLate:
        raise UserError(f"The scheduler at {address} has no workers; start some: `dask worker {address}`.") from None
    try:
        answers = within(ANSWER_SECONDS, lambda: client.run(versions, on_error="return"))
    except TimeoutError as error:
        raise UserError(f"The workers of {address} do not answer ({error}); start them again.") from None
    for worker, there in answers.items():
        if isinstance(there, Exception):
            raise UserError(
                f"The worker {worker} cannot use the autograder ({brief(there)}); install this project there, "
                "in the environment that starts the worker."
            )
        if other := version_differences(there, versions()):
            raise UserError(f"The worker {worker} has {other}; install the same there and start it again.")


def within(seconds: float, call: Callable[[], Any]) -> Any:
    """Return what a call returns; raises TimeoutError where it takes longer, and leaves it to end by itself."""
    found: Future[Any] = Future()

    def carry_out_the_call() -> None:
        try:
            found.set_result(call())
        except BaseException as error:
            found.set_exception(error)

    threading.Thread(target=carry_out_the_call, daemon=True).start()
    try:
        return found.result(seconds)
    except TimeoutError:
        if found.done():
            raise
        raise TimeoutError(f"no answer in {seconds:g} s") from None


def workers(client: Any) -> dict[str, Any]:
    """Return what the scheduler last told of its workers."""
    return client.scheduler_info().get("workers", {})


def brief(error: BaseException) -> str:
    """Return the beginning of an error's text."""
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
