"""Sees which library calls a check forbids were entered, and from whose code, however they were named.

A name that is built, fetched out of a dictionary or unpickled still leads to the same function. So its code is
exchanged where it stands, in the forked process, before any code of the learner's has run: each entry walks up the
calls, and counts where it came from the learner's code, directly or through what only hands calls on. What another
layer of the library does inside does not count. This is no fence: code in the same process that looks for the watch
can undo it.
"""

from __future__ import annotations

import inspect
import os
import re
import sys
import sysconfig
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from types import CodeType, FrameType, FunctionType
from typing import Any

LIBRARIES = ("keras", "tensorflow", "torch", "jax", "flax", "scipy")  # of which `layers.Attention` may be a part
LOOKED_INTO = ("_implementation", "__wrapped__")  # where decorated functions keep what they decorate
METHODS = ("__init__", "call", "forward")  # of a forbidden layer
CHECK = "<check>"  # what the worker calls the code of a check's cell
INSTALLED = tuple({sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"), *filter(os.path.isabs, sys.path)})
HERE = __file__
# Parts of Keras that compute something by themselves, in contrast to those that hand calls on to any layer.
COMPUTES = re.compile(
    r"[/\\]keras[/\\]src[/\\](?:layers[/\\](?!layer\.py)|ops[/\\](?!operation\.py|function\.py)"
    r"|activations|losses|metrics|optimizers|applications)"
)


class Watch:
    """Notes which of the watched names are entered from a learner's code."""

    def __init__(self) -> None:
        """Watch nothing yet."""
        self.names: dict[str, None] = {}  # in order: what two of them name is told by the first
        self.entered: set[str] = set()
        self.watched: set[CodeType] = set()
        self.lost: set[str] = set()
        self.loaded: set[str] = set()

    def begin(self, names: Iterable[str]) -> None:
        """Watch these names from here on, also in libraries that were loaded since the last time."""
        self.names.update(dict.fromkeys(names))
        self.entered.clear()
        self.loaded = self.present()
        for name in self.names:
            for root, found in everything_called(name):
                for function in functions_of(found):
                    self.watch(f"{root}.{name}" if root else name, function, found)

    def end(self, names: Iterable[str]) -> dict[str, list[str]]:
        """Return which of these names were entered since `begin`, as the library has them, and why not all is known."""
        rules = tuple(names)
        used, lost = (
            sorted(told for told in found if any(told == rule or told.endswith(f".{rule}") for rule in rules))
            for found in (self.entered, self.lost)
        )
        unseen = [f"{told} could not be watched" for told in lost]
        return {
            "used": used,
            "unseen": unseen + [f"it loaded {one} meanwhile" for one in sorted(self.present() - self.loaded)],
        }

    def present(self) -> set[str]:
        """Return the libraries of watched names that are loaded."""
        return {name for name in (*LIBRARIES, *(rule.partition(".")[0] for rule in self.names)) if name in sys.modules}

    def watch(self, told: str, function: FunctionType, found: Any) -> None:
        """Watch a function in which calls of `found` arrive, unless it is watched."""
        if function.__code__ not in self.watched:
            try:
                self.replace(told, function, heirs(found))
            except (TypeError, ValueError):  # code that does not fit: the function is as it was
                self.lost.add(told)

    def replace(self, told: str, function: FunctionType, others: set[type]) -> None:
        """Let a function note that it is entered, but for `others`; whoever holds the function holds it as before."""
        code, signature = function.__code__, signature_of(function)
        real = FunctionType(code, function.__globals__, code.co_name, function.__defaults__, function.__closure__)
        real.__kwdefaults__ = function.__kwdefaults__

        def entered(*args: Any, **kwargs: Any) -> Any:
            if others.isdisjoint(type(args[0]).__mro__ if args else ()) and by_a_learner(sys._getframe(2)):
                self.entered.add(told)
            return real(*args, **kwargs)

        function.__code__ = through(entered, code.co_freevars)
        self.watched.add(function.__code__)
        if signature is not None:
            vars(function)["__signature__"] = signature  # Keras asks a layer's `call` for its arguments


# ---------------------------------------------------------------- what is watched
def everything_called(rule: str) -> Iterator[tuple[str, Any]]:
    """Yield what a rule may name in the libraries that are loaded: `layers.Attention` is `keras.layers.Attention`."""
    first, _, rest = rule.partition(".")
    if rest and first in sys.modules and first not in LIBRARIES:
        yield from (("", found) for found in followed(sys.modules[first], rest))
    for library in LIBRARIES:
        if library in sys.modules:
            path = rest if library == first else rule
            root = "" if library == first else library
            yield from ((root, found) for found in followed(sys.modules[library], path))
    if "keras" in sys.modules:  # what stands behind `keras.ops`
        yield from (("keras", found) for found in followed(sys.modules["keras"], f"src.backend.nn.{rest}") if rest)


def followed(start: Any, path: str) -> list[Any]:
    """Return what a dotted path leads to, in a list, or an empty one."""
    with suppress(Exception):
        for name in path.split("."):
            start = getattr(start, name)
        return [start]
    return []


def functions_of(found: Any) -> Iterator[FunctionType]:
    """Yield the functions in which calls of something arrive: its own, those that it decorates, a layer's methods."""
    if isinstance(found, type):
        yield from (method for name in METHODS for method in functions_of(vars(found).get(name)))
        return
    if isinstance(found, FunctionType):
        yield found
    for name in LOOKED_INTO:
        inner = getattr(found, name, None)
        if inner is not None and inner is not found:
            yield from functions_of(inner)


def heirs(found: Any) -> set[type]:
    """Return the classes that inherit from a layer: those of the library's own are layers of another name."""
    below: list[type] = type.__subclasses__(found) if isinstance(found, type) else []
    return {one for heir in below for one in (heir, *heirs(heir)) if hands_on(file_of(heir))}


def file_of(kind: type) -> str:
    """Return the file of a class's module, or nothing."""
    return getattr(sys.modules.get(kind.__module__), "__file__", None) or ""


def signature_of(function: FunctionType) -> inspect.Signature | None:
    """Return the signature of a function, where it has one that can be read."""
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):
        return None


def through(entered: Callable, free: tuple[str, ...]) -> CodeType:
    """Return code that calls `entered`, and may stand in a function with these free variables."""

    def template(*args, **kwargs):
        entered = "entered"
        return entered(*args, **kwargs)

    code = template.__code__
    consts = tuple(entered if const == "entered" else const for const in code.co_consts)
    return code.replace(co_consts=consts, co_freevars=free)


# ---------------------------------------------------------------- who calls
def by_a_learner(frame: FrameType | None) -> bool:
    """Say whether a call comes from a learner's code, and not out of a part of a library that computes something."""
    while frame is not None:
        file = frame.f_code.co_filename
        if file == CHECK or COMPUTES.search(file):
            return False
        if not hands_on(file):
            return True
        frame = frame.f_back
    return False


@lru_cache(maxsize=4096)
def hands_on(file: str) -> bool:
    """Say whether code of this file is installed: Python's, or a library's that hands calls on."""
    return file == HERE or file.startswith(("<frozen", *INSTALLED))
