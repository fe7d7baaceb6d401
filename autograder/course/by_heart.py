"""Which parts of a check's result need no input: they are the same in fresh cases as in the public ones.

That an argument was left alone, that a wrong size is refused: such a part is worth points beside one that had to be
computed, and nothing without it, because an answer that never reads its input would have it too.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from autograder.course.answer_key import Check
from autograder.learner.check import Result, equals

Spec = dict[str, Any]
DRAWS = 3  # of fresh cases that are looked at where a release is made; the grader looks at those that it draws


def parts_by_heart(check: Check, public: Spec) -> list[str]:
    """Return the parts of a check that no fresh case shows anew; none where that is so of all parts."""
    draws = [check.fresh_spec(np.random.default_rng(seed)) for seed in range(DRAWS)] if len(check.returns) > 1 else []
    known = [part for part in check.returns if draws and all(by_heart(part, public, fresh) for fresh in draws)]
    return known if len(known) < len(check.returns) else []


def by_heart(part: str, public: Spec, fresh: Spec) -> bool:
    """Say whether a part has no fresh value that is not a public one too."""
    seen = [case["expected"] for case in public["cases"]]
    return all(is_among(case["expected"], seen, part, fresh) for case in fresh["cases"])


def is_among(wanted: Result, seen: Iterable[Result], part: str, spec: Spec) -> bool:
    """Say whether one of the results has the wanted value in this part."""
    return any(equals(one, wanted, part, "as is", spec) for one in seen)
