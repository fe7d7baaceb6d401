"""One training step and one decoding step of our Transformer against the same sizes built from Keras's own layers."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # TensorFlow reads it when it is imported

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from experiments.chat.objective import sums
from experiments.transformer.layers import LookAheadMask, PaddingMask, PositionalEmbedding
from experiments.transformer.model import transformer

# The notes' setting, and the length to which an average batch of the Korean pairs is cut.
SIZES = {"vocab_size": 2**13, "num_layers": 2, "dff": 512, "d_model": 256, "num_heads": 8, "dropout": 0.1}
BATCH, LENGTH = 64, 18
COUNT = {"quick": 2, "full": 15}
AIM = 1.1


def keras_transformer(
    vocab_size: int, num_layers: int, dff: int, d_model: int, num_heads: int, dropout: float
) -> keras.Model:
    """Return the model of `transformer` with attention, norms and feed-forward layers of Keras, post-norm alike."""
    inputs = keras.Input((None,), dtype="int32", name="inputs")
    dec_inputs = keras.Input((None,), dtype="int32", name="dec_inputs")
    hidden, future = PaddingMask()(inputs), LookAheadMask()(dec_inputs)
    keep_words, keep_past = hidden[:, 0] < 0.5, future[:, 0] < 0.5  # (B, 1, T_s), (B, T_t, T_t): True = keep

    def attend(x: Any, memory: Any, keep: Any) -> Any:
        attended = layers.MultiHeadAttention(num_heads, d_model // num_heads)(x, memory, attention_mask=keep)
        return layers.LayerNormalization(epsilon=1e-6)(x + layers.Dropout(dropout)(attended))

    def feed_forward(x: Any) -> Any:
        made = layers.Dense(d_model)(layers.Dense(dff, activation="relu")(x))
        return layers.LayerNormalization(epsilon=1e-6)(x + layers.Dropout(dropout)(made))

    x = layers.Dropout(dropout)(PositionalEmbedding(vocab_size, d_model)(inputs))
    for _ in range(num_layers):
        x = feed_forward(attend(x, x, keep_words))
    y = layers.Dropout(dropout)(PositionalEmbedding(vocab_size, d_model)(dec_inputs))
    for _ in range(num_layers):
        y = feed_forward(attend(attend(y, y, keep_past), x, keep_words))
    return keras.Model([inputs, dec_inputs], layers.Dense(vocab_size)(y))


def measure(quick: bool) -> dict[str, Any]:
    """Return for each kind of step, plain and compiled by XLA, the milliseconds of both models and their ratio."""
    models = {"ours": transformer(**SIZES), "keras": keras_transformer(**SIZES)}
    counts = {name: model.count_params() for name, model in models.items()}
    assert counts["ours"] - counts["keras"] in range(-20, 20), counts  # states of the dropouts aside, the same sizes
    count, found = COUNT["quick" if quick else "full"], {}
    for kind, make in {"training": training_step, "decoding": decoding_step}.items():
        for jit in (False, True):
            steps = {name: make(model, jit) for name, model in models.items()}
            found[f"{kind}, {'jit_compile' if jit else 'plain'}"] = race(steps, count)
    return found


def training_step(model: keras.Model, jit: bool) -> Callable[[], Any]:
    """Return a step with Adam on one batch of BATCH pairs of LENGTH tokens, padding among them."""
    rng = np.random.default_rng(0)
    ids = rng.integers(1, SIZES["vocab_size"], (2, BATCH, LENGTH + 1)).astype("int32")
    for row, length in enumerate(rng.integers(4, LENGTH + 1, BATCH)):
        ids[:, row, length:] = 0
    question, answer = tf.constant(ids[0, :, :-1]), ids[1]
    dec_inputs, targets = tf.constant(answer[:, :-1]), tf.constant(answer[:, 1:])
    optimizer = keras.optimizers.Adam(1e-4)
    optimizer.build(model.trainable_variables)

    @tf.function(jit_compile=jit)
    def step() -> tf.Tensor:
        with tf.GradientTape() as tape:
            loss, _, tokens = sums(targets, model([question, dec_inputs], training=True))
            mean = loss / tokens
        optimizer.apply(tape.gradient(mean, model.trainable_variables), model.trainable_variables)
        return mean

    return step


def decoding_step(model: keras.Model, jit: bool) -> Callable[[], Any]:
    """Return the choice of the next token after LENGTH // 2 tokens of a reply to one question."""
    rng = np.random.default_rng(1)
    question = tf.constant(rng.integers(1, SIZES["vocab_size"], (1, LENGTH)).astype("int32"))
    said = tf.constant(rng.integers(1, SIZES["vocab_size"], (1, LENGTH // 2)).astype("int32"))
    return tf.function(lambda: tf.argmax(model([question, said], training=False)[:, -1], -1), jit_compile=jit)


def race(steps: dict[str, Callable[[], Any]], count: int) -> dict[str, float]:
    """Run the steps in turns, after a first one each; return the medians and the median of the ratios of neighbours."""
    seconds: dict[str, list[float]] = {name: [] for name in steps}
    for turn in range(count + 2):
        for name, step in steps.items():
            started = time.perf_counter()
            step().numpy()
            if turn >= 2:
                seconds[name].append(time.perf_counter() - started)
    ratios = [ours / theirs for ours, theirs in zip(seconds["ours"], seconds["keras"], strict=True)]
    return {f"{name}_ms": 1000 * statistics.median(all_) for name, all_ in seconds.items()} | {
        "ratio": statistics.median(ratios),
        "count": count,
    }


def table(found: dict[str, Any]) -> str:
    """Return the figures as a table."""
    lines = ["| step | ours, ms | Keras's layers, ms | ratio | to reach |", "|---|---|---|---|---|"]
    for name, one in found.items():
        lines.append(f"| {name} | {one['ours_ms']:.1f} | {one['keras_ms']:.1f} | **{one['ratio']:.2f}** | {AIM} |")
    sizes = ", ".join(f"{name} {size}" for name, size in SIZES.items())
    words = f"Medians of {max(one['count'] for one in found.values())} steps each, in turns; {sizes}; {BATCH} pairs of "
    return "\n".join(lines) + f"\n\n{words}{LENGTH} tokens in training, one question of {LENGTH} in decoding."
