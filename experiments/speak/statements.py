"""Statements in English and French, drawn at random: what somebody does, how something is, what there is."""

from __future__ import annotations

import random

from experiments.speak import phrases, verbs, words
from experiments.speak.french import agreeing
from experiments.speak.phrases import FITS, Phrase, put_together
from experiments.speak.verbs import BE, HAVE, Complement
from experiments.speak.words import ALL_NOUNS, ALL_VERBS, STATES, TAKES

TENSES = ["present"] * 4 + ["past"] * 3 + ["future"] * 2 + ["going", "progressive", "progressive"]
TENSES += ["want"] * 3 + ["can"] * 2 + ["must", "have", "like"]
OF_STATES = ["present"] * 4 + ["past"] * 2 + ["future"]
DOT, ASKS = Phrase(".", "."), Phrase("?", "?")
Both = Phrase  # a sentence in both languages


def statement(rng: random.Random, short: bool = False) -> Both:
    """Draw what somebody does or is; `short` without when and where."""
    kind, negated = rng.random(), rng.random() < 0.2
    if kind < 0.28:
        return being(rng, negated)
    who, base = phrases.subject(rng), rng.choice(list(ALL_VERBS))
    tense = rng.choice(OF_STATES if base in STATES else TENSES)
    negated = negated and tense != "have"  # who does not have to may
    never = not negated and tense in ("present", "past") and rng.random() < 0.06
    adverb = rng.choice(list(verbs.ADVERBS)) if tense == "present" and not never and rng.random() < 0.1 else ""
    what = verbs.complement(rng, base, negated or never, who.english, tense)
    helper, main = verbs.helper_and_main(ALL_VERBS[base], who, tense, negated)
    english = [who.english, helper, "not" * negated, "never" * never, adverb, main, what.english]
    no = "jamais" if never else "pas" * negated
    parts = [Phrase(" ".join(filter(None, english)), french(who, base, tense, what, no, adverb))]
    return put_together([*parts, *([] if short or never or adverb else extras(rng, tense, base))])


def french(who: Phrase, base: str, tense: str, what: Complement, no: str = "", adverb: str = "") -> str:
    """Return the French of who does what, without when and where."""
    done = verbs.ALL_VERBS[base]
    changes, follows = verbs.changing(done, who, tense)
    early = what.pronoun if tense not in verbs.MODALS else ""
    late = what.pronoun if tense in verbs.MODALS else ""
    found = [who.french, "ne" * bool(no), early, changes, no, verbs.ADVERBS.get(adverb, ""), late, follows, what.french]
    return " ".join(filter(None, found))


def extras(rng: random.Random, tense: str, base: str = "") -> list[Phrase]:
    """Draw with whom, where and when, each seldom."""
    found = []
    if base not in STATES and rng.random() < 0.12:
        found.append(phrases.company(rng))
    if base in TAKES and base not in STATES and rng.random() < 0.12:
        found.append(phrases.place(rng))
    if rng.random() < 0.25:
        found.append(phrases.time(rng, verbs.TIME_OF.get(tense, "present")))
    return found


def being(rng: random.Random, negated: bool) -> Both:
    """Draw how or where somebody or something is."""
    tense = rng.choice(["present"] * 4 + ["past", "past", "future"])
    when = phrases.time(rng, "state" if tense == "present" else tense) if rng.random() < 0.2 else None
    if rng.random() < 0.35:
        kind = rng.choice(["thing", "text", "film", "food", "drink", "eaten", "opens"])
        who = phrases.noun_phrase(rng, rng.choice(ALL_NOUNS[kind]), known=True)
        about = quality(rng, who, FITS[kind].split()) if rng.random() < 0.7 else phrases.place(rng)
        return is_(who, about, tense, negated, when=when)
    who = phrases.subject(rng)
    about, feels = of_people(rng, who)
    return is_(who, about, tense, negated, feels, when=when)


def of_people(rng: random.Random, who: Phrase) -> tuple[Phrase, bool]:
    """Draw what is said of somebody, and whether French has it (a hunger)."""
    kind = rng.random()
    if kind < 0.15:
        return Phrase(*rng.choice(list(words.FEELINGS.items()))), True
    if kind < 0.4:
        return phrases.place(rng), False
    return quality(rng, who, [english for english, _ in words.pairs(words.OF_PEOPLE)]), False


def quality(rng: random.Random, who: Phrase, fitting: list[str]) -> Phrase:
    """Draw an adjective that agrees, perhaps with very or too."""
    word = rng.choice(fitting)
    much = rng.choice(["very", "too"]) if rng.random() < 0.2 and word not in ("ready", "late", "alone") else ""
    form = agreeing(phrases.ADJECTIVES[word], who.gender, who.many)
    return Phrase(f"{much} {word}".strip(), f"{ {'very': 'très', 'too': 'trop'}.get(much, '') } {form}".strip())


def is_(
    who: Phrase,
    about: Phrase,
    tense: str,
    negated: bool = False,
    feels: bool = False,
    when: Phrase | None = None,
    asked: bool = False,
) -> Both:
    """Return that somebody is something; what one `feels`, French has."""
    done = HAVE if feels else BE
    am = ("am", "are", "is", "are", "are")[who.person]
    was = "were" if who.person in (1, 3, 4) else "was"
    helper, main = {"present": (am, ""), "past": (was, ""), "future": ("will", "be")}[tense]
    forms = {"present": done.present, "past": verbs.imperfect(done), "future": verbs.GO.present}[tense]
    follows = done.infinitive if tense == "future" else ""
    first = [helper, who.english] if asked else [who.english, helper]
    english = [*first, "not" * negated, main, about.english, when.english if when else ""]
    begins = "est-ce que" if asked else ""
    found = [begins, who.french, "ne" * negated, forms[who.person], "pas" * negated, follows, about.french]
    return Phrase(" ".join(filter(None, english)), " ".join(filter(None, [*found, when.french if when else ""])))


def pointed_at(rng: random.Random) -> Both:
    """Draw what there is, or what this is."""
    noun = rng.choice(ALL_NOUNS[rng.choice([kind for kind in ALL_NOUNS if kind != "family"])])
    if rng.random() < 0.5:
        thing = phrases.noun_phrase(rng, noun)
        shows = Phrase("these are", "ce sont") if thing.many else Phrase("this is", "c' est")
        return put_together([shows, thing, DOT])
    negated = rng.random() < 0.2
    many = bool(noun.many) and rng.random() < 0.3
    article = "" if many or not noun.many else "a"
    thing = phrases.dressed(noun, many, article, "", negated=negated)
    there = f"there {'are' if many else 'is'}{' not' * negated}"
    return put_together([Phrase(there, "il n' y a pas" if negated else "il y a"), thing, phrases.place(rng), DOT])
