"""How rare a statement is among answers to one task: what it counts for that two people both have it.

Where k others have it, too, the chance that one more has is taken to be (k + 1/2) of all others. Where nobody else has
it, that would be too small in a large class, for each answer has much that nobody else has, and some of it will meet.
So the chance is at least what the class itself shows: of all who might share a statement that only one other person
has, how many do (as Good and Turing estimate the chance of what was seen once, Biometrika 40, 1953). The two who are
judged are left out of it all, so that a copy does not make itself look common.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from math import log2

MOST_BITS = 6.0  # of one statement, however large the class
BITS_OF_A_TOKEN = 0.4  # so that a statement of two words proves little, however rare
MOST_CHANCE = 0.2  # that a rare statement is shared; where answers are short, the class shows too few to say more
MOST_SHARING = 20  # people; MOSS has such a limit, too (its option -m)


def most_sharing(answers: int) -> int:
    """Return how many people may share a statement before it is common: a sixth, but 3 to 20."""
    return min(MOST_SHARING, max(3, answers // 6))


class Rarity:
    """What a statement that two people share counts for, by how many have it."""

    def __init__(self, tasks: Iterable[Collection[Iterable[int]]]) -> None:
        """Count in a class how often a rare statement is shared: for each task the statements of each answer."""
        self.met = self.missed = 0  # of two people, when one has a statement and no third: both have it, or only one
        for texts in tasks:
            owners = Counter(Counter(row for text in texts for row in text).values())
            self.met += 2 * owners[2]
            self.missed += owners[1] * (len(texts) - 1)

    def bits(self, owners: int, answers: int, length: int, alone: int) -> float:
        """Return what a statement counts for that two people share.

        owners   how many have it, of so many answers
        length   its tokens
        alone    how many statements these two have, and nobody else
        """
        chance = (owners - 2 + 0.5) / (answers - 1)
        met = self.met - 2 * alone
        if owners == 2 and met:
            chance = max(chance, min(MOST_CHANCE, met / (met + self.missed)))
        return min(MOST_BITS, BITS_OF_A_TOKEN * length, -log2(chance))
