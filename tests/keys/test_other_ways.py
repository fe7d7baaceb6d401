"""Chapter 04: the same mathematics, written otherwise, passes; what only looks like it does not."""

import numpy as np
import pytest

from tests.keys.claims import KEYS, every_seed, spec_of, verdict_on

N, D = -1, -1  # answers that read the notebook's sizes find the case's here


def softmax_less_max(items_in):
    exps = [np.exp(item - max(items_in)) for item in items_in]
    return [e / sum(exps) for e in exps]


def softmax_by_hand(items_in):
    total = 0.0
    for item in items_in:
        total = total + np.exp(item)
    return [np.exp(item) / total for item in items_in]


def projections_reading_globals(all_x, omega_q, omega_k, omega_v, beta_q, beta_k, beta_v):
    queries, keys, values = [], [], []
    for n in range(N):
        queries.append(np.matmul(omega_q, all_x[n]) + beta_q)
        keys.append(np.reshape(omega_k @ all_x[n] + beta_k, (D, 1)))
        values.append((beta_v + omega_v.dot(all_x[n])).ravel())
    return queries, keys, np.array(values)


def x_primes_reading_globals(all_queries, all_keys, all_values):
    all_x_prime = []
    for n in range(N):
        attention = softmax_by_hand([np.transpose(all_queries[n]).dot(key) for key in all_keys])
        x_prime = np.zeros((D, 1))
        for m in range(N):
            x_prime = x_prime + all_values[m] * attention[m]
        all_x_prime.append(x_prime)
    return all_x_prime


def x_primes_flat(all_queries, all_keys, all_values):
    q, k, v = (np.hstack(list(columns)) for columns in (all_queries, all_keys, all_values))  # (D, N)
    exps = np.exp(q.T @ k)
    return (exps / exps.sum(1, keepdims=True)) @ v.T  # (N, D)


def columns_by_loops(data_in):
    out = np.zeros_like(data_in)
    for j in range(data_in.shape[1]):
        for i in range(data_in.shape[0]):
            out[i, j] = np.exp(data_in[i, j]) / sum(np.exp(data_in[k, j]) for k in range(data_in.shape[0]))
    return out


def columns_by_ones(data_in):
    exps = np.exp(data_in - data_in.max())
    return exps / (np.ones((len(data_in), 1)) @ exps.sum(axis=0)[np.newaxis])


def matrix_form(scale, transposed=False):
    def answer(X, omega_v, omega_q, omega_k, beta_v, beta_q, beta_k):
        Q = np.einsum("ij,jn->ni", omega_q, X) + beta_q.T
        K = np.einsum("ij,jn->ni", omega_k, X) + beta_k.T
        V = np.einsum("ij,jn->ni", omega_v, X) + beta_v.T
        if scale:
            Q, K = Q / D**0.25, K / D**0.25
        exps = np.exp(np.inner(Q, K))
        rows = exps @ V / exps.sum(axis=-1)[:, np.newaxis]
        return rows if transposed else rows.T

    return answer


def attention_with(hide, before=True):
    def answer(query, key, value, mask=None):
        query = query / np.sqrt(key.shape[-1]) if before else query
        scores = np.matmul(query, np.moveaxis(key, -1, -2))
        scores = scores if before else scores * key.shape[-1] ** -0.5
        scores = scores if mask is None else hide(scores, mask)
        exps = np.exp(scores - np.max(scores, axis=-1, keepdims=True))
        weights = exps / np.sum(exps, axis=-1, keepdims=True)
        return np.einsum("...qk,...kv->...qv", weights, value), weights

    return answer


def attention_zeroed_and_normalised_again(query, key, value, mask=None):
    exps = np.exp(query @ np.swapaxes(key, -2, -1) / key.shape[-1] ** 0.5)
    exps = exps if mask is None else exps * (1 - mask)
    weights = exps / exps.sum(-1, keepdims=True)
    return [weights @ value, weights]


def attention_by_loops(query, key, value, mask=None):
    if query.ndim > 2:
        masks = [None if mask is None else mask[b if len(mask) > 1 else 0] for b in range(len(query))]
        pairs = [attention_by_loops(*arrays) for arrays in zip(query, key, value, masks, strict=True)]
        return tuple(np.stack(parts) for parts in zip(*pairs, strict=True))
    mask = np.zeros((1, len(key))) if mask is None else np.atleast_2d(mask)
    weights = np.zeros((len(query), len(key)))
    for i, q in enumerate(query):
        for j, k in enumerate(key):
            hidden = mask[i if len(mask) > 1 else 0, j]
            weights[i, j] = 0 if hidden else np.exp(sum(a * b for a, b in zip(q, k, strict=True)) / len(q) ** 0.5)
        weights[i] /= weights[i].sum()
    return np.array([sum(w * v for w, v in zip(row, value, strict=True)) for row in weights]), weights


def hide_in_masked_array(scores, mask):
    return np.ma.array(scores, mask=np.broadcast_to(mask, scores.shape)).filled(-1e30)


def self_attention_by_einsum(x, W_q, W_k, W_v):
    q, k, v = (np.einsum("...td,df->...tf", x, W) for W in (W_q, W_k, W_v))
    return attention_with(None)(q, k, v)


def cross_attention_with_scaled_matrix(x_query, x_key_value, W_q, W_k, W_v):
    scores = x_query @ (W_q @ W_k.T / W_k.shape[1] ** 0.5) @ np.swapaxes(x_key_value, -1, -2)
    weights = np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)
    return weights @ x_key_value @ W_v, weights


def weights_with_exponent(query, key, scaled=True):
    exps = np.exp((query @ key.T) * key.shape[1] ** (-0.5 * scaled))
    return exps / exps.sum(axis=1, keepdims=True)


def attention_in_keras(query, key, value, mask=None):
    import keras
    import tensorflow as tf

    arrays = [tf.constant(array, tf.float32) for array in (query, key, value)]
    scores = keras.ops.matmul(arrays[0], keras.ops.swapaxes(arrays[1], -1, -2)) / np.sqrt(key.shape[-1])
    if mask is not None:
        scores = tf.where(tf.cast(mask, tf.bool), -np.inf, scores)
    weights = keras.ops.softmax(scores, axis=-1)
    return weights @ arrays[2], weights


def project_with_split(embedding_matrix, W):
    import tensorflow as tf

    return tf.split(tf.constant(embedding_matrix) @ tf.constant(W), 3, axis=-1)


EQUAL = {
    "softmax less the maximum": ("softmax", softmax_less_max),
    "softmax by hand": ("softmax", softmax_by_hand),
    "projections from globals": ("queries_keys_values", projections_reading_globals),
    "outputs from globals": ("x_prime", x_primes_reading_globals),
    "outputs as rows": ("x_prime", x_primes_flat),
    "columns by loops": ("softmax_cols", columns_by_loops),
    "columns by ones": ("softmax_cols", columns_by_ones),
    "unscaled by einsum": ("self_attention", matrix_form(False)),
    "unscaled, transposed": ("self_attention", matrix_form(False, transposed=True)),
    "scaled before, reading D": ("scaled_self_attention", matrix_form(True)),
    "scaled, transposed": ("scaled_self_attention", matrix_form(True, transposed=True)),
    "minus infinity": ("scaled_dot_product_attention", attention_with(lambda s, m: np.where(m, -np.inf, s))),
    "added -1e9": ("scaled_dot_product_attention", attention_with(lambda s, m: s + m * -1e9, before=False)),
    "added -1e4": ("scaled_dot_product_attention", attention_with(lambda s, m: s - 1e4 * m)),
    "a masked array": ("scaled_dot_product_attention", attention_with(hide_in_masked_array)),
    "zeroed, normalised again": ("scaled_dot_product_attention", attention_zeroed_and_normalised_again),
    "attention by loops": ("scaled_dot_product_attention", attention_by_loops),
    "attention in Keras": ("tf_scaled_dot_product_attention", attention_in_keras),
    "self-attention by einsum": ("self_attention_class", self_attention_by_einsum),
    "cross-attention, scaled matrix": ("cross_attention", cross_attention_with_scaled_matrix),
    "a switch in the exponent": ("find_the_bug", weights_with_exponent),
    "a split": ("project_qkv", project_with_split),
}  # fmt: skip


@pytest.mark.parametrize("form", EQUAL)
@every_seed
def test_equal_mathematics_passes(form, seed):
    name, answer = EQUAL[form]
    assert verdict_on(spec_of("04_scaled_dot_product_attention", name, seed), answer)["kind"] == "right"


def test_an_unknown_mistake_with_the_mask_is_told_what_hidden_means():
    check = KEYS["04_scaled_dot_product_attention"]["scaled_dot_product_attention"]
    spec = spec_of("04_scaled_dot_product_attention", check.name)
    verdict = verdict_on(spec, attention_with(lambda scores, mask: scores - 3 * mask))
    assert verdict["kind"] == "difference"
    assert "What stands at a hidden position must not matter." in verdict["says"][1]


def test_an_answer_left_in_an_old_global_is_not_right():
    space = {"X_prime": np.ones((6, 5))}
    exec("def answer(X, **parameters):\n    return X_prime\n", space)
    verdict = verdict_on(spec_of("04_scaled_dot_product_attention", "self_attention"), space["answer"])
    assert "name 'X_prime' is not defined" in verdict["says"][0]
