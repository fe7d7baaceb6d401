"""The rule on library calls refuses no solved notebook, and leaves none for a person."""

from __future__ import annotations

import pytest

from autograder.course.assignment import load_trusted
from autograder.grade.pipeline import Grader, rebuilt, run_and_judge
from autograder.grade.sandbox.limits import Limits
from autograder.grade.sandbox.time_limits import Times
from tests.chapters import ROOT, SLUGS, key_of

# The chapters in which a library call may not be the answer.
STRICT = [slug for slug in SLUGS if any(check.forbidden for check in key_of(slug).checks)]


@pytest.mark.parametrize("slug", STRICT)
def test_no_solved_notebook_is_refused_or_left_for_a_person(slug, pool):
    strict = load_trusted(ROOT, slug)
    solved = (ROOT / "solutions" / slug / f"{slug}.ipynb").read_bytes()
    verdicts = run_and_judge(rebuilt(strict, solved), strict, "ann", Grader(pool, b"secret", Limits(), Times()))
    assert not [(verdict.check, verdict.says, verdict.look) for verdict in verdicts if verdict.status != "right"]
    assert not any(verdict.look for verdict in verdicts)


def test_there_are_such_chapters():
    assert len(STRICT) > 2 and "02_dot_product_attention" in STRICT  # which needs no TensorFlow, and is tried daily
