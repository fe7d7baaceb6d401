"""The two small translators of chapter 2: `python -m experiments.alignment` trains them and stores their states.

The sentences come from a small grammar, so right and wrong can be told exactly: a French noun carries its
article's gender, and its adjective comes after it. One translator reads from left to right, the other in both
directions; all else is equal. The page computes the attention weights from the states.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")  # plain arithmetic: the same digits on more machines
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import keras
import numpy as np
from keras import layers

ROOT = Path(__file__).parents[1]
BOOK_FILE = ROOT / "book" / "_data" / "02_alignment.json"
SEED, WIDTH, SENTENCES, HELD_OUT, EPOCHS = 0, 16, 8000, 500, 20
LONGEST = 11  # words in two clauses of five, and the word between them

NOUNS = {
    "dog": ("le", "chien"), "cat": ("le", "chat"), "boat": ("le", "bateau"), "lake": ("le", "lac"),
    "garden": ("le", "jardin"), "car": ("la", "voiture"), "house": ("la", "maison"), "street": ("la", "rue"),
    "forest": ("la", "forêt"), "sea": ("la", "mer"),
}  # fmt: skip
ADJECTIVES = {  # those whose written form does not depend on the gender
    "red": "rouge", "calm": "calme", "sad": "triste", "wild": "sauvage", "clean": "propre", "strange": "étrange",
    "quiet": "tranquille",
}  # fmt: skip
VERBS = {"waits": "attend", "sleeps": "dort", "changes": "change", "disappears": "disparaît", "moves": "bouge"}
ADVERBS = {"here": "ici", "now": "maintenant", "often": "souvent"}
JOINS = {"and": "et", "but": "mais"}
START, END = "<start>", "<end>"

SHOWN = {  # kept out of the training sentences
    "page": ("the red car waits and the cat sleeps here", "la voiture rouge attend et le chat dort ici"),
    "notebook": ("the wild forest changes now", "la forêt sauvage change maintenant"),
}
Pair = tuple[tuple[str, ...], tuple[str, ...]]


def clause(rng: np.random.Generator) -> Pair:
    """Draw the, perhaps an adjective, a noun, a verb, perhaps an adverb; return the English and the French words."""
    noun, verb = rng.choice(list(NOUNS)), rng.choice(list(VERBS))
    adjective = [rng.choice(list(ADJECTIVES))] if rng.random() < 0.7 else []
    adverb = [rng.choice(list(ADVERBS))] if rng.random() < 0.4 else []
    english = ["the", *adjective, noun, verb, *adverb]
    french = [*NOUNS[noun], *(ADJECTIVES[word] for word in adjective), VERBS[verb], *(ADVERBS[word] for word in adverb)]
    return tuple(map(str, english)), tuple(map(str, french))


def sentence(rng: np.random.Generator) -> Pair:
    """Draw one clause, or two joined by a word."""
    english, french = clause(rng)
    if rng.random() < 0.5:
        return english, french
    join, (more_english, more_french) = str(rng.choice(list(JOINS))), clause(rng)
    return (*english, join, *more_english), (*french, JOINS[join], *more_french)


def distinct_sentences(rng: np.random.Generator, count: int) -> list[Pair]:
    """Draw sentences, all different, none of them one that the book shows."""
    shown = {tuple(english.split()) for english, _ in SHOWN.values()}
    found: dict[tuple[str, ...], Pair] = {}
    while len(found) < count:
        pair = sentence(rng)
        if pair[0] not in shown:
            found.setdefault(pair[0], pair)
    return list(found.values())


def numbered(words: list[str]) -> dict[str, int]:
    """Number the words from 1; 0 is padding."""
    return {word: number for number, word in enumerate(words, 1)}


ENGLISH = numbered(["the", *NOUNS, *ADJECTIVES, *VERBS, *ADVERBS, *JOINS])
FRENCH = numbered(
    [START, END, "le", "la", *(noun for _, noun in NOUNS.values()), *ADJECTIVES.values(), *VERBS.values(),
     *ADVERBS.values(), *JOINS.values()]
)  # fmt: skip


def arrays(pairs: list[Pair]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return source, decoder inputs (from START on) and targets (up to END), padded behind."""

    def padded(rows: list[list[int]], length: int) -> np.ndarray:
        return np.array([row + [0] * (length - len(row)) for row in rows])

    source = [[ENGLISH[word] for word in english] for english, _ in pairs]
    target = [[FRENCH[word] for word in (START, *french, END)] for _, french in pairs]
    return (
        padded(source, LONGEST),
        padded([row[:-1] for row in target], LONGEST + 1),
        padded([row[1:] for row in target], LONGEST + 1),
    )


def translator(both_directions: bool) -> tuple[keras.Model, keras.Model]:
    """Return a model that gives logits, and one over the same layers that gives the states H and S.

    tanh RNNs, dot scores, and the attentional state tanh(W_c [a_t; s_t] + b_c) before the output layer.
    """
    source, target = keras.Input((None,), dtype="int32"), keras.Input((None,), dtype="int32")
    words = layers.Embedding(len(ENGLISH) + 1, WIDTH, mask_zero=True)(source)
    if both_directions:  # each direction makes half of a state
        reader = layers.Bidirectional(layers.SimpleRNN(WIDTH // 2, return_sequences=True, return_state=True))
        H, forward, backward = reader(words)  # (B, T_k, d)
        last = layers.Concatenate()([forward, backward])
    else:
        H, last = layers.SimpleRNN(WIDTH, return_sequences=True, return_state=True)(words)
    written = layers.Embedding(len(FRENCH) + 1, WIDTH, mask_zero=True)(target)
    S = layers.SimpleRNN(WIDTH, return_sequences=True)(written, initial_state=last)  # (B, T_q, d)
    values = layers.Attention()([S, H])  # Keras's layer: dot scores, not scaled, padding masked
    states = layers.Dense(WIDTH, activation="tanh")(layers.Concatenate()([values, S]))
    logits = layers.Dense(len(FRENCH) + 1)(states)
    return keras.Model([source, target], logits), keras.Model([source, target], [H, S])


def translate(model: keras.Model, source: np.ndarray) -> np.ndarray:
    """Return the numbers of the words that the model writes, (B, LONGEST + 1), fed its own words."""
    written = np.zeros((len(source), LONGEST + 2), int)
    written[:, 0] = FRENCH[START]
    for t in range(LONGEST + 1):
        logits = np.asarray(model([source, written[:, : t + 1]]))
        written[:, t + 1] = logits[:, -1].argmax(axis=-1)
    return written[:, 1:]


def sentences_right(model: keras.Model, pairs: list[Pair]) -> float:
    """Return the share of sentences that the model translates without a mistake, END included."""
    source, _, targets = arrays(pairs)
    hits = (translate(model, source) == targets) | (targets == 0)
    return float(hits.all(axis=1).mean())


def trained(both_directions: bool) -> dict:
    """Train one translator; return its score, and its states and score for each sentence of the book."""
    keras.utils.set_random_seed(SEED)
    pairs = distinct_sentences(np.random.default_rng(SEED), SENTENCES + HELD_OUT)
    source, inputs, targets = arrays(pairs[HELD_OUT:])
    model, states = translator(both_directions)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0)
    model.compile(keras.optimizers.Adam(5e-3), loss)
    model.fit([source, inputs], targets, batch_size=128, epochs=EPOCHS, verbose=0)
    found: dict = {"parameters": model.count_params(), "held_out_right": sentences_right(model, pairs[:HELD_OUT])}
    for where, (english, french) in SHOWN.items():
        pair = (tuple(english.split()), tuple(french.split()))
        source, inputs, _ = arrays([pair])
        H, S = states([source[:, : len(pair[0])], inputs[:, : len(pair[1]) + 1]])  # without the padding
        rows = {name: np.round(np.asarray(array)[0].astype(float), 4).tolist() for name, array in (("H", H), ("S", S))}
        found[where] = {"translated_right": sentences_right(model, [pair]) == 1, **rows}
    return found


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m experiments.alignment",
        description="Train two small translators with dot-product attention on sentences from a grammar, one reading "
        "from left to right and one in both directions, and store their states for two sentences. Takes about a minute "
        "on two cores, without a GPU; other machines may give other digits.",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=BOOK_FILE,
        help=f"the file to write (default: {BOOK_FILE.relative_to(ROOT)}, which chapter 2 reads)",
    )
    return parser.parse_args(arguments)


def write(path: Path, found: dict) -> None:
    """Write the file, a line for each entry, so that a change can be read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [f" {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in found.items()]
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """Train both translators and write what the page reads."""
    args = parse(arguments)
    found = {
        "command": "python -m experiments.alignment",
        "settings": {"seed": SEED, "width": WIDTH, "sentences": SENTENCES, "held_out": HELD_OUT, "epochs": EPOCHS},
        "sentences": {where: {"english": e.split(), "french": [*f.split(), END]} for where, (e, f) in SHOWN.items()},
    }
    for name, both_directions in (("left_to_right", False), ("both_directions", True)):
        print(f"{name}: training, {EPOCHS} epochs of {SENTENCES} sentences ...", flush=True)
        found[name] = trained(both_directions)
        print(f"{name}: {found[name]['held_out_right']:.1%} of {HELD_OUT} new sentences without a mistake")
    write(args.out, found)
    print(f"Written to {args.out}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
