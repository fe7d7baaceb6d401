# %% setup="11_looking_inside"
import os

from autograder.learner import use

os.environ.setdefault("MPLBACKEND", "Agg")  # run as a script: draw without opening windows
check, hint, progress = use(__file__)

# %% [markdown]
# # Looking inside
#
# Here is a trained model, and you write the instruments: for its maps, its heads, its stream, its copying. Each is a few
# lines of NumPy. Read the chapter's page first; the name in italics after each task is the section that explains it.
#
# | task | difficulty | minutes | points |
# |---|---|---|---|
# | 1 How spread out is each row? | easy | 5 | 2 |
# | 2 What each head adds | medium | 10 | 3 |
# | 3 Take heads out | easy | 5 | 2 |
# | 4 In your own words: a map and a removal | medium | 10 | 3 |
# | 5 The stream, layer by layer | easy | 5 | 2 |
# | 6 The logit lens | easy | 5 | 2 |
# | 7 Which head looks back by one? | medium | 10 | 2 |
# | 8 Which head looks behind the earlier copy? | medium | 10 | 3 |
# | 9 What a repetition is worth | easy | 5 | 2 |
# | 10 Find the bug: every head worse than the last | easy | 5 | 2 |
# | 11 In your own words: is it an induction head? | hard | 10 | 3 |
#
# After each task there is a check. Run it: a green box means right, an amber one partly right, a red one wrong. It says
# what is wrong, and usually which mistake was made. The hints before a task open step by step; `hint("logit_lens")`,
# with the name that stands in the check, shows the next one too. Tasks 4 and 11 are answered in words and graded by a
# person. The checks and the cells that set things up are locked; every other cell is yours to play with.
#
# **Conventions.** Attention weights are (B, H, T_q, T_k), and row t belongs to query t. Positions, layers and heads count
# from 0: head 1.2 is head 2 of layer 1.

# %% locked="libraries"
import base64
import json
import math

import numpy as np

# Pictures have no ground of their own, and their letters a grey that can be read on a light and on a dark one. It is two
# greys, for a notebook puts a ground behind a picture whose numbers are all on the dark, or all on the light side of grey.
PICTURES = dict.fromkeys(["figure.facecolor", "axes.facecolor"], "none")
PICTURES |= dict.fromkeys(["text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color"], "#7f7f7f")
PICTURES |= {"ytick.color": "#808080"}


def softmax(scores):
    """Return the softmax along the last axis."""
    exps = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-1, keepdims=True)


def layer_norm(x, gamma, beta, epsilon=1e-6):
    """Return x with mean 0 and variance 1 along the last axis, times gamma, plus beta."""
    centred = x - x.mean(axis=-1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + epsilon) * gamma + beta


def losses_of(logits, wanted):
    """Return minus the log of the probability of each wanted id: (B, T, V), (B, T) -> (B, T)."""
    right = np.take_along_axis(softmax(logits), wanted[..., np.newaxis], axis=-1)[..., 0]
    return -np.log(np.maximum(right, 1e-12))


# %% [markdown]
# ## The model
#
# Two small models were trained for this notebook. The next cell holds all their numbers; run it, and pass over it. Both
# read letters and name the next one. The letters say a string of different letters again and again; how long the string
# is, its **period**, the model has to find out. Both consist of attention alone, four heads to a layer. `COPIER` has two
# layers and was trained on periods from 4 to 8. `ONE_PERIOD` has one layer, and all its strings had the period 6. You will
# meet it at the end.


# %% locked="numbers"
COPIER = "{}"
ONE_PERIOD = "{}"

# %% locked="model"
LETTERS = "abcdefghijklmnop"
HEADS = 4


def unpack(text):
    """Return a model as a dictionary of arrays; its numbers are kept in eight bits each."""
    data = json.loads(text)
    numbers, model = np.frombuffer(base64.b64decode(data["numbers"], altchars=b"._"), dtype=np.int8), {}
    for name, shape, step in data["arrays"]:
        size = math.prod(shape)
        model[name], numbers = step * numbers[:size].reshape(shape), numbers[size:]
    return model


def repeated(count, period, length, seed=0):
    """Return ids (count, length): each row says a string of `period` different letters again and again."""
    strings = np.random.default_rng(seed).random((count, len(LETTERS))).argsort(axis=1)
    return strings[:, np.arange(length) % period]


def own_output(layer, weights, value, W_o, b_o):
    """Return the output (B, T, d_model) of a layer: the heads side by side, times W_o, plus b_o."""
    B, H, T, d_k = value.shape
    return (weights @ value).swapaxes(1, 2).reshape(B, T, H * d_k) @ W_o + b_o


def look_inside(model, ids, layer_output=own_output):
    """Run a model on ids (B, T) and return what happens on the way, in a dictionary.

    embedding (B, T, d_model); lists with an entry for each layer: weights (B, H, T, T), value (B, H, T, d_k),
    output (B, T, d_model); and the logits (B, T, V). `layer_output` takes the place of a layer's last step.
    """
    T, x = ids.shape[1], model["E"][ids] + model["P"][: ids.shape[1]]
    hidden = np.triu(np.ones((T, T), dtype=bool), k=1)
    seen = {"embedding": x, "weights": [], "value": [], "output": []}
    layer = 0
    while f"{layer}.W_o" in model:
        p = {name: model[f"{layer}.{name}"] for name in ("gamma", "beta", "W_o", "b_o")}
        y = layer_norm(x, p["gamma"], p["beta"])  # the norm comes before the layer: pre-norm
        query, key, value = (
            (y @ model[f"{layer}.W_{name}"] + model[f"{layer}.b_{name}"]).reshape(*ids.shape, HEADS, -1).swapaxes(1, 2)
            for name in "qkv"
        )  # (B, H, T, d_k) each
        scores = query @ key.swapaxes(-1, -2) / np.sqrt(query.shape[-1])
        weights = softmax(np.where(hidden, -1e9, scores))
        output = layer_output(layer, weights, value, p["W_o"], p["b_o"])
        x = x + output
        for name, array in (("weights", weights), ("value", value), ("output", output)):
            seen[name].append(array)
        layer += 1
    return seen | {"logits": layer_norm(x, model["gamma"], model["beta"]) @ model["W_u"]}


copier, one_period = unpack(COPIER), unpack(ONE_PERIOD)
ids = repeated(200, period=8, length=16)
seen = look_inside(copier, ids)


def show_maps(maps, letters, titles):
    """Draw attention weights (n, T, T) side by side."""
    import matplotlib.pyplot as plt

    plt.rcParams.update(PICTURES)
    figure, axes = plt.subplots(1, len(maps), figsize=(2.9 * len(maps), 3.1), layout="tight", squeeze=False)
    for ax, weights, title in zip(axes[0], maps, titles, strict=True):
        ax.imshow(weights, cmap="Blues", vmin=0, vmax=1)
        ax.set_xticks(range(len(letters)), letters, fontsize=7)
        ax.set_yticks(range(len(letters)), letters, fontsize=7)
        ax.set(title=title, xlabel="key", ylabel="query")


# %% [markdown]
# See it at work. Below each letter stands what the model named for the place *after* it, in capitals where it was right.

# %%
for letters, named in zip(ids[:3], seen["logits"][:3].argmax(axis=-1), strict=True):
    right = np.append(named[:-1] == letters[1:], False)
    print("reads", " ".join(LETTERS[n] for n in letters))
    print("names", " ".join(LETTERS[n].upper() if hit else LETTERS[n] for n, hit in zip(named, right, strict=True)))

# %% [markdown]
# In the first repetition nobody can know what comes. From the second letter of the second repetition on it is nearly always
# right, with strings that it has never seen. How does it do that? Look at its eight maps, of one row of letters.

# %%
example = [LETTERS[n] for n in ids[0]]
for layer in range(2):
    show_maps(seen["weights"][layer][0], example, [f"head {layer}.{h}" for h in range(HEADS)])

# %% [markdown]
# ## Part A: maps and heads
#
# ### Task 1: How spread out is each row?
#
# The entropy of a row of weights, in bits: 0 when one key has all the weight, $\log_2 n$ when n keys share alike. A weight
# of 0 adds nothing.
#
# *How spread out is a row*


# %% solution="attention_entropy"
def attention_entropy(weights):
    """Return the entropy in bits (B, H, T_q) of each row of weights (B, H, T_q, T_k). Rows sum to 1 and may hold zeros."""
    # TODO: weights times their logarithms of base 2, added up along each row. Mind the logarithm of 0.
    ### BEGIN SOLUTION
    logarithms = np.log2(np.where(weights > 0, weights, 1))  # 0 where the weight is 0
    return -(weights * logarithms).sum(axis=-1)
    ### END SOLUTION


# %% check="attention_entropy"
check("attention_entropy", attention_entropy)

# %% [markdown]
# The mean over all rows of 200 strings, for each head. Even weights would have 2.8 bits. Which heads in the pictures above
# are sharp, and does the number agree?

# %%
for layer in range(2):
    for h, mean in enumerate(attention_entropy(seen["weights"][layer]).mean(axis=(0, 2))):
        print(f"head {layer}.{h}: {mean:.2f} bits")

# %% [markdown]
# ### Task 2: What each head adds
#
# The output of a layer is a sum: what head 0 adds, plus what head 1 adds, and so on, plus $\mathbf{b}_o$. Give the terms of
# that sum one by one, without the bias, which belongs to no head.
#
# *Each head adds its share*


# %% solution="head_outputs"
def head_outputs(weights, value, W_o):
    """Return what each head adds to the output of its layer, (B, H, T_q, d_model), without any bias.

    weights (B, H, T_q, T_k), value (B, H, T_k, d_k), W_o (H * d_k, d_model): a head has its own d_k rows, head 0 the first.
    """
    # TODO: mix the values of each head; then multiply by the rows of W_o that belong to it.
    ### BEGIN SOLUTION
    H, d_k = value.shape[1], value.shape[-1]
    rows = W_o.reshape(H, d_k, -1)  # (H, d_k, d_model)
    return weights @ value @ rows
    ### END SOLUTION


# %% check="head_outputs"
check("head_outputs", head_outputs)

# %% [markdown]
# Do the shares add up to what the layer put out? And how large are they?

# %%
for layer in range(2):
    W_o, b_o = copier[f"{layer}.W_o"], copier[f"{layer}.b_o"]
    shares = head_outputs(seen["weights"][layer], seen["value"][layer], W_o)  # (B, H, T, d_model)
    print(f"layer {layer}: largest difference {np.abs(shares.sum(axis=1) + b_o - seen['output'][layer]).max():.0e}")
    print("  mean length of a share:", np.linalg.norm(shares, axis=-1).mean(axis=(0, 2)).round(2))

# %% [markdown]
# ### Task 3: Take heads out
#
# The layer's output without some of its heads. The bias stays, once, whichever heads go.
#
# *Take a head out*


# %% solution="without_heads"
def without_heads(contributions, removed, b_o):
    """Return the output (B, T, d_model) of a layer without the heads that are removed.

    contributions (B, H, T, d_model): what each head adds; removed (H,): whole numbers, 1 = take this head out, 0 = leave
    it in; b_o (d_model,). Do not change the arguments.
    """
    # TODO: add up the heads that stay, then the bias.
    ### BEGIN SOLUTION
    return contributions[:, removed == 0].sum(axis=1) + b_o
    ### END SOLUTION


# %% check="without_heads"
check("without_heads", without_heads)


# %% [markdown]
# Now the experiment: take each head out of the model, alone, and see what becomes of the loss where all has been said
# once (from position 8 on). The loss is $-\log p$ of the right letter; guessing among 16 has 2.77.


# %% locked="removing"
def run_without(model, ids, gone):
    """Run a model without some heads, by your functions; gone holds pairs (layer, head)."""

    def layer_output(layer, weights, value, W_o, b_o):
        removed = np.array([int((layer, h) in gone) for h in range(HEADS)])
        return without_heads(head_outputs(weights, value, W_o), removed, b_o)

    return look_inside(model, ids, layer_output)


def known_loss(run, ids, period):
    """Return the mean loss of the predictions from position `period` on."""
    return losses_of(run["logits"][:, period:-1], ids[:, period + 1 :]).mean()


# %%
print(f"all heads: loss {known_loss(run_without(copier, ids, []), ids, 8):.3f}")
for layer in range(2):
    for h in range(HEADS):
        print(f"without head {layer}.{h}: {known_loss(run_without(copier, ids, [(layer, h)]), ids, 8):.3f}")

# %% [markdown]
# ### Task 4: In your own words: a map and a removal
#
# Answer in the next cell, in four to eight sentences. Take the two heads without which the loss grows most, and a head
# whose removal changes little. What do their maps and entropies show? Could you have told from the maps alone which heads
# matter? Somebody concludes: "A head whose removal changes nothing does nothing." Name a reason why that need not follow.
# And somebody else: "A row of weights says how much each letter counts for the output." What else decides that, besides the
# weight?
#
# *What a map does not prove*

# %% [markdown] written="map_and_removal" points=3
# ### BEGIN SOLUTION
# WRITTEN LATER
#
# **Rubric**
#
# - 3: x
# - 0: y
#
# **Comments**
#
# - a
# - b
# - c
# ### END SOLUTION

# %% [markdown]
# ## Part B: the stream
#
# ### Task 5: The stream, layer by layer
#
# What passes through the model is a running sum: it begins with the embedding, and each layer adds its output.
#
# *The stream is a sum*


# %% solution="residual_stream"
def residual_stream(embedding, contributions):
    """Return the stream (N + 1, B, T, d_model): before the first layer, and after each of N layers.

    embedding (B, T, d_model); contributions (N, B, T, d_model): what each layer adds. Do not change the arguments.
    """
    # TODO: begin with the embedding, and keep every sum on the way.
    ### BEGIN SOLUTION
    stream = [embedding]
    for contribution in contributions:
        stream.append(stream[-1] + contribution)
    return np.stack(stream)
    ### END SOLUTION


# %% check="residual_stream"
check("residual_stream", residual_stream)

# %% [markdown]
# ### Task 6: The logit lens
#
# The model reads the *last* entry of the stream: norm, then unembedding. Read every entry so, as if the model ended there.
# `layer_norm(x, gamma, beta)` is given above.
#
# *Read the stream early*


# %% solution="logit_lens"
def logit_lens(stream, gamma, beta, unembedding):
    """Return logits (N + 1, B, T, V) of every entry of the stream (N + 1, B, T, d_model).

    gamma, beta (d_model,): of the norm in front of the unembedding (d_model, V).
    """
    # TODO: the norm, then the unembedding. No softmax.
    ### BEGIN SOLUTION
    return layer_norm(stream, gamma, beta) @ unembedding
    ### END SOLUTION


# %% check="logit_lens"
check("logit_lens", logit_lens)

# %% [markdown]
# What would the model say if it ended early? The last entry is what it does say.

# %%
stream = residual_stream(seen["embedding"], np.array(seen["output"]))
early = logit_lens(stream, copier["gamma"], copier["beta"], copier["W_u"])  # (N + 1, B, T, V)
print("largest difference to the model's own logits:", f"{np.abs(early[-1] - seen['logits']).max():.0e}")
print("          reads", " ".join(LETTERS[n] for n in ids[0]))
for entry, name in enumerate(["embedding", "layer 0", "layer 1"]):
    print(f"after {name:>9}", " ".join(LETTERS[n] for n in early[entry, 0].argmax(axis=-1)))
for entry, name in enumerate(["embedding", "layer 0", "layer 1"]):
    right = early[entry][:, 8:-1].argmax(axis=-1) == ids[:, 9:]
    print(f"right in the second repetition, after {name}: {right.mean():.1%}")

# %% [markdown]
# ## Part C: copying
#
# ### Task 7: Which head looks back by one?
#
# The mean weight that a head gives to the key just before the query. Query 0 has nothing before it and does not count.
#
# *Back one place, then forward*


# %% solution="previous_token_score"
def previous_token_score(weights):
    """Return for each head the mean weight of query t on key t - 1: (B, H, T, T) -> (H,). T is 2 or more."""
    # TODO: pick these weights, then average over the batch and over the queries from 1 on.
    ### BEGIN SOLUTION
    back = np.diagonal(weights, offset=-1, axis1=-2, axis2=-1)  # (B, H, T - 1)
    return back.mean(axis=(0, -1))
    ### END SOLUTION


# %% check="previous_token_score"
check("previous_token_score", previous_token_score)

# %% [markdown]
# ### Task 8: Which head looks behind the earlier copy?
#
# The letter at position t stood at t - period already, and what came *after* it there comes next again. An induction head
# looks at that place. Its score is the mean weight of query t on key t - period + 1, over all queries whose letter has
# been said before: from t = period to the end.
#
# *Back one place, then forward*


# %% solution="induction_score"
def induction_score(weights, period):
    """Return for each head the mean weight of query t on key t - period + 1, for t = period, …, T - 1.

    weights (B, H, T, T) -> (H,). The period is 2 or more, and T is greater than it; T need not be a multiple of it.
    """
    # TODO: pick these weights, then average over the batch and over these queries.
    ### BEGIN SOLUTION
    behind = np.diagonal(weights, offset=1 - period, axis1=-2, axis2=-1)  # from query period - 1 on
    return behind[..., 1:].mean(axis=(0, -1))
    ### END SOLUTION


# %% check="induction_score"
check("induction_score", induction_score)


# %% locked="bars"
def show_scores(scores):
    """Draw a bar for each head; scores: {name: (N, H)}."""
    import matplotlib.pyplot as plt

    plt.rcParams.update(PICTURES)
    figure, ax = plt.subplots(figsize=(6, 2.8), layout="tight")
    for n, ((name, values), pattern) in enumerate(zip(scores.items(), ("", "////"), strict=True)):
        values = np.asarray(values)
        places = np.arange(values.size) + 0.4 * n - 0.2
        ax.bar(places, values.ravel(), width=0.36, color=f"C{n}", hatch=pattern, label=name)
    ax.set_xticks(range(values.size), [f"{layer}.{h}" for layer in range(len(values)) for h in range(values.shape[1])])
    ax.set(xlabel="head", ylabel="mean weight", ylim=(0, 1))
    ax.legend(frameon=False)


# %%
one_back = np.array([previous_token_score(weights) for weights in seen["weights"]])
behind_copy = np.array([induction_score(weights, 8) for weights in seen["weights"]])
for name, scores in (("one place back", one_back), ("behind the earlier copy", behind_copy)):
    print(f"{name:23}", *(f"  {layer}.{h}: {scores[layer, h]:.2f}" for layer, h in np.ndindex(scores.shape)))
show_scores({"one place back": one_back, "behind the earlier copy": behind_copy})

# %% [markdown]
# Compare with the removals of task 3. The two kinds of head work together: the first writes into each place which letter
# came before it, and the second looks for the place where that letter is its own.
#
# ### Task 9: What a repetition is worth
#
# How much smaller is the loss once all has been said? Entry t of the losses is the prediction made at position t, about
# letter t + 1. The letters 1 to period - 1 are new. The letter number `period` is where the string begins again, which
# nobody can know: that prediction counts on neither side. All after it have been said.
#
# *Copying, measured*


# %% solution="in_context_gain"
def in_context_gain(losses, period):
    """Return the mean loss of new letters less the mean loss of those that have been said: one number, in nats.

    losses (B, T - 1): entry t is the loss of the prediction of letter t + 1. T is greater than period + 1.
    """
    # TODO: the mean of the entries before period - 1, less the mean of the entries from period on.
    ### BEGIN SOLUTION
    return losses[:, : period - 1].mean() - losses[:, period:].mean()
    ### END SOLUTION


# %% check="in_context_gain"
def answer(losses, period):
    gain = in_context_gain(losses, period)
    return [gain] if np.ndim(gain) == 0 and gain is not None else gain


check("in_context_gain", answer)

# %%
best_back = np.unravel_index(one_back.argmax(), one_back.shape)
best_behind = np.unravel_index(behind_copy.argmax(), behind_copy.shape)
cases = {
    "all heads": [],
    f"without {best_back[0]}.{best_back[1]} (one back)": [best_back],
    f"without {best_behind[0]}.{best_behind[1]} (behind the copy)": [best_behind],
}
for name, gone in cases.items():
    logits = run_without(copier, ids, gone)["logits"]
    print(f"{name:30} gain {in_context_gain(losses_of(logits[:, :-1], ids[:, 1:]), 8):.2f} nats")

# %% [markdown]
# ## Part D: doubts
#
# ### Task 10: Find the bug: every head worse than the last
#
# `broken_damage` takes heads out of the last layer one at a time, and says by how much the mean loss grows. Its author
# finds that every head is more important than the one before. Then he counts the heads from the other end, and finds the
# opposite. Run the cell and see: the second line has the same heads in the same order as the first.
#
# *Take a head out*


# %% locked="broken"
def broken_damage(contributions, rest, read, wanted):
    """Return (H,): by how much the mean loss grows when one head alone is taken out."""

    def loss(kept):
        return losses_of(read(rest + kept.sum(axis=1)), wanted).mean()

    whole = loss(contributions)
    kept = contributions.copy()
    damage = []
    for h in range(contributions.shape[1]):
        kept[:, h] = 0
        damage.append(loss(kept) - whole)
    return np.array(damage)


# %%
later = slice(8, -1)  # the positions whose next letter has been said before
contributions = head_outputs(seen["weights"][1], seen["value"][1], copier["1.W_o"])[:, :, later]
rest = (stream[1] + copier["1.b_o"])[:, later]  # all that reaches the end of the model without these heads


def read(x):
    """Return logits of the stream at the end of the model."""
    return layer_norm(x, copier["gamma"], copier["beta"]) @ copier["W_u"]


print("heads 0 to 3:            ", broken_damage(contributions, rest, read, ids[:, 9:]).round(3))
print("counted from the end:    ", broken_damage(contributions[:, ::-1], rest, read, ids[:, 9:])[::-1].round(3))


# %% solution="find_the_bug"
def mended_damage(contributions, rest, read, wanted):
    """Return (H,): by how much the mean loss grows when one head alone is taken out.

    contributions (B, H, T, d_model): what each head adds; rest (B, T, d_model): what else is in the stream;
    read: a function that takes the stream (B, T, d_model) and returns logits; wanted (B, T): the right ids.
    """
    # TODO: copy the body of broken_damage and mend it.
    ### BEGIN SOLUTION

    def loss(kept):
        return losses_of(read(rest + kept.sum(axis=1)), wanted).mean()

    whole = loss(contributions)
    damage = []
    for h in range(contributions.shape[1]):
        kept = contributions.copy()
        kept[:, h] = 0
        damage.append(loss(kept) - whole)
    return np.array(damage)
    ### END SOLUTION


# %% check="find_the_bug"
def answer(contributions, rest, unembedding, wanted):
    return mended_damage(contributions, rest, lambda x: x @ unembedding, wanted)


check("find_the_bug", answer)

# %%
print("heads 0 to 3:            ", mended_damage(contributions, rest, read, ids[:, 9:]).round(3))
print("counted from the end:    ", mended_damage(contributions[:, ::-1], rest, read, ids[:, 9:])[::-1].round(3))

# %% [markdown]
# ### Task 11: In your own words: is it an induction head?
#
# The other model, `ONE_PERIOD`, has one layer. All strings of its training had the period 6. The cell below gives its
# scores, its loss and its map at period 6, and then at period 8. Answer in the cell after it, in five to eight sentences.
# What would you have concluded from period 6 alone? What does period 8 show? Where do its heads look, and by what do they
# find that place? Would taking out its best head, at period 6, have told you the truth? How do you know that `COPIER` does
# something else? Say in general what a high score on one kind of text proves.
#
# *What a map does not prove*

# %%
for period in (6, 8):
    for name, model in (("ONE_PERIOD", one_period), ("COPIER", copier)):
        other = repeated(200, period=period, length=16, seed=1)
        run = look_inside(model, other)
        best = max(induction_score(weights, period).max() for weights in run["weights"])
        loss = known_loss(run, other, period)
        print(f"period {period:2}, {name:10}: best induction score {best:.2f}, loss {loss:.3f}")
    run = look_inside(one_period, other)
    best = int(induction_score(run["weights"][0], 6).argmax())
    names = [LETTERS[n] for n in other[0]]
    show_maps(run["weights"][0][:1, best], names, [f"ONE_PERIOD, head 0.{best}, period {period}"])

# %% [markdown] written="is_it_an_induction_head" points=3
# ### BEGIN SOLUTION
# At period 6 alone ONE_PERIOD has everything: its best head scores higher than that of COPIER, and the loss is near 0. One
# would say that it has an induction head. At period 8 the score is near 0 and the loss is far above that of guessing: it
# names a wrong letter, and is sure of it. Its head looks five places back at period 8 as well, whatever the letters are: it
# finds the place by counting, by the positions alone, and at period 6 that place happens to be the one behind the earlier
# copy. Taking it out at period 6 would have shown that the model needs it, which is true, and would have seemed to confirm
# the wrong story. COPIER copies at both periods, so the place where it looks moves with the period; it must find it by the
# letters. (Its score at period 6 is lower only because from the third repetition on it divides its weight between two
# earlier copies.) A high score on one kind of text proves that a head looks there on such text, and not by what it finds the
# place. For that one needs text on which the explanations differ.
#
# **Rubric**
#
# - 3: Counting places against finding letters, told apart by period 8; what taking out would (not) have shown; why COPIER is
#   different; what a score proves.
# - 2: The first is right, and one or two of the others.
# - 1: It is said that ONE_PERIOD fails at period 8, but not by what its head finds the place.
# - 0: None of this.
#
# **Comments**
#
# - At period 8 the head still looks five places back: it counts places, and reads no letters.
# - Taking it out at period 6 shows that the model needs the head, not how the head works.
# - In COPIER the place moves with the period, so it is found by the letters.
# - A score says where a head looks on one kind of text. Test it on text for which the explanations differ.
# - COPIER scores lower at period 6 because it shares its weight between two earlier copies.
# ### END SOLUTION

# %% [markdown]
# ## How far you are
#
# The written answers of tasks 4 and 11 are not in this list: a person grades them.

# %%
progress()
