"""What a cell imports and is not here: it is told where it is imported, and the rest of the cell is run.

On the learner's machine the package is installed, so whatever does not need it works there, and should here. An import
that the learner has put into a `try` is left alone: there they say themselves what happens where it fails.
"""

from __future__ import annotations

import ast
import copy
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NoReturn

NAME = "_not_there"  # in the notebook's names: what makes a stand-in
ERROR = "_import_error"
BODIES = ("body", "orelse", "handlers", "cases")
USES = (
    *("call", "iter", "next", "len", "enter", "exit", "array", "float", "int", "index", "complex", "contains"),
    *("neg", "pos", "abs", "invert", "lt", "le", "gt", "ge", "setitem", "delitem"),
    *(
        f"{side}{name}"
        for name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul")
        for side in "ri"
    ),
    *("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"),
)


class Missing:
    """Stands for what could not be imported: it may be named, as in an annotation; whoever uses it gets the error."""

    def __init__(self, error: ImportError) -> None:
        """Remember what the import raised."""
        self._error = error

    def __getattr__(self, name: str) -> Missing:
        """Return what stands for a part of it."""
        if name.startswith("_"):
            raise AttributeError(name)
        return Missing(self._error)

    def __getitem__(self, key: Any) -> Missing:
        """Return what stands for a kind of it, as in `Float[Array]`."""
        return self

    __or__ = __ror__ = __getitem__  # as in `Tensor | None`

    def __instancecheck__(self, value: Any) -> bool:
        """Say that nothing is of its kind, which is not here."""
        return False

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[Any, ...]:
        """Let a class be written that inherits from it."""
        return ()

    def __repr__(self) -> str:
        """Return what the import raised."""
        return f"<not here: {self._error}>"


def raises(self: Missing, *args: Any, **kwargs: Any) -> NoReturn:
    """Raise what the import raised."""
    raise type(self._error)(*self._error.args)


for use in USES:
    setattr(Missing, f"__{use}__", raises)


def maker(tell: Callable[[str], None]) -> Callable[[ImportError, str], Any]:
    """Return what makes a stand-in after a failed import and tells of it."""

    def not_there(error: ImportError, whole: str = "") -> Any:
        tell(f"({str(error)[:200]}: what uses it stops there, and all else is run)\n")
        return sys.modules.get(whole) or Missing(error)  # `import scipy.nothing` leaves SciPy as it is

    return not_there


def keep_importing(tree: ast.Module) -> ast.Module:
    """Return a cell in which a failed import stops nothing but what uses it."""
    tree.body = list(in_blocks(tree.body))
    return tree


def in_blocks(body: Sequence[ast.stmt]) -> Iterator[Any]:
    """Yield statements, with what is to be done where an import among them fails; expressions are not looked into."""
    for node in body:
        if isinstance(node, ast.Import | ast.ImportFrom) and getattr(node, "module", "") != "__future__":
            yield from map(kept, one_by_one(node))
            continue
        for name in BODIES if not catches(node) else ():
            inner = getattr(node, name, None)
            if isinstance(inner, list):
                setattr(node, name, list(in_blocks(inner)))
        yield node


def catches(node: ast.AST) -> bool:
    """Say whether a statement deals with what is raised inside of it."""
    items = node.items if isinstance(node, ast.With | ast.AsyncWith) else []
    called = [getattr(item.context_expr, "func", None) for item in items]
    names = [getattr(one, "id", getattr(one, "attr", "")) for one in called]
    return isinstance(node, ast.Try | ast.TryStar) or "suppress" in names


def one_by_one(node: Any) -> list[Any]:
    """Return an import of several names as imports of one each."""
    found = []
    for item in node.names:
        one = copy.copy(node)
        one.names = [item]
        found.append(one)
    return found


def kept(node: Any) -> ast.stmt:
    """Return an import of one name with a stand-in for where it fails."""
    item = node.names[0]
    whole = item.name.partition(".")[0] if isinstance(node, ast.Import) and not item.asname else ""
    call = f"{NAME}({ERROR}, {whole!r})"
    bound = item.asname or whole or item.name
    text = call if bound == "*" else f"{bound} = {call}"
    made = ast.parse(f"try:\n    pass\nexcept ImportError as {ERROR}:\n    {text}").body[0]
    for part in ast.walk(made):
        if isinstance(part, ast.stmt | ast.expr | ast.ExceptHandler):
            ast.copy_location(part, node)
    made.body = [node]  # type: ignore[attr-defined]
    return made
