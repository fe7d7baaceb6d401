"""An IPython shell without a kernel: runs cells in this process and collects their outputs.

Outputs are capped here so that a flood does not fill the memory; the trusted side caps them again.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import io
import os
import sys
import types
from contextlib import suppress
from functools import lru_cache, partial
from typing import Any

from IPython.core.compilerop import CachingCompiler
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.text import SList
from traitlets import Any as AnyTrait
from traitlets import Type
from traitlets.config import Config

from autograder.grade.run import given_names, missing_imports
from autograder.grade.run.given_names import Given, as_given
from autograder.grade.run.missing_imports import keep_importing

MOST_TEXT = 200_000  # characters of printed text a cell
MOST_DATA = 4_000_000  # characters of displayed data (pictures as base64) a cell
MOST_OUTPUTS = 200
CUT = "\n… the rest of the output was cut off …\n"
FONT_TABLES = 256  # tables that are remembered: three of each font
QUICKLY_PACKED = {"compress_level": 1}  # a figure takes 4 % less time than with PNG's usual 6, and 17 % more room
NOT_DRAWN = "(a figure: run this cell in your own notebook to see it)"


class Tape:
    """Collects the outputs of one cell in nbformat's form, up to the limits."""

    def __init__(self) -> None:
        """Start with nothing on it."""
        self.outputs: list[dict[str, Any]] = []
        self.text_left, self.data_left = MOST_TEXT, MOST_DATA

    def text(self, name: str, text: str) -> None:
        """Add printed text, joined to what was printed just before on the same stream."""
        if self.text_left <= 0 or len(self.outputs) >= MOST_OUTPUTS:
            return
        text = text if len(text) < self.text_left else text[: self.text_left] + CUT
        self.text_left -= len(text)
        last = self.outputs[-1] if self.outputs else {}
        if last.get("name") == name:
            last["parts"].append(text)
        else:
            self.outputs.append({"output_type": "stream", "name": name, "parts": [text]})

    def data(self, kind: str, data: dict[str, Any]) -> None:
        """Add a displayed object, or a note where it is too large."""
        kept = {mime: value for mime, value in data.items() if isinstance(value, str)}
        size = sum(map(len, kept.values()))
        if size > self.data_left or len(self.outputs) >= MOST_OUTPUTS:
            return self.text("stdout", CUT)
        self.data_left -= size
        self.outputs.append({"output_type": kind, "data": kept})

    def error(self, name: str, text: str, lines: list[str]) -> None:
        """Add an exception, with its traceback."""
        shown = "\n".join(lines)[-MOST_TEXT:].split("\n")
        self.outputs.append({"output_type": "error", "ename": name, "evalue": text[:2000], "traceback": shown})

    def finished(self) -> list[dict[str, Any]]:
        """Return the outputs; progress bars keep only their last state."""
        for output in self.outputs:
            if "parts" in output:
                lines = "".join(output.pop("parts")).replace("\r\n", "\n").replace("\x08", "").split("\n")
                output["text"] = "\n".join(line.rpartition("\r")[2] or line.strip("\r") for line in lines)
        return self.outputs


class TapeStream(io.TextIOBase):
    """`sys.stdout` or `sys.stderr` of a cell."""

    encoding = "utf-8"

    def __init__(self, shell: GradingShell, name: str) -> None:
        """Write to the tape of `shell`."""
        self.shell, self.stream_name = shell, name

    def write(self, text: str) -> int:
        """Put text on the tape."""
        self.shell.tape.text(self.stream_name, str(text))
        return len(text)

    def writable(self) -> bool:
        """Say that text can be written."""
        return True


class TapePublisher(DisplayPublisher):
    """Puts what `display` shows on the tape."""

    def publish(self, data: dict, metadata: dict | None = None, *ignored: Any, **more: Any) -> None:
        """Keep one displayed object."""
        self.shell.tape.data("display_data", data)

    def clear_output(self, wait: bool = False) -> None:
        """Forget what the cell has shown so far."""
        self.shell.tape.outputs.clear()


class TapeDisplayHook(DisplayHook):
    """Puts the value of a cell's last expression on the tape."""

    shell: Any  # a GradingShell; IPython's own class says: a shell, or none

    def quiet(self) -> bool:
        """Say whether the cell ends in `;`."""
        try:
            return self.semicolon_at_end_of_expression(self.shell.cell_text)
        except Exception:
            return False

    def write_output_prompt(self) -> None:
        """Write no prompt."""

    def write_format_data(self, format_dict: dict, md_dict: dict | None = None) -> None:
        """Keep the value."""
        self.shell.tape.data("execute_result", format_dict)

    def finish_displayhook(self) -> None:
        """Write nothing after the value."""
        self._is_active = False


class GradingCompiler(CachingCompiler):
    """Names cells as IPython does, and tells `inspect` that a cell lies in no module.

    Else every traceback asks all modules, thousands with TensorFlow, for the one that a cell's frame is from.
    """

    def cache(self, *args: Any, **kwargs: Any) -> str:
        """Return the name under which a cell is kept."""
        name = super().cache(*args, **kwargs)
        known = getattr(inspect, "modulesbyfile", {})
        known[name] = "no module"
        with suppress(OSError):  # the folder that this process is in may be gone
            known[os.path.abspath(name)] = "no module"
        return name


class GradingShell(InteractiveShell):
    """IPython with outputs on a tape; shell commands and unknown magics do nothing but say so."""

    compiler_class = Type(GradingCompiler)
    display_pub_class = Type(TapePublisher)
    displayhook_class = Type(TapeDisplayHook)
    tape = AnyTrait()
    cell_text = AnyTrait("")
    draws = AnyTrait(True)
    ours = AnyTrait({})  # names of ours in the notebook, which a learner's code may have taken away
    given = AnyTrait(())  # names that mean in this cell what they mean to the course

    def transform_ast(self, node: ast.Module) -> ast.Module:
        """Return a cell as it is run: without what is missing, and with the course's own meaning of names."""
        return as_given(keep_importing(super().transform_ast(node)), self.given)

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        self.tape.error(etype.__name__, str(evalue), stb)

    def enable_gui(self, gui: str | None = None) -> None:
        """Accept `%matplotlib` of any kind: there is no window here."""

    def system(self, command: str) -> None:
        """Do not run `!command`: no answer needs it, and without a network pip would wait long."""
        self.tape.text("stdout", f"(grading does not run shell commands: {command[:200]})\n")

    system_piped = system_raw = system

    def getoutput(self, command: str, split: bool = True, depth: int = 0) -> Any:
        """Return nothing for `x = !command`."""
        self.system(command)
        return SList([]) if split else ""

    def run_line_magic(self, magic_name: str, line: str, _stack_depth: int = 1) -> Any:
        """Pass over a magic that only another notebook service knows, or that does not work here."""
        if self.find_line_magic(magic_name) is None:
            return self.tape.text("stdout", f"(there is no %{magic_name} here; it was passed over)\n")
        try:
            return super().run_line_magic(magic_name, line, _stack_depth + 1)
        except Exception as error:
            return self.tape.text("stdout", f"(%{magic_name} was passed over: {str(error)[:200]})\n")

    def run(self, text: str) -> tuple[list[dict[str, Any]], bool]:
        """Run a cell; return its outputs and whether it went through without an error."""
        self.tape, self.cell_text = Tape(), text
        self.user_ns.update(self.ours)
        before = sys.stdout, sys.stderr
        sys.stdout, sys.stderr = TapeStream(self, "stdout"), TapeStream(self, "stderr")
        try:
            good = self.run_cell(text, store_history=False).success
        finally:
            sys.stdout, sys.stderr = before
        return self.tape.finished(), bool(good)


def make_shell() -> GradingShell:
    """Make the one shell of this process, with figures shown as PNG; starts no thread."""
    from matplotlib import pyplot as plt  # not at the top: the driver reads this file and draws nothing

    config = Config()
    config.HistoryManager.enabled = False  # it would start a thread, and a forked process must have one only
    config.InteractiveShell.cache_size = 0
    shell = GradingShell.instance(config=config)
    shell.tape = Tape()
    not_there = missing_imports.maker(lambda text: shell.tape.text("stdout", text))
    shell.ours = {missing_imports.NAME: not_there, given_names.NAME: Given(shell.user_ns)}
    shell.enable_matplotlib("inline")
    plt.uninstall_repl_displayhook()  # it would draw every figure once more, only to throw the drawing away
    draw_on_demand(shell)
    draw_with_less_asking()
    sys.modules.update(colab_modules())
    return shell


def draw_on_demand(shell: GradingShell) -> None:
    """Let a line stand for each figure of a cell whose figures are not to be drawn."""
    from matplotlib.figure import Figure

    formatter = shell.display_formatter
    assert formatter is not None, "IPython makes one with every shell"
    as_png, as_text = formatter.formatters["image/png"], formatter.formatters["text/plain"]
    draw = partial(as_png.lookup_by_type(Figure), pil_kwargs=QUICKLY_PACKED)
    as_png.for_type(Figure, lambda figure: draw(figure) if shell.draws else None)
    as_text.for_type(Figure, lambda figure, printer, cycle: printer.text(repr(figure) if shell.draws else NOT_DRAWN))


def draw_with_less_asking() -> None:
    """Let Matplotlib read a font's table once, and a setting at once; both together are a tenth of a figure's time.

    For each text Matplotlib 3.11 reads two tables and eleven settings, and asks of each setting whether it is the
    backend, which it may have to choose first; here that is chosen.
    """
    from matplotlib import RcParams
    from matplotlib.ft2font import FT2Font

    FT2Font.get_sfnt_table = lru_cache(FONT_TABLES)(FT2Font.get_sfnt_table)  # type: ignore[assignment,method-assign]
    RcParams.__getitem__ = dict.__getitem__  # type: ignore[method-assign]


class Nothing(types.ModuleType):
    """A module, function and object that does nothing, whatever is asked of it."""

    def __getattr__(self, name: str) -> Nothing:
        """Return another nothing."""
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing(name)

    def __call__(self, *args: Any, **kwargs: Any) -> None:
        """Do nothing."""


def colab_modules() -> dict[str, types.ModuleType]:
    """Return stand-ins for `google.colab`, so that notebooks written there run here."""
    top = Nothing("google.colab")
    parts = {f"google.colab.{name}": getattr(top, name) for name in ("drive", "files", "output", "userdata", "patches")}
    vars(parts["google.colab.files"]).update(upload=dict)  # no files
    vars(top).update(files=parts["google.colab.files"])
    try:
        google = importlib.import_module("google")  # the folder that TensorFlow's protobuf lives in
    except ImportError:
        google = Nothing("google")
    vars(google).update(colab=top)
    return {"google": google, "google.colab": top, **parts}
