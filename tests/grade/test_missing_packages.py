"""A package that is not here costs only what needs it; what Python cannot read has sentences of its own."""

from __future__ import annotations

import pytest
from nbformat.v4 import new_code_cell

from tests.grade.fake_course import RIGHT, answered

GONE = "a_package_that_nobody_has"
USES_MATH = "def mean_rows(X):\n    return [math.fsum(column) / len(column) for column in X.T]"
SCRATCH = {
    "before others": f"import {GONE} as gone\nimport math\nfrom functools import reduce",
    "in one line with others": f"import {GONE}, math",
    "parts of it": f"from {GONE}.parts import one, two as other\nimport math",
    "everything of it": f"from {GONE} import *\nimport math",
    "a part that a package does not have": "import numpy.nothing\nfrom numpy import nothing_like_it\nimport math",
    "before a definition": f"import {GONE}\ndef unused(x: {GONE}.Tensor | None = None):\n    pass\nimport math",
    "below an if": f"if True:\n    import {GONE}\nimport math",
    "a class of it": f"import {GONE} as gone\nclass Net(gone.Module):\n    pass\nimport math",
}


def with_scratch(course, text, **answers):
    """Return the solved notebook with a cell of the learner's own before the answers."""
    notebook = answered(course, **{**RIGHT, **answers})
    notebook.cells.insert(3, new_code_cell(text))
    return notebook


@pytest.mark.parametrize("text", SCRATCH.values(), ids=SCRATCH)
def test_a_missing_package_does_not_take_the_rest_of_its_cell_away(grade, course, text):
    verdicts = grade(with_scratch(course, text, mean_rows=USES_MATH))
    assert [verdict.score for verdict in verdicts.values()] == [2, 3], verdicts["mean_rows"].says
    told = str(grade.notebook.cells[3].outputs)
    assert "what uses it stops there" in told and ("nothing" in told or GONE in told)


UNUSED = {
    "above it": f"import {GONE} as torch\n{RIGHT['mean_rows']}",
    "inside of it": RIGHT["mean_rows"].replace("\n", f"\n    import {GONE} as torch\n", 1),
    "asked about": f"import {GONE} as torch\ndef mean_rows(X):\n"
    "    return X if isinstance(X, torch.Tensor) else X.mean(0)",
}


@pytest.mark.parametrize("text", UNUSED.values(), ids=UNUSED)
def test_a_missing_package_that_an_answer_does_not_use_costs_nothing(grade, text):
    assert [verdict.score for verdict in grade(mean_rows=text).values()] == [2, 3]


@pytest.mark.parametrize(
    "use", ["torch.mean(X, 0)", "torch.tensor(X) + 1", "X + torch.one", "np.asarray(torch.one)", "len(torch.one)"]
)
def test_an_answer_that_uses_it_is_told_so(grade, use):
    verdicts = grade(mean_rows=f"import {GONE} as torch\ndef mean_rows(X):\n    return {use}")
    assert verdicts["mean_rows"].score == 0 and verdicts["center"].score == 3
    assert f"No module named '{GONE}'" in verdicts["mean_rows"].says[0]


def test_a_learners_own_try_decides_by_itself(grade):
    text = f"try:\n    import {GONE}\n    HAVE = True\nexcept ImportError:\n    HAVE = False\n"
    text += "def mean_rows(X):\n    return 0 * X if HAVE else X.mean(0)"
    assert grade(mean_rows=text)["mean_rows"].score == 2


def test_a_name_is_missing_because_its_cell_stopped_and_that_is_said(grade, course):
    verdicts = grade(with_scratch(course, "1 / 0\nimport math", mean_rows=USES_MATH))
    assert verdicts["mean_rows"].says == (
        "`math` is not there, because the cell that defines it stopped before it was done: "
        "ZeroDivisionError: division by zero",
    )


def test_a_name_that_nothing_defines_gets_the_advice_to_define_it(grade):
    assert "Write `import math` first" in grade(mean_rows=USES_MATH)["mean_rows"].says[0]


BROKEN = {
    "a non-breaking space": (
        "def mean_rows(X):\n\xa0   return X.mean(0)",
        "Line 2 of the cell with your answer holds a non-breaking space (U+00A0)",
    ),
    "another space": (
        "def mean_rows(X):\n    return\u2003X.mean(0)",
        "Line 2 of the cell with your answer holds a space of another kind (U+2003)",
    ),
    "a sign without width": (
        "def mean_rows(X):\n    return X\u200b.mean(0)",
        "Line 2 of the cell with your answer holds a sign that Python does not read: zero width space (U+200B)",
    ),
    "a curly quote": (
        "def mean_rows(X, how=“mean”):\n    return X.mean(0)",
        "Line 1 of the cell with your answer holds a sign that Python does not read: left double quotation mark",
    ),
    "a merge": (
        "def mean_rows(X):\n<<<<<<< HEAD\n    return X.mean(0)\n=======\n    return X.mean(1)\n>>>>>>> mine",
        "The cell with your answer holds two versions that git could not merge",
    ),
}


@pytest.mark.parametrize(("text", "sentence"), BROKEN.values(), ids=BROKEN)
def test_what_python_cannot_read_has_a_sentence_of_its_own(grade, text, sentence):
    verdict = grade(mean_rows=text)["mean_rows"]
    assert verdict.score == 0 and verdict.says[0].startswith(sentence), verdict.says


def test_another_mistake_of_grammar_keeps_what_python_said(grade):
    says = grade(mean_rows="def mean_rows(X)\n    return X")["mean_rows"].says[0]
    assert says.startswith("The cell with your answer stopped with an error: SyntaxError: expected ':'")
