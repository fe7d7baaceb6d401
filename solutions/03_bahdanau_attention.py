# %% setup="03_bahdanau_attention"
import os

from autograder.learner import use

os.environ.setdefault("MPLBACKEND", "Agg")  # run as a script: draw without opening windows
check, hint, progress = use(__file__)

# %% [markdown]
# # Bahdanau attention
#
# You build one decoder step of additive attention in NumPy, find out what padding does to it, and then use it as a
# Keras layer in a classifier of film reviews. Read the chapter's page first; the name in italics after each task is the
# section that explains it.
#
# | task | difficulty | minutes | points |
# |---|---|---|---|
# | 1 The context vector | easy | 5 | 2 |
# | 2 The decoder's input | easy | 5 | 1 |
# | 3 Additive scores | medium | 10 | 3 |
# | 4 Softmax that leaves out padding | hard | 20 | 3 |
# | 5 One decoder step | medium | 10 | 3 |
# | 6 In your own words: tanh in the wrong place | medium | 10 | 2 |
# | 7 Find the bug: scores that listen to the wrong sentence | medium | 10 | 2 |
# | 8 Bahdanau attention as a Keras layer | hard | 20 | 4 |
# | 9 Find the bug: a mask that never arrives | medium | 10 | 2 |
# | 10 The review classifier | hard | 25 | 4 |
# | 11 In your own words: padding that counts | medium | 10 | 2 |
#
# After each task but 6 and 11 there is a check. Run it: a green box means right, an amber one partly right, a red one
# wrong. It says what is wrong, and usually which mistake was made. The hints before a task open step by step;
# `hint("additive_scores")`, with the name that stands in the check, shows the next one too. Tasks 6 and 11 are answered
# in words and graded by a person. The checks and the cells that set things up are locked, and those that need not be
# read are folded; every other cell is yours to play with.

# %% locked="libraries"
import numpy as np

# Pictures have no ground of their own, and their letters a grey that can be read on a light and on a dark one. It
# is two greys, for a notebook puts a ground behind a picture whose numbers are all on the dark, or all on the
# light side of grey.
PICTURES = dict.fromkeys(["figure.facecolor", "axes.facecolor"], "none")
PICTURES |= dict.fromkeys(["text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color"], "#7f7f7f")
PICTURES |= {"ytick.color": "#808080"}

# %% [markdown]
# ## Part A: one decoder step
#
# The encoder has read the source sentence and left one state for each position: $H$ is $(T, d_h)$, one state in each
# row. The decoder is about to write the next word. It has its old state `s_prev`, $\mathbf{s}_{t-1}$, of shape
# $(d_s,)$, and the embedding `x_t` of the word it wrote last. In this part a matrix stands on the left of a vector:
# `W @ v`. The two easiest pieces of the step come first, though they are the last that it uses.
#
# ### Task 1: The context vector
#
# The context is the weighted sum of the encoder states. Tasks 3 and 4 say where the weights come from.
#
# *One step by hand*


# %% solution="context_vector"
def context_vector(weights, H):
    """Return the context (..., d_h) for weights (..., T) and encoder states H (..., T, d_h).

    The dots stand for any axes in front, the same in both; for one sentence there are none.
    """
    # TODO: add up the encoder states, each times its weight. Use the weights as they are: where a sentence is all
    # padding they are all 0. Count axes from the end, so that axes in front do no harm: weights[..., np.newaxis] is
    # (..., T, 1). With no position, T = 0, the context is d_h zeros.
    ### BEGIN SOLUTION
    return np.sum(weights[..., np.newaxis] * H, axis=-2)
    ### END SOLUTION


# %% check="context_vector"
def answer(weights, H, T):  # the first T positions are used
    return context_vector(weights[..., :T], H[..., :T, :])


check("context_vector", answer)

# %% [markdown]
# ### Task 2: The decoder's input
#
# In Luong's attention the context joined the state *after* the cell had run. Here it joins the word *before*: the cell
# reads one longer vector, $[\mathbf{x}_t; \mathbf{c}_t]$.
#
# *Luong and Bahdanau side by side*


# %% solution="decoder_input"
def decoder_input(x_t, context):
    """Return [x_t; context], a vector (d_x + d_h,): the word x_t (d_x,) first, then the context (d_h,)."""
    # TODO: put the two vectors one behind the other.
    ### BEGIN SOLUTION
    return np.concatenate([x_t, context])
    ### END SOLUTION


# %% check="decoder_input"
check("decoder_input", decoder_input)

# %% [markdown]
# ### Task 3: Additive scores
#
# $$\operatorname{score}(\mathbf{s}_{t-1}, \mathbf{h}_i) = \mathbf{w}_a^\top \tanh(W_b\, \mathbf{s}_{t-1} + W_c\, \mathbf{h}_i)$$
#
# The sizes $d_s$, $d_h$ and $u$ (the number of units) have nothing to do with each other, and $T$ may be any number,
# even 1 or 0.
#
# *A score that is learned*


# %% solution="additive_scores"
def additive_scores(s_prev, H, W_b, W_c, w_a):
    """Return the scores (T,) of the T encoder states for one decoder state.

    s_prev (d_s,), H (T, d_h) with one encoder state in each row, W_b (u, d_s), W_c (u, d_h), w_a (u,).
    """
    # TODO: compute the formula for every row of H: one score for each.
    ### BEGIN SOLUTION
    hidden = np.tanh(W_b @ s_prev + H @ W_c.T)  # (u,) + (T, u) = (T, u)
    return hidden @ w_a
    ### END SOLUTION


# %% check="additive_scores"
check("additive_scores", additive_scores)

# %% [markdown]
# ### Task 4: Softmax that leaves out padding
#
# Sentences of a batch are filled up to one length. The filling is **padding**, and it must not take part: its weight is
# exactly 0, and the weights of the words sum to 1. A mask says what is padding. Here **1 means hide**, 0 means
# keep. (Keras says it the other way round; always look it up.)
#
# Two edge cases are part of the task.
#
# - A row that is *all* padding: every weight is 0, so that its context will be 0 too. Sharing evenly would mix padding
#   into the context, and NaN would spread through the whole batch.
# - $T = 0$, no position at all: nothing to share, so an array of no numbers.
#
# *Padding must receive no weight*


# %% solution="masked_softmax"
def masked_softmax(scores, mask):
    """Return weights of the shape of `scores`: 0 where the mask is 1, and a softmax over the rest of each row.

    scores (..., T), mask (..., T) of integers 0 and 1, 1 = hide. The dots stand for any axes in front, none too.
    """
    # TODO: hide, then take a softmax along the last axis that is safe for scores of 850 (subtract the largest *visible*
    # score of the row first) and of -850. A hidden score may be any number, 1000 too. A row that is all padding gets 0
    # everywhere. T may be 0: `np.max` of nothing is an error, but not with `initial=-1e9`.
    ### BEGIN SOLUTION
    scores = np.where(mask == 1, -1e9, scores)
    exps = np.exp(scores - np.max(scores, axis=-1, keepdims=True, initial=-1e9))
    exps = np.where(mask == 1, 0, exps)  # in a row that is all padding they are 1 up to here
    total = exps.sum(axis=-1, keepdims=True)
    return exps / np.where(total == 0, 1, total)
    ### END SOLUTION


# %% check="masked_softmax"
def answer(scores, mask, T):  # the first T positions are used
    return masked_softmax(scores[..., :T], mask[..., :T])


check("masked_softmax", answer)

# %% [markdown]
# ### Task 5: One decoder step
#
# Now the whole step, from your four functions. `cell(input, state)` is the decoder's recurrent cell: it is given an input
# and the old state, and returns the new state. The next cell shows the one that the check uses. It takes an input that is
# too short, and fills it up with ones, so that the mistake shows in the numbers.


# %% locked="cell"
def make_cell(W_x, W_s, b):
    """Return cell(input, state), a plain recurrent cell: tanh(W_x input + W_s state + b)."""
    size = W_x.shape[1]

    def cell(x, state):
        x, state = np.asarray(x), np.asarray(state)
        if state.shape != b.shape:
            raise ValueError(f"the cell was given a state of shape {state.shape}; it needs {b.shape}")
        if x.ndim != 1 or len(x) > size:
            raise ValueError(f"the cell was given an input of shape {x.shape}; it needs {(size,)}")
        return np.tanh(W_x @ np.pad(x, (0, size - len(x)), constant_values=1) + W_s @ state + b)

    return cell


# %% locked="odd_shape" folded=true
def odd_shape(x_t, s_prev, H, W_b, W_c, w_a):
    """Say which of the four functions gives another shape than the next one expects, if one does."""
    T, d_h = H.shape
    calls = [
        (additive_scores, (s_prev, H, W_b, W_c, w_a), (T,)),
        (masked_softmax, (np.zeros(T), np.zeros(T)), (T,)),
        (context_vector, (np.zeros(T), H), (d_h,)),
        (decoder_input, (x_t, np.zeros(d_h)), (len(x_t) + d_h,)),
    ]
    for function, arguments, expected in calls:
        try:
            shape = np.shape(function(*arguments))
        except Exception:
            continue
        if shape != expected:
            return f"{function.__name__} gives an array of shape {shape}; expected {expected}"
    return ""


# %% [markdown]
# *Luong and Bahdanau side by side*


# %% solution="bahdanau_step"
def bahdanau_step(x_t, s_prev, H, cell, W_b, W_c, w_a):
    """Return (s_t, weights), the new decoder state (d_s,) and the attention weights (T,).

    x_t (d_x,), s_prev (d_s,), H (T, d_h), none of it padding; cell(input, state) returns the new state;
    W_b (u, d_s), W_c (u, d_h), w_a (u,). T may be 1, and even 0: then the context is 0.
    """
    # TODO: scores, weights, context, input of the cell, new state, each made by one of your functions or by `cell`.
    # masked_softmax wants a mask: here nothing is hidden. The cell runs once.
    ### BEGIN SOLUTION
    scores = additive_scores(s_prev, H, W_b, W_c, w_a)
    weights = masked_softmax(scores, np.zeros(len(H)))
    context = context_vector(weights, H)
    s_t = cell(decoder_input(x_t, context), s_prev)
    return s_t, weights
    ### END SOLUTION


# %% check="bahdanau_step"
def answer(x_t, s_prev, H, W_b, W_c, w_a, W_x, W_s, b, T):  # the first T encoder states are used
    try:
        return bahdanau_step(x_t, s_prev, H[:T], make_cell(W_x, W_s, b), W_b, W_c, w_a)
    except (TypeError, ValueError):
        if odd := odd_shape(x_t, s_prev, H[:T], W_b, W_c, w_a):
            raise ValueError(odd) from None
        raise


check("bahdanau_step", answer)

# %% [markdown]
# What you have built, at work. "Je t' aime" becomes "I love you", and the French order is *I you love*. No training
# here: the matrices are set by hand so that unit $k$ is large when the state wants word $k$ and the position holds word
# $k$. The decoder's state names the word it wants next, and the cell only moves it on: *je*, then *aime*, then *t'*.


# %% locked="translation"
FRENCH, ENGLISH = ["je", "t'", "aime"], ["I", "love", "you"]
STATES = np.hstack([np.eye(3), np.ones((3, 1))])  # (T, d_h) = (3, 4): which word it is, and a 1 that serves as a bias
BY_HAND = {
    "W_b": 4 * np.eye(3),  # (u, d_s)
    "W_c": np.hstack([4 * np.eye(3), np.full((3, 1), -6)]),  # (u, d_h): tanh(4 s_k + 4 h_k - 6)
    "w_a": np.full(3, 2.0),
}
NEXT = np.array([[0, 1, 0], [0, 0, 1], [1, 0, 0]])  # je -> aime -> t' -> je


def moves_on(x, state):
    """Return the state that wants the next word; this cell does not read its input."""
    return NEXT @ state


# %% locked="picture" folded=true
def show_weights(weights, rows, columns, title):
    """Draw weights (T_q, T_k), one row for each step of the decoder."""
    import matplotlib.pyplot as plt

    plt.rcParams.update(PICTURES)
    figure, ax = plt.subplots(figsize=(3.6, 3.2), layout="tight")
    ax.imshow(weights, cmap="viridis", vmin=0, vmax=1)
    ax.set_xticks(range(len(columns)), columns)
    ax.set_yticks(range(len(rows)), rows)
    ax.set(title=title, xlabel="looks at", ylabel="writes")
    for (i, j), weight in np.ndenumerate(np.asarray(weights)):
        ax.text(j, i, f"{weight:.2f}", ha="center", va="center", color="white" if weight < 0.6 else "black")


# %%
state, rows = np.array([1.0, 0.0, 0.0]), []  # to begin with the state wants "je"
for _ in ENGLISH:
    state, weights = bahdanau_step(np.zeros(2), state, STATES, moves_on, **BY_HAND)
    rows.append(weights)
show_weights(rows, ENGLISH, FRENCH, "one row a step")

# %% [markdown]
# Row by row the *old* state asked, and only then did it move on.
#
# ### Task 6: In your own words: tanh in the wrong place
#
# A colleague writes the score as $\mathbf{w}_a^\top (\tanh(W_b\, \mathbf{s}_{t-1}) + \tanh(W_c\, \mathbf{h}_i))$: "the
# same matrices, the same tanh, only tidier". Answer in the next cell, in three to six sentences. Which part of this
# score is the same for every position? What does softmax make of that part, and what does it mean for the weights at
# different steps of the decoder? Last, how many numbers must be learned for a scorer with $d_s = 300$, $d_h = 512$ and
# $u = 64$, and what changes when sentences become twice as long?
#
# *A score that is learned*

# %% [markdown] written="tanh_in_the_wrong_place" points=2
# ### BEGIN SOLUTION
# The first part, $\mathbf{w}_a^\top \tanh(W_b\, \mathbf{s}_{t-1})$, is one number that does not depend on $i$, so it is
# added to every score alike. Softmax answers to differences only, so it cancels. What is left depends on the encoder
# state alone: the weights are the same at every step of the decoder, whatever it has written, and $W_b$ gets no
# gradient. State and position act on each other only if they are added *inside* a function that is not linear. The
# scorer holds $64 \cdot 300 + 64 \cdot 512 + 64 = 52{,}032$ numbers. Twice the length changes nothing in it: there are
# twice as many scores.
#
# **Rubric**
#
# - 2: The first part is the same for all positions and cancels, so the weights never change; 52,032 numbers at any
#   length.
# - 1: What cancels, and what follows, is right, or the count is; not both.
# - 0: Neither is right.
#
# **Comments**
#
# - The first part has no $i$ in it: it adds the same to every score, and softmax answers to differences only.
# - Say what follows: the weights are the same at every step, whatever the decoder has written.
# - State and position act on each other only if they are added *inside* tanh.
# - The count is $64 \cdot 300 + 64 \cdot 512 + 64 = 52{,}032$.
# - A longer sentence changes nothing in what is learned: there are only more scores.
# ### END SOLUTION

# %% [markdown]
# ### Task 7: Find the bug: scores that listen to the wrong sentence
#
# `broken_batch_scores` should score a whole batch: $B$ sentences of $T$ positions, each by its own decoder state. Its
# author tried three sentences of three positions, and it ran. On Monday the batches had other sizes, and it stopped.
# Worse: when it runs, it is wrong. Below, only the state of sentence 1 is changed, so only the scores of sentence 1,
# row 1, should change. Look at what does.
#
# *A batch: mind the time axis*


# %% locked="broken_scores"
def broken_batch_scores(S_prev, H, W_b, W_c, w_a):
    """Return the scores (B, T) for decoder states S_prev (B, d_s) and encoder states H (B, T, d_h)."""
    return np.tanh(S_prev @ W_b.T + H @ W_c.T) @ w_a


rng = np.random.default_rng(6)
states, positions = rng.normal(size=(3, 2)), rng.normal(size=(3, 3, 5))
scorer = {"W_b": rng.normal(size=(6, 2)), "W_c": rng.normal(size=(6, 5)) / 2, "w_a": rng.normal(size=6)}
before = broken_batch_scores(states, positions, **scorer)
states[1] = -states[1]
print("change of the scores, one row for each sentence:")
print((broken_batch_scores(states, positions, **scorer) - before).round(2))
try:
    broken_batch_scores(states, rng.normal(size=(3, 4, 5)), **scorer)
except ValueError as error:
    print("\nthree sentences of four positions:", error)


# %% solution="find_the_bug_scores"
def mended_batch_scores(S_prev, H, W_b, W_c, w_a):
    """Return the scores (B, T) for decoder states S_prev (B, d_s) and encoder states H (B, T, d_h).

    W_b (u, d_s), W_c (u, d_h), w_a (u,). Sentence n is scored by row n of S_prev.
    """
    # TODO: copy the body of broken_batch_scores and mend it.
    ### BEGIN SOLUTION
    return np.tanh((S_prev @ W_b.T)[:, np.newaxis] + H @ W_c.T) @ w_a  # (B, 1, u) + (B, T, u)
    ### END SOLUTION


# %% check="find_the_bug_scores"
check("find_the_bug_scores", mended_batch_scores)

# %% [markdown]
# ## Part B: Keras
#
# The same attention as a layer, and a classifier of reviews around it. The import takes a few seconds. Without TensorFlow
# this part is skipped and costs nothing in part A.


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
    tf, Layer = None, object  # a stand-in, so that the classes below can be defined
    print("TensorFlow is not installed here, so part B is skipped. Part A does not need it.")


def tensor(array):
    """Return an array as a tensor: booleans and whole numbers as they are, real numbers as float32."""
    return tf.constant(array, dtype=tf.float32 if np.asarray(array).dtype.kind == "f" else None)


def assign(variable, value, name):
    """Set a variable of a layer, or say that it has another shape."""
    if tuple(variable.shape) != value.shape:
        raise ValueError(f"{name} has shape {tuple(variable.shape)}; expected {value.shape}")
    variable.assign(value)


def set_dense(dense, weights, name):
    """Give a Dense layer its kernel (all rows of `weights` but the last) and its bias (the last row)."""
    if not dense.built:
        dense.build((None, len(weights) - 1))
    assign(dense.kernel, weights[:-1], f"the kernel of {name}")
    if not dense.use_bias:
        raise ValueError(f"{name} has no bias")
    assign(dense.bias, weights[-1], f"the bias of {name}")


# %% [markdown]
# ### Task 8: Bahdanau attention as a Keras layer
#
# `values` are the encoder states of $B$ sentences, `query` one vector for each sentence. Keras fills `values_mask` by
# itself when a mask travels with `values`. **Keras's masks say True = keep**, the opposite of part A.
#
# *A batch: mind the time axis*


# %% solution="bahdanau_layer"
class BahdanauAttention(Layer):
    """Additive attention of one query over a sequence of values."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        # TODO: make three layers.Dense without activation, with their usual biases, under these names:
        # self.values_dense and self.query_dense with `units` units, self.score_dense with one.
        ### BEGIN SOLUTION
        self.values_dense = layers.Dense(units)
        self.query_dense = layers.Dense(units)
        self.score_dense = layers.Dense(1)
        ### END SOLUTION

    def compute_mask(self, inputs, previous_mask):
        return None  # the context has no positions any more: the mask ends here

    def call(self, values, query, values_mask=None):
        """Return (context, weights) of shapes (B, d) and (B, T, 1).

        values (B, T, d), query (B, d_q), values_mask None or (B, T) of booleans, True = keep.
        """
        # TODO: scores (B, T, 1), where values_dense, query_dense and score_dense take the places of W_c, W_b and w_a;
        # softmax over the positions; context. Hidden positions get weight 0, also in a sentence where all are hidden.
        # Do not use Keras's own attention layers.
        ### BEGIN SOLUTION
        query = query[:, tf.newaxis]  # (B, 1, d_q)
        scores = self.score_dense(tf.tanh(self.values_dense(values) + self.query_dense(query)))  # (B, T, 1)
        if values_mask is None:
            weights = tf.nn.softmax(scores, axis=1)
        else:
            keep = values_mask[:, :, tf.newaxis]  # (B, T, 1)
            weights = tf.where(keep, tf.nn.softmax(tf.where(keep, scores, -1e9), axis=1), 0.0)
        return tf.reduce_sum(weights * values, axis=1), weights
        ### END SOLUTION


# %% check="bahdanau_layer"
def answer(values, query, values_mask, W_values, W_query, W_score):  # each W: a kernel, and a bias as its last row
    keep = None if values_mask is None else tensor(values_mask == 1)  # True and False, as Keras has them
    layer = BahdanauAttention(units=W_values.shape[1])
    set_dense(layer.values_dense, W_values, "values_dense")
    set_dense(layer.query_dense, W_query, "query_dense")
    set_dense(layer.score_dense, W_score, "score_dense")
    return layer(tensor(values), tensor(query), values_mask=keep)


check("bahdanau_layer", answer)

# %% [markdown]
# ### Task 9: Find the bug: a mask that never arrives
#
# The layer below attends with dot products. Its author gave it a mask, tried it by hand, and saw that it works. In a model,
# where `Embedding(mask_zero=True)` marks the padding and Keras passes the mask on, padding gets weight all the same. No error,
# no warning. Word 0 is padding.
#
# *How a mask travels through Keras*


# %% locked="broken_mask"
class BrokenAttention(Layer):
    """Dot-product attention of a query (B, d) over values (B, T, d); returns context (B, d) and weights (B, T)."""

    def compute_mask(self, inputs, previous_mask):
        return None  # the context has no positions any more: the mask ends here

    def call(self, values, query, mask=None):
        scores = tf.reduce_sum(values * query[:, tf.newaxis], axis=-1)  # (B, T)
        if mask is not None:
            scores = tf.where(mask, scores, -1e9)
        weights = tf.nn.softmax(scores, axis=1)
        return tf.reduce_sum(weights[:, :, tf.newaxis] * values, axis=1), weights


if tf is not None:
    keras.utils.set_random_seed(1)
    ids = np.array([[0, 0, 3, 1, 5], [0, 0, 0, 2, 4]])
    embedded, asks = layers.Embedding(7, 6, mask_zero=True)(ids), tf.random.normal((2, 6))
    print("mask given by hand:\n", BrokenAttention()(embedded, asks, mask=tf.constant(ids != 0))[1].numpy().round(3))
    print("mask left to Keras:\n", BrokenAttention()(embedded, asks)[1].numpy().round(3))


# %% solution="find_the_bug_mask"
def mended_attention():
    """Return a layer that does what BrokenAttention() should do when it is called as layer(values, query)."""

    # TODO: copy the class BrokenAttention into this function under a name of your own. Mend the way in which the mask
    # arrives, change nothing else, and return an object of the class.
    ### BEGIN SOLUTION
    class MendedAttention(BrokenAttention):
        def call(self, values, query, values_mask=None):
            return super().call(values, query, values_mask)

    return MendedAttention()
    ### END SOLUTION


# %% check="find_the_bug_mask"
def answer(ids, vectors, query):  # vectors: one row for each word
    embedding = layers.Embedding(*vectors.shape, mask_zero=True)
    embedding.build()
    embedding.embeddings.assign(vectors)
    return mended_attention()(embedding(tensor(ids)), tensor(query))


check("find_the_bug_mask", answer)

# %% [markdown]
# ### Task 10: The review classifier
#
# Reviews come as numbers, one for each word, with 0 as padding. From the word ids up:
#
# 1. `layers.Embedding` of width `embedding_dim`, with 0 masked
# 2. `layers.Bidirectional` around a `layers.LSTM` of `lstm_units`, dropout 0.5, outputs at all positions
# 3. the same once more; this one returns its last states too
# 4. your `BahdanauAttention`: the values are the outputs of layer 3; the query is its last hidden states, forward then
#    backward, concatenated
# 5. from the context alone: `layers.Dense` with 20 units and ReLU, `layers.Dropout` 0.5, `layers.Dense` with one unit and
#    sigmoid
#
# In the functional API a tensor goes through the layers, `x = layer(x)`, from `keras.Input` to `keras.Model`; the page shows
# the pieces. The check finds the layers by their kind, puts in weights of its own, and compares the probabilities, the
# attention weights and the dropout rates.
#
# *A review classifier*


# %% solution="classifier"
def build_classifier(vocab_size, max_len, embedding_dim=128, lstm_units=64, attention_units=64):
    """Return a keras.Model from word ids (B, max_len) to the probability (B, 1) of a good review."""
    # TODO: the layers of the list, in its order. Leave dropout to Keras: it is on in training and off when predicting.
    # The model has one output, the probability. Do not use Keras's own attention layers.
    ### BEGIN SOLUTION
    word_ids = keras.Input((max_len,), dtype="int32")
    x = layers.Embedding(vocab_size, embedding_dim, mask_zero=True)(word_ids)
    x = layers.Bidirectional(layers.LSTM(lstm_units, dropout=0.5, return_sequences=True))(x)
    second = layers.LSTM(lstm_units, dropout=0.5, return_sequences=True, return_state=True)
    outputs, forward_h, _, backward_h, _ = layers.Bidirectional(second)(x)
    query = layers.Concatenate()([forward_h, backward_h])
    context, _ = BahdanauAttention(attention_units)(outputs, query)
    hidden = layers.Dropout(0.5)(layers.Dense(20, activation="relu")(context))
    return keras.Model(word_ids, layers.Dense(1, activation="sigmoid")(hidden))
    ### END SOLUTION


# %% locked="model_tools" folded=true
def layers_of(model, kind, count):
    """Return the layers of one kind in a model, or say that there are too few or too many."""
    found = [layer for layer in model.layers if isinstance(layer, kind)]
    if len(found) != count:
        raise ValueError(f"the model holds {len(found)} {kind.__name__} layers; expected {count}")
    return found


def built(build, *sizes):
    """Return build(*sizes); when it stops, keep the first line that says something of all that Keras says."""
    try:
        return build(*sizes)
    except NotImplementedError as error:
        if "KerasTensor" in str(error):  # Keras's word for "cannot be unpacked", not an unfinished task
            raise TypeError(str(error)) from None
        raise
    except (TypeError, ValueError) as error:
        text = str(error).rpartition("Error encountered:")[2]
        lines = [line for line in text.split("\n") if line and "Exception encountered" not in line]
        raise type(error)(lines[0] if lines else text) from None


def set_bilstm(bilstm, weights, name):
    """Give a bidirectional LSTM its weights (2, d + u + 1, 4 u): kernel, recurrent kernel, bias; forward, backward."""
    u = weights.shape[-1] // 4
    parts = [part for w in weights for part in (w[: -u - 1], w[-u - 1 : -1], w[-1])]
    for variable, part in zip(bilstm.weights, parts, strict=True):
        assign(variable, part, name)


def dropout_rates(model, between):
    """Return the rates of all Dropout layers between two layers, added up, and of all others, added up."""
    start, end = (model.layers.index(layer) for layer in between)
    rates = [layer.rate if isinstance(layer, layers.Dropout) else 0.0 for layer in model.layers]
    return sum(rates[start:end]), sum(rates[:start] + rates[end:])


def with_attention(model):
    """Return the same model, same weights, with the attention weights as a second output."""
    (attention,) = layers_of(model, BahdanauAttention, 1)
    return keras.Model(model.inputs, [model.outputs[0], attention.output[1]])


def classify(build, models, ids, embedding, bilstm_1, bilstm_2, W_values, W_query, W_score, W_hidden, W_out):
    """Return what the model of these sizes gives with these weights: probabilities, attention weights, dropout rates.

    models: those that were built before, by their sizes.
    """
    sizes = (len(embedding), ids.shape[1], embedding.shape[1], bilstm_2.shape[-1] // 4, W_values.shape[1])
    if sizes not in models:
        models[sizes] = built(build, *sizes)
    model = models[sizes]
    if isinstance(model, keras.Model) and len(model.outputs) != 1:
        raise ValueError(f"the model has {len(model.outputs)} outputs; expected 1")
    assign(layers_of(model, layers.Embedding, 1)[0].embeddings, embedding, "the embedding")
    first, second = layers_of(model, layers.Bidirectional, 2)
    if not second.return_sequences:
        raise ValueError("the second LSTM layer returns no sequences")
    set_bilstm(first, bilstm_1, "the first LSTM layer")
    set_bilstm(second, bilstm_2, "the second LSTM layer")
    (attention,) = layers_of(model, BahdanauAttention, 1)
    set_dense(attention.values_dense, W_values, "values_dense")
    set_dense(attention.query_dense, W_query, "query_dense")
    set_dense(attention.score_dense, W_score, "score_dense")
    hidden, out = layers_of(model, layers.Dense, 2)
    set_dense(hidden, W_hidden, "the first Dense layer")
    set_dense(out, W_out, "the last Dense layer")
    probabilities, weights = with_attention(model)(tensor(ids))
    rates = dropout_rates(model, between=(hidden, out))
    return probabilities, weights, np.array([first.forward_layer.dropout, second.forward_layer.dropout, *rates])


# %% check="classifier"
models = {}  # building a model takes a moment: one for all cases of the same sizes


def answer(**case):
    return classify(build_classifier, models, **case)


check("classifier", answer)

# %% [markdown]
# ### It learns
#
# A toy world of reviews: "the plot was long and the music was great". Some words praise, some blame, the others say
# nothing. The next cells train your classifier on 1,000 of them, which takes some ten seconds (and is left out when the
# notebook is graded).


# %% locked="toy_reviews" folded=true
SUBJECTS, NEUTRAL = ["film", "plot", "music", "cast"], ["long", "new", "loud"]
PRAISE, BLAME = ["good", "great", "fine"], ["bad", "dull", "poor"]
VOCABULARY = ["(padding)", "the", "was", "and", *SUBJECTS, *NEUTRAL, *PRAISE, *BLAME]


def toy_reviews(number, max_len, seed):
    """Return word ids (number, max_len), padded in front, and labels (number,), 1 = praise."""
    rng = np.random.default_rng(seed)
    ids, labels = np.zeros((number, max_len), int), rng.integers(0, 2, size=number)
    for row, label in zip(ids, labels, strict=True):
        clauses = [["the", rng.choice(SUBJECTS), "was", rng.choice(PRAISE if label else BLAME)]]
        if rng.random() < 0.7:
            clauses.insert(rng.integers(0, 2), ["the", rng.choice(SUBJECTS), "was", rng.choice(NEUTRAL)])
        words = [word for n, clause in enumerate(clauses) for word in (["and"] if n else []) + clause]
        row[-len(words) :] = [VOCABULARY.index(word) for word in words]
    return ids, labels


def show_attention(ids, probabilities, weights):
    """Draw the attention weights over the words of each review (B, T), padding included."""
    import matplotlib.pyplot as plt

    plt.rcParams.update(PICTURES)
    figure, axes = plt.subplots(len(ids), 1, figsize=(7.5, 1.5 * len(ids)), layout="tight", squeeze=False)
    for ax, review, probability, over_words in zip(axes[:, 0], ids, probabilities, weights, strict=True):
        ax.bar(range(len(review)), np.ravel(over_words), color="#0072b2")
        ax.set_xticks(range(len(review)), [VOCABULARY[i] if i else "·" for i in review])
        ax.set(ylim=(0, 0.5), ylabel="weight", title=f"probability of praise {float(np.ravel(probability)[0]):.2f}")


# %%
train = tf is not None and not os.environ.get("NBGRADER_EXECUTION")
if train:
    keras.utils.set_random_seed(0)
    model = build_classifier(len(VOCABULARY), max_len=11, embedding_dim=16, lstm_units=16, attention_units=16)
    model.compile(keras.optimizers.Adam(0.03), "binary_crossentropy", metrics=["accuracy"])
    model.fit(*toy_reviews(1000, max_len=11, seed=1), batch_size=50, epochs=3, verbose=2)

# %% [markdown]
# And what does it look at? A dot stands for padding: it gets nothing.

# %%
if train:
    new_ids, new_labels = toy_reviews(4, max_len=11, seed=10)
    show_attention(new_ids, *(result.numpy() for result in with_attention(model)(tensor(new_ids), training=False)))

# %% [markdown]
# The probabilities are right, but the highest bar need not stand over the word that decides, and in some reviews all bars are
# nearly the same. Each state of a bidirectional LSTM has read the words before it *and* the words after it, so in a short
# review every position may know the verdict. A weight says which *state* was used, not which word was important.
#
# ### Task 11: In your own words: padding that counts
#
# A model like yours is trained on real reviews, padded to 500. By an oversight the mask reaches both LSTM layers but not the
# attention. Answer in the next cell, in three to six sentences. Why is there no error? Take a review of 240 words, and suppose
# that all scores are equal: which share of the weight lies on padding, and what does that do to the context? (At padding the
# outputs of a bidirectional LSTM are zeros.) What happens to the prediction for the same review when somebody raises the length
# to 2,000? Describe a test that finds the oversight.
#
# *Padding must receive no weight*

# %% [markdown] written="padding_that_counts" points=2
# ### BEGIN SOLUTION
# All shapes are right and the weights still sum to one, so nothing can complain; the model even learns around it. With equal
# scores, 260 of 500 positions are padding, so 52% of the weight lies there, on zeros: the context shrinks to 48% of what the
# words alone would give. At length 2,000 it is 88%, the context shrinks to 12%, and with it the probability changes although no
# word has. The test: predict the same review with more and with less padding and compare; or look at the weights of padding, which
# must be 0.
#
# **Rubric**
#
# - 2: Why nothing complains; 52% on padding, and a context of 48%; another prediction at 2,000; a test that would
#   find it.
# - 1: Two or three of these four are right.
# - 0: At most one is right.
#
# **Comments**
#
# - Nothing complains, because all shapes are right and the weights still sum to one.
# - 260 of 500 positions are padding, so 52% of the weight lies there, on zeros, and the context shrinks to 48%.
# - At length 2,000 the share is 88%: the prediction changes although no word has.
# - A test is missing: predict the same review with more and with less padding, or look at the weights of padding.
# ### END SOLUTION

# %% [markdown]
# ## How far you are
#
# The written answers of tasks 6 and 11 are not in this list: a person grades them.

# %%
progress()
