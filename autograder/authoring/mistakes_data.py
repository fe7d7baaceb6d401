"""The known mistakes of a check as plain data, for programs."""

from __future__ import annotations

from typing import Any

from autograder.authoring.mistakes import Spec, nearest, outputs_of, telling


def plain_data(title: str, spec: Spec) -> dict[str, Any]:
    """Return what `autograder mistakes` prints of a check, which `title` names with its chapter; cases by number."""
    slug, name = title.split()
    outputs = outputs_of(spec)
    right = outputs.pop("right")
    return {
        "assignment": slug,
        "check": name,
        "title": spec["title"],
        "cases": [case["label"] for case in spec["cases"]],
        "mistakes": [
            {"name": mistake, "shown_by": telling(right, results, spec)}
            | dict(zip(("nearest", "told_apart_by"), nearest(mistake, {"right": right, **outputs}, spec), strict=True))
            for mistake, results in outputs.items()
        ],
    }


def needs_a_look(data: dict[str, Any]) -> bool:
    """Say whether no case shows one of the mistakes, or none tells it from another."""
    return any(not one["shown_by"] or not one["told_apart_by"] for one in data["mistakes"])
