"""The text: English sentences of Tatoeba (CC BY 2.0 FR), as characters with a line end after each sentence."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from experiments.common import InputError

FILE = "kor.txt"
SOURCE = "English sentences of tatoeba.org, from the English-Korean pairs of manythings.org/anki, file of 2023-02-20"
LICENCE = "CC BY 2.0 FR"
WHERE = "https://www.manythings.org/anki/kor-eng.zip"
LONGEST = 62  # characters, so that a sentence fits into a row; few are longer
LINE_END = 0  # the id that stands before, between and after sentences
HELD_BACK_SHARE = 0.1
SPLIT_SEED = 2018  # one fixed split, whatever the seed of a run
Array = np.ndarray


def find(folder: Path | None) -> Path:
    """Return the file of sentences in a folder, in one of its folders, or itself."""
    for path in (folder, folder / FILE, folder / "tatoeba_kor-eng" / FILE) if folder else ():
        if path.is_file():
            return path
    raise InputError(
        f"{folder or 'No folder'} holds no {FILE}: download {WHERE}, unpack it, and name its folder with --data-dir or "
        "ATTENTION_DATA_DIR."
    )


def read(path: Path) -> list[str]:
    """Return the distinct English sentences of a file with a pair a line, in its order."""
    lines = path.read_text(encoding="utf-8").splitlines()
    sentences = dict.fromkeys(line.partition("\t")[0].strip() for line in lines)
    found = [sentence for sentence in sentences if 0 < len(sentence) <= LONGEST]
    if len(found) < 100:
        raise InputError(f"{path} holds {len(found)} sentences; that is no {FILE} of English sentences.")
    return found


def split(sentences: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the sentences to train on and those held back, a tenth; all are different."""
    order = np.random.default_rng(SPLIT_SEED).permutation(len(sentences))
    count = round(len(sentences) * HELD_BACK_SHARE)
    return [sentences[n] for n in order[count:]], [sentences[n] for n in order[:count]]


class Alphabet:
    """Characters to ids and back; the line end is the id 0."""

    def __init__(self, sentences: Sequence[str]) -> None:
        """Take all characters that occur."""
        self.characters = "\n" + "".join(sorted(set("".join(sentences)) - {"\n"}))
        self.ids = {character: n for n, character in enumerate(self.characters)}

    def __len__(self) -> int:
        """Return how many ids there are."""
        return len(self.characters)

    def encode(self, text: str) -> Array:
        """Return the ids of a text."""
        return np.array([self.ids[character] for character in text], dtype="int32")

    def decode(self, ids: Sequence[int]) -> str:
        """Return the text of ids."""
        return "".join(self.characters[n] for n in ids)


def rows(alphabet: Alphabet, sentences: Sequence[str], rng: np.random.Generator, length: int) -> Array:
    """Return the sentences as one long text in a random order, cut into rows (N, length).

    Each row begins with a line end. What a cut takes from the end of a row stands whole at the beginning of the next. A
    last, shorter row is left out.
    """
    shuffled = [sentences[n] for n in rng.permutation(len(sentences))]
    text = alphabet.encode("\n".join(["", *shuffled, ""]))
    ends = np.flatnonzero(text == LINE_END)
    starts = [0]
    while starts[-1] + length <= len(text):
        starts.append(ends[np.searchsorted(ends, starts[-1] + length - 1, side="right") - 1])
    return np.array([text[start : start + length] for start in starts[:-1]])


def padded(alphabet: Alphabet, sentences: Sequence[str]) -> tuple[Array, Array]:
    """Return (ids, real): sentences between line ends, (N, longest + 2), and 1 where a character is real."""
    longest = max(map(len, sentences)) + 2
    ids, real = np.zeros((len(sentences), longest), "int32"), np.zeros((len(sentences), longest), "float32")
    for n, sentence in enumerate(sentences):
        ids[n, 1 : len(sentence) + 1] = alphabet.encode(sentence)
        real[n, : len(sentence) + 2] = 1
    return ids, real
