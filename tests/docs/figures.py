"""The numbers that the pages for instructors state: `python -m tests.docs.figures` writes book/_data/grading.json.

Pages may read files below book/ only. Counts and benchmark figures are copied from where they are kept, and a test
compares them; sizes and processor time are measured here on two classes.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat

from autograder.course.assignment import load_trusted
from autograder.grade.pipeline import Grader
from autograder.gradebook.store import Store
from bench.classes import tensorflow_course, write_tensorflow_class
from bench.machine import BUSY, load, machine
from bench.ours import grade
from bench.stages import STAGES, timed
from bench.timed_run import watched
from tests.docs.blocks import ROOT
from tests.docs.courses import CLASS, SLUG, course, handed_in

DATA = ROOT / "book" / "_data" / "grading.json"
STUDENTS = (20, 80)
ROUNDS = 4
STEPS = ("submitted", "autograded", "feedback", "state")


def copied() -> dict[str, Any]:
    """Return the numbers that are kept elsewhere: counts of what was tried, and the benchmark's figures."""
    from tests.attacks.attack_list import GROUPS
    from tests.faults.faults import FAULTS

    bench = json.loads((ROOT / "bench" / "results.json").read_text(encoding="utf-8"))
    thousand = bench["thousand"]["figures"]
    return {
        "attacks": {name: len(attacks) for name, attacks in GROUPS.items()},
        "faults": len(FAULTS),
        "bench": {
            "driver_megabytes": thousand["megabytes_in_quarters"][-1],
            "driver_growth_megabytes": thousand["growth_megabytes"],
            "two_workers": {kind: found["speed_up"] for kind, found in bench["dask_workers"]["figures"].items()},
            "fed": {
                kind: {count: round(found["a_minute"]) for count, found in by_count.items()}
                for kind, by_count in bench["driver"]["figures"]["fed"].items()
            },
        },
    }


def measured() -> dict[str, Any]:
    """Grade classes of a NumPy chapter and of a TensorFlow chapter; return what each submission takes and leaves."""
    with tempfile.TemporaryDirectory(prefix="figures-") as folder:
        before = load()
        found = {kind: of_class(Path(folder) / kind, *how) for kind, how in COURSES.items()}
    return {"machine": machine(), "busy": before > BUSY} | found


def write_numpy_class(root: Path, count: int) -> None:
    """Write submissions to chapter 02: every other one holds a wrong answer."""
    for number in range(count):
        path = root / "class" / f"student_{number:04}" / SLUG / f"{SLUG}.ipynb"
        path.parent.mkdir(parents=True)
        nbformat.write(handed_in(root, list(CLASS.values())[number % 2]), path)


COURSES = {"NumPy": (course, write_numpy_class), "TensorFlow": (tensorflow_course, write_tensorflow_class)}


def of_class(root: Path, make: Callable[[Path], Path], write_class: Callable[[Path, int], Any]) -> dict[str, Any]:
    """Return what each submission costs the driver and the workers, its bytes, and the megabytes taken at most.

    The driver's processor time is that of a large class less that of a small one, so that starting is left out. The
    workers' time is that of runs one after the other.
    """
    small, large = (graded(make(root / str(count)), count, write_class) for count in STUDENTS)
    stages = one_by_one(root / str(STUDENTS[0]))
    driver = (large["driver_seconds"] - small["driver_seconds"]) / (STUDENTS[1] - STUDENTS[0])
    worker = sum(statistics.mean(one[stage] for one in stages) for stage in STAGES if stage != "database")
    return {
        "submissions": STUDENTS[1],
        "driver_seconds_each": round(driver, 4),
        "worker_seconds_each": round(worker, 4),
        "database_seconds_each": round(statistics.median(one["database"] for one in stages), 4),
        "bytes_each": {step: round(size / STUDENTS[1]) for step, size in large["bytes"].items()},
        "megabytes_at_most": large["megabytes"],
    }


def one_by_one(root: Path) -> list[dict[str, float]]:
    """Return the seconds of each stage of each submission of a class, graded one after the other.

    The class is graded several times, and the shortest time of each stage counts: other work on the machine can
    only lengthen it.
    """
    paths = sorted((root / "class").glob("*/*/*.ipynb"))
    trusted, store = load_trusted(root, paths[0].stem), Store(root, root / "one_by_one")
    store.add_assignment(trusted)
    with watched() as pool:
        rounds = [[timed(path, trusted, store, Grader(pool, b"figures")) for path in paths] for _ in range(ROUNDS)]
    store.close()
    return [{stage: min(one[stage] for one in times) for stage in times[0]} for times in zip(*rounds, strict=True)]


def graded(root: Path, count: int, write_class: Callable[[Path, int], Any]) -> dict[str, Any]:
    """Grade a class; return the driver's processor seconds, the bytes and the megabytes of all processes."""
    write_class(root, count)
    own, memory = [0.0], [0]

    def look(pid: int) -> None:
        own.append(processor_seconds(pid))
        memory.append(sum(map(proportional, family(pid))))

    grade(root, root / "out", look=look)
    sizes = {
        step: sum(path.stat().st_size for path in (root / "out" / step).rglob("*") if path.is_file()) for step in STEPS
    }
    return {
        "driver_seconds": max(own),
        "bytes": sizes | {"gradebook": (root / "out" / "gradebook.db").stat().st_size},
        "megabytes": round(max(memory) / 2**20),
    }


def processor_seconds(pid: int) -> float:
    """Return the processor time of a process alone, without that of its children."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """Return a process and all its descendants."""
    found = [pid]
    for parent in found:
        for tasks in Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                found += map(int, tasks.read_text().split())
            except OSError:
                continue
    return found


def proportional(pid: int) -> int:
    """Return a process's share of memory in bytes: what several have in common is counted once."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:")), 0)


def main() -> None:
    """Write the numbers; with --copy what was measured stays."""
    parser = argparse.ArgumentParser(description="Write the numbers that the pages for instructors state.")
    parser.add_argument("--copy", action="store_true", help="copy what is kept elsewhere, and measure nothing")
    kept = json.loads(DATA.read_text(encoding="utf-8"))["measured"] if parser.parse_args().copy else measured()
    DATA.write_text(json.dumps(copied() | {"measured": kept}, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
