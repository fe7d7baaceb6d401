"""Pairs of nearly the same answers: found where one was made from the other, and not where people work alone."""

import random

import pytest

from autograder.report import pairs as module
from autograder.report.fingerprints import LONG, TOKEN, WINDOW, passages, tokens, winnowed
from autograder.report.pairs import MOST_SHARING, Text, candidates, known_passages, pairs
from tests.report.variants import TASKS, copied, odd_code, write_class

CODE = '''
def softmax(scores, axis=-1):
    """Return weights that sum to one."""
    top = scores.max(axis=axis, keepdims=True)  # for large numbers
    e = np.exp(scores - top)
    return e / e.sum(axis=axis, keepdims=True)
'''


# ---------------------------------------------------------------- tokens
@pytest.mark.parametrize(
    "change",
    [
        lambda code: code.replace("scores", "zahlen").replace("top", "größte"),
        lambda code: code.replace("  # for large numbers", "").replace("    e =", "    # exponentials\n    e ="),
        lambda code: code.replace('    """Return weights that sum to one."""\n', ""),
        lambda code: code.replace("    ", "\t").replace(" = ", "=").replace(", ", " ,  ").replace("\n", "\n\n"),
        lambda code: code.replace("scores - top", "scores -\n        top"),
    ],
    ids=["names", "comments", "docstring", "blanks", "lines"],
)
def test_what_hides_a_copy_changes_no_token(change):
    assert change(CODE) != CODE
    assert tokens(change(CODE)) == tokens(CODE)


@pytest.mark.parametrize(
    "change",
    [
        lambda code: code.replace("np.exp", "np.expm1"),
        lambda code: code.replace("axis=-1", "axis=-2"),
        lambda code: code.replace(" / ", " * "),
        lambda code: code.replace("def softmax(scores, axis=-1):", "softmax = lambda scores, axis=-1:"),
    ],
    ids=["function", "number", "sign", "keyword"],
)
def test_what_computes_something_else_has_other_tokens(change):
    assert tokens(change(CODE)) != tokens(CODE)


def test_own_attributes_are_names_and_those_of_a_library_are_not():
    assert tokens("self.weights = x.sum()") == tokens("self.w = y.sum()")
    assert tokens("self.weights = x.sum()") != tokens("self.weights = x.max()")


@pytest.mark.parametrize(
    "text", ["", "'", '"""', "%matplotlib", "def f(:", "\x00\ud800 '''", "((((", "“typed elsewhere”"]
)
def test_any_text_has_tokens(text):
    assert isinstance(tokens(text), tuple)


@pytest.mark.parametrize("quote", ["'", '"', "'''", '"""'])
@pytest.mark.parametrize("inside", ["\\'", '\\"', "a", " ", "\\\\"])
def test_a_string_that_does_not_end_is_read_once(quote, inside):
    """What is not matched from one quote on would be tried again from the next: that takes the square of the time."""
    text = quote + inside * 100
    assert TOKEN.match(text).end() == len(text)


def test_a_long_common_stretch_gives_a_common_fingerprint():
    rng = random.Random(0)
    shared = [str(rng.random()) for _ in range(LONG + WINDOW - 1)]
    for _ in range(50):
        texts = [
            tuple(
                [str(rng.random()) for _ in range(rng.randrange(40))] + shared + [str(rng.random()) for _ in range(30)]
            )
            for _ in range(2)
        ]
        one, other = (winnowed(passages(text, LONG)) for text in texts)
        assert one & other
        assert len(one) < len(passages(texts[0], LONG))


# ---------------------------------------------------------------- classes
def people(found):
    return [(pair.one, pair.other) for pair in found]


@pytest.mark.parametrize("size", [4, 10, 18, 30, 60, 100])
@pytest.mark.parametrize("seed", range(5))
def test_people_who_work_alone_make_no_pair(size, seed):
    assert people(pairs(write_class(size, seed), set())) == []


def test_a_class_of_one_text_makes_no_pair():
    texts = {task: next(iter(students.values())) for task, students in write_class(1).items()}
    everybody = {task: {f"s{n}": text for n in range(30)} for task, text in texts.items()}
    assert pairs(everybody, set()) == []


@pytest.mark.parametrize("size", [10, 18, 30, 60, 100])
def test_a_copy_with_other_names_comments_and_blanks_is_found(size):
    found = 0
    for seed in range(5):
        answers = write_class(size, seed)
        for task in TASKS:
            answers[task]["s0007"] = copied(answers[task]["s0003"])
        pairs_found = pairs(answers, set())
        assert set(people(pairs_found)) <= {("s0003", "s0007")}
        found += len(pairs_found)
    assert found >= 3  # a text all of whose steps are common in the class proves nothing


def test_one_long_answer_is_enough_where_nobody_else_writes_like_it():
    answers = {"task": {f"s{n:02}": odd_code(n) for n in range(20)}}
    answers["task"]["s05"] = answers["task"]["s11"].replace("value", "my_own_value").replace("\n", "  # mine\n")
    (pair,) = pairs(answers, set())
    assert (pair.one, pair.other) == ("s05", "s11")
    assert pair.cells[0].similarity == 1
    assert pair.cells[0].texts == (answers["task"]["s05"], answers["task"]["s11"])


def test_half_an_answer_of_somebody_else_is_no_pair():
    answers = {"task": {f"s{n:02}": odd_code(n, 60) for n in range(20)}}
    half = answers["task"]["s11"].split("\n")[:31]
    answers["task"]["s05"] = "\n".join([*half, *odd_code(99, 30).replace("np.", "tf.math.").split("\n")[1:]])
    assert pairs(answers, set()) == []
    answers["task"]["s05"] = "\n".join([*answers["task"]["s11"].split("\n")[:59], "    return value * 2"])
    assert people(pairs(answers, set())) == [("s05", "s11")]


def test_what_the_course_holds_itself_says_nothing():
    answers = {"task": {f"s{n:02}": odd_code(n) for n in range(20)}}
    answers["task"]["s05"] = answers["task"]["s11"]
    assert pairs(answers, known_passages([answers["task"]["s11"].replace("value", "x")])) == []


def test_a_short_answer_says_nothing():
    answers = {"task": {f"s{n:02}": odd_code(n) for n in range(20)}}
    answers["task"]["s05"] = answers["task"]["s11"] = "def f(value):\n    return value.prod(0).cumsum(1)[::-2]"
    assert pairs(answers, set()) == []


def test_three_people_say_nothing():
    answers = {"a": odd_code(1, 200), "b": odd_code(1, 200), "c": odd_code(2, 200)}
    assert pairs({"task": answers}, set()) == []
    assert people(pairs({"task": answers | {"d": odd_code(3, 200)}}, set())) == [("a", "b")]


def test_work_grows_with_the_class_and_not_with_its_pairs():
    """Counts comparisons: a hundred people who all write the same are compared no more often than one."""
    same = {f"s{n:03}": Text(odd_code(1), set()) for n in range(100)}
    assert candidates(same) == set()
    alone = {f"s{n:03}": Text(odd_code(n), set()) for n in range(100)}
    assert len(candidates(alone)) <= 3
    assert module.most_sharing(10_000) == MOST_SHARING


def test_the_order_of_the_class_changes_nothing():
    answers = write_class(30, seed=1)
    for task in TASKS:
        answers[task]["s0007"] = copied(answers[task]["s0003"])
    turned = {task: dict(reversed(list(students.items()))) for task, students in answers.items()}
    assert pairs(turned, set()) == pairs(answers, set())
