"""One answer as it is compared with others: its statements and passages, without what the course itself holds."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from autograder.report.fingerprints import SHORT, digest, passages, statements


class Text:
    """One answer.

    rows  the length of each statement that is its own at least by half, by its digest
    own   of each statement the passages, and the places of the tokens that are its own
    """

    def __init__(self, code: str, known: Collection[int]) -> None:
        """Read the text; `known` are the passages of the course."""
        self.code = code
        self.rows: dict[int, int] = {}
        self.own: list[tuple[list[int], set[int]]] = []
        self.parts: set[int] = set()
        for row in statements(code):
            found = passages(row)
            own = set(range(len(row))) - places(found, known)
            self.parts.update(found)
            self.own.append((found, own))
            if 2 * len(own) >= len(row):
                self.rows[digest(row)] = len(row)

    def shared(self, other: Text) -> float:
        """Return the share of what is this text's own that the other text has too."""
        size = sum(len(own) for _, own in self.own)
        return sum(len(own & places(found, other.parts)) for found, own in self.own) / size if size else 0.0


def places(found: list[int], wanted: Collection[int]) -> set[int]:
    """Return the places of the tokens in those passages of a statement that are wanted."""
    return {i + n for i, one in enumerate(found) if one in wanted for n in range(SHORT)}


def known_passages(codes: Iterable[str]) -> set[int]:
    """Return the passages of what the course itself holds."""
    return {one for code in codes for row in statements(code) for one in passages(row)}
