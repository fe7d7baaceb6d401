"""The mistakes of an answer key as rows of a table, and what changes whole tables.

A row is (name, steps, sentence), and behind these, where they are needed, the title of another section than that of
the table, and "partly" for a mistake that can be made in one part of the result alone. The steps say how the answer
goes wrong: a dictionary of arguments that exchange steps of the right answer, or a whole wrong answer; a list holds
several ways to make the same mistake. A mistake of the field stands for name and sentence together:

    SOFTMAX_MISTAKES = mistakes(softmax, "A softmax that survives",
        ("axis_ignored", {"along": lambda axis: -1}, "`axis` was ignored. Pass axis=axis on."),
        (standard.SOFTMAX_TWICE, [{"times": 2}, lambda scores: softmax(softmax(scores))]),
    )
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from inspect import Parameter, signature
from typing import Any

from autograder.course.answer_key import Answer, Misconception
from autograder.course.exchange import Exchanged
from autograder.course.standard_mistakes import Standard
from autograder.errors import UserError

PARTLY = "partly"


def mistakes(answer: Answer, read: str, *rows: tuple) -> tuple[Misconception, ...]:
    """Return the misconceptions of a table: wrong steps of `answer`, explained in the section `read`."""
    return tuple(mistake(answer, read, *row) for row in rows)


def mistake(answer: Answer, read: str, name: str | Standard, steps: Any, *rest: str) -> Misconception:
    """Return the misconception of one row."""
    if not rest and not isinstance(name, Standard):
        raise UserError(f'The mistake "{name}" has no sentence; write it behind the steps.')
    says, *more = (name.says, *rest) if isinstance(name, Standard) else rest
    section = next((extra for extra in more if extra != PARTLY), read)
    first, *others = [way if callable(way) else exchanged(answer, str(name), way) for way in as_list(steps)]
    return Misconception(str(name), first, says, section, also=tuple(others), partly=PARTLY in more)


def exchanged(answer: Answer, mistake: str, steps: dict[str, Any]) -> Answer:
    """Return the answer with steps exchanged. Raises UserError for a step that it does not have."""
    known = steps_of(answer)
    for step in steps:
        if known is not None and step not in known:
            called, has = getattr(answer, "__name__", "the answer"), ", ".join(known)
            raise UserError(f'The mistake "{mistake}" exchanges "{step}", which is no step of {called}; it has: {has}.')
    return Exchanged(answer, steps)


def steps_of(answer: Answer) -> list[str] | None:
    """Return what an answer takes by name; None where it takes any name, or Python cannot say."""
    try:
        parameters = signature(answer).parameters
    except ValueError:  # some functions of NumPy
        return None
    takes_any = any(parameter.kind is Parameter.VAR_KEYWORD for parameter in parameters.values())
    return None if takes_any else list(parameters)


def shared_rows(read: str, *table: tuple) -> tuple[tuple, ...]:
    """Return rows that more than one check uses, each with its section."""

    def has_section(row: tuple) -> bool:
        return any(extra != PARTLY for extra in row[2 if isinstance(row[0], Standard) else 3 :])

    return tuple(row if has_section(row) else (*row, read) for row in table)


def as_list(steps: Any) -> list:
    """Return the ways to make a mistake as a list."""
    return steps if isinstance(steps, list) else [steps]


def ways_of(step: str, *values: Any) -> list[dict[str, Any]]:
    """Return one step done in several wrong ways."""
    return [{step: value} for value in values]


def every_way(found: Iterable[Misconception], change: Callable[[Answer], Answer]) -> tuple[Misconception, ...]:
    """Return misconceptions whose every way has gone through `change`; exchanged steps stay known."""

    def changed(way: Answer) -> Answer:
        return way.changed(change) if isinstance(way, Exchanged) else change(way)

    return tuple(replace(m, wrong=changed(m.wrong), also=tuple(map(changed, m.also))) for m in found)


def stops_somehow(wrong: Answer) -> Answer:
    """Return the wrong answer with any exception as a bare one: TensorFlow's errors have other names than NumPy's."""

    def answer(**inputs: Any) -> Any:
        try:
            return wrong(**inputs)
        except ValueError as error:
            raise Exception(str(error)) from None

    return answer


def in_keras(found: Iterable[Misconception]) -> tuple[Misconception, ...]:
    """Return misconceptions that may stop with an exception of any kind."""
    return every_way(found, stops_somehow)
