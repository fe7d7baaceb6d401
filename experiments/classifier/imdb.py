"""The 50,000 IMDB reviews (Maas et al., 2011): from a folder with the raw text, or through ``keras.datasets.imdb``."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from experiments.classifier.dataset import Dataset, split_off_validation
from experiments.classifier.words import encode, pad, rank_words, split_words
from experiments.common import InputError

SECONDS_WITHOUT_AN_ANSWER = 30


def load_folder(data_dir: Path, vocab_size: int, max_len: int) -> Dataset:
    """Return the reviews of a folder, prepared by the conventions of ``keras.datasets.imdb``.

    The folder, or ``aclImdb`` in it, holds ``train/pos/*.txt`` and so on as published, or ``train.jsonl.gz`` and
    ``test.jsonl.gz`` with one review a line: ``{"label": 1, "text": "..."}``.
    """
    folder = find_reviews(data_dir)
    texts, labels = read_part(folder, "train")
    ranks = rank_words(texts)
    train, validation = split_off_validation(pad((encode(t, ranks, vocab_size) for t in texts), max_len), labels)
    texts, labels = read_part(folder, "test")
    test = pad((encode(t, ranks, vocab_size) for t in texts), max_len), labels
    return Dataset(train, validation, test, ranks, "the raw reviews (aclImdb)")


def find_reviews(data_dir: Path) -> Path:
    """Return the folder with the reviews: ``data_dir`` itself or ``aclImdb`` inside it."""
    for folder in (data_dir, data_dir / "aclImdb"):
        if (folder / "train.jsonl.gz").is_file() or (folder / "train").is_dir():
            return folder
    raise InputError(
        f"{data_dir} holds no IMDB reviews: expected aclImdb/train/pos/*.txt as published, or aclImdb/train.jsonl.gz."
    )


def read_part(folder: Path, part: str) -> tuple[list[str], np.ndarray]:
    """Return texts and labels of the part ``train`` or ``test``."""
    packed = folder / f"{part}.jsonl.gz"
    pairs = list(_from_lines(packed) if packed.is_file() else _from_files(folder / part))
    if not pairs:
        raise InputError(f"{folder} holds no reviews for the part '{part}'.")
    texts, labels = zip(*pairs, strict=True)
    return list(texts), np.array(labels, dtype="float32")


def _from_lines(path: Path) -> Iterator[tuple[str, int]]:
    number = 1
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                yield _review(line, f"{path}, line {number}")
                number += 1
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise InputError(f"{path}, line {number}: the file is damaged ({error}).") from error


def _review(line: str, where: str) -> tuple[str, int]:
    try:
        review = json.loads(line)
        text, label = review["text"], review["label"]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{where}: not a review with text and label as JSON ({error}).") from error
    if label not in (0, 1):
        raise InputError(f"{where}: the label is {label!r}, not 0 or 1.")
    return _with_words(text, where), label


def _from_files(folder: Path) -> Iterator[tuple[str, int]]:
    for name, label in (("pos", 1), ("neg", 0)):
        for path in sorted((folder / name).glob("*.txt")):
            try:
                yield _with_words(path.read_text(encoding="utf-8"), str(path)), label
            except (OSError, UnicodeDecodeError) as error:
                raise InputError(f"{path} cannot be read as text in UTF-8 ({error}).") from error


def _with_words(text: object, where: str) -> str:
    if not isinstance(text, str) or not split_words(text):
        raise InputError(f"{where}: the review has no words.")
    return text


def load_keras(vocab_size: int, max_len: int) -> Dataset:
    """Return the reviews as Keras prepared them, downloaded once into ``~/.keras/datasets``."""
    import keras

    earlier = socket.getdefaulttimeout()
    socket.setdefaulttimeout(SECONDS_WITHOUT_AN_ANSWER)
    try:
        (train_ids, train_labels), (test_ids, test_labels) = keras.datasets.imdb.load_data(num_words=vocab_size)
        ranks = keras.datasets.imdb.get_word_index()
    except Exception as error:  # Keras raises a bare Exception where a download fails
        raise InputError(
            f"keras.datasets.imdb could not be loaded ({error}): connect to the internet, "
            "or name the folder of the raw reviews with --data-dir or ATTENTION_DATA_DIR."
        ) from error
    finally:
        socket.setdefaulttimeout(earlier)
    train, validation = split_off_validation(pad(train_ids, max_len), np.asarray(train_labels, dtype="float32"))
    test = pad(test_ids, max_len), np.asarray(test_labels, dtype="float32")
    return Dataset(train, validation, test, ranks, "keras.datasets.imdb")
