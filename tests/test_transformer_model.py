"""The Transformer of the experiments: against Keras's own layer, against loops, and what must not move its output.

Two roads to one number are compared in float64, so that only rounding of float64 is between them.
"""

from __future__ import annotations

import math

import numpy as np
import pytest

tf = pytest.importorskip("tensorflow")
import keras  # noqa: E402 - needs TensorFlow

from experiments.transformer.cached import CachedDecoder, PlainDecoder  # noqa: E402 - they import Keras
from experiments.transformer.layers import MultiHeadAttention, positional_encoding  # noqa: E402
from experiments.transformer.model import cross_attention_of, transformer  # noqa: E402
from tests.closeness import assert_equal_up_to_rounding  # noqa: E402

SIZES = {"vocab_size": 23, "num_layers": 2, "dff": 20, "d_model": 12, "num_heads": 3, "dropout": 0.1}
# The sums that one number goes through from an id to a logit: in each of four layers two attentions at most, with
# projections of 12, scores of 4, a mean of 9 and 12 to join the heads, 12 and 20 of the network, and 12 of each norm.
TERMS = 4 * (2 * (12 + 4 + 9 + 12) + 12 + 20 + 3 * 12) + 12


@pytest.fixture(scope="module", autouse=True)
def in_float64():
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float64")
    yield
    keras.config.set_dtype_policy(before)


@pytest.fixture(scope="module")
def model(in_float64):
    keras.utils.set_random_seed(7)
    made = transformer(**SIZES, max_positions=16)
    rng = np.random.default_rng(7)
    weights = made.get_weights()
    made.set_weights([rng.normal(w.ndim == 1, 0.4, w.shape) if w.dtype == "float64" else w for w in weights])
    return made


def draw(rng, batch, length):
    return rng.integers(1, SIZES["vocab_size"], (batch, length)).astype("int32")


def test_positions_equal_the_formula_in_a_loop():
    found = positional_encoding(9, 6)
    for position in range(9):
        for i in range(3):
            angle = position / 10_000 ** (2 * i / 6)
            assert_equal_up_to_rounding(found[position, 2 * i], math.sin(angle), terms=1, magnitude=1)
            assert_equal_up_to_rounding(found[position, 2 * i + 1], math.cos(angle), terms=1, magnitude=1)


def test_the_attention_equals_keras_own_layer():
    rng = np.random.default_rng(1)
    ours, theirs = MultiHeadAttention(12, 3), keras.layers.MultiHeadAttention(3, 4)
    query, memory = rng.normal(size=(2, 5, 12)), rng.normal(size=(2, 7, 12))
    ours(query, memory, memory), theirs(query, memory)
    weights = [rng.normal(size=weight.shape) for weight in ours.get_weights()]
    ours.set_weights(weights)
    theirs.set_weights(
        [value.reshape(weight.shape) for value, weight in zip(weights, theirs.get_weights(), strict=True)]
    )
    hidden = rng.random((2, 1, 5, 7)) < 0.3
    hidden[..., 0] = False
    output, attention = ours(query, memory, memory, hidden.astype("float64"))
    wanted, scores = theirs(query, memory, attention_mask=~hidden[:, 0], return_attention_scores=True)
    largest = float(np.abs(query).max() * np.abs(weights[0]).max() * 12)  # of a projection
    assert_equal_up_to_rounding(output, wanted, terms=12 + 4 + 7 + 12, magnitude=largest * np.abs(wanted).max())
    assert_equal_up_to_rounding(attention, scores, terms=12 + 4 + 7, magnitude=largest**2)  # that of the scores


def test_heads_that_do_not_divide_are_refused():
    with pytest.raises(ValueError, match="d_model 12 cannot be divided among 5 heads"):
        MultiHeadAttention(12, 5)


def test_parameters_are_those_of_the_sum_by_hand(model):
    v, n, f, d = (SIZES[name] for name in ("vocab_size", "num_layers", "dff", "d_model"))
    attention, feed_forward, norm = 4 * (d * d + d), d * f + f + f * d + d, 2 * d
    layers = n * (attention + feed_forward + 2 * norm) + n * (2 * attention + feed_forward + 3 * norm)
    assert sum(int(np.prod(w.shape)) for w in model.trainable_weights) == 2 * v * d + layers + d * v + v


def test_a_later_token_moves_no_earlier_output(model):
    rng = np.random.default_rng(2)
    question, said = draw(rng, 2, 5), draw(rng, 2, 6)
    before = model([question, said]).numpy()
    said[:, 4] = said[:, 4] % (SIZES["vocab_size"] - 1) + 1
    after = model([question, said]).numpy()
    assert_equal_up_to_rounding(after[:, :4], before[:, :4], terms=TERMS)
    assert np.abs(after[:, 4:] - before[:, 4:]).max(axis=-1).min() > 1e-4


def test_padding_moves_nothing(model):
    rng = np.random.default_rng(3)
    question, said = draw(rng, 2, 5), draw(rng, 2, 6)
    longer = [np.pad(ids, ((0, 0), (0, 3))) for ids in (question, said)]
    assert_equal_up_to_rounding(model(longer).numpy()[:, :6], model([question, said]), terms=TERMS)


def test_saved_and_loaded_it_is_the_same(model, tmp_path):
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    rng = np.random.default_rng(4)
    ids = [draw(rng, 2, 5), draw(rng, 2, 6)]
    assert_equal_up_to_rounding(loaded(ids), model(ids), terms=TERMS)


def test_attention_over_the_question_is_a_share_for_each_token(model):
    rng = np.random.default_rng(5)
    question = draw(rng, 2, 5)
    question[1, 3:] = 0
    weights = cross_attention_of(model)([question, draw(rng, 2, 6)])
    assert [layer.shape for layer in weights] == [(2, 3, 6, 5)] * 2
    for layer in weights:
        assert_equal_up_to_rounding(layer.numpy().sum(-1), 1, terms=5)
        assert layer.numpy()[1, ..., 3:].max() == 0  # exp(-1e9) is 0 in every kind of float


def test_kept_keys_and_values_change_no_logit(model):
    plain, cached = PlainDecoder(model), CachedDecoder(model)
    rng = np.random.default_rng(6)
    for question in ([1, 5, 9, 2], [1, 7, 2]):
        plain.read(question)
        cached.read(question)
        prefix = [1, *rng.integers(4, 23, 8)]
        for ids in [prefix[:n] for n in range(1, 9)] + [prefix[:3], [*prefix[:2], 4, 5], [1, 22], [1, 22], prefix]:
            assert_equal_up_to_rounding(cached.next_logits(ids), plain.next_logits(ids), terms=TERMS)
        whole = model([np.array([question]), np.array([prefix])]).numpy()[0, -1]
        assert_equal_up_to_rounding(cached.next_logits(prefix), whole, terms=TERMS)
