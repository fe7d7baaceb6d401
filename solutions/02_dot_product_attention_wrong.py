"""Wrong answers to chapter 02, as learners write them, and what each should be told."""

import math

import numpy as np

from autograder.course.wrong_answers import wrong


# ---------------------------------------------------------------- what stands in the notebook
def softmax(scores, axis=-1):
    largest = np.max(scores, axis=axis, keepdims=True, initial=-np.inf)
    exps = np.exp(scores - np.where(largest == -np.inf, 0, largest))
    total = np.sum(exps, axis=axis, keepdims=True)
    return exps / np.where(total == 0, 1, total)


def dot_scores(s_t, H):
    return H @ s_t


def attention_value(weights, H):
    return weights @ H


def attentional_state(s_t, a_t, W_c, b_c):
    return np.tanh(W_c @ np.concatenate([a_t, s_t]) + b_c)


# ---------------------------------------------------------------- softmax
@wrong("softmax", "first version", "no_maximum_subtracted")
def textbook(scores, axis=-1):
    e = np.exp(scores)
    return e / np.sum(e, axis=axis, keepdims=True)


@wrong("softmax", "edge cases", "special_rows_forgotten")
def stable(scores, axis=-1):
    shifted = scores - scores.max(axis=axis, keepdims=True)
    e = np.exp(shifted)
    return e / e.sum(axis=axis, keepdims=True)


@wrong("softmax", "axis", "axis_ignored")
def last_axis_always(scores, axis=-1):
    m = np.max(scores, axis=-1, keepdims=True, initial=-np.inf)
    m = np.where(np.isinf(m), 0, m)
    e = np.exp(scores - m)
    s = e.sum(-1, keepdims=True)
    return np.divide(e, s, out=np.zeros_like(e), where=s > 0)


@wrong("softmax", "maximum of everything", "one_maximum_for_everything")
def global_maximum(scores, axis=-1):
    e = np.exp(scores - np.max(scores, initial=-np.inf))
    total = np.sum(e, axis=axis, keepdims=True)
    return e / np.where(total == 0, 1, total)


@wrong("softmax", "keepdims forgotten", "sums_without_keepdims")
def no_keepdims(scores, axis=-1):
    e = np.exp(scores)
    return e / e.sum(axis=axis)


@wrong("softmax", "NaN patched", "no_maximum_subtracted")
def nan_to_num_at_the_end(scores, axis=-1):
    e = np.exp(scores)
    return np.nan_to_num(e / np.sum(e, axis=axis, keepdims=True))


@wrong("softmax", "NaN patched", "equal_weights_where_nothing_is_left")
def minus_infinity_as_a_number(scores, axis=-1):
    s = np.where(scores == -np.inf, -1e9, scores)
    e = np.exp(s - np.max(s, axis=axis, keepdims=True, initial=-1e9))
    return e / np.sum(e, axis=axis, keepdims=True)


@wrong("softmax", "a small number added", says=r"row is the expected one times a number of its own")
def epsilon(scores, axis=-1):
    m = np.max(scores, axis=axis, keepdims=True, initial=-np.inf)
    e = np.exp(scores - np.where(m == -np.inf, 0, m))
    return e / (np.sum(e, axis=axis, keepdims=True) + 1e-3)


@wrong("softmax", "the last step missing", "not_normalised")
def exponentials_only(scores, axis=-1):
    m = np.max(scores, axis=axis, keepdims=True, initial=-np.inf)
    e = np.exp(scores - np.where(np.isneginf(m), 0, m))
    total = e.sum(axis=axis, keepdims=True)
    e / np.where(total == 0, 1, total)
    return e


@wrong("softmax", "the last step missing", "zeros_returned")
def prepared_weights(scores, axis=-1):
    weights = np.zeros_like(scores)
    e = np.exp(scores - np.max(scores, axis=axis, keepdims=True, initial=-np.inf))
    total = e.sum(axis=axis, keepdims=True)
    for row in weights:
        row = e / total
    return weights


@wrong("softmax", "the last step missing", "shifted_scores_returned")
def shifted_only(scores, axis=-1):
    m = np.max(scores, axis=axis, keepdims=True, initial=-np.inf)
    m = np.where(m == -np.inf, 0, m)
    return scores - m


@wrong("softmax", "input returned", "input_returned")
def unchanged_scores(scores, axis=-1):
    weights = np.exp(scores)
    weights = weights / np.sum(weights, axis=axis, keepdims=True)
    return scores


@wrong("softmax", "argmax", "hard_maximum")
def one_hot(scores, axis=-1):
    m = np.max(scores, axis=axis, keepdims=True, initial=-np.inf)
    return np.where(np.isfinite(m), scores == m, 0.0) * 1.0


@wrong("softmax", "argmax", "hard_maximum")
def one_hot_without_care(scores, axis=-1):
    return (scores == scores.max(axis=axis, keepdims=True)).astype(float)


@wrong("softmax", "wrong base", "another_base")
def two_to_the_power(scores, axis=-1):
    e = 2.0**scores
    return e / e.sum(axis=axis, keepdims=True)


@wrong("softmax", "sign", "sign_turned")
def minus(scores, axis=-1):
    e = np.exp(-scores)
    return e / np.sum(e, axis=axis, keepdims=True)


@wrong("softmax", "rounded", says=r"[Rr]ound")
def rounded_weights(scores, axis=-1):
    m = np.max(scores, axis=axis, keepdims=True, initial=-np.inf)
    e = np.exp(scores - np.where(m == -np.inf, 0, m))
    total = np.sum(e, axis=axis, keepdims=True)
    return np.round(e / np.where(total == 0, 1, total), 3)


@wrong("softmax", "half precision", says=r"float16|[Hh]alf precision")
def half(scores, axis=-1):
    m = np.max(scores, axis=axis, keepdims=True, initial=-np.inf)
    e = np.exp(scores - np.where(m == -np.inf, 0, m)).astype(np.float16)
    total = np.sum(e, axis=axis, keepdims=True)
    return e / np.where(total == 0, 1, total)


@wrong("softmax", "torch habit", says=r"axis")
def dim_for_axis(scores, axis=-1):
    m = np.max(scores, dim=axis, keepdim=True)
    e = np.exp(scores - m)
    return e / e.sum(dim=axis, keepdim=True)


@wrong("softmax", "loops", "first_axis_looped")
def row_by_row(scores, axis=-1):
    out = np.zeros(scores.shape)
    for i, row in enumerate(scores):
        e = np.exp(row - np.max(row, initial=-np.inf))
        out[i] = e / np.sum(e)
    return np.nan_to_num(out)


@wrong("softmax", "axis", "axis_ignored")
def last_axis_stable(scores, axis=-1):
    e = np.exp(scores - np.max(scores, axis=-1, keepdims=True))
    return e / np.sum(e, axis=-1, keepdims=True)


@wrong("softmax", "axis", "everything")
def flat(scores, axis=-1):
    return np.exp(scores) / np.sum(np.exp(scores))


@wrong("softmax", "two mistakes", "sign_turned", "not_normalised")
def exp_of_minus(scores, axis=-1):
    return np.exp(-scores)


@wrong("softmax", "two mistakes", "axis_ignored", "divided_by_the_mean")
def over_the_mean(scores, axis=-1):
    e = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return e / e.mean(axis=-1, keepdims=True)


@wrong("softmax", "two mistakes", "axis_ignored", "exponential_forgotten")
def plain_shares(scores, axis=-1):
    return scores / scores.sum(axis=-1, keepdims=True)


@wrong("softmax", "clipped", "scores_clipped")
def clip(scores, axis=-1):
    e = np.exp(np.clip(scores, -500, 500))
    return e / e.sum(axis=axis, keepdims=True)


@wrong("softmax", "wrong default", "another_default_axis")
def axis_zero_by_default(scores, axis=0):
    e = np.exp(scores - np.max(scores, axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)


@wrong("softmax", "sigmoid", "sigmoid_for_softmax")
def sigmoid(scores, axis=-1):
    return 1 / (1 + np.exp(-scores))


@wrong("softmax", "scaled to zero and one", "scores_rescaled")
def min_max(scores, axis=-1):
    low, high = scores.min(axis=axis, keepdims=True), scores.max(axis=axis, keepdims=True)
    return (scores - low) / (high - low)


@wrong("softmax", "list comprehension", says=r"math\.exp|np\.exp|one number")
def math_exp(scores, axis=-1):
    e = math.exp(scores)
    return e / sum(e)


@wrong("softmax", "two mistakes", "axis_ignored", "softmax_twice")
def nested(scores, axis=-1):
    def once(s):
        e = np.exp(s - np.max(s, axis=-1, keepdims=True))
        return e / np.sum(e, axis=-1, keepdims=True)

    return once(once(scores))


@wrong("softmax", "two mistakes", "everything", "not_the_largest_subtracted")
def mean_and_everything(scores, axis=-1):
    e = np.exp(scores - np.mean(scores))
    return e / np.sum(e)


@wrong("softmax", "exponentials less the largest of all", "not_normalised")
def relative_to_the_largest(scores, axis=-1):
    return np.exp(scores - np.max(scores))


# ---------------------------------------------------------------- dot_scores
@wrong("dot_scores", "entrywise product", "not_summed")
def products(s_t, H):
    return s_t * H


@wrong("dot_scores", "sum without axis", "everything_summed")
def one_sum(s_t, H):
    return np.sum(H * s_t)


@wrong("dot_scores", "loops", "last_state_only")
def overwritten(s_t, H):
    score = np.array([])
    for h in H:
        score = np.dot(h, s_t)
    return score


@wrong("dot_scores", "loops", "last_product_only")
def sum_not_kept(s_t, H):
    scores = []
    for h in H:
        for a, b in zip(h, s_t):
            score = a * b
        scores.append(score)
    return np.array(scores)


@wrong("dot_scores", "list not reset", "not_reset")
def running_sum(s_t, H):
    scores, total = [], 0
    for h in H:
        total += h @ s_t
        scores.append(total)
    return np.array(scores)


@wrong("dot_scores", "appended before the sum", "stored_before_the_product")
def append_before(s_t, H):
    scores = []
    score = 0.0
    for h in H:
        scores.append(score)
        score = np.dot(h, s_t)
    return np.array(scores)


@wrong("dot_scores", "appended twice", "each_twice")
def twice(s_t, H):
    scores = []
    for h in H:
        scores.append(h @ s_t)
        scores.append(s_t @ h)
    return np.array(scores)


@wrong("dot_scores", "the last step missing", "zeros_returned")
def zeros(s_t, H):
    scores = np.zeros(len(H))
    for i in range(len(scores)):
        score = H[i] @ s_t
    return scores


@wrong("dot_scores", "prepared array returned", "only_the_first_filled")
def return_in_the_loop(s_t, H):
    scores = np.zeros(H.shape[0])
    for i in range(H.shape[0]):
        scores[i] = np.dot(s_t, H[i])
        return scores
    return scores


@wrong("dot_scores", "wrong formula", "scaled")
def scaled_too_early(s_t, H):
    return H.dot(s_t) / np.sqrt(H.shape[1])


@wrong("dot_scores", "wrong formula", "absolute_values")
def absolute(s_t, H):
    return np.abs(H @ s_t)


@wrong("dot_scores", "refusal", "another_kind_of_error")
def asserts(s_t, H):
    assert s_t.shape[0] == H.shape[1], "sizes differ"
    return np.array([np.dot(h, s_t) for h in H])


@wrong("dot_scores", "refusal", "sizes_not_named")
def short_message(s_t, H):
    if len(s_t) != H.shape[1]:
        raise ValueError("the sizes of s_t and H are different")
    return H @ s_t


@wrong("dot_scores", "two mistakes", "scaled", "softmax_already")
def attention_weights(s_t, H):
    scores = H @ s_t / np.sqrt(len(s_t))
    if len(scores) == 0:
        return scores
    e = np.exp(scores - scores.max())
    return e / e.sum()


@wrong("dot_scores", "two mistakes", "everything_summed", "sizes_not_compared")
def summed_and_stretched(s_t, H):
    total = 0
    for h in H:
        for a, b in zip(h, s_t):
            total += a * b
    return total


@wrong("dot_scores", "mean for sum", "mean_of_the_products")
def mean_by_star(s_t, H):
    return (H * s_t).mean(axis=1)


@wrong("dot_scores", "two mistakes", "cosine", "sizes_not_named")
def cosine_with_message(s_t, H):
    if H.shape[1] != s_t.shape[0]:
        raise ValueError("wrong size")
    return H @ s_t / (np.linalg.norm(H, axis=1) * np.linalg.norm(s_t))


@wrong("dot_scores", "wrong loop", "as_many_scores_as_numbers_in_a_state")
def loops_over_d(s_t, H):
    scores = []
    for i in range(len(s_t)):
        scores.append(np.dot(H[i], s_t))
    return np.array(scores)


@wrong("dot_scores", "squared", "absolute_values")
def squares(s_t, H):
    return (H @ s_t) ** 2


@wrong("dot_scores", "sorted", "sorted")
def in_order(s_t, H):
    return np.sort(H @ s_t)


@wrong("dot_scores", "entries of the state", "states_alone_summed")
def forgot_s(s_t, H):
    if H.shape[1] != len(s_t):
        raise ValueError(f"{H.shape[1]} {len(s_t)}")
    return H.sum(axis=1)


@wrong("dot_scores", "the input returned", "argument_returned")
def the_state(s_t, H):
    scores = H @ s_t
    return s_t


@wrong("dot_scores", "two mistakes", "scaled", "mean_of_the_products")
def mean_and_scale(s_t, H):
    if H.shape[1] != len(s_t):
        raise ValueError(f"{H.shape[1]} {len(s_t)}")
    return np.mean(H * s_t, axis=1) / np.sqrt(len(s_t))


@wrong("dot_scores", "two mistakes", "softmax_already", "sizes_not_named")
def weights_and_message(s_t, H):
    if H.shape[1] != len(s_t):
        raise ValueError("sizes differ")
    return softmax(H @ s_t)


# ---------------------------------------------------------------- general_scores
@wrong("general_scores", "left out", "W_ignored")
def forgot_W(s_t, H, W):
    return H @ s_t


@wrong("general_scores", "transposed", "W_transposed")
def W_on_the_left(s_t, H, W):
    return np.array([np.dot(W.dot(s_t), h) for h in H])


@wrong("general_scores", "half done", "only_projected")
def projected(s_t, H, W):
    keys = H @ W.T
    return keys


@wrong("general_scores", "sum without axis", "everything_summed")
def summed(s_t, H, W):
    return np.sum(s_t @ W @ H.T)


@wrong("general_scores", "the last step missing", "zeros_returned")
def not_filled(s_t, H, W):
    scores = np.zeros(len(H))
    for score, h in zip(scores, H):
        score = s_t @ W @ h
    return scores


@wrong("general_scores", "entrywise product", says=r"broadcast|entry|shape|sizes")
def star_with_W(s_t, H, W):
    return H @ (s_t * W)


@wrong("general_scores", "return in the loop", "last_state_only")
def first_only(s_t, H, W):
    for h in H:
        return s_t @ W @ h
    return np.zeros(0)


@wrong("general_scores", "two mistakes", "W_transposed", "softmax_already")
def weights_of_the_transposed(s_t, H, W):
    scores = H @ (W @ s_t)
    return softmax(scores)


@wrong("general_scores", "two mistakes", "tanh_added", "W_transposed")
def tanh_of_the_transposed(s_t, H, W):
    return np.tanh(H @ (W @ s_t))


@wrong("general_scores", "two mistakes", "scaled", "softmax_already")
def scaled_weights(s_t, H, W):
    scores = (s_t @ W) @ H.T / np.sqrt(H.shape[1])
    return softmax(scores)


@wrong("general_scores", "two mistakes", "W_ignored", "scaled")
def scaled_dot(s_t, H, W):
    return H @ s_t / np.sqrt(len(s_t))


@wrong("general_scores", "two mistakes", "W_transposed", "scaled")
def transposed_and_scaled(s_t, H, W):
    scores = []
    for h in H:
        scores.append(h @ W @ s_t / np.sqrt(len(s_t)))
    return np.array(scores)


# ---------------------------------------------------------------- attention_value
@wrong("attention_value", "wrong axis", "summed_over_the_features")
def axis_one(weights, H):
    return np.sum(weights[:, None] * H, axis=1)


@wrong("attention_value", "sum without axis", "everything_summed")
def all_of_it(weights, H):
    return np.sum(weights[:, np.newaxis] * H)


@wrong("attention_value", "broadcast", "weights_along_the_features")
def without_new_axis(weights, H):
    return np.sum(weights * H, axis=0)


@wrong("attention_value", "loops", "last_state")
def plus_forgotten(weights, H):
    value = np.zeros(H.shape[1])
    for w, h in zip(weights, H):
        value = w * h
    return value


@wrong("attention_value", "loops", "no_vector_for_no_states")
def starts_from_a_number(weights, H):
    value = 0
    for i in range(len(H)):
        value = value + weights[i] * H[i]
    return value


@wrong("attention_value", "argmax", "only_the_best_state")
def best(weights, H):
    if len(weights) == 0:
        return np.zeros(H.shape[1])
    return H[weights.argmax()]


@wrong("attention_value", "the last step missing", "zeros_returned")
def zero_vector(weights, H):
    value = np.zeros(H.shape[1])
    for w, h in zip(weights, H):
        value + w * h
    return value


@wrong("attention_value", "return in the loop", "first_state_alone")
def first_term(weights, H):
    value = np.zeros(H.shape[1])
    for w, h in zip(weights, H):
        value += w * h
        return value
    return value


@wrong("attention_value", "weights ignored", "plain_sum")
def unweighted(weights, H):
    value = np.zeros(H.shape[1])
    for h in H:
        value += h
    return value


@wrong("attention_value", "two mistakes", "softmax_again", "mean_of_weighted_states")
def softmax_and_mean(weights, H):
    w = softmax(weights)
    return np.mean(w[:, np.newaxis] * H, axis=0)


@wrong("attention_value", "two mistakes", "softmax_again", "everything_summed")
def softmax_and_sum(weights, H):
    return np.sum(softmax(weights)[:, None] * H)


@wrong("attention_value", "two mistakes", "softmax_again", "summed_over_the_features")
def softmax_and_axis(weights, H):
    w = softmax(weights).reshape(-1, 1)
    return (w * H).sum(axis=-1)


@wrong("attention_value", "weights squared", "weights_used_twice")
def weighted_twice(weights, H):
    weighted = weights[:, None] * H
    return weights @ weighted


@wrong("attention_value", "division", "mean_of_weighted_states")
def average_over_T(weights, H):
    total = np.zeros(H.shape[1])
    for w, h in zip(weights, H):
        total += w * h
    return total / len(H) if len(H) else total


@wrong("attention_value", "two mistakes", "softmax_again", "only_the_best_state")
def softmax_then_argmax(weights, H):
    w = softmax(weights)
    i = np.argmax(w)
    return w[i] * H[i]


@wrong("attention_value", "two mistakes", "one_state_left_out", "mean_of_weighted_states")
def last_forgotten_and_mean(weights, H):
    total = np.zeros(H.shape[1])
    for i in range(len(H) - 1):
        total += weights[i] * H[i]
    return total / max(len(H), 1)


# ---------------------------------------------------------------- attentional_state
@wrong("attentional_state", "order", "state_first")
def order_of_the_arguments(s_t, a_t, W_c, b_c):
    both = np.hstack((s_t, a_t))
    return np.tanh(np.dot(W_c, both) + b_c)


@wrong("attentional_state", "left out", "bias_forgotten")
def bias_left_out(s_t, a_t, W_c, b_c):
    return np.tanh(W_c @ np.concatenate((a_t, s_t)))


@wrong("attentional_state", "left out", "tanh_forgotten")
def linear_layer(s_t, a_t, W_c, b_c):
    joined = np.concatenate([a_t, s_t])
    out = np.zeros(len(b_c))
    for i, row in enumerate(W_c):
        out[i] = np.dot(row, joined) + b_c[i]
    return out


@wrong("attentional_state", "the last step missing", "zeros_returned")
def nothing_written(s_t, a_t, W_c, b_c):
    state = np.zeros(len(b_c))
    joined = np.concatenate([a_t, s_t])
    for i in range(len(b_c)):
        number = np.tanh(W_c[i] @ joined + b_c[i])
    return state


@wrong("attentional_state", "last value only", "one_returned")
def last_number(s_t, a_t, W_c, b_c):
    joined = np.concatenate([a_t, s_t])
    for i in range(len(b_c)):
        number = np.tanh(W_c[i] @ joined + b_c[i])
    return number


@wrong("attentional_state", "sum without axis", "everything_summed")
def sum_of_all(s_t, a_t, W_c, b_c):
    joined = np.concatenate([a_t, s_t])
    return np.tanh(np.sum(W_c * joined) + b_c)


@wrong("attentional_state", "input returned", "argument_returned")
def only_a_t(s_t, a_t, W_c, b_c):
    state = np.tanh(W_c @ np.concatenate([a_t, s_t]) + b_c)
    return a_t


@wrong("attentional_state", "wrong join", says=r"end to end|concatenate")
def plus_for_concat(s_t, a_t, W_c, b_c):
    return np.tanh(W_c @ (a_t + s_t) + b_c)


@wrong("attentional_state", "two mistakes", "state_first", "bias_forgotten")
def order_and_bias(s_t, a_t, W_c, b_c):
    return np.tanh(W_c @ np.r_[s_t, a_t])


@wrong("attentional_state", "two mistakes", "state_first", "tanh_forgotten")
def order_and_tanh(s_t, a_t, W_c, b_c):
    z = np.concatenate([s_t, a_t])
    return W_c @ z + b_c


@wrong("attentional_state", "two mistakes", "state_first", "bias_subtracted")
def order_and_sign(s_t, a_t, W_c, b_c):
    return np.tanh(W_c.dot(np.append(s_t, a_t)) - b_c)


@wrong("attentional_state", "two mistakes", "bias_outside_the_tanh", "state_first")
def order_and_late_bias(s_t, a_t, W_c, b_c):
    return np.tanh(W_c @ np.concatenate([s_t, a_t])) + b_c


@wrong("attentional_state", "two mistakes", "another_function", "bias_forgotten")
def sigmoid_no_bias(s_t, a_t, W_c, b_c):
    z = W_c @ np.concatenate([a_t, s_t])
    return 1 / (1 + np.exp(-z))


@wrong("attentional_state", "two mistakes", "state_first", "another_function")
def order_and_sigmoid(s_t, a_t, W_c, b_c):
    z = W_c @ np.concatenate([s_t, a_t]) + b_c
    return 1 / (1 + np.exp(-z))


@wrong("attentional_state", "two mistakes", "tanh_forgotten", "bias_subtracted")
def linear_minus(s_t, a_t, W_c, b_c):
    return W_c @ np.concatenate([a_t, s_t]) - b_c


# ---------------------------------------------------------------- luong_step
@wrong("luong_step", "wrong variable", "previous_state_asks")
def asks_with_old(x_t, s_prev, H, cell, W_c, b_c):
    scores = dot_scores(s_prev, H)
    weights = softmax(scores)
    context = attention_value(weights, H)
    s_t = cell(x_t, s_prev)
    return attentional_state(s_t, context, W_c, b_c), weights


@wrong("luong_step", "wrong variable", "previous_state_joined")
def joins_old(x_t, s_prev, H, cell, W_c, b_c):
    weights = softmax(dot_scores(cell(x_t, s_prev), H))
    return attentional_state(s_prev, attention_value(weights, H), W_c, b_c), weights


@wrong("luong_step", "wrong part returned", "value_returned")
def returns_the_value(x_t, s_prev, H, cell, W_c, b_c):
    s_t = cell(x_t, s_prev)
    w = softmax(H @ s_t)
    return w @ H, w


@wrong("luong_step", "wrong part returned", "scores_returned")
def returns_scores(x_t, s_prev, H, cell, W_c, b_c):
    s_t = cell(x_t, s_prev)
    weights = dot_scores(s_t, H)
    a_t = attention_value(softmax(weights), H)
    return attentional_state(s_t, a_t, W_c, b_c), weights


@wrong("luong_step", "one thing returned", says=r"2 things|two things")
def only_the_state(x_t, s_prev, H, cell, W_c, b_c):
    s_t = cell(x_t, s_prev)
    weights = softmax(dot_scores(s_t, H))
    return attentional_state(s_t, attention_value(weights, H), W_c, b_c)


@wrong("luong_step", "arguments exchanged", "state_first")
def value_and_state_exchanged(x_t, s_prev, H, cell, W_c, b_c):
    s_t = cell(x_t, s_prev)
    weights = softmax(dot_scores(s_t, H))
    a_t = attention_value(weights, H)
    return attentional_state(a_t, s_t, W_c, b_c), weights


@wrong("luong_step", "weights left out", "plain_mean")
def averages(x_t, s_prev, H, cell, W_c, b_c):
    s_t = cell(x_t, s_prev)
    weights = softmax(dot_scores(s_t, H))
    a_t = np.sum(H, axis=0) / max(len(H), 1)
    return attentional_state(s_t, a_t, W_c, b_c), weights


@wrong("luong_step", "a step left out", "value_left_out")
def no_attention(x_t, s_prev, H, cell, W_c, b_c):
    s_t = cell(x_t, s_prev)
    weights = softmax(dot_scores(s_t, H))
    a_t = np.zeros(H.shape[1])
    return attentional_state(s_t, a_t, W_c, b_c), weights


@wrong("luong_step", "cell in vain", "cell_not_used")
def cell_called_in_vain(x_t, s_prev, H, cell, W_c, b_c):
    s_t = s_prev
    s_new = cell(x_t, s_prev)
    weights = softmax(dot_scores(s_t, H))
    a_t = attention_value(weights, H)
    return attentional_state(s_t, a_t, W_c, b_c), weights


@wrong("luong_step", "two mistakes", "previous_state_asks", "scaled")
def bahdanau_and_vaswani(x_t, s_prev, H, cell, W_c, b_c):
    s_t = cell(x_t, s_prev)
    weights = softmax(H @ s_prev / np.sqrt(len(s_prev)))
    return attentional_state(s_t, weights @ H, W_c, b_c), weights


@wrong("luong_step", "two mistakes", "previous_state_asks", "bias_forgotten")
def old_state_and_no_bias(x_t, s_prev, H, cell, W_c, b_c):
    weights = softmax(H @ s_prev)
    s_t = cell(x_t, s_prev)
    return np.tanh(W_c @ np.concatenate([weights @ H, s_t])), weights


@wrong("luong_step", "two mistakes", "tanh_forgotten", "bias_forgotten")
def only_the_matrix(x_t, s_prev, H, cell, W_c, b_c):
    s_t = cell(x_t, s_prev)
    weights = softmax(dot_scores(s_t, H))
    return W_c @ np.concatenate([weights @ H, s_t]), weights


@wrong("luong_step", "two mistakes", "previous_state_asks", "state_first")
def old_state_and_order(x_t, s_prev, H, cell, W_c, b_c):
    s_t = cell(x_t, s_prev)
    weights = softmax(dot_scores(s_prev, H))
    a_t = attention_value(weights, H)
    return np.tanh(W_c @ np.concatenate([s_t, a_t]) + b_c), weights


@wrong("luong_step", "two mistakes", "previous_state_asks", "returned_backwards")
def old_state_and_return(x_t, s_prev, H, cell, W_c, b_c):
    s_t = cell(x_t, s_prev)
    weights = softmax(dot_scores(s_prev, H))
    return weights, attentional_state(s_t, attention_value(weights, H), W_c, b_c)


@wrong("luong_step", "two mistakes", "scaled", "returned_backwards")
def scaled_and_backwards(x_t, s_prev, H, cell, W_c, b_c):
    s_t = cell(x_t, s_prev)
    weights = softmax(dot_scores(s_t, H) / np.sqrt(H.shape[1]))
    return weights, attentional_state(s_t, attention_value(weights, H), W_c, b_c)


@wrong("luong_step", "two mistakes", "cell_called_twice", "scaled")
def twice_and_scaled(x_t, s_prev, H, cell, W_c, b_c):
    s_t = cell(x_t, s_prev)
    s_t = cell(x_t, s_t)
    weights = softmax(H @ s_t / np.sqrt(len(s_t)))
    return attentional_state(s_t, weights @ H, W_c, b_c), weights


@wrong("luong_step", "state and scores", "state_returned")
def state_and_scores(x_t, s_prev, H, cell, W_c, b_c):
    s_t = cell(x_t, s_prev)
    scores = dot_scores(s_t, H)
    attentional_state(s_t, attention_value(softmax(scores), H), W_c, b_c)
    return s_t, scores


@wrong("luong_step", "wrong vector joined", "one_vector_twice")
def value_twice(x_t, s_prev, H, cell, W_c, b_c):
    s_t = cell(x_t, s_prev)
    weights = softmax(dot_scores(s_t, H))
    a_t = attention_value(weights, H)
    return attentional_state(a_t, a_t, W_c, b_c), weights


# ---------------------------------------------------------------- dot_attention
@wrong("dot_attention", "axis", "softmax_over_decoder_steps")
def axis_one_softmax(S, H):
    scores = np.matmul(S, H.transpose(0, 2, 1))
    weights = softmax(scores, axis=1)
    return np.matmul(weights, H), weights


@wrong("dot_attention", "einsum", "scaled")
def scaled_einsum(S, H):
    scores = np.einsum("bqd,bkd->bqk", S, H)
    if S.shape[-1] != H.shape[-1]:
        raise ValueError(f"{S.shape[-1]} and {H.shape[-1]}")
    weights = softmax(scores / S.shape[-1] ** 0.5)
    return np.einsum("bqk,bkd->bqd", weights, H), weights


@wrong("dot_attention", "transposed", "all_axes_reversed")
def dot_T(S, H):
    weights = softmax(S @ H.T)
    return weights @ H, weights


@wrong("dot_attention", "entrywise product", says=r"broadcast|@|entry")
def star(S, H):
    weights = softmax(S * H)
    return weights @ H, weights


@wrong("dot_attention", "loop over the batch", "one_sentence_only")
def last_sentence_only(S, H):
    for s, h in zip(S, H):
        weights = softmax(s @ h.T)
        values = weights @ h
    return values, weights


@wrong("dot_attention", "sum without axis", "summed_over_decoder_steps")
def values_as_a_sum(S, H):
    weights = softmax(S @ np.swapaxes(H, 1, 2))
    values = np.sum(weights[..., np.newaxis] * H[:, np.newaxis], axis=1)
    return values, weights


@wrong("dot_attention", "the last step missing", "zeros_returned")
def values_prepared(S, H):
    values = np.zeros(S.shape)
    weights = softmax(S @ np.swapaxes(H, 1, 2))
    for value in values:
        value = weights @ H
    return values, weights


@wrong("dot_attention", "wrong one returned", "scores_returned")
def gives_scores(S, H):
    scores = S @ np.swapaxes(H, -1, -2)
    values = softmax(scores) @ H
    return values, scores


@wrong("dot_attention", "query returned", "decoder_states_returned")
def gives_S(S, H):
    weights = softmax(S @ H.swapaxes(1, 2))
    values = S
    return values, weights


@wrong("dot_attention", "two mistakes", "scaled", "softmax_over_decoder_steps")
def scaled_axis_one(S, H):
    d = S.shape[2]
    scores = S @ np.transpose(H, (0, 2, 1)) / math.sqrt(d)
    weights = softmax(scores, axis=1)
    return weights @ H, weights


@wrong("dot_attention", "two mistakes", "scaled", "no_softmax")
def scaled_scores(S, H):
    weights = S @ np.swapaxes(H, 1, 2) / np.sqrt(S.shape[-1])
    return weights @ H, weights


@wrong("dot_attention", "two mistakes", "scaled", "scores_returned")
def scaled_scores_given_back(S, H):
    scores = S @ np.swapaxes(H, 1, 2) / np.sqrt(S.shape[-1])
    return softmax(scores) @ H, scores


@wrong("dot_attention", "two mistakes", "softmax_over_decoder_steps", "returned_backwards")
def axis_and_order(S, H):
    weights = softmax(S @ np.swapaxes(H, 1, 2), axis=-2)
    return weights, weights @ H


@wrong("dot_attention", "two mistakes", "encoder_states_ask", "weights_transposed")
def keys_ask(S, H):
    weights = softmax(H @ np.swapaxes(S, 1, 2))
    return np.swapaxes(weights, 1, 2) @ H, weights


@wrong("dot_attention", "two mistakes", "softmax_over_everything", "scaled")
def one_whole_for_all(S, H):
    scores = S @ np.swapaxes(H, 1, 2) / np.sqrt(S.shape[-1])
    e = np.exp(scores - np.max(scores, initial=-np.inf))
    weights = e / np.sum(e)
    return weights @ H, weights


@wrong("dot_attention", "two mistakes", "softmax_over_the_batch", "scaled")
def axis_zero_scaled(S, H):
    weights = softmax(S @ np.swapaxes(H, 1, 2) / S.shape[-1] ** 0.5, axis=0)
    return weights @ H, weights


@wrong("dot_attention", "keys of the first sentence", "first_sentence_for_all")
def first_H(S, H):
    scores = S @ H[0].T
    weights = softmax(scores)
    return weights @ H, weights


@wrong("dot_attention", "mean", "values_averaged")
def mean_of_values(S, H):
    weights = softmax(S @ np.swapaxes(H, 1, 2))
    return weights @ H / max(H.shape[1], 1), weights


@wrong("dot_attention", "hard", "hard_maximum")
def one_hot_weights(S, H):
    scores = S @ np.swapaxes(H, 1, 2)
    if H.shape[1] == 0:
        return np.zeros(S.shape), scores
    weights = np.eye(H.shape[1])[scores.argmax(axis=-1)]
    return weights @ H, weights


@wrong("dot_attention", "two mistakes", "weights_not_normalised", "scaled")
def scaled_exponentials(S, H):
    weights = np.exp(S @ np.swapaxes(H, 1, 2) / np.sqrt(S.shape[-1]))
    return weights @ H, weights


# ---------------------------------------------------------------- find_the_bug
@wrong("find_the_bug", "unchanged", "still_over_decoder_states")
def as_it_was(S, H):
    scores = S @ H.T
    exps = np.exp(scores - scores.max(axis=0))
    weights = exps / exps.sum(axis=0)
    return weights @ H, weights


@wrong("find_the_bug", "half mended", "only_the_sum_mended")
def sum_only(S, H):
    scores = S @ H.T
    exps = np.exp(scores - scores.max(axis=0))
    weights = exps / exps.sum(axis=1, keepdims=True)
    return weights @ H, weights


@wrong("find_the_bug", "keepdims forgotten", "sums_without_keepdims")
def axis_one_flat(S, H):
    scores = S @ H.T
    exps = np.exp(scores - scores.max(axis=1))
    weights = exps / exps.sum(axis=1)
    return weights @ H, weights


@wrong("find_the_bug", "wrong side", "encoder_states_ask")
def other_product(S, H):
    scores = H @ S.T
    exps = np.exp(scores - scores.max(axis=0))
    weights = exps / exps.sum(axis=0)
    return weights @ S, weights


@wrong("find_the_bug", "transposed at the end", says=r"rows and columns|transpose")
def transposed_weights(S, H):
    scores = H @ S.T
    exps = np.exp(scores - scores.max(axis=0))
    weights = exps / exps.sum(axis=0)
    return weights.T @ H, weights


@wrong("find_the_bug", "loop", "last_row_for_all")
def loop_overwrites(S, H):
    weights = np.zeros((len(S), len(H)))
    for i in range(len(S)):
        scores = H @ S[i]
        e = np.exp(scores - scores.max())
        weights[:] = e / e.sum()
    return weights @ H, weights


@wrong("find_the_bug", "two mistakes", "scaled", "still_over_decoder_states")
def only_scaled(S, H):
    scores = S @ H.T / np.sqrt(S.shape[1])
    exps = np.exp(scores - scores.max(axis=0))
    weights = exps / exps.sum(axis=0)
    return weights @ H, weights


@wrong("find_the_bug", "two mistakes", "scaled", "no_maximum_subtracted")
def scaled_and_naive(S, H):
    exps = np.exp(S @ H.T / np.sqrt(S.shape[1]))
    weights = exps / exps.sum(axis=1, keepdims=True)
    return weights @ H, weights


@wrong("find_the_bug", "two mistakes", "not_normalised", "no_maximum_subtracted")
def exponentials(S, H):
    weights = np.exp(S @ H.T)
    return weights @ H, weights


@wrong("find_the_bug", "two mistakes", "sums_without_keepdims", "no_maximum_subtracted")
def naive_and_flat(S, H):
    exps = np.exp(S @ H.T)
    weights = exps / exps.sum(axis=1)
    return weights @ H, weights


# ---------------------------------------------------------------- one part alone
@wrong("luong_step", "one part returned", says=r"As `attentional_state`, what you returned is right")
def state_alone(x_t, s_prev, H, cell, W_c, b_c):
    s_t = cell(x_t, s_prev)
    weights = softmax(H @ s_t)
    return np.tanh(W_c @ np.concatenate([weights @ H, s_t]) + b_c)


@wrong("dot_attention", "one part returned", "values_averaged")
def mean_alone(S, H):
    weights = softmax(S @ np.swapaxes(H, -1, -2))
    return weights @ H / np.float64(H.shape[1])


@wrong("dot_scores", "an argument not used", says=r"does not use the argument `s_t`")
def rows_summed(s_t, H):
    return (H * H).sum(axis=1)


@wrong("attention_value", "append", says=r"`parts\.append\(…\)` changes something")
def kept_what_append_gives(weights, H):
    parts = [np.zeros(H.shape[1])]
    for weight, h in zip(weights, H, strict=True):
        parts = parts.append(weight * h)
    return sum(parts)


# ---------------------------------------------------------------- mistakes of somebody who minds the edges
@wrong("softmax", "careful", "logarithms_returned")
def log_softmax_of_hidden_rows(scores, axis=-1):
    m = np.max(scores, axis=axis, keepdims=True, initial=-np.inf)
    m = np.where(m == -np.inf, 0, m)
    t = np.exp(scores - m).sum(axis=axis, keepdims=True)
    return scores - m - np.log(np.where(t == 0, 1, t))


@wrong("softmax", "careful", "scores_clipped")
def clipped_but_hidden(scores, axis=-1):
    e = np.where(np.isneginf(scores), 0, np.exp(np.clip(scores, -50, 50)))
    t = e.sum(axis=axis, keepdims=True)
    return e / np.where(t == 0, 1, t)


@wrong("softmax", "careful", "scores_divided_by_the_largest")
def divided_by_the_largest_size(scores, axis=-1):
    m = np.max(np.abs(np.where(np.isinf(scores), 0, scores)), axis=axis, keepdims=True, initial=1e-9)
    e = np.exp(scores / m)
    t = e.sum(axis=axis, keepdims=True)
    return e / np.where(t == 0, 1, t)


@wrong("softmax", "careful", says="small number added")
def a_thousandth_below(scores, axis=-1):
    m = np.max(scores, axis=axis, keepdims=True, initial=-np.inf)
    e = np.exp(scores - np.where(np.isinf(m), 0, m))
    return e / (e.sum(axis=axis, keepdims=True) + 1e-3)


@wrong("attention_value", "careful", "only_the_best_state")
def best_state_where_some_has_weight(weights, H):
    if len(weights) == 0 or weights.max() == 0:
        return np.zeros(H.shape[1])
    return H[np.argmax(weights)]


@wrong("general_scores", "careful", "W_transposed")
def wrong_way_round_where_square(s_t, H, W):
    q = W @ s_t if W.shape[0] == W.shape[1] else s_t @ W
    return H @ q
