"""Words that look around (chapter 4): a sentence of the reader's own, each word the count of its letters.

Nothing is trained and nothing is random, so that every weight can be checked by hand: the dot product of two words is
the number of pairs of equal letters, one from each.
"""

from __future__ import annotations

import unicodedata

import numpy as np

from autograder.course.steps import softmax
from figures.drawing import lines
from figures.markup import Figure, checkbox, number, percent, slider, table, text_field

SENTENCE = "slow but steady wins the race"
MOST, LONGEST = 10, 16  # words of a sentence, letters of a word
TITLE = "Try it: words that look for their letters"
SENTENCES = {
    "says": "{count} words, {width} different letters: scores are divided by {divisor}. “{word}” scores {score} with "
    "itself. It looks most at “{best}” ({share}), then at “{second}” ({second_share}).",
    "alone": "One word looks at itself: its weight is 1 whatever the score, {score}.",
    "empty": "Write a word or two.",
}


def words_of(sentence: str) -> list[str]:
    """Return the words that the figure shows: the first ten, cut where they are longer than a line."""
    return [word[:LONGEST] for word in sentence.split() if letters_of(word)][:MOST]


def letters_of(word: str) -> list[str]:
    """Return the letters of a word without accents; a Korean syllable has two or three."""
    return [letter for letter in unicodedata.normalize("NFD", word.lower()) if letter.isalpha()]


def vectors(words: list[str]) -> np.ndarray:
    """Return how often each letter of the sentence occurs in each word, (T, d)."""
    alphabet = sorted({letter for word in words for letter in letters_of(word)})
    return np.array([[letters_of(word).count(letter) for letter in alphabet] for word in words])


def figure(asks: int = 2) -> Figure:
    """Return the figure for the sentence of the page, scaled, temperature 1."""
    words = words_of(SENTENCE)
    X = vectors(words)
    divisor = np.sqrt(X.shape[1])
    scores = X @ X[asks]
    weights = softmax(scores / divisor)
    best, second = np.argsort(-weights, kind="stable")[:2]
    return Figure(
        title=TITLE,
        script="words",
        needs=("lines", "fit"),
        data={"most": MOST, "longest": LONGEST},
        controls=text_field("sentence", "Your sentence", SENTENCE, 120)
        + checkbox("scaled", "divide by √d<sub>k</sub>", checked=True)
        + slider("softness", "temperature", 0.25, 4, 1, "1.00", step=0.25),
        view=lines("word", "The word that asks", words, words, asks, weights.tolist(), [f"{w:.2f}" for w in weights]),
        handled=True,
        says=SENTENCES["says"].format(
            count=len(words),
            width=X.shape[1],
            divisor=number(divisor, 2),
            word=words[asks],
            score=scores[asks],
            best=words[best],
            share=percent(weights[best]),
            second=words[second],
            second_share=percent(weights[second]),
        ),
        facts=maps(words, X),
        about="All numbers of the page’s sentence as tables",
        sentences=SENTENCES,
    )


def maps(words: list[str], X: np.ndarray) -> str:
    """Return the scores of all pairs, and their weights with and without the scale."""
    scores = X @ X.T
    tables = [("Scores: pairs of equal letters", scores, 0)]
    tables += [
        ("Weights, not scaled", softmax(scores), 2),
        ("Weights, scaled", softmax(scores / np.sqrt(X.shape[1])), 2),
    ]
    return "".join(
        table(
            caption,
            ["word", *words],
            [[word, *(number(x, digits) for x in row)] for word, row in zip(words, map_, strict=True)],
        )
        for caption, map_, digits in tables
    )
