"""Wrong answers to chapter 11, as learners write them, each with what it should be told."""

import numpy as np

from autograder.course.wrong_answers import wrong


# ---------------------------------------------------------------- what stands in the notebook
def softmax(scores):
    exps = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-1, keepdims=True)


def layer_norm(x, gamma, beta, epsilon=1e-6):
    centred = x - x.mean(axis=-1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + epsilon) * gamma + beta


def losses_of(logits, wanted):
    right = np.take_along_axis(softmax(logits), wanted[..., np.newaxis], axis=-1)[..., 0]
    return -np.log(np.maximum(right, 1e-12))


# ---------------------------------------------------------------- entropy
@wrong("attention_entropy", "the logarithm", "natural_logarithm")
def in_nats(weights):
    safe = np.where(weights == 0, 1, weights)
    return -np.sum(weights * np.log(safe), axis=-1)


@wrong("attention_entropy", "the logarithm", "decimal_logarithm")
def log_of_ten(weights):
    safe = np.where(weights == 0, 1, weights)
    return -np.sum(weights * np.log10(safe), axis=-1)


@wrong("attention_entropy", "zeros", "zero_times_infinity")
def textbook(weights):
    return -np.sum(weights * np.log2(weights), axis=-1)


@wrong("attention_entropy", "zeros", "number_in_the_logarithm_too_large")
def a_hundredth_added(weights):
    return -np.sum(weights * np.log2(weights + 0.01), axis=-1)


@wrong("attention_entropy", "zeros", "one_added_before_the_logarithm")
def log2_of_one_plus(weights):
    return -np.sum(weights * np.log2(1 + weights), axis=-1)


@wrong("attention_entropy", "the sign", "sign_forgotten")
def no_minus(weights):
    entropies = np.zeros(weights.shape[:-1])
    for place in np.ndindex(*entropies.shape):
        for w in weights[place]:
            if w > 0:
                entropies[place] += w * np.log2(w)
    return entropies


@wrong("attention_entropy", "the axis", "over_the_queries")
def axis_minus_two(weights):
    return -np.sum(weights * np.log2(np.where(weights > 0, weights, 1)), axis=-2)


@wrong("attention_entropy", "the axis", "over_the_heads")
def axis_one(weights):
    return -np.sum(weights * np.log2(np.where(weights > 0, weights, 1)), axis=1)


@wrong("attention_entropy", "the axis", "one_number_for_all")
def no_axis(weights):
    return -np.sum(weights * np.log2(np.where(weights > 0, weights, 1)))


@wrong("attention_entropy", "one step too many", "averaged_over_queries")
def mean_of_rows(weights):
    entropies = -np.sum(weights * np.log2(np.where(weights > 0, weights, 1)), axis=-1)
    return entropies.mean(-1)


@wrong("attention_entropy", "one step too many", "share_of_the_largest")
def normalised(weights):
    entropies = -np.sum(weights * np.log2(np.where(weights > 0, weights, 1)), axis=-1)
    return entropies / np.log2(weights.shape[-1])


@wrong("attention_entropy", "one step too many", "softmax_once_more")
def softmax_first(weights):
    p = softmax(weights)
    return -np.sum(p * np.log2(p), axis=-1)


@wrong("attention_entropy", "the terms", "weights_forgotten")
def logarithms_alone(weights):
    return -np.log2(np.where(weights > 0, weights, 1)).sum(axis=-1)


@wrong("attention_entropy", "the terms", "mean_for_the_sum_of_keys")
def terms_averaged(weights):
    return -np.mean(weights * np.log2(np.where(weights > 0, weights, 1)), axis=-1)


@wrong("attention_entropy", "last step missing", "not_added_up")
def terms(weights):
    return -weights * np.log2(np.where(weights > 0, weights, 1))


@wrong("attention_entropy", "two mistakes", "natural_logarithm", "sign_forgotten")
def nats_without_minus(weights):
    return np.sum(weights * np.log(np.where(weights > 0, weights, 1)), axis=-1)


@wrong("attention_entropy", "two mistakes", "natural_logarithm", "over_the_queries")
def nats_over_queries(weights):
    return -np.sum(weights * np.log(np.where(weights > 0, weights, 1)), axis=-2)


# ---------------------------------------------------------------- what each head adds
@wrong("head_outputs", "the rows", "columns_for_rows")
def columns(weights, value, W_o):
    B, H, T, _ = weights.shape
    d_k = value.shape[-1]
    found = []
    for h in range(H):
        own = W_o[:, h * d_k : (h + 1) * d_k]
        found.append(weights[:, h] @ value[:, h] @ own.T)
    return np.stack(found, axis=1)


@wrong("head_outputs", "the rows", "every_hth_row")
def in_turns(weights, value, W_o):
    H = weights.shape[1]
    return np.stack([weights[:, h] @ value[:, h] @ W_o[h::H] for h in range(H)], axis=1)


@wrong("head_outputs", "the rows", "first_rows_for_all")
def one_block(weights, value, W_o):
    d_k = value.shape[-1]
    return (weights @ value) @ W_o[:d_k]


@wrong("head_outputs", "the rows", "rows_overlap")
def begins_at_h(weights, value, W_o):
    d_k = value.shape[-1]
    return np.stack([weights[:, h] @ value[:, h] @ W_o[h : h + d_k] for h in range(weights.shape[1])], axis=1)


@wrong("head_outputs", "the rows", "rows_misread")
def reshaped_for_columns(weights, value, W_o):
    H, d_k = value.shape[1], value.shape[-1]
    per_head = W_o.reshape(H, W_o.shape[1], d_k)
    return np.einsum("bhqk,bhkj,hmj->bhqm", weights, value, per_head)


@wrong("head_outputs", "merging", "merged_by_reshape")
def zeros_elsewhere_and_reshape(weights, value, W_o):
    mixed = weights @ value
    B, H, T, d_k = mixed.shape
    shares = np.zeros((B, H, T, W_o.shape[1]))
    for h in range(H):
        alone = np.zeros_like(mixed)
        alone[:, h] = mixed[:, h]
        shares[:, h] = alone.reshape(B, T, H * d_k) @ W_o
    return shares


@wrong("head_outputs", "the weights", "weights_transposed")
def turned_round(weights, value, W_o):
    H, d_k = value.shape[1], value.shape[-1]
    return np.swapaxes(weights, -1, -2) @ value @ W_o.reshape(H, d_k, -1)


@wrong("head_outputs", "the weights", "weights_ignored")
def values_projected(weights, value, W_o):
    H, d_k = value.shape[1], value.shape[-1]
    mean = value.mean(axis=2, keepdims=True) * np.ones((weights.shape[2], 1))
    return mean @ W_o.reshape(H, d_k, -1)


@wrong("head_outputs", "last step missing", "no_output_matrix")
def heads_alone(weights, value, W_o):
    return np.matmul(weights, value)


@wrong("head_outputs", "one step too many", "heads_added_up")
def whole_layer(weights, value, W_o):
    mixed = weights @ value
    B, H, T, d_k = mixed.shape
    return mixed.transpose(0, 2, 1, 3).reshape(B, T, H * d_k) @ W_o


@wrong("head_outputs", "one step too many", "heads_averaged")
def divided_by_the_heads(weights, value, W_o):
    H, d_k = value.shape[1], value.shape[-1]
    return weights @ value @ W_o.reshape(H, d_k, -1) / H


@wrong("head_outputs", "the axes", "heads_first")
def list_of_heads(weights, value, W_o):
    d_k = value.shape[-1]
    heads = []
    for h in range(weights.shape[1]):
        heads.append(weights[:, h] @ value[:, h] @ W_o[h * d_k : (h + 1) * d_k])
    return np.array(heads)


@wrong("head_outputs", "the axes", "heads_after_positions")
def stacked_on_two(weights, value, W_o):
    d_k = value.shape[-1]
    own = [W_o[h * d_k : (h + 1) * d_k] for h in range(weights.shape[1])]
    return np.stack([weights[:, h] @ value[:, h] @ rows for h, rows in enumerate(own)], axis=2)


@wrong("head_outputs", "loop", "one_head_written")
def returned_too_early(weights, value, W_o):
    B, H, T, _ = weights.shape
    d_k = value.shape[-1]
    shares = np.zeros((B, H, T, W_o.shape[1]))
    for h in range(H):
        shares[:, h] = weights[:, h] @ value[:, h] @ W_o[h * d_k : (h + 1) * d_k]
        return shares


@wrong("head_outputs", "loop", "running_sum")
def never_reset(weights, value, W_o):
    d_k, total, shares = value.shape[-1], 0, []
    for h in range(weights.shape[1]):
        total = total + weights[:, h] @ value[:, h] @ W_o[h * d_k : (h + 1) * d_k]
        shares.append(total)
    return np.stack(shares, axis=1)


@wrong("head_outputs", "two mistakes", "columns_for_rows", "heads_added_up")
def columns_added(weights, value, W_o):
    d_k = value.shape[-1]
    return sum(weights[:, h] @ value[:, h] @ W_o[:, h * d_k : (h + 1) * d_k].T for h in range(weights.shape[1]))


# ---------------------------------------------------------------- without heads
@wrong("without_heads", "which heads", "removed_ones_kept")
def picks_the_removed(contributions, removed, b_o):
    return contributions[:, removed == 1].sum(axis=1) + b_o


@wrong("without_heads", "which heads", "nothing_removed")
def never_used(contributions, removed, b_o):
    kept = contributions.copy()
    for h, gone in enumerate(removed):
        if gone:
            kept[:, h] == 0
    return kept.sum(axis=1) + b_o


@wrong("without_heads", "which heads", "numbers_taken_for_heads")
def deleted(contributions, removed, b_o):
    return np.delete(contributions, removed, axis=1).sum(axis=1) + b_o


@wrong("without_heads", "which heads", "tilde_on_numbers")
def tilde(contributions, removed, b_o):
    return contributions[:, ~removed].sum(axis=1) + b_o


@wrong("without_heads", "which heads", "numbers_taken_for_heads_to_keep")
def indexed(contributions, removed, b_o):
    return contributions[:, removed].sum(axis=1) + b_o


@wrong("without_heads", "which heads", "first_or_last_removed_only")
def argmax_of_removed(contributions, removed, b_o):
    kept = contributions.copy()
    kept[:, np.argmax(removed)] = 0
    return kept.sum(axis=1) + b_o


@wrong("without_heads", "the axis", "along_the_positions")
def third_axis(contributions, removed, b_o):
    kept = contributions.copy()
    for h in range(min(len(removed), contributions.shape[2])):
        if removed[h]:
            kept[:, :, h] = 0
    return kept.sum(axis=1) + b_o


@wrong("without_heads", "the bias", "bias_lost")
def sum_alone(contributions, removed, b_o):
    return np.einsum("bhtm,h->btm", contributions, 1 - removed)


@wrong("without_heads", "the bias", "bias_for_each_head")
def bias_inside(contributions, removed, b_o):
    return (contributions[:, removed == 0] + b_o).sum(axis=1)


@wrong("without_heads", "the bias", "bias_shared_out")
def a_share_of_the_bias(contributions, removed, b_o):
    H = len(removed)
    each = contributions + b_o / H
    return each[:, removed == 0].sum(axis=1)


@wrong("without_heads", "the sum", "made_up_for")
def mean_of_those_left(contributions, removed, b_o):
    left = contributions[:, removed == 0]
    return left.sum(axis=1) / max(left.shape[1], 1) + b_o


@wrong("without_heads", "the sum", "heads_averaged")
def zeroed_and_averaged(contributions, removed, b_o):
    return (contributions * (1 - removed)[:, None, None]).mean(axis=1) + b_o


@wrong("without_heads", "last step missing", "heads_not_added_up")
def zeroed_only(contributions, removed, b_o):
    return contributions * (1 - removed)[:, None, None] + b_o


@wrong("without_heads", "two mistakes", "removed_ones_kept", "bias_lost")
def only_the_removed(contributions, removed, b_o):
    return (contributions * removed[:, None, None]).sum(axis=1)


# ---------------------------------------------------------------- the stream
@wrong("residual_stream", "the beginning", "embedding_forgotten")
def sums_of_layers(embedding, contributions):
    return np.cumsum(contributions, axis=0)


@wrong("residual_stream", "the beginning", "embedding_not_listed")
def after_each_layer(embedding, contributions):
    return embedding + np.cumsum(contributions, axis=0)


@wrong("residual_stream", "the beginning", "embedding_in_front_only")
def joined(embedding, contributions):
    return np.concatenate([embedding[None], np.cumsum(contributions, axis=0)])


@wrong("residual_stream", "the sum", "nothing_runs_on")
def each_on_the_embedding(embedding, contributions):
    return np.stack([embedding] + [embedding + c for c in contributions])


@wrong("residual_stream", "the sum", "contributions_listed")
def listed(embedding, contributions):
    return np.stack([embedding, *contributions])


@wrong("residual_stream", "the sum", "embedding_added_each_time")
def embedding_again(embedding, contributions):
    stream = [embedding]
    for c in contributions:
        stream.append(stream[-1] + embedding + c)
    return np.array(stream)


@wrong("residual_stream", "the sum", "stream_doubled")
def plus_equals_twice(embedding, contributions):
    x, stream = embedding, [embedding]
    for c in contributions:
        x = x + (x + c)
        stream.append(x)
    return np.array(stream)


@wrong("residual_stream", "in place", "one_array_again_and_again")
def the_same_array(embedding, contributions):
    x, stream = embedding.copy(), []
    stream.append(x)
    for c in contributions:
        x += c
        stream.append(x)
    return np.array(stream)


@wrong("residual_stream", "last step missing", "last_only")
def the_end(embedding, contributions):
    return embedding + contributions.sum(axis=0)


@wrong("residual_stream", "loop", "first_layer_only")
def returned_inside(embedding, contributions):
    stream = [embedding]
    for c in contributions:
        stream.append(stream[-1] + c)
        return np.array(stream)


@wrong("residual_stream", "loop", "last_layer_missing")
def one_layer_short(embedding, contributions):
    stream = [embedding]
    for n in range(len(contributions) - 1):
        stream.append(stream[n] + contributions[n])
    return np.array(stream)


@wrong("residual_stream", "the axes", "layers_on_the_second_axis")
def stacked_beside(embedding, contributions):
    stream = [embedding]
    for c in contributions:
        stream.append(stream[-1] + c)
    return np.stack(stream, axis=1)


@wrong("residual_stream", "the axes", "joined_along_the_batch")
def concatenated(embedding, contributions):
    stream = [embedding]
    for c in contributions:
        stream.append(stream[-1] + c)
    return np.concatenate(stream)


@wrong("residual_stream", "two mistakes", "nothing_runs_on", "embedding_not_listed")
def embedding_plus(embedding, contributions):
    return embedding + contributions


# ---------------------------------------------------------------- the lens
@wrong("logit_lens", "the norm", "norm_left_out")
def no_norm(stream, gamma, beta, unembedding):
    return stream @ unembedding


@wrong("logit_lens", "the norm", "gain_without_norm")
def gain_only(stream, gamma, beta, unembedding):
    return (stream * gamma + beta) @ unembedding


@wrong("logit_lens", "the norm", "norm_without_gain")
def plain_norm(stream, gamma, beta, unembedding):
    x = (stream - stream.mean(-1, keepdims=True)) / stream.std(-1, keepdims=True)
    return x @ unembedding


@wrong("logit_lens", "the norm", "gain_and_offset_exchanged")
def beta_gamma(stream, gamma, beta, unembedding):
    return layer_norm(stream, beta, gamma) @ unembedding


@wrong("logit_lens", "the norm", "mean_not_subtracted")
def rms(stream, gamma, beta, unembedding):
    x = stream / np.sqrt(np.mean(stream**2, axis=-1, keepdims=True) + 1e-6)
    return (x * gamma + beta) @ unembedding


@wrong("logit_lens", "the norm", "variance_for_the_root")
def by_the_variance(stream, gamma, beta, unembedding):
    mean, variance = stream.mean(-1, keepdims=True), stream.var(-1, keepdims=True)
    return ((stream - mean) / variance * gamma + beta) @ unembedding


@wrong("logit_lens", "the norm", "norm_over_all")
def one_mean(stream, gamma, beta, unembedding):
    x = (stream - np.mean(stream)) / np.std(stream)
    return (x * gamma + beta) @ unembedding


@wrong("logit_lens", "the order", "norm_behind_the_unembedding")
def read_then_norm(stream, gamma, beta, unembedding):
    return layer_norm(stream @ unembedding, gamma, beta)


@wrong("logit_lens", "what is read", "steps_read")
def differences(stream, gamma, beta, unembedding):
    return layer_norm(np.diff(stream, axis=0), gamma, beta) @ unembedding


@wrong("logit_lens", "what is read", "last_entry_only")
def the_models_own(stream, gamma, beta, unembedding):
    return layer_norm(stream[-1], gamma, beta) @ unembedding


@wrong("logit_lens", "what is read", "first_entry_left_out")
def layers_alone(stream, gamma, beta, unembedding):
    return np.array([layer_norm(x, gamma, beta) @ unembedding for x in stream[1:]])


@wrong("logit_lens", "one step too many", "softmax_taken")
def shares(stream, gamma, beta, unembedding):
    return softmax(layer_norm(stream, gamma, beta) @ unembedding)


@wrong("logit_lens", "one step too many", "largest_taken")
def letters(stream, gamma, beta, unembedding):
    return np.argmax(layer_norm(stream, gamma, beta) @ unembedding, axis=-1)


@wrong("logit_lens", "last step missing", "unembedding_left_out")
def normalised_stream(stream, gamma, beta, unembedding):
    return layer_norm(stream, gamma, beta)


@wrong("logit_lens", "the matrix", "unembedding_transposed")
def transposed(stream, gamma, beta, unembedding):
    return layer_norm(stream, gamma, beta) @ unembedding.T


@wrong("logit_lens", "two mistakes", "norm_left_out", "last_entry_only")
def last_without_norm(stream, gamma, beta, unembedding):
    return stream[-1] @ unembedding


@wrong("logit_lens", "two mistakes", "norm_left_out", "softmax_taken")
def shares_without_norm(stream, gamma, beta, unembedding):
    return softmax(stream @ unembedding)


# ---------------------------------------------------------------- one back
@wrong("previous_token_score", "which key", "own_key")
def trace(weights):
    T = weights.shape[-1]
    return np.trace(weights, axis1=-2, axis2=-1).mean(axis=0) / T


@wrong("previous_token_score", "which key", "query_and_key_exchanged")
def offset_plus_one(weights):
    return np.diagonal(weights, offset=1, axis1=-2, axis2=-1).mean(axis=(0, -1))


@wrong("previous_token_score", "which key", "query_and_key_exchanged")
def key_first(weights):
    T = weights.shape[-1]
    return np.mean([weights[:, :, t - 1, t] for t in range(1, T)], axis=(0, 1))


@wrong("previous_token_score", "the range", "first_query_wraps")
def from_zero(weights):
    T = weights.shape[-1]
    return np.mean([weights[:, :, t, t - 1] for t in range(T)], axis=(0, 1))


@wrong("previous_token_score", "the range", "first_query_left_out_of_the_sum_only")
def divided_by_T(weights):
    B, H, T, _ = weights.shape
    total = np.zeros(H)
    for t in range(1, T):
        total += weights[:, :, t, t - 1].sum(axis=0)
    return total / (B * T)


@wrong("previous_token_score", "the range", "last_query_left_out")
def range_ends_early(weights):
    T = weights.shape[-1]
    return np.mean([weights[:, :, t, t - 1] for t in range(1, T - 1)], axis=(0, 1))


@wrong("previous_token_score", "the mean", "heads_averaged")
def one_number(weights):
    return np.diagonal(weights, offset=-1, axis1=-2, axis2=-1).mean()


@wrong("previous_token_score", "the mean", "sequences_kept_apart")
def by_sequence(weights):
    return np.diagonal(weights, offset=-1, axis1=-2, axis2=-1).mean(axis=-1)


@wrong("previous_token_score", "the mean", "first_sequence_alone")
def first_of_the_batch(weights):
    return np.diagonal(weights[0], offset=-1, axis1=-2, axis2=-1).mean(axis=-1)


@wrong("previous_token_score", "the mean", "added_up_over_queries")
def summed(weights):
    return np.diagonal(weights, offset=-1, axis1=-2, axis2=-1).sum(axis=-1).mean(axis=0)


@wrong("previous_token_score", "the measure", "counted_by_the_largest")
def how_often_the_largest(weights):
    best = weights.argmax(axis=-1)[..., 1:]
    return (best == np.arange(weights.shape[-1] - 1)).mean(axis=(0, 2))


@wrong("previous_token_score", "two mistakes", "query_and_key_exchanged", "sequences_kept_apart")
def ahead_by_sequence(weights):
    return np.diagonal(weights, offset=1, axis1=-2, axis2=-1).mean(axis=-1)


# ---------------------------------------------------------------- behind the earlier copy
@wrong("induction_score", "which key", "same_letter")
def t_minus_period(weights, period):
    T = weights.shape[-1]
    return np.mean([weights[:, :, t, t - period] for t in range(period, T)], axis=(0, 1))


@wrong("induction_score", "which key", "one_further_back")
def t_minus_period_minus_one(weights, period):
    T = weights.shape[-1]
    return np.mean([weights[:, :, t, t - period - 1] for t in range(period, T)], axis=(0, 1))


@wrong("induction_score", "which key", "query_and_key_exchanged")
def offset_turned(weights, period):
    return np.diagonal(weights, offset=period - 1, axis1=-2, axis2=-1)[..., 1:].mean(axis=(0, -1))


@wrong("induction_score", "the range", "begins_one_early")
def whole_diagonal(weights, period):
    return np.diagonal(weights, offset=1 - period, axis1=-2, axis2=-1).mean(axis=(0, -1))


@wrong("induction_score", "the range", "begins_one_late")
def from_period_plus_one(weights, period):
    T = weights.shape[-1]
    return np.mean([weights[:, :, t, t - period + 1] for t in range(period + 1, T)], axis=(0, 1))


@wrong("induction_score", "the range", "all_queries_with_wrapped_keys")
def every_query(weights, period):
    T = weights.shape[-1]
    return np.mean([weights[:, :, t, t - period + 1] for t in range(T)], axis=(0, 1))


@wrong("induction_score", "the range", "divided_by_all_queries")
def divided_by_the_length(weights, period):
    B, H, T, _ = weights.shape
    total = np.zeros(H)
    for b in range(B):
        for t in range(period, T):
            total += weights[b, :, t, t - period + 1]
    return total / (B * T)


@wrong("induction_score", "the range", "second_repetition_only")
def up_to_two_periods(weights, period):
    T = weights.shape[-1]
    return np.mean([weights[:, :, t, t - period + 1] for t in range(period, min(2 * period, T))], axis=(0, 1))


@wrong("induction_score", "the mean", "heads_averaged")
def all_heads_together(weights, period):
    return np.diagonal(weights, offset=1 - period, axis1=-2, axis2=-1)[..., 1:].mean()


@wrong("induction_score", "the mean", "sequences_kept_apart")
def batch_forgotten(weights, period):
    return np.diagonal(weights, offset=1 - period, axis1=-2, axis2=-1)[..., 1:].mean(axis=-1)


@wrong("induction_score", "the mean", "heads_taken_for_sequences")
def mean_over_axis_one(weights, period):
    return np.diagonal(weights, offset=1 - period, axis1=-2, axis2=-1)[..., 1:].mean(axis=(1, -1))


@wrong("induction_score", "the measure", "counted_by_the_largest")
def share_of_hits(weights, period):
    T = weights.shape[-1]
    hits = [weights[:, :, t].argmax(axis=-1) == t - period + 1 for t in range(period, T)]
    return np.mean(hits, axis=(0, 1))


@wrong("induction_score", "the task before", "previous_place")
def score_of_the_task_before(weights, period):
    T = weights.shape[-1]
    return np.mean([weights[:, :, t, t - 1] for t in range(period, T)], axis=(0, 1))


@wrong("induction_score", "two mistakes", "same_letter", "sequences_kept_apart")
def same_letter_by_sequence(weights, period):
    return np.diagonal(weights, offset=-period, axis1=-2, axis2=-1).mean(axis=-1)


@wrong("induction_score", "two mistakes", "same_letter", "heads_averaged")
def same_letter_for_all(weights, period):
    return np.diagonal(weights, offset=-period, axis1=-2, axis2=-1).mean()


# ---------------------------------------------------------------- what a repetition is worth
@wrong("in_context_gain", "the cut", "turn_counted_as_new")
def up_to_period(losses, period):
    return losses[:, :period].mean() - losses[:, period:].mean()


@wrong("in_context_gain", "the cut", "turn_counted_as_known")
def from_period_minus_one(losses, period):
    return losses[:, : period - 1].mean() - losses[:, period - 1 :].mean()


@wrong("in_context_gain", "the cut", "second_repetition_only")
def second_alone(losses, period):
    return losses[:, : period - 1].mean() - losses[:, period : 2 * period - 1].mean()


@wrong("in_context_gain", "the cut", "cut_in_the_middle")
def first_and_second_half(losses, period):
    half = losses.shape[1] // 2
    return losses[:, :half].mean() - losses[:, half:].mean()


@wrong("in_context_gain", "the axis", "sequences_cut")
def rows_cut(losses, period):
    return losses[: period - 1].mean() - losses[period:].mean()


@wrong("in_context_gain", "the comparison", "sign_turned")
def later_less_earlier(losses, period):
    return losses[:, period:].mean() - losses[:, : period - 1].mean()


@wrong("in_context_gain", "the comparison", "ratio_returned")
def divided(losses, period):
    return losses[:, : period - 1].mean() / losses[:, period:].mean()


@wrong("in_context_gain", "the comparison", "known_only")
def later_alone(losses, period):
    return losses[:, period:].mean()


@wrong("in_context_gain", "the mean", "losses_added_up")
def sums(losses, period):
    return losses[:, : period - 1].sum() - losses[:, period:].sum()


@wrong("in_context_gain", "the mean", "sequences_kept_apart")
def axis_one_alone(losses, period):
    return losses[:, : period - 1].mean(axis=1) - losses[:, period:].mean(axis=1)


@wrong("in_context_gain", "the mean", "ends_compared")
def first_and_last(losses, period):
    return losses[:, 0].mean() - losses[:, -1].mean()


@wrong("in_context_gain", "two mistakes", "turn_counted_as_new", "sign_turned")
def turned_and_up_to_period(losses, period):
    return losses[:, period:].mean() - losses[:, :period].mean()


# ---------------------------------------------------------------- find the bug
def loss(kept, rest, read, wanted):
    return losses_of(read(rest + kept.sum(axis=1)), wanted).mean()


@wrong("find_the_bug", "nothing happened", "still_piled_up")
def copied_outside(contributions, rest, read, wanted):
    whole = loss(contributions, rest, read, wanted)
    kept = np.array(contributions)
    damage = []
    for h in range(kept.shape[1]):
        kept[:, h] = 0
        damage.append(loss(kept, rest, read, wanted) - whole)
    return np.array(damage)


@wrong("find_the_bug", "the symptom", "differences_of_piled_up")
def whole_moves_along(contributions, rest, read, wanted):
    whole = loss(contributions, rest, read, wanted)
    kept = contributions.copy()
    damage = []
    for h in range(kept.shape[1]):
        kept[:, h] = 0
        now = loss(kept, rest, read, wanted)
        damage.append(now - whole)
        whole = now
    return np.array(damage)


@wrong("find_the_bug", "which heads", "all_others_removed")
def zeros_and_one(contributions, rest, read, wanted):
    whole = loss(contributions, rest, read, wanted)
    damage = []
    for h in range(contributions.shape[1]):
        kept = np.zeros_like(contributions)
        kept[:, h] = contributions[:, h]
        damage.append(loss(kept, rest, read, wanted) - whole)
    return np.array(damage)


@wrong("find_the_bug", "which heads", "nothing_removed")
def copy_not_used(contributions, rest, read, wanted):
    whole = loss(contributions, rest, read, wanted)
    damage = []
    for h in range(contributions.shape[1]):
        kept = contributions.copy()
        kept[:, h] = 0
        damage.append(loss(contributions, rest, read, wanted) - whole)
    return np.array(damage)


@wrong("find_the_bug", "the comparison", "losses_returned")
def whole_forgotten(contributions, rest, read, wanted):
    damage = []
    for h in range(contributions.shape[1]):
        kept = contributions.copy()
        kept[:, h] = 0
        damage.append(loss(kept, rest, read, wanted))
    return np.array(damage)


@wrong("find_the_bug", "the comparison", "sign_turned")
def whole_less_without(contributions, rest, read, wanted):
    whole = loss(contributions, rest, read, wanted)
    damage = []
    for h in range(contributions.shape[1]):
        kept = contributions.copy()
        kept[:, h] = 0
        damage.append(whole - loss(kept, rest, read, wanted))
    return np.array(damage)


@wrong("find_the_bug", "the axis", "sequences_removed")
def first_axis(contributions, rest, read, wanted):
    whole = loss(contributions, rest, read, wanted)
    damage = []
    for h in range(contributions.shape[1]):
        kept = contributions.copy()
        kept[h] = 0
        damage.append(loss(kept, rest, read, wanted) - whole)
    return np.array(damage)


# ---------------------------------------------------------------- a second round, written when the key was done
@wrong("attention_entropy", "zeros", "zeros_cut_off")
def clipped_from_below(weights):
    p = np.clip(weights, 0.05, 1)
    return -(weights * np.log2(p)).sum(-1)


@wrong("attention_entropy", "the wrong number", "largest_weight_returned")
def sharpness(weights):
    return np.max(weights, axis=-1)


@wrong("attention_entropy", "one step too many", "perplexity_returned")
def how_many_keys(weights):
    return 2.0 ** -np.sum(weights * np.log2(np.where(weights > 0, weights, 1)), axis=-1)


@wrong("attention_entropy", "loop", "averaged_over_heads")
def mean_map_first_entropy(weights):
    terms = -weights * np.log2(np.where(weights > 0, weights, 1))
    return terms.sum(-1).mean(1)


@wrong("attention_entropy", "the axis", "over_the_batch")
def axis_zero(weights):
    return -np.sum(weights * np.log2(np.where(weights > 0, weights, 1)), axis=0)


@wrong("head_outputs", "the rows", "last_rows_for_all")
def slice_below_the_loop(weights, value, W_o):
    H, d_k = value.shape[1], value.shape[3]
    for h in range(H):
        own = W_o[h * d_k : (h + 1) * d_k]
    return weights @ value @ own


@wrong("head_outputs", "the rows", "heads_backwards")
def popped_from_the_end(weights, value, W_o):
    H = value.shape[1]
    rows = np.split(W_o, H)
    return np.stack([weights[:, h] @ value[:, h] @ rows.pop() for h in range(H)], axis=1)


@wrong("head_outputs", "the axes", "heads_last")
def stacked_at_the_end(weights, value, W_o):
    H, d_k = value.shape[1], value.shape[3]
    return np.stack([weights[:, h] @ value[:, h] @ W_o[h * d_k : (h + 1) * d_k] for h in range(H)], axis=-1)


@wrong("head_outputs", "one step too many", "positions_averaged")
def one_vector_for_each_head(weights, value, W_o):
    H, d_k = value.shape[1], value.shape[3]
    return (weights @ value @ W_o.reshape(H, d_k, -1)).mean(axis=2)


@wrong("head_outputs", "loop", "one_head_written")
def written_below_the_loop(weights, value, W_o):
    B, H, T, _ = weights.shape
    d_k = value.shape[-1]
    shares = np.zeros((B, H, T, W_o.shape[-1]))
    for h in range(H):
        share = weights[:, h] @ value[:, h] @ W_o[h * d_k : (h + 1) * d_k]
    shares[:, h] = share
    return shares


@wrong("head_outputs", "the shape", says=r"inner sizes|The sizes")
def all_of_W_o(weights, value, W_o):
    return weights @ value @ W_o


@wrong("without_heads", "the bias", "bias_for_each_head")
def bias_in_the_loop(contributions, removed, b_o):
    output = np.zeros_like(contributions[:, 0])
    for h in range(contributions.shape[1]):
        if removed[h] == 0:
            output = output + contributions[:, h] + b_o
    return output


@wrong("without_heads", "the axis", "along_the_batch")
def first_axis_zeroed(contributions, removed, b_o):
    kept = contributions.copy()
    for n in range(min(len(kept), len(removed))):
        if removed[n]:
            kept[n] = 0
    return kept.sum(axis=1) + b_o


@wrong("without_heads", "the sum", "positions_added_up")
def sum_over_axis_two(contributions, removed, b_o):
    kept = contributions * (1 - removed)[:, np.newaxis, np.newaxis]
    return kept.sum(axis=2) + b_o


@wrong("without_heads", "the mean stays", "mean_in_their_place")
def mean_ablation(contributions, removed, b_o):
    kept = contributions.copy()
    for h in np.flatnonzero(removed):
        kept[:, h] = contributions[:, h].mean(axis=(0, 1))
    return kept.sum(axis=1) + b_o


@wrong("residual_stream", "the sum", "layers_backwards")
def reversed_layers(embedding, contributions):
    stream = [embedding]
    for c in reversed(contributions):
        stream.append(stream[-1] + c)
    return np.array(stream)


@wrong("residual_stream", "the axis", "along_the_positions")
def cumsum_over_positions(embedding, contributions):
    return np.concatenate([embedding[None], embedding + np.cumsum(contributions, axis=2)])


@wrong("residual_stream", "the sum", "averaged")
def running_mean(embedding, contributions):
    stream = [embedding]
    for n in range(len(contributions)):
        stream.append(embedding + contributions[: n + 1].mean(axis=0))
    return np.array(stream)


@wrong("logit_lens", "the norm", "norm_over_the_positions")
def norm_axis_two(stream, gamma, beta, unembedding):
    x = (stream - stream.mean(axis=2, keepdims=True)) / np.sqrt(stream.var(axis=2, keepdims=True) + 1e-6)
    return (x * gamma + beta) @ unembedding


@wrong("logit_lens", "the norm", "offset_lost")
def no_beta(stream, gamma, beta, unembedding):
    return layer_norm(stream, gamma, 0) @ unembedding


@wrong("logit_lens", "the norm", "one_less_in_the_variance")
def ddof_one(stream, gamma, beta, unembedding):
    x = (stream - stream.mean(-1, keepdims=True)) / stream.std(-1, keepdims=True, ddof=1)
    return (x * gamma + beta) @ unembedding


@wrong("previous_token_score", "the mean", "largest_taken")
def best_case(weights):
    return np.diagonal(weights, offset=-1, axis1=-2, axis2=-1).max(axis=(0, -1))


@wrong("previous_token_score", "which key", "two_back")
def offset_minus_two(weights):
    return np.diagonal(weights, offset=-2, axis1=-2, axis2=-1).mean(axis=(0, -1))


@wrong("induction_score", "the mean", "added_up")
def sum_of_all(weights, period):
    return np.diagonal(weights, offset=1 - period, axis1=-2, axis2=-1)[..., 1:].sum(axis=(0, -1))


@wrong("induction_score", "which key", "all_earlier_copies")
def every_copy(weights, period):
    T, found = weights.shape[-1], 0
    for t in range(period, T):
        for k in range(t - period + 1, 0, -period):
            found = found + weights[:, :, t, k].mean(axis=0)
    return found / (T - period)


@wrong("induction_score", "the range", "last_query_left_out")
def minus_one_at_the_end(weights, period):
    T = weights.shape[-1]
    return np.mean([weights[:, :, t, t - period + 1] for t in range(period, max(T - 1, period))], axis=(0, 1))


@wrong("in_context_gain", "the cut", "new_ends_one_early")
def two_less(losses, period):
    return losses[:, : period - 2].mean() - losses[:, period:].mean()


@wrong("in_context_gain", "the mean", "perplexities_compared")
def exponentials_of_means(losses, period):
    return np.exp(losses[:, : period - 1].mean()) - np.exp(losses[:, period:].mean())


@wrong("in_context_gain", "the cut", "turn_counted_as_new", "turn_counted_as_known")
def entry_on_both_sides(losses, period):
    return losses[:, :period].mean() - losses[:, period - 1 :].mean()


@wrong("find_the_bug", "the comparison", "added_up_over_positions")
def sums_of_losses(contributions, rest, read, wanted):
    def total(kept):
        return losses_of(read(rest + kept.sum(axis=1)), wanted).sum()

    damage = []
    for h in range(contributions.shape[1]):
        kept = contributions.copy()
        kept[:, h] = 0
        damage.append(total(kept) - total(contributions))
    return np.array(damage)


@wrong("find_the_bug", "which heads", "first_head_each_time")
def always_the_first(contributions, rest, read, wanted):
    whole = loss(contributions, rest, read, wanted)
    damage = []
    for h in range(contributions.shape[1]):
        kept = contributions.copy()
        kept[:, 0] = 0
        damage.append(loss(kept, rest, read, wanted) - whole)
    return np.array(damage)


@wrong("without_heads", "index", "numbers_taken_for_heads_to_keep")
def picked_by_numbers(contributions, removed, b_o):
    return contributions[:, 1 - removed].sum(axis=1) + b_o


@wrong("without_heads", "mean", "made_up_for")
def mean_of_those_that_stay(contributions, removed, b_o):
    return contributions[:, removed == 0].mean(axis=1) + b_o


@wrong("previous_token_score", "axes", "axes_of_the_diagonal")
def first_two_axes(weights):
    return np.diagonal(weights, offset=-1).mean(axis=-1)
