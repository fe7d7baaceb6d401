"""The rule on library calls refuses no solved notebook, and leaves none for a person."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course.assignment import load_trusted
from autograder.grade.pipeline import Grader, rebuilt, run_and_judge
from autograder.grade.sandbox.limits import Limits
from autograder.grade.sandbox.time_limits import Times

ROOT = Path(__file__).parents[2]
STRICT = [  # the chapters in which a library call may not be the answer; the first needs no TensorFlow
    "02_dot_product_attention",
    "03_bahdanau_attention",
    "04_scaled_dot_product_attention",
    "05_multi_head_attention",
    "07_transformer",
]


@pytest.mark.parametrize("slug", STRICT)
def test_no_solved_notebook_is_refused_or_left_for_a_person(slug, pool):
    strict = load_trusted(ROOT, slug)
    assert any(check.forbidden for check in strict.key.checks)
    solved = (ROOT / "solutions" / slug / f"{slug}.ipynb").read_bytes()
    verdicts = run_and_judge(rebuilt(strict, solved), strict, "ann", Grader(pool, b"secret", Limits(), Times()))
    assert not [(verdict.check, verdict.says, verdict.look) for verdict in verdicts if verdict.status != "right"]
    assert not any(verdict.look for verdict in verdicts)
