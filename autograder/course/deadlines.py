"""When work is due and what being late costs, as `_config.yml` says.

    autograder:
      due: {01_weighted_means: 2026-12-01 23:59 Europe/Berlin}  # or UTC, UTC+1, +01:00
      late: {grace_minutes: 15, percent_per_day: 10, cap_percent: 50}

Of the points earned, `percent_per_day` goes for each day that has begun after the due date and the grace; never
more than `cap_percent`. The grace moves everybody's due date. Without these settings nothing is taken off.
"""

from __future__ import annotations

import datetime
import math
import re
from pathlib import Path

from autograder.course import clocks
from autograder.course.config import settings
from autograder.errors import UserError

MOST = {"grace_minutes": math.inf, "percent_per_day": 100, "cap_percent": 100}
LATE = {"grace_minutes": 0.0, "percent_per_day": 0.0, "cap_percent": 100.0}
DUE = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d)?) ?(\S+)")
LIKE = "write it like 2026-12-01 23:59 Europe/Berlin"


def late_settings(course_root: Path) -> dict[str, float]:
    """Return what being late costs. Raises UserError for settings that make no sense."""
    given = settings(course_root).get("late") or {}
    if not isinstance(given, dict) or (unknown := sorted(set(map(str, given)) - set(LATE))):
        what = "is no list of settings" if not isinstance(given, dict) else f"has no setting {unknown[0]}"
        raise UserError(f"late in _config.yml {what}; there are: {', '.join(LATE)}.")
    for name, value in given.items():
        number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        if not number or not 0 <= value <= MOST[name]:
            most = "" if math.isinf(MOST[name]) else f" to {MOST[name]}"
            raise UserError(f"late: {name} in _config.yml is {value}; it must be a number from 0{most}.")
    return LATE | given


def due_dates(course_root: Path) -> dict[str, datetime.datetime | None]:
    """Return when assignments are due, in UTC as nbgrader keeps it; None takes a date away.

    Raises UserError for a date that cannot be read and for a name that is no assignment's.
    """
    given = settings(course_root).get("due") or {}
    if not isinstance(given, dict):
        raise UserError("due in _config.yml must give a date for each assignment, as SLUG: date.")
    for slug in map(str, given):
        if not any(course_root.glob(f"solutions/{slug}[._]*")):
            raise UserError(f"due in _config.yml names {slug}, and there is no such assignment.")
    return {str(slug): None if date is None else in_utc(str(date), slug) for slug, date in given.items()}


def in_utc(text: str, slug: str) -> datetime.datetime:
    """Return a date with a time zone as nbgrader keeps it: in UTC, without the zone."""
    found = DUE.fullmatch(text.strip())
    if found is None:
        raise UserError(f"due: {slug} in _config.yml is {text!r}, no date, time and zone; {LIKE}.")
    day, time, zone = found.groups()
    try:
        local = datetime.datetime.fromisoformat(f"{day}T{time}")
        return clocks.in_utc(local, clocks.zone_of(zone)).replace(tzinfo=None)
    except clocks.OddTime as odd:
        raise UserError(f"due: {slug} in _config.yml is {text!r}: {odd}.") from None
    except (ValueError, OverflowError):
        raise UserError(f"due: {slug} in _config.yml is {text!r}, which no clock shows; {LIKE}.") from None
