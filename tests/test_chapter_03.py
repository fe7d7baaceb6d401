"""Chapter 03: the solved notebook against other routes, what learners are told, and nbgrader's own validator."""

from functools import partial

import numpy as np
import pytest

from autograder.authoring.source import read_source
from tests import chapters
from tests.chapters import ROOT
from tests.closeness import assert_equal_up_to_rounding

SLUG = "03_bahdanau_attention"
KEY = chapters.key_of(SLUG)
verdict_on = partial(chapters.verdict_on, SLUG)
PAGE = ROOT / "book" / f"{SLUG}.md"
SOURCE = ROOT / "solutions" / f"{SLUG}.py"


# ---------------------------------------------------------------- the mathematics, by another route
def one_sentence(seed=0, T=5, d_s=3, d_h=7, u=6):
    rng = np.random.default_rng(seed)
    arrays = {"s_prev": (d_s,), "H": (T, d_h), "W_b": (u, d_s), "W_c": (u, d_h), "w_a": (u,)}
    return {name: rng.normal(size=shape) for name, shape in arrays.items()}


def test_scores_agree_with_keras_own_additive_attention(solved):
    keras = pytest.importorskip("keras")
    p = one_sentence()
    query, key = (p["W_b"] @ p["s_prev"])[None, None], (p["H"] @ p["W_c"].T)[None]  # (1, 1, u), (1, T, u)
    layer = keras.layers.AdditiveAttention(dtype="float64")
    layer.build([query.shape, key.shape, key.shape])
    layer.set_weights([p["w_a"]])
    _, weights = layer([query, key, key], return_attention_scores=True)
    scores = solved["additive_scores"](**p)
    np.testing.assert_allclose(solved["masked_softmax"](scores, np.zeros(5)), weights[0, 0], rtol=1e-10)


def test_without_tanh_the_weights_do_not_depend_on_the_state():
    p = one_sentence()
    scores = [(p["W_b"] @ state + p["H"] @ p["W_c"].T) @ p["w_a"] for state in np.eye(3)]
    np.testing.assert_allclose(np.ptp(np.diff(scores, axis=0), axis=1), 0, atol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_hidden_scores_never_matter_and_the_rest_is_a_plain_softmax(solved, seed):
    rng = np.random.default_rng(seed)
    scores, mask = rng.normal(size=(4, 7), scale=3), rng.integers(0, 2, size=(4, 7))
    other = np.where(mask == 1, rng.choice([-1e6, 0.0, 1e3, 1e6], size=mask.shape), scores)
    weights = solved["masked_softmax"](scores, mask)
    np.testing.assert_array_equal(weights, solved["masked_softmax"](other, mask))
    for row, row_scores, hidden in zip(weights, scores, mask == 1, strict=True):
        exps = np.exp(row_scores[~hidden])
        np.testing.assert_allclose(row[~hidden], exps / exps.sum(), rtol=1e-12)
        np.testing.assert_array_equal(row[hidden], 0)


@pytest.mark.parametrize("shape", [(3,), (1,), (0,), (2, 3), (2, 0), (2, 2, 1)])
def test_where_all_is_padding_every_weight_and_the_context_are_zero(solved, shape):
    weights = solved["masked_softmax"](np.linspace(-5, 900, int(np.prod(shape))).reshape(shape), np.ones(shape, int))
    np.testing.assert_array_equal(weights, np.zeros(shape))
    np.testing.assert_array_equal(solved["context_vector"](weights, np.ones((*shape, 4))), np.zeros((*shape[:-1], 4)))


def test_a_step_with_an_empty_sequence_gives_the_cell_a_context_of_zeros(solved):
    p = one_sentence(T=0)
    fed = []
    solved["bahdanau_step"](np.ones(2), cell=lambda x, s: fed.append(x) or s, **p)
    np.testing.assert_array_equal(fed[0], [1, 1, *np.zeros(7)])


def test_the_step_calls_the_cell_once_with_the_old_state(solved):
    p, calls = one_sentence(), []
    s_t, weights = solved["bahdanau_step"](np.ones(2), cell=lambda x, s: calls.append((x, s)) or 5 * s, **p)
    assert len(calls) == 1
    np.testing.assert_array_equal(calls[0][1], p["s_prev"])
    np.testing.assert_array_equal(s_t, 5 * p["s_prev"])
    np.testing.assert_allclose(calls[0][0][2:], weights @ p["H"])


def test_the_translation_of_the_notebook_looks_at_one_word_after_the_other(solved):
    state, looked = np.array([1.0, 0.0, 0.0]), []
    for _ in solved["ENGLISH"]:
        state, weights = solved["bahdanau_step"](
            np.zeros(2), state, solved["STATES"], solved["moves_on"], **solved["BY_HAND"]
        )
        looked.append(solved["FRENCH"][weights.argmax()])
        assert weights.max() > 0.9
    assert looked == ["je", "aime", "t'"]


def test_the_broken_scores_run_where_sizes_agree_and_change_every_sentence(solved):
    p = one_sentence()
    matrices = {name: p[name] for name in ("W_b", "W_c", "w_a")}
    rng = np.random.default_rng(1)
    S, H = rng.normal(size=(3, 3)), rng.normal(size=(3, 3, 7))
    other = S.copy()
    other[1] *= -1
    change = solved["broken_batch_scores"](other, H, **matrices) - solved["broken_batch_scores"](S, H, **matrices)
    assert (np.abs(change[:, 1]) > 1e-3).all() and not change[:, [0, 2]].any()
    with pytest.raises(ValueError, match="broadcast"):
        solved["broken_batch_scores"](S, H[:, :2], **matrices)


# ---------------------------------------------------------------- Keras
@pytest.fixture(scope="module")
def tiny(solved):
    """Return two classifiers with equal weights, for reviews padded to 7 and to 12."""
    keras = pytest.importorskip("keras")
    keras.utils.set_random_seed(0)
    short, long = (solved["build_classifier"](11, length, 5, 3, 2) for length in (7, 12))
    long.set_weights(short.get_weights())
    return short, long


REVIEWS = np.array([[0, 0, 0, 0, 5, 3, 9], [1, 2, 3, 4, 5, 6, 7], [0, 0, 0, 0, 0, 0, 0]])


def test_more_padding_changes_no_prediction(tiny):
    short, long = tiny
    longer = np.hstack([np.zeros((3, 5), int), REVIEWS])
    # Sums of 5 and 3 numbers in each of seven steps of two LSTMs, of 6 in the attention and of 20 in the layers behind.
    assert_equal_up_to_rounding(long(longer), short(REVIEWS), terms=7 * 2 * 8 + 7 + 2 * 6 + 20, magnitude=1)
    assert np.isfinite(np.array(short(REVIEWS))).all()


def test_padding_gets_no_weight_and_words_share_one_whole(solved, tiny):
    _, weights = solved["with_attention"](tiny[0])(REVIEWS)
    np.testing.assert_array_equal(weights[:, :, 0] == 0, REVIEWS == 0)
    assert_equal_up_to_rounding(np.sum(weights, axis=(1, 2)), [1.0, 1.0, 0.0], terms=7)


def test_the_classifier_can_be_trained(solved):
    pytest.importorskip("keras").utils.set_random_seed(0)
    short = solved["build_classifier"](11, 7, 5, 3, 2)  # of its own: the other tests compare weights
    before = [w.copy() for w in short.get_weights()]
    short.compile("adam", "binary_crossentropy")
    history = short.fit(REVIEWS, np.array([0, 1, 1]), epochs=1, verbose=0).history
    assert np.isfinite(history["loss"]).all()
    assert all(np.isfinite(w).all() for w in short.get_weights())
    assert sum(not np.array_equal(a, b) for a, b in zip(before, short.get_weights(), strict=True)) > 10


def test_the_sizes_are_those_of_the_note(solved):
    pytest.importorskip("keras")
    model = solved["build_classifier"](10_000, 500)
    shapes = [tuple(out.shape) for layer in model.layers if "bidirectional" in layer.name
              for out in (layer.output if isinstance(layer.output, list | tuple) else [layer.output])]  # fmt: skip
    assert shapes == [(None, 500, 128), (None, 500, 128), *[(None, 64)] * 4]
    bilstm = 2 * 4 * 64 * (128 + 64 + 1)
    assert model.count_params() == 1_280_000 + 2 * bilstm + 2 * (128 * 64 + 64) + 65 + (128 * 20 + 20) + 21


def test_the_broken_layer_gets_no_mask_and_obeys_one_given_by_hand(solved):
    tf = pytest.importorskip("tensorflow")
    ids = np.array([[0, 0, 3, 1], [0, 2, 4, 5]])
    embedded = solved["layers"].Embedding(7, 6, mask_zero=True)(ids)
    by_itself = solved["BrokenAttention"]()(embedded, tf.ones((2, 6)))[1]
    by_hand = solved["BrokenAttention"]()(embedded, tf.ones((2, 6)), mask=tf.constant(ids != 0))[1]
    assert (np.array(by_itself)[ids == 0] > 0.05).all()
    np.testing.assert_array_equal(np.array(by_hand)[ids == 0], 0)


# ---------------------------------------------------------------- what learners write, and what they are told
SCORES = """
def additive_scores(s_prev, H, W_b, W_c, w_a):
    scores = []
    for h in H:
        inside = W_b @ s_prev + W_c @ h
        scores.append(w_a @ np.tanh(inside))
    return np.array(scores)
"""
ARRAYS = """
def additive_scores(s_prev, H, W_b, W_c, w_a):
    query = W_b @ s_prev
    keys = H @ W_c.T
    return np.tanh(query + keys) @ w_a
"""
UNITS_FIRST = """
def additive_scores(s_prev, H, W_b, W_c, w_a):
    return w_a @ np.tanh((W_b @ s_prev)[:, None] + W_c @ H.T)
"""
SOFTMAX = """
def masked_softmax(scores, mask):
    if scores.shape[-1] == 0:
        return scores
    scores = np.where(mask == 1, -1e9, scores)
    exps = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = exps / exps.sum(axis=-1, keepdims=True)
    return weights * (1 - mask)
"""
CONTEXT = """
def context_vector(weights, H):
    return (weights[..., None] * H).sum(axis=-2)
"""
INPUT = """
def decoder_input(x_t, context):
    return np.hstack([x_t, context])
"""
STEP = """
def bahdanau_step(x_t, s_prev, H, cell, W_b, W_c, w_a):
    mask = np.zeros(len(H), dtype=int)
    scores = additive_scores(s_prev, H, W_b, W_c, w_a)
    weights = masked_softmax(scores, mask)
    context = context_vector(weights, H)
    s_t = cell(decoder_input(x_t, context), s_prev)
    return s_t, weights
"""
BATCH = """
def mended_batch_scores(S_prev, H, W_b, W_c, w_a):
    query = S_prev @ W_b.T
    query = np.expand_dims(query, 1)
    return np.tanh(query + H @ W_c.T) @ w_a
"""
LAYER = """
class BahdanauAttention(Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.values_dense = layers.Dense(units)
        self.query_dense = layers.Dense(units)
        self.score_dense = layers.Dense(1)

    def compute_mask(self, inputs, previous_mask):
        return None

    def call(self, values, query, values_mask=None):
        query = tf.expand_dims(query, 1)
        hidden = tf.tanh(self.values_dense(values) + self.query_dense(query))
        score = self.score_dense(hidden)
        if values_mask is not None:
            keep = tf.expand_dims(tf.cast(values_mask, tf.float32), -1)
            score += (1 - keep) * -1e9
        weights = tf.nn.softmax(score, axis=1)
        if values_mask is not None:
            weights *= keep
        context = tf.reduce_sum(weights * values, axis=1)
        return context, weights
"""
MASK = """
def mended_attention():
    class Mended(Layer):
        def compute_mask(self, inputs, previous_mask):
            return None

        def call(self, values, query, values_mask=None):
            scores = tf.reduce_sum(values * query[:, tf.newaxis], axis=-1)
            if values_mask is not None:
                scores = tf.where(values_mask, scores, -1e9)
            weights = tf.nn.softmax(scores, axis=1)
            return tf.reduce_sum(weights[:, :, tf.newaxis] * values, axis=1), weights

    return Mended()
"""
CLASSIFIER = """
class AlwaysOn(layers.Dropout):
    def call(self, inputs, training=False):
        return super().call(inputs, training=True)


def build_classifier(vocab_size, max_len, embedding_dim=128, lstm_units=64, attention_units=64):
    inputs = keras.Input(shape=(max_len,), dtype="int32")
    x = layers.Embedding(vocab_size, embedding_dim, mask_zero=True)(inputs)
    x = layers.Bidirectional(layers.LSTM(lstm_units, dropout=0.5, return_sequences=True))(x)
    out, fh, fc, bh, bc = layers.Bidirectional(
        layers.LSTM(lstm_units, dropout=0.5, return_sequences=True, return_state=True))(x)
    state = layers.Concatenate()([fh, bh])
    context, weights = BahdanauAttention(attention_units)(out, state)
    y = layers.Dense(20, activation="relu")(context)
    y = layers.Dropout(0.5)(y)
    y = layers.Dense(1, activation="sigmoid")(y)
    return keras.Model(inputs=inputs, outputs=y)
"""
CODE = {
    "additive_scores": SCORES, "additive_scores, arrays": ARRAYS, "additive_scores, units first": UNITS_FIRST,
    "masked_softmax": SOFTMAX, "context_vector": CONTEXT,
    "decoder_input": INPUT, "bahdanau_step": STEP, "find_the_bug_scores": BATCH, "bahdanau_layer": LAYER,
    "find_the_bug_mask": MASK, "classifier": CLASSIFIER,
}  # fmt: skip
EQUAL = {  # the same mathematics, written otherwise
    "scores by einsum": ("additive_scores", """
def additive_scores(s_prev, H, W_b, W_c, w_a):
    both = np.einsum("us,s->u", W_b, s_prev)[:, None] + np.einsum("uh,th->ut", W_c, H)
    return np.einsum("u,ut->t", w_a, np.tanh(both))
"""),
    "scores from one joined matrix": ("additive_scores", """
def additive_scores(s_prev, H, W_b, W_c, w_a):
    W = np.hstack([W_b, W_c])
    return np.array([w_a @ np.tanh(W @ np.concatenate([s_prev, h])) for h in H])
"""),
    "scores as a column": ("additive_scores", """
def additive_scores(s_prev, H, W_b, W_c, w_a):
    return np.tanh((W_b @ s_prev)[None] + H @ W_c.T) @ w_a[:, None]
"""),
    "softmax in place on a copy": ("masked_softmax", """
def masked_softmax(scores, mask):
    exps = np.zeros(scores.shape)
    if scores.size == 0:
        return exps
    peak = np.max(np.where(mask, -1e9, scores), axis=-1, keepdims=True)
    np.exp(scores - peak, out=exps, where=mask == 0)
    return np.divide(exps, exps.sum(-1, keepdims=True), out=np.zeros_like(exps), where=mask == 0)
"""),
    "softmax with nan_to_num": ("masked_softmax", """
def masked_softmax(scores, mask):
    if scores.shape[-1] == 0:
        return np.zeros(scores.shape)
    s = np.where(mask == 1, -np.inf, scores)
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    return np.nan_to_num(e / e.sum(axis=-1, keepdims=True))
"""),
    "softmax row by row": ("masked_softmax", """
def masked_softmax(scores, mask):
    if scores.ndim > 1:
        return np.array([masked_softmax(s, m) for s, m in zip(scores, mask)])
    weights = np.zeros(len(scores))
    seen = [i for i in range(len(scores)) if mask[i] == 0]
    if seen:
        e = np.exp(scores[seen] - scores[seen].max())
        weights[seen] = e / e.sum()
    return weights
"""),
    "context by matmul": ("context_vector", """
def context_vector(weights, H):
    return (weights[..., None, :] @ H)[..., 0, :]
"""),
    "batch by a loop": ("find_the_bug_scores", """
def mended_batch_scores(S_prev, H, W_b, W_c, w_a):
    return np.array([additive_scores(s, h, W_b, W_c, w_a) for s, h in zip(S_prev, H)])
"""),
    "batch by repetition": ("find_the_bug_scores", """
def mended_batch_scores(S_prev, H, W_b, W_c, w_a):
    B, T, _ = H.shape
    query = np.repeat(S_prev @ W_b.T, T, axis=0).reshape(B, T, -1)
    return np.tanh(query + H @ W_c.T) @ w_a
"""),
    "layer with keras.ops": ("bahdanau_layer", LAYER.replace("tf.expand_dims", "keras.ops.expand_dims").replace(
        "tf.tanh", "keras.ops.tanh").replace("tf.nn.softmax", "keras.ops.softmax").replace(
        "tf.reduce_sum", "keras.ops.sum")),
    "layer with weights (B, T)": ("bahdanau_layer", LAYER.replace(
        "return context, weights", "return context, weights[:, :, 0]")),
    "layer by einsum": ("bahdanau_layer", LAYER.replace(
        "tf.reduce_sum(weights * values, axis=1)", "tf.einsum('bto,btd->bd', weights, values)")),
    "mask through the parent": ("find_the_bug_mask", """
def mended_attention():
    class Mended(BrokenAttention):
        def call(self, values, query, values_mask=None):
            return BrokenAttention.call(self, values, query, mask=values_mask)
    return Mended()
"""),
    "classifier with keras.ops": ("classifier", CLASSIFIER.replace(
        "layers.Concatenate()([fh, bh])", "keras.ops.concatenate([fh, bh], axis=-1)")),
    "classifier with activations apart": ("classifier", CLASSIFIER.replace(
        'layers.Dense(20, activation="relu")(context)', 'layers.ReLU()(layers.Dense(20)(context))')),
}  # fmt: skip
HIDE = "scores = np.where(mask == 1, -1e9, scores)"
# (check, what is replaced in the right code, by what, the mistakes named, or what is said)
TOLD = [
    ("additive_scores", "np.tanh(inside)", "inside", {"tanh_missing"}),
    ("additive_scores", "w_a @ np.tanh(inside)", "np.tanh(w_a @ inside)", {"tanh_at_the_end"}),
    ("additive_scores", "w_a @ np.tanh(inside)", "np.sum(np.tanh(inside))", {"w_a_missing"}),
    ("additive_scores", "W_b @ s_prev + W_c @ h", "W_c @ s_prev + W_b @ h", {"matrices_swapped"}),
    ("additive_scores", "W_b @ s_prev + W_c @ h", "W_c @ h", {"state_left_out"}),
    ("additive_scores", "W_b @ s_prev + W_c @ h", "W_b @ s_prev", {"positions_left_out"}),
    ("additive_scores", "W_b @ s_prev + W_c @ h", "W_b @ s_prev - W_c @ h", {"subtracted"}),
    ("additive_scores", "    return np.array(scores)", "        return np.array(scores)", {"one_returned"}),
    ("additive_scores", "return np.array(scores)", "pass", "Is there a `return` at its end?"),
    ("additive_scores, arrays", "H @ W_c.T", "H @ W_c", {"position_matrix_not_transposed"}),
    ("additive_scores, units first", "[:, None]", "", {"state_along_the_positions"}),
    ("additive_scores, arrays", "H @ W_c.T", "W_c @ H.T", {"state_along_the_positions", "summed_over_positions"}),
    ("additive_scores, arrays", "H @ W_c.T", "W_c @ H", "Two sizes do not meet."),
    ("additive_scores, arrays", "np.tanh(query + keys) @ w_a", "np.tanh(query + keys)", "for each unit is left over"),
    ("additive_scores, arrays", "np.tanh(query + keys) @ w_a", "np.tanh(query + keys) * w_a", {"not_summed"}),
    ("additive_scores, arrays", "np.tanh(query + keys) @ w_a", "(np.tanh(query) + np.tanh(keys)) @ w_a",
     {"tanh_before_the_sum"}),
    ("additive_scores, arrays", "np.tanh(query + keys) @ w_a", "w_a @ np.tanh(query + keys)",
     {"summed_over_positions"}),
    ("additive_scores, arrays", "np.tanh(query + keys) @ w_a", "w_a @ np.tanh(query + keys).T", set()),
    ("additive_scores, arrays", "keys = H @ W_c.T", "keys = W_c @ H[-1]", {"one_returned"}),
    ("additive_scores, arrays", "@ w_a", "@ w_c", "No variable called `w_c`"),
    ("masked_softmax", HIDE, "scores = scores + mask * -1e9", set()),
    ("masked_softmax", "weights * (1 - mask)", "weights", {"even_weights_for_all_padding"}),
    ("masked_softmax", "if scores.shape[-1] == 0:", "if False:", {"empty_sequence_stops"}),
    ("masked_softmax", "-1e9", "-np.inf", {"nan_for_all_padding"}),
    ("masked_softmax", "-1e9", "0", {"hidden_scores_zero"}),
    ("masked_softmax", "mask == 1", "mask == 0", {"mask_inverted"}),
    ("masked_softmax", HIDE, "pass", {"mask_after_softmax"}),
    ("masked_softmax", HIDE, "scores[mask] = -1e9", {"mask_as_an_index"}),
    ("masked_softmax", HIDE, "scores = scores * (1 - mask) - 1e9 * mask", set()),
    ("masked_softmax", HIDE, "scores[mask == 1] = -1e9", set()),
    ("masked_softmax", "scores - scores.max(axis=-1, keepdims=True)", "scores", {"overflow"}),
    ("masked_softmax", "axis=-1", "axis=0", {"softmax_over_the_batch"}),
    ("masked_softmax", "exps.sum(axis=-1, keepdims=True)", "exps.sum()", {"softmax_over_everything"}),
    ("masked_softmax", "exps.sum(axis=-1, keepdims=True)", "exps.sum(axis=-1)", {"sums_without_keepdims"}),
    ("masked_softmax", "exps / exps.sum(axis=-1, keepdims=True)", "exps", {"not_normalised"}),
    ("masked_softmax", "np.exp(scores - scores.max(axis=-1, keepdims=True))",
     "np.exp(scores - scores.max())", {"one_maximum_for_all_rows"}),
    ("masked_softmax", "keepdims=True))", "keepdims=True, initial=0))", {"stand_in_too_high"}),
    ("masked_softmax", "keepdims=True))", "keepdims=True, initial=-100))", {"stand_in_too_high"}),
    ("masked_softmax", "-1e9", "-100", {"stand_in_too_high"}),
    ("masked_softmax", "-1e9", "-1e4", set()),
    ("masked_softmax", "keepdims=True))", "keepdims=True, initial=-1e9))", set()),
    ("masked_softmax", "if scores.shape[-1] == 0:", "if scores.shape[-1] == 1:",
     "lower than every score"),
    ("masked_softmax", "-1e9", "1e9", {"mask_inverted"}),
    ("masked_softmax", HIDE, "scores = scores + mask * 1e9", {"mask_inverted"}),
    ("context_vector", "axis=-2", "axis=0", {"summed_over_axis_0"}),
    ("context_vector", "axis=-2", "axis=1", {"summed_over_axis_1"}),
    ("context_vector", "axis=-2", "axis=-1", {"summed_over_the_numbers_of_a_state"}),
    ("context_vector", ".sum(axis=-2)", "", {"not_summed"}),
    ("context_vector", ".sum(axis=-2)", ".mean(axis=-2)", {"mean_for_the_sum"}),
    ("context_vector", "(weights[..., None] * H).sum(axis=-2)", "weights @ H", {"right_for_one_sentence"}),
    ("context_vector", "(weights[..., None] * H).sum(axis=-2)", "sum(w * h for w, h in zip(weights, H))",
     {"right_for_one_sentence"}),
    ("context_vector", "(weights[..., None] * H).sum(axis=-2)", "np.einsum('t,td->d', weights, H)",
     {"right_for_one_sentence"}),
    ("context_vector", "weights[..., None] * H", "weights * H", {"numbers_of_a_state_weighted"}),
    ("context_vector", "(weights[..., None] * H).sum(axis=-2)", "np.dot(weights, H)", {"wrong_end_of_the_batch"}),
    ("context_vector", "return (w", "return 0.0 if H.shape[-2] == 0 else (w", {"number_for_no_position"}),
    ("context_vector", "(weights[..., None] * H)", "(weights[..., None] / weights.sum(-1)[..., None, None] * H)",
     {"divided_by_the_sum_of_the_weights"}),
    ("context_vector", "return", "weights = weights / (weights.sum(-1, keepdims=True) + 1e-9)\n    return",
     {"divided_by_the_sum_of_the_weights"}),
    ("decoder_input", "[x_t, context]", "[context, x_t]", {"context_first"}),
    ("decoder_input", "np.hstack([x_t, context])", "x_t + context", {"added"}),
    ("decoder_input", "np.hstack([x_t, context])", "np.concatenate(x_t, context)", "as *one* argument"),
    ("decoder_input", "np.hstack([x_t, context])", "[x_t, context]", "a list whose entries have different shapes."),
    ("decoder_input", "np.hstack([x_t, context])", "x_t, context", "You returned 2 things"),
    ("decoder_input", "np.hstack", "np.vstack", {"stacked"}),
    ("bahdanau_step", "np.zeros(len(H), dtype=int)", "np.ones(len(H), dtype=int)", {"everything_hidden"}),
    ("bahdanau_step", "additive_scores(s_prev,", "additive_scores(cell(x_t, s_prev),", {"scores_from_the_new_state"}),
    ("bahdanau_step", "decoder_input(x_t, context), s_prev", "x_t, s_prev", {"context_not_used"}),
    ("bahdanau_step", "decoder_input(x_t, context), s_prev", "context, s_prev", {"word_not_used"}),
    ("bahdanau_step", "decoder_input(x_t, context)", "decoder_input(context, x_t)", {"context_first"}),
    ("bahdanau_step", "cell(decoder_input(x_t, context), s_prev)", "cell(s_prev, decoder_input(x_t, context))",
     "cell(input, state)"),
    ("bahdanau_step", "decoder_input(x_t, context), s", "np.concatenate([x_t, context, s_prev]), s",
     "The input is too long."),
    ("bahdanau_step", "decoder_input(x_t, context), s", "np.concatenate([context, s_prev]), s",
     "The input is too long."),
    ("bahdanau_step", "additive_scores(s_prev, H", "additive_scores(x_t, H", {"the_word_asks"}),
    ("bahdanau_step", "additive_scores(s_prev, H", "additive_scores(H, s_prev",
     "in which order do the arguments stand?"),
    ("bahdanau_step", "context_vector(weights, H)", "context_vector(H, weights)", "context_vector(weights, H)"),
    ("bahdanau_step", "masked_softmax(scores, mask)", "masked_softmax(mask, scores)", {"mask_and_scores_exchanged"}),
    ("bahdanau_step", "additive_scores(s_prev, H, W_b, W_c, w_a)", "H @ s_prev", {"scored_by_dot_products"}),
    ("bahdanau_step", "additive_scores(s_prev, H, W_b, W_c, w_a)",
     "np.tanh(W_b @ s_prev) @ w_a + np.tanh(H @ W_c.T) @ w_a", {"state_without_effect"}),
    ("bahdanau_step", "additive_scores(s_prev, H, W_b, W_c, w_a)", "(W_b @ s_prev + H @ W_c.T) @ w_a",
     {"state_without_effect"}),
    ("bahdanau_step", "masked_softmax(scores, mask)", "np.exp(scores)", "Your weights do not sum to one."),
    ("bahdanau_step", "masked_softmax(scores, mask)", "masked_softmax(2 * scores, mask)", "are these right?"),
    ("bahdanau_step", "context_vector(weights, H)", "H[-1]", {"last_state_as_context"}),
    ("bahdanau_step", "context_vector(weights, H)", "H.mean(axis=0)", {"states_averaged"}),
    ("bahdanau_step", "context), s_prev)", "context), cell(x_t, s_prev))", {"cell_run_twice"}),
    ("bahdanau_step", "context), s_prev)", "context), cell(decoder_input(x_t, context), s_prev))", {"cell_run_twice"}),
    ("bahdanau_step", "    mask", "    if len(H) == 0:\n        return cell(x_t, s_prev), np.zeros(0)\n    mask",
     {"context_lost_where_empty"}),
    ("bahdanau_step", "context_vector(weights, H)", "weights @ H if len(H) else np.zeros(len(s_prev))",
     {"context_lost_where_empty"}),
    ("bahdanau_step", "W_b, W_c, w_a)\n    weights", "W_c, W_b, w_a)\n    weights", {"matrices_swapped"}),
    ("bahdanau_step", "return s_t, weights", "return weights, s_t", {"returned_backwards"}),
    ("bahdanau_step", "return s_t, weights", "return s_t, scores", {"scores_returned"}),
    ("bahdanau_step", "return s_t, weights", "return context, weights", {"context_returned"}),
    ("bahdanau_step", "return s_t, weights", "return s_t", "s_t"),
    ("bahdanau_step", "masked_softmax(scores, mask)", "softmax(scores)", "belongs to chapter 2"),
    ("find_the_bug_scores", "    query = np.expand_dims(query, 1)\n", "", {"still_the_wrong_sentence"}),
    ("find_the_bug_scores", "np.expand_dims(query, 1)", "np.expand_dims(query, -1)", {"axis_at_the_end"}),
    ("find_the_bug_scores", "np.expand_dims(query, 1)", "np.expand_dims(query, 0)", {"still_the_wrong_sentence"}),
    ("find_the_bug_scores", "np.expand_dims(query, 1)", 
     "np.tile(query, (H.shape[1], 1)).reshape(len(H), H.shape[1], -1)", {"states_in_the_wrong_order"}),
    ("find_the_bug_scores", "np.expand_dims(query, 1)", "query[0]", {"one_state_for_all"}),
    ("bahdanau_layer", "        query = tf.expand_dims(query, 1)\n", "", {"state_along_the_positions"}),
    ("bahdanau_layer", "axis=1)\n        if", "axis=-1)\n        if", {"softmax_over_the_last_axis"}),
    ("bahdanau_layer", "tf.nn.softmax(score, axis=1)", "tf.nn.softmax(score)", {"softmax_over_the_last_axis"}),
    ("bahdanau_layer", "axis=1)\n        if", "axis=0)\n        if", {"softmax_over_the_batch"}),
    ("bahdanau_layer", "values, axis=1)", "values, axis=-1)", {"context_over_the_features"}),
    ("bahdanau_layer", "values, axis=1)", "values)", "context has shape ()"),
    ("bahdanau_layer", "tf.tanh(self", "(self", {"tanh_missing"}),
    ("bahdanau_layer", "layers.Dense(units)", "layers.Dense(units, use_bias=False)",
     "values_dense lacks the usual bias"),
    ("bahdanau_layer", "layers.Dense(1)", "layers.Dense(1, use_bias=False)", "score_dense lacks the usual bias"),
    ("bahdanau_layer", "        if values_mask is not None:\n            weights *= keep\n",
     "        weights *= tf.cast(values_mask[:, :, tf.newaxis], tf.float32)\n", "values_mask may be None"),
    ("bahdanau_layer", "weights *= keep", "weights = weights * values_mask[:, :, tf.newaxis]",
     "tf.cast(values_mask, tf.float32)"),
    ("bahdanau_layer", "layers.Dense(units)", "layers.Dense(units, activation='tanh')", {"tanh_also_in_the_layers"}),
    ("bahdanau_layer", "layers.Dense(1)", "layers.Dense(units)", "it has one unit"),
    ("bahdanau_layer", "layers.Dense(1)", "layers.Dense(1, activation='tanh')", {"tanh_of_the_scores"}),
    ("bahdanau_layer", "self.values_dense", "self.W1", "Keep the layer in `__init__`: `self.values_dense = …`."),
    ("bahdanau_layer", "weights *= keep", "pass", {"even_weights_for_all_padding"}),
    ("bahdanau_layer", "(1 - keep)", "keep", {"mask_inverted"}),
    ("bahdanau_layer", "-1e9", "1e9", {"mask_inverted"}),
    ("bahdanau_layer", "score += (1 - keep) * -1e9", "pass", {"mask_after_softmax"}),
    ("bahdanau_layer", "score += (1 - keep) * -1e9", "score *= keep", {"hidden_scores_zero"}),
    ("bahdanau_layer", "tf.expand_dims(tf.cast(values_mask, tf.float32), -1)", "tf.cast(values_mask, tf.float32)",
     "an axis for (B, T, 1)"),
    ("bahdanau_layer", "tf.nn.softmax(score, axis=1)", "tf.exp(score) / tf.reduce_sum(tf.exp(score), axis=1)",
     "keepdims=True"),
    ("bahdanau_layer", "(1 - keep) * -1e9", "(1 - keep) * -np.inf", "0 times infinity"),
    ("bahdanau_layer", "return context, weights", "return weights, context", {"returned_backwards"}),
    ("bahdanau_layer", "return context, weights", "return context", "context"),
    ("bahdanau_layer", "weights * values", "score * values", "context"),
    ("bahdanau_layer", "query_dense(query)", "values_dense(query)", "values_dense takes the values"),
    ("find_the_bug_mask", "values_mask=None", "mask=None, values_mask=None", set()),
    ("find_the_bug_mask", "values_mask", "mask", {"still_no_mask"}),
    ("find_the_bug_mask", "values_mask", "query_mask", {"still_no_mask"}),
    ("find_the_bug_mask", "if values_mask is", "if mask is", "The argument of `call` has a new name"),
    ("find_the_bug_mask", "tf.where(values_mask, scores, -1e9)", "tf.where(values_mask, -1e9, scores)",
     {"mask_inverted"}),
    ("find_the_bug_mask", "return Mended()", "return Mended", "not the class itself"),
    ("find_the_bug_mask", "return Mended()", "pass", "end it with `return`"),
    ("find_the_bug_mask", "values_mask=None", "values_mask", "give it a default, values_mask=None."),
    ("classifier", "[fh, bh]", "[bh, fh]", {"backward_before_forward"}),
    ("classifier", "[fh, bh]", "[fc, bc]", {"cell_states_for_hidden_states"}),
    ("classifier", "out, fh, fc, bh, bc", "out, fh, bh, fc, bc", {"states_mixed"}),
    ("classifier", "layers.Concatenate()([fh, bh])", "out[:, -1]", {"last_output_as_query"}),
    ("classifier", "layers.Concatenate()([fh, bh])", "fh", "both last hidden states side by side"),
    ("classifier", "layers.Concatenate()([fh, bh])", "layers.Add()([fh, bh])",
     "both last hidden states side by side"),
    ("classifier", ", mask_zero=True", "", {"padding_not_masked"}),
    ("classifier", "attention_units)(out,", "attention_units)(out + 0.0,", {"mask_lost_before_the_attention"}),
    ("classifier", "attention_units)(out,", "attention_units)(x,", {"values_of_the_first_layer"}),
    ("classifier", 'activation="relu")(context)', 'activation="relu")(state)', "leads nowhere"),
    ("classifier", ', activation="relu"', "", {"relu_missing"}),
    ("classifier", ', activation="sigmoid"', "", {"sigmoid_missing"}),
    ("classifier", '"sigmoid"', '"softmax"', {"softmax_of_one"}),
    ("classifier", "    y = layers.Dropout(0.5)(y)\n", "", {"no_dropout_after_the_dense_layer"}),
    ("classifier", "dropout=0.5", "recurrent_dropout=0.5", {"no_dropout_in_the_lstms"}),
    ("classifier", "(y)\n    return", "(layers.Dropout(0.5)(y))\n    return", "dropout[2] is 1"),
    ("classifier", "    y = layers.Dropout(0.5)(y)\n    y = layers.Dense(1, activation=\"sigmoid\")(y)",
     "    y = layers.Dense(1, activation=\"sigmoid\")(y)\n    y = layers.Dropout(0.5)(y)",
     {"dropout_in_another_place"}),
    ("classifier", "(out, state)", "(layers.Dropout(0.5)(out), state)", {"extra_dropout"}),
    ("classifier", "layers.Dropout(0.5)(y)", "AlwaysOn(0.5)(y)", "Is dropout still on?"),
    ("classifier", "BahdanauAttention(attention_units)", "BahdanauAttention(64)",
     "The attention has `attention_units` units."),
    ("classifier", "layers.Dense(20,", "layers.Dense(32,", "has 20 units and gets the context alone"),
    ("classifier", "lstm_units, dropout=0.5, return_sequences=True))(x)", "lstm_units, dropout=0.5))(x)",
     "return_sequences=True"),
    ("classifier", ", return_state=True", "", "gives five things"),
    ("classifier", 'layers.Dense(20, activation="relu")(context)',
     'layers.Dense(20, activation="relu")(layers.Concatenate()([context, state]))', "the context alone"),
    ("classifier", "layers.Concatenate()([fh, bh])", "[fh, bh]", "The query is one tensor"),
    ("classifier", "context, weights = Bahdanau", "context = Bahdanau", "Your attention gives two things"),
    ("classifier", "context, weights = Bahdanau", "weights, context = Bahdanau", "gets the context alone"),
    ("classifier", "(out, state)", "(state, out)", "first the values"),
    ("classifier", "Embedding(vocab_size, embedding_dim", "Embedding(embedding_dim, vocab_size",
     "the number of words first"),
    ("classifier", "Embedding(vocab_size,", "Embedding(vocab_size + 1,", "take both from the arguments"),
    ("classifier", "Embedding(vocab_size, embedding_dim", "Embedding(10000, 128", "take both from the arguments"),
    ("classifier", "mask_zero=True)(inputs)", "mask_zero=True)(inputs) * 1.0", {"padding_not_masked"}),
    ("classifier", "(out, state)", "(out * 1.0, state)", "Something that is no layer, such as `*`"),
    ("classifier", "(out, state)", "(keras.ops.multiply(out, 1.0), state)", "Something that is no layer, such as `*`"),
    ("classifier", "return_sequences=True, return_state", "return_state",
     "the second LSTM needs return_sequences=True too"),
    ("classifier", "Dropout(0.5)(y)", "Dropout(0.5)(y, training=True)", "Is dropout still on?"),
    ("classifier", "return_sequences=True))(x)", "return_sequences=True))(x, training=True)", "Is dropout still on?"),
    ("classifier", "outputs=y", "outputs=[y, weights]", "The model gives one thing, the probability."),
    ("classifier", "layers.Concatenate()([fh, bh])", "tf.concat([fh, bh], -1)", "use layers.Concatenate()"),
    ("classifier", "layers.Concatenate()([fh, bh])", "np.concatenate([fh, bh], -1)", "use layers.Concatenate()"),
    ("classifier", "(out, state)", "([out, state])", "takes two arguments, not a list of two"),
    ("classifier", "layers.Dropout(0.5)", "layers.Dropout(0.2)", "the rate of Dropout between the two Dense layers"),
    ("classifier", "dropout=0.5, return_sequences=True))", "dropout=0.2, return_sequences=True))",
     "the dropout of the first LSTM"),
    ("classifier", "dropout=0.5, return_sequences=True, return", "dropout=0.2, return_sequences=True, return",
     "the dropout of the second LSTM"),
    ("classifier", "(y)\n    return", "(layers.Dropout(0.5)(y))\n    return",
     "the rate of Dropout between the two Dense layers"),
    ("classifier", "(out, state)", "(layers.Dropout(0.1)(out), state)", "the rate of Dropout in other places"),
    ("classifier", "shape=(max_len,)", "shape=max_len", "as a tuple"),
    ("classifier", "shape=(max_len,)", "shape=(max_len, 1)", "one number for each position"),
    ("classifier", "layers.LSTM(lstm_units, dropout=0.5, return_sequences=True))",
     "layers.LSTM(64, return_sequences=True))",
     "Both are LSTMs of `lstm_units` units"),
    ("classifier", "return_sequences=True))(x)", "return_sequences=True), merge_mode='sum')(x)",
     "plain layers.Bidirectional"),
    ("classifier", "    x = layers.Bidirectional(layers.LSTM(lstm_units, dropout=0.5, return_sequences=True))(x)\n", "",
     "the model holds 1 Bidirectional layers; expected 2"),
    ("classifier", "return keras.Model(inputs=inputs, outputs=y)", "return y",
     "build_classifier returns a keras.Model"),
]  # fmt: skip


def library(name):
    if KEY[name].needs:
        pytest.importorskip(KEY[name].needs)


@pytest.mark.parametrize("form", CODE)
def test_the_right_code_of_the_table_is_right(notebook, form):
    name = form.partition(",")[0]
    library(name)
    verdict = verdict_on(notebook, name, CODE[form])
    assert (verdict["kind"], verdict["says"]) == ("right", [])


@pytest.mark.parametrize("form", EQUAL)
def test_the_same_mathematics_written_otherwise_is_right(notebook, form):
    name, code = EQUAL[form]
    library(name)
    assert verdict_on(notebook, name, code)["kind"] == "right"


@pytest.mark.parametrize(("form", "right", "wrong", "told"), TOLD)
def test_what_a_learner_is_told(notebook, form, right, wrong, told):
    name = form.partition(",")[0]
    library(name)
    assert right in CODE[form]
    verdict = verdict_on(notebook, name, CODE[form].replace(right, wrong))
    if isinstance(told, set):
        assert (set(verdict["names"]), verdict["kind"]) == (told, "misconception" if told else "right"), verdict["says"]
    else:
        assert verdict["kind"] == "difference"
        assert told in " ".join(verdict["says"])
        assert "Keep the names of the arguments" not in " ".join(verdict["says"])


# (check, what one of the functions that are handed on becomes, what is said of the task that calls it)
HANDED_ON = [
    ("bahdanau_step", SCORES, "np.array(scores)", "np.array(scores)[:, None]",
     "additive_scores gives an array of shape (5, 1); expected (5,)"),
    ("bahdanau_step", SCORES, "np.array(scores)", "scores", "One of your functions hands on a list"),
    ("bahdanau_step", CONTEXT, ".sum(axis=-2)", ".sum(axis=-2, keepdims=True)",
     "context_vector gives an array of shape (1, 7); expected (7,)"),
    ("bahdanau_step", INPUT, "np.hstack([x_t, context])", "np.hstack([x_t, context])[None]",
     "decoder_input gives an array of shape (1, 9); expected (9,)"),
    ("classifier", LAYER, "tf.tanh", "np.tanh", "in your layer write tf.tanh, not np.tanh"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "earlier", "right", "wrong", "told"), HANDED_ON)
def test_a_task_names_the_earlier_function_that_hands_on_an_odd_thing(notebook, name, earlier, right, wrong, told):
    library(name)
    assert right in earlier
    locked = {cell.name: cell.text for cell in read_source(SOURCE) if cell.role == "locked"}
    tools = [locked["cell"], locked["odd_shape"], locked["model_tools"]]  # they call the earlier functions
    code = "\n".join([SOFTMAX, earlier.replace(right, wrong), CODE[name], *tools])
    text = " ".join(verdict_on(notebook, name, code)["says"])
    assert told in text
    assert "Keep the names of the arguments" not in text


def test_squeezing_the_context_is_right_with_a_remark(notebook):
    code = CONTEXT.replace("return (weights[..., None] * H).sum(axis=-2)",
                           "return np.squeeze((weights[..., None] * H).sum(axis=-2))")  # fmt: skip
    verdict = verdict_on(notebook, "context_vector", code)
    assert verdict["kind"] == "right" and "extra axis of length 1" in verdict["says"][0]


def test_what_keras_says_is_cut_to_one_line(notebook):
    pytest.importorskip("keras")
    text = " ".join(
        verdict_on(notebook, "classifier", CLASSIFIER.replace("(out, state)", "(out * 1.0, state)"))["says"]
    )
    assert "\n" not in text and len(text) < 700


# ---------------------------------------------------------------- words


def test_neither_page_nor_hint_shows_the_mended_line():
    for text in (PAGE.read_text(encoding="utf-8"), *(hint for check in KEY.checks for hint in check.hints)):
        assert "W_b.T)[:, np.newaxis]" not in text and "values_mask=None):\n            scores" not in text
