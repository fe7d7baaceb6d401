"""Tricks inside the learner's process earn nothing: the verdict is made elsewhere."""

from __future__ import annotations

import pytest
from nbformat.v4 import new_output

from tests.grade.fake_course import RIGHT, answered, released

TRICKS = {
    "patched comparisons": """
import numpy as np
np.allclose = np.isclose = np.array_equal = np.testing.assert_allclose = lambda *a, **k: True
def mean_rows(X): return X[0]""",
    "patched check": """
import sys, types
fake = types.ModuleType("check")
fake.check = check = lambda *a: None
sys.modules["check"] = fake
def mean_rows(X): return X[0]""",
    "patched worker": """
import sys
for name, module in list(sys.modules.items()):
    if name.startswith("autograder"):
        for attribute in list(vars(module)):
            if attribute in ("diagnose", "close", "same", "equals"):
                setattr(module, attribute, lambda *a, **k: True)
def mean_rows(X): return X[0]""",
    "equal to everything": """
class Yes:
    shape = (3,); dtype = float; ndim = 1
    def __eq__(self, other): return True
    def __array_function__(self, *a): return True
    def __array__(self, *a, **k):
        import numpy as np
        return np.zeros(3)
def mean_rows(X): return Yes()""",
    "array subclass": """
import numpy as np
class Sly(np.ndarray):
    def __array_function__(self, *a): return True
    def __array_ufunc__(self, *a, **k): return True
def mean_rows(X): return np.zeros(3).view(Sly)""",
    "not a number": "import numpy as np\ndef mean_rows(X): return np.full(3, np.nan)",
    "empty": "import numpy as np\ndef mean_rows(X): return np.zeros((0, 3))",
    "one number for all": "def mean_rows(X): return X.mean()",
    "text": "def mean_rows(X): return ['a', 'b', 'c']",
    "input changed": "def mean_rows(X):\n    X[:] = 0\n    return X[0]",
    "expected in a frame": """
import gc, sys
def mean_rows(X):
    frame = sys._getframe()
    while frame:
        for value in frame.f_locals.values():
            if isinstance(value, dict) and "expected" in value: return value["expected"]["mean"]
        frame = frame.f_back
    for thing in gc.get_objects():
        if isinstance(thing, dict) and "expected" in thing: return thing["expected"]["mean"]
    return X[0]""",
    "forged messages": """
import os
from autograder.grade.run.protocol import message_bytes
import numpy as np
def mean_rows(X):
    for handle in range(3, 64):
        try:
            head = {"type": "case", "step": 4, "turn": 0, "case": 0, "parts": ["mean"]}
            os.write(handle, message_bytes(head, [np.zeros(3)]))
        except OSError: pass
    return X[0]""",
    "forged end": """
import os
from autograder.grade.run.protocol import message_bytes
for handle in range(3, 64):
    try: os.write(handle, message_bytes({"type": "done", "step": -1}))
    except OSError: pass
def mean_rows(X): return X[0]""",
    "transformer": """
import ast
class All(ast.NodeTransformer):
    def visit_Constant(self, node): return ast.Constant(2)
get_ipython().ast_transformers.append(All())
get_ipython().input_transformers_cleanup.append(lambda lines: ["pass"])
def mean_rows(X): return X[0]""",
    "no exec": "import builtins\nbuiltins.exec = lambda *a: None\ndef mean_rows(X): return X[0]",
    "printed score": "print(2.0)\n2.0\ndef mean_rows(X): return X[0]",
}


@pytest.mark.parametrize("name", TRICKS)
def test_a_trick_earns_nothing(grade, name):
    verdict = grade(mean_rows=TRICKS[name])["mean_rows"]
    assert verdict.score == 0 and verdict.status != "right", verdict


@pytest.mark.parametrize("name", ["forged messages", "forged end", "patched check", "patched comparisons"])
def test_a_trick_does_not_touch_other_checks(grade, name):
    assert grade(mean_rows=TRICKS[name])["center"].score == 3


def test_outputs_in_the_submitted_file_are_not_read(grade, course):
    notebook = released(course)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = [new_output("execute_result", data={"text/plain": "3.0"})]
    assert sum(verdict.score for verdict in grade(notebook).values()) == 0


def test_edited_check_cells_are_not_run(grade, course):
    notebook = answered(course, center=RIGHT["center"])
    for cell in notebook.cells:
        if "averages" in cell.id:
            cell.source = "check('mean_rows', lambda X: X.mean(axis=0))"
    verdicts = grade(notebook)
    assert (verdicts["mean_rows"].score, verdicts["center"].score) == (0, 3)


def test_fresh_cases_differ_between_learners_and_stay_for_one_submission(trusted):
    from autograder.grade.judge.judge import draw

    check = trusted.key["mean_rows"]
    first, again, other, later = (
        draw(check, trusted.public["mean_rows"], b"secret", *who).fresh["cases"][0]["inputs"]["X"].tolist()
        for who in [("ann", "s", "1"), ("ann", "s", "1"), ("bob", "s", "1"), ("ann", "s", "2")]
    )
    assert first == again and first != other and first != later


def test_nothing_expected_is_in_the_plan(trusted):
    from autograder.grade.judge.judge import draw
    from autograder.grade.pipeline import make_plan, rebuilt

    notebook = rebuilt(trusted, b"")
    places = {c.metadata.nbgrader.grade_id: i for i, c in enumerate(notebook.cells) if "nbgrader" in c.metadata}
    drawn = {
        places[check.grade_id]: draw(check, trusted.public[check.name], b"x", "ann", "s", "1")
        for check in trusted.key.checks
    }
    plan = make_plan(notebook, trusted, drawn)
    cases = [case for step in plan.as_message()["steps"] for case in step.get("cases", [])]
    assert cases and all(set(case) == {"inputs", "names"} for case in cases)
