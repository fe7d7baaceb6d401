"""What is said of an answer that is wrong in some cases alone, and of parts, containers and kinds of keys."""

import numpy as np
import pytest

from autograder.learner import check as checker
from tests.advice.telling import learner
from tests.keys.claims import spec_of

RNG = np.random.default_rng(0)


def told(slug, name, answer):
    """Return all that is told of an answer to a check, and the names of its mistakes."""
    spec = spec_of(slug, name)
    verdict = checker.diagnose(spec, checker.results_of(spec, answer))
    return " ".join(verdict["says"]), verdict["names"]


# ---------------------------------------------------------------- one branch alone
def attention(root_without=True, root_with=True, hide=-1e9):
    """Return attention that divides by the root of d_k without a mask, or with one, and lowers hidden scores."""

    def answer(query, key, value, mask=None):
        scores = query @ np.swapaxes(key, -1, -2)
        scores = scores / np.sqrt(key.shape[-1]) if (root_without if mask is None else root_with) else scores
        scores = scores if mask is None else scores + mask * hide
        exps = np.exp(scores - scores.max(axis=-1, keepdims=True))
        weights = exps / exps.sum(axis=-1, keepdims=True)
        return weights @ value, weights

    return answer


ATTENTION = ("04_scaled_dot_product_attention", "scaled_dot_product_attention")


@pytest.mark.parametrize(
    ("answer", "lead", "names"),
    [
        (attention(root_with=False), "Right without `mask`, but with one this is wrong:", ["not_scaled"]),
        (attention(root_without=False), "Right with `mask`, but without it this is wrong:", ["not_scaled"]),
        (attention(False, False), "", ["not_scaled"]),
        (attention(hide=0.0), "", ["mask_dropped"]),  # a mistake that shows with a mask alone needs no lead
        (attention(hide=-0.01), "", []),
    ],
)
def test_a_step_that_is_lost_in_one_branch_is_told_with_the_branch(answer, lead, names):
    text, found = told(*ATTENTION, answer)
    assert found == names and (lead in text if lead else "this is wrong:" not in text)


def test_one_branch_is_told_by_what_is_true_in_it():
    def scores_when_off(query, key, scaled=True):
        scores = query @ key.T / (np.sqrt(key.shape[-1]) if scaled else 1)
        exps = np.exp(scores - scores.max(axis=-1, keepdims=True))
        return exps / exps.sum(axis=-1, keepdims=True) if scaled else scores

    text, names = told(ATTENTION[0], "find_the_bug", scores_when_off)
    assert "Right where `scaled` is True, but where it is False this is wrong:" in text and names == ["scores_returned"]


# ---------------------------------------------------------------- parts and containers
def returned(*parts, names=("a", "b", "c")):
    """Return what is said of a function that returned this, if it should have returned these parts."""
    with pytest.raises(checker.Unreadable) as error:
        checker.returned(*parts, list(names))
    return str(error.value)


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ([(1, 2), (3, 4)], "You returned pairs: return all 4 one after the other."),
        ([(1, 2, 3), (1, 2, 3)], "You returned triples: leave"),
        ([(1, 2), (3, 4, 5)], ""),
        ([1, 2], ""),
        (np.ones((2, 2)), ""),
    ],
    ids=str,
)
def test_pairs_and_triples_are_told_where_there_are_some(value, sentence):
    names = "abcd" if sentence.endswith("after the other.") and "pairs" in sentence else "abc"
    text = returned(value, names=tuple(names))
    assert sentence in text and ("You returned" in text) == bool(sentence)


def test_a_dictionary_is_told_whatever_its_keys():
    assert "returned a dictionary of 'a', 'x'; return the parts themselves" in returned({"a": 1, "x": 2})
    assert "is a function: call it, with parentheses" in returned((cell, cell, cell))


def cell(body):
    """Return the facts about what a check cell stopped at that had a learner's result."""
    answer = learner(f"def answer(x):\n    result = {body}\n    one, two = result\n    return one\n", "answer")
    return checker.attempt(answer, {"x": np.ones(3)}, ["one"])["facts"].get("gave", "")


def test_what_a_check_cell_was_given_is_known_in_words():
    assert cell("{'one': 1, 'two': 2, 'three': 3}") == "a dictionary of 'one', 'two', 'three'"
    assert cell("(1, 2, 3)") == "3 things" and cell("[1]") == "a list of one thing"
    assert cell("x") == "one array of shape (3,)" and cell("None") == ""


ONE, TWO, THREE = (RNG.normal(size=(3, 4)) for _ in range(3))
PARTS = {"returns": ["a", "b", "c"], "rtol": 1e-4, "atol": 1e-5}


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        ((TWO, TWO, THREE), "`a` is what `b` should be."),
        ((ONE, ONE, ONE), "`b` and `c` are what `a` should be."),
        ((THREE, ONE, TWO), "All is there, but in another order. You return (c, a, b); expected (a, b, c)."),
        (np.stack([ONE, TWO, THREE], axis=1), "You return (a, b, c) of one entry after the other."),
        ((ONE + 1, TWO, THREE), ""),
        ((np.stack([ONE, TWO, THREE], axis=1) + 1), ""),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_parts_that_are_other_parts_are_told(parts, sentence):
    got, wanted = (dict(zip("abc", one, strict=True)) for one in (parts, (ONE, TWO, THREE)))
    assert checker.about_parts(PARTS, [(got, wanted)]) == sentence or (
        sentence.startswith("You return") and checker.about_parts(PARTS, [(got, wanted)]).startswith(sentence)
    )


# ---------------------------------------------------------------- weights
def shares(scores):
    """Return the softmax along the last axis."""
    exps = np.exp(scores)
    return exps / exps.sum(axis=-1, keepdims=True)


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        (lambda scores: shares(0.5 * scores), "as if all scores were 0.5 times what they should be"),
        (lambda scores: shares(scores**2), "is not right."),
        (lambda scores: shares(scores) * np.eye(3, 4) / (shares(scores) * np.eye(3, 4)).sum(-1, keepdims=True),
         "Some weights are 0 where none should be"),
        (lambda scores: shares(scores) + 0.1, ""),
        (lambda scores: scores / scores.sum(axis=-1, keepdims=True) * (1 + 2 * (scores > 0)), ""),
    ],
)  # fmt: skip
def test_weights_that_sum_to_one_tell_of_their_scores(made, sentence):
    scores = RNG.normal(size=(3, 4))
    rule = {"kind": "sums_to_one", "part": "a", "axis": -1, "case": "one", "says": "no"}
    case = {"label": "one", "expected": {"a": shares(scores)}}
    spec = {"returns": ["a"], "rtol": 1e-4, "atol": 1e-5, "cases": [case], "properties": [rule]}
    found = checker.about_shares(spec, [{"a": made(scores)}])
    assert (sentence in found[0] if sentence else found == []) and ("as if" in " ".join(found)) == ("as if" in sentence)


@pytest.mark.parametrize(
    ("factor", "sentence"),
    [
        (lambda n: n**-0.5, "a is what was expected divided by the square root of the length of axis 0 of `x`"),
        (lambda n: n, "a is what was expected times the length of axis 0 of `x`"),
        (lambda n: 2.0, ""),
        (lambda n: n + 1, ""),
    ],
)
def test_a_factor_that_is_a_size_in_every_case_is_told(factor, sentence):
    sizes = [np.ones((n, 2)) for n in (4, 6, 9)]
    cases = [{"inputs": {"x": x}, "expected": {"a": RNG.normal(size=(2, 3))}} for x in sizes]
    results = [{"a": factor(len(x)) * case["expected"]["a"]} for x, case in zip(sizes, cases, strict=True)]
    text = checker.factor_of_size("a", {"rtol": 1e-4, "atol": 1e-5, "cases": cases}, results)
    assert text.startswith(sentence) if sentence else text == ""


# ---------------------------------------------------------------- which keys are hidden
def mask_of(future, join):
    """Return a look-ahead mask made of another triangle, or joined in another way."""

    def answer(seq):
        mask = join(future(np.ones((seq.shape[1],) * 2, dtype=int)), (seq == 0)[:, np.newaxis, np.newaxis].astype(int))
        return mask, np.array(mask.shape)

    return answer


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (mask_of(np.tril, np.minimum), "Visible, but to be hidden: words of the future and padding of the future."),
        (mask_of(lambda one: np.triu(one, 1), lambda future, padding: future | padding & padding.swapaxes(2, 3)),
         "Visible, but to be hidden: padding before the query for queries that are words."),
        (mask_of(lambda one: np.triu(one, 1), lambda future, padding: 2 * (future | padding)), ""),
    ],
)  # fmt: skip
def test_the_kinds_of_keys_that_a_mask_hides_by_mistake_are_told(answer, sentence):
    text, names = told("06_masks", "look_ahead_mask", answer)
    assert names == [] and (sentence in text if sentence else "to be hidden" not in text)


def test_a_row_of_nan_counts_as_hidden_and_other_nan_as_nothing():
    weights = np.array([[0.5, 0.5], [np.nan, np.nan]])
    assert checker.hidden_keys(weights, True).tolist() == [[False, False], [True, True]]
    assert checker.hidden_keys(np.array([[0.5, np.nan]]), True) is None
    assert checker.hidden_keys(np.array([[0, 2]]), False) is None
    assert checker.hidden_keys(np.array([[0, 1]]), False).tolist() == [[False, True]]


def test_a_result_that_lies_on_its_side_or_has_axes_joined_is_no_mistake_of_another_part():
    def turned(num_heads, W_qkv, b_qkv, W_o, b_o):
        parts = []
        for kernel, bias in zip(W_qkv, b_qkv, strict=True):
            parts += [kernel.reshape(len(b_o), num_heads, -1).swapaxes(1, 2), bias.reshape(num_heads, -1)]
        return [*parts, W_o.reshape(num_heads, -1, len(b_o)), b_o]

    text, names = told("05_multi_head_attention", "keras_weights", turned)
    assert names == [] and "rows and columns are exchanged" in text
    joined = told("05_multi_head_attention", "merge_heads", lambda x: x.transpose(0, 2, 1, 3).reshape(len(x), -1))
    assert joined[1] == [] and "would part the axes that are joined" in joined[0]


# ---------------------------------------------------------------- what a result of another shape holds
@pytest.mark.parametrize(
    ("made", "sentence", "not_told"),
    [
        (lambda share: share.max(), "That is the largest of all", "first of"),
        (lambda share: share.max(axis=0, keepdims=True), "the largest of what is expected along axis 0", "alone"),
        (lambda share: share.max(axis=1), "the largest of what is expected along axis 1", "column"),
        (lambda share: share[0], "That is the first of", "largest"),
        (lambda share: share[:, 0], "That is column 0 of them alone", "largest"),
        (lambda share: share[0, 0], "has shape ()", "That is"),
    ],
)
def test_which_entry_a_result_is_has_to_hold_in_every_case(made, sentence, not_told):
    first = np.array([[0.7, 0.2, 0.1], [0.5, 0.2, 0.3]])  # the first entry is the largest, and so is the first column
    second = np.array([[0.1, 0.3, 0.6, 0.0], [0.2, 0.1, 0.3, 0.4], [0.6, 0.15, 0.25, 0.0]])
    spec = {**SHAPES, "cases": [case_of(number, share) for number, share in enumerate((first, second))]}
    verdict = checker.diagnose(spec, [{"share": np.asarray(made(share))} for share in (first, second)])
    text = " ".join(verdict["says"])
    assert sentence in text and not_told not in text


SHAPES = {
    "function": "share", "returns": ["share"], "rtol": 1e-5, "atol": 1e-6, "misconceptions": {}, "properties": [],
    "known": {"names": []},
}  # fmt: skip


def case_of(number, share):
    """Return a case in which this is expected."""
    return {"label": f"case {number}", "inputs": {"x": np.full(2, 9.0 + number)}, "expected": {"share": share}}


@pytest.mark.parametrize(
    ("expected", "told"), [([3.0, 2.0], False), ([3.5, 2.0], True)], ids=["whole numbers", "real numbers"]
)
def test_whole_numbers_where_such_are_expected_are_not_called_rounded(expected, told):
    spec = {**SHAPES, "cases": [case_of(0, np.array(expected))]}
    text = " ".join(checker.diagnose(spec, [{"share": np.array([1, 5])}])["says"])
    assert ("Is something rounded or compared?" in text) == told


# ---------------------------------------------------------------- another end in odd cases
TOP_K = ("09_decoder_only", "top_k")


def shares_of(scores):
    """Return the softmax."""
    exps = np.exp(scores - scores.max())
    return exps / exps.sum()


@pytest.mark.parametrize(
    ("kept", "names"),
    [
        (lambda scaled, k: scaled > np.sort(scaled)[-k], ["one_too_few"]),  # nothing is left where k is 1: NaN
        (lambda scaled, k: (scaled > np.sort(scaled)[-k]) | (k > 4), []),  # nothing is cut in a case: another mistake
        (lambda scaled, k: scaled >= np.sort(scaled)[-k - (k < len(scaled))], ["one_too_many"]),
    ],
)
def test_a_mistake_is_told_where_it_ends_otherwise_in_an_odd_case(kept, names):
    def top_k(logits, k, temperature=1.0):
        scaled = logits / temperature
        return shares_of(np.where(kept(scaled, k), scaled, -np.inf))

    assert told(*TOP_K, top_k)[1] == names


def test_a_mistake_of_one_case_alone_is_not_told_where_the_others_stop():
    def top_k(logits, k, temperature=1.0):
        if len(logits) != 7:
            raise IndexError("index 7 is out of bounds")
        scaled = logits / temperature
        return shares_of(np.where(scaled > np.sort(scaled)[-k], scaled, -np.inf))

    assert told(*TOP_K, top_k)[1] == []
