"""Train the review classifier of chapter 3: ``python experiments/review_classifier.py --data {imdb,small}``.

Writes the accuracy of each seed, their mean, and the attention over the project's own sentences. Interrupt it at any
time: the same command goes on at the epoch it had reached.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if __package__ in (None, ""):
    sys.path.insert(0, str(ROOT))  # run as a script, from any folder; `python -m` needs no help

from experiments.classifier import imdb, small  # noqa: E402
from experiments.classifier.dataset import Dataset  # noqa: E402
from experiments.common import carried_out, natural  # noqa: E402

BOOK_DATA = ROOT / "book" / "_data"
WORK = ROOT / "_build" / "experiments"
SEEDS = [1, 2, 3]
# imdb: the settings of the notes. Keras's plain `fit` on purpose: XLA was ten times slower on a CPU, and batches of
# reviews of like length, which would save time steps, are another setting.
SETTINGS = {
    "imdb": {"vocab_size": 10_000, "max_len": 500, "batch_size": 256, "epochs": 3, "patience": 2},
    "small": {"vocab_size": 2_000, "max_len": 32, "batch_size": 32, "epochs": 30, "patience": 5},
}
QUICK_REVIEWS = 64


def main(arguments: list[str] | None = None) -> int:
    """Train what is not trained yet and write the results; return the exit code."""
    return carried_out(run, parse(arguments))


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python experiments/review_classifier.py",
        description="Train the review classifier of chapter 3 (two bidirectional LSTM layers with additive attention) "
        "and test it once per seed. imdb: 50,000 film reviews, 15 to 20 minutes a seed on two cores. small: 400 short "
        "reviews written for this project, under a minute a seed, without a network. After an interruption the same "
        "command goes on at the epoch it had reached.",
    )
    parser.add_argument("--data", choices=list(SETTINGS), required=True, help="the reviews to train on")
    parser.add_argument(
        "--data-dir",
        type=Path,
        default=os.environ.get("ATTENTION_DATA_DIR") or None,
        help="folder with the raw IMDB reviews, aclImdb (default: the environment variable ATTENTION_DATA_DIR; "
        "without either, keras.datasets.imdb downloads 19 MB)",
    )
    parser.add_argument("--seeds", type=natural, nargs="+", default=SEEDS, metavar="N", help="default: 1 2 3")
    parser.add_argument(
        "--epochs", type=natural, metavar="N", help="epochs at most (default: 3 for imdb, 30 for small)"
    )
    parser.add_argument(
        "--out",
        type=Path,
        help="results file (default: book/_data/, or _build/experiments/ "
        "for settings that are not the book's); the attention goes beside it",
    )
    parser.add_argument("--work", type=Path, default=WORK, help="folder for checkpoints (default: _build/experiments)")
    parser.add_argument("--fresh", action="store_true", help="forget what an earlier run of these seeds has left")
    parser.add_argument("--quick", action="store_true", help="a few dozen reviews, one epoch, one seed, to try it out")
    args = parser.parse_args(arguments)
    args.seeds = list(dict.fromkeys(args.seeds))[: 1 if args.quick else None]
    return args


def run(args: argparse.Namespace) -> int:
    """Load the reviews, train seed after seed, and write results as seeds are done."""
    settings = SETTINGS[args.data] | ({"epochs": args.epochs} if args.epochs else {})
    data = load(args, settings)
    if args.quick:
        data, settings = data.shortened(QUICK_REVIEWS), settings | {"epochs": 1}
    print(f"{args.data}: {data.source}; training, validation, test: {data.sizes()} reviews", flush=True)

    from experiments.classifier import results, train  # imports TensorFlow, which takes seconds: only when needed
    from experiments.classifier.model import build_classifier

    sizes = settings["vocab_size"], settings["max_len"]
    described = {"data": args.data, **settings, "reviews": data.sizes(), "checksum": data.checksum()}
    name = f"review_classifier_{args.data}" + ("_quick" if args.quick else "")
    out, attention_out = files(args, name)
    finished = []
    for seed in args.seeds:
        folder = args.work / name / f"seed_{seed}"
        if args.fresh:
            shutil.rmtree(folder, ignore_errors=True)
        finished.append(train.train_seed(lambda: build_classifier(*sizes), data, described, seed, folder))
        print(f"Seed {seed}: test accuracy {finished[-1]['test_accuracy']:.4f}", flush=True)
        train.write_json(out, results.summarise(finished, data, described, args.seeds, command_of(args)))
        if seed == args.seeds[0]:  # the first one, not the best one
            model = train.best_model(folder)
            attended = results.attend(model, unseen(args), data.ranks, settings["vocab_size"])
            validation = results.without_attention(model, data.validation)
            train.write_json(attention_out, results.attention_file(attended, validation, seed, command_of(args)))
    print(f"Written: {out}\n         {attention_out}")
    return 0


def unseen(args: argparse.Namespace) -> list[small.Sentence]:
    """Return those of the project's own sentences that the model was not trained on."""
    return [sentence for sentence in small.read_sentences() if args.data == "imdb" or sentence.part == "test"]


def load(args: argparse.Namespace, settings: dict) -> Dataset:
    """Return the reviews that ``--data`` and ``--data-dir`` name."""
    sizes = settings["vocab_size"], settings["max_len"]
    if args.data == "small":
        return small.load_small(*sizes)
    print("Reading the reviews …", flush=True)
    return imdb.load_folder(Path(args.data_dir), *sizes) if args.data_dir else imdb.load_keras(*sizes)


def files(args: argparse.Namespace, name: str) -> tuple[Path, Path]:
    """Return where results and attention go: the book's files are written by the book's settings only."""
    if args.out:
        return args.out, args.out.with_name(args.out.stem + "_attention.json")
    if args.quick or args.epochs or args.seeds != SEEDS:
        return args.work / f"{name}.json", args.work / f"{name}_attention.json"
    attention = BOOK_DATA / "03_review_attention.json" if args.data == "imdb" else args.work / f"{name}_attention.json"
    return BOOK_DATA / f"03_{name}.json", attention


def command_of(args: argparse.Namespace) -> str:
    """Return the command that makes the same files again; the folder of the data is the reader's own."""
    words = ["python experiments/review_classifier.py --data", args.data]
    words += ["--data-dir DIR"] if args.data == "imdb" and args.data_dir else []
    words += ["--seeds", *map(str, args.seeds)] if args.seeds != SEEDS else []
    words += ["--epochs", str(args.epochs)] if args.epochs else []
    words += ["--quick"] if args.quick else []
    return " ".join(words)


if __name__ == "__main__":
    sys.exit(main())
