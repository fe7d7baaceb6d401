"""How far right answers in float32 are from the right numbers, as a share of what each check tolerates.

    python -m tests.float32_answers [--solved] [--seeds 12]

prints it as JSON, {"slug/check": share}. The answers are the references, which need NumPy alone; with `--solved` they
are the solved notebooks, those on TensorFlow too. Every operation of NumPy is done in float32, also where a constant or
an array that the code makes for itself would have made float64 of it: a learner's code may be free of those.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from autograder.course.answer_key import Check
from autograder.learner.check import Result, call, notebook_names
from tests.chapters import SLUGS, key_of, solved_notebook


class Single(np.ndarray):
    """An array whose arithmetic is done in float32, whatever stands beside it."""

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, out: Any = None, **options: Any) -> Any:
        """Do an operation on float32, or into the given array."""
        result = getattr(ufunc, method)(*(single(value, np.ndarray) for value in inputs), **options)
        if out is None:
            return single(result, Single)
        np.copyto(np.asarray(out[0]), result, casting="same_kind")
        return out[0]


def single(value: Any, kind: type) -> Any:
    """Return an input with every float64 in it as float32, arrays as `kind`; numbers of Python stay as they are."""
    if isinstance(value, dict):
        return {name: single(item, kind) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(single(item, kind) for item in value)
    if isinstance(value, np.ndarray):
        return (value.astype(np.float32) if value.dtype == np.float64 else value).view(kind)
    return np.float32(value) if isinstance(value, np.float64) else value


def share_of_tolerance(got: Result, wanted: Result, check: Check) -> float:
    """Return the largest difference as a share of the tolerance there: 1 is where the judge begins to call it wrong."""
    if "raises" in got or "raises" in wanted:
        return 0.0 if "raises" in got and "raises" in wanted else np.inf
    return max((share_of_part(got[part], wanted[part], check) for part in check.returns), default=0.0)


def share_of_part(got: np.ndarray, wanted: np.ndarray, check: Check) -> float:
    """Return the same for one array."""
    a, b = got.astype(float).reshape(wanted.shape), wanted.astype(float)
    alike = (a == b) | (np.isnan(a) & np.isnan(b))
    with np.errstate(all="ignore"):
        share = np.where(alike, 0.0, np.abs(a - b) / (check.atol + check.rtol * np.abs(b)))
    return float(np.nan_to_num(share, nan=np.inf, posinf=np.inf).max(initial=0.0))


def shares(answers: Callable[[str], dict[str, Callable]], seeds: range) -> Iterator[tuple[str, float]]:
    """Yield the name of each check and the largest share over all its cases."""
    for slug in SLUGS:
        found = answers(slug)
        for check in key_of(slug).checks:
            answer = found[check.name]
            yield f"{slug}/{check.name}", max(share_of_answer(check, answer, seed) for seed in seeds)


def share_of_answer(check: Check, answer: Callable, seed: int) -> float:
    """Return the largest share over the cases that one seed draws."""
    largest = 0.0
    for inputs in check.inputs(np.random.default_rng(seed)).values():
        wanted = call(check.reference, inputs, check.returns)
        with notebook_names(answer, check.names(inputs), list(check.stale)):
            got = call(answer, single(inputs, np.ndarray if check.needs else Single), check.returns)
        largest = max(largest, share_of_tolerance(got, wanted, check))
    return largest


def references(slug: str) -> dict[str, Callable]:
    """Return the reference of each check of a chapter."""
    return {check.name: check.reference for check in key_of(slug).checks}


def solved(slug: str) -> dict[str, Callable]:
    """Return what the solved notebook of a chapter gives to each check."""
    found: dict[str, Callable] = {}
    space, cells = solved_notebook(slug)
    space = {**space, "check": found.__setitem__}
    for text in cells.values():
        exec(text, space)
    return found


def main() -> None:
    """Print the shares."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    parser = argparse.ArgumentParser()
    parser.add_argument("--solved", action="store_true")
    parser.add_argument("--seeds", type=int, default=12)
    args = parser.parse_args()
    found = dict(shares(solved if args.solved else references, range(args.seeds)))
    print("\n" + json.dumps(found))


if __name__ == "__main__":
    main()
