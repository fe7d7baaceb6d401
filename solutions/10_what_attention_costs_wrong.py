"""Wrong answers to chapter 10, as learners write them, each with what it should be told."""

import numpy as np

from autograder.course.wrong_answers import wrong


# ---------------------------------------------------------------- what stands in the notebook
def scaled_dot_product_attention(query, key, value, mask=None):
    scores = query @ np.swapaxes(key, -1, -2) / np.sqrt(key.shape[-1])
    hidden = np.zeros(scores.shape, bool) if mask is None else np.broadcast_to(np.equal(mask, 1), scores.shape)
    scores = np.where(hidden, -1e9, scores)
    exps = np.where(hidden, 0, np.exp(scores - scores.max(axis=-1, keepdims=True)))
    total = exps.sum(axis=-1, keepdims=True)
    attention_weights = exps / np.where(total == 0, 1, total)
    return attention_weights @ value, attention_weights


def running_softmax(maximum, total, weighted, scores, value):
    new = np.maximum(maximum, scores.max(axis=-1, keepdims=True))
    base = np.where(np.isneginf(new), 0, new)
    keep, exps = np.exp(maximum - base), np.exp(scores - base)
    return new, keep * total + exps.sum(axis=-1, keepdims=True), keep * weighted + exps @ value


# ---------------------------------------------------------------- count a layer
@wrong("attention_cost", "the factor 2", "additions_forgotten")
def multiplications_only(B, T, d_model, num_heads, bytes_per_number):
    projections = 4 * B * T * d_model**2
    scores_and_mixing = 2 * B * num_heads * T * T * (d_model // num_heads)
    return projections, scores_and_mixing, B * num_heads * T**2 * bytes_per_number


@wrong("attention_cost", "a product forgotten", "output_projection_forgotten")
def query_key_value(B, T, d_model, num_heads, bytes_per_number):
    projections = 3 * (2 * B * T * d_model * d_model)
    attention = 4 * B * T * T * d_model
    return projections, attention, bytes_per_number * B * num_heads * T * T


@wrong("attention_cost", "a product forgotten", "mixing_forgotten")
def scores_alone(B, T, d_model, num_heads, bytes_per_number):
    d_k = d_model // num_heads
    return 8 * B * T * d_model**2, 2 * B * num_heads * T * T * d_k, B * num_heads * T * T * bytes_per_number


@wrong("attention_cost", "the heads", "scores_of_one_head", "weights_of_one_head")
def one_head(B, T, d_model, num_heads, bytes_per_number):
    d_k = d_model // num_heads
    return 8 * B * T * d_model**2, 4 * B * T * T * d_k, B * T * T * bytes_per_number


@wrong("attention_cost", "the heads", "scores_once_more_for_each_head")
def heads_times_model(B, T, d_model, num_heads, bytes_per_number):
    return 8 * B * T * d_model**2, 4 * B * num_heads * T * T * d_model, B * num_heads * T * T * bytes_per_number


@wrong("attention_cost", "the heads", "weights_of_one_head")
def table_of_one_head(B, T, d_model, num_heads, bytes_per_number):
    return 8 * B * T * d_model**2, 4 * B * T * T * d_model, B * T * T * bytes_per_number


@wrong("attention_cost", "the unit", "bits_for_bytes")
def bits(B, T, d_model, num_heads, bytes_per_number):
    return 8 * B * T * d_model**2, 4 * B * T * T * d_model, B * num_heads * T * T * bytes_per_number * 8


@wrong("attention_cost", "the unit", "numbers_for_bytes")
def numbers(B, T, d_model, num_heads, bytes_per_number):
    weights = np.zeros((B, num_heads, T, T))
    return 8 * B * T * d_model**2, 4 * B * T * T * d_model, weights.size


@wrong("attention_cost", "the batch", "batch_forgotten")
def single_sentence(B, T, d_model, num_heads, bytes_per_number):
    return 8 * T * d_model**2, 4 * T * T * d_model, num_heads * T * T * bytes_per_number


@wrong("attention_cost", "the mask", "half_of_the_pairs")
def causal_half(B, T, d_model, num_heads, bytes_per_number):
    pairs = T * (T + 1) // 2
    return 8 * B * T * d_model**2, 4 * B * pairs * d_model, B * num_heads * T * T * bytes_per_number


@wrong("attention_cost", "the square", "weights_linear_in_the_length")
def weights_per_position(B, T, d_model, num_heads, bytes_per_number):
    return 8 * B * T * d_model**2, 4 * B * T * T * d_model, B * num_heads * T * bytes_per_number


@wrong("attention_cost", "the order", "returned_backwards")
def attention_first(B, T, d_model, num_heads, bytes_per_number):
    return 4 * B * T * T * d_model, 8 * B * T * d_model**2, B * num_heads * T * T * bytes_per_number


@wrong("attention_cost", "two mistakes", "additions_forgotten", "numbers_for_bytes")
def products_and_numbers(B, T, d_model, num_heads, bytes_per_number):
    return 4 * B * T * d_model**2, 2 * B * T * T * d_model, B * num_heads * T * T


@wrong("attention_cost", "what is returned", says=r"expected 3 things")
def all_operations(B, T, d_model, num_heads, bytes_per_number):
    return 8 * B * T * d_model**2 + 4 * B * T * T * d_model, B * num_heads * T * T * bytes_per_number


# ---------------------------------------------------------------- one block further
@wrong("running_softmax", "the factor", "nothing_rescaled")
def no_factor(maximum, total, weighted, scores, value):
    m = np.maximum(maximum, np.max(scores, axis=-1, keepdims=True))
    e = np.exp(scores - np.where(m == -np.inf, 0, m))
    return m, total + e.sum(-1, keepdims=True), weighted + e @ value


@wrong("running_softmax", "the factor", "nothing_rescaled")
def maximum_overwritten(maximum, total, weighted, scores, value):
    maximum = np.maximum(maximum, scores.max(axis=-1, keepdims=True))
    safe = np.where(np.isinf(maximum), 0, maximum)
    correction = np.where(np.isinf(maximum), 1, np.exp(maximum - safe))
    e = np.exp(scores - safe)
    return maximum, correction * total + e.sum(axis=-1, keepdims=True), correction * weighted + e @ value


@wrong("running_softmax", "the factor", "output_not_rescaled")
def sum_alone_rescaled(maximum, total, weighted, scores, value):
    m = np.maximum(maximum, scores.max(axis=-1, keepdims=True))
    safe = np.where(np.isneginf(m), 0, m)
    e = np.exp(scores - safe)
    total = total * np.exp(maximum - safe) + e.sum(axis=-1, keepdims=True)
    return m, total, weighted + np.einsum("...qk,...kv->...qv", e, value)


@wrong("running_softmax", "the factor", "total_not_rescaled")
def output_alone_rescaled(maximum, total, weighted, scores, value):
    m = np.maximum(maximum, scores.max(axis=-1, keepdims=True))
    safe = np.where(np.isneginf(m), 0, m)
    e = np.exp(scores - safe)
    return m, total + e.sum(axis=-1, keepdims=True), weighted * np.exp(maximum - safe) + e @ value


@wrong("running_softmax", "the factor", "rescaled_the_wrong_way")
def factor_turned_over(maximum, total, weighted, scores, value):
    m = np.maximum(maximum, scores.max(axis=-1, keepdims=True))
    safe = np.where(np.isneginf(m), 0, m)
    up = np.exp(safe - maximum)
    e = np.exp(scores - safe)
    return m, up * total + e.sum(axis=-1, keepdims=True), up * weighted + e @ value


@wrong("running_softmax", "the factor", "block_rescaled_too")
def factor_around_all(maximum, total, weighted, scores, value):
    m = np.maximum(maximum, scores.max(axis=-1, keepdims=True))
    safe = np.where(np.isneginf(m), 0, m)
    keep, e = np.exp(maximum - safe), np.exp(scores - safe)
    return m, keep * (total + e.sum(axis=-1, keepdims=True)), keep * (weighted + e @ value)


@wrong("running_softmax", "the factor", "what_came_before_dropped")
def only_this_block(maximum, total, weighted, scores, value):
    m = np.maximum(maximum, scores.max(axis=-1, keepdims=True))
    e = np.exp(scores - np.where(np.isneginf(m), 0, m))
    return m, e.sum(axis=-1, keepdims=True), e @ value


@wrong("running_softmax", "the maximum", "maximum_of_the_block_alone")
def maximum_of_this_block(maximum, total, weighted, scores, value):
    m = scores.max(axis=-1, keepdims=True)
    safe = np.where(np.isneginf(m), 0, m)
    keep, e = np.exp(maximum - safe), np.exp(scores - safe)
    return m, keep * total + e.sum(axis=-1, keepdims=True), keep * weighted + e @ value


@wrong("running_softmax", "the maximum", "one_maximum_for_all_queries")
def maximum_without_axis(maximum, total, weighted, scores, value):
    m = np.maximum(maximum, scores.max())
    safe = np.where(np.isneginf(m), 0, m)
    keep, e = np.exp(maximum - safe), np.exp(scores - safe)
    return m, keep * total + e.sum(axis=-1, keepdims=True), keep * weighted + e @ value


@wrong("running_softmax", "the maximum", "block_less_its_own_maximum")
def own_maximum(maximum, total, weighted, scores, value):
    own = scores.max(axis=-1, keepdims=True)
    e = np.exp(scores - np.where(np.isneginf(own), 0, own))
    m = np.maximum(maximum, own)
    keep = np.exp(maximum - np.where(np.isneginf(m), 0, m))
    return m, keep * total + e.sum(axis=-1, keepdims=True), keep * weighted + e @ value


@wrong("running_softmax", "the maximum", "maximum_not_subtracted")
def exponentials_of_raw_scores(maximum, total, weighted, scores, value):
    m = np.maximum(maximum, scores.max(axis=-1, keepdims=True))
    keep, e = np.exp(maximum - np.where(np.isneginf(m), 0, m)), np.exp(scores)
    return m, keep * total + e.sum(axis=-1, keepdims=True), keep * weighted + e @ value


@wrong("running_softmax", "dividing too early", "divided_already")
def divided_at_once(maximum, total, weighted, scores, value):
    m, total, weighted = running_softmax(maximum, total, weighted, scores, value)
    return m, total, weighted / np.maximum(total, 1e-30)


@wrong("running_softmax", "dividing too early", "softmax_of_the_block")
def softmax_first(maximum, total, weighted, scores, value):
    own = scores.max(axis=-1, keepdims=True)
    weights = np.exp(scores - np.where(np.isneginf(own), 0, own))
    sums = weights.sum(axis=-1, keepdims=True)
    weights = weights / np.where(sums == 0, 1, sums)
    m = np.maximum(maximum, own)
    keep = np.exp(maximum - np.where(np.isneginf(m), 0, m))
    return m, keep * total + weights.sum(axis=-1, keepdims=True), keep * weighted + weights @ value


@wrong("running_softmax", "nothing seen", "nan_where_nothing_was_seen")
def no_care(maximum, total, weighted, scores, value):
    m = np.maximum(maximum, scores.max(axis=-1, keepdims=True))
    keep, e = np.exp(maximum - m), np.exp(scores - m)
    return m, keep * total + e.sum(axis=-1, keepdims=True), keep * weighted + e @ value


@wrong("running_softmax", "nothing seen", "infinity_replaced_in_the_result")
def zero_kept_as_maximum(maximum, total, weighted, scores, value):
    m = np.maximum(maximum, scores.max(axis=-1, keepdims=True))
    m = np.where(np.isneginf(m), 0, m)
    keep, e = np.exp(maximum - m), np.exp(scores - m)
    return m, keep * total + e.sum(axis=-1, keepdims=True), keep * weighted + e @ value


@wrong("running_softmax", "the order", "returned_backwards")
def weighted_before_total(maximum, total, weighted, scores, value):
    m, total, weighted = running_softmax(maximum, total, weighted, scores, value)
    return m, weighted, total


@wrong("running_softmax", "the axes", says=r"keepdims=True")
def without_keepdims(maximum, total, weighted, scores, value):
    m = np.maximum(maximum, scores.max(axis=-1))
    safe = np.where(np.isneginf(m), 0, m)
    keep, e = np.exp(maximum - safe), np.exp(scores - safe)
    return m, keep * total + e.sum(axis=-1, keepdims=True), keep * weighted + e @ value


@wrong("running_softmax", "Python's max", says=r"np\.maximum")
def pythons_max(maximum, total, weighted, scores, value):
    m = max(maximum, scores.max(axis=-1, keepdims=True))
    return m, total * np.exp(maximum - m), weighted


@wrong("running_softmax", "two mistakes", "maximum_of_the_block_alone", "nothing_rescaled")
def block_maximum_and_no_factor(maximum, total, weighted, scores, value):
    m = scores.max(axis=-1, keepdims=True)
    e = np.exp(scores - np.where(np.isneginf(m), 0, m))
    return m, total + e.sum(axis=-1, keepdims=True), weighted + e @ value


@wrong("running_softmax", "two mistakes", "total_not_rescaled", "block_less_its_own_maximum")
def two_at_once(maximum, total, weighted, scores, value):
    own = scores.max(axis=-1, keepdims=True)
    e = np.exp(scores - np.where(np.isneginf(own), 0, own))
    m = np.maximum(maximum, own)
    keep = np.exp(maximum - np.where(np.isneginf(m), 0, m))
    return m, total + e.sum(axis=-1, keepdims=True), keep * weighted + e @ value


# ---------------------------------------------------------------- attention in blocks
def blocks(query, key, value, block_size, mask, scale=True, step=running_softmax, last=None):
    """Return what is kept behind the last block."""
    rows = query.shape[:-1]
    kept = np.full((*rows, 1), -np.inf), np.zeros((*rows, 1)), np.zeros((*rows, value.shape[-1]))
    for start in range(0, key.shape[-2] if last is None else last, block_size):
        part = slice(start, start + block_size)
        scores = query @ np.swapaxes(key[..., part, :], -1, -2)
        scores = scores / np.sqrt(key.shape[-1]) if scale else scores
        if mask is not None:
            scores = np.where(mask[..., part] == 1, -np.inf, scores)
        kept = step(*kept, scores, value[..., part, :])
    return kept


def share(total, weighted):
    """Return the output, zeros where nothing was seen."""
    return weighted / np.where(total == 0, 1, total)


@wrong("attention_in_blocks", "no blocks", "everything_at_once")
def plain_attention(query, key, value, block_size, mask=None):
    return scaled_dot_product_attention(query, key, value, mask)[0]


@wrong("attention_in_blocks", "no blocks", "everything_at_once")
def scores_first_blocks_later(query, key, value, block_size, mask=None):
    scores = np.einsum("...qd,...kd->...qk", query, key) / np.sqrt(key.shape[-1])
    scores = scores if mask is None else np.where(mask == 1, -np.inf, scores)
    rows = query.shape[:-1]
    kept = np.full((*rows, 1), -np.inf), np.zeros((*rows, 1)), np.zeros((*rows, value.shape[-1]))
    for start in range(0, key.shape[-2], block_size):
        part = slice(start, start + block_size)
        kept = running_softmax(*kept, scores[..., part], value[..., part, :])
    return share(*kept[1:])


@wrong("attention_in_blocks", "the last block", "last_block_forgotten")
def whole_blocks_only(query, key, value, block_size, mask=None):
    number = key.shape[-2] // block_size
    return share(*blocks(query, key, value, block_size, mask, last=number * block_size)[1:])


@wrong("attention_in_blocks", "the last block", "padding_counts")
def filled_with_zeros(query, key, value, block_size, mask=None):
    missing = -key.shape[-2] % block_size
    wider = [(0, 0)] * (key.ndim - 2) + [(0, missing), (0, 0)]
    key, value = np.pad(key, wider), np.pad(value, wider)
    if mask is not None:
        mask = np.pad(mask, [(0, 0)] * (mask.ndim - 1) + [(0, missing)])
    return share(*blocks(query, key, value, block_size, mask)[1:])


@wrong("attention_in_blocks", "loop", "first_block_only")
def returned_in_the_loop(query, key, value, block_size, mask=None):
    return share(*blocks(query, key, value, block_size, mask, last=1)[1:])


@wrong("attention_in_blocks", "loop", "blocks_overlap")
def step_of_one(query, key, value, block_size, mask=None):
    rows = query.shape[:-1]
    kept = np.full((*rows, 1), -np.inf), np.zeros((*rows, 1)), np.zeros((*rows, value.shape[-1]))
    for start in range(key.shape[-2]):
        part = slice(start, start + block_size)
        scores = query @ np.swapaxes(key[..., part, :], -1, -2) / np.sqrt(key.shape[-1])
        scores = scores if mask is None else np.where(mask[..., part] == 1, -np.inf, scores)
        kept = running_softmax(*kept, scores, value[..., part, :])
    return share(*kept[1:])


@wrong("attention_in_blocks", "loop", "what_came_before_dropped")
def state_made_anew(query, key, value, block_size, mask=None):
    rows = query.shape[:-1]
    for start in range(0, key.shape[-2], block_size):
        kept = np.full((*rows, 1), -np.inf), np.zeros((*rows, 1)), np.zeros((*rows, value.shape[-1]))
        part = slice(start, start + block_size)
        scores = query @ np.swapaxes(key[..., part, :], -1, -2) / np.sqrt(key.shape[-1])
        scores = scores if mask is None else np.where(mask[..., part] == 1, -np.inf, scores)
        kept = running_softmax(*kept, scores, value[..., part, :])
    return share(*kept[1:])


@wrong("attention_in_blocks", "the division", "not_divided")
def never_divided(query, key, value, block_size, mask=None):
    return blocks(query, key, value, block_size, mask)[2]


@wrong("attention_in_blocks", "the division", "nan_where_all_is_hidden")
def divided_by_zero(query, key, value, block_size, mask=None):
    _, total, weighted = blocks(query, key, value, block_size, mask)
    return weighted / total


@wrong("attention_in_blocks", "the division", "blocks_averaged")
def mean_over_blocks(query, key, value, block_size, mask=None):
    found = []
    for start in range(0, key.shape[-2], block_size):
        part = slice(start, start + block_size)
        hidden = None if mask is None else mask[..., part]
        found.append(scaled_dot_product_attention(query, key[..., part, :], value[..., part, :], hidden)[0])
    return sum(found) / len(found)


@wrong("attention_in_blocks", "the division", "blocks_added")
def sum_over_blocks(query, key, value, block_size, mask=None):
    output = 0
    for start in range(0, key.shape[-2], block_size):
        part = slice(start, start + block_size)
        hidden = None if mask is None else mask[..., part]
        output = output + scaled_dot_product_attention(query, key[..., part, :], value[..., part, :], hidden)[0]
    return output


@wrong("attention_in_blocks", "the scale", "not_scaled")
def unscaled(query, key, value, block_size, mask=None):
    return share(*blocks(query, key, value, block_size, mask, scale=False)[1:])


@wrong("attention_in_blocks", "the scale", "scaled_twice")
def scaled_by_d_k(query, key, value, block_size, mask=None):
    return share(*blocks(query / np.sqrt(key.shape[-1]), key, value, block_size, mask)[1:])


@wrong("attention_in_blocks", "the mask", "mask_dropped")
def mask_ignored(query, key, value, block_size, mask=None):
    return share(*blocks(query, key, value, block_size, None)[1:])


@wrong("attention_in_blocks", "the mask", "mask_inverted")
def true_keeps(query, key, value, block_size, mask=None):
    mask = None if mask is None else 1 - mask
    return share(*blocks(query, key, value, block_size, mask)[1:])


@wrong("attention_in_blocks", "the mask", "mask_of_the_first_block")
def same_columns_each_time(query, key, value, block_size, mask=None):
    rows = query.shape[:-1]
    kept = np.full((*rows, 1), -np.inf), np.zeros((*rows, 1)), np.zeros((*rows, value.shape[-1]))
    for start in range(0, key.shape[-2], block_size):
        part = slice(start, start + block_size)
        scores = query @ np.swapaxes(key[..., part, :], -1, -2) / np.sqrt(key.shape[-1])
        scores = scores if mask is None else np.where(mask[..., : scores.shape[-1]] == 1, -np.inf, scores)
        kept = running_softmax(*kept, scores, value[..., part, :])
    return share(*kept[1:])


@wrong("attention_in_blocks", "the mask", "even_weights_where_all_is_hidden")
def minus_a_billion(query, key, value, block_size, mask=None):
    rows = query.shape[:-1]
    kept = np.full((*rows, 1), -np.inf), np.zeros((*rows, 1)), np.zeros((*rows, value.shape[-1]))
    for start in range(0, key.shape[-2], block_size):
        part = slice(start, start + block_size)
        scores = query @ np.swapaxes(key[..., part, :], -1, -2) / np.sqrt(key.shape[-1])
        scores = scores if mask is None else np.where(mask[..., part] == 1, -1e9, scores)
        kept = running_softmax(*kept, scores, value[..., part, :])
    return kept[2] / kept[1]


@wrong("attention_in_blocks", "the mask", says=r"Cut the mask like the keys")
def mask_not_cut(query, key, value, block_size, mask=None):
    rows = query.shape[:-1]
    kept = np.full((*rows, 1), -np.inf), np.zeros((*rows, 1)), np.zeros((*rows, value.shape[-1]))
    for start in range(0, key.shape[-2], block_size):
        part = slice(start, start + block_size)
        scores = query @ np.swapaxes(key[..., part, :], -1, -2) / np.sqrt(key.shape[-1])
        scores = scores if mask is None else np.where(mask == 1, -np.inf, scores)
        kept = running_softmax(*kept, scores, value[..., part, :])
    return share(*kept[1:])


@wrong("attention_in_blocks", "the maximum", "no_maximum")
def sums_without_maximum(query, key, value, block_size, mask=None):
    total, weighted = 0, 0
    for start in range(0, key.shape[-2], block_size):
        part = slice(start, start + block_size)
        scores = query @ np.swapaxes(key[..., part, :], -1, -2) / np.sqrt(key.shape[-1])
        exps = np.exp(scores)
        exps = exps if mask is None else np.where(mask[..., part] == 1, 0, exps)
        total = total + exps.sum(axis=-1, keepdims=True)
        weighted = weighted + exps @ value[..., part, :]
    return weighted / np.where(total == 0, 1, total)


@wrong("attention_in_blocks", "the update", "nothing_rescaled")
def inline_without_factor(query, key, value, block_size, mask=None):
    def step(maximum, total, weighted, scores, value):
        new = np.maximum(maximum, scores.max(axis=-1, keepdims=True))
        exps = np.exp(scores - np.where(np.isneginf(new), 0, new))
        return new, total + exps.sum(axis=-1, keepdims=True), weighted + exps @ value

    return share(*blocks(query, key, value, block_size, mask, step=step)[1:])


@wrong("attention_in_blocks", "the update", "output_not_rescaled")
def inline_output_forgotten(query, key, value, block_size, mask=None):
    def step(maximum, total, weighted, scores, value):
        new = np.maximum(maximum, scores.max(axis=-1, keepdims=True))
        base = np.where(np.isneginf(new), 0, new)
        exps = np.exp(scores - base)
        return new, np.exp(maximum - base) * total + exps.sum(axis=-1, keepdims=True), weighted + exps @ value

    return share(*blocks(query, key, value, block_size, mask, step=step)[1:])


@wrong("attention_in_blocks", "the update", "nan_after_a_hidden_block")
def inline_without_care(query, key, value, block_size, mask=None):
    def step(maximum, total, weighted, scores, value):
        new = np.maximum(maximum, scores.max(axis=-1, keepdims=True))
        keep, exps = np.exp(maximum - new), np.exp(scores - new)
        return new, keep * total + exps.sum(axis=-1, keepdims=True), keep * weighted + exps @ value

    return share(*blocks(query, key, value, block_size, mask, step=step)[1:])


@wrong("attention_in_blocks", "what is returned", says=r"Return the output alone")
def pair_returned(query, key, value, block_size, mask=None):
    _, total, weighted = blocks(query, key, value, block_size, mask)
    return share(total, weighted), total


@wrong("attention_in_blocks", "two mistakes", "not_scaled", "last_block_forgotten")
def unscaled_whole_blocks(query, key, value, block_size, mask=None):
    number = key.shape[-2] // block_size
    return share(*blocks(query, key, value, block_size, mask, scale=False, last=number * block_size)[1:])


@wrong("attention_in_blocks", "two mistakes", "everything_at_once", "mask_dropped")
def plain_without_mask(query, key, value, block_size, mask=None):
    return scaled_dot_product_attention(query, key, value)[0]


# ---------------------------------------------------------------- find the bug
def bug(query, key, value, block_size, keep_total, keep_weighted, scale=True):
    """Return the output of the broken loop with other factors: functions of the old and the new maximum."""
    maximum, total = np.full((len(query), 1), -np.inf), np.zeros((len(query), 1))
    weighted = np.zeros((len(query), value.shape[-1]))
    for start in range(0, len(key), block_size):
        part = slice(start, start + block_size)
        scores = query @ key[part].T / (np.sqrt(key.shape[-1]) if scale else 1)
        new = np.maximum(maximum, scores.max(axis=-1, keepdims=True))
        exps = np.exp(scores - new)
        total = keep_total(maximum, new) * total + exps.sum(axis=-1, keepdims=True)
        weighted = keep_weighted(maximum, new) * weighted + exps @ value[part]
        maximum = new
    return weighted / total


def shrink(old, new):
    """Return the right factor."""
    return np.exp(old - new)


@wrong("find_the_bug", "unchanged", "still_not_rescaled")
def copied(query, key, value, block_size):
    return bug(query, key, value, block_size, lambda old, new: np.exp(new - new), lambda old, new: np.exp(new - new))


@wrong("find_the_bug", "half of it", "only_the_sum_mended")
def sum_mended(query, key, value, block_size):
    return bug(query, key, value, block_size, shrink, lambda old, new: 1)


@wrong("find_the_bug", "half of it", "only_the_output_mended")
def output_mended(query, key, value, block_size):
    return bug(query, key, value, block_size, lambda old, new: 1, shrink)


@wrong("find_the_bug", "the factor", says=r"infinite")
def turned_over(query, key, value, block_size):
    return bug(query, key, value, block_size, lambda old, new: np.exp(new - old), lambda old, new: np.exp(new - old))


@wrong("find_the_bug", "the factor", "what_came_before_dropped")
def dropped(query, key, value, block_size):
    return bug(query, key, value, block_size, lambda old, new: 0, lambda old, new: 0)


@wrong("find_the_bug", "another line changed", "not_scaled")
def scale_lost(query, key, value, block_size):
    return bug(query, key, value, block_size, shrink, shrink, scale=False)


@wrong("find_the_bug", "another line changed", "blocks_averaged")
def averaged(query, key, value, block_size):
    parts = [slice(start, start + block_size) for start in range(0, len(key), block_size)]
    return np.mean([scaled_dot_product_attention(query, key[part], value[part])[0] for part in parts], axis=0)


# ---------------------------------------------------------------- operations for each byte
@wrong("arithmetic_intensity", "the fraction", "turned_over")
def bytes_for_each_operation(T_q, T_k, d_k, bytes_per_number, block_size=None):
    times = 1 if block_size is None else -(-T_q // block_size)
    moved = 2 * T_q * d_k + times * 2 * T_k * d_k + (4 * T_q * T_k if block_size is None else 0)
    return moved * bytes_per_number / (4 * T_q * T_k * d_k)


@wrong("arithmetic_intensity", "the operations", "half_the_operations")
def two_products_without_additions(T_q, T_k, d_k, bytes_per_number, block_size=None):
    times = 1 if block_size is None else -(-T_q // block_size)
    moved = 2 * T_q * d_k + times * 2 * T_k * d_k + (4 * T_q * T_k if block_size is None else 0)
    return 2 * T_q * T_k * d_k / (moved * bytes_per_number)


@wrong("arithmetic_intensity", "the bytes", "numbers_for_bytes")
def per_number(T_q, T_k, d_k, bytes_per_number, block_size=None):
    times = 1 if block_size is None else -(-T_q // block_size)
    moved = 2 * T_q * d_k + times * 2 * T_k * d_k + (4 * T_q * T_k if block_size is None else 0)
    return 4 * T_q * T_k * d_k / moved


@wrong("arithmetic_intensity", "the bytes", "bits_for_bytes")
def per_bit(T_q, T_k, d_k, bytes_per_number, block_size=None):
    times = 1 if block_size is None else -(-T_q // block_size)
    moved = 2 * T_q * d_k + times * 2 * T_k * d_k + (4 * T_q * T_k if block_size is None else 0)
    return 4 * T_q * T_k * d_k / (moved * bytes_per_number * 8)


@wrong("arithmetic_intensity", "the table", "table_moved_too_seldom")
def weights_written_and_read(T_q, T_k, d_k, bytes_per_number, block_size=None):
    times = 1 if block_size is None else -(-T_q // block_size)
    moved = 2 * T_q * d_k + times * 2 * T_k * d_k + (2 * T_q * T_k if block_size is None else 0)
    return 4 * T_q * T_k * d_k / (moved * bytes_per_number)


@wrong("arithmetic_intensity", "the table", "table_never_moved")
def inputs_and_output_only(T_q, T_k, d_k, bytes_per_number, block_size=None):
    times = 1 if block_size is None else -(-T_q // block_size)
    return 4 * T_q * T_k * d_k / ((2 * T_q * d_k + times * 2 * T_k * d_k) * bytes_per_number)


@wrong("arithmetic_intensity", "the table", "table_moved_in_blocks_too")
def table_always(T_q, T_k, d_k, bytes_per_number, block_size=None):
    times = 1 if block_size is None else -(-T_q // block_size)
    moved = 2 * T_q * d_k + times * 2 * T_k * d_k + 4 * T_q * T_k
    return 4 * T_q * T_k * d_k / (moved * bytes_per_number)


@wrong("arithmetic_intensity", "the blocks", "keys_read_once")
def blocks_ignored(T_q, T_k, d_k, bytes_per_number, block_size=None):
    moved = 2 * T_q * d_k + 2 * T_k * d_k + (4 * T_q * T_k if block_size is None else 0)
    return 4 * T_q * T_k * d_k / (moved * bytes_per_number)


@wrong("arithmetic_intensity", "the blocks", "last_block_forgotten")
def rounded_down(T_q, T_k, d_k, bytes_per_number, block_size=None):
    times = 1 if block_size is None else T_q // block_size
    moved = 2 * T_q * d_k + times * 2 * T_k * d_k + (4 * T_q * T_k if block_size is None else 0)
    return 4 * T_q * T_k * d_k / (moved * bytes_per_number)


@wrong("arithmetic_intensity", "the blocks", "part_of_a_block")
def not_rounded(T_q, T_k, d_k, bytes_per_number, block_size=None):
    times = 1 if block_size is None else T_q / block_size
    moved = 2 * T_q * d_k + times * 2 * T_k * d_k + (4 * T_q * T_k if block_size is None else 0)
    return 4 * T_q * T_k * d_k / (moved * bytes_per_number)


@wrong("arithmetic_intensity", "the blocks", "blocks_of_keys_counted")
def blocks_of_keys(T_q, T_k, d_k, bytes_per_number, block_size=None):
    times = 1 if block_size is None else -(-T_k // block_size)
    moved = 2 * T_q * d_k + times * 2 * T_k * d_k + (4 * T_q * T_k if block_size is None else 0)
    return 4 * T_q * T_k * d_k / (moved * bytes_per_number)


@wrong("arithmetic_intensity", "None", says=r"It may be None")
def none_not_asked_for(T_q, T_k, d_k, bytes_per_number, block_size=None):
    times = -(-T_q // block_size)
    return 4 * T_q * T_k * d_k / ((2 * T_q * d_k + times * 2 * T_k * d_k) * bytes_per_number)


@wrong("arithmetic_intensity", "two mistakes", "half_the_operations", "numbers_for_bytes")
def half_and_numbers(T_q, T_k, d_k, bytes_per_number, block_size=None):
    times = 1 if block_size is None else -(-T_q // block_size)
    moved = 2 * T_q * d_k + times * 2 * T_k * d_k + (4 * T_q * T_k if block_size is None else 0)
    return 2 * T_q * T_k * d_k / moved


# ---------------------------------------------------------------- groups
@wrong("grouped_query_attention", "tile or repeat", "tiled_for_repeated")
def with_tile(*, query, key, value, mask=None):
    repeats = query.shape[1] // key.shape[1]
    key, value = np.tile(key, (1, repeats, 1, 1)), np.tile(value, (1, repeats, 1, 1))
    return scaled_dot_product_attention(query, key, value, mask)


@wrong("grouped_query_attention", "tile or repeat", "tiled_for_repeated")
def modulo(*, query, key, value, mask=None):
    groups = [h % key.shape[1] for h in range(query.shape[1])]
    return scaled_dot_product_attention(query, key[:, groups], value[:, groups], mask)


@wrong("grouped_query_attention", "tile or repeat", "tiled_for_repeated")
def concatenated(*, query, key, value, mask=None):
    repeats = query.shape[1] // key.shape[1]
    key, value = (np.concatenate([x] * repeats, axis=1) for x in (key, value))
    return scaled_dot_product_attention(query, key, value, mask)


@wrong("grouped_query_attention", "tile or repeat", "keys_and_values_matched_differently")
def keys_repeated_values_tiled(*, query, key, value, mask=None):
    repeats = query.shape[1] // key.shape[1]
    return scaled_dot_product_attention(
        query, np.repeat(key, repeats, axis=1), np.tile(value, (1, repeats, 1, 1)), mask
    )


@wrong("grouped_query_attention", "the groups", "number_of_groups_for_their_size")
def divided_by_the_groups(*, query, key, value, mask=None):
    G = key.shape[1]
    groups = [min(h // G, G - 1) for h in range(query.shape[1])]
    return scaled_dot_product_attention(query, key[:, groups], value[:, groups], mask)


@wrong("grouped_query_attention", "the groups", "first_group_for_all")
def one_for_all(*, query, key, value, mask=None):
    return scaled_dot_product_attention(query, key[:, :1], value[:, :1], mask)


@wrong("grouped_query_attention", "the groups", "groups_averaged")
def mean_of_the_groups(*, query, key, value, mask=None):
    return scaled_dot_product_attention(query, key.mean(1, keepdims=True), value.mean(1, keepdims=True), mask)


@wrong("grouped_query_attention", "the groups", "not_repeated")
def left_to_broadcasting(*, query, key, value, mask=None):
    return scaled_dot_product_attention(query, key, value, mask)


@wrong("grouped_query_attention", "the axis", says=r"np\.repeat\(…, axis=1\)|repeat these H // G times along axis 1")
def repeated_along_positions(*, query, key, value, mask=None):
    repeats = query.shape[1] // key.shape[1]
    return scaled_dot_product_attention(query, np.repeat(key, repeats, axis=2), np.repeat(value, repeats, axis=2), mask)


@wrong("grouped_query_attention", "the mask", "mask_dropped")
def mask_not_handed_on(*, query, key, value, mask=None):
    repeats = query.shape[1] // key.shape[1]
    return scaled_dot_product_attention(query, np.repeat(key, repeats, axis=1), np.repeat(value, repeats, axis=1))


@wrong("grouped_query_attention", "the shape", "groups_left_apart")
def five_axes(*, query, key, value, mask=None):
    (B, H, T_q, d), G = query.shape, key.shape[1]
    query = query.reshape(B, G, H // G, T_q, d)
    mask = None if mask is None else mask[:, np.newaxis]
    return scaled_dot_product_attention(query, key[:, :, np.newaxis], value[:, :, np.newaxis], mask)


@wrong("grouped_query_attention", "the shape", "heads_of_a_group_averaged")
def averaged_within_groups(*, query, key, value, mask=None):
    (B, H, T_q, d), G = query.shape, key.shape[1]
    query = query.reshape(B, G, H // G, T_q, d)
    mask = None if mask is None else mask[:, np.newaxis]
    output, weights = scaled_dot_product_attention(query, key[:, :, np.newaxis], value[:, :, np.newaxis], mask)
    return output.mean(axis=2), weights.mean(axis=2)


@wrong("grouped_query_attention", "the order", "returned_backwards")
def weights_first(*, query, key, value, mask=None):
    repeats = query.shape[1] // key.shape[1]
    key, value = np.repeat(key, repeats, axis=1), np.repeat(value, repeats, axis=1)
    return scaled_dot_product_attention(query, key, value, mask)[::-1]


@wrong("grouped_query_attention", "two mistakes", "tiled_for_repeated", "mask_dropped")
def tiled_without_mask(*, query, key, value, mask=None):
    repeats = query.shape[1] // key.shape[1]
    key, value = np.tile(key, (1, repeats, 1, 1)), np.tile(value, (1, repeats, 1, 1))
    return scaled_dot_product_attention(query, key, value)


# ---------------------------------------------------------------- a window
@wrong("sliding_window_mask", "off by one", "one_key_too_many")
def window_before_itself(length, window):
    mask = np.ones((length, length), dtype=int)
    for i in range(length):
        mask[i, max(0, i - window) : i + 1] = 0
    return mask


@wrong("sliding_window_mask", "off by one", "one_key_too_few")
def window_less_one(length, window):
    i, j = np.arange(length)[:, None], np.arange(length)
    return np.where((j <= i) & (i - j < window - 1), 0, 1)


@wrong("sliding_window_mask", "both ways", "both_directions")
def band(length, window):
    i, j = np.arange(length)[:, None], np.arange(length)
    return (np.abs(i - j) >= window).astype(int)


@wrong("sliding_window_mask", "both ways", "future_visible")
def lower_triangle_only(length, window):
    return np.tril(np.ones((length, length), dtype=int), k=-window)


@wrong("sliding_window_mask", "one way", "past_not_cut_off")
def plain_causal(length, window):
    return np.triu(np.ones((length, length), dtype=int), k=1)


@wrong("sliding_window_mask", "polarity", "keeps_instead_of_hiding")
def true_for_visible(length, window):
    i, j = np.arange(length)[:, None], np.arange(length)
    return (j <= i) & (j > i - window)


@wrong("sliding_window_mask", "the diagonal", "own_position_hidden")
def strictly_before(length, window):
    i, j = np.arange(length)[:, None], np.arange(length)
    return ((j >= i) | (j < i - window)).astype(int)


@wrong("sliding_window_mask", "the join", "both_needed")
def and_for_or(length, window):
    i, j = np.arange(length)[:, None], np.arange(length)
    return ((j > i) & (j <= i - window)).astype(int)


@wrong("sliding_window_mask", "blocks", "blocks_for_a_window")
def standing_blocks(length, window):
    i, j = np.arange(length)[:, None], np.arange(length)
    return ((j > i) | (i // window != j // window)).astype(int)


@wrong("sliding_window_mask", "the axes", says=r"rows and columns are exchanged")
def transposed(length, window):
    i, j = np.arange(length), np.arange(length)[:, None]
    return ((j > i) | (j <= i - window)).astype(int)


@wrong("sliding_window_mask", "numbers to add", "numbers_to_add")
def minus_infinity(length, window):
    i, j = np.arange(length)[:, None], np.arange(length)
    return np.where((j > i) | (j <= i - window), -np.inf, 0.0)


@wrong("sliding_window_mask", "Python's or", says=r"Use `\|` and `&`")
def pythons_or(length, window):
    i, j = np.arange(length)[:, None], np.arange(length)
    return (j > i or j <= i - window).astype(int)


@wrong("sliding_window_mask", "two mistakes", "keeps_instead_of_hiding", "one_key_too_many")
def keeps_one_too_many(length, window):
    i, j = np.arange(length)[:, None], np.arange(length)
    return ((j <= i) & (j >= i - window)).astype(int)


# ---------------------------------------------------------------- the cache
@wrong("cache_size", "a factor", "keys_or_values_alone")
def keys_alone(*, B, T, num_layers, num_heads, num_kv_heads, d_model, bytes_per_number, window=None):
    places = T if window is None else min(T, window)
    return B * num_layers * places * num_kv_heads * (d_model // num_heads) * bytes_per_number


@wrong("cache_size", "the heads", "all_heads_counted")
def every_head(*, B, T, num_layers, num_heads, num_kv_heads, d_model, bytes_per_number, window=None):
    places = T if window is None else min(T, window)
    return 2 * B * num_layers * places * d_model * bytes_per_number


@wrong("cache_size", "the heads", "all_heads_counted")
def width_by_groups(*, B, T, num_layers, num_heads, num_kv_heads, d_model, bytes_per_number, window=None):
    places = T if window is None else min(T, window)
    return 2 * B * num_layers * places * num_kv_heads * (d_model // num_kv_heads) * bytes_per_number


@wrong("cache_size", "the heads", "d_model_for_each_head")
def whole_width(*, B, T, num_layers, num_heads, num_kv_heads, d_model, bytes_per_number, window=None):
    places = T if window is None else min(T, window)
    return 2 * B * num_layers * places * num_kv_heads * d_model * bytes_per_number


@wrong("cache_size", "the heads", "size_of_a_group_for_their_number")
def heads_in_a_group(*, B, T, num_layers, num_heads, num_kv_heads, d_model, bytes_per_number, window=None):
    places = T if window is None else min(T, window)
    groups = num_heads // num_kv_heads
    return 2 * B * num_layers * places * groups * (d_model // num_heads) * bytes_per_number


@wrong("cache_size", "a factor", "layers_forgotten")
def one_layer(*, B, T, num_layers, num_heads, num_kv_heads, d_model, bytes_per_number, window=None):
    places = T if window is None else min(T, window)
    return 2 * B * places * num_kv_heads * (d_model // num_heads) * bytes_per_number


@wrong("cache_size", "a factor", "batch_forgotten")
def one_sequence(*, B, T, num_layers, num_heads, num_kv_heads, d_model, bytes_per_number, window=None):
    places = T if window is None else min(T, window)
    return 2 * num_layers * places * num_kv_heads * (d_model // num_heads) * bytes_per_number


@wrong("cache_size", "the unit", "numbers_for_bytes")
def count_of_numbers(*, B, T, num_layers, num_heads, num_kv_heads, d_model, bytes_per_number, window=None):
    places = T if window is None else min(T, window)
    return 2 * B * num_layers * places * num_kv_heads * (d_model // num_heads)


@wrong("cache_size", "the unit", "bits_for_bytes")
def in_bits(*, B, T, num_layers, num_heads, num_kv_heads, d_model, bytes_per_number, window=None):
    places = T if window is None else min(T, window)
    return 2 * B * num_layers * places * num_kv_heads * (d_model // num_heads) * bytes_per_number * 8


@wrong("cache_size", "the window", "window_ignored")
def no_window(*, B, T, num_layers, num_heads, num_kv_heads, d_model, bytes_per_number, window=None):
    return 2 * B * num_layers * T * num_kv_heads * (d_model // num_heads) * bytes_per_number


@wrong("cache_size", "the window", "window_always_full")
def window_or_length(*, B, T, num_layers, num_heads, num_kv_heads, d_model, bytes_per_number, window=None):
    return 2 * B * num_layers * (window or T) * num_kv_heads * (d_model // num_heads) * bytes_per_number


@wrong("cache_size", "the window", says=r"Is it the window")
def min_of_none(*, B, T, num_layers, num_heads, num_kv_heads, d_model, bytes_per_number, window=None):
    return 2 * B * num_layers * min(T, window) * num_kv_heads * (d_model // num_heads) * bytes_per_number


@wrong("cache_size", "two mistakes", "keys_or_values_alone", "all_heads_counted")
def half_of_all_heads(*, B, T, num_layers, num_heads, num_kv_heads, d_model, bytes_per_number, window=None):
    places = T if window is None else min(T, window)
    return B * num_layers * places * d_model * bytes_per_number


@wrong("cache_size", "two mistakes", "window_ignored", "bits_for_bytes")
def bits_without_window(*, B, T, num_layers, num_heads, num_kv_heads, d_model, bytes_per_number, window=None):
    return 16 * B * num_layers * T * num_kv_heads * (d_model // num_heads) * bytes_per_number


@wrong("attention_cost", "another size", "matrices_for_weights")
def bytes_of_the_parameters(B, T, d_model, num_heads, bytes_per_number):
    return 8 * B * T * d_model**2, 4 * B * T * T * d_model, 4 * d_model**2 * bytes_per_number


@wrong("find_the_bug", "the old maximum", "what_came_before_dropped")
def maximum_left_as_it_was(query, key, value, block_size):
    maximum, total = np.full((len(query), 1), -np.inf), np.zeros((len(query), 1))
    weighted = np.zeros((len(query), value.shape[-1]))
    for start in range(0, len(key), block_size):
        block = slice(start, start + block_size)
        scores = query @ key[block].T / np.sqrt(key.shape[-1])
        new = np.maximum(maximum, scores.max(axis=-1, keepdims=True))
        exps = np.exp(scores - new)
        keep = np.exp(maximum - new)
        total = keep * total + exps.sum(axis=-1, keepdims=True)
        weighted = keep * weighted + exps @ value[block]
    return weighted / total


@wrong("arithmetic_intensity", "rounding", "last_block_forgotten")
def one_block_at_least(T_q, T_k, d_k, bytes_per_number, block_size=None):
    ops = 4 * T_q * T_k * d_k
    if block_size is None:
        moved = 2 * T_q * d_k + 2 * T_k * d_k + 4 * T_q * T_k
    else:
        moved = 2 * T_q * d_k + 2 * T_k * d_k * max(1, T_q // block_size)
    return ops / (moved * bytes_per_number)


@wrong("arithmetic_intensity", "reads", "queries_read_for_each_block")
def everything_for_each_block(T_q, T_k, d_k, bytes_per_number, block_size=None):
    import math

    ops = 4 * T_q * T_k * d_k
    if block_size is None:
        moved = 2 * T_q * d_k + 2 * T_k * d_k + 4 * T_q * T_k
    else:
        moved = (2 * T_q * d_k + 2 * T_k * d_k) * math.ceil(T_q / block_size)
    return ops / (moved * bytes_per_number)


@wrong("grouped_query_attention", "axis", says=r"one long row")
def repeated_without_an_axis(*, query, key, value, mask=None):
    r = query.shape[1] // key.shape[1]
    return scaled_dot_product_attention(query, np.repeat(key, r), np.repeat(value, r), mask)


@wrong("grouped_query_attention", "another library", says=r"np\.repeat\(x, count, axis\)")
def interleaved(*, query, key, value, mask=None):
    r = query.shape[1] // key.shape[1]
    return scaled_dot_product_attention(query, key.repeat_interleave(r, dim=1), value.repeat_interleave(r, dim=1), mask)


@wrong("grouped_query_attention", "averaged", "heads_of_a_group_averaged")
def one_query_for_each_group(*, query, key, value, mask=None):
    B, H, T, d = query.shape
    G = key.shape[1]
    q = query.reshape(B, G, H // G, T, d).mean(axis=2)
    return scaled_dot_product_attention(q, key, value, mask)


@wrong("attention_in_blocks", "blocks", says=r"block_size \*keys\* at a time")
def queries_in_blocks(query, key, value, block_size, mask=None):
    out = []
    for s in range(0, query.shape[-2], block_size):
        mk = (
            None
            if mask is None
            else np.broadcast_to(mask, mask.shape[:-2] + (query.shape[-2], key.shape[-2]))[..., s : s + block_size, :]
        )
        out.append(scaled_dot_product_attention(query[..., s : s + block_size, :], key, value, mk)[0])
    return np.concatenate(out, axis=-2)
