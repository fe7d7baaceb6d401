"""A decoder-only Transformer: pre-norm with RMSNorm, rotary positions, SwiGLU, tied embeddings, no biases."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers, ops

registered = keras.saving.register_keras_serializable(package="gpt")
Tensor = Any  # a tensor of Keras's backend
HIDDEN = -1e9


def rotate(x: Tensor, positions: Tensor, base: float = 10_000.0) -> Tensor:
    """Turn the pairs (2i, 2i + 1) of x (..., T, d_k) by position times base ** (-2i / d_k) (Su et al., 2021)."""
    d_k = x.shape[-1]
    speeds = ops.convert_to_tensor(base ** (-np.arange(0, d_k, 2) / d_k), x.dtype)
    angles = ops.cast(positions, x.dtype)[:, None] * speeds  # (T, d_k / 2)
    cos, sin, even, odd = ops.cos(angles), ops.sin(angles), x[..., 0::2], x[..., 1::2]
    return ops.reshape(ops.stack([even * cos - odd * sin, even * sin + odd * cos], axis=-1), ops.shape(x))


@registered
class TiedEmbedding(layers.Embedding):
    """One table (V, d_model) for both ends: ids to vectors, and with `reverse` vectors to logits."""

    def call(self, inputs: Tensor, reverse: bool = False) -> Tensor:
        """Return vectors (B, T, d_model) of ids (B, T), or logits (B, T, V) of vectors."""
        return ops.matmul(inputs, ops.transpose(self.embeddings)) if reverse else super().call(inputs)

    def compute_output_spec(self, inputs: Tensor, reverse: bool = False) -> keras.KerasTensor:
        """Return the shape of the result, while a model is built."""
        shape = inputs.shape[:2] + (self.input_dim if reverse else self.output_dim,)
        return keras.KerasTensor(shape, self.compute_dtype)


@registered
class Block(layers.Layer):
    """Add attention of the normed x to x, then add SwiGLU of the normed sum."""

    def __init__(self, d_model: int, num_heads: int, dff: int, dropout: float, **kwargs):
        """Take the sizes of one layer."""
        super().__init__(**kwargs)
        self.sizes = {"d_model": d_model, "num_heads": num_heads, "dff": dff, "dropout": dropout}
        inner = {name: layers.Dense(d_model, use_bias=False, name=name) for name in ("query", "key", "value", "output")}
        self.query_dense, self.key_dense, self.value_dense, self.output_dense = inner.values()
        self.gate_dense, self.up_dense = (layers.Dense(dff, use_bias=False, name=name) for name in ("gate", "up"))
        self.down_dense = layers.Dense(d_model, use_bias=False, name="down")
        self.norms = [layers.RMSNormalization(epsilon=1e-6, name=f"norm_{n}") for n in range(2)]
        self.dropouts = [layers.Dropout(dropout, name=f"dropout_{n}") for n in range(2)]

    def build(self, shape: tuple) -> None:
        """Create the weights."""
        d_model, dff = self.sizes["d_model"], self.sizes["dff"]
        from_model = (self.query_dense, self.key_dense, self.value_dense, self.output_dense, self.gate_dense)
        for layer in (*from_model, self.up_dense, *self.norms):
            layer.build((None, None, d_model))
        self.down_dense.build((None, None, dff))

    def call(self, x: Tensor, training: bool | None = None) -> Tensor:
        """(B, T, d_model) -> the same."""
        return self.step(x, None, training)[0]

    def step(
        self, x: Tensor, past: tuple[Tensor, Tensor] | None, training: bool | None = False
    ) -> tuple[Tensor, tuple]:
        """Return the new positions x (B, n, d_model) behind this layer, and the keys and values of all so far.

        past: rotated keys and values (B, H, t, d_k) of the t positions before, or None.
        """
        attended, past = self.attend(self.norms[0](x), past)
        x = x + self.dropouts[0](attended, training=training)
        normed = self.norms[1](x)
        gated = ops.silu(self.gate_dense(normed)) * self.up_dense(normed)
        return x + self.dropouts[1](self.down_dense(gated), training=training), past

    def attend(self, x: Tensor, past: tuple[Tensor, Tensor] | None) -> tuple[Tensor, tuple]:
        """Return causal self-attention of the new positions over all, and the keys and values of all."""
        before, new = 0 if past is None else ops.shape(past[0])[2], ops.shape(x)[1]
        positions = before + ops.arange(new)
        q, k = (rotate(self.split(dense(x)), positions) for dense in (self.query_dense, self.key_dense))
        v = self.split(self.value_dense(x))
        if past is not None:
            k, v = ops.concatenate([past[0], k], axis=2), ops.concatenate([past[1], v], axis=2)
        scores = ops.matmul(q, ops.swapaxes(k, -1, -2)) * q.shape[-1] ** -0.5
        future = ops.arange(before + new)[None, :] > positions[:, None]
        scores = ops.where(future, HIDDEN, scores)
        weights = ops.exp(scores - ops.logsumexp(scores, axis=-1, keepdims=True))  # (B, H, n, t + n)
        merged = ops.swapaxes(ops.matmul(weights, v), 1, 2)
        return self.output_dense(ops.reshape(merged, (ops.shape(x)[0], -1, self.sizes["d_model"]))), (k, v)

    def split(self, x: Tensor) -> Tensor:
        """(B, T, d_model) -> (B, H, T, d_k)."""
        d_model, heads = self.sizes["d_model"], self.sizes["num_heads"]
        return ops.swapaxes(ops.reshape(x, (ops.shape(x)[0], -1, heads, d_model // heads)), 1, 2)

    def get_config(self) -> dict:
        """Return what the constructor needs."""
        return {**super().get_config(), **self.sizes}


def gpt(vocab_size: int, num_layers: int, d_model: int, num_heads: int, dff: int, dropout: float) -> keras.Model:
    """Return the model: ids (B, T) -> logits (B, T, vocab_size)."""
    ids = keras.Input((None,), dtype="int32", name="ids")
    start = keras.initializers.RandomNormal(stddev=0.02)
    embedding = TiedEmbedding(vocab_size, d_model, embeddings_initializer=start, name="embedding")
    x = layers.Dropout(dropout, name="dropout")(embedding(ids))
    for number in range(num_layers):
        x = Block(d_model, num_heads, dff, dropout, name=f"block_{number}")(x)
    logits = embedding(layers.RMSNormalization(epsilon=1e-6, name="norm")(x), reverse=True)
    return keras.Model(ids, logits, name="gpt")


class Writer:
    """Gives the logits of the next id for several texts at once, with keys and values kept."""

    def __init__(self, model: keras.Model) -> None:
        """Keep the layers of the model; their weights are not copied."""
        self.embedding, self.norm = model.get_layer("embedding"), model.get_layer("norm")
        self.blocks = [layer for layer in model.layers if layer.name.startswith("block_")]
        self.past: list = [None] * len(self.blocks)

    def read(self, ids: np.ndarray) -> np.ndarray:
        """Take the next ids (B, n) of each text, and return the logits (B, V) of what comes after them."""
        x = self.embedding(ids)
        for number, block in enumerate(self.blocks):
            x, self.past[number] = block.step(x, self.past[number])
        return np.asarray(self.embedding(self.norm(x[:, -1:]), reverse=True))[:, 0]
