"""Wrong answers to chapter 09, as learners write them, each with what it should be told."""

import math

import numpy as np

from autograder.course.wrong_answers import wrong


# ---------------------------------------------------------------- what stands in the notebook
def softmax(scores):
    exps = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-1, keepdims=True)


def split_heads(x, num_heads):
    B, T, d_model = x.shape
    return x.reshape(B, T, num_heads, d_model // num_heads).transpose(0, 2, 1, 3)


def merge_heads(heads):
    B, H, T, d_k = heads.shape
    return heads.transpose(0, 2, 1, 3).reshape(B, T, H * d_k)


def rotate(x, positions, base=10000.0):
    d_k = x.shape[-1]
    angles = positions[:, np.newaxis] * base ** (-np.arange(0, d_k, 2) / d_k)
    even, odd = x[..., 0::2], x[..., 1::2]
    turned = np.empty(x.shape)
    turned[..., 0::2] = even * np.cos(angles) - odd * np.sin(angles)
    turned[..., 1::2] = even * np.sin(angles) + odd * np.cos(angles)
    return turned


# ---------------------------------------------------------------- RMS norm
@wrong("rms_norm", "the mean", "mean_subtracted")
def layer_norm_without_offset(x, gain, epsilon=1e-6):
    centred = x - np.mean(x, axis=-1, keepdims=True)
    return gain * centred / np.sqrt(np.mean(centred**2, axis=-1, keepdims=True) + epsilon)


@wrong("rms_norm", "the mean", "variance_taken")
def by_variance(x, gain, epsilon=1e-6):
    return x / np.sqrt(np.var(x, axis=-1, keepdims=True) + epsilon) * gain


@wrong("rms_norm", "the mean", "mean_subtracted_above")
def mean_above_only(x, gain, epsilon=1e-6):
    rms = np.sqrt((x * x).mean(-1, keepdims=True) + epsilon)
    return (x - x.mean(-1, keepdims=True)) / rms * gain


@wrong("rms_norm", "epsilon", "epsilon_outside_the_root")
def epsilon_at_the_end(x, gain, epsilon=1e-6):
    rms = np.sqrt(np.mean(np.square(x), axis=-1, keepdims=True))
    return x / (rms + epsilon) * gain


@wrong("rms_norm", "epsilon", "epsilon_left_out")
def no_epsilon(x, gain, epsilon=1e-6):
    return gain * x / np.sqrt(np.mean(np.square(x), axis=-1, keepdims=True))


@wrong("rms_norm", "epsilon", "epsilon_fixed")
def own_epsilon(x, gain, epsilon=1e-6):
    return gain * x / np.sqrt(np.mean(np.square(x), axis=-1, keepdims=True) + 1e-6)


@wrong("rms_norm", "the gain", "no_gain")
def gain_forgotten(x, gain, epsilon=1e-6):
    return x / np.sqrt(np.mean(x**2, axis=-1, keepdims=True) + epsilon)


@wrong("rms_norm", "the gain", "gain_added")
def gain_like_an_offset(x, gain, epsilon=1e-6):
    return x / np.sqrt(np.mean(x**2, axis=-1, keepdims=True) + epsilon) + gain


@wrong("rms_norm", "the gain", "one_plus_gain")
def gemma(x, gain, epsilon=1e-6):
    return x / np.sqrt(np.mean(x**2, axis=-1, keepdims=True) + epsilon) * (1.0 + gain)


@wrong("rms_norm", "root and mean", "no_root")
def mean_square_alone(x, gain, epsilon=1e-6):
    return gain * x / (np.mean(x**2, axis=-1, keepdims=True) + epsilon)


@wrong("rms_norm", "root and mean", "sum_for_mean")
def unit_length(x, gain, epsilon=1e-6):
    return gain * x / np.sqrt(np.sum(x**2, axis=-1, keepdims=True) + epsilon)


@wrong("rms_norm", "root and mean", "epsilon_outside_the_root", "sum_for_mean")
def by_linalg_norm(x, gain, epsilon=1e-6):
    return gain * x / (np.linalg.norm(x, axis=-1, keepdims=True) + epsilon)


@wrong("rms_norm", "root and mean", "multiplied")
def times_the_root(x, gain, epsilon=1e-6):
    rms = np.sqrt(np.mean(x**2, axis=-1, keepdims=True) + epsilon)
    return rms * x * gain


@wrong("rms_norm", "the axis", "over_everything")
def whole_array(x, gain, epsilon=1e-6):
    return x / np.sqrt(np.mean(x**2) + epsilon) * gain


@wrong("rms_norm", "the axis", "over_the_batch")
def axis_zero(x, gain, epsilon=1e-6):
    return x / np.sqrt(np.mean(x**2, axis=0, keepdims=True) + epsilon) * gain


@wrong("rms_norm", "the axis", says=r"keepdims=True")
def without_keepdims(x, gain, epsilon=1e-6):
    return x / np.sqrt(np.mean(x**2, axis=-1) + epsilon) * gain


@wrong("rms_norm", "two at once", "no_gain", "mean_subtracted")
def plain_layer_norm(x, gain, epsilon=1e-6):
    centred = x - x.mean(axis=-1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + epsilon)


# ---------------------------------------------------------------- SwiGLU
@wrong("swiglu", "the branches", "gate_and_up_exchanged")
def silu_on_up(x, W_gate, W_up, W_down):
    up = x @ W_up
    return ((x @ W_gate) * up / (1 + np.exp(-up))) @ W_down


@wrong("swiglu", "the branches", "both_activated")
def silu_on_both(x, W_gate, W_up, W_down):
    def silu(z):
        return z / (1 + np.exp(-z))

    return (silu(x @ W_gate) * silu(x @ W_up)) @ W_down


@wrong("swiglu", "the branches", "up_left_out")
def no_up(x, W_gate, W_up, W_down):
    gate = x @ W_gate
    return (gate * 1 / (1 + np.exp(-gate))) @ W_down


@wrong("swiglu", "the branches", "one_matrix_for_both")
def gate_twice(x, W_gate, W_up, W_down):
    gate = x @ W_gate
    return (gate / (1 + np.exp(-gate)) * gate) @ W_down


@wrong("swiglu", "the switch", "sigmoid_only")
def glu(x, W_gate, W_up, W_down):
    gate = 1 / (1 + np.exp(-(x @ W_gate)))
    return (gate * (x @ W_up)) @ W_down


@wrong("swiglu", "the switch", "relu_for_silu")
def reglu(x, W_gate, W_up, W_down):
    return np.dot(np.maximum(0, x @ W_gate) * (x @ W_up), W_down)


@wrong("swiglu", "the switch", "gelu_for_silu")
def geglu(x, W_gate, W_up, W_down):
    z = x @ W_gate
    gelu = 0.5 * z * (1 + np.vectorize(math.erf)(z / np.sqrt(2)))
    return (gelu * (x @ W_up)) @ W_down


@wrong("swiglu", "the switch", "no_activation")
def bilinear(x, W_gate, W_up, W_down):
    return ((x @ W_gate) * (x @ W_up)) @ W_down


@wrong("swiglu", "the switch", "sign_in_the_exponent")
def plus_in_the_exponent(x, W_gate, W_up, W_down):
    gate = x @ W_gate
    return (gate / (1 + np.exp(gate)) * (x @ W_up)) @ W_down


@wrong("swiglu", "how they meet", "sum_for_product")
def added(x, W_gate, W_up, W_down):
    gate = x @ W_gate
    return (gate / (1 + np.exp(-gate)) + x @ W_up) @ W_down


@wrong("swiglu", "how they meet", "activated_after_the_product")
def silu_of_the_product(x, W_gate, W_up, W_down):
    z = (x @ W_gate) * (x @ W_up)
    return (z / (1 + np.exp(-z))) @ W_down


@wrong("swiglu", "the way down", "no_way_down")
def stays_up(x, W_gate, W_up, W_down):
    gate = x @ W_gate
    return gate / (1 + np.exp(-gate)) * (x @ W_up)


@wrong("swiglu", "the way down", "residual_added")
def with_residual(x, W_gate, W_up, W_down):
    gate = x @ W_gate
    return x + (gate / (1 + np.exp(-gate)) * (x @ W_up)) @ W_down


@wrong("swiglu", "shapes", says=r"`\*`, not `@`")
def matrix_product_of_the_two(x, W_gate, W_up, W_down):
    gate = x @ W_gate
    return (gate / (1 + np.exp(-gate)) @ (x @ W_up)) @ W_down


# ---------------------------------------------------------------- rotary positions
@wrong("rotate", "pairs", "halves")
def like_hugging_face(x, positions, base=10000.0):
    d_k = x.shape[-1]
    angles = positions[:, None] * (1.0 / base ** (np.arange(0, d_k, 2) / d_k))
    cos, sin = np.cos(np.concatenate([angles, angles], -1)), np.sin(np.concatenate([angles, angles], -1))
    half = np.concatenate([-x[..., d_k // 2 :], x[..., : d_k // 2]], axis=-1)
    return x * cos + half * sin


@wrong("rotate", "pairs", "put_back_in_halves")
def concatenated(x, positions, base=10000.0):
    d = x.shape[-1]
    theta = np.outer(positions, base ** (-np.arange(0, d, 2) / d))
    a, b = x[..., ::2], x[..., 1::2]
    return np.concatenate([a * np.cos(theta) - b * np.sin(theta), a * np.sin(theta) + b * np.cos(theta)], axis=-1)


@wrong("rotate", "the angle", "turned_backwards")
def minus_and_plus_exchanged(x, positions, base=10000.0):
    d = x.shape[-1]
    theta = np.outer(positions, base ** (-np.arange(0, d, 2) / d))
    out = np.zeros(x.shape)
    out[..., ::2] = x[..., ::2] * np.cos(theta) + x[..., 1::2] * np.sin(theta)
    out[..., 1::2] = x[..., 1::2] * np.cos(theta) - x[..., ::2] * np.sin(theta)
    return out


@wrong("rotate", "the angle", "counted_from_one")
def from_one(x, positions, base=10000.0):
    return rotate(x, np.asarray(positions) + 1, base)


@wrong("rotate", "the angle", "positions_counted_anew")
def own_positions(x, positions, base=10000.0):
    T = x.shape[-2]
    return rotate(x, np.arange(T), base)


@wrong("rotate", "the speeds", "speed_by_pair")
def two_forgotten(x, positions, base=10000.0):
    d = x.shape[-1]
    theta = np.outer(positions, base ** (-np.arange(d // 2) / d))
    out = np.empty(x.shape)
    out[..., ::2] = x[..., ::2] * np.cos(theta) - x[..., 1::2] * np.sin(theta)
    out[..., 1::2] = x[..., ::2] * np.sin(theta) + x[..., 1::2] * np.cos(theta)
    return out


@wrong("rotate", "the speeds", "two_too_many")
def two_twice(x, positions, base=10000.0):
    d = x.shape[-1]
    i = np.arange(0, d, 2)
    theta = np.outer(positions, base ** (-2 * i / d))
    out = np.empty(x.shape)
    out[..., ::2] = x[..., ::2] * np.cos(theta) - x[..., 1::2] * np.sin(theta)
    out[..., 1::2] = x[..., ::2] * np.sin(theta) + x[..., 1::2] * np.cos(theta)
    return out


@wrong("rotate", "the speeds", "speeds_grow")
def no_minus(x, positions, base=10000.0):
    d = x.shape[-1]
    theta = np.outer(positions, base ** (np.arange(0, d, 2) / d))
    out = np.empty(x.shape)
    out[..., ::2] = x[..., ::2] * np.cos(theta) - x[..., 1::2] * np.sin(theta)
    out[..., 1::2] = x[..., ::2] * np.sin(theta) + x[..., 1::2] * np.cos(theta)
    return out


@wrong("rotate", "the speeds", "base_fixed")
def base_in_the_code(x, positions, base=10000.0):
    return rotate(x, positions)


@wrong("rotate", "the speeds", "one_speed_for_all")
def all_alike(x, positions, base=10000.0):
    theta = positions[:, None]
    out = np.empty(x.shape)
    out[..., ::2] = x[..., ::2] * np.cos(theta) - x[..., 1::2] * np.sin(theta)
    out[..., 1::2] = x[..., ::2] * np.sin(theta) + x[..., 1::2] * np.cos(theta)
    return out


@wrong("rotate", "the turn", "first_overwritten")
def in_place_on_a_copy(x, positions, base=10000.0):
    x = x.copy()
    d = x.shape[-1]
    theta = np.outer(positions, base ** (-np.arange(0, d, 2) / d))
    even, odd = x[..., 0::2], x[..., 1::2]
    x[..., 0::2] = even * np.cos(theta) - odd * np.sin(theta)
    x[..., 1::2] = even * np.sin(theta) + odd * np.cos(theta)
    return x


@wrong("rotate", "the turn", "not_a_turn")
def both_plus(x, positions, base=10000.0):
    d = x.shape[-1]
    theta = np.outer(positions, base ** (-np.arange(0, d, 2) / d))
    out = np.empty(x.shape)
    out[..., ::2] = x[..., ::2] * np.cos(theta) + x[..., 1::2] * np.sin(theta)
    out[..., 1::2] = x[..., ::2] * np.sin(theta) + x[..., 1::2] * np.cos(theta)
    return out


@wrong("rotate", "the turn", "encoding_added")
def as_in_2017(x, positions, base=10000.0):
    d = x.shape[-1]
    theta = np.outer(positions, base ** (-np.arange(0, d, 2) / d))
    encoding = np.empty((len(positions), d))
    encoding[:, 0::2], encoding[:, 1::2] = np.sin(theta), np.cos(theta)
    return x + encoding


@wrong("rotate", "two at once", "speed_by_pair", "turned_backwards")
def backwards_and_slow(x, positions, base=10000.0):
    d = x.shape[-1]
    theta = np.outer(positions, base ** (-np.arange(d // 2) / d))
    out = np.empty(x.shape)
    out[..., ::2] = x[..., ::2] * np.cos(theta) + x[..., 1::2] * np.sin(theta)
    out[..., 1::2] = -x[..., ::2] * np.sin(theta) + x[..., 1::2] * np.cos(theta)
    return out


@wrong("rotate", "shapes", says=r"Angles are \(T, d_k / 2\)")
def angles_the_other_way(x, positions, base=10000.0):
    d = x.shape[-1]
    theta = np.outer(base ** (-np.arange(0, d, 2) / d), positions)
    out = np.empty(x.shape)
    out[..., ::2] = x[..., ::2] * np.cos(theta) - x[..., 1::2] * np.sin(theta)
    out[..., 1::2] = x[..., ::2] * np.sin(theta) + x[..., 1::2] * np.cos(theta)
    return out


# ---------------------------------------------------------------- causal self-attention
def attention(x, W_q, W_k, W_v, W_o, num_heads, turn=(1, 1, 0), root=None, mask=None, hide=None, after=None):
    """Answer as most do, with one thing otherwise."""
    T = x.shape[1]
    q, k, v = (split_heads(x @ W, num_heads) for W in (W_q, W_k, W_v))
    q, k, v = (rotate(h, np.arange(T)) if do else h for h, do in zip((q, k, v), turn))
    scores = q @ k.transpose(0, 1, 3, 2) / (np.sqrt(q.shape[-1]) if root is None else root)
    mask = np.triu(np.ones((T, T)), k=1) if mask is None else mask
    scores = np.where(mask == 1, -1e9, scores) if hide is None else hide(scores, mask)
    weights = softmax(scores)
    weights = weights if after is None else after(weights, mask)
    return merge_heads(weights @ v) @ W_o, weights


@wrong("causal_self_attention", "the turn", "values_turned")
def all_three_turned(x, W_q, W_k, W_v, W_o, num_heads):
    return attention(x, W_q, W_k, W_v, W_o, num_heads, turn=(1, 1, 1))


@wrong("causal_self_attention", "the turn", "nothing_turned")
def chapter_5(x, W_q, W_k, W_v, W_o, num_heads):
    return attention(x, W_q, W_k, W_v, W_o, num_heads, turn=(0, 0, 0))


@wrong("causal_self_attention", "the turn", "only_queries_turned")
def keys_as_they_are(x, W_q, W_k, W_v, W_o, num_heads):
    return attention(x, W_q, W_k, W_v, W_o, num_heads, turn=(1, 0, 0))


@wrong("causal_self_attention", "the turn", "turned_before_the_split")
def turned_too_early(x, W_q, W_k, W_v, W_o, num_heads):
    T = x.shape[1]
    q, k = rotate(x @ W_q, np.arange(T)), rotate(x @ W_k, np.arange(T))
    q, k, v = split_heads(q, num_heads), split_heads(k, num_heads), split_heads(x @ W_v, num_heads)
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1])
    weights = softmax(np.where(np.triu(np.ones((T, T)), k=1) == 1, -np.inf, scores))
    return merge_heads(weights @ v) @ W_o, weights


@wrong("causal_self_attention", "the turn", "input_turned")
def x_turned(x, W_q, W_k, W_v, W_o, num_heads):
    T = x.shape[1]
    turned = rotate(x, np.arange(T))
    q, k, v = (
        split_heads(turned @ W_q, num_heads),
        split_heads(turned @ W_k, num_heads),
        split_heads(turned @ W_v, num_heads),
    )
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1])
    weights = softmax(np.where(np.triu(np.ones((T, T)), k=1) == 1, -np.inf, scores))
    return merge_heads(weights @ v) @ W_o, weights


@wrong("causal_self_attention", "the mask", "future_visible")
def no_mask(x, W_q, W_k, W_v, W_o, num_heads):
    return attention(x, W_q, W_k, W_v, W_o, num_heads, hide=lambda scores, mask: scores)


@wrong("causal_self_attention", "the mask", "present_hidden")
def triu_without_k(x, W_q, W_k, W_v, W_o, num_heads):
    return attention(x, W_q, W_k, W_v, W_o, num_heads, mask=np.triu(np.ones((x.shape[1], x.shape[1]))))


@wrong("causal_self_attention", "the mask", "past_hidden")
def lower_triangle(x, W_q, W_k, W_v, W_o, num_heads):
    return attention(x, W_q, W_k, W_v, W_o, num_heads, mask=np.tril(np.ones((x.shape[1], x.shape[1])), k=-1))


@wrong("causal_self_attention", "the mask", "mask_after_softmax")
def weights_zeroed(x, W_q, W_k, W_v, W_o, num_heads):
    return attention(
        x,
        W_q,
        W_k,
        W_v,
        W_o,
        num_heads,
        hide=lambda scores, mask: scores,
        after=lambda weights, mask: weights * (1 - mask),
    )


@wrong("causal_self_attention", "the scale", "not_scaled")
def no_root(x, W_q, W_k, W_v, W_o, num_heads):
    return attention(x, W_q, W_k, W_v, W_o, num_heads, root=1)


@wrong("causal_self_attention", "the scale", "root_of_d_model")
def root_of_all(x, W_q, W_k, W_v, W_o, num_heads):
    return attention(x, W_q, W_k, W_v, W_o, num_heads, root=np.sqrt(x.shape[-1]))


@wrong("causal_self_attention", "the way out", "no_output_projection")
def not_projected(x, W_q, W_k, W_v, W_o, num_heads):
    return attention(x, W_q, W_k, W_v, np.eye(x.shape[-1]), num_heads)


@wrong("causal_self_attention", "the way out", "returned_backwards")
def weights_first(x, W_q, W_k, W_v, W_o, num_heads):
    output, weights = attention(x, W_q, W_k, W_v, W_o, num_heads)
    return weights, output


@wrong("causal_self_attention", "the way out", "merged_by_reshape")
def reshaped_back(x, W_q, W_k, W_v, W_o, num_heads):
    B, T, d = x.shape
    q, k, v = (split_heads(x @ W, num_heads) for W in (W_q, W_k, W_v))
    q, k = rotate(q, np.arange(T)), rotate(k, np.arange(T))
    scores = q @ k.transpose(0, 1, 3, 2) / np.sqrt(d // num_heads)
    weights = softmax(scores - 1e9 * np.triu(np.ones((T, T)), k=1))
    return (weights @ v).reshape(B, T, d) @ W_o, weights


@wrong("causal_self_attention", "two at once", "values_turned", "not_scaled")
def turned_and_unscaled(x, W_q, W_k, W_v, W_o, num_heads):
    return attention(x, W_q, W_k, W_v, W_o, num_heads, turn=(1, 1, 1), root=1)


# ---------------------------------------------------------------- next-token loss
def log_softmax(logits):
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


@wrong("next_token_loss", "the shift", "not_shifted")
def asked_for_the_given(logits, ids):
    return -np.take_along_axis(log_softmax(logits), ids[..., None], axis=-1).mean()


@wrong("next_token_loss", "the shift", "not_shifted")
def both_cut_alike(logits, ids):
    logits, ids = logits[:, 1:], ids[:, 1:]
    return -np.take_along_axis(log_softmax(logits), ids[..., None], axis=-1).mean()


@wrong("next_token_loss", "the shift", "shifted_the_other_way")
def asked_for_the_one_before(logits, ids):
    logp = log_softmax(logits[:, 1:])
    return -np.take_along_axis(logp, ids[:, :-1, np.newaxis], axis=2).mean()


@wrong("next_token_loss", "the shift", "first_token_asked_last")
def by_roll(logits, ids):
    targets = np.roll(ids, -1, axis=1)
    return -np.take_along_axis(log_softmax(logits), targets[..., None], axis=-1).mean()


@wrong("next_token_loss", "the mean", "sum_over_texts")
def summed(logits, ids):
    loss = 0
    logp = log_softmax(logits)
    for b in range(ids.shape[0]):
        for t in range(ids.shape[1] - 1):
            loss -= logp[b, t, ids[b, t + 1]]
    return loss


@wrong("next_token_loss", "the mean", "divided_by_all_positions")
def over_b_times_t(logits, ids):
    B, T = ids.shape
    logp = log_softmax(logits)
    return sum(-logp[b, t, ids[b, t + 1]] for b in range(B) for t in range(T - 1)) / (B * T)


@wrong("next_token_loss", "the mean", "divided_by_texts")
def over_b(logits, ids):
    logp = np.take_along_axis(log_softmax(logits[:, :-1]), ids[:, 1:, None], axis=-1)
    return -logp.sum() / len(ids)


@wrong("next_token_loss", "the mean", "not_averaged")
def all_losses(logits, ids):
    return -np.take_along_axis(log_softmax(logits[:, :-1]), ids[:, 1:, None], axis=-1)[..., 0]


@wrong("next_token_loss", "the logarithm", "sign_lost")
def without_minus(logits, ids):
    return np.take_along_axis(log_softmax(logits[:, :-1]), ids[:, 1:, None], axis=-1).mean()


@wrong("next_token_loss", "the logarithm", "in_bits")
def log2(logits, ids):
    return -np.take_along_axis(log_softmax(logits[:, :-1]), ids[:, 1:, None], axis=-1).mean() / np.log(2)


@wrong("next_token_loss", "the logarithm", "perplexity")
def exponential(logits, ids):
    return np.exp(-np.take_along_axis(log_softmax(logits[:, :-1]), ids[:, 1:, None], axis=-1).mean())


@wrong("next_token_loss", "the softmax", "overflows")
def naive_softmax(logits, ids):
    exps = np.exp(logits[:, :-1])
    p = exps / exps.sum(axis=-1, keepdims=True)
    return -np.log(np.take_along_axis(p, ids[:, 1:, None], axis=-1)).mean()


@wrong("next_token_loss", "the softmax", "infinite")
def softmax_then_log(logits, ids):
    p = softmax(logits[:, :-1])
    return -np.log(np.take_along_axis(p, ids[:, 1:, None], axis=-1)).mean()


@wrong("next_token_loss", "the softmax", "probabilities_first")
def with_a_floor(logits, ids):
    p = softmax(logits[:, :-1])
    return -np.log(np.take_along_axis(p, ids[:, 1:, None], axis=-1) + 1e-9).mean()


@wrong("next_token_loss", "the softmax", "softmax_over_positions")
def axis_one(logits, ids):
    logits = logits[:, :-1] - logits[:, :-1].max(axis=1, keepdims=True)
    logp = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return -np.take_along_axis(logp, ids[:, 1:, None], axis=-1).mean()


# ---------------------------------------------------------------- temperature and top-k
@wrong("top_k", "the temperature", "temperature_multiplied")
def times_temperature(logits, k, temperature=1.0):
    scaled = logits * temperature
    return softmax(np.where(scaled >= np.sort(scaled)[-k], scaled, -np.inf))


@wrong("top_k", "the temperature", "temperature_ignored")
def after_the_softmax(logits, k, temperature=1.0):
    p = softmax(np.where(logits >= np.sort(logits)[-k], logits, -np.inf)) / temperature
    return p / p.sum()


@wrong("top_k", "how many", "one_too_few")
def strictly_larger(logits, k, temperature=1.0):
    scaled = logits / temperature
    if k == 1:
        return softmax(np.where(scaled >= scaled.max(), scaled, -np.inf))
    return softmax(np.where(scaled > np.sort(scaled)[-k], scaled, -np.inf))


@wrong("top_k", "how many", "one_too_many")
def sorted_backwards_at_k(logits, k, temperature=1.0):
    scaled = logits / temperature
    border = np.sort(scaled)[::-1][min(k, len(scaled) - 1)]
    return softmax(np.where(scaled >= border, scaled, -np.inf))


@wrong("top_k", "how many", "nothing_cut")
def temperature_only(logits, k, temperature=1.0):
    return softmax(logits / temperature)


@wrong("top_k", "which", "unlikeliest_kept")
def first_of_argsort(logits, k, temperature=1.0):
    kept = np.full(len(logits), -np.inf)
    ids = np.argsort(logits)[:k]
    kept[ids] = logits[ids] / temperature
    return softmax(kept)


@wrong("top_k", "the rest", "zero_for_minus_infinity")
def zeros_for_the_rest(logits, k, temperature=1.0):
    scaled = logits / temperature
    kept = np.zeros(len(scaled))
    ids = np.argsort(-scaled)[:k]
    kept[ids] = scaled[ids]
    return softmax(kept)


@wrong("top_k", "the rest", "not_shared_out_again")
def sum_below_one(logits, k, temperature=1.0):
    p = softmax(logits / temperature)
    p[np.argsort(p)[: len(p) - k]] = 0
    return p


@wrong("top_k", "the rest", "only_the_k")
def k_numbers(logits, k, temperature=1.0):
    scaled = logits / temperature
    return softmax(scaled[np.sort(np.argsort(-scaled)[:k])])


@wrong("top_k", "the rest", "overflows")
def exps_of_large_logits(logits, k, temperature=1.0):
    exps = np.where(logits >= np.sort(logits)[-k], np.exp(logits / temperature), 0)
    return exps / exps.sum()


# ---------------------------------------------------------------- top-p
@wrong("top_p", "the cut", "cut_one_early")
def sum_with_the_token(probabilities, p):
    order = np.argsort(probabilities)[::-1]
    keep = np.cumsum(probabilities[order]) <= p
    out = np.zeros_like(probabilities)
    out[order[keep]] = probabilities[order[keep]]
    return out / out.sum()


@wrong("top_p", "the cut", "cut_one_late")
def one_more(probabilities, p):
    order = np.argsort(probabilities)[::-1]
    count = np.searchsorted(np.cumsum(probabilities[order]), p) + 2
    out = np.zeros_like(probabilities)
    out[order[:count]] = probabilities[order[:count]]
    return out / out.sum()


@wrong("top_p", "the cut", "compared_one_by_one")
def each_by_itself(probabilities, p):
    out = np.where(probabilities >= 1 - p, probabilities, 0)
    return out / out.sum()


@wrong("top_p", "the order", "order_of_the_ids")
def unsorted(probabilities, p):
    before = np.cumsum(probabilities) - probabilities
    out = np.where(before < p, probabilities, 0)
    return out / out.sum()


@wrong("top_p", "the order", "unlikeliest_first")
def smallest_first(probabilities, p):
    order = np.argsort(probabilities)
    ranked = probabilities[order]
    out = np.zeros(len(probabilities))
    out[order] = np.where(np.cumsum(ranked) - ranked < p, ranked, 0)
    return out / out.sum()


@wrong("top_p", "the order", "order_not_undone")
def still_sorted(probabilities, p):
    ranked = np.sort(probabilities)[::-1]
    kept = np.where(np.cumsum(ranked) - ranked < p, ranked, 0)
    return kept / kept.sum()


@wrong("top_p", "the order", "order_applied_twice")
def ordered_again(probabilities, p):
    order = np.argsort(-probabilities)
    ranked = probabilities[order]
    kept = np.where(np.cumsum(ranked) - ranked < p, ranked, 0)[order]
    return kept / kept.sum()


@wrong("top_p", "the shares", "not_shared_out_again")
def less_than_one(probabilities, p):
    order = np.argsort(-probabilities)
    ranked = probabilities[order]
    out = np.zeros(len(probabilities))
    out[order] = np.where(np.cumsum(ranked) - ranked < p, ranked, 0)
    return out


@wrong("top_p", "the shares", "divided_by_p")
def over_p(probabilities, p):
    return less_than_one(probabilities, p) / p


@wrong("top_p", "the shares", "softmax_again")
def softmax_of_probabilities(probabilities, p):
    kept = less_than_one(probabilities, p)
    return softmax(np.where(kept > 0, kept, -np.inf))


@wrong("top_p", "two at once", "cut_one_early", "not_shared_out_again")
def early_and_not_shared(probabilities, p):
    order = np.argsort(-probabilities)
    ranked = probabilities[order]
    out = np.zeros(len(probabilities))
    out[order] = np.where(np.cumsum(ranked) <= p, ranked, 0)
    return out


# ---------------------------------------------------------------- attention with a cache
def with_cache(x, keys, values, W_q, W_k, W_v, W_o, num_heads, place=None, k_offset=None, turn=(1, 1, 0)):
    """Answer as most do, with one thing otherwise."""
    t, n = 0 if keys is None else keys.shape[2], x.shape[1]
    q, k, v = (split_heads(x @ W, num_heads) for W in (W_q, W_k, W_v))
    positions = np.arange(t, t + n) if place is None else place(t, n)
    q, k, v = (rotate(h, positions) if do else h for h, do in zip((q, k, v), turn))
    if keys is not None:
        k, v = np.concatenate((keys, k), axis=2), np.concatenate((values, v), axis=2)
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1])
    mask = np.triu(np.ones((n, t + n)), k=t + 1 if k_offset is None else k_offset)
    weights = softmax(np.where(mask == 1, -1e9, scores))
    return merge_heads(weights @ v) @ W_o, k, v


@wrong("attend_with_cache", "the place", "count_restarts")
def from_zero_again(x, keys, values, W_q, W_k, W_v, W_o, num_heads):
    return with_cache(x, keys, values, W_q, W_k, W_v, W_o, num_heads, place=lambda t, n: np.arange(n))


@wrong("attend_with_cache", "the place", "one_place_too_far")
def one_too_far(x, keys, values, W_q, W_k, W_v, W_o, num_heads):
    return with_cache(x, keys, values, W_q, W_k, W_v, W_o, num_heads, place=lambda t, n: np.arange(t + 1, t + n + 1))


@wrong("attend_with_cache", "the place", "all_new_at_one_place")
def all_at_t(x, keys, values, W_q, W_k, W_v, W_o, num_heads):
    return with_cache(x, keys, values, W_q, W_k, W_v, W_o, num_heads, place=lambda t, n: np.array([t]))


@wrong("attend_with_cache", "the mask", "mask_without_the_cache")
def offset_one(x, keys, values, W_q, W_k, W_v, W_o, num_heads):
    return with_cache(x, keys, values, W_q, W_k, W_v, W_o, num_heads, k_offset=1)


@wrong("attend_with_cache", "the mask", "future_visible")
def nothing_hidden(x, keys, values, W_q, W_k, W_v, W_o, num_heads):
    return with_cache(x, keys, values, W_q, W_k, W_v, W_o, num_heads, k_offset=99)


@wrong("attend_with_cache", "the mask", "present_hidden")
def offset_t(x, keys, values, W_q, W_k, W_v, W_o, num_heads):
    t = 0 if keys is None else keys.shape[2]
    return with_cache(x, keys, values, W_q, W_k, W_v, W_o, num_heads, k_offset=t)


@wrong("attend_with_cache", "the turn", "values_turned")
def values_too(x, keys, values, W_q, W_k, W_v, W_o, num_heads):
    return with_cache(x, keys, values, W_q, W_k, W_v, W_o, num_heads, turn=(1, 1, 1))


@wrong("attend_with_cache", "the turn", "keys_turned_twice")
def turned_as_a_whole_too(x, keys, values, W_q, W_k, W_v, W_o, num_heads):
    _, k, v = with_cache(x, keys, values, W_q, W_k, W_v, W_o, num_heads)
    total, n = k.shape[2], x.shape[1]
    q = rotate(split_heads(x @ W_q, num_heads), np.arange(total - n, total))
    scores = q @ np.swapaxes(rotate(k, np.arange(total)), -1, -2) / np.sqrt(q.shape[-1])
    weights = softmax(np.where(np.triu(np.ones((n, total)), k=total - n + 1) == 1, -1e9, scores))
    return merge_heads(weights @ v) @ W_o, k, v


@wrong("attend_with_cache", "the cache", "cache_not_looked_at")
def only_among_themselves(x, keys, values, W_q, W_k, W_v, W_o, num_heads):
    t, n = 0 if keys is None else keys.shape[2], x.shape[1]
    q, k, v = (split_heads(x @ W, num_heads) for W in (W_q, W_k, W_v))
    q, k = rotate(q, np.arange(t, t + n)), rotate(k, np.arange(t, t + n))
    weights = softmax(
        np.where(np.triu(np.ones((n, n)), k=1) == 1, -1e9, q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1]))
    )
    output = merge_heads(weights @ v) @ W_o
    if keys is None:
        return output, k, v
    return output, np.concatenate([keys, k], axis=2), np.concatenate([values, v], axis=2)


@wrong("attend_with_cache", "the cache", "new_in_front")
def put_in_front(x, keys, values, W_q, W_k, W_v, W_o, num_heads):
    t, n = 0 if keys is None else keys.shape[2], x.shape[1]
    q, k, v = (split_heads(x @ W, num_heads) for W in (W_q, W_k, W_v))
    q, k = rotate(q, np.arange(t, t + n)), rotate(k, np.arange(t, t + n))
    if keys is not None:
        k, v = np.concatenate([k, keys], axis=2), np.concatenate([v, values], axis=2)
    scores = q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1])
    weights = softmax(np.where(np.triu(np.ones((n, t + n)), k=t + 1) == 1, -1e9, scores))
    return merge_heads(weights @ v) @ W_o, k, v


@wrong("attend_with_cache", "the cache", "only_new_returned")
def returns_the_new(x, keys, values, W_q, W_k, W_v, W_o, num_heads):
    output, k, v = with_cache(x, keys, values, W_q, W_k, W_v, W_o, num_heads)
    n = x.shape[1]
    return output, k[:, :, -n:], v[:, :, -n:]


@wrong("attend_with_cache", "the cache", "keys_and_values_exchanged")
def values_first(x, keys, values, W_q, W_k, W_v, W_o, num_heads):
    output, k, v = with_cache(x, keys, values, W_q, W_k, W_v, W_o, num_heads)
    return output, v, k


@wrong("attend_with_cache", "the beginning", says=r"keys and values are None")
def no_care_for_none(x, keys, values, W_q, W_k, W_v, W_o, num_heads):
    t, n = keys.shape[2], x.shape[1]
    return with_cache(x, keys, values, W_q, W_k, W_v, W_o, num_heads)


@wrong("attend_with_cache", "two at once", "count_restarts", "mask_without_the_cache")
def forgot_the_cache_twice(x, keys, values, W_q, W_k, W_v, W_o, num_heads):
    return with_cache(x, keys, values, W_q, W_k, W_v, W_o, num_heads, place=lambda t, n: np.arange(n), k_offset=1)


# ---------------------------------------------------------------- find the bug
@wrong("find_the_turn", "the direction", "still_opposite")
def minus_on_the_query(q, k, positions):
    return rotate(q, -positions) @ np.swapaxes(rotate(k, positions), -1, -2) / np.sqrt(q.shape[-1])


@wrong("find_the_turn", "the direction", "both_backwards")
def minus_on_both(q, k, positions):
    return rotate(q, -positions) @ np.swapaxes(rotate(k, -positions), -1, -2) / np.sqrt(q.shape[-1])


@wrong("find_the_turn", "what is turned", "only_queries_turned")
def key_left_alone(q, k, positions):
    return rotate(q, positions) @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1])


@wrong("find_the_turn", "what is turned", "nothing_turned")
def no_positions(q, k, positions):
    return q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1])


@wrong("find_the_turn", "what is turned", "positions_counted_anew")
def from_zero(q, k, positions):
    places = np.arange(q.shape[-2])
    return rotate(q, places) @ np.swapaxes(rotate(k, places), -1, -2) / np.sqrt(q.shape[-1])


@wrong("find_the_turn", "the rest", "scale_lost")
def without_root(q, k, positions):
    return rotate(q, positions) @ np.swapaxes(rotate(k, positions), -1, -2)


@wrong("find_the_turn", "the rest", "softmax_taken")
def weights_for_scores(q, k, positions):
    return softmax(rotate(q, positions) @ np.swapaxes(rotate(k, positions), -1, -2) / np.sqrt(q.shape[-1]))


@wrong("find_the_turn", "the rest", says=r"rows and columns are exchanged")
def key_times_query(q, k, positions):
    return rotate(k, positions) @ np.swapaxes(rotate(q, positions), -1, -2) / np.sqrt(q.shape[-1])


@wrong("causal_self_attention", "turn", "input_turned")
def input_turned_for_the_scores(x, W_q, W_k, W_v, W_o, num_heads):
    B, T, d = x.shape
    r = rotate(x, np.arange(T))
    q = split_heads(r @ W_q, num_heads)
    k = split_heads(r @ W_k, num_heads)
    v = split_heads(x @ W_v, num_heads)
    s = q @ k.swapaxes(-1, -2) / np.sqrt(q.shape[-1])
    s = np.where(np.triu(np.ones((T, T)), 1), -1e9, s)
    w = softmax(s)
    return merge_heads(w @ v) @ W_o, w


@wrong("next_token_loss", "index", "every_target_everywhere")
def all_targets_picked(logits, ids):
    z = logits[:, :-1] - logits[:, :-1].max(-1, keepdims=True)
    logp = z - np.log(np.exp(z).sum(-1, keepdims=True))
    return -logp[..., ids[:, 1:]].mean()


@wrong("top_k", "bound", "one_too_few")
def larger_than_the_bound(logits, k, temperature=1.0):
    s = logits / temperature
    threshold = np.sort(s)[::-1][k - 1]
    return softmax(np.where(s > threshold, s, -np.inf))


@wrong("find_the_turn", "the bug kept", "still_opposite")
def from_the_first_on(q, k, positions):
    positions = positions - positions[0]
    turned_q, turned_k = rotate(q, positions), rotate(k, -positions)
    return turned_q @ np.swapaxes(turned_k, -1, -2) / np.sqrt(q.shape[-1])
