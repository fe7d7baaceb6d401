"""Train the chatbot of chapter 8 and talk to it: ``python experiments/chatbot.py --data {korean,english,small}``.

Interrupt the training at any time: the same command goes on at the epoch it had reached.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
if __package__ in (None, ""):
    sys.path.insert(0, str(ROOT))  # run as a script, from any folder; `python -m` needs no help

from experiments.chat import pairs  # noqa: E402
from experiments.common import InputError, carried_out, natural  # noqa: E402

if TYPE_CHECKING:
    import keras

    from experiments.chat.replies import Replier
    from experiments.chat.tokens import Tokens
    from experiments.chat.train import Settings

BOOK_DATA = ROOT / "book" / "_data"
WORK = ROOT / "_build" / "experiments"
# notes: the setting of the notes. fast: a smaller model that learns the Korean pairs in ten minutes on two cores.
PRESETS = {
    "notes": {
        **{"vocab_size": 2**13, "num_layers": 2, "d_model": 256, "num_heads": 8, "dff": 512, "dropout": 0.1},
        **{"max_length": 40, "batch_size": 64, "epochs": 50, "warmup_steps": 4000, "patience": 0},
    },
    "fast": {
        **{"vocab_size": 2**12, "num_layers": 1, "d_model": 128, "num_heads": 4, "dff": 512, "dropout": 0.1},
        **{"max_length": 40, "batch_size": 64, "epochs": 20, "warmup_steps": 0, "patience": 0},
    },
}
WARMUP_SHARE = 0.1  # of all steps, where a preset says 0
QUICK_PAIRS, QUICK_EPOCHS = 64, 2


def main(arguments: list[str] | None = None) -> int:
    """Train what is not trained yet, write the results or reply; return the exit code."""
    return carried_out(run, parse(arguments))


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python experiments/chatbot.py",
        description="Train the Transformer of chapter 8 on pairs of questions and answers, print its replies to twenty "
        "prompts and write its figures. After an interruption the same command goes on at the epoch it had reached. "
        "With --reply or --interactive, talk to what has been trained so far.",
    )
    parser.add_argument(
        "--data",
        choices=list(pairs.LICENCES),
        default="english",
        help="korean: 11,823 pairs, by download or from --data-dir; english (the default): 2,393 pairs, and small: 696 "
        "Korean ones, both from the package chatterbot-corpus, without a network",
    )
    parser.add_argument(
        "--data-dir",
        type=Path,
        default=os.environ.get("ATTENTION_DATA_DIR") or None,
        help=f"folder with {pairs.KOREAN_FILE} (default: the environment variable ATTENTION_DATA_DIR; without either "
        "it is downloaded, 0.9 MB)",
    )
    parser.add_argument(
        "--preset",
        choices=list(PRESETS),
        default="fast",
        help="fast (the default): under ten minutes on two cores; notes: the setting of the notes, 50 epochs, hours",
    )
    parser.add_argument("--epochs", type=natural, metavar="N", help="epochs at most (default: the preset's)")
    parser.add_argument(
        "--patience",
        type=natural,
        metavar="N",
        help="stop early after N epochs in which the loss on the pairs held back has not fallen (default: never; their "
        "answers are nowhere in the training pairs, so that the loss on them rises while the replies still improve)",
    )
    parser.add_argument("--seed", type=natural, default=1, metavar="N", help="default: 1")
    parser.add_argument("--reply", metavar="TEXT", help="print the reply to a text and end")
    parser.add_argument("--interactive", action="store_true", help="reply line by line; an empty line ends")
    parser.add_argument(
        "--decode", choices=["greedy", "beam", "sample"], default="greedy", help="how replies are chosen"
    )
    parser.add_argument("--evaluate", action="store_true", help="train no further: write the results of what there is")
    parser.add_argument("--out", type=Path, help="results file (default: book/_data/, or --work for other settings)")
    parser.add_argument("--work", type=Path, default=WORK, help="folder for checkpoints (default: _build/experiments)")
    parser.add_argument("--fresh", action="store_true", help="forget what an earlier run has left")
    parser.add_argument("--quick", action="store_true", help="a few dozen pairs, two epochs, to try it out")
    return parser.parse_args(arguments)


def run(args: argparse.Namespace) -> int:
    """Do what the command line asks for."""
    data = pairs.load(args.data, args.data_dir, args.work)
    preset = dict(PRESETS[args.preset])
    if args.quick:
        data = data.shortened(QUICK_PAIRS)
        preset |= {"epochs": QUICK_EPOCHS, "d_model": 32, "dff": 64, "num_heads": 4}

    from experiments.chat import tokens, train  # imports TensorFlow, which takes seconds: only when needed

    words = tokens.learn(data.train, preset["vocab_size"], args.work)
    encoded, held_back = (
        tokens.encode_pairs(words, part, preset["max_length"]) for part in (data.train, data.held_back)
    )
    preset |= {"vocab_size": words.vocab_size, "seed": args.seed}
    preset |= {name: getattr(args, name) for name in ("epochs", "patience") if getattr(args, name)}
    steps = preset["epochs"] * -(-len(encoded[0]) // preset["batch_size"])
    preset["warmup_steps"] = preset["warmup_steps"] or max(1, round(steps * WARMUP_SHARE))
    settings = train.Settings(**preset)
    # Not in it: epochs and patience, so that a run may go on for longer than was first asked for.
    must_match = {name: value for name, value in preset.items() if name not in ("epochs", "patience")}
    must_match |= {"data": args.data, "checksum": train.checksum(encoded, held_back)}

    name = f"chatbot_{args.data}_{args.preset}" + ("_quick" if args.quick else "")
    folder = args.work / name / f"seed_{args.seed}"
    if args.fresh:
        shutil.rmtree(folder, ignore_errors=True)
    if args.reply is not None or args.interactive:
        return talk(args, train.trained(settings, must_match, folder)[0], words, settings)

    print(f"{args.data}: {data.source}; {len(encoded[0])} pairs to train on, {len(held_back[0])} held back", flush=True)
    if args.evaluate:
        model, history = train.trained(settings, must_match, folder)
    else:
        model, history = train.train(settings, must_match, encoded, held_back, folder)
    from experiments.chat import results

    out = args.out or results_file(args, name)
    results.write(out, command_of(args), data, words, settings, model, history, encoded, held_back)
    print(f"Written: {out}")
    return 0


def talk(args: argparse.Namespace, model: keras.Model, words: Tokens, settings: Settings) -> int:
    """Reply to ``--reply``, or to one line after another."""
    from experiments.chat.replies import Replier

    replier = Replier(model, words, settings.max_length)
    if args.reply is not None:
        print(say(replier, args.decode, args.reply))
        return 0
    print("Say something; an empty line ends.")
    while question := ask():
        try:
            print(say(replier, args.decode, question))
        except InputError as error:
            print(error)
    return 0


def ask() -> str:
    """Return the next line, stripped; "" at its end."""
    try:
        return input("> ").strip()
    except EOFError:
        return ""


def say(replier: Replier, how: str, question: str) -> str:
    """Return the reply to a question, with what a person should know about it in brackets."""
    question = pairs.space_punctuation(question)
    reply, ended = getattr(replier, how)(question)
    notes = [] if ended else [f"cut off at {replier.max_length - 1} tokens"]
    if unknown := replier.tokens.unknown(question):
        notes.append("not known: " + " ".join(unknown))
    return " ".join([reply, *(f"[{note}]" for note in notes)])


def results_file(args: argparse.Namespace, name: str) -> Path:
    """Return where the results go: the book's files are written by the book's settings only."""
    books_own = not (args.quick or args.epochs or args.patience or args.seed != 1) and args.data != "small"
    return BOOK_DATA / f"08_{name}.json" if books_own else args.work / f"{name}.json"


def command_of(args: argparse.Namespace) -> str:
    """Return the command that makes the same file again; the folder of the data is the reader's own."""
    words = [f"python experiments/chatbot.py --data {args.data} --preset {args.preset}"]
    words += ["--data-dir DIR"] if args.data == "korean" and args.data_dir else []
    words += [f"--{name} {getattr(args, name)}" for name in ("epochs", "patience") if getattr(args, name)]
    words += [f"--seed {args.seed}"] if args.seed != 1 else []
    words += ["--quick"] if args.quick else []
    return " ".join(words)


if __name__ == "__main__":
    sys.exit(main())
