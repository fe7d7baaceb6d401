"""Tokens and fingerprints of code, so that texts can be compared whatever their names, comments and blanks.

Fingerprints are chosen by winnowing (Schleimer, Wilkerson and Aiken, "Winnowing: Local Algorithms for Document
Fingerprinting", SIGMOD 2003, https://doi.org/10.1145/872757.872770): of each few passages in a row, the one with
the smallest hash. Two texts that share WINDOW + length - 1 tokens in a row share a fingerprint.

The library copydetect (MIT, https://github.com/blingenf/copydetect, last release in March 2024) compares whole files,
each with each other one, and knows no rule for passages that much of a class shares. The few lines that could be
taken from it are these.
"""

from __future__ import annotations

import builtins
import keyword
import re
import zlib
from functools import lru_cache

SHORT, LONG = 10, 24  # tokens of a passage: about one statement, about three
WINDOW = 6  # passages of which one is kept
MOST_CODE = 10_000  # characters of one cell that are read
NAME = "name"
# A string that does not end goes on to the end of the line or text: so no text is read many times over.
QUOTED = r"\"\"\"(?s:.*?)(?:\"\"\"|\Z)|'''(?s:.*?)(?:'''|\Z)|\"(?:[^\"\\\n]|\\.)*\"?|'(?:[^'\\\n]|\\.)*'?"
TOKEN = re.compile(
    rf"(?P<comment>\#[^\n]*)|(?P<string>(?:\b[rbfuRBFU]{{1,2}})?(?:{QUOTED}))|(?P<word>\w+)|(?P<sign>[^\w\s\\])|(?P<line>\n\s*)"
)
KEPT = {*keyword.kwlist, *dir(builtins)}  # all other names can be changed at will


@lru_cache(maxsize=2000)  # many learners write the same short text, and the stub is everybody's
def tokens(code: str) -> tuple[str, ...]:
    """Return the tokens of code without comments, docstrings and blanks; names that a learner chose are all alike.

    What follows a dot stays (`.sum`, `np.einsum`), except for attributes of `self`. Any text has tokens, be it
    Python or not.
    """
    found: list[str] = []
    owner, before, new_line = "", "", True
    for match in TOKEN.finditer(code[:MOST_CODE]):
        kind, text = match.lastgroup, match[0]
        if kind in ("comment", "line"):
            new_line = new_line or kind == "line"
            continue
        if kind == "string" and new_line and text.endswith(('"""', "'''")):
            continue  # a docstring
        of_a_library = before == "." and owner != "self"
        found.append(NAME if kind == "word" and is_chosen(text) and not of_a_library else text)
        owner, before, new_line = (owner if text == "." else text), text, False
    return tuple(found)


def is_chosen(word: str) -> bool:
    """Say whether a word is a name that its writer chose."""
    return word not in KEPT and not word[0].isdigit()


def passages(words: tuple[str, ...], length: int) -> list[int]:
    """Return the hash of each passage of a length; the same in every process."""
    starts = range(len(words) - length + 1)
    return [zlib.crc32(" ".join(words[i : i + length]).encode("utf-8", "replace")) for i in starts]


def winnowed(hashes: list[int]) -> set[int]:
    """Return the smallest of each WINDOW hashes in a row; of all where there are fewer."""
    return {min(hashes[i : i + WINDOW]) for i in range(max(1, len(hashes) - WINDOW + 1)) if hashes}
