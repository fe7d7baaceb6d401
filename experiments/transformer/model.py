"""The whole model as a functional Keras model with the inputs ``inputs`` and ``dec_inputs`` and logits as output."""

from __future__ import annotations

import keras
from keras import layers

from experiments.transformer.layers import (
    DecoderLayer,
    EncoderLayer,
    LookAheadMask,
    PaddingMask,
    PositionalEmbedding,
)


def transformer(
    vocab_size: int, num_layers: int, dff: int, d_model: int, num_heads: int, dropout: float, max_positions: int = 512
) -> keras.Model:
    """Return the model: ids (B, T_s) and (B, T_t), 0 = padding -> logits (B, T_t, vocab_size)."""
    inputs = keras.Input((None,), dtype="int32", name="inputs")
    dec_inputs = keras.Input((None,), dtype="int32", name="dec_inputs")
    sizes = {"d_model": d_model, "num_heads": num_heads, "dff": dff, "dropout": dropout}
    padding = PaddingMask(name="padding_mask")(inputs)
    self_mask = LookAheadMask(name="look_ahead_mask")(dec_inputs)

    x = PositionalEmbedding(vocab_size, d_model, max_positions, name="encoder_embedding")(inputs)
    x = layers.Dropout(dropout, name="encoder_dropout")(x)
    for number in range(num_layers):
        x = EncoderLayer(**sizes, name=f"encoder_{number}")(x, padding)

    y = PositionalEmbedding(vocab_size, d_model, max_positions, name="decoder_embedding")(dec_inputs)
    y = layers.Dropout(dropout, name="decoder_dropout")(y)
    for number in range(num_layers):
        y, _ = DecoderLayer(**sizes, name=f"decoder_{number}")(y, x, self_mask, padding)

    logits = layers.Dense(vocab_size, name="logits")(y)
    return keras.Model([inputs, dec_inputs], logits, name="transformer")


def numbered(model: keras.Model, prefix: str) -> list[layers.Layer]:
    """Return the layers ``prefix_0``, ``prefix_1``, … of a model, from the bottom."""
    return [layer for layer in model.layers if layer.name.startswith(f"{prefix}_") and layer.name[-1].isdigit()]


def encoder_of(model: keras.Model) -> keras.Model:
    """Return the part of the model from ``inputs`` to what the decoder attends to, with the same weights."""
    return keras.Model(model.inputs[0], numbered(model, "encoder")[-1].output)


def cross_attention_of(model: keras.Model) -> keras.Model:
    """Return a model with the same weights that returns the attention over the question, layer by layer."""
    return keras.Model(model.inputs, [layer.output[1] for layer in numbered(model, "decoder")])
