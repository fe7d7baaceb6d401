"""Pairs of learners whose solution cells are nearly the same, where chance does not explain it.

The rule. Names, comments, docstrings, blanks and the order of statements are left out of account (see
fingerprints.py). What the course itself holds (starter code, solved notebook, answer key, page of the book) says
nothing: two answers to one task are nearly the same if each shares SIMILAR of the rest with the other. Each statement
that they share then counts for as many bits as it is rare in this class (see rarity.py); what most have counts for
nearly nothing, and only people who share statements, or a whole answer, that few have are compared. A pair is told of
if the bits of all its tasks are MARGIN above those of the number of pairs in the class, so that even among so many
pairs chance would hardly give one.

So a short or forced answer never makes a pair, and one that many share makes none either. What is left is rare in
the class, not in the world: two people who ask the same web page, or the same language model, make a pair as well.
`python -m tests.report.planted` counts what the rule finds in classes whose copies are known.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from math import log2

from autograder.report.rarity import Rarity, most_sharing
from autograder.report.texts import Text

SIMILAR = 0.8
MARGIN = 27.0  # bits
LEAST_PEOPLE = 4  # among fewer nothing is rare
LEAST_STATEMENTS = 2  # that few have, of two people who are compared


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


class Task:
    """The answers to one task, by student, and how many have which statement."""

    def __init__(self, name: str, texts: Mapping[str, Text]) -> None:
        """Count who has which statement."""
        self.name, self.texts = name, texts
        self.owners = Counter(row for text in texts.values() for row in text.rows)

    def shared(self, one: str, other: str) -> list[tuple[int, int, int]]:
        """Return of each statement that two people share how many have it, of how many answers, and its length."""
        if one not in self.texts or other not in self.texts:
            return []
        mine, theirs = self.texts[one].rows, self.texts[other].rows
        return [(self.owners[row], len(self.texts), length) for row, length in mine.items() if row in theirs]


def compared(one: str, other: str, tasks: Iterable[Task], rarity: Rarity, enough: float) -> Pair | None:
    """Return two people as a pair if what they share counts for enough bits, in tasks with nearly the same answers."""
    shared = {task: found for task in tasks if (found := task.shared(one, other))}
    alone = sum(owners == 2 for found in shared.values() for owners, _, _ in found)
    bits = {task: sum(rarity.bits(*about, alone) for about in found) for task, found in shared.items()}
    if sum(bits.values()) < enough:
        return None  # most are told apart by this, which takes no time
    cells = []
    for task, count in bits.items():
        a, b = task.texts[one], task.texts[other]
        similarity = min(a.shared(b), b.shared(a))
        if similarity >= SIMILAR:
            cells.append(Twins(task.name, one, other, similarity, count, (a.code, b.code)))
    pair = Pair(one, other, tuple(cells))
    return pair if pair.bits >= enough else None


def candidates(tasks: Iterable[Mapping[str, Text]]) -> set[tuple[str, str]]:
    """Return the pairs of students who share statements that few have, or a whole answer that few have.

    Only these are compared, and what few have makes no more than a few pairs, so the work grows with the number of
    answers and not with the number of pairs.
    """
    met: Counter[tuple[str, str]] = Counter()
    for texts in tasks:
        index: dict[int | frozenset[int], list[str]] = defaultdict(list)
        for student, text in sorted(texts.items()):
            index[frozenset(text.rows)].append(student)
            for row in text.rows:
                index[row].append(student)
        for what, students in index.items():
            if 1 < len(students) <= most_sharing(len(texts)):
                counts = LEAST_STATEMENTS if isinstance(what, frozenset) else 1
                met.update(dict.fromkeys(combinations(students, 2), counts))
    return {pair for pair, count in met.items() if count >= LEAST_STATEMENTS}


def pairs(
    answers: Mapping[str, Mapping[str, str]], known: set[int], mates: Mapping[str, Iterable[str]] | None = None
) -> list[Pair]:
    """Return the pairs of learners in the answers to each task, those that count for most first.

    mates  with whom somebody has handed in as a group, as far as that is known
    """
    grouped = {frozenset((one, other)) for one, group in (mates or {}).items() for other in group}
    doubles = repeated(answers, grouped)
    works = {task: {one: code for one, code in texts.items() if one not in doubles} for task, texts in answers.items()}
    size = len({student for texts in works.values() for student in texts})
    if size < LEAST_PEOPLE:
        return []
    read = {task: {student: Text(code, known) for student, code in texts.items()} for task, texts in works.items()}
    rarity = Rarity([text.rows.keys() for text in texts.values()] for texts in read.values())
    tasks = [Task(name, texts) for name, texts in read.items()]
    met = (both for both in candidates(read.values()) if frozenset(both) not in grouped)
    found = [pair for both in met if (pair := compared(*both, tasks, rarity, 2 * log2(size) + MARGIN))]
    return sorted(found, key=lambda pair: (-pair.bits, pair.one, pair.other))


def repeated(answers: Mapping[str, Mapping[str, str]], grouped: Iterable[frozenset[str]]) -> set[str]:
    """Return whose answers are those of a member of the same group: one work, which is rare though many have it."""
    twice = set()
    for group in grouped:
        if len(group) == 2 and len({tuple(texts.get(one) for texts in answers.values()) for one in group}) == 1:
            twice.add(max(group))
    return twice
