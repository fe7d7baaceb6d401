# %% setup="01_seq2seq_limits"
import os

from autograder.learner import use

os.environ.setdefault("MPLBACKEND", "Agg")  # run as a script: draw without opening windows
check, hint, progress = use(__file__)

# %% [markdown]
# # Why a fixed-size context fails
#
# You build an encoder-decoder from recurrent networks, one step at a time, and see that everything it knows about a
# sentence passes through one vector. Then you follow a gradient back through time and measure how much of it arrives.
# Each function is a few lines. Read the chapter's page first; the name in italics after each task is the section that
# explains it.
#
# | task | difficulty | minutes | points |
# |---|---|---|---|
# | 1 One step of an RNN | easy | 5 | 3 |
# | 2 The encoder | medium | 10 | 4 |
# | 3 One step of the decoder | easy | 10 | 4 |
# | 4 In your own words: how much fits? | medium | 10 | 2 |
# | 5 The derivative of tanh | easy | 5 | 2 |
# | 6 Gradient through time | hard | 20 | 4 |
# | 7 Find the bug: the wrong way round | medium | 10 | 2 |
# | 8 In your own words: which cure for what? | medium | 10 | 2 |
#
# After each task there is a check. Run it: a green box means right, an amber one partly right, a red one wrong. It says
# what is wrong, and usually which mistake was made. The hints before a task open step by step; `hint("encode")`, with
# the name that stands in the check, shows the next one too. Tasks 4 and 8 are answered in words and graded by a person.
# The checks and the cells that set things up are locked, and those that need not be read are folded; every other cell
# is yours to play with.
#
# In this chapter a matrix stands to the left of a vector, `W @ v`, and has the shape (numbers out, numbers in). The
# sizes $d_x$, $d_h$, $d_y$ and $V$ are all different: take each from the arrays that you are given.

# %% locked="libraries"
import numpy as np

# Pictures have no ground of their own, and their letters a grey that can be read on a light and on a dark one. It
# is two greys, for a notebook puts a ground behind a picture whose numbers are all on the dark, or all on the
# light side of grey.
PICTURES = dict.fromkeys(["figure.facecolor", "axes.facecolor"], "none")
PICTURES |= dict.fromkeys(["text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color"], "#7f7f7f")
PICTURES |= {"ytick.color": "#808080"}

# %% [markdown]
# ## Part A: an encoder and a decoder
#
# ### Task 1: One step of an RNN
#
# A recurrent network reads one input after the other and keeps a **state** $\mathbf{h}$. Each step makes a new state of
# the new input and the state before:
#
# $$\mathbf{h}_t = \tanh(W_x \mathbf{x}_t + W_h \mathbf{h}_{t-1} + \mathbf{b})$$
#
# *The formula, with shapes*


# %% solution="rnn_step"
def rnn_step(x_t, h_prev, W_x, W_h, b):
    """Return the new state h_t, shape (d_h,).

    x_t (d_x,): the input; h_prev (d_h,): the state before; W_x (d_h, d_x), W_h (d_h, d_h), b (d_h,).
    """
    # TODO: the formula above, for one step.
    ### BEGIN SOLUTION
    return np.tanh(W_x @ x_t + W_h @ h_prev + b)
    ### END SOLUTION


# %% check="rnn_step"
check("rnn_step", rnn_step)

# %% [markdown]
# ### Task 2: The encoder
#
# The encoder repeats that step for every word of a sentence, starting from $\mathbf{h}_0 = \mathbf{0}$. The state after
# the last word is the **context vector**: it is all that the decoder will get.
#
# *Three words by hand*


# %% solution="encode"
def encode(X, W_x, W_h, b):
    """Return (H, context): the states after each word, (T, d_h), and the context vector, (d_h,).

    X (T, d_x): one word to a row; W_x (d_h, d_x), W_h (d_h, d_h), b (d_h,). h_0 is all zeros and is no row of H.
    A sentence may have a single word, or none: for T = 0, H has no rows and the context is h_0, d_h zeros.
    """
    # TODO: one rnn_step for each row of X, each from the state before; collect the states; the last is the context.
    ### BEGIN SOLUTION
    h = np.zeros(len(b))
    H = np.zeros((len(X), len(b)))
    for t, x_t in enumerate(X):
        h = rnn_step(x_t, h, W_x, W_h, b)
        H[t] = h
    return H, h
    ### END SOLUTION


# %% check="encode"
def answer(X, T, W_x, W_h, b):
    result = encode(X[:T], W_x, W_h, b)
    if T > 0:
        return result
    H, context = result.values() if isinstance(result, dict) else result
    return [len(H)], context  # no words: H must have no rows, an empty list will do


check("encode", answer)

# %% [markdown]
# Words need vectors. The next cell gives every *different* word one vector of random numbers, and draws the parameters
# of an encoder. Nothing is trained here.


# %% locked="words" folded=true
def embed(words, d_x, seed=0):
    """Return (T, d_x): one random vector for each different word, repeated where the word is."""
    vocabulary = list(dict.fromkeys(words))
    table = np.random.default_rng(seed).normal(size=(len(vocabulary), d_x))
    return table[[vocabulary.index(word) for word in words]]


def random_rnn(d_x, d_h, gain=1.0, seed=1):
    """Return W_x (d_h, d_x), W_h (d_h, d_h) and b (d_h,); all singular values of W_h are `gain`."""
    rng = np.random.default_rng(seed)
    W_x = rng.normal(size=(d_h, d_x)) / np.sqrt(d_x)
    W_h = gain * np.linalg.qr(rng.normal(size=(d_h, d_h)))[0]
    return W_x, W_h, np.zeros(d_h)


def show_states(titled_states, words):
    """Draw the states (T, d_h) of sentences, one row to a word, with the context vector below each."""
    import matplotlib.pyplot as plt

    plt.rcParams.update(PICTURES)
    size = (4.6 * len(titled_states), 4.4)
    figure, axes = plt.subplots(1, len(titled_states), figsize=size, squeeze=False, layout="constrained")
    for ax, (title, (H, context)), names in zip(axes[0], titled_states.items(), words, strict=True):
        gap = np.full((1, H.shape[1]), np.nan)
        image = ax.imshow(np.vstack([H, gap, context]), cmap="PuOr", vmin=-1, vmax=1, aspect="auto")
        ax.set_yticks([*range(len(names)), len(names) + 1], [*names, "context"])
        ax.set(title=title, xlabel="unit")
    figure.colorbar(image, ax=axes[0].tolist(), label="state")


# %% [markdown]
# What you have built: a sentence of three words and one of nine go through the same encoder. There are more states for
# the longer one, but its context has no more numbers.

# %%
SHORT = ["the", "cat", "sleeps"]
LONG = ["the", "cat", "that", "chased", "the", "dog", "next", "door", "sleeps"]
parameters = random_rnn(d_x=6, d_h=10)
encoded = {f"{len(words)} words": map(np.asarray, encode(embed(words, 6), *parameters)) for words in (SHORT, LONG)}
encoded = {name: tuple(arrays) for name, arrays in encoded.items()}
for name, (H, context) in encoded.items():
    print(f"{name}: H {H.shape}, context {context.shape}")
show_states(encoded, [SHORT, LONG])

# %% [markdown]
# ### Task 3: One step of the decoder
#
# The decoder is an RNN too. Its first state is the context. In each step it reads the word that it wrote before, makes
# a new state $\mathbf{s}_t$ and, of this, one score for each of the $V$ words of the vocabulary. These scores are
# called **logits**; a softmax would turn them into probabilities.
#
# $$\mathbf{s}_t = \tanh(W_y \mathbf{y}_{t-1} + W_s \mathbf{s}_{t-1} + \mathbf{b})$$
#
# $$\text{logits} = W_{\text{out}}\, \mathbf{s}_t + \mathbf{b}_{\text{out}}$$
#
# *The formula, with shapes*


# %% solution="decode_step"
def decode_step(y_prev, s_prev, W_y, W_s, b, W_out, b_out):
    """Return (s_t, logits), shapes (d_h,) and (V,).

    y_prev (d_y,): the word written before; s_prev (d_h,): the state before; W_y (d_h, d_y), W_s (d_h, d_h), b (d_h,),
    W_out (V, d_h), b_out (V,). A state of another size than W_s takes must raise a ValueError (`@` does so by itself).
    """
    # TODO: the new state, then the logits of the new state. No softmax.
    ### BEGIN SOLUTION
    s_t = rnn_step(y_prev, s_prev, W_y, W_s, b)
    return s_t, W_out @ s_t + b_out
    ### END SOLUTION


# %% check="decode_step"
def answer(fits, **arguments):
    if fits:
        return decode_step(**arguments)
    try:  # this state has another size than W_s takes
        decode_step(**arguments)
    except ValueError:
        return [1.0], [1.0]  # refused, as it must be
    return [0.0], [0.0]  # accepted


check("decode_step", answer)

# %% [markdown]
# Both halves together: the encoder reads, the decoder starts from the context and always writes the word with the best
# score. The parameters are random, so it writes nonsense. But look at what it was given: one vector of ten numbers, the
# same size for both sentences.


# %% locked="write" folded=true
def write(context, count, seed=2):
    """Write `count` words with a decoder of random parameters that starts from the context."""
    vocabulary = ["the", "cat", "dog", "sleeps", "barks", "door", "next"]
    vectors = np.random.default_rng(seed).normal(size=(len(vocabulary), 5))  # (V, d_y)
    W_y, W_s, b = random_rnn(d_x=5, d_h=len(context), gain=1.5, seed=seed)
    W_out = np.random.default_rng(seed).normal(size=(len(vocabulary), len(context)))
    y, s, words = np.zeros(5), context, []
    for _ in range(count):
        s, logits = decode_step(y, s, W_y, W_s, b, W_out, np.zeros(len(vocabulary)))
        words.append(vocabulary[int(np.argmax(logits))])
        y = vectors[int(np.argmax(logits))]
    return words


# %%
for name, (_, context) in encoded.items():
    print(f"{name}, from {context.shape}:", *write(context, 6))

# %% [markdown]
# ### Task 4: In your own words: how much fits?
#
# A context vector has 32 numbers. After training, each can be told apart at 4 levels. The vocabulary has 1,024 words,
# and any word may follow any other. Answer in the next cell, in three to six sentences. How many bits does the vector
# hold, and how many words is that? What must happen to a sentence of 20 words, however long the training? A colleague
# proposes a vector of 128 numbers: what does that change, and what not?
#
# *How much one vector must hold*

# %% [markdown] written="how_much_fits" points=2
# ### BEGIN SOLUTION
# Four levels are 2 bits, so the vector holds 32 times 2 = 64 bits. A word out of 1,024 is 10 bits, so at most six words
# fit. Twenty words are 200 bits: there are $2^{200}$ such sentences and only $2^{64}$ vectors that can be told apart, so
# different sentences end in the same vector, and the decoder cannot know which one was meant. With 128 numbers it is
# 256 bits, 25 words: the limit has moved but it is still there, because the vector does not grow with the sentence. (Real
# language is easier: few words can follow a given one, so a word carries fewer bits than 10.)
#
# **Rubric**
#
# - 2: 64 bits, so six words; 20 words must share vectors, however long the training; 128 numbers only move the
#   limit.
# - 1: The count is right, or what follows from it for 20 words and for 128 numbers; not both.
# - 0: Neither is right.
#
# **Comments**
#
# - Four levels are 2 bits, so the vector holds 64 bits; a word out of 1,024 takes 10, so six words fit.
# - Training does not help: there are more sentences of 20 words than vectors that can be told apart.
# - Say what happens then: different sentences end in the same vector, and the decoder cannot know which was meant.
# - 128 numbers hold 25 words. The limit has moved, but the vector still does not grow with the sentence.
# ### END SOLUTION

# %% [markdown]
# ## Part B: the gradient through time
#
# That a vector *could* hold a sentence does not mean that training finds out how. To learn what to keep of the first
# word, the network must feel its effect on the last state: the gradient has to travel back through all the steps.
#
# ### Task 5: The derivative of tanh
#
# Each step passes through tanh, so the gradient meets its derivative at each step.
#
# *The slope of tanh*


# %% solution="tanh_derivative"
def tanh_derivative(x):
    """Return the derivative of tanh at x, an array of the same shape."""
    # TODO: the slope at every entry of x. `np.tanh` is all you need.
    ### BEGIN SOLUTION
    return 1 - np.tanh(x) ** 2
    ### END SOLUTION


# %% check="tanh_derivative"
check("tanh_derivative", tanh_derivative)

# %%
import matplotlib.pyplot as plt

plt.rcParams.update(PICTURES)
grid = np.linspace(-4, 4, 201)
figure, ax = plt.subplots(figsize=(6, 3.2))
ax.plot(grid, np.tanh(grid), label="tanh")
ax.plot(grid, tanh_derivative(grid), "--", label="your derivative")
ax.set(xlabel="x")
ax.legend()
ax.grid(alpha=0.3)

# %% [markdown]
# ### Task 6: Gradient through time
#
# How strongly does the last state $\mathbf{h}_T$ depend on an earlier one, $\mathbf{h}_t$? One step has the Jacobian
#
# $$\frac{\partial \mathbf{h}_{t+1}}{\partial \mathbf{h}_t} = \operatorname{diag}\!\big(\tanh'(\mathbf{z}_{t+1})\big)\, W_h$$
#
# where $\mathbf{h}_{t+1} = \tanh(\mathbf{z}_{t+1})$. It is a matrix $(d_h, d_h)$, and by the chain rule several steps
# have the *product* of their Jacobians. Its size is the **spectral norm**: by how much it can stretch a vector at most,
# which is the largest singular value, `np.linalg.norm(product, 2)`.
#
# *Gradient through time*


# %% solution="gradient_through_time"
def gradient_through_time(H, W_h):
    """Return the spectral norms of d h_T / d h_t for t = 1 … T, shape (T,).

    H (T, d_h): the states h_1 … h_T, values of tanh, with h_1 in row 0; W_h (d_h, d_h). The last entry belongs to
    d h_T / d h_T, the identity matrix, and is 1. For one state the result is [1.]; for none, T = 0, it is empty, (0,).
    """
    # TODO: multiply the Jacobians of the steps between h_t and h_T, and take the norm, for every t.
    ### BEGIN SOLUTION
    norms = np.ones(len(H))
    product = np.eye(len(W_h))
    for t in reversed(range(len(H) - 1)):
        jacobian = (1 - H[t + 1] ** 2)[:, np.newaxis] * W_h  # (d_h, d_h)
        product = product @ jacobian
        norms[t] = np.linalg.norm(product, 2)
    return norms
    ### END SOLUTION


# %% check="gradient_through_time"
def answer(H, T, W_h):  # the first T states are used
    return gradient_through_time(H[:T], W_h)


check("gradient_through_time", answer)

# %% [markdown]
# Your function at work. Forty random words go through encoders that differ only in the *gain* of $W_h$: all its singular
# values are 0.5, 1, 1.5 or 3. The curves go back in time from the last word, on a logarithmic axis. (The words are twice
# as loud as on the page, so every curve is lower.)

# %%
rng = np.random.default_rng(3)
X = rng.normal(size=(40, 6))
figure, ax = plt.subplots(figsize=(6.4, 3.8))
for gain, line in [(0.5, "-"), (1.0, "--"), (1.5, "-."), (3.0, ":")]:
    W_x, W_h, b = random_rnn(d_x=6, d_h=24, gain=gain)
    H, _ = encode(X, W_x, W_h, b)
    norms = np.ravel(gradient_through_time(H, W_h))
    ax.semilogy(np.arange(len(norms)), norms[::-1], line, label=f"gain {gain}")
    print(f"gain {gain}: after 39 steps the norm is {float(norms[0]):.1e}")
ax.set(xlabel="steps back from the last word", ylabel="norm of the gradient")
ax.legend()
ax.grid(alpha=0.3)
# %% [markdown]
# Is it the true gradient? TensorFlow finds derivatives by itself, from the steps forward alone. The next cell is not
# graded. It compares the two, or says that TensorFlow is not installed.

# %%
import importlib.util
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # no log messages
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # plain arithmetic: the same digits on more machines
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"  # the processor is enough
if importlib.util.find_spec("tensorflow"):
    import tensorflow as tf

    W_x, W_h, b = random_rnn(d_x=6, d_h=8)
    H, _ = encode(X[:10], W_x, W_h, b)
    with tf.GradientTape(persistent=True) as tape:
        h, states = tf.zeros(8, tf.float64), []
        for x in X[:10]:
            h = tf.tanh(tf.linalg.matvec(W_x, x) + tf.linalg.matvec(W_h, h) + b)
            tape.watch(h)
            states.append(h)
    jacobians = [tape.jacobian(states[-1], state, experimental_use_pfor=False) for state in states]
    print("TensorFlow:", np.round([np.linalg.norm(jacobian, 2) for jacobian in jacobians], 6))
    print("yours:     ", np.round(gradient_through_time(H, W_h), 6))
else:
    print("TensorFlow is not installed here, so there is nothing to compare with.")

# %% [markdown]
# ### Task 7: Find the bug: the wrong way round
#
# When a network is trained, nobody multiplies matrices with matrices. One *vector* travels backwards: the gradient of the
# loss with respect to the last state, then to the state before, and so on. The function below does that, from
# `grad_last`, the gradient with respect to $\mathbf{h}_T$, and the $\mathbf{z}_t$ that went into tanh.
#
# Its author is puzzled. Where all units are near 0 and tanh is steepest, nothing comes back. Where they are
# saturated and tanh is flat, everything does.
#
# *Gradient through time*


# %% locked="broken"
def broken_gradients(grad_last, Z, W_h):
    """Return the gradient with respect to each state, (T, d_h); its last row is grad_last.

    grad_last (d_h,): the gradient with respect to h_T;
    Z (T, d_h): what went into tanh, h_t = tanh(z_t); T is at least 1.
    """
    gradients = np.zeros_like(Z)
    gradients[-1] = grad_last
    for t in reversed(range(len(Z) - 1)):
        gradients[t] = W_h.T @ (np.tanh(Z[t + 1]) * gradients[t + 1])
    return gradients


_, W_h, _ = random_rnn(d_x=6, d_h=8)  # stretches no vector and shrinks none
for name, level in [("near 0   ", 0.01), ("saturated", 5.0)]:
    gradients = broken_gradients(np.ones(8), np.full((5, 8), level), W_h)
    print(f"units {name}: length of the gradient at each state", *(f"{np.linalg.norm(g):.4f}" for g in gradients))


# %% solution="find_the_bug"
def mended_gradients(grad_last, Z, W_h):
    """Return the gradient with respect to each state, (T, d_h); its last row is grad_last.

    grad_last (d_h,): the gradient with respect to h_T;
    Z (T, d_h): what went into tanh, h_t = tanh(z_t); T is at least 1.
    """
    # TODO: copy the body of broken_gradients and mend it.
    ### BEGIN SOLUTION
    gradients = np.zeros_like(Z)
    gradients[-1] = grad_last
    for t in reversed(range(len(Z) - 1)):
        gradients[t] = W_h.T @ (tanh_derivative(Z[t + 1]) * gradients[t + 1])
    return gradients
    ### END SOLUTION


# %% check="find_the_bug"
check("find_the_bug", mended_gradients)

# %%
_, small_W_h, _ = random_rnn(d_x=6, d_h=8)
for name, level in [("near 0   ", 0.01), ("saturated", 5.0)]:
    gradients = mended_gradients(np.ones(8), np.full((5, 8), level), small_W_h)
    print(f"units {name}: length of the gradient at each state", *(f"{np.linalg.norm(g):.4f}" for g in gradients))

# %% [markdown]
# ### Task 8: In your own words: which cure for what?
#
# Four cures have been proposed for an encoder-decoder that fails on long sentences: (a) a larger context vector, (b) a
# $W_h$ with a larger gain, (c) a GRU or LSTM in place of the plain RNN, (d) letting the decoder look at all rows of $H$
# in every step. Say for each, in one or two sentences, whether it helps against the narrow context, against the
# vanishing gradient, against both or against neither, and why.
#
# *What attention will change*

# %% [markdown] written="which_cure" points=2
# ### BEGIN SOLUTION
# (a) Helps against the narrow context, up to a length: the vector is still one and does not grow with the sentence. The
# gradient has to pass as many steps as before. (b) Helps against neither for sure: with a larger $W_h$ the gradient
# shrinks more slowly, but a little more and it explodes, and the context is as narrow as ever. (c) Helps against the
# vanishing gradient: gates let a state pass through a step nearly unchanged, so there is a factor near 1. All still
# goes through one vector. (d) Helps against both: what the decoder can reach grows with the sentence, $T$ vectors in
# place of one, and the gradient gets from an output to any word's state in one step, without passing the states
# between.
#
# **Rubric**
#
# - 2: All four are right, with reasons: (a) the context, up to a length, (b) neither for sure, (c) the gradient, (d)
#   both.
# - 1: Two or three are right with a reason, or all four without.
# - 0: At most one is right.
#
# **Comments**
#
# - (a) A larger vector holds more, but it does not grow with the sentence, and the gradient has as many steps to go.
# - (b) A larger gain makes gradients explode where they vanished, and the context is as narrow as ever.
# - (c) Gates help the gradient; still, all that the decoder knows of the sentence goes through one vector.
# - (d) Attention helps against both: $T$ vectors to look at, and one step from an output to the state of any word.
# - That is right, but the reasons are missing.
# ### END SOLUTION

# %% [markdown]
# ## How far you are
#
# The written answers of tasks 4 and 8 are not in this list: a person grades them.

# %%
progress()
