"""Writes a trained model into one file of text that NumPy or a page can read, and puts such numbers back into a model.

How they are written, `read_arrays` in speaks.py says.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np

from experiments.speak import files
from experiments.speak.speaks import Arrays, read_arrays
from experiments.transformer.layers import MultiHeadAttention
from experiments.transformer.model import numbered

LARGEST = 127  # of a signed byte, on both sides


def weights_of(model: keras.Model) -> dict[str, keras.Variable]:
    """Return the weights of a model by the names that the file gives them."""
    return dict(_named(model))


def _named(model: keras.Model) -> Iterator[tuple[str, keras.Variable]]:
    for side in ("encoder", "decoder"):
        yield f"{side}.embedding", model.get_layer(f"{side}_embedding").embedding.embeddings
        for number, layer in enumerate(numbered(model, side)):
            start = f"{side}.{number}"
            for name, attention in zip(("self", "cross"), layer.attentions, strict=False):
                yield from _attention(f"{start}.{name}", attention)
            for name, dense in (("1", layer.hidden_dense), ("2", layer.output_dense)):
                yield f"{start}.feed_forward.W_{name}", dense.kernel
                yield f"{start}.feed_forward.b_{name}", dense.bias
            for norm in layer.norms:
                yield f"{start}.{norm.name}.gamma", norm.gamma
                yield f"{start}.{norm.name}.beta", norm.beta
    yield "logits.W", model.get_layer("logits").kernel
    yield "logits.b", model.get_layer("logits").bias


def _attention(start: str, attention: MultiHeadAttention) -> Iterator[tuple[str, keras.Variable]]:
    denses = attention.query_dense, attention.key_dense, attention.value_dense, attention.dense
    for letter, dense in zip("qkvo", denses, strict=True):
        yield f"{start}.W_{letter}", dense.kernel
        yield f"{start}.b_{letter}", dense.bias


def written(arrays: Arrays) -> dict[str, Any]:
    """Return arrays as the file has them: whole numbers of a byte, and a scale for each row."""
    numbers, scales = [], []
    for array in arrays.values():
        largest = np.abs(array).max(axis=-1, keepdims=True).astype("<f4")
        scale = np.where(largest > 0, largest / LARGEST, 1).astype("<f4")
        numbers.append(np.rint(array / scale).astype("<i1").tobytes())
        scales.append(scale.tobytes())
    return {
        "arrays": [[name, list(array.shape)] for name, array in arrays.items()],
        "scales": base64.b64encode(b"".join(scales)).decode("ascii"),
        "numbers": base64.b64encode(b"".join(numbers)).decode("ascii"),
    }


def write(path: Path, about: dict[str, Any], model: keras.Model) -> None:
    """Write what is said about a model, and its numbers, an entry in a line."""
    files.write(path, about | written({name: weight.numpy() for name, weight in weights_of(model).items()}))


def read_into(path: Path, model: keras.Model) -> None:
    """Put the numbers of a file into a model of the same sizes."""
    arrays = read_arrays(json.loads(path.read_text(encoding="utf-8")))
    for name, weight in weights_of(model).items():
        weight.assign(arrays[name])
