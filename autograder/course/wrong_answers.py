"""Wrong answers to the checks of a chapter, each with what its learner should be told.

They stand in `solutions/NN_topic_wrong.py`, and are what `autograder mistakes --rate` measures a key with. A wrong
answer is a function or a class as a learner would write it, with a decorator that says which check it answers, what
kind of fault it has, and the names of the mistakes in it, or a sentence where no mistake of the key stands for it:

    @wrong("softmax", "the axis", "axis_ignored")
    def along_the_last(scores, axis): ...

    @wrong("softmax", "torch habit", says=r"NumPy calls it axis")
    def dim_for_axis(scores, axis): ...
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

from autograder.errors import UserError


@dataclass(frozen=True)
class WrongAnswer:
    """A wrong answer to a check.

    kind    the kind of fault, in a few words
    names   the mistakes of the key that it makes; all of them are to be named, and no other
    says    a regular expression that finds the sentence which is right, where no mistake is to be named
    """

    check: str
    kind: str
    names: tuple[str, ...]
    says: str
    answer: Any


_collected: list[WrongAnswer] = []


def wrong(check: str, kind: str, *names: str, says: str = "") -> Callable[[Any], Any]:
    """Collect the function or class below as a wrong answer to a check: of known mistakes, or told by a sentence."""
    if bool(names) == bool(says):
        raise UserError(f'A wrong answer to "{check}" has either names of mistakes or says="…", a sentence.')

    def collect(answer: Any) -> Any:
        _collected.append(WrongAnswer(check, kind, names, says, answer))
        return answer

    return collect


def load_wrong(path: Path) -> list[WrongAnswer]:
    """Return the wrong answers of a file in their order. Raises UserError where it lacks a module."""
    _collected.clear()
    spec = importlib.util.spec_from_file_location(f"wrong_answers_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise FileNotFoundError(path)
    try:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))
    except ImportError as error:
        raise UserError(f"{path.name} cannot be imported: {error}; install what it needs.") from error
    return list(_collected)


def rename(thing: Any, old: str, new: str) -> None:
    """Give a function, or a class with its methods, another name wherever Python may show it."""
    qualified = thing.__qualname__.replace(old, new, 1)
    thing.__name__, thing.__qualname__ = qualified.rpartition(".")[2], qualified
    if isinstance(thing, FunctionType):
        thing.__code__ = renamed_code(thing.__code__, old, new)
    elif isinstance(thing, type):
        for member in vars(thing).values():
            if isinstance(member, FunctionType):
                rename(member, old, new)


def renamed_code(code: CodeType, old: str, new: str) -> CodeType:
    """Return the code of a function, and of those inside it, with another name in front."""
    inside = tuple(renamed_code(c, old, new) if isinstance(c, CodeType) else c for c in code.co_consts)
    qualified = code.co_qualname.replace(old, new, 1) if code.co_qualname.startswith(old) else code.co_qualname
    name = new if code.co_name == old else code.co_name
    return code.replace(co_name=name, co_qualname=qualified, co_consts=inside)
