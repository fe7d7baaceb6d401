"""Where the time of one submission goes, stage by stage, one submission at a time."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat

from autograder.course.assignment import Trusted, load_trusted
from autograder.grade.helper.marking import page_maker
from autograder.grade.judge.verdicts import write_verdict
from autograder.grade.pipeline import Grader, draw, is_known_check, judge_all, make_plan, rebuilt
from autograder.grade.run.execute import Attempt, Record, carry_out
from autograder.grade.run.fork_client import Pool
from autograder.grade.run.plan import Plan
from autograder.grade.run.protocol import Reader
from autograder.grade.sandbox.limits import Limits
from autograder.grade.sandbox.time_limits import Times
from autograder.gradebook.scores import scores_of
from autograder.gradebook.store import Result, Store
from bench.classes import COURSES

COUNT = {"quick": 5, "full": 30}
STAGES = ("rebuild", "draw", "fork", "cells", "calls", "probes", "end", "judge", "database", "feedback")
OWN = ("cells", "calls")  # the learner's own code: its cells, and its functions when checks call them on fresh inputs
APART = (*OWN, "feedback")  # pages are timed apart
BUDGET = {"NumPy": 0.03, "TensorFlow": 0.12}
TIMED = ("-P", str(Path(__file__).with_name("timed_server.py")))
DRAWN = "TensorFlow, figures drawn"
BEYOND = (
    "Beyond own code: all but the notebook's cells, the learner's functions when checks call them on public and fresh "
    "inputs (“calls”; “probes” is the rest of the checks in that process), and feedback pages, timed apart."
)


def measure(quick: bool) -> dict[str, Any]:
    """Return for each kind of class the seconds of every stage of every submission."""
    count = COUNT["quick" if quick else "full"]
    return {name: stages(name, count) for name in COURSES} | {DRAWN: stages("TensorFlow", count, pictures=True)}


def stages(name: str, count: int, pictures: bool = False) -> dict[str, Any]:
    """Time a class, after one submission that fills the caches."""
    make, write = COURSES[name]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, Pool(program=TIMED) as pool:
        root = make(Path(folder) / "course")
        slug = write(root, count + 1)
        trusted, store = load_trusted(root, slug), Store(root, root / "out")
        store.add_assignment(trusted)
        grader = Grader(pool, b"bench", pictures=pictures)
        paths = sorted((root / "class").glob("*/*/*.ipynb"))
        found = [timed(path, trusted, store, grader) for path in paths][1:]
        store.close()
    medians = {stage: statistics.median(one[stage] for one in found) for stage in STAGES}
    beyond = [sum(one[stage] for stage in STAGES if stage not in APART) for one in found]
    return {
        "submissions": count,
        "median": medians,
        "beyond_own_code": statistics.median(beyond),
        "own_code_mean": statistics.mean(sum(one[stage] for stage in OWN) for one in found),
        "each": [{stage: round(one[stage], 4) for stage in STAGES} for one in found],
    }


def timed(path: Path, trusted: Trusted, store: Store, grader: Grader) -> dict[str, float]:
    """Grade one submission; return the seconds of each stage."""
    times: dict[str, float] = {}
    student = path.parts[-3]
    with clock(times, "rebuild"):
        notebook = rebuilt(trusted, path.read_bytes())
    checks = {
        i: trusted.key.by_grade_id[cell.metadata.nbgrader.grade_id]
        for i, cell in enumerate(notebook.cells)
        if is_known_check(cell, trusted)
    }
    with clock(times, "draw"):
        drawn = {
            i: draw(check, trusted.public[check.name], grader.secret, student, trusted.slug, "")
            for i, check in checks.items()
        }
        plan = make_plan(notebook, trusted, drawn, grader.pictures)
    records = timed_run(plan, grader.pool, times)
    with clock(times, "judge"):
        for i, verdict in judge_all(notebook, checks, drawn, records, trusted).items():
            write_verdict(notebook.cells[i], verdict)
    data = nbformat.writes(notebook, version=4).encode()
    with clock(times, "database"):
        store.save([Result(trusted.slug, student, None, scores_of(notebook), data)])
        points = store.for_pages(trusted.slug, [student])[student]
    with clock(times, "feedback"):
        page_maker().page(nbformat.reads(data.decode(), as_version=4), trusted.slug, student, points, "")
    return times


def timed_run(plan: Plan, pool: Pool, times: dict[str, float]) -> dict[int, Record]:
    """Carry out a plan; split its time by the messages that begin and end each step."""
    marks: dict[tuple[str, int], float] = {}
    expect, message = Attempt.expect, Reader.message
    times["calls"] = 0.0

    def counting(self: Reader) -> Any:
        head, arrays = message(self)
        times["calls"] += head.get("seconds", 0.0)
        return head, arrays

    def marking(self: Attempt, reader: Any, kind: str, number: int) -> Any:
        found = expect(self, reader, kind, number)
        marks[kind, number] = time.perf_counter()
        return found

    before = time.perf_counter()
    Attempt.expect, Reader.message = marking, counting
    try:
        records = carry_out(plan, pool, Limits(), Times())
    finally:
        Attempt.expect, Reader.message = expect, message
    after = time.perf_counter()
    for stage, kind in (("cells", "cell"), ("probes", "probe")):
        times[stage] = sum(end - marks["begin", n] for (what, n), end in marks.items() if what == kind)
    times["fork"] = min(at for (what, _), at in marks.items() if what == "begin") - before
    times["end"] = after - before - times["fork"] - times["cells"] - times["probes"]
    times["probes"] -= times["calls"]
    return records


@contextmanager
def clock(times: dict[str, float], stage: str) -> Iterator[None]:
    """Write down how long a block takes."""
    before = time.perf_counter()
    yield
    times[stage] = time.perf_counter() - before


def table(found: dict[str, Any]) -> str:
    """Return the figures as Markdown."""
    lines = [
        f"| median seconds | {' | '.join(STAGES)} | beyond own code | to reach |",
        "|---" * (len(STAGES) + 3) + "|",
    ]
    for name, one in found.items():
        cells = " | ".join(f"{one['median'][stage]:.3f}" for stage in STAGES)
        lines.append(f"| {name} | {cells} | **{one['beyond_own_code']:.3f}** | {BUDGET.get(name, '')} |")
    return "\n".join([*lines, "", BEYOND])
