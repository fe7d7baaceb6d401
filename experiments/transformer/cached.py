"""Two ways to the logits of the next token: the whole model, or the newest token alone with cached keys and values."""

from __future__ import annotations

import os
from collections.abc import Sequence

import keras
import numpy as np
import tensorflow as tf

from experiments.transformer.model import encoder_of, numbered

IDS = tf.TensorSpec((None, None), tf.int32)


class PlainDecoder:
    """Runs the whole decoder over all tokens for every new one."""

    def __init__(self, model: keras.Model):
        """Keep the model; its weights are not copied."""
        self.encode = tf.function(encoder_of(model), input_signature=[IDS])
        self.decode = tf.function(lambda question, ids: model([question, ids], training=False)[:, -1], [IDS, IDS])
        self.question: tf.Tensor | None = None

    def read(self, question: Sequence[int]) -> None:
        """Take a question, as ids."""
        self.question = tf.constant([list(question)], tf.int32)

    def next_logits(self, ids: Sequence[int]) -> np.ndarray:
        """Return the logits (V,) of the token after ``ids``."""
        return self.decode(self.question, tf.constant([list(ids)], tf.int32)).numpy()[0]


class CachedDecoder:
    """Keeps keys and values of the tokens that were decoded, so that each token passes through the decoder once.

    What can be kept and why: a token's keys and values depend on the tokens before it alone, so later tokens do not
    change them. If ``ids`` does not go on from what was decoded last, what they have in common is kept.
    """

    def __init__(self, model: keras.Model):
        """Keep the layers of the model; their weights are not copied."""
        self.embedding = model.get_layer("decoder_embedding")
        self.layers = numbered(model, "decoder")
        self.logits = model.get_layer("logits")
        self.encode = tf.function(encoder_of(model), input_signature=[IDS])
        attention = self.layers[0].attentions[0]
        kind = attention.compute_dtype
        # Keys and values of all layers in one tensor: (layers, 2, 1, H, tokens, d_k).
        self.nothing = tf.zeros((len(self.layers), 2, 1, attention.num_heads, 0, attention.depth), kind)
        cache = tf.TensorSpec((len(self.layers), 2, 1, attention.num_heads, None, attention.depth), kind)
        self.cross = tf.function(self._cross, input_signature=[tf.TensorSpec((1, None, attention.d_model), kind)])
        self.step = tf.function(self._step, input_signature=[IDS, cache, cache])
        self.ids: list[int] = []
        self.past = self.crossed = self.nothing

    def read(self, question: Sequence[int]) -> None:
        """Take a question, as ids, and compute what all tokens of the reply will attend to."""
        self.crossed = self.cross(self.encode(tf.constant([list(question)], tf.int32)))
        self.ids, self.past = [], self.nothing

    def next_logits(self, ids: Sequence[int]) -> np.ndarray:
        """Return the logits (V,) of the token after ``ids``."""
        ids = list(ids)
        common = min(len(os.path.commonprefix([self.ids, ids])), len(ids) - 1)
        past = self.past if common == len(self.ids) else self.past[..., :common, :]
        logits, self.past = self.step(tf.constant([ids[common:]], tf.int32), past, self.crossed)
        self.ids = ids
        return logits.numpy()[0]

    def _cross(self, encoded: tf.Tensor) -> tf.Tensor:
        return tf.stack([tf.stack(layer.attentions[1].keys_values(encoded, encoded)) for layer in self.layers])

    def _step(self, ids: tf.Tensor, past: tf.Tensor, crossed: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        before, new = tf.shape(past)[-2], tf.shape(ids)[1]
        future = tf.range(before + new)[None, :] > before + tf.range(new)[:, None]
        x, longer = self.embedding(ids, start=before), []
        mask = tf.cast(future, x.dtype)
        for number, layer in enumerate(self.layers):
            x, kept = layer.step(x, tf.unstack(past[number]), tf.unstack(crossed[number]), mask)
            longer.append(tf.stack(kept))
        return self.logits(x[:, -1]), tf.stack(longer)
