"""Wrong answers to chapter 05, as learners write them, each with what it should be told."""

import os

import numpy as np

from autograder.course.wrong_answers import wrong

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
import tensorflow as tf
from keras import layers
from keras.layers import Layer


# ---------------------------------------------------------------- what stands in the notebook
def scaled_dot_product_attention(query, key, value, mask=None):
    scores = query @ np.swapaxes(key, -1, -2) / np.sqrt(key.shape[-1])
    hidden = np.zeros(scores.shape, bool) if mask is None else np.broadcast_to(np.equal(mask, 1), scores.shape)
    scores = np.where(hidden, -1e9, scores)
    exps = np.where(hidden, 0, np.exp(scores - scores.max(axis=-1, keepdims=True)))
    total = exps.sum(axis=-1, keepdims=True)
    attention_weights = exps / np.where(total == 0, 1, total)
    return attention_weights @ value, attention_weights


def tf_scaled_dot_product_attention(query, key, value, mask=None):
    scores = tf.matmul(query, key, transpose_b=True) / tf.sqrt(tf.cast(tf.shape(key)[-1], tf.float32))
    if mask is None:
        attention_weights = tf.nn.softmax(scores, axis=-1)
    else:
        keep = 1 - tf.cast(mask, tf.float32)
        attention_weights = keep * tf.nn.softmax(scores - 1e9 * (1 - keep), axis=-1)
    return tf.matmul(attention_weights, value), attention_weights


def split_heads(x, num_heads):
    B, T, d_model = x.shape
    if d_model % num_heads != 0:
        raise ValueError(f"d_model = {d_model} cannot be cut into num_heads = {num_heads} equal heads")
    return x.reshape(B, T, num_heads, d_model // num_heads).transpose(0, 2, 1, 3)


def merge_heads(x):
    B, H, T, d_k = x.shape
    return x.transpose(0, 2, 1, 3).reshape(B, T, H * d_k)


# ---------------------------------------------------------------- split into heads
@wrong("split_heads", "refusal", "not_refused")
def minus_one_for_the_width(x, num_heads):
    heads = []
    d_k = x.shape[-1] // num_heads
    for h in range(num_heads):
        heads.append(x[:, :, h * d_k : (h + 1) * d_k])
    return np.stack(heads, axis=1)


@wrong("split_heads", "refusal", "another_error")
def asserted(x, num_heads):
    B, T, d_model = x.shape
    assert d_model % num_heads == 0, f"{d_model} is no multiple of {num_heads}"
    return np.swapaxes(x.reshape(B, T, num_heads, d_model // num_heads), 1, 2)


@wrong("split_heads", "refusal", "unclear_error")
def a_message_without_numbers(x, num_heads):
    B, T, d_model = x.shape
    if d_model % num_heads:
        raise ValueError("d_model must be divisible by num_heads")
    return x.reshape((B, T, num_heads, -1)).transpose((0, 2, 1, 3))


@wrong("split_heads", "refusal", "unclear_error")
def the_error_of_numpy(x, num_heads):
    B, T, d_model = x.shape
    return x.reshape(B, T, num_heads, d_model // num_heads).swapaxes(1, 2)


@wrong("split_heads", "refusal", "not_refused")
def printed_instead_of_raised(x, num_heads):
    B, T, d_model = x.shape
    if d_model % num_heads != 0:
        print(f"{d_model} is not divisible by {num_heads}")
        return None
    return x.reshape(B, T, num_heads, d_model // num_heads).transpose(0, 2, 1, 3)


@wrong("split_heads", "refusal", says=r"your own error|not to be refused|nothing is to be refused")
def refused_the_wrong_way_round(x, num_heads):
    B, T, d_model = x.shape
    if d_model % num_heads == 0:
        raise ValueError(f"d_model {d_model} must be divisible by num_heads {num_heads}")
    return x.reshape(B, T, num_heads, d_model // num_heads).transpose(0, 2, 1, 3)


@wrong("split_heads", "the axes", "axes_not_exchanged")
def transpose_not_kept(x, num_heads):
    B, T, d_model = x.shape
    if d_model % num_heads != 0:
        raise ValueError(f"d_model = {d_model} is no multiple of num_heads = {num_heads}")
    heads = np.reshape(x, (B, T, num_heads, d_model // num_heads))
    np.transpose(heads, (0, 2, 1, 3))
    return heads


@wrong("split_heads", "the axes", "all_axes_reversed")
def transposed_without_an_order(x, num_heads):
    B, T, d_model = x.shape
    if d_model % num_heads != 0:
        raise ValueError(f"d_model = {d_model} is no multiple of num_heads = {num_heads}")
    return x.reshape(B, T, num_heads, d_model // num_heads).transpose()


@wrong("split_heads", "the axes", "other_axes_exchanged")
def axes_one_and_three(x, num_heads):
    B, T, d_model = x.shape
    if d_model % num_heads != 0:
        raise ValueError(f"d_model = {d_model} is no multiple of num_heads = {num_heads}")
    return x.reshape(B, T, num_heads, d_model // num_heads).swapaxes(1, 3)


@wrong("split_heads", "the axes", "heads_before_the_batch")
def list_of_heads(x, num_heads):
    B, T, d_model = x.shape
    d_k = d_model // num_heads
    if d_k * num_heads != d_model:
        raise ValueError(f"{d_model} cannot be divided by {num_heads}")
    heads = []
    for h in range(num_heads):
        heads.append(x[:, :, h * d_k : (h + 1) * d_k])
    return heads


@wrong("split_heads", "the axes", "heads_last")
def stacked_at_the_end(x, num_heads):
    if x.shape[-1] % num_heads != 0:
        raise ValueError(f"{x.shape[-1]} cannot be divided by {num_heads}")
    return np.stack(np.split(x, num_heads, axis=-1), axis=-1)


@wrong("split_heads", "the cut", "reshaped_only")
def heads_in_the_reshape(x, num_heads):
    B, T, d_model = x.shape
    if d_model % num_heads != 0:
        raise ValueError(f"{d_model} cannot be divided by {num_heads}")
    return x.reshape(B, num_heads, T, d_model // num_heads)


@wrong("split_heads", "the cut", "every_hth_number")
def width_first(x, num_heads):
    B, T, d_model = x.shape
    if d_model % num_heads != 0:
        raise ValueError(f"{d_model} cannot be divided by {num_heads}")
    x = x.reshape(B, T, d_model // num_heads, num_heads)
    return x.transpose(0, 3, 1, 2)


@wrong("split_heads", "the cut", says=r"h \* d_k")
def slices_as_wide_as_the_heads(x, num_heads):
    B, T, d_model = x.shape
    if d_model % num_heads != 0:
        raise ValueError(f"{d_model} cannot be divided by {num_heads}")
    return np.stack([x[:, :, h * num_heads : (h + 1) * num_heads] for h in range(num_heads)], axis=1)


@wrong("split_heads", "loop", "one_head_written")
def only_the_last_head_written(x, num_heads):
    B, T, d_model = x.shape
    if d_model % num_heads != 0:
        raise ValueError(f"{d_model} cannot be divided by {num_heads}")
    d_k = d_model // num_heads
    heads = np.zeros((B, num_heads, T, d_k))
    for h in range(num_heads):
        part = x[:, :, h * d_k : (h + 1) * d_k]
    heads[:, h] = part
    return heads


@wrong("split_heads", "loop", "one_head_written")
def returned_with_the_first_head(x, num_heads):
    B, T, d_model = x.shape
    if d_model % num_heads != 0:
        raise ValueError(f"{d_model} cannot be divided by {num_heads}")
    d_k = d_model // num_heads
    heads = np.zeros((B, num_heads, T, d_k))
    for h in range(num_heads):
        heads[:, h] = x[:, :, h * d_k : (h + 1) * d_k]
        return heads


@wrong("split_heads", "loop", "one_part_for_all_heads")
def h_never_used(x, num_heads):
    B, T, d_model = x.shape
    if d_model % num_heads != 0:
        raise ValueError(f"{d_model} cannot be divided by {num_heads}")
    d_k = d_model // num_heads
    return np.stack([x[:, :, :d_k] for h in range(num_heads)], axis=1)


@wrong("split_heads", "last step missing", "zeros_returned")
def zeros_of_the_right_shape(x, num_heads):
    B, T, d_model = x.shape
    if d_model % num_heads != 0:
        raise ValueError(f"{d_model} cannot be divided by {num_heads}")
    heads = np.zeros((B, num_heads, T, d_model // num_heads))
    for h, head in enumerate(heads[0]):
        head = x[:, :, h * d_model // num_heads :]
    return heads


@wrong("split_heads", "last step missing", "input_returned")
def x_handed_back(x, num_heads):
    B, T, d_model = x.shape
    if d_model % num_heads != 0:
        raise ValueError(f"{d_model} cannot be divided by {num_heads}")
    x.reshape(B, T, num_heads, d_model // num_heads).transpose(0, 2, 1, 3)
    return x


@wrong("split_heads", "torch habit", says=r"reshape|NumPy")
def torch_view(x, num_heads):
    B, T, d_model = x.shape
    if d_model % num_heads != 0:
        raise ValueError(f"{d_model} cannot be divided by {num_heads}")
    return x.view(B, T, num_heads, -1).transpose(1, 2)


@wrong("split_heads", "Python's signs", says=r"//|whole number")
def width_by_one_stroke(x, num_heads):
    B, T, d_model = x.shape
    if d_model % num_heads != 0:
        raise ValueError(f"{d_model} cannot be divided by {num_heads}")
    return x.reshape(B, T, num_heads, d_model / num_heads).transpose(0, 2, 1, 3)


@wrong("split_heads", "two mistakes", "reshaped_only", "unclear_error")
def reshape_and_numpys_error(x, num_heads):
    return np.reshape(x, (x.shape[0], num_heads, x.shape[1], x.shape[2] // num_heads))


@wrong("split_heads", "two mistakes", "axes_not_exchanged", "another_error")
def only_cut_and_asserted(x, num_heads):
    assert x.shape[2] % num_heads == 0
    return x.reshape(x.shape[0], x.shape[1], num_heads, x.shape[2] // num_heads)


@wrong("split_heads", "two mistakes", "heads_before_the_batch", "not_refused")
def slices_in_a_list_unrefused(x, num_heads):
    d_k = x.shape[2] // num_heads
    return [x[:, :, i * d_k : (i + 1) * d_k] for i in range(num_heads)]


@wrong("split_heads", "two mistakes", "last_two_axes_exchanged", "unclear_error")
def width_before_positions(x, num_heads):
    B, T, d_model = x.shape
    if d_model % num_heads:
        raise ValueError("not divisible")
    return x.reshape(B, T, num_heads, d_model // num_heads).transpose(0, 2, 3, 1)


@wrong("split_heads", "two mistakes", "every_hth_number", "not_refused")
def strided_slices_unrefused(x, num_heads):
    d_k = x.shape[2] // num_heads
    return np.stack([x[:, :, h::num_heads][:, :, :d_k] for h in range(num_heads)], axis=1)


@wrong("split_heads", "the axes", "cut_in_another_order")
def positions_named_last(x, num_heads):
    B, T, d_model = x.shape
    if d_model % num_heads != 0:
        raise ValueError(f"d_model = {d_model} cannot be cut into num_heads = {num_heads} equal heads")
    return x.reshape(B, num_heads, d_model // num_heads, T).transpose(0, 1, 3, 2)


# ---------------------------------------------------------------- merge the heads
@wrong("merge_heads", "the axes", "reshaped_only")
def reshape_alone(x):
    B, H, T, d_k = x.shape
    return np.reshape(x, (B, T, H * d_k))


@wrong("merge_heads", "the axes", "reshaped_before_the_exchange")
def all_numbers_then_turned(x):
    B, H, T, d_k = x.shape
    return x.reshape(B, H * d_k, T).transpose(0, 2, 1)


@wrong("merge_heads", "the axes", "reshaped_before_the_exchange")
def reshaped_exchanged_reshaped(x):
    B, H, T, d_k = x.shape
    turned = np.swapaxes(x.reshape(B, T, H, d_k), 1, 2)
    return turned.reshape(B, T, H * d_k)


@wrong("merge_heads", "the axes", "axes_exchanged_only")
def exchanged_alone(x):
    return np.swapaxes(x, 1, 2)


@wrong("merge_heads", "the axes", "axes_misnamed")
def sizes_in_another_order(x):
    B, T, H, d_k = x.shape
    return x.transpose(0, 2, 1, 3).reshape(B, T, H * d_k)


@wrong("merge_heads", "the axes", "numbers_alternate")
def stacked_behind(x):
    B, H, T, d_k = x.shape
    return np.stack([x[:, h] for h in range(H)], axis=-1).reshape(B, T, H * d_k)


@wrong("merge_heads", "the axes", "wrong_axes_exchanged")
def exchanged_with_the_batch(x):
    B, H, T, d_k = x.shape
    return x.transpose(2, 0, 1, 3).reshape(B, T, H * d_k)


@wrong("merge_heads", "the axes", "wrong_axes_exchanged")
def reversed_axes(x):
    B, H, T, d_k = x.shape
    return x.T.reshape(B, T, H * d_k)


@wrong("merge_heads", "concatenated", "one_below_the_other")
def hstack_of_heads(x):
    heads = [x[:, h] for h in range(x.shape[1])]
    return np.hstack(heads)


@wrong("merge_heads", "concatenated", "sequences_side_by_side")
def concatenate_over_the_batch(x):
    return np.concatenate(x, axis=-1)


@wrong("merge_heads", "concatenated", "heads_in_the_batch")
def concatenate_without_axis(x):
    return np.concatenate([x[:, h] for h in range(x.shape[1])])


@wrong("merge_heads", "the heads", "heads_averaged")
def heads_summed(x):
    merged = 0
    for h in range(x.shape[1]):
        merged = merged + x[:, h]
    return merged


@wrong("merge_heads", "loop", "last_head_only")
def only_the_last_head(x):
    for h in range(x.shape[1]):
        merged = x[:, h]
    return merged


@wrong("merge_heads", "loop", "one_head_written")
def first_head_and_zeros(x):
    B, H, T, d_k = x.shape
    merged = np.zeros((B, T, H * d_k))
    for h in range(H):
        merged[:, :, h * d_k : (h + 1) * d_k] = x[:, h]
        return merged


@wrong("merge_heads", "loop", "places_overlap")
def places_overlap(x):
    B, H, T, d_k = x.shape
    merged = np.zeros((B, T, H * d_k))
    for h in range(H):
        merged[:, :, h : h + d_k] = x[:, h]
    return merged


@wrong("merge_heads", "loop", "heads_backwards")
def prepended(x):
    merged = x[:, 0]
    for h in range(1, x.shape[1]):
        merged = np.concatenate([x[:, h], merged], axis=-1)
    return merged


@wrong("merge_heads", "last step missing", "zeros_returned")
def merged_never_written(x):
    B, H, T, d_k = x.shape
    merged = np.zeros((B, T, H * d_k))
    for h in range(H):
        part = merged[:, :, h * d_k : (h + 1) * d_k]
        part = x[:, h]
    return merged


@wrong("merge_heads", "last step missing", "input_returned")
def heads_handed_back(x):
    B, H, T, d_k = x.shape
    x.transpose(0, 2, 1, 3).reshape(B, T, H * d_k)
    return x


@wrong("merge_heads", "torch habit", says=r"contiguous")
def torch_contiguous(x):
    B, H, T, d_k = x.shape
    return x.transpose(0, 2, 1, 3).contiguous().view(B, T, H * d_k)


# ---------------------------------------------------------------- multi-head attention
@wrong("multi_head_attention", "projections", "value_and_output_matrices_exchanged")
def w_o_for_the_values(*, query, key, value, weights, num_heads, mask=None):
    q = split_heads(query @ weights["W_q"] + weights["b_q"], num_heads)
    k = split_heads(key @ weights["W_k"] + weights["b_k"], num_heads)
    v = split_heads(value @ weights["W_o"] + weights["b_o"], num_heads)
    heads, attention_weights = scaled_dot_product_attention(q, k, v, mask)
    return merge_heads(heads) @ weights["W_v"] + weights["b_v"], attention_weights


@wrong("multi_head_attention", "projections", "bias_of_output_forgotten")
def last_bias_forgotten(*, query, key, value, weights, num_heads, mask=None):
    q, k, v = (x @ weights[f"W_{n}"] + weights[f"b_{n}"] for x, n in ((query, "q"), (key, "k"), (value, "v")))
    heads, attention_weights = scaled_dot_product_attention(
        split_heads(q, num_heads), split_heads(k, num_heads), split_heads(v, num_heads), mask
    )
    return np.dot(merge_heads(heads), weights["W_o"]), attention_weights


@wrong("multi_head_attention", "projections", "no_output_projection")
def merged_heads_returned(*, query, key, value, weights, num_heads, mask=None):
    q = split_heads(query @ weights["W_q"] + weights["b_q"], num_heads)
    k = split_heads(key @ weights["W_k"] + weights["b_k"], num_heads)
    v = split_heads(value @ weights["W_v"] + weights["b_v"], num_heads)
    heads, attention_weights = scaled_dot_product_attention(q, k, v, mask)
    return merge_heads(heads), attention_weights


@wrong("multi_head_attention", "projections", "output_not_merged")
def heads_never_merged(*, query, key, value, weights, num_heads, mask=None):
    q = split_heads(query @ weights["W_q"] + weights["b_q"], num_heads)
    k = split_heads(key @ weights["W_k"] + weights["b_k"], num_heads)
    v = split_heads(value @ weights["W_v"] + weights["b_v"], num_heads)
    heads, attention_weights = scaled_dot_product_attention(q, k, v, mask)
    return heads, attention_weights


@wrong("multi_head_attention", "copied line", "keys_from_the_query")
def query_copied(*, query, key, value, weights, num_heads, mask=None):
    q = split_heads(query @ weights["W_q"] + weights["b_q"], num_heads)
    k = split_heads(query @ weights["W_k"] + weights["b_k"], num_heads)
    v = split_heads(value @ weights["W_v"] + weights["b_v"], num_heads)
    heads, attention_weights = scaled_dot_product_attention(q, k, v, mask)
    return merge_heads(heads) @ weights["W_o"] + weights["b_o"], attention_weights


@wrong("multi_head_attention", "copied line", "one_matrix_for_two")
def w_k_copied(*, query, key, value, weights, num_heads, mask=None):
    q = split_heads(query @ weights["W_q"] + weights["b_q"], num_heads)
    k = split_heads(key @ weights["W_k"] + weights["b_k"], num_heads)
    v = split_heads(value @ weights["W_k"] + weights["b_v"], num_heads)
    heads, attention_weights = scaled_dot_product_attention(q, k, v, mask)
    return merge_heads(heads) @ weights["W_o"] + weights["b_o"], attention_weights


@wrong("multi_head_attention", "copied line", "values_from_the_key")
def value_never_used(*, query, key, value, weights, num_heads, mask=None):
    q = split_heads(query @ weights["W_q"] + weights["b_q"], num_heads)
    k = split_heads(key @ weights["W_k"] + weights["b_k"], num_heads)
    v = split_heads(key @ weights["W_v"] + weights["b_v"], num_heads)
    heads, attention_weights = scaled_dot_product_attention(q, k, v, mask)
    return merge_heads(heads) @ weights["W_o"] + weights["b_o"], attention_weights


@wrong("multi_head_attention", "the scale", "scaled_twice")
def scaled_before_too(*, query, key, value, weights, num_heads, mask=None):
    d_k = query.shape[-1] // num_heads
    q = split_heads(query @ weights["W_q"] + weights["b_q"], num_heads) / np.sqrt(d_k)
    k = split_heads(key @ weights["W_k"] + weights["b_k"], num_heads)
    v = split_heads(value @ weights["W_v"] + weights["b_v"], num_heads)
    heads, attention_weights = scaled_dot_product_attention(q, k, v, mask)
    return merge_heads(heads) @ weights["W_o"] + weights["b_o"], attention_weights


@wrong("multi_head_attention", "the mask", "mask_dropped")
def mask_not_handed_on(*, query, key, value, weights, num_heads, mask=None):
    q = split_heads(query @ weights["W_q"] + weights["b_q"], num_heads)
    k = split_heads(key @ weights["W_k"] + weights["b_k"], num_heads)
    v = split_heads(value @ weights["W_v"] + weights["b_v"], num_heads)
    heads, attention_weights = scaled_dot_product_attention(q, k, v)
    return merge_heads(heads) @ weights["W_o"] + weights["b_o"], attention_weights


@wrong("multi_head_attention", "the heads", "one_wide_head")
def never_split(*, query, key, value, weights, num_heads, mask=None):
    q = query @ weights["W_q"] + weights["b_q"]
    k = key @ weights["W_k"] + weights["b_k"]
    v = value @ weights["W_v"] + weights["b_v"]
    heads, attention_weights = scaled_dot_product_attention(q, k, v, None if mask is None else mask[:, 0])
    return heads @ weights["W_o"] + weights["b_o"], attention_weights


@wrong("multi_head_attention", "loop", "weights_of_one_head")
def weights_of_the_last_head(*, query, key, value, weights, num_heads, mask=None):
    q = split_heads(query @ weights["W_q"] + weights["b_q"], num_heads)
    k = split_heads(key @ weights["W_k"] + weights["b_k"], num_heads)
    v = split_heads(value @ weights["W_v"] + weights["b_v"], num_heads)
    outputs = []
    for h in range(num_heads):
        own = None if mask is None else mask[:, 0]
        head, attention_weights = scaled_dot_product_attention(q[:, h], k[:, h], v[:, h], own)
        outputs.append(head)
    return np.concatenate(outputs, axis=-1) @ weights["W_o"] + weights["b_o"], attention_weights


@wrong("multi_head_attention", "loop", "weights_with_heads_first")
def weights_collected_in_a_list(*, query, key, value, weights, num_heads, mask=None):
    q = split_heads(query @ weights["W_q"] + weights["b_q"], num_heads)
    k = split_heads(key @ weights["W_k"] + weights["b_k"], num_heads)
    v = split_heads(value @ weights["W_v"] + weights["b_v"], num_heads)
    outputs, all_weights = [], []
    for h in range(num_heads):
        own = None if mask is None else mask[:, 0]
        head, w = scaled_dot_product_attention(q[:, h], k[:, h], v[:, h], own)
        outputs.append(head)
        all_weights.append(w)
    return np.concatenate(outputs, axis=-1) @ weights["W_o"] + weights["b_o"], np.array(all_weights)


@wrong("multi_head_attention", "last step missing", "zeros_returned")
def output_stays_zero(*, query, key, value, weights, num_heads, mask=None):
    output = np.zeros(query.shape)
    q = split_heads(query @ weights["W_q"] + weights["b_q"], num_heads)
    k = split_heads(key @ weights["W_k"] + weights["b_k"], num_heads)
    v = split_heads(value @ weights["W_v"] + weights["b_v"], num_heads)
    heads, attention_weights = scaled_dot_product_attention(q, k, v, mask)
    merged = merge_heads(heads) @ weights["W_o"] + weights["b_o"]
    return output, attention_weights


@wrong("multi_head_attention", "last step missing", says=r"one array|two things|2 things")
def only_the_output(*, query, key, value, weights, num_heads, mask=None):
    q = split_heads(query @ weights["W_q"] + weights["b_q"], num_heads)
    k = split_heads(key @ weights["W_k"] + weights["b_k"], num_heads)
    v = split_heads(value @ weights["W_v"] + weights["b_v"], num_heads)
    heads, _ = scaled_dot_product_attention(q, k, v, mask)
    output = merge_heads(heads) @ weights["W_o"] + weights["b_o"]
    return output[None]


@wrong("multi_head_attention", "projections", says=r"W_q|no .*Wq|keys W_q")
def misspelt_key(*, query, key, value, weights, num_heads, mask=None):
    q = split_heads(query @ weights["Wq"] + weights["bq"], num_heads)
    return q, q


@wrong("multi_head_attention", "two mistakes", "bias_of_output_forgotten", "mask_dropped")
def no_last_bias_no_mask(*, query, key, value, weights, num_heads, mask=None):
    q = split_heads(query @ weights["W_q"] + weights["b_q"], num_heads)
    k = split_heads(key @ weights["W_k"] + weights["b_k"], num_heads)
    v = split_heads(value @ weights["W_v"] + weights["b_v"], num_heads)
    heads, attention_weights = scaled_dot_product_attention(q, k, v)
    return merge_heads(heads) @ weights["W_o"], attention_weights


@wrong("multi_head_attention", "two mistakes", "biases_forgotten", "mask_dropped")
def no_biases_no_mask(*, query, key, value, weights, num_heads, mask=None):
    q = split_heads(query @ weights["W_q"], num_heads)
    k = split_heads(key @ weights["W_k"], num_heads)
    v = split_heads(value @ weights["W_v"], num_heads)
    heads, attention_weights = scaled_dot_product_attention(q, k, v)
    return merge_heads(heads) @ weights["W_o"], attention_weights


@wrong("multi_head_attention", "two mistakes", "merged_by_reshape", "mask_inverted")
def reshaped_back_and_keeps(*, query, key, value, weights, num_heads, mask=None):
    q = split_heads(query @ weights["W_q"] + weights["b_q"], num_heads)
    k = split_heads(key @ weights["W_k"] + weights["b_k"], num_heads)
    v = split_heads(value @ weights["W_v"] + weights["b_v"], num_heads)
    heads, attention_weights = scaled_dot_product_attention(q, k, v, None if mask is None else 1 - mask)
    return heads.reshape(query.shape) @ weights["W_o"] + weights["b_o"], attention_weights


@wrong("multi_head_attention", "two mistakes", "no_output_projection", "weights_averaged_over_heads")
def no_w_o_and_mean_weights(*, query, key, value, weights, num_heads, mask=None):
    q = split_heads(query @ weights["W_q"] + weights["b_q"], num_heads)
    k = split_heads(key @ weights["W_k"] + weights["b_k"], num_heads)
    v = split_heads(value @ weights["W_v"] + weights["b_v"], num_heads)
    heads, attention_weights = scaled_dot_product_attention(q, k, v, mask)
    return merge_heads(heads), attention_weights.mean(axis=1)


@wrong("multi_head_attention", "two mistakes", "biases_forgotten", "scaled_twice")
def no_biases_and_scaled_again(*, query, key, value, weights, num_heads, mask=None):
    d_k = query.shape[-1] // num_heads
    q = split_heads(query @ weights["W_q"], num_heads)
    k = split_heads(key @ weights["W_k"], num_heads)
    v = split_heads(value @ weights["W_v"], num_heads)
    heads, attention_weights = scaled_dot_product_attention(q / d_k**0.5, k, v, mask)
    return merge_heads(heads) @ weights["W_o"], attention_weights


@wrong("multi_head_attention", "two mistakes", "keys_and_values_from_the_query", "no_output_projection")
def asks_itself_and_no_w_o(*, query, key, value, weights, num_heads, mask=None):
    q = split_heads(query @ weights["W_q"] + weights["b_q"], num_heads)
    k = split_heads(query @ weights["W_k"] + weights["b_k"], num_heads)
    v = split_heads(query @ weights["W_v"] + weights["b_v"], num_heads)
    heads, attention_weights = scaled_dot_product_attention(q, k, v, mask)
    return merge_heads(heads), attention_weights


@wrong("multi_head_attention", "two mistakes", "split_by_reshape", "mask_dropped")
def reshaped_and_no_mask(*, query, key, value, weights, num_heads, mask=None):
    B, d_model = len(query), query.shape[-1]
    q = (query @ weights["W_q"] + weights["b_q"]).reshape(B, num_heads, -1, d_model // num_heads)
    k = (key @ weights["W_k"] + weights["b_k"]).reshape(B, num_heads, -1, d_model // num_heads)
    v = (value @ weights["W_v"] + weights["b_v"]).reshape(B, num_heads, -1, d_model // num_heads)
    heads, attention_weights = scaled_dot_product_attention(q, k, v)
    return merge_heads(heads) @ weights["W_o"] + weights["b_o"], attention_weights


@wrong("multi_head_attention", "two mistakes", "values_from_the_key", "bias_of_output_forgotten")
def values_of_the_key_no_last_bias(*, query, key, value, weights, num_heads, mask=None):
    q = split_heads(query @ weights["W_q"] + weights["b_q"], num_heads)
    k = split_heads(key @ weights["W_k"] + weights["b_k"], num_heads)
    v = split_heads(key @ weights["W_v"] + weights["b_v"], num_heads)
    heads, attention_weights = scaled_dot_product_attention(q, k, v, mask)
    return merge_heads(heads) @ weights["W_o"], attention_weights


@wrong("multi_head_attention", "two mistakes", "not_scaled", "mask_dropped")
def own_attention_unscaled_unmasked(*, query, key, value, weights, num_heads, mask=None):
    q = split_heads(query @ weights["W_q"] + weights["b_q"], num_heads)
    k = split_heads(key @ weights["W_k"] + weights["b_k"], num_heads)
    v = split_heads(value @ weights["W_v"] + weights["b_v"], num_heads)
    exps = np.exp(q @ k.transpose(0, 1, 3, 2))
    attention_weights = exps / exps.sum(axis=-1, keepdims=True)
    return merge_heads(attention_weights @ v) @ weights["W_o"] + weights["b_o"], attention_weights


# ---------------------------------------------------------------- find the bug
@wrong("find_the_bug", "nothing happened", "still_by_reshape")
def copied_as_it_was(x, num_heads):
    B, T, d_model = x.shape
    heads = x.reshape(B, num_heads, T, -1)
    output, attention_weights = scaled_dot_product_attention(heads, heads, heads)
    return output.reshape((B, T, d_model)), attention_weights


@wrong("find_the_bug", "half mended", "only_the_split_mended")
def split_mended(x, num_heads):
    B, T, d_model = x.shape
    heads = x.reshape(B, T, num_heads, d_model // num_heads).transpose(0, 2, 1, 3)
    output, attention_weights = scaled_dot_product_attention(heads, heads, heads)
    return output.reshape(B, T, d_model), attention_weights


@wrong("find_the_bug", "half mended", "only_the_merge_mended")
def merge_mended(x, num_heads):
    B, T, d_model = x.shape
    heads = x.reshape(B, num_heads, T, d_model // num_heads)
    output, attention_weights = scaled_dot_product_attention(heads, heads, heads)
    return np.transpose(output, (0, 2, 1, 3)).reshape(B, T, d_model), attention_weights


@wrong("find_the_bug", "half mended", "heads_not_merged")
def heads_returned(x, num_heads):
    heads = split_heads(x, num_heads)
    output, attention_weights = scaled_dot_product_attention(heads, heads, heads)
    return output, attention_weights


@wrong("find_the_bug", "the axes", "other_axes")
def attention_among_the_heads(x, num_heads):
    B, T, d_model = x.shape
    heads = x.reshape(B, T, num_heads, d_model // num_heads)
    output, attention_weights = scaled_dot_product_attention(heads, heads, heads)
    return output.reshape(B, T, d_model), attention_weights


@wrong("find_the_bug", "last step missing", "input_returned")
def x_returned(x, num_heads):
    heads = split_heads(x, num_heads)
    output, attention_weights = scaled_dot_product_attention(heads, heads, heads)
    return x, attention_weights


@wrong("find_the_bug", "another mistake", "weights_averaged_over_heads")
def mean_of_the_weights(x, num_heads):
    heads = split_heads(x, num_heads)
    output, attention_weights = scaled_dot_product_attention(heads, heads, heads)
    return merge_heads(output), attention_weights.mean(axis=1)


@wrong("find_the_bug", "another mistake", "heads_averaged")
def mean_of_the_heads(x, num_heads):
    heads = split_heads(x, num_heads)
    output, attention_weights = scaled_dot_product_attention(heads, heads, heads)
    return output.mean(axis=1), attention_weights


@wrong("find_the_bug", "two mistakes", "only_the_split_mended", "scaled_by_d_model")
def scaled_differently_and_half_mended(x, num_heads):
    B, T, d_model = x.shape
    heads = split_heads(x, num_heads)
    exps = np.exp(heads @ np.swapaxes(heads, -1, -2) / np.sqrt(d_model))
    attention_weights = exps / exps.sum(axis=-1, keepdims=True)
    return (attention_weights @ heads).reshape(B, T, d_model), attention_weights


@wrong("find_the_bug", "two mistakes", "only_the_split_mended", "returned_backwards")
def half_mended_and_backwards(x, num_heads):
    heads = split_heads(x, num_heads)
    output, attention_weights = scaled_dot_product_attention(heads, heads, heads)
    return attention_weights, output.reshape(x.shape)


# ---------------------------------------------------------------- weights as Keras keeps them
@wrong("keras_weights", "the cut", "output_cut_by_columns")
def all_four_alike(weights, num_heads):
    result = []
    for name in "qkvo":
        W, b = weights["W_" + name], weights["b_" + name]
        result.append(W.reshape(len(W), num_heads, -1))
        result.append(b.reshape(num_heads, -1) if name != "o" else b)
    return result


@wrong("keras_weights", "the cut", "input_cut_by_rows")
def rows_everywhere(weights, num_heads):
    d = len(weights["b_q"])
    kernels = [weights[f"W_{n}"].reshape(num_heads, d // num_heads, d) for n in "qkvo"]
    biases = [weights[f"b_{n}"].reshape(num_heads, d // num_heads) for n in "qkv"] + [weights["b_o"]]
    return [array for pair in zip(kernels, biases) for array in pair]


@wrong("keras_weights", "the cut", "heads_first")
def heads_to_the_front(weights, num_heads):
    d = len(weights["b_q"])
    d_k = d // num_heads
    result = []
    for n in "qkv":
        result.append(weights[f"W_{n}"].reshape(d, num_heads, d_k).transpose(1, 0, 2))
        result.append(weights[f"b_{n}"].reshape(num_heads, d_k))
    return result + [weights["W_o"].reshape(num_heads, d_k, d), weights["b_o"]]


@wrong("keras_weights", "the cut", "not_cut")
def kernels_as_they_are(weights, num_heads):
    result = []
    for n in "qkvo":
        result += [weights["W_" + n], weights["b_" + n]]
    return result


@wrong("keras_weights", "the order", "kernels_before_biases")
def first_all_kernels(weights, num_heads):
    d = len(weights["b_q"])
    d_k = d // num_heads
    kernels = [weights[f"W_{n}"].reshape(d, num_heads, d_k) for n in "qkv"] + [
        weights["W_o"].reshape(num_heads, d_k, d)
    ]
    biases = [weights[f"b_{n}"].reshape(num_heads, d_k) for n in "qkv"] + [weights["b_o"]]
    return kernels + biases


@wrong("keras_weights", "transposed", "transposed_first")
def as_torch_keeps_them(weights, num_heads):
    d = len(weights["b_q"])
    d_k = d // num_heads
    cut = []
    for n in "qkv":
        cut.append(weights[f"W_{n}"].T.reshape(d, num_heads, d_k))
        cut.append(weights[f"b_{n}"].reshape(num_heads, d_k))
    return [*cut, weights["W_o"].T.reshape(num_heads, d_k, d), weights["b_o"]]


@wrong("keras_weights", "the form of the result", says=r"list of eight|eight arrays")
def a_dictionary(weights, num_heads):
    d = len(weights["b_q"])
    d_k = d // num_heads
    return {n: weights[f"W_{n}"].reshape(d, num_heads, d_k) for n in "qkv"}


@wrong("keras_weights", "the form of the result", says=r"8 things|eight arrays")
def pairs_in_a_list(weights, num_heads):
    d = len(weights["b_q"])
    d_k = d // num_heads
    cut = [(weights[f"W_{n}"].reshape(d, num_heads, d_k), weights[f"b_{n}"].reshape(num_heads, d_k)) for n in "qkv"]
    return [*cut, (weights["W_o"].reshape(num_heads, d_k, d), weights["b_o"])]


@wrong("keras_weights", "two mistakes", "output_cut_by_columns", "output_bias_cut")
def output_like_the_others(weights, num_heads):
    d = len(weights["b_q"])
    result = []
    for n in ("q", "k", "v", "o"):
        result.append(weights[f"W_{n}"].reshape(d, num_heads, d // num_heads))
        result.append(weights[f"b_{n}"].reshape(num_heads, d // num_heads))
    return result


@wrong("keras_weights", "two mistakes", "output_cut_by_columns", "kernels_before_biases")
def columns_and_kernels_first(weights, num_heads):
    d = len(weights["b_q"])
    kernels = [weights[f"W_{n}"].reshape(d, num_heads, -1) for n in "qkvo"]
    biases = [weights[f"b_{n}"].reshape(num_heads, -1) for n in "qkv"]
    return [*kernels, *biases, weights["b_o"]]


@wrong("keras_weights", "two mistakes", "another_order", "output_cut_by_columns")
def value_before_key_and_columns(weights, num_heads):
    d = len(weights["b_q"])
    result = []
    for n in "qvko":
        result.append(weights[f"W_{n}"].reshape(d, num_heads, -1))
        result.append(weights[f"b_{n}"].reshape(num_heads, -1) if n != "o" else weights["b_o"])
    return result


# ---------------------------------------------------------------- the layer
class Right(Layer):
    """What most of the layers below have in common."""

    def __init__(self, d_model, num_heads, **kwargs):
        super().__init__(**kwargs)
        if d_model % num_heads != 0:
            raise ValueError(f"d_model = {d_model} cannot be cut into num_heads = {num_heads} equal heads")
        self.d_model, self.num_heads = d_model, num_heads
        self.query_dense = layers.Dense(d_model)
        self.key_dense = layers.Dense(d_model)
        self.value_dense = layers.Dense(d_model)
        self.dense = layers.Dense(d_model)

    def compute_mask(self, inputs, previous_mask):
        return None

    def split(self, x):
        x = tf.reshape(x, [tf.shape(x)[0], -1, self.num_heads, self.d_model // self.num_heads])
        return tf.transpose(x, [0, 2, 1, 3])

    def merge(self, heads):
        return tf.reshape(tf.transpose(heads, [0, 2, 1, 3]), [tf.shape(heads)[0], -1, self.d_model])


@wrong("multi_head_layer", "the heads", "split_by_reshape")
class SplitByReshape(Right):
    def split(self, x):
        return tf.reshape(x, [tf.shape(x)[0], self.num_heads, -1, self.d_model // self.num_heads])

    def call(self, *, query, key, value, mask=None):
        q, k, v = (
            self.split(self.query_dense(query)),
            self.split(self.key_dense(key)),
            self.split(self.value_dense(value)),
        )
        heads, weights = tf_scaled_dot_product_attention(q, k, v, mask)
        return self.dense(self.merge(heads)), weights


@wrong("multi_head_layer", "the heads", "merged_by_reshape")
class MergedByReshape(Right):
    def call(self, *, query, key, value, mask=None):
        q, k, v = (
            self.split(self.query_dense(query)),
            self.split(self.key_dense(key)),
            self.split(self.value_dense(value)),
        )
        heads, weights = tf_scaled_dot_product_attention(q, k, v, mask)
        return self.dense(tf.reshape(heads, [tf.shape(query)[0], -1, self.d_model])), weights


@wrong("multi_head_layer", "projections", "no_output_projection")
class NoLastDense(Right):
    def call(self, *, query, key, value, mask=None):
        q, k, v = (
            self.split(self.query_dense(query)),
            self.split(self.key_dense(key)),
            self.split(self.value_dense(value)),
        )
        heads, weights = tf_scaled_dot_product_attention(q, k, v, mask)
        return self.merge(heads), weights


@wrong("multi_head_layer", "projections", "one_dense_for_all")
class QueryDenseForAll(Right):
    def call(self, *, query, key, value, mask=None):
        q = self.split(self.query_dense(query))
        k = self.split(self.query_dense(key))
        v = self.split(self.query_dense(value))
        heads, weights = tf_scaled_dot_product_attention(q, k, v, mask)
        return self.dense(self.merge(heads)), weights


@wrong("multi_head_layer", "projections", "activation_in_a_dense")
class ReluInside(Right):
    def __init__(self, d_model, num_heads, **kwargs):
        super().__init__(d_model, num_heads, **kwargs)
        self.query_dense = layers.Dense(d_model, activation="relu")
        self.key_dense = layers.Dense(d_model, activation="relu")
        self.value_dense = layers.Dense(d_model, activation="relu")

    def call(self, *, query, key, value, mask=None):
        q, k, v = (
            self.split(self.query_dense(query)),
            self.split(self.key_dense(key)),
            self.split(self.value_dense(value)),
        )
        heads, weights = tf_scaled_dot_product_attention(q, k, v, mask)
        return self.dense(self.merge(heads)), weights


@wrong("multi_head_layer", "the mask", "mask_dropped")
class MaskForgotten(Right):
    def call(self, *, query, key, value, mask=None):
        q, k, v = (
            self.split(self.query_dense(query)),
            self.split(self.key_dense(key)),
            self.split(self.value_dense(value)),
        )
        heads, weights = tf_scaled_dot_product_attention(q, k, v)
        return self.dense(self.merge(heads)), weights


@wrong("multi_head_layer", "copied line", "keys_and_values_from_the_query")
class SelfAttentionAlways(Right):
    def call(self, *, query, key, value, mask=None):
        q, k, v = (
            self.split(self.query_dense(query)),
            self.split(self.key_dense(query)),
            self.split(self.value_dense(query)),
        )
        heads, weights = tf_scaled_dot_product_attention(q, k, v, mask)
        return self.dense(self.merge(heads)), weights


@wrong("multi_head_layer", "refusal", "another_error")
class Asserts(Right):
    def __init__(self, d_model, num_heads, **kwargs):
        assert d_model % num_heads == 0
        super().__init__(d_model, num_heads, **kwargs)

    def call(self, *, query, key, value, mask=None):
        q, k, v = (
            self.split(self.query_dense(query)),
            self.split(self.key_dense(key)),
            self.split(self.value_dense(value)),
        )
        heads, weights = tf_scaled_dot_product_attention(q, k, v, mask)
        return self.dense(self.merge(heads)), weights


@wrong("multi_head_layer", "class", says=r"super\(\)\.__init__")
class NoSuper(Layer):
    def __init__(self, d_model, num_heads, **kwargs):
        self.d_model, self.num_heads = d_model, num_heads
        self.query_dense = layers.Dense(d_model)
        self.key_dense = layers.Dense(d_model)
        self.value_dense = layers.Dense(d_model)
        self.dense = layers.Dense(d_model)

    def call(self, *, query, key, value, mask=None):
        return self.dense(query), None


@wrong("multi_head_layer", "class", says=r"`call`|call")
class ForwardForCall(Right):
    def forward(self, *, query, key, value, mask=None):
        q, k, v = (
            self.split(self.query_dense(query)),
            self.split(self.key_dense(key)),
            self.split(self.value_dense(value)),
        )
        heads, weights = tf_scaled_dot_product_attention(q, k, v, mask)
        return self.dense(self.merge(heads)), weights


@wrong("multi_head_layer", "NumPy in a layer", says=r"NumPy was used inside|could be learned|gradient")
class NumpyInside(Right):
    def call(self, *, query, key, value, mask=None):
        q = split_heads(self.query_dense(query).numpy(), self.num_heads)
        k = split_heads(self.key_dense(key).numpy(), self.num_heads)
        v = split_heads(self.value_dense(value).numpy(), self.num_heads)
        heads, weights = scaled_dot_product_attention(q, k, v, mask)
        return self.dense(merge_heads(heads)), weights


@wrong("multi_head_layer", "two mistakes", "merged_by_reshape", "not_refused")
class ReshapedBackUnrefused(Right):
    def __init__(self, d_model, num_heads, **kwargs):
        Layer.__init__(self, **kwargs)
        self.d_model, self.num_heads = d_model, num_heads
        self.query_dense, self.key_dense = layers.Dense(d_model), layers.Dense(d_model)
        self.value_dense, self.dense = layers.Dense(d_model), layers.Dense(d_model)

    def call(self, *, query, key, value, mask=None):
        q, k, v = (
            self.split(self.query_dense(query)),
            self.split(self.key_dense(key)),
            self.split(self.value_dense(value)),
        )
        heads, weights = tf_scaled_dot_product_attention(q, k, v, mask)
        return self.dense(tf.reshape(heads, [tf.shape(query)[0], -1, self.d_model])), weights


@wrong("multi_head_layer", "two mistakes", "no_output_projection", "mask_dropped")
class NoLastDenseNoMask(Right):
    def call(self, *, query, key, value, mask=None):
        q, k, v = (
            self.split(self.query_dense(query)),
            self.split(self.key_dense(key)),
            self.split(self.value_dense(value)),
        )
        heads, weights = tf_scaled_dot_product_attention(q, k, v)
        return self.merge(heads), weights


@wrong("multi_head_layer", "two mistakes", "mask_dropped", "unclear_error")
class NoMaskAndShortMessage(Right):
    def __init__(self, d_model, num_heads, **kwargs):
        if d_model % num_heads:
            raise ValueError("not divisible")
        super().__init__(d_model, num_heads, **kwargs)

    def call(self, *, query, key, value, mask=None):
        q, k, v = (
            self.split(self.query_dense(query)),
            self.split(self.key_dense(key)),
            self.split(self.value_dense(value)),
        )
        heads, weights = tf_scaled_dot_product_attention(q, k, v)
        return self.dense(self.merge(heads)), weights


# ---------------------------------------------------------------- containers, parts, and what is added
@wrong("keras_weights", "the form of the result", says=r"You returned pairs: return all 8")
def kernels_with_their_biases(weights, num_heads):
    d = len(weights["b_q"])
    pairs = [(weights[f"W_{n}"].reshape(d, num_heads, -1), weights[f"b_{n}"].reshape(num_heads, -1)) for n in "qkv"]
    return [*pairs, (weights["W_o"].reshape(num_heads, -1, d), weights["b_o"])]


@wrong("keras_weights", "the form of the result", says=r"You returned groups of 4")
def kernels_and_biases_apart(weights, num_heads):
    d = len(weights["b_q"])
    kernels = [weights[f"W_{n}"].reshape(d, num_heads, -1) for n in "qkv"]
    biases = [weights[f"b_{n}"].reshape(num_heads, -1) for n in "qkv"]
    return [*kernels, weights["W_o"].reshape(num_heads, -1, d)], [*biases, weights["b_o"]]


@wrong("keras_weights", "loop", says=r"Is `return` inside the loop\?")
def returned_with_the_query(weights, num_heads):
    d, out = len(weights["b_q"]), []
    for n in "qkv":
        out.append(weights["W_" + n].reshape(d, num_heads, -1))
        out.append(weights["b_" + n].reshape(num_heads, -1))
        return out


@wrong("keras_weights", "copied line", says=r"`key_kernel` and `value_kernel` are what `query_kernel` should be")
def one_kernel_for_three(weights, num_heads):
    d, out = len(weights["b_q"]), []
    for n in "qkv":
        out += [weights["W_q"].reshape(d, num_heads, -1), weights["b_" + n].reshape(num_heads, -1)]
    return [*out, weights["W_o"].reshape(num_heads, -1, d), weights["b_o"]]


@wrong("keras_weights", "wrong order", says=r"All is there, but in another order")
def output_in_front(weights, num_heads):
    d, out = len(weights["b_q"]), [weights["W_o"].reshape(num_heads, -1, len(weights["b_q"])), weights["b_o"]]
    for n in "qkv":
        out += [weights["W_" + n].reshape(d, num_heads, -1), weights["b_" + n].reshape(num_heads, -1)]
    return out


@wrong("keras_weights", "transposed", says=r"rows and columns are exchanged")
def numbers_before_heads(weights, num_heads):
    d, out = len(weights["b_q"]), []
    for n in "qkv":
        out += [weights["W_" + n].reshape(d, num_heads, -1).swapaxes(1, 2), weights["b_" + n].reshape(num_heads, -1)]
    return [*out, weights["W_o"].reshape(num_heads, -1, d), weights["b_o"]]


@wrong("split_heads", "the cut", "whole_for_every_head")
def x_for_every_head(x, num_heads):
    if x.shape[-1] % num_heads:
        raise ValueError(f"{x.shape[-1]} is no multiple of {num_heads}")
    return np.stack([x] * num_heads, axis=1)


@wrong("split_heads", "the scale", says=r"divided by num_heads, in every case")
def heads_weighted_alike(x, num_heads):
    return split_heads(x, num_heads) / num_heads


@wrong("split_heads", "loop", says=r"first or its last one|first of 2 alone")
def all_heads_but_the_last(x, num_heads):
    if x.shape[-1] % num_heads:
        raise ValueError(f"{x.shape[-1]} is no multiple of {num_heads}")
    d_k = x.shape[-1] // num_heads
    return np.stack([x[:, :, h * d_k : (h + 1) * d_k] for h in range(num_heads - 1)], axis=1)


@wrong("merge_heads", "the heads", "heads_averaged")
def largest_of_the_heads(x):
    return x.max(axis=1)


@wrong("merge_heads", "the axes", says=r"would part the axes that are joined")
def positions_joined_too(x):
    return x.transpose(0, 2, 1, 3).reshape(len(x), -1)


@wrong("merge_heads", "the axes", says=r"x\.transpose\(1, 0, 2\)` would put the axes in order")
def batch_and_positions_exchanged(x):
    B, H, T, d_k = x.shape
    return x.transpose(2, 0, 1, 3).reshape(T, B, H * d_k)


@wrong("find_the_bug", "something added", says=r"with the argument `x` added")
def words_added_to_what_they_hear(x, num_heads):
    heads = split_heads(x, num_heads)
    output, weights = scaled_dot_product_attention(heads, heads, heads)
    return x + merge_heads(output), weights


@wrong("find_the_bug", "the heads", "other_axes_merged")
def ends_exchanged_when_merging(x, num_heads):
    heads = split_heads(x, num_heads)
    output, weights = scaled_dot_product_attention(heads, heads, heads)
    return output.transpose(0, 3, 2, 1).reshape(x.shape), weights


@wrong("multi_head_attention", "something added", says=r"with the argument `b_o` added")
def output_bias_twice(*, query, key, value, weights, num_heads, mask=None):
    projected = zip((query, key, value), "qkv", strict=True)
    q, k, v = (split_heads(x @ weights["W_" + n] + weights["b_" + n], num_heads) for x, n in projected)
    heads, attention_weights = scaled_dot_product_attention(q, k, v, mask)
    output = merge_heads(heads) @ weights["W_o"] + weights["b_o"]
    return output + weights["b_o"], attention_weights


@wrong("multi_head_attention", "another function", says=r"but 0 for negative ones")
def output_through_a_relu(*, query, key, value, weights, num_heads, mask=None):
    projected = zip((query, key, value), "qkv", strict=True)
    q, k, v = (split_heads(x @ weights["W_" + n] + weights["b_" + n], num_heads) for x, n in projected)
    heads, attention_weights = scaled_dot_product_attention(q, k, v, mask)
    return np.maximum(merge_heads(heads) @ weights["W_o"] + weights["b_o"], 0), attention_weights


@wrong("multi_head_attention", "the mask", says=r"Some weights are 0 where none should be")
def nothing_behind_the_query(*, query, key, value, weights, num_heads, mask=None):
    projected = zip((query, key, value), "qkv", strict=True)
    q, k, v = (split_heads(x @ weights["W_" + n] + weights["b_" + n], num_heads) for x, n in projected)
    triangle = np.triu(np.ones((query.shape[1], key.shape[1])), k=1)
    heads, attention_weights = scaled_dot_product_attention(q, k, v, triangle)
    return merge_heads(heads) @ weights["W_o"] + weights["b_o"], attention_weights


@wrong("multi_head_attention", "the heads", says=r"sum of what is expected along axis 1")
def weights_added_over_heads(*, query, key, value, weights, num_heads, mask=None):
    projected = zip((query, key, value), "qkv", strict=True)
    q, k, v = (split_heads(x @ weights["W_" + n] + weights["b_" + n], num_heads) for x, n in projected)
    heads, attention_weights = scaled_dot_product_attention(q, k, v, mask)
    return merge_heads(heads) @ weights["W_o"] + weights["b_o"], attention_weights.sum(axis=1)
