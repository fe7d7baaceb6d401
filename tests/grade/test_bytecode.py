"""What a notebook imports from beside it is compiled once, and each run takes that."""

from __future__ import annotations

import sys

import pytest

from autograder.grade.run.bytecode import with_bytecode
from autograder.grade.run.execute import carry_out
from autograder.grade.run.plan import Plan, Step
from autograder.grade.sandbox.limits import Limits
from autograder.grade.sandbox.time_limits import Times
from tests.waiting import LONG

CODE = f"__pycache__/beside.{sys.implementation.cache_tag}.pyc"


def said(pool, files: dict[str, bytes]) -> str:
    """Return what a cell prints that imports from a file beside it."""
    cell = "try:\n    import beside\n    print(beside.x)\nexcept SyntaxError as error:\n    print(error)"
    record = carry_out(Plan((Step(0, "run", cell),), files), pool, Limits(), Times(LONG, LONG))[0]
    return "".join(output.get("text", "") for output in record.outputs).strip()


@pytest.mark.parametrize(("source", "says"), [(b"x = 1", "1"), (b"x = (", "'(' was never closed (beside.py, line 1)")])
def test_a_run_imports_what_it_would_import_without(pool, source, says):
    files = {"beside.py": source, "reference.json": b"{}"}
    assert said(pool, files) == said(pool, with_bytecode(files)) == says


def test_an_import_takes_the_code_that_was_compiled(pool):
    other = with_bytecode({"beside.py": b"x = 2"})
    assert sorted(other) == [CODE, "beside.py"]
    assert said(pool, {**other, "beside.py": b"x = 1"}) == "2"
