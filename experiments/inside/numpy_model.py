"""The trained model in NumPy: its pass, with all that happens on the way, and its numbers in eight bits each."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable
from typing import Any

import numpy as np

Array = np.ndarray
Model = dict[str, Array]


def layer_norm(x: Array, gamma: Array, beta: Array, epsilon: float = 1e-6) -> Array:
    """Return x with mean 0 and variance 1 along the last axis, times gamma, plus beta."""
    centred = x - x.mean(axis=-1, keepdims=True)
    return centred / np.sqrt((centred**2).mean(axis=-1, keepdims=True) + epsilon) * gamma + beta


def softmax(scores: Array) -> Array:
    """Return the softmax along the last axis."""
    exps = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return exps / exps.sum(axis=-1, keepdims=True)


def shares_of_heads(weights: Array, value: Array, W_o: Array) -> Array:
    """Return what each head adds to the stream, (B, H, T, d_model)."""
    return np.einsum("bhqk,bhkj,hjm->bhqm", weights, value, W_o.reshape(weights.shape[1], value.shape[-1], -1))


def forward(model: Model, ids: Array, heads: int, keep: Callable[[int], Array] | None = None) -> dict[str, Any]:
    """Return logits (B, T, V) for ids (B, T), and of each layer its weights and what its heads add.

    `keep(layer)` gives a factor for each head: 0 takes it out.
    """
    T = ids.shape[1]
    hidden = np.triu(np.ones((T, T), dtype=bool), k=1)
    stream = [model["E"][ids] + model["P"][:T]]
    found: dict[str, Any] = {"weights": [], "shares": []}
    for n in range(layers_of(model)):
        p = {name: model[f"{n}.{name}"] for name in PARAMETERS}
        x = layer_norm(stream[-1], p["gamma"], p["beta"])
        query, key, value = (cut(x @ p[f"W_{name}"] + p[f"b_{name}"], heads) for name in "qkv")
        scores = query @ key.swapaxes(-1, -2) / np.sqrt(query.shape[-1])
        weights = softmax(np.where(hidden, -np.inf, scores))
        shares = shares_of_heads(weights, value, p["W_o"])
        shares = shares if keep is None else shares * keep(n)[:, np.newaxis, np.newaxis]
        found["weights"].append(weights)
        found["shares"].append(shares)
        stream.append(stream[-1] + shares.sum(axis=1) + p["b_o"])
    found["stream"] = np.array(stream)
    found["logits"] = layer_norm(stream[-1], model["gamma"], model["beta"]) @ model["W_u"]
    return found


PARAMETERS = ("gamma", "beta", "W_q", "b_q", "W_k", "b_k", "W_v", "b_v", "W_o", "b_o")


def layers_of(model: Model) -> int:
    """Return how many layers a model has."""
    return sum(name.endswith(".W_o") for name in model)


def cut(x: Array, heads: int) -> Array:
    """Return x (B, T, d_model) in heads, (B, H, T, d_k)."""
    return x.reshape(*x.shape[:2], heads, -1).swapaxes(1, 2)


# ---------------------------------------------------------------- eight bits
ALPHABET = b"._"  # no sign at which a page would break the text: in a cell it takes one line


def packed(model: Model) -> dict[str, Any]:
    """Return a model as data: of each array its sizes and its step, and all numbers, in steps, as one text."""
    arrays, numbers = [], b""
    for name, array in model.items():
        step = float(f"{np.abs(array).max() / 127:.4g}") or 1.0
        arrays.append([name, list(array.shape), step])
        numbers += np.clip(np.round(array / step), -127, 127).astype(np.int8).tobytes()
    return {"arrays": arrays, "numbers": base64.b64encode(numbers, altchars=ALPHABET).decode()}


def unpacked(data: dict[str, Any]) -> Model:
    """Return the model that `packed` made data of; its numbers are rounded to their steps."""
    numbers = np.frombuffer(base64.b64decode(data["numbers"], altchars=ALPHABET), dtype=np.int8)
    model, start = {}, 0
    for name, shape, step in data["arrays"]:
        end = start + math.prod(shape)
        model[name] = step * numbers[start:end].reshape(shape)
        start = end
    return model
