"""What somebody does, in both languages: verbs in their tenses, and what they are done to."""

from __future__ import annotations

import random
from dataclasses import dataclass

from experiments.speak import phrases, words
from experiments.speak.french import participle
from experiments.speak.phrases import Phrase
from experiments.speak.words import ALL_VERBS, NAMES, OBJECT, PHRASES, STATES, TAKES, Verb, verb

BE = verb("be is was being", words.BE)
HAVE = ALL_VERBS["have"]
GO = ALL_VERBS["go"]
MODALS = {"want": ALL_VERBS["want"], "like": ALL_VERBS["like"], "can": verb("can can could -", words.CAN)}
MODALS |= {"must": verb("must must must -", words.MUST), "have": verb("have has had -", words.MUST)}
MODALS |= {"future": GO, "going": GO}
PARTICLES = {"look": "for", "wait": "for", "listen": "to"}
ITSELF = {"i": "me", "you": "you", "we": "us"}  # French needs another word for these: not for this language
PLACED = {"live", "arrive", "stay", "go", "work", "come"}
ADVERBS = {"often": "souvent", "always": "toujours"}
TIME_OF = {"past": "past", "future": "future", "going": "future"}  # all others: the present


@dataclass(frozen=True)
class Complement:
    """What follows a verb; a French pronoun comes before it."""

    english: str = ""
    french: str = ""
    pronoun: str = ""


def complement(rng: random.Random, base: str, negated: bool = False, who: str = "", tense: str = "") -> Complement:
    """Draw what a verb is done to, or where; a pronoun is not the subject, and none stands in the past."""
    if base in PLACED and (base not in PHRASES or rng.random() < 0.75):
        where = phrases.place(rng, to=base in ("go", "come"))
        return Complement(where.english, where.french)
    options = TAKES.get(base, "").split()
    if base in PHRASES and (not options or rng.random() < 0.25):
        return Complement(*rng.choice(PHRASES[base]))
    kind = rng.choice([one for one in options if one != "pronoun" or tense not in ("past", "command")])
    particle = PARTICLES.get(base, "")
    if kind == "pronoun":
        english = rng.choice([pronoun for pronoun in OBJECT if pronoun != ITSELF.get(who)])
        return Complement(f"{particle} {english}".strip(), "", OBJECT[english])
    found = phrases.name(rng.choice(list(NAMES))) if kind == "name" else thing(rng, base, kind, negated)
    parts = [Phrase(particle, "besoin de" if base == "need" else ""), found]
    parts += [to_whom(rng)] if base in ("give", "show") else []
    whole = phrases.put_together(parts)
    return Complement(whole.english, whole.french)


def thing(rng: random.Random, base: str, kind: str, negated: bool) -> Phrase:
    """Draw somebody or something that a verb is done to."""
    noun = rng.choice(words.ALL_NOUNS[rng.choice(["person", "friend"]) if kind == "person" else kind])
    if base == "have" and kind == "family":
        return phrases.dressed(noun, False, "a" if noun.many else "my", "", negated=negated)
    return phrases.noun_phrase(rng, noun, general=base in ("like", "love"), negated=negated, of=base == "need")


def to_whom(rng: random.Random) -> Phrase:
    """Draw who gets it."""
    who = phrases.name(rng.choice(list(NAMES))) if rng.random() < 0.5 else phrases.somebody(rng, "person")
    return Phrase(f"to {who.english}", f"à {who.french}")


def helper_and_main(done: Verb, who: Phrase, tense: str, helped: bool) -> tuple[str, str]:
    """Return the English words of a verb; `helped` where "not" or a question asks for a helper."""
    third = who.person == 2
    am = ("am", "are", "is", "are", "are")[who.person]
    simple = {"want": "want to", "like": "like to", "have": "have to"}
    if tense in simple or tense == "present":
        if helped:
            return "does" if third else "do", f"{simple.get(tense, '')} {done.base}".strip()
        if tense == "present":
            return "", done.third if third else done.base
        return "", f"{MODALS[tense].third if third else MODALS[tense].base} to {done.base}"
    return {
        "past": ("did", done.base) if helped else ("", done.past),
        "future": ("will", done.base),
        "going": (am, f"going to {done.base}"),
        "progressive": (am, done.ing),
        "can": ("can", done.base),
        "must": ("must", done.base),
    }[tense]


def changing(done: Verb, who: Phrase, tense: str) -> tuple[str, str]:
    """Return the French word that changes with the subject, and the infinitive or participle that follows."""
    if tense in MODALS:
        return MODALS[tense].present[who.person], done.infinitive
    if tense == "past" and done.base in {*STATES, "be"}:
        return imperfect(done)[who.person], ""
    if tense == "past" and done.with_etre:
        return BE.present[who.person], participle(done.participle, who.gender, who.many)
    if tense == "past":
        return HAVE.present[who.person], done.participle
    return done.present[who.person], ""


def imperfect(done: Verb) -> list[str]:
    """Return the forms of what was going on: from that of nous, but for être."""
    stem = "ét" if done.base == "be" else done.present[3].removesuffix("ons")
    return [stem + end for end in ("ais", "ais", "ait", "ions", "aient")]


def command_form(done: Verb) -> str:
    """Return the French command to one."""
    you = done.present[1]
    return you.removesuffix("s") if done.infinitive.endswith("er") or done.base == "open" else you
