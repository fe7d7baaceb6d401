"""Runs `autograder grade` as a person would, and reads from its results how it went."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from nbgrader.api import Gradebook

LOOK_SECONDS = 0.5


def grade(root: Path, out: Path, *flags: str, look: Callable[[int], None] = lambda pid: None) -> float:
    """Grade the class of a course; return the seconds. `look` is called now and then with the grader's pid."""
    command = [sys.executable, "-m", "autograder", "grade", "class", "--out", str(out), *flags]
    environment = {**os.environ, "ATTENTION_COURSE_SECRET": "bench", "COLUMNS": "100"}
    before = time.perf_counter()
    with open(root / "grade.log", "w+", encoding="utf-8") as log:
        process = subprocess.Popen(command, cwd=root, env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            while process.poll() is None:
                look(process.pid)
                time.sleep(LOOK_SECONDS)
        finally:
            process.terminate()
            process.wait()
        if process.returncode:
            log.seek(0)
            raise RuntimeError(f"autograder grade failed: {log.read()[-1000:]}")
    return time.perf_counter() - before


def finished(out: Path) -> list[float]:
    """Return when each feedback page was written, in order: the last thing that happens to a submission."""
    return sorted(path.stat().st_mtime for path in (out / "feedback").glob("*/*/*.html"))


def steady(out: Path, skip: int = 1) -> float:
    """Return the seconds a submission, without starting: those after the first `skip`."""
    times = finished(out)[skip - 1 :]
    return (times[-1] - times[0]) / (len(times) - 1)


def scores(database: Path, slug: str, course: str = "attention") -> dict[str, dict[str, float]]:
    """Return the automatic score of every code cell of every student."""
    with Gradebook(f"sqlite:///{database}", course) as gradebook:
        return {
            one.student.id: {
                grade.name: grade.auto_score or 0.0
                for notebook in one.notebooks
                for grade in notebook.grades
                if grade.cell.cell_type == "code"
            }
            for one in gradebook.assignment_submissions(slug)
        }
