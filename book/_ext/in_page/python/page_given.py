"""The names that the set-up and the given code of a notebook brought, and those that a learner's code gave away."""

from __future__ import annotations

import builtins
import traceback
from types import CodeType
from typing import Any

GIVEN = ("setup", "locked-")  # how the names of these cells begin
AGAIN = "Choose another name there, then press Restart Python: after that `{}` is again what it was."
OVERWRITTEN = "Your code uses the name `{}` for something else now ({}). " + AGAIN
GONE = "The name `{}` of the set-up is gone: your code deleted it, or had another use for it. Press Restart Python."


class Given:
    """Knows the functions and modules that the set-up and the given code brought."""

    def __init__(self) -> None:
        """Begin with none."""
        self.names: dict[str, Any] = {}

    def note(self, cell: str, before: dict[str, Any], names: dict[str, Any]) -> None:
        """Note what such a cell brought by name; `before` are the names that there were when it began."""
        if cell.startswith(GIVEN):
            new = {name: value for name, value in names.items() if value is not before.get(name) and name[0] != "_"}
            self.names |= {name: value for name, value in new.items() if is_tool(value)}

    def missed(self, error: BaseException, names: dict[str, Any]) -> str:
        """Return a sentence about a name that the code which failed uses, and that is no tool any more, or nothing."""
        if isinstance(error, NameError) and error.name in self.names and error.name not in names:
            return GONE.format(error.name)
        code = code_that_failed(error)
        for name in sorted(set(code.co_names if code else ()) & names.keys()):
            known = name in self.names or (hasattr(builtins, name) and is_no_function(error))
            if known and not is_tool(names[name]):
                return OVERWRITTEN.format(name, type(names[name]).__name__, name)
        return ""

    def replaced(self, names: dict[str, Any], name: str = "check") -> str:
        """Return a sentence where a name is another function by now, which answers without an error, or nothing."""
        if name not in self.names or names.get(name) is self.names[name]:
            return ""
        return OVERWRITTEN.format(name, type(names.get(name)).__name__, name)


def is_tool(value: object) -> bool:
    """Say whether something is there to be called or to be looked into: a function, a class, a module."""
    return callable(value) or type(value).__name__ == "module"


def is_no_function(error: BaseException) -> bool:
    """Say whether an exception says that something was called that cannot be."""
    return isinstance(error, TypeError) and "is not callable" in str(error)


def code_that_failed(error: BaseException) -> CodeType | None:
    """Return the innermost code of a cell that an exception went through."""
    ran = [frame.f_code for frame, _ in traceback.walk_tb(error.__traceback__)]
    return next((code for code in reversed(ran) if code.co_filename.startswith("<cell ")), None)
