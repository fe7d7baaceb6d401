"""What can be known of a result without the input: by heart, from the public cases, or because it never changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from autograder.course.by_heart import by_heart
from autograder.learner.check import right_alone

Spec = dict[str, Any]


def all_that_is_right(right: Mapping[str, bool], public: Spec, fresh: Spec) -> list[str]:
    """Return the parts that are right where each of them could be known by heart, and others could not; else none."""
    if all(right.values()):
        return []
    return right_alone(right, [part for part in right if by_heart(part, public, fresh)])
