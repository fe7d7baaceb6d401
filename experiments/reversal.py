"""A Transformer that writes words backwards: `python -m experiments.reversal` trains it with and without positions.

Chapter 7 opens with what it writes and what it looks at, and shows what is left when nobody tells it the places.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import track

from experiments.common import quick_or_whole, versions, write_json

ROOT = Path(__file__).parents[1]
BOOK_FILE = ROOT / "book" / "_data" / "07_reversal.json"
OTHER_FILE = ROOT / "_build" / "experiments" / "07_reversal.json"
LETTERS = "abcdefghij"
PADDING, START, END, FIRST_LETTER = range(4)
LENGTHS = (4, 8)  # the shortest and the longest string
MODEL = {"num_layers": 2, "dff": 128, "d_model": 64, "num_heads": 4, "dropout": 0.0}
SETTINGS = {"strings": 40_000, "epochs": 5, "batch": 64, "learning_rate": 0.001, "test": 500, "seed": 0}
EXAMPLE = "abcdefg"
Array = np.ndarray


def main(arguments: list[str] | None = None) -> int:
    """Train both models, then write the file."""
    args = parse(arguments)
    os.environ |= {"CUDA_VISIBLE_DEVICES": "-1", "TF_ENABLE_ONEDNN_OPTS": "0", "TF_CPP_MIN_LOG_LEVEL": "3"}
    settings = SETTINGS | ({"strings": 640, "epochs": 1, "test": 20} if args.quick else {})
    out = args.out or (OTHER_FILE if args.quick else BOOK_FILE)
    started = time.perf_counter()
    models = {"with positions": True, "without positions": False}
    runs = {name: run_one(settings, positions) for name, positions in track(models.items(), "models")}
    record = {
        "command": "python -m experiments.reversal" + (" --quick" if args.quick else ""),
        "settings": settings | MODEL,
        "versions": versions(),
        "processors": os.cpu_count(),
        "seconds": round(time.perf_counter() - started),
    }
    write_json(out, record | {"runs": runs})
    print(f"Written to {out}")
    return 0


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    description = (
        "Train a Transformer of two layers to write strings of letters backwards, once with positions and "
        "once without. Takes about five minutes on two cores, without a GPU."
    )
    quick = "640 strings and one epoch, to try it out: half a minute"
    program = "python -m experiments.reversal"
    return quick_or_whole(program, description, quick, 7, BOOK_FILE, OTHER_FILE).parse_args(arguments)


def draw(rng: np.random.Generator, count: int) -> list[str]:
    """Return strings of 4 to 8 letters."""
    lengths = rng.integers(LENGTHS[0], LENGTHS[1] + 1, size=count)
    return ["".join(LETTERS[letter] for letter in rng.integers(0, len(LETTERS), size=length)) for length in lengths]


def ids_of(strings: list[str]) -> Array:
    """Return the ids of strings between start and end, padded, (B, longest + 2)."""
    rows = np.full((len(strings), LENGTHS[1] + 2), PADDING)
    for row, string in zip(rows, strings, strict=True):
        row[: len(string) + 2] = [START, *(FIRST_LETTER + LETTERS.index(letter) for letter in string), END]
    return rows


def string_of(ids: Array) -> str:
    """Return the letters before the first end."""
    written = list(ids)
    letters = written[: written.index(END)] if END in written else written
    return "".join(LETTERS[i - FIRST_LETTER] for i in letters if i >= FIRST_LETTER)


def run_one(settings: dict[str, Any], positions: bool) -> dict[str, Any]:
    """Train one model; return how it does on new strings, and what it writes and looks at for the example."""
    import keras

    from experiments.transformer.model import cross_attention_of, transformer

    keras.utils.set_random_seed(settings["seed"])
    model = transformer(vocab_size=FIRST_LETTER + len(LETTERS), **MODEL, max_positions=LENGTHS[1] + 2)
    if not positions:
        for layer in model.layers:
            if hasattr(layer, "positions"):
                layer.positions = np.zeros_like(layer.positions)
    strings = draw(np.random.default_rng(settings["seed"]), settings["strings"])
    source, target = ids_of(strings), ids_of([string[::-1] for string in strings])
    real = (target[:, 1:] != PADDING).astype("float32")
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(settings["learning_rate"]), loss)
    fitted = model.fit(
        [source, target[:, :-1]], target[:, 1:], settings["batch"], settings["epochs"], verbose=0, sample_weight=real
    )
    new = draw(np.random.default_rng(1000 + settings["seed"]), settings["test"])
    written = write_all(model, new)
    example = write_all(model, [EXAMPLE])[0]
    maps = cross_attention_of(model).predict([ids_of([EXAMPLE]), ids_of([example])[:, : len(example) + 1]], verbose=0)
    last = maps[-1] if isinstance(maps, list) else maps
    return {
        "losses": [round(value, 4) for value in fitted.history["loss"]],
        "right": round(float(np.mean([said == string[::-1] for said, string in zip(written, new, strict=True)])), 4),
        "same_letters": round(
            float(np.mean([sorted(said) == sorted(string) for said, string in zip(written, new, strict=True)])), 4
        ),
        "example": EXAMPLE,
        "written": example,
        "cross": np.round(np.asarray(last, dtype=float)[0, :, :, : len(EXAMPLE) + 2], 3).tolist(),
    }


def write_all(model: Any, strings: list[str]) -> list[str]:
    """Return what the model writes for each string, by greedy decoding."""
    source = ids_of(strings)
    ids = np.full((len(strings), 1), START)
    for _ in range(LENGTHS[1] + 1):
        logits = np.asarray(model([source, ids], training=False))[:, -1]
        ids = np.concatenate([ids, logits.argmax(axis=-1)[:, np.newaxis]], axis=1)
    return [string_of(row[1:]) for row in ids]


if __name__ == "__main__":
    sys.exit(main())
