"""The fork server, with a clock around each call of a learner's function: a part of a probe is the learner's own code.

The seconds go with the result of a case over the border, where the grader does not look at them.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from autograder.grade.run import fork_server, worker

CALL = worker.call


def timed(answer: Callable, inputs: dict, returns: list[str]) -> dict[str, Any]:
    """Call an answer as the worker does; add the seconds of its own code to the result."""
    spent = 0.0

    def own(*args: Any, **kwargs: Any) -> Any:
        nonlocal spent
        before = time.perf_counter()
        try:
            return answer(*args, **kwargs)
        finally:
            spent = time.perf_counter() - before

    result = CALL(own, inputs, returns)
    return {**result, "seconds": spent}


if __name__ == "__main__":
    worker.call = timed
    fork_server.main()
