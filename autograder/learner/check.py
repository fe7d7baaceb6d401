"""Checks your answers in this notebook: `check`, `hint` and `progress`.

This file needs only the standard library and NumPy. It reads `reference.json` beside it: inputs, the
right outputs, and the outputs that well-known mistakes give. When your output equals one of those, the
message names the mistake. Changing this file or that one helps nobody: graded copies are never used.
"""

from __future__ import annotations

import copy
import html
import importlib.util
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np

HERE = Path(__file__).resolve().parent
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
    that reads an old result is not. A helper function that bears the name of an old result stays.
    """
    space = getattr(answer, "__globals__", {})
    absent = object()
    stale = [name for name in stale if not callable(space.get(name))]
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


class Unreadable(TypeError):
    """What a function returned cannot be read as numbers; the message says why, as a sentence."""


def as_array(value: Any) -> np.ndarray:
    """Return `value` (list, tensor, array, number) as an array of numbers, or say why it is none."""
    if value is None:
        raise Unreadable("Your function returned None. Is there a `return` at its end?")
    try:
        array = np.asarray(value)
    except ValueError:
        kind = "several things" if isinstance(value, tuple) else "a list"
        raise Unreadable(f"Your function returned {kind} whose entries have different shapes.") from None
    if array.dtype.kind not in "biufc":
        raise Unreadable(f"Your function returned a {type(value).__name__}, which is no array of numbers.")
    return np.array(array, subok=False)


def as_result(value: Any, returns: list[str]) -> Result:
    """Name the parts of what a function returned; `returns` lists the names that are expected."""
    if isinstance(value, dict):
        missing = [name for name in returns if name not in value]
        if missing:
            raise Unreadable(f"The result lacks {', '.join(missing)}.")
        return {name: as_array(value[name]) for name in returns}
    if len(returns) == 1:
        return {returns[0]: as_array(value)}
    if not isinstance(value, (tuple, list)):
        value = as_array(value)  # an array or tensor can be unpacked along its first axis
    count = len(value) if isinstance(value, (tuple, list)) or value.ndim else 1
    if count != len(returns):
        what = f"one array of shape {value.shape}" if isinstance(value, np.ndarray) else f"{count} things"
        raise Unreadable(f"Your function returned {what}; expected {len(returns)} things, ({', '.join(returns)}).")
    return {name: as_array(item) for name, item in zip(returns, value, strict=True)}


def call(answer: Callable, inputs: dict, returns: list[str]) -> Result:
    """Call `answer(**inputs)` on copies of the inputs and return its result, or what it raised."""
    given = copy.deepcopy(inputs)
    try:
        with redirect_stderr(StringIO()), np.errstate(all="ignore"):
            result = as_result(answer(**given), returns)
    except Exception as error:
        names = [kind.__name__ for kind in type(error).__mro__]
        text = str(error) if isinstance(error, Unreadable) else f"{type(error).__name__}: {error}"
        return {"raises": names, "text": text, "where": raised_in(error)}
    changed = [name for name in inputs if not same(given[name], inputs[name])]
    return result | ({"changed": changed} if changed else {})


def raised_in(error: Exception) -> str:
    """Return the name of the function or class in which an exception was raised."""
    frame = error.__traceback__
    while frame.tb_next:
        frame = frame.tb_next
    return frame.tb_frame.f_code.co_qualname.partition(".")[0]


def same(a: Any, b: Any) -> bool:
    """Say whether two inputs are equal, arrays element by element."""
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.shape == b.shape and bool(np.array_equal(a, b, equal_nan=a.dtype.kind in "fc"))
    return type(a) is type(b) and bool(a == b)


# ---------------------------------------------------------------- comparing
def close(got: np.ndarray, wanted: np.ndarray, spec: dict) -> bool:
    """Say whether two arrays have one shape and equal values, within the tolerance of the check."""
    if got.shape != wanted.shape or got.dtype.kind == "c":
        return False
    a, b = got.astype(float), wanted.astype(float)
    return bool(np.allclose(a, b, rtol=spec["rtol"], atol=spec["atol"], equal_nan=True))


def views(got: np.ndarray, wanted: np.ndarray) -> dict[str, np.ndarray]:
    """Return the ways to read `got` as the same answer: as it is, without axes of length 1, transposed."""
    found = {"as is": got}
    if np.squeeze(got).shape == np.squeeze(wanted).shape:
        found["squeezed"] = got.reshape(wanted.shape)
    if wanted.ndim >= 2 and got.ndim == wanted.ndim:
        found["transposed"] = np.swapaxes(got, -1, -2)
    elif wanted.ndim >= 2 and np.squeeze(got).ndim == wanted.ndim:
        found["transposed"] = np.swapaxes(np.squeeze(got), -1, -2)
    return found


def equals(got: Result, wanted: Result, part: str, view: str, spec: dict) -> bool:
    """Say whether one part of a result, read in the given way, equals the wanted one."""
    if "raises" in wanted:
        return "raises" in got and wanted["raises"][0] in got["raises"]
    if "raises" in got:
        return False
    array = views(got[part], wanted[part]).get(view)
    return array is not None and close(array, wanted[part], spec)


def reading(spec: dict, pairs: list[tuple[Result, Result]], parts: list[str]) -> str | None:
    """Return the one way of reading under which all the pairs are equal, or None."""
    for view in ("as is", "squeezed", "transposed"):
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
    and `names` (the misconceptions that the results equal).
    """
    wanted = [case["expected"] for case in spec["cases"]]
    accepted = {"as is", "squeezed", *spec.get("accepts", {})}
    ways = {part: reading(spec, list(zip(results, wanted, strict=True)), [part]) for part in spec["returns"]}
    right = {part: way in accepted for part, way in ways.items()}
    says = [f"Your function changes its argument {n} in place; work on a copy." for n in changed_inputs(results)]
    odd = [way for way in dict.fromkeys(ways.values()) if way in REMARKS]
    remarks = [spec.get("accepts", {}).get(way, REMARKS[way]) for way in odd]
    if all(right.values()):
        return {"right": right, "kind": "right", "says": remarks + says, "names": []}
    wrong = [part for part in right if not right[part]]
    for parts in (spec["returns"], wrong):  # all that was returned, else only what is wrong in it
        names = matching_misconceptions(spec, results, parts)
        if names:
            texts = [spec["misconceptions"][name]["says"] for name in names]
            only = [f"This is about {' and '.join(wrong)}; the rest is right."] if any(right.values()) else []
            both = [f"These {len(names)} mistakes give the same numbers here:"] if len(names) > 1 else []
            return {"right": right, "kind": "misconception", "says": only + both + texts + says, "names": names}
    found = [raised(spec, results) or first_difference(spec, results, ways), *broken_properties(spec, results)]
    return {"right": right, "kind": "difference", "says": found + says, "names": []}


def changed_inputs(results: list[Result]) -> list[str]:
    """Return the names of the arguments that the answer changed in place."""
    return sorted({name for result in results for name in result.get("changed", [])})


def matching_misconceptions(spec: dict, results: list[Result], parts: list[str]) -> list[str]:
    """Return the misconceptions whose outputs equal the results, in the given parts, in every case.

    An answer that is unfinished, or that only ever raises, is best explained by what it raised.
    """
    raises = [result.get("raises", ()) for result in results]
    if all(raises) or any("NotImplementedError" in names for names in raises):
        return []
    known = [name for name in spec["misconceptions"] if all(name in case["wrong"] for case in spec["cases"])]
    pairs = {name: [(r, c["wrong"][name]) for r, c in zip(results, spec["cases"], strict=True)] for name in known}
    return [name for name in known if reading(spec, pairs[name], parts)]


def broken_properties(spec: dict, results: list[Result]) -> list[str]:
    """Return the sentence of each property of a right answer that the results do not have."""
    wanted = {case["label"]: case["expected"] for case in spec["cases"]}
    byname = dict(zip(wanted, results, strict=True))
    return [rule["says"] for rule in spec.get("properties", []) if not holds(rule, byname, wanted, spec)]


def holds(rule: dict, results: dict[str, Result], wanted: dict[str, Result], spec: dict) -> bool:
    """Say whether a property holds; one that cannot be tested (another shape, an error) counts as held."""
    part, labels = rule["part"], (rule["case"], rule.get("other", rule["case"]))
    if any("raises" in results[label] or results[label][part].shape != wanted[label][part].shape for label in labels):
        return True
    first, other = (results[label][part] for label in labels)
    if rule["kind"] == "sums_to_one":
        sums = first.sum(axis=rule["axis"])
        return close(sums, np.ones(sums.shape), spec)
    order, axis = rule["order"], rule["axis"]  # "same": entries `order` of the case equal entries 0, 1, … of the other
    return close(np.take(first, order, axis), np.take(other, range(len(order)), axis), spec)


def raised(spec: dict, results: list[Result]) -> str | None:
    """Explain an exception, or the lack of an expected one."""
    for case, result in zip(spec["cases"], results, strict=True):
        wanted, got, text = case["expected"].get("raises", ()), result.get("raises", ()), result.get("text", "")
        if "NotImplementedError" in got:
            return unfinished(spec["function"], result.get("where", ""))
        if wanted and wanted[0] not in got:
            said = f" Python said: {text}" if got else ""
            return f"For {case['label']} a {wanted[0]} with a clear message was expected.{said}"
        if got and not wanted:
            return text if "Unreadable" in got else explained(text, case)
    return None


def unfinished(function: str, where: str) -> str:
    """Say which function still has to be written: the one of the task, or one that it calls."""
    needs = function if where in ("", "answer", function) else f"{function} needs {where}, which"
    return f"{needs} is not finished yet: it still raises NotImplementedError."


def explained(text: str, case: dict) -> str:
    """Return what Python said about a case, with advice where there is some."""
    advice = [advice for sign, advice in ADVICE.items() if sign in text]
    return f"{[*advice, stopped(case)][0]} Python said: {text}"


def stopped(case: dict) -> str:
    """Say on which case an answer stopped, with the shapes of its inputs."""
    shapes = [f"{name} {v.shape}" for name, v in case["inputs"].items() if isinstance(v, np.ndarray)]
    return f"Your function stopped on the case “{case['label']}” ({', '.join(shapes)})."


VERSIONS = "This is about versions, not about attention."
ADVICE = {  # what Python says -> what to do about it
    "has no attribute 'math'": f"{VERSIONS} `np.math` is gone since NumPy 1.25; use `math` or NumPy's own functions.",
    "has no attribute 'concat'": f"{VERSIONS} `np.concat` needs NumPy 2.0; `np.concatenate` works everywhere.",
    "only 0-dimensional arrays can be converted": f"{VERSIONS} Since NumPy 2.4 `float(x)` needs a single number, "
    "not a (1, 1) array; use `x.item()` or keep the array.",
    "unexpected keyword argument": "Keep the names of the arguments as they were given.",
    "required positional argument": "Keep the names of the arguments as they were given.",
    "is not defined": "Has the cell that defines it been run? Run all cells from the top.",
    "truth value of an array": "Ask for None with `if mask is not None`: a whole array is neither true nor false.",
}


def first_difference(spec: dict, results: list[Result], ways: dict[str, str | None]) -> str:
    """Describe the first part of the first case that is not as expected."""
    for case, result in zip(spec["cases"], results, strict=True):
        for part in spec["returns"]:
            if "raises" in result or "raises" in case["expected"]:
                continue
            wanted = case["expected"][part]
            got = views(result[part], wanted).get("squeezed", result[part])
            if not close(got, wanted, spec):
                return difference(part, got, wanted, ways[part], spec)
    return "The result differs from what was expected."


def difference(part: str, got: np.ndarray, wanted: np.ndarray, way: str | None, spec: dict) -> str:
    """Describe how one part differs: arrangement, shape, kind of number, NaN, a factor, the first number."""
    if way == "transposed":
        return f"{part}: the numbers are right, but rows and columns are exchanged."
    if got.shape != wanted.shape:
        return f"{part} has shape {got.shape}; expected {wanted.shape}."
    if got.dtype.kind == "c":
        return f"{part} holds complex numbers; expected real ones."
    if got.dtype.kind in "biu" and wanted.dtype.kind == "f":
        return f"{part} holds {got.dtype} values; expected real numbers. Is something rounded or compared?"
    a, b = got.astype(float), wanted.astype(float)
    bad = ~np.isfinite(a) & np.isfinite(b)
    if bad.any():
        what = "NaN" if np.isnan(a[bad][0]) else "infinite"
        count = f"{int(bad.sum())} of {a.size} places"
        return f"{part} is {what} in {count}. Did something overflow, or was 0 divided by 0?"
    factor = float((a * b).sum() / (b * b).sum()) if a.size > 1 and b.any() else 0.0
    if factor and np.isfinite(factor) and close(a, factor * b, spec):
        return f"{part} is {factor:.6g} times what was expected, everywhere: look for a missing or extra factor."
    differ = ~np.isclose(a, b, rtol=spec["rtol"], atol=spec["atol"], equal_nan=True)
    where = tuple(int(i) for i in np.argwhere(differ)[0])
    index = f"[{', '.join(map(str, where))}]" if where else ""
    text = f"{part}{index} is {a[where]:.6g}; expected {b[where]:.6g}"
    return f"{text} ({int(differ.sum())} of {a.size} numbers differ)."


# ---------------------------------------------------------------- what the learner sees
class NotYet(AssertionError):
    """The answer is not right yet; the box above the error says why."""

    def _render_traceback_(self) -> list[str]:  # IPython shows this instead of the checker's frames
        return [f"Not yet: {self}"]


class Unusable(NotYet):
    """The check cannot run: a file is missing or damaged, or a name is wrong."""


LIBRARIES = {"tensorflow": "TensorFlow"}
_done: dict[str, bool] = {}
_hints_shown: dict[str, int] = {}


def load(folder: Path | None = None) -> dict:
    """Read `reference.json`, or say in one sentence what to do."""
    folder = folder or HERE
    path = folder / "reference.json"
    again = "Download the folder of this exercise again."
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        for spec in data["checks"].values():
            for case in spec["cases"]:
                case["inputs"] = {name: decode(value) for name, value in case["inputs"].items()}
                for result in [case["expected"], *case["wrong"].values()]:
                    result.update({name: decode(value) for name, value in result.items() if name != "raises"})
        return data
    except OSError:
        raise Unusable(f"reference.json is not beside check.py ({folder}). {again}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Unusable(f"reference.json is damaged. {again}") from None


def find(name: str) -> dict:
    """Return the check called `name`, or say which names there are."""
    checks = load()["checks"]
    if name not in checks:
        raise Unusable(f"There is no check called {name!r}. The checks here: {', '.join(checks)}.")
    return checks[name]


def lacking(spec: dict) -> str:
    """Return the name of the library that a check needs and that is not installed, or nothing."""
    module = spec.get("needs", "")
    return LIBRARIES.get(module, module) if module and importlib.util.find_spec(module) is None else ""


def check(name: str, answer: Callable) -> None:
    """Run `answer` on the public cases of a check and say what is wrong, or that it is right.

    Raises NotYet when it is not right, so that a notebook run from top to bottom stops here.
    """
    spec = find(name)
    if library := lacking(spec):
        return show(spec["title"], None, [f"needs {library}, which is not installed here: skipped"])
    if not callable(answer):
        raise Unusable(f"check({name!r}, …) needs the function itself, not its result: leave out the parentheses.")
    results = []
    for case in spec["cases"]:
        with notebook_names(answer, case.get("names", {}), spec.get("stale", [])):
            results.append(call(answer, case["inputs"], spec["returns"]))
    verdict = diagnose(spec, results)
    right = all(verdict["right"].values())
    _done[name] = right
    show(spec["title"], right, verdict["says"] or ["Right."], reading_for(spec, verdict))
    if not right:
        raise NotYet(f"{spec['title']}.")


def reading_for(spec: dict, verdict: dict) -> str:
    """Return where in the book the mistake, or else the task, is explained."""
    if verdict["kind"] == "right":
        return ""
    places = [spec["misconceptions"][name].get("read") for name in verdict["names"]] + [spec.get("read")]
    return next((place for place in places if place), "")


def hint(name: str, step: int | None = None) -> None:
    """Show the next hint of a task, or the hint number `step` (the first is 1)."""
    spec = find(name)
    hints = spec["hints"]
    number = step if step is not None else min(_hints_shown.get(name, 0) + 1, len(hints))
    if not 1 <= number <= len(hints):
        raise Unusable(f"{name} has hints 1 to {len(hints)}.")
    _hints_shown[name] = number
    show(f"Hint {number} of {len(hints)}: {spec['title']}", None, [hints[number - 1]])


def progress() -> None:
    """Show which checks of this notebook have passed since the kernel was started."""
    data = load()
    signs = {True: "✓ done", False: "✗ not yet", None: "· not tried"}
    lines = [
        f"{signs[_done.get(name)] if not lacking(spec) else '– skipped'}: {spec['title']}"
        for name, spec in data["checks"].items()
    ]
    count = sum(_done.get(name) is True for name in data["checks"])
    show(f"{count} of {len(lines)} checks passed", None, lines)


def show(title: str, right: bool | None, lines: list[str], read: str = "") -> None:
    """Show a box in a notebook, plain text elsewhere."""
    sign, colour = {True: ("✓ ", "#2e8b57"), False: ("✗ ", "#c0392b"), None: ("", "#6c757d")}[right]
    lines = lines + ([f"Read: {read}"] if read else [])
    if in_notebook():
        from IPython.display import HTML, display

        body = "".join(f"<div>{html.escape(line)}</div>" for line in lines)
        style = f"border-left:4px solid {colour};background:{colour}1f;padding:.5em .8em;max-width:46em"
        display(HTML(f'<div style="{style}"><strong>{html.escape(sign + title)}</strong>{body}</div>'))
    else:
        print("\n  ".join([sign + title, *lines]))


def in_notebook() -> bool:
    """Say whether the output can show HTML: a Jupyter kernel or Pyodide's, not a plain interpreter."""
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    shell = get_ipython()
    return shell is not None and hasattr(shell, "kernel")
