"""Commands and questions in English and French, drawn at random."""

from __future__ import annotations

import random

from experiments.speak import phrases, verbs
from experiments.speak.phrases import Phrase, put_together
from experiments.speak.statements import ASKS, DOT, OF_STATES, TENSES, Both, extras, french, is_, of_people
from experiments.speak.verbs import BE, Complement
from experiments.speak.words import ALL_NOUNS, ALL_VERBS, STATES, TAKES

WITH_WHAT = {base for base, kinds in TAKES.items() if "person" not in kinds} - {"need", "look"} | {"see"}
BEGINNINGS = {"where": "où est-ce que", "when": "quand est-ce que", "why": "pourquoi est-ce que"}
WHO = Phrase("who", "qui")


def command(rng: random.Random) -> Both:
    """Draw what one is told to do, or what we do."""
    base = rng.choice([base for base in ALL_VERBS if base not in {*STATES, "see", "find"}])
    kind = rng.random()
    what = verbs.complement(rng, base, kind < 0.25, tense="command")
    done = ALL_VERBS[base]
    please = Phrase("please", "s' il te plaît") if rng.random() < 0.2 else Phrase("", "")
    if kind < 0.25:
        both = Phrase(f"do not {base} {what.english}", f"ne {verbs.command_form(done)} pas {what.french}")
    elif kind < 0.5:
        both = Phrase(f"let's {base} {what.english}", f"{done.present[3]} {what.french}")
    else:
        both = Phrase(f"{base} {what.english}", f"{verbs.command_form(done)} {what.french}")
    both = Phrase(both.english.strip(), both.french.strip())
    first = kind > 0.5 and rng.random() < 0.5
    parts = [Phrase(please.english, ""), both, Phrase("", please.french)] if first else [both, please]
    return put_together([*parts, DOT])


def question(rng: random.Random) -> Both:
    """Draw a question: yes or no, who, what, where, when and why."""
    kind = rng.random()
    who = phrases.subject(rng)
    if kind < 0.15:
        return about_a_place(rng, who)
    if kind < 0.35:
        about, feels = of_people(rng, who)
        tense = rng.choice(["present", "present", "past"])
        return put_together([is_(who, about, tense, feels=feels, asked=True), ASKS])
    base = rng.choice(list(ALL_VERBS))
    tense = rng.choice(OF_STATES if base in STATES else TENSES)
    done = ALL_VERBS[base]
    if kind < 0.45:  # who is the subject
        what = verbs.complement(rng, base, tense=tense)
        helper, main = verbs.helper_and_main(done, WHO, tense, False)
        english = " ".join(filter(None, ["who", helper, main, what.english]))
        return put_together([Phrase(english, french(WHO, base, tense, what)), ASKS])
    helper, main = verbs.helper_and_main(done, who, tense, True)
    if kind < 0.57 and base in WITH_WHAT:  # what is the object
        both = Phrase(f"what {helper} {who.english} {main}", f"que est-ce que {french(who, base, tense, Complement())}")
        return put_together([both, ASKS])
    what = verbs.complement(rng, base, who=who.english, tense=tense)
    begins = rng.choice(list(BEGINNINGS)) if kind > 0.8 else ""
    both = Phrase(
        f"{begins} {helper} {who.english} {main} {what.english}".strip(),
        f"{BEGINNINGS.get(begins, 'est-ce que')} {french(who, base, tense, what)}",
    )
    return put_together([both, *([] if begins else extras(rng, tense, base)), ASKS])


def about_a_place(rng: random.Random, who: Phrase) -> Both:
    """Draw where or who somebody is."""
    if rng.random() < 0.4:
        who = phrases.noun_phrase(rng, rng.choice(ALL_NOUNS[rng.choice(list(ALL_NOUNS))]), known=True)
    am, form = ("am", "are", "is", "are", "are")[who.person], BE.present[who.person]
    of_somebody = who.kind in (*phrases.PEOPLE, "name") and rng.random() < 0.5
    word, asks = ("who", "qui") if of_somebody else ("where", "où")
    if who.kind == "pronoun":
        return Phrase(f"where {am} {who.english} ?", f"où est-ce que {who.french} {form} ?")
    return Phrase(f"{word} {am} {who.english} ?", f"{asks} {form} {who.french} ?")
