"""What the page shows of an exception: the lines of the learner, the message, and what helps."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator
from itertools import dropwhile
from pathlib import PurePosixPath
from typing import Any

from page_absent import advice
from page_output import cut

Known = Callable[[BaseException], str]
OURS = str(PurePosixPath(__file__).parent)
MOST_FRAMES = 1000  # as many calls deep Python goes by itself; who lets it go deeper would wait for minutes
MOST_SAID = 1000  # letters of the line that is repeated elsewhere, and read out


def told(error: BaseException, source: str, known: Known) -> dict[str, Any]:
    """Return what the page shows of an exception, also of one that resists; `known` may know what led to it."""
    try:
        return explained(error, source, known)
    except Exception:
        kind = type(error).__name__
        text = f"{kind}: (its message cannot be shown)"
        return {"kind": kind, "text": text, "trace": text, "line": None, "advice": ""}


def explained(error: BaseException, source: str, known: Known) -> dict[str, Any]:
    """Return the kind, the text and the traceback of an exception, without the frames of these files."""
    kind = type(error).__name__
    rendered = getattr(error, "_render_traceback_", None)
    if callable(rendered):
        return {"kind": kind, "text": cut("\n".join(rendered())), "trace": "", "line": None, "advice": ""}
    shown = traceback.TracebackException.from_exception(error, limit=MOST_FRAMES)
    for one in chain(shown):
        one.stack = traceback.StackSummary.from_list(own_frames(one.stack))
    lines = [frame.lineno for frame in shown.stack if frame.filename.startswith("<cell ")]
    line = lines[0] if lines else getattr(error, "lineno", None)  # the latter of what is not Python
    text = "".join(shown.format_exception_only()).strip()
    return {
        "kind": kind,
        "text": cut(text.splitlines()[-1] if text else kind, MOST_SAID),
        "trace": cut("".join(shown.format()).rstrip()),
        "line": line,
        "advice": advice(error, source) or known(error),
    }


def own_frames(frames: Iterable[traceback.FrameSummary]) -> list[traceback.FrameSummary]:
    """Return the frames from the first line of a cell on; before it stands how the cell was run."""
    from_cell = dropwhile(lambda frame: not frame.filename.startswith("<cell "), frames)
    return [frame for frame in from_cell if not frame.filename.startswith(OURS)]


def chain(shown: traceback.TracebackException | None) -> Iterator[traceback.TracebackException]:
    """Return an exception and those that led to it."""
    while shown is not None:
        yield shown
        shown = shown.__cause__ or shown.__context__
