"""Checks your answers in this notebook: `check`, `hint` and `progress`.

This file needs only the standard library and NumPy. It reads `reference.json` beside it: inputs, the
right outputs, and a few numbers by which the outputs of well-known mistakes are recognised. When your
output is one of those, the message names the mistake, or two that were made together. Changing this file
or that one helps nobody: graded copies are never used.
"""

from __future__ import annotations

import ast
import builtins
import copy
import difflib
import dis
import html
import importlib.util
import inspect
import json
import linecache
import re
import unicodedata
import warnings
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr
from functools import lru_cache
from io import StringIO
from itertools import combinations, combinations_with_replacement, permutations, starmap
from pathlib import Path
from types import CodeType, FrameType, TracebackType
from typing import Any, NamedTuple

import numpy as np

NO_SCALAR = "only 0-dimensional arrays can be converted to Python scalars"
SOFT_SCALAR = "Conversion of an array with ndim > 0"  # what NumPy before 2.4 warns of
Result = dict[str, Any]  # part name -> array, or {"raises": [exception names], "text": message}


# ---------------------------------------------------------------- values in and out of reference.json
def encode(value: Any, decimals: int = 8) -> Any:
    """Turn an array, scalar, string or None into something JSON can hold, rounded to `decimals`."""
    if isinstance(value, np.ndarray):
        flat = [encode(item, decimals) for item in value.ravel().tolist()]
        return {"dtype": str(value.dtype), "shape": list(value.shape), "data": flat}
    if isinstance(value, float):
        return round(value, decimals) + 0.0 if np.isfinite(value) else str(value)  # + 0.0: no -0.0
    return value


def decode(value: Any) -> Any:
    """Undo `encode`."""
    if isinstance(value, dict) and "data" in value:
        data = [float(item) if isinstance(item, str) else item for item in value["data"]]
        return np.array(data, dtype=value["dtype"]).reshape(value["shape"])
    return float(value) if value in ("nan", "inf", "-inf") else value


# ---------------------------------------------------------------- calling an answer
@contextmanager
def notebook_names(answer: Callable, names: dict, stale: list[str]) -> Iterator[None]:
    """While inside, give the notebook's globals the sizes of the case and hide leftovers of earlier runs.

    An answer that reads `D` or `N` from the notebook is right when it is given the right ones; an answer
    that reads an old result is not. A constant or a helper function with the name of an old result stays.
    """
    space = getattr(answer, "__globals__", {})
    absent = object()
    stale = [name for name in stale if is_leftover(space.get(name))]
    before = {name: space.get(name, absent) for name in [*names, *stale]}
    for name in stale:
        space.pop(name, None)
    space.update(names)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is absent:
                space.pop(name, None)
            else:
                space[name] = value


def is_leftover(value: Any) -> bool:
    """Say whether a notebook's value may be an old result: a list, array or tensor, but no number or function."""
    array = hasattr(value, "__array__") and not callable(value) and np.ndim(value) > 0
    return array or isinstance(value, (list, tuple, dict))


class Unreadable(TypeError):
    """What a function returned cannot be read as its parts; the message says why, as a sentence.

    `came` holds what did come, as it came: a tuple, a list, a dictionary, an array.
    """

    def __init__(self, says: str, came: Any = ()) -> None:
        """Say why, and keep what came."""
        super().__init__(says)
        self.came = came


END_TO_END = " np.concatenate puts arrays end to end, if that is meant."
OF_KEYS = "(A dictionary that is taken apart into names gives its keys.)"


def as_array(value: Any, part: str = "Your result", alone: bool = True) -> np.ndarray:
    """Return `value` (list, tensor, array, number) as an array of numbers, or say why it is none.

    `alone` says that this part is all that the function should return.
    """
    if value is None:
        what = "Your function returned None. Is there a `return` at its end?"
        raise Unreadable(what if alone else f"{part} is None.")
    try:
        array = np.asarray(value)
    except ValueError:
        if alone and isinstance(value, tuple):
            raise Unreadable(f"You returned {len(value)} things; return only {part}.") from None
        ends = END_TO_END if are_vectors(value) else ""
        raise Unreadable(f"{part} is a list whose entries have different shapes.{ends}") from None
    if isinstance(value, str) and value.isidentifier() and not alone:
        raise Unreadable(f"{part} is the text {value[:40]!r}: expected an array of numbers. {OF_KEYS}")
    if isinstance(value, BaseException):
        raise Unreadable(f"{part} is an exception that was returned: `raise` it, and return the result.")
    if array.dtype.kind in "SU" and not isinstance(value, str):
        raise Unreadable(f"{part} holds text, {str(array.flat[0])[:40]!r}: expected numbers.")
    if array.dtype.kind not in "biufc":
        if callable(value):
            raise Unreadable(
                f"{part} is a {type(value).__name__}: call it, with parentheses, and return what it gives."
            )
        is_array = isinstance(value, np.ndarray)
        what = f"holds values of the kind {array.dtype}" if is_array else f"is a {type(value).__name__}"
        raise Unreadable(f"{part} {what}: expected an array of numbers.")
    return np.array(array, subok=False)


def are_vectors(value: Any) -> bool:
    """Say whether a value is a list of arrays with one axis each."""
    return isinstance(value, list) and all(isinstance(one, np.ndarray) and one.ndim == 1 for one in value)


def as_result(value: Any, returns: list[str]) -> Result:
    """Name the parts of what a function returned; `returns` lists the names that are expected.

    The function of a check cell may return a dictionary of them, with the names of its check's `remarks` beside them.
    """
    if isinstance(value, dict):
        missing = [name for name in returns if name not in value]
        if missing:
            raise Unreadable(about_dictionary(value, missing, returns), value)
        parts = {name: as_array(value[name], name, alone=False) for name in returns}
        return parts | ({"remarks": list(value["remarks"])} if value.get("remarks") else {})
    if len(returns) == 1:
        return {returns[0]: as_array(value, returns[0])}
    if not isinstance(value, (tuple, list)):
        value = as_array(value)  # an array or tensor can be unpacked along its first axis
    count = len(value) if isinstance(value, (tuple, list)) or value.ndim else 1
    if count != len(returns):
        what = f"one array of shape {value.shape}" if isinstance(value, np.ndarray) else f"{count} things"
        names, groups = ", ".join(returns), in_groups(value, len(returns))
        raise Unreadable(f"Your function returned {what}; expected {len(returns)} things, ({names}).{groups}", value)
    parts = dict(zip(returns, value, strict=True))
    try:
        return {name: as_array(item, name, alone=False) for name, item in parts.items()}
    except Unreadable as error:
        raise Unreadable(str(error), {name: item for name, item in parts.items() if item is not None}) from None


GROUPS = {2: "pairs", 3: "triples"}


def in_groups(value: Any, wanted: int) -> str:
    """Say that a list holds tuples or lists of which each has some of the parts that are wanted, or all of them."""
    if isinstance(value, np.ndarray):
        return ""
    sizes = {len(one) if isinstance(one, (tuple, list)) else 0 for one in value}
    size = sizes.pop() if len(sizes) == 1 else 0
    called = GROUPS.get(size, f"groups of {size}")
    if size == wanted > 1:
        return f" You returned {called}: leave each of the {wanted} whole, and return one after the other."
    grouped = size > 1 and size * len(value) == wanted
    return f" You returned {called}: return all {wanted} one after the other." if grouped else ""


def about_dictionary(value: dict, missing: list[str], returns: list[str]) -> str:
    """Say what is wrong with a dictionary that lacks parts of the result."""
    if len(missing) < len(returns):
        return f"The result lacks {', '.join(missing)}."
    keys = ", ".join(map(repr, list(value)[:8])) or "nothing"
    if len(returns) == 1:
        return f"Your function returned a dictionary of {keys}; return {returns[0]} itself."
    return f"Your function returned a dictionary of {keys}; return the parts themselves: `return {', '.join(returns)}`."


def call(answer: Callable, inputs: dict, returns: list[str]) -> Result:
    """Call `answer(**inputs)` on copies of the inputs and return its result, or what it raised.

    `float(x)` of an array (1, 1) warns in NumPy before 2.4 and stops there: a right answer would pass at home and fail
    where it is graded. So the answer is given a second try, on every version alike, with inputs that still convert;
    a result that needed it is marked, and is told of with a remark.
    """
    result = attempt(answer, inputs, returns)
    facts = result.get("facts", {})
    if facts.get("soft") or facts.get("turned"):
        again = attempt(answer, {name: softened(value) for name, value in inputs.items()}, returns)
        if "raises" not in again:
            return again | {"softened": True} if facts.get("soft") else result | {"came": parts_alone(again, returns)}
    return result


def parts_alone(result: Result, returns: list[str]) -> dict[str, np.ndarray]:
    """Return the parts of a result without what is noted beside them."""
    return {name: result[name] for name in returns if name in result}


def results_of(spec: dict, answer: Callable) -> list[Result]:
    """Return what an answer gives in each case of a check; what stands in its code is noted at the first."""
    results = []
    for case in spec["cases"]:
        with notebook_names(answer, case.get("names", {}), spec.get("stale", [])):
            results.append(call(answer, case["inputs"], spec["returns"]))
    results[0] |= noted(seen_in_code(answer, spec["function"], spec["cases"][0].get("names", {})))
    return results


def noted(code: Code) -> dict[str, Code]:
    """Return what stands in the code as a note on a result."""
    return {"code": code} if code else {}


class Soft(np.ndarray):
    """An array that `float` and `math` take where it has one entry, as NumPy's own did before version 2.4.

    Its `T` exchanges the last two axes of a batch: what is meant where `.T` stands, so that more can be said of it.
    """

    @property
    def T(self) -> Soft:
        """Return it with its last two axes exchanged."""
        return np.swapaxes(self, -1, -2) if self.ndim > 1 else self

    def __float__(self) -> float:
        """Return the only entry, or stop as NumPy does."""
        return float(self.item()) if self.size == 1 else float(np.asarray(self))

    def __int__(self) -> int:
        """Return the only entry as a whole number, or stop as NumPy does."""
        return int(self.item()) if self.size == 1 else int(np.asarray(self))


def softened(value: Any) -> Any:
    """Return an array of numbers as one that `float` takes if it has one entry; anything else as it is."""
    return value.view(Soft) if type(value) is np.ndarray and value.dtype.kind in "biuf" else value


def copies_of(inputs: dict) -> dict:
    """Return copies of the inputs, so that an answer that changes its own changes no others."""
    return {name: x.copy() if isinstance(x, np.ndarray) else copy.deepcopy(x) for name, x in inputs.items()}


def attempt(answer: Callable, inputs: dict, returns: list[str]) -> Result:
    """Call an answer once."""
    given = copies_of(inputs)
    renamed = other_names(answer, inputs)
    result = outcome(answer, given, returns, by_place=bool(renamed))
    if "raises" in result:
        return result
    changed = [name for name in inputs if not same(given[name], inputs[name])]
    notes = {"changed": changed, "renamed": renamed}
    return result | {name: found for name, found in notes.items() if found}


def outcome(answer: Callable, given: dict, returns: list[str], by_place: bool = False) -> Result:
    """Call `answer(**given)`, or `answer(*given.values())`, and return its result, or what it raised."""
    try:
        with redirect_stderr(StringIO()), np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.filterwarnings("error", SOFT_SCALAR, DeprecationWarning)
            value = answer(*given.values()) if by_place else answer(**given)
            shared = parts_of_one_array(value, returns)
            return returned(value, returns) | ({"shared": shared} if shared else {})
    except (Exception, SystemExit) as error:
        facts = facts_of(error, answer) | ({"soft": "yes"} if is_soft(error) or is_soft(error.__cause__) else {})
        if SOFT_SCALAR in str_of(error):  # the same since 2.4
            error = TypeError(NO_SCALAR).with_traceback(error.__traceback__)
        names = [kind.__name__ for kind in type(error).__mro__]
        told = {"raises": names, "text": text_of(error), "where": raised_in(error), "facts": facts}
        came = what_came(error, returns)
        return told | ({"came": came} if came else {})


def parts_of_one_array(value: Any, returns: list[str]) -> list[str]:
    """Return the parts that are lists of which all entries are one and the same array."""
    parts = [value] if len(returns) == 1 else value if isinstance(value, tuple) else []
    return [
        name
        for name, part in zip(returns, parts, strict=False)
        if isinstance(part, list) and len(part) > 1 and isinstance(part[0], np.ndarray)
        if part[0].size > 1 and all(one is part[0] for one in part)
    ]


def returned(value: Any, returns: list[str]) -> Result:
    """Name the parts of what an answer returned. A dictionary is the check cell's: it holds the names of remarks, too.

    A learner's dictionary of the right names would be taken apart into these names by the next cell.
    """
    if isinstance(value, dict) and "remarks" not in value and len(returns) > 1:
        raise Unreadable(about_dictionary(value, list(returns), returns), value)
    return as_result(value, returns)


def what_came(error: BaseException, returns: list[str]) -> dict[str, np.ndarray]:
    """Return as arrays what an answer gave in place of a whole result; under "0", "1", … where no part is named.

    It is what an `Unreadable` holds; or, where the function of a check cell stopped, which is called `answer`, what
    it has in `result`, which is what the learner's function returned.
    """
    if isinstance(error, Unreadable):
        return readable(error.came, returns)
    held = [names_of_cell(step.tb_frame) for step in steps_of(error)[1:2]]
    return readable(held[0]["result"], returns) if held and "result" in held[0] else {}


def names_of_cell(frame: FrameType) -> dict[str, Any]:
    """Return the names of a check cell's function, which is called `answer`, and nothing of another frame."""
    return frame.f_locals if frame.f_code.co_name == "answer" else {}


MOST_PARTS = 8  # that are looked at where a result has too many or too few


def readable(came: Any, returns: list[str]) -> dict[str, np.ndarray]:
    """Return what came as arrays, under the names of the parts or under numbers; what is no array is left out."""
    whole = isinstance(came, list) and as_one(came) is not None  # a list of rows is one array
    parts = list(came) if isinstance(came, (tuple, list)) and not whole else [came]
    named = came if isinstance(came, dict) else dict(zip(map(str, range(len(parts))), parts, strict=True))
    if not set(named) <= set(returns):
        named = {str(number): part for number, part in enumerate(named.values())}
    arrays = {name: as_one(part) for name, part in [*named.items()][:MOST_PARTS]}
    return {name: array for name, array in arrays.items() if array is not None}


def as_one(value: Any) -> np.ndarray | None:
    """Return a value as one array of numbers, or None where it is none."""
    try:
        return as_array(value)
    except Exception:  # a library's own objects raise what they like
        return None


def is_soft(error: BaseException | None) -> bool:
    """Say whether an exception is about an array of one entry that was to become a number."""
    return error is not None and (NO_SCALAR in str_of(error) or SOFT_SCALAR in str_of(error))


def other_names(answer: Callable, inputs: dict) -> list[str]:
    """Return the inputs that a function takes, at the same places, under other names; nothing where it cannot be said.

    Most check cells hand their inputs over by position, so other names do no harm there. Nor do they elsewhere.
    """
    try:
        parameters = parameters_of(answer)
    except (TypeError, ValueError):
        return []
    places = [one.name for one in parameters if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD)]
    if len(places) != len(inputs) or len(places) != len(parameters) or set(places) == set(inputs):
        return []
    moved = any(mine in inputs and mine != name for mine, name in zip(places, inputs, strict=True))
    return [] if moved else [name for mine, name in zip(places, inputs, strict=True) if mine != name]


@lru_cache(maxsize=8)
def parameters_of(answer: Callable) -> list[inspect.Parameter]:
    """Return the parameters of a function, which is asked for those in each of its cases."""
    return list(inspect.signature(answer).parameters.values())


def str_of(error: BaseException) -> str:
    """Return an exception's message, if it can be shown."""
    try:
        return str(error)
    except Exception:
        return "(its message cannot be shown)"


def text_of(error: BaseException) -> str:
    """Return an exception as Python shows it; an `Unreadable` is a sentence already."""
    return str_of(error) if isinstance(error, Unreadable) else f"{type(error).__name__}: {str_of(error)}"


def raised_in(error: BaseException) -> str:
    """Return the name of the function or class in which an exception was raised."""
    last = [step.tb_frame for step in steps_of(error)][-1:]
    return last[0].f_code.co_qualname.partition(".")[0] if last else ""


def same(a: Any, b: Any) -> bool:
    """Say whether two inputs are equal, arrays element by element."""
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        if a.shape == b.shape and a.dtype == b.dtype and a.dtype != object and a.tobytes() == b.tobytes():
            return True  # most are, and this is the quickest way to say so
        return a.shape == b.shape and bool(np.array_equal(a, b, equal_nan=a.dtype.kind in "fc"))
    return type(a) is type(b) and bool(a == b)


# ---------------------------------------------------------------- facts about an exception
def steps_of(error: BaseException) -> list[TracebackType]:
    """Return the steps of a traceback, the outermost first; deep recursion is cut."""
    steps: list[TracebackType] = []
    step = error.__traceback__
    while step is not None and len(steps) < 2000:
        steps.append(step)
        step = step.tb_next
    return steps


def facts_of(error: BaseException, answer: Callable) -> dict[str, str]:
    """Return what is known of an exception beyond its message; what is not known is left out.

    stack    the functions of the notebook that were at work, the outermost first
    outside  "yes" where a library raised it
    line     the expression that stopped
    then     the sign behind it
    near     a name that exists and is spelt nearly like the one that does not
    left, right, one   the shapes of what stands beside an operator, or of the only argument of a call
    handed   the arrays that the function was given that stopped, with their shapes
    none     what is None beside an operator
    called, takes, by_name   a function of the notebook that was called in a wrong way, and its arguments
    no_self, misspelt, forward   what is odd about a class of the notebook
    soft     "yes" where an array was to become a number, which `call` adds
    gave     what the learner's function had returned, where the check cell stopped and what came is no whole result
    """
    try:
        space = getattr(inspect.unwrap(answer), "__globals__", {})
        steps = steps_of(error)
        mine = [step for step in steps if step.tb_frame.f_globals is space]
        if not mine:
            return {}
        frame = mine[-1].tb_frame
        stack = " ".join(dict.fromkeys(step.tb_frame.f_code.co_qualname for step in mine))
        found = {"stack": stack, "outside": "" if mine[-1] is steps[-1] else "yes"}
        line, rest = failing_code(mine[-1])
        found |= {"line": line, "then": rest[:1], "handed": handed(frame)} | about_operands(line, frame)
        found |= about_name(error, frame) | about_call(error, space) | {"gave": given_back(mine[0].tb_frame)}
        return {name: text[:200] for name, text in found.items() if text}
    except Exception:  # an odd object of the learner's must not keep the exception itself from being told
        return {}


def given_back(frame: FrameType) -> str:
    """Return in words what a check cell, whose function is called `answer`, has in `result`."""
    names = names_of_cell(frame)
    if "result" not in names:
        return ""
    result = names["result"]
    if isinstance(result, dict):
        return f"a dictionary of {', '.join(map(repr, list(result)[:8])) or 'nothing'}"
    if isinstance(result, (tuple, list)):
        return f"{len(result)} things" if len(result) != 1 else "a list of one thing"
    return f"one array of shape {result.shape}" if isinstance(result, np.ndarray) else ""


def failing_code(step: TracebackType) -> tuple[str, str]:
    """Return the expression that stopped, if its source is there and it stands in one line, and what follows it there.

    Else the whole line is returned.
    """
    code, line = step.tb_frame.f_code, linecache.getline(step.tb_frame.f_code.co_filename, step.tb_lineno)
    first, last, start, end = place_of(code, step.tb_lasti)
    if line and first == last and start is not None and end is not None:
        return line.encode()[start:end].decode(errors="replace"), line.encode()[end:].decode(errors="replace").strip()
    return line.strip(), ""


def place_of(code: CodeType, instruction: int) -> tuple[int | None, ...]:
    """Return the lines and columns of an instruction in the source."""
    places = list(code.co_positions())
    return places[instruction // 2] if 0 <= instruction // 2 < len(places) else (None, 0, None, None)


def handed(frame: FrameType) -> str:
    """Return the arrays that a function was given, with their shapes, as far as they still have their names."""
    code = frame.f_code
    changed = {step.argval for step in dis.get_instructions(code) if step.opname.startswith(("STORE_", "DELETE_"))}
    names = [name for name in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount] if name not in changed]
    arrays = {name: value for name in names if isinstance(value := frame.f_locals.get(name), np.ndarray)}
    return " and ".join(f"`{name}` {value.shape}" for name, value in arrays.items())


UNKNOWN = object()


def about_operands(line: str, frame: FrameType) -> dict[str, str]:
    """Return the shapes of what an operator or a call was given, and what of it is None. Nothing is run for it."""
    try:
        node = ast.parse(line.strip(), mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return {}
    if isinstance(node, ast.BinOp):
        sides = {"left": node.left, "right": node.right}
    elif isinstance(node, ast.Call):
        sides = {"one": node.args[0]} if len(node.args) == 1 else dict(zip(("left", "right"), node.args, strict=False))
    else:
        return {}
    values = {side: value_of(part, frame) for side, part in sides.items()}
    found = {side: str(tuple(np.shape(v))) for side, v in values.items() if isinstance(v, np.ndarray | np.generic)}
    none = [ast.unparse(sides[side]) for side, value in values.items() if value is None]
    batch = [part for side, part in sides.items() if np.ndim(values[side]) > 2 and side in found]
    turned = [ast.unparse(part) for part in batch if isinstance(part, ast.Attribute) and part.attr == "T"]
    return found | {"none": none[0] if none else "", "turned": turned[0] if turned else ""}


def value_of(node: ast.AST, frame: FrameType) -> Any:
    """Return what a name, a transposed name or a constant stands for; a product is an array of its shape, unset."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        return frame.f_locals.get(node.id, frame.f_globals.get(node.id, UNKNOWN))
    if isinstance(node, ast.Attribute) and node.attr == "T":
        value = value_of(node.value, frame)
        return value.T if isinstance(value, np.ndarray) else UNKNOWN
    if isinstance(node, ast.BinOp):
        left, right = value_of(node.left, frame), value_of(node.right, frame)
        return shape_alone(left, right, isinstance(node.op, ast.MatMult))
    return UNKNOWN


def shape_alone(left: Any, right: Any, matmul: bool) -> Any:
    """Return an array without numbers of its own that has the shape of two arrays' product, or of any other sum."""
    sides = [value for value in (left, right) if isinstance(value, np.ndarray | int | float)]
    if len(sides) < 2:
        return UNKNOWN
    small = [np.broadcast_to(np.float16(0), np.shape(value)) for value in sides]
    if not matmul:
        return np.broadcast_to(np.float16(0), np.broadcast_shapes(*map(np.shape, small)))
    rows, inner = small[0].shape[:-1], small[0].shape[-1:]
    if small[0].ndim < 1 or small[1].ndim < 1 or inner != small[1].shape[-2:][:1]:
        return UNKNOWN
    if small[0].ndim > 2 or small[1].ndim > 2:
        return UNKNOWN
    return np.broadcast_to(np.float16(0), rows + small[1].shape[1:])


LACKS = re.compile(r"'(\w+)' object has no attribute '(\w+)'")


def about_name(error: BaseException, frame: FrameType) -> dict[str, str]:
    """Return what is spelt nearly like a name or an attribute that does not exist."""
    name = getattr(error, "name", None)
    owner, told = getattr(error, "obj", None), LACKS.search(str_of(error)[:2000])
    if isinstance(error, AttributeError) and told and type(frame.f_locals.get("self")).__name__ == told[1]:
        owner, name = frame.f_locals["self"], told[2]  # Keras raises errors anew, without what they are about
    if not isinstance(name, str) or not isinstance(error, NameError | AttributeError):
        return {}
    if isinstance(error, AttributeError):
        names = [known for known in dir(owner) if not known.startswith("_")] if owner is not None else []
        kind = owner if isinstance(owner, type) else type(owner)
        ours = kind.__module__ == frame.f_globals.get("__name__")
        return {"near": close_name(name, names), "own_class": "yes" if ours else ""}
    names = [*frame.f_locals, *frame.f_globals, *vars(builtins)]
    near = close_name(name, [known for known in names if not known.startswith("_")])
    return {"near": near, "of_self": "yes" if name in getattr(frame.f_locals.get("self"), "__dict__", {}) else ""}


def close_name(name: str, names: Collection[str]) -> str:
    """Return the name that is spelt most like another, if one is: a slip in one letter or two, no other word."""
    if len(name) < 3:
        return ""
    turned = [known for known in names if known != name and len(name) > 3 and sorted(known) == sorted(name)]
    if turned:  # the same letters in another order
        return turned[0]
    best = difflib.get_close_matches(name, {known for known in names if len(known) > 2} - {name}, 1, 0.8)
    return best[0] if best else ""


CALLED = re.compile(r"(?:[\w.]+<locals>\.)?(\w+)(?:\.(\w+))?\(\) (?:got|missing|takes)")


def about_call(error: BaseException, space: dict) -> dict[str, str]:
    """Return what a function or class of the notebook takes that was called in another way, or lacks its `call`."""
    text = str_of(error)[:2000]
    layer = re.search(r"Layer (\w+) does not have a `call", text)
    if layer:
        return {"forward": "yes" if "forward" in vars(space.get(layer[1], object)) else ""}
    found = CALLED.search(text)
    if not isinstance(error, TypeError) or found is None:
        return {}
    owner = space.get(found[1])
    if isinstance(owner, type) and not found[2]:
        names = [name for name in vars(owner) if callable(vars(owner)[name])]
        return {"misspelt": next(iter(difflib.get_close_matches("__init__", set(names) - {"__init__"}, 1, 0.6)), "")}
    function = vars(owner).get(found[2]) if isinstance(owner, type) and found[2] else owner
    code = getattr(function, "__code__", None)
    if not isinstance(code, CodeType):
        return {}
    takes = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    alone = bool(found[2]) and takes[:1] not in (("self",), ("cls",)) and not code.co_flags & inspect.CO_VARARGS
    shown = ", ".join([name for name in takes[: code.co_argcount] if name != "self"])
    if code.co_kwonlyargcount:
        shown = ", ".join(filter(None, [shown, "*", *takes[code.co_argcount :]]))
    by_name = "yes" if code.co_kwonlyargcount else ""
    return {
        "called": found[2] or found[1],
        "takes": f"({shown})",
        "no_self": "yes" if alone else "",
        "by_name": by_name,
    }


# ---------------------------------------------------------------- what stands in the code
Code = dict[str, list[str]]
# NumPy's functions and methods that change nothing: what they give is lost where it is given no name.
PURE = {
    "where", "exp", "log", "sqrt", "tanh", "sum", "mean", "max", "maximum", "minimum", "dot", "matmul", "einsum",
    "transpose", "swapaxes", "reshape", "expand_dims", "squeeze", "concatenate", "stack", "split", "astype", "copy",
    "moveaxis", "divide", "multiply", "power",
}  # fmt: skip
# How many arguments come before the place that the result is written into.
BEFORE_OUT = {
    **dict.fromkeys(("exp", "log", "sqrt", "tanh"), 1),
    **dict.fromkeys(("divide", "multiply", "power", "matmul", "maximum", "minimum", "dot"), 2),
}
# What is noted of the code.
SEEN = (
    "unused", "idle", "lost", "returned", "let_go", "printed", "nothing", "silent", "reads", "outside", "loops",
    "counted", "one_object", "extends", "goes_on",
    "chance", "whole", "refilled",
)  # fmt: skip
MOST_SEEN, MOST_LETTERS = 3, 60  # of each
# Methods that a notebook gives, and that need not use their arguments.
NOT_LOOKED_AT = {"compute_mask", "compute_output_spec", "compute_output_shape"}
GIVES_NONE = {"append", "extend", "insert", "sort", "reverse", "shuffle", "fill"}  # methods that change in place
MODULES = {"np", "numpy", "tf", "keras", "layers"}  # whose functions of these names give something


def seen_in_code(answer: Callable, function: str, sizes: Iterable[str] = ()) -> Code:
    """Return what the code of the learner's function or class shows, whatever it computes; nothing without a source.

    unused    arguments that it does not use
    idle      names of what is computed there and not used
    lost      expressions that stand alone, so that what they give is lost
    returned  exceptions that are returned
    let_go    exceptions that are made and neither raised nor kept
    printed   "print", where a branch prints, gives None back and raises nothing
    nothing   methods that change something and give None back, where their result is used
    silent    the function, or `call` of the class, where it has no `return`
    reads     which of these names of sizes it reads from the notebook
    outside   other numbers and arrays that it reads from there
    loops     "loop", where there is one, and "return", where one stands in a loop
    counted   names that a loop counts with, and that nothing in it reads
    one_object  questions with `is` whether something is True, False or a number
    extends   lists that take apart what is put into them, by `extend` or `+=`
    goes_on   what is made before a loop, filled by a loop in it, and not made anew in each round
    chance    functions of `random` that it calls, unless it is given a generator
    whole     arrays that it makes for whole numbers and stores something in
    refilled  what a loop changes in place and appends, without making it anew
    """
    name = getattr(answer, "__name__", "")
    thing = answer if name == function else getattr(answer, "__globals__", {}).get(function, answer)
    found: Code = {kind: [] for kind in SEEN}
    try:
        for method in [*vars(thing).values()] if isinstance(thing, type) else [thing]:
            code = getattr(inspect.unwrap(method), "__code__", None) if callable(method) else None
            if isinstance(code, CodeType) and code.co_name not in NOT_LOOKED_AT:
                seen_in_function(code, set(sizes), found)
                if isinstance(thing, type) and code.co_name != "call":
                    found["silent"].clear()
                given = getattr(inspect.unwrap(method), "__globals__", {})
                found["outside"] += [name for name in sorted(names_read(code)[1]) if is_data(given.get(name))]
    except Exception:  # an odd object of the learner's
        return {}
    kept = {kind: list(dict.fromkeys(text[:MOST_LETTERS] for text in texts)) for kind, texts in found.items()}
    return {kind: texts[:MOST_SEEN] for kind, texts in kept.items() if texts}


def seen_in_function(code: CodeType, sizes: set[str], found: Code) -> None:
    """Add what one function shows to what was found: what its instructions read, and what is in its source."""
    local, outside = names_read(code)
    arguments = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    if not outside & {"locals", "vars", "eval", "exec"}:
        found["unused"] += [one for one in arguments if one not in local | {"self", "cls"}]
    found["reads"] += sorted(sizes & outside)
    node = function_of(code)
    if node is None:
        return
    every = [*ast.walk(node)]
    found["idle"] += [name for name in computed_names(every) if name not in local]
    found["whole"] += made_for_whole_numbers(every)
    found["refilled"] += refilled(every)
    if not any(isinstance(one, ast.Return | ast.Yield) for one in every):
        found["silent"].append(node.name)
    for one in every:
        if isinstance(one, ast.Expr) and is_pure(one.value):
            found["lost"].append(ast.unparse(one.value))
        if isinstance(one, ast.Expr) and isinstance(one.value, ast.Call):
            found["let_go"] += [name for name in [ast.unparse(one.value.func)] if name.endswith(EXCEPTIONS)]
        if isinstance(one, ast.If) and prints_alone(one.body):
            found["printed"].append("print")
        if isinstance(one, LOOPS):
            found["loops"] += ["loop", *("return" for inner in ast.walk(one) if isinstance(inner, ast.Return))][:2]
            found["counted"] += not_read(one)
        if isinstance(one, ast.Compare) and isinstance(one.ops[0], ast.Is | ast.IsNot):
            found["one_object"] += [text for text in [ast.unparse(one)] if IS.fullmatch(text)]
        if isinstance(one, ast.Expr | ast.AugAssign):
            found["extends"] += extended(one, every)
        if isinstance(one, ast.For):
            found["goes_on"] += going_on(one, node)
        if isinstance(one, ast.Call) and BY_CHANCE.fullmatch(name := ast.unparse(one.func)) and "rng" not in arguments:
            found["chance"].append(name)
        if isinstance(one, ast.Return | ast.Assign) and isinstance(one.value, ast.Call):
            called = ast.unparse(one.value.func)
            if isinstance(one, ast.Return) and called.endswith(EXCEPTIONS):
                found["returned"].append(called)
            owner, _, method = called.rpartition(".")
            if method in GIVES_NONE and owner.isidentifier() and owner not in MODULES:
                found["nothing"].append(called)


EXCEPTIONS = ("Error", "Exception")  # how their names end
BY_CHANCE = re.compile(r"(?:(?:np|numpy|tf|keras)\.)?random\.(?!\w*seed|default_rng|RandomState|\w*Generator)\w+")
LOOPS = ast.For | ast.While | ast.ListComp | ast.GeneratorExp


IS = re.compile(r"[\w.]{1,30} is (?:not )?(?:True|False|-?\d{1,9})")  # a question that hardly anybody means


def loaded(nodes: Iterable[ast.AST]) -> set[str]:
    """Return the names that are read in some parts of a source."""
    every = [one for node in nodes for one in ast.walk(node)]
    return {one.id for one in every if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load)}


def not_read(loop: ast.AST) -> list[str]:
    """Return the name that a loop counts with, if nothing in the loop reads it and it does not begin with `_`."""
    target: ast.AST
    inside: list[ast.AST]
    if isinstance(loop, ast.For):
        target, inside = loop.target, [*loop.body, *loop.orelse]
    elif isinstance(loop, ast.ListComp | ast.GeneratorExp) and len(loop.generators) == 1:
        target, inside = loop.generators[0].target, [loop.elt, *loop.generators[0].ifs]
    else:
        return []
    name = target.id if isinstance(target, ast.Name) else "_"
    return [name] if name not in loaded(inside) and not name.startswith("_") else []


def made_new(node: ast.AST) -> list[str]:
    """Return the names that are given a new value by an assignment that does not read them."""
    if not isinstance(node, ast.Assign):
        return []
    targets = [one for target in node.targets for one in (target.elts if isinstance(target, ast.Tuple) else [target])]
    read = loaded([node.value])
    return [one.id for one in targets if isinstance(one, ast.Name) and one.id not in read]


def filled(node: ast.AST) -> list[str]:
    """Return the name of the list or number that something is put into: `x.append(…)`, `x += …`, `x = x + …`."""
    if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
        return [node.target.id]
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.BinOp):
        return [one.id for one in node.targets if isinstance(one, ast.Name) and one.id in loaded([node.value])]
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute):
        owner = node.value.func.value
        return [owner.id] if node.value.func.attr in ("append", "extend") and isinstance(owner, ast.Name) else []
    return []


def extended(node: ast.Expr | ast.AugAssign, every: Iterable[ast.AST]) -> list[str]:
    """Return the list that something is put into piece by piece, if this is such a line."""
    names = filled(node)
    if isinstance(node, ast.Expr):
        call = node.value
        return names if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "extend" else []
    if not names or not isinstance(node.op, ast.Add) or isinstance(node.value, ast.List | ast.Constant):
        return []
    lists = [one for one in every if isinstance(one, ast.Assign) and ast.unparse(one.value) in EMPTY_LISTS]
    return [name for name in names if any(name in made_new(one) for one in lists)]


EMPTY_LISTS = ("[]", "list()", "([], [])", "([], [], [])")


def going_on(loop: ast.For, function: ast.FunctionDef) -> list[str]:
    """Return what is made before a loop, filled in a loop inside it and read behind that, but never made anew in it."""
    inner = [one for one in loop.body if isinstance(one, ast.For)]
    put = {name for one in inner for part in ast.walk(one) for name in filled(part)}
    if not put:
        return []
    before = {name for one in function.body if one.lineno < loop.lineno for name in made_new(one)}
    behind = loaded(part for part in loop.body if not isinstance(part, ast.For))
    return sorted((before & put & behind) - {name for one in ast.walk(loop) for name in made_new(one)})


def prints_alone(body: list[ast.stmt]) -> bool:
    """Say whether a branch prints and then returns nothing."""
    *before, last = body
    printed = [one for one in before if isinstance(one, ast.Expr) and ast.unparse(one).startswith("print(")]
    nothing = isinstance(last, ast.Return) and (last.value is None or ast.unparse(last.value) == "None")
    return bool(printed) and nothing


@lru_cache(maxsize=64)
def names_read(code: CodeType) -> tuple[set[str], set[str]]:
    """Return the names of its own that a function reads, and those of its notebook; by functions inside it, too."""
    local, outside = set(code.co_cellvars), set()
    for step in dis.get_instructions(code):
        if "LOAD_FAST" in step.opname:
            local |= {step.argval} if isinstance(step.argval, str) else set(step.argval)  # some load two names at once
        elif step.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            outside.add(step.argval)
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            inside = names_read(inner)
            local, outside = local | inside[0] - set(inner.co_varnames), outside | inside[1]
    return local, outside


def is_data(value: Any) -> bool:
    """Say whether something of the notebook is an array or a whole number, which an argument could be."""
    return isinstance(value, np.ndarray) or (isinstance(value, int) and not isinstance(value, bool))


def function_of(code: CodeType) -> ast.FunctionDef | None:
    """Return the source of a function as a tree, or None where there is none.

    `inspect.getsource` would look through all loaded modules for the one whose file it is: 10 ms with TensorFlow.
    """
    found = functions_in("".join(linecache.getlines(code.co_filename))).get(code.co_firstlineno)
    return found if found and found.name == code.co_name else None


@lru_cache(maxsize=8)
def functions_in(text: str) -> dict[int, ast.FunctionDef]:
    """Return the functions and methods of a source, by the lines on which they or their decorators begin."""
    try:
        every = ast.walk(ast.parse(text))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    functions = (one for one in every if isinstance(one, ast.FunctionDef))
    return {min([one.lineno, *(part.lineno for part in one.decorator_list)]): one for one in functions}


def computed_names(every: Sequence[ast.AST]) -> Iterator[str]:
    """Yield the names that a function gives to what it computes, but for sizes, which may be there for the reader.

    every  the function's tree, as `ast.walk` goes through it
    """
    inside = [one for one in every[1:] if isinstance(one, ast.FunctionDef | ast.ClassDef)]
    others = {id(one) for inner in inside for one in ast.walk(inner)}
    for one in (one for one in every if id(one) not in others):
        if isinstance(one, ast.Assign) and len(one.targets) == 1 and isinstance(one.targets[0], ast.Name):
            value = one.value
            size = isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in ("len", "int")
            if isinstance(value, ast.Call | ast.BinOp) and not size and not one.targets[0].id.startswith("_"):
                yield one.targets[0].id


OF_WHOLE_NUMBERS = re.compile(r"(?:(?:np|numpy)\.)?u?int(?:\d+|_|c|p)?|'[ui](?:nt)?\d*'")  # a dtype, as code has it


def made_for_whole_numbers(every: Iterable[ast.AST]) -> Iterator[str]:
    """Yield the names of arrays that are made with a dtype of whole numbers, and in which something is stored."""
    assigned = [(one, target) for one in every if isinstance(one, ast.Assign) for target in one.targets]
    places = [target for _, target in assigned if isinstance(target, ast.Subscript)]
    stored = {place.value.id for place in places if isinstance(place.value, ast.Name)}
    for one, target in assigned:
        if isinstance(target, ast.Name) and target.id in stored and isinstance(one.value, ast.Call):
            second = one.value.args[1:2] if ast.unparse(one.value.func).endswith((".zeros", ".ones", ".empty")) else []
            kinds = [word.value for word in one.value.keywords if word.arg == "dtype"] + second
            if any(OF_WHOLE_NUMBERS.fullmatch(ast.unparse(kind)) for kind in kinds):
                yield target.id


def refilled(every: Iterable[ast.AST]) -> list[str]:
    """Return the names that a loop changes in place and appends as they are, and that no loop makes anew."""
    inside = [one for loop in every if isinstance(loop, LOOPS) for one in ast.walk(loop)]
    calls = [(one.func, one.args) for one in inside if isinstance(one, ast.Call)]
    methods = [(func.attr, func.value, given) for func, given in calls if isinstance(func, ast.Attribute)]
    appended = [ast.unparse(given[0]) for name, _, given in methods if name == "append" and len(given) == 1]
    filled = {ast.unparse(of) for name, of, _ in methods if name == "fill"}
    made: set[str] = set()
    for one in inside:
        if isinstance(one, ast.AugAssign):
            filled.add(ast.unparse(one.target).partition("[")[0])
        for target in one.targets if isinstance(one, ast.Assign) else []:
            text = ast.unparse(target)
            (filled if isinstance(target, ast.Subscript) else made).add(text.partition("[")[0])
    return [name for name in appended if name in filled - made]


def is_pure(node: ast.AST) -> bool:
    """Say whether an expression does nothing but give a value."""
    if isinstance(node, ast.BinOp | ast.Compare):
        return True
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    out = len(node.args) > BEFORE_OUT.get(node.func.attr, len(node.args))
    return node.func.attr in PURE and not out and all(word.arg != "out" for word in node.keywords)


def told_of_code(spec: dict, code: Code) -> list[str]:
    """Return sentences on what stands in the code of an answer that is not right."""
    unused = [name for name in code.get("unused", []) if name not in spec.get("not_needed", [])]
    lost, idle, returned, let_go = (code.get(kind, []) for kind in ("lost", "idle", "returned", "let_go"))
    told = [f"`{name}` has no `return`: what it computes is lost." for name in code.get("silent", [])]
    told += [f"`{name}(…)` changes something and gives None back: use it alone." for name in code.get("nothing", [])]
    told += [f"Your code returns a {name}: write `raise` in place of `return` there." for name in returned]
    told += [f"Your code makes a {name} and lets it go. It has to be raised: `raise {name}(…)`." for name in let_go]
    if unused:
        told.append(f"Your code does not use the {'argument' if len(unused) == 1 else 'arguments'} {quoted(unused)}.")
    if unused and code.get("outside"):
        told.append(f"It reads {quoted(code['outside'])} from the notebook: take the arguments instead.")
    told += [f"What `{text}` gives is lost: give it a name, as in `x = …`." for text in lost]
    told += [f"`{name}` draws by chance, and this task leaves nothing to chance." for name in code.get("chance", [])]
    if idle:
        told.append(f"You compute {quoted(idle)}, but do not use {'them' if len(idle) > 1 else 'it'}.")
    told += [f"The loop counts `{name}`, but nothing in it reads `{name}`." for name in code.get("counted", [])]
    asked = code.get("one_object", [])
    told += [f"`{text}` asks whether both are one and the same object: write `==` for `is`." for text in asked]
    return told


def not_kept(code: Code, texts: Iterable[str] = ()) -> Code:
    """Return what the code computes and does not use: it is told beside a mistake too, because it may be its cause.

    So is an argument that is not used, if a sentence on the mistake has its name.
    """
    words = set(re.findall(r"\w+", " ".join(texts)))
    named = [name for name in code.get("unused", []) if name in words]
    kept = {kind: code[kind] for kind in ("lost", "idle", "one_object") if kind in code}
    return kept | ({"unused": named} if named else {})


NOT_USED = re.compile(r"\bnot used\b")


def idle_first(texts: list[str], code: Code) -> list[str]:
    """Return the sentence on what is computed and not used, if one on a mistake takes that for a cause."""
    return told_of_code({}, {"idle": code.get("idle", [])}) if any(map(NOT_USED.search, texts)) else []


ASKS_TO_RAISE = re.compile(r"\b[Rr]aise (?:an? \w*Error|one\b)|`raise \w*Error")


def not_raised_but(texts: list[str], code: Code) -> list[str]:
    """Return the sentences of mistakes, what to raise replaced by what the code does with it instead of raising it."""
    done = told_of_code({}, {kind: code[kind][:1] for kind in ("returned", "let_go") if kind in code})[:1]
    if not done and code.get("printed"):
        done = ["Your code prints something and returns nothing. An error has to be raised: `raise ValueError(…)`."]
    return [done[0] if done and ASKS_TO_RAISE.search(text) else text for text in texts]


def quoted(names: Iterable[str]) -> str:
    """Return names as code, joined by commas and "and"."""
    *first, last = [f"`{name}`" for name in names] or [""]
    return f"{', '.join(first)} and {last}" if first else last


# ---------------------------------------------------------------- comparing
VIEWS = ("as is", "squeezed", "transposed")
FAR_VIEWS = (*VIEWS, "joined")  # the last for wrong results alone, whose shape is told besides


def close(got: np.ndarray, wanted: np.ndarray, spec: dict) -> bool:
    """Say whether two arrays have one shape and equal values, within the tolerance of the check."""
    if got.shape != wanted.shape or got.dtype.kind == "c":
        return False
    a, b = got.astype(float), wanted.astype(float)
    with np.errstate(invalid="ignore"):
        if bool((np.abs(a - b) <= spec["atol"] + spec["rtol"] * np.abs(b)).all()) and bool(np.isfinite(b).all()):
            return True  # what `allclose` says of finite numbers, for a third of the time
    return bool(np.allclose(a, b, rtol=spec["rtol"], atol=spec["atol"], equal_nan=True))


def views(got: np.ndarray, wanted: np.ndarray) -> dict[str, np.ndarray]:
    """Return the ways to read `got` as the same answer: as it is, without axes of length 1, transposed."""
    return views_as(got, wanted.shape)


def views_as(got: np.ndarray, shape: tuple[int, ...]) -> dict[str, np.ndarray]:
    """Return the ways to read `got` as an array of this shape."""
    found = {"as is": got}
    if np.squeeze(got).shape == tuple(size for size in shape if size != 1):
        found["squeezed"] = got.reshape(shape)
    if joins(shape, got.shape):
        found["joined"] = got.reshape(shape)
    table = got if got.ndim == len(shape) else np.squeeze(got)
    if table.ndim == len(shape) >= 2:
        found["transposed"] = np.swapaxes(table, -1, -2)
    return found


def joins(shape: tuple[int, ...], joined: tuple[int, ...]) -> bool:
    """Say whether a shape becomes another one when axes that lie side by side, of more than one entry, are joined."""
    left = [size for size in shape if size != 1]
    if 0 in left:
        return False
    for size in (size for size in joined if size != 1):
        while left and left[0] < size and size % left[0] == 0 and len(left) > 1:
            left[:2] = [left[0] * left[1]]
        if not left or left.pop(0) != size:
            return False
    return not left and len(joined) < len(shape)


def equals(got: Result, wanted: Result, part: str, view: str, spec: dict) -> bool:
    """Say whether one part of a result, read in the given way, equals the wanted one."""
    if "raises" in wanted:
        return "raises" in got and wanted["raises"][0] in got["raises"]
    if "raises" in got:
        return False
    array = views(got[part], wanted[part]).get(view)
    return array is not None and close(array, wanted[part], spec)


def comparable(got: Result, wanted: Result, part: str, spec: dict) -> bool:
    """Say, for little, whether one part may equal the wanted one in some view: none moves its first and last number."""
    if "raises" in got or "raises" in wanted:
        return equals(got, wanted, part, "as is", spec)
    a, b = got[part], wanted[part]
    if a.dtype.kind == "c" or a.size != b.size:
        return False
    return all(near(float(a.flat[n]), float(b.flat[n]), spec) for n in (0, -1) if a.size)


def near(a: float, b: float, spec: dict) -> bool:
    """Say of two numbers what `close` says of two arrays, by the same arithmetic."""
    return a == b or (a != a and b != b) or abs(a - b) <= spec["atol"] + spec["rtol"] * abs(b) < np.inf


def reading(spec: dict, pairs: list[tuple[Result, Result]], parts: list[str]) -> str | None:
    """Return the one way of reading under which all the pairs are equal, or None."""
    if not all(comparable(got, wanted, part, spec) for got, wanted in pairs for part in parts):
        return None
    for view in VIEWS:
        if all(equals(got, wanted, part, view, spec) for got, wanted in pairs for part in parts):
            return view
    return None


# ---------------------------------------------------------------- diagnosing
REMARKS = {
    "squeezed": "The numbers are right. Your result has an extra axis of length 1, or lacks one, which was accepted "
    "here; later code may not expect it.",
    "transposed": "The numbers are right, but rows and columns are exchanged.",
}


@np.errstate(all="ignore")
def diagnose(spec: dict, results: list[Result]) -> dict:
    """Judge the results of one check, one result a case.

    Returns `right` (part name -> bool), `kind` (what was found), `says` (sentences for the learner),
    `names` (the misconceptions that explain the results) and, where there are any, `how` these go together.
    """
    wanted = [case["expected"] for case in spec["cases"]]
    accepted = {"as is", "squeezed", *spec.get("accepts", {})}
    ways = {part: reading(spec, list(zip(results, wanted, strict=True)), [part]) for part in spec["returns"]}
    right = {part: way in accepted for part, way in ways.items()}
    changed = sorted({name for result in results for name in result.get("changed", [])})
    says = [f"our function changes its argument {name} in place; work on a copy." for name in changed]
    says = [f"{'Right, but y' if all(right.values()) else 'Y'}{text}" for text in says]
    says += remarks_on_calls(spec, results)
    odd = [way for way in dict.fromkeys(ways.values()) if way in REMARKS]
    remarks = [spec.get("accepts", {}).get(way, REMARKS[way]) for way in odd]
    if all(right.values()):
        return {"right": right, "kind": "right", "says": remarks + says, "names": []}
    wrong = [part for part in right if not right[part]]
    if seen := told_of_arrays(spec, results, wrong):
        told = [seen, *told_of_code(spec, results[0].get("code", {})), *says]
        return {"right": right, "kind": "difference", "says": told, "names": []}
    if (found := known_mistakes(spec, results, wrong)).names:
        names, texts = found.names, [spec["misconceptions"][name]["says"] for name in found.names]
        said_already = any(re.search(r"\b(?:is|are) right\b", text) for text in texts)
        only = [wrong_and_right(right)] if any(right.values()) and not said_already else []
        stops = [got for got, case in zip(results, wanted, strict=True) if "raises" in got and "raises" not in case]
        said = [f"Python said: {python_said(got)}" for got in stops[:1] if "Unreadable" not in got["raises"]]
        texts = not_raised_but(texts, results[0].get("code", {}))
        seen = results[0].get("code", {})
        code = told_of_code(spec, seen if found.how == "more" else not_kept(seen, texts))
        first = idle_first(texts, seen)
        told = only + first + found.around(texts) + [text for text in code if text not in first] + said + says
        return {"right": right, "kind": "misconception", "says": told, "names": names, "how": found.how}
    text = raised(spec, results) or (not_raised(spec, results) if ordinary_right(spec, results) else None)
    about = [text] if text else described(spec, results, ways)
    more, kind = told_beside(spec, results), "difference"
    if not is_unfinished(results):
        says = told_of_code(spec, results[0].get("code", {})) + says
    if more.names:
        kind = "misconception"
    return {"right": right, "kind": kind, "says": about + more.says + says, "names": more.names, "how": more.how}


def told_of_arrays(spec: dict, results: list[Result], wrong: list[str]) -> str:
    """Say that one array stands for all entries of a list, or that one is made for whole numbers, where that is seen.

    The latter is told where nothing but zeros came, all of them what is expected cut to whole numbers.
    """
    code = results[0].get("code", {})
    if len(code.get("refilled", [])) == 1 and any(part in got.get("shared", []) for got in results for part in wrong):
        name = code["refilled"][0]
        return (
            f"All entries of your list are one and the same array, `{name}`: what is written into it changes all of "
            f"them. Make it anew in each round, or append `{name}.copy()`."
        )
    pairs = [(got, case["expected"]) for got, case in zip(results, spec["cases"], strict=True)]
    if len(code.get("whole", [])) != 1 or any("raises" in one for pair in pairs for one in pair):
        return ""
    arrays = [(views(got[part], wanted[part]).get("squeezed"), wanted[part]) for got, wanted in pairs for part in wrong]
    if all(got is not None and not got.any() and not np.trunc(wanted).any() for got, wanted in arrays):
        name = code["whole"][0]
        return (
            f"`{name}` is made for whole numbers, so what is stored in it is cut. Make it for real ones: dtype=float."
        )
    return ""


def is_unfinished(results: list[Result]) -> bool:
    """Say whether the answer, or what it needs, was not begun in some case."""
    return any("NotImplementedError" in got.get("raises", ()) for got in results)


def remarks_on_calls(spec: dict, results: list[Result]) -> list[str]:
    """Return what is told of an answer whatever its numbers: other names of arguments, float() of an array (1, 1)."""
    renamed = list(dict.fromkeys(name for result in results for name in result.get("renamed", [])))
    names = [f"Your function has other names for its arguments {', '.join(renamed)}; a call by name would stop."]
    soft = any(result.get("softened") for result in results)
    sizes = results[0].get("code", {}).get("reads", [])
    read = [f"Your code reads {quoted(sizes)} from the notebook; take sizes from the shapes of the arguments."]
    own = dict.fromkeys(name for result in results for name in result.get("remarks", []))
    said = [spec["remarks"][name] for name in own if name in spec.get("remarks", {})]
    return (names if renamed else []) + ([SOFT_REMARK] if soft else []) + (read if sizes else []) + said


SOFT_REMARK = (
    "Since NumPy 2.4 float, int and `math` stop at an array (1, 1), and so may the cells below: write `x.item()`."
)


# ---------------------------------------------------------------- known mistakes
class Known(NamedTuple):
    """The mistakes that explain results, and how they go together."""

    names: list[str]
    how: str = "one"  # or "pair", the earlier step first; "more": beside one that cannot be told; "parts": one in each;
    # "turned": one, and the result lies on its side; "joined": one, and axes of the result are joined; "where": one, in
    # some cases alone; "odd": one, which ends otherwise in some cases
    where: str = ""  # what is said first: in which cases

    def around(self, texts: list[str]) -> list[str]:
        """Return the sentences of the mistakes with what is to be said of them together."""
        if self.how == "where":
            return [self.where, *(without_praise(text) for text in texts)]
        if self.how in ("pair", "more", "parts", "odd"):
            texts = [without_praise(text) for text in texts]
        if self.how == "pair":
            return ["Two mistakes at once. Begin with the first, because later steps work on its result:", *texts]
        if self.how == "parts":
            return ["Each part has a mistake of its own:", *texts]
        if self.how == "more":
            return [*texts, "That is not all, but mend this first: what is left will then be clearer."]
        if self.how == "turned":
            return [
                "Rows and columns of your result are exchanged (its last two axes); turned back, it shows this:",
                *texts,
            ]
        if self.how == "joined":
            return ["Two axes of your result are joined into one; with each in its place, it shows this:", *texts]
        return [f"These {len(texts)} mistakes give the same numbers here:", *texts] if len(texts) > 1 else texts


# How a sentence begins by saying what is right; it holds for that one mistake alone.
PRAISE = re.compile(
    r"(?:Right[^.,:]*|(?P<what>[A-Za-z][\w' ]*) (?:(?:is|are) right|is mended|works)(?: (?:while|where) [^.,]*)?"
    r"|A mask arrives|The pairs are whole(?: and shuffled)?|Every word is heard)(?: now)?"
    r"(?:, so the split is mended)?(?:\. |, but |, except )(?P<it>(?:it|they) )?(?P<rest>\S.*)",
    re.DOTALL,
)


def without_praise(text: str) -> str:
    """Return the sentence of a mistake without what it calls right, which another mistake beside it may make wrong."""
    if not (told := PRAISE.fullmatch(text)):
        return text
    it = told["it"] and told["what"]
    rest = f"{it} {told['rest']}" if it else f"{told['it'] or ''}{told['rest']}"
    return rest if NAME_FIRST.match(rest) else rest[0].upper() + rest[1:]


NAME_FIRST = re.compile(r"\w*[(\[_]|\w+\.\w|(?!a\b)\w\b(?!')")  # a text that begins with a name: exp(1000), s_t, q


def known_mistakes(spec: dict, results: list[Result], wrong: list[str]) -> Known:
    """Return the mistakes whose outputs the results are in every case: one, or else two that were made together.

    Where several single mistakes give the same numbers, all are named: the learner can see which it is. Of several
    pairs only what they have in common is: nobody can read six sentences of which four are false. An answer that is
    unfinished, or that only ever raises, is best explained by what it raised.
    """
    if is_unfinished(results) or all("raises" in result for result in results):
        return Known([])
    for views in (VIEWS[:2], VIEWS, FAR_VIEWS):  # rather two mistakes than one whose result lies on its side
        if views is VIEWS and right_from_afar(spec, results, wrong):
            return Known([])
        if found := explanations(spec, "one", results, wrong, views):
            turned = views is VIEWS and "transposed" not in spec.get("accepts", {})
            how = "joined" if views is FAR_VIEWS else "turned" if turned else "one"
            return Known([name for (name,) in found], how if len(found) == 1 else "one")
        pairs = explanations(spec, "two", results, wrong, views)
        if len({frozenset(pair) for pair in pairs}) == 1:
            return Known(list(pairs[0]), "pair" if len(pairs[0]) == 2 else "more")
    if (careful := wrong_where_it_is_not_right(spec, results)).names:
        return careful
    if (ordinary := wrong_but_in_odd_cases(spec, results)).names:
        return ordinary
    each = [explanations(spec, "one", results, [part], VIEWS) for part in wrong]
    if len(each) > 1 and all(len(found) == 1 for found in each):
        names = list(dict.fromkeys(name for ((name,),) in each))
        return Known(names, "parts" if len(names) > 1 else "one")
    if len(each) > 1 and not pairs:  # what a part has by itself is told, though another part has more
        own = [name for found in each if len(found) == 1 for (name,) in found]
        return Known([name for name in dict.fromkeys(own) if spec["misconceptions"][name].get("partly")], "more")
    return Known([name for name in (pairs or [()])[0] if all(name in pair for pair in pairs)], "more")


def right_from_afar(spec: dict, results: list[Result], wrong: list[str]) -> bool:
    """Say whether all that is wrong is right but for exchanged or joined axes, of which no mistake has to be told."""
    pairs = list(zip(results, (case["expected"] for case in spec["cases"]), strict=True))
    return any(
        all(equals(got, one, part, view, spec) for got, one in pairs for part in wrong) for view in FAR_VIEWS[2:]
    )


def explanations(
    spec: dict, kind: str, results: list[Result], wrong: list[str], views: tuple[str, ...]
) -> list[tuple[str, ...]]:
    """Return what explains the results in one of the views, as the names of the mistakes: of "one", or "two" together.

    It gives all that was returned, or else what is `wrong` in it; the latter counts for mistakes that leave the other
    parts right, or that are made in one part alone ("partly").
    """
    table, about = spec["known"].get(kind), spec["misconceptions"]
    if not table or not table["mistakes"]:
        return []
    made = [tuple(spec["known"]["names"][number] for number in numbers) for numbers in table["mistakes"]]
    fit = {part: fits(table["parts"][part], results, part, spec, views) for part in spec["returns"]}
    found = read_in_one_way(fit, spec["returns"], views)
    if not found.any() and (partial := read_in_one_way(fit, wrong, views)).any():
        expected, others = [case["expected"] for case in spec["cases"]], set(spec["returns"]) - set(wrong)
        fit = {part: fits(table["parts"][part], expected, part, spec, VIEWS) for part in others}
        partly = [all(about.get(name, {}).get("partly") for name in names) for names in made]
        found = partial & (read_in_one_way(fit, others, VIEWS) | np.array(partly))
    names = [made[number] for number in np.flatnonzero(found)]
    return list(dict.fromkeys(one for one in names if all(name in about for name in one)))


LEAST_CASES = 2  # in which a mistake has to be seen, where others are right
MOST_ALIKE = 2  # mistakes that are told of an answer that takes care of odd cases
TELLING = 5  # different numbers that a part has which tells a mistake in some cases alone


def wrong_where_it_is_not_right(spec: dict, results: list[Result]) -> Known:
    """Return the single mistakes that the results are wherever they are not right, if some case is right.

    So an answer is told its mistake though it takes care of odd cases in a way of its own, such as one without words;
    and one that makes it in one branch alone, such as that with a mask, is told in which cases.
    """
    table, expected = spec["known"].get("one"), [case["expected"] for case in spec["cases"]]
    pairs = list(zip(results, expected, strict=True))
    right = [all(equals(got, one, part, "squeezed", spec) for part in spec["returns"]) for got, one in pairs]
    wrong = [number for number, is_right in enumerate(right) if not is_right]
    told = bool(table) and all("each" in stored for stored in table["parts"].values())
    if not told or not any(right) or not wrong or "raises" in results[wrong[0]]:  # anything may stop
        return Known([])
    fit = np.ones(len(table["mistakes"]), dtype=bool)
    for number in wrong:
        for part in spec["returns"]:
            fit &= fits_in_case(table["parts"][part], results, number, part, spec)
    found = list(dict.fromkeys(spec["known"]["names"][table["mistakes"][n][0]] for n in np.flatnonzero(fit)))
    known = [name for name in found if name in spec["misconceptions"]]
    several = len(wrong) >= LEAST_CASES
    where = where_it_is_wrong(spec["cases"], right)
    where = where or (in_these_cases(spec["cases"], right) if several and right[0] else "")
    if where and len(known) == 1 and all(is_telling(*pairs[number], spec) for number in wrong):
        return Known(known, "where", where)
    return Known(known if several and len(known) <= MOST_ALIKE and not right[0] else [])


def wrong_but_in_odd_cases(spec: dict, results: list[Result]) -> Known:
    """Return the single mistake that the results are wherever they are wrong, but for NaN or a stop in later cases.

    There what the mistake leads to has another end: 0 divided by 0 where nothing is left, an index that does not exist.
    """
    table, pairs = spec["known"].get("one"), [*zip(results, (case["expected"] for case in spec["cases"]), strict=True)]
    wrong = [
        number
        for number, (got, one) in enumerate(pairs)
        if not all(equals(got, one, part, "squeezed", spec) for part in spec["returns"])
    ]
    odd = [number for number in wrong if ends_otherwise(*pairs[number], spec)]
    plain = [number for number in wrong if number not in odd]
    told = bool(table) and all("each" in stored for stored in table["parts"].values())
    if not told or not odd or odd[0] == wrong[0] or len(plain) < LEAST_CASES:
        return Known([])
    if any("raises" in one for number in plain for one in pairs[number]):
        return Known([])
    expected = [pairs[number][1][part] for number in plain for part in spec["returns"]]
    if any(one.dtype.kind != "f" for one in expected) or sum(map(different, expected)) < TELLING:
        return Known([])
    fit = np.ones(len(table["mistakes"]), dtype=bool)
    for number in plain:
        for part in spec["returns"]:
            fit &= fits_in_case(table["parts"][part], results, number, part, spec)
    found = list(dict.fromkeys(spec["known"]["names"][table["mistakes"][n][0]] for n in np.flatnonzero(fit)))
    return Known([name for name in found if name in spec["misconceptions"]] if len(found) == 1 else [], "odd")


def ends_otherwise(got: Result, expected: Result, spec: dict) -> bool:
    """Say whether an answer stopped in a case, by an error of Python's own, or gave nothing but NaN for a part."""
    if "raises" in expected:
        return False
    if "raises" in got:
        return "Unreadable" not in got["raises"]
    return any(got[part].size > 0 and np.isnan(got[part].astype(float)).all() for part in real_parts(got, spec))


def real_parts(got: Result, spec: dict) -> list[str]:
    """Return the parts of a result that are real numbers."""
    return [part for part in spec["returns"] if got[part].dtype.kind == "f"]


def is_telling(got: Result, expected: Result, spec: dict) -> bool:
    """Say whether what is wrong in a case is so many different real numbers that no other mistake gives them."""
    if "raises" in got or "raises" in expected:
        return False
    wrong = [expected[part] for part in spec["returns"] if not equals(got, expected, part, "squeezed", spec)]
    return all(part.dtype.kind == "f" and different(part) >= TELLING for part in wrong)


def where_it_is_wrong(cases: list[dict], right: list[bool]) -> str:
    """Return a sentence on an argument that is None, True or False where the answer is right, and else not, or ""."""
    for name in cases[0]["inputs"]:
        values = [case["inputs"].get(name) for case in cases]
        if [value is None for value in values] in (right, [not is_right for is_right in right]):
            given = values[right.index(False)] is not None
            ways = (f"without {quoted([name])}", "with one") if given else (f"with {quoted([name])}", "without it")
            return f"Right {ways[0]}, but {ways[1]} this is wrong:"
        if all(isinstance(value, bool) for value in values):
            off = values[right.index(False)]
            if [value is off for value in values] == [not is_right for is_right in right]:
                return f"Right where {quoted([name])} is {not off}, but where it is {off} this is wrong:"
    return ""


def in_these_cases(cases: list[dict], right: list[bool]) -> str:
    """Return a sentence that names a case in which the answer is right, and one in which it is not."""
    good, bad = (cases[right.index(is_right)]["label"] for is_right in (True, False))
    return f"Right in the case “{good}”, but in “{bad}” this is wrong:"


def fits_in_case(stored: dict, results: list[Result], number: int, part: str, spec: dict) -> np.ndarray:
    """Say of each single mistake whether one part of the result of one case has its shape and its prints there."""
    which = np.array(stored["shape"], dtype=int)
    each = np.array(stored["each"], dtype=float).reshape(len(which), len(results), PRINTS_OF_A_CASE)[:, number]
    found = np.zeros(len(which), dtype=bool)
    for place, shapes in enumerate(stored["shapes"]):
        for view in VIEWS[:2]:
            arrays = viewed(results[number : number + 1], shapes[number : number + 1], part, view)
            if arrays is not None:
                mine, off = (both[:PRINTS_OF_A_CASE] for both in prints(arrays, spec))
                found |= (which == place) & (np.abs(each - mine) <= off).all(axis=1)
    return found


def read_in_one_way(fit: dict[str, dict[str, np.ndarray]], parts: Iterable[str], views: Iterable[str]) -> np.ndarray:
    """Say of each explanation whether there is one view in which all these parts fit it."""
    columns = [[fit[part][view] for part in parts] for view in views]
    return np.any([np.all(found, axis=0) for found in columns], axis=0)


def fits(stored: dict, results: list[Result], part: str, spec: dict, views: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Say of each explanation, for each view, whether one part of the results has its shapes and its prints.

    `stored` has the different lists of shapes, one shape a case, or the kind of an exception that is raised there;
    and of each explanation the number of its list, and the first prints of its arrays.
    """
    which = np.array(stored["shape"], dtype=int)
    numbers = np.array(stored["prints"], dtype=float).reshape(len(which), -1)
    found = {view: np.zeros(len(which), dtype=bool) for view in views}
    for number, shapes in enumerate(stored["shapes"]):
        for view in views:
            arrays = viewed(results, shapes, part, view)
            if arrays is not None:
                mine, off = prints(arrays, spec)
                kept = slice(numbers.shape[1])
                found[view] |= (which == number) & (np.abs(numbers - mine[kept]) <= off[kept]).all(axis=1)
    return found


def viewed(results: list[Result], shapes: list, part: str, view: str) -> list[np.ndarray] | None:
    """Return the arrays of results in a view, where they have these shapes and stop as these say; else None."""
    arrays = []
    for got, shape in zip(results, shapes, strict=True):
        if isinstance(shape, str):
            if shape not in got.get("raises", ()):
                return None
        elif "raises" in got or got[part].dtype.kind == "c":
            return None
        else:
            array = views_as(got[part], tuple(shape)).get(view)
            if array is None or array.shape != tuple(shape):
                return None
            arrays.append(array)
    return arrays


PRINTS = 3  # numbers that stand for arrays; of two mistakes together, which are many, two of them are stored
PRINTS_OF_A_CASE = 2  # of a single mistake in one case alone
DECIMALS_OF_PRINTS = 4
NOT_A_NUMBER, INFINITE = 1000.0, 2000.0  # far from arcsinh of any other number, which is at most 711


def prints(arrays: list[np.ndarray], spec: dict) -> tuple[np.ndarray, np.ndarray]:
    """Return PRINTS numbers that stand for all the numbers of some arrays, and how far off each may be.

    A print is the sum of w * arcsinh(x) over all numbers x, with a fixed w for each place. The arcsinh keeps a score
    of -1e9 from hiding all others; NaN and the infinities have values of their own in its place.

    How far off: `close` lets a number be off by e = atol + rtol * |x|, and the slope of arcsinh is 1 / hypot(1, x). So
    a print is off by no more than the sum of t = |w| * e / hypot(1, x). Errors do not know the signs of the w, and so
    they add up to less: by Hoeffding's inequality to more than three times the root of the sum of t**2 in one case of
    forty, even where every number is off as far as it may be; rounding to float32 is a thousandth of that. The smaller
    of both is taken, and half a unit of the last decimal that is stored.

    By accident: for 100 numbers of order 1 that are not the same, a print has a spread of 10, and fits within 0.004
    in one case of 3,000. So one part of a result is taken for a given single mistake, with three prints, in one case
    of 3e10, and for one of 2,500 pairs, with two prints, in one of 4,000; the grader's fresh cases square that.
    """
    flat = np.concatenate([np.zeros(0), *(array.astype(float).ravel() for array in arrays)])
    finite = np.isfinite(flat)
    x, odd = np.where(finite, flat, 0.0), np.where(np.isnan(flat), NOT_A_NUMBER, np.copysign(INFINITE, flat))
    w = directions(flat.size)
    t = np.abs(w) * np.where(finite, (spec["atol"] + spec["rtol"] * np.abs(x)) / np.hypot(1.0, x), 0.0)
    off = np.minimum(t.sum(axis=1), 3 * np.sqrt((t * t).sum(axis=1)))
    return (w * np.where(finite, np.arcsinh(x), odd)).sum(axis=1), off + 0.51 * 10.0**-DECIMALS_OF_PRINTS


@lru_cache(maxsize=32)
def directions(size: int) -> np.ndarray:
    """Return fixed numbers (PRINTS, size) from 0.5 to 1.5 with either sign, by whole-number arithmetic modulo 2**32.

    They are the same on every machine and in every version of NumPy, and look as if drawn by chance.
    """
    n = np.arange(1, PRINTS * size + 1, dtype=np.uint64)
    for factor in (0x9E3779B1, 0x85EBCA6B, 0xC2B2AE35):
        n = n * np.uint64(factor) & np.uint64(0xFFFFFFFF)
        n ^= n >> np.uint64(15)
    signs = np.where(n & np.uint64(1), 1.0, -1.0)
    return (signs * (0.5 + n.astype(float) / 2.0**32)).reshape(size, PRINTS).T


# ---------------------------------------------------------------- what is told beside what stopped
class Beside(NamedTuple):
    """What is known of an answer besides that it stopped, or that its result has too few parts or too many."""

    says: list[str]
    names: list[str]
    how: str = "one"


def told_beside(spec: dict, results: list[Result]) -> Beside:
    """Judge what came in place of whole results: as the parts that it can be, one way for all cases.

    What is right as some parts is taken for them; of several things that came, the first way that shows a mistake, in
    the order of the parts. Of one thing nothing is told where two ways show other mistakes.
    """
    found: list[tuple[list[str], list[str], Known]] = []
    for parts, taken in [] if is_unfinished(results) else ways_to_take(spec, results):
        some = {**spec, "returns": parts}
        pairs = [(got, case["expected"]) for got, case in zip(taken, spec["cases"], strict=True)]
        wrong = [part for part in parts if reading(some, pairs, [part]) not in ("as is", "squeezed")]
        certain = len(parts) > 1 or all(starmap(has_shapes, pairs))  # one array could be any of the parts
        known = known_mistakes(some, taken, wrong) if wrong and certain else Known([])
        if len(known.names) > 1 and known.how == "one":
            known = Known(least_besides(spec, known.names, set(spec["returns"]) - set(parts)))
        if known.names or not wrong:
            found.append((parts, wrong, known))
    found = [one for one in found if not one[-1].names] or found
    if not found or (len(found[0][0]) == 1 and len({tuple(known.names) for *_, known in found}) > 1):
        return Beside([], [])
    alike = [one for one in found if one[-1].names == found[0][-1].names]
    least = min(len(wrong) for _, wrong, _ in alike)
    (parts, wrong, known), *others = [one for one in alike if len(one[1]) == least]
    if any(other != wrong for _, other, _ in others):
        wrong = []  # the same mistake may be in one part or in another
    texts = [without_praise(spec["misconceptions"][name]["says"]) for name in known.names]
    first = lead_in(results, wrong if texts else parts, bool(texts))
    return Beside(first + known.around(texts), known.names, known.how)


def least_besides(spec: dict, names: list[str], others: set[str]) -> list[str]:
    """Return those of some single mistakes that leave most of the other parts right."""
    table, expected = spec["known"]["one"], [case["expected"] for case in spec["cases"]]
    fit = [fits(table["parts"][part], expected, part, spec, VIEWS[:1])["as is"] for part in others]
    count = dict.fromkeys(names, 0)
    for (number,), *right in zip(table["mistakes"], *fit, strict=True):
        if (name := spec["known"]["names"][number]) in count:
            count[name] = max(count[name], sum(map(bool, right)))
    return [name for name in names if count[name] == max(count.values())]


def ways_to_take(spec: dict, results: list[Result]) -> Iterator[tuple[list[str], list[Result]]]:
    """Yield the ways to take what came for parts: these, and the results with nothing else in them."""
    came = [result["came"] for result in results if result.get("came")]
    names = list(came[0]) if came else []
    if any(list(one) != names for one in came):
        return
    returns = spec["returns"]
    count = min(len(names), len(returns))
    named = set(names) <= set(returns)
    for parts in [tuple(names)] if named else combinations(returns, count):
        for sources in [parts] if named else combinations(names, count):
            taken = [taken_for(got, case, parts, sources) for got, case in zip(results, spec["cases"], strict=True)]
            if all(one is not None for one in taken):
                yield list(parts), [one for one in taken if one is not None]


def taken_for(got: Result, case: dict, parts: Iterable[str], sources: Iterable[str]) -> Result | None:
    """Return what came of one case under the names of parts; None where it did not come, and should have."""
    if got.get("came"):
        return {part: got["came"][source] for part, source in zip(parts, sources, strict=True)}
    if "raises" in got:
        return got if "raises" in case["expected"] else None
    arrays = [got[name] for name in case["expected"]] if [*sources] == ["0"] else []
    whole = np.stack(arrays) if len({array.shape for array in arrays}) == 1 < len(arrays) else None
    if whole is not None and all(whole.shape == case["expected"][part].shape for part in parts):
        return dict.fromkeys(parts, whole)  # a single array that was taken apart along its first axis
    return {part: got[part] for part in parts}


def has_shapes(got: Result, wanted: Result) -> bool:
    """Say whether all parts of a result have the shapes of those expected, or it stops as it should."""
    if "raises" in got or "raises" in wanted:
        return "raises" in got and "raises" in wanted
    return all(got[part].shape == wanted[part].shape for part in got)


def lead_in(results: list[Result], parts: list[str], wrong: bool) -> list[str]:
    """Return the sentence that stands before the mistakes in what came, or that says it is right; or nothing.

    It names these parts: those that are wrong, where they are known, or else all that came.
    """
    facts = [got.get("facts", {}) for got in results if got.get("came")]
    if any(fact.get("turned") for fact in facts):
        return ["With that mended, this is left:" if wrong else "With that mended, it is right."]
    named = " and ".join(f"`{part}`" for part in parts)
    unnamed = any("0" in got.get("came", {}) for got in results)
    if not wrong:
        return [f"As {named}, what you returned is right."] if unnamed or len(parts) > 1 else []
    if not unnamed:
        return ["Besides:"]
    return [f"As {named}, what you returned is not right either:"] if parts else []


# ---------------------------------------------------------------- describing
def described(spec: dict, results: list[Result], ways: dict[str, str | None]) -> list[str]:
    """Return sentences about results that equal no known mistake and stopped nowhere."""
    pairs = [(r, c["expected"]) for r, c in zip(results, spec["cases"], strict=True) if "raises" not in c["expected"]]
    arrays = [(got[part], wanted[part]) for got, wanted in pairs for part in spec["returns"]]
    alike = [all(same(pairs[0][i][p], pair[i][p]) for pair in pairs for p in spec["returns"]) for i in (0, 1)]
    if alike == [True, False] and all(got.size for got, _ in arrays):
        return ["Your function gives the same result in every case. Does it use its arguments?"]
    spec = spec | {kind: results[0].get("code", {}).get(kind, []) for kind in ("loops", "extends", "goes_on")}
    text = about_parts(spec, pairs) or first_difference(spec, results, ways) + term_of_difference(spec, results)
    if not text.endswith("exchanged."):  # else they are right once it is turned back
        text += "".join(about_regions(spec, results, part, rule) for part, rule in spec.get("regions", {}).items())
    shapes_fit = all("squeezed" in views(got, wanted) for got, wanted in arrays)
    told = shapes_fit and ONE_DIFFERS.search(text)  # else the text says what all of it is, or the cause lies elsewhere
    seen = Seen(spec, first_wrong(spec, results)["inputs"], {})
    text = " ".join([text, *advice_on(text, spec.get("advice", {}), seen)])
    return [text, *((broken_properties(spec, results) or about_shares(spec, results))[:1] if told else [])]


def about_shares(spec: dict, results: list[Result]) -> list[str]:
    """Say what is wrong with weights that sum to one as they should: their scores, or that some are 0.

    Scores are known from weights up to a number for each row. If these are the right ones times a factor, it is told.
    """
    case = first_wrong(spec, results)
    got = results[[one["label"] for one in spec["cases"]].index(case["label"])]
    for rule in spec.get("properties", []):
        part = rule["part"]
        if rule["kind"] != "sums_to_one" or "raises" in got or equals(got, case["expected"], part, "squeezed", spec):
            continue
        a, b = (np.moveaxis(one[part].astype(float), rule["axis"], -1) for one in (got, case["expected"]))
        if a.shape != b.shape or (a < 0).any() or not close(a.sum(axis=-1), np.ones(a.shape[:-1]), spec):
            continue
        if nearly(a, b):
            return []
        if ((a == 0) & (b > 1e-6)).any():
            return ["Some weights are 0 where none should be: a softmax gives each a share, if nothing hides it."]
        factor = factor_of_scores(a, b, spec)
        told = f" They are as if all scores were {factor:.4g} times what they should be." if factor else ""
        return [f"The weights sum to one, as they should: it is what is divided by the sums that is not right.{told}"]
    return []


def factor_of_scores(a: np.ndarray, b: np.ndarray, spec: dict) -> float:
    """Return by what the scores of weights are too large, if it is one number for all; else 0."""
    seen = (a > 0) & (b > 0)
    if a.shape[-1] < 3 or (seen.sum(axis=-1) < 2).any():
        return 0.0
    logs = [np.where(seen, np.log(np.where(seen, one, 1.0)), 0.0) for one in (a, b)]
    x, y = (one - np.where(seen, one.sum(axis=-1, keepdims=True) / seen.sum(axis=-1, keepdims=True), 0) for one in logs)
    x, y = x * seen, y * seen
    factor = float((x * y).sum() / (y * y).sum()) if y.any() else 0.0
    return factor if abs(factor - 1) > 0.01 and np.allclose(x, factor * y, rtol=1e-3, atol=1e-3) else 0.0


def about_parts(spec: dict, pairs: list[tuple[Result, Result]]) -> str:
    """Say which parts of a result are other ones of those expected, or that its entries and its parts are exchanged."""
    returns = spec["returns"]
    if len(returns) < 2 or not pairs:
        return ""
    shapes = {part[name].shape for _, wanted in pairs for name in returns for part in [wanted]}
    if all(len(shape) > 1 and shape[0] == len(returns) for shape in shapes) and all(
        close(got[part], np.stack([wanted[other][place] for other in returns]), spec)
        for got, wanted in pairs
        for place, part in enumerate(returns)
        if len({wanted[other].shape for other in returns}) == 1
    ):
        parts = f"({', '.join(returns)})"
        return f"You return {parts} of one entry after the other. Return the {len(returns)} lists instead: {parts}."
    wrong = [part for part in returns if not all(close(got[part], wanted[part], spec) for got, wanted in pairs)]
    found: dict[str, list[str]] = {}
    for part in wrong:
        for other in returns:
            alike = all(close(got[part], wanted[other], spec) for got, wanted in pairs)
            if alike and all(different(wanted[other]) > 1 for _, wanted in pairs):
                found.setdefault(other, []).append(part)
    if len(found) == len(wrong) > 2:
        came = ", ".join(next((other for other, parts in found.items() if part in parts), part) for part in returns)
        return f"All is there, but in another order. You return ({came}); expected ({', '.join(returns)})."
    told = [
        f"{quoted(parts)} {'is' if len(parts) == 1 else 'are'} what `{other}` should be."
        for other, parts in found.items()
    ]
    return " ".join(told)


def about_regions(spec: dict, results: list[Result], part: str, rule: dict) -> str:
    """Say of a mask, or of weights, which of the kinds of keys that a check knows are hidden or visible by mistake.

    A rule has the names of these kinds, each (name, detail), and whether the part holds weights, which are 0 where a
    key is hidden, or a mask, which is 1. Each case has the number of its kind for every entry. Details are told only
    where the kinds of one name differ.
    """
    found: dict[int, set[tuple[bool, bool]]] = {}
    for got, case in zip(results, spec["cases"], strict=True):
        wanted = case["expected"].get(part) if "raises" not in got else None
        mine = views(got[part], wanted).get("squeezed", got[part]) if wanted is not None else None
        if wanted is None or mine is None or mine.shape != wanted.shape:
            return ""
        both = hidden_keys(mine, rule["weights"]), hidden_keys(wanted, rule["weights"])
        hidden = [array for array in both if array is not None]
        if len(hidden) < 2:
            return ""
        kinds = np.broadcast_to(np.asarray(case["regions"][part], dtype=int), wanted.shape)
        for kind in np.unique(kinds):
            found.setdefault(int(kind), set()).update(
                zip(*(one[kinds == kind].tolist() for one in hidden), strict=True)
            )
    if all(one == other for pairs in found.values() for one, other in pairs):
        return RIGHT_HIDDEN if rule["weights"] and not right_everywhere(spec, results, part) else ""
    if len(found) > 1 and all(one != other for pairs in found.values() for one, other in pairs):
        return " All of it is the other way round: what is to be hidden is visible, and the rest is hidden."
    names = {kind: (rule["names"][kind][0], " ".join(filter(None, rule["names"][kind]))) for kind in found}
    alike = [{frozenset(found[k]) for k in found if names[k][0] == names[kind][0]} for kind in found]
    told = {kind: names[kind][len(sets) > 1] for kind, sets in zip(found, alike, strict=True)}
    texts = []
    for words, wrong in WRONGLY.items():
        keys = list(dict.fromkeys(told[kind] for kind in sorted(found) if found[kind] == wrong))
        if keys:
            more = " and others" if len(keys) > MOST_KINDS else ""
            texts.append(f" {words}: {' and '.join(keys[:MOST_KINDS])}{more}.")
    return "".join(texts[:2])


MOST_KINDS = 3  # of keys that are told in one sentence
VISIBLE = 1e-12  # the least weight of a key that counts as visible
RIGHT_HIDDEN = " The right keys are hidden; the weights of the others are not right."
WRONGLY = {  # what is said of a kind of keys that is (hidden, to be hidden)
    "Visible, but to be hidden": {(False, True)},
    "Hidden, but to be visible": {(True, False)},
    "Visible in part, but to be hidden": {(False, True), (True, True)},
    "Hidden in part, but to be visible": {(True, False), (False, False)},
}


def hidden_keys(array: np.ndarray, weights: bool) -> np.ndarray | None:
    """Return which keys a mask of 0 and 1 hides, or weights, of which a row of NaN hides all; None for other arrays."""
    if array.dtype.kind == "c" or not array.ndim:
        return None
    if not weights:
        return array == 1 if np.isin(array, (0, 1)).all() else None
    blind = np.isnan(array).all(axis=-1, keepdims=True)
    return np.where(blind, True, array < VISIBLE) if (np.isfinite(array) | blind).all() else None


def right_everywhere(spec: dict, results: list[Result], part: str) -> bool:
    """Say whether a part of a result is right in every case."""
    pairs = zip(results, spec["cases"], strict=True)
    return all(equals(got, case["expected"], part, "as is", spec) for got, case in pairs)


ONE_DIFFERS = re.compile(r" is \S+; expected \S+ \(|\bis (?:NaN|infinite) in |, in other cases not:")


def first_wrong(spec: dict, results: list[Result]) -> dict:
    """Return the first case whose result is not as expected."""
    for case, result in zip(spec["cases"], results, strict=True):
        if not all(equals(result, case["expected"], part, "squeezed", spec) for part in spec["returns"]):
            return case
    return spec["cases"][0]


def broken_properties(spec: dict, results: list[Result]) -> list[str]:
    """Return the sentence of each property of a right answer that the results do not have.

    A property that takes a case as `given` says something only when that case is right.
    """
    wanted = {case["label"]: case["expected"] for case in spec["cases"]}
    byname = dict(zip(wanted, results, strict=True))
    rules = [rule for rule in spec.get("properties", []) if not holds(rule, byname, wanted, spec)]
    given = {rule.get("given", "") for rule in rules} - {""}
    fits = {case for case in given if reading(spec, [(byname[case], wanted[case])], spec["returns"])}
    return [rule["says"] for rule in rules if rule.get("given", "") in {"", *fits}]


def holds(rule: dict, results: dict[str, Result], wanted: dict[str, Result], spec: dict) -> bool:
    """Say whether a property holds; one that cannot be tested (another shape, an error) counts as held."""
    part, labels = rule["part"], (rule["case"], rule.get("other", rule["case"]))
    if any("raises" in results[label] or results[label][part].shape != wanted[label][part].shape for label in labels):
        return True
    first, other = (results[label][part] for label in labels)
    if any(array.dtype.kind == "c" or array.dtype.itemsize < 4 for array in (first, other)):
        return True  # complex numbers, booleans and numbers of half precision: that is told instead
    if rule["kind"] == "sums_to_one":
        sums = first.sum(axis=rule["axis"])
        return close(sums, np.ones(sums.shape), spec)
    order, axis = rule["order"], rule["axis"]  # "same": entries `order` of the case equal entries 0, 1, … of the other
    return close(np.take(first, order, axis), np.take(other, range(len(order)), axis), spec)


def ordinary_right(spec: dict, results: list[Result]) -> bool:
    """Say whether all is right but what should have raised an exception: what is wrong elsewhere is told first."""
    pairs = [(r, c["expected"]) for r, c in zip(results, spec["cases"], strict=True) if "raises" not in c["expected"]]
    return all(reading(spec, pairs, [part]) for part in spec["returns"])


def not_raised(spec: dict, results: list[Result]) -> str | None:
    """Tell of the first case whose exception did not come."""
    for case, result in zip(spec["cases"], results, strict=True):
        wanted, got = case["expected"].get("raises", ()), result.get("raises", ())
        if wanted and wanted[0] not in got:
            said = f" Python said: {python_said(result)}" if got else ""
            return f"For {case['label']} a {wanted[0]} with a clear message was expected.{said}"
    return None


def raised(spec: dict, results: list[Result]) -> str | None:
    """Explain an exception that should not have come."""
    stops = [(c, r) for c, r in zip(spec["cases"], results, strict=True) if "raises" in r]
    for case, result in stops:
        got, text = result["raises"], python_said(result)
        if "NotImplementedError" in got and not LIBRARY_SAYS.search(text):
            return unfinished(spec["function"], result.get("where", ""))
        if "raises" not in case["expected"]:
            alone = f"On the case “{case['label']}”: " if len(stops) < len(results) else ""
            facts, loops = result.get("facts", {}), results[0].get("code", {}).get("loops", [])
            early = " Is `return` inside the loop?" if TOO_FEW.search(text) and "return" in loops else ""
            if (put := results[0].get("code", {}).get("extends")) and COUNTED.search(text):
                early = f" `{put[0]}` got something piece by piece: `{put[0]}.append(…)` keeps each whole."
            return (
                f"{alone}{unreadable(text, spec)}{early}" if "Unreadable" in got else explained(text, spec, case, facts)
            )
    return None


COUNTED = re.compile(r"^Your function returned \d+ things; expected \d+ things")
TOO_FEW = re.compile(r"^Your function returned (?:one|\d) .*; expected \d+ things, \([^()]*\)\.$")


def unreadable(text: str, spec: dict) -> str:
    """Return why a result cannot be read; of rows of several lengths with the task's advice in place of a tip."""
    rules = {sign: rule for sign, rule in spec.get("advice", {}).items() if "different shapes" in sign}
    told = advice_on(text, rules, Seen(spec, {}, {}))
    return " ".join([text.replace(END_TO_END, ""), *told]) if told else text


# Exceptions of TensorFlow and Keras that are NotImplementedErrors too, but no sign of an answer that was not begun.
LIBRARY_SAYS = re.compile(r"Cannot convert a symbolic|does not have a `\w+|method implemented|not implemented by")


def python_said(result: Result) -> str:
    """Return the text of an exception, without what TensorFlow and Keras add."""
    return NOISE.sub("", result.get("text", "")[:2000]).strip(" \n\t;")


UNFINISHED = "is not finished yet: it still raises NotImplementedError."


def unfinished(function: str, where: str) -> str:
    """Say which function still has to be written: the one of the task, or one that it calls."""
    needs = function if where in ("", "answer", function) else f"{function} needs {where}, which"
    return f"{needs} {UNFINISHED}"


def explained(text: str, spec: dict, case: dict, facts: dict[str, str] | None = None) -> str:
    """Return what Python said about a case, with the first advice there is: the chapter's, the task's, or general."""
    facts = facts or {}
    seen = Seen(spec, case["inputs"], facts | {"remedy": remedy(text, facts), "within": called_within(spec, facts)})
    sources = (spec.get("advice", {}), advice_of_task(spec), ADVICE)
    advice = [advice for rules in sources for advice in advice_on(text, rules, seen)]
    return f"{[*advice, stopped(case)][0]} Python said: {text}"


def called_within(spec: dict, facts: dict[str, str]) -> str:
    """Return the name of another function of the notebook that the task's function called and that stopped, or ""."""
    stack = facts.get("stack", "").split()
    return stack[-1] if spec["function"] in stack[:-1] and stack[-1].isidentifier() else ""


# ---------------------------------------------------------------- advice, and when it holds
class Seen(NamedTuple):
    """What conditions look at: the check, the inputs of the case, and the facts about an exception."""

    spec: dict
    inputs: dict
    facts: dict[str, str]


def advice_on(text: str, rules: dict[str, Any], seen: Seen) -> list[str]:
    """Return the advice of each rule that finds something in a text and whose conditions hold.

    A rule is {regular expression: advice}, or has (advice, condition, …) in the place of advice, or a list of such. In
    advice and conditions \\1 stands for what the first group found; in advice {near} stands for the fact of that name,
    and advice that needs an unknown fact is not given. A condition is a word of CONDITIONS with what that takes:
    "argument \\1", "not is_none mask".
    """
    found = ((re.search(sign, text), alternatives(rule)) for sign, rule in rules.items())
    told = []
    for match, ways in found:
        if match is not None:
            fits = [advice for advice, *conditions in ways if applies(advice, conditions, match, seen)]
            told += [FACT.sub(lambda fact: seen.facts[fact[1]], match.expand(advice)) for advice in fits[:1]]
    return told


def alternatives(rule: Any) -> list[Any]:
    """Return the ways of a rule, each its advice and its conditions; the first whose conditions hold is told."""
    return [[rule]] if isinstance(rule, str) else [rule] if isinstance(rule[0], str) else list(rule)


def applies(advice: str, conditions: list[str], match: re.Match, seen: Seen) -> bool:
    """Say whether all the facts that advice names are known and all its conditions hold."""
    known = all(seen.facts.get(fact) for fact in FACT.findall(advice))
    return known and all(condition_holds(condition, match, seen) for condition in conditions)


FACT = re.compile(r"\{(\w+)\}")


def condition_holds(condition: str, match: re.Match, seen: Seen) -> bool:
    """Say whether a condition of a rule holds; a group that found nothing is an empty text."""
    turned = condition.startswith("not ")
    word, _, rest = condition.removeprefix("not ").partition(" ")
    if word != "code":
        rest = match.expand(rest)
    return CONDITIONS[word](seen, rest) != turned


def without_entries(seen: Seen, names: str) -> bool:
    """Say whether one of these inputs has no entries, or is not given."""
    given = [seen.inputs[name] for name in names.split() if name in seen.inputs]
    return any(value is None or np.size(value) == 0 for value in given)


def inside(seen: Seen, rest: str) -> bool:
    """Say whether the function or class of the task was at work, and not the check that calls it."""
    return seen.spec["function"] in re.split(r"[. ]", seen.facts.get("stack", ""))


# What a rule of advice may ask, and what each takes behind its name.
CONDITIONS: dict[str, Callable[[Seen, str], bool]] = {
    "argument": lambda seen, name: name in seen.inputs,  # the task's function takes an argument of this name
    "is_none": lambda seen, name: seen.inputs.get(name, 0) is None,  # and in this case it is None
    "empty": without_entries,  # one of these inputs has no entries in this case
    "equals": lambda seen, rest: str(seen.inputs.get(rest.split()[0])) == rest.split()[1],  # an input is this number
    "length": lambda seen, rest: len(seen.inputs.get(rest.split()[0], ())) == int(rest.split()[1]),  # of an input
    "greater": lambda seen, rest: int(rest.split()[0]) > int(rest.split()[1]),  # of two numbers that were found
    "needs": lambda seen, module: seen.spec.get("needs", "") == module,
    "known": lambda seen, name: bool(seen.facts.get(name)),  # a fact is known, and no empty text
    "code": lambda seen, sign: bool(re.search(sign, seen.facts.get("line", ""))),  # the expression that stopped
    "is": lambda seen, rest: seen.facts.get(rest.split()[0]) == rest.partition(" ")[2],  # a fact has this text
    "literal": lambda seen, n: bool(re.search(rf"(?<![\w.]){n}(?![\w.])", seen.facts.get("line", ""))),
    "inside": inside,
    "outside": lambda seen, rest: seen.facts.get("outside") == "yes",  # a library raised it
}


def advice_of_task(spec: dict) -> dict[str, Any]:
    """Return the advice that needs to know the task's function or the names of old results."""
    name, stale = re.escape(spec["function"]), "|".join(spec.get("stale") or ["-"])
    return {
        rf"name '({stale})' is not defined": "`\\1` has no value inside your function; compute it there, from its "
        "arguments.",
        rf"^TypeError: (?:[\w.<>]+\.)?(?:{name}|answer)(?:\.\w+)?\(\) (got an unexpected|missing)": (
            "Keep the names of the arguments as they were given.",
            "not inside",
        ),
        rf"'{name}' object has no attribute '(\w+)'": [
            (f"`{spec['function']}` has no `\\1`, but `{{near}}`: is one of the two misspelt?",),
            ("The class has no method `\\1`.", "is then ("),
            ("Keep it in `__init__`: `self.\\1 = …`.",),
        ],
    }


def stopped(case: dict) -> str:
    """Say on which case an answer stopped, with the shapes of its inputs and the numbers among them."""
    told = {name: v for name, v in case["inputs"].items() if isinstance(v, np.ndarray | int | float)}
    shapes = [f"{name} {v.shape}" if isinstance(v, np.ndarray) else f"{name} = {v}" for name, v in told.items()]
    return f"Your function stopped on the case “{case['label']}” ({', '.join(shapes)})."


SHAPES = re.compile(r"shapes \(([\d,]+)\) and \(([\d,]+)\) not aligned")


def remedy(text: str, facts: dict[str, str]) -> str:
    """Say of a product whose sizes do not fit what would make them fit; nothing where a shape is not known."""
    told = SHAPES.search(text)
    texts = told.groups() if told else (facts.get("left", ""), facts.get("right", ""))
    left, right = (tuple(map(int, re.findall(r"\d+", one))) for one in texts)
    if not left or not right or left[:-2] != right[:-2]:
        return ""
    other = {
        "with the left one transposed": (turned(left), right),
        "with the right one transposed": (left, turned(right)),
        "with the two exchanged": (right, left),
    }
    ways = [way for way, (a, b) in other.items() if fit(a, b)]
    return f"They would fit {', or '.join(ways)}." if ways else "Neither a transpose nor an exchange makes them fit."


def turned(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return a shape with its last two axes exchanged; a vector stays as it is."""
    return (*shape[:-2], *shape[:-3:-1]) if len(shape) > 1 else shape


def fit(left: tuple[int, ...], right: tuple[int, ...]) -> bool:
    """Say whether two shapes can stand on both sides of `@`."""
    return left[-1] == right[-2:][0]


# What TensorFlow and Keras add to their messages, colours of the terminal among it.
NOISE = re.compile(
    r"\{\{[^}]*\}\}\s*|;?\s*NodeDef.*|\[Op:.*|\x1b\[[0-9;]*m"
    r"|\._api\.v2(?=\.)"
    r"|(?<=Invalid input shape for input )\[\[.*?\]\] (?=with name)"
    r"|Could not automatically infer the output shape.*?Error encountered:\s*"
    r"|Exception encountered when calling \S+\.call\(\)\.\s*|\s*Arguments received by .*",
    re.DOTALL,
)
VERSIONS = "This is about the version of NumPy, not about your idea."
INNER = "The inner sizes do not fit: \\{} on the left, \\{} on the right."
WITHIN = "They meet inside `{within}`: do the arrays that you hand to it belong together?"
WITHIN_HANDED = "They meet inside `{within}`, which was given {handed}."
ONE_NUMBER = (
    "float, int and the functions of `math` take one number. NumPy's functions, such as np.exp, take a whole array."
)
# PyTorch's and pandas' words for what NumPy says otherwise.
HABITS = {
    "masked_fill": "np.where(mask == 1, -1e9, x)", "unsqueeze": "np.expand_dims(x, axis)", "cat": "np.concatenate",
    "permute": "np.transpose(x, order)", "expand": "np.broadcast_to(x, shape)", "clone": "x.copy()",
    "float": "x.astype(float)", "long": "x.astype(int)", "matmul": "x @ y", "mm": "x @ y", "bmm": "x @ y",
    "exp": "np.exp(x)", "sqrt": "np.sqrt(x)", "tanh": "np.tanh(x)", "log": "np.log(x)", "tril": "np.tril(x)",
    "triu": "np.triu(x)", "t": "x.T", "append": "np.concatenate([x, y])", "shift": "x[:, 1:]", "sample": "x[order]",
    "dim": "x.ndim", "norm": "np.linalg.norm(x)", "iloc": "x[…]", "loc": "x[…]", "numel": "x.size", "type": "x.dtype",
    "sigmoid": "1 / (1 + np.exp(-x))", "relu": "np.maximum(x, 0)", "chunk": "np.split(x, count, axis)",
    "gather": "np.take_along_axis(x, places, axis)", "index_select": "np.take(x, places, axis)", "to": "x.astype(kind)",
    "int": "x.astype(int)", "bool": "x.astype(bool)", "double": "x.astype(float)", "mul": "x * y", "div": "x / y",
    "sub": "x - y", "add": "x + y", "neg": "-x", "pow": "x**n", "repeat_interleave": "np.repeat(x, count, axis)",
    "topk": "np.sort(x)[..., -k:]", "new_zeros": "np.zeros(shape)", "new_ones": "np.ones(shape)", "head": "x[:5]",
    "apply": "function(x)", "swapdims": "np.swapaxes(x, -1, -2)", "len": "len(x)", "copy_": "x[…] = y",
    "clamp": "np.clip(x, low, high)", "fillna": "np.nan_to_num(x)", "tensor": "np.array(x)",
    "from_numpy": "np.asarray(x)", "as_tensor": "np.asarray(x)",
}  # fmt: skip
KINDS = ("float", "int", "bool", "double", "long")  # whose names NumPy has had, too
TORCH_VIEW = "`x.view(…)` is PyTorch's word. NumPy says `x.reshape(…)`; its `view` is another thing."
FUNCTIONS = "|".join(
    name
    for name, one in vars(np).items()
    if callable(one) and not isinstance(one, type) and not hasattr(np.ndarray, name) and name.isidentifier()
)
NEEDLESS = "values|to_numpy|numpy|detach|cpu|cuda|contiguous"
# Regular expressions for what Python says, and what to do about it; each only where its conditions hold.
# fmt: off
ADVICE: dict[str, Any] = {
    r"module 'numpy' has no attribute 'math'":
        f"{VERSIONS} `np.math` was removed in NumPy 2.0; use `math` or NumPy's own functions.",
    r"module 'numpy' has no attribute 'concat'":
        f"{VERSIONS} `np.concat` needs NumPy 2.0; `np.concatenate` works everywhere.",
    r"module 'numpy' has no attribute 'cat'": "NumPy says `np.concatenate`; `cat` is PyTorch's word.",
    r"module 'numpy' has no attribute 'nn'": "`nn` is PyTorch's and TensorFlow's: NumPy has no such functions ready.",
    r"name 'torch' is not defined|No module named 'torch'":
        "PyTorch is not used here. NumPy's functions stand behind `np`, as in `np.exp(x)`.",
    r"unexpected keyword argument '(dim|keepdim)'|'(dim|keepdim)' is an invalid keyword argument":
        ("PyTorch says `\\1\\2`; NumPy and TensorFlow say `axis` and `keepdims`.", "not known takes"),
    r"unexpected keyword argument 'descending'":
        ("NumPy sorts upwards. `-np.sort(-x)` begins with the largest, and so do the places `np.argsort(-x)`.",
         "not known takes"),
    r"unexpected keyword argument 'diagonal'":
        ("PyTorch says `diagonal`; NumPy says `k`, as in `np.triu(x, k=1)`.", "not known takes"),
    r"unexpected keyword argument 'unbiased'":
        ("PyTorch says `unbiased`. NumPy divides by the count of numbers, unless `ddof` says otherwise.",
         "not known takes"),
    r"^TypeError: (exp2?|log(?:2|10|1p)?|sqrt|square|tanh|abs|absolute|where|maximum|minimum)\(\) got an unexpected "
    r"keyword argument 'axis'":
        ("`np.\\1` works number by number, and has no axis. Sums, means and maxima have one.", "not known takes"),
    r"^TypeError: dot\(\) got an unexpected keyword argument 'axis'|^TypeError: matmul: axis can only":
        ("A product has no choice of axes: it goes over the last one on the left and the last but one on the right.",
         "not known takes"),
    r"'axis' is an invalid keyword argument for (sum|max|min)\(\)":
        "Python's own `\\1` knows no axis: it is `np.\\1(x, axis=…)`.",
    r"'(\w+)' is an invalid keyword argument": "The function that is called here does not know the argument `\\1`.",
    r"axes don't match array": [
        ("`transpose` takes the order of all axes. np.swapaxes(x, -1, -2) exchanges two of them.",
         r"code \.transpose\((?:[a-z_]\w*, ?)?\(?-?\d, ?-?\d\)?\)$"),
        ("`transpose` takes the order of all axes: as many numbers as the array has axes, each once.",)],
    r"transpose\(\) takes from 1 to 2 positional":
        "np.transpose takes the order of all axes as one tuple. np.swapaxes(x, -1, -2) exchanges two of them.",
    r"order must be str, not int":
        ("NumPy's `flatten` makes one axis of all. To join some of them, use `x.reshape(…)`.", r"code \.flatten\("),
    r"subscript must be either an integer or an ellipsis":
        ("np.einsum takes the letters first: `np.einsum('ij,jk->ik', a, b)`.", r"code einsum\("),
    r"len\(\) takes exactly one argument":
        "`len(x)` is the length of the first axis. That of another one is `x.shape[n]`.",
    r"only (0-dimensional|length-1|size-1) arrays can be converted": [
        (f"{VERSIONS} float, int and `math` take no array (1, 1) since NumPy 2.4: write `x.item()`.", "is one (1, 1)"),
        (ONE_NUMBER,)],
    r"name 'math' is not defined": "Write `import math` first, or use NumPy's functions, such as np.sqrt and np.exp.",
    r"name 'np' is not defined": "Run the cell further up that imports np.",
    r"name 'tf' is not defined": [
        ("Run the cell further up that imports tf.", "needs tensorflow"),
        ("This task is for NumPy: use `np`.",)],
    r"name '(\w*[^\x00-\x7f]\w*)' is not defined":
        "A letter of `\\1` is none of the Latin alphabet, though it may look like one. Type the name anew.",
    r"name '(F|nn)' is not defined":
        ("`\\1` is PyTorch's, which is not used here. NumPy's functions stand behind `np`, as in `np.exp(x)`.",
         "is then ."),
    r"name '(\w+)' is not defined": [
        ("In a method write `self.\\1`.", "known of_self"),
        ("`\\1` is an argument of the task's function. Has it another name in yours, or do you use it elsewhere?",
         "argument \\1"),
        ("No variable called `\\1` exists here. Did you mean `{near}`?",),
        ("No variable called `\\1` exists here. Is it misspelt, or did you give it another name above? If it is "
         "defined in another cell, run that cell first.",)],
    **{rf"'numpy.ndarray' object has no attribute '{word}'": f"An array has no `.{word}`. In NumPy: `{words}`."
       for word, words in HABITS.items()},
    **{rf"module 'numpy' has no attribute '{word}'": f"NumPy has no `{word}`. It says `{words}`."
       for word, words in HABITS.items() if word not in (*vars(np), *KINDS, "cat")},
    r"module 'numpy' has no attribute '(float|int|object|str)'":
        f"{VERSIONS} Write `\\1`: NumPy takes Python's own kinds.",
    rf"'numpy.ndarray' object has no attribute '({FUNCTIONS})'": "An array has no `.\\1`: it is `np.\\1(…)`.",
    r"'numpy.ndarray' object has no attribute '(log_)?softmax'":
        "An array has no softmax, and NumPy has none: it is exponentials divided by their sum along an axis.",
    r"view\(\) takes from 0 to 2 positional|Type must be a sub-type of ndarray": TORCH_VIEW,
    r"AxisError: (?:\w+: )?axis (-?\d+) is out of bounds for array of dimension (\d+)":
        "An array with axis \\1 is needed here, and this one has \\2 axes, counted from 0.",
    r"need at least one array to (concatenate|stack)":
        "The list of arrays is empty here. Does a loop leave out its first or its last one? `range(n)` counts all n, "
        "from 0.",
    rf"'numpy.ndarray' object has no attribute '({NEEDLESS})'": "An array needs no `.\\1`: leave it out.",
    r"'list' object has no attribute '(shape|T|ndim|dtype|sum|mean|reshape)'":
        "A list has no `\\1`. np.array(…) makes an array of it.",
    r"object has no attribute '(\w+)'|module '[\w.]+' has no attribute '(\w+)'":
        ("There is no `\\1\\2` here. Did you mean `{near}`?",),
    r"'\w*Tensor' object has no attribute '(\w+)'": "A tensor has no `.\\1`: TensorFlow's functions take the tensor.",
    r"module 'numpy' has no attribute 'softmax'":
        "NumPy has no softmax: it is exponentials divided by their sum along an axis.",
    r"module '([\w.]+)' has no attribute '(\w+)'": "`\\1` has nothing called `\\2`: do it with other functions.",
    r"only integer scalar arrays can be converted to a scalar index": [
        ("`np.min(a, b)` takes b for an axis, and so does np.max. Entry by entry: np.minimum(a, b), np.maximum(a, b).",
         r"code \.a?(min|max)\("),
        ("np.concatenate takes the arrays as one argument, a list: np.concatenate([a, b]).", r"code \.concatenate\(")],
    r"local variable '(\w+)'":
        "`\\1` is used before it has a value. Give it one first, outside any `if` or loop, or use another name.",
    r"got an unexpected keyword argument '(\w+)'": [
        ("`{called}` takes {takes}.",), ("A function that you call does not know the argument `\\1`.",)],
    r"missing \d+ required positional": [
        ("`{called}` takes {takes}.",), ("A function that you call was given too few arguments.",)],
    r"\w\.\w+\(\) takes 0 positional arguments but 1 was given":
        ("In a class every method has `self` as its first argument.", "not known takes"),
    r"\(\) takes .*positional": [
        ("In a class every method has `self` as its first argument; `{called}` takes {takes}.", "known no_self"),
        ("`{called}` takes {takes}, those behind `*` by name only.", "known by_name"),
        ("`{called}` takes {takes}.",)],
    r"(\w+)\(\) takes no arguments":
        [("`__init__` is written with two underscores on each side; you wrote `{misspelt}`.",),
         ("The class `\\1` has no `__init__` that takes arguments: two underscores on each side, inside the class.",)],
    r"Layer (\w+) does not have a `call": [
        ("Keras calls the method `call`; `forward` is PyTorch's name for it.", "known forward"),
        ("The class `\\1` has no method `call`. Is it misspelt, or indented wrongly?",)],
    r"expects (\d+) named input\(s\).*received 1 input":
        "The model takes its \\1 inputs as one list: `model([…, …])`.",
    r"forgot to call .?super": "Write `super().__init__()` as the first line of `__init__`.",
    r"'(?:numpy\.(?:ufunc|_ArrayFunctionDispatcher)|(?:builtin_)?(?:function|method)\w*)' object is not subscriptable":
        "A function stands before square brackets here. It is called with round ones: `f(x)`.",
    r"'int' object is not callable":
        ("In NumPy `size` is a number. A shape is `x.shape`, one size `x.shape[-1]`.", r"code \.size\("),
    r"'tuple' object is not callable":
        ("`shape` is no function: `x.shape[0]`, with square brackets.", r"code \.shape\("),
    r"'numpy.ndarray' object is not callable":
        ("`T` is no function: `x.T`, without parentheses.", r"code \.T\("),
    r"'module' object is not callable": "A module is no function; its functions are called as `module.function(…)`.",
    r"'NoneType' object is not callable": "What is called here is None.",
    r"'([\w.]+)' object is not callable":
        "Something of the kind \\1 is called here like a function. Has it taken the name of one, is a `*` missing, or "
        "do square brackets belong there?",
    r"truth value of an array":
        "A whole array is neither true nor false. Ask for None with `is not None`; to choose by entry, use np.where.",
    r"unsupported operand type.*NoneType": [
        ("`{none}` is None here.",),
        ("Something here is None. It may be an argument, or what a function without `return` gives.",)],
    r"bitwise_xor|unsupported operand type\(s\) for \^": "`^` is no power in Python: write `**`.",
    r"Cannot interpret '(?:True|False)' as a data type":
        "The third place is the kind of number. Say it by name: `keepdims=True`.",
    r"Cannot interpret '-?[\d.]+' as a data type": [
        (TORCH_VIEW, r"code \.view\("),
        ("The shape is one argument, in parentheses: np.ones((3, 5)). The second argument is the kind of number.",)],
    r"size (\d+) is different from (\d+)": [
        ("`{turned}` turns all axes of a batch round. np.swapaxes(x, -1, -2) exchanges the last two.",),
        (f"{INNER.format(2, 1)} {WITHIN_HANDED}",), (f"{INNER.format(2, 1)} {WITHIN}",),
        (f"{INNER.format(2, 1)} {{remedy}}",),
        (INNER.format(2, 1),)],
    r"not aligned: (\d+) \(dim \d+\) != (\d+)": [
        (f"{INNER.format(1, 2)} {WITHIN_HANDED}",), (f"{INNER.format(1, 2)} {WITHIN}",),
        (f"{INNER.format(1, 2)} {{remedy}}",), (INNER.format(1, 2),)],
    r"In\[0\]: (\[[\d,]*?(\d+)\]), In\[1\]: (\[(?:[\d,]*,)?(?!\2,)\d+,\d+\])":
        "The sizes of a product do not fit: \\1 and \\3.",
    r"shapes \((\S+),\d+\) \(\1,?\)":
        "The second has one entry for each row of the first. If it is a sum or a maximum over the last axis, it needs "
        "keepdims=True, so that it stands beside its own row.",
    r"could not be broadcast together":
        "`+`, `-`, `*` and `/` go entry by entry: counted from the last axis, sizes must be equal or 1.",
    r"could not broadcast input array from shape (\(.*?\)) into shape (\(.*?\))":
        "What is stored has the shape \\1, its place the shape \\2.",
    r"'((?:numpy\.)?float\d*)' object cannot be interpreted as an integer":
        "A whole number is needed here, and this is a \\1: `/` gives one, `//` gives a whole number.",
    r"'([\w.]+)' object cannot be interpreted as an integer": "A whole number is needed here, and this is a \\1.",
    r"[Oo]nly integers, slices|slice indices must be|sequence of integers or a single":
        "An index or a size must be a whole number. Does it come from `/`, which gives a float? Use `//`.",
    r"index (-?\d+) is out of bounds for axis (\d+) with size 0": "There are no entries on axis \\2.",
    r"index (\d+) is out of bounds for axis \d+ with size (\d+)": [
        ("There are only \\2 entries, counted from 0. The number \\1 stands in your code: take it from a shape.",
         "literal \\1"),
        ("There are only \\2 entries, counted from 0.",)],
    r"^SystemExit": "Your function ended Python with exit() or quit(). Hand its result back with `return`.",
}
# fmt: on


def first_difference(spec: dict, results: list[Result], ways: dict[str, str | None]) -> str:
    """Describe the first part of the first case that is not as expected."""
    for number, (case, result) in enumerate(zip(spec["cases"], results, strict=True)):
        for part in spec["returns"]:
            if "raises" in result or "raises" in case["expected"]:
                continue
            wanted = case["expected"][part]
            ways_to_see = views(result[part], wanted)
            got = ways_to_see.get("squeezed", ways_to_see["as is"])
            if not close(got, wanted, spec):
                before = f" This is the case “{case['label']}”; those before it are right." if number else ""
                seen = spec if number == 0 else spec | {"later": True}  # a loop that ends early does so in every case
                alike = {name: one for name, one in case["expected"].items() if one.shape == wanted.shape}
                seen = seen | {
                    "parts": alike if len(alike) > 1 else {},
                    "others": other_cases(spec, results, number, part),
                }
                text = difference(part, got, wanted, ways[part], seen, case["inputs"])
                if EVERYWHERE.search(text):
                    text = told_of_factor(text, part, wanted, spec, results) or difference(
                        part, got, wanted, ways[part], seen | {"by_chance": True}, case["inputs"]
                    )
                return text + before
    return "The result differs from what was expected."


def other_cases(spec: dict, results: list[Result], number: int, part: str) -> list[tuple[np.ndarray, np.ndarray, dict]]:
    """Return a part of the other cases that have it in another shape, if no axis of one entry hides how it came."""
    pairs = [(case, got) for n, (case, got) in enumerate(zip(spec["cases"], results, strict=True)) if n != number]
    whole = [(case, got) for case, got in pairs if "raises" not in got and "raises" not in case["expected"]]
    found = [(got[part], case["expected"][part], case["inputs"]) for case, got in whole]
    return [one for one in found if min(one[1].shape, default=0) > 1 and "squeezed" not in views(one[0], one[1])]


MOST_FACTORS, MOST_TIMES = 3, 12  # of a term that is looked for in a difference


def term_of_difference(spec: dict, results: list[Result]) -> str:
    """Say which product of the inputs a number is too large or too small by, if it is the same one in every case.

    At least three cases have to agree, and no other product of as few inputs may fit them.
    """
    given, off = [case["inputs"] for case in spec["cases"]], np.array(differences(spec, results))
    if len(off) < 3 or not all(type(value) is int and value > 0 for one in given for value in one.values()):
        return ""
    for count in range(MOST_FACTORS + 1):
        found = []
        for names in combinations_with_replacement(given[0], count):
            times = off / [float(np.prod([one[name] for name in names])) for one in given]
            if close(times, np.full_like(times, times[0]), spec) and 0 < abs(times[0]) <= MOST_TIMES:
                found.append((names, float(times[0])))
        if found:
            return told_of_term(*found[0]) if len(found) == 1 else ""
    return ""


def told_of_term(names: tuple[str, ...], times: float) -> str:
    """Return the sentence on a term that is missing or too many, if it is a whole number of times that product."""
    whole = abs(round(times))
    if not whole or abs(whole - abs(times)) > 1e-6:
        return ""
    term = " * ".join([*([str(whole)] if whole > 1 or not names else []), *names])
    return f" In every case it is too {'large' if times > 0 else 'small'} by `{term}`."


def differences(spec: dict, results: list[Result]) -> list[float]:
    """Return how far each result is from what was expected, where all are single numbers; else nothing."""
    pairs = [(got, case["expected"]) for got, case in zip(results, spec["cases"], strict=True)]
    part, *others = spec["returns"]
    if others or any("raises" in one for pair in pairs for one in pair):
        return []
    single = all(one[part].size == 1 and one[part].dtype.kind != "c" for pair in pairs for one in pair)
    return [float(got[part].flat[0]) - float(wanted[part].flat[0]) for got, wanted in pairs] if single else []


LEAST_NUMBERS = 3  # different ones that are off by one factor, before it is told


def told_of_factor(text: str, part: str, first: np.ndarray, spec: dict, results: list[Result]) -> str:
    """Return a sentence on a factor, or another one where it is not the same in the other cases.

    Nothing is said where too few numbers show it, because a few may have any factor by chance.
    """
    told, seen = EVERYWHERE.search(text), [first]
    for case, got in zip(spec["cases"], results, strict=True):
        wanted = case["expected"].get(part)
        if told and "raises" not in got and wanted is not None and got[part].shape == wanted.shape:
            if close(got[part], wanted, spec):
                continue
            if not np.allclose(got[part], float(told[1]) * wanted, rtol=1e-3, atol=spec["atol"]):
                size = factor_of_size(part, spec, results)
                other = f"{part} is {told[1]} times what was expected, in other cases not: what is it divided by?"
                return size or (other if different(first) >= LEAST_NUMBERS else "")
            seen.append(wanted)
    return text if different(np.concatenate([one.ravel() for one in seen])) >= LEAST_NUMBERS else ""


POWERS = {
    1: "times {}", 0.5: "times the square root of {}", -1: "divided by {}", -0.5: "divided by the square root of {}",
    2: "times the square of {}", -2: "divided by the square of {}",
}  # fmt: skip


def factor_of_size(part: str, spec: dict, results: list[Result]) -> str:
    """Say which size of an argument, or which power of it, a part is too large or too small by, in every case."""
    factors, given = [], []
    for case, got in zip(spec["cases"], results, strict=True):
        if "raises" in got or "raises" in case["expected"] or got[part].shape != case["expected"][part].shape:
            return ""
        a, b = (one.astype(float) for one in (got[part], case["expected"][part]))
        factor = float((a * b).sum() / (b * b).sum()) if b.any() else np.nan
        if not np.isfinite(factor) or not close(a, factor * b, spec):
            return ""
        factors.append(factor)
        given.append(sizes_of(case["inputs"]))
    for name in given[0]:
        sizes = [one.get(name, 0) for one in given]
        for power, words in POWERS.items() if min(sizes) > 0 and len(set(sizes)) > 1 else ():
            if np.allclose(factors, np.array(sizes, dtype=float) ** power, rtol=1e-3):
                return f"{part} is what was expected {words.format(name)}, in every case."
    return ""


def sizes_of(inputs: dict) -> dict[str, int]:
    """Return what a factor may come from: the lengths of the axes of arguments, and whole numbers among them."""
    sizes = {name: value for name, value in inputs.items() if type(value) is int}
    for name, value in inputs.items():
        shape = value.shape if isinstance(value, np.ndarray) else ()
        sizes |= {f"the length of axis {axis} of `{name}`": size for axis, size in enumerate(shape)}
    return sizes


def different(numbers: np.ndarray) -> int:
    """Return how many different numbers there are besides 0, which any factor leaves as it is."""
    return np.unique(numbers[numbers != 0].astype(float).round(6)).size


EVERYWHERE = re.compile(r" is (\S+) times what was expected, everywhere")


def difference(part: str, got: np.ndarray, wanted: np.ndarray, way: str | None, spec: dict, inputs: dict) -> str:
    """Describe how one part differs: arrangement, shape, kind of number, what it is instead, the first number."""
    if way == "transposed":
        return f"{part}: the numbers are right, but rows and columns are exchanged."
    if got.shape != wanted.shape:
        what = about_shape(got, wanted, spec, inputs)
        if not what and has_numbers_of(got, wanted, spec):
            what = " It holds the numbers that are expected, but in other places."
        return f"{part} has shape {got.shape}; expected {wanted.shape}.{what}"
    if got.dtype.kind == "c":
        none = " Their imaginary parts are all 0: `.real` leaves them out." if not np.any(got.imag) else ""
        return f"{part} holds complex numbers; expected real ones.{none}"
    if got.dtype.kind in "biu" and wanted.dtype.kind == "f" and (wanted != np.trunc(wanted)).any():
        what = "Is something rounded or compared?"
        if is_choice(got, wanted):
            what = "It holds a 1 where the largest number is expected, and 0 elsewhere."
        return f"{part} holds {got.dtype} values; expected real numbers. {what}"
    a, b = got.astype(float), wanted.astype(float)
    bad = ~np.isfinite(a) & np.isfinite(b)
    if bad.any():
        what = "NaN" if np.isnan(a[bad][0]) else "infinite"
        count = f"{int(bad.sum())} of {a.size} places"
        return f"{part} is {what} in {count}. Did something overflow, or was 0 divided by 0 or multiplied by infinity?"
    if what := instead(got, wanted, spec, inputs):
        return f"{part}: {what}"
    amounts = wanted.dtype.kind == "f"  # whole numbers may be ids, counts or a mask: a factor says nothing of them
    known = amounts and a.size > 1 and b.any() and not spec.get("by_chance")
    factor = float((a * b).sum() / (b * b).sum()) if known else 0.0
    if factor and np.isfinite(factor) and abs(factor - 1) > 0.01 and close(a, factor * b, spec):
        return f"{part} is {factor:.6g} times what was expected, everywhere: look for a missing or extra factor."
    if amounts and (lines := factors_of_lines(a, b, spec)):
        return f"{part}: {lines}"
    if (
        (off := a - b).size > 1
        and different(b) >= LEAST_NUMBERS
        and off.flat[0]
        and close(off, np.full_like(off, off.flat[0]), spec)
    ):
        return f"{part}: each number is {abs(off.flat[0]):.6g} too {'large' if off.flat[0] > 0 else 'small'}."
    differ = ~np.isclose(a, b, rtol=spec["rtol"], atol=spec["atol"], equal_nan=True)
    where = tuple(int(i) for i in np.argwhere(differ)[0])
    index = f"[{', '.join(map(str, where))}]" if where else ""
    text = f"{part}{index} is {a[where]:.6g}; expected {b[where]:.6g}"
    more = NEARLY if amounts and nearly(a, b) else right_lines(a, b, spec)
    return f"{text} ({int(differ.sum())} of {a.size} numbers differ).{more}"


def about_shape(got: np.ndarray, wanted: np.ndarray, spec: dict, inputs: dict) -> str:
    """Return the first sentence on a result of another shape that is as true of the other cases that are wrong.

    The largest number may be the first one by chance, and a row that is left out all of a batch of two.
    """
    others: list[set[str]] | None = None
    for text in told_of_shape(got, wanted, spec, inputs):
        if NONE_OF_THEM in text:
            return text
        if others is None:
            others = [
                {without_sizes(other) for other in told_of_shape(mine, right, spec, given)}
                for mine, right, given in spec.get("others", ())
            ]
        if all(without_sizes(text) in told for told in others):
            return text
    return ""


def told_of_shape(got: np.ndarray, wanted: np.ndarray, spec: dict, inputs: dict) -> Iterator[str]:
    """Yield all sentences that are true of a result of another shape than expected, the likeliest first."""
    yield from filter(None, [about_axes(got, wanted, spec)])
    yield from about_entries(got, wanted, spec)
    yield from filter(None, [about_inputs(got, inputs, spec)])


NONE_OF_THEM = "and it is none of them"


def without_sizes(text: str) -> str:
    """Return a sentence on a shape without its numbers, which differ from case to case, but for those of a place."""
    return re.sub(r"(?<!column )(?<!number )(?<!axis )\b\d+", "#", text)


NEARLY = " All numbers are nearly right: was something rounded, of half precision (float16), or a small number added?"


def nearly(a: np.ndarray, b: np.ndarray) -> bool:
    """Say whether all numbers are the right ones to two or three digits; few numbers tell nothing."""
    near = different(b) >= LEAST_NUMBERS and np.isfinite(b).all()
    return bool(near and np.allclose(a, b, rtol=5e-3, atol=5e-4 * np.abs(b).max()))


def right_lines(a: np.ndarray, b: np.ndarray, spec: dict) -> str:
    """Say along which axis some entries are right and the others not, where that is the same for all that is across.

    Many different numbers have to tell it, because some of a few are right by chance.
    """
    if different(b) < TELLING:
        return ""
    for axis in range(a.ndim):
        if not 2 <= a.shape[axis] <= MOST_LINES:
            continue
        lines = [(np.take(a, n, axis), np.take(b, n, axis)) for n in range(a.shape[axis])]
        right = [close(got, wanted, spec) and different(wanted) > 1 for got, wanted in lines]
        wrong = [bool(~np.isclose(got, wanted, rtol=spec["rtol"], atol=spec["atol"]).all()) for got, wanted in lines]
        if not all(one or other for one, other in zip(right, wrong, strict=True)) or not any(right):
            continue
        if axis == 0 and right == [True] + [False] * (len(right) - 1) and len(right) > 2:
            first = "the first row" if a.ndim == 2 else "the first entry along axis 0"
            return f" Only {first} is right.{told_of_going_on(spec)}"
        numbers = [n for n, is_right in enumerate(right) if is_right]
        others = [n for n, is_right in enumerate(right) if not is_right]
        if len(right) > 2 and 1 in (len(numbers), len(others)):
            alone = numbers if len(numbers) == 1 else others
            blank = alone is others and not np.take(a, alone[0], axis).any()
            word = "right" if alone is numbers else "wrong, and all 0" if blank else "wrong"
            return f" Along axis {axis} only number {alone[0]} is {word}."
        return ""
    return ""


MOST_LINES = 12


def told_of_going_on(spec: dict) -> str:
    """Say what is made before a loop and goes on from one of its rounds to the next, if the code shows it."""
    names = spec.get("goes_on", ())
    return (
        f" What was put into `{names[0]}` in one round is still there in the next: make it anew in each."
        if names
        else ""
    )


def instead(got: np.ndarray, wanted: np.ndarray, spec: dict, inputs: dict) -> str:
    """Say what an array of the right shape is in place of what was expected; nothing where it is not certain."""
    a, b = got.astype(float), wanted.astype(float)
    if a.size < 2 or wanted.dtype.kind != "f" or close(b, np.full_like(b, b.flat[0]), spec):
        return ""
    if (a == a.flat[0]).all() and a.flat[0] not in (0, 1):
        return f"all its numbers are {a.flat[0]:.6g}."
    if (a == a.flat[0]).all():
        return f"all its numbers are {a.flat[0]:.6g}. Is what was computed written into it, and returned?"
    if is_choice(got, wanted):
        return "it holds a 1 where the largest number is expected, and 0 elsewhere."
    digits = [n for n in range(1, 6) if np.allclose(a, b.round(n), rtol=0, atol=1e-7)]
    if digits:
        return f"the numbers are right, but rounded to {digits[0]} decimals. Return them as they are."
    if got.dtype.itemsize == 2 and np.allclose(a, b, rtol=5e-3, atol=5e-3):
        return f"its kind is {got.dtype}, which keeps three digits. Compute with float64 or float32."
    found = about_inputs(got, inputs, spec).strip() or about_order(a, b, spec) or left_as_made(a, b, spec)
    return found or about_sums(a, b, inputs, spec) or about_places(a, b, spec)


NUMBER_BY_NUMBER: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "the absolute values of those expected": np.abs, "the squares of those expected": np.square,
    "the square roots of those expected": np.sqrt, "the exponentials of those expected": np.exp,
    "the logarithms of those expected": np.log, "1 less those expected": lambda x: 1 - x,
    "1 divided by those expected": lambda x: 1 / x,
    "those expected, but 0 for negative ones": lambda x: np.maximum(x, 0),
    "those expected, but cut to whole ones": np.trunc, "those expected, rounded to whole ones": np.round,
}  # fmt: skip


def about_sums(a: np.ndarray, b: np.ndarray, inputs: dict, spec: dict) -> str:
    """Say what was added to the numbers that are expected, or done to each; nothing where few numbers show it."""
    if different(b) < LEAST_NUMBERS or not np.isfinite(a).all() or not np.isfinite(b).all():
        return ""
    for name, given in inputs.items():
        numbers = isinstance(given, np.ndarray) and given.dtype.kind in "fiu" and given.ndim > 0
        if not numbers or different(given) < 2 or not fits_into(given.shape, b.shape):
            continue
        if close(a, b + given, spec):
            return f"it is what is expected with the argument `{name}` added to it."
        if close(a, b - given, spec):
            return f"it is what is expected less the argument `{name}`."
        ends = {"first": given[:1], "last": given[-1:]} if given.shape[1:] == b.shape[1:] and given.ndim > 1 else {}
        if found := [which for which, one in ends.items() if close(a, b + one, spec)]:
            return f"each entry is what is expected with the {found[0]} of `{name}` added to it."
    with np.errstate(all="ignore"):
        made = [words for words, way in NUMBER_BY_NUMBER.items() if close(a, way(b), spec)]
    return f"its numbers are {made[0]}." if len(made) == 1 and different(a) > 1 else ""


def fits_into(shape: tuple[int, ...], larger: tuple[int, ...]) -> bool:
    """Say whether an array of one shape can be added to one of another, which keeps its shape."""
    sizes = zip(reversed(shape), reversed(larger), strict=False)
    return len(shape) <= len(larger) and all(size in (1, other) for size, other in sizes)


def about_places(a: np.ndarray, b: np.ndarray, spec: dict) -> str:
    """Say that all numbers are those expected, but in other places, and how they got there if that is seen."""
    if not (np.isfinite(a).all() and np.isfinite(b).all() and has_numbers_of(a, b, spec)):
        return ""
    for axis in range(a.ndim):
        for count in range(1, a.shape[axis]):
            if close(a, np.roll(b, count, axis), spec):
                return f"{RIGHT_NUMBERS} along axis {axis} each stands {places(count)} further on, round the end."
        if close(a, np.flip(b, axis), spec):
            return f"{RIGHT_NUMBERS} in the opposite order along axis {axis}."
    orders = [*permutations(range(a.ndim))] if 1 < a.ndim <= MOST_AXES else []
    for order in orders:
        if a.shape == b.transpose(order).shape and close(a, b.transpose(order), spec):
            back = tuple(np.argsort(order).tolist())
            return f"{RIGHT_NUMBERS} the axes are in another order: `x.transpose{back}` puts them right."
    for order in orders:
        if close(a.ravel(), b.transpose(order).ravel(), spec):
            return f"{RIGHT_NUMBERS} a reshape dealt them out in the order of the axes {order}."
    return f"{RIGHT_NUMBERS} they stand in other places."


def has_numbers_of(got: np.ndarray, wanted: np.ndarray, spec: dict) -> bool:
    """Say whether an array has the numbers of another, wherever they stand; few numbers tell nothing."""
    if got.size != wanted.size or got.dtype.kind == "c" or different(wanted) < TELLING:
        return False
    return close(np.sort(got, axis=None), np.sort(wanted, axis=None), spec)


RIGHT_NUMBERS = "the numbers are right, but"
MOST_AXES = 4  # whose orders are tried


def places(count: int) -> str:
    """Return a number of places in words."""
    return "one place" if count == 1 else f"{count} places"


def left_as_made(a: np.ndarray, b: np.ndarray, spec: dict) -> str:
    """Say that entries along the first axis are still what an array is made of: a loop did not fill them."""
    if a.ndim < 1 or len(a) < 3 or spec.get("later"):
        return ""
    for made in (0.0, 1.0):
        blank = np.array([bool((a[n] == made).all()) and not close(a[n], b[n], spec) for n in range(len(a))])
        count = int(blank.sum())
        if count == 1 and blank[0] and close(a[1:], b[1:], spec):
            late = asked("Does the loop begin too late?", spec)
            return f"the first entry is {made:.0f}, the others are right.{late}"
        if count < 2:
            continue
        for first, kept, where in ((True, ~blank[: len(a) - count], "first"), (False, ~blank[count:], "last")):
            if not kept.size or not kept.all():
                continue
            mine = a[: kept.size] if first else a[count:]
            right = close(mine, b[: kept.size] if first else b[count:], spec)
            if not right and (a.ndim == 1 or any((one == made).all() for one in mine)):
                continue  # weights that are 1 and 0, for instance
            ask = asked_of_return(spec) if first else asked("Does the loop fill them all?", spec)
            own = "entry is" if kept.size == 1 else f"{kept.size} entries are"
            return f"only the {where} {own} {'right' if right else 'filled'}, the others are all {made:.0f}.{ask}"
    return ""


def asked_of_return(spec: dict) -> str:
    """Return the question about a loop that ends early: about `return`, if one stands in a loop."""
    inside = "return" in spec.get("loops", ())
    return asked("Is `return` inside the loop?" if inside else "Does the loop end too early?", spec)


def asked(question: str, spec: dict) -> str:
    """Return a question about a loop, if one is seen in the code; else only the fact before it is told."""
    return f" {question}" if "loop" in spec.get("loops", ()) else ""


def is_choice(got: np.ndarray, wanted: np.ndarray) -> bool:
    """Say whether weights were turned into a choice: a single 1 in each row or column, where the weight is largest."""
    if got.ndim < 1 or got.size < 2 or not np.isin(got, (0, 1)).all() or not got.any():
        return False
    axes = [axis for axis in range(-1, -min(got.ndim, 2) - 1, -1) if got.shape[axis] > 1]
    sums = [axis for axis in axes if (got.sum(axis=axis) == 1).all() and np.allclose(wanted.sum(axis=axis), 1)]
    return any(np.array_equal(got.argmax(axis=axis), wanted.argmax(axis=axis)) for axis in sums)


def about_inputs(got: np.ndarray, inputs: dict, spec: dict) -> str:
    """Say which argument a result is, as it came."""
    for name, given in inputs.items():
        if isinstance(given, np.ndarray) and given.size > 1 and given.dtype.kind in "fiu":
            if close(got, given, spec):
                return f" It is the argument `{name}`, as it came."
            if given.ndim > 1 and close(got, np.swapaxes(given, -1, -2), spec):
                return f" It is the argument `{name}`, transposed."
    return ""


def about_order(a: np.ndarray, b: np.ndarray, spec: dict) -> str:
    """Say how the entries along the first axis, which a loop collects, are those expected, but elsewhere."""
    if len(b) < 2 or b.size < 3 or any(close(b[n], b[n - 1], spec) for n in range(len(b))):
        return ""
    if close(a[1:], b[:-1], spec):
        return f"each entry stands one place too late.{asked('Is it stored before it is computed?', spec)}"
    if close(a[:-1], b[1:], spec):
        return "each entry stands one place too early."
    if close(a, b[::-1], spec):
        return "the entries are right, but in the opposite order."
    if close(a, np.cumsum(b, axis=0), spec):
        return f"each entry holds the ones before it too.{asked('Is the sum begun anew in every round?', spec)}"
    alike = [n for n in (-1, 0) if close(a, np.broadcast_to(b[n], b.shape), spec)]
    if alike:
        ask = asked("Does each round make an array of its own?", spec)
        return f"every entry is the {'last' if alike[0] else 'first'} one.{ask}"
    return ""


def about_axes(got: np.ndarray, wanted: np.ndarray, spec: dict) -> str:
    """Say of a result of another shape that its numbers are right, but its axes in another order, or joined."""
    if got.ndim == wanted.ndim > 2 and got.size > 1:
        for order in permutations(range(got.ndim)):
            if close(got.transpose(order), wanted, spec):
                return f" The numbers are right: `x.transpose{order}` would put the axes in order."
    if got.ndim == wanted.ndim:
        longer = [n for n in range(got.ndim) if got.shape[n] != wanted.shape[n]]
        if longer and all(wanted.shape[n] == 1 < got.shape[n] for n in longer):
            alike = close(got, np.broadcast_to(wanted, got.shape), spec)
            axes = f"axis {longer[0]}" if len(longer) == 1 else f"the axes {' and '.join(map(str, longer))}"
            return f" It is repeated along {axes}: leave length 1 there." if alike else f" Leave length 1 on {axes}."
    if got.ndim < wanted.ndim and got.size == wanted.size > 1 and close(got.reshape(wanted.shape), wanted, spec):
        if spec.get("extends") and got.shape == (wanted.shape[0] * wanted.shape[1], *wanted.shape[2:]):
            name = spec["extends"][0]
            return f" The numbers are right, but `{name}` got them piece by piece: `{name}.append(…)` keeps each whole."
        return f" The numbers are right: `x.reshape{wanted.shape}` would part the axes that are joined."
    return ""


def factors_of_lines(a: np.ndarray, b: np.ndarray, spec: dict) -> str:
    """Say that each row, or each column, is the expected one times a number of its own, if it is."""
    for axis, line in ((-1, "row"), (-2, "column")):
        if a.ndim < 2 or a.shape[axis] < 2 or not np.isfinite(a).all() or not np.isfinite(b).all():
            continue
        squares = (b * b).sum(axis=axis, keepdims=True)
        factors = (a * b).sum(axis=axis, keepdims=True) / np.where(squares == 0, 1, squares)
        off = (squares > 0) & (np.abs(factors - 1) > spec["rtol"])
        many = np.expand_dims(np.apply_along_axis(different, axis, b), axis) >= LEAST_NUMBERS
        told, sure = factors[off], factors[off & many]
        alike = close(a, factors.flat[0] * b, spec)
        if sure.size > 1 and np.abs(told).min() > 1e-3 and close(a, factors * b, spec) and not alike:
            return (
                f"each {line} is the expected one times a number of its own, {sure.flat[0]:.6g} in one of them: look "
                f"at what each {line} is divided by or multiplied with."
            )
    return ""


def about_entries(got: np.ndarray, wanted: np.ndarray, spec: dict) -> Iterator[str]:
    """Yield of a result of another shape which of the expected entries it holds, as a loop may have collected them."""
    if not got.size:
        added = spec.get("extends", [])
        if added and wanted.size:
            yield f" `+=` with an array adds numbers to what is in `{added[0]}`: `{added[0]}.append(…)` puts it in."
        elif wanted.size:
            yield " Nothing was collected: is each result appended to the list?"
        return
    if got.dtype.kind == "c":
        return
    made: list[str] = []
    if got.size == 1 and got.shape != (1, *wanted.shape[1:]) and wanted.size > 1:
        ways = [name for name, way in REDUCTIONS.items() if close(got.reshape(()), np.asarray(way(wanted)), spec)]
        made = [f" That is the {name} of all {wanted.size} numbers: was no axis given?" for name in ways]
    if not any(made and close(got.reshape(()), wanted.flat[n], spec) for n in (0, -1)):  # it may be the largest, too
        yield from made
    alike = [n for n in range(len(got)) if close(got[n], wanted, spec)] if got.shape[1:] == wanted.shape else []
    if len(alike) == 1 and len(got) > 1:
        which = f"number {alike[0]} of them, counted from 0,"
        yield f" These are {len(got)} of that shape, and {which} is right: return it alone."
    if min(wanted.shape[:1], default=0) > 1:
        yield from about_rows(got, wanted, spec)
    elif got.ndim == wanted.ndim - 1:
        yield from reduced(got, wanted, spec)
    if spec.get("others"):  # they tell whether it is an end or the largest
        yield from made


def about_rows(got: np.ndarray, wanted: np.ndarray, spec: dict) -> Iterator[str]:
    """Yield what a result of another shape has of several entries along the first axis, or of their columns."""
    if got.shape == wanted.shape[1:] or (got.shape[:1] == (1,) and got.shape[1:] == wanted.shape[1:]):
        yield from about_one_entry(got, wanted, spec)
        return
    for n in range(wanted.shape[-1]) if got.shape == wanted.shape[:-1] else ():
        if close(got, wanted[..., n], spec):
            yield f" That is column {n} of them alone: `x[..., {n}]` takes one, a slice `x[..., a:b]` several."
    if got.ndim == wanted.ndim - 1:
        yield from reduced(got, wanted, spec)
    ones = [n for n in range(wanted.ndim) if got.shape[n] == 1 < wanted.shape[n]] if got.ndim == wanted.ndim else []
    if len(ones) == 1:
        yield from reduced(np.squeeze(got, ones[0]), wanted, spec)
    if got.ndim == wanted.ndim and got.shape[1:] == wanted.shape[1:]:
        yield from filter(None, [about_more(got, wanted, spec)])


def about_one_entry(got: np.ndarray, wanted: np.ndarray, spec: dict) -> Iterator[str]:
    """Yield which of the expected entries along the first axis came alone, or what was made of them all."""
    rows, alone = len(wanted), got.reshape(wanted.shape[1:])
    ask = asked("Does the loop run to its end, and is each one kept?", spec)
    found = [n for n in range(rows) if close(alone, wanted[n], spec)]
    if 0 in found:
        yield f" That is the first of {rows} alone.{asked_of_return(spec)}"
    if rows - 1 in found:
        last = asked("Is each one kept, and the list made before the loop?", spec)
        yield f" That is the last of {rows} alone.{last}"
    if close(alone, wanted.sum(axis=0), spec):
        yield f" That is the sum of all {rows}: each of them is asked for."
    middle = [f" That is number {n} of {rows} alone.{ask}" for n in found if 0 < n < rows - 1]
    along = [*reduced(alone, wanted, spec)]
    yield from along + middle if got.shape == alone.shape else middle + along
    if not found and got.ndim:
        yield f" Only one entry in place of {rows} is there, {NONE_OF_THEM}.{ask}"


def about_more(got: np.ndarray, wanted: np.ndarray, spec: dict) -> str:
    """Say of a result with another number of entries along the first axis whose they are, or which are right."""
    if others := spec.get("parts", {}):
        found = {name for row in got for name, one in others.items() if any(close(row, other, spec) for other in one)}
        if len(found) > 1 and all(
            any(close(row, other, spec) for one in others.values() for other in one) for row in got
        ):
            return f" It holds what belongs to {quoted(sorted(found, key=list(others).index))}."
    if len(got) == 2 * len(wanted) and any(
        close(got, two, spec) for two in (np.repeat(wanted, 2, 0), np.tile(wanted, two_of(wanted)))
    ):
        return " Each is there twice: is it appended twice, or the list not made anew?"
    return told_of_more(got, wanted, spec)


REDUCTIONS: dict[str, Callable] = {"sum": np.sum, "mean": np.mean, "largest": np.max, "smallest": np.min}


def reduced(got: np.ndarray, wanted: np.ndarray, spec: dict) -> Iterator[str]:
    """Yield along which axis the numbers that are expected were added up, averaged or searched for their largest."""
    for axis in range(wanted.ndim):
        for word, way in REDUCTIONS.items():
            made = way(wanted, axis=axis)
            if made.shape == got.shape and made.any() and close(got, made, spec):
                yield f" That is the {word} of what is expected along axis {axis}: leave that out."
        for n in range(wanted.shape[axis]):
            if different(one := np.take(wanted, n, axis)) > 1 and one.shape == got.shape and close(got, one, spec):
                yield f" That is number {n} along axis {axis} alone: all {wanted.shape[axis]} are asked for."


def two_of(wanted: np.ndarray) -> tuple[int, ...]:
    """Return how often each axis is repeated where the first is there twice."""
    return (2,) + (1,) * (wanted.ndim - 1)


def told_of_more(got: np.ndarray, wanted: np.ndarray, spec: dict) -> str:
    """Say of a result with more or fewer entries than expected which of them are right."""
    more, least = len(got) - len(wanted), min(len(got), len(wanted))
    if not least:
        return ""
    if close(got[:least], wanted[:least], spec):
        return f" The first {least} are right{f', and {more} too many follow' if more > 0 else ''}."
    if close(got[-least:], wanted[-least:], spec):
        return f" The last {least} are right{f', and {more} too many stand before' if more > 0 else ''}."
    return ""


# ---------------------------------------------------------------- what the learner sees
class NotYet(AssertionError):
    """The answer is not right yet; the box above the error says why."""

    def _render_traceback_(self) -> list[str]:  # IPython shows this instead of the checker's frames
        return [f"Not yet: {self}"]


class Unusable(NotYet):
    """The check cannot run: a file is missing or damaged, or a name is wrong."""


# The states of a box: the sign that says it without colours (the grader's are the same), and the colour of its edge,
# which is seen on white and on black; the ground is a breath of it, and letters have the colour of what is around.
SIGNS = {"right": "✓ ", "partly": "◐ ", "wrong": "✗ ", "plain": ""}
EDGES = {"right": "#2e8b57", "partly": "#b7791f", "wrong": "#c0392b", "plain": "#6c757d"}
LINK = "color:inherit;text-decoration:underline"  # of its own: themes differ in what they make of links
WHICH_MISTAKE = "Which mistake is this?"
PYTHON_SAID = "Python said:"
CODE = re.compile("`([^`]+)`")  # in a sentence


class Box(NamedTuple):
    """What the learner is told. The place that shows it decides how: as text, as HTML, or drawn from the fields."""

    title: str
    right: bool | None  # None where nothing was judged: a hint, the list of checks, a check that cannot run here
    lines: list[str]
    read: str = ""  # the section of the book that explains it
    earned: float | None = None  # the points of the parts that are right, where something was judged
    points: float | None = None  # the points of all parts
    needs: str = ""  # the library that is missing
    python: str = ""  # Python's own words, which help only some
    address: str = ""  # of the section, where the book has one
    unnamed: str = ""  # the function, where its mistake has no name
    mistakes: str = ""  # the address of the known ones of this function, where the book has one

    @property
    def state(self) -> str:
        """Return whether it tells of what is right, partly right or wrong, or of something else."""
        if self.right is None:
            return "plain"
        return "right" if self.right else "partly" if self.earned else "wrong"

    def _repr_check_(self) -> dict[str, Any]:  # the fields, as JSON can hold them: for a page with boxes of its own
        return self._asdict()

    def _repr_html_(self) -> str:
        colour = EDGES[self.state]
        lines = [CODE.sub(r"<code>\1</code>", html.escape(line)) for line in self.lines]
        body = "".join(f"<div>{line}</div>" for line in lines)
        if self.read:
            place = html.escape(self.read)
            link = f'<a href="{html.escape(self.address)}" style="{LINK}">{place}</a>' if self.address else place
            body += f"<div>Read: {link}</div>"
        if self.mistakes:
            body += f'<div><a href="{html.escape(self.mistakes)}" style="{LINK}">{WHICH_MISTAKE}</a></div>'
        if self.python:
            words = f'<div style="white-space:pre-wrap;font-family:monospace">{html.escape(self.python)}</div>'
            body += f"<details><summary>{PYTHON_SAID[:-1]}</summary>{words}</details>"
        room = "padding:.5em .8em;max-width:46em;overflow-wrap:anywhere"
        style = f"border-left:4px solid {colour};background:{colour}1f;{room}"
        return f'<div style="{style}"><strong>{html.escape(self._heading())}</strong>{body}</div>'

    def _heading(self) -> str:
        points = f": {self.earned:g} of {self.points:g} points" if self.points and self.earned is not None else ""
        return f"{SIGNS[self.state]}{self.title}{points}"

    def __repr__(self) -> str:
        """Return the box as text."""
        where = f" ({self.address})" if self.address else ""
        read = [f"Read: {self.read}{where}"] if self.read else []
        which = [f"{WHICH_MISTAKE} ({self.mistakes})"] if self.mistakes else []
        python = [python_in_text(self.python)] if self.python else []
        return "\n  ".join([self._heading(), *self.lines, *read, *which, *python])


def folded(says: Iterable[str]) -> tuple[list[str], str]:
    """Return sentences without Python's own words, and these words, which end the sentence that they stand in."""
    parts = [one.partition(PYTHON_SAID) for one in says]
    lines = [said.strip() for said, _, _ in parts if said.strip()]
    return lines, "\n".join(words.strip() for _, _, words in parts if words.strip())


def python_in_text(words: str) -> str:
    """Return Python's own words as the last lines of a box in text, further in than the others."""
    return f"  {PYTHON_SAID} {words}".replace("\n", "\n    ")


def right_also_for(survives: Iterable[str]) -> str:
    """Return the sentence of a right answer, with what it has survived: the odd cases that the check holds."""
    *first, last = [*survives] or [""]
    return f"Right, also for {' and '.join(filter(None, [', '.join(first), last]))}." if last else "Right."


def right_alone(right: Mapping[str, bool], by_heart: Iterable[str]) -> list[str]:
    """Return the parts that are right where each is the same for every input, and what had to be computed is wrong.

    by_heart  the parts that are the same for every input
    They count for nothing then: an answer that ignores its input has them right, too.
    """
    good = [part for part, is_right in right.items() if is_right]
    known = set(by_heart)
    return good if len(good) < len(right) and set(good) <= known != set(right) else []


SAYS_BOTH = re.compile(r"`.*` (?:is|are) wrong; `.*` (?:is|are) right\.")


def wrong_and_right(right: Mapping[str, bool]) -> str:
    """Say which of the parts that a check looks at are wrong, and which are right."""
    said = []
    for value in (False, True):
        parts = [f"`{part}`" for part, is_right in right.items() if is_right == value]
        said.append(f"{' and '.join(parts)} {'is' if len(parts) == 1 else 'are'} {'right' if value else 'wrong'}")
    return f"{'; '.join(said)}."


def without_rest(says: Iterable[str]) -> list[str]:
    """Return sentences without the one that calls parts right, for where what is right earns nothing."""
    return [one for one in says if not SAYS_BOTH.fullmatch(one)]


def only_beside(alone: list[str], returns: Iterable[str]) -> str:
    """Say what the parts that are right alone wait for."""
    others = " or ".join(f"`{part}`" for part in returns if part not in alone)
    return f"The rest is the same for every input: it earns its points once {others} is right."


LIBRARIES = {"tensorflow": "TensorFlow"}


def load(folder: Path) -> dict:
    """Read the `reference.json` of a folder, or say in one sentence what to do."""
    path = folder / "reference.json"
    again = "Download the folder of this exercise again."
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        for spec in data["checks"].values():
            for case in spec["cases"]:
                case["inputs"] = {name: decode(value) for name, value in case["inputs"].items()}
                case["expected"] = {n: v if n == "raises" else decode(v) for n, v in case["expected"].items()}
            spec["known"]["names"]
        return data
    except OSError:
        raise Unusable(f"reference.json is not beside check.py ({path.parent}). {again}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Unusable(f"reference.json is damaged. {again}") from None


def lacking(spec: dict) -> str:
    """Return the name of the library that a check needs and that is not installed, or nothing."""
    module = spec.get("needs", "")
    return LIBRARIES.get(module, module) if module and importlib.util.find_spec(module) is None else ""


class Exercise:
    """The checks of one exercise, which are in the `reference.json` of its folder, and what was done so far."""

    def __init__(self, folder: Path) -> None:
        """Begin the exercise; nothing is read before the first check."""
        self.folder = folder
        self._boxes: dict[str, Box] = {}  # what was said last of each check
        self._passed: set[str] = set()
        self._hints_shown: dict[str, int] = {}

    def _checks(self) -> dict[str, dict]:
        return load(self.folder)["checks"]

    def _find(self, name: str) -> dict:
        """Return the check called `name`, or whose function is, or say which names there are."""
        if not isinstance(name, str) or not name:
            raise Unusable('The name of the task comes first, in quotes: check("name", function) or hint("name").')
        checks = self._checks()
        name = next((known for known, spec in checks.items() if spec["function"] == name and name not in checks), name)
        if name not in checks:
            raise Unusable(f"There is no check called {name!r}. The checks here: {', '.join(checks)}.")
        return checks[name]

    def check(self, name: str, answer: Callable | None = None) -> None:
        """Run `answer` on the public cases of a check and say what is wrong, or that it is right.

        Raises NotYet when it is not right, so that a notebook run from top to bottom stops here.
        """
        spec = self._find(name)
        if library := lacking(spec):
            return show(
                Box(spec["title"], None, [f"needs {library}: run this part locally or in Colab."], needs=library)
            )
        if answer is None:
            raise Unusable(f"check needs two things, a name and a function: check({name!r}, {spec['function']}).")
        if not callable(answer):
            raise Unusable(f"check({name!r}, …) needs the function itself, not its result: leave out the parentheses.")
        self._passed.discard(name)
        self._boxes.pop(name, None)
        results = results_of(spec, answer)
        verdict = diagnose(spec, results)
        verdict["says"] = older_version(answer, spec["function"]) + verdict["says"]
        box = self._boxed(spec, verdict)
        self._boxes[name] = box
        self._passed |= {name} if box.right else set()
        show(box)
        if not box.right:
            raise NotYet(f"{spec['title']}.")

    def _boxed(self, spec: dict, verdict: dict) -> Box:
        """Return what the learner is told of a verdict: sentences, where in the book to read, and points."""
        right, points = verdict["right"], spec.get("points", {})
        earned, most = sum(points.get(part, 0) for part in right if right[part]), sum(points.values())
        if all(right.values()):
            says = verdict["says"] or [right_also_for(spec.get("survives", []))]
            return Box(spec["title"], True, says, "", earned, most)
        places = [spec["misconceptions"][name].get("read") for name in verdict["names"]] + [spec.get("read")]
        read = next((place for place in places if place), "")
        lines, python = folded(verdict["says"])
        if earned and (alone := right_alone(right, spec.get("by_heart", []))):
            why = [] if verdict["names"] else [only_beside(alone, spec["returns"])]  # a mistake says enough
            earned, lines = 0, [*without_rest(lines), *why]
        named = verdict["names"] or any(line.endswith(UNFINISHED) for line in lines)
        more = {} if named else {"unnamed": spec["function"], "mistakes": spec.get("mistakes", "")}
        more |= {"python": python, "address": spec.get("sections", {}).get(read, "")}
        return Box(spec["title"], False, lines + self._unpassed(spec), read, earned, most, **more)

    def remember(self, names: Iterable[str]) -> None:
        """Take checks as passed that passed before this Python was started, as the page of an exercise knows."""
        self._passed.update(names)

    def _unpassed(self, spec: dict) -> list[str]:
        """Return a sentence about the earlier checks that a wrong answer may build on and that have not passed."""
        uses = [name for name in spec.get("uses", []) if name not in self._passed]
        if not uses:
            return []
        checks = self._checks()  # once: it takes a tenth of a second in a browser
        titles = [checks[name]["title"] for name in uses]
        names = " and ".join(filter(None, [", ".join(f"“{title}”" for title in titles[:-1]), f"“{titles[-1]}”"]))
        first = "it" if len(titles) == 1 else "them"
        return [f"Not passed yet in this session: {names}. If your answer here uses {first}, begin there."]

    def hint(self, name: str = "", step: int | None = None) -> None:
        """Show the next hint of a task, or the hint number `step` (the first is 1)."""
        spec = self._find(name)
        hints = spec["hints"]
        number = step if step is not None else min(self._hints_shown.get(name, 0) + 1, len(hints))
        if not isinstance(number, int) or not 1 <= number <= len(hints):
            raise Unusable(f"{name} has hints 1 to {len(hints)}: hint({name!r}, 1) shows the first.")
        self._hints_shown[name] = number
        show(Box(f"Hint {number} of {len(hints)}: {spec['title']}", None, [hints[number - 1]]))

    def progress(self) -> None:
        """Show which tasks of this notebook have passed since the kernel was started, and which is the next."""
        rows = [self._row(name, spec, position) for position, (name, spec) in enumerate(self._checks().items(), 1)]
        left = [row for row in rows if row.state not in ("done", "skipped")]
        following = f"Next: {left[0].task}" if left else "All checks that can run here have passed."
        passed = sum(row.state == "done" for row in rows)
        earned, most = sum(row.earned for row in rows), sum(row.points for row in rows)
        points = f", {earned:g} of {most:g} points" if most else ""
        lines = [row.line() for row in rows]
        show(Box(f"{passed} of {len(rows)} checks passed{points}", None, [*lines, following]))

    def _row(self, name: str, spec: dict, position: int) -> Row:
        """Return what the list says of one check."""
        task, points = f"Task {spec.get('task', position)}: {spec['title']}", sum(spec.get("points", {}).values())
        box = self._boxes.get(name)
        if name in self._passed:
            return Row("✓", task, "done", points, points)
        if lacking(spec):
            return Row("–", task, "skipped", 0, points)
        if box is None:
            return Row("·", task, "not checked in this session", 0, points)
        return Row(SIGNS[box.state].strip(), task, "partly right" if box.earned else "not yet", box.earned or 0, points)


def older_version(answer: Callable, function: str) -> list[str]:
    """Return a sentence where Python could not read the last cell that defines a function, so an older one counts."""
    cells = getattr(answer, "__globals__", {}).get("In")  # IPython keeps there what was run
    defines = re.compile(rf"^\s*(?:def|class)\s+{re.escape(function)}\b", re.MULTILINE)
    own = [cell for cell in cells if isinstance(cell, str) and defines.search(cell)] if isinstance(cells, list) else []
    try:
        compile(own[-1] if own else "", "cell", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except SyntaxError as error:
        where = f"Line {error.lineno} of that cell"
        why = about_odd_sign(error.msg, where) or f"{where}: {error.msg}."
        return [f"Python could not read the last cell that defines `{function}`, so an older one was checked. {why}"]
    except (ValueError, MemoryError, RecursionError):
        return []
    return []


ODD_SIGN = re.compile(r"\(U\+([0-9A-F]{4,6})\)|\bcharacter U\+([0-9A-F]{4,6})")


def about_odd_sign(message: str, where: str) -> str:
    """Say which sign Python could not read, if its message is about one, and what to type in its place."""
    found = ODD_SIGN.search(message)
    if found is None:
        return ""
    sign = chr(int(found[1] or found[2], 16))
    code = f"U+{ord(sign):04X}"
    if unicodedata.category(sign) == "Zs":
        what = "a non-breaking space" if sign == "\xa0" else "a space of another kind"
        return f"{where} holds {what} ({code}), which Python does not read. Type an ordinary space in its place."
    called = unicodedata.name(sign, "a sign that is not seen").lower()
    return f"{where} holds a sign that Python does not read: {called} ({code}). Type that place anew."


class Row(NamedTuple):
    """A line of the list of checks."""

    sign: str
    task: str
    state: str
    earned: float
    points: float

    def line(self) -> str:
        """Return it as text."""
        points = f", {self.earned:g} of {self.points:g} points" if self.points else ""
        return f"{self.sign} {self.task} ({self.state}{points})"


def show(box: Box) -> None:
    """Show a box with `display`, which notebooks and the book's own page have among Python's builtins, or print it."""
    try:
        vars(builtins)["display"](box)
    except Exception:  # there is none here, or something else has taken its name
        print(box)


_here = Exercise(Path(__file__).resolve().parent)  # what the notebook beside this file uses
check, hint, progress, remember = _here.check, _here.hint, _here.progress, _here.remember
