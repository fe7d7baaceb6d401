"""Which assignment a notebook is: by its name, its folder, or the ids that nbgrader left in its cells."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from autograder.collect.answers import Handout, Marks, read_handout
from autograder.collect.folders import ENDING

SHARE = 0.5  # of the ids of a release that a notebook must hold
SHARED_BY_ALL = {"setup"}


@dataclass(frozen=True)
class Assignments:
    """The assignments that can be graded, the ids in the release of each, and what was handed out for each."""

    ids: dict[str, frozenset[str]]
    handouts: dict[str, Handout] = field(default_factory=dict)

    @property
    def known(self) -> list[str]:
        """Return their names."""
        return sorted(self.ids)

    def by_name(self, name: str) -> str:
        """Return the assignment that a name of a file, folder or download holds; empty for none and for several."""
        text = plainly(name)
        found = [slug for slug in self.known if f"_{plainly(slug)}_" in f"_{text}_"]
        whole = [slug for slug in found if not any(slug in other for other in found if other != slug)]
        return whole[0] if len(whole) == 1 else ""

    def by_contents(self, marks: Marks | None) -> str:
        """Return the assignment whose cells a notebook holds; empty where none or several fit."""
        held = {grade_id for grade_id, _ in marks or () if grade_id} - SHARED_BY_ALL
        if not held:
            return ""
        shares = sorted(((len(held & ids) / len(ids), slug) for slug, ids in self.ids.items() if ids), reverse=True)
        best = shares[0] if shares else (0.0, "")
        clear = len(shares) < 2 or best[0] > shares[1][0]
        return best[1] if best[0] >= SHARE and clear else ""


def plainly(name: str) -> str:
    """Return a name in small letters with single underscores, without its ending."""
    return re.sub(r"[\W_]+", "_", ENDING.sub("", name.casefold())).strip("_")


def read_assignments(root: Path, slugs: list[str]) -> Assignments:
    """Return the assignments of a course."""
    handouts = {slug: read_handout((root / "exercises" / slug / f"{slug}.ipynb").read_bytes()) for slug in slugs}
    return Assignments({slug: one.ids - SHARED_BY_ALL for slug, one in handouts.items()}, handouts)
