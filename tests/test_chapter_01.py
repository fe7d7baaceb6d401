"""Chapter 01: the solved functions against Keras, TensorFlow and finite differences, and what learners are told."""

from functools import partial

import numpy as np
import pytest

from autograder.authoring.source import read_source
from autograder.learner.check import load
from tests import chapters
from tests.chapters import ROOT

SLUG = "01_seq2seq_limits"
KEY = chapters.key_of(SLUG)
verdict_on = partial(chapters.verdict_on, SLUG)
D_X, D_H, D_Y, V, T = 3, 5, 6, 7, 9


@pytest.fixture
def rng():
    return np.random.default_rng(11)


@pytest.fixture
def W_x(rng):
    return rng.normal(size=(D_H, D_X))


@pytest.fixture
def W_h(rng):
    return 1.2 * rng.normal(size=(D_H, D_H)) / np.sqrt(D_H)


@pytest.fixture
def b(rng):
    return rng.normal(size=D_H)


@pytest.fixture
def X(rng):
    return rng.normal(size=(T, D_X))


# ---------------------------------------------------------------- the forward pass against Keras
def keras_rnn(*weights):
    """Return Keras's own layer, in float64, with our matrices: its kernels are (in, out)."""
    keras = pytest.importorskip("keras")
    W_in, W_state, bias = weights
    layer = keras.layers.SimpleRNN(len(bias), return_sequences=True, return_state=True, dtype="float64")
    layer.build((None, None, W_in.shape[1]))
    layer.set_weights([W_in.T, W_state.T, bias])
    return layer


def test_encoder_agrees_with_keras(solved, X, W_x, W_h, b):
    states, last = keras_rnn(W_x, W_h, b)(X[np.newaxis])
    H, context = solved["encode"](X, W_x, W_h, b)
    np.testing.assert_allclose(H, states[0], rtol=1e-10)
    np.testing.assert_allclose(context, last[0], rtol=1e-10)


def test_decoder_agrees_with_keras(solved, rng, W_h, b):
    W_y, W_out, b_out = rng.normal(size=(D_H, D_Y)), rng.normal(size=(V, D_H)), rng.normal(size=V)
    y, s = rng.normal(size=D_Y), rng.normal(size=D_H)
    states, _ = keras_rnn(W_y, W_h, b)(y[np.newaxis, np.newaxis], initial_state=s[np.newaxis])
    s_t, logits = solved["decode_step"](y, s, W_y, W_h, b, W_out, b_out)
    np.testing.assert_allclose(s_t, states[0, 0], rtol=1e-10)
    np.testing.assert_allclose(logits, np.einsum("vh,h->v", W_out, states[0, 0]) + b_out, rtol=1e-10)


def test_context_of_one_word_and_of_none(solved, X, W_x, W_h, b):
    H, context = solved["encode"](X[:1], W_x, W_h, b)
    np.testing.assert_allclose(context, np.tanh(W_x @ X[0] + b))
    np.testing.assert_array_equal(H, [context])
    H, context = solved["encode"](X[:0], W_x, W_h, b)
    assert H.shape == (0, D_H)
    np.testing.assert_array_equal(context, np.zeros(D_H))


def test_a_longer_sentence_has_no_larger_context(solved, X, W_x, W_h, b):
    shapes = {solved["encode"](X[:length], W_x, W_h, b)[1].shape for length in range(T + 1)}
    assert shapes == {(D_H,)}


def test_a_state_of_the_wrong_size_is_refused(solved, rng, W_h, b):
    with pytest.raises(ValueError):
        solved["decode_step"](
            np.ones(D_Y), np.ones(D_H + 1), np.ones((D_H, D_Y)), W_h, b, np.ones((V, D_H)), np.ones(V)
        )


# ---------------------------------------------------------------- the gradient by two other routes
def test_tanh_derivative_agrees_with_tensorflow(solved, rng):
    tf = pytest.importorskip("tensorflow")
    x = tf.constant(rng.normal(scale=3, size=(4, 6)))
    with tf.GradientTape() as tape:
        tape.watch(x)
        total = tf.reduce_sum(tf.tanh(x))
    np.testing.assert_allclose(solved["tanh_derivative"](x.numpy()), tape.gradient(total, x), rtol=1e-9)


def test_gradient_agrees_with_tensorflow(solved, X, W_x, W_h, b):
    tf = pytest.importorskip("tensorflow")
    h, states = tf.zeros(D_H, tf.float64), []
    with tf.GradientTape(persistent=True) as tape:
        for x in X:
            h = tf.tanh(tf.linalg.matvec(W_x, x) + tf.linalg.matvec(W_h, h) + b)
            tape.watch(h)
            states.append(h)
    jacobians = tape.jacobian(h, states, experimental_use_pfor=False)
    expected = [np.linalg.svd(jacobian, compute_uv=False)[0] for jacobian in jacobians]
    H, _ = solved["encode"](X, W_x, W_h, b)
    np.testing.assert_allclose(solved["gradient_through_time"](H, W_h), expected, rtol=1e-9)

    pre_activations = X @ W_x.T + np.vstack([np.zeros(D_H), H[:-1]]) @ W_h.T + b
    g = np.arange(1.0, D_H + 1)
    backwards = solved["mended_gradients"](g, pre_activations, W_h)
    np.testing.assert_allclose(backwards, [np.transpose(jacobian) @ g for jacobian in jacobians], rtol=1e-9)


def test_gradient_agrees_with_finite_differences(solved, X, W_x, W_h, b):
    H, _ = solved["encode"](X, W_x, W_h, b)

    def last_from(t, h):
        for x in X[t + 1 :]:
            h = solved["rnn_step"](x, h, W_x, W_h, b)
        return h

    norms = solved["gradient_through_time"](H, W_h)
    for t in range(T):
        pushes = 1e-5 * np.eye(D_H)
        columns = [(last_from(t, H[t] + push) - last_from(t, H[t] - push)) / 2e-5 for push in pushes]
        np.testing.assert_allclose(norms[t], np.linalg.norm(np.transpose(columns), 2), rtol=1e-6)


def test_gradient_of_a_long_network_that_saturates_stays_finite(solved):
    H = np.where(np.random.default_rng(0).random((300, D_H)) < 0.5, -1.0, 1.0)
    norms = solved["gradient_through_time"](H, np.eye(D_H))
    assert norms[-1] == 1 and (norms[:-1] == 0).all()


@pytest.mark.parametrize(("length", "expected"), [(0, []), (1, [1.0])])
def test_gradient_of_short_sequences(solved, W_h, length, expected):
    norms = solved["gradient_through_time"](np.full((length, D_H), 0.3), W_h)
    assert norms.shape == (length,)
    np.testing.assert_array_equal(norms, expected)


def test_the_broken_function_shows_its_symptom(solved):
    level = {"quiet": 0.01, "saturated": 5.0}
    _, W, _ = solved["random_rnn"](d_x=6, d_h=8)
    broken, mended = (
        {name: np.linalg.norm(solved[function](np.ones(8), np.full((5, 8), z), W)[0]) for name, z in level.items()}
        for function in ("broken_gradients", "mended_gradients")
    )
    assert broken["quiet"] < 1e-6 and broken["saturated"] > 2.8
    assert mended["quiet"] > 2.8 and mended["saturated"] < 1e-6


# ---------------------------------------------------------------- what learners write, and what they are told
CODE = {
    "rnn_step": """
def rnn_step(x_t, h_prev, W_x, W_h, b):
    return np.tanh(W_x @ x_t + W_h @ h_prev + b)
""",
    "encode": """
def encode(X, W_x, W_h, b):
    h = np.zeros(len(b))
    H = []
    for x_t in X:
        h = rnn_step(x_t, h, W_x, W_h, b)
        H.append(h)
    return np.array(H), h
""",
    "decode_step": """
def decode_step(y_prev, s_prev, W_y, W_s, b, W_out, b_out):
    s_t = np.tanh(W_y @ y_prev + W_s @ s_prev + b)
    logits = W_out @ s_t + b_out
    return s_t, logits
""",
    "tanh_derivative": """
def tanh_derivative(x):
    h = np.tanh(x)
    return 1 - h ** 2
""",
    "gradient_through_time": """
def gradient_through_time(H, W_h):
    norms = []
    product = np.eye(len(W_h))
    for t in reversed(range(len(H))):
        norms.append(np.linalg.norm(product, 2))
        product = product @ np.diag(1 - H[t] ** 2) @ W_h
    return np.array(norms[::-1])
""",
    "find_the_bug": """
def mended_gradients(grad_last, Z, W_h):
    gradients = np.zeros_like(Z)
    gradients[-1] = grad_last
    for t in reversed(range(len(Z) - 1)):
        gradients[t] = W_h.T @ (tanh_derivative(Z[t + 1]) * gradients[t + 1])
    return gradients
""",
}
EQUAL = {
    "step by concatenation": ("rnn_step", """
def rnn_step(x_t, h_prev, W_x, W_h, b):
    z = np.hstack([W_x, W_h]) @ np.concatenate([x_t, h_prev]) + b
    return (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))
"""),
    "step by loops": ("rnn_step", """
import math

def rnn_step(x_t, h_prev, W_x, W_h, b):
    out = []
    for j in range(len(b)):
        z = b[j]
        for i in range(len(x_t)):
            z += W_x[j, i] * x_t[i]
        for i in range(len(h_prev)):
            z += W_h[j][i] * h_prev[i]
        out.append(math.tanh(z))
    return out
"""),
    "step by np.dot and einsum": ("rnn_step", """
def rnn_step(x_t, h_prev, W_x, W_h, b):
    return np.tanh(np.dot(W_x, x_t) + np.einsum("ij,j->i", W_h, h_prev) + b)
"""),
    "encoder from rows": ("encode", """
def encode(X, W_x, W_h, b):
    T, d_h = X.shape[0], W_h.shape[0]
    H = np.zeros((T + 1, d_h))
    for t in range(T):
        H[t + 1] = rnn_step(X[t], H[t], W_x, W_h, b)
    return H[1:], H[T]
"""),
    "encoder with a list": ("encode", """
def encode(X, W_x, W_h, b):
    H = [np.zeros(b.shape)]
    for t in range(len(X)):
        H.append(rnn_step(X[t], H[-1], W_x, W_h, b))
    return H[1:], H[-1]
"""),
    "encoder with a branch": ("encode", """
def encode(X, W_x, W_h, b):
    if len(X) == 0:
        return np.zeros((0, len(b))), np.zeros(len(b))
    h = np.tanh(W_x @ X[0] + b)
    H = h[np.newaxis]
    for x in X[1:]:
        h = np.tanh(x @ W_x.T + h @ W_h.T + b)
        H = np.concatenate([H, h[np.newaxis]])
    return H, H[-1]
"""),
    "encoder reading the notebook's sizes": ("encode", """
def encode(X, W_x, W_h, b):
    H = np.zeros((T, d_h))
    h = np.zeros(d_h)
    for t in range(T):
        h = H[t] = rnn_step(X[t], h, W_x, W_h, b)
    return H, h
"""),
    "decoder by rnn_step": ("decode_step", """
def decode_step(y_prev, s_prev, W_y, W_s, b, W_out, b_out):
    s = rnn_step(y_prev, s_prev, W_y, W_s, b)
    return s, s @ W_out.T + b_out
"""),
    "decoder that checks the size": ("decode_step", """
def decode_step(y_prev, s_prev, W_y, W_s, b, W_out, b_out):
    if s_prev.shape != b.shape:
        raise ValueError(f"the state has {len(s_prev)} numbers, W_s takes {W_s.shape[1]}")
    s = np.tanh(W_y.dot(y_prev) + W_s.dot(s_prev) + b)
    return [s, b_out + W_out.dot(s)]
"""),
    "derivative by cosh": ("tanh_derivative", "def tanh_derivative(x):\\n    return 1 / np.cosh(x) ** 2\\n"),
    "derivative by exponentials": ("tanh_derivative", """
def tanh_derivative(x):
    return 4 / (np.exp(x) + np.exp(-x)) ** 2
"""),
    "derivative by factors": ("tanh_derivative", """
def tanh_derivative(x):
    return (1 + np.tanh(x)) * (1 - np.tanh(x))
"""),
    "derivative by differences": ("tanh_derivative", """
def tanh_derivative(x):
    return (np.tanh(x + 1e-6) - np.tanh(x - 1e-6)) / 2e-6
"""),
    "gradient by singular values": ("gradient_through_time", """
def gradient_through_time(H, W_h):
    T = len(H)
    norms = np.ones(T)
    J = [(1 - h * h)[:, None] * W_h for h in H]
    for t in range(T):
        P = np.identity(W_h.shape[0])
        for k in range(t + 1, T):
            P = J[k] @ P
        norms[t] = np.linalg.svd(P)[1].max()
    return norms
"""),
    "gradient by eigenvalues, transposed": ("gradient_through_time", """
def gradient_through_time(H, W_h):
    norms, P = [], np.eye(len(W_h))
    for h in H[::-1]:
        norms.insert(0, np.sqrt(np.linalg.eigvalsh(P @ P.T)[-1]))
        P = W_h.T @ np.diag(tanh_derivative(np.arctanh(h))) @ P
    return norms
"""),
    "bug mended with the states": ("find_the_bug", """
def mended_gradients(grad_last, Z, W_h):
    H = np.tanh(Z)
    gradients = [grad_last]
    for h in H[:0:-1]:
        gradients.insert(0, (gradients[0] * (1 - h**2)) @ W_h)
    return gradients
"""),
}  # fmt: skip

# (check, what is replaced in the right code, by what, the mistakes named or what is said)
TOLD = [
    ("rnn_step", " + b", "", {"bias_forgotten"}),
    ("rnn_step", "W_h @ h_prev", "h_prev @ W_h", {"recurrent_matrix_transposed"}),
    ("rnn_step", "W_h @ h_prev", "W_h.T @ h_prev", {"recurrent_matrix_transposed"}),
    ("rnn_step", "W_h @ h_prev", "W_h * h_prev", {"multiplied_entry_by_entry"}),
    ("rnn_step", "W_h @ h_prev", "h_prev", {"state_added_without_its_matrix"}),
    ("rnn_step", "W_x @ x_t + W_h @ h_prev", "W_h @ x_t + W_x @ h_prev", {"matrices_exchanged"}),
    ("rnn_step", "np.tanh(W_x @ x_t + W_h @ h_prev + b)", "np.tanh(W_x @ x_t + W_h @ h_prev) + b",
     {"bias_after_the_tanh"}),
    ("rnn_step", "np.tanh(", "math.tanh(", "Use np.tanh: it takes a whole array."),
    ("rnn_step", "+ b)", "+ b.reshape(-1, 1))", "A matrix came out. Was a column added to a vector?"),
    ("rnn_step", "W_h @ h_prev + b", "W_h @ (h_prev + b)", {"bias_added_before_the_product"}),
    ("rnn_step", "np.tanh(W_x @ x_t + W_h @ h_prev + b)", "h_prev + np.tanh(W_x @ x_t + W_h @ h_prev + b)",
     {"added_to_the_state_before"}),
    *[("rnn_step", "np.tanh(W_x @ x_t + W_h @ h_prev + b)", wrong, {"each_product_squashed"}) for wrong in (
        "np.tanh(W_x @ x_t) + W_h @ h_prev + b", "W_x @ x_t + np.tanh(W_h @ h_prev) + b",
        "np.tanh(W_x @ x_t + b) + np.tanh(W_h @ h_prev + b)", "np.tanh(W_x @ x_t + b) + W_h @ h_prev",
        "W_x @ x_t + np.tanh(W_h @ h_prev + b)")],
    ("rnn_step", "+ b)", "+ b)[:, np.newaxis]", "extra axis of length 1"),
    ("encode", "return np.array(H), h", "return np.array(H), H[0]", {"first_state_as_context"}),
    ("encode", "return np.array(H), h", "return np.array(H), H[0]", "of a sentence without words there is none"),
    ("encode", "return np.array(H), h", "return np.array(H)[::-1], h", {"rows_in_reverse_order"}),
    ("encode", "H.append(h)\n    return np.array(H), h", "H.insert(0, h)\n    return np.array(H), H[-1]",
     {"rows_in_reverse_order"}),
    ("encode", "h = rnn_step(x_t, h, W_x, W_h, b)\n        H.append(h)",
     "z = W_x @ x_t + W_h @ h + b\n        H.append(z)\n        h = np.tanh(z)", {"sums_kept"}),
    ("encode", "in X:", "in X[1:]:", {"first_word_skipped"}),
    ("encode", "in X:", "in X[:-1]:", {"last_word_skipped"}),
    ("encode", "return np.array(H), h", "return np.array(H), H[-1]", {"no_words_forgotten"}),
    ("encode", "return np.array(H), h", "return np.stack(H), h", {"no_words_forgotten"}),
    ("encode", "return np.array(H), h", "return h, np.array(H)", {"returned_in_the_wrong_order"}),
    ("encode", "return np.array(H), h", "return np.array(H), np.mean(H, axis=0)", {"mean_as_context"}),
    ("encode", "return np.array(H), h", "return h", "one array of shape (5,); expected 2 things"),
    ("encode", "h = rnn_step(x_t, h, W_x, W_h, b)\n        H.append(h)",
     "H.append(h)\n        h = rnn_step(x_t, h, W_x, W_h, b)", {"states_before_each_word"}),
    ("encode", "h = rnn_step(x_t, h,", "h_t = rnn_step(x_t, h,", {"zeros_returned"}),
    ("encode", "rnn_step(x_t, h, W_x", "rnn_step(h, x_t, W_x", {"input_and_state_exchanged"}),
    ("encode", "in X:", "in X[::-1]:", {"read_backwards"}),
    ("encode", "h = rnn_step(", "h += rnn_step(", {"states_added_up"}),
    ("encode", "h = rnn_step(", "h[:] = rnn_step(", {"one_array_stored_many_times"}),
    ("encode", "np.zeros(len(b))", "b", {"starts_from_the_bias"}),
    ("encode", "        H.append(h)", "        H.append(h)\n        return np.array(H), h", {"one_word_read"}),
    ("encode", "        H.append(h)", "    H.append(h)", {"last_state_alone_kept"}),
    ("encode", "np.array(H), h", "np.array(H).T, h", {"states_in_columns"}),
    ("encode", "np.zeros(len(b))", "0", "not the number 0"),
    ("encode", "np.zeros(len(b))", "np.zeros(1)", "Is it a row X[t:t+1], h_0, or what rnn_step returns?"),
    ("encode", "np.zeros(len(b))", "np.zeros(W_x.shape[1])", "Look at what rnn_step is given"),
    ("encode", "for x_t in X:", "for x_t in X[[0, 1, 2]]:", "The loop runs over the rows of X, len(X) of them."),
    ("decode_step", "W_out @ s_t", "W_out @ s_prev", {"logits_of_the_state_before"}),
    ("decode_step", "return s_t, logits", "p = np.exp(logits)\n    return s_t, p / p.sum()", {"softmax_of_the_logits"}),
    ("decode_step", "return s_t, logits", "return logits, s_t", {"returned_in_the_wrong_order"}),
    ("decode_step", "return s_t, logits", "return logits", "expected 2 things, (s_t, logits)"),
    ("decode_step", "W_s @ s_prev", "s_prev @ W_s", {"recurrent_matrix_transposed"}),
    ("decode_step", " + W_s @ s_prev", "", {"state_before_ignored"}),
    ("decode_step", "W_s @ s_prev", "s_prev", {"state_added_without_its_matrix"}),
    ("decode_step", "logits = W_out @ s_t", "logits = W_out @ s_t[:, np.newaxis]", "Is s_t a vector (d_h,)?"),
    ("decode_step", "W_s @ s_prev", "np.array([sum(w * s for w, s in zip(row, s_prev)) for row in W_s])",
     {"sizes_cut_to_fit"}),
    ("decode_step", "W_s @ s_prev", "W_s @ s_prev[:W_s.shape[1]]", {"sizes_cut_to_fit"}),
    ("decode_step", "return s_t, logits", "return s_t, np.max(logits)", {"word_instead_of_logits"}),
    ("decode_step", "+ b_out", "+ b", {"biases_exchanged"}),
    ("decode_step", "    s_t =", "    assert len(s_prev) == len(b)\n    s_t =", "not an AssertionError"),
    ("decode_step", "W_s @ s_prev",
     "[sum(row[i] * s_prev[i] for i in range(len(s_prev))) for row in W_s]", "an index raises another error"),
    ("tanh_derivative", "h ** 2", "h ^ 2", "`^` is no power in Python."),
    ("tanh_derivative", "h ** 2", "h @ h", "`@` is a product of matrices."),
    ("tanh_derivative", "h ** 2", "h * 2", {"doubled_for_squared"}),
    ("tanh_derivative", "np.tanh(x)", "math.tanh(x)", "Use np.tanh"),
    ("tanh_derivative", "1 - h ** 2", "np.gradient(h)", "differences between neighbours"),
    ("tanh_derivative", "1 - h ** 2", "1 - x ** 2", {"x_in_place_of_tanh"}),
    ("tanh_derivative", "1 - h ** 2", "h", {"tanh_itself"}),
    *[("tanh_derivative", "1 - h ** 2", f"(np.tanh(x + {d}) - np.tanh(x)) / {d}", "Is it a difference quotient?")
      for d in ("1e-2", "1e-3")],
    ("tanh_derivative", "1 - h ** 2", "(np.tanh(x) - np.tanh(x - 1e-3)) / 1e-3", "Is it a difference quotient?"),
    ("tanh_derivative", "1 - h ** 2", "h * (1 - h)", {"rule_of_the_sigmoid"}),
    ("tanh_derivative", "return 1 - h ** 2", "1 - h ** 2", "Is there a `return` at its end?"),
    ("gradient_through_time", "1 - H[t] ** 2", "H[t]", {"tanh_for_its_derivative"}),
    ("gradient_through_time", "1 - H[t] ** 2", "tanh_derivative(H[t])", {"tanh_taken_again"}),
    ("gradient_through_time", "np.diag(1 - H[t] ** 2) @ W_h", "((1 - H[t] ** 2) * W_h)", {"slopes_on_the_columns"}),
    ("gradient_through_time", "product @ np.diag(1 - H[t] ** 2) @ W_h", "np.diag(1 - H[t] ** 2) @ W_h @ product",
     {"product_in_the_wrong_order"}),
    ("gradient_through_time", "np.linalg.norm(product, 2)", "np.linalg.norm(product)", {"frobenius_norm"}),
    ("gradient_through_time", "norms[::-1]", "norms", {"listed_from_the_end"}),
    ("gradient_through_time", "H[t]", "H[t - 1]", {"slopes_of_the_state_before"}),
    ("gradient_through_time", "    return", "        return", {"return_inside_the_loop"}),
    ("gradient_through_time", "np.eye(len(W_h))", "np.ones(len(W_h))", {"vector_carried_back"}),
    ("gradient_through_time", "np.eye(len(W_h))", "np.ones(len(W_h)) / np.sqrt(len(W_h))", {"vector_carried_back"}),
    ("gradient_through_time", "reversed(range(len(H)))", "range(len(H) - 1, 0, -1)", {"first_entry_missing"}),
    ("gradient_through_time", "np.diag(1 - H[t] ** 2) @ W_h", "((1 - H[t] ** 2) @ W_h)", "The Jacobian is a matrix"),
    ("gradient_through_time", "np.linalg.norm(product, 2)", "product", "These are matrices."),
    ("gradient_through_time", "norms[::-1]", "norms[::-1][:-1]", {"last_entry_missing"}),
    ("gradient_through_time", "H[t] ** 2", "H[-1] ** 2", {"slopes_of_one_state"}),
    ("gradient_through_time", "np.diag(1 - H[t] ** 2) @ W_h", "W_h @ (1 - H[t] ** 2)", "The Jacobian is a matrix"),
    ("gradient_through_time", "np.linalg.norm(product, 2)", "np.linalg.svd(product)[1]",
     "One number is asked for each state: of all"),
    ("gradient_through_time", "return np.array(norms[::-1])", "norms[0] = 1.0\n    return np.array(norms[::-1])",
     {"no_states_forgotten"}),
    ("gradient_through_time", "np.eye(len(W_h))", "W_h", {"begins_with_another_matrix"}),
    ("find_the_bug", "reversed(range(len(Z) - 1))", "range(len(Z) - 1)", {"rows_not_filled"}),
    ("find_the_bug", "* gradients[t + 1]", "* gradients[t]", {"rows_not_stored"}),
    ("find_the_bug", "tanh_derivative(Z[t + 1])", "np.diag(tanh_derivative(Z[t + 1]))", "entry by entry"),
    ("find_the_bug", "tanh_derivative(Z[t + 1])", "np.tanh(Z[t + 1])", {"not_mended"}),
    ("find_the_bug", "tanh_derivative(Z[t + 1])", "(1 - Z[t + 1] ** 2)", {"x_in_place_of_tanh"}),
    ("find_the_bug", "Z[t + 1]", "Z[t]", {"slopes_of_the_state_before"}),
    ("find_the_bug", "W_h.T", "W_h", {"matrix_not_transposed"}),
    ("find_the_bug", "    return", "        return", {"return_inside_the_loop"}),
    ("find_the_bug", "(tanh_derivative(Z[t + 1]) *", "(1 - np.tanh(Z[t + 1]) ** 2 *", {"brackets_missing"}),
    ("find_the_bug", "tanh_derivative(Z[t + 1])", "(1 - abs(np.tanh(Z[t + 1])))", {"square_forgotten"}),
    ("find_the_bug", "W_h.T @ (tanh_derivative(Z[t + 1]) * gradients[t + 1])",
     "tanh_derivative(Z[t]) * (W_h.T @ gradients[t + 1])", {"slopes_of_the_state_before_after_the_matrix"}),
    ("find_the_bug", "reversed(range(len(Z) - 1))", "range(len(Z) - 2, 0, -1)", {"first_row_not_filled"}),
    ("find_the_bug", "(tanh_derivative(Z[t + 1]) * gradients[t + 1])",
     "tanh_derivative(Z[t + 1]) @ gradients[t + 1]", {"one_number_for_a_row"}),
    ("find_the_bug", "Z[t + 1]) *", "Z[t + 1]) @", "multiply the gradient entry by entry"),
    ("find_the_bug", "W_h.T @", "W_h.T *", "then follows one product with a matrix"),
]  # fmt: skip


# The same for arrays that are filled row by row.
FILLED = {
    "encode": """
def encode(X, W_x, W_h, b):
    h = np.zeros(len(b))
    H = np.zeros((len(X), len(b)))
    for t in range(0, len(X)):
        h = rnn_step(X[t], h, W_x, W_h, b)
        H[t] = h
    return H, h
""",
    "gradient_through_time": """
def gradient_through_time(H, W_h):
    norms = np.ones(len(H))
    product = np.eye(len(W_h))
    for t in range(len(H) - 2, -1, -1):
        product = product @ (np.diag(1 - H[t + 1] ** 2) @ W_h)
        norms[t] = np.linalg.norm(product, 2)
    return norms
""",
}
COLUMN = "def rnn_step(x_t, h_prev, W_x, W_h, b):\n    return np.tanh(W_x @ x_t + W_h @ h_prev + b)[:, np.newaxis]\n"
MULTIPLY = "        product = product @ (np.diag(1 - H[t + 1] ** 2) @ W_h)\n"
STORE = "        norms[t] = np.linalg.norm(product, 2)\n"
# (check, replacements in that code, the mistakes named or what is said)
TOLD_OF_FILLED = [
    ("encode", {"\ndef encode": f"{COLUMN}\ndef encode"}, "A state was a column, (5, 1), where a vector"),
    ("encode", {"H = np.zeros((len(X), len(b)))": "H = np.zeros_like(X)"}, "put into a place for 3"),
    ("encode", {"range(0, ": "range(1, "}, {"first_word_skipped"}),
    ("encode", {"range(0, ": "range(1, ", "return H, h": "return H, H[-1]"}, {"first_word_skipped"}),
    ("encode", {"len(X)):": "len(X) - 1):"}, {"last_word_skipped"}),
    ("encode", {"len(X)):": "len(X) - 1):", "return H, h": "return H, H[-1]"}, {"last_word_skipped"}),
    ("encode", {"len(X)):": "len(X) - 1):", "return H, h": "return H, H[-1] if len(H) else h"}, {"last_word_skipped"}),
    ("encode", {"(len(X), len(b))": "(len(b), len(X))", "H[t]": "H[:, t]"}, {"states_in_columns"}),
    ("encode", {"(len(X), len(b))": "(len(b), len(X))", "H[t]": "H[:, t]", "return H, h": "return H, H[-1]"},
     {"states_in_columns"}),
    ("gradient_through_time", {"    return": "        return"}, {"return_inside_the_loop"}),
    ("gradient_through_time",
     {"np.ones(len(H))": "np.zeros(len(H))\n    norms[-1] = 1", "    return": "        return"},
     {"return_inside_the_loop"}),
    ("gradient_through_time", {"    norms =": "    if len(H) == 0:\n        return np.array([])\n    norms =",
                               "    return norms": "        return norms"}, {"return_inside_the_loop"}),
    ("gradient_through_time", {"-1, -1)": "0, -1)"}, {"first_entry_missing"}),
    ("gradient_through_time", {MULTIPLY + STORE: STORE + MULTIPLY}, {"stored_before_multiplying"}),
    ("gradient_through_time", {"H[t + 1]": "H[t - 1]"}, {"slopes_of_the_state_before"}),
    ("gradient_through_time", {"np.eye(len(W_h))": "np.ones(len(W_h))"}, {"vector_carried_back"}),
    ("gradient_through_time", {"np.eye(len(W_h))": "np.ones_like(W_h)", "product @": "product *"},
     {"multiplied_entry_by_entry"}),
    ("gradient_through_time", {"np.linalg.norm(product, 2)": "product"}, "The norm of a matrix is one number"),
]  # fmt: skip


@pytest.mark.parametrize("name", CODE)
def test_the_right_code_of_the_table_is_right(notebook, name):
    verdict = verdict_on(notebook, name, CODE[name])
    assert (verdict["kind"], verdict["says"]) == ("right", [])


@pytest.mark.parametrize("form", EQUAL)
def test_equal_mathematics_passes(notebook, form):
    name, code = EQUAL[form]
    verdict = verdict_on(notebook, name, code.replace("\\n", "\n"))
    assert (verdict["kind"], verdict["says"]) == ("right", [])


def assert_told(verdict, told):
    """Assert that a verdict names the mistakes of a set, or holds a text."""
    if isinstance(told, set):
        assert (set(verdict["names"]), verdict["kind"]) == (told, "misconception" if told else "right"), verdict["says"]
    else:
        assert told in " ".join(verdict["says"])


@pytest.mark.parametrize(("name", "right", "wrong", "told"), TOLD)
def test_what_a_learner_is_told(notebook, name, right, wrong, told):
    assert right in CODE[name]
    assert_told(verdict_on(notebook, name, CODE[name].replace(right, wrong)), told)


@pytest.mark.parametrize("name", FILLED)
def test_the_right_code_that_fills_rows_is_right(notebook, name):
    verdict = verdict_on(notebook, name, FILLED[name])
    assert (verdict["kind"], verdict["says"]) == ("right", [])


@pytest.mark.parametrize(("name", "changes", "told"), TOLD_OF_FILLED)
def test_what_a_learner_who_fills_rows_is_told(notebook, name, changes, told):
    code = FILLED[name]
    for right, wrong in changes.items():
        assert right in code
        code = code.replace(right, wrong)
    assert_told(verdict_on(notebook, name, code), told)


def test_a_column_from_rnn_step_is_blamed_on_rnn_step(notebook):
    assert verdict_on(notebook, "rnn_step", COLUMN)["kind"] == "right", "so the tasks after it have to say so"
    verdict = verdict_on(notebook, "encode", COLUMN + CODE["encode"])
    assert_told(verdict, "or what rnn_step returns? A state is (d_h,)")
    by_rnn_step = CODE["decode_step"].replace(
        "np.tanh(W_y @ y_prev + W_s @ s_prev + b)", "rnn_step(y_prev, s_prev, W_y, W_s, b)"
    )
    assert_told(verdict_on(notebook, "decode_step", COLUMN + by_rnn_step), "look at what it returns")


@pytest.mark.parametrize("nothing", ["np.zeros((0, len(b)))", "np.array([])", "[]"])
def test_any_states_without_rows_will_do_for_no_words(notebook, nothing):
    code = CODE["encode"].replace("return np.array(H), h", f"return (np.array(H) if len(H) else {nothing}), h")
    assert verdict_on(notebook, "encode", code)["kind"] == "right"


def test_hints_do_not_dictate_the_answer():
    assert not any("np.tanh(W_x" in text for text in KEY["rnn_step"].hints)
    assert not any("range(" in text or "product @" in text for text in KEY["gradient_through_time"].hints)


# ---------------------------------------------------------------- the notebook as nbgrader sees it


def test_every_stored_output_is_read_back_as_an_array():
    for spec in load(ROOT / "exercises" / SLUG)["checks"].values():
        for case in spec["cases"]:
            assert all(isinstance(value, np.ndarray) for name, value in case["expected"].items() if name != "raises")


def test_neither_page_nor_hints_copy_the_mended_line():
    page = (ROOT / "book" / f"{SLUG}.md").read_text(encoding="utf-8")
    check = KEY["find_the_bug"]
    texts = (page, *check.hints, *(mistake.says for mistake in check.misconceptions))
    assert not any("tanh_derivative(Z[t + 1])" in text for text in texts)


def test_the_notebook_needs_numpy_alone(notebook):
    cells = read_source(ROOT / "solutions" / f"{SLUG}.py")
    graded = [cell.text for cell in cells if cell.role in ("solution", "check", "locked")]
    assert not any("tensorflow" in text for text in graded)
    assert not any(check.needs for check in KEY.checks)
