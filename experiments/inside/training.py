"""The model in Keras, its training, and its numbers as NumPy arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from experiments.inside.numpy_model import Model
from experiments.inside.task import LETTERS, draw_rows


def build(length: int, layers: int, heads: int, d_model: int) -> Any:
    """Return a Keras model from letters (B, length) to logits (B, length, 26): attention alone, with pre-norm."""
    import keras
    from keras import layers as kl

    class Positions(kl.Layer):
        """Adds to each position a vector that is learned: an Embedding of a constant would be no part of the model."""

        def build(self, shape: tuple) -> None:
            self.table = self.add_weight(shape=shape[1:], initializer=keras.initializers.RandomNormal(stddev=1.0))

        def call(self, x: Any) -> Any:
            return x + self.table

    letters = keras.Input((length,), dtype="int32")
    start = keras.initializers.RandomNormal(stddev=0.5)
    x = kl.Embedding(len(LETTERS), d_model, embeddings_initializer=start, name="E")(letters)
    x = Positions(name="P")(x)
    for n in range(layers):
        y = kl.LayerNormalization(epsilon=1e-6, name=f"norm_{n}")(x)
        x = x + kl.MultiHeadAttention(heads, d_model // heads, name=f"attention_{n}")(y, y, use_causal_mask=True)
    y = kl.LayerNormalization(epsilon=1e-6, name="norm")(x)
    return keras.Model(letters, kl.Dense(len(LETTERS), use_bias=False, name="W_u")(y))


def arrays_of(model: Any, layers: int) -> Model:
    """Return the numbers of a Keras model, matrices as (in, out), heads side by side."""

    def of(name: str) -> list[np.ndarray]:
        return [np.asarray(array, dtype=float) for array in model.get_layer(name).get_weights()]

    found = {"E": of("E")[0], "P": of("P")[0], "W_u": of("W_u")[0]}
    found["gamma"], found["beta"] = of("norm")
    for n in range(layers):
        found[f"{n}.gamma"], found[f"{n}.beta"] = of(f"norm_{n}")
        W_q, b_q, W_k, b_k, W_v, b_v, W_o, b_o = of(f"attention_{n}")
        d_model = len(W_q)
        for name, W, b in (("q", W_q, b_q), ("k", W_k, b_k), ("v", W_v, b_v)):
            found[f"{n}.W_{name}"], found[f"{n}.b_{name}"] = W.reshape(d_model, -1), b.ravel()
        found[f"{n}.W_o"], found[f"{n}.b_o"] = W_o.reshape(-1, d_model), b_o
    return found


def train(
    settings: dict[str, Any], layers: int, periods: tuple[int, ...], seed: int, look: Callable[[int, Model], None]
) -> Model:
    """Train a model; call `look(step, model)` before the first step and after every so many."""
    import keras

    keras.utils.set_random_seed(seed)
    rng, length = np.random.default_rng(seed), settings["length"]
    model = build(length, layers, settings["heads"], settings["d_model"])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    optimizer, every = keras.optimizers.Adam(settings["learning_rate"]), settings["every"]
    model.compile(optimizer, loss, jit_compile=False, steps_per_execution=every)
    look(0, arrays_of(model, layers))
    for step in range(every, settings["steps"] + 1, every):
        rows = draw_rows(rng, every * settings["batch"], length + 1, periods)
        model.fit(rows[:, :-1], rows[:, 1:], settings["batch"], verbose=0, shuffle=False)
        look(step, arrays_of(model, layers))
    return arrays_of(model, layers)
