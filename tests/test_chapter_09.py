"""Chapter 09: the pieces of a GPT by other routes, Keras's own among them, and what must hold of them."""

from itertools import combinations

import numpy as np
import pytest

from tests.closeness import assert_equal_up_to_rounding

SLUG = "09_decoder_only"
RNG = np.random.default_rng(9)
MATRICES = RNG.normal(size=(4, 12, 12)) / 12**0.5
TEXTS = RNG.normal(size=(2, 7, 12))


# ---------------------------------------------------------------- the pieces
def test_rms_norm_is_that_of_keras(solved):
    keras = pytest.importorskip("keras")
    layer = keras.layers.RMSNormalization(epsilon=0.02, dtype="float64")
    layer.build(TEXTS.shape)
    gain = RNG.normal(size=12)
    layer.set_weights([gain])
    assert_equal_up_to_rounding(solved["rms_norm"](TEXTS, gain, epsilon=0.02), np.asarray(layer(TEXTS)), terms=12)


def test_a_turn_keeps_lengths_and_only_distances_count(solved):
    q, k = RNG.normal(size=(2, 3, 7, 6))
    places = np.arange(7)
    turned_q, turned_k = solved["rotate"](q, places), solved["rotate"](k, places)
    np.testing.assert_allclose(np.linalg.norm(turned_q, axis=-1), np.linalg.norm(q, axis=-1))
    far_q, far_k = solved["rotate"](q, places + 40), solved["rotate"](k, places + 40)
    scores = turned_q @ np.swapaxes(turned_k, -1, -2)
    np.testing.assert_allclose(far_q @ np.swapaxes(far_k, -1, -2), scores)
    assert not np.allclose(scores, q @ np.swapaxes(k, -1, -2))


def test_halves_are_neighbours_with_their_columns_in_another_order(solved):
    x, places = RNG.normal(size=(5, 6)), np.arange(5)
    order = [0, 2, 4, 1, 3, 5]
    angles = places[:, None] * 10000.0 ** (-np.arange(0, 6, 2) / 6)
    cos, sin = np.tile(np.cos(angles), 2), np.tile(np.sin(angles), 2)
    in_halves = x[:, order]
    turned = in_halves * cos + np.concatenate([-in_halves[:, 3:], in_halves[:, :3]], axis=1) * sin
    np.testing.assert_allclose(turned, solved["rotate"](x, places)[:, order])


def test_swiglu_with_an_open_gate_is_a_product_of_two_matrices(solved):
    W_up, W_down = RNG.normal(size=(12, 20)), RNG.normal(size=(20, 12))
    x = np.concatenate([TEXTS, np.ones((2, 7, 1))], axis=-1)  # one number more, which holds the gate open
    W_gate = np.zeros((13, 20))
    W_gate[-1] = 50
    up = np.concatenate([W_up, np.zeros((1, 20))])
    np.testing.assert_allclose(solved["swiglu"](x, W_gate, up, W_down), 50 * TEXTS @ W_up @ W_down)


# ---------------------------------------------------------------- attention, at once and with a cache
@pytest.mark.parametrize("pieces", [[7], [1] * 7, [3, 1, 3], [1, 6]], ids=str)
def test_a_text_in_pieces_gives_what_the_whole_gives(solved, pieces):
    whole, _ = solved["causal_self_attention"](TEXTS, *MATRICES, 3)
    outputs, keys, values, at = [], None, None, 0
    for n in pieces:
        output, keys, values = solved["attend_with_cache"](TEXTS[:, at : at + n], keys, values, *MATRICES, 3)
        outputs.append(output)
        at += n
        assert keys.shape == values.shape == (2, 3, at, 4)
    assert_equal_up_to_rounding(np.concatenate(outputs, axis=1), whole, terms=7 + 3 * 12)


def test_no_output_depends_on_what_comes_later(solved):
    output, weights = solved["causal_self_attention"](TEXTS, *MATRICES, 3)
    changed = TEXTS.copy()
    changed[:, 4:] += 1
    other, _ = solved["causal_self_attention"](changed, *MATRICES, 3)
    np.testing.assert_array_equal(other[:, :4], output[:, :4])
    assert (np.triu(weights, 1) == 0).all() and not np.allclose(other[:, 4:], output[:, 4:])
    np.testing.assert_allclose(weights.sum(axis=-1), 1)


# ---------------------------------------------------------------- the loss and the choice
def test_who_knows_nothing_has_the_logarithm_of_the_vocabulary_as_loss(solved):
    ids = RNG.integers(0, 11, size=(3, 8))
    assert solved["next_token_loss"](np.zeros((3, 8, 11)), ids) == pytest.approx(np.log(11))
    sure = 100 * np.eye(11)[np.roll(ids, -1, axis=1)]
    assert solved["next_token_loss"](sure, ids) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("p", [0.05, 0.5, 0.8, 0.97])
def test_top_p_keeps_the_smallest_set_that_holds_p(solved, seed, p):
    shares = np.random.default_rng(seed).dirichlet(np.ones(7))
    kept = solved["top_p"](shares, p) > 0
    smaller = [shares[list(few)].sum() for few in combinations(range(7), int(kept.sum()) - 1)]
    assert shares[kept].sum() >= p > max(smaller, default=0)
    np.testing.assert_allclose(solved["top_p"](shares, p)[kept], shares[kept] / shares[kept].sum())


def test_one_token_is_greedy_and_all_are_plain_sampling(solved):
    logits = RNG.normal(size=9)
    one_hot = np.eye(9)[logits.argmax()]
    np.testing.assert_array_equal(solved["top_k"](logits, 1, 1.7), one_hot)
    np.testing.assert_allclose(solved["top_k"](logits, 9, 0.6), solved["softmax"](logits / 0.6))
    np.testing.assert_allclose(solved["top_k"](logits, 9, 1e-3), one_hot, atol=1e-12)


# ---------------------------------------------------------------- the whole model
def test_the_model_of_the_notebook_writes_the_same_with_and_without_a_cache(solved):
    model, ids = solved["random_model"](), RNG.integers(0, 20, size=(2, 9))
    whole = solved["logits_of"](ids, model)
    cache = [(None, None)] * len(model["layers"])
    one_by_one = [solved["logits_of"](ids[:, t : t + 1], model, cache) for t in range(9)]
    np.testing.assert_allclose(np.concatenate(one_by_one, axis=1), whole, atol=1e-10)


def test_the_broken_scores_show_their_symptom(solved):
    q, k = RNG.normal(size=(2, 1, 3, 6))
    near, far = (solved["broken_scores"](q, k, np.arange(start, start + 3)) for start in (0, 9))
    assert np.abs(near - far).max() > 0.1
    near, far = (solved["mended_scores"](q, k, np.arange(start, start + 3)) for start in (0, 9))
    np.testing.assert_allclose(near, far)
