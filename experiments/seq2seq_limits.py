"""How much of a sentence fits through one vector: `python -m experiments.seq2seq_limits` trains and measures.

Two encoder-decoders, one with attention and one without, learn to write strings of letters backwards. Chapter 1
shows the accuracy against the length of the string. Interrupt it at any time: it goes on where it stopped.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from experiments.common import write_whole
from experiments.seq2seq.results import write
from experiments.seq2seq.settings import Settings

ROOT = Path(__file__).parents[1]
BOOK_FILE = ROOT / "book" / "_data" / "01_seq2seq_limits.json"
WORK = ROOT / "_build" / "experiments" / "seq2seq_limits"
MODELS = {"without": False, "with": True}  # name -> has attention
SEEDS = (0, 1, 2)


def main(arguments: list[str] | None = None) -> int:
    """Run what has not been run yet, then write the file."""
    args = parse(arguments)
    settings = (
        Settings(steps=60, test_length=20, test_count=50)
        if args.quick
        else Settings(units=args.units, steps=args.steps)
    )
    seeds = args.seeds[:1] if args.quick else args.seeds
    as_in_the_book = settings == Settings() and tuple(seeds) == SEEDS
    out = args.out or (BOOK_FILE if as_in_the_book else WORK.with_suffix(".json"))
    work = WORK / settings.name
    if args.fresh:
        shutil.rmtree(work, ignore_errors=True)
    try:
        runs = run_all(settings, seeds, work)
    except KeyboardInterrupt:
        print("Stopped. The same command goes on from the last checkpoint.", file=sys.stderr)
        return 130
    write(out, settings, runs, command_of(args))
    shutil.rmtree(work, ignore_errors=True)
    print(f"Written to {out}")
    return 0


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m experiments.seq2seq_limits",
        description="Train encoder-decoders with and without attention to write strings of letters backwards, and "
        "measure their accuracy for each length. Takes 5 to 10 minutes on two cores, without a GPU. After an "
        "interruption the same command goes on where it stopped.",
    )
    parser.add_argument("--quick", action="store_true", help="60 steps and one seed, to try it out: half a minute")
    parser.add_argument("--units", type=int, default=64, help="numbers in the context vector (default: 64)")
    parser.add_argument("--steps", type=int, default=2000, help="steps of training (default: 2000)")
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS), metavar="N", help="default: 0 1 2")
    parser.add_argument(
        "--out",
        type=Path,
        help=f"the file to write (default: {os.path.relpath(BOOK_FILE, ROOT)}, which chapter 1 reads, for the book's "
        f"settings; {os.path.relpath(WORK, ROOT)}.json for any other)",
    )
    parser.add_argument("--fresh", action="store_true", help="forget what an interrupted run has left")
    return parser.parse_args(arguments)


def use_the_processor_alone() -> None:
    """Set what TensorFlow reads when it is imported: no GPU, plain arithmetic, no log lines."""
    os.environ |= {"CUDA_VISIBLE_DEVICES": "-1", "TF_ENABLE_ONEDNN_OPTS": "0", "TF_CPP_MIN_LOG_LEVEL": "3"}


def command_of(args: argparse.Namespace) -> str:
    """Return the command that gives the same numbers again."""
    flags = ["--quick"] if args.quick else []
    flags += ["--units", str(args.units)] if args.units != 64 else []
    flags += ["--steps", str(args.steps)] if args.steps != 2000 else []
    flags += ["--seeds", *map(str, args.seeds)] if tuple(args.seeds) != SEEDS else []
    return " ".join(["python -m experiments.seq2seq_limits", *flags])


def run_all(settings: Settings, seeds: list[int], work: Path) -> list[dict[str, Any]]:
    """Train and measure every model with every seed, with a bar that counts the steps."""
    use_the_processor_alone()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    pairs = [(model, seed) for seed in seeds for model in MODELS]
    runs = []
    with Progress(*columns) as progress:
        task = progress.add_task("", total=settings.steps * len(pairs))
        for number, (model, seed) in enumerate(pairs):
            progress.update(task, description=f"{model} attention, seed {seed}")

            def on_step(done: int, before: int = number * settings.steps) -> None:
                progress.update(task, completed=before + done)

            runs.append(run_one(settings, model, seed, work, on_step))
            on_step(settings.steps)
            shown = runs[-1]["letters"][settings.max_length - 1]
            progress.console.print(
                f"{model} attention, seed {seed}: {shown:.1%} of the letters right at length {settings.max_length} "
                f"({runs[-1]['seconds']:.0f} s)"
            )
    return runs


def run_one(settings: Settings, model: str, seed: int, work: Path, on_step: Any) -> dict[str, Any]:
    """Train and measure one model with one seed, unless that was done before an interruption."""
    from experiments.seq2seq.measuring import measure
    from experiments.seq2seq.training import Trainer

    result = work / f"{model}-{seed}.json"
    if result.exists():
        return json.loads(result.read_text(encoding="utf-8"))
    checkpoint = work / f"{model}-{seed}.npz"
    trainer = Trainer(settings, MODELS[model], seed)
    trainer.train(checkpoint, on_step)
    started = time.perf_counter()
    found = {"model": model, "seed": seed, "parameters": trainer.model.count_params(), "losses": trainer.losses}
    found |= measure(trainer.model, settings)
    found["seconds"] = round(trainer.seconds + time.perf_counter() - started, 1)
    write_whole(result, json.dumps(found).encode())
    return found


if __name__ == "__main__":
    sys.exit(main())
