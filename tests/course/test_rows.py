"""The rows of a table of mistakes, and the standard mistakes of the field."""

import ast
import re
from functools import partial

import pytest

from autograder.course import standard_mistakes
from autograder.course.rows import every_way, in_keras, mistakes, shared_rows, ways_of
from autograder.course.standard_mistakes import Standard, standard
from autograder.errors import UserError
from tests.chapters import ROOT
from tests.keys.claims import KEYS

STANDARDS = {name: found for name, found in vars(standard_mistakes).items() if isinstance(found, Standard)}
TWICE = standard("twice", "It was doubled{how}.", how="")


def answer(x, factor=1, more=0):
    return factor * x + more


def test_a_row_holds_name_steps_and_sentence():
    (found,) = mistakes(answer, "Doubling", ("doubled", {"factor": 2}, "It was doubled."))
    assert (found.name, found.says, found.read, found.also, found.partly) == (
        "doubled",
        "It was doubled.",
        "Doubling",
        (),
        False,
    )
    assert found.wrong(x=5) == 10


def test_a_row_may_have_several_ways_which_are_steps_or_whole_answers():
    (found,) = mistakes(answer, "Doubling", ("wrong", [*ways_of("more", 1, 2), lambda x: -x], "Wrong."))
    assert [way(x=5) for way in found.ways().values()] == [6, 7, -5]


def test_a_row_may_have_another_section_and_be_made_in_part():
    rows = (("a", {}, "A."), ("b", {}, "B.", "Other"), ("c", {}, "C.", "partly"), (TWICE, {}, "Other", "partly"))
    found = mistakes(answer, "Doubling", *rows)
    assert [(m.name, m.read, m.partly) for m in found] == [
        ("a", "Doubling", False),
        ("b", "Other", False),
        ("c", "Doubling", True),
        ("twice", "Other", True),
    ]
    shared = mistakes(answer, "Elsewhere", *shared_rows("Doubling", *rows))
    assert [(m.name, m.read, m.partly) for m in shared] == [(m.name, m.read, m.partly) for m in found]


def test_every_way_of_a_mistake_is_changed():
    def stopping(x, kind=ValueError):
        raise kind("no")

    found = mistakes(answer, "Doubling", ("wrong", [stopping, {"factor": 3}], "Wrong."))
    (negated,) = every_way(found, lambda way: lambda **inputs: -way(**inputs))
    assert negated.also[0](x=5) == -15
    (in_tensorflow,) = in_keras(found)
    with pytest.raises(Exception, match="no") as caught:
        in_tensorflow.wrong(x=5)
    assert caught.type is Exception
    assert in_tensorflow.also[0](x=5) == 15


def test_a_standard_mistake_is_told_with_its_fields():
    assert TWICE.says == "It was doubled."
    assert TWICE(how=" again").says == "It was doubled again."
    with pytest.raises(UserError, match="twice has no field who; it has: how"):
        TWICE(who="me")
    with pytest.raises(UserError, match=r'twice needs how="…"; write TWICE\(how="…"\)'):
        mistakes(answer, "Doubling", (Standard("twice", "It was doubled{how}."), {"factor": 2}))


@pytest.mark.parametrize("steps", [{"factors": 2}, [{"factor": 2}, {"x": 1, "factors": 2}]])
def test_a_step_that_the_answer_does_not_have_is_named_with_those_it_has(steps):
    with pytest.raises(UserError, match='"doubled" exchanges "factors", which is no step of answer; it has: x, factor'):
        mistakes(answer, "Doubling", ("doubled", steps, "It was doubled."))


def test_an_answer_that_takes_any_step_is_not_asked_for_its_steps():
    def any_step(x, **steps):
        return answer(x, **steps)

    (found,) = mistakes(any_step, "Doubling", ("doubled", {"factor": 2}, "It was doubled."))
    assert found.wrong(x=5) == 10
    (again,) = mistakes(partial(any_step, more=1), "Doubling", ("doubled", {"factor": 2}, "It was doubled."))
    assert again.wrong(x=5) == 11


def test_a_row_without_a_sentence_is_named():
    with pytest.raises(UserError, match='"doubled" has no sentence'):
        mistakes(answer, "Doubling", ("doubled", {"factor": 2}))


@pytest.mark.parametrize("variable", STANDARDS)
def test_each_standard_mistake_is_used_and_named_as_its_variable(variable):
    assert STANDARDS[variable].name == variable.lower()
    keys = [path.read_text(encoding="utf-8") for path in ROOT.glob("solutions/*_key.py")]
    assert any(re.search(rf"standard\.{variable}\b", text) for text in keys)


def test_an_inverted_mask_is_told_in_one_way():
    every = [mistake for key in KEYS.values() for check in key.checks for mistake in check.misconceptions]
    inverted = [mistake.says for mistake in every if mistake.name == "mask_inverted"]
    assert len(inverted) > 5
    assert all(re.match(r"(The|A) (padding )?mask works the wrong way round: \w+", sentence) for sentence in inverted)


def test_what_a_course_is_made_of_knows_nothing_of_grading():
    for path in (ROOT / "autograder" / "course").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom):
                assert not node.module.startswith("autograder.grade"), path
