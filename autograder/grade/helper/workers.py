"""Who answers requests: helpers of this machine, or the workers of a Dask scheduler, each with helpers of its own."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

from autograder.errors import UserError
from autograder.grade.helper.asking import HelperFailed
from autograder.grade.helper.client import Helpers
from autograder.grade.helper.dask_pool import DaskPool, WorkersLost
from autograder.grade.helper.messages import ANSWERED, Message, instead, opened
from autograder.grade.helper.on_worker import answered
from autograder.grade.run.pools import LocalPool

OPEN_TO_ALL = (
    "--no-sandbox and --scheduler do not go together: a submission could reach the scheduler, and through it "
    "every machine of the class. Leave one of them out."
)


@dataclass
class Workers:
    """Answers requests, several at a time, each in a thread of the caller's."""

    threads: int

    def ahead(self) -> int:
        """Return how many submissions may be on their way."""
        return 2 * self.threads

    def warm_up(self, flavours: Collection[str]) -> None:
        """Start what will be needed, while the caller does other things."""

    def answer(self, request: bytes) -> Message:
        """Return the answer to a request."""
        raise NotImplementedError

    def close(self) -> None:
        """End all that was started."""

    def __enter__(self) -> Self:
        """Return the workers."""
        return self

    def __exit__(self, *ignored: object) -> None:
        """End all that was started."""
        self.close()


class LocalWorkers(Workers):
    """The helpers of this machine, with the warm processes in which they have submissions run."""

    def __init__(self, jobs: int | None, sandboxed: bool) -> None:
        """Start nothing yet."""
        self.pool = LocalPool(jobs, sandboxed)
        super().__init__(self.pool.threads)
        self.helpers = Helpers(self.pool)

    def warm_up(self, flavours: Collection[str]) -> None:
        """Start the warm processes, and what helpers are forked from."""
        self.pool.warm_up(flavours)
        self.helpers.warm_up()

    def answer(self, request: bytes) -> Message:
        """Return the answer of a helper."""
        return opened(answered(request, self.helpers), ANSWERED)

    def close(self) -> None:
        """End helpers and warm processes."""
        self.helpers.close()
        self.pool.close()


class DaskWorkers(Workers):
    """The workers of a Dask scheduler."""

    def __init__(self, address: str) -> None:
        """Connect to a scheduler; raises UserError where nothing, or nothing of use, answers."""
        self.pool = DaskPool(address)
        super().__init__(self.pool.threads)

    def ahead(self) -> int:
        """Return how many submissions may be on their way; workers may come and go."""
        return self.pool.ahead()

    def answer(self, request: bytes) -> Message:
        """Return the answer of a worker; where each that tried has ended, of another, who leaves the text alone."""
        try:
            data = self.pool.carry_out(request)
        except WorkersLost as lost:
            data = self.pool.carry_out(instead(request, f"This submission could not be run: {lost}.", again=True))
        message = opened(data, ANSWERED)
        if "refused" in message.head:
            raise UserError(f"A worker of {self.pool.address} cannot run submissions: {message.head['refused']}.")
        if "failed" in message.head:
            raise HelperFailed(message.head["failed"], message.head["details"])
        return message

    def close(self) -> None:
        """Leave the scheduler."""
        self.pool.close()


def make_workers(scheduler: str | None, jobs: int | None, sandboxed: bool) -> LocalWorkers | DaskWorkers:
    """Return who answers requests: a scheduler's workers if an address is given, else this machine."""
    if scheduler is None:
        return LocalWorkers(jobs, sandboxed)
    if not sandboxed:
        raise UserError(OPEN_TO_ALL)
    return DaskWorkers(scheduler)
