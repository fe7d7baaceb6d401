"""Subword tokens: byte pair encoding (Sennrich, Haddow and Birch, 2016) by sentencepiece."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import sentencepiece

from experiments.chat.pairs import Pair
from experiments.common import InputError, write_whole

PADDING, START, END, UNKNOWN = range(4)


class Tokens:
    """Text to ids and back. Ids 0 to 3 are padding, start, end and unknown."""

    def __init__(self, model: bytes):
        """Take the bytes of a sentencepiece model."""
        self.processor = sentencepiece.SentencePieceProcessor(model_proto=model)
        self.vocab_size = self.processor.vocab_size()

    def encode(self, text: str) -> list[int]:
        """Return the ids of a text between start and end."""
        return [START, *self.processor.encode(text), END]

    def decode(self, ids: Iterable[int]) -> str:
        """Return the text of ids; padding, start and end say nothing."""
        return self.processor.decode([int(i) for i in ids if i not in (PADDING, START, END)])

    def pieces(self, ids: Iterable[int]) -> list[str]:
        """Return the piece of each id, ``▁`` where a word begins."""
        return [self.processor.id_to_piece(int(i)) for i in ids]

    def known(self, ids: Iterable[int]) -> list[int]:
        """Return the ids that stand for something: not start, end or unknown, and not a space alone."""
        return [i for i in ids if i > UNKNOWN and self.processor.id_to_piece(i) != "▁"]

    def unknown(self, text: str) -> list[str]:
        """Return the parts of a text that no token stands for."""
        found = self.processor.encode(text, return_type="proto").pieces
        return [piece.surface for piece in found if piece.id == UNKNOWN]


def learn(pairs: Sequence[Pair], vocab_size: int, cache: Path) -> Tokens:
    """Return tokens learned from the texts of the pairs, or the cached ones of the same texts and size.

    A small corpus has fewer merges to learn than ``vocab_size`` asks for; then the vocabulary is smaller.
    """
    texts = [text for pair in pairs for text in pair]
    mark = zlib.crc32("\n".join([str(vocab_size), sentencepiece.__version__, *texts]).encode())
    path = cache / f"tokens_{vocab_size}_{mark:08x}.model"
    if not path.is_file():
        model = io.BytesIO()
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(texts),
            model_writer=model,
            vocab_size=vocab_size,
            hard_vocab_limit=False,
            model_type="bpe",
            character_coverage=1.0,
            pad_id=PADDING,
            bos_id=START,
            eos_id=END,
            unk_id=UNKNOWN,
            num_threads=1,
            minloglevel=2,
        )
        write_whole(path, model.getvalue())
    return Tokens(path.read_bytes())


def encode_pairs(tokens: Tokens, pairs: Sequence[Pair], max_length: int) -> tuple[np.ndarray, np.ndarray]:
    """Return questions and answers as ids, both (N, max_length), padded behind.

    A pair that is too long is left out: an answer that is cut would teach replies without an end.
    """
    encoded = [tuple(tokens.encode(text) for text in pair) for pair in pairs]
    fitting = [pair for pair in encoded if max(map(len, pair)) <= max_length]
    if not fitting:
        raise InputError(f"No pair is short enough for {max_length} tokens.")
    questions, answers = (np.zeros((len(fitting), max_length), "int32") for _ in range(2))
    for row, (question, answer) in enumerate(fitting):
        questions[row, : len(question)] = question
        answers[row, : len(answer)] = answer
    return questions, answers
