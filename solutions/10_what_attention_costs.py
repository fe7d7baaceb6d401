# %% setup="10_what_attention_costs"
import os

from autograder.learner import use

os.environ.setdefault("MPLBACKEND", "Agg")  # run as a script: draw without opening windows
check, hint, progress = use(__file__)

# %% [markdown]
# # What attention costs
#
# You count what a layer costs, write attention that never holds the whole table of weights, and let heads share what
# they remember. Everything is NumPy. Read the chapter's page first; the name in italics after each task is the section
# that explains it.
#
# | task | difficulty | minutes | points |
# |---|---|---|---|
# | 1 Count a layer | easy | 10 | 3 |
# | 2 One block further | hard | 15 | 3 |
# | 3 Attention in blocks | hard | 15 | 4 |
# | 4 Find the bug: the order of the keys | medium | 5 | 2 |
# | 5 Operations for each byte | medium | 10 | 2 |
# | 6 In your own words: more work, less time | medium | 10 | 3 |
# | 7 Heads that share keys and values | medium | 10 | 3 |
# | 8 A sliding window | easy | 5 | 2 |
# | 9 The size of a cache | easy | 5 | 2 |
# | 10 In your own words: a long text | medium | 10 | 3 |
#
# After each task there is a check. Run it: a green box means right, an amber one partly right, a red one wrong. It says
# what is wrong, and usually which mistake was made. The hints before a task open step by step;
# `hint("attention_cost")`, with the name that stands in the check, shows the next one too. Tasks 6 and 10 are answered
# in words and graded by a person. The checks and the cells that set things up are locked, and those that need not be
# read are folded; every other cell is yours to play with.
#
# **Conventions.** Queries are $(\dots, T_q, d_k)$, keys $(\dots, T_k, d_k)$, values $(\dots, T_k, d_v)$; the dots stand
# for any axes in front, none too. In a mask **1 means hide**, and a query to which every key is hidden gets zeros. A
# multiplication and an addition are two operations. Memory is counted in bytes.

# %% locked="libraries" folded=true
import numpy as np

# Pictures have no ground of their own, and their letters a grey that can be read on a light and on a dark one. It
# is two greys, for a notebook puts a ground behind a picture whose numbers are all on the dark, or all on the
# light side of grey.
PICTURES = dict.fromkeys(["figure.facecolor", "axes.facecolor"], "none")
PICTURES |= dict.fromkeys(["text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color"], "#7f7f7f")
PICTURES |= {"ytick.color": "#808080"}

# %% [markdown]
# ## Part A: the plain way
#
# This is the attention that you know, the function of chapter 5. It makes a whole table of weights.


# %% locked="attention"
def scaled_dot_product_attention(query, key, value, mask=None):
    """Return (output, attention_weights) of shapes (..., T_q, d_v) and (..., T_q, T_k).

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
# ### Task 1: Count a layer
#
# A layer of multi-head self-attention reads $B$ sentences of $T$ positions. How many operations do its four projections
# take? How many do the scores and the mixing of the values take, in all heads together? And how many bytes do the weights
# of all heads fill? The layer computes all pairs, also those that a mask would hide. Biases, the scale, masks and the
# softmax are left out.
#
# *Count before you measure*


# %% solution="attention_cost"
def attention_cost(B, T, d_model, num_heads, bytes_per_number):
    """Return three numbers: operations of the four projections, operations of scores and mixing, bytes of the weights.

    A product of (n, k) and (k, m) takes 2 * n * k * m operations. The heads share d_model: d_k = d_model / num_heads.
    """
    # TODO: write down the shapes of the products, then count.
    ### BEGIN SOLUTION
    projections = 4 * 2 * B * T * d_model * d_model
    attention = 2 * 2 * B * T * T * d_model  # (T, d_k) times (d_k, T), and (T, T) times (T, d_k), in each head
    weight_bytes = B * num_heads * T * T * bytes_per_number
    return projections, attention, weight_bytes
    ### END SOLUTION


# %% check="attention_cost"
def answer(B, T, d_model, num_heads, bytes_per_number):
    counts = attention_cost(B, T, d_model, num_heads, bytes_per_number)
    return [[count] for count in counts] if isinstance(counts, (tuple, list)) else counts


check("attention_cost", answer)

# %% [markdown]
# The layer of the 2017 Transformer, $d_{\text{model}} = 512$ and 8 heads, in float32. From which length on do scores
# and mixing cost more than the projections? And the weights more memory than 1 GB?

# %%
print("       T   projections   attention   weights")
for T in (256, 512, 1024, 2048, 8192, 32768):
    projections, attention, weight_bytes = attention_cost(1, T, 512, 8, 4)
    print(f"{T:8,}   {projections / 1e9:8.1f} G   {attention / 1e9:8.1f} G   {weight_bytes / 1e9:5.2f} GB")

# %% [markdown]
# At $T = 2\,d_{\text{model}}$ both cost the same. Behind that the square takes over.
#
# ## Part B: in blocks
#
# ### Task 2: One block further
#
# Keys and values come in blocks. For each query three things are kept: the largest score so far, the sum of the
# exponentials so far, each taken less that largest score, and the sum of the values, weighted by these exponentials. Now
# the next block arrives. You write the update.
#
# At the beginning a query has seen nothing: `maximum` $-\infty$, `total` 0, `weighted` 0. A block may be hidden from
# it, too: its scores are $-\infty$ then. As long as all scores are $-\infty$, the maximum stays $-\infty$, and the sums
# stay 0. No NaN anywhere.
#
# *A softmax that never sees the whole row*


# %% solution="running_softmax"
def running_softmax(maximum, total, weighted, scores, value):
    """Return the new (maximum, total, weighted) of shapes (..., T_q, 1), (..., T_q, 1) and (..., T_q, d_v).

    maximum, total, weighted: the same before this block. scores: (..., T_q, n), those of the block, scaled, -inf where
    hidden. value: (..., n, d_v), the values of the block. Nothing is divided here.
    """
    # TODO: the new maximum; what the old sums are multiplied by; the exponentials of the block; the new sums.
    # Where the new maximum is -inf, take 0 in its place before you subtract it.
    ### BEGIN SOLUTION
    new = np.maximum(maximum, scores.max(axis=-1, keepdims=True))  # (..., T_q, 1)
    base = np.where(np.isneginf(new), 0, new)
    keep = np.exp(maximum - base)  # what was less the old maximum is less the new one now
    exps = np.exp(scores - base)  # (..., T_q, n)
    return new, keep * total + exps.sum(axis=-1, keepdims=True), keep * weighted + exps @ value
    ### END SOLUTION


# %% check="running_softmax"
check("running_softmax", running_softmax)

# %% [markdown]
# One query, six keys, blocks of two. Watch the three numbers; a value is a single number here, so that `weighted` is
# one, too. The last column divides, and so says what the output would be if this block were the last.

# %%
scores, value = np.array([[1.0, 2.0, 0.0, 4.0, 3.0, 1.0]]), np.array([[1.0], [2.0], [3.0], [4.0], [5.0], [6.0]])
maximum, total, weighted = np.full((1, 1), -np.inf), np.zeros((1, 1)), np.zeros((1, 1))
for start in (0, 2, 4):
    block = slice(start, start + 2)
    maximum, total, weighted = running_softmax(maximum, total, weighted, scores[:, block], value[block])
    shown = (float(x[0, 0]) for x in (maximum, total, weighted, weighted / total))
    print("maximum {:4.1f}   total {:.4f}   weighted {:.4f}   output {:.4f}".format(*shown))
whole = np.exp(scores - scores.max())
print(f"all six at once:                            output {(whole @ value / whole.sum())[0, 0]:.4f}")

# %% [markdown]
# ### Task 3: Attention in blocks
#
# Now the whole: the same output as plain attention, for any block size, with any mask. Take `block_size` keys at a
# time; the last block may be shorter. The function returns the output alone. There are no weights to return, because
# they are never all there at once. The check looks at that, too: it notices an array that has an entry for every query
# and every key.
#
# *Attention in blocks*


# %% solution="attention_in_blocks"
def attention_in_blocks(query, key, value, block_size, mask=None):
    """Return the output (..., T_q, d_v) of scaled dot-product attention; a query that sees no key gets zeros.

    query (..., T_q, d_k), key (..., T_k, d_k), value (..., T_k, d_v). mask: None, or 0s and 1s that broadcast to
    (..., T_q, T_k) and have T_k columns; 1 = hide.
    """
    # TODO: begin with a maximum of -inf and sums of 0; update them block by block with running_softmax; divide once.
    ### BEGIN SOLUTION
    rows, T_k = query.shape[:-1], key.shape[-2]
    maximum, total = np.full((*rows, 1), -np.inf), np.zeros((*rows, 1))
    weighted = np.zeros((*rows, value.shape[-1]))
    for start in range(0, T_k, block_size):
        block = slice(start, start + block_size)
        scores = query @ np.swapaxes(key[..., block, :], -1, -2) / np.sqrt(key.shape[-1])
        if mask is not None:
            scores = np.where(mask[..., block] == 1, -np.inf, scores)
        maximum, total, weighted = running_softmax(maximum, total, weighted, scores, value[..., block, :])
    return weighted / np.where(total == 0, 1, total)
    ### END SOLUTION


# %% locked="watched" folded=true
class Watched(np.ndarray):
    """An array that notes its shape, and the shape of every array that is made from it."""

    shapes = set()

    def __array_finalize__(self, source):
        """Note the shape of a new array."""
        Watched.shapes.add(self.shape)

    def __array_function__(self, function, types, args, kwargs):
        """Note the shapes of what NumPy's functions give, too."""
        found = super().__array_function__(function, types, args, kwargs)
        return found.view(Watched) if type(found) is np.ndarray else found


def watched(*arrays):
    """Return arrays that are watched, with nothing noted yet."""
    found = [array.view(Watched) for array in arrays]
    Watched.shapes.clear()
    return found


# %% check="attention_in_blocks"
def answer(query, key, value, block_size, mask):  # whether the whole table was ever there counts by itself
    T_q, T_k = query.shape[-2], key.shape[-2]
    output = attention_in_blocks(*watched(query, key, value), block_size, mask)
    table = block_size < T_k and any({T_q, T_k} <= set(shape) for shape in Watched.shapes)
    return None if output is None else (np.asarray(output), [not table])


check("attention_in_blocks", answer)

# %% [markdown]
# The same numbers, for every block size, and what the largest array on the way has held.

# %%
rng = np.random.default_rng(10)
query, key, value = rng.normal(size=(3, 600, 16))
future = np.triu(np.ones((600, 600)), k=1)
plain, _ = scaled_dot_product_attention(*watched(query, key, value), future)
print(f"plain:            the largest array has {max(map(np.prod, Watched.shapes)):8,} numbers")
for block_size in (1, 16, 100, 256, 600):
    output = attention_in_blocks(*watched(query, key, value), block_size, future)
    largest, off = max(map(np.prod, Watched.shapes)), np.abs(output - plain).max()
    print(f"blocks of {block_size:3}:    the largest array has {largest:8,} numbers, the output differs by {off:.0e}")

# %% [markdown]
# ### Task 4: Find the bug: the order of the keys
#
# Attention does not know in which order its keys come: whoever shuffles keys and values together gets the same output.
# The function below works in blocks, and gives another output for another order. "With the largest keys in front it is
# right," says its author.
#
# *A softmax that never sees the whole row*


# %% locked="broken"
def broken_in_blocks(query, key, value, block_size):
    """Return the output (T_q, d_v) of scaled dot-product attention for query (T_q, d_k), key and value (T_k, ...)."""
    maximum, total = np.full((len(query), 1), -np.inf), np.zeros((len(query), 1))
    weighted = np.zeros((len(query), value.shape[-1]))
    for start in range(0, len(key), block_size):
        block = slice(start, start + block_size)
        scores = query @ key[block].T / np.sqrt(key.shape[-1])
        new = np.maximum(maximum, scores.max(axis=-1, keepdims=True))
        exps = np.exp(scores - new)
        maximum = new
        keep = np.exp(maximum - new)
        total = keep * total + exps.sum(axis=-1, keepdims=True)
        weighted = keep * weighted + exps @ value[block]
    return weighted / total


# %%
growing = np.arange(1, 7)[:, np.newaxis] * np.ones((1, 2)) / 2  # six keys, each longer than the one before
ones, numbers = np.ones((1, 2)), np.arange(6.0)[:, np.newaxis]
print("plain attention:      ", scaled_dot_product_attention(ones, growing, numbers)[0].round(4))
print("largest keys in front:", broken_in_blocks(ones, growing[::-1], numbers[::-1], 2).round(4))
print("largest keys last:    ", broken_in_blocks(ones, growing, numbers, 2).round(4))


# %% solution="find_the_bug"
def mended_in_blocks(query, key, value, block_size):
    """Return the output (T_q, d_v) of scaled dot-product attention for query (T_q, d_k), key and value (T_k, ...)."""
    # TODO: copy the body of broken_in_blocks and mend it.
    ### BEGIN SOLUTION
    maximum, total = np.full((len(query), 1), -np.inf), np.zeros((len(query), 1))
    weighted = np.zeros((len(query), value.shape[-1]))
    for start in range(0, len(key), block_size):
        block = slice(start, start + block_size)
        scores = query @ key[block].T / np.sqrt(key.shape[-1])
        new = np.maximum(maximum, scores.max(axis=-1, keepdims=True))
        exps = np.exp(scores - new)
        keep = np.exp(maximum - new)
        maximum = new
        total = keep * total + exps.sum(axis=-1, keepdims=True)
        weighted = keep * weighted + exps @ value[block]
    return weighted / total
    ### END SOLUTION


# %% check="find_the_bug"
check("find_the_bug", mended_in_blocks)

# %% [markdown]
# ### Task 5: Operations for each byte
#
# A processor computes faster than its large memory can deliver. So it counts how many operations a byte is good for, once
# it has been fetched. Take one head with $T_q$ queries, $T_k$ keys, and $d_v = d_k$.
#
# - **Without blocks** (`block_size` is `None`) everything goes through the large memory: queries, keys and values are
#   read once, the output is written once; the scores are written and read again, and so are the weights.
# - **In blocks** of `block_size` *queries*, scores and weights stay in the small fast memory. Queries are read once and
#   the output is written once, but keys and values are read once for each block of queries. The last block may be
#   smaller.
#
# *Why blocks are faster although they compute more*


# %% solution="arithmetic_intensity"
def arithmetic_intensity(T_q, T_k, d_k, bytes_per_number, block_size=None):
    """Return the operations of the two products (scores, mixing) divided by the bytes read and written.

    block_size: how many queries are handled together, or None for plain attention with its tables in memory.
    """
    # TODO: count the operations; count the numbers that are moved, with blocks and without; divide.
    ### BEGIN SOLUTION
    operations = 2 * 2 * T_q * T_k * d_k
    if block_size is None:
        moved = 2 * T_q * d_k + 2 * T_k * d_k + 4 * T_q * T_k
    else:
        blocks = -(-T_q // block_size)  # rounded up
        moved = 2 * T_q * d_k + blocks * 2 * T_k * d_k
    return operations / (moved * bytes_per_number)
    ### END SOLUTION


# %% check="arithmetic_intensity"
def answer(T_q, T_k, d_k, bytes_per_number, block_size):
    intensity = arithmetic_intensity(T_q, T_k, d_k, bytes_per_number, block_size)
    return None if intensity is None else [intensity]


check("arithmetic_intensity", answer)


# %% locked="curves" folded=true
def show_curves(lengths, titled, level):
    """Draw curves {title: numbers} over lengths, both axes logarithmic, and a level as a dotted line."""
    import matplotlib.pyplot as plt

    plt.rcParams.update(PICTURES)
    figure, ax = plt.subplots(figsize=(5, 3.4), layout="tight")
    for style, (title, numbers) in zip(("o-", "s--", "^-."), titled.items(), strict=True):
        ax.loglog(lengths, numbers, style, label=title)
    ax.axhline(level, linestyle=":", color="#7f7f7f")
    ax.set(xlabel="length T", ylabel="operations for each byte")
    ax.legend()


# %% [markdown]
# A head of width 64, with two bytes for a number. The dotted line is what a graphics card of 2020 needs to be kept busy:
# 312 · 10¹² operations and 1.5 · 10¹² bytes a second, 208 operations for each byte. Which of the three curves reaches it?
# The third is the writing of one token: one query, $T$ keys.

# %%
lengths = [64, 256, 1024, 4096, 16384]
show_curves(
    lengths,
    {
        "plain": [arithmetic_intensity(T, T, 64, 2) for T in lengths],
        "blocks of 256 queries": [arithmetic_intensity(T, T, 64, 2, 256) for T in lengths],
        "writing one token": [arithmetic_intensity(1, T, 64, 2, 1) for T in lengths],
    },
    level=312 / 1.5,
)

# %% [markdown]
# ### Task 6: In your own words: more work, less time
#
# Attention in blocks computes a little *more* than plain attention. Answer in the next cell, in five to eight sentences.
# What does it compute in addition? What does it save, and why does that outweigh the extra work on a graphics card? Use
# the picture above. In NumPy, on the page's machine, the gain is another one than on such a card: why? And why do blocks
# not help where one token is written with a cache?
#
# *Why blocks are faster although they compute more*

# %% [markdown] written="more_work_less_time" points=3
# ### BEGIN SOLUTION
# In each block the old sum and the old output are multiplied by a factor, which takes an exponential and $1 + d_v$
# products for each query; the products of queries, keys and values are the same. What is saved is traffic: no table of
# $T \cdot T$ scores and weights is written to the large memory and read again, four times in all. Plain attention does
# fewer operations for each byte than the card needs to be kept busy (some 30 where 208 are needed, in the picture), so
# it waits for memory, and operations that are done while it waits cost nothing. In blocks of 256 queries the intensity
# passes the dotted line. In NumPy each step, the exponential too, writes its result to memory and is a call of its own,
# so no block stays in a fast memory under our control; what is gained depends on whether a block fits into the
# processor's cache. And one core is kept busy by far fewer operations for each byte than the card, so it waits less for
# memory to begin with. When one token is written there is one query: the table is a single row, and nearly all bytes
# are keys and values, which must be read once with blocks or without. That is about one operation for each byte.
#
# **Rubric**
#
# - 3: All four: what is added, what is saved and why it counts, why NumPy differs, why writing gains nothing.
# - 2: Three of the four, the second among them.
# - 1: One or two of the four.
# - 0: None.
#
# **Comments**
#
# - In each block the old sum and output are multiplied by a factor: that is all that is computed in addition.
# - What is saved are bytes: the tables of scores and weights are not written to the large memory and read again.
# - A card that waits for memory computes for nothing: below its operations for each byte, only bytes count.
# - In NumPy each step writes its result back to memory, each block costs calls of its own, and a core waits less.
# - With one query there is no table to save; keys and values have to be read either way.
# ### END SOLUTION

# %% [markdown]
# ## Part C: remembering less
#
# ### Task 7: Heads that share keys and values
#
# There are $H$ heads of queries, but only $G$ heads of keys and values, and $H$ is a multiple of $G$. The first $H / G$
# heads of queries share the first head of keys and values, the next $H / G$ the next one, and so on. With $G = H$ this
# is multi-head attention, with $G = 1$ *multi-query* attention; your function needs no case of its own for either.
#
# *Heads that share*


# %% solution="grouped_query_attention"
def grouped_query_attention(*, query, key, value, mask=None):
    """Return (output, attention_weights) of shapes (B, H, T_q, d_v) and (B, H, T_q, T_k).

    query (B, H, T_q, d_k), key (B, G, T_k, d_k), value (B, G, T_k, d_v). mask: None, or 0s and 1s (B, 1, T_q, T_k),
    where T_q may be 1; it is the same for all heads, 1 = hide.
    """
    # TODO: give every head its keys and values, then attend; scaled_dot_product_attention is given.
    ### BEGIN SOLUTION
    shared_by = query.shape[1] // key.shape[1]
    key, value = (np.repeat(x, shared_by, axis=1) for x in (key, value))
    return scaled_dot_product_attention(query, key, value, mask)
    ### END SOLUTION


# %% check="grouped_query_attention"
def answer(query, key, value, mask):
    return grouped_query_attention(query=query, key=key, value=value, mask=mask)


check("grouped_query_attention", answer)

# %% [markdown]
# ### Task 8: A sliding window
#
# Query `i` sees the last `window` positions up to and with its own: `i - window + 1`, …, `i`. At the beginning of the
# sequence there are fewer.
#
# *A window*


# %% solution="sliding_window_mask"
def sliding_window_mask(length, window):
    """Return the mask (length, length) of a causal window, 0s and 1s, 1 = hide: a row for each query, a column for each
    key. `window` counts the query's own position, so it is 1 or more; it may be larger than the length.
    """
    # TODO: hide the future, and what lies too far back.
    ### BEGIN SOLUTION
    i, j = np.arange(length)[:, np.newaxis], np.arange(length)
    return ((j > i) | (j <= i - window)).astype(int)
    ### END SOLUTION


# %% check="sliding_window_mask"
check("sliding_window_mask", sliding_window_mask)


# %% locked="picture" folded=true
def show_maps(titled):
    """Draw matrices (T, T) of numbers from 0 to 1 side by side; a full cell is dark."""
    import matplotlib.pyplot as plt

    plt.rcParams.update(PICTURES)
    figure, axes = plt.subplots(1, len(titled), figsize=(2.6 * len(titled), 2.9), layout="tight", squeeze=False)
    for ax, (title, matrix) in zip(axes[0], titled.items(), strict=True):
        ax.imshow(np.asarray(matrix, dtype=float), cmap="Blues", vmin=0, vmax=1)
        ax.set(title=title, xlabel="position", ylabel="output")


# %% [markdown]
# A window does not mean that older tokens are lost. A layer hands on what it has seen, and the next layer sees further.
# A full cell means that the position (column) can reach the output (row).

# %%
sees = 1 - sliding_window_mask(16, 4)
reach = {1: sees, 2: sees @ sees > 0, 4: np.linalg.matrix_power(sees, 4) > 0}
show_maps({f"after {n} layer{'s' if n > 1 else ''}": matrix for n, matrix in reach.items()})

# %% [markdown]
# ### Task 9: The size of a cache
#
# While a model writes, each layer keeps keys and values of all tokens so far. How many bytes are that?
#
# *The size of the cache*


# %% solution="cache_size"
def cache_size(*, B, T, num_layers, num_heads, num_kv_heads, d_model, bytes_per_number, window=None):
    """Return the bytes of the keys and values that are kept for B sequences of T tokens so far.

    num_heads: H, of queries; num_kv_heads: G, of keys and values. A head has d_model / num_heads numbers. window: None,
    or how many positions a layer looks back, its own one included; older ones are forgotten.
    """
    # TODO: one token in one layer first, then all.
    ### BEGIN SOLUTION
    d_k = d_model // num_heads
    positions = T if window is None else min(T, window)
    return 2 * B * num_layers * positions * num_kv_heads * d_k * bytes_per_number
    ### END SOLUTION


# %% check="cache_size"
def answer(**sizes):
    count = cache_size(**sizes)
    return None if count is None else [count]


check("cache_size", answer)

# %% [markdown]
# A model of 80 layers with 64 heads of width 128, two bytes for a number, one text of 100,000 tokens:

# %%
sizes = {"B": 1, "T": 100_000, "num_layers": 80, "num_heads": 64, "d_model": 8192, "bytes_per_number": 2}
for title, more in {
    "64 heads of keys and values": {"num_kv_heads": 64},
    "8, shared by 8 heads each": {"num_kv_heads": 8},
    "1, shared by all": {"num_kv_heads": 1},
    "8, and a window of 4,096": {"num_kv_heads": 8, "window": 4096},
}.items():
    print(f"{title:28} {cache_size(**sizes, **more) / 1e9:8.2f} GB")

# %% [markdown]
# ### Task 10: In your own words: a long text
#
# The model of the last cell is to answer questions about texts of 100,000 tokens, on cards with 80 GB each. Blocks,
# groups ($G = 8$), a window: three means. Answer in the next cell, in five to eight sentences. (a) Which of them save
# memory when such texts are *trained* on, where every head of every layer would have a table of $T$ by $T$? (b) Which
# of them let more users be answered at once, and about how many times as many? (c) Which of the three changes what the
# model computes? (d) Which can be switched on in a trained model, without training it again?
#
# *A million tokens*

# %% [markdown] written="a_long_text" points=3
# ### BEGIN SOLUTION
# (a) Blocks: a table of 100,000 by 100,000 numbers has 20 GB in half precision, for each head of each layer, and with
# blocks none is ever there. A window makes the tables narrower, $T$ by 4,096, if the hidden pairs are left out and not
# only masked. Groups do not help with the tables: there are still $H$ of them. (b) When writing, it is the cache that
# fills the card: 262 GB for one text with 64 heads of keys and values, 33 GB with groups of eight, 1.3 GB with the
# window too. So groups answer eight times as many users, a window of 4,096 another 24 times as many. Blocks change
# nothing: the cache is what it was. (c) Blocks change nothing but the last digits: they are exact. Groups change the
# model, because the heads of a group look through the same keys and values; a window changes it, because far tokens are
# seen through several layers only. (d) Blocks can be switched on at any time. A model has to be trained with groups or
# with a window, or at least trained further with them.
#
# **Rubric**
#
# - 3: All four parts are right, with numbers in (b).
# - 2: Three of the four are right.
# - 1: One or two of the four are right.
# - 0: None is right.
#
# **Comments**
#
# - (a) Blocks do away with the tables. Groups do not: each of the $H$ heads has weights of its own.
# - (b) The cache decides: groups of eight make it eight times smaller, a window of 4,096 about 24 times.
# - (b) Blocks do not make the cache smaller: all keys and values are still needed.
# - (c) Blocks are exact, up to the last digits. Groups and windows change what is computed.
# - (d) Only blocks can be switched on without training again.
# ### END SOLUTION

# %% [markdown]
# ## How far you are
#
# The written answers of tasks 6 and 10 are not in this list: a person grades them.

# %%
progress()
