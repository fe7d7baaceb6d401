"""Wrong answers to chapter 01, as learners write them, and what each should be told."""

import math

import numpy as np

from autograder.course.wrong_answers import wrong


# ---------------------------------------------------------------- what stands in the notebook
def rnn_step(x_t, h_prev, W_x, W_h, b):
    return np.tanh(W_x @ x_t + W_h @ h_prev + b)


def tanh_derivative(x):
    return 1 - np.tanh(x) ** 2


# ---------------------------------------------------------------- rnn_step
@wrong("rnn_step", "a part left out", "bias_forgotten")
def no_bias(x_t, h_prev, W_x, W_h, b):
    from_input = np.dot(W_x, x_t)
    from_state = np.dot(W_h, h_prev)
    return np.tanh(from_input + from_state)


@wrong("rnn_step", "a part left out", "tanh_forgotten")
def no_tanh(x_t, h_prev, W_x, W_h, b):
    h_t = np.zeros(len(b))
    for i in range(len(b)):
        h_t[i] = sum(W_x[i] * x_t) + sum(W_h[i] * h_prev) + b[i]
    np.tanh(h_t)
    return h_t


@wrong("rnn_step", "transposed", "recurrent_matrix_transposed")
def state_from_the_left(x_t, h_prev, W_x, W_h, b):
    return np.tanh(x_t @ W_x.T + h_prev @ W_h + b)


@wrong("rnn_step", "transposed", "recurrent_matrix_transposed")
def loops_over_columns(x_t, h_prev, W_x, W_h, b):
    h_t = []
    for i in range(len(b)):
        total = b[i]
        for j in range(len(x_t)):
            total += W_x[i][j] * x_t[j]
        for j in range(len(h_prev)):
            total += W_h[j][i] * h_prev[j]
        h_t.append(np.tanh(total))
    return np.array(h_t)


@wrong("rnn_step", "wrong variable", "state_added_without_its_matrix")
def plain_state(x_t, h_prev, W_x, W_h, b):
    z = W_x.dot(x_t) + h_prev + b
    return np.tanh(z)


@wrong("rnn_step", "the last step missing", "zeros_returned")
def prepared_array(x_t, h_prev, W_x, W_h, b):
    h_t = np.zeros(b.shape)
    h = np.tanh(W_x @ x_t + W_h @ h_prev + b)
    return h_t


@wrong("rnn_step", "the last step missing", "zeros_returned")
def loop_into_a_local_name(x_t, h_prev, W_x, W_h, b):
    h_t = np.zeros_like(b)
    for h in h_t:
        h = np.tanh(W_x @ x_t + W_h @ h_prev + b)
    return h_t


@wrong("rnn_step", "input returned", "old_state_returned")
def old_state(x_t, h_prev, W_x, W_h, b):
    h_t = np.tanh(W_x @ x_t + W_h @ h_prev + b)
    return h_prev


@wrong("rnn_step", "last value only", "one_returned")
def last_unit(x_t, h_prev, W_x, W_h, b):
    for i in range(len(b)):
        h = np.tanh(np.dot(W_x[i], x_t) + np.dot(W_h[i], h_prev) + b[i])
    return h


@wrong("rnn_step", "return in the loop", "one_returned")
def first_unit(x_t, h_prev, W_x, W_h, b):
    h = []
    for i in range(len(b)):
        h.append(np.tanh(np.dot(W_x[i], x_t) + np.dot(W_h[i], h_prev) + b[i]))
        return np.array(h)


@wrong("rnn_step", "sum without axis", "everything_summed")
def sums_to_numbers(x_t, h_prev, W_x, W_h, b):
    return np.tanh(np.sum(W_x * x_t) + np.sum(W_h * h_prev) + b)


@wrong("rnn_step", "list not reset", "total_not_reset")
def running_total(x_t, h_prev, W_x, W_h, b):
    total = 0
    h = np.zeros(len(b))
    for i in range(len(b)):
        for j in range(len(x_t)):
            total += W_x[i, j] * x_t[j]
        for j in range(len(h_prev)):
            total += W_h[i, j] * h_prev[j]
        total += b[i]
        h[i] = math.tanh(total)
    return h


@wrong("rnn_step", "appended in the inner loop", says=r"h_t has shape \(\d+,\)")
def appended_too_often(x_t, h_prev, W_x, W_h, b):
    h = []
    for i in range(len(b)):
        z = b[i] + W_x[i] @ x_t
        for j in range(len(h_prev)):
            z += W_h[i, j] * h_prev[j]
            h.append(np.tanh(z))
    return np.array(h)


@wrong("rnn_step", "rounded", says=r"[Rr]ound")
def rounded_state(x_t, h_prev, W_x, W_h, b):
    return np.round(np.tanh(W_x @ x_t + W_h @ h_prev + b), 2)


@wrong("rnn_step", "half precision", says=r"(float16|[Hh]alf precision)")
def half_precision(x_t, h_prev, W_x, W_h, b):
    return np.tanh(W_x @ x_t + W_h @ h_prev + b).astype(np.float16)


@wrong("rnn_step", "a column for a vector", says=r"column")
def bias_as_a_column(x_t, h_prev, W_x, W_h, b):
    b = b.reshape(-1, 1)
    return np.tanh(W_x @ x_t + W_h @ h_prev + b)


@wrong("rnn_step", "wrong function", "sigmoid_for_tanh")
def logistic(x_t, h_prev, W_x, W_h, b):
    z = np.dot(W_x, x_t) + np.dot(W_h, h_prev) + b
    return 1.0 / (1.0 + np.exp(-z))


@wrong("rnn_step", "wrong function", "tanh_of_half_the_sum")
def tanh_from_memory(x_t, h_prev, W_x, W_h, b):
    z = W_x @ x_t + W_h @ h_prev + b
    return (1 - np.exp(-z)) / (1 + np.exp(-z))


@wrong("rnn_step", "parentheses", "each_product_squashed")
def parenthesis_too_early(x_t, h_prev, W_x, W_h, b):
    return np.tanh(W_x @ x_t) + W_h @ h_prev + b


@wrong("rnn_step", "wrong product", "multiplied_entry_by_entry")
def star_for_at(x_t, h_prev, W_x, W_h, b):
    return np.tanh(W_x * x_t + W_h * h_prev + b)


@wrong("rnn_step", "two mistakes", "bias_forgotten", "tanh_forgotten")
def products_only(x_t, h_prev, W_x, W_h, b):
    return W_x.dot(x_t) + W_h.dot(h_prev)


@wrong("rnn_step", "two mistakes", "recurrent_matrix_transposed", "tanh_forgotten")
def left_and_linear(x_t, h_prev, W_x, W_h, b):
    h_t = W_x @ x_t + h_prev @ W_h + b
    return h_t


@wrong("rnn_step", "two mistakes", "recurrent_matrix_transposed", "sigmoid_for_tanh")
def transposed_sigmoid(x_t, h_prev, W_x, W_h, b):
    z = W_x @ x_t + W_h.T @ h_prev + b
    return 1 / (1 + np.exp(-z))


@wrong("rnn_step", "two mistakes", "bias_forgotten", "recurrent_matrix_transposed")
def transposed_without_bias(x_t, h_prev, W_x, W_h, b):
    return np.tanh(np.matmul(W_x, x_t) + np.matmul(h_prev, W_h))


@wrong("rnn_step", "two mistakes", "bias_subtracted", "tanh_forgotten")
def minus_bias_linear(x_t, h_prev, W_x, W_h, b):
    return W_x @ x_t + W_h @ h_prev - b


@wrong("rnn_step", "two mistakes", "state_before_ignored", "bias_forgotten")
def only_the_input(x_t, h_prev, W_x, W_h, b):
    return np.tanh(np.dot(W_x, x_t))


@wrong("rnn_step", "two mistakes", "state_before_ignored", "relu_for_tanh")
def a_dense_layer(x_t, h_prev, W_x, W_h, b):
    return np.maximum(0, W_x @ x_t + b)


@wrong("rnn_step", "joined in the wrong order", "joined_in_another_order")
def one_big_matrix(x_t, h_prev, W_x, W_h, b):
    W = np.hstack([W_x, W_h])
    v = np.concatenate([h_prev, x_t])
    return np.tanh(W @ v + b)


@wrong("rnn_step", "parentheses", "input_through_both_matrices")
def input_added_to_the_state(x_t, h_prev, W_x, W_h, b):
    inner = np.dot(W_x, x_t) + h_prev
    return np.tanh(np.dot(W_h, inner) + b)


@wrong("rnn_step", "two things returned", says=r"two|2 things|shape")
def output_and_state(x_t, h_prev, W_x, W_h, b):
    h_t = np.tanh(W_x @ x_t + W_h @ h_prev + b)
    return h_t, h_t


@wrong("rnn_step", "averaged", "products_averaged")
def mean_of_both(x_t, h_prev, W_x, W_h, b):
    return np.tanh((W_x @ x_t + W_h @ h_prev) / 2 + b)


@wrong("rnn_step", "wrong function", "softmax_for_tanh")
def softmax_of_the_sum(x_t, h_prev, W_x, W_h, b):
    z = W_x @ x_t + W_h @ h_prev + b
    e = np.exp(z - z.max())
    return e / e.sum()


@wrong("rnn_step", "a part twice", "state_added_besides")
def old_state_as_well(x_t, h_prev, W_x, W_h, b):
    h_t = np.tanh(W_x @ x_t + W_h @ h_prev + h_prev + b)
    return h_t


@wrong("rnn_step", "late bias and no state", "state_before_ignored")
def late_bias_without_state(x_t, h_prev, W_x, W_h, b):
    return np.tanh(W_x @ x_t) + b


@wrong("rnn_step", "two mistakes", "relu_for_tanh", "bias_forgotten")
def relu_without_bias(x_t, h_prev, W_x, W_h, b):
    z = W_x @ x_t + W_h @ h_prev
    z[z < 0] = 0
    return z


@wrong("rnn_step", "two mistakes", "state_added_without_its_matrix", "tanh_forgotten")
def sum_of_vectors(x_t, h_prev, W_x, W_h, b):
    return W_x @ x_t + h_prev + b


@wrong("rnn_step", "two mistakes", "added_to_the_state_before", "bias_forgotten")
def residual_without_bias(x_t, h_prev, W_x, W_h, b):
    return h_prev + np.tanh(W_x @ x_t + W_h @ h_prev)


@wrong("rnn_step", "two mistakes", "sigmoid_for_tanh", "bias_after_the_tanh")
def sigmoid_and_late_bias(x_t, h_prev, W_x, W_h, b):
    return 1 / (1 + np.exp(-(W_x @ x_t + W_h @ h_prev))) + b


# ---------------------------------------------------------------- encode
@wrong("encode", "return in the loop", "one_word_read")
def returns_at_once(X, W_x, W_h, b):
    h = np.zeros(len(b))
    H = []
    for x in X:
        h = rnn_step(x, h, W_x, W_h, b)
        H.append(h)
        return np.array(H), h
    return np.zeros((0, len(b))), h


@wrong("encode", "state not renewed", "state_not_carried_on")
def new_name_for_the_state(X, W_x, W_h, b):
    h_0 = np.zeros(W_h.shape[0])
    H = np.zeros((X.shape[0], W_h.shape[0]))
    for t in range(X.shape[0]):
        h_t = rnn_step(X[t], h_0, W_x, W_h, b)
        H[t] = h_t
    return H, H[-1] if len(H) else h_0


@wrong("encode", "h_0 among the states", "start_state_kept")
def list_with_start(X, W_x, W_h, b):
    states = [np.zeros(len(b))]
    for x_t in X:
        states.append(rnn_step(x_t, states[-1], W_x, W_h, b))
    return np.array(states), states[-1]


@wrong("encode", "appended before the step", "states_before_each_word")
def append_first(X, W_x, W_h, b):
    h = np.zeros(len(b))
    H = []
    for x in X:
        H.append(h)
        h = rnn_step(x, h, W_x, W_h, b)
    return np.array(H).reshape(-1, len(b)), h


@wrong("encode", "appended twice", "each_state_twice")
def appended_twice(X, W_x, W_h, b):
    h = np.zeros(len(b))
    H = []
    for t in range(len(X)):
        h = rnn_step(X[t], h, W_x, W_h, b)
        H.append(h)
        H.append(h)
    return np.array(H), h


@wrong("encode", "prepared array returned", "zeros_returned")
def never_stored(X, W_x, W_h, b):
    H = np.zeros((len(X), len(b)))
    h = np.zeros(len(b))
    for x in X:
        h = rnn_step(x, h, W_x, W_h, b)
    return H, h


@wrong("encode", "prepared array returned", "only_the_last_row_filled")
def stored_after_the_loop(X, W_x, W_h, b):
    T = len(X)
    H = np.zeros((T, len(b)))
    h = np.zeros(len(b))
    for t in range(T):
        h = rnn_step(X[t], h, W_x, W_h, b)
    if T > 0:
        H[t] = h
    return H, h


@wrong("encode", "first word twice", "first_word_twice")
def fixed_index(X, W_x, W_h, b):
    h = np.zeros_like(b)
    H = []
    for t in range(len(X)):
        h = rnn_step(X[0], h, W_x, W_h, b)
        H.append(h)
    return np.array(H).reshape(len(X), len(b)), h


@wrong("encode", "wrong part returned", "mean_as_context")
def average(X, W_x, W_h, b):
    h, H = np.zeros(len(b)), []
    for x in X:
        h = rnn_step(x, h, W_x, W_h, b)
        H.append(h)
    H = np.array(H)
    return H, np.mean(H, axis=0)


@wrong("encode", "wrong part returned", "last_column_as_context")
def last_column(X, W_x, W_h, b):
    h, H = np.zeros(len(b)), np.zeros((len(X), len(b)))
    for t in range(len(X)):
        h = rnn_step(X[t], h, W_x, W_h, b)
        H[t, :] = h
    if len(X) == 0:
        return H, h
    return H, H[:, -1]


@wrong("encode", "edge case", "no_words_forgotten")
def last_of_the_list(X, W_x, W_h, b):
    H = [rnn_step(X[0], np.zeros(len(b)), W_x, W_h, b)]
    for x in X[1:]:
        H.append(rnn_step(x, H[-1], W_x, W_h, b))
    return np.array(H), H[-1]


@wrong("encode", "wrong start", "start_of_ones")
def ones_at_first(X, W_x, W_h, b):
    h = np.ones(len(b))
    H = np.zeros((len(X), len(b)))
    for i, x in enumerate(X):
        h = rnn_step(x, h, W_x, W_h, b)
        H[i] = h
    return H, h


@wrong("encode", "wrong start", "starts_from_the_bias")
def alias_of_the_bias(X, W_x, W_h, b):
    h = b
    H = np.zeros((len(X), len(b)))
    for i, x in enumerate(X):
        h = rnn_step(x, h, W_x, W_h, b)
        H[i] = h
    return H, h


@wrong("encode", "all at once", "state_not_carried_on")
def without_recurrence(X, W_x, W_h, b):
    H = np.tanh(X @ W_x.T + b)
    return H, H[-1] if len(X) else np.zeros(len(b))


@wrong("encode", "dictionary of the wrong names", says=r"H")
def dictionary(X, W_x, W_h, b):
    h, H = np.zeros(len(b)), []
    for x in X:
        h = rnn_step(x, h, W_x, W_h, b)
        H.append(h)
    return {"states": np.array(H), "context": h}


@wrong("encode", "one thing returned", says=r"expected 2 things|two things|\(H, context\)")
def only_the_context(X, W_x, W_h, b):
    h = np.zeros(len(b))
    for x in X:
        h = rnn_step(x, h, W_x, W_h, b)
    return h


@wrong("encode", "appended to NumPy", says=r"np\.append|None|append")
def numpy_append(X, W_x, W_h, b):
    H = np.zeros((0, len(b)))
    h = np.zeros(len(b))
    for x in X:
        h = rnn_step(x, h, W_x, W_h, b)
        H.append(h)
    return H, h


@wrong("encode", "arguments exchanged", "input_and_state_exchanged")
def state_first(X, W_x, W_h, b):
    H = np.zeros((len(X), len(b)))
    h = np.zeros(len(b))
    for t in range(len(X)):
        h = rnn_step(h, X[t], W_x, W_h, b)
        H[t] = h
    return H, h


@wrong("encode", "two mistakes", "start_state_kept", "first_state_as_context")
def start_and_first(X, W_x, W_h, b):
    H = [np.zeros(len(b))]
    for x in X:
        H.append(rnn_step(x, H[-1], W_x, W_h, b))
    return np.array(H), H[1] if len(H) > 1 else H[0]


@wrong("encode", "two mistakes", "last_state_alone_kept", "mean_as_context")
def overwritten_and_averaged(X, W_x, W_h, b):
    h, total = np.zeros(len(b)), np.zeros(len(b))
    H = np.zeros((0, len(b)))
    for x in X:
        h = rnn_step(x, h, W_x, W_h, b)
        H = h[np.newaxis]
        total += h
    return H, total / max(len(X), 1)


@wrong("encode", "two mistakes", "state_not_carried_on", "bias_forgotten")
def only_products(X, W_x, W_h, b):
    H = np.tanh(X @ W_x.T)
    return H, H[-1] if len(X) else np.zeros(len(b))


@wrong("encode", "two mistakes", "tanh_forgotten", "recurrent_matrix_transposed")
def own_step(X, W_x, W_h, b):
    h = np.zeros(len(b))
    H = np.zeros((len(X), len(b)))
    for t, x in enumerate(X):
        h = W_x @ x + h @ W_h + b
        H[t] = h
    return H, h


@wrong("encode", "two mistakes", "bias_forgotten", "recurrent_matrix_transposed")
def own_step_from_the_left(X, W_x, W_h, b):
    h = np.zeros(len(b))
    H = []
    for x in X:
        h = np.tanh(x @ W_x.T + h @ W_h)
        H.append(h)
    return np.array(H).reshape(len(X), len(b)), h


@wrong("encode", "two mistakes", "states_in_columns", "mean_as_context")
def columns_and_mean(X, W_x, W_h, b):
    H = np.zeros((len(b), len(X)))
    h = np.zeros(len(b))
    for t in range(len(X)):
        h = rnn_step(X[t], h, W_x, W_h, b)
        H[:, t] = h
    return H, H.mean(axis=1) if len(X) else h


@wrong("encode", "two mistakes", "read_backwards", "first_state_as_context")
def from_the_end(X, W_x, W_h, b):
    h = np.zeros(len(b))
    H = []
    for x in reversed(X):
        h = rnn_step(x, h, W_x, W_h, b)
        H.append(h)
    return np.array(H).reshape(-1, len(b)), H[0] if H else h


@wrong("encode", "loop over the wrong axis", says=r"rows of X|index|too many|len\(X\)")
def as_many_as_features(X, W_x, W_h, b):
    h = np.zeros(len(b))
    H = []
    for t in range(X.shape[1]):
        h = rnn_step(X[t], h, W_x, W_h, b)
        H.append(h)
    return np.array(H), h


@wrong("encode", "two steps a word", "two_steps_for_each_word")
def step_twice(X, W_x, W_h, b):
    h = np.zeros(len(b))
    H = np.zeros((len(X), len(b)))
    for t, x in enumerate(X):
        h = rnn_step(x, h, W_x, W_h, b)
        h = rnn_step(x, h, W_x, W_h, b)
        H[t] = h
    return H, h


@wrong("encode", "wrong row", "stored_in_the_first_row")
def always_row_zero(X, W_x, W_h, b):
    h = np.zeros(len(b))
    H = np.zeros((len(X), len(b)))
    for x in X:
        h = rnn_step(x, h, W_x, W_h, b)
        H[0] = h
    return H, h


@wrong("encode", "only odd words", "every_second_word")
def step_of_two(X, W_x, W_h, b):
    h = np.zeros(len(b))
    H = np.zeros((len(X), len(b)))
    for t in range(0, len(X), 2):
        h = rnn_step(X[t], h, W_x, W_h, b)
        H[t] = h
    return H, h


@wrong("encode", "wrong order of arguments returned", "returned_in_the_wrong_order")
def context_and_states(X, W_x, W_h, b):
    h = np.zeros(len(b))
    H = np.zeros((len(X), len(b)))
    for t in range(len(X)):
        h = rnn_step(X[t], h, W_x, W_h, b)
        H[t] = h
    context = h
    return context, H


@wrong("encode", "two mistakes", "returned_in_the_wrong_order", "mean_as_context")
def mean_first(X, W_x, W_h, b):
    h = np.zeros(len(b))
    H = np.zeros((len(X), len(b)))
    for t in range(len(X)):
        h = rnn_step(X[t], h, W_x, W_h, b)
        H[t] = h
    return H.sum(axis=0) / max(len(X), 1), H


@wrong("encode", "two mistakes", "start_of_ones", "start_state_kept")
def ones_kept(X, W_x, W_h, b):
    H = [np.ones(len(b))]
    for x in X:
        H.append(rnn_step(x, H[-1], W_x, W_h, b))
    return np.array(H), H[-1]


@wrong("encode", "two mistakes", "states_added_up", "mean_as_context")
def sums_and_mean(X, W_x, W_h, b):
    h = np.zeros(len(b))
    H = np.zeros((len(X), len(b)))
    for t in range(len(X)):
        h += rnn_step(X[t], h, W_x, W_h, b)
        H[t] = h
    return H, H.mean(axis=0) if len(X) else h


# ---------------------------------------------------------------- decode_step
@wrong("decode_step", "wrong variable", "logits_of_the_state_before")
def logits_too_early(y_prev, s_prev, W_y, W_s, b, W_out, b_out):
    logits = W_out @ s_prev + b_out
    s_t = rnn_step(y_prev, s_prev, W_y, W_s, b)
    return s_t, logits


@wrong("decode_step", "a step too many", "softmax_of_the_logits")
def probabilities(y_prev, s_prev, W_y, W_s, b, W_out, b_out):
    s_t = np.tanh(np.dot(W_y, y_prev) + np.dot(W_s, s_prev) + b)
    logits = np.dot(W_out, s_t) + b_out
    e = np.exp(logits - np.max(logits))
    return s_t, e / np.sum(e)


@wrong("decode_step", "a step too many", "exponentials_of_the_logits")
def unnormalised(y_prev, s_prev, W_y, W_s, b, W_out, b_out):
    s_t = np.tanh(W_y @ y_prev + W_s @ s_prev + b)
    return s_t, np.exp(W_out @ s_t + b_out)


@wrong("decode_step", "wrong bias", "output_bias_forgotten")
def forgot_b_out(y_prev, s_prev, W_y, W_s, b, W_out, b_out):
    s = rnn_step(y_prev, s_prev, W_y, W_s, b)
    scores = []
    for row in W_out:
        scores.append(np.dot(row, s))
    return s, np.array(scores)


@wrong("decode_step", "the last step missing", "zeros_returned")
def logits_prepared(y_prev, s_prev, W_y, W_s, b, W_out, b_out):
    s_t = rnn_step(y_prev, s_prev, W_y, W_s, b)
    logits = np.zeros(len(b_out))
    for score in logits:
        score = W_out @ s_t + b_out
    return s_t, logits


@wrong("decode_step", "the last step missing", "state_for_logits")
def state_twice(y_prev, s_prev, W_y, W_s, b, W_out, b_out):
    s_t = rnn_step(y_prev, s_prev, W_y, W_s, b)
    logits = s_t
    return s_t, logits


@wrong("decode_step", "last value only", "one_returned")
def last_word(y_prev, s_prev, W_y, W_s, b, W_out, b_out):
    s_t = rnn_step(y_prev, s_prev, W_y, W_s, b)
    for v in range(len(b_out)):
        logits = W_out[v] @ s_t + b_out[v]
    return s_t, logits


@wrong("decode_step", "sum without axis", "logits_all_summed")
def np_sum_of_everything(y_prev, s_prev, W_y, W_s, b, W_out, b_out):
    s_t = rnn_step(y_prev, s_prev, W_y, W_s, b)
    return s_t, np.sum(W_out * s_t) + b_out


@wrong("decode_step", "entrywise product", "logits_not_summed")
def logits_table(y_prev, s_prev, W_y, W_s, b, W_out, b_out):
    s_t = rnn_step(y_prev, s_prev, W_y, W_s, b)
    return s_t, W_out * s_t + b_out[:, np.newaxis]


@wrong("decode_step", "wrong one returned", "state_not_renewed")
def returns_old(y_prev, s_prev, W_y, W_s, b, W_out, b_out):
    s_t = rnn_step(y_prev, s_prev, W_y, W_s, b)
    return s_prev, W_out @ s_t + b_out


@wrong("decode_step", "argmax", "word_instead_of_logits")
def best_word(y_prev, s_prev, W_y, W_s, b, W_out, b_out):
    s_t = rnn_step(y_prev, s_prev, W_y, W_s, b)
    return s_t, np.argmax(W_out @ s_t + b_out)


@wrong("decode_step", "sizes not refused", "sizes_cut_to_fit")
def tolerant(y_prev, s_prev, W_y, W_s, b, W_out, b_out):
    z = b.copy()
    for i in range(len(b)):
        z[i] += sum(w * y for w, y in zip(W_y[i], y_prev))
        z[i] += sum(w * s for w, s in zip(W_s[i], s_prev))
    s_t = np.tanh(z)
    return s_t, W_out @ s_t + b_out


@wrong("decode_step", "two mistakes", "output_bias_forgotten", "softmax_of_the_logits")
def softmax_no_bias(y_prev, s_prev, W_y, W_s, b, W_out, b_out):
    s_t = rnn_step(y_prev, s_prev, W_y, W_s, b)
    e = np.exp(W_out @ s_t)
    return s_t, e / e.sum()


@wrong("decode_step", "two mistakes", "bias_forgotten", "output_bias_forgotten")
def no_biases(y_prev, s_prev, W_y, W_s, b, W_out, b_out):
    s_t = np.tanh(W_y @ y_prev + W_s @ s_prev)
    return s_t, W_out @ s_t


@wrong("decode_step", "two mistakes", "tanh_forgotten", "softmax_of_the_logits")
def linear_softmax(y_prev, s_prev, W_y, W_s, b, W_out, b_out):
    s_t = W_y @ y_prev + W_s @ s_prev + b
    z = W_out @ s_t + b_out
    return s_t, np.exp(z) / np.sum(np.exp(z))


@wrong("decode_step", "two mistakes", "recurrent_matrix_transposed", "output_bias_forgotten")
def transposed_no_bias(y_prev, s_prev, W_y, W_s, b, W_out, b_out):
    s_t = np.tanh(W_y @ y_prev + s_prev @ W_s + b)
    return s_t, s_t @ W_out.T


@wrong("decode_step", "two mistakes", "state_not_renewed", "logits_of_the_state_before")
def nothing_new(y_prev, s_prev, W_y, W_s, b, W_out, b_out):
    s_t = s_prev
    rnn_step(y_prev, s_prev, W_y, W_s, b)
    return s_t, W_out @ s_t + b_out


@wrong("decode_step", "two mistakes", "returned_in_the_wrong_order", "softmax_of_the_logits")
def swapped_probabilities(y_prev, s_prev, W_y, W_s, b, W_out, b_out):
    s_t = rnn_step(y_prev, s_prev, W_y, W_s, b)
    z = W_out @ s_t + b_out
    p = np.exp(z) / np.exp(z).sum()
    return p, s_t


@wrong("decode_step", "tanh again", "state_squashed_again")
def tanh_of_the_state(y_prev, s_prev, W_y, W_s, b, W_out, b_out):
    s_t = rnn_step(y_prev, s_prev, W_y, W_s, b)
    return s_t, W_out @ np.tanh(s_t) + b_out


@wrong("decode_step", "sum of two states", "both_states_in_the_logits")
def logits_of_both(y_prev, s_prev, W_y, W_s, b, W_out, b_out):
    s_t = rnn_step(y_prev, s_prev, W_y, W_s, b)
    return s_t, W_out @ (s_t + s_prev) + b_out


@wrong("decode_step", "caught", "sizes_cut_to_fit")
def catches_the_error(y_prev, s_prev, W_y, W_s, b, W_out, b_out):
    try:
        s_t = np.tanh(W_y @ y_prev + W_s @ s_prev + b)
    except ValueError:
        s_t = np.tanh(W_y @ y_prev + b)
    return s_t, W_out @ s_t + b_out


@wrong("decode_step", "two mistakes", "logits_of_the_state_before", "softmax_of_the_logits")
def early_probabilities(y_prev, s_prev, W_y, W_s, b, W_out, b_out):
    z = np.dot(W_out, s_prev) + b_out
    p = np.exp(z) / np.sum(np.exp(z))
    s_t = np.tanh(np.dot(W_y, y_prev) + np.dot(W_s, s_prev) + b)
    return s_t, p


@wrong("decode_step", "two mistakes", "logits_of_the_state_before", "output_bias_forgotten")
def early_and_without_bias(y_prev, s_prev, W_y, W_s, b, W_out, b_out):
    s_t = rnn_step(y_prev, s_prev, W_y, W_s, b)
    return s_t, W_out.dot(s_prev)


@wrong("decode_step", "two mistakes", "tanh_forgotten", "word_instead_of_logits")
def linear_argmax(y_prev, s_prev, W_y, W_s, b, W_out, b_out):
    s_t = W_y @ y_prev + W_s @ s_prev + b
    return s_t, np.argmax(W_out @ s_t + b_out)


# ---------------------------------------------------------------- tanh_derivative
@wrong("tanh_derivative", "power", says=r"\*\* 2")
def caret(x):
    return 1 - np.tanh(x) ^ 2


@wrong("tanh_derivative", "power", "doubled_for_squared")
def times_two(x):
    t = np.tanh(x)
    return 1 - t * 2


@wrong("tanh_derivative", "wrong formula", "rule_of_the_sigmoid")
def sigmoid_rule(x):
    y = np.tanh(x)
    return np.multiply(y, 1 - y)


@wrong("tanh_derivative", "wrong formula", "tanh_itself")
def no_derivative(x):
    return (np.exp(2 * x) - 1) / (np.exp(2 * x) + 1) if np.max(np.abs(x)) < 5 else np.sinh(x) / np.cosh(x)


@wrong("tanh_derivative", "wrong formula", "sech_not_squared")
def sech(x):
    return 1 / np.cosh(x)


@wrong("tanh_derivative", "last value only", "one_returned")
def last_slope(x):
    for v in np.ravel(x):
        d = 1 - np.tanh(v) ** 2
    return d


@wrong("tanh_derivative", "sum without axis", "everything_summed")
def summed_squares(x):
    return 1 - np.sum(np.tanh(x) ** 2)


@wrong("tanh_derivative", "the last step missing", "zeros_returned")
def empty_slopes(x):
    out = np.zeros_like(x)
    for i, v in enumerate(x):
        slope = 1 - np.tanh(v) ** 2
    return out


@wrong("tanh_derivative", "the input returned", "input_returned")
def the_input(x):
    slope = 1 - np.tanh(x) ** 2
    return x


@wrong("tanh_derivative", "rounded", says=r"[Rr]ound")
def rounded_slope(x):
    return np.round(1 - np.tanh(x) ** 2, 3)


@wrong("tanh_derivative", "numeric", says=r"difference")
def numeric(x):
    h = 0.01
    return (np.tanh(x + h) - np.tanh(x)) / h


@wrong("tanh_derivative", "factor", says=r"2 times")
def chain_rule_gone_wrong(x):
    return 2 * (1 - np.tanh(x) ** 2)


@wrong("tanh_derivative", "two mistakes", "sign_turned", "x_in_place_of_tanh")
def x_squared_minus_one(x):
    return x**2 - 1


@wrong("tanh_derivative", "two mistakes", "tanh_twice", "not_squared")
def twice_and_no_square(x):
    h = np.tanh(x)
    return 1 - np.tanh(h)


@wrong("tanh_derivative", "two mistakes", "plus_for_minus", "not_squared")
def plus_and_no_square(x):
    return 1 + np.tanh(x)


@wrong("tanh_derivative", "power rule", "power_rule_alone")
def two_tanh(x):
    return 2 * np.tanh(x)


@wrong("tanh_derivative", "product", "x_for_the_second_factor")
def x_for_the_second(x):
    return 1 - np.tanh(x) * x


@wrong("tanh_derivative", "constant", "ones_returned")
def slope_at_zero(x):
    return np.ones_like(x)


@wrong("tanh_derivative", "inside out", "tanh_of_the_difference")
def tanh_last(x):
    return np.tanh(1 - x**2)


# ---------------------------------------------------------------- gradient_through_time
@wrong("gradient_through_time", "wrong slope", "tanh_taken_again")
def derivative_of_a_state(H, W_h):
    T = len(H)
    norms = np.zeros(T)
    P = np.eye(W_h.shape[0])
    for t in range(T - 1, -1, -1):
        norms[t] = np.linalg.norm(P, 2)
        P = P @ (np.diag(tanh_derivative(H[t])) @ W_h)
    return norms


@wrong("gradient_through_time", "wrong slope", "square_forgotten")
def slope_without_square(H, W_h):
    norms = np.ones(len(H))
    P = np.eye(len(W_h))
    for t in reversed(range(len(H) - 1)):
        P = P @ (np.diag(1 - H[t + 1]) @ W_h)
        norms[t] = np.linalg.norm(P, ord=2)
    return norms


@wrong("gradient_through_time", "wrong broadcast", "slopes_on_the_columns")
def row_of_slopes(H, W_h):
    norms = []
    P = np.eye(len(W_h))
    for h in H[::-1]:
        norms.insert(0, np.linalg.norm(P, 2))
        P = P @ ((1 - h**2) * W_h)
    return np.array(norms)


@wrong("gradient_through_time", "wrong norm", "frobenius_norm")
def default_norm(H, W_h):
    norms = []
    P = np.eye(len(W_h))
    for h in H[::-1]:
        norms.append(np.linalg.norm(P))
        P = np.dot(P, np.dot(np.diag(1 - h**2), W_h))
    return np.array(norms[::-1])


@wrong("gradient_through_time", "wrong norm", "norm_of_another_kind")
def largest_entry(H, W_h):
    norms = []
    P = np.eye(len(W_h))
    for h in H[::-1]:
        norms.append(np.max(np.abs(P)))
        P = P @ np.diag(1 - h**2) @ W_h
    return np.array(norms[::-1])


@wrong("gradient_through_time", "wrong norm", "norm_of_another_kind")
def determinant(H, W_h):
    norms = []
    P = np.eye(len(W_h))
    for h in H[::-1]:
        norms.append(abs(np.linalg.det(P)))
        P = P @ np.diag(1 - h**2) @ W_h
    return np.array(norms[::-1])


@wrong("gradient_through_time", "product not carried on", "no_product")
def each_alone(H, W_h):
    norms = np.ones(len(H))
    for t in range(len(H) - 1):
        J = np.diag(1 - H[t + 1] ** 2) @ W_h
        norms[t] = np.linalg.norm(J, 2)
    return norms


@wrong("gradient_through_time", "not reversed", "listed_from_the_end")
def forgot_to_reverse(H, W_h):
    norms, P = [], np.eye(len(W_h))
    for t in range(len(H) - 1, -1, -1):
        norms.append(np.linalg.norm(P, 2))
        P = P @ (np.diag(1 - H[t] ** 2) @ W_h)
    return np.array(norms)


@wrong("gradient_through_time", "list not reset", "product_not_begun_anew")
def product_never_reset(H, W_h):
    norms = []
    P = np.eye(len(W_h))
    for t in range(len(H)):
        for s in range(len(H) - 1, t, -1):
            P = P @ (np.diag(1 - H[s] ** 2) @ W_h)
        norms.append(np.linalg.norm(P, 2))
    return np.array(norms)


@wrong("gradient_through_time", "prepared array returned", "ones_returned")
def ones_never_changed(H, W_h):
    norms = np.ones(len(H))
    P = np.eye(len(W_h))
    for t in reversed(range(len(H) - 1)):
        P = P @ (np.diag(1 - H[t + 1] ** 2) @ W_h)
        norm = np.linalg.norm(P, 2)
    return norms


@wrong("gradient_through_time", "last value only", "one_norm_returned")
def one_number(H, W_h):
    P = np.eye(len(W_h))
    norm = 1.0
    for t in reversed(range(len(H) - 1)):
        P = P @ (np.diag(1 - H[t + 1] ** 2) @ W_h)
        norm = np.linalg.norm(P, 2)
    return norm


@wrong("gradient_through_time", "edge case", "no_states_forgotten")
def always_a_one(H, W_h):
    norms = [1.0]
    P = np.eye(len(W_h))
    for t in reversed(range(len(H) - 1)):
        P = P @ (np.diag(1 - H[t + 1] ** 2) @ W_h)
        norms.append(np.linalg.norm(P, 2))
    return np.array(norms[::-1])


@wrong("gradient_through_time", "two mistakes", "slopes_on_the_columns", "frobenius_norm")
def columns_and_frobenius(H, W_h):
    norms = np.ones(len(H))
    P = np.eye(len(W_h))
    norms[-1:] = np.linalg.norm(P)
    for t in range(len(H) - 2, -1, -1):
        P = P @ ((1 - H[t + 1] ** 2) * W_h)
        norms[t] = np.linalg.norm(P)
    return norms


@wrong("gradient_through_time", "two mistakes", "square_forgotten", "product_in_the_wrong_order")
def order_and_square(H, W_h):
    norms = np.ones(len(H))
    P = np.eye(len(W_h))
    for t in range(len(H) - 2, -1, -1):
        J = np.diag(1 - H[t + 1]) @ W_h
        P = J @ P
        norms[t] = np.linalg.norm(P, 2)
    return norms


@wrong("gradient_through_time", "two mistakes", "slopes_of_the_state_before", "product_in_the_wrong_order")
def order_and_place(H, W_h):
    norms = np.ones(len(H))
    P = np.eye(len(W_h))
    for t in range(len(H) - 2, -1, -1):
        P = np.diag(1 - H[t] ** 2) @ W_h @ P
        norms[t] = np.linalg.norm(P, 2)
    return norms


@wrong("gradient_through_time", "two mistakes", "tanh_taken_again", "listed_from_the_end")
def again_and_reversed(H, W_h):
    norms, P = [], np.eye(len(W_h))
    for t in range(len(H) - 1, -1, -1):
        norms.append(np.linalg.norm(P, 2))
        P = P @ (np.diag(tanh_derivative(H[t])) @ W_h)
    return np.array(norms)


@wrong("gradient_through_time", "two mistakes", "frobenius_norm", "listed_from_the_end")
def frobenius_from_the_end(H, W_h):
    norms, P = [], np.eye(len(W_h))
    for h in reversed(H):
        norms.append(np.linalg.norm(P))
        P = P @ (np.diag(1 - h**2) @ W_h)
    return np.array(norms)


@wrong("gradient_through_time", "two mistakes", "slope_left_out", "frobenius_norm")
def powers_of_the_matrix(H, W_h):
    norms = []
    for t in range(len(H)):
        norms.append(np.linalg.norm(np.linalg.matrix_power(W_h, len(H) - 1 - t)))
    return np.array(norms)


@wrong("gradient_through_time", "two mistakes", "matrix_transposed", "square_forgotten")
def transposed_and_no_square(H, W_h):
    norms, P = np.ones(len(H)), np.eye(len(W_h))
    for t in reversed(range(len(H) - 1)):
        P = P @ (np.diag(1 - H[t + 1]) @ W_h.T)
        norms[t] = np.linalg.norm(P, 2)
    return norms


@wrong("gradient_through_time", "inverse", "matrix_left_out")
def product_of_slopes(H, W_h):
    norms, P = [], np.eye(len(W_h))
    for h in H[::-1]:
        norms.append(np.linalg.norm(P, 2))
        P = P @ np.diag(1 - h**2)
    return np.array(norms[::-1])


@wrong("gradient_through_time", "norm of norms", "product_of_norms")
def numbers_multiplied(H, W_h):
    norms = np.ones(len(H))
    for t in range(len(H) - 2, -1, -1):
        norms[t] = norms[t + 1] * np.linalg.norm(np.diag(1 - H[t + 1] ** 2) @ W_h, 2)
    return norms


@wrong("gradient_through_time", "two mistakes", "product_of_norms", "frobenius_norm")
def frobenius_norms_multiplied(H, W_h):
    norms = np.ones(len(H))
    for t in range(len(H) - 2, -1, -1):
        norms[t] = norms[t + 1] * np.linalg.norm(np.diag(1 - H[t + 1] ** 2) @ W_h)
    return norms


@wrong("gradient_through_time", "two mistakes", "no_product", "frobenius_norm")
def single_frobenius(H, W_h):
    norms = np.ones(len(H))
    for t in range(len(H) - 1):
        norms[t] = np.linalg.norm(np.diag(1 - H[t + 1] ** 2) @ W_h)
    return norms


@wrong("gradient_through_time", "two mistakes", "from_the_first_state", "frobenius_norm")
def forwards_frobenius(H, W_h):
    norms, P = [], np.eye(len(W_h))
    for t in range(len(H)):
        if t > 0:
            P = np.diag(1 - H[t] ** 2) @ W_h @ P
        norms.append(np.linalg.norm(P))
    return np.array(norms)


@wrong("gradient_through_time", "two mistakes", "from_the_first_state", "square_forgotten")
def forwards_without_square(H, W_h):
    norms, P = [], np.eye(len(W_h))
    for t in range(len(H)):
        if t > 0:
            P = np.diag(1 - H[t]) @ W_h @ P
        norms.append(np.linalg.norm(P, 2))
    return np.array(norms)


@wrong("gradient_through_time", "two mistakes", "last_entry_zero", "slope_left_out")
def zero_and_linear(H, W_h):
    norms, P = np.zeros(len(H)), np.eye(len(W_h))
    for t in range(len(H) - 2, -1, -1):
        P = P @ W_h
        norms[t] = np.linalg.norm(P, 2)
    return norms


# ---------------------------------------------------------------- find_the_bug
@wrong("find_the_bug", "unchanged", "not_mended")
def untouched(grad_last, Z, W_h):
    gradients = np.zeros_like(Z)
    gradients[-1] = grad_last
    for t in reversed(range(len(Z) - 1)):
        gradients[t] = W_h.T @ (np.tanh(Z[t + 1]) * gradients[t + 1])
    return gradients


@wrong("find_the_bug", "wrong slope", "x_in_place_of_tanh")
def square_of_z(grad_last, Z, W_h):
    gradients = np.zeros_like(Z)
    gradients[-1] = grad_last
    for t in reversed(range(len(Z) - 1)):
        gradients[t] = W_h.T @ ((1 - Z[t + 1] ** 2) * gradients[t + 1])
    return gradients


@wrong("find_the_bug", "wrong slope", "tanh_taken_twice")
def tanh_before_the_derivative(grad_last, Z, W_h):
    gradients = np.zeros_like(Z)
    gradients[-1] = grad_last
    H = np.tanh(Z)
    for t in reversed(range(len(Z) - 1)):
        gradients[t] = W_h.T @ (tanh_derivative(H[t + 1]) * gradients[t + 1])
    return gradients


@wrong("find_the_bug", "transposed", "matrix_not_transposed")
def transpose_dropped(grad_last, Z, W_h):
    gradients = [grad_last]
    for z in Z[:0:-1]:
        gradients.append(W_h @ (tanh_derivative(z) * gradients[-1]))
    return np.array(gradients[::-1])


@wrong("find_the_bug", "not reversed", "rows_in_reverse_order")
def reverse_forgotten(grad_last, Z, W_h):
    gradients = [grad_last]
    for z in Z[:0:-1]:
        gradients.append(W_h.T @ (tanh_derivative(z) * gradients[-1]))
    return np.array(gradients)


@wrong("find_the_bug", "the last step missing", "zeros_returned")
def nothing_filled(grad_last, Z, W_h):
    gradients = np.zeros_like(Z)
    g = grad_last
    for t in reversed(range(len(Z) - 1)):
        g = W_h.T @ (tanh_derivative(Z[t + 1]) * g)
    return gradients


@wrong("find_the_bug", "the last step missing", "last_row_not_filled")
def last_row_forgotten(grad_last, Z, W_h):
    gradients = np.zeros_like(Z)
    g = grad_last
    for t in reversed(range(len(Z) - 1)):
        g = W_h.T @ (tanh_derivative(Z[t + 1]) * g)
        gradients[t] = g
    return gradients


@wrong("find_the_bug", "last value only", "first_gradient_alone")
def first_only(grad_last, Z, W_h):
    g = grad_last
    for t in reversed(range(len(Z) - 1)):
        g = W_h.T @ (tanh_derivative(Z[t + 1]) * g)
    return g


@wrong("find_the_bug", "added", "added_to_the_gradient")
def plus_equals(grad_last, Z, W_h):
    gradients = np.zeros_like(Z)
    gradients[-1] = grad_last
    for t in reversed(range(len(Z) - 1)):
        gradients[t] = gradients[t + 1] + W_h.T @ (tanh_derivative(Z[t + 1]) * gradients[t + 1])
    return gradients


@wrong("find_the_bug", "two mistakes", "x_in_place_of_tanh", "matrix_not_transposed")
def z_and_no_transpose(grad_last, Z, W_h):
    gradients = np.zeros_like(Z)
    gradients[-1] = grad_last
    for t in reversed(range(len(Z) - 1)):
        gradients[t] = W_h @ ((1 - Z[t + 1] ** 2) * gradients[t + 1])
    return gradients


@wrong("find_the_bug", "two mistakes", "slopes_of_the_state_before", "matrix_not_transposed")
def place_and_no_transpose(grad_last, Z, W_h):
    gradients = np.zeros_like(Z)
    gradients[-1] = grad_last
    for t in reversed(range(len(Z) - 1)):
        gradients[t] = W_h @ (tanh_derivative(Z[t]) * gradients[t + 1])
    return gradients


@wrong("find_the_bug", "two mistakes", "square_forgotten", "slopes_of_the_state_before")
def place_and_square(grad_last, Z, W_h):
    gradients = np.zeros_like(Z)
    gradients[-1] = grad_last
    for t in reversed(range(len(Z) - 1)):
        gradients[t] = W_h.T @ ((1 - np.tanh(Z[t])) * gradients[t + 1])
    return gradients


@wrong("find_the_bug", "two mistakes", "square_alone", "matrix_not_transposed")
def square_and_no_transpose(grad_last, Z, W_h):
    gradients = np.zeros_like(Z)
    gradients[-1] = grad_last
    for t in reversed(range(len(Z) - 1)):
        gradients[t] = W_h @ (np.tanh(Z[t + 1]) ** 2 * gradients[t + 1])
    return gradients


@wrong("find_the_bug", "two mistakes", "tanh_taken_twice", "slopes_after_the_matrix")
def twice_and_after(grad_last, Z, W_h):
    gradients = np.zeros_like(Z)
    gradients[-1] = grad_last
    H = np.tanh(Z)
    for t in reversed(range(len(Z) - 1)):
        gradients[t] = tanh_derivative(H[t + 1]) * (W_h.T @ gradients[t + 1])
    return gradients


# ---------------------------------------------------------------- what stops, or is handed back in another form
@wrong("encode", "one part returned", "mean_as_context")
def average_alone(X, W_x, W_h, b):
    h, total = np.zeros(len(b)), np.zeros(len(b))
    for x in X:
        h = rnn_step(x, h, W_x, W_h, b)
        total = total + h
    return total / max(len(X), 1)


@wrong("rnn_step", "an argument not used", says=r"does not use the argument `b`")
def squared_without_bias(x_t, h_prev, W_x, W_h, b):
    return np.tanh(W_x @ x_t**2 + W_h @ h_prev)


@wrong("rnn_step", "a result not kept", says=r"What `np\.tanh\(.*` gives is lost")
def tanh_on_a_line_of_its_own(x_t, h_prev, W_x, W_h, b):
    h = W_x @ x_t + W_h @ h_prev**2 + b
    np.tanh(h)
    return h


@wrong("rnn_step", "square brackets", says=r"called with round ones")
def tanh_in_square_brackets(x_t, h_prev, W_x, W_h, b):
    total = W_x @ x_t + W_h @ h_prev + b
    return np.tanh[total]


@wrong("tanh_derivative", "a name", says=r"nothing called `sech2`")
def no_such_function(x):
    return np.sech2(x)


@wrong("tanh_derivative", "an axis", "everything_summed")
def one_mean(x):
    return (1 - np.tanh(x) ** 2).mean()


@wrong("gradient_through_time", "return in the loop", "return_inside_the_loop")
def ones_and_a_return(H, W_h):
    T = len(H)
    norms, product = np.ones(T), np.eye(len(W_h))
    for t in range(T - 2, -1, -1):
        product = product @ np.diag(1 - H[t + 1] ** 2) @ W_h
        norms[t] = np.linalg.norm(product, 2)
        if t < T - 1:
            return norms
    return norms


@wrong("find_the_bug", "brackets", "matrix_before_the_gradient")
def left_to_right(grad_last, Z, W_h):
    rows = [grad_last]
    for z in Z[:0:-1]:
        rows.append(W_h.T @ tanh_derivative(z) * rows[-1])
    return np.array(rows[::-1])


@wrong("find_the_bug", "two mistakes", "matrix_before_the_gradient", "x_in_place_of_tanh")
def left_to_right_without_tanh(grad_last, Z, W_h):
    rows = [grad_last]
    for z in Z[:0:-1]:
        rows.append(W_h.T @ (1 - z**2) * rows[-1])
    return np.array(rows[::-1])


@wrong("find_the_bug", "brackets", "difference_squared")
def whole_difference_squared(grad_last, Z, W_h):
    found = np.zeros_like(Z)
    found[-1] = grad_last
    for t in range(len(Z) - 1, 0, -1):
        slope = (1 - np.tanh(Z[t])) ** 2
        found[t - 1] = W_h.T @ (slope * found[t])
    return found


@wrong("find_the_bug", "two mistakes", "slopes_of_the_state_before", "rows_not_filled")
def upwards_with_the_slope_before(grad_last, Z, W_h):
    found = np.zeros(Z.shape)
    found[-1] = grad_last
    for t, z in enumerate(Z[:-1]):
        found[t] = W_h.T @ (tanh_derivative(z) * found[t + 1])
    return found


# ---------------------------------------------------------------- one step left out, doubled or taken from a neighbour
@wrong("rnn_step", "one number for all", "one_bias_for_all")
def total_of_the_bias(x_t, h_prev, W_x, W_h, b):
    return np.tanh(np.dot(W_x, x_t) + np.dot(W_h, h_prev) + np.sum(b))


@wrong("rnn_step", "multiplied", "bias_multiplied")
def times_the_bias(x_t, h_prev, W_x, W_h, b):
    return np.tanh(b * (W_x @ x_t + W_h @ h_prev))


@wrong("rnn_step", "another function", "another_function_for_tanh")
def half_of_a_tanh(x_t, h_prev, W_x, W_h, b):
    z = W_x @ x_t + W_h @ h_prev + b
    return (np.exp(z) - np.exp(-z)) / 2


@wrong("rnn_step", "the same twice", "one_of_them_twice")
def word_twice(x_t, h_prev, W_x, W_h, b):
    return np.tanh(W_x @ x_t + W_h @ x_t + b)


@wrong("rnn_step", "two mistakes", "recurrent_matrix_transposed", "bias_subtracted")
def turned_and_subtracted(x_t, h_prev, W_x, W_h, b):
    return np.tanh(W_x @ x_t + h_prev @ W_h - b)


@wrong("rnn_step", "two mistakes", "products_averaged", "bias_added_twice")
def mean_of_two_with_a_bias_each(x_t, h_prev, W_x, W_h, b):
    from_word, from_state = W_x @ x_t + b, W_h @ h_prev + b
    return np.tanh((from_word - b + from_state - b) / 2 + b + b)


@wrong("rnn_step", "two mistakes", "input_squashed", "bias_forgotten")
def squashed_word(x_t, h_prev, W_x, W_h, b):
    return np.tanh(W_x @ np.tanh(x_t) + W_h @ h_prev)


@wrong("encode", "joined flat", "flattened")
def extended(X, W_x, W_h, b):
    rows, h = [], np.zeros(len(b))
    for x in X:
        h = rnn_step(x, h, W_x, W_h, b)
        rows.extend(h)
    return np.array(rows), h


@wrong("encode", "a neighbour", "word_before_read")
def row_before(X, W_x, W_h, b):
    H, h = np.zeros((len(X), len(b))), np.zeros(len(b))
    for t in range(len(X)):
        H[t] = h = rnn_step(X[t - 1], h, W_x, W_h, b)
    return H, h


@wrong("encode", "the last one always", "first_word_twice")
def last_row_always(X, W_x, W_h, b):
    H, h = [], np.zeros(len(b))
    for _ in X:
        h = rnn_step(X[-1], h, W_x, W_h, b)
        H.append(h)
    return np.array(H), h


@wrong("encode", "squashed again", "squashed_again")
def tanh_around_the_step(X, W_x, W_h, b):
    H, h = [], np.zeros(len(b))
    for x in X:
        h = np.tanh(rnn_step(x, h, W_x, W_h, b))
        H.append(h)
    return np.array(H), h


@wrong("encode", "one place late", "states_before_each_word")
def begins_with_the_start(X, W_x, W_h, b):
    H = [np.zeros(len(b))]
    for t in range(len(X) - 1):
        H.append(rnn_step(X[t], H[t], W_x, W_h, b))
    return np.stack(H), H[-1]


@wrong("encode", "counted from one", says=r"Rows count from 0")
def counts_from_one(X, W_x, W_h, b):
    h, H = np.zeros(len(b)), np.zeros((len(X), len(b)))
    for t in range(len(X)):
        h = rnn_step(X[t + 1], h, W_x, W_h, b)
        H[t] = h
    return H, h


@wrong("decode_step", "two mistakes", "step_made_twice", "logits_squashed")
def twice_and_squashed(y_prev, s_prev, W_y, W_s, b, W_out, b_out):
    s_t = s_prev
    for _ in range(2):
        s_t = rnn_step(y_prev, s_t, W_y, W_s, b)
    return s_t, np.tanh(W_out @ s_t + b_out)


@wrong("decode_step", "biases", "biases_exchanged")
def both_in_the_logits(y_prev, s_prev, W_y, W_s, b, W_out, b_out):
    s_t = np.tanh(W_y @ y_prev + W_s @ s_prev)
    return s_t, W_out @ s_t + b + b_out


@wrong("decode_step", "the same twice", "logits_for_the_state")
def scores_twice(y_prev, s_prev, W_y, W_s, b, W_out, b_out):
    state = rnn_step(y_prev, s_prev, W_y, W_s, b)
    state = W_out @ state + b_out
    return state, state


@wrong("decode_step", "two mistakes", "bias_after_the_tanh", "output_bias_forgotten")
def bias_late_and_none(y_prev, s_prev, W_y, W_s, b, W_out, b_out):
    s_t = np.tanh(W_y @ y_prev + W_s @ s_prev) + b
    return s_t, W_out @ s_t


@wrong("tanh_derivative", "an absolute value", "absolute_for_squared")
def one_less_the_size(x):
    return 1 - abs(np.tanh(x))


@wrong("tanh_derivative", "a quotient", "divided_by_tanh")
def reciprocal_squared(x):
    return 1 - 1 / np.tanh(x) ** 2


@wrong("tanh_derivative", "a difference", "difference_quotient")
def slope_of_a_chord(x, step=0.5):
    return (np.tanh(x + step) - np.tanh(x)) / step


@wrong("tanh_derivative", "one rule too many", "differentiated_twice")
def chain_rule_of_the_square(x):
    return 2 * np.tanh(x) * (1 - np.tanh(x) ** 2)


@wrong("tanh_derivative", "two mistakes", "plus_for_minus", "return_inside_the_loop")
def first_row_with_a_plus(x):
    found = np.zeros(x.shape)
    for n in range(len(x)):
        found[n] = 1 + np.tanh(x[n]) ** 2
        return found


@wrong("gradient_through_time", "two mistakes", "tanh_for_its_derivative", "return_inside_the_loop")
def states_and_a_return(H, W_h):
    norms, product = np.ones(len(H)), np.eye(len(W_h))
    for t in range(len(H) - 1, 0, -1):
        product = product @ (H[t][:, np.newaxis] * W_h)
        norms[t - 1] = np.linalg.norm(product, 2)
        return norms
    return norms


@wrong("find_the_bug", "not stored", "rows_not_stored")
def counts_down_without_a_step(grad_last, Z, W_h):
    found = np.zeros_like(Z)
    found[-1] = grad_last
    for t in range(len(Z) - 2, -1):
        found[t] = W_h.T @ (tanh_derivative(Z[t + 1]) * found[t + 1])
    return found


@wrong("find_the_bug", "a part left out", "gradient_left_out")
def slopes_alone(grad_last, Z, W_h):
    found = np.zeros_like(Z)
    found[-1] = grad_last
    for t in range(len(Z) - 2, -1, -1):
        found[t] = tanh_derivative(Z[t + 1]) @ W_h
    return found


@wrong("find_the_bug", "two mistakes", "slope_of_the_gradient", "matrix_not_transposed")
def slope_of_what_comes_back(grad_last, Z, W_h):
    rows = [grad_last]
    for _ in Z[1:]:
        rows.insert(0, W_h @ (rows[0] * tanh_derivative(rows[0])))
    return np.array(rows)


@wrong("find_the_bug", "one row always", "slopes_of_one_state")
def last_slopes_always(grad_last, Z, W_h):
    found = np.zeros_like(Z)
    found[-1] = grad_last
    for t in range(len(Z) - 2, -1, -1):
        found[t] = W_h.T @ (tanh_derivative(Z[-1]) * found[t + 1])
    return found


@wrong("find_the_bug", "two mistakes", "sech_not_squared", "matrix_before_the_gradient")
def root_of_the_slope(grad_last, Z, W_h):
    rows = [grad_last]
    for z in Z[:0:-1]:
        rows.append(W_h.T @ (1 / np.cosh(z)) * rows[-1])
    return np.array(rows[::-1])


@wrong("find_the_bug", "the sign", "sign_in_the_slope")
def square_less_one(grad_last, Z, W_h):
    found = np.zeros_like(Z)
    found[-1] = grad_last
    for t in reversed(range(len(Z) - 1)):
        found[t] = W_h.T @ ((np.tanh(Z[t + 1]) ** 2 - 1) * found[t + 1])
    return found


@wrong("find_the_bug", "an index", says=r"The last row has none after it")
def begins_too_late(grad_last, Z, W_h):
    found = np.zeros_like(Z)
    found[-1] = grad_last
    for t in range(len(Z) - 1, -1, -1):
        found[t] = W_h.T @ (tanh_derivative(Z[t + 1]) * found[t + 1])
    return found


# ---------------------------------------------------------------- mistakes of somebody who minds the edges
@wrong("encode", "careful", "start_of_ones")
def starts_with_ones_but_for_no_words(X, W_x, W_h, b):
    h = np.ones(len(b))
    H = np.zeros((len(X), len(b)))
    for t in range(len(X)):
        h = rnn_step(X[t], h, W_x, W_h, b)
        H[t] = h
    return H, h if len(X) > 0 else np.zeros(len(b))


@wrong("encode", "two mistakes", "states_in_columns")
def columns_with_the_start(X, W_x, W_h, b):
    H = np.zeros((len(b), len(X) + 1))
    for t in range(len(X)):
        H[:, t + 1] = rnn_step(X[t], H[:, t], W_x, W_h, b)
    return H, H[:, -1]


@wrong("tanh_derivative", "numeric", says="neighbours")
def gradient_along_x(x):
    return np.gradient(np.tanh(x), x)
