"""What Python in the page does without: a keyboard, other programs, threads, a network, and memory without end."""

from __future__ import annotations

import builtins
import io
import sys

ELSEWHERE = "run this part locally or in Colab."
LIBRARIES = {"tensorflow": "TensorFlow", "keras": "TensorFlow"}
HERE = ("numpy", "matplotlib")  # what Pyodide has in this book
LOST = "{} could not be loaded: check the connection, then run the cell again."
FULL = "There is no memory left. Press Restart Python."
COMMANDS = "Lines that begin with % or ! are commands of Jupyter. They do not work here: " + ELSEWHERE
TOO_LARGE = "This does not fit into the memory that a page has: make it smaller, or " + ELSEWHERE
ALONE = "Python in the page has no network, no threads and no other programs: " + ELSEWHERE
TOO_DEEP = "The calls go too deep. A function that calls itself needs a case in which it does not."
NO_INPUT = "Nothing can be typed in while a cell runs: write the value into the code."

# What Python, NumPy and Emscripten say in their messages, and what that means in the page.
SAID = {
    "Unable to allocate": TOO_LARGE,  # NumPy's MemoryError: one array is too large, the others are still there
    "Maximum allowed dimension": TOO_LARGE,
    "array is too big": TOO_LARGE,
    "are too large to": TOO_LARGE,
    "can't start new thread": ALONE,
    "does not support processes": ALONE,
    "unknown url type": ALONE,
    "Host is unreachable": ALONE,
    "Name does not resolve": ALONE,
}


class NoKeyboard(io.TextIOBase):
    """Stands in for the keyboard."""

    def readable(self) -> bool:
        """Say that one may try, as of any input."""
        return True

    def readline(self, *_: object) -> str:  # type: ignore[override]
        """Refuse."""
        raise RuntimeError(NO_INPUT)

    read = readline  # type: ignore[assignment]


def refuse_input(*_: object, **__: object) -> str:
    """Stand in for input() and for breakpoint(), which would wait for it."""
    raise RuntimeError(NO_INPUT)


def take_keyboard_away() -> None:
    """Let all that asks for input say what to do instead."""
    builtins.input = refuse_input
    sys.breakpointhook = refuse_input
    sys.stdin = NoKeyboard()


def advice(error: BaseException, source: str) -> str:
    """Return a sentence for what works elsewhere and not in the page, with what helps; nothing for the rest."""
    if isinstance(error, ModuleNotFoundError) and error.name:
        name = str(error.name).partition(".")[0]
        return LOST.format(name) if name in HERE else f"needs {LIBRARIES.get(name, name)}: {ELSEWHERE}"
    if isinstance(error, SyntaxError) and any(line.lstrip().startswith(("%", "!")) for line in source.splitlines()):
        return COMMANDS
    if isinstance(error, RecursionError):
        return TOO_DEEP
    if isinstance(error, (MemoryError, OSError, OverflowError, RuntimeError, ValueError)):
        message = str(error)[:1000]
        if found := next((sentence for words, sentence in SAID.items() if words in message), ""):
            return found
    return FULL if isinstance(error, MemoryError) else ""
