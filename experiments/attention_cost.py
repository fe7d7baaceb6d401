"""What attention costs: `python -m experiments.attention_cost` measures time and memory, in NumPy on one core.

Plain attention and attention in blocks over the length; blocks of several sizes; the writing of a token with a cache
and without; heads that share keys and values; and the machine itself. Chapter 10 shows the numbers, most of them as
ratios within one run.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
import tracemalloc
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when NumPy is imported: one core, so that others may work

import numpy as np
from rich.progress import track

from experiments.common import quick_or_whole, rounded, write_runs

ROOT = Path(__file__).parents[1]
BOOK_FILE = ROOT / "book" / "_data" / "10_cost.json"
OTHER_FILE = ROOT / "_build" / "experiments" / "10_cost.json"
WHOLE: dict[str, Any] = {
    "width": 64,  # of one head
    "lengths": (256, 512, 1024, 2048, 4096, 8192),
    "block_size": 256,  # of queries and of keys
    "block_sizes": (16, 32, 64, 128, 256, 512, 1024, 2048, 4096),
    "blocks_at": 4096,  # the length at which block sizes are tried
    "written": (16, 64, 256, 1024, 2048),
    "layer": {"d_model": 512, "num_heads": 8},
    "shared": {"num_heads": 32, "width": 128, "length": 16384, "groups": (32, 16, 8, 4, 2, 1)},
    "machine": {"product": 1024, "megabytes": 1024},
    "repeats": 7,
}
QUICK: dict[str, Any] = {
    "width": 8,
    "lengths": (16, 40),
    "block_size": 16,
    "block_sizes": (8, 40),
    "blocks_at": 40,
    "written": (4, 8),
    "layer": {"d_model": 12, "num_heads": 3},
    "shared": {"num_heads": 6, "width": 8, "length": 32, "groups": (6, 1)},
    "machine": {"product": 32, "megabytes": 1},
    "repeats": 2,
}
Array = np.ndarray


def main(arguments: list[str] | None = None) -> int:
    """Measure all of it, then write the file."""
    args = parse(arguments)
    settings, out = (QUICK, args.out or OTHER_FILE) if args.quick else (WHOLE, args.out or BOOK_FILE)
    started = time.perf_counter()
    measurements = {
        "lengths": over_lengths,
        "blocks": over_blocks,
        "writing": over_written,
        "shared": over_groups,
        "machine": of_machine,
    }
    runs = [
        {"measured": name} | rounded(run, to_three_digits)
        for name, measure in track(measurements.items(), "measurements")
        for run in measure(settings)
    ]
    record = {
        "command": "python -m experiments.attention_cost" + (" --quick" if args.quick else ""),
        "settings": settings,
        "versions": {"python": platform.python_version(), "numpy": np.__version__},
        "processors": os.cpu_count(),
        "threads": int(os.environ["OPENBLAS_NUM_THREADS"]),
        "level_2_cache": level_2_cache(),
        "seconds": round(time.perf_counter() - started),
    }
    write_runs(out, record, runs)
    print(f"Written to {out}")
    return 0


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    description = (
        "Measure time and memory of attention, plain and in blocks, over the length; of writing with a cache and "
        "without; and of heads that share keys and values. Takes a minute on one core, and 2 GB of memory."
    )
    quick = "short sequences, to try it out"
    program = "python -m experiments.attention_cost"
    return quick_or_whole(program, description, quick, 10, BOOK_FILE, OTHER_FILE).parse_args(arguments)


def to_three_digits(number: float) -> float:
    """Return what a time is worth."""
    return float(f"{number:.3g}")


def level_2_cache() -> str:
    """Return the size of the core's level 2 cache as Linux tells it, or "" elsewhere."""
    for folder in Path("/sys/devices/system/cpu/cpu0/cache").glob("index*"):
        if (folder / "level").read_text().strip() == "2":
            return (folder / "size").read_text().strip()
    return ""


# ---------------------------------------------------------------- plain, and in blocks
def plain(query: Array, key: Array, value: Array) -> Array:
    """Return scaled dot-product attention by way of the whole table: (…, T_q, d), (…, T_k, d) twice -> (…, T_q, d)."""
    scores = query @ key.swapaxes(-1, -2) / np.float32(np.sqrt(key.shape[-1]))
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    return weights @ value


def in_blocks(query: Array, key: Array, value: Array, block_size: int, causal: bool = False) -> Array:
    """Return the same in blocks of queries and of keys, with a running maximum and sum.

    With `causal` the blocks of keys that lie wholly in a block's future are left out, and the others are not masked:
    this is for its time alone.
    """
    scale, output = np.float32(1 / np.sqrt(key.shape[-1])), np.empty((len(query), value.shape[-1]), dtype=query.dtype)
    for first in range(0, len(query), block_size):
        rows = query[first : first + block_size] * scale
        maximum = np.full((len(rows), 1), -np.inf, dtype=query.dtype)
        total, weighted = np.zeros_like(maximum), np.zeros((len(rows), value.shape[-1]), dtype=query.dtype)
        for start in range(0, first + len(rows) if causal else len(key), block_size):
            scores = rows @ key[start : start + block_size].T
            new = np.maximum(maximum, scores.max(axis=-1, keepdims=True))
            exps = np.exp(scores - new)
            keep = np.exp(maximum - new)
            total = keep * total + exps.sum(axis=-1, keepdims=True)
            weighted = keep * weighted + exps @ value[start : start + block_size]
            maximum = new
        output[first : first + block_size] = weighted / total
    return output


def draw(*shape: int, seed: int = 0) -> list[Array]:
    """Return queries, keys and values of a shape, in float32."""
    return list(np.random.default_rng(seed).normal(size=(3, *shape)).astype(np.float32))


def over_lengths(settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return time and memory of plain attention and of blocks at each length, and by how much the outputs differ."""
    runs = []
    for length in settings["lengths"]:
        arrays = draw(length, settings["width"])
        works = {
            "plain": lambda x=arrays: plain(*x),
            "blocks": lambda x=arrays: in_blocks(*x, settings["block_size"]),
        }
        apart = float(np.abs(works["plain"]() - works["blocks"]()).max())
        bytes_held = {name: peak(work) for name, work in works.items()}
        runs.append({"length": length, "ms": fastest(works, settings["repeats"]), "bytes": bytes_held, "apart": apart})
    return runs


def over_blocks(settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the time of each size of blocks as a multiple of plain attention's; with the future left out, too."""
    arrays = draw(settings["blocks_at"], settings["width"])
    works: dict[str, Callable] = {"plain": lambda: plain(*arrays)}
    for size in settings["block_sizes"]:
        works[f"{size}"] = lambda size=size: in_blocks(*arrays, size)
        works[f"{size} causal"] = lambda size=size: in_blocks(*arrays, size, causal=True)
    ms = fastest(works, settings["repeats"])
    return [
        {
            "block_size": size,
            "times_plain": ms[f"{size}"] / ms["plain"],
            "causal_times_plain": ms[f"{size} causal"] / ms["plain"],
        }
        for size in settings["block_sizes"]
    ]


# ---------------------------------------------------------------- writing
def over_written(settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the time of one more token, when so many are there, with a cache and without, in one layer."""
    d_model, num_heads = settings["layer"]["d_model"], settings["layer"]["num_heads"]
    weights = np.random.default_rng(1).normal(size=(4, d_model, d_model)).astype(np.float32) / np.sqrt(d_model)
    weights, runs = weights.astype(np.float32), []
    for length in settings["written"]:
        x = draw(length, d_model)[0]
        key, value = (heads_of(x @ weights[n], num_heads) for n in (1, 2))
        works = {
            "again": lambda x=x: layer(x, x, weights, num_heads)[-1:],
            "cached": lambda x=x, key=key, value=value: with_cache(x[-1:], key, value, weights),
        }
        apart = float(np.abs(works["again"]() - works["cached"]()).max())
        runs.append({"length": length, "ms": fastest(works, settings["repeats"]), "apart": apart})
    return runs


def heads_of(x: Array, num_heads: int) -> Array:
    """Return x (T, d_model) in heads (H, T, d_k)."""
    return x.reshape(len(x), num_heads, -1).swapaxes(0, 1)


def layer(x_query: Array, x_key: Array, weights: Array, num_heads: int) -> Array:
    """Return multi-head attention (T_q, d_model), all projections included."""
    inputs = (x_query, x_key, x_key)
    q, k, v = (heads_of(x @ W, num_heads) for x, W in zip(inputs, weights[:3], strict=True))
    return plain(q, k, v).swapaxes(0, 1).reshape(x_query.shape) @ weights[3]


def with_cache(newest: Array, key: Array, value: Array, weights: Array) -> Array:
    """Return the last row of the same, for the newest token alone: its key and value go into their places."""
    q, k, v = (heads_of(newest @ W, len(key)) for W in weights[:3])
    key[:, -1:], value[:, -1:] = k, v
    return plain(q, key, value).swapaxes(0, 1).reshape(newest.shape) @ weights[3]


def over_groups(settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the time of the attention of one query, in all heads, over a long cache of so many groups."""
    shared, works, held = settings["shared"], {}, {}
    H, width, length = shared["num_heads"], shared["width"], shared["length"]
    _, key, value = draw(H, length, width)
    for groups in shared["groups"]:
        query = draw(groups, H // groups, width, seed=2)[0]  # the heads of a group are rows beside each other
        own = key[:groups], value[:groups]
        works[f"{groups}"] = lambda query=query, own=own: plain(query, *own)
        held[groups] = 2 * groups * length * width * key.itemsize
    ms = fastest(works, settings["repeats"])
    return [{"groups": groups, "ms": ms[f"{groups}"], "bytes": held[groups]} for groups in shared["groups"]]


# ---------------------------------------------------------------- the machine
def of_machine(settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return how many operations a second a product of matrices does, and how many bytes a second are read."""
    size, megabytes = settings["machine"]["product"], settings["machine"]["megabytes"]
    left, right, _ = draw(size, size)
    long = np.ones(megabytes * 250_000, dtype=np.float32)
    ms = fastest({"product": lambda: left @ right, "reading": lambda: long @ long}, settings["repeats"])
    rates = {"operations": 2 * size**3 / ms["product"], "bytes": long.nbytes / ms["reading"]}
    return [{f"{name}_per_second": 1000 * rate for name, rate in rates.items()}]


# ---------------------------------------------------------------- measuring
def fastest(works: Mapping[str, Callable], repeats: int) -> dict[str, float]:
    """Return the milliseconds of processor time of each work, the fastest of some rounds; a round does each once."""
    taken: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(repeats):
        for name, work in works.items():
            started = time.process_time()
            work()
            taken[name].append(1000 * (time.process_time() - started))
    return {name: min(found) for name, found in taken.items()}


def peak(work: Callable) -> int:
    """Return the largest number of bytes that a work holds at once, besides what was there before."""
    tracemalloc.start()
    work()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most


if __name__ == "__main__":
    sys.exit(main())
