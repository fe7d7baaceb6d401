"""What the class driver itself takes: processor time a submission, how many workers it can feed, and a second run."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console

from autograder.course.assignment import course_files, load_trusted
from autograder.grade.helper.messages import Message, opened, to_mark, to_show
from autograder.grade.helper.workers import LocalWorkers, Workers
from autograder.grade.sandbox.limits import Limits
from autograder.grade.sandbox.process_watch import own_seconds
from autograder.grade.sandbox.time_limits import Times
from autograder.grade.session import grade_class
from autograder.grade.settings import Settings
from autograder.gradebook.scores import scores_from
from autograder.gradebook.store import Result, Store
from bench.classes import COURSES
from bench.ours import grade

SMALL, LARGE = {"quick": 4, "full": 20}, {"quick": 12, "full": 80}
WORKERS = {"quick": (1, 8), "full": (1, 2, 4, 8, 16, 32, 64)}
EACH = {"quick": 2, "full": 12}  # submissions for each worker
SECONDS = 1.0  # that a simulated worker takes for a submission
AGAIN = {"quick": 20, "full": 1000}


def measure(quick: bool) -> dict[str, Any]:
    """Return what the driver takes for NumPy and TensorFlow notebooks; the last two are measured on NumPy's."""
    size = "quick" if quick else "full"
    own = {name: own_time(name, SMALL[size], LARGE[size]) for name in COURSES}
    fed = {name: {count: feed(name, count, EACH[size]) for count in WORKERS[size]} for name in COURSES}
    return {"own_seconds_each": own, "fed": fed, "second_run": second_run(AGAIN[size])}


def own_time(name: str, small: int, large: int) -> float:
    """Return the driver's own processor seconds a submission: a large class less a small one, so without starting."""
    make, write = COURSES[name]
    found = []
    for count in (small, large):
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            root = make(Path(folder) / "course")
            write(root, count)
            seconds = [0.0]
            grade(root, root / "out", look=lambda pid, seconds=seconds: seconds.append(own_seconds(pid)))
            found.append(max(seconds))
    return (found[1] - found[0]) / (large - small)


# ---------------------------------------------------------------- workers that only wait
class Simulated(Workers):
    """Workers that answer each submission alike, after a while in which they use no processor."""

    def __init__(self, count: int, marked: Message, page: Message) -> None:
        """Answer with these, so many at a time."""
        super().__init__(2 * count)
        self.waiting, self.marked, self.page = ThreadPoolExecutor(count), marked, page

    def answer(self, request: bytes) -> Message:
        """Return the answer, after its time if it is a submission's."""
        if b'"ask": "show"' in request[:2000]:
            return self.page
        self.waiting.submit(time.sleep, SECONDS).result()
        return self.marked

    def close(self) -> None:
        """End the threads."""
        self.waiting.shutdown()


@contextmanager
def course_with(name: str, count: int) -> Iterator[tuple[Path, str]]:
    """Give a course with a class."""
    make, write = COURSES[name]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        root = make(Path(folder) / "course")
        yield root, write(root, count)


def real_answers(root: Path, slug: str) -> tuple[Message, Message]:
    """Return what a helper answers for the first of a class: the marked notebook, and its page."""
    data = min((root / "class").glob("*/*/*.ipynb")).read_bytes()
    with LocalWorkers(1, sandboxed=True) as workers:
        request = to_mark(slug, "one", data, "", course_files(root, slug), b"bench", Limits(), Times(), False)
        marked = opened(workers.answer(request).as_bytes())
        store = Store(root, root / "first")
        store.add_assignment(load_trusted(root, slug))
        notebook = marked.parts["notebook"]
        store.save([Result(slug, "one", None, scores_from(marked.head["scores"]), notebook)])
        points = asdict(store.for_pages(slug, ["one"])["one"])
        store.close()
        return marked, workers.answer(to_show(slug, "one", notebook, points, "", ""))


def feed(name: str, count: int, each: int) -> dict[str, float]:
    """Return submissions a minute, and the driver's own processor seconds for each, with so many workers simulated."""
    with course_with(name, count * each + 8) as (root, slug):
        return simulated(root, count, *real_answers(root, slug))


def simulated(root: Path, count: int, marked: Message, page: Message) -> dict[str, float]:
    """Grade a class with so many workers simulated."""
    settings = Settings(course_root=root, submissions=root / "class", out=root / "out")
    before, clock = time.process_time(), time.perf_counter()
    done = grade_class(settings, Console(quiet=True), Simulated(count, marked, page)).graded
    own, seconds = time.process_time() - before, time.perf_counter() - clock
    return {"a_minute": 60 * done / seconds, "own_seconds_each": own / done, "submissions": done}


def second_run(count: int) -> dict[str, float]:
    """Return the seconds of the whole command that finds nothing changed."""
    os.environ["ATTENTION_COURSE_SECRET"] = "bench"
    with course_with("NumPy", count) as (root, slug):
        simulated(root, 64, *real_answers(root, slug))
        return {"submissions": count, "seconds": grade(root, root / "out")}


def table(found: dict[str, Any]) -> str:
    """Return the figures as Markdown."""
    own = ", ".join(f"{name} **{seconds:.3f} s**" for name, seconds in found["own_seconds_each"].items())
    counts = list(next(iter(found["fed"].values())))
    lines = [f"| workers simulated | {' | '.join(map(str, counts))} |", "|---" * (len(counts) + 1) + "|"]
    for name, by_count in found["fed"].items():
        rates = " | ".join(f"{by_count[count]['a_minute']:.0f}" for count in counts)
        lines.append(f"| {name}, a minute | {rates} |")
    again = found["second_run"]
    return "\n".join(
        [
            f"The driver's own processor time a submission: {own} (to reach: 0.03 s).",
            "",
            *lines,
            "",
            f"Each simulated worker takes {SECONDS:g} s a submission and no processor (to reach: 2,000 a minute). "
            f"A second grading of {again['submissions']} unchanged submissions: **{again['seconds']:.1f} s** of the "
            "whole command (to reach: under 5 s).",
        ]
    )
