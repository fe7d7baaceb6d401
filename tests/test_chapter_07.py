"""Chapter 07: the solved notebook against other routes, the whole model's properties, and what learners are told."""

import json
from functools import partial

import numpy as np
import pytest

from autograder.grade.judge.static_rules import forbidden_use
from experiments import no_recurrence, reversal
from tests import chapters
from tests.closeness import assert_equal_up_to_rounding, rounding

SLUG = "07_transformer"
KEY = chapters.key_of(SLUG)
verdict_on = partial(chapters.verdict_on, SLUG)
SIZES = {"vocab_size": 17, "num_layers": 2, "dff": 20, "d_model": 12, "num_heads": 3}
# The sums that one number goes through from an id to a logit: in each of four layers two attentions at most, with
# projections of 12, scores of 4, a mean of 10 and 12 to join the heads, 12 and 20 of the network, and 12 of each norm.
TERMS = 4 * (2 * (12 + 4 + 10 + 12) + 12 + 20 + 3 * 12) + 12


@pytest.fixture(scope="module")
def keras():
    return pytest.importorskip("keras")


# ---------------------------------------------------------------- the pieces, by another route
def test_dot_products_of_positions_depend_on_the_distance_alone(solved):
    P = solved["positional_encoding"](40, 10)[0]
    for distance in range(1, 20):
        along = np.diagonal(P @ P.T, distance)
        np.testing.assert_allclose(along, along[0], atol=1e-10)
    np.testing.assert_allclose((P**2).sum(axis=1), 5)


def test_one_matrix_leads_from_each_position_to_the_third_after_it(solved):
    P = solved["positional_encoding"](30, 8)[0]
    step = np.linalg.lstsq(P[:-3], P[3:], rcond=None)[0]
    np.testing.assert_allclose(P[:-3] @ step, P[3:], atol=1e-8)


@pytest.mark.parametrize(("length", "d_model"), [(1, 6), (7, 6), (30, 7), (40, 256)])
def test_the_given_layer_adds_the_same_positions(solved, keras, length, d_model):
    x = np.random.default_rng(0).normal(size=(2, length, d_model)).astype("float32")
    expected = x + solved["positional_encoding"](length, d_model)
    assert_equal_up_to_rounding(solved["AddPositions"]()(x), expected, terms=2, magnitude=length)  # that of the angles


def test_the_given_masks_are_those_of_chapter_six(solved, keras):
    ids = np.array([[3, 1, 2, 0, 0], [4, 0, 2, 5, 6]])
    np.testing.assert_array_equal(solved["PaddingMask"]()(ids), solved["create_padding_mask"](ids))
    np.testing.assert_array_equal(solved["LookAheadMask"]()(ids), solved["create_look_ahead_mask"](ids))


def test_layer_norm_agrees_with_keras(solved, keras):
    rng = np.random.default_rng(1)
    x, gamma, beta = rng.normal(2, 3, size=(2, 4, 6)), rng.normal(size=6), rng.normal(size=6)
    own = keras.layers.LayerNormalization(epsilon=1e-6, dtype="float64")
    own.build(x.shape)
    own.set_weights([gamma, beta])
    np.testing.assert_allclose(solved["layer_norm"](x, gamma, beta), own(x), rtol=1e-8)
    np.testing.assert_allclose(solved["layer_norm"](5 * x + 3, gamma, beta), own(x), rtol=1e-5)  # shift and scale go


def test_feed_forward_treats_positions_apart_and_alike(solved):
    rng = np.random.default_rng(2)
    x, W_1, b_1, W_2, b_2 = (rng.normal(size=s) for s in [(2, 5, 3), (3, 7), (7,), (7, 3), (3,)])
    forward, order = solved["position_wise_feed_forward"], [3, 0, 4, 1, 2]
    np.testing.assert_allclose(forward(x[:, order], W_1, b_1, W_2, b_2), forward(x, W_1, b_1, W_2, b_2)[:, order])
    changed = x.copy()
    changed[:, 2] += 1
    moved = (forward(changed, W_1, b_1, W_2, b_2) != forward(x, W_1, b_1, W_2, b_2)).any(axis=(0, 2))
    assert moved.tolist() == [False, False, True, False, False]


def test_the_figure_of_the_depth_shows_what_the_written_answer_says(solved):
    post, pre = (solved["through_the_layers"](solved[order]) for order in ("post_norm", "pre_norm"))
    np.testing.assert_allclose(post[0], 32**0.5, rtol=1e-3)
    assert pre[0, -1] > 2 * pre[0, 0]
    assert pre[1, 20] > 2 * post[1, 20]


# ---------------------------------------------------------------- the whole model
@pytest.fixture(scope="module")
def model(solved):
    keras = pytest.importorskip("keras")
    keras.utils.set_random_seed(0)
    model = solved["transformer"](**SIZES, dropout=0.1)
    rng = np.random.default_rng(3)
    for weight in model.trainable_variables:  # every parameter random, gamma and beta too
        weight.assign(weight + rng.normal(scale=0.3, size=weight.shape))
    return model


def drawn_ids(seed=4, B=3, T_s=7, T_t=5):
    rng = np.random.default_rng(seed)
    source, target = rng.integers(1, 17, (B, T_s)), rng.integers(1, 17, (B, T_t))
    source[1, 3:], target[2, 2:] = 0, 0
    return source, target


def test_shapes_and_names(model):
    source, target = drawn_ids()
    assert model({"inputs": source, "dec_inputs": target}).shape == (3, 5, 17)
    assert [tensor.name for tensor in model.inputs] == ["inputs", "dec_inputs"]
    assert model([source[:, :1], target[:, :1]]).shape == (3, 1, 17)


@pytest.mark.parametrize(
    ("sizes", "count"),
    [
        ((2**13, 2, 512, 256, 8), 8_935_424),  # the hyper-parameters of the notes, worked out on the page
        ((17, 2, 20, 12, 3), None),
        ((11, 3, 5, 6, 1), None),
    ],
)
def test_the_model_has_as_many_parameters_as_were_counted(solved, keras, sizes, count):
    counted = solved["count_parameters"](*sizes)
    assert solved["transformer"](*sizes, 0.1).count_params() == counted
    assert count in (None, counted)


def test_no_later_word_moves_an_earlier_logit(model):
    source, target = drawn_ids()
    before = model([source, target], training=False).numpy()
    noise = rounding(TERMS, np.abs(before).max())
    for t in range(5):
        changed = target.copy()
        changed[:2, t] = changed[:2, t] % 16 + 1
        moved = np.abs(model([source, changed], training=False) - before)[:2].max(axis=(0, 2))
        assert moved[:t].max(initial=0) < noise
        assert moved[t:].min() > 10 * noise


def test_padding_moves_nothing_and_every_word_of_the_source_moves_all(model):
    source, target = drawn_ids()
    before = model([source, target], training=False).numpy()
    padded = model([np.pad(source, [(0, 0), (0, 3)]), np.pad(target, [(0, 0), (0, 2)])], training=False)
    assert_equal_up_to_rounding(padded[:, :5], before, terms=TERMS)
    for s in range(7):
        changed = source.copy()
        changed[0, s] = changed[0, s] % 16 + 1
        assert np.abs(model([changed, target], training=False) - before)[0].max(axis=-1).min() > 10 * rounding(
            TERMS, np.abs(before).max()
        )


def test_dropout_is_off_when_predicting_and_on_in_training(model):
    ids = drawn_ids()
    np.testing.assert_array_equal(model(ids, training=False), model(ids, training=False))
    assert np.abs(model(ids, training=True) - model(ids, training=True)).max() > 1e-3


def keras_attention(keras, given, query, memory, mask):
    """Return what Keras's own attention gives with the weights of a given MultiHeadAttention."""
    H, d = given.num_heads, given.d_model
    own = keras.layers.MultiHeadAttention(H, d // H)
    own.build(query.shape, memory.shape, memory.shape)
    weights = []
    for dense in (given.query_dense, given.key_dense, given.value_dense):
        weights += [dense.kernel.numpy().reshape(d, H, d // H), dense.bias.numpy().reshape(H, d // H)]
    own.set_weights([*weights, given.dense.kernel.numpy().reshape(H, d // H, d), given.dense.bias.numpy()])
    keep = np.broadcast_to(mask[:, 0] == 0, (len(query), query.shape[1], memory.shape[1]))
    return own(query, memory, attention_mask=keep)


def test_the_model_equals_one_made_of_keras_own_attention(solved, keras, model):
    source, target = drawn_ids()
    padding, look_ahead = solved["create_padding_mask"](source), solved["create_look_ahead_mask"](target)

    def start(part, ids):
        (table,) = (layer for layer in part.layers if isinstance(layer, keras.layers.Embedding))
        return table(ids) * 12**0.5 + solved["positional_encoding"](ids.shape[1], 12).astype("float32")

    def layers_of(part, kind):
        return [layer for layer in part.layers if isinstance(layer, solved[kind])]

    memory = start(model.get_layer("encoder"), source)
    for layer in layers_of(model.get_layer("encoder"), "EncoderLayer"):
        memory = layer.norm_1(memory + keras_attention(keras, layer.attention, memory, memory, padding))
        memory = layer.norm_2(memory + layer.dense_2(layer.dense_1(memory)))
    x = start(model.get_layer("decoder"), target)
    for layer in layers_of(model.get_layer("decoder"), "DecoderLayer"):
        x = layer.norm_1(x + keras_attention(keras, layer.self_attention, x, x, look_ahead))
        x = layer.norm_2(x + keras_attention(keras, layer.cross_attention, x, memory, padding))
        x = layer.norm_3(x + layer.dense_2(layer.dense_1(x)))
    expected = model.get_layer("outputs")(x)
    real = target != 0  # where all keys are hidden Keras shares out evenly, and we give nothing; nobody reads either
    assert_equal_up_to_rounding(model([source, target], training=False)[real], expected[real], terms=TERMS)


@pytest.fixture
def registered(solved, keras, monkeypatch):
    """Let Keras load the layers of the solved notebook; answers that other tests ran bear the same names since."""
    for layer in [one for one in solved.values() if isinstance(one, type) and issubclass(one, keras.Layer)]:
        monkeypatch.setitem(keras.saving.get_custom_objects(), keras.saving.get_registered_name(layer), layer)


@pytest.mark.usefixtures("registered")
def test_every_door_holds(solved, keras, tmp_path, capsys):
    doors = solved["try_every_door"](SIZES, str(tmp_path / "model.keras"))
    assert len(doors) == 5 and all(doors.values()), capsys.readouterr().out


@pytest.mark.usefixtures("registered")
def test_a_model_with_every_parameter_changed_survives_saving(solved, keras, model, tmp_path):
    path = tmp_path / "model.keras"
    model.save(path)
    ids = drawn_ids()
    assert_equal_up_to_rounding(keras.models.load_model(path)(ids), model(ids), terms=TERMS)


@pytest.mark.training
def test_one_batch_is_learned_by_heart(solved, keras):
    _, losses = solved["learn"](80, fresh=False)
    assert losses[0] > 2 and losses[-1] < 0.05


def test_the_encoder_that_reads_the_target_leaks(solved):
    question, target = np.array([[3, 1, 4, 2]]), np.array([[7, 5, 6]])
    for name, question_moves, leaks in (("broken_forward", False, True), ("mended_forward", True, False)):

        def logits(source, ids, name=name):
            return solved[name](source, ids, solved["toy_encode"], solved["toy_decode"])[0]

        assert np.allclose(logits(question + 1, target), logits(question, target)) != question_moves
        assert np.allclose(logits(question, target + [0, 0, 1])[0], logits(question, target)[0]) != leaks


# ---------------------------------------------------------------- what learners write, and what they are told
ANGLES = """
def get_angles(position, i, d_model):
    exponent = 2 * (i // 2) / np.float64(d_model)
    rates = 1 / np.power(10000, exponent)
    return position * rates
"""
ENCODING = """
def positional_encoding(length, d_model):
    angles = get_angles(np.arange(length).reshape(-1, 1), np.arange(d_model).reshape(1, -1), d_model)
    sines = np.sin(angles[:, 0::2])
    cosines = np.cos(angles[:, 1::2])
    angles = np.zeros(angles.shape)
    angles[:, 0::2] = sines
    angles[:, 1::2] = cosines
    return angles[np.newaxis, ...]
"""
MENDED = """
def mended_embedding(ids, table, positions):
    x = table[ids] * np.sqrt(table.shape[1])
    where = positions[0, :ids.shape[1]]
    return x + where[np.newaxis, :, :]
"""
NORM = """
def layer_norm(x, gamma, beta, epsilon=1e-6):
    mean = np.mean(x, axis=-1, keepdims=True)
    variance = np.var(x, axis=-1, keepdims=True)
    normalised = (x - mean) / np.sqrt(variance + epsilon)
    return gamma * normalised + beta
"""
NETWORK = """
def position_wise_feed_forward(x, W_1, b_1, W_2, b_2):
    hidden = x @ W_1 + b_1
    hidden = np.maximum(hidden, 0)
    return hidden @ W_2 + b_2
"""
ADD = """
def add_and_norm(x, sublayer_output, gamma, beta):
    total = x + sublayer_output
    return layer_norm(total, gamma, beta)
"""
COUNT = """
def count_parameters(vocab_size, num_layers, dff, d_model, num_heads):
    attention = 4 * d_model**2 + 4 * d_model
    network = 2 * d_model * dff + dff + d_model
    norm = 2 * d_model
    layers = num_layers * (3 * attention + 2 * network + 5 * norm)
    return layers + 2 * vocab_size * d_model + (d_model + 1) * vocab_size
"""
ENCODER_LAYER = """
@register
class EncoderLayer(Layer):
    def __init__(self, d_model, num_heads, dff, dropout, **kwargs):
        super().__init__(**kwargs)
        self.attention = MultiHeadAttention(d_model, num_heads)
        self.dense_1 = layers.Dense(dff)
        self.dense_2 = layers.Dense(d_model)
        self.norm_1 = layers.LayerNormalization(epsilon=1e-6)
        self.norm_2 = layers.LayerNormalization(epsilon=1e-6)
        self.dropout_1 = layers.Dropout(dropout)
        self.dropout_2 = layers.Dropout(dropout)

    def call(self, x, padding_mask=None, training=None):
        attended, weights = self.attention(query=x, key=x, value=x, mask=padding_mask)
        attended = self.dropout_1(attended, training=training)
        h = self.norm_1(x + attended)
        network = tf.nn.relu(self.dense_1(h))
        network = self.dense_2(network)
        network = self.dropout_2(network, training=training)
        return self.norm_2(h + network)
"""
DECODER_LAYER = """
@register
class DecoderLayer(Layer):
    def __init__(self, d_model, num_heads, dff, dropout, **kwargs):
        super().__init__(**kwargs)
        self.self_attention = MultiHeadAttention(d_model, num_heads)
        self.cross_attention = MultiHeadAttention(d_model, num_heads)
        self.dense_1 = layers.Dense(dff, activation="relu")
        self.dense_2 = layers.Dense(d_model)
        self.norm_1 = layers.LayerNormalization(epsilon=1e-6)
        self.norm_2 = layers.LayerNormalization(epsilon=1e-6)
        self.norm_3 = layers.LayerNormalization(epsilon=1e-6)
        self.drop = layers.Dropout(dropout)

    def call(self, x, enc_outputs, look_ahead_mask=None, padding_mask=None):
        first = self.self_attention(query=x, key=x, value=x, mask=look_ahead_mask)[0]
        x = self.norm_1(self.drop(first) + x)
        second = self.cross_attention(query=x, key=enc_outputs, value=enc_outputs, mask=padding_mask)[0]
        x = self.norm_2(self.drop(second) + x)
        third = self.dense_2(self.dense_1(x))
        return self.norm_3(self.drop(third) + x)
"""
ENCODER = """
def encoder(vocab_size, num_layers, dff, d_model, num_heads, dropout, name="encoder"):
    ids = keras.Input((None,), name="ids", dtype="int32")
    padding_mask = keras.Input((1, 1, None), name="padding_mask")
    x = layers.Embedding(vocab_size, d_model)(ids)
    x = x * tf.math.sqrt(tf.cast(d_model, tf.float32))
    x = AddPositions()(x)
    x = layers.Dropout(rate=dropout)(x)
    for i in range(num_layers):
        layer = EncoderLayer(d_model=d_model, num_heads=num_heads, dff=dff, dropout=dropout, name=f"layer_{i}")
        x = layer(x, padding_mask)
    return keras.Model(inputs=[ids, padding_mask], outputs=x, name=name)
"""
DECODER = """
def decoder(vocab_size, num_layers, dff, d_model, num_heads, dropout, name="decoder"):
    ids = keras.Input((None,))
    enc_outputs = keras.Input((None, d_model))
    look_ahead_mask = keras.Input((1, None, None))
    padding_mask = keras.Input((1, 1, None))
    x = layers.Embedding(vocab_size, d_model)(ids)
    x *= d_model ** 0.5
    x = layers.Dropout(dropout)(AddPositions()(x))
    stack = [DecoderLayer(d_model, num_heads, dff, dropout) for _ in range(num_layers)]
    for layer in stack:
        x = layer(x, enc_outputs, look_ahead_mask=look_ahead_mask, padding_mask=padding_mask)
    return keras.Model([ids, enc_outputs, look_ahead_mask, padding_mask], x, name=name)
"""
TRANSFORMER = """
def transformer(vocab_size, num_layers, dff, d_model, num_heads, dropout, name="transformer"):
    inputs = keras.Input(shape=(None,), name="inputs")
    dec_inputs = keras.Input(shape=(None,), name="dec_inputs")
    sizes = dict(vocab_size=vocab_size, num_layers=num_layers, dff=dff, d_model=d_model, num_heads=num_heads)
    enc_padding_mask = PaddingMask()(inputs)
    look_ahead_mask = LookAheadMask()(dec_inputs)
    dec_padding_mask = PaddingMask()(inputs)
    enc_outputs = encoder(**sizes, dropout=dropout)(inputs=[inputs, enc_padding_mask])
    dec_outputs = decoder(**sizes, dropout=dropout)([dec_inputs, enc_outputs, look_ahead_mask, dec_padding_mask])
    outputs = layers.Dense(units=vocab_size, name="outputs")(dec_outputs)
    return keras.Model(inputs=[inputs, dec_inputs], outputs=outputs, name=name)
"""
WIRED = """
def mended_forward(inputs, dec_inputs, encode, decode):
    source_mask = create_padding_mask(inputs)
    look_ahead = create_look_ahead_mask(dec_inputs)
    memory = encode(inputs, source_mask)
    return decode(dec_inputs, memory, look_ahead, source_mask)
"""
CODE = {
    "angles": ANGLES, "positional_encoding": ENCODING, "find_the_positions": MENDED, "layer_norm": NORM,
    "feed_forward": NETWORK, "add_and_norm": ADD, "count_parameters": COUNT, "encoder_layer": ENCODER_LAYER,
    "decoder_layer": DECODER_LAYER, "encoder": ENCODER, "decoder": DECODER, "transformer": TRANSFORMER,
    "find_the_wiring": WIRED,
}  # fmt: skip
# (check, what is replaced in the right code, by what, the mistakes named or what is said)
TOLD = [
    ("angles", "2 * (i // 2)", "2 * i", {"dimension_for_the_pair"}),
    ("angles", "2 * (i // 2)", "2 * i // 2", {"a_rate_for_each_dimension"}),
    ("angles", "2 * (i // 2)", "2 * (i / 2)", {"a_rate_for_each_dimension"}),
    ("angles", "2 * (i // 2)", "(i // 2)", {"factor_two_missing"}),
    ("angles", "/ np.float64(d_model)", "// d_model", {"exponent_cut_to_whole_numbers"}),
    ("angles", "1 / np.power", "np.power", {"multiplied"}),
    ("angles", "np.power(10000, exponent)", "np.power(exponent, 10000)", {"base_and_exponent_exchanged"}),
    ("angles", "1 / np.power(10000, exponent)", "1 / 10000 ** 2 * (i // 2) / d_model", {"angles_next_to_zero"}),
    ("angles", "np.power(10000, exponent)", "10000 ** (2 * (i // 2)) / d_model", {"power_before_product"}),
    ("angles", "10000", "1000", {"another_base"}),
    ("angles", "return position * rates", "return rates", {"positions_forgotten"}),
    ("angles", "return position * rates", "return np.sin(position * rates)", {"sine_taken"}),
    ("angles", "return position * rates", "position * rates", "returned None"),
    ("angles", "(i // 2)", "(i % 2)", {"remainder_for_quotient"}),
    ("positional_encoding", "np.cos", "np.sin", {"all_sines"}),
    ("positional_encoding", "np.arange(length)", "np.arange(1, length + 1)", {"counted_from_one"}),
    ("positional_encoding", "return angles[np.newaxis, ...]", "return angles", {"no_batch_axis"}),
    ("positional_encoding", "return angles[np.newaxis, ...]",
     "return np.concatenate([sines, cosines], axis=-1)[np.newaxis]", {"halves_side_by_side"}),
    ("positional_encoding", "np.zeros(angles.shape)", "np.zeros(angles.shape, int)", {"whole_numbers"}),
    ("positional_encoding", "angles[:, 1::2] = cosines", "angles[:, 1::2] = sines", {"all_sines"}),
    ("positional_encoding", "np.cos(angles[:, 1::2])", "np.cos(angles[:, 0::2])", "one sine more"),
    ("find_the_positions", "ids.shape[1]", "len(ids)", {"cut_to_the_batch"}),
    ("find_the_positions", "[np.newaxis, :, :]", "[:, np.newaxis, :]", "the new axis puts them along"),
    ("find_the_positions", "positions[0, :ids.shape[1]]", "positions[0]", {"not_cut"}),
    ("find_the_positions", " * np.sqrt(table.shape[1])", "", {"not_scaled"}),
    ("find_the_positions", "np.sqrt(table.shape[1])", "table.shape[1]", {"another_scale"}),
    ("layer_norm", "axis=-1", "axis=0", {"over_the_batch"}),
    ("layer_norm", "axis=-1", "axis=-2", {"over_the_positions"}),
    ("layer_norm", "np.var(x, axis=-1, keepdims=True)", "np.var(x, axis=-1, keepdims=True, ddof=1)",
     {"divided_by_one_less"}),
    ("layer_norm", "np.sqrt(variance + epsilon)", "(np.sqrt(variance) + epsilon)", {"epsilon_outside_the_root"}),
    ("layer_norm", "np.sqrt(variance + epsilon)", "np.sqrt(variance)", {"epsilon_left_out"}),
    ("layer_norm", "np.sqrt(variance + epsilon)", "(variance + epsilon)", {"no_root"}),
    ("layer_norm", "gamma * normalised + beta", "normalised", {"no_gamma_no_beta"}),
    ("layer_norm", "gamma * normalised + beta", "gamma * (normalised + beta)", {"beta_multiplied_too"}),
    ("layer_norm", ", keepdims=True", "", "keepdims=True"),
    ("feed_forward", "    hidden = np.maximum(hidden, 0)\n", "", {"relu_missing"}),
    ("feed_forward", "return hidden @ W_2 + b_2", "return np.maximum(0, hidden @ W_2 + b_2)", {"relu_twice"}),
    ("feed_forward", "np.maximum", "np.minimum", {"minimum"}),
    ("feed_forward", "np.maximum(hidden, 0)", "np.max(hidden, 0)", {"largest_over_the_batch"}),
    ("feed_forward", "np.maximum(hidden, 0)", "max(hidden, 0)", "np.maximum(0, array) works entry by entry"),
    ("feed_forward", " + b_2", "", {"second_bias_forgotten"}),
    ("feed_forward", "return hidden @ W_2 + b_2", "return x + hidden @ W_2 + b_2", {"residual_added"}),
    ("add_and_norm", "x + sublayer_output", "sublayer_output", {"residual_missing"}),
    ("add_and_norm", "return layer_norm(total, gamma, beta)", "return x + layer_norm(sublayer_output, gamma, beta)",
     {"norm_before_the_sum"}),
    ("add_and_norm", "return layer_norm(total, gamma, beta)", "return total", {"not_normalised"}),
    ("add_and_norm", "gamma, beta)\n", "beta, gamma)\n", {"gamma_and_beta_exchanged"}),
    ("add_and_norm", "    total = x + sublayer_output\n", "    x += sublayer_output\n    total = x\n",
     "changes its argument x in place"),
    ("count_parameters", "2 * vocab_size * d_model", "vocab_size * d_model", {"one_table_of_words"}),
    ("count_parameters", "(d_model + 1)", "d_model", {"output_bias_forgotten"}),
    ("count_parameters", "4 * d_model**2 + 4 * d_model", "4 * d_model**2", {"attention_biases_forgotten"}),
    ("count_parameters", "4 * d_model**2 + 4 * d_model", "num_heads * (4 * d_model**2 + 4 * d_model)",
     {"multiplied_by_the_heads"}),
    ("count_parameters", "3 * attention + 2 * network + 5", "2 * (attention + network) + 4",
     {"one_attention_in_the_decoder"}),
    ("count_parameters", "5 * norm", "4 * norm", {"wrong_number_of_norms"}),
    ("count_parameters", "return layers", "layers", "returned None"),
    ("encoder_layer", "network = self.dropout_2(", "network = self.dropout_1(", "One Dropout layer stands in several"),
    ("encoder_layer", "x + attended", "attended", {"residual_missing"}),
    ("encoder_layer", "self.norm_2(h + network)", "self.norm_1(h + network)", {"one_norm_for_both"}),
    ("encoder_layer", "self.norm_2(h + network)", "self.norm_2(x + network)", {"second_residual_from_the_input"}),
    ("encoder_layer", "self.norm_2(h + network)", "h + self.norm_2(network)", {"norm_before_the_sum"}),
    ("encoder_layer", "tf.nn.relu(self.dense_1(h))", "self.dense_1(h)", {"relu_missing"}),
    ("encoder_layer", "self.dense_2 = layers.Dense(d_model)", "self.dense_2 = layers.Dense(d_model, activation='relu')",
     {"relu_twice"}),
    ("encoder_layer", "training=training", "training=True", {"dropout_left_on"}),
    ("encoder_layer", "        attended = self.dropout_1(attended, training=training)\n", "", {"dropout_missing"}),
    ("encoder_layer", "mask=padding_mask", "mask=None", {"mask_dropped"}),
    ("encoder_layer", "epsilon=1e-6", "", {"epsilon_of_keras"}),
    ("encoder_layer", "attended, weights = ", "attended = ", "Attention returns two things"),
    ("encoder_layer", "query=x, key=x, value=x, mask=padding_mask", "x, x, x, padding_mask", "by name"),
    ("encoder_layer", "self.norm_2 = ", "self.norm = ", "Keep the part in `__init__`: `self.norm_2"),
    ("encoder_layer", "return self.norm_2(h + network)", "self.norm_2(h + network)", "Is there a `return`"),
    ("encoder_layer", "return self.norm_2(h + network)", "return self.norm_2(h + network), weights",
     "the layer returns one"),
    ("encoder_layer", "layers.Dense(dff)", "layers.Dense(d_model)", "dense_1 has dff units"),
    ("encoder_layer", "        super().__init__(**kwargs)\n", "", "super().__init__(**kwargs)"),
    ("encoder_layer", "MultiHeadAttention(d_model", "layers.MultiHeadAttention(d_model",
     "that is given above"),
    ("encoder_layer", "tf.nn.relu(self.dense_1(h))", "np.maximum(self.dense_1(h), 0)",
     "NumPy cannot work inside a layer"),
    ("encoder_layer", "self.attention(query", "attention(query", "write `self.attention`"),
    ("encoder_layer", "layers.Dropout(dropout)", "layers.Dropout(0.1)", "the rate that was given"),
    ("encoder_layer", "mask=padding_mask", "padding_mask=padding_mask", "The attention calls its mask `mask`"),
    ("decoder_layer", "mask=padding_mask", "mask=look_ahead_mask", {"cross_attention_given_the_targets_mask"}),
    ("decoder_layer", "query=x, key=enc_outputs, value=enc_outputs", "query=enc_outputs, key=x, value=x",
     {"queries_from_the_encoder"}),
    ("decoder_layer", "query=x, key=enc_outputs, value=enc_outputs", "query=x, key=x, value=x",
     {"decoder_asks_itself"}),
    ("decoder_layer", "self.cross_attention(", "self.self_attention(", {"one_attention_for_both"}),
    ("decoder_layer", "self.norm_3(", "self.norm_2(", {"one_norm_for_several"}),
    ("decoder_layer", "mask=look_ahead_mask", "mask=None", {"look_ahead_mask_dropped"}),
    ("decoder_layer", "self.drop(second)", "second", {"dropout_missing"}),
    ("decoder_layer", "self.norm_2(self.drop(second) + x)", "self.drop(self.norm_2(second + x))",
     {"dropout_in_another_place"}),
    ("encoder", "    x = x * tf.math.sqrt(tf.cast(d_model, tf.float32))\n", "", {"not_scaled"}),
    ("encoder", "    x = AddPositions()(x)\n", "", {"positions_missing"}),
    ("encoder", "    x = layers.Dropout(rate=dropout)(x)\n", "", {"dropout_missing"}),
    ("encoder", "x = layer(x, padding_mask)", "x = layer(x)", {"mask_not_handed_on"}),
    ("encoder", "x = layer(x, padding_mask)", "y = layer(x, padding_mask)", {"no_layers"}),
    ("encoder", "num_heads=num_heads, dff=dff,", "num_heads=dff, dff=num_heads,", {"sizes_exchanged"}),
    ("encoder", "return keras.Model(inputs=[ids, padding_mask], outputs=x, name=name)", "return x",
     "Return the model"),
    ("encoder", "return keras.Model", "keras.Model", "Return the model"),
    ("encoder", "Embedding(vocab_size, d_model)", "Embedding(d_model, vocab_size)", "the size of the vocabulary first"),
    ("encoder", "tf.math.sqrt(tf.cast(d_model, tf.float32))", "np.sqrt(d_model)", set()),
    ("encoder", "layers.Embedding(vocab_size, d_model)", "layers.Embedding(vocab_size, d_model, mask_zero=True)",
     "Leave mask_zero out"),
    ("decoder", "(x, enc_outputs, look_ahead_mask=look_ahead_mask, padding_mask=padding_mask)",
     "(x, enc_outputs, padding_mask, look_ahead_mask)", {"masks_exchanged"}),
    ("encoder", "AddPositions()(x)", "AddPositions(x)", "First make the layer, then call it"),
    ("encoder", "x * tf.math.sqrt(tf.cast(d_model, tf.float32))", "layers.Rescaling(d_model**0.5)(x)", set()),
    ("encoder", "dropout=dropout, name", "dropout=0.0, name", {"dropout_not_handed_on"}),
    ("encoder", "AddPositions()(x)", "x + positional_encoding(x.shape[1], d_model)",
     "nobody knows how long a sentence is"),
    ("decoder", "x = layer(x, enc_outputs,", "x = layer(x, x,", {"encoder_never_read"}),
    ("decoder", "for layer in stack", "for layer in [stack[0]] * num_layers", {"one_layer_again_and_again"}),
    ("transformer", "[inputs, enc_padding_mask]", "[dec_inputs, enc_padding_mask]",
     {"encoder_reads_the_decoders_inputs_under_the_sources_mask"}),
    ("transformer", "dec_padding_mask = PaddingMask()(inputs)", "dec_padding_mask = PaddingMask()(dec_inputs)",
     {"cross_attention_given_the_targets_mask"}),
    ("transformer", "enc_outputs, look_ahead_mask, dec_padding_mask", "enc_outputs, dec_padding_mask, look_ahead_mask",
     {"masks_of_the_decoder_exchanged"}),
    ("transformer", "units=vocab_size,", "units=vocab_size, activation='softmax',", {"softmax_taken"}),
    ("transformer", 'name="inputs")', 'name="source")', {"inputs_not_named"}),
    ("transformer", "inputs=[inputs, dec_inputs]", "inputs=[dec_inputs, inputs]", {"inputs_in_another_order"}),
    ("transformer", "units=vocab_size", "units=d_model", "vocab_size units"),
    ("transformer", "return keras.Model", "keras.Model", "Return the model"),
    ("transformer", 'outputs = layers.Dense(units=vocab_size, name="outputs")(dec_outputs)', "outputs = dec_outputs",
     "It has one, the last."),
    # a fresh reader's mistakes, in the order of the tasks
    ("positional_encoding", "np.arange(length).reshape(-1, 1)", "np.arange(length)", "positions must be a column"),
    ("find_the_positions", "return x +", "x = x * (ids != 0)[..., np.newaxis]\n    return x +", {"padding_zeroed"}),
    ("find_the_positions", "return x + where[np.newaxis, :, :]", "return (ids != 0)[..., None] * (x + where)",
     {"padding_zeroed"}),
    ("find_the_positions", "positions[0, :ids.shape[1]]\n    return x + where[np.newaxis, :, :]",
     "positions[:, :, :ids.shape[1]]\n    return x + where", {"not_cut"}),
    ("find_the_positions", "positions[0, :ids.shape[1]]\n    return x + where[np.newaxis, :, :]",
     "positions[0, ids]\n    return x + where", {"position_from_the_id"}),
    ("feed_forward", "np.maximum(hidden, 0)", "np.max(0, hidden)", "np.maximum compares entry by entry"),
    ("add_and_norm", "gamma, beta)\n", "gamma, beta, 0)\n", {"another_epsilon"}),
    ("add_and_norm", "gamma, beta)\n", "gamma, beta, 1e-5)\n", {"another_epsilon"}),
    ("add_and_norm", "x + sublayer_output", "(x + sublayer_output) / 2", {"another_epsilon"}),
    ("count_parameters", "dff + d_model\n", "2 * dff\n", {"network_biases_of_one_size"}),
    ("count_parameters", "(d_model + 1) * vocab_size", "d_model * (vocab_size + 1)", {"last_bias_of_another_size"}),
    ("count_parameters", "2 * vocab_size * d_model", "2 * (vocab_size + 1) * d_model", {"tables_with_a_bias"}),
    ("count_parameters", "2 * vocab_size * d_model + (d_model + 1) * vocab_size", "2 * vocab_size * d_model",
     "or one table and that bias"),
    ("encoder_layer", "mask=padding_mask", "mask=1 - padding_mask", "1 already means hide"),
    ("encoder_layer", "tf.nn.relu(self.dense_1(h))\n        network = self.dense_2(network)",
     "self.dense_1(self.dense_2(h))", "dense_1 comes first"),
    ("encoder_layer", "tf.nn.relu(self.dense_1(h))\n        network = self.dense_2(network)",
     "tf.nn.relu(self.dense_2(self.dense_1(h)))", {"relu_at_the_end"}),
    ("encoder_layer", "network = self.dense_2(network)",
     "network = self.dense_2(self.dropout_2(network, training=training))", {"dropout_too_often"}),
    ("encoder_layer", "MultiHeadAttention(d_model, num_heads)", "MultiHeadAttention(d_model, 2)", {"heads_fixed"}),
    ("encoder_layer", "MultiHeadAttention(d_model, num_heads)", "MultiHeadAttention(d_model, 8)", "no number is fixed"),
    ("encoder_layer", "self.norm_1 = layers.LayerNormalization(epsilon=1e-6)",
     "self.norm_1 = layers.LayerNormalization()", {"epsilon_of_keras"}),
    ("encoder_layer", "@register\n", "", "Leave the line `@register`"),
    ("encoder_layer", "layers.Dense(dff)", "layers.Dense(d_model)",
     "Python said: ValueError: a Dense layer has a matrix (6, 6), and (6, 11) was expected"),
    ("decoder_layer", "value=enc_outputs, mask", "value=self.drop(enc_outputs), mask", {"dropout_too_often"}),
    ("decoder_layer", "third = self.dense_2(self.dense_1(x))", "third = self.dense_2(self.drop(self.dense_1(x)))",
     {"dropout_too_often"}),
    ("decoder_layer", "        x = self.norm_2(self.drop(second) + x)\n        third = self.dense_2(self.dense_1(x))\n",
     "        third = self.dense_2(self.dense_1(x))\n        x = self.norm_2(self.drop(second) + x)\n",
     {"network_skips_cross_attention"}),
    ("decoder_layer", "x = self.norm_2(self.drop(second) + x)\n        third = self.dense_2(self.dense_1(x))\n",
     "h = self.norm_2(self.drop(second) + x)\n        third = self.dense_2(self.dense_1(h))\n",
     {"third_residual_from_the_first"}),
    ("encoder", "x = layer(x, padding_mask)", "x = layers.Dropout(dropout)(layer(x, padding_mask))",
     {"dropout_inside_the_loop"}),
    ("encoder", "    x = layers.Dropout(rate=dropout)(x)\n",
     "    x = layers.Dropout(dropout)(layers.Dropout(dropout)(x))\n", {"dropout_too_often"}),
    ("encoder", ", name=name)", ")", "Hand the name on"),
    ("encoder", "x = x * tf.math.sqrt(tf.cast(d_model, tf.float32))",
     "x = layers.Lambda(lambda v: v * d_model**0.5)(x)", "cannot be loaded again"),
    ("decoder", ", name=name)", ")", "Hand the name on"),
    ("decoder", "        x = layer(x, enc_outputs,", "        enc_outputs = x = layer(x, enc_outputs,",
     "is one of them replaced"),
    ("decoder", "    for layer in stack:\n        x = layer(x, enc_outputs,",
     "    memory = enc_outputs\n    for layer in stack:\n        memory = x = layer(x, memory,", "same enc_outputs"),
    ("decoder", DECODER[DECODER.index("    stack ") : DECODER.index("    return ")],
     "    for _ in range(num_layers):\n"
     "        x = EncoderLayer(d_model, num_heads, dff, dropout)(x, look_ahead_mask)\n", {"encoder_layers_stacked"}),
    ("transformer", ", name=name)", ")", "Hand the name on"),
    ("transformer", ', name="outputs")', ")", {"last_layer_not_named"}),
    ("transformer", "(dec_outputs)\n", "(layers.Dropout(dropout)(dec_outputs))\n", {"dropout_at_the_end"}),
    ("transformer", "PaddingMask()(inputs)\n    look",
     "layers.Lambda(lambda ids: 0.0 * ids[:, None, None])(inputs)\n    look", "cannot be loaded again"),
    ("find_the_wiring", "encode(inputs, source_mask)", "encode(dec_inputs, source_mask)",
     {"encoder_reads_the_decoders_inputs_under_the_sources_mask"}),
    ("find_the_wiring", "create_padding_mask(inputs)", "create_padding_mask(dec_inputs)", {"masks_from_the_target"}),
    ("find_the_wiring", "inputs, dec_inputs, encode", "dec_inputs, inputs, encode",
     {"source_and_target_exchanged"}),
]  # fmt: skip


@pytest.mark.parametrize("name", CODE)
def test_the_right_code_of_the_table_is_right(notebook, name):
    if KEY[name].needs:
        pytest.importorskip(KEY[name].needs)
    verdict = verdict_on(notebook, name, CODE[name])
    shared = [KEY[name].remarks["one_dropout"]] if "self.drop(third)" in CODE[name] else []
    assert (verdict["kind"], verdict["says"]) == ("right", shared)


@pytest.mark.parametrize(("name", "right", "wrong", "told"), TOLD)
def test_what_a_learner_is_told(notebook, name, right, wrong, told):
    if KEY[name].needs:
        pytest.importorskip(KEY[name].needs)
    assert right in CODE[name]
    verdict = verdict_on(notebook, name, CODE[name].replace(right, wrong))
    if isinstance(told, set):
        assert (set(verdict["names"]), verdict["kind"]) == (told, "misconception" if told else "right"), verdict["says"]
    else:
        assert told in " ".join(verdict["says"]), verdict["says"]


def test_a_layer_norm_from_a_library_is_not_accepted():
    code = NORM.replace("return gamma", "keras.layers.LayerNormalization()(x)\n    return gamma")
    assert forbidden_use(code, [], KEY["layer_norm"].forbidden) == "keras.layers.LayerNormalization"
    assert forbidden_use(NORM, [], KEY["layer_norm"].forbidden) is None


def test_the_checks_of_part_a_and_the_last_need_no_tensorflow():
    needs = {check.name for check in KEY.checks if check.needs}
    assert needs == {"encoder_layer", "decoder_layer", "encoder", "decoder", "transformer"}


def test_a_stack_is_judged_apart_from_its_layers(notebook, monkeypatch):
    """A broken layer of the learner's does not sink the stack or the model, and is in its place again afterwards."""
    pytest.importorskip("keras")
    space, _ = notebook
    for names, check in (
        (["EncoderLayer"], "encoder"),
        (["DecoderLayer"], "decoder"),
        (["encoder", "decoder"], "transformer"),
    ):
        for name in names:
            monkeypatch.setitem(space, name, None)
        assert verdict_on(notebook, check, CODE[check])["kind"] == "right"
        assert all(space[name] is None for name in names)
        monkeypatch.undo()


# ---------------------------------------------------------------- the experiment of "Why no recurrence"
STORED = json.loads(no_recurrence.BOOK_FILE.read_text(encoding="utf-8"))


def test_attention_and_recurrence_are_what_the_loops_say():
    rng = np.random.default_rng(5)
    x, matrices = rng.normal(size=(6, 3)), rng.normal(size=(4, 3, 3))
    state, states = np.zeros(3), []
    for vector in x:
        state = np.tanh(vector @ matrices[0] + state @ matrices[1])
        states.append(state)
    np.testing.assert_allclose(no_recurrence.recurrent(x, *matrices[:2]), states)
    queries, keys, values = (x @ W for W in matrices[:3])
    for query, found in zip(queries, no_recurrence.self_attention(x, *matrices), strict=True):
        exps = np.exp(keys @ query / np.sqrt(3))
        np.testing.assert_allclose(found, exps / exps.sum() @ values @ matrices[3], rtol=1e-5)


def test_the_script_writes_what_the_page_reads(tmp_path):
    out = tmp_path / "no_recurrence.json"
    assert no_recurrence.main(["--quick", "--out", str(out)]) == 0
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found.keys() == STORED.keys() and found["command"].endswith("--quick")
    assert found["runs"][0].keys() == STORED["runs"][0].keys()
    assert [run["recurrent"]["products"] for run in found["runs"]] == [5, 9], (
        "one for the inputs, one for each position"
    )
    assert {run["attention"]["products"] for run in found["runs"]} == {6}


def test_the_stored_times_are_those_of_the_script():
    assert STORED["command"] == "python -m experiments.no_recurrence" and STORED["width"] == no_recurrence.WIDTH
    assert tuple(run["length"] for run in STORED["runs"]) == no_recurrence.LENGTHS


# ---------------------------------------------------------------- the experiment of "A Transformer at work"
def test_ids_hold_a_string_between_its_marks_and_give_it_back():
    ids = reversal.ids_of(["ja", "abcdefgh"])
    assert ids.tolist() == [[1, 12, 3, 2, 0, 0, 0, 0, 0, 0], [1, 3, 4, 5, 6, 7, 8, 9, 10, 2]]
    assert [reversal.string_of(row) for row in ids] == ["ja", "abcdefgh"]
    assert reversal.string_of([4, 3, 2, 5]) == "ba", "what stands behind the end is not read"


def test_the_stored_model_and_its_maps_are_those_of_the_script():
    stored = json.loads(reversal.BOOK_FILE.read_text(encoding="utf-8"))
    assert stored["command"] == "python -m experiments.reversal"
    assert stored["settings"] == reversal.SETTINGS | reversal.MODEL
    for run in stored["runs"].values():
        weights = np.array(run["cross"])
        assert weights.shape == (4, len(run["written"]) + 1, len(reversal.EXAMPLE) + 2)
        np.testing.assert_allclose(weights.sum(axis=-1), 1, atol=5e-3)


@pytest.mark.training
def test_the_reversal_runs_quickly_and_writes_what_the_page_reads(tmp_path, keras):
    out = tmp_path / "reversal.json"
    assert reversal.main(["--quick", "--out", str(out)]) == 0
    stored, found = (json.loads(path.read_text(encoding="utf-8")) for path in (reversal.BOOK_FILE, out))
    assert found.keys() == stored.keys() and found["runs"].keys() == stored["runs"].keys()
    for run in found["runs"].values():
        assert run.keys() == stored["runs"]["with positions"].keys() and 0 <= run["right"] <= 1
