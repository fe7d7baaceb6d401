"""The layers of the Transformer (Vaswani et al., 2017): masks, positions, heads, encoder and decoder layers.

Masks have 1 where a position is hidden. Every layer is registered, so that a saved model can be loaded.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers, ops

registered = keras.saving.register_keras_serializable(package="transformer")
Tensor = Any  # a tensor of Keras's backend
HIDDEN = -1e9


def positional_encoding(length: int, d_model: int) -> np.ndarray:
    """Return the sinusoids of Vaswani et al. (2017, section 3.5), (length, d_model) as float32."""
    positions, dimensions = np.arange(length)[:, None], np.arange(d_model)[None, :]
    angles = positions / 10_000 ** (2 * (dimensions // 2) / d_model)
    return np.where(dimensions % 2 == 0, np.sin(angles), np.cos(angles)).astype("float32")


@registered
class PaddingMask(layers.Layer):
    """Ids (B, T) -> (B, 1, 1, T): 1 where the id is 0."""

    def call(self, ids: Tensor) -> Tensor:
        """Return the mask."""
        return ops.cast(ops.equal(ids, 0), "float32")[:, None, None, :]


@registered
class LookAheadMask(layers.Layer):
    """Ids (B, T) -> (B, 1, T, T): 1 where a position lies in the future or holds padding."""

    def call(self, ids: Tensor) -> Tensor:
        """Return the mask."""
        steps = ops.arange(ops.shape(ids)[1])
        future = ops.cast(steps[None, :] > steps[:, None], "float32")
        return ops.maximum(future, ops.cast(ops.equal(ids, 0), "float32")[:, None, None, :])


@registered
class PositionalEmbedding(layers.Layer):
    """Token ids (B, T) -> embedding times sqrt(d_model) plus the encoding of the positions, (B, T, d_model)."""

    def __init__(self, vocab_size: int, d_model: int, max_positions: int = 512, **kwargs):
        """Prepare ``max_positions`` positions; longer sequences are an error."""
        super().__init__(**kwargs)
        self.vocab_size, self.d_model, self.max_positions = vocab_size, d_model, max_positions
        self.embedding = layers.Embedding(vocab_size, d_model, name="tokens")
        self.positions = positional_encoding(max_positions, d_model)

    def build(self, ids_shape: tuple) -> None:
        """Create the weights, so that a saved layer can be loaded before it is called."""
        self.embedding.build(ids_shape)

    def call(self, ids: Tensor, start: Any = 0) -> Tensor:
        """Embed tokens whose first stands at position ``start``."""
        ahead = ops.convert_to_tensor(self.positions, self.compute_dtype)[start : start + ops.shape(ids)[1]]
        return self.embedding(ids) * self.d_model**0.5 + ahead[None]

    def get_config(self) -> dict:
        """Return what the constructor needs."""
        sizes = {"vocab_size": self.vocab_size, "d_model": self.d_model, "max_positions": self.max_positions}
        return {**super().get_config(), **sizes}


@registered
class MultiHeadAttention(layers.Layer):
    """Scaled dot-product attention in ``num_heads`` heads (Vaswani et al., 2017, section 3.2)."""

    def __init__(self, d_model: int, num_heads: int, **kwargs):
        """Raise ValueError where the heads do not divide d_model."""
        super().__init__(**kwargs)
        if d_model % num_heads != 0:
            raise ValueError(f"d_model {d_model} cannot be divided among {num_heads} heads")
        self.d_model, self.num_heads, self.depth = d_model, num_heads, d_model // num_heads
        self.query_dense = layers.Dense(d_model, name="query")
        self.key_dense = layers.Dense(d_model, name="key")
        self.value_dense = layers.Dense(d_model, name="value")
        self.dense = layers.Dense(d_model, name="output")

    def build(self, query_shape: tuple, key_shape: tuple | None = None, value_shape: tuple | None = None) -> None:
        """Create the weights."""
        for dense in (self.query_dense, self.key_dense, self.value_dense, self.dense):
            dense.build((None, None, self.d_model))

    def call(self, query: Tensor, key: Tensor, value: Tensor, mask: Tensor = None) -> tuple[Tensor, Tensor]:
        """Return output (B, T_q, d_model) and weights (B, H, T_q, T_k); the mask broadcasts to the weights."""
        return self.attend(self.queries(query), *self.keys_values(key, value), mask)

    def queries(self, query: Tensor) -> Tensor:
        """Return the queries of all heads, (B, H, T_q, d_k)."""
        return self.split(self.query_dense(query))

    def keys_values(self, key: Tensor, value: Tensor) -> tuple[Tensor, Tensor]:
        """Return keys and values of all heads, each (B, H, T_k, d_k)."""
        return self.split(self.key_dense(key)), self.split(self.value_dense(value))

    def attend(self, queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor = None) -> tuple[Tensor, Tensor]:
        """Return output and weights for what `queries` and `keys_values` have returned."""
        scores = ops.matmul(queries, ops.transpose(keys, (0, 1, 3, 2))) * self.depth**-0.5
        weights = ops.softmax(scores if mask is None else scores + mask * HIDDEN)
        merged = ops.transpose(ops.matmul(weights, values), (0, 2, 1, 3))
        return self.dense(ops.reshape(merged, (ops.shape(merged)[0], -1, self.d_model))), weights

    def split(self, x: Tensor) -> Tensor:
        """(B, T, d_model) -> (B, H, T, d_k)."""
        x = ops.reshape(x, (ops.shape(x)[0], -1, self.num_heads, self.depth))
        return ops.transpose(x, (0, 2, 1, 3))

    def get_config(self) -> dict:
        """Return what the constructor needs."""
        return {**super().get_config(), "d_model": self.d_model, "num_heads": self.num_heads}


class _Block(layers.Layer):
    """What encoder and decoder layers share: their sizes, the feed-forward network, residuals and norms (post-norm)."""

    def __init__(self, d_model: int, num_heads: int, dff: int, dropout: float, **kwargs):
        super().__init__(**kwargs)
        self.sizes = {"d_model": d_model, "num_heads": num_heads, "dff": dff, "dropout": dropout}
        self.hidden_dense = layers.Dense(dff, activation="relu", name="hidden")
        self.output_dense = layers.Dense(d_model, name="feed_forward")
        self.norms = [layers.LayerNormalization(epsilon=1e-6, name=f"norm_{i}") for i in range(self.sublayers)]
        self.dropouts = [layers.Dropout(dropout, name=f"dropout_{i}") for i in range(self.sublayers)]

    def build(self, shape: tuple, *others: tuple) -> None:
        d_model = self.sizes["d_model"]
        self.hidden_dense.build((None, None, d_model))
        self.output_dense.build((None, None, self.sizes["dff"]))
        for attention in self.attentions:
            attention.build((None, None, d_model))
        for norm in self.norms:
            norm.build((None, None, d_model))

    def add_and_norm(self, number: int, x: Tensor, sublayer_output: Tensor, training: bool | None) -> Tensor:
        return self.norms[number](x + self.dropouts[number](sublayer_output, training=training))

    def feed_forward(self, x: Tensor, training: bool | None) -> Tensor:
        return self.add_and_norm(self.sublayers - 1, x, self.output_dense(self.hidden_dense(x)), training)

    def get_config(self) -> dict:
        return {**super().get_config(), **self.sizes}


@registered
class EncoderLayer(_Block):
    """Self-attention, then the feed-forward network; each with a residual, then a layer norm."""

    sublayers = 2

    def __init__(self, d_model: int, num_heads: int, dff: int, dropout: float, **kwargs):
        """Take the sizes of one layer."""
        super().__init__(d_model, num_heads, dff, dropout, **kwargs)
        self.attentions = [MultiHeadAttention(d_model, num_heads, name="self_attention")]

    def call(self, x: Tensor, mask: Tensor, training: bool | None = None) -> Tensor:
        """(B, T, d_model) -> the same; ``mask`` hides the padding."""
        attended, _ = self.attentions[0](x, x, x, mask)
        return self.feed_forward(self.add_and_norm(0, x, attended, training), training)


@registered
class DecoderLayer(_Block):
    """Masked self-attention, attention to the encoder's output, the feed-forward network."""

    sublayers = 3

    def __init__(self, d_model: int, num_heads: int, dff: int, dropout: float, **kwargs):
        """Take the sizes of one layer."""
        super().__init__(d_model, num_heads, dff, dropout, **kwargs)
        names = "self_attention", "cross_attention"
        self.attentions = [MultiHeadAttention(d_model, num_heads, name=name) for name in names]

    def call(
        self, x: Tensor, encoded: Tensor, self_mask: Tensor, cross_mask: Tensor, training: bool | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return output (B, T_t, d_model) and the weights (B, H, T_t, T_s) over the encoder's output."""
        attended, _ = self.attentions[0](x, x, x, self_mask)
        x = self.add_and_norm(0, x, attended, training)
        attended, weights = self.attentions[1](x, encoded, encoded, cross_mask)
        return self.feed_forward(self.add_and_norm(1, x, attended, training), training), weights

    def step(self, x: Tensor, past: list[Tensor], crossed: list[Tensor], mask: Tensor) -> tuple[Tensor, list[Tensor]]:
        """Decode only the newest tokens.

        ``past`` are keys and values (B, H, t, d_k) of the tokens before, ``crossed`` those of the encoder's output;
        ``mask`` (n, t + n) hides the future among the n new ones. Return output (B, n, d_model) and the longer past.
        """
        itself, across = self.attentions
        new = itself.keys_values(x, x)
        past = [ops.concatenate(pair, axis=2) for pair in zip(past, new, strict=True)]
        x = self.add_and_norm(0, x, itself.attend(itself.queries(x), *past, mask)[0], False)
        x = self.add_and_norm(1, x, across.attend(across.queries(x), *crossed)[0], False)
        return self.feed_forward(x, False), past
