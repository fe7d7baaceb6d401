"""Chapter 06: masks by other routes, the two experiments, the tiny model, and what learners are told."""

from functools import partial

import numpy as np
import pytest

from tests import chapters
from tests.closeness import assert_equal_up_to_rounding

SLUG = "06_masks"
KEY = chapters.key_of(SLUG)
verdict_on = partial(chapters.verdict_on, SLUG)
IDS = np.array([[7, 2, 9, 1, 4], [3, 5, 0, 0, 0], [0, 6, 0, 8, 0], [0, 0, 0, 0, 0]])


# ---------------------------------------------------------------- other routes
def test_the_look_ahead_mask_is_that_of_the_notes(solved):
    tf = pytest.importorskip("tensorflow")
    T = IDS.shape[1]
    future = 1 - tf.linalg.band_part(tf.ones((T, T)), -1, 0)
    padding = tf.cast(tf.equal(IDS, 0), tf.float32)[:, tf.newaxis, tf.newaxis, :]
    np.testing.assert_array_equal(solved["create_look_ahead_mask"](IDS), tf.maximum(future, padding))


def attention(scores, mask):
    exps = np.exp(np.where(mask == 1, -np.inf, scores))
    return exps / exps.sum(axis=-1, keepdims=True)


def test_keras_attends_as_our_mask_says(solved):
    keras = pytest.importorskip("keras")
    keras.utils.set_random_seed(1)
    rng, ids = np.random.default_rng(0), IDS[:2]
    x = rng.normal(size=(2, 5, 6)).astype("float32")
    layer = keras.layers.MultiHeadAttention(num_heads=3, key_dim=2)
    for make in (solved["create_padding_mask"], solved["create_look_ahead_mask"]):
        mask = make(ids)
        _, weights = layer(x, x, attention_mask=solved["to_keras_mask"](mask), return_attention_scores=True)
        hidden = np.broadcast_to(mask == 1, weights.shape)
        assert np.abs(np.asarray(weights)[hidden]).max() == 0
        assert np.asarray(weights)[~hidden].min() > 0


@pytest.mark.parametrize("name", ["create_padding_mask", "create_look_ahead_mask"])
def test_appending_padding_changes_no_output_of_a_word(solved, name):
    rng = np.random.default_rng(3)
    short = rng.integers(1, 9, size=(2, 5))
    longer = np.pad(short, ((0, 0), (0, 3)))
    scores = rng.normal(size=(2, 3, 8, 8))
    few = attention(scores[..., :5, :5], solved[name](short))
    many = attention(scores, solved[name](longer))
    np.testing.assert_allclose(many[..., :5, :5], few)
    assert (many[..., 5:] == 0).all()


def test_changing_the_future_changes_no_earlier_output(solved):
    rng = np.random.default_rng(4)
    ids = rng.integers(1, 9, size=(2, 5))
    scores = rng.normal(size=(2, 3, 5, 5))
    value, other = rng.normal(size=(2, 2, 3, 5, 4))
    for t in range(4):
        changed = np.where(np.arange(5)[:, np.newaxis] > t, other, value)
        weights = attention(scores, solved["create_look_ahead_mask"](ids))
        np.testing.assert_array_equal((weights @ value)[..., : t + 1, :], (weights @ changed)[..., : t + 1, :])
        assert not np.allclose((weights @ value)[..., t + 1 :, :], (weights @ changed)[..., t + 1 :, :])


@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_no_row_of_the_solved_notebook_is_ever_nan(solved, kind):
    scores = np.random.default_rng(5).normal(size=(4, 3, 5, 5)).astype(kind)
    for make in (solved["create_padding_mask"], solved["create_look_ahead_mask"]):
        weights = solved["softmax"](solved["apply_mask"](scores, make(IDS)))
        assert_equal_up_to_rounding(weights.sum(axis=-1), kind(1), terms=5)


# ---------------------------------------------------------------- the tiny model
def test_the_inverted_mask_has_full_marks_in_training_and_none_in_use(solved):
    training, use = solved["train"](solved["broken_weights"])
    assert training > 0.99
    assert use < 0.05
    training, use = solved["train"](solved["mended_weights"])
    assert training == use
    assert abs(training - (0.7 + 0.3 / 8)) < 0.02


def test_the_map_of_the_notebook_tells_right_masks_from_wrong_ones(solved):
    ids, T = np.array([1, 2, 0, 3, 4]), 5
    future = np.triu(np.ones((T, T), dtype=int), 1)

    def map_of(create_mask):
        return solved["what_moves"](*solved["attention_of"](ids, create_mask))

    pad = np.eye(T, dtype=int)[2]
    words = 1 - pad
    hears_words = np.where(np.eye(T) == 1, 1, words)
    np.testing.assert_array_equal(map_of(solved["create_padding_mask"]), hears_words)
    np.testing.assert_array_equal(map_of(solved["create_look_ahead_mask"]), hears_words * (1 - future))
    on_queries = map_of(lambda ids: np.swapaxes(solved["create_padding_mask"](ids), -1, -2))
    triangle_only = map_of(lambda ids: future)
    assert on_queries[words == 1, 2].all() and triangle_only[3:, 2].all()


def test_the_broken_functions_show_their_symptoms(solved):
    scores = np.random.default_rng(6).normal(size=(1, 3, 5, 5))
    weights = solved["broken_weights"](scores)
    assert (weights[..., 0, 0] == 0).all() and (weights[..., 0, 1:] > 0).all()
    with np.errstate(invalid="ignore"):
        weights = solved["broken_decoder_weights"](scores, IDS[:1])
    assert np.isnan(weights[..., 0, :]).all() and np.isfinite(weights[..., 1:, :]).all()


# ---------------------------------------------------------------- what learners write, and what they are told
CODE = {
    "padding_mask": """
def create_padding_mask(seq):
    mask = (seq == 0).astype(float)
    return mask[:, None, None, :]
""",
    "look_ahead_mask": """
def create_look_ahead_mask(seq):
    T = seq.shape[1]
    future = 1 - np.tril(np.ones((T, T)))
    padding = (seq == 0).astype(float)[:, None, None, :]
    return np.maximum(future, padding)
""",
    "apply_mask": """
def apply_mask(scores, mask):
    hidden = scores + mask * -1e9
    return hidden
""",
    "decoder_masks": """
def decoder_masks(source, target):
    encoder = create_padding_mask(source)
    own = create_look_ahead_mask(target)
    cross = create_padding_mask(source)
    return encoder, own, cross
""",
    "what_moves": """
def what_moves(attend, X):
    T = len(X)
    before = attend(X)
    moved = np.zeros((T, T))
    for s in range(T):
        changed = X.copy()
        changed[s] = changed[s] + 1
        after = attend(changed)
        for t in range(T):
            if not np.allclose(after[t], before[t]):
                moved[t, s] = 1
    return moved
""",
    "to_keras_mask": """
def to_keras_mask(mask):
    keep = mask == 0
    return keep[:, 0]
""",
    "find_the_leak": """
def mended_weights(scores):
    T = scores.shape[-1]
    mask = np.triu(np.ones((T, T)), k=1)
    hidden = scores + mask * -1e9
    exps = np.exp(hidden - hidden.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-1, keepdims=True)
""",
    "find_the_nan": """
def mended_decoder_weights(scores, seq):
    position = np.arange(seq.shape[1])
    future = position[np.newaxis, :] > position[:, np.newaxis]
    mask = future | (seq == 0)[:, np.newaxis, np.newaxis, :]
    hidden = np.where(mask, -np.inf, scores)
    exps = np.exp(hidden - hidden.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-1, keepdims=True)
""",
}
# (check, what is replaced in the right code, by what, the mistakes named or what is said; an empty set: right)
TOLD = [
    # equal forms of the right answer
    ("padding_mask", ".astype(float)", "", set()),
    ("padding_mask", "mask[:, None, None, :]", "np.expand_dims(mask, (1, 2))", set()),
    ("padding_mask", "mask[:, None, None, :]", "mask.reshape(len(seq), 1, 1, -1) if seq.size else mask[:, None, None]",
     set()),
    ("padding_mask", "(seq == 0).astype(float)", "np.where(seq == 0, 1, 0)", set()),
    ("padding_mask", "(seq == 0).astype(float)", "1 - np.sign(seq)", set()),
    ("look_ahead_mask", "1 - np.tril(np.ones((T, T)))", "np.triu(np.ones((T, T)), k=1)", set()),
    ("look_ahead_mask", "1 - np.tril(np.ones((T, T)))", "np.arange(T)[None, :] > np.arange(T)[:, None]", set()),
    ("look_ahead_mask", "np.maximum(future, padding)", "np.logical_or(future, padding)", set()),
    ("look_ahead_mask", "np.maximum(future, padding)", "(future + padding > 0)", set()),
    ("look_ahead_mask", "np.maximum(future, padding)", "1 - (1 - future) * (1 - padding)", set()),
    ("look_ahead_mask", "np.maximum(future, padding)", "np.clip(future + padding, 0, 1)", set()),
    ("apply_mask", "scores + mask * -1e9", "np.where(mask == 1, -np.inf, scores)", set()),
    ("apply_mask", "scores + mask * -1e9", "np.where(mask, -1e9, scores)", set()),
    ("apply_mask", "scores + mask * -1e9", "scores - mask * 1e4", set()),
    ("apply_mask", "scores + mask * -1e9", "np.where(mask == 1, np.finfo(scores.dtype).min, scores)", set()),
    ("apply_mask", "scores + mask * -1e9", "np.where(mask.astype(bool), -np.inf, scores).astype(np.float32)", set()),
    ("apply_mask", "scores + mask * -1e9", "np.ma.array(scores, mask=np.broadcast_to(mask, scores.shape)).filled(-1e9)",
     set()),
    ("what_moves", "not np.allclose(after[t], before[t])", "(after[t] != before[t]).any()", {"exact_comparison"}),
    ("what_moves", "changed[s] + 1", "changed[s] - 3 * np.arange(1, X.shape[1] + 1)", set()),
    ("apply_mask", "hidden = scores + mask * -1e9",
     "scores = scores.copy()\n    scores -= 1e9 * mask\n    hidden = scores", set()),
    ("apply_mask", "scores + mask * -1e9", "np.where(mask == 1, -1e5, scores - scores.max())", set()),
    ("to_keras_mask", "mask == 0", "~mask.astype(bool)", set()),
    ("to_keras_mask", "mask == 0", "np.logical_not(mask)", set()),
    ("to_keras_mask", "keep[:, 0]", "np.squeeze(keep, axis=1)", set()),
    ("find_the_nan", "position[np.newaxis, :] > position[:, np.newaxis]",
     "np.triu(np.ones((len(position),) * 2), 1) == 1", set()),
    # named mistakes, written in their commonest forms
    ("padding_mask", "seq == 0", "seq != 0", {"keeps_instead_of_hiding"}),
    ("padding_mask", "seq == 0", "seq > 0", {"keeps_instead_of_hiding"}),
    ("padding_mask", "seq == 0", "seq == 1", {"id_one_hidden"}),
    ("padding_mask", "seq == 0", "seq is None", "Is `seq` still the array of ids?"),
    ("padding_mask", "seq == 0", "seq < 0", {"nothing_hidden"}),
    ("padding_mask", "mask[:, None, None, :]", "mask", {"no_axes_of_length_1"}),
    ("padding_mask", "mask[:, None, None, :]", "mask[:, None, :]", {"one_axis_of_length_1"}),
    ("padding_mask", "mask[:, None, None, :]", "mask[:, None, :, None]", {"on_the_query_axis"}),
    ("padding_mask", "mask[:, None, None, :]", "mask[..., None, None]", {"axes_behind"}),
    ("padding_mask", "mask[:, None, None, :]", "mask[None, None]", {"axes_in_front"}),
    ("padding_mask", "return mask[:, None, None, :]", "return mask[:, None, None, :] * -1e9", {"numbers_to_add"}),
    ("look_ahead_mask", "1 - np.tril(np.ones((T, T)))", "np.tril(np.ones((T, T)))", {"future_inverted"}),
    ("look_ahead_mask", "1 - np.tril(np.ones((T, T)))", "np.triu(np.ones((T, T)))", {"diagonal_hidden"}),
    ("look_ahead_mask", "1 - np.tril(np.ones((T, T)))", "np.triu(np.ones((T, T)), k=2)", {"next_word_visible"}),
    ("look_ahead_mask", "1 - np.tril(np.ones((T, T)))", "np.tril(np.ones((T, T)), k=-1)", {"past_hidden"}),
    ("look_ahead_mask", "np.maximum(future, padding)", "future + padding", {"added"}),
    ("look_ahead_mask", "np.maximum(future, padding)", "future * padding", {"both_needed"}),
    ("look_ahead_mask", "np.maximum(future, padding)", "np.minimum(future, padding)", {"both_needed"}),
    ("look_ahead_mask", "np.maximum(future, padding)", "np.logical_xor(future, padding)", {"both_cancel"}),
    ("look_ahead_mask", "np.maximum(future, padding)", "future", {"padding_dropped"}),
    ("look_ahead_mask", "np.maximum(future, padding)", "padding", {"future_dropped"}),
    ("look_ahead_mask", "np.maximum(future, padding)", "1 - np.maximum(future, padding)", {"keeps_instead_of_hiding"}),
    ("look_ahead_mask", "np.maximum(future, padding)", "np.maximum(future, padding)[:, 0]", {"no_head_axis"}),
    ("look_ahead_mask", "seq.shape[1]", "len(seq)", {"batch_size_for_length"}),
    ("look_ahead_mask", "[:, None, None, :]", "[:, None, :, None]", {"padding_on_the_query_axis"}),
    ("apply_mask", "mask * -1e9", "mask * 1e9", {"mask_inverted"}),
    ("apply_mask", "mask * -1e9", "(1 - mask) * -1e9", {"mask_inverted"}),
    ("apply_mask", "scores + mask * -1e9", "np.where(mask == 1, scores, -1e9)", {"mask_inverted"}),
    ("apply_mask", "mask * -1e9", "mask", {"mask_added"}),
    ("apply_mask", "mask * -1e9", "mask * -10", {"constant_too_small"}),
    ("apply_mask", "mask * -1e9", "mask * -1e-9", {"mask_dropped"}),
    ("apply_mask", "return hidden", "return scores", {"mask_dropped"}),
    ("apply_mask", "scores + mask * -1e9", "scores * mask", {"mask_multiplied"}),
    ("apply_mask", "scores + mask * -1e9", "scores * mask * -1e9", {"mask_multiplied"}),
    ("apply_mask", "scores + mask * -1e9", "scores * (1 - mask)", {"hidden_scores_zero"}),
    ("apply_mask", "scores + mask * -1e9", "np.where(mask == 1, 0, scores)", {"hidden_scores_zero"}),
    ("apply_mask", "scores + mask * -1e9", "scores + mask * -np.inf", {"zero_times_infinity"}),
    ("apply_mask", "scores + mask * -1e9", "softmax(scores + mask * -1e9)", {"softmax_taken"}),
    ("apply_mask", "scores + mask * -1e9", "softmax(scores) * (1 - mask)", {"softmax_taken"}),
    ("apply_mask", "scores + mask * -1e9", "mask * -1e9", {"scores_lost"}),
    ("apply_mask", "scores + mask * -1e9", "scores + mask[:, 0] * -1e9", {"head_axis_dropped"}),
    ("apply_mask", "hidden = scores + mask * -1e9", "hidden = scores.copy()\n    hidden[mask] = -1e9",
     {"mask_as_an_index"}),
    ("apply_mask", "hidden = scores + mask * -1e9", "hidden = scores.copy()\n    hidden[mask == 1] = -1e9",
     "An index does not broadcast over the heads"),
    ("apply_mask", "scores + mask * -1e9", "scores if mask == 0 else -1e9", "np.where chooses entry by entry."),
    ("apply_mask", "scores + mask * -1e9", "np.where(~mask, scores, -1e9)", "`~` turns booleans over, not floats"),
    ("decoder_masks", "cross = create_padding_mask(source)", "cross = create_padding_mask(target)",
     {"cross_from_the_target"}),
    ("decoder_masks", "cross = create_padding_mask(source)", "cross = create_look_ahead_mask(target)",
     {"cross_looks_ahead"}),
    ("decoder_masks", "create_look_ahead_mask(target)", "create_padding_mask(target)", {"self_without_future"}),
    ("decoder_masks", "create_look_ahead_mask(target)", "create_look_ahead_mask(source)", {"self_from_the_source"}),
    ("decoder_masks", "encoder = create_padding_mask(source)", "encoder = create_look_ahead_mask(source)",
     {"encoder_looks_ahead"}),
    ("decoder_masks", "return encoder, own, cross", "return encoder, cross, own", {"cross_before_self"}),
    ("decoder_masks", "return encoder, own, cross", "return encoder, own", "Return three masks, one after the other"),
    ("decoder_masks", "def decoder_masks(source, target):", "def decoder_masks(source, target):\n    source, target = "
     "target, source", {"source_and_target_swapped"}),
    ("what_moves", "moved[t, s] = 1", "moved[s, t] = 1", {"rows_and_columns_exchanged"}),
    ("what_moves", "if not np", "if np", {"what_stays"}),
    ("what_moves", "        changed = X.copy()\n", "        changed = X\n", {"changes_pile_up"}),
    ("what_moves", "for s in range(T):\n        changed = X.copy()", "changed = X.copy()\n    for s in range(T):",
     {"changes_pile_up"}),
    ("what_moves", "np.allclose(after[t], before[t])", "np.allclose(after, before)", {"whole_output_compared"}),
    ("what_moves", "changed[s] = changed[s] + 1", "changed[s] + 1", {"nothing_moves"}),
    ("what_moves", "for s in range(T)", "for s in range(1, T)", {"one_left_out"}),
    ("what_moves", "for t in range(T)", "for t in range(s, T)", {"only_one_direction"}),
    ("to_keras_mask", "mask == 0", "mask == 1", {"not_turned_over"}),
    ("to_keras_mask", "mask == 0", "1 - mask", {"not_boolean"}),
    ("to_keras_mask", "keep[:, 0]", "keep", {"head_axis_kept"}),
    ("to_keras_mask", "keep[:, 0]", "np.squeeze(keep)", {"every_axis_of_length_1_removed"}),
    ("to_keras_mask", "keep[:, 0]", "keep[0]", {"first_sequence_only"}),
    ("to_keras_mask", "mask == 0", "~mask", {"tilde_on_numbers"}),
    ("to_keras_mask", "mask == 0", "not mask", "A comparison goes entry by entry."),
    ("find_the_leak", "np.triu(np.ones((T, T)), k=1)", "np.tril(np.ones((T, T)))", {"still_inverted"}),
    ("find_the_leak", "np.triu(np.ones((T, T)), k=1)", "np.triu(np.ones((T, T)))", {"diagonal_hidden"}),
    ("find_the_leak", "np.triu(np.ones((T, T)), k=1)", "np.tril(np.ones((T, T)), k=-1)", {"past_hidden"}),
    ("find_the_leak", "np.triu(np.ones((T, T)), k=1)", "np.zeros((T, T))", {"mask_dropped"}),
    ("find_the_nan", "] > position", "] >= position", {"still_the_diagonal"}),
    ("find_the_nan", "] > position", "] < position", {"past_hidden"}),
    ("find_the_nan", "-np.inf, scores", "-1e9, scores", set()),
    # sentences, where a fresh reader of the notebook went wrong
    ("padding_mask", "return mask[:, None, None, :]", "mask[:, None, None, :]", "Is there a `return` at its end?"),
    ("padding_mask", "mask[:, None, None, :]", "mask.reshape(3, 1, 1, 5)", "take them from `seq.shape`"),
    ("padding_mask", "return mask[:, None, None, :]", "return (seq != 0)[:, None, None, :] * -1e9", {"numbers_to_add"}),
    ("padding_mask", "(seq == 0).astype(float)", "np.array([[i == 0 for i in seq[0]] if b == 0 else [0] * seq.shape[1] "
     "for b in range(len(seq))]).reshape(seq.shape)", {"first_sequence_only"}),
    ("look_ahead_mask", "1 - np.tril(np.ones((T, T)))", "1 - np.eye(T)", {"only_itself_visible"}),
    ("look_ahead_mask", "np.maximum(future, padding)", "future or padding",
     "`or`, `and`, `if` and max ask one question"),
    ("look_ahead_mask", "np.maximum(future, padding)", "future | padding", "np.maximum takes floats too."),
    ("look_ahead_mask", "np.maximum(future, padding)", "np.maximum(1 - future, 1 - padding)", {"two_masks_that_keep"}),
    ("look_ahead_mask", "np.maximum(future, padding)", "np.triu(np.full((T, T), -np.inf), 1) + padding",
     "These are the numbers that are added to scores."),
    ("apply_mask", "return hidden", "pass", "apply_mask returned None."),
    ("apply_mask", "return hidden", "return hidden, mask", "Return one array: the scores."),
    ("apply_mask", "return hidden", "return hidden[:, 0]", "What you return has lost an axis."),
    ("apply_mask", "scores + mask * -1e9", "np.where(mask == 1, -8.5, scores)", "A hidden key still has weight"),
    ("apply_mask", "scores + mask * -1e9", "np.where(mask == 1, scores.min(), scores)",
     {"smallest_score_for_hidden"}),
    ("decoder_masks", "return encoder, own, cross", "return encoder, create_padding_mask(target), own",
     {"self_and_cross_exchanged"}),
    ("decoder_masks", "return encoder, own, cross", "return encoder, own, np.swapaxes(cross, -1, -2)",
     {"cross_on_the_query_axis"}),
    ("decoder_masks", "return encoder, own, cross", "return encoder, own, 1 - cross", {"keep_instead_of_hide"}),
    ("what_moves", "moved[t, s] = 1", "moved[t, s] = np.abs(after[t] - before[t]).sum()", "The map holds 0 and 1"),
    ("what_moves", "for t in range(T)", "for t in [s]", {"only_own_output"}),
    ("what_moves", "attend(changed)", "attend(changed[s])", "`attend` takes a whole sequence (T, d)"),
    ("to_keras_mask", "mask == 0", "-mask", "Ask `mask == 0`."),
    ("find_the_nan", "future |", "future &", {"both_needed"}),
    ("find_the_leak", "return exps / exps.sum(axis=-1, keepdims=True)", "return hidden", {"scores_returned"}),
    # what a second reader found
    ("padding_mask", "mask[:, None, None, :]", "np.squeeze(mask[:, None, None, :])", {"axes_squeezed_away"}),
    ("padding_mask", "mask[:, None, None, :]", "mask.reshape(-1, 1, 1, len(seq))", {"batch_size_for_length"}),
    ("padding_mask", "mask[:, None, None, :]", "mask[:1, None, None, :]", {"one_mask_for_all"}),
    ("look_ahead_mask", "return np.maximum(future, padding)", "return np.maximum(future, padding)[:1]",
     {"one_mask_for_all"}),
    ("padding_mask", "mask[:, None, None, :]", "mask[None, :, None, None, :]", "Your mask has 5 axes; 4 are expected."),
    ("look_ahead_mask", "[:, None, None, :]", "", "The padding is only (B, T) here."),
    ("look_ahead_mask", "np.maximum(future, padding)", "np.maximum((seq == 0) * 1, future)",
     "The padding is only (B, T) here."),
    ("look_ahead_mask", "seq.shape[1]", "len(seq) + 1", "Is T the *length*"),
    ("look_ahead_mask", "np.maximum(future, padding)", "np.max(future, padding)", "np.maximum compares two"),
    ("look_ahead_mask", "np.maximum(future, padding)", "max(future, padding)",
     "`or`, `and`, `if` and max ask one question"),
    ("apply_mask", "scores + mask * -1e9", "np.where(mask == 1, -20, scores)", {"constant_too_small"}),
    ("apply_mask", "scores + mask * -1e9", "np.where(mask == 1, -1000, scores)", {"constant_too_small"}),
    ("apply_mask", "mask * -1e9", "mask * -2100", {"constant_too_small"}),
    ("apply_mask", "hidden = scores + mask * -1e9", "scores += mask * -1e9\n    hidden = scores", {"argument_changed"}),
    ("apply_mask", "scores + mask * -1e9", "scores + mask * -1e9\n    mask[:] = 0", {"argument_changed"}),
    ("apply_mask", "hidden = scores + mask * -1e9", "scores += mask * -10\n    hidden = scores",
     "Your function changes its argument scores in place"),
    ("apply_mask", "mask * -1e9", "mask[0] * -1e9", {"first_mask_for_all"}),
    ("apply_mask", "scores + mask * -1e9", "np.where(mask[0] == 1, -1e9, scores)", {"first_mask_for_all"}),
    ("apply_mask", "scores + mask * -1e9", "np.where(np.swapaxes(mask, -1, -2) == 1, -1e9, scores)",
     {"mask_on_the_query_axis"}),
    ("apply_mask", "mask * -1e9", "(-mask) * 1e9", "NumPy does not negate booleans"),
    ("decoder_masks", "return encoder, own, cross", "return encoder[:1], own[:1], cross[:1]", {"one_mask_for_all"}),
    ("what_moves", "if not np.allclose(after[t], before[t])", "if not np.isclose(after[t], before[t]).any()",
     {"all_numbers_must_move"}),
    ("what_moves", "changed[s] = changed[s] + 1", "changed[s, 0] += 1", {"one_number_of_d"}),
    ("what_moves", "np.allclose(after[t], before[t])", "np.isclose(after[t, 0], before[t, 0])", {"one_number_of_d"}),
    ("what_moves", "changed[s] = changed[s] + 1", "changed[s, -1] += 1", {"one_number_of_d"}),
    ("what_moves", "not np.allclose(after[t], before[t])", "np.abs(after[t] - before[t]).max() > 1e-3",
     "outputs that move by less than 0.01"),
    ("what_moves", "not np.allclose(after[t], before[t])", "np.abs(after[t] - before[t]).max() > 1e-6", set()),
    ("what_moves", "not np.allclose(after[t], before[t])", "(after[t] - before[t]).max() > 1e-6",
     {"only_growing_outputs"}),
    ("apply_mask", "hidden = scores + mask * -1e9", "mask[mask == 1] = -10**9\n    hidden = scores + mask",
     "An argument was changed in place"),
    ("what_moves", "changed[s] + 1", "1", {"not_always_a_change"}),
    ("what_moves", "changed[s] + 1", "0", {"not_always_a_change"}),
    ("what_moves", "changed[s] + 1", "2 * changed[s]", {"not_always_a_change"}),
    ("what_moves", "changed[s] + 1", "-5 * changed[s]", {"not_always_a_change"}),
    ("what_moves", "changed[s] + 1", "X[s - 1]", {"not_always_a_change"}),
    ("what_moves", "before[t])", "before[t], atol=1e-2)", {"tolerance_too_large"}),
    ("what_moves", "return moved", "return np.maximum(moved, np.eye(T))", {"own_output_taken_for_granted"}),
    ("what_moves", "for t in range(T)", "for t in [t for t in range(T) if t != s]", {"own_output_left_out"}),
    ("what_moves", "changed[s] = changed[s] + 1", "changed += 1", {"everything_moves"}),
    ("what_moves", "np.allclose(after[t], before[t])", "np.allclose(after[t], X[t])", {"compared_with_the_input"}),
    ("what_moves", "np.allclose(after[t], before[t])", "np.allclose(after[t], changed[t])",
     {"compared_with_the_input"}),
    ("what_moves", "    return moved", "        return moved", {"first_alone"}),
    ("what_moves", "not np.allclose(after[t], before[t])", "(after[t] - before[t]).sum() > 1e-8",
     {"only_growing_outputs"}),
    ("what_moves", "            if not np.allclose(after[t], before[t]):\n                moved[t, s] = 1\n",
     "            moved[t, s] = ~np.allclose(after[t], before[t])\n", "write `not`."),
    ("what_moves", "        for t in range(T):\n            if not np.allclose(after[t], before[t]):\n"
     "                moved[t, s] = 1\n", "        moved[:, s] = ~np.isclose(after, before)\n", "if *all* d answers"),
    ("what_moves", "        for t in range(T):\n            if not np.allclose(after[t], before[t]):\n"
     "                moved[t, s] = 1\n", "        moved[:, s] = ~np.isclose(after, before).any(axis=-1)\n",
     {"all_numbers_must_move"}),
    ("what_moves", "changed[s] = changed[s] + 1", "X[s] += 1\n        changed = X.copy()\n        X[:] = given",
     "name 'given' is not defined"),
    ("what_moves", "        changed = X.copy()\n        changed[s] = changed[s] + 1\n        after = attend(changed)\n",
     "        row = X[s].copy()\n        X[s] += 1\n        after = attend(X)\n        X[s] = row\n", set()),
    ("what_moves", "    return moved", "    X += 1\n    return moved", {"argument_changed"}),
    ("to_keras_mask", "mask == 0", "~mask.astype(int)", {"tilde_on_numbers"}),
    ("to_keras_mask", "mask == 0", "(~mask.astype(int)).astype(bool)", {"everything_kept"}),
    ("to_keras_mask", "mask == 0", "bool(1 - mask)", "`not` and bool() ask one question"),
    ("to_keras_mask", "mask == 0", "-mask", "NumPy neither negates booleans"),
    ("to_keras_mask", "keep[:, 0]", "np.delete(keep, 1, axis=1)", "np.delete would leave"),
    ("to_keras_mask", "keep = mask == 0", "mask[mask == 1] = 2\n    keep = mask == 0",
     "Right, but your function changes its argument mask in place"),
    ("find_the_leak", "mask * -1e9", "mask * -np.inf", {"zero_times_infinity"}),
    ("find_the_nan", "np.where(mask, -np.inf, scores)", "scores + mask * -np.inf", {"zero_times_infinity"}),
    ("find_the_nan", "future | (seq == 0)[:, np.newaxis, np.newaxis, :]",
     "(future | (seq == 0)[:, np.newaxis, np.newaxis, :]) & ~np.eye(len(position), dtype=bool)",
     {"padding_sees_itself"}),
    ("find_the_nan", "future |", "future ^", {"both_cancel"}),
    ("find_the_nan", "np.where(mask, -np.inf, scores)", "np.where(mask, -10, scores)", {"constant_too_small"}),
    ("find_the_nan", "np.where(mask, -np.inf, scores)", "np.where(mask, 0, scores)", {"hidden_scores_zero"}),
    ("find_the_nan", "[:, np.newaxis, np.newaxis, :]", "[:, np.newaxis, :, np.newaxis]",
     {"padding_on_the_query_axis"}),
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
        assert told in " ".join(verdict["says"])
        assert "Keep the names of the arguments" not in " ".join(verdict["says"])


def test_a_finite_number_hides_the_bug_of_the_diagonal(notebook):
    code = CODE["find_the_nan"].replace("] > position", "] >= position").replace("-np.inf", "-1e9")
    assert verdict_on(notebook, "find_the_nan", code)["names"] == ["nan_gone_bug_kept"]
    zeros = CODE["find_the_nan"].replace("] > position", "] >= position").replace("return exps", "return 0 + exps")
    zeros = zeros.replace(
        "0 + exps / exps.sum(axis=-1, keepdims=True)", "np.nan_to_num(exps / exps.sum(-1, keepdims=True))"
    )
    assert verdict_on(notebook, "find_the_nan", zeros)["names"] == ["nan_made_zero"]
