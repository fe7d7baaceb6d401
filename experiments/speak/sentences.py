"""Sentences of a small language in English and French, drawn by a grammar from the words of words.py.

Nothing of this grammar is told to the model: it sees pairs of sentences.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from itertools import islice

from experiments.chat.pairs import Pair, Pairs
from experiments.speak import phrases, verbs, words
from experiments.speak.french import agreeing, joined
from experiments.speak.phrases import FITS, Phrase, put_together
from experiments.speak.verbs import BE, HAVE, Complement
from experiments.speak.words import ALL_NOUNS, ALL_VERBS, NAMES, STATES, TAKES

SOURCE = "sentences drawn by experiments/speak/sentences.py, written for this project"
LICENCE = "CC BY 4.0, the authors of this repository"
TENSES = ["present"] * 4 + ["past"] * 3 + ["future"] * 2 + ["going", "progressive", "progressive"]
TENSES += ["want"] * 3 + ["can"] * 2 + ["must", "have", "like"]
OF_STATES = ["present"] * 4 + ["past"] * 2 + ["future"]
WITH_WHAT = {base for base, kinds in TAKES.items() if "person" not in kinds} - {"need", "look"} | {"see"}
OFTEN = 6  # what is said as a whole is shown so often, for nothing else teaches it
LONGEST = 14  # words and marks
BEGINNINGS = {"where": "où est-ce que", "when": "quand est-ce que", "why": "pourquoi est-ce que"}
JOINS = {"and": "et", "but": "mais", "because": "parce que"}
SHORT = {  # what is often written in one
    "do not": "don't", "does not": "doesn't", "did not": "didn't", "is not": "isn't", "are not": "aren't",
    "was not": "wasn't", "were not": "weren't", "will not": "won't", "must not": "mustn't", "can not": "can't",
    "i am": "i'm", "you are": "you're", "he is": "he's", "she is": "she's", "we are": "we're", "they are": "they're",
    "i will": "i'll", "we will": "we'll",
}  # fmt: skip
GREETINGS = {"hello": "bonjour", "good morning": "bonjour", "hi": "salut", "goodbye": "au revoir", "thank you": "merci"}
MARKS = re.compile(r" ?([?.!,])")
Both = Phrase  # a sentence in both languages


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
        both = put_together([statement(rng, True), Phrase(joint, JOINS[joint]), statement(rng, True), Phrase(".", ".")])
    elif kind < 0.66:
        both = put_together([statement(rng), Phrase(".", ".")])
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


# ---------------------------------------------------------------- statements
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


DOT, ASKS = Phrase(".", "."), Phrase("?", "?")


# ---------------------------------------------------------------- commands and questions
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


WHO = Phrase("who", "qui")
