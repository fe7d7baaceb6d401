"""Wrong answers to the closing notebook: one function of chapters 4 to 8 as learners get it wrong, all others right."""

import numpy as np

from autograder.course.wrong_answers import wrong


# ---------------------------------------------------------------- what is right
def scaled_dot_product_attention(query, key, value, mask=None):
    scores = np.matmul(query, np.swapaxes(key, -2, -1)) / np.sqrt(query.shape[-1])
    if mask is not None:
        scores += mask * -1e9
    weights = softmax(scores)
    return np.matmul(weights, value), weights


def softmax(scores, axis=-1):
    exps = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return exps / exps.sum(axis=axis, keepdims=True)


def split_heads(x, num_heads):
    batch, length, d_model = x.shape
    return np.transpose(x.reshape(batch, length, num_heads, d_model // num_heads), (0, 2, 1, 3))


def merge_heads(x):
    batch, heads, length, depth = x.shape
    return np.transpose(x, (0, 2, 1, 3)).reshape(batch, length, heads * depth)


def multi_head_attention(*, query, key, value, weights, num_heads, mask=None):
    q, k, v = (
        split_heads(of @ weights[f"W_{name}"] + weights[f"b_{name}"], num_heads)
        for name, of in (("q", query), ("k", key), ("v", value))
    )
    found, attention = scaled_dot_product_attention(q, k, v, mask)
    return merge_heads(found) @ weights["W_o"] + weights["b_o"], attention


def create_padding_mask(seq):
    return (seq == 0).astype("float32")[:, None, None, :]


def create_look_ahead_mask(seq):
    future = 1 - np.tril(np.ones((seq.shape[1], seq.shape[1])))
    return np.maximum(future, create_padding_mask(seq))


def decoder_masks(source, target):
    return create_padding_mask(source), create_look_ahead_mask(target), create_padding_mask(source)


def positional_encoding(length, d_model):
    encoding = np.zeros((1, length, d_model))
    for pos in range(length):
        for i in range(d_model):
            angle = pos / 10000 ** (2 * (i // 2) / d_model)
            encoding[0, pos, i] = np.cos(angle) if i % 2 else np.sin(angle)
    return encoding


def layer_norm(x, gamma, beta, epsilon=1e-6):
    return (x - x.mean(-1, keepdims=True)) / np.sqrt(x.var(-1, keepdims=True) + epsilon) * gamma + beta


def position_wise_feed_forward(x, W_1, b_1, W_2, b_2):
    hidden = np.maximum(x @ W_1 + b_1, 0)
    return hidden @ W_2 + b_2


def add_and_norm(x, sublayer_output, gamma, beta):
    return layer_norm(x + sublayer_output, gamma, beta)


def greedy_decode(next_logits, start_id, end_id, max_length):
    ids = [start_id]
    for _ in range(max_length):
        best = int(np.argmax(next_logits(ids)))
        if best == end_id:
            break
        ids.append(best)
    return ids[1:]


RIGHT = {
    function.__name__: function
    for function in (
        *(scaled_dot_product_attention, split_heads, merge_heads, multi_head_attention, create_padding_mask),
        *(create_look_ahead_mask, decoder_masks, positional_encoding, layer_norm, position_wise_feed_forward),
        *(add_and_norm, greedy_decode),
    )
}


# ---------------------------------------------------------------- chapter 4
@wrong("functions", "the scale", "unscaled")
def scale_forgotten():
    def scaled_dot_product_attention(query, key, value, mask=None):
        scores = query @ key.swapaxes(-1, -2)
        weights = softmax(scores if mask is None else scores + mask * -1e9)
        return weights @ value, weights

    return RIGHT | {"scaled_dot_product_attention": scaled_dot_product_attention}


@wrong("functions", "the scale", "scaled_by_d_k")
def divided_by_d_k():
    def scaled_dot_product_attention(query, key, value, mask=None):
        scores = query @ key.swapaxes(-1, -2) / key.shape[-1]
        weights = softmax(scores if mask is None else scores - mask * 1e9)
        return weights @ value, weights

    return RIGHT | {"scaled_dot_product_attention": scaled_dot_product_attention}


@wrong("functions", "the axis", "softmax_over_the_queries")
def softmax_of_axis_minus_two():
    def scaled_dot_product_attention(query, key, value, mask=None):
        scores = query @ key.swapaxes(-1, -2) / np.sqrt(key.shape[-1])
        weights = softmax(scores if mask is None else scores + mask * -1e9, axis=-2)
        return weights @ value, weights

    return RIGHT | {"scaled_dot_product_attention": scaled_dot_product_attention}


@wrong("functions", "the axis", "softmax_over_the_queries")
def softmax_of_axis_minus_two_with_infinity():
    def scaled_dot_product_attention(query, key, value, mask=None):
        scores = query @ key.swapaxes(-1, -2) / np.sqrt(key.shape[-1])
        weights = softmax(scores if mask is None else np.where(mask == 1, -np.inf, scores), axis=-2)
        return weights @ value, weights

    return RIGHT | {"scaled_dot_product_attention": scaled_dot_product_attention}


@wrong("functions", "the meaning of 1", "masks_inverted")
def hidden_where_zero():
    def scaled_dot_product_attention(query, key, value, mask=None):
        scores = query @ key.swapaxes(-1, -2) / np.sqrt(key.shape[-1])
        weights = softmax(scores if mask is None else np.where(mask == 0, -1e9, scores))
        return weights @ value, weights

    return RIGHT | {"scaled_dot_product_attention": scaled_dot_product_attention}


@wrong("functions", "the sign", "masks_inverted")
def plus_a_lot():
    def scaled_dot_product_attention(query, key, value, mask=None):
        scores = query @ key.swapaxes(-1, -2) / np.sqrt(key.shape[-1])
        weights = softmax(scores if mask is None else scores + mask * 1e9)
        return weights @ value, weights

    return RIGHT | {"scaled_dot_product_attention": scaled_dot_product_attention}


@wrong("functions", "a step left out", "masks_not_used")
def mask_not_used():
    def scaled_dot_product_attention(query, key, value, mask=None):
        weights = softmax(query @ key.swapaxes(-1, -2) / np.sqrt(key.shape[-1]))
        return weights @ value, weights

    return RIGHT | {"scaled_dot_product_attention": scaled_dot_product_attention}


# ---------------------------------------------------------------- chapter 5
@wrong("functions", "axes", "cut_by_reshape")
def reshaped_into_heads():
    def split_heads(x, num_heads):
        return x.reshape(x.shape[0], num_heads, x.shape[1], x.shape[2] // num_heads)

    return RIGHT | {"split_heads": split_heads}


@wrong("functions", "axes", "merged_by_reshape")
def reshaped_out_of_heads():
    def merge_heads(x):
        return x.reshape(x.shape[0], x.shape[2], x.shape[1] * x.shape[3])

    return RIGHT | {"merge_heads": merge_heads}


@wrong("functions", "a step left out", "not_projected")
def no_last_product():
    def multi_head_attention(*, query, key, value, weights, num_heads, mask=None):
        q = split_heads(query @ weights["W_q"] + weights["b_q"], num_heads)
        k = split_heads(key @ weights["W_k"] + weights["b_k"], num_heads)
        v = split_heads(value @ weights["W_v"] + weights["b_v"], num_heads)
        found, attention = scaled_dot_product_attention(q, k, v, mask)
        return merge_heads(found), attention

    return RIGHT | {"multi_head_attention": multi_head_attention}


def attention_with(change, passes_mask=True, q="q", k="k", v="v"):
    """Return multi_head_attention with changed weights, or without its mask, or with projections exchanged."""

    def multi_head_attention(*, query, key, value, weights, num_heads, mask=None):
        weights = change(weights)
        found, attention = scaled_dot_product_attention(
            split_heads(query @ weights[f"W_{q}"] + weights[f"b_{q}"], num_heads),
            split_heads(key @ weights[f"W_{k}"] + weights[f"b_{k}"], num_heads),
            split_heads(value @ weights[f"W_{v}"] + weights[f"b_{v}"], num_heads),
            mask if passes_mask else None,
        )
        return merge_heads(found) @ weights["W_o"] + weights["b_o"], attention

    return RIGHT | {"multi_head_attention": multi_head_attention}


@wrong("functions", "a step left out", "masks_not_used")
def mask_not_passed():
    return attention_with(dict, passes_mask=False)


@wrong("functions", "exchanged", "keys_and_values_swapped")
def value_before_key():
    return attention_with(dict, k="v", v="k")


@wrong("functions", "a step left out", "query_bias_forgotten")
def no_query_bias():
    return attention_with(lambda weights: weights | {"b_q": 0})


@wrong("functions", "a step left out", "value_bias_forgotten")
def no_value_bias():
    return attention_with(lambda weights: weights | {"b_v": 0})


@wrong("functions", "a step left out", "biases_forgotten")
def no_biases():
    return attention_with(lambda weights: weights | dict.fromkeys(("b_q", "b_k", "b_v"), 0))


@wrong("functions", "a step left out", "output_bias_forgotten")
def no_last_bias():
    return attention_with(lambda weights: weights | {"b_o": 0})


# ---------------------------------------------------------------- chapter 6
@wrong("functions", "the meaning of 1", "masks_inverted")
def ones_where_one_may_look():
    def decoder_masks(source, target):
        return 1 - create_padding_mask(source), 1 - create_look_ahead_mask(target), 1 - create_padding_mask(source)

    return RIGHT | {"decoder_masks": decoder_masks}


@wrong("functions", "the meaning of 1", "padding_mask_inverted")
def ones_for_words():
    def create_padding_mask(seq):
        return (seq != 0).astype(int)[:, np.newaxis, np.newaxis, :]

    return RIGHT | {"create_padding_mask": create_padding_mask}


@wrong("functions", "padding", "padding_seen")
def another_padding_id():
    def create_padding_mask(seq):
        return (seq == -1).astype(int)[:, np.newaxis, np.newaxis, :]

    return RIGHT | {"create_padding_mask": create_padding_mask}


@wrong("functions", "the triangle", "future_seen")
def padding_alone():
    def create_look_ahead_mask(seq):
        return create_padding_mask(seq)

    return RIGHT | {"create_look_ahead_mask": create_look_ahead_mask}


@wrong("functions", "the triangle", "diagonal_hidden")
def triangle_with_its_diagonal():
    def create_look_ahead_mask(seq):
        T = seq.shape[1]
        return np.maximum(np.triu(np.ones((T, T))), create_padding_mask(seq))

    return RIGHT | {"create_look_ahead_mask": create_look_ahead_mask}


def look_ahead_of(mask):
    """Return create_look_ahead_mask that makes this of the length, joined with padding."""

    def create_look_ahead_mask(seq):
        return np.maximum(mask(np.ones((seq.shape[1],) * 2)), create_padding_mask(seq))

    return RIGHT | {"create_look_ahead_mask": create_look_ahead_mask}


@wrong("functions", "the triangle", "past_hidden")
def tril():
    return look_ahead_of(np.tril)


@wrong("functions", "the triangle", "past_hidden")
def tril_below():
    return look_ahead_of(lambda ones: np.tril(ones, k=-1))


@wrong("functions", "the triangle", "past_hidden")
def one_minus_look_ahead():
    right = create_look_ahead_mask
    return RIGHT | {"create_look_ahead_mask": lambda seq: 1 - right(seq)}


@wrong("functions", "padding", "padding_of_the_target_seen")
def triangle_alone():
    def create_look_ahead_mask(seq):
        return np.triu(np.ones((seq.shape[1],) * 2), k=1)[np.newaxis, np.newaxis]

    return RIGHT | {"create_look_ahead_mask": create_look_ahead_mask}


@wrong("functions", "padding", "padding_of_the_source_seen")
def cross_without_mask():
    def decoder_masks(source, target):
        return create_padding_mask(source), create_look_ahead_mask(target), None

    return RIGHT | {"decoder_masks": decoder_masks}


@wrong("functions", "the triangle", "future_seen")
def padding_mask_for_the_decoder():
    def decoder_masks(source, target):
        return create_padding_mask(source), create_padding_mask(target), create_padding_mask(source)

    return RIGHT | {"decoder_masks": decoder_masks}


# ---------------------------------------------------------------- chapter 7
@wrong("functions", "the count", "positions_from_one")
def counted_from_one():
    def positional_encoding(length, d_model):
        angles = np.arange(1, length + 1)[:, None] / 10000 ** (np.arange(d_model) // 2 * 2 / d_model)
        return np.where(np.arange(d_model) % 2 == 0, np.sin(angles), np.cos(angles))[None]

    return RIGHT | {"positional_encoding": positional_encoding}


@wrong("functions", "the order of columns", "sines_then_cosines")
def one_half_each():
    def positional_encoding(length, d_model):
        angles = np.arange(length)[:, None] / 10000 ** (np.arange(0, d_model, 2) / d_model)
        return np.concatenate([np.sin(angles), np.cos(angles)], axis=-1)[np.newaxis]

    return RIGHT | {"positional_encoding": positional_encoding}


@wrong("functions", "a step left out", "no_positions")
def zeros():
    def positional_encoding(length, d_model):
        return np.zeros((1, length, d_model))

    return RIGHT | {"positional_encoding": positional_encoding}


@wrong("functions", "the axis", "norm_along_the_positions")
def norm_of_axis_one():
    def layer_norm(x, gamma, beta, epsilon=1e-6):
        return gamma * (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + epsilon) + beta

    return RIGHT | {"layer_norm": layer_norm}


@wrong("functions", "the divisor", "variance_of_a_sample")
def ddof_one():
    def layer_norm(x, gamma, beta, epsilon=1e-6):
        variance = np.var(x, axis=-1, ddof=1, keepdims=True)
        return gamma * (x - x.mean(-1, keepdims=True)) / np.sqrt(variance + epsilon) + beta

    return RIGHT | {"layer_norm": layer_norm}


@wrong("functions", "a step left out", "no_residual")
def nothing_added():
    def add_and_norm(x, sublayer_output, gamma, beta):
        return layer_norm(sublayer_output, gamma, beta)

    return RIGHT | {"add_and_norm": add_and_norm}


@wrong("functions", "the order of steps", "norm_before_the_sum")
def norm_first():
    def add_and_norm(x, sublayer_output, gamma, beta):
        return x + layer_norm(sublayer_output, gamma, beta)

    return RIGHT | {"add_and_norm": add_and_norm}


@wrong("functions", "a step left out", "no_relu")
def two_products():
    def position_wise_feed_forward(x, W_1, b_1, W_2, b_2):
        return (x @ W_1 + b_1) @ W_2 + b_2

    return RIGHT | {"position_wise_feed_forward": position_wise_feed_forward}


def positions_of(exponent, even=np.sin, odd=np.cos):
    """Return positional_encoding with these exponents of the columns, and what stands in even and odd ones."""

    def positional_encoding(length, d_model):
        angles = np.arange(length)[:, None] / 10000 ** (exponent(np.arange(d_model)) / d_model)
        encoding = np.zeros((length, d_model))
        encoding[:, 0::2], encoding[:, 1::2] = even(angles[:, 0::2]), odd(angles[:, 1::2])
        return encoding[np.newaxis]

    return RIGHT | {"positional_encoding": positional_encoding}


@wrong("functions", "the order of columns", "sine_and_cosine_swapped")
def cosine_in_even_columns():
    return positions_of(lambda i: 2 * (i // 2), even=np.cos, odd=np.sin)


@wrong("functions", "the angles", "angles_not_in_pairs")
def two_i():
    return positions_of(lambda i: 2 * i)


@wrong("functions", "the angles", "angles_not_in_pairs")
def i_alone():
    return positions_of(lambda i: i)


def norm_of(gamma=True, beta=True, power=0.5):
    """Return layer_norm without gamma or beta, or with another power of the variance."""

    def layer_norm(x, gamma, beta, epsilon=1e-6):
        normed = (x - x.mean(-1, keepdims=True)) / (x.var(-1, keepdims=True) + epsilon) ** power
        return normed * (gamma if uses[0] else 1) + (beta if uses[1] else 0)

    uses = gamma, beta
    return RIGHT | {"layer_norm": layer_norm}


@wrong("functions", "a step left out", "gamma_forgotten")
def no_gamma():
    return norm_of(gamma=False)


@wrong("functions", "a step left out", "beta_forgotten")
def no_beta():
    return norm_of(beta=False)


@wrong("functions", "a step left out", "gamma_and_beta_forgotten")
def neither_gamma_nor_beta():
    return norm_of(gamma=False, beta=False)


@wrong("functions", "the divisor", "not_the_root")
def divided_by_the_variance():
    return norm_of(power=1)


@wrong("functions", "a step left out", "not_normed")
def added_alone():
    def add_and_norm(x, sublayer_output, gamma, beta):
        return x + sublayer_output

    return RIGHT | {"add_and_norm": add_and_norm}


@wrong("functions", "a step left out", "not_normed")
def norm_does_nothing():
    def layer_norm(x, gamma, beta, epsilon=1e-6):
        return x

    return RIGHT | {"layer_norm": layer_norm}


# ---------------------------------------------------------------- chapter 8
@wrong("functions", "the choice", "smallest_logit")
def least_likely():
    def greedy_decode(next_logits, start_id, end_id, max_length):
        ids = []
        while len(ids) < max_length:
            best = np.argmin(next_logits([start_id, *ids]))
            if best == end_id:
                break
            ids.append(int(best))
        return ids

    return RIGHT | {"greedy_decode": greedy_decode}


@wrong("functions", "the reply", "start_kept")
def start_in_the_reply():
    def greedy_decode(next_logits, start_id, end_id, max_length):
        ids = [start_id]
        while len(ids) - 1 < max_length:
            best = int(np.argmax(next_logits(ids)))
            if best == end_id:
                break
            ids.append(best)
        return ids

    return RIGHT | {"greedy_decode": greedy_decode}


@wrong("functions", "the end", "no_end")
def never_stopped():
    def greedy_decode(next_logits, start_id, end_id, max_length):
        ids = [start_id]
        for _ in range(max_length):
            ids.append(int(np.argmax(next_logits(ids))))
        return ids[1:]

    return RIGHT | {"greedy_decode": greedy_decode}


@wrong("functions", "the reply", "end_kept")
def end_in_the_reply():
    def greedy_decode(next_logits, start_id, end_id, max_length):
        ids = [start_id]
        while len(ids) - 1 < max_length and ids[-1] != end_id:
            ids.append(int(np.argmax(next_logits(ids))))
        return ids[1:]

    return RIGHT | {"greedy_decode": greedy_decode}


# ---------------------------------------------------------------- no function is wrong, or several
@wrong("functions", "two at once", "unscaled", "no_relu")
def two_functions():
    return scale_forgotten() | {"position_wise_feed_forward": two_products()["position_wise_feed_forward"]}


@wrong("functions", "incomplete", says="functions are missing")
def one_left_out():
    return {name: function for name, function in RIGHT.items() if name != "merge_heads"}


@wrong("functions", "incomplete", says="The function greedy_decode is missing")
def looked_up_in_vain():
    return RIGHT | {"greedy_decode": {}["greedy_decode"]}


@wrong("functions", "other arguments", says="takes other arguments than its chapter asked for")
def own_names():
    def position_wise_feed_forward(x, W1, b1, W2, b2):
        return np.maximum(0, x @ W1 + b1) @ W2 + b2

    return RIGHT | {"position_wise_feed_forward": position_wise_feed_forward}


@wrong("functions", "other arguments", says="takes other arguments than its chapter asked for")
def no_mask():
    def multi_head_attention(*, query, key, value, weights, num_heads):
        return multi_head_attention(query=query, key=key, value=value, weights=weights, num_heads=num_heads)

    return RIGHT | {"multi_head_attention": multi_head_attention}


@wrong("functions", "incomplete", says="multi_head_attention gives one result; the model needs 2 of it.")
def output_alone():
    right = RIGHT["multi_head_attention"]

    def multi_head_attention(*, query, key, value, weights, num_heads, mask=None):
        return right(query=query, key=key, value=value, weights=weights, num_heads=num_heads, mask=mask)[0]

    return RIGHT | {"multi_head_attention": multi_head_attention}


@wrong("functions", "incomplete", says="decoder_masks gives 2 results; the model needs 3 of it.")
def two_masks():
    def decoder_masks(source, target):
        return create_padding_mask(source), create_look_ahead_mask(target)

    return RIGHT | {"decoder_masks": decoder_masks}


@wrong(
    "functions",
    "other shapes",
    says=r"create_padding_mask gives an array of shape \(2, 5\); the model needs \(2, 1, 1, 5\)",
)
def mask_without_axes():
    def create_padding_mask(seq):
        return (seq == 0).astype(int)

    return RIGHT | {"create_padding_mask": create_padding_mask}


@wrong("functions", "incomplete", says="layer_norm gives None")
def no_return():
    def layer_norm(x, gamma, beta, epsilon=1e-6):
        x - x.mean(-1, keepdims=True)

    return RIGHT | {"layer_norm": layer_norm}


@wrong("functions", "stopped inside", says="merge_heads stopped")
def merged_three_axes():
    def merge_heads(x):
        batch, heads, length = x.shape
        return x.reshape(batch, length, -1)

    return RIGHT | {"merge_heads": merge_heads}
