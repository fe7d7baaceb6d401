# %% setup="12_your_transformer_speaks"
import os
import sys
from pathlib import Path

from autograder.learner import use

os.environ.setdefault("MPLBACKEND", "Agg")  # run as a script: draw without opening windows
sys.path.insert(0, str(Path(__file__).resolve().with_suffix("")))  # speaks.py lies there
check, hint, progress = use(__file__)

# %% [markdown]
# # Your Transformer speaks
#
# Twelve functions that you wrote in chapters 4 to 8 are all that a Transformer needs. Here they run one: a small model
# that was trained to translate a small English into French. You write no new function. Read the chapter's page first; the
# name in italics after the task is the section that explains it.
#
# | task | difficulty | minutes | points |
# |---|---|---|---|
# | 1 Twelve functions, one model | easy | 20 | 5 |
# | 2 In your own words: a reply that is right | medium | 10 | 2 |
#
# Below the first task there is a check. Run it: a green box means right, an amber one partly right, a red one wrong. It says
# what is wrong, and usually in which function. Task 2 is answered in words and graded by a person. All of it needs NumPy
# only.

# %% locked="libraries"
import textwrap

import numpy as np
from speaks import NEEDED, SentenceError, Transformer, functions_in, load, shapes_of, text_in

# Pictures have no ground of their own, and their letters a grey that can be read on a light and on a dark one. It
# is two greys, for a notebook puts a ground behind a picture whose numbers are all on the dark, or all on the
# light side of grey.
PICTURES = dict.fromkeys(["figure.facecolor", "axes.facecolor"], "none")
PICTURES |= dict.fromkeys(["text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color"], "#7f7f7f")
PICTURES |= {"ytick.color": "#808080"}
WIDTH = 37  # letters in a line that a phone shows whole

# %% [markdown]
# ### Task 1: Twelve functions, one model
#
# | functions | chapter |
# |---|---|
# | `scaled_dot_product_attention` | 4 |
# | `split_heads`, `merge_heads`, `multi_head_attention` | 5 |
# | `create_padding_mask`, `create_look_ahead_mask`, `decoder_masks` | 6 |
# | `positional_encoding`, `layer_norm`, `position_wise_feed_forward`, `add_and_norm` | 7 |
# | `greedy_decode` | 8 |
#
# Put the functions of this list, `NEEDED` in the code, in the place of the next cell, as you wrote them, one below the
# other. Put there too what they call, such as `get_angles` or a softmax of your own. Where two chapters have a function of
# the same name, take the one of the chapter in the list. At the end stands
#
#     def my_functions():
#         return {name: globals()[name] for name in NEEDED}
#
# Nobody needs to copy all that by hand. In the page of the book press *Bring my functions* below the cell: it takes them
# from the exercises that you did in this browser. In Jupyter, where the folders of the chapters lie beside the folder of this
# notebook, run `print(text_in(".."))` in a cell of your own, and put what it prints in the place of the next cell.
#
# *Twelve functions*


# %% solution="functions"
def my_functions():
    """Return your functions by their names: a dictionary with all names of NEEDED."""

    # TODO: put your functions in the place of this cell, and at their end the two lines from above.
    ### BEGIN SOLUTION
    def scaled_dot_product_attention(query, key, value, mask=None):
        scores = query @ np.swapaxes(key, -1, -2) / np.sqrt(key.shape[-1])
        if mask is not None:
            scores = scores + mask * -1e9
        exps = np.exp(scores - scores.max(axis=-1, keepdims=True))
        attention_weights = exps / exps.sum(axis=-1, keepdims=True)
        return attention_weights @ value, attention_weights

    def split_heads(x, num_heads):
        B, T, d_model = x.shape
        if d_model % num_heads != 0:
            raise ValueError(f"d_model = {d_model} cannot be cut into num_heads = {num_heads} equal heads")
        return x.reshape(B, T, num_heads, d_model // num_heads).transpose(0, 2, 1, 3)

    def merge_heads(x):
        B, H, T, d_k = x.shape
        return x.transpose(0, 2, 1, 3).reshape(B, T, H * d_k)

    def multi_head_attention(*, query, key, value, weights, num_heads, mask=None):
        q = split_heads(query @ weights["W_q"] + weights["b_q"], num_heads)
        k = split_heads(key @ weights["W_k"] + weights["b_k"], num_heads)
        v = split_heads(value @ weights["W_v"] + weights["b_v"], num_heads)
        heads, attention_weights = scaled_dot_product_attention(q, k, v, mask)
        return merge_heads(heads) @ weights["W_o"] + weights["b_o"], attention_weights

    def create_padding_mask(seq):
        return (seq == 0).astype(int)[:, np.newaxis, np.newaxis, :]

    def create_look_ahead_mask(seq):
        T = seq.shape[1]
        return np.maximum(np.triu(np.ones((T, T), dtype=int), k=1), create_padding_mask(seq))

    def decoder_masks(source, target):
        return create_padding_mask(source), create_look_ahead_mask(target), create_padding_mask(source)

    def get_angles(position, i, d_model):
        return position / 10000 ** (2 * (i // 2) / d_model)

    def positional_encoding(length, d_model):
        angles = get_angles(np.arange(length)[:, np.newaxis], np.arange(d_model)[np.newaxis, :], d_model)
        encoding = np.zeros((length, d_model))
        encoding[:, 0::2] = np.sin(angles[:, 0::2])
        encoding[:, 1::2] = np.cos(angles[:, 1::2])
        return encoding[np.newaxis]

    def layer_norm(x, gamma, beta, epsilon=1e-6):
        mean = x.mean(axis=-1, keepdims=True)
        variance = ((x - mean) ** 2).mean(axis=-1, keepdims=True)
        return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta

    def position_wise_feed_forward(x, W_1, b_1, W_2, b_2):
        return np.maximum(0, x @ W_1 + b_1) @ W_2 + b_2

    def add_and_norm(x, sublayer_output, gamma, beta):
        return layer_norm(x + sublayer_output, gamma, beta)

    def greedy_decode(next_logits, start_id, end_id, max_length):
        ids = [start_id]
        while len(ids) - 1 < max_length:
            token = int(np.argmax(next_logits(ids)))
            if token == end_id:
                break
            ids.append(token)
        return ids[1:]

    return {name: function for name, function in locals().items() if name in NEEDED}
    ### END SOLUTION


# %% locked="small_model" folded=true
SMALL = {"num_layers": 1, "d_model": 6, "num_heads": 3, "dff": 5, "max_length": 7}


def small_model(functions, numbers):
    """Return a Transformer of one layer and 8 pieces, whose numbers stand in one row."""
    shapes = shapes_of(SMALL, vocabulary=8)
    ends = np.cumsum([np.prod(shape) for shape in shapes.values()])
    parts = zip(shapes.items(), np.split(np.asarray(numbers), ends[:-1]), strict=True)
    arrays = {name: part.reshape(shape) for (name, shape), part in parts}
    return Transformer(functions, SMALL, ["-", "-", "-", "-", *"abcd"], arrays)


# %% check="functions"
def answer(source, target, numbers):  # logits, cross-attention, and the reply to the first sentence
    model = small_model(my_functions(), numbers)
    logits, maps = model.logits(source, target)
    reply = [*model.write(source[:1])[0], *[0] * 8][:8]
    return logits, maps["cross"][0], reply


check("functions", answer)

# %% [markdown]
# ## Let it speak
#
# Now the trained model: two layers, four heads, 440,000 numbers in `12_speaks.json`. The numbers were found by training,
# everything else that happens is yours. It knows a few hundred English words: people and animals, food and things, what one
# does with them, yesterday, today and tomorrow. A word that it has never read it does not take, and says so.
#
# Where the check above is red, these replies may be right all the same: *Break it* below shows why.


# %% locked="say" folded=true
def indented(said):
    """Return what is said in lines that a phone shows whole."""
    return textwrap.fill(said, WIDTH, initial_indent="    ", subsequent_indent="    ")


def say(model, *texts):
    """Print sentences and, below each, what the model makes of it, or why it cannot read it."""
    for text in texts:
        try:
            said = model.reply(text).text
        except SentenceError as error:
            said = f"({error})"
        print(text)
        print(indented(said))


# %%
model = load(my_functions())
say(
    model,
    "Hello!",
    "Tom loves Mary.",
    "Mary loves Tom.",
    "My sister wants to buy a red car.",
    "Where is the station?",
)

# %%
print(textwrap.fill(", ".join(model.english()), WIDTH))  # what it can read

# %% [markdown]
# Write sentences of your own. Which does it translate well, and which not: long ones, two in one, odd ones?

# %%
say(model, "The dog eats the apple.", "The apple eats the dog.", "The dog eats the moon.")

# %% [markdown]
# ## Look inside
#
# A map for each head of a layer: a row looks, a column is looked at, and the stronger the colour of a cell, the larger the
# weight. `kind` says whose rows these are:
#
# - "cross": a row is a word that was chosen, a column a word of the English sentence.
# - "decoder": a row is a word that was chosen, a column a word that had been written before. The start is the first.
# - "encoder": rows and columns are the words of the English sentence.
#
# `layer` is 0 or 1, `step` says how many words had been written, and -1 is the last step.


# %% locked="pictures" folded=true
def show_maps(replies, kind="cross", layer=1, step=-1):
    """Draw where a layer's heads look, two maps in a row: for a reply, or several, {what is said of each: reply}."""
    import matplotlib.pyplot as plt
    from matplotlib.colors import LinearSegmentedColormap

    if not isinstance(replies, dict):
        replies = {kind: replies}
    if kind not in ("cross", "decoder", "encoder") or layer not in (0, 1):
        raise ValueError(f'kind is "cross", "decoder" or "encoder", and layer 0 or 1; got {kind!r} and {layer!r}')
    plt.rcParams.update(PICTURES)
    strong = LinearSegmentedColormap.from_list("weights", ["#3a86c800", "#3a86c8"])  # a weight of 0 shows the ground
    heads = len(next(iter(replies.values())).steps[0].maps[kind][layer])
    rows = (heads + 1) // 2  # of maps for each reply
    words = max(reply.steps[step].maps[kind][layer].shape[1] for reply in replies.values())
    size = (4.4, max(2.6, 1 + 0.2 * words) * rows * len(replies))
    figure, axes = plt.subplots(rows * len(replies), 2, figsize=size, layout="constrained", squeeze=False)
    for (name, reply), places in zip(replies.items(), axes.reshape(len(replies), -1), strict=True):
        weights = reply.steps[step].maps[kind][layer]  # (H, T_q, T_k)
        english = ["start", *reply.question[1:-1], "end"]
        looking = english if kind == "encoder" else [*reply.words, "end"][: weights.shape[1]]
        seen = ["start", *reply.words][: weights.shape[2]] if kind == "decoder" else english
        for ax in places[heads:]:
            ax.set_axis_off()
        for head, ax in enumerate(places[:heads]):
            drawn = ax.imshow(weights[head], cmap=strong, vmin=0, vmax=1, aspect="auto")
            ax.set_xticks(range(len(seen)), seen, rotation=90)
            ax.set_yticks(range(len(looking)), looking)
            ax.set_title(f"{name}, head {head}", fontsize=10)
        for ax in places[:heads:2]:
            ax.set_ylabel("word that looks" if kind == "encoder" else "chosen word")
        for ax in places[:heads][-2:]:
            ax.set_xlabel("looked at")
    figure.colorbar(drawn, ax=axes, location="bottom", label="weight", aspect=40, pad=0.02)


# %%
reply = model.reply("I do not see the red car.")
print(reply.text)
show_maps(reply, kind="cross", layer=1)

# %% [markdown]
# French puts the colour behind the thing: look for the rows of "voiture" and "rouge". Try the other layer, and the steps.
#
# How sure was it? For each word the three likeliest, with their probabilities.

# %%
for step in reply.steps:
    powers = np.exp(step.logits - step.logits.max())
    best = np.argsort(-powers)[:3]
    print("   ".join(f"{model.words.words[i]} {powers[i] / powers.sum():.3f}" for i in best))

# %% [markdown]
# ## Break it
#
# One function wrong, all others yours: what does a living model say? Nothing crashes, and every shape is right. A reply may
# survive a wrong function. Above each reply stands how far the function has moved the model: at the words of your reply,
# the largest difference from the logits that your functions gave while they wrote it. In the row *yours* that is 0.0, unless
# a function of yours lets the logits at a word depend on the words after it.


# %% locked="moved" folded=true
def moved(model, text, right):
    """Return the largest difference between the logits of a model and those of the right reply to a text."""
    source, target = np.array([model.read(text)]), np.array([right.steps[-1].ids])
    logits, _ = model.logits(source, target)
    return np.abs(logits[0] - [step.logits for step in right.steps]).max()


# %%
mine = my_functions()


def without_scale(query, key, value, mask=None):
    return mine["scaled_dot_product_attention"](query * np.sqrt(key.shape[-1]), key, value, mask)


def past_hidden(source, target):
    of_encoder, _, of_cross = mine["decoder_masks"](source, target)
    return of_encoder, np.tril(np.ones((target.shape[1],) * 2, int), k=-1), of_cross


def counted_from_one(length, d_model):
    return mine["positional_encoding"](length + 1, d_model)[..., 1:, :]


def no_positions(length, d_model):
    return 0 * mine["positional_encoding"](length, d_model)


wrong = {
    "yours": {},
    "no scale": {"scaled_dot_product_attention": without_scale},
    "past hidden": {"decoder_masks": past_hidden},
    "from 1": {"positional_encoding": counted_from_one},
    "no positions": {"positional_encoding": no_positions},
    "no ReLU": {"position_wise_feed_forward": lambda x, W_1, b_1, W_2, b_2: (x @ W_1 + b_1) @ W_2 + b_2},
}
models = {name: load(mine | functions) for name, functions in wrong.items()}
for text in ["Tom loves Mary.", "Mary loves Tom.", "The babies never watched a film.", "Tom does not listen to us."]:
    print(text)
    right = models["yours"].reply(text)
    for name, broken in models.items():
        reply = broken.reply(text)
        print(f"  {name:<12} {moved(broken, text, right):4.1f}")
        print(indented(textwrap.shorten(reply.text, 60, placeholder=" …") or "(not a word)"))

# %% [markdown]
# The maps of your functions, and below them those without the scale:

# %%
text = "Tom does not listen to us."
show_maps({name: models[name].reply(text) for name in ("yours", "no scale")}, layer=1)

# %% [markdown]
# ### Task 2: In your own words: a reply that is right
#
# Answer in the next cell, in three to six sentences, looking at the replies and numbers that *Break it* printed. A friend
# replaces one function, tries three sentences, gets the same replies as before, and says: "So my function is right." Why
# need it not be? What would you compare instead, and on what kind of sentences? And what weights come out of
# `softmax(scores + mask * -1e9)` where a mask hides *every* key of a query, and why?
#
# *What goes wrong*

# %% [markdown] written="a_right_reply" points=2
# ### BEGIN SOLUTION
# A reply holds only which piece was likeliest at each step. A wrong function moves the probabilities, and as long as the
# same piece stays in front, the reply is the same. So compare the logits, or the attention weights, up to rounding; and
# on sentences of several lengths in one batch, with padding, because a mask for padding does nothing where there is none.
# Where every key is hidden, the same large number is taken from all scores of a row, and the softmax does not notice what
# is taken from all of them: the weights are those without a mask.
#
# **Rubric**
#
# - 2: Only the likeliest piece counts; compare logits or weights, on a batch with padding; the softmax cancels what all
#   scores of a row have in common, so the weights are those without a mask.
# - 1: One or two of these three are right.
# - 0: None is right.
#
# **Comments**
#
# - A reply shows only which piece was likeliest; its probability can move without a trace.
# - Compare logits or attention weights, up to rounding.
# - Without padding in the batch, no mistake in the padding mask can show.
# - Where all scores of a row lose the same number, the softmax gives the same weights.
# ### END SOLUTION

# %% [markdown]
# ## How far you are
#
# The written answer of task 2 is not in this list: a person grades it.

# %%
progress()
