"""An encoder-decoder with and without attention; all else is the same."""

from __future__ import annotations

import keras
import tensorflow as tf

from experiments.seq2seq.task import LETTERS, START


class EncoderDecoder(keras.Model):
    """Two GRUs: one reads the source, the other starts from its last state and writes.

    With `attention` each decoder state also looks at all encoder states: dot-product attention after Luong, Pham and
    Manning (2015), which is the subject of chapter 2. B sources of T_k letters, T_q letters written, d units.
    """

    def __init__(self, attention: bool, units: int, embedding_dim: int, seed: int) -> None:
        """Make the layers; their first weights depend on `seed` alone."""
        super().__init__()
        seeds = iter(range(100 * seed, 100 * seed + 100))

        def drawn() -> keras.initializers.Initializer:
            return keras.initializers.GlorotUniform(seed=next(seeds))

        def gru() -> keras.layers.GRU:
            recurrent = keras.initializers.Orthogonal(seed=next(seeds))
            return keras.layers.GRU(
                units,
                return_sequences=True,
                return_state=True,
                kernel_initializer=drawn(),
                recurrent_initializer=recurrent,
            )

        def embedding() -> keras.layers.Embedding:
            uniform = keras.initializers.RandomUniform(seed=next(seeds))
            return keras.layers.Embedding(START + 1, embedding_dim, embeddings_initializer=uniform)

        self.source_embedding, self.target_embedding = embedding(), embedding()
        self.encoder, self.decoder = gru(), gru()
        self.attends = attention
        if attention:
            self.combine = keras.layers.Dense(units, activation="tanh", kernel_initializer=drawn())
        self.letters = keras.layers.Dense(len(LETTERS), kernel_initializer=drawn())

    def read(self, sources: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """Return all encoder states H (B, T_k, d) and the last one, the context vector (B, d)."""
        return self.encoder(self.source_embedding(sources))

    def write(self, inputs: tf.Tensor, state: tf.Tensor, H: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        """Return logits (B, T_q, letters), the last state (B, d) and attention weights (B, T_q, T_k).

        inputs (B, T_q), state (B, d), H (B, T_k, d). Without attention H is not used, and the weights are zero.
        """
        S, state = self.decoder(self.target_embedding(inputs), initial_state=state)
        scores = tf.matmul(S, H, transpose_b=True)  # (B, T_q, T_k)
        weights = tf.nn.softmax(scores) if self.attends else tf.zeros_like(scores)
        if self.attends:
            S = self.combine(tf.concat([weights @ H, S], axis=-1))
        return self.letters(S), state, weights

    def call(self, sources: tf.Tensor, inputs: tf.Tensor) -> tf.Tensor:
        """Return logits (B, T_q, letters) for sources (B, T_k) and decoder inputs (B, T_q)."""
        H, context = self.read(sources)
        return self.write(inputs, context, H)[0]
