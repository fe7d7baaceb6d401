"""The project's own 400 short reviews, which need no network."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from experiments.classifier.dataset import PARTS, Dataset
from experiments.classifier.words import encode, pad, rank_words, split_words
from experiments.common import InputError

FILE = Path(__file__).parents[1] / "data" / "small_reviews.csv"
COLUMNS = ["part", "about", "label", "text"]


@dataclass(frozen=True)
class Sentence:
    """One short review; label 1 = positive."""

    part: str
    about: str
    label: int
    text: str


def read_sentences(path: Path = FILE) -> list[Sentence]:
    """Return the sentences of the file, in its order."""
    try:
        with path.open(encoding="utf-8", newline="") as lines:
            rows = list(csv.reader(lines))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path} cannot be read ({error}).") from error
    if not rows or rows[0] != COLUMNS:
        raise InputError(f"{path}: the first line is not {','.join(COLUMNS)}.")
    return [_sentence(row, f"{path}, row {number}") for number, row in enumerate(rows[1:], start=2)]


def _sentence(row: list[str], where: str) -> Sentence:
    if len(row) != len(COLUMNS):
        raise InputError(f"{where}: {len(row)} columns, not {len(COLUMNS)}.")
    part, about, label, text = row
    if part not in PARTS:
        raise InputError(f"{where}: the part is {part!r}, not one of {', '.join(PARTS)}.")
    if label not in ("0", "1"):
        raise InputError(f"{where}: the label is {label!r}, not 0 or 1.")
    if not split_words(text):
        raise InputError(f"{where}: the review has no words.")
    return Sentence(part, about, int(label), text)


def load_small(vocab_size: int, max_len: int, path: Path = FILE) -> Dataset:
    """Return the sentences as word ids; words are ranked by the training part alone."""
    sentences = {part: [s for s in read_sentences(path) if s.part == part] for part in PARTS}
    for part, found in sentences.items():
        if not found:
            raise InputError(f"{path} holds no reviews for the part '{part}'.")
    ranks = rank_words(sentence.text for sentence in sentences["train"])
    parts = [
        (
            pad((encode(sentence.text, ranks, vocab_size) for sentence in sentences[part]), max_len),
            np.array([sentence.label for sentence in sentences[part]], dtype="float32"),
        )
        for part in PARTS
    ]
    return Dataset(*parts, ranks, "experiments/data/small_reviews.csv")
