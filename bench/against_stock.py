"""Stock nbgrader against this grader: the same class, the same run, feedback pages included.

Stock nbgrader in its best form: one process, warm caches, its own converters and preprocessors, no sandbox.
Its check cells call the release's own `check(...)`, which raises when an answer is wrong.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.classes import COURSES
from bench.ours import grade, scores, steady

CONFIG = "c = get_config()\nc.CourseDirectory.root = {root!r}\nc.CourseDirectory.course_id = 'stock'\n"
COUNT = {"quick": {"NumPy": 6, "TensorFlow": 3}, "full": {"NumPy": 30, "TensorFlow": 60}}
WAYS: dict[str, tuple[str, ...]] = {"plain": (), "drawn": ("--pictures",)}


def measure(quick: bool) -> dict[str, Any]:
    """Return for each kind of class the seconds a submission of both, the ratio, and whether the scores agree."""
    counts = COUNT["quick" if quick else "full"]
    return {name: compare(name, count) for name, count in counts.items()}


def compare(name: str, count: int) -> dict[str, Any]:
    """Grade one class with both; ours before and after stock, so that other work on the machine meets both."""
    make, write = COURSES[name]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        root = make(Path(folder) / "ours")
        slug = write(root, count)
        stock_root = stock_course(root, Path(folder) / "stock", slug)
        before, theirs, after = ours(root, "before"), run_stock(stock_root, slug), ours(root, "after")
        (plain, plain_each), (drawn, drawn_each) = (mean(before[way], after[way]) for way in WAYS)
        stock_each = steady(stock_root) + autograded_steady(stock_root)
        differ = differences(
            scores(root / "plain-after" / "gradebook.db", slug), scores(stock_root / "gradebook.db", slug, "stock")
        )
    return {
        "submissions": count,
        "stock_seconds": theirs,
        "ours_seconds": [before["plain"][0], after["plain"][0]],
        "stock_a_minute": 60 * count / sum(theirs.values()),
        "ours_a_minute": 60 * count / plain,
        "ratio": sum(theirs.values()) / plain,
        "stock_seconds_each_without_starting": stock_each,
        "ours_seconds_each_without_starting": plain_each,
        "ratio_without_starting": stock_each / plain_each,
        "ratio_with_figures": sum(theirs.values()) / drawn,
        "ratio_with_figures_without_starting": stock_each / drawn_each,
        "scores_that_differ": differ,
    }


def ours(root: Path, when: str) -> dict[str, tuple[float, float]]:
    """Grade a class in each way; return the seconds of the whole, and those a submission without starting."""
    outs = {way: root / f"{way}-{when}" for way in WAYS}
    return {way: (grade(root, out, *WAYS[way]), steady(out)) for way, out in outs.items()}


def mean(*several: tuple[float, float]) -> tuple[float, float]:
    """Return the means of the wholes and of the submissions."""
    wholes, each = zip(*several, strict=True)
    return statistics.mean(wholes), statistics.mean(each)


def stock_course(root: Path, stock: Path, slug: str) -> Path:
    """Make a course for stock nbgrader: the same sources and submissions, a plain configuration."""
    shutil.copytree(root / "solutions" / slug, stock / "source" / slug)
    for student in (root / "class").iterdir():
        shutil.copytree(student, stock / "submitted" / student.name)
        for name in ("check.py", "reference.json"):  # what a learner hands in beside the notebook
            shutil.copy(root / "exercises" / slug / name, stock / "submitted" / student.name / slug)
    (stock / "nbgrader_config.py").write_text(CONFIG.format(root=str(stock)), encoding="utf-8")
    run("generate_assignment", stock, slug)
    return stock


def run_stock(stock: Path, slug: str) -> dict[str, float]:
    """Run stock nbgrader's two commands; return the seconds of each."""
    return {verb: run(verb, stock, slug) for verb in ("autograde", "generate_feedback")}


def run(verb: str, stock: Path, slug: str) -> float:
    """Run one command of stock nbgrader; wrong answers are no failure of it."""
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}  # text on stderr would cost the points
    scripts = str(Path(sys.executable).parent)
    environment = {**os.environ, **quiet, "PATH": f"{scripts}{os.pathsep}{os.environ.get('PATH', '')}"}
    before = time.perf_counter()
    command = [f"{scripts}/nbgrader", verb, slug]
    done = subprocess.run(command, cwd=stock, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"nbgrader {verb} failed: {done.stderr[-1000:]}")
    return time.perf_counter() - before


def autograded_steady(stock: Path) -> float:
    """Return stock nbgrader's seconds a submission for `autograde`, without starting."""
    times = sorted(path.stat().st_mtime for path in (stock / "autograded").glob("*/*/*.ipynb"))
    return (times[-1] - times[0]) / (len(times) - 1)


def differences(ours: dict[str, dict[str, float]], theirs: dict[str, dict[str, float]]) -> list[str]:
    """Return the cells whose scores differ; none should, because the class holds honest work only."""
    names = {(student, cell) for found in (ours, theirs) for student in found for cell in found[student]}
    pairs = {pair: [found.get(pair[0], {}).get(pair[1]) for found in (ours, theirs)] for pair in sorted(names)}
    return [f"{student} {cell}: {a} and {b}" for (student, cell), (a, b) in pairs.items() if a != b]


def table(found: dict[str, Any]) -> str:
    """Return the figures as Markdown."""
    lines = [
        "| class | submissions | stock, a minute | this, a minute | ratio | without starting "
        "| figures drawn: ratio | without starting | other scores |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, one in found.items():
        lines.append(
            f"| {name} | {one['submissions']} | {one['stock_a_minute']:.1f} | {one['ours_a_minute']:.1f} "
            f"| **{one['ratio']:.1f}** | **{one['ratio_without_starting']:.1f}** | {one['ratio_with_figures']:.1f} "
            f"| {one['ratio_with_figures_without_starting']:.1f} | {len(one['scores_that_differ'])} |"
        )
    each = [
        f"{name} {one['stock_seconds_each_without_starting']:.2f} and {one['ours_seconds_each_without_starting']:.2f}"
        for name, one in found.items()
    ]
    note = (
        "Stock draws the figures of the notebook's own cells into the feedback; this does so with `--pictures` only, "
        f"and leaves a line in their place. Seconds a submission without starting, stock and this: {'; '.join(each)}."
    )
    return "\n".join([*lines, "", note])
