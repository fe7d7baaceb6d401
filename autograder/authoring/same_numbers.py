"""Whether the committed reference outputs say what the key gives on this machine.

Last digits of a sum of products depend on the processor and on the version of NumPy: the products are added in
another order. A number that lies near the edge between two last digits is then written as its neighbour. So numbers are
compared as numbers. Where all of them agree, the committed text is the rendering: files stay as they are, byte for
byte, on every machine.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from autograder.course.reference import DECIMALS
from autograder.learner.check import DECIMALS_OF_PRINTS

LAST_DIGIT = 1.01  # units of the last digit that is written: to the neighbour, and the error of writing it in binary
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[-+]?\d+)?")
RELATIVE = 1e-9  # float64 sums of some hundred terms keep twelve digits; three more are left to cancellation


def committed_or_new(new: str, committed: Path) -> str:
    """Return the committed text of a `reference.json` where it gives the same numbers as the new text, else the new."""
    try:
        old = committed.read_text(encoding="utf-8")
        written_alike = NUMBER.sub("0", old) == NUMBER.sub("0", new)
        return old if written_alike and rounded_alike(json.loads(old), json.loads(new)) else new
    except (OSError, ValueError, RecursionError):  # there is none, or it is damaged
        return new


def rounded_alike(one: Any, other: Any, decimals: int = DECIMALS) -> bool:
    """Say whether two readings of JSON are equal, numbers within a unit of the last of `decimals` digits."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return list(one) == list(other) and all(
            rounded_alike(one[name], other[name], DECIMALS_OF_PRINTS if name == "prints" else decimals) for name in one
        )
    if isinstance(one, list):
        return len(one) == len(other) and all(rounded_alike(a, b, decimals) for a, b in zip(one, other, strict=True))
    if isinstance(one, float):
        return abs(one - other) <= LAST_DIGIT * 10**-decimals + RELATIVE * max(abs(one), abs(other))
    return one == other
