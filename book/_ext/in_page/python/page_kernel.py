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
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from itertools import dropwhile
from types import ModuleType
from typing import Any

Send = Callable[[dict[str, Any]], None]

MOST_TEXT = 100_000  # characters that one cell may print
MOST_SHOWN = 40  # boxes and pictures of one cell
MOST_LETTERS = 20_000  # of a sentence, an error, a traceback
TOO_MANY = f"… (the cell shows more than {MOST_SHOWN} boxes and pictures; the rest is not shown)\n"
TOO_MUCH = "\n… (the cell printed more than 100,000 characters; the rest is not shown)\n"
EVERY = 0.05  # seconds between two messages with printed text
ELSEWHERE = "run this part locally or in Colab."
LIBRARIES = {"tensorflow": "TensorFlow", "keras": "TensorFlow"}
HERE = ("numpy", "matplotlib")  # what Pyodide has in this book
LOST = "{} could not be loaded: check the connection, then run the cell again."
FULL = "There is no memory left. Press Restart Python."
COMMANDS = "Lines that begin with % or ! are commands of Jupyter. They do not work here: " + ELSEWHERE
NO_INPUT = "input() does not work in the page: write the value into the code."
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
INSTALLED: list[Kernel] = []  # the one that runs cells; page_backend asks for it


class Output:
    """What a cell prints and shows as text: sent in pieces and in order, and cut when it is too much."""

    def __init__(self, send: Send) -> None:
        """Send messages by `send`."""
        self.send = send
        self.room = MOST_TEXT
        self.pieces: list[list[str]] = []  # of stream and text
        self.last = time.monotonic()

    def write(self, stream: str, text: str) -> None:
        """Take text of a stream; it reaches the page within a moment."""
        if self.room < 0:
            return
        part = text[: self.room]
        self.room -= len(text)
        part += TOO_MUCH if self.room < 0 else ""
        if self.pieces and self.pieces[-1][0] == stream:
            self.pieces[-1][1] += part
        else:
            self.pieces.append([stream, part])
        if self.room < 0 or time.monotonic() - self.last > EVERY:
            self.flush()

    def flush(self) -> None:
        """Send what is waiting."""
        for stream, text in self.pieces:
            self.send({"what": "text", "stream": stream, "text": text})
        self.pieces, self.last = [], time.monotonic()


class Stream(io.TextIOBase):
    """A file that writes to the output of the cell."""

    def __init__(self, output: Output, name: str) -> None:
        """Write as the stream `name`."""
        self.output, self.name = output, name

    def writable(self) -> bool:
        """Say that one can write here."""
        return True

    def write(self, text: str) -> int:
        """Write text."""
        self.output.write(self.name, text)
        return len(text)


class Kernel:
    """Runs cells one after the other in one namespace."""

    def __init__(self, send: Send) -> None:
        """Send messages about the running cell by `send`."""
        self.send = send
        self.main = ModuleType("__main__")
        self.main.__dict__["__builtins__"] = builtins
        self.output = Output(send)
        self.shown = 0  # boxes and pictures of the running cell
        self.defined: dict[str, list[str]] = {}  # cell -> functions and classes that it defined when it last ran

    def install(self) -> None:
        """Be the place where cells run: `__main__`, `display`, no input, pictures into the page."""
        sys.modules["__main__"] = self.main
        builtins.display = self.display
        builtins.input = refuse_input
        os.environ["MPLBACKEND"] = "module://page_backend"
        logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # it tells of its cache at every start
        INSTALLED[:] = [self]

    def run(self, source: str, number: int, cell: str, passed: Iterable[str] = ()) -> bool:
        """Run a cell as the `number`-th; return whether it came to its end.

        `cell` is its name: functions that it defined before are forgotten first, so that no check judges an old answer
        when the new one is broken. `passed` are the checks that have passed, maybe before this Python was started.
        """
        self.output, self.shown = Output(self.send), 0
        self.forget(cell)
        self.remember(passed)
        if self in INSTALLED:
            builtins.display = self.display  # a cell may have overwritten it
        with self.printing():
            try:
                self.execute(source, f"<cell [{number}]>", cell)
                self.show_figures()
                return True
            except BaseException as error:
                with suppress(Exception):  # a figure that cannot be drawn hides no error
                    self.show_figures()
                self.output.flush()
                self.send({"what": "error", **told(error, source)})
                return False

    def forget(self, cell: str) -> None:
        """Take away the functions and classes that a cell defined when it last ran."""
        for name in self.defined.pop(cell, []):
            self.main.__dict__.pop(name, None)

    def remember(self, passed: Iterable[str]) -> None:
        """Tell check.py, once it is there, which checks have passed."""
        module = sys.modules.get("check")
        if module is not None and hasattr(module, "remember"):
            module.remember(passed)

    def execute(self, source: str, name: str, cell: str) -> None:
        """Run the statements of a cell; display the value of the last line, unless a semicolon ends it."""
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        body = ast.parse(source, name).body
        self.defined[cell] = [one.name for one in body if isinstance(one, DEFINITIONS)]
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
        output = self.output
        with redirect_stdout(Stream(output, "stdout")), redirect_stderr(Stream(output, "stderr")):
            try:
                yield
            finally:
                output.flush()

    def display(self, *values: Any, **_: Any) -> None:
        """Show values as the page can: a check's box, a picture, else text."""
        for value in values:
            if hasattr(type(value), "_repr_check_"):
                self.show(box_of(value._repr_check_()))
            elif is_figure(value):
                self.picture(value)
            else:
                self.output.write("value", text_of(value))

    def show(self, message: dict[str, Any]) -> None:
        """Send a box or a picture, after the text before it, while there is room for more."""
        self.shown += 1
        if self.shown <= MOST_SHOWN:
            self.output.flush()
            self.send(message)
        elif self.shown == MOST_SHOWN + 1:
            self.output.write("stderr", TOO_MANY)

    def show_figures(self) -> None:
        """Show the figures that pyplot holds, and close them."""
        pyplot = sys.modules.get("matplotlib.pyplot")
        if pyplot is None:
            return
        try:
            for number in pyplot.get_fignums():
                self.picture(pyplot.figure(number))
        finally:
            pyplot.close("all")

    def picture(self, figure: Any) -> None:
        """Send a figure as PNG at twice the size, for sharp screens."""
        out = io.BytesIO()
        figure.savefig(out, format="png", dpi=2 * figure.dpi, bbox_inches="tight", facecolor="white")
        data = out.getvalue()
        width = int.from_bytes(data[16:20], "big") // 2  # from the header of the PNG
        height = int.from_bytes(data[20:24], "big") // 2
        png = base64.b64encode(data).decode()
        self.show({"what": "picture", "png": png, "width": width, "height": height, "alt": words_of(figure)})


def box_of(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the message for a box, whatever its fields hold."""
    lines = fields.get("lines")
    numbers = {name: fields.get(name) for name in ("earned", "points")}
    return {
        "title": cut(str(fields.get("title", ""))),
        "right": fields["right"] if isinstance(fields.get("right"), bool) else None,
        "lines": [cut(str(line)) for line in lines[:MOST_SHOWN]] if isinstance(lines, list) else [],
        "read": cut(str(fields.get("read", ""))),
        **{name: value if type(value) in (int, float) else None for name, value in numbers.items()},
        "what": "box",
    }


def cut(text: str) -> str:
    """Return a text without its middle, where it is very long."""
    half = MOST_LETTERS // 2
    return text if len(text) <= MOST_LETTERS else f"{text[:half]}\n…\n{text[-half:]}"


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


def told(error: BaseException, source: str) -> dict[str, Any]:
    """Return what the page shows of an exception, also of one that resists."""
    try:
        return explained(error, source)
    except Exception:
        kind = type(error).__name__
        text = f"{kind}: (its message cannot be shown)"
        return {"kind": kind, "text": text, "trace": text, "line": None, "advice": ""}


def explained(error: BaseException, source: str) -> dict[str, Any]:
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
        name = str(error.name).partition(".")[0]
        return LOST.format(name) if name in HERE else f"needs {LIBRARIES.get(name, name)}: {ELSEWHERE}"
    if isinstance(error, MemoryError):
        return FULL
    if isinstance(error, SyntaxError) and any(line.lstrip().startswith(("%", "!")) for line in source.splitlines()):
        return COMMANDS
    return ""
