"""Wrong answers to chapter 03, as learners write them, and what each should be told."""

import math

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from autograder.course.wrong_answers import wrong


# ---------------------------------------------------------------- what stands in the notebook
def additive_scores(s_prev, H, W_b, W_c, w_a):
    return np.tanh(W_b @ s_prev + H @ W_c.T) @ w_a


def masked_softmax(scores, mask):
    scores = np.where(mask == 1, -1e9, scores)
    exps = np.where(mask == 1, 0, np.exp(scores - np.max(scores, axis=-1, keepdims=True, initial=-1e9)))
    total = exps.sum(axis=-1, keepdims=True)
    return exps / np.where(total == 0, 1, total)


def context_vector(weights, H):
    return np.sum(weights[..., np.newaxis] * H, axis=-2)


def decoder_input(x_t, context):
    return np.concatenate([x_t, context])


class BahdanauAttention(layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.values_dense = layers.Dense(units)
        self.query_dense = layers.Dense(units)
        self.score_dense = layers.Dense(1)

    def compute_mask(self, inputs, previous_mask):
        return None

    def call(self, values, query, values_mask=None):
        scores = self.score_dense(tf.tanh(self.values_dense(values) + self.query_dense(query)[:, tf.newaxis]))
        if values_mask is None:
            weights = tf.nn.softmax(scores, axis=1)
        else:
            keep = values_mask[:, :, tf.newaxis]
            weights = tf.where(keep, tf.nn.softmax(tf.where(keep, scores, -1e9), axis=1), 0.0)
        return tf.reduce_sum(weights * values, axis=1), weights


# ---------------------------------------------------------------- additive_scores
@wrong("additive_scores", "a part left out", "tanh_missing")
def linear(s_prev, H, W_b, W_c, w_a):
    query = np.dot(W_b, s_prev)
    keys = np.dot(H, W_c.T)
    return np.dot(query + keys, w_a)


@wrong("additive_scores", "a part left out", "state_left_out")
def only_keys(s_prev, H, W_b, W_c, w_a):
    scores = []
    for h in H:
        scores.append(w_a @ np.tanh(W_c @ h))
    return np.array(scores)


@wrong("additive_scores", "a part left out", "w_a_missing")
def units_summed(s_prev, H, W_b, W_c, w_a):
    return np.sum(np.tanh(W_b @ s_prev + H @ W_c.T), axis=1)


@wrong("additive_scores", "entrywise product", "not_summed")
def units_weighted(s_prev, H, W_b, W_c, w_a):
    return np.tanh(W_b @ s_prev + H @ W_c.T) * w_a


@wrong("additive_scores", "sum without axis", "everything_summed")
def one_score(s_prev, H, W_b, W_c, w_a):
    return np.sum(w_a * np.tanh(W_b @ s_prev + H @ W_c.T))


@wrong("additive_scores", "last value only", "one_returned")
def overwritten_score(s_prev, H, W_b, W_c, w_a):
    for h in H:
        score = w_a @ np.tanh(W_b @ s_prev + W_c @ h)
    return score


@wrong("additive_scores", "return in the loop", "one_returned")
def first_score(s_prev, H, W_b, W_c, w_a):
    scores = []
    for i in range(len(H)):
        e = w_a @ np.tanh(W_b @ s_prev + W_c @ H[i])
        scores.append(e)
        return np.array(scores)


@wrong("additive_scores", "list not reset", "not_reset")
def running(s_prev, H, W_b, W_c, w_a):
    scores = np.zeros(len(H))
    total = 0
    for i in range(len(H)):
        for k in range(len(w_a)):
            total += w_a[k] * np.tanh(W_b[k] @ s_prev + W_c[k] @ H[i])
        scores[i] = total
    return scores


@wrong("additive_scores", "the last step missing", "zeros_returned")
def untouched_zeros(s_prev, H, W_b, W_c, w_a):
    e = np.zeros(H.shape[0])
    for i, h in enumerate(H):
        e_i = w_a @ np.tanh(W_b @ s_prev + W_c @ h)
    return e


@wrong("additive_scores", "the last step missing", says=r"one number for each unit|unit is left over")
def hidden_layer(s_prev, H, W_b, W_c, w_a):
    hidden = np.tanh(W_b @ s_prev + H @ W_c.T)
    return hidden


@wrong("additive_scores", "wrong variable", "positions_left_out")
def wrong_vector(s_prev, H, W_b, W_c, w_a):
    scores = []
    for h in H:
        scores.append(w_a @ np.tanh(W_b @ s_prev))
    return np.array(scores)


@wrong("additive_scores", "sign", "subtracted")
def difference(s_prev, H, W_b, W_c, w_a):
    return np.tanh(W_b @ s_prev - H @ W_c.T) @ w_a


@wrong("additive_scores", "too much", "weights_returned")
def softmaxed(s_prev, H, W_b, W_c, w_a):
    e = np.tanh(W_b @ s_prev + H @ W_c.T) @ w_a
    return np.exp(e) / np.sum(np.exp(e))


@wrong("additive_scores", "rounded", says=r"[Rr]ound")
def rounded(s_prev, H, W_b, W_c, w_a):
    return (np.tanh(W_b @ s_prev + H @ W_c.T) @ w_a).round(2)


@wrong("additive_scores", "two mistakes", "tanh_missing", "w_a_missing")
def plain_sum_of_units(s_prev, H, W_b, W_c, w_a):
    return (W_b @ s_prev + H @ W_c.T).sum(axis=1)


@wrong("additive_scores", "weights without a tanh", "weights_returned")
def linear_softmax(s_prev, H, W_b, W_c, w_a):
    e = (W_b @ s_prev + H @ W_c.T) @ w_a
    e = np.exp(e - e.max())
    return e / e.sum()


@wrong("additive_scores", "two mistakes", "subtracted", "w_a_missing")
def difference_summed(s_prev, H, W_b, W_c, w_a):
    return np.tanh(H @ W_c.T - W_b @ s_prev).sum(axis=-1)


@wrong("additive_scores", "weights without the state", "weights_returned")
def location_weights(s_prev, H, W_b, W_c, w_a):
    e = np.tanh(H @ W_c.T) @ w_a
    return np.exp(e) / np.exp(e).sum()


@wrong("additive_scores", "two mistakes", "another_squashing", "w_a_missing")
def sigmoid_mean(s_prev, H, W_b, W_c, w_a):
    z = W_b @ s_prev + H @ W_c.T
    return np.sum(1 / (1 + np.exp(-z)), axis=1)


@wrong("additive_scores", "two mistakes", "scaled", "tanh_missing")
def scaled_linear(s_prev, H, W_b, W_c, w_a):
    return (W_b @ s_prev + H @ W_c.T) @ w_a / np.sqrt(len(w_a))


@wrong("additive_scores", "two mistakes", "multiplied", "w_a_missing")
def products_of_units(s_prev, H, W_b, W_c, w_a):
    return np.sum(np.tanh((W_b @ s_prev) * (H @ W_c.T)), axis=-1)


@wrong("additive_scores", "wrong bracket", "tanh_at_the_end")
def w_a_inside(s_prev, H, W_b, W_c, w_a):
    return np.tanh((W_b @ s_prev + H @ W_c.T) @ w_a)


@wrong("additive_scores", "wrong bracket", "tanh_of_one_part")
def tanh_of_the_query(s_prev, H, W_b, W_c, w_a):
    return (np.tanh(W_b @ s_prev) + H @ W_c.T) @ w_a


@wrong("additive_scores", "joined", "w_a_missing")
def mean_of_units(s_prev, H, W_b, W_c, w_a):
    hidden = np.tanh(np.dot(H, W_c.T) + np.dot(W_b, s_prev))
    return np.mean(hidden, axis=1)


@wrong("additive_scores", "absolute", "absolute_values")
def absolute(s_prev, H, W_b, W_c, w_a):
    return np.abs(np.tanh(W_b @ s_prev + H @ W_c.T) @ w_a)


@wrong("additive_scores", "two mistakes", "scaled", "weights_returned")
def scaled_weights(s_prev, H, W_b, W_c, w_a):
    e = np.tanh(W_b @ s_prev + H @ W_c.T) @ w_a / np.sqrt(len(w_a))
    e = np.exp(e - e.max())
    return e / e.sum()


@wrong("additive_scores", "two mistakes", "another_squashing", "weights_returned")
def relu_weights(s_prev, H, W_b, W_c, w_a):
    e = np.maximum(W_b @ s_prev + H @ W_c.T, 0) @ w_a
    return np.exp(e) / np.sum(np.exp(e))


@wrong("additive_scores", "two mistakes", "one_returned", "tanh_missing")
def last_linear_score(s_prev, H, W_b, W_c, w_a):
    for h in H:
        score = w_a @ (W_b @ s_prev + W_c @ h)
    return score


# ---------------------------------------------------------------- masked_softmax
@wrong("masked_softmax", "edge case", "even_weights_for_all_padding")
def minus_a_billion(scores, mask):
    scores = np.where(mask == 1, -1e9, scores)
    e = np.exp(scores - np.max(scores, axis=-1, keepdims=True, initial=-1e9))
    return e / np.sum(e, axis=-1, keepdims=True)


@wrong("masked_softmax", "edge case", "nan_for_all_padding")
def minus_infinity(scores, mask):
    s = np.where(mask, -np.inf, scores)
    m = np.max(s, axis=-1, keepdims=True, initial=-np.inf)
    e = np.exp(s - m)
    return e / e.sum(axis=-1, keepdims=True)


@wrong("masked_softmax", "polarity", "mask_inverted")
def keeps_ones(scores, mask):
    s = np.where(mask == 1, scores, -1e9)
    e = np.exp(s - s.max(axis=-1, keepdims=True, initial=-1e9))
    return e / e.sum(axis=-1, keepdims=True)


@wrong("masked_softmax", "left out", "mask_dropped")
def no_mask(scores, mask):
    e = np.exp(scores - scores.max(axis=-1, keepdims=True, initial=-1e9))
    return e / e.sum(axis=-1, keepdims=True)


@wrong("masked_softmax", "left out", "mask_dropped")
def result_not_kept(scores, mask):
    np.where(mask == 1, -1e9, scores)
    e = np.exp(scores - np.max(scores, axis=-1, keepdims=True, initial=-np.inf))
    return e / e.sum(axis=-1, keepdims=True)


@wrong("masked_softmax", "after the softmax", "mask_after_softmax")
def times_one_minus_mask(scores, mask):
    e = np.exp(scores - scores.max(axis=-1, keepdims=True, initial=-np.inf))
    w = e / e.sum(axis=-1, keepdims=True)
    return w * (1 - mask)


@wrong("masked_softmax", "the last step missing", "zeros_returned")
def zeros_like_scores(scores, mask):
    weights = np.zeros_like(scores)
    s = np.where(mask == 1, -1e9, scores)
    e = np.exp(s - s.max(axis=-1, keepdims=True, initial=-1e9)) * (1 - mask)
    total = e.sum(axis=-1, keepdims=True)
    for w in weights:
        w = e / np.where(total == 0, 1, total)
    return weights


@wrong("masked_softmax", "the last step missing", "not_normalised")
def exponentials_left(scores, mask):
    s = np.where(mask == 1, -1e9, scores)
    return np.where(mask == 1, 0, np.exp(s - s.max(axis=-1, keepdims=True, initial=-1e9)))


@wrong("masked_softmax", "hard maximum", "hard_maximum")
def argmax_weights(scores, mask):
    s = np.where(mask == 1, -1e9, scores)
    best = s.max(axis=-1, keepdims=True, initial=-1e9)
    return np.where((s == best) & (mask == 0), 1.0, 0.0)


@wrong("masked_softmax", "torch habit", says=r"masked_fill|np\.where")
def masked_fill(scores, mask):
    scores = scores.masked_fill(mask == 1, -1e9)
    e = np.exp(scores)
    return e / e.sum(-1, keepdims=True)


@wrong("masked_softmax", "integer mask", "mask_dropped")
def tilde(scores, mask):
    s = np.where(~mask, scores, -1e9)
    e = np.exp(s - s.max(axis=-1, keepdims=True, initial=-1e9))
    return e / e.sum(axis=-1, keepdims=True)


@wrong("masked_softmax", "exponent forgotten", "exponential_forgotten")
def shares_of_scores(scores, mask):
    visible = scores * (1 - mask)
    total = visible.sum(axis=-1, keepdims=True)
    return visible / np.where(total == 0, 1, total)


@wrong("masked_softmax", "two mistakes", "mask_inverted", "softmax_over_the_batch")
def inverted_axis_zero(scores, mask):
    s = np.where(mask == 0, -1e9, scores)
    e = np.exp(s - s.max(axis=0, keepdims=True, initial=-1e9))
    return e / e.sum(axis=0, keepdims=True)


@wrong("masked_softmax", "two mistakes", "mask_after_softmax", "overflow")
def naive_and_late(scores, mask):
    e = np.exp(scores)
    return e / e.sum(axis=-1, keepdims=True) * (1 - mask)


@wrong("masked_softmax", "two mistakes", "mask_dropped", "overflow")
def naive_without_mask(scores, mask):
    e = np.exp(scores)
    return e / e.sum(axis=-1, keepdims=True)


@wrong("masked_softmax", "two mistakes", "mask_inverted", "not_normalised")
def inverted_exponentials(scores, mask):
    s = np.where(mask == 1, scores, -1e9)
    return np.exp(s - s.max(axis=-1, keepdims=True, initial=-1e9))


@wrong("masked_softmax", "two mistakes", "hidden_scores_zero", "softmax_over_everything")
def zero_and_flat(scores, mask):
    s = scores * (1 - mask)
    e = np.exp(s - np.max(s, initial=-np.inf))
    return e / e.sum()


@wrong("masked_softmax", "two mistakes", "mask_after_softmax", "softmax_over_everything")
def late_and_flat(scores, mask):
    e = np.exp(scores - np.max(scores, initial=-np.inf))
    w = e / np.sum(e)
    return np.where(mask == 1, 0.0, w)


@wrong("masked_softmax", "two mistakes", "mask_added", "overflow")
def added_and_naive(scores, mask):
    e = np.exp(scores + mask)
    return e / e.sum(axis=-1, keepdims=True)


@wrong("masked_softmax", "multiplied", "mask_multiplied")
def product_with_the_mask(scores, mask):
    s = scores * mask
    e = np.exp(s - s.max(axis=-1, keepdims=True, initial=-np.inf))
    return e / e.sum(axis=-1, keepdims=True)


@wrong("masked_softmax", "sum without axis", "softmax_over_everything")
def total_of_all(scores, mask):
    s = np.where(mask == 1, -1e9, scores)
    e = np.where(mask == 1, 0, np.exp(s - s.max(axis=-1, keepdims=True, initial=-1e9)))
    return e / max(e.sum(), 1e-30)


@wrong("masked_softmax", "negative", "sign_turned")
def minus_scores(scores, mask):
    s = np.where(mask == 1, -1e9, -scores)
    e = np.where(mask == 1, 0, np.exp(s - s.max(axis=-1, keepdims=True, initial=-1e9)))
    total = e.sum(axis=-1, keepdims=True)
    return e / np.where(total == 0, 1, total)


@wrong("masked_softmax", "mean", "divided_by_the_mean")
def over_the_mean(scores, mask):
    s = np.where(mask == 1, -1e9, scores)
    e = np.where(mask == 1, 0, np.exp(s - s.max(axis=-1, keepdims=True, initial=-1e9)))
    if e.shape[-1] == 0:
        return e
    mean = e.mean(axis=-1, keepdims=True)
    return e / np.where(mean == 0, 1, mean)


@wrong("masked_softmax", "two mistakes", "mask_inverted", "mask_after_softmax")
def times_mask(scores, mask):
    e = np.exp(scores - scores.max(axis=-1, keepdims=True, initial=-np.inf))
    return e / e.sum(axis=-1, keepdims=True) * mask


@wrong("masked_softmax", "two mistakes", "mask_dropped", "softmax_over_the_batch")
def axis_zero_no_mask(scores, mask):
    e = np.exp(scores - scores.max(axis=0, keepdims=True, initial=-np.inf))
    return e / e.sum(axis=0, keepdims=True)


# ---------------------------------------------------------------- context_vector
@wrong("context_vector", "one sentence only", "right_for_one_sentence")
def at(weights, H):
    return np.dot(weights, H) if H.ndim == 2 else weights @ H


@wrong("context_vector", "wrong axis", "summed_over_axis_0")
def axis_zero(weights, H):
    return (weights[..., None] * H).sum(axis=0)


@wrong("context_vector", "wrong axis", "summed_over_the_numbers_of_a_state")
def axis_last(weights, H):
    weighted = np.expand_dims(weights, -1) * H
    return weighted.sum(-1)


@wrong("context_vector", "sum without axis", "everything_summed")
def no_axis(weights, H):
    return np.sum(np.expand_dims(weights, -1) * H)


@wrong("context_vector", "the last step missing", "zeros_returned")
def zeros_of_the_context(weights, H):
    context = np.zeros(H.shape[:-2] + H.shape[-1:])
    for t in range(H.shape[-2]):
        context + weights[..., t, None] * H[..., t, :]
    return context


@wrong("context_vector", "loop", "one_position_only")
def equals_for_plus_equals(weights, H):
    context = np.zeros(H.shape[:-2] + H.shape[-1:])
    for t in range(H.shape[-2]):
        context = weights[..., t, None] * H[..., t, :]
    return context


@wrong("context_vector", "input returned", "weights_returned")
def weights_back(weights, H):
    context = np.einsum("...t,...td->...d", weights, H)
    return weights


@wrong("context_vector", "two mistakes", "softmax_again", "mean_for_the_sum")
def softmax_and_mean(weights, H):
    e = np.exp(weights - np.max(weights, axis=-1, keepdims=True, initial=-np.inf))
    w = e / e.sum(axis=-1, keepdims=True)
    return (w[..., None] * H).sum(axis=-2) / H.shape[-2]


@wrong("context_vector", "two mistakes", "softmax_again", "summed_over_the_numbers_of_a_state")
def softmax_and_axis(weights, H):
    e = np.exp(weights)
    w = e / e.sum(axis=-1, keepdims=True)
    return np.sum(w[..., np.newaxis] * H, axis=-1)


@wrong("context_vector", "weights squared", "weights_used_twice")
def squared_weights(weights, H):
    return np.sum((weights**2)[..., None] * H, axis=-2)


@wrong("context_vector", "mean for sum", "mean_for_the_sum")
def mean_axis(weights, H):
    return np.mean(weights[..., np.newaxis] * H, axis=-2)


@wrong("context_vector", "two mistakes", "summed_over_axis_0", "softmax_again")
def axis_and_softmax(weights, H):
    e = np.exp(weights - np.max(weights, axis=-1, keepdims=True, initial=-np.inf))
    w = e / e.sum(axis=-1, keepdims=True)
    return np.sum(w[..., None] * H, axis=0)


# ---------------------------------------------------------------- decoder_input
@wrong("decoder_input", "order", "context_first")
def other_order(x_t, context):
    return np.hstack([context, x_t])


@wrong("decoder_input", "torch habit", says=r"np\.concatenate")
def cat(x_t, context):
    return np.cat([x_t, context], dim=-1)


@wrong("decoder_input", "a list", says=r"list|different shapes")
def list_of_two(x_t, context):
    return [x_t, context]


@wrong("decoder_input", "the last step missing", "zeros_returned")
def nothing_copied(x_t, context):
    both = np.zeros(len(x_t) + len(context))
    for i, v in enumerate(np.concatenate([x_t, context])):
        number = v
    return both


@wrong("decoder_input", "wrong vector copied", "one_vector_twice")
def word_twice(x_t, context):
    return np.concatenate([x_t, x_t])


@wrong("decoder_input", "half filled", "half_filled")
def half_filled(x_t, context):
    both = np.zeros(len(x_t) + len(context))
    both[: len(x_t)] = x_t
    return both


@wrong("decoder_input", "two mistakes", "squashed", "context_first")
def tanh_and_order(x_t, context):
    return np.tanh(np.concatenate((context, x_t)))


# ---------------------------------------------------------------- bahdanau_step
@wrong("bahdanau_step", "order of steps", "scores_from_the_new_state")
def luong_order(x_t, s_prev, H, cell, W_b, W_c, w_a):
    s_t = cell(x_t, s_prev)
    weights = masked_softmax(additive_scores(s_t, H, W_b, W_c, w_a), np.zeros(len(H)))
    context = context_vector(weights, H)
    return cell(decoder_input(x_t, context), s_t), weights


@wrong("bahdanau_step", "a step left out", "context_not_used")
def forgot_context(x_t, s_prev, H, cell, W_b, W_c, w_a):
    scores = additive_scores(s_prev, H, W_b, W_c, w_a)
    weights = masked_softmax(scores, np.zeros_like(scores))
    context = context_vector(weights, H)
    s_t = cell(x_t, s_prev)
    return s_t, weights


@wrong("bahdanau_step", "order", "context_first")
def input_exchanged(x_t, s_prev, H, cell, W_b, W_c, w_a):
    scores = additive_scores(s_prev, H, W_b, W_c, w_a)
    weights = masked_softmax(scores, np.zeros_like(scores))
    context = context_vector(weights, H)
    return cell(decoder_input(context, x_t), s_prev), weights


@wrong("bahdanau_step", "mask of ones", "everything_hidden")
def ones_mask(x_t, s_prev, H, cell, W_b, W_c, w_a):
    scores = additive_scores(s_prev, H, W_b, W_c, w_a)
    weights = masked_softmax(scores, np.ones(len(scores)))
    return cell(decoder_input(x_t, context_vector(weights, H)), s_prev), weights


@wrong("bahdanau_step", "zeros", "context_of_zeros")
def context_prepared(x_t, s_prev, H, cell, W_b, W_c, w_a):
    scores = additive_scores(s_prev, H, W_b, W_c, w_a)
    weights = masked_softmax(scores, np.zeros(len(H)))
    context = np.zeros(H.shape[1])
    for w, h in zip(weights, H):
        context + w * h
    return cell(decoder_input(x_t, context), s_prev), weights


@wrong("bahdanau_step", "two mistakes", "context_first", "scores_as_weights")
def scores_and_order(x_t, s_prev, H, cell, W_b, W_c, w_a):
    scores = additive_scores(s_prev, H, W_b, W_c, w_a)
    context = context_vector(scores, H)
    return cell(decoder_input(context, x_t), s_prev), scores


@wrong("bahdanau_step", "two mistakes", "scores_from_the_new_state", "context_first")
def luong_and_order(x_t, s_prev, H, cell, W_b, W_c, w_a):
    s_t = cell(x_t, s_prev)
    scores = additive_scores(s_t, H, W_b, W_c, w_a)
    weights = masked_softmax(scores, np.zeros(len(H)))
    return cell(np.concatenate([context_vector(weights, H), x_t]), s_prev), weights


@wrong("bahdanau_step", "two mistakes", "context_first", "returned_backwards")
def order_and_return(x_t, s_prev, H, cell, W_b, W_c, w_a):
    weights = masked_softmax(additive_scores(s_prev, H, W_b, W_c, w_a), np.zeros(len(H)))
    s_t = cell(decoder_input(context_vector(weights, H), x_t), s_prev)
    return weights, s_t


@wrong("bahdanau_step", "two mistakes", "state_without_effect", "context_first")
def linear_and_order(x_t, s_prev, H, cell, W_b, W_c, w_a):
    scores = (W_b @ s_prev + H @ W_c.T) @ w_a
    weights = masked_softmax(scores, np.zeros(len(H)))
    return cell(decoder_input(context_vector(weights, H), x_t), s_prev), weights


@wrong("bahdanau_step", "no context, and scores", "context_not_used")
def scores_and_no_context(x_t, s_prev, H, cell, W_b, W_c, w_a):
    scores = additive_scores(s_prev, H, W_b, W_c, w_a)
    return cell(x_t, s_prev), scores


@wrong("bahdanau_step", "wrong vector fed", "last_state_as_context")
def last_encoder_state(x_t, s_prev, H, cell, W_b, W_c, w_a):
    scores = additive_scores(s_prev, H, W_b, W_c, w_a)
    weights = masked_softmax(scores, np.zeros(len(H)))
    context = H[-1] if len(H) else np.zeros(H.shape[1])
    return cell(decoder_input(x_t, context), s_prev), weights


@wrong("bahdanau_step", "word left out", "word_not_used")
def context_for_the_word(x_t, s_prev, H, cell, W_b, W_c, w_a):
    weights = masked_softmax(additive_scores(s_prev, H, W_b, W_c, w_a), np.zeros(len(H)))
    context = context_vector(weights, H)
    return cell(context[: len(x_t) + len(context)], s_prev), weights


@wrong("bahdanau_step", "two mistakes", "states_averaged", "returned_backwards")
def mean_and_backwards(x_t, s_prev, H, cell, W_b, W_c, w_a):
    weights = masked_softmax(additive_scores(s_prev, H, W_b, W_c, w_a), np.zeros(len(H)))
    context = H.mean(axis=0) if len(H) else np.zeros(H.shape[1])
    return weights, cell(decoder_input(x_t, context), s_prev)


@wrong("bahdanau_step", "two mistakes", "scores_from_the_new_state", "scores_as_weights")
def new_state_and_scores(x_t, s_prev, H, cell, W_b, W_c, w_a):
    s_t = cell(x_t, s_prev)
    weights = additive_scores(s_t, H, W_b, W_c, w_a)
    return cell(decoder_input(x_t, context_vector(weights, H)), s_prev), weights


# ---------------------------------------------------------------- find_the_bug_scores
@wrong("find_the_bug_scores", "unchanged", "still_the_wrong_sentence")
def as_before(S_prev, H, W_b, W_c, w_a):
    return np.tanh(S_prev @ W_b.T + H @ W_c.T) @ w_a


@wrong("find_the_bug_scores", "wrong place", "axis_at_the_end")
def axis_behind(S_prev, H, W_b, W_c, w_a):
    state = np.expand_dims(S_prev @ W_b.T, -1)
    return np.tanh(state + H @ W_c.T) @ w_a


@wrong("find_the_bug_scores", "loop", "last_sentence_for_all")
def loop_of_sentences(S_prev, H, W_b, W_c, w_a):
    scores = np.zeros(H.shape[:2])
    for n in range(len(S_prev)):
        scores[:] = np.tanh(W_b @ S_prev[n] + H[n] @ W_c.T) @ w_a
    return scores


@wrong("find_the_bug_scores", "loop", "one_state_for_all")
def first_state(S_prev, H, W_b, W_c, w_a):
    return np.tanh(W_b @ S_prev[0] + H @ W_c.T) @ w_a


@wrong("find_the_bug_scores", "the last step missing", "zeros_returned")
def zeros_of_scores(S_prev, H, W_b, W_c, w_a):
    scores = np.zeros((H.shape[0], H.shape[1]))
    for row, s, h in zip(scores, S_prev, H):
        row = np.tanh(W_b @ s + h @ W_c.T) @ w_a
    return scores


@wrong("find_the_bug_scores", "two mistakes", "one_state_for_all", "tanh_lost")
def first_and_linear(S_prev, H, W_b, W_c, w_a):
    return (W_b @ S_prev[0] + H @ W_c.T) @ w_a


@wrong("find_the_bug_scores", "two mistakes", "w_a_lost", "tanh_lost")
def linear_sum(S_prev, H, W_b, W_c, w_a):
    return np.sum((S_prev @ W_b.T)[:, None, :] + H @ W_c.T, axis=-1)


@wrong("find_the_bug_scores", "two mistakes", "state_left_out", "weights_returned")
def keys_and_softmax(S_prev, H, W_b, W_c, w_a):
    e = np.exp(np.tanh(H @ W_c.T) @ w_a)
    return e / e.sum(axis=1, keepdims=True)


@wrong("find_the_bug_scores", "transposed", says=r"shape|axis|broadcast")
def transposed_states(S_prev, H, W_b, W_c, w_a):
    return np.tanh((S_prev @ W_b.T).T + H @ W_c.T) @ w_a


@wrong("find_the_bug_scores", "two mistakes", "axis_at_the_end", "w_a_lost")
def behind_and_sum(S_prev, H, W_b, W_c, w_a):
    return np.tanh((S_prev @ W_b.T)[..., np.newaxis] + H @ W_c.T).sum(axis=-1)


@wrong("find_the_bug_scores", "two mistakes", "states_averaged", "weights_returned")
def mean_and_softmax(S_prev, H, W_b, W_c, w_a):
    e = np.exp(np.tanh(W_b @ S_prev.mean(axis=0) + H @ W_c.T) @ w_a)
    return e / e.sum(axis=-1, keepdims=True)


# ---------------------------------------------------------------- bahdanau_layer
def layer_with(call):
    """Return a layer with the three Dense layers that the task names, and this `call`."""

    class BahdanauAttention(layers.Layer):
        def __init__(self, units, **kwargs):
            super().__init__(**kwargs)
            self.values_dense = layers.Dense(units)
            self.query_dense = layers.Dense(units)
            self.score_dense = layers.Dense(1)

        def compute_mask(self, inputs, previous_mask):
            return None

    BahdanauAttention.call = call
    return BahdanauAttention


def scores_of(self, values, query):
    """Return the scores (B, T, 1), which are right."""
    return self.score_dense(tf.tanh(self.values_dense(values) + self.query_dense(query)[:, tf.newaxis]))


def call_with(check, kind, *names, says=""):
    """Collect the layer whose `call` stands below."""

    def collect(call):
        wrong(check, kind, *names, says=says)(layer_with(call))
        return call

    return collect


@call_with("bahdanau_layer", "axis", "softmax_over_the_last_axis")
def last_axis(self, values, query, values_mask=None):
    scores = scores_of(self, values, query)
    if values_mask is not None:
        scores = tf.where(values_mask[:, :, tf.newaxis], scores, -1e9)
    weights = tf.nn.softmax(scores)
    return tf.reduce_sum(weights * values, axis=1), weights


@call_with("bahdanau_layer", "polarity", "mask_inverted")
def true_hides(self, values, query, values_mask=None):
    scores = scores_of(self, values, query)
    if values_mask is not None:
        scores += tf.cast(values_mask, tf.float32)[:, :, tf.newaxis] * -1e9
    weights = tf.nn.softmax(scores, axis=1)
    return tf.reduce_sum(weights * values, axis=1), weights


@call_with("bahdanau_layer", "edge case", "even_weights_for_all_padding")
def shares_evenly(self, values, query, values_mask=None):
    scores = scores_of(self, values, query)
    if values_mask is not None:
        scores = tf.where(tf.expand_dims(values_mask, -1), scores, -1e9)
    weights = tf.nn.softmax(scores, axis=1)
    return tf.reduce_sum(weights * values, axis=1), weights


@call_with("bahdanau_layer", "left out", "mask_dropped")
def mask_unused(self, values, query, values_mask=None):
    scores = scores_of(self, values, query)
    weights = tf.nn.softmax(scores, axis=1)
    return tf.reduce_sum(weights * values, axis=1), weights


@call_with("bahdanau_layer", "wrong axis of the sum", "context_over_the_features")
def sums_features(self, values, query, values_mask=None):
    scores = scores_of(self, values, query)
    if values_mask is None:
        weights = tf.nn.softmax(scores, axis=1)
    else:
        keep = values_mask[:, :, None]
        weights = tf.where(keep, tf.nn.softmax(tf.where(keep, scores, -1e9), axis=1), 0.0)
    return tf.reduce_sum(weights * values, axis=-1), weights


@call_with("bahdanau_layer", "torch habit", says=r"unsqueeze|expand_dims|newaxis")
def unsqueezed(self, values, query, values_mask=None):
    scores = self.score_dense(tf.tanh(self.values_dense(values) + self.query_dense(query).unsqueeze(1)))
    weights = tf.nn.softmax(scores, axis=1)
    return tf.reduce_sum(weights * values, axis=1), weights


@call_with("bahdanau_layer", "two mistakes", "tanh_missing", "mask_dropped")
def linear_without_mask(self, values, query, values_mask=None):
    scores = self.score_dense(self.values_dense(values) + tf.expand_dims(self.query_dense(query), 1))
    weights = tf.nn.softmax(scores, axis=1)
    return tf.reduce_sum(weights * values, axis=1), weights


@call_with("bahdanau_layer", "two mistakes", "mask_dropped", "context_averaged")
def averaged_without_mask(self, values, query, values_mask=None):
    weights = tf.nn.softmax(scores_of(self, values, query), axis=1)
    return tf.reduce_mean(weights * values, axis=1), weights


@call_with("bahdanau_layer", "two mistakes", "projected_values_mixed", "even_weights_for_all_padding")
def projected_and_even(self, values, query, values_mask=None):
    keys = self.values_dense(values)
    scores = self.score_dense(tf.tanh(keys + self.query_dense(query)[:, None]))
    if values_mask is not None:
        scores = tf.where(values_mask[..., None], scores, -1e9)
    weights = tf.nn.softmax(scores, axis=1)
    return tf.reduce_sum(weights * keys, axis=1), weights


@call_with("bahdanau_layer", "two mistakes", "mask_inverted", "returned_backwards")
def inverted_and_backwards(self, values, query, values_mask=None):
    scores = scores_of(self, values, query)
    if values_mask is not None:
        scores = tf.where(values_mask[:, :, None], -1e9, scores)
    weights = tf.nn.softmax(scores, axis=1)
    return weights, tf.reduce_sum(weights * values, axis=1)


# ---------------------------------------------------------------- find_the_bug_mask
def mended_with(call):
    """Return a function that gives a layer with this `call`, as the task wants it."""

    class Mended(layers.Layer):
        def compute_mask(self, inputs, previous_mask):
            return None

    Mended.call = call

    def mended_attention():
        return Mended()

    return mended_attention


def bug_call(kind, *names, says=""):
    """Collect the function whose layer has the `call` below."""

    def collect(call):
        wrong("find_the_bug_mask", kind, *names, says=says)(mended_with(call))
        return call

    return collect


@bug_call("unchanged", "still_no_mask")
def still_mask(self, values, query, mask=None):
    scores = tf.reduce_sum(values * query[:, tf.newaxis], axis=-1)
    if mask is not None:
        scores = tf.where(mask, scores, -1e9)
    weights = tf.nn.softmax(scores, axis=1)
    return tf.reduce_sum(weights[:, :, tf.newaxis] * values, axis=1), weights


@bug_call("wrong name", "still_no_mask")
def query_mask(self, values, query, query_mask=None):
    scores = tf.reduce_sum(values * query[:, tf.newaxis], axis=-1)
    if query_mask is not None:
        scores = tf.where(query_mask, scores, -1e9)
    weights = tf.nn.softmax(scores, axis=1)
    return tf.reduce_sum(weights[:, :, tf.newaxis] * values, axis=1), weights


@bug_call("polarity", "mask_inverted")
def numpy_polarity(self, values, query, values_mask=None):
    scores = tf.reduce_sum(values * query[:, tf.newaxis], axis=-1)
    if values_mask is not None:
        scores = tf.where(values_mask, -1e9, scores)
    weights = tf.nn.softmax(scores, axis=1)
    return tf.reduce_sum(weights[:, :, tf.newaxis] * values, axis=1), weights


@bug_call("two mistakes", "still_no_mask", "softmax_over_the_batch")
def no_mask_axis_zero(self, values, query, mask=None):
    scores = tf.reduce_sum(values * query[:, tf.newaxis], axis=-1)
    weights = tf.nn.softmax(scores, axis=0)
    return tf.reduce_sum(weights[:, :, tf.newaxis] * values, axis=1), weights


@bug_call("two mistakes", "still_no_mask", "context_over_the_batch")
def no_mask_sum_zero(self, values, query, mask=None):
    scores = tf.reduce_sum(values * query[:, tf.newaxis], axis=-1)
    weights = tf.nn.softmax(scores, axis=1)
    return tf.reduce_sum(weights[:, :, tf.newaxis] * values, axis=0), weights


# ---------------------------------------------------------------- classifier
@wrong("classifier", "activation", "relu_missing")
def no_relu(vocab_size, max_len, embedding_dim=128, lstm_units=64, attention_units=64):
    inputs = keras.Input(shape=(max_len,))
    x = layers.Embedding(vocab_size, embedding_dim, mask_zero=True)(inputs)
    x = layers.Bidirectional(layers.LSTM(lstm_units, return_sequences=True, dropout=0.5))(x)
    lstm = layers.Bidirectional(layers.LSTM(lstm_units, return_sequences=True, return_state=True, dropout=0.5))
    outputs, fh, fc, bh, bc = lstm(x)
    context, weights = BahdanauAttention(attention_units)(outputs, layers.Concatenate()([fh, bh]))
    x = layers.Dense(20)(context)
    x = layers.Dropout(0.5)(x)
    return keras.Model(inputs, layers.Dense(1, activation="sigmoid")(x))


@wrong("classifier", "left out", "padding_not_masked")
def no_mask_zero(vocab_size, max_len, embedding_dim=128, lstm_units=64, attention_units=64):
    inputs = keras.Input(shape=(max_len,))
    x = layers.Embedding(vocab_size, embedding_dim)(inputs)
    x = layers.Bidirectional(layers.LSTM(lstm_units, return_sequences=True, dropout=0.5))(x)
    lstm = layers.Bidirectional(layers.LSTM(lstm_units, return_sequences=True, return_state=True, dropout=0.5))
    outputs, fh, fc, bh, bc = lstm(x)
    context, weights = BahdanauAttention(attention_units)(outputs, layers.Concatenate()([fh, bh]))
    x = layers.Dense(20, activation="relu")(context)
    x = layers.Dropout(0.5)(x)
    return keras.Model(inputs, layers.Dense(1, activation="sigmoid")(x))


@wrong("classifier", "order of the states", "states_mixed")
def names_in_the_wrong_order(vocab_size, max_len, embedding_dim=128, lstm_units=64, attention_units=64):
    inputs = keras.Input(shape=(max_len,))
    x = layers.Embedding(vocab_size, embedding_dim, mask_zero=True)(inputs)
    x = layers.Bidirectional(layers.LSTM(lstm_units, return_sequences=True, dropout=0.5))(x)
    lstm = layers.Bidirectional(layers.LSTM(lstm_units, return_sequences=True, return_state=True, dropout=0.5))
    outputs, forward_h, backward_h, forward_c, backward_c = lstm(x)
    query = layers.Concatenate()([forward_h, backward_h])
    context, weights = BahdanauAttention(attention_units)(outputs, query)
    x = layers.Dropout(0.5)(layers.Dense(20, activation="relu")(context))
    return keras.Model(inputs, layers.Dense(1, activation="sigmoid")(x))


@wrong("classifier", "two mistakes", "no_dropout", "padding_not_masked")
def neither_dropout_nor_mask(vocab_size, max_len, embedding_dim=128, lstm_units=64, attention_units=64):
    inputs = keras.Input(shape=(max_len,))
    x = layers.Embedding(vocab_size, embedding_dim)(inputs)
    x = layers.Bidirectional(layers.LSTM(lstm_units, return_sequences=True))(x)
    lstm = layers.Bidirectional(layers.LSTM(lstm_units, return_sequences=True, return_state=True))
    outputs, fh, fc, bh, bc = lstm(x)
    context, weights = BahdanauAttention(attention_units)(outputs, layers.Concatenate()([fh, bh]))
    x = layers.Dense(20, activation="relu")(context)
    return keras.Model(inputs, layers.Dense(1, activation="sigmoid")(x))


@wrong("classifier", "two mistakes", "relu_missing", "no_dropout_after_the_dense_layer")
def dense_alone(vocab_size, max_len, embedding_dim=128, lstm_units=64, attention_units=64):
    inputs = keras.Input(shape=(max_len,))
    x = layers.Embedding(vocab_size, embedding_dim, mask_zero=True)(inputs)
    x = layers.Bidirectional(layers.LSTM(lstm_units, return_sequences=True, dropout=0.5))(x)
    lstm = layers.Bidirectional(layers.LSTM(lstm_units, return_sequences=True, return_state=True, dropout=0.5))
    outputs, fh, fc, bh, bc = lstm(x)
    context, weights = BahdanauAttention(attention_units)(outputs, layers.Concatenate()([fh, bh]))
    x = layers.Dense(20)(context)
    return keras.Model(inputs, layers.Dense(1, activation="sigmoid")(x))


@wrong("classifier", "two mistakes", "backward_before_forward", "sigmoid_missing")
def order_and_no_sigmoid(vocab_size, max_len, embedding_dim=128, lstm_units=64, attention_units=64):
    inputs = keras.Input(shape=(max_len,))
    x = layers.Embedding(vocab_size, embedding_dim, mask_zero=True)(inputs)
    x = layers.Bidirectional(layers.LSTM(lstm_units, return_sequences=True, dropout=0.5))(x)
    lstm = layers.Bidirectional(layers.LSTM(lstm_units, return_sequences=True, return_state=True, dropout=0.5))
    outputs, fh, fc, bh, bc = lstm(x)
    context, weights = BahdanauAttention(attention_units)(outputs, layers.Concatenate()([bh, fh]))
    x = layers.Dropout(0.5)(layers.Dense(20, activation="relu")(context))
    return keras.Model(inputs, layers.Dense(1)(x))


# ---------------------------------------------------------------- one step left out, doubled or taken from a neighbour
@wrong("additive_scores", "return in the loop", "return_inside_the_loop")
def zeros_and_a_return(s_prev, H, W_b, W_c, w_a):
    e = np.zeros(len(H))
    for n, h in enumerate(H):
        e[n] = np.tanh(W_b @ s_prev + W_c @ h) @ w_a
        return e


@wrong("additive_scores", "the loop's ends", "last_position_skipped")
def all_but_the_last(s_prev, H, W_b, W_c, w_a):
    e = np.zeros(len(H))
    for n in range(len(H) - 1):
        e[n] = np.tanh(W_b @ s_prev + W_c @ H[n]) @ w_a
    return e


@wrong("additive_scores", "a neighbour", "position_before")
def state_before(s_prev, H, W_b, W_c, w_a):
    return np.array([w_a @ np.tanh(W_b @ s_prev + W_c @ H[n - 1]) for n in range(len(H))])


@wrong("additive_scores", "mean for sum", "products_averaged")
def mean_of_products(s_prev, H, W_b, W_c, w_a):
    return np.mean(w_a * np.tanh(W_b @ s_prev + H @ W_c.T), axis=1)


@wrong("additive_scores", "the axis", "one_number_for_each_unit")
def down_the_columns(s_prev, H, W_b, W_c, w_a):
    return np.sum(w_a * np.tanh(W_b @ s_prev + H @ W_c.T), axis=0)


@wrong("additive_scores", "too much", "logarithms_returned")
def log_weights(s_prev, H, W_b, W_c, w_a):
    e = np.tanh(W_b @ s_prev + H @ W_c.T) @ w_a
    return e - np.log(np.sum(np.exp(e)))


@wrong("additive_scores", "two mistakes", "same_position", "w_a_missing")
def last_state_summed(s_prev, H, W_b, W_c, w_a):
    return np.array([np.sum(np.tanh(W_b @ s_prev + W_c @ H[-1])) for _ in H])


@wrong("additive_scores", "two mistakes", "tanh_of_the_tanh", "products_averaged")
def twice_and_averaged(s_prev, H, W_b, W_c, w_a):
    hidden = np.tanh(np.tanh(W_b @ s_prev + H @ W_c.T))
    return (hidden * w_a).mean(axis=1)


@wrong("masked_softmax", "a number added", "divisor_raised")
def one_in_the_divisor(scores, mask):
    shown = np.where(mask == 1, -1e9, scores)
    e = np.exp(shown - np.max(shown, axis=-1, keepdims=True, initial=-1e9)) * (mask == 0)
    return e / (1 + e.sum(axis=-1, keepdims=True))


@wrong("masked_softmax", "the maximum's axis", "largest_over_the_sentences")
def largest_of_each_column(scores, mask):
    shown = np.where(mask == 1, -1e9, scores)
    e = np.exp(shown - np.max(shown, axis=0, keepdims=True, initial=-1e9)) * (mask == 0)
    return e / np.maximum(e.sum(axis=-1, keepdims=True), 1e-300)


@wrong("masked_softmax", "too much", "logarithm_returned")
def log_of_the_softmax(scores, mask):
    s = np.where(mask == 1, -1e9, scores)
    s = s - np.max(s, axis=-1, keepdims=True, initial=-1e9)
    return np.where(mask == 1, 0, s - np.log(np.exp(s).sum(axis=-1, keepdims=True)))


@wrong("masked_softmax", "half of it", "no_softmax")
def hidden_and_shifted(scores, mask):
    s = np.where(mask == 1, -1e9, scores)
    return s - s.max(axis=-1, keepdims=True, initial=-1e9)


@wrong("masked_softmax", "two mistakes", "overflow_over_everything")
def exponentials_over_all(scores, mask):
    e = (1 - mask) * np.exp(scores)
    return e / np.sum(e)


@wrong("masked_softmax", "another function", "sigmoid_taken")
def each_by_itself(scores, mask):
    return np.where(mask == 1, 0, 1 / (1 + np.exp(-scores)))


@wrong("context_vector", "added apart", "sums_multiplied")
def totals_multiplied(weights, H):
    return np.sum(weights, axis=-1)[..., None] * np.sum(H, axis=-2)


@wrong("context_vector", "one alone", "one_state_as_it_is")
def last_of_all(weights, H):
    return H[..., -1, :] if H.shape[-2] else H.sum(axis=-2)


@wrong("context_vector", "one alone", "largest_weight_only")
def best_of_the_batch(weights, H):
    best = weights.argmax()
    return H[best]


@wrong("context_vector", "two mistakes", "summed_over_axis_0", "mean_for_the_sum")
def mean_over_sentences(weights, H):
    return np.mean(weights[..., np.newaxis] * H, axis=0)


@wrong("context_vector", "two mistakes", "softmax_again", "squashed")
def soft_and_squashed(weights, H):
    w = np.exp(weights) / np.exp(weights).sum(axis=-1, keepdims=True)
    return np.tanh((w[..., np.newaxis] * H).sum(axis=-2))


@wrong("decoder_input", "one too many", "one_vector_too_many")
def context_at_both_ends(x_t, context):
    return np.hstack([context, x_t, context])


@wrong("decoder_input", "two mistakes", "context_first", "squashed")
def squashed_the_other_way(x_t, context):
    return np.tanh(np.concatenate([context, x_t]))


@wrong("bahdanau_step", "twice", "cell_run_twice")
def two_rounds(x_t, s_prev, H, cell, W_b, W_c, w_a):
    s_t = s_prev
    for _ in range(2):
        weights = masked_softmax(additive_scores(s_t, H, W_b, W_c, w_a), np.zeros(len(H)))
        s_t = cell(decoder_input(x_t, context_vector(weights, H)), s_t)
    return s_t, weights


@wrong("bahdanau_step", "another thing returned", "context_for_the_weights")
def state_and_context(x_t, s_prev, H, cell, W_b, W_c, w_a):
    weights = masked_softmax(additive_scores(s_prev, H, W_b, W_c, w_a), np.zeros(len(H)))
    context = context_vector(weights, H)
    s_t = cell(decoder_input(x_t, context), s_prev)
    return s_t, context


@wrong("bahdanau_step", "two mistakes", "context_first", "weights_of_the_new_state")
def context_in_front_and_weights_anew(x_t, s_prev, H, cell, W_b, W_c, w_a):
    def weigh(s):
        return masked_softmax(additive_scores(s, H, W_b, W_c, w_a), np.zeros(len(H)))

    s_t = cell(decoder_input(context_vector(weigh(s_prev), H), x_t), s_prev)
    return s_t, weigh(s_t)


@wrong("bahdanau_step", "two mistakes", "cells_input_squashed", "scores_returned")
def squashed_and_scores(x_t, s_prev, H, cell, W_b, W_c, w_a):
    scores = additive_scores(s_prev, H, W_b, W_c, w_a)
    context = context_vector(masked_softmax(scores, np.zeros(len(H))), H)
    return cell(np.tanh(decoder_input(x_t, context)), s_prev), scores


@wrong("bahdanau_step", "two mistakes", "states_averaged", "cell_starts_from_zeros")
def average_from_zeros(x_t, s_prev, H, cell, W_b, W_c, w_a):
    weights = masked_softmax(additive_scores(s_prev, H, W_b, W_c, w_a), np.zeros(len(H)))
    return cell(decoder_input(x_t, H.sum(axis=0)), np.zeros_like(s_prev)), weights


@wrong("bahdanau_step", "three for two", says=r"cell\(input, state\)")
def three_things_for_the_cell(x_t, s_prev, H, cell, W_b, W_c, w_a):
    weights = masked_softmax(additive_scores(s_prev, H, W_b, W_c, w_a), np.zeros(len(H)))
    return cell(x_t, s_prev, context_vector(weights, H)), weights


@wrong("find_the_bug_scores", "wrong bracket", "tanh_of_the_parts")
def closes_too_early(S_prev, H, W_b, W_c, w_a):
    query = np.tanh(S_prev @ W_b.T)[:, None, :]
    return (query + H @ W_c.T) @ w_a


@wrong("find_the_bug_scores", "a neighbour", "state_of_a_neighbour")
def row_before_its_own(S_prev, H, W_b, W_c, w_a):
    return np.array([np.tanh(S_prev[n - 1] @ W_b.T + H[n] @ W_c.T) @ w_a for n in range(len(H))])


@wrong("find_the_bug_scores", "return in the loop", "return_inside_the_loop")
def first_sentence_then_zeros(S_prev, H, W_b, W_c, w_a):
    scores = np.zeros(H.shape[:2])
    for n in range(len(H)):
        scores[n] = np.tanh(W_b @ S_prev[n] + H[n] @ W_c.T) @ w_a
        return scores


@wrong("find_the_bug_scores", "two mistakes", "states_averaged", "w_a_lost")
def mean_state_and_plain_sum(S_prev, H, W_b, W_c, w_a):
    return np.tanh(S_prev.mean(axis=0) @ W_b.T + H @ W_c.T).sum(axis=-1)


@wrong("find_the_bug_scores", "the notebook's names", says=r"`states` has no value")
def arrays_of_the_notebook(S_prev, H, W_b, W_c, w_a):
    return np.tanh((states @ W_b.T)[:, np.newaxis] + positions @ W_c.T) @ w_a  # noqa: F821


@bug_call("two mistakes", "mask_inverted", "hidden_scores_zero")
def words_to_zero(self, values, query, values_mask=None):
    scores = tf.reduce_sum(values * query[:, tf.newaxis], axis=-1)
    if values_mask is not None:
        scores = tf.where(tf.logical_not(values_mask), scores, tf.zeros_like(scores))
    weights = tf.nn.softmax(scores, axis=1)
    return tf.reduce_sum(weights[:, :, tf.newaxis] * values, axis=1), weights


@bug_call("mean for sum", "context_averaged")
def mean_of_the_values(self, values, query, values_mask=None):
    scores = tf.reduce_sum(values * query[:, tf.newaxis], axis=-1)
    if values_mask is not None:
        scores = tf.where(values_mask, scores, -1e9)
    weights = tf.nn.softmax(scores, axis=1)
    return tf.reduce_mean(weights[:, :, tf.newaxis] * values, axis=1), weights


@wrong("classifier", "two mistakes", "sigmoid_missing", "another_rate_after_the_dense_layer")
def linear_and_another_rate(vocab_size, max_len, embedding_dim=128, lstm_units=64, attention_units=64):
    inputs = keras.Input(shape=(max_len,))
    x = layers.Embedding(vocab_size, embedding_dim, mask_zero=True)(inputs)
    x = layers.Bidirectional(layers.LSTM(lstm_units, return_sequences=True, dropout=0.5))(x)
    lstm = layers.Bidirectional(layers.LSTM(lstm_units, return_sequences=True, return_state=True, dropout=0.5))
    outputs, fh, _, bh, _ = lstm(x)
    context, _ = BahdanauAttention(attention_units)(outputs, layers.Concatenate()([fh, bh]))
    x = layers.Dropout(0.3)(layers.Dense(20, activation="relu")(context))
    return keras.Model(inputs, layers.Dense(1)(x))


@wrong("classifier", "the last step missing", says=r"returned None")
def no_return(vocab_size, max_len, embedding_dim=128, lstm_units=64, attention_units=64):
    inputs = keras.Input(shape=(max_len,))
    x = layers.Embedding(vocab_size, embedding_dim, mask_zero=True)(inputs)
    keras.Model(inputs, x)


# ---------------------------------------------------------------- mistakes of somebody who minds the edges
@wrong("context_vector", "careful", "mean_for_the_sum")
def mean_where_there_is_a_position(weights, H):
    if H.shape[-2] == 0:
        return np.zeros(H.shape[:-2] + H.shape[-1:])
    return np.mean(weights[..., np.newaxis] * H, axis=-2)


@wrong("masked_softmax", "careful", "mask_too_weak")
def ten_lower_and_all_padding(scores, mask):
    s = scores - 10 * mask
    e = np.exp(s - np.max(s, axis=-1, keepdims=True, initial=-1e9))
    t = e.sum(axis=-1, keepdims=True)
    return np.where(mask.all(axis=-1, keepdims=True), 0, e / np.where(t == 0, 1, t))
