"""The numbers of one assignment: how scores are spread, what each check cost, which mistakes were made."""

from __future__ import annotations

import json
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.course.book_links import section_url
from autograder.report.submissions import Class, Submission, Verdict

BINS = 10
ONLY_IF_SEEN = ("not_run", "accepted", "dropped")
STATUSES = {
    "right": "right",
    "partial": "partly right",
    "wrong": "wrong",
    "unfinished": "unfinished",
    "error": "error",
    "timeout": "out of time",
    "not_run": "not run",
    "accepted": "accepted by hand",
    "dropped": "dropped",
}


@dataclass(frozen=True)
class Spread:
    """How the scores are spread, each as a share of all points: `counts` of BINS steps, the last with 100 %."""

    counts: tuple[int, ...]
    mean: float
    median: float


@dataclass(frozen=True)
class CheckFigures:
    """One check: the mean share of its points (None where it has none), and how many met which status."""

    check: str
    title: str
    points: float
    share: float | None
    counts: dict[str, int]


@dataclass(frozen=True)
class Mistake:
    """One misconception and who has it; `url` is empty where the book has no address."""

    name: str
    check: str
    title: str
    says: str
    read: str
    url: str
    students: tuple[str, ...]
    share: float


def spread(submissions: Iterable[Submission]) -> Spread | None:
    """Return how scores are spread; None where there are none."""
    shares = [one.score / one.max_score for one in submissions if one.max_score > 0]
    if not shares:
        return None
    found = Counter(min(BINS - 1, max(0, int(BINS * share + 1e-9))) for share in shares)
    return Spread(tuple(found[n] for n in range(BINS)), statistics.mean(shares), statistics.median(shares))


def check_figures(submissions: Iterable[Submission]) -> list[CheckFigures]:
    """Return the checks, the hardest first; those that are equally hard in the order of the notebook."""
    by_check: dict[str, list[Verdict]] = {}
    for verdict in (verdict for one in submissions for verdict in one.verdicts):
        by_check.setdefault(verdict.check, []).append(verdict)
    found = [one_check(verdicts) for verdicts in by_check.values()]
    return sorted(found, key=lambda one: 2.0 if one.share is None else one.share)


def one_check(verdicts: list[Verdict]) -> CheckFigures:
    """Return the figures of one check from all verdicts on it."""
    counts = Counter(verdict.status for verdict in verdicts)
    shares = [verdict.score / verdict.max_score for verdict in verdicts if verdict.max_score > 0]
    share = statistics.mean(shares) if shares else None
    first = verdicts[0]
    return CheckFigures(first.check, first.title, first.max_score, share, {name: counts[name] for name in STATUSES})


def mistakes(class_: Class, course_root: Path, book: str) -> list[Mistake]:
    """Return the misconceptions that somebody has, the most frequent first; `book` is the address of the book."""
    known = released_checks(course_root, class_.slug)
    found: dict[tuple[str, str], tuple[Verdict, list[str]]] = {}
    for one in class_.submissions:
        for verdict in one.verdicts:
            for name in verdict.names:
                found.setdefault((verdict.check, name), (verdict, []))[1].append(one.student)
    rows = []
    for (check, name), (verdict, students) in found.items():
        about = known.get(check, {})
        mistake = about.get("misconceptions", {}).get(name, {})
        read = str(mistake.get("read") or about.get("read") or "")
        url, share = section_url(book, class_.slug, read), len(students) / len(class_.submissions)
        says = str(mistake.get("says") or name)
        rows.append(Mistake(name, check, verdict.title, says, read, url, tuple(sorted(students)), share))
    return sorted(rows, key=lambda row: (-len(row.students), row.check, row.name))


def released_checks(course_root: Path, slug: str) -> Mapping[str, Any]:
    """Return what the reference outputs say about each check; nothing where the exercise is not here."""
    try:
        text = (course_root / "exercises" / slug / "reference.json").read_text(encoding="utf-8")
        return json.loads(text)["checks"]
    except (OSError, ValueError, KeyError):
        return {}
