"""Checks your answers in this notebook: `check`, `hint` and `progress`.

This file needs only the standard library and NumPy. It reads `reference.json` beside it: inputs, the
right outputs, and a few numbers by which the outputs of well-known mistakes are recognised. When your
output is one of those, the message names the mistake, or two that were made together. Changing this file
or that one helps nobody: graded copies are never used.
"""

from __future__ import annotations

import builtins
import copy
import html
import importlib.util
import json
import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stderr
from functools import lru_cache
from io import StringIO
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

NO_SCALAR = "only 0-dimensional arrays can be converted to Python scalars"
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
    """What a function returned cannot be read as numbers; the message says why, as a sentence."""


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
        raise Unreadable(f"{part} is a list whose entries have different shapes.") from None
    if array.dtype.kind not in "biufc":
        is_array = isinstance(value, np.ndarray)
        what = f"holds values of the kind {array.dtype}" if is_array else f"is a {type(value).__name__}"
        raise Unreadable(f"{part} {what}: expected an array of numbers.")
    return np.array(array, subok=False)


def as_result(value: Any, returns: list[str]) -> Result:
    """Name the parts of what a function returned; `returns` lists the names that are expected."""
    if isinstance(value, dict):
        missing = [name for name in returns if name not in value]
        if missing:
            raise Unreadable(f"The result lacks {', '.join(missing)}.")
        return {name: as_array(value[name], name, alone=False) for name in returns}
    if len(returns) == 1:
        return {returns[0]: as_array(value, returns[0])}
    if not isinstance(value, (tuple, list)):
        value = as_array(value)  # an array or tensor can be unpacked along its first axis
    count = len(value) if isinstance(value, (tuple, list)) or value.ndim else 1
    if count != len(returns):
        what = f"one array of shape {value.shape}" if isinstance(value, np.ndarray) else f"{count} things"
        raise Unreadable(f"Your function returned {what}; expected {len(returns)} things, ({', '.join(returns)}).")
    return {name: as_array(item, name, alone=False) for name, item in zip(returns, value, strict=True)}


def call(answer: Callable, inputs: dict, returns: list[str]) -> Result:
    """Call `answer(**inputs)` on copies of the inputs and return its result, or what it raised."""
    given = copy.deepcopy(inputs)
    result = outcome(answer, given, returns)
    if "raises" in result:
        return result
    changed = [name for name in inputs if not same(given[name], inputs[name])]
    return result | ({"changed": changed} if changed else {})


def outcome(answer: Callable, given: dict, returns: list[str]) -> Result:
    """Call `answer(**given)` and return its result, or what it raised."""
    try:
        with redirect_stderr(StringIO()), np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.filterwarnings("error", "Conversion of an array with ndim > 0", DeprecationWarning)
            return as_result(answer(**given), returns)
    except (Exception, SystemExit) as error:
        if isinstance(error, DeprecationWarning):  # since NumPy 2.4 an error; the grader's is that or later
            error = TypeError(NO_SCALAR).with_traceback(error.__traceback__)
        names = [kind.__name__ for kind in type(error).__mro__]
        return {"raises": names, "text": text_of(error), "where": raised_in(error)}


def text_of(error: BaseException) -> str:
    """Return an exception as Python shows it; an `Unreadable` is a sentence already."""
    try:
        return str(error) if isinstance(error, Unreadable) else f"{type(error).__name__}: {error}"
    except Exception:
        return f"{type(error).__name__}: (its message cannot be shown)"


def raised_in(error: BaseException) -> str:
    """Return the name of the function or class in which an exception was raised."""
    frame = error.__traceback__
    while frame and frame.tb_next:
        frame = frame.tb_next
    return frame.tb_frame.f_code.co_qualname.partition(".")[0] if frame else ""


def same(a: Any, b: Any) -> bool:
    """Say whether two inputs are equal, arrays element by element."""
    if isinstance(a, np.ndarray) and isinstance(b, np.ndarray):
        return a.shape == b.shape and bool(np.array_equal(a, b, equal_nan=a.dtype.kind in "fc"))
    return type(a) is type(b) and bool(a == b)


# ---------------------------------------------------------------- comparing
VIEWS = ("as is", "squeezed", "transposed")


def close(got: np.ndarray, wanted: np.ndarray, spec: dict) -> bool:
    """Say whether two arrays have one shape and equal values, within the tolerance of the check."""
    if got.shape != wanted.shape or got.dtype.kind == "c":
        return False
    a, b = got.astype(float), wanted.astype(float)
    return bool(np.allclose(a, b, rtol=spec["rtol"], atol=spec["atol"], equal_nan=True))


def views(got: np.ndarray, wanted: np.ndarray) -> dict[str, np.ndarray]:
    """Return the ways to read `got` as the same answer: as it is, without axes of length 1, transposed."""
    return views_as(got, wanted.shape)


def views_as(got: np.ndarray, shape: tuple[int, ...]) -> dict[str, np.ndarray]:
    """Return the ways to read `got` as an array of this shape."""
    found = {"as is": got}
    if np.squeeze(got).shape == tuple(size for size in shape if size != 1):
        found["squeezed"] = got.reshape(shape)
    table = got if got.ndim == len(shape) else np.squeeze(got)
    if table.ndim == len(shape) >= 2:
        found["transposed"] = np.swapaxes(table, -1, -2)
    return found


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
    odd = [way for way in dict.fromkeys(ways.values()) if way in REMARKS]
    remarks = [spec.get("accepts", {}).get(way, REMARKS[way]) for way in odd]
    if all(right.values()):
        return {"right": right, "kind": "right", "says": remarks + says, "names": []}
    wrong = [part for part in right if not right[part]]
    if (found := known_mistakes(spec, results, wrong)).names:
        names, texts = found.names, [spec["misconceptions"][name]["says"] for name in found.names]
        only = [f"This is about {' and '.join(wrong)}; the rest is right."] if any(right.values()) else []
        stops = [got for got, case in zip(results, wanted, strict=True) if "raises" in got and "raises" not in case]
        said = [f"Python said: {python_said(got)}" for got in stops[:1] if "Unreadable" not in got["raises"]]
        told = only + found.around(texts) + said + says
        return {"right": right, "kind": "misconception", "says": told, "names": names, "how": found.how}
    text = raised(spec, results) or (not_raised(spec, results) if ordinary_right(spec, results) else None)
    about = [text] if text else described(spec, results, ways)
    return {"right": right, "kind": "difference", "says": about + says, "names": []}


# ---------------------------------------------------------------- known mistakes
class Known(NamedTuple):
    """The mistakes that explain results, and how they go together."""

    names: list[str]
    how: str = "one"  # or "pair", the earlier step first; "more": beside one that cannot be told; "parts": one in each

    def around(self, texts: list[str]) -> list[str]:
        """Return the sentences of the mistakes with what is to be said of them together."""
        if self.how == "pair":
            return ["Two mistakes at once. Begin with the first, because later steps work on its result:", *texts]
        if self.how == "parts":
            return ["Each part has a mistake of its own:", *texts]
        if self.how == "more":
            return [*texts, "That is not all, but mend this first: what is left will then be clearer."]
        return [f"These {len(texts)} mistakes give the same numbers here:", *texts] if len(texts) > 1 else texts


def known_mistakes(spec: dict, results: list[Result], wrong: list[str]) -> Known:
    """Return the mistakes whose outputs the results are in every case: one, or else two that were made together.

    Where several single mistakes give the same numbers, all are named: the learner can see which it is. Of several
    pairs only what they have in common is: nobody can read six sentences of which four are false. An answer that is
    unfinished, or that only ever raises, is best explained by what it raised.
    """
    raises = [result.get("raises", ()) for result in results]
    if all(raises) or any("NotImplementedError" in names for names in raises):
        return Known([])
    for views in (VIEWS[:2], VIEWS):  # what is transposed is rather two mistakes than another one lying on its side
        if found := explanations(spec, "one", results, wrong, views):
            return Known([name for (name,) in found])
        pairs = explanations(spec, "two", results, wrong, views)
        if len({frozenset(pair) for pair in pairs}) == 1:
            return Known(list(pairs[0]), "pair" if len(pairs[0]) == 2 else "more")
    each = [explanations(spec, "one", results, [part], VIEWS) for part in wrong]
    if len(each) > 1 and all(len(found) == 1 for found in each):
        names = list(dict.fromkeys(name for ((name,),) in each))
        return Known(names, "parts" if len(names) > 1 else "one")
    return Known([name for name in (pairs or [()])[0] if all(name in pair for pair in pairs)], "more")


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


# ---------------------------------------------------------------- describing
def described(spec: dict, results: list[Result], ways: dict[str, str | None]) -> list[str]:
    """Return sentences about results that equal no known mistake and stopped nowhere."""
    pairs = [(r, c["expected"]) for r, c in zip(results, spec["cases"], strict=True) if "raises" not in c["expected"]]
    arrays = [(got[part], wanted[part]) for got, wanted in pairs for part in spec["returns"]]
    alike = [all(same(pairs[0][i][p], pair[i][p]) for pair in pairs for p in spec["returns"]) for i in (0, 1)]
    if alike == [True, False] and all(got.size for got, _ in arrays):
        return ["Your function ignores its arguments: every case gives the same result."]
    text = first_difference(spec, results, ways)
    shapes_fit = all("squeezed" in views(got, wanted) for got, wanted in arrays)
    properties = broken_properties(spec, results) if shapes_fit else []  # else the cause lies elsewhere
    return [" ".join([text, *advice_on(text, spec.get("advice", {}))]), *properties[:1]]


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
        if "NotImplementedError" in got and "Cannot convert a symbolic" not in text:  # the latter is TensorFlow's
            return unfinished(spec["function"], result.get("where", ""))
        if "raises" not in case["expected"]:
            alone = f"On the case “{case['label']}”: " if len(stops) < len(results) else ""
            return f"{alone}{text}" if "Unreadable" in got else explained(text, spec, case)
    return None


def python_said(result: Result) -> str:
    """Return the text of an exception, without what TensorFlow and Keras add."""
    return NOISE.sub("", result.get("text", "")[:2000]).strip(" \n\t;")


def unfinished(function: str, where: str) -> str:
    """Say which function still has to be written: the one of the task, or one that it calls."""
    needs = function if where in ("", "answer", function) else f"{function} needs {where}, which"
    return f"{needs} is not finished yet: it still raises NotImplementedError."


def explained(text: str, spec: dict, case: dict) -> str:
    """Return what Python said about a case, with the first advice there is: the chapter's, the task's, or general."""
    sources = (spec.get("advice", {}), advice_of_task(spec), ADVICE)
    advice = [advice for rules in sources for advice in advice_on(text, rules)]
    return f"{[*advice, stopped(case)][0]} Python said: {text}"


def advice_on(text: str, rules: dict[str, str]) -> list[str]:
    """Return the advice of each rule, {regular expression: advice}, that finds something in a text."""
    found = [(re.search(sign, text), advice) for sign, advice in rules.items()]
    return [match.expand(advice) for match, advice in found if match]


def advice_of_task(spec: dict) -> dict[str, str]:
    """Return the advice that needs to know the task's function or the names of old results."""
    name, stale = re.escape(spec["function"]), "|".join(spec.get("stale") or ["-"])
    return {
        rf"name '({stale})' is not defined": "Your function reads `\\1` from the notebook; compute it inside the "
        "function, from its arguments.",
        rf"^TypeError: (?:[\w.<>]+\.)?(?:{name}|answer)(?:\.\w+)?\(\) (got an unexpected|missing)": "Keep the names of "
        "the arguments as they were given.",
        rf"'{name}' object has no attribute '(\w+)'": "Keep it in `__init__`: `self.\\1 = …`.",
    }


def stopped(case: dict) -> str:
    """Say on which case an answer stopped, with the shapes of its inputs and the numbers among them."""
    told = {name: v for name, v in case["inputs"].items() if isinstance(v, np.ndarray | int | float)}
    shapes = [f"{name} {v.shape}" if isinstance(v, np.ndarray) else f"{name} = {v}" for name, v in told.items()]
    return f"Your function stopped on the case “{case['label']}” ({', '.join(shapes)})."


# What TensorFlow and Keras add to their messages, colours of the terminal among it.
NOISE = re.compile(
    r"\{\{[^}]*\}\}\s*|;?\s*NodeDef.*|\[Op:.*|\x1b\[[0-9;]*m"
    r"|Could not automatically infer the output shape.*?Error encountered:\s*"
    r"|Exception encountered when calling \S+\.call\(\)\.\s*|\s*Arguments received by .*",
    re.DOTALL,
)
VERSIONS = "This is about the version of NumPy, not about your idea."
INNER = "The inner sizes do not fit: \\{} on the left, \\{} on the right. Transpose one, or change sides."
# Regular expressions for what Python says, and what to do about it.
# fmt: off
ADVICE = {
    r"has no attribute 'math'": f"{VERSIONS} `np.math` was removed in NumPy 2.0; use `math` or NumPy's own functions.",
    r"has no attribute 'concat'": f"{VERSIONS} `np.concat` needs NumPy 2.0; `np.concatenate` works everywhere.",
    r"only (0-dimensional|length-1|size-1) arrays can be converted":
        "math.exp and float take one number. Use np.exp for a whole array; for a (1, 1) array use `x.item()`, because "
        "float(x) stopped taking one in NumPy 2.4.",
    r"name 'math' is not defined": "Write `import math` first, or use np.sqrt and np.exp.",
    r"name '(np|tf)' is not defined": "Run the cell further up that imports \\1.",
    r"name '(\w+)' is not defined":
        "No variable called `\\1` exists here. Is it misspelt, or did you give it another name above? If it is defined "
        "in another cell, run that cell first.",
    r"local variable '(\w+)'":
        "`\\1` is used before it has a value. Give it one first, outside any `if` or loop, or use another name.",
    r"got an unexpected keyword argument '(\w+)'": "A function that you call does not know the argument `\\1`.",
    r"missing \d+ required positional": "A function that you call was given too few arguments.",
    r"\w\.\w+\(\) takes \d+ positional": "In a class every method has `self` as its first argument.",
    r"\(\) takes no arguments": "`__init__` is written with two underscores on each side.",
    r"object is not callable":
        "A result has taken the name of a function, or a `*` is missing before a parenthesis. Give the result another "
        "name and run the function's cell again.",
    r"truth value of an array":
        "A whole array is neither true nor false. Ask for None with `is not None`; to choose by entry, use np.where.",
    r"unsupported operand type.*NoneType":
        "Something here is None: an argument that was left out, or what a function without `return` gives.",
    r"size (\d+) is different from (\d+)": INNER.format(2, 1),
    r"not aligned: (\d+) \(dim \d+\) != (\d+)": INNER.format(1, 2),
    r"In\[0\]: \[[\d,]*?(\d+)\], In\[1\]: \[(?:[\d,]*,)?(?!\1,)(\d+),\d+\]": INNER.format(1, 2),
    r"shapes \((\S+),\d+\) \(\1,?\)":
        "A sum or a maximum over the last axis needs keepdims=True, so that it stands beside its own row.",
    r"could not be broadcast":
        "`+`, `-`, `*` and `/` go entry by entry: counted from the last axis, sizes must be equal or 1.",
    r"[Oo]nly integers, slices|slice indices must be|as an integer|sequence of integers or a single":
        "An index or a size must be a whole number: `/` gives a float, use `//`.",
    r"index (\d+) is out of bounds for axis \d+ with size (\d+)":
        "There are only \\2 entries, counted from 0. Take the number from the argument, not from the example.",
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
            seen = views(result[part], wanted)
            got = seen.get("squeezed", seen["as is"])
            if not close(got, wanted, spec):
                before = f" Right before that; this is the case “{case['label']}”." if number else ""
                return difference(part, got, wanted, ways[part], spec) + before
    return "The result differs from what was expected."


def difference(part: str, got: np.ndarray, wanted: np.ndarray, way: str | None, spec: dict) -> str:
    """Describe how one part differs: arrangement, shape, kind of number, NaN, a factor, the first number."""
    if way == "transposed":
        return f"{part}: the numbers are right, but rows and columns are exchanged."
    if got.shape != wanted.shape:
        return f"{part} has shape {got.shape}; expected {wanted.shape}.{about_a_loop(got, wanted)}"
    if got.dtype.kind == "c":
        return f"{part} holds complex numbers; expected real ones."
    if got.dtype.kind in "biu" and wanted.dtype.kind == "f":
        return f"{part} holds {got.dtype} values; expected real numbers. Is something rounded or compared?"
    a, b = got.astype(float), wanted.astype(float)
    bad = ~np.isfinite(a) & np.isfinite(b)
    if bad.any():
        what = "NaN" if np.isnan(a[bad][0]) else "infinite"
        count = f"{int(bad.sum())} of {a.size} places"
        return f"{part} is {what} in {count}. Did something overflow, or was 0 divided by 0 or multiplied by infinity?"
    factor = float((a * b).sum() / (b * b).sum()) if a.size > 1 and b.any() else 0.0
    if factor and np.isfinite(factor) and abs(factor - 1) > 0.01 and close(a, factor * b, spec):
        return f"{part} is {factor:.6g} times what was expected, everywhere: look for a missing or extra factor."
    differ = ~np.isclose(a, b, rtol=spec["rtol"], atol=spec["atol"], equal_nan=True)
    where = tuple(int(i) for i in np.argwhere(differ)[0])
    index = f"[{', '.join(map(str, where))}]" if where else ""
    text = f"{part}{index} is {a[where]:.6g}; expected {b[where]:.6g}"
    return f"{text} ({int(differ.sum())} of {a.size} numbers differ)."


def about_a_loop(got: np.ndarray, wanted: np.ndarray) -> str:
    """Return advice on a result that seems to have been collected in a loop, and not to its end."""
    if not got.size:
        return " Nothing was collected: is each result appended to the list?"
    short = got.ndim == wanted.ndim and got.shape[1:] == wanted.shape[1:] and len(got) == 1
    return f" That is 1 of {len(wanted)}: is `return` inside the loop?" if short else ""


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
            look = "color:inherit;text-decoration:underline"  # of its own: themes differ in what they make of links
            link = f'<a href="{html.escape(self.address)}" style="{look}">{place}</a>' if self.address else place
            body += f"<div>Read: {link}</div>"
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
        python = [python_in_text(self.python)] if self.python else []
        return "\n  ".join([self._heading(), *self.lines, *read, *python])


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
        results = []
        for case in spec["cases"]:
            with notebook_names(answer, case.get("names", {}), spec.get("stale", [])):
                results.append(call(answer, case["inputs"], spec["returns"]))
        box = self._boxed(spec, diagnose(spec, results))
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
        address = spec.get("sections", {}).get(read, "")
        return Box(
            spec["title"], False, lines + self._unpassed(spec), read, earned, most, python=python, address=address
        )

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
            return Row("·", task, "not tried", 0, points)
        return Row(SIGNS[box.state].strip(), task, "partly right" if box.earned else "not yet", box.earned or 0, points)


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
