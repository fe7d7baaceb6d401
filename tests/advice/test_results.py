"""What is said of a result that equals no known mistake: each sentence is true of its case, and not said near it."""

import numpy as np
import pytest

from autograder.learner import check as checker

RNG = np.random.default_rng(0)
WANTED = RNG.uniform(0.05, 1, size=(3, 5))
WANTED /= WANTED.sum(axis=1, keepdims=True)
X = RNG.normal(size=(3, 5))
SPEC = {"rtol": 1e-4, "atol": 1e-5, "returns": ["out"], "advice": {}, "properties": []}
ROUND = WANTED.round(2)
HARD = np.eye(5)[WANTED.argmax(axis=1)]
HALF = WANTED.astype(np.float16)
CHANGED = WANTED.copy()
CHANGED[1, 2] += 0.25


def said(got, wanted=WANTED, inputs=None):
    """Return the sentence on a result."""
    return checker.difference("out", np.asarray(got), wanted, None, SPEC, {"x": X} if inputs is None else inputs)


def stacked(*parts):
    """Return arrays one below the other."""
    return np.concatenate([np.atleast_2d(part) for part in parts])


# (a part of the sentence, a result of which it is true, one that comes near and of which it is not)
SAID = [
    ("all its numbers are 0. Is what was computed written into it", np.zeros((3, 5)), np.eye(3, 5)),
    ("all its numbers are 1. Is what", np.ones((3, 5)), HARD),
    ("holds a 1 where the largest number is expected", HARD, np.roll(HARD, 1, axis=1)),
    ("It holds a 1 where the largest number is expected", HARD.astype(int), np.eye(3, 5, dtype=int)),
    ("Is something rounded or compared?", np.roll(HARD, 1, axis=1).astype(int), HARD.astype(int)),
    ("rounded to 2 decimals", ROUND, ROUND + 0.01),
    ("keeps three digits", HALF, CHANGED.astype(np.float16)),
    ("holds complex numbers; expected real ones. Their imaginary parts are all 0", WANTED + 0j, WANTED + 1j),
    ("It is the argument `x`, as it came.", X, X + 0.1),
    ("It is the argument `x`, transposed.", X.T, X.T + 0.1),
    ("one place too late", stacked(np.zeros(5), WANTED[:-1]), stacked(np.zeros(5), WANTED[1:])),
    ("one place too early", stacked(WANTED[1:], np.zeros(5)), stacked(WANTED[:-1], np.zeros(5)) + 0.1),
    ("in the opposite order", WANTED[::-1], WANTED[[1, 0, 2]]),
    ("holds the ones before it too", np.cumsum(WANTED, axis=0), np.cumsum(WANTED, axis=1)),
    ("every entry is the last one", np.repeat(WANTED[-1:], 3, axis=0), np.repeat(WANTED[1:2], 3, axis=0)),
    ("every entry is the first one", np.repeat(WANTED[:1], 3, axis=0), np.repeat(WANTED[-1:], 3, axis=0)),
    ("is 2 times what was expected, everywhere", 2 * WANTED, 2 * WANTED + 0.1),
    ("Nothing was collected", np.zeros((0, 5)), WANTED[:1]),
    ("That is the first of 3: is `return` inside the loop?", WANTED[:1], WANTED[1:2]),
    ("That is the first of 3: is `return` inside the loop?", WANTED[0], WANTED[1]),
    ("That is the last of 3 alone", WANTED[-1], WANTED[0]),
    ("That is the sum of all 3", WANTED.sum(axis=0), WANTED.sum(axis=0) + 0.1),
    ("That is 1 of 3: does the loop run to its end", WANTED[1:2], WANTED[:2]),
    ("Each is there twice", np.repeat(WANTED, 2, axis=0), stacked(WANTED, CHANGED)),
    ("Each is there twice", stacked(WANTED, WANTED), np.repeat(CHANGED, 2, axis=0)),
    ("The first 3 are right, and 1 too many follow.", stacked(WANTED, X[:1]), stacked(X[:1], WANTED)),
    ("The last 3 are right, and 2 too many stand before.", stacked(X[:2], WANTED), stacked(WANTED, X[:2])),
    ("The first 2 are right.", WANTED[:2], CHANGED[:2]),
    ("The last 2 are right.", WANTED[1:], CHANGED[1:]),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "result"), [(sentence, result) for sentence, result, _ in SAID])
def test_it_is_said_where_it_is_true(sentence, result):
    assert sentence in said(result)


@pytest.mark.parametrize(("sentence", "result"), [(sentence, result) for sentence, _, result in SAID])
def test_it_is_not_said_beside_it(sentence, result):
    assert sentence not in said(result)


def test_nothing_is_said_of_an_order_that_cannot_be_seen():
    alike = np.repeat(WANTED[:1], 3, axis=0)
    assert "expected" in said(alike + 0.1, alike)
    assert "opposite" not in said(alike + 0.1, alike) and "every entry" not in said(alike + 0.1, alike)


def test_an_input_that_is_nearly_right_is_no_argument_returned():
    assert "as it came" not in said(WANTED + 0.1, inputs={"x": X})


ROWS = {"kind": "sums_to_one", "part": "out", "axis": 1, "case": "a", "says": "Your rows do not sum to one."}


def described(got):
    """Return all that is told of a result, properties too."""
    spec = SPEC | {"properties": [ROWS], "cases": [{"label": "a", "expected": {"out": WANTED}, "inputs": {"x": X}}]}
    return " ".join(checker.described(spec, [{"out": got}], {"out": None}))


@pytest.mark.parametrize("got", [HALF, WANTED + 1j, 2 * WANTED, np.zeros((3, 5)), ROUND, X], ids=str)
def test_what_is_explained_gets_no_second_sentence_on_a_property(got):
    assert "do not sum to one" not in described(got)


def test_what_is_not_explained_gets_it():
    assert "Your rows do not sum to one." in described(CHANGED)
    even = WANTED.copy()
    even[0, 0], even[0, 1] = even[0, 0] - 0.05, even[0, 1] + 0.05
    assert "do not sum to one" not in described(even)


# ---------------------------------------------------------------- float() of an array (1, 1), and other names
INPUTS = {"q": np.ones((1, 3)), "k": np.ones((3, 1))}


def float_of(q, k):
    return [float(q @ k)]


def stored(q, k):
    found = np.zeros(2)
    found[0] = q @ k
    return found


def too_many(q, k):
    return [float(q)]


@pytest.mark.parametrize(("answer", "right"), [(float_of, [3.0]), (stored, [3.0, 0.0])])
def test_one_number_in_an_array_is_taken_with_a_remark(answer, right):
    result = checker.call(answer, INPUTS, ["out"])
    assert result["out"].tolist() == right and result["softened"] is True
    assert checker.remarks_on_calls(SPEC, [result]) == [checker.SOFT_REMARK]


def test_several_numbers_are_not_and_what_needs_no_help_gets_no_remark():
    assert "raises" in checker.call(too_many, INPUTS, ["out"])
    result = checker.call(lambda q, k: [(q @ k).item()], INPUTS, ["out"])
    assert "softened" not in result and checker.remarks_on_calls(SPEC, [result]) == []


def test_other_names_at_the_same_places_are_taken_with_a_remark():
    result = checker.call(lambda a, b: [(a @ b).item()], INPUTS, ["out"])
    assert result["out"].tolist() == [3.0]
    assert "q, k" in checker.remarks_on_calls(SPEC, [result])[0]


@pytest.mark.parametrize("answer", [lambda k, a: k, lambda a: a, lambda a, b, c: a], ids=["moved", "fewer", "more"])
def test_names_at_other_places_and_other_numbers_of_arguments_are_not(answer):
    assert "raises" in checker.call(answer, INPUTS, ["out"])


def test_an_order_of_its_own_is_no_harm_where_all_names_are_kept():
    assert checker.call(lambda k, q: [(q @ k).item()], INPUTS, ["out"])["out"].tolist() == [3.0]
