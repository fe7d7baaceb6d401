"""How long a learner waits for `check(...)` on a right answer."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import nbformat

from bench.classes import ROOT, SLUG

TIMES = {"quick": 3, "full": 11}


def measure(quick: bool) -> dict[str, Any]:
    """Return the median milliseconds of each check, measured in a process of its own."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        for name in ("check.py", "reference.json"):
            shutil.copy(ROOT / "exercises" / SLUG / name, folder)
        command = [sys.executable, "-m", "bench.learner_check", folder, str(TIMES["quick" if quick else "full"])]
        environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True, env=environment)
        return json.loads((Path(folder) / "times.json").read_text(encoding="utf-8"))


def time_checks(folder: Path, times: int) -> dict[str, float]:
    """Run the solved notebook in IPython and each of its check cells several times."""
    from autograder.grade.run.ipython_shell import make_shell

    notebook = nbformat.read(ROOT / "solutions" / SLUG / f"{SLUG}.ipynb", as_version=4)
    os.chdir(folder)
    shell, seconds = make_shell(), {}

    def timed(name: str, answer: Any) -> None:
        before = time.perf_counter()
        check(name, answer)
        seconds.setdefault(name, []).append(time.perf_counter() - before)

    for cell in notebook.cells:
        if cell.cell_type != "code":
            continue
        if not cell.metadata.get("nbgrader", {}).get("grade"):
            shell.run(cell.source)
            continue
        check, shell.user_ns["check"] = shell.user_ns["check"], timed
        for _ in range(times):
            shell.run(cell.source)
        shell.user_ns["check"] = check
    return {name: 1000 * statistics.median(found) for name, found in seconds.items()}


def table(found: dict[str, Any]) -> str:
    """Return the figures as Markdown."""
    cells = "\n".join(f"| `{name}` | {one:.1f} |" for name, one in found.items())
    return f"| check of chapter 04 | median milliseconds |\n|---|---|\n{cells}"


if __name__ == "__main__":
    place = Path(sys.argv[1])
    (place / "times.json").write_text(json.dumps(time_checks(place, int(sys.argv[2]))), encoding="utf-8")
