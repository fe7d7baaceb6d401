"""Runs the cells of a notebook inside Pyodide, and tells the page what came of each: text, pictures, boxes, errors.

Standard library only; matplotlib is used where a cell has imported it. What a cell prints or returns goes to the page
as plain values: nothing of it is ever HTML.
"""

from __future__ import annotations

import ast
import base64
import builtins
import io
import linecache
import logging
import os
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from itertools import dropwhile
from types import ModuleType
from typing import Any

Send = Callable[[dict[str, Any]], None]

MOST_TEXT = 100_000  # characters that one cell may print
MOST_PICTURES = 20  # that one cell may draw
TOO_MUCH = "\n… (the cell printed more than 100,000 characters; the rest is not shown)\n"
EVERY = 0.05  # seconds between two messages with printed text
ELSEWHERE = "run this part locally or in Colab."
LIBRARIES = {"tensorflow": "TensorFlow", "keras": "TensorFlow"}
COMMANDS = "Lines that begin with % or ! are commands of Jupyter. They do not work here: " + ELSEWHERE
NO_INPUT = "input() does not work in the page: write the value into the code."
INSTALLED: list[Kernel] = []  # the one that runs cells; page_backend asks for it


class Printed(io.TextIOBase):
    """What a cell prints: sent in pieces, and cut when it is too much."""

    def __init__(self, send: Send, name: str, room: list[int]) -> None:
        """Send text of the stream `name`; `room` holds how much the cell may still print."""
        self.send, self.name, self.room = send, name, room
        self.waiting: list[str] = []
        self.last = time.monotonic()

    def writable(self) -> bool:
        """Say that one can write here."""
        return True

    def write(self, text: str) -> int:
        """Take text; it reaches the page within a moment."""
        if self.room[0] >= 0:
            self.waiting.append(text[: self.room[0]])
            self.room[0] -= len(text)
            if self.room[0] < 0:
                self.waiting.append(TOO_MUCH)
        if time.monotonic() - self.last > EVERY:
            self.flush()
        return len(text)

    def write_all(self, text: str) -> None:
        """Take text and send it at once."""
        self.write(text)
        self.flush()

    def flush(self) -> None:
        """Send what is waiting."""
        if self.waiting:
            self.send({"what": "text", "stream": self.name, "text": "".join(self.waiting)})
        self.waiting, self.last = [], time.monotonic()


class Kernel:
    """Runs cells one after the other in one namespace."""

    def __init__(self, send: Send) -> None:
        """Send messages about the running cell by `send`."""
        self.send = send
        self.main = ModuleType("__main__")
        self.main.__dict__["__builtins__"] = builtins
        self.pictures = 0
        self.streams: list[Printed] = []

    def install(self) -> None:
        """Be the place where cells run: `__main__`, `display`, no input, pictures into the page."""
        sys.modules["__main__"] = self.main
        builtins.display = self.display
        builtins.input = refuse_input
        os.environ["MPLBACKEND"] = "module://page_backend"
        logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # it tells of its cache at every start
        INSTALLED[:] = [self]

    def run(self, source: str, number: int) -> bool:
        """Run a cell as the `number`-th; return whether it came to its end."""
        self.pictures = 0
        with self.printing():
            try:
                self.execute(source, f"<cell [{number}]>")
                self.show_figures()
                return True
            except BaseException as error:
                self.show_figures()
                self.flush()
                self.send({"what": "error", **explained(error, source)})
                return False

    def execute(self, source: str, name: str) -> None:
        """Run the statements of a cell; display the value of the last line, unless a semicolon ends it."""
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        body = ast.parse(source, name).body
        last = body.pop() if body and isinstance(body[-1], ast.Expr) and not source.rstrip().endswith(";") else None
        exec(compile(ast.Module(body, []), name, "exec", dont_inherit=True), self.main.__dict__)
        if last is not None:
            value = eval(compile(ast.Expression(last.value), name, "eval", dont_inherit=True), self.main.__dict__)
            if value is not None:
                self.main.__dict__["_"] = value
                self.display(value)

    @contextmanager
    def printing(self) -> Iterator[None]:
        """Send what is printed meanwhile to the page."""
        room = [MOST_TEXT]
        self.streams = [Printed(self.send, "stdout", room), Printed(self.send, "stderr", room)]
        with redirect_stdout(self.streams[0]), redirect_stderr(self.streams[1]):
            try:
                yield
            finally:
                self.flush()

    def flush(self) -> None:
        """Send printed text that is still waiting, so that the order stays."""
        for stream in self.streams:
            stream.flush()

    def display(self, *values: Any, **_: Any) -> None:
        """Show values as the page can: a check's box, a picture, else text."""
        for value in values:
            self.flush()
            if hasattr(type(value), "_repr_check_"):
                self.send({"what": "box", **value._repr_check_()})
            elif is_figure(value):
                self.picture(value)
            else:
                Printed(self.send, "value", [MOST_TEXT]).write_all(text_of(value))

    def show_figures(self) -> None:
        """Show the figures that pyplot holds, and close them."""
        pyplot = sys.modules.get("matplotlib.pyplot")
        if pyplot is None:
            return
        self.flush()
        try:
            for number in pyplot.get_fignums():
                self.picture(pyplot.figure(number))
        finally:
            pyplot.close("all")

    def picture(self, figure: Any) -> None:
        """Send a figure as PNG at twice the size, for sharp screens."""
        self.pictures += 1
        if self.pictures > MOST_PICTURES:
            return
        out = io.BytesIO()
        figure.savefig(out, format="png", dpi=2 * figure.dpi, bbox_inches="tight", facecolor="white")
        data = out.getvalue()
        width = int.from_bytes(data[16:20], "big") // 2  # from the header of the PNG
        height = int.from_bytes(data[20:24], "big") // 2
        png = base64.b64encode(data).decode()
        self.send({"what": "picture", "png": png, "width": width, "height": height, "alt": words_of(figure)})


def refuse_input(prompt: object = "") -> str:
    """Stand in for input()."""
    raise RuntimeError(NO_INPUT)


def text_of(value: object) -> str:
    """Return repr(value), or the error that it raises."""
    try:
        return repr(value) + "\n"
    except Exception as error:
        return f"(its repr raised {type(error).__name__}: {error})\n"


def is_figure(value: object) -> bool:
    """Say whether a value is matplotlib's figure, without importing matplotlib."""
    module = sys.modules.get("matplotlib.figure")
    return module is not None and isinstance(value, module.Figure)


def words_of(figure: Any) -> str:
    """Return a picture's title and labels, for those who do not see it."""
    titles = [figure.get_suptitle() if hasattr(figure, "get_suptitle") else ""]
    for axes in figure.axes:
        titles += [axes.get_title(), axes.get_xlabel(), axes.get_ylabel()]
    said = "; ".join(dict.fromkeys(title.strip() for title in titles if title.strip()))
    return f"Picture: {said}" if said else "Picture"


def explained(error: BaseException, source: str) -> dict[str, Any]:
    """Return the kind, the text and the traceback of an exception, without the frames of this file."""
    kind = type(error).__name__
    rendered = getattr(error, "_render_traceback_", None)
    if callable(rendered):
        return {"kind": kind, "text": "\n".join(rendered()), "trace": "", "line": None, "advice": ""}
    shown = traceback.TracebackException.from_exception(error, limit=None)
    for one in chain(shown):
        one.stack = traceback.StackSummary.from_list(own_frames(one.stack))
    lines = [frame.lineno for frame in shown.stack if frame.filename.startswith("<cell ")]
    line = lines[0] if lines else getattr(error, "lineno", None)  # the latter of what is not Python
    text = "".join(shown.format_exception_only()).strip()
    return {
        "kind": kind,
        "text": text.splitlines()[-1] if text else kind,
        "trace": "".join(shown.format()).rstrip(),
        "line": line,
        "advice": advice(error, source),
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
        name = error.name.partition(".")[0]
        return f"needs {LIBRARIES.get(name, name)}: {ELSEWHERE}"
    if isinstance(error, SyntaxError) and any(line.lstrip().startswith(("%", "!")) for line in source.splitlines()):
        return COMMANDS
    return ""
