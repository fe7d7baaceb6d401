# %% setup="02_dot_product_attention"
import os

from autograder.learner import use

os.environ.setdefault("MPLBACKEND", "Agg")  # run as a script: draw without opening windows
check, hint, progress = use(__file__)

# %% [markdown]
# # Dot-product attention
#
# You build the attention of a decoder: one decoder step piece by piece, then all steps of a batch of sentences at once.
# Each function is a few lines of NumPy. Read the chapter's page first; the name in italics after each task is the section
# that explains it.
#
# | task | difficulty | minutes | points |
# |---|---|---|---|
# | 1 Dot scores | easy | 3 | 3 |
# | 2 General scores | easy | 5 | 2 |
# | 3 A softmax that survives | hard | 15 | 4 |
# | 4 Attention value | easy | 3 | 2 |
# | 5 Attentional state | easy | 3 | 2 |
# | 6 One decoder step | medium | 10 | 4 |
# | 7 In your own words: the weights or the value? | medium | 5 | 2 |
# | 8 All steps, all sentences at once | medium | 6 | 5 |
# | 9 Find the bug: alone and in company | medium | 5 | 2 |
# | 10 In your own words: two sizes | medium | 5 | 2 |
#
# After each task there is a check. Run it: a green box means right, an amber one partly right, a red one wrong. It says
# what is wrong, and usually which mistake was made. The hints before a task open step by step; `hint("softmax")`, with
# the name that stands in the check, shows the next one too. Tasks 7 and 10 are answered in words and graded by a
# person. The checks and the cells that set things up are locked, and those that need not be read are folded; every
# other cell is yours to play with.

# %% locked="libraries" folded=true
import re

import numpy as np

# Pictures have no ground of their own, and their letters a grey that can be read on a light and on a dark one. It
# is two greys, for a notebook puts a ground behind a picture whose numbers are all on the dark, or all on the
# light side of grey.
PICTURES = dict.fromkeys(["figure.facecolor", "axes.facecolor"], "none")
PICTURES |= dict.fromkeys(["text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color"], "#7f7f7f")
PICTURES |= {"ytick.color": "#808080"}


def or_empty(array, *shape):
    """Return the array; in the checks None stands for an empty one of the given shape."""
    return np.zeros(shape) if array is None else array


def refuses(make, *sizes):
    """Call make(): return [3] for a ValueError with all sizes in its message, [2] for a ValueError without them, [1]
    for another kind of error, [0] for none.
    """
    try:
        make()
    except ValueError as error:
        return [3 if {str(size) for size in sizes} <= set(re.findall(r"\d+", str(error))) else 2]
    except Exception:
        return [1]
    return [0]


# %% [markdown]
# ## One decoder step
#
# The encoder has read a sentence of $T$ words. Its states are the rows of $H$, $(T, d_h)$. The decoder is at step $t$,
# and its state is a vector $\mathbf{s}_t$, $(d_s,)$. As in chapter 1, matrices multiply one vector at a time, from the
# left: `W @ v`. (Task 2 has the one exception.)
#
# ### Task 1: Dot scores
#
# How well does each encoder state fit the question that $\mathbf{s}_t$ asks?
# $\operatorname{score}(\mathbf{s}_t, \mathbf{h}_i) = \mathbf{s}_t^\top \mathbf{h}_i$.
#
# *One decoder step by hand*


# %% solution="dot_scores"
def dot_scores(s_t, H):
    """Return the scores (T,): the dot product of s_t (d,) with each row of H (T, d). For T = 0 they are empty.

    Raises ValueError, with both sizes in its message, when s_t and the rows of H differ in size.
    """
    # TODO: one dot product for each row of H, and nothing else: no scale, no softmax.
    # NumPy's own ValueError, which `@` raises and which names both sizes, is good enough.
    ### BEGIN SOLUTION
    return H @ s_t
    ### END SOLUTION


# %% check="dot_scores"
def answer(s_t, H, misfit):  # misfit: encoder states of another size
    scores = dot_scores(s_t, or_empty(H, 0, len(s_t)))
    return scores, refuses(lambda: dot_scores(s_t, misfit), len(s_t), misfit.shape[1])


check("dot_scores", answer)

# %% [markdown]
# ### Task 2: General scores
#
# A matrix between the two states lets them differ in size:
# $\operatorname{score}(\mathbf{s}_t, \mathbf{h}_i) = \mathbf{s}_t^\top W \mathbf{h}_i$. Seen from $\mathbf{s}_t$ it
# stands on the right.
#
# *Three scores by name*


# %% solution="general_scores"
def general_scores(s_t, H, W):
    """Return the scores (T,): s_t^T W h_i for each row h_i of H.

    s_t (d_s,), H (T, d_h), W (d_s, d_h); d_s and d_h may differ. For T = 0 the scores are empty.
    """
    # TODO: all T scores; no scale, no softmax.
    ### BEGIN SOLUTION
    return dot_scores(s_t @ W, H)
    ### END SOLUTION


# %% check="general_scores"
def answer(s_t, H, W):
    return general_scores(s_t, or_empty(H, 0, W.shape[1]), W)


check("general_scores", answer)

# %% [markdown]
# ### Task 3: A softmax that survives
#
# The softmax turns scores into weights that share out one whole. Yours must survive three things:
#
# - Scores of 1000 or -1000. Their exponentials are infinite, or all 0.
# - A score of $-\infty$. It says "not there", and gets weight 0.
# - Rows where *nothing* is there: only $-\infty$, or no scores at all. Nobody can take weight, so the weights are zeros
#   (or there are none). A NaN would spread to everything computed later, and equal weights would treat what is not
#   there like real words. Chapter 3 hides padding with the same rule.
#
# *A softmax that survives*


# %% solution="softmax"
def softmax(scores, axis=-1):
    """Return weights of the shape of scores: the softmax along `axis`.

    scores: an array with one axis or more, of numbers of any size or -inf. Along `axis` the weights sum to 1. Where all
    scores along it are -inf the weights are 0; where it has length 0 the result is empty like the scores.
    """
    # TODO: 1. from the scores along `axis` subtract their own largest (0 where that is -inf); 2. take exponentials;
    # 3. divide by their sum along `axis` (by 1 where that is 0).
    # Use NumPy: a softmax from SciPy, PyTorch, TensorFlow or Keras earns no points. (The check below does not look for
    # one; grading does.)
    ### BEGIN SOLUTION
    largest = np.max(scores, axis=axis, keepdims=True, initial=-np.inf)
    exps = np.exp(scores - np.where(largest == -np.inf, 0, largest))
    total = np.sum(exps, axis=axis, keepdims=True)
    return exps / np.where(total == 0, 1, total)
    ### END SOLUTION


# %% check="softmax"
def answer(scores, **axis):  # some cases give an axis, others leave it out; None stands for three rows without scores
    return softmax(or_empty(scores, 3, 0), **axis)


check("softmax", answer)

# %%
print(softmax(np.array([2.0, 3.0, 0.0])).round(4), "the page's example")
print(softmax(np.array([1002.0, 1003.0, 1000.0])).round(4), "the same differences, so the same weights")

# %% [markdown]
# ### Task 4: Attention value
#
# The softmax turns the scores into weights. The **attention value** is what the lookup answers: every encoder state,
# times its weight, added up.
#
# *One decoder step by hand*


# %% solution="attention_value"
def attention_value(weights, H):
    """Return the attention value (d,): the sum of the rows of H (T, d), each times its weight.

    weights (T,) as softmax gives them: they sum to 1, or all are 0. For weights of 0, and for T = 0, the value is the
    zero vector (d,): nothing was found.
    """
    # TODO: the weighted sum. Do not divide by anything.
    ### BEGIN SOLUTION
    return weights @ H
    ### END SOLUTION


# %% check="attention_value"
def answer(weights, H):
    return attention_value(or_empty(weights, 0), or_empty(H, 0, 3))


check("attention_value", answer)

# %% [markdown]
# ### Task 5: Attentional state
#
# What was found and what the decoder knows are put end to end, the value first, and a layer makes one vector of them:
# $\tilde{\mathbf{s}}_t = \tanh(W_c\,[\mathbf{a}_t; \mathbf{s}_t] + \mathbf{b}_c)$.
#
# *One decoder step by hand*


# %% solution="attentional_state"
def attentional_state(s_t, a_t, W_c, b_c):
    """Return the attentional state (d,): tanh(W_c [a_t; s_t] + b_c).

    s_t (d_s,), the decoder state; a_t (d_h,), the attention value; W_c (d, d_h + d_s); b_c (d,).
    """
    # TODO: join the value and the state, value first; then the matrix, the bias and tanh.
    ### BEGIN SOLUTION
    return np.tanh(W_c @ np.concatenate([a_t, s_t]) + b_c)
    ### END SOLUTION


# %% check="attentional_state"
check("attentional_state", attentional_state)

# %% [markdown]
# ### Task 6: One decoder step
#
# Now the whole step. The cell of the RNN is handed over as a function, so that your step works with any cell:
# `cell(x_t, s_prev)` gives $\mathbf{s}_t$. The scores are dot scores, made with $\mathbf{s}_t$, the
# state that comes out of the cell.
#
# *One decoder step by hand*


# %% locked="cell"
def rnn_cell(W_x, W_s, b):
    """Return the cell of a tanh RNN as a function: cell(x_t, s_prev) -> s_t."""
    return lambda x_t, s_prev: np.tanh(W_x @ x_t + W_s @ s_prev + b)


# %% solution="luong_step"
def luong_step(x_t, s_prev, H, cell, W_c, b_c):
    """Return two things: the attentional state (d,) and the attention weights (T,).

    x_t (d_x,), the input; s_prev (d,), the state before; H (T, d), the encoder states;
    cell, a function: cell(x_t, s_prev) gives s_t (d,); W_c (d, 2 d); b_c (d,).
    For T = 0 the weights are empty and the attention value is the zero vector. Scores may be 1000 and more.
    Encoder states of another size are for dot_scores to refuse.
    """
    # TODO: cell, dot scores, softmax, attention value, attentional state. Return the attentional state, not s_t.
    ### BEGIN SOLUTION
    s_t = cell(x_t, s_prev)
    weights = softmax(dot_scores(s_t, H))
    a_t = attention_value(weights, H)
    return attentional_state(s_t, a_t, W_c, b_c), weights
    ### END SOLUTION


# %% check="luong_step"
def answer(x_t, s_prev, H, W_x, W_s, b, W_c, b_c):
    return luong_step(x_t, s_prev, or_empty(H, 0, len(s_prev)), rnn_cell(W_x, W_s, b), W_c, b_c)


check("luong_step", answer)

# %% [markdown]
# The page's example once more. Its cell is a stand-in that always answers the page's state, $(1, 2)$:

# %%
state, weights = luong_step(
    x_t=np.zeros(1),
    s_prev=np.zeros(2),
    H=np.array([[2.0, 0.0], [1.0, 1.0], [-2.0, 1.0]]),
    cell=lambda x_t, s_prev: np.array([1.0, 2.0]),
    W_c=np.array([[1.0, 0.0, 0.0, -0.5], [0.0, 1.0, 0.5, 0.0]]),
    b_c=np.array([0.1, -0.2]),
)
print("weights          ", weights.round(4))
print("attentional state", state.round(4))

# %% [markdown]
# ### Task 7: In your own words: the weights or the value?
#
# A student's summary says: "Concatenate the attention weights with the decoder state and multiply by $W_c$." One word
# is wrong. Answer in the next cell, in three to six sentences. Which shape would $W_c$ need for a sentence of 7
# words, and which for one of 40? What is joined instead, and what is its shape? Suppose that all sentences had 7 words:
# what would the weights alone still not tell the decoder?
#
# *What goes wrong*

# %% [markdown] written="weights_or_value" points=2
# ### BEGIN SOLUTION
# It is the attention *value* that is joined with the state. The weights have one entry for each source word, so $W_c$ would
# have to be $(d, 7 + d_s)$ for one sentence and $(d, 40 + d_s)$ for the other: one trained matrix cannot be both. The value has
# the size of an encoder state, $(d_h,)$, whatever the length, and $W_c$ is always $(d, d_h + d_s)$. With 7 words throughout the
# shapes would fit, but weights only say *where* the decoder looked. What stands there, the content of the encoder states,
# would not reach it at all.
#
# **Rubric**
#
# - 2: The value, of shape $(d_h,)$; both shapes that $W_c$ would need; weights say where the decoder looked, not
#   what is there.
# - 1: The value is named, but the shapes or the last question are missing or wrong.
# - 0: The wrong word is not found.
#
# **Comments**
#
# - It is the attention *value* that is joined with the state, not the weights.
# - With the weights, $W_c$ would be $(d, 7 + d_s)$ for one sentence and $(d, 40 + d_s)$ for the other: no matrix is
#   both.
# - Give the shape of the value, too: $(d_h,)$, whatever the length of the sentence.
# - Weights say only where the decoder looked. What stands there would not reach it, even if all sentences had 7
#   words.
# ### END SOLUTION

# %% [markdown]
# ## All steps at once
#
# ### Task 8: All steps, all sentences at once
#
# In training the right words are known, so all decoder states of a sentence can be computed first. Then all their
# lookups are two matrix products. For a batch, `@` does the same with every sentence: it multiplies the last two axes and
# leaves the first alone.
#
# *All steps, all sentences at once*


# %% solution="dot_attention"
def dot_attention(S, H):
    """Return (values, weights) of shapes (B, T_q, d) and (B, T_q, T_k): one attention value for each decoder state.

    S (B, T_q, d): the decoder states of B sentences; H (B, T_k, d): their encoder states.
    For T_k = 0 the weights are empty and the attention values are zeros. Raises ValueError, with both sizes in its
    message, when the last axes of S and H differ; `@` does so by itself.
    """
    # TODO: scores (B, T_q, T_k), not scaled, of any size; softmax over the encoder states; attention values. Any length
    # may be 1, and any two may be equal. No ready-made attention layer, please.
    ### BEGIN SOLUTION
    scores = S @ np.swapaxes(H, 1, 2)  # (B, T_q, T_k)
    weights = softmax(scores)
    return weights @ H, weights
    ### END SOLUTION


# %% check="dot_attention"
def answer(S, H, misfit):  # misfit: encoder states of another size
    result = dot_attention(S, or_empty(H, len(S), 0, S.shape[-1]))
    values, weights = result if isinstance(result, (tuple, list)) else [result]
    return values, weights, refuses(lambda: dot_attention(S, misfit), S.shape[-1], misfit.shape[-1])


check("dot_attention", answer)

# %% [markdown]
# What have you built? The next cell holds states of a real, if tiny, model: the page's left-to-right translator, trained on
# sentences from a small grammar, while it translates one that it was never shown. Each row of numbers is a state, in
# hundredths.

# %% locked="trained_states" folded=true
ENGLISH = ["the", "wild", "forest", "changes", "now"]
FRENCH = ["la", "forêt", "sauvage", "change", "maintenant", "<end>"]
encoder_states = np.array(
    [
        [-2, -64, -72, -54, 5, 45, 76, 75, 34, 33, -84, -82, 72, -38, 10, 94],
        [-88, 92, -28, 82, 40, 99, -99, -94, 25, 85, -99, 100, 41, 44, -34, -95],
        [-93, -94, 91, 58, 95, 26, -59, -2, -88, -22, -96, -66, -86, 10, -22, 92],
        [97, 99, 53, 11, -57, -49, 99, 6, 83, 100, -84, -92, -92, -93, -98, -41],
        [100, -40, 99, -18, -81, 56, 69, -100, -100, 92, 89, -81, -99, -65, -48, 87],
    ]
) / 100  # (5, 16)  # fmt: skip
decoder_states = np.array(
    [
        [-97, -99, -100, -50, -3, -100, 100, 100, -98, -98, -94, 99, -66, 99, -100, 100],
        [-98, -93, 90, -30, 99, -100, 85, -94, -70, 70, -82, -99, -83, 84, 100, -95],
        [-22, 69, 86, 88, 19, 98, -16, -84, 98, 94, -84, 98, 79, -100, -93, -44],
        [99, 39, 97, 94, -61, 99, 73, 58, 100, 97, -66, -89, 96, -98, -95, 35],
        [98, 99, 72, 12, -99, 32, 49, -97, -99, 99, 66, -33, 5, 99, 41, 99],
        [69, 81, -74, -45, -96, -94, -6, 22, -98, -36, 97, -88, 96, 74, -94, 87],
    ]
) / 100  # (6, 16)  # fmt: skip


def show_alignments(titled_weights, rows, columns):
    """Draw matrices of weights side by side, one row for each word of the decoder.

    titled_weights: {title: matrix (T_q, T_k)}; rows, columns: the words.
    """
    import matplotlib.pyplot as plt

    plt.rcParams.update(PICTURES)
    figure, axes = plt.subplots(1, len(titled_weights), figsize=(4.4 * len(titled_weights), 4), squeeze=False)
    for ax, (title, weights) in zip(axes[0], titled_weights.items(), strict=True):
        ax.imshow(weights, cmap="viridis", vmin=0, vmax=1)
        ax.set_xticks(range(len(columns)), columns, rotation=45)
        ax.set_yticks(range(len(rows)), rows)
        ax.set(title=title, xlabel="encoder state after …", ylabel="decoder state that writes …")
        for (i, j), weight in np.ndenumerate(np.asarray(weights)):
            ax.text(j, i, f"{weight:.2f}", ha="center", va="center", color="white" if weight < 0.6 else "black")
    figure.tight_layout()


# %%
values, weights = dot_attention(decoder_states[np.newaxis], encoder_states[np.newaxis])  # a batch of one
show_alignments({"weights": weights[0]}, FRENCH, ENGLISH)

# %% [markdown]
# Look at "forêt" and "sauvage": the decoder turns the order round, because a French adjective follows its noun. And to
# write "la" it looks at "forest" more than at "the": the gender is known there, not before.
#
# ### Task 9: Find the bug: alone and in company
#
# The function below was used for the same sentence. It raises no error, and all its weights lie between 0 and 1. But when
# a translation is made, states come one at a time, and then the output is nonsense. The cell shows the weights of the
# first state, in company of the other five and alone.
#
# *What goes wrong*


# %% locked="broken"
def broken_attention(S, H):
    """Return (values, weights) of one sentence: (T_q, d) and (T_q, T_k) for S (T_q, d) and H (T_k, d)."""
    scores = S @ H.T
    exps = np.exp(scores - scores.max(axis=0))
    weights = exps / exps.sum(axis=0)
    return weights @ H, weights


print("in company", broken_attention(decoder_states, encoder_states)[1][0].round(2))
print("alone     ", broken_attention(decoder_states[:1], encoder_states)[1][0].round(2))


# %% solution="find_the_bug"
def mended_attention(S, H):
    """Return (values, weights) of one sentence: (T_q, d) and (T_q, T_k) for S (T_q, d) and H (T_k, d); T_k is not 0.

    A decoder state gets the same alone as in company, and scores of 1000 give no NaN.
    """
    # TODO: copy the body of broken_attention and mend it.
    ### BEGIN SOLUTION
    scores = S @ H.T
    exps = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = exps / exps.sum(axis=1, keepdims=True)
    return weights @ H, weights
    ### END SOLUTION


# %% check="find_the_bug"
check("find_the_bug", mended_attention)

# %% [markdown]
# Before and after. In the broken map each *column* shares out one whole. No French word looks mostly at "the", but somebody
# has to take it, and that is "change":

# %%
show_alignments(
    {
        "broken": broken_attention(decoder_states, encoder_states)[1],
        "mended": mended_attention(decoder_states, encoder_states)[1],
    },
    FRENCH,
    ENGLISH,
)

# %% [markdown]
# ### Task 10: In your own words: two sizes
#
# An encoder has states of 600 numbers, the decoder has states of 400. Answer in the next cell, in three to six
# sentences. Which of the scores dot, general and concat can be used, and with which shapes of their parameters? A
# friend wants to keep dot and appends 200 zeros at the end of every $\mathbf{s}_t$. What does each score see of
# $\mathbf{h}_i$ then, and which matrix $W$ of the general score is that the same as?
#
# *Three scores by name*

# %% [markdown] written="two_sizes" points=2
# ### BEGIN SOLUTION
# Dot needs equal sizes, so it is out. General works with $W$ of shape $(400, 600)$; concat with $W_a$ of shape
# $(u, 1000)$ and $\mathbf{v}_a$ of shape $(u,)$, for any $u$. With 200 zeros at the end of $\mathbf{s}_t$ the last 200
# products are 0, so a score sees only the first 400 numbers of $\mathbf{h}_i$. That is the general score with a fixed
# $W = [I \; 0]$, the identity of size 400 beside 200 columns of zeros. The values still carry all 600 numbers, but what
# the lookup is to find would have to be in the first 400, and nothing in $W$ could be learned.
#
# **Rubric**
#
# - 2: General and concat, with their shapes; with the zeros only the first 400 numbers are seen, as with $W = [I \;
#   0]$.
# - 1: The scores with their shapes are right, or what the zeros do; not both.
# - 0: Neither is right.
#
# **Comments**
#
# - Dot needs two vectors of one size, so it is out.
# - The shapes are $(400, 600)$ for $W$ of general, and $(u, 1000)$ and $(u,)$ for $W_a$ and $\mathbf{v}_a$ of concat.
# - The zeros meet the last 200 numbers of $\mathbf{h}_i$, so a score sees only the first 400.
# - It is the general score with the fixed matrix $W = [I \; 0]$, in which nothing can be learned.
# ### END SOLUTION

# %% [markdown]
# ## How far you are
#
# The written answers of tasks 7 and 10 are not in this list: a person grades them.

# %%
progress()
