"""Chapter 05: the solved notebook against other routes, what learners are told, and the trained heads of the page."""

import json
import subprocess
import sys
from functools import partial

import numpy as np
import pytest

from autograder.authoring.source import read_source
from autograder.grade.judge.static_rules import forbidden_use
from experiments import attention_heads
from tests import chapters
from tests.chapters import ROOT
from tests.closeness import assert_equal_up_to_rounding
from tests.waiting import LONG

SLUG = "05_multi_head_attention"
KEY = chapters.key_of(SLUG)
verdict_on = partial(chapters.verdict_on, SLUG)
SOURCE = ROOT / "solutions" / f"{SLUG}.py"
STORED = json.loads((ROOT / "book" / "_data" / "05_heads.json").read_text(encoding="utf-8"))


def drawn(seed=0, B=2, T_q=3, T_k=5, d_model=12, **more):
    """Return random arguments of multi_head_attention."""
    rng = np.random.default_rng(seed)
    arrays = {name: rng.normal(size=(B, T, d_model)) for name, T in (("query", T_q), ("key", T_k), ("value", T_k))}
    matrices = {f"W_{name}": rng.normal(size=(d_model, d_model)) / np.sqrt(d_model) for name in "qkvo"}
    weights = matrices | {f"b_{name}": rng.normal(size=d_model) for name in "qkvo"}
    return arrays | {"weights": weights} | more


# ---------------------------------------------------------------- the mathematics, by another route
@pytest.mark.parametrize("num_heads", [1, 2, 3, 4, 6, 12])
def test_number_j_of_head_h_is_number_h_d_k_plus_j(solved, num_heads):
    x = np.arange(2 * 5 * 12).reshape(2, 5, 12)
    heads = solved["split_heads"](x, num_heads)
    d_k = 12 // num_heads
    for n, h, t, j in np.ndindex(2, num_heads, 5, d_k):
        assert heads[n, h, t, j] == x[n, t, h * d_k + j]
    np.testing.assert_array_equal(solved["merge_heads"](heads), x)


@pytest.mark.parametrize(("d_model", "num_heads"), [(6, 4), (10, 3), (5, 2), (3, 6)])
def test_what_cannot_be_cut_is_refused_with_both_numbers(solved, d_model, num_heads):
    for make in (
        lambda: solved["split_heads"](np.zeros((2, 4, d_model)), num_heads),
        lambda: solved["multi_head_attention"](**drawn(d_model=d_model), num_heads=num_heads),
    ):
        with pytest.raises(ValueError, match=rf"\b{d_model}\b.*\b{num_heads}\b"):
            make()


def test_the_output_is_a_sum_over_the_heads(solved):
    p = drawn(num_heads=3)
    W = p["weights"]
    output, weights = solved["multi_head_attention"](**p)
    total = np.zeros(output.shape) + W["b_o"]
    for h in range(3):
        own = slice(4 * h, 4 * h + 4)
        q, k, v = (
            p[x] @ W[f"W_{n}"][:, own] + W[f"b_{n}"][own] for x, n in (("query", "q"), ("key", "k"), ("value", "v"))
        )
        head, head_weights = solved["scaled_dot_product_attention"](q, k, v)
        np.testing.assert_allclose(weights[:, h], head_weights, rtol=1e-10)
        total += head @ W["W_o"][own]
    np.testing.assert_allclose(output, total, rtol=1e-10)


def test_exchanging_heads_with_their_rows_changes_nothing_but_the_order_of_the_weights(solved):
    p = drawn(num_heads=3)
    output, weights = solved["multi_head_attention"](**p)
    order = np.r_[8:12, 0:4, 4:8]
    W = p["weights"]
    moved = {name: array[:, order] if name in ("W_q", "W_k", "W_v") else array[order] for name, array in W.items()}
    again, weights_again = solved["multi_head_attention"](**{**p, "weights": moved | {"b_o": W["b_o"]}})
    np.testing.assert_allclose(again, output, rtol=1e-10)
    np.testing.assert_allclose(weights_again, weights[:, [2, 0, 1]], rtol=1e-10)


def test_the_key_bias_changes_nothing(solved):
    p = drawn(num_heads=3)
    other = {**p, "weights": p["weights"] | {"b_k": np.full(12, 7.0)}}
    for one, two in zip(solved["multi_head_attention"](**p), solved["multi_head_attention"](**other), strict=True):
        np.testing.assert_allclose(one, two, rtol=1e-8, atol=1e-10)


def test_what_is_padded_does_not_matter_and_a_blind_query_gets_the_output_bias(solved):
    mask = np.array([[0, 0, 1, 1, 1], [1, 1, 1, 1, 1]])[:, None, None]
    p = drawn(num_heads=2, mask=mask)
    output, weights = solved["multi_head_attention"](**p)
    other = {**p, "key": p["key"].copy(), "value": p["value"].copy()}
    other["key"][0, 2:], other["value"][0, 2:] = 100, -100
    np.testing.assert_allclose(solved["multi_head_attention"](**other)[0][0], output[0], rtol=1e-10)
    np.testing.assert_allclose(weights[0].sum(axis=-1), 1)
    np.testing.assert_array_equal(weights[1], 0)
    np.testing.assert_allclose(output[1], np.broadcast_to(p["weights"]["b_o"], (3, 12)))


def test_the_two_heads_of_the_notebook_read_the_word_in_two_ways(solved):
    X = solved["X"]
    output, weights = solved["multi_head_attention"](query=X, key=X, value=X, weights=solved["BY_HAND"], num_heads=2)
    words = [
        "".join(solved["ALPHABET"][n] for n in output[0][:, part].argmax(axis=-1)) for part in (slice(6), slice(6, 12))
    ]
    assert words == ["RDRAWE", "REWARD"]  # the first place has no letter before it, and looks at the last
    assert weights.max(axis=-1).min() > 0.99


def test_one_number_of_weights_however_many_heads():
    """The count that the written answer of task 4 gives."""
    assert 4 * (12 * 12 + 12) == 624


def test_the_bug_hides_from_shapes_sums_and_the_round_trip(solved):
    x = np.random.default_rng(1).normal(size=(1, 6, 8))
    changed = x.copy()
    changed[0, 5] += 1
    (before, weights), (after, _) = (solved["broken_self_attention"](a, 2) for a in (x, changed))
    assert before.shape == x.shape and weights.shape == (1, 2, 6, 6)
    np.testing.assert_allclose(weights.sum(axis=-1), 1)
    np.testing.assert_array_equal(x.reshape(1, 2, 6, 4).reshape(1, 6, 8), x)
    np.testing.assert_array_equal(after[0, :3], before[0, :3])
    assert (np.abs(after - before)[0, 3:].max(axis=-1) > 0.01).all()
    mended = [solved["mended_self_attention"](a, 2)[0] for a in (x, changed)]
    assert (np.abs(mended[1] - mended[0])[0].max(axis=-1) > 1e-3).all()


# ---------------------------------------------------------------- Keras
@pytest.mark.parametrize("num_heads", [1, 2, 3, 6])
def test_function_layer_and_keras_agree(solved, num_heads, capsys):
    pytest.importorskip("keras")
    expected, found = solved["compare_with_keras"](num_heads=num_heads)
    assert capsys.readouterr().out.count(": agrees; ") == 2
    for result in found.values():
        for mine, theirs in zip(result, expected, strict=True):
            # Projections of 12, scores of 4, a mean of 7, 12 to join the heads; scores and outputs are of order 5.
            assert_equal_up_to_rounding(mine, theirs, terms=12 + 12 // num_heads + 7 + 12, magnitude=5)


def test_a_wrong_layer_is_said_to_differ(solved, monkeypatch, capsys):
    pytest.importorskip("keras")
    monkeypatch.setitem(solved, "merge_heads", lambda x: x.reshape(x.shape[0], x.shape[2], -1))
    solved["compare_with_keras"]()
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith("your function: DIFFERS") and said[1].startswith("your layer: agrees")


def test_the_layer_refuses_what_cannot_be_cut(solved):
    pytest.importorskip("keras")
    with pytest.raises(ValueError, match="10.*4"):
        solved["MultiHeadAttention"](10, 4)


def test_the_layer_learns_to_look_back(solved):
    keras = pytest.importorskip("keras")
    tf = solved["tf"]
    keras.utils.set_random_seed(0)
    x = tf.constant(np.eye(6)[np.newaxis].repeat(2, axis=0), tf.float32)
    layer, target = solved["MultiHeadAttention"](6, 2), tf.roll(x, 1, axis=1)
    optimizer, losses = keras.optimizers.Adam(0.05), []
    for _ in range(60):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((layer(query=x, key=x, value=x)[0] - target) ** 2)
        gradients = tape.gradient(loss, layer.trainable_variables)
        assert all(gradient is not None for gradient in gradients)
        optimizer.apply(gradients, layer.trainable_variables)
        losses.append(float(loss))
    assert len(layer.trainable_variables) == 8
    assert losses[-1] < losses[0] / 10


def test_the_layer_works_inside_a_model_of_any_length(solved):
    keras = pytest.importorskip("keras")
    inputs, mask = keras.Input((None, 6)), keras.Input((1, 1, None))
    outputs, weights = solved["MultiHeadAttention"](6, 3)(query=inputs, key=inputs, value=inputs, mask=mask)
    model = keras.Model([inputs, mask], [outputs, weights])
    for T in (1, 5):
        found = model([np.ones((2, T, 6), "float32"), np.zeros((2, 1, 1, T), "float32")])
        assert [tuple(array.shape) for array in found] == [(2, T, 6), (2, 3, T, T)]


# ---------------------------------------------------------------- what learners write, and what they are told
SPLIT = """
def split_heads(x, num_heads):
    B, T, d_model = x.shape
    if d_model % num_heads != 0:
        raise ValueError(f"d_model ({d_model}) must be a multiple of num_heads ({num_heads})")
    d_k = d_model // num_heads
    heads = np.reshape(x, (B, T, num_heads, d_k))
    return np.transpose(heads, (0, 2, 1, 3))
"""
MERGE = """
def merge_heads(x):
    B, H, T, d_k = x.shape
    x = np.swapaxes(x, 1, 2)
    return x.reshape(B, T, H * d_k)
"""
ATTEND = """
def multi_head_attention(*, query, key, value, weights, num_heads, mask=None):
    q = query @ weights["W_q"] + weights["b_q"]
    k = key @ weights["W_k"] + weights["b_k"]
    v = value @ weights["W_v"] + weights["b_v"]
    q, k, v = split_heads(q, num_heads), split_heads(k, num_heads), split_heads(v, num_heads)
    heads, attention_weights = scaled_dot_product_attention(q, k, v, mask)
    merged = merge_heads(heads)
    output = merged @ weights["W_o"] + weights["b_o"]
    return output, attention_weights
"""
MENDED = """
def mended_self_attention(x, num_heads):
    B, T, d_model = x.shape
    heads = x.reshape(B, T, num_heads, d_model // num_heads).swapaxes(1, 2)
    output, attention_weights = scaled_dot_product_attention(heads, heads, heads)
    return output.swapaxes(1, 2).reshape(B, T, d_model), attention_weights
"""
KERAS = """
def to_keras_weights(weights, num_heads):
    d_model = weights["W_q"].shape[0]
    d_k = d_model // num_heads
    result = []
    for n in "qkv":
        result.append(weights["W_" + n].reshape(d_model, num_heads, d_k))
        result.append(weights["b_" + n].reshape(num_heads, d_k))
    result.append(weights["W_o"].reshape(num_heads, d_k, d_model))
    result.append(weights["b_o"])
    return result
"""
LAYER = """
class MultiHeadAttention(Layer):
    def __init__(self, d_model, num_heads, **kwargs):
        super().__init__(**kwargs)
        if d_model % num_heads:
            raise ValueError(f"{d_model} is no multiple of {num_heads}")
        self.d_model = d_model
        self.num_heads = num_heads
        self.depth = d_model // num_heads
        self.query_dense = layers.Dense(d_model)
        self.key_dense = layers.Dense(d_model)
        self.value_dense = layers.Dense(d_model)
        self.dense = layers.Dense(d_model)

    def split(self, x, batch_size):
        x = tf.reshape(x, (batch_size, -1, self.num_heads, self.depth))
        return tf.transpose(x, perm=[0, 2, 1, 3])

    def call(self, *, query, key, value, mask=None):
        batch_size = tf.shape(query)[0]
        q = self.split(self.query_dense(query), batch_size)
        k = self.split(self.key_dense(key), batch_size)
        v = self.split(self.value_dense(value), batch_size)
        heads, weights = tf_scaled_dot_product_attention(q, k, v, mask)
        heads = tf.transpose(heads, perm=[0, 2, 1, 3])
        merged = tf.reshape(heads, (batch_size, -1, self.d_model))
        return self.dense(merged), weights
"""
CODE = {
    "split_heads": SPLIT, "merge_heads": MERGE, "multi_head_attention": ATTEND, "find_the_bug": MENDED,
    "keras_weights": KERAS, "multi_head_layer": LAYER,
}  # fmt: skip
REFUSE = """    if d_model % num_heads != 0:
        raise ValueError(f"d_model ({d_model}) must be a multiple of num_heads ({num_heads})")
"""
REFUSE_LAYER = """        if d_model % num_heads:
            raise ValueError(f"{d_model} is no multiple of {num_heads}")
"""
# (check, what is replaced in the right code, by what, the mistakes named or what is said)
TOLD = [
    ("split_heads", "return np.transpose(heads, (0, 2, 1, 3))", "return heads", {"axes_not_exchanged"}),
    ("split_heads", "np.reshape(x, (B, T, num_heads, d_k))\n    return np.transpose(heads, (0, 2, 1, 3))",
     "x.reshape(B, num_heads, T, d_k)\n    return heads", {"reshaped_only"}),
    ("split_heads", REFUSE, "", {"unclear_error"}),
    ("split_heads", REFUSE, "    assert d_model % num_heads == 0\n", {"another_error"}),
    ("split_heads", "raise ValueError(f\"d_model ({d_model}) must be a multiple of num_heads ({num_heads})\")",
     "raise ValueError('cannot be cut')", {"unclear_error"}),
    ("split_heads", "raise ValueError(f\"d_model ({d_model}) must be a multiple of num_heads ({num_heads})\")",
     "return ValueError(f'{d_model} {num_heads}')", {"not_refused"}),
    ("split_heads", REFUSE, "    T = -1\n", {"not_refused"}),
    ("split_heads", "(0, 2, 1, 3)", "(0, 2, 3, 1)", {"last_two_axes_exchanged"}),
    ("split_heads", "(0, 2, 1, 3)", "(2, 0, 1, 3)", {"heads_before_the_batch"}),
    ("split_heads", "np.transpose(heads, (0, 2, 1, 3))", "np.array(np.split(x, num_heads, axis=-1))",
     {"heads_before_the_batch"}),
    ("split_heads", "(B, T, num_heads, d_k)", "(B, T, d_k, num_heads)", {"number_and_width_exchanged"}),
    ("split_heads", "d_model // num_heads", "d_model / num_heads", "with two strokes"),
    ("split_heads", "(0, 2, 1, 3)", "(0, 2, 1)", "one entry for each axis"),
    ("split_heads", "return np.transpose", "np.transpose", "heads is None."),
    ("merge_heads", "x = np.swapaxes(x, 1, 2)\n", "\n", {"reshaped_only"}),
    ("merge_heads", "return x.reshape(B, T, H * d_k)", "return x", {"axes_exchanged_only"}),
    ("merge_heads", "np.swapaxes(x, 1, 2)", "np.swapaxes(x, 2, 3)", {"wrong_axes_exchanged"}),
    ("merge_heads", "return x.reshape(B, T, H * d_k)", "return x.mean(axis=2)", {"heads_averaged"}),
    ("merge_heads", "return x.reshape(B, T, H * d_k)", "return np.concatenate(x.swapaxes(1, 2), axis=-1)",
     {"sequences_side_by_side"}),
    ("merge_heads", "return x.reshape(B, T, H * d_k)", "return np.tile(x.mean(axis=2), H)", {"heads_averaged"}),
    ("merge_heads", "return x.reshape(B, T, H * d_k)", "return x.reshape(B, T, -1)", set()),
    ("multi_head_attention", "merge_heads(heads)", "heads.reshape(query.shape)", {"merged_by_reshape"}),
    ("multi_head_attention", 'merged @ weights["W_o"] + weights["b_o"]', "merged", {"no_output_projection"}),
    ("multi_head_attention", ' + weights["b_o"]', "", {"bias_of_output_forgotten"}),
    ("multi_head_attention", ' + weights["b_k"]', "", set()),
    ("multi_head_attention", ' + weights["b_q"]', "", {"bias_of_queries_forgotten"}),
    ("multi_head_attention", ' + weights["b_v"]', "", {"bias_of_values_forgotten"}),
    ("multi_head_attention", "k, v, mask", "k, v", {"mask_dropped"}),
    ("multi_head_attention", "k, v, mask", "k, v, mask if mask is None else 1 - mask", {"mask_inverted"}),
    ("multi_head_attention", "k, v, mask", "k, v, mask if mask is None else mask[:, 0]", {"mask_without_head_axis"}),
    ("multi_head_attention", "k, v, mask", "v, k, mask", {"values_compared"}),
    ("multi_head_attention", "k, v, mask", "k, k, mask", {"keys_mixed"}),
    ("multi_head_attention", "(q, k, v, mask)", "(k, q, v, mask)", {"query_and_key_exchanged"}),
    ("multi_head_attention", 'key @ weights["W_k"]', 'query @ weights["W_k"]', {"keys_from_the_query"}),
    ("multi_head_attention", 'value @ weights["W_v"]', 'key @ weights["W_v"]', {"values_from_the_key"}),
    ("multi_head_attention", 'key @ weights["W_k"] + weights["b_k"]', 'key @ weights["W_q"] + weights["b_q"]',
     {"one_matrix_for_two"}),
    ("multi_head_attention", "(q, k, v, mask)", "(q / np.sqrt(q.shape[-1]), k, v, mask)", {"scaled_twice"}),
    ("multi_head_attention", "(q, k, v, mask)", "(q / np.sqrt(num_heads), k, v, mask)", {"root_of_d_model"}),
    ("multi_head_attention", "split_heads(v, num_heads)", "v[:, None]", "18 numbers met 6 rows"),
    ("multi_head_attention", "merge_heads(heads)", "heads.mean(axis=1)", "none lost and none added up"),
    ("multi_head_attention", "merge_heads(heads)", "heads", "first put the heads side by side"),
    ("multi_head_attention", 'query @ weights["W_q"]', 'split_heads(query, num_heads) @ weights["W_q"]',
     "project first, then split"),
    ("multi_head_attention", 'query @ weights["W_q"]', 'weights["W_q"] @ query', "X @ W, X on the left"),
    ("multi_head_attention", "split_heads(q, num_heads), split_heads(k, num_heads), split_heads(v, num_heads)",
     "(x.reshape(*x.shape[:2], num_heads, -1) for x in (q, k, v))", "did T and H change places?"),
    ("multi_head_attention", "split_heads(q, num_heads), split_heads(k, num_heads), split_heads(v, num_heads)",
     "(x.transpose(0, 2, 1).reshape(len(x), num_heads, x.shape[1], -1) for x in (q, k, v))",
     {"transposed_before_the_cut"}),
    ("multi_head_attention", "k, v, mask", "k, v, mask if mask is None else mask * -1e9", {"mask_dropped"}),
    ("multi_head_attention", "k, v, mask", "k, v, mask if mask is None else np.tile(mask, (1, 7, 1, 1))",
     "The mask does not fit the scores."),
    ("multi_head_attention", "q = query", "num_heads = 2\n    q = query", {"number_of_heads_fixed"}),
    ("multi_head_attention", 'merged @ weights["W_o"]',
     '(heads @ weights["W_o"].reshape(num_heads, -1, query.shape[-1])).mean(axis=1)', {"shares_averaged"}),
    ("multi_head_attention", "return output, attention_weights", "return output", "attention_weights"),
    ("multi_head_attention", "return output, attention_weights", "return attention_weights, output",
     {"returned_backwards"}),
    ("multi_head_attention", "return output, attention_weights", "return output, attention_weights.mean(1)",
     {"weights_averaged_over_heads"}),
    ("multi_head_attention", 'weights["W_o"]', 'weights["W_O"]', "There is no W_O."),
    ("multi_head_attention", 'weights["W_o"]', 'weights["W_o"].T', {"matrices_transposed"}),
    ("find_the_bug", "x.reshape(B, T, num_heads, d_model // num_heads).swapaxes(1, 2)",
     "x.reshape(B, num_heads, T, d_model // num_heads)", {"only_the_merge_mended"}),
    ("find_the_bug", "output.swapaxes(1, 2).reshape", "output.reshape", {"only_the_split_mended"}),
    ("find_the_bug", "output.swapaxes(1, 2).reshape", "output.swapaxes(2, 3).reshape", {"other_axes_merged"}),
    ("find_the_bug", "x.reshape(B, T, num_heads, d_model // num_heads).swapaxes(1, 2)",
     "x.transpose(0, 2, 1).reshape(B, num_heads, T, d_model // num_heads)", {"transposed_before_the_cut"}),
    ("keras_weights", "reshape(num_heads, d_k, d_model)", "reshape(d_model, num_heads, d_k)",
     {"output_cut_by_columns"}),
    ("keras_weights", "reshape(d_model, num_heads, d_k)", "reshape(num_heads, d_model, d_k)",
     {"reshaped_across_the_rows"}),
    ("keras_weights", "reshape(num_heads, d_k, d_model)", "reshape(num_heads, d_model, d_k).swapaxes(1, 2)",
     {"reshaped_across_the_rows"}),
    ("keras_weights", "return result", "return tuple(result)", set()),
    ("keras_weights", "return result", "return [array.tolist() for array in result]", set()),
    ("keras_weights", "return result", "return dict(enumerate(result))", "Return a list of eight arrays"),
    ("keras_weights", "return result",
     "return dict(zip('query_kernel query_bias key_kernel key_bias value_kernel value_bias '\n"
     "                    'output_kernel output_bias'.split(), result))", "it knows no names"),
    ("keras_weights", "return result", "found = np.empty(8, object)\n    found[:] = result\n    return found",
     "returned a ndarray, not a list"),
    ("keras_weights", 'weights["b_o"]', 'weights["b_o"].reshape(num_heads, d_k)', {"output_bias_cut"}),
    ("keras_weights", 'in "qkv"', 'in "kqv"', {"another_order"}),
    ("keras_weights", 'result.append(weights["b_o"])', "pass", "returned 7 things; expected 8"),
    ("multi_head_layer", REFUSE_LAYER, "", {"not_refused"}),
    ("multi_head_layer", REFUSE_LAYER, "        assert d_model % num_heads == 0\n", {"another_error"}),
    ("multi_head_layer", "heads = tf.transpose(heads, perm=[0, 2, 1, 3])\n", "\n", {"merged_by_reshape"}),
    ("multi_head_layer", "x = tf.reshape(x, (batch_size, -1, self.num_heads, self.depth))\n"
     "        return tf.transpose(x, perm=[0, 2, 1, 3])",
     "return tf.reshape(x, (batch_size, self.num_heads, -1, self.depth))", {"split_by_reshape"}),
    ("multi_head_layer", "return self.dense(merged), weights", "return merged, weights", {"no_output_projection"}),
    ("multi_head_layer", "k, v, mask", "k, v", {"mask_dropped"}),
    ("multi_head_layer", "self.key_dense(key)", "self.query_dense(key)", {"one_matrix_for_two"}),
    ("multi_head_layer", "self.value_dense(value)", "self.value_dense(key)", {"values_from_the_key"}),
    ("multi_head_layer", "layers.Dense(d_model)", "layers.Dense(d_model, activation='relu')",
     {"activation_in_a_dense"}),
    ("multi_head_layer", "self.dense = layers.Dense(d_model)", "self.dense = layers.Dense(d_model, 'relu')",
     {"activation_in_a_dense"}),
    ("multi_head_layer", "self.key_dense = layers.Dense(d_model)\n        self.value_dense = layers.Dense(d_model)",
     "self.key_dense = self.value_dense = self.query_dense", {"one_dense_for_all"}),
    ("multi_head_layer", "self.key_dense = layers.Dense(d_model)\n        self.value_dense = layers.Dense(d_model)\n"
     "        self.dense = layers.Dense(d_model)",
     "self.key_dense = self.value_dense = self.dense = self.query_dense", {"one_dense_for_all"}),
    ("multi_head_layer", "self.num_heads = num_heads\n        self.depth = d_model // num_heads",
     "self.num_heads = 2\n        self.depth = d_model // 2", {"number_of_heads_fixed"}),
    ("multi_head_layer", "self.num_heads, self.depth))\n        return tf.transpose(x, perm=[0, 2, 1, 3])",
     "self.depth, self.num_heads))\n        return tf.transpose(x, perm=[0, 3, 1, 2])", {"every_hth_number"}),
    ("multi_head_layer", "tf.transpose(heads, perm=[0, 2, 1, 3])", "tf.transpose(heads, perm=[0, 2, 3, 1])",
     {"merged_in_turns"}),
    ("multi_head_layer", "x = tf.reshape(x, (batch_size, -1, self.num_heads, self.depth))\n"
     "        return tf.transpose(x, perm=[0, 2, 1, 3])",
     "x, T = tf.transpose(x, [0, 2, 1]), tf.shape(x)[1]\n"
     "        return tf.reshape(x, (batch_size, self.num_heads, T, self.depth))", {"transposed_before_the_cut"}),
    ("multi_head_layer", "self.split(self.query_dense(query), batch_size)",
     "self.query_dense(self.split(query, batch_size))", "Project first, then split"),
    ("multi_head_layer", "merged = tf.reshape(heads, (batch_size, -1, self.d_model))", "merged = heads",
     "merge before self.dense"),
    ("multi_head_layer", "merged = tf.reshape(heads, (batch_size, -1, self.d_model))",
     "merged = tf.reduce_mean(heads, axis=2)", "none lost, none added up"),
    ("multi_head_layer", "if d_model % num_heads:", "if num_heads % d_model:", "Look at the test before `raise`."),
    ("multi_head_layer", "if d_model % num_heads:", "if d_model % num_heads == 0:", "Look at the test before `raise`."),
    ("multi_head_layer", "return self.dense(merged), weights", "return self.dense(tf.stop_gradient(merged)), weights",
     "or something else cuts the gradient"),
    ("multi_head_layer", "merged = tf.reshape", "merged = np.reshape", "NumPy was used inside the layer"),
    ("multi_head_layer", "= tf_scaled", "= scaled", "NumPy was used inside the layer"),
    ("multi_head_layer", "self.split(self.query_dense(query), batch_size)",
     "split_heads(self.query_dense(query).numpy(), self.num_heads)", "no `.numpy()`"),
    ("multi_head_layer", "x = tf.reshape(x, (batch_size, -1, self.num_heads, self.depth))\n"
     "        return tf.transpose(x, perm=[0, 2, 1, 3])",
     "return tf.reshape(x, (batch_size, -1, self.num_heads, self.depth))", "was the transpose left out?"),
    ("multi_head_layer", "self.depth = d_model // num_heads", "self.depth = d_model / num_heads", "with two strokes"),
    ("multi_head_layer", "return self.dense(merged), weights", "self.dense(merged), weights", "Is there a `return`"),
    ("multi_head_layer", "self.value_dense = ", "self.v_dense = ", "Keep the layer in `__init__`: `self.value_dense"),
    ("multi_head_layer", "self.dense = layers.Dense(d_model)", "self.dense = layers.Dense(d_model, use_bias=False)",
     "Leave use_bias as it is."),
    ("multi_head_layer", "self.key_dense = layers.Dense(d_model)",
     "self.key_dense = layers.Dense(d_model // num_heads)", "all four have d_model units"),
    ("multi_head_layer", "tf.reshape(heads, (batch_size, -1, self.d_model))",
     "heads.reshape(batch_size, -1, self.d_model)", "Tensors have no `.reshape`."),
    ("multi_head_layer", "self.d_model = d_model", "pass", "Keep it in `__init__`: `self.d_model"),
    ("multi_head_layer", "        super().__init__(**kwargs)\n", "", "super().__init__(**kwargs)"),
    ("multi_head_layer", "return self.dense(merged), weights", "return self.dense(merged)",
     "`call` returns two things"),
]  # fmt: skip


@pytest.mark.parametrize("name", CODE)
def test_the_right_code_of_the_table_is_right(notebook, name):
    if KEY[name].needs:
        pytest.importorskip(KEY[name].needs)
    verdict = verdict_on(notebook, name, CODE[name])
    assert (verdict["kind"], verdict["says"]) == ("right", [])


@pytest.mark.parametrize(("name", "right", "wrong", "told"), TOLD)
def test_what_a_learner_is_told(notebook, name, right, wrong, told):
    if KEY[name].needs:
        pytest.importorskip(KEY[name].needs)
    assert right in CODE[name]
    verdict = verdict_on(notebook, name, CODE[name].replace(right, wrong))
    if isinstance(told, set):
        assert (set(verdict["names"]), verdict["kind"]) == (told, "misconception" if told else "right"), verdict["says"]
    else:
        assert verdict["kind"] == "difference" and told in " ".join(verdict["says"]), verdict["says"]


def test_a_change_in_place_alone_is_right_with_a_remark(notebook):
    code = SPLIT.replace(
        "heads = np.reshape(x, (B, T, num_heads, d_k))", "x.shape = (B, T, num_heads, d_k)\n    heads = x"
    )
    verdict = verdict_on(notebook, "split_heads", code)
    assert all(verdict["right"].values())
    assert len(verdict["says"]) == 1 and "changes its argument x in place" in verdict["says"][0]


def test_a_dense_of_another_width_is_told_in_one_line(notebook):
    pytest.importorskip("tensorflow")
    code = LAYER.replace("self.dense = layers.Dense(d_model)", "self.dense = layers.Dense(2 * d_model)")
    said = " ".join(verdict_on(notebook, "multi_head_layer", code)["says"])
    assert "a kernel of shape (6, 12); expected (6, 6)" in said and len(said) < 300


def test_nested_lists_are_compared_with_keras_too(solved, monkeypatch, capsys):
    pytest.importorskip("keras")
    right = solved["to_keras_weights"]
    monkeypatch.setitem(solved, "to_keras_weights", lambda *given: [array.tolist() for array in right(*given)])
    solved["compare_with_keras"]()
    assert capsys.readouterr().out.count(": agrees; ") == 2


@pytest.mark.parametrize(
    ("code", "used"),
    [
        ("def f(q):\n    return layers.MultiHeadAttention(2, 3)(q, q)", "keras.layers.MultiHeadAttention"),
        ("from keras.layers import MultiHeadAttention as MHA\nf = MHA", "keras.layers.MultiHeadAttention"),
        (LAYER, None),
        (ATTEND, None),
    ],
)
def test_only_keras_own_layer_is_forbidden(code, used):
    others = [cell.text for cell in read_source(SOURCE) if cell.kind == "code" and cell.role == "locked"]
    assert forbidden_use(code, others, KEY["multi_head_layer"].forbidden) == used


# ---------------------------------------------------------------- the trained heads of the page
def test_the_targets_are_the_mirrored_letter_and_the_one_before():
    targets = attention_heads.targets_of(np.array([[3, 1, 4, 5]]))
    assert targets[0].tolist() == [[5, 3], [4, 3], [1, 1], [3, 4]]


def test_the_stored_runs_are_those_of_the_script():
    assert STORED["settings"] == attention_heads.SETTINGS
    assert STORED["command"] == "python -m experiments.attention_heads"
    runs = [(run["d_model"], run["heads"], run["seed"]) for run in STORED["runs"]]
    assert runs == [(*model, seed) for model in attention_heads.MODELS for seed in attention_heads.SEEDS]
    for run in STORED["runs"]:
        weights = np.array(run["weights"])
        assert weights.shape == (run["heads"], 7, 7)
        np.testing.assert_allclose(weights.sum(axis=-1), 1, atol=4e-3)


def test_the_letters_of_the_example_differ():
    assert len(set(STORED["example"])) == STORED["settings"]["length"]


@pytest.mark.training
def test_the_script_runs_quickly_and_writes_what_the_page_reads(tmp_path):
    pytest.importorskip("tensorflow")
    out = tmp_path / "heads.json"
    command = [sys.executable, "-m", "experiments.attention_heads", "--quick", "--out", str(out)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=LONG)
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found.keys() == STORED.keys() and found["runs"][0].keys() == STORED["runs"][0].keys()
    assert found["command"].endswith("--quick")
