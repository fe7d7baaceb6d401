"""Answer key of chapter 10: what attention costs.

The counts are formulas whose factors can be exchanged one at a time. Attention in blocks is one function whose steps
can be exchanged, the update of maximum, sum and output among them, so that a mistake in the update is known wherever
the update is used. The second routes never work in blocks: they go score by score over whole rows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from autograder.course import standard_mistakes as standard
from autograder.course.answer_key import AnswerKey, Check, Same, SumsToOne
from autograder.course.drawing import Array, Cases, Inputs, eighths, normal
from autograder.course.rows import mistakes, shared_rows, ways_of
from autograder.course.steps import any_mask, as_it_is, minus_infinity, query_key, replaced, swap, weighted_sum

# Sections of the chapter's page.
COUNT = "Count before you measure"
RUNNING = "A softmax that never sees the whole row"
NOTHING = "When nothing has been seen"
BLOCKS = "Attention in blocks"
FASTER = "Why blocks are faster although they compute more"
SHARED = "Heads that share"
WINDOW = "A window"
CACHE = "The size of the cache"
WRONG = "What goes wrong"

BITS = "That is the number of bits: eight times too large. A float32 has 4 bytes, and bytes were asked for."


def number(value: float) -> Array:
    """Return a number as an array of one entry."""
    return np.array([float(value)])


# ---------------------------------------------------------------- what one layer costs
def cost(
    B: int,
    T: int,
    d_model: int,
    num_heads: int,
    bytes_per_number: int,
    *,
    each: int = 2,
    matrices: int = 4,
    matrix: Callable = lambda d, H: d * d,
    products: int = 2,
    pairs: Callable = lambda T: T * T,
    width: Callable = lambda d, H: d,
    tables: Callable = lambda d, H: H,
    entries: Callable = lambda T: T * T,
    size: Callable = as_it_is,
    batch: Callable = as_it_is,
    order: tuple[int, int, int] = (0, 1, 2),
) -> tuple[Array, ...]:
    """Return the operations of the projections, those of scores and mixing, and the bytes of the weights."""
    d, H, sentences = d_model, num_heads, batch(B)
    projections = each * matrices * sentences * T * matrix(d, H)
    attention = each * products * sentences * pairs(T) * width(d, H)
    weight_bytes = sentences * tables(d, H) * entries(T) * size(bytes_per_number)
    found = [number(part) for part in (projections, attention, weight_bytes)]
    return tuple(found[n] for n in order)


def cost_by_arrays(B: int, T: int, d_model: int, num_heads: int, bytes_per_number: int) -> tuple[Array, ...]:
    """Return the same, counted on arrays: a product of (n, k) and (k, m) has n * m entries, each a sum of k products."""
    x, W = np.zeros((B * T, d_model)), np.zeros((d_model, d_model))
    q = np.zeros((B, num_heads, T, d_model // num_heads))
    projection = sum(2 * x.shape[1] * (x @ W).size for _ in ("query", "key", "value", "output"))
    weights = q @ q.swapaxes(-1, -2)
    attention = 2 * q.shape[-1] * weights.size + 2 * weights.shape[-1] * (weights @ q).size
    kind = {2: np.float16, 4: np.float32, 8: np.float64}[bytes_per_number]
    return number(projection), number(attention), number(weights.astype(kind).nbytes)


def bytes_of_the_matrices(B: int, T: int, d_model: int, num_heads: int, bytes_per_number: int) -> tuple[Array, ...]:
    """Return the same, but the bytes of W_q, W_k, W_v and W_o for those of the weights."""
    projections, attention, _ = cost(B, T, d_model, num_heads, bytes_per_number)
    return projections, attention, number(4 * d_model * d_model * bytes_per_number)


def cost_inputs(rng: np.random.Generator) -> Cases:
    """Draw three sets of sizes."""

    def case(B: int, H: int, d_k: int, bytes_per_number: int) -> Inputs:
        sizes = {"B": B, "T": int(rng.integers(9, 20)), "d_model": H * d_k, "num_heads": H}
        return sizes | {"bytes_per_number": bytes_per_number}

    return {
        "three sentences, five heads": case(3, 5, int(rng.integers(6, 9)), 4),
        "half precision": case(int(rng.integers(5, 8)), 3, 7, 2),
        "one sentence, one head": case(1, 1, int(rng.integers(21, 30)), 8),
    }


# fmt: off
COST_MISTAKES = mistakes(cost, COUNT,
    ("additions_forgotten", {"each": 1},
     "Only multiplications were counted. Here a multiplication and the addition that belongs to it are two operations."),
    ("output_projection_forgotten", {"matrices": 3},
     "Three projections were counted. The fourth, W_o, stands behind the heads."),
    ("one_projection", {"matrices": 1}, "One projection was counted. There are four: W_q, W_k, W_v and W_o."),
    ("projected_once_for_each_head", {"matrix": lambda d, H: H * d * d},
     "The projections were multiplied by the number of heads. The heads share the d_model columns of one matrix."),
    ("projection_of_one_head", {"matrix": lambda d, H: d * (d // H)},
     "The projections were counted for a single head, d_model to d_k. All heads together go from d_model to d_model."),
    ("matrix_counted_as_a_vector", {"matrix": lambda d, H: d},
     "A projection multiplies each position by a matrix of d_model * d_model numbers, not by d_model numbers."),
    ("mixing_forgotten", {"products": 1},
     "That is half of it. The weighted sum of the values takes as many operations as the scores. (A causal mask halves "
     "nothing: plain attention computes all pairs.)"),
    ("linear_in_the_length", {"pairs": lambda T: T},
     "The scores were counted once for each position. There is one for each *pair* of positions, T * T."),
    ("half_of_the_pairs", [{"pairs": lambda T: T * (T + 1) // 2}, {"pairs": lambda T: T * (T - 1) // 2}],
     "About half of the pairs were counted, as if a causal mask saved the others. Plain attention computes all T * T of them."),
    ("scores_once_more_for_each_head", {"width": lambda d, H: H * d},
     "Scores and mixing were multiplied by the number of heads, with d_model each. H heads of d_k numbers are d_model."),
    ("scores_of_one_head", {"width": lambda d, H: d // H},
     "Scores and mixing were counted for one head of d_k numbers. There are H heads, together d_model."),
    ("weights_of_one_head", {"tables": lambda d, H: 1},
     "The weights of one head were counted. Each head has a table of its own, T by T."),
    ("matrices_for_weights", bytes_of_the_matrices,
     "These are the bytes of the four matrices. Meant are the attention weights: a table T by T for each head of each sentence."),
    ("weights_for_each_number", [{"tables": lambda d, H: d}, {"tables": lambda d, H: d // H}],
     "The weights were multiplied by a width. A head has *one* weight for each pair of positions, whatever d_k is."),
    ("weights_linear_in_the_length", {"entries": lambda T: T},
     "A table of weights has a row for each query and a column for each key: T * T numbers."),
    ("numbers_for_bytes", {"size": lambda size: 1},
     "That is how many weights there are, not how many bytes: multiply by bytes_per_number."),
    ("bits_for_bytes", {"size": lambda size: 8 * size}, BITS),
    ("batch_forgotten", {"batch": lambda B: 1}, "One sentence was counted. The layer gets B of them."),
    (standard.RETURNED_BACKWARDS(order="projections, attention, weight_bytes"),
     [{"order": order} for order in ((1, 0, 2), (2, 1, 0), (0, 2, 1), (2, 0, 1))]),
)
# fmt: on
ATTENTION_COST = Check(
    name="attention_cost",
    claim="counts_operations_and_bytes",
    title="Count a layer",
    function="attention_cost",
    inputs=cost_inputs,
    reference=cost,
    second_route=cost_by_arrays,
    returns=("projections", "attention", "weight_bytes"),
    points={"projections": 1, "attention": 1, "weight_bytes": 1},
    read=COUNT,
    rtol=0.0,
    atol=1e-3,
    survives=("one sentence with one head",),
    hints=(
        "A product of `(n, k)` and `(k, m)` has `n * m` entries, and each of them takes `k` multiplications and `k` "
        "additions: `2 * n * k * m` operations.",
        "A projection is `(B * T, d_model)` times `(d_model, d_model)`, and there are four. The scores of one head are "
        "`(T, d_k)` times `(d_k, T)`; the mixing is `(T, T)` times `(T, d_k)`.",
        "Scores and mixing together: `2 * 2 * B * num_heads * T * T * d_k`, with `num_heads * d_k = d_model`. The "
        "weights are `B * num_heads * T * T` numbers.",
    ),
    misconceptions=COST_MISTAKES,
    advice={
        r"^(projections|attention|weight_bytes)\[": "Write down the shapes of the product, and count 2 * n * k * m for (n, k) times (k, m).",
    },
    stale=("projections", "attention", "weights", "weight_bytes", "d_k"),
)


# ---------------------------------------------------------------- maximum, sum and output, one block further
def finite(highest: Array) -> Array:
    """Return maxima with 0 in the place of -inf, so that nothing is taken from -inf."""
    return np.where(np.isneginf(highest), 0.0, highest)


def largest_yet(maximum: Array, scores: Array) -> Array:
    """Return the largest score so far of each query."""
    return np.maximum(maximum, scores.max(axis=-1, keepdims=True))


def shrunk(old: Array, new: Array) -> Array:
    """Return what exponentials less an old maximum are multiplied by, to be less a new one."""
    return np.exp(old - finite(new))


def one(old: Array, new: Array) -> Array:
    """Return 1 for each query: nothing is rescaled."""
    return np.ones_like(new)


def nothing(old: Array, new: Array) -> Array:
    """Return 0 for each query: what came before is dropped."""
    return np.zeros_like(new)


def grown(old: Array, new: Array) -> Array:
    """Return the factor turned over."""
    return np.exp(finite(new) - old)


def exponent_alone(old: Array, new: Array) -> Array:
    """Return the difference of the maxima, whose exponential was forgotten."""
    return old - finite(new)


def less_the_maximum(scores: Array, new: Array, old: Array) -> Array:
    """Return the exponentials of a block."""
    return np.exp(scores - finite(new))


def less_the_old(scores: Array, new: Array, old: Array) -> Array:
    """Return the exponentials of a block, taken less the maximum before it."""
    return np.exp(scores - finite(old))


def less_its_own(scores: Array, new: Array, old: Array) -> Array:
    """Return the exponentials of a block, taken less its own maximum."""
    return np.exp(scores - finite(scores.max(axis=-1, keepdims=True)))


def less_nothing(scores: Array, new: Array, old: Array) -> Array:
    """Return the exponentials of a block as they are."""
    return np.exp(scores)


def block_softmax(scores: Array, new: Array, old: Array) -> Array:
    """Return the softmax of a block by itself; a row that is hidden gets zeros."""
    exps = less_its_own(scores, new, old)
    total = exps.sum(axis=-1, keepdims=True)
    return exps / np.where(total == 0, 1, total)


def three(maximum: Array, total: Array, weighted: Array) -> tuple[Array, Array, Array]:
    """Return all three."""
    return maximum, total, weighted


def update(
    maximum: Array,
    total: Array,
    weighted: Array,
    scores: Array,
    value: Array,
    *,
    largest: Callable = largest_yet,
    exponentials: Callable = less_the_maximum,
    keep: Callable = shrunk,
    keep_total: Callable | None = None,
    keep_weighted: Callable | None = None,
    add: Callable = lambda exps: exps.sum(axis=-1, keepdims=True),
    mix: Callable = weighted_sum,
    finish: Callable = three,
) -> tuple[Array, Array, Array]:
    """Return maximum (..., T_q, 1), total (..., T_q, 1) and weighted (..., T_q, d_v) after one more block."""
    new = largest(maximum, scores)
    exps = exponentials(scores, new, maximum)
    factors = (keep_total or keep)(maximum, new), (keep_weighted or keep)(maximum, new)
    return finish(new, factors[0] * total + add(exps), factors[1] * weighted + mix(exps, value))


def update_by_rows(maximum: Array, total: Array, weighted: Array, scores: Array, value: Array) -> tuple[Array, ...]:
    """Return the same query by query, with Python's numbers, and a case of its own for what is hidden."""
    highest, sums, mixed = maximum.copy(), np.zeros_like(total), np.zeros_like(weighted)
    for place in np.ndindex(maximum.shape[:-1]):
        row = {j: float(score) for j, score in enumerate(scores[place]) if score > -np.inf}
        before = float(maximum[place][0])
        seen = [*row.values(), *([before] if before > -np.inf else [])]
        if not seen:
            continue
        highest[place] = top = max(seen)
        share = math.exp(before - top) if before > -np.inf else 0.0
        sums[place] = share * float(total[place][0]) + sum(math.exp(score - top) for score in row.values())
        mixed[place] = share * weighted[place]
        for j, score in row.items():
            mixed[place] += math.exp(score - top) * value[(*place[:-1], j)]
    return highest, sums, mixed


def hide(scores: Array, *places: tuple) -> Array:
    """Return scores with -inf at these places."""
    scores = scores.copy()
    for place in places:
        scores[place] = -np.inf
    return scores


def state(rng: np.random.Generator, *shape: int, d_v: int, unseen: tuple[tuple, ...] = ()) -> Inputs:
    """Draw what was kept so far: -inf, 0 and zeros for queries that have seen nothing."""
    maximum, total = normal(rng, *shape, 1), 1 + np.abs(normal(rng, *shape, 1))
    weighted = normal(rng, *shape, d_v, scale=2.0)
    for place in unseen:
        maximum[place], total[place], weighted[place] = -np.inf, 0.0, 0.0
    return {"maximum": maximum, "total": total.round(3), "weighted": weighted}


def update_inputs(rng: np.random.Generator) -> Cases:
    """Draw an ordinary block, one for queries that have seen nothing, one that is hidden for some, and large scores.

    In the first case the old maximum is the larger one for some queries, and the new one for others.
    """
    first = state(rng, 2, 3, d_v=6)
    scores = normal(rng, 2, 3, 5)
    first["maximum"] = np.round(scores.max(axis=-1, keepdims=True) + np.array([1.3, -1.1, -2.2])[:, np.newaxis], 3)
    second = state(rng, 3, d_v=2, unseen=((0,), (2,)))
    hidden = hide(normal(rng, 2, 3, 5), (0, 1), (1, 0), (1, 2, 3))
    third = state(rng, 2, 3, d_v=2, unseen=((1, 0),))
    fourth = state(rng, 2, 5, d_v=3)
    fourth["maximum"] = 1500.0 + 3 * eighths(rng, 2, 5, 1)  # eighths: float32 holds them exactly near 1000, too
    return {
        "two sentences": first | {"scores": scores, "value": normal(rng, 2, 5, 6)},
        "queries that have seen nothing yet": second | {"scores": normal(rng, 3, 5), "value": normal(rng, 5, 2)},
        "queries to which the block is hidden": third | {"scores": hidden, "value": normal(rng, 2, 5, 2)},
        "scores beyond 1000": fourth | {"scores": 1501.0 + eighths(rng, 2, 5, 2), "value": normal(rng, 2, 2, 3)},
    }


def divided(maximum: Array, total: Array, weighted: Array) -> tuple[Array, Array, Array]:
    """Return the output divided by the sum already; zeros where there is nothing to divide."""
    return maximum, total, weighted / np.where(total == 0, 1, total)


def divided_without_care(maximum: Array, total: Array, weighted: Array) -> tuple[Array, Array, Array]:
    """Return the output divided by the sum already; NaN where there is nothing to divide."""
    return maximum, total, weighted / total


def block_rescaled_too(
    maximum: Array, total: Array, weighted: Array, scores: Array, value: Array
) -> tuple[Array, Array, Array]:
    """Return an update in which the new block is multiplied by the factor as well."""
    new, sums, mixed = update(maximum, total, weighted, scores, value, keep=one)
    return new, shrunk(maximum, new) * sums, shrunk(maximum, new) * mixed


WITHOUT_CARE = {  # steps that take -inf from -inf where nothing was seen: NaN comes out
    "exponentials": lambda scores, new, old: np.exp(scores - new),
    "keep": lambda old, new: np.exp(old - new),
}


# Rows that also hold for whole attention in blocks, where only the output is seen in the end.
UPDATE_ROWS = shared_rows(RUNNING,
    ("nothing_rescaled", {"keep": one},
     "What was summed before was not rescaled. It was taken less the *old* maximum: multiply total and weighted by "
     "exp(old maximum - new maximum)."),
    ("total_not_rescaled", {"keep_total": one},
     "The old sum was not rescaled. Its exponentials were taken less the old maximum: multiply it by exp(old maximum - "
     "new maximum), like the output."),
    ("output_not_rescaled", {"keep_weighted": one},
     "The old output was not rescaled. It was summed less the old maximum, like the sum: multiply it by exp(old "
     "maximum - new maximum), too."),
    ("what_came_before_dropped", [{"keep": nothing}, {"keep_weighted": nothing}],
     "What came before is lost: it was multiplied by 0, or the new block took its place. Multiply the old sums by exp(old maximum "
     "- new maximum), and add; the old maximum is that of all blocks so far."),
)  # fmt: skip

# fmt: off
UPDATE_MISTAKES = mistakes(update, RUNNING,
    *UPDATE_ROWS,
    ("old_sum_dropped", {"keep_total": nothing},
     "The old sum is lost: the block's took its place. Multiply it by its factor, and add the block's."),
    ("rescaled_the_wrong_way", [{"keep": grown}, {"keep": lambda old, new: np.where(np.isneginf(old), 0.0, grown(old, new))}],
     "The factor is turned over: exp(new maximum - old maximum). What is old becomes smaller when the maximum grows: "
     "exp(old maximum - new maximum)."),
    ("factor_without_exponential", {"keep": exponent_alone},
     "The old sums were multiplied by the difference of the maxima. The factor is its exponential."),
    ("maximum_not_updated", {"largest": lambda maximum, scores: maximum},
     "The maximum stayed the old one. A larger score may come with any block, and its exponential may overflow: take "
     "the larger of both."),
    ("maximum_of_the_block_alone", {"largest": lambda maximum, scores: scores.max(axis=-1, keepdims=True)},
     "The maximum is that of the new block alone. A larger score may have come before: take the larger of both."),
    ("one_maximum_for_all_queries",
     [{"largest": lambda maximum, scores: np.maximum(maximum, scores.max())},
      {"largest": lambda maximum, scores: np.full_like(maximum, max(maximum.max(), scores.max()))}],
     "The maximum was taken over the scores of all queries together. Each query has its own: axis=-1."),
    ("block_less_its_own_maximum",
     [{"exponentials": less_its_own},
      {"exponentials": lambda scores, new, old: np.exp(scores - scores.max(axis=-1, keepdims=True))}],
     "The exponentials of the block were taken less the block's own maximum. Old and new can only be added when both are "
     "less the same number: the new maximum."),
    ("block_less_the_old_maximum", {"exponentials": less_the_old},
     "The exponentials of the block were taken less the old maximum. They are taken less the new one, like all that "
     "comes after them."),
    ("maximum_not_subtracted", {"exponentials": less_nothing},
     "The exponentials of the block were taken of the scores as they are. Subtract the new maximum first."),
    ("softmax_of_the_block", {"exponentials": block_softmax},
     "The block went through a softmax of its own, so it was divided by its own sum. Add the exponentials; the division "
     "comes once, after the last block."),
    ("divided_already",
     [{"finish": divided}, {"finish": divided_without_care}],
     "The output was divided by the sum already. Later blocks change the sum: leave weighted as it is, and divide once, "
     "after the last block."),
    ("block_rescaled_too", block_rescaled_too,
     "The new block was multiplied by the factor as well. It is less the new maximum already: rescale what is old, then "
     "add."),
    ("nan_where_nothing_was_seen", WITHOUT_CARE,
     "Right, but for a query that has seen nothing: its maximum is -inf, and -inf - (-inf) is NaN. Subtract 0 there "
     "instead.", NOTHING),
    ("infinity_replaced_in_the_result", {"finish": lambda m, t, w: (finite(m), t, w)},
     "Right, but for a query that has seen nothing: its maximum must stay -inf. A 0 there would count as a score.",
     NOTHING),
    ("one_sum_for_all_queries", {"add": lambda exps: exps.sum()},
     "The exponentials of all queries were added into one sum. Each query has its own: axis=-1, keepdims=True."),
    ("keys_counted", {"add": lambda exps: (exps > 0).sum(axis=-1, keepdims=True)},
     "The keys were counted. What is added to the sum are their exponentials."),
    ("values_not_weighed",
     {"mix": lambda exps, value: np.broadcast_to(value.sum(axis=-2, keepdims=True), (*exps.shape[:-1], value.shape[-1]))},
     "The values were added up without weights. Each counts as often as its exponential says: exps @ value."),
    (standard.RETURNED_BACKWARDS(order="maximum, total, weighted"),
     [{"finish": lambda m, t, w: (m, w, t)}, {"finish": lambda m, t, w: (t, m, w)},
      {"finish": lambda m, t, w: (w, t, m)}]),
    (standard.INPUT_RETURNED(it="the old state"),
     lambda maximum, total, weighted, scores, value: (maximum, total, weighted)),
)
# fmt: on
RUNNING_SOFTMAX = Check(
    name="running_softmax",
    claim="keeps_maximum_sum_and_output_block_by_block",
    title="One block further",
    function="running_softmax",
    inputs=update_inputs,
    reference=update,
    second_route=update_by_rows,
    returns=("maximum", "total", "weighted"),
    points={"maximum": 1, "total": 1, "weighted": 1},
    read=RUNNING,
    survives=("queries that have seen nothing yet", "a hidden block", "scores beyond 1000"),
    hints=(
        "First the new maximum: the larger one of the old and of the block's. Then everything is taken less this new "
        "maximum, the exponentials of the block and the old sums too.",
        "The old sums were taken less the old maximum. Multiplied by `exp(old maximum - new maximum)` they are less "
        "the new one. Then the block is added.",
        "Where the new maximum is `-inf`, take 0 in its place: `base = np.where(np.isneginf(new), 0, new)`. Then every "
        "exponent is `-inf`, and every exponential 0, as it should be.",
        "`keep = np.exp(maximum - base)` and `exps = np.exp(scores - base)`; then `keep * total + exps.sum(axis=-1, "
        "keepdims=True)`, and the same with `exps @ value` for the output.",
    ),
    misconceptions=UPDATE_MISTAKES,
    advice={
        r" is NaN in": "-inf - (-inf) is NaN, and so are 0 / 0 and 0 times infinity. Where the new maximum is -inf, subtract 0 "
        "instead.",
        r" is infinite in": "An exponential overflowed. Subtract the new maximum, the largest score so far, from all exponents.",
        r"could not be broadcast together|remapped shapes|matmul": "Keep the last axis of length 1, with keepdims=True, so that "
        "maximum and total stay (..., T_q, 1).",
        r"^total has shape|^maximum has shape": "Keep the last axis of length 1: keepdims=True.",
        r"truth value of an array": "`if` and `max` ask one question of a whole array. np.maximum and np.where go entry by entry.",
    },
    stale=("maximum", "total", "weighted", "scores", "value", "exps", "keep", "new", "base"),
)


# ---------------------------------------------------------------- attention in blocks
def every_block(T_k: int, block_size: int) -> Iterator[tuple[int, int]]:
    """Yield where each block of keys begins and ends."""
    for start in range(0, T_k, block_size):
        yield start, min(start + block_size, T_k)


def whole_blocks(T_k: int, block_size: int) -> Iterator[tuple[int, int]]:
    """Yield the blocks that are full."""
    return ((start, stop) for start, stop in every_block(T_k, block_size) if stop - start == block_size)


def first_block(T_k: int, block_size: int) -> Iterator[tuple[int, int]]:
    """Yield the first block."""
    yield 0, min(block_size, T_k)


def overlapping(T_k: int, block_size: int) -> Iterator[tuple[int, int]]:
    """Yield a block that begins at each key."""
    return ((start, min(start + block_size, T_k)) for start in range(T_k))


def own_part(mask: Array | None, start: int, stop: int) -> Array | None:
    """Return the part of a mask that belongs to the keys of a block."""
    return mask if mask is None else mask[..., start:stop]


def first_part(mask: Array | None, start: int, stop: int) -> Array | None:
    """Return the part of a mask that belongs to the first keys."""
    return mask if mask is None else mask[..., : stop - start]


def sqrt_d_k(key: Array) -> float:
    """Return the square root of the width of a key."""
    return math.sqrt(key.shape[-1])


def output_of(maximum: Array, total: Array, weighted: Array) -> Array:
    """Return the output; zeros where nothing was seen."""
    return weighted / np.where(total == 0, 1, total)


def in_blocks(
    query: Array,
    key: Array,
    value: Array,
    block_size: int,
    mask: Array | None = None,
    *,
    prepare: Callable = lambda key, value, mask, block_size: (key, value, mask),
    cut: Callable = every_block,
    divisor: Callable = sqrt_d_k,
    part: Callable = own_part,
    hidden: Callable = minus_infinity,
    step: Callable = update,
    finish: Callable = output_of,
    held: Callable = lambda block_size, T_k: 1.0,
) -> tuple[Array, Array]:
    """Return (output (..., T_q, d_v), 1 where no array had an entry for every query and key).

    A block that is larger than all keys has such an array, and may.
    """
    d, T_k = divisor(key), key.shape[-2]
    key, value, mask = prepare(key, value, mask, block_size)
    rows = query.shape[:-1]
    now = np.full((*rows, 1), -np.inf), np.zeros((*rows, 1)), np.zeros((*rows, value.shape[-1]))
    for start, stop in cut(key.shape[-2], block_size):
        scores = hidden(query_key(query, key[..., start:stop, :]) / d, part(mask, start, stop))
        now = step(*now, scores, value[..., start:stop, :])
    return finish(*now), number(held(block_size, T_k))


def by_pairs(query: Array, key: Array, value: Array, block_size: int, mask: Array | None = None) -> tuple[Array, Array]:
    """Return the same pair by pair of query and key, whole rows at once."""
    shape = (*query.shape[:-1], key.shape[-2])
    hidden = np.zeros(shape) if mask is None else np.broadcast_to(mask, shape)
    output = np.zeros((*query.shape[:-1], value.shape[-1]))
    for place in np.ndindex(query.shape[:-1]):
        front = place[:-1]
        scores = {j: float(query[place] @ key[(*front, j)]) for j in range(shape[-1]) if not hidden[(*place, j)]}
        scores = {j: score / math.sqrt(key.shape[-1]) for j, score in scores.items()}
        exps = {j: math.exp(score - max(scores.values())) for j, score in scores.items()}
        for j, power in exps.items():
            output[place] += power / sum(exps.values()) * value[(*front, j)]
    return output, number(1)


def some_hidden(rng: np.random.Generator) -> Array:
    """Draw a mask (2, 1, 5, 7) for blocks of three: see `blocks_inputs`."""
    mask = (rng.random((2, 1, 5, 7)) < 0.3).astype(int)
    mask[:, :, 0], mask[:, :, 1, :3], mask[:, :, 2], mask[:, :, 3, 3:6] = 0, 1, 1, 1
    mask[:, :, 1, 3:], mask[:, :, 3, :3], mask[:, :, 3, 6] = (0, 1, 0, 0), (0, 0, 1), 0
    mask[:, :, 4] = np.array([[0, 1, 0, 0, 0, 1, 1], [1, 0, 0, 1, 0, 0, 1]])[:, np.newaxis]
    return mask


def blocks_inputs(rng: np.random.Generator) -> Cases:
    """Draw a batch with heads and a mask, single keys, one large block, and large scores.

    Under the mask of the first case one query sees all, one nothing, and for two of them a block is hidden.
    """

    def arrays(*front: int, T_q: int, T_k: int, d_k: int, d_v: int, scale: float = 1.2) -> Inputs:
        return {
            "query": normal(rng, *front, T_q, d_k, scale=scale),
            "key": normal(rng, *front, T_k, d_k, scale=scale),
            "value": normal(rng, *front, T_k, d_v),
        }

    first = arrays(2, 3, T_q=5, T_k=7, d_k=6, d_v=3)
    large = arrays(3, T_q=5, T_k=8, d_k=2, d_v=6, scale=1.0)
    large["key"][:, 5] += 2000.0 * np.sign(large["key"][:, 5])
    large["key"] = large["key"].round(3)
    return {
        "one query sees nothing": first | {"block_size": 3, "mask": some_hidden(rng)},
        "one key at a time": arrays(T_q=3, T_k=5, d_k=6, d_v=2) | {"block_size": 1, "mask": None},
        "a block larger than all keys": arrays(2, T_q=3, T_k=5, d_k=7, d_v=6)
        | {"block_size": 9, "mask": np.array([[[0, 0, 1, 0, 1]], [[1, 0, 0, 0, 0]]])},
        "scores beyond 1000": large | {"block_size": 3, "mask": None},
        "fewer queries than keys in a block": arrays(4, T_q=2, T_k=7, d_k=5, d_v=3) | {"block_size": 3, "mask": None},
    }


def padded(key: Array, value: Array, mask: Array | None, block_size: int) -> tuple[Array, Array, Array | None]:
    """Return keys and values filled up with zeros to whole blocks, which nothing hides."""
    missing = -key.shape[-2] % block_size
    if mask is not None:
        mask = np.concatenate([mask, np.zeros((*mask.shape[:-1], missing), dtype=int)], axis=-1)

    def longer(x: Array) -> Array:
        return np.concatenate([x, np.zeros((*x.shape[:-2], missing, x.shape[-1]))], axis=-2)

    return longer(key), longer(value), mask


def block_results(query: Array, key: Array, value: Array, block_size: int, mask: Array | None) -> list[Array]:
    """Return the output of each block as if there were no other."""
    blocks = list(every_block(key.shape[-2], block_size))
    parts = [(key[..., a:b, :], value[..., a:b, :], own_part(mask, a, b)) for a, b in blocks]
    return [in_blocks(query, k, v, block_size, m)[0] for k, v, m in parts]


def blocks_averaged(
    query: Array, key: Array, value: Array, block_size: int, mask: Array | None = None
) -> tuple[Array, Array]:
    """Return the mean of what the blocks give by themselves."""
    return np.mean(block_results(query, key, value, block_size, mask), axis=0), number(1)


def blocks_added(
    query: Array, key: Array, value: Array, block_size: int, mask: Array | None = None
) -> tuple[Array, Array]:
    """Return the sum of what the blocks give by themselves."""
    return np.sum(block_results(query, key, value, block_size, mask), axis=0), number(1)


def keys_mixed(
    query: Array, key: Array, value: Array, block_size: int, mask: Array | None = None
) -> tuple[Array, Array]:
    """Return attention that mixes the keys."""
    return in_blocks(query, key, key, block_size, mask)


def steps_of_update(*rows: tuple) -> tuple[tuple, ...]:
    """Return rows on the update as rows on whole attention in blocks."""

    def as_step(steps: Any) -> Any:
        return [as_step(way) for way in steps] if isinstance(steps, list) else {"step": partial(update, **steps)}

    return tuple((name, as_step(steps), *rest) for name, steps, *rest in rows)


def zero(maximum: Array, scores: Array) -> Array:
    """Return 0 for the maximum."""
    return np.zeros_like(maximum)


def of_the_block(maximum: Array, scores: Array) -> Array:
    """Return the maximum of the block alone."""
    return scores.max(axis=-1, keepdims=True)


BLOCK_ROWS = (
    *steps_of_update(*UPDATE_ROWS),
    *shared_rows(BLOCKS,
        ("last_block_forgotten", {"cut": whole_blocks},
         "The keys behind the last full block were left out. The last block may be shorter: let the blocks begin at 0, "
         "block_size, … up to the number of keys."),
        ("padding_counts", {"prepare": padded},
         "The last block was filled up with zeros, and they count: a score of 0 has the exponential 1. Take a shorter "
         "block, or hide what was added."),
        ("first_block_only", {"cut": first_block},
         "Only the first block was looked at. Does `return` stand inside the loop?"),
        ("blocks_overlap", {"cut": overlapping},
         "A block begins at every key, so most keys count several times. The next block begins where the last one ends: "
         "range(0, T_k, block_size)."),
        ("not_divided", {"finish": lambda maximum, total, weighted: weighted},
         "The output was not divided by the sum. Once all blocks have been seen, it is weighted / total."),
        ("divided_at_every_block",
         [{"step": partial(update, finish=divided)},
          {"step": partial(update, finish=divided), "finish": lambda maximum, total, weighted: weighted}],
         "The output was divided by the sum after each block, and then went on as if it had not been. Divide once, after "
         "the last block."),
        ("no_maximum", {"step": partial(update, largest=zero)},
         "Right for small scores. Those of one case are beyond 1000, and their exponentials are infinite: subtract the "
         "running maximum.", RUNNING),
        ("block_less_its_own_maximum", {"step": partial(update, exponentials=less_its_own)},
         "The exponentials of a block were taken less the block's own maximum, and then added to what was less another. "
         "Take them less the largest score so far.", RUNNING),
        ("not_scaled", {"divisor": lambda key: 1.0}, "The scores were not divided by the square root of d_k.", WRONG),
        ("scaled_twice", {"divisor": lambda key: float(key.shape[-1])},
         "The scores were divided by d_k itself, or twice by its root. It is the square root of d_k, once.", WRONG),
    ),
)  # fmt: skip

# fmt: off
BLOCKS_MISTAKES = (
    *mistakes(in_blocks, BLOCKS,
        *BLOCK_ROWS,
        ("root_of_the_block_size_or_length",
         [{"divisor": lambda key: math.sqrt(key.shape[-2])}, {"divisor": lambda key: 1 / math.sqrt(key.shape[-1])}],
         "The scores have the wrong scale: divide them by the square root of d_k, the width of a key. The number of keys "
         "has no part in it.", WRONG),
        ("maximum_of_the_block_alone", {"step": partial(update, largest=of_the_block)},
         "The maximum is that of the last block alone, so a block that is hidden wipes out what came before. Take the "
         "larger of the old maximum and the block's.", RUNNING),
        (standard.MASK_DROPPED(why="hide each block of scores by the part of the mask that belongs to its keys"),
         {"hidden": as_it_is}),
        (standard.MASK_INVERTED, {"hidden": any_mask(lambda scores, mask: minus_infinity(scores, 1 - mask))}),
        (standard.MASK_ADDED(done="added or subtracted", moved="changed by 1 only"),
         [{"hidden": any_mask(lambda scores, mask, sign=sign: scores + sign * mask)} for sign in (1, -1)]),
        (standard.HIDDEN_SCORES_ZERO, {"hidden": any_mask(lambda scores, mask: scores * (1 - mask))}),
        ("mask_of_the_first_block", {"part": first_part},
         "Every block was hidden by the mask of the first one. Cut the mask like the keys, along its last axis: "
         "mask[..., start:stop]."),
        ("even_weights_where_all_is_hidden",
         [{"hidden": replaced(-1e9)}, {"hidden": any_mask(lambda scores, mask: scores - 1e9 * mask)}],
         "Right, but for a query to which every key is hidden: with -1e9 everywhere its weights are shared out all the "
         "same. Hide with -inf: then its sum stays 0, and its output is zeros.", NOTHING),
        ("nan_where_all_is_hidden", {"finish": lambda maximum, total, weighted: weighted / total},
         "Right, but for a query to which every key is hidden: 0 / 0 is NaN. Its output is zeros: divide by 1 where the "
         "sum is 0.", NOTHING),
        ("nan_after_a_hidden_block", {"step": partial(update, **WITHOUT_CARE)},
         "A query to which the first block is hidden gets NaN, and never gets rid of it: -inf - (-inf). Where the maximum "
         "is still -inf, subtract 0 instead.", NOTHING),
        ("everything_at_once", {"held": lambda block_size, T_k: float(block_size >= T_k)},
         "The output is right, but you made an array with an entry for every query and every key. That is the table "
         "which blocks avoid: compute the scores of block_size keys at a time."),
        ("blocks_averaged", blocks_averaged,
         "Each block was divided by its own sum, and the results were averaged. Blocks with larger scores count more: add "
         "up exponentials, and divide once."),
        ("blocks_added", blocks_added,
         "Each block was divided by its own sum, and the results were added. Add up exponentials, and divide once, by "
         "the sum of all."),
        ("keys_mixed", keys_mixed, "The keys were mixed. Keys only decide the weights; the values are what is mixed."),
    ),
)
# fmt: on
ATTENTION_IN_BLOCKS = Check(
    name="attention_in_blocks",
    claim="equals_plain_attention_without_its_table",
    title="Attention in blocks",
    function="attention_in_blocks",
    inputs=blocks_inputs,
    reference=in_blocks,
    second_route=by_pairs,
    returns=("output", "held"),
    points={"output": 3, "held": 1},
    read=BLOCKS,
    survives=(
        "a query that sees nothing",
        "one key at a time",
        "a block larger than all keys",
        "scores beyond 1000",
    ),
    hints=(
        "Three arrays go from block to block. Before the first block the maximum of each query is `-inf`, its sum is "
        "0, and its output is zeros.",
        "`for start in range(0, T_k, block_size)`: the keys `key[..., start : start + block_size, :]`, the same part of "
        "the values, and of the mask `mask[..., start : start + block_size]`. A slice may end behind the last key.",
        "Each block: `scores / sqrt(d_k)`, hidden ones replaced by `-inf`, then `running_softmax(maximum, total, "
        "weighted, scores, value_block)`.",
        "At the end `weighted / np.where(total == 0, 1, total)`: zeros for a query that saw nothing.",
    ),
    misconceptions=BLOCKS_MISTAKES,
    uses=("running_softmax",),
    advice={
        r"inhomogeneous shape": "Did you return two things? Return the output alone: the weights are never all there at once.",
        r"^held\[0\] is 0": "In this case there was an array with an entry for every query and every key. Take block_size *keys* at a time, "
        "and keep no more than three arrays from block to block.",
        r"zero-size array to reduction": "A block has no keys: a slice runs from start to start + block_size.",
        r" is NaN in": "-inf - (-inf), 0 / 0 and 0 times infinity are NaN. Where nothing has been seen yet subtract 0, and "
        "divide by 1.",
        r" is infinite in": "An exponential overflowed: subtract the running maximum first.",
        r"newaxis|not aligned|mismatch in its core dimension": "Sizes do not fit. Cut the values like the keys, along the axis of "
        "the positions: `value[..., start:stop, :]`.",
        r"could not be broadcast together|remapped shapes": "Shapes do not fit. Cut the mask like the keys, along its last axis; and "
        "keep maximum and total (..., T_q, 1).",
        r"bad operand|unsupported operand.*NoneType|NoneType' object is not subscriptable": "Is it the mask? It may be None: then nothing is hidden.",
        r"truth value of an array": "A whole array is neither true nor false. If you ask for the mask: `if mask is not None`.",
    },
    stale=("output", "maximum", "total", "weighted", "scores", "query", "key", "value", "mask", "weights"),
)


# ---------------------------------------------------------------- find the bug
def mended(query: Array, key: Array, value: Array, block_size: int, **steps: Any) -> Array:
    """Return the output of attention in blocks, without a mask."""
    return in_blocks(query, key, value, block_size, **steps)[0]


def mended_by_pairs(query: Array, key: Array, value: Array, block_size: int) -> Array:
    """Return the same pair by pair."""
    return by_pairs(query, key, value, block_size)[0]


SHUFFLED = (3, 5, 0, 6, 1, 4, 2)


def bug_inputs(rng: np.random.Generator) -> Cases:
    """Draw seven keys, whose largest scores come late, and the same keys in another order; single keys; one block."""
    first = {
        "query": normal(rng, 5, 6),
        "key": (normal(rng, 7, 6) * np.linspace(0.4, 1.9, 7)[:, np.newaxis]).round(3),
        "value": normal(rng, 7, 2),
        "block_size": 3,
    }
    order = list(SHUFFLED)
    second = {"query": normal(rng, 2, 3), "key": normal(rng, 5, 3, scale=1.4), "value": normal(rng, 5, 6)}
    third = {"query": normal(rng, 3, 2), "key": normal(rng, 5, 2), "value": normal(rng, 5, 6)}
    return {
        "three blocks": first,
        "the same keys in another order": {**first, "key": first["key"][order], "value": first["value"][order]},
        "one key at a time": second | {"block_size": 1},
        "a single block": third | {"block_size": 5},
    }


# fmt: off
BUG_ROWS = {name: row for name, *row in BLOCK_ROWS}
BUG_MISTAKES = mistakes(mended, RUNNING,
    ("still_not_rescaled", BUG_ROWS["nothing_rescaled"][0],
     "Nothing has changed: the old sums still count as if they were less the new maximum. What is `keep`, in the first "
     "block and in the second?"),
    ("only_the_sum_mended", BUG_ROWS["output_not_rescaled"][0],
     "The sum is rescaled now, but the output is not. Both were taken less the old maximum."),
    ("only_the_output_mended", BUG_ROWS["total_not_rescaled"][0],
     "The output is rescaled now, but the sum is not. Both were taken less the old maximum."),
    *((name, *BUG_ROWS[name]) for name in (
        "what_came_before_dropped", "last_block_forgotten", "first_block_only", "blocks_overlap", "not_divided", "divided_at_every_block", "block_less_its_own_maximum",
        "not_scaled", "scaled_twice")),
    ("blocks_averaged", lambda **p: blocks_averaged(**p)[0],
     "Each block was divided by its own sum, and the results were averaged. Keep the sums as they were, and mend what "
     "the old ones are multiplied by."),
    ("padding_counts", BUG_ROWS["padding_counts"][0],
     "The last block was filled up with zeros, and they count. The blocks were right as they were."),
)
# fmt: on
FIND_THE_BUG = Check(
    name="find_the_bug",
    claim="does_not_depend_on_the_order_of_the_keys",
    title="Find the bug: the order of the keys",
    function="mended_in_blocks",
    inputs=bug_inputs,
    reference=mended,
    second_route=mended_by_pairs,
    returns=("output",),
    points={"output": 2},
    read=RUNNING,
    survives=("one key at a time", "a single block"),
    hints=(
        "With the largest keys in the first block all is right. What is different when a larger score comes later?",
        "Print `keep` in the loop. When should it be 1, and when less?",
        "`keep` compares the old maximum with the new one. When its line runs, is there still an old one?",
    ),
    misconceptions=BUG_MISTAKES,
    properties=(
        Same(
            "three blocks",
            "the same keys in another order",
            "output",
            (0, 1, 2, 3, 4),
            -2,
            "Keys and values in another order must give the same output; yours changes.",
        ),
    ),
    uses=("running_softmax", "attention_in_blocks"),
    advice={
        r" is NaN in": "-inf - (-inf) is NaN, and so is 0 times infinity. Before the first block the old maximum is -inf: "
        "exp(old - new) is 0 then, exp(new - old) is infinite.",
    },
    stale=("output", "maximum", "total", "weighted", "scores", "new", "keep", "exps", "query", "key", "value"),
)


# ---------------------------------------------------------------- arithmetic intensity
def intensity(
    T_q: int,
    T_k: int,
    d_k: int,
    bytes_per_number: int,
    block_size: int | None,
    *,
    operations: int = 4,
    queries: int = 2,
    keys: int = 2,
    loads: Callable = lambda q, k, size: math.ceil(q / size),
    table: int = 4,
    table_in_blocks: int = 0,
    query_loads: Callable = lambda times: 1,
    size: Callable = as_it_is,
    ratio: Callable = lambda operations, moved: operations / moved,
) -> Array:
    """Return the operations of one head for each byte that is moved."""
    times = 1 if block_size is None else loads(T_q, T_k, block_size)
    entries = (table if block_size is None else table_in_blocks) * T_q * T_k
    moved = query_loads(times) * queries * T_q * d_k + times * keys * T_k * d_k + entries
    return number(ratio(operations * T_q * T_k * d_k, size(bytes_per_number) * moved))


def keys_in_blocks(T_q: int, T_k: int, d_k: int, bytes_per_number: int, block_size: int | None) -> Array:
    """Return the intensity of blocks of keys: queries and outputs are moved once for each."""
    if block_size is None:
        return intensity(T_q, T_k, d_k, bytes_per_number, None)
    moved = 2 * T_k * d_k + math.ceil(T_k / block_size) * 2 * T_q * d_k
    return number(4 * T_q * T_k * d_k / (bytes_per_number * moved))


def intensity_by_traffic(T_q: int, T_k: int, d_k: int, bytes_per_number: int, block_size: int | None) -> Array:
    """Return the same from a list of all arrays that are read or written, block by block."""
    q, k, v, o, table = (T_q, d_k), (T_k, d_k), (T_k, d_k), (T_q, d_k), (T_q, T_k)
    if block_size is None:
        moved = [q, k, table] + [table, table] + [table, v, o]  # scores; softmax; mixing
    else:
        moved = []
        for start in range(0, T_q, block_size):
            rows = min(block_size, T_q - start)
            moved += [(rows, d_k), k, v, (rows, d_k)]
    operations = 2 * (T_q * T_k * d_k + T_q * d_k * T_k)
    return number(operations / sum(bytes_per_number * n * m for n, m in moved))


def intensity_inputs(rng: np.random.Generator) -> Cases:
    """Draw a plain layer, the same in blocks, the writing of one token, and blocks that are larger than needed."""
    T_q, T_k, d_k = int(rng.integers(21, 30)), int(rng.integers(31, 40)), int(rng.integers(11, 17))
    first = {"T_q": T_q, "T_k": T_k, "d_k": d_k, "bytes_per_number": 4, "block_size": None}
    one_token = {"T_q": 1, "T_k": int(rng.integers(15, 25)), "d_k": int(rng.integers(6, 10)), "bytes_per_number": 2}
    long = {"T_q": int(rng.integers(14, 19)), "T_k": int(rng.integers(9, 13)), "d_k": 7, "bytes_per_number": 8}
    return {
        "plain": first,
        "in blocks, the last one shorter": {**first, "block_size": 9},
        "one query, plain": one_token | {"block_size": None},
        "one query, in blocks": {**one_token, "T_k": one_token["T_k"] + 3, "block_size": 16},
        "a block larger than all queries": long | {"block_size": 50},
    }


# fmt: off
INTENSITY_MISTAKES = mistakes(intensity, FASTER,
    ("turned_over", {"ratio": lambda operations, moved: moved / operations},
     "These are bytes for each operation. Turn it over: operations divided by bytes."),
    ("operations_alone", {"ratio": lambda operations, moved: operations},
     "These are the operations. Divide them by the bytes that are moved."),
    ("half_the_operations", {"operations": 2},
     "Half of the operations are missing: there are two products, scores and mixing, and each pair of numbers takes a "
     "multiplication and an addition, 4 * T_q * T_k * d_k."),
    ("only_multiplications_of_one_product", {"operations": 1},
     "Only the multiplications of one product were counted. There are two products, with additions: 4 * T_q * T_k * d_k."),
    ("numbers_for_bytes", {"size": lambda size: 1},
     "The operations were divided by how many numbers are moved. Multiply these by bytes_per_number."),
    ("bits_for_bytes", {"size": lambda size: 8 * size},
     "The operations were divided by bits. A number has bytes_per_number bytes: do not multiply by 8."),
    ("multiplied_by_the_bytes", {"size": lambda size: 1 / size},
     "The bytes of a number stand on the wrong side: more bytes to move make the intensity *smaller*."),
    ("table_never_moved", {"table": 0},
     "The tables were left out. Without blocks T_q * T_k scores are written and read again, and so are the weights: four "
     "times."),
    ("table_moved_too_seldom", [{"table": 1}, {"table": 2}, {"table": 3}],
     "The tables are moved four times: scores written, scores read, weights written, weights read. That is 4 * T_q * T_k."),
    ("table_moved_in_blocks_too", [{"table_in_blocks": 4}, {"table_in_blocks": 2}, {"table_in_blocks": 1}],
     "With blocks no table is moved: scores and weights of a block stay in the fast memory."),
    ("output_not_written", {"queries": 1}, "Something of size T_q * d_k is missing: queries are read, outputs are written."),
    ("values_not_read", {"keys": 1}, "Something of size T_k * d_k is missing: keys are read, and values are read."),
    ("keys_read_once", {"loads": lambda q, k, size: 1},
     "With blocks, keys and values are read once for *each* block of queries: as often as there are blocks."),
    ("last_block_forgotten", [{"loads": lambda q, k, size: q // size}, {"loads": lambda q, k, size: max(1, q // size)}],
     "The last block of queries was forgotten: round the number of blocks up, -(-T_q // block_size)."),
    ("part_of_a_block", {"loads": lambda q, k, size: q / size},
     "The number of blocks is a whole one: the last block needs all keys, too. Round up, -(-T_q // block_size)."),
    ("blocks_of_keys_counted", {"loads": lambda q, k, size: math.ceil(k / size)},
     "The blocks of keys were counted. Here a block holds block_size *queries*, and each block reads all keys once."),
    ("keys_in_blocks", keys_in_blocks,
     "Here the keys were cut, and the queries read once for each block of them. Cut the queries: they are read once, keys "
     "and values once for each block of queries."),
    ("queries_read_for_each_block", [{"query_loads": as_it_is}, {"query_loads": lambda times: (times + 1) / 2}],
     "Queries or outputs were moved once for each block. A query is read with its own block alone, and its output is written "
     "there: T_q * d_k numbers each, however many blocks there are."),
    ("read_for_each_query", [{"loads": lambda q, k, size: q}, {"loads": lambda q, k, size: size}],
     "Keys and values are read once for each *block* of queries, not for each query: a block shares them."),
)
# fmt: on
ARITHMETIC_INTENSITY = Check(
    name="arithmetic_intensity",
    claim="divides_operations_by_bytes_moved",
    title="Operations for each byte",
    function="arithmetic_intensity",
    inputs=intensity_inputs,
    reference=intensity,
    second_route=intensity_by_traffic,
    returns=("intensity",),
    points={"intensity": 2},
    read=FASTER,
    rtol=1e-5,
    atol=1e-6,
    survives=("one query", "a block larger than all queries"),
    hints=(
        "The operations are the same with blocks and without: two products, `2 * T_q * T_k * d_k` each.",
        "Both ways read the queries and write the outputs, `T_q * d_k` numbers each. Without blocks keys and values "
        "are read once, and four times a table of `T_q * T_k` numbers is written or read.",
        "With blocks there is no table, but keys and values are read for each block of queries: "
        "`-(-T_q // block_size)` times, which rounds up.",
    ),
    misconceptions=INTENSITY_MISTAKES,
    advice={
        r"unsupported operand.*NoneType": "Is it block_size? It may be None: then there are no blocks.",
        r"^intensity\[": "List what is read and what is written, each with its number of entries; then divide.",
    },
    stale=("operations", "moved", "bytes_moved", "blocks", "table"),
)


# ---------------------------------------------------------------- groups of heads
def repeated(x: Array, H: int) -> Array:
    """Return heads (B, G, T, d) in which each stands H / G times side by side: (B, H, T, d)."""
    return np.repeat(x, H // x.shape[1], axis=1)


def tiled(x: Array, H: int) -> Array:
    """Return all heads, then all heads again."""
    return np.tile(x, (1, H // x.shape[1], 1, 1))


def backwards(x: Array, H: int) -> Array:
    """Return the groups in the opposite order."""
    return repeated(x[:, ::-1], H)


def first_for_all(x: Array, H: int) -> Array:
    """Return the first group for all heads."""
    return np.repeat(x[:, :1], H, axis=1)


def last_for_all(x: Array, H: int) -> Array:
    """Return the last group for all heads."""
    return np.repeat(x[:, -1:], H, axis=1)


def mean_for_all(x: Array, H: int) -> Array:
    """Return the mean of the groups for all heads."""
    return np.repeat(x.mean(axis=1, keepdims=True), H, axis=1)


def by_group_size(x: Array, H: int) -> Array:
    """Return for head h the group h // G, as when the number of groups is taken for their size."""
    G = x.shape[1]
    return x[:, [min(h // G, G - 1) for h in range(H)]]


def normalise(scores: Array, axis: int = -1) -> Array:
    """Return the softmax along one axis; where all scores are -inf the weights are 0."""
    exps = np.exp(scores - finite(scores.max(axis=axis, keepdims=True)))
    total = exps.sum(axis=axis, keepdims=True)
    return exps / np.where(total == 0, 1, total)


def grouped(
    query: Array,
    key: Array,
    value: Array,
    mask: Array | None,
    *,
    change: Callable = dict,
    match: Callable = repeated,
    match_values: Callable | None = None,
    score: Callable = query_key,
    divisor: Callable = sqrt_d_k,
    hidden: Callable = minus_infinity,
    weigh: Callable = normalise,
    returned: Callable = lambda output, weights, G: (output, weights),
) -> tuple[Array, Array]:
    """Return (output (B, H, T_q, d_v), weights (B, H, T_q, T_k)) for H heads of queries and G of keys and values."""
    p = change(query=query, key=key, value=value)
    H, G = query.shape[1], key.shape[1]
    k, v = match(p["key"], H), (match_values or match)(p["value"], H)
    weights = weigh(hidden(score(p["query"], k) / divisor(k), mask))
    return returned(weights @ v, weights, G)


def grouped_by_loops(query: Array, key: Array, value: Array, mask: Array | None) -> tuple[Array, Array]:
    """Return the same head by head and query by query; the heads of queries are dealt out to the groups in order."""
    (B, H, T_q, d_k), (G, T_k) = query.shape, key.shape[1:3]
    hidden = np.broadcast_to(0 if mask is None else mask, (B, H, T_q, T_k))
    output, weights = np.zeros((B, H, T_q, value.shape[-1])), np.zeros((B, H, T_q, T_k))
    groups = [group for group in range(G) for _ in range(H // G)]
    for b, (h, group) in [(b, pair) for b in range(B) for pair in enumerate(groups)]:
        for i in range(T_q):
            shown = [j for j in range(T_k) if not hidden[b, h, i, j]]
            exps = {j: math.exp(query[b, h, i] @ key[b, group, j] / math.sqrt(d_k)) for j in shown}
            for j in shown:
                weights[b, h, i, j] = exps[j] / sum(exps.values())
                output[b, h, i] += weights[b, h, i, j] * value[b, group, j]
    return output, weights


def grouped_inputs(rng: np.random.Generator) -> Cases:
    """Draw groups of two heads with a mask, groups of three, one group, and as many groups as heads."""

    def arrays(B: int, H: int, G: int, T_q: int, T_k: int, d_k: int, d_v: int) -> Inputs:
        shapes = {"query": (B, H, T_q, d_k), "key": (B, G, T_k, d_k), "value": (B, G, T_k, d_v)}
        return {name: normal(rng, *shape, scale=1.2) for name, shape in shapes.items()}

    mask = (rng.random((2, 1, 3, 5)) < 0.4).astype(int)
    mask[0, 0, 1], mask[0, 0, 0], mask[1, 0, 2] = 1, (0, 1, 0, 0, 1), (1, 0, 0, 1, 0)
    padding = np.array([[[[0, 0, 0, 1, 1]]], [[[1, 0, 0, 0, 0]]], [[[0, 0, 0, 0, 1]]]])
    return {
        "six heads in three groups, one query sees nothing": arrays(2, 6, 3, 3, 5, 7, 2) | {"mask": mask},
        "six heads in two groups": arrays(3, 6, 2, 3, 5, 2, 3) | {"mask": padding},
        "one group for all heads": arrays(2, 3, 1, 2, 5, 3, 6) | {"mask": None},
        "as many groups as heads": arrays(2, 3, 3, 2, 5, 6, 3) | {"mask": None},
    }


def mean_of_groups(found: Array, G: int) -> Array:
    """Return the mean over the heads of each group: (B, G, …)."""
    B, H, *rest = found.shape
    return found.reshape(B, G, H // G, *rest).mean(axis=2)


def dealt_in_turns(found: Array, G: int) -> Array:
    """Return heads that were computed by groups, but put together number by number of each group."""
    B, H, *rest = found.shape
    return found.reshape(B, G, H // G, *rest).swapaxes(1, 2).reshape(B, H, *rest)


def one_query_head_for_each_group(**p: Array) -> dict[str, Array]:
    """Return queries averaged over the heads of their group."""
    G, H = p["key"].shape[1], p["query"].shape[1]
    return {**p, "query": np.repeat(mean_of_groups(p["query"], G), H // G, axis=1)}


def heads_unmatched(query: Array, key: Array, value: Array, mask: Array | None) -> tuple[Array, Array]:
    """Return attention without any repetition, which stops unless G is 1 or H."""
    return grouped(query, key, value, mask, match=as_it_is)


# fmt: off
GROUPED_MISTAKES = mistakes(grouped, SHARED,
    ("tiled_for_repeated", {"match": tiled},
     "Groups were dealt out in turns: head 0 got group 0, head 1 group 1. Heads that share stand side by side, so each "
     "group is *repeated*: np.repeat, not np.tile."),
    ("keys_and_values_matched_differently", [{"match": tiled, "match_values": repeated},
                                             {"match": repeated, "match_values": tiled}],
     "Keys and values were dealt out in different ways, so a head looks up the keys of one group and gets the values of "
     "another. Repeat both: np.repeat(…, axis=1)."),
    ("heads_put_together_in_turns", {"returned": lambda output, weights, G: (dealt_in_turns(output, G),
                                                                            dealt_in_turns(weights, G))},
     "The heads come back in another order: those of a group belong side by side. From (B, G, H / G, …) a reshape to "
     "(B, H, …) is enough; exchange no axes."),
    ("number_of_groups_for_their_size", {"match": by_group_size},
     "Each group was given G heads. There are G groups, so each has H / G heads: head h belongs to group "
     "h // (H // G)."),
    ("first_group_for_all", [{"match": first_for_all}, {"match": last_for_all}],
     "All heads share one group. That is right for G = 1 only; else each H / G heads have a group of their own."),
    ("groups_averaged", {"match": mean_for_all},
     "The groups were averaged into one. Each keeps its keys and values; it is only repeated."),
    ("groups_backwards", {"match": backwards},
     "The groups are in the opposite order: the first heads belong to group 0."),
    ("not_repeated", heads_unmatched,
     "Keys and values still have G heads, queries have H. NumPy fits them by itself for G = 1 or G = H only: repeat "
     "each group H / G times."),
    ("heads_of_a_group_averaged",
     [{"returned": lambda output, weights, G: (mean_of_groups(output, G), mean_of_groups(weights, G))},
      {"change": one_query_head_for_each_group},
      {"change": one_query_head_for_each_group, "returned": lambda output, weights, G: (mean_of_groups(output, G),
                                                                                       mean_of_groups(weights, G))}],
     "The heads of a group were averaged. They share keys and values, but each has its own queries, weights and output: "
     "H of them."),
    ("keys_mixed", {"change": lambda **p: {**p, "value": p["key"]}},
     "The keys were mixed. Keys only decide the weights; the values are what is mixed."),
    ("not_scaled", {"divisor": lambda key: 1.0},
     "The scores were not divided by the square root of d_k. The given function does that.", WRONG),
    ("scaled_twice", {"divisor": lambda key: float(key.shape[-1])},
     "The scores were divided twice by the square root of d_k. The given function scales already.", WRONG),
    ("softmax_over_another_axis", [{"weigh": partial(normalise, axis=1)}, {"weigh": partial(normalise, axis=-2)}],
     "The softmax ran over the heads or over the queries. It runs over the keys, the last axis.", WRONG),
    (standard.MASK_DROPPED(why="hand it on to the attention function, which hides where it is 1"),
     {"hidden": as_it_is}, WRONG),
    (standard.MASK_INVERTED, {"hidden": any_mask(lambda scores, mask: minus_infinity(scores, 1 - mask))}, WRONG),
    ("weights_averaged", [{"returned": lambda output, weights, G: (output, weights.mean(axis=1))},
                          {"returned": lambda output, weights, G: (output, mean_of_groups(weights, G))}],
     "The output is right. The weights were averaged; each of the H heads has its own: (B, H, T_q, T_k)."),
    ("groups_left_apart",
     {"returned": lambda output, weights, G: tuple(x.reshape(len(x), G, -1, *x.shape[2:]) for x in (output, weights))},
     "The numbers are right, but group and head have an axis each. Make one of them: reshape to (B, H, …)."),
    (standard.RETURNED_BACKWARDS, {"returned": lambda output, weights, G: (weights, output)}),
)
# fmt: on
GROUPED_QUERY_ATTENTION = Check(
    name="grouped_query_attention",
    claim="lets_heads_share_keys_and_values",
    title="Heads that share keys and values",
    function="grouped_query_attention",
    inputs=grouped_inputs,
    reference=grouped,
    second_route=grouped_by_loops,
    returns=("output", "attention_weights"),
    points={"output": 2, "attention_weights": 1},
    read=SHARED,
    survives=("one group for all heads", "as many groups as heads", "a query that sees nothing"),
    hints=(
        "How many heads share a group? `H` and `G` stand in the shapes: axis 1 of query, and axis 1 of key.",
        "Repeat each group, so that there are as many heads of keys as of queries. `np.repeat([a, b], 2)` gives `a, a, "
        "b, b`; `np.tile` gives `a, b, a, b`. Which of them puts the heads of a group side by side?",
        "`np.repeat(key, H // G, axis=1)`, the same for value, and then the given attention function with the mask as it is.",
    ),
    misconceptions=GROUPED_MISTAKES,
    properties=(SumsToOne("one group for all heads", "attention_weights", "Your rows of weights do not sum to one."),),
    advice={
        r"newaxis|mismatch in its core dimension|not aligned": "Heads do not fit. Queries have H of them, keys and values G: repeat "
        "these H // G times along axis 1.",
        r"could not be broadcast together|remapped shapes|more dimensions than allowed": "Shapes do not fit. Repeat along axis 1, the "
        "heads: `np.repeat(…, axis=1)`. Without an axis np.repeat gives one long row.",
        r"AxisError: .*axis -2 is out of bounds for array of dimension 1$": "An array has one axis only where heads are needed. np.repeat "
        "without an axis gives one long row: `np.repeat(…, axis=1)`.",
        r"cannot be interpreted as an integer|Cannot cast array data from dtype\('float64'\)": "A number of heads must be a whole "
        "number: `H // G`, with two strokes.",
        r"bad operand|unsupported operand.*NoneType": "Is it the mask? It may be None, and the given function takes it as it is.",
    },
    stale=("output", "attention_weights", "query", "key", "value", "mask", "H", "G", "weights"),
)


# ---------------------------------------------------------------- a window
def outside(i: Array, j: Array, window: int) -> Array:
    """Return whether key j is hidden from query i: in the future, or too long ago."""
    return (j > i) | (j <= i - window)


def window_mask(length: int, window: int, *, hidden: Callable = outside, finish: Callable = as_it_is) -> Array:
    """Return the mask (T, T) of a window that ends at the query itself."""
    place = np.arange(length)
    return finish(hidden(place[:, np.newaxis], place[np.newaxis, :], window).astype(int))


def window_by_loops(length: int, window: int) -> Array:
    """Return the same query by query: all are hidden but the last ones up to the query."""
    mask = np.ones((length, length))
    for query in range(length):
        seen = list(range(query + 1))[-window:]
        mask[query, seen] = 0
    return mask


def window_inputs(rng: np.random.Generator) -> Cases:
    """Draw windows of three, of one position, and one that is longer than the sequence."""
    length = int(rng.integers(7, 9))
    return {
        "a window of three": {"length": length, "window": 3},
        "a window of one position": {"length": length - 2, "window": 1},
        "a window longer than the sequence": {"length": 5, "window": int(rng.integers(8, 10))},
    }


def window_unlike(rng: np.random.Generator) -> Cases:
    """Draw a length and windows that no public case has."""
    return {
        "a longer sequence": {"length": int(rng.integers(9, 13)), "window": int(rng.integers(2, 7))},
        "a window of one position": {"length": int(rng.integers(9, 13)), "window": 1},
        "a window longer than the sequence": {"length": int(rng.integers(9, 13)), "window": 20},
    }


# fmt: off
WINDOW_MISTAKES = mistakes(window_mask, WINDOW,
    ("one_key_too_many", {"hidden": lambda i, j, w: (j > i) | (j < i - w)},
     "Each query sees one key too many: `window` counts the query's own position. Key i - window is outside."),
    ("one_key_too_few", {"hidden": lambda i, j, w: (j > i) | (j < i - w + 2)},
     "Each query sees one key too few. A window of 3 shows three keys: i - 2, i - 1 and i."),
    ("both_directions", [{"hidden": lambda i, j, w: abs(i - j) >= w}, {"hidden": lambda i, j, w: abs(i - j) > w},
                         {"hidden": lambda i, j, w: abs(i - j) > w // 2}],
     "The window reaches into the future as well. This one is causal: it ends at the query itself."),
    ("future_visible", {"hidden": lambda i, j, w: j <= i - w},
     "The past is cut off, but the future can be seen: j > i is hidden, too."),
    ("past_not_cut_off", {"hidden": lambda i, j, w: j > i},
     "This is the plain causal mask: whatever lies more than window - 1 positions back must be hidden, too."),
    ("own_position_hidden", [{"hidden": lambda i, j, w: (j >= i) | (j < i - w)},
                             {"hidden": lambda i, j, w: (j >= i) | (j <= i - w)}],
     "A query does not see its own position. It is the last one of its window."),
    ("keeps_instead_of_hiding", {"finish": lambda mask: 1 - mask},
     "Here 1 means hide. Your mask has 1 where a key may be seen: turn it over."),
    ("both_needed", {"hidden": lambda i, j, w: (j > i) & (j <= i - w)},
     "Nothing is hidden: no key is both in the future *and* too long ago. A key is hidden for one reason *or* the "
     "other."),
    ("blocks_for_a_window", {"hidden": lambda i, j, w: (j > i) | (j // w != i // w)},
     "These are blocks that stand still. A window slides: each query has its own, which ends at the query."),
    ("always_the_first_keys", {"hidden": lambda i, j, w: (j > i) | (j >= w)},
     "Every query sees the first keys of the sequence. Its window ends at the query: count back from i."),
    ("band_alone", {"hidden": lambda i, j, w: j != i - w + 1},
     "Only one key of each window can be seen. All from i - window + 1 to i can."),
    ("numbers_to_add", [{"finish": lambda mask: mask * -1e9}, {"finish": lambda mask: np.where(mask == 1, -np.inf, 0.0)}],
     "These are the numbers that are added to scores. A mask of this book holds 0 and 1."),
)
# fmt: on
SLIDING_WINDOW_MASK = Check(
    name="sliding_window_mask",
    claim="shows_the_last_keys_up_to_the_query",
    title="A sliding window",
    function="sliding_window_mask",
    inputs=window_inputs,
    unlike=window_unlike,
    reference=window_mask,
    second_route=window_by_loops,
    returns=("mask",),
    points={"mask": 2},
    read=WINDOW,
    survives=("a window of one position", "a window longer than the sequence"),
    hints=(
        "Begin with the causal mask, which hides `j > i`. What else is hidden, when query `i` may see `window` keys, "
        "the last of which is its own?",
        "Query 5 with a window of 3 sees the keys 3, 4 and 5. So key 2 = 5 - 3 is the first that is too far back.",
        "With `i = np.arange(length)[:, np.newaxis]` and `j = np.arange(length)`: `(j > i) | (j <= i - window)`.",
    ),
    misconceptions=WINDOW_MISTAKES,
    advice={
        r"truth value of an array": "`or`, `and` and chained comparisons ask one question of a whole array. Use `|` and `&`, with "
        "brackets around each comparison.",
        r"^mask has shape": "The mask is (length, length): a row for each query, a column for each key.",
    },
    stale=("mask", "i", "j", "future", "past"),
)


# ---------------------------------------------------------------- the cache
def cache(
    B: int,
    T: int,
    num_layers: int,
    num_heads: int,
    num_kv_heads: int,
    d_model: int,
    bytes_per_number: int,
    window: int | None,
    *,
    both: int = 2,
    batch: Callable = as_it_is,
    layers: Callable = as_it_is,
    kept: Callable = lambda T, window: min(T, window),
    heads: Callable = lambda H, G: G,
    width: Callable = lambda d, H, G: d // H,
    size: Callable = as_it_is,
    unit: float = 1.0,
) -> Array:
    """Return the bytes of all keys and values that are kept."""
    places = T if window is None else kept(T, window)
    numbers = heads(num_heads, num_kv_heads) * width(d_model, num_heads, num_kv_heads)
    return number(both * batch(B) * layers(num_layers) * places * numbers * size(bytes_per_number) / unit)


def cache_by_arrays(
    B: int,
    T: int,
    num_layers: int,
    num_heads: int,
    num_kv_heads: int,
    d_model: int,
    bytes_per_number: int,
    window: int | None,
) -> Array:
    """Return the same by making the arrays token by token, and asking how large they are."""
    kind = {1: np.int8, 2: np.float16, 4: np.float32}[bytes_per_number]
    total = 0
    for _ in range(num_layers):
        for _ in ("keys", "values"):
            positions = list(range(T))
            positions = positions if window is None else positions[-window:]
            total += np.zeros((B, num_kv_heads, len(positions), d_model // num_heads), dtype=kind).nbytes
    return number(total)


def cache_inputs(rng: np.random.Generator) -> Cases:
    """Draw a cache for groups, one for one sentence and one group, and two with windows."""

    def case(B: int, layers: int, H: int, G: int, d_k: int, size: int, window: int | None) -> Inputs:
        sizes = {"B": B, "T": int(rng.integers(41, 60)), "num_layers": layers, "num_heads": H, "num_kv_heads": G}
        return sizes | {"d_model": H * d_k, "bytes_per_number": size, "window": window}

    d_k = int(rng.integers(9, 14))
    return {
        "six heads in three groups": case(5, 7, 6, 3, d_k, 2, None),
        "one sentence, one group": case(1, int(rng.integers(3, 6)), 10, 1, 7, 4, None),
        "a window": case(3, 5, 6, 2, d_k - 4, 1, int(rng.integers(15, 30))),
        "a window that is not full yet": case(2, 3, 9, 3, 5, 2, int(rng.integers(70, 90))),
    }


# fmt: off
CACHE_MISTAKES = mistakes(cache, CACHE,
    ("keys_or_values_alone", {"both": 1}, "Half of it is missing: keys *and* values are kept."),
    ("queries_kept", {"both": 3}, "Queries were kept, too. They are used once, by their own token: only keys and values stay."),
    ("all_heads_counted", {"heads": lambda H, G: H},
     "Keys and values of all H heads were counted (or d_model numbers for each token). Only num_kv_heads of them are "
     "kept, with d_k = d_model / num_heads numbers each."),
    ("size_of_a_group_for_their_number", {"heads": lambda H, G: H // G},
     "H / G heads were counted: that is how many *share* a group. There are G = num_kv_heads groups."),
    ("d_model_for_each_head", {"width": lambda d, H, G: d},
     "Each head was counted with d_model numbers. It has d_k = d_model / num_heads."),
    ("one_head_counted", {"heads": lambda H, G: 1}, "One head of keys and values was counted. There are num_kv_heads."),
    ("layers_forgotten", {"layers": lambda layers: 1},
     "One layer was counted. Each of the num_layers layers keeps keys and values of its own."),
    ("batch_forgotten", {"batch": lambda B: 1}, "One sequence was counted. Each of the B sequences has a cache."),
    ("numbers_for_bytes", {"size": lambda size: 1},
     "That is how many numbers are kept. Multiply by bytes_per_number."),
    ("bits_for_bytes", {"size": lambda size: 8 * size}, BITS),
    ("another_unit", ways_of("unit", 1024, 1000), "Return bytes: do not divide by 1000 or 1024."),
    ("window_ignored", {"kept": lambda T, window: T},
     "The window was ignored. What lies before it is never looked at again, so at most `window` positions are kept."),
    ("window_always_full", {"kept": lambda T, window: window},
     "A window that is not full yet was counted as full. There are T positions so far: take the smaller of both."),
    ("larger_of_both", {"kept": max}, "The larger of T and window was taken. At most `window` positions are kept: min."),
    ("window_added", {"kept": lambda T, window: T + window}, "The window was added to T. It limits how many positions are kept: min."),
)
# fmt: on
CACHE_SIZE = Check(
    name="cache_size",
    claim="counts_what_writing_has_to_remember",
    title="The size of a cache",
    function="cache_size",
    inputs=cache_inputs,
    reference=cache,
    second_route=cache_by_arrays,
    returns=("bytes",),
    points={"bytes": 2},
    read=CACHE,
    rtol=0.0,
    atol=1e-3,
    survives=("one sentence, one group", "a window that is not full yet"),
    hints=(
        "Begin with one token in one layer: which vectors are kept, how many heads have them, and how long is each?",
        "One token in one layer: 2 vectors (key and value) for each of `num_kv_heads` heads, of `d_model / num_heads` numbers.",
        "Times layers, times sequences, times positions: `T`, or `min(T, window)` with a window. Times `bytes_per_number`.",
    ),
    misconceptions=CACHE_MISTAKES,
    advice={
        r"'<' not supported.*NoneType|unsupported operand.*NoneType": "Is it the window? It may be None: then all T positions are kept.",
        r"^bytes\[": "Count one token in one layer first: two vectors for each head of keys and values.",
    },
    stale=("d_k", "numbers", "positions", "bytes_per_token"),
)


KEY = AnswerKey(
    "10_what_attention_costs",
    (
        ATTENTION_COST,
        RUNNING_SOFTMAX,
        ATTENTION_IN_BLOCKS,
        FIND_THE_BUG,
        ARITHMETIC_INTENSITY,
        GROUPED_QUERY_ATTENTION,
        SLIDING_WINDOW_MASK,
        CACHE_SIZE,
    ),
)
