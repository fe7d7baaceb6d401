"""The fork server, with a clock around each call of a learner's function: a part of a probe is the learner's own code.

The seconds go with the result of a case over the border, where the grader does not look at them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from autograder.grade.run import fork_server, worker

CALL = worker.call
SPENT = [0.0]  # seconds of the last call


@lru_cache(maxsize=8)
def clocked(answer: Callable) -> Callable:
    """Return an answer with a clock; one for all its cases, for what is kept of a function from case to case."""

    def own(*args: Any, **kwargs: Any) -> Any:
        before = time.perf_counter()
        try:
            return answer(*args, **kwargs)
        finally:
            SPENT[0] = time.perf_counter() - before

    return own


def timed(answer: Callable, inputs: dict, returns: list[str]) -> dict[str, Any]:
    """Call an answer as the worker does; add the seconds of its own code to the result."""
    SPENT[0] = 0.0
    result = CALL(clocked(answer), inputs, returns)
    return {**result, "seconds": SPENT[0]}


if __name__ == "__main__":
    worker.call = timed
    fork_server.main()
