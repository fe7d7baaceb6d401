"""The trained translator of chapter 12: what it makes of a sentence, and its numbers as a file that a page can load.

What it makes of a sentence is computed here by the functions in the solved notebooks of chapters 4 to 8, around which
`speaks.py` puts the wires: the same file that the notebook of chapter 12 has.
"""

from __future__ import annotations

import json
import sys
import zlib
from collections.abc import Sequence
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import numpy as np

import autograder
from autograder.course.steps import softmax
from figures.markup import json_for_script

ROOT = Path(autograder.__file__).parents[1]  # the repository, wherever the pages are copied to
FILE = Path(__file__).parents[2] / "_data" / "12_speaks.json"  # `python -m experiments.speaking`
SCRIPT = "translator_model.js"
PARTS = ("sizes", "words", "arrays", "scales", "numbers")  # of the file, what a page needs
SHOWN = 6  # words of a step


@cache
def script() -> str:
    """Return the script that hands the model to a page: a page opened from a disk can read no other file."""
    content = json.loads(FILE.read_text(encoding="utf-8"))
    return f"Seeing.trained = {json_for_script({name: content[name] for name in PARTS})};\n"


def address() -> str:
    """Return the name of that file, with a number that changes when the file does."""
    return f"{SCRIPT}?v={zlib.crc32(script().encode()):08x}"


def size() -> str:
    """Return how large it is, as people say it."""
    return f"{len(script().encode()) / 1000:.0f} kB"


@cache
def model() -> Any:
    """Return the model, run by the functions in the solved notebooks."""
    spec = spec_from_file_location("speaks_of_the_figures", ROOT / "experiments" / "speak" / "speaks.py")
    assert spec and spec.loader
    speaks = sys.modules[spec.name] = module_from_spec(spec)  # its dataclasses look for it there
    spec.loader.exec_module(speaks)
    return speaks.load(speaks.functions_in(ROOT / "solutions"), FILE)


@cache
def example(text: str) -> dict[str, Any]:
    """Return the greedy reply to a sentence as the script has one too: words, steps, and all maps of the last step."""
    reply, words = model().reply(text), model().words.words
    chosen = [int(np.argmax(step.logits)) for step in reply.steps]
    maps = reply.steps[-1].maps
    return {
        "sentence": text,
        "text": reply.text,
        "question": reply.question,
        "ids": model().read(text),
        "words": [words[number] for number in chosen],
        "steps": [told(step.logits, number, words) for step, number in zip(reply.steps, chosen, strict=True)],
        "others": len(words) - SHOWN,
        "maps": {kind: [layer.round(4).tolist() for layer in maps[kind]] for kind in maps},
    }


def told(logits: np.ndarray, chosen: int, words: Sequence[str]) -> dict[str, Any]:
    """Return what is shown of the logits (V,): the likeliest words, each with logit and probabilities, and the others.

    The probabilities are those at temperature 1 and at 0, where the likeliest word has all.
    """
    shares, best = softmax(logits), np.argsort(-logits, kind="stable")[:SHOWN]
    greedy = np.arange(len(logits)) == best[0]
    rows = [
        [words[n], *(round(float(value), 4) for value in (logits[n], shares[n])), float(greedy[n])]
        for n in map(int, best)
    ]
    rest = [round(1 - float(of[best].sum()), 4) for of in (shares, greedy)]
    return {"rows": rows, "chosen": best.tolist().index(chosen), "rest": rest}
