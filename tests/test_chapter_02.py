"""Chapter 02: the mathematics by other routes, equal answers, what learners are told, and page and notebook agree."""

import json
import re
from functools import partial

import numpy as np
import pytest

from autograder.authoring.source import read_source
from autograder.learner.check import call, diagnose
from tests import chapters
from tests.chapters import ROOT
from tests.closeness import assert_equal_up_to_rounding

SLUG = "02_dot_product_attention"
KEY = chapters.key_of(SLUG)
verdict_on = partial(chapters.verdict_on, SLUG)
PAGE = (ROOT / "book" / f"{SLUG}.md").read_text(encoding="utf-8")
STORED = json.loads((ROOT / "book" / "_data" / "02_alignment.json").read_text(encoding="utf-8"))


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


# ---------------------------------------------------------------- the mathematics
def test_softmax_agrees_with_another_library(solved):
    tf = pytest.importorskip("tensorflow")
    for axis in (-1, 0, 1):
        for scores in (normal(2, 3, 5), 300 * normal(2, 3, 5), normal(2, 3, 5) - 5000):
            np.testing.assert_allclose(
                solved["softmax"](scores, axis), tf.nn.softmax(scores, axis), rtol=1e-9, atol=1e-300
            )


def test_softmax_ignores_what_is_added_to_a_row_and_what_is_not_there(solved):
    softmax, scores = solved["softmax"], normal(3, 5)
    weights = softmax(scores)
    np.testing.assert_allclose(weights.sum(axis=-1), 1)
    np.testing.assert_allclose(softmax(scores + np.array([[1e4], [-1e4], [3]])), weights, rtol=1e-9)
    longer = np.concatenate([scores, np.full((3, 2), -np.inf)], axis=1)
    np.testing.assert_array_equal(softmax(longer), np.concatenate([weights, np.zeros((3, 2))], axis=1))


def test_nothing_to_attend_to_gives_zeros_everywhere(solved):
    softmax, value = solved["softmax"], solved["attention_value"]
    assert softmax(np.zeros((3, 0))).shape == (3, 0)
    np.testing.assert_array_equal(softmax(np.full((2, 3), -np.inf)), np.zeros((2, 3)))
    np.testing.assert_array_equal(value(softmax(np.full(3, -np.inf)), normal(3, 5)), np.zeros(5))
    np.testing.assert_array_equal(value(softmax(np.zeros(0)), np.zeros((0, 5))), np.zeros(5))
    values, weights = solved["dot_attention"](normal(2, 3, 5), np.zeros((2, 0, 5)))
    np.testing.assert_array_equal(values, np.zeros((2, 3, 5)))
    assert weights.shape == (2, 3, 0)


def test_one_state_gets_exactly_all_the_weight(solved):
    assert (solved["dot_attention"](normal(2, 3, 5), normal(2, 1, 5, seed=1))[1] == 1).all()


def test_the_slope_of_the_softmax_by_finite_differences(solved):
    scores, step = normal(5), 1e-6
    weights = solved["softmax"](scores)
    measured = [
        (solved["softmax"](scores + step * unit) - solved["softmax"](scores - step * unit)) / (2 * step)
        for unit in np.eye(5)
    ]
    np.testing.assert_allclose(measured, np.diag(weights) - np.outer(weights, weights), atol=1e-9)


def test_dot_attention_agrees_with_keras_own_layer(solved):
    keras = pytest.importorskip("keras")
    S, H = (0.7 * normal(2, T, 6, seed=T) for T in (3, 5))
    values, weights = keras.layers.Attention(dtype="float64")([S, H], return_attention_scores=True)
    ours = solved["dot_attention"](S, H)
    assert_equal_up_to_rounding(ours[0], values, terms=6 + 5 + 5, magnitude=10)  # that of the scores
    assert_equal_up_to_rounding(ours[1], weights, terms=6 + 5, magnitude=10)


def test_the_batch_gives_what_single_steps_give(solved):
    S, H = 0.7 * normal(2, 3, 6), normal(2, 5, 6, seed=1)
    values, weights = solved["dot_attention"](S, H)
    for b, t in np.ndindex(2, 3):
        alone = solved["softmax"](solved["dot_scores"](S[b, t], H[b]))
        np.testing.assert_allclose(weights[b, t], alone)
        np.testing.assert_allclose(values[b, t], solved["attention_value"](alone, H[b]))
    mended = solved["mended_attention"](S[0], H[0])
    np.testing.assert_allclose(mended[0], values[0])


def test_general_with_the_identity_is_dot(solved):
    s_t, H = normal(6), normal(5, 6, seed=1)
    np.testing.assert_allclose(solved["general_scores"](s_t, H, np.eye(6)), solved["dot_scores"](s_t, H))


def test_luong_step_calls_the_cell_once_and_asks_with_its_result(solved):
    calls, H = [], normal(5, 3)

    def cell(x_t, s_prev):
        calls.append((x_t, s_prev))
        return np.array([0.5, -0.25, 0.125])

    W_c, b_c = normal(3, 6, seed=1), normal(3, seed=2)
    state, weights = solved["luong_step"]("x", "s", H, cell, W_c, b_c)
    assert calls == [("x", "s")]
    s_t = cell("x", "s")
    powers = [np.exp(s_t @ h) for h in H]
    np.testing.assert_allclose(weights, np.array(powers) / sum(powers))
    a_t = sum(weight * h for weight, h in zip(weights, H, strict=True))
    np.testing.assert_allclose(state, np.tanh(W_c[:, :3] @ a_t + W_c[:, 3:] @ s_t + b_c))


def test_states_of_different_sizes_raise_an_error_that_names_both(solved):
    with pytest.raises(ValueError, match=r"(?s)(5.*3|3.*5)"):
        solved["dot_scores"](normal(5), normal(7, 3))
    with pytest.raises(ValueError, match=r"(?s)(5.*3|3.*5)"):
        solved["dot_attention"](normal(2, 4, 5), normal(2, 7, 3))


# ---------------------------------------------------------------- the same mathematics, written otherwise
def softmax_nan_to_zero(scores, axis=-1):
    if scores.shape[axis] == 0:
        return scores
    exps = np.exp(scores - np.max(scores, axis=axis, keepdims=True))
    return np.nan_to_num(exps / np.sum(exps, axis=axis, keepdims=True))


def softmax_moved(scores, axis=-1):
    moved = np.moveaxis(np.asarray(scores), axis, 0)
    top = np.nan_to_num(np.maximum.reduce(moved, axis=0, initial=-np.inf), neginf=0)
    exps = np.exp(moved - top)
    return np.moveaxis(exps / np.maximum(exps.sum(axis=0), 1e-300), 0, axis)


def softmax_by_rows(scores, axis=-1):
    def one(row):
        if row.size == 0 or np.isneginf(row).all():
            return np.zeros_like(row)
        exps = np.exp(row - row.max())
        return exps / exps.sum()

    return scores if scores.size == 0 else np.apply_along_axis(one, axis, scores)


def softmax_logarithms(scores, axis=-1):
    total = np.logaddexp.reduce(scores, axis=axis, keepdims=True)
    return np.where(np.isneginf(total), 0.0, np.exp(scores - np.where(np.isneginf(total), 0, total)))


def softmax_tiny_added(scores, axis=-1):
    largest = np.max(scores, axis=axis, keepdims=True, initial=-1e30)
    exps = np.exp(scores - largest)
    return exps / (np.sum(exps, axis=axis, keepdims=True) + 1e-12)


def dot_by_loop(s_t, H):
    scores = []
    for h in H:
        if len(h) != len(s_t):
            raise ValueError(f"s_t has {len(s_t)} numbers, a row of H has {len(h)}")
        total = 0.0
        for a, b in zip(s_t, h, strict=True):
            total += a * b
        scores.append(total)
    return scores


def value_by_loop(weights, H):
    total = np.zeros(H.shape[1])
    for weight, h in zip(weights, H, strict=True):
        total = total + weight * h
    return total


def state_by_blocks(s_t, a_t, W_c, b_c):
    d = a_t.shape[0]
    return np.tanh(W_c[:, :d] @ a_t + W_c[:, d:] @ s_t + b_c)


def attention_by_loops(S, H):
    values, weights = [], []
    for s_rows, h_rows in zip(S, H, strict=True):
        rows = [softmax_by_rows(np.array(dot_by_loop(s, h_rows))) for s in s_rows]
        weights.append(rows)
        values.append([value_by_loop(row, h_rows) for row in rows])
    return values, weights


def attention_by_einsum(S, H):
    if S.shape[-1] != H.shape[-1]:
        raise ValueError(f"sizes {S.shape[-1]} and {H.shape[-1]}")
    weights = softmax_nan_to_zero(np.einsum("bqd,bkd->bqk", S, H))
    return np.einsum("bqk,bkd->bqd", weights, H), weights


def attention_transposed(S, H):
    weights = np.transpose(softmax_by_rows(H @ np.transpose(S, (0, 2, 1)), axis=1), (0, 2, 1))
    return weights @ H, weights


def mended_by_transpose(S, H):
    scores = H @ S.T
    exps = np.exp(scores - scores.max(axis=0))
    weights = (exps / exps.sum(axis=0)).T
    return weights @ H, weights


EQUAL = {
    "softmax, NaN to zero": ("softmax", softmax_nan_to_zero),
    "softmax, axis moved to the front": ("softmax", softmax_moved),
    "softmax, row by row": ("softmax", softmax_by_rows),
    "softmax, by logarithms": ("softmax", softmax_logarithms),
    "softmax, a tiny number added below": ("softmax", softmax_tiny_added),
    "dot by loops": ("dot_scores", dot_by_loop),
    "dot by np.dot": ("dot_scores", lambda s_t, H: np.array([np.dot(h, s_t) for h in H])),
    "dot as a row": ("dot_scores", lambda s_t, H: s_t @ H.T),
    "dot as a column": ("dot_scores", lambda s_t, H: H @ s_t[:, np.newaxis]),
    "dot by np.inner": ("dot_scores", np.inner),
    "general by einsum": ("general_scores", lambda s_t, H, W: np.einsum("a,ab,tb->t", s_t, W, H)),
    "general, keys projected": ("general_scores", lambda s_t, H, W: (H @ W.T) @ s_t),
    "general one by one": ("general_scores", lambda s_t, H, W: [s_t.T.dot(W).dot(h) for h in H]),
    "value by loops": ("attention_value", value_by_loop),
    "value by newaxis": ("attention_value", lambda weights, H: (weights[:, None] * H).sum(axis=0)),
    "value from the transpose": ("attention_value", lambda weights, H: H.T @ weights),
    "value by tensordot": ("attention_value", lambda weights, H: np.tensordot(weights, H, axes=1)),
    "state by blocks": ("attentional_state", state_by_blocks),
    "state by hstack": (
        "attentional_state",
        lambda s_t, a_t, W_c, b_c: np.tanh(b_c + np.dot(W_c, np.hstack((a_t, s_t)))),
    ),
    "attention by loops": ("dot_attention", attention_by_loops),
    "attention by einsum": ("dot_attention", attention_by_einsum),
    "attention, columns first": ("dot_attention", attention_transposed),
    "mended, columns first": ("find_the_bug", mended_by_transpose),
}


@pytest.mark.parametrize("form", EQUAL)
def test_equal_mathematics_passes(notebook, form):
    name, answer = EQUAL[form]
    space, checks = notebook
    found = {}
    exec(checks[name], {**space, KEY[name].function: answer, "check": found.__setitem__})
    for seed in range(4):
        spec = KEY[name].spec(np.random.default_rng(seed))
        results = [call(found[name], case["inputs"], spec["returns"]) for case in spec["cases"]]
        assert diagnose(spec, results)["kind"] == "right"


# ---------------------------------------------------------------- what learners write, and what they are told
SOFTMAX = """
def softmax(scores, axis=-1):
    largest = np.max(scores, axis=axis, keepdims=True, initial=-np.inf)
    largest = np.where(np.isfinite(largest), largest, 0)
    exps = np.exp(scores - largest)
    total = np.sum(exps, axis=axis, keepdims=True)
    weights = exps / np.where(total == 0, 1, total)
    return weights
"""
DOT = """
def dot_scores(s_t, H):
    scores = H @ s_t
    return scores
"""
GENERAL = """
def general_scores(s_t, H, W):
    scores = H @ (W.T @ s_t)
    return scores
"""
VALUE = """
def attention_value(weights, H):
    value = np.zeros(H.shape[1])
    for i in range(len(H)):
        value += weights[i] * H[i]
    return value
"""
STATE = """
def attentional_state(s_t, a_t, W_c, b_c):
    both = np.concatenate([a_t, s_t])
    return np.tanh(W_c @ both + b_c)
"""
STEP = """
def luong_step(x_t, s_prev, H, cell, W_c, b_c):
    s_t = cell(x_t, s_prev)
    scores = dot_scores(s_t, H)
    weights = softmax(scores)
    a_t = attention_value(weights, H)
    new_state = attentional_state(s_t, a_t, W_c, b_c)
    return new_state, weights
"""
ATTEND = """
def dot_attention(S, H):
    scores = S @ np.swapaxes(H, 1, 2)
    weights = softmax(scores, axis=-1)
    values = weights @ H
    return values, weights
"""
MEND = """
def mended_attention(S, H):
    scores = S @ H.T
    exps = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = exps / exps.sum(axis=1, keepdims=True)
    return weights @ H, weights
"""
CODE = {
    "softmax": SOFTMAX, "dot_scores": DOT, "general_scores": GENERAL, "attention_value": VALUE,
    "attentional_state": STATE, "luong_step": STEP, "dot_attention": ATTEND, "find_the_bug": MEND,
}  # fmt: skip
LARGEST = "np.max(scores, axis=axis, keepdims=True, initial=-np.inf)"
FINITE = "    largest = np.where(np.isfinite(largest), largest, 0)\n"
SHARE = "exps / np.where(total == 0, 1, total)"
# (check, what is replaced in the right code, by what, the mistakes named or what is said)
TOLD = [
    # named mistakes, written in their commonest forms
    ("softmax", "np.exp(scores - largest)", "np.exp(scores)", {"no_maximum_subtracted"}),
    ("softmax", LARGEST, "np.max(scores, initial=-np.inf)", {"one_maximum_for_everything"}),
    ("softmax", SHARE, "exps / total", {"nan_where_nothing_is_left"}),
    ("softmax", FINITE, "", {"nan_where_nothing_is_left"}),
    ("softmax", ", initial=-np.inf", "", {"no_scores_stop"}),
    ("softmax", "np.exp(scores - largest)", "np.exp(np.nan_to_num(scores, neginf=0) - largest)",
     {"minus_infinity_as_zero"}),
    ("softmax", "    largest =", "    axis = -1\n    largest =", {"axis_ignored"}),
    ("softmax", "    largest =", "    axis = 0\n    largest =", {"always_axis_0"}),
    ("softmax", "axis=-1", "axis=0", {"another_default_axis"}),
    ("softmax", "axis=-1", "axis=None", {"another_default_axis"}),
    ("softmax", LARGEST, LARGEST.replace("max", "min").replace("-np", "np"), {"not_the_largest_subtracted"}),
    ("softmax", LARGEST, "np.mean(scores, axis=axis, keepdims=True)", {"not_the_largest_subtracted"}),
    ("softmax", LARGEST, "np.take(scores, [0], axis=axis) if scores.size else np.zeros((3, 1))",
     {"first_score_subtracted"}),
    ("softmax", "scores - largest", "largest - scores", {"sign_turned"}),
    ("softmax", "np.sum(exps", "np.sum(np.exp(scores)", {"shifted_above_only"}),
    ("softmax", ", keepdims=True)", ")[..., None]", {"axis_put_back_last"}),
    ("softmax", SHARE, "exps / (total + 1e-4)", "was a small number added to the sums?"),
    ("softmax", "np.where(np.isfinite(largest), largest, 0)", "0 if largest == -np.inf else largest", "use np.where"),
    ("softmax", "np.sum(exps, axis=axis, keepdims=True)", "np.sum(exps)", {"everything"}),
    ("softmax", "np.sum(exps, axis=axis, keepdims=True)", "np.sum(exps, axis=axis)", {"sums_without_keepdims"}),
    ("softmax", "    return weights", "    return softmax_once(weights, axis)", "No variable called `softmax_once`"),
    ("softmax", "    return weights", "    return exps", {"not_normalised"}),
    ("softmax", "    return weights", "    pass", "Is there a `return` at its end?"),
    ("softmax", LARGEST, "max(scores)", "wants one number, and here there is one for each row."),
    ("dot_scores", "H @ s_t", "H * s_t", {"not_summed"}),
    ("dot_scores", "H @ s_t", "s_t @ H", {"rows_and_columns_exchanged"}),
    ("dot_scores", "H @ s_t", "np.sum(H * s_t, axis=0)", {"summed_over_the_states"}),
    ("dot_scores", "H @ s_t", "np.sum(H * s_t, axis=1)", {"sizes_not_compared"}),
    ("dot_scores", "H @ s_t", "np.einsum('td,d->t', H, s_t)", {"sizes_not_compared"}),
    ("dot_scores", "H @ s_t", "[sum(a * b for a, b in zip(h, s_t)) for h in H]", {"sizes_not_compared"}),
    ("dot_scores", "H @ s_t", "softmax(H @ s_t)", {"softmax_already"}),
    ("dot_scores", "H @ s_t", "H @ s_t / np.sqrt(len(s_t))", {"scaled"}),
    ("dot_scores", "H @ s_t", "H.T @ s_t", {"rows_and_columns_exchanged"}),
    ("dot_scores", "H @ s_t", "[sum(s_t[j] * h[j] for j in range(len(s_t))) for h in H]", {"sizes_not_compared"}),
    ("dot_scores", "H @ s_t", "[sum(a * b for a, b in zip(h, s_t, strict=True)) for h in H]", {"sizes_not_named"}),
    ("dot_scores", "    scores = H", "    if H.shape[1] != len(s_t):\n        raise ValueError('no')\n    scores = H",
     {"sizes_not_named"}),
    ("dot_scores", "    scores = H", "    assert H.shape[1] == len(s_t)\n    scores = H", {"another_kind_of_error"}),
    ("dot_scores", "    scores = H",
     "    if H.shape[1] != len(s_t):\n        raise ValueError(f'{len(s_t)}, {H.shape[1]}')\n    scores = H", set()),
    ("dot_scores", "    scores = H", "    if H.shape[1] != len(s_t):\n        return None\n    scores = H",
     {"sizes_not_compared"}),
    ("general_scores", "W.T @ s_t", "W @ s_t", {"W_transposed"}),
    ("general_scores", "H @ (W.T @ s_t)", "dot_scores(s_t, H)", {"W_ignored"}),
    ("general_scores", "H @ (W.T @ s_t)", "s_t @ W", {"only_projected"}),
    ("general_scores", "H @ (W.T @ s_t)", "np.tanh(H @ (W.T @ s_t))", {"tanh_added"}),
    ("general_scores", "H @ (W.T @ s_t)", "dot_scores(W.T @ s_t, H)", set()),
    ("general_scores", "H @ (W.T @ s_t)", "[s_t @ W @ H[i] for i in range(len(s_t))]",
     {"as_many_scores_as_numbers_in_a_state"}),
    ("attention_value", "return value", "return weights * H", {"weights_along_the_features"}),
    ("attention_value", "value += ", "value = ", {"last_state"}),
    ("attention_value", "np.zeros(H.shape[1])", "0", {"no_vector_for_no_states"}),
    ("attention_value", "np.zeros(H.shape[1])", "np.zeros_like(H[0])", "The size of a state is H.shape[1]."),
    ("attention_value", "return value", "return value / len(H)", {"mean_of_weighted_states"}),
    ("attention_value", "weights[i] * H[i]", "H[i]", {"plain_sum"}),
    ("attention_value", "range(len(H))", "range(1, len(H))", {"one_state_left_out"}),
    ("attention_value", "return value", "return np.average(H, axis=0, weights=weights)", {"average_stops"}),
    ("attention_value", "return value", "return H[np.argmax(weights)]", {"only_the_best_state"}),
    ("attention_value", "return value", "return softmax(weights) @ H", {"softmax_again"}),
    ("attention_value", "return value", "return np.sum(weights * H, axis=0)", {"weights_along_the_features"}),
    ("attention_value", "return value", "return np.sum(weights.reshape(-1, 1) * H)", {"everything_summed"}),
    ("attentional_state", "[a_t, s_t]", "[s_t, a_t]", {"state_first"}),
    ("attentional_state", "np.tanh(W_c @ both + b_c)", "W_c @ both + b_c", {"tanh_forgotten"}),
    ("attentional_state", "np.tanh(W_c @ both + b_c)", "np.tanh(W_c @ both)", {"bias_forgotten"}),
    ("attentional_state", "np.tanh(W_c @ both + b_c)", "np.tanh(W_c @ both) + b_c", {"bias_outside_the_tanh"}),
    ("attentional_state", "[a_t, s_t]", "a_t, s_t", "with brackets"),
    ("attentional_state", "np.tanh(", "float(", "Use np.tanh for a whole vector."),
    ("attentional_state", "np.concatenate(", "np.vstack(", "np.vstack make rows of them."),
    ("attentional_state", "s_t])", "s_t], axis=1)", "leave `axis` out."),
    ("luong_step", "dot_scores(s_t, H)", "dot_scores(s_prev, H)", {"previous_state_asks"}),
    ("luong_step", "s_t = cell(x_t, s_prev)", "s_t = s_prev", {"cell_not_used"}),
    ("luong_step", "s_t = cell(x_t, s_prev)", "s_t = cell(s_prev, x_t)", {"arguments_of_the_cell_swapped"}),
    ("luong_step", "attentional_state(s_t, a_t", "attentional_state(a_t, s_t", {"state_first"}),
    ("luong_step", "attentional_state(s_t, a_t", "attentional_state(s_prev, s_t",
     {"previous_state_in_place_of_the_value"}),
    ("luong_step", "dot_scores(s_t, H)", "dot_scores(H, s_t)", "The calls take dot_scores(s_t, H)"),
    ("luong_step", "return new_state", "return np.tanh(new_state)", {"tanh_twice"}),
    ("luong_step", "softmax(scores)", "np.exp(scores) / np.exp(scores).sum()", {"no_maximum_subtracted"}),
    ("luong_step", "attentional_state(s_t, a_t", "attentional_state(s_t, weights", {"weights_joined"}),
    ("luong_step", "return new_state, weights", "return s_t, weights", {"state_returned"}),
    ("luong_step", "return new_state, weights", "return weights, new_state", {"returned_backwards"}),
    ("luong_step", "return new_state, weights", "return new_state, scores", {"scores_returned"}),
    ("luong_step", "return new_state, weights", "return new_state",
     "expected 2 things, (attentional_state, weights)"),
    ("luong_step", "return new_state, weights", "return new_state, s_t, weights", "3 things; expected 2 things"),
    ("luong_step", "softmax(scores)", "scores", {"no_softmax"}),
    ("luong_step", "attention_value(weights, H)", "H.mean(axis=0)", {"plain_mean"}),
    ("luong_step", "s_t = cell(x_t, s_prev)", "s_t = cell(x_t)", "was given too few arguments"),
    ("dot_attention", "axis=-1", "axis=1", {"softmax_over_decoder_steps"}),
    ("dot_attention", "axis=-1", "axis=0", {"softmax_over_the_batch"}),
    ("dot_attention", "np.swapaxes(H, 1, 2)", "H.T", {"all_axes_reversed"}),
    ("dot_attention", "np.swapaxes(H, 1, 2)", "H", {"not_transposed"}),
    ("dot_attention", "np.swapaxes(H, 1, 2)", "H.reshape(H.shape[0], H.shape[2], H.shape[1])", {"reshaped"}),
    ("dot_attention", "S @ np.swapaxes(H, 1, 2)", "H @ np.swapaxes(S, 1, 2)", {"encoder_states_ask"}),
    ("dot_attention", "S @ np.swapaxes(H, 1, 2)", "S @ np.swapaxes(H, 1, 2) / np.sqrt(S.shape[-1])", {"scaled"}),
    ("dot_attention", "S @ np.swapaxes(H, 1, 2)", "np.einsum('bqd,bkd->bqk', S, H)", {"sizes_not_compared"}),
    ("dot_attention", "np.swapaxes(H, 1, 2)", "np.swapaxes(H, 0, 1)", {"batch_axis_exchanged"}),
    ("dot_attention", "np.swapaxes(H, 1, 2)", "np.swapaxes(H, 1, 2).squeeze()", {"squeezed"}),
    ("dot_attention", "softmax(scores, axis=-1)", "np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)",
     {"no_maximum_subtracted"}),
    ("dot_attention", "weights @ H", "weights @ S", {"decoder_states_mixed"}),
    ("dot_attention", "return values, weights", "return weights, values", {"returned_backwards"}),
    ("dot_attention", "np.swapaxes(H, 1, 2)", "H[0].T", {"first_sentence_for_all"}),
    ("find_the_bug", "axis=1, keepdims=True", "axis=0", {"still_over_decoder_states"}),
    ("find_the_bug", "scores.max(axis=1, keepdims=True)", "scores.max(axis=0)", {"only_the_sum_mended"}),
    ("find_the_bug", "exps.sum(axis=1, keepdims=True)", "exps.sum(axis=0)", {"only_the_largest_mended"}),
    ("find_the_bug", "axis=1, keepdims=True", "axis=1", {"sums_without_keepdims"}),
    ("find_the_bug", "scores.max(axis=1, keepdims=True)", "scores.max()", {"one_maximum_for_everything"}),
    ("find_the_bug", "scores - scores.max(axis=1, keepdims=True)", "scores", {"no_maximum_subtracted"}),
    ("find_the_bug", "scores.max(", "scores.min(", {"not_the_largest_subtracted"}),
]  # fmt: skip


@pytest.mark.parametrize("name", CODE)
def test_the_right_code_of_the_table_is_right(notebook, name):
    verdict = verdict_on(notebook, name, CODE[name])
    assert (verdict["kind"], verdict["says"]) == ("right", [])


@pytest.mark.parametrize(("name", "right", "wrong", "told"), TOLD)
def test_what_a_learner_is_told(notebook, name, right, wrong, told):
    assert right in CODE[name]
    verdict = verdict_on(notebook, name, CODE[name].replace(right, wrong))
    if isinstance(told, set):
        assert (set(verdict["names"]), verdict["kind"]) == (told, "misconception" if told else "right"), verdict["says"]
    else:
        assert told in " ".join(verdict["says"]), verdict["says"]
        assert "Keep the names of the arguments" not in " ".join(verdict["says"])


# ---------------------------------------------------------------- the stored translators
def alignment(name, where="page"):
    S, H = (np.array(STORED[name][where][key]) for key in "SH")
    exps = np.exp(S @ H.T)
    return exps / exps.sum(axis=1, keepdims=True)


def test_the_stored_states_name_the_command_that_makes_them():
    assert STORED["command"] == "python -m experiments.alignment"
    text = (ROOT / "experiments" / "alignment.py").read_text(encoding="utf-8")
    assert f'"command": "{STORED["command"]}"' in text and 'BOOK_FILE = ROOT / "book" / "_data" / "02_align' in text
    assert " ".join(PAGE.split()).count(f"`{STORED['command']}`") == 1


@pytest.mark.parametrize("name", ["left_to_right", "both_directions"])
def test_the_stored_translators_are_good_and_fit_their_sentences(name):
    assert STORED[name]["held_out_right"] > 0.98
    for where, words in STORED["sentences"].items():
        assert alignment(name, where).shape == (len(words["french"]), len(words["english"]))
        assert STORED[name][where]["translated_right"]
        assert np.shape(STORED[name][where]["H"])[1] == STORED["settings"]["width"]


def test_the_notebook_holds_the_states_of_the_stored_model(solved):
    stored = STORED["left_to_right"]["notebook"]
    np.testing.assert_allclose(solved["encoder_states"], stored["H"], rtol=0, atol=0.0051)
    np.testing.assert_allclose(solved["decoder_states"], stored["S"], rtol=0, atol=0.0051)
    assert STORED["sentences"]["notebook"] == {"english": solved["ENGLISH"], "french": solved["FRENCH"]}


def test_what_the_notebook_says_about_its_alignment_is_so(solved):
    _, weights = solved["dot_attention"](solved["decoder_states"][np.newaxis], solved["encoder_states"][np.newaxis])
    favourite = {word: solved["ENGLISH"][row.argmax()] for word, row in zip(solved["FRENCH"], weights[0], strict=True)}
    assert favourite["forêt"] == "forest" and favourite["sauvage"] == "wild" and favourite["la"] == "forest"
    broken = solved["broken_attention"](solved["decoder_states"], solved["encoder_states"])[1]
    assert weights[0][1:5, 0].max() < 0.05 < 0.5 < broken[1:5, 0].max()  # somebody has to take "the"
    np.testing.assert_array_equal(solved["broken_attention"](normal(1, 3), normal(5, 3))[1], np.ones((1, 5)))


# ---------------------------------------------------------------- page and notebook agree


def test_the_notebook_needs_numpy_alone():
    for cell in read_source(ROOT / "solutions" / f"{SLUG}.py"):
        if cell.kind == "code" and cell.role != "setup":
            found = set(re.findall(r"^\s*(?:import|from) (\w+)", cell.text, flags=re.MULTILINE))
            assert found <= {"numpy", "matplotlib", "re"}, cell.id
