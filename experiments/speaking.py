"""Train the small translator of chapter 12 and write its numbers: ``python -m experiments.speaking``.

Interrupt the training at any time: the same command goes on at the epoch it had reached.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.common import carried_out, read_json, rounded, versions
from experiments.speak import breaking, files, sentences
from experiments.speak.speaks import functions_in

if TYPE_CHECKING:
    from experiments.chat.pairs import Pairs
    from experiments.chat.train import Settings

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "book" / "_data" / "12_speaks.json"
WORK = ROOT / "_build" / "experiments"
SENTENCES, HELD_BACK = 40_000, 1_000
SETTINGS = {
    **{"num_layers": 2, "d_model": 64, "num_heads": 4, "dff": 256, "dropout": 0.1, "max_length": 18},
    **{"batch_size": 64, "epochs": 9, "warmup_steps": 1000, "patience": 0, "seed": 1},
}
QUICK = {"d_model": 16, "dff": 32, "epochs": 2, "warmup_steps": 2}
QUICK_SENTENCES = 96


def main(arguments: list[str] | None = None) -> int:
    """Train what is not trained yet, measure it, and write the file; return the exit code."""
    args = parse(arguments)
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # TensorFlow reads these when it is imported
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    return carried_out(run, args)


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m experiments.speaking",
        description="Draw sentences of a small language in English and French, train a Transformer of 440,000 numbers "
        "to translate them, measure it on sentences held back, and write its numbers into one file. Takes a quarter "
        "of an hour on one processor. After an interruption the same command goes on at the epoch it had reached.",
    )
    parser.add_argument("--work", type=Path, default=WORK, help="folder for checkpoints (default: _build/experiments)")
    parser.add_argument("--fresh", action="store_true", help="forget what an earlier run has left")
    parser.add_argument("--quick", action="store_true", help="a few dozen sentences, two epochs, to try it out")
    parser.add_argument(
        "--broken", action="store_true", help="measure the wrong functions anew, with the numbers that the file holds"
    )
    parser.add_argument(
        "--out",
        type=Path,
        help=f"the file to write (default: {FILE.relative_to(ROOT)}; with --quick {FILE.name} in the folder of --work)",
    )
    return parser.parse_args(arguments)


def run(args: argparse.Namespace) -> int:
    """Do what the command line asks for."""
    count = QUICK_SENTENCES if args.quick else SENTENCES
    data, chosen = sentences.load(count, count if args.quick else HELD_BACK), SETTINGS | (QUICK if args.quick else {})
    out = args.out or (args.work / FILE.name if args.quick else FILE)
    if args.broken:
        content = read_json(out)
        files.write(out, content | {"broken": broken(out, data)})
        print(f"Written: {out}")
        return 0
    folder = args.work / ("speaking_quick" if args.quick else "speaking")
    if args.fresh:
        shutil.rmtree(folder, ignore_errors=True)

    from experiments.chat import tokens, train  # imports TensorFlow, which takes seconds: only when needed
    from experiments.speak import measuring, weights

    words, english = measuring.words_of(data.train + data.held_back)
    encoded, held_back = (
        tokens.encode_pairs(words, part, chosen["max_length"]) for part in (data.train, data.held_back)
    )
    chosen["vocab_size"] = len(words.words)
    # Not in it: the epochs, so that a run may go on for longer than was first asked for.
    must_match = {name: value for name, value in chosen.items() if name != "epochs"}
    must_match["checksum"] = train.checksum(encoded, held_back)
    settings = train.Settings(**chosen)
    print(f"{len(encoded[0])} sentences to train on, {len(held_back[0])} held back", flush=True)
    model, history = train.train(settings, must_match, encoded, held_back, folder)

    weights.write(folder / FILE.name, {}, model)
    weights.read_into(folder / FILE.name, model)  # what is measured are the numbers that the file will hold
    measured = {
        "train": measuring.measured(model, words, encoded, settings),
        "held_back": measuring.measured(model, words, held_back, settings),
    }
    shown = {
        "measured": measured,
        "replies": measuring.replies(model, words, data.train, settings.max_length),
        "mistaken": measuring.mistaken(model, words, held_back),
        "looked_at": measuring.looked_at(model, words, settings.max_length),
    }
    seconds = round(sum(entry["seconds"] for entry in history))
    about = described(args, settings, english, seconds) | {"data": sentences.counts(data)} | rounded(shown)
    about |= {"parameters": model.count_params(), "words": words.words}
    weights.write(folder / FILE.name, about, model)
    about["broken"] = broken(folder / FILE.name, data)
    weights.write(out, about, model)
    for what, found in measured.items():
        print(f"{what}: {rounded(found, float)}")
    print(f"Written: {out}")
    return 0


def broken(file: Path, data: Pairs) -> list[dict[str, Any]]:
    """Return what the model of a file says when one of its functions is wrong."""
    return rounded(breaking.changed(file, functions_in(ROOT / "solutions"), data.held_back))


def described(args: argparse.Namespace, settings: Settings, english: int, seconds: int) -> dict[str, Any]:
    """Return what the file says of itself before its numbers."""
    sizes = ("num_layers", "d_model", "num_heads", "dff", "max_length")
    return {
        "about": "A Transformer that translates a small English into French; speaks.py says how to read it.",
        "command": "python -m experiments.speaking" + (" --quick" if args.quick else ""),
        "versions": versions(),
        "seconds": seconds,
        "settings": dataclasses.asdict(settings),
        "sizes": {name: getattr(settings, name) for name in sizes} | {"english": english},
    }


if __name__ == "__main__":
    sys.exit(main())
