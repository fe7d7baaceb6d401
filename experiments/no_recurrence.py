"""What waiting costs: `python -m experiments.no_recurrence` times a recurrent layer and a self-attention layer.

Both read T positions of 512 numbers, in NumPy, on one core. Chapter 7 shows the times, the multiplications and how many
matrix products each layer takes.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when NumPy is imported: one core, so that others may work

import numpy as np
from rich.progress import track

from experiments.common import quick_or_whole, write_runs

ROOT = Path(__file__).parents[1]
BOOK_FILE = ROOT / "book" / "_data" / "07_no_recurrence.json"
OTHER_FILE = ROOT / "_build" / "experiments" / "07_no_recurrence.json"
WIDTH = 512
LENGTHS = (16, 64, 256, 1024, 4096)
REPEATS = 15
Array = np.ndarray
Product = Callable[[Array, Array], Array]


def main(arguments: list[str] | None = None) -> int:
    """Time both layers at every length, then write the file."""
    args = parse(arguments)
    width, lengths, repeats = (32, (4, 8), 2) if args.quick else (WIDTH, LENGTHS, REPEATS)
    out = args.out or (OTHER_FILE if args.quick else BOOK_FILE)
    started = time.perf_counter()
    runs = [run_one(length, width, repeats) for length in track(lengths, "lengths")]
    record = {
        "command": "python -m experiments.no_recurrence" + (" --quick" if args.quick else ""),
        "width": width,
        "repeats": repeats,
        "versions": {"python": platform.python_version(), "numpy": np.__version__},
        "processors": os.cpu_count(),
        "threads": int(os.environ["OPENBLAS_NUM_THREADS"]),
        "seconds": round(time.perf_counter() - started),
    }
    write_runs(out, record, runs)
    print(f"Written to {out}")
    return 0


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    description = (
        "Time one recurrent layer and one self-attention layer of 512 numbers at several lengths. Takes "
        "less than a minute on one core."
    )
    quick = "32 numbers and two short lengths, to try it out"
    program = "python -m experiments.no_recurrence"
    return quick_or_whole(program, description, quick, 7, BOOK_FILE, OTHER_FILE).parse_args(arguments)


def run_one(length: int, width: int, repeats: int) -> dict[str, Any]:
    """Return what both layers need for one sentence of this length."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(length, width)).astype(np.float32)
    matrices = (rng.normal(size=(4, width, width)) / np.sqrt(width)).astype(np.float32)
    layers = {"recurrent": (recurrent, matrices[:2]), "attention": (self_attention, matrices)}
    found: dict[str, Any] = {"length": length}
    for name, (layer, own) in layers.items():
        found[name] = products(layer, x, own) | {"ms": shortest(lambda: layer(x, *own), repeats)}  # noqa: B023
    return found


def recurrent(x: Array, W_x: Array, W_h: Array, product: Product = np.matmul) -> Array:
    """Return every state of a tanh layer, (T, d); each one needs the one before."""
    inputs = product(x, W_x)  # of all positions at once: nothing in it has to wait
    states = np.zeros_like(inputs)
    state = np.zeros_like(inputs[0])
    for t in range(len(x)):
        state = states[t] = np.tanh(inputs[t] + product(state, W_h))
    return states


def self_attention(x: Array, W_q: Array, W_k: Array, W_v: Array, W_o: Array, product: Product = np.matmul) -> Array:
    """Return one head of self-attention with its projections, (T, d)."""
    scores = product(product(x, W_q), product(x, W_k).T) / np.float32(np.sqrt(x.shape[1]))
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    return product(product(weights, product(x, W_v)), W_o)


def products(layer: Callable[..., Array], x: Array, matrices: Array) -> dict[str, int]:
    """Return how many matrix products a layer calls for, and the multiplications in all of them together."""
    sizes = []

    def counted(left: Array, right: Array) -> Array:
        sizes.append(left.size * right.shape[1])
        return left @ right

    layer(x, *matrices, product=counted)
    return {"products": len(sizes), "multiplications": sum(sizes)}


def shortest(work: Callable[[], Array], repeats: int) -> float:
    """Return the milliseconds of the quickest of several runs: what disturbs a run only makes it longer."""
    times = []
    for _ in range(repeats):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return round(1000 * min(times), 3)


if __name__ == "__main__":
    sys.exit(main())
