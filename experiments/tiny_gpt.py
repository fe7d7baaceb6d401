"""A small GPT on English sentences: `python -m experiments.tiny_gpt --data-dir DIR` trains, measures and lets it write.

It reads and writes characters. Chapter 9 compares its loss with that of n-grams on the same characters, and shows what
it writes.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np

from experiments.common import InputError, natural, quick_or_whole, rounded, versions, write_runs

ROOT = Path(__file__).parents[1]
BOOK_FILE = ROOT / "book" / "_data" / "09_tiny_gpt.json"
OTHER_FILE = ROOT / "_build" / "experiments" / "09_tiny_gpt.json"
WORK = ROOT / "_build" / "experiments" / "tiny_gpt"
EPOCHS = 30
ORDERS = range(1, 11)  # of the n-grams
TEMPERATURES = (0.5, 1.0, 1.5)
BEGINNING = "I don't "  # of which the page draws what may follow
BEGINNINGS = ("Tom is ", "I don't ", "Where ", "The ")
READ = "Tom doesn't know where Mary is."  # of which the page draws how many characters may follow at each place
PLACES = 40  # characters of a sentence for which the loss is given place by place


def main(arguments: list[str] | None = None) -> int:
    """Train every seed, measure, and write the file."""
    args = parse(arguments)
    os.environ |= {"CUDA_VISIBLE_DEVICES": "-1", "TF_ENABLE_ONEDNN_OPTS": "0", "TF_CPP_MIN_LOG_LEVEL": "3"}
    try:
        record, runs = run(args)
    except InputError as error:
        print(error, file=sys.stderr)
        return 1
    out = args.out or (OTHER_FILE if args.quick or args.validation else BOOK_FILE)
    write_runs(out, record, runs)
    print(f"Written to {out}")
    return 0


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    description = (
        "Train a decoder-only Transformer on 5,000 English sentences of Tatoeba, three seeds, and compare it with "
        "n-grams. A seed takes a quarter of an hour on one core, without a GPU; a run that was stopped goes on."
    )
    quick = "300 sentences, one seed, one epoch, to try it out: a minute"
    parser = quick_or_whole("python -m experiments.tiny_gpt", description, quick, 9, BOOK_FILE, OTHER_FILE)
    parser.add_argument(
        "--data-dir",
        type=Path,
        default=os.environ.get("ATTENTION_DATA_DIR") or None,
        help="folder with the sentences, kor.txt (default: the environment variable ATTENTION_DATA_DIR)",
    )
    validation = "in the place of the held-back sentences, take a tenth of the others: to choose settings by"
    parser.add_argument("--validation", action="store_true", help=validation)
    parser.add_argument("--seeds", type=natural, default=3, help="how many models to train (default: %(default)s)")
    parser.add_argument("--last", type=natural, default=EPOCHS, help="the epoch to stop after (default: %(default)s)")
    parser.add_argument("--work", type=Path, default=WORK, help="folder for the checkpoints")
    parser.add_argument("--fresh", action="store_true", help="start again, whatever the folder for checkpoints holds")
    return parser.parse_args(arguments)


def run(args: argparse.Namespace) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return what the file holds: the record, and a run for each seed."""
    from experiments.gpt import text
    from experiments.gpt.train import Settings

    sentences = text.read(text.find(Path(args.data_dir) if args.data_dir else None))
    alphabet = text.Alphabet(sentences)
    known, new = text.split(sentences[:300] if args.quick else sentences)
    if args.validation:
        known, new = text.split(known)
    settings = Settings(epochs=1 if args.quick else EPOCHS)
    runs, shown = [], {}
    for seed in range(1 if args.quick else args.seeds):
        folder = args.work / (("validation_" if args.validation else "") + ("quick" if args.quick else f"seed_{seed}"))
        if args.fresh:
            (folder / "progress.json").unlink(missing_ok=True)
        count = 10 if args.quick else 200
        made, more = one_seed(replace(settings, seed=seed), alphabet, known, new, folder, args.last, count)
        runs.append(made)
        shown = shown or more
    record = {
        "command": command(args),
        "source": text.SOURCE,
        "licence": text.LICENCE,
        "data": {"sentences": len(known), "held_back": len(new), "characters": characters(known),
                 "held_characters": characters(new), "alphabet": alphabet.characters},
        "settings": {name: value for name, value in asdict(settings).items() if name != "seed"},
        "versions": versions(),
        "processors": os.cpu_count(),
        "ngrams": ngrams(alphabet, known, new, range(1, 4) if args.quick else ORDERS),
        **shown,
    }  # fmt: skip
    return rounded(record), rounded(runs)


def command(args: argparse.Namespace) -> str:
    """Return the command that makes the same file again; the folder of the data is the reader's own."""
    words = ["python -m experiments.tiny_gpt --data-dir DIR"]
    words += ["--quick"] if args.quick else [f"--seeds {args.seeds}"] if args.seeds != 3 else []
    words += ["--validation"] if args.validation else []
    words += [f"--last {args.last}"] if args.last != EPOCHS else []
    return " ".join(words)


def characters(sentences: list[str]) -> int:
    """Return how many characters there are to predict, with a line end for each sentence."""
    return sum(len(sentence) + 1 for sentence in sentences)


def one_seed(
    settings: Any, alphabet: Any, known: list[str], new: list[str], folder: Path, last: int, count: int
) -> tuple[dict, dict]:
    """Train one model; return its numbers, and what only the first seed shows: samples and logits."""
    from experiments.gpt import train, writing

    model, history = train.train(settings, alphabet, known, new, folder, last)
    losses = train.losses_of(model, alphabet, new)
    made = {
        "seed": settings.seed,
        "parameters": model.count_params(),
        "processor_seconds": round(sum(entry["processor_seconds"] for entry in history)),
        "history": {name: [entry[name] for entry in history] for name in ("loss", "held_loss")},
        "held_loss": float(np.mean(np.concatenate(losses))),
        "by_place": by_place(losses),
        "cache_difference": f"{writing.largest_difference(model, alphabet, max(new, key=len)):.1e}",
    }
    if settings.seed != 0:
        return made, {}
    rng = np.random.default_rng(2018)
    samples = {}
    for name, temperature, p in [*((f"temperature {t:g}", t, 1.0) for t in TEMPERATURES), ("top-p 0.9", 1.0, 0.9)]:
        started = time.perf_counter()
        written = writing.write(model, alphabet, count, rng, temperature, p)
        new_ones = [sentence for sentence in written if sentence not in known]
        samples[name] = {**writing.counts(written, known), "first": written[:8], "first_new": new_ones[:8]}
        print(f"{name}: {count} sentences in {time.perf_counter() - started:.0f} s")
    greedily = {beginning: writing.greedy(model, alphabet, beginning) for beginning in BEGINNINGS}
    return made, {
        "samples": samples,
        "people": {**writing.counts(new, known), "first": new[:8]},
        "greedy": greedily,
        "next": {"beginning": BEGINNING, "logits": writing.logits_after(model, alphabet, BEGINNING).tolist()},
        "kept_by_top_p": {"text": READ, "p": 0.9, "kept": writing.kept_by_top_p(model, alphabet, READ, 0.9)},
    }


def ngrams(alphabet: Any, known: list[str], new: list[str], orders: range) -> list[dict[str, Any]]:
    """Return the loss of each order of n-grams on the sentences held back, and by place."""
    from experiments.gpt.ngrams import Ngrams

    texts, unseen = ([alphabet.encode(f"\n{sentence}\n") for sentence in part] for part in (known, new))
    found = []
    for order in orders:
        model = Ngrams(texts, order, len(alphabet))
        losses = [np.array(model.losses(text)) for text in unseen]
        loss = float(np.mean(np.concatenate(losses)))
        found.append({"order": order, "held_loss": loss, "seen": model.seen(unseen), "by_place": by_place(losses)})
        print(f"{order}-grams: {loss:.4f}")
    return found


def by_place(losses: list[np.ndarray]) -> list[float]:
    """Return the mean loss of the first, second, … character of a sentence, over those that are long enough."""
    longest = min(PLACES, max(map(len, losses)))
    return [float(np.mean([own[place] for own in losses if len(own) > place])) for place in range(longest)]


if __name__ == "__main__":
    sys.exit(main())
