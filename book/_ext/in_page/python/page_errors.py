"""What the page shows of an exception: the lines of the learner, the message, and what helps."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Iterator
from itertools import dropwhile
from typing import Any

from page_output import cut

ELSEWHERE = "run this part locally or in Colab."
LIBRARIES = {"tensorflow": "TensorFlow", "keras": "TensorFlow"}
HERE = ("numpy", "matplotlib")  # what Pyodide has in this book
LOST = "{} could not be loaded: check the connection, then run the cell again."
FULL = "There is no memory left. Press Restart Python."
COMMANDS = "Lines that begin with % or ! are commands of Jupyter. They do not work here: " + ELSEWHERE


def told(error: BaseException, source: str, known: str = "") -> dict[str, Any]:
    """Return what the page shows of an exception, also of one that resists; `known` is an advice found already."""
    try:
        return explained(error, source, known)
    except Exception:
        kind = type(error).__name__
        text = f"{kind}: (its message cannot be shown)"
        return {"kind": kind, "text": text, "trace": text, "line": None, "advice": ""}


def explained(error: BaseException, source: str, known: str) -> dict[str, Any]:
    """Return the kind, the text and the traceback of an exception, without the frames of this file."""
    kind = type(error).__name__
    rendered = getattr(error, "_render_traceback_", None)
    if callable(rendered):
        return {"kind": kind, "text": cut("\n".join(rendered())), "trace": "", "line": None, "advice": ""}
    shown = traceback.TracebackException.from_exception(error, limit=None)
    for one in chain(shown):
        one.stack = traceback.StackSummary.from_list(own_frames(one.stack))
    lines = [frame.lineno for frame in shown.stack if frame.filename.startswith("<cell ")]
    line = lines[0] if lines else getattr(error, "lineno", None)  # the latter of what is not Python
    text = "".join(shown.format_exception_only()).strip()
    return {
        "kind": kind,
        "text": cut(text.splitlines()[-1] if text else kind),
        "trace": cut("".join(shown.format()).rstrip()),
        "line": line,
        "advice": advice(error, source) or known,
    }


def own_frames(frames: Iterable[traceback.FrameSummary]) -> list[traceback.FrameSummary]:
    """Return the frames from the first line of a cell on; before it stands how the cell was run."""
    return list(dropwhile(lambda frame: not frame.filename.startswith("<cell "), frames))


def chain(shown: traceback.TracebackException | None) -> Iterator[traceback.TracebackException]:
    """Return an exception and those that led to it."""
    while shown is not None:
        yield shown
        shown = shown.__cause__ or shown.__context__


def advice(error: BaseException, source: str) -> str:
    """Return a sentence for what works elsewhere and not in the page."""
    if isinstance(error, ModuleNotFoundError) and error.name:
        name = str(error.name).partition(".")[0]
        return LOST.format(name) if name in HERE else f"needs {LIBRARIES.get(name, name)}: {ELSEWHERE}"
    if isinstance(error, MemoryError):
        return FULL
    if isinstance(error, SyntaxError) and any(line.lstrip().startswith(("%", "!")) for line in source.splitlines()):
        return COMMANDS
    return ""
