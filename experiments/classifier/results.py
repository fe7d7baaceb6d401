"""The file with the figures of a run, and the file with its attention over the project's own sentences."""

from __future__ import annotations

import os
import statistics
from typing import Any

import keras
import numpy as np

from experiments.classifier.dataset import PARTS, Dataset, Part
from experiments.classifier.model import with_attention
from experiments.classifier.small import Sentence
from experiments.classifier.words import PADDING, RARE, START, pad, split_words, word_id
from experiments.common import rounded, versions


def summarise(results: list[dict], data: Dataset, settings: dict, wanted: list[int], command: str) -> dict[str, Any]:
    """Return what the results file holds: each seed, and the mean over the seeds that are done."""
    accuracies = [result["test_accuracy"] for result in results]
    return rounded(
        {
            "command": command,
            "source": data.source,
            "reviews": dict(zip(PARTS, data.sizes(), strict=True)),
            "different_words": len(data.ranks),
            "settings": settings,
            "versions": versions(),
            "processors": os.cpu_count(),
            "seeds_wanted": wanted,
            "seeds_done": [result["seed"] for result in results],
            "test_accuracy_mean": statistics.fmean(accuracies),
            "test_accuracy_min": min(accuracies),
            "test_accuracy_max": max(accuracies),
            "seeds": [
                {
                    **result,
                    "seconds": sum(epoch["seconds"] for epoch in result["history"]),
                    "cpu_seconds": sum(epoch["cpu_seconds"] for epoch in result["history"]),
                }
                for result in results
            ],
        }
    )


def attend(
    model: keras.Model, sentences: list[Sentence], ranks: dict[str, int], vocab_size: int
) -> list[dict[str, Any]]:
    """Return, for each sentence, the probability that it is positive and the attention weight of every word.

    The start id gets weight too (``start_weight``): with it the weights add up to 1. A word too rare for the
    vocabulary (``known`` false) was read as the id of rare words; a word that training never met was left out and has
    weight 0.
    """
    found = []
    rows = [[(word, word_id(word, ranks, vocab_size)) for word in split_words(sentence.text)] for sentence in sentences]
    ids = pad(([START, *(number for _, number in row if number is not None)] for row in rows), model.input_shape[1])
    probabilities, weights = with_attention(model).predict(ids, batch_size=32, verbose=0)
    for sentence, row, probability, all_weights in zip(sentences, rows, probabilities[:, 0], weights, strict=True):
        read = iter(all_weights[-1 - sum(number is not None for _, number in row) :, 0])
        found.append(
            {
                "text": sentence.text,
                "about": sentence.about,
                "label": sentence.label,
                "probability": float(probability),
                "right": bool((probability > 0.5) == (sentence.label == 1)),
                "start_weight": float(next(read)),
                "words": [word for word, _ in row],
                "known": [number not in (None, RARE) for _, number in row],
                "weights": [0.0 if number is None else float(next(read)) for _, number in row],
            }
        )
    return found


def choose(attended: list[dict[str, Any]], right: int = 4, wrong: int = 2) -> list[dict[str, Any]]:
    """Return the first ``right`` sentences of each label that were classified right, and the first ``wrong`` of each.

    A rule that looks at nothing but the order in the file, so that nobody picks the prettiest pictures.
    """
    return [
        sentence
        for was_right, count in ((True, right), (False, wrong))
        for label in (1, 0)
        for sentence in [s for s in attended if s["right"] == was_right and s["label"] == label][:count]
    ]


def without_attention(model: keras.Model, part: Part) -> dict[str, float]:
    """Measure what the attention weights are worth to a model: its accuracy with them, and with equal weights instead.

    ``effective_share`` says how much of a review the weights cover: e to their entropy, as a share of the positions, on
    average over the reviews. It is 1 for equal weights, and near 0 where one position gets them all.
    """
    ids, labels = part
    probabilities, weights = with_attention(model).predict(ids, batch_size=256, verbose=0)
    score = model.get_layer("attention").score_dense
    trained = score.get_weights()
    score.set_weights([np.zeros_like(weight) for weight in trained])  # equal scores, so equal weights
    equal = model.predict(ids, batch_size=256, verbose=0)
    score.set_weights(trained)
    return {
        "reviews": len(labels),
        "accuracy": float(np.mean((probabilities[:, 0] > 0.5) == labels)),
        "accuracy_equal_weights": float(np.mean((equal[:, 0] > 0.5) == labels)),
        "effective_share": effective_share(weights[:, :, 0], (ids != PADDING).sum(axis=1)),
    }


def effective_share(weights: np.ndarray, lengths: np.ndarray) -> float:
    """Return the mean of e^entropy / length over weights (N, T) that are 0 on padding; lengths (N,)."""
    entropy = -np.sum(weights * np.log(np.where(weights > 0, weights, 1)), axis=1)  # (N,), in nats; 0 log 0 = 0
    return float(np.mean(np.exp(entropy) / lengths))


def attention_file(attended: list[dict], validation: dict[str, float], seed: int, command: str) -> dict[str, Any]:
    """Return what the attention file holds: a few sentences, and how the model did on all of the project's own."""
    return rounded(
        {
            "command": command,
            "seed": seed,
            "validation": validation,
            "sentences_classified": len(attended),
            "sentences_right": sum(sentence["right"] for sentence in attended),
            "sentences": choose(attended),
        }
    )
