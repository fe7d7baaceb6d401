"""Let the trained model write, and count what it wrote."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import numpy as np

from experiments.gpt.model import Writer
from experiments.gpt.text import LINE_END, LONGEST, Alphabet

Array = np.ndarray


def probabilities(logits: Array, temperature: float, p: float = 1.0) -> Array:
    """Return what to draw from, (B, V): the softmax at a temperature, cut to the likeliest that hold `p` of it."""
    scaled = logits.astype(float) / temperature
    shares = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    shares /= shares.sum(axis=-1, keepdims=True)
    order = np.argsort(-shares, axis=-1)
    ranked = np.take_along_axis(shares, order, axis=-1)
    before = np.cumsum(ranked, axis=-1) - ranked  # what the likelier ones hold together
    kept = np.zeros_like(shares)
    np.put_along_axis(kept, order, np.where(before < p, ranked, 0), axis=-1)
    return kept / kept.sum(axis=-1, keepdims=True)


def write(
    model: keras.Model, alphabet: Alphabet, count: int, rng: np.random.Generator, temperature: float, p: float = 1.0
) -> list[str]:
    """Return sentences that begin after a line end and end with the next, or with the limit of length."""
    writer, written = Writer(model), np.zeros((count, 1), "int32")
    ended = np.zeros(count, dtype=bool)
    while written.shape[1] <= LONGEST and not ended.all():
        shares = probabilities(writer.read(written[:, -1:]), temperature, p)
        drawn = (np.cumsum(shares, axis=-1) > rng.random((count, 1)) * (1 - 1e-9)).argmax(axis=-1)
        written = np.concatenate([written, drawn[:, None].astype("int32")], axis=1)
        ended |= drawn == LINE_END
    return [alphabet.decode(row[1:]).partition("\n")[0] for row in written]


def greedy(model: keras.Model, alphabet: Alphabet, beginning: str) -> str:
    """Return the sentence that begins so and always goes on with the likeliest character."""
    writer, text = Writer(model), alphabet.encode("\n" + beginning)
    logits = writer.read(text[None])
    while len(text) <= LONGEST:
        chosen = int(logits[0].argmax())
        if chosen == LINE_END:
            break
        text = np.append(text, np.int32(chosen))
        logits = writer.read(text[None, -1:])
    return alphabet.decode(text[1:])


def logits_after(model: keras.Model, alphabet: Alphabet, beginning: str) -> Array:
    """Return the logits (V,) of the character after a beginning."""
    return Writer(model).read(alphabet.encode("\n" + beginning)[None])[0]


def kept_by_top_p(model: keras.Model, alphabet: Alphabet, text: str, p: float) -> list[int]:
    """Return how many characters top-p keeps at each place of a text, and at its end."""
    logits = np.asarray(model(alphabet.encode("\n" + text)[None], training=False))[0]
    return (probabilities(logits, 1.0, p) > 0).sum(axis=-1).tolist()


def largest_difference(model: keras.Model, alphabet: Alphabet, sentence: str) -> float:
    """Return how far logits with a cache, character by character, are from those of the whole sentence at once."""
    ids = alphabet.encode("\n" + sentence)[None]
    whole, writer = np.asarray(model(ids, training=False))[0], Writer(model)
    return float(max(np.abs(writer.read(ids[:, t : t + 1])[0] - whole[t]).max() for t in range(ids.shape[1])))


def counts(written: Sequence[str], known: Sequence[str]) -> dict[str, float]:
    """Return the share of sentences that stand in the text word for word, and of words that occur in it."""
    sentences, words = set(known), {word for sentence in known for word in words_of(sentence)}
    said = [word for sentence in written for word in words_of(sentence)]
    return {
        "sentences": len(written),
        "copied": sum(sentence in sentences for sentence in written) / len(written),
        "words": len(said),
        "known_words": sum(word in words for word in said) / max(1, len(said)),
        "characters": sum(map(len, written)) / len(written),
    }


def words_of(sentence: str) -> list[str]:
    """Return the words of a sentence in small letters, without marks."""
    return [word for word in (word.strip('.,?!":;').lower() for word in sentence.split()) if word]
