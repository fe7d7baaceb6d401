"""The warm processes of this machine, for the class driver: which are needed, and how many runs at a time."""

from __future__ import annotations

import contextlib
import json
import os
import threading
from collections.abc import Collection, Iterable
from pathlib import Path

from autograder.grade.run.fork_client import ForkServerError, Pool
from autograder.grade.run.plan import Plan, Step
from autograder.grade.sandbox.limits import Limits


class LocalPool(Pool):
    """The warm processes of this machine, as many runs at a time as it was given jobs."""

    def __init__(self, jobs: int | None, sandboxed: bool) -> None:
        """Run so many at a time; one a processor where no number is given."""
        super().__init__(sandboxed)
        self.threads = jobs or os.cpu_count() or 1

    def warm_up(self, flavours: Collection[str]) -> None:
        """Start the warm processes that will be needed, while the driver prepares its gradebook."""
        for flavour in flavours:
            threading.Thread(target=self.start_in_peace, args=(flavour,), daemon=True).start()

    def start_in_peace(self, flavour: str) -> None:
        """Start one warm process; where that fails, the first run will say so."""
        with contextlib.suppress(ForkServerError, OSError):
            self.start_run(flavour, Limits()).kill()


def flavours(course_root: Path, slugs: Iterable[str]) -> set[str]:
    """Return which warm processes the releases of these assignments need."""
    found = set()
    for slug in slugs:
        with contextlib.suppress(OSError, ValueError, KeyError):  # what is wrong with a release is told elsewhere
            release = json.loads((course_root / "exercises" / slug / f"{slug}.ipynb").read_text(encoding="utf-8"))
            codes = ["".join(cell["source"]) for cell in release["cells"] if cell["cell_type"] == "code"]
            found.add(Plan(tuple(Step(0, "run", code) for code in codes)).flavour)
    return found
