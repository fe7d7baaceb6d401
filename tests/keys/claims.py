"""What the tests of the answer keys share: every check, its cases by seed, and the verdict on an answer.

No chapter opts in or out: all keys in `solutions/` are found. A test is one item for a check and a seed, and looks at
all mistakes in it, so that a failure lists every way that fails and not only the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import numpy as np
import pytest

from autograder.course.answer_key import Check
from autograder.course.reference import public_rng
from autograder.learner.check import Result, call, diagnose, load, notebook_names
from tests.chapters import ROOT, SLUGS, key_of

KEYS = {slug: key_of(slug) for slug in SLUGS}
DAILY = ("public", 1)  # the public cases, and fresh ones
MORE = (2, 3, 4, 5)  # other fresh ones, in `make test-all`
SEEDS = (*DAILY, *(pytest.param(seed, marks=pytest.mark.thorough) for seed in MORE))

every_chapter = pytest.mark.parametrize("slug", SLUGS)
every_check = pytest.mark.parametrize(
    ("slug", "check"),
    [pytest.param(slug, check, id=f"{slug[:2]}-{check.name}") for slug, key in KEYS.items() for check in key.checks],
)
every_seed = pytest.mark.parametrize("seed", SEEDS)


@cache
def spec_of(slug: str, name: str, seed: str | int = "public") -> dict[str, Any]:
    """Return the cases of a check for a seed, drawn once for all tests."""
    check = KEYS[slug][name]
    return check.spec(public_rng(check)) if seed == "public" else check.fresh_spec(np.random.default_rng(seed))


@cache
def stored_specs(slug: str) -> dict[str, dict]:
    """Return the checks as a learner's check.py reads them."""
    return load(ROOT / "exercises" / slug)["checks"]


def results_of(spec: dict, answer: Callable) -> list[Result]:
    """Return what an answer gives for each case, called as the notebook calls it."""
    results = []
    for case in spec["cases"]:
        with notebook_names(answer, case["names"], spec["stale"]):
            results.append(call(answer, case["inputs"], spec["returns"]))
    return results


def verdict_on(spec: dict, answer: Callable) -> dict:
    """Return the diagnosis of an answer on all cases of a spec."""
    return diagnose(spec, results_of(spec, answer))


def ways_of(check: Check) -> dict[str, tuple[str, Callable]]:
    """Return every way of every mistake of a check, with the name of the mistake."""
    return {way: (mistake.name, wrong) for mistake in check.misconceptions for way, wrong in mistake.ways().items()}


def in_float32(value: Any) -> Any:
    """Return a value with its real numbers in single precision."""
    return value.astype(np.float32) if isinstance(value, np.ndarray) and value.dtype.kind == "f" else value


def none_fail(failures: Iterable[str]) -> None:
    """Assert that there is no failure, and list them all where there are some."""
    found = list(failures)
    assert not found, f"{len(found)} fail:\n" + "\n".join(found)
