"""What grows in a model that learns to copy: `python -m experiments.looking_inside` trains and measures.

Models of attention alone read letters that repeat themselves, and name the next one. With two layers and strings of
many lengths they grow induction heads; with one layer they cannot; with strings of one length they grow a head that
looks like one. Chapter 11 shows what is measured in them, and its notebook looks into two of them.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from experiments.common import quick_or_whole, rounded, versions, write_runs
from experiments.inside.measuring import measure, summary, test_rows
from experiments.inside.notebook import write_notebook
from experiments.inside.numpy_model import Model, packed, unpacked

ROOT = Path(__file__).parents[1]
BOOK_FILE = ROOT / "book" / "_data" / "11_looking_inside.json"
OTHER_FILE = ROOT / "_build" / "experiments" / "11_looking_inside.json"
MANY = (4, 5, 6, 7, 8)
SETTINGS = {
    "length": 16,
    "d_model": 32,
    "heads": 4,
    "periods": MANY,
    "test_period": 8,
    "steps": 1200,
    "every": 25,
    "batch": 32,
    "learning_rate": 0.003,
    "test": 200,
}
QUICK = {"steps": 20, "every": 10, "test": 20}
MODELS = {"two layers": (2, MANY), "one layer": (1, MANY), "one period": (1, (6,))}
KEPT = ("two layers", "one period")  # of seed 0, their numbers are stored
SEEDS = (0, 1, 2)
MEASURES = ("before", "after", "previous", "induction")


def main(arguments: list[str] | None = None) -> int:
    """Train every model, then write the file."""
    args = parse(arguments)
    settings = SETTINGS | (QUICK if args.quick else {})
    seeds = SEEDS[:1] if args.quick else SEEDS
    out = args.out or (OTHER_FILE if args.quick else BOOK_FILE)
    started = time.process_time()  # unlike the time of day, it does not grow when others use the machine
    runs, models = run_all(settings, seeds)
    record = {
        "command": "python -m experiments.looking_inside" + (" --quick" if args.quick else ""),
        "settings": settings,
        "versions": versions(),
        "processors": os.cpu_count(),
        "processor_seconds": round(time.process_time() - started),
        "models": models,
    }
    write_runs(out, record, runs)
    print(f"Written to {out}")
    if out == BOOK_FILE and not args.quick:
        write_notebook(models)
        print("The notebook has the same models now: run `autograder build 11_looking_inside`")
    return 0


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    description = (
        "Train small models of attention alone to go on with letters that repeat themselves: two layers, one layer, "
        "and one layer with strings of one length, three seeds each. Takes some minutes on two cores, without a GPU."
    )
    quick = "20 steps and one seed, to try it out: half a minute"
    program = "python -m experiments.looking_inside"
    return quick_or_whole(program, description, quick, 11, BOOK_FILE, OTHER_FILE).parse_args(arguments)


def run_all(settings: dict[str, Any], seeds: tuple[int, ...]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Train and measure each model with each seed; return the runs, and the models that are stored."""
    os.environ |= {"CUDA_VISIBLE_DEVICES": "-1", "TF_ENABLE_ONEDNN_OPTS": "0", "TF_CPP_MIN_LOG_LEVEL": "3"}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    runs, models = [], {}
    with Progress(*columns) as progress:
        task = progress.add_task("", total=(settings["steps"] // settings["every"] + 1) * len(MODELS) * len(seeds))
        for name in MODELS:
            for seed in seeds:
                progress.update(task, description=f"{name}, seed {seed}")
                run, data = run_one(settings, name, seed, lambda: progress.advance(task))
                runs.append(run)
                if name in KEPT and seed == 0:
                    models[name] = data
                last = run["by_period"][str(settings["test_period"])]
                spent = f"{run['processor_seconds']:.0f} s of processor time"
                progress.console.print(
                    f"{name}, seed {seed}: loss {last['before']:.2f}, then {last['after']:.3f}, {spent}"
                )
    return runs, models


def run_one(settings: dict[str, Any], name: str, seed: int, on_look: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Train one model; return what was measured, all of it with numbers of eight bits, and these numbers."""
    from experiments.inside.training import train

    started, (layers, periods) = time.process_time(), MODELS[name]
    period, curve = settings["test_period"], {name: [] for name in ("step", *MEASURES)}
    ids = test_rows(settings, period)

    def look(step: int, model: Model) -> None:
        found = measure(model, settings["heads"], ids, period)
        largest = {score: max(max(layer) for layer in found[score]) for score in ("previous", "induction")}
        for name, value in {"step": step, **found, **largest}.items():
            curve[name].append(value)
        on_look()

    data = packed(train(settings, layers, periods, seed, look))
    run = {"model": name, "seed": seed, "curve": curve, **summary(unpacked(data), settings)}
    return rounded(run) | {"processor_seconds": round(time.process_time() - started, 1)}, data


if __name__ == "__main__":
    sys.exit(main())
