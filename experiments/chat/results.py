"""The file with the figures of a run: its curve, its worth on pairs held back, its replies, what it looked at."""

from __future__ import annotations

import dataclasses
import math
import os
import random
from pathlib import Path
from typing import Any

import keras
import numpy as np
import sacrebleu

from experiments.chat import objective, train
from experiments.chat.pairs import Pairs, space_punctuation
from experiments.chat.prompts import PROMPTS
from experiments.chat.replies import BEAM_WIDTH, TEMPERATURE, Replier, reply_to_all, time_decoders
from experiments.chat.tokens import Tokens
from experiments.common import InputError, rounded, versions, write_json

BLEU_PAIRS = 600  # of the training pairs, to compare with those held back
ATTENTION_PROMPTS = 2
TIMED_LENGTHS = [5, 10, 20, 38]


def write(
    out: Path,
    command: str,
    data: Pairs,
    tokens: Tokens,
    settings: train.Settings,
    model: keras.Model,
    history: list[dict],
    encoded: train.Ids,
    held_back: train.Ids,
) -> None:
    """Evaluate the model, print its replies to the prompts, and write everything to ``out``."""
    replier = Replier(model, tokens, settings.max_length)
    asked = [space_punctuation(prompt) for prompt in PROMPTS[data.name]]
    found = {
        "command": command,
        "versions": versions(),
        "processors": os.cpu_count(),
        "parameters": model.count_params(),
        "seconds": sum(entry["seconds"] for entry in history),
        "epochs_planned": settings.epochs,
        "data": data.counts(),
        "settings": dataclasses.asdict(settings),
        "tokens": describe_tokens(tokens, encoded, asked[:3]),
        "history": history,
        "replies": print_replies(replier, asked, data),
        "attention": [replier.attention(question) for question in asked[:ATTENTION_PROMPTS]],
        "decoding": time_decoders(model, replier.read(asked[0]), TIMED_LENGTHS),
        "evaluation": {
            "train": evaluate(model, tokens, encoded, settings),
            "held_back": evaluate(model, tokens, held_back, settings),
            "best_epoch_held_back": train.best_epoch(history),
        },
    }
    write_json(out, rounded(found, seven_digits))


def describe_tokens(tokens: Tokens, encoded: train.Ids, texts: list[str]) -> dict[str, Any]:
    """Return sizes, lengths of answers (start and end included), the share of padding, a few texts in pieces."""
    lengths = (encoded[1] != 0).sum(1)
    positions = encoded[1].shape[1] - 1
    examples = [{"text": text, "ids": tokens.encode(text)} for text in texts]
    return {
        "vocab_size": tokens.vocab_size,
        "mean_length": float(lengths.mean()),
        "longest": int(lengths.max()),
        "padding_share": float(1 - (lengths - 1).mean() / positions),
        "examples": [{**example, "pieces": tokens.pieces(example["ids"])} for example in examples],
    }


def print_replies(replier: Replier, questions: list[str], data: Pairs) -> list[dict]:
    """Print and return the replies to some questions by each way of decoding."""
    answers: dict[str, list[str]] = {}
    for question, answer in data.train:
        answers.setdefault(question, []).append(answer)
    replies = []
    for number, question in enumerate(questions):
        known = answers.get(question, [])
        entry = {"question": question, "in_training": bool(known), "answers": known}
        try:
            entry |= {"greedy": replier.greedy(question)[0], "beam": replier.beam(question)[0]}
            entry["sampled"] = replier.sample(question, TEMPERATURE, np.random.default_rng(number))[0]
        except InputError as error:  # a small vocabulary may know none of a prompt's characters
            entry |= dict.fromkeys(("greedy", "beam", "sampled"), f"({error})")
        replies.append(entry)
        print(f"{'*' if known else ' '} {question}  ->  {entry['greedy']}", flush=True)
    print(f"(* = asked in training. Beam: {BEAM_WIDTH} side by side; sampled: temperature {TEMPERATURE}; in the file.)")
    return replies


def evaluate(model: keras.Model, tokens: Tokens, data: train.Ids, settings: train.Settings) -> dict[str, float]:
    """Return loss, accuracy and perplexity over real tokens, the same over all positions, and BLEU of greedy replies.

    Here every batch is as long as max_length, and a prediction of id 0 at a padding position counts as right, exactly
    as in the notes. BLEU (Papineni et al., 2002) by sacrebleu on the words of the texts, punctuation spaced.
    """
    sums, right_anywhere = np.zeros(3), 0
    for first in range(0, len(data[0]), settings.batch_size):
        questions, answers = (ids[first : first + settings.batch_size] for ids in data)
        logits = model([questions, answers[:, :-1]], training=False)
        sums += [float(number) for number in objective.sums(answers[:, 1:], logits)]
        right_anywhere += int((np.argmax(logits, -1) == answers[:, 1:]).sum())
    found = train.measures(*sums, data)
    found |= {"perplexity": math.exp(found["loss"]), "pairs": len(data[0])}
    found["padded_accuracy"] = right_anywhere / data[1][:, 1:].size
    chosen = sorted(random.Random(settings.seed).sample(range(len(data[0])), min(BLEU_PAIRS, len(data[0]))))
    replies = reply_to_all(model, data[0][chosen], tokens)
    right = [tokens.decode(ids) for ids in data[1][chosen]]
    found["bleu"] = sacrebleu.corpus_bleu(replies, [right], tokenize="none", force=True).score
    return found | {
        "bleu_pairs": len(chosen),
        "same_as_answer": sum(a == b for a, b in zip(replies, right, strict=True)),
    }


def seven_digits(number: float) -> float:
    """Return a number with seven significant digits: as many as float32 has."""
    return float(f"{number:.7g}")
