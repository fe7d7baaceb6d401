"""Who does it, and what to: subjects, objects, places and times in both languages, drawn at random."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import dataclass

from experiments.speak import words
from experiments.speak.french import PRECEDING, agreeing, determiner, partitive
from experiments.speak.words import ALL_NOUNS, NAMES, Noun

ADJECTIVES = dict(words.pairs(f"{words.BEFORE}, {words.BEHIND}, {words.OF_FOOD}, {words.OF_PEOPLE}"))
FITS = {  # what can be said of each kind of thing
    "friend": "good old young new", "person": "old young small tall beautiful rich poor strong kind",
    "animal": "old young small big beautiful white black",
    "food": "good bad small big red green expensive", "eaten": "good bad expensive cold hot",
    "drink": "good bad cold hot", "opens": "big small old new red white",
    "text": "good bad new old interesting red small", "film": "good bad new old interesting beautiful",
    "thing": "good new old small big red white black green blue expensive beautiful",
}  # fmt: skip
PEOPLE = ("person", "friend", "family")
OWNERS = ("my", "your", "his", "her", "our", "their")
PRONOUNS = {"i": "je", "you": "tu", "he": "il", "she": "elle", "we": "nous", "they": "ils"}
PLACES = words.pairs(words.GOES_TO)
ROOMS = words.pairs(words.STANDS_IN)


@dataclass(frozen=True)
class Phrase:
    """Words in both languages, with the gender, number and person that others agree with."""

    english: str
    french: str
    gender: str = "m"
    many: bool = False
    person: int = 2
    kind: str = ""


def subject(rng: random.Random) -> Phrase:
    """Draw somebody."""
    kind = rng.random()
    if kind < 0.5:
        english = rng.choice(list(PRONOUNS))
        person = {"i": 0, "you": 1, "we": 3, "they": 4}.get(english, 2)
        return Phrase(english, PRONOUNS[english], "f" if english == "she" else "m", person > 2, person, "pronoun")
    if kind < 0.72:
        return name(rng.choice(list(NAMES)))
    if kind < 0.77:
        one, other = map(name, rng.sample(list(NAMES), 2))
        gender = "f" if one.gender == other.gender == "f" else "m"
        return Phrase(f"{one.english} and {other.english}", f"{one.french} et {other.french}", gender, True, 4, "name")
    return somebody(rng, "animal" if kind < 0.82 else rng.choice(PEOPLE))


def name(english: str) -> Phrase:
    """Return somebody with a name."""
    return Phrase(english, *NAMES[english], kind="name")


def somebody(rng: random.Random, kind: str) -> Phrase:
    """Draw a person or an animal that is known, or several."""
    return noun_phrase(rng, rng.choice(ALL_NOUNS[kind]), known=True)


def noun_phrase(
    rng: random.Random,
    noun: Noun,
    *,
    known: bool = False,
    general: bool = False,
    negated: bool = False,
    of: bool = False,
) -> Phrase:
    """Draw a noun with its words: `known` ones are not "a dog", French has `general` ones with their article.

    Under a negation French says "de" in place of "un", "des", "du"; and behind "besoin de" only "un" stays.
    """
    many = bool(noun.many) and rng.random() < 0.22
    article = owner(rng) if noun.kind == "family" else rng.choice(choices(noun, many, known))
    fitting = FITS.get(noun.kind, "").split()
    word = rng.choice(fitting) if fitting and rng.random() < 0.18 else ""
    return dressed(noun, many, article, word, general=general, negated=negated, of=of)


def owner(rng: random.Random) -> str:
    """Draw whose it is."""
    return f"{rng.choice(list(NAMES))}'s" if rng.random() < 0.2 else rng.choice(OWNERS)


def choices(noun: Noun, many: bool, known: bool) -> list[str]:
    """Return what may stand before a noun, the frequent more than once."""
    found = ["the"] * 8 + (["these"] * 2 if many else ["this"] * 3)
    found += [] if noun.kind == "person" else [*OWNERS, "tom's", "mary's"]
    return found if known else found + ([""] * 8 if many or not noun.many else ["a"] * 8)


def dressed(
    noun: Noun, many: bool, article: str, word: str, *, general: bool = False, negated: bool = False, of: bool = False
) -> Phrase:
    """Return a noun with its article and an adjective."""
    french = noun.french_many if many else noun.french
    early = word and ADJECTIVES[word] in PRECEDING
    if word:
        form = agreeing(ADJECTIVES[word], noun.gender, many, french if early else "")
        french = f"{form} {french}" if early else f"{french} {form}"
    english = " ".join(filter(None, [article, word, noun.many if many else noun.one]))
    behind = ""
    if article.endswith("'s"):
        article, behind = "the", f" de {NAMES[article[:-2]][0]}"
    if article == "" and of:
        before = ""
    elif article in ("", "a") and negated and not general and not of:
        before = "de"
    elif article == "" and general:
        before = determiner("the", noun.gender, many, french)
    elif article == "":
        before = ("de" if early else "des") if many else partitive(noun.gender, french)
    else:
        before = determiner(article, noun.gender, many, french)
    person = 4 if many else 2
    return Phrase(english, f"{before} {french}{behind}".strip(), noun.gender, many, person, noun.kind)


def place(rng: random.Random, to: bool = False) -> Phrase:
    """Draw where somebody is or, with `to`, goes."""
    kind = rng.random()
    if kind < 0.25:
        city = rng.choice(list(words.CITIES))
        return Phrase(f"{'to' if to else 'in'} {city}", f"à {words.CITIES[city]}")
    if kind < 0.5 and not to:
        english, french = rng.choice(ROOMS)
        return Phrase(f"in {english}", f"dans {french}")
    english, french = rng.choice(PLACES)
    return Phrase(f"{'to' if to else 'at'} {english}", f"à {french}")


def company(rng: random.Random) -> Phrase:
    """Draw with whom."""
    if rng.random() < 0.35:
        english = rng.choice(list(words.WITH))
        return Phrase(f"with {english}", f"avec {words.WITH[english]}")
    who = name(rng.choice(list(NAMES))) if rng.random() < 0.5 else somebody(rng, rng.choice(PEOPLE))
    return Phrase(f"with {who.english}", f"avec {who.french}")


def time(rng: random.Random, tense: str) -> Phrase:
    """Draw when, as it fits a tense."""
    english, french = rng.choice(words.pairs(words.TIMES[tense]))
    return Phrase(english, french)


def put_together(parts: Iterable[Phrase]) -> Phrase:
    """Return phrases one behind the other."""
    parts = list(parts)
    return Phrase(" ".join(p.english for p in parts if p.english), " ".join(p.french for p in parts if p.french))
