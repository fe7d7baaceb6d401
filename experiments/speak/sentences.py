"""Short English sentences and their Korean translations: those of Tatoeba, as manythings.org offers them."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from experiments.chat.pairs import Pair, Pairs, space_punctuation, split
from experiments.common import InputError

FILE = "kor.txt"
WHERE = "https://www.manythings.org/anki/kor-eng.zip"
SOURCE = "Tatoeba's English-Korean pairs, manythings.org/anki, kor-eng.zip of 2023-02-20"
LICENCE = "CC BY 2.0 FR, the contributors of tatoeba.org"
LONGEST_ENGLISH, LONGEST_KOREAN = 9, 24  # words and marks; letters and spaces
OFTEN = 8  # a character that stands in fewer sentences cannot be learned
ENGLISH, KOREAN = re.compile(r"[a-z' ?.!,]+"), re.compile(r"[가-힣 ?.!,]+")


def plain(text: str) -> str:
    """Return a text in small letters, with a space around every mark."""
    return space_punctuation(text.lower().replace("’", "'"))


def load(data_dir: Path | None) -> Pairs:
    """Return the short sentences of frequent letters, a twentieth of them held back."""
    everything = read(find(data_dir))
    train, held_back = split(frequent(short(everything)))
    return Pairs("tatoeba", train, held_back, SOURCE, len(everything) - len(train) - len(held_back))


def counts(data: Pairs, train: int, held_back: int) -> dict[str, int | str]:
    """Return what the file of numbers says of the data, of which so many pairs had few enough pieces."""
    everything = len(data.train) + len(data.held_back) + data.dropped
    sizes = {"train": train, "held_back": held_back, "left_out": everything - train - held_back}
    return {"source": data.source, "licence": LICENCE, **sizes}


def find(data_dir: Path | None) -> Path:
    """Return the file of pairs in a folder, or in one of its folders."""
    for path in sorted(data_dir.glob(f"**/{FILE}")) if data_dir else []:
        return path
    raise InputError(f"{FILE} was not found: unpack {WHERE} and name its folder with --data-dir or ATTENTION_DATA_DIR.")


def read(path: Path) -> list[Pair]:
    """Return the first two columns of a file of lines with tabs."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [(plain(english), plain(korean)) for english, korean, *_ in (line.split("\t") for line in lines)]


def short(pairs: list[Pair]) -> list[Pair]:
    """Return the pairs that are short, and written in the letters of their language alone."""
    return [
        (english, korean)
        for english, korean in pairs
        if ENGLISH.fullmatch(english)
        and KOREAN.fullmatch(korean)
        and len(english.split()) <= LONGEST_ENGLISH
        and len(korean) <= LONGEST_KOREAN
    ]


def frequent(pairs: list[Pair], often: int = OFTEN) -> list[Pair]:
    """Return the pairs whose Korean characters each stand in at least ``often`` of the pairs that are returned."""
    while True:
        counted = Counter(letter for _, korean in pairs for letter in set(korean))
        kept = [pair for pair in pairs if all(counted[letter] >= often for letter in pair[1])]
        if len(kept) == len(pairs):
            return kept
        pairs = kept
