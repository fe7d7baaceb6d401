# %% setup="09_decoder_only"
import os

from autograder.learner import use

os.environ.setdefault("MPLBACKEND", "Agg")  # run as a script: draw without opening windows
check, hint, progress = use(__file__)

# %% [markdown]
# # Decoder-only models
#
# You write the pieces that turn the decoder of 2017 into a GPT of today: a norm, a gate, positions by turning, the loss over
# whole texts, two ways to choose the next token, and attention that remembers. At the end your functions make a whole model.
# Read the chapter's page first; the name in italics after each task is the section that explains it.
#
# | task | difficulty | minutes | points |
# |---|---|---|---|
# | 1 RMSNorm | easy | 5 | 2 |
# | 2 SwiGLU | easy | 5 | 2 |
# | 3 Rotary positions | medium | 10 | 3 |
# | 4 Causal self-attention with rotary positions | medium | 10 | 4 |
# | 5 In your own words: why not the values? | medium | 5 | 2 |
# | 6 Next-token loss | medium | 10 | 3 |
# | 7 Temperature and top-k | easy | 5 | 2 |
# | 8 Top-p | medium | 10 | 3 |
# | 9 Attention with a cache | hard | 15 | 4 |
# | 10 Find the bug: the same words nine places on | easy | 5 | 2 |
# | 11 In your own words: what belongs into the cache? | medium | 10 | 3 |
#
# After each task there is a check. Run it: a green box means right, an amber one partly right, a red one wrong. It says
# what is wrong, and usually which mistake was made. The hints before a task open step by step; `hint("rms_norm")`, with
# the name that stands in the check, shows the next one too. Tasks 5 and 11 are answered in words and graded by a
# person. The checks and the cells that set things up are locked, and those that need not be read are folded; every
# other cell is yours to play with.
#
# **Conventions.** Texts are arrays $(B, T, d_{\text{model}})$: batch, positions, numbers. Heads are $(B, H, T, d_k)$. A
# projection is `X @ W`, without a bias. In a mask **1 = hide**. Positions count from 0.

# %% locked="libraries"
import numpy as np

# Pictures have no ground of their own, and their letters a grey that can be read on a light and on a dark one. It
# is two greys, for a notebook puts a ground behind a picture whose numbers are all on the dark, or all on the
# light side of grey.
PICTURES = dict.fromkeys(["figure.facecolor", "axes.facecolor"], "none")
PICTURES |= dict.fromkeys(["text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color"], "#7f7f7f")
PICTURES |= {"ytick.color": "#808080"}

# %% [markdown]
# ## Part A: the pieces
#
# ### Task 1: RMSNorm
#
# Layer norm of chapter 7 subtracts the mean and divides by the standard deviation. RMSNorm does less: it divides each
# position by the root of the mean of its squares, and multiplies by a gain.
#
# *A norm without a mean*


# %% solution="rms_norm"
def rms_norm(x, gain, epsilon=1e-6):
    """Return x over the root of its mean square, times the gain.

    x: (..., d_model), gain: (d_model,);
    the mean goes over the last axis, and epsilon joins it before the root is taken.
    """
    # TODO: square, mean, root; then divide and multiply.
    ### BEGIN SOLUTION
    mean_square = np.mean(x**2, axis=-1, keepdims=True)  # (..., 1)
    return x / np.sqrt(mean_square + epsilon) * gain
    ### END SOLUTION


# %% check="rms_norm"
check("rms_norm", rms_norm)

# %% [markdown]
# ### Task 2: SwiGLU
#
# The feed-forward network gets a third matrix. One product says what there is, the other, through a SiLU, how much of it
# passes. The SiLU of a number $z$ is $z / (1 + e^{-z})$.
#
# *A gate in the feed-forward network*


# %% solution="swiglu"
def swiglu(x, W_gate, W_up, W_down):
    """Return (silu(x @ W_gate) * (x @ W_up)) @ W_down.

    x: (B, T, d_model), W_gate and W_up: (d_model, d_ff), W_down: (d_ff, d_model) -> (B, T, d_model)
    """
    # TODO: two products of x, the SiLU of one of them, number by number times the other, and back to d_model.
    ### BEGIN SOLUTION
    gate = x @ W_gate  # (B, T, d_ff)
    silu = gate / (1 + np.exp(-gate))
    return (silu * (x @ W_up)) @ W_down
    ### END SOLUTION


# %% check="swiglu"
check("swiglu", swiglu)

# %% [markdown]
# ### Task 3: Rotary positions
#
# Nothing is added to the words any more. Instead each pair of neighbours in a query or a key, numbers $2i$ and $2i + 1$, is
# turned like the hand of a clock, by the angle $pos \cdot \text{base}^{-2i / d_k}$.
#
# The convention of this task is that of the RoFormer paper: pairs are **neighbours**, $(0, 1)$, $(2, 3)$ and so on.
#
# *Turn instead of add*


# %% solution="rotate"
def rotate(x, positions, base=10000.0):
    """Return x with each pair (2i, 2i + 1) turned by positions * base ** (-2i / d_k).

    x: (..., T, d_k) with an even d_k, positions: (T,) whole numbers; any axes may come before, as (B, H, T, d_k) does.
    A pair (a, b) turned by an angle is (a cos - b sin, a sin + b cos).
    """
    # TODO: the angles first, (T, d_k / 2). Return a new array; leave x as it is.
    ### BEGIN SOLUTION
    d_k = x.shape[-1]
    speeds = base ** (-np.arange(0, d_k, 2) / d_k)  # (d_k / 2,)
    angles = positions[:, np.newaxis] * speeds  # (T, d_k / 2)
    even, odd = x[..., 0::2], x[..., 1::2]
    turned = np.empty(x.shape)
    turned[..., 0::2] = even * np.cos(angles) - odd * np.sin(angles)
    turned[..., 1::2] = even * np.sin(angles) + odd * np.cos(angles)
    return turned
    ### END SOLUTION


# %% check="rotate"
check("rotate", rotate)

# %% [markdown]
# What it does: take one query and one key, the same at all places, and look at the score of every pair of places. Why are
# all cells of a diagonal alike?


# %% locked="picture" folded=true
def show_maps(titled, rows="query at place", columns="key at place"):
    """Draw matrices side by side: {title: matrix}; blue is negative, red is positive."""
    import matplotlib.pyplot as plt

    plt.rcParams.update(PICTURES)
    size = (3.6 * len(titled), 3.4)
    figure, axes = plt.subplots(1, len(titled), figsize=size, layout="tight", squeeze=False)
    for ax, (title, matrix) in zip(axes[0], titled.items(), strict=True):
        most = np.abs(matrix).max()
        ax.imshow(matrix, cmap="RdBu_r", vmin=-most, vmax=most)
        ax.set(title=title, xlabel=columns, ylabel=rows)


def show_bars(titled, names):
    """Draw probabilities side by side: {title: probabilities}, with a name for each token."""
    import matplotlib.pyplot as plt

    plt.rcParams.update(PICTURES)
    size = (2.6 * len(titled), 2.6)
    figure, axes = plt.subplots(1, len(titled), figsize=size, layout="tight", squeeze=False)
    for ax, (title, shares) in zip(axes[0], titled.items(), strict=True):
        ax.barh(range(len(names)), shares, color="#1f77b4")
        ax.set_yticks(range(len(names)), names)
        ax.invert_yaxis()
        ax.set(title=title, xlim=(0, 1))


# %%
rng = np.random.default_rng(9)
q, k = (np.repeat(rng.normal(size=(1, 6)), 12, axis=0) for _ in range(2))  # the same vector at 12 places
places = np.arange(12)
turned_scores = rotate(q, places) @ rotate(k, places).T
far_scores = rotate(q, places + 50) @ rotate(k, places + 50).T
show_maps({"places 0 to 11": turned_scores, "places 50 to 61": far_scores})
print("largest difference:", f"{np.abs(turned_scores - far_scores).max():.0e}")

# %% [markdown]
# Along a diagonal the distance between key and query is the same, and so is the score. That holds fifty places on, too: where
# the text begins does not matter.
#
# ## Part B: the layer and its loss
#
# The next cell has three functions that you have written before: the softmax of chapter 2, and the split and the merge of
# chapter 5.


# %% locked="earlier"
def softmax(scores):
    """Return the softmax along the last axis."""
    exps = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-1, keepdims=True)


def split_heads(x, num_heads):
    """Return x (B, T, d_model) in heads: (B, H, T, d_k)."""
    B, T, d_model = x.shape
    return x.reshape(B, T, num_heads, d_model // num_heads).transpose(0, 2, 1, 3)


def merge_heads(heads):
    """Return heads (B, H, T, d_k) side by side: (B, T, d_model)."""
    B, H, T, d_k = heads.shape
    return heads.transpose(0, 2, 1, 3).reshape(B, T, H * d_k)


# %% [markdown]
# ### Task 4: Causal self-attention with rotary positions
#
# The attention of a GPT: multi-head attention of chapter 5, without biases, whose queries and keys are turned, and in which
# no position sees a later one.
#
# *The whole layer*


# %% solution="causal_self_attention"
def causal_self_attention(x, W_q, W_k, W_v, W_o, num_heads):
    """Return (output (B, T, d_model), attention_weights (B, H, T, T)).

    x: (B, T, d_model); all four matrices are (d_model, d_model), and there are no biases. The positions are 0 to T - 1.
    Queries and keys are turned by rotate, with its own base, in each head. Scores are divided by sqrt(d_k).
    """
    # TODO: project, split, turn what has to be turned, score, hide the future, softmax, mix, merge, project.
    ### BEGIN SOLUTION
    T = x.shape[1]
    q, k, v = (split_heads(x @ W, num_heads) for W in (W_q, W_k, W_v))  # (B, H, T, d_k)
    q, k = rotate(q, np.arange(T)), rotate(k, np.arange(T))
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1])  # (B, H, T, T)
    mask = np.triu(np.ones((T, T)), k=1)
    weights = softmax(np.where(mask == 1, -1e9, scores))
    return merge_heads(weights @ v) @ W_o, weights
    ### END SOLUTION


# %% check="causal_self_attention"
check("causal_self_attention", causal_self_attention)

# %% [markdown]
# ### Task 5: In your own words: why not the values?
#
# Queries and keys are turned, values are not. Say in three to five sentences: what would the output of a position be made of
# if the values were turned, too? Why does it then depend on where the text begins, while the weights do not? And why was this
# no question in 2017, when the encoding was added to the words?
#
# *Only the distance is left*

# %% [markdown] written="why_not_the_values" points=2
# ### BEGIN SOLUTION
# A score compares two turned vectors, and their dot product depends on the difference of the two angles alone. An output is a
# sum of values; if each is turned by its own position, there is no second turn against which it could be measured, so moving
# the text by some places turns the output by that angle: it depends on the absolute place. The weights stay the same, because
# they come from scores. In 2017 the encoding was part of the word's vector before the projections, so that queries, keys and
# values all contained it, and the absolute place was in the output anyway.
#
# **Rubric**
#
# - 2: The output then depends on the absolute place, with the reason (no second turn, a sum instead of a dot product), and
#   what was different in 2017.
# - 1: One of the two.
# - 0: Neither.
#
# **Comments**
#
# - In a score two turns meet and only their difference is left; a value is turned alone.
# - Move the text by some places: the weights stay, and the output is turned by that angle.
# - In 2017 the encoding was added before the projections, so values contained it, too.
# ### END SOLUTION

# %% [markdown]
# ### Task 6: Next-token loss
#
# Every position of a text is a question: which token comes next? The loss is the mean of minus the logarithm of the
# probability that the model gives to the right one. There is no padding here: all texts are $T$ tokens long.
#
# *Every position is a question*


# %% solution="next_token_loss"
def next_token_loss(logits, ids):
    """Return one number: the mean loss of the next token over all positions that have one.

    logits: (B, T, V), those at position t after reading the tokens 0 to t; ids: (B, T), the texts themselves.
    Logits may be in the thousands.
    """
    # TODO: shift; the logarithm of the softmax, taken before the division, with the largest logit subtracted first;
    # pick; minus the mean.
    ### BEGIN SOLUTION
    logits, targets = logits[:, :-1], ids[:, 1:]  # (B, T - 1, V), (B, T - 1)
    logits = logits - logits.max(axis=-1, keepdims=True)
    log_p = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    return -np.take_along_axis(log_p, targets[..., np.newaxis], axis=-1).mean()
    ### END SOLUTION


# %% check="next_token_loss"
def answer(logits, ids):  # one number counts as a list of one
    loss = next_token_loss(logits, ids)
    return loss if loss is None or np.ndim(loss) else [loss]


check("next_token_loss", answer)

# %% [markdown]
# A test without a trained model: one that knows nothing gives all $V$ tokens the same logit. What is its loss?

# %%
ids = rng.integers(0, 75, size=(2, 9))
print(next_token_loss(np.zeros((2, 9, 75)), ids), np.log(75))

# %% [markdown]
# ## Part C: writing
#
# ### Task 7: Temperature and top-k
#
# The logits of the next token are divided by the temperature. Then only the $k$ likeliest tokens stay in the draw, and
# the softmax shares out one whole among them.
#
# *How to choose the next token*


# %% solution="top_k"
def top_k(logits, k, temperature=1.0):
    """Return the probabilities (V,) of the next token: those of the k likeliest, and 0 for all others.

    logits: (V,), no two alike; they may be in the thousands. k: from 1 to V. The probabilities are the softmax of
    logits / temperature among the tokens that stay.
    """
    # TODO: divide, drop, softmax (the one above).
    ### BEGIN SOLUTION
    scaled = logits / temperature
    smallest = np.sort(scaled)[-k]  # of those that stay
    return softmax(np.where(scaled >= smallest, scaled, -np.inf))
    ### END SOLUTION


# %% check="top_k"
check("top_k", top_k)

# %% [markdown]
# ### Task 8: Top-p
#
# How many tokens are sensible differs from place to place. Top-p keeps the likeliest tokens until together they hold
# $p$ of the probability: the smallest set that does. The token with which the sum reaches $p$ is in it.
#
# *Cut off the tail*


# %% solution="top_p"
def top_p(probabilities, p):
    """Return the probabilities (V,) of the next token: those of the smallest set that holds p, scaled up to sum to 1.

    probabilities: (V,), no two alike, sum 1; p: between 0 and 1. Entry i belongs to token i, before and after.
    """
    # TODO: sort from the likeliest on; find out which stay; put them back to their places; divide by the new sum.
    ### BEGIN SOLUTION
    order = np.argsort(-probabilities)
    ranked = probabilities[order]
    before = np.cumsum(ranked) - ranked  # what the likelier ones hold together
    kept = np.zeros(len(probabilities))
    kept[order] = np.where(before < p, ranked, 0)
    return kept / kept.sum()
    ### END SOLUTION


# %% check="top_p"
check("top_p", top_p)

# %% [markdown]
# Two places in a text, one where nearly everything is decided and one where much is open. Which of the two cuts takes notice?

# %%
NAMES = ["the", "a", "my", "no", "his", "any", "one"]
decided, is_open = np.array([6.0, 1.5, 1.0, 0.5, 0.0, -0.5, -1.0]), np.array([1.0, 0.9, 0.8, 0.6, 0.4, 0.3, -1.5])
for about, logits in [("decided", decided), ("open", is_open)]:
    plain = softmax(logits)
    show_bars({about: plain, "top-k, k = 3": top_k(logits, 3), "top-p, p = 0.9": top_p(plain, 0.9)}, NAMES)

# %% [markdown]
# Top-k keeps three tokens in both places, two of them needless in the first. Top-p keeps one token where one is enough, and six
# where six are.
#
# ### Task 9: Attention with a cache
#
# When a model writes, its text grows by one token at a time, and nothing that came before changes. So the keys, **already
# turned**, and the values are kept. The new tokens are computed alone, and look at everything that is there.
#
# *Keep keys and values*


# %% solution="attend_with_cache"
def attend_with_cache(x, keys, values, W_q, W_k, W_v, W_o, num_heads):
    """Return (output, keys, values): that of the n new tokens, and the keys and values of all tokens so far.

    x: (B, n, d_model), the new tokens; keys (turned) and values: (B, H, t, d_k), those of the t tokens before, or None
    for both at the beginning of a text. The output is (B, n, d_model), the new keys and values are (B, H, t + n, d_k).
    The output is what causal_self_attention would give for these positions of the whole text.
    """
    # TODO: where do the new tokens stand? Turn, append, and let each new token see all that is not after it.
    ### BEGIN SOLUTION
    t, n = 0 if keys is None else keys.shape[2], x.shape[1]
    q, k, v = (split_heads(x @ W, num_heads) for W in (W_q, W_k, W_v))  # (B, H, n, d_k)
    positions = np.arange(t, t + n)
    q, k = rotate(q, positions), rotate(k, positions)
    if keys is not None:
        k, v = np.concatenate([keys, k], axis=2), np.concatenate([values, v], axis=2)  # (B, H, t + n, d_k)
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1])  # (B, H, n, t + n)
    mask = np.triu(np.ones((n, t + n)), k=t + 1)
    weights = softmax(np.where(mask == 1, -1e9, scores))
    return merge_heads(weights @ v) @ W_o, k, v
    ### END SOLUTION


# %% check="attend_with_cache"
check("attend_with_cache", attend_with_cache)

# %% [markdown]
# Now all of it together. The next cell is a whole decoder-only model, and everything in it is yours: two layers in
# pre-norm, and one table for reading and writing, tied. Its weights are random, so it writes nonsense, but the same nonsense
# with and without a cache.


# %% locked="whole_model" folded=true
def random_model(V=20, d_model=12, num_heads=2, d_ff=32, layers=2, seed=0):
    """Return the random weights of a small model."""
    rng = np.random.default_rng(seed)

    def matrix(rows, columns):
        return rng.normal(size=(rows, columns)) / np.sqrt(rows)

    def layer():
        attention = [matrix(d_model, d_model) for _ in range(4)]
        feed_forward = [matrix(d_model, d_ff), matrix(d_model, d_ff), matrix(d_ff, d_model)]
        return {"attention": attention, "feed_forward": feed_forward, "gains": np.ones((2, d_model))}

    table = matrix(V, d_model) * 1.2
    stack, gain = [layer() for _ in range(layers)], np.ones(d_model)
    return {"table": table, "layers": stack, "gain": gain, "num_heads": num_heads}


def logits_of(ids, model, cache=None):
    """Return the logits (B, n, V) of ids (B, n).

    With a cache, a list with (keys, values) for each layer, ids are the new ones.
    """
    x = model["table"][ids]  # (B, n, d_model)
    for number, layer in enumerate(model["layers"]):
        normed = rms_norm(x, layer["gains"][0])
        if cache is None:
            attended, _ = causal_self_attention(normed, *layer["attention"], model["num_heads"])
        else:
            attended, *kept = attend_with_cache(normed, *cache[number], *layer["attention"], model["num_heads"])
            cache[number] = kept
        x = x + attended
        x = x + swiglu(rms_norm(x, layer["gains"][1]), *layer["feed_forward"])
    return rms_norm(x, model["gain"]) @ model["table"].T  # the same table reads and writes


# %%
model = random_model()
ids = np.random.default_rng(1).integers(0, 20, size=(1, 15))
whole = logits_of(ids, model)
cache = [(None, None)] * len(model["layers"])
one_by_one = [logits_of(ids[:, t : t + 1], model, cache) for t in range(15)]
print("largest difference:", f"{np.abs(np.concatenate(one_by_one, axis=1) - whole).max():.0e}")

# %% [markdown]
# Up to the last digit the logits are the same. So is what it writes, if the same random numbers are drawn:


# %%
def write(with_cache, count=20):
    """Return ids that the model writes after the token 3."""
    rng, text, cache = np.random.default_rng(2), [3], [(None, None)] * len(model["layers"])
    for _ in range(count):
        given = text[-1:] if with_cache else text
        logits = logits_of(np.array([given]), model, cache if with_cache else None)
        shares = top_p(top_k(logits[0, -1], 10, temperature=0.8), 0.9)
        text.append(int(rng.choice(len(shares), p=shares)))
    return text


print(write(with_cache=False))
print(write(with_cache=True))

# %% [markdown]
# ## Part D: find the bug
#
# ### Task 10: Find the bug: the same words nine places on
#
# "With rotary positions only the distance counts, so I turn the keys backwards: then the two turns make a difference," says the
# author of the function below. The scores look sensible. But the same words, nine places further on in a text, get other scores.
#
# *Only the distance is left*


# %% locked="broken_scores"
def broken_scores(q, k, positions):
    """Return the scores (H, T, T) of queries and keys (H, T, d_k) at positions (T,)."""
    turned_q, turned_k = rotate(q, positions), rotate(k, -positions)
    return turned_q @ np.swapaxes(turned_k, -1, -2) / np.sqrt(q.shape[-1])


# %%
rng = np.random.default_rng(4)
q, k = rng.normal(size=(2, 1, 3, 6))  # one head, three positions
for start in (0, 9):
    print(f"from place {start}:", broken_scores(q, k, np.arange(start, start + 3))[0].round(2).tolist())


# %% solution="find_the_turn"
def mended_scores(q, k, positions):
    """Return the scores (H, T, T) of queries and keys (H, T, d_k), both turned by rotate at positions (T,)."""
    # TODO: copy the body of broken_scores and mend it.
    ### BEGIN SOLUTION
    turned_q, turned_k = rotate(q, positions), rotate(k, positions)
    return turned_q @ np.swapaxes(turned_k, -1, -2) / np.sqrt(q.shape[-1])
    ### END SOLUTION


# %% check="find_the_turn"
check("find_the_turn", mended_scores)

# %%
for start in (0, 9):
    print(f"from place {start}:", mended_scores(q, k, np.arange(start, start + 3))[0].round(2).tolist())

# %% [markdown]
# ### Task 11: In your own words: what belongs into the cache?
#
# A model has written 1,000 tokens with a cache. Answer in five to eight sentences. Why are keys and values kept, but no queries?
# Why may the keys be kept as already turned? Somebody changes token 500 by hand: which part of the cache is still right, and in
# which layers? What would be wrong if the encoder of a translator were used so, with a token appended to its source? And how
# many numbers does the cache hold for $N$ layers of $d_{\text{model}}$ numbers?
#
# *The count goes on*

# %% [markdown] written="what_belongs_into_the_cache" points=3
# ### BEGIN SOLUTION
# A query is needed once, when its own position is computed; keys and values are looked at by every later token. A key is turned
# by its own position, which never changes, so it can be turned once and for all. After a change of token 500 the entries of the
# tokens 0 to 499 are right in all layers, because no position sees a later one; that of token 500 is wrong in all layers, and those
# of the tokens behind it are right in the first layer, which is made of the tokens alone, and wrong above it. In an encoder every
# position sees the new token, so all keys and values above the first layer change, and a cache is of no use there. It holds a key and
# a value of $d_{\text{model}}$ numbers for each token and layer: $2 \cdot N \cdot 1000 \cdot d_{\text{model}}$.
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
# - A query is used once, when its own position is computed; keys and values by every later token.
# - A key is turned by its own position, and that never changes.
# - Entries before token 500 stay right in all layers; those behind it only in the first, which sees nothing but its own token.
# - In an encoder every position sees the new token, so all layers above the first change.
# - $2 \cdot N \cdot 1000 \cdot d_{\text{model}}$ numbers: a key and a value for each token in each layer.
# ### END SOLUTION

# %% [markdown]
# ## How far you are
#
# The written answers of tasks 5 and 11 are not in this list: a person grades them.

# %%
progress()
