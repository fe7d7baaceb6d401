"""What `_config.yml` says: the course's title, and under `attention` the settings of this project."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from autograder.errors import UserError


def course_config(course_root: Path) -> dict[str, Any]:
    """Return all that `_config.yml` says, nothing where there is none. Raises UserError where it cannot be read."""
    path = course_root / "_config.yml"
    try:
        return (yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else None) or {}
    except yaml.YAMLError as error:
        place = getattr(error, "problem_mark", None)
        raise UserError(f"_config.yml cannot be read{f' (line {place.line + 1})' if place else ''}.") from None


def settings(course_root: Path) -> dict[str, Any]:
    """Return what `_config.yml` says under `attention`."""
    return course_config(course_root).get("attention") or {}
