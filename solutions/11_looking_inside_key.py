"""Answer key of chapter 11: what is measured inside a model.

Attention weights are drawn as counts out of 128, so that rows sum to 1 exactly, in single precision too, and hold zeros.
Right and wrong answers come from functions whose steps can be exchanged; a second route goes number by number, or by
einsum. Everything here is plain NumPy.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np

from autograder.course import standard_mistakes as standard
from autograder.course.answer_key import AnswerKey, Check
from autograder.course.drawing import Array, Cases, Inputs, normal
from autograder.course.rows import mistakes, ways_of
from autograder.course.steps import as_it_is, first_alone, one_kept, softmax, swap, weighted_sum

# Sections of the chapter's page.
SPREAD = "How spread out is a row"
SHARE = "Each head adds its share"
OUT = "Take a head out"
STREAM = "The stream is a sum"
LENS = "Read the stream early"
BACK = "Back one place, then forward"
COPYING = "Copying, measured"

STALE = ("weights", "scores", "shares", "contributions", "stream", "losses", "removed", "found", "H", "T", "d_k")


# ---------------------------------------------------------------- data
def draw_weights(rng: np.random.Generator, *shape: int, causal: bool = False) -> Array:
    """Draw attention weights (..., T_q, T_k) in 128ths, some of them 0; every row sums to 1."""
    *leading, T_q, T_k = shape
    weights = np.zeros(shape)
    for place in np.ndindex(*leading, T_q):
        seen = place[-1] + 1 if causal else T_k
        weights[place][:seen] = rng.multinomial(128, softmax(1.5 * rng.normal(size=seen))) / 128
    return weights


# ---------------------------------------------------------------- entropy
def bits(weights: Array) -> Array:
    """Return minus the logarithm of base 2, and 0 for 0."""
    return -np.log2(np.where(weights > 0, weights, 1))


def over_keys(terms: Array) -> Array:
    """Return the sum along the keys."""
    return terms.sum(axis=-1)


def entropy(
    weights: Array,
    *,
    surprise: Callable = bits,
    weigh: Callable = np.multiply,
    add: Callable = over_keys,
    sign: float = 1,
    finish: Callable = as_it_is,
) -> Array:
    """Return the entropy of each row in bits, (B, H, T_q)."""
    return finish(sign * add(weigh(weights, surprise(weights))))


def entropy_by_loops(weights: Array) -> Array:
    """Return the same, weight by weight."""
    found = np.zeros(weights.shape[:-1])
    for place in np.ndindex(*found.shape):
        found[place] = sum(w * math.log(1 / w, 2) for w in weights[place] if w > 0)
    return found


def entropy_inputs(rng: np.random.Generator) -> Cases:
    """Draw weights of two sequences, others without a 0, under a causal mask, one head, and rows that look at one key."""
    even = (rng.permuted(np.tile([1, 2, 3, 5, 8, 13, 96], (2, 2, 3, 1)), axis=-1)) / 128
    sharp = np.eye(5)[rng.permuted(np.tile(np.arange(5), (1, 2, 1)), axis=-1)]
    return {
        "two sequences, three heads": {"weights": draw_weights(rng, 2, 3, 5, 7)},
        "every key has some weight": {"weights": even},
        "a causal mask": {"weights": draw_weights(rng, 2, 2, 5, 5, causal=True)},
        "one head": {"weights": draw_weights(rng, 2, 1, 3, 6)},
        "one key has all the weight": {"weights": sharp},
    }


def careless(weights: Array) -> Array:
    """Return minus the logarithm of base 2, infinite for 0."""
    return -np.log2(weights)


def largest_possible(found: Array, weights: Array) -> Array:
    """Return entropies as shares of that of even weights."""
    return found / np.log2(weights.shape[-1])


# fmt: off
ENTROPY_MISTAKES = mistakes(entropy, SPREAD,
    ("natural_logarithm", {"surprise": lambda w: bits(w) * math.log(2)},
     "These are nats: np.log is the natural logarithm. Bits take np.log2."),
    ("decimal_logarithm", {"surprise": lambda w: bits(w) * math.log10(2)},
     "np.log10 was taken. Bits take the logarithm of base 2, np.log2."),
    ("zero_times_infinity", {"surprise": careless},
     "A weight of 0 gives NaN: its logarithm is minus infinity, and 0 times that is NaN. Such a weight adds nothing; put "
     "1 in its place before the logarithm."),
    ("sign_forgotten", {"sign": -1},
     "The entropies are negative. The logarithm of a number below 1 is, so the sum gets a minus sign."),
    ("weights_forgotten", {"weigh": lambda w, s: s},
     "The logarithms were added up without their weights. Each counts as often as its weight says: `w * log2(w)`."),
    ("squares_for_logarithms",
     [{"surprise": lambda w: 1 - w}, {"surprise": as_it_is}],
     "Squares of weights were added up. That measures spread as well, but the entropy multiplies each weight by the "
     "logarithm of itself."),
    ("one_added_before_the_logarithm", {"surprise": lambda w: -np.log2(1 + w)},
     "1 was added before the logarithm, which changes every term. Only where a weight is 0 may something else stand."),
    ("number_in_the_logarithm_too_large",
     [{"surprise": lambda w, e=e: -np.log2(w + e)} for e in (0.1, 0.01, 0.001)],
     "The small number that was added before the logarithm is not small enough: it changes the other terms. Take "
     "1e-12, or np.where."),
    ("zeros_cut_off", {"surprise": lambda w: -np.log2(np.maximum(w, 0.05))},
     "Small weights were lifted before the logarithm, so they count with that of another number. Only a weight of 0 "
     "may be replaced."),
    ("over_the_queries", {"add": partial(np.sum, axis=-2)},
     "The sum ran over the queries. A row belongs to a query, and is summed over its keys, the last axis."),
    ("over_the_heads", {"add": partial(np.sum, axis=1)},
     "The sum ran over the heads, axis 1. It runs over the keys, axis=-1."),
    ("over_the_batch", {"add": partial(np.sum, axis=0)},
     "The sum ran over the sequences, axis 0. It runs over the keys, axis=-1."),
    ("one_number_for_all", [{"add": np.sum}, {"finish": np.mean}],
     "This is one number for all rows together. Return one for each row, (B, H, T_q): sum along axis=-1."),
    ("not_added_up", {"add": as_it_is},
     "These are the single terms, one for each key. The entropy of a row is their sum."),
    ("mean_for_the_sum_of_keys", {"add": partial(np.mean, axis=-1)},
     "The terms of a row were averaged. Add them up: each has its weight already."),
    ("averaged_over_queries", [{"finish": lambda e: e.mean(axis=-1)}, {"finish": lambda e: e.sum(axis=-1)}],
     "The queries are no longer apart. Return the entropy of each row, (B, H, T_q)."),
    ("averaged_over_heads",
     [{"finish": lambda e: e.mean(axis=1)}, {"finish": lambda e: e.mean(axis=1, keepdims=True)}],
     "The heads are no longer apart. Each head has a map of its own: return (B, H, T_q)."),
    ("averaged_over_sequences", {"finish": lambda e: e.mean(axis=0)},
     "The sequences were averaged. Return the entropy of each row of each of them, (B, H, T_q)."),
    ("perplexity_returned", {"finish": lambda e: 2**e},
     "This is 2 to the power of the entropy: among how many keys a row seems to choose. The entropy is the exponent."),
    ("share_of_the_largest", lambda weights: largest_possible(entropy(weights), weights),
     "The entropy was divided by the largest possible one. That is a useful number too, but here it is given in bits."),
    ("largest_weight_returned", lambda weights: weights.max(axis=-1),
     "This is the largest weight of each row. The entropy looks at all of them."),
    ("keys_counted", lambda weights: np.log2((weights > 0).sum(axis=-1)),
     "This is the logarithm of how many keys have weight at all. The entropy also asks how much each has."),
    ("softmax_once_more", lambda weights: entropy(softmax(weights)),
     "A softmax was taken of the weights. They are shares already, so the entropies come out too large."),
    (standard.ZEROS_RETURNED, {"finish": lambda e: 0 * e}),
)
# fmt: on
ENTROPY = Check(
    name="attention_entropy",
    claim="says_how_spread_out_each_row_is",
    title="How spread out is each row?",
    function="attention_entropy",
    inputs=entropy_inputs,
    reference=entropy,
    second_route=entropy_by_loops,
    returns=("entropies",),
    points={"entropies": 2},
    read=SPREAD,
    survives=("a causal mask", "one head", "one key has all the weight"),
    hints=(
        "A row of weights is a row of shares. Multiply each by its own logarithm of base 2, add up along the row, and turn "
        "the sign.",
        "A weight of 0 adds nothing, but `np.log2(0)` is minus infinity. `np.where(weights > 0, weights, 1)` has no "
        "zeros, and the logarithm of 1 is 0.",
        "`-(weights * np.log2(np.where(weights > 0, weights, 1))).sum(axis=-1)`.",
    ),
    misconceptions=ENTROPY_MISTAKES,
    advice={
        r"truth value of an array": "`if` asks one question of a whole array. np.where goes entry by entry.",
        r"could not be broadcast|operands could not": "Numbers of different weights met. `weights[weights > 0]` loses the rows; "
        "np.where keeps the shape.",
        r"math domain error|only (0-dimensional|length-1|size-1) arrays": "The functions of `math` take one number. np.log2 "
        "takes arrays.",
    },
    stale=STALE,
)


# ---------------------------------------------------------------- what each head adds
def own_rows(W_o: Array, H: int) -> Array:
    """Return the rows of W_o that belong to each head: (H, d_k, d_model)."""
    return W_o.reshape(H, len(W_o) // H, -1)


def times_rows(mixed: Array, rows: Array) -> Array:
    """Return what each head found, (B, H, T_q, d_k), times its rows, (H, d_k, d_model)."""
    return mixed @ rows


def kept_apart(shares: Array) -> Array:
    """Return the shares as they are, (B, H, T_q, d_model)."""
    return shares


def shares(
    weights: Array,
    value: Array,
    W_o: Array,
    *,
    mix: Callable = weighted_sum,
    rows: Callable = own_rows,
    project: Callable = times_rows,
    finish: Callable = kept_apart,
) -> Array:
    """Return what each head adds to the output of its layer, (B, H, T_q, d_model)."""
    return finish(project(mix(weights, value), rows(W_o, weights.shape[1])))


def shares_by_loops(weights: Array, value: Array, W_o: Array) -> Array:
    """Return the same by loops over sequences, heads, queries and keys."""
    (B, H, T_q, T_k), d_k = weights.shape, value.shape[-1]
    found = np.zeros((B, H, T_q, W_o.shape[1]))
    for b, h, q, k, j in np.ndindex(B, H, T_q, T_k, d_k):
        found[b, h, q] += weights[b, h, q, k] * value[b, h, k, j] * W_o[h * d_k + j]
    return found


def draw_shares(rng: np.random.Generator, B: int, H: int, T_q: int, T_k: int, d_k: int, d_model: int) -> Inputs:
    """Draw one case; as many queries as keys have a causal mask."""
    return {
        "weights": draw_weights(rng, B, H, T_q, T_k, causal=T_q == T_k),
        "value": normal(rng, B, H, T_k, d_k),
        "W_o": normal(rng, H * d_k, d_model, scale=0.7),
    }


def shares_inputs(rng: np.random.Generator) -> Cases:
    """Draw other numbers of queries, keys and columns, a square W_o, one head with one query, and sizes all alike."""
    return {
        "two sequences, three heads": draw_shares(rng, 2, 3, 5, 6, 5, 7),
        "a square W_o": draw_shares(rng, 2, 2, 3, 3, 5, 10),
        "one head, one query": draw_shares(rng, 2, 1, 1, 5, 3, 6),
        "all sizes alike": draw_shares(rng, 3, 3, 3, 3, 3, 9),
    }


def dealt_rows(W_o: Array, H: int) -> Array:
    """Return every H-th row for a head."""
    return W_o.reshape(len(W_o) // H, H, -1).swapaxes(0, 1)


def own_columns(W_o: Array, H: int) -> Array:
    """Return each head's columns of W_o, transposed so that they can be multiplied: right for a matrix W (out, in)."""
    d_k = len(W_o) // H
    return np.stack([W_o[:, h * d_k : (h + 1) * d_k].T for h in range(H)])


def misread_rows(W_o: Array, H: int) -> Array:
    """Return W_o reshaped to (H, d_model, d_k), and these two axes exchanged."""
    return swap(W_o.reshape(H, W_o.shape[1], -1))


def merged_by_reshape(weights: Array, value: Array, W_o: Array) -> Array:
    """Return what comes of merging each head, the others 0, by a bare reshape before W_o."""
    mixed = weights @ value
    B, H, T_q, d_k = mixed.shape
    alone = [one_kept(mixed, h, axis=1).reshape(B, T_q, H * d_k) @ W_o for h in range(H)]
    return np.stack(alone, axis=1)


def values_as_they_are(weights: Array, value: Array) -> Array:
    """Return the values, without weights; queries beyond the last key are an error."""
    return value + np.zeros((weights.shape[-2], 1))


def mean_of_values(weights: Array, value: Array) -> Array:
    """Return the mean of the values for every query."""
    return np.repeat(value.mean(axis=-2, keepdims=True), weights.shape[-2], axis=-2)


def same_rows(number: int) -> Callable:
    """Return a step that gives every head the rows of one."""
    return lambda W_o, H: np.repeat(own_rows(W_o, H)[[number]], H, axis=0)


# fmt: off
SHARE_MISTAKES = mistakes(shares, SHARE,
    ("columns_for_rows", {"rows": own_columns},
     "Each head took its *columns* of W_o. A head meets W_o from the left, X @ W_o, so its numbers meet the *rows* "
     "h * d_k to (h + 1) * d_k."),
    ("every_hth_row", {"rows": dealt_rows},
     "Each head took every H-th row of W_o. Its rows lie together: reshape to (H, d_k, d_model), in this order."),
    ("rows_misread", {"rows": misread_rows},
     "W_o was reshaped to (H, d_model, d_k) and turned round. Its rows are d_k for each head: reshape to (H, d_k, "
     "d_model) and turn nothing."),
    ("first_rows_for_all", {"rows": same_rows(0)},
     "Every head was multiplied by the first d_k rows of W_o. Those of head h begin at row h * d_k."),
    ("last_rows_for_all", {"rows": same_rows(-1)},
     "Every head was multiplied by the last rows of W_o. Is the slice made inside the loop?"),
    ("rows_overlap", {"rows": lambda W_o, H: np.stack([W_o[h : h + len(W_o) // H] for h in range(H)])},
     "The rows of head h begin at row h in your answer, so heads share rows. They begin at h * d_k."),
    ("heads_backwards", {"rows": lambda W_o, H: own_rows(W_o, H)[::-1]},
     "Heads and rows of W_o come in opposite order. Head 0 has the first rows."),
    ("merged_by_reshape", merged_by_reshape,
     "The heads were merged by a bare reshape before W_o, so positions got mixed. Exchange the axes of heads and "
     "positions first, or give each head its own rows of W_o."),
    ("weights_transposed", {"mix": lambda w, v: swap(w) @ v},
     "The weights were transposed before the sum. Row t belongs to query t: weights @ value."),
    ("weights_ignored", [{"mix": values_as_they_are}, {"mix": mean_of_values}],
     "The weights were not used. A head mixes its values first, weights @ value, and its rows of W_o come after that."),
    ("no_output_matrix", {"project": lambda mixed, rows: mixed},
     "This is what each head found, (B, H, T_q, d_k). What it *adds* to the output has gone through its rows of W_o, "
     "and is d_model wide."),
    ("heads_added_up", [{"finish": lambda s: s.sum(axis=1)}, {"finish": lambda s: s.sum(axis=1, keepdims=True)}],
     "The heads were added up: this is the output of the whole layer. Return each share by itself, (B, H, T_q, "
     "d_model)."),
    ("heads_averaged", [{"finish": lambda s: s.mean(axis=1)}, {"finish": lambda s: s / s.shape[1]}],
     "The heads were averaged, or each was divided by their number. The output is their plain sum, so a share is what "
     "the head adds, undivided."),
    ("running_sum", {"finish": lambda s: np.cumsum(s, axis=1)},
     "Each entry holds the heads before it as well. The share of a head is its own alone: is the sum set back to 0 for "
     "each?"),
    ("heads_after_positions", {"finish": lambda s: s.swapaxes(1, 2)},
     "Heads and positions stand in the other order. Return (B, H, T_q, d_model)."),
    ("heads_first", {"finish": lambda s: s.swapaxes(0, 1)},
     "The heads stand before the batch, as when a list of heads becomes an array. Stack them on axis=1."),
    ("heads_last", {"finish": lambda s: np.moveaxis(s, 1, -1)},
     "The heads stand on the last axis. Stack them on axis=1: (B, H, T_q, d_model)."),
    ("positions_averaged", {"finish": lambda s: s.mean(axis=2)},
     "The positions were averaged. Return a share for each query, (B, H, T_q, d_model)."),
    ("first_sequence_only", {"finish": first_alone},
     "Only the first sequence is left. Return all of the batch, (B, H, T_q, d_model)."),
    ("one_head_written", [{"finish": lambda s, n=n: one_kept(s, n, axis=1)} for n in (0, -1)],
     "Only one head was written, the rest is 0: `return` stands inside the loop, or the line that writes stands below "
     "it."),
    (standard.ZEROS_RETURNED, {"finish": lambda s: 0 * s}),
)
# fmt: on
HEAD_OUTPUTS = Check(
    name="head_outputs",
    claim="gives_what_each_head_adds",
    title="What each head adds",
    function="head_outputs",
    inputs=shares_inputs,
    reference=shares,
    second_route=shares_by_loops,
    returns=("shares",),
    points={"shares": 3},
    read=SHARE,
    survives=("a square W_o", "one head", "all sizes alike"),
    hints=(
        "Two products: what each head found, `weights @ value`, and that times the head's own rows of `W_o`.",
        "Head `h` has the rows `h * d_k` to `(h + 1) * d_k - 1`. They lie together, so a reshape gives them all: `(H, d_k, d_model)`.",
        "`weights @ value` is `(B, H, T_q, d_k)`. Its last two axes meet those of `(H, d_k, d_model)`, and the heads line up.",
        "`weights @ value @ W_o.reshape(H, d_k, -1)`, with `H` from `weights.shape` and `d_k` from `value.shape`.",
    ),
    misconceptions=SHARE_MISTAKES,
    advice={
        r"cannot reshape array": "The sizes of a reshape must multiply to the number of entries. W_o is (H * d_k, d_model): "
        "reshape it to (H, d_k, d_model).",
        r"^ValueError: matmul|shapes .* not aligned": "The inner sizes of a product differ. A head found (T_q, d_k), and its "
        "rows of W_o are (d_k, d_model).",
        r"all input arrays must have the same shape": "The slices have different lengths. Those of head h run from h * d_k to "
        "(h + 1) * d_k, in the rows.",
    },
    stale=(*STALE, "W_o", "value"),
)


# ---------------------------------------------------------------- without some heads
def kept_of(removed: Array) -> Array:
    """Return a factor for each head: 0 where it is removed."""
    return np.where(removed == 1, 0.0, 1.0)


def along_heads(contributions: Array, factors: Array) -> Array:
    """Return contributions (B, H, T, d_model) times a factor for each head."""
    return contributions * factors[:, np.newaxis, np.newaxis]


def over_heads(shares: Array) -> Array:
    """Return the sum of what the heads add."""
    return shares.sum(axis=1)


def bias_once(total: Array, b_o: Array, factors: Array) -> Array:
    """Return the sum of the heads plus the bias."""
    return total + b_o


def left(
    contributions: Array,
    removed: Array,
    b_o: Array,
    *,
    choose: Callable = kept_of,
    take: Callable = along_heads,
    add: Callable = over_heads,
    bias: Callable = bias_once,
) -> Array:
    """Return the output of a layer without the removed heads, (B, T, d_model)."""
    factors = choose(removed)
    return bias(add(take(contributions, factors)), b_o, factors)


def left_by_loops(contributions: Array, removed: Array, b_o: Array) -> Array:
    """Return the same, head by head, position by position."""
    B, H, T, _ = contributions.shape
    output = np.tile(b_o, (B, T, 1)).astype(float)
    for b, h, t in np.ndindex(B, H, T):
        if not removed[h]:
            output[b, t] += contributions[b, h, t]
    return output


def draw_left(rng: np.random.Generator, B: int, T: int, d_model: int, *removed: int) -> Inputs:
    """Draw one case."""
    contributions = normal(rng, B, len(removed), T, d_model)
    return {"contributions": contributions, "removed": np.array(removed), "b_o": normal(rng, d_model)}


def left_inputs(rng: np.random.Generator) -> Cases:
    """Draw one head of three removed, more of five, the only one, and sizes that are alike."""
    return {
        "one of three heads": draw_left(rng, 2, 5, 7, 0, 1, 0),
        "three of five heads": draw_left(rng, 3, 2, 6, 1, 0, 0, 1, 1),
        "the only head, at one position": draw_left(rng, 2, 1, 3, 1),
        "all sizes alike": draw_left(rng, 3, 3, 3, 1, 0, 1),
    }


def by_index(removed: Array) -> Array:
    """Return factors in which the numbers 0 and 1 were taken for heads to remove."""
    factors = np.ones(len(removed))
    factors[removed] = 0
    return factors


def kept_by_index(removed: Array) -> Array:
    """Return how often each head is taken by an index of 0s and 1s."""
    return np.bincount(np.arange(len(removed))[removed], minlength=len(removed)).astype(float)


def kept_by_tilde(removed: Array) -> Array:
    """Return how often each head is taken by `~removed`, an index of -1s and -2s."""
    return np.bincount(np.arange(len(removed))[~removed], minlength=len(removed)).astype(float)


def one_removed(last: bool) -> Callable:
    """Return a step that removes only the first, or the last, of several heads."""

    def choose(removed: Array) -> Array:
        factors = np.ones(len(removed))
        factors[np.flatnonzero(removed)[-1 if last else 0]] = 0
        return factors

    return choose


def mean_in_place(contributions: Array, factors: Array) -> Array:
    """Return contributions in which a removed head adds its mean over sequences and positions."""
    means = contributions.mean(axis=(0, 2), keepdims=True)
    return np.where(factors[:, np.newaxis, np.newaxis] == 0, means, contributions)


def along(axis: int) -> Callable:
    """Return a step that applies the factors along another axis, as far as it reaches."""

    def take(contributions: Array, factors: Array) -> Array:
        other = np.ones(contributions.shape[axis])
        count = min(len(other), len(factors))
        other[:count] = factors[:count]
        return np.moveaxis(np.moveaxis(contributions, axis, -1) * other, -1, axis)

    return take


# fmt: off
LEFT_MISTAKES = mistakes(left, OUT,
    ("nothing_removed", {"choose": lambda removed: np.ones(len(removed))},
     "This is the output of all heads: nothing was removed. Was what you changed also what you added up?"),
    ("removed_ones_kept", {"choose": lambda removed: 1.0 - kept_of(removed)},
     "The heads that should go are the only ones left. In `removed` a 1 means take it out."),
    ("numbers_taken_for_heads", {"choose": by_index},
     "The 0s and 1s of `removed` were taken for numbers of heads, so heads 0 and 1 went. Ask `removed == 1`: that picks "
     "by place."),
    ("numbers_taken_for_heads_to_keep", [{"choose": kept_by_index}, {"choose": lambda removed: kept_by_index(1 - removed)}],
     "An index of 0s and 1s, as in `contributions[:, removed]`, picks head 0 and head 1 again and again. Ask `removed == 0`: "
     "that picks by place."),
    ("tilde_on_numbers", {"choose": kept_by_tilde},
     "`~` turns booleans over. The numbers 0 and 1 become -1 and -2, which pick the last two heads. Ask `removed == 0`."),
    ("first_or_last_removed_only", ways_of("choose", one_removed(False), one_removed(True)),
     "Only one of several heads was removed. Every head with a 1 goes."),
    ("along_the_positions", {"take": along(2)},
     "Positions were removed, not heads. `removed` goes along axis 1: (H, 1, 1) lines up with (B, H, T, d_model)."),
    ("along_the_batch", {"take": along(0)},
     "Whole sequences were removed, not heads. The heads are axis 1, `contributions[:, h]`."),
    ("along_the_width", {"take": along(3)},
     "Numbers of d_model were set to 0, not heads: `removed` was laid along the last axis. It goes along axis 1, as "
     "(H, 1, 1)."),
    ("mean_in_their_place", {"take": mean_in_place},
     "A removed head still adds its mean. Others do that on purpose; here it adds nothing."),
    ("heads_not_added_up", {"add": as_it_is},
     "The heads are still apart, (B, H, T, d_model), and each has the bias. The output of the layer is their sum."),
    ("heads_averaged", {"add": partial(np.mean, axis=1)},
     "The heads were averaged. The output is their sum, plus b_o."),
    ("positions_added_up", {"add": partial(np.sum, axis=2)},
     "The sum ran over the positions, axis 2. It runs over the heads, axis=1."),
    ("sequences_added_up", {"add": partial(np.sum, axis=0)},
     "The sum ran over the batch, axis 0. It runs over the heads, axis=1."),
    ("bias_lost", {"bias": lambda total, b_o, factors: total},
     "b_o is missing. It belongs to the layer and to no head, so it stays, whichever heads go."),
    ("bias_for_each_head",
     [{"bias": lambda total, b_o, factors: total + len(factors) * b_o},
      {"bias": lambda total, b_o, factors: total + factors.sum() * b_o}],
     "b_o was added once for each head. The layer has one: add it once, after the sum."),
    ("bias_shared_out", {"bias": lambda total, b_o, factors: total + factors.mean() * b_o},
     "A part of b_o went with the heads. The bias belongs to no head: add it whole."),
    ("made_up_for",
     [{"bias": lambda total, b_o, factors: total * len(factors) / max(factors.sum(), 1) + b_o},
      {"bias": lambda total, b_o, factors: total / max(factors.sum(), 1) + b_o}],
     "The heads that are left were scaled, as Dropout does, or divided by their number. Here they add what they added "
     "before."),
    ("bias_only", {"bias": lambda total, b_o, factors: 0 * total + b_o},
     "Only b_o came out. The heads that stay add their contributions."),
    (standard.ZEROS_RETURNED, {"bias": lambda total, b_o, factors: 0 * total}),
)
# fmt: on
WITHOUT = Check(
    name="without_heads",
    claim="leaves_out_the_removed_heads_alone",
    title="Take heads out",
    function="without_heads",
    inputs=left_inputs,
    reference=left,
    second_route=left_by_loops,
    returns=("output",),
    points={"output": 2},
    read=OUT,
    survives=("three of five heads", "the only head", "all sizes alike"),
    hints=(
        "The output of a layer is the sum of what its heads add, plus `b_o`. Leave some terms of the sum out.",
        "`removed == 0` is True for the heads that stay, and an array of True and False picks by place: "
        "`contributions[:, removed == 0]`.",
        "`contributions[:, removed == 0].sum(axis=1) + b_o`.",
    ),
    misconceptions=LEFT_MISTAKES,
    advice={
        r"truth value of an array": "`if removed` asks one question of all heads. Ask of each: `if removed[h] == 1`.",
        r"boolean index did not match": "Indices count axes from the left, and the heads are axis 1: "
        "`contributions[:, removed == 0]`.",
        r"could not be broadcast|operands could not": "`removed` (H,) has to stand at axis 1: give it two axes of length 1 "
        "behind, (H, 1, 1).",
        r"numpy boolean (subtract|negative)": "NumPy does not subtract booleans. Ask `removed == 0` instead.",
        r"out of bounds": "`removed` says 0 or 1 of each head. It holds no numbers of heads.",
    },
    stale=(*STALE, "kept", "b_o", "output"),
)


# ---------------------------------------------------------------- the residual stream
def running(embedding: Array, contributions: Array) -> Array:
    """Return the sums of the contributions so far, (N, B, T, d_model)."""
    return np.cumsum(contributions, axis=0)


def from_embedding(embedding: Array, sums: Array) -> Array:
    """Return the embedding, and behind it the embedding plus each sum: (N + 1, B, T, d_model)."""
    return np.concatenate([embedding[np.newaxis], embedding + sums])


def residual(
    embedding: Array,
    contributions: Array,
    *,
    add: Callable = running,
    begin: Callable = from_embedding,
    finish: Callable = as_it_is,
) -> Array:
    """Return the stream before the first layer and after each, (N + 1, B, T, d_model)."""
    return finish(begin(embedding, add(embedding, contributions)))


def residual_by_loops(embedding: Array, contributions: Array) -> Array:
    """Return the same, one layer after the other."""
    stream = [embedding]
    for contribution in contributions:
        stream.append(stream[-1] + contribution)
    return np.array(stream)


def residual_inputs(rng: np.random.Generator) -> Cases:
    """Draw three layers, one layer, one position, and sizes that are alike."""

    def draw(N: int, B: int, T: int, d_model: int) -> Inputs:
        return {"embedding": normal(rng, B, T, d_model), "contributions": normal(rng, N, B, T, d_model)}

    return {
        "three layers, two sequences": draw(3, 2, 5, 7),
        "one layer": draw(1, 2, 3, 5),
        "five layers, one position": draw(5, 3, 1, 6),
        "all sizes alike": draw(3, 3, 3, 3),
    }


def doubled(embedding: Array, contributions: Array) -> Array:
    """Return the stream less its beginning, where each layer adds its input twice."""
    stream = [embedding]
    for contribution in contributions:
        stream.append(2 * stream[-1] + contribution)
    return np.array(stream[1:]) - embedding


def embedding_each_time(embedding: Array, contributions: Array) -> Array:
    """Return the sums of contributions with the embedding added to each."""
    return np.cumsum(embedding + contributions, axis=0)


def embedding_instead_of_the_first(embedding: Array, contributions: Array) -> Array:
    """Return the same where the sum begins at 0."""
    return embedding_each_time(embedding, contributions) - embedding


# fmt: off
RESIDUAL_MISTAKES = mistakes(residual, STREAM,
    ("embedding_forgotten",
     [{"begin": lambda e, sums: np.concatenate([0 * e[np.newaxis], sums])}, {"begin": lambda e, sums: sums}],
     "The embedding is not in the sums. The stream begins with it, and every layer adds to what is there."),
    ("embedding_in_front_only", {"begin": lambda e, sums: np.concatenate([e[np.newaxis], sums])},
     "The embedding stands in front, but the sums after it do not contain it. Each entry is the one before plus what a "
     "layer adds."),
    ("embedding_not_listed", {"begin": lambda e, sums: e + sums},
     "The sums are right, but the stream before the first layer is missing: entry 0 is the embedding itself."),
    ("embedding_added_each_time", ways_of("add", embedding_each_time, embedding_instead_of_the_first),
     "The embedding was added again at every layer. It is in the stream already."),
    ("stream_doubled", {"add": doubled},
     "The stream was added to itself at every layer, as `x += x + …` does. Add the contribution alone."),
    ("nothing_runs_on", {"add": lambda e, c: c},
     "Each layer was added to the embedding by itself. The sum runs on: layer 2 adds to what layer 1 has left."),
    ("contributions_listed", {"add": lambda e, c: c - e},
     "These are the contributions as they came. Entry l + 1 is entry l *plus* contribution l."),
    ("one_array_again_and_again", {"finish": lambda s: np.repeat(s[-1:], len(s), axis=0)},
     "All entries are equal: one array was appended again and again, and `+=` changes it in place. Append a new one, "
     "`stream = stream + …`, or a copy."),
    ("last_only", [{"finish": lambda s: s[-1]}, {"finish": lambda s: s[-1:]}],
     "This is the stream behind the last layer. Return it before the first layer and after each, (N + 1, B, T, "
     "d_model)."),
    ("last_layer_missing", {"finish": lambda s: s[:-1]},
     "The stream behind the last layer is missing. N layers make N + 1 entries."),
    ("first_layer_only", {"finish": lambda s: s[:2]},
     "Only the first layer was added. Is `return` inside the loop?"),
    ("along_the_sequences", {"add": lambda e, c: np.cumsum(c, axis=1)},
     "The sum runs over the sequences of the batch. It runs over the layers, axis=0."),
    ("along_the_positions", {"add": lambda e, c: np.cumsum(c, axis=2)},
     "The sum runs over the positions. It runs over the layers, axis=0."),
    ("all_layers_at_once", {"add": lambda e, c: np.repeat(c.sum(axis=0, keepdims=True), len(c), axis=0)},
     "Every entry behind the first has all layers in it. Were they added up before, or is one array appended again and "
     "again, which `+=` changes? Entry l + 1 has the layers up to l."),
    ("layers_backwards", {"add": lambda e, c: np.cumsum(c[::-1], axis=0)},
     "The layers were added from the last to the first. Layer 0 comes first."),
    ("subtracted", {"add": lambda e, c: -np.cumsum(c, axis=0)},
     "The contributions were subtracted. Each layer adds."),
    ("averaged", {"add": lambda e, c: np.cumsum(c, axis=0) / np.arange(1, len(c) + 1).reshape(-1, 1, 1, 1)},
     "The contributions were averaged. The stream is their plain sum."),
    ("layers_on_the_second_axis", {"finish": lambda s: s.swapaxes(0, 1)},
     "The numbers are right, but the sequences come before the layers. Stack on axis 0: (N + 1, B, T, d_model)."),
    ("layers_on_the_last_axis", {"finish": lambda s: np.moveaxis(s, 0, -1)},
     "The numbers are right, but the layers stand last. Stack on axis 0: (N + 1, B, T, d_model)."),
    ("joined_along_the_batch", {"finish": lambda s: s.reshape(-1, *s.shape[2:])},
     "Layers and sequences share one axis: np.concatenate joins along the batch. np.stack, or np.array of a list, makes "
     "a new axis."),
    ("zeros_behind_the_embedding", {"finish": lambda s: one_kept(s, 0)},
     "Only entry 0 was written, the rest is 0. Store every sum."),
    (standard.ZEROS_RETURNED, {"finish": lambda s: 0 * s}),
)
# fmt: on
RESIDUAL = Check(
    name="residual_stream",
    claim="adds_up_what_the_layers_add",
    title="The stream, layer by layer",
    function="residual_stream",
    inputs=residual_inputs,
    reference=residual,
    second_route=residual_by_loops,
    returns=("stream",),
    points={"stream": 2},
    read=STREAM,
    survives=("one layer", "one position", "all sizes alike"),
    hints=(
        "Entry 0 is the embedding. Every other entry is the one before it plus what one layer adds.",
        "A list that begins as `[embedding]`, and `stream.append(stream[-1] + contribution)` for each layer. "
        "`np.array` makes one array of it.",
        "`x += contribution` changes `x` in place, also where it stands in a list already. `x = x + contribution` "
        "makes a new one.",
    ),
    misconceptions=RESIDUAL_MISTAKES,
    advice={
        r"all the input array dimensions|must have same number of dimensions": "embedding has no axis of layers. Give it one, "
        "`embedding[np.newaxis]`, before you join it with the sums.",
        r"could not be broadcast|operands could not": "contributions is (N, B, T, d_model), with the layers first: "
        "`for contribution in contributions`.",
    },
    stale=(*STALE, "embedding", "x"),
)


# ---------------------------------------------------------------- the logit lens
def layer_norm(x: Array, gamma: Array, beta: Array, axis: int = -1) -> Array:
    """Return x with mean 0 and variance 1, times gamma, plus beta."""
    centred = x - x.mean(axis=axis, keepdims=True)
    return centred / np.sqrt((centred**2).mean(axis=axis, keepdims=True) + 1e-6) * gamma + beta


def lens(
    stream: Array,
    gamma: Array,
    beta: Array,
    unembedding: Array,
    *,
    take: Callable = as_it_is,
    norm: Callable = layer_norm,
    matrix: Callable = as_it_is,
    finish: Callable = as_it_is,
) -> Array:
    """Return logits (N + 1, B, T, V) of the stream at every layer."""
    return finish(norm(take(stream), gamma, beta) @ matrix(unembedding))


def lens_by_loops(stream: Array, gamma: Array, beta: Array, unembedding: Array) -> Array:
    """Return the same, vector by vector."""
    logits = np.zeros((*stream.shape[:-1], unembedding.shape[1]))
    for place in np.ndindex(*stream.shape[:-1]):
        x = stream[place]
        mean = sum(x) / len(x)
        deviation = math.sqrt(sum((number - mean) ** 2 for number in x) / len(x) + 1e-6)
        for j, number in enumerate(x):
            logits[place] += ((number - mean) / deviation * gamma[j] + beta[j]) * unembedding[j]
    return logits


def lens_inputs(rng: np.random.Generator) -> Cases:
    """Draw more words than numbers, as many, one position with a large stream, and sizes that are alike."""

    def draw(layers: int, B: int, T: int, d_model: int, V: int, scale: float = 1.0) -> Inputs:
        stream = normal(rng, layers, B, T, d_model, scale=scale, mean=0.7 * scale)
        parameters = {"gamma": normal(rng, d_model, scale=0.4, mean=1), "beta": normal(rng, d_model, scale=0.5)}
        return {"stream": stream, **parameters, "unembedding": normal(rng, d_model, V)}

    return {
        "three entries, two sequences": draw(3, 2, 5, 7, 10),
        "as many words as numbers": draw(2, 3, 2, 5, 5),
        "one position, a large stream": draw(5, 2, 1, 6, 3, scale=20.0),
        "all sizes alike": draw(3, 3, 3, 3, 3),
    }


def each_step(stream: Array) -> Array:
    """Return the embedding, and what each layer adds."""
    return np.concatenate([stream[:1], np.diff(stream, axis=0)])


def last_statistics(x: Array, gamma: Array, beta: Array) -> Array:
    """Return x normalised with mean and variance of the last entry."""
    mean, deviation = x[-1].mean(axis=-1, keepdims=True), x[-1].std(axis=-1, keepdims=True)
    return (x - mean) / deviation * gamma + beta


def over_all(x: Array, gamma: Array, beta: Array) -> Array:
    """Return x normalised with one mean and one variance."""
    return (x - x.mean()) / x.std() * gamma + beta


def norm_of_logits(stream: Array, gamma: Array, beta: Array, unembedding: Array) -> Array:
    """Return logits that were normalised, where gamma and beta fit them."""
    return layer_norm(stream @ unembedding, gamma, beta)


# fmt: off
LENS_MISTAKES = mistakes(lens, LENS,
    ("norm_left_out", {"norm": lambda x, g, b: x},
     "The stream was read without the norm. The unembedding was trained on what the last norm gives, so every entry goes "
     "through it first."),
    ("gain_without_norm", {"norm": lambda x, g, b: x * g + b},
     "gamma and beta were applied, but mean and variance were not: each vector is brought to mean 0 and variance 1 "
     "first."),
    ("norm_without_gain", {"norm": lambda x, g, b: layer_norm(x, 1, 0)},
     "gamma and beta are missing. The norm in front of the unembedding was trained with both."),
    ("gain_lost", {"norm": lambda x, g, b: layer_norm(x, 1, b)}, "gamma is missing, the factor behind the norm."),
    ("offset_lost", {"norm": lambda x, g, b: layer_norm(x, g, 0)}, "beta is missing, the offset behind the norm."),
    ("gain_and_offset_exchanged", {"norm": lambda x, g, b: layer_norm(x, b, g)},
     "gamma and beta have changed places: times gamma, plus beta."),
    ("offset_before_the_gain", {"norm": lambda x, g, b: (layer_norm(x, 1, 0) + b) * g},
     "beta was added before the product with gamma. Times gamma first, then plus beta."),
    ("norm_twice", {"norm": lambda x, g, b: layer_norm(layer_norm(x, g, b), g, b)},
     "The norm was applied twice. Once is enough."),
    ("norm_over_the_positions", {"norm": partial(layer_norm, axis=-2)},
     "The norm ran over the positions. Each vector has a mean and a variance of its own: the last axis."),
    ("norm_over_the_layers", {"norm": partial(layer_norm, axis=0)},
     "The norm ran over the layers. Each vector has a mean and a variance of its own: the last axis."),
    ("norm_over_all", {"norm": over_all},
     "One mean and one variance were taken for all. Each vector has its own: axis=-1, with keepdims."),
    ("statistics_of_the_last_layer", {"norm": last_statistics},
     "Every entry was normalised with the mean and variance of the last. Each takes its own."),
    ("mean_not_subtracted",
     {"norm": lambda x, g, b: x / np.sqrt((x**2).mean(axis=-1, keepdims=True) + 1e-6) * g + b},
     "The mean was not subtracted. That is another norm (RMSNorm), which this model was not trained with."),
    ("variance_for_the_root",
     {"norm": lambda x, g, b: (x - x.mean(axis=-1, keepdims=True)) / (x.var(axis=-1, keepdims=True) + 1e-6) * g + b},
     "The norm divides by the variance. It is the square root of it."),
    ("one_less_in_the_variance",
     {"norm": lambda x, g, b: (x - x.mean(-1, keepdims=True)) / x.std(-1, keepdims=True, ddof=1) * g + b},
     "The variance was divided by d_model - 1. A layer norm divides by d_model; np.var does so by itself."),
    ("norm_behind_the_unembedding", norm_of_logits,
     "The norm came after the unembedding. It comes before: the stream is normalised, then read."),
    ("steps_read", [{"take": each_step}, {"take": partial(np.diff, axis=0)}],
     "You read what each layer *adds*. The lens reads the stream, which has everything before it in it as well."),
    ("last_entry_only", [{"take": lambda s: s[-1]}, {"take": lambda s: s[-1:]}],
     "Only the last entry was read: these are the logits of the whole model. The lens reads every entry."),
    ("first_entry_left_out", {"take": lambda s: s[1:]},
     "Entry 0 is missing. The embedding is read too, before any layer."),
    ("last_entry_left_out", {"take": lambda s: s[:-1]},
     "The last entry is missing. It gives the logits of the whole model."),
    ("summed_once_more", {"take": partial(np.cumsum, axis=0)},
     "The stream was summed once more. Its entries are running sums already."),
    ("last_position_only", {"take": lambda s: s[:, :, -1]},
     "Only the last position was read. Return logits for all, (N + 1, B, T, V)."),
    ("softmax_taken", {"finish": softmax},
     "These are probabilities. The lens gives logits; whoever wants shares takes the softmax later."),
    ("logarithms_taken", {"finish": lambda z: np.log(softmax(z))},
     "These are logarithms of probabilities. Return the logits, as they leave the unembedding."),
    ("largest_taken", {"finish": partial(np.argmax, axis=-1)},
     "These are the numbers of the likeliest words. Return all logits, (N + 1, B, T, V)."),
    ("unembedding_transposed", {"matrix": np.transpose},
     "The unembedding was transposed, which only runs where it is square. It is (d_model, V): x @ unembedding."),
    ("unembedding_left_out", {"matrix": lambda W: np.eye(len(W))},
     "This is the normalised stream. One step is missing: times the unembedding."),
    (standard.ZEROS_RETURNED, {"finish": lambda z: 0 * z}),
)
# fmt: on
LOGIT_LENS = Check(
    name="logit_lens",
    claim="reads_the_stream_as_the_model_would",
    title="The logit lens",
    function="logit_lens",
    inputs=lens_inputs,
    reference=lens,
    second_route=lens_by_loops,
    returns=("logits",),
    points={"logits": 2},
    read=LENS,
    survives=("as many words as numbers", "one position", "all sizes alike"),
    hints=(
        "Do to every entry of the stream what the model does to the last one: the norm, then the unembedding.",
        "The given `layer_norm` works on the last axis of anything, and so does `@ unembedding`: no loop is needed.",
        "`layer_norm(stream, gamma, beta) @ unembedding`.",
    ),
    misconceptions=LENS_MISTAKES,
    advice={
        r"^ValueError: matmul|shapes .* not aligned": "The inner sizes of a product differ. The unembedding is (d_model, V), and "
        "the stream comes from the left.",
        r"missing \d required positional argument": "layer_norm takes three things: what is normalised, gamma and beta.",
    },
    stale=(*STALE, "logits", "gamma", "beta", "unembedding"),
)


# ---------------------------------------------------------------- scores of heads
def looks_back(weights: Array, back: int, first: int) -> Array:
    """Return the weight of each query t from `first` on, on the key t - back: (B, H, T - first)."""
    t = np.arange(first, weights.shape[-2])
    return weights[..., t, t - back]


def by_head(looks: Array) -> Array:
    """Return the mean over sequences and queries: (B, H, n) -> (H,)."""
    return looks.mean(axis=(0, -1))


def over_all_queries(weights: Array, looks: Array) -> Array:
    """Return looks as if those that are missing were 0."""
    return looks * looks.shape[-1] / weights.shape[-1]


# fmt: off
AVERAGES = (
    ("heads_averaged", {"average": np.mean},
     "This is one number for all heads together. Each head has a score of its own: average over sequences and queries "
     "only, (H,)."),
    ("sequences_kept_apart", {"average": lambda x: x.mean(axis=-1)},
     "The sequences are still apart, (B, H). Average over the batch as well."),
    ("first_sequence_alone", {"average": lambda x: x[0].mean(axis=-1)},
     "Only the first sequence was looked at. Average over the whole batch."),
    ("heads_taken_for_sequences", {"average": lambda x: x.mean(axis=(1, -1))},
     "The mean ran over the heads, and the sequences were kept: there are B numbers. The heads are axis 1, and stay."),
    ("added_up", {"average": lambda x: x.sum(axis=(0, -1))},
     "The weights were added up. A score is their mean, between 0 and 1."),
    ("added_up_over_queries", {"average": lambda x: x.sum(axis=-1).mean(axis=0)},
     "The weights of the queries were added up. A score is their mean, between 0 and 1."),
    ("queries_kept_apart", {"average": lambda x: x.mean(axis=0)},
     "The queries are still apart. Average over them as well, so that each head has one number."),
    ("largest_taken", {"average": lambda x: x.max(axis=(0, -1))},
     "This is the largest weight that was found. A score is the mean."),
    ("last_query_alone", {"average": lambda x: x[..., -1].mean(axis=0)},
     "Only the last query was looked at. Average over all of them."),
    (standard.ZEROS_RETURNED, {"average": lambda x: 0 * x.mean(axis=(0, -1))}),
)
# fmt: on


def one_back(weights: Array) -> Array:
    """Return the weight of each query from 1 on, on the key before it."""
    return looks_back(weights, 1, 1)


def previous(
    weights: Array,
    *,
    look: Callable = one_back,
    share: Callable = lambda weights, looks: looks,
    average: Callable = by_head,
) -> Array:
    """Return the mean weight on the key before the query, of each head."""
    return average(share(weights, look(weights)))


def previous_by_einsum(weights: Array) -> Array:
    """Return the same as a sum of weights times a table that has 1 below the diagonal."""
    B, _, T, _ = weights.shape
    return np.einsum("bhqk,qk->h", weights, np.eye(T, k=-1)) / (B * (T - 1))


def previous_inputs(rng: np.random.Generator) -> Cases:
    """Draw weights under a causal mask, without a mask, of one head at three positions, and with sizes all alike."""
    return {
        "a causal mask": {"weights": draw_weights(rng, 2, 3, 7, 7, causal=True)},
        "no mask": {"weights": draw_weights(rng, 3, 2, 5, 5)},
        "one head, three positions": {"weights": draw_weights(rng, 2, 1, 3, 3)},
        "all sizes alike": {"weights": draw_weights(rng, 3, 3, 3, 3)},
    }


def most_weight(weights: Array, back: int, first: int) -> Array:
    """Return 1 where the key t - back has the most weight of query t."""
    T = weights.shape[-1]
    return np.stack([weights[..., t, :].argmax(axis=-1) == t - back for t in range(first, T)], axis=-1) * 1.0


def all_before(weights: Array) -> Array:
    """Return for each query from 1 on the weight of all keys before it together."""
    return np.stack([weights[..., t, :t].sum(axis=-1) for t in range(1, weights.shape[-1])], axis=-1)


# fmt: off
PREVIOUS_MISTAKES = mistakes(previous, BACK,
    ("own_key", ways_of("look", partial(looks_back, back=0, first=0), partial(looks_back, back=0, first=1)),
     "This is the diagonal: how much each position looks at *itself*. The key before query t is t - 1."),
    ("query_and_key_exchanged", {"look": lambda w: looks_back(swap(w), 1, 1)},
     "Queries and keys have changed places: this is the weight on the *next* position, which a causal mask makes 0. Rows "
     "are queries: weights[..., t, t - 1]."),
    ("two_back", {"look": partial(looks_back, back=2, first=2)},
     "This is the weight on the key two places back. It is one: t - 1."),
    ("first_query_wraps", {"look": partial(looks_back, back=1, first=0)},
     "Query 0 has nothing before it, and index -1 is the *last* key. Begin with query 1."),
    ("first_query_looks_at_itself",
     {"look": lambda w: np.concatenate([w[..., :1, 0], looks_back(w, 1, 1)], axis=-1)},
     "Query 0 was counted with the weight on itself. It has nothing before it: begin with query 1."),
    ("first_query_left_out_of_the_sum_only", {"share": over_all_queries},
     "The sum is right, but it was divided by T. Query 0 has nothing before it, so there are T - 1 queries."),
    ("second_query_left_out", {"look": partial(looks_back, back=1, first=2)},
     "Query 1 is missing. It is the first that has something before it."),
    ("last_query_left_out", {"look": lambda w: looks_back(w[..., :-1, :-1], 1, 1)},
     "The last query is missing. Does the range end one early?"),
    ("counted_by_the_largest", {"look": partial(most_weight, back=1, first=1)},
     "You counted how often the key before has the *most* weight. The score is the mean of its weight."),
    ("axes_of_the_diagonal",
     [lambda weights: np.diagonal(weights, offset=-1).mean(axis=-1), lambda weights: np.diagonal(weights, offset=-1).mean(axis=(0, -1))],
     "np.diagonal went along the first two axes, the batch and the heads. Queries and keys are the last two: axis1=-2, axis2=-1."),
    ("all_keys_before", {"look": all_before},
     "The weights on all keys before the query were added. The score looks at the one just before it."),
    *AVERAGES,
)
# fmt: on
PREVIOUS = Check(
    name="previous_token_score",
    claim="is_the_mean_weight_one_place_back",
    title="Which head looks back by one?",
    function="previous_token_score",
    inputs=previous_inputs,
    reference=previous,
    second_route=previous_by_einsum,
    returns=("scores",),
    points={"scores": 2},
    read=BACK,
    survives=("no mask", "one head", "all sizes alike"),
    hints=(
        "Query `t` gives the key before it the weight `weights[b, h, t, t - 1]`. Which query has none before it?",
        "These weights stand on the diagonal below the main one: `np.diagonal(weights, offset=-1, axis1=-2, axis2=-1)` "
        "is `(B, H, T - 1)`.",
        "Average over the batch, axis 0, and over the queries, the last axis: `.mean(axis=(0, -1))`.",
    ),
    misconceptions=PREVIOUS_MISTAKES,
    advice={
        r"out of bounds": "t runs over queries, from 1 to T - 1, and the key is t - 1.",
        r"could not be broadcast|operands could not": "np.diagonal takes the first two axes unless told: axis1=-2, axis2=-1.",
    },
    stale=(*STALE, "period", "score"),
)


def induction(
    weights: Array,
    period: int,
    *,
    back: Callable = lambda period: period - 1,
    first: Callable = lambda period: period,
    until: Callable = lambda weights, period: weights.shape[-1],
    look: Callable = looks_back,
    share: Callable = lambda weights, looks: looks,
    average: Callable = by_head,
) -> Array:
    """Return the mean weight on the key behind the same letter one period ago, of each head."""
    end = until(weights, period)
    return average(share(weights, look(weights[..., :end, :], back(period), first(period))))


def induction_by_einsum(weights: Array, period: int) -> Array:
    """Return the same as a sum of weights times a table of ones."""
    B, _, T, _ = weights.shape
    table = np.eye(T, k=1 - period) * (np.arange(T)[:, np.newaxis] >= period)
    return np.einsum("bhqk,qk->h", weights, table) / (B * (T - period))


def induction_inputs(rng: np.random.Generator) -> Cases:
    """Draw two repetitions, three and a bit, no mask, and two queries only."""

    def draw(B: int, H: int, T: int, period: int, causal: bool = True) -> Inputs:
        return {"weights": draw_weights(rng, B, H, T, T, causal=causal), "period": period}

    return {
        "two repetitions": draw(2, 3, 10, 5),
        "three repetitions and a bit": draw(3, 2, 11, 3),
        "no mask": draw(2, 3, 7, 3, causal=False),
        "one head, and two queries in the second repetition": draw(3, 1, 7, 5),
        "all sizes alike": draw(5, 5, 5, 3, causal=False),
    }


def all_copies(weights: Array, back: int, first: int) -> Array:
    """Return for each query the weight behind all earlier copies of its letter together."""
    period, T = back + 1, weights.shape[-2]
    return np.stack(
        [sum(weights[..., t, t - n + 1] for n in range(period, t + 1, period)) for t in range(first, T)], axis=-1
    )


# fmt: off
INDUCTION_MISTAKES = mistakes(induction, BACK,
    ("same_letter", {"back": lambda p: p},
     "This is the weight on the *same* letter one period ago, t - period. An induction head looks at the one behind it, "
     "t - period + 1: that is the letter which comes next."),
    ("one_further_back", {"back": lambda p: p + 1},
     "This is the weight on the letter *before* the earlier copy, t - period - 1. An induction head looks at the one "
     "behind it, t - period + 1."),
    ("two_behind", {"back": lambda p: p - 2},
     "This is the weight on the second letter behind the earlier copy. It is the first one: t - period + 1."),
    ("previous_place", {"back": lambda p: 1},
     "This is the weight one place back, the score of the task before. An induction head looks at t - period + 1."),
    ("begins_one_early", {"first": lambda p: p - 1},
     "Query period - 1 was counted. Key 0 is there to look at, but its letter has not been said before: the "
     "first copy stands at t = period."),
    ("begins_one_late", {"first": lambda p: p + 1},
     "Query `period` is missing. Its letter is the first that has been said before."),
    ("all_queries_with_wrapped_keys", {"first": lambda p: 0},
     "All queries were counted. In the first repetition t - period + 1 is negative, and a negative index counts from the "
     "end. Begin with t = period."),
    ("divided_by_all_queries", {"share": over_all_queries},
     "The sum is right, but it was divided by T. In the first repetition there is nothing to find: the mean is over T - "
     "period queries."),
    ("second_repetition_only", {"until": lambda w, p: min(2 * p, w.shape[-1])},
     "Only the second repetition was counted. From t = period on every query has an earlier copy: go on to the end."),
    ("last_query_left_out", {"until": lambda w, p: max(w.shape[-1] - 1, p)},
     "The last query is missing. Does the range end one early?"),
    ("all_earlier_copies", {"look": all_copies},
     "The weights behind *all* earlier copies were added. Here the score looks one period back and no further."),
    ("query_and_key_exchanged", {"look": lambda w, back, first: looks_back(swap(w), back, first)},
     "Queries and keys have changed places: these weights look ahead, and a causal mask makes them 0. Rows are queries: "
     "weights[..., t, t - period + 1]."),
    ("counted_by_the_largest", {"look": most_weight},
     "You counted how often that key has the *most* weight. The score is the mean of its weight."),
    *AVERAGES,
)
# fmt: on
INDUCTION = Check(
    name="induction_score",
    claim="is_the_mean_weight_behind_the_earlier_copy",
    title="Which head looks behind the earlier copy?",
    function="induction_score",
    inputs=induction_inputs,
    reference=induction,
    second_route=induction_by_einsum,
    returns=("scores",),
    points={"scores": 3},
    read=BACK,
    survives=("three repetitions and a bit", "no mask", "one head", "all sizes alike"),
    hints=(
        "The letter of query `t` stood at `t - period`, too. Behind it stands the letter that will come next: which key is that?",
        "For query `t` it is the weight `weights[b, h, t, t - period + 1]`. Begin with `t = period`, the first letter "
        "that has been said before.",
        "These weights stand on the diagonal `offset=1 - period` of `np.diagonal`, which begins with query `period - "
        "1`: leave that one out.",
        "`np.diagonal(weights, offset=1 - period, axis1=-2, axis2=-1)[..., 1:].mean(axis=(0, -1))`.",
    ),
    misconceptions=INDUCTION_MISTAKES,
    advice={
        r"out of bounds": "t runs over queries, from period to T - 1, and the key is t - period + 1.",
        r"could not be broadcast|operands could not": "np.diagonal takes the first two axes unless told: axis1=-2, axis2=-1.",
    },
    stale=(*STALE, "period", "score"),
)


# ---------------------------------------------------------------- copying
def gain(
    losses: Array,
    period: int,
    *,
    before: Callable = lambda losses, period: losses[:, : period - 1],
    after: Callable = lambda losses, period: losses[:, period:],
    mean: Callable = np.mean,
    compare: Callable = lambda new, known: new - known,
) -> Array:
    """Return how much smaller the mean loss is once all has been said, as an array of one number."""
    return np.atleast_1d(compare(mean(before(losses, period)), mean(after(losses, period))))


def gain_by_loops(losses: Array, period: int) -> Array:
    """Return the same, prediction by prediction: that at position t is about letter t + 1."""
    new, known = [], []
    for row in losses:
        for t, loss in enumerate(row):
            if t + 1 < period:
                new.append(loss)
            elif t + 1 > period:
                known.append(loss)
    return np.array([sum(new) / len(new) - sum(known) / len(known)])


def gain_inputs(rng: np.random.Generator) -> Cases:
    """Draw losses of two repetitions, of more, of many sequences, and of one prediction on each side."""

    def draw(B: int, length: int, period: int) -> Inputs:
        level = np.where(np.arange(length) < period, 2.5, 0.8)
        return {"losses": np.round(level + rng.uniform(-0.7, 0.9, size=(B, length)), 3), "period": period}

    return {
        "two repetitions": draw(2, 9, 5),
        "three repetitions and a bit": draw(3, 13, 3),
        "more sequences than letters": draw(8, 7, 3),
        "one prediction on each side": draw(3, 3, 2),
    }


def halves(losses: Array, period: int) -> Array:
    """Return the loss of the first half less that of the second."""
    middle = losses.shape[1] // 2
    return np.atleast_1d(losses[:, :middle].mean() - losses[:, middle:].mean())


# fmt: off
GAIN_MISTAKES = mistakes(gain, COPYING,
    ("turn_counted_as_new", {"before": lambda L, p: L[:, :p]},
     "Entry period - 1 was counted on the first side. The letter at `period`, with which the string begins again, is not "
     "new. Leave that prediction out: losses[:, :period - 1]."),
    ("turn_counted_as_known", {"after": lambda L, p: L[:, p - 1 :]},
     "Entry period - 1 was counted on the second side. It is made from the last new letter, which has no earlier copy to "
     "look behind. Begin with entry `period`."),
    ("known_begins_one_late", {"after": lambda L, p: L[:, p + 1 :]},
     "Entry `period` is missing. That prediction is made from the first letter that has been said before."),
    ("new_ends_one_early", {"before": lambda L, p: L[:, : p - 2]},
     "Entry period - 2 is missing on the first side. The first repetition has period - 1 predictions."),
    ("first_prediction_left_out", {"before": lambda L, p: L[:, 1 : p - 1]},
     "Entry 0 is missing. It is the prediction of letter 1, which is as new as the others."),
    ("second_repetition_only", {"after": lambda L, p: L[:, p : 2 * p - 1]},
     "Only the second repetition was counted. All that comes after it has been said as well: losses[:, period:]."),
    ("last_prediction_left_out", {"after": lambda L, p: L[:, p:-1]},
     "The last prediction is missing. A slice to the end has nothing behind its colon."),
    ("cut_in_the_middle", halves,
     "The losses were cut in the middle. The cut is at `period`, which need not be there."),
    ("sequences_cut", {"before": lambda L, p: L[: p - 1], "after": lambda L, p: L[p:]},
     "The batch was cut, not the positions: `losses[:period]` are the first sequences. Positions are the second axis."),
    ("sign_turned", {"compare": lambda new, known: known - new},
     "The sign is turned. A gain is positive where the loss gets smaller: first the new, less the known."),
    ("ratio_returned", {"compare": lambda new, known: new / known},
     "You divided one loss by the other. The gain is their difference."),
    ("ratio_turned_returned", {"compare": lambda new, known: known / new},
     "You divided one loss by the other. The gain is their difference."),
    ("share_returned", {"compare": lambda new, known: (new - known) / new},
     "The gain was divided by the first loss. It is the plain difference, in nats."),
    ("new_only", {"compare": lambda new, known: new},
     "This is the mean loss of the first repetition. What is the loss later? Subtract it."),
    ("known_only", {"compare": lambda new, known: known},
     "This is the mean loss of what has been said before. The gain is the loss of the first repetition less this."),
    ("losses_added_up", {"mean": np.sum},
     "The losses were added up, so more of them count for more. Take means on both sides."),
    ("sequences_kept_apart", {"mean": lambda x: np.mean(x, axis=1)},
     "There is one gain for each sequence. Average over the batch as well: one number."),
    ("positions_kept_apart", {"mean": lambda x: np.mean(x, axis=0)[:1]},
     "Only the batch was averaged. Average over the positions of each side as well: one number."),
    ("median_taken", {"mean": np.median},
     "The median was taken on each side. The gain is made of means."),
    ("probabilities_compared", {"mean": lambda x: np.mean(np.exp(-x))},
     "The losses were turned into probabilities first. Compare the losses, as they are."),
    ("perplexities_compared", {"mean": lambda x: np.exp(np.mean(x))},
     "Perplexities were compared, e to the power of the means. Compare the means themselves."),
    ("ends_compared", {"before": lambda L, p: L[:, :1], "after": lambda L, p: L[:, -1:]},
     "The first prediction was compared with the last. Take the mean of all on each side."),
    (standard.ZEROS_RETURNED, {"compare": lambda new, known: 0 * new}),
)
# fmt: on
GAIN = Check(
    name="in_context_gain",
    claim="compares_what_was_said_with_what_is_new",
    title="What a repetition is worth",
    function="in_context_gain",
    inputs=gain_inputs,
    reference=gain,
    second_route=gain_by_loops,
    returns=("gain",),
    points={"gain": 2},
    read=COPYING,
    survives=("three repetitions and a bit", "more sequences than letters", "one prediction on each side"),
    hints=(
        "Entry `t` is the prediction of letter `t + 1`. Which entries are about letters of the first repetition, other than letter 0?",
        "Entry `period - 1` is about a letter that has been said, made from one that has not: it counts on neither side.",
        "`losses[:, :period - 1].mean() - losses[:, period:].mean()`.",
    ),
    misconceptions=GAIN_MISTAKES,
    advice={r"out of bounds": "Positions are the second axis of losses: `losses[:, t]`."},
    stale=(*STALE, "period", "gain"),
)


# ---------------------------------------------------------------- find the bug
def loss_of(logits: Array, wanted: Array) -> Array:
    """Return minus the log of the probability of each wanted word, (B, T)."""
    return -np.log(np.take_along_axis(softmax(logits), wanted[..., np.newaxis], axis=-1)[..., 0])


def one_alone(contributions: Array, h: int) -> Array:
    """Return contributions with head h set to 0."""
    kept = contributions.copy()
    kept[:, h] = 0
    return kept


def damage(
    contributions: Array,
    rest: Array,
    unembedding: Array,
    wanted: Array,
    *,
    remove: Callable = one_alone,
    add: Callable = over_heads,
    mean: Callable = np.mean,
    compare: Callable = lambda without, whole: without - whole,
) -> Array:
    """Return by how much the mean loss grows when each head alone is taken out, (H,)."""

    def loss(kept: Array) -> float:
        return mean(loss_of((rest + add(kept)) @ unembedding, wanted))

    heads = range(contributions.shape[1])
    return compare(np.array([loss(remove(contributions, h)) for h in heads]), loss(contributions))


def damage_by_subtraction(contributions: Array, rest: Array, unembedding: Array, wanted: Array) -> Array:
    """Return the same: the logits of all heads, less those of one, position by position."""
    B, H, T, _ = contributions.shape
    logits = np.einsum("btm,mv->btv", rest + contributions.sum(axis=1), unembedding)
    found = np.zeros(H)
    for h, b, t in np.ndindex(H, B, T):
        less = logits[b, t] - contributions[b, h, t] @ unembedding
        exps, exps_less = np.exp(logits[b, t]), np.exp(less)
        right = wanted[b, t]
        found[h] += math.log(exps[right] / exps.sum()) - math.log(exps_less[right] / exps_less.sum())
    return found / (B * T)


def damage_inputs(rng: np.random.Generator) -> Cases:
    """Draw three heads, five, one, and sizes that are alike."""

    def draw(B: int, H: int, T: int, d_model: int, V: int) -> Inputs:
        wanted = rng.permuted(np.arange(B * T) % V).reshape(B, T)
        return {
            "contributions": normal(rng, B, H, T, d_model, scale=0.7),
            "rest": normal(rng, B, T, d_model, scale=0.7),
            "unembedding": normal(rng, d_model, V, scale=0.8),
            "wanted": wanted,
        }

    return {
        "three heads": draw(2, 3, 5, 7, 6),
        "five heads": draw(3, 5, 2, 6, 9),
        "one head": draw(2, 1, 3, 5, 7),
        "all sizes alike": draw(3, 3, 3, 3, 3),
    }


def piled_up(contributions: Array, h: int) -> Array:
    """Return contributions with all heads up to h set to 0."""
    kept = contributions.copy()
    kept[:, : h + 1] = 0
    return kept


def all_others(contributions: Array, h: int) -> Array:
    """Return contributions with all heads but h set to 0."""
    return one_kept(contributions, h, axis=1)


def mean_left(contributions: Array, h: int) -> Array:
    """Return contributions in which head h adds its mean over sequences and positions."""
    kept = contributions.copy()
    kept[:, h] = contributions[:, h].mean(axis=(0, 1))
    return kept


def zero_at(axis: int) -> Callable:
    """Return a step that sets entry h of another axis to 0; beyond its end NumPy stops."""

    def remove(contributions: Array, h: int) -> Array:
        kept = np.moveaxis(contributions.copy(), axis, 0)
        kept[h] = 0
        return np.moveaxis(kept, 0, axis)

    return remove


def steps_of(without: Array, whole: float) -> Array:
    """Return how much each loss has grown since the one before."""
    return np.diff(np.concatenate([[whole], without]))


# fmt: off
DAMAGE_MISTAKES = mistakes(damage, OUT,
    ("still_piled_up", {"remove": piled_up},
     "The removals still pile up: when head 2 goes, heads 0 and 1 are gone already. Begin with a fresh copy for each "
     "head, inside the loop."),
    ("differences_of_piled_up", partial(damage, remove=piled_up, compare=steps_of),
     "Each loss was compared with the one before, so head 2 is judged with heads 0 and 1 gone. Take each head out of the "
     "whole layer: a fresh copy inside the loop."),
    ("all_others_removed", {"remove": all_others},
     "All heads but one were taken out. Take out one, and leave the others in."),
    ("first_head_each_time", {"remove": lambda c, h: one_alone(c, 0)},
     "Head 0 was taken out each time. The number of the loop says which goes."),
    ("nothing_removed", {"remove": lambda c, h: c},
     "Nothing was taken out, so nothing grows. Was the copy that you changed the one whose loss you took?"),
    ("doubled_for_removed", {"remove": lambda c, h: 2 * c - one_alone(c, h)},
     "The head was added once more instead of taken out. Its contribution becomes 0."),
    ("mean_in_its_place", {"remove": mean_left},
     "The mean of the head was left in its place. That is another experiment; here it becomes 0."),
    ("positions_removed", {"remove": zero_at(2)},
     "Positions were set to 0, not heads. The heads are axis 1: kept[:, h]."),
    ("sequences_removed", {"remove": zero_at(0)},
     "Whole sequences were set to 0, not heads. The heads are axis 1: kept[:, h]."),
    ("width_removed", {"remove": zero_at(3)},
     "One of the d_model numbers was set to 0, not a head. The heads are axis 1: kept[:, h]."),
    ("heads_averaged", {"add": partial(np.mean, axis=1)},
     "The heads were averaged before they joined the rest. They are added up."),
    ("sign_turned", {"compare": lambda without, whole: whole - without},
     "The sign is turned. The damage is the loss without the head less that of the whole layer."),
    ("losses_returned", {"compare": lambda without, whole: without},
     "These are the losses without each head. By how much do they grow? Subtract that of the whole layer."),
    ("ratios_returned", {"compare": lambda without, whole: without / whole},
     "The losses were divided. By how much they grow is a difference."),
    ("absolute_values", {"compare": lambda without, whole: np.abs(without - whole)},
     "The sign was lost. A head may do harm: without it the loss gets smaller, and its damage is negative."),
    ("added_up_over_positions", {"mean": np.sum},
     "The losses were added up. Take their mean over sequences and positions."),
    ("first_sequence_alone", {"mean": lambda losses: losses[0].mean()},
     "Only the first sequence was looked at. Take the mean over the whole batch."),
    ("last_position_alone", {"mean": lambda losses: losses[:, -1].mean()},
     "Only the last position was looked at. Take the mean over all of them."),
    ("one_number_for_all", {"compare": lambda without, whole: np.asarray((without - whole).mean())},
     "This is one number for all heads. Return one for each, (H,)."),
)
# fmt: on
DAMAGE = Check(
    name="find_the_bug",
    claim="takes_out_one_head_at_a_time",
    title="Find the bug: the last head looks worst",
    function="mended_damage",
    inputs=damage_inputs,
    reference=damage,
    second_route=damage_by_subtraction,
    returns=("damage",),
    points={"damage": 2},
    read=OUT,
    survives=("one head", "all sizes alike"),
    hints=(
        "Follow the loop by hand for two heads. What is in `kept` when the second head's turn comes?",
        "Every head has to be taken out of the *whole* layer. When is the copy made?",
        "Put `kept = contributions.copy()` inside the loop, before the line that sets a head to 0.",
    ),
    misconceptions=DAMAGE_MISTAKES,
    advice={
        r"out of bounds": "The heads are axis 1: `contributions.shape[1]` says how many there are, `kept[:, h]` is one of them.",
    },
    stale=(*STALE, "kept", "damage", "whole"),
)


KEY = AnswerKey(
    chapter="11_looking_inside",
    checks=(ENTROPY, HEAD_OUTPUTS, WITHOUT, RESIDUAL, LOGIT_LENS, PREVIOUS, INDUCTION, GAIN, DAMAGE),
)
