"""Chapter 11: the instruments by other routes, the trained models and what was measured, what learners are told."""

import json
import subprocess
import sys
from functools import partial

import numpy as np
import pytest

from experiments import looking_inside
from experiments.inside import measuring, numpy_model, task
from experiments.inside import notebook as writer
from tests import chapters
from tests.chapters import ROOT
from tests.closeness import assert_equal_up_to_rounding
from tests.waiting import LONG

SLUG = "11_looking_inside"
KEY = chapters.key_of(SLUG)
verdict_on = partial(chapters.verdict_on, SLUG)
STORED = json.loads((ROOT / "book" / "_data" / "11_looking_inside.json").read_text(encoding="utf-8"))
RUNS = {(run["model"], run["seed"]): run for run in STORED["runs"]}
PERIOD = STORED["settings"]["test_period"]


@pytest.fixture(scope="module")
def seen(solved):
    """Return the copier's pass over the test strings of the experiment, by the notebook's own function."""
    ids = measuring.test_rows(STORED["settings"], PERIOD)
    return ids, solved["look_inside"](solved["unpack"](solved["COPIER"]), ids)


# ---------------------------------------------------------------- the mathematics, by another route
def test_the_shares_and_the_bias_add_up_to_keras_own_layer(solved):
    keras = pytest.importorskip("keras")
    keras.utils.set_random_seed(3)
    x = np.random.default_rng(0).normal(size=(2, 5, 6)).astype("float32")
    layer = keras.layers.MultiHeadAttention(num_heads=3, key_dim=2, bias_initializer="random_normal")
    output, weights = layer(x, x, use_causal_mask=True, return_attention_scores=True)
    _, _, _, _, W_v, b_v, W_o, b_o = map(np.asarray, layer.get_weights())
    value = np.einsum("btm,mhj->bhtj", x, W_v) + b_v[:, np.newaxis]
    shares = solved["head_outputs"](np.asarray(weights), value, W_o.reshape(-1, 6))
    assert_equal_up_to_rounding(shares.sum(axis=1) + b_o, np.asarray(output), terms=20, magnitude=5.0)
    for h in range(3):
        removed = np.eye(3, dtype=int)[h]
        without = solved["without_heads"](shares, removed, b_o)
        kernel = W_o.copy()
        kernel[h] = 0
        layer.set_weights([*layer.get_weights()[:-2], kernel, b_o])
        expected = np.asarray(layer(x, x, use_causal_mask=True))
        assert_equal_up_to_rounding(without, expected, terms=20, magnitude=5.0)


def test_entropies_lie_between_none_and_that_of_even_weights(solved):
    rng = np.random.default_rng(1)
    weights = rng.dirichlet(np.ones(7), size=(2, 3, 5))
    found = solved["attention_entropy"](weights)
    assert (found > 0).all() and (found < np.log2(7)).all()
    np.testing.assert_allclose(solved["attention_entropy"](np.full((1, 1, 1, 8), 1 / 8)), 3)
    assert (solved["attention_entropy"](np.eye(4)[np.newaxis, np.newaxis]) == 0).all()
    np.testing.assert_allclose(solved["attention_entropy"](rng.permuted(weights, axis=-1)), found)


def test_the_lens_on_the_last_entry_is_the_model(solved, seen):
    ids, found = seen
    model = solved["unpack"](solved["COPIER"])
    stream = solved["residual_stream"](found["embedding"], np.array(found["output"]))
    logits = solved["logit_lens"](stream, model["gamma"], model["beta"], model["W_u"])
    np.testing.assert_allclose(logits[-1], found["logits"], atol=1e-9)
    np.testing.assert_allclose(
        solved["logit_lens"](3 * stream, model["gamma"], model["beta"], model["W_u"])[0], logits[0], atol=1e-4
    )


def test_a_perfect_head_scores_one_and_an_even_one_what_counting_says(solved):
    T, period = 12, 5
    perfect = np.eye(T, k=1 - period)[np.newaxis, np.newaxis]
    even = (np.tril(np.ones((T, T))) / np.arange(1, T + 1)[:, np.newaxis])[np.newaxis, np.newaxis]
    np.testing.assert_allclose(solved["induction_score"](perfect, period), 1)
    np.testing.assert_allclose(solved["previous_token_score"](perfect), 0)
    np.testing.assert_allclose(solved["previous_token_score"](np.eye(T, k=-1)[np.newaxis, np.newaxis]), 1)
    np.testing.assert_allclose(solved["induction_score"](even, period), np.mean(1 / np.arange(period + 1, T + 1)))


def test_the_gain_leaves_the_surprise_out(solved):
    losses = np.array([[3.2, 3.0, 3.1, 0.4, 0.2]])  # the example of the page
    np.testing.assert_allclose(solved["in_context_gain"](losses, 3), 2.8)
    losses[0, 2] = 99
    np.testing.assert_allclose(solved["in_context_gain"](losses, 3), 2.8)


def test_the_bug_depends_on_the_order_of_the_heads_and_the_mended_one_does_not(solved):
    case = KEY["find_the_bug"].inputs(np.random.default_rng(2))["five heads"]
    contributions, rest, unembedding, wanted = case.values()

    def read(x):
        return x @ unembedding

    for name, same in (("broken_damage", False), ("mended_damage", True)):
        forth = solved[name](contributions, rest, read, wanted)
        back = solved[name](contributions[:, ::-1], rest, read, wanted)[::-1]
        assert np.allclose(forth, back) is same
    assert np.isclose(solved["broken_damage"](contributions, rest, read, wanted)[0], forth[0])


# ---------------------------------------------------------------- the experiment
def test_rows_say_a_string_of_different_letters_again_and_again():
    rows = task.draw_rows(np.random.default_rng(0), 300, 24, (5, 8, 11))
    periods = set()
    for row in rows:
        period = next(p for p in range(1, 24) if (row[p:] == row[:-p]).all())
        assert len(set(row[:period])) == period
        periods.add(period)
    assert periods == {5, 8, 11}


def test_the_pass_in_numpy_is_that_of_the_keras_model():
    pytest.importorskip("tensorflow")
    from experiments.inside import training

    model = training.build(length=9, layers=2, heads=4, d_model=8)
    rng = np.random.default_rng(0)
    model.set_weights([rng.normal(size=array.shape, scale=0.5) for array in model.get_weights()])
    ids = rng.integers(0, len(task.LETTERS), size=(3, 9))
    found = numpy_model.forward(training.arrays_of(model, 2), ids, heads=4)
    assert_equal_up_to_rounding(found["logits"], np.asarray(model(ids)), terms=60, magnitude=10.0)


def test_a_packed_model_comes_back_rounded_to_its_steps():
    rng = np.random.default_rng(0)
    model = {"E": rng.normal(size=(5, 3)), "0.b_o": np.zeros(3), "W_u": 40 * rng.normal(size=(3, 5))}
    data = numpy_model.packed(model)
    again = numpy_model.unpacked(json.loads(json.dumps(data)))
    assert list(again) == list(model)
    for (name, shape, step), array in zip(data["arrays"], model.values(), strict=True):
        assert again[name].shape == tuple(shape) == array.shape
        assert np.abs(again[name] - array).max() <= 0.51 * step


def test_the_stored_runs_are_those_of_the_script():
    assert STORED["settings"] == json.loads(json.dumps(looking_inside.SETTINGS))
    assert STORED["command"] == "python -m experiments.looking_inside"
    assert list(RUNS) == [(name, seed) for name in looking_inside.MODELS for seed in looking_inside.SEEDS]
    assert set(STORED["models"]) == set(looking_inside.KEPT)


def test_the_notebook_has_the_stored_models():
    text = writer.NOTEBOOK.read_text(encoding="utf-8")
    assert writer.with_models(text, STORED["models"]) == text, "run: python -m experiments.looking_inside"


def test_the_notebooks_functions_measure_in_the_stored_model_what_the_script_measured(solved, seen):
    ids, found = seen
    run = RUNS["two layers", 0]
    losses = solved["losses_of"](found["logits"][:, :-1], ids[:, 1:])
    by_period = run["by_period"][str(PERIOD)]
    gain = solved["in_context_gain"](losses, PERIOD)
    np.testing.assert_allclose(gain, by_period["before"] - by_period["after"], atol=2e-4)
    np.testing.assert_allclose(losses.mean(axis=0), run["by_position"], atol=1e-4)
    for layer, weights in enumerate(found["weights"]):
        np.testing.assert_allclose(solved["previous_token_score"](weights), by_period["previous"][layer], atol=1e-4)
        scores = solved["induction_score"](weights, PERIOD)
        np.testing.assert_allclose(scores, by_period["induction"][layer], atol=1e-4)
        entropies = solved["attention_entropy"](weights).mean(axis=(0, 2))
        np.testing.assert_allclose(entropies, run["entropy"][layer], atol=1e-4)
        for h in range(4):
            logits = solved["run_without"](solved["unpack"](solved["COPIER"]), ids, [(layer, h)])
            np.testing.assert_allclose(solved["known_loss"](logits, ids, PERIOD), run["without"][layer][h], atol=1e-4)


@pytest.mark.parametrize("seed", looking_inside.SEEDS)
def test_two_layers_copy_at_every_period_and_one_layer_does_not(seed):
    two, one = (RUNS[name, seed]["by_period"] for name in ("two layers", "one layer"))
    assert max(found["after"] for found in two.values()) < 0.1 < 0.7 < min(found["after"] for found in one.values())


def test_two_of_three_models_have_an_induction_head_in_the_second_layer():
    best = [np.max(RUNS["two layers", seed]["by_period"][str(PERIOD)]["induction"], axis=1) for seed in range(3)]
    assert [layers[1] > 0.9 for layers in best] == [True, False, True]
    assert max(layers[0] for layers in best) < 0.4


@pytest.mark.parametrize("seed", looking_inside.SEEDS)
def test_the_head_of_one_period_scores_like_an_induction_head_and_is_none(seed):
    found = RUNS["one period", seed]["by_period"]
    assert np.max(found["6"]["induction"]) > 0.75 and found["6"]["after"] < 0.01
    for period in ("4", "5", "7", "8"):
        assert np.max(found[period]["induction"]) < 0.2 and found[period]["after"] > np.log(16)


def test_the_script_runs_quickly_and_writes_what_the_page_reads(tmp_path):
    pytest.importorskip("tensorflow")
    out = tmp_path / "inside.json"
    command = [sys.executable, "-m", "experiments.looking_inside", "--quick", "--out", str(out)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=LONG)
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found.keys() == STORED.keys() and found["runs"][0].keys() == STORED["runs"][0].keys()
    assert found["command"].endswith("--quick")
    assert found["models"].keys() == STORED["models"].keys()


# ---------------------------------------------------------------- what learners write, and what they are told
EQUAL = {
    "attention_entropy": """
def attention_entropy(weights):
    terms = np.zeros(weights.shape)
    some = weights > 0
    terms[some] = weights[some] * np.log(weights[some]) / np.log(2)
    return -terms.sum(axis=-1)
""",
    "attention_entropy, a tiny number": """
def attention_entropy(weights):
    return -np.sum(weights * np.log2(weights + 1e-12), axis=-1)
""",
    "attention_entropy, nan_to_num": """
def attention_entropy(weights):
    with np.errstate(all="ignore"):
        return np.nansum(weights * -np.log2(weights), axis=-1)
""",
    "head_outputs": """
def head_outputs(weights, value, W_o):
    H, d_k = value.shape[1], value.shape[-1]
    return np.einsum("bhqk,bhkj,hjm->bhqm", weights, value, W_o.reshape(H, d_k, -1))
""",
    "head_outputs, slices": """
def head_outputs(weights, value, W_o):
    d_k = value.shape[-1]
    heads = [weights[:, h] @ (value[:, h] @ W_o[h * d_k : (h + 1) * d_k]) for h in range(value.shape[1])]
    return np.stack(heads, axis=1)
""",
    "head_outputs, split": """
def head_outputs(weights, value, W_o):
    return (weights @ value) @ np.array(np.split(W_o, value.shape[1]))
""",
    "without_heads": """
def without_heads(contributions, removed, b_o):
    return np.einsum("bhtm,h->btm", contributions, 1.0 - removed) + b_o
""",
    "without_heads, deleted": """
def without_heads(contributions, removed, b_o):
    return np.delete(contributions, np.flatnonzero(removed), axis=1).sum(axis=1) + b_o
""",
    "without_heads, loop": """
def without_heads(contributions, removed, b_o):
    output = b_o + np.zeros_like(contributions[:, 0])
    for h, gone in enumerate(removed):
        if not gone:
            output += contributions[:, h]
    return output
""",
    "residual_stream": """
def residual_stream(embedding, contributions):
    return np.cumsum(np.concatenate([embedding[None], contributions]), axis=0)
""",
    "residual_stream, copies": """
def residual_stream(embedding, contributions):
    x, stream = embedding.copy(), [embedding]
    for c in contributions:
        x += c
        stream.append(x.copy())
    return stream
""",
    "logit_lens": """
def logit_lens(stream, gamma, beta, unembedding):
    x = (stream - stream.mean(-1, keepdims=True)) / np.sqrt(stream.var(-1, keepdims=True) + 1e-6)
    return x @ (gamma[:, None] * unembedding) + beta @ unembedding
""",
    "logit_lens, one by one": """
def logit_lens(stream, gamma, beta, unembedding):
    return [layer_norm(entry, gamma, beta) @ unembedding for entry in stream]
""",
    "previous_token_score": """
def previous_token_score(weights):
    T = weights.shape[-1]
    return np.mean([weights[:, :, t, t - 1] for t in range(1, T)], axis=(0, 1))
""",
    "previous_token_score, table": """
def previous_token_score(weights):
    B, H, T, _ = weights.shape
    return (weights * np.eye(T, k=-1)).sum(axis=(0, 2, 3)) / (B * (T - 1))
""",
    "induction_score": """
def induction_score(weights, period):
    t = np.arange(period, weights.shape[-1])
    return weights[:, :, t, t - period + 1].mean(axis=(0, 2))
""",
    "induction_score, loop": """
def induction_score(weights, period):
    B, H, T, _ = weights.shape
    scores = [0.0] * H
    for h in range(H):
        for b in range(B):
            for t in range(period, T):
                scores[h] += weights[b, h, t, t + 1 - period] / B / (T - period)
    return scores
""",
    "in_context_gain": """
def in_context_gain(losses, period):
    by_position = losses.mean(axis=0)
    return np.mean(by_position[: period - 1]) - np.mean(by_position[period:])
""",
    "find_the_bug": """
def mended_damage(contributions, rest, read, wanted):
    everything = rest + contributions.sum(axis=1)
    whole = losses_of(read(everything), wanted).mean()
    heads = contributions.swapaxes(0, 1)
    return [losses_of(read(everything - head), wanted).mean() - whole for head in heads]
""",
    "find_the_bug, put back": """
def mended_damage(contributions, rest, read, wanted):
    def loss(kept):
        return losses_of(read(rest + kept.sum(axis=1)), wanted).mean()

    whole = loss(contributions)
    kept = contributions.copy()
    damage = []
    for h in range(contributions.shape[1]):
        kept[:, h] = 0
        damage.append(loss(kept) - whole)
        kept[:, h] = contributions[:, h]
    return np.array(damage)
""",
}


@pytest.mark.parametrize("form", EQUAL)
def test_equal_mathematics_passes(notebook, form):
    verdict = verdict_on(notebook, form.partition(",")[0], EQUAL[form])
    assert (verdict["kind"], verdict["says"]) == ("right", [])


# (form, what is replaced in it, by what, what is said)
TOLD = [
    ("attention_entropy, nan_to_num", "np.nansum(", "np.sum(", "A weight of 0 gives NaN"),
    ("head_outputs, slices", "W_o[h * d_k", "W_o[:, h * d_k", "The inner sizes of a product differ"),
    ("head_outputs", "W_o.reshape(H, d_k, -1)", "W_o.reshape(H, 3, -1)", "The sizes of a reshape must multiply"),
    ("without_heads, loop", "if not gone", "if removed == 0", "`if removed` asks one question of all heads"),
    ("without_heads, deleted", "np.flatnonzero(removed)", "removed", "were taken for numbers of heads"),
    ("without_heads, loop", "contributions[:, h]", "contributions[h]", "axis 1"),
    ("residual_stream", "embedding[None]", "embedding", "embedding has no axis of layers"),
    ("residual_stream, copies", "x.copy()", "x", "appended again and again"),
    ("residual_stream, copies", "embedding.copy(), [embedding]", "embedding, [embedding]", "changes its argument"),
    ("logit_lens, one by one", "unembedding for", "unembedding.T for", "The unembedding was transposed"),
    ("logit_lens, one by one", "(entry, gamma, beta)", "(entry)", "layer_norm takes three things"),
    ("previous_token_score", "range(1, T)", "range(1, T + 1)", "t runs over queries, from 1 to T - 1"),
    ("induction_score", "np.arange(period, weights.shape[-1])", "np.arange(period, 2 * period)", "period"),
    ("find_the_bug, put back", "        kept[:, h] = contributions[:, h]\n", "", "The removals still pile up"),
]  # fmt: skip


@pytest.mark.parametrize(("form", "right", "wrong", "told"), TOLD)
def test_what_a_learner_is_told(notebook, form, right, wrong, told):
    assert right in EQUAL[form]
    verdict = verdict_on(notebook, form.partition(",")[0], EQUAL[form].replace(right, wrong))
    assert told in " ".join(verdict["says"])
