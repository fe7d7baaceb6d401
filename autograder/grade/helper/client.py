"""The helpers of this machine, from the trusted side: each answers one request at a time.

One that goes beyond its limits is killed, and the next request gets a new one; what others do is not touched by that.
"""

from __future__ import annotations

import threading
from contextlib import suppress

from autograder.grade.helper.asking import Allowance, Helper, HelperFailed, HelperGone
from autograder.grade.helper.nursery import NURSERY
from autograder.grade.run.execute import Runs
from autograder.grade.run.fork_client import ForkServerError
from autograder.grade.run.protocol import BorderError

ALLOWED = Allowance()


class Helpers:
    """The helpers of this machine: as many as there are requests at a time."""

    def __init__(self, runs: Runs) -> None:
        """Start nothing yet; runs that helpers ask for are started by `runs`."""
        self.runs, self.allowed = runs, ALLOWED
        self.lock = threading.Lock()
        self.idle: list[Helper] = []
        self.busy: list[Helper] = []
        self.closed = False

    def ask(self, request: bytes) -> bytes:
        """Return the answer to a request.

        Raises Beyond, HelperGone, HelperFailed, and ForkServerError where no run or no helper can be started.
        """
        helper = self.take()
        try:
            found = helper.ask(request, self.runs)
        except (ForkServerError, HelperFailed):  # it is well, and has said so
            self.give_back(helper)
            raise
        except (BorderError, EOFError, OSError, ValueError) as error:
            self.end(helper)
            raise HelperGone(str(error) or type(error).__name__) from None
        except BaseException:
            self.end(helper)
            raise
        self.give_back(helper)
        return found

    def take(self) -> Helper:
        """Return a helper that has nothing to do; one is started where there is none."""
        with self.lock:
            helper = self.idle.pop() if self.idle else None
        helper = helper or NURSERY.helper(self.allowed)
        with self.lock:
            self.busy.append(helper)
            if not self.closed:
                return helper
        self.end(helper)
        raise ForkServerError("Grading was stopped.")

    def give_back(self, helper: Helper) -> None:
        """Keep a helper for the next request, unless it has grown."""
        with self.lock:
            if not self.closed and not helper.grown:
                self.busy.remove(helper)
                self.idle.append(helper)
                return
        self.end(helper)

    def end(self, helper: Helper) -> None:
        """End a helper."""
        helper.kill()
        with self.lock, suppress(ValueError):
            self.busy.remove(helper)

    def warm_up(self) -> None:
        """Start what helpers are forked from, while the caller does other things."""
        threading.Thread(target=self.start_in_peace, daemon=True).start()

    def start_in_peace(self) -> None:
        """Start one helper; where that fails, the first request will say so, or the command has ended already."""
        with suppress(ForkServerError, OSError):
            self.give_back(self.take())

    def close(self) -> None:
        """End all helpers; who waits for one is told."""
        self.closed = True
        for helper in [*self.idle, *self.busy]:
            helper.kill()
        self.idle.clear()
