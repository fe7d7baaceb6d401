"""Sentences of a small language in English and French, drawn by a grammar from the words of words.py.

Nothing of this grammar is told to the model: it sees pairs of sentences.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import islice

from experiments.chat.pairs import Pair, Pairs
from experiments.speak import words
from experiments.speak.french import joined
from experiments.speak.phrases import Phrase, put_together
from experiments.speak.questions import command, question
from experiments.speak.statements import DOT, pointed_at, statement
from experiments.speak.words import NAMES

SOURCE = "sentences drawn by experiments/speak/sentences.py, written for this project"
LICENCE = "CC BY 4.0, the authors of this repository"
OFTEN = 6  # what is said as a whole is shown so often, for nothing else teaches it
LONGEST = 14  # words and marks
JOINS = {"and": "et", "but": "mais", "because": "parce que"}
SHORT = {  # what is often written in one
    "do not": "don't", "does not": "doesn't", "did not": "didn't", "is not": "isn't", "are not": "aren't",
    "was not": "wasn't", "were not": "weren't", "will not": "won't", "must not": "mustn't", "can not": "can't",
    "i am": "i'm", "you are": "you're", "he is": "he's", "she is": "she's", "we are": "we're", "they are": "they're",
    "i will": "i'll", "we will": "we'll",
}  # fmt: skip
GREETINGS = {"hello": "bonjour", "good morning": "bonjour", "hi": "salut", "goodbye": "au revoir", "thank you": "merci"}
MARKS = re.compile(r" ?([?.!,])")


def load(count: int, held_back: int, seed: int = 7) -> Pairs:
    """Return so many sentences to train on, the short ones again and again, and other, different ones held back."""
    rng = random.Random(seed)
    train = list(islice(short(rng), count)) + said() * OFTEN
    apart, known = {}, {english for english, _ in train}
    for english, french in short(rng):
        if english not in known:
            apart[english] = french
        if len(apart) == held_back:
            break
    return Pairs("small language", train, list(apart.items()), SOURCE)


def short(rng: random.Random) -> Iterator[Pair]:
    """Draw sentences without end, and yield those that are short enough."""
    while True:
        pair = drawn(rng)
        if max(len(text.split()) for text in pair) <= LONGEST:
            yield pair


def counts(data: Pairs) -> dict[str, int | str]:
    """Return what the file of numbers says of its sentences."""
    different = {"train": len(set(data.train)), "held_back": len(data.held_back)}
    return {"source": data.source, "licence": LICENCE, **different}


def said() -> list[Pair]:
    """Return what people say as a whole: good morning, thank you."""
    rows = [row.strip().split("|") for row in re.split("[;\n]", words.SAID) if row.strip()]
    rows += [(f"{hello} {name}.", f"{GREETINGS[hello]} {NAMES[name][0]}.") for hello in GREETINGS for name in NAMES]
    return [(spaced(english), spaced(french)) for english, french in rows]


def spaced(text: str) -> str:
    """Return a text with a space before each mark."""
    return MARKS.sub(r" \1", text).strip()


def drawn(rng: random.Random) -> Pair:
    """Draw a sentence with its translation; in a tenth of them English is written in short."""
    kind = rng.random()
    if kind < 0.06:
        both = pointed_at(rng)
    elif kind < 0.13:
        joint = rng.choice(list(JOINS))
        both = put_together([statement(rng, True), Phrase(joint, JOINS[joint]), statement(rng, True), DOT])
    elif kind < 0.66:
        both = put_together([statement(rng), DOT])
    elif kind < 0.75:
        both = command(rng)
    else:
        both = question(rng)
    return english_of(rng, both.english), " ".join(joined(both.french.split()))


def english_of(rng: random.Random, text: str) -> str:
    """Return English with "an" before vowels, and perhaps written in short."""
    text = re.sub(r"\ba (?=[aeiou])", "an ", text)
    if rng.random() < 0.5:
        for long, short in SHORT.items():
            text = re.sub(rf"\b{long}\b(?! [?.])", short, text)
    return text.replace("can not", "cannot")
