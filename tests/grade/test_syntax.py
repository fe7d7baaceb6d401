"""Learners' Python is read as IPython reads it, within bounds, in many threads; what was not read is told."""

from __future__ import annotations

import ast
import gc
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from autograder.grade.intake import python_source
from autograder.grade.intake.bindings import defined
from autograder.grade.intake.cell_order import out_of_order
from autograder.grade.intake.python_source import MOST_LINES, MOST_MAGICS, MOST_TEXT, parse, read, read_all
from autograder.grade.run.plan import only_definitions

FUNCTION = "def f{0}(a, b=[1, (2, {{3: 4}})]):\n    return [x for x in (a + b, lambda y: y ** {0}) if x]\n"
TEXT = "".join(map(FUNCTION.format, range(40)))


@pytest.fixture
def threads_that_take_turns():
    """Let another thread go on at every collection, so in the middle of building a tree."""

    def give_way(*ignored):
        time.sleep(0)

    before = gc.get_threshold()
    gc.set_threshold(50)
    gc.callbacks.append(give_way)
    yield
    gc.callbacks.remove(give_way)
    gc.set_threshold(*before)


@pytest.mark.usefixtures("threads_that_take_turns")
def test_many_threads_can_parse():
    # with a bare ast.parse about every twentieth call ends in "SystemError: AST constructor recursion depth mismatch"
    with ThreadPoolExecutor(4) as threads:
        trees = list(threads.map(parse, [TEXT] * 100))
    assert all(len(tree.body) == 40 for tree in trees)


def test_what_is_no_python_is_told_and_the_next_is_parsed():
    with pytest.raises(SyntaxError):
        parse("def")
    assert len(parse("a = 1").body) == 1


IPYTHON = [
    "x = !true",
    "np.sum?",
    "t = %time 1",
    "%matplotlib inline",
    "!pip install x",
    "%%time",
    "?np",
    "!!ls",
    ",g a",
]


@pytest.mark.parametrize("line", IPYTHON)
def test_a_line_for_ipython_hides_nothing_behind_it(line):
    assert "f" in defined([read(f"{line}\ndef f(): pass\n")])
    assert "def f" in only_definitions(f"{line}\ndef f(): pass\n") or line == "%%time"


@pytest.mark.parametrize(
    "text",
    [
        "if True:\n    def f(): pass",
        "try:\n    pass\nfinally:\n    def f(): pass",
        "try:\n    import x\nexcept ImportError:\n    f = 1",
        "with a:\n    if b:\n        pass\n    else:\n        class f: pass",
        "f: object = 1",
        "f = 1",
        "%time f = g()",
        "%%capture out\n%time f = 1",
    ],
)
def test_a_name_is_found_wherever_it_is_bound(text):
    assert list(defined([read(text)]))[-1] == "f"


def test_what_a_function_or_a_loop_binds_is_its_own():
    assert set(defined([read("def g():\n    f = 1\nfor i in a:\n    f = 1\nf: int")])) == {"g"}


@pytest.mark.parametrize(
    "text, why, runs",
    [
        ("def f(:", python_source.NO_PYTHON, False),
        ("x = '\0'", python_source.NO_PYTHON, False),
        ("x" * (MOST_TEXT + 1), python_source.TOO_LONG, True),
        ("x\n" * MOST_LINES, python_source.TOO_LONG, True),
        ("x = " + "-" * 5000 + "1", python_source.TOO_DEEP, True),
        ("%a\n" * (MOST_MAGICS + 1), python_source.TOO_MANY_MAGICS, True),
    ],
    ids=["an error", "a null", "long", "of many lines", "deep", "of many magics"],
)
def test_what_is_not_read_says_why_and_whether_it_may_run(text, why, runs):
    found = read(text)
    assert (found.statements, found.why, found.runs, found.unseen) == (None, why, runs, runs)
    assert only_definitions(text) == ""


def test_nothing_is_an_answer_of_its_own():
    assert read("").statements == () and read("# only a comment").statements == () and not read("").unseen
    assert len(read("%a\n" * MOST_MAGICS).statements) == MOST_MAGICS


def test_a_notebook_of_very_long_cells_is_hardly_parsed(monkeypatch):
    parsed = []
    monkeypatch.setattr(python_source, "parse", lambda text: parsed.append(len(text)) or ast.parse(text))
    fifteen = ["x\n" * 99_990] * 15
    assert [cell.why for cell in read_all(fifteen)] == [python_source.TOO_LONG] * 5 + [python_source.TOO_MUCH] * 10
    assert [cell.unseen for cell in read_all(["y = 1\n" * 1500] * 100)] == [False] * 11 + [True] * 89
    assert sum(parsed) <= python_source.MOST_OF_ALL


SOLUTION = {"nbgrader": {"solution": True, "grade": False, "grade_id": "a", "schema_version": 3}}
CHECK = {"nbgrader": {"solution": False, "grade": True, "grade_id": "b", "schema_version": 3}}


def notes_on(*cells: tuple[str, dict], released: tuple[str, ...] = ()) -> list[str]:
    """Return what is said of the order of cells, some of which stand in the release as they are."""
    made = [new_code_cell(text, metadata=about) for text, about in cells]
    return out_of_order(
        new_notebook(cells=made), new_notebook(cells=[cell for cell in made if cell.source in released])
    )


def test_nothing_is_said_of_the_order_of_cells_that_were_not_all_read():
    def notes(before: str) -> list[str]:
        return notes_on((before, {}), ("def f(): return g()", SOLUTION), ("f()", CHECK), ("def g(): pass", {}))

    assert len(notes("x = !ls\nh = 1")) == len(notes("h = (")) == 1
    assert notes("x = !ls\ng = 1") == notes("g = 1\n" * MOST_LINES) == []


@pytest.mark.parametrize("later", ["g = 1", "if True:\n    g, h = 1, 2", "def g(): pass"])
def test_nothing_is_said_of_what_the_release_itself_defines_further_down(later):
    # an unfinished answer names what it has yet to compute, and a released cell below may happen to use that name
    cells = ("def f(): return g", SOLUTION), ("f()", CHECK), (later, {})
    assert len(notes_on(*cells)) == len(notes_on(*cells, released=("f()",))) == 1
    assert notes_on(*cells, released=("f()", later)) == []
