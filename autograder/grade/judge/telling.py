"""Finds in a diagnosis the sentence that says what is wrong, for a table with room for one."""

from __future__ import annotations

import re
from collections.abc import Iterator

END = re.compile(r"[.?!][)”]?\s+")
ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|cf|vs|etc|approx|resp)\.\s*$", re.IGNORECASE)
PAIRS = (("(", ")"), ("[", "]"), ("{", "}"), ("“", "”"))
LEADS_IN = re.compile(  # sentences that stand before the one that is looked for
    r"All is right while .*"
    r"|(?!.*\bbut\b).*\b(?:is|are) right(?: now)?(?:, so .*)?\."
)
SEVERAL = re.compile(r"These \d+ mistakes give the same numbers here: ")
FRESH = "Right on the example that came with the notebook, but not on other numbers of the same kind."
DIFFERS = re.compile(r"\S+(?:\[.*\])?(?:: | is | has shape | holds ).*")  # how, where no known mistake explains it
SAYS_WHERE = re.compile(r"(?:On the case “.*”: )?Your function stopped on the case .*|The check stopped before .*")
MOST_LETTERS = 160


def the_point(diagnosis: str) -> str:
    """Return the sentence of a diagnosis that says what is wrong, without its full stop."""
    every = [SEVERAL.sub("", one) for one in sentences(diagnosis)]
    telling = [one for one in every if not LEADS_IN.fullmatch(one)] or every
    if len(telling) > 1 and telling[0] == FRESH and not DIFFERS.fullmatch(telling[1]):
        telling = telling[1:]  # the known mistake says more
    if len(telling) > 1 and SAYS_WHERE.fullmatch(telling[0]) and telling[1].startswith("Python said: "):
        telling = telling[1:]
    return shortened(telling[0]) if telling else ""


def sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a text; a full stop in brackets, in quotes or of an abbreviation ends none."""
    start = 0
    for found in END.finditer(text):
        one = text[start : found.end()].strip()
        if is_whole(one):
            yield one
            start = found.end()
    if text[start:].strip():
        yield text[start:].strip()


def is_whole(text: str) -> bool:
    """Say whether nothing that a text has opened is still open at its end."""
    closed = all(text.count(first) == text.count(last) for first, last in PAIRS) and text.count("`") % 2 == 0
    return closed and not ABBREVIATION.search(text)


def shortened(sentence: str) -> str:
    """Return a sentence that fits into a table, cut between two words where it is longer."""
    sentence = sentence.rstrip(".")
    if len(sentence) <= MOST_LETTERS:
        return sentence
    return f"{sentence[:MOST_LETTERS].rpartition(' ')[0] or sentence[:MOST_LETTERS]} …"
