# %% setup="06_masks"
import os

from autograder.learner import use

os.environ.setdefault("MPLBACKEND", "Agg")  # run as a script: draw without opening windows
check, hint, progress = use(__file__)

# %% [markdown]
# # Masks
#
# You write the masks of a Transformer, apply them, and test them as one tests a lock: by trying the door. Each function
# is a few lines of NumPy. Read the chapter's page first; the name in italics after each task is the section that explains
# it.
#
# | task | difficulty | minutes | points |
# |---|---|---|---|
# | 1 Padding mask | easy | 5 | 2 |
# | 2 Look-ahead mask | medium | 10 | 3 |
# | 3 Hide scores | easy | 5 | 3 |
# | 4 In your own words: nothing left to see | medium | 5 | 2 |
# | 5 Masks for a whole Transformer | easy | 5 | 3 |
# | 6 What moves what? | medium | 15 | 4 |
# | 7 A mask for Keras | easy | 5 | 2 |
# | 8 Find the bug: full marks in training | medium | 5 | 3 |
# | 9 Find the bug: a first row of NaN | easy | 5 | 3 |
# | 10 In your own words: which test would have seen it? | medium | 10 | 3 |
#
# After each task there is a check. Run it: a green box means right, an amber one partly right, a red one wrong. It says
# what is wrong, and usually which mistake was made. The hints before a task open step by step; `hint("padding_mask")`,
# with the name that stands in the check, shows the next one too. Tasks 4 and 10 are answered in words and graded by a
# person. The checks and the cells that set things up are locked, and those that need not be read are folded; every
# other cell is yours to play with.
#
# **Conventions.** A sentence is a row of ids, a batch is an array $(B, T)$, and the id 0 is padding. A mask holds 0 and
# 1 (integers, floats or booleans, as you like): **1 = hide**. Scores have the shape $(B, H, T_q, T_k)$: batch, heads,
# queries, keys.

# %% locked="libraries" folded=true
import numpy as np

# Pictures have no ground of their own, and their letters a grey that can be read on a light and on a dark one. It
# is two greys, for a notebook puts a ground behind a picture whose numbers are all on the dark, or all on the
# light side of grey.
PICTURES = dict.fromkeys(["figure.facecolor", "axes.facecolor"], "none")
PICTURES |= dict.fromkeys(["text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color"], "#7f7f7f")
PICTURES |= {"ytick.color": "#808080"}


def or_empty(seq):
    """Return the ids; in the checks None stands for two sequences of length 0."""
    return np.zeros((2, 0), dtype=int) if seq is None else seq


def with_shape(mask):
    """Return a mask and its shape; the shape counts by itself, because a mask has to fit the scores."""
    return None if mask is None else (mask, np.shape(mask))


# %% [markdown]
# ## Part A: making masks
#
# ### Task 1: Padding mask
#
# Padding fills short sentences up. It may stand anywhere: at the end, in front, in the middle. Nobody should look at it.
#
# *Hide the padding*


# %% solution="padding_mask"
def create_padding_mask(seq):
    """Return the padding mask (B, 1, 1, T) of a batch of ids (B, T): 1 where the id is 0, else 0.

    The axes of length 1 stand where scores have heads and queries. A sentence may be all padding, or have length 0.
    """
    # TODO: compare, then give the result its two axes of length 1.
    ### BEGIN SOLUTION
    mask = (seq == 0).astype(int)  # (B, T)
    return mask[:, np.newaxis, np.newaxis, :]
    ### END SOLUTION


# %% check="padding_mask"
def answer(seq):
    return with_shape(create_padding_mask(or_empty(seq)))


check("padding_mask", answer)

# %% [markdown]
# ### Task 2: Look-ahead mask
#
# A decoder predicts the next word, so position $i$ may see the words 0 to $i$ and no later ones. It may not see padding
# either. One mask does both: a key is hidden when it is in the future **or** when it is padding. (The triangle for the
# future is in the section before the one named here.)
#
# *Both at once*


# %% solution="look_ahead_mask"
def create_look_ahead_mask(seq):
    """Return the mask (B, 1, T, T) of a batch of ids (B, T): 1 where a key is in the future or padding, else 0.

    Row i belongs to query i, column j to key j. Rows of padding are treated like all others. The length may be 1.
    """
    # TODO: the future for T positions, (T, T); the padding, (B, 1, 1, T), from create_padding_mask;
    # then one or the other.
    ### BEGIN SOLUTION
    T = seq.shape[1]
    future = np.triu(np.ones((T, T), dtype=int), k=1)  # (T, T)
    return np.maximum(future, create_padding_mask(seq))  # (B, 1, T, T)
    ### END SOLUTION


# %% check="look_ahead_mask"
def answer(seq):
    return with_shape(create_look_ahead_mask(seq))


check("look_ahead_mask", answer)


# %% locked="picture" folded=true
def show_maps(titled, names, rows="query", columns="key"):
    """Draw matrices (T, T) of numbers from 0 to 1 side by side; a full cell is dark.

    titled: {title: matrix}; names: the names of the positions, for each picture.
    """
    import matplotlib.pyplot as plt

    plt.rcParams.update(PICTURES)
    size = (3.4 * len(titled), 3.4)
    figure, axes = plt.subplots(1, len(titled), figsize=size, layout="tight", squeeze=False)
    for ax, (title, matrix), ticks in zip(axes[0], titled.items(), names, strict=True):
        ax.imshow(np.asarray(matrix, dtype=float), cmap="Blues", vmin=0, vmax=1)
        ax.set_xticks(range(len(ticks)), ticks, rotation=45)
        ax.set_yticks(range(len(ticks)), ticks)
        ax.set(title=title, xlabel=columns, ylabel=rows)


# %% [markdown]
# Your two masks for a batch of two sentences. Dark means hidden. In which cells do both reasons hold?

# %%
WORDS = ["<pad>", "<start>", "the", "cat", "sat", "down"]
batch = np.array([[1, 2, 3, 4, 5], [1, 2, 3, 0, 0]])
names = [[WORDS[i] for i in row] for row in batch]
padding = np.broadcast_to(create_padding_mask(batch), (2, 1, 5, 5))
look_ahead = create_look_ahead_mask(batch)
show_maps({f"padding, sentence {b}": padding[b, 0] for b in range(2)}, names)
show_maps({f"look-ahead, sentence {b}": look_ahead[b, 0] for b in range(2)}, names)

# %% [markdown]
# Both reasons hold in the second sentence only, above the diagonal in the columns of `<pad>`. A mask that asked for both
# reasons would hide nothing else.
#
# ### Task 3: Hide scores
#
# A mask says which keys to hide; this function does it, before the softmax.
#
# A row can be hidden altogether: every key of it. Its weights then mean nothing and nobody should use them, but they must
# be **finite**. One NaN would spread to the loss and, with it, to every parameter. The softmax below, that of chapter 2,
# answers a row of nothing but $-\infty$ with zeros, so both usual ways pass: $-10^9$ and $-\infty$.
#
# *Before the softmax*


# %% locked="softmax"
def softmax(scores):
    """Return the softmax along the last axis; a row of nothing but -inf gets zeros."""
    largest = np.max(scores, axis=-1, keepdims=True)
    exps = np.exp(scores - np.where(largest == -np.inf, 0, largest))
    total = exps.sum(axis=-1, keepdims=True)
    return exps / np.where(total == 0, 1, total)


# %% solution="apply_mask"
def apply_mask(scores, mask):
    """Return scores (B, H, T_q, T_k) that leave hidden keys no weight once the softmax is taken.

    mask: 0s and 1s (integers, floats or booleans) that broadcast to the scores; 1 = hide. The weights of visible keys
    are those that the softmax gives them among themselves.
    """
    # TODO: return new scores, and leave both arguments as they are. Do not take the softmax here.
    # Scores lie between -2000 and 2000.
    ### BEGIN SOLUTION
    return np.where(mask == 1, -1e9, scores)
    ### END SOLUTION


# %% check="apply_mask"
def answer(scores, mask, kind):  # the weights count; a row that is hidden altogether may have any that are finite
    mask = mask.astype(kind)  # integers, booleans or floats
    before = scores.copy(), mask.copy()
    weights = softmax(apply_mask(scores, mask))
    unchanged = np.array_equal(scores, before[0]) and np.array_equal(mask, before[1])
    hidden = np.broadcast_to(before[1] == 1, np.shape(weights)).all(axis=-1, keepdims=True)
    return np.where(hidden & np.isfinite(weights), 0, weights), [unchanged]


check("apply_mask", answer)

# %% [markdown]
# ### Task 4: In your own words: nothing left to see
#
# A batch holds one sentence that is all padding. With a plain softmax (largest score subtracted, exponentials, divided
# by their sum), what are the weights of its rows when hidden scores (a) become $-\infty$, (b) are *replaced* by
# $-10^9$, (c) are *lowered* by $10^9$? For (c) say why float64 and float32 differ, and, in float32, the two rows below.
# Which of (a) to (c) would you notice first, and what harm does each do? Answer in the cell after the next, in four to
# six sentences; run the next one first.
#
# *When nothing is left to see*

# %%
for row in ([1.0, 2.0, 3.0], [100.0, 200.0, 300.0]):
    for kind in (np.float64, np.float32):
        lowered = np.array(row, dtype=kind) - kind(1e9)
        print(row, "lowered, in", kind.__name__, lowered.tolist(), "weights", softmax(lowered).round(2))

# %% [markdown] written="nothing_left_to_see" points=2
# ### BEGIN SOLUTION
# (a) The largest score is $-\infty$, and $-\infty - (-\infty)$ is NaN: the whole row is NaN. This is noticed first,
# because the loss is NaN from the first batch that holds such a sentence; it destroys every parameter in one step. (b)
# All scores are equal, so the weights are equal: the row attends evenly to padding. (c) In float64 lowering all scores
# by the same number changes nothing for the softmax: the row has the weights that it would have had without any mask.
# In float32 neighbouring numbers near $10^9$ are 64 apart: 1, 2 and 3 become the same number and the weights are equal,
# as in (b), while 100, 200 and 300 are rounded to different ones, so the last key still gets all the weight. (b) and
# (c) raise no error; they do no harm as long as nobody uses these rows, so the loss has to leave them out.
#
# **Rubric**
#
# - 2: (a), (b) and (c), this in both precisions and for both rows; NaN is noticed first; what harm each does.
# - 1: Two of (a) to (c) are right, or all three without what they do.
# - 0: At most one is right.
#
# **Comments**
#
# - (a) $-\infty - (-\infty)$ is NaN, and with it the whole row: the loss shows it with the first such batch.
# - (b) Equal scores give equal weights: the row attends evenly to padding, and no error is raised.
# - (c) In float64, lowering all scores by the same number changes nothing: the weights are those without a mask.
# - (c) In float32 neighbours near $10^9$ are 64 apart: 1, 2 and 3 become one number; 100, 200 and 300 do not.
# - (b) and (c) do no harm as long as the loss leaves these rows out.
# ### END SOLUTION

# %% [markdown]
# ## Part B: using masks
#
# ### Task 5: Masks for a whole Transformer
#
# A Transformer has three kinds of attention. The encoder reads the source. The decoder reads the target that has been
# written so far. In cross-attention the target asks and the source answers.
#
# *Where each mask goes*


# %% solution="decoder_masks"
def decoder_masks(source, target):
    """Return three masks, 1 = hide, in this order: encoder, decoder's self-attention, cross-attention.

    source: ids (B, T_s), target: ids (B, T_t), 0 is padding.
    Shapes: (B, 1, 1, T_s), (B, 1, T_t, T_t) and (B, 1, 1, T_s).
    """
    # TODO: call your two functions with the right sentences.
    ### BEGIN SOLUTION
    encoder = create_padding_mask(source)
    decoder_self = create_look_ahead_mask(target)
    cross = create_padding_mask(source)
    return encoder, decoder_self, cross
    ### END SOLUTION


# %% check="decoder_masks"
def answer(source, target):  # each shape is one row of four numbers
    result = decoder_masks(source, target)
    encoder, decoder_self, cross = result if isinstance(result, (tuple, list)) else [result]
    shapes = [(np.shape(mask) + (0,) * 4)[:4] for mask in (encoder, decoder_self, cross)]
    return encoder, decoder_self, cross, shapes


check("decoder_masks", answer)

# %% [markdown]
# ### Task 6: What moves what?
#
# Whether a mask works can be seen without looking at it. Change one input and watch the outputs: an output that may not see
# the input must not move. You write the experiment, for any attention.
#
# *Two experiments*


# %% solution="what_moves"
def what_moves(attend, X):
    """Return (T, T) of 0 and 1 (or False and True): row t, column s is 1 where output t moves when input X[s] changes.

    attend: a function that takes a sequence (T, d) and returns its outputs (T, d);
    X: a sequence (T, d), not to be changed.
    """
    # TODO: change one position at a time by adding 1 to all of its d numbers, and compare all outputs with those of X.
    # An output counts as unmoved when all of its d numbers are close to what they were (np.isclose, as it is).
    ### BEGIN SOLUTION
    before = attend(X)  # (T, d)
    moved = np.zeros((len(X), len(X)), dtype=int)
    for s in range(len(X)):
        changed = X.copy()
        changed[s] += 1
        moved[:, s] = ~np.isclose(attend(changed), before).all(axis=-1)
    return moved
    ### END SOLUTION


# %% check="what_moves"
def answer(X, mask, size, noise):  # whether X is still what it was counts by itself
    def attend(x):  # every feature is a head of its own, with one mask for all, (T, T), or one for each, (d, T, T)
        heads = x.T[..., np.newaxis]  # (d, T, 1)
        weights = softmax(np.where(mask == 1, -np.inf, heads @ np.swapaxes(heads, -1, -2)))
        rounding = 1e-13 * noise * np.sin(x.sum())  # as a sum in another order has it
        return size * (weights @ heads)[..., 0].T + rounding

    before = X.copy()
    moved = what_moves(attend, X)
    return None if moved is None else (moved, [np.array_equal(X, before)])


check("what_moves", answer)


# %% [markdown]
# Now try your own door. The cell below runs *your* masks, through *your* `apply_mask`, in an attention with $H = 3$
# heads. The third mask is wrong on purpose: its diagonal is off by one, and it forgets the padding. Yours should look
# unlike it.


# %% locked="experiment"
def attention_of(ids, create_mask, seed=6):
    """Return attention with H = 3 random heads under the mask of ids (T,), X (T, 5) -> (T, 5), and an X to try."""
    rng = np.random.default_rng(seed)
    W_q, W_k, W_v = rng.normal(size=(3, 3, 5, 5)) / np.sqrt(5)  # (H, d, d) each

    def attend(X):
        scores = (X @ W_q) @ np.swapaxes(X @ W_k, -1, -2) / np.sqrt(5)  # (H, T, T)
        weights = softmax(apply_mask(scores[np.newaxis], create_mask(ids[np.newaxis])))[0]
        return (weights @ (X @ W_v)).mean(axis=0)

    return attend, rng.normal(size=(len(ids), 5))


# %%
def wrong_mask(ids):
    """Return a mask (T, T) with which every position sees the next one too, and all padding."""
    return np.triu(np.ones((ids.shape[1], ids.shape[1])), k=2)


sentence = np.array([1, 2, 0, 3, 4])  # padding in the middle, where both masks have something to show
tick_names = [WORDS[i] for i in sentence]
masks = {"padding mask": create_padding_mask, "look-ahead mask": create_look_ahead_mask, "a wrong mask": wrong_mask}
maps = {}
for title, create_mask in masks.items():
    attend, X = attention_of(sentence, create_mask)
    maps[title] = what_moves(attend, X)
show_maps(maps, [tick_names] * 3, rows="output that moves", columns="input that was changed")

# %% [markdown]
# Under the look-ahead mask nothing moves above the diagonal: **future-invariance**. Under both of your masks the column of
# `<pad>` is empty but for its own row: padding asks, and its answer is ignored, but nobody else hears it. Under the wrong
# mask each output moves with the word after it, which is the answer, and words hear `<pad>`.
#
# The second experiment appends padding. The outputs of the words must stay what they were, to the last digit that counts:
# **padding-invariance**.

# %%
for extra in (1, 3):
    longer = np.concatenate([sentence, np.zeros(extra, dtype=int)])
    attend, X = attention_of(sentence, create_padding_mask)
    attend_longer, _ = attention_of(longer, create_padding_mask)
    X_longer = np.concatenate([X, np.full((extra, 5), 7.0)])  # whatever stands there
    moved = np.abs(attend_longer(X_longer)[: len(X)] - attend(X)).max()
    print(f"{extra} more padding: largest change {moved:.1e}")

# %% [markdown]
# ### Task 7: A mask for Keras
#
# `keras.layers.MultiHeadAttention` takes `attention_mask`: booleans, **True = keep**, of shape $(B, T_q, T_k)$. It adds
# the axis of the heads itself.
#
# *Two polarities*


# %% solution="to_keras_mask"
def to_keras_mask(mask):
    """Return a mask of ours as Keras wants it: booleans (B, T_q, T_k), True = keep.

    mask: 0s and 1s (integers, floats or booleans), 1 = hide, of shape (B, 1, T_q, T_k); T_q is 1 in a padding mask.
    """
    # TODO: turn it over, as booleans, and take away the axis of the heads.
    ### BEGIN SOLUTION
    return mask[:, 0] == 0
    ### END SOLUTION


# %% check="to_keras_mask"
def answer(mask, kind):  # whether the result is boolean counts by itself too
    keep = to_keras_mask(mask.astype(kind, copy=False))  # integers, booleans or floats
    return None if keep is None else (*with_shape(keep), [np.asarray(keep).dtype == bool])


check("to_keras_mask", answer)

# %% [markdown]
# ## Part C: find the bugs
#
# The next cell is a whole, tiny language model. Its sentences count: after word 3 comes word 4, and so on, but in three
# cases out of ten comes some other word. So nobody can guess much more than seven out of ten. Position $t$ predicts
# word $t + 1$ from what its attention shows it; training finds out how much each position should look at each other
# one.


# %% locked="tiny_model" folded=true
def sentences(count, rng, T=7, words=8):
    """Return ids (count, T): each word is followed by the next one, or, in three cases of ten, by any."""
    ids = rng.integers(1, words + 1, size=(count, T))
    for t in range(1, T):
        follows = rng.random(count) < 0.7
        ids[:, t] = np.where(follows, ids[:, t - 1] % words + 1, ids[:, t])
    return ids


def train(weights_of, steps=120, words=8):
    """Train with `weights_of`, (1, 1, T, T) scores -> weights, and return two accuracies on new sentences.

    The first is measured as in training, with the whole sentence as input. The second is measured as in use: position t
    gets the words 0 to t and the scores among them, because the later ones have not been written yet.
    """
    rng = np.random.default_rng(0)
    ids, table = sentences(256, rng), np.eye(words + 1)
    X, Y = table[ids], table[ids[:, 1:]]  # one-hot words (N, T, V); what position t should predict
    T, V = X.shape[1:]
    A, W = np.zeros((T, T)), rng.normal(size=(V, V)) * 0.1  # scores of the positions; the output layer
    for _ in range(steps):  # gradient descent, derivatives by hand
        weights = weights_of(A[np.newaxis, np.newaxis])[0, 0]
        seen = weights @ X
        error = np.zeros_like(seen)
        error[:, :-1] = (softmax((seen @ W)[:, :-1]) - Y) / Y[..., 0].size
        by_weight = np.einsum("ntv,uv,nsu->ts", error, W, X, optimize=True)
        W -= 10 * np.einsum("ntu,ntv->uv", seen, error)
        A -= 10 * weights * (by_weight - (weights * by_weight).sum(axis=-1, keepdims=True))
    ids = sentences(2000, np.random.default_rng(1))
    X, scores = table[ids], A[np.newaxis, np.newaxis]
    guess = (weights_of(scores)[0, 0] @ X @ W).argmax(axis=-1)
    last_rows = [weights_of(scores[..., :n, :n])[0, 0, -1] for n in range(1, T)]
    in_use = [(row @ X[:, : len(row)] @ W).argmax(axis=-1) for row in last_rows]
    return (guess[:, :-1] == ids[:, 1:]).mean(), (np.transpose(in_use) == ids[:, 1:]).mean()


# %% [markdown]
# ### Task 8: Find the bug: full marks in training
#
# "My model is perfect," says the author of the function below, "every next word is right. But when I let it write, it
# writes nonsense." Run the cell and see.
#
# *One hundred per cent is a warning*


# %% locked="broken_leak"
def broken_weights(scores):
    """Return attention weights (B, H, T, T): no query sees the future."""
    T = scores.shape[-1]
    mask = np.tril(np.ones((T, T)))  # 1 = hide
    hidden = scores + mask * -1e9
    exps = np.exp(hidden - hidden.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-1, keepdims=True)


print("accuracy as in training: {:.2f}, in use: {:.2f}".format(*train(broken_weights)))


# %% solution="find_the_leak"
def mended_weights(scores):
    """Return attention weights (B, H, T, T) for scores (B, H, T, T): no query sees the future."""
    # TODO: copy the body of broken_weights and mend it.
    ### BEGIN SOLUTION
    T = scores.shape[-1]
    mask = 1 - np.tril(np.ones((T, T)))  # 1 = hide
    hidden = scores + mask * -1e9
    exps = np.exp(hidden - hidden.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-1, keepdims=True)
    ### END SOLUTION


# %% check="find_the_leak"
check("find_the_leak", mended_weights)

# %%
print("accuracy as in training: {:.2f}, in use: {:.2f}".format(*train(mended_weights)))

# %% [markdown]
# Seven out of ten and the same twice: that is an honest model. The broken one did worse than guessing, one in eight: it had
# learned to name a word that it sees, and in use it sees only words that are already there. The next is seldom one of them.
#
# ### Task 9: Find the bug: a first row of NaN
#
# This one hides the future and the padding. All its sentences begin with a word. Its author reports NaN in the first
# row of every sentence, and, once it is trained, in everything. "With `-1e9` in place of `-np.inf` the NaN is gone," a
# colleague says. It is, but the bug is not.
#
# *When nothing is left to see*


# %% locked="broken_nan"
def broken_decoder_weights(scores, seq):
    """Return attention weights (B, H, T, T): no query sees the future or the padding of seq (B, T)."""
    position = np.arange(seq.shape[1])
    future = position[np.newaxis, :] >= position[:, np.newaxis]  # (T, T): a row for each query
    mask = future | (seq == 0)[:, np.newaxis, np.newaxis, :]  # (B, 1, T, T)
    hidden = np.where(mask, -np.inf, scores)
    with np.errstate(invalid="ignore"):  # no warning for the NaN that we are after
        exps = np.exp(hidden - hidden.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-1, keepdims=True)


print(broken_decoder_weights(np.zeros((1, 1, 4, 4)), np.array([[5, 3, 8, 0]])).round(2))


# %% solution="find_the_nan"
def mended_decoder_weights(scores, seq):
    """Return attention weights (B, H, T, T) for scores (B, H, T, T).

    No query sees the future or the padding of seq (B, T).
    Every sentence begins with a word, so every query has something to see.
    """
    # TODO: copy the body of broken_decoder_weights and mend it.
    ### BEGIN SOLUTION
    position = np.arange(seq.shape[1])
    future = position[np.newaxis, :] > position[:, np.newaxis]  # (T, T): a row for each query
    mask = future | (seq == 0)[:, np.newaxis, np.newaxis, :]  # (B, 1, T, T)
    hidden = np.where(mask, -np.inf, scores)
    exps = np.exp(hidden - hidden.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-1, keepdims=True)
    ### END SOLUTION


# %% check="find_the_nan"
check("find_the_nan", mended_decoder_weights)

# %%
print(mended_decoder_weights(np.zeros((1, 1, 4, 4)), np.array([[5, 3, 8, 0]])).round(2))

# %% [markdown]
# ### Task 10: In your own words: which test would have seen it?
#
# An encoder hides padding on the *query* axis: its mask is $(B, 1, T, 1)$ where it should be $(B, 1, 1, T)$. Hidden
# scores are replaced by $-10^9$. Answer in the next cell, in five to eight sentences. What do you notice while all
# sentences of a batch are equally long? Then a short sentence comes into a batch with long ones, with its padding at
# the end: which of its words' outputs are wrong? Which of the two experiments, change the future or append padding,
# shows it in the encoder? Why do the shape of the weights and the sums of their rows show nothing? Would a decoder with
# the same mistake, and the triangle, show it?
#
# *Two experiments*

# %% [markdown] written="which_test" points=3
# ### BEGIN SOLUTION
# With equal lengths there is no padding: both masks are all 0, and nothing is wrong. In the mixed batch the words of the short
# sentence look at its padding, so all their outputs are wrong; the rows of padding are hidden altogether, their weights are
# even, and nobody uses them. Appending padding shows it: the outputs of the words move with every padding more. (Changing a
# later word says nothing about an encoder, which may look ahead.) Both masks broadcast to the shape of the scores, and the
# softmax makes every row sum to 1, whatever is hidden. A decoder would not show it: its triangle hides what stands at the end
# from all words before it, so there the mistake stays unseen until padding comes in front.
#
# **Rubric**
#
# - 3: All five questions are answered rightly, with reasons.
# - 2: Three or four of the five are.
# - 1: One or two of the five are.
# - 0: None is.
#
# **Comments**
#
# - With equal lengths there is no padding, so nothing is hidden and nothing is wrong.
# - All outputs of the words of the short sentence are wrong, because each of them looks at its padding.
# - Appending padding shows it. Changing a later word does not: an encoder may look ahead.
# - Both masks broadcast to the shape of the scores, and softmax makes every row sum to 1, whatever is hidden.
# - In a decoder the triangle hides what stands at the end from the words before it, so nothing shows.
# ### END SOLUTION

# %% [markdown]
# ## How far you are
#
# The written answers of tasks 4 and 10 are not in this list: a person grades them.

# %%
progress()
