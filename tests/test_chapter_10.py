"""Chapter 10: attention in blocks by other routes, Keras's grouped heads, what is watched, the measurement, answers."""

import inspect
import json
from functools import partial
from itertools import permutations

import numpy as np
import pytest

from experiments import attention_cost
from tests import chapters

SLUG = "10_what_attention_costs"
KEY = chapters.key_of(SLUG)
verdict_on = partial(chapters.verdict_on, SLUG)


def arrays(*front, T_q=5, T_k=7, d_k=6, d_v=3, seed=0):
    """Return queries, keys and values."""
    rng = np.random.default_rng(seed)
    return [rng.normal(size=(*front, *shape)) for shape in ((T_q, d_k), (T_k, d_k), (T_k, d_v))]


def some_mask(*shape, seed=0):
    """Return a mask in which some row is hidden altogether, and some first block."""
    mask = (np.random.default_rng(seed).random(shape) < 0.4).astype(int)
    mask[..., 0, :], mask[..., 1, :3], mask[..., 1, -1] = 1, 1, 0
    return mask


# ---------------------------------------------------------------- blocks
@pytest.mark.parametrize("front", [(), (2,), (2, 3)])
@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_any_block_size_gives_what_plain_attention_gives(solved, front, kind):
    query, key, value = (x.astype(kind) for x in arrays(*front))
    for mask in (None, some_mask(*front, 5, 7), some_mask(5, 7)):
        plain, _ = solved["scaled_dot_product_attention"](query, key, value, mask)
        for block_size in range(1, 10):
            output = solved["attention_in_blocks"](query, key, value, block_size, mask)
            np.testing.assert_allclose(output, plain, atol=1e-6)
            assert mask is None or (output[..., 0, :] == 0).all()


def test_blocks_may_come_in_any_order(solved):
    query, key, value = arrays(T_k=6)
    plain, _ = solved["scaled_dot_product_attention"](query, key, value)
    for order in permutations((slice(0, 1), slice(1, 4), slice(4, 6))):
        kept = np.full((5, 1), -np.inf), np.zeros((5, 1)), np.zeros((5, 3))
        for block in order:
            scores = query @ key[block].T / np.sqrt(6)
            kept = solved["running_softmax"](*kept, scores, value[block])
        np.testing.assert_allclose(kept[2] / kept[1], plain)


def test_the_broken_loop_is_right_only_where_the_largest_scores_come_first(solved):
    query, key, value = arrays(T_q=1)
    order = np.argsort(-(query @ key.T)[0])
    plain, _ = solved["scaled_dot_product_attention"](query, key, value)
    np.testing.assert_allclose(solved["broken_in_blocks"](query, key[order], value[order], 3), plain)
    broken = solved["broken_in_blocks"](query, key[order[::-1]], value[order[::-1]], 3)
    assert np.abs(broken - plain).max() > 0.05


WHOLE_TABLE = {
    "a product": lambda q, k: q @ np.swapaxes(k, -1, -2),
    "np.matmul": lambda q, k: np.matmul(q, k.transpose(0, 2, 1)),
    "np.dot": lambda q, k: np.dot(q[0], k[0].T),
    "np.inner": lambda q, k: np.inner(q[0], k[0]),
    "np.einsum": lambda q, k: np.einsum("bqd,bkd->bqk", q, k),
    "np.tensordot": lambda q, k: np.tensordot(q[0], k[0], axes=(1, 1)),
    "a sum of products": lambda q, k: (q[:, :, np.newaxis] * k[:, np.newaxis]).sum(axis=-1),
}


@pytest.mark.parametrize("way", WHOLE_TABLE)
def test_a_whole_table_is_noticed_however_it_is_made(solved, way):
    shapes = solved["Watched"].shapes
    query, key, value = solved["watched"](*arrays(2))
    WHOLE_TABLE[way](query, key)
    assert any({5, 7} <= set(shape) for shape in shapes)
    solved["attention_in_blocks"](*solved["watched"](*arrays(2)), 3, some_mask(2, 5, 7))
    assert len(shapes) > 5 and not any({5, 7} <= set(shape) for shape in shapes)


# ---------------------------------------------------------------- groups and windows, by Keras
def by_keras(query, key, value, mask=None, **options):
    """Return what Keras's layer gives for heads that are handed through it unchanged."""
    keras = pytest.importorskip("keras")
    (B, H, T_q, d), G = query.shape, key.shape[1]
    layer = keras.layers.GroupQueryAttention(d, H, G, use_bias=False, dtype="float64", **options)
    x = [heads.swapaxes(1, 2).reshape(B, heads.shape[2], -1) for heads in (query, key, value)]
    layer.build(x[0].shape, x[2].shape, x[1].shape)
    layer.set_weights([np.eye(n * d).reshape(n * d, n, d) for n in (H, G, G)] + [np.eye(H * d).reshape(H, d, H * d)])
    keep = None if mask is None else np.broadcast_to(mask[:, 0] == 0, (B, T_q, key.shape[2]))
    found = layer(
        x[0], value=x[2], key=x[1], attention_mask=keep, return_attention_scores=True, use_causal_mask=bool(options)
    )
    output, weights = (np.array(part) for part in found)
    return output.reshape(B, T_q, H, d).swapaxes(1, 2), weights


@pytest.mark.parametrize("groups", [1, 2, 3, 6])
def test_heads_share_as_in_keras(solved, groups):
    rng = np.random.default_rng(1)
    query, (key, value) = rng.normal(size=(2, 6, 4, 3)), rng.normal(size=(2, 2, groups, 5, 3))
    mask = np.array([[[[0, 0, 1, 0, 1]]], [[[1, 0, 0, 0, 0]]]])
    output, weights = solved["grouped_query_attention"](query=query, key=key, value=value, mask=mask)
    wanted = by_keras(query, key, value, mask)
    np.testing.assert_allclose(output, wanted[0], atol=1e-6)
    np.testing.assert_allclose(weights, wanted[1], atol=1e-6)


@pytest.mark.parametrize("window", [1, 3, 9])
def test_a_window_is_that_of_keras(solved, window):
    keras = pytest.importorskip("keras")
    if "sliding_window" not in inspect.signature(keras.layers.GroupQueryAttention).parameters:
        pytest.skip("an older Keras without windows")
    query, key, value = np.random.default_rng(2).normal(size=(3, 1, 2, 7, 3))
    mask = solved["sliding_window_mask"](7, window)
    assert (mask.sum(axis=1) == 7 - np.minimum(window, np.arange(1, 8))).all()
    output, weights = solved["grouped_query_attention"](
        query=query, key=key, value=value, mask=mask[np.newaxis, np.newaxis]
    )
    wanted = by_keras(query, key, value, sliding_window=window)
    np.testing.assert_allclose(output, wanted[0], atol=1e-6)
    assert ((weights == 0) == (mask == 1)).all() and ((wanted[1] == 0) == (mask == 1)).all()


# ---------------------------------------------------------------- counts
def test_a_cache_grows_by_its_tokens_and_stops_at_the_window(solved):
    sizes = {"B": 2, "num_layers": 3, "num_heads": 6, "num_kv_heads": 2, "d_model": 30, "bytes_per_number": 2}
    found = [solved["cache_size"](T=T, window=5, **sizes) for T in range(8)]
    assert [b - a for a, b in zip(found, found[1:], strict=False)] == [2 * 2 * 3 * 2 * 5 * 2] * 5 + [0] * 2
    assert solved["cache_size"](T=7, **sizes | {"num_kv_heads": 6}) == 3 * solved["cache_size"](T=7, **sizes)


def test_scores_overtake_projections_at_twice_the_width(solved):
    for T, order in [(99, 1), (100, 0), (101, -1)]:
        projections, attention, _ = solved["attention_cost"](3, T, 50, 5, 4)
        assert np.sign(projections - attention) == order


def test_blocks_of_all_queries_read_everything_once(solved):
    intensity = solved["arithmetic_intensity"]
    assert intensity(9, 13, 6, 2, 9) == intensity(9, 13, 6, 2, 20) > intensity(9, 13, 6, 2, 8) > 0
    assert intensity(9, 13, 6, 2, 9) == 4 * 9 * 13 * 6 / (2 * (2 * 9 * 6 + 2 * 13 * 6))
    assert intensity(9, 13, 6, 4) == intensity(9, 13, 6, 2) / 2


# ---------------------------------------------------------------- the measurement
STORED = json.loads(attention_cost.BOOK_FILE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("block_size", [1, 3, 4, 11, 20])
def test_the_measured_blocks_are_attention(block_size):
    query, key, value = attention_cost.draw(11, 4)
    np.testing.assert_allclose(
        attention_cost.in_blocks(query, key, value, block_size), attention_cost.plain(query, key, value), atol=1e-6
    )


def test_without_the_future_each_block_of_queries_sees_the_keys_up_to_its_end():
    query, key, value = attention_cost.draw(12, 4)
    output = attention_cost.in_blocks(query, key, value, 3, causal=True)
    for end in (3, 6, 9, 12):
        wanted = attention_cost.plain(query[end - 3 : end], key[:end], value[:end])
        np.testing.assert_allclose(output[end - 3 : end], wanted, atol=1e-6)


def test_the_cache_gives_the_last_row(solved):
    x = attention_cost.draw(6, 12)[0]
    weights = np.random.default_rng(0).normal(size=(4, 12, 12)).astype(np.float32)
    key, value = (attention_cost.heads_of(x @ W, 3) for W in weights[1:3])
    key[:, -1], value[:, -1] = 0, 0  # not there yet
    found = attention_cost.with_cache(x[-1:], key, value, weights)
    np.testing.assert_allclose(found, attention_cost.layer(x, x, weights, 3)[-1:], rtol=1e-4, atol=1e-4)


def test_the_quick_measurement_writes_what_the_page_reads(tmp_path):
    out = tmp_path / "cost.json"
    assert attention_cost.main(["--quick", "--out", str(out)]) == 0
    quick = json.loads(out.read_text(encoding="utf-8"))
    assert quick["command"].endswith(" --quick") and STORED["command"] == "python -m experiments.attention_cost"
    assert quick.keys() == STORED.keys()
    for name in ("lengths", "blocks", "writing", "shared", "machine"):
        ours, theirs = ([run for run in record["runs"] if run["measured"] == name] for record in (quick, STORED))
        assert ours and theirs and ours[0].keys() == theirs[0].keys()
    lengths = [run for run in quick["runs"] if run["measured"] == "lengths"]
    assert all(run["apart"] < 1e-5 for run in lengths)


def test_the_page_shows_what_these_settings_measure():
    assert STORED["settings"] == json.loads(json.dumps(attention_cost.WHOLE))


# ---------------------------------------------------------------- what learners write, and what they are told
CODE = {
    "attention_cost": """
def attention_cost(B, T, d_model, num_heads, bytes_per_number):
    d_k = d_model // num_heads
    projections = 4 * (2 * B * T * d_model * d_model)
    attention = B * num_heads * (2 * T * d_k * T + 2 * T * T * d_k)
    weight_bytes = B * num_heads * T * T * bytes_per_number
    return projections, attention, weight_bytes
""",
    "running_softmax": """
def running_softmax(maximum, total, weighted, scores, value):
    new = np.maximum(maximum, scores.max(axis=-1, keepdims=True))
    base = np.where(new == -np.inf, 0, new)
    keep = np.exp(maximum - base)
    exps = np.exp(scores - base)
    total = keep * total + exps.sum(axis=-1, keepdims=True)
    weighted = keep * weighted + exps @ value
    return new, total, weighted
""",
    "attention_in_blocks": """
def attention_in_blocks(query, key, value, block_size, mask=None):
    T_k, d_k = key.shape[-2:]
    maximum = np.full(query.shape[:-1] + (1,), -np.inf)
    total = np.zeros_like(maximum)
    weighted = np.zeros(query.shape[:-1] + value.shape[-1:])
    for start in range(0, T_k, block_size):
        stop = start + block_size
        scores = query @ np.swapaxes(key[..., start:stop, :], -1, -2) / np.sqrt(d_k)
        if mask is not None:
            scores = np.where(mask[..., start:stop] == 1, -np.inf, scores)
        maximum, total, weighted = running_softmax(maximum, total, weighted, scores, value[..., start:stop, :])
    return weighted / np.where(total == 0, 1, total)
""",
    "find_the_bug": """
def mended_in_blocks(query, key, value, block_size):
    maximum, total = np.full((len(query), 1), -np.inf), np.zeros((len(query), 1))
    weighted = np.zeros((len(query), value.shape[-1]))
    for start in range(0, len(key), block_size):
        block = slice(start, start + block_size)
        scores = query @ key[block].T / np.sqrt(key.shape[-1])
        new = np.maximum(maximum, scores.max(axis=-1, keepdims=True))
        exps = np.exp(scores - new)
        keep = np.exp(maximum - new)
        maximum = new
        total = keep * total + exps.sum(axis=-1, keepdims=True)
        weighted = keep * weighted + exps @ value[block]
    return weighted / total
""",
    "arithmetic_intensity": """
def arithmetic_intensity(T_q, T_k, d_k, bytes_per_number, block_size=None):
    operations = 4 * T_q * T_k * d_k
    numbers = 2 * T_q * d_k
    if block_size is None:
        numbers += 2 * T_k * d_k + 4 * T_q * T_k
    else:
        numbers += 2 * T_k * d_k * int(np.ceil(T_q / block_size))
    return operations / (numbers * bytes_per_number)
""",
    "grouped_query_attention": """
def grouped_query_attention(*, query, key, value, mask=None):
    H, G = query.shape[1], key.shape[1]
    key = np.repeat(key, H // G, axis=1)
    value = np.repeat(value, H // G, axis=1)
    return scaled_dot_product_attention(query, key, value, mask)
""",
    "sliding_window_mask": """
def sliding_window_mask(length, window):
    i = np.arange(length)[:, np.newaxis]
    j = np.arange(length)[np.newaxis, :]
    mask = (j > i) | (i - j >= window)
    return mask.astype(int)
""",
    "cache_size": """
def cache_size(*, B, T, num_layers, num_heads, num_kv_heads, d_model, bytes_per_number, window=None):
    d_k = d_model // num_heads
    positions = T if window is None else min(T, window)
    return 2 * B * num_layers * positions * num_kv_heads * d_k * bytes_per_number
""",
}
BLOCKS = CODE["attention_in_blocks"]
LOOP = BLOCKS[BLOCKS.index("    maximum = np.full") : BLOCKS.index("    return")]
GROUPS = CODE["grouped_query_attention"].partition("G = query.shape[1], key.shape[1]\n")[2]
# (check, what is replaced in the right code, by what, the mistakes named or what is said; an empty set: right)
TOLD = [
    # equal forms of the right answer
    ("attention_cost", "return projections, attention, weight_bytes", "return [projections, attention, weight_bytes]",
     set()),
    ("attention_cost", "return projections, attention, weight_bytes",
     "return np.array([projections, attention, weight_bytes], dtype=float)", set()),
    ("attention_cost", "d_model // num_heads", "d_model / num_heads", set()),
    ("running_softmax", "np.where(new == -np.inf, 0, new)", "np.nan_to_num(new, neginf=0.0)", set()),
    ("running_softmax", "np.where(new == -np.inf, 0, new)", "np.where(np.isfinite(new), new, 0)", set()),
    ("running_softmax", "keep = np.exp(maximum - base)\n    exps = np.exp(scores - base)",
     "keep = np.where(maximum == -np.inf, 0, np.exp(maximum - new))\n"
     "    exps = np.where(scores == -np.inf, 0, np.exp(scores - new))", set()),
    ("running_softmax", "keep = np.exp(maximum - base)\n    exps = np.exp(scores - base)",
     "keep = np.nan_to_num(np.exp(maximum - new))\n    exps = np.nan_to_num(np.exp(scores - new))", set()),
    ("running_softmax", "np.maximum(maximum, scores.max(axis=-1, keepdims=True))",
     "np.concatenate([maximum, scores], axis=-1).max(axis=-1, keepdims=True)", set()),
    ("running_softmax", "exps @ value", "np.einsum('...qk,...kv->...qv', exps, value)", set()),
    ("running_softmax", "return new, total, weighted", "return [new, total, weighted]", set()),
    ("attention_in_blocks", "/ np.sqrt(d_k)", "* d_k**-0.5", set()),
    ("attention_in_blocks", "query @ np.swapaxes(key[..., start:stop, :], -1, -2)",
     "np.einsum('...qd,...kd->...qk', query, key[..., start:stop, :])", set()),
    ("attention_in_blocks", "np.where(mask[..., start:stop] == 1, -np.inf, scores)",
     "np.where(mask[..., start:stop], -np.inf, scores)", set()),
    ("attention_in_blocks", "stop = start + block_size", "stop = min(start + block_size, T_k)", set()),
    ("attention_in_blocks", "range(0, T_k, block_size)", "reversed(range(0, T_k, block_size))", set()),
    ("attention_in_blocks", "weighted / np.where(total == 0, 1, total)", "weighted / np.maximum(total, 1e-300)", set()),
    ("attention_in_blocks", "return weighted / np.where(total == 0, 1, total)",
     "return np.divide(weighted, total, out=np.zeros_like(weighted), where=total > 0)", set()),
    ("attention_in_blocks", "return weighted / np.where(total == 0, 1, total)",
     "return np.nan_to_num(weighted / total)", set()),
    ("attention_in_blocks", "return weighted / np.where(total == 0, 1, total)",
     "return (weighted / np.where(total == 0, 1, total)).tolist()", set()),
    ("attention_in_blocks", LOOP, """    keys = [key[..., s:s + block_size, :] for s in range(0, T_k, block_size)]
    values = [value[..., s:s + block_size, :] for s in range(0, T_k, block_size)]
    n, maximum, total, weighted = 0, -np.inf, 0.0, 0.0
    for k, v in zip(keys, values):
        scores = query @ np.swapaxes(k, -1, -2) / np.sqrt(d_k)
        if mask is not None:
            scores = scores + np.where(mask[..., n:n + k.shape[-2]] == 1, -np.inf, 0)
        n += k.shape[-2]
        new = np.maximum(maximum, scores.max(-1, keepdims=True))
        safe = np.where(new == -np.inf, 0, new)
        e = np.exp(scores - safe)
        total = np.exp(maximum - safe) * total + e.sum(-1, keepdims=True)
        weighted = np.exp(maximum - safe) * weighted + e @ v
        maximum = new
""", set()),
    ("find_the_bug", "        maximum = new\n", "", {"what_came_before_dropped"}),
    ("find_the_bug", "        keep = np.exp(maximum - new)\n        maximum = new\n",
     "        old, maximum = maximum, new\n        keep = np.exp(old - maximum)\n", set()),
    ("find_the_bug", CODE["find_the_bug"].partition("block_size):\n")[2],
     "    return attention_in_blocks(query, key, value, block_size)\n", set()),
    ("find_the_bug", CODE["find_the_bug"].partition("block_size):\n")[2],
     "    return scaled_dot_product_attention(query, key, value)[0]\n", set()),
    ("arithmetic_intensity", "int(np.ceil(T_q / block_size))", "((T_q + block_size - 1) // block_size)", set()),
    ("arithmetic_intensity", "return operations / (numbers * bytes_per_number)",
     "return np.array([operations / numbers / bytes_per_number])", set()),
    ("grouped_query_attention", GROUPS, """    groups = [h // (H // G) for h in range(H)]
    return scaled_dot_product_attention(query, key[:, groups], value[:, groups], mask)
""", set()),
    ("grouped_query_attention", GROUPS, """    B, _, T_q, d = query.shape
    q = query.reshape(B, G, H // G, T_q, d)
    m = None if mask is None else mask[:, :, np.newaxis]
    output, weights = scaled_dot_product_attention(q, key[:, :, np.newaxis], value[:, :, np.newaxis], m)
    return output.reshape(B, H, T_q, -1), weights.reshape(B, H, T_q, -1)
""", set()),
    ("grouped_query_attention", GROUPS, """    found = []
    for h in range(H):
        g = h * G // H
        m = None if mask is None else mask[:, 0]
        found.append(scaled_dot_product_attention(query[:, h], key[:, g], value[:, g], m))
    return np.stack([o for o, _ in found], axis=1), np.stack([w for _, w in found], axis=1)
""", set()),
    ("sliding_window_mask", "(j > i) | (i - j >= window)", "1 - (np.tril(np.ones((length, length))) "
     "- np.tril(np.ones((length, length)), -window))", set()),
    ("sliding_window_mask", "return mask.astype(int)", "return mask", set()),
    ("sliding_window_mask", "return mask.astype(int)", "return mask.astype(float)", set()),
    ("sliding_window_mask", "return mask.astype(int)",
     "return [[0 if a - window < b <= a else 1 for b in range(length)] for a in range(length)]", set()),
    ("cache_size", "d_model // num_heads", "d_model / num_heads", set()),
    ("cache_size", "T if window is None else min(T, window)", "min(T, window or T)", set()),
    # named mistakes, written in their commonest forms
    ("attention_cost", "4 * (2", "4 * (1", "projections"),
    ("attention_cost", "4 * (2", "3 * (2", {"output_projection_forgotten"}),
    ("attention_cost", " + 2 * T * T * d_k", "", {"mixing_forgotten"}),
    ("attention_cost", "B * num_heads * T * T *", "B * T * T *", {"weights_of_one_head"}),
    ("attention_cost", "* bytes_per_number", "", {"numbers_for_bytes"}),
    ("running_softmax", "keep * total", "total", {"total_not_rescaled"}),
    ("running_softmax", "keep * weighted", "weighted", {"output_not_rescaled"}),
    ("running_softmax", "np.exp(maximum - base)", "1", {"nothing_rescaled"}),
    ("running_softmax", "np.exp(maximum - base)", "maximum - base", {"factor_without_exponential"}),
    ("running_softmax", "np.exp(maximum - base)", "np.exp(base - maximum)", {"rescaled_the_wrong_way"}),
    ("running_softmax", "return new,", "return base,", {"infinity_replaced_in_the_result"}),
    ("running_softmax", "np.where(new == -np.inf, 0, new)", "new", {"nan_where_nothing_was_seen"}),
    ("running_softmax", "return new, total, weighted", "return new, total, weighted / total", {"divided_already"}),
    ("running_softmax", "return new, total, weighted", "return total, weighted", "expected 3 things"),
    ("running_softmax", "exps @ value", "exps * value", "do not fit|keepdims|shape"),
    ("attention_in_blocks", "range(0, T_k, block_size)", "range(0, T_k - block_size + 1, block_size)",
     {"last_block_forgotten"}),
    ("attention_in_blocks", "range(0, T_k, block_size)", "range(T_k)", {"blocks_overlap"}),
    ("attention_in_blocks", "    return weighted", "        return weighted", {"first_block_only"}),
    ("attention_in_blocks", "weighted / np.where(total == 0, 1, total)", "weighted", {"not_divided"}),
    ("attention_in_blocks", "weighted / np.where(total == 0, 1, total)", "weighted / total",
     {"nan_where_all_is_hidden"}),
    ("attention_in_blocks", " / np.sqrt(d_k)", "", {"not_scaled"}),
    ("attention_in_blocks", "np.sqrt(d_k)", "d_k", {"scaled_twice"}),
    ("attention_in_blocks", "== 1, -np.inf", "== 0, -np.inf", {"mask_inverted"}),
    ("attention_in_blocks", "== 1, -np.inf", "== 1, -1e9", {"even_weights_where_all_is_hidden"}),
    ("attention_in_blocks", "== 1, -np.inf", "== 1, 0", {"hidden_scores_zero"}),
    ("attention_in_blocks", "mask[..., start:stop]", "mask[..., :scores.shape[-1]]", {"mask_of_the_first_block"}),
    ("attention_in_blocks", "value[..., start:stop, :])", "value)", "Cut the values like the keys"),
    ("attention_in_blocks", "mask is not None", "mask", "if mask is not None"),
    ("attention_in_blocks", LOOP + "    return weighted / np.where(total == 0, 1, total)\n",
     "    return scaled_dot_product_attention(query, key, value, mask)[0]\n", {"everything_at_once"}),
    ("attention_in_blocks", LOOP + "    return weighted / np.where(total == 0, 1, total)\n",
     "    return scaled_dot_product_attention(query, key, value, mask)\n", "Return the output alone"),
    ("find_the_bug", "        keep = np.exp(maximum - new)\n        maximum = new\n",
     "        maximum = new\n        keep = np.exp(maximum - new)\n", {"still_not_rescaled"}),
    ("find_the_bug", "return weighted / total", "return weighted", {"not_divided"}),
    ("arithmetic_intensity", "4 * T_q * T_k * d_k", "2 * T_q * T_k * d_k", {"half_the_operations"}),
    ("arithmetic_intensity", "int(np.ceil(T_q / block_size))", "(T_q // block_size)", {"last_block_forgotten"}),
    ("arithmetic_intensity", "int(np.ceil(T_q / block_size))", "block_size", {"read_for_each_query"}),
    ("arithmetic_intensity", "int(np.ceil(T_q / block_size))", "T_q", {"read_for_each_query"}),
    ("grouped_query_attention", "np.repeat(value, H // G, axis=1)", "np.tile(value, (1, H // G, 1, 1))",
     {"keys_and_values_matched_differently"}),
    ("grouped_query_attention", "value, mask)", "value)", {"mask_dropped"}),
    ("grouped_query_attention", "value = np.repeat(value, H // G, axis=1)", "value = np.repeat(value, H // G)",
     "repeat these H // G times along axis 1"),
    ("sliding_window_mask", "i - j >= window", "i - j > window", {"one_key_too_many"}),
    ("sliding_window_mask", "(j > i) |", "(j > i) &", {"both_needed"}),
    ("sliding_window_mask", "(j > i) | ", "", {"future_visible"}),
    ("sliding_window_mask", " | (i - j >= window)", "", {"past_not_cut_off"}),
    ("cache_size", "return 2 *", "return", {"keys_or_values_alone"}),
    ("cache_size", "num_kv_heads * d_k", "num_heads * d_k", {"all_heads_counted"}),
    ("cache_size", "d_model // num_heads", "d_model", {"d_model_for_each_head"}),
    ("cache_size", "min(T, window)", "max(T, window)", {"larger_of_both"}),
    ("cache_size", "min(T, window)", "window", {"window_always_full"}),
    ("cache_size", "* bytes_per_number", "* bytes_per_number / 1024", {"another_unit"}),
]  # fmt: skip


@pytest.mark.parametrize("name", CODE)
def test_the_right_code_of_the_table_is_right(notebook, name):
    verdict = verdict_on(notebook, name, CODE[name])
    assert (verdict["kind"], verdict["says"]) == ("right", [])


@pytest.mark.parametrize(("name", "right", "wrong", "told"), TOLD)
def test_what_a_learner_is_told(notebook, name, right, wrong, told):
    assert right in CODE[name]
    verdict = verdict_on(notebook, name, CODE[name].replace(right, wrong))
    if isinstance(told, set):
        assert (set(verdict["names"]), verdict["kind"]) == (told, "misconception" if told else "right"), verdict["says"]
    else:
        assert any(part in " ".join(verdict["says"]) for part in told.split("|")), verdict["says"]
