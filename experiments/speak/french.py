"""French as it is written: what words do to their neighbours, and which form of a word a noun asks for."""

from __future__ import annotations

from collections.abc import Sequence

from experiments.speak.words import adjective

VOWELS = "aeiouyâàéèêîôûœh"  # the h of these words is mute
ELIDED = {"je", "ne", "me", "te", "le", "la", "de", "que"}
CONTRACTED = {("à", "le"): "au", ("à", "les"): "aux", ("de", "le"): "du", ("de", "les"): "des"}
PRECEDING = {"grand", "petit", "vieux", "jeune", "beau", "nouveau", "bon", "mauvais"}
DETERMINERS = {  # of a masculine noun, of a feminine one, of several; then the first two before a vowel, if others
    "a": "un une des", "the": "le la les", "my": "mon ma mes mon mon", "your": "ton ta tes ton ton",
    "his": "son sa ses son son", "her": "son sa ses son son", "our": "notre notre nos", "their": "leur leur leurs",
    "this": "ce cette ces cet cette", "these": "ce cette ces",
}  # fmt: skip


def vowel(word: str) -> bool:
    """Say whether a word begins with a vowel, to the ear."""
    return word[0].lower() in VOWELS


def joined(words: Sequence[str]) -> list[str]:
    """Return words as they stand side by side: j' aime, l' école, au marché, du pain."""
    words = [part for word in words for part in word.split()]
    found: list[str] = []
    for word, after in zip(words, [*words[1:], ""], strict=True):
        if after and word in ELIDED and vowel(after):
            found.append(word[:-1] + "'")
        elif found and (found[-1], word) in CONTRACTED:
            found[-1] = CONTRACTED[found[-1], word]
        else:
            found.append(word)
    return found


def agreeing(word: str, gender: str, many: bool, before: str = "") -> str:
    """Return the form of an adjective for a noun; `before` is the word that it stands before."""
    forms = adjective(word)
    return forms[gender + "s" * many] if many or gender == "f" or not (before and vowel(before)) else forms["v"]


def determiner(english: str, gender: str, many: bool, before: str) -> str:
    """Return the French of a determiner before a word."""
    masculine, feminine, several, *others = DETERMINERS[english].split()
    if others and vowel(before):
        masculine, feminine = others
    return several if many else feminine if gender == "f" else masculine


def partitive(gender: str, before: str) -> str:
    """Return how French says some of what is not counted."""
    return "de l'" if vowel(before) else "de la" if gender == "f" else "du"


def participle(word: str, gender: str, many: bool) -> str:
    """Return a participle that agrees."""
    return word + "e" * (gender == "f") + "s" * (many and not word.endswith("s"))
