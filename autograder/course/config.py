"""What `_config.yml` says: the course's title, and under `autograder` the settings of the grader.

The book on attention has them under `attention`, which is read where there is no `autograder`.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from autograder.errors import UserError

SECTIONS = ("autograder", "attention")
COURSE_ID = "attention"  # where a course gives none: gradebooks that are there have it
NAME = re.compile(r"\w+([-.]\w+)*", re.ASCII)


def course_config(course_root: Path) -> dict[str, Any]:
    """Return all that `_config.yml` says, nothing where there is none. Raises UserError where it cannot be read."""
    path = course_root / "_config.yml"
    try:
        return (yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else None) or {}
    except yaml.YAMLError as error:
        place = getattr(error, "problem_mark", None)
        raise UserError(f"_config.yml cannot be read{f' (line {place.line + 1})' if place else ''}.") from None


def section(config: dict[str, Any]) -> str:
    """Return under which name a `_config.yml` has the settings."""
    return next((name for name in SECTIONS if name in config), SECTIONS[0])


def settings(course_root: Path) -> dict[str, Any]:
    """Return the settings of the grader, nothing where there are none."""
    config = course_config(course_root)
    return config.get(section(config)) or {}


def course_id(course_root: Path) -> str:
    """Return the name of the course in nbgrader's gradebook and exchange. Raises UserError for one that cannot be."""
    name = settings(course_root).get("course_id", COURSE_ID)
    if not isinstance(name, str) or not NAME.fullmatch(name):
        raise UserError(f"_config.yml: course_id is {name!r}; give letters and digits, with - or _ between, in quotes.")
    return name
