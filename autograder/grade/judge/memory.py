"""What can be known of a result without the input: by heart, from the public cases, or because it never changes.

Some parts of a result are the same whatever is given: that an argument was left alone, that a wrong size is refused.
Such a part is worth points beside one that had to be computed, and nothing without it: an answer that never reads
its input would have it too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from autograder.learner.check import Result, equals

Spec = dict[str, Any]


def all_that_is_right(right: Mapping[str, bool], public: Spec, fresh: Spec) -> list[str]:
    """Return the parts that are right where each of them could be known by heart, and others could not; else none."""
    good = [part for part, is_right in right.items() if is_right]
    if len(good) == len(right):
        return []
    known = [part for part in right if by_heart(part, public, fresh)]
    return good if set(good) <= set(known) != set(right) else []


def by_heart(part: str, public: Spec, fresh: Spec) -> bool:
    """Say whether a part has no fresh value that is not a public one too."""
    seen = [case["expected"] for case in public["cases"]]
    return all(is_among(case["expected"], seen, part, fresh) for case in fresh["cases"])


def is_among(wanted: Result, seen: Iterable[Result], part: str, spec: Spec) -> bool:
    """Say whether one of the results has the wanted value in this part."""
    return any(equals(one, wanted, part, "as is", spec) for one in seen)


def sentence(alone: Iterable[str], returns: Iterable[str]) -> str:
    """Say what the parts that are right alone wait for."""
    alone = list(alone)
    named = " and ".join(f"`{part}`" for part in alone)
    others = " or ".join(f"`{part}`" for part in returns if part not in alone)
    verb = "count" if len(alone) > 1 else "counts"
    return f"{named} {verb} only beside {others}: an answer that ignores its input has it right, too."
