"""Answer key of chapter 03: additive (Bahdanau) attention, in NumPy and as a Keras layer, and the review classifier.

Right and wrong answers come from functions whose steps can be exchanged: a misconception is the function with one
step done the wrong way. Everything here is plain NumPy, the LSTM too; Keras serves as the second route.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from autograder.course import standard_mistakes as standard
from autograder.course.answer_key import AnswerKey, Check, Same, SumsToOne
from autograder.course.drawing import Array, Cases, Inputs, normal
from autograder.course.rows import every_way, in_keras, mistakes
from autograder.course.steps import as_it_is, lowered, relu, sigmoid, swap

# Sections of the chapter's page.
SCORES = "A score that is learned"
HAND = "One step by hand"
LUONG = "Luong and Bahdanau side by side"
PADDING = "Padding must receive no weight"
BATCH = "A batch: mind the time axis"
CLASSIFIER = "A review classifier"
TRAVEL = "How a mask travels through Keras"
WRONG = "What goes wrong"


# ---------------------------------------------------------------- data
def padding(*lengths: int, T: int) -> Array:
    """Return a mask (B, T), 1 = hide, of sentences with so many words, padded in front."""
    return np.array([[int(t < T - length) for t in range(T)] for length in lengths])


# ---------------------------------------------------------------- additive scores
def product(W: Array, x: Array) -> Array:
    """Return W x for a vector or, in rows, for a stack of vectors: (out, in), (..., in) -> (..., out)."""
    return x @ W.T


def beside_each(state: Array, positions: Array) -> Array:
    """Return the sum, the state (..., u) added to each position (..., T, u)."""
    return state[..., np.newaxis, :] + positions


def dot(hidden: Array, w_a: Array) -> Array:
    """Return the score of each position: (..., T, u), (u,) -> (..., T)."""
    return hidden @ w_a


def additive(
    s_prev: Array,
    H: Array,
    W_b: Array,
    W_c: Array,
    w_a: Array,
    *,
    state: Callable = product,
    position: Callable = product,
    join: Callable = beside_each,
    squash: Callable = np.tanh,
    weigh: Callable = dot,
    after: Callable = np.asarray,
    swapped: bool = False,
) -> Array:
    """Return the scores (..., T) of encoder states (..., T, d_h) for a decoder state (..., d_s)."""
    W_b, W_c = (W_c, W_b) if swapped else (W_b, W_c)
    return after(weigh(squash(join(state(W_b, s_prev), position(W_c, H))), w_a))


def additive_by_loops(s_prev: Array, H: Array, W_b: Array, W_c: Array, w_a: Array) -> Array:
    """Return the same number by number."""
    scores = np.zeros(len(H))
    for i in range(len(H)):
        for unit in range(len(w_a)):
            before = sum(b * s for b, s in zip(W_b[unit], s_prev, strict=True))
            before += sum(c * h for c, h in zip(W_c[unit], H[i], strict=True))
            scores[i] += w_a[unit] * math.tanh(before)
    return scores


def scorer(rng: np.random.Generator, d_s: int, d_h: int, u: int) -> Inputs:
    """Draw W_b, W_c and w_a that keep the arguments of tanh and the scores of order 1."""
    return {
        "W_b": normal(rng, u, d_s, scale=1.2 / math.sqrt(d_s)),
        "W_c": normal(rng, u, d_h, scale=1.2 / math.sqrt(d_h)),
        "w_a": normal(rng, u, scale=2.5 / math.sqrt(u)),
    }


def additive_inputs(rng: np.random.Generator) -> Cases:
    """Draw five positions with all sizes different, T = u, all sizes equal, and one position."""

    def draw(T: int, d_s: int, d_h: int, u: int) -> Inputs:
        return {"s_prev": normal(rng, d_s), "H": normal(rng, T, d_h), **scorer(rng, d_s, d_h, u)}

    return {
        "five positions": draw(5, 3, 7, 6),
        "as many positions as units": draw(3, 5, 2, 3),
        "all sizes alike": draw(3, 3, 3, 3),
        "one position": draw(1, 3, 2, 5),
    }


def softmax_of(scores: Array) -> Array:
    """Return the softmax of a vector that may be empty."""
    exps = np.exp(scores - np.max(scores, initial=-np.inf)) if scores.size else scores
    return exps / exps.sum() if scores.size else scores


def along_positions(state: Array, positions: Array) -> Array:
    """Return what (u,) + (u, T) gives: it runs only for T = u, and then lays the state along the positions."""
    return np.swapaxes(state + np.swapaxes(positions, -1, -2), -1, -2)


def logarithm_of_softmax(scores: Array) -> Array:
    """Return the logarithm of the softmax of a vector."""
    return scores - scores.max() - np.log(np.exp(scores - scores.max()).sum())


def first_position_zero(scores: Array) -> Array:
    """Return the scores with 0 in the first place, as a loop over range(1, T) leaves it."""
    return np.append(0.0, scores[1:])


def last_position_zero(scores: Array) -> Array:
    """Return the scores with 0 in the last place."""
    return np.append(scores[:-1], 0.0)


def one_for_all(place: int) -> Callable:
    """Return a step that repeats one entry of the last axis but one in the place of all."""
    return lambda W, x: product(W, np.repeat(x[..., place:, :][..., :1, :], x.shape[-2], axis=-2))


def first_row_alone(rows: Array) -> Array:
    """Return zeros, but the first entry as it is where there is more than one, as when `return` stands in the loop."""
    return np.concatenate([rows[:1], 0 * rows[1:]])


def as_rows(W: Array, x: Array) -> Array:
    """Return x W, which runs only when W is square."""
    return x @ W


def over_positions(hidden: Array, w_a: Array) -> Array:
    """Return a sum over the positions, which runs only for T = u."""
    return w_a @ hidden


# fmt: off
ADDITIVE_SCORES_MISTAKES = mistakes(additive, SCORES,
    ("tanh_missing", {"squash": np.asarray},
     "The tanh is missing. Without it the state adds the same number to every score, and softmax cancels that."),
    ("another_squashing", [{"squash": lambda x: 1 / (1 + np.exp(-x))}, {"squash": lambda x: np.maximum(x, 0)}],
     "The sum went through another function (sigmoid or ReLU). Here it is tanh."),
    ("tanh_before_the_sum", {"join": lambda s, h: np.tanh(s)[..., np.newaxis, :] + np.tanh(h), "squash": np.asarray},
     "tanh was taken of the two products apart, and then they were added: softmax cancels the state that way. Add "
     "first."),
    ("tanh_at_the_end", {"squash": np.asarray, "after": np.tanh},
     "tanh was taken of the finished score. It belongs inside: first tanh, then the product with w_a."),
    ("tanh_twice", {"after": np.tanh},
     "A second tanh was taken of the finished scores, so they cannot leave -1 to 1. One tanh is enough."),
    ("tanh_of_the_tanh", {"squash": lambda x: np.tanh(np.tanh(x))},
     "tanh was taken of the sum twice. Once is enough."),
    ("w_a_missing",
     [{"weigh": lambda hidden, w_a: hidden.sum(axis=-1)}, {"weigh": lambda hidden, w_a: hidden.mean(axis=-1)}],
     "w_a is missing: the units were added up or averaged as they are. A score is their dot product with w_a."),
    ("matrices_swapped", {"swapped": True},
     "W_b and W_c have changed places, which runs only when d_s = d_h. W_b belongs to the decoder state s_prev, W_c to "
     "the encoder states H."),
    ("matrices_transposed", {"state": as_rows, "position": as_rows},
     "A matrix was transposed on both sides, which runs only when it is square. W is (u, in): `W_b @ s_prev`, and `H @ "
     "W_c.T` for rows."),
    ("state_matrix_transposed", {"state": as_rows},
     "W_b was transposed, which runs only when it is square. `W_b @ s_prev` is (u,)."),
    ("position_matrix_not_transposed", {"position": as_rows},
     "`H @ W_c` runs only when W_c is square. With one encoder state in each row it is `H @ W_c.T`, (T, u)."),
    ("state_along_the_positions", {"join": along_positions},
     "The state was laid along the positions, which runs only for T = u. (T, u) + (u,) adds it to each row; (u, T) "
     "needs it as a column, `[:, np.newaxis]`."),
    ("one_number_for_each_unit", {"weigh": lambda hidden, w_a: (hidden * w_a).sum(axis=-2)},
     "The sum ran over the positions and left one number for each unit. Sum over the units, axis=-1: one number for "
     "each position."),
    ("products_averaged", {"weigh": lambda hidden, w_a: (hidden * w_a).mean(axis=-1)},
     "The products with w_a were averaged. A dot product adds them up and divides by nothing."),
    ("largest_product", {"weigh": lambda hidden, w_a: (hidden * w_a).max(axis=-1)},
     "The largest of the products with w_a was taken. A score is their sum, a dot product."),
    ("summed_over_positions", {"weigh": over_positions},
     "w_a was summed with the positions instead of the units, which runs only for T = u. One row, one score: (T, u) @ "
     "(u,)."),
    ("state_left_out", {"join": lambda s, h: h},
     "The decoder state does not enter: these scores are the same at every step. Add W_b s_prev inside the tanh."),
    ("positions_left_out", {"join": lambda s, h: s[..., np.newaxis, :] + 0 * h},
     "Every position has the same score: the encoder states do not enter. Add W_c h inside the tanh."),
    ("position_before", {"position": lambda W, x: product(W, np.roll(x, 1, axis=-2))},
     "Each score was made of the encoder state before its own, H[i - 1]; for i = 0 that is the last. Score i belongs to "
     "H[i]."),
    ("same_position", [{"position": one_for_all(-1)}, {"position": one_for_all(0)}],
     "Every score was made of one and the same encoder state. Score i belongs to H[i]."),
    ("averaged_inside", {"join": lambda s, h: (s[..., np.newaxis, :] + h) / 2},
     "The two products were averaged. They are added, and nothing is divided."),
    ("subtracted", [{"join": lambda s, h: s[..., np.newaxis, :] - h}, {"join": lambda s, h: h - s[..., np.newaxis, :]}],
     "One product was subtracted from the other. They are added."),
    ("multiplied", {"join": lambda s, h: s[..., np.newaxis, :] * h},
     "The two products were multiplied entry by entry. They are added."),
    ("scaled",
     [{"after": lambda scores: scores / np.sqrt(len(scores))},
      {"weigh": lambda hidden, w_a: hidden @ w_a / np.sqrt(len(w_a))}],
     "The scores were divided by a square root. That belongs to scaled dot-product attention (chapter 4)."),
    ("weights_returned", {"after": softmax_of},
     "You returned the weights. This task ends before the softmax: return the scores."),
    ("logarithms_returned", {"after": logarithm_of_softmax},
     "You returned the logarithms of the weights (log_softmax). This task ends before the softmax: return the scores."),
    ("largest_subtracted", {"after": lambda scores: scores - scores.max()},
     "The largest score was subtracted from all. That belongs to the softmax, the next task: return the scores."),
    ("best_returned", [{"after": np.max}, {"after": np.argmax}],
     "Only the largest score, or its place, came out. Return the scores of all positions."),
    ("exponentials_returned", [{"after": np.exp}, {"after": lambda scores: np.exp(scores - scores.max())}],
     "You returned the exponentials. This task ends before the softmax: return the scores."),
    ("tanh_of_one_part",
     [{"join": lambda s, h: np.tanh(s)[..., np.newaxis, :] + h, "squash": np.asarray},
      {"join": lambda s, h: s[..., np.newaxis, :] + np.tanh(h), "squash": np.asarray}],
     "tanh was taken of one of the two products, and the other was added to it. Add first; tanh is taken of the sum."),
    ("absolute_values", {"after": np.abs},
     "The sign is lost: an absolute value was taken. A score may be negative."),
    ("not_summed", {"weigh": lambda hidden, w_a: hidden * w_a},
     "`*` leaves one number for each unit. A score is their sum, one number for each position: `@ w_a`."),
    ("everything_summed", {"after": np.sum},
     "np.sum without an axis made one number of all scores. Each position needs a score of its own: sum along the "
     "units only."),
    (standard.ONE_RETURNED(what="position", things="scores"),
     [{"after": lambda scores: scores[-1]}, {"after": lambda scores: scores[0]}]),
    ("first_position_skipped", [{"after": first_position_zero}, {"after": lambda scores: scores[1:]}],
     "The first position has no score of its own: the loop leaves it out. Positions count from 0."),
    ("last_position_skipped", [{"after": last_position_zero}, {"after": lambda scores: scores[:-1]}],
     "The last position has no score of its own: the loop ends one step too early."),
    (standard.RETURN_INSIDE_THE_LOOP, {"after": first_row_alone}),
    (standard.NOT_RESET(what="score", of="position"), {"after": np.cumsum}),
    (standard.EACH_TWICE(what="score"), {"after": lambda scores: np.repeat(scores, 2)}),
    (standard.ZEROS_RETURNED, {"after": np.zeros_like}),
)
# fmt: on
ADDITIVE_SCORES = Check(
    name="additive_scores",
    claim="compare_one_decoder_state_with_every_encoder_state",
    title="Additive scores",
    function="additive_scores",
    inputs=additive_inputs,
    reference=additive,
    second_route=additive_by_loops,
    returns=("scores",),
    points={"scores": 3},
    read=SCORES,
    survives=("one position",),
    hints=(
        "Begin with one encoder state: bring `s_prev` and that state to the same length `u`, add, take tanh, and end "
        "with one number.",
        "`W_b @ s_prev` has shape `(u,)` and is the same for every position. For all encoder states at once, `(T, u)`, "
        "the states are rows: `H @ W_c.T`.",
        "`(u,) + (T, u)` adds the state to every row. What is left is one dot product a row with `w_a`.",
        "`hidden = np.tanh(W_b @ s_prev + H @ W_c.T)` is `(T, u)`; `hidden @ w_a` is `(T,)`.",
    ),
    misconceptions=ADDITIVE_SCORES_MISTAKES,
    advice={
        r"size (\d+) is different from (\d+)": "Two sizes do not meet. W_b is (u, d_s) and goes with s_prev; W_c is (u, d_h) "
        "and goes with the rows of H, so `H @ W_c.T`.",
        r"could not be broadcast": "The sum needs (u,) beside every row of (T, u). Look at the two shapes before you add.",
        r"scores has shape \(\); expected \(\d+,\)": "That is one score. Every encoder state, each row of H, gets its own.",
        r"scores has shape \(\d+, (\d+)\)": [
            ("One number for each unit is left over: a score is one dot product with w_a.", "length w_a \\1"),
            ("A score is one number, a dot product with w_a; here is a matrix.",),
        ],
    },
    stale=("scores", "hidden", "H", "s_prev", "W_b", "W_c", "w_a", "weights", "e"),
)


# ---------------------------------------------------------------- masked softmax
def over(axis: int | None) -> Callable:
    """Return a stable softmax along one axis, or over all numbers; where all is -inf it gives NaN."""

    def normalise(scores: Array) -> Array:
        exps = np.exp(scores - np.max(scores, axis=axis, keepdims=True, initial=-np.inf))
        return exps / np.sum(exps, axis=axis, keepdims=True)

    return normalise


def replaced(by: float) -> Callable:
    """Return a step that replaces hidden scores by a number."""
    return lambda scores, mask: np.where(mask == 1, by, scores)


def zeroed(numbers: Array, mask: Array) -> Array:
    """Return the numbers with 0 where the mask is 1."""
    return np.where(mask == 1, 0.0, numbers)


def kept_times(weights: Array, mask: Array) -> Array:
    """Return the weights times 1 - mask; NaN stays NaN."""
    return weights * (1 - mask)


over_last, over_time = over(-1), over(1)
very_low = replaced(-1e9)


def hide_and_normalise(
    scores: Array,
    mask: Array,
    *,
    hide: Callable = very_low,
    weigh: Callable = over_last,
    after: Callable = zeroed,
    inverted: bool = False,
) -> Array:
    """Return weights (..., T): 0 where the mask is 1, a softmax over the rest of each row."""
    mask = 1 - mask if inverted else mask
    return after(weigh(hide(scores, mask)), mask)


def weights_of_first(scores: Array, mask: Array, T: int, empty: str = "works", **steps: Any) -> Array:
    """Return the weights of the first T positions; `empty` says what happens when there are none."""
    if T == 0 and empty == "stops":
        raise ValueError("zero-size array")
    return hide_and_normalise(scores[..., :T], mask[..., :T], **steps)


def masked_softmax_by_loops(scores: Array, mask: Array, T: int) -> Array:
    """Return the same one row at a time, over the visible scores alone."""
    if scores.ndim > 1:
        return np.array([masked_softmax_by_loops(*row, T) for row in zip(scores, mask, strict=True)])
    visible = [t for t in range(T) if not mask[t]]
    exps = {t: math.exp(scores[t] - max(scores[v] for v in visible)) for t in visible}
    return np.array([exps[t] / sum(exps.values()) if t in exps else 0.0 for t in range(T)])


def masked_softmax_inputs(rng: np.random.Generator) -> Cases:
    """Draw one padded row, the same with other hidden scores, batches, rows that lie far apart, length 1, no position."""
    one = {"scores": normal(rng, 5), "mask": np.array([1, 1, 0, 0, 0])}
    changed = {**one, "scores": np.concatenate([[1000.0, normal(rng, 1)[0]], one["scores"][2:]])}
    far = np.round(8 * rng.normal(loc=[[850], [20], [-850]], scale=2, size=(3, 6))) / 8  # float32 holds whole eighths
    cases = {
        "one sequence": one,
        "one sequence, the hidden scores changed": changed,
        "a batch, one row all padding": {"scores": normal(rng, 3, 5), "mask": padding(5, 0, 3, T=5)},
        "as many sequences as positions": {"scores": normal(rng, 3, 3), "mask": padding(2, 3, 1, T=3)},
        "a batch with scores near 850, 20 and -850": {"scores": far, "mask": padding(5, 4, 3, T=6)},
        "sequences of length 1, one of them padding": {"scores": normal(rng, 2, 1), "mask": np.array([[0], [1]])},
    }
    cases = {label: {**case, "T": case["scores"].shape[-1]} for label, case in cases.items()}
    return cases | {"an empty sequence": {"scores": normal(rng, 2), "mask": np.array([1, 0]), "T": 0}}


def with_or_without_care(*ways: dict) -> list[dict]:
    """Return each way twice: with an answer for an empty sequence, and without one."""
    return [{**way, "empty": empty} for way in ways for empty in ("works", "stops")]


def in_every_style(way: dict) -> list[dict]:
    """Return a way to make a mistake, with all that may happen to a row that is all padding."""
    styles = (
        {},
        {"hide": replaced(-1e9), "after": as_it_is},
        {"hide": lowered(1e9), "after": as_it_is},
        {"hide": replaced(-np.inf), "after": as_it_is},
    )
    return with_or_without_care(*({**style, **way} for style in styles))


def overflowing(scores: Array) -> Array:
    """Return exponentials, nothing subtracted, divided by their sum."""
    return np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)


def peak_of_all(scores: Array, mask: Array) -> Array:
    """Return scores less the largest of all, hidden ones included; the hidden ones become -inf afterwards."""
    return np.where(mask == 1, -np.inf, scores - scores.max(axis=-1, keepdims=True, initial=-np.inf))


def plain(scores: Array) -> Array:
    """Return exponentials divided by their sum, or by 1 where that is 0."""
    exps = np.exp(scores)
    total = exps.sum(axis=-1, keepdims=True)
    return exps / np.where(total == 0, 1, total)


def shared_among_visible(exps: Array, mask: Array, guard: bool = False) -> Array:
    """Return exponentials times 1 - mask, divided by their sum, or by 1 where that is 0 and there is a `guard`."""
    visible = exps * (1 - mask)
    total = visible.sum(axis=-1, keepdims=True)
    return visible / (np.where(total == 0, 1, total) if guard else total)


def less_a_peak(peak: Callable, divide: Callable) -> Callable:
    """Return a softmax by `divide`, `plain` or `overflowing`, that subtracts peak(scores) first."""
    return lambda scores: divide(scores - peak(scores))


def peak_above_zero(scores: Array) -> Array:
    """Return the largest of each row, or 0 where that is lower: `initial=0`."""
    return np.max(scores, axis=-1, keepdims=True, initial=0)


def one_peak(scores: Array) -> Array:
    """Return the largest score of the whole batch."""
    return np.max(scores, initial=-np.inf)


def visible_only(scores: Array, mask: Array) -> Array:
    """Return the softmax of all visible scores in one row, as `scores[mask == 0]` gives them."""
    return over(-1)(scores[mask == 0])


def sum_of_all(scores: Array) -> Array:
    """Return exponentials less the largest of each row, divided by the sum of all rows together."""
    exps = np.exp(scores - np.max(scores, axis=-1, keepdims=True, initial=-np.inf))
    return exps / exps.sum()


def sum_of_visible(scores: Array) -> Array:
    """Return the same, hidden scores being -inf, and the sum of all rows that of what is visible."""
    peak = np.max(scores, axis=-1, keepdims=True, initial=-np.inf)
    exps = np.exp(scores - np.where(np.isneginf(peak), 0, peak))
    return exps / exps.sum() if exps.size else exps


def rest_hidden(by: float) -> Callable:
    """Return a step that replaces the scores that should stay."""
    return lambda scores, mask: np.where(mask == 1, scores, by)


# The words are hidden and the padding is shown; some go on with the right mask afterwards.
HIDDEN_SHOWN = (
    {"hide": rest_hidden(-1e9)},
    {"hide": rest_hidden(-np.inf)},
    {"hide": replaced(1e9), "after": as_it_is},
    {"hide": lowered(-1e9)},
)


def without_keepdims(scores: Array) -> Array:
    """Return exponentials divided by sums that have lost their axis."""
    exps = np.exp(scores - np.max(scores, axis=-1, keepdims=True, initial=-np.inf))
    return exps / exps.sum(axis=-1)


def zero_where_all_is_padding(weights: Array, mask: Array) -> Array:
    """Return the weights, 0 in rows that are all padding."""
    return np.where(mask.all(axis=-1, keepdims=True), 0.0, weights)


def one_hot(scores: Array) -> Array:
    """Return 1 where a score is the largest of its row."""
    return (scores == np.max(scores, axis=-1, keepdims=True, initial=-np.inf)) * 1.0


def over_everything_in_full(scores: Array) -> Array:
    """Return exponentials, nothing subtracted, divided by the sum of all of them."""
    return np.exp(scores) / np.exp(scores).sum()


def visible_of_everything(exps: Array, mask: Array) -> Array:
    """Return exponentials times 1 - mask, divided by the sum of all of them."""
    return exps * (1 - mask) / (exps * (1 - mask)).sum()


def with_more_below(more: float) -> Callable:
    """Return a softmax that adds a number to the divisor."""

    def normalise(scores: Array) -> Array:
        exps = np.exp(scores - np.max(scores, axis=-1, keepdims=True, initial=-np.inf))
        return exps / (exps.sum(axis=-1, keepdims=True) + more)

    return normalise


def less_the_largest(scores: Array) -> Array:
    """Return scores less the largest of each row, the first half of a softmax."""
    return scores - np.max(scores, axis=-1, keepdims=True, initial=-np.inf)


def logarithms(scores: Array) -> Array:
    """Return the logarithm of the softmax."""
    less = less_the_largest(scores)
    return less - np.log(np.exp(less).sum(axis=-1, keepdims=True))


def peak_along_sentences(scores: Array) -> Array:
    """Return the largest score of each position, over the sentences of a batch."""
    return np.max(scores, axis=0, keepdims=True, initial=-np.inf)


def hidden_less_a_peak(scores: Array, mask: Array) -> Array:
    """Return scores, hidden ones very low, less the largest of each position."""
    return very_low(scores, mask) - peak_along_sentences(very_low(scores, mask))


def mean_of_rows(scores: Array) -> Array:
    """Return the mean of each row."""
    return scores.mean(axis=-1, keepdims=True)


def shares_of_scores(scores: Array) -> Array:
    """Return the scores divided by their sum, or by 1 where that is 0."""
    total = scores.sum(axis=-1, keepdims=True)
    return scores / np.where(total == 0, 1, total)


def as_index(scores: Array, mask: Array) -> Array:
    """Return what `scores[mask] = -1e9` does when the mask holds integers: entries or rows 0 and 1 are replaced."""
    scores = scores.copy()
    if len(scores) > 1:
        scores[mask] = -1e9
    return scores


# fmt: off
MASKED_SOFTMAX_MISTAKES = mistakes(weights_of_first, PADDING,
    ("even_weights_for_all_padding", with_or_without_care({"after": as_it_is}),
     "Right, but for a row that is all padding: there every hidden score is the same, and softmax shares evenly. "
     "Padding must get 0, also there."),
    ("all_padding_unhidden", with_or_without_care({"hide": lowered(1e9), "after": as_it_is}),
     "Right, but for a row that is all padding: lowering every score by 1e9 changes nothing for softmax. Padding must "
     "get 0, also there."),
    ("nan_for_all_padding", with_or_without_care({"hide": replaced(-np.inf), "after": as_it_is}),
     "Right, but for a row that is all padding: with nothing visible it becomes 0/0 or -inf minus -inf, NaN. Such a "
     "row must get weights 0."),
    ("one_for_all_padding",
     with_or_without_care({"after": lambda w, mask: np.where(mask.all(axis=-1, keepdims=True), 1.0, w)}),
     "Right, but for a row that is all padding: its weights are 1 there. They must be 0."),
    ("empty_sequence_stops", {"empty": "stops"},
     "Right, but it stops on an empty sequence (T = 0). np.max of nothing is an error: give it `initial=`, lower than "
     "every score, or return early."),
    ("overflow",
     with_or_without_care({"weigh": overflowing}, {"weigh": overflowing, "after": as_it_is},
         {"hide": as_it_is, "weigh": np.exp, "after": shared_among_visible},
         {"hide": as_it_is, "weigh": np.exp, "after": partial(shared_among_visible, guard=True)}),
     "exp overflowed: for scores of 850 np.exp gives infinity. Subtract the largest visible score of each row first."),
    ("overflow_over_everything",
     with_or_without_care({"weigh": over_everything_in_full},
         {"hide": as_it_is, "weigh": np.exp, "after": visible_of_everything}),
     "Two things at once: the largest of each row is not subtracted, so np.exp overflows for scores of 850; and the "
     "divisor is the sum of the whole batch. Each row has its own: axis=-1, keepdims=True."),
    ("mean_subtracted",
     with_or_without_care({"weigh": less_a_peak(mean_of_rows, overflowing)},
         {"weigh": less_a_peak(mean_of_rows, overflowing), "after": as_it_is}),
     "The mean or the smallest score of a row was subtracted, and np.exp overflows. Subtract the largest, np.max."),
    ("largest_over_the_sentences",
     with_or_without_care({"weigh": less_a_peak(peak_along_sentences, plain)},
         {"weigh": less_a_peak(peak_along_sentences, overflowing), "after": as_it_is},
         {"hide": hidden_less_a_peak, "weigh": np.exp, "after": shared_among_visible},
         {"hide": hidden_less_a_peak, "weigh": np.exp, "after": partial(shared_among_visible, guard=True)}),
     "The largest was taken over the sentences, axis 0, so the numbers of a row had different numbers subtracted. Take "
     "that of each row: axis=-1, keepdims=True.", BATCH),
    ("divisor_raised",
     with_or_without_care(*({"weigh": with_more_below(more), **style} for more in (0.1, 1.0)
         for style in ({}, {"after": as_it_is}))),
     "A number was added to the divisor, so the weights of a row no longer sum to one. Divide by the sum alone, and by 1 "
     "where it is 0."),
    ("largest_of_the_hidden_subtracted",
     with_or_without_care({"hide": peak_of_all, "weigh": plain},
         {"hide": peak_of_all, "weigh": overflowing, "after": as_it_is}),
     "The maximum was taken over hidden scores too. If a hidden one is 1000, all visible exponentials become 0. Hide "
     "first, then take the maximum."),
    ("stand_in_too_high",
     [{"weigh": less_a_peak(peak_above_zero, plain)}, {"weigh": less_a_peak(peak_above_zero, overflowing)},
      {"weigh": less_a_peak(peak_above_zero, overflowing), "after": as_it_is},
      {"hide": replaced(-100), "empty": "stops"}],
     "Right, but for visible scores near -850: `initial=`, or the number that hides, is a score too. It won the "
     "maximum there. It must be lower than every score."),
    ("one_maximum_for_all_rows",
     with_or_without_care({"weigh": less_a_peak(one_peak, plain)}, {"weigh": less_a_peak(one_peak, overflowing)},
         {"weigh": less_a_peak(one_peak, overflowing), "after": as_it_is}),
     "One maximum was subtracted from the whole batch, so in rows that lie far below it every exponential becomes 0. "
     "Each row has a maximum of its own: axis=-1, keepdims=True.", BATCH),
    (standard.MASK_INVERTED(effect="padding got the weight"),
     in_every_style({"inverted": True}) + with_or_without_care(*HIDDEN_SHOWN)),
    (standard.MASK_DROPPED(why="padding gets weight like any word",
      more=" Was it not used, or was the result not kept? Ask for `mask == 1`: `mask is 1` is never true, and `~mask` of "
      "integers never false."),
     with_or_without_care({"hide": as_it_is, "after": as_it_is})),
    (standard.MASK_AFTER_SOFTMAX(weights="The weights of padding", rest="the rest no longer sums"),
     with_or_without_care({"hide": as_it_is, "after": kept_times})),
    (standard.MASK_ADDED, with_or_without_care({"hide": lowered(-1), "after": as_it_is}, {"hide": lowered(-1)})),
    ("mask_too_weak",
     with_or_without_care({"hide": lowered(1), "after": as_it_is}, {"hide": lowered(10), "after": as_it_is},
         {"hide": lowered(100), "after": as_it_is},
         *({"hide": lowered(by), "after": zero_where_all_is_padding} for by in (1, 10, 100))),
     "Hidden scores were lowered by too little: a hidden score may be 1000. Replace them by -1e9 instead."),
    ("replaced_by_too_little",
     with_or_without_care(*({"hide": replaced(by), "after": as_it_is} for by in (-1.0, -3.0, -100.0))),
     "Hidden scores were replaced by a number that is not low enough, such as -1: padding still gets weight. Take "
     "-1e9."),
    (standard.HIDDEN_SCORES_ZERO, with_or_without_care({"hide": zeroed, "after": as_it_is}, {"hide": zeroed})),
    ("mask_multiplied",
     with_or_without_care({"hide": lambda scores, mask: scores * mask, "after": as_it_is},
         {"hide": lambda scores, mask: scores * mask * -1e9, "after": as_it_is}),
     "The scores were multiplied by the mask, so those that should stay became 0. Replace the hidden ones instead."),
    ("mask_as_an_index", with_or_without_care({"hide": as_index, "after": as_it_is}, {"hide": as_index}),
     "`scores[mask] = …` with a mask of integers picks entries number 0 and 1. Ask for mask == 1, or use np.where."),
    (standard.LARGE_NUMBER_AFTER_SOFTMAX,
     with_or_without_care({"hide": as_it_is, "after": lambda weights, mask: weights - 1e9 * mask})),
    (standard.SOFTMAX_OVER_THE_BATCH(right="the positions, the last axis: axis=-1"),
     with_or_without_care({"weigh": over(0)}), BATCH),
    (standard.SOFTMAX_OVER_EVERYTHING(everything="the whole batch",
      own="Every row is a sentence of its own: axis=-1, keepdims=True."),
     with_or_without_care({"weigh": over(None)}, {"weigh": sum_of_all},
         {"weigh": sum_of_all, "after": as_it_is}, {"hide": replaced(-np.inf), "weigh": sum_of_visible}), BATCH),
    (standard.SUMS_WITHOUT_KEEPDIMS(wrong="the positions"),
     with_or_without_care({"weigh": without_keepdims}, {"weigh": without_keepdims, "after": as_it_is}), BATCH),
    ("not_normalised",
     with_or_without_care({"weigh": lambda s: np.exp(s - np.max(s, axis=-1, keepdims=True, initial=-np.inf))},
         {"weigh": lambda s: np.exp(s - np.max(s, axis=-1, keepdims=True, initial=-np.inf)), "after": as_it_is}),
     "The exponentials were never divided by their sum, so a row does not sum to one."),
    ("sign_turned", with_or_without_care({"hide": lambda scores, mask: very_low(-scores, mask)}),
     "The largest score got the smallest weight: there is a minus sign too many before the exponential."),
    (standard.DIVIDED_BY_THE_MEAN, with_or_without_care({"weigh": lambda scores: over_last(scores) * scores.shape[-1]})),
    ("hard_maximum", with_or_without_care({"weigh": one_hot}, {"weigh": one_hot, "after": as_it_is}),
     "The largest score got all the weight. A softmax shares it out: exponentials divided by their sum."),
    ("exponential_forgotten",
     with_or_without_care({"hide": zeroed, "weigh": shares_of_scores},
         {"hide": zeroed, "weigh": lambda scores: scores / scores.sum(axis=-1, keepdims=True), "after": as_it_is}),
     "The scores were shared out as they are, without the exponential: negative scores would become negative "
     "weights."),
    (standard.ZEROS_RETURNED, with_or_without_care({"after": lambda weights, mask: np.zeros_like(weights)})),
    (standard.LOGARITHM_RETURNED,
     with_or_without_care({"weigh": logarithms}, {"weigh": logarithms, "after": as_it_is})),
    (standard.SIGMOID_TAKEN, with_or_without_care({"weigh": sigmoid})),
    ("padding_removed",
     [{"weigh": np.asarray, "after": visible_only, "hide": as_it_is, "empty": empty} for empty in ("works", "stops")],
     "Padding was taken out, so the weights no longer have the shape of the scores. Every position stays, padding with "
     "weight 0."),
    (standard.SOFTMAX_TWICE(effect="lets padding back in"),
     with_or_without_care({"weigh": lambda s: over(-1)(over(-1)(s)), "after": as_it_is})),
    ("no_softmax",
     with_or_without_care({"weigh": lambda s: s, "hide": as_it_is}, {"weigh": lambda s: s, "after": as_it_is},
         {"weigh": lambda s: s, "after": as_it_is, "hide": replaced(-np.inf)},
         {"weigh": less_the_largest, "after": as_it_is}, {"weigh": less_the_largest}),
     "These are masked scores. They still have to go through a softmax: np.exp, then divided by their sum."),
)
# fmt: on
MASKED_SOFTMAX = Check(
    name="masked_softmax",
    claim="gives_padding_no_weight_and_shares_one_whole_among_the_rest",
    title="Softmax that leaves out padding",
    function="masked_softmax",
    inputs=masked_softmax_inputs,
    reference=weights_of_first,
    second_route=masked_softmax_by_loops,
    returns=("weights",),
    points={"weights": 3},
    read=PADDING,
    survives=("an all-padding row", "scores near 850", "sequences of length 1", "an empty sequence"),
    hints=(
        "Two things on top of a softmax: hidden scores must count for nothing before it, and a row with nothing visible "
        "must not divide by zero.",
        "`scores = np.where(mask == 1, -1e9, scores)` hides. Then subtract the largest of each row (`axis=-1`, "
        "`keepdims=True`) and take `np.exp`. `np.max(…, initial=-1e9)` also works for a row without entries.",
        "Where a row is all padding, every score is `-1e9` and the exponentials are all 1. Set hidden ones to 0: `exps "
        "= np.where(mask == 1, 0, np.exp(…))`.",
        "`total = exps.sum(axis=-1, keepdims=True)`, and where total is 0 divide by 1: "
        "`exps / np.where(total == 0, 1, total)`.",
    ),
    misconceptions=MASKED_SOFTMAX_MISTAKES,
    properties=(
        Same(
            "one sequence",
            "one sequence, the hidden scores changed",
            "weights",
            (0, 1, 2, 3, 4),
            0,
            "What stands at a hidden position must not matter. Here only hidden scores were changed, and your weights "
            "changed with them.",
        ),
        SumsToOne("one sequence", "weights", "Your weights do not sum to one."),
    ),
    advice={
        r"zero-size array": "np.max of nothing is an error: give it `initial=`, lower than every score, or return early where "
        "T = 0.",
        r"boolean index did not match|too many indices": "Use np.where(mask == 1, -1e9, scores): it works for any shape.",
        r"truth value of an array": "An `if` asks one question for the whole array. np.where asks for every row.",
        r" is NaN in": "NaN comes from 0/0, from -inf minus -inf, or from np.exp of a large number. Look at a row that is all "
        "padding, and at scores of 850.",
    },
    stale=("weights", "scores", "exps", "hidden", "total", "mask"),
)


# ---------------------------------------------------------------- context vector and decoder input
def mix(
    weights: Array,
    H: Array,
    *,
    prepare: Callable = as_it_is,
    weigh: Callable = lambda weights, H: weights[..., np.newaxis] * H,
    axis: int = -2,
    reduce: Callable = np.sum,
    after: Callable = as_it_is,
) -> Array:
    """Return the weighted sum of the encoder states: (..., T), (..., T, d_h) -> (..., d_h)."""
    return after(reduce(weigh(prepare(weights), H), axis=axis))


def mix_by_einsum(weights: Array, H: Array) -> Array:
    """Return the same with the sum written as indices."""
    return np.einsum("...t,...td->...d", weights, H)


def shares(rng: np.random.Generator, *shape: int) -> Array:
    """Draw weights that sum to 1 along the last axis, rounded to three decimals but for the largest."""
    weights = np.round(over(-1)(rng.normal(size=shape)), 3)
    largest = np.expand_dims(weights.argmax(axis=-1), -1)
    rest = 1 - weights.sum(axis=-1, keepdims=True) + np.take_along_axis(weights, largest, -1)
    np.put_along_axis(weights, largest, np.round(rest, 3), -1)
    return weights


def mix_of_first(weights: Array, H: Array, T: int, how: Callable = mix) -> Array:
    """Return `how(weights, H)` for the first T positions."""
    return how(weights[..., :T], H[..., :T, :])


def context_inputs(rng: np.random.Generator) -> Cases:
    """Draw one sentence, batches (one row all padding, so its weights are 0; one row with weights that sum to about a
    half; B = T), T = d_h, two axes in front, and no position.
    """
    batch = {"weights": shares(rng, 3, 5), "H": normal(rng, 3, 5, 6)}
    batch["weights"][1] = 0
    batch["weights"][2] = np.round(batch["weights"][2] / 2, 3)
    cases = {
        "one sentence": {"weights": shares(rng, 5), "H": normal(rng, 5, 3)},
        "a batch, one row all padding": batch,
        "as many sentences as positions": {"weights": shares(rng, 3, 3), "H": normal(rng, 3, 3, 5)},
        "as many positions as numbers in a state": {"weights": shares(rng, 3), "H": normal(rng, 3, 3)},
        "two axes in front": {"weights": shares(rng, 1, 3, 5), "H": normal(rng, 1, 3, 5, 2)},
    }
    cases = {label: {**case, "T": case["weights"].shape[-1]} for label, case in cases.items()}
    return cases | {"no position": {"weights": shares(rng, 2), "H": normal(rng, 2, 5), "T": 0}}


def only_one_sentence(weights: Array, H: Array) -> Array:
    """Return `weights @ H`, which is right for one sentence and stops or goes wrong on a batch."""
    return weights @ H


def only_without_batch(weights: Array, H: Array) -> Array:
    """Return what is right for one sentence and stops on a batch, as a loop over weights and states does."""
    if weights.ndim > 1:
        raise ValueError("shapes do not fit")
    return weights @ H


def number_for_nothing(weights: Array, H: Array, how: Callable = mix) -> Array | float:
    """Return `how(weights, H)`, but the number 0 where there is no position, as Python's sum does."""
    return how(weights, H) if weights.shape[-1] else 0.0


def averaged(rows: Array, axis: int) -> Array:
    """Return the mean along an axis, NaN where it has no entries."""
    return np.sum(rows, axis=axis) / rows.shape[axis]


def averaged_with_care(rows: Array, axis: int) -> Array:
    """Return the mean along an axis, 0 where it has no entries."""
    return np.sum(rows, axis=axis) / max(rows.shape[axis], 1)


def states_alone(weights: Array, H: Array) -> Array:
    """Return the states without their weights."""
    return H


def one_position(position: int) -> Callable:
    """Return a step that takes one weighted state, zeros where there is no position."""
    return lambda rows, axis: rows[..., position, :] if rows.shape[-2] else np.sum(rows, axis=-2)


def largest_of_all_weights(weights: Array, H: Array) -> Array:
    """Return what H[np.argmax(weights)] gives: of a batch it is a sentence, or none."""
    return H[np.argmax(weights)]


def renormalised(weights: Array) -> Array:
    """Return weights divided by their sum."""
    return weights / weights.sum(axis=-1, keepdims=True)


def renormalised_with_care(weights: Array) -> Array:
    """Return weights divided by their sum, or by 1 where that is 0."""
    total = weights.sum(axis=-1, keepdims=True)
    return weights / np.where(total == 0, 1, total)


def of_first(how: Callable) -> Callable:
    """Return a way to mix (weights, H) as one to mix their first T positions."""
    return partial(mix_of_first, how=how)


# fmt: off
CONTEXT_VECTOR_MISTAKES = every_way(mistakes(mix, HAND,
    (standard.WEIGHTS_IGNORED(it="This", values="the states"), {"weigh": states_alone}),
    (standard.STATES_AVERAGED,
     [{"weigh": states_alone, "reduce": averaged}, {"weigh": states_alone, "reduce": averaged_with_care}]),
    (standard.MEAN_FOR_THE_SUM, [{"reduce": averaged}, {"reduce": averaged_with_care}]),
    ("largest_of_the_products", {"reduce": np.max},
     "The largest of the weighted numbers was taken. Add them up along the positions."),
    ("one_state_as_it_is", [partial(mix, weigh=states_alone, reduce=one_position(place)) for place in (-1, 0)],
     "This is one encoder state as it is, the last or the first: the weights were not used. Add up all states, each "
     "times its weight."),
    ("sums_multiplied",
     {"weigh": lambda weights, H: weights.sum(axis=-1, keepdims=True)[..., np.newaxis] * H},
     "Weights and states were added up apart, and then multiplied. Multiply each state by its own weight first, then "
     "add up."),
    ("state_before", {"weigh": lambda weights, H: weights[..., np.newaxis] * np.roll(H, 1, axis=-2)},
     "Each weight met the encoder state before its own, H[i - 1]; for i = 0 that is the last. Weight i belongs to H[i]."),
    ("squashed", {"after": np.tanh}, "tanh was taken of the context. It is the weighted sum as it is."),
    ("not_summed", {"reduce": lambda rows, axis: rows},
     "The states were weighted but not added up. Sum along the positions, axis=-2."),
    ("summed_over_the_numbers_of_a_state", {"axis": -1},
     "The sum ran over the numbers of each state, the last axis, and left one number for each position. Sum over the "
     "positions, axis=-2."),
    ("summed_over_axis_0", {"axis": 0},
     "Right for one sentence. With a batch, axis 0 holds the sentences: count from the end, axis=-2.", BATCH),
    ("summed_over_axis_1", {"axis": 1},
     "Axis 1 holds the positions only where there is one axis in front. Count from the end: axis=-2.", BATCH),
    ("right_for_one_sentence",
     [only_one_sentence, only_without_batch, partial(number_for_nothing, how=only_without_batch)],
     "Right for one sentence only. In a batch every sentence is weighed by its own row: give the weights an axis at "
     "their end, (..., T, 1), and sum along axis=-2.", BATCH),
    ("numbers_of_a_state_weighted", {"weigh": lambda weights, H: weights * H},
     "`weights * H` lays the weights along the numbers of a state. One weight belongs to one position: weights[..., "
     "np.newaxis] * H."),
    ("states_transposed", lambda weights, H: H @ weights,
     "`H @ weights` sums over the numbers of a state, which runs only for T = d_h. The sum runs over the positions."),
    ("softmax_again", {"prepare": over(-1)},
     "The weights went through a softmax once more, which makes them nearly even. They are weights already."),
    ("largest_weight_only",
     [lambda weights, H: np.take_along_axis(H, weights.argmax(axis=-1)[..., None, None], axis=-2)[..., 0, :],
      largest_of_all_weights],
     "Only the state with the largest weight was taken. All states take part, each as much as its weight says."),
    ("divided_by_the_sum_of_the_weights",
     [{"prepare": renormalised}, {"prepare": renormalised_with_care}],
     "The weights were divided by their sum. Use them as they are: where a sentence is all padding they are 0, and 0/0 "
     "is NaN.", PADDING),
    ("wrong_end_of_the_batch", {"weigh": lambda weights, H: weights[..., np.newaxis, :, np.newaxis] * H},
     "Every sentence meets the weights of every other: np.dot does that with a batch, and so does a new axis in the "
     "wrong place. (..., T) becomes (..., T, 1).", BATCH),
    ("everything_summed", {"reduce": lambda rows, axis: np.sum(rows)},
     "np.sum without an axis made one number of everything. Sum along the positions only, axis=-2."),
    ("weights_used_twice", {"prepare": np.square},
     "Each state was multiplied by its weight twice. Once is enough."),
    ("one_position_only", [{"reduce": one_position(-1)}, {"reduce": one_position(0)}],
     "Only one position is in the result: in a loop `+=` keeps what was there before, and `return` stands below the "
     "loop."),
    ("weights_returned", lambda weights, H: weights,
     "These are the weights, as they came in. Return what they make of the encoder states."),
    (standard.ZEROS_RETURNED(it="what you return", more=" (In a loop, `context + …` alone is lost; `context += …` keeps it.)"),
     {"after": np.zeros_like}),
    ("number_for_no_position", number_for_nothing,
     "Right, but with no position (T = 0) the sum became the number 0. The context is d_h zeros there too."),
), of_first)
# fmt: on
CONTEXT_VECTOR = Check(
    name="context_vector",
    claim="is_the_weighted_sum_of_the_encoder_states",
    title="The context vector",
    function="context_vector",
    inputs=context_inputs,
    reference=mix_of_first,
    second_route=partial(mix_of_first, how=mix_by_einsum),
    returns=("context",),
    points={"context": 2},
    read=HAND,
    survives=("an all-padding row", "two axes in front", "no position"),
    hints=(
        "One weight for each position, one state for each position: multiply and add up over the positions.",
        "For any axes in front, give the weights an axis for the numbers of a state: `weights[..., np.newaxis]` is `(..., T, 1)`.",
        "Multiply by `H`, `(..., T, d_h)`, and sum along the position axis, which is the last but one: `axis=-2`.",
    ),
    misconceptions=CONTEXT_VECTOR_MISTAKES,
    advice={
        r"is out of bounds for axis 0": (
            "np.argmax of a batch counts through all the weights. But no state is chosen: all take part, each as much as its "
            "weight says.",
            r"code argmax\(",
        ),
        r"could not be broadcast|must match|mismatch": "The weights need an axis of length 1 at their end, (..., T, 1), to stand "
        "beside the states (..., T, d_h).",
    },
    stale=("context", "weights", "H", "weighted"),
)


def joined(
    x_t: Array, context: Array, *, order: Callable = lambda x_t, context: (x_t, context), after: Callable = as_it_is
) -> Array:
    """Return [x_t; context], (d_x + d_h,)."""
    return after(np.concatenate(order(x_t, context)))


def in_places(*places: int) -> Callable:
    """Return a step that puts the two vectors one behind the other as often as there are places."""
    return lambda *two: [two[place] for place in places]


# fmt: off
DECODER_INPUT_MISTAKES = mistakes(joined, LUONG,
    ("context_first", {"order": lambda x_t, context: (context, x_t)},
     "The numbers are there, in the other order: the word x_t comes first, then the context."),
    ("added", [lambda x_t, context: x_t + context, lambda x_t, context: x_t * context],
     "The two were added or multiplied, which runs only when they are equally long. Put one behind the other."),
    ("stacked", [lambda x_t, context: np.stack([x_t, context]), lambda x_t, context: np.stack([x_t, context], axis=1)],
     "The two were stacked as rows, which runs only when they are equally long. Make one vector of them."),
    ("outer_product", lambda x_t, context: np.outer(x_t, context),
     "This is every number of x_t times every number of the context. Put one vector behind the other."),
    ("context_alone", lambda x_t, context: context,
     "This is the context alone. The decoder also needs the word, x_t, in front of it."),
    ("word_alone", lambda x_t, context: x_t, "This is the word alone. The context follows it."),
    ("squashed", {"after": np.tanh},
     "tanh was taken. That is Luong's step; here the cell takes the two as they are."),
    ("one_vector_twice",
     [{"order": lambda x_t, context: (x_t, x_t)}, {"order": lambda x_t, context: (context, context)}],
     "The same vector stands there twice. The word comes first, the context behind it."),
    ("one_vector_too_many",
     [{"order": in_places(*places)} for places in
      ((1, 0, 0), (0, 0, 1), (0, 1, 1), (0, 1, 0), (1, 0, 1), (1, 1, 0))],
     "One of the two vectors stands there twice. First comes the word, then the context, each of them once."),
    ("numbers_reversed", {"after": lambda both: both[::-1]},
     "The numbers are in the reverse order. The word comes first, the context behind it, each as it is."),
    ("half_filled",
     [{"order": lambda x_t, context: (x_t, 0 * context)}, {"order": lambda x_t, context: (0 * x_t, context)}],
     "One of the two vectors is there, and zeros in the place of the other. Put both into the result."),
    (standard.ZEROS_RETURNED, {"after": np.zeros_like}),
)
# fmt: on
DECODER_INPUT = Check(
    name="decoder_input",
    claim="is_the_word_followed_by_the_context",
    title="The decoder's input",
    function="decoder_input",
    inputs=lambda rng: {
        "sizes 3 and 5": {"x_t": normal(rng, 3), "context": normal(rng, 5)},
        "two equal sizes": {"x_t": normal(rng, 6), "context": normal(rng, 6)},
    },
    reference=joined,
    second_route=lambda x_t, context: np.array([*x_t.tolist(), *context.tolist()]),
    returns=("decoder_input",),
    points={"decoder_input": 1},
    read=LUONG,
    hints=(
        "Nothing is computed here: the two vectors stand one behind the other in a longer one.",
        "`np.concatenate` takes a list of arrays.",
    ),
    misconceptions=DECODER_INPUT_MISTAKES,
    advice={
        r"inhomogeneous shape": "An array stands inside a list as one entry. "
        "np.concatenate takes a list of arrays, and puts their numbers one behind the other.",
        r"only integer scalar arrays|cannot be interpreted as an integer": "np.concatenate takes the arrays as *one* argument, "
        "a list: np.concatenate([…, …]).",
        r"could not be broadcast": "`+` adds the numbers. To put one vector behind the other use np.concatenate.",
    },
    stale=("x_t", "context", "joined"),
)


# ---------------------------------------------------------------- one step
def simple_cell(W_x: Array, W_s: Array, b: Array) -> Callable:
    """Return cell(input, s_prev) -> state; an input that is too short is filled up with ones."""
    return lambda x, s_prev: np.tanh(W_x @ np.pad(x, (0, W_x.shape[1] - len(x)), constant_values=1) + W_s @ s_prev + b)


def attend_to(query: Array, H: Array, W_b: Array, W_c: Array, w_a: Array) -> tuple[Array, Array]:
    """Return (context, weights) for any number of encoder states, none too."""
    weights = softmax_of(additive(query, H, W_b, W_c, w_a))
    return weights @ H, weights


def step(
    x_t: Array,
    s_prev: Array,
    H: Array,
    W_b: Array,
    W_c: Array,
    w_a: Array,
    W_x: Array,
    W_s: Array,
    b: Array,
    T: int,
    *,
    ask: Callable = lambda cell, x_t, s_prev: s_prev,
    score: Callable = additive,
    weigh: Callable = lambda scores: softmax_of(scores),
    mix: Callable = lambda weights, H, scores: weights @ H,
    feed: Callable = lambda x_t, context, weights: joined(x_t, context),
    run: Callable = lambda cell, fed, s_prev, context, x_t: cell(fed, s_prev),
    give: Callable = lambda s_t, weights, **others: (s_t, weights),
) -> tuple[Array, Array]:
    """Return (s_t, weights): scores from s_{t-1}, and the context beside the word in the cell's input."""
    cell = simple_cell(W_x, W_s, b)
    scores = score(ask(cell, x_t, s_prev), H[:T], W_b, W_c, w_a)
    weights = weigh(scores)
    context = mix(weights, H[:T], scores)
    fed = feed(x_t, context, weights)
    s_t = run(cell, fed, s_prev, context, x_t)

    def again(query: Array) -> Array:
        return weigh(score(query, H[:T], W_b, W_c, w_a))

    return give(s_t, weights, scores=scores, context=context, fed=fed, s_prev=s_prev, again=again)


def step_by_loops(
    x_t: Array,
    s_prev: Array,
    H: Array,
    W_b: Array,
    W_c: Array,
    w_a: Array,
    W_x: Array,
    W_s: Array,
    b: Array,
    T: int,
) -> tuple[Array, Array]:
    """Return the same number by number."""
    exps = np.exp(additive_by_loops(s_prev, H[:T], W_b, W_c, w_a))
    weights = np.array([e / exps.sum() for e in exps])
    context = [sum(weights[i] * H[i, n] for i in range(T)) for n in range(H.shape[1])]
    s_t = [
        math.tanh(sum(w * v for w, v in zip(row, [*x_t, *context], strict=True)) + state @ s_prev + bias)
        for row, state, bias in zip(W_x, W_s, b, strict=True)
    ]
    return np.array(s_t), weights


def wrong_step(how: Callable) -> Callable:
    """Return a step from `how(x_t, s_prev, H, cell, attend)` -> (s_t, weights), where attend(query) gives both."""

    def answer(
        x_t: Array,
        s_prev: Array,
        H: Array,
        W_b: Array,
        W_c: Array,
        w_a: Array,
        W_x: Array,
        W_s: Array,
        b: Array,
        T: int,
    ) -> tuple[Array, Array]:
        def attend(query: Array) -> tuple[Array, Array]:
            return attend_to(query, H[:T], W_b, W_c, w_a)

        return how(x_t, s_prev, H[:T], simple_cell(W_x, W_s, b), attend)

    return answer


def step_inputs(rng: np.random.Generator) -> Cases:
    """Draw a step with all sizes different, one with sizes alike, one position, and none."""

    def draw(T: int, d_x: int, d_s: int, d_h: int, u: int) -> Inputs:
        cell = {
            "W_x": normal(rng, d_s, d_x + d_h, scale=1 / math.sqrt(d_x + d_h)),
            "W_s": normal(rng, d_s, d_s, scale=0.7 / math.sqrt(d_s)),
            "b": normal(rng, d_s, scale=0.3),
        }
        states = {"x_t": normal(rng, d_x), "s_prev": normal(rng, d_s), "H": normal(rng, T, d_h)}
        return {**states, **scorer(rng, d_s, d_h, u), **cell, "T": T}

    return {
        "five positions": draw(5, 2, 3, 7, 6),
        "all sizes alike": draw(3, 3, 3, 3, 3),
        "one position": draw(1, 3, 2, 5, 6),
        "an empty sequence": {**draw(2, 2, 3, 5, 6), "T": 0},
    }


def new_state(cell: Callable, x_t: Array, s_prev: Array) -> Array:
    """Return what the cell makes of the word alone."""
    return cell(x_t, s_prev)


def luong_weights(x_t: Array, s_prev: Array, H: Array, cell: Callable, attend: Callable) -> tuple[Array, Array]:
    """Return the new state, made without a context, and its weights."""
    s_t = cell(x_t, s_prev)
    return s_t, attend(s_t)[1]


def attends_again(start: bool, last: bool) -> Callable:
    """Return a step that attends and runs the cell twice; the second run starts from s_prev, or gives the last weights."""

    def how(x_t: Array, s_prev: Array, H: Array, cell: Callable, attend: Callable) -> tuple[Array, Array]:
        context, weights = attend(s_prev)
        s_t = cell(joined(x_t, context), s_prev)
        context, new_weights = attend(s_t)
        return cell(joined(x_t, context), s_prev if start else s_t), new_weights if last else weights

    return wrong_step(how)


def most_weighted(weights: Array, H: Array, scores: Array) -> Array:
    """Return the encoder state of the largest weight; np.argmax stops where there is none."""
    return H[np.argmax(weights)]


def word_asks_in_a_loop(x_t: Array, s_prev: Array, H: Array, cell: Callable, attend: Callable) -> tuple[Array, Array]:
    """Return a step in which the word asks; scores made in a loop do not notice where there is no position."""
    context, weights = attend(x_t if len(H) else s_prev)
    return cell(joined(x_t, context), s_prev), weights


def where_empty(context: Callable) -> Callable:
    """Return a right step, but for an empty sequence, whose context is context(s_prev)."""
    return lambda x_t, s_prev, H, cell, attend: (
        (cell(joined(x_t, attend(s_prev)[0] if len(H) else context(s_prev)), s_prev)),
        attend(s_prev)[1],
    )


def even(scores: Array) -> Array:
    """Return equal weights, what a softmax makes of a mask of zeros."""
    return np.full(len(scores), 1 / max(len(scores), 1))


def step_swapped(loops: bool = False, **given: Any) -> tuple[Array, Array]:
    """Return a step with W_b and W_c exchanged; scores made in a loop do not notice where there is no position."""
    unnoticed = loops and given["T"] == 0
    return step(**given) if unnoticed else step(**{**given, "W_b": given["W_c"], "W_c": given["W_b"]})


# fmt: off
BAHDANAU_STEP_MISTAKES = mistakes(step, LUONG,
    ("scores_from_the_new_state", [{"ask": new_state},
      {"ask": new_state, "run": lambda cell, fed, s_prev, context, x_t: cell(fed, cell(x_t, s_prev))},
      wrong_step(luong_weights)],
     "The cell ran first and the scores were made from its new state s_t, as in Luong's attention. Here the old state "
     "s_prev asks, before the cell runs."),
    ("weights_of_the_new_state", {"give": lambda s_t, weights, again, **others: (s_t, again(s_t))},
     "The state is right. The weights you return were made once more, from the new state: return those that made the "
     "context."),
    ("context_not_used", {"feed": lambda x_t, context, weights: x_t},
     "The cell was given the word alone. The context has to be part of its input."),
    ("word_not_used", {"feed": lambda x_t, context, weights: context},
     "The cell was given the context alone. The word x_t has to be part of its input."),
    ("context_first", {"feed": lambda x_t, context, weights: joined(context, x_t)},
     "The cell was given [context; x_t]. Its columns expect the word first: [x_t; context]."),
    ("context_added_to_the_word", {"feed": lambda x_t, context, weights: x_t + context},
     "The context was added to the word, which runs only when they are equally long. Put it behind the word."),
    ("weights_in_place_of_the_context", {"feed": lambda x_t, context, weights: joined(x_t, weights)},
     "The cell was given the weights behind the word. It needs what they make of the encoder states: the context."),
    ("last_state_as_context",
     [{"mix": lambda weights, H, scores: H[-1] if len(H) else weights @ H}, {"mix": lambda weights, H, scores: H[-1]},
      {"mix": lambda weights, H, scores: H[0] if len(H) else weights @ H}, {"mix": lambda weights, H, scores: H[0]},
      {"mix": most_weighted}],
     "The cell was given a single encoder state as its context: the last, the first or that of the largest weight. Use "
     "the weighted sum of all.", HAND),
    ("states_averaged",
     [{"mix": lambda weights, H, scores: H.mean(axis=0) if len(H) else weights @ H},
      {"mix": lambda weights, H, scores: H.sum(axis=0) / len(H)}, {"mix": lambda weights, H, scores: H.sum(axis=0)}],
     "The context is the plain mean or sum of the encoder states. Weigh them.", HAND),
    ("weighted_states_averaged",
     [{"mix": lambda weights, H, scores: weights @ H / len(H)},
      {"mix": lambda weights, H, scores: weights @ H / max(len(H), 1)}],
     "In the context the weighted states were averaged. Add them up; context_vector does it right.", HAND),
    ("cells_input_squashed", {"feed": lambda x_t, context, weights: np.tanh(joined(x_t, context))},
     "tanh was taken of the cell's input. That is Luong's step; here the cell takes word and context as they are."),
    ("cell_starts_from_zeros", {"run": lambda cell, fed, s_prev, context, x_t: cell(fed, 0 * s_prev)},
     "The cell was given zeros as its state. Its state is s_prev."),
    ("state_added_to_the_old", {"run": lambda cell, fed, s_prev, context, x_t: s_prev + cell(fed, s_prev)},
     "The old state was added to what the cell gives. The cell's result is the new state as it is."),
    ("state_squashed_again", {"run": lambda cell, fed, s_prev, context, x_t: np.tanh(cell(fed, s_prev))},
     "tanh was taken of what the cell gives. The cell's result is the new state as it is."),
    ("context_in_place_of_the_state",
     [{"run": lambda cell, fed, s_prev, context, x_t: cell(x_t, context)},
      {"run": lambda cell, fed, s_prev, context, x_t: cell(fed, context)}],
     "The cell was given the context as its state, which runs only where the sizes agree. Its state is s_prev; the "
     "context belongs to its input."),
    ("context_added_to_the_state", {"run": lambda cell, fed, s_prev, context, x_t: cell(x_t, s_prev + context)},
     "The context was added to the state, which runs only where the sizes agree. It belongs to the cell's input."),
    ("everything_hidden", {"weigh": np.zeros_like},
     "All weights are 0: the mask was all ones, and 1 means hide. Nothing is padding here, so it is all "
     "zeros.", PADDING),
    (standard.SOFTMAX_TWICE, {"weigh": lambda scores: softmax_of(softmax_of(scores))}, HAND),
    ("scores_as_weights", {"weigh": as_it_is},
     "The scores were used as weights. They have to go through masked_softmax first.", HAND),
    ("context_from_the_scores", {"mix": lambda weights, H, scores: scores @ H},
     "The weights are right, but the context was mixed with the scores. Use the weights.", HAND),
    (standard.SCORES_RETURNED(output="The state is", instead="the weights"), {"give": lambda s_t, weights, scores, **others: (s_t, scores)}, HAND),
    ("context_for_the_weights", {"give": lambda s_t, weights, context, **others: (s_t, context)},
     "The state is right. The second thing you return is the context; return the weights.", HAND),
    ("state_twice", {"give": lambda s_t, weights, **others: (s_t, s_t)},
     "The state is right. The second thing you return is the state again; return the weights."),
    ("matrices_swapped", [step_swapped, partial(step_swapped, loops=True)],
     "W_b and W_c have changed places, which runs only when d_s = d_h. The order of the arguments is W_b, W_c, "
     "w_a.", SCORES),
    (standard.RETURNED_BACKWARDS(order="s_t, weights"),
     {"give": lambda s_t, weights, **others: (weights, s_t)}),
    ("context_returned", {"give": lambda s_t, weights, context, **others: (context, weights)},
     "The first thing you return is the context. The step ends with the new state: run the cell."),
    ("input_returned", {"give": lambda s_t, weights, fed, **others: (fed, weights)},
     "The first thing you return is the cell's input. Run the cell with it."),
    ("old_state_returned", {"give": lambda s_t, weights, s_prev, **others: (s_prev, weights)},
     "The first thing you return is the old state. Return the new one, which the cell gives."),
    ("cell_run_twice", [{"run": lambda cell, fed, s_prev, context, x_t: cell(fed, cell(fed, s_prev))},
      {"run": lambda cell, fed, s_prev, context, x_t: cell(fed, cell(x_t, s_prev))},
      *(attends_again(start, last) for start in (False, True) for last in (False, True))],
     "The cell ran twice. It runs once, from s_prev, with the word and the context that s_prev has asked for."),
    ("the_word_asks", [{"ask": lambda cell, x_t, s_prev: x_t}, wrong_step(word_asks_in_a_loop)],
     "The word x_t asks, which runs only where d_x = d_s. The old state s_prev asks."),
    ("state_without_effect",
     [{"score": partial(additive, join=lambda s, h: h)},
      {"score": partial(additive, squash=np.asarray)}],
     "The old state has no effect on these weights: tanh was taken of the two products apart, or not at all, or the "
     "state was left out. additive_scores of Task 3 does it right.", SCORES),
    ("scored_by_dot_products", {"score": lambda s_prev, H, *matrices: H @ s_prev},
     "These scores are the dot products of chapter 2, which run only where d_s = d_h. Use additive_scores.", SCORES),
    ("mask_and_scores_exchanged",
     [{"weigh": even}, {"weigh": lambda scores: even(scores) * (1 - scores)}],
     "The softmax was taken of the mask, with the scores as its mask. The order is masked_softmax(scores, "
     "mask).", PADDING),
    ("context_of_zeros", {"mix": lambda weights, H, scores: np.zeros(H.shape[1])},
     "The weights are right, but the context is nothing but zeros: the weighted sum of the states was not kept.", HAND),
    ("context_lost_where_empty",
     [lambda **given: step(**given) if given["T"] else step(**given, feed=lambda x_t, *_: x_t),
      wrong_step(where_empty(np.zeros_like)), wrong_step(where_empty(lambda s_prev: np.zeros(1)))],
     "Right, but not with no encoder state at all (T = 0). There too the cell reads the word and, behind it, a "
     "context: d_h zeros."),
)
# fmt: on
BAHDANAU_STEP = Check(
    name="bahdanau_step",
    claim="looks_with_the_old_state_and_feeds_the_context_to_the_cell",
    title="One decoder step",
    function="bahdanau_step",
    inputs=step_inputs,
    reference=step,
    second_route=step_by_loops,
    returns=("s_t", "weights"),
    points={"s_t": 2, "weights": 1},
    read=LUONG,
    survives=("one position", "an empty sequence"),
    hints=(
        "Write the order down first: scores, weights, context, input, new state. Which state exists when the scores are made?",
        "Nothing is padding here, so the mask is all zeros: `np.zeros(len(H))`.",
        "`scores = additive_scores(s_prev, H, W_b, W_c, w_a)`, then `masked_softmax`, `context_vector`, "
        "`decoder_input`, each from the result before.",
        "`s_t = cell(decoder_input(x_t, context), s_prev)` is the last line but one; return `s_t` and the weights.",
    ),
    misconceptions=BAHDANAU_STEP_MISTAKES,
    properties=(SumsToOne("five positions", "weights", "Your weights do not sum to one."),),
    advice={
        r"(\w+) gives an array of shape": "\\1 gives another shape than the next function expects. Mend it there.",
        r"cell\(\) (takes 2 positional arguments but|missing)": "The cell takes two things, cell(input, state): the input is one "
        "vector, the word with the context behind it.",
        r"the cell was given a state of shape": "Mind the order: cell(input, state), with s_prev as the state.",
        r"the cell was given an input of shape \((\d+),\); it needs \((\d+),": [
            (
                "The input is too long. It is the word and the context, nothing else; the old state is handed over apart.",
                "greater \\1 \\2",
            ),
            ("The input is too short. It is the word and the context, one behind the other.",),
        ],
        r"^s_t\[": "s_t is made from the weights: are these right?",
        r"'list' object has no attribute": "One of your functions hands on a list, and the next one wants an array: let it return "
        "np.array(…).",
        r"(attention_value|softmax|dot_scores)' is not defined": "That function belongs to chapter 2. Here it is "
        "`context_vector`, `masked_softmax` or `additive_scores`.",
        r"could not be broadcast": "Is the mask as long as the scores? It needs one number for each encoder state, (T,).",
        r"same number of dimensions": "Look at the order of the arguments: context_vector(weights, H).",
        r"size \d+ is different from \d+|enough dimensions": "Two sizes do not meet. Who asks, and in which order do the arguments "
        "stand? additive_scores(s_prev, H, W_b, W_c, w_a), context_vector(weights, H).",
        r"zero-size array": (
            "With no encoder state at all (T = 0) masked_softmax must return an empty array.",
            "equals T 0",
        ),
    },
    uses=("additive_scores", "masked_softmax", "context_vector", "decoder_input"),
    stale=("s_t", "weights", "context", "scores", "H", "s_prev", "x_t", "state"),
)


# ---------------------------------------------------------------- find the bug: the time axis
def batch_additive(S_prev: Array, H: Array, W_b: Array, W_c: Array, w_a: Array, **steps: Callable) -> Array:
    """Return scores (B, T) for decoder states (B, d_s) and encoder states (B, T, d_h)."""
    return additive(S_prev, H, W_b, W_c, w_a, **steps)


def sentence_by_sentence(S_prev: Array, H: Array, W_b: Array, W_c: Array, w_a: Array) -> Array:
    """Return the same, one sentence after the other, by loops."""
    return np.array([additive_by_loops(s, h, W_b, W_c, w_a) for s, h in zip(S_prev, H, strict=True)])


def batch_inputs(rng: np.random.Generator) -> Cases:
    """Draw B = 2 sentences of T = 5 positions, B = T = 3, and all sizes alike."""

    def draw(B: int, T: int, d_s: int, d_h: int, u: int) -> Inputs:
        return {"S_prev": normal(rng, B, d_s), "H": normal(rng, B, T, d_h), **scorer(rng, d_s, d_h, u)}

    return {
        "two sentences of five positions": draw(2, 5, 3, 7, 6),
        "as many sentences as positions": draw(3, 3, 5, 2, 6),
        "all sizes alike": draw(3, 3, 3, 3, 3),
    }


def tiled(state: Array, positions: Array) -> Array:
    """Return the sum with the states repeated in the wrong order: all sentences, T times over."""
    B, T, u = positions.shape
    return np.tile(state, (T, 1)).reshape(B, T, u) + positions


def repeated_across(state: Array, positions: Array) -> Array:
    """Return the sum with each state repeated T times, and these laid over the batch another way."""
    B, T, u = positions.shape
    return np.repeat(state, T, axis=0).reshape(T, B, u).transpose(1, 0, 2) + positions


def of_sentence(place: int) -> Callable:
    """Return a step that takes the positions of one sentence for all."""
    return lambda W, x: product(W, np.repeat(x[place:][:1], len(x), axis=0))


# fmt: off
FIND_THE_BUG_MISTAKES = mistakes(batch_additive, BATCH,
    ("still_the_wrong_sentence", {"join": lambda state, positions: state + positions},
     "Position t still meets the state of sentence t, and where B and T differ it stops. An axis in front, (1, B, u), "
     "changes nothing. Where is it missing?"),
    ("axis_at_the_end", {"join": lambda state, positions: state[:, :, np.newaxis] + positions},
     "The new axis stands at the end, (B, u, 1): now the numbers of a state meet the positions. Which place in (B, T, "
     "u) has a state no number for?"),
    ("states_in_the_wrong_order", [{"join": tiled}, {"join": repeated_across}],
     "The states are repeated in the wrong order, so some positions meet the state of another sentence. An axis of "
     "length 1, (B, 1, u), needs no repetition."),
    ("state_of_a_neighbour", [{"state": lambda W, x, n=n: product(W, np.roll(x, n, axis=0))} for n in (1, -1)],
     "Each sentence was scored by the state of the one before or after it. Sentence n goes with row n of S_prev."),
    ("positions_of_one_sentence", [{"position": of_sentence(0)}, {"position": of_sentence(-1)}],
     "The encoder states of one sentence were scored again and again. Each sentence has its own, H[n]."),
    ("one_state_for_all", [{"state": lambda W, x: product(W, x[:1])}, {"state": lambda W, x: product(W, x[-1:])}],
     "Every sentence was scored by the state of one sentence. Each has its own row of S_prev."),
    ("states_averaged",
     [{"state": lambda W, x: product(W, x.mean(axis=0, keepdims=True))},
      {"state": lambda W, x: product(W, x.sum(axis=0, keepdims=True))}],
     "Every sentence was scored by the mean, or the sum, of all states. Each has its own row of S_prev."),
    ("state_left_out", {"join": lambda state, positions: positions},
     "Nothing can go wrong between sentences any more, but the states no longer enter the scores at all."),
    ("tanh_lost", {"squash": np.asarray},
     "The states are right now, but the tanh has gone. Keep the rest of the function as it was.", SCORES),
    ("tanh_of_the_parts",
     [partial(batch_additive, join=lambda s, h: np.tanh(s)[:, np.newaxis] + h, squash=np.asarray),
      partial(batch_additive, join=lambda s, h: s[:, np.newaxis] + np.tanh(h), squash=np.asarray),
      partial(batch_additive, join=lambda s, h: np.tanh(s)[:, np.newaxis] + np.tanh(h), squash=np.asarray)],
     "tanh was taken of one product, or of each by itself, and then they were added. Add first; tanh is taken of the "
     "sum.", SCORES),
    ("another_squashing", [{"squash": sigmoid}, {"squash": relu}],
     "The sum went through another function (sigmoid or ReLU). Here it is tanh.", SCORES),
    ("tanh_twice", [{"squash": lambda x: np.tanh(np.tanh(x))}, {"after": np.tanh}],
     "tanh was taken twice, of the sum or of the finished scores. Once is enough, of the sum.", SCORES),
    ("tanh_at_the_end", {"squash": np.asarray, "after": np.tanh},
     "tanh was taken of the finished score. It belongs inside: first tanh, then the product with w_a.", SCORES),
    ("subtracted", [{"join": lambda s, h: s[:, np.newaxis] - h}, {"join": lambda s, h: h - s[:, np.newaxis]}],
     "One product was subtracted from the other. They are added.", SCORES),
    ("multiplied", {"join": lambda s, h: s[:, np.newaxis] * h},
     "The two products were multiplied entry by entry. They are added.", SCORES),
    ("positions_left_out", {"join": lambda s, h: s[:, np.newaxis] + 0 * h},
     "All positions of a sentence have the same score: its encoder states do not enter. Add H @ W_c.T inside the "
     "tanh.", SCORES),
    ("matrices_swapped", {"swapped": True},
     "W_b and W_c have changed places, which runs only when d_s = d_h. W_b belongs to S_prev, W_c to H.", SCORES),
    ("matrix_not_transposed", [{"state": as_rows}, {"position": as_rows}, {"state": as_rows, "position": as_rows}],
     "A matrix lost its `.T`, which runs only when it is square: `S_prev @ W_b.T`, `H @ W_c.T`.", SCORES),
    ("w_a_lost",
     [{"weigh": lambda hidden, w_a: hidden.sum(axis=-1)}, {"weigh": lambda hidden, w_a: hidden.mean(axis=-1)}],
     "The states are right now, but w_a has gone. Keep the rest of the function as it was.", SCORES),
    ("products_averaged", {"weigh": lambda hidden, w_a: (hidden * w_a).mean(axis=-1)},
     "The products with w_a were averaged. A dot product adds them up and divides by nothing.", SCORES),
    ("not_summed", {"weigh": lambda hidden, w_a: hidden * w_a},
     "`*` leaves one number for each unit. A score is their sum, one number for each position: `@ w_a`.", SCORES),
    (standard.RETURN_INSIDE_THE_LOOP, [{"after": first_row_alone}, {"after": lambda scores: scores[:1]}]),
    ("weights_returned", {"after": over(-1)},
     "The states are right now. Return the scores, without a softmax.", SCORES),
    ("last_sentence_for_all", {"after": lambda scores: np.repeat(scores[-1:], len(scores), axis=0)},
     "All rows of scores are those of the last sentence: in the loop each one overwrites all. Write into row n only."),
    (standard.ZEROS_RETURNED, {"after": np.zeros_like}),
    ("summed_over_positions", {"weigh": lambda hidden, w_a: swap(hidden) @ w_a},
     "w_a was summed with the positions instead of the units, which runs only for T = u.", SCORES),
)
# fmt: on
FIND_THE_BUG = Check(
    name="find_the_bug_scores",
    claim="each_sentence_is_scored_by_its_own_state",
    title="Find the bug: scores that listen to the wrong sentence",
    function="mended_batch_scores",
    inputs=batch_inputs,
    reference=batch_additive,
    second_route=sentence_by_sentence,
    returns=("scores",),
    points={"scores": 2},
    read=BATCH,
    hints=(
        "Write down the shapes of the two arrays that are added. Which axis of the one meets which axis of the other?",
        "Broadcasting lines shapes up from the *last* axis. `(B, u)` beside `(B, T, u)`: `B` stands under `T`.",
        "The state of a sentence has to be added to all of its positions. Give it an axis of length 1 where the positions are.",
    ),
    misconceptions=FIND_THE_BUG_MISTAKES,
    advice={
        r"could not be broadcast": "Write the two shapes one under the other, flush right: each pair must be equal or contain a 1.",
        r"scores has shape \(\d+, \d+, \d+": "There is an axis too many. Which of the two arrays needed the new one?",
    },
    stale=("scores", "hidden", "state", "states", "positions", "S_prev", "H", "keys", "query"),
)


# ---------------------------------------------------------------- the Keras layer
def dense(weights: Array, x: Array, bias: bool = True) -> Array:
    """Return what a Dense layer gives; its kernel is all rows of `weights` but the last, which is the bias."""
    if x.shape[-1] != len(weights) - 1:
        raise ValueError("the layer expects another size")
    return x @ weights[:-1] + bias * weights[-1]


def hidden_positions(values_mask: Array | None, values: Array) -> Array:
    """Return the mask (B, T) as 1 = hide; None hides nothing."""
    return np.zeros(values.shape[:2], int) if values_mask is None else 1 - values_mask.astype(int)


def layer(
    values: Array,
    query: Array,
    values_mask: Array | None,
    W_values: Array,
    W_query: Array,
    W_score: Array,
    *,
    join: Callable = beside_each,
    squash: Callable = np.tanh,
    weigh: Callable = over_time,
    hide: Callable = very_low,
    after: Callable = zeroed,
    score: Callable = dense,
    mixed: Callable = lambda weights, values: np.sum(weights * values, axis=1),
    mixes: Callable = lambda weights, scores: weights,
    what: Callable = lambda values, projected: values,
    bias: bool = True,
    exchanged: bool = False,
    obeys: Callable = hidden_positions,
    returned: Callable = lambda context, weights: (context, weights),
) -> tuple[Array, Array]:
    """Return (context (B, d), weights (B, T, 1)); `values_mask` (B, T) is 1 where a value is kept."""
    mask = obeys(values_mask, values)[:, :, np.newaxis]
    W_values, W_query = (W_query, W_values) if exchanged else (W_values, W_query)
    projected = dense(W_values, values, bias)  # (B, T, u)
    scores = score(W_score, squash(join(dense(W_query, query, bias), projected)))  # (B, T, 1)
    weights = weigh(scores) if values_mask is None else after(weigh(hide(scores, mask)), mask)
    return returned(mixed(mixes(weights, scores), what(values, projected)), weights)


def layer_by_loops(
    values: Array, query: Array, values_mask: Array | None, W_values: Array, W_query: Array, W_score: Array
) -> tuple[Array, Array]:
    """Return the same, sentence by sentence and word by word."""
    B, T, d = values.shape
    context, weights = np.zeros((B, d)), np.zeros((B, T, 1))
    for n in range(B):
        kept = [t for t in range(T) if values_mask is None or values_mask[n, t]]
        asked = W_query[:-1].T @ query[n] + W_query[-1]
        scores = {t: W_score[:-1, 0] @ np.tanh(W_values[:-1].T @ values[n, t] + W_values[-1] + asked) for t in kept}
        exps = {t: math.exp(score + W_score[-1, 0]) for t, score in scores.items()}
        for t in kept:
            weights[n, t] = exps[t] / sum(exps.values())
            context[n] += weights[n, t] * values[n, t]
    return context, weights


def with_bias(rng: np.random.Generator, inputs: int, outputs: int, scale: float = 1.2) -> Array:
    """Draw a Dense layer's kernel with its bias as the last row: (inputs + 1, outputs)."""
    kernel = normal(rng, inputs, outputs, scale=scale / math.sqrt(inputs))
    return np.vstack([kernel, normal(rng, 1, outputs, scale=0.5)])


def layer_inputs(rng: np.random.Generator) -> Cases:
    """Draw a batch without a mask, one with padding, the same with hidden values changed, sizes alike, length 1."""

    def draw(B: int, T: int, d: int, d_q: int, u: int, mask: Array | None) -> Inputs:
        return {
            "values": normal(rng, B, T, d),
            "query": normal(rng, B, d_q),
            "values_mask": None if mask is None else 1 - mask,
            "W_values": with_bias(rng, d, u),
            "W_query": with_bias(rng, d_q, u),
            "W_score": with_bias(rng, u, 1, scale=2.5),
        }

    padded = draw(3, 5, 6, 2, 7, padding(3, 5, 0, T=5))
    changed = {**padded, "values": padded["values"].copy()}
    hidden = padded["values_mask"] == 0
    changed["values"][hidden] = normal(rng, int(hidden.sum()), 6, scale=2)
    return {
        "no mask": draw(2, 5, 6, 9, 7, None),
        "padding, one sentence nothing else": padded,
        "the same with other values under the mask": changed,
        "all sizes alike": draw(3, 3, 3, 3, 3, padding(2, 3, 1, T=3)),
        "one position": draw(2, 1, 5, 3, 6, None),
    }


def masked_ways(way: dict) -> list[dict]:
    """Return a way to make a mistake, with all that may happen to a sentence that is all padding."""
    styles = ({}, {"after": as_it_is}, {"hide": replaced(-np.inf), "after": as_it_is})
    return [{**style, **way} for style in styles]


def mask_inverted(values_mask: Array | None, values: Array) -> Array:
    """Return the mask with both signs exchanged."""
    return np.zeros(values.shape[:2], int) if values_mask is None else values_mask.astype(int)


def mask_dropped(values_mask: Array | None, values: Array) -> Array:
    """Return a mask that hides nothing."""
    return np.zeros(values.shape[:2], int)


def kept_scores(scores: Array, mask: Array) -> Array:
    """Return the scores times 1 where the value is kept and 0 where it is not."""
    return scores * (1 - mask)


# fmt: off
LAYER_MISTAKES = mistakes(layer, HAND,
    ("softmax_over_the_last_axis",
     [{"weigh": over(-1), **style} for style in ({}, {"after": as_it_is},
      {"hide": replaced(-np.inf), "after": as_it_is})],
     "Every weight is 1: the softmax ran along the last axis, which has length 1. It must run over the positions, "
     "axis=1.", WRONG),
    (standard.SOFTMAX_OVER_THE_BATCH(right="the positions, axis=1"), {"weigh": over(0)}, BATCH),
    (standard.SOFTMAX_OVER_EVERYTHING(everything="the whole batch", own="Each sentence shares out one whole: axis=1."),
     {"weigh": over(None)}, BATCH),
    (standard.NO_SOFTMAX,
     [{"weigh": np.asarray, "hide": as_it_is, "after": after} for after in (as_it_is, zeroed)]
      + [{"weigh": np.asarray, "after": as_it_is}]),
    ("state_along_the_positions", {"join": lambda state, positions: state + positions},
     "The query lacks its time axis. (B, u) + (B, T, u) stops where B and T differ, and where they agree it adds the "
     "query of the wrong sentence.", BATCH),
    ("time_axis_in_the_wrong_place", {"join": lambda state, positions: state[:, :, np.newaxis] + positions},
     "The query got its new axis at the end, (B, u, 1). The positions are axis 1, so it has to be (B, 1, u).", BATCH),
    ("tanh_missing", masked_ways({"squash": np.asarray}),
     "The tanh is missing. Without it the query adds the same number to every score, and softmax cancels "
     "that.", SCORES),
    ("another_squashing", masked_ways({"squash": sigmoid}) + masked_ways({"squash": relu}),
     "The sum went through another function (sigmoid or ReLU). Here it is tf.tanh.", SCORES),
    ("subtracted", masked_ways({"join": lambda s, h: s[:, np.newaxis] - h}),
     "One of the two was subtracted from the other. Query and values are added.", SCORES),
    ("tanh_also_in_the_layers", masked_ways({"join": lambda s, h: np.tanh(s)[:, np.newaxis] + np.tanh(h)}),
     "query_dense and values_dense apply tanh as well. They have no activation: one tanh, of the sum.", SCORES),
    ("tanh_of_the_scores", masked_ways({"score": lambda W, hidden: np.tanh(dense(W, hidden))}),
     "A tanh was taken of the finished scores, so they cannot leave -1 to 1. The only tanh is that of the "
     "sum.", SCORES),
    ("units_added_up",
     masked_ways({"score": lambda W, hidden: hidden.sum(axis=-1, keepdims=True)})
      + masked_ways({"score": lambda W, hidden: hidden.mean(axis=-1, keepdims=True)}),
     "score_dense was not used: the units were added up or averaged as they are.", SCORES),
    ("biases_missing", masked_ways({"bias": False}),
     "The biases of query_dense and values_dense do not count. Call the layers themselves, as in "
     "self.query_dense(query).", SCORES),
    ("dense_layers_exchanged", {"exchanged": True},
     "query_dense was used for the values, values_dense for the query, which runs only when the two are equally "
     "long.", SCORES),
    ("query_left_out", masked_ways({"join": lambda s, h: h}),
     "The query has no effect: it was not added, or tanh was taken of the two apart, and then softmax cancels the "
     "query. tanh is taken of the sum.", SCORES),
    ("multiplied", masked_ways({"join": lambda s, h: s[:, np.newaxis] * h}),
     "Query and values were multiplied. They are added.", SCORES),
    ("context_over_the_batch", {"mixed": lambda weights, values: np.sum(weights * values, axis=0)},
     "The weights are right. The context was summed over the sentences, axis 0; sum over the positions, "
     "axis=1.", BATCH),
    ("context_over_the_features", {"mixed": lambda weights, values: np.sum(weights * values, axis=-1)},
     "The weights are right. The context was summed over the numbers of a value, the last axis; sum over the "
     "positions, axis=1."),
    ("context_not_summed", {"mixed": lambda weights, values: weights * values},
     "The weights are right. The values were weighted but not added up: sum over the positions, axis=1."),
    ("context_averaged", {"mixed": lambda weights, values: np.mean(weights * values, axis=1)},
     "The weights are right. The weighted values were averaged; add them up."),
    ("weights_ignored", {"mixed": lambda weights, values: np.sum(values, axis=1)},
     "The weights are right. The context is the plain sum of the values: use the weights."),
    ("context_from_the_scores", {"mixes": lambda weights, scores: scores},
     "The weights are right, but the context was mixed with the scores. Use the weights."),
    ("projected_values_mixed", {"what": lambda values, projected: projected},
     "The weights are right, but the context mixes values_dense(values). Mix the values themselves."),
    ("context_squashed", {"mixed": lambda weights, values: np.tanh(np.sum(weights * values, axis=1))},
     "The weights are right, but tanh was taken of the context. It is the weighted sum as it is."),
    (standard.SOFTMAX_TWICE, [{"weigh": lambda s: over_time(over_time(s)), "after": after} for after in (zeroed, as_it_is)]),
    (standard.LOGARITHM_RETURNED, [{"weigh": lambda s: np.log(over_time(s)), "after": after} for after in (zeroed, as_it_is)]),
    ("even_weights_for_all_padding", {"after": as_it_is},
     "Right, but for a sentence that is all padding: there softmax shares evenly. Its weights must be 0.", PADDING),
    ("nan_for_all_padding", {"hide": replaced(-np.inf), "after": as_it_is},
     "Right, but for a sentence that is all padding: with nothing visible it becomes 0/0 or -inf minus -inf, NaN. Its "
     "weights must be 0.", PADDING),
    (standard.MASK_INVERTED(effect="padding got the weight",
      polarity="In Keras True means keep, unlike in our own functions."),
     masked_ways({"obeys": mask_inverted}) + [*HIDDEN_SHOWN, {"hide": lowered(-1e9), "after": as_it_is}], TRAVEL),
    (standard.MASK_DROPPED(why="padding gets weight like any word"), {"obeys": mask_dropped}, PADDING),
    (standard.MASK_AFTER_SOFTMAX(weights="The weights of padding", rest="the rest no longer sums"),
     {"hide": as_it_is, "after": zeroed}, PADDING),
    ("mask_added",
     [{"hide": lowered(1), "after": as_it_is}, {"hide": lowered(-1), "after": as_it_is}]
      + [{"hide": lowered(1)}, {"hide": lowered(-1)}],
     "Hidden scores were changed by 1 only. They must become very negative, like -1e9.", PADDING),
    ("mask_too_weak", {"hide": lowered(10), "after": as_it_is},
     "Hidden scores were lowered by 10 only, so padding still gets a little weight. Take -1e9.", PADDING),
    (standard.HIDDEN_SCORES_ZERO, [{"hide": kept_scores, "after": as_it_is}, {"hide": kept_scores}], PADDING),
    (standard.ZEROS_RETURNED, {"mixed": lambda weights, values: np.zeros_like(values[:, 0])}),
    (standard.RETURNED_BACKWARDS(order="context, weights"), {"returned": lambda context, weights: (weights, context)}),
)
# fmt: on


def mask_on_the_values(values: Array, query: Array, values_mask: Array | None, **weights: Array) -> tuple[Array, Array]:
    """Return weights that ignore the mask, and a context of values that are set to 0 where they are hidden."""
    keep = 1 - hidden_positions(values_mask, values)[:, :, np.newaxis]
    attention_weights = layer(values, query, None, **weights)[1]
    return np.sum(attention_weights * values * keep, axis=1), attention_weights


def layer_with_scores(values: Array, query: Array, values_mask: Array | None, **weights: Array) -> tuple[Array, Array]:
    """Return a right context with the scores in place of the weights."""
    keep = dict(weigh=np.asarray, hide=as_it_is, after=as_it_is)
    return layer(values, query, values_mask, **weights)[0], layer(values, query, values_mask, **weights, **keep)[1]


OWN_ATTENTION = (  # each of these is the whole of attention
    "layers.Attention",
    "layers.AdditiveAttention",
    "layers.MultiHeadAttention",
    "ops.dot_product_attention",
)
LAYER_ADVICE = {
    r"(\w+) has no bias": "\\1 lacks the usual bias of a Dense layer: leave use_bias as it is.",
    r"symbolic tf.Tensor": "NumPy cannot take part inside a model: in your layer write tf.tanh, not np.tanh.",
    r"of (query|values)_dense has shape": "\\1_dense has another size than it should: it has `units` units.",
    r"of score_dense has shape": "score_dense has another size than it should: it has one unit, which makes the score.",
    r"has no attribute '(query_dense|values_dense|score_dense)'": [
        ("The check sets the weights of the layers by their names: it looks for `\\1`, and there is `{near}`.",),
        ("Keep the layer in `__init__`: `self.\\1 = …`. The check sets its weights by that name.",),
    ],
    r"expected axis -1 .*to have value": "A Dense layer was given an input of the wrong width. values_dense takes the values, "
    "query_dense the query, score_dense their tanh.",
    r"[Ii]ncompatible shapes|broadcast|Dimensions must": "Look at the shapes of what is added or multiplied: the query needs a "
    "time axis, (B, 1, u), a mask (B, T) an axis for (B, T, 1), and a sum that should stay beside its row keepdims=True.",
    r"NoneType|Attempt to convert a value \(None\)|None values not supported": [
        (
            "Something here is None. Is it the mask? values_mask may be None: ask `if values_mask is not None` first.",
            "is_none values_mask",
        ),
        ("Something here is None. It may be what a function without `return` gives.",),
    ],
    r"unsupported operand.*bool|type bool|attr 'T' of bool|a bool tensor|'Mul.*bool|is a bool|DT_BOOL": "The mask holds True and False. Use it "
    "in tf.where, or make numbers of it: tf.cast(values_mask, tf.float32).",
    r"object has no attribute '_tracker'|forg[eo]t to call `super": "Leave `super().__init__(**kwargs)` as the first line of "
    "`__init__`.",
    r"does not support item assignment": "Tensors cannot be changed in place. Use tf.where(keep, scores, -1e9).",
    r" is NaN in": "If it is the mask: 0 times infinity, -inf minus -inf and 0/0 are NaN. Use -1e9, and set the weights of hidden positions to 0.",
    r"expected to be a (\w+) tensor but is a (\w+) tensor": "Two kinds of number met, \\1 and \\2. tf.cast(…, tf.float32) makes "
    "both float32.",
}

# fmt: off
BAHDANAU_LAYER_MISTAKES = in_keras((
    *LAYER_MISTAKES,
    *mistakes(layer, PADDING,
        ("mask_on_the_values", mask_on_the_values,
         "The values under the mask were set to 0, but they still took their share of the weight. Hide the scores, "
         "before the softmax."),
        (standard.SCORES_RETURNED(output="The context is", instead="the weights"), layer_with_scores, HAND),
    ),
))
# fmt: on
BAHDANAU_LAYER = Check(
    name="bahdanau_layer",
    claim="attends_to_what_is_not_padding",
    title="Bahdanau attention as a Keras layer",
    function="BahdanauAttention",
    forbidden=OWN_ATTENTION,
    inputs=layer_inputs,
    reference=layer,
    second_route=layer_by_loops,
    returns=("context", "weights"),
    points={"context": 2, "weights": 2},
    read=BATCH,
    needs="tensorflow",
    survives=("a sentence of nothing but padding", "one position"),
    hints=(
        "The same four steps: scores, mask, softmax, weighted sum. A `Dense` layer is its matrix (and a bias), and "
        "works on the last axis of anything.",
        "Give the query a time axis, `(B, 1, d_q)`, with `tf.expand_dims(query, 1)` or `query[:, tf.newaxis]`. The "
        "scores are then `(B, T, 1)`, and every step over positions is `axis=1`.",
        "`scores = self.score_dense(tf.tanh(self.values_dense(values) + self.query_dense(query)))`. The mask `(B, T)` "
        "needs an axis too: `keep = values_mask[:, :, tf.newaxis]`.",
        "`tf.where(keep, scores, -1e9)` before `tf.nn.softmax(scores, axis=1)`, and `tf.where(keep, weights, 0.0)` "
        "after it; then `tf.reduce_sum(weights * values, axis=1)`.",
    ),
    misconceptions=BAHDANAU_LAYER_MISTAKES,
    properties=(
        Same(
            "padding, one sentence nothing else",
            "the same with other values under the mask",
            "context",
            (0, 1, 2),
            0,
            "What stands under the mask must not matter. Here only hidden values were changed, and your context changed with "
            "them.",
            given="no mask",
        ),
        SumsToOne("no mask", "weights", "The weights of a sentence do not sum to one.", axis=1),
    ),
    advice=LAYER_ADVICE,
    stale=("context", "weights", "scores", "keep", "values", "query", "hidden"),
)


# ---------------------------------------------------------------- find the bug: the mask that never arrives
def dot_attention_over_words(
    ids: Array,
    vectors: Array,
    query: Array,
    *,
    sees: Callable = lambda ids: ids == 0,
    score: Callable = lambda values, query: np.einsum("btd,bd->bt", values, query),
    hide: Callable = very_low,
    weigh: Callable = over_time,
    after: Callable = as_it_is,
    mixed: Callable = mix,
    give: Callable = lambda context, weights, scores: (context, weights),
) -> tuple[Array, Array]:
    """Return (context (B, d), weights (B, T)) of dot-product attention over embedded words; word 0 is padding."""
    values, mask = vectors[ids], sees(ids)
    scores = hide(score(values, query), mask)
    weights = after(weigh(scores), mask)
    return give(mixed(weights, values), weights, scores)


def words_by_loops(ids: Array, vectors: Array, query: Array) -> tuple[Array, Array]:
    """Return the same from the words alone: padding is never looked at."""
    context, weights = np.zeros((len(ids), vectors.shape[1])), np.zeros(ids.shape)
    for n, sentence in enumerate(ids):
        exps = {t: math.exp(vectors[word] @ query[n]) for t, word in enumerate(sentence) if word}
        for t, e in exps.items():
            weights[n, t] = e / sum(exps.values())
            context[n] += weights[n, t] * vectors[sentence[t]]
    return context, weights


def sentences(rng: np.random.Generator, vocabulary: int, *lengths: int, T: int) -> Array:
    """Draw word ids (B, T), padded with 0 in front; no two words of a sentence are alike."""
    rows = [rng.permutation(np.arange(1, vocabulary))[:length] for length in lengths]
    return np.array([np.concatenate([np.zeros(T - len(row), int), row]) for row in rows])


def words_inputs(rng: np.random.Generator) -> Cases:
    """Draw three sentences of several lengths, and the same with more padding in front."""
    ids = sentences(rng, 7, 5, 2, 3, T=5)
    arrays = {"vectors": normal(rng, 7, 6, scale=0.6), "query": normal(rng, 3, 6)}
    longer = np.hstack([np.zeros((3, 3), int), ids])
    return {"three sentences": {"ids": ids, **arrays}, "the same with more padding": {"ids": longer, **arrays}}


def nothing_seen(ids: Array) -> Array:
    """Return the mask that never arrived."""
    return np.zeros(ids.shape, int)


# fmt: off
FIND_THE_BUG_MASK_MISTAKES = in_keras(mistakes(dot_attention_over_words, TRAVEL,
    ("still_no_mask", {"sees": nothing_seen},
     "Padding still gets weight: no mask arrives, or it is not used. Print it inside `call`: if it is None, Keras "
     "fills no argument of that name."),
    (standard.MASK_INVERTED(effect="padding got the weight",
      polarity="Keras's masks say True = keep."),
     [{"sees": lambda ids: ids != 0}, {"sees": lambda ids: ids != 0, "hide": replaced(-np.inf)},
      {"sees": lambda ids: ids != 0, "after": zeroed}]),
    (standard.HIDDEN_SCORES_ZERO, {"hide": zeroed}, PADDING),
    ("replaced_by_too_little", [{"hide": replaced(by)} for by in (-1.0, -2.0)],
     "Hidden scores were replaced by a number that is not low enough: padding still gets weight. Keep the -1e9.", PADDING),
    ("mask_after_softmax", {"hide": as_it_is, "after": zeroed},
     "The mask is used after the softmax, so the weights no longer sum to one. Keep the lines as they were: it hides "
     "scores.", PADDING),
    ("mask_added", [{"hide": lowered(1)}, {"hide": lowered(-1)}],
     "The mask changes the scores by 1 only. Keep the lines as they were.", PADDING),
    ("softmax_over_the_batch", [{"weigh": over(0)}, {"weigh": over(0), "hide": replaced(-np.inf)}],
     "The softmax runs over the sentences, axis 0. Keep the lines as they were: axis=1.", BATCH),
    ("softmax_over_everything", {"weigh": over(None)},
     "One softmax was taken over the whole batch. Keep the lines as they were: axis=1.", BATCH),
    (standard.NO_SOFTMAX, [{"weigh": np.asarray}, {"weigh": np.asarray, "hide": zeroed}]),
    ("products_averaged", {"score": lambda values, query: np.einsum("btd,bd->bt", values, query) / values.shape[-1]},
     "The products were averaged. A dot product adds them up: keep the tf.reduce_sum."),
    ("scaled", {"score": lambda values, query: np.einsum("btd,bd->bt", values, query) / np.sqrt(values.shape[-1])},
     "The scores were divided by a square root. Keep the lines as they were."),
    ("context_averaged", {"mixed": lambda weights, values: np.mean(weights[..., np.newaxis] * values, axis=1)},
     "The weights are right. The weighted values were averaged; add them up."),
    (standard.RETURNED_BACKWARDS(order="context, weights"), {"give": lambda context, weights, scores: (weights, context)}),
    (standard.SCORES_RETURNED(output="The context is", instead="the weights"),
     {"give": lambda context, weights, scores: (context, scores)}),
    ("context_over_the_batch", {"mixed": lambda weights, values: np.sum(weights[..., np.newaxis] * values, axis=0)},
     "The weights are right. The context is summed over the sentences. Keep the lines as they were.", BATCH),
))
# fmt: on
FIND_THE_BUG_MASK = Check(
    name="find_the_bug_mask",
    claim="the_mask_reaches_the_layer_by_itself",
    title="Find the bug: a mask that never arrives",
    function="mended_attention",
    inputs=words_inputs,
    reference=dot_attention_over_words,
    second_route=words_by_loops,
    returns=("context", "weights"),
    points={"context": 1, "weights": 1},
    read=TRAVEL,
    needs="tensorflow",
    survives=("more padding",),
    hints=(
        "By hand the mask works, so the lines that use it are right. What is different when Keras calls the layer? Print the "
        "mask inside `call`.",
        "Keras fills the mask of an argument into an argument with a certain name. Which name does it use when there are "
        "several tensors? Compare with your own layer above.",
        "For an argument called `values` the mask arrives as `values_mask`.",
    ),
    misconceptions=FIND_THE_BUG_MASK_MISTAKES,
    properties=(
        Same(
            "three sentences",
            "the same with more padding",
            "context",
            (0, 1, 2),
            0,
            "More padding in front of the same words changed your context. Padding must not matter.",
        ),
    ),
    advice={
        r"name 'mask' is not defined": "The argument of `call` has a new name: use it in the lines below, too.",
        r"'NoneType' object is not callable": (
            "mended_attention gave nothing back: end it with `return` and an object of your class.",
            "not inside",
        ),
        r"missing a required argument: '(\w+_mask)'": "Where no mask comes, the argument is left out: give it a default, \\1=None.",
        r"__init__\(\) takes 1 positional argument": "mended_attention returns an object of your class, not the class itself: write "
        "parentheses after its name.",
        r"got an unexpected keyword argument 'mask'": "A check of your own may still call the layer with mask=…; the graded check "
        "hands over values and query only.",
        **LAYER_ADVICE,
    },
    stale=("context", "weights", "scores", "mask", "embedded"),
)


# ---------------------------------------------------------------- the review classifier
def lstm(x: Array, keep: Array, weights: Array) -> tuple[Array, Array, Array]:
    """Return (outputs (B, T, u), last hidden state, last cell state) of Keras's LSTM, gates in the order i, f, c, o.

    `weights` ((d + u + 1), 4 u): kernel, recurrent kernel and bias, one below the other. Where `keep` (B, T) is
    False the states stay, and the output is 0, as Keras has it inside a bidirectional layer.
    """
    u = weights.shape[1] // 4
    kernel, recurrent, bias = weights[: x.shape[-1]], weights[x.shape[-1] : -1], weights[-1]
    h = c = np.zeros((len(x), u))
    outputs = []
    for t in range(x.shape[1]):
        i, f, g, o = np.split(x[:, t] @ kernel + h @ recurrent + bias, 4, axis=-1)
        c_new = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h_new = sigmoid(o) * np.tanh(c_new)
        kept = keep[:, t, np.newaxis]
        h, c = np.where(kept, h_new, h), np.where(kept, c_new, c)
        outputs.append(np.where(kept, h, 0.0))
    return np.stack(outputs, axis=1), h, c


def bilstm(x: Array, keep: Array, weights: Array) -> tuple[Array, dict[str, Array]]:
    """Return outputs (B, T, 2 u) and the four last states of a bidirectional LSTM; `weights` (2, …): forward, backward."""
    forward, forward_h, forward_c = lstm(x, keep, weights[0])
    backward, backward_h, backward_c = lstm(x[:, ::-1], keep[:, ::-1], weights[1])
    states = {"forward_h": forward_h, "forward_c": forward_c, "backward_h": backward_h, "backward_c": backward_c}
    return np.concatenate([forward, backward[:, ::-1]], axis=-1), states


def pair(states: dict[str, Array], *names: str) -> Array:
    """Return states side by side."""
    return np.concatenate([states[name] for name in names], axis=-1)


def last_states(second: dict, first: dict) -> Array:
    """Return the query: the last hidden states of the second layer, forward then backward."""
    return pair(second["states"], "forward_h", "backward_h")


DROPOUT = np.array([0.5, 0.5, 0.5, 0.0])  # first LSTM, second LSTM, between the Dense layers, elsewhere


def classify(
    ids: Array,
    embedding: Array,
    bilstm_1: Array,
    bilstm_2: Array,
    W_values: Array,
    W_query: Array,
    W_score: Array,
    W_hidden: Array,
    W_out: Array,
    *,
    keeps: Callable = lambda ids: ids != 0,
    second_keeps: Callable = lambda keep: keep,
    attention_keeps: Callable = lambda keep: keep,
    query: Callable = last_states,
    values: Callable = lambda second, first: second["outputs"],
    hidden_activation: Callable = relu,
    out_activation: Callable = sigmoid,
    rates: Array = DROPOUT,
    **attention: Any,
) -> tuple[Array, Array, Array]:
    """Return (probabilities (B, 1), attention weights (B, T, 1), dropout rates) of the classifier when it predicts."""
    keep = keeps(ids)
    first, second = {}, {}
    first["outputs"], first["states"] = bilstm(embedding[ids], keep, bilstm_1)
    second["outputs"], second["states"] = bilstm(first["outputs"], second_keeps(keep), bilstm_2)
    q, v = query(second, first), values(second, first)
    context, weights = layer(v, q, attention_keeps(keep), W_values, W_query, W_score, **attention)
    hidden = hidden_activation(dense(W_hidden, context))
    return out_activation(dense(W_out, hidden)), weights, rates


def classify_by_keras(
    ids: Array,
    embedding: Array,
    bilstm_1: Array,
    bilstm_2: Array,
    W_values: Array,
    W_query: Array,
    W_score: Array,
    W_hidden: Array,
    W_out: Array,
) -> tuple[Array, Array, Array]:
    """Return the same from Keras's own layers in float64, its additive attention too."""
    from keras import layers, ops

    def recurrent(weights: Array, inputs: int, **more: Any) -> Any:
        made = layers.Bidirectional(
            layers.LSTM(weights.shape[-1] // 4, dropout=0.5, return_sequences=True, dtype="float64", **more),
            dtype="float64",
        )
        made.build((None, None, inputs))
        made.set_weights([part for w in weights for part in (w[:inputs], w[inputs:-1], w[-1])])
        return made

    embed = layers.Embedding(*embedding.shape, mask_zero=True, dtype="float64")
    embed.build()
    embed.set_weights([embedding])
    x = recurrent(bilstm_1, embedding.shape[1])(embed(ids))
    found = recurrent(bilstm_2, x.shape[-1], return_state=True)(x)
    states, query = found[0], ops.concatenate([found[1], found[3]], axis=-1)
    attend = layers.AdditiveAttention(dtype="float64")
    projected = [ops.convert_to_tensor(dense(W, np.asarray(a))) for W, a in ((W_query, query), (W_values, states))]
    arguments = [projected[0][:, None], states, projected[1]]
    keep = ops.convert_to_tensor(ids != 0)
    attend.build([a.shape for a in arguments])
    attend.set_weights([W_score[:-1, 0]])
    context, weights = attend(arguments, mask=[None, keep], return_attention_scores=True)
    some = (ids != 0).any(axis=1)[:, np.newaxis, np.newaxis]  # Keras shares evenly where all is padding
    probabilities = sigmoid(dense(W_out, relu(dense(W_hidden, np.array(context[:, 0])))))
    return probabilities, np.swapaxes(weights, 1, 2) * some, np.array([0.5, 0.5, 0.5, 0])


def reviews(rng: np.random.Generator) -> Array:
    """Draw six reviews of at most seven words: 0 padded in front, 1 the same words padded elsewhere, 2 equal to 0, then
    full length, one word, and nothing but padding.
    """
    rows = sentences(rng, 11, 3, 7, 1, 0, T=7)
    moved = np.concatenate([rows[0][2:], [0, 0]])
    return np.stack([rows[0], moved, rows[0], *rows[1:]])


def draw_classifier(rng: np.random.Generator) -> Inputs:
    """Draw reviews and all weights of a tiny classifier: 11 words, width 5, 3 LSTM units, 8 attention units."""

    def recurrent(inputs: int, u: int) -> Array:
        blocks = [normal(rng, 2, inputs, 4 * u, scale=1.0), normal(rng, 2, u, 4 * u, scale=1.0)]
        return np.concatenate([*blocks, normal(rng, 2, 1, 4 * u, scale=0.5)], axis=1)

    return {
        "ids": reviews(rng),
        "embedding": normal(rng, 11, 5),
        "bilstm_1": recurrent(5, 3),
        "bilstm_2": recurrent(6, 3),
        "W_values": with_bias(rng, 6, 8, scale=3),
        "W_query": with_bias(rng, 6, 8, scale=6),
        "W_score": with_bias(rng, 8, 1, scale=6),
        "W_hidden": with_bias(rng, 6, 20, scale=4),
        "W_out": with_bias(rng, 20, 1, scale=3),
    }


def classifier_inputs(rng: np.random.Generator) -> Cases:
    """Draw a classifier that is not of one opinion: some logits are negative, some positive."""
    case = draw_classifier(rng)
    while not is_of_two_minds(case):
        case = draw_classifier(rng)
    return {"six reviews": case}


def is_of_two_minds(case: Inputs) -> bool:
    """Say whether some logits of the reviews with words are clearly negative and some clearly positive.

    They are to be so with the query the wrong way round, too: else a ReLU and no activation would then look alike.
    """
    found = [classify(**case, out_activation=np.asarray, **query)[0][[0, 3, 4]] for query in ({}, BACKWARD_FIRST)]
    return all(bool(logits.min() < -0.3 and logits.max() > 0.3) for logits in found)


def with_states(*names: str) -> dict:
    """Return a query made of other last states of the second layer."""
    return {"query": lambda second, first: pair(second["states"], *names)}


BACKWARD_FIRST = with_states("backward_h", "forward_h")


def everywhere(ids: Array) -> Array:
    """Return a mask that keeps all."""
    return np.ones(ids.shape, bool)


def rates(*values: float) -> dict:
    """Return other dropout rates."""
    return {"rates": np.array(values)}


# fmt: off
CLASSIFIER_MISTAKES = mistakes(classify, CLASSIFIER,
    ("backward_before_forward", BACKWARD_FIRST,
     "The query has the backward state in front. Concatenate forward_h, then backward_h."),
    ("cell_states_for_hidden_states", with_states("forward_c", "backward_c"),
     "The query was made of the cell states c. The hidden states h are wanted: Keras returns outputs, forward_h, "
     "forward_c, backward_h, backward_c."),
    ("states_mixed",
     [with_states("forward_h", "forward_c"), with_states("backward_h", "backward_c")]
      + [with_states("forward_h", "backward_c"), with_states("forward_c", "backward_h")],
     "The query mixes a hidden state with a cell state. Keras returns outputs, forward_h, forward_c, backward_h, "
     "backward_c, in this order."),
    ("one_direction_only", [with_states("forward_h", "forward_h"), with_states("backward_h", "backward_h")],
     "The query holds one direction twice. Concatenate forward_h and backward_h."),
    ("last_output_as_query", {"query": lambda second, first: second["outputs"][:, -1]},
     "The query is the output at the last position. There the backward layer has read one word only: its last state is "
     "at the front. Use forward_h and backward_h."),
    ("first_output_as_query", {"query": lambda second, first: second["outputs"][:, 0]},
     "The query is the output at the first position. There the forward layer has read at most one word. Use forward_h "
     "and backward_h."),
    ("outputs_averaged", {"query": lambda second, first: second["outputs"].mean(axis=1)},
     "The query is the mean of the outputs. It is made of the last states, forward_h and backward_h."),
    ("query_of_the_first_layer", {"query": lambda second, first: pair(first["states"], "forward_h", "backward_h")},
     "The query was made of the states of the first LSTM layer. Take those of the second."),
    ("values_of_the_first_layer", {"values": lambda second, first: first["outputs"]},
     "The attention looks at the outputs of the first LSTM layer. Give it those of the second."),
    ("padding_not_masked", {"keeps": everywhere},
     "No layer skips padding. Does Embedding have mask_zero=True, and does the first LSTM read its output directly? "
     "Whatever is no layer, such as `* 1.0`, loses the mask.", TRAVEL),
    ("mask_lost_before_the_attention", {"attention_keeps": lambda keep: None},
     "The LSTM layers skip padding, but the attention does not: its mask was lost on the way. Give it the output of "
     "the second layer directly, and look at the argument's name in your layer.", TRAVEL),
    ("mask_inverted_in_the_attention",
     [{"attention_keeps": np.logical_not}, {"attention_keeps": np.logical_not, "after": as_it_is}],
     "In the attention the mask works the wrong way round. In Keras True means keep.", TRAVEL),
    ("mask_lost_between_the_lstm_layers",
     [{"second_keeps": np.ones_like, "attention_keeps": lambda keep: None}, {"second_keeps": np.ones_like}],
     "The first LSTM layer skips padding, the second does not: the mask was lost between them. Give each layer the "
     "output of the one before directly.", TRAVEL),
    ("relu_missing", {"hidden_activation": np.asarray},
     'The Dense layer with 20 units has no activation. It needs activation="relu".'),
    ("another_activation", [{"hidden_activation": np.tanh}, {"hidden_activation": sigmoid}],
     'The Dense layer with 20 units has another activation. It needs activation="relu".'),
    ("sigmoid_missing", {"out_activation": np.asarray},
     'The output is no probability: the last Dense layer needs activation="sigmoid".'),
    ("softmax_of_one", {"out_activation": over(-1)},
     'Every probability is 1: a softmax over a single unit. The last Dense layer needs activation="sigmoid".'),
    ("relu_at_the_end", {"out_activation": relu},
     'The last Dense layer has a ReLU. For a probability it needs activation="sigmoid".'),
    ("tanh_at_the_end", {"out_activation": np.tanh},
     'The last Dense layer has a tanh, which runs from -1 to 1. For a probability it needs activation="sigmoid".'),
    ("another_rate_in_the_lstms", [rates(r, r, 0.5, 0) for r in (0.1, 0.2, 0.3)],
     "The LSTM layers have another dropout than 0.5: LSTM(…, dropout=0.5).", "partly"),
    ("another_rate_after_the_dense_layer", [rates(0.5, 0.5, r, 0) for r in (0.1, 0.2, 0.25, 0.3, 0.4)],
     "The Dropout between the two Dense layers has another rate than 0.5.", "partly"),
    ("another_rate_everywhere", [rates(r, r, r, 0) for r in (0.1, 0.2, 0.3)],
     "All dropout rates are another number than 0.5.", "partly"),
    ("no_dropout", rates(0, 0, 0, 0),
     "There is no dropout. Each LSTM has dropout=0.5, and a Dropout(0.5) stands between the two Dense layers."),
    ("no_dropout_in_the_lstms", [rates(0, 0, 0.5, 0), rates(0, 0.5, 0.5, 0), rates(0.5, 0, 0.5, 0)],
     "An LSTM lacks its dropout: LSTM(…, dropout=0.5). (recurrent_dropout is another one.)"),
    ("no_dropout_after_the_dense_layer", rates(0.5, 0.5, 0, 0),
     "The Dropout(0.5) between the two Dense layers is missing."),
    ("dropout_in_another_place", rates(0.5, 0.5, 0, 0.5),
     "The Dropout(0.5) stands in another place. It belongs between the two Dense layers."),
    ("extra_dropout", [rates(0.5, 0.5, 0.5, 0.5), rates(0.5, 0.5, 0.5, 1), rates(0, 0, 0.5, 0.5), rates(0, 0, 0.5, 1)],
     "There is a Dropout layer too many. The LSTM layers take dropout=0.5 as an argument; one Dropout(0.5) stands "
     "between the two Dense layers."),
)
# fmt: on


CLASSIFIER_CHECK = Check(
    name="classifier",
    claim="gives_the_probability_of_a_good_review_whatever_the_padding",
    title="The review classifier",
    function="build_classifier",
    forbidden=OWN_ATTENTION,
    inputs=classifier_inputs,
    reference=classify,
    second_route=classify_by_keras,
    returns=("probabilities", "weights", "dropout"),
    points={"probabilities": 2, "weights": 1, "dropout": 1},
    read=CLASSIFIER,
    needs="tensorflow",
    hints=(
        "Follow the figure of the page from bottom to top, one line a layer. Begin with "
        '`word_ids = keras.Input((max_len,), dtype="int32")`; each layer is called with the output of another.',
        "Both LSTMs return sequences: `layers.Bidirectional(layers.LSTM(lstm_units, dropout=0.5, "
        "return_sequences=True))`. The second also has `return_state=True` and then gives five things.",
        "Five things: `outputs, forward_h, forward_c, backward_h, backward_c`. The query is "
        "`layers.Concatenate()([forward_h, backward_h])`, the values are the outputs.",
        "`context, weights = BahdanauAttention(attention_units)(outputs, query)`, then `Dense(20, relu)`, "
        "`Dropout(0.5)`, `Dense(1, sigmoid)`, and `keras.Model(word_ids, probability)`.",
    ),
    misconceptions=in_keras(CLASSIFIER_MISTAKES),
    properties=(
        Same(
            "six reviews",
            "six reviews",
            "probabilities",
            (2,),
            0,
            "The same review stands in the batch twice and got two probabilities. Is dropout still on? Leave out training=True; "
            "Keras switches dropout off when it predicts.",
        ),
        Same(
            "six reviews",
            "six reviews",
            "probabilities",
            (1,),
            0,
            "The same words with the padding elsewhere got another probability. Padding must not matter: does the mask reach "
            "both LSTM layers and the attention?",
        ),
    ),
    uses=("bahdanau_layer",),
    advice={
        r"holds 0 BahdanauAttention": "No BahdanauAttention stands between the model's input and its output: the Dense layer with 20 units must be given its context.",
        r"the model holds": "The check looks for the layers by their kind. Build the model from the layers that the task names.",
        r"the model has \d+ outputs": "The model gives one thing, the probability. The check takes the attention weights from the "
        "layer itself.",
        r"returns no sequences": "The attention looks at all positions, so the second LSTM needs return_sequences=True too.",
        r"KerasTensor cannot be|KerasTensor is symbolic": "Between layers tf and NumPy do not work: use layers.Concatenate() or "
        "keras.ops.concatenate.",
        r"missing a required argument: 'query'": "Your attention takes two arguments, not a list of two: (outputs, query).",
        r"SparseTensor": "Something that is no layer, such as `*`, stands before the attention. Give it the outputs of the second "
        "LSTM directly: on the way the mask would be lost.",
        r"dropout\[0\] is": "That is the dropout of the first LSTM.",
        r"dropout\[1\] is": "That is the dropout of the second LSTM.",
        r"dropout\[2\] is": "That is the rate of Dropout between the two Dense layers.",
        r"dropout\[3\] is": "That is the rate of Dropout in other places.",
        r"build_classifier\(\) takes": "Keep the arguments as they were given.",
        r"the embedding has shape \((\d+), (\d+)\); expected \(\2, \1\)": "layers.Embedding takes the number of words first, then the width of an embedding.",
        r"the embedding has shape": "layers.Embedding has vocab_size words, padding among them, and `embedding_dim` numbers for each: "
        "take both from the arguments.",
        r"(first|second) LSTM layer has shape": "Both are LSTMs of `lstm_units` units in a plain layers.Bidirectional; the second "
        "reads the outputs of the first.",
        r"of (values|query)_dense has shape": "The attention has `attention_units` units. Its values are the outputs of layer 3, its "
        "query both last hidden states side by side.",
        r"first Dense layer has shape": "The Dense layer after the attention has 20 units and gets the context alone.",
        r"last Dense layer has shape": "The last Dense layer has one unit.",
        r"list indices must be integers": "The query is one tensor: put the two states side by side with layers.Concatenate().",
        r"expects 1 input\(s\), but it received 2": "Your attention gives two things, context and weights. The Dense layer gets the "
        "context.",
        r"Incompatible shapes": "Look at what the attention is given: first the values, (B, T, d), then the query, (B, d_q).",
        r"to a shape": "keras.Input takes its shape as a tuple: (max_len,).",
        r"expected ndim=3, found ndim=4": "The input holds word ids, one number for each position: its shape is (max_len,).",
        r"values to unpack|Iterating over a symbolic": "With return_state=True a bidirectional LSTM gives five things: outputs, "
        "forward_h, forward_c, backward_h, backward_c.",
        r"expected ndim=3, found ndim=2": "An LSTM layer that another layer or the attention reads has to return its outputs at all "
        "positions: return_sequences=True.",
        r"'NoneType' object has no attribute 'layers'": "Your function returned None. Is there a `return` at its end?",
        r"(?<!NoneType' object )has no attribute 'layers'": "build_classifier returns a keras.Model: keras.Model(inputs, outputs).",
        **{sign: advice for sign, advice in LAYER_ADVICE.items() if "has shape" not in sign},
    },
    stale=("context", "weights", "outputs", "query", "forward_h", "backward_h", "probability", "word_ids"),
)


KEY = AnswerKey(
    "03_bahdanau_attention",
    (
        CONTEXT_VECTOR,
        DECODER_INPUT,
        ADDITIVE_SCORES,
        MASKED_SOFTMAX,
        BAHDANAU_STEP,
        FIND_THE_BUG,
        BAHDANAU_LAYER,
        FIND_THE_BUG_MASK,
        CLASSIFIER_CHECK,
    ),
)
