"""Whether the hand-written files of a chapter agree: one sentence on the first thing that they name differently."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from symtable import symtable

from autograder.authoring.source import Cell
from autograder.course.answer_key import AnswerKey, Check, Same
from autograder.course.reference import public_rng
from autograder.errors import UserError

JOINING = {"a", "an", "the", "of", "and", "in", "with", "but", "that"}  # words that say nothing of a case


def require_own_key(slug: str, key: AnswerKey) -> None:
    """Raise UserError where the answer key of a chapter says that it is another's."""
    if key.chapter != slug:
        raise UserError(f'solutions/{slug}_key.py says AnswerKey("{key.chapter}", …); write "{slug}" there.')


def require_same_checks(cells: list[Cell], key: AnswerKey) -> None:
    """Raise UserError where the notebook and the key do not name the same checks, each after its task."""
    in_notebook = [cell.name for cell in cells if cell.role == "check"]
    in_key = [check.name for check in key.checks]
    if in_notebook != in_key:
        raise UserError(f"{key.chapter}: {what_differs(in_notebook, in_key)}.")
    tasks = {cell.name: cell for cell in cells if cell.role == "solution"}
    missing = [name for name in in_notebook if name not in tasks]
    if missing:
        raise UserError(f'{key.chapter}: check "{missing[0]}" has no cell solution="{missing[0]}" before it.')
    for check in key.checks:
        require_function(key.chapter, check, tasks[check.name])
    setups = [cell.name for cell in cells if cell.role == "setup"]
    if setups != [key.chapter]:
        has = " and ".join(f'setup="{name}"' for name in setups) or "none"
        raise UserError(f'{key.chapter}: the notebook needs one cell setup="{key.chapter}"; it has {has}.')


def what_differs(in_notebook: list[str], in_key: list[str]) -> str:
    """Return in words how the checks of a notebook and of its key differ."""
    alone = [
        ("only in the notebook", set(in_notebook) - set(in_key)),
        ("only in the key", set(in_key) - set(in_notebook)),
    ]
    said = [f"{listed(names)} {'is' if len(names) == 1 else 'are'} {where}" for where, names in alone if names]
    if not said:
        return "the notebook has the checks in another order than the answer key; give both the same order"
    return f"the notebook's checks and the answer key's differ: {' and '.join(said)}; give each the same name in both"


def require_function(chapter: str, check: Check, cell: Cell) -> None:
    """Raise UserError where the solution of a task does not define the function that its check is about."""
    defined = defined_names(cell.text)
    if check.function not in defined:
        raise UserError(
            f'{chapter}: check "{check.name}" of the answer key has function="{check.function}", and the cell '
            f'solution="{check.name}" defines {listed(defined) or "nothing"}; give both the same name.'
        )


def defined_names(text: str) -> set[str]:
    """Return the names that a cell's code defines, but not those inside of its functions and classes."""
    symbols = symtable(text, "a cell", "exec").get_symbols()
    return {symbol.get_name() for symbol in symbols if symbol.is_assigned() or symbol.is_imported()}


def require_sound_key(key: AnswerKey) -> None:
    """Raise UserError where a part, a case or an earlier check that a check names is not there."""
    before: list[str] = []
    for check in key.checks:
        where = f'solutions/{key.chapter}_key.py: check "{check.name}"'
        if set(check.points) != set(check.returns):
            parts, scored = listed(check.returns) or "nothing", listed(check.points) or "nothing"
            raise UserError(f"{where} returns {parts} and has points for {scored}; give both the same parts.")
        named = [
            *(("uses the check", name, before) for name in check.uses),
            *(("has a property of the part", rule.part, check.returns) for rule in check.properties),
            *(("has a property of the case", case, cases_of(check)) for case in cases_named(check)),
        ]
        for what, name, known in named:
            if name not in known:
                there = listed(known) or "none before it"
                raise UserError(f'{where} {what} "{name}", which is not there; there is: {there}.')
        for odd in check.survives:
            if not any(words_of(odd) <= words_of(label) | JOINING for label in cases_of(check)):
                raise UserError(f'{where} survives "{odd}"; write that in words that stand on the label of one case.')
        before.append(check.name)


def words_of(text: str) -> set[str]:
    """Return the words and numbers of a text."""
    return set(re.findall(r"[\w.]+", text.lower()))


def cases_of(check: Check) -> list[str]:
    """Return the labels of the public cases of a check."""
    return [*check.shown_first(), *check.inputs(public_rng(check))]


def cases_named(check: Check) -> Iterator[str]:
    """Yield the labels of cases that the properties of a check name."""
    for rule in check.properties:
        yield rule.case
        if isinstance(rule, Same):
            yield rule.other
            yield from filter(None, [rule.given])


def listed(names: Iterable[str]) -> str:
    """Return names in order, with commas."""
    return ", ".join(sorted(names))
