"""What is measured of a model: losses by position, the scores of its heads, and what it loses without one."""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.inside.numpy_model import Array, Model, forward, layers_of
from experiments.inside.task import draw_rows


def losses_of(logits: Array, ids: Array) -> Array:
    """Return minus the log of the probability of each next letter, (B, T - 1)."""
    logits = logits[:, :-1] - logits[:, :-1].max(axis=-1, keepdims=True)
    logs = logits - np.log(np.exp(logits).sum(axis=-1, keepdims=True))
    return -np.take_along_axis(logs, ids[:, 1:, np.newaxis], axis=-1)[..., 0]


def before_and_after(losses: Array, period: int) -> tuple[float, float]:
    """Return the mean loss where all is new, and where all has been said once.

    Entry t is the prediction made at position t. Entry period - 1 is neither: nobody can know that the string ends.
    """
    return float(losses[:, : period - 1].mean()), float(losses[:, period:].mean())


def back_scores(weights: Array, back: int, start: int) -> Array:
    """Return for each head the mean weight on the key `back` places back, of the queries from `start` on: (H,)."""
    on_key = np.diagonal(weights, offset=-back, axis1=-2, axis2=-1)  # (B, H, T - back): query t stands at t - back
    return on_key[..., start - back :].mean(axis=(0, -1))


def entropies(weights: Array) -> Array:
    """Return the mean entropy of the rows of each head, in bits, (H,)."""
    logs = np.log2(weights, out=np.zeros_like(weights), where=weights > 0)
    return -(weights * logs).sum(axis=-1).mean(axis=(0, -1))


def measure(model: Model, heads: int, ids: Array, period: int) -> dict[str, Any]:
    """Return the losses, and the scores of all heads, on rows with one period."""
    found = forward(model, ids, heads)
    before, after = before_and_after(losses_of(found["logits"], ids), period)
    previous = [back_scores(weights, 1, 1).tolist() for weights in found["weights"]]
    induction = [back_scores(weights, period - 1, period).tolist() for weights in found["weights"]]
    return {"before": before, "after": after, "previous": previous, "induction": induction}


def without_each(model: Model, heads: int, ids: Array, period: int) -> list[list[float]]:
    """Return for each layer and head the loss where all has been said once, with that head taken out."""

    def without(layer: int, head: int) -> float:
        kept = np.ones((layers_of(model), heads))
        kept[layer, head] = 0
        logits = forward(model, ids, heads, lambda n: kept[n])["logits"]
        return before_and_after(losses_of(logits, ids), period)[1]

    return [[without(layer, head) for head in range(heads)] for layer in range(layers_of(model))]


def test_rows(settings: dict[str, Any], period: int) -> Array:
    """Return rows of one period, the same at every call, that no training has drawn."""
    return draw_rows(np.random.default_rng([1000, period]), settings["test"], settings["length"], (period,))


def summary(model: Model, settings: dict[str, Any]) -> dict[str, Any]:
    """Return all that is measured at the end."""
    period, heads = settings["test_period"], settings["heads"]
    ids = test_rows(settings, period)
    found = forward(model, ids, heads)
    by_period = {str(p): measure(model, heads, test_rows(settings, p), p) for p in settings["periods"]}
    return {
        "by_position": losses_of(found["logits"], ids).mean(axis=0).tolist(),
        "entropy": [entropies(weights).tolist() for weights in found["weights"]],
        "by_period": by_period,
        "without": without_each(model, heads, ids, period),
    }
