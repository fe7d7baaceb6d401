"""What is said of a result that equals no known mistake: each sentence is true of its case, and not said near it."""

import numpy as np
import pytest

from autograder.learner import check as checker
from tests.advice.telling import learner

RNG = np.random.default_rng(0)
WANTED = RNG.uniform(0.05, 1, size=(3, 5))
WANTED /= WANTED.sum(axis=1, keepdims=True)
X = RNG.normal(size=(3, 5))
MIXED = np.random.default_rng(1).permutation(15)
COLUMN = np.zeros((3, 5))
COLUMN[:, 3] = [0.5, 0.25, 1.0]
LOOP, EARLY = ["loop"], ["loop", "return"]  # what is seen in the code
SPEC = {"loops": EARLY, "rtol": 1e-4, "atol": 1e-5, "returns": ["out"], "advice": {}, "properties": []}
CUBE = RNG.normal(size=(2, 3, 5))
ROUND = WANTED.round(2)
HARD = np.eye(5)[WANTED.argmax(axis=1)]
HALF = WANTED.astype(np.float16)
CHANGED = WANTED.copy()
CHANGED[1, 2] += 0.25


def said(got, wanted=WANTED, inputs=None, loops=EARLY):
    """Return the sentence on a result of code with such loops."""
    given = {"x": X} if inputs is None else inputs
    return checker.difference("out", np.asarray(got), wanted, None, SPEC | {"loops": loops}, given)


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
    ("only the first entry is right, the others are all 0. Is `return`", stacked(WANTED[:1], 0 * WANTED[1:]),
     stacked(WANTED[:1], 0 * WANTED[1:2], WANTED[2:])),
    ("only the first entry is filled, the others are all 1. Is `return`", stacked(X[:1], 0 * X[1:] + 1),
     stacked(X[:2], X[2:] * 0)),
    ("only the last entry is right, the others are all 0. Does the loop", stacked(0 * X[:2], WANTED[2:]),
     stacked(0 * X[:1], WANTED[1:])),
    ("the first entry is 0, the others are right. Does the loop begin", stacked(0 * WANTED[:1], WANTED[1:]),
     stacked(0 * WANTED[:1], X[1:])),
    ("That is the sum of all 15 numbers: was no axis given?", WANTED.sum(), WANTED.sum() + 0.1),
    ("That is the mean of all 15 numbers", WANTED.mean(keepdims=True), X.mean()),
    ("That is column 2 of them alone", WANTED[:, 2], WANTED[:, 2] + 0.1),
    ("every entry is the last one", np.repeat(WANTED[-1:], 3, axis=0), np.repeat(WANTED[1:2], 3, axis=0)),
    ("every entry is the first one", np.repeat(WANTED[:1], 3, axis=0), np.repeat(WANTED[-1:], 3, axis=0)),
    ("is 2 times what was expected, everywhere", 2 * WANTED, 2 * WANTED + 0.1),
    ("Nothing was collected", np.zeros((0, 5)), WANTED[:1]),
    ("That is the first of 3 alone. Is `return` inside the loop?", WANTED[:1], WANTED[1:2]),
    ("That is the first of 3 alone. Is `return` inside the loop?", WANTED[0], WANTED[1]),
    ("That is the last of 3 alone", WANTED[-1], WANTED[0]),
    ("That is the sum of all 3", WANTED.sum(axis=0), WANTED.sum(axis=0) + 0.1),
    ("That is number 1 of 3 alone. Does the loop run to its end", WANTED[1:2], WANTED[2:]),
    ("Only one entry in place of 3 is there, and it is none of them. Does", X[:1], WANTED[1:2]),
    ("Each is there twice", np.repeat(WANTED, 2, axis=0), stacked(WANTED, CHANGED)),
    ("Each is there twice", stacked(WANTED, WANTED), np.repeat(CHANGED, 2, axis=0)),
    ("The first 3 are right, and 1 too many follow.", stacked(WANTED, X[:1]), stacked(X[:1], WANTED)),
    ("The last 3 are right, and 2 too many stand before.", stacked(X[:2], WANTED), stacked(WANTED, X[:2])),
    ("The first 2 are right.", WANTED[:2], CHANGED[:2]),
    ("The last 2 are right.", WANTED[1:], CHANGED[1:]),
    ("with the argument `x` added to it", WANTED + X, WANTED + 2 * X),
    ("less the argument `x`", WANTED - X, WANTED - 2 * X),
    ("with the first of `x` added to it", WANTED + X[:1], WANTED + X[1:2]),
    ("with the last of `x` added to it", WANTED + X[-1:], WANTED + 2 * X[-1:]),
    ("the squares of those expected", WANTED**2, WANTED**3),
    ("the logarithms of those expected", np.log(WANTED), np.log(WANTED) + X),
    ("1 less those expected", 1 - WANTED, 1 - WANTED - X),
    ("each number is 1 too large", WANTED + 1, WANTED + np.arange(1.0, 4.0)[:, np.newaxis]),
    ("each number is 0.5 too small", WANTED - 0.5, WANTED - CHANGED),
    ("along axis 1 each stands one place further on", np.roll(WANTED, 1, axis=1), np.roll(CHANGED, 1, axis=1)),
    ("in the opposite order along axis 1", WANTED[:, ::-1], CHANGED[:, ::-1]),
    ("they stand in other places", WANTED.ravel()[MIXED].reshape(3, 5), CHANGED.ravel()[MIXED].reshape(3, 5)),
    ("in the order of the axes (1, 0)", WANTED.T.reshape(3, 5), CHANGED.T.reshape(3, 5)),
    ("It holds the numbers that are expected, but in other", WANTED.ravel()[MIXED].reshape(5, 3), X.reshape(5, 3)),
    ("Only the first row is right.", stacked(WANTED[:1], X[1:]), stacked(X[:2], WANTED[2:])),
    ("Along axis 0 only number 2 is right.", stacked(X[:2], WANTED[2:]), stacked(X[:1], WANTED[1:2], X[2:])),
    ("Along axis 1 only number 3 is wrong.", WANTED + COLUMN, WANTED + COLUMN + COLUMN[:, ::-1]),
    ("Along axis 1 only number 3 is wrong, and all 0.", WANTED * (COLUMN == 0), WANTED + COLUMN),
    ("That is the mean of what is expected along axis 1", WANTED.mean(axis=1), X.mean(axis=1)),
    ("All numbers are nearly right", WANTED * (1 + 0.002 * np.sign(X)), WANTED * (1 + 0.02 * np.sign(X))),
    ("all its numbers are 0.2.", np.full((3, 5), 0.2), WANTED),
    ("These are 2 of that shape, and number 1 of them, counted from 0,", [CHANGED, WANTED], [CHANGED, CHANGED]),
    ("These are 2 of that shape", [WANTED, X], [WANTED, WANTED]),
    ("rounded to 4 decimals", WANTED.round(4), WANTED.round(4) + 1e-4),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "result"), [(sentence, result) for sentence, result, _ in SAID])
def test_it_is_said_where_it_is_true(sentence, result):
    assert sentence in said(result)


@pytest.mark.parametrize(("sentence", "result"), [(sentence, result) for sentence, _, result in SAID])
def test_it_is_not_said_beside_it(sentence, result):
    assert sentence not in said(result)


QUESTIONS = [(one.partition(".")[0], result) for one, result, _ in SAID if "loop" in one or "`return`" in one]


@pytest.mark.parametrize(("fact", "result"), QUESTIONS)
def test_a_loop_is_asked_about_only_where_there_is_one(fact, result):
    assert (
        fact in said(result, loops=[])
        and "?" not in said(result, loops=[])
        and "`return`" not in said(result, loops=LOOP)
    )


HALF_OF_IT = np.array([0.4, 0.3, 0.3, 0.0, 0.0])


@pytest.mark.parametrize("got", [[1.0, 0, 0, 0, 0], [0, 0, 1.0, 0, 0], [0.9, 0.1, 0, 0, 0]], ids=str)
@pytest.mark.parametrize("loops", [[], EARLY])
def test_weights_of_which_most_are_0_are_no_loop_that_ends_early(got, loops):
    assert "only the" not in said(got, HALF_OF_IT, loops=loops)


def test_a_row_that_ought_to_be_0_is_not_counted_as_filled():
    wanted, got = WANTED.copy(), X * 0
    wanted[1], got[0] = 0, X[0]
    wanted, got = stacked(wanted, WANTED), stacked(got, X * 0)
    assert "filled" not in said(got, wanted)


def test_nothing_is_said_of_an_order_that_cannot_be_seen():
    alike = np.repeat(WANTED[:1], 3, axis=0)
    off = alike + 0.1 * X
    assert "expected" in said(off, alike)
    assert "opposite" not in said(off, alike) and "every entry" not in said(off, alike)


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


def test_axes_in_another_order_or_joined_are_told_where_the_numbers_are_right():
    turned, joined = CUBE.transpose(2, 0, 1), CUBE.reshape(6, 5)
    assert "`x.transpose(1, 2, 0)` would put the axes in order" in said(turned, CUBE)
    assert "would put" not in said(turned + 0.1, CUBE)
    assert "`x.reshape(2, 3, 5)` would part the axes that are joined" in said(joined, CUBE)
    assert "would part" not in said(joined + 0.1, CUBE) and "would part" not in said(CUBE.swapaxes(0, 1).reshape(6, 5))


@pytest.mark.parametrize(
    ("shape", "joined", "is_so"),
    [
        ((2, 5, 6), (10, 6), True), ((2, 5, 6), (2, 30), True), ((2, 3, 4, 5), (6, 20), True), ((2, 5, 6), (60,), True),
        ((1, 2, 5), (10,), True), ((2, 5, 6), (5, 12), False), ((2, 5, 6), (6, 10), False), ((2, 5), (2, 5), False),
        ((2, 5), (2, 5, 1), False), ((2, 5, 6), (10, 7), False), ((4,), (2, 2), False), ((2, 5, 6), (), False),
        ((0, 3, 2), (0, 6), False), ((2, 3), (0,), False),
    ],
)  # fmt: skip
def test_which_shapes_have_axes_joined(shape, joined, is_so):
    assert checker.joins(shape, joined) == is_so


def test_a_number_of_its_own_for_each_row_or_column_is_told():
    own = np.array([[0.5], [1.0], [0.8]])
    assert "out: each row is the expected one times a number of its own, 0.5 in one" in said(own * WANTED)
    assert "out: each column is the expected one times" in said(WANTED * np.arange(1.0, 6.0))
    for near in (WANTED + own, own[:1] * WANTED, np.array([[0.5], [1.0], [1.0]]) * WANTED):
        assert "of its own" not in said(near)


def test_no_row_of_its_own_factor_is_told_of_single_numbers_or_of_ids():
    own = np.array([[0.5], [1.0], [0.8]])
    assert "of its own" not in said(own * np.eye(3, 5), np.eye(3, 5))
    assert "of its own" not in said(own * (X > 0), (X > 0).astype(float))
    ids = np.arange(1, 16).reshape(3, 5)
    assert "of its own" not in said(np.array([[2], [1], [3]]) * ids, ids)


IDS = np.array([2, 4, 6, 8])
FEW = [np.array([0.5, 0.25]), np.array([0.5, 0.25])]
ENOUGH = [np.array([0.5, 0.25]), np.array([0.75, 0.5])]
MANY = [np.array([0.5, 0.25, 0.75]), np.array([0.5, 0.25, 0.75])]


def of_factors(expected, factors):
    """Return what is told of results that are those expected times a factor of the case."""
    cases = [{"label": f"case {n}", "inputs": {}, "expected": {"out": one}} for n, one in enumerate(expected)]
    rule = {"kind": "same", "part": "out", "case": "case 0", "other": "case 1", "order": [0, 1], "axis": 0}
    spec = SPEC | {"cases": cases, "properties": [rule | {"says": "Two different replies."}]}
    results = [{"out": factor * one} for one, factor in zip(expected, factors, strict=True)]
    return " ".join(checker.described(spec, results, {"out": None}))


@pytest.mark.parametrize(
    ("expected", "factors", "told"),
    [
        (MANY, (1.5, 1.5), "out is 1.5 times what was expected, everywhere"),
        (ENOUGH, (1.5, 1.5), "out is 1.5 times what was expected, everywhere"),
        (MANY, (1.5, 2.0), "in other cases not: what is it divided by? Two different replies."),
        (FEW, (1.5, 1.5), "out[0] is 0.75; expected 0.5 (2 of 2 numbers differ)."),
        (FEW, (1.5, 2.0), "numbers differ). Two different replies."),
        (ENOUGH, (1.5, 2.0), "out[0] is 0.75; expected 0.5 (2 of 2 numbers differ)."),
        ([IDS, IDS], (1.5, 1.5), "out[0] is 3; expected 2 (4 of 4 numbers differ)."),
        ([IDS, IDS], (1, 2), "numbers differ). This is the case “case 1”; those before it are right."),
        ([IDS, IDS], (1, 2), "Two different replies."),
    ],
)
def test_a_factor_is_told_where_three_numbers_show_it_and_hides_no_other_remark(expected, factors, told):
    out = of_factors(expected, factors)
    assert told in out
    assert ("times" in out) == ("times" in told or "divided" in told)


# ---------------------------------------------------------------- numbers made of numbers
SIZES = [{"L": 2, "d": 8, "V": 11}, {"L": 3, "d": 6, "V": 7}, {"L": 1, "d": 4, "V": 9}]
EXPECTED = [{"out": np.array([100.0 * n])} for n in range(3)]
COUNTED = SPEC | {"cases": [{"inputs": one, "expected": out} for one, out in zip(SIZES, EXPECTED, strict=True)]}


def off_by(term, sizes=SIZES):
    """Return what is told of a number that is off by a term in each case."""
    results = [{"out": np.array([100.0 * n + term(**one)])} for n, one in enumerate(sizes)]
    return checker.term_of_difference(COUNTED, results)


@pytest.mark.parametrize(
    ("term", "told"),
    [
        (lambda L, d, V: -2 * L * d, " In every case it is too small by `2 * L * d`."),
        (lambda L, d, V: V * d, " In every case it is too large by `d * V`."),
        (lambda L, d, V: d * d, " In every case it is too large by `d * d`."),
        (lambda L, d, V: 7, " In every case it is too large by `7`."),
        (lambda L, d, V: V * d + L, ""),
        (lambda L, d, V: 40 * V, ""),
        (lambda L, d, V: 0.5 * V, ""),
        (lambda L, d, V: V if L > 1 else 0, ""),
        (lambda L, d, V: np.nan, ""),
    ],
)
def test_a_term_that_is_missing_or_too_many_is_told_where_all_cases_agree(term, told):
    assert off_by(term) == told


# ---------------------------------------------------------------- what stands in the code
def seen(body, arguments="x, mask, spare=None", sizes=()):
    """Return what is told of a function with this body, whatever it gives."""
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    given = "OUTSIDE, SIZE, NAME = np.ones(3), 3, 'a name'\ndef helper(x): return x\n"
    code = checker.seen_in_code(learner(f"{given}def share({arguments}):\n{lines}\n"), "share", sizes)
    return " ".join(checker.told_of_code({"not_needed": ["spare"]}, code))


# (a sentence, code of which it is true, code that comes near and of which it is not)
IN_CODE = [
    ("does not use the argument `mask`.", "return x", "return x if mask is None else 0"),
    ("does not use the argument `mask`.", "mask = 1\nreturn x", "def inner(): return mask\nreturn inner()"),
    ("does not use the arguments `x` and `mask`.", "return 1", "return locals()"),
    ("You compute `scaled`, but do not use it.", "scaled = x / 2\nreturn x + mask", "scaled = x / 2\nreturn scaled"),
    ("You compute", "found = np.exp(x)\nreturn x", "T = len(x)\n_ = x / 2\nd_k = x.shape[-1]\nreturn x"),
    ("You compute", "found = np.exp(x)\nreturn x", "found = x[:1] + 0\nfound += 1\nreturn x"),
    ("What `np.where(mask, 0, x)` gives is lost", "np.where(mask, 0, x)\nreturn x", "x = np.where(mask, 0, x)"),
    ("What `x.reshape(-1)` gives is lost", "x.reshape(-1)\nreturn x", "np.exp(x, out=x)\nx.sort()\nreturn x"),
    ("What `np.divide(x, 2)` gives is lost", "np.divide(x, 2)\nreturn x", "np.divide(x, 2, x)\nreturn x"),
    ("What `x.transpose(1, 0)` gives is lost", "x.transpose(1, 0)\nreturn x", "np.exp(x, x)\nreturn x.transpose(1, 0)"),
    ("What `x == 0` gives is lost", "x == 0\nreturn x", "x = x == 0\nreturn x"),
    ("returns a ValueError: write `raise`", "return ValueError('no')", "raise ValueError('no')"),
    ("`raise ValueError(…)`", "if x is None:\n    ValueError('no')\nreturn x", "error = ValueError('no')\nraise error"),
    ("`x.append(…)` changes something", "return x.append(mask)", "x.append(mask)\nreturn x"),
    ("changes something", "x = mask.sort()\nreturn x", "x = np.sort(mask)\nreturn np.append(x, 1)"),
    ("`np.random.randn` draws by chance", "return x + np.random.randn(5)", "np.random.seed(1)\nreturn x"),
    ("draws by chance", "return np.random.permutation(x)", "rng = np.random.default_rng(1)\nreturn rng.permutation(x)"),
    ("`share` has no `return`", "x + 1", "return"),
    ("`share` has no `return`", "def inner(): pass", "yield x"),
    ("It reads `OUTSIDE` from the notebook", "return x + OUTSIDE", "return x + mask + OUTSIDE"),
    ("does not use", "return x", "spare = 1\nreturn x + mask"),
    ("It reads", "return x[:SIZE]", "return helper(x, NAME, np)"),
    ("The loop counts `m`, but nothing in it reads `m`.", "for m in x:\n    mask += x\nreturn mask",
     "for m in x:\n    mask += m\nreturn mask"),
    ("The loop counts `m`, but nothing in it reads", "return [x + mask for m in x]", "return [x + mask for _ in x]"),
    ("`mask is True` asks whether both are one", "return x if mask is True else 0", "return x if mask is None else 0"),
    ("`x is not False` asks whether both are one", "return mask if x is not False else 0", "return mask if x else 0"),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "body"), [(sentence, body) for sentence, body, _ in IN_CODE])
def test_what_the_code_shows_is_told(sentence, body):
    assert sentence in seen(body)


@pytest.mark.parametrize(("sentence", "body"), [(sentence, body) for sentence, _, body in IN_CODE])
def test_and_not_where_it_does_not_show_it(sentence, body):
    assert sentence not in seen(body)


def test_who_is_given_a_generator_may_draw():
    assert "draws by chance" in seen("return np.random.permutation(x)")
    assert "draws by chance" not in seen("return np.random.permutation(x)", "x, rng")


def test_of_rows_of_several_lengths_a_task_may_say_more():
    text = "out is a list whose entries have different shapes." + checker.END_TO_END
    assert checker.unreadable(text, SPEC) == text
    told = checker.unreadable(text, {**SPEC, "advice": {"entries have different shapes": "Fill the rows up."}})
    assert told == "out is a list whose entries have different shapes. Fill the rows up."
    assert checker.unreadable("out is None.", {**SPEC, "advice": {"None": "Return it."}}) == "out is None."


def beside_a_mistake(code, says="Divide the rows."):
    """Return what is told of an answer that makes a known mistake and has this in its code."""
    known = {"names": ["left"], "one": {"mistakes": [[0]], "parts": {"out": {"shape": [0], "shapes": [[[3, 5]]]}}}}
    known["one"]["parts"]["out"]["prints"] = [checker.prints([X], SPEC)[0].tolist()]
    cases = [{"label": "one", "inputs": {"x": X}, "expected": {"out": WANTED}}]
    spec = SPEC | {"cases": cases, "known": known, "misconceptions": {"left": {"says": says}}}
    verdict = checker.diagnose(spec, [{"out": X, "code": code}])
    assert verdict["names"] == ["left"]
    return " ".join(verdict["says"])


def beside_arrays(out, wanted, code):
    """Return what is told first of a list or an array that came in the place of what is expected."""
    cases = [{"label": "one", "inputs": {"x": out}, "expected": {"out": wanted}}]
    spec = SPEC | {"function": "share", "known": {}, "misconceptions": {}, "cases": cases}
    return checker.diagnose(spec, checker.results_of(spec, learner(f"def share(x):\n    {code}\n")))["says"][0]


def test_one_array_for_all_entries_is_told_and_equal_ones_are_not():
    told = "All entries of your list are one and the same array, `y`"
    code = "y, found = x * 1, []\n    for n in range(3):\n        y[0] = n\n        found.append(y)\n    return found"
    assert beside_arrays(X[0], WANTED, code).startswith(told)
    assert beside_arrays(X[0], WANTED, code.replace("y[0] = n", "y += n")).startswith(told)
    assert told not in beside_arrays(X[0], WANTED, code.replace("append(y)", "append(y.copy())"))
    assert told not in beside_arrays(X[0], WANTED, code.replace("y[0] = n", "y = x * n"))
    assert told not in beside_arrays(X[0], WANTED, code.replace("y[0] = n", "pass"))


def test_zeros_of_an_array_for_whole_numbers_are_told_as_such_where_nothing_else_can_be_the_cause():
    told, small = "`a` is made for whole numbers", np.abs(WANTED) / (1 + np.abs(WANTED).max())
    code = "a = np.zeros(x.shape, dtype=int); a[:] = x; return a"
    assert beside_arrays(small, small, code).startswith(told)
    assert told not in beside_arrays(small, small + 1, code)
    assert told not in beside_arrays(small, small, code.replace("a[:] = x", "a = a * x"))
    assert told not in beside_arrays(small, small, code.replace("dtype=int", "dtype=float").replace("= x", "= 0 * x"))


def test_what_is_not_used_stands_first_where_a_mistake_takes_it_for_a_cause():
    idle = "You compute `weights`, but do not use it."
    assert beside_a_mistake({"idle": ["weights"]}, "The weights were not used.") == f"{idle} The weights were not used."
    assert beside_a_mistake({"idle": ["weights"]}, "Divide the rows.") == f"Divide the rows. {idle}"


def test_what_is_not_kept_is_told_beside_a_mistake_and_nothing_else_of_the_code_is():
    lost = beside_a_mistake({"lost": ["np.divide(x, 2)"], "idle": ["weights"]})
    assert lost == (
        "Divide the rows. What `np.divide(x, 2)` gives is lost: give it a name, as in `x = …`. "
        "You compute `weights`, but do not use it."
    )
    assert beside_a_mistake({"unused": ["mask"], "loops": ["loop"]}) == "Divide the rows."


TO_RAISE = "It was accepted: raise a ValueError."


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("return ValueError('no')", "returns a ValueError"),
        ("ValueError('no')", "lets it go"),
        ("if x is None:\n    print('no')\n    return None\nreturn x", "prints something and returns nothing"),
        ("if x is None:\n    print('no')\n    return", "prints something and returns nothing"),
        ("if x is None:\n    print('no')\n    return x", TO_RAISE),
        ("if x is None:\n    return None\nprint(x)", TO_RAISE),
        ("if x is None:\n    print('no')\n    raise ValueError('no')", TO_RAISE),
        ("raise ValueError('no')", TO_RAISE),
    ],
)
def test_what_is_made_and_not_raised_is_told_in_the_place_of_what_to_raise(body, told):
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    code = checker.seen_in_code(learner(f"def share(x):\n{lines}\n"), "share")
    raising, other = checker.not_raised_but([TO_RAISE, "The bias is missing."], code)
    assert told in raising and other == "The bias is missing."


@pytest.mark.parametrize(
    ("body", "loops"),
    [
        ("for one in x:\n    return one", EARLY),
        ("for one in x:\n    one += 1\nreturn x", LOOP),
        ("return [one for one in x]", LOOP),
        ("while True:\n    if x:\n        return x", EARLY),
        ("return x", []),
    ],
)
def test_loops_and_what_returns_in_them_are_seen(body, loops):
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    assert checker.seen_in_code(learner(f"def share(x):\n{lines}\n"), "share").get("loops", []) == loops


INNER_LOOP = """found, scores = [], []
for one in x:
    for other in mask:
        scores.append(one * other)
    found.append(sum(scores))
return found"""


@pytest.mark.parametrize(
    ("body", "kind", "names"),
    [
        (INNER_LOOP, "goes_on", ["scores"]),
        (INNER_LOOP.replace("for one in x:", "for one in x:\n    scores = []"), "goes_on", []),
        (INNER_LOOP.replace("sum(scores)", "one"), "goes_on", []),
        (INNER_LOOP.replace("scores.append(one * other)", "scores = scores + [one]"), "goes_on", ["scores"]),
        ("found = []\nfor one in x:\n    found.extend(one)\nreturn found", "extends", ["found"]),
        ("found = []\nfor one in x:\n    found += one\nreturn found", "extends", ["found"]),
        ("found = []\nfor one in x:\n    found += [one]\nreturn found", "extends", []),
        ("found = 0\nfor one in x:\n    found += one\nreturn found", "extends", []),
        ("found = []\nfor one in x:\n    found.append(one)\nreturn found", "extends", []),
        ("found = np.zeros(3, dtype=int)\nfound[0] = 1\nreturn found", "whole", ["found"]),
        ("found = np.zeros(3, int)\nfound[0] = 1\nreturn found", "whole", ["found"]),
        ("found = np.zeros(3, dtype=int)\nmask[0] = 1\nreturn found", "whole", []),
        ("found = np.zeros(3)\nfound[0] = 1\nreturn found", "whole", []),
        ("found = np.full(3, 1)\nfound[0] = 1\nreturn found", "whole", []),
    ],
)
def test_what_a_loop_fills_is_seen(body, kind, names):
    lines = "\n".join(f"    {line}" for line in body.splitlines())
    assert checker.seen_in_code(learner(f"def share(x, mask):\n{lines}\n"), "share").get(kind, []) == names


def test_what_is_put_in_piece_by_piece_or_goes_on_is_told_of_the_list_that_it_is():
    code = {"extends": ["found"], "goes_on": ["scores"]}
    spec, joined = SPEC | code, checker.difference("out", CUBE.reshape(6, 5), CUBE, None, SPEC | code, {})
    assert "`found` got them piece by piece: `found.append(…)`" in joined
    assert "piece" not in checker.difference("out", CUBE.reshape(2, 15), CUBE, None, spec, {})
    assert "`+=` with an array adds numbers" in checker.difference("out", np.zeros((4, 0)), WANTED, None, spec, {})
    first = checker.difference("out", stacked(WANTED[:1], X[1:]), WANTED, None, spec, {})
    assert "What was put into `scores` in one round is still there in the next" in first
    other = checker.difference("out", stacked(X[:1], WANTED[1:]), WANTED, None, spec, {})
    assert "still there" not in other and "still there" not in said(stacked(WANTED[:1], X[1:]))


def test_an_axis_of_length_1_is_told_to_stay_so():
    row = WANTED[:1]
    assert "It is repeated along axis 0: leave length 1 there." in said(np.repeat(row, 3, axis=0), row)
    told = said(stacked(row, X[:1]), row)
    assert "repeated" not in told and "Leave length 1 on axis 0." in told
    assert "length 1" not in said(row, stacked(row, X[:1]))


def test_a_sentence_that_loses_its_beginning_keeps_the_name_in_front_as_it_is():
    told = {"exp(1000) overflows.": "exp(1000) overflows.", "the mask is missing.": "The mask is missing."}
    for names in ("s_t is first.", "np.exp overflows.", "q and k are alike."):
        told[names] = names
    assert {rest: checker.without_praise(f"Right for small scores. {rest}") for rest in told} == told
    assert checker.without_praise("The state is right. a row is lost.") == "A row is lost."


def test_parts_with_mistakes_of_their_own_are_not_called_right():
    texts = ["The first is the context.", "The state is right. In the place of the weights you return the scores."]
    told = " ".join(checker.Known(["a", "b"], "parts").around(texts))
    assert "is right" not in told and "In the place of the weights" in told


@pytest.mark.parametrize(
    ("arguments", "body", "reads"),
    [
        ("x", "return x / D", ["D"]),
        ("x", "D = len(x); return x / D", []),
        ("x, D", "return x / D", []),
        ("x", "pass", []),
    ],
)
def test_sizes_of_the_notebook_are_seen_where_they_are_read(arguments, body, reads):
    code = checker.seen_in_code(learner(f"def share({arguments}): {body}\n"), "share", ["D"])
    assert code.get("reads", []) == reads


METHODS = """class share:
    def __init__(self, a): pass
    def compute_mask(self, b): pass
    def call(self): a = 1 + 1
"""


INNER = """def share(x):
    def f(y):
        z = y + 1
        return z
    def g(): return a
    a = x + 1
    return g
"""


def test_a_class_is_looked_at_method_by_method_and_what_has_no_source_not_at_all():
    assert checker.seen_in_code(learner(METHODS), "share") == {"unused": ["a"], "idle": ["a"], "silent": ["call"]}
    assert checker.seen_in_code(learner(INNER), "share") == {}
    assert checker.seen_in_code(len, "len") == {}
    assert checker.seen_in_code(eval("lambda x, a: (x == 1, [a for _ in x])"), "share") == {}
    assert checker.seen_in_code(eval("lambda x, a: x"), "share") == {"unused": ["a"]}


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
