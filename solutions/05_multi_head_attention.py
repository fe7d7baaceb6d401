# %% setup="05_multi_head_attention"
import os

from autograder.learner import use

os.environ.setdefault("MPLBACKEND", "Agg")  # run as a script: draw without opening windows
check, hint, progress = use(__file__)

# %% [markdown]
# # Multi-head attention
#
# You cut vectors into heads, let each head attend, and put the pieces together again: first in NumPy, then as a Keras
# layer that agrees with Keras's own. Read the chapter's page first; the name in italics after each task is the section
# that explains it.
#
# | task | difficulty | minutes | points |
# |---|---|---|---|
# | 1 Split into heads | medium | 10 | 3 |
# | 2 Merge the heads | easy | 5 | 2 |
# | 3 Multi-head attention | hard | 15 | 4 |
# | 4 In your own words: two heads or one | medium | 5 | 2 |
# | 5 Find the bug: words that do not hear each other | medium | 5 | 2 |
# | 6 Weights as Keras keeps them | medium | 10 | 2 |
# | 7 Multi-head attention as a Keras layer | hard | 20 | 4 |
# | 8 In your own words: what merging is for | medium | 5 | 2 |
#
# After each task there is a check. Run it: a green box means right, an amber one partly right, a red one wrong. It says
# what is wrong, and usually which mistake was made. The hints before a task open step by step; `hint("split_heads")`,
# with the name that stands in the check, shows the next one too. Tasks 4 and 8 are answered in words and graded by a
# person. The checks and the cells that set things up are locked, and those that need not be read are folded; every
# other cell is yours to play with.

# %% locked="libraries"
import re

import numpy as np

# Pictures have no ground of their own, and their letters a grey that can be read on a light and on a dark one. It
# is two greys, for a notebook puts a ground behind a picture whose numbers are all on the dark, or all on the
# light side of grey.
PICTURES = dict.fromkeys(["figure.facecolor", "axes.facecolor"], "none")
PICTURES |= dict.fromkeys(["text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color"], "#7f7f7f")
PICTURES |= {"ytick.color": "#808080"}

# %% [markdown]
# ## Part A: NumPy
#
# From here on a sequence is $(T, d_{\text{model}})$, a batch of them $(B, T, d_{\text{model}})$, and a projection is
# `X @ W + b` with `W` of shape $(\text{in}, \text{out})$ and `b` of shape $(\text{out},)$, as Keras stores them. Scaled
# dot-product attention is given; it is the function of chapter 4. **In a mask 1 means hide**, 0 means keep. One thing
# is new: where a mask hides *every* key of a query, all its weights are 0, and so is its output.


# %% locked="attention"
def scaled_dot_product_attention(query, key, value, mask=None):
    """Return (output, attention_weights) of shapes (..., T_q, d_v) and (..., T_q, T_k).

    query (..., T_q, d_k), key (..., T_k, d_k), value (..., T_k, d_v); the dots stand for any leading axes, none too.
    mask: None, or 0s and 1s that broadcast to (..., T_q, T_k); 1 = hide. Scores are divided by the root of d_k.
    """
    scores = query @ np.swapaxes(key, -1, -2) / np.sqrt(key.shape[-1])  # (..., T_q, T_k)
    hidden = np.zeros(scores.shape, bool) if mask is None else np.broadcast_to(np.equal(mask, 1), scores.shape)
    scores = np.where(hidden, -1e9, scores)
    exps = np.where(hidden, 0, np.exp(scores - scores.max(axis=-1, keepdims=True)))
    total = exps.sum(axis=-1, keepdims=True)
    attention_weights = exps / np.where(total == 0, 1, total)
    return attention_weights @ value, attention_weights


# %% [markdown]
# ### Task 1: Split into heads
#
# A vector of $d_{\text{model}}$ numbers is cut into $H$ pieces of equal length, one for each head: the first
# $d_{\text{model}} / H$ numbers belong to head 0, the next to head 1, and so on. Every head gets its piece of *every*
# position.
#
# When $d_{\text{model}}$ is no multiple of $H$, nobody can cut it. Then the function raises a `ValueError` whose
# message names both numbers. (A bare reshape does not always notice: with a `-1` in it, it may make positions that
# never were.)
#
# *Split: which number goes where*


# %% solution="split_heads"
def split_heads(x, num_heads):
    """Return x (B, T, d_model) cut into heads: (B, H, T, d_model / H), where H is num_heads.

    Raises ValueError, with d_model and num_heads in its message, when d_model is no multiple of num_heads.
    """
    # TODO: refuse what cannot be cut; then cut the last axis, and bring the heads to axis 1.
    ### BEGIN SOLUTION
    B, T, d_model = x.shape
    if d_model % num_heads != 0:
        raise ValueError(f"d_model = {d_model} cannot be cut into num_heads = {num_heads} equal heads")
    x = x.reshape(B, T, num_heads, d_model // num_heads)
    return x.transpose(0, 2, 1, 3)  # (B, H, T, d_k)
    ### END SOLUTION


# %% locked="refuses" folded=true
def refuses(make, d_model, num_heads):
    """Call make(): return 3.0 for a ValueError with both numbers in its message, 2.0 for another ValueError, 1.0 for
    another kind of error, 0.0 for none.
    """
    try:
        make()
    except ValueError as error:
        named = set(re.findall(r"\d+", str(error)))
        return 3.0 if {str(d_model), str(num_heads)} <= named else 2.0
    except Exception:
        return 1.0
    return 0.0


# %% check="split_heads"
def answer(x, num_heads, bad_num_heads):  # the second number of heads does not divide d_model
    longer = np.tile(x, (1, bad_num_heads, 1))  # so long that a -1 in a reshape finds a number of positions
    refusal = refuses(lambda: split_heads(longer, bad_num_heads), x.shape[-1], bad_num_heads)
    return split_heads(x, num_heads), [refusal]


check("split_heads", answer)

# %% [markdown]
# See where the numbers went. Each one below says where it came from: 204 is number 4 of position 2.

# %%
labels = np.array([[[100 * t + j for j in range(6)] for t in range(4)]])  # (B, T, d_model) = (1, 4, 6)
print("x", labels.shape, labels[0], sep="\n")
for number, head in enumerate(split_heads(labels, 3)[0]):
    print(f"head {number}", head.shape, head, sep="\n")

# %% [markdown]
# ### Task 2: Merge the heads
#
# The way back: the pieces of one position, side by side again, head 0 first.
#
# *Merge: the way back*


# %% solution="merge_heads"
def merge_heads(x):
    """Return the heads x (B, H, T, d_k) side by side: (B, T, H * d_k)."""
    # TODO: undo what split_heads does. Mind the order of the two steps.
    ### BEGIN SOLUTION
    B, H, T, d_k = x.shape
    return x.transpose(0, 2, 1, 3).reshape(B, T, H * d_k)
    ### END SOLUTION


# %% check="merge_heads"
check("merge_heads", merge_heads)

# %% [markdown]
# ### Task 3: Multi-head attention
#
# Project, split, attend, merge, project. Arguments are given by name, since different code puts query, key and value
# in different orders.
#
# *The formula, with shapes*


# %% solution="multi_head_attention"
def multi_head_attention(*, query, key, value, weights, num_heads, mask=None):
    """Return (output, attention_weights) of shapes (B, T_q, d_model) and (B, H, T_q, T_k).

    query (B, T_q, d_model), key and value (B, T_k, d_model). They may be three different arrays.
    weights: a dictionary with W_q, W_k, W_v, W_o, each (d_model, d_model), and b_q, b_k, b_v, b_o, each (d_model,).
    mask: None, or 0s and 1s that broadcast to (B, H, T_q, T_k), such as (B, 1, 1, T_k); 1 = hide. Where all keys are
    hidden the weights are 0, which the given function sees to.
    """
    # TODO: project query, key and value (X @ W + b); split; scaled_dot_product_attention for all heads at once; merge;
    # project with W_o and b_o. No attention from a library.
    ### BEGIN SOLUTION
    q = split_heads(query @ weights["W_q"] + weights["b_q"], num_heads)  # (B, H, T_q, d_k)
    k = split_heads(key @ weights["W_k"] + weights["b_k"], num_heads)  # (B, H, T_k, d_k)
    v = split_heads(value @ weights["W_v"] + weights["b_v"], num_heads)  # (B, H, T_k, d_k)
    heads, attention_weights = scaled_dot_product_attention(q, k, v, mask)  # (B, H, T_q, d_k), (B, H, T_q, T_k)
    return merge_heads(heads) @ weights["W_o"] + weights["b_o"], attention_weights
    ### END SOLUTION


# %% check="multi_head_attention"
def answer(query, key, value, mask, num_heads, **weights):
    return multi_head_attention(query=query, key=key, value=value, weights=weights, num_heads=num_heads, mask=mask)


check("multi_head_attention", answer)

# %% [markdown]
# ### Two heads at work
#
# What you have built, with matrices set by hand. Each letter of "DRAWER" is a vector of 12 numbers: six say *where* it
# stands (one of them is 1), six say *which* letter it is. Two heads of width 6: head 0 looks one place back, head 1
# looks at the mirrored place. Both pass on which letter they found. Nothing stands before the first letter; there head
# 0 looks at the last one, so that you will read R, the end of the word, in front.


# %% locked="drawer" folded=true
WORD = "DRAWER"
ALPHABET = "DRAWE?"
PLACES = np.eye(6)
X = np.array(
    [[np.concatenate([PLACES[t], PLACES[ALPHABET.index(letter)]]) for t, letter in enumerate(WORD)]]
)  # (1, 6, 12)


def by_columns(*blocks):
    """Return (12, 12): for each head, a (12, 6) block of columns."""
    return np.hstack(blocks)


WHERE, WHICH = (
    np.vstack([PLACES, 0 * PLACES]),
    np.vstack([0 * PLACES, PLACES]),
)  # (12, 6): read the place, read the letter
BACK, MIRROR = np.roll(PLACES, -1, axis=1), PLACES[::-1]  # (6, 6): place t asks for t - 1 (0 asks for 5), for 5 - t
BY_HAND = {
    "W_q": by_columns(20 * WHERE @ BACK, 20 * WHERE @ MIRROR),
    "W_k": by_columns(WHERE, WHERE),
    "W_v": by_columns(WHICH, WHICH),
    "W_o": np.eye(12),
    **{name: np.zeros(12) for name in ("b_q", "b_k", "b_v", "b_o")},
}


def show_heads(attention_weights, rows, columns, titles=None):
    """Draw the weights (H, T_q, T_k) of all heads side by side."""
    import matplotlib.pyplot as plt

    plt.rcParams.update(PICTURES)
    H = len(attention_weights)
    figure, axes = plt.subplots(1, H, figsize=(2.7 * H, 2.9), layout="tight", squeeze=False)
    for number, (ax, weights) in enumerate(zip(axes[0], np.asarray(attention_weights), strict=True)):
        ax.imshow(weights, cmap="viridis", vmin=0, vmax=1)
        ax.set_xticks(range(len(columns)), columns)
        ax.set_yticks(range(len(rows)), rows)
        ax.set(title=titles[number] if titles else f"head {number}", xlabel="looks at", ylabel="query")


# %%
output, attention_weights = multi_head_attention(query=X, key=X, value=X, weights=BY_HAND, num_heads=2)
print("before: ", "".join(ALPHABET[number] for number in output[0, :, :6].argmax(axis=-1)))
print("mirror: ", "".join(ALPHABET[number] for number in output[0, :, 6:].argmax(axis=-1)))
show_heads(attention_weights[0], WORD, WORD, ["head 0: one back", "head 1: mirrored"])

# %% [markdown]
# ### Task 4: In your own words: two heads or one
#
# Take the same word and *one* head of width 12. Its weights at a place are one row that sums to 1. Answer in the next
# cell, in three to six sentences. The head gives half of its weight to the letter before and half to the mirrored one.
# Why can no matrix $W_o$ tell afterwards which was which? Say it for the last place (5), whose two letters are E and
# D. Do the two heads of width 6 cost more than the one of width 12, counted in numbers to be learned? (The section
# "What a head costs" counts them.)
#
# *One head, one mixture*

# %% [markdown] written="two_heads_or_one" points=2
# ### BEGIN SOLUTION
# One head makes one row of weights for each place, and with it one weighted sum of values. With half of the weight on
# each letter, the output is the average of the values of E and of D, and that average is the same whichever of the two
# stood before and whichever was mirrored: a sum does not keep the order of its terms. No matrix behind it can bring
# back what the sum has lost. (Unequal weights leave a trace of the order in the sizes of the two parts, but $W_o$ must
# then tell 0.7 of E from 0.3 of E.) Two heads make two sums, kept side by side in different places of the output, so
# $W_o$ knows which is which. They cost nothing more: all matrices are $(12, 12)$ in both cases, only cut differently,
# so 4 · (144 + 12) = 624 numbers.
#
# **Rubric**
#
# - 2: A sum does not tell which letter came from where, said for E and D; two heads cost no more (624 numbers each
#   way).
# - 1: Why the mixture cannot be undone is right, or what two heads cost; not both.
# - 0: Neither is right.
#
# **Comments**
#
# - One head makes one weighted sum: half E and half D is the same, whichever of the two stood before.
# - No matrix behind the sum can bring back what the sum has lost.
# - Say it for place 5, as asked: the output is the average of the values of E and of D.
# - Two heads cost nothing more: all matrices are $(12, 12)$ in both cases, 624 numbers.
# ### END SOLUTION

# %% [markdown]
# ### Task 5: Find the bug: words that do not hear each other
#
# `broken_self_attention` lets the words of a sentence attend to each other in heads, without any projections. Nothing
# is hidden, so each output should depend on every word. It runs, all shapes are right, all rows of weights sum to 1.
# Yet below only the *last* word is changed: look at which outputs notice.
#
# *Split: which number goes where*


# %% locked="broken"
def broken_self_attention(x, num_heads):
    """Return (output, attention_weights) of shapes (B, T, d_model) and (B, H, T, T) for x (B, T, d_model)."""
    B, T, d_model = x.shape
    heads = x.reshape(B, num_heads, T, d_model // num_heads)
    output, attention_weights = scaled_dot_product_attention(heads, heads, heads)
    return output.reshape(B, T, d_model), attention_weights


sentence = np.random.default_rng(4).normal(size=(1, 6, 8))
changed = sentence.copy()
changed[0, 5] += 1
before, after = (broken_self_attention(x, num_heads=2)[0] for x in (sentence, changed))
print("largest change of the output at each position:", np.abs(after - before)[0].max(axis=-1).round(3))


# %% solution="find_the_bug"
def mended_self_attention(x, num_heads):
    """Return (output, attention_weights) of shapes (B, T, d_model) and (B, H, T, T) for x (B, T, d_model)."""
    # TODO: copy the body of broken_self_attention and mend it. Your own functions of tasks 1 and 2 may serve.
    ### BEGIN SOLUTION
    heads = split_heads(x, num_heads)
    output, attention_weights = scaled_dot_product_attention(heads, heads, heads)
    return merge_heads(output), attention_weights
    ### END SOLUTION


# %% check="find_the_bug"
check("find_the_bug", mended_self_attention)

# %% [markdown]
# ### Task 6: Weights as Keras keeps them
#
# `keras.layers.MultiHeadAttention` does the same, but keeps its numbers already cut, in eight arrays:
#
# | | kernel | bias |
# |---|---|---|
# | query, key, value | $(d_{\text{model}}, H, d_k)$ | $(H, d_k)$ |
# | output | $(H, d_k, d_{\text{model}})$ | $(d_{\text{model}},)$ |
#
# Entry $[i, h, j]$ of the query kernel says how much of input $i$ goes into number $j$ of head $h$. Entry $[h, j, i]$
# of the output kernel says how much of number $j$ of head $h$ goes into output $i$.
#
# *Agreement with Keras*


# %% solution="keras_weights"
def to_keras_weights(weights, num_heads):
    """Return a list of eight arrays, in this order: query kernel, query bias, key kernel, key bias, value kernel, value
    bias, output kernel, output bias.

    weights: a dictionary with W_q, W_k, W_v, W_o, each (d_model, d_model), and b_q, b_k, b_v, b_o, each (d_model,), as
    multi_head_attention takes it.
    """
    # TODO: give each array the shape of the table, every number in its place.
    ### BEGIN SOLUTION
    d_model = len(weights["W_q"])
    d_k = d_model // num_heads
    cut = []
    for name in "qkv":
        cut.append(weights[f"W_{name}"].reshape(d_model, num_heads, d_k))
        cut.append(weights[f"b_{name}"].reshape(num_heads, d_k))
    return [*cut, weights["W_o"].reshape(num_heads, d_k, d_model), weights["b_o"]]
    ### END SOLUTION


# %% check="keras_weights"
def answer(num_heads, W_qkv, b_qkv, W_o, b_o):  # W_q, W_k and W_v come as one array, and so do their biases
    weights = {f"W_{name}": W for name, W in zip("qkvo", [*W_qkv, W_o], strict=True)}
    weights |= {f"b_{name}": b for name, b in zip("qkvo", [*b_qkv, b_o], strict=True)}
    arrays = to_keras_weights(weights, num_heads)
    if isinstance(arrays, (dict, np.ndarray)):
        raise TypeError(f"to_keras_weights returned a {type(arrays).__name__}, not a list")
    return arrays


check("keras_weights", answer)

# %% [markdown]
# ## Part B: Keras
#
# The same as a layer that can be trained. The import takes a few seconds. Without TensorFlow this part is skipped and
# costs nothing in part A. Attention itself is given once more, with TensorFlow's operations.


# %% locked="tensorflow" folded=true
import importlib.util
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # no log messages
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # plain arithmetic: the same digits on more machines
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"  # the processor is enough
if importlib.util.find_spec("tensorflow"):
    import keras
    import tensorflow as tf
    from keras import layers

    Layer = layers.Layer
else:
    tf, Layer = None, object  # a stand-in, so that the class below can be defined
    print("TensorFlow is not installed here, so part B is skipped. Part A does not need it.")


def tensor(array):
    """Return an array as a float32 tensor; None stays None."""
    return None if array is None else tf.constant(array, dtype=tf.float32)


def tf_scaled_dot_product_attention(query, key, value, mask=None):
    """Return (output, attention_weights) as scaled_dot_product_attention does, for float32 tensors; 1 = hide."""
    scores = tf.matmul(query, key, transpose_b=True) / tf.sqrt(tf.cast(tf.shape(key)[-1], tf.float32))
    if mask is None:
        attention_weights = tf.nn.softmax(scores, axis=-1)
    else:
        keep = 1 - tf.cast(mask, tf.float32)
        attention_weights = keep * tf.nn.softmax(scores - 1e9 * (1 - keep), axis=-1)
    return tf.matmul(attention_weights, value), attention_weights


def set_dense(dense, kernel, bias):
    """Give a Dense layer its kernel (in, out) and its bias (out,)."""
    if not dense.built:
        dense.build((None, len(kernel)))
    if tuple(dense.kernel.shape) != kernel.shape:
        raise ValueError(f"a Dense layer has a kernel of shape {tuple(dense.kernel.shape)}; expected {kernel.shape}")
    dense.kernel.assign(kernel)
    dense.bias.assign(bias)


def check_learning(call, result, tape, inputs):
    """Raise an error when call(*inputs) gave no pair, or when an input matters and yet no gradient comes back to it."""
    if not isinstance(result, (tuple, list)) or len(result) != 2:
        raise TypeError("the layer does not return the pair (output, attention_weights)")
    gradients = tape.gradient(result[0], inputs) if tf.is_tensor(result[0]) else [None] * len(inputs)
    for n in (n for n, gradient in enumerate(gradients) if gradient is None):
        other = call(*[2 * x if n == m else x for m, x in enumerate(inputs)])
        if np.abs(np.asarray(other[0]) - np.asarray(result[0])).max() > 1e-3:
            raise RuntimeError("no gradient comes back through the layer")


def run_layer(make, query, key, value, mask, num_heads, bad_num_heads, W_q, b_q, W_k, b_k, W_v, b_v, W_o, b_o):
    """Return what a layer with these weights gives, and how it refuses a number of heads; make: its class."""
    try:
        layer = make(d_model=len(W_o), num_heads=num_heads)
    except ValueError as error:
        raise ValueError(f"the layer refused d_model = {len(W_o)}, num_heads = {num_heads}: {error}") from None
    denses = [layer.query_dense, layer.key_dense, layer.value_dense, layer.dense]
    for dense, kernel, bias in zip(denses, [W_q, W_k, W_v, W_o], [b_q, b_k, b_v, b_o], strict=True):
        set_dense(dense, kernel, bias)

    def call(query, key, value):
        return layer(query=query, key=key, value=value, mask=tensor(mask))

    inputs = [tensor(query), tensor(key), tensor(value)]
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        result = call(*inputs)
    check_learning(call, result, tape, inputs)
    refusal = refuses(lambda: make(len(W_o), bad_num_heads), len(W_o), bad_num_heads)
    return *result, [refusal]


# %% [markdown]
# ### Task 7: Multi-head attention as a Keras layer
#
# Four `Dense` layers hold the weights; the steps are those of task 3. Tensors have no `.reshape` and no `.transpose`:
# `tf.reshape(x, shape)` and `tf.transpose(x, order)` do the same. (Older code hands `call` one dictionary with the
# four inputs; ours takes them by name.)
#
# *The same as a layer*


# %% solution="multi_head_layer"
class MultiHeadAttention(Layer):
    """Multi-head attention with d_model numbers a position and num_heads heads."""

    def __init__(self, d_model, num_heads, **kwargs):
        super().__init__(**kwargs)
        # TODO: raise a ValueError that names both numbers when d_model is no multiple of num_heads. Then make four
        # layers.Dense of d_model units, without activation, with their usual biases, under these names:
        # self.query_dense, self.key_dense, self.value_dense and, for the output, self.dense.
        ### BEGIN SOLUTION
        if d_model % num_heads != 0:
            raise ValueError(f"d_model = {d_model} cannot be cut into num_heads = {num_heads} equal heads")
        self.d_model, self.num_heads = d_model, num_heads
        self.query_dense = layers.Dense(d_model)
        self.key_dense = layers.Dense(d_model)
        self.value_dense = layers.Dense(d_model)
        self.dense = layers.Dense(d_model)
        ### END SOLUTION

    def compute_mask(self, inputs, previous_mask):
        return None  # Keras asks which of its own masks (chapter 6) to hand on to the next layer: none

    def call(self, *, query, key, value, mask=None):
        """Return (output, attention_weights) of shapes (B, T_q, d_model) and (B, H, T_q, T_k).

        query (B, T_q, d_model), key and value (B, T_k, d_model); mask None, or float 0s and 1s that broadcast to
        (B, H, T_q, T_k), 1 = hide. Where all keys are hidden the weights are 0, which the given function sees to.
        """
        # TODO: project, split, tf_scaled_dot_product_attention, merge, project. Use TensorFlow's operations, not
        # NumPy's, so that the layer can learn, and no attention from a library. You may add methods to the class.
        ### BEGIN SOLUTION
        q = self.split(self.query_dense(query))  # (B, H, T_q, d_k)
        k = self.split(self.key_dense(key))  # (B, H, T_k, d_k)
        v = self.split(self.value_dense(value))  # (B, H, T_k, d_k)
        heads, attention_weights = tf_scaled_dot_product_attention(q, k, v, mask)
        merged = tf.transpose(heads, [0, 2, 1, 3])  # (B, T_q, H, d_k)
        return self.dense(tf.reshape(merged, [tf.shape(query)[0], -1, self.d_model])), attention_weights

    def split(self, x):
        """Return x (B, T, d_model) as (B, H, T, d_k)."""
        x = tf.reshape(x, [tf.shape(x)[0], -1, self.num_heads, self.d_model // self.num_heads])
        return tf.transpose(x, [0, 2, 1, 3])
        ### END SOLUTION


# %% check="multi_head_layer"
def answer(**case):
    return run_layer(MultiHeadAttention, **case)


check("multi_head_layer", answer)

# %% [markdown]
# ### Three ways, one answer
#
# Random weights, two sentences of different length, three heads: your function, your layer and Keras's own layer. They
# should agree to 0.00001. Keras's mask says the opposite of ours, True = keep, and has no axis for the heads.


# %% locked="agreement" folded=true
def draw_weights(d_model, seed):
    """Return a dictionary of random weights that keep numbers of order 1."""
    rng = np.random.default_rng(seed)
    matrices = {f"W_{name}": rng.normal(size=(d_model, d_model)) / np.sqrt(d_model) for name in "qkvo"}
    return matrices | {f"b_{name}": rng.normal(size=d_model) for name in "qkvo"}


def compare_with_keras(num_heads=3, d_model=12):
    """Print how far the results of your function and of your layer are from those of Keras's own layer; return them."""
    rng, weights = np.random.default_rng(0), draw_weights(d_model, seed=1)
    query, memory = rng.normal(size=(2, 5, d_model)), rng.normal(size=(2, 7, d_model))
    mask = np.array([[0, 0, 0, 0, 0, 0, 1], [0, 0, 0, 1, 1, 1, 1]])[:, np.newaxis, np.newaxis]  # (B, 1, 1, T_k)
    inputs = {"query": query, "key": memory, "value": memory}

    keras_layer = layers.MultiHeadAttention(num_heads, d_model // num_heads)
    keras_layer.build(query.shape, memory.shape, memory.shape)
    keras_layer.set_weights([np.asarray(array) for array in to_keras_weights(weights, num_heads)])
    in_float32 = {name: tensor(array) for name, array in inputs.items()}
    expected = keras_layer(
        **in_float32, attention_mask=mask[:, 0] == 0, return_attention_scores=True
    )  # the mask is (B, 1, T_k)

    layer = MultiHeadAttention(d_model, num_heads)
    for name, dense in zip("qkvo", [layer.query_dense, layer.key_dense, layer.value_dense, layer.dense], strict=True):
        set_dense(dense, weights[f"W_{name}"], weights[f"b_{name}"])
    found = {
        "your function": multi_head_attention(**inputs, weights=weights, num_heads=num_heads, mask=mask),
        "your layer": layer(**in_float32, mask=tensor(mask)),
    }
    for name, result in found.items():
        far = [
            np.abs(np.asarray(mine) - np.asarray(theirs)).max() for mine, theirs in zip(result, expected, strict=True)
        ]
        verdict = "agrees" if max(far) < 1e-4 else "DIFFERS"
        print(f"{name}: {verdict}; largest difference {far[0]:.1e} in the output, {far[1]:.1e} in the weights")
    return expected, found


# %%
if tf is not None:
    expected, found = compare_with_keras()
    show_heads(
        found["your layer"][1][1], range(5), range(7)
    )  # the second sentence: four of seven positions are padding

# %% [markdown]
# ### Task 8: In your own words: what merging is for
#
# Somebody wants a smaller layer: "The heads all have the same shape, so I *average* them instead of putting them side
# by side, and $W_o$ becomes $(d_k, d_{\text{model}})$." Answer in the next cell, in three to six sentences. What do the
# rows of $W_o$ mean when the heads stand side by side? Which matrices $W_o$ of the usual shape,
# $(d_{\text{model}}, d_{\text{model}})$, would give the same as averaging? And what would that do to the two heads that
# you saw on "DRAWER"?
#
# *Merge: the way back*

# %% [markdown] written="what_merging_is_for" points=2
# ### BEGIN SOLUTION
# Side by side, each head has rows of $W_o$ of its own: rows $h d_k$ to $(h + 1) d_k - 1$ say what becomes of head $h$,
# and the output is the sum over the heads of (head $h$) times (its rows), plus $\mathbf{b}_o$. Averaging is the special
# case in which every head has the same rows, each $1/H$ of the small matrix. So nothing is gained that training could
# not find by itself, and much is lost: it no longer matters which head found something. On "DRAWER" the letter before
# and the mirrored letter would be added into the same six numbers, and nobody could tell them apart, which is what one
# head did.
#
# **Rubric**
#
# - 2: Each head has rows of its own; averaging is the case of equal rows; on "DRAWER" the two letters cannot be told
#   apart.
# - 1: One or two of these three are right.
# - 0: None is right.
#
# **Comments**
#
# - Side by side, each head has rows of $W_o$ of its own, which say what becomes of that head.
# - Averaging is $W_o$ with the same rows for every head, each $1/H$ of the small matrix: training could find that
#   itself.
# - On "DRAWER" the letter before and the mirrored one would be added into the same six numbers, as with one head.
# - The size is not all: averaged, it no longer matters which head found something.
# ### END SOLUTION

# %% [markdown]
# ## How far you are
#
# The written answers of tasks 4 and 8 are not in this list: a person grades them.

# %%
progress()
