"""What a machine does with a request, this one or a Dask worker: its helpers answer, and where one dies, so do others.

A worker has many threads, so it must not fork. It starts its helpers and its warm processes, processes of their own,
when the first request comes, and talks to them over sockets, as the class driver does on one machine.
"""

from __future__ import annotations

import threading

from autograder.grade.helper.asking import Beyond, HelperFailed, HelperGone
from autograder.grade.helper.client import Helpers
from autograder.grade.helper.messages import Message, instead
from autograder.grade.run.fork_client import ForkServerError, KeptPools
from autograder.grade.run.versions import version_differences, versions

POOLS = KeptPools()  # of the worker that this process is
GONE = "This submission could not be read: twice the process that reads it ended before it was done."


def answered(request: bytes, helpers: Helpers) -> bytes:
    """Return the answer to a request; where it cannot be met, that to the same without the submission's text.

    A helper that ends for no reason that is known has another go.
    """
    for _ in range(2):
        try:
            return helpers.ask(request)
        except Beyond as beyond:
            return helpers.ask(instead(request, str(beyond), beyond.again))
        except HelperGone:
            continue
    return helpers.ask(instead(request, GONE, again=True))


class KeptHelpers:
    """The helpers of this process, kept until it ends, for a function that Dask calls again and again."""

    def __init__(self) -> None:
        """Start nothing yet."""
        self.lock = threading.Lock()
        self.helpers: Helpers | None = None

    def get(self) -> Helpers:
        """Return the helpers; they are made when they are first asked for."""
        with self.lock:
            if self.helpers is None:
                self.helpers = Helpers(POOLS.of(sandboxed=True))
            return self.helpers


HELPERS = KeptHelpers()


def answer_on_worker(request: bytes, wanted: dict[str, str]) -> bytes:
    """Return the answer to a request on a Dask worker, which must have the same versions as the driver."""
    if other := version_differences(versions(), wanted):
        refused = f"it has {other}; install the same there and start the worker again"
        return Message({"refused": refused}).as_bytes()
    try:
        return answered(request, HELPERS.get())
    except ForkServerError as error:
        return Message({"refused": str(error)}).as_bytes()
    except HelperFailed as error:
        return Message({"failed": str(error), "details": "\n".join(error.__notes__)}).as_bytes()
