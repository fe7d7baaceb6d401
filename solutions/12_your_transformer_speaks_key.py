"""Answer key of the closing notebook: the functions of chapters 4 to 8, wired into one small Transformer.

The right answer is the whole model with steps that can be exchanged: a misconception is the model with one function of
one chapter done the wrong way. The second route goes position by position, in loops.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from autograder.course.answer_key import AnswerKey, Check
from autograder.course.drawing import Array, Cases, Inputs, normal
from autograder.course.rows import mistakes, ways_of
from autograder.course.steps import as_it_is, minus_infinity, query_key, relu, replaced, softmax, weighted_sum

# Sections of the chapter's page.
WIRES = "The wires"
FUNCTIONS = "Twelve functions"
WRONG = "What goes wrong"

START, END = 1, 2
VOCABULARY, D_MODEL, HEADS, DFF = 8, 6, 3, 5
LONGEST = 6


# ---------------------------------------------------------------- numbers of a small model
def shapes() -> Iterator[tuple[str, tuple[int, ...]]]:
    """Yield the names and shapes of the arrays of a model of one layer, as speaks.py orders them."""
    for side, attentions in (("encoder", ("self",)), ("decoder", ("self", "cross"))):
        yield f"{side}.embedding", (VOCABULARY, D_MODEL)
        for attention in attentions:
            for name in "qkvo":
                yield f"{side}.{attention}.W_{name}", (D_MODEL, D_MODEL)
                yield f"{side}.{attention}.b_{name}", (D_MODEL,)
        yield f"{side}.W_1", (D_MODEL, DFF)
        yield f"{side}.b_1", (DFF,)
        yield f"{side}.W_2", (DFF, D_MODEL)
        yield f"{side}.b_2", (D_MODEL,)
        for number in range(len(attentions) + 1):
            yield f"{side}.{number}.gamma", (D_MODEL,)
            yield f"{side}.{number}.beta", (D_MODEL,)
    yield "logits.W", (D_MODEL, VOCABULARY)
    yield "logits.b", (VOCABULARY,)


COUNT = sum(int(np.prod(shape)) for _, shape in shapes())


def arrays_of(numbers: Array) -> dict[str, Array]:
    """Return the arrays that stand in a row of numbers, one behind the other."""
    found, at = {}, 0
    for name, shape in shapes():
        size = int(np.prod(shape))
        found[name], at = np.asarray(numbers)[at : at + size].reshape(shape), at + size
    return found


# ---------------------------------------------------------------- the steps
def by_root(scores: Array, d_k: int) -> Array:
    """Return scores divided by the root of d_k."""
    return scores / np.sqrt(d_k)


def minus_a_lot(scores: Array, mask: Array) -> Array:
    """Return scores from which a thousand million is taken where the mask is 1."""
    return scores - mask * 1e9


def projected(joined: Array, W_o: Array, b_o: Array) -> Array:
    """Return the heads of each position, mixed."""
    return joined @ W_o + b_o


def in_pieces(x: Array) -> Array:
    """Return x (B, T, d_model) in heads (B, H, T, d_k)."""
    return np.stack(np.split(x, HEADS, axis=-1), axis=1)


def in_a_row(heads: Array) -> Array:
    """Return heads (B, H, T, d_k) side by side."""
    return np.concatenate(list(np.swapaxes(heads, 0, 1)), axis=-1)


def where_zero(ids: Array) -> Array:
    """Return 1 where the id is 0, (B, 1, 1, T)."""
    return (ids == 0).astype(int)[:, None, None, :]


def after(ids: Array) -> Array:
    """Return 1 above the diagonal, (T, T)."""
    return np.triu(np.ones((ids.shape[1],) * 2, int), 1)


def waves(length: int) -> Array:
    """Return the sinusoids of Vaswani et al. (2017), (length, d_model)."""
    angles = np.arange(length)[:, None] / 10_000 ** (np.arange(D_MODEL) // 2 * 2 / D_MODEL)
    return np.where(np.arange(D_MODEL) % 2, np.cos(angles), np.sin(angles))


def normed(x: Array, gamma: Array, beta: Array, axis: int = -1) -> Array:
    """Return x with mean 0 and variance 1 along an axis, times gamma, plus beta."""
    deviation = x - x.mean(axis, keepdims=True)
    return gamma * deviation / np.sqrt((deviation**2).mean(axis, keepdims=True) + 1e-6) + beta


def sum_then_norm(x: Array, found: Array, norm: Callable) -> Array:
    """Return the norm of the sum."""
    return norm(x + found)


def likeliest(logits: Array) -> int:
    """Return the id with the largest logit."""
    return int(np.argmax(logits))


def right_masks(source: Array, target: Array, padding: Callable, future: Callable) -> tuple[Array, Array, Array]:
    """Return the masks of the encoder, of the decoder, and of cross-attention."""
    return padding(source), np.maximum(future(target), padding(target)), padding(source)


# ---------------------------------------------------------------- the model
def model(
    source: Array,
    target: Array,
    numbers: Array,
    *,
    given: Callable = as_it_is,
    scores: Callable = query_key,
    scale: Callable = by_root,
    hide: Callable = minus_a_lot,
    weigh: Callable = softmax,
    cut: Callable = in_pieces,
    join: Callable = in_a_row,
    project: Callable = projected,
    padding: Callable = where_zero,
    future: Callable = after,
    masks: Callable = right_masks,
    places: Callable = waves,
    norm: Callable = normed,
    add: Callable = sum_then_norm,
    bend: Callable = relu,
    choose: Callable = likeliest,
    stop: bool = True,
    leading: bool = False,
    ending: bool = False,
    longest: int = LONGEST,
) -> tuple[Array, Array, Array]:
    """Return logits (B, T_t, V), cross-attention (B, H, T_t, T_s), and the reply to the first sentence, padded with 0."""
    arrays = arrays_of(numbers)

    def attend(part: str, x: Array, memory: Array, mask: Array) -> tuple[Array, Array]:
        p = given({f"{kind}_{name}": arrays[f"{part}.{kind}_{name}"] for kind in "Wb" for name in "qkvo"})
        q, k, v = (cut(of @ p[f"W_{name}"] + p[f"b_{name}"]) for name, of in (("q", x), ("k", memory), ("v", memory)))
        weights = weigh(hide(scale(scores(q, k), q.shape[-1]), mask))
        return project(join(weighted_sum(weights, v)), p["W_o"], p["b_o"]), weights

    def plus(part: str, x: Array, found: Array) -> Array:
        return add(x, found, lambda summed: norm(summed, arrays[f"{part}.gamma"], arrays[f"{part}.beta"]))

    def think(side: str, x: Array) -> Array:
        return bend(x @ arrays[f"{side}.W_1"] + arrays[f"{side}.b_1"]) @ arrays[f"{side}.W_2"] + arrays[f"{side}.b_2"]

    def embed(side: str, ids: Array) -> Array:
        return arrays[f"{side}.embedding"][ids] * np.sqrt(D_MODEL) + places(ids.shape[1])

    def run(source: Array, target: Array) -> tuple[Array, Array]:
        of_encoder, of_decoder, of_cross = masks(source, target, padding, future)
        x = embed("encoder", source)
        x = plus("encoder.0", x, attend("encoder.self", x, x, of_encoder)[0])
        x = plus("encoder.1", x, think("encoder", x))
        y = embed("decoder", target)
        y = plus("decoder.0", y, attend("decoder.self", y, y, of_decoder)[0])
        found, weights = attend("decoder.cross", y, x, of_cross)
        y = plus("decoder.1", y, found)
        y = plus("decoder.2", y, think("decoder", y))
        return y @ arrays["logits.W"] + arrays["logits.b"], weights

    logits, cross = run(source, target)
    ids = [START]
    while len(ids) <= longest:
        ids.append(choose(run(source[:1], np.array([ids]))[0][0, -1]))
        if stop and ids[-1] == END:
            break
    reply = [i for i in ids[0 if leading else 1 :] if i != END or ending or not stop]
    return logits, cross, np.array((reply + [0] * (LONGEST + 2))[: LONGEST + 2])


def one_by_one(source: Array, target: Array, numbers: Array) -> tuple[Array, Array, Array]:
    """Return the same, each head, query and position by itself."""
    arrays = arrays_of(numbers)
    d_k = D_MODEL // HEADS

    def attend(part: str, x: Array, memory: Array, seen: Callable) -> tuple[Array, Array]:
        found, weights = np.zeros((len(x), D_MODEL)), np.zeros((HEADS, len(x), len(memory)))
        for h in range(HEADS):
            mine = slice(h * d_k, (h + 1) * d_k)
            W, b = ({name: arrays[f"{part}.{kind}_{name}"][..., mine] for name in "qkv"} for kind in "Wb")
            for t in range(len(x)):
                keys = [s for s in range(len(memory)) if seen(t, s)]
                exps = np.exp([(x[t] @ W["q"] + b["q"]) @ (memory[s] @ W["k"] + b["k"]) / d_k**0.5 for s in keys])
                weights[h, t, keys] = exps / exps.sum()
                found[t, mine] = sum(weights[h, t, s] * (memory[s] @ W["v"] + b["v"]) for s in keys)
        return found @ arrays[f"{part}.W_o"] + arrays[f"{part}.b_o"], weights

    def plus(part: str, x: Array, found: Array) -> Array:
        rows = [(row - row.mean()) / (row.var() + 1e-6) ** 0.5 for row in x + found]
        return np.array(rows) * arrays[f"{part}.gamma"] + arrays[f"{part}.beta"]

    def think(side: str, x: Array) -> Array:
        hidden = x @ arrays[f"{side}.W_1"] + arrays[f"{side}.b_1"]
        return np.where(hidden > 0, hidden, 0) @ arrays[f"{side}.W_2"] + arrays[f"{side}.b_2"]

    def embed(side: str, ids: Array) -> Array:
        places = np.zeros((len(ids), D_MODEL))
        for t in range(len(ids)):
            for i in range(0, D_MODEL, 2):
                angle = t / 10_000 ** (i / D_MODEL)
                places[t, i : i + 2] = np.sin(angle), np.cos(angle)
        return arrays[f"{side}.embedding"][ids] * D_MODEL**0.5 + places

    def run(source: Array, target: Array) -> tuple[Array, Array]:
        real = source != 0
        x = embed("encoder", source)
        x = plus("encoder.0", x, attend("encoder.self", x, x, lambda t, s: real[s])[0])
        x = plus("encoder.1", x, think("encoder", x))
        y = embed("decoder", target)
        y = plus("decoder.0", y, attend("decoder.self", y, y, lambda t, s: s <= t and target[s] != 0)[0])
        found, weights = attend("decoder.cross", y, x, lambda t, s: real[s])
        y = plus("decoder.1", y, found)
        y = plus("decoder.2", y, think("decoder", y))
        return y @ arrays["logits.W"] + arrays["logits.b"], weights

    ids = [START]
    while len(ids) <= LONGEST and ids[-1] != END:
        ids.append(int(run(source[0], np.array(ids))[0][-1].argmax()))
    reply = [i for i in ids[1:] if i != END]
    logits, cross = zip(*map(run, source, target), strict=True)
    return np.array(logits), np.array(cross), np.array((reply + [0] * LONGEST)[:LONGEST] + [0, 0])


# ---------------------------------------------------------------- the task
def numbers(rng: np.random.Generator, ends: bool = True) -> Array:
    """Draw the numbers of a model that ends its replies or never does; scores and sums stay of order 1."""
    drawn = [
        normal(rng, int(np.prod(shape)), scale=0.5, mean=float(name.endswith("gamma"))) for name, shape in shapes()
    ]
    found = np.concatenate(drawn)
    found[COUNT - VOCABULARY :][[0, START] if ends else [0, START, END]] = -9  # of logits.b: what no model says
    return found


def inputs(rng: np.random.Generator) -> Cases:
    """Draw sentences with and without padding, and models whose reply to the first is two to four ids long, or endless."""
    sentences = {
        "two sentences, one with padding": ([[1, 5, 3, 7, 2], [1, 4, 2, 0, 0]], [[1, 6, 4], [1, 3, 0]]),
        "one short sentence": ([[1, 6, 2]], [[1, 7, 3, 3, 4]]),
    }
    found: Cases = {}
    for case, (source, target) in sentences.items():
        drawn: Inputs = {"source": np.array(source), "target": np.array(target)}
        while True:
            drawn["numbers"] = numbers(rng)
            if 2 <= np.count_nonzero(model(**drawn)[2]) <= 4:
                break
        found[case] = drawn
    found["a reply that nothing but max_length ends"] = {
        **found["one short sentence"],
        "numbers": numbers(rng, ends=False),
    }
    return found


def over_the_queries(scores: Array) -> Array:
    """Return the softmax along the wrong axis."""
    return np.swapaxes(softmax(np.swapaxes(scores, -1, -2)), -1, -2)


def turned(source: Array, target: Array, padding: Callable, future: Callable) -> tuple[Array, ...]:
    """Return masks with 1 where they should have 0."""
    return tuple(1 - mask for mask in right_masks(source, target, padding, future))


def decoder_turned(source: Array, target: Array, padding: Callable, future: Callable) -> tuple[Array, ...]:
    """Return masks of which that of the decoder has 1 where it should have 0."""
    of_encoder, of_decoder, of_cross = right_masks(source, target, padding, future)
    return of_encoder, 1 - of_decoder, of_cross


def future_alone(source: Array, target: Array, padding: Callable, future: Callable) -> tuple[Array, ...]:
    """Return masks of which that of the decoder hides what comes after, but no padding."""
    return padding(source), future(target), padding(source)


def of_source(
    encoder: int, cross: int, source: Array, target: Array, padding: Callable, future: Callable
) -> tuple[Array, ...]:
    """Return masks of which two are changed: 1 leaves such a mask as it is, 0 hides nothing with it, -1 inverts it."""
    right, of_decoder, _ = right_masks(source, target, padding, future)
    of_encoder, of_cross = (1 - right if what < 0 else what * right for what in (encoder, cross))
    return of_encoder, of_decoder, of_cross


def without_padding(ids: Array) -> Array:
    """Return a mask that hides nothing."""
    return 0 * where_zero(ids)


def with_the_diagonal(ids: Array) -> Array:
    """Return a mask that hides a position from itself, too."""
    return np.triu(np.ones((ids.shape[1],) * 2, int))


def before(ids: Array) -> Array:
    """Return 1 below the diagonal, (T, T)."""
    return np.tril(np.ones((ids.shape[1],) * 2, int), -1)


def before_with_the_diagonal(ids: Array) -> Array:
    """Return 1 on the diagonal and below, (T, T)."""
    return np.tril(np.ones((ids.shape[1],) * 2, int))


def in_every_form(*steps: dict[str, Callable]) -> list[dict[str, Callable]]:
    """Return wrong steps with each right way to hide a score: they differ where a mask hides a whole row or column."""
    return [step | form for step in steps for form in ({}, {"hide": replaced(-1e9)}, {"hide": minus_infinity})]


def without_biases(*names: str) -> dict[str, Callable]:
    """Return the step that leaves out biases of these projections."""
    return {"given": lambda p: p | {f"b_{name}": np.zeros(D_MODEL) for name in names}}


def keys_for_values(p: dict[str, Array]) -> dict[str, Array]:
    """Return the arrays of an attention in which keys and values have taken each other's."""
    return p | {"W_k": p["W_v"], "b_k": p["b_v"], "W_v": p["W_k"], "b_v": p["b_k"]}


def halves(length: int) -> Array:
    """Return all sines, then all cosines."""
    return np.concatenate([waves(length)[:, 0::2], waves(length)[:, 1::2]], axis=-1)


def cosine_first(length: int) -> Array:
    """Return the cosines in even columns and the sines in odd ones."""
    return waves(length).reshape(length, -1, 2)[..., ::-1].reshape(length, D_MODEL)


def waves_of(exponents: Array, length: int) -> Array:
    """Return sines and cosines of angles with these exponents."""
    angles = np.arange(length)[:, None] / 10_000**exponents
    return np.where(np.arange(D_MODEL) % 2, np.cos(angles), np.sin(angles))


def sample_variance(x: Array, gamma: Array, beta: Array) -> Array:
    """Return the norm with the sum of squares divided by one less."""
    deviation = x - x.mean(-1, keepdims=True)
    return gamma * deviation / np.sqrt(x.var(-1, ddof=1, keepdims=True) + 1e-6) + beta


def by_the_variance(x: Array, gamma: Array, beta: Array) -> Array:
    """Return the norm without the root."""
    return gamma * (x - x.mean(-1, keepdims=True)) / (x.var(-1, keepdims=True) + 1e-6) + beta


# fmt: off
MISTAKES = mistakes(model, WRONG,
    ("unscaled", {"scale": lambda scores, d_k: scores},
     "scaled_dot_product_attention (chapter 4) does not divide the scores by the root of d_k."),
    ("scaled_by_d_k", {"scale": lambda scores, d_k: scores / d_k},
     "scaled_dot_product_attention (chapter 4) divides the scores by d_k. Divide by its root."),
    ("softmax_over_the_queries", in_every_form({"weigh": over_the_queries}),
     "scaled_dot_product_attention (chapter 4) takes the softmax over the queries. It runs over the keys, the last axis."),
    ("masks_not_used", {"hide": lambda scores, mask: scores},
     "No mask hides anything. Does multi_head_attention (chapter 5) pass `mask` on to scaled_dot_product_attention, and does "
     "that (chapter 4) use it?"),
    ("cut_by_reshape", {"cut": lambda x: x.reshape(len(x), HEADS, x.shape[1], -1)},
     "split_heads (chapter 5) reshapes only, so each head gets some positions whole. Cut the last axis, then exchange "
     "axes."),
    ("merged_by_reshape", {"join": lambda heads: heads.reshape(len(heads), heads.shape[2], -1)},
     "merge_heads (chapter 5) reshapes only, so positions get mixed. Exchange the axes back first."),
    ("not_projected", {"project": lambda joined, W_o, b_o: joined},
     "multi_head_attention (chapter 5) leaves out the last projection, W_o and b_o."),
    ("keys_and_values_swapped", {"given": keys_for_values},
     "multi_head_attention (chapter 5) takes keys for values and values for keys. The order is query, key, value."),
    ("query_bias_forgotten", without_biases("q"),
     "multi_head_attention (chapter 5) leaves out the bias of the queries, b_q."),
    ("value_bias_forgotten", without_biases("v"),
     "multi_head_attention (chapter 5) leaves out the bias of the values, b_v."),
    ("biases_forgotten", without_biases("q", "k", "v"),
     "multi_head_attention (chapter 5) leaves out the biases of queries, keys and values."),
    ("output_bias_forgotten", {"project": lambda joined, W_o, b_o: joined @ W_o},
     "multi_head_attention (chapter 5) leaves out the bias of the last projection, b_o."),
    ("masks_inverted", in_every_form({"masks": turned}),
     "The masks are inverted: 1 means hide. Either the functions of chapter 6 have 1 where one may look, or "
     "scaled_dot_product_attention (chapter 4) hides where the mask is 0, or raises scores that it should lower."),
    ("padding_seen", {"padding": without_padding},
     "create_padding_mask (chapter 6) hides nothing, so words look at the padding."),
    ("padding_of_the_source_seen", [{"masks": partial(of_source, *shown)} for shown in ((0, 0), (0, 1), (1, 0))],
     "Words look at the padding of the source. Look at create_padding_mask and at what decoder_masks hands on (chapter 6)."),
    ("padding_mask_inverted",
     in_every_form({"padding": lambda ids: 1 - where_zero(ids)}, {"masks": partial(of_source, -1, -1)}),
     "create_padding_mask (chapter 6) is inverted: it hides the words and shows the padding."),
    ("future_seen", {"future": lambda ids: 0 * after(ids)},
     "The decoder sees the future. Does create_look_ahead_mask (chapter 6) hide it, and does decoder_masks hand that mask "
     "to the decoder?"),
    ("past_hidden",
     in_every_form({"future": before}, {"future": before_with_the_diagonal}, {"masks": decoder_turned}),
     "create_look_ahead_mask (chapter 6) shows the future and hides the past: its 1s stand on the wrong side of the "
     "diagonal. np.triu(…, k=1) has them above it."),
    ("padding_of_the_target_seen", {"masks": future_alone},
     "create_look_ahead_mask (chapter 6) hides the future, but not the padding of the target. Join it with the padding "
     "mask."),
    ("diagonal_hidden", in_every_form({"future": with_the_diagonal}),
     "create_look_ahead_mask (chapter 6) hides a position from itself. Only what comes after it must be hidden."),
    ("positions_from_one", {"places": lambda length: waves(length + 1)[1:]},
     "positional_encoding (chapter 7) counts positions from 1. The first is 0."),
    ("sines_then_cosines", {"places": halves},
     "positional_encoding (chapter 7) has all sines first, then all cosines. They alternate."),
    ("sine_and_cosine_swapped", {"places": cosine_first},
     "positional_encoding (chapter 7) has cosines in the even columns. Sines stand there, cosines in the odd ones."),
    ("angles_not_in_pairs",
     ways_of("places", *(partial(waves_of, np.arange(D_MODEL) * times / D_MODEL) for times in (2, 1))),
     "positional_encoding (chapter 7) has another angle in each column. Columns 2i and 2i + 1 share one: i // 2 counts the "
     "pairs."),
    ("no_positions", {"places": lambda length: np.zeros((length, D_MODEL))},
     "positional_encoding (chapter 7) is 0 everywhere, so no word knows its place."),
    ("norm_along_the_positions", {"norm": partial(normed, axis=1)},
     "layer_norm (chapter 7) runs over the positions. It runs over the numbers of one position, the last axis."),
    ("variance_of_a_sample", {"norm": sample_variance},
     "layer_norm (chapter 7) divides the squares by d_model - 1 (ddof=1). Divide by d_model."),
    ("not_the_root", {"norm": by_the_variance},
     "layer_norm (chapter 7) divides by the variance. Divide by its root."),
    ("gamma_forgotten", {"norm": lambda x, gamma, beta: normed(x, 1.0, beta)},
     "layer_norm (chapter 7) leaves out gamma."),
    ("beta_forgotten", {"norm": lambda x, gamma, beta: normed(x, gamma, 0.0)},
     "layer_norm (chapter 7) leaves out beta."),
    ("gamma_and_beta_forgotten", {"norm": lambda x, gamma, beta: normed(x, 1.0, 0.0)},
     "layer_norm (chapter 7) leaves out gamma and beta."),
    ("not_normed", {"add": lambda x, found, norm: x + found},
     "Nothing is normalised: does add_and_norm (chapter 7) call layer_norm, and does layer_norm do its work?"),
    ("no_residual", {"add": lambda x, found, norm: norm(found)},
     "add_and_norm (chapter 7) leaves out x: the residual connection is missing."),
    ("norm_before_the_sum", {"add": lambda x, found, norm: x + norm(found)},
     "add_and_norm (chapter 7) normalises before it adds. Add first."),
    ("no_relu", {"bend": lambda x: x},
     "position_wise_feed_forward (chapter 7) lets negative numbers pass. Between its two products stands max(0, …)."),
    ("smallest_logit", {"choose": lambda logits: int(np.argmin(logits))},
     "greedy_decode (chapter 8) takes the smallest logit. Take the largest."),
    ("start_kept", {"leading": True},
     "greedy_decode (chapter 8) leaves the start id in the reply."),
    ("end_kept", {"ending": True},
     "greedy_decode (chapter 8) leaves the end id in the reply."),
    ("no_end", {"stop": False},
     "greedy_decode (chapter 8) goes on after the end id."),
    ("one_short", {"longest": LONGEST - 1},
     "greedy_decode (chapter 8) stops one id before `max_length`: the leading start id does not count."),
)
# fmt: on
NAMES_OF = {  # by the chapter in which each is written
    "04_scaled_dot_product_attention": "scaled_dot_product_attention",
    "05_multi_head_attention": "split_heads|merge_heads|multi_head_attention",
    "06_masks": "create_padding_mask|create_look_ahead_mask|decoder_masks",
    "07_transformer": "positional_encoding|layer_norm|position_wise_feed_forward|add_and_norm",
    "08_training_a_chatbot": "greedy_decode",
}
NAMES = "|".join(NAMES_OF.values())
MISSING = {
    rf"KeyError: '({names})'": f"The function \\1 is missing: paste yours of chapter {int(chapter[:2])}."
    for chapter, names in NAMES_OF.items()
}
SPEAKS = Check(
    name="functions",
    claim="run_a_transformer",
    title="Twelve functions, one model",
    function="my_functions",
    inputs=inputs,
    reference=model,
    second_route=one_by_one,
    returns=("logits", "cross", "reply"),
    points={"logits": 3, "cross": 1, "reply": 1},
    read=FUNCTIONS,
    survives=("one short sentence",),
    hints=(
        "In the book's page press *Bring my functions* below the cell. Where the folders of the chapters lie beside the folder "
        'of this notebook, `print(text_in(".."))` in a cell of your own prints all of them, ready to be pasted over the cell.',
        "By hand: open your notebooks of chapters 4 to 8 one by one. Copy each function that stands in the list, from "
        "`def` to its last line, and paste them one below the other. A function that yours calls, such as "
        "`get_angles`, comes along.",
        "Functions that are not yours yet: do their tasks first. A check in their own chapter says more about each of them than "
        "this one can.",
    ),
    misconceptions=MISTAKES,
    advice={
        **MISSING,
        rf"FunctionError: (?:The functions come|(?:{NAMES}) is given) as": "my_functions gives something else than a dictionary of "
        "functions by their names. Leave its last line as the task has it.",
        r"Give these functions too": "Some functions are missing: paste yours of the chapters that the list names.",
        rf"({NAMES})\(\) (?:got|takes|missing)": "\\1 takes other arguments than its chapter asked for. Leave "
        "the line that begins with `def` as it was there.",
        rf"FunctionError: (?:{NAMES}) stopped.* name '(\w+)' is not defined": "\\1 is missing: a function of yours uses it. "
        "Put it into this cell, too.",
        rf"FunctionError: ((?:{NAMES}) (?:stopped(?: in the line `[^`]*`)?|gives [^.]*|asks for more[^:]*))": "\\1. The check of its own chapter says "
        "more of it.",
        r"^reply\b.* (?:is|has|differs|expected)": "The logits are right, so it is `greedy_decode` that chooses otherwise: its "
        "check in chapter 8 says more.",
        r"^(?:logits|cross)\b.* (?:is|has|differs|expected)": "This is no mistake that is known here. Each of the twelve "
        "functions has a check of its own in its chapter, which says more; and *Look inside* draws where the model looks: with "
        '`kind="decoder"` a mask that shows the future is seen at once.',
    },
    stale=("logits", "cross", "reply"),
)

KEY = AnswerKey(
    chapter="12_your_transformer_speaks",
    checks=(SPEAKS,),
    beside=("experiments/speak/speaks.py", "book/_data/12_speaks.json"),
    gathers=tuple(NAMES_OF),
)
