"""Answer key of chapter 05: multi-head attention, in NumPy and as a Keras layer.

Right and wrong answers come from functions whose steps can be exchanged: a misconception is the function with one
step done the wrong way. Everything here is plain NumPy; Keras's own layer serves as the second route of the layer.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from autograder.course import standard_mistakes as standard
from autograder.course.answer_key import AnswerKey, Check, Misconception, Same, SumsToOne
from autograder.course.drawing import Array, Cases, Inputs, normal
from autograder.course.exchange import Exchanged
from autograder.course.rows import in_keras, mistakes, stops_somehow
from autograder.course.steps import (
    any_mask,
    as_it_is,
    by_slices,
    minus_infinity,
    one_kept,
    query_key,
    reshaped_only,
    side_by_side,
    swap,
    takes,
    weighted_sum,
)

# Sections of the chapter's page.
ONE = "One head, one mixture"
FORMULA = "The formula, with shapes"
SPLIT = "Split: which number goes where"
RESHAPE = "The wrong reshape"
MERGE = "Merge: the way back"
MASKS = "A mask for all heads"
LAYER = "The same as a layer"
KERAS = "Agreement with Keras"
WRONG = "What goes wrong"


# ---------------------------------------------------------------- data
# ---------------------------------------------------------------- cut into heads, and put together again
def interleaved(x: Array, num_heads: int) -> Array:
    """Return heads that take every H-th number."""
    return np.stack([x[:, :, h::num_heads] for h in range(num_heads)], axis=1)


def transposed_then_cut(x: Array, num_heads: int) -> Array:
    """Return x whose positions and numbers were exchanged, reshaped to (B, H, T, d_k)."""
    return x.swapaxes(1, 2).reshape(len(x), num_heads, x.shape[1], -1)


def first_slice_for_all(x: Array, num_heads: int) -> Array:
    """Return the first head H times."""
    return np.repeat(by_slices(x, num_heads)[:, :1], num_heads, axis=1)


def reshaped_back_only(heads: Array) -> Array:
    """Return heads (B, H, T, d_k) reshaped to (B, T, H * d_k) without a transpose."""
    return heads.reshape(len(heads), heads.shape[2], -1)


def interwoven(heads: Array) -> Array:
    """Return heads whose numbers alternate: number 0 of each head, number 1 of each head, …."""
    return heads.transpose(0, 2, 3, 1).reshape(len(heads), heads.shape[2], -1)


def overlapping(heads: Array) -> Array:
    """Return heads written from place h on, each over the one before."""
    B, H, T, d_k = heads.shape
    merged = np.zeros((B, T, H * d_k))
    for h in range(H):
        merged[:, :, h : h + d_k] = heads[:, h]
    return merged


def mean_of_heads(heads: Array) -> Array:
    """Return the mean over the heads, repeated to fill d_model."""
    return np.tile(heads.mean(axis=1), heads.shape[1])


def exchanged(*order: int) -> Callable:
    """Return a step that puts the axes of heads (B, H, T, d_k) in another order before it merges."""
    return lambda heads: heads.transpose(order).reshape(len(heads), heads.shape[2], -1)


# ---------------------------------------------------------------- split
CLEAR, UNCLEAR, ANOTHER, NONE = 3, 2, 1, 0  # what a call that must be refused may end in


def split(
    x: Array, num_heads: int, bad_num_heads: int, *, cut: Callable = by_slices, refused: int = CLEAR
) -> tuple[Array, Array]:
    """Return (heads (B, H, T, d_k), how `bad_num_heads` heads are refused)."""
    return cut(x, num_heads), np.array([float(refused)])


def split_by_reshape(x: Array, num_heads: int, bad_num_heads: int) -> tuple[Array, Array]:
    """Return the same by a reshape and an exchange of two axes."""
    B, T, _ = x.shape
    return np.swapaxes(np.reshape(x, (B, T, num_heads, -1)), 1, 2), np.array([3.0])


def split_inputs(rng: np.random.Generator) -> Cases:
    """Draw a batch of sequences, a batch of one whose length divides by H, one head, and one position."""
    return {
        "two sequences, three heads": {"x": normal(rng, 2, 5, 6), "num_heads": 3, "bad_num_heads": 4},
        "a batch of one": {"x": normal(rng, 1, 4, 10), "num_heads": 2, "bad_num_heads": 4},
        "one head": {"x": normal(rng, 2, 3, 5), "num_heads": 1, "bad_num_heads": 3},
        "one position": {"x": normal(rng, 3, 1, 6), "num_heads": 2, "bad_num_heads": 5},
    }


def cut_reshape(x: Array, num_heads: int, *sizes: str) -> Array:
    """Return x reshaped to the sizes that are named."""
    B, T, d_model = x.shape
    size = {"B": B, "T": T, "d": d_model, "H": num_heads, "d_k": d_model // num_heads}
    return x.reshape([size[name] for name in sizes])


def head_numbers_exchanged(x: Array, num_heads: int) -> Array:
    """Return d_k heads of width H."""
    return by_slices(x, x.shape[-1] // num_heads)


def positions_cut(x: Array, num_heads: int) -> Array:
    """Return the positions cut into H parts: (B, H, T / H, d_model)."""
    B, T, d_model = x.shape
    return x.reshape(B, num_heads, T // num_heads, d_model)


# fmt: off
SPLIT_HEADS_MISTAKES = mistakes(split, SPLIT,
    ("reshaped_only", {"cut": reshaped_only},
     "The shape is right, but a reshape alone deals out the numbers in reading order, so head 0 gets the first "
     "positions whole instead of its part of every position. Cut the last axis first, then exchange axes.", RESHAPE),
    ("axes_not_exchanged", {"cut": lambda x, H: cut_reshape(x, H, "B", "T", "H", "d_k")},
     "The last axis is cut, but the result is (B, T, H, d_k). The heads belong on axis 1: exchange T and H."),
    ("every_hth_number", {"cut": interleaved},
     "Each head got every H-th number. It should get one unbroken piece: cut the last axis into (H, d_k), in this "
     "order."),
    ("number_and_width_exchanged",
     [{"cut": head_numbers_exchanged}, {"cut": lambda x, H: cut_reshape(x, H, "B", "d_k", "T", "H")}],
     "There are d_model / H heads of width H. It should be H heads of width d_model / H."),
    ("last_two_axes_exchanged", {"cut": lambda x, H: by_slices(x, H).swapaxes(-1, -2)},
     "The right numbers, but as (B, H, d_k, T). The positions come before the numbers: (B, H, T, d_k)."),
    ("heads_before_the_batch", {"cut": lambda x, H: by_slices(x, H).swapaxes(0, 1)},
     "The heads stand on axis 0, before the batch. The order is (B, H, T, d_k)."),
    ("heads_last", {"cut": lambda x, H: by_slices(x, H).transpose(0, 2, 3, 1)},
     "The heads stand on the last axis. The order is (B, H, T, d_k)."),
    ("heads_in_the_batch", {"cut": lambda x, H: by_slices(x, H).reshape(-1, x.shape[1], x.shape[2] // H)},
     "Batch and heads share one axis, (B * H, T, d_k). Keep them apart: (B, H, T, d_k)."),
    ("positions_cut", {"cut": positions_cut},
     "The positions were cut into parts, which only runs when T is a multiple of H. Every head sees every position; "
     "cut the numbers of each position, the last axis."),
    ("one_part_for_all_heads", {"cut": first_slice_for_all},
     "All heads got the same part. Head h gets the numbers from h * d_k to (h + 1) * d_k."),
    ("heads_backwards", {"cut": lambda x, H: by_slices(x, H)[:, ::-1]},
     "The heads come in the wrong order: head 0 gets the first numbers."),
    ("transposed_before_the_cut", {"cut": transposed_then_cut},
     "The shape is right, but positions and numbers were exchanged first, and then a reshape dealt them out. Cut the "
     "last axis first.", RESHAPE),
    ("cut_in_another_order",
     [{"cut": lambda x, H: cut_reshape(x, H, "B", "H", "d_k", "T").swapaxes(-1, -2)},
      {"cut": lambda x, H: cut_reshape(x, H, "B", "d_k", "T", "H").transpose(0, 3, 2, 1)},
      {"cut": lambda x, H: cut_reshape(x, H, "B", "d_k", "H", "T").transpose(0, 2, 3, 1)}],
     "The shape is right, but the first reshape named other axes than (B, T, H, d_k), so it dealt out the numbers anew "
     "and positions got mixed. Cut the last axis only; then exchange T and H.", RESHAPE),
    ("pieces_overlap",
     {"cut": lambda x, H: np.stack([x[:, :, h : h + x.shape[-1] // H] for h in range(H)], axis=1)},
     "The pieces overlap: head h begins at number h. It begins at number h * d_k."),
    ("all_axes_reversed", {"cut": lambda x, H: cut_reshape(x, H, "B", "T", "H", "d_k").transpose()},
     "The last axis is cut, but then *all* axes were put in the opposite order: transpose without an order does that. "
     "Exchange T and H only: `.transpose(0, 2, 1, 3)`."),
    ("other_axes_exchanged",
     [{"cut": lambda x, H: cut_reshape(x, H, "B", "T", "H", "d_k").swapaxes(1, 3)},
      {"cut": lambda x, H: cut_reshape(x, H, "B", "T", "H", "d_k").swapaxes(0, 1)}],
     "The last axis is cut, but other axes were exchanged than T and H. From (B, T, H, d_k) go to (B, H, T, d_k)."),
    ("one_head_written", [{"cut": lambda x, H, n=n: one_kept(by_slices(x, H), n, axis=1)} for n in (0, -1)],
     "Only one head was filled, the rest is 0, as when `return` stands inside the loop, or the line that writes a head "
     "below it."),
    ("whole_for_every_head", {"cut": lambda x, H: np.repeat(x[:, np.newaxis], H, axis=1)},
     "Every head got all of d_model. The last axis is cut: each head gets d_model / H numbers of its own."),
    (standard.ZEROS_RETURNED(it="the heads"), {"cut": lambda x, H: np.zeros_like(by_slices(x, H))}),
    (standard.INPUT_RETURNED(it="x"), {"cut": lambda x, H: x}),
    ("not_refused", {"refused": NONE},
     "A d_model that is no multiple of num_heads was accepted. A -1 in a reshape makes "
     "positions that never were, and slices lose numbers: raise a ValueError."),
    ("another_error", {"refused": ANOTHER},
     "What cannot be cut ended in an error that is no ValueError. An `assert` raises an "
     "AssertionError, and is left out under `python -O`: use `raise ValueError(…)`."),
    ("unclear_error", {"refused": UNCLEAR},
     "The message of the ValueError does not name both numbers, d_model and num_heads. Was it "
     "NumPy's own? Test first, and raise one that tells the reader what is wrong."),
)
# fmt: on
SPLIT_HEADS = Check(
    name="split_heads",
    claim="gives_each_head_its_part_of_every_position",
    title="Split into heads",
    function="split_heads",
    inputs=split_inputs,
    reference=split,
    second_route=split_by_reshape,
    returns=("heads", "refusal"),
    points={"heads": 2, "refusal": 1},
    read=SPLIT,
    survives=("a batch of one", "one head", "one position"),
    hints=(
        "First only cut the last axis: `(B, T, d_model)` becomes `(B, T, H, d_k)`. A reshape does that, because the "
        "numbers of one piece lie side by side.",
        "Then the axes `T` and `H` have to change places. A second reshape cannot do that, a transpose can.",
        "`x.reshape(B, T, num_heads, d_model // num_heads).transpose(0, 2, 1, 3)`; before it, `if d_model % num_heads != 0:` "
        'and `raise ValueError(f"… {d_model} … {num_heads} …")`.',
    ),
    misconceptions=SPLIT_HEADS_MISTAKES,
    advice={
        r"must be real number, not tuple|'float' object cannot be interpreted|cannot be interpreted as an integer": "A size must "
        "be a whole number: `d_model // num_heads`, with two strokes.",
        r"cannot reshape array": "The sizes of a reshape must multiply to the number of entries: (B, T, H, d_model // H).",
        r"axes don't match array": "The order given to transpose has one entry for each axis. After the cut there are four.",
        r"too many values to unpack|not enough values": ("x has three axes: `B, T, d_model = x.shape`.", "inside"),
        r"all input arrays must have the same shape": "The pieces have different lengths. Head h runs from h * d_k to "
        "(h + 1) * d_k.",
        r"^ValueError: (?!operands|could not|array split|matmul)": (
            "Is this your own error? Here d_model is a multiple of num_heads, so nothing is to be refused. Look at the "
            "test before `raise`.",
            r"code ^\s*raise\b",
        ),
    },
    stale=("heads", "B", "T", "d_model", "d_k", "x"),
)


# ---------------------------------------------------------------- merge
def merge(x: Array, *, join: Callable = side_by_side) -> Array:
    """Return heads x (B, H, T, d_k) side by side."""
    return join(x)


def merge_by_einsum(x: Array) -> Array:
    """Return the same by a sum with a table of ones: number j of head h goes to place h * d_k + j."""
    H, d_k = x.shape[1], x.shape[3]
    return np.einsum("bhtj,hjm->btm", x, np.eye(H * d_k).reshape(H, d_k, H * d_k))


# fmt: off
MERGE_HEADS_MISTAKES = mistakes(merge, MERGE,
    ("reshaped_only", {"join": reshaped_back_only},
     "The shape is right, but a reshape alone reads head 0 to its end before it begins with head 1, so positions get "
     "mixed. Exchange the axes back first, then reshape.", RESHAPE),
    ("reshaped_before_the_exchange",
     [{"join": lambda x: x.reshape(len(x), -1, x.shape[2]).swapaxes(1, 2)},
      {"join": lambda x: reshaped_back_only(x.reshape(len(x), x.shape[2], x.shape[1], -1).swapaxes(1, 2))}],
     "The shape is right, but the first reshape came before the exchange of axes: it reads on from one head and "
     "position to the next, so numbers got mixed. Exchange H and T first, then reshape.", RESHAPE),
    ("axes_exchanged_only", {"join": lambda x: x.transpose(0, 2, 1, 3)},
     "The axes are exchanged, but heads and numbers still have an axis each. Make one of them: a reshape to (B, T, H * "
     "d_k)."),
    ("numbers_alternate", {"join": interwoven},
     "The numbers of the heads alternate: first number 0 of every head, then number 1. Each head stays in one piece."),
    ("wrong_axes_exchanged",
     [{"join": exchanged(*order)}
      for order in ((0, 1, 3, 2), (0, 3, 1, 2), (0, 3, 2, 1), (2, 0, 1, 3), (2, 1, 0, 3), (3, 2, 1, 0))],
     "The shape is right, but other axes were exchanged than H and T. From (B, H, T, d_k) go to (B, T, H, d_k), then "
     "reshape."),
    ("axes_misnamed",
     [{"join": lambda x: x.reshape(len(x), x.shape[1], -1)},
      {"join": lambda x: x.transpose(0, 2, 1, 3).reshape(len(x), x.shape[1], -1)}],
     "Heads and positions have changed places, so there are as many rows as heads. x comes as (B, H, T, d_k), in this "
     "order."),
    ("one_below_the_other", {"join": lambda x: x.reshape(len(x), -1, x.shape[-1])},
     "The heads stand one below the other, (B, H * T, d_k), as if they were more positions. They belong side by side."),
    ("sequences_side_by_side", {"join": lambda x: np.concatenate(list(x), axis=-1)},
     "The sequences of the batch were put side by side, not the heads: np.concatenate goes over axis 0, and that is "
     "the batch."),
    ("heads_averaged",
     [{"join": lambda x: x.mean(axis=1)}, {"join": lambda x: x.sum(axis=1)}, {"join": lambda x: x.max(axis=1)},
      {"join": mean_of_heads}, {"join": lambda x: np.repeat(x.mean(axis=1), x.shape[1], axis=-1)}],
     "One head was made of all: their mean, their sum or the largest. They are put side by side, so that what each one "
     "found is kept."),
    ("first_head_only", {"join": lambda x: x[:, 0]}, "Only head 0 is left. Put all heads side by side."),
    ("last_head_only", {"join": lambda x: x[:, -1]},
     "Only the last head is left: in a loop `=` replaces the one before. Collect them, and put them side by side."),
    ("one_head_written", [{"join": lambda x, n=n: side_by_side(one_kept(x, n, axis=1))} for n in (0, -1)],
     "Only one head was written, the rest is 0, as when `return` stands inside the loop, or the line that writes a head "
     "below it."),
    ("places_overlap", {"join": overlapping},
     "The heads overlap: head h was written from place h on, over the one before. It begins at place h * d_k."),
    ("heads_in_the_batch", {"join": lambda x: np.concatenate([x[:, h] for h in range(x.shape[1])])},
     "The heads were put into the batch: np.concatenate goes over axis 0 unless told otherwise. Side by side is "
     "axis=-1."),
    (standard.ZEROS_RETURNED, {"join": lambda x: np.zeros_like(side_by_side(x))}),
    (standard.INPUT_RETURNED(it="x, the heads"), {"join": as_it_is}),
    ("heads_backwards", {"join": lambda x: side_by_side(x[:, ::-1])},
     "The heads come in the wrong order: head 0 first."),
)
# fmt: on
MERGE_HEADS = Check(
    name="merge_heads",
    claim="puts_the_heads_of_a_position_side_by_side",
    title="Merge the heads",
    function="merge_heads",
    inputs=lambda rng: {
        "two sequences, three heads": {"x": normal(rng, 2, 3, 5, 2)},
        "a batch of one": {"x": normal(rng, 1, 2, 6, 3)},
        "one head": {"x": normal(rng, 2, 1, 3, 5)},
        "one position": {"x": normal(rng, 3, 2, 1, 3)},
        "all sizes alike": {"x": normal(rng, 3, 3, 3, 3)},
    },
    reference=merge,
    second_route=merge_by_einsum,
    returns=("merged",),
    points={"merged": 2},
    read=MERGE,
    survives=("a batch of one", "one head", "one position"),
    hints=(
        "Go back along the way you came. The last step of `split_heads` is undone first.",
        "Exchanging the axes 1 and 2 once more gives `(B, T, H, d_k)`. Now the heads of one position lie side by side.",
        "`x.transpose(0, 2, 1, 3).reshape(B, T, H * d_k)`, with the sizes from `B, H, T, d_k = x.shape`.",
    ),
    misconceptions=MERGE_HEADS_MISTAKES,
    advice={
        r"cannot reshape array": "The sizes of a reshape must multiply to the number of entries: (B, T, H * d_k).",
        r"axes don't match array": "The order given to transpose has one entry for each of the four axes.",
        r"too many values to unpack|not enough values": ("x has four axes: `B, H, T, d_k = x.shape`.", "inside"),
    },
    stale=("heads", "merged", "B", "H", "T", "d_k", "d_model", "x"),
)


# ---------------------------------------------------------------- attention in exchangeable steps
def normalise(scores: Array, axis: int = -1) -> Array:
    """Return the softmax along one axis; where all scores are -inf the weights are 0."""
    largest = np.max(scores, axis=axis, keepdims=True)
    exps = np.exp(scores - np.where(np.isinf(largest), 0, largest))
    total = exps.sum(axis=axis, keepdims=True)
    return exps / np.where(total == 0, 1, total)


def without_care(scores: Array) -> Array:
    """Return the softmax along the last axis; where all scores are -inf it is NaN."""
    with np.errstate(all="ignore"):
        exps = np.exp(scores - scores.max(axis=-1, keepdims=True))
        return exps / exps.sum(axis=-1, keepdims=True)


def sqrt_d_k(q: Array, k: Array) -> float:
    """Return what the scores (B, H, T_q, T_k) are divided by."""
    return math.sqrt(k.shape[-1])


def attend(
    q: Array,
    k: Array,
    v: Array,
    mask: Array | None,
    *,
    score: Callable = query_key,
    divisor: Callable = sqrt_d_k,
    hide: Callable = minus_infinity,
    weigh: Callable = normalise,
    after: Callable = as_it_is,
    mix: Callable = weighted_sum,
) -> tuple[Array, Array]:
    """Return (heads (B, H, T_q, d_k), weights (B, H, T_q, T_k))."""
    weights = after(weigh(hide(score(q, k) / divisor(q, k), mask)), mask)
    return mix(weights, v), weights


def affine(x: Array, W: Array, b: Array) -> Array:
    """Return x W + b."""
    return x @ W + b


def multi_head(
    query: Array,
    key: Array,
    value: Array,
    mask: Array | None,
    num_heads: int,
    *,
    change: Callable = dict,
    project: Callable = affine,
    cut: Callable = by_slices,
    cut_values: Callable | None = None,
    between: Callable = as_it_is,
    join: Callable = side_by_side,
    finish: Callable = affine,
    after: Callable = as_it_is,
    returned: Callable = lambda output, weights: (output, weights),
    steps: dict[str, Callable] | None = None,
    **parameters: Array,
) -> tuple[Array, Array]:
    """Return (output (B, T_q, d_model), weights (B, H, T_q, T_k)).

    `change` exchanges what is projected, by which parameters; `steps` are those of `attend`, `between` changes its
    heads, `after` the output.
    """
    p = change(query=query, key=key, value=value, **parameters)
    q, k, v = (project(p[name], p[f"W_{name[0]}"], p[f"b_{name[0]}"]) for name in ("query", "key", "value"))
    q, k, v = cut(q, num_heads), cut(k, num_heads), (cut_values or cut)(v, num_heads)
    heads, weights = attend(q, k, v, mask, **(steps or {}))
    return returned(after(finish(join(between(heads)), p["W_o"], p["b_o"]), query), weights)


def one_head_after_the_other(
    query: Array, key: Array, value: Array, mask: Array | None, num_heads: int, **p: Array
) -> tuple[Array, Array]:
    """Return the same by loops over sentences, heads, queries and keys, with each head's own columns and rows."""
    (B, T_q, d_model), T_k = query.shape, key.shape[1]
    d_k = d_model // num_heads
    hidden = np.zeros((B, num_heads, T_q, T_k)) + (0 if mask is None else mask)
    output, weights = np.zeros((B, T_q, d_model)) + p["b_o"], np.zeros((B, num_heads, T_q, T_k))
    for n in range(B):
        for h in range(num_heads):
            own = slice(h * d_k, (h + 1) * d_k)
            q, k, v = (
                x[n] @ p[f"W_{name}"][:, own] + p[f"b_{name}"][own]
                for x, name in ((query, "q"), (key, "k"), (value, "v"))
            )
            for i in range(T_q):
                shown = [j for j in range(T_k) if not hidden[n, h, i, j]]
                exps = {j: math.exp(q[i] @ k[j] / math.sqrt(d_k)) for j in shown}
                for j in shown:
                    weights[n, h, i, j] = exps[j] / sum(exps.values())
                    output[n, i] += weights[n, h, i, j] * v[j] @ p["W_o"][own]
    return output, weights


def parameters(rng: np.random.Generator, d_model: int) -> Inputs:
    """Draw W_q … b_o that keep projections of order 1."""
    matrices = {f"W_{name}": normal(rng, d_model, d_model, scale=1.2 / math.sqrt(d_model)) for name in "qkvo"}
    return matrices | {f"b_{name}": normal(rng, d_model, scale=0.7) for name in "qkvo"}


def draw(rng: np.random.Generator, B: int, T_q: int, T_k: int, H: int, d_k: int, mask: Array | None) -> Inputs:
    """Draw one case of multi-head attention."""
    shapes = {"query": (B, T_q, H * d_k), "key": (B, T_k, H * d_k), "value": (B, T_k, H * d_k)}
    arrays = {name: normal(rng, *shape) for name, shape in shapes.items()}
    return arrays | {"mask": mask, "num_heads": H} | parameters(rng, H * d_k)


def padding(*lengths: int, T: int) -> Array:
    """Return a mask (B, 1, 1, T), 1 = hide, of sentences with so many words and padding behind them."""
    return np.array([[[[int(t >= length) for t in range(T)]]] for length in lengths])


PER_QUERY = np.array(  # (B, 1, T_q, T_k): every query of a sentence has a mask of its own, and one sees nothing at all
    [[[[0, 0], [1, 1]]], [[[1, 0], [0, 1]]]]
)


def multi_head_inputs(rng: np.random.Generator) -> Cases:
    """Draw a batch with paddings of two lengths, one sentence, B = H = T with a row that is all hidden, and length 1.

    Where sizes of the first coincide (T_q and H), those of the second do not.
    """
    return {
        "three heads, two paddings": draw(rng, 2, 3, 5, 3, 2, padding(2, 4, T=5)),
        "one sentence, no mask": draw(rng, 1, 3, 4, 2, 5, None),
        "as many heads as sentences": draw(rng, 2, 2, 2, 2, 2, PER_QUERY),
        "one head, one position": draw(rng, 2, 1, 1, 1, 3, None),
    }


# Steps done the wrong way.
def identity(*names: str) -> dict:
    """Return a change that leaves out the named projections, bias included."""

    def change(**p: Array) -> dict[str, Array]:
        eyes = {f"W_{name}": np.eye(len(p["b_o"])) for name in names}
        return {**p, **eyes, **{f"b_{name}": 0 * p["b_o"] for name in names}}

    return {"change": change}


def bias_alone(*names: str) -> dict:
    """Return a change that leaves out the named products; the biases are added all the same."""
    return {"change": lambda **p: {**p, **{f"W_{name}": np.eye(len(p["b_o"])) for name in names}}}


def bias_subtracted(*names: str) -> dict:
    """Return a change that turns the signs of the named biases."""
    return {"change": lambda **p: {**p, **{f"b_{name}": -p[f"b_{name}"] for name in names}}}


def transposed(*names: str) -> dict:
    """Return a change that transposes the named matrices."""
    return {"change": lambda **p: {**p, **{f"W_{name}": p[f"W_{name}"].T for name in names}}}


def no_bias(*names: str) -> dict:
    """Return a change that leaves out the named biases."""
    return {"change": lambda **p: {**p, **{f"b_{name}": 0 * p[f"b_{name}"] for name in names}}}


def divided_by(divisor: Callable) -> dict:
    """Return attention with another divisor."""
    return {"steps": {"divisor": divisor}}


def in_blocks(x: Array, W: Array, b: Array, num_heads: int) -> Array:
    """Return each piece of x times the block of W on the diagonal, as when x is split before it is projected."""
    d_k = len(b) // num_heads
    blocks = np.kron(np.eye(num_heads), np.ones((d_k, d_k)))
    return x @ (W * blocks) + b


def split_first(num_heads: int, **p: Any) -> tuple[Array, Array]:
    """Return multi-head attention whose inputs are split before they are projected."""
    return multi_head(num_heads=num_heads, project=partial(in_blocks, num_heads=num_heads), **p)


def rows_to_heads(num_heads: int, **p: Any) -> tuple[Array, Array]:
    """Return multi-head attention with matrices reshaped to (H, d_model, d_k)."""

    def project(x: Array, W: Array, b: Array) -> Array:
        per_head = W.reshape(num_heads, len(W), -1)
        return np.concatenate([x @ per_head[h] for h in range(num_heads)], axis=-1) + b

    return multi_head(num_heads=num_heads, project=project, **p)


def whole_values(join: Callable) -> dict:
    """Return attention whose values are not split, each head mixing all of them; `join` makes one of the heads."""
    return {"cut_values": lambda v, H: v[:, np.newaxis], "join": join}


def one_wide_head(num_heads: int, mask: Array | None, **p: Any) -> tuple[Array, Array]:
    """Return attention of a single head of width d_model."""
    return multi_head(num_heads=1, mask=mask, **p)


def one_wide_head_without_axis(num_heads: int, mask: Array | None, **p: Any) -> tuple[Array, Array]:
    """Return the same with weights (B, T_q, T_k)."""
    output, weights = multi_head(num_heads=1, mask=mask, **p)
    return output, weights[:, 0]


def squeezed(scores: Array, mask: Array) -> Array:
    """Return scores hidden by a mask that has lost its axis for the heads."""
    return minus_infinity(scores, mask[:, 0])


def first_head_hidden(scores: Array, mask: Array) -> Array:
    """Return scores hidden in head 0 only."""
    hidden = np.broadcast_to(mask, scores.shape).copy()
    hidden[:, 1:] = 0
    return minus_infinity(scores, hidden)


def with_scores(**p: Any) -> tuple[Array, Array]:
    """Return the right output with the masked scores, by a number, in place of the weights."""
    hide = any_mask(lambda scores, mask: np.where(mask == 1, -1e9, scores))
    return multi_head(**p)[0], multi_head(**p, steps={"weigh": as_it_is, "hide": hide})[1]


def with_weights(made: Callable) -> dict:
    """Return the right output with something else made of the weights."""
    return {"returned": lambda output, weights: (output, made(weights))}


AGAIN = "The given function scales already."
# fmt: off
MULTI_HEAD_MISTAKES = mistakes(multi_head, FORMULA,
    ("split_by_reshape", [{"cut": reshaped_only}, {"cut": reshaped_only, "join": reshaped_back_only}],
     "The heads were cut by a reshape alone, so they are made of other positions, not of other numbers. Cut the last "
     "axis, then exchange axes.", RESHAPE),
    ("merged_by_reshape", {"join": reshaped_back_only},
     "The weights are right. The heads were merged by a reshape alone, so positions got mixed: exchange the axes back "
     "first.", RESHAPE),
    ("every_hth_number", [{"cut": interleaved}, {"cut": interleaved, "join": interwoven}],
     "Each head took every H-th number. It takes one unbroken piece.", SPLIT),
    ("merged_in_turns", {"join": interwoven},
     "The weights are right. When the heads were merged, their numbers were dealt out in turns. Each head stays in one "
     "piece.", MERGE),
    ("transposed_before_the_cut", {"cut": transposed_then_cut},
     "Positions and numbers were exchanged first, and then a reshape dealt them out. Cut the last axis first, then "
     "exchange T and H.", RESHAPE),
    ("one_part_for_all_heads", {"cut": first_slice_for_all},
     "All heads got the same part of the numbers, so they all do the same. Head h gets its own part.", SPLIT),
    ("one_head_repeated", {"between": lambda heads: np.repeat(heads[:, :1], heads.shape[1], axis=1)},
     "The weights are right, but the output holds head 0 H times. Each head has its place.", MERGE),
    ("heads_averaged",
     [{"join": mean_of_heads}, whole_values(lambda heads: heads.mean(axis=1)),
      whole_values(lambda heads: heads.sum(axis=1))],
     "The weights are right, but the heads were averaged or added up. Each head mixes its own part of the values, and "
     "the results are put side by side.", MERGE),
    ("nothing_projected", identity("q", "k", "v"),
     "query, key and value were split as they came. They go through W_q, W_k and W_v (and the biases) first."),
    ("values_not_projected", [identity("v"), bias_alone("v")],
     "The values were not projected: multiply by W_v and add b_v."),
    ("queries_not_projected", [identity("q"), bias_alone("q")],
     "The queries were not projected: multiply by W_q and add b_q."),
    ("keys_not_projected", identity("k"),
     "The keys were not projected: multiply by W_k and add b_k."),
    ("biases_subtracted", [bias_subtracted("q", "k", "v", "o"), *map(bias_subtracted, "qvo")],
     "A bias was subtracted. Each is added: X @ W + b."),
    ("no_output_projection", [identity("o"), bias_alone("o")],
     "The weights are right. The merged heads are not the output yet: multiply by W_o and add b_o."),
    ("bias_of_queries_forgotten", no_bias("q"), "The bias b_q is missing."),
    ("bias_of_values_forgotten", no_bias("v"), "The weights are right. The bias b_v is missing."),
    ("bias_of_output_forgotten", no_bias("o"), "The weights are right. The bias b_o is missing."),
    ("biases_forgotten", no_bias("q", "k", "v", "o"),
     "The biases are missing: X @ W + b, for query, key, value and output."),
    ("biases_before_the_split_forgotten", no_bias("q", "k", "v"),
     "Biases are missing before the heads are split: add b_q to query @ W_q, b_v to value @ W_v, and likewise b_k (which "
     "alone would change no weight)."),
    ("bias_of_another", [takes(b_q="b_k", b_k="b_q"), takes(b_v="b_o"), takes(b_o="b_v"), takes(b_v="b_k")],
     "The bias of another was added: W_q goes with b_q, W_k with b_k, W_v with b_v, W_o with b_o."),
    ("bias_before_the_product", {"project": lambda x, W, b: (x + b) @ W, "finish": lambda x, W, b: (x + b) @ W},
     "A bias was added before the product, so the matrix changed it too. X @ W first, then + b."),
    ("matrices_transposed", [transposed("q", "k", "v", "o"), transposed("q", "k", "v"), transposed("o")],
     "Matrices were transposed. From this chapter on W is (in, out), and a projection is X @ W, as it stands."),
    ("query_and_key_matrices_exchanged",
     [takes(W_q="W_k", W_k="W_q", b_q="b_k", b_k="b_q"), takes(W_q="W_k", W_k="W_q")],
     "W_q and W_k have changed places: queries are made with W_q, keys with W_k."),
    ("key_and_value_matrices_exchanged",
     [takes(W_k="W_v", W_v="W_k", b_k="b_v", b_v="b_k"), takes(W_k="W_v", W_v="W_k")],
     "W_k and W_v have changed places: keys are made with W_k, values with W_v."),
    ("matrices_one_late", [takes(W_k="W_q", W_v="W_k", b_k="b_q", b_v="b_k"), takes(W_k="W_q", W_v="W_k")],
     "Keys were made with W_q and values with W_k. Each has its own: W_k for keys, W_v for values."),
    ("value_and_output_matrices_exchanged", takes(W_v="W_o", W_o="W_v", b_v="b_o", b_o="b_v"),
     "W_v and W_o have changed places: values are made with W_v, and W_o comes last."),
    ("one_matrix_for_two",
     [takes(W_k="W_q", b_k="b_q"), takes(W_q="W_k", b_q="b_k"), takes(W_v="W_k", b_v="b_k"),
      takes(W_k="W_v", b_k="b_v"), takes(W_v="W_q", b_v="b_q"), takes(W_v="W_k")],
     "Two of query, key and value went through the same matrix. Each has its own: W_q, W_k, W_v."),
    ("one_matrix_for_all",
     [takes(W_k="W_q", W_v="W_q", b_k="b_q", b_v="b_q"),
      takes(W_k="W_q", W_v="W_q", W_o="W_q", b_k="b_q", b_v="b_q", b_o="b_q")],
     "Query, key and value all went through W_q. Each has a matrix of its own."),
    ("keys_from_the_query", takes(key="query"),
     "The keys were made from the query. They are made from `key`, which may be another sequence."),
    ("keys_and_values_from_the_query", takes(key="query", value="query"),
     "Keys and values were made from the query: this is self-attention. They are made from `key` and `value`."),
    ("values_from_the_query", takes(value="query"), "The values were made from the query. They are made from `value`."),
    ("values_from_the_key", takes(value="key"),
     "The values were made from `key`. Here key and value are two different arrays; use `value`."),
    ("keys_from_the_value", takes(key="value"),
     "The keys were made from `value`. Here key and value are two different arrays; use `key`."),
    ("keys_mixed", takes(value="key", W_v="W_k", b_v="b_k"),
     "The weights are right, but the keys are mixed with them. Keys only decide the weights; the values are what is mixed."),
    ("values_compared",
     [takes(key="value", W_k="W_v", b_k="b_v"),
      takes(key="value", W_k="W_v", b_k="b_v", value="key", W_v="W_k", b_v="b_k")],
     "The queries were compared with the values. They are compared with the keys: the attention function takes query, "
     "key, value."),
    ("key_and_value_exchanged", takes(key="value", value="key"),
     "`key` and `value` have changed places. Give arguments by name, and look at the order in which you take them."),
    ("queries_from_the_key", takes(query="key"),
     "The queries were made from `key`. They are made from `query`, so there is one row of output for each query."),
    ("query_and_key_exchanged", [takes(query="key", key="query"), {"steps": {"score": lambda q, k: k @ swap(q)}}],
     "Queries and keys have changed places. In the weights a row belongs to a query and a column to a key."),
    ("not_scaled", divided_by(lambda q, k: 1.0), "The scores were not divided by the square root of d_k.", WRONG),
    ("scaled_twice", divided_by(lambda q, k: float(k.shape[-1])),
     f"The scores were divided by d_k itself, or twice by its root. {AGAIN}", WRONG),
    ("root_of_d_model",
     [divided_by(lambda q, k: math.sqrt(k.shape[-1] * k.shape[1])),
      divided_by(lambda q, k: k.shape[-1] * math.sqrt(k.shape[1]))],
     "The scores were divided by the square root of d_model. A head compares d_k numbers, so it is the square "
     f"root of d_k. ({AGAIN})", WRONG),
    ("divided_by_the_number_of_heads",
     [divided_by(lambda q, k: float(k.shape[1])), divided_by(lambda q, k: math.sqrt(k.shape[1])),
      divided_by(lambda q, k: math.sqrt(k.shape[-1]) * k.shape[1])],
     "The scores were divided by the number of heads, or by its root. It is the square root of d_k, the width of one "
     "head, and no more.", WRONG),
    (standard.ROOT_OF_THE_NUMBER_OF_KEYS(instead="It is the square root of d_k, the width of one head."),
     divided_by(lambda q, k: math.sqrt(k.shape[-2])), WRONG),
    ("multiplied_by_the_root", divided_by(lambda q, k: 1 / math.sqrt(k.shape[-1])),
     "The scores were multiplied by the square root of d_k. Divide.", WRONG),
    ("softmax_over_the_queries", {"steps": {"weigh": partial(normalise, axis=-2)}},
     "The softmax ran over the queries. It runs over the keys, the last axis.", WRONG),
    ("softmax_over_the_heads", {"steps": {"weigh": partial(normalise, axis=1)}},
     "The softmax ran over axis 1. In (B, H, T_q, T_k) that is the heads, which would then compete. It runs over the "
     "keys, axis=-1.", WRONG),
    (standard.MASK_INVERTED(polarity="Here 1 means hide; in Keras's own layers True means keep."),
     {"steps": {"hide": any_mask(lambda scores, mask: minus_infinity(scores, 1 - mask))}}, MASKS),
    ("mask_dropped", {"steps": {"hide": as_it_is}},
     "The mask changed nothing. Was it handed on to the attention function, and as it came? That function hides where "
     "it finds a 1; a mask times -1e9 has none.", MASKS),
    ("mask_without_head_axis", {"steps": {"hide": any_mask(squeezed)}},
     "The mask has lost its axis for the heads. (B, T_q, T_k) stops, unless B = H: then head 1 gets the mask of "
     "sentence 1. Leave it as it comes, (B, 1, …).", MASKS),
    ("mask_on_one_head", {"steps": {"hide": any_mask(first_head_hidden)}},
     "Only head 0 obeys the mask. What is hidden is hidden from every head.", MASKS),
    ("mask_after_softmax", {"steps": {"hide": as_it_is, "after": any_mask(lambda weights, mask: weights * (1 - mask))}},
     "The mask was applied to the weights, so rows no longer sum to one. Hide the scores, before the softmax.", MASKS),
    (standard.MASK_ADDED(done="added or subtracted", moved="changed by 1 only"),
     [{"steps": {"hide": any_mask(lambda scores, mask, sign=sign: scores + sign * mask)}} for sign in (1, -1)], MASKS),
    ("even_weights_where_all_is_hidden",
     [{"steps": {"hide": any_mask(lambda scores, mask: np.where(mask == 1, -1e9, scores)), "weigh": without_care}},
      {"steps": {"hide": any_mask(lambda scores, mask: scores - 1e9 * mask), "weigh": without_care}}],
     "Right, but for a query that may see no key at all: with -1e9 everywhere the softmax still shares out one whole. "
     "There all weights are 0, which the given function sees to.", MASKS),
    ("nan_where_all_is_hidden", {"steps": {"weigh": without_care}},
     "Right, but for a query that may see no key at all: -inf everywhere makes NaN. There all weights are 0, which the "
     "given function sees to.", MASKS),
    ("weights_averaged_over_heads",
     [with_weights(lambda weights: weights.mean(axis=1)),
      with_weights(lambda weights: weights.mean(axis=1, keepdims=True))],
     "The output is right. The weights were averaged over the heads; return them for each head, (B, H, T_q, T_k)."),
    ("weights_of_one_head", [with_weights(lambda weights: weights[:, 0]), with_weights(lambda weights: weights[:, -1])],
     "The output is right. Only the weights of one head were returned; return them all, (B, H, T_q, T_k)."),
    ("weights_with_heads_first", with_weights(lambda weights: weights.swapaxes(0, 1)),
     "The output is right. The weights have the heads before the batch; the order is (B, H, T_q, T_k)."),
    (standard.RETURNED_BACKWARDS, {"returned": lambda output, weights: (weights, output)}),
    ("output_not_merged", {"join": as_it_is, "finish": lambda heads, W, b: heads},
     "The output still has the heads apart, (B, H, T_q, d_k). Merge them, then multiply by W_o and add b_o.", MERGE),
    (standard.ZEROS_RETURNED, {"finish": lambda merged, W, b: 0 * merged}),
)
# fmt: on


def shares_averaged(num_heads: int, **p: Any) -> tuple[Array, Array]:
    """Return attention with the mean of the heads' shares of the output in place of their sum."""
    return multi_head(num_heads=num_heads, finish=lambda x, W, b: x @ W / num_heads + b, **p)


def fixed_number(fixed: int, num_heads: int, **p: Any) -> tuple[Array, Array]:
    """Return attention in a number of heads that stands in the code."""
    return multi_head(num_heads=fixed, **p)


def bias_for_each_head(num_heads: int, **p: Any) -> tuple[Array, Array]:
    """Return attention with the output bias added once for each head."""
    return multi_head(num_heads=num_heads, finish=lambda x, W, b: x @ W + num_heads * b, **p)


def output_in_blocks(num_heads: int, **p: Any) -> tuple[Array, Array]:
    """Return attention whose heads go through the blocks on the diagonal of W_o alone."""
    return multi_head(num_heads=num_heads, finish=partial(in_blocks, num_heads=num_heads), **p)


# fmt: off
OTHER_MISTAKES = mistakes(multi_head, SPLIT,
    ("number_of_heads_fixed", [partial(fixed_number, 2), partial(fixed_number, 3)],
     "The number of heads stands in your code as a number. Take it from num_heads: it differs from case to case."),
    ("shares_averaged", shares_averaged,
     "The weights are right. What the heads give was divided by their number on its way to the output. Their shares "
     "are added, not averaged.", MERGE),
    ("bias_of_output_for_each_head", bias_for_each_head,
     "The weights are right. The bias b_o was added once for each head; it is added once.", FORMULA),
    ("output_matrix_in_blocks", output_in_blocks,
     "The weights are right. Each head went through its own square block of W_o. All merged numbers meet all of W_o, "
     "so that the output can draw on every head.", MERGE),
    ("split_before_projecting", split_first,
     "The inputs were split before they were projected, so a head sees only its part of each input. Project all "
     "d_model numbers first, then split."),
    ("matrices_reshaped_into_heads", rows_to_heads,
     "The matrices were reshaped to (H, d_model, d_k), which deals out their rows. A head owns a block of columns: "
     "project first, then split."),
    ("one_wide_head", [one_wide_head, one_wide_head_without_axis],
     "There is one head of width d_model: nothing was split."),
    ("query_added", {"after": np.add},
     "The weights are right. The query was added to the output; that belongs to the block around this layer, not "
     "here.", FORMULA),
    (standard.SCORES_RETURNED(instead="the weights"), with_scores, FORMULA),
)
# fmt: on
OWN_ATTENTION = (  # each of these is the whole of attention
    "layers.MultiHeadAttention",
    "layers.GroupQueryAttention",
    "layers.GroupedQueryAttention",
    "layers.Attention",
    "layers.AdditiveAttention",
    "ops.dot_product_attention",
    "nn.dot_product_attention",
    "nn.MultiheadAttention",
    "functional.multi_head_attention_forward",
    "functional.scaled_dot_product_attention",
)
SHARED_ADVICE = {
    r"unsupported operand.*NoneType|Attempt to convert a value \(None\)|None values not supported": [
        (
            "Something here is None. Is it the mask, or a function of yours without `return`? The given attention function takes a mask of None as it is.",
            "is_none mask",
        ),
        ("Something here is None. It may be what a function without `return` gives.",),
    ],
    r"truth value of an array": "A whole array is neither true nor false. If you ask for the mask: `if mask is not None`; or hand it on as it is, None too.",
    r" is NaN in": "If it is the mask: -inf everywhere makes NaN. The given attention function takes care of it.",
}
NUMPY_ADVICE = {
    r"KeyError: '?(?!(?:W|b)_[qkvo]\b)(\w+)": "`weights` has the keys W_q, b_q, W_k, b_k, W_v, b_v, W_o and b_o. There is no \\1.",
    r"'<U\d+'|str' object|did not contain a loop with signature": "Unpacking a dictionary gives its names, not its arrays. "
    'Take them by name: weights["W_q"].',
    r"size 6 is different from 2\)": (
        "A product does not fit: d_k = 2 numbers met a matrix of d_model = 6 rows. If it is W_q, W_k or W_v: project first, "
        "then split. If it is W_o: first put the heads side by side, none lost and none added up.",
        "not known within",
    ),
    r"size (\d+) is different from (\d+)": (
        "A product does not fit: \\2 numbers met \\1 rows. A projection is X @ W, X on the left, and in X the last axis has "
        "d_model numbers.",
        "not known within",
    ),
    r"newaxis,newaxis": "Queries and keys do not fit. They are (B, H, T, d_k), with the heads on axis 1: did T and H change places?",
    r"remapped shapes|more dimensions than allowed": "The mask does not fit the scores. The mask is right as it comes; so the "
    "scores must be (B, H, T_q, T_k), made of heads (B, H, T, d_k). (In a loop over heads, take mask[:, 0].)",
    r"index \d+ is out of bounds for axis 1 with size 1": "If it is the mask: it has a single entry on the axis of the heads, which counts for all of them.",
    r"could not be broadcast together with shapes \(\S+\) \((\d+),\1\)": "A matrix stands where `+` or `*` goes entry by "
    "entry. A projection is X @ W + b, with b of shape (d_model,). Take the weights by name.",
    **SHARED_ADVICE,
}

MULTI_HEAD_ATTENTION = Check(
    name="multi_head_attention",
    claim="projects_splits_attends_merges_and_projects",
    title="Multi-head attention",
    function="multi_head_attention",
    forbidden=OWN_ATTENTION,
    inputs=multi_head_inputs,
    reference=multi_head,
    second_route=one_head_after_the_other,
    returns=("output", "attention_weights"),
    points={"output": 2, "attention_weights": 2},
    read=FORMULA,
    survives=("no mask", "one head with one position"),
    hints=(
        "Write down the shape after each of the five steps before you write code.",
        'Project all of it first, `query @ weights["W_q"] + weights["b_q"]`, then split. The three inputs are treated alike, each '
        "with its own matrix and bias.",
        "`scaled_dot_product_attention` takes `(B, H, T, d_k)` as it is, and the mask too: axes in front do no harm.",
        "`heads, attention_weights = scaled_dot_product_attention(q, k, v, mask)`, then `merge_heads(heads)`, times `W_o`, plus `b_o`.",
    ),
    misconceptions=(*MULTI_HEAD_MISTAKES, *OTHER_MISTAKES),
    properties=(SumsToOne("one sentence, no mask", "attention_weights", "Your rows of weights do not sum to one."),),
    uses=("split_heads", "merge_heads"),
    advice=NUMPY_ADVICE,
    stale=(
        "output",
        "attention_weights",
        "heads",
        "q",
        "k",
        "v",
        "query",
        "key",
        "value",
        "mask",
        "weights",
        "merged",
        "d_model",
        "d_k",
    ),
)


# ---------------------------------------------------------------- find the bug
def attend_in_heads(
    x: Array,
    num_heads: int,
    *,
    cut: Callable = by_slices,
    join: Callable = side_by_side,
    finish: Callable = lambda output, x: output,
    returned: Callable = lambda output, weights: (output, weights),
    steps: dict[str, Callable] | None = None,
) -> tuple[Array, Array]:
    """Return (output, weights) of self-attention in heads, without projections."""
    heads = cut(x, num_heads)
    output, weights = attend(heads, heads, heads, None, **(steps or {}))
    return returned(finish(join(output), x), weights)


def reshaped_then_exchanged(x: Array, num_heads: int) -> Array:
    """Return x reshaped to (B, H, T, d_k), and then H and T exchanged."""
    return reshaped_only(x, num_heads).swapaxes(1, 2)


def uncut_and_transposed(heads: Array) -> Array:
    """Return heads (B, H, T, d_k) reshaped to (B, d_model, T), and then the last two axes exchanged."""
    return swap(heads.reshape(len(heads), -1, heads.shape[2]))


def attend_in_heads_by_loops(x: Array, num_heads: int) -> tuple[Array, Array]:
    """Return the same one head, one query after the other."""
    eye = {f"W_{name}": np.eye(x.shape[-1]) for name in "qkvo"} | {
        f"b_{name}": np.zeros(x.shape[-1]) for name in "qkvo"
    }
    return one_head_after_the_other(x, x, x, None, num_heads, **eye)


def bug_inputs(rng: np.random.Generator) -> Cases:
    """Draw one sentence and three heads, the same words in another order, two sentences, and one head."""
    first = {"x": normal(rng, 1, 5, 6, scale=0.9), "num_heads": 3}
    return {
        "three heads": first,
        "the same words in another order": {**first, "x": first["x"][:, list(SHUFFLED)]},
        "two sentences": {"x": normal(rng, 2, 3, 10, scale=0.9), "num_heads": 2},
        "one head": {"x": normal(rng, 2, 3, 5), "num_heads": 1},
    }


SHUFFLED = (3, 0, 4, 1, 2)

# fmt: off
FIND_THE_BUG_MISTAKES = mistakes(attend_in_heads, RESHAPE,
    ("still_by_reshape", {"cut": reshaped_only, "join": reshaped_back_only},
     "Nothing has changed: head 0 still holds the first positions, head 1 the next, so words of different heads never "
     "meet."),
    ("only_the_split_mended", {"join": reshaped_back_only},
     "The weights are right now, so the split is mended. The last line still has the same fault, the other way round."),
    ("only_the_merge_mended", {"cut": reshaped_only},
     "The last line is mended, but the first still makes heads of whole positions."),
    ("every_hth_number", [{"cut": interleaved, "join": interwoven}, {"cut": interleaved}],
     "Every word is heard now, but each head takes every H-th number instead of one unbroken piece.", SPLIT),
    ("merged_in_turns", {"join": interwoven},
     "The split is mended. When merging, the numbers of the heads are dealt out in turns; each head stays in one "
     "piece.", MERGE),
    ("other_axes_merged",
     [{"join": exchanged(*order)} for order in ((0, 1, 3, 2), (0, 3, 1, 2), (0, 3, 2, 1), (2, 1, 0, 3))],
     "The weights are right now, so the split is mended. When merging, other axes were exchanged than H and T.", MERGE),
    ("transposed_before_the_cut",
     [{"cut": transposed_then_cut}, {"cut": transposed_then_cut, "join": reshaped_back_only},
      {"cut": transposed_then_cut, "join": uncut_and_transposed}],
     "Positions and numbers were exchanged first, and then a reshape dealt them out. Cut the last axis first: (B, T, "
     "H, d_k)."),
    ("heads_not_used",
     [{"cut": lambda x, H: x[:, np.newaxis]},
      {"cut": lambda x, H: x[:, np.newaxis], "returned": lambda output, weights: (output, weights[:, 0])}],
     "Every word is heard now, but by one head of width d_model. Keep num_heads heads.", SPLIT),
    ("exchanged_after_the_same_reshape",
     [{"cut": reshaped_then_exchanged, "join": exchanged(0, 2, 1, 3)},
      {"cut": reshaped_then_exchanged, "join": lambda x: x.transpose(0, 2, 1, 3).reshape(len(x), x.shape[1], -1)}],
     "An exchange of axes was added, but behind the same reshape, which has dealt out the numbers wrongly by then. "
     "First cut the last axis: (B, T, H, d_k)."),
    ("other_axes",
     [{"cut": lambda x, H: cut_reshape(x, H, "B", "T", "H", "d_k"), "join": lambda x: x.reshape(*x.shape[:2], -1)},
      {"cut": lambda x, H: cut_reshape(x, H, "B", "T", "H", "d_k"), "join": reshaped_back_only}],
     "Without exchanging axes the arrays are (B, T, H, d_k), and it is the heads of one word that attend to each "
     "other. The heads belong on axis 1.", SPLIT),
    ("scaled_by_d_model", {"steps": {"divisor": lambda q, k: math.sqrt(k.shape[-1] * k.shape[1])}},
     "The heads are right, but the scores are now divided by the root of d_model. Leave the attention as it "
     "was.", WRONG),
    (standard.RETURNED_BACKWARDS, {"returned": lambda output, weights: (weights, output)}, FORMULA),
    ("heads_not_merged", {"join": as_it_is},
     "The output still has the heads apart, (B, H, T, d_k). Put them side by side again: merge_heads.", MERGE),
    ("heads_averaged",
     [{"join": lambda heads: heads.mean(axis=1)}, {"join": lambda heads: heads.sum(axis=1)}, {"join": mean_of_heads}],
     "The heads were averaged or added up. They are put side by side, so that what each one found is kept.", MERGE),
    ("weights_averaged_over_heads",
     [{"returned": lambda output, weights: (output, weights.mean(axis=1))},
      {"returned": lambda output, weights: (output, weights.mean(axis=1, keepdims=True))}],
     "The weights were averaged over the heads; return them for each head, (B, H, T, T).", FORMULA),
    (standard.INPUT_RETURNED(it="x"), {"finish": lambda output, x: x}),
    (standard.ZEROS_RETURNED, {"finish": lambda output, x: 0 * x}),
)
# fmt: on
FIND_THE_BUG = Check(
    name="find_the_bug",
    claim="every_word_hears_every_other_word",
    title="Find the bug: words that do not hear each other",
    function="mended_self_attention",
    inputs=bug_inputs,
    reference=attend_in_heads,
    second_route=attend_in_heads_by_loops,
    returns=("output", "attention_weights"),
    points={"output": 1, "attention_weights": 1},
    read=SPLIT,
    survives=("one head",),
    hints=(
        "Only the second half of the positions notices, and there are two heads. What does each head hold?",
        "Copy the first two lines of the body into a cell of your own, with `x, num_heads = labels, 3` before them (the labels of "
        "task 1), and print `heads[0, 0]`. Whose numbers are in head 0?",
        "Two lines are wrong, and each hides the other: what the first one mixes up, the last one puts back.",
    ),
    misconceptions=FIND_THE_BUG_MISTAKES,
    properties=(
        Same(
            "three heads",
            "the same words in another order",
            "output",
            SHUFFLED,
            1,
            "Putting the words in another order must put the outputs in the same other order; yours change.",
        ),
        SumsToOne("two sentences", "attention_weights", "Your rows of weights do not sum to one."),
    ),
    uses=("split_heads", "merge_heads"),
    advice={
        r"cannot reshape array": "The sizes of a reshape must multiply to the number of entries, and mind which axis is which after "
        "exchanging axes.",
        r"axes don't match array": "The order given to transpose has one entry for each axis.",
    },
    stale=("heads", "output", "attention_weights", "before", "after"),
)


# ---------------------------------------------------------------- the same weights for Keras
NAMES = {"q": "query", "k": "key", "v": "value", "o": "output"}
PARTS = tuple(f"{name}_{kind}" for name in NAMES.values() for kind in ("kernel", "bias"))


def columns_to_heads(W: Array, num_heads: int) -> Array:
    """Return (d_model, H, d_k): each head's block of columns."""
    return np.stack(np.split(W, num_heads, axis=1), axis=1)


def rows_of_heads(W: Array, num_heads: int) -> Array:
    """Return (H, d_k, d_model): each head's block of rows."""
    return np.stack(np.split(W, num_heads, axis=0))


def bias_to_heads(b: Array, num_heads: int) -> Array:
    """Return (H, d_k)."""
    return np.stack(np.split(b, num_heads))


def as_given(array: Array, num_heads: int) -> Array:
    """Return an array as it is."""
    return array


def keras_arrays(
    num_heads: int,
    W_qkv: Array,
    b_qkv: Array,
    W_o: Array,
    b_o: Array,
    *,
    kernel: Callable = columns_to_heads,
    bias: Callable = bias_to_heads,
    last_kernel: Callable = rows_of_heads,
    last_bias: Callable = as_given,
    order: str = "qkvo",
    arrange: Callable = list,
) -> tuple[Array, ...]:
    """Return the eight arrays in Keras's shapes and order; W_qkv (3, d_model, d_model), b_qkv (3, d_model)."""
    cut = {n: [kernel(W, num_heads), bias(b, num_heads)] for n, W, b in zip("qkv", W_qkv, b_qkv, strict=True)}
    cut["o"] = [last_kernel(W_o, num_heads), last_bias(b_o, num_heads)]
    return tuple(arrange([array for name in order for array in cut[name]]))


def keras_arrays_by_index(num_heads: int, W_qkv: Array, b_qkv: Array, W_o: Array, b_o: Array) -> tuple[Array, ...]:
    """Return the same number by number: column or row h * d_k + j belongs to number j of head h."""
    d_k = len(b_o) // num_heads
    place = [[h * d_k + j for j in range(d_k)] for h in range(num_heads)]
    cut = [(W[:, place], b[place]) for W, b in zip(W_qkv, b_qkv, strict=True)]
    return tuple(array for pair in [*cut, (W_o[place], b_o)] for array in pair)


def in_one_array(rng: np.random.Generator, d_model: int, num_heads: int) -> Inputs:
    """Draw weights, those of query, key and value in one array."""
    p = parameters(rng, d_model)
    stacked = {f"{kind}_qkv": np.stack([p[f"{kind}_{name}"] for name in "qkv"]) for kind in "Wb"}
    return {"num_heads": num_heads} | stacked | {"W_o": p["W_o"], "b_o": p["b_o"]}


# fmt: off
KERAS_WEIGHTS_MISTAKES = mistakes(keras_arrays, KERAS,
    ("not_cut", {"kernel": as_given, "bias": as_given, "last_kernel": as_given},
     "This still has the shape that it had. Give it the shape of the table.", "partly"),
    ("output_cut_by_columns", {"last_kernel": columns_to_heads},
     "The output kernel was cut by its columns, like the others. What comes out of a head goes in there, so its *rows* "
     "are cut: (H, d_k, d_model).", "partly"),
    ("input_cut_by_rows", {"kernel": rows_of_heads},
     "A kernel of query, key or value was cut by its rows. What a head makes are columns: (d_model, H, "
     "d_k).", "partly"),
    ("heads_first",
     {"kernel": lambda W, H: columns_to_heads(W, H).swapaxes(0, 1),
      "last_kernel": lambda W, H: columns_to_heads(W, H).swapaxes(0, 1)},
     "Blocks of columns, but with the heads on axis 0. The kernels of query, key and value are (d_model, H, d_k); the "
     "output kernel is made of blocks of rows.", "partly"),
    ("every_hth_number",
     [{"kernel": lambda W, H: W.reshape(len(W), -1, H).swapaxes(1, 2), "bias": lambda b, H: b.reshape(-1, H).T,
       "last_kernel": lambda W, H: W.reshape(-1, H, len(W)).swapaxes(0, 1)},
      {"kernel": lambda W, H: W.reshape(len(W), -1, H), "bias": lambda b, H: b.reshape(-1, H),
       "last_kernel": lambda W, H: W.reshape(-1, H, len(W))}],
     "Head h was given every H-th number, or H and d_k have changed places. Each head owns one unbroken block of "
     "d_k.", "partly"),
    ("reshaped_across_the_rows",
     [{"kernel": lambda W, H: W.reshape(H, len(W), -1), "last_kernel": lambda W, H: swap(W.reshape(H, len(W), -1))},
      {"kernel": lambda W, H: W.reshape(H, len(W), -1).swapaxes(0, 1)}],
     "A reshape to (H, d_model, d_k) reads across the ends of rows, so the blocks get mixed. Cut one axis only: the "
     "last, or for the output kernel the first.", "partly"),
    ("transposed_first",
     {"kernel": lambda W, H: columns_to_heads(W.T, H), "last_kernel": lambda W, H: rows_of_heads(W.T, H)},
     "A matrix was transposed first. W is (in, out) here and in Keras; nothing is transposed.", "partly"),
    ("output_bias_cut", {"last_bias": bias_to_heads},
     "The output bias was cut into heads. It is added after the heads have been brought together: "
     "(d_model,).", "partly"),
    ("kernels_before_biases", {"arrange": lambda found: found[::2] + found[1::2]},
     "All kernels come first, then all biases. Each kernel is followed by its own bias."),
    ("biases_before_kernels", {"arrange": lambda found: [found[i ^ 1] for i in range(8)]},
     "Each bias stands before its kernel. The kernel comes first."),
    ("another_order", [{"order": order} for order in ("kqvo", "qvko", "vqko", "vkqo", "kvqo")],
     "The order of query, key and value is another one. It is query, key, value, output."),
    ("one_for_another", [{"order": order} for order in ("qqqo", "qkko", "qqvo", "qkqo")],
     "The weights of one were handed out for another as well. Query, key and value each have their own."),
)
# fmt: on
KERAS_WEIGHTS = Check(
    name="keras_weights",
    claim="have_the_shapes_and_places_that_keras_expects",
    title="Weights as Keras keeps them",
    function="to_keras_weights",
    inputs=lambda rng: {
        "three heads of two numbers": in_one_array(rng, 6, 3),
        "two heads of two": in_one_array(rng, 4, 2),
    },
    reference=keras_arrays,
    second_route=keras_arrays_by_index,
    returns=PARTS,
    points=dict.fromkeys(PARTS, 0.25),
    read=KERAS,
    hints=(
        "Head `h` owns columns `h * d_k` to `(h + 1) * d_k` of `W_q`. Which axis of `W_q` has to be cut in two, then?",
        "Cutting the last axis needs a reshape and nothing else: `(d_model, d_model)` to `(d_model, H, d_k)`. The biases lose no number either.",
        "In `W_o` a head owns *rows*. There it is the first axis that is cut: `(H, d_k, d_model)`. `b_o` belongs to no head.",
    ),
    misconceptions=KERAS_WEIGHTS_MISTAKES,
    advice={
        r"to_keras_weights returned": "Return a list of eight arrays, in the order of the docstring. Keras tells them apart by their "
        "place in it; it knows no names.",
        r"KeyError: '?(?!(?:W|b)_[qkvo]\b)(\w+)": "`weights` has the keys W_q, b_q, W_k, b_k, W_v, b_v, W_o and b_o. There is no \\1.",
        r"cannot reshape array": "The sizes of a reshape must multiply to the number of entries. A kernel has d_model * d_model of them, a "
        "bias d_model.",
    },
    stale=("d_k", "d_model", "cut", "kernels", "weights"),
)


# ---------------------------------------------------------------- the layer
def layer(bad_num_heads: int, *, made: Callable = multi_head, refused: int = CLEAR, **p: Any) -> tuple[Array, ...]:
    """Return (output, attention_weights, how `bad_num_heads` heads are refused)."""
    return (*made(**p), np.array([float(refused)]))


def layer_by_keras(
    query: Array, key: Array, value: Array, mask: Array | None, num_heads: int, bad_num_heads: int, **p: Array
) -> tuple[Array, ...]:
    """Return the same by Keras's own layer in float64; a row that is all hidden is set right by hand."""
    import keras

    d_model = len(p["b_o"])
    own = keras.layers.MultiHeadAttention(num_heads, d_model // num_heads, dtype="float64")
    own.build(query.shape, value.shape, key.shape)
    W_qkv, b_qkv = ([p[f"{kind}_{name}"] for name in "qkv"] for kind in "Wb")
    own.set_weights(list(keras_arrays_by_index(num_heads, W_qkv, b_qkv, p["W_o"], p["b_o"])))
    keep = None if mask is None else np.broadcast_to(mask[:, 0] == 0, (len(query), query.shape[1], key.shape[1]))
    found = own(query, value=value, key=key, attention_mask=keep, return_attention_scores=True)
    output, weights = (np.array(array) for array in found)
    if keep is not None:
        blind = ~keep.any(axis=-1)  # (B, T_q)
        output[blind], weights.swapaxes(1, 2)[blind] = p["b_o"], 0
    return output, weights, np.array([3.0])


def layer_inputs(rng: np.random.Generator) -> Cases:
    """Draw the cases of the function, each with a number of heads that does not fit."""
    cases = multi_head_inputs(rng)
    return {label: case | {"bad_num_heads": 4 if len(case["b_o"]) % 4 else 3} for label, case in cases.items()}


def with_relu(query: bool, output: bool) -> dict:
    """Return steps whose projections go through a ReLU: those of query, key and value, or that of the output, or both."""

    def positive(x: Array, W: Array, b: Array) -> Array:
        return np.maximum(affine(x, W, b), 0)

    return {"made": partial(multi_head, project=positive if query else affine, finish=positive if output else affine)}


def one_for_all(name: str, *others: str) -> dict:
    """Return steps whose projections all use the weights of one."""
    taken = {f"{kind}_{other}": f"{kind}_{name}" for other in others for kind in "Wb"}
    return {"made": partial(multi_head, **takes(**taken))}


def in_a_layer(found: tuple[Misconception, ...]) -> tuple[Misconception, ...]:
    """Return the misconceptions of the function as those of the layer, each in at most three ways."""

    def way(wrong: Callable) -> Callable:
        made = partial(wrong.answer, **wrong.steps) if isinstance(wrong, Exchanged) else wrong
        return Exchanged(layer, {"made": made}).changed(stops_somehow)

    return tuple(Misconception(m.name, way(m.wrong), m.says, m.read, tuple(map(way, m.also[:2]))) for m in found)


LEFT_OUT = {  # kept for the function alone: in the layer they are rare, or answered by the given attention
    "bias_of_another",
    "shares_averaged",
    "bias_before_the_product",
    "matrices_transposed",
    "matrices_reshaped_into_heads",
    "bias_of_queries_forgotten",
    "bias_of_values_forgotten",
    "bias_of_output_forgotten",
    "biases_before_the_split_forgotten",
    "value_and_output_matrices_exchanged",
    "one_matrix_for_all",
    "root_of_the_number_of_keys",
    "divided_by_the_number_of_heads",
    "multiplied_by_the_root",
    "mask_added",
    "mask_on_one_head",
    "scores_returned",
    "nan_where_all_is_hidden",
    "split_before_projecting",
    "weights_with_heads_first",
    "one_head_repeated",
    "softmax_over_the_heads",
    "softmax_over_the_queries",
    "mask_after_softmax",
    "keys_from_the_value",
    "query_added",
    "bias_of_output_for_each_head",
    "output_matrix_in_blocks",
    "values_compared",
}
LAYER_ADVICE = {
    r"does not return the pair": "`call` returns two things: output, attention_weights. Is there a `return` at its end?",
    r"Cannot convert [\d.]+ to EagerTensor of dtype int": "A size must be a whole number: `d_model // num_heads`, with two "
    "strokes.",
    r"compatible batch dimensions": "The heads of query and key do not fit. They are (B, H, T, d_k), with the heads on axis 1: "
    "was the transpose left out?",
    r"expected axis -1 of input shape.*received input with shape \(\d+, \d+, \d+, \d+\)|Matrix size-incompatible.*: \[\d+,\d+,\d+,": "An "
    "array with four axes went into a Dense layer: d_k numbers met d_model rows. Project first, then split; and merge before "
    "self.dense.",
    r"expected axis -1 of input shape|Matrix size-incompatible|[Ii]nner dimensions": "A Dense layer was given another width than "
    "d_model. Before self.dense the heads stand side by side: none lost, none added up.",
    r"no gradient comes back through the layer": "The numbers may be right, but NumPy was used inside the layer, or something else cuts "
    "the gradient, so that nothing could be learned. Use tf.reshape, tf.transpose, tf.matmul; no `.numpy()`, no tf.stop_gradient.",
    r"the layer refused": "Is this your own error? Here d_model is a multiple of num_heads, so nothing is to be refused. Look at the "
    "test before `raise`.",
    r"has no attribute '(query_dense|key_dense|value_dense|dense)'": [
        ("The check sets the weights of the layers by their names: it looks for `\\1`, and there is `{near}`.",),
        ("Keep the layer in `__init__`: `self.\\1 = layers.Dense(d_model)`. The check sets its weights by that name.",),
    ],
    r"NoneType' object has no attribute 'assign'": "A Dense layer has no bias. Leave use_bias as it is.",
    r"a Dense layer has a kernel of shape": "A Dense layer has another size than it should: all four have d_model units.",
    r"has no attribute '(T|transpose|swapaxes|reshape)'": "Tensors have no `.\\1`. Use tf.reshape and tf.transpose.",
    r"'MultiHeadAttention' object has no attribute '(\w+)'": [
        ("There is no `\\1`, but `{near}`: is one of the two misspelt?",),
        ("The class has no method `\\1`.", "is then ("),
        ("Keep it in `__init__`: `self.\\1 = …`; or is it a method that you have not written?",),
    ],
    r"object has no attribute '_tracker'|forgot to call `super": "Leave `super().__init__(**kwargs)` as the first line of `__init__`.",
    r"Dimension size must be evenly divisible|Input to reshape|cannot reshape": "The sizes of a reshape must multiply to the number of "
    "entries. Sizes from tf.shape(x), and one -1 at most.",
    r"transpose expects|perm": "The order given to tf.transpose has one entry for each axis: after the cut there are four.",
    r"[Ii]ncompatible shapes|could not be broadcast|must be equal|not broadcastable|Dimensions must": "Shapes do not fit. Is it the mask? "
    "It broadcasts to (B, H, T_q, T_k) as it comes: hand it on, and cut the heads to (B, H, T, d_k).",
    r"missing a required argument|got an unexpected keyword argument|missing \d+ required keyword|got multiple values": (
        "Keep the arguments of `call`: query, key, value and mask, by name.",
        "not inside",
    ),
    **SHARED_ADVICE,
}

# fmt: off
MULTI_HEAD_LAYER_MISTAKES = (
    *in_a_layer(tuple(m for m in MULTI_HEAD_ATTENTION.misconceptions if m.name not in LEFT_OUT)),
    *in_keras(mistakes(layer, SPLIT,
        ("activation_in_a_dense", [with_relu(True, True), with_relu(True, False), with_relu(False, True)],
         "A Dense layer cuts off what is negative: it has an activation. A projection is X @ W + b and no more; leave "
         "`activation` out.", LAYER),
        ("one_dense_for_all", [one_for_all("q", "k", "v"), one_for_all("v", "q", "k"), one_for_all("o", "q", "k", "v")],
         "Query, key and value all went through one Dense layer. Make four of them, and use each once.", LAYER),
        ("not_refused", {"refused": NONE},
         "A d_model that is no multiple of num_heads was accepted. Raise a ValueError in "
         "`__init__`."),
        ("another_error", {"refused": ANOTHER},
         "What cannot be cut ended in an error that is no ValueError. Is it an `assert`? Use "
         "`raise ValueError(…)`."),
        ("unclear_error", {"refused": UNCLEAR},
         "The message of the ValueError does not name both numbers, d_model and num_heads."),
    )),
)
# fmt: on
MULTI_HEAD_LAYER = Check(
    name="multi_head_layer",
    claim="agrees_with_the_formula_and_can_learn",
    title="Multi-head attention as a Keras layer",
    function="MultiHeadAttention",
    forbidden=OWN_ATTENTION,
    inputs=layer_inputs,
    reference=layer,
    second_route=layer_by_keras,
    returns=("output", "attention_weights", "refusal"),
    points={"output": 2, "attention_weights": 1, "refusal": 1},
    read=LAYER,
    needs="tensorflow",
    survives=("no mask", "one head with one position"),
    hints=(
        "The five steps are those of task 3. A `Dense` layer is its matrix and its bias in one: "
        "`self.query_dense(query)` is `query @ W_q + b_q`.",
        "To split: `tf.reshape(x, [B, -1, num_heads, d_model // num_heads])`, then `tf.transpose(x, [0, 2, 1, 3])`, "
        "with `B = tf.shape(x)[0]`. Keep `d_model` and `num_heads` in `__init__`.",
        "To merge: the same transpose, then `tf.reshape(x, [B, -1, d_model])`. Then `self.dense`, and return both results.",
    ),
    misconceptions=MULTI_HEAD_LAYER_MISTAKES,
    properties=(SumsToOne("one sentence, no mask", "attention_weights", "Your rows of weights do not sum to one."),),
    uses=(),
    advice=LAYER_ADVICE,
    stale=("output", "attention_weights", "heads", "q", "k", "v", "query", "key", "value", "mask", "merged", "weights"),
)


KEY = AnswerKey(
    "05_multi_head_attention",
    (SPLIT_HEADS, MERGE_HEADS, MULTI_HEAD_ATTENTION, FIND_THE_BUG, KERAS_WEIGHTS, MULTI_HEAD_LAYER),
)
