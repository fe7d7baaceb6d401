"""From text to word ids, by the conventions of ``keras.datasets.imdb``.

Ids: 0 padding, 1 the start of a review, 2 a word too rare for the vocabulary, 3 unused, 4 the most frequent word,
5 the next, and so on. A word that the training reviews do not contain at all is left out, as there.
"""

from collections import Counter
from collections.abc import Iterable

import numpy as np

PADDING, START, RARE, OFFSET = 0, 1, 2, 3
SEPARATORS = str.maketrans({mark: " " for mark in '!"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n'})  # the apostrophe stays


def split_words(text: str) -> list[str]:
    """Return the lower-case words of a text: punctuation but the apostrophe separates them."""
    return text.lower().translate(SEPARATORS).split()


def rank_words(texts: Iterable[str]) -> dict[str, int]:
    """Return each word's rank by frequency, 1 for the most frequent; words of equal frequency stand by alphabet."""
    counts = Counter(word for text in texts for word in split_words(text))
    ordered = sorted(counts, key=lambda word: (-counts[word], word))
    return {word: rank for rank, word in enumerate(ordered, start=1)}


def word_id(word: str, ranks: dict[str, int], vocab_size: int) -> int | None:
    """Return the id of a word, or None where it has no rank."""
    if word not in ranks:
        return None
    number = ranks[word] + OFFSET
    return number if number < vocab_size else RARE


def encode(text: str, ranks: dict[str, int], vocab_size: int) -> list[int]:
    """Return the ids of a review: the start id, then its words."""
    ids = (word_id(word, ranks, vocab_size) for word in split_words(text))
    return [START, *(number for number in ids if number is not None)]


def pad(sequences: Iterable[list[int]], max_len: int) -> np.ndarray:
    """Return the ids as one array (N, max_len): padding in front, and of a long review its last ``max_len`` ids."""
    sequences = list(sequences)
    padded = np.full((len(sequences), max_len), PADDING, dtype="int32")
    for row, ids in zip(padded, sequences, strict=True):
        kept = ids[-max_len:]
        row[max_len - len(kept) :] = kept
    return padded
