"""How well a translator does: words, whole sentences, and letters that agree with the right translation."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import keras
import numpy as np
import sacrebleu

from experiments.chat import decode, train
from experiments.chat.pairs import Pair
from experiments.chat.replies import reply_to_all
from experiments.speak.speaks import END, START, Words, plain
from experiments.transformer.model import cross_attention_of

AT_MOST = 1000  # sentences that are translated, the first ones
SHOWN = "I do not see the red car."  # where each head looks in it
# What a reader might write first.
ASKED = """\
Hello. Tom loves Mary. Mary loves Tom. I love you. Do you like coffee? The red car is in the street.
My sister wants to buy a new house. We did not see the white horse. Where is the station? I do not have a car.
She is tired because she works every day. The dog eats the apple. The apple eats the dog. Give the book to Anna.
Does your mother speak French? Anna is happy but Tom is sad and Paul is hungry.
"""


def asked_first() -> list[str]:
    """Return the sentences that a reader might write first."""
    return re.findall(r"\w[^.?]*[.?]", ASKED)


def words_of(pairs: Iterable[Pair]) -> tuple[Words, int]:
    """Return the words of all pairs, those of English first, and how many these are."""
    pairs = list(pairs)
    english, french = (sorted({word for pair in pairs for word in pair[side].split()}) for side in (0, 1))
    others = [word for word in french if word not in set(english)]
    return Words(["<pad>", "<s>", "</s>", "<unk>", *english, *others]), len(english)


def measured(model: keras.Model, words: Words, data: train.Ids, settings: train.Settings) -> dict[str, Any]:
    """Return loss and accuracy of words under teacher forcing, the share of exact greedy translations, and chrF.

    chrF (Popović, 2015) is computed by sacrebleu.
    """
    sums = train.add_up(train.counting_step(model), train.batches(data, settings.batch_size))
    found = train.measures(*sums, data)
    right = [words.decode(ids) for ids in data[1][:AT_MOST]]
    said = reply_to_all(model, data[0][:AT_MOST], words)
    return {
        "loss": found["loss"],
        "word_accuracy": found["accuracy"],
        "exact": float(np.mean([one == other for one, other in zip(said, right, strict=True)])),
        "chrf": sacrebleu.corpus_chrf(said, [right]).score,
        "sentences": len(said),
    }


def mistaken(model: keras.Model, words: Words, data: train.Ids, count: int = 8) -> list[dict[str, str]]:
    """Return the first sentences whose translation is not the right one."""
    said = reply_to_all(model, data[0][:AT_MOST], words)
    texts = ([words.decode(ids) for ids in part[:AT_MOST]] for part in data)
    rows = [dict(zip(("sentence", "right", "reply"), row, strict=True)) for row in zip(*texts, said, strict=True)]
    return [row for row in rows if row["reply"] != row["right"]][:count]


def replies(model: keras.Model, words: Words, trained_on: list[Pair], max_length: int) -> list[dict[str, Any]]:
    """Return what is said to some sentences, and whether each was among the sentences to train on."""
    known = {english for english, _ in trained_on}
    rows = np.array([padded(words, sentence, max_length) for sentence in asked_first()])
    said = zip(asked_first(), reply_to_all(model, rows, words), strict=True)
    return [{"sentence": asked, "reply": reply, "in_training": plain(asked) in known} for asked, reply in said]


def looked_at(model: keras.Model, words: Words, max_length: int) -> dict[str, Any]:
    """Return the words of a sentence and of its reply, and the cross-attention, [layer][head][reply][sentence]."""
    row = padded(words, SHOWN, max_length)
    source = row[None, : np.count_nonzero(row)]

    def next_logits(ids: Sequence[int]) -> np.ndarray:
        return model([source, np.array([ids])], training=False).numpy()[0, -1]

    said = decode.greedy(next_logits, START, END, max_length - 1)
    maps = cross_attention_of(model)([source, np.array([[START, *said]])], training=False)
    names = [[words.words[i] for i in ids] for ids in (source[0], [*said, END])]
    return {"sentence": names[0], "reply": names[1], "cross": [of.numpy()[0].tolist() for of in maps]}


def padded(words: Words, sentence: str, max_length: int) -> np.ndarray:
    """Return the ids of a sentence with padding behind, (max_length,)."""
    ids = words.encode(plain(sentence))
    return np.array(ids + [0] * (max_length - len(ids)), "int32")
