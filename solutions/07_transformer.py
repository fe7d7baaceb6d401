# %% setup="07_transformer"
import os

from autograder.learner import use

os.environ.setdefault("MPLBACKEND", "Agg")  # run as a script: draw without opening windows
check, hint, progress = use(__file__)

# %% [markdown]
# # The Transformer, assembled
#
# You build every part of a Transformer that you do not have yet, and then put all of them together: first the pieces in
# NumPy, then the layers and the whole model in Keras. Read the chapter's page first; the name in italics after each
# task is the section that explains it.
#
# | task | difficulty | minutes | points |
# |---|---|---|---|
# | 1 Angles | easy | 5 | 1 |
# | 2 Positional encoding | medium | 10 | 2 |
# | 3 Find the bug: the second sentence sounds different | medium | 10 | 2 |
# | 4 Layer normalisation | medium | 10 | 3 |
# | 5 Feed-forward network | easy | 5 | 2 |
# | 6 Add and norm | easy | 5 | 1 |
# | 7 In your own words: before or after | medium | 5 | 2 |
# | 8 Count the parameters | medium | 15 | 2 |
# | 9 The encoder layer | medium | 15 | 3 |
# | 10 The decoder layer | medium | 15 | 3 |
# | 11 The encoder | medium | 10 | 2 |
# | 12 The decoder | easy | 5 | 2 |
# | 13 The Transformer | medium | 10 | 3 |
# | 14 Find the bug: the answer is the same to every question | medium | 10 | 2 |
#
# After each task there is a check. Run it: a green box means right, an amber one partly right, a red one wrong. It says
# what is wrong, and usually which mistake was made. The hints before a task open step by step; `hint("angles")`, with
# the name that stands in the check, shows the next one too. Task 7 is answered in words and graded by a person. The
# checks and the cells that set things up are locked, and those that need not be read are folded; every other cell is
# yours to play with.
#
# Part A (tasks 1 to 8) and task 14 need NumPy only. Tasks 9 to 13 are part B and need TensorFlow.
#
# **Conventions.** A sentence is a row of ids, a batch is $(B, T)$, the id 0 is padding. Vectors of a batch are
# $(B, T, d_{\text{model}})$: the last axis holds the numbers of one position. Positions count from 0. In a mask **1
# means hide**.

# %% locked="libraries" folded=true
import importlib.util
import itertools
from contextlib import contextmanager

import numpy as np

# Pictures have no ground of their own, and their letters a grey that can be read on a light and on a dark one. It
# is two greys, for a notebook puts a ground behind a picture whose numbers are all on the dark, or all on the
# light side of grey.
PICTURES = dict.fromkeys(["figure.facecolor", "axes.facecolor"], "none")
PICTURES |= dict.fromkeys(["text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color"], "#7f7f7f")
PICTURES |= {"ytick.color": "#808080"}


def with_shape(array):
    """Return an array and its shape; the shape counts by itself, because the array has to fit others."""
    return None if array is None else (array, (*np.shape(array), 0, 0, 0)[:3])


# %% [markdown]
# ## Part A: the pieces, in NumPy
#
# ### Task 1: Angles
#
# Position $pos$ and dimension $i$ of the positional encoding meet in one angle. Dimensions go in pairs: 0 and 1 share a
# rate, 2 and 3 share the next one, and so on.
#
# *A clock with many hands*


# %% solution="angles"
def get_angles(position, i, d_model):
    """Return the angles (L, n): position / 10000 ** (2k / d_model), where k is the number of the pair of dimension i.

    position (L, 1): positions; i (1, n): dimensions, whole numbers that count from 0. Pair 0 is dimensions 0 and 1.
    """
    # TODO: find the pair of each dimension, then the angle. No sine and no cosine yet.
    ### BEGIN SOLUTION
    k = i // 2  # (1, n)
    return position / 10000 ** (2 * k / d_model)  # (L, n)
    ### END SOLUTION


# %% check="angles"
check("angles", get_angles)

# %% [markdown]
# ### Task 2: Positional encoding
#
# The sine of the angle for even dimensions, the cosine for odd ones.
#
# *A clock with many hands*


# %% solution="positional_encoding"
def positional_encoding(length, d_model):
    """Return the encoding of the positions 0 to length - 1: shape (1, length, d_model).

    Dimensions 0, 2, 4, … hold sines, dimensions 1, 3, 5, … cosines of the angles of get_angles. The first axis is there
    for the batch. d_model may be odd: then the last dimension is a sine.
    """
    # TODO: get_angles for all positions and dimensions; then sine and cosine, each in its columns.
    ### BEGIN SOLUTION
    position = np.arange(length)[:, np.newaxis]  # (L, 1)
    i = np.arange(d_model)[np.newaxis, :]  # (1, d_model)
    angles = get_angles(position, i, d_model)  # (L, d_model)
    encoding = np.zeros((length, d_model))
    encoding[:, 0::2] = np.sin(angles[:, 0::2])
    encoding[:, 1::2] = np.cos(angles[:, 1::2])
    return encoding[np.newaxis]  # (1, L, d_model)
    ### END SOLUTION


# %% check="positional_encoding"
def answer(length, d_model):
    return with_shape(positional_encoding(length, d_model))


check("positional_encoding", answer)


# %% locked="pictures" folded=true
def show_maps(titled, xlabel, ylabel, colours="RdBu", limits=(-1, 1), ticks=None, size=3.2):
    """Draw matrices side by side: {title: matrix}; ticks: {title: (names of rows, names of columns)}."""
    import matplotlib.pyplot as plt

    plt.rcParams.update(PICTURES)
    figure, axes = plt.subplots(1, len(titled), figsize=(size * len(titled), size), layout="tight", squeeze=False)
    for ax, (title, matrix) in zip(axes[0], titled.items(), strict=True):
        ax.imshow(np.asarray(matrix), cmap=colours, vmin=limits[0], vmax=limits[1], aspect="auto")
        ax.set(title=title, xlabel=xlabel, ylabel=ylabel)
        if ticks:
            rows, columns = ticks[title]
            ax.set_xticks(range(len(columns)), columns)
            ax.set_yticks(range(len(rows)), rows)


# %% [markdown]
# What you have built. First, the encoding itself: fast waves in the first dimensions, slow ones in the last. Then, the
# dot product of every position with every other one: it is largest with itself, and depends on the *distance* only.

# %%
encoding = positional_encoding(50, 64)[0]  # (L, d_model)
show_maps({"the encoding": encoding}, "dimension", "position", size=4.5)
show_maps({"dot products": encoding @ encoding.T}, "position", "position", limits=(-32, 32), size=4.5)

# %% [markdown]
# ### Task 3: Find the bug: the second sentence sounds different
#
# `broken_embedding` makes the input of a Transformer: it looks up the vectors of the words, multiplies them by
# $\sqrt{d_{\text{model}}}$ and adds the positions. The encodings of all positions come ready made, more of them than
# needed. Shapes are right, and with one sentence in the batch nobody noticed anything. But below the batch holds *the
# same sentence twice*, and the two results differ. And in each of them word 5 has the same vector at both of its places.
#
# *Where the positions go*


# %% locked="broken_embedding"
def broken_embedding(ids, table, positions):
    """Return (B, T, d_model) for ids (B, T), a table of word vectors (V, d_model), positions (1, L >= T, d_model)."""
    x = table[ids] * np.sqrt(table.shape[1])  # (B, T, d_model)
    where = positions[0, : len(x)]
    return x + where[:, np.newaxis, :]


twice = np.array([[5, 2, 5], [5, 2, 5]])
drawn = np.random.default_rng(7)
vectors, places = drawn.normal(size=(8, 6)), drawn.normal(size=(1, 10, 6))
print("same sentence, same result:", np.allclose(*broken_embedding(twice, vectors, places)))
first = broken_embedding(twice, vectors, places)[0]
print("word 5 is alike at both of its places:", np.allclose(first[0], first[2]))


# %% solution="find_the_positions"
def mended_embedding(ids, table, positions):
    """Return (B, T, d_model): the vectors of the words times the root of d_model, plus the encoding of each position.

    ids (B, T), table (V, d_model), positions (1, L, d_model) with L >= T: positions[0, t] belongs to position t.
    """
    # TODO: copy the body of broken_embedding and mend it.
    ### BEGIN SOLUTION
    x = table[ids] * np.sqrt(table.shape[1])  # (B, T, d_model)
    return x + positions[:, : x.shape[1]]  # (1, T, d_model) broadcasts over the batch
    ### END SOLUTION


# %% check="find_the_positions"
check("find_the_positions", mended_embedding)

# %% [markdown]
# ### Task 4: Layer normalisation
#
# Each position by itself: its $d_{\text{model}}$ numbers are moved to mean 0 and stretched to variance 1; then each of
# the $d_{\text{model}}$ places gets its own factor `gamma` and its own offset `beta`.
#
# *Keep the numbers in range*


# %% solution="layer_norm"
def layer_norm(x, gamma, beta, epsilon=1e-6):
    """Return x (…, d_model) normalised along its last axis, times gamma (d_model,), plus beta (d_model,).

    The variance is the mean of the squared deviations (divided by d_model). epsilon is added to the variance, under the
    root, so that a row of equal numbers gives beta and not NaN. x may have any number of axes in front.
    """
    # TODO: mean, variance, normalised x; then gamma and beta.
    ### BEGIN SOLUTION
    mean = x.mean(axis=-1, keepdims=True)  # (…, 1)
    variance = ((x - mean) ** 2).mean(axis=-1, keepdims=True)  # (…, 1)
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta
    ### END SOLUTION


# %% check="layer_norm"
check("layer_norm", layer_norm)

# %% [markdown]
# ### Task 5: Feed-forward network
#
# Attention moves information between positions. This part works on each position by itself: up to $d_{\text{ff}}$
# numbers, the negative ones set to 0, and back to $d_{\text{model}}$.
#
# *Think at every position*


# %% solution="feed_forward"
def position_wise_feed_forward(x, W_1, b_1, W_2, b_2):
    """Return (B, T, d_model) for x (B, T, d_model): max(0, x W_1 + b_1) W_2 + b_2.

    W_1 (d_model, d_ff), b_1 (d_ff,), W_2 (d_ff, d_model), b_2 (d_model,).
    """
    # TODO: two products, one ReLU.
    ### BEGIN SOLUTION
    hidden = np.maximum(0, x @ W_1 + b_1)  # (B, T, d_ff)
    return hidden @ W_2 + b_2  # (B, T, d_model)
    ### END SOLUTION


# %% check="feed_forward"
check("feed_forward", position_wise_feed_forward)

# %% [markdown]
# ### Task 6: Add and norm
#
# What a sublayer (attention or feed-forward) has found is *added* to what went into it: the **residual connection**.
# Then the sum is normalised. This is the order of 2017, **post-norm**.
#
# *Add, then norm*


# %% solution="add_and_norm"
def add_and_norm(x, sublayer_output, gamma, beta):
    """Return the layer norm, with its usual epsilon, of the sum of x and sublayer_output, both (B, T, d_model)."""
    # TODO: one line with layer_norm.
    ### BEGIN SOLUTION
    return layer_norm(x + sublayer_output, gamma, beta)
    ### END SOLUTION


# %% check="add_and_norm"
check("add_and_norm", add_and_norm)

# %% [markdown]
# Your pieces, stacked forty high: each layer is a random feed-forward network. **Post-norm** is your `add_and_norm`;
# **pre-norm** is the other order, `x + sublayer(layer_norm(x))`. Two things are measured: how long the vector of a
# position is after each layer, and how much of the input is still in it (the cosine of the angle between the two).


# %% locked="depth" folded=true
def through_the_layers(order, layers=40, T=50, d_model=32, seed=0):
    """Return (lengths, likeness), each (layers + 1,), of random vectors that go through random layers."""
    rng = np.random.default_rng(seed)
    x = start = layer_norm(rng.normal(size=(1, T, d_model)), np.ones(d_model), np.zeros(d_model))
    found = []
    for _ in range(layers + 1):
        lengths = np.linalg.norm(x, axis=-1)
        likeness = (x * start).sum(axis=-1) / lengths / np.linalg.norm(start, axis=-1)
        found.append((lengths.mean(), likeness.mean()))
        scale = 0.7 / np.sqrt(d_model)
        W_1, W_2 = rng.normal(size=(d_model, 64)) * scale, rng.normal(size=(64, d_model)) * scale
        x = order(
            x, lambda h, W_1=W_1, W_2=W_2: position_wise_feed_forward(h, W_1, np.zeros(64), W_2, np.zeros(d_model))
        )
    return np.transpose(found)


def post_norm(x, sublayer):
    return add_and_norm(x, sublayer(x), np.ones(x.shape[-1]), np.zeros(x.shape[-1]))


def pre_norm(x, sublayer):
    return x + sublayer(layer_norm(x, np.ones(x.shape[-1]), np.zeros(x.shape[-1])))


def show_depth():
    """Draw the two measurements for both orders."""
    import matplotlib.pyplot as plt

    plt.rcParams.update(PICTURES)
    figure, axes = plt.subplots(1, 2, figsize=(8, 3), layout="tight")
    for order, style in ((post_norm, "-"), (pre_norm, "--")):
        for ax, values in zip(axes, through_the_layers(order), strict=True):
            ax.plot(values, style, label=order.__name__)
    axes[0].set(xlabel="layer", ylabel="length of a vector", ylim=(0, None))
    axes[1].set(xlabel="layer", ylabel="likeness to the input", ylim=(0, 1.05))
    for ax in axes:
        ax.legend()


# %%
show_depth()

# %% [markdown]
# ### Task 7: In your own words: before or after
#
# Answer in the next cell, in three to six sentences, looking at the two panels. Why can the vectors not grow under
# post-norm, and why do they grow under pre-norm? Under which of the two does the input, and with it the gradient on its
# way back, pass through the layers unchanged but for additions? Why does a pre-norm model need one more layer norm, and
# where?
#
# *Add, then norm*

# %% [markdown] written="before_or_after" points=2
# ### BEGIN SOLUTION
# Under post-norm the last thing that happens in every layer is a layer norm, which gives each vector the same length
# (the root of $d_{\text{model}}$, with `gamma` 1 and `beta` 0), however large the sum was. Under pre-norm only what
# goes *into* a sublayer is normalised; the sublayer's output is added to a vector that nobody shortens, so the length
# grows with every layer, about like the root of the depth. There the input stands in the sum untouched, and the
# derivative of the sum with respect to it contains a plain 1, so the gradient reaches the first layer without passing
# through any norm; under post-norm both go through a norm in every layer, and the trace of the input fades faster.
# Because the pre-norm stream was never normalised as a whole, its end has a length that depends on the depth: one layer
# norm is put behind the last layer, before whatever reads the result.
#
# **Rubric**
#
# - 2: Why vectors keep their length or grow; that the plain path is pre-norm's; one more norm behind the last layer,
#   and why.
# - 1: One or two of these three are right.
# - 0: None is right.
#
# **Comments**
#
# - Under post-norm a layer norm is the last thing in every layer, so each vector has the same length.
# - Under pre-norm only what goes into a sublayer is normalised; its output is added to a sum that nobody shortens.
# - Under pre-norm the input stands in the sum untouched, so its derivative contains a plain 1.
# - The one more layer norm stands behind the last layer, because the stream itself was never normalised.
# ### END SOLUTION

# %% [markdown]
# ### Task 8: Count the parameters
#
# How many numbers does a whole Transformer learn? Every matrix and bias counts, and `gamma` and `beta` of every norm.
#
# - The encoder and the decoder each have a table of word vectors of their own.
# - An attention has four matrices $(d_{\text{model}}, d_{\text{model}})$, each with a bias.
# - An encoder layer: one attention, one feed-forward network, a norm behind each.
# - A decoder layer: two attentions, one feed-forward network, a norm behind each.
# - At the end a matrix to the $V$ words, with a bias. The positions are not learned, and dropout learns nothing.
#
# *Count what is learned*


# %% solution="count_parameters"
def count_parameters(vocab_size, num_layers, dff, d_model, num_heads):
    """Return how many parameters a Transformer with num_layers encoder and as many decoder layers has: an integer.

    vocab_size is V, dff is d_ff; the list above says what there is.
    """
    # TODO: count one attention, one feed-forward network and one norm; then add up.
    ### BEGIN SOLUTION
    attention = 4 * (d_model * d_model + d_model)  # cut into heads or not
    feed_forward = d_model * dff + dff + dff * d_model + d_model
    norm = 2 * d_model
    encoder_layer = attention + feed_forward + 2 * norm
    decoder_layer = 2 * attention + feed_forward + 3 * norm
    embeddings = 2 * vocab_size * d_model
    output = d_model * vocab_size + vocab_size
    return embeddings + num_layers * (encoder_layer + decoder_layer) + output
    ### END SOLUTION


# %% check="count_parameters"
def answer(vocab_size, num_layers, dff, d_model, num_heads):
    count = count_parameters(vocab_size, num_layers, dff, d_model, num_heads)
    return None if count is None else [count]


check("count_parameters", answer)

# %%
print(f"the chatbot of chapter 8: {count_parameters(2**13, 2, 512, 256, 8):,} parameters")

# %% [markdown]
# ## Part B: the model, in Keras
#
# The import takes a few seconds. Without TensorFlow this part is skipped and costs nothing in part A. Attention with
# heads is given (chapter 5), and so are the masks (chapter 6) and the positions, as small layers: whatever went wrong
# above, it does not go wrong again here. Layers that are **registered** can be saved and loaded.


# %% locked="tensorflow" folded=true
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # no log messages
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # plain arithmetic: the same digits on more machines
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"  # the processor is enough
if importlib.util.find_spec("tensorflow"):
    import keras
    import tensorflow as tf
    from keras import layers

    register = keras.saving.register_keras_serializable("attention_book")

    class Layer(layers.Layer):
        """A layer whose weights are made when a model calls it, after loading too."""

        def build_from_config(self, config):
            pass
else:  # stand-ins, so that the classes below can be defined
    tf, Layer = None, object

    def register(layer):
        return layer

    print("TensorFlow is not installed here, so part B is skipped. Part A does not need it.")


@register
class MultiHeadAttention(Layer):
    """Multi-head attention, as in chapter 5; it remembers its last weights (B, H, T_q, T_k) for pictures."""

    def __init__(self, d_model, num_heads, **kwargs):
        super().__init__(**kwargs)
        if d_model % num_heads != 0:
            raise ValueError(f"d_model = {d_model} cannot be cut into num_heads = {num_heads} equal heads")
        self.d_model, self.num_heads = d_model, num_heads
        self.query_dense, self.key_dense, self.value_dense = (layers.Dense(d_model) for _ in "qkv")
        self.dense = layers.Dense(d_model)

    def compute_mask(self, inputs, previous_mask):
        return None  # our mask is an argument like any other: Keras need not hand it on

    def split(self, x):
        x = tf.reshape(x, [tf.shape(x)[0], -1, self.num_heads, self.d_model // self.num_heads])
        return tf.transpose(x, [0, 2, 1, 3])

    def call(self, *, query, key, value, mask=None):
        """Return (output, attention_weights) of shapes (B, T_q, d_model) and (B, H, T_q, T_k); mask: 1 = hide."""
        q, k, v = (self.split(x) for x in (self.query_dense(query), self.key_dense(key), self.value_dense(value)))
        scores = tf.matmul(q, k, transpose_b=True) / (self.d_model // self.num_heads) ** 0.5
        hidden = tf.zeros_like(scores) if mask is None else tf.cast(mask, scores.dtype)
        weights = (1 - hidden) * tf.nn.softmax(scores - 1e9 * hidden)
        merged = tf.reshape(tf.transpose(weights @ v, [0, 2, 1, 3]), [tf.shape(query)[0], -1, self.d_model])
        self.last_weights = weights
        return self.dense(merged), weights


@register
class PaddingMask(Layer):
    """Ids (B, T) -> mask (B, 1, 1, T): 1 where the id is 0."""

    def call(self, ids):
        return tf.cast(tf.equal(ids, 0), tf.float32)[:, tf.newaxis, tf.newaxis, :]


@register
class LookAheadMask(Layer):
    """Ids (B, T) -> mask (B, 1, T, T): 1 where the key is in the future or padding."""

    def call(self, ids):
        place = tf.range(tf.shape(ids)[1])
        hidden = (place[tf.newaxis, :] > place[:, tf.newaxis]) | tf.equal(ids, 0)[:, tf.newaxis, tf.newaxis, :]
        return tf.cast(hidden, tf.float32)


@register
class AddPositions(Layer):
    """Vectors (B, T, d_model) -> the same plus the encoding of each position."""

    def call(self, x):
        d_model = x.shape[-1]
        turns = [10000.0 ** (-pair / d_model) for pair in range(0, d_model, 2)]  # radians a position, for each pair
        angle = tf.range(tf.cast(tf.shape(x)[1], tf.float32))[:, tf.newaxis] * tf.constant(turns)
        pairs = tf.stack([tf.sin(angle), tf.cos(angle)], axis=-1)  # (T, pairs, 2)
        return x + tf.reshape(pairs, [1, tf.shape(x)[1], 2 * len(turns)])[:, :, :d_model]

    def compute_output_spec(self, x):
        return keras.KerasTensor(x.shape, x.dtype)  # Keras would take `x * number` for a sparse tensor, and stop


# %% [markdown]
# The next cell is what the checks use: it sets weights by name, and has stand-ins with simple sums, so that each of
# your functions is tested by itself. You need not read it.


# %% locked="for_the_checks" folded=true
def tensor(array):
    """Return an array as a float32 tensor; None stays None."""
    return None if array is None else tf.constant(array, dtype=tf.float32)


def set_dense(dense, kernel, bias):
    """Give a Dense layer its kernel (in, out) and its bias (out,)."""
    if not dense.built:
        dense.build((None, len(kernel)))
    if tuple(dense.kernel.shape) != np.shape(kernel):
        raise ValueError(f"a Dense layer has a matrix {tuple(dense.kernel.shape)}, and {np.shape(kernel)} was expected")
    dense.kernel.assign(kernel)
    dense.bias.assign(bias)


def set_norm(norm, gamma, beta):
    """Give a layer norm its gamma and its beta, (d_model,) each."""
    if not norm.built:
        norm.build((None, None, len(gamma)))
    norm.gamma.assign(gamma)
    norm.beta.assign(beta)


def set_attention(attention, W_qkv, b_qkv, W_o, b_o):
    """Give an attention layer its four matrices and biases."""
    denses = [attention.query_dense, attention.key_dense, attention.value_dense, attention.dense]
    for dense, kernel, bias in zip(denses, [*W_qkv, W_o], [*b_qkv, b_o], strict=True):
        set_dense(dense, kernel, bias)


def only(kind, model):
    """Return the one layer of a kind that a model has at its top level."""
    found = [layer for layer in model.layers if isinstance(layer, kind)]
    if len(found) != 1:
        raise ValueError(f"the model has {len(found)} layers of the kind {kind.__name__}, and should have one")
    return found[0]


def a_model(model, name):
    """Return a model, or raise an error when it is none, has another name, or could not be loaded again."""
    if not isinstance(model, keras.Model):
        raise TypeError(f"what was returned is no keras.Model but a {type(model).__name__}")
    if any(isinstance(layer, layers.Lambda) for layer in model.layers):
        raise TypeError("the model has a Lambda layer")
    if any(getattr(layer, "mask_zero", False) for layer in model.layers):
        raise TypeError("mask_zero=True was used")
    if model.name != name:
        raise ValueError(f"the model is called {model.name}, and should be called {name}")
    return model


def as_in_a_model(layer, *inputs, **masks):
    """Call a layer on inputs without numbers, as a model does; this makes its weights."""
    if keras.saving.get_registered_name(type(layer)) == type(layer).__name__:
        raise TypeError("the class is not registered")
    try:
        layer(*inputs, **masks)
    except NotImplementedError as error:
        if "symbolic" in str(error):
            raise TypeError("NumPy was used inside a layer") from None
        raise


@contextmanager
def counted_dropouts():
    """Give a list that gets longer with every call of a Dropout layer."""
    call, calls = layers.Dropout.call, []

    def counting(layer, *inputs, **others):
        calls.append(layer)
        return call(layer, *inputs, **others)

    layers.Dropout.call = counting
    try:
        yield calls
    finally:
        layers.Dropout.call = call


def both_ways(layer, *inputs, dropouts, **masks):
    """Return the results when predicting and when training; with a dropout of 1 training drops all that can be dropped.

    Where all is dropped, a further dropout inside changes nothing: each one above `dropouts` adds 1 to the second
    result. One layer that is called for several of them is remarked on.
    """
    results = [layer(*inputs, **masks, training=False)]
    with counted_dropouts() as calls:
        results.append(layer(*inputs, **masks, training=True))
    if any(result is None for result in results):
        raise TypeError("the layer returned None")
    if any(isinstance(result, (tuple, list)) for result in results):
        raise TypeError("one array was expected, not several")
    shared = len({id(layer) for layer in calls}) < min(len(calls), dropouts)
    dropped = results[1] + max(0, len(calls) - dropouts)
    return {"output": results[0], "all_dropped": dropped, "remarks": ["one_dropout"] if shared else []}


def run_decoder_layer(make, x, enc_outputs, look_ahead_mask, padding_mask, num_heads, W_self, b_self, O_self, o_self,
                      W_cross, b_cross, O_cross, o_cross, W_1, b_1, W_2, b_2, gammas, betas):  # fmt: skip
    """Return what a decoder layer with these weights gives, in both ways; make: its class."""
    d_model = len(o_self)
    layer = make(d_model=d_model, num_heads=num_heads, dff=len(b_1), dropout=1.0)
    vectors, masks = [keras.Input((None, d_model)) for _ in range(2)], [keras.Input((1, None, None)) for _ in range(2)]
    as_in_a_model(layer, *vectors, look_ahead_mask=masks[0], padding_mask=masks[1])
    set_attention(layer.self_attention, W_self, b_self, O_self, o_self)
    set_attention(layer.cross_attention, W_cross, b_cross, O_cross, o_cross)
    set_dense(layer.dense_1, W_1, b_1)
    set_dense(layer.dense_2, W_2, b_2)
    for norm, gamma, beta in zip([layer.norm_1, layer.norm_2, layer.norm_3], gammas, betas, strict=True):
        set_norm(norm, gamma, beta)
    masks = {"look_ahead_mask": tensor(look_ahead_mask), "padding_mask": tensor(padding_mask)}
    return both_ways(layer, tensor(x), tensor(enc_outputs), dropouts=3, **masks)


@contextmanager
def stand_ins(function, **others):
    """Let a function find other things under names that it reads from the notebook."""
    space, StandIn.numbers = function.__globals__, itertools.count()
    before = {name: space.get(name) for name in others}
    space.update(others)
    try:
        yield
    finally:
        space.update(before)


class StandIn(Layer):
    """Simple sums in place of a part; `shift` depends on all it was made with, `number` on how many came before."""

    numbers = itertools.count()

    def __init__(self, shift=0.0, **kwargs):
        super().__init__(**kwargs)
        self.shift, self.number = shift, next(StandIn.numbers)

    def visible_mean(self, x, mask):
        """Return the mean (B, 1 or T_q, d) of the positions of x (B, T, d) that a mask (B, 1, 1 or T_q, T) shows."""
        if mask is None:
            return tf.reduce_mean(x, axis=1, keepdims=True)
        shown = 1 - mask[:, 0]
        return tf.matmul(shown / tf.maximum(tf.reduce_sum(shown, axis=-1, keepdims=True), 1e-9), x)


class StandInEncoderLayer(StandIn):
    def __init__(self, d_model, num_heads, dff, dropout, **kwargs):
        super().__init__(0.05 * d_model + 0.11 * num_heads + 0.03 * dff + 0.5 * dropout, **kwargs)

    def compute_output_spec(self, x, *others, **masks):
        return keras.KerasTensor(x.shape, x.dtype)  # as in AddPositions

    def call(self, x, padding_mask=None):
        return tf.sin(x + self.number) + self.visible_mean(x, padding_mask) + self.shift


class StandInDecoderLayer(StandInEncoderLayer):
    def call(self, x, enc_outputs, look_ahead_mask=None, padding_mask=None):
        means = self.visible_mean(x, look_ahead_mask) + self.visible_mean(tf.sin(2 * enc_outputs), padding_mask)
        return tf.sin(x + self.number) + means + self.shift


class StandInReader(StandIn):
    """Ids, another sentence's vectors, masks -> vectors of the ids."""

    def __init__(self, width, shift, **kwargs):
        super().__init__(shift, **kwargs)
        self.width = width

    def call(self, ids, own_mask, memory=None, memory_mask=None):
        x = tf.sin(tf.cast(ids, tf.float32)[..., tf.newaxis] * tf.range(1.0, self.width + 1.0))
        x = x + self.visible_mean(x, own_mask) + self.shift
        return x if memory is None else x + self.visible_mean(tf.sin(2 * memory), memory_mask)


def shift_of(vocab_size, num_layers, dff, d_model, num_heads, dropout):
    """Return a number that depends on each size in its own way."""
    return 0.01 * vocab_size + 0.2 * num_layers + 0.03 * dff + 0.05 * d_model + 0.11 * num_heads + 0.5 * dropout


def stand_in_encoder(vocab_size, num_layers, dff, d_model, num_heads, dropout, name="encoder"):
    ids, mask = keras.Input((None,)), keras.Input((1, None, None))
    shift = shift_of(vocab_size, num_layers, dff, d_model, num_heads, dropout)
    return keras.Model([ids, mask], StandInReader(d_model, shift)(ids, mask), name=name)


def stand_in_decoder(vocab_size, num_layers, dff, d_model, num_heads, dropout, name="decoder"):
    ids, memory = keras.Input((None,)), keras.Input((None, d_model))
    look_ahead, padding = keras.Input((1, None, None)), keras.Input((1, None, None))
    shift = 0.3 - shift_of(vocab_size, num_layers, dff, d_model, num_heads, dropout)
    inputs = [ids, memory, look_ahead, padding]
    return keras.Model(inputs, StandInReader(d_model, shift)(ids, look_ahead, memory, padding), name=name)


# %% [markdown]
# ### Task 9: The encoder layer
#
# Two sublayers, self-attention and feed-forward. Behind each: dropout of its output, the residual, the norm.
#
# The check sets the weights by the names of the parts, so the names are fixed. It makes the layer with a dropout of 1:
# then everything that is dropped in training is 0, and one sees where dropout stands. Keras itself tells the dropouts
# inside a layer whether it is being trained, so `call` needs no argument for that.
#
# *The encoder layer*


# %% solution="encoder_layer"
@register
class EncoderLayer(Layer):
    """Self-attention and a feed-forward network, each followed by dropout, residual and layer norm (post-norm)."""

    def __init__(self, d_model, num_heads, dff, dropout, **kwargs):
        super().__init__(**kwargs)
        # TODO: make the parts: self.attention (MultiHeadAttention); self.dense_1 (dff units, with ReLU) and
        # self.dense_2 (d_model units), the feed-forward network; self.norm_1 (behind attention) and self.norm_2
        # (behind the network), layers.LayerNormalization with epsilon=1e-6; self.dropout_1 and self.dropout_2 with
        # the rate `dropout`.
        ### BEGIN SOLUTION
        self.attention = MultiHeadAttention(d_model, num_heads)
        self.dropout_1 = layers.Dropout(dropout)
        self.norm_1 = layers.LayerNormalization(epsilon=1e-6)
        self.dense_1 = layers.Dense(dff, activation="relu")
        self.dense_2 = layers.Dense(d_model)
        self.dropout_2 = layers.Dropout(dropout)
        self.norm_2 = layers.LayerNormalization(epsilon=1e-6)
        ### END SOLUTION

    def call(self, x, padding_mask=None):
        """Return (B, T, d_model) for x (B, T, d_model); padding_mask (B, 1, 1, T), 1 = hide, or None."""
        # TODO: attention (it returns two things), dropout, add, norm; then the network, dropout, add, norm.
        ### BEGIN SOLUTION
        attended, _ = self.attention(query=x, key=x, value=x, mask=padding_mask)
        h = self.norm_1(x + self.dropout_1(attended))  # (B, T, d_model)
        network = self.dense_2(self.dense_1(h))
        return self.norm_2(h + self.dropout_2(network))
        ### END SOLUTION


# %% check="encoder_layer"
def answer(x, padding_mask, num_heads, W_qkv, b_qkv, W_o, b_o, W_1, b_1, W_2, b_2, gammas, betas):
    layer = EncoderLayer(d_model=len(b_o), num_heads=num_heads, dff=len(b_1), dropout=1.0)
    as_in_a_model(layer, keras.Input((None, len(b_o))), padding_mask=keras.Input((1, 1, None)))
    set_attention(layer.attention, W_qkv, b_qkv, W_o, b_o)
    set_dense(layer.dense_1, W_1, b_1)
    set_dense(layer.dense_2, W_2, b_2)
    for norm, gamma, beta in zip([layer.norm_1, layer.norm_2], gammas, betas, strict=True):
        set_norm(norm, gamma, beta)
    return both_ways(layer, tensor(x), dropouts=2, padding_mask=tensor(padding_mask))


check("encoder_layer", answer)

# %% [markdown]
# ### Task 10: The decoder layer
#
# Three sublayers: self-attention that looks back only, cross-attention to the encoder, feed-forward. Behind each:
# dropout of its output, the residual, the norm.
#
# *The decoder layer*


# %% solution="decoder_layer"
@register
class DecoderLayer(Layer):
    """Masked self-attention, cross-attention, a feed-forward network, each followed by dropout, residual and norm."""

    def __init__(self, d_model, num_heads, dff, dropout, **kwargs):
        super().__init__(**kwargs)
        # TODO: make the parts: self.self_attention and self.cross_attention; self.dense_1 and self.dense_2;
        # self.norm_1, self.norm_2 and self.norm_3 (epsilon=1e-6), numbered as the sublayers; three dropouts.
        ### BEGIN SOLUTION
        self.self_attention = MultiHeadAttention(d_model, num_heads)
        self.cross_attention = MultiHeadAttention(d_model, num_heads)
        self.dense_1 = layers.Dense(dff, activation="relu")
        self.dense_2 = layers.Dense(d_model)
        self.norm_1, self.norm_2, self.norm_3 = (layers.LayerNormalization(epsilon=1e-6) for _ in range(3))
        self.dropout_1, self.dropout_2, self.dropout_3 = (layers.Dropout(dropout) for _ in range(3))
        ### END SOLUTION

    def call(self, x, enc_outputs, look_ahead_mask=None, padding_mask=None):
        """Return (B, T_t, d_model) for x (B, T_t, d_model) and the encoder's output enc_outputs (B, T_s, d_model).

        look_ahead_mask (B, 1, T_t, T_t) belongs to self-attention, padding_mask (B, 1, 1, T_s) to cross-attention.
        """
        # TODO: three sublayers. In cross-attention ask: who has the questions, and who has the answers?
        ### BEGIN SOLUTION
        attended, _ = self.self_attention(query=x, key=x, value=x, mask=look_ahead_mask)
        h = self.norm_1(x + self.dropout_1(attended))
        attended, _ = self.cross_attention(query=h, key=enc_outputs, value=enc_outputs, mask=padding_mask)
        h = self.norm_2(h + self.dropout_2(attended))
        network = self.dense_2(self.dense_1(h))
        return self.norm_3(h + self.dropout_3(network))
        ### END SOLUTION


# %% check="decoder_layer"
def answer(**case):
    return run_decoder_layer(DecoderLayer, **case)


check("decoder_layer", answer)

# %% [markdown]
# ### Task 11: The encoder
#
# Word vectors times $\sqrt{d_{\text{model}}}$, positions, dropout, and `num_layers` encoder layers, each with weights
# of its own. The result is a functional model: `keras.Model([ids, padding_mask], x, name=name)`. Numbers can be
# multiplied into what a layer returns, as with arrays.
#
# The check puts simple sums in the place of your `EncoderLayer`, so a mistake there does not count again here.
#
# *Stack the layers*


# %% solution="encoder"
def encoder(vocab_size, num_layers, dff, d_model, num_heads, dropout, name="encoder"):
    """Return a keras.Model: [ids (B, T), padding_mask (B, 1, 1, T)] -> (B, T, d_model).

    The Embedding layer belongs to this model itself, not to a model inside it.
    """
    ids = keras.Input((None,), name="ids")
    padding_mask = keras.Input((1, 1, None), name="padding_mask")
    # TODO: layers.Embedding(vocab_size, d_model) without mask_zero, the scale, AddPositions(), layers.Dropout;
    # then the layers. Return the model.
    ### BEGIN SOLUTION
    x = layers.Embedding(vocab_size, d_model)(ids) * d_model**0.5  # (B, T, d_model)
    x = layers.Dropout(dropout)(AddPositions()(x))
    for _ in range(num_layers):
        x = EncoderLayer(d_model, num_heads, dff, dropout)(x, padding_mask=padding_mask)
    return keras.Model([ids, padding_mask], x, name=name)
    ### END SOLUTION


# %% check="encoder"
def answer(ids, padding_mask, table, num_layers, dff, num_heads):
    sizes = {"vocab_size": len(table), "num_layers": num_layers, "dff": dff, "d_model": table.shape[1]}
    with stand_ins(encoder, EncoderLayer=StandInEncoderLayer):
        model = a_model(encoder(**sizes, num_heads=num_heads, dropout=1.0), "encoder")
    only(layers.Embedding, model).set_weights([table])
    return both_ways(model, [tf.constant(ids), tensor(padding_mask)], dropouts=1)


check("encoder", answer)

# %% [markdown]
# ### Task 12: The decoder
#
# The same with decoder layers. Each of them gets the encoder's output and both masks.
#
# *Stack the layers*


# %% solution="decoder"
def decoder(vocab_size, num_layers, dff, d_model, num_heads, dropout, name="decoder"):
    """Return a keras.Model: [ids (B, T_t), enc_outputs, look_ahead_mask, padding_mask] -> (B, T_t, d_model).

    enc_outputs (B, T_s, d_model), look_ahead_mask (B, 1, T_t, T_t), padding_mask (B, 1, 1, T_s). The Embedding layer
    belongs to this model itself, not to a model inside it.
    """
    ids = keras.Input((None,), name="ids")
    enc_outputs = keras.Input((None, d_model), name="enc_outputs")
    look_ahead_mask = keras.Input((1, None, None), name="look_ahead_mask")
    padding_mask = keras.Input((1, 1, None), name="padding_mask")
    # TODO: as in the encoder; return a keras.Model of the four inputs, in this order.
    ### BEGIN SOLUTION
    x = layers.Embedding(vocab_size, d_model)(ids) * d_model**0.5  # (B, T_t, d_model)
    x = layers.Dropout(dropout)(AddPositions()(x))
    for _ in range(num_layers):
        x = DecoderLayer(d_model, num_heads, dff, dropout)(x, enc_outputs, look_ahead_mask, padding_mask)
    return keras.Model([ids, enc_outputs, look_ahead_mask, padding_mask], x, name=name)
    ### END SOLUTION


# %% check="decoder"
def answer(ids, enc_outputs, look_ahead_mask, padding_mask, table, num_layers, dff, num_heads):
    sizes = {"vocab_size": len(table), "num_layers": num_layers, "dff": dff, "d_model": table.shape[1]}
    with stand_ins(decoder, DecoderLayer=StandInDecoderLayer, EncoderLayer=StandInEncoderLayer):
        model = a_model(decoder(**sizes, num_heads=num_heads, dropout=1.0), "decoder")
    only(layers.Embedding, model).set_weights([table])
    inputs = [tf.constant(ids), *map(tensor, (enc_outputs, look_ahead_mask, padding_mask))]
    return both_ways(model, inputs, dropouts=1)


check("decoder", answer)

# %% [markdown]
# ### Task 13: The Transformer
#
# Masks, encoder, decoder, and a last `Dense` layer that gives every word of the vocabulary a score: **logits**, no
# softmax. The masks come from `PaddingMask()(…)` and `LookAheadMask()(…)`. Remember chapter 6: for each attention, ask
# whose the keys are.
#
# The check puts simple sums in the place of your encoder and decoder, and asks for the names: training will hand over
# the data by the names of the inputs, and finds the parts by theirs.
#
# *The whole model*


# %% solution="transformer"
def transformer(vocab_size, num_layers, dff, d_model, num_heads, dropout, name="transformer"):
    """Return a keras.Model: [inputs (B, T_s), dec_inputs (B, T_t)] -> logits (B, T_t, vocab_size).

    The inputs are called "inputs" (ids of the source) and "dec_inputs" (ids of the target); the last layer is a Dense
    layer with a bias, called "outputs".
    """
    # TODO: two keras.Input; the masks; encoder(…)([…, …]), decoder(…)([…, …, …, …]), the Dense layer; the model.
    ### BEGIN SOLUTION
    inputs = keras.Input((None,), name="inputs")
    dec_inputs = keras.Input((None,), name="dec_inputs")
    padding_mask = PaddingMask()(inputs)  # (B, 1, 1, T_s), for the encoder and for cross-attention
    look_ahead_mask = LookAheadMask()(dec_inputs)  # (B, 1, T_t, T_t)
    enc_outputs = encoder(vocab_size, num_layers, dff, d_model, num_heads, dropout)([inputs, padding_mask])
    x = decoder(vocab_size, num_layers, dff, d_model, num_heads, dropout)(
        [dec_inputs, enc_outputs, look_ahead_mask, padding_mask]
    )
    return keras.Model([inputs, dec_inputs], layers.Dense(vocab_size, name="outputs")(x), name=name)
    ### END SOLUTION


# %% check="transformer"
def answer(inputs, dec_inputs, W, b, num_layers, dff, num_heads, dropout):
    sizes = {"vocab_size": len(b), "num_layers": num_layers, "dff": dff, "d_model": len(W)}
    with stand_ins(transformer, encoder=stand_in_encoder, decoder=stand_in_decoder):
        model = a_model(transformer(**sizes, num_heads=num_heads, dropout=dropout), "transformer")
    last = only(layers.Dense, model)
    set_dense(last, W, b)
    names = [float(tensor.name == name) for tensor, name in zip(model.inputs, ["inputs", "dec_inputs"], strict=True)]
    with counted_dropouts() as calls:
        logits = model([tf.constant(inputs), tf.constant(dec_inputs)], training=False)
    return logits, [*names, float(last.name == "outputs"), float(not calls)]


check("transformer", answer)

# %% [markdown]
# ### Try every door
#
# Now all of it is yours: your layers in your encoder and decoder in your Transformer. If it is right, five things
# follow, and the next cell tries them. Its size is the number that you counted. A later word of the target changes no
# earlier logits. The first word of the source changes all of them. Padding added to both sentences changes nothing. And a model that is saved and loaded again gives the
# same logits.


# %% locked="doors" folded=true
def try_every_door(sizes, path="transformer.keras"):
    """Print what holds of the whole model; return it as {what: whether it holds}."""
    keras.utils.set_random_seed(3)
    model = transformer(**sizes, dropout=0.1)
    rng = np.random.default_rng(0)
    inputs, dec_inputs = rng.integers(1, sizes["vocab_size"], (2, 7)), rng.integers(1, sizes["vocab_size"], (2, 5))
    inputs[1, 4:] = 0  # the second question is shorter
    logits = model([inputs, dec_inputs], training=False)
    later, question = dec_inputs.copy(), inputs.copy()
    later[:, 3] = later[:, 3] % (sizes["vocab_size"] - 1) + 1  # another word
    question[:, 0] = question[:, 0] % (sizes["vocab_size"] - 1) + 1
    padded = [np.pad(ids, [(0, 0), (0, 2)]) for ids in (inputs, dec_inputs)]
    moved = np.abs(model([inputs, later], training=False) - logits).max(axis=(0, 2))
    heard = np.abs(model([question, dec_inputs], training=False) - logits).max(axis=(0, 2))
    longer = np.abs(model(padded, training=False)[:, :5] - logits).max()
    try:
        model.save(path)
        again, refused = keras.models.load_model(path)([inputs, dec_inputs], training=False), ""
    except Exception as error:  # Keras has many kinds of errors for this
        again, refused = np.inf, f" (Keras refused: {str(error).splitlines()[0][:150]})"
    finally:
        if os.path.exists(path):
            os.remove(path)
    counted = count_parameters(**sizes)
    found = {
        f"its size, {model.count_params():,}, is the number you counted, {counted:,}": model.count_params() == counted,
        "changing word 3 of the target leaves logits 0 to 2 alone and moves the others": max(moved[:3]) < 1e-4
        and min(moved[3:]) > 1e-4,
        "changing the first word of the source moves all logits": min(heard) > 1e-4,
        "padding added to both changes nothing": longer < 1e-4,
        f"saved and loaded, it gives the same logits{refused}": np.abs(again - logits).max() < 1e-4,
    }
    for what, holds in found.items():
        print("holds: " if holds else "FAILS: ", what)
    return found


# %%
if tf is not None:
    doors = try_every_door({"vocab_size": 23, "num_layers": 2, "dff": 32, "d_model": 12, "num_heads": 3})

# %% [markdown]
# ### Your model learns, and shows where it looks
#
# A small task: read six letters and write them backwards. The model sees the right beginning of the answer and predicts
# the next letter (teacher forcing; chapter 8 is about training). First on a *single* batch, again and again: a model
# that is put together rightly learns sixteen strings by heart, and the loss goes to nearly 0. If it does not, something
# is broken, and no amount of data would help. Then on fresh strings in every step. The cell takes about half a minute.


# %% locked="reversing" folded=true
LETTERS, START = "ABCDEFGHIJ", 11  # ids 1 to 10; 0 is padding


def strings(count, rng, length=6):
    """Return (inputs, dec_inputs, targets), ids (count, length) each: the targets are the inputs, reversed."""
    inputs = rng.integers(1, 11, size=(count, length))
    targets = inputs[:, ::-1]
    return inputs, np.concatenate([np.full((count, 1), START), targets[:, :-1]], axis=1), targets


def learn(steps, fresh, seed=1):
    """Train a small Transformer; return it and its loss in every step."""
    keras.utils.set_random_seed(seed)
    model = transformer(vocab_size=12, num_layers=2, dff=64, d_model=32, num_heads=2, dropout=0.0)
    model.compile(keras.optimizers.Adam(0.003), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    rng, losses = np.random.default_rng(seed), []
    inputs, dec_inputs, targets = strings(16, rng)
    for _ in range(steps):
        if fresh:
            inputs, dec_inputs, targets = strings(64, rng)
        losses.append(float(model.train_on_batch([inputs, dec_inputs], targets)))
    return model, losses


def show_losses(curves):
    """Draw losses against steps: {name: losses}."""
    import matplotlib.pyplot as plt

    plt.rcParams.update(PICTURES)
    figure, ax = plt.subplots(figsize=(5, 3), layout="tight")
    for name, losses in curves.items():
        ax.plot(losses, label=name)
    ax.set(xlabel="step", ylabel="loss", ylim=(0, None))
    ax.legend()


def show_where_it_looks(model, source="FACEDB"):
    """Draw the attention weights of a string: for each layer and head, self-attention and cross-attention."""
    inputs = np.array([[LETTERS.index(letter) + 1 for letter in source]])
    dec_inputs = np.concatenate([[[START]], inputs[:, :0:-1]], axis=1)
    model([inputs, dec_inputs], training=False)
    target = "^" + source[:0:-1]  # ^ is the start
    names = {"encoder": (source, source), "self": (target, target), "cross": (target, source)}
    for part in ("encoder", "self", "cross"):
        kind = EncoderLayer if part == "encoder" else DecoderLayer
        own = [layer for layer in model.get_layer("encoder" if part == "encoder" else "decoder").layers
               if isinstance(layer, kind)]  # fmt: skip
        maps = {}
        for number, layer in enumerate(own):
            attention = layer.attention if part == "encoder" else getattr(layer, f"{part}_attention")
            for head, weights in enumerate(attention.last_weights[0]):
                maps[f"{part}: layer {number}, head {head}"] = weights
        show_maps(maps, "looks at", "query", "Blues", (0, 1), {title: names[part] for title in maps}, size=2.8)


# %%
if tf is not None:
    _, by_heart = learn(80, fresh=False)
    model, losses = learn(200, fresh=True)
    print(
        f"one batch, last loss {by_heart[-1]:.4f}; "
        f"fresh strings, mean loss of the last 20 steps {np.mean(losses[-20:]):.4f}"
    )
    show_losses({"the same 16 strings": by_heart, "fresh strings": losses})

# %% [markdown]
# Where does it look? Rows are queries. In the decoder `^` is the start; each row predicts the *next* letter of the
# answer. Nobody told the heads what to do. A head that does nothing would look at all letters alike. The reversal is
# the diagonal from the lower left to the upper right in the maps of cross-attention: row `^` needs the last letter.

# %%
if tf is not None:
    show_where_it_looks(model)

# %% [markdown]
# ### Task 14: Find the bug: the answer is the same to every question
#
# This task needs no TensorFlow. `broken_forward` wires a model up: masks, encoder, decoder. Its author is proud:
# "Nearly perfect when I train it, after a few minutes!" But its answer does not depend on the question, and alone it
# writes nonsense. The cell below shows both: the question is changed, and nothing moves; only the *last* word of the
# target is changed, and all the logits move. How can position 0 know the last word?
#
# *The whole model*


# %% locked="toys" folded=true
def create_padding_mask(seq):
    """Return (B, 1, 1, T): 1 where the id is 0, else 0."""
    return (seq == 0).astype(float)[:, np.newaxis, np.newaxis, :]


def create_look_ahead_mask(seq):
    """Return (B, 1, T, T): 1 where a key is in the future or padding, else 0."""
    return np.maximum(np.triu(np.ones((seq.shape[1], seq.shape[1])), k=1), create_padding_mask(seq))


def visible_mean(x, mask):
    """Return the mean (B, 1 or T_q, d) of the positions of x (B, T, d) that a mask (B, 1, 1 or T_q, T) shows."""
    shown = 1 - mask[:, 0]
    return shown / np.maximum(shown.sum(axis=-1, keepdims=True), 1e-9) @ x


def toy_encode(ids, padding_mask):
    """Return vectors (B, T, 5) of ids (B, T): simple sums in place of an encoder."""
    x = np.sin(ids[..., np.newaxis] * np.arange(1, 6))
    return x + visible_mean(x, padding_mask)


def toy_decode(ids, enc_outputs, look_ahead_mask, padding_mask):
    """Return logits (B, T_t, 5): simple sums in place of a decoder and its last layer."""
    x = np.sin(ids[..., np.newaxis] * np.arange(1, 6))
    return x + visible_mean(x, look_ahead_mask) + visible_mean(np.sin(2 * enc_outputs), padding_mask)


def show_movements(forward):
    """Print how far the logits of each position move when the question, or the last word of the target, is changed."""
    question, target = np.array([[3, 1, 4, 2]]), np.array([[7, 5, 6]])
    before = forward(question, target, toy_encode, toy_decode)
    for what, ids in {
        "another question": (question + 1, target),
        "another last word": (question, target + [0, 0, 1]),
    }.items():
        print(
            f"{what}: logits move by", np.abs(forward(*ids, toy_encode, toy_decode) - before)[0].max(axis=-1).round(2)
        )


# %% locked="broken_forward"
def broken_forward(inputs, dec_inputs, encode, decode):
    """Return logits for source ids (B, T_s) and target ids (B, T_t)."""
    padding_mask = create_padding_mask(dec_inputs)
    look_ahead_mask = create_look_ahead_mask(dec_inputs)
    enc_outputs = encode(dec_inputs, padding_mask)
    return decode(dec_inputs, enc_outputs, look_ahead_mask, padding_mask)


show_movements(broken_forward)


# %% solution="find_the_wiring"
def mended_forward(inputs, dec_inputs, encode, decode):
    """Return logits for source ids inputs (B, T_s) and target ids dec_inputs (B, T_t).

    encode(ids, padding_mask) -> enc_outputs; decode(ids, enc_outputs, look_ahead_mask, padding_mask) -> logits.
    """
    # TODO: copy the body of broken_forward and mend it.
    ### BEGIN SOLUTION
    padding_mask = create_padding_mask(inputs)
    look_ahead_mask = create_look_ahead_mask(dec_inputs)
    enc_outputs = encode(inputs, padding_mask)
    return decode(dec_inputs, enc_outputs, look_ahead_mask, padding_mask)
    ### END SOLUTION


# %% check="find_the_wiring"
def answer(inputs, dec_inputs):
    return mended_forward(inputs, dec_inputs, toy_encode, toy_decode)


check("find_the_wiring", answer)

# %%
show_movements(mended_forward)

# %% [markdown]
# ## How far you are
#
# The written answer of task 7 is not in this list: a person grades it.

# %%
progress()
