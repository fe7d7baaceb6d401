"""The sum of one assignment, in which everybody of the class counts once."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Account:
    """The sum of one assignment.

    people    how many there are: of the class, or where there is no list of it, of those who are seen
    listed    whether there is a list of the class
    counts    how many of them are where, in the order of accounting.ORDER; together they are `people`
    strangers the ids of those who are not in the class and of whom something is filed
    nobodys   how many files to look at are nobody's in the class
    """

    slug: str
    people: int
    listed: bool
    counts: dict[str, int]
    strangers: tuple[str, ...] = ()
    nobodys: int = 0

    @property
    def sentence(self) -> str:
        """Return the sum in words."""
        who = "in the class" if self.listed else "person" if self.people == 1 else "people"
        terms = " + ".join(f"{count} {where}" for where, count in self.counts.items() if count) or "0 collected"
        besides = [f"{', '.join(self.strangers)} not in the class"] if self.strangers else []
        files = f"{self.nobodys} file{'' if self.nobodys == 1 else 's'} to look at of nobody known"
        besides += [files] if self.nobodys else []
        more = f" Besides: {', and '.join(besides)}." if besides else ""
        return f"{self.slug}{': ' if self.slug else ''}{self.people} {who} = {terms}.{more}"
