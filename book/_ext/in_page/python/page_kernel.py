"""Runs the cells of a notebook inside Pyodide, and tells the page what came of each: text, pictures, boxes, errors.

Standard library only; matplotlib is used where a cell has imported it. What a cell prints or returns goes to the page
as plain values: nothing of it is ever HTML.
"""

from __future__ import annotations

import ast
import builtins
import linecache
import logging
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from inspect import CO_COROUTINE
from types import CodeType, ModuleType
from typing import Any

from page_absent import take_keyboard_away
from page_errors import told
from page_given import Given
from page_output import Output, Send, Stream, cut
from page_pictures import is_figure, picture_of

MOST_SHOWN = 40  # boxes and pictures of one cell
TOO_MANY = f"… (the cell shows more than {MOST_SHOWN} boxes and pictures; the rest is not shown)\n"
CHECK = "check-"  # how the names of the cells of checks begin
DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
INSTALLED: list[Kernel] = []  # the one that runs cells; page_backend asks for it


class Kernel:
    """Runs cells one after the other in one namespace."""

    def __init__(self, send: Send) -> None:
        """Send messages about the running cell by `send`."""
        self.send = send
        self.main = ModuleType("__main__")
        self.main.__dict__["__builtins__"] = builtins
        self.output = Output(send)
        self.shown = 0  # boxes and pictures of the running cell
        self.given = Given()
        self.defined: dict[str, list[str]] = {}  # cell -> functions and classes that it defined when it last ran

    def install(self) -> None:
        """Be the place where cells run: `__main__`, `display`, no input, pictures into the page."""
        sys.modules["__main__"] = self.main
        builtins.display = self.display
        take_keyboard_away()
        os.environ["MPLBACKEND"] = "module://page_backend"
        logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # it tells of its cache at every start
        INSTALLED[:] = [self]

    async def run(self, source: str, number: int, cell: str, passed: Iterable[str] = ()) -> bool:
        """Run a cell as the `number`-th; return whether it came to its end. A cell may `await`, as in Jupyter.

        `cell` is its name: functions that it defined before are forgotten first, so that no check judges an old answer
        when the new one is broken. `passed` are the checks that have passed, maybe before this Python was started.
        """
        self.output, self.shown = Output(self.send), 0
        self.forget(cell)
        self.remember(passed)
        if self in INSTALLED:
            builtins.display = self.display  # a cell may have overwritten it
        before = dict(self.main.__dict__)
        with self.printing():
            try:
                await self.execute(source, f"<cell [{number}]>", cell)
                self.show_figures()
                self.given.note(cell, before, self.main.__dict__)
                if cell.startswith(CHECK) and (says := self.given.replaced(self.main.__dict__)):
                    self.show({"what": "note", "text": says})
                return True
            except BaseException as error:
                with suppress(Exception):  # a figure that cannot be drawn hides no error
                    self.show_figures()
                self.output.flush()
                self.send({"what": "error", **told(error, source, self.missed)})
                return False

    def missed(self, error: BaseException) -> str:
        """Return a sentence about a name of the set-up, where an exception came of its loss."""
        return self.given.missed(error, self.main.__dict__)

    def forget(self, cell: str) -> None:
        """Take away the functions and classes that a cell defined when it last ran."""
        for name in self.defined.pop(cell, []):
            self.main.__dict__.pop(name, None)

    def remember(self, passed: Iterable[str]) -> None:
        """Tell check.py, once it is there, which checks have passed."""
        module = sys.modules.get("check")
        if module is not None and hasattr(module, "remember"):
            module.remember(passed)

    async def execute(self, source: str, name: str, cell: str) -> None:
        """Run the statements of a cell; display the value of the last line, unless a semicolon ends it."""
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
        body = ast.parse(source, name).body
        self.defined[cell] = [one.name for one in body if isinstance(one, DEFINITIONS)]
        last = body.pop() if body and isinstance(body[-1], ast.Expr) and not source.rstrip().endswith(";") else None
        await self.value_of(ast.Module(body, []), name, "exec")
        if last is not None:
            value = await self.value_of(ast.Expression(last.value), name, "eval")
            if value is not None:
                self.main.__dict__["_"] = value
                self.display(value)

    async def value_of(self, tree: ast.AST, name: str, mode: str) -> Any:
        """Run a piece of a cell; return the value of an expression."""
        flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        code: CodeType = compile(tree, name, mode, flags=flags, dont_inherit=True)
        value = eval(code, self.main.__dict__)
        return await value if code.co_flags & CO_COROUTINE else value

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
        """Send a figure as a picture, and a word about letters that it lacks."""
        message, lacks = picture_of(figure)
        self.show(message)
        if lacks:
            self.show({"what": "note", "text": lacks})


def box_of(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the message for a box, whatever its fields hold."""
    lines = fields.get("lines")
    numbers = {name: fields.get(name) for name in ("earned", "points")}
    return {
        "title": cut(str(fields.get("title", ""))),
        "right": fields["right"] if isinstance(fields.get("right"), bool) else None,
        "lines": [cut(str(line)) for line in lines[:MOST_SHOWN]] if isinstance(lines, list) else [],
        "read": cut(str(fields.get("read", ""))),
        "python": cut(str(fields.get("python", ""))),
        "unnamed": cut(str(fields.get("unnamed", ""))),
        **{name: value if type(value) in (int, float) else None for name, value in numbers.items()},
        "what": "box",
    }


def text_of(value: object) -> str:
    """Return repr(value), or the error that it raises."""
    try:
        return repr(value) + "\n"
    except Exception as error:
        return f"(its repr raised {type(error).__name__}: {error})\n"
