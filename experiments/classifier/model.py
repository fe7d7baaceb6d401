"""The review classifier of chapter 03: two bidirectional LSTM layers, additive attention, a small classifier on top.

Layers and sizes are those of the notes that the chapter follows, with one difference: the padding mask reaches the
attention as well.
"""

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable(package="experiments")
class BahdanauAttention(layers.Layer):
    """Additive attention of one query over a sequence of values (Bahdanau, Cho and Bengio, 2015).

    ``score_t = v . tanh(W_values h_t + W_query q)``, softmax over t, weighted sum of the values.
    """

    def __init__(self, units: int, **kwargs):
        """Take the number of units in which values and query are compared; it is free of both of their sizes."""
        super().__init__(**kwargs)
        self.units = units
        self.supports_masking = True
        self.values_dense = layers.Dense(units, name="values")
        self.query_dense = layers.Dense(units, name="query")
        self.score_dense = layers.Dense(1, name="score")

    def build(self, values_shape, query_shape):  # noqa: ANN001, ANN201 - Keras passes the shapes by these names
        """Create the weights, so that a saved layer can be loaded before it is called."""
        self.values_dense.build(values_shape)
        self.query_dense.build((query_shape[0], 1, query_shape[-1]))
        self.score_dense.build((*values_shape[:-1], self.units))

    def call(self, values, query, values_mask=None):  # noqa: ANN001, ANN201 - tensors of any backend
        """Return context (B, d) and weights (B, T, 1) for values (B, T, d) and query (B, d_q).

        Keras itself fills ``values_mask`` (B, T), True = keep, with the mask that travels with ``values``.
        A hidden position gets weight 0; where every position is hidden, all weights and the context are 0.
        """
        query = ops.expand_dims(query, 1)  # (B, 1, d_q): broadcast over the time axis
        scores = self.score_dense(ops.tanh(self.values_dense(values) + self.query_dense(query)))  # (B, T, 1)
        if values_mask is None:
            weights = ops.softmax(scores, axis=1)
        else:
            keep = ops.expand_dims(values_mask, -1)  # (B, T, 1)
            weights = ops.softmax(ops.where(keep, scores, -1e9), axis=1) * ops.cast(keep, scores.dtype)
        return ops.sum(weights * values, axis=1), weights

    def compute_mask(self, inputs, previous_mask=None) -> None:  # noqa: ANN001
        """Pass no mask on: the context has no time axis, and Keras would hand the mask of the words to the loss."""

    def get_config(self) -> dict:
        """Return what the constructor needs, for saving and loading."""
        return {**super().get_config(), "units": self.units}


def build_classifier(
    vocab_size: int,
    max_len: int | None,
    embedding_dim: int = 128,
    lstm_units: int = 64,
    attention_units: int = 64,
) -> keras.Model:
    """Return the model that turns word ids (B, max_len), 0 = padding, into the probability (B, 1) of a good review.

    ``max_len=None`` takes sequences of any length; the weights are the same.
    """
    word_ids = keras.Input(shape=(max_len,), dtype="int32", name="word_ids")
    embedded = layers.Embedding(vocab_size, embedding_dim, mask_zero=True, name="embedding")(word_ids)
    states = layers.Bidirectional(layers.LSTM(lstm_units, dropout=0.5, return_sequences=True), name="bilstm_1")(
        embedded
    )
    second = layers.LSTM(lstm_units, dropout=0.5, return_sequences=True, return_state=True)
    states, forward_h, _, backward_h, _ = layers.Bidirectional(second, name="bilstm_2")(states)
    query = layers.Concatenate(name="final_state")([forward_h, backward_h])  # (B, 2 lstm_units)
    context, _ = BahdanauAttention(attention_units, name="attention")(states, query)
    hidden = layers.Dropout(0.5)(layers.Dense(20, activation="relu")(context))
    return keras.Model(word_ids, layers.Dense(1, activation="sigmoid", name="probability")(hidden), name="classifier")


def with_attention(classifier: keras.Model) -> keras.Model:
    """Return the same model, same weights, with the attention weights (B, T, 1) as a second output."""
    weights = classifier.get_layer("attention").output[1]
    return keras.Model(classifier.input, [classifier.output, weights])
