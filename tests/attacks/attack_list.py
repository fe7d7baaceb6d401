"""All attacks, in the order in which they are handed in: the groups take turns, as in a class."""

from __future__ import annotations

from itertools import chain, zip_longest

from tests.attacks import grader, judgement, kernel, python_itself, resources, shared, stealing, written
from tests.attacks.record import Attack

GROUPS: dict[str, list[Attack]] = {
    "judgement": [*judgement.ATTACKS, *python_itself.ATTACKS],
    "stealing": [*stealing.ATTACKS, *kernel.ATTACKS],
    "grader and gradebook": [*grader.ATTACKS, *written.ATTACKS],
    "resources": [*resources.ATTACKS, *shared.ATTACKS],
}
ATTACKS = [attack for attack in chain.from_iterable(zip_longest(*GROUPS.values())) if attack is not None]
