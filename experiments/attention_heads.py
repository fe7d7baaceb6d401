"""What two heads can do and one cannot: `python -m experiments.attention_heads` trains and measures.

A single attention layer reads seven letters. At each place it must name two of them: the mirrored one (copy the
string backwards) and the one before. Chapter 5 shows the accuracy against the number of heads, and what each head
of a trained layer looks at.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from experiments.common import quick_or_whole, write_runs

ROOT = Path(__file__).parents[1]
BOOK_FILE = ROOT / "book" / "_data" / "05_heads.json"
OTHER_FILE = ROOT / "_build" / "experiments" / "05_heads.json"
LETTERS = "abcdefghij"
SETTINGS = {"length": 7, "strings": 30_000, "epochs": 6, "batch": 128, "learning_rate": 0.01, "test": 1000}
MODELS = ((16, 1), (16, 2), (16, 4), (32, 1))  # d_model and the number of heads
SEEDS = (0, 1, 2)
EXAMPLE = "gabcfde"  # all letters different, so that no two places can be confused
Array = np.ndarray


def main(arguments: list[str] | None = None) -> int:
    """Train every model, then write the file."""
    args = parse(arguments)
    settings = SETTINGS | ({"strings": 640, "epochs": 1, "test": 50} if args.quick else {})
    seeds = SEEDS[:1] if args.quick else SEEDS
    out = args.out or (OTHER_FILE if args.quick else BOOK_FILE)
    started = time.perf_counter()
    runs = run_all(settings, seeds)
    record = {
        "command": "python -m experiments.attention_heads" + (" --quick" if args.quick else ""),
        "settings": settings,
        "letters": LETTERS,
        "example": EXAMPLE,
        "versions": versions(),
        "processors": os.cpu_count(),
        "seconds": round(time.perf_counter() - started),
    }
    write_runs(out, record, runs)
    print(f"Written to {out}")
    return 0


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    description = (
        "Train one attention layer with 1, 2 and 4 heads, three seeds each, to name two letters at each "
        "place of a string: the mirrored one and the one before. Takes three minutes on two cores, without a GPU."
    )
    quick = "640 strings and one seed, to try it out: ten seconds"
    program = "python -m experiments.attention_heads"
    return quick_or_whole(program, description, quick, 5, BOOK_FILE, OTHER_FILE).parse_args(arguments)


def versions() -> dict[str, str]:
    """Return the versions of what the numbers depend on."""
    import keras
    import tensorflow as tf

    modules = {"keras": keras, "numpy": np, "tensorflow": tf}
    return {"python": platform.python_version()} | {name: module.__version__ for name, module in modules.items()}


def draw_strings(rng: np.random.Generator, count: int, length: int) -> Array:
    """Return letters as numbers, (count, length), every letter equally likely at every place."""
    return rng.integers(0, len(LETTERS), size=(count, length))


def targets_of(strings: Array) -> Array:
    """Return the two letters to name at each place, (B, T, 2): the mirrored one, and the one before.

    At the first place, which has nothing before it, the second one is its own letter.
    """
    before = np.concatenate([strings[:, :1], strings[:, :-1]], axis=1)
    return np.stack([strings[:, ::-1], before], axis=-1)


def build(length: int, d_model: int, num_heads: int) -> tuple[Any, Any]:
    """Return (model, maps): letters (B, T) to logits (B, T, 2, letters), and to attention weights (B, H, T, T).

    There is no residual connection and no hidden layer: all it knows of other places comes through its heads.
    """
    import keras
    from keras import layers

    def table(entries: int) -> Any:
        return layers.Embedding(entries, d_model, embeddings_initializer=keras.initializers.RandomNormal(stddev=1.0))

    letters = keras.Input((length,), dtype="int32")
    x = table(len(LETTERS))(letters) + table(length)(keras.ops.arange(length))  # (B, T, d_model)
    mixed, weights = layers.MultiHeadAttention(num_heads, d_model // num_heads)(x, x, return_attention_scores=True)
    logits = layers.Reshape((length, 2, len(LETTERS)))(layers.Dense(2 * len(LETTERS))(mixed))
    return keras.Model(letters, logits), keras.Model(letters, weights)


def run_all(settings: dict[str, Any], seeds: tuple[int, ...]) -> list[dict[str, Any]]:
    """Train and measure a model for each number of heads and each seed, with a bar that counts the epochs."""
    os.environ |= {"CUDA_VISIBLE_DEVICES": "-1", "TF_ENABLE_ONEDNN_OPTS": "0", "TF_CPP_MIN_LOG_LEVEL": "3"}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    jobs = [(d_model, num_heads, seed) for d_model, num_heads in MODELS for seed in seeds]
    runs = []
    with Progress(*columns) as progress:
        task = progress.add_task("", total=settings["epochs"] * len(jobs))
        for d_model, num_heads, seed in jobs:
            name = f"width {d_model}, heads {num_heads}, seed {seed}"
            progress.update(task, description=name)
            run = run_one(settings, d_model, num_heads, seed, lambda: progress.advance(task))
            runs.append(run)
            progress.console.print(
                f"{name}: mirrored {run['mirrored']:.1%}, before {run['before']:.1%} ({run['seconds']:.0f} s)"
            )
    return runs


def run_one(settings: dict[str, Any], d_model: int, num_heads: int, seed: int, on_epoch: Any) -> dict[str, Any]:
    """Train one model; return its accuracies on new strings and its attention weights on the example."""
    import keras

    started = time.perf_counter()
    keras.utils.set_random_seed(seed)
    length = settings["length"]
    model, maps = build(length, d_model, num_heads)
    strings = draw_strings(np.random.default_rng(seed), settings["strings"], length)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(settings["learning_rate"]), loss)
    ended = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: on_epoch())
    history = model.fit(
        strings, targets_of(strings), settings["batch"], settings["epochs"], verbose=0, callbacks=[ended]
    ).history
    new = draw_strings(np.random.default_rng(1000 + seed), settings["test"], length)
    right = model.predict(new, verbose=0).argmax(axis=-1) == targets_of(new)  # (B, T, 2)
    example = np.array([[LETTERS.index(letter) for letter in EXAMPLE]])
    weights = maps.predict(new, verbose=0)  # (B, H, T, T)
    return {
        "d_model": d_model,
        "heads": num_heads,
        "seed": seed,
        "parameters": model.count_params(),
        "losses": [round(value, 4) for value in history["loss"]],
        "mirrored": round(float(right[..., 0].mean()), 4),
        "before": round(float(right[..., 1].mean()), 4),
        "weights": np.round(maps.predict(example, verbose=0)[0].astype(float), 3).tolist(),  # (H, T, T)
        "mean_weights": np.round(weights.mean(axis=0).astype(float), 3).tolist(),
        "seconds": round(time.perf_counter() - started, 1),
    }


if __name__ == "__main__":
    sys.exit(main())
