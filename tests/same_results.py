"""Whether two checkouts give the same results, byte for byte.

    python -m tests.same_results OUT          writes the results of the checkout that it runs in to a new folder OUT
    python -m tests.same_results OUT OTHER    names what differs between two such folders; returns 1 if anything does

Results are everything that is generated from `solutions/`, and what comes of the sample class: grades, checks, marked
notebooks, feedback pages, exports, the report, and the scores and comments in the gradebook. The class is graded in a
course with a fixed secret, due dates and an address of the book, and was handed in at fixed times, some of them late.
"""

from __future__ import annotations

import argparse
import datetime
import difflib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import nbformat

from tests.chapters import ROOT
from tests.sample_class import CLASS, SLUG, write_class

RESULTS = "results.json"
COURSE = f"""title: The sample class
attention:
  book_url: https://example.org/book
  due: {{{SLUG}: 2026-01-09 12:00 UTC}}
  late: {{grace_minutes: 15, percent_per_day: 10, cap_percent: 50}}
"""
FIRST = datetime.datetime(2026, 1, 5, 9, 30)  # when the first of the class handed in; the others followed
APART = datetime.timedelta(hours=11)
GENERATED = ("exercises/*/*", "solutions/*/*")
GRADED = ("*.csv", "*.json", "autograded/*/*/*", "feedback/*/*/*")
EXPORTS = ("canvas", "moodle", "nbgrader", "json")
NOW = re.compile(r"\d{1,2} [A-Z][a-z]+ \d{4}, \d\d:\d\d")  # when a report was made
SHOWN = 20  # lines of a difference


def collect_results(out: Path) -> dict[str, str]:
    """Write all results of this checkout below a new folder, and return a digest of each by its name."""
    if Path(installed()) != ROOT / "autograder":  # the processes that run submissions import what is installed
        sys.exit(
            f"{sys.executable} has the package of another checkout, {installed()}; install this one: pip install -e ."
        )
    out.mkdir(parents=True)
    course = sample_course(out.resolve() / "course")
    graded = course / "_build" / "grading"
    autograder(course, "grade", "--timeout", "6", "--pictures")
    roster = write_roster(course / "roster.csv")
    for form in EXPORTS:
        autograder(course, "export", form, *(["--roster", str(roster)] if form == "canvas" else []))
    autograder(course, "report")
    found = {name: digest((ROOT / name).read_bytes()) for name in names(ROOT, GENERATED)}
    kept = {name: (graded / name).read_bytes() for name in names(graded, GRADED)}
    kept["report.html"] = NOW.sub("NOW", (graded / "report.html").read_text(encoding="utf-8")).encode()
    kept["gradebook.json"] = json.dumps(gradebook(graded), indent=1, ensure_ascii=False).encode()
    for name, data in kept.items():
        path = out / "graded" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        found[f"graded/{name}"] = digest(data)
    shutil.rmtree(course)
    (out / RESULTS).write_text(json.dumps(found, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return found


def installed() -> str:
    """Return the folder of the package that this Python imports wherever it is started."""
    code = "import autograder; print(*autograder.__path__)"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def sample_course(course: Path) -> Path:
    """Write a course with one chapter whose class has been collected."""
    for name in [f"solutions/{SLUG}.py", f"solutions/{SLUG}_key.py", *names(ROOT, [f"exercises/{SLUG}/*"])]:
        (course / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, course / name)
    (course / "_config.yml").write_text(COURSE, encoding="utf-8")
    release = nbformat.read(course / "exercises" / SLUG / f"{SLUG}.ipynb", as_version=4)
    for number, path in enumerate(write_class(release, course / "_build" / "grading" / "submitted")):
        path.with_name("timestamp.txt").write_text(f"{FIRST + number * APART} UTC\n", encoding="utf-8")
    return course


def write_roster(path: Path) -> Path:
    """Write the gradebook of the class as Canvas exports it, without which there is no export to Canvas."""
    rows = [f"{student},{number},{student},{student},A," for number, student in enumerate(CLASS, 9001)]
    lines = [f"Student,ID,SIS User ID,SIS Login ID,Section,{SLUG} (77)", "Points Possible,,,,,30", *rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def autograder(course: Path, *arguments: str) -> None:
    """Run a verb of this checkout in a course."""
    environment = os.environ | {"ATTENTION_COURSE_SECRET": "the same each time", "TZ": "UTC"}
    environment.pop("ATTENTION_DB", None)
    subprocess.run([sys.executable, "-m", "autograder", *arguments], cwd=course, env=environment, check=True)


def names(folder: Path, patterns: tuple[str, ...] | list[str]) -> list[str]:
    """Return the files of a folder that match, in order, without what Python or an editor leaves there."""
    found = {path.relative_to(folder).as_posix() for pattern in patterns for path in folder.glob(pattern)}
    return sorted(name for name in found if (folder / name).is_file() and not re.search(r"(?:^|/)[._]", name))


def gradebook(graded: Path) -> list[dict[str, Any]]:
    """Return what is in the gradebook, without the numbers that nbgrader draws for its rows."""
    from nbgrader.api import Gradebook

    with closing(Gradebook(f"sqlite:///{graded / 'gradebook.db'}", course_id="attention")) as book:
        return [
            {
                "student": submission.student_id,
                "assignment": submission.name,
                "due": str(submission.duedate),
                "handed in": str(submission.timestamp),
                "late": submission.total_seconds_late,
                "score": submission.score,
                "penalty": submission.late_submission_penalty,
                "waits": submission.needs_manual_grade,
                "cells": [cell for notebook in submission.notebooks for cell in cells_of(notebook)],
            }
            for submission in sorted(book.assignment_submissions(SLUG), key=lambda one: one.student_id)
        ]


def cells_of(notebook: Any) -> list[dict[str, Any]]:
    """Return the scores and comments of a notebook in the gradebook, by the names of its cells."""
    scores = ("name", "cell_type", "auto_score", "manual_score", "extra_credit", "max_score", "needs_manual_grade")
    comments = ("name", "auto_comment", "manual_comment")
    found = [{name: getattr(one, name) for name in scores} for one in notebook.grades]
    found += [{name: getattr(one, name) for name in comments} for one in notebook.comments]
    return sorted(found, key=lambda one: (one["name"], len(one)))


def digest(data: bytes) -> str:
    """Return a digest of what is in a file."""
    return hashlib.sha256(data).hexdigest()


def differences(one: Path, other: Path) -> list[str]:
    """Return in lines what differs between the results in two folders."""
    before, after = (json.loads((folder / RESULTS).read_text(encoding="utf-8")) for folder in (one, other))
    lines = []
    for name in sorted(before.keys() | after.keys()):
        if name not in after or name not in before:
            lines.append(f"only in {one if name in before else other}: {name}")
        elif before[name] != after[name]:
            lines += [f"differs: {name}", *changed_lines(one / name, other / name)]
    return lines


def changed_lines(one: Path, other: Path) -> list[str]:
    """Return the first lines that differ between two files, nothing where they are not kept."""
    if not (one.is_file() and other.is_file()):
        return []
    texts = [path.read_text(encoding="utf-8", errors="replace").splitlines() for path in (one, other)]
    changed = [line for line in difflib.unified_diff(*texts, n=0, lineterm="") if not line.startswith(("---", "+++"))]
    return [f"    {line[:200]}" for line in changed[:SHOWN]]


def main() -> int:
    """Write results, or compare them."""
    parser = argparse.ArgumentParser(description="Write the results of this checkout, or compare those of two.")
    parser.add_argument("out", type=Path, metavar="OUT", help="a new folder for the results, or one that has some")
    parser.add_argument("other", type=Path, nargs="?", metavar="OTHER", help="the folder to compare it with")
    args = parser.parse_args()
    if args.other is None:
        print(f"{len(collect_results(args.out))} results in {args.out}")
        return 0
    lines = differences(args.out, args.other)
    print("\n".join(lines) or "All results are the same.")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
