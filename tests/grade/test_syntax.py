"""Parsing in many threads at once, as the class driver does."""

from __future__ import annotations

import gc
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from autograder.grade.intake.python_source import parse

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
