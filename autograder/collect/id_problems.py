"""Rows of a roster whose id is of no use: each is that person's problem, and the class goes on.

Where it is most of a class, the roster is refused instead, for then the column or the file is the wrong one.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

from autograder.collect.known_class import KnownClass, renamed, without_zeros
from autograder.collect.names import is_safe_id
from autograder.collect.person import Person
from autograder.errors import UserError

SHORTENED = re.compile(r"\d(?:[.,]\d+)?E\+?\d+", re.IGNORECASE)  # 1.23457E+09: the digits are gone
A_NUMBER = re.compile(r"(\d+)\.0+")
AS_TEXT = "make the column one of text in the spreadsheet, put the ids in again and save it"
FEW = 0.1  # of a class: so many may be listed one by one before the roster is taken for the wrong one
MOST_WRONG = 0.5  # of the rows of a roster


def with_problems(path: Path, column: str, people: list[Person], known: KnownClass) -> list[Person]:
    """Return the people, each id that is of no use replaced by the reason; raises UserError where most are."""
    told = same_row_once(whole_numbers(people))
    counts = Counter(one.identity.casefold() for one in told)
    problems = {one: id_problem(one, column, counts) for one in told}
    found = renamed([one for one in told if not problems[one]], known)
    if len(found) > max(1, FEW * len(known.people)):
        raise UserError(second_records(path, column, found, known))
    problems |= {one: another_id(one, old) for one, old in found.items()}
    wrong = [why for why in problems.values() if why]
    if len(wrong) > MOST_WRONG * len(told):
        more = f" So it is in {len(wrong)} of its {len(told)} rows." if len(wrong) > 1 else ""
        raise UserError(f"{path}: {wrong[0]}{more}")
    return [replace(one, identity="", problem=problems[one]) if problems[one] else one for one in told]


def id_problem(one: Person, column: str, counts: Counter[str]) -> str:
    """Return why the id of a row is of no use, in a sentence; empty where it is of use."""
    if not one.identity:
        return f"Line {one.line} has nothing in the column {column!r}; write the person's id there."
    if SHORTENED.fullmatch(one.identity):
        return f"Line {one.line}: a spreadsheet has shortened the id to {one.identity!r}; {AS_TEXT}."
    if not is_safe_id(one.identity):
        return f"Line {one.line}: the id {one.identity!r} cannot be the name of a folder; change it."
    if counts[one.identity.casefold()] > 1:
        return f"Line {one.line}: two rows have the id {one.identity!r}; every person needs one of their own."
    return ""


def another_id(one: Person, old: str) -> str:
    """Return that somebody is filed already, and how to go on."""
    zeros = f" (a spreadsheet takes zeros away; {AS_TEXT})" if one_number(one.identity, old) else ""
    return (
        f"Line {one.line}: the id {one.identity!r} is new, and what else the row says fits {old!r}, who is filed "
        f"already and not on this roster{zeros}; write {old!r} there, or give {old!r} a row again "
        "if it is somebody else."
    )


def second_records(path: Path, column: str, found: dict[Person, str], known: KnownClass) -> str:
    """Return that a roster would give a second record to many, and how to go on."""
    new, old = next((one.identity, old) for one, old in found.items())
    if all(one_number(one.identity, before) for one, before in found.items()):
        how = f"a spreadsheet has taken the zeros before them: {AS_TEXT}"
    else:
        which = f" (the column {known.column!r} of the first roster)" if known.column else ""
        how = f"say with --id-column which column holds the ids that they are filed under{which}"
    return (
        f"By the column {column!r} of the roster {path}, {len(found)} people who are filed already would get a second "
        f"record ({old!r} would be {new!r}); {how}, or collect into another folder with --out."
    )


def one_number(mine: str, other: str) -> bool:
    """Say whether two ids are one number, but for the zeros before it and `.0` behind."""
    return without_zeros(mine) == without_zeros(other) != ""


def whole_numbers(people: list[Person]) -> list[Person]:
    """Return the people; where all ids end in `.0`, as data frames write a column with a gap, they lose it."""
    whole = [A_NUMBER.fullmatch(one.identity) for one in people]
    if not all(found or not one.identity for one, found in zip(people, whole, strict=True)):
        return people
    return [replace(one, identity=found[1]) if found else one for one, found in zip(people, whole, strict=True)]


def same_row_once(people: list[Person]) -> list[Person]:
    """Return the people, each once: a platform lists somebody in two groups twice."""
    once: dict[Person, Person] = {}
    for one in people:
        same = replace(one, line=0, handed_in=None, groups=())
        first = once.get(same, one)
        once[same] = replace(first, groups=tuple(dict.fromkeys((*first.groups, *one.groups))))
    return list(once.values())
