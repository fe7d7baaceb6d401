"""How well a translator does: whole sentences, tokens, and letters that agree with the translation in the data."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import sacrebleu

from experiments.chat import train
from experiments.chat.pairs import Pair
from experiments.chat.replies import reply_to_all
from experiments.chat.tokens import Tokens
from experiments.speak.speaks import Pieces, plain
from experiments.transformer.model import cross_attention_of

AT_MOST = 600  # sentences that are translated, the first ones
SHOWN = "I love music."  # where each head looks in it
ASKED = [  # what a reader might write first
    *("Hello.", "I love you.", "Thank you.", "Let's go home.", "Where is Tom?", "I can speak French."),
    *("Tom loves Mary.", "Mary loves Tom.", "We want to go to school.", "Do you like coffee?", "She is very pretty."),
]


def pieces_of(tokens: Tokens) -> Pieces:
    """Return the pieces that byte pair encoding has learned."""
    return Pieces(tokens.pieces(range(tokens.vocab_size)))


def measured(model: keras.Model, words: Pieces, data: train.Ids, settings: train.Settings) -> dict[str, Any]:
    """Return loss and accuracy of tokens under teacher forcing, the share of exact greedy translations, and chrF.

    A sentence with several translations in the data is right with any of them. chrF (Popović, 2015) by sacrebleu.
    """
    sums = train.add_up(train.counting_step(model), train.batches(data, settings.batch_size))
    found = train.measures(*sums, data)
    questions, right = ([words.decode(ids) for ids in part] for part in data)
    allowed: dict[str, set[str]] = {}
    for question, answer in zip(questions, right, strict=True):
        allowed.setdefault(question, set()).add(answer)
    said = reply_to_all(model, data[0][:AT_MOST], words)
    exact = [reply in allowed[question] for reply, question in zip(said, questions, strict=False)]
    return {
        "loss": found["loss"],
        "token_accuracy": found["accuracy"],
        "exact": float(np.mean(exact)),
        "chrf": sacrebleu.corpus_chrf(said, [right[: len(said)]]).score,
        "sentences": len(said),
    }


def replies(model: keras.Model, words: Pieces, trained_on: list[Pair], max_length: int) -> list[dict[str, Any]]:
    """Return what is said to some sentences, and whether each was among the sentences to train on."""
    known = {english for english, _ in trained_on}
    rows = np.array([padded(words, sentence, max_length) for sentence in ASKED])
    said = zip(ASKED, reply_to_all(model, rows, words), strict=True)
    return [{"sentence": asked, "reply": reply, "in_training": plain(asked) in known} for asked, reply in said]


def looked_at(model: keras.Model, words: Pieces, max_length: int) -> dict[str, Any]:
    """Return the pieces of a sentence and of its reply, and the cross-attention, [layer][head][reply][sentence]."""
    row = padded(words, SHOWN, max_length)
    source = row[None, : np.count_nonzero(row)]
    reply = words.encode(reply_to_all(model, row[None], words)[0])
    maps = cross_attention_of(model)([source, np.array([reply[:-1]])], training=False)
    names = [[words.pieces[i] for i in ids] for ids in (source[0], reply[1:])]
    return {"sentence": names[0], "reply": names[1], "cross": [of.numpy()[0].tolist() for of in maps]}


def padded(words: Pieces, sentence: str, max_length: int) -> np.ndarray:
    """Return the ids of a sentence with padding behind, (max_length,); one that is too long loses its end."""
    ids = words.encode(sentence)[:max_length]
    return np.array(ids + [0] * (max_length - len(ids)), "int32")
