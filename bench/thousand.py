"""A thousand NumPy submissions: whether time and the grader's memory grow with the class."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.classes import numpy_course, write_numpy_class
from bench.machine import field
from bench.ours import finished, grade

COUNT = {"quick": 60, "full": 1000}


def measure(quick: bool) -> dict[str, Any]:
    """Return seconds for each tenth of the class, and the driver's memory in its first and last quarter."""
    count = COUNT["quick" if quick else "full"]
    samples: list[tuple[float, int]] = []
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        root = numpy_course(Path(folder) / "course")
        write_numpy_class(root, count)
        seconds = grade(root, root / "out", look=lambda pid: samples.append((time.time(), resident(pid))))
        times = finished(root / "out")
    tenth = count // 10
    tenths = [times[end - 1] - times[max(end - 1 - tenth, 0)] for end in range(tenth, count + 1, tenth)]
    quarters = [in_quarter(samples, times, quarter) for quarter in range(4)]
    return {
        "submissions": count,
        "seconds": seconds,
        "seconds_each_tenth": [round(one, 2) for one in tenths],
        "last_tenth_to_second": tenths[-1] / tenths[1],
        "megabytes_in_quarters": quarters,
        "growth_megabytes": quarters[-1] - quarters[0],
    }


def resident(pid: int) -> int:
    """Return the memory of a process in bytes."""
    try:
        return int(field(f"/proc/{pid}/status", "VmRSS").split()[0]) << 10
    except (OSError, IndexError):
        return 0


def in_quarter(samples: list[tuple[float, int]], times: list[float], quarter: int) -> float:
    """Return the median megabytes while one quarter of the class was graded."""
    begin, end = times[len(times) * quarter // 4], times[len(times) * (quarter + 1) // 4 - 1]
    found = [size for at, size in samples if begin <= at <= end and size] or [size for _, size in samples][-1:]
    return round(statistics.median(found) / 2**20, 1)


def table(found: dict[str, Any]) -> str:
    """Return the figures as Markdown."""
    tenths = ", ".join(f"{one:.1f}" for one in found["seconds_each_tenth"])
    memory = ", ".join(f"{one:.0f}" for one in found["megabytes_in_quarters"])
    return (
        f"{found['submissions']} submissions in {found['seconds']:.0f} s. Seconds for each tenth: {tenths}. "
        f"Driver's memory, median of each quarter: {memory} MB; growth from first to last: "
        f"**{found['growth_megabytes']:+.1f} MB**."
    )
