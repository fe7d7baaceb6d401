"""Replies of a trained model to text, one at a time or many at once, and what the decoder looked at."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence

import keras
import numpy as np
import tensorflow as tf

from experiments.chat import decode
from experiments.chat.tokens import END, PADDING, START, Tokens
from experiments.common import InputError
from experiments.transformer.cached import IDS, CachedDecoder, PlainDecoder
from experiments.transformer.model import cross_attention_of

BEAM_WIDTH, TEMPERATURE = 4, 0.7


class Replier:
    """A model that is asked in words and answers in words."""

    def __init__(self, model: keras.Model, tokens: Tokens, max_length: int):
        """Take a model, its tokens and the number of tokens, start and end included, that it was trained for."""
        self.model, self.tokens, self.max_length = model, tokens, max_length
        self.decoder = CachedDecoder(model)
        self.cross_attention = cross_attention_of(model)

    def read(self, question: str) -> list[int]:
        """Return the ids of a question; raise `InputError` for one that cannot be answered."""
        ids = self.tokens.encode(question)
        if len(ids) <= 2:
            raise InputError("The question is empty: write something.")
        if len(ids) > self.max_length:
            raise InputError(f"The question has {len(ids) - 2} tokens; the model reads {self.max_length - 2} at most.")
        if not self.tokens.known(ids):
            raise InputError(f"The model knows none of the characters of {question!r}.")
        self.decoder.read(ids)
        return ids

    def greedy(self, question: str) -> tuple[str, bool]:
        """Return the likeliest words one by one, and whether the reply came to an end before the length limit."""
        self.read(question)
        return self._finish(decode.greedy(self.decoder.next_logits, START, END, self.max_length - 1))

    def beam(self, question: str, width: int = BEAM_WIDTH) -> tuple[str, bool]:
        """Return the best of ``width`` replies followed side by side."""
        self.read(question)
        return self._finish(decode.beam(self.decoder.next_logits, START, END, self.max_length - 1, width))

    def sample(
        self, question: str, temperature: float = TEMPERATURE, rng: np.random.Generator | None = None
    ) -> tuple[str, bool]:
        """Return a reply drawn at random."""
        self.read(question)
        rng = rng or np.random.default_rng()
        return self._finish(decode.sample(self.decoder.next_logits, START, END, self.max_length - 1, temperature, rng))

    def _finish(self, ids: list[int]) -> tuple[str, bool]:
        return self.tokens.decode(ids), len(ids) < self.max_length - 1

    def attention(self, question: str) -> dict:
        """Return the greedy reply to a question with the weights over the question, [layer][head][reply][question].

        Row t are the weights with which token t of the reply was chosen; the last row chose its end.
        """
        source = self.read(question)
        reply = decode.greedy(self.decoder.next_logits, START, END, self.max_length - 1)
        weights = self.cross_attention([np.array([source]), np.array([[START, *reply]])], training=False)
        weights = weights if isinstance(weights, list) else [weights]
        return {
            "question": question,
            "reply": self.tokens.decode(reply),
            "question_pieces": self.tokens.pieces(source),
            "reply_pieces": self.tokens.pieces([*reply, END]),
            "cross": [np.round(np.array(layer)[0], 3).tolist() for layer in weights],
        }


def reply_to_all(model: keras.Model, questions: np.ndarray, tokens: Tokens, batch_size: int = 64) -> list[str]:
    """Return the greedy replies to many questions (N, T), a batch at a time."""
    step = tf.function(
        lambda asked, said: tf.argmax(model([asked, said], training=False)[:, -1], -1, tf.int32),
        input_signature=[IDS] * 2,
    )
    replies, max_length = [], questions.shape[1]
    for first in range(0, len(questions), batch_size):
        asked = questions[first : first + batch_size]
        asked = tf.constant(asked[:, : (asked != PADDING).sum(1).max()])
        said = np.full((len(asked), 1), START, "int32")
        done = np.zeros(len(asked), bool)
        while said.shape[1] < max_length and not done.all():
            newest = np.where(done, END, step(asked, tf.constant(said)).numpy())
            said, done = np.hstack([said, newest[:, None]]).astype("int32"), done | (newest == END)
        replies += [tokens.decode(row) for row in said]
    return replies


def time_decoders(model: keras.Model, question: Sequence[int], lengths: Sequence[int], repeats: int = 5) -> list[dict]:
    """Return the median milliseconds for replies of some lengths, plain and cached, after a first run to warm up."""
    decoders = {"plain": PlainDecoder(model), "cached": CachedDecoder(model)}
    found = []
    for length in lengths:
        milliseconds = {
            f"{name}_ms": statistics.median(_timed(decoder, question, length) for _ in range(repeats + 1))
            for name, decoder in decoders.items()
        }
        found.append({"tokens": length, **milliseconds})
    return found


def _timed(decoder: PlainDecoder | CachedDecoder, question: Sequence[int], length: int) -> float:
    """Decode ``length`` tokens greedily, wherever the end would be; return the milliseconds."""
    started = time.perf_counter()
    decoder.read(question)
    never: Callable[[Sequence[int]], np.ndarray] = decoder.next_logits
    decode.greedy(never, START, -1, length)
    return 1000 * (time.perf_counter() - started)
