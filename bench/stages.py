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
from nbformat import NotebookNode

from autograder.course.answer_key import Check
from autograder.course.assignment import Trusted, load_trusted
from autograder.grade.helper.marking import page_maker
from autograder.grade.judge.judge import Drawn
from autograder.grade.judge.verdicts import write_verdict
from autograder.grade.pipeline import Grader, draw, is_known_check, judge_all, make_plan, rebuilt
from autograder.grade.run.plan import Plan
from autograder.gradebook.scores import scores_of
from autograder.gradebook.store import Result, Store
from bench.classes import COURSES
from bench.timed_run import OWN, crowded, timed_run, watched

COUNT = {"quick": 5, "full": 30}
STAGES = ("rebuild", "draw", "fork", "cells", "calls", "probes", "end", "judge", "database", "feedback")
APART = (*OWN, "feedback")  # pages are timed apart
BUDGET = {"NumPy": 0.03, "TensorFlow": 0.12}
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
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, watched() as pool:
        root = make(Path(folder) / "course")
        slug = write(root, count + 1)
        trusted, store = load_trusted(root, slug), Store(root, root / "out")
        store.add_assignment(trusted)
        grader = Grader(pool, b"bench", pictures=pictures)
        paths = sorted((root / "class").glob("*/*/*.ipynb"))
        found = [timed(path, trusted, store, grader) for path in paths][1:]
        store.close()
        at_work = crowded([plan_of(path, trusted, grader) for path in paths[1:]], pool)
    medians = {stage: statistics.median(one[stage] for one in found) for stage in STAGES}
    beyond = [sum(one[stage] for stage in STAGES if stage not in APART) for one in found]
    return {
        "submissions": count,
        "median": medians,
        "beyond_own_code": statistics.median(beyond),
        "own_code_mean": statistics.mean(sum(one[stage] for stage in OWN) for one in found),
        "own_code_mean_crowded": at_work,
        "each": [{stage: round(one[stage], 4) for stage in STAGES} for one in found],
    }


def timed(path: Path, trusted: Trusted, store: Store, grader: Grader) -> dict[str, float]:
    """Grade one submission; return the seconds of each stage."""
    times: dict[str, float] = {}
    student = path.parts[-3]
    with clock(times, "rebuild"):
        notebook = rebuilt(trusted, path.read_bytes())
    checks = checks_of(notebook, trusted)
    with clock(times, "draw"):
        drawn = drawn_for(student, checks, trusted, grader)
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


def checks_of(notebook: NotebookNode, trusted: Trusted) -> dict[int, Check]:
    """Return the checks of a rebuilt notebook, by their places."""
    places = [i for i, cell in enumerate(notebook.cells) if is_known_check(cell, trusted)]
    return {i: trusted.key.by_grade_id[notebook.cells[i].metadata.nbgrader.grade_id] for i in places}


def drawn_for(student: str, checks: dict[int, Check], trusted: Trusted, grader: Grader) -> dict[int, Drawn]:
    """Return the cases of each check."""
    what = grader.secret, student, trusted.slug, ""
    return {i: draw(check, trusted.public[check.name], *what) for i, check in checks.items()}


def plan_of(path: Path, trusted: Trusted, grader: Grader) -> Plan:
    """Return the plan of a submission."""
    notebook = rebuilt(trusted, path.read_bytes())
    drawn = drawn_for(path.parts[-3], checks_of(notebook, trusted), trusted, grader)
    return make_plan(notebook, trusted, drawn, grader.pictures)


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
