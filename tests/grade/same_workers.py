"""One set of helpers and warm processes for all classes that a test process grades in itself, which saves seconds each.

For tests of what comes out of a grading; those of how its processes start and end make their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # nbgrader takes its time to import, and many tests do without
    from autograder.grade.helper.workers import LocalWorkers, Workers

USUAL = (None, None, True)  # no scheduler, one submission a processor, in the sandbox


@pytest.fixture(scope="session")
def shared_workers() -> Iterator[LocalWorkers]:
    """Give helpers and warm processes that no grader ends."""
    from autograder.grade.helper.workers import LocalWorkers

    with LocalWorkers(None, sandboxed=True) as shared:
        close = shared.close
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(shared, "close", lambda: None)
            yield shared
        close()


@pytest.fixture(scope="module")
def same_workers(shared_workers: LocalWorkers) -> Iterator[None]:
    """Let all graders of a file use the same helpers and warm processes, where they ask for nothing else."""
    from autograder.grade import command, session

    make: Callable[..., Workers] = session.make_workers

    def workers_for(scheduler: str | None, jobs: int | None, sandboxed: bool) -> Workers:
        return shared_workers if (scheduler, jobs, sandboxed) == USUAL else make(scheduler, jobs, sandboxed)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(command, "early_workers", lambda settings: None)
        patch.setattr(session, "make_workers", workers_for)
        yield
