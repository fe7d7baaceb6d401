"""What a trained model writes, and how much of it is right, for each length."""

from __future__ import annotations

from typing import Any

import numpy as np
import tensorflow as tf

from experiments.seq2seq.model import EncoderDecoder
from experiments.seq2seq.settings import Settings
from experiments.seq2seq.task import START, as_text, draw_sources, targets_of

TEST_SEED = 1_000_000  # far from the seeds of training
SHOWN = (5, 10, 20)  # lengths of the strings that the page shows


class Writer:
    """Lets a model write letter by letter, reading its own letters, always taking the likeliest."""

    def __init__(self, model: EncoderDecoder) -> None:
        """Compile the two halves once for all lengths."""
        units = model.encoder.units
        ids, state = tf.TensorSpec((None, None), tf.int32), tf.TensorSpec((None, units), tf.float32)
        states = tf.TensorSpec((None, None, units), tf.float32)
        self.read = tf.function(model.read, input_signature=[ids])
        self.write = tf.function(model.write, input_signature=[ids, state, states])

    def __call__(self, sources: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the letters written (B, T) and the attention weights (B, T, T) for sources (B, T)."""
        H, state = self.read(sources)
        letter = np.full((len(sources), 1), START, np.int32)
        letters, weights = [], []
        for _ in range(sources.shape[1]):
            logits, state, looks = self.write(letter, state, H)
            letter = np.argmax(logits, axis=-1).astype(np.int32)  # (B, 1)
            letters.append(letter)
            weights.append(looks.numpy())
        return np.concatenate(letters, axis=1), np.concatenate(weights, axis=1)


def test_sources(settings: Settings, length: int) -> np.ndarray:
    """Return the test strings of one length, the same for every model and seed."""
    return draw_sources(np.random.default_rng([TEST_SEED, length]), settings.test_count, length)


def measure(model: EncoderDecoder, settings: Settings) -> dict[str, Any]:
    """Return the shares of letters and of whole strings that are right, for each length, and some examples."""
    writer = Writer(model)
    letters, strings, places, examples = [], [], [], []
    for length in range(1, settings.test_length + 1):
        sources = test_sources(settings, length)
        written, weights = writer(sources)
        right = written == targets_of(sources)  # (B, T)
        letters.append(float(right.mean()))
        strings.append(float(right.all(axis=1).mean()))
        if length == settings.max_length:
            places = right.mean(axis=0).tolist()
        if length in SHOWN:
            example = {"source": as_text(sources[0]), "written": as_text(written[0])}
            looks = {"weights": np.round(weights[0], 3).tolist()} if model.attends and length == SHOWN[1] else {}
            examples.append(example | looks)
    return {"letters": letters, "strings": strings, "places_in_the_longest": places, "examples": examples}
