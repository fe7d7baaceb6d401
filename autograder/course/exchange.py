"""A wrong answer that is a right one with steps exchanged, and two of them at once.

Because the steps are known, two mistakes in different steps of one right answer give a third wrong answer, that of a
learner who made both: nobody has to write it down.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from inspect import signature
from typing import Any

import numpy as np

from autograder.course.steps import as_it_is

Answer = Callable[..., Any]
CHANGE = "change"  # the step that exchanges arguments
DOES_NOTHING = (as_it_is, np.asarray)  # what stands in a step where the right answer does nothing


@dataclass(frozen=True)
class Exchanged:
    """The right answer with some steps exchanged; `through` is what was done to the whole of it, in order."""

    answer: Answer
    steps: Mapping[str, Any]
    through: tuple[Callable[[Answer], Answer], ...] = ()

    def __call__(self, *given: Any, **inputs: Any) -> Any:
        """Answer with the exchanged steps."""
        answer: Answer = partial(self.answer, **self.steps)
        for change in self.through:
            answer = change(answer)
        return answer(*given, **inputs)

    def changed(self, change: Callable[[Answer], Answer]) -> Exchanged:
        """Return the same wrong answer after a change of the whole, still with its steps."""
        return replace(self, through=(*self.through, change))

    def first_step(self) -> int:
        """Return the place of the earliest exchanged step among the parameters of the right answer."""
        order = parameters_of(self.answer)
        return min((order.index(step) if step in order else len(order) for step in self.steps), default=0)


@lru_cache
def parameters_of(answer: Answer) -> list[str]:
    """Return the names of an answer's parameters, in order."""
    return list(signature(answer).parameters)


@lru_cache
def one_after_the_other(answer: Answer) -> frozenset[str]:
    """Return the steps in which two mistakes can be made, one after the other: where the right answer does nothing."""
    parameters = signature(answer).parameters.values()
    return frozenset({one.name for one in parameters if any(one.default is step for step in DOES_NOTHING)} | {CHANGE})


def both(one: Answer, other: Answer) -> Iterator[tuple[bool, Exchanged]]:
    """Yield wrong answers that make two mistakes, each with whether the first of them is the earlier step.

    There is none for mistakes in one and the same step, or of different right answers; there may be two where a step
    can hold both, because they can be made in either order.
    """
    if not isinstance(one, Exchanged) or not isinstance(other, Exchanged):
        return
    if not same_answer(one.answer, other.answer) or one.through != other.through:
        return
    in_order, chained = one.first_step() <= other.first_step(), one_after_the_other(one.answer)
    for a, b in [(one, other), (other, one)] if chained & one.steps.keys() & other.steps.keys() else [(one, other)]:
        steps = together(a.steps, b.steps, chained)
        if steps is not None:
            yield in_order, replace(one, steps=steps)


def same_answer(one: Answer, other: Answer) -> bool:
    """Say whether two answers are one function, with the same arguments given."""
    if isinstance(one, partial) and isinstance(other, partial):
        given = one.args == other.args and one.keywords.keys() == other.keywords.keys()
        return one.func is other.func and given and all(other.keywords[k] is v for k, v in one.keywords.items())
    return one is other


def together(
    one: Mapping[str, Any], other: Mapping[str, Any], chained: Collection[str] = (CHANGE,)
) -> dict[str, Any] | None:
    """Return the steps of both; None where they exchange one and the same step for different ones.

    chained  steps in which one can be done after the other
    """
    steps = {**one, **other}
    for name in one.keys() & other.keys():
        steps[name] = joined(name, one[name], other[name], chained)
        if steps[name] is None:
            return None
    return steps


def joined(name: str, one: Any, other: Any, chained: Collection[str]) -> Any:
    """Return what does both in one step: the same, one with steps of its own, one after the other; else None."""
    if one is other and name != CHANGE:
        return one
    if isinstance(one, dict) and isinstance(other, dict):
        return together(one, other)
    if isinstance(one, partial) and isinstance(other, partial) and one.func is other.func and not one.args + other.args:
        inner = together(one.keywords, other.keywords)
        return None if inner is None else partial(one.func, **inner)
    if name == CHANGE:
        return lambda **p: other(**one(**p))
    if name in chained and callable(one) and callable(other):
        return lambda value, *beside: other(one(value, *beside), *beside)
    return None
