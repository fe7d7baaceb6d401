"""The report as plain data, for programs: the numbers of the page, and who is meant unless that is left out."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from autograder.report.figures import Mistake
from autograder.report.page import Part


def plain_data(part: Part, anonymous: bool) -> dict[str, Any]:
    """Return what is known of one assignment; `anonymous` leaves out who did what. Code is never in it."""
    class_ = part.class_
    counts = {name: len(getattr(part, name)) for name in ("missing", "late", "unreadable", "pairs")}
    data = {
        "assignment": class_.slug,
        "submissions": len(class_.submissions),
        "max_score": part.max_score,
        "waiting": part.waiting,
        "counts": counts | {"failed": len(class_.failed)},
        "account": part.account,
        "spread": asdict(part.spread) if part.spread else None,
        "checks": [asdict(check) for check in part.checks],
        "mistakes": [of_mistake(mistake, anonymous) for mistake in part.mistakes],
    }
    people = {
        "missing": class_.missing,
        "failed": class_.failed,
        "late": dict(part.late),
        "unreadable": dict(part.unreadable),
        "pairs": [(pair.one, pair.other) for pair in part.pairs],
    }
    return data if anonymous else data | {"people": people}


def of_mistake(mistake: Mistake, anonymous: bool) -> dict[str, Any]:
    """Return a mistake with the number of those who made it."""
    data = asdict(mistake) | {"count": len(mistake.students)}
    return {name: value for name, value in data.items() if name != "students"} if anonymous else data
