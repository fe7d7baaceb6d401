"""Pairs of learners whose solution cells are nearly the same, where chance does not explain it.

The rule. Names, comments, docstrings and blanks are left out of account (see fingerprints.py). What the course itself
holds (starter code, solved notebook, answer key, page of the book) says nothing: two answers to one task are nearly
the same if each shares SIMILAR of the rest with the other. Each passage of LONG tokens that they share then counts
for as many bits as it is rare in this class: one that a quarter of the class has for 2, one that a sixteenth has for
4. A pair is told of if the bits of all its tasks are MARGIN above those of the number of pairs in the class, so that
even among so many pairs chance would hardly give one.

So a short or forced answer never makes a pair, and one that many share makes none either. What is left is rare in
the class, not in the world: two people who ask the same web page, or the same language model, make a pair as well.
tests/report/test_pairs.py tries the rule on classes of answers that are put together independently, which give none.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import log2

from autograder.report.fingerprints import LONG, SHORT, passages, tokens, winnowed

SIMILAR = 0.8
MOST_BITS = 6.0  # of one passage, however large the class
MARGIN = 16.0  # bits
LEAST_PEOPLE = 4  # among fewer nothing is rare
MOST_SHARING = 10  # people; MOSS has the same limit (its option -m)


@dataclass(frozen=True)
class Twins:
    """Two answers to one task: the share of either that is the other's too, and how many bits that counts for."""

    task: str
    one: str
    other: str
    similarity: float
    bits: float
    texts: tuple[str, str]


@dataclass(frozen=True)
class Pair:
    """Two learners, and the tasks in which their answers are nearly the same."""

    one: str
    other: str
    cells: tuple[Twins, ...]

    @property
    def bits(self) -> float:
        """Return how much the likeness counts for."""
        return sum(cell.bits for cell in self.cells)


class Text:
    """One answer: its passages, and the places of its tokens that the course does not hold itself."""

    def __init__(self, code: str, known: set[int]) -> None:
        """Read the text; `known` are the short passages of the course."""
        words = tokens(code)
        self.code, self.short, self.long = code, passages(words, SHORT), passages(words, LONG)
        self.parts = set(self.short)
        self.own = self.places(self.parts) - self.places(self.parts & known)

    def places(self, wanted: set[int]) -> set[int]:
        """Return the places of the tokens in these short passages."""
        return {i + n for i, one in enumerate(self.short) if one in wanted for n in range(SHORT)}

    def shared(self, other: Text) -> float:
        """Return the share of what is this text's own that the other text has too."""
        return len(self.own & self.places(other.parts)) / len(self.own) if self.own else 0.0

    def side_by_side(self, other: Text) -> list[int]:
        """Return the long passages that the other has too, half of them its own at least, none over another."""
        found, end, theirs = [], 0, set(other.long)
        for i, one in enumerate(self.long):
            if i >= end and one in theirs and 2 * len(self.own.intersection(range(i, i + LONG))) >= LONG:
                found.append(one)
                end = i + LONG
        return found


def known_passages(codes: Iterable[str]) -> set[int]:
    """Return the short passages of what the course itself holds."""
    return {one for code in codes for one in passages(tokens(code), SHORT)}


def most_sharing(answers: int) -> int:
    """Return how many people may share a long passage before it is common: a tenth, but 3 to 10."""
    return min(MOST_SHARING, max(3, answers // 10))


def twins(task: str, answers: Mapping[str, str], known: set[int]) -> list[Twins]:
    """Return the answers to one task, by student, that are nearly the same.

    Only texts that share a rare fingerprint are compared, and a rare one has at most MOST_SHARING owners, so the
    work grows with the number of answers and not with the number of pairs.
    """
    texts = {student: Text(code, known) for student, code in sorted(answers.items())}
    owners = Counter(one for text in texts.values() for one in set(text.long))
    found = []
    for one, other in sorted(candidates(texts)):
        a, b = texts[one], texts[other]
        similarity = min(a.shared(b), b.shared(a))
        if similarity >= SIMILAR:
            bits = sum(min(MOST_BITS, log2(len(texts) / owners[passage])) for passage in a.side_by_side(b))
            found.append(Twins(task, one, other, similarity, bits, (a.code, b.code)))
    return found


def candidates(texts: Mapping[str, Text]) -> set[tuple[str, str]]:
    """Return the pairs of students whose texts share the fingerprint of a long passage that few have."""
    index: dict[int, list[str]] = defaultdict(list)
    for student, text in texts.items():
        for one in winnowed(text.long):
            index[one].append(student)
    few = [students for students in index.values() if len(students) <= most_sharing(len(texts))]
    return {pair for students in few for pair in combinations(students, 2)}


def pairs(answers: Mapping[str, Mapping[str, str]], known: set[int]) -> list[Pair]:
    """Return the pairs of learners in the answers to each task, those that count for most first."""
    size = len({student for texts in answers.values() for student in texts})
    if size < LEAST_PEOPLE:
        return []
    people: dict[tuple[str, str], list[Twins]] = defaultdict(list)
    for task, texts in answers.items():
        for found in twins(task, texts, known):
            people[found.one, found.other].append(found)
    all_pairs = [Pair(one, other, tuple(cells)) for (one, other), cells in people.items()]
    unlikely = [pair for pair in all_pairs if pair.bits >= 2 * log2(size) + MARGIN]
    return sorted(unlikely, key=lambda pair: (-pair.bits, pair.one, pair.other))
