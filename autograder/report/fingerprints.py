"""Statements and fingerprints of code, so that texts can be compared whatever their names, order, comments and blanks.

A text is read as its statements, each a row of normalised tokens. What is compared is passages of tokens that lie in
one statement, k-grams as of MOSS (Schleimer, Wilkerson and Aiken, "Winnowing: Local Algorithms for Document
Fingerprinting", SIGMOD 2003, https://doi.org/10.1145/872757.872770): none lies across two statements, so that whoever
puts statements or functions into another order changes none. The answer to a task has a few hundred tokens, so all
passages are kept, and none has to be chosen by winnowing.

The library copydetect (MIT, https://github.com/blingenf/copydetect, last release in March 2024) compares whole files,
each with each other one, and knows no rule for passages that much of a class shares. The few lines that could be
taken from it are these.
"""

from __future__ import annotations

import builtins
import keyword
import re
import zlib
from collections.abc import Iterator
from functools import lru_cache

SHORT = 10  # tokens of a passage: about one short statement
MOST_CODE = 10_000  # characters of one cell that are read
NAME, END = "name", "\n"
OPENING, CLOSING = ("(", "[", "{"), (")", "]", "}")
# A string that does not end goes on to the end of the line or text: so no text is read many times over.
QUOTED = r"\"\"\"(?s:.*?)(?:\"\"\"|\Z)|'''(?s:.*?)(?:'''|\Z)|\"(?:[^\"\\\n]|\\.)*\"?|'(?:[^'\\\n]|\\.)*'?"
TOKEN = re.compile(
    rf"(?P<joined>\\\n)|(?P<comment>\#[^\n]*)|(?P<string>(?:\b[rbfuRBFU]{{1,2}})?(?:{QUOTED}))|(?P<word>\w+)|(?P<sign>[^\w\s\\])|(?P<line>\n\s*)"
)
# What follows the colon of these is a statement of its own, on the same line or on the next.
HEADS = {"if", "elif", "else", "for", "while", "def", "class", "with", "try", "except", "finally"}
KEPT = {*keyword.kwlist, *dir(builtins)}  # all other names can be changed at will


@lru_cache(maxsize=2000)  # many learners write the same short text, and the stub is everybody's
def statements(code: str) -> tuple[tuple[str, ...], ...]:
    """Return the statements of code, each as its tokens.

    A statement ends with its line, unless a bracket is open, with `;`, and after the colon of its head. Brackets that
    only group are left out, and commas at the end of a list. Any text has statements, be it Python or not.
    """
    found: list[tuple[str, ...]] = []
    row: list[str] = []
    grouping: list[bool] = []  # for each open bracket whether it is dropped, for it only groups
    for token in [*tokens_and_lines(code[:MOST_CODE]), END]:
        if token in OPENING:
            grouping.append(token == "(" and not is_called(row))
        if token in CLOSING and row[-1:] == [","]:
            row.pop()
        dropped = (token in OPENING and grouping[-1]) or (token in CLOSING and bool(grouping) and grouping.pop())
        if not (dropped or token in (END, ";")):
            row.append(token)
        head = token == ":" and not grouping and row[0] in HEADS
        if row and (head or token == ";" or (token == END and not grouping)):
            found.append(tuple(row))
            row, grouping = [], []
    return (*found, tuple(row)) if row else tuple(found)


def is_called(row: list[str]) -> bool:
    """Say whether a round bracket behind these tokens belongs to what stands before it."""
    return bool(row) and (row[-1] in CLOSING or (row[-1].isidentifier() and not keyword.iskeyword(row[-1])))


def tokens_and_lines(code: str) -> Iterator[str]:
    """Yield the tokens of code without comments, docstrings and blanks, and END for each end of a line.

    Names that a learner chose are all alike, and so are both kinds of quotes; what follows a dot stays (`.sum`,
    `np.einsum`), except for attributes of `self`.
    """
    owner, before = "", END
    for match in TOKEN.finditer(code):
        kind, text = match.lastgroup, match[0]
        if kind == "line" and before != END:
            before = END
            yield END
        if kind in ("comment", "joined", "line") or (
            kind == "string" and before == END and text.endswith(('"""', "'''"))
        ):
            continue  # such a string is a docstring
        of_a_library = before == "." and owner != "self"
        shown = text.replace('"', "'") if kind == "string" else text
        yield NAME if kind == "word" and is_chosen(text) and not of_a_library else shown
        owner, before = (owner if text == "." else text), text


def tokens(code: str) -> tuple[str, ...]:
    """Return the tokens of all statements in a row."""
    return tuple(token for row in statements(code) for token in row)


def is_chosen(word: str) -> bool:
    """Say whether a word is a name that its writer chose."""
    return word not in KEPT and not word[0].isdigit()


def passages(row: tuple[str, ...]) -> list[int]:
    """Return the hash of each passage of a statement, the same in every process; a short statement is one passage."""
    starts = range(max(1, len(row) - SHORT + 1))
    return [digest(row[i : i + SHORT]) for i in starts]


def digest(row: tuple[str, ...]) -> int:
    """Return a number that stands for tokens in a row, the same in every process."""
    return zlib.crc32(" ".join(row).encode("utf-8", "replace"))
